//! The binomial distribution.

use super::{beta, normal};
use crate::math::{choose, exp, ln, ln_1p};

/// Up to this mean the probabilities are summed one by one.
const SUMMED: f64 = 30.0;

/// Beyond this variance the start is the answer: it is off by less than a thousandth of the standard deviation, and above 2^53 there is no next
/// whole number to step to.
const SEARCHED: f64 = 1e6;

/// Returns the probability of at most k of n.
#[inline(always)]
fn cdf(n: f64, p: f64, k: f64) -> f64 {
    if k < 0.0 {
        0.0
    } else if k >= n {
        1.0
    } else {
        beta::cdf(n - k, k + 1.0, 1.0 - p)
    }
}

/// Returns the least whole number whose distribution function reaches the probability; n is rounded down, at least 0, and p lies between 0 and 1.
#[inline(always)]
pub fn quantile(n: f64, p: f64, probability: f64) -> f64 {
    let [value] = quantiles([n], [p], [probability]);
    value
}

/// Returns the least whole numbers whose distribution functions reach the probabilities; n is rounded down, at least 0, and p lies between 0 and 1. Lanes side by
/// side, each with the bits that it has alone.
///
/// # Method
/// Summation for small means; else a start by Cornish and Fisher (1938) and steps of one against the exact distribution function, unless
/// the variance is beyond a million. Of successes more likely than not, failures are counted.
#[inline(always)]
pub fn quantiles<const LANES: usize>(
    n: [f64; LANES],
    p: [f64; LANES],
    probability: [f64; LANES],
) -> [f64; LANES] {
    let n = n.map(f64::floor);
    let is_share = |share: f64| (0.0..=1.0).contains(&share);
    let asked = |i: usize| (n[i] >= 0.0) & (n[i] < f64::INFINITY) & is_share(p[i]) & is_share(probability[i]);
    let has_meaning: [bool; LANES] = std::array::from_fn(asked);
    let is_inside = |share: f64| (share > 0.0) & (share < 1.0);
    let is_open: [bool; LANES] =
        std::array::from_fn(|i| has_meaning[i] & (n[i] > 0.0) & is_inside(p[i]) & is_inside(probability[i]));
    // Few failures rather than many successes.
    let (mut rare, mut reached) = ([0.0; LANES], [0.0; LANES]);
    for i in 0..LANES {
        rare[i] = choose(p[i] > 0.5, 1.0 - p[i], p[i]);
        reached[i] = choose(p[i] > 0.5, 1.0 - probability[i], probability[i]);
    }
    let is_summed: [bool; LANES] = std::array::from_fn(|i| is_open[i] & (n[i] * rare[i] <= SUMMED));
    let mut count = summed(n, rare, reached, is_summed);
    for i in 0..LANES {
        if is_open[i] && !is_summed[i] {
            count[i] = search(n[i], rare[i], reached[i]);
        }
    }
    let mut values = [0.0; LANES];
    for i in 0..LANES {
        let end = choose(
            (p[i] == 1.0) | ((probability[i] == 1.0) & (p[i] > 0.0)),
            n[i],
            0.0,
        );
        let successes = choose(p[i] > 0.5, n[i] - count[i], count[i]);
        values[i] = choose(has_meaning[i], choose(is_open[i], successes, end), f64::NAN);
    }
    for i in 0..LANES {
        // The mirrored search may stop one short where the distribution function meets the probability exactly.
        if is_open[i] && p[i] > 0.5 && values[i] > 0.0 && cdf(n[i], p[i], values[i] - 1.0) >= probability[i] {
            values[i] -= 1.0;
        }
    }
    values
}

/// Counts successes until their probabilities add up to what is to be reached, in the lanes that are `asked`.
#[inline(always)]
fn summed<const LANES: usize>(
    n: [f64; LANES],
    p: [f64; LANES],
    reached: [f64; LANES],
    asked: [bool; LANES],
) -> [f64; LANES] {
    let (mut odds, mut term, mut sum, mut k) = ([0.0; LANES], [0.0; LANES], [0.0; LANES], [0.0; LANES]);
    for i in 0..LANES {
        odds[i] = p[i] / (1.0 - p[i]);
        term[i] = exp(choose(asked[i], n[i] * ln_1p(-p[i]), 0.0));
        // What is not summed has reached its probability.
        sum[i] = choose(asked[i], term[i], f64::INFINITY);
    }
    let mut next = 1.0;
    loop {
        let mut goes_on = false;
        for i in 0..LANES {
            // The sum may round to just below the greatest uniform: beyond any k of probability 1e-18 it stays there.
            let counts = (k[i] < n[i] * p[i]) | (term[i] > 1e-18);
            let lane_goes_on = (sum[i] < reached[i]) & (k[i] < n[i]) & counts;
            goes_on |= lane_goes_on;
            let added = term[i] * ((n[i] - next + 1.0) / next * odds[i]);
            term[i] = choose(lane_goes_on, added, term[i]);
            sum[i] = choose(lane_goes_on, sum[i] + added, sum[i]);
            k[i] = choose(lane_goes_on, next, k[i]);
        }
        if !goes_on {
            return k;
        }
        next += 1.0;
    }
}

/// Returns the quantile for a mean above [`SUMMED`]: from the first terms of its expansion, step by step.
#[inline(always)]
fn search(n: f64, p: f64, probability: f64) -> f64 {
    let mean = n * p;
    let z = normal::quantile(probability);
    let sd = (mean * (1.0 - p)).sqrt();
    let skew = (1.0 - 2.0 * p) * (z * z - 1.0) / 6.0;
    let mut k = (mean + sd * z + skew).floor().clamp(0.0, n);
    if sd * sd > SEARCHED {
        return k;
    }
    while cdf(n, p, k) < probability {
        k += 1.0;
    }
    while k > 0.0 && cdf(n, p, k - 1.0) >= probability {
        k -= 1.0;
    }
    k
}

/// Returns the probability of exactly k of n.
pub fn density(n: f64, p: f64, k: f64) -> f64 {
    use crate::math::ln_gamma;
    let ways = ln_gamma(n + 1.0) - ln_gamma(k + 1.0) - ln_gamma(n - k + 1.0);
    exp(ways + k * ln(p) + (n - k) * ln_1p(-p))
}
