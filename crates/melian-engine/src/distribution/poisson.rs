//! The Poisson distribution.

use super::{gamma, normal};
use crate::math::{choose, exp};

/// Up to this mean the probabilities are summed one by one from 0; beyond, the search starts near the answer.
const SUMMED: f64 = 30.0;

/// Beyond this mean the start is the answer: it is off by less than a thousandth of the standard deviation, and above 2^53 there is no next whole
/// number to step to.
const SEARCHED: f64 = 1e6;

/// Returns the probability of at most k.
fn cdf(mean: f64, k: f64) -> f64 {
    if k < 0.0 {
        0.0
    } else {
        gamma::survival(k + 1.0, mean)
    }
}

/// Returns the least whole number whose distribution function reaches the probability, for a mean of at least 0.
#[inline(always)]
pub fn quantile(mean: f64, p: f64) -> f64 {
    let [value] = quantiles([mean], [p]);
    value
}

/// Returns the least whole numbers whose distribution functions reach the probabilities, for means of at least 0: lanes side by side, each with the bits that it has
/// alone.
///
/// # Method
/// Summation for small means; else a start by Cornish and Fisher (1938) and steps of one against the exact distribution function, unless
/// the mean is beyond a million.
#[inline(always)]
pub fn quantiles<const LANES: usize>(mean: [f64; LANES], p: [f64; LANES]) -> [f64; LANES] {
    let (mut probability, mut sum, mut k) = ([0.0; LANES], [0.0; LANES], [0.0; LANES]);
    for i in 0..LANES {
        let is_summed = (mean[i] >= 0.0) & (mean[i] <= SUMMED) & (p[i] >= 0.0) & (p[i] < 1.0);
        // What is not summed has reached its probability.
        probability[i] = exp(choose(is_summed, -mean[i], 0.0));
        sum[i] = choose(is_summed, probability[i], f64::INFINITY);
    }
    let mut next = 1.0;
    loop {
        let mut goes_on = false;
        for i in 0..LANES {
            // The sum may round to just below the greatest uniform: beyond any k of probability 1e-17 it stays there.
            let lane_goes_on = (sum[i] < p[i]) & ((k[i] < mean[i]) | (probability[i] > 1e-18));
            goes_on |= lane_goes_on;
            let added = probability[i] * (mean[i] / next);
            probability[i] = choose(lane_goes_on, added, probability[i]);
            sum[i] = choose(lane_goes_on, sum[i] + added, sum[i]);
            k[i] = choose(lane_goes_on, next, k[i]);
        }
        if !goes_on {
            break;
        }
        next += 1.0;
    }
    for i in 0..LANES {
        if sum[i] == f64::INFINITY {
            k[i] = quantile_apart(mean[i], p[i]);
        }
    }
    k
}

/// Returns the quantile where it is no sum: of a large mean, of a probability of 1, or of what has no meaning.
fn quantile_apart(mean: f64, p: f64) -> f64 {
    if !(mean >= 0.0) || mean == f64::INFINITY || !(0.0..=1.0).contains(&p) {
        return f64::NAN;
    }
    if p == 1.0 {
        return if mean == 0.0 { 0.0 } else { f64::INFINITY };
    }
    search(mean, p)
}

/// Returns the quantile for a mean above [`SUMMED`]: from the first terms of its expansion, step by step.
fn search(mean: f64, p: f64) -> f64 {
    let z = normal::quantile(p);
    let root = mean.sqrt();
    let mut k = (mean + root * z + (z * z - 1.0) / 6.0).floor().max(0.0);
    if mean > SEARCHED {
        return k;
    }
    while cdf(mean, k) < p {
        k += 1.0;
    }
    while k > 0.0 && cdf(mean, k - 1.0) >= p {
        k -= 1.0;
    }
    k
}
