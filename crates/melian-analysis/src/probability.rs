//! Probabilities between draws: beta-binomial.

use melian_engine::distribution;
use melian_language::model::Binary;

use crate::estimate::{Estimate, KNOWLEDGE_POINTS};
use crate::formula::Spread;
use crate::sample::{DrawTable, Sample, Scrambles};
use crate::variance::Variance;

/// How the probability of a yes varies between draws.
///
/// # Method
/// In each draw the replications are independent with a probability of its own; between draws it has a beta distribution, fitted by
/// moments: the mean, and the analysis of variance's estimate between draws.
///
/// # Source
/// Kleinman, J. C. (1973), "Proportions with extraneous variance: single and independent samples", *Journal of the American
/// Statistical Association* 68, 46-54.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum BetweenDraws {
    /// The same in every draw, as far as can be told.
    Same(f64),
    /// Beta with these shapes.
    Beta {
        /// First shape.
        alpha: f64,
        /// Second shape.
        beta: f64,
    },
    /// Yes in this share of draws, no in the others: luck plays no part, or cannot be told from lack of knowledge.
    YesOrNo(f64),
}

impl BetweenDraws {
    /// Fits the draws of some scrambles.
    pub fn fit(table: &DrawTable, scrambles: Scrambles, spread: Spread) -> BetweenDraws {
        let variance = Variance::of(table, scrambles);
        let mean = table.reference + variance.mean;
        let sd = spread.knowledge_sd(&variance, table);
        let concentration = mean * (1.0 - mean) / (sd * sd) - 1.0;
        if sd == 0.0 {
            BetweenDraws::Same(mean)
        } else if concentration > 0.0 {
            BetweenDraws::Beta {
                alpha: mean * concentration,
                beta: (1.0 - mean) * concentration,
            }
        } else {
            BetweenDraws::YesOrNo(mean)
        }
    }

    /// Returns the points below which the probability lies in these shares of draws.
    pub fn quantiles<const N: usize>(self, points: [f64; N]) -> [f64; N] {
        points.map(|p| match self {
            BetweenDraws::Same(mean) => mean,
            BetweenDraws::Beta { alpha, beta } => distribution::beta::quantile(alpha, beta, p),
            // A missing mean makes this comparison false and shows as a missing number.
            BetweenDraws::YesOrNo(mean) if mean.is_nan() => f64::NAN,
            BetweenDraws::YesOrNo(mean) => f64::from(u8::from(p > 1.0 - mean)),
        })
    }
}

impl Estimate {
    /// Estimates the probability of a yes (1) against a no (0). It has no quantiles over futures.
    pub fn of_probability(sample: Sample) -> Estimate {
        let table = sample.by_draw(None);
        let variance = Variance::of(&table, Scrambles::ALL);
        let knowledge_quantiles = if variance.within.is_nan() {
            [f64::NAN; 3]
        } else {
            BetweenDraws::fit(&table, Scrambles::ALL, Spread::Estimated).quantiles(KNOWLEDGE_POINTS)
        };
        Estimate {
            knowledge_quantiles,
            ..Estimate::of_table(&table, &variance)
        }
    }
}

/// Returns the share of draws in which the probability compares with a threshold as asked.
///
/// # Method
/// Given its yeses, a draw's probability has a beta posterior under the fitted distribution between draws; the share is the mean over
/// draws of the posterior probability of the comparison. So ten replications that all said yes do not count as certainty.
pub fn share_beyond(
    table: &DrawTable,
    scrambles: Scrambles,
    spread: Spread,
    comparison: Binary,
    threshold: f64,
) -> f64 {
    let above = match BetweenDraws::fit(table, scrambles, spread) {
        BetweenDraws::Same(mean) => return f64::from(u8::from(holds(comparison, mean, threshold))),
        BetweenDraws::YesOrNo(mean) => {
            let yes = f64::from(u8::from(holds(comparison, 1.0, threshold)));
            let no = f64::from(u8::from(holds(comparison, 0.0, threshold)));
            return mean * yes + (1.0 - mean) * no;
        }
        BetweenDraws::Beta { alpha, beta } => mean_posterior_above(table, scrambles, alpha, beta, threshold),
    };
    match comparison {
        Binary::Less | Binary::LessEqual => 1.0 - above,
        _ => above,
    }
}

fn mean_posterior_above(
    table: &DrawTable,
    scrambles: Scrambles,
    alpha: f64,
    beta: f64,
    threshold: f64,
) -> f64 {
    // Draws with as many replications and as many yeses have the same posterior; they are counted, not repeated.
    let mut alike = std::collections::BTreeMap::<(u32, u32), u32>::new();
    for (_, draw) in table
        .draws
        .iter()
        .enumerate()
        .filter(|(d, draw)| draw.count > 0 && scrambles.contain(*d))
    {
        let yeses = ((table.reference + draw.mean) * f64::from(draw.count)).round() as u32;
        *alike.entry((draw.count, yeses)).or_default() += 1;
    }
    let (mut above, mut draws) = (0.0, 0.0);
    for ((count, yeses), number) in alike {
        let below = distribution::beta::cdf(
            alpha + f64::from(yeses),
            beta + f64::from(count - yeses),
            threshold,
        );
        above += f64::from(number) * (1.0 - below);
        draws += f64::from(number);
    }
    above / draws
}

fn holds(comparison: Binary, left: f64, right: f64) -> bool {
    match comparison {
        Binary::Less => left < right,
        Binary::LessEqual => left <= right,
        Binary::GreaterEqual => left >= right,
        _ => left > right,
    }
}
