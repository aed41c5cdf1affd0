//! Elementary functions of single precision: computed in double precision with as few terms as single precision needs, and rounded once.
//!
//! So their error is hardly above half a unit in the last place: below 0.51 ulp, held by tests against the functions of double precision.

use super::exponential::clamp;
use super::logarithm::split_normal;
use super::power::with_special_cases;
use super::{LN_2_HIGH, LN_2_LOW, ROUNDER, fma};
use crate::distribution::normal;

/// ln(1 + f) / f as a polynomial in f, for 1 + f between sqrt(1/2) and sqrt(2): relative error 2e-11. Fitted at Chebyshev's points.
const LN: [f64; 13] = [
    0.9999999999874651,
    -0.5000000003595171,
    0.3333333424920659,
    -0.24999992728449305,
    0.19999888139973632,
    -0.16667024572009081,
    0.1429081173942899,
    -0.12495435324992145,
    0.11006038270379548,
    -0.09945996186719662,
    0.1004720511888933,
    -0.09804420067786203,
    0.05235888516923783,
];

/// e^r as a polynomial in r, for |r| up to ln 2 / 2: relative error 6e-11. Fitted at Chebyshev's points.
const EXP: [f64; 8] = [
    0.9999999999562088,
    0.9999999999951367,
    0.5000000114362718,
    0.16666666793674462,
    0.04166620009206286,
    0.008333281514799859,
    0.0013949780330796578,
    0.0001990890397190586,
];

/// The normal quantile of p, divided by p - 1/2, as a polynomial in w - 25/8 where w = -ln(4 p (1 - p)) lies between 0 and 25/4: relative error 7e-10.
/// Fitted at Chebyshev's points.
const NORMAL: [f64; 13] = [
    4.677241420053186,
    0.6792699061501253,
    -0.017065798809511697,
    -0.0020949906075009394,
    0.0005281653789363175,
    -3.929290912077398e-05,
    -3.863127287414863e-06,
    1.2076963488712108e-06,
    -8.190830904178084e-08,
    -1.3442794626228128e-08,
    2.9313485932238557e-09,
    1.6088705780963038e-11,
    -3.555563247018919e-11,
];

/// Evaluates a polynomial, even and odd powers side by side.
#[inline(always)]
fn polynomial<const N: usize>(coefficients: [f64; N], x: f64) -> f64 {
    let square = x * x;
    let mut chains = [0.0; 2];
    let mut degree = N;
    while degree > 0 {
        degree -= 1;
        let chain = &mut chains[degree % 2];
        *chain = if degree + 2 >= N {
            coefficients[degree]
        } else {
            fma(*chain, square, coefficients[degree])
        };
    }
    fma(chains[1], x, chains[0])
}

/// Returns ln x to 2e-11 of it or of ln 2, for a positive normal x.
#[inline(always)]
fn short_ln(x: f64) -> f64 {
    let (k, m) = split_normal(x);
    let f = m - 1.0;
    fma(k, std::f64::consts::LN_2, f * polynomial(LN, f))
}

/// Returns e^x with a relative error of 6e-11, for |x| up to 700.
#[inline(always)]
fn short_exp(x: f64) -> f64 {
    let shifted = fma(x, std::f64::consts::LOG2_E, ROUNDER);
    let k = shifted - ROUNDER;
    let r = fma(-k, LN_2_LOW, fma(-k, LN_2_HIGH, x));
    // The lowest bits are the whole number; added to the exponent they scale exactly.
    f64::from_bits(polynomial(EXP, r).to_bits().wrapping_add(shifted.to_bits() << 52))
}

/// Returns e^x.
#[inline(always)]
pub(crate) fn exp(x: f32) -> f32 {
    // Beyond, what is rounded is 0 or infinite.
    short_exp(clamp(f64::from(x), -200.0, 200.0)) as f32
}

/// Whether [`plain_exp`] may be asked.
#[inline(always)]
pub(crate) fn has_plain_exp(x: f32) -> bool {
    x.abs() <= 700.0
}

/// Returns the same bits as [`exp`] where [`has_plain_exp`] holds.
#[inline(always)]
pub(crate) fn plain_exp(x: f32) -> f32 {
    short_exp(f64::from(x)) as f32
}

/// Returns the natural logarithm: minus infinity at 0, NaN below.
#[inline(always)]
pub(crate) fn ln(x: f32) -> f32 {
    let value = plain_ln(x);
    let value = if x == f32::INFINITY { x } else { value };
    let value = if x == 0.0 { f32::NEG_INFINITY } else { value };
    if x >= 0.0 { value } else { f32::NAN }
}

/// Whether [`plain_ln`] may be asked.
#[inline(always)]
pub(crate) fn has_plain_ln(x: f32) -> bool {
    (x > 0.0) & (x < f32::INFINITY)
}

/// Returns the same bits as [`ln`] where [`has_plain_ln`] holds.
#[inline(always)]
pub(crate) fn plain_ln(x: f32) -> f32 {
    short_ln(f64::from(x)) as f32
}

/// Returns x to the power of y, with the special cases of [`super::power()`].
#[inline(always)]
pub(crate) fn power(x: f32, y: f32) -> f32 {
    let value = with_special_cases(f64::from(x), f64::from(y), |size, y| {
        // Beyond, what is rounded is 0 or infinite.
        short_exp(clamp(y * short_ln(size), -200.0, 200.0))
    });
    value as f32
}

/// Whether [`plain_power`] may be asked.
#[inline(always)]
pub(crate) fn has_plain_power(x: f32, y: f32) -> bool {
    has_plain_ln(x) & (y.abs() <= 6.0)
}

/// Returns the same bits as [`power`] where [`has_plain_power`] holds.
#[inline(always)]
pub(crate) fn plain_power(x: f32, y: f32) -> f32 {
    short_exp(f64::from(y) * short_ln(f64::from(x))) as f32
}

/// Returns the standard normal quantile.
#[inline(always)]
pub(crate) fn normal_quantile(p: f32) -> f32 {
    if normal::has_plain_quantile(f64::from(p)) {
        plain_normal_quantile(p)
    } else {
        normal::quantile(f64::from(p)) as f32
    }
}

/// Returns the same bits as [`normal_quantile`] for probabilities in the central range.
///
/// # Method
/// That of [`normal::quantile`].
#[inline(always)]
pub(crate) fn plain_normal_quantile(p: f32) -> f32 {
    let p = f64::from(p);
    let t = -3.125 - short_ln(normal::spread(p));
    ((p - 0.5) * polynomial(NORMAL, t)) as f32
}
