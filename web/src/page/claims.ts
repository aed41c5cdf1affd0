// The claims of the argument, in its order: the sentence, the formula that stands for it, and what the run says.

import { verdictBar } from "../chart/verdict.ts";
import { CHANCE, amountIn, withUnit, type Reading } from "../format/estimate.ts";
import { brief, decimal, percent, stepOf } from "../format/number.ts";
import { bare } from "../atlas.ts";
import { highlight, hash } from "../highlight.ts";
import { html, type Markup } from "../markup.ts";
import type { ClaimAnswer, Verdict } from "../report.ts";
import { elicitedTag } from "./anchors.ts";
import { basisText, valueText } from "./evidence.ts";
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
      <p class="lede">Each sentence, in the order of the argument, is tied to a formula that is asked in every draw; how large a thing it asks for is its <em>bar</em>, a judgement of the author's. In a formula <code>effect(x, y)</code> is what y becomes under x less what it is as it stands; a minus before it asks what is owed to that which x takes away. The coloured strip is the share of draws in which the claim holds; the marks at 20% and 80% decide the verdict, and the thin line is a 90% interval. A contested claim leans to the side of one half on which that interval lies; where it lies on both it is a coin toss, or noise if it is wider than 20 points.</p>
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
      ${pinned.map((answer) => html`<p class="by">“${answer.label.title}” has a level that is not the model's own: ${elicitedTag(view, answer)}</p>`)}
      ${claim.fact && html`<p class="by">Checked against <a href="${hash("fact", claim.fact)}">${view.atlas.facts.get(claim.fact)?.quantity ?? claim.fact}</a>${factValue(view, claim.fact)}.</p>`}
      ${decided(view, claim)}`;
}

/** The share of draws behind the verdict, and on which side of its bar the answer lies. */
export function judged(view: View, claim: ClaimAnswer): Markup {
  const look = LOOKS[claim.verdict];
  const { share, share_interval: interval } = claim;
  return html`${share !== null && html`<div class="share">${verdictBar(share, interval, look.tone, `Holds in ${percent(share)} of draws`, 240)}</div>`}
      <p class="words">${sentence(claim.words || look.meaning)}${interval && claim.verdict !== "unresolved" && html` <span class="range">(${percent(interval[0]).replace("%", "")} to ${percent(interval[1])})</span>`}</p>
      ${besideBar(view, claim)}
      ${claim.contradicts.length > 0 && html`<p class="against">Cannot hold together with ${claim.contradicts.map((other, position) => html`${position > 0 && ", "}<a href="${hash("claim", other)}">${other}</a>`)}</p>`}`;
}

/** On which side of its bar the answer lies, in the median draw, and how far. */
function besideBar(view: View, claim: ClaimAnswer): Markup | null {
  const { margin } = claim;
  // With one replication there are no draws' own values, and the mean has to do.
  const [low, middle, high] = margin?.knowledge_quantiles ?? [null, margin?.mean ?? null, null];
  if (!margin || middle === null) return null;
  const reading = marginReading(view, claim);
  const scale = reading.chance ? 100 : 1;
  const step = stepOf(low === null || high === null ? null : scale * (high - low), scale * (margin.mc_error ?? 0), scale * middle);
  const write = (value: number): string => decimal(scale * Math.abs(value), step);
  const side = (value: number): string => (value < 0 ? "short" : "beyond");
  const size = reading.chance || reading.unit === "%" ? `${write(middle)}\u00a0points` : withUnit(write(middle), reading.unit, middle);
  const range = low !== null && high !== null && (side(low) === side(high) ? `${[low, high].map(Math.abs).sort((a, b) => a - b).map(write).join(" to ")} ${side(low)}` : `${write(low)} ${side(low)} to ${write(high)} ${side(high)}`);
  return html`<p class="by">${middle < 0 ? "Short of" : "Beyond"} the bar by ${size}${range && html` in the median draw <span class="range">(nine in ten: ${range})</span>`}.</p>`;
}

/** How many of the parameters that decide a claim stand in its card. */
const DECIDING = 5;

/** The parameters that decide a claim, with what becomes of it at either end, and what they rest on. */
function decided(view: View, claim: ClaimAnswer): Markup | null {
  if (claim.share === null || claim.verdict === "built_in") return null;
  // Reports of earlier formats do not say.
  const deciding = claim.decided_by ?? [];
  if (deciding.length === 0) return html`<p class="by">No single assumption decides it: none stands out from chance.</p>`;
  const rest = deciding.length - DECIDING;
  return html`<div class="decides"><p class="by"><b>What decides it</b>: the share of draws in which it holds with a parameter in its lowest and in its highest third; even is the value with which it is as likely to hold as not.</p>
    <ul>${deciding.slice(0, DECIDING).map(({ parameter, low, high, tips }) => {
      const declaration = view.atlas.declarations.get(bare(parameter));
      const element = parameter.slice(bare(parameter).length);
      const title = declaration?.title || parameter;
      return html`<li><a href="${hash("is", bare(parameter))}">${title}</a>${element && ` ${element}`}: <b>${percent(low)}</b> where low, <b>${percent(high)}</b> where high${tips !== null && tips !== undefined && html`, even at ${withUnit(brief(tips), declaration?.unit ?? "", tips)}`} <span class="by">(${basisText(view.atlas, bare(parameter))})</span></li>`;
    })}</ul>${rest > 0 && html`<p class="by">${rest} more stand${rest === 1 ? "s" : ""} out from chance, less.</p>`}</div>`;
}

function factValue(view: View, id: string): Markup | null {
  const fact = view.atlas.facts.get(id);
  return fact ? html`: <b>${valueText(fact)}</b>` : null;
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? "" : ".");
}

/** A margin reads like the first measure or question of the formula. */
function marginReading(view: View, claim: ClaimAnswer): Reading {
  const answers = view.atlas.answers.get(bare(claim.readings[0] ?? ""));
  if (answers && answers.questions.length > 0) return CHANCE;
  return amountIn(answers?.measures[0]?.label.unit ?? "");
}
