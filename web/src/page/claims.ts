// The claims of the argument, in its order: the sentence, the formula that stands for it, and what the run says.

import { verdictBar } from "../chart/verdict.ts";
import { withUnit } from "../format/estimate.ts";
import { brief, percent } from "../format/number.ts";
import { bare } from "../atlas.ts";
import { highlight, hash } from "../highlight.ts";
import { html, type Markup } from "../markup.ts";
import type { ClaimAnswer, Deciding, DeclarationInfo, Verdict } from "../report.ts";
import { elicitedBy, elicitedTag } from "./anchors.ts";
import { barsText } from "./bars.ts";
import { basisOf, basisText, valueText } from "./evidence.ts";
import { claimRows } from "./rows.ts";
import { badge, leaningOf, LOOKS, sign } from "./verdict.ts";
import type { Section, View } from "./view.ts";

/** All claims, with a summary to choose from. */
export const claims: Section = {
  id: "claims",
  name: "Claims",
  worldly: false,
  draw: (view) => {
    const { claims } = view.atlas.report;
    if (claims.length === 0) return null;
    const counts = (Object.keys(LOOKS) as Verdict[]).map((verdict) => ({ verdict, size: claims.filter((claim) => claim.verdict === verdict).length })).filter(({ size }) => size > 0);
    return html`<h2>Claims of the argument</h2>
      <p class="lede">Each sentence, in the order of the argument, is tied to a formula that is asked in every draw; how large a thing it asks for is its <em>bar</em>, a judgement of the author's. In a formula <code>effect(x, y)</code> is what y becomes under x less what it is as it stands; a minus before it asks what is owed to that which x takes away. The coloured strip is the share of draws in which the claim holds; the marks at 20% and 80% decide the verdict, and the thin line is a 90% interval. A draw is one choice of all that is not known, with luck averaged out; the middle draw is their median. A contested claim leans to the side of one half on which that interval lies; where it lies on both it is even, or, if it is wider than 20 points, more luck would have to be sampled to say.</p>
      <div class="chips" role="group" aria-label="Show claims by verdict"><button type="button" class="chip" data-verdict="" aria-pressed="true">All <b>${claims.length}</b></button>${counts.map(
        ({ verdict, size }) => html`<button type="button" class="chip ${LOOKS[verdict].tone}" data-verdict="${verdict}" aria-pressed="false" title="${LOOKS[verdict].meaning}">${sign(verdict)}${LOOKS[verdict].word} <b>${size}</b></button>`,
      )}</div>
      <p class="shown" role="status"></p>
      <ol class="claims">${claims.map((claim) => html`<li id="claim-${claim.name}" class="claim ${LOOKS[claim.verdict].tone}" data-verdict="${claim.verdict}" tabindex="-1">${claimCard(view, claim)}</li>`)}</ol>${view.slots.file("claims", () => claimRows(claims))}`;
  },
  wire: (root) => {
    const chips = [...root.querySelectorAll<HTMLButtonElement>(".chip")];
    const status = root.querySelector<HTMLElement>(".shown");
    for (const chip of chips) {
      chip.addEventListener("click", () => {
        const wanted = chip.dataset["verdict"] ?? "";
        for (const other of chips) other.setAttribute("aria-pressed", String(other === chip));
        let shown = 0;
        for (const item of root.querySelectorAll<HTMLElement>(".claim")) {
          item.hidden = wanted !== "" && item.dataset["verdict"] !== wanted;
          if (!item.hidden) shown += 1;
        }
        if (status) status.textContent = wanted === "" ? "" : `${shown} shown`;
      });
    }
  },
};

/** A claim: left the words, right the verdict. */
function claimCard(view: View, claim: ClaimAnswer): Markup {
  return html`<div class="said"><p class="name"><a href="${hash("claim", claim.name)}">${claim.name}${claim.title && html`<span>${claim.title}</span>`}</a></p>${said(view, claim)}</div><div class="judged"><p class="verdict">${badge(claim.verdict, leaningOf(claim))}</p>${judged(view, claim)}</div>`;
}

