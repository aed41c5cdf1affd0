//! The bars that a claim sets: how large a thing is, how large the claim asks it to be, and with which other bar the verdict would be another.

use melian_language::model::{Binary, Formula};

use crate::claim::{ProbabilityTest, REJECTED, SUPPORTED};
use crate::estimate::{Estimate, KNOWLEDGE_POINTS};
use crate::formula::{Futures, Linear, Quotient, is_comparison, mirrored};
use crate::headline::figure;
use crate::sample::{Sample, Scrambles};
use crate::variance::Variance;

/// A comparison of a claim's formula: what is compared, on the left, with what it is held against, the bar.
#[derive(Clone, Debug)]
pub struct Bar {
    /// What is compared. A single term has the factor 1: what is asked of `-effect(x, y)` is asked of `effect(x, y)` with all signs turned.
    pub left: Linear,
    /// What it is divided by, if it is a share.
    pub over: Option<Linear>,
    /// The comparison, of left with right.
    pub comparison: Binary,
    /// The bar.
    pub right: Linear,
    /// What the left side comes to. Its quantiles over draws are of the same distribution as the share and the turns.
    pub value: Estimate,
    /// What the bar comes to.
    pub bar: Estimate,
    /// Share of draws in which the comparison holds, corrected for luck.
    pub share: f64,
    /// Multiples of the bar with which the share would be [`SUPPORTED`], a half and [`REJECTED`].
    pub turns: [Option<f64>; 3],
}

/// Multiples of a bar are looked for up to this power of two, and down to its inverse: a thousandth and a thousandfold are other claims.
const FARTHEST: f64 = 10.0;

/// Halvings of the range of multiples: the last is below a thousandth of a doubling, finer than the steps of a thousand draws.
const HALVINGS: u32 = 15;

/// Returns the comparisons of a formula that are linear in means, in their order; those whose worlds were not run are left out.
pub fn bars(formula: &Formula, futures: Futures) -> Vec<Bar> {
    let mut found = Vec::new();
    collect(formula, futures, &mut found);
    found
}

fn collect(formula: &Formula, futures: Futures, found: &mut Vec<Bar>) {
    match formula {
        Formula::Binary(Binary::And | Binary::Or, a, b) => {
            collect(a, futures, found);
            collect(b, futures, found);
        }
        Formula::Not(a) => collect(a, futures, found),
        Formula::Binary(comparison, a, b) if is_comparison(*comparison) => {
            if let (Some(quotient), Some(right)) = (Quotient::of(a), Linear::of(b))
                && right.terms.is_empty()
            {
                found.extend(bar_of_share(a, &quotient, *comparison, right, futures));
            } else if let (Some(left), Some(right)) = (Linear::of(a), Linear::of(b)) {
                let factor = match left.terms.as_slice() {
                    [(factor, _)] if *factor != 0.0 => *factor,
                    _ => 1.0,
                };
                let comparison = if factor < 0.0 {
                    mirrored(*comparison)
                } else {
                    *comparison
                };
                found.extend(bar(
                    left.times(1.0 / factor),
                    comparison,
                    right.times(1.0 / factor),
                    futures,
                ));
            }
        }
        _ => {}
    }
}

fn bar(left: Linear, comparison: Binary, right: Linear, futures: Futures) -> Option<Bar> {
    let test = Test {
        left: left.values(futures)?,
        over: None,
        right: right.values(futures)?,
        comparison,
        futures,
        probability: ProbabilityTest::of(comparison, &left, &right, futures),
    };
    let estimate = |values: &[f64]| Estimate::of(Sample::new(values, futures.ensemble.size));
    let value = estimate(&test.left);
    Some(Bar {
        value: Estimate {
            knowledge_quantiles: test.points().unwrap_or(value.knowledge_quantiles),
            ..value
        },
        bar: match right.terms.as_slice() {
            [] => Estimate::constant(right.constant),
            _ => estimate(&test.right),
        },
        share: test.share(1.0),
        turns: test.turns(),
        left,
        over: None,
        comparison,
        right,
    })
}

