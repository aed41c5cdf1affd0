//! Verdicts on the sentences of the argument.

use melian_engine::distribution::student_t;
use melian_engine::ensemble::{SCRAMBLES, Size};
use melian_language::model::{Binary, Claim, ClaimKind, Formula, QuantityKind};

use crate::bar::{Bar, bars};
use crate::formula::{Futures, Linear, Read, Spread, Term, margin, mirrored, reading_of, world_of};
use crate::probability::share_beyond;
use crate::sample::{DrawTable, ReplicationGroup, Sample, Scrambles};
use crate::words::percent;

/// A claim holds in at least this share of draws to be supported.
pub const SUPPORTED: f64 = 0.8;

/// A claim holds in at most this share of draws to be rejected.
pub const REJECTED: f64 = 0.2;

/// A verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Holds in at least [`SUPPORTED`] of draws.
    Supported,
    /// Holds in a share of draws between the two.
    Contested,
    /// Holds in at most [`REJECTED`] of draws.
    Rejected,
    /// Noise leaves it open: the share's 90% interval reaches over a threshold.
    Unresolved,
    /// Nothing that the formula reads differs between any two futures, so no luck and no assumption can decide it.
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

/// How luck was corrected for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Nothing was to be corrected.
    Nothing,
    /// The margin is linear in means: its draws' means are shrunk so that they vary as draws do.
    Linear,
    /// A probability, or an effect on one, against a threshold: beta-binomial, for effects Dirichlet-multinomial.
    BetaBinomial,
    /// Evaluated draw by draw on shrunk means.
    DrawByDraw,
    /// The same with quantiles over replications, which are taken as they are.
    DrawByDrawWithQuantiles,
    /// With a single replication luck cannot be told from lack of knowledge and counts as it.
    OneReplication,
}

/// The verdict on a claim, and what it rests on.
#[derive(Clone, Debug)]
pub struct Decision {
    /// The verdict.
    pub verdict: Verdict,
    /// The verdict in words.
    pub words: String,
    /// Share of draws in which it holds, noise corrected; NaN unless it is a formula.
    pub share: f64,
    /// 90% interval of the share; NaN where it cannot be computed.
    pub share_interval: (f64, f64),
    /// How luck was corrected for.
    pub rule: Rule,
    /// Its comparisons that are linear in means, in their order.
    pub bars: Vec<Bar>,
}

/// Decides a claim.
pub fn decide(claim: &Claim, futures: Futures) -> Decision {
    match &claim.kind {
        ClaimKind::Formula { formula, .. } => decide_formula(formula, futures),
        ClaimKind::Factual {
            stated,
            within,
            range,
            ..
        } => Decision::of_fact(*stated, *within, *range),
        ClaimKind::Normative => Decision::new(Verdict::Normative, "no measurement could decide it".into()),
    }
}

impl Decision {
    fn new(verdict: Verdict, words: String) -> Decision {
        Decision {
            verdict,
            words,
            share: f64::NAN,
            share_interval: (f64::NAN, f64::NAN),
            rule: Rule::Nothing,
            bars: Vec::new(),
        }
    }

    fn of_fact(stated: f64, within: f64, [low, central, high]: [f64; 3]) -> Decision {
        // Conversions between units round; a number that was copied has to count as equal.
        let rounding = 1e-9 * central.abs();
        if (stated - central).abs() <= within * central.abs() + rounding {
            Decision::new(
                Verdict::Accurate,
                format!("within {} of the sourced figure", percent(within)),
            )
        } else if stated >= low - rounding && stated <= high + rounding {
            Decision::new(
                Verdict::Imprecise,
                "within the range of the sourced figure, but not close to it".into(),
            )
        } else {
            Decision::new(Verdict::Wrong, "outside the range of the sourced figure".into())
        }
    }
}

