// The mechanisms of a model: the files in which something acts, what they give each other, and which of them a claim rests on.

import { above, bare, groundOf, namesIn, type Atlas } from "./atlas.ts";
import type { ClaimAnswer, DeclarationInfo } from "./report.ts";

/** A file of the model in which something acts. */
export interface Mechanism {
  /** Name of the file without its ending. */
  name: string;
  title: string;
  /** What its author says of it, in paragraphs. */
  about: string[];
  declarations: DeclarationInfo[];
}

/** The mechanisms that a claim speaks of, by their place in the list. */
export interface Route {
  /** Where it reads a quantity, or where its fact is used. */
  reads: number[];
  /** Where it changes something to see what follows. */
  turns: number[];
}

/** Kinds that act; a file that has none of them asks or answers. */
const ACTING = new Set(["param", "stock", "attribute", "flow", "noise", "event", "choice", "transfer"]);
const ASKING = new Set(["measure", "question"]);
/** A first sentence so short is a title. */
const LONGEST_TITLE = 40;

/** Finds the mechanisms, in the order that their authors number them, else by file. */
export function mechanismsOf(atlas: Atlas): Mechanism[] {
  const files = new Map<string, DeclarationInfo[]>();
  for (const declaration of atlas.report.declarations) {
    const [file] = declaration.place;
    files.set(file, [...(files.get(file) ?? []), declaration]);
  }
  const found = [...files]
    .filter(([, declarations]) => acts(declarations))
    .map(([file, declarations]) => ({ ...head(file, aboutOf(atlas, file)), declarations }));
  found.sort((a, b) => a.number - b.number || a.name.localeCompare(b.name));
  return found.map(({ number: _, ...mechanism }) => mechanism);
}

/** Whether something acts. A parameter among questions is a yardstick of theirs, and acts on nothing. */
function acts(declarations: readonly DeclarationInfo[]): boolean {
  const asks = declarations.some(({ kind }) => ASKING.has(kind));
  return declarations.some(({ kind }) => ACTING.has(kind) && !(asks && kind === "param"));
}

function aboutOf(atlas: Atlas, file: string): string {
  // Reports of the first format have no files.
  return atlas.report.files?.find((candidate) => candidate.name === file)?.about ?? "";
}

/** Reads `3. Fronts. Claims that ...` as a number, a title and the rest. */
function head(file: string, about: string): { number: number; name: string; title: string; about: string[] } {
  const name = file.replace(/^.*\//, "").replace(/\.mel$/, "");
  const [, number, first, rest] = /^(?:(\d+)\.\s+)?([^.\n]+)\.(?:\s+([\s\S]*))?$/.exec(about) ?? [];
  const titled = first !== undefined && first.length <= LONGEST_TITLE;
  const words = name.replaceAll("_", " ");
  return {
    number: number === undefined ? Infinity : Number(number),
    name,
    title: titled ? first : words.charAt(0).toUpperCase() + words.slice(1),
    about: (titled ? (rest ?? "") : about).split("\n").filter(Boolean),
  };
}

/** Where each declaration of a mechanism is at home, by the mechanism's place in the list. */
export function homesOf(mechanisms: readonly Mechanism[]): Map<string, number> {
  return new Map(mechanisms.flatMap((mechanism, position) => mechanism.declarations.map(({ name }) => [name, position] as const)));
}

/** The mechanisms met first on the way down from names: files that only ask are passed through. */
export function firstMet(atlas: Atlas, homes: ReadonlyMap<string, number>, names: readonly string[]): number[] {
  const seen = new Set<string>();
  const met = new Set<number>();
  const open = [...names];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (seen.has(name)) continue;
    seen.add(name);
    const home = homes.get(name);
    if (home !== undefined) met.add(home);
    else open.push(...(atlas.declarations.get(name)?.uses ?? []));
  }
  return [...met].sort((a, b) => a - b);
}

