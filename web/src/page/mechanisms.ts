// A chapter for each mechanism: what its author claims, what it takes and gives, what follows without it, and its equations and evidence.

import { bare, titleOf } from "../atlas.ts";
import { amountIn, CHANCE, type Reading } from "../format/estimate.ts";
import { count } from "../format/number.ts";
import { hash, highlight } from "../highlight.ts";
import { html, type Content, type Markup } from "../markup.ts";
import { depthsOf, firstMet, homesOf, mechanismsOf, routeOf, takenBy, wayPast, type Mechanism } from "../mechanism.ts";
import { factCard } from "../panel/declaration.ts";
import type { DeclarationInfo, Effect, Estimate, FactInfo, Label } from "../report.ts";
import { effect, estimate } from "./amount.ts";
import { basisOf, basisText, citation } from "./evidence.ts";
import { choiceFigures, eventFigure, seriesFigure } from "./figure.ts";
import { sized } from "./model.ts";
import { badge, LOOKS } from "./verdict.ts";
import { titleAt, type Section, type View } from "./view.ts";

/** One chapter per mechanism, made when it is opened. */
export const mechanisms: Section = {
  id: "mechanisms",
  name: "Mechanisms",
  worldly: true,
  draw: (view) => {
    const all = mechanismsOf(view.atlas);
    if (all.length === 0) return null;
    return html`<h2>The mechanisms</h2>
      <p class="lede">${all.length === 1 ? "The model has one mechanism." : `The model has ${count(all.length)} mechanisms, which act on each other at every step.`} A chapter has what the author says of it, what it takes from others and gives to them, what follows without it, and its equations and evidence.</p>
      <div class="chapters">${all.map((mechanism, position) =>
        view.slots.fold("chapter", summary(mechanism), () => chapter(view, all, position), chapterId(mechanism.name)),
      )}</div>`;
  },
};

/** The address of a chapter on the page. */
export function chapterId(name: string): string {
  return `mechanism-${name}`;
}

/** Kinds in reading order, for equations and counts. */
const ORDER = ["index", "treaty", "const", "param", "stock", "attribute", "flow", "let", "noise", "event", "choice", "transfer", "series", "measure", "question", "intervention"];

function summary(mechanism: Mechanism): Markup {
  const counts = ORDER.map((kind) => ({ kind, size: mechanism.declarations.filter((declaration) => declaration.kind === kind).length })).filter(({ size }) => size > 0);
  return html`<span class="chapter-title">${mechanism.title}</span> <span class="by">${counts.map(({ kind, size }, position) => `${position > 0 ? ", " : ""}${sized(kind, size)}`)}</span>`;
}

function chapter(view: View, all: readonly Mechanism[], position: number): Markup {
  const mechanism = all[position];
  if (!mechanism) return html``;
  const homes = homesOf(all);
  return html`${mechanism.about.map((paragraph) => html`<p class="about">${paragraph}</p>`)}
    ${couplings(all, homes, position)}
    ${without(view, mechanism)}
    ${readings(view, homes, position)}
    ${claimsOf(view, homes, position)}
    ${figures(view, homes, position)}
    ${switches(mechanism)}
    ${equations(view, mechanism)}
    ${ground(view, mechanism)}`;
}

function couplings(all: readonly Mechanism[], homes: ReadonlyMap<string, number>, position: number): Markup | null {
  const item = (other: number, names: readonly string[]): Markup =>
    html`<li><a href="#${chapterId(all[other]?.name ?? "")}">${all[other]?.title}</a>: ${names.map((name, order) => html`${order > 0 && ", "}<a class="quiet" href="${hash("is", name)}">${name}</a>`)}</li>`;
  const taken = [...takenBy(homes, all, position)].map(([other, names]) => item(other, names));
  const given = all.flatMap((_, other) => {
    const names = takenBy(homes, all, other).get(position);
    return names ? [item(other, names)] : [];
  });
  if (taken.length + given.length === 0) return null;
  return html`<div class="couplings">${taken.length > 0 && html`<div><h3>Takes from</h3><ul>${taken}</ul></div>`}${given.length > 0 && html`<div><h3>Gives to</h3><ul>${given}</ul></div>`}</div>`;
}

