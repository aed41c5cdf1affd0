// Units for people: superscripts, dots, and plurals of the names that models give to things they count.

import { superscript } from "./number.ts";

/** Writes a unit for reading; `value` chooses between one and many. */
export function unitText(unit: string, value: number | null = null): string {
  if (unit === "" || unit === "1") return "";
  if (unit === "%") return "%";
  const top = splitTop(unit);
  const plural = value === null || Math.abs(value) !== 1;
  const written = top.over.map((factor, position) => factorText(factor, plural && position === top.over.length - 1));
  const under = top.under.map((factor) => factorText(factor, false));
  const numerator = written.join("\u00b7") || "1";
  const bare = under.join("\u00b7");
  return under.length === 0 ? numerator : numerator + "/" + (under.length > 1 ? `(${bare})` : bare);
}

function splitTop(unit: string): { over: string[]; under: string[] } {
  const over: string[] = [];
  const under: string[] = [];
  let below = false;
  let depth = 0;
  let factor = "";
  const finish = (): void => {
    if (factor !== "" && factor !== "1") (below ? under : over).push(factor);
    factor = "";
  };
  for (const letter of unit) {
    if (letter === "(") depth += 1;
    else if (letter === ")") depth -= 1;
    else if (letter === "*" || letter === "/") {
      finish();
      // Inside brackets a product stays on its side.
      if (letter === "/") below = true;
      else if (depth === 0) below = false;
    } else if (letter !== " ") factor += letter;
  }
  finish();
  return { over, under };
}

function factorText(factor: string, plural: boolean): string {
  const [name = "", power] = factor.split("^");
  const word = plural && power === undefined ? pluralOf(name) : name;
  return word.replaceAll("_", " ") + (power === undefined ? "" : superscript(power));
}

/** Adds an s to a word; symbols such as km, MWh or USD have no plural. */
function pluralOf(name: string): string {
  if (!/^[a-z_]{4,}$/.test(name) || /(s|percent)$/.test(name)) return name;
  return /[^aeiou]y$/.test(name) ? name.slice(0, -1) + "ies" : name + "s";
}
