// What would have happened otherwise: effects over time and in the end, what was needed and what was enough, what acts only together, and
// answers along a sweep.

import { curve } from "../chart/curve.ts";
import { extentOf, fan } from "../chart/fan.ts";
import { waterfall } from "../chart/waterfall.ts";
import { dayText } from "../format/date.ts";
import { amountIn, CHANCE, errorText, rangeOf, valueOf, withUnit, words, type Reading } from "../format/estimate.ts";
import { brief, NONE, percent, signed, stepOf } from "../format/number.ts";
import { unitText } from "../format/unit.ts";
import { hash } from "../highlight.ts";
import { html, type Markup } from "../markup.ts";
import type { Apart, Causation, Comparison, Effect, Estimate, Label, SeriesAnswer, SeriesEffect, Shape, SweepAnswer } from "../report.ts";
import { estimate } from "./amount.ts";
import { apartRows, effectRows, sweepRows } from "./rows.ts";
import { titleAt, type Section, type View } from "./view.ts";

/** So many charts, rows and questions are shown at once; folds hold the rest. */
const FEW = 6;
const SOME = 12;

/** Effects of the chosen world. */
export const comparison: Section = {
  id: "comparison",
  name: "Otherwise",
  worldly: true,
  draw: (view) => {
    const found = view.atlas.report.comparison;
    const world = view.atlas.report.worlds[view.world];
    if (!found || !world || view.world === 0) return null;
    return html`<h2>What would have been otherwise: <em>${titleAt(view, view.world)}</em></h2>
      <p class="lede">Intervened minus as it stands, in the same future, under the same luck. A difference of zero is drawn as a rule: what lies on it, the intervention does not change.</p>
      ${cuts(view, world.cuts)}
      ${overTime(view, found, world.name)}
      ${effects(view, world.name)}
      ${causation(view, found, world.name)}
      ${throughWhat(view, found, world.name)}
      ${interactions(view, found, world.name)}`;
  },
};

/** The answers along a sweep. */
export const sweep: Section = {
  id: "sweep",
  name: "Sweep",
  worldly: false,
  draw: (view) => {
    const found = view.atlas.report.comparison?.sweep;
    if (!found) return null;
    const unit = unitText(found.unit);
    const figure = (answer: SweepAnswer): Markup => doseFigure(view, answer, found.values);
    const curves = (answers: readonly SweepAnswer[], folded: string): Markup => {
      const moving = answers.filter(({ shape }) => shape !== "flat");
      const still = answers.length - moving.length;
      return html`<div class="grid wide">${moving.slice(0, SOME).map(figure)}</div>
      ${moving.length > SOME && view.slots.fold(folded, `${moving.length - SOME} more answers`, () => html`<div class="grid wide">${moving.slice(SOME).map(figure)}</div>`)}
      ${still > 0 && html`<p class="note">${still === 1 ? "One answer is" : `${still} answers are`} the same in every future at every value.</p>`}`;
    };
    // Reports of earlier formats have none under an intervention.
    const under = found.under ?? [];
    const title = (name: string): string => titleAt(view, view.atlas.report.worlds.findIndex((world) => world.name === name));
    return html`<h2>As <em>${found.title}</em> is held at ${brief(found.values[0] ?? null)} to ${brief(found.values[found.values.length - 1] ?? null)}${unit && ` ${unit}`}</h2>
      <p class="lede"><code>${found.quantity}</code> at ${found.values.length} values, each in the same futures. The line is the mean, its small bars two Monte Carlo errors; the band holds nine futures in ten, for a chance nine draws in ten.</p>
      ${curves(found.answers, "all")}
      ${under.map(({ world, answers }) => html`<h3>Under <em>${title(world)}</em></h3>${curves(answers, `under ${world}`)}`)}
      ${view.slots.file("sweep", () => sweepRows(found))}`;
  },
};

function cuts(view: View, names: readonly string[]): Markup | null {
  if (names.length === 0) return null;
  return html`<p class="note">It cuts equations: ${names.map((name, position) => html`${position > 0 && ", "}<a href="${hash("is", name)}"><code>${name}</code></a>`)} no longer follow${names.length === 1 ? "s" : ""} from what ${names.length === 1 ? "it is" : "they are"} computed from (${names.map((name) => view.atlas.declarations.get(name)?.text ?? name).join("; ")}).</p>`;
}

