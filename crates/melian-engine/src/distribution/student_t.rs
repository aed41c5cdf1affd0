//! Student's t distribution.

use super::beta;
use crate::math::{exp, ln, ln_1p, ln_gamma};

/// Returns the distribution function for degrees of freedom above 0 (Abramowitz and Stegun 1964, 26.7.1).
pub fn cdf(df: f64, x: f64) -> f64 {
    if !(df > 0.0) || x.is_nan() || df == f64::INFINITY {
        return f64::NAN;
    }
    if x == 0.0 {
        return 0.5;
    }
    let tail = 0.5 * beta::cdf(0.5 * df, 0.5, df / (df + x * x));
    if x < 0.0 { tail } else { 1.0 - tail }
}

/// Returns the density for degrees of freedom above 0.
pub fn density(df: f64, x: f64) -> f64 {
    const LN_PI: f64 = 1.144_729_885_849_400_2;
    let front = ln_gamma(0.5 * (df + 1.0)) - ln_gamma(0.5 * df) - 0.5 * (ln(df) + LN_PI);
    exp(front - 0.5 * (df + 1.0) * ln_1p(x * x / df))
}

/// Returns the quantile of a probability for degrees of freedom above 0, by that of the beta distribution.
pub fn quantile(df: f64, p: f64) -> f64 {
    if !(df > 0.0) || df == f64::INFINITY || !(0.0..=1.0).contains(&p) {
        return f64::NAN;
    }
    if p == 0.5 {
        return 0.0;
    }
    let tail = if p < 0.5 { p } else { 1.0 - p };
    // Near the centre x is small and 1 - x of the beta keeps its digits; in the tail x does.
    let size = if tail > 0.25 {
        let y = beta::quantile(0.5, 0.5 * df, 1.0 - 2.0 * tail);
        (df * y / (1.0 - y)).sqrt()
    } else {
        let x = beta::quantile(0.5 * df, 0.5, 2.0 * tail);
        (df * (1.0 - x) / x).sqrt()
    };
    if p < 0.5 { -size } else { size }
}
