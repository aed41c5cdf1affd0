//! The results of a run as plain data: what `--json` prints and what the page shows. The format is versioned by [`FORMAT`].
//!
//! Every number comes with its uncertainty. Values are in the declared unit of their quantity. `null` stands for a number that could not be
//! computed.

use serde::{Deserialize, Serialize};

/// Version of this format. The last part changes when fields are added, the first when fields change meaning.
pub const FORMAT: &str = "melian-report 2.0";

/// The results of a run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Report {
    /// [`FORMAT`].
    pub format: String,
    /// Version of the program.
    pub melian: String,
    /// The model.
    pub model: ModelInfo,
    /// The run.
    pub run: RunInfo,
    /// Sentences that answer first.
    pub headlines: Vec<HeadlineAnswer>,
    /// The baseline and the interventions of this run; the first is the baseline.
    pub worlds: Vec<WorldInfo>,
    /// Yes or no.
    pub questions: Vec<QuestionAnswer>,
    /// Numbers.
    pub measures: Vec<MeasureAnswer>,
    /// Claims, in the order of the argument.
    pub claims: Vec<ClaimAnswer>,
    /// Quantities over time.
    pub series: Vec<SeriesAnswer>,
    /// Choices over time.
    pub choices: Vec<ChoiceAnswer>,
    /// Events over time.
    pub events: Vec<EventAnswer>,
    /// Outlines for a map, if an index has them.
    pub maps: Vec<MapInfo>,
    /// Every declaration, for the way from a number to its equation, parameters, facts and sources.
    pub declarations: Vec<DeclarationInfo>,
    /// Files of the model, by name, with what their authors say of them.
    #[serde(default)]
    pub files: Vec<FileInfo>,
    /// Facts that the model cites.
    pub facts: Vec<FactInfo>,
    /// Literature that the model cites.
    pub references: Vec<ReferenceInfo>,
    /// Face checks.
    pub checks: Vec<CheckAnswer>,
    /// Elicited probabilities that pin parameters.
    #[serde(default)]
    pub anchors: Vec<AnchorInfo>,
    /// What went wrong inside futures.
    pub problems: Vec<ProblemInfo>,
    /// What changed since the last run of the same folder, if there was one.
    pub changes: Option<Changes>,
    /// What else `melian compare` says of its worlds; absent from a run.
    #[serde(default)]
    pub comparison: Option<Comparison>,
    /// How the model differs from another version, if `melian diff` made the report.
    #[serde(default)]
    pub difference: Option<Difference>,
    /// Why one future went as it did, if `melian explain` made the report.
    #[serde(default)]
    pub explanation: Option<Explanation>,
}

/// The model.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ModelInfo {
    /// Name.
    pub name: String,
    /// Title.
    pub title: String,
    /// First day, ISO 8601.
    pub start: String,
    /// Last day of the last step, ISO 8601.
    pub end: String,
    /// Length of a step in days.
    pub step_days: f64,
    /// Last day of each step, ISO 8601.
    pub step_ends: Vec<String>,
    /// Numbers of declarations by kind, in reading order: `("param", 40)`.
    pub counts: Vec<(String, usize)>,
}

/// The run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RunInfo {
    /// Hash of program, evidence, seed and size.
    pub identity: String,
    /// Hash of the priors alone.
    pub priors: String,
    /// Seed.
    pub seed: u64,
    /// Samples of all parameters.
    pub draws: u32,
    /// Samples of all noise under each draw.
    pub replications: u32,
    /// Wall time of the simulation in seconds; absent from what must be reproducible.
    pub seconds: Option<f64>,
    /// The command that makes the same run.
    pub reproduce: String,
}

/// A sentence of the answer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct HeadlineAnswer {
    /// Words and figures in order.
    pub parts: Vec<HeadlineText>,
}

/// A part of a headline.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum HeadlineText {
    /// Words.
    Text {
        /// The words.
        text: String,
    },
    /// A figure.
    Figure {
        /// The formula as written.
        formula: String,
        /// The estimate with its uncertainty.
        estimate: Estimate,
        /// Unit; `%` for a probability (the estimate is then a share between 0 and 1).
        unit: String,
    },
}

