// One line of a comparison: a dot with its ranges on a scale that rows share.

import { scaleLinear } from "d3-scale";
import { html, px, type Markup } from "../markup.ts";

/** A value on the scale. */
export interface Mark {
  /** 0 for the baseline, 1 for the world beside it, 2 for any other. */
  world: number;
  mean: number | null;
  /** 90% range. */
  wide?: readonly [number, number] | null;
  /** Middle half. */
  half?: readonly [number, number] | null;
  /** Monte Carlo standard error of the mean. */
  error?: number | null;
  name: string;
}

/** What an interval chart shows. */
export interface Interval {
  title: string;
  description: string;
  from: number;
  to: number;
  marks: readonly Mark[];
  /** Places to rule lightly. */
  rules: readonly number[];
}

const LANE = 12;

/** Draws ranges with a dot at the mean; the ticks beside a dot are plus and minus two Monte Carlo errors. */
export function interval(chart: Interval, width: number): { svg: Markup; height: number } {
  const height = Math.max(18, chart.marks.length * LANE + 6);
  const x = scaleLinear([chart.from, chart.to === chart.from ? chart.from + 1 : chart.to], [6, width - 6]).clamp(true);
  const rules = chart.rules.map((at) => html`<line class="rule" x1="${px(x(at))}" x2="${px(x(at))}" y1="0" y2="${height}"/>`);
  const marks = chart.marks.map((mark, lane) => {
    const y = (height - chart.marks.length * LANE) / 2 + lane * LANE + LANE / 2;
    const bar = (range: readonly [number, number] | null | undefined, kind: string): Markup | false =>
      !!range && html`<line class="range ${kind} w${mark.world}" x1="${px(x(range[0]))}" x2="${px(x(range[1]))}" y1="${y}" y2="${y}"/>`;
    if (mark.mean === null) return null;
    const error = mark.error ?? 0;
    const reach = x(Math.min(mark.mean + 2 * error, chart.to)) - x(mark.mean);
    // An error smaller than the dot is not drawn; the number stands beside it.
    const ticks = reach > 5 && html`<path class="error" d="M${px(x(mark.mean - 2 * error))},${y - 4}v8M${px(x(mark.mean + 2 * error))},${y - 4}v8"/>`;
    return html`<g><title>${mark.name}</title>${bar(mark.wide, "wide")}${bar(mark.half, "half")}${ticks}<circle class="dot w${mark.world}" cx="${px(x(mark.mean))}" cy="${y}" r="4.5"/></g>`;
  });
  return {
    svg: html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${px(width)} ${height}" width="${px(width)}" height="${height}" role="img" aria-label="${chart.title}"><title>${chart.title}</title><desc>${chart.description}</desc>${rules}${marks}</svg>`,
    height,
  };
}
