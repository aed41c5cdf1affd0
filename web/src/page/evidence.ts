// What the model rests on: facts with their grades, the weakest ones below the answers, literature, and every declaration.

import { above, groundOf, titleOf, type Atlas } from "../atlas.ts";
import { dayText } from "../format/date.ts";
import { withUnit } from "../format/estimate.ts";
import { brief, count } from "../format/number.ts";
import { hash } from "../highlight.ts";
import { html, type Markup } from "../markup.ts";
import type { FactInfo, ReferenceInfo } from "../report.ts";
import { headlineGround } from "./centre.ts";
import { factRows } from "./rows.ts";
import type { Section, View } from "./view.ts";

/** What a grade says. */
export const GRADES: Record<string, string> = {
  A: "official, or several sources",
  B: "one official source, or strong press",
  C: "press estimate, or an expert",
  D: "assumption",
};

/** Facts and literature. */
export const evidence: Section = {
  id: "evidence",
  name: "Evidence",
  worldly: false,
  draw: (view) => {
    const { facts, references, declarations } = view.atlas.report;
    if (facts.length === 0 && references.length === 0) return null;
    const parameters = declarations.filter((declaration) => declaration.kind === "param").map(({ name }) => name);
    const grades = Object.keys(GRADES).map((grade) => ({ grade, size: facts.filter((fact) => fact.grade === grade).length }));
    return html`<h2>Evidence</h2>
      <p class="lede">${parameters.length > 0 && html`${basesWords(view.atlas, parameters)} `}${facts.length > 0 && html`Grades say how well a figure is attested, not how much it matters.`}</p>
      ${facts.length > 0 && html`
      ${weakest(view)}
      <div class="controls"><label>Find <input type="search" data-control="find" placeholder="words, source, id"></label>
      <div class="chips" role="group" aria-label="Show facts by grade"><button type="button" class="chip" data-grade="" aria-pressed="true">All <b>${facts.length}</b></button>${grades.map(
        ({ grade, size }) => size > 0 && html`<button type="button" class="chip" data-grade="${grade}" aria-pressed="false" title="${GRADES[grade]}"><i class="grade g${grade}">${grade}</i>${GRADES[grade]} <b>${size}</b></button>`,
      )}</div></div>
      <p class="shown" role="status"></p>
      <div class="scroll tall" tabindex="0" role="region" aria-label="Facts" data-offered><table class="facts"><thead><tr>${COLUMNS.map(([name, key]) => html`<th scope="col" aria-sort="none"><button type="button" data-sort="${key}">${name}</button></th>`)}</tr></thead><tbody></tbody></table></div>${view.slots.file("facts", () => factRows(facts))}`}
      ${references.length > 0 && html`<h3>Literature</h3><ul class="works">${references.map((reference) => html`<li>${citation(reference)} <a class="by" href="${hash("reference", reference.key)}">${usage(reference.used_by.length)}</a></li>`)}</ul>`}`;
  },
  wire: (root, view) => wireFacts(root, view),
};

const COLUMNS: [string, string][] = [["Grade", "grade"], ["Fact", "quantity"], ["Value", "central"], ["As of", "as_of"], ["Source", "source"], ["Used by", "used"]];

/** As many weak facts as are listed at once. */
const SHOWN = 8;

function weakest(view: View): Markup | null {
  const ground = headlineGround(view.atlas);
  const weak = ground.facts.map((id) => view.atlas.facts.get(id)).filter((fact): fact is FactInfo => fact !== undefined && fact.grade >= "C");
  if (weak.length === 0) return null;
  const reach = new Map(weak.map((fact) => [fact.id, readers(view, fact).length]));
  weak.sort((a, b) => b.grade.localeCompare(a.grade) || (reach.get(b.id) ?? 0) - (reach.get(a.id) ?? 0));
  const item = (fact: FactInfo): Markup =>
    html`<li>${grade(fact.grade)} <a href="${hash("fact", fact.id)}">${fact.quantity}</a> <span class="range">${valueText(fact)}</span> <span class="by">below ${count(reach.get(fact.id) ?? 0)} of the answers</span></li>`;
  const rest = weak.slice(SHOWN);
  return html`<div class="weak"><h3>The weakest facts below the first answers</h3>
    <p class="by">${count(ground.facts.length)} facts are below the sentences at the top of this page; of these, ${count(weak.length)} ${weak.length === 1 ? "has" : "have"} grade C or D. Which of them matter most is a question for a sensitivity analysis; this list does not rank them by effect.</p>
    <ul>${weak.slice(0, SHOWN).map(item)}</ul>${rest.length > 0 && view.slots.fold("fold", `${count(rest.length)} more`, () => html`<ul>${rest.map(item)}</ul>`)}</div>`;
}