fn decide_formula(formula: &Formula, futures: Futures) -> Decision {
    let Some(read) = Read::new(formula, futures) else {
        let words = "not decided: an intervention that it names was not run".into();
        return Decision::new(Verdict::Unresolved, words);
    };
    if let Some(why) = nothing_to_count(formula, futures) {
        return Decision::new(Verdict::Unresolved, format!("not decided: {why}"));
    }
    let effects = effects_of_nothing(formula, futures);
    if read.is_constant() {
        return built_in(&read, &effects);
    }
    let replications = futures.ensemble.size.replications;
    let (rule, shares) = match probability_against_threshold(formula, futures) {
        Some(test) => (
            Rule::BetaBinomial,
            Shares::of(replications, |part| test.share(part)),
        ),
        None => {
            let rule = match margin(formula) {
                Some(_) => Rule::Linear,
                None if read.has_quantiles() => Rule::DrawByDrawWithQuantiles,
                None => Rule::DrawByDraw,
            };
            let whole = read.by_draw(None);
            let share = |part| match part {
                Part::Scrambles(scrambles) => mean(&whole.values(scrambles, Spread::Estimated)),
                Part::Spread(spread) => mean(&whole.values(Scrambles::ALL, spread)),
                Part::Without(group) => mean(
                    &read
                        .by_draw(Some(group))
                        .values(Scrambles::ALL, Spread::Estimated),
                ),
            };
            (rule, Shares::of(replications, share))
        }
    };
    let (share, share_interval) = (shares.whole, shares.interval());
    let rule = if replications == 1 {
        Rule::OneReplication
    } else {
        rule
    };
    let verdict = verdict(share_interval);
    let mut words = words(verdict, share, share_interval);
    for effect in &effects {
        words.push_str(&format!("; {effect} is exactly zero in every future"));
    }
    Decision {
        verdict,
        words,
        share,
        share_interval,
        rule,
        bars: bars(formula, futures),
    }
}

fn built_in(read: &Read, effects: &[String]) -> Decision {
    let holds = mean(&read.by_draw(None).values(Scrambles::ALL, Spread::Estimated));
    let because = match effects {
        [] => "nothing that it reads varies".to_owned(),
        effects => format!("{} is exactly zero in every future", effects.join(" and ")),
    };
    let words = format!("holds in {} by construction: {because}", draws_in_words(holds));
    Decision {
        share: holds,
        share_interval: (holds, holds),
        ..Decision::new(Verdict::BuiltIn, words)
    }
}

/// Returns why there is no future to count what is necessary or sufficient in, if so.
fn nothing_to_count(formula: &Formula, futures: Futures) -> Option<String> {
    let mut found = None;
    formula.visit(&mut |part| {
        let (reading, world, wanted) = match part {
            Formula::Necessity(_, reading) => (reading, None, 1.0),
            Formula::Sufficiency(world, reading) => (reading, Some(*world), 0.0),
            _ => return,
        };
        let answers = futures.of(reading, world).unwrap_or_default();
        if !answers.contains(wanted) {
            let question = futures.name(reading);
            found = Some(match world {
                None => format!("{question} is true in no future, so nothing was needed for it"),
                Some(_) => {
                    format!("{question} is true in every future without, so nothing could be enough for it")
                }
            });
        }
    });
    found
}

/// Returns the effects that the formula reads and that are exactly zero in every future, in words.
fn effects_of_nothing(formula: &Formula, futures: Futures) -> Vec<String> {
    let mut found = Vec::new();
    formula.visit(&mut |part| {
        let (world, reading, pathway) = match part {
            Formula::Effect(world, reading) => (*world, reading, None),
            Formula::Through(world, reading, pathway) => (*world, reading, Some(*pathway)),
            _ => return,
        };
        let without = match pathway {
            None => futures.of(reading, None),
            Some(pathway) => futures.with_closed(reading, world, pathway),
        };
        if let (Some(with), Some(without)) = (futures.of(reading, Some(world)), without)
            && with == without
        {
            let model = futures.model;
            let through = pathway.map_or_else(String::new, |pathway| {
                format!(" through {}", model.pathways[pathway].name)
            });
            let world = &model.interventions[world.position()].name;
            let effect = format!("the effect of {world} on {}{through}", futures.name(reading));
            if !found.contains(&effect) {
                found.push(effect);
            }
        }
    });
    found
}

/// Returns the mean of conditions that could be computed.
fn mean(conditions: &[f64]) -> f64 {
    let (mut sum, mut count) = (0.0, 0.0);
    for x in conditions.iter().filter(|x| !x.is_nan()) {
        sum += x;
        count += 1.0;
    }
    sum / count
}

