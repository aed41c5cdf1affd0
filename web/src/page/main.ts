// The page: reads the report that is embedded in it, draws its sections, and follows the reader.

import { atlasOf } from "../atlas.ts";
import { html } from "../markup.ts";
import type { Report } from "../report.ts";
import { answers, changed } from "./answers.ts";
import { argument } from "./argument.ts";
import { centre, leadingWorld } from "./centre.ts";
import { claims } from "./claims.ts";
import { Charts } from "./charts.ts";
import { comparison, sweep } from "./comparison.ts";
import { difference } from "./difference.ts";
import { explanation } from "./explanation.ts";
import { doubt } from "./doubt.ts";
import { evidence } from "./evidence.ts";
import { mechanisms } from "./mechanisms.ts";
import { checks, method } from "./method.ts";
import { model } from "./model.ts";
import { choices, events, series } from "./overtime.ts";
import { Panel } from "./drawer.ts";
import { place } from "./place.ts";
import { measures, questions } from "./readings.ts";
import { summary } from "./summary.ts";
import { takeAway } from "./take.ts";
import { ties } from "./ties.ts";
import { darkNow, themeButton } from "./theme.ts";
import { datesOf, Slots, titleAt, type Section, type View } from "./view.ts";

/** The sections, top down. */
const SECTIONS: readonly Section[] = [
  answers, summary, centre, comparison, sweep, difference, explanation, questions, measures, doubt, argument, claims, mechanisms, series, choices, events, place, ties, model, evidence, checks, changed, method,
];

start();

function start(): void {
  const source = document.getElementById("report")?.textContent ?? "";
  const report = JSON.parse(source) as Report;
  const atlas = atlasOf(report);
  const view: View = { atlas, world: leadingWorld(atlas), dates: datesOf(atlas), slots: new Slots(), dark: darkNow(), repaint: [] };
  document.title = `${report.model.title || report.model.name} · Melian`;

  const main = document.querySelector("main") as HTMLElement;
  const charts = new Charts(view);
  const present = SECTIONS.filter((section) => {
    const element = document.createElement("section");
    element.id = section.id;
    const drawn = section.draw(view);
    if (drawn === null) return false;
    element.innerHTML = drawn.text;
    const heading = element.querySelector("h1, h2");
    if (heading) {
      heading.id ||= `${section.id}-heading`;
      element.setAttribute("aria-labelledby", heading.id);
    }
    main.append(element);
    section.wire?.(element, view);
    return true;
  });
  charts.watch(main);
  bar(view, present, () => redraw(view, present, charts));
  const paint = (dark: boolean): void => {
    view.dark = dark;
    for (const part of view.repaint) part();
  };
  themeButton(() => paint(darkNow()));
  // Paper is light, and nothing on it can be opened.
  window.addEventListener("beforeprint", () => {
    paint(false);
    charts.unfoldAll("#mechanisms .chapter, #mechanisms .equations");
  });
  window.addEventListener("afterprint", () => {
    paint(darkNow());
    charts.foldBack();
  });
  takeAway(view);
  new Panel(view, charts);
  window.addEventListener("hashchange", openAddressed);
  // The same address again is no change, but the reader wants to see it.
  document.addEventListener("click", (event) => (event.target as Element).closest?.("a[href^='#']")?.getAttribute("href") === location.hash && openAddressed());
  openAddressed();
}

/** Opens the fold to which the address leads. */
function openAddressed(): void {
  const fold = location.hash.length > 1 && !location.hash.startsWith("#/") ? document.getElementById(decodeURIComponent(location.hash.slice(1))) : null;
  if (!(fold instanceof HTMLDetailsElement)) return;
  fold.open = true;
  fold.scrollIntoView();
  fold.querySelector("summary")?.focus({ preventScroll: true });
}

/** Draws what shows the chosen world again; folds that were open stay open. */
function redraw(view: View, sections: readonly Section[], charts: Charts): void {
  view.repaint = [];
  for (const section of sections) {
    if (!section.worldly) continue;
    const element = document.getElementById(section.id);
    const drawn = section.draw(view);
    if (!element) continue;
    // What compares worlds has nothing to say of one.
    element.hidden = drawn === null;
    if (drawn === null) continue;
    const open = [...element.querySelectorAll<HTMLDetailsElement>("details[id][open]")].map(({ id }) => id);
    element.innerHTML = drawn.text;
    for (const id of open) document.getElementById(id)?.setAttribute("open", "");
    section.wire?.(element, view);
  }
  charts.refresh();
}

/** The bar at the top: contents, and the world beside the baseline. */
function bar(view: View, sections: readonly Section[], changed: () => void): void {
  const { worlds } = view.atlas.report;
  const contents = document.querySelector(".contents");
  if (contents) contents.innerHTML = html`${sections.filter((section) => section.name !== "").map((section) => html`<a href="#${section.id}">${section.name}</a>`)}`.text;
  const chooser = document.querySelector(".chooser");
  if (!chooser || worlds.length < 2) return;
  chooser.innerHTML = html`<label><span>Compare with</span> <select id="world" aria-label="Compare with">${worlds.map((_, index) => html`<option value="${index}"${index === view.world && html` selected`}>${index === 0 ? "nothing: as it stands" : titleAt(view, index)}</option>`)}</select></label>`.text;
  chooser.querySelector("select")?.addEventListener("change", (event) => {
    view.world = Number((event.target as HTMLSelectElement).value);
    changed();
  });
}
