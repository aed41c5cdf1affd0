// Types of the report. Written from `crates/melian-report/src/data.rs` by its test `typescript`; do not edit.

/** The results of a run. */
export interface Report {
  /** The version of the format. */
  format: string;
  /** Version of the program. */
  melian: string;
  /** The model. */
  model: ModelInfo;
  /** The run. */
  run: RunInfo;
  /** Sentences that answer first. */
  headlines: HeadlineAnswer[];
  /** The baseline and the interventions of this run; the first is the baseline. */
  worlds: WorldInfo[];
  /** Yes or no. */
  questions: QuestionAnswer[];
  /** Numbers. */
  measures: MeasureAnswer[];
  /** Claims, in the order of the argument. */
  claims: ClaimAnswer[];
  /** Quantities over time. */
  series: SeriesAnswer[];
  /** Choices over time. */
  choices: ChoiceAnswer[];
  /** Events over time. */
  events: EventAnswer[];
  /** Outlines for a map, if an index has them. */
  maps: MapInfo[];
  /** Every declaration, for the way from a number to its equation, parameters, facts and sources. */
  declarations: DeclarationInfo[];
  /** Files of the model, by name, with what their authors say of them. */
  files: FileInfo[];
  /** Facts that the model cites. */
  facts: FactInfo[];
  /** Literature that the model cites. */
  references: ReferenceInfo[];
  /** Face checks. */
  checks: CheckAnswer[];
  /** Elicited probabilities that pin parameters. */
  anchors: AnchorInfo[];
  /** What went wrong inside futures. */
  problems: ProblemInfo[];
  /** What changed since the last run of the same folder, if there was one. */
  changes: Changes | null;
  /** What else `melian compare` says of its worlds; absent from a run. */
  comparison: Comparison | null;
  /** How the model differs from another version, if `melian diff` made the report. */
  difference: Difference | null;
  /** Why one future went as it did, if `melian explain` made the report. */
  explanation: Explanation | null;
}

/** The model. */
export interface ModelInfo {
  /** Name. */
  name: string;
  /** Title. */
  title: string;
  /** First day, ISO 8601. */
  start: string;
  /** Last day of the last step, ISO 8601. */
  end: string;
  /** Length of a step in days. */
  step_days: number;
  /** Last day of each step, ISO 8601. */
  step_ends: string[];
  /** Numbers of declarations by kind, in reading order: `("param", 40)`. */
  counts: [string, number][];
}

/** The run. */
export interface RunInfo {
  /** Hash of program, evidence, seed and size. */
  identity: string;
  /** Hash of the priors alone. */
  priors: string;
  /** Seed. */
  seed: number;
  /** Samples of all parameters. */
  draws: number;
  /** Samples of all noise under each draw. */
  replications: number;
  /** Wall time of the simulation in seconds; absent from what must be reproducible. */
  seconds: number | null;
  /** The command that makes the same run. */
  reproduce: string;
}

/** A sentence of the answer. */
export interface HeadlineAnswer {
  /** Words and figures in order. */
  parts: HeadlineText[];
}

/** A part of a headline. */
export type HeadlineText =
  /** Words. */
  | {
      kind: "text";
      /** The words. */
      text: string;
    }
  /** A figure. */
  | {
      kind: "figure";
      /** The formula as written. */
      formula: string;
      /** The estimate with its uncertainty. */
      estimate: Estimate;
      /** Unit; `%` for a probability (the estimate is then a share between 0 and 1). */
      unit: string;
    };

