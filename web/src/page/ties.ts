// Who stands how to whom: any series over the same index twice, as a network at chosen steps.

import { network } from "../chart/network.ts";
import { titleOf, type Atlas } from "../atlas.ts";
import { dayText } from "../format/date.ts";
import { decimal, NONE, signed, stepOf } from "../format/number.ts";
import { unitText } from "../format/unit.ts";
import { hash } from "../highlight.ts";
import { html, type Markup } from "../markup.ts";
import type { SeriesAnswer } from "../report.ts";
import { elementTitle } from "./overtime.ts";
import { inSight, takeSvg, titleAt, type Section, type View } from "./view.ts";
import { Weeks, weeks } from "./weeks.ts";

/** One network per index, with a choice of its series. */
export const ties: Section = {
  id: "ties",
  name: "Ties",
  worldly: true,
  draw: (view) => {
    const found = tiesOf(view.atlas);
    if (found.length === 0) return null;
    return html`<h2>Ties among actors</h2>
      <p class="lede">Means over all futures. First the ties themselves: a line is as wide as the tie is strong, and dashed if the tie is negative. Then what changes, on a scale of its own: a solid line is a tie that rises, a dashed one a tie that falls. Where the two directions differ, each has a line with an arrow.</p>
      ${frame(view, found)}`;
  },
  wire: (root, view) => {
    const element = root.querySelector<HTMLElement>(".ties");
    if (element) new Control(element, view, tiesOf(view.atlas));
  },
};

/** A quantity with a value for each pair of actors. */
export interface Ties {
  name: string;
  declaration: string;
  title: string;
  unit: string;
  /** Name and title of each actor. */
  actors: (readonly [string, string])[];
  /** `[from][to]`. */
  answers: (SeriesAnswer | undefined)[][];
}

/** Finds the series over the same index twice; a further index gives one network for each of its elements. */
export function tiesOf(atlas: Atlas): Ties[] {
  return [...new Set(atlas.report.series.map(({ label }) => label.declaration))].flatMap((declaration) => {
    const answers = atlas.answers.get(declaration)?.series ?? [];
    const slots = sameIndex(answers);
    if (!slots) return [];
    const rests = new Map<string, SeriesAnswer[]>();
    for (const answer of answers) {
      const rest = answer.label.elements.filter((_, position) => !slots.includes(position)).join(", ");
      rests.set(rest, [...(rests.get(rest) ?? []), answer]);
    }
    return [...rests].map(([rest, list]) => tiesIn(atlas, declaration, rest, list, slots));
  });
}

/** The two places of elements that run over the same names, in every combination. */
function sameIndex(answers: readonly SeriesAnswer[]): [number, number] | null {
  const size = answers[0]?.label.elements.length ?? 0;
  const names = (position: number): string => [...new Set(answers.map(({ label }) => label.elements[position]))].sort().join("\n");
  for (let first = 0; first < size; first += 1)
    for (let second = first + 1; second < size; second += 1) {
      const actors = names(first).split("\n").length;
      if (actors > 1 && names(first) === names(second) && answers.length % actors ** 2 === 0) return [first, second];
    }
  return null;
}

function tiesIn(atlas: Atlas, declaration: string, rest: string, list: readonly SeriesAnswer[], [first, second]: [number, number]): Ties {
  const names = [...new Set(list.map(({ label }) => label.elements[first] ?? ""))];
  const at = (from: string, to: string): SeriesAnswer | undefined => list.find(({ label }) => label.elements[first] === from && label.elements[second] === to);
  return {
    name: `${declaration}/${rest}`,
    declaration,
    title: titleOf(atlas, declaration) + (rest && `: ${rest.replaceAll("_", " ")}`),
    unit: list[0]?.label.unit ?? "",
    actors: names.map((name) => [name, actorTitle(atlas, at(name, name), first, name)] as const),
    answers: names.map((from) => names.map((to) => at(from, to))),
  };
}

/** The title of an actor, read off its tie to itself. */
function actorTitle(atlas: Atlas, self: SeriesAnswer | undefined, slot: number, name: string): string {
  const titles = self ? elementTitle(atlas, self.label).split(", ") : [];
  return titles.length === self?.label.elements.length ? (titles[slot] ?? name) : name.replaceAll("_", " ");
}