/// An estimate over all futures with its uncertainty, its three parts apart.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Estimate {
    /// Mean over all futures.
    pub mean: Option<f64>,
    /// Monte Carlo standard error of the mean, from independent scrambles.
    pub mc_error: Option<f64>,
    /// Standard deviation between draws (lack of knowledge): the analysis-of-variance estimate.
    pub knowledge_sd: Option<f64>,
    /// 90% interval of `knowledge_sd`.
    pub knowledge_sd_interval: Option<(f64, f64)>,
    /// Standard deviation between replications of a draw (luck).
    pub luck_sd: Option<f64>,
    /// 5%, 25%, 50%, 75% and 95% points over all futures.
    pub quantiles: Option<[f64; 5]>,
    /// 5%, 50% and 95% points over draws of the noise-corrected mean of a draw.
    pub knowledge_quantiles: Option<[f64; 3]>,
}

/// A world.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct WorldInfo {
    /// Name: `baseline` or the intervention's.
    pub name: String,
    /// Title.
    pub title: String,
    /// Its changes as written.
    pub changes: Vec<String>,
    /// Names of the interventions that act in it; none in the baseline.
    #[serde(default)]
    pub parts: Vec<String>,
    /// Declarations whose equations are not heard in it, since it holds what they would compute.
    #[serde(default)]
    pub cuts: Vec<String>,
}

/// A scalar quantity that is shown.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Label {
    /// Qualified name: `will[ukraine]`.
    pub name: String,
    /// Name of the declaration: `will`.
    pub declaration: String,
    /// Names of the elements.
    pub elements: Vec<String>,
    /// Title for people: `Will: Ukraine`.
    pub title: String,
    /// Unit; empty for plain numbers.
    pub unit: String,
}

/// The answer to a question.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct QuestionAnswer {
    /// What it is.
    pub label: Label,
    /// The last day it looks at.
    pub by: String,
    /// Probability in each world (a share between 0 and 1).
    pub worlds: Vec<Estimate>,
    /// Intervened minus baseline for every world but the first.
    pub effects: Vec<Effect>,
    /// Whether an anchor pins it to an elicited probability.
    pub elicited: bool,
}

/// The answer of a measure.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MeasureAnswer {
    /// What it is.
    pub label: Label,
    /// The last day it looks at.
    pub by: String,
    /// Value in each world.
    pub worlds: Vec<Estimate>,
    /// Intervened minus baseline for every world but the first.
    pub effects: Vec<Effect>,
}

/// Intervened minus baseline, future by future.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Effect {
    /// The world's name.
    pub world: String,
    /// The difference.
    pub estimate: Estimate,
    /// Share of futures in which anything differs.
    pub changed: f64,
    /// With how many times as many futures runs of their own, with luck of their own, would be as exact; `null` if the difference is
    /// the same in every draw and so has no error, or if it cannot be told.
    #[serde(default)]
    pub pairing: Option<f64>,
}

/// A claim and its verdict.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ClaimAnswer {
    /// Name.
    pub name: String,
    /// Title, or empty.
    pub title: String,
    /// Words of the argument.
    pub quote: String,
    /// `formula`, `factual` or `normative`.
    pub kind: String,
    /// The formula as written, or empty.
    pub formula: String,
    /// The verdict.
    pub verdict: Verdict,
    /// The verdict in words: "holds in 97% of draws under these assumptions".
    pub words: String,
    /// Share of draws in which it holds (noise corrected), for a formula.
    pub share: Option<f64>,
    /// Interval of the share: Monte Carlo error and jackknife over replications together, 90%.
    pub share_interval: Option<(f64, f64)>,
    /// How the noise was corrected for: `linear` (shrunk means), `beta_binomial` (a probability, or an effect on one: Dirichlet-multinomial), or `plain` with
    /// its rule in words.
    pub rule: String,
    /// Why the formula stands for the sentence.
    pub because: String,
    /// What the verdict rests on, as it goes on from "it rests on", or empty.
    #[serde(default)]
    pub rests_on: String,
    /// Evidence that would settle it, or empty.
    #[serde(default)]
    pub settled_by: String,
    /// Parameters that decide it, the strongest first; none where no single one stands out from chance.
    pub decided_by: Vec<Deciding>,
    /// Claims that cannot hold together with this one.
    pub contradicts: Vec<String>,
    /// Measures and questions of the formula, by qualified name.
    pub readings: Vec<String>,
    /// Worlds of the formula.
    pub worlds: Vec<String>,
    /// Names of what the pathways of the formula lead through.
    #[serde(default)]
    pub through: Vec<String>,
    /// The comparisons of its formula, in their order: how large a thing is, and how large it has to be.
    pub bars: Vec<Bar>,
    /// The fact, for a factual claim.
    pub fact: Option<String>,
}

