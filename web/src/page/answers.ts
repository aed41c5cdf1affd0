// The answer first: what the run says in sentences, and what changed since the run before.

import { valueOf, words, type Reading } from "../format/estimate.ts";
import { dayText } from "../format/date.ts";
import { brief, count, decimal, percent, pointsAlone, powerOfTen, stepOf } from "../format/number.ts";
import { withUnit } from "../format/estimate.ts";
import { bare, namesIn } from "../atlas.ts";
import { hash } from "../highlight.ts";
import { html, type Markup } from "../markup.ts";
import type { AnswerChange, HeadlineText, Verdict } from "../report.ts";
import type { Section, View } from "./view.ts";
import { anchorsAmiss, elicitedTag } from "./anchors.ts";
import { headlineGround } from "./centre.ts";
import { basesWords } from "./evidence.ts";
import { isIdentity } from "./method.ts";
import { badge, leanings, LOOKS, sign } from "./verdict.ts";

/** Title, model line and headlines. */
export const answers: Section = {
  id: "answers",
  name: "",
  worldly: false,
  draw: (view) => {
    const { model, run, headlines, worlds } = view.atlas.report;
    const futures = run.draws * run.replications;
    const steps = model.step_days === 7 ? "weeks" : model.step_days === 1 ? "days" : `steps of ${brief(model.step_days)} days`;
    return html`<p class="kicker">${model.name.replaceAll("_", " ")}<span>a model run with Melian</span></p>
      <h1>${model.title || model.name}</h1>
      <p class="line">${count(futures)} futures (${count(run.draws)} draws of what is not known × ${count(run.replications)} of luck) of ${count(model.step_ends.length)} ${steps}, ${dayText(model.start)} to ${dayText(model.end)}${
        worlds.length > 1 && html`; each also under ${worlds.length === 2 ? "one intervention" : `${worlds.length - 1} interventions`}, with the same luck`
      }.</p>
      <div class="lead"><div>${headlines.length > 0 && html`<ul class="headlines">${headlines.map((headline, line) => html`<li>${headline.parts.map((part, position) => partText(view, part, `${line}.${position}`))}</li>`)}</ul>
      <p class="aside">Small figures are the range that holds nine futures in ten; for a chance, nine in ten of the draws. Select any number to see the equation, the parameters and the sources it comes from.</p>`}</div>${tally(view)}</div>`;
  },
};

/** What else there is to know at once: the claims by verdict, and what the answers stand on. */
function tally(view: View): Markup | null {
  const { anchors, claims, checks, questions } = view.atlas.report;
  const amiss = anchorsAmiss(anchors);
  const counts = (Object.keys(LOOKS) as Verdict[])
    .map((verdict) => ({ verdict, size: claims.filter((claim) => claim.verdict === verdict).length }))
    .filter(({ size }) => size > 0);
  const ground = headlineGround(view.atlas);
  const weak = ground.facts.filter((id) => (view.atlas.facts.get(id)?.grade ?? "") >= "C").length;
  const faces = checks.filter((check) => !isIdentity(check));
  const passed = faces.filter((check) => check.passed).length;
  if (claims.length + checks.length + ground.facts.length === 0 && amiss === null) return null;
  return html`<div class="tally">
    ${claims.length > 0 && html`<h2>${count(claims.length)} claims of the argument</h2><ul>${counts.map(({ verdict, size }) => html`<li class="${LOOKS[verdict].tone}">${sign(verdict)}<b>${size}</b> <a href="#claims" title="${LOOKS[verdict].meaning}">${LOOKS[verdict].word.toLowerCase()}</a><span class="pips" aria-hidden="true">${claims.filter((claim) => claim.verdict === verdict).map(() => html`<i></i>`)}</span></li>`)}</ul>${leanings(claims) && html`<p>Of the contested, ${leanings(claims)}.</p>`}`}
    ${ground.facts.length > 0 && html`<p>The answers beside rest on <a href="#evidence">${count(ground.facts.length)} facts</a>${weak > 0 && html`, ${count(weak)} of them weakly attested`}. ${basesWords(view.atlas, ground.parameters)}</p>`}
    ${faces.length > 0 && html`<p><a href="#checks">${passed === faces.length ? `All ${count(passed)}` : `${count(passed)} of ${count(faces.length)}`} face checks</a> lie in the published range.</p>`}
    ${amiss !== null && html`<p><a href="#checks">Warning</a>: ${amiss}.</p>`}
    ${questions.length > 0 && html`<p><a href="#questions">${count(questions.length)} questions</a> answered with a chance.</p>`}
  </div>`;
}