/** Answers below which a fact lies. */
function readers(view: View, fact: FactInfo): string[] {
  const seen = new Set<string>(fact.used_by);
  const open = [...seen];
  while (open.length > 0) {
    for (const user of above(view.atlas, open.pop() ?? "")) {
      if (seen.has(user)) continue;
      seen.add(user);
      open.push(user);
    }
  }
  return [...seen].filter((name) => ["measure", "question"].includes(view.atlas.declarations.get(name)?.kind ?? ""));
}

function wireFacts(root: HTMLElement, view: View): void {
  const body = root.querySelector("tbody");
  if (!body) return;
  const facts = view.atlas.report.facts;
  let [sort, falling, wanted, find] = ["grade", false, "", ""];
  const show = (): void => {
    const words = find.toLowerCase().split(/\s+/).filter(Boolean);
    const rows = facts
      .filter((fact) => wanted === "" || fact.grade === wanted)
      .filter((fact) => words.every((word) => `${fact.id} ${fact.quantity} ${fact.source} ${fact.note} ${fact.text}`.toLowerCase().includes(word)));
    rows.sort((a, b) => compare(a, b, sort) * (falling ? -1 : 1));
    body.innerHTML = html`${rows.map((fact) => factRow(view, fact))}`.text;
    const status = root.querySelector(".shown");
    if (status) status.textContent = rows.length === facts.length ? "" : `${rows.length} of ${facts.length} facts`;
  };
  root.querySelector<HTMLInputElement>("[data-control=find]")?.addEventListener("input", (event) => {
    find = (event.target as HTMLInputElement).value;
    show();
  });
  const chips = [...root.querySelectorAll<HTMLButtonElement>("[data-grade]")];
  for (const chip of chips) {
    chip.addEventListener("click", () => {
      wanted = chip.dataset["grade"] ?? "";
      for (const other of chips) other.setAttribute("aria-pressed", String(other === chip));
      show();
    });
  }
  for (const button of root.querySelectorAll<HTMLButtonElement>("[data-sort]")) {
    button.addEventListener("click", () => {
      falling = sort === button.dataset["sort"] && !falling;
      sort = button.dataset["sort"] ?? "grade";
      for (const head of root.querySelectorAll("th[aria-sort]")) head.setAttribute("aria-sort", "none");
      button.parentElement?.setAttribute("aria-sort", falling ? "descending" : "ascending");
      show();
    });
  }
  show();
}

function compare(a: FactInfo, b: FactInfo, key: string): number {
  if (key === "central") return (a.central ?? -Infinity) - (b.central ?? -Infinity);
  if (key === "used") return a.used_by.length - b.used_by.length;
  const field = key as "grade" | "quantity" | "as_of" | "source";
  return a[field].localeCompare(b[field]) || a.quantity.localeCompare(b.quantity);
}

function factRow(view: View, fact: FactInfo): Markup {
  return html`<tr><td>${grade(fact.grade)}</td><th scope="row"><a href="${hash("fact", fact.id)}">${fact.quantity}</a></th><td class="amount">${valueText(fact)}</td><td>${dayText(fact.as_of)}</td><td>${sourceLink(fact)}</td><td>${fact.used_by.slice(0, 3).map((name, position) => html`${position > 0 && ", "}${linkTo(view, name)}`)}${fact.used_by.length > 3 && ` and ${fact.used_by.length - 3} more`}</td></tr>`;
}

/** A link to a declaration or claim by its name; what the report does not have is text. */
export function linkTo(view: View, name: string, text = ""): Markup {
  if (view.atlas.claims.has(name)) return html`<a href="${hash("claim", name)}">${text || `claim ${name}`}</a>`;
  return view.atlas.declarations.has(name) ? html`<a href="${hash("is", name)}">${text || titleOf(view.atlas, name)}</a>` : html`${text || name}`;
}

