// The numbers of a report as rows of a table, in full and under the names of the format.

import type { Cell } from "../format/csv.ts";
import type { Apart, Change, ClaimAnswer, Difference, Explanation, Estimate, FactInfo, MeasureAnswer, QuestionAnswer, SeriesAnswer, SeriesEffect, Sweep, Weighed } from "../report.ts";
import type { View } from "./view.ts";

const ESTIMATE = ["mean", "mc_error", "knowledge_sd", "luck_sd", "p05", "p25", "p50", "p75", "p95", "knowledge_p05", "knowledge_p50", "knowledge_p95"];

function estimateCells(value: Estimate): Cell[] {
  const { mean, mc_error: error, knowledge_sd: knowledge, luck_sd: luck, quantiles, knowledge_quantiles: draws } = value;
  return [mean, error, knowledge, luck, ...(quantiles ?? Array<null>(5).fill(null)), ...(draws ?? Array<null>(3).fill(null))];
}

/** Questions or measures: a row for each world, and one for each effect. */
export function answerRows(view: View, answers: readonly (QuestionAnswer | MeasureAnswer)[]): Cell[][] {
  const { worlds } = view.atlas.report;
  const rows = answers.flatMap(({ label, by, worlds: values, effects }) => {
    const what = [label.name, label.title, label.unit, by];
    return [
      ...values.map((value, world) => [...what, worlds[world]?.name ?? "", "value", ...estimateCells(value), null, null]),
      ...effects.map((effect) => [...what, effect.world, "effect", ...estimateCells(effect.estimate), effect.changed, effect.pairing]),
    ];
  });
  return [["name", "title", "unit", "by", "world", "kind", ...ESTIMATE, "changed", "pairing"], ...rows];
}

/** Claims with their verdicts. */
export function claimRows(claims: readonly ClaimAnswer[]): Cell[][] {
  return [
    ["name", "title", "quote", "kind", "formula", "verdict", "share", "share_low", "share_high", "because", "rests_on", "settled_by", "contradicts"],
    ...claims.map((claim) => [
      claim.name, claim.title, claim.quote, claim.kind, claim.formula, claim.verdict, claim.share, claim.share_interval?.[0] ?? null, claim.share_interval?.[1] ?? null, claim.because, claim.rests_on ?? "", claim.settled_by ?? "",
      claim.contradicts.join(" "),
    ]),
  ];
}

/** Facts with everything that is known of them. */
export function factRows(facts: readonly FactInfo[]): Cell[][] {
  return [
    ["id", "quantity", "unit", "low", "central", "high", "text", "as_of", "source", "url", "grade", "verified", "note", "used_by"],
    ...facts.map((fact) => [
      fact.id, fact.quantity, fact.unit, fact.low, fact.central, fact.high, fact.text, fact.as_of, fact.source, fact.url, fact.grade, fact.verified, fact.note, fact.used_by.join(" "),
    ]),
  ];
}

/** A quantity over time: a row for each step of each world. */
export function seriesRows(view: View, answer: SeriesAnswer): Cell[][] {
  const { worlds, model } = view.atlas.report;
  const rows = answer.worlds.flatMap((band, world) =>
    model.step_ends.map((date, step) => [
      date, worlds[world]?.name ?? "", ...[band.mean, band.mc_error, band.p05, band.p25, band.p50, band.p75, band.p95].map((column) => column[step] ?? null),
    ]),
  );
  return [["date", "world", "mean", "mc_error", "p05", "p25", "p50", "p75", "p95"], ...rows];
}

/** An effect over time: a row for each step. */
export function effectRows(view: View, { world, band, changed, pairing }: SeriesEffect): Cell[][] {
  const columns = [band.mean, band.mc_error, band.p05, band.p25, band.p50, band.p75, band.p95, changed, pairing];
  const rows = view.atlas.report.model.step_ends.map((date, step) => [date, world, ...columns.map((column) => column[step] ?? null)]);
  return [["date", "world", "mean", "mc_error", "p05", "p25", "p50", "p75", "p95", "changed", "pairing"], ...rows];
}

/** A sweep: a row for each answer at each value, as the model stands and under each intervention. */
export function sweepRows({ quantity, unit, values, answers, under = [] }: Sweep): Cell[][] {
  const rows = [{ world: "baseline", answers }, ...under].flatMap(({ world, answers }) =>
    answers.flatMap(({ name, points }) => points.map((point, position) => [quantity, unit, values[position] ?? null, world, name, ...estimateCells(point)])),
  );
  return [["quantity", "unit", "value", "world", "name", ...ESTIMATE], ...rows];
}

/** Effects by the ways through which they came: a row for each part, what comes otherwise and the whole. */
export function apartRows(all: readonly Apart[]): Cell[][] {
  const rows = all.flatMap(({ name, world, effect, parts, otherwise }) => [
    ...parts.map(({ pathway, share, alone, missed }) => [name, world, pathway, share.mean, share.mc_error, alone.mean, missed.mean]),
    [name, world, "otherwise", otherwise.mean, otherwise.mc_error, null, null],
    [name, world, "effect", effect.mean, effect.mc_error, null, null],
  ]);
  return [["name", "world", "part", "mean", "mc_error", "alone", "missed_if_closed"], ...rows];
}

/** Shares of futures over time, a column each. */
export function shareRows(view: View, columns: readonly string[], value: (column: number, step: number) => number | null): Cell[][] {
  return [["date", ...columns], ...view.atlas.report.model.step_ends.map((date, step) => [date, ...columns.map((_, column) => value(column, step))])];
}

/** Names of everything that goes together, what was edited first. */
export function namesOf({ edited, added, removed }: Change): string[] {
  return [...edited.map(({ name }) => name), ...added, ...removed];
}

/** How two versions differ: a row for what each change does to each answer, and one for the whole. */
export function differenceRows({ changes, answers }: Difference): Cell[][] {
  const rows = answers.flatMap(({ name, unit, before, after, change, parts }) => [
    ...parts.map(({ part, order_error: order }, position) => [name, unit, position + 1, changes[position] ? namesOf(changes[position]).join(", ") : "", part.mean, part.mc_error, order, null, null]),
    [name, unit, null, "difference", change.mean, change.mc_error, null, before.mean, after.mean],
  ]);
  return [["name", "unit", "change", "names", "mean", "mc_error", "order_error", "before", "after"], ...rows];
}

/** What happened in one future, and whether the answer hung on it. */
export function timelineRows({ timeline, candidates, causes }: Explanation): Cell[][] {
  const alone = new Set(causes.flatMap(({ without }) => without).map((at) => candidates[at]?.name));
  const terms = (option: Weighed | undefined): Cell[] => [option?.worth ?? null, option?.taste ?? null];
  return [
    ["date", "name", "what", "but_for", "worth", "taste", "worth_of_what_stood", "taste_of_what_stood"],
    ...timeline.map(({ on, name, what, weighed: [won, stood] }) => [on, name, what, alone.has(name) ? 1 : 0, ...terms(won), ...terms(stood)]),
  ];
}
