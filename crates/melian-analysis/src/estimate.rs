//! An estimate over all futures with its uncertainty, its three parts apart.

use melian_engine::ensemble::SCRAMBLES;

use crate::formula::Spread;
use crate::probability::BetweenDraws;
use crate::sample::{DrawTable, Sample, Scrambles};
use crate::variance::Variance;

/// A mean over all futures and what is uncertain about it. NaN stands for what could not be computed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// Mean over all futures.
    pub mean: f64,
    /// Monte Carlo standard error of the mean, from independent scrambles (seven degrees of freedom).
    pub mc_error: f64,
    /// Standard deviation between draws: lack of knowledge.
    pub knowledge_sd: f64,
    /// 90% interval of `knowledge_sd`.
    pub knowledge_sd_interval: (f64, f64),
    /// Standard deviation between replications of a draw: luck.
    pub luck_sd: f64,
    /// 5%, 25%, 50%, 75% and 95% points over all futures.
    pub quantiles: [f64; 5],
    /// 5%, 50% and 95% points over draws of the noise-corrected mean of a draw.
    pub knowledge_quantiles: [f64; 3],
}

/// Points of [`Estimate::quantiles`].
pub const FUTURE_POINTS: [f64; 5] = [0.05, 0.25, 0.5, 0.75, 0.95];

/// Points of [`Estimate::knowledge_quantiles`].
pub const KNOWLEDGE_POINTS: [f64; 3] = [0.05, 0.5, 0.95];

impl Estimate {
    /// Estimates the mean of a number.
    ///
    /// What is only ever -1, 0 or 1, such as the effect on a question, has shares in each draw, and its distribution between draws is that of
    /// [`BetweenDraws`]: means over few replications come in steps, however they are corrected.
    pub fn of(sample: Sample) -> Estimate {
        let table = sample.by_draw(None);
        let variance = Variance::of(&table, Scrambles::ALL);
        let in_shares = |x: &f64| *x == 0.0 || x.abs() == 1.0 || x.is_nan();
        let knowledge_quantiles = if !variance.within.is_nan() && sample.values.iter().all(in_shares) {
            BetweenDraws::fit(&table, Scrambles::ALL, Spread::Estimated).quantiles(KNOWLEDGE_POINTS)
        } else {
            quantiles(
                &mut table.corrected(&variance, variance.shrinkage()),
                KNOWLEDGE_POINTS,
            )
        };
        Estimate {
            quantiles: quantiles(&mut finite_or_infinite(sample), FUTURE_POINTS),
            knowledge_quantiles,
            ..Estimate::of_table(&table, &variance)
        }
    }

    /// Estimates all but the quantiles.
    pub(crate) fn of_table(table: &DrawTable, variance: &Variance) -> Estimate {
        Estimate {
            mean: table.reference + variance.mean,
            mc_error: table.monte_carlo_error(),
            knowledge_sd: variance.knowledge_sd(),
            knowledge_sd_interval: variance.knowledge_sd_interval(table),
            luck_sd: variance.luck_sd(),
            quantiles: [f64::NAN; 5],
            knowledge_quantiles: [f64::NAN; 3],
        }
    }

    /// Returns the estimate of a number that is the same in every future.
    pub const fn constant(value: f64) -> Estimate {
        Estimate {
            mean: value,
            mc_error: 0.0,
            knowledge_sd: 0.0,
            knowledge_sd_interval: (0.0, 0.0),
            luck_sd: 0.0,
            quantiles: [value; 5],
            knowledge_quantiles: [value; 3],
        }
    }

    /// Returns the estimate in a unit of which one is this many base units.
    pub fn in_unit(self, scale: f64) -> Estimate {
        let (low, high) = self.knowledge_sd_interval;
        Estimate {
            mean: self.mean / scale,
            mc_error: self.mc_error / scale,
            knowledge_sd: self.knowledge_sd / scale,
            knowledge_sd_interval: (low / scale, high / scale),
            luck_sd: self.luck_sd / scale,
            quantiles: self.quantiles.map(|x| x / scale),
            knowledge_quantiles: self.knowledge_quantiles.map(|x| x / scale),
        }
    }
}

impl DrawTable {
    /// Returns the draws' means, drawn towards the grand mean by this factor; draws without a value are left out.
    pub fn corrected(&self, variance: &Variance, shrinkage: f64) -> Vec<f64> {
        let draws = self.draws.iter().filter(|draw| draw.count > 0);
        draws
            .map(|draw| self.reference + variance.mean + shrinkage * (draw.mean - variance.mean))
            .collect()
    }

    fn monte_carlo_error(&self) -> f64 {
        let (mut sums, mut counts) = ([0.0; SCRAMBLES], [0_u64; SCRAMBLES]);
        for (d, draw) in self.draws.iter().enumerate().filter(|(_, draw)| draw.count > 0) {
            sums[d % SCRAMBLES] += f64::from(draw.count) * draw.mean;
            counts[d % SCRAMBLES] += u64::from(draw.count);
        }
        monte_carlo_error(&sums, &counts)
    }
}

