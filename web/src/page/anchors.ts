// Elicited probabilities: which answers they pin, and whether the model gives them.

import { bare } from "../atlas.ts";
import { brief, count, percent } from "../format/number.ts";
import { hash } from "../highlight.ts";
import { html, type Markup } from "../markup.ts";
import type { AnchorInfo, QuestionAnswer } from "../report.ts";
import { linkTo } from "./evidence.ts";
import type { View } from "./view.ts";

/** What is to be said of anchors that are open or stale; nothing if all is well. */
export function anchorsAmiss(anchors: AnchorInfo[]): string | null {
  const open = anchors.filter((anchor) => anchor.state === "open").length;
  const many = (amount: number): string => `${count(amount)} elicited ${amount === 1 ? "probability" : "probabilities"}`;
  if (open > 0) return `${many(open)} not solved for: the parameters have their declared priors, and the questions not the probability that was elicited`;
  const stale = anchors.filter((anchor) => anchor.state === "stale").length;
  if (stale > 0) return `${many(stale)} solved for another version of this model: the old values are used`;
  return null;
}

/** The tag of an answer that an anchor pins. */
export function elicitedTag(view: View, answer: QuestionAnswer): Markup | null {
  if (!answer.elicited) return null;
  const anchor = view.atlas.report.anchors.find(({ question }) => question === answer.label.name);
  if (anchor?.state === "open") return html`<span class="tag" title="Anchored to an elicited probability, and not solved for: this is not it">elicited, not solved</span>`;
  const elicited = anchor?.mean == null ? "elicited" : `elicited ${percent(anchor.mean)}`;
  const title = "Pinned to an elicited probability by an anchor; only its conditionals and effects are the model's own";
  return anchor?.state === "stale"
    ? html`<span class="tag" title="${title}. Solved for another version of this model">${elicited}, stale</span>`
    : html`<span class="tag" title="${title}">${elicited}</span>`;
}

/** Who gave the probability of an answer that an anchor pins. */
export function elicitedBy(view: View, answer: QuestionAnswer): Markup | null {
  const anchor = view.atlas.report.anchors.find(({ question }) => question === answer.label.name);
  // Reports of earlier formats do not say.
  const facts = (anchor?.facts ?? []).map((id) => view.atlas.facts.get(id)).filter((fact) => fact !== undefined);
  return facts.length === 0 ? null : html` (${facts.map((fact, order) => html`${order > 0 && "; "}<a href="${hash("fact", fact.id)}">${fact.source}</a>`)})`;
}

/** Every anchor: what was elicited, and what this run gives. */
export function anchorTable(view: View): Markup {
  const { anchors, questions } = view.atlas.report;
  const amiss = anchorsAmiss(anchors);
  return html`<h3>Elicited probabilities</h3>
    <p>These answers are not the model's: a parameter was solved for so that each has the probability that people gave. The mean of a run is to be compared with the mean of what was elicited.</p>
    ${amiss !== null && html`<p><b>Warning</b>: ${amiss}.</p>`}
    <div class="scroll"><table><thead><tr><th scope="col">Question</th><th scope="col">Elicited</th><th scope="col">Mean elicited</th><th scope="col">This run</th><th scope="col">Parameter</th><th scope="col">Solved</th></tr></thead><tbody>${anchors.map((anchor) => {
      const answer = questions.find(({ label }) => label.name === anchor.question);
      const [low, central, high] = anchor.elicited ?? [null, null, null];
      return html`<tr><th scope="row">${linkTo(view, bare(anchor.question), answer?.label.title ?? anchor.question)}</th><td class="amount">${anchor.elicited === null ? "" : `${percent(central)} (${percent(low)} to ${percent(high)})`}</td><td class="amount">${anchor.mean === null ? "" : percent(anchor.mean)}</td><td class="amount">${percent(answer?.worlds[0]?.mean ?? null)}</td><td>${linkTo(view, anchor.parameter, anchor.parameter)}</td><td class="amount">${anchor.values === null ? "no" : anchor.values.map((value) => brief(value)).join(", ")}</td></tr>`;
    })}</tbody></table></div>`;
}
