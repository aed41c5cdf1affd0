//! The beta distribution.

use crate::math::{exp, ln, ln_1p, ln_gamma};

#[inline(always)]
fn log_beta(a: f64, b: f64) -> f64 {
    ln_gamma(a) + ln_gamma(b) - ln_gamma(a + b)
}

/// Returns the continued fraction of the incomplete beta function.
#[inline(always)]
fn fraction(a: f64, b: f64, x: f64) -> f64 {
    const LEAST: f64 = 1e-300;
    let away = |v: f64| if v.abs() < LEAST { LEAST } else { v };
    let mut c = 1.0;
    let mut d = 1.0 / away(1.0 - (a + b) * x / (a + 1.0));
    let mut value = d;
    for m in 1..20_000 {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / away(1.0 + even * d);
        c = away(1.0 + even / c);
        value *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / away(1.0 + odd * d);
        c = away(1.0 + odd / c);
        let change = d * c;
        value *= change;
        if (change - 1.0).abs() < 1e-16 {
            break;
        }
    }
    value
}

/// Returns the regularised incomplete beta functions at x and from x on.
#[inline(always)]
fn incomplete(a: f64, b: f64, x: f64, y: f64) -> (f64, f64) {
    let front = exp(a * ln(x) + b * ln(y) - log_beta(a, b));
    if x < (a + 1.0) / (a + b + 2.0) {
        let lower = (front * fraction(a, b, x) / a).min(1.0);
        (lower, 1.0 - lower)
    } else {
        let upper = (front * fraction(b, a, y) / b).min(1.0);
        (1.0 - upper, upper)
    }
}

/// Returns the distribution function for shapes above 0.
///
/// # Source
/// Abramowitz and Stegun (1964), 26.5.8, by Lentz's method; relative error of the smaller tail below 1e-11 for shapes up to 1e4.
pub fn cdf(a: f64, b: f64, x: f64) -> f64 {
    if !(a > 0.0 && b > 0.0 && a < f64::INFINITY && b < f64::INFINITY) || x.is_nan() {
        return f64::NAN;
    }
    if x <= 0.0 || x >= 1.0 {
        return if x <= 0.0 { 0.0 } else { 1.0 };
    }
    incomplete(a, b, x, 1.0 - x).0
}

/// Returns the density for shapes above 0.
pub fn density(a: f64, b: f64, x: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        0.0
    } else {
        exp((a - 1.0) * ln(x) + (b - 1.0) * ln_1p(-x) - log_beta(a, b))
    }
}

/// Returns the quantile of a probability for shapes above 0.
///
/// # Method
/// Newton steps on the log odds of x against the logarithm of the smaller tail, halving the bracket where a step leaves it. Error below
/// 1e-12 relative to x or 1 - x, whichever is smaller, above 1e-300.
#[inline(always)]
pub fn quantile(a: f64, b: f64, p: f64) -> f64 {
    if !(a > 0.0 && b > 0.0 && a < f64::INFINITY && b < f64::INFINITY) || !(0.0..=1.0).contains(&p) {
        return f64::NAN;
    }
    if p == 0.0 || p == 1.0 {
        return p;
    }
    let upper = p > 0.5;
    let target = if upper { ln(1.0 - p) } else { ln(p) };
    let constant = log_beta(a, b);
    // Log odds of the mean; the tails are reached by steps that Newton makes long where the density is thin.
    let mut t = ln(a / b);
    let (mut least, mut most) = (-700.0f64, 700.0f64);
    t = t.clamp(least + 1.0, most - 1.0);
    for _ in 0..200 {
        let (x, y) = odds(t);
        let (below, above) = incomplete(a, b, x, y);
        let tail = if upper { above } else { below };
        let error = if upper {
            target - ln(tail)
        } else {
            ln(tail) - target
        };
        if error > 0.0 {
            most = t;
        } else {
            least = t;
        }
        // dx/dt = x (1 - x), so the density of t is x^a (1 - x)^b / B.
        let slope = exp(a * ln(x) + b * ln(y) - constant) / tail;
        let newton = t - error / slope;
        let next = if newton.is_finite() && newton > least && newton < most {
            newton
        } else {
            0.5 * (least + most)
        };
        if (next - t).abs() <= 1e-14 * (1.0 + t.abs()) {
            return odds(next).0;
        }
        t = next;
    }
    odds(t).0
}

/// Returns x and 1 - x from log odds, both to full precision.
#[inline(always)]
fn odds(t: f64) -> (f64, f64) {
    (crate::math::logistic(t), crate::math::logistic(-t))
}
