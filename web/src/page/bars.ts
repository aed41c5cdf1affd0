// The bars of a claim: how large a thing is, how large the claim asks it to be, and which other bar would turn its verdict.

import { bare } from "../atlas.ts";
import { CHANCE, amountIn, withUnit, type Reading } from "../format/estimate.ts";
import { brief, decimal, percent, powerOfTen } from "../format/number.ts";
import { hash } from "../highlight.ts";
import { html, type Content, type Markup } from "../markup.ts";
import type { Bar, ClaimAnswer } from "../report.ts";
import { leaningOf } from "./verdict.ts";
import { titleAt, type View } from "./view.ts";

const ASKED: Record<string, string> = { "<": "below", "<=": "at most", ">": "above", ">=": "at least", "==": "exactly", "!=": "other than" };

/** What a claim compares with what, a paragraph for each comparison. */
export function barsText(view: View, claim: ClaimAnswer): Content {
  return claim.bars.map((bar) => barText(view, claim, bar));
}

function barText(view: View, claim: ClaimAnswer, bar: Bar): Markup | null {
  const [low, middle, high] = bar.value.knowledge_quantiles ?? [null, bar.value.mean, null];
  if (middle === null || bar.bar.mean === null) return null;
  const reading = isShare(bar) ? (bar.thing === "ratio" ? amountIn("") : CHANCE) : { ...readingOf(view, claim), difference: bar.thing === "effect" || bar.thing === "through" };
  const range = low !== null && high !== null && high > low && html` <span class="range">(${reading.difference ? way(low, reading) : rough(low, reading, false)} to ${way(high, reading)} in nine draws of ten)</span>`;
  return html`<p class="bar-text">${subject(view, bar)} <b>${way(middle, reading)}</b> in the middle draw${range}. It asks for ${asked(bar, reading)} <b>${barAt(view, bar, reading, 1)}</b>${bar.of && html` <span class="range">(${rough(reading.difference ? Math.abs(bar.bar.mean) : bar.bar.mean, reading)})</span>`}${claim.bars.length > 1 && bar.share !== null && html`, and gets it in ${percent(bar.share)} of draws`}. ${turns(view, claim, bar, reading)}</p>`;
}

/** How the value has to compare with the bar; of an effect that is to be lower, more is farther below. */
function asked(bar: Bar, reading: Reading): string {
  if (!reading.difference) return ASKED[bar.comparison] ?? bar.comparison;
  const mirrored = (bar.bar.mean ?? 0) < 0 ? bar.comparison.replace(/[<>]/, (sign) => (sign === "<" ? ">" : "<")) : bar.comparison;
  return { "<": "less than", "<=": "at most", ">": "more than", ">=": "at least" }[mirrored] ?? ASKED[bar.comparison] ?? bar.comparison;
}

/** A value; of a difference, how far and which way. */
function way(value: number, reading: Reading): string {
  if (!reading.difference || value === 0) return rough(value, reading);
  return `${rough(Math.abs(value), reading)} ${value < 0 ? "lower" : "higher"}`;
}

/** Whether it is a quotient, which has no unit of its own. */
function isShare({ thing }: Bar): boolean {
  return thing === "share_through" || thing === "necessity" || thing === "sufficiency" || thing === "ratio";
}

/** What is compared, in words. */
function subject(view: View, bar: Bar): Markup {
  if (bar.reading === "") return html`What it compares comes to`;
  const answers = view.atlas.answers.get(bare(bar.reading));
  const answer = [...(answers?.measures ?? []), ...(answers?.questions ?? [])].find(({ label }) => label.name === bar.reading);
  const thing = html`<a href="${hash("is", bare(bar.reading))}">${answer?.label.title ?? bar.reading}</a>`;
  if (bar.world === null) return html`${thing}:`;
  const position = view.atlas.report.worlds.findIndex(({ name }) => name === bar.world);
  const world = position >= 0 ? titleAt(view, position) : bar.world;
  switch (bar.thing) {
    case "effect":
      return html`With <i>${world}</i>, ${thing} is`;
    case "through":
      return html`Through “${bar.pathway}”, with <i>${world}</i>, ${thing} is`;
    case "share_through":
      return html`Of what <i>${world}</i> changes in ${thing}, what is missing if the way “${bar.pathway}” alone is closed:`;
    case "necessity":
      return html`Of the futures in which “${thing}” is true, those in which it would not be with <i>${world}</i>:`;
    case "sufficiency":
      return html`Of the futures in which “${thing}” is not true with <i>${world}</i>, those in which it is as the model stands:`;
    default:
      return html`${thing}, with <i>${world}</i>:`;
  }
}

