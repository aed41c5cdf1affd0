//! Exponential.

use super::{LN_2_HIGH, LN_2_LOW, ROUNDER, choose};

/// Above it the exponential overflows.
const OVERFLOW: f64 = 709.782_712_893_384;

/// Below it the exponential is zero.
const UNDERFLOW: f64 = -745.133_219_101_941_2;

/// Argument reduction: x = k ln 2 + r with |r| <= ln 2 / 2. Returns k, its bits offset by those of [`ROUNDER`], and r.
#[inline(always)]
fn reduce(x: f64) -> (f64, u64, f64) {
    let shifted = x * std::f64::consts::LOG2_E + ROUNDER;
    let k = shifted - ROUNDER;
    let r = (x - k * LN_2_HIGH) - k * LN_2_LOW;
    (k, shifted.to_bits(), r)
}

/// exp(r) - 1 for |r| <= 0.35: the Taylor polynomial of degree 13, whose remainder is below 1e-17 relative to r.
#[inline(always)]
fn reduced_exp_m1(r: f64) -> f64 {
    let mut p = 1.0 / 6_227_020_800.0;
    p = p * r + 1.0 / 479_001_600.0;
    p = p * r + 1.0 / 39_916_800.0;
    p = p * r + 1.0 / 3_628_800.0;
    p = p * r + 1.0 / 362_880.0;
    p = p * r + 1.0 / 40_320.0;
    p = p * r + 1.0 / 5_040.0;
    p = p * r + 1.0 / 720.0;
    p = p * r + 1.0 / 120.0;
    p = p * r + 1.0 / 24.0;
    p = p * r + 1.0 / 6.0;
    p = p * r + 0.5;
    r + r * r * p
}

/// Returns 2^k as two factors, so that neither overflows where the product does not: k from the bits of a rounded number.
#[inline(always)]
fn scale(bits: u64) -> (f64, f64) {
    // Twice the exponent bias keeps every intermediate positive: shifts are then logical.
    let biased = bits.wrapping_sub(ROUNDER.to_bits()).wrapping_add(2046);
    let first = biased >> 1;
    let second = biased.wrapping_sub(first);
    (f64::from_bits(first << 52), f64::from_bits(second << 52))
}

/// Returns e^x.
///
/// # Method
/// Reduction to |r| <= ln 2 / 2 by Cody and Waite's two-part ln 2, Taylor polynomial, scaling in two steps (so subnormal results are
/// right). Error at most 1 ulp. Overflow gives infinity, underflow 0, NaN stays.
///
/// # Source
/// Cody and Waite (1980), *Software Manual for the Elementary Functions*, chapter 6.
#[inline(always)]
pub fn exp(x: f64) -> f64 {
    let inside = choose(x > 710.0, 710.0, choose(x < -746.0, -746.0, x));
    let (_, bits, r) = reduce(inside);
    let (first, second) = scale(bits);
    let value = (1.0 + reduced_exp_m1(r)) * first * second;
    choose(x > OVERFLOW, f64::INFINITY, choose(x < UNDERFLOW, 0.0, value))
}

/// Returns exp(r + low) for a small correction `low`, as `power` needs it.
#[inline(always)]
pub(super) fn exp_of_sum(high: f64, low: f64) -> f64 {
    let inside = choose(high > 710.0, 710.0, choose(high < -746.0, -746.0, high));
    let (_, bits, r) = reduce(inside);
    let (first, second) = scale(bits);
    let p = reduced_exp_m1(r);
    let value = (1.0 + (p + (low + low * p))) * first * second;
    choose(
        high > OVERFLOW,
        f64::INFINITY,
        choose(high < UNDERFLOW, 0.0, value),
    )
}

/// Returns e^x - 1, right near 0 too.
///
/// # Method
/// 2^k (e^r - 1) + (2^k - 1) with the reduction of [`exp`]. Error at most 2 ulp.
#[inline(always)]
pub fn exp_m1(x: f64) -> f64 {
    // Beyond 700 the 1 is lost, and the single scale factor would overflow; `exp` is exact enough there.
    let inside = choose(x > 700.0, 700.0, choose(x < -60.0, -60.0, x));
    let (k, bits, r) = reduce(inside);
    let (first, second) = scale(bits);
    let p = reduced_exp_m1(r);
    let power = first * second;
    let value = choose(k == 0.0, p, power * p + (power - 1.0));
    choose(x > 700.0, exp(x), choose(x < -60.0, -1.0, value))
}
