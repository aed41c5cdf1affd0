// Text of a model with its words marked, and its names made into links.

import type { Atlas } from "./atlas.ts";
import { html, type Markup } from "./markup.ts";

/** Words of the language; they are marked only where they are not declared names. */
const KEYWORDS = new Set(
  (
    "model time weekly daily every from for unit index subset of map param const stock attribute flow let noise event choice transfer correlate series " +
    "measure question intervention claim headline anchor function check use by at with probability when rate recurring if then else and or " +
    "not to through carrying on pipeline options start utility rules precision switching cost memory forever none available quote holds factual " +
    "normative because rests settled contradicts cite in where sum min max mean any all product count change total highest lowest average effect " +
    "quantile median under never always cut freeze previous delay smooth cumulative initial happened occurred since wanted in_transit " +
    "table csv outlines between so that is within now elapsed year_share month true false"
  ).split(" "),
);

const TOKEN =
  /(?<comment>\/\/[^\n]*)|(?<string>"(?:[^"\\\n]|\\.)*")|(?<date>\d{4}-\d{2}-\d{2})|(?<number>\d[\d_]*(?:\.\d+)?(?:[eE][+-]?\d+)?%?)|(?<fact>\bfact\(\s*)(?<id>[A-Za-z_]\w*)|(?<cite>\bcite\s+)(?<key>[A-Za-z_]\w*)|(?<name>[A-Za-z_]\w*)/g;

/** Marks up Melian text. Names of declarations, facts and references lead to the panel; `self` does not lead to itself. */
export function highlight(atlas: Atlas, text: string, self = ""): Markup {
  const parts: (Markup | string)[] = [];
  let end = 0;
  for (const match of text.matchAll(TOKEN)) {
    parts.push(text.slice(end, match.index));
    end = match.index + match[0].length;
    const groups = match.groups ?? {};
    if (groups["comment"]) parts.push(html`<span class="m-comment">${groups["comment"]}</span>`);
    else if (groups["string"]) parts.push(html`<span class="m-string">${groups["string"]}</span>`);
    else if (groups["date"]) parts.push(html`<span class="m-number">${groups["date"]}</span>`);
    else if (groups["number"]) parts.push(html`<span class="m-number">${groups["number"]}</span>`);
    else if (groups["id"]) {
      const id = groups["id"];
      const link = atlas.facts.has(id) ? html`<a href="${hash("fact", id)}">${id}</a>` : id;
      parts.push(html`<span class="m-word">fact</span>${(groups["fact"] ?? "").slice(4)}${link}`);
    } else if (groups["key"]) {
      const key = groups["key"];
      const link = atlas.references.has(key) ? html`<a href="${hash("reference", key)}">${key}</a>` : key;
      parts.push(html`<span class="m-word">cite</span>${(groups["cite"] ?? "").slice(4)}${link}`);
    } else parts.push(nameText(atlas, match[0], self));
  }
  parts.push(text.slice(end));
  return html`${parts}`;
}

function nameText(atlas: Atlas, name: string, self: string): Markup | string {
  if (name === self) return html`<b>${name}</b>`;
  if (atlas.declarations.has(name)) return html`<a href="${hash("is", name)}">${name}</a>`;
  if (atlas.claims.has(name)) return html`<a href="${hash("claim", name)}">${name}</a>`;
  return KEYWORDS.has(name) ? html`<span class="m-word">${name}</span>` : name;
}

/** What the panel can show. */
export type Kind = "is" | "fact" | "reference" | "claim" | "figure";

/** The address of something on this page. */
export function hash(kind: Kind, id: string): string {
  return `#/${kind}/${encodeURIComponent(id)}`;
}
