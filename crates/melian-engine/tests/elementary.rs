//! Holds the stated errors of elementary functions against arbitrary precision, at tens of thousands of points, and their special values
//! against IEEE 754.

use astro_float::{BigFloat, Consts, RoundingMode, Sign};
use melian_engine::math::{cos, exp, exp_m1, ln, ln_1p, logistic, logit, power, sin, tanh};
use melian_engine::noise;

/// Bits of the reference: enough for any argument here to lose 60 in a subtraction and keep 100.
const PRECISION: usize = 192;

const ROUND: RoundingMode = RoundingMode::ToEven;

/// Points of every range.
const POINTS: u32 = 2_000;

struct Reference(Consts);

impl Reference {
    fn new() -> Reference {
        Reference(Consts::new().expect("constants"))
    }

    fn exp(&mut self, x: &BigFloat) -> BigFloat {
        x.exp(PRECISION, ROUND, &mut self.0)
    }

    fn ln(&mut self, x: &BigFloat) -> BigFloat {
        x.ln(PRECISION, ROUND, &mut self.0)
    }
}

fn big(x: f64) -> BigFloat {
    // Subnormal numbers are scaled up and back, since their conversion is not exact.
    let scaled = BigFloat::from_f64(x * 2f64.powi(64), PRECISION);
    if x.abs() < f64::MIN_POSITIVE {
        divide(&scaled, &BigFloat::from_f64(2f64.powi(64), PRECISION))
    } else {
        BigFloat::from_f64(x, PRECISION)
    }
}

fn add(a: &BigFloat, b: &BigFloat) -> BigFloat {
    a.add(b, PRECISION, ROUND)
}

fn subtract(a: &BigFloat, b: &BigFloat) -> BigFloat {
    a.sub(b, PRECISION, ROUND)
}

fn divide(a: &BigFloat, b: &BigFloat) -> BigFloat {
    a.div(b, PRECISION, ROUND)
}

/// Returns sign, leading bits as a number from 1/2 to 1, and the exponent.
fn parts(x: &BigFloat) -> Option<(f64, f64, i32)> {
    let (words, _, sign, exponent, _) = x.as_raw_parts()?;
    let lead = words[words.len() - 1] as f64 / 2f64.powi(64);
    (lead > 0.0).then_some((if sign == Sign::Neg { -1.0 } else { 1.0 }, lead, exponent))
}

/// Returns how far a result lies from the exact value, in units in the last place of the latter.
fn error_in_ulp(result: f64, exact: &BigFloat) -> f64 {
    let Some((_, _, exponent)) = parts(exact) else {
        return if result == 0.0 { 0.0 } else { f64::INFINITY };
    };
    if !result.is_finite() {
        return f64::INFINITY;
    }
    let ulp_exponent = (exponent - 53).max(-1074);
    match parts(&subtract(exact, &big(result))) {
        None => 0.0,
        Some((_, lead, exponent)) => lead * 2f64.powi(exponent - ulp_exponent),
    }
}

/// Points of a range, addressed like all luck.
fn points(low: f64, high: f64) -> impl Iterator<Item = f64> {
    let site = noise::site(&format!("{low} to {high}"));
    (0..POINTS).map(move |i| low + (high - low) * noise::uniform::<f64>(1, site, i, 0, 0))
}

/// Points of a range of sizes, evenly on the logarithmic scale, with either sign if asked for.
fn sizes(low: f64, high: f64) -> impl Iterator<Item = f64> {
    points(low.log2(), high.log2()).map(|e| {
        let whole = e.floor();
        (e - whole + 1.0) * 2f64.powi((whole * 0.5) as i32) * 2f64.powi(whole as i32 - (whole * 0.5) as i32)
    })
}

fn both_signs(points: impl Iterator<Item = f64>) -> impl Iterator<Item = f64> {
    points.enumerate().map(|(i, x)| if i % 2 == 0 { x } else { -x })
}

