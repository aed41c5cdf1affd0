// A map of the elements of an index: their outlines, filled by a value. Elements without an outline become tiles below it.

import type { Feature, Geometry, Position } from "geojson";
import { html, px, type Markup } from "../markup.ts";
import { mix } from "./colour.ts";
import { wrap } from "./fan.ts";
import { svg, textWidth, type Plot } from "./plot.ts";

/** What a map shows. */
export interface Chart {
  title: string;
  description: string;
  /** Name and title of each element. */
  elements: readonly (readonly [string, string])[];
  outlines: ReadonlyMap<string, Outline>;
  /** Value of each element and how it reads. */
  values: ReadonlyMap<string, { value: number | null; text: string }>;
  /** Extent of the values over all steps; a negative low end makes the scale diverge from zero. */
  extent: readonly [number, number];
  /** Whether the page is dark: the ends of the scale depend on it. */
  dark: boolean;
}

type Point = readonly [number, number];
type Box = readonly [left: number, top: number, right: number, bottom: number];

/** Rings of an outline in the plane, y downwards. */
export type Outline = readonly (readonly Point[])[];

/** As tall as a map may be, against its width. */
const TALLEST = 0.92;
const EDGE = 4;
/** The smallest name that can still be read, in pixels. */
const SMALLEST = 8;

/** Finds the outline of each element, whatever property names it, in the projection of Mercator. */
export function outlinesOf(features: unknown, elements: readonly (readonly [string, string])[]): Map<string, Outline> {
  const names = new Set(elements.map(([name]) => name));
  const found = new Map<string, Outline>();
  if (!isCollection(features)) return found;
  for (const feature of features.features) {
    const properties = feature.properties ?? {};
    const named = [properties["element"], ...Object.values(properties)].find((value): value is string => typeof value === "string" && names.has(value));
    const rings = ringsOf(feature.geometry);
    if (named !== undefined && rings.length > 0) found.set(named, rings);
  }
  return found;
}

/** Draws the map. */
export function map(chart: Chart, width: number): Plot {
  const present = chart.elements.filter(([name]) => chart.outlines.has(name));
  const missing = chart.elements.filter(([name]) => !chart.outlines.has(name));
  const { fitted, bottom } = fit(present.map(([name]) => chart.outlines.get(name) ?? []), width);
  const areas = present.map(([name, title], position) => land(chart, name, title, pathOf(fitted[position] ?? [])));
  const labels = present.map(([name, title], position) => {
    const box = roomiest(fitted[position] ?? []);
    return label(title, chart.values.get(name), box, width, chart);
  });
  const tile = 92;
  const columns = Math.max(1, Math.floor(width / tile));
  const tiles = missing.map(([name, title], position) => {
    const x = (position % columns) * tile;
    const y = bottom + Math.floor(position / columns) * tile;
    const box: Box = [x + 8, y + 14, x + tile - 8, y + tile - 14];
    return html`${land(chart, name, title, hexagon(x + tile / 2, y + tile / 2, tile / 2 - 3))}${label(title, chart.values.get(name), box, width, chart)}`;
  });
  const height = bottom + Math.ceil(missing.length / columns) * tile;
  return { svg: svg(width, height, chart.title, chart.description, html`${areas}${tiles}${labels}`), height };
}

/** Colour of a value: one hue from pale to deep, or two from a pale middle where values change sign. */
export function colour(chart: Pick<Chart, "extent" | "dark">, value: number | null): string {
  if (value === null || !Number.isFinite(value)) return "var(--track)";
  const [low, high] = chart.extent;
  const pale = chart.dark ? "#262d35" : "#eef0ee";
  const deep = chart.dark ? "#7fb6ea" : "#12487f";
  const other = chart.dark ? "#e79a5b" : "#a34700";
  if (low < 0) {
    const reach = Math.max(-low, high) || 1;
    return value < 0 ? mix(pale, other, -value / reach) : mix(pale, deep, value / reach);
  }
  const from = low < 0.6 * high ? 0 : low;
  return mix(pale, deep, high > from ? 0.06 + 0.94 * ((value - from) / (high - from)) : 0.5);
}

function land(chart: Chart, name: string, title: string, path: string): Markup {
  const value = chart.values.get(name);
  return html`<path class="land" data-element="${name}" d="${path}" fill="${colour(chart, value?.value ?? null)}"><title>${title}: ${value?.text ?? ""}</title></path>`;
}

