// Cross references, the text of the model, and what is put into the middle of the page.

import assert from "node:assert/strict";
import { test } from "node:test";
import { synthetic, tiny } from "../fixtures/synthetic.ts";
import { above, atlasOf, bare, below, groundOf, namesIn, titleOf } from "../src/atlas.ts";
import { highlight } from "../src/highlight.ts";
import { anchorsAmiss } from "../src/page/anchors.ts";
import { leadingWorld, separation, tellingSeries } from "../src/page/centre.ts";
import { basesWords, basisOf, citation, sourceLink } from "../src/page/evidence.ts";
import { isYesOrNo } from "../src/page/figure.ts";
import { leaningOf, leanings, LOOKS } from "../src/page/verdict.ts";
import { tiesOf } from "../src/page/ties.ts";
import type { Report } from "../src/report.ts";
import { leafAt } from "../src/panel/panel.ts";

const atlas = atlasOf(synthetic());

test("what a number rests on is followed to its facts", () => {
  const ground = groundOf(atlas, ["south_gain"]);
  assert.ok(ground.declarations.includes("advance"));
  assert.ok(ground.parameters.includes("weight"));
  assert.ok(ground.facts.includes("gain_october"));
  assert.ok(ground.references.includes("helmbold_1993"));
});

test("a stock rests on what fills and drains it", () => {
  const ground = groundOf(atlas, ["occupied"]);
  assert.ok(!atlas.declarations.get("start_area")?.uses.includes("advance"));
  assert.deepEqual(below(atlas, "force").filter((name) => name === "replacement").length > 0, true);
  assert.ok(ground.parameters.includes("weight") && ground.facts.includes("gain_october"));
  assert.ok(above(atlas, "replacement").includes("force"));
});

test("declarations that refer to each other end the search", () => {
  const report = tiny();
  const [first, second] = report.declarations;
  if (!first || !second) throw new Error("the report has two declarations");
  first.uses = [second.name];
  second.uses = [first.name];
  assert.deepEqual(groundOf(atlasOf(report), [first.name]).declarations, [second.name]);
});

test("names in a formula are those that are declared", () => {
  assert.deepEqual(namesIn(atlas, "effect(no_troops, south_gain) < -5% of mean(south_gain)"), ["no_troops", "south_gain"]);
  assert.equal(bare("will[ukraine]"), "will");
  assert.equal(titleOf(atlas, "salient_gone"), "The salient is gone");
  assert.equal(titleOf(atlas, "no_such_name"), "no such name");
});

test("names in the text of the model lead to the panel", () => {
  const text = highlight(atlas, 'param tempo : km^2/week ~ fact(gain_october) "a \\" b" cite helmbold_1993 // weight', "tempo").text;
  assert.match(text, /<b>tempo<\/b>/);
  assert.match(text, /<a href="#\/fact\/gain_october">gain_october<\/a>/);
  assert.match(text, /<a href="#\/reference\/helmbold_1993">/);
  assert.match(text, /<span class="m-comment">\/\/ weight<\/span>/);
  assert.match(text, /<span class="m-string">&quot;a \\&quot; b&quot;<\/span>/);
});

test("highlighting loses no letter", () => {
  for (const declaration of atlas.report.declarations) {
    const plain = highlight(atlas, declaration.text).text.replace(/<[^>]*>/g, "").replaceAll("&quot;", '"').replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&#39;", "'").replaceAll("&amp;", "&");
    assert.equal(plain, declaration.text);
  }
});

test("the world of the headlines comes first", () => {
  assert.equal(atlas.report.worlds[leadingWorld(atlas)]?.name, "no_troops");
  assert.equal(leadingWorld(atlasOf(tiny())), 0);
});

test("the central figure shows series of different declarations that the headlines speak of", () => {
  const names = tellingSeries(atlas, 1, 2).map((answer) => answer.label.declaration);
  assert.deepEqual(names.sort(), ["area_held", "salient"]);
  assert.equal(tellingSeries(atlasOf(tiny()), 0, 2).length, 2);
});

test("a band and itself are not apart", () => {
  const [base, other] = atlas.report.series[1]?.worlds ?? [];
  assert.equal(separation(base, base), 0);
  assert.ok(separation(base, other) > 0);
});

