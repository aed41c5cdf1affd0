//! Functions of the exponential.

use super::choose;
use super::exponential::{exp, exp_m1};

/// Returns the hyperbolic tangent.
///
/// # Method
/// E / (E + 2) with E = exp(2|x|) - 1. Error at most 3 ulp.
#[inline(always)]
pub fn tanh(x: f64) -> f64 {
    // From 22 on the result is 1 to the last bit.
    let size = choose(x.abs() > 22.0, 22.0, x.abs());
    let e = exp_m1(2.0 * size);
    let value = (e / (e + 2.0)).copysign(x);
    choose(x.is_nan(), x, value)
}

/// Returns 1 / (1 + exp(-x)). Error at most 3 ulp.
#[inline(always)]
pub fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + exp(-x))
}