/// Checks the error of one function at points.
fn check(
    name: &str,
    stated: f64,
    points: impl Iterator<Item = f64>,
    function: impl Fn(f64) -> f64,
    mut exact: impl FnMut(f64) -> BigFloat,
) {
    let (mut worst, mut place) = (0.0, f64::NAN);
    for x in points {
        let error = error_in_ulp(function(x), &exact(x));
        if error > worst {
            (worst, place) = (error, x);
        }
    }
    println!("{name}: {worst:.3} ulp at {place:e}");
    assert!(
        worst <= stated,
        "{name}: {worst} ulp at {place:e}, stated {stated}"
    );
}

#[test]
fn exponentials_stay_within_their_stated_errors() {
    let mut reference = Reference::new();
    let mut exact = |x: f64| reference.exp(&big(x));
    check("exp", 1.0, points(-1.0, 1.0), exp, &mut exact);
    check("exp", 1.0, points(-708.0, 709.78), exp, &mut exact);
    check(
        "exp to a subnormal number",
        1.0,
        points(-745.0, -708.0),
        exp,
        &mut exact,
    );
    let one = big(1.0);
    let mut exact = |x: f64| subtract(&reference.exp(&big(x)), &one);
    check("exp_m1", 2.0, points(-2.0, 2.0), exp_m1, &mut exact);
    check("exp_m1", 2.0, points(-60.0, 709.78), exp_m1, &mut exact);
    check("exp_m1", 2.0, both_signs(sizes(1e-30, 1.0)), exp_m1, &mut exact);
}

#[test]
fn logarithms_stay_within_their_stated_errors() {
    let mut reference = Reference::new();
    let mut exact = |x: f64| reference.ln(&big(x));
    check("ln", 0.8, points(0.5, 2.0), ln, &mut exact);
    check("ln", 0.8, points(0.999, 1.001), ln, &mut exact);
    check("ln", 0.8, sizes(5e-324, 1.7e308), ln, &mut exact);
    let one = big(1.0);
    let mut exact = |x: f64| reference.ln(&add(&one, &big(x)));
    check("ln_1p", 1.5, points(-0.999, 3.0), ln_1p, &mut exact);
    check("ln_1p", 1.5, both_signs(sizes(1e-30, 0.99)), ln_1p, &mut exact);
    check("ln_1p", 1.5, sizes(1e-3, 1e300), ln_1p, &mut exact);
    let mut exact = |p: f64| reference.ln(&divide(&big(p), &subtract(&one, &big(p))));
    check("logit", 2.2, points(0.0, 1.0), logit, &mut exact);
    check("logit", 2.2, points(0.49, 0.51), logit, &mut exact);
    check("logit", 2.2, sizes(1e-300, 0.5), logit, &mut exact);
}

#[test]
fn hyperbolic_functions_stay_within_their_stated_errors() {
    let mut reference = Reference::new();
    let mut exact = |x: f64| big(x).tanh(PRECISION, ROUND, &mut reference.0);
    check("tanh", 2.2, points(-3.0, 3.0), tanh, &mut exact);
    check("tanh", 2.2, points(-25.0, 25.0), tanh, &mut exact);
    check("tanh", 2.2, both_signs(sizes(1e-30, 1.0)), tanh, &mut exact);
    let one = big(1.0);
    let mut exact = |x: f64| divide(&one, &add(&one, &reference.exp(&big(-x))));
    check("logistic", 1.8, points(-10.0, 10.0), logistic, &mut exact);
    check("logistic", 1.8, points(-708.0, 50.0), logistic, &mut exact);
}

