// Verdicts in words, with a sign and a tone each: never by colour alone.

import { html, type Markup } from "../markup.ts";
import { count } from "../format/number.ts";
import type { ClaimAnswer, Verdict } from "../report.ts";

/** How a verdict is shown. */
export interface Look {
  word: string;
  meaning: string;
  /** Class that gives the colour. */
  tone: "yes" | "maybe" | "no" | "open" | "given";
  /** Path of the sign, in a box of 16. */
  sign: string;
}

const TICK = "M3.5 8.5l3 3 6-7";
const CROSS = "M4.5 4.5l7 7m0-7l-7 7";
const WAVE = "M3 9c1.7-3 3.3-3 5-1s3.3 2 5-1";

/** All verdicts, in the order in which they are listed. */
export const LOOKS: Record<Verdict, Look> = {
  supported: { word: "Supported", meaning: "holds in at least 80% of draws", tone: "yes", sign: TICK },
  contested: { word: "Contested", meaning: "holds in between 20% and 80% of draws", tone: "maybe", sign: WAVE },
  rejected: { word: "Rejected", meaning: "holds in at most 20% of draws", tone: "no", sign: CROSS },
  unresolved: { word: "Unresolved", meaning: "luck leaves it open: more replications might tell", tone: "open", sign: "M5.5 6a2.5 2.5 0 1 1 3.5 2.3c-.7.4-1 .8-1 1.7m0 2.2v.3" },
  built_in: { word: "Built in", meaning: "holds in every draw or none by construction", tone: "given", sign: "M4 7h8v6H4zM5.5 7V5a2.5 2.5 0 0 1 5 0v2" },
  accurate: { word: "Accurate", meaning: "the stated number agrees with the fact", tone: "yes", sign: TICK },
  imprecise: { word: "Imprecise", meaning: "within the fact's range, but not close to it", tone: "maybe", sign: WAVE },
  wrong: { word: "Wrong", meaning: "outside the fact's range", tone: "no", sign: CROSS },
  normative: { word: "Normative", meaning: "no measurement could decide it", tone: "given", sign: "M8 3v10M4 13h8M3 5h10M3 5l-1 4h3zm10 0l-1 4h3z" },
};

/** Which way a contested claim leans. */
export type Leaning = "leans yes" | "leans no" | "even" | "too few samples";

/** An interval of a share wider than this says little about a claim, and would shrink with more replications: a choice by judgement. */
const WIDE = 0.2;

/** Reads the leaning of a contested claim off the 90% interval of its share: to the side of one half on which it lies. */
export function leaningOf({ verdict, share_interval: interval }: ClaimAnswer): Leaning | null {
  if (verdict !== "contested" || interval === null) return null;
  const [low, high] = interval;
  if (low > 0.5) return "leans yes";
  if (high < 0.5) return "leans no";
  return high - low > WIDE ? "too few samples" : "even";
}

/** How the contested claims divide, in words; empty if there are none. */
export function leanings(claims: readonly ClaimAnswer[]): string {
  const words: [Leaning, string, string][] = [
    ["leans yes", "leans yes", "lean yes"], ["leans no", "leans no", "lean no"], ["even", "is even", "are even"], ["too few samples", "needs more samples of luck", "need more samples of luck"],
  ];
  return words
    .map(([leaning, one, many]) => ({ one, many, size: claims.filter((claim) => leaningOf(claim) === leaning).length }))
    .filter(({ size }) => size > 0)
    .map(({ one, many, size }) => `${count(size)} ${size === 1 ? one : many}`)
    .join(", ");
}

/** A verdict as a badge, of a contested claim with its leaning. */
export function badge(verdict: Verdict, leaning: Leaning | null = null): Markup {
  const look = LOOKS[verdict];
  return html`<span class="badge ${look.tone}" title="${look.meaning}">${sign(verdict)}${look.word}${leaning && `, ${leaning}`}</span>`;
}

/** The sign alone. */
export function sign(verdict: Verdict): Markup {
  return html`<svg class="sign" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><path d="${LOOKS[verdict].sign}"/></svg>`;
}
