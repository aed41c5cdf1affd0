// Questions and measures in every world: a chance or a number with its range, what an intervention does to it, and why it is uncertain.

import { interval, type Mark } from "../chart/interval.ts";
import { dayText } from "../format/date.ts";
import { amountIn, CHANCE, rangeOf, valueOf, words, type Reading } from "../format/estimate.ts";
import { decimal, stepOf } from "../format/number.ts";
import { unitText } from "../format/unit.ts";
import { hash } from "../highlight.ts";
import { html, type Content, type Markup } from "../markup.ts";
import type { Effect, Estimate, Label, MeasureAnswer, QuestionAnswer } from "../report.ts";
import { doubt, effect, estimate, ranges } from "./amount.ts";
import { elicitedTag } from "./anchors.ts";
import { answerRows } from "./rows.ts";
import { inSight, takeSvg, titleAt, type Section, type View } from "./view.ts";

/** Chances of every question. */
export const questions: Section = {
  id: "questions",
  name: "Questions",
  worldly: true,
  draw: (view) => {
    const { questions } = view.atlas.report;
    if (questions.length === 0) return null;
    return html`<h2>Questions</h2>
      <p class="lede">The dot is the share of futures in which the answer is yes. The bar says how far that chance depends on what is not known: nine in ten draws of the parameters put it inside. Ticks beside a dot are two Monte Carlo errors.</p>
      ${legend(view)}
      <div class="rows" role="list">${head(view, ["0", "25", "50", "75", "100%"])}${questions.map((answer) =>
        row(view, answer.label, answer.by, answer.worlds, answer.effects, CHANCE, { from: 0, to: 1, rules: [0, 0.25, 0.5, 0.75, 1] }, elicitedTag(view, answer)),
      )}</div>${view.slots.file("questions", () => answerRows(view, questions))}`;
  },
};

/** Values of every measure. */
export const measures: Section = {
  id: "measures",
  name: "Measures",
  worldly: true,
  draw: (view) => {
    const { measures } = view.atlas.report;
    if (measures.length === 0) return null;
    const scales = new Map<string, Scale>();
    for (const name of new Set(measures.map((answer) => answer.label.declaration))) {
      scales.set(name, scaleOf(measures.filter((answer) => answer.label.declaration === name), inSight(view)));
    }
    return html`<h2>Measures</h2>
      <p class="lede">The dot is the mean over all futures, the dark bar holds half of them and the light bar nine in ten. Each measure has its own scale; elements of one measure share theirs.</p>
      ${legend(view)}
      <div class="rows" role="list">${head(view, [])}${measures.map((answer) =>
        row(view, answer.label, answer.by, answer.worlds, answer.effects, amountIn(answer.label.unit), scales.get(answer.label.declaration) ?? { from: 0, to: 1, rules: [] }, null),
      )}</div>${view.slots.file("measures", () => answerRows(view, measures))}`;
  },
};

interface Scale {
  from: number;
  to: number;
  rules: readonly number[];
}

function scaleOf(answers: readonly MeasureAnswer[], worlds: readonly number[]): Scale {
  let [from, to] = [Infinity, -Infinity];
  for (const answer of answers)
    for (const world of worlds) {
      const value = answer.worlds[world];
      for (const end of [value?.quantiles?.[0], value?.quantiles?.[4], value?.mean]) {
        if (typeof end !== "number") continue;
        from = Math.min(from, end);
        to = Math.max(to, end);
      }
    }
  if (!(to >= from)) return { from: 0, to: 1, rules: [] };
  if (from > 0 && from < 0.6 * to) from = 0;
  if (to < 0 && to > 0.6 * from) to = 0;
  const reach = (to - from || Math.abs(to) || 1) * 0.04;
  return { from: from === 0 ? 0 : from - reach, to: to === 0 ? 0 : to + reach, rules: from <= 0 && to >= 0 ? [0] : [] };
}