/** What the prior of a parameter rests on. */
export type Basis = "fact" | "elicited" | "none";

/** Finds what a parameter rests on: a fact, an elicited probability that it is solved for, or nothing that has a source. */
export function basisOf(atlas: Atlas, parameter: string): Basis {
  if (atlas.report.anchors.some((anchor) => anchor.parameter === parameter && anchor.state !== "open")) return "elicited";
  return groundOf(atlas, [parameter]).facts.length > 0 ? "fact" : "none";
}

/** What a parameter rests on, in words. */
export function basisText(atlas: Atlas, parameter: string): Markup {
  const basis = basisOf(atlas, parameter);
  if (basis === "none") return html`<span class="unsourced">estimate without a source</span>`;
  if (basis === "elicited") return html`solved for so that an answer has its <a href="#checks">elicited probability</a>`;
  const facts = groundOf(atlas, [parameter]).facts.flatMap((id) => atlas.facts.get(id) ?? []);
  // What nobody has counted stands among the facts as what it is.
  const called = (fact: FactInfo): string => (fact.verified === "assumption" ? "an assumption" : `a fact of grade ${fact.grade}`);
  return html`rests on ${facts.map((fact, position) => html`${position > 0 && ", "}<a href="${hash("fact", fact.id)}">${called(fact)}</a>`)}`;
}

/** How many parameters rest on what, in a sentence. */
export function basesWords(atlas: Atlas, parameters: readonly string[]): string {
  const bases = parameters.map((name) => basisOf(atlas, name));
  const size = (basis: Basis): number => bases.filter((other) => other === basis).length;
  const [sourced, elicited, bare] = [size("fact"), size("elicited"), size("none")];
  const parts = [
    `${count(sourced)} ${sourced === 1 ? "rests" : "rest"} on a fact with a source`,
    elicited > 0 && `${count(elicited)} ${elicited === 1 ? "is" : "are"} solved for from elicited probabilities`,
    `${count(bare)} ${bare === 1 ? "is an estimate" : "are estimates"} without one`,
  ].filter((part) => part !== false);
  return `Of ${count(parameters.length)} ${parameters.length === 1 ? "parameter" : "parameters"}, ${parts.slice(0, -1).join(", ")} and ${parts[parts.length - 1]}.`;
}

/** A grade in a circle. */
export function grade(letter: string): Markup {
  return html`<i class="grade g${letter}" title="Grade ${letter}: ${GRADES[letter] ?? "not graded"}">${letter || "–"}</i>`;
}

/** The figure of a fact: the median, and its range where it has one. */
export function valueText(fact: FactInfo): string {
  const { low, central, high } = fact;
  if (central === null) return fact.text;
  const share = fact.unit === "share" || fact.unit === "probability";
  const write = (value: number): string => brief(share ? value * 100 : value);
  const middle = share ? write(central) + "%" : withUnit(write(central), fact.unit, central);
  if (low === null || high === null || (low === central && high === central)) return middle;
  return `${middle} (${write(low)} to ${write(high)}${share ? "%" : ""})`;
}

/** Who says so, with a link to where it was read. */
export function sourceLink(fact: FactInfo): Markup {
  return safe(fact.url) ? html`<a href="${fact.url}" rel="noreferrer noopener external">${fact.source || fact.url}</a>` : html`${fact.source}${fact.url && html` <span class="by">${fact.url}</span>`}`;
}

/** One line of the literature, with a link. */
export function citation(reference: ReferenceInfo): Markup {
  const address = /^10\.\d{4,}\//.test(reference.doi) ? `https://doi.org/${reference.doi}` : reference.doi;
  const link = address && (safe(address) ? html` <a href="${address}" rel="noreferrer noopener external">${reference.doi}</a>` : html` ${reference.doi}`);
  return html`${reference.citation}${link}${!reference.verified && html` <span class="tag" title="Not checked against a public record">unverified</span>`}`;
}

/** Only addresses of the web are made into links: a model must not be able to run anything here. */
function safe(address: string): boolean {
  return /^https?:\/\//i.test(address);
}

function usage(users: number): string {
  return users === 1 ? "used once" : `used by ${users}`;
}
