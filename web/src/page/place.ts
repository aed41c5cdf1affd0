// Where it happens: a map of the elements of an index, by quantity, step and world.

import { colour, map, outlinesOf } from "../chart/map.ts";
import { titleOf } from "../atlas.ts";
import { dayText } from "../format/date.ts";
import { decimal, NONE, signed, stepOf } from "../format/number.ts";
import { unitText } from "../format/unit.ts";
import { hash } from "../highlight.ts";
import { html, type Markup } from "../markup.ts";
import type { MapInfo, SeriesAnswer } from "../report.ts";
import { takeSvg, titleAt, type Section, type View } from "./view.ts";
import { Weeks, weeks } from "./weeks.ts";

/** One map per index with outlines. */
export const place: Section = {
  id: "map",
  name: "Where",
  worldly: true,
  draw: (view) => {
    const maps = view.atlas.report.maps.filter((info) => quantitiesOf(view, info).length > 0);
    if (maps.length === 0) return null;
    return html`<h2>Where</h2>${maps.map((info, position) => frame(view, info, position))}`;
  },
  wire: (root, view) => {
    const maps = view.atlas.report.maps.filter((info) => quantitiesOf(view, info).length > 0);
    root.querySelectorAll<HTMLElement>(".atlas").forEach((element, position) => {
      const info = maps[position];
      if (info) new MapControl(element, info, view);
    });
  },
};

/** A quantity with a value for each element. */
interface Quantity {
  name: string;
  title: string;
  unit: string;
  answers: Map<string, SeriesAnswer>;
}

/** The quantities of a map: a series, or a series at one element of each further index. */
export function quantitiesOf(view: View, info: MapInfo): Quantity[] {
  const elements = new Set(info.elements.map(([name]) => name));
  const quantities = new Map<string, Quantity>();
  for (const declaration of info.series) {
    const answers = view.atlas.answers.get(declaration)?.series ?? [];
    const size = answers[0]?.label.elements.length ?? 0;
    // The index is where every scalar has an element of the map.
    const slot = [...Array(size).keys()].find((position) => answers.every((answer) => elements.has(answer.label.elements[position] ?? "")));
    if (slot === undefined) continue;
    for (const answer of answers) {
      const others = answer.label.elements.filter((_, position) => position !== slot);
      const name = [declaration, ...others].join("/");
      const suffix = others.length > 0 ? `: ${others.map((other) => other.replaceAll("_", " ")).join(", ")}` : "";
      const quantity = quantities.get(name) ?? { name, title: titleOf(view.atlas, declaration) + suffix, unit: answer.label.unit, answers: new Map() };
      quantity.answers.set(answer.label.elements[slot] ?? "", answer);
      quantities.set(name, quantity);
    }
  }
  return [...quantities.values()];
}

/** What is kept of a map when another world is chosen. */
const kept = new Map<string, { quantity: string; step: number; mode: string }>();

function frame(view: View, info: MapInfo, position: number): Markup {
  const quantities = quantitiesOf(view, info);
  const state = kept.get(info.index) ?? { quantity: quantities[0]?.name ?? "", step: view.dates.length - 1, mode: "change" };
  const id = `map${position}`;
  return html`<div class="atlas"><div class="controls">
      <label>Quantity <select data-control="quantity">${quantities.map((quantity) => html`<option value="${quantity.name}"${quantity.name === state.quantity && html` selected`}>${quantity.title}</option>`)}</select></label>
      <label>Show <select data-control="mode"><option value="change"${state.mode === "change" && html` selected`}>change since the start</option><option value="value"${state.mode === "value" && html` selected`}>value</option>${
        view.world > 0 && html`<option value="effect"${state.mode === "effect" && html` selected`}>effect: ${titleAt(view, view.world)}</option>`
      }</select></label>
      ${weeks(view, id, state.step)}
    </div><div class="ground"><div><div class="canvas"></div><div class="ramp" aria-hidden="true"></div><div class="takes">${takeSvg("the map")}</div></div><div><table class="ranks"></table></div></div><p class="note"></p></div>`;
}

class MapControl {
  private readonly quantities: Quantity[];
  private readonly outlines;
  private readonly weeks: Weeks;

  constructor(private readonly root: HTMLElement, private readonly info: MapInfo, private readonly view: View) {
    this.quantities = quantitiesOf(view, info);
    this.outlines = outlinesOf(info.features, info.elements);
    this.weeks = new Weeks(root, view, () => this.show());
    for (const control of ["quantity", "mode"]) this.field(control).addEventListener("input", () => this.show());
    view.repaint.push(() => this.show());
    new ResizeObserver(() => (root.isConnected ? this.show() : this.weeks.stop())).observe(root);
  }

  private field(name: string): HTMLSelectElement {
    return this.root.querySelector(`[data-control=${name}]`) as HTMLSelectElement;
  }

