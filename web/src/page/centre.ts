// The central figure: the two series that tell most about what the chosen intervention changes.

import { groundOf, namesIn, type Atlas } from "../atlas.ts";
import { html } from "../markup.ts";
import type { Band, SeriesAnswer } from "../report.ts";
import { lastWords, seriesFigure } from "./figure.ts";
import { titleAt, type Section } from "./view.ts";

/** Both series over time. */
export const centre: Section = {
  id: "centre",
  name: "",
  worldly: true,
  draw: (view) => {
    const chosen = tellingSeries(view.atlas, view.world, 2);
    if (chosen.length === 0) return null;
    const compared = view.world > 0;
    return html`<h2>${compared ? html`What changes if <em>${lower(titleAt(view, view.world))}</em>` : "At a glance"}</h2>
      <p class="legend">${compared ? html`<span><i class="key w0"></i>${titleAt(view, 0)}</span> <span><i class="key w1"></i>${titleAt(view, view.world)}</span> ` : ""}<span><i class="key bands"></i>line: median; dark band: half of the futures; light band: nine in ten</span></p>
      <div class="pair">${chosen.map((answer) => seriesFigure(view, answer, { height: 320, ends: true, group: "centre", note: html`<p class="note">${lastWords(view, answer)}</p>` }))}</div>`;
  },
};

/** A title inside a sentence: its first letter is lowered unless the word is a name or an abbreviation. */
function lower(title: string): string {
  return /^(The|A|An|No|All|Nothing)\b/.test(title) ? title.charAt(0).toLowerCase() + title.slice(1) : title;
}

/** The intervention that the headlines speak of first, else the first one; 0 without interventions. */
export function leadingWorld(atlas: Atlas): number {
  const text = atlas.report.headlines.flatMap((headline) => headline.parts.map((part) => (part.kind === "figure" ? part.formula : ""))).join(" ");
  const spoken = atlas.report.worlds
    .map((world, index) => ({ index, at: index === 0 ? -1 : text.search(new RegExp(`\\b${world.name}\\b`)) }))
    .filter(({ at }) => at >= 0)
    .sort((a, b) => a.at - b.at);
  return spoken[0]?.index ?? (atlas.report.worlds.length > 1 ? 1 : 0);
}

/** The series, one per declaration, that matter most: near to the headlines, and far apart between the worlds. */
export function tellingSeries(atlas: Atlas, world: number, size: number): SeriesAnswer[] {
  const figures = atlas.report.headlines.flatMap((headline) => headline.parts.flatMap((part) => (part.kind === "figure" ? namesIn(atlas, part.formula) : [])));
  const spoken = new Set(figures.filter((name) => atlas.declarations.get(name)?.kind !== "intervention"));
  const below = levels(atlas, spoken);
  const set = new Set(atlas.declarations.get(atlas.report.worlds[world]?.name ?? "")?.uses ?? []);
  const scored = atlas.report.series.map((answer) => {
    const name = answer.label.declaration;
    const uses = atlas.declarations.get(name)?.uses ?? [];
    const closeness = closest(below, levels(atlas, new Set([name])));
    // Scalars stand for the whole better than one element of many.
    const whole = answer.label.elements.length === 0 ? 1 : 0.6;
    // What the intervention sets by itself is its cause, and no news.
    const cause = world > 0 && (set.has(name) || uses.some((used) => set.has(used))) ? 0.5 : 1;
    return { answer, score: whole * closeness * cause * (0.5 + Math.min(0.5, separation(answer.worlds[0], answer.worlds[world]))) };
  });
  scored.sort((a, b) => b.score - a.score);
  const chosen: SeriesAnswer[] = [];
  for (const { answer } of scored) {
    if (chosen.length < size && chosen.every((other) => other.label.declaration !== answer.label.declaration)) chosen.push(answer);
  }
  return chosen;
}

/** How many steps below a set of names each declaration lies, to a depth of three: what is further is near to everything. */
function levels(atlas: Atlas, names: ReadonlySet<string>): Map<string, number> {
  const found = new Map([...names].map((name) => [name, 0]));
  let edge = [...names];
  for (let depth = 1; depth <= 3; depth += 1) {
    edge = edge.flatMap((name) => atlas.declarations.get(name)?.uses ?? []).filter((name) => !found.has(name));
    for (const name of edge) found.set(name, depth);
  }
  return found;
}

/** How near two sets of names come to each other: 1 where they meet at once, less for each step down to where they do. */
function closest(below: ReadonlyMap<string, number>, other: ReadonlyMap<string, number>): number {
  let nearest = 0.2;
  for (const [name, depth] of other) {
    const reached = below.get(name);
    if (reached !== undefined) nearest = Math.max(nearest, 1 - 0.1 * (reached + depth));
  }
  return nearest;
}

/** How far two bands come apart, in widths of the middle half; 0 for a band and itself. */
export function separation(base: Band | undefined, other: Band | undefined): number {
  if (!base || !other || base === other) return 0;
  let widest = 0;
  base.p50.forEach((median, step) => {
    const [shifted, low, high] = [other.p50[step], base.p25[step], base.p75[step]];
    if (typeof median !== "number" || typeof shifted !== "number") return;
    const width = typeof low === "number" && typeof high === "number" ? high - low : 0;
    const distance = Math.abs(shifted - median);
    if (distance > 0) widest = Math.max(widest, Math.min(3, distance / (width || distance)));
  });
  return widest;
}

/** Names below the headlines, for those who want to know what the answers rest on. */
export function headlineGround(atlas: Atlas): ReturnType<typeof groundOf> {
  const names = atlas.report.headlines.flatMap((headline) => headline.parts.flatMap((part) => (part.kind === "figure" ? namesIn(atlas, part.formula) : [])));
  return groundOf(atlas, [...new Set(names)]);
}
