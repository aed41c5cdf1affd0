//! Which assumptions decide a claim.

use melian_engine::distribution::normal;
use melian_engine::math;
use melian_language::model::Formula;

use crate::claim::{ProbabilityTest, probability_against_threshold};
use crate::estimate::quantiles;
use crate::formula::{Futures, Read, Spread, beyond};
use crate::prior::Column;
use crate::sample::{Sample, Scrambles};

/// A parameter with which a claim holds or fails.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Deciding {
    /// Position of the parameter's column.
    pub column: usize,
    /// Rank correlation over draws between the parameter and how well the claim holds: positive if it holds the better the higher the
    /// parameter is.
    pub correlation: f64,
    /// Share of draws in which the claim holds, of those with the parameter in its lowest third.
    pub low: f64,
    /// The same in its highest third.
    pub high: f64,
    /// Value of the parameter with which the claim is as likely to hold as not; none if that lies outside the prior's 90%, or if the parameter
    /// has few values. Base units.
    pub tips: Option<f64>,
}

/// Parameters ranked over draws, once for all claims.
#[derive(Clone, Debug)]
pub struct Ranking<'a> {
    draws: usize,
    columns: Vec<(usize, &'a [f64], Vec<f64>)>,
}

/// Chance that some parameter passes although none decides.
const FALSE_ALARM: f64 = 0.05;

/// A parameter that decides moves the share of draws in which the claim holds by at least this much between its thirds (a choice by judgement).
const LEAST_TURN: f64 = 0.05;

