// The argument as a map: mechanisms are roads that run down, claims are stops on them in the order of the argument. A filled stop lies on
// the mechanism that a claim reads, a ring on the one where it changes something; the way between them is drawn in the colour of its verdict.

import { html, px, type Content, type Markup } from "../markup.ts";
import { wrap } from "./fan.ts";
import { textWidth, type Plot } from "./plot.ts";

/** A claim on the map. */
export interface Stop {
  name: string;
  title: string;
  /** Address of the claim. */
  href: string;
  /** Class, word and sign of its verdict. */
  tone: string;
  verdict: string;
  sign: string;
  /** Roads on which it reads and on which it changes something. */
  reads: readonly number[];
  turns: readonly number[];
  /** Everything in one sentence, for those who hear it. */
  spoken: string;
}

/** What the map shows. */
export interface Argument {
  title: string;
  roads: readonly { title: string; href: string }[];
  stops: readonly Stop[];
  /** Claims that cannot hold together, as pairs of stops. */
  against: readonly (readonly [number, number])[];
}

/** Where things stand on the map. */
interface Grid {
  wide: boolean;
  x: (road: number) => number;
  y: (stop: number) => number;
  /** Width of a road, and radius of a stop with a sign. */
  road: number;
  radius: number;
  /** The gutter in which contradictions are drawn. */
  gutter: number;
  /** Where the title of a stop starts and ends, and how far above its stop it stands. */
  text: readonly [number, number];
  lift: number;
  /** What belongs to a stop, from its middle up and down. */
  reach: readonly [number, number];
  top: number;
  bottom: number;
  end: number;
}

const WIDE = 640;
const TITLE = 13;
/** How far apart contradictions run that lie beside each other. */
const TRACK = 14;

/** Draws the map. */
export function argument(chart: Argument, width: number): Plot {
  const grid = gridOf(chart, width);
  const height = grid.bottom + 14;
  const tracks = tracksOf(chart.against);
  const content = html`${chart.roads.map((road, position) => roadOf(road, position, grid))}${chart.against.map((pair, position) => clash(pair, tracks[position] ?? 0, grid))}${chart.stops.map((stop, position) => stopOf(stop, position, grid))}`;
  // A group, not a picture: what is inside can be reached by key.
  return {
    svg: html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${px(width)} ${px(height)}" width="${px(width)}" height="${px(height)}" role="group" aria-label="${chart.title}"><title>${chart.title}</title>${content}</svg>`,
    height,
  };
}

/** Beside its stop a title has room on a wide screen; on a narrow one it stands above, and roads take the whole width. */
function gridOf(chart: Argument, width: number): Grid {
  const wide = width >= WIDE;
  const between = Math.max(1, chart.roads.length - 1);
  const room = chart.against.length === 0 ? 10 : 32 + TRACK * Math.max(...tracksOf(chart.against));
  const left = wide ? 16 : 10;
  const gap = wide ? Math.min(46, (width * 0.42) / (between + 1)) : Math.min(46, (width - left - room - 14) / between);
  const gutter = wide ? left + gap * (chart.roads.length - 1) + 26 : width - room;
  // Names of roads are slanted, and rise above their first stop.
  const longest = Math.max(0, ...chart.roads.map(({ title }) => textWidth(title, TITLE)));
  const top = Math.min(170, longest * 0.9) + 24;
  const row = wide ? 30 : 46;
  const first = top + (wide ? 18 : 34);
  return {
    wide,
    x: (road) => left + gap * road,
    y: (stop) => first + row * stop,
    road: Math.min(13, gap * 0.6),
    radius: Math.min(9, gap * 0.5),
    gutter,
    text: wide ? [gutter + room, width] : [0, gutter],
    lift: wide ? 0 : 21,
    reach: wide ? [14, 14] : [32, 12],
    top,
    bottom: first + row * Math.max(0, chart.stops.length - 1) + 14,
    end: width,
  };
}

function roadOf(road: { title: string; href: string }, position: number, grid: Grid): Markup {
  const x = px(grid.x(position));
  const at = `${x},${px(grid.top - 10)}`;
  return html`<path class="road" stroke-width="${px(grid.road)}" d="M${x},${px(grid.top)}V${px(grid.bottom)}"/><path class="road-middle" d="M${x},${px(grid.top)}V${px(grid.bottom)}"/><a href="${road.href}"><text class="road-name" x="${x}" y="${px(grid.top - 10)}" transform="rotate(-55 ${at})">${road.title}</text></a>`;
}

