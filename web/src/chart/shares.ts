// A choice over time: the share of futures in which each option stands, stacked, with each option named where it is widest.

import { area } from "d3-shape";
import { html, type Markup } from "../markup.ts";
import { dodge, svg, textWidth, timeScale, valueScale, type Plot } from "./plot.ts";

/** What a chart of shares shows. */
export interface Shares {
  title: string;
  description: string;
  dates: readonly Date[];
  /** Titles of the options, from the bottom up. */
  options: readonly string[];
  /** `[option][step]`, between 0 and 1. */
  shares: readonly (readonly number[])[];
  height: number;
}

/** The middle of a name. */
interface Place {
  x: number;
  y: number;
}

/** Draws stacked shares. */
export function shares(chart: Shares, width: number): Plot {
  const top = 8;
  const bottom = chart.height - 24;
  const value = valueScale(0, 1, top, bottom, (share) => `${Math.round(share * 100)}%`, 2);
  const left = Math.ceil(value.room) + 10;
  const stack = stackOf(chart.shares);
  const places = (edge: number): (Place | null)[] => chart.options.map((title, option) => widest(stack, option, title, left, edge, value.y));
  // Names that do not fit inside need a margin, which may leave no room for others.
  let right = width - 10;
  let inside = places(right);
  for (let names = 0; names < chart.options.length; names += 1) {
    const room = Math.max(10, ...inside.map((place, option) => (place === null ? textWidth(cut(chart.options[option] ?? ""), 12) * 1.08 + 20 : 0)));
    if (width - room >= right) break;
    right = width - room;
    inside = places(right);
  }
  const time = timeScale(chart.dates, left, right, bottom);
  const steps = chart.dates.map((_, step) => step);
  const layers = chart.options.map((title, option) => {
    const path =
      area<number>()
        .digits(1)
        .x((step) => time.x(step))
        .y0((step) => value.y(stack[option]?.[step]?.[0] ?? 0))
        .y1((step) => value.y(stack[option]?.[step]?.[1] ?? 0))(steps) ?? "";
    return html`<path class="option o${option % 8}" d="${path}"><title>${title}</title></path>`;
  });
  const names = chart.options.map((title, option) => {
    const place = inside[option] ?? null;
    return place === null ? null : html`<text class="on o${option % 8}" x="${place.x}" y="${place.y}" text-anchor="middle">${title}</text>`;
  });
  const lost = chart.options.map((_, option) => option).filter((option) => !inside[option]);
  const wanted = lost.map((option) => {
    const ends = stack[option]?.[steps.length - 1] ?? [0, 0];
    return value.y((ends[0] + ends[1]) / 2);
  });
  const placed = dodge(wanted, 15, top + 6, bottom);
  const beside = lost.map(
    (option, position) =>
      html`<rect class="option o${option % 8}" x="${right + 5}" y="${(placed[position] ?? 0) - 5}" width="9" height="9" rx="2"/><text class="beside" x="${right + 18}" y="${(placed[position] ?? 0) + 4}">${cut(chart.options[option] ?? "")}</text>`,
  );
  return {
    svg: svg(width, chart.height, chart.title, chart.description, html`${layers}${value.axis(left, right)}${time.axis}${names}${beside}`),
    height: chart.height,
    steps: time.positions,
    top,
    bottom,
  };
}

/** Lower and upper edge of each option at each step. */
function stackOf(values: readonly (readonly number[])[]): [number, number][][] {
  const floor: number[] = [];
  return values.map((row) =>
    row.map((share, step) => {
      const low = floor[step] ?? 0;
      floor[step] = low + share;
      return [low, low + share];
    }),
  );
}

/** The middle of the widest place of an option, or nothing if its name does not fit there. */
function widest(
  stack: readonly (readonly [number, number][])[], option: number, title: string, left: number, right: number, y: (share: number) => number,
): Place | null {
  const rows = stack[option] ?? [];
  const half = (textWidth(title, 12) * 1.12) / 2 + 8;
  const width = right - left;
  const at = (step: number): number => left + (width * step) / Math.max(1, rows.length - 1);
  let best: { x: number; y: number; room: number } | null = null;
  rows.forEach((_, step) => {
    const x = at(step);
    if (x - half < left || x + half > right) return;
    // The name must fit over its whole length, between the highest floor and the lowest ceiling.
    let floor = 0;
    let ceiling = 1;
    rows.forEach(([low, high], other) => {
      if (Math.abs(at(other) - x) > half) return;
      floor = Math.max(floor, low);
      ceiling = Math.min(ceiling, high);
    });
    const room = y(floor) - y(ceiling);
    if (room > 17 && (best === null || room > best.room)) best = { x: Math.round(x), y: Math.round(y((floor + ceiling) / 2) + 4), room };
  });
  return best as Place | null;
}

function cut(title: string): string {
  return title.length > 22 ? title.slice(0, 21) + "\u2026" : title;
}

/** A swatch for a legend. */
export function swatch(option: number): Markup {
  return html`<span class="swatch o${option % 8}"></span>`;
}