/// A probability, or an effect on one, against a threshold, with its futures.
pub(crate) struct ProbabilityTest {
    values: Vec<f64>,
    size: Size,
    whole: DrawTable,
    comparison: Binary,
    factor: f64,
    constant: f64,
    threshold: f64,
}

impl ProbabilityTest {
    /// Takes a comparison for one, if the left side is a question's probability, or an effect on it, alone and the right side a number.
    pub(crate) fn of(comparison: Binary, left: &Linear, right: &Linear, futures: Futures) -> Option<Self> {
        let [(factor, term)] = left.terms.as_slice() else {
            return None;
        };
        let (Term::Value(reading, _)
        | Term::Effect(_, reading)
        | Term::Through(_, reading, _)
        | Term::Necessity(_, reading)
        | Term::Sufficiency(_, reading)) = term;
        let question = matches!(
            futures.model.quantity(reading.quantity).kind,
            QuantityKind::Question { .. }
        );
        let plain = right.terms.is_empty() && *factor != 0.0;
        if !question || !plain || matches!(comparison, Binary::Equal | Binary::NotEqual) {
            return None;
        }
        let alone = Linear {
            constant: 0.0,
            terms: vec![(1.0, term.clone())],
        };
        let values = alone.values(futures)?;
        let size = futures.ensemble.size;
        Some(ProbabilityTest {
            whole: Sample::new(&values, size).by_draw(None),
            values,
            size,
            comparison: if *factor > 0.0 {
                comparison
            } else {
                mirrored(comparison)
            },
            factor: *factor,
            constant: left.constant,
            threshold: (right.constant - left.constant) / factor,
        })
    }

    /// Returns the share of draws in which the left side compares so with another number on the right.
    pub(crate) fn share_at(&self, right: f64) -> f64 {
        let threshold = (right - self.constant) / self.factor;
        share_beyond(
            &self.whole,
            Scrambles::ALL,
            Spread::Estimated,
            self.comparison,
            threshold,
        )
    }

    /// Returns the share among some draws, which have a distribution between them of their own.
    pub(crate) fn share_among(&self, belongs: impl Fn(usize) -> bool) -> f64 {
        let mut table = self.whole.clone();
        let others = table.draws.iter_mut().enumerate().filter(|(d, _)| !belongs(*d));
        others.for_each(|(_, draw)| draw.count = 0);
        share_beyond(
            &table,
            Scrambles::ALL,
            Spread::Estimated,
            self.comparison,
            self.threshold,
        )
    }

    fn share(&self, part: Part) -> f64 {
        let share = |table: &DrawTable, scrambles, spread| {
            share_beyond(table, scrambles, spread, self.comparison, self.threshold)
        };
        match part {
            Part::Scrambles(scrambles) => share(&self.whole, scrambles, Spread::Estimated),
            Part::Spread(spread) => share(&self.whole, Scrambles::ALL, spread),
            Part::Without(group) => share(
                &Sample::new(&self.values, self.size).by_draw(Some(group)),
                Scrambles::ALL,
                Spread::Estimated,
            ),
        }
    }
}

pub(crate) fn probability_against_threshold(formula: &Formula, futures: Futures) -> Option<ProbabilityTest> {
    let (comparison, left) = margin(formula)?;
    ProbabilityTest::of(comparison, &left, &Linear::default(), futures)
}

/// On what a share is computed again, to see how far it can be trusted.
#[derive(Clone, Copy, Debug)]
enum Part {
    /// On the draws of these scrambles.
    Scrambles(Scrambles),
    /// With another spread between draws.
    Spread(Spread),
    /// Without some replications.
    Without(ReplicationGroup),
}

/// A share and what it would be if things were otherwise.
#[derive(Debug)]
struct Shares {
    whole: f64,
    halves: Vec<f64>,
    spreads: [f64; 2],
    without: Vec<f64>,
}

/// At most this many groups of replications are left out in turn; more would cost time and tell little (a choice by judgement).
const MOST_GROUPS: usize = 10;