#[test]
fn powers_stay_within_their_stated_errors() {
    let mut reference = Reference::new();
    let mut exact = |x: f64, y: f64| {
        let logarithm = reference.ln(&big(x));
        reference.exp(&logarithm.mul(&big(y), PRECISION, ROUND))
    };
    let exponents = [0.5, 2.0, -1.0, 1.0 / 3.0, 0.37, -2.7, 3.0, 1e-3, 17.3];
    for y in exponents {
        check(
            &format!("power {y}"),
            1.1,
            sizes(1e-9, 1e9),
            |x| power(x, y),
            |x| exact(x, y),
        );
    }
    for base in [0.5, 0.999_999, 1.000_001, 2.0, 3.7, 1e100, 1e-310] {
        let range = 700.0 / ln(base).abs();
        let exponents = points(-range, range);
        check(
            &format!("power of {base:e}"),
            1.1,
            exponents,
            |y| power(base, y),
            |y| exact(base, y),
        );
    }
}

#[test]
fn trigonometric_functions_stay_within_their_stated_errors() {
    let mut reference = Reference::new();
    let mut exact_sin = |x: f64| big(x).sin(PRECISION, ROUND, &mut reference.0);
    let mut reference = Reference::new();
    let mut exact_cos = |x: f64| big(x).cos(PRECISION, ROUND, &mut reference.0);
    let quarter_turns = || (1..2_000).map(|n| f64::from(n) * std::f64::consts::FRAC_PI_2);
    for (size, stated) in [(8.0, 1.5), (1e3, 1.5), (1e6, 2.2)] {
        check("sin", stated, points(-size, size), sin, &mut exact_sin);
        check("cos", stated, points(-size, size), cos, &mut exact_cos);
    }
    check("sin", 1.5, both_signs(sizes(1e-30, 1.0)), sin, &mut exact_sin);
    check("sin at quarter turns", 1.5, quarter_turns(), sin, &mut exact_sin);
    check("cos at quarter turns", 1.5, quarter_turns(), cos, &mut exact_cos);
}

