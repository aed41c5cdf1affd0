// Mechanisms: which files they are, and which of them a claim speaks of.

import assert from "node:assert/strict";
import { test } from "node:test";
import { synthetic } from "../fixtures/synthetic.ts";
import { atlasOf } from "../src/atlas.ts";
import { argument, tracksOf, type Stop } from "../src/chart/argument.ts";
import { depthsOf, firstMet, homesOf, mechanismsOf, routeOf, takenBy, wayOf, wayPast } from "../src/mechanism.ts";

const report = synthetic();
const atlas = atlasOf(report);
const mechanisms = mechanismsOf(atlas);
const homes = homesOf(mechanisms);
const place = (name: string): number => mechanisms.findIndex((mechanism) => mechanism.name === name);

test("a mechanism is a file in which something acts, in the order of its authors", () => {
  assert.deepEqual(mechanisms.slice(0, 2).map(({ name }) => name), ["deployment", "fronts"]);
  const asking = { ...report, declarations: report.declarations.filter(({ kind }) => kind === "measure" || kind === "question") };
  assert.deepEqual(mechanismsOf(atlasOf(asking)), []);
});

test("the head of a file gives its title, if it is short", () => {
  assert.equal(mechanisms[1]?.title, "Fronts");
  assert.deepEqual(mechanisms[1]?.about, ["Claims that ground changes hands in fits.", "It does not model towns or rivers."]);
  assert.equal(mechanisms[place("manpower")]?.title, "Manpower");
  assert.match(mechanisms[place("manpower")]?.about[0] ?? "", /^A long first sentence/);
});

test("a claim is read from the mechanism it meets first, through files that only ask", () => {
  const claim = report.claims.find(({ kind }) => kind === "formula");
  if (!claim) throw new Error("the report has claims");
  const route = routeOf(atlas, homes, claim);
  assert.ok(route.reads.length > 0 && route.turns.length > 0);
  assert.deepEqual(firstMet(atlas, homes, ["no_such_name"]), []);
  assert.equal(homes.get("south_gain"), undefined);
  assert.deepEqual(firstMet(atlas, homes, ["south_gain"]), [homes.get("area_held")]);
  const depths = depthsOf(atlas, homes, claim);
  assert.ok(route.reads.every((road) => depths.has(road)));
});

test("a parameter among questions makes no mechanism, and a claim is read from what lies below", () => {
  const yardstick = { ...report.declarations[0]!, name: "yardstick", kind: "param", place: ["answers.mel", 1] as [string, number], uses: [] };
  const extended = atlasOf({ ...report, declarations: [...report.declarations, yardstick] });
  const found = mechanismsOf(extended);
  assert.deepEqual(found.map(({ name }) => name), mechanisms.map(({ name }) => name));
  const [road] = firstMet(extended, homesOf(found), ["south_gain"]);
  assert.equal(found[road ?? -1]?.name, "fronts");
});

test("the shortest way leads from what is changed up to what is read", () => {
  assert.deepEqual(wayOf(atlas, ["first_echelon"], ["salient_gone"]), ["first_echelon", "troops", "salient_gone"]);
  // A flow leads to the stock that it fills.
  assert.deepEqual(wayOf(atlas, ["weight"], ["south_gain"]), ["weight", "advance", "occupied", "area_held", "south_gain"]);
  assert.deepEqual(wayOf(atlas, ["salient_gone"], ["first_echelon"]), []);
  // Where what decides is read, a longer way counts less.
  const direct = wayOf(atlas, ["first_echelon"], ["salient_gone"]);
  const between = (of: readonly string[]): number => of.slice(1).filter((name) => atlas.declarations.get(name)?.uses.includes("weight")).length;
  const decisive = wayOf(atlas, ["first_echelon"], ["south_gain"], new Set(["weight"]));
  assert.ok(decisive.length > 1 && between(decisive) > 0, decisive.join(" "));
  assert.deepEqual(wayOf(atlas, ["first_echelon"], ["salient_gone"], new Set(["nothing"])), direct);
});

test("a way that has to pass a pathway passes it", () => {
  const straight = wayOf(atlas, ["first_echelon"], ["south_gain"]);
  assert.deepEqual(wayPast(atlas, ["first_echelon"], [], ["south_gain"]), straight);
  // Any name that the straight way leaves out, and that lies between the two, is passed if asked for.
  const between = [...atlas.declarations.keys()].filter((name) => !straight.includes(name) && wayOf(atlas, ["first_echelon"], [name]).length > 1 && wayOf(atlas, [name], ["south_gain"]).length > 1);
  assert.ok(between.length > 0);
  for (const name of between) {
    const way = wayPast(atlas, ["first_echelon"], [name], ["south_gain"]);
    assert.deepEqual([way[0], way.includes(name), way.at(-1)], ["first_echelon", true, "south_gain"]);
    for (const [order, at] of way.slice(1).entries()) {
      const last = atlas.declarations.get(way[order] ?? "");
      assert.ok(atlas.declarations.get(at)?.uses.includes(way[order] ?? "") || last?.moves.includes(at), way.join(" "));
    }
  }
  // What no way passes is passed by none, and the end may be the pathway.
  assert.deepEqual(wayPast(atlas, ["salient_gone"], ["first_echelon"], ["south_gain"]), []);
  assert.deepEqual(wayPast(atlas, ["first_echelon"], ["salient_gone"], ["salient_gone"]), ["first_echelon", "troops", "salient_gone"]);
});

test("what a mechanism takes is what it refers to elsewhere", () => {
  for (const [position, mechanism] of mechanisms.entries()) {
    for (const [other, names] of takenBy(homes, mechanisms, position)) {
      assert.notEqual(other, position);
      for (const name of names) {
        assert.equal(homes.get(name), other);
        assert.ok(mechanism.declarations.some(({ uses }) => uses.includes(name)));
      }
    }
  }
});

const stop = (name: string, reads: number[], turns: number[]): Stop => ({ name, title: `Title of ${name}`, href: "#", tone: "yes", verdict: "Supported", sign: "M0 0", reads, turns, spoken: name });

test("the map has a stop for each claim and a road for each mechanism, at any width", () => {
  const chart = {
    title: "Map", roads: ["Fronts", "Fires", "Will"].map((title) => ({ title, href: "#" })),
    stops: [stop("a", [0], [2]), stop("b", [], []), stop("c", [1, 2], [1])], against: [[0, 2]] as const,
  };
  for (const width of [320, 1072]) {
    const text = argument(chart, width).svg.text;
    assert.equal(text.match(/class="road"/g)?.length, 3);
    assert.equal(text.match(/class="stop /g)?.length, 3);
    assert.equal(text.match(/class="clash"/g)?.length, 1);
    assert.doesNotMatch(text, /NaN|Infinity|undefined/);
  }
});

test("contradictions that overlap run beside each other, the shortest inside", () => {
  assert.deepEqual(tracksOf([[0, 9], [2, 4], [6, 8], [3, 5]]), [2, 0, 0, 1]);
  assert.deepEqual(tracksOf([]), []);
});