/** A track for each contradiction, so that none lies on another; the shortest are nearest to the roads. */
export function tracksOf(against: readonly (readonly [number, number])[]): number[] {
  const tracks: number[] = [];
  const taken: (readonly [number, number])[][] = [];
  const order = against.map((_, position) => position).sort((a, b) => length(against[a]) - length(against[b]));
  for (const position of order) {
    const pair = against[position] ?? [0, 0];
    let track = 0;
    while (taken[track]?.some(([from, to]) => from <= pair[1] && pair[0] <= to)) track += 1;
    (taken[track] ??= []).push(pair);
    tracks[position] = track;
  }
  return tracks;
}

function length(pair: readonly [number, number] | undefined): number {
  return pair ? pair[1] - pair[0] : 0;
}

/** A contradiction: a way beside the roads with a sign at its middle. */
function clash([a, b]: readonly [number, number], track: number, grid: Grid): Markup {
  const [from, to] = [grid.y(a), grid.y(b)];
  const middle = (from + to) / 2;
  const [x, out] = [grid.gutter, grid.gutter + 16 + TRACK * track];
  const bend = Math.min(14, (to - from) / 2);
  return html`<g class="clash"><path d="M${px(x)},${px(from)}H${px(out - bend)}Q${px(out)},${px(from)} ${px(out)},${px(from + bend)}V${px(to - bend)}Q${px(out)},${px(to)} ${px(out - bend)},${px(to)}H${px(x)}"/><circle cx="${px(out)}" cy="${px(middle)}" r="8"/><path class="unequal" d="M${px(out - 4)},${px(middle - 2)}h8m-8,4h8m-1.5,-6l-5,8"/></g>`;
}

function stopOf(stop: Stop, position: number, grid: Grid): Markup {
  const y = grid.y(position);
  const roads = [...stop.reads, ...stop.turns];
  // A claim on no road stands at the edge of the map.
  const places = roads.length > 0 ? roads.map(grid.x) : [grid.gutter];
  const [first, last] = [Math.min(...places), Math.max(...places)];
  const way = last > first && html`<path class="way" d="M${px(first)},${px(y)}H${px(last)}"/>`;
  const lead = last < grid.gutter - 12 && html`<path class="lead-line" d="M${px(last + 11)},${px(y)}H${px(grid.gutter)}"/>`;
  const rings = stop.turns.filter((road) => !stop.reads.includes(road)).map((road) => html`<circle class="turn" cx="${px(grid.x(road))}" cy="${px(y)}" r="${px(grid.radius * 0.62)}"/>`);
  const read = roads.length === 0 ? places : stop.reads.map(grid.x);
  const filled = read.map((x, order) => mark(stop, x, y, order === 0, grid.radius));
  const both = stop.turns.filter((road) => stop.reads.includes(road)).map((road) => html`<circle class="both" cx="${px(grid.x(road))}" cy="${px(y)}" r="${px(grid.radius + 3)}"/>`);
  const [up, down] = grid.reach;
  return html`<a class="stop ${stop.tone}" href="${stop.href}" aria-label="${stop.spoken}"><title>${stop.spoken}</title><rect class="hit" x="0" y="${px(y - up)}" width="${px(grid.end)}" height="${up + down}" rx="4"/>${lead}${way}${rings}${both}${filled}${titleOf(stop, y - grid.lift, grid)}</a>`;
}

function mark(stop: Stop, x: number, y: number, signed: boolean, radius: number): Markup {
  const shift = px(radius * 0.71);
  return html`<circle class="mark" cx="${px(x)}" cy="${px(y)}" r="${px(signed ? radius : radius * 0.67)}"/>${signed && html`<path class="mark-sign" transform="translate(${px(x)} ${px(y)}) translate(-${shift} -${shift}) scale(${(radius * 0.089).toFixed(2)})" d="${stop.sign}"/>`}`;
}

function titleOf(stop: Stop, y: number, grid: Grid): Content {
  const [from, to] = grid.text;
  const verdict = grid.wide ? textWidth(stop.verdict, TITLE * 1.12) + 18 : 0;
  const letters = Math.max(8, Math.floor((to - from - verdict) / (TITLE * 0.56)));
  const [line = "", more] = wrap(`${stop.name}\u2002${stop.title}`.trim(), letters);
  return html`<text class="stop-name" x="${px(from)}" y="${px(y + 4.5)}">${line}${more !== undefined && "\u2026"}</text>${
    grid.wide && html`<text class="stop-verdict" x="${px(grid.end - 4)}" y="${px(y + 4.5)}" text-anchor="end">${stop.verdict}</text>`
  }`;
}