/// A comparison of a claim's formula: a thing, and the bar that it is held against. Both in the unit of the first quantity that the formula reads.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Bar {
    /// Qualified name of the measure or question that is compared; empty if it is a sum of several.
    pub reading: String,
    /// Intervention under which it is read or, for an effect, whose effect it is; null in the baseline.
    pub world: Option<String>,
    /// What of it is compared.
    pub thing: Thing,
    /// Title of the pathway that an effect comes through, else null.
    pub pathway: Option<String>,
    /// How the value has to compare with the bar: `<`, `<=`, `>`, `>=`, `==` or `!=`.
    pub comparison: String,
    /// What the thing comes to.
    pub value: Estimate,
    /// What the bar comes to.
    pub bar: Estimate,
    /// The bar as a multiple of a baseline's mean: factor and qualified name; null if it is a number or something else.
    pub of: Option<(f64, String)>,
    /// Share of draws in which the comparison holds, corrected for luck.
    pub share: Option<f64>,
    /// Multiples of the bar with which that share would be 80%, 50% and 20%, where there are such.
    pub turns: [Option<f64>; 3],
}

/// What a comparison compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Thing {
    /// A mean or a probability in a world, or a sum of several things.
    Value,
    /// An effect: intervened less baseline.
    Effect,
    /// What an effect loses if a pathway is closed.
    Through,
    /// That as a share of the effect.
    ShareThrough,
    /// Probability that, where a question is true, it would not be under an intervention.
    Necessity,
    /// Probability that, where a question is not true under an intervention, it is in the baseline.
    Sufficiency,
    /// Another quotient.
    Ratio,
}

/// A parameter that decides a claim.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Deciding {
    /// Qualified name of the parameter's scalar.
    pub parameter: String,
    /// Rank correlation over draws with how well the claim holds.
    pub correlation: f64,
    /// Share of draws in which the claim holds, of those with the parameter in its lowest third.
    pub low: f64,
    /// The same in its highest third.
    pub high: f64,
    /// Value with which the claim is as likely to hold as not, in the parameter's unit; null if that lies outside the 90% interval of its prior, or
    /// if it has few values.
    pub tips: Option<f64>,
}

/// A verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Holds in at least 80% of draws.
    Supported,
    /// Holds in between 20% and 80% of draws.
    Contested,
    /// Holds in at most 20% of draws.
    Rejected,
    /// Noise leaves it open.
    Unresolved,
    /// Holds in every draw or none by construction.
    BuiltIn,
    /// The stated number is within tolerance of the fact.
    Accurate,
    /// It lies in the fact's range, but not within tolerance.
    Imprecise,
    /// It lies outside the fact's range.
    Wrong,
    /// No measurement could decide it.
    Normative,
}

/// A quantity over time.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SeriesAnswer {
    /// What it is.
    pub label: Label,
    /// Per world.
    pub worlds: Vec<Band>,
}

/// Quantiles at the end of every step.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Band {
    /// Mean.
    pub mean: Vec<Option<f64>>,
    /// Monte Carlo standard error of the mean.
    pub mc_error: Vec<Option<f64>>,
    /// 5% points.
    pub p05: Vec<Option<f64>>,
    /// 25% points.
    pub p25: Vec<Option<f64>>,
    /// Medians.
    pub p50: Vec<Option<f64>>,
    /// 75% points.
    pub p75: Vec<Option<f64>>,
    /// 95% points.
    pub p95: Vec<Option<f64>>,
}