/** An estimate over all futures with its uncertainty, its three parts apart. */
export interface Estimate {
  /** Mean over all futures. */
  mean: number | null;
  /** Monte Carlo standard error of the mean, from independent scrambles. */
  mc_error: number | null;
  /** Standard deviation between draws (lack of knowledge): the analysis-of-variance estimate. */
  knowledge_sd: number | null;
  /** 90% interval of `knowledge_sd`. */
  knowledge_sd_interval: [number, number] | null;
  /** Standard deviation between replications of a draw (luck). */
  luck_sd: number | null;
  /** 5%, 25%, 50%, 75% and 95% points over all futures. */
  quantiles: [number, number, number, number, number] | null;
  /** 5%, 50% and 95% points over draws of the noise-corrected mean of a draw. */
  knowledge_quantiles: [number, number, number] | null;
}

/** A world. */
export interface WorldInfo {
  /** Name: `baseline` or the intervention's. */
  name: string;
  /** Title. */
  title: string;
  /** Its changes as written. */
  changes: string[];
  /** Names of the interventions that act in it; none in the baseline. */
  parts: string[];
  /** Declarations whose equations are not heard in it, since it holds what they would compute. */
  cuts: string[];
}

/** A scalar quantity that is shown. */
export interface Label {
  /** Qualified name: `will[ukraine]`. */
  name: string;
  /** Name of the declaration: `will`. */
  declaration: string;
  /** Names of the elements. */
  elements: string[];
  /** Title for people: `Will: Ukraine`. */
  title: string;
  /** Unit; empty for plain numbers. */
  unit: string;
}

/** The answer to a question. */
export interface QuestionAnswer {
  /** What it is. */
  label: Label;
  /** The last day it looks at. */
  by: string;
  /** Probability in each world (a share between 0 and 1). */
  worlds: Estimate[];
  /** Intervened minus baseline for every world but the first. */
  effects: Effect[];
  /** Whether an anchor pins it to an elicited probability. */
  elicited: boolean;
}

/** The answer of a measure. */
export interface MeasureAnswer {
  /** What it is. */
  label: Label;
  /** The last day it looks at. */
  by: string;
  /** Value in each world. */
  worlds: Estimate[];
  /** Intervened minus baseline for every world but the first. */
  effects: Effect[];
}

/** Intervened minus baseline, future by future. */
export interface Effect {
  /** The world's name. */
  world: string;
  /** The difference. */
  estimate: Estimate;
  /** Share of futures in which anything differs. */
  changed: number;
  /** With how many times as many futures runs of their own, with luck of their own, would be as exact; `null` if the difference is the same in every draw and so has no error, or if it cannot be told. */
  pairing: number | null;
}

/** A claim and its verdict. */
export interface ClaimAnswer {
  /** Name. */
  name: string;
  /** Title, or empty. */
  title: string;
  /** Words of the argument. */
  quote: string;
  /** `formula`, `factual` or `normative`. */
  kind: string;
  /** The formula as written, or empty. */
  formula: string;
  /** The verdict. */
  verdict: Verdict;
  /** The verdict in words: "holds in 97% of draws under these assumptions". */
  words: string;
  /** Share of draws in which it holds (noise corrected), for a formula. */
  share: number | null;
  /** Interval of the share: Monte Carlo error and jackknife over replications together, 90%. */
  share_interval: [number, number] | null;
  /** How the noise was corrected for: `linear` (shrunk means), `beta_binomial` (a probability, or an effect on one: Dirichlet-multinomial), or `plain` with its rule in words. */
  rule: string;
  /** Why the formula stands for the sentence. */
  because: string;
  /** What the verdict rests on, as it goes on from "it rests on", or empty. */
  rests_on: string;
  /** Evidence that would settle it, or empty. */
  settled_by: string;
  /** Parameters that decide it, the strongest first; none where no single one stands out from chance. */
  decided_by: Deciding[];
  /** Claims that cannot hold together with this one. */
  contradicts: string[];
  /** Measures and questions of the formula, by qualified name. */
  readings: string[];
  /** Worlds of the formula. */
  worlds: string[];
  /** Names of what the pathways of the formula lead through. */
  through: string[];
  /** The comparisons of its formula, in their order: how large a thing is, and how large it has to be. */
  bars: Bar[];
  /** The fact, for a factual claim. */
  fact: string | null;
}

