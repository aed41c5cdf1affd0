// Takes figures and tables away as files. They are made here, in the browser: nothing is asked for and nothing is sent.

import { csv, fileName, plain, type Cell } from "../format/csv.ts";
import type { View } from "./view.ts";

/** What a drawing needs of the style of the page to look the same elsewhere. */
const STYLE = [
  "fill", "fill-opacity", "stroke", "stroke-width", "stroke-dasharray", "stroke-linecap", "stroke-linejoin", "stroke-opacity", "opacity", "paint-order", "font-family", "font-size",
  "font-weight", "font-style", "text-anchor",
];

/** Offers every table as a file, and hands out what is asked for. */
export function takeAway(view: View): void {
  const offer = (): void => document.querySelectorAll("table").forEach(offerTable);
  new MutationObserver(offer).observe(document.body, { childList: true, subtree: true });
  offer();
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest?.<HTMLButtonElement>("button.take");
    if (button) take(view, button);
  });
}

/** Puts a button behind a table, and behind the frame in which it scrolls. */
function offerTable(table: HTMLTableElement): void {
  const frame = table.closest<HTMLElement>(".scroll:not(details > .scroll)") ?? table;
  if (frame.dataset["offered"] !== undefined) return;
  frame.dataset["offered"] = "";
  const button = document.createElement("button");
  button.type = "button";
  button.className = "take";
  button.dataset["take"] = "table";
  button.textContent = "CSV";
  button.setAttribute("aria-label", `Download this table as CSV: ${titleOf(table)}`);
  frame.after(button);
}

function titleOf(table: HTMLTableElement): string {
  const heading = table.closest("details")?.querySelector("summary")?.textContent ?? table.closest("section, aside")?.querySelector("h2")?.textContent;
  return plain(table.caption?.textContent || table.getAttribute("aria-label") || heading || "table");
}

function take(view: View, button: HTMLButtonElement): void {
  const name = view.atlas.report.model.name;
  const { take: kind = "" } = button.dataset;
  if (kind === "svg") {
    const drawn = button.closest(".row, .figure, figure, .atlas")?.querySelector<SVGSVGElement>(".slot svg, .canvas svg, :scope > svg");
    if (drawn) save(`${name}-${fileName(drawn.getAttribute("aria-label") ?? "")}.svg`, "image/svg+xml", drawing(drawn));
  } else if (kind === "table") {
    const before = button.previousElementSibling;
    const table = before instanceof HTMLTableElement ? before : before?.querySelector("table");
    if (table) save(`${name}-${fileName(titleOf(table))}.csv`, "text/csv", csv(numbersOf(view, table) ?? cellsOf(table)));
  } else if (kind === "report") save(`${name}-report.json`, "application/json", document.getElementById("report")?.textContent ?? "");
  else {
    const rows = view.slots.rows(kind);
    if (rows) save(`${name}-${fileName(button.dataset["name"] ?? "")}.csv`, "text/csv", csv(rows));
  }
}

/** The numbers behind a table that belongs to a chart, in full. */
function numbersOf(view: View, table: HTMLTableElement): readonly (readonly Cell[])[] | undefined {
  const slot = table.closest("details.data")?.closest(".figure")?.querySelector<HTMLElement>(".slot");
  return view.slots.get(slot?.dataset["slot"] ?? "")?.rows?.();
}

/** What a table shows, cell by cell. */
function cellsOf(table: HTMLTableElement): Cell[][] {
  return [...table.rows].map((row) => [...row.cells].map((cell) => plain(cell.innerText || cell.textContent || "")));
}

/** A drawing that stands by itself: with the style it has here, on its ground, and without links that lead nowhere. */
function drawing(original: SVGSVGElement): string {
  const copy = original.cloneNode(true) as SVGSVGElement;
  const originals = [original, ...original.querySelectorAll<SVGElement>("*")];
  const copies = [copy, ...copy.querySelectorAll<SVGElement>("*")];
  originals.forEach((element, position) => dress(element, copies[position]));
  copy.querySelectorAll(".cursor, .hit").forEach((element) => element.remove());
  for (const link of copy.querySelectorAll("a")) {
    const group = document.createElementNS("http://www.w3.org/2000/svg", "g");
    group.append(...link.childNodes);
    link.replaceWith(group);
  }
  const ground = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  for (const [name, value] of [["width", "100%"], ["height", "100%"], ["fill", getComputedStyle(document.body).backgroundColor]] as const) ground.setAttribute(name, value);
  copy.prepend(ground);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${new XMLSerializer().serializeToString(copy)}\n`;
}

function dress(element: SVGElement, copy: SVGElement | undefined): void {
  if (!copy || ["title", "desc"].includes(element.tagName)) return;
  const style = getComputedStyle(element);
  for (const name of STYLE) copy.setAttribute(name, style.getPropertyValue(name));
  copy.removeAttribute("class");
  copy.removeAttribute("style");
}

function save(name: string, type: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  // The browser has begun by then.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