/// Returns the standard error of a mean from the sums and numbers of values in each scramble. NaN with fewer than two.
///
/// # Method
/// Scrambles are independent and alike, draws within one are not, so the scrambles' means are the sample.
///
/// # Source
/// Owen, A. B. (1997), "Monte Carlo variance of scrambled net quadrature", *SIAM Journal on Numerical Analysis* 34, 1884-1910: error
/// of scrambled nets by independent replications.
pub fn monte_carlo_error(sums: &[f64; SCRAMBLES], counts: &[u64; SCRAMBLES]) -> f64 {
    let total: u64 = counts.iter().sum();
    let mean = sums.iter().sum::<f64>() / total as f64;
    let (mut scrambles, mut squares) = (0.0, 0.0);
    for (sum, &count) in sums.iter().zip(counts).filter(|&(_, &count)| count > 0) {
        let deviation = (sum / count as f64 - mean) * (count as f64 / total as f64);
        scrambles += 1.0;
        squares += deviation * deviation;
    }
    if scrambles < 2.0 {
        f64::NAN
    } else {
        (squares * scrambles / (scrambles - 1.0)).sqrt()
    }
}

fn finite_or_infinite(sample: Sample) -> Vec<f64> {
    sample.values.iter().copied().filter(|x| !x.is_nan()).collect()
}

/// Returns quantiles, interpolated between order statistics; NaN if there are no values. Points ascend; values are reordered.
///
/// # Source
/// Hyndman, R. J. and Fan, Y. (1996), "Sample quantiles in statistical packages", *The American Statistician* 50, 361-365, definition 7.
pub fn quantiles<const N: usize>(values: &mut [f64], points: [f64; N]) -> [f64; N] {
    let mut found = [f64::NAN; N];
    if values.is_empty() {
        return found;
    }
    // Each selection leaves greater values to its right, where the next point lies.
    let mut start = 0;
    for (found, point) in found.iter_mut().zip(points) {
        let position = point * (values.len() - 1) as f64;
        let below = position.floor() as usize;
        let (_, &mut low, above) = values[start..].select_nth_unstable_by(below - start, f64::total_cmp);
        let weight = position - below as f64;
        *found = if weight == 0.0 {
            low
        } else {
            let high = above.iter().copied().min_by(f64::total_cmp).unwrap_or(low);
            if low == high {
                low
            } else {
                low + weight * (high - low)
            }
        };
        start = below;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_interpolated_between_order_statistics() {
        let mut values = [40.0, 10.0, 30.0, 20.0, 50.0];
        assert_eq!(
            quantiles(&mut values, [0.0, 0.1, 0.5, 0.9, 1.0]),
            [10.0, 14.0, 30.0, 46.0, 50.0]
        );
    }

    #[test]
    fn two_points_between_the_same_order_statistics_agree_with_a_sorted_list() {
        let mut values: Vec<f64> = (0..11).map(|i| f64::from(i * 7 % 11)).collect();
        let found = quantiles(&mut values, [0.51, 0.55, 0.59]);
        for (found, wanted) in found.iter().zip([5.1, 5.5, 5.9]) {
            assert!((found - wanted).abs() < 1e-12);
        }
    }

    #[test]
    fn a_constant_has_no_spread_at_all() {
        let estimate = Estimate::of(Sample {
            values: (&[0.1; 640][..]).into(),
            replications: 10,
        });
        assert_eq!(estimate, Estimate::constant(0.1));
    }

    #[test]
    fn a_value_that_could_not_be_computed_is_left_out() {
        let mut values = vec![3.0; 64];
        values[17] = f64::NAN;
        assert_eq!(
            Estimate::of(Sample {
                values: (&values).into(),
                replications: 4
            })
            .mean,
            3.0
        );
    }

    #[test]
    fn an_infinite_value_leaves_quantiles_but_no_mean() {
        let mut values = vec![3.0; 64];
        values[17] = f64::INFINITY;
        let estimate = Estimate::of(Sample {
            values: (&values).into(),
            replications: 4,
        });
        assert!(!estimate.mean.is_finite());
        assert_eq!(estimate.quantiles[2], 3.0);
    }

    #[test]
    fn the_monte_carlo_error_is_that_of_the_scrambles_means() {
        let sums = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0];
        // Variance of 1..8 is 6; of their mean, 6 / 8.
        assert!((monte_carlo_error(&sums, &[1; 8]) - 0.75_f64.sqrt()).abs() < 1e-15);
        assert!(monte_carlo_error(&sums, &[1, 0, 0, 0, 0, 0, 0, 0]).is_nan());
    }
}
