//! What holds of every model: nothing is lost, what changes nothing has no effect, luck stays where it is, order does not matter.

#[path = "oracle/generate.rs"]
mod generate;

use std::collections::BTreeMap;

use generate::{Dice, sketch};
use melian_engine::compile;
use melian_engine::distribution::normal;
use melian_engine::ensemble::{Ensemble, Size, run};
use melian_engine::expand::{World, expand};
use melian_engine::simplify::simplify;
use melian_language::check;
use melian_language::model::Model;

const SIZE: Size = Size {
    draws: 6,
    replications: 2,
    seed: 11,
};

/// How many generated models each property is tried on.
const MODELS: u64 = 25;

fn read(text: &str) -> Model {
    let checked = check(&BTreeMap::from([("model.mel".to_owned(), text.to_owned())]));
    checked
        .model
        .unwrap_or_else(|| panic!("{text}\n{:?}", checked.diagnostics))
}

fn ensemble(model: &Model) -> Ensemble {
    let program = compile(model, &World::all(model)).unwrap_or_else(|diagnostics| panic!("{diagnostics:?}"));
    run(&program, &SIZE, 1, &|_, _| true).expect("a small run succeeds")
}

/// Returns what each measure is in every future of the baseline, by name, as bits; not-a-numbers are one.
fn measures(ensemble: &Ensemble) -> BTreeMap<String, Vec<u64>> {
    let bits = |value: &f64| {
        if value.is_nan() {
            f64::NAN.to_bits()
        } else {
            value.to_bits()
        }
    };
    let named = ensemble.layout.measures.iter().zip(&ensemble.measures[0]);
    named
        .map(|(output, values)| (output.name.clone(), values.iter().map(bits).collect()))
        .collect()
}

/// A model of stocks that only move among themselves: through scaled flows, transfers and pipelines, under noise.
const CLOSED: &str = "melian 0.1
model closed \"Closed\"
time every 5 days from 2024-01-01 for 200 days
index I { a, b, c }
map next[I] -> I { a: b, b: c, c: a }
param pace ~ lognormal(median: 0.3, sigma: 1)
noise push[I] ~ gamma(0.4 + 0.2 * pace, 2)
stock held[i: I] = if i == a then 1000 else 10
flow march[i: I] from held[i] to held[next(i)] = pace * push[i] * held[i] / 5 day
flow train[i: I] from held[i] to held[next(next(i))] through pipeline(3, 20 day) = pace * 20 * push[next(i)] / 1 day
event raid[i: I] recurring at rate 0.05 / 1 day
transfer loot[i: I] = 30 * push[i] from held[i] to held[next(i)] on raid[i]
let all = sum(held[i] + in_transit(train[i]) for i in I)
measure total = all
measure lowest_ever = lowest of min(held[i] for i in I)
measure moved = total of sum(march[i] for i in I)
";

#[test]
fn stocks_conserve_and_stay_above_zero() {
    let ensemble = ensemble(&read(CLOSED));
    let measures = &ensemble.measures[0];
    let futures = measures[0].iter().zip(&measures[1]).zip(&measures[2]);
    for (future, ((&total, &lowest), &moved)) in futures.enumerate() {
        // Forty steps of some thirty additions, each off by half a last digit of a thousand at most.
        let rounding = 40.0 * 30.0 * 1020.0 * f64::EPSILON;
        assert!(
            (total - 1020.0).abs() < rounding,
            "future {future} ends with {total}"
        );
        assert!(lowest >= 0.0, "future {future} goes down to {lowest}");
        assert!(moved > 0.0, "nothing moves in future {future}");
    }
}

#[test]
fn an_intervention_that_changes_nothing_has_no_effect_and_costs_nothing() {
    for seed in 0..MODELS {
        let mut sketch = sketch(seed);
        sketch
            .declarations
            .retain(|declaration| !declaration.starts_with("intervention"));
        // The generated models start with a constant, and freezing or forbidding what stays as it is changes nothing.
        let constant = sketch.declarations[0].clone();
        let (head, value) = constant.split_once(" = ").expect("a constant has a value");
        let name = head
            .trim_start_matches("const ")
            .split('[')
            .next()
            .expect("a constant has a name")
            .to_owned();
        sketch.declarations.push("event impossible when 1 > 2".to_owned());
        sketch.declarations.push(format!(
            "intervention nothing {{\n  {name} = {value}\n  freeze drawn_1\n  impossible = never\n}}"
        ));
        let model = read(&sketch.text());
        let ensemble = ensemble(&model);
        let bits = |values: &Vec<f64>| values.iter().map(|value| value.to_bits()).collect::<Vec<u64>>();
        for (measure, output) in ensemble.layout.measures.iter().enumerate() {
            let (before, after) = (&ensemble.measures[0][measure], &ensemble.measures[1][measure]);
            assert_eq!(
                bits(&before.to_vec()),
                bits(&after.to_vec()),
                "model {seed}, `{}`:\n{}",
                output.name,
                sketch.text()
            );
        }
        let size = |worlds: &[World]| {
            let graph = expand(&model, worlds).expect("it compiled before").0;
            let graph = simplify(graph).graph;
            (graph.nodes.len(), graph.cells.len())
        };
        let worlds = World::all(&model);
        assert_eq!(
            size(&worlds),
            size(&worlds[..1]),
            "model {seed}:\n{}",
            sketch.text()
        );
    }
}

