// How far to trust it: face checks, elicited probabilities, numeric problems, how to make the same run again, and what such models cannot do.

import { bare } from "../atlas.ts";
import { dayText } from "../format/date.ts";
import { withUnit } from "../format/estimate.ts";
import { brief, count, decimal, percent, stepOf } from "../format/number.ts";
import { hash } from "../highlight.ts";
import { html, type Markup } from "../markup.ts";
import type { CheckAnswer } from "../report.ts";
import { anchorTable } from "./anchors.ts";
import { linkTo } from "./evidence.ts";
import { titleAt, type Section, type View } from "./view.ts";

/** Checks against published ranges, and what went wrong inside futures. */
export const checks: Section = {
  id: "checks",
  name: "",
  worldly: false,
  draw: (view) => {
    const { anchors, checks, problems } = view.atlas.report;
    if (anchors.length + checks.length + problems.length === 0) return null;
    const [faces, books] = [checks.filter((check) => !isIdentity(check)), checks.filter(isIdentity)];
    const passed = faces.filter((check) => check.passed).length;
    const odd = books.filter((check) => !check.passed);
    return html`<h2>Checks</h2>
      ${faces.length > 0 && html`<p class="lede">Does the model, before anything new happens, look like what is on record? ${passed === faces.length ? `All ${count(passed)}` : `${count(passed)} of ${count(faces.length)}`} medians lie in the published range.</p>
      <ul class="checks">${faces.map((check) => checkItem(view, check))}</ul>`}
      ${books.length > 0 && html`<h3>Books that must balance</h3><p>${odd.length === 0 ? `All ${count(books.length)} do` : `${count(odd.length)} of ${count(books.length)} do not`}: ${books.map((check, position) => html`${position > 0 && ", "}${linkTo(view, bare(check.measure), checkTitle(view, check))}${!check.passed && html` <b>(${brief(check.median)})</b>`}`)}.</p>`}
      ${anchors.length > 0 && anchorTable(view)}
      <h3>What went wrong inside futures</h3>
      ${problems.length === 0 ? html`<p>Nothing: in no future did an equation divide by zero, overflow or ask for the impossible.</p>` : html`<div class="scroll"><table><thead><tr><th scope="col">What</th><th scope="col">Equation</th><th scope="col">World</th><th scope="col">Steps of futures</th><th scope="col">First in future</th></tr></thead><tbody>${problems.map(
        (problem) => html`<tr><td>${problem.words}</td><th scope="row">${linkTo(view, bare(problem.equation), problem.equation)}</th><td>${worldName(view, problem.world)}</td><td class="amount">${count(problem.count)}</td><td>${problem.first[0]}, ${dayText(problem.first[1])}</td></tr>`,
      )}</tbody></table></div>`}`;
  },
};

function bibtex(view: View): string {
  const { model, run, melian } = view.atlas.report;
  // What would end the field is left out.
  const title = (model.title || model.name).replace(/[{}\\]/g, "");
  return `@misc{${model.name}_${run.identity.slice(0, 8)},\n  title = {${title}},\n  howpublished = {Model \`${model.name}\`, run with Melian ${melian}},\n  note = {Run ${run.identity}, seed ${run.seed}: ${run.reproduce}}\n}`;
}

function worldName(view: View, name: string): string {
  const index = view.atlas.report.worlds.findIndex((world) => world.name === name);
  return index < 0 ? name : titleAt(view, index);
}

/** Whether a check asks for one exact figure: an identity that must hold, and nothing that was published. */
export function isIdentity(check: CheckAnswer): boolean {
  return check.range[0] === check.range[1];
}

function checkTitle(view: View, check: CheckAnswer): string {
  const measured = view.atlas.answers.get(bare(check.measure))?.measures.find((answer) => answer.label.name === check.measure)?.label.title;
  // A title that says the element is better than one that leaves it open.
  return check.title && !check.measure.includes("[") ? check.title : measured || check.title || check.measure;
}

function checkItem(view: View, check: CheckAnswer): Markup {
  const [low, high] = check.range;
  const step = stepOf(high - low);
  const median = check.median;
  const from = Math.min(low, median ?? low);
  const to = Math.max(high, median ?? high);
  const reach = (to - from || 1) * 0.25;
  const at = (value: number): string => ((100 * (value - from + reach)) / (to - from + 2 * reach)).toFixed(1) + "%";
  return html`<li><span class="badge ${check.passed ? "yes" : "no"}">${check.passed ? "✓ in range" : "✕ outside"}</span>
    <span class="what">${linkTo(view, bare(check.measure), checkTitle(view, check))}</span>
    <svg class="gauge" viewBox="0 0 200 16" preserveAspectRatio="none" role="img" aria-label="Median ${decimal(median, step)}, published ${brief(low)} to ${brief(high)}"><line class="track-line" x1="0" x2="100%" y1="8" y2="8"/><line class="published" x1="${at(low)}" x2="${at(high)}" y1="8" y2="8"/>${median !== null && html`<line class="found" x1="${at(median)}" x2="${at(median)}" y1="1" y2="15"/>`}</svg>
    <span><b>${withUnit(decimal(median, step), check.unit, median)}</b> <span class="range">published ${brief(low)} to ${brief(high)}</span></span></li>`;
}

/** How to make the same run, how to cite it, and its limits. */
export const method: Section = {
  id: "method",
  name: "Method",
  worldly: false,
  draw: (view) => {
    const { model, run, melian, format, worlds } = view.atlas.report;
    return html`<h2>Reproduce, cite, doubt</h2>
      <div class="columns">
      <div><h3>Make the same run</h3><p>The same to the bit, on any machine:</p><pre class="command"><code>${run.reproduce}</code></pre>
      <dl><dt>Seed</dt><dd>${String(run.seed)}</dd><dt>Run</dt><dd><code>${run.identity}</code></dd><dt>Priors</dt><dd><code>${run.priors}</code></dd><dt>Size</dt><dd>${count(run.draws)} draws × ${count(run.replications)} replications${run.seconds !== null && html`, ${brief(run.seconds, 2)}\u00a0s`}</dd><dt>Made with</dt><dd>Melian ${melian}, ${format}</dd></dl><p class="takes"><button type="button" class="take" data-take="report" aria-label="Download all results as JSON">All results as JSON</button></p></div>
      <div><h3>Cite it</h3><p class="cite">“${model.title || model.name}”, model <i>${model.name}</i>, run ${run.identity.slice(0, 12)} with Melian ${melian}, seed ${String(run.seed)}.</p>
      <details class="fold"><summary>As BibTeX</summary><pre class="command"><code>${bibtex(view)}</code></pre></details>
      <p class="by">Every view of the side panel has an address of its own, such as <code>${hash("claim", "NAME")}</code> or <code>${hash("is", "NAME")}</code>: add it to a citation of a single figure.</p>
      ${worlds.length > 1 && html`<h3>Interventions</h3><ul class="interventions">${worlds.slice(1).map((world, position) => html`<li>${linkTo(view, world.name, titleAt(view, position + 1))}: ${world.changes.map((change, place) => html`${place > 0 && ", "}<code>${change}</code>`)}</li>`)}</ul>`}</div>
      <div><h3>Limits</h3><p>These figures are what follows from the equations and priors shown here, not what will happen: a chance of ${percent(0.3)} is a share of the futures of this model. Causes that nobody wrote down are absent, and ranges are only as wide as the doubts that somebody thought of.</p></div>
      </div>`;
  },
};