/** The series that differ most, against their own spread, one per declaration first. */
function overTime(view: View, found: Comparison, world: string): Markup | null {
  const effects = new Map(found.series.filter((effect) => effect.world === world).map((effect) => [effect.name, effect]));
  const telling = view.atlas.report.series
    .map((answer) => ({ answer, effect: effects.get(answer.label.name), size: sizeOf(answer, effects.get(answer.label.name)) }))
    .filter((entry): entry is { answer: SeriesAnswer; effect: SeriesEffect; size: number } => entry.effect !== undefined && entry.size > 0)
    .sort((a, b) => b.size - a.size);
  if (telling.length === 0) return html`<p class="note">No series differs in any future.</p>`;
  const first = telling.filter(({ answer }, position) => telling.findIndex((other) => other.answer.label.declaration === answer.label.declaration) === position).slice(0, FEW);
  const rest = telling.filter((entry) => !first.includes(entry));
  const figures = (entries: typeof telling): Markup => html`<div class="grid wide">${entries.map(({ answer, effect }) => effectFigure(view, answer.label, effect))}</div>`;
  return html`<h3>Over time</h3>
    <p class="legend"><span><i class="key bands"></i>difference: line, median; dark band, half of the futures; light band, nine in ten</span></p>
    ${figures(first)}
    ${rest.length > 0 && view.slots.fold("all", `${rest.length} more series`, () => figures(rest))}`;
}

/** The largest mean effect, in widths of the baseline's band where it is widest; what differs in hardly any future comes last. */
function sizeOf(answer: SeriesAnswer, effect: SeriesEffect | undefined): number {
  const band = answer.worlds[0];
  if (!band || !effect) return 0;
  const widest = Math.max(0, ...band.p95.map((high, step) => (high ?? 0) - (band.p05[step] ?? 0)));
  const size = Math.max(0, ...effect.band.mean.map((mean) => Math.abs(mean ?? 0))) / Math.max(1e-300, widest);
  return [...effect.band.p05, ...effect.band.p95].some((end) => (end ?? 0) !== 0) ? size : Math.min(size, 1e-300);
}

function effectFigure(view: View, label: Label, effect: SeriesEffect): Markup {
  const { band } = effect;
  const last = view.dates.length - 1;
  const at = (values: readonly (number | null)[], step: number): string => {
    const spread = (band.p95[step] ?? 0) - (band.p05[step] ?? 0);
    return signed(values[step] ?? null, stepOf(spread, band.mc_error[step] ?? null, values[step] ?? 0));
  };
  const words = (step: number): string => `mean ${withUnit(at(band.mean, step), label.unit, band.mean[step] ?? null)}, nine in ten ${at(band.p05, step)} to ${at(band.p95, step)}; ${percent(effect.changed[step] ?? null)} of futures differ`;
  const [low, high] = extentOf([band]);
  const slot = view.slots.place({
    height: 190,
    label: `Effect on ${label.title}`,
    group: "comparison",
    draw: (width) =>
      fan({ title: `Effect on ${label.title}`, description: `Difference over time: at the end ${words(last)}.`, dates: view.dates, bands: [band], ends: [], extent: [Math.min(0, low), Math.max(0, high)], height: 190 }, width),
    read: (step) => html`<p><b>${withUnit(at(band.mean, step), label.unit, band.mean[step] ?? null)}</b> <span class="range">${at(band.p05, step)} to ${at(band.p95, step)}</span></p><p>${percent(effect.changed[step] ?? null)} of futures differ${pairedWords(effect.pairing[step] ?? null, band.mean[step] ?? null, band.mc_error[step] ?? null)}</p>`,
    table: () =>
      html`<table><caption>Effect on ${label.title}</caption><thead><tr><th scope="col">Date</th><th scope="col">Mean</th><th scope="col">90% range</th><th scope="col">Differ</th><th scope="col">Paired</th></tr></thead><tbody>${view.dates.map(
        (date, step) => html`<tr><th scope="row">${dayText(date)}</th><td>${at(band.mean, step)}</td><td>${at(band.p05, step)} to ${at(band.p95, step)}</td><td>${percent(effect.changed[step] ?? null)}</td><td>${paired(effect.pairing[step] ?? null, band.mean[step] ?? null, band.mc_error[step] ?? null)}</td></tr>`,
      )}</tbody></table>`,
    rows: () => effectRows(view, effect),
  });
  return html`<figure class="chart"><figcaption><a href="${hash("is", label.declaration)}">${label.title}</a>${label.unit && html` <span class="unit">${unitText(label.unit)}</span>`}<span class="note">at the end ${words(last)}</span></figcaption>${slot}</figure>`;
}