/** As many effects as are listed at once. */
const EFFECTS = 8;

/** An answer with what an intervention does to it. */
interface Moved {
  label: Label;
  reading: Reading;
  effect: Effect;
  /** Size of the effect, in widths of what the answer ranges over. */
  size: number;
}

function without(view: View, mechanism: Mechanism): Markup | null {
  const name = `without_${mechanism.name}`;
  const declaration = view.atlas.declarations.get(name);
  if (!declaration) return null;
  const world = view.atlas.report.worlds.findIndex((candidate) => candidate.name === name);
  const heading = html`<h3>Without it: <a href="${hash("is", name)}">${declaration.title || name}</a></h3>`;
  if (world < 0) return html`${heading}<p class="by">Not part of this run. To see what follows: <code>${view.atlas.report.run.reproduce} --do ${name}</code></p>`;
  const moved = effectsOf(view, name);
  if (moved.length === 0) return html`${heading}<p class="by">No answer moves by more than two Monte Carlo errors.</p>`;
  const rows = (list: readonly Moved[]): Markup =>
    html`<table><caption>What follows, largest first against the range of the answer</caption><thead><tr><th scope="col">Answer</th><th scope="col">Effect</th></tr></thead><tbody>${list.map(
      (entry) => html`<tr><th scope="row"><a href="${hash("is", entry.label.declaration)}">${entry.label.title}</a></th><td>${effect(entry.effect, entry.reading, entry.label.declaration)}</td></tr>`,
    )}</tbody></table>`;
  return html`${heading}${rows(moved.slice(0, EFFECTS))}${moved.length > EFFECTS && view.slots.fold("fold", `${moved.length - EFFECTS} more`, () => rows(moved.slice(EFFECTS)))}`;
}

/** Effects of a world that noise does not hide, largest first. */
export function effectsOf(view: View, world: string): Moved[] {
  const { measures, questions } = view.atlas.report;
  const moved = (label: Label, reading: Reading, effects: readonly Effect[], range: number): Moved[] => {
    const found = effects.find((candidate) => candidate.world === world);
    const { mean = null, mc_error: error = null } = found?.estimate ?? {};
    if (!found || mean === null || Math.abs(mean) <= 2 * (error ?? 0) || found.changed === 0) return [];
    return [{ label, reading, effect: found, size: Math.abs(mean) / (range || Infinity) }];
  };
  const width = (value: Estimate | undefined): number => (value?.quantiles ? value.quantiles[4] - value.quantiles[0] : 0);
  const all = [
    ...questions.flatMap((answer) => moved(answer.label, CHANCE, answer.effects, 1)),
    ...measures.flatMap((answer) => moved(answer.label, amountIn(answer.label.unit), answer.effects, width(answer.worlds[0]))),
  ];
  return all.sort((a, b) => b.size - a.size);
}

function readings(view: View, homes: ReadonlyMap<string, number>, position: number): Markup | null {
  const here = (label: Label): boolean => firstMet(view.atlas, homes, [label.declaration]).includes(position);
  const row = (label: Label, value: Estimate | undefined, effects: readonly Effect[], reading: Reading): Markup => {
    const world = view.atlas.report.worlds[view.world]?.name;
    return html`<tr><th scope="row"><a href="${hash("is", label.declaration)}">${label.title}</a></th><td>${estimate(value, reading, label.declaration)}</td>${view.world > 0 && html`<td>${effect(effects.find((entry) => entry.world === world), reading, label.declaration)}</td>`}</tr>`;
  };
  const { measures, questions } = view.atlas.report;
  const rows = [
    ...questions.filter(({ label }) => here(label)).map((answer) => row(answer.label, answer.worlds[0], answer.effects, CHANCE)),
    ...measures.filter(({ label }) => here(label)).map((answer) => row(answer.label, answer.worlds[0], answer.effects, amountIn(answer.label.unit))),
  ];
  if (rows.length === 0) return null;
  return html`<h3>Answers read from it</h3><div class="scroll"><table><thead><tr><th scope="col">Answer</th><th scope="col">${titleAt(view, 0)}</th>${view.world > 0 && html`<th scope="col">Effect: ${titleAt(view, view.world)}</th>`}</tr></thead><tbody>${rows}</tbody></table></div>`;
}

