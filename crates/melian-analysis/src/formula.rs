//! Formulas over answers: how they are read off futures, and their value in each draw.

use melian_engine::ensemble::{Ensemble, Values};
use melian_engine::layout::Layout;
use melian_language::model::{Binary, Formula, InterventionId, Model, Reading};

use crate::estimate::quantiles;
use crate::sample::{DrawTable, ReplicationGroup, Sample, Scrambles};
use crate::variance::Variance;
use crate::worlds::closed;

/// Returns the intervention that a part of a formula reads.
pub fn world_of(formula: &Formula) -> Option<InterventionId> {
    match formula {
        Formula::Mean(_, world) | Formula::Probability(_, world) | Formula::Quantile(_, _, world) => *world,
        Formula::Effect(world, _) | Formula::Through(world, ..) => Some(*world),
        Formula::Necessity(world, _) | Formula::Sufficiency(world, _) => Some(*world),
        _ => None,
    }
}

/// Returns the measure or question that a part of a formula reads.
pub fn reading_of(formula: &Formula) -> Option<&Reading> {
    match formula {
        Formula::Mean(reading, _)
        | Formula::Probability(reading, _)
        | Formula::Quantile(reading, _, _)
        | Formula::Effect(_, reading)
        | Formula::Through(_, reading, _)
        | Formula::Necessity(_, reading)
        | Formula::Sufficiency(_, reading) => Some(reading),
        _ => None,
    }
}

/// Where the values of futures are found: the run, with positions for what formulas name.
#[derive(Clone, Copy, Debug)]
pub struct Futures<'a> {
    /// The model.
    pub model: &'a Model,
    /// The run.
    pub ensemble: &'a Ensemble,
}

impl<'a> Futures<'a> {
    /// Returns a measure or question in a world; none if the world was not run.
    pub fn of(self, reading: &Reading, world: Option<InterventionId>) -> Option<Values<'a>> {
        let world = match world {
            None => 0,
            Some(id) => self.world(id)?,
        };
        self.in_world(reading, world)
    }

    /// Returns a measure or question under an intervention with a pathway closed; none if that was not run.
    pub fn with_closed(self, reading: &Reading, world: InterventionId, pathway: usize) -> Option<Values<'a>> {
        self.in_world(reading, self.named(&closed(self.model, world, pathway).name)?)
    }

    fn in_world(self, reading: &Reading, world: usize) -> Option<Values<'a>> {
        Some(self.ensemble.measures[world][position(&self.ensemble.layout, reading)?].values())
    }

    /// Returns the position of an intervention's world; none if it was not run.
    pub fn world(self, intervention: InterventionId) -> Option<usize> {
        self.named(&self.model.interventions[intervention.position()].name)
    }

    fn named(self, name: &str) -> Option<usize> {
        let mut worlds = self.ensemble.layout.worlds.iter().enumerate().skip(1);
        worlds
            .find(|(_, world)| *world == name)
            .map(|(position, _)| position)
    }

    /// Returns the qualified name of a measure or question.
    pub fn name(self, reading: &Reading) -> String {
        let shape = &self.model.quantity(reading.quantity).shape;
        self.model
            .scalar_name(reading.quantity, &self.model.tuples(shape)[reading.position])
    }

    fn sample(self, values: &[f64]) -> Sample<'_> {
        Sample::new(values, self.ensemble.size)
    }
}

fn position(layout: &Layout, reading: &Reading) -> Option<usize> {
    let same =
        |o: &melian_engine::layout::Output| o.quantity == reading.quantity && o.position == reading.position;
    layout.measures.iter().position(same)
}

/// A sum of means over replications, each with a factor, and a number: what a future contributes is the same sum of its values.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Linear {
    /// The number.
    pub constant: f64,
    /// Factor, and what it multiplies.
    pub terms: Vec<(f64, Term)>,
}

/// What a future contributes.
#[derive(Clone, Debug, PartialEq)]
pub enum Term {
    /// Its value in a world.
    Value(Reading, Option<InterventionId>),
    /// Intervened minus baseline.
    Effect(InterventionId, Reading),
    /// Intervened minus intervened with a pathway closed.
    Through(InterventionId, Reading, usize),
    /// Where a question is true in the baseline: 1 if it is not under an intervention, else 0.
    Necessity(InterventionId, Reading),
    /// Where a question is not true under an intervention: 1 if it is in the baseline, else 0.
    Sufficiency(InterventionId, Reading),
}

