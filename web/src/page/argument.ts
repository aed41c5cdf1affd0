// The argument at a glance: each claim as a stop on the mechanisms that it speaks of.

import { argument as draw, type Stop } from "../chart/argument.ts";
import { percent } from "../format/number.ts";
import { hash } from "../highlight.ts";
import { html, type Markup } from "../markup.ts";
import { homesOf, mechanismsOf, routeOf, type Mechanism } from "../mechanism.ts";
import type { ClaimAnswer } from "../report.ts";
import { chapterId } from "./mechanisms.ts";
import { LOOKS } from "./verdict.ts";
import { takeSvg, type Section, type View } from "./view.ts";

/** The map of the argument, where there is more than one claim. */
export const argument: Section = {
  id: "argument",
  name: "Argument",
  worldly: false,
  draw: (view) => {
    const { claims } = view.atlas.report;
    const mechanisms = mechanismsOf(view.atlas);
    if (claims.length < 2 || mechanisms.length === 0) return null;
    return html`<h2>The argument as a map</h2>
      <p class="lede">Each line down is a mechanism of the model, each stop a claim, in the order of the argument. Select a claim to see its formula and what it rests on, or the name of a mechanism to read its chapter.</p>
      ${legend(view, homesOf(mechanisms))}
      <figure class="chart map-of-claims">${view.slots.place({ height: 60 + 30 * claims.length, label: "The argument as a map", draw: (width) => draw(chartOf(view, mechanisms), width) })}<div class="takes">${takeSvg("The argument as a map")}</div></figure>`;
  },
};

function legend(view: View, homes: ReadonlyMap<string, number>): Markup {
  const { claims } = view.atlas.report;
  const outside = claims.map((claim) => routeOf(view.atlas, homes, claim)).some(({ reads, turns }) => reads.length + turns.length === 0);
  const turned = claims.some((claim) => claim.worlds.length > 0);
  const clashes = claims.some((claim) => claim.contradicts.length > 0);
  return html`<p class="legend map-legend"><span><svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true"><circle class="key-mark" cx="8" cy="8" r="7"/></svg> what the claim is read from; the colour and sign are its verdict</span>${
    turned && html`<span><svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true"><circle class="key-ring" cx="8" cy="8" r="5.5"/></svg> what is changed to see what follows</span>`
  }${outside && html`<span>at the edge: what no mechanism of the model decides</span>`}${clashes && html`<span><svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true"><path class="key-clash" d="M3 6h10M3 10h10M11 2L5 14"/></svg> claims that cannot hold together</span>`}</p>`;
}

function chartOf(view: View, mechanisms: readonly Mechanism[]): Parameters<typeof draw>[0] {
  const { claims } = view.atlas.report;
  const homes = homesOf(mechanisms);
  const places = new Map(claims.map((claim, position) => [claim.name, position]));
  const pairs = claims.flatMap((claim, position) =>
    claim.contradicts.flatMap((other) => {
      const place = places.get(other);
      return place === undefined ? [] : [[Math.min(position, place), Math.max(position, place)] as const];
    }),
  );
  return {
    title: "The argument as a map",
    roads: mechanisms.map(({ name, title }) => ({ title, href: `#${chapterId(name)}` })),
    stops: claims.map((claim) => stopOf(view, mechanisms, homes, claim)),
    // Either of two claims may say that it contradicts the other, or both do.
    against: [...new Map(pairs.map((pair) => [pair.join(), pair])).values()],
  };
}

function stopOf(view: View, mechanisms: readonly Mechanism[], homes: ReadonlyMap<string, number>, claim: ClaimAnswer): Stop {
  const look = LOOKS[claim.verdict];
  const route = routeOf(view.atlas, homes, claim);
  const names = (roads: readonly number[]): string => roads.map((road) => mechanisms[road]?.title ?? "").join(", ");
  const spoken = [
    `${claim.name}: ${claim.title || claim.quote}. ${look.word}${claim.share === null ? "" : `, holds in ${percent(claim.share)} of draws`}`,
    route.reads.length > 0 && `read from ${names(route.reads)}`,
    route.turns.length > 0 && `changes ${names(route.turns)}`,
    claim.contradicts.length > 0 && `cannot hold together with ${claim.contradicts.join(", ")}`,
  ];
  return {
    name: claim.name,
    title: claim.title || claim.quote,
    href: hash("claim", claim.name),
    tone: look.tone,
    verdict: claim.share === null ? look.word : `${look.word} ${percent(claim.share)}`,
    sign: look.sign,
    reads: route.reads,
    turns: route.turns,
    spoken: spoken.filter(Boolean).join("; ") + ".",
  };
}