/** A comparison of a claim's formula: a thing, and the bar that it is held against. Both in the unit of the first quantity that the formula reads. */
export interface Bar {
  /** Qualified name of the measure or question that is compared; empty if it is a sum of several. */
  reading: string;
  /** Intervention under which it is read or, for an effect, whose effect it is; null in the baseline. */
  world: string | null;
  /** What of it is compared. */
  thing: Thing;
  /** Title of the pathway that an effect comes through, else null. */
  pathway: string | null;
  /** How the value has to compare with the bar: `<`, `<=`, `>`, `>=`, `==` or `!=`. */
  comparison: string;
  /** What the thing comes to. */
  value: Estimate;
  /** What the bar comes to. */
  bar: Estimate;
  /** The bar as a multiple of a baseline's mean: factor and qualified name; null if it is a number or something else. */
  of: [number, string] | null;
  /** Share of draws in which the comparison holds, corrected for luck. */
  share: number | null;
  /** Multiples of the bar with which that share would be 80%, 50% and 20%, where there are such. */
  turns: [number | null, number | null, number | null];
}

/** What a comparison compares. */
export type Thing =
  /** A mean or a probability in a world, or a sum of several things. */
  | "value"
  /** An effect: intervened less baseline. */
  | "effect"
  /** What an effect loses if a pathway is closed. */
  | "through"
  /** That as a share of the effect. */
  | "share_through"
  /** Probability that, where a question is true, it would not be under an intervention. */
  | "necessity"
  /** Probability that, where a question is not true under an intervention, it is in the baseline. */
  | "sufficiency"
  /** Another quotient. */
  | "ratio";

/** A parameter that decides a claim. */
export interface Deciding {
  /** Qualified name of the parameter's scalar. */
  parameter: string;
  /** Rank correlation over draws with how well the claim holds. */
  correlation: number;
  /** Share of draws in which the claim holds, of those with the parameter in its lowest third. */
  low: number;
  /** The same in its highest third. */
  high: number;
  /** Value with which the claim is as likely to hold as not, in the parameter's unit; null if that lies outside the 90% interval of its prior, or if it has few values. */
  tips: number | null;
}

/** A verdict. */
export type Verdict =
  /** Holds in at least 80% of draws. */
  | "supported"
  /** Holds in between 20% and 80% of draws. */
  | "contested"
  /** Holds in at most 20% of draws. */
  | "rejected"
  /** Noise leaves it open. */
  | "unresolved"
  /** Holds in every draw or none by construction. */
  | "built_in"
  /** The stated number is within tolerance of the fact. */
  | "accurate"
  /** It lies in the fact's range, but not within tolerance. */
  | "imprecise"
  /** It lies outside the fact's range. */
  | "wrong"
  /** No measurement could decide it. */
  | "normative";

/** A quantity over time. */
export interface SeriesAnswer {
  /** What it is. */
  label: Label;
  /** Per world. */
  worlds: Band[];
}

/** Quantiles at the end of every step. */
export interface Band {
  /** Mean. */
  mean: (number | null)[];
  /** Monte Carlo standard error of the mean. */
  mc_error: (number | null)[];
  /** 5% points. */
  p05: (number | null)[];
  /** 25% points. */
  p25: (number | null)[];
  /** Medians. */
  p50: (number | null)[];
  /** 75% points. */
  p75: (number | null)[];
  /** 95% points. */
  p95: (number | null)[];
}

/** A choice over time. */
export interface ChoiceAnswer {
  /** What it is. */
  label: Label;
  /** Who decides. */
  actor: string;
  /** Names and titles of the options. */
  options: [string, string][];
  /** `[world][option][step]`: share of futures in which the option stands. */
  worlds: number[][][];
  /** Worlds, by their place, in which nothing hangs on it. */
  idle: number[];
}

