// A declaration in the panel: what it says, what it came to, and what stands below and above it.

import { bare, below, groundOf, titleOf } from "../atlas.ts";
import { density } from "../chart/density.ts";
import { errorText, rangeOf, valueOf, words, type Reading } from "../format/estimate.ts";
import { count, decimal, NONE, stepOf } from "../format/number.ts";
import { withUnit } from "../format/estimate.ts";
import { unitText } from "../format/unit.ts";
import { dayText } from "../format/date.ts";
import { hash, highlight } from "../highlight.ts";
import { html, type Markup } from "../markup.ts";
import { elicitedTag } from "../page/anchors.ts";
import { basesWords, basisText, citation, grade, sourceLink, valueText } from "../page/evidence.ts";
import { choiceFigures, eventFigure, seriesFigure } from "../page/figure.ts";
import { doubtWords } from "../page/amount.ts";
import { allWorlds, readingsOf } from "../page/readings.ts";
import { titleAt, type View } from "../page/view.ts";
import type { DeclarationInfo, Estimate, FactInfo } from "../report.ts";

/** As many charts of one declaration as a panel can take. */
const CHARTS = 6;

/** Everything there is to say about a declaration. */
export function declarationView(view: View, declaration: DeclarationInfo): Markup {
  const { atlas } = view;
  const answers = atlas.answers.get(declaration.name);
  const users = atlas.usedBy.get(declaration.name) ?? [];
  const claims = atlas.report.claims.filter((claim) => claim.readings.some((reading) => bare(reading) === declaration.name) || claim.worlds.includes(declaration.name));
  return html`<p class="kind">${declaration.kind}${declaration.unit && html` in ${unitText(declaration.unit)}`}</p>
    <h2 tabindex="-1">${titleOf(atlas, declaration.name)}</h2>
    <pre class="code"><code>${highlight(atlas, declaration.text, declaration.name)}</code></pre>
    <p class="by">${declaration.place[0]}, line ${declaration.place[1]}${(declaration.notes ?? []).length > 0 && html`: <q>${(declaration.notes ?? []).join(" ")}</q>`}</p>
    ${declaration.prior.length > 0 && priors(view, declaration)}
    ${answers?.questions.map((answer) => html`<h3>${answer.label.title} <span class="unit">by ${dayText(answer.by)}</span>${elicitedTag(view, answer)}</h3>${allWorlds(view, answer.label, answer.worlds, answer.effects, readingsOf(answer))}${doubtWords(answer.worlds[0], readingsOf(answer))}`)}
    ${answers?.measures.map((answer) => html`<h3>${answer.label.title} <span class="unit">by ${dayText(answer.by)}</span></h3>${allWorlds(view, answer.label, answer.worlds, answer.effects, readingsOf(answer))}${doubtWords(answer.worlds[0], readingsOf(answer))}`)}
    ${answers?.series.slice(0, CHARTS).map((answer) => seriesFigure(view, answer, { height: 160 }))}
    ${answers?.choices.slice(0, CHARTS).map((answer) => choiceFigures(view, answer, 160))}
    ${answers?.events.slice(0, CHARTS).map((answer) => eventFigure(view, answer, 140))}
    ${declaration.facts.length > 0 && html`<h3>Facts</h3>${declaration.facts.map((id) => factCard(atlas.facts.get(id), id))}`}
    ${declaration.cites.length > 0 && html`<h3>Literature</h3><ul class="works">${declaration.cites.map((key) => {
      const reference = atlas.references.get(key);
      return html`<li>${reference ? html`${citation(reference)} <a class="by" href="${hash("reference", key)}">more</a>` : key}</li>`;
    })}</ul>`}
    ${links(view, "Filled, drained or carried by", atlas.movedBy.get(declaration.name) ?? [])}
    ${links(view, "Refers to", declaration.uses)}
    ${links(view, "Referred to by", users)}
    ${claims.length > 0 && html`<h3>Claims that read it</h3><ul class="links">${claims.map((claim) => html`<li><a href="${hash("claim", claim.name)}">${claim.name}</a> <span class="by">${claim.title || claim.quote}</span></li>`)}</ul>`}
    ${below(atlas, declaration.name).length > 0 && groundView(view, [declaration.name])}`;
}

