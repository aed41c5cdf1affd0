// Numbers on the page: each with its range, and each a way to where it comes from.

import { errorText, knowledgeShare, rangeOf, words, type Reading } from "../format/estimate.ts";
import { NONE, percent } from "../format/number.ts";
import { split } from "../chart/split.ts";
import { hash } from "../highlight.ts";
import { html, type Markup } from "../markup.ts";
import type { Effect, Estimate } from "../report.ts";

/** A mean with its 90% range below or beside it; leads to its declaration. */
export function estimate(value: Estimate | undefined, reading: Reading, to: string): Markup {
  if (!value || value.mean === null) return html`<span class="none">${NONE}</span>`;
  const text = words(value, reading);
  return html`<a class="number" href="${hash("is", to)}"><b>${text.value}</b>${text.unit && html`\u00a0<span class="unit">${text.unit}</span>`}${
    text.range && html` <span class="range" title="90% of ${text.over}">${text.range}${text.mean && `; the median: the mean is ${text.mean}`}</span>`
  }</a>`;
}

/** What an intervention changes, and in how many futures anything does. */
export function effect(value: Effect | undefined, reading: Reading, to: string): Markup {
  if (!value) return html`<span class="none">${NONE}</span>`;
  if (value.changed === 0) return html`<span class="none">no change in any future</span>`;
  return html`${estimate(value.estimate, { ...reading, difference: true }, to)}<span class="changed">any change in ${percent(value.changed)} of futures</span>`;
}

/** The reasons for doubt of an estimate as a small bar; a probability's luck is a coin's. */
export function doubt(value: Estimate | undefined, reading: Reading): Markup {
  if (!value) return html`${NONE}`;
  const known = knowledgeShare(value);
  if (known === null) return html`<span class="none">none</span>`;
  const title = `Of the variance, ${percent(known)} is lack of knowledge and ${percent(1 - known)} is luck`;
  return html`<span class="doubt" title="${title}">${split(known, title)}<span>${Math.round(known * 100)} : ${100 - Math.round(known * 100)}</span><span class="mc">error ${errorText(value, reading)}</span></span>`;
}

/** The reasons for doubt in a sentence. */
export function doubtWords(value: Estimate | undefined, reading: Reading): Markup | null {
  const known = value ? knowledgeShare(value) : null;
  if (!value || known === null) return null;
  return html`<p class="by doubt-words">${split(known, "")}Of the variance of this ${reading.difference ? "effect" : "level"}, ${percent(known)} is lack of knowledge and ${percent(1 - known)} luck; the Monte Carlo error is ${errorText(value, reading)}.</p>`;
}

/** The middle half and the 90% range, for a drawing. */
export function ranges(value: Estimate, reading: Reading): { wide: readonly [number, number] | null; half: readonly [number, number] | null } {
  const range = rangeOf(value, reading);
  const half = !reading.chance && value.quantiles ? ([value.quantiles[1], value.quantiles[3]] as const) : null;
  return { wide: range ? [range.low, range.high] : null, half };
}
