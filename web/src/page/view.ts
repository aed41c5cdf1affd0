// What every section is drawn from, and the slots into which charts are drawn when they come into sight.

import type { Atlas } from "../atlas.ts";
import type { Draw, Plot } from "../chart/plot.ts";
import type { Cell } from "../format/csv.ts";
import { day } from "../format/date.ts";
import { html, type Content, type Markup } from "../markup.ts";
import type { WorldInfo } from "../report.ts";

/** The report and what the reader has chosen to see of it. */
export interface View {
  atlas: Atlas;
  /** The world beside the baseline; 0 if there is none. */
  world: number;
  dates: readonly Date[];
  slots: Slots;
  dark: boolean;
  /** Draws again what has colours of the theme in it. */
  repaint: (() => void)[];
}

/** A part of the page. */
export interface Section {
  id: string;
  /** Its name in the table of contents; empty for what comes by itself. */
  name: string;
  /** Whether it shows the chosen world, and is drawn again when that changes. */
  worldly: boolean;
  /** Nothing if the report has nothing for it. */
  draw: (view: View) => Markup | null;
  /** Wires what cannot be said in markup. */
  wire?: (root: HTMLElement, view: View) => void;
}

/** Words for a step of a chart, read at the cursor. */
export type Read = (step: number) => Content;

/** A chart that waits to be drawn. */
export interface Slot {
  draw: Draw;
  height: number;
  /** Name of the chart for those who hear it. */
  label: string;
  read?: Read;
  /** Charts of a group move their cursors together. */
  group?: string;
  /** The same numbers as a table, and in full for a file. */
  table?: () => Markup;
  rows?: () => Cell[][];
}

/** Charts by the number of their slot. */
export class Slots {
  private readonly slots = new Map<string, Slot>();
  private readonly later = new Map<string, () => Markup>();
  private readonly files = new Map<string, () => Cell[][]>();
  private next = 0;

  /** Keeps a chart and returns its place on the page. */
  place(slot: Slot): Markup {
    const id = this.id();
    this.slots.set(id, slot);
    const cursor = slot.read && html` tabindex="0" role="slider" aria-label="${slot.label}: read values with the arrow keys" aria-valuemin="0" aria-valuemax="0" aria-valuenow="0" aria-valuetext="Press an arrow key to read values"`;
    const drawn = html`<div class="slot" data-slot="${id}" style="min-height:${slot.height}px"${cursor}></div>`;
    if (!slot.table) return drawn;
    return html`<div class="figure">${drawn}<div class="takes">${this.fold("data", "Numbers", slot.table)}${takeSvg(slot.label)}</div></div>`;
  }

  /** Keeps rows and returns a button that gives them as a file. */
  file(name: string, rows: () => Cell[][]): Markup {
    const id = this.id();
    this.files.set(id, rows);
    return html`<p class="takes"><button type="button" class="take" data-take="${id}" data-name="${name}" aria-label="Download as CSV: ${name}">CSV</button></p>`;
  }

  /** The rows of a file. */
  rows(id: string): Cell[][] | undefined {
    return this.files.get(id)?.();
  }

  /** Returns a fold whose content is made when it is first opened; one with an address opens when the reader is led there. */
  fold(kind: string, summary: Content, content: () => Markup, address = ""): Markup {
    const id = this.id();
    this.later.set(id, content);
    return html`<details class="${kind}" data-later="${id}"${address && html` id="${address}"`}><summary>${summary}</summary></details>`;
  }

  /** Makes the content of a fold, once. */
  open(id: string): Markup | undefined {
    const content = this.later.get(id);
    this.later.delete(id);
    return content?.();
  }

  private id(): string {
    return String(this.next++);
  }

  get(id: string): Slot | undefined {
    return this.slots.get(id);
  }

  /** Forgets charts whose places are gone. */
  keep(ids: ReadonlySet<string>): void {
    for (const kept of [this.slots, this.later, this.files]) for (const id of kept.keys()) if (!ids.has(id)) kept.delete(id);
  }
}

/** A button that gives the drawing beside it as a file. */
export function takeSvg(label: string): Markup {
  return html`<button type="button" class="take" data-take="svg" aria-label="Download as SVG: ${label}">SVG</button>`;
}

/** A drawn chart and where its steps are. */
export type Drawn = Plot & { slot: Slot };

/** The dates at the ends of steps. */
export function datesOf(atlas: Atlas): Date[] {
  return atlas.report.model.step_ends.map(day);
}

/** The worlds in sight: the baseline, and the chosen one if there is one. */
export function inSight(view: View): number[] {
  return view.world > 0 && view.world < view.atlas.report.worlds.length ? [0, view.world] : [0];
}

/** What a world is called. The baseline's own title may be missing. */
export function worldTitle(world: WorldInfo | undefined, index: number): string {
  if (index === 0) return "As it stands";
  return world?.title ? world.title : (world?.name ?? "").replaceAll("_", " ");
}

/** The title of the world of an index. */
export function titleAt(view: View, index: number): string {
  return worldTitle(view.atlas.report.worlds[index], index);
}
