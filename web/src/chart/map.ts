// A map of the elements of an index: their outlines, filled by a value. Elements without an outline become tiles below it.

import { geoArea, geoMercator, geoPath } from "d3-geo";
import { mix } from "./colour.ts";
import type { Feature, FeatureCollection, Geometry, Position } from "geojson";
import { html, px, type Markup } from "../markup.ts";
import { svg, textWidth, type Plot } from "./plot.ts";
import { wrap } from "./fan.ts";

/** What a map shows. */
export interface Chart {
  title: string;
  description: string;
  /** Name and title of each element. */
  elements: readonly (readonly [string, string])[];
  outlines: ReadonlyMap<string, Feature>;
  /** Value of each element and how it reads. */
  values: ReadonlyMap<string, { value: number | null; text: string }>;
  /** Extent of the values over all steps; a negative low end makes the scale diverge from zero. */
  extent: readonly [number, number];
  /** Whether the page is dark: the ends of the scale depend on it. */
  dark: boolean;
}

/** Finds the outline of each element, whatever property names it. */
export function outlinesOf(features: unknown, elements: readonly (readonly [string, string])[]): Map<string, Feature> {
  const names = new Set(elements.map(([name]) => name));
  const found = new Map<string, Feature>();
  if (!isCollection(features)) return found;
  for (const feature of features.features) {
    const properties = feature.properties ?? {};
    const named = [properties["element"], ...Object.values(properties)].find((value): value is string => typeof value === "string" && names.has(value));
    if (named !== undefined && feature.geometry !== null) found.set(named, { ...feature, geometry: wound(feature.geometry) });
  }
  return found;
}

/** Draws the map. */
export function map(chart: Chart, width: number): Plot {
  const present = chart.elements.filter(([name]) => chart.outlines.has(name));
  const missing = chart.elements.filter(([name]) => !chart.outlines.has(name));
  const collection: FeatureCollection = { type: "FeatureCollection", features: present.map(([name]) => chart.outlines.get(name) as Feature) };
  const projection = geoMercator();
  let bottom = 0;
  if (present.length > 0) {
    const drawn = geoPath(projection.fitWidth(width - 8, collection));
    const [[, low], [, high]] = drawn.bounds(collection);
    // A tall map is made to fit a screen.
    const tall = Math.min(high - low, Math.max(320, width * 0.75));
    projection.fitExtent([[4, 4], [width - 4, tall + 4]], collection);
    bottom = tall + 8;
  }
  const path = geoPath(projection).digits(1);
  const areas = present.map(([name, title]) => {
    const shade = chart.values.get(name);
    return html`<path class="land" data-element="${name}" d="${path(chart.outlines.get(name) as Feature) ?? ""}" fill="${colour(chart, shade?.value ?? null)}"><title>${title}: ${shade?.text ?? ""}</title></path>`;
  });
  const labels = present.map(([name, title]) => {
    const feature = chart.outlines.get(name) as Feature;
    const [x, y] = labelPlace(feature, projection);
    const [[left, top], [right, low]] = path.bounds(feature);
    return label(title, chart.values.get(name), x, y, right - left, low - top, width, chart);
  });
  const tile = 92;
  const columns = Math.max(1, Math.floor(width / tile));
  const tiles = missing.map(([name, title], position) => {
    const x = (position % columns) * tile + tile / 2;
    const y = bottom + Math.floor(position / columns) * tile + tile / 2;
    const value = chart.values.get(name);
    return html`<path class="land" data-element="${name}" d="${hexagon(x, y, tile / 2 - 3)}" fill="${colour(chart, value?.value ?? null)}"><title>${title}: ${value?.text ?? ""}</title></path>${label(title, value, x, y, tile - 14, tile - 20, width, chart)}`;
  });
  const height = bottom + Math.ceil(missing.length / columns) * tile;
  return { svg: svg(width, height, chart.title, chart.description, html`${areas}${tiles}${labels}`), height };
}

/** Colour of a value: one hue from pale to deep, or two from a pale middle where values change sign. */
export function colour(chart: Pick<Chart, "extent" | "dark">, value: number | null): string {
  if (value === null || !Number.isFinite(value)) return "var(--track)";
  const [low, high] = chart.extent;
  const pale = chart.dark ? "#23282e" : "#f1efe7";
  const deep = chart.dark ? "#7fb6ea" : "#12487f";
  const other = chart.dark ? "#e79a5b" : "#a34700";
  if (low < 0) {
    const reach = Math.max(-low, high) || 1;
    return value < 0 ? mix(pale, other, -value / reach) : mix(pale, deep, value / reach);
  }
  const from = low < 0.6 * high ? 0 : low;
  return mix(pale, deep, high > from ? 0.06 + 0.94 * ((value - from) / (high - from)) : 0.5);
}

