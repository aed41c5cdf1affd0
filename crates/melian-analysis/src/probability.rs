//! Probabilities between draws, and effects on them: Dirichlet-multinomial.

use std::collections::BTreeMap;

use melian_engine::distribution::beta;
use melian_engine::math;
use melian_language::model::Binary;

use crate::estimate::{Estimate, KNOWLEDGE_POINTS, quantiles};
use crate::formula::Spread;
use crate::sample::{Draw, DrawTable, Sample, Scrambles};
use crate::variance::Variance;

/// What may become of a question in a future: it gains (from no to yes, or a plain yes), nothing changes (or a plain no), or it loses.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shares {
    /// Of what counts 1.
    pub gain: f64,
    /// Of what counts 0.
    pub none: f64,
    /// Of what counts -1.
    pub loss: f64,
}

/// How the probability of a yes, or an effect on it, varies between draws.
///
/// # Method
/// In each draw the replications are independent with shares of its own; between draws these have a Dirichlet distribution, fitted by
/// moments: the means, and the analysis of variance's estimate between draws of gain less loss. Without losses this is the beta-binomial distribution.
///
/// # Source
/// Kleinman, J. C. (1973), "Proportions with extraneous variance: single and independent samples", *Journal of the American
/// Statistical Association* 68, 46-54; Mosimann, J. E. (1962), "On the compound multinomial distribution", *Biometrika* 49, 65-82.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum BetweenDraws {
    /// The same in every draw, as far as can be told.
    Same(f64),
    /// Dirichlet with these shapes.
    Dirichlet(Shares),
    /// One of the three in each draw, in these shares of draws: luck plays no part, or cannot be told from lack of knowledge.
    Certain(Shares),
}

impl BetweenDraws {
    /// Fits the draws of some scrambles.
    pub fn fit(table: &DrawTable, scrambles: Scrambles, spread: Spread) -> BetweenDraws {
        let variance = Variance::of(table, scrambles);
        let (mut gains, mut losses, mut values) = (0.0, 0.0, 0.0);
        for (_, draw) in counted(table, scrambles) {
            let (gain, loss, count) = tally(table, draw);
            gains += f64::from(gain);
            losses += f64::from(loss);
            values += f64::from(count);
        }
        let means = Shares {
            gain: gains / values,
            none: (values - gains - losses) / values,
            loss: losses / values,
        };
        let (mean, changed) = (means.gain - means.loss, means.gain + means.loss);
        let sd = spread.knowledge_sd(&variance, table);
        let concentration = (changed - mean * mean) / (sd * sd) - 1.0;
        if sd == 0.0 {
            BetweenDraws::Same(mean)
        } else if concentration > 0.0 {
            BetweenDraws::Dirichlet(Shares {
                gain: concentration * means.gain,
                none: concentration * means.none,
                loss: concentration * means.loss,
            })
        } else {
            BetweenDraws::Certain(means)
        }
    }

    /// Returns the points below which gain less loss lies in these shares of draws.
    pub fn quantiles<const N: usize>(self, points: [f64; N]) -> [f64; N] {
        match self {
            BetweenDraws::Same(mean) => [mean; N],
            BetweenDraws::Dirichlet(shapes) => difference_quantiles(shapes, points),
            // A missing mean makes comparisons false and shows as a missing number.
            BetweenDraws::Certain(means) if means.gain.is_nan() => [f64::NAN; N],
            BetweenDraws::Certain(means) => points.map(|p| {
                if p > 1.0 - means.gain {
                    1.0
                } else if p > means.loss {
                    0.0
                } else {
                    -1.0
                }
            }),
        }
    }

    /// Returns the probability that gain less loss of a draw with these futures compares with a threshold as asked.
    fn holds(self, comparison: Binary, threshold: f64, seen: Shares) -> f64 {
        let holds = |value: f64| {
            f64::from(u8::from(match comparison {
                Binary::Less => value < threshold,
                Binary::LessEqual => value <= threshold,
                Binary::GreaterEqual => value >= threshold,
                _ => value > threshold,
            }))
        };
        match self {
            BetweenDraws::Same(mean) => holds(mean),
            BetweenDraws::Certain(_) => {
                let all = seen.gain + seen.none + seen.loss;
                (seen.gain * holds(1.0) + seen.none * holds(0.0) + seen.loss * holds(-1.0)) / all
            }
            BetweenDraws::Dirichlet(shapes) => {
                let above = above(
                    Shares {
                        gain: shapes.gain + seen.gain,
                        none: shapes.none + seen.none,
                        loss: shapes.loss + seen.loss,
                    },
                    threshold,
                );
                match comparison {
                    Binary::Less | Binary::LessEqual => 1.0 - above,
                    _ => above,
                }
            }
        }
    }
}