/** An event over time. */
export interface EventAnswer {
  /** What it is. */
  label: Label;
  /** Whether it can happen more than once. */
  recurring: boolean;
  /** `[world][step]`: share of futures in which it has happened by the end of the step. */
  worlds: number[][];
}

/** Outlines of the elements of an index. */
export interface MapInfo {
  /** The index. */
  index: string;
  /** Elements: name, title. */
  elements: [string, string][];
  /** GeoJSON feature collection; a property `element` names the element of each feature. */
  features: unknown;
  /** Declarations of series that have a value for each element. */
  series: string[];
}

/** A declaration. */
export interface DeclarationInfo {
  /** Name. */
  name: string;
  /** Keyword: `param`, `stock`, `flow`, ... */
  kind: string;
  /** Title, or empty. */
  title: string;
  /** Unit; empty for plain numbers. */
  unit: string;
  /** As written. */
  text: string;
  /** Comments above it: those that open its paragraph, and its own. */
  notes: string[];
  /** File and line. */
  place: [string, number];
  /** Names of declarations it refers to. */
  uses: string[];
  /** For a flow or a transfer: names of the stocks that it fills or drains, and of the attributes that it carries. They rest on it. */
  moves: string[];
  /** Ids of facts it refers to. */
  facts: string[];
  /** Keys of references it cites, and those of correlations that name it. */
  cites: string[];
  /** For a parameter: 5%, 50% and 95% points of the prior per element (qualified name). */
  prior: [string, [number, number, number]][];
  /** For a parameter: the outline of the prior per element, in the order of `prior`. */
  outlines: Outline[];
}

/** The outline of a prior: how many draws lie in each of some bins of equal width. What lies beyond the outer two hundredths is left out. */
export interface Outline {
  /** Where the first bin begins. */
  from: number;
  /** Where the last bin ends. */
  to: number;
  /** Draws in each bin; none if all draws are alike. */
  counts: number[];
}

/** A file of the model. */
export interface FileInfo {
  /** Name, as in the place of a declaration. */
  name: string;
  /** The comment at its head: paragraphs, a line each. */
  about: string;
}

/** A fact. */
export interface FactInfo {
  /** Its id. */
  id: string;
  /** What it is a figure of. */
  quantity: string;
  /** Unit. */
  unit: string;
  /** 5% point. */
  low: number | null;
  /** Median. */
  central: number | null;
  /** 95% point. */
  high: number | null;
  /** Content of a text fact, or empty. */
  text: string;
  /** The date for which it holds. */
  as_of: string;
  /** Who says so. */
  source: string;
  /** Where it was read. */
  url: string;
  /** `A` to `D`. */
  grade: string;
  /** How it was verified. */
  verified: string;
  /** Remarks. */
  note: string;
  /** Declarations that use it. */
  used_by: string[];
}

/** A work of the literature. */
export interface ReferenceInfo {
  /** Key. */
  key: string;
  /** Authors, year, title, place: one line. */
  citation: string;
  /** DOI or address. */
  doi: string;
  /** Whether it was checked against a public record. */
  verified: boolean;
  /** Declarations that cite it. */
  used_by: string[];
}

/** A face check. */
export interface CheckAnswer {
  /** Name. */
  name: string;
  /** Title, or empty. */
  title: string;
  /** The measure. */
  measure: string;
  /** Median over all futures. */
  median: number | null;
  /** The published range. */
  range: [number, number];
  /** Unit. */
  unit: string;
  /** Whether the median lies in the range. */
  passed: boolean;
}

/** An elicited probability that pins a parameter. */
export interface AnchorInfo {
  /** Name of the parameter. */
  parameter: string;
  /** Qualified name of the question. */
  question: string;
  /** Ids of the facts that say what was elicited. */
  facts: string[];
  /** `solved`; `stale` if it was solved for another version of the model, whose values are used; `open` if it was not, and the parameter has its declared prior. */
  state: string;
  /** 5% point, median and 95% point of what was elicited, when it was solved. */
  elicited: [number, number, number] | null;
  /** The parameter's values that give these probabilities. */
  values: [number, number, number] | null;
  /** Mean of what was elicited: what the question's mean is to be compared with. */
  mean: number | null;
}