/** The sentence, its test in words and as a formula, and what decides it. */
export function said(view: View, claim: ClaimAnswer): Markup {
  const pinned = view.atlas.report.questions.filter(({ label, elicited }) => elicited && claim.readings.includes(label.name));
  return html`${claim.quote && html`<blockquote>${claim.quote}</blockquote>`}
      ${claim.because && html`<p class="because">${claim.because}</p>`}
      ${claim.formula && html`<pre class="formula"><code>${highlight(view.atlas, claim.formula)}</code></pre>`}
      ${pinned.map((answer) => html`<p class="by">“${answer.label.title}” has a level that is not the model's own: ${elicitedTag(view, answer)}${elicitedBy(view, answer)}</p>`)}
      ${claim.fact && html`<p class="by">Checked against <a href="${hash("fact", claim.fact)}">${view.atlas.facts.get(claim.fact)?.quantity ?? claim.fact}</a>${factValue(view, claim.fact)}.</p>`}
      ${claim.rests_on && html`<p class="rests"><b>What it rests on</b>: ${claim.rests_on}</p>`}
      ${decided(view, claim)}
      ${claim.settled_by && html`<p class="settled"><b>What would settle it</b>: ${claim.settled_by}</p>`}`;
}

/** The share of draws behind the verdict, how large the thing is, and how large it has to be. */
export function judged(view: View, claim: ClaimAnswer): Markup {
  const look = LOOKS[claim.verdict];
  const { share, share_interval: interval } = claim;
  return html`${share !== null && html`<div class="share">${verdictBar(share, interval, look.tone, `Holds in ${percent(share)} of draws`, 240)}</div>`}
      <p class="words">${sentence(claim.words || look.meaning)}${interval && claim.verdict !== "unresolved" && html` <span class="range">(${percent(interval[0]).replace("%", "")} to ${percent(interval[1])})</span>`}</p>
      ${barsText(view, claim)}
      ${claim.contradicts.length > 0 && html`<p class="against">Cannot hold together with ${claim.contradicts.map((other, position) => html`${position > 0 && ", "}<a href="${hash("claim", other)}">${other}</a>`)}</p>`}`;
}

/** How many of the parameters that decide a claim stand in its card. */
const DECIDING = 5;

/** The parameters that decide a claim, with what becomes of it at either end, what the model believes of them, and what that rests on. */
function decided(view: View, claim: ClaimAnswer): Markup | null {
  if (claim.share === null || claim.verdict === "built_in") return null;
  // Reports of earlier formats do not say.
  const deciding = claim.decided_by ?? [];
  if (deciding.length === 0) return html`<p class="by">No single assumption decides it: none stands out from chance.</p>`;
  const rest = deciding.length - DECIDING;
  return html`<div class="decides"><p class="by"><b>What decides it</b>: the share of draws in which it holds with a parameter in its lowest and in its highest third, or off and on; what the model believes of it (median, and 90% in brackets); and even, the value with which it is as likely to hold as not.</p>
    <ul>${deciding.slice(0, DECIDING).map((found) => html`<li>${decidingText(view, found)}</li>`)}</ul>${rest > 0 && html`<p class="by">${rest} more stand${rest === 1 ? "s" : ""} out from chance, less.</p>`}</div>`;
}

function decidingText(view: View, { parameter, low, high, tips }: Deciding): Markup {
  const name = bare(parameter);
  const declaration = view.atlas.declarations.get(name);
  const element = parameter.slice(name.length);
  const [where, elsewhere] = isSwitch(declaration) ? ["off", "on"] : ["low", "high"];
  // The first note opens a paragraph of several parameters; what is said of this one alone comes after it.
  const notes = basisOf(view.atlas, name) === "none" ? (declaration?.notes ?? []).slice(1) : [];
  const [, prior] = declaration?.prior.find(([of]) => of === parameter) ?? declaration?.prior[0] ?? [];
  const believed = prior && !isSwitch(declaration) && prior[2] > prior[0] ? `; prior ${brief(prior[1], 2)} (${brief(prior[0], 2)} to ${withUnit(brief(prior[2], 2), declaration?.unit ?? "", prior[2])})` : "";
  return html`<a href="${hash("is", name)}">${declaration?.title || parameter}</a>${element && ` ${element}`}: <b>${percent(low)}</b> where ${where}, <b>${percent(high)}</b> where ${elsewhere}${believed}${tips !== null && tips !== undefined && html`, even at ${withUnit(brief(tips), declaration?.unit ?? "", tips)}`} <span class="by">(${basisText(view.atlas, name)}${notes.length > 0 && html`: ${notes.join(" ").replace(/\.$/, "")}`})</span>`;
}

/** Whether a parameter is 0 or 1 and nothing between: the median of a fair coin lies in the middle. */
function isSwitch(declaration: DeclarationInfo | undefined): boolean {
  const points = declaration?.prior.map(([, ends]) => ends) ?? [];
  return points.length > 0 && declaration?.unit === "" && points.every(([low, median, high]) => [low, high].every((end) => end === 0 || end === 1) && [0, 0.5, 1].includes(median));
}

function factValue(view: View, id: string): Markup | null {
  const fact = view.atlas.facts.get(id);
  return fact ? html`: <b>${valueText(fact)}</b>` : null;
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? "" : ".");
}