/// A choice over time.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ChoiceAnswer {
    /// What it is.
    pub label: Label,
    /// Who decides.
    pub actor: String,
    /// Names and titles of the options.
    pub options: Vec<(String, String)>,
    /// `[world][option][step]`: share of futures in which the option stands.
    pub worlds: Vec<Vec<Vec<f64>>>,
    /// Worlds, by their place, in which nothing hangs on it.
    #[serde(default)]
    pub idle: Vec<usize>,
}

/// An event over time.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EventAnswer {
    /// What it is.
    pub label: Label,
    /// Whether it can happen more than once.
    pub recurring: bool,
    /// `[world][step]`: share of futures in which it has happened by the end of the step.
    pub worlds: Vec<Vec<f64>>,
}

/// Outlines of the elements of an index.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MapInfo {
    /// The index.
    pub index: String,
    /// Elements: name, title.
    pub elements: Vec<(String, String)>,
    /// GeoJSON feature collection; a property `element` names the element of each feature.
    pub features: serde_json::Value,
    /// Declarations of series that have a value for each element.
    pub series: Vec<String>,
}

/// A declaration.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DeclarationInfo {
    /// Name.
    pub name: String,
    /// Keyword: `param`, `stock`, `flow`, ...
    pub kind: String,
    /// Title, or empty.
    pub title: String,
    /// Unit; empty for plain numbers.
    pub unit: String,
    /// As written.
    pub text: String,
    /// Comments above it: those that open its paragraph, and its own.
    #[serde(default)]
    pub notes: Vec<String>,
    /// File and line.
    pub place: (String, usize),
    /// Names of declarations it refers to.
    pub uses: Vec<String>,
    /// For a flow or a transfer: names of the stocks that it fills or drains, and of the attributes that it carries. They rest on it.
    #[serde(default)]
    pub moves: Vec<String>,
    /// Ids of facts it refers to.
    pub facts: Vec<String>,
    /// Keys of references it cites, and those of correlations that name it.
    pub cites: Vec<String>,
    /// For a parameter: 5%, 50% and 95% points of the prior per element (qualified name).
    pub prior: Vec<(String, [f64; 3])>,
    /// For a parameter: the outline of the prior per element, in the order of `prior`.
    #[serde(default)]
    pub outlines: Vec<Outline>,
}

/// The outline of a prior: how many draws lie in each of some bins of equal width. What lies beyond the outer two hundredths is left out.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Outline {
    /// Where the first bin begins.
    pub from: f64,
    /// Where the last bin ends.
    pub to: f64,
    /// Draws in each bin; none if all draws are alike.
    pub counts: Vec<u32>,
}

/// A file of the model.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FileInfo {
    /// Name, as in the place of a declaration.
    pub name: String,
    /// The comment at its head: paragraphs, a line each.
    pub about: String,
}

/// A fact.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FactInfo {
    /// Its id.
    pub id: String,
    /// What it is a figure of.
    pub quantity: String,
    /// Unit.
    pub unit: String,
    /// 5% point.
    pub low: Option<f64>,
    /// Median.
    pub central: Option<f64>,
    /// 95% point.
    pub high: Option<f64>,
    /// Content of a text fact, or empty.
    pub text: String,
    /// The date for which it holds.
    pub as_of: String,
    /// Who says so.
    pub source: String,
    /// Where it was read.
    pub url: String,
    /// `A` to `D`.
    pub grade: String,
    /// How it was verified.
    pub verified: String,
    /// Remarks.
    pub note: String,
    /// Declarations that use it.
    pub used_by: Vec<String>,
}

/// A work of the literature.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ReferenceInfo {
    /// Key.
    pub key: String,
    /// Authors, year, title, place: one line.
    pub citation: String,
    /// DOI or address.
    pub doi: String,
    /// Whether it was checked against a public record.
    pub verified: bool,
    /// Declarations that cite it.
    pub used_by: Vec<String>,
}

/// A face check.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CheckAnswer {
    /// Name.
    pub name: String,
    /// Title, or empty.
    pub title: String,
    /// The measure.
    pub measure: String,
    /// Median over all futures.
    pub median: Option<f64>,
    /// The published range.
    pub range: (f64, f64),
    /// Unit.
    pub unit: String,
    /// Whether the median lies in the range.
    pub passed: bool,
}

