// What every chart gives: its drawing, where its steps are, and what it says at each of them.

import { scaleLinear, type ScaleLinear } from "d3-scale";
import { monthText } from "../format/date.ts";
import { decimal, powerOfTen } from "../format/number.ts";
import { html, px, type Markup } from "../markup.ts";

/** A drawing of a given width. */
export interface Plot {
  svg: Markup;
  height: number;
  /** Over time: the horizontal position of each step, and the vertical extent of the cursor. */
  steps?: readonly number[];
  top?: number;
  bottom?: number;
}

/** Draws at a width in pixels; pure. */
export type Draw = (width: number) => Plot;

/** The space around a plot. */
export interface Margin {
  top: number;
  right: number;
  bottom: number;
  left: number;
}

/** A time axis over the ends of steps. */
export interface TimeScale {
  x: (step: number) => number;
  positions: number[];
  axis: Markup;
}

/** About how wide a text of the page's labels is, in pixels: no browser is needed to lay a chart out. */
export function textWidth(text: string, size = 12): number {
  let units = 0;
  for (const letter of text) units += /[ilj.,:;'|!\u202f\u2009]/.test(letter) ? 0.3 : /[mwMW%@]/.test(letter) ? 0.9 : /[A-Z]/.test(letter) ? 0.68 : 0.54;
  return units * size;
}

/** A label that fits into a width. */
export function cut(name: string, room: number): string {
  if (textWidth(name, 12) <= room) return name;
  let end = name.length;
  while (end > 1 && textWidth(name.slice(0, end) + "…", 12) > room) end -= 1;
  return name.slice(0, end).trimEnd() + "…";
}

/** Lays the ends of steps along the width, with months or years below. */
export function timeScale(dates: readonly Date[], left: number, right: number, bottom: number): TimeScale {
  const first = dates[0]?.getTime() ?? 0;
  const last = dates[dates.length - 1]?.getTime() ?? 1;
  const scale = scaleLinear([first, last === first ? first + 1 : last], [left, right]);
  const positions = dates.map((date) => scale(date.getTime()));
  const marks = calendarMarks(new Date(first), new Date(last), right - left);
  // A label that would reach into the one before is left out; its tick stays.
  let end = -Infinity;
  const ticks = marks.map((mark) => {
    const x = scale(mark.date.getTime());
    const half = textWidth(mark.text, 11) / 2;
    const centre = Math.min(Math.max(x, left + half - 8), right - half + 10);
    const fits = centre - half > end + 6;
    if (fits) end = centre + half;
    return html`<line class="tick" x1="${px(x)}" x2="${px(x)}" y1="${bottom}" y2="${bottom + 4}"/>${
      fits && html`<text class="axis" x="${px(centre)}" y="${bottom + 16}" text-anchor="middle">${mark.text}</text>`
    }`;
  });
  const axis = html`<line class="base" x1="${left}" x2="${px(right)}" y1="${bottom}" y2="${bottom}"/>${ticks}`;
  return { x: (step) => positions[step] ?? left, positions, axis };
}

/** First days of months, quarters or years, so many that their labels fit. */
function calendarMarks(first: Date, last: Date, width: number): { date: Date; text: string }[] {
  const months = (last.getTime() - first.getTime()) / (30.44 * 86_400_000);
  if (months < 1.2) return dayMarks(first, last, width);
  const room = Math.max(2, width / 64);
  const every = [1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200].find((step) => months / step <= room) ?? 1200;
  const marks: { date: Date; text: string }[] = [];
  let year = first.getUTCFullYear();
  let month = first.getUTCMonth();
  if (every >= 12) {
    year = Math.floor(year / (every / 12)) * (every / 12);
    month = 0;
  } else month = Math.floor(month / every) * every;
  for (; ; month += every) {
    const date = new Date(Date.UTC(year, month, 1));
    if (date > last) return marks;
    if (date >= first) {
      marks.push({ date, text: every >= 12 ? String(date.getUTCFullYear()) : monthText(date, marks.length === 0) });
    }
  }
}

function dayMarks(first: Date, last: Date, width: number): { date: Date; text: string }[] {
  const days = (last.getTime() - first.getTime()) / 86_400_000;
  const every = Math.max(1, Math.ceil(days / Math.max(2, width / 64)));
  const marks: { date: Date; text: string }[] = [];
  for (let date = first; date <= last; date = new Date(date.getTime() + every * 86_400_000)) {
    marks.push({ date, text: `${date.getUTCDate()} ${monthText(date, false).slice(0, 3)}` });
  }
  return marks;
}

/** A vertical axis with light rules. */
export interface ValueScale {
  y: ScaleLinear<number, number>;
  /** Room that the labels need. */
  room: number;
  axis: (left: number, right: number) => Markup;
}

/** Spreads values over a height; from zero unless the values are far from it. */
export function valueScale(
  low: number, high: number, top: number, bottom: number, format?: (value: number) => string, ticks = 4,
): ValueScale {
  let [from, to] = [low, high];
  if (!(to >= from)) [from, to] = [0, 1];
  if (from > 0 && from < 0.6 * to) from = 0;
  // A trace below zero is what interpolation between buckets leaves of zero.
  if (from < 0 && -from < 0.025 * to) from = 0;
  if (to < 0 && to > 0.6 * from) to = 0;
  if (from === to) [from, to] = from === 0 ? [0, 1] : [from - Math.abs(from) / 10, to + Math.abs(to) / 10];
  const y = scaleLinear([from, to], [bottom, top]).nice(ticks);
  const marks = y.ticks(ticks);
  const step = marks.length > 1 ? Math.abs((marks[1] ?? 0) - (marks[0] ?? 0)) : 1;
  const write = format ?? ((value: number) => axisText(value, step, marks));
  const texts = marks.map(write);
  return {
    y,
    room: Math.max(...texts.map((text) => textWidth(text, 11)), 0),
    axis: (left, right) =>
      html`${marks.map(
        (mark, position) =>
          html`<line class="${mark === 0 ? "zero" : "rule"}" x1="${left}" x2="${px(right)}" y1="${px(y(mark))}" y2="${px(y(mark))}"/><text class="axis" x="${left - 6}" y="${px(y(mark) + 3.5)}" text-anchor="end">${texts[position]}</text>`,
      )}`,
  };
}

/** Labels of an axis: short, all in the same scale. */
function axisText(value: number, step: number, marks: readonly number[]): string {
  const largest = Math.max(...marks.map(Math.abs));
  const [divisor, suffix] = largest >= 1e9 ? [1e9, "bn"] : largest >= 1e6 ? [1e6, "m"] : largest >= 1e5 ? [1e3, "k"] : [1, ""];
  const fine = powerOfTen(step / divisor) * (Number.isInteger(step / divisor / powerOfTen(step / divisor)) ? 1 : 0.1);
  return value === 0 ? "0" : decimal(value / divisor, fine) + suffix;
}

/** Wraps a drawing: a picture with a name and a description for those who do not see it. */
export function svg(width: number, height: number, title: string, description: string, content: Markup): Markup {
  return html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${px(width)} ${px(height)}" width="${px(width)}" height="${px(height)}" role="img" aria-label="${title}"><title>${title}</title><desc>${description}</desc>${content}</svg>`;
}

/** Moves labels apart so that none is nearer than `gap` to the next, within limits; keeps their order. */
export function dodge(wanted: readonly number[], gap: number, low: number, high: number): number[] {
  const order = wanted.map((_, position) => position).sort((a, b) => (wanted[a] ?? 0) - (wanted[b] ?? 0));
  const placed = [...wanted];
  let floor = low;
  for (const position of order) {
    placed[position] = Math.max(placed[position] ?? 0, floor);
    floor = (placed[position] ?? 0) + gap;
  }
  let ceiling = high;
  for (const position of order.reverse()) {
    placed[position] = Math.min(placed[position] ?? 0, ceiling);
    ceiling = (placed[position] ?? 0) - gap;
  }
  return placed;
}
