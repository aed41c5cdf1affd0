// The share of draws in which a claim holds, against the marks at 20% and 80% that decide its verdict.

import { html, px, type Markup } from "../markup.ts";

/** Below this share of draws a claim is rejected, above its complement supported. */
export const REJECTED = 0.2;
export const SUPPORTED = 0.8;

/** Draws the bar; `tone` is the class of the verdict. */
export function verdictBar(share: number, interval: readonly [number, number] | null, tone: string, title: string, width: number): Markup {
  const at = (value: number): string => px(2 + value * (width - 4));
  const whisker =
    interval &&
    html`<path class="whisker" d="M${at(interval[0])},15H${at(interval[1])}M${at(interval[0])},11v8M${at(interval[1])},11v8"/>`;
  const mark = (value: number): Markup =>
    html`<line class="mark" x1="${at(value)}" x2="${at(value)}" y1="3" y2="27"/><text class="axis" x="${at(value)}" y="39" text-anchor="middle">${Math.round(value * 100)}%</text>`;
  return html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${px(width)} 42" width="${px(width)}" height="42" role="img" aria-label="${title}"><title>${title}</title><rect class="track" x="2" y="9" width="${px(width - 4)}" height="12" rx="2"/><rect class="bar ${tone}" x="2" y="9" width="${px(share * (width - 4))}" height="12" rx="2"/>${whisker}${mark(REJECTED)}${mark(SUPPORTED)}</svg>`;
}
