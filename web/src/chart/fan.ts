// A quantity over time as bands: half of the futures in the dark band, nine in ten in the light one, the median as a line. A second world
// is laid over the first, fainter but with its edges drawn, so that both are seen where they lie on each other.

import { area, line } from "d3-shape";
import type { Band } from "../report.ts";
import { html, type Markup } from "../markup.ts";
import { dodge, svg, textWidth, timeScale, valueScale, type Plot } from "./plot.ts";

/** What a fan chart shows. */
export interface Fan {
  title: string;
  description: string;
  dates: readonly Date[];
  /** The baseline first; at most one more. */
  bands: readonly Band[];
  /** Names at the ends of the lines; none if the chart is too small for them. */
  ends: readonly string[];
  /** The extent of the vertical axis, where charts share it. */
  extent?: readonly [number, number];
  height: number;
}

/** Draws a fan chart. */
export function fan(chart: Fan, width: number): Plot {
  const [low, high] = chart.extent ?? extentOf(chart.bands);
  const top = 10;
  const bottom = chart.height - 24;
  const value = valueScale(low, high, top, bottom, undefined, chart.height < 180 ? 3 : 5);
  const left = Math.ceil(value.room) + 10;
  const labels = chart.ends.map((text) => wrap(text, 20));
  // The labels are bold.
  const room = Math.max(0, ...labels.flat().map((text) => textWidth(text, 13.5)));
  const right = width - (room > 0 ? room + 14 : 10);
  const time = timeScale(chart.dates, left, right, bottom);
  const layers = chart.bands.map((band, world) => bandOf(band, world, time.x, value.y));
  const lines = chart.bands.map((band, world) => medianOf(band, world, time.x, value.y));
  return {
    svg: svg(
      width, chart.height, chart.title, chart.description,
      html`${value.axis(left, right)}${time.axis}${layers}${lines}${endLabels(chart, labels, right, value.y, top, bottom)}`,
    ),
    height: chart.height,
    steps: time.positions,
    top,
    bottom,
  };
}

/** The range that all bands need. */
export function extentOf(bands: readonly Band[]): [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (const band of bands) {
    for (const value of band.p05) if (value !== null && value < low) low = value;
    for (const value of band.p95) if (value !== null && value > high) high = value;
  }
  return [low, high];
}

type Along = (step: number) => number;

function bandOf(band: Band, world: number, x: Along, y: Along): Markup {
  const steps = band.p50.map((_, step) => step);
  const between = (low: (number | null)[], high: (number | null)[]): string =>
    area<number>()
      .digits(1)
      .defined((step) => isNumber(low[step]) && isNumber(high[step]))
      .x((step) => x(step))
      .y0((step) => y(low[step] ?? 0))
      .y1((step) => y(high[step] ?? 0))(steps) ?? "";
  const edges = world > 0 && [band.p05, band.p95].map((values) => html`<path class="edge w${world}" d="${lineOf(values, x, y)}"/>`);
  return html`<path class="band wide w${world}" d="${between(band.p05, band.p95)}"/><path class="band half w${world}" d="${between(band.p25, band.p75)}"/>${edges}`;
}

function medianOf(band: Band, world: number, x: Along, y: Along): Markup {
  return html`<path class="median w${world}" d="${lineOf(band.p50, x, y)}"/>`;
}

function lineOf(values: readonly (number | null)[], x: Along, y: Along): string {
  const steps = values.map((_, step) => step);
  return line<number>().digits(1).defined((step) => isNumber(values[step])).x((step) => x(step)).y((step) => y(values[step] ?? 0))(steps) ?? "";
}

function endLabels(chart: Fan, labels: readonly string[][], right: number, y: Along, top: number, bottom: number): Markup {
  const wanted = chart.ends.map((_, world) => {
    const last = [...(chart.bands[world]?.p50 ?? [])].reverse().find(isNumber);
    return y(last ?? 0);
  });
  const lines = Math.max(1, ...labels.map((label) => label.length));
  const placed = dodge(wanted, 14 * lines + 4, top + 6, bottom - 14 * (lines - 1));
  return html`${labels.map(
    (label, world) =>
      html`<text class="end w${world}" x="${right + 8}" y="${placed[world] ?? 0}">${label.map(
        (text, position) => html`<tspan x="${right + 8}" dy="${position === 0 ? 4 : 14}">${text}</tspan>`,
      )}</text>`,
  )}`;
}

/** Breaks a label into at most three lines. */
export function wrap(text: string, length: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines[lines.length - 1];
    if (last !== undefined && (last + " " + word).length <= length) lines[lines.length - 1] = last + " " + word;
    else lines.push(word);
  }
  if (lines.length <= 3) return lines;
  return [...lines.slice(0, 2), (lines[2] ?? "") + "\u2026"];
}

function isNumber(value: number | null | undefined): value is number {
  return value !== null && value !== undefined && Number.isFinite(value);
}