/** What is kept when another world is chosen. */
const kept = { name: "", step: Infinity };

function frame(view: View, found: readonly Ties[]): Markup {
  return html`<div class="ties"><div class="controls"><label>Tie <select data-control="quantity">${found.map((tie) => html`<option value="${tie.name}"${tie.name === kept.name && html` selected`}>${tie.title}</option>`)}</select></label>${weeks(view, "ties", Math.min(kept.step, view.dates.length - 1))}</div>
    <div class="panels"></div><div class="scroll matrix" tabindex="0" role="region" aria-label="Ties as a table"></div><p class="note"></p></div>`;
}

/** A moment in a world, as a panel. */
interface Moment {
  heading: string;
  world: number;
  step: number;
  /** What is taken off it, where a change is shown. */
  less?: { world: number; step: number };
}

/** As many changes as are put into words. */
const LARGEST = 3;

class Control {
  private readonly weeks: Weeks;

  constructor(private readonly root: HTMLElement, private readonly view: View, private readonly found: readonly Ties[]) {
    this.weeks = new Weeks(root, view, () => this.show());
    this.select.addEventListener("input", () => this.show());
    new ResizeObserver(() => (root.isConnected ? this.show() : this.weeks.stop())).observe(root);
  }

  private get select(): HTMLSelectElement {
    return this.root.querySelector("[data-control=quantity]") as HTMLSelectElement;
  }

  private show(): void {
    const tie = this.found.find(({ name }) => name === this.select.value) ?? this.found[0];
    const width = this.root.clientWidth;
    if (!tie || width === 0) return;
    const { step } = this.weeks;
    Object.assign(kept, { name: tie.name, step });
    const moments = this.moments(step);
    const panels = this.root.querySelector<HTMLElement>(".panels");
    const columns = Math.max(1, Math.min(moments.length, Math.floor((width + 26) / 326)));
    const wide = Math.min(460, (width - 26 * (columns - 1)) / columns);
    const largest = largestOf(tie);
    const change = largestChange(tie, moments);
    const scale = (moment: Moment): number => (moment.less ? change : largest);
    if (panels) panels.innerHTML = html`${moments.map((moment) => html`<figure class="panel"><h3 class="w${moment.world === 0 ? 0 : 1}">${moment.heading}</h3>${draw(tie, moment, scale(moment), wide)}${moment.less && html`<p class="by">${mostChanged(tie, moment)}</p>`}<div class="takes">${takeSvg(`${tie.title}, ${moment.heading}`)}</div></figure>`)}`.text;
    const now = moments[0] ?? { heading: "", world: 0, step };
    const table = this.root.querySelector<HTMLElement>(".matrix");
    if (table) table.innerHTML = matrix(tie, now).text;
    this.weeks.say(spoken(tie, now));
    const note = this.root.querySelector<HTMLElement>(".note");
    if (note) note.innerHTML = html`<a href="${hash("is", tie.declaration)}">${tie.title}</a>${tie.unit && html`, in ${unitText(tie.unit)}`}. The widest line stands for ${decimal(largest, stepOf(largest))}${change > 0 && `, and where a change is shown for ${decimal(change, stepOf(change))}`}.`.text;
  }

  /** The chosen step, what has changed since the start, and what is otherwise in the other world. */
  private moments(step: number): Moment[] {
    const { step_ends: ends } = this.view.atlas.report.model;
    const when = (at: number): string => dayText(ends[at] ?? "");
    const { world } = this.view;
    return [
      { heading: inSight(this.view).length > 1 ? `${when(step)}, ${titleAt(this.view, 0)}` : when(step), world: 0, step },
      ...(step > 0 ? [{ heading: `Change from ${when(0)} to ${when(step)}`, world: 0, step, less: { world: 0, step: 0 } }] : []),
      ...inSight(this.view).slice(1).map(() => ({ heading: `${titleAt(this.view, world)}: difference on ${when(step)}`, world, step, less: { world: 0, step } })),
    ];
  }
}

