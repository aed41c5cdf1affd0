// Every declaration of the model, to be found by words.

import { html, type Markup } from "../markup.ts";
import { hash } from "../highlight.ts";
import { count } from "../format/number.ts";
import type { DeclarationInfo } from "../report.ts";
import type { Section } from "./view.ts";

/** The list of declarations, by file. */
export const model: Section = {
  id: "model",
  name: "Model",
  worldly: false,
  draw: (view) => {
    const { declarations, model } = view.atlas.report;
    if (declarations.length === 0) return null;
    const files = new Map<string, DeclarationInfo[]>();
    for (const declaration of declarations) {
      const file = files.get(declaration.place[0]);
      if (file) file.push(declaration);
      else files.set(declaration.place[0], [declaration]);
    }
    return html`<h2>The model</h2>
      <p class="lede">${model.counts.map(([kind, size], position) => html`${position > 0 && ", "}${sized(kind, size)}`)}. Each leads to its equation as written.</p>
      <div class="controls"><label>Find <input type="search" data-control="find" placeholder="name, title or equation"></label></div>
      <p class="shown" role="status"></p>
      <div class="files">${[...files].map(([file, list]) => html`<details class="file" open><summary>${file} <span class="unit">${list.length}</span></summary><ul>${list.map(item)}</ul></details>`)}</div>`;
  },
  wire: (root, view) => {
    const find = root.querySelector<HTMLInputElement>("[data-control=find]");
    if (view.atlas.report.declarations.length > 60) root.querySelectorAll("details.file").forEach((file) => file.removeAttribute("open"));
    find?.addEventListener("input", () => {
      const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const file of root.querySelectorAll<HTMLElement>(".file")) {
        let here = 0;
        for (const entry of file.querySelectorAll<HTMLElement>("li")) {
          const declaration = view.atlas.declarations.get(entry.dataset["name"] ?? "");
          const text = `${declaration?.kind} ${declaration?.title} ${declaration?.text} ${declaration?.name}`.toLowerCase();
          entry.hidden = !words.every((word) => text.includes(word));
          if (!entry.hidden) here += 1;
        }
        file.hidden = here === 0;
        file.toggleAttribute("open", words.length > 0 || view.atlas.report.declarations.length <= 60);
        shown += here;
      }
      const status = root.querySelector(".shown");
      if (status) status.textContent = words.length > 0 ? `${shown} of ${view.atlas.report.declarations.length} declarations` : "";
    });
  },
};

function item(declaration: DeclarationInfo): Markup {
  return html`<li data-name="${declaration.name}"><span class="kind">${declaration.kind}</span> <a href="${hash("is", declaration.name)}">${declaration.name}</a>${declaration.title && html` <span class="by">${declaration.title}</span>`}</li>`;
}

/** A number of declarations of a kind, in words. */
export function sized(kind: string, size: number): string {
  return `${count(size)} ${size === 1 ? (SINGULAR[kind] ?? kind) : plural(kind)}`;
}

const SINGULAR: Record<string, string> = { let: "derived quantity", noise: "noise term", const: "constant", param: "parameter" };

function plural(kind: string): string {
  if (kind === "series") return kind;
  if (kind === "let") return "derived quantities";
  if (kind === "noise") return "noise terms";
  if (kind === "const") return "constants";
  if (kind === "param") return "parameters";
  if (kind === "treaty") return "treaties";
  return kind.endsWith("x") ? kind.slice(0, -2) + "ices" : kind + "s";
}
