// Charts are pure functions: data in, SVG out.

import assert from "node:assert/strict";
import { test } from "node:test";
import { mix } from "../src/chart/colour.ts";
import { curve } from "../src/chart/curve.ts";
import { extentOf, fan, wrap } from "../src/chart/fan.ts";
import { interval } from "../src/chart/interval.ts";
import { colour, map, outlinesOf } from "../src/chart/map.ts";
import { network } from "../src/chart/network.ts";
import { dodge, timeScale, valueScale } from "../src/chart/plot.ts";
import { rise } from "../src/chart/rise.ts";
import { shares } from "../src/chart/shares.ts";
import { verdictBar } from "../src/chart/verdict.ts";
import { waterfall } from "../src/chart/waterfall.ts";
import { html } from "../src/markup.ts";
import type { Band } from "../src/report.ts";

const weeks = (count: number): Date[] => Array.from({ length: count }, (_, week) => new Date(Date.UTC(2024, 10, 3 + 7 * week)));

const band = (median: (number | null)[]): Band => {
  const shifted = (by: number): (number | null)[] => median.map((value) => (value === null ? null : value + by));
  return { mean: median, mc_error: median.map(() => 0), p05: shifted(-2), p25: shifted(-1), p50: median, p75: shifted(1), p95: shifted(2) };
};

