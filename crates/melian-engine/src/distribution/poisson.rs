//! The Poisson distribution.

use super::{gamma, normal};
use crate::math::exp;

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
///
/// # Method
/// Summation for small means; else a start by Cornish and Fisher (1938) and steps of one against the exact distribution function, unless
/// the mean is beyond a million.
#[inline(always)]
pub fn quantile(mean: f64, p: f64) -> f64 {
    if !(mean >= 0.0) || mean == f64::INFINITY || !(0.0..=1.0).contains(&p) {
        return f64::NAN;
    }
    if p == 1.0 {
        return if mean == 0.0 { 0.0 } else { f64::INFINITY };
    }
    if mean <= SUMMED {
        let mut probability = exp(-mean);
        let mut sum = probability;
        let mut k = 0.0;
        // The sum may round to just below the greatest uniform: beyond any k of probability 1e-17 it stays there.
        while sum < p && (k < mean || probability > 1e-18) {
            k += 1.0;
            probability *= mean / k;
            sum += probability;
        }
        return k;
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