impl Shares {
    fn of(replications: u32, share: impl Fn(Part) -> f64) -> Shares {
        let groups = MOST_GROUPS.min(replications as usize);
        // With two replications, leaving out one leaves no luck to measure.
        let groups = if groups < 3 { 0 } else { groups };
        Shares {
            whole: share(Part::Scrambles(Scrambles::ALL)),
            halves: Scrambles::halves()
                .map(|half| share(Part::Scrambles(half)))
                .collect(),
            spreads: [Spread::Least, Spread::Greatest].map(|spread| share(Part::Spread(spread))),
            without: (0..groups)
                .map(|remainder| share(Part::Without(ReplicationGroup { remainder, groups })))
                .collect(),
        }
    }

    /// Returns the 90% interval of the share.
    ///
    /// # Method
    /// Three deviations, added in squares on either side. Monte Carlo error, of draws and luck together, from half-samples: leaving out half of the eight
    /// independent scrambles in all 70 ways moves the share as chance does, also where it jumps; times Student's 95% point at seven
    /// degrees of freedom. The spread between draws at the ends of its own 90% interval, for when luck nearly hides it. And the bias that remains
    /// after the correction for luck, from leaving out replications.
    ///
    /// # Source
    /// Shao, J. and Wu, C. F. J. (1989), "A general theory for jackknife variance estimation", *The Annals of Statistics* 17, 1176-1197;
    /// Quenouille, M. H. (1956), "Notes on bias in estimation", *Biometrika* 43, 353-360. Their combination is our own; its coverage is
    /// tested.
    fn interval(&self) -> (f64, f64) {
        let squares = self
            .halves
            .iter()
            .map(|half| (half - self.whole) * (half - self.whole))
            .sum::<f64>();
        let error =
            student_t::quantile(SCRAMBLES as f64 - 1.0, 0.95) * (squares / self.halves.len() as f64).sqrt();
        let groups = self.without.len() as f64;
        let bias = match self.without.iter().sum::<f64>() {
            _ if self.without.is_empty() => 0.0,
            sum => (groups - 1.0) * (sum / groups - self.whole),
        };
        if error.is_nan() || bias.is_nan() {
            return (f64::NAN, f64::NAN);
        }
        // With one replication the spread has no interval, and `max` passes over it.
        let [least, greatest] = self.spreads;
        let up = (least - self.whole).max(greatest - self.whole).max(0.0);
        let down = (self.whole - least).max(self.whole - greatest).max(0.0);
        let reach = |deviation: f64| (error * error + bias * bias + deviation * deviation).sqrt();
        (
            (self.whole - reach(down)).max(0.0),
            (self.whole + reach(up)).min(1.0),
        )
    }
}

fn verdict((low, high): (f64, f64)) -> Verdict {
    if low >= SUPPORTED {
        Verdict::Supported
    } else if high <= REJECTED {
        Verdict::Rejected
    } else if low > REJECTED && high < SUPPORTED {
        Verdict::Contested
    } else {
        Verdict::Unresolved
    }
}

fn words(verdict: Verdict, share: f64, (low, high): (f64, f64)) -> String {
    let holds = format!("holds in {} under these assumptions", draws_in_words(share));
    match verdict {
        Verdict::Unresolved if low.is_nan() => format!("{holds}, in too few draws to decide"),
        Verdict::Unresolved => {
            format!(
                "{holds}, but noise leaves anything from {} to {} possible",
                percent(low),
                percent(high)
            )
        }
        _ => holds,
    }
}

fn draws_in_words(share: f64) -> String {
    if share == 0.0 {
        "no draw".into()
    } else if share == 1.0 {
        "every draw".into()
    } else {
        format!("{} of draws", percent(share))
    }
}

/// Returns the measures and questions and the worlds that a formula reads, by name, without repetition.
pub fn names(formula: &Formula, futures: Futures) -> (Vec<String>, Vec<String>) {
    let (mut readings, mut worlds) = (Vec::new(), Vec::new());
    formula.visit(&mut |part| {
        readings.extend(reading_of(part).map(|reading| futures.name(reading)));
        worlds.extend(world_of(part).map(|id| futures.model.interventions[id.position()].name.clone()));
    });
    for names in [&mut readings, &mut worlds] {
        let mut seen = std::collections::BTreeSet::new();
        names.retain(|name| seen.insert(name.clone()));
    }
    (readings, worlds)
}