/** How many times as many futures separate runs would need; exact if the effect has no error but what rounding leaves. */
function paired(pairing: number | null, mean: number | null, error: number | null): string {
  if (pairing !== null) return `×${brief(pairing, 2)}`;
  return isExact(mean, error) ? "exact" : NONE;
}

function pairedWords(pairing: number | null, mean: number | null, error: number | null): string {
  if (pairing !== null) return `; as good as ${brief(pairing, 2)} times as many futures in separate runs`;
  return isExact(mean, error) ? "; exact" : "";
}

function isExact(mean: number | null, error: number | null): boolean {
  return mean !== null && error !== null && error <= 1e-12 * Math.abs(mean);
}

/** An answer, its effects, and how it reads. */
interface Entry {
  label: Label;
  effect: Effect;
  reading: Reading;
  /** The effect against the answer's own spread. */
  size: number;
}

function entries(view: View, pick: (name: string, effects: readonly Effect[]) => Effect | undefined): Entry[] {
  const { questions, measures } = view.atlas.report;
  const found: Entry[] = [];
  for (const { label, effects } of questions) {
    const effect = pick(label.name, effects);
    if (effect) found.push({ label, effect, reading: CHANCE, size: Math.abs(effect.estimate.mean ?? 0) / 0.5 });
  }
  for (const { label, effects, worlds } of measures) {
    const effect = pick(label.name, effects);
    const spread = Math.hypot(worlds[0]?.knowledge_sd ?? 0, worlds[0]?.luck_sd ?? 0);
    if (effect) found.push({ label, effect, reading: amountIn(label.unit), size: Math.abs(effect.estimate.mean ?? 0) / Math.max(1e-300, spread) });
  }
  return found.filter(({ effect }) => effect.changed > 0).sort((a, b) => b.size - a.size);
}

function effects(view: View, world: string): Markup {
  const all = entries(view, (_, effects) => effects.find((effect) => effect.world === world));
  if (all.length === 0) return html`<h3>Answers</h3><p class="note">No question and no measure differs in any future: the effect is exactly zero.</p>`;
  return html`<h3>Answers</h3>
    <p class="note">Largest first, against what else moves them. The range is over draws: how far the effect depends on what is not known. <em>Paired</em> says with how many times as many futures separate runs would be as exact.</p>
    ${effectTable("Effect on", all.slice(0, SOME))}
    ${all.length > SOME && view.slots.fold("all", `${all.length - SOME} more`, () => effectTable("Effect on", all.slice(SOME)))}`;
}

function effectTable(what: string, rows: readonly Entry[]): Markup {
  return html`<div class="scroll"><table class="effects"><thead><tr><th scope="col">${what}</th><th scope="col">Mean</th><th scope="col">90% of draws</th><th scope="col">Error</th><th scope="col">Differ</th><th scope="col">Paired</th></tr></thead><tbody>${rows.map(({ label, effect, reading }) => {
    const difference = { ...reading, difference: true };
    const over = words({ ...effect.estimate, quantiles: null }, difference);
    return html`<tr><th scope="row"><a href="${hash("is", label.declaration)}">${label.title}</a></th><td><b>${valueOf(over)}</b>${over.mean && ` (median; mean ${over.mean})`}</td><td>${over.range}</td><td>${errorText(effect.estimate, reading)}</td><td>${percent(effect.changed)}</td><td>${paired(effect.pairing, effect.estimate.mean, effect.estimate.mc_error)}</td></tr>`;
  })}</tbody></table></div>`;
}

