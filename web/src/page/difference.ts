// How the model differs from another version: what was changed, and what each change does to each answer.

import { waterfall } from "../chart/waterfall.ts";
import { amountIn, CHANCE, errorText, valueOf, words } from "../format/estimate.ts";
import { unitText } from "../format/unit.ts";
import { hash } from "../highlight.ts";
import { html, type Markup } from "../markup.ts";
import type { AnswerDifference, Attributed, Change, Difference, Edit, Estimate } from "../report.ts";
import { differenceRows, namesOf } from "./rows.ts";
import type { Section, View } from "./view.ts";

/** So many answers are shown at once; a fold holds the rest. */
const FEW = 6;

/** Parts that are a smaller share than this of all that moved are only in the file. */
const NEGLIGIBLE = 0.002;

/** The changes, and the answers that moved most. */
export const difference: Section = {
  id: "difference",
  name: "Difference",
  worldly: false,
  draw: (view) => {
    // Reports of earlier formats have none.
    const found = view.atlas.report.difference;
    if (!found) return null;
    const moved = found.answers.filter((answer) => sizeOf(answer) > 0);
    const first = moved.filter(({ headline }) => headline);
    const rest = moved.filter(({ headline }) => !headline).sort((a, b) => sizeOf(b) - sizeOf(a));
    const shown = [...first, ...rest.slice(0, Math.max(FEW - first.length, FEW / 2))];
    const folded = rest.slice(shown.length - first.length);
    const still = found.answers.length - moved.length;
    const figures = (answers: readonly AnswerDifference[]): Markup => html`<div class="grid wide">${answers.map((answer) => figure(view, found, answer))}</div>`;
    return html`<h2>What differs from <em>${found.before}</em></h2>
      <p class="lede">Everything else on this page is of <code>${found.after}</code>.</p>
      ${list(view, found)}
      ${moved.length > 0 && html`<h3>What each change does</h3>
      <p class="note">The changes are made one by one, future by future under the same luck. A change's part is what making it adds, on average over ${found.all_orders ? "all orders in which the changes could be made" : `${found.orders} orders in which the changes could be made`} (Shapley 1953); the parts add up to the difference. Whiskers are two standard errors: of Monte Carlo${found.all_orders ? "" : " and of the choice of orders"}.</p>`}
      ${figures(shown)}
      ${folded.length > 0 && view.slots.fold("all", `${folded.length} more answers`, () => figures(folded))}
      ${still > 0 && html`<p class="note">${still === found.answers.length ? "Every answer is" : still === 1 ? "One answer is" : `${still} answers are`} the same in every future.</p>`}
      ${found.changes.length > 0 && view.slots.file("difference", () => differenceRows(found))}`;
  },
};

/** What a change is about, and how much goes with it. */
function lead(change: Change | undefined): string {
  const [first = "", ...others] = change ? namesOf(change) : [];
  return others.length === 0 ? first : `${first} and ${others.length} more`;
}

/** Every change keeps its number; those that move nothing are folded away. */
function list(view: View, { changes, words, answers }: Difference): Markup {
  // A name is a keyword and a name.
  const linked = (text: string): Markup => {
    const name = text.slice(text.indexOf(" ") + 1);
    return view.atlas.declarations.has(name) ? html`<a href="${hash("is", name)}"><code>${text}</code></a>` : html`<code>${text}</code>`;
  };
  const named = (word: string, names: readonly string[]): Markup | false => names.length > 0 && html`<p>${word}: ${names.map((name, position) => html`${position > 0 && ", "}${linked(name)}`)}</p>`;
  const edited = ({ name, words, before, after }: Edit): Markup =>
    html`<p>${linked(name)}: ${words.split("`").map((part, position) => (position % 2 === 1 ? html`<code>${part}</code>` : part))}</p>${before !== "" && view.slots.fold("all", "Before and after", () => html`<p><code>${before}</code></p><p><code>${after}</code></p>`)}`;
  const said = (change: Change): Markup => html`${change.edited.map(edited)}${named("new", change.added)}${named("gone", change.removed)}`;
  const moves = (position: number): boolean => answers.some(({ parts }) => (parts[position]?.part.mean ?? 0) !== 0);
  const numbered = changes.map((change, position) => ({ change, position }));
  const [moving, idle] = [numbered.filter(({ position }) => moves(position)), numbered.filter(({ position }) => !moves(position))];
  const items = (some: typeof numbered): Markup => html`<ol class="edits">${some.map(({ change, position }) => html`<li value="${position + 1}">${said(change)}</li>`)}</ol>`;
  const written = namesOf(words).length;
  return html`${changes.length === 0 && html`<p>Nothing that any answer reads.</p>`}${moving.length > 0 && items(moving)}${
    idle.length > 0 && view.slots.fold("all", idle.length === 1 ? "One change moves no answer that both give" : `${idle.length} changes move no answer that both give`, () => items(idle))
  }${written > 0 && view.slots.fold("all", written === 1 ? "One change of words only" : `${written} changes of words only`, () => html`<div class="edits">${said(words)}</div>`)}`;
}

/** The difference against the answer's own spread. */
function sizeOf({ before, after, change }: AnswerDifference): number {
  const spread = (estimate: Estimate): number => Math.hypot(estimate.knowledge_sd ?? 0, estimate.luck_sd ?? 0);
  const by = Math.abs(change.mean ?? 0);
  return by === 0 ? 0 : by / Math.max(1e-300, spread(before), spread(after));
}

/** Standard error of a part: of Monte Carlo, and of the choice of orders. */
function errorOf({ part, order_error: order }: Attributed): number {
  return Math.hypot(part.mc_error ?? 0, order ?? 0);
}

function figure(view: View, found: Difference, answer: AnswerDifference): Markup {
  const reading = answer.unit === "%" ? CHANCE : amountIn(answer.unit);
  const plain = (estimate: Estimate): Estimate => ({ ...estimate, quantiles: null, knowledge_quantiles: null });
  const write = (estimate: Estimate): string => valueOf(words(plain(estimate), { ...reading, difference: true }));
  const level = (estimate: Estimate): string => valueOf(words(plain(estimate), reading));
  const all = answer.parts.reduce((sum, { part }) => sum + Math.abs(part.mean ?? 0), 0);
  const parts = answer.parts
    .map((attributed, position) => {
      const error = errorOf(attributed);
      const estimate = { ...attributed.part, mc_error: error };
      return { name: `${position + 1} ${lead(found.changes[position])}`, value: estimate.mean ?? 0, error, text: write(estimate), estimate };
    })
    .filter(({ value }) => Math.abs(value) > NEGLIGIBLE * all)
    .sort((a, b) => Math.abs(b.value) - Math.abs(a.value));
  const whole = { name: "difference", value: answer.change.mean ?? 0, error: answer.change.mc_error, text: write(answer.change) };
  const slot = view.slots.place({
    height: 24 * (parts.length + 1) + 10,
    label: `What each change does: ${answer.title}`,
    draw: (width) => waterfall({ title: `What each change does: ${answer.title}`, description: `${whole.text} in all: ${parts.map(({ name, text }) => `${name} ${text}`).join(", ")}.`, parts, whole }, width),
    table: () =>
      html`<table><caption>What each change does: ${answer.title}</caption><thead><tr><th scope="col">Change</th><th scope="col">Part</th><th scope="col">Error</th></tr></thead><tbody>${parts.map(({ name, text, estimate }) => html`<tr><th scope="row">${name}</th><td>${text}</td><td>${errorText(estimate, reading)}</td></tr>`)}<tr><th scope="row">difference</th><td>${whole.text}</td><td>${errorText(answer.change, reading)}</td></tr></tbody></table>`,
  });
  const title = view.atlas.declarations.has(answer.name) ? html`<a href="${hash("is", answer.name)}">${answer.title}</a>` : html`${answer.title}`;
  return html`<figure class="chart"><figcaption>${title}${reading !== CHANCE && answer.unit && html` <span class="unit">${unitText(answer.unit)}</span>`}<span class="note">from ${level(answer.before)} to ${level(answer.after)}</span></figcaption>${slot}</figure>`;
}