/// An elicited probability that pins a parameter.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AnchorInfo {
    /// Name of the parameter.
    pub parameter: String,
    /// Qualified name of the question.
    pub question: String,
    /// Ids of the facts that say what was elicited.
    #[serde(default)]
    pub facts: Vec<String>,
    /// `solved`; `stale` if it was solved for another version of the model, whose values are used; `open` if it was not, and the parameter
    /// has its declared prior.
    pub state: String,
    /// 5% point, median and 95% point of what was elicited, when it was solved.
    pub elicited: Option<[f64; 3]>,
    /// The parameter's values that give these probabilities.
    pub values: Option<[f64; 3]>,
    /// Mean of what was elicited: what the question's mean is to be compared with.
    pub mean: Option<f64>,
}

/// Something that went wrong inside futures.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ProblemInfo {
    /// What, in words.
    pub words: String,
    /// The equation.
    pub equation: String,
    /// The world.
    pub world: String,
    /// In how many steps of futures.
    pub count: u64,
    /// The first future, `draw:replication`, and the step's last day.
    pub first: (String, String),
}

/// What changed since the last run of the same folder.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Changes {
    /// When the last run was made, ISO 8601, if known.
    pub since: String,
    /// Declarations, facts and settings that differ, in words.
    pub edits: Vec<String>,
    /// Answers that moved by more than their Monte Carlo error, largest first.
    pub answers: Vec<AnswerChange>,
    /// Verdicts that changed: claim, before, after.
    pub verdicts: Vec<(String, Verdict, Verdict)>,
}

/// An answer that moved.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AnswerChange {
    /// Qualified name of the measure or question.
    pub name: String,
    /// Title.
    pub title: String,
    /// Unit.
    pub unit: String,
    /// Mean before.
    pub before: f64,
    /// Mean now.
    pub after: f64,
    /// Monte Carlo standard error of the difference.
    pub mc_error: f64,
}

/// What would have happened otherwise under the same luck. Effects on questions and measures stand with them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Comparison {
    /// Effects over time: for each series, in its order, those of every world but the first.
    pub series: Vec<SeriesEffect>,
    /// For each question, those of every world but the first.
    pub causation: Vec<Causation>,
    /// For each world in which several interventions act: what they do beyond the sum of what each does alone.
    pub interactions: Vec<Interaction>,
    /// Effects taken apart by pathways: for each intervention, those on every answer.
    #[serde(default)]
    pub apart: Vec<Apart>,
    /// Answers along a quantity that is held at one value after another.
    pub sweep: Option<Sweep>,
}

/// The effect of an intervention on an answer, by the ways through which it comes about.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Apart {
    /// Qualified name of the measure or question.
    pub name: String,
    /// The world's name.
    pub world: String,
    /// The effect: what the parts and what comes otherwise add up to.
    pub effect: Estimate,
    /// What comes by each pathway, in the order in which they were asked for.
    pub parts: Vec<Part>,
    /// What comes by none of them: the effect with all closed, the natural direct effect.
    pub otherwise: Estimate,
}

/// What of an effect comes by a pathway.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Part {
    /// Name of the pathway.
    pub pathway: String,
    /// Its title, or its name in words.
    pub title: String,
    /// Its Shapley value: what opening it adds, on average over all orders of opening.
    pub share: Estimate,
    /// What it brings alone, nothing else being changed: the natural indirect effect.
    pub alone: Estimate,
    /// What the effect loses if it alone is closed: the total indirect effect.
    pub missed: Estimate,
}

/// How a model differs from an earlier version, and what each change accounts for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Difference {
    /// The earlier version, as it was asked for.
    pub before: String,
    /// The later version.
    pub after: String,
    /// Changes that are made one by one; what stands together goes together.
    pub changes: Vec<Change>,
    /// What differs in words only, and no answer reads.
    pub words: Change,
    /// Answers that both versions give, the first sentences' figures first, then questions and measures.
    pub answers: Vec<AnswerDifference>,
    /// Orders in which changes were made.
    pub orders: usize,
    /// Whether these are all orders there are.
    pub all_orders: bool,
}

/// Changes that go together: keywords and names of declarations, facts and files.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Change {
    /// In both versions.
    pub edited: Vec<Edit>,
    /// In the later version only.
    pub added: Vec<String>,
    /// In the earlier version only.
    pub removed: Vec<String>,
}

