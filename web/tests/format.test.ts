// Numbers, units and estimates as a reader sees them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { csv, fileName, plain as unspaced } from "../src/format/csv.ts";
import { dayText, monthText } from "../src/format/date.ts";
import { amountIn, CHANCE, errorText, knowledgeShare, valueOf, words } from "../src/format/estimate.ts";
import { brief, decimal, percent, points, signed, stepOf } from "../src/format/number.ts";
import { unitText } from "../src/format/unit.ts";
import type { Estimate } from "../src/report.ts";

/** Spaces of every kind as plain ones, so that expectations can be read. */
const plain = (text: string): string => text.replace(/[\u00a0\u202f]/g, " ");

const estimate = (mean: number, low: number, high: number, error = 0): Estimate => ({
  mean, mc_error: error, knowledge_sd: 3, knowledge_sd_interval: null, luck_sd: 4, quantiles: [low, low, mean, high, high], knowledge_quantiles: [low, mean, high],
});

test("the last digit shown is two digits of the spread", () => {
  assert.equal(stepOf(1500), 100);
  assert.equal(stepOf(0.31), 0.01);
  assert.equal(stepOf(9.9), 0.1);
  assert.equal(stepOf(10), 1);
});

test("no digit is finer than the Monte Carlo error", () => {
  assert.equal(stepOf(10, 3), 1);
  assert.equal(stepOf(10, 8), 10);
  assert.equal(stepOf(null, 0.04), 0.01);
});

test("a number without spread has four digits", () => {
  assert.equal(decimal(1234.567, stepOf(0, 0, 1234.567)), "1235");
  assert.equal(decimal(0.5, stepOf(0, null, 0.5)), "0.5000");
});

test("numbers have thin spaces and a proper minus", () => {
  assert.equal(decimal(12345.6, 1), "12\u202f346");
  assert.equal(decimal(-1234, 10), "\u22121230");
  assert.equal(decimal(9999, 1), "9999");
});

test("zero has no sign", () => {
  assert.equal(decimal(-0.2, 1), "0");
  assert.equal(signed(0.2, 1), "0");
  assert.equal(signed(3, 1), "+3");
});

test("large and small numbers are put into words or powers", () => {
  assert.equal(plain(decimal(3.14e9, 1e7)), "3.14 billion");
  assert.equal(plain(decimal(2_340_000, 1e4)), "2.34 million");
  assert.equal(decimal(0.0000321, 0.000001), "3.2\u00d710\u207b\u2075");
});

test("what could not be computed is a dash", () => {
  assert.equal(decimal(null, 1), "\u2013");
  assert.equal(decimal(Number.NaN, 1), "\u2013");
  assert.equal(percent(null), "\u2013");
});

test("a chance is 0% or 100% only if it is", () => {
  assert.equal(percent(0), "0%");
  assert.equal(percent(0.0001), "<0.1%");
  assert.equal(percent(0.0042), "0.4%");
  assert.equal(percent(0.314), "31%");
  assert.equal(percent(0.996), "99.6%");
  assert.equal(percent(0.99999), ">99.9%");
  assert.equal(percent(1), "100%");
});

test("a difference of chances is in points", () => {
  assert.equal(plain(points(-0.117)), "\u221212 points");
  assert.equal(plain(points(0.004)), "+0.4 points");
  assert.equal(plain(points(0)), "0 points");
});

test("a fact keeps the digits it has", () => {
  assert.equal(brief(1234), "1234");
  assert.equal(brief(0.3500001), "0.35");
  assert.equal(brief(12000), "12\u202f000");
  assert.equal(brief(0.1), "0.1");
  assert.equal(brief(100), "100");
});

test("units are read, not computed with", () => {
  assert.equal(unitText("km^2"), "km\u00b2");
  assert.equal(unitText("person/day", 12), "persons/day");
  assert.equal(unitText("person/day", 1), "person/day");
  assert.equal(unitText("1/(person*day)"), "1/(person\u00b7day)");
  assert.equal(unitText("USD", 5), "USD");
  assert.equal(unitText("1"), "");
  assert.equal(unitText("sortie", 3), "sorties");
});

test("an estimate shows what its uncertainty supports", () => {
  const text = words(estimate(1843.2, 1011, 2790, 5), amountIn("km^2"));
  assert.equal(plain(valueOf(text)), "1800 km\u00b2");
  assert.equal(text.range, "1000 to 2800");
  assert.equal(text.over, "futures");
});

test("an amount in percent is no chance", () => {
  const text = words(estimate(38.4, 20.1, 57.2, 0.1), amountIn("%"));
  assert.equal(valueOf(text), "38%");
  assert.equal(text.range, "20 to 57%");
});

test("a difference of chances that is next to nothing has no sign", () => {
  const text = words(estimate(-0.0002, -0.002, -0.0001, 0.00001), { ...CHANCE, difference: true });
  assert.equal(plain(text.value), "<0.1 points");
  assert.equal(text.range, "\u22120.2 to 0");
});

test("an effect carries its sign", () => {
  const text = words(estimate(-42, -90, 12, 1), { ...amountIn("person"), difference: true });
  assert.equal(plain(valueOf(text)), "\u221240 persons");
  assert.equal(text.range, "\u221290 to +10");
});

test("the range of a chance is over draws", () => {
  const text = words(estimate(0.31, 0.12, 0.55, 0.004), CHANCE);
  assert.equal(text.value, "31%");
  assert.equal(text.range, "12 to 55%");
  assert.equal(text.over, "draws");
  assert.equal(plain(errorText(estimate(0.31, 0, 1, 0.004), CHANCE)), "0.4 points");
});

test("knowledge is its share of the variance", () => {
  assert.equal(knowledgeShare(estimate(0, 0, 1)), 9 / 25);
  assert.equal(knowledgeShare({ ...estimate(0, 0, 1), knowledge_sd: 0, luck_sd: 0 }), null);
});

test("days are read in no time zone", () => {
  assert.equal(plain(dayText("2024-10-28")), "28 Oct 2024");
  assert.equal(monthText(new Date("2025-01-01T00:00:00Z"), false), "Jan 2025");
});

test("a file of values holds numbers in full, quotes what needs it and runs nothing", () => {
  assert.equal(csv([["a", "b,c", 'd"e'], [0.1 + 0.2, null, NaN], ["=1+1", "-x", "-1"]]), 'a,"b,c","d""e"\r\n0.30000000000000004,,\r\n\'=1+1,\'-x,-1\r\n');
  assert.equal(unspaced(" \u22121\u202f200\u00a0km² "), "-1 200 km²");
  assert.equal(fileName("Will: Ukraine’s (2025)"), "will-ukraine-s-2025");
  assert.equal(fileName("…"), "figure");
});

test("a mean outside the range that holds nine in ten gives way to the median, and is said beside it", () => {
  const reading = { ...amountIn("person"), difference: true };
  const text = words({ ...estimate(-40, -0.3, 0.2, 6), quantiles: [-0.3, 0, 0, 0, 0.2] }, reading);
  assert.deepEqual([plain(valueOf(text)), text.range, text.mean], ["0 persons", "0 to 0", "\u221240"]);
  // The range is said even where all of it is one number.
  assert.equal(words({ ...estimate(-40, 0, 0, 6), quantiles: [0, 0, 0, 0, 0] }, reading).range, "0 to 0");
  const chance = words({ ...estimate(0.05, 0, 0.02), knowledge_quantiles: [0, 0.01, 0.02] }, CHANCE);
  assert.deepEqual([chance.value, chance.mean], ["1%", "5%"]);
  assert.equal(words(estimate(-42, -90, 12, 1), reading).mean, "");
});