/// Cells in which the probability that something changes is integrated over. Both factors are monotone, so the error is below half the largest
/// step of one; sixty-four cells keep it below a thousandth where there is anything to see, which a test holds.
const CELLS: u32 = 64;

/// Returns the probability that gain less loss is above a threshold, shares being Dirichlet with these shapes.
///
/// # Method
/// What changes, gain and loss together, is beta, and independent of it so is the gain's share of it. Stieltjes sums of the one distribution function against
/// the other, which need no densities and so do not mind poles at the ends.
fn above(shapes: Shares, threshold: f64) -> f64 {
    let Shares { gain, none, loss } = shapes;
    if threshold < 0.0 {
        let turned = Shares {
            gain: loss,
            none,
            loss: gain,
        };
        return 1.0 - above(turned, -threshold);
    }
    if gain <= 0.0 {
        return 0.0;
    }
    let gains_more_than = |share: f64| {
        if loss > 0.0 {
            1.0 - beta::cdf(gain, loss, share)
        } else {
            f64::from(u8::from(share < 1.0))
        }
    };
    if none <= 0.0 {
        return gains_more_than((1.0 + threshold) / 2.0);
    }
    if loss <= 0.0 {
        return 1.0 - beta::cdf(gain, none, threshold);
    }
    if threshold == 0.0 {
        return gains_more_than(0.5);
    }
    let (mut sum, mut before) = (0.0, (beta::cdf(gain + loss, none, threshold), 0.0));
    for cell in 1..=CELLS {
        // Finer towards the threshold, where both rise steeply.
        let way = f64::from(cell) / f64::from(CELLS);
        let changed = math::exp(math::ln(threshold) * (1.0 - way * way));
        let at = (
            beta::cdf(gain + loss, none, changed),
            gains_more_than((1.0 + threshold / changed) / 2.0),
        );
        sum += (at.0 - before.0) * (at.1 + before.1) / 2.0;
        before = at;
    }
    sum
}

/// Returns the points below which gain less loss lies with these probabilities, shares being Dirichlet with these shapes. Points ascend.
///
/// # Method
/// The factors of [`above`], each by the middles of [`CELLS`] parts of equal probability: their products, each as likely as any other, stand for the distribution.
fn difference_quantiles<const N: usize>(shapes: Shares, points: [f64; N]) -> [f64; N] {
    let Shares { gain, none, loss } = shapes;
    if loss <= 0.0 {
        return points.map(|p| beta::quantile(gain, none, p));
    }
    if gain <= 0.0 {
        return points.map(|p| -beta::quantile(loss, none, 1.0 - p));
    }
    if none <= 0.0 {
        return points.map(|p| 2.0 * beta::quantile(gain, loss, p) - 1.0);
    }
    let middles = || (0..CELLS).map(|cell| (f64::from(cell) + 0.5) / f64::from(CELLS));
    let leans: Vec<f64> = middles()
        .map(|p| 2.0 * beta::quantile(gain, loss, p) - 1.0)
        .collect();
    let products = middles().flat_map(|p| {
        let changed = beta::quantile(gain + loss, none, p);
        leans.iter().map(move |lean| changed * lean)
    });
    quantiles(&mut products.collect::<Vec<f64>>(), points)
}

fn counted(table: &DrawTable, scrambles: Scrambles) -> impl Iterator<Item = (usize, &Draw)> {
    let draws = table.draws.iter().enumerate();
    draws.filter(move |(d, draw)| draw.count > 0 && scrambles.contain(*d))
}

/// The number of futures of a draw in which something counts 1 or -1.
fn sum_of_squares(table: &DrawTable, draw: &Draw) -> f64 {
    let mean = table.reference + draw.mean;
    draw.squares + f64::from(draw.count) * mean * mean
}