#[test]
fn a_new_declaration_changes_no_other_luck() {
    // Now and then the unit of a generated quantity hangs on nothing but itself, and the model is refused.
    let is_sound = |seed: &u64| {
        check(&BTreeMap::from([("model.mel".to_owned(), sketch(*seed).text())]))
            .model
            .is_some()
    };
    for seed in (100..).filter(is_sound).take(MODELS as usize) {
        let mut sketch = sketch(seed);
        let before = measures(&ensemble(&read(&sketch.text())));
        for declaration in [
            "param new_parameter ~ normal(0, 1)",
            "param another ~ beta(2, 3)",
            "correlate new_parameter, another = 0.7",
            "correlate new_noise = 0.4",
            "noise new_noise[i: I] ~ normal(new_parameter, 1)",
            "event new_event recurring at rate 0.3 / 1 day",
            "choice new_choice by nobody every 3 day\n  options { aye, nay }\n  start nay\n  utility { aye: new_noise[a], nay: 0 }",
            "choice new_ruled by nobody every 6 day\n  options { aye, nay }\n  start nay\n  rules { new_noise[a] > 0: aye, else: nay }",
            "let new_let = smooth(new_noise[b], 9 day, 0) + count(new_event)",
            "measure new_measure = another * new_let + (if new_choice == aye then 1 else 0) + (if new_ruled == aye then 1 else 0)",
        ] {
            sketch
                .declarations
                .insert(sketch.declarations.len() / 2, declaration.to_owned());
        }
        let after = measures(&ensemble(&read(&sketch.text())));
        for (name, values) in before {
            assert_eq!(values, after[&name], "model {seed}, `{name}`:\n{}", sketch.text());
        }
    }
}

#[test]
fn the_order_of_declarations_does_not_matter() {
    for seed in 200..200 + MODELS {
        let mut sketch = sketch(seed);
        let before = measures(&ensemble(&read(&sketch.text())));
        let mut dice = Dice::new(seed);
        for last in (1..sketch.declarations.len()).rev() {
            sketch.declarations.swap(last, dice.below(last + 1));
        }
        let after = measures(&ensemble(&read(&sketch.text())));
        assert_eq!(before, after, "model {seed}:\n{}", sketch.text());
    }
}

#[test]
fn a_long_chain_of_equations_needs_no_deep_stack() {
    let mut text =
        "melian 0.1\nmodel chain \"Chain\"\ntime daily from 2024-01-01 for 2 days\nlet x0 = 1\n".to_owned();
    for i in 1..20_000 {
        text.push_str(&format!("let x{i} = x{} + 1\n", i - 1));
    }
    text.push_str("measure last = x19999\n");
    let model = read(&text);
    let program = compile(&model, &World::all(&model)).expect("it compiles");
    let ensemble = run(
        &program,
        &Size {
            draws: 1,
            replications: 1,
            seed: 1,
        },
        1,
        &|_, _| true,
    )
    .expect("it runs");
    assert_eq!(ensemble.measures[0][0].to_vec(), [20_000.0]);
}

/// A model whose luck goes together, read as the uniform numbers behind it: `normal_cdf` of a standard normal.
fn correlated(declarations: &str) -> String {
    format!(
        "melian 0.1
model correlated \"Correlated\"
time daily from 2024-01-01 for 3 days
index I {{ x, y, z }}
param a ~ normal(0, 1)
param b ~ normal(0, 1)
param c ~ normal(0, 1)
param d ~ normal(0, 1)
noise n[I] ~ normal(0, 1)
noise m ~ normal(0, 1)
{declarations}
measure of_a = normal_cdf(a)
measure of_b = normal_cdf(b)
measure of_c = normal_cdf(c)
measure of_d = normal_cdf(d)
measure first[i: I] = normal_cdf(initial(n[i]))
measure last[i: I] = normal_cdf(n[i])
measure of_m = normal_cdf(m)
intervention held {{ b = 0.3 }}
"
    )
}