/** The way of a claim through the mechanisms. */
export function routeOf(atlas: Atlas, homes: ReadonlyMap<string, number>, claim: ClaimAnswer): Route {
  const users = claim.fact === null ? [] : (atlas.facts.get(claim.fact)?.used_by ?? []);
  const changed = claim.worlds.flatMap((world) => atlas.declarations.get(world)?.uses ?? []);
  return { reads: firstMet(atlas, homes, [...claim.readings.map(bare), ...users]), turns: firstMet(atlas, homes, changed) };
}

/** A step by an equation that reads what decides counts so much; any other step counts 1. */
const DECISIVE_STEP = 0.25;

/**
 * The shortest way of names up from any of what is changed to any of what is read, both ends included; empty if there is none. Steps by equations that read one of
 * the names in `through` count less.
 */
export function wayOf(atlas: Atlas, changed: readonly string[], read: readonly string[], through: ReadonlySet<string> = new Set()): string[] {
  const before = new Map<string, string | null>(changed.map((name) => [name, null]));
  const lengths = new Map<string, number>(changed.map((name) => [name, 0]));
  const open = new Set(changed);
  while (open.size > 0) {
    const at = [...open].reduce((nearest, name) => ((lengths.get(name) ?? 0) < (lengths.get(nearest) ?? 0) ? name : nearest));
    open.delete(at);
    if (read.includes(at)) {
      const way: string[] = [];
      for (let name: string | null = at; name !== null; name = before.get(name) ?? null) way.unshift(name);
      return way;
    }
    for (const next of above(atlas, at)) {
      const decisive = atlas.declarations.get(next)?.uses.some((used) => through.has(used)) ?? false;
      const length = (lengths.get(at) ?? 0) + (decisive ? DECISIVE_STEP : 1);
      if (length >= (lengths.get(next) ?? Infinity)) continue;
      lengths.set(next, length);
      before.set(next, at);
      open.add(next);
    }
  }
  return [];
}

/** The shortest of the ways that pass one of these names; where there are none, the shortest way. */
export function wayPast(atlas: Atlas, changed: readonly string[], passed: readonly string[], read: readonly string[], through: ReadonlySet<string> = new Set()): string[] {
  if (passed.length === 0) return wayOf(atlas, changed, read, through);
  const ways = passed.map((name) => [wayOf(atlas, changed, [name], through), wayOf(atlas, [name], read, through).slice(1)] as const);
  const whole = ways.filter(([to, from]) => to.length > 0 && (from.length > 0 || read.includes(to.at(-1) ?? ""))).map(([to, from]) => [...to, ...from]);
  return whole.sort((a, b) => a.length - b.length)[0] ?? [];
}

/** How many declarations of each mechanism lie below a claim, all the way down. */
export function depthsOf(atlas: Atlas, homes: ReadonlyMap<string, number>, claim: ClaimAnswer): Map<number, number> {
  const names = [...namesIn(atlas, claim.formula), ...claim.readings.map(bare), ...claim.worlds];
  const depths = new Map<number, number>();
  for (const name of new Set([...names, ...groundOf(atlas, names).declarations])) {
    const home = homes.get(name);
    if (home !== undefined) depths.set(home, (depths.get(home) ?? 0) + 1);
  }
  return depths;
}

/** What one mechanism takes from others: for each, the names it refers to. */
export function takenBy(homes: ReadonlyMap<string, number>, mechanisms: readonly Mechanism[], position: number): Map<number, string[]> {
  const taken = new Map<number, Set<string>>();
  for (const declaration of mechanisms[position]?.declarations ?? [])
    for (const used of declaration.uses) {
      const home = homes.get(used);
      if (home !== undefined && home !== position) taken.set(home, (taken.get(home) ?? new Set()).add(used));
    }
  return new Map([...taken].sort(([a], [b]) => a - b).map(([home, names]) => [home, [...names].sort()]));
}
