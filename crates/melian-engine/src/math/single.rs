//! Elementary functions of single precision.
//!
//! Those that futures need most are computed in single precision throughout, with as few terms as it needs: twice the lanes in an instruction. Powers are computed in
//! double precision and rounded once. Errors are stated in units in the last place (ulp) and held by tests against the functions of double precision.

use super::exponential::clamp;
use super::logarithm::split_normal;
use super::power::{GREATEST_EXPONENT, with_special_cases};
use super::{LN_2_HIGH, LN_2_LOW, ROUNDER, fma, fma_single, in_halves};
use crate::distribution::normal;

/// ln(1 + f) / f as a polynomial in f, for powers, for 1 + f between sqrt(1/2) and sqrt(2): relative error 2e-11. Fitted at Chebyshev's points.
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

/// e^r as a polynomial in r, for powers, for |r| up to ln 2 / 2: relative error 6e-11. Fitted at Chebyshev's points.
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

/// (ln(1 + f) - f) / f^2 as a polynomial in f, for 1 + f between sqrt(1/2) and sqrt(2): error 3e-9 of the logarithm. Fitted at Chebyshev's points.
const LN_REST: [f32; 10] = [
    -0.5,
    0.33333322,
    -0.25000012,
    0.20001447,
    -0.16667537,
    0.14232318,
    -0.124208145,
    0.11812136,
    -0.11557288,
    0.06769024,
];

/// (e^r - 1 - r) / r^2 as a polynomial in r, for |r| up to ln 2 / 2: error 1e-8 of the exponential. Fitted at Chebyshev's points.
const EXP_REST: [f32; 5] = [0.5, 0.16666578, 0.041666556, 0.008363173, 0.0013926176];

/// (tanh(x) / x - 1) / x^2 as a polynomial in x^2, for |x| up to [`NEAR`]: error 2e-8 of the tangent. Fitted at Chebyshev's points.
const TANH_REST: [f32; 5] = [-0.33333328, 0.1333277, -0.053850908, 0.02099718, -0.006096714];

/// Up to here the hyperbolic tangent is a polynomial.
const NEAR: f32 = 0.625;

/// The normal quantile of p, divided by p - 1/2, as a quotient of polynomials in 4 p (1 - p), for p in the central range: relative error 2e-8, fitted as in double
/// precision.
const NORMAL: ([f32; 9], [f32; 9]) = (
    [
        8.2802858,
        23_871.91,
        11_007_224.0,
        1_289_485_568.0,
        44_415_954_944.0,
        462_961_344_512.0,
        1_374_729_535_488.0,
        941_775_388_672.0,
        69_849_702_400.0,
    ],
    [
        1.0,
        3_375.392_6,
        1_767_447.25,
        236_104_432.0,
        9_469_901_824.0,
        119_557_718_016.0,
        461_622_738_944.0,
        476_797_075_456.0,
        87_265_484_800.0,
    ],
);

/// Returns ln x to 2e-11 of it or of ln 2, for a positive normal x.
#[inline(always)]
fn short_ln(x: f64) -> f64 {
    let (k, m) = split_normal(x);
    let f = m - 1.0;
    fma(k, std::f64::consts::LN_2, f * in_halves(LN, f, fma))
}

/// Returns e^x with a relative error of 6e-11, for |x| up to 700.
#[inline(always)]
fn short_exp(x: f64) -> f64 {
    let shifted = fma(x, std::f64::consts::LOG2_E, ROUNDER);
    let k = shifted - ROUNDER;
    let r = fma(-k, LN_2_LOW, fma(-k, LN_2_HIGH, x));
    // The lowest bits are the whole number; added to the exponent they scale exactly.
    f64::from_bits(
        in_halves(EXP, r, fma)
            .to_bits()
            .wrapping_add(shifted.to_bits() << 52),
    )
}

/// Returns e^x: error below 1.2 ulp.
#[inline(always)]
pub(crate) fn exp(x: f32) -> f32 {
    if has_plain_exp(x) {
        plain_exp(x)
    } else {
        // Beyond, what is rounded is 0 or infinite.
        short_exp(clamp(f64::from(x), -200.0, 200.0)) as f32
    }
}

/// Whether [`plain_exp`] may be asked: neither overflow nor subnormal numbers are near.
#[inline(always)]
pub(crate) fn has_plain_exp(x: f32) -> bool {
    x.abs() <= 87.0
}

/// Returns the same bits as [`exp`] where [`has_plain_exp`] holds.
#[inline(always)]
pub(crate) fn plain_exp(x: f32) -> f32 {
    /// As [`ROUNDER`], for |x| < 2^22.
    const ROUNDER_SINGLE: f32 = 12_582_912.0;
    /// ln 2 minus what single precision holds of it.
    const LN_2_REST: f32 = -1.904_654_2e-9;
    let shifted = fma_single(x, std::f32::consts::LOG2_E, ROUNDER_SINGLE);
    let k = shifted - ROUNDER_SINGLE;
    let r = fma_single(-k, LN_2_REST, fma_single(-k, std::f32::consts::LN_2, x));
    let value = 1.0 + fma_single(r * r, in_halves(EXP_REST, r, fma_single), r);
    // The lowest bits are the whole number; added to the exponent they scale exactly.
    f32::from_bits(value.to_bits().wrapping_add(shifted.to_bits() << 23))
}

/// Returns the natural logarithm: minus infinity at 0, NaN below; error below 1.2 ulp.
#[inline(always)]
pub(crate) fn ln(x: f32) -> f32 {
    if has_plain_ln(x) {
        return plain_ln(x);
    }
    let value = short_ln(f64::from(x)) as f32;
    let value = if x == f32::INFINITY { x } else { value };
    let value = if x == 0.0 { f32::NEG_INFINITY } else { value };
    if x >= 0.0 { value } else { f32::NAN }
}