/** Name and value in the roomiest place of an outline. */
function label(title: string, value: { value: number | null; text: string } | undefined, box: Box, width: number, chart: Chart): Markup {
  const [left, top, right, bottom] = box;
  const short = title.split(/[:,(]/)[0]?.trim() ?? title;
  const longest = Math.max(...short.split(" ").map((word) => textWidth(word, 1.1)));
  const size = Math.min(width < 420 ? 10 : 12, Math.floor((right - left - 4) / longest));
  const room = Math.floor((bottom - top) / (size + 2)) - 1;
  // A name that would be too small to read is left to the table beside; the value stays.
  const lines = size < SMALLEST ? [] : wrap(short, Math.floor((right - left) / (size * 0.58))).slice(0, Math.max(1, room));
  const shown = Math.max(SMALLEST + 1, size);
  const half = Math.max(...lines.map((line) => textWidth(line, size)), textWidth(value?.text ?? "", size)) / 2;
  const x = Math.min(Math.max((left + right) / 2, half + 4), width - half - 4);
  const y = (top + bottom) / 2 - (lines.length * (size + 2)) / 2 + size / 2 - 2;
  const tone = dark(colour(chart, value?.value ?? null)) ? "light" : "night";
  return html`<text class="place ${tone}" style="font-size:${shown}px" text-anchor="middle">${lines.map(
    (line, position) => html`<tspan x="${px(x)}" y="${px(y + position * (size + 2))}">${line}</tspan>`,
  )}<tspan class="value" x="${px(x)}" y="${px(y + lines.length * (size + 2) + 1)}">${value?.text ?? ""}</tspan></text>`;
}

/** Whether a colour is dark enough for light text. */
function dark(fill: string): boolean {
  const [r = 255, g = 255, b = 255] = (fill.match(/\d+/g) ?? []).map(Number);
  return fill.startsWith("rgb") && 0.299 * r + 0.587 * g + 0.114 * b < 135;
}

/** Scales outlines to the width, and less if that would be too tall. */
function fit(outlines: readonly Outline[], width: number): { fitted: Outline[]; bottom: number } {
  const points = outlines.flat(2);
  if (points.length === 0) return { fitted: [], bottom: 0 };
  const [left, top, right, bottom] = boundsOf(points);
  const scale = Math.min((width - 2 * EDGE) / (right - left || 1), (width * TALLEST) / (bottom - top || 1));
  const shift = (width - scale * (right - left)) / 2;
  const place = ([x, y]: Point): Point => [shift + (x - left) * scale, EDGE + (y - top) * scale];
  return { fitted: outlines.map((rings) => rings.map((ring) => ring.map(place))), bottom: 2 * EDGE + (bottom - top) * scale };
}

function boundsOf(points: readonly Point[]): Box {
  const xs = points.map(([x]) => x);
  const ys = points.map(([, y]) => y);
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

function pathOf(rings: Outline): string {
  return rings.map((ring) => `M${ring.map(([x, y]) => `${px(x)},${px(y)}`).join("L")}Z`).join("");
}

function hexagon(x: number, y: number, radius: number): string {
  const corners = [0, 1, 2, 3, 4, 5].map((corner): Point => {
    const angle = (Math.PI / 3) * corner + Math.PI / 6;
    return [x + radius * Math.cos(angle), y + radius * Math.sin(angle)];
  });
  return pathOf([corners]);
}

/** The box inside an outline with most room for words: tried over the grid of its corners, which is enough where corners are few. */
function roomiest(rings: Outline): Box {
  let best: Box = [0, 0, 0, 0];
  let most = -1;
  for (const ring of rings) {
    for (const box of boxesOf(ring)) {
      const room = Math.min(box[2] - box[0], 150) * Math.min(box[3] - box[1], 50) + (box[2] - box[0]) * (box[3] - box[1]) * 1e-3;
      if (room > most) [best, most] = [box, room];
    }
  }
  return best;
}

function boxesOf(ring: readonly Point[]): Box[] {
  const distinct = (values: number[]): number[] => [...new Set(values.map(Math.round))].sort((a, b) => a - b);
  const xs = distinct(ring.map(([x]) => x));
  const ys = distinct(ring.map(([, y]) => y));
  const whole: Box = [xs[0] ?? 0, ys[0] ?? 0, xs[xs.length - 1] ?? 0, ys[ys.length - 1] ?? 0];
  if (xs.length > 12 || ys.length > 12) return [whole];
  const boxes: Box[] = [];
  for (const [i, left] of xs.entries())
    for (const right of xs.slice(i + 1))
      for (const [j, top] of ys.entries())
        for (const bottom of ys.slice(j + 1)) {
          const inner = [0.03, 0.25, 0.5, 0.75, 0.97];
          const covered = inner.every((u) => inner.every((v) => within(ring, left + u * (right - left), top + v * (bottom - top))));
          if (covered) boxes.push([left, top, right, bottom]);
        }
  return boxes.length > 0 ? boxes : [whole];
}

function within(ring: readonly Point[], x: number, y: number): boolean {
  let inside = false;
  ring.forEach(([x1, y1], position) => {
    const [x2, y2] = ring[(position + ring.length - 1) % ring.length] ?? [0, 0];
    if (y1 > y !== y2 > y && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1) inside = !inside;
  });
  return inside;
}

function ringsOf(geometry: Geometry | null): Point[][] {
  const rings = geometry?.type === "Polygon" ? geometry.coordinates : geometry?.type === "MultiPolygon" ? geometry.coordinates.flat() : [];
  return rings.map((ring) => ring.map(mercator));
}

/** Degrees to the plane. Edges stay straight, so that boxes which share one meet. */
function mercator([longitude = 0, latitude = 0]: Position): Point {
  const bounded = Math.max(-85, Math.min(85, latitude)) * (Math.PI / 180);
  return [longitude * (Math.PI / 180), -Math.log(Math.tan(Math.PI / 4 + bounded / 2))];
}

function isCollection(value: unknown): value is { features: Feature[] } {
  return typeof value === "object" && value !== null && Array.isArray((value as { features?: unknown }).features);
}