/** The points of a path. */
const points = (path: string): number[][] => [...path.matchAll(/[ML]([-\d.]+),([-\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)]);
const attribute = (svg: string, pattern: RegExp): string => pattern.exec(svg)?.[1] ?? "";

test("text in markup is escaped, markup is not", () => {
  assert.equal(html`<b title="${'"'}">${"<i>"}${html`<u>${"&"}</u>`}${[1, null, false, "x"]}</b>`.text, '<b title="&quot;">&lt;i&gt;<u>&amp;</u>1x</b>');
});

test("a fan has a light band, a dark band and a median for each world", () => {
  const chart = { title: "A <b>", description: "d", dates: weeks(3), bands: [band([1, 2, 3]), band([1, 1, 1])], ends: [], height: 200 };
  const plot = fan(chart, 400);
  assert.equal(plot.svg.text.match(/class="band wide/g)?.length, 2);
  assert.equal(plot.svg.text.match(/class="band half/g)?.length, 2);
  assert.equal(plot.svg.text.match(/class="median/g)?.length, 2);
  assert.match(plot.svg.text, /<title>A &lt;b&gt;<\/title><desc>d<\/desc>/);
  assert.equal(plot.steps?.length, 3);
});

test("the same data give the same drawing", () => {
  const chart = { title: "t", description: "d", dates: weeks(5), bands: [band([1, 2, 3, 5, 8])], ends: ["End"], height: 200 };
  assert.equal(fan(chart, 500).svg.text, fan(chart, 500).svg.text);
});

test("a rising median rises on the screen and runs from edge to edge", () => {
  const plot = fan({ title: "t", description: "d", dates: weeks(3), bands: [band([1, 2, 3])], ends: [], height: 200 }, 400);
  const line = points(attribute(plot.svg.text, /class="median w0" d="([^"]+)"/));
  assert.equal(line.length, 3);
  assert.ok((line[0]?.[1] ?? 0) > (line[1]?.[1] ?? 0) && (line[1]?.[1] ?? 0) > (line[2]?.[1] ?? 0));
  assert.equal(Math.round(line[0]?.[0] ?? -1), Math.round(plot.steps?.[0] ?? 0));
});

test("a tie that is alike in both directions is one line, else two with arrows; none is drawn for nothing", () => {
  const tie = (value: number | null) => ({ value, text: String(value) });
  const draw = (there: number | null, back: number | null): string =>
    network({ title: "t", description: "d", actors: ["A <b>", "B"], ties: [[tie(9), tie(there)], [tie(back), tie(9)]], largest: 1 }, 320).svg.text;
  assert.equal(draw(0.5, 0.5).match(/class="tie"/g)?.length, 1);
  assert.equal(draw(0.5, -0.5).match(/class="tie"/g)?.length, 1);
  assert.equal(draw(0.5, -0.5).match(/class="against-tie"/g)?.length, 1);
  assert.equal(draw(0.5, -0.5).match(/arrow/g)?.length, 2);
  assert.doesNotMatch(draw(0, null), /tie"|NaN/);
  assert.match(draw(1, 1), /A &lt;b&gt;/);
});

test("what could not be computed is a gap, not a zero", () => {
  const plot = fan({ title: "t", description: "d", dates: weeks(5), bands: [band([1, 2, null, 4, 5])], ends: [], height: 200 }, 400);
  const path = attribute(plot.svg.text, /class="median w0" d="([^"]+)"/);
  assert.equal(path.match(/M/g)?.length, 2);
  assert.ok(!path.includes("NaN"));
});

test("a series without any number is drawn as nothing", () => {
  const plot = fan({ title: "t", description: "d", dates: weeks(2), bands: [band([null, null])], ends: ["End"], height: 200 }, 400);
  assert.ok(!/NaN|Infinity/.test(plot.svg.text));
});

test("an axis starts at zero unless the values are far from it", () => {
  assert.equal(valueScale(3, 10, 0, 100).y.domain()[0], 0);
  assert.ok((valueScale(66_000, 72_000, 0, 100).y.domain()[0] ?? 0) >= 60_000);
  assert.equal(extentOf([band([3, 4])])[0], 1);
});

test("labels of time do not run into each other", () => {
  for (const width of [120, 300, 900]) {
    for (const count of [3, 52, 520]) {
      const { axis } = timeScale(weeks(count), 0, width, 100);
      const labels = [...axis.text.matchAll(/<text class="axis" x="([-\d.]+)"[^>]*>([^<]+)</g)].map(([, x, text]) => ({ x: Number(x), half: (text ?? "").length * 3 }));
      for (const [position, label] of labels.entries()) {
        const next = labels[position + 1];
        if (next) assert.ok(label.x + label.half <= next.x - next.half + 4, `${width} ${count}: ${axis.text}`);
      }
    }
  }
});

test("labels are moved apart and keep their order", () => {
  assert.deepEqual(dodge([50, 52, 51], 10, 0, 100), [50, 70, 60]);
  assert.deepEqual(dodge([98, 99], 10, 0, 100), [90, 100]);
});

test("every option of a choice is named, inside or beside", () => {
  const options = ["Hold", "Send another echelon", "Withdraw"];
  const rows = [[0.9, 0.6, 0.5], [0.08, 0.38, 0.49], [0.02, 0.02, 0.01]];
  const plot = shares({ title: "t", description: "d", dates: weeks(3), options, shares: rows, height: 190 }, 420);
  for (const option of options) assert.ok(new RegExp(`<text[^>]*>${option}<`).test(plot.svg.text), option);
  assert.equal(plot.svg.text.match(/class="option o\d" d=/g)?.length, 3);
});

test("shares fill the height", () => {
  const plot = shares({ title: "t", description: "d", dates: weeks(2), options: ["a", "b"], shares: [[0.25, 0.5], [0.75, 0.5]], height: 190 }, 420);
  const ys = points(attribute(plot.svg.text, /class="option o1" d="([^"]+)"/)).map(([, y]) => y ?? 0);
  assert.equal(Math.min(...ys), plot.top);
});

test("a likely event is drawn against certainty, a rare one against its own scale", () => {
  const chart = (end: number): string => rise({ title: "t", description: "d", dates: weeks(3), shares: [[0, end / 2, end]], height: 150 }, 300).svg.text;
  assert.match(chart(0.66), />100%</);
  assert.doesNotMatch(chart(0.02), />100%</);
});

test("a dot lies where its mean is, and its range around it", () => {
  const { svg } = interval({ title: "t", description: "d", from: 0, to: 1, rules: [], marks: [{ world: 0, mean: 0.5, wide: [0.25, 0.75], name: "n" }] }, 212);
  assert.match(svg.text, /cx="106"/);
  assert.match(svg.text, /x1="56" x2="156"/);
});

test("an estimate that could not be computed has no dot", () => {
  assert.doesNotMatch(interval({ title: "t", description: "d", from: 0, to: 1, rules: [], marks: [{ world: 0, mean: null, name: "n" }] }, 212).svg.text, /circle/);
});

test("the bar of a claim is as long as its share, with marks at 20% and 80%", () => {
  const text = verdictBar(0.5, [0.4, 0.6], "maybe", "t", 204).text;
  assert.match(text, /class="bar maybe" x="2" y="9" width="100"/);
  assert.match(text, />20%</);
  assert.match(text, />80%</);
});

test("colours run from one end to the other", () => {
  assert.equal(mix("#102030", "#ffffff", 0), "rgb(16,32,48)");
  assert.equal(mix("#102030", "#fefefe", 1), "rgb(254,254,254)");
  assert.notEqual(colour({ extent: [-1, 2], dark: false }, -1), colour({ extent: [-1, 2], dark: false }, 1));
  assert.equal(colour({ extent: [0, 1], dark: false }, null), "var(--track)");
});

const square = (west: number, south: number): unknown => ({ type: "Polygon", coordinates: [[[west, south], [west + 1, south], [west + 1, south + 1], [west, south + 1], [west, south]]] });
const elements: [string, string][] = [["a", "First"], ["b", "Second"], ["c", "Third"]];
const features = {
  type: "FeatureCollection",
  features: [{ type: "Feature", properties: { element: "a" }, geometry: square(30, 50) }, { type: "Feature", properties: { sector: "b" }, geometry: square(31, 50) }],
};

test("outlines are found by element, whatever property names them", () => {
  assert.deepEqual([...outlinesOf(features, elements).keys()], ["a", "b"]);
  assert.equal(outlinesOf("nonsense", elements).size, 0);
  assert.equal(outlinesOf({ features: [{ properties: null, geometry: null }] }, elements).size, 0);
});

test("a map draws outlines, and tiles for elements that have none", () => {
  const values = new Map(elements.map(([name], position) => [name, { value: position, text: `+${position}` }]));
  const drawn = map({ title: "t", description: "d", elements, outlines: outlinesOf(features, elements), values, extent: [0, 2], dark: false }, 400);
  assert.equal(drawn.svg.text.match(/class="land"/g)?.length, 3);
  for (const [, title] of elements) assert.ok(drawn.svg.text.includes(`>${title}<`), title);
  assert.doesNotMatch(drawn.svg.text, /NaN/);
});

test("neighbours on a map share their edge, and north is up", () => {
  const values = new Map(elements.map(([name]) => [name, { value: 1, text: "1" }]));
  const text = map({ title: "t", description: "d", elements: elements.slice(0, 2), outlines: outlinesOf(features, elements), values, extent: [0, 2], dark: false }, 400).svg.text;
  const [a = [], b = []] = [...text.matchAll(/class="land"[^>]* d="([^"]+)"/g)].map(([, path]) => points(path ?? ""));
  assert.equal(Math.max(...a.map(([x]) => x ?? 0)), Math.min(...b.map(([x]) => x ?? 0)));
  // The ring starts in the south.
  assert.ok((a[0]?.[1] ?? 0) > (a[2]?.[1] ?? 0));
});

test("long labels are broken and cut", () => {
  assert.deepEqual(wrap("The ally sends no troops", 12), ["The ally", "sends no", "troops"]);
  assert.equal(wrap("one two three four five six", 5).length, 3);
});

test("a curve has a dot for each value it is held at, and a band between them", () => {
  const doses = [0, 10, 20].map((at) => ({ at, mean: 3 * at, range: [2 * at, 4 * at] as const, error: 1 }));
  const plot = curve({ title: "A <b>", description: "d", doses, write: String, height: 190 }, 400);
  assert.equal(plot.svg.text.match(/class="dose"/g)?.length, 3);
  assert.equal(plot.svg.text.match(/class="whisker"/g)?.length, 3);
  const line = points(attribute(plot.svg.text, /class="median w0" d="([^"]+)"/));
  // A line is drawn as one.
  const [[x0, y0], [x1, y1], [x2, y2]] = line as [[number, number], [number, number], [number, number]];
  assert.ok(Math.abs((y1 - y0) * (x2 - x1) - (y2 - y1) * (x1 - x0)) < 60, JSON.stringify(line));
  assert.match(plot.svg.text, /<title>A &lt;b&gt;<\/title>/);
});

test("a curve leaves out what is not known", () => {
  const doses = [{ at: 0, mean: null, range: null, error: null }, { at: 1, mean: 2, range: null, error: null }];
  assert.ok(!/NaN|Infinity|null/.test(curve({ title: "t", description: "d", doses, write: String, height: 190 }, 400).svg.text));
});

test("the bars of a waterfall begin where the one before ended, and the whole ends where they do", () => {
  const step = (name: string, value: number, error = 0.5) => ({ name, value, error, text: `${value} men` });
  const plot = waterfall({ title: "t", description: "d", parts: [step("up", 10), step("down", -4), step("more", 6)], whole: step("effect", 12) }, 600);
  const bars = [...plot.svg.text.matchAll(/<rect class="step (\w+)" x="([\d.]+)" y="([\d.]+)" width="([\d.]+)"/g)].map(([, kind, x, y, width]) => ({ kind, left: Number(x), right: Number(x) + Number(width), y: Number(y) }));
  assert.deepEqual(bars.map(({ kind }) => kind), ["more", "less", "more", "whole"]);
  const near = (a?: number, b?: number): void => assert.ok(Math.abs((a ?? 0) - (b ?? 99)) < 0.3, `${a} and ${b}`);
  near(bars[0]?.right, bars[1]?.right);
  near(bars[1]?.left, bars[2]?.left);
  near(bars[2]?.right, bars[3]?.right);
  near(bars[0]?.left, bars[3]?.left);
  assert.equal(plot.svg.text.match(/class="whisker"/g)?.length, 4);
  // Names are cut before they reach into the bars.
  const long = waterfall({ title: "t", description: "d", parts: [step("a name that goes on and on and on and on", 1)], whole: step("effect", 1) }, 240);
  assert.match(long.svg.text, /a name.*…<\/text>/);
});