#[test]
fn special_values_follow_ieee_754() {
    const INFINITY: f64 = f64::INFINITY;
    const NAN: f64 = f64::NAN;
    let cases: &[(&str, f64, f64)] = &[
        ("exp 0", exp(0.0), 1.0),
        ("exp inf", exp(INFINITY), INFINITY),
        ("exp -inf", exp(-INFINITY), 0.0),
        ("exp overflow", exp(709.79), INFINITY),
        (
            "exp greatest",
            exp(709.782_712_893_384),
            1.797_693_134_862_273_2e308,
        ),
        ("exp least", exp(-745.133_219_101_941_1), 5e-324),
        ("exp underflow", exp(-745.14), 0.0),
        ("exp NaN", exp(NAN), NAN),
        ("exp_m1 -inf", exp_m1(-INFINITY), -1.0),
        ("exp_m1 inf", exp_m1(INFINITY), INFINITY),
        ("exp_m1 subnormal", exp_m1(1e-310), 1e-310),
        ("exp_m1 NaN", exp_m1(NAN), NAN),
        ("ln 1", ln(1.0), 0.0),
        ("ln 0", ln(0.0), -INFINITY),
        ("ln -0", ln(-0.0), -INFINITY),
        ("ln inf", ln(INFINITY), INFINITY),
        ("ln negative", ln(-1.0), NAN),
        ("ln NaN", ln(NAN), NAN),
        ("ln_1p -1", ln_1p(-1.0), -INFINITY),
        ("ln_1p below -1", ln_1p(-1.5), NAN),
        ("ln_1p inf", ln_1p(INFINITY), INFINITY),
        ("ln_1p subnormal", ln_1p(5e-324), 5e-324),
        ("ln_1p NaN", ln_1p(NAN), NAN),
        ("logit 0", logit(0.0), -INFINITY),
        ("logit 1", logit(1.0), INFINITY),
        ("logit half", logit(0.5), 0.0),
        ("logit below", logit(-0.1), NAN),
        ("logit above", logit(1.1), NAN),
        ("tanh inf", tanh(INFINITY), 1.0),
        ("tanh -inf", tanh(-INFINITY), -1.0),
        ("tanh NaN", tanh(NAN), NAN),
        ("logistic inf", logistic(INFINITY), 1.0),
        ("logistic -inf", logistic(-INFINITY), 0.0),
        ("logistic NaN", logistic(NAN), NAN),
        ("sin inf", sin(INFINITY), NAN),
        ("sin 0", sin(0.0), 0.0),
        ("cos 0", cos(0.0), 1.0),
        ("cos NaN", cos(NAN), NAN),
        ("0^0", power(0.0, 0.0), 1.0),
        ("NaN^0", power(NAN, 0.0), 1.0),
        ("1^NaN", power(1.0, NAN), 1.0),
        ("2^NaN", power(2.0, NAN), NAN),
        ("NaN^2", power(NAN, 2.0), NAN),
        ("0^2", power(0.0, 2.0), 0.0),
        ("0^-2", power(0.0, -2.0), INFINITY),
        ("(-0)^-3", power(-0.0, -3.0), -INFINITY),
        ("(-0)^-2", power(-0.0, -2.0), INFINITY),
        ("(-2)^3", power(-2.0, 3.0), -8.0),
        ("(-2)^-2", power(-2.0, -2.0), 0.25),
        ("(-2)^0.5", power(-2.0, 0.5), NAN),
        ("(-1)^inf", power(-1.0, INFINITY), 1.0),
        ("(-1)^(2^51 + 1)", power(-1.0, 2_251_799_813_685_249.0), -1.0),
        ("(-1)^(2^53)", power(-1.0, 9_007_199_254_740_992.0), 1.0),
        ("2^inf", power(2.0, INFINITY), INFINITY),
        ("2^-inf", power(2.0, -INFINITY), 0.0),
        ("0.5^inf", power(0.5, INFINITY), 0.0),
        ("0.5^-1e300", power(0.5, -1e300), INFINITY),
        ("inf^-1", power(INFINITY, -1.0), 0.0),
        ("(-inf)^3", power(-INFINITY, 3.0), -INFINITY),
        ("2^1024", power(2.0, 1024.0), INFINITY),
        ("2^-1074", power(2.0, -1074.0), 5e-324),
        ("2^-1076", power(2.0, -1076.0), 0.0),
        ("10^2", power(10.0, 2.0), 100.0),
    ];
    for (name, value, expected) in cases {
        let same = value == expected || value.is_nan() && expected.is_nan();
        assert!(same, "{name}: {value} for {expected}");
    }
}

#[test]
fn a_loop_over_lanes_gives_the_bits_of_the_scalar_call() {
    let inputs: Vec<f64> = points(-20.0, 20.0).chain(sizes(1e-300, 1e300)).collect();
    type Function = fn(f64) -> f64;
    type Loop = fn(&[f64], &mut [f64]);
    let functions: [(Function, Loop); 5] = [
        (exp, |a, to| {
            to.iter_mut().zip(a).for_each(|(to, &a)| *to = exp(a))
        }),
        (ln, |a, to| to.iter_mut().zip(a).for_each(|(to, &a)| *to = ln(a))),
        (tanh, |a, to| {
            to.iter_mut().zip(a).for_each(|(to, &a)| *to = tanh(a))
        }),
        (
            |x| power(x, 1.7),
            |a, to| {
                to.iter_mut().zip(a).for_each(|(to, &a)| *to = power(a, 1.7));
            },
        ),
        (sin, |a, to| {
            to.iter_mut().zip(a).for_each(|(to, &a)| *to = sin(a))
        }),
    ];
    for (scalar, lanes) in functions {
        let mut results = vec![0.0; inputs.len()];
        lanes(&inputs, &mut results);
        for (&x, result) in inputs.iter().zip(results) {
            let expected = std::hint::black_box(scalar)(x);
            assert!(
                result.to_bits() == expected.to_bits() || result.is_nan() && expected.is_nan(),
                "at {x:e}: {result:e} for {expected:e}"
            );
        }
    }
}
