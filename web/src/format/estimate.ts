// Estimates in words: a mean, the range around it, and the three reasons for doubt, in digits that the uncertainty supports.

import type { Estimate } from "../report.ts";
import { decimal, NONE, percent, points, pointsAlone, signed, stepOf, THIN } from "./number.ts";
import { unitText } from "./unit.ts";

/** What kind of number an estimate is: an amount in a unit, a chance, or a difference of either. */
export interface Reading {
  /** Declared unit of an amount. */
  unit: string;
  /** Whether it is a chance: a share between 0 and 1, shown in percent, its differences in points. */
  chance: boolean;
  /** Whether it is a difference, shown with its sign. */
  difference: boolean;
}

/** How an amount in a unit reads. */
export function amountIn(unit: string): Reading {
  return { unit, chance: false, difference: false };
}

/** How a chance reads. */
export const CHANCE: Reading = { unit: "", chance: true, difference: false };

/** The pieces of an estimate in words. */
export interface Words {
  /** The mean, or the median where the mean lies outside the range; without its unit unless that is a sign. */
  value: string;
  /** The mean, where `value` is the median; else empty. */
  mean: string;
  /** The unit in words; empty for a chance or a plain number. */
  unit: string;
  /** `1200 to 2700`, without unit; empty if there is none. */
  range: string;
  /** What the range is over: futures, or draws where a future knows only yes and no. */
  over: "futures" | "draws";
}

/** The 90% range and the median: over all futures for an amount, over draws for a probability. */
export function rangeOf(estimate: Estimate, reading: Reading): { low: number; middle: number; high: number; over: Words["over"] } | null {
  const { quantiles, knowledge_quantiles: known } = estimate;
  if (!reading.chance && quantiles) return { low: quantiles[0], middle: quantiles[2], high: quantiles[4], over: "futures" };
  if (known) return { low: known[0], middle: known[1], high: known[2], over: "draws" };
  if (quantiles) return { low: quantiles[0], middle: quantiles[2], high: quantiles[4], over: "futures" };
  return null;
}

/** Writes an estimate in words. */
export function words(estimate: Estimate, reading: Reading): Words {
  const range = rangeOf(estimate, reading);
  const over = range?.over ?? "futures";
  const spread = range !== null && range.high > range.low;
  // A few extreme futures can carry a mean out of the range that holds nine in ten: no reader takes that for a middle.
  const { mean } = estimate;
  const outside = range !== null && mean !== null && (mean < range.low || mean > range.high);
  const middle = outside ? range.middle : mean;
  if (reading.chance) {
    const ends = reading.difference ? pointsAlone : percent;
    const write = reading.difference ? points : percent;
    return {
      value: write(middle),
      mean: outside ? write(mean) : "",
      unit: "",
      range: spread ? `${ends(range.low).replace("%", "")} to ${ends(range.high)}` : "",
      over,
    };
  }
  const step = stepFor(estimate, reading);
  const write = reading.difference ? signed : decimal;
  // A difference of percentages is in points: 40% and 30% differ by 10 points, or by a quarter.
  const sign = reading.unit === "%" && !reading.difference ? "%" : "";
  const unit = reading.unit !== "%" ? unitText(reading.unit, middle) : reading.difference ? "points" : "";
  return {
    value: write(middle, step) + (middle === null ? "" : sign),
    // It may be so large against the range that two of its own digits are enough.
    mean: outside ? write(mean, Math.max(step, stepOf(Math.abs(mean), estimate.mc_error, mean))) + sign : "",
    unit: middle === null ? "" : unit,
    range: spread || outside ? `${write(range?.low ?? null, step)} to ${write(range?.high ?? null, step)}${sign}` : "",
    over,
  };
}

/** The mean, or median, with its unit, in one piece. */
export function valueOf(text: Words): string {
  return text.unit === "" ? text.value : text.value + "\u00a0" + text.unit;
}

/** The size of the last digit worth showing of an estimate. */
export function stepFor(estimate: Estimate, reading: Reading): number {
  const range = rangeOf(estimate, reading);
  return stepOf(range ? range.high - range.low : null, estimate.mc_error, estimate.mean ?? 0);
}

/** Writes the Monte Carlo standard error. */
export function errorText(estimate: Estimate, reading: Reading): string {
  const error = estimate.mc_error;
  if (error === null) return NONE;
  if (reading.chance) return error === 0 ? "0" : (error * 100 < 0.1 ? "<0.1" : (error * 100).toFixed(1)) + THIN + "points";
  return withUnit(decimal(error, stepOf(error, null, error)), reading.unit, error);
}

/** Writes an amount with its unit. */
export function withUnit(text: string, unit: string, value: number | null): string {
  const written = unitText(unit, value);
  if (written === "" || text === NONE) return text;
  return text + (written === "%" ? "" : "\u00a0") + written;
}

/** The share of the variance that is lack of knowledge; the rest is luck. Absent where there is no variance. */
export function knowledgeShare(estimate: Estimate): number | null {
  const { knowledge_sd: knowledge, luck_sd: luck } = estimate;
  if (knowledge === null || luck === null) return null;
  const total = knowledge ** 2 + luck ** 2;
  return total > 0 ? knowledge ** 2 / total : null;
}