/** Something that went wrong inside futures. */
export interface ProblemInfo {
  /** What, in words. */
  words: string;
  /** The equation. */
  equation: string;
  /** The world. */
  world: string;
  /** In how many steps of futures. */
  count: number;
  /** The first future, `draw:replication`, and the step's last day. */
  first: [string, string];
}

/** What changed since the last run of the same folder. */
export interface Changes {
  /** When the last run was made, ISO 8601, if known. */
  since: string;
  /** Declarations, facts and settings that differ, in words. */
  edits: string[];
  /** Answers that moved by more than their Monte Carlo error, largest first. */
  answers: AnswerChange[];
  /** Verdicts that changed: claim, before, after. */
  verdicts: [string, Verdict, Verdict][];
}

/** An answer that moved. */
export interface AnswerChange {
  /** Qualified name of the measure or question. */
  name: string;
  /** Title. */
  title: string;
  /** Unit. */
  unit: string;
  /** Mean before. */
  before: number;
  /** Mean now. */
  after: number;
  /** Monte Carlo standard error of the difference. */
  mc_error: number;
}

/** What would have happened otherwise under the same luck. Effects on questions and measures stand with them. */
export interface Comparison {
  /** Effects over time: for each series, in its order, those of every world but the first. */
  series: SeriesEffect[];
  /** For each question, those of every world but the first. */
  causation: Causation[];
  /** For each world in which several interventions act: what they do beyond the sum of what each does alone. */
  interactions: Interaction[];
  /** Effects taken apart by pathways: for each intervention, those on every answer. */
  apart: Apart[];
  /** Answers along a quantity that is held at one value after another. */
  sweep: Sweep | null;
}

/** The effect of an intervention on an answer, by the ways through which it comes about. */
export interface Apart {
  /** Qualified name of the measure or question. */
  name: string;
  /** The world's name. */
  world: string;
  /** The effect: what the parts and what comes otherwise add up to. */
  effect: Estimate;
  /** What comes by each pathway, in the order in which they were asked for. */
  parts: Part[];
  /** What comes by none of them: the effect with all closed, the natural direct effect. */
  otherwise: Estimate;
}

/** What of an effect comes by a pathway. */
export interface Part {
  /** Name of the pathway. */
  pathway: string;
  /** Its title, or its name in words. */
  title: string;
  /** Its Shapley value: what opening it adds, on average over all orders of opening. */
  share: Estimate;
  /** What it brings alone, nothing else being changed: the natural indirect effect. */
  alone: Estimate;
  /** What the effect loses if it alone is closed: the total indirect effect. */
  missed: Estimate;
}

/** How a model differs from an earlier version, and what each change accounts for. */
export interface Difference {
  /** The earlier version, as it was asked for. */
  before: string;
  /** The later version. */
  after: string;
  /** Changes that are made one by one; what stands together goes together. */
  changes: Change[];
  /** What differs in words only, and no answer reads. */
  words: Change;
  /** Answers that both versions give, the first sentences' figures first, then questions and measures. */
  answers: AnswerDifference[];
  /** Orders in which changes were made. */
  orders: number;
  /** Whether these are all orders there are. */
  all_orders: boolean;
}

/** Changes that go together: keywords and names of declarations, facts and files. */
export interface Change {
  /** In both versions. */
  edited: Edit[];
  /** In the later version only. */
  added: string[];
  /** In the earlier version only. */
  removed: string[];
}