/// Futures of a draw: how many gain, how many lose, how many there are.
fn tally(table: &DrawTable, draw: &Draw) -> (u32, u32, u32) {
    let sum = (table.reference + draw.mean) * f64::from(draw.count);
    let changed = sum_of_squares(table, draw);
    let gain = ((changed + sum) / 2.0).round() as u32;
    let loss = ((changed - sum) / 2.0).round() as u32;
    (gain, loss, draw.count)
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

/// Returns the share of draws in which the probability, or an effect on it, compares with a threshold as asked.
///
/// # Method
/// Given its futures, a draw's shares have a Dirichlet posterior under the fitted distribution between draws; the share is the mean over
/// draws of the posterior probability of the comparison. So ten replications that all said yes do not count as certainty.
pub fn share_beyond(
    table: &DrawTable,
    scrambles: Scrambles,
    spread: Spread,
    comparison: Binary,
    threshold: f64,
) -> f64 {
    let between = BetweenDraws::fit(table, scrambles, spread);
    // Draws whose futures are alike have the same posterior; they are counted, not repeated.
    let mut alike = BTreeMap::<(u32, u32, u32), u32>::new();
    for (_, draw) in counted(table, scrambles) {
        *alike.entry(tally(table, draw)).or_default() += 1;
    }
    let (mut holds, mut draws) = (0.0, 0.0);
    for ((gain, loss, count), number) in alike {
        let seen = Shares {
            gain: f64::from(gain),
            none: f64::from(count) - f64::from(gain) - f64::from(loss),
            loss: f64::from(loss),
        };
        holds += f64::from(number) * between.holds(comparison, threshold, seen);
        draws += f64::from(number);
    }
    holds / draws
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A uniform distribution over three shares: gain less loss has the triangular density 1 - |x|.
    #[test]
    fn the_difference_of_uniform_shares_is_triangular() {
        let shapes = Shares {
            gain: 1.0,
            none: 1.0,
            loss: 1.0,
        };
        for (threshold, expected) in [
            (0.0, 0.5),
            (0.25, 0.28125),
            (0.5, 0.125),
            (-0.5, 0.875),
            (0.9, 0.005),
        ] {
            let found = above(shapes, threshold);
            assert!((found - expected).abs() < 1e-3, "{threshold}: {found}");
        }
    }

    /// Where the distribution has no step, a quantile has its probability below it, by the integral; and steps, of what nearly never changes, lie where it is.
    #[test]
    fn quantiles_of_a_difference_have_their_probability_below_them() {
        for (gain, none, loss) in [
            (1.0, 1.0, 1.0),
            (0.5, 0.5, 0.5),
            (0.2, 9.0, 0.6),
            (2.0, 20.0, 0.3),
            (30.0, 60.0, 10.0),
            (2.0, 0.0, 3.0),
        ] {
            let shapes = Shares { gain, none, loss };
            let points = [0.05, 0.3, 0.5, 0.8, 0.95];
            for (point, quantile) in points.into_iter().zip(difference_quantiles(shapes, points)) {
                let below = 1.0 - above(shapes, quantile);
                assert!(
                    (below - point).abs() < 4e-3,
                    "({gain}, {none}, {loss}): {below} below {quantile} instead of {point}"
                );
            }
        }
        let never = Shares {
            gain: 1e-3,
            none: 50.0,
            loss: 1e-3,
        };
        assert!(
            difference_quantiles(never, [0.05, 0.95])
                .iter()
                .all(|x| x.abs() < 1e-9)
        );
        let mirrored = |shapes: Shares| difference_quantiles(shapes, [0.1])[0];
        let losing = mirrored(Shares {
            gain: 0.0,
            none: 3.0,
            loss: 2.0,
        });
        assert!((losing + beta::quantile(2.0, 3.0, 0.9)).abs() < 1e-12);
    }

    /// With half-shapes, as arcsine laws have them, poles are at every end: against the integral by a hundred times as many cells of the other factor.
    #[test]
    fn poles_at_the_ends_do_no_harm() {
        for (gain, none, loss) in [
            (0.5, 0.5, 0.5),
            (0.02, 0.9, 0.1),
            (0.1, 3.0, 1.0),
            (2.0, 20.0, 0.3),
        ] {
            for threshold in [0.01, 0.05, 0.3, 0.8] {
                // The share that the gain has of what changes, by its quantiles.
                let steps = 20_000;
                let mut expected = 0.0;
                for step in 0..steps {
                    let share = beta::quantile(gain, loss, (f64::from(step) + 0.5) / f64::from(steps));
                    let lean = 2.0 * share - 1.0;
                    if lean > threshold {
                        expected += 1.0 - beta::cdf(gain + loss, none, threshold / lean);
                    }
                }
                expected /= f64::from(steps);
                let found = above(Shares { gain, none, loss }, threshold);
                assert!(
                    (found - expected).abs() < 1e-3,
                    "({gain}, {none}, {loss}) above {threshold}: {found} instead of {expected}"
                );
            }
        }
    }
}