impl Linear {
    /// Returns the formula as a sum of means, if it is one.
    pub fn of(formula: &Formula) -> Option<Linear> {
        let term = |term| {
            Some(Linear {
                constant: 0.0,
                terms: vec![(1.0, term)],
            })
        };
        match formula {
            Formula::Number(x) => Some(Linear {
                constant: *x,
                terms: Vec::new(),
            }),
            Formula::Mean(reading, world) | Formula::Probability(reading, world) => {
                term(Term::Value(*reading, *world))
            }
            Formula::Effect(world, reading) => term(Term::Effect(*world, *reading)),
            Formula::Through(world, reading, pathway) => term(Term::Through(*world, *reading, *pathway)),
            Formula::Necessity(world, reading) => term(Term::Necessity(*world, *reading)),
            Formula::Sufficiency(world, reading) => term(Term::Sufficiency(*world, *reading)),
            Formula::Quantile(..) | Formula::Not(_) => None,
            Formula::Negate(a) => Some(Linear::of(a)?.times(-1.0)),
            Formula::Binary(operator, a, b) => Linear::of(a)?.combine(*operator, Linear::of(b)?),
        }
    }

    fn combine(self, operator: Binary, other: Linear) -> Option<Linear> {
        match operator {
            Binary::Add => self.plus(other),
            Binary::Subtract => self.plus(other.times(-1.0)),
            Binary::Multiply if self.terms.is_empty() => Some(other.times(self.constant)),
            Binary::Multiply if other.terms.is_empty() => Some(self.times(other.constant)),
            Binary::Divide if other.terms.is_empty() => Some(self.times(1.0 / other.constant)),
            _ => None,
        }
    }

    /// Adds; what is counted in some futures only stands alone, since a sum would be counted in those only.
    fn plus(mut self, other: Linear) -> Option<Linear> {
        let partial = |(_, term): &(f64, Term)| matches!(term, Term::Necessity(..) | Term::Sufficiency(..));
        if !self.terms.is_empty()
            && !other.terms.is_empty()
            && self.terms.iter().chain(&other.terms).any(partial)
        {
            return None;
        }
        self.constant += other.constant;
        self.terms.extend(other.terms);
        Some(self)
    }

    pub(crate) fn times(mut self, factor: f64) -> Linear {
        self.constant *= factor;
        self.terms.iter_mut().for_each(|(f, _)| *f *= factor);
        self
    }

    /// Returns its value in every future; none if a world was not run.
    pub fn values(&self, futures: Futures) -> Option<Vec<f64>> {
        let mut values = vec![self.constant; futures.ensemble.size.futures()];
        for (factor, term) in &self.terms {
            // What a future contributes, from one world or from two.
            let mut add = |with: Values, without: Option<Values>, of: fn(f64, f64) -> f64| {
                for (future, (value, with)) in values.iter_mut().zip(with).enumerate() {
                    *value += factor * of(*with, without.map_or(0.0, |without| without[future]));
                }
            };
            let minus = |with: f64, without: f64| with - without;
            match term {
                Term::Value(reading, world) => add(futures.of(reading, *world)?, None, minus),
                Term::Effect(world, reading) => add(
                    futures.of(reading, Some(*world))?,
                    Some(futures.of(reading, None)?),
                    minus,
                ),
                Term::Through(world, reading, pathway) => add(
                    futures.of(reading, Some(*world))?,
                    Some(futures.with_closed(reading, *world, *pathway)?),
                    minus,
                ),
                Term::Necessity(world, reading) => add(
                    futures.of(reading, Some(*world))?,
                    Some(futures.of(reading, None)?),
                    |with, without| if without == 0.0 { f64::NAN } else { without - with },
                ),
                Term::Sufficiency(world, reading) => add(
                    futures.of(reading, Some(*world))?,
                    Some(futures.of(reading, None)?),
                    |with, without| if with == 0.0 { without } else { f64::NAN },
                ),
            }
        }
        Some(values)
    }
}

/// A quotient of sums of means, such as the share of an effect that comes through a pathway.
#[derive(Clone, Debug)]
pub(crate) struct Quotient {
    /// What is divided.
    pub part: Linear,
    /// By what.
    pub whole: Linear,
}

impl Quotient {
    /// Returns the formula as one, unless it is a sum of means itself.
    pub fn of(formula: &Formula) -> Option<Quotient> {
        let Formula::Binary(Binary::Divide, part, whole) = formula else {
            return None;
        };
        let whole = Linear::of(whole)?;
        (!whole.terms.is_empty()).then_some(Quotient {
            part: Linear::of(part)?,
            whole,
        })
    }
}

/// A formula whose parts have been read off the futures once, so that it can be evaluated again on some of them.
#[derive(Debug)]
pub struct Read<'a> {
    futures: Futures<'a>,
    root: Part,
    sums: Vec<Vec<f64>>,
    quantiles: Vec<(Values<'a>, f64)>,
}

