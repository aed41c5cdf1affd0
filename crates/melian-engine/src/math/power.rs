//! Powers.

use super::exponential::exp_of_sum;
use super::logarithm::split;
use super::{LN_2_HIGH, LN_2_LOW, ROUNDER, choose};

/// Clears the lower 27 bits of the mantissa, so that products of two such numbers are exact.
#[inline(always)]
fn upper(x: f64) -> f64 {
    f64::from_bits(x.to_bits() & 0xffff_ffff_f800_0000)
}

/// Returns the exact product as a sum of two numbers (Dekker 1971, without fused multiply-add).
#[inline(always)]
fn product(a: f64, b: f64) -> (f64, f64) {
    let high = a * b;
    let (a1, b1) = (upper(a), upper(b));
    let (a2, b2) = (a - a1, b - b1);
    (high, ((a1 * b1 - high) + a1 * b2 + a2 * b1) + a2 * b2)
}

/// Returns the exact sum as a sum of two numbers (Knuth 1969).
#[inline(always)]
fn sum(a: f64, b: f64) -> (f64, f64) {
    let high = a + b;
    let part = high - a;
    (high, (a - (high - part)) + (b - part))
}

/// Returns ln x as a sum of two numbers, with a relative error of about 2^-62. x is positive and finite.
#[inline(always)]
fn precise_ln(x: f64) -> (f64, f64) {
    let (k, m) = split(x);
    let f = m - 1.0;
    let divisor = 2.0 + f;
    // s = f / (2 + f) to twice the precision: the quotient, and what its product leaves over.
    let s = f / divisor;
    let (p, p_low) = product(s, divisor);
    let divisor_low = f - (divisor - 2.0);
    let s_low = ((f - p) - p_low - s * divisor_low) / divisor;
    // ln(1 + f) = 2 s + 2/3 s^3 + 2/5 s^5 + ..; the cube is at most a hundredth of s, so its rounding is below 2^-59.
    let z = s * s;
    let mut series = 2.0 / 27.0;
    series = series * z + 2.0 / 25.0;
    series = series * z + 2.0 / 23.0;
    series = series * z + 2.0 / 21.0;
    series = series * z + 2.0 / 19.0;
    series = series * z + 2.0 / 17.0;
    series = series * z + 2.0 / 15.0;
    series = series * z + 2.0 / 13.0;
    series = series * z + 2.0 / 11.0;
    series = series * z + 2.0 / 9.0;
    series = series * z + 2.0 / 7.0;
    series = series * z + 2.0 / 5.0;
    let (third, third_low) = product(z, 2.0 / 3.0);
    let (cube, cube_low) = product(s, third);
    let rest = cube_low + s * (third_low + z * z * series) + s_low * (2.0 + 2.0 * z);
    let (a, a_low) = sum(k * LN_2_HIGH, 2.0 * s);
    let (b, b_low) = sum(a, cube);
    let (high, low) = sum(b, (a_low + b_low) + (rest + k * LN_2_LOW));
    (high, low)
}

/// Returns x to the power of y.
///
/// # Method
/// exp(y ln x) with the logarithm and the product in twice the precision. Error at most 1.5 ulp where |y ln x| < 50, and 4 ulp up to
/// overflow. A negative base has whole powers and is NaN otherwise; 0^0 = 1; the rest as in IEEE 754-2019, section 9.2.1.
#[inline(always)]
pub fn power(x: f64, y: f64) -> f64 {
    let size = x.abs();
    let ordinary = size > 0.0 && size < f64::INFINITY;
    let (high, low) = precise_ln(choose(ordinary, size, 1.0));
    let (p, p_low) = product(high, y);
    let huge = p.abs() > 1e300;
    let value = exp_of_sum(p, choose(huge, 0.0, p_low + low * y));
    let beyond = choose((size == 0.0) == (y > 0.0), 0.0, f64::INFINITY);
    let value = choose(ordinary, value, beyond);
    let whole = (y.abs() >= 4_503_599_627_370_496.0) || ((y + ROUNDER) - ROUNDER == y) || half_of_odd(y);
    let odd = whole && is_odd(y);
    let negative = x < 0.0 || (x == 0.0 && x.is_sign_negative());
    let signed = choose(negative && odd, -value, value);
    let value = choose(x < 0.0 && ordinary && !whole, f64::NAN, signed);
    let value = choose(x.is_nan() || y.is_nan(), f64::NAN, value);
    choose(y == 0.0 || x == 1.0, 1.0, value)
}

/// Whole numbers from 2^51 to 2^52 lie outside the rounder's range; their halves do not.
#[inline(always)]
fn half_of_odd(y: f64) -> bool {
    let size = y.abs();
    size >= 2_251_799_813_685_248.0
        && (size - 2_251_799_813_685_248.0 + ROUNDER) - ROUNDER == size - 2_251_799_813_685_248.0
}

/// Whether a whole number is odd.
#[inline(always)]
fn is_odd(y: f64) -> bool {
    let half = 0.5 * y;
    let small = y.abs() < 2_251_799_813_685_248.0;
    small && (half + ROUNDER) - ROUNDER != half
}
