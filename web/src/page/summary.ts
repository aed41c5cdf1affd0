// The whole page on one screen, in plain sentences, for a reader who has never heard of Melian.

import { knowledgeShare, valueOf, words } from "../format/estimate.ts";
import { dayText } from "../format/date.ts";
import { count, percent } from "../format/number.ts";
import { hash } from "../highlight.ts";
import { html, type Content, type Markup } from "../markup.ts";
import { firstMet, homesOf, mechanismsOf } from "../mechanism.ts";
import type { ClaimAnswer, Verdict } from "../report.ts";
import { headlineGround } from "./centre.ts";
import { effectsOf } from "./mechanisms.ts";
import { leanings } from "./verdict.ts";
import { titleAt, type Section, type View } from "./view.ts";

/** What this is, what came out, and how far to trust it. */
export const summary: Section = {
  id: "summary",
  name: "In short",
  worldly: false,
  draw: (view) => {
    const { claims, questions, measures } = view.atlas.report;
    if (claims.length + questions.length + measures.length === 0) return null;
    return html`<h2>In short</h2><div class="brief">
      <div><h3>What this is</h3>${whatItIs(view)}</div>
      <div><h3>What came out</h3>${verdicts(view)}${strongest(view)}</div>
      <div><h3>How far to trust it</h3>${trust(view)}</div></div>
      <p class="paths">${paths(view)}</p>`;
  },
};

function whatItIs(view: View): Markup {
  const { model, run, declarations } = view.atlas.report;
  const unknown = declarations.filter(({ kind }) => kind === "param").length;
  const futures = run.draws * run.replications;
  return html`<p>“${model.title || model.name}” is an argument, written down as equations so that a computer can play it through: ${count(futures)} times, from ${dayText(model.start)} to ${dayText(model.end)}.</p>
    <p>Each time is a <em>future</em>: one way things could have gone if the equations were right. ${unknown > 0 && html`${sentenceCount(unknown, "number that nobody knows exactly is", "numbers that nobody knows exactly are")} drawn anew within stated limits, and so is luck. `}A chance of ${percent(0.3)} on this page means: in three of ten futures.</p>`;
}

function sentenceCount(size: number, one: string, many: string): string {
  return size === 1 ? `One ${one}` : `${count(size)} ${many}`;
}

/** Verdicts that say the same to a reader in a hurry. */
const FATES: [string, string, readonly Verdict[]][] = [
  ["holds up", "hold up", ["supported", "accurate"]],
  ["is roughly right", "are roughly right", ["imprecise"]],
  ["is contested", "are contested", ["contested"]],
  ["fails", "fail", ["rejected", "wrong"]],
  ["cannot be told from luck", "cannot be told from luck", ["unresolved"]],
  ["is true or false by construction", "are true or false by construction", ["built_in"]],
  ["is a matter of judgement", "are matters of judgement", ["normative"]],
];

function verdicts(view: View): Markup | null {
  const { claims } = view.atlas.report;
  if (claims.length === 0) return null;
  const fates = FATES.map(([one, many, kinds]) => ({ one, many, size: claims.filter(({ verdict }) => kinds.includes(verdict)).length })).filter(({ size }) => size > 0);
  const parts = fates.map(({ one, many, size }) => html`<b>${count(size)}</b> ${size === 1 ? one : many}`);
  return html`<p>Of <a href="#claims">${claims.length === 1 ? "one claim" : `${count(claims.length)} claims`}</a>, ${listed(parts)}.${leanings(claims) && ` Of the contested, ${leanings(claims)}.`}</p>${extremes(claims)}`;
}

/** The claims that fare best and worst. */
function extremes(claims: readonly ClaimAnswer[]): Markup | null {
  const shared = claims.filter(({ share, verdict }) => share !== null && verdict !== "built_in" && verdict !== "unresolved").sort((a, b) => (b.share ?? 0) - (a.share ?? 0));
  const [best, worst] = [shared[0], shared[shared.length - 1]];
  if (!best || !worst || best === worst) return null;
  const name = (claim: ClaimAnswer): Markup => html`<a href="${hash("claim", claim.name)}">“${claim.title || claim.quote}”</a>`;
  return html`<p>Best fares ${name(best)}, which holds in ${percent(best.share)} of draws of what is not known; worst ${name(worst)}, in ${percent(worst.share)}.</p>`;
}

/** The change that matters most, of those that were tried. */
function strongest(view: View): Markup | null {
  const { worlds } = view.atlas.report;
  const homes = homesOf(mechanismsOf(view.atlas));
  const all = worlds
    .slice(1)
    .flatMap(({ name }, position) => effectsOf(view, name).map((moved) => ({ moved, world: position + 1 })))
    .sort((a, b) => b.moved.size - a.moved.size);
  // What a change does where it is made is its cause, and no news.
  const places = worlds.map(({ name }) => firstMet(view.atlas, homes, [name]));
  const found = all.find(({ moved, world }) => !firstMet(view.atlas, homes, [moved.label.declaration]).some((place) => places[world]?.includes(place))) ?? all[0];
  if (!found) return null;
  const { moved, world } = found;
  const text = words(moved.effect.estimate, { ...moved.reading, difference: true });
  return html`<p>Of the ${worlds.length === 2 ? "change" : `${count(worlds.length - 1)} changes`} tried on the same luck, <a href="${hash("is", worlds[world]?.name ?? "")}">${titleAt(view, world)}</a> moves an answer furthest: <a href="${hash("is", moved.label.declaration)}">${moved.label.title}</a> by ${valueOf(text)} ${text.mean ? "in the median future" : "on average"}${text.range && html` <span class="range">(${text.range})</span>`}.</p>`;
}

function trust(view: View): Markup {
  const { questions, measures } = view.atlas.report;
  const shares = [...questions, ...measures].map(({ worlds }) => (worlds[0] ? knowledgeShare(worlds[0]) : null)).filter((share) => share !== null);
  const known = shares.reduce((sum, share) => sum + share, 0) / shares.length;
  const ground = headlineGround(view.atlas);
  const weak = ground.facts.filter((id) => (view.atlas.facts.get(id)?.grade ?? "") >= "C").length;
  return html`<p>As far as the equations. What nobody wrote down is not in them, so nothing here is a forecast of what will happen: it is what follows from what is assumed.</p>
    ${shares.length > 0 && html`<p>Over all answers, ${percent(known)} of the doubt is <a href="#doubt">lack of knowledge</a>, which better evidence could lessen; the rest is luck, which nothing can.</p>`}
    ${ground.facts.length > 0 && html`<p>${weak === 0 ? "None" : count(weak)} of the <a href="#evidence">${count(ground.facts.length)} facts</a> below the first answers ${weak === 1 ? "is" : "are"} weakly attested.</p>`}`;
}

/** Where to read on. */
function paths(view: View): Content {
  const { claims } = view.atlas.report;
  const all: [string, string, boolean][] = [
    ["#argument", "The argument as a map", claims.length > 1],
    ["#mechanisms", "How the model works", true],
    ["#doubt", "Why the answers are uncertain", true],
    ["#method", "Make the same run, cite it", true],
  ];
  return all.filter(([, , shown]) => shown).map(([address, name]) => html`<a href="${address}">${name}</a>`);
}

function listed(parts: readonly Markup[]): Content {
  return parts.map((part, position) => html`${position > 0 && (position === parts.length - 1 ? " and " : ", ")}${part}`);
}