#[test]
fn a_correlation_changes_the_luck_of_its_group_alone_and_not_that_of_its_first() {
    let read_measures = |declarations: &str| measures(&ensemble(&read(&correlated(declarations))));
    let before = read_measures("");
    let changed = |declarations: &str| -> Vec<String> {
        let after = read_measures(declarations);
        let differ = before.iter().filter(|(name, values)| after[*name] != **values);
        differ.map(|(name, _)| name.clone()).collect()
    };
    assert_eq!(changed("correlate c, b = 0.6"), ["of_c"]);
    assert_eq!(changed("correlate b, c = 0.6"), ["of_c"]);
    assert_eq!(changed("correlate d, b, c = 0.6"), ["of_c", "of_d"]);
    assert_eq!(
        changed("correlate n = 0.6"),
        ["first[y]", "first[z]", "last[y]", "last[z]"]
    );
    assert_eq!(changed("correlate n[z], m = 0.6"), ["first[z]", "last[z]"]);
    // Nothing goes together by 0, to the bit.
    assert_eq!(changed("correlate a, b, c = 0"), Vec::<String>::new());
    // The order of declarations, and of names, is irrelevant.
    let one = read_measures("correlate d, a = 0.5\ncorrelate a, b = 0.3\ncorrelate c, d = -0.4");
    let other = read_measures("correlate d, c = -0.4\ncorrelate b, a = 0.3\ncorrelate a, d = 0.5");
    assert_eq!(one, other);
    // By 1, luck is one, to the bit.
    let same = read_measures("correlate a, d = 1");
    assert_eq!(same["of_a"], same["of_d"]);
}

#[test]
fn holding_a_correlated_parameter_leaves_the_others_as_they_were() {
    let ensemble = ensemble(&read(&correlated("correlate a, b, c, d = 0.7")));
    for (measure, output) in ensemble.layout.measures.iter().enumerate() {
        let (before, after) = (&ensemble.measures[0][measure], &ensemble.measures[1][measure]);
        assert_eq!(before == after, output.name != "of_b", "{}", output.name);
    }
}

/// Returns the ranks of values, from 0.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&i, &j| values[i].total_cmp(&values[j]));
    let mut ranks = vec![0.0; values.len()];
    for (rank, &place) in order.iter().enumerate() {
        ranks[place] = rank as f64;
    }
    ranks
}

fn pearson(a: &[f64], b: &[f64]) -> f64 {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let covariance = |a: &[f64], b: &[f64]| -> f64 {
        let (mean_a, mean_b) = (mean(a), mean(b));
        a.iter().zip(b).map(|(a, b)| (a - mean_a) * (b - mean_b)).sum()
    };
    covariance(a, b) / (covariance(a, a) * covariance(b, b)).sqrt()
}

#[test]
fn a_correlation_is_that_of_the_normals_and_leaves_each_distribution_as_it_was() {
    let correlations = "correlate a, b = 0.6\ncorrelate c, b = -0.5\ncorrelate c, d = 0.7\ncorrelate n = -0.3\ncorrelate n[y], m = 0.45";
    let model = read(&correlated(correlations));
    let program = compile(&model, &[World::baseline()]).expect("it compiles");
    let size = Size {
        draws: 20_000,
        replications: 1,
        seed: 3,
    };
    let ensemble = run(&program, &size, 2, &|_, _| true).expect("it runs");
    let named = |name: &str| {
        let place = ensemble
            .layout
            .measures
            .iter()
            .position(|output| output.name == name);
        ensemble.measures[0][place.expect("it is measured")].to_vec()
    };
    let futures = f64::from(size.draws);
    // Five standard errors, 1 / sqrt(n) at most.
    let near = 5.0 / futures.sqrt();
    let normals = |name: &str| -> Vec<f64> { named(name).iter().map(|&u| normal::quantile(u)).collect() };
    for (a, b, rho) in [
        ("of_a", "of_b", 0.6),
        ("of_b", "of_c", -0.5),
        ("of_c", "of_d", 0.7),
        ("of_a", "of_c", 0.0),
        ("of_a", "of_d", 0.0),
        ("of_b", "of_d", 0.0),
        ("last[x]", "last[y]", -0.3),
        ("last[x]", "last[z]", -0.3),
        ("first[y]", "first[z]", -0.3),
        ("last[y]", "of_m", 0.45),
        ("last[x]", "of_m", 0.0),
        ("first[x]", "last[x]", 0.0),
        ("first[x]", "last[y]", 0.0),
        ("first[y]", "of_m", 0.0),
        ("of_a", "last[y]", 0.0),
    ] {
        let found = pearson(&normals(a), &normals(b));
        assert!((found - rho).abs() < near, "{a}, {b}: {found} is not {rho}");
        // Kruskal (1958), "Ordinal measures of association", section 4: 6 / pi asin(rho / 2).
        let expected = 6.0 / std::f64::consts::PI * (rho / 2.0f64).asin();
        let found = pearson(&ranks(&named(a)), &ranks(&named(b)));
        assert!(
            (found - expected).abs() < near,
            "{a}, {b}: rank correlation {found} is not {expected}"
        );
    }
    for output in &ensemble.layout.measures {
        // Kolmogorov (1933): beyond 1.95 / sqrt(n) once in a thousand.
        let mut values = named(&output.name);
        values.sort_by(f64::total_cmp);
        let distance = values
            .iter()
            .enumerate()
            .map(|(rank, u)| (u - (rank as f64 + 0.5) / futures).abs());
        let distance = distance.fold(0.0, f64::max);
        assert!(
            distance < 1.95 / futures.sqrt(),
            "`{}` is {distance} from uniform",
            output.name
        );
    }
}
