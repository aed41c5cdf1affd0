// Quantities, choices and events over time.

import { extentOf } from "../chart/fan.ts";
import { titleOf, type Atlas } from "../atlas.ts";
import { unitText } from "../format/unit.ts";
import { hash } from "../highlight.ts";
import { html, type Markup } from "../markup.ts";
import type { Band, Label, SeriesAnswer } from "../report.ts";
import { choiceFigures, eventFigure, seriesFigure } from "./figure.ts";
import { inSight, titleAt, type Section, type View } from "./view.ts";

/** Fan charts: one for a scalar, small multiples for an indexed quantity. */
export const series: Section = {
  id: "series",
  name: "Over time",
  worldly: true,
  draw: (view) => {
    const groups = grouped(view.atlas.report.series);
    if (groups.length === 0) return null;
    const few = groups.filter((group) => group.length <= FEW);
    const many = groups.filter((group) => group.length > FEW);
    return html`<h2>Over time</h2>
      ${worldLegend(view, "line: median; dark band: half of the futures; light band: nine in ten")}
      ${few.length > 0 && html`<div class="grid wide">${few.map((group) => group.map((answer) => seriesFigure(view, answer, { height: 190, group: "series", ...sharedExtent(view, group) })))}</div>`}
      ${many.map((group) => multiples(view, group))}`;
  },
};

/** A quantity of so few elements stands among the scalars. */
const FEW = 3;

/** Elements of one quantity side by side, on one scale. */
function multiples(view: View, group: readonly SeriesAnswer[]): Markup {
  const name = group[0]?.label.declaration ?? "";
  const scale = sharedExtent(view, group);
  return html`<h3><a href="${hash("is", name)}">${titleOf(view.atlas, name)}</a> <span class="unit">${[unitText(group[0]?.label.unit ?? ""), scale.extent ? "" : "each on its own scale"].filter(Boolean).join(", ")}</span></h3>
    <div class="grid">${group.map((answer) =>
      seriesFigure(view, answer, { height: 150, group: name, heading: elementTitle(view.atlas, answer.label), ...scale }),
    )}</div>`;
}

/** One scale for the elements of a quantity, unless it would flatten many of them. */
function sharedExtent(view: View, group: readonly SeriesAnswer[]): { extent?: [number, number] } {
  const worlds = inSight(view);
  const extents = group.map((answer) => extentOf(worlds.map((world) => answer.worlds[world]).filter((band): band is Band => band !== undefined)));
  const whole: [number, number] = [Math.min(...extents.map(([low]) => low)), Math.max(...extents.map(([, high]) => high))];
  const flat = extents.filter(([low, high]) => high - low < (whole[1] - whole[0]) / 12).length;
  return flat <= group.length / 3 ? { extent: whole } : {};
}

/** What is left of a title once the quantity has been named above. */
export function elementTitle(atlas: Atlas, label: Label): string {
  const title = titleOf(atlas, label.declaration);
  const rest = label.title.toLowerCase().startsWith(title.toLowerCase()) ? label.title.slice(title.length).replace(/^[\s:,–-]+/, "") : label.title;
  return rest || label.title || label.name;
}

/** Options of every choice. */
export const choices: Section = {
  id: "choices",
  name: "Choices",
  worldly: true,
  draw: (view) => {
    const { choices } = view.atlas.report;
    if (choices.length === 0) return null;
    return html`<h2>Choices</h2>
      <p class="lede">The share of futures in which each option stands.</p>
      <div class="grid ${inSight(view).length > 1 ? "one" : "wide"}">${choices.map((answer) => choiceFigures(view, answer, 150))}</div>`;
  },
};

/** Cumulative curves of every event. */
export const events: Section = {
  id: "events",
  name: "Events",
  worldly: true,
  draw: (view) => {
    const { events } = view.atlas.report;
    if (events.length === 0) return null;
    return html`<h2>Events</h2>
      <p class="lede">The share of futures in which each has happened by then. Rare events have a scale of their own: mind the axis.</p>
      ${worldLegend(view, "")}
      <div class="grid">${events.map((answer) => eventFigure(view, answer, 150))}</div>`;
  },
};

function worldLegend(view: View, text: string): Markup | null {
  const compared = inSight(view).length > 1;
  if (!compared && text === "") return null;
  return html`<p class="legend">${compared && html`<span><i class="key w0"></i>${titleAt(view, 0)}</span> <span><i class="key w1"></i>${titleAt(view, view.world)}</span> `}${text && html`<span><i class="key bands"></i>${text}</span>`}</p>`;
}

function grouped(series: readonly SeriesAnswer[]): SeriesAnswer[][] {
  const groups = new Map<string, SeriesAnswer[]>();
  for (const answer of series) {
    const group = groups.get(answer.label.declaration);
    if (group) group.push(answer);
    else groups.set(answer.label.declaration, [answer]);
  }
  return [...groups.values()];
}
