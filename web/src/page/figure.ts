// A chart with its heading and the same numbers as a table.

import { extentOf, fan } from "../chart/fan.ts";
import { rise } from "../chart/rise.ts";
import { shares, swatch } from "../chart/shares.ts";
import { dayText } from "../format/date.ts";
import { withUnit } from "../format/estimate.ts";
import { decimal, NONE, percent, stepOf } from "../format/number.ts";
import { unitText } from "../format/unit.ts";
import { hash } from "../highlight.ts";
import { html, type Content, type Markup } from "../markup.ts";
import type { Band, ChoiceAnswer, EventAnswer, SeriesAnswer } from "../report.ts";
import { seriesRows, shareRows } from "./rows.ts";
import { inSight, titleAt, type View } from "./view.ts";

/** Size and company of a chart. */
export interface Setting {
  height: number;
  /** Charts that share an axis and a cursor. */
  group?: string;
  extent?: readonly [number, number];
  /** Names at the ends of lines. */
  ends?: boolean;
  /** Words below the heading. */
  note?: Content;
  /** The heading, if it is not the title; the unit is then said above. */
  heading?: string;
}

/** A quantity over time. */
export function seriesFigure(view: View, answer: SeriesAnswer, setting: Setting): Markup {
  const worlds = inSight(view);
  const bands = worlds.map((world) => answer.worlds[world]).filter((band): band is Band => band !== undefined);
  const { label } = answer;
  if (bands.every(isYesOrNo)) return stateFigure(view, answer, setting);
  const slot = view.slots.place({
    height: setting.height,
    label: label.title,
    ...(setting.group !== undefined && { group: setting.group }),
    draw: (width) =>
      fan(
        {
          title: label.title,
          description: `Median, middle half and 90% range over time${label.unit ? ` in ${unitText(label.unit)}` : ""}. ${lastWords(view, answer)}`,
          dates: view.dates,
          bands,
          ends: setting.ends && width > 460 && bands.length > 1 ? worlds.map((world) => titleAt(view, world)) : [],
          extent: setting.extent ?? extentOf(bands),
          height: setting.height,
        },
        width,
      ),
    read: (step) =>
      worlds.map((world, position) => {
        const band = answer.worlds[world];
        return band && html`<p><i class="key w${position}"></i>${worlds.length > 1 && html`<span>${titleAt(view, world)}</span> `}<b>${at(band, step, label.unit)}</b> <span class="range">${rangeAt(band, step)}</span></p>`;
      }),
    table: () => bandTable(view, answer),
    rows: () => seriesRows(view, answer),
  });
  return figure(label.declaration, setting.heading ?? label.title, setting.heading === undefined ? unitText(label.unit) : "", slot, setting.note);
}

/** Whether a quantity is only ever 0 or 1: quantiles then say little, and the mean is the share of futures. */
export function isYesOrNo(band: Band): boolean {
  // Quantiles come from buckets and may miss by a little, and one that falls between the zeros and the ones may lie anywhere.
  const near = (value: number | null): boolean => value !== null && Math.min(Math.abs(value), Math.abs(value - 1)) < 0.02;
  const values = [band.p05, band.p25, band.p50, band.p75, band.p95].flat();
  return values.filter(near).length >= 0.95 * values.length;
}

/** A state that holds or does not, as the share of futures in which it holds. */
function stateFigure(view: View, answer: SeriesAnswer, setting: Setting): Markup {
  const worlds = inSight(view);
  const rows = worlds.map((world) => (answer.worlds[world]?.mean ?? []).map((share) => share ?? 0));
  const slot = sharesOverTime(view, answer.label.title, rows, setting.height, setting.group, "");
  return figure(answer.label.declaration, setting.heading ?? answer.label.title, "share of futures", slot, setting.note);
}

/** Median and 90% range at the last step, in words; the share of futures for what is only ever 0 or 1. */
export function lastWords(view: View, answer: SeriesAnswer): string {
  const step = view.dates.length - 1;
  return inSight(view)
    .map((world) => {
      const band = answer.worlds[world];
      const name = inSight(view).length > 1 ? `${titleAt(view, world)}: ` : "";
      if (band && isYesOrNo(band)) return `${name}${percent(band.mean[step] ?? null)} at ${dayText(view.atlas.report.model.end)}.`;
      return band ? `${name}${at(band, step, answer.label.unit)} (${rangeAt(band, step)}) at ${dayText(view.atlas.report.model.end)}.` : "";
    })
    .join(" ");
}

function stepAt(band: Band, step: number): number {
  const [low, high] = [band.p05[step], band.p95[step]];
  const known = typeof low === "number" && typeof high === "number";
  return stepOf(known ? high - low : null, null, band.p50[step] ?? 0);
}

function at(band: Band, step: number, unit: string): string {
  const value = band.p50[step] ?? null;
  return withUnit(decimal(value, stepAt(band, step)), unit, value);
}

function rangeAt(band: Band, step: number): string {
  const size = stepAt(band, step);
  return `${decimal(band.p05[step] ?? null, size)} to ${decimal(band.p95[step] ?? null, size)}`;
}