function partText(view: View, part: HeadlineText, id: string): Markup {
  if (part.kind === "text") return html`${part.text}`;
  const text = words(part.estimate, readingOf(part));
  return html`<a class="number" href="${hash("figure", id)}"><b>${valueOf(text)}</b>${text.range && html` <span class="range" title="90% of ${text.over}">(${text.range}${text.mean && `; mean ${text.mean}`})</span>`}</a>${elicitedIn(view, part.formula)}`;
}

/** The tag of a figure that is the level of an elicited answer; what it is in another world is the model's own. */
export function elicitedIn(view: View, formula: string): Markup | null {
  if (/\bunder\b|\beffect\s*\(/.test(formula)) return null;
  const names = namesIn(view.atlas, formula);
  const pinned = view.atlas.report.questions.find(({ label, elicited }) => elicited && names.includes(label.declaration) && formula.replace(/\s/g, "").includes(label.name.replace(/\s/g, "")));
  return pinned ? elicitedTag(view, pinned) : null;
}

/** How a figure of a headline reads: an effect is a difference. */
export function readingOf(part: { formula: string; unit: string }): Reading {
  return { unit: part.unit, chance: part.unit === "%", difference: /^\s*effect\s*\(/.test(part.formula) };
}

/** What changed since the last run of the same folder. */
export const changed: Section = {
  id: "changed",
  name: "",
  worldly: false,
  draw: (view) => {
    const { changes } = view.atlas.report;
    if (!changes) return null;
    const { answers, edits, verdicts } = changes;
    const moved = answers.length + verdicts.length;
    return html`<h2>What changed since the last run${changes.since && html` <span class="unit">of ${dayText(changes.since)}</span>`}</h2>
      ${view.slots.fold("fold", moved === 0 ? "No answer moved by more than its Monte Carlo error" : `${count(moved)} ${moved === 1 ? "answer or verdict" : "answers and verdicts"} moved; ${count(edits.length)} ${edits.length === 1 ? "edit" : "edits"}`, () => html`
      ${verdicts.length > 0 && html`<ul class="turns">${verdicts.map(([claim, before, after]) => html`<li><a href="${hash("claim", claim)}">${claimTitle(view, claim)}</a>: ${badge(before)} → ${badge(after)}</li>`)}</ul>`}
      ${answers.length > 0 && moves(view, answers.slice(0, MOVES))}${answers.length > MOVES && view.slots.fold("fold", `${answers.length - MOVES} more`, () => moves(view, answers.slice(MOVES)))}
      <h3>What was edited</h3>${edits.length > 0 ? html`<ul class="edits">${edits.map((edit) => html`<li><code>${edit}</code></li>`)}</ul>` : html`<p>Nothing.</p>`}`)}`;
  },
};

/** As many moved answers as are listed at once. */
const MOVES = 6;

function moves(view: View, answers: readonly AnswerChange[]): Markup {
  return html`<div class="scroll"><table class="moves"><thead><tr><th scope="col">Answer</th><th scope="col">Before</th><th scope="col">Now</th><th scope="col">Change</th></tr></thead><tbody>${answers.map((answer) => {
    const chance = view.atlas.answers.get(bare(answer.name))?.questions.length;
    const moved = Math.abs(answer.after - answer.before);
    // As fine as the Monte Carlo error allows, and as the change needs to be seen.
    const step = Math.min(stepOf(null, answer.mc_error, answer.after), moved > 0 ? powerOfTen(moved) : Infinity);
    const write = (value: number): string => (chance ? percent(value) : withUnit(decimal(value, step), answer.unit, value));
    const change = chance ? `${pointsAlone(moved).replace("+", "")}\u00a0points` : withUnit(decimal(moved, step), answer.unit, 2);
    return html`<tr><th scope="row"><a href="${hash("is", bare(answer.name))}">${answer.title || answer.name}</a></th><td>${write(answer.before)}</td><td><b>${write(answer.after)}</b></td><td class="amount">${answer.after > answer.before ? "▲" : "▼"} ${change}</td></tr>`;
  })}</tbody></table></div>`;
}

function claimTitle(view: View, name: string): string {
  const claim = view.atlas.claims.get(name);
  return claim ? `${name}: ${claim.title || claim.quote}` : name;
}
