// Colours: names stand out from the areas they lie on, and neighbours can be told apart with every kind of colour vision.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

type Rgb = [number, number, number];

/** Linear light of the two values of a colour of the style: light and dark. */
function colours(name: string): [Rgb, Rgb] {
  const style = readFileSync("src/page/style.css", "utf8");
  const found = new RegExp(`--${name}: light-dark\\((#\\w{6}), (#\\w{6})\\)`).exec(style);
  const linear = (hex: string): Rgb => [1, 3, 5].map((start) => ((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))(parseInt(hex.slice(start, start + 2), 16) / 255)) as Rgb;
  assert.ok(found?.[1] && found[2], `--${name} has a value for each theme`);
  return [linear(found[1]), linear(found[2])];
}

function contrast(a: Rgb, b: Rgb): number {
  const light = ([red, green, blue]: Rgb): number => 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  return (Math.max(light(a), light(b)) + 0.05) / (Math.min(light(a), light(b)) + 0.05);
}

/** What is seen without one kind of cone: Machado, Oliveira and Fernandes 2009, severity 1.0. */
const VISIONS: Record<string, number[][]> = {
  normal: [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
  protanopia: [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
  deuteranopia: [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
  tritanopia: [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
};

/** Distance in Oklab (Ottosson 2020), where 0.02 is just noticeable. */
function distance(a: Rgb, b: Rgb, vision: number[][]): number {
  const lab = (colour: Rgb): number[] => {
    const [r = 0, g = 0, blue = 0] = vision.map((row) => Math.min(1, Math.max(0, row.reduce((sum, weight, part) => sum + weight * (colour[part] ?? 0), 0))));
    const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * blue);
    const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * blue);
    const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * blue);
    return [0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s, 1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s, 0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s];
  };
  const [p, q] = [lab(a), lab(b)];
  return Math.hypot(...p.map((part, axis) => part - (q[axis] ?? 0)));
}

const OPTIONS = [0, 1, 2, 3, 4, 5, 6, 7].map((option) => `o${option}`);

test("the name of an option stands out from its area", () => {
  for (const theme of [0, 1] as const) {
    for (const option of OPTIONS) {
      const found = contrast(colours("on-o")[theme], colours(option)[theme]);
      assert.ok(found >= 4.5, `${option} in theme ${theme}: ${found.toFixed(2)}`);
    }
  }
});

test("options that lie on each other can be told apart", () => {
  for (const [vision, matrix] of Object.entries(VISIONS)) {
    for (const theme of [0, 1] as const) {
      OPTIONS.slice(1).forEach((option, position) => {
        const below = OPTIONS[position] ?? "";
        const found = distance(colours(option)[theme], colours(below)[theme], matrix);
        assert.ok(found >= 0.06, `${below} and ${option} in theme ${theme}, ${vision}: ${found.toFixed(3)}`);
      });
    }
  }
});

test("the two worlds can be told apart, and from the ground", () => {
  for (const [vision, matrix] of Object.entries(VISIONS)) {
    for (const theme of [0, 1] as const) {
      const found = distance(colours("w0")[theme], colours("w1")[theme], matrix);
      assert.ok(found >= 0.12, `theme ${theme}, ${vision}: ${found.toFixed(3)}`);
      assert.ok(contrast(colours("w0")[theme], colours("paper")[theme]) >= 4.5);
      assert.ok(contrast(colours("w1")[theme], colours("paper")[theme]) >= 4.5);
    }
  }
});