/** A declaration or fact that is in both versions, and not the same. */
export interface Edit {
  /** Keyword and name. */
  name: string;
  /** What became of it, in words. */
  words: string;
  /** As written in the earlier version, on one line; empty for a file. */
  before: string;
  /** In the later version. */
  after: string;
}

/** The difference of an answer between two versions. */
export interface AnswerDifference {
  /** Qualified name of the measure or question; the formula of a figure. */
  name: string;
  /** Title; of a figure, its sentence. */
  title: string;
  /** Unit of everything below; `%` for probabilities and hundredths, which are then shares of one. */
  unit: string;
  /** Whether it is a figure of the first sentences. */
  headline: boolean;
  /** In the earlier version. */
  before: Estimate;
  /** In the later version. */
  after: Estimate;
  /** Later less earlier, future by future. */
  change: Estimate;
  /** What each of the changes accounts for, in their order; they add up to the change. */
  parts: Attributed[];
}

/** What a change accounts for. */
export interface Attributed {
  /** Its part, on average over orders. */
  part: Estimate;
  /** Standard error of that mean because not all orders were tried. */
  order_error: number | null;
}

/** Intervened minus baseline over time, future by future. */
export interface SeriesEffect {
  /** Qualified name of the series. */
  name: string;
  /** The world's name. */
  world: string;
  /** The differences at the end of every step. */
  band: Band;
  /** Share of futures that differ at the end of every step. */
  changed: number[];
  /** As in [`Effect`], at the end of every step. */
  pairing: (number | null)[];
}

/** Probabilities of necessity and sufficiency: x is the baseline, x' the intervention, y that the question is true. */
export interface Causation {
  /** Qualified name of the question. */
  name: string;
  /** The world's name. */
  world: string;
  /** Shares of futures in which it is true in both worlds, in the baseline only, under the intervention only, in neither. */
  shares: [number, number, number, number];
  /** PN: among futures in which it is true in the baseline, it is not under the intervention. */
  necessity: Bounded;
  /** PS: among futures in which it is not true under the intervention, it is in the baseline. */
  sufficiency: Bounded;
  /** PNS: among all futures, it is true in the baseline and not under the intervention. */
  both: Bounded;
  /** All of it in sentences. */
  words: string[];
}

/** A probability under the model's coupling of luck, between the bounds that hold under any coupling. */
export interface Bounded {
  /** The probability; `null` if there is no future to count. */
  value: number | null;
  /** Its Monte Carlo standard error. */
  mc_error: number | null;
  /** The least that any coupling allows. */
  low: number | null;
  /** Its Monte Carlo standard error. */
  low_mc_error: number | null;
  /** The most that any coupling allows. */
  high: number | null;
  /** Its Monte Carlo standard error. */
  high_mc_error: number | null;
  /** Number of futures that it is a share of. */
  futures: number;
}

/** What several interventions at once do beyond the sum of what each does alone. */
export interface Interaction {
  /** Qualified name of the measure or question. */
  name: string;
  /** The difference of effects, future by future, in the world of all. */
  effect: Effect;
}

/** Answers along a quantity that is held at one value after another, under the same luck. */
export interface Sweep {
  /** The quantity as it was asked for: `first_echelon` or `will[ukraine]`. */
  quantity: string;
  /** Title. */
  title: string;
  /** Unit; empty for plain numbers. */
  unit: string;
  /** The values, in order. */
  values: number[];
  /** Those that move most, against their own spread, first. */
  answers: SweepAnswer[];
  /** The same under each intervention that was asked for beside it. */
  under: SweptUnder[];
}

/** Answers along a sweep under an intervention. */
export interface SweptUnder {
  /** The world's name. */
  world: string;
  /** Those that move most, against their own spread, first. */
  answers: SweepAnswer[];
}

/** An answer along a sweep. */
export interface SweepAnswer {
  /** Qualified name of the measure or question. */
  name: string;
  /** At each value. */
  points: Estimate[];
  /** Which way the mean moves. */
  shape: Shape;
  /** Share of futures in which the answer never turns: it never falls, or never rises. */
  monotone: number;
}