/** A multiple of the bar, as the claim states it. */
function barAt(view: View, bar: Bar, reading: Reading, multiple: number): string {
  if (bar.of === null) {
    const value = (bar.bar.mean ?? 0) * multiple;
    // The bar itself is exact, what is found by trying is not.
    const { difference } = reading;
    const text = multiple === 1 ? write(difference ? Math.abs(value) : value, reading, null) : rough(difference ? Math.abs(value) : value, reading);
    return difference && value !== 0 ? `${text} ${value < 0 ? "lower" : "higher"}` : text;
  }
  const [factor, name] = bar.of;
  if (name === bar.reading) {
    const percent = factor * multiple * 100;
    return reading.difference ? `${brief(Math.abs(percent), 2)}% of its mean ${percent < 0 ? "lower" : "higher"}` : `${brief(percent, 2)}% of its mean`;
  }
  const answers = view.atlas.answers.get(bare(name));
  const title = [...(answers?.measures ?? []), ...(answers?.questions ?? [])].find(({ label }) => label.name === name)?.label.title ?? name;
  return factor * multiple === 1 ? `“${title}”` : `${brief(factor * multiple, 2)} times “${title}”`;
}

/** With which other bar the verdict would be another. */
function turns(view: View, claim: ClaimAnswer, bar: Bar, reading: Reading): Markup | null {
  const [supported, even, rejected] = bar.turns;
  // Where luck leaves so much open, turns would be of luck.
  if (claim.verdict === "unresolved" || leaningOf(claim) === "too few samples") return null;
  if (bar.share === null || (supported === null && even === null && rejected === null)) return null;
  // Whether a larger multiple asks for more: two turns tell by their order, one by the share at the bar as it is.
  const known = bar.turns.filter((turn) => turn !== null);
  const [first = 1, last = 1] = [known[0], known[known.length - 1]];
  const level = supported !== null ? 0.8 : even !== null ? 0.5 : 0.2;
  const falls = known.length > 1 ? first < last : bar.share >= level === first >= 1;
  const at = (multiple: number): string => barAt(view, bar, reading, multiple);
  const parts = [
    supported !== null ? `supported with a bar ${falls ? `up to ${at(supported)}` : `of ${at(supported)} and beyond`}` : falls && "supported with no bar, however small",
    even !== null && `as likely as not at ${at(even)}`,
    rejected !== null ? `rejected ${falls ? "beyond" : "up to"} ${at(rejected)}` : falls && "rejected with no bar, however large",
  ].filter((part) => part !== false);
  return html`It would be ${parts.join("; ")}.`;
}

function spread(reading: Reading, value: number): number {
  return reading.chance ? 100 * value : value;
}

function write(value: number, reading: Reading, step: number | null, unit = true): string {
  const shown = spread(reading, value);
  const text = step === null ? brief(shown, 2) : decimal(shown, step);
  if (!unit) return text;
  if (reading.chance || reading.unit === "%") return reading.difference ? `${text}\u00a0points` : `${text}%`;
  return withUnit(text, reading.unit, shown);
}

/** Two digits say all that is to be compared here, and the same number is written the same everywhere. */
function rough(value: number, reading: Reading, unit = true): string {
  return write(value, reading, value === 0 ? null : powerOfTen(Math.abs(spread(reading, value))) / 10, unit);
}

/** Both sides are in the unit of the first measure or question of the formula. */
function readingOf(view: View, claim: ClaimAnswer): Reading {
  const answers = view.atlas.answers.get(bare(claim.readings[0] ?? ""));
  if (answers && answers.questions.length > 0) return CHANCE;
  return amountIn(answers?.measures[0]?.label.unit ?? "");
}