function valueAt(answer: SeriesAnswer | undefined, { world, step, less }: Moment): number | null {
  const value = answer?.worlds[world]?.mean[step] ?? null;
  if (!less || value === null) return value;
  const other = answer?.worlds[less.world]?.mean[less.step] ?? null;
  return other === null ? null : value - other;
}

/** The ties between two actors each, with their value. */
function pairsOf(tie: Ties, moment: Moment): { from: string; to: string; value: number }[] {
  return tie.answers.flatMap((row, from) =>
    row.flatMap((answer, to) => {
      const value = from === to ? null : valueAt(answer, moment);
      return value === null ? [] : [{ from: tie.actors[from]?.[1] ?? "", to: tie.actors[to]?.[1] ?? "", value }];
    }),
  );
}

/** The largest size of a change in any of the panels. */
function largestChange(tie: Ties, moments: readonly Moment[]): number {
  return Math.max(0, ...moments.filter(({ less }) => less).flatMap((moment) => pairsOf(tie, moment).map(({ value }) => Math.abs(value))));
}

/** The largest changes in words. */
function mostChanged(tie: Ties, moment: Moment): string {
  const all = pairsOf(tie, moment).sort((a, b) => Math.abs(b.value) - Math.abs(a.value));
  const largest = Math.abs(all[0]?.value ?? 0);
  if (largest === 0) return "Nothing differs.";
  return `Most: ${all.slice(0, LARGEST).map(({ from, to, value }) => `${from} to ${to} ${signed(value, stepOf(largest))}`).join("; ")}.`;
}

/** The largest size of a tie between two actors, at any step and in any world. */
function largestOf(tie: Ties): number {
  let largest = 0;
  tie.answers.forEach((row, from) =>
    row.forEach((answer, to) => {
      if (from !== to) for (const band of answer?.worlds ?? []) for (const value of band.mean) largest = Math.max(largest, Math.abs(value ?? 0));
    }),
  );
  return largest;
}

function texts(tie: Ties, moment: Moment): { value: number | null; text: string }[][] {
  const size = stepOf(moment.less ? largestChange(tie, [moment]) : largestOf(tie)) || 1;
  const write = moment.less ? signed : decimal;
  return tie.answers.map((row) =>
    row.map((answer) => {
      const value = valueAt(answer, moment);
      return { value, text: value === null ? NONE : write(value, size) };
    }),
  );
}

function rangeAt(tie: Ties, answer: SeriesAnswer | undefined, { world, step }: Moment): string {
  const band = answer?.worlds[world];
  const size = stepOf(largestOf(tie)) || 1;
  return band ? `${decimal(band.p05[step] ?? null, size)} to ${decimal(band.p95[step] ?? null, size)}` : "";
}

function draw(tie: Ties, moment: Moment, largest: number, width: number): Markup {
  const actors = tie.actors.map(([, title]) => title);
  return network({ title: `${tie.title}, ${moment.heading}`, description: spoken(tie, moment), actors, ties: texts(tie, moment), largest }, width).svg;
}

function spoken(tie: Ties, moment: Moment): string {
  const rows = texts(tie, moment);
  return tie.actors.flatMap(([, from], a) => tie.actors.flatMap(([, to], b) => (a === b ? [] : [`${from} to ${to}: ${rows[a]?.[b]?.text ?? NONE}`]))).join("; ");
}

function matrix(tie: Ties, moment: Moment): Markup {
  const rows = texts(tie, moment);
  return html`<table><caption>${tie.title}, ${moment.heading}: from the row to the column, mean and 90% range</caption><thead><tr><td></td>${tie.actors.map(([, title]) => html`<th scope="col">${title}</th>`)}</tr></thead><tbody>${tie.actors.map(
    ([, title], from) => html`<tr><th scope="row">${title}</th>${tie.actors.map((_, to) => html`<td>${from !== to && html`${rows[from]?.[to]?.text ?? NONE} <span class="range">${rangeAt(tie, tie.answers[from]?.[to], moment)}</span>`}</td>`)}</tr>`,
  )}</tbody></table>`;
}
