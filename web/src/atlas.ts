// The report with its cross references: what a name stands for, what it rests on, and who uses it.

import type {
  ChoiceAnswer, ClaimAnswer, DeclarationInfo, EventAnswer, FactInfo, MeasureAnswer, QuestionAnswer, ReferenceInfo, Report, SeriesAnswer,
} from "./report.ts";

/** What a run says about one declaration. */
export interface Answers {
  measures: MeasureAnswer[];
  questions: QuestionAnswer[];
  series: SeriesAnswer[];
  choices: ChoiceAnswer[];
  events: EventAnswer[];
}

/** A report, ready to be looked up. */
export interface Atlas {
  report: Report;
  declarations: Map<string, DeclarationInfo>;
  /** Names of the declarations that refer to a declaration. */
  usedBy: Map<string, string[]>;
  /** Names of the flows and transfers that fill or drain a stock, or carry an attribute. */
  movedBy: Map<string, string[]>;
  facts: Map<string, FactInfo>;
  references: Map<string, ReferenceInfo>;
  claims: Map<string, ClaimAnswer>;
  answers: Map<string, Answers>;
}

/** What a set of declarations rests on, all the way down. */
export interface Ground {
  /** Everything that is reached, the start not included. */
  declarations: string[];
  parameters: string[];
  facts: string[];
  references: string[];
}

/** Builds the cross references of a report. */
export function atlasOf(report: Report): Atlas {
  const usedBy = new Map<string, string[]>();
  const movedBy = new Map<string, string[]>();
  for (const declaration of report.declarations) {
    // Reports of the first format do not say what moves.
    for (const moved of declaration.moves ?? []) entry(movedBy, moved, () => []).push(declaration.name);
    for (const used of new Set(declaration.uses)) entry(usedBy, used, () => []).push(declaration.name);
  }
  const answers = new Map<string, Answers>();
  const at = (name: string): Answers =>
    entry(answers, name, () => ({ measures: [], questions: [], series: [], choices: [], events: [] }));
  for (const answer of report.measures) at(answer.label.declaration).measures.push(answer);
  for (const answer of report.questions) at(answer.label.declaration).questions.push(answer);
  for (const answer of report.series) at(answer.label.declaration).series.push(answer);
  for (const answer of report.choices) at(answer.label.declaration).choices.push(answer);
  for (const answer of report.events) at(answer.label.declaration).events.push(answer);
  return {
    report,
    declarations: new Map(report.declarations.map((declaration) => [declaration.name, declaration])),
    usedBy,
    movedBy,
    facts: new Map(report.facts.map((fact) => [fact.id, fact])),
    references: new Map(report.references.map((reference) => [reference.key, reference])),
    claims: new Map(report.claims.map((claim) => [claim.name, claim])),
    answers,
  };
}

/** What a declaration rests on at once: the names in it and, for a stock, what fills and drains it. */
export function below(atlas: Atlas, name: string): string[] {
  return [...(atlas.declarations.get(name)?.uses ?? []), ...(atlas.movedBy.get(name) ?? [])];
}

/** What rests on a declaration at once: what refers to it and, for a flow, the stocks that it moves. */
export function above(atlas: Atlas, name: string): string[] {
  return [...(atlas.usedBy.get(name) ?? []), ...(atlas.declarations.get(name)?.moves ?? [])];
}

/** Goes down from the names given, to the parameters and facts below. */
export function groundOf(atlas: Atlas, names: readonly string[]): Ground {
  const seen = new Set<string>();
  const open = [...names];
  const facts = new Set<string>();
  const references = new Set<string>();
  while (open.length > 0) {
    const name = open.shift() ?? "";
    if (seen.has(name)) continue;
    const declaration = atlas.declarations.get(name);
    if (!declaration) continue;
    seen.add(name);
    declaration.facts.forEach((fact) => facts.add(fact));
    declaration.cites.forEach((key) => references.add(key));
    open.push(...below(atlas, name));
  }
  const declarations = [...seen].filter((name) => !names.includes(name));
  return {
    declarations,
    parameters: [...seen].filter((name) => atlas.declarations.get(name)?.kind === "param"),
    facts: [...facts],
    references: [...references],
  };
}

/** The declared names that occur in a formula, in order. */
export function namesIn(atlas: Atlas, formula: string): string[] {
  const found = formula.match(/[A-Za-z_][A-Za-z0-9_]*/g) ?? [];
  return [...new Set(found)].filter((name) => atlas.declarations.has(name));
}

/** The name of the declaration of a qualified name: `will` of `will[ukraine]`. */
export function bare(name: string): string {
  return name.replace(/\[.*$/, "");
}

/** The title of a declaration: its own, that of its answer, or its name in words. */
export function titleOf(atlas: Atlas, name: string): string {
  const answers = atlas.answers.get(name);
  const answer = answers && [...answers.measures, ...answers.questions, ...answers.series, ...answers.choices, ...answers.events][0];
  const shown = answer?.label.elements.length === 0 ? answer.label.title : "";
  return atlas.declarations.get(name)?.title || shown || name.replaceAll("_", " ");
}

function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}
