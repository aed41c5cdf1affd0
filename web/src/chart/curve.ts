// An answer along a quantity that is held at one value after another: the mean as a line with a dot at each value, its 90% range as a band.

import { area, line } from "d3-shape";
import { scaleLinear } from "d3-scale";
import { html, px, type Markup } from "../markup.ts";
import { svg, textWidth, valueScale, type Plot } from "./plot.ts";

/** A point of the curve. */
export interface Dose {
  at: number;
  mean: number | null;
  /** The 90% range. */
  range: readonly [number, number] | null;
  /** The Monte Carlo standard error of the mean. */
  error: number | null;
}

/** What the curve shows. */
export interface Curve {
  title: string;
  description: string;
  doses: readonly Dose[];
  /** Writes a value of the quantity. */
  write: (value: number) => string;
  /** Writes a value of the answer. */
  answer?: (value: number) => string;
  height: number;
}

/** Draws a curve. */
export function curve(chart: Curve, width: number): Plot {
  const { doses, height } = chart;
  const ends = doses.flatMap(({ mean, range }) => [...(range ?? []), ...(mean === null ? [] : [mean])]);
  const top = 10;
  const bottom = height - 24;
  const value = valueScale(Math.min(...ends), Math.max(...ends), top, bottom, chart.answer, 4);
  const left = Math.ceil(value.room) + 10;
  const right = width - 14;
  const x = scaleLinear([doses[0]?.at ?? 0, doses[doses.length - 1]?.at ?? 1], [left + 4, right]);
  const y = value.y;
  const banded = doses.filter((dose): dose is Dose & { range: readonly [number, number] } => dose.range !== null);
  const known = doses.filter((dose): dose is Dose & { mean: number } => dose.mean !== null);
  const band = area<(typeof banded)[number]>().digits(1).x(({ at }) => x(at)).y0(({ range }) => y(range[0])).y1(({ range }) => y(range[1]))(banded) ?? "";
  const mean = line<(typeof known)[number]>().digits(1).x(({ at }) => x(at)).y(({ mean }) => y(mean))(known) ?? "";
  // Two standard errors to either side, where they can be seen.
  const errors = known.map(({ at, mean, error }) => html`<line class="whisker" x1="${px(x(at))}" x2="${px(x(at))}" y1="${px(y(mean - 2 * (error ?? 0)))}" y2="${px(y(mean + 2 * (error ?? 0)))}"/>`);
  const dots = known.map(({ at, mean }) => html`<circle class="dose" cx="${px(x(at))}" cy="${px(y(mean))}" r="3"/>`);
  return {
    svg: svg(
      width, height, chart.title, chart.description,
      html`${value.axis(left, right)}${axis(doses, chart.write, x, left, right, bottom)}<path class="band wide w0" d="${band}"/><path class="median w0" d="${mean}"/>${errors}${dots}`,
    ),
    height,
  };
}

/** The values of the quantity below the curve; a label that would reach into the one before is left out. */
function axis(doses: readonly Dose[], write: (value: number) => string, x: (value: number) => number, left: number, right: number, bottom: number): Markup {
  let end = -Infinity;
  const ticks = doses.map(({ at }) => {
    const text = write(at);
    const half = textWidth(text, 11) / 2;
    const centre = Math.min(x(at), right + 12 - half);
    const fits = centre - half > end + 6;
    if (fits) end = centre + half;
    return html`<line class="tick" x1="${px(x(at))}" x2="${px(x(at))}" y1="${bottom}" y2="${bottom + 4}"/>${fits && html`<text class="axis" x="${px(centre)}" y="${bottom + 16}" text-anchor="middle">${text}</text>`}`;
  });
  return html`<line class="base" x1="${left}" x2="${px(right)}" y1="${bottom}" y2="${bottom}"/>${ticks}`;
}
