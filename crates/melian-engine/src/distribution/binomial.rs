//! The binomial distribution.

use super::{beta, normal};
use crate::math::{exp, ln, ln_1p};

/// Up to this mean the probabilities are summed one by one.
const SUMMED: f64 = 30.0;

/// Beyond this variance the start is the answer: it is off by less than a thousandth of the standard deviation, and above 2^53 there is no next
/// whole number to step to.
const SEARCHED: f64 = 1e6;

/// Returns the probability of at most k of n.
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
///
/// # Method
/// Summation for small means; else a start by Cornish and Fisher (1938) and steps of one against the exact distribution function, unless
/// the variance is beyond a million.
pub fn quantile(n: f64, p: f64, probability: f64) -> f64 {
    if !(n >= 0.0) || n == f64::INFINITY || !(0.0..=1.0).contains(&p) || !(0.0..=1.0).contains(&probability) {
        return f64::NAN;
    }
    let n = n.floor();
    if p == 0.0 || p == 1.0 || n == 0.0 {
        return if p == 1.0 { n } else { 0.0 };
    }
    if probability == 0.0 || probability == 1.0 {
        return if probability == 1.0 { n } else { 0.0 };
    }
    if p > 0.5 {
        // Few failures rather than many successes.
        let k = n - count(n, 1.0 - p, 1.0 - probability);
        // The mirrored search may stop one short where the distribution function meets the probability exactly.
        return if k > 0.0 && cdf(n, p, k - 1.0) >= probability {
            k - 1.0
        } else {
            k
        };
    }
    count(n, p, probability)
}

fn count(n: f64, p: f64, probability: f64) -> f64 {
    let mean = n * p;
    if mean <= SUMMED {
        let odds = p / (1.0 - p);
        let mut term = exp(n * ln_1p(-p));
        let mut sum = term;
        let mut k = 0.0;
        while sum < probability && k < n && (k < mean || term > 1e-18) {
            k += 1.0;
            term *= (n - k + 1.0) / k * odds;
            sum += term;
        }
        return k;
    }
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