/// Whether [`plain_ln`] may be asked: of normal positive numbers.
#[inline(always)]
pub(crate) fn has_plain_ln(x: f32) -> bool {
    #[expect(
        clippy::manual_range_contains,
        reason = "two comparisons joined without a branch"
    )]
    let within = (x >= f32::MIN_POSITIVE) & (x < f32::INFINITY);
    within
}

/// Returns the same bits as [`ln`] where [`has_plain_ln`] holds.
#[inline(always)]
pub(crate) fn plain_ln(x: f32) -> f32 {
    /// The bits of sqrt(1/2), and how many lie between it and 1.
    const ROOT_HALF: u32 = 0x3f35_04f3;
    const TO_ONE: u32 = 0x3f80_0000 - ROOT_HALF;
    // Adding the distance from sqrt(1/2) to 1 moves the mantissas below sqrt(2) into the exponent below.
    let moved = x.to_bits().wrapping_add(TO_ONE);
    let f = f32::from_bits((moved & 0x007f_ffff).wrapping_add(ROOT_HALF)) - 1.0;
    let k = ((moved >> 23) as i32 - 127) as f32;
    let of_mantissa = fma_single(f * f, in_halves(LN_REST, f, fma_single), f);
    fma_single(k, std::f32::consts::LN_2, of_mantissa)
}

/// Returns x to the power of y, with the special cases of [`super::power()`]; error below 0.6 ulp.
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
    (x > 0.0) & (x < f32::INFINITY) & (y.abs() <= 6.0)
}

/// Returns the same bits as [`power`] where [`has_plain_power`] holds.
#[inline(always)]
pub(crate) fn plain_power(x: f32, y: f32) -> f32 {
    short_exp(f64::from(y) * short_ln(f64::from(x))) as f32
}

/// Returns the hyperbolic tangent: error below 2.5 ulp.
///
/// # Method
/// 1 - 2 / (exp(2|x|) + 1); near 0, where that loses digits, an odd polynomial.
#[inline(always)]
pub(crate) fn tanh(x: f32) -> f32 {
    let size = x.abs();
    let square = size * size;
    let near = fma_single(size * square, in_halves(TANH_REST, square, fma_single), size);
    // From 10 on the result is 1 to the last bit.
    let bounded = if size > 10.0 { 10.0 } else { size };
    let far = 1.0 - 2.0 / (plain_exp(2.0 * bounded) + 1.0);
    // What is no number stays so in the first of them alone.
    (if size >= NEAR { far } else { near }).copysign(x)
}

/// Returns the standard normal quantile: error below 6 ulp.
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
    spread(p) >= normal::EDGE as f32
}

/// Returns the same bits as [`normal_quantile`] for probabilities in the central range.
///
/// # Method
/// That of [`normal::quantile`].
#[inline(always)]
pub(crate) fn plain_normal_quantile(p: f32) -> f32 {
    let y = spread(p);
    let (above, below) = NORMAL;
    (p - 0.5) * (in_halves(above, y, fma_single) / in_halves(below, y, fma_single))
}

/// Returns 4 p (1 - p).
#[inline(always)]
fn spread(p: f32) -> f32 {
    4.0 * p * (1.0 - p)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math;

    /// Checks that the error of a function, in units of the last place, stays below a bound on numbers between two others, against one of double precision.
    fn check(
        name: &str,
        bound: f64,
        (low, high): (f64, f64),
        single: impl Fn(f32) -> f32,
        double: impl Fn(f64) -> f64,
    ) {
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
        assert!(
            worst.0 < bound,
            "{name} is off by {} ulp at {:?}",
            worst.0,
            worst.1
        );
    }

    #[test]
    fn functions_stay_within_their_stated_errors() {
        check("exp", 1.2, (-100.0, 88.0), exp, math::exp);
        check("exp near 0", 1.2, (-0.01, 0.01), exp, math::exp);
        check("tanh", 2.5, (-12.0, 12.0), tanh, math::tanh);
        check("tanh near 0", 2.5, (-0.02, 0.02), tanh, math::tanh);
        check("ln", 1.2, (1e-3, 3.0), ln, math::ln);
        check("ln of large numbers", 1.2, (1.0, 3e38), ln, math::ln);
        check("ln near 1", 1.2, (0.999, 1.001), ln, math::ln);
        check(
            "normal",
            6.0,
            (1e-7, 1.0 - 1e-7),
            normal_quantile,
            normal::quantile,
        );
        check(
            "normal in the lower tail",
            6.0,
            (1e-30, 1e-3),
            normal_quantile,
            normal::quantile,
        );
        for y in [-3.7_f32, -0.5, 0.1, 0.63, 2.0, 5.9, 11.5] {
            let base = (1e-2, 1e3);
            check(
                "power",
                0.6,
                base,
                |x| power(x, y),
                |x| math::power(x, f64::from(y)),
            );
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
        // How near ordinary results are is the matter of the other test.
        let special = |found: f32, expect: f64| {
            let ordinary = expect.is_finite() && expect.abs() > 1e-40 && expect.abs() != 1.0;
            ordinary && (f64::from(found) / expect - 1.0).abs() < 1e-6 || same(found, expect)
        };
        for x in cases {
            let of_x = [
                ("exp", exp(x), math::exp(f64::from(x))),
                ("ln", ln(x), math::ln(f64::from(x))),
                ("tanh", tanh(x), math::tanh(f64::from(x))),
            ];
            for (name, found, expect) in of_x {
                assert!(special(found, expect), "{name} {x}: {found}, not {expect}");
            }
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
