//! Natural logarithm.

use super::{LN_2_HIGH, LN_2_LOW, choose, fma};

/// Bits of 2^52: a whole number below 2^52 put into its mantissa, minus 2^52, is that number.
const WHOLE: u64 = 0x4330_0000_0000_0000;

/// Splits x = 2^k m with m between sqrt(1/2) and sqrt(2). Returns k and m; x is positive and finite.
#[inline(always)]
pub(super) fn split(x: f64) -> (f64, f64) {
    const TWO_TO_54: f64 = 18_014_398_509_481_984.0;
    let subnormal = x < f64::MIN_POSITIVE;
    let (k, m) = split_normal(choose(subnormal, x * TWO_TO_54, x));
    (k - choose(subnormal, 54.0, 0.0), m)
}

/// Does the same for what is not below the least normal number.
#[inline(always)]
pub(super) fn split_normal(x: f64) -> (f64, f64) {
    const ROOT_HALF: u64 = 0x3fe6_a09e_667f_3bcd;
    // Adding the distance from sqrt(1/2) to 1 moves the mantissas below sqrt(2) into the exponent below.
    let moved = x.to_bits().wrapping_add(0x3ff0_0000_0000_0000 - ROOT_HALF);
    let m = f64::from_bits((moved & 0x000f_ffff_ffff_ffff).wrapping_add(ROOT_HALF));
    let k = f64::from_bits(WHOLE | (moved >> 52)) - (f64::from_bits(WHOLE) + 1023.0);
    (k, m)
}

/// The series 2 (z^2/3 + z^4/5 + ..) of the logarithm over s^2 = z, as a minimax polynomial with error below 2^-58.
#[inline(always)]
fn tail(z: f64) -> f64 {
    let w = z * z;
    let even = fma(
        w,
        fma(w, 1.531_383_769_920_937_332e-1, 2.222_219_843_214_978_396e-1),
        3.999_999_999_940_941_908e-1,
    );
    let odd = fma(
        w,
        fma(
            w,
            fma(w, 1.479_819_860_511_658_591e-1, 1.818_357_216_161_805_012e-1),
            2.857_142_874_366_239_149e-1,
        ),
        6.666_666_666_666_735_130e-1,
    );
    fma(w, even, z * odd)
}

/// Returns the natural logarithm.
///
/// # Method
/// x = 2^k (1 + f); with s = f / (2 + f), ln(1 + f) = f - f^2/2 + s (f^2/2 + R(s^2)). Error below 0.8 ulp. 0 gives minus infinity, negative
/// numbers NaN.
///
/// # Source
/// Tang (1990), ACM TOMS 16(4), 378-400; the polynomial of FreeBSD's msun (Sun Microsystems 1993).
#[inline(always)]
pub fn ln(x: f64) -> f64 {
    let value = of_split(split(x));
    let value = choose(x == f64::INFINITY, x, value);
    let value = choose(x == 0.0, f64::NEG_INFINITY, value);
    choose(x >= 0.0, value, f64::NAN)
}

/// Whether [`plain_ln`] may be asked: of normal positive numbers.
#[inline(always)]
pub(crate) fn has_plain_ln(x: f64) -> bool {
    #[expect(
        clippy::manual_range_contains,
        reason = "two comparisons joined without a branch"
    )]
    let within = (x >= f64::MIN_POSITIVE) & (x < f64::INFINITY);
    within
}

/// Returns the same bits as [`ln`] for normal positive numbers; anything else has no meaning.
#[inline(always)]
pub fn plain_ln(x: f64) -> f64 {
    of_split(split_normal(x))
}

#[inline(always)]
fn of_split((k, m): (f64, f64)) -> f64 {
    let f = m - 1.0;
    let s = f / (2.0 + f);
    let half = 0.5 * f * f;
    let r = tail(s * s);
    let low = half - fma(s, half + r, k * LN_2_LOW);
    fma(k, LN_2_HIGH, f - low)
}

/// Returns ln(1 + x), right near 0 too.
///
/// # Method
/// ln(u) + (x - (u - 1)) / u with u = 1 + x rounded: the correction restores what the sum lost. Error below 1.5 ulp.
///
/// # Source
/// Kahan's device, in Higham (2002), *Accuracy and Stability of Numerical Algorithms*, section 1.14.1.
#[inline(always)]
pub fn ln_1p(x: f64) -> f64 {
    let u = 1.0 + x;
    let corrected = ln(u) + (x - (u - 1.0)) / u;
    let value = choose(u == 1.0, x, corrected);
    choose(x == f64::INFINITY || x == -1.0, ln(u), value)
}

/// Returns ln(p / (1 - p)), right near a half too: minus infinity at 0, infinity at 1, NaN outside.
///
/// # Method
/// Near a half 2 artanh(2p - 1) by the series of [`ln`]: there 2p - 1 is exact. Error below 2.2 ulp.
#[inline(always)]
pub fn logit(p: f64) -> f64 {
    let s = 2.0 * p - 1.0;
    let near = fma(s, tail(s * s), 2.0 * s);
    // The series holds up to |s| = (sqrt(2) - 1) / (sqrt(2) + 1).
    choose(s.abs() < 0.17, near, ln(p / (1.0 - p)))
}
