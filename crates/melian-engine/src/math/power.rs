//! Powers.

use super::exponential::{GREATEST, LEAST, clamp, exp_of_sum};
use super::logarithm::split;
use super::{LN_2_HIGH, LN_2_LOW, choose};

/// Clears the lower 27 bits of the mantissa, so that products of two such numbers are exact.
#[inline(always)]
fn upper(x: f64) -> f64 {
    f64::from_bits(x.to_bits() & 0xffff_ffff_f800_0000)
}

/// Returns ln x as a sum of two numbers, the first with 26 bits; relative error about 2^-63. x is positive and finite.
///
/// # Method
/// x = 2^k m, s = (m - 1) / (m + 1), ln m = 2/3 s (3 + s^2 + 3/5 s^4 + ..): factors are cut into an upper and a lower half, so that what
/// counts is multiplied exactly.
///
/// # Source
/// The scheme is that of `pow` in Sun Microsystems' fdlibm (1993), here for the natural logarithm, without its table.
#[inline(always)]
fn precise_ln(x: f64) -> (f64, f64) {
    const TWO_THIRDS: f64 = 2.0 / 3.0;
    const TWO_THIRDS_HIGH: f64 = 0.666_666_656_732_559_204_1;
    const TWO_THIRDS_LOW: f64 = 9.934_107_462_565_104e-9;
    let (k, m) = split(x);
    let f = m - 1.0;
    let divisor = m + 1.0;
    let inverse = 1.0 / divisor;
    let s = f * inverse;
    let s_high = upper(s);
    let divisor_high = upper(divisor);
    let divisor_low = (divisor - divisor_high) + (m - (divisor - 1.0));
    let s_low = inverse * ((f - s_high * divisor_high) - s_high * divisor_low);
    // Fitted at Chebyshev points of 0 <= z <= 0.0295; what is left out is 2^-65 of the logarithm.
    let z = s * s;
    let w = z * z;
    let even =
        0.6 + w * (0.333_333_333_324_791_5 + w * (0.230_768_923_305_107_7 + w * 0.175_591_896_968_450_96));
    let odd = 0.428_571_428_571_440_6
        + w * (0.272_727_275_041_497_7 + w * (0.200_022_131_982_185_08 + w * 0.175_864_905_912_701_2));
    let square = s_high * s_high;
    let rest = s_low * (s_high + s) + w * (even + z * odd);
    let factor = upper(3.0 + square + rest);
    let factor_low = rest - ((factor - 3.0) - square);
    let product = s_high * factor;
    let product_low = s_low * factor + factor_low * s;
    let high = upper(product + product_low);
    let low = product_low - (high - product);
    let (whole, part) = (k * LN_2_HIGH, TWO_THIRDS_HIGH * high);
    let part_low = TWO_THIRDS_LOW * high + TWO_THIRDS * low + k * LN_2_LOW;
    // |whole| > |part| unless it is 0, so what the sum rounds off is found by two subtractions.
    let sum = whole + part;
    let sum_low = (part - (sum - whole)) + part_low;
    let result = upper(sum + sum_low);
    (result, sum_low - (result - sum))
}

/// Returns x to the power of y.
///
/// # Method
/// exp(y ln x), with the logarithm and the product to 2^-63. Error below 1.1 ulp. A negative base has whole powers and is
/// NaN otherwise; 0^0 = 1; the rest as in IEEE 754-2019, section 9.2.1.
#[inline(always)]
pub fn power(x: f64, y: f64) -> f64 {
    let size = x.abs();
    let ordinary = size > 0.0 && size < f64::INFINITY;
    let (log, log_low) = precise_ln(choose(ordinary, size, 1.0));
    // Beyond 2^64 the result is 0, 1 or infinite, as at 2^64: |ln x| is at least 2^-53 or 0.
    const TWO_TO_64: f64 = 18_446_744_073_709_551_616.0;
    let exponent = clamp(y, -TWO_TO_64, TWO_TO_64);
    let exponent_high = upper(exponent);
    let high = exponent_high * log;
    let low = (exponent - exponent_high) * log + exponent * log_low;
    #[expect(
        clippy::manual_range_contains,
        reason = "two comparisons joined without a branch"
    )]
    let outside = (high > GREATEST) | (high < LEAST);
    let value = exp_of_sum(clamp(high, LEAST, GREATEST), choose(outside, 0.0, low));
    let beyond = choose((size == 0.0) == (y > 0.0), 0.0, f64::INFINITY);
    let value = choose(ordinary, value, beyond);
    let whole = is_whole(y.abs());
    let odd = whole & !is_whole(0.5 * y.abs());
    let value = choose(odd, value.copysign(x), value);
    let value = choose((x < 0.0) & ordinary & !whole, f64::NAN, value);
    let value = choose(x.is_nan() | y.is_nan(), f64::NAN, value);
    choose((y == 0.0) | (x == 1.0), 1.0, value)
}

/// Whether a number of at least 0 is whole.
#[inline(always)]
fn is_whole(size: f64) -> bool {
    // From here on all numbers are whole; adding it rounds smaller ones to whole numbers.
    const TWO_TO_52: f64 = 4_503_599_627_370_496.0;
    (size >= TWO_TO_52) | ((size + TWO_TO_52) - TWO_TO_52 == size)
}