test("ties are series over the same index twice, one network for each element of a further index", () => {
  assert.deepEqual(tiesOf(atlas).map(({ name, actors }) => [name, actors.map(([, title]) => title)]), [["bond/", ["Red", "The patron", "The ally", "The far land", "Blue"]]]);
  const twice = (kind: string): Report["series"] =>
    atlas.report.series.filter(({ label }) => label.declaration === "bond").map((answer) => ({ ...answer, label: { ...answer.label, elements: [kind, ...answer.label.elements] } }));
  const found = tiesOf(atlasOf({ ...atlas.report, series: [...twice("trade"), ...twice("arms")] }));
  assert.deepEqual(found.map(({ name }) => name), ["bond/trade", "bond/arms"]);
  assert.equal(found[0]?.answers[0]?.[1]?.label.elements.join(), "trade,red,patron");
  assert.deepEqual(tiesOf(atlasOf(tiny())), []);
});

test("only addresses of the web become links", () => {
  const fact = atlas.report.facts[0];
  if (!fact) throw new Error("the report has facts");
  assert.match(sourceLink(fact).text, /^<a href="https:/);
  assert.doesNotMatch(sourceLink({ ...fact, url: "javascript:alert(1)" }).text, /<a /);
  assert.doesNotMatch(citation({ key: "k", citation: "c", doi: "javascript:alert(1)", verified: true, used_by: [] }).text, /<a /);
  assert.match(citation({ key: "k", citation: "c", doi: "10.1000/x", verified: true, used_by: [] }).text, /https:\/\/doi\.org\/10\.1000\/x/);
});

test("every verdict has a word, a sign and a tone", () => {
  assert.equal(Object.keys(LOOKS).length, 9);
  for (const look of Object.values(LOOKS)) assert.ok(look.word && look.sign && look.tone && look.meaning);
});

test("addresses of the panel are read, others are not", () => {
  assert.deepEqual(leafAt("#/fact/a%20b"), { kind: "fact", id: "a b" });
  assert.equal(leafAt("#claims"), null);
  assert.equal(leafAt("#/is/%"), null);
  assert.equal(leafAt("#/"), null);
});

test("a quantity that is only ever 0 or 1 is known by its quantiles", () => {
  const steps = (value: number): number[] => [value, value];
  const band = { mean: [0.4, 0.6], mc_error: steps(0), p05: steps(-0.005), p25: steps(0), p50: [0, 1], p75: steps(1), p95: steps(1) };
  assert.equal(isYesOrNo(band), true);
  assert.equal(isYesOrNo({ ...band, p75: steps(0.7) }), false);
  assert.equal(isYesOrNo({ ...band, p05: [null, null] }), false);
});

test("anchors that are open or stale are said, open ones first, and solved ones are not", () => {
  const solved = synthetic().anchors;
  assert.equal(anchorsAmiss(solved), null);
  const stale = solved.map((anchor) => ({ ...anchor, state: "stale" }));
  assert.match(anchorsAmiss(stale) ?? "", /^1 elicited probability solved for another version/);
  const open = solved.map((anchor) => ({ ...anchor, state: "open", elicited: null, values: null, mean: null }));
  assert.match(anchorsAmiss([...open, ...open, ...stale]) ?? "", /^2 elicited probabilities not solved for/);
});

test("a parameter rests on a fact, on an elicited probability or on nothing", () => {
  assert.deepEqual(["tempo", "weight", "fear"].map((name) => basisOf(atlas, name)), ["fact", "elicited", "none"]);
  assert.equal(basesWords(atlas, ["tempo", "weight", "fear", "payment_wish"]), "Of 4 parameters, 1 rests on a fact with a source, 1 is solved for from elicited probabilities and 2 are estimates without one.");
  // One that could not be solved for has its declared prior.
  const open = atlasOf({ ...atlas.report, anchors: atlas.report.anchors.map((anchor) => ({ ...anchor, state: "open" })) });
  assert.equal(basisOf(open, "weight"), "none");
});

test("a contested claim leans to the side of one half on which its interval lies", () => {
  const [claim] = atlas.report.claims.filter(({ verdict }) => verdict === "contested");
  if (!claim) throw new Error("the report has a contested claim");
  const at = (low: number, high: number) => ({ ...claim, share_interval: [low, high] as [number, number] });
  const claims = [at(0.23, 0.31), at(0.51, 0.58), at(0.39, 0.503), at(0.34, 0.76), at(0.6, 0.7)];
  assert.deepEqual(claims.map(leaningOf), ["leans no", "leans yes", "even", "too few samples", "leans yes"]);
  assert.equal(leanings(claims), "2 lean yes, 1 leans no, 1 is even, 1 needs more samples of luck");
  assert.equal(leaningOf({ ...claim, verdict: "rejected" }), null);
});