  private show(): void {
    const width = this.root.querySelector(".canvas")?.clientWidth ?? 0;
    const quantity = this.quantities.find((candidate) => candidate.name === this.field("quantity").value) ?? this.quantities[0];
    if (width === 0 || !quantity) return;
    const { step } = this.weeks;
    const mode = this.field("mode").value;
    kept.set(this.info.index, { quantity: quantity.name, step, mode });
    const extent = this.extent(quantity, mode);
    const size = stepOf(extent[1] - extent[0]) / 10;
    const write = mode === "value" ? decimal : signed;
    const values = new Map(
      [...quantity.answers].map(([element, answer]) => {
        const value = this.value(answer, step, mode);
        return [element, { value, text: value === null ? NONE : write(value, size) }];
      }),
    );
    const date = this.view.atlas.report.model.step_ends[step] ?? "";
    const chart = { title: `${quantity.title}, ${dayText(date)}`, elements: this.info.elements, outlines: this.outlines, values, extent, dark: this.view.dark };
    const spoken = this.info.elements.map(([name, title]) => `${title}: ${values.get(name)?.text ?? NONE}`).join("; ");
    const canvas = this.root.querySelector(".canvas");
    if (canvas) canvas.innerHTML = map({ ...chart, description: spoken }, width).svg.text;
    this.weeks.say(spoken);
    this.ranks(values, extent, quantity, mode === "value" ? (answer) => rangeAt(answer, step, size) : () => "");
    this.legend(extent, size, write, quantity, mode);
  }

  private value(answer: SeriesAnswer, step: number, mode: string): number | null {
    const base = answer.worlds[0]?.mean[step] ?? null;
    if (mode === "value" || base === null) return base;
    if (mode === "effect") {
      const other = answer.worlds[this.view.world]?.mean[step] ?? null;
      return other === null ? null : other - base;
    }
    const start = answer.worlds[0]?.mean[0] ?? null;
    return start === null ? null : base - start;
  }

  private extent(quantity: Quantity, mode: string): [number, number] {
    const values = [...quantity.answers.values()].flatMap((answer) => this.view.dates.map((_, step) => this.value(answer, step, mode) ?? 0));
    return [Math.min(...values), Math.max(...values)];
  }

  /** The same values as bars, in the order of the index. */
  private ranks(values: ReadonlyMap<string, { value: number | null; text: string }>, extent: [number, number], quantity: Quantity, range: (answer: SeriesAnswer) => string): void {
    const table = this.root.querySelector<HTMLElement>(".ranks");
    const low = Math.min(0, extent[0]);
    const reach = Math.max(0, extent[1]) - low || 1;
    const rows = this.info.elements.map(([name, title]) => {
      const shown = values.get(name);
      const value = shown?.value ?? 0;
      const left = (100 * (Math.min(0, value) - low)) / reach;
      const wide = (100 * Math.abs(value)) / reach;
      const answer = quantity.answers.get(name);
      const bar = html`<i style="left:${left.toFixed(1)}%;width:${wide.toFixed(1)}%;background:${colour({ extent, dark: this.view.dark }, value)}"></i>`;
      return html`<tr><th scope="row">${title || name}</th><td class="amount">${shown?.text ?? NONE}${answer && html` <span class="range">${range(answer)}</span>`}</td><td class="bars"><div>${bar}</div></td></tr>`;
    });
    if (table) table.innerHTML = html`<caption>${quantity.title}${quantity.unit && html`, ${unitText(quantity.unit)}`}</caption><tbody>${rows}</tbody>`.text;
  }

  private legend(extent: [number, number], size: number, write: (value: number | null, step: number) => string, quantity: Quantity, mode: string): void {
    const ramp = this.root.querySelector<HTMLElement>(".ramp");
    const [low, high] = extent;
    const from = low < 0 ? -Math.max(-low, high) : low < 0.6 * high ? 0 : low;
    const to = low < 0 ? Math.max(-low, high) : high;
    const stops = Array.from({ length: 9 }, (_, position) => colour({ extent, dark: this.view.dark }, from + ((to - from) * position) / 8));
    if (ramp) ramp.innerHTML = html`<span>${write(from, size)}</span><i style="background:linear-gradient(90deg,${stops.join(",")})"></i><span>${write(to, size)} ${unitText(quantity.unit)}</span>`.text;
    const note = this.root.querySelector<HTMLElement>(".note");
    const name = quantity.name.split("/")[0] ?? "";
    const what = { value: "Mean over all futures, with the range that holds nine in ten", change: "Change of the mean since the first step", effect: `What changes on average under “${titleAt(this.view, this.view.world)}”` }[mode] ?? "";
    if (note) note.innerHTML = html`${what}: <a href="${hash("is", name)}">${quantity.title}</a>. Outlines are those that the model gives.`.text;
  }
}

/** The 90% range of a value: that of a change is not in the report. */
function rangeAt(answer: SeriesAnswer, step: number, size: number): string {
  const band = answer.worlds[0];
  return band ? `${decimal(band.p05[step] ?? null, size)} to ${decimal(band.p95[step] ?? null, size)}` : "";
}