/** The prior of a parameter, per element, on one scale. */
function priors(view: View, declaration: DeclarationInfo): Markup {
  const ends = [...declaration.prior.flatMap(([, [low, , high]]) => [low, high]), ...declaration.outlines.flatMap((outline) => [outline.from, outline.to])];
  let from = Math.min(...ends);
  const to = Math.max(...ends);
  if (from > 0 && from < 0.6 * to) from = 0;
  return html`<h3>Prior <span class="unit">${basisText(view.atlas, declaration.name)}</span></h3><table class="priors"><caption>Outline of the density, median and 90% interval</caption><thead><tr><th scope="col">${declaration.prior.length > 1 ? "Element" : ""}</th><th scope="col">Median and 90% interval</th></tr></thead><tbody>${declaration.prior.map(([name, [low, median, high]], position) => {
    const step = stepOf(high - low, null, median);
    const text = `${withUnit(decimal(median, step), declaration.unit, median)} (${decimal(low, step)} to ${decimal(high, step)})`;
    const outline = declaration.outlines[position];
    return html`<tr><th scope="row">${declaration.prior.length > 1 ? name.replace(/^[^[]*\[|\]$/g, "").replaceAll("_", " ") : ""}</th><td>${density({ title: name, description: text, from, to, outline: outline ?? { from, to, counts: [] }, low, median, high }, 280)}<span>${text}</span></td></tr>`;
  })}</tbody></table>`;
}

/** An estimate with its three reasons for doubt apart. */
export function estimateList(value: Estimate, reading: Reading): Markup {
  const text = words(value, reading);
  const range = rangeOf(value, reading);
  const step = range ? stepOf(range.high - range.low) : 1;
  const write = (part: number | null): string => (part === null ? NONE : reading.chance ? `${decimal(part * 100, stepOf(part * 100))}\u202fpoints` : withUnit(decimal(part, stepOf(part, null, part) || step), reading.unit, part));
  return html`<dl class="estimate"><dt>${text.mean ? "Median" : "Mean"}</dt><dd><b>${valueOf(text)}</b>${text.mean && ` (mean ${text.mean}: a few extreme futures carry it out of the range)`}</dd>
    ${text.range && html`<dt>90% of ${text.over}</dt><dd>${text.range}</dd>`}
    ${value.knowledge_sd !== null && html`<dt>Lack of knowledge</dt><dd>standard deviation ${write(value.knowledge_sd)}${value.knowledge_sd_interval && html` <span class="range">${write(value.knowledge_sd_interval[0])} to ${write(value.knowledge_sd_interval[1])}</span>`}</dd>`}
    ${value.luck_sd !== null && html`<dt>Luck</dt><dd>standard deviation ${write(value.luck_sd)}</dd>`}
    <dt>Monte Carlo error</dt><dd>standard error ${errorText(value, reading)}</dd></dl>${doubtWords(value, reading)}`;
}

/** What names rest on, all the way down. */
export function groundView(view: View, names: readonly string[]): Markup | null {
  const { atlas } = view;
  if (names.length === 0) return null;
  const ground = groundOf(atlas, names);
  const facts = ground.facts.map((id) => atlas.facts.get(id)).filter((fact): fact is FactInfo => fact !== undefined);
  facts.sort((a, b) => b.grade.localeCompare(a.grade));
  const parameters = ground.parameters.filter((name) => !names.includes(name));
  return html`${names.length > 1 || !atlas.declarations.get(names[0] ?? "")?.uses.length ? links(view, "Reads", names) : null}
    <h3 class="minor">Everything below it</h3><p class="by">All the way down it rests on ${count(ground.declarations.length)} ${ground.declarations.length === 1 ? "declaration" : "declarations"} and ${count(facts.length)} ${facts.length === 1 ? "fact" : "facts"}, as nearly every answer of a coupled model does. ${parameters.length > 0 && basesWords(atlas, parameters)}</p>
    ${facts.length > 0 && fold(`Facts, weakest first (${facts.length})`, html`${facts.map((fact) => factCard(fact, fact.id))}`, facts.length <= 4)}
    ${parameters.length > 0 && fold(`Parameters (${parameters.length})`, html`<ul class="links">${parameters.map((name) => link(view, name))}</ul>`, false)}`;
}

function fold(summary: string, content: Markup, open: boolean): Markup {
  return html`<details class="fold"${open && html` open`}><summary>${summary}</summary>${content}</details>`;
}

/** A fact in short: grade, figure, date, source. */
export function factCard(fact: FactInfo | undefined, id: string): Markup {
  if (!fact) return html`<p>${id}</p>`;
  return html`<div class="fact">${grade(fact.grade)}<div><a href="${hash("fact", fact.id)}">${fact.quantity}</a><p><b>${valueText(fact)}</b></p><p class="by">${dayText(fact.as_of)}, ${sourceLink(fact)}</p></div></div>`;
}

function links(view: View, heading: string, names: readonly string[]): Markup | null {
  if (names.length === 0) return null;
  return html`<h3>${heading}</h3><ul class="links">${[...new Set(names)].map((name) => link(view, name))}</ul>`;
}

function link(view: View, name: string): Markup {
  const declaration = view.atlas.declarations.get(name);
  if (!declaration) return html`<li><span class="by">${name}</span></li>`;
  const world = view.atlas.report.worlds.findIndex((candidate, index) => index > 0 && candidate.name === name);
  return html`<li><span class="kind">${declaration.kind}</span> <a href="${hash("is", name)}">${name}</a> <span class="by">${world > 0 ? titleAt(view, world) : declaration.title}${declaration.kind === "param" && html`${declaration.title && "; "}${basisText(view.atlas, name)}`}</span></li>`;
}
