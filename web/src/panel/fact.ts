// A fact or a work of the literature in the panel.

import { interval } from "../chart/interval.ts";
import { dayText } from "../format/date.ts";
import { html, type Markup } from "../markup.ts";
import { citation, grade, GRADES, linkTo, sourceLink, valueText } from "../page/evidence.ts";
import type { View } from "../page/view.ts";
import type { FactInfo, ReferenceInfo } from "../report.ts";

/** A fact with everything that is known about it. */
export function factView(view: View, fact: FactInfo): Markup {
  const { low, central, high } = fact;
  const ranged = low !== null && central !== null && high !== null && high > low;
  const from = ranged && low > 0 && low < 0.6 * high ? 0 : (low ?? 0);
  return html`<p class="kind">fact</p><h2 tabindex="-1">${fact.quantity}</h2>
    <p class="amount"><b>${valueText(fact)}</b></p>
    ${ranged && interval({ title: fact.quantity, description: valueText(fact), from, to: high, rules: [], marks: [{ world: 0, mean: central, wide: [low, high], name: valueText(fact) }] }, 300).svg}
    <dl><dt>Grade</dt><dd>${grade(fact.grade)} ${GRADES[fact.grade] ?? "not graded"}</dd>
    <dt>As of</dt><dd>${dayText(fact.as_of)}</dd>
    <dt>Source</dt><dd class="source">${sourceLink(fact)}</dd>
    ${fact.verified && html`<dt>Verified</dt><dd>${fact.verified}</dd>`}
    ${fact.central !== null && fact.text && html`<dt>Text</dt><dd>${fact.text}</dd>`}
    ${fact.note && html`<dt>Note</dt><dd>${fact.note}</dd>`}
    <dt>Id</dt><dd><code>${fact.id}</code></dd></dl>
    ${usedBy(view, fact.used_by)}`;
}

/** A work, and what cites it. */
export function referenceView(view: View, reference: ReferenceInfo): Markup {
  return html`<p class="kind">literature</p><h2 tabindex="-1">${reference.key}</h2><p>${citation(reference)}</p>${usedBy(view, reference.used_by)}`;
}

function usedBy(view: View, names: readonly string[]): Markup | null {
  if (names.length === 0) return null;
  return html`<h3>Used by</h3><ul class="links">${names.map((name) => html`<li><span class="kind">${view.atlas.declarations.get(name)?.kind ?? (view.atlas.claims.has(name) ? "claim" : "")}</span> ${linkTo(view, name)}</li>`)}</ul>`;
}
