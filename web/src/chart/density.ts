// The outline of a prior: how its draws lie along a scale, with the median and the range that holds nine in ten below.

import { scaleLinear } from "d3-scale";
import { decimal, stepOf } from "../format/number.ts";
import { html, px, type Markup } from "../markup.ts";
import type { Outline } from "../report.ts";

/** What the drawing shows. */
export interface Density {
  title: string;
  description: string;
  /** The scale, which elements of a parameter share. */
  from: number;
  to: number;
  outline: Outline;
  low: number;
  median: number;
  high: number;
}

const HEIGHT = 70;
/** Where the density stands, where the range lies below it, and where the ends of the scale are written. */
const GROUND = 38;
const LINE = 45;
const AXIS = 64;

/**
 * Draws a step for each bin; the highest fills the height. Heights are roots of the draws in a bin, so that a narrow hump does not hide a
 * broad one (Tukey, J. W., 1977, Exploratory Data Analysis, chapter 17: the rootogram).
 */
export function density(chart: Density, width: number): Markup {
  const { outline } = chart;
  const x = scaleLinear([chart.from, chart.to === chart.from ? chart.from + 1 : chart.to], [6, width - 6]).clamp(true);
  const highest = Math.max(1, ...outline.counts);
  const at = (bin: number): number => outline.from + ((outline.to - outline.from) * bin) / outline.counts.length;
  const steps = outline.counts.map((count, bin) => `L${px(x(at(bin)))},${px(GROUND - (GROUND - 3) * Math.sqrt(count / highest))}H${px(x(at(bin + 1)))}`).join("");
  const shape = steps && html`<path class="density" d="M${px(x(outline.from))},${GROUND}${steps}V${GROUND}Z"/>`;
  const zero = chart.from < 0 && chart.to > 0 && html`<line class="rule" x1="${px(x(0))}" x2="${px(x(0))}" y1="0" y2="${HEIGHT}"/>`;
  const step = stepOf(chart.to - chart.from);
  const ends = html`<text class="axis" x="6" y="${AXIS}">${decimal(chart.from, step)}</text><text class="axis" x="${px(width - 6)}" y="${AXIS}" text-anchor="end">${decimal(chart.to, step)}</text>`;
  return html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${px(width)} ${HEIGHT}" width="${px(width)}" height="${HEIGHT}" role="img" aria-label="${chart.title}"><title>${chart.title}</title><desc>${chart.description}</desc>${zero}${shape}<line class="range wide w0" x1="${px(x(chart.low))}" x2="${px(x(chart.high))}" y1="${LINE}" y2="${LINE}"/><circle class="dot w0" cx="${px(x(chart.median))}" cy="${LINE}" r="4.5"/>${ends}</svg>`;
}
