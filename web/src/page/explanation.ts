// One future: what it hung on, what happened in it, and where it ended far from the middle.

import { causesGraph, causesHeight, type CauseNode } from "../chart/causes.ts";
import { withUnit } from "../format/estimate.ts";
import { brief, percent } from "../format/number.ts";
import { hash } from "../highlight.ts";
import { html, type Markup } from "../markup.ts";
import type { Candidate, Cause, Explanation, Moment, Weighed } from "../report.ts";
import { bare } from "../atlas.ts";
import { timelineRows } from "./rows.ts";
import type { Section, View } from "./view.ts";

/** Endings that are shown, those farthest from the middle. */
const ENDINGS = 10;

/** The graph of causes, the causes in words, the timeline and the endings. */
export const explanation: Section = {
  id: "explanation",
  name: "Explanation",
  worldly: false,
  draw: (view) => {
    // Reports of earlier formats have none.
    const told = view.atlas.report.explanation;
    if (!told) return null;
    const [draw, replication] = told.future;
    const beside = told.share === null ? "" : told.kind === "question" ? `, as in ${percent(told.share)} of futures` : `, above ${percent(told.share)} of futures`;
    return html`<h2>Why one future went as it did</h2>
      <p class="lede">Future ${draw}:${replication}, ${told.chosen}. ${link(view, told.target, told.title)}: <b>${answered(told, told.answer)}</b>${beside}. Everything else on this page is of all futures.</p>
      ${causes(view, told)}
      <h3>What happened</h3>
      <ol class="moments">${told.timeline.map((moment) => html`<li><time>${moment.on}</time> ${link(view, moment.name, moment.what)}${weighed(moment)}</li>`)}</ol>
      ${told.timeline.some(({ weighed }) => weighed.length > 1) && html`<p class="note">Of a choice: what spoke for the option that won, its utility in units of taste, and luck; against those of the option that stood. The larger sum wins.</p>`}
      ${told.stocks.length > 0 && html`<h3>Stocks that moved most</h3>
      <div class="scroll"><table><thead><tr><th scope="col">Stock</th><th scope="col">At the start</th><th scope="col">In the end</th></tr></thead><tbody>${told.stocks
        .slice(0, ENDINGS)
        .map((stock) => html`<tr><th scope="row">${link(view, stock.name, stock.title)}</th><td class="amount">${brief(stock.from)}</td><td class="amount">${withUnit(brief(stock.to), stock.unit, stock.to)}</td></tr>`)}</tbody></table></div>`}
      ${told.endings.length > 0 && html`<h3>Where it ended farthest from the middle</h3>
      <div class="scroll"><table><thead><tr><th scope="col">Series</th><th scope="col">Here</th><th scope="col">Beside all futures</th></tr></thead><tbody>${told.endings
        .slice(0, ENDINGS)
        .map((ending) => html`<tr><th scope="row">${link(view, ending.name, ending.title)}</th><td class="amount">${withUnit(brief(ending.value), ending.unit, ending.value)}</td><td>${ending.below >= 0.5 ? `above ${percent(ending.below)}` : `below ${percent(1 - ending.below)}`}</td></tr>`)}</tbody></table></div>`}
      ${view.slots.file("timeline", () => timelineRows(told))}`;
  },
};

function link(view: View, name: string, words: string): Markup {
  return view.atlas.declarations.has(bare(name)) ? html`<a href="${hash("is", bare(name))}">${words}</a>` : html`${words}`;
}

/** The option that won beside the one that stood. */
function weighed({ weighed: [won, stood] }: Moment): Markup | null {
  if (!won || !stood) return null;
  const term = (value: number | null): string => (value === null ? "?" : value > 0 ? `+${brief(value, 2)}` : brief(value, 2));
  const sum = ({ worth, taste }: Weighed): string => `${term(worth)} and luck ${term(taste)}`;
  return html` <span class="by">${sum(won)}, against ${sum(stood)}</span>`;
}

