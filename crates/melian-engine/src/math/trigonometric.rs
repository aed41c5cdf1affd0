//! Sine and cosine.

use super::{ROUNDER, choose};

/// Beyond it the reduction has no bits left to be right to a part in 1e9, and the result is NaN.
const LARGEST: f64 = 1e8;

/// pi/2 in three parts, the first two with 33 bits.
const PARTS: [f64; 3] = [
    1.570_796_326_734_125_614_17,
    6.077_100_506_303_965_976_6e-11,
    2.022_266_248_795_950_631_54e-21,
];

/// Returns x - n pi/2 with |.| <= pi/4, and n modulo 4.
#[inline(always)]
fn reduce(x: f64) -> (f64, u64) {
    let shifted = x * std::f64::consts::FRAC_2_PI + ROUNDER;
    let n = shifted - ROUNDER;
    let r = ((x - n * PARTS[0]) - n * PARTS[1]) - n * PARTS[2];
    (r, shifted.to_bits() & 3)
}

#[inline(always)]
fn sine_kernel(r: f64) -> f64 {
    let z = r * r;
    let mut p = 1.0 / 355_687_428_096_000.0;
    p = -1.0 / 1_307_674_368_000.0 + z * p;
    p = 1.0 / 6_227_020_800.0 + z * p;
    p = -1.0 / 39_916_800.0 + z * p;
    p = 1.0 / 362_880.0 + z * p;
    p = -1.0 / 5_040.0 + z * p;
    p = 1.0 / 120.0 + z * p;
    p = -1.0 / 6.0 + z * p;
    r + r * z * p
}

#[inline(always)]
fn cosine_kernel(r: f64) -> f64 {
    let z = r * r;
    let mut p = 1.0 / 20_922_789_888_000.0;
    p = -1.0 / 87_178_291_200.0 + z * p;
    p = 1.0 / 479_001_600.0 + z * p;
    p = -1.0 / 3_628_800.0 + z * p;
    p = 1.0 / 40_320.0 + z * p;
    p = -1.0 / 720.0 + z * p;
    p = 1.0 / 24.0 + z * p;
    let half = 0.5 * z;
    let rest = 1.0 - half;
    rest + (((1.0 - rest) - half) + z * z * p)
}

#[inline(always)]
fn turned(r: f64, quarter: u64) -> f64 {
    let value = choose(quarter & 1 == 1, cosine_kernel(r), sine_kernel(r));
    choose(quarter & 2 == 2, -value, value)
}

/// Returns the sine of x in radians.
///
/// # Method
/// Reduction by multiples of pi/2 in three parts (Cody and Waite 1980, chapter 8), Taylor polynomials. Error below 1.5 ulp for |x| <= 1000 and
/// 2.2 ulp for |x| <= 1e6; NaN beyond 1e8.
#[inline(always)]
pub fn sin(x: f64) -> f64 {
    let (r, n) = reduce(x);
    choose(x.abs() <= LARGEST, turned(r, n), f64::NAN)
}

/// Returns the cosine of x in radians; see [`sin`].
#[inline(always)]
pub fn cos(x: f64) -> f64 {
    let (r, n) = reduce(x);
    choose(x.abs() <= LARGEST, turned(r, n + 1), f64::NAN)
}