/// A declaration or fact that is in both versions, and not the same.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Edit {
    /// Keyword and name.
    pub name: String,
    /// What became of it, in words.
    pub words: String,
    /// As written in the earlier version, on one line; empty for a file.
    pub before: String,
    /// In the later version.
    pub after: String,
}

/// The difference of an answer between two versions.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AnswerDifference {
    /// Qualified name of the measure or question; the formula of a figure.
    pub name: String,
    /// Title; of a figure, its sentence.
    pub title: String,
    /// Unit of everything below; `%` for probabilities and hundredths, which are then shares of one.
    pub unit: String,
    /// Whether it is a figure of the first sentences.
    pub headline: bool,
    /// In the earlier version.
    pub before: Estimate,
    /// In the later version.
    pub after: Estimate,
    /// Later less earlier, future by future.
    pub change: Estimate,
    /// What each of the changes accounts for, in their order; they add up to the change.
    pub parts: Vec<Attributed>,
}

/// What a change accounts for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Attributed {
    /// Its part, on average over orders.
    pub part: Estimate,
    /// Standard error of that mean because not all orders were tried.
    pub order_error: Option<f64>,
}

/// Intervened minus baseline over time, future by future.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SeriesEffect {
    /// Qualified name of the series.
    pub name: String,
    /// The world's name.
    pub world: String,
    /// The differences at the end of every step.
    pub band: Band,
    /// Share of futures that differ at the end of every step.
    pub changed: Vec<f64>,
    /// As in [`Effect`], at the end of every step.
    pub pairing: Vec<Option<f64>>,
}

/// Probabilities of necessity and sufficiency: x is the baseline, x' the intervention, y that the question is true.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Causation {
    /// Qualified name of the question.
    pub name: String,
    /// The world's name.
    pub world: String,
    /// Shares of futures in which it is true in both worlds, in the baseline only, under the intervention only, in neither.
    pub shares: [f64; 4],
    /// PN: among futures in which it is true in the baseline, it is not under the intervention.
    pub necessity: Bounded,
    /// PS: among futures in which it is not true under the intervention, it is in the baseline.
    pub sufficiency: Bounded,
    /// PNS: among all futures, it is true in the baseline and not under the intervention.
    pub both: Bounded,
    /// All of it in sentences.
    pub words: Vec<String>,
}

/// A probability under the model's coupling of luck, between the bounds that hold under any coupling.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Bounded {
    /// The probability; `null` if there is no future to count.
    pub value: Option<f64>,
    /// Its Monte Carlo standard error.
    pub mc_error: Option<f64>,
    /// The least that any coupling allows.
    pub low: Option<f64>,
    /// Its Monte Carlo standard error.
    pub low_mc_error: Option<f64>,
    /// The most that any coupling allows.
    pub high: Option<f64>,
    /// Its Monte Carlo standard error.
    pub high_mc_error: Option<f64>,
    /// Number of futures that it is a share of.
    pub futures: u64,
}

/// What several interventions at once do beyond the sum of what each does alone.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Interaction {
    /// Qualified name of the measure or question.
    pub name: String,
    /// The difference of effects, future by future, in the world of all.
    pub effect: Effect,
}

/// Answers along a quantity that is held at one value after another, under the same luck.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Sweep {
    /// The quantity as it was asked for: `first_echelon` or `will[ukraine]`.
    pub quantity: String,
    /// Title.
    pub title: String,
    /// Unit; empty for plain numbers.
    pub unit: String,
    /// The values, in order.
    pub values: Vec<f64>,
    /// Those that move most, against their own spread, first.
    pub answers: Vec<SweepAnswer>,
    /// The same under each intervention that was asked for beside it.
    #[serde(default)]
    pub under: Vec<SweptUnder>,
}

/// Answers along a sweep under an intervention.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SweptUnder {
    /// The world's name.
    pub world: String,
    /// Those that move most, against their own spread, first.
    pub answers: Vec<SweepAnswer>,
}