function head(view: View, axis: readonly string[]): Markup {
  return html`<div class="row head" aria-hidden="true"><span></span><span>${titleAt(view, 0)}</span><span class="axis-head">${axis.map((text) => html`<span>${text}</span>`)}</span><span>${view.world > 0 ? "Effect" : ""}</span><span class="doubt-head"><span><i class="known"></i>unknown</span> <span><i></i>luck</span></span></div>`;
}

function row(
  view: View, label: Label, by: string, worlds: readonly Estimate[], effects: readonly Effect[], reading: Reading, scale: Scale, tag: Content,
): Markup {
  const sight = inSight(view);
  const lanes = sight.flatMap((world, position) => (worlds[world] ? [markOf(view, worlds[world], reading, world, position)] : []));
  const height = Math.max(18, lanes.length * 12 + 6);
  const chart = view.slots.place({
    height,
    label: label.title,
    draw: (width) => interval({ title: label.title, description: lanes.map((lane) => lane.name).join("; "), ...scale, marks: lanes }, width),
  });
  const title = label.title || label.name;
  const ends = reading.chance ? null : html`<span class="scale"><span>${endText(scale.from, scale)}</span><span>${endText(scale.to, scale)}${label.unit && ` ${unitText(label.unit)}`}</span></span>`;
  const more =
    view.atlas.report.worlds.length > 2 &&
    view.slots.fold("all", `All ${view.atlas.report.worlds.length} worlds`, () => allWorlds(view, label, worlds, effects, reading));
  return html`<div class="row" role="listitem">
    <div class="what"><a href="${hash("is", label.declaration)}">${title}</a>${tag}${by && !title.includes(by.slice(0, 4)) && html`<span class="by">by ${dayText(by)}</span>`}</div>
    <div class="value">${estimate(worlds[0], reading, label.declaration)}</div>
    <div class="lane">${chart}${ends}${takeSvg(title)}</div>
    <div class="effect">${view.world > 0 && effect(effects.find((entry) => entry.world === view.atlas.report.worlds[view.world]?.name), reading, label.declaration)}</div>
    <div class="why">${doubt(worlds[0], reading)}${more}</div>
  </div>`;
}

function endText(value: number, scale: Scale): string {
  return decimal(value, stepOf(scale.to - scale.from));
}

function markOf(view: View, value: Estimate, reading: Reading, world: number, position: number): Mark {
  const text = words(value, reading);
  return { world: position, mean: text.mean ? (rangeOf(value, reading)?.middle ?? null) : value.mean, error: value.mc_error, name: `${titleAt(view, world)}: ${valueOf(text)}${text.range && ` (${text.range})`}`, ...ranges(value, reading) };
}

/** Every world in a table. */
export function allWorlds(view: View, label: Label, worlds: readonly Estimate[], effects: readonly Effect[], reading: Reading): Markup {
  return html`<table><caption>${label.title}</caption><thead><tr><th scope="col">World</th><th scope="col">${reading.chance ? "Chance" : "Mean"}</th><th scope="col">Effect</th></tr></thead><tbody>${worlds.map((value, world) => {
    const name = view.atlas.report.worlds[world]?.name;
    return html`<tr><th scope="row">${titleAt(view, world)}</th><td>${estimate(value, reading, label.declaration)}</td><td>${world > 0 && effect(effects.find((entry) => entry.world === name), reading, label.declaration)}</td></tr>`;
  })}</tbody></table>`;
}

function legend(view: View): Markup | null {
  if (inSight(view).length < 2) return null;
  return html`<p class="legend"><span><i class="key w0"></i>${titleAt(view, 0)}</span> <span><i class="key w1"></i>${titleAt(view, view.world)}</span></p>`;
}

/** Both kinds of answer to a declaration. */
export function readingsOf(answer: QuestionAnswer | MeasureAnswer): Reading {
  return "elicited" in answer ? CHANCE : amountIn(answer.label.unit);
}