fn bar_of_share(
    formula: &Formula,
    quotient: &Quotient,
    comparison: Binary,
    right: Linear,
    futures: Futures,
) -> Option<Bar> {
    let test = Test {
        left: quotient.part.values(futures)?,
        over: Some(quotient.whole.values(futures)?),
        right: right.values(futures)?,
        comparison,
        futures,
        probability: None,
    };
    Some(Bar {
        value: figure(formula, futures)?,
        bar: Estimate::constant(right.constant),
        share: test.share(1.0),
        turns: test.turns(),
        left: quotient.part.clone(),
        over: Some(quotient.whole.clone()),
        comparison,
        right,
    })
}

/// A comparison whose bar can be multiplied.
struct Test<'a> {
    left: Vec<f64>,
    over: Option<Vec<f64>>,
    right: Vec<f64>,
    comparison: Binary,
    futures: Futures<'a>,
    probability: Option<ProbabilityTest>,
}

impl Test<'_> {
    /// Returns the share of draws in which the left side compares so with this multiple of the right one.
    fn share(&self, multiple: f64) -> f64 {
        if let Some(test) = &self.probability {
            return test.share_at(multiple * self.right[0]);
        }
        let sides = self.left.iter().zip(&self.right);
        let margins = match &self.over {
            None => {
                let margin: Vec<f64> = sides.map(|(left, right)| left - multiple * right).collect();
                self.corrected(&margin)
            }
            Some(over) => {
                let ratio = self.corrected(&self.left).into_iter().zip(self.corrected(over));
                let margins = ratio.map(|(part, whole)| part / whole - multiple * self.right[0]);
                margins.filter(|margin| !margin.is_nan()).collect()
            }
        };
        let holds = margins.iter().filter(|margin| match self.comparison {
            Binary::Less => **margin < 0.0,
            Binary::LessEqual => **margin <= 0.0,
            Binary::Greater => **margin > 0.0,
            Binary::GreaterEqual => **margin >= 0.0,
            Binary::Equal => **margin == 0.0,
            _ => **margin != 0.0,
        });
        holds.count() as f64 / margins.len() as f64
    }

    fn corrected(&self, values: &[f64]) -> Vec<f64> {
        let table = Sample::new(values, self.futures.ensemble.size).by_draw(None);
        let variance = Variance::of(&table, Scrambles::ALL);
        table.corrected(&variance, variance.shrinkage())
    }

    /// Returns the [`KNOWLEDGE_POINTS`] of a probability, or of an effect on one: the numbers below which it lies in these shares of draws.
    fn points(&self) -> Option<[f64; 3]> {
        let test = self.probability.as_ref()?;
        let rising = test.share_at(-1.0) < test.share_at(1.0);
        Some(KNOWLEDGE_POINTS.map(|point| {
            let (mut low, mut high) = (-1.0, 1.0);
            for _ in 0..HALVINGS {
                let middle = (low + high) / 2.0;
                let share = test.share_at(middle);
                if (if rising { share } else { 1.0 - share }) < point {
                    low = middle;
                } else {
                    high = middle;
                }
            }
            (low + high) / 2.0
        }))
    }

    /// Returns the multiples of the bar with which the share of draws crosses the thresholds of the verdicts and one half; none where it does not
    /// cross, or where the bar is zero or has either sign, for then a larger multiple does not ask for more.
    ///
    /// # Method
    /// With a bar of one sign the share rises or falls throughout, so halving the range of multiples finds the crossing.
    fn turns(&self) -> [Option<f64>; 3] {
        let bars = self.corrected(&self.right);
        let one_sign = bars.iter().all(|bar| *bar > 0.0) || bars.iter().all(|bar| *bar < 0.0);
        if !one_sign || matches!(self.comparison, Binary::Equal | Binary::NotEqual) {
            return [None; 3];
        }
        let (least, most) = (
            self.share(multiple_of(-FARTHEST)),
            self.share(multiple_of(FARTHEST)),
        );
        [SUPPORTED, 0.5, REJECTED].map(|level| {
            if (least < level) == (most < level) {
                return None;
            }
            let (mut low, mut high) = (-FARTHEST, FARTHEST);
            for _ in 0..HALVINGS {
                let middle = (low + high) / 2.0;
                if (self.share(multiple_of(middle)) < level) == (least < level) {
                    low = middle;
                } else {
                    high = middle;
                }
            }
            Some(multiple_of((low + high) / 2.0))
        })
    }
}

/// Returns two to a power.
fn multiple_of(power: f64) -> f64 {
    melian_engine::math::exp(power * std::f64::consts::LN_2)
}