function claimsOf(view: View, homes: ReadonlyMap<string, number>, position: number): Markup | null {
  const on = view.atlas.report.claims.filter((claim) => {
    const route = routeOf(view.atlas, homes, claim);
    return route.reads.includes(position) || route.turns.includes(position);
  });
  const below = view.atlas.report.claims.filter((claim) => !on.includes(claim) && depthsOf(view.atlas, homes, claim).has(position));
  if (on.length + below.length === 0) return null;
  return html`<h3>Claims that speak of it</h3>${on.length > 0 && html`<ul class="turns">${on.map((claim) => html`<li>${badge(claim.verdict)} <a href="${hash("claim", claim.name)}">${claim.name}</a> <span class="by">${claim.title || claim.quote}</span></li>`)}</ul>`}${
    below.length > 0 && html`<p class="by">Further down, ${below.map((claim, order) => html`${order > 0 && ", "}<a href="${hash("claim", claim.name)}" title="${LOOKS[claim.verdict].word}">${claim.name}</a>`)} rest on it too.</p>`
  }`;
}

function figures(view: View, homes: ReadonlyMap<string, number>, position: number): Markup | null {
  const here = ({ label }: { label: Label }): boolean => firstMet(view.atlas, homes, [label.declaration]).includes(position);
  const { series, choices, events } = view.atlas.report;
  const drawn: Content[] = [
    ...series.filter(here).map((answer) => seriesFigure(view, answer, { height: 150, group: `chapter-${position}` })),
    ...choices.filter(here).map((answer) => choiceFigures(view, answer, 150)),
    ...events.filter(here).map((answer) => eventFigure(view, answer, 150)),
  ];
  return drawn.length === 0 ? null : html`<div class="chapter-charts"><h3>Over time</h3><div class="grid wide">${drawn}</div></div>`;
}

/** Parameters that choose between two structures on which scholars disagree. */
function switches(mechanism: Mechanism): Markup | null {
  const found = mechanism.declarations.flatMap((declaration) => {
    const chance = declaration.kind === "param" ? /\bbernoulli\(\s*([^)]+)\)/.exec(declaration.text)?.[1] : undefined;
    return chance === undefined ? [] : [{ declaration, chance }];
  });
  if (found.length === 0) return null;
  return html`<h3>Switches</h3><p class="by">Where it is not known which structure holds, each draw takes one of two.</p><ul class="links">${found.map(
    ({ declaration, chance }) => html`<li><a href="${hash("is", declaration.name)}">${declaration.name}</a> <span class="by">${declaration.title}; on with chance <code>${chance}</code></span></li>`,
  )}</ul>`;
}

function equations(view: View, mechanism: Mechanism): Markup {
  // One text may declare many quantities, such as all that a treaty consists of. It is shown once, under its own keyword.
  const texts = [...new Map(mechanism.declarations.map((declaration) => [declaration.text, declaration])).values()].map((declaration) => ({ ...declaration, kind: keywordOf(declaration) }));
  const kinds = [...new Set([...ORDER, ...texts.map(({ kind }) => kind)])];
  const groups = kinds.map((kind) => ({ kind, list: texts.filter((declaration) => declaration.kind === kind) })).filter(({ list }) => list.length > 0);
  const code = (declaration: DeclarationInfo): Markup => html`<pre class="code"><code>${highlight(view.atlas, declaration.text)}</code></pre>${declaration.kind === "param" && html`<p class="by">${basisText(view.atlas, declaration.name)}</p>`}`;
  return html`<h3>Equations as written</h3>${groups.map(({ kind, list }) => view.slots.fold("fold equations", sized(kind, list.length), () => html`${list.map(code)}`))}`;
}