impl<'a> Ranking<'a> {
    /// Ranks parameters that differ between draws.
    pub fn new(columns: &'a [Column]) -> Ranking<'a> {
        let ranked = columns.iter().enumerate().filter_map(|(i, column)| {
            let scores = scores(&column.values)?;
            Some((i, column.values.as_slice(), scores))
        });
        Ranking {
            draws: columns.first().map_or(0, |column| column.values.len()),
            columns: ranked.collect(),
        }
    }

    /// Returns the parameters that decide a formula, the strongest first; none if nothing stands out from chance, or if a world was not
    /// run.
    ///
    /// # Method
    /// Spearman's rank correlation over draws with the margin of a comparison (with the condition itself where there is no single margin),
    /// means over replications. If draws were dealt out at random, it would have mean 0 and variance 1 / (draws - 1) and be nearly normal;
    /// what counts is beyond what the largest of all parameters would reach in one run in twenty. Of these, parameters with which the claim holds about as often
    /// when they are low as when they are high decide nothing, though the margin follows them.
    ///
    /// # Source
    /// Hotelling, H. and Pabst, M. R. (1936), "Rank correlation and tests of significance involving no assumption of normality", *The Annals of
    /// Mathematical Statistics* 7(1), 29-43; Dunn, O. J. (1961), "Multiple comparisons among means", *Journal of the American Statistical
    /// Association* 56(293), 52-64 (Bonferroni's inequality).
    pub fn deciding(&self, formula: &Formula, futures: Futures) -> Vec<Deciding> {
        let Some(read) = Read::new(formula, futures) else {
            return Vec::new();
        };
        let holds = read.by_draw(None).values(Scrambles::ALL, Spread::Estimated);
        let probability = probability_against_threshold(formula, futures);
        let draws = self.draws.min(holds.len());
        let score = match score_of_margin(formula, futures) {
            Some(score) => score,
            None => holds.clone(),
        };
        let Some(claim) = scores(&score[..draws]) else {
            return Vec::new();
        };
        let bound = self.bound(draws);
        let mut found: Vec<Deciding> = (self.columns.iter())
            .filter_map(|(column, values, ranks)| {
                let product = |(a, b): (&f64, &f64)| a * b;
                let correlation: f64 = claim.iter().zip(ranks).map(product).sum();
                if correlation.abs() <= bound {
                    return None;
                }
                let values = &values[..draws];
                let by_sixths = probability.as_ref().map(|test| by_sixths(values, test));
                let holds = by_sixths.as_deref().unwrap_or(&holds[..draws]);
                let (low, high) = thirds(values, holds);
                ((high - low).abs() >= LEAST_TURN).then(|| Deciding {
                    column: *column,
                    correlation,
                    low,
                    high,
                    tips: tipping(values, holds),
                })
            })
            .collect();
        found.sort_by(|a, b| b.correlation.abs().total_cmp(&a.correlation.abs()));
        found
    }

    /// Returns what the largest rank correlation of parameters that decide nothing stays below, most often.
    fn bound(&self, draws: usize) -> f64 {
        let on_either_side = FALSE_ALARM / self.columns.len().max(1) as f64 / 2.0;
        -normal::quantile(on_either_side) / ((draws.max(2) - 1) as f64).sqrt()
    }
}

/// Returns for every draw the share of draws in which a comparison of a probability holds among those of its sixth of a parameter. Equal values stay together.
///
/// With few replications single draws say little; sixths, of which two are a third, have a distribution that can be fitted.
fn by_sixths(parameter: &[f64], test: &ProbabilityTest) -> Vec<f64> {
    let mut sorted = parameter.to_vec();
    sorted.sort_by(f64::total_cmp);
    let sixth = |x: f64| 6 * sorted.partition_point(|other| *other < x) / sorted.len();
    let of: Vec<usize> = parameter.iter().map(|x| sixth(*x)).collect();
    let shares: Vec<f64> = (0..6)
        .map(|sixth| test.share_among(|draw| of.get(draw) == Some(&sixth)))
        .collect();
    of.iter().map(|sixth| shares[*sixth]).collect()
}

/// Returns how well a comparison holds in each draw: its margin, positive where it holds.
fn score_of_margin(formula: &Formula, futures: Futures) -> Option<Vec<f64>> {
    let values = beyond(formula)?.values(futures)?;
    let table = Sample::new(&values, futures.ensemble.size).by_draw(None);
    Some(table.draws.iter().map(|draw| draw.mean).collect())
}

/// Returns ranks with mean 0 and squares that add up to 1, those of equal values alike; what is no number has the mean rank. None if all
/// values are equal.
fn scores(values: &[f64]) -> Option<Vec<f64>> {
    let mut order: Vec<usize> = (0..values.len()).filter(|&draw| !values[draw].is_nan()).collect();
    let ranked = order.len() as f64;
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    let mut before = 0;
    for equal in order.chunk_by(|&a, &b| values[a] == values[b]) {
        let rank = before as f64 + (equal.len() as f64 - 1.0) / 2.0;
        equal.iter().for_each(|&draw| ranks[draw] = rank);
        before += equal.len();
    }
    let mean = (ranked - 1.0) / 2.0;
    order.iter().for_each(|&draw| ranks[draw] -= mean);
    let length = ranks.iter().map(|rank| rank * rank).sum::<f64>().sqrt();
    ranks.iter_mut().for_each(|rank| *rank /= length);
    (length > 0.0).then_some(ranks)
}

/// Returns the means of conditions where a parameter is in its lowest and in its highest third. Equal values stay together.
fn thirds(parameter: &[f64], holds: &[f64]) -> (f64, f64) {
    let mut sorted = parameter.to_vec();
    sorted.sort_by(f64::total_cmp);
    let (least, greatest) = (sorted[0], sorted[sorted.len() - 1]);
    let (low, high) = (sorted[sorted.len() / 3], sorted[2 * sorted.len() / 3]);
    let is_low = |x: f64| if low == greatest { x < low } else { x <= low };
    let is_high = |x: f64| if high == least { x > high } else { x >= high };
    let share = |belongs: &dyn Fn(f64) -> bool| {
        let of = parameter
            .iter()
            .zip(holds)
            .filter(|(x, holds)| belongs(**x) && !holds.is_nan());
        let (count, sum) = of.fold((0.0, 0.0), |(count, sum), (_, holds)| (count + 1.0, sum + holds));
        sum / count
    };
    (share(&is_low), share(&is_high))
}

/// Returns the value of a parameter at which conditions are as likely to hold as not.
///
/// # Method
/// A logistic regression of the condition on the parameter's normal score, by Newton's steps; where it crosses one half within the scores of 5% and
/// 95%, the parameter's quantile there. Conditions between 0 and 1 count as shares.
///
/// # Source
/// Cox, D. R. (1958), "The regression analysis of binary sequences", *Journal of the Royal Statistical Society B* 20(2), 215-242.
fn tipping(parameter: &[f64], holds: &[f64]) -> Option<f64> {
    /// Fewer distinct values are a switch or nearly so.
    const FEW_VALUES: usize = 10;
    /// Newton's method on two coefficients settles within a few steps, or not at all.
    const MOST_STEPS: usize = 30;
    let mut sorted = parameter.to_vec();
    sorted.sort_by(f64::total_cmp);
    if sorted.chunk_by(|a, b| a == b).take(FEW_VALUES).count() < FEW_VALUES {
        return None;
    }
    let count = sorted.len() as f64;
    let score = |value: f64| {
        let below = sorted.partition_point(|other| *other < value) as f64;
        let up_to = sorted.partition_point(|other| *other <= value) as f64;
        normal::quantile((below + up_to) / 2.0 / count)
    };
    let pairs: Vec<(f64, f64)> = (parameter.iter().zip(holds))
        .filter(|(_, holds)| !holds.is_nan())
        .map(|(value, holds)| (score(*value), holds.clamp(0.0, 1.0)))
        .collect();
    let (mut level, mut slope) = (0.0, 0.0);
    for _ in 0..MOST_STEPS {
        let (mut gradient, mut hessian) = ([0.0; 2], [0.0; 3]);
        for (score, holds) in &pairs {
            let p = 1.0 / (1.0 + math::exp(-(level + slope * score)));
            let weight = p * (1.0 - p);
            gradient[0] += holds - p;
            gradient[1] += (holds - p) * score;
            hessian[0] += weight;
            hessian[1] += weight * score;
            hessian[2] += weight * score * score;
        }
        let determinant = hessian[0] * hessian[2] - hessian[1] * hessian[1];
        let by = [
            (hessian[2] * gradient[0] - hessian[1] * gradient[1]) / determinant,
            (hessian[0] * gradient[1] - hessian[1] * gradient[0]) / determinant,
        ];
        level += by[0];
        slope += by[1];
        if !(level.is_finite() && slope.is_finite()) {
            return None;
        }
        if by[0].abs() + by[1].abs() < 1e-9 {
            break;
        }
    }
    let crossing = normal::cdf(-level / slope);
    if !(0.05..=0.95).contains(&crossing) {
        return None;
    }
    let [value] = quantiles(&mut sorted, [crossing]);
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_of_equal_values_are_alike() {
        let ranks = scores(&[3.0, 1.0, 1.0, 2.0]).unwrap();
        assert_eq!(ranks[1], ranks[2]);
        assert!(ranks[0] > ranks[3] && ranks[3] > ranks[1]);
        assert!((ranks.iter().map(|rank| rank * rank).sum::<f64>() - 1.0).abs() < 1e-15);
        assert!(scores(&[2.0, 2.0]).is_none());
    }

    #[test]
    fn a_claim_tips_where_half_of_the_draws_hold() {
        // Holds with probability logistic(2 (z - 0.5)), z the normal score: it tips at 0.5, whatever the parameter's scale.
        let count = 4_001;
        let score = |i: usize| normal::quantile((i as f64 + 0.5) / count as f64);
        let logistic = |i: usize, at: f64| 1.0 / (1.0 + math::exp(-2.0 * (score(i) - at)));
        let holds: Vec<f64> = (0..count).map(|i| logistic(i, 0.5)).collect();
        let parameter: Vec<f64> = (0..count).map(|i| math::exp(3.0 + score(i))).collect();
        let tips = tipping(&parameter, &holds).expect("it tips");
        assert!((math::ln(tips) - 3.5).abs() < 0.01, "{tips}");
        let backwards: Vec<f64> = holds.iter().map(|p| 1.0 - p).collect();
        let tips = tipping(&parameter, &backwards).expect("it tips");
        assert!((math::ln(tips) - 3.5).abs() < 0.01, "{tips}");
        // Far out, for a coin, and where all hold, it does not.
        let seldom: Vec<f64> = (0..count).map(|i| logistic(i, 3.0)).collect();
        assert_eq!(tipping(&parameter, &seldom), None);
        let coin: Vec<f64> = (0..count).map(|i| (i % 2) as f64).collect();
        assert_eq!(tipping(&coin, &holds), None);
        assert_eq!(tipping(&parameter, &vec![1.0; count]), None);
    }

    #[test]
    fn thirds_of_a_coin_are_its_sides() {
        let parameter = [0.0, 1.0, 0.0, 1.0, 1.0, 0.0];
        let holds = [1.0, 0.0, 1.0, 0.0, 1.0, 0.0];
        assert_eq!(thirds(&parameter, &holds), (2.0 / 3.0, 1.0 / 3.0));
        // A side that is rarer than a third is taken alone.
        let rare = [0.0, 0.0, 0.0, 0.0, 0.0, 1.0];
        assert_eq!(thirds(&rare, &holds), (0.6, 0.0));
    }

    /// The largest of many correlations with what was dealt out at random passes the bound about as often as it says.
    #[test]
    fn what_decides_nothing_passes_as_seldom_as_it_should() {
        let (draws, parameters, runs) = (256, 40, 400);
        let mut state = 1_u64;
        let mut uniform = || {
            // Knuth's linear congruential generator (MMIX).
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 11) as f64 / (1_u64 << 53) as f64
        };
        let mut passed = 0;
        for _ in 0..runs {
            let mut column = || -> Vec<f64> { (0..draws).map(|_| uniform()).collect() };
            let claim = scores(&column()).unwrap();
            let columns: Vec<(usize, &[f64], Vec<f64>)> = (0..parameters)
                .map(|i| (i, &[][..], scores(&column()).unwrap()))
                .collect();
            let ranking = Ranking { draws, columns };
            let largest = (ranking.columns.iter())
                .map(|(.., ranks)| claim.iter().zip(ranks).map(|(a, b)| a * b).sum::<f64>().abs())
                .fold(0.0, f64::max);
            passed += usize::from(largest > ranking.bound(draws));
        }
        // Twenty of 400 on average; the chance of more than 35 is below one in a thousand.
        assert!((8..=35).contains(&passed), "{passed} of {runs}");
    }
}
