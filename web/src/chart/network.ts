// Ties among actors at one moment: actors on a circle, ties as lines whose width is their strength. A negative tie is dashed and in the
// other colour; where the two directions differ, each has its own line with an arrow.

import { html, px, type Markup } from "../markup.ts";
import { wrap } from "./fan.ts";
import { svg, textWidth, type Plot } from "./plot.ts";

/** What a network shows. */
export interface Network {
  title: string;
  description: string;
  /** Titles of the actors. */
  actors: readonly string[];
  /** `[from][to]`: the tie and how it reads; the diagonal is not drawn. */
  ties: readonly (readonly { value: number | null; text: string }[])[];
  /** The largest size of a tie over all networks that are compared. */
  largest: number;
}

const LABEL = 12;
const WIDEST = 9;
/** A tie so small against the largest is not drawn, and two directions so alike are one line. */
const TRACE = 0.02;

type Point = readonly [number, number];

/** Draws the network. */
export function network(chart: Network, width: number): Plot {
  const names = chart.actors.map((name) => wrap(name, 14));
  const room = Math.max(0, ...names.flat().map((line) => textWidth(line, LABEL * 1.06))) / 2;
  const radius = Math.max(30, Math.min(150, width / 2 - room - 14));
  const middle: Point = [width / 2, radius + 46];
  const places = chart.actors.map((_, actor): Point => {
    const angle = (2 * Math.PI * actor) / chart.actors.length - Math.PI / 2 - (chart.actors.length === 2 ? Math.PI / 2 : 0);
    return [middle[0] + radius * Math.cos(angle), middle[1] + radius * Math.sin(angle)];
  });
  const height = 2 * radius + 92;
  const lines = places.flatMap((_, a) => places.slice(a + 1).map((_, offset) => pair(chart, places, a, a + 1 + offset)));
  const actors = places.map((place, actor) => actorOf(place, middle, names[actor] ?? [], chart.actors[actor] ?? ""));
  return { svg: svg(width, height, chart.title, chart.description, html`${lines}${actors}`), height };
}

/** Both directions of a tie: one line where they are alike, else two that bend apart. */
function pair(chart: Network, places: readonly Point[], a: number, b: number): Markup | null {
  const [from, to] = [places[a], places[b]];
  if (!from || !to) return null;
  const [out, back] = [chart.ties[a]?.[b], chart.ties[b]?.[a]];
  const names = [chart.actors[a] ?? "", chart.actors[b] ?? ""];
  const alike = Math.abs((out?.value ?? 0) - (back?.value ?? 0)) <= TRACE * chart.largest;
  if (alike) return line(chart, from, to, 0, out?.value ?? null, `${names[0]} and ${names[1]}: ${out?.text ?? ""}`);
  return html`${line(chart, from, to, 1, out?.value ?? null, `${names[0]} to ${names[1]}: ${out?.text ?? ""}`)}${line(chart, to, from, 1, back?.value ?? null, `${names[1]} to ${names[0]}: ${back?.text ?? ""}`)}`;
}

function line(chart: Network, from: Point, to: Point, bend: number, value: number | null, text: string): Markup | null {
  const share = chart.largest > 0 ? Math.abs(value ?? 0) / chart.largest : 0;
  if (value === null || share < TRACE) return null;
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  const length = Math.hypot(dx, dy) || 1;
  const [nx, ny] = [-dy / length, dx / length];
  const far = bend * Math.min(34, length * 0.16);
  const bow: Point = [(from[0] + to[0]) / 2 + nx * far, (from[1] + to[1]) / 2 + ny * far];
  const tone = value < 0 ? "against-tie" : "tie";
  // The middle of a quadratic curve lies halfway to its bow.
  const [mx, my] = [(from[0] + to[0]) / 2 + (nx * far) / 2, (from[1] + to[1]) / 2 + (ny * far) / 2];
  const [ux, uy] = [dx / length, dy / length];
  const size = 4 + WIDEST * 0.5 * share;
  const tip = (along: number, aside: number): string => `${px(mx + ux * along + nx * aside)},${px(my + uy * along + ny * aside)}`;
  const arrow = bend !== 0 && html`<path class="${tone} arrow" d="M${tip(size, 0)}L${tip(-size, size)}L${tip(-size, -size)}Z"/>`;
  return html`<g><title>${text}</title><path class="${tone}" stroke-width="${px(1 + (WIDEST - 1) * share)}" d="M${px(from[0])},${px(from[1])}Q${px(bow[0])},${px(bow[1])} ${px(to[0])},${px(to[1])}"/>${arrow}</g>`;
}

/** A dot with its name on the far side from the middle. */
function actorOf(place: Point, middle: Point, name: readonly string[], title: string): Markup {
  const above = place[1] < middle[1] - 1;
  const y = above ? place[1] - 16 - 14 * (name.length - 1) : place[1] + 25;
  return html`<g><title>${title}</title><circle class="actor" cx="${px(place[0])}" cy="${px(place[1])}" r="9"/><text class="actor-name" text-anchor="middle">${name.map((text, position) => html`<tspan x="${px(place[0])}" y="${px(y + 14 * position)}">${text}</tspan>`)}</text></g>`;
}