function label(
  title: string, value: { value: number | null; text: string } | undefined, x: number, y: number, wide: number, tall: number, width: number, chart: Chart,
): Markup {
  const size = wide < 90 || width < 480 ? 10 : 12;
  const short = title.split(/[:,(]/)[0]?.trim() ?? title;
  const lines = wrap(short, Math.max(9, Math.floor(wide / (size * 0.56)))).slice(0, tall < 44 ? 1 : 2);
  const half = Math.max(...lines.map((line) => textWidth(line, size)), textWidth(value?.text ?? "", size)) / 2;
  const centre = Math.min(Math.max(x, half + 4), width - half - 4);
  const top = y - (lines.length * (size + 2)) / 2 + size / 2 - 2;
  const tone = dark(colour(chart, value?.value ?? null)) ? "light" : "ink";
  return html`<text class="place ${tone}" font-size="${size}" text-anchor="middle">${lines.map(
    (line, position) => html`<tspan x="${px(centre)}" y="${px(top + position * (size + 2))}">${line}</tspan>`,
  )}<tspan class="value" x="${px(centre)}" y="${px(top + lines.length * (size + 2) + 1)}">${value?.text ?? ""}</tspan></text>`;
}

/** Whether a colour is dark enough for light text. */
function dark(colour: string): boolean {
  const [r = 255, g = 255, b = 255] = (colour.match(/\d+/g) ?? []).map(Number);
  return colour.startsWith("rgb") && 0.299 * r + 0.587 * g + 0.114 * b < 140;
}

/** The middle of the largest part of an outline. */
function labelPlace(feature: Feature, projection: (position: [number, number]) => [number, number] | null): [number, number] {
  const geometry = feature.geometry;
  const polygons = geometry.type === "MultiPolygon" ? geometry.coordinates : geometry.type === "Polygon" ? [geometry.coordinates] : [];
  let best: { box: [number, number, number, number]; room: number } | null = null;
  for (const polygon of polygons) {
    const points = (polygon[0] ?? []).map((position) => projection([position[0] ?? 0, position[1] ?? 0]) ?? [0, 0]);
    for (const box of boxesOf(points as [number, number][])) {
      const room = Math.min(box[2] - box[0], 160) * Math.min(box[3] - box[1], 60);
      if (best === null || room > best.room) best = { box, room };
    }
  }
  if (best === null) return [0, 0];
  const [left, top, right, bottom] = best.box;
  return [(left + right) / 2, (top + bottom) / 2];
}

/** Boxes that lie inside an outline, tried over the grid of its corners; enough for outlines with few corners, and a centre for others. */
function boxesOf(points: readonly [number, number][]): [number, number, number, number][] {
  const xs = [...new Set(points.map(([x]) => Math.round(x)))].sort((a, b) => a - b);
  const ys = [...new Set(points.map(([, y]) => Math.round(y)))].sort((a, b) => a - b);
  const whole: [number, number, number, number] = [xs[0] ?? 0, ys[0] ?? 0, xs[xs.length - 1] ?? 0, ys[ys.length - 1] ?? 0];
  if (xs.length > 12 || ys.length > 12) return [whole];
  const boxes: [number, number, number, number][] = [];
  for (const [i, left] of xs.entries())
    for (const right of xs.slice(i + 1))
      for (const [j, top] of ys.entries())
        for (const bottom of ys.slice(j + 1)) {
          const inner = [0.02, 0.25, 0.5, 0.75, 0.98];
          const covered = inner.every((u) => inner.every((v) => within(points, left + u * (right - left), top + v * (bottom - top))));
          if (covered) boxes.push([left, top, right, bottom]);
        }
  return boxes.length > 0 ? boxes : [whole];
}

function within(points: readonly [number, number][], x: number, y: number): boolean {
  let inside = false;
  points.forEach(([x1, y1], position) => {
    const [x2, y2] = points[(position + points.length - 1) % points.length] ?? [0, 0];
    if (y1 > y !== y2 > y && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1) inside = !inside;
  });
  return inside;
}

/** Rings turned the way the projection wants them: on a sphere, the wrong way round is everything else. */
function wound(geometry: Geometry): Geometry {
  const turn = (rings: Position[][]): Position[][] =>
    geoArea({ type: "Polygon", coordinates: rings }) > 2 * Math.PI ? rings.map((ring) => [...ring].reverse()) : rings;
  if (geometry.type === "Polygon") return { ...geometry, coordinates: turn(geometry.coordinates) };
  if (geometry.type === "MultiPolygon") return { ...geometry, coordinates: geometry.coordinates.map(turn) };
  return geometry;
}

function hexagon(x: number, y: number, radius: number): string {
  const corners = [0, 1, 2, 3, 4, 5].map((corner) => {
    const angle = (Math.PI / 3) * corner + Math.PI / 6;
    return `${px(x + radius * Math.cos(angle))},${px(y + radius * Math.sin(angle))}`;
  });
  return `M${corners.join("L")}Z`;
}

function isCollection(value: unknown): value is FeatureCollection {
  return typeof value === "object" && value !== null && Array.isArray((value as { features?: unknown }).features);
}