#[derive(Debug)]
enum Part {
    /// A sum of means: position in `sums`.
    Sum(usize),
    /// A quantile over replications: position in `quantiles`.
    Quantile(usize),
    Negate(Box<Part>),
    Not(Box<Part>),
    /// A comparison of a sum of means with zero.
    Sign(Binary, usize),
    Binary(Binary, Box<Part>, Box<Part>),
}

/// Which spread between draws the correction for luck leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spread {
    /// The analysis of variance's estimate.
    Estimated,
    /// The lower end of its 90% interval.
    Least,
    /// The upper end of its 90% interval.
    Greatest,
}

impl Spread {
    /// Returns the standard deviation between draws.
    pub fn knowledge_sd(self, variance: &Variance, table: &DrawTable) -> f64 {
        match self {
            Spread::Estimated => variance.knowledge_sd(),
            Spread::Least => variance.knowledge_sd_interval(table).0,
            Spread::Greatest => variance.knowledge_sd_interval(table).1,
        }
    }
}

impl<'a> Read<'a> {
    /// Reads the parts of a formula; none if a world was not run.
    pub fn new(formula: &Formula, futures: Futures<'a>) -> Option<Read<'a>> {
        let mut read = Read {
            futures,
            root: Part::Sum(0),
            sums: Vec::new(),
            quantiles: Vec::new(),
        };
        read.root = read.part(formula)?;
        Some(read)
    }

    fn part(&mut self, formula: &Formula) -> Option<Part> {
        if let Some(linear) = Linear::of(formula) {
            return Some(Part::Sum(self.sum(&linear)?));
        }
        Some(match formula {
            Formula::Quantile(reading, p, world) => {
                self.quantiles.push((self.futures.of(reading, *world)?, *p));
                Part::Quantile(self.quantiles.len() - 1)
            }
            Formula::Negate(a) => Part::Negate(Box::new(self.part(a)?)),
            Formula::Not(a) => Part::Not(Box::new(self.part(a)?)),
            Formula::Binary(operator, a, b) => match margin(formula) {
                Some((operator, margin)) => Part::Sign(operator, self.sum(&margin)?),
                None => Part::Binary(*operator, Box::new(self.part(a)?), Box::new(self.part(b)?)),
            },
            Formula::Number(_)
            | Formula::Mean(..)
            | Formula::Probability(..)
            | Formula::Effect(..)
            | Formula::Through(..)
            | Formula::Necessity(..)
            | Formula::Sufficiency(..) => {
                unreachable!("numbers and means are sums of means")
            }
        })
    }

    fn sum(&mut self, linear: &Linear) -> Option<usize> {
        self.sums.push(linear.values(self.futures)?);
        Some(self.sums.len() - 1)
    }

    /// Returns whether quantiles over replications occur, which are taken as they are.
    pub fn has_quantiles(&self) -> bool {
        !self.quantiles.is_empty()
    }

    /// Returns whether every part is the same number in every future, so that no draw can differ from another.
    pub fn is_constant(&self) -> bool {
        let constant = |values: Values| values.iter().all(|x| *x == values[0]);
        self.sums.iter().all(|sum| constant(sum.into()))
            && self.quantiles.iter().all(|(values, _)| constant(*values))
    }

    /// Prepares the evaluation with some replications left out.
    pub fn by_draw(&self, without: Option<ReplicationGroup>) -> ByDraw<'_> {
        let sums = self
            .sums
            .iter()
            .map(|sum| self.futures.sample(sum).by_draw(without))
            .collect();
        let quantiles = self.quantiles.iter().map(|&(values, p)| {
            let replications = self.futures.ensemble.size.replications as usize;
            values
                .chunks(replications)
                .map(|draw| quantile_without(draw, p, without))
                .collect()
        });
        ByDraw {
            root: &self.root,
            sums,
            quantiles: quantiles.collect(),
        }
    }
}

fn quantile_without(draw: Values, p: f64, without: Option<ReplicationGroup>) -> f64 {
    let kept = draw
        .iter()
        .enumerate()
        .filter(|(r, x)| !x.is_nan() && without.is_none_or(|g| !g.contains(*r)));
    let mut kept: Vec<f64> = kept.map(|(_, x)| *x).collect();
    quantiles(&mut kept, [p])[0]
}

/// Returns left minus right side of a comparison that is linear in means, with what it has to be against zero.
pub fn margin(formula: &Formula) -> Option<(Binary, Linear)> {
    match formula {
        Formula::Binary(operator, a, b) if is_comparison(*operator) => {
            Some((*operator, Linear::of(a)?.plus(Linear::of(b)?.times(-1.0))?))
        }
        Formula::Not(a) => {
            let (operator, linear) = margin(a)?;
            Some((opposite(operator), linear))
        }
        _ => None,
    }
}

