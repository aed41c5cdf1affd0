//! Holds the stated errors of elementary functions and distributions against values of 60 digits made outside the project
//! (`reference/make.py`).

use std::collections::BTreeMap;

use melian_engine::distribution::{beta, binomial, gamma, normal, poisson, student_t};
use melian_engine::math;

/// Greatest error of each function: units in the last place, or relative.
const BOUNDS: &[(&str, Bound)] = &[
    ("exp", Bound::Ulp(1.0)),
    ("exp_m1", Bound::Ulp(2.0)),
    ("ln", Bound::Ulp(1.0)),
    ("ln_1p", Bound::Ulp(2.0)),
    ("tanh", Bound::Ulp(3.0)),
    ("logistic", Bound::Ulp(3.0)),
    ("sin", Bound::Ulp(2.0)),
    ("cos", Bound::Ulp(2.0)),
    ("power", Bound::Ulp(2.0)),
    ("power_far", Bound::Ulp(4.0)),
    ("ln_gamma", Bound::Relative(1e-14)),
    ("normal_quantile", Bound::Relative(3e-15)),
    ("normal_cdf", Bound::Relative(8e-15)),
    ("gamma_cdf", Bound::Relative(1e-11)),
    ("gamma_quantile", Bound::Relative(1e-11)),
    ("gamma_table", Bound::Relative(1e-9)),
    ("beta_cdf", Bound::Relative(1e-11)),
    ("beta_quantile", Bound::Relative(1e-10)),
    ("student_t_cdf", Bound::Relative(1e-11)),
    ("student_t_quantile", Bound::Relative(1e-9)),
    ("poisson_quantile", Bound::Relative(0.0)),
    ("binomial_quantile", Bound::Relative(0.0)),
];

#[derive(Clone, Copy)]
enum Bound {
    Ulp(f64),
    Relative(f64),
}

fn compute(name: &str, a: &[f64]) -> f64 {
    match name {
        "exp" => math::exp(a[0]),
        "exp_m1" => math::exp_m1(a[0]),
        "ln" => math::ln(a[0]),
        "ln_1p" => math::ln_1p(a[0]),
        "tanh" => math::tanh(a[0]),
        "logistic" => math::logistic(a[0]),
        "sin" => math::sin(a[0]),
        "cos" => math::cos(a[0]),
        "power" | "power_far" => math::power(a[0], a[1]),
        "ln_gamma" => math::ln_gamma(a[0]),
        "normal_quantile" => normal::quantile(a[0]),
        "normal_cdf" => normal::cdf(a[0]),
        "gamma_cdf" => gamma::cdf(a[0], a[1]),
        "gamma_quantile" => gamma::quantile(a[0], a[1]),
        "gamma_table" => gamma::QuantileTable::new(a[0]).quantile(a[1]),
        "beta_cdf" => beta::cdf(a[0], a[1], a[2]),
        "beta_quantile" => beta::quantile(a[0], a[1], a[2]),
        "student_t_cdf" => student_t::cdf(a[0], a[1]),
        "student_t_quantile" => student_t::quantile(a[0], a[1]),
        "poisson_quantile" => poisson::quantile(a[0], a[1]),
        "binomial_quantile" => binomial::quantile(a[0], a[1], a[2]),
        other => panic!("no function {other}"),
    }
}

/// Reads a hexadecimal double as Python writes it: `-0x1.8p+1`.
fn number(text: &str) -> f64 {
    let (sign, text) = text.strip_prefix('-').map_or((1.0, text), |rest| (-1.0, rest));
    let (mantissa, exponent) = text
        .trim_start_matches("0x")
        .split_once('p')
        .expect("a hexadecimal double");
    let (whole, digits) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let bits = u64::from_str_radix(&format!("{whole}{digits:0<13}"), 16).expect("hexadecimal digits");
    let exponent: i32 = exponent.parse().expect("an exponent");
    // Two factors, so that subnormal numbers come out exactly.
    let half = exponent / 2;
    sign * bits as f64 * 2f64.powi(-52) * 2f64.powi(half) * 2f64.powi(exponent - half)
}

fn ulp(x: f64) -> f64 {
    let bits = x.abs().max(f64::MIN_POSITIVE).to_bits();
    f64::from_bits(bits + 1) - f64::from_bits(bits)
}

#[test]
fn functions_stay_within_their_stated_errors() {
    let text = include_str!("reference/values.txt");
    let mut worst: BTreeMap<&str, (f64, String)> = BTreeMap::new();
    let mut note = |name: &'static str, error: f64, place: String| {
        let entry = worst.entry(name).or_insert((-1.0, String::new()));
        // A NaN is the worst error of all.
        if !(error <= entry.0) {
            *entry = (error, place);
        }
    };
    for line in text.lines() {
        let fields: Vec<&str> = line.split(' ').collect();
        let numbers: Vec<f64> = fields[1..].iter().map(|field| number(field)).collect();
        let (&expected, arguments) = numbers.split_last().expect("a value");
        let mut names = vec![fields[0]];
        if fields[0] == "gamma_quantile" {
            names.push("gamma_table");
        }
        for name in names {
            let (name, bound) = BOUNDS
                .iter()
                .find(|(n, _)| *n == name)
                .expect("a bound for every function");
            let value = compute(name, arguments);
            let distance = (value - expected).abs();
            // Near a zero, functions whose documentation states an absolute error are held to that.
            let size = match *name {
                "sin" | "cos" => expected.abs().max(2f64.powi(-20)),
                "ln_gamma" => expected.abs().max(1.0),
                _ => expected.abs(),
            };
            let error = match bound {
                Bound::Ulp(_) => distance / ulp(size),
                Bound::Relative(_) if distance == 0.0 => 0.0,
                Bound::Relative(_) => distance / size,
            };
            note(name, error, format!("{arguments:?}: {value:e} for {expected:e}"));
        }
    }
    let mut wrong = Vec::new();
    for (name, bound) in BOUNDS {
        let (error, place) = worst
            .get(name)
            .unwrap_or_else(|| panic!("no reference value for {name}"));
        let (most, unit) = match bound {
            Bound::Ulp(most) => (*most, "ulp"),
            Bound::Relative(most) => (*most, "relative"),
        };
        println!("{name}: {error:.3e} {unit} at {place}");
        if !(*error <= most) {
            wrong.push(format!("{name}: {error:e} {unit}, stated {most:e}, at {place}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