/// An answer along a sweep.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SweepAnswer {
    /// Qualified name of the measure or question.
    pub name: String,
    /// At each value.
    pub points: Vec<Estimate>,
    /// Which way the mean moves.
    pub shape: Shape,
    /// Share of futures in which the answer never turns: it never falls, or never rises.
    pub monotone: f64,
}

/// Which way a mean moves along a sweep, as far as Monte Carlo error lets one see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// It is the same in every future.
    Flat,
    /// It rises somewhere and falls nowhere.
    Rising,
    /// It falls somewhere and rises nowhere.
    Falling,
    /// It rises somewhere and falls elsewhere.
    Turning,
    /// Futures change, but the mean moves nowhere by more than its error.
    Unclear,
}

/// One future: what happened in it, and what, taken away, would have changed an answer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Explanation {
    /// Qualified name of the measure, question or event that was asked about.
    pub target: String,
    /// Its title.
    pub title: String,
    /// `measure`, `question` or `event`.
    pub kind: String,
    /// Unit of a measure; empty for questions and events.
    pub unit: String,
    /// Draw and replication.
    pub future: (u32, u32),
    /// How this future came to be chosen.
    pub chosen: String,
    /// The answer: of a question 1 or 0, of an event how often it happened.
    pub answer: Option<f64>,
    /// Of a measure the share of futures below it, of a question that of futures with the same answer.
    pub share: Option<f64>,
    /// By how much an answer has to differ to count as another.
    pub yardstick: Option<f64>,
    /// Everything that was taken away.
    pub candidates: Vec<Candidate>,
    /// What changes the answer alone, the strongest first.
    pub causes: Vec<Cause>,
    /// Pairs that change it where nothing does alone.
    pub pairs: Vec<Cause>,
    /// What happened, in order.
    pub timeline: Vec<Moment>,
    /// Stocks that were there at the start, those that moved most against the larger of both ends first.
    #[serde(default)]
    pub stocks: Vec<Moved>,
    /// Where series ended, those farthest from the middle of all futures first.
    pub endings: Vec<Ending>,
}

/// Something of a future that was taken away.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Candidate {
    /// Qualified name.
    pub name: String,
    /// Title.
    pub title: String,
    /// `event`, `choice`, `parameter` or `noise`. Of a noise its luck was taken away: it lay at its median in every step.
    pub kind: String,
    /// Of an event or a choice: the step in which it came about.
    pub step: Option<u32>,
    /// The last day of that step.
    pub on: String,
    /// Of a choice: the option that was chosen, and that of the start, which stands without it.
    pub options: Option<(String, String)>,
    /// Of a parameter: its value, and the median of its prior, which it has without it.
    pub values: Option<(f64, f64)>,
    /// Unit of the values.
    pub unit: String,
}

/// Candidates whose absence changes the answer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Cause {
    /// One candidate or two, by position.
    pub without: Vec<usize>,
    /// The answer without them.
    pub answer: Option<f64>,
    /// Other candidates that do not come about without them.
    pub prevents: Vec<usize>,
}

/// Something that happened in a future.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Moment {
    /// The step.
    pub step: u32,
    /// Its last day.
    pub on: String,
    /// Qualified name of the event or the choice.
    pub name: String,
    /// In words.
    pub what: String,
    /// Of a choice by utility: its options as they were weighed, that which won first and the one that stood before second.
    #[serde(default)]
    pub weighed: Vec<Weighed>,
}

/// An option at a decision. The open option with the largest sum of worth and taste wins.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Weighed {
    /// Title of the option.
    pub option: String,
    /// What speaks for it: precision times utility, the switching cost taken off unless it stands; null if it cannot be computed.
    pub worth: Option<f64>,
    /// Luck: a standard Gumbel number.
    pub taste: Option<f64>,
}

/// A stock from the beginning to the end of a future.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Moved {
    /// Qualified name.
    pub name: String,
    /// Title.
    pub title: String,
    /// Unit.
    pub unit: String,
    /// At the start.
    pub from: f64,
    /// In the end.
    pub to: f64,
}

/// Where a series of a future ended.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Ending {
    /// Qualified name.
    pub name: String,
    /// Title.
    pub title: String,
    /// Unit.
    pub unit: String,
    /// Its last value.
    pub value: f64,
    /// Share of futures that ended below it.
    pub below: f64,
}