/** By which pathways effects came: those first of which the second largest part stands out most from the answer's own spread. */
function throughWhat(view: View, found: Comparison, world: string): Markup | null {
  // Reports of earlier formats have none.
  const here = (found.apart ?? []).filter((apart) => apart.world === world);
  if (here.length === 0) return null;
  const { questions, measures } = view.atlas.report;
  const all = here
    .map((apart) => {
      const question = questions.find(({ label }) => label.name === apart.name);
      const measure = measures.find(({ label }) => label.name === apart.name);
      const spread = question ? 0.5 : Math.hypot(measure?.worlds[0]?.knowledge_sd ?? 0, measure?.worlds[0]?.luck_sd ?? 0);
      // What comes by one way alone is soon told.
      const [, second = 0] = [...apart.parts.map(({ share }) => share), apart.otherwise].map(({ mean }) => Math.abs(mean ?? 0)).sort((a, b) => b - a);
      return { apart, label: (question ?? measure)?.label, reading: question ? CHANCE : amountIn(measure?.label.unit ?? ""), size: second / Math.max(1e-300, spread) };
    })
    .filter((entry): entry is Way => entry.label !== undefined && entry.size > 0)
    .sort((a, b) => b.size - a.size);
  const lede = html`<h3>Through what</h3><p class="note">A way is closed by holding what goes through it as it is in the other world, future by future. A way's part is what opening it adds, on average over all orders of opening (Shapley 1953); with what comes otherwise the parts add up to the effect. Whiskers are two Monte Carlo errors. The table adds what each way brings alone and what is missed if it alone is closed: where these differ, ways work together.</p>`;
  if (all.length === 0) return html`${lede}<p>Nothing goes through any of these ways, in any future.</p>`;
  const figures = (entries: readonly Way[]): Markup => html`<div class="grid wide">${entries.map((entry) => wayFigure(view, entry))}</div>`;
  return html`${lede}${figures(all.slice(0, FEW))}${all.length > FEW && view.slots.fold("all", `${all.length - FEW} more answers`, () => figures(all.slice(FEW)))}${view.slots.file("pathways", () => apartRows(here))}`;
}

/** An effect taken apart, and how it reads. */
interface Way {
  apart: Apart;
  label: Label;
  reading: Reading;
  size: number;
}

function wayFigure(view: View, { apart, label, reading }: Way): Markup {
  const write = (estimate: Estimate): string => valueOf(words({ ...estimate, quantiles: null, knowledge_quantiles: null }, { ...reading, difference: true }));
  const step = (name: string, estimate: Estimate) => ({ name, value: estimate.mean ?? 0, error: estimate.mc_error, text: write(estimate) });
  const parts = [...apart.parts].sort((a, b) => Math.abs(b.share.mean ?? 0) - Math.abs(a.share.mean ?? 0));
  const steps = [...parts.map(({ title, share }) => step(title, share)), step("otherwise", apart.otherwise)];
  const whole = step("effect", apart.effect);
  const slot = view.slots.place({
    height: 24 * (steps.length + 1) + 10,
    label: `Through what: ${label.title}`,
    draw: (width) => waterfall({ title: `Through what: ${label.title}`, description: `${whole.text} in all: ${steps.map(({ name, text }) => `${name} ${text}`).join(", ")}.`, parts: steps, whole }, width),
    table: () =>
      html`<table><caption>Through what: ${label.title}</caption><thead><tr><th scope="col">Way</th><th scope="col">Part</th><th scope="col">Error</th><th scope="col">Alone</th><th scope="col">Missed if closed</th></tr></thead><tbody>${parts.map(
        ({ title, share, alone, missed }) => html`<tr><th scope="row">${title}</th><td>${write(share)}</td><td>${errorText(share, reading)}</td><td>${write(alone)}</td><td>${write(missed)}</td></tr>`,
      )}<tr><th scope="row">otherwise</th><td>${write(apart.otherwise)}</td><td>${errorText(apart.otherwise, reading)}</td><td></td><td></td></tr><tr><th scope="row">effect</th><td>${write(apart.effect)}</td><td>${errorText(apart.effect, reading)}</td><td></td><td></td></tr></tbody></table>`,
  });
  return html`<figure class="chart"><figcaption><a href="${hash("is", label.declaration)}">${label.title}</a>${label.unit && html` <span class="unit">${unitText(label.unit)}</span>`}</figcaption>${slot}</figure>`;
}