/// Returns how far a comparison that is linear in means lies beyond its bar: above zero where it holds, below where it falls short. An
/// equality has no side.
pub fn beyond(formula: &Formula) -> Option<Linear> {
    match margin(formula)? {
        (Binary::Greater | Binary::GreaterEqual, linear) => Some(linear),
        (Binary::Less | Binary::LessEqual, linear) => Some(linear.times(-1.0)),
        _ => None,
    }
}

pub(crate) fn is_comparison(operator: Binary) -> bool {
    use Binary::{Equal, Greater, GreaterEqual, Less, LessEqual, NotEqual};
    matches!(
        operator,
        Equal | NotEqual | Less | LessEqual | Greater | GreaterEqual
    )
}

/// Returns the comparison that holds when both sides have changed their sign.
pub(crate) fn mirrored(comparison: Binary) -> Binary {
    match comparison {
        Binary::Less => Binary::Greater,
        Binary::LessEqual => Binary::GreaterEqual,
        Binary::Greater => Binary::Less,
        Binary::GreaterEqual => Binary::LessEqual,
        other => other,
    }
}

fn opposite(comparison: Binary) -> Binary {
    match comparison {
        Binary::Less => Binary::GreaterEqual,
        Binary::LessEqual => Binary::Greater,
        Binary::Greater => Binary::LessEqual,
        Binary::GreaterEqual => Binary::Less,
        Binary::Equal => Binary::NotEqual,
        Binary::NotEqual => Binary::Equal,
        other => other,
    }
}

/// A formula's parts draw by draw.
#[derive(Debug)]
pub struct ByDraw<'a> {
    root: &'a Part,
    sums: Vec<DrawTable>,
    quantiles: Vec<Vec<f64>>,
}

impl ByDraw<'_> {
    /// Returns the value in each draw of some scrambles. A condition is 1 or 0; what could not be computed is NaN.
    pub fn values(&self, scrambles: Scrambles, spread: Spread) -> Vec<f64> {
        self.part(self.root, scrambles, spread)
    }

    fn part(&self, part: &Part, scrambles: Scrambles, spread: Spread) -> Vec<f64> {
        match part {
            Part::Sum(i) => self.sum(*i, scrambles, spread),
            Part::Sign(operator, i) => {
                let margins = self.sum(*i, scrambles, spread);
                margins
                    .into_iter()
                    .map(|margin| apply(*operator, margin, 0.0))
                    .collect()
            }
            Part::Quantile(i) => {
                let all = self.quantiles[*i].iter().enumerate();
                all.filter(|(d, _)| scrambles.contain(*d))
                    .map(|(_, x)| *x)
                    .collect()
            }
            Part::Negate(a) => self.part(a, scrambles, spread).into_iter().map(|x| -x).collect(),
            Part::Not(a) => self
                .part(a, scrambles, spread)
                .into_iter()
                .map(|x| 1.0 - x)
                .collect(),
            Part::Binary(operator, a, b) => {
                let (a, b) = (self.part(a, scrambles, spread), self.part(b, scrambles, spread));
                a.into_iter()
                    .zip(b)
                    .map(|(a, b)| apply(*operator, a, b))
                    .collect()
            }
        }
    }

    fn sum(&self, i: usize, scrambles: Scrambles, spread: Spread) -> Vec<f64> {
        let table = &self.sums[i];
        let variance = Variance::of(table, scrambles);
        let shrinkage = variance.shrinkage_to(spread.knowledge_sd(&variance, table));
        let draws = table
            .draws
            .iter()
            .enumerate()
            .filter(|(d, _)| scrambles.contain(*d));
        draws
            .map(|(_, draw)| table.reference + variance.mean + shrinkage * (draw.mean - variance.mean))
            .collect()
    }
}

/// Applies an operator to numbers and conditions; a condition on what could not be computed is NaN.
fn apply(operator: Binary, a: f64, b: f64) -> f64 {
    let condition = |holds: bool| {
        if a.is_nan() || b.is_nan() {
            f64::NAN
        } else {
            f64::from(u8::from(holds))
        }
    };
    match operator {
        Binary::Add => a + b,
        Binary::Subtract => a - b,
        Binary::Multiply => a * b,
        Binary::Divide => a / b,
        Binary::Power => melian_engine::math::power(a, b),
        Binary::Equal => condition(a == b),
        Binary::NotEqual => condition(a != b),
        Binary::Less => condition(a < b),
        Binary::LessEqual => condition(a <= b),
        Binary::Greater => condition(a > b),
        Binary::GreaterEqual => condition(a >= b),
        Binary::And => condition(a != 0.0 && b != 0.0),
        Binary::Or => condition(a != 0.0 || b != 0.0),
    }
}