/** The word with which a declaration is written: the parts of a treaty are parameters, events and more. */
function keywordOf({ kind, text }: DeclarationInfo): string {
  return /^\s*treaty\b/.test(text) ? "treaty" : kind;
}

function ground(view: View, mechanism: Mechanism): Markup | null {
  const { atlas } = view;
  const ids = new Set(mechanism.declarations.flatMap((declaration) => declaration.facts));
  const facts = [...ids].map((id) => atlas.facts.get(id)).filter((fact): fact is FactInfo => fact !== undefined);
  facts.sort((a, b) => b.grade.localeCompare(a.grade));
  const works = [...new Set(mechanism.declarations.flatMap((declaration) => declaration.cites))].map((key) => atlas.references.get(key)).filter((work) => work !== undefined);
  const bases = mechanism.declarations.filter(({ kind, name }) => kind === "param" && basisOf(atlas, name) === "none");
  if (facts.length + works.length + bases.length === 0) return null;
  return html`<h3>Evidence</h3>
    <p class="by">${count(facts.length)} ${facts.length === 1 ? "fact" : "facts"} with a source; ${bases.length === 0 ? "no parameter is" : bases.length === 1 ? "one parameter is" : `${count(bases.length)} parameters are`} estimated without one.</p>
    ${facts.length > 0 && view.slots.fold("fold", `Facts, weakest first (${facts.length})`, () => html`${facts.map((fact) => factCard(fact, fact.id))}`)}
    ${bases.length > 0 && view.slots.fold("fold", `Estimates without a source (${bases.length})`, () => html`<ul class="links">${bases.map(({ name, title }) => html`<li><a href="${hash("is", name)}">${name}</a> <span class="by">${title}</span></li>`)}</ul>`)}
    ${works.length > 0 && html`<ul class="works">${works.map((work) => html`<li>${citation(work)}</li>`)}</ul>`}`;
}

/** The mechanisms below a claim, for its view in the panel. */
export function mechanismsBelow(view: View, name: string): Markup | null {
  const claim = view.atlas.claims.get(name);
  const all = mechanismsOf(view.atlas);
  if (!claim || all.length < 2) return null;
  const homes = homesOf(all);
  const route = routeOf(view.atlas, homes, claim);
  const link = (position: number): Markup => html`<a href="#${chapterId(all[position]?.name ?? "")}">${all[position]?.title}</a>`;
  const list = (positions: readonly number[]): Content => positions.map((position, order) => html`${order > 0 && ", "}${link(position)}`);
  if (route.reads.length + route.turns.length === 0) return null;
  const changed = claim.worlds.flatMap((world) => view.atlas.declarations.get(world)?.uses ?? []);
  // Reports of earlier formats do not say what pathways lead through.
  const way = wayPast(view.atlas, changed, claim.through ?? [], claim.readings.map(bare), new Set((claim.decided_by ?? []).map(({ parameter }) => bare(parameter))));
  return html`<h3>The way through the mechanisms</h3><dl>${route.turns.length > 0 && html`<dt>Changes</dt><dd>${list(route.turns)}</dd>`}${route.reads.length > 0 && html`<dt>Read from</dt><dd>${list(route.reads)}</dd>`}${
    way.length > 1 && html`<dt>A way, by what decides it where it can</dt><dd>${way.map((at, order) => html`${order > 0 && " → "}<a href="${hash("is", at)}">${titleOf(view.atlas, at)}</a>`)}</dd>`
  }</dl>`;
}