/** What was needed and what was enough: the questions that differ in most futures first. */
function causation(view: View, found: Comparison, world: string): Markup | null {
  const differs = ({ shares }: Causation): number => shares[1] + shares[2];
  const all = found.causation.filter((one) => one.world === world && differs(one) > 0).sort((a, b) => differs(b) - differs(a));
  if (all.length === 0) return null;
  const item = ({ words }: Causation): Markup => html`<li><p>${words[0]}</p><p class="note">${words.slice(1).join(" ")}</p></li>`;
  return html`<h3>Needed, and enough</h3>
    <p class="note">Probabilities of necessity and of sufficiency under the model's coupling of luck: which accidents the two worlds share. No observation can show that coupling; the bounds hold under any.</p>
    <ul class="causes">${all.slice(0, FEW).map(item)}</ul>
    ${all.length > FEW && view.slots.fold("all", `${all.length - FEW} more questions`, () => html`<ul class="causes">${all.slice(FEW).map(item)}</ul>`)}`;
}

/** What the interventions of the world do beyond the sum of what each does alone. */
function interactions(view: View, found: Comparison, world: string): Markup | null {
  const here = new Map(found.interactions.filter(({ effect }) => effect.world === world).map(({ name, effect }) => [name, effect]));
  if (here.size === 0) return null;
  const all = entries(view, (name) => here.get(name));
  const lede = html`<h3>Only together</h3><p class="note">What the interventions do at once, beyond the sum of what each does alone, future by future.</p>`;
  if (all.length === 0) return html`${lede}<p>Nothing: in every future they do exactly what each does alone.</p>`;
  return html`${lede}${effectTable("Beyond the sum", all.slice(0, SOME))}${all.length > SOME && view.slots.fold("all", `${all.length - SOME} more`, () => effectTable("Beyond the sum", all.slice(SOME)))}`;
}

const SHAPES: Record<Shape, string> = {
  flat: "the same in every future",
  rising: "rises",
  falling: "falls",
  turning: "rises and falls",
  unclear: "moves nowhere by more than its Monte Carlo error",
};

function doseFigure(view: View, answer: SweepAnswer, values: readonly number[]): Markup {
  const { questions, measures } = view.atlas.report;
  const question = questions.find(({ label }) => label.name === answer.name);
  const label = (question ?? measures.find(({ label }) => label.name === answer.name))?.label;
  if (!label) return html``;
  const reading = question ? CHANCE : amountIn(label.unit);
  const said = `${SHAPES[answer.shape]}; in ${percent(answer.monotone)} of futures it never turns`;
  const dose = (point: Estimate, position: number) => {
    const range = rangeOf(point, reading);
    return { at: values[position] ?? 0, mean: point.mean, range: range && ([range.low, range.high] as const), error: point.mc_error };
  };
  const slot = view.slots.place({
    height: 190,
    label: label.title,
    draw: (width) =>
      curve({ title: label.title, description: `${said}.`, doses: answer.points.map(dose), write: (value) => brief(value), ...(question && { answer: (value: number) => percent(value) }), height: 190 }, width),
    table: () =>
      html`<table><caption>${label.title}</caption><thead><tr><th scope="col">At</th><th scope="col">${question ? "Chance" : "Mean"}</th><th scope="col">Error</th></tr></thead><tbody>${answer.points.map((point, position) => html`<tr><th scope="row">${brief(values[position] ?? null, 4)}</th><td>${estimate(point, reading, label.declaration)}</td><td>${errorText(point, reading)}</td></tr>`)}</tbody></table>`,
  });
  return html`<figure class="chart"><figcaption><a href="${hash("is", label.declaration)}">${label.title}</a>${label.unit && html` <span class="unit">${unitText(label.unit)}</span>`}<span class="note">${said}</span></figcaption>${slot}</figure>`;
}