/** An answer in words. */
function answered(told: Explanation, value: number | null): string {
  if (value === null) return "cannot be computed";
  if (told.kind === "question") return value === 1 ? "yes" : "no";
  if (told.kind === "event") return value === 0 ? "it does not happen" : value === 1 ? "it happens" : `it happens ${value} times`;
  return withUnit(brief(value), told.unit, value);
}

/** What would not have been. */
function absence({ title, kind, on, options, values, unit }: Candidate): string {
  if (options) return `${title} left at “${options[1]}”, not “${options[0]}” from ${on}`;
  if (values) return `${title} at its median ${brief(values[1])}, not ${withUnit(brief(values[0]), unit, values[0])}`;
  if (kind === "noise") return `${title} at its median in every step`;
  return `without “${title}” (${on})`;
}

function causes(view: View, told: Explanation): Markup {
  const alone = told.causes.length > 0;
  const found = alone ? told.causes : told.pairs;
  const tried = `${told.candidates.length} things were taken away one at a time, in this very future and with all other luck as it was: events that happened, choices that changed, assumptions in the outer tenth of their prior, the luck of each noise`;
  if (found.length === 0) return html`<p>${tried}; then events and choices two at once. None changes the answer: it hangs on many things at once.</p>`;
  const said = (cause: Cause): Markup => {
    const prevented = cause.prevents.map((at) => told.candidates[at]?.title ?? "");
    return html`<li>${cause.without.map((at, order) => {
      const candidate = told.candidates[at];
      return html`${order > 0 && ", and "}${candidate && link(view, candidate.name, absence(candidate))}`;
    })}: then <b>${answered(told, cause.answer)}</b>${prevented.length > 0 && html`<p class="by">nor would there have been: ${prevented.join(", ")}</p>`}</li>`;
  };
  return html`<h3>${alone ? "But for any one of these the answer would have been another" : "Nothing alone would have changed the answer, but both of these would"}</h3>
    ${graph(view, told, found)}
    <ol class="edits">${found.map(said)}</ol>
    <p class="note">${tried}. ${alone ? "Lines lead from a cause to the answer, and thin ones to what would not have been without it." : "Lines lead from both to the answer."} ${told.kind === "measure" ? `Nothing else moves the answer alone by more than ${withUnit(brief(told.yardstick ?? 0), told.unit, told.yardstick ?? 0)}, a tenth of the range that holds 90% of futures.` : "Nothing else changes the answer alone."}</p>`;
}

/** Causes and what hangs on them, in the order in which they came about. */
function graph(view: View, told: Explanation, found: readonly Cause[]): Markup {
  const decisive = new Set(found.flatMap(({ without }) => without));
  const shown = [...new Set([...decisive, ...found.flatMap(({ prevents }) => prevents)])];
  const step = (at: number): number => told.candidates[at]?.step ?? -1;
  shown.sort((a, b) => step(a) - step(b));
  const nodes: CauseNode[] = shown.map((at) => ({
    title: told.candidates[at]?.title ?? "",
    kind: told.candidates[at]?.kind ?? "",
    step: told.candidates[at]?.step ?? null,
    decides: decisive.has(at),
    prevents: found.filter(({ without }) => without.length === 1 && without[0] === at).flatMap(({ prevents }) => prevents.map((other) => shown.indexOf(other))),
  }));
  const answer = `${told.title}: ${answered(told, told.answer)}`;
  const title = `What the answer hung on in future ${told.future.join(":")}`;
  const slot = view.slots.place({
    height: causesHeight(nodes.length),
    label: title,
    draw: (width) => causesGraph({ title, description: `${answer}. ${nodes.filter(({ decides }) => decides).map(({ title }) => title).join("; ")}.`, nodes, answer, step: view.dates.length - 1 }, view.dates, width),
    table: () => html`<table><caption>${title}</caption><thead><tr><th scope="col">Taken away</th><th scope="col">Then</th></tr></thead><tbody>${found.map((cause) => html`<tr><th scope="row">${cause.without.map((at) => told.candidates[at]?.title ?? "").join(" and ")}</th><td>${answered(told, cause.answer)}</td></tr>`)}</tbody></table>`,
  });
  return html`<figure class="chart wide"><figcaption>${title}</figcaption>${slot}</figure>`;
}
