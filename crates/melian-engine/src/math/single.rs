//! Elementary functions of single precision: computed in double precision with as few terms as single precision needs, and rounded once.
//!
//! So their error is hardly above half a unit in the last place: below 0.6 ulp, held by tests against the functions of double precision.

use super::exponential::clamp;
use super::logarithm::split_normal;
use super::power::{GREATEST_EXPONENT, with_special_cases};
use super::{LN_2_HIGH, LN_2_LOW, ROUNDER, choose, fma};
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
        short_exp(clamp(
            clamp(y, -GREATEST_EXPONENT, GREATEST_EXPONENT) * short_ln(size),
            -200.0,
            200.0,
        ))
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

/// Returns the hyperbolic tangent.
///
/// # Method
/// (E - 1) / (E + 1) with E = exp(2|x|); near 0, where that loses digits, the series x - x^3 / 3.
#[inline(always)]
pub(crate) fn tanh(x: f32) -> f32 {
    let size = f64::from(x).abs();
    let e = short_exp(2.0 * choose(size > 10.0, 10.0, size));
    let near = fma(size * size, size * (-1.0 / 3.0), size);
    (choose(size < 0.01, near, (e - 1.0) / (e + 1.0)) as f32).copysign(x)
}

/// Returns the standard normal quantile.
#[inline(always)]
pub(crate) fn normal_quantile(p: f32) -> f32 {
    if has_plain_normal_quantile(p) {
        plain_normal_quantile(p)
    } else {
        normal::quantile(f64::from(p)) as f32
    }
}

/// Whether [`plain_normal_quantile`] may be asked.
#[inline(always)]
pub(crate) fn has_plain_normal_quantile(p: f32) -> bool {
    normal::has_plain_quantile(f64::from(p))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math;

    /// Checks a function against one of double precision on numbers between two others, by the error in units of the last place.
    fn check(name: &str, (low, high): (f64, f64), single: impl Fn(f32) -> f32, double: impl Fn(f64) -> f64) {
        const POINTS: u32 = 400_000;
        let mut worst = (0.0, 0.0);
        for i in 0..POINTS {
            let x = (low + (high - low) * f64::from(i) / f64::from(POINTS)) as f32;
            let expect = double(f64::from(x));
            let last =
                (f64::from((expect as f32).abs().next_up()) - f64::from((expect as f32).abs())).max(1e-45);
            let error = (f64::from(single(x)) - expect).abs() / last;
            // What is no number is the worst of all.
            if !(error <= worst.0) {
                worst = (error, x);
            }
        }
        assert!(worst.0 < 0.6, "{name} is off by {} ulp at {:?}", worst.0, worst.1);
    }

    #[test]
    fn functions_are_rounded_from_what_double_precision_says() {
        check("exp", (-100.0, 88.0), exp, math::exp);
        check("exp near 0", (-0.01, 0.01), exp, math::exp);
        check("tanh", (-12.0, 12.0), tanh, math::tanh);
        check("tanh near 0", (-0.02, 0.02), tanh, math::tanh);
        check("ln", (1e-3, 3.0), ln, math::ln);
        check("ln of large numbers", (1.0, 3e38), ln, math::ln);
        check("ln near 1", (0.999, 1.001), ln, math::ln);
        check("normal", (1e-7, 1.0 - 1e-7), normal_quantile, normal::quantile);
        check(
            "normal in the lower tail",
            (1e-30, 1e-3),
            normal_quantile,
            normal::quantile,
        );
        for y in [-3.7_f32, -0.5, 0.1, 0.63, 2.0, 5.9, 11.5] {
            let base = (1e-2, 1e3);
            check("power", base, |x| power(x, y), |x| math::power(x, f64::from(y)));
        }
    }

    #[test]
    fn special_cases_are_those_of_double_precision() {
        let cases = [
            0.0,
            -0.0,
            1.0,
            -1.0,
            2.0,
            -3.0,
            0.5,
            1e-45,
            3e38,
            1e9,
            f32::INFINITY,
            f32::NEG_INFINITY,
            f32::NAN,
        ];
        let same = |found: f32, expect: f64| {
            let expect = expect as f32;
            found == expect && found.is_sign_negative() == expect.is_sign_negative()
                || found.is_nan() && expect.is_nan()
        };
        for x in cases {
            assert!(same(exp(x), math::exp(f64::from(x))), "exp {x}: {}", exp(x));
            assert!(same(ln(x), math::ln(f64::from(x))), "ln {x}: {}", ln(x));
            assert!(same(tanh(x), math::tanh(f64::from(x))), "tanh {x}: {}", tanh(x));
            for y in cases {
                let (found, expect) = (power(x, y), math::power(f64::from(x), f64::from(y)));
                assert!(
                    same(found, expect),
                    "{x} to the power of {y}: {found}, not {expect}"
                );
            }
        }
        for p in [0.0, 1.0, -0.1, 1.1, f32::NAN] {
            let (found, expect) = (normal_quantile(p), normal::quantile(f64::from(p)));
            assert!(
                same(found, expect),
                "normal quantile of {p}: {found}, not {expect}"
            );
        }
    }
}