function bandTable(view: View, answer: SeriesAnswer): Markup {
  const worlds = inSight(view);
  return html`<table><caption>${answer.label.title}${answer.label.unit && html`, in ${unitText(answer.label.unit)}`}: median and 90% range</caption><thead><tr><th scope="col">Date</th>${worlds.map(
    (world) => html`<th scope="col">${titleAt(view, world)}</th>`,
  )}</tr></thead><tbody>${view.dates.map(
    (date, step) =>
      html`<tr><th scope="row">${dayText(date)}</th>${worlds.map((world) => {
        const band = answer.worlds[world];
        return html`<td>${band ? html`${decimal(band.p50[step] ?? null, stepAt(band, step))} <span class="range">${rangeAt(band, step)}</span>` : NONE}</td>`;
      })}</tr>`,
  )}</tbody></table>`;
}

/** A choice over time, in each world in sight. */
export function choiceFigures(view: View, answer: ChoiceAnswer, height: number): Markup {
  const { label } = answer;
  const titles = answer.options.map(([name, title]) => title || name.replaceAll("_", " "));
  const panels = inSight(view).map((world) => {
    const rows = answer.worlds[world] ?? [];
    const heading = inSight(view).length > 1 && html`<p class="world w${world === 0 ? 0 : 1}">${titleAt(view, world)}</p>`;
    // Who has nothing to decide on still decides, and a chart of it would mislead.
    if (answer.idle.includes(world)) return html`<div class="panel">${heading}<p class="by">Not drawn: nothing hangs on this choice in this world.</p></div>`;
    return html`<div class="panel">${heading}${view.slots.place({
      height,
      label: label.title,
      group: `choice-${label.name}`,
      draw: (width) =>
        shares(
          {
            title: `${label.title}: ${titleAt(view, world)}`,
            description: titles.map((title, option) => `${title}: ${percent(rows[option]?.[view.dates.length - 1] ?? null)} at the end.`).join(" "),
            dates: view.dates, options: titles, shares: rows, height,
          },
          width,
        ),
      read: (step) => titles.map((title, option) => html`<p>${swatch(option)}<span>${title}</span> <b>${percent(rows[option]?.[step] ?? null)}</b></p>`).reverse(),
      table: () =>
        shareTable(view, `${label.title}: share of futures in which each option stands`, titles, (option, step) => rows[option]?.[step] ?? null),
      rows: () => shareRows(view, answer.options.map(([name]) => name), (option, step) => rows[option]?.[step] ?? null),
    })}</div>`;
  });
  return figure(label.declaration, label.title, `decided by ${answer.actor.replaceAll("_", " ")}`, html`<div class="panels">${panels}</div>`);
}

/** An event over time. */
export function eventFigure(view: View, answer: EventAnswer, height: number): Markup {
  const { label } = answer;
  const worlds = inSight(view);
  const rows = worlds.map((world) => answer.worlds[world] ?? []);
  const last = view.dates.length - 1;
  const slot = sharesOverTime(view, label.title, rows, height, "events", "in which it has happened");
  const shown = worlds.map((_, position) => html`<b class="w${position}">${percent(rows[position]?.[last] ?? null)}</b>`);
  const ends = shown.length > 1 ? html`${shown[0]} / ${shown[1]}` : shown[0];
  return figure(label.declaration, label.title, answer.recurring ? "at least once" : "", slot, html`<span class="ends">${ends}</span>`);
}

/** One line per world in sight: the share of futures in which something holds. */
function sharesOverTime(view: View, title: string, rows: readonly (readonly number[])[], height: number, group: string | undefined, what: string): Markup {
  const worlds = inSight(view);
  const last = view.dates.length - 1;
  return view.slots.place({
    height,
    label: title,
    ...(group !== undefined && { group }),
    draw: (width) =>
      rise(
        {
          title,
          description: worlds.map((world, position) => `${titleAt(view, world)}: ${percent(rows[position]?.[last] ?? null)} at the end.`).join(" "),
          dates: view.dates, shares: rows, height,
        },
        width,
      ),
    read: (step) =>
      worlds.map((world, position) => html`<p><i class="key w${position}"></i>${worlds.length > 1 && html`<span>${titleAt(view, world)}</span> `}<b>${percent(rows[position]?.[step] ?? null)}</b></p>`),
    table: () =>
      shareTable(view, `${title}: share of futures ${what}`.trim(), worlds.map((world) => titleAt(view, world)), (row, step) => rows[row]?.[step] ?? null),
    rows: () => shareRows(view, worlds.map((world) => view.atlas.report.worlds[world]?.name ?? ""), (row, step) => rows[row]?.[step] ?? null),
  });
}

function shareTable(view: View, caption: string, columns: readonly string[], value: (column: number, step: number) => number | null): Markup {
  return html`<table><caption>${caption}</caption><thead><tr><th scope="col">Date</th>${columns.map((column) => html`<th scope="col">${column}</th>`)}</tr></thead><tbody>${view.dates.map(
    (date, step) => html`<tr><th scope="row">${dayText(date)}</th>${columns.map((_, column) => html`<td>${percent(value(column, step))}</td>`)}</tr>`,
  )}</tbody></table>`;
}

/** Heading, chart and note; the heading leads to the declaration. */
function figure(declaration: string, heading: string, unit: string, chart: Content, note?: Content): Markup {
  return html`<figure class="chart"><figcaption><a href="${hash("is", declaration)}">${heading}</a>${unit && html` <span class="unit">${unit}</span>`}${note}</figcaption>${chart}</figure>`;
}