/** Which way a mean moves along a sweep, as far as Monte Carlo error lets one see. */
export type Shape =
  /** It is the same in every future. */
  | "flat"
  /** It rises somewhere and falls nowhere. */
  | "rising"
  /** It falls somewhere and rises nowhere. */
  | "falling"
  /** It rises somewhere and falls elsewhere. */
  | "turning"
  /** Futures change, but the mean moves nowhere by more than its error. */
  | "unclear";

/** One future: what happened in it, and what, taken away, would have changed an answer. */
export interface Explanation {
  /** Qualified name of the measure, question or event that was asked about. */
  target: string;
  /** Its title. */
  title: string;
  /** `measure`, `question` or `event`. */
  kind: string;
  /** Unit of a measure; empty for questions and events. */
  unit: string;
  /** Draw and replication. */
  future: [number, number];
  /** How this future came to be chosen. */
  chosen: string;
  /** The answer: of a question 1 or 0, of an event how often it happened. */
  answer: number | null;
  /** Of a measure the share of futures below it, of a question that of futures with the same answer. */
  share: number | null;
  /** By how much an answer has to differ to count as another. */
  yardstick: number | null;
  /** Everything that was taken away. */
  candidates: Candidate[];
  /** What changes the answer alone, the strongest first. */
  causes: Cause[];
  /** Pairs that change it where nothing does alone. */
  pairs: Cause[];
  /** What happened, in order. */
  timeline: Moment[];
  /** Stocks that were there at the start, those that moved most against the larger of both ends first. */
  stocks: Moved[];
  /** Where series ended, those farthest from the middle of all futures first. */
  endings: Ending[];
}

/** Something of a future that was taken away. */
export interface Candidate {
  /** Qualified name. */
  name: string;
  /** Title. */
  title: string;
  /** `event`, `choice`, `parameter` or `noise`. Of a noise its luck was taken away: it lay at its median in every step. */
  kind: string;
  /** Of an event or a choice: the step in which it came about. */
  step: number | null;
  /** The last day of that step. */
  on: string;
  /** Of a choice: the option that was chosen, and that of the start, which stands without it. */
  options: [string, string] | null;
  /** Of a parameter: its value, and the median of its prior, which it has without it. */
  values: [number, number] | null;
  /** Unit of the values. */
  unit: string;
}

/** Candidates whose absence changes the answer. */
export interface Cause {
  /** One candidate or two, by position. */
  without: number[];
  /** The answer without them. */
  answer: number | null;
  /** Other candidates that do not come about without them. */
  prevents: number[];
}

/** Something that happened in a future. */
export interface Moment {
  /** The step. */
  step: number;
  /** Its last day. */
  on: string;
  /** Qualified name of the event or the choice. */
  name: string;
  /** In words. */
  what: string;
  /** Of a choice by utility: its options as they were weighed, that which won first and the one that stood before second. */
  weighed: Weighed[];
}

/** An option at a decision. The open option with the largest sum of worth and taste wins. */
export interface Weighed {
  /** Title of the option. */
  option: string;
  /** What speaks for it: precision times utility, the switching cost taken off unless it stands; null if it cannot be computed. */
  worth: number | null;
  /** Luck: a standard Gumbel number. */
  taste: number | null;
}

/** A stock from the beginning to the end of a future. */
export interface Moved {
  /** Qualified name. */
  name: string;
  /** Title. */
  title: string;
  /** Unit. */
  unit: string;
  /** At the start. */
  from: number;
  /** In the end. */
  to: number;
}

/** Where a series of a future ended. */
export interface Ending {
  /** Qualified name. */
  name: string;
  /** Title. */
  title: string;
  /** Unit. */
  unit: string;
  /** Its last value. */
  value: number;
  /** Share of futures that ended below it. */
  below: number;
}
