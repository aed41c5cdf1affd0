//! Exponential.

use super::{LN_2_HIGH, LN_2_LOW, ROUNDER, choose, fma};

/// Above it every result is infinite, below [`LEAST`] every result is 0; clamping there keeps the exponents of [`scale`] in range.
pub(super) const GREATEST: f64 = 710.0;

/// See [`GREATEST`]; half the least subnormal number is e^-745.13.
pub(super) const LEAST: f64 = -746.0;

/// Clamps; NaN stays.
#[inline(always)]
pub(super) fn clamp(x: f64, least: f64, greatest: f64) -> f64 {
    choose(x > greatest, greatest, choose(x < least, least, x))
}

/// Argument reduction: x + y = k ln 2 + high - low with |high - low| <= ln 2 / 2, for y much smaller than x. Returns k as the bits of
/// k + [`ROUNDER`], high, which is exact, and low, which is small.
#[inline(always)]
fn reduce(x: f64, y: f64) -> (u64, f64, f64) {
    let shifted = fma(x + y, std::f64::consts::LOG2_E, ROUNDER);
    let k = shifted - ROUNDER;
    (shifted.to_bits(), fma(-k, LN_2_HIGH, x), fma(k, LN_2_LOW, -y))
}

/// exp(high - low) - 1 - high for |high - low| <= 0.347, so that the caller adds `high` without loss.
///
/// With r = high - low it is r^2 q(r) - low, q fitted at Chebyshev points; its error is 4e-19 of exp(r). Even and odd powers are summed
/// apart, which halves the chain of dependent operations.
#[inline(always)]
fn rest(high: f64, low: f64) -> f64 {
    let r = high - low;
    let z = r * r;
    let even = fma(
        z,
        fma(
            z,
            fma(
                z,
                fma(
                    z,
                    fma(z, 2.091_467_944_897_855e-9, 2.755_727_366_117_472_6e-7),
                    2.480_158_732_553_350_2e-5,
                ),
                1.388_888_888_888_375_2e-3,
            ),
            4.166_666_666_666_667e-2,
        ),
        0.5,
    );
    let odd = fma(
        z,
        fma(
            z,
            fma(
                z,
                fma(z, 2.510_520_647_533_483_4e-8, 2.755_725_542_550_29e-6),
                1.984_126_987_480_068_3e-4,
            ),
            8.333_333_333_326_141e-3,
        ),
        0.166_666_666_666_666_7,
    );
    fma(z, fma(r, odd, even), -low)
}

/// a + b + c for |b| <= |a| or a = 0, and c much smaller: what a + b rounds off is added to c (Dekker 1971).
#[inline(always)]
fn sum(a: f64, b: f64, c: f64) -> f64 {
    let sum = a + b;
    sum + ((b - (sum - a)) + c)
}

/// Returns 2^k as two factors, so that neither overflows where the product does not, and the reciprocal of the second.
#[inline(always)]
fn scale(bits: u64) -> (f64, f64, f64) {
    // Twice the exponent's bias keeps every intermediate positive: shifts are then logical.
    let biased = bits.wrapping_sub(ROUNDER.to_bits()).wrapping_add(2046);
    let first = biased >> 1;
    let second = biased.wrapping_sub(first);
    let power = |exponent: u64| f64::from_bits(exponent << 52);
    (power(first), power(second), power(2046u64.wrapping_sub(second)))
}

/// Returns e^x.
///
/// # Method
/// Reduction to |r| <= ln 2 / 2 by Cody and Waite's two-part ln 2, a polynomial of degree 12, scaling in two steps (so subnormal results are
/// right). Overflow gives infinity, underflow 0, NaN stays. Error below 1 ulp.
///
/// # Source
/// Cody and Waite (1980), *Software Manual for the Elementary Functions*, chapter 6.
#[inline(always)]
pub fn exp(x: f64) -> f64 {
    exp_of_sum(clamp(x, LEAST, GREATEST), 0.0)
}

/// Returns e^(x + y) for y much smaller than x, whose sum lies between [`LEAST`] and [`GREATEST`].
#[inline(always)]
pub(super) fn exp_of_sum(x: f64, y: f64) -> f64 {
    let (k, high, low) = reduce(x, y);
    let (first, second, _) = scale(k);
    sum(1.0, high, rest(high, low)) * first * second
}

/// Whether [`plain_exp`] may be asked: neither overflow nor subnormal numbers are near.
#[inline(always)]
pub(crate) fn has_plain_exp(x: f64) -> bool {
    x.abs() <= 700.0
}

/// Returns the same bits as [`exp`] for |x| <= 700; anything else has no meaning.
#[inline(always)]
pub fn plain_exp(x: f64) -> f64 {
    plain_exp_of_sum(x, 0.0)
}

/// Returns the same bits as [`exp_of_sum`] for sums between -700 and 700.
#[inline(always)]
pub(super) fn plain_exp_of_sum(x: f64, y: f64) -> f64 {
    let (k, high, low) = reduce(x, y);
    // The lowest bits of k are the whole number; added to the exponent they scale exactly.
    let scaled = sum(1.0, high, rest(high, low)).to_bits().wrapping_add(k << 52);
    f64::from_bits(scaled)
}

/// Returns e^x - 1, right near 0 too.
///
/// # Method
/// 2^k (e^r - 1) + (2^k - 1) with the reduction of [`exp`]. Error below 2 ulp.
#[inline(always)]
pub fn exp_m1(x: f64) -> f64 {
    // From -60 down the result is -1 to the last bit.
    let (k, high, low) = reduce(clamp(x, -60.0, GREATEST), 0.0);
    let (first, second, inverse) = scale(k);
    sum(first - inverse, first * high, first * rest(high, low)) * second
}
