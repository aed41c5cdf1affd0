// How parts add up to a whole: each bar begins where the one before ended, the last is the sum.

import { scaleLinear } from "d3-scale";
import { html, px, type Markup } from "../markup.ts";
import { cut, svg, textWidth, type Plot } from "./plot.ts";

/** A part. */
export interface Step {
  name: string;
  value: number;
  /** Monte Carlo standard error. */
  error: number | null;
  /** The value as text. */
  text: string;
}

/** What the chart shows. */
export interface Waterfall {
  title: string;
  description: string;
  parts: readonly Step[];
  whole: Step;
}

const ROW = 24;

/** Draws the parts and their sum. */
export function waterfall(chart: Waterfall, width: number): Plot {
  const rows = [...chart.parts, chart.whole];
  const names = Math.min(0.46 * width, Math.max(...rows.map(({ name }) => textWidth(name, 12))) + 12);
  const values = Math.max(...rows.map(({ text }) => textWidth(text, 12))) + 10;
  let at = 0;
  const starts = chart.parts.map(({ value }) => {
    const start = at;
    at += value;
    return start;
  });
  const reach = rows.flatMap(({ value, error }, row) => {
    const start = starts[row] ?? 0;
    return [start, start + value - 2 * (error ?? 0), start + value + 2 * (error ?? 0)];
  });
  const [low, high] = [Math.min(0, ...reach), Math.max(0, ...reach)];
  const x = scaleLinear([low, high === low ? low + 1 : high], [names, Math.max(names + 20, width - values)]);
  const height = rows.length * ROW + 10;
  const bars = rows.map(({ name, value, error, text }, row) => {
    const start = starts[row] ?? 0;
    const end = start + value;
    const top = row * ROW + 5;
    const middle = top + 8;
    const whole = row === chart.parts.length;
    const [left, right] = [x(Math.min(start, end)), x(Math.max(start, end))];
    const next = row + 1 < rows.length && !whole && html`<line class="tick" x1="${px(x(end))}" x2="${px(x(end))}" y1="${px(middle)}" y2="${px(middle + ROW)}"/>`;
    return html`${next}<text class="axis" x="${px(names - 10)}" y="${px(middle + 4)}" text-anchor="end">${cut(name, names - 12)}</text><rect class="step ${whole ? "whole" : value < 0 ? "less" : "more"}" x="${px(left)}" y="${px(top)}" width="${px(Math.max(1, right - left))}" height="16" rx="1"><title>${name}: ${text}</title></rect>${
      (error ?? 0) > 0 && html`<line class="whisker" x1="${px(x(end - 2 * (error ?? 0)))}" x2="${px(x(end + 2 * (error ?? 0)))}" y1="${px(middle)}" y2="${px(middle)}"/>`
    }<text class="axis" x="${px(Math.max(right, x(end + 2 * (error ?? 0))) + 6)}" y="${px(middle + 4)}">${text}</text>`;
  });
  const zero: Markup = html`<line class="base" x1="${px(x(0))}" x2="${px(x(0))}" y1="2" y2="${height - 4}"/>`;
  return { svg: svg(width, height, chart.title, chart.description, html`${zero}${bars}`), height };
}
