//! Powers.

use super::exponential::{GREATEST, LEAST, clamp, exp_of_sum, plain_exp_of_sum};
use super::logarithm::{split, split_normal};
use super::{LN_2_HIGH, LN_2_LOW, choose, fma};

/// Coefficients of s^2k, k = 2 to 8, in artanh(s) / s: about 1 / (2k + 1). Fitted at Chebyshev points of s^2 from 0 to 0.0295; what is left out
/// is 2^-62.8 of the logarithm.
const TERMS: [f64; 7] = [
    0.200_000_000_000_000_13,
    0.142_857_142_856_692_8,
    0.111_111_111_355_387_25,
    0.090_909_041_258_037,
    0.076_927_872_502_294_14,
    0.066_429_836_369_453_08,
    0.064_567_480_334_015_76,
];

/// Returns ln x of a split x as a sum of two numbers, the second below the last place of the first; relative error about 2^-59.
///
/// # Method
/// x = 2^k m, s = (m - 1) / (m + 1), ln m = 2 s + 2 s (s^2/3 + s^4/5 + ..). What the quotient rounds off is found by fused multiply-adds and kept; the
/// series is at most 1% of the whole, and its own rounding is the error.
///
/// # Source
/// The scheme of `pow` in Sun Microsystems' fdlibm (1993), here for the natural logarithm, without its table.
#[inline(always)]
fn precise_ln((k, m): (f64, f64)) -> (f64, f64) {
    let f = m - 1.0;
    let divisor = m + 1.0;
    let divisor_low = m - (divisor - 1.0);
    let inverse = 1.0 / divisor;
    let s = f * inverse;
    let s_low = inverse * fma(-s, divisor_low, fma(-s, divisor, f));
    let z = s * s;
    let w = z * z;
    let even = fma(w, fma(w, fma(w, TERMS[6], TERMS[4]), TERMS[2]), TERMS[0]);
    let odd = fma(w, fma(w, TERMS[5], TERMS[3]), TERMS[1]);
    let series = z * fma(z, fma(z, odd, even), 1.0 / 3.0);
    let low = fma(s, series, s_low);
    let (whole, part) = (k * LN_2_HIGH, 2.0 * s);
    // |whole| > |part| unless it is 0, so what a sum rounds off is found by two subtractions.
    let sum = whole + part;
    let rest = (part - (sum - whole)) + fma(2.0, low, k * LN_2_LOW);
    let high = sum + rest;
    (high, rest - (high - sum))
}

/// Returns x to the power of y.
///
/// # Method
/// exp(y ln x), with the logarithm and the product to 2^-59. Error below 1.1 ulp up to |y ln x| = 20, below 6 ulp beyond. A negative base has whole powers and is
/// NaN otherwise; 0^0 = 1; the rest as in IEEE 754-2019, section 9.2.1.
#[inline(always)]
pub fn power(x: f64, y: f64) -> f64 {
    with_special_cases(x, y, |size, y| {
        of_split(split(size), clamp(y, -GREATEST_EXPONENT, GREATEST_EXPONENT))
    })
}

/// Returns x to the power of y where both are ordinary as a function of |x| and y says, and otherwise what the standard says.
#[inline(always)]
pub(super) fn with_special_cases(x: f64, y: f64, ordinary_power: impl Fn(f64, f64) -> f64) -> f64 {
    let size = x.abs();
    let ordinary = size > 0.0 && size < f64::INFINITY;
    let value = ordinary_power(choose(ordinary, size, 1.0), y);
    let beyond = choose((size == 0.0) == (y > 0.0), 0.0, f64::INFINITY);
    let value = choose(ordinary, value, beyond);
    let whole = is_whole(y.abs());
    let odd = whole & !is_whole(0.5 * y.abs());
    let value = choose(odd, value.copysign(x), value);
    let value = choose((x < 0.0) & ordinary & !whole, f64::NAN, value);
    let value = choose(x.is_nan() | y.is_nan(), f64::NAN, value);
    choose((y == 0.0) | (x == 1.0), 1.0, value)
}

/// Beyond 2^64 the result is 0, 1 or infinite, as at 2^64: |ln x| is at least 2^-53 or 0.
pub(super) const GREATEST_EXPONENT: f64 = 18_446_744_073_709_551_616.0;

/// Whether [`plain_power`] may be asked: what is near enough to 1, to a power so small that the result stays between e^-617 and e^617.
#[inline(always)]
pub(crate) fn has_plain_power(x: f64, y: f64) -> bool {
    const TWO_TO_127: f64 = 170_141_183_460_469_231_731_687_303_715_884_105_728.0;
    #[expect(
        clippy::manual_range_contains,
        reason = "two comparisons joined without a branch"
    )]
    let near_one = (x >= 1.0 / TWO_TO_127) & (x <= TWO_TO_127);
    near_one & (y.abs() <= 7.0)
}

/// Returns the same bits as [`power`] where [`has_plain_power`] holds, in half the time.
#[inline(always)]
pub(crate) fn plain_power(x: f64, y: f64) -> f64 {
    let (high, low) = product(precise_ln(split_normal(x)), y);
    plain_exp_of_sum(high, low)
}

#[inline(always)]
fn of_split(x: (f64, f64), y: f64) -> f64 {
    let (high, low) = product(precise_ln(x), y);
    #[expect(
        clippy::manual_range_contains,
        reason = "two comparisons joined without a branch"
    )]
    let outside = (high > GREATEST) | (high < LEAST);
    exp_of_sum(clamp(high, LEAST, GREATEST), choose(outside, 0.0, low))
}

/// Returns a number in two parts times y, in two parts.
#[inline(always)]
fn product((log, log_low): (f64, f64), y: f64) -> (f64, f64) {
    let high = y * log;
    (high, fma(y, log_low, fma(y, log, -high)))
}

/// Whether a number of at least 0 is whole.
#[inline(always)]
fn is_whole(size: f64) -> bool {
    // From here on all numbers are whole; adding it rounds smaller ones to whole numbers.
    const TWO_TO_52: f64 = 4_503_599_627_370_496.0;
    (size >= TWO_TO_52) | ((size + TWO_TO_52) - TWO_TO_52 == size)
}
