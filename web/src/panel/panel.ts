// The side panel: from a number to its equation, its parameters, their facts, their sources. Every view of it has an address of its own.

import { namesIn, titleOf } from "../atlas.ts";
import { html, type Markup } from "../markup.ts";
import { highlight, type Kind } from "../highlight.ts";
import { elicitedIn, readingOf } from "../page/answers.ts";
import { judged, said } from "../page/claims.ts";
import { mechanismsBelow } from "../page/mechanisms.ts";
import { badge, leaningOf } from "../page/verdict.ts";
import type { View } from "../page/view.ts";
import { declarationView, estimateList, groundView } from "./declaration.ts";
import { factView, referenceView } from "./fact.ts";

/** How luck was taken out of a share, in words. */
function ruleText(rule: string): string {
  const words: Record<string, string> = {
    linear: "a draw's mean over its samples of luck is drawn towards the mean of all draws, so that draws differ as much as they would without luck (Louis 1984)",
    beta_binomial: "the probabilities of the draws, or the effects on them, are taken to have a distribution that is fitted to their samples of luck (Kleinman 1973, Mosimann 1962)",
  };
  return words[rule] ?? rule.replaceAll("_", "-");
}

/** What the panel shows: a name for the trail, and the content. */
export interface Leaf {
  name: string;
  content: Markup;
}

/** Reads `#/is/will`; nothing for other addresses. */
export function leafAt(address: string): { kind: Kind; id: string } | null {
  const match = /^#\/(is|fact|reference|claim|figure)\/(.+)$/.exec(address);
  if (!match) return null;
  try {
    return { kind: match[1] as Kind, id: decodeURIComponent(match[2] ?? "") };
  } catch {
    return null;
  }
}

/** Draws what an address leads to. */
export function leaf(view: View, kind: Kind, id: string): Leaf {
  const { atlas } = view;
  if (kind === "is") {
    const declaration = atlas.declarations.get(id);
    if (declaration) return { name: titleOf(atlas, id), content: declarationView(view, declaration) };
  }
  if (kind === "fact") {
    const fact = atlas.facts.get(id);
    if (fact) return { name: fact.quantity, content: factView(view, fact) };
  }
  if (kind === "reference") {
    const reference = atlas.references.get(id);
    if (reference) return { name: reference.key, content: referenceView(view, reference) };
  }
  if (kind === "claim") {
    const claim = atlas.claims.get(id);
    if (claim) {
      return {
        name: `Claim ${claim.name}`,
        content: html`<p class="kind">claim ${claim.name}</p><h2 tabindex="-1">${claim.title || claim.name}</h2><p class="verdict">${badge(claim.verdict, leaningOf(claim))}</p><div class="claim"><div class="judged">${judged(view, claim)}</div>${said(view, claim)}</div>${mechanismsBelow(view, claim.name)}${claim.rule && claim.share !== null && html`<p class="by">How luck was taken out of the share: ${ruleText(claim.rule)}.</p>`}${groundView(view, namesIn(atlas, `${claim.name} ${claim.formula} ${claim.readings.join(" ")}`))}`,
      };
    }
  }
  if (kind === "figure") {
    const [line = 0, position = 0] = id.split(".").map(Number);
    const part = atlas.report.headlines[line]?.parts[position];
    if (part?.kind === "figure") {
      const sentence = atlas.report.headlines[line]?.parts.map((piece) => (piece.kind === "text" ? piece.text : "\u2026")).join("") ?? "";
      return {
        name: "Figure",
        content: html`<p class="kind">figure of an answer</p><h2 tabindex="-1">${sentence}</h2><pre class="code"><code>${highlight(atlas, part.formula)}</code></pre>${elicitedIn(view, part.formula)}${estimateList(part.estimate, readingOf(part))}${groundView(view, namesIn(atlas, part.formula))}`,
      };
    }
  }
  return { name: id, content: html`<h2 tabindex="-1">${id}</h2><p>This report has nothing of that name.</p>` };
}
