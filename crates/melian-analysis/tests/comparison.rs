//! Comparisons whose answer is known in algebra: effects, what pairing saves, necessity and sufficiency with their bounds, sweeps and
//! interactions. Agreement is within 4.5 Monte Carlo standard errors, or exact where nothing is random.

use std::collections::BTreeMap;

use melian_analysis::causation::{Bounded, causation};
use melian_analysis::effect::{Effect, changed, effect, interaction, pairing_of_step};
use melian_analysis::sample::Sample;
use melian_analysis::sweep::{Shape, respond};
use melian_analysis::worlds::{together, worlds};
use melian_engine::distribution::normal;
use melian_engine::ensemble::{Ensemble, Size, run};
use melian_engine::{World, compile_paired};
use melian_language::check_with;
use melian_language::model::{InterventionId, Model};

const SIZE: Size = Size {
    draws: 2048,
    replications: 10,
    seed: 1,
};

fn checked(text: &str, changes: &[&str]) -> Model {
    let files = BTreeMap::from([("model.mel".to_owned(), text.to_owned())]);
    let changes: Vec<String> = changes.iter().map(|change| (*change).to_owned()).collect();
    let checked = check_with(&files, &changes);
    checked
        .model
        .unwrap_or_else(|| panic!("{:#?}", checked.diagnostics))
}

/// All futures of a model under each of its interventions, those of the model and those beside it.
fn ensemble(model: &Model, more: &[World]) -> Ensemble {
    let all: Vec<InterventionId> = (0..model.interventions.len() as u32)
        .map(InterventionId)
        .collect();
    let mut worlds = worlds(model, &all);
    worlds.extend(more.iter().cloned());
    let program = compile_paired(model, &worlds).expect("it compiles");
    run(&program, &SIZE, 2, &|_, _| true).expect("it runs")
}

fn values<'a>(ensemble: &'a Ensemble, world: &str, measure: &str) -> Sample<'a> {
    let layout = &ensemble.layout;
    let world = layout
        .worlds
        .iter()
        .position(|name| name == world)
        .expect("a world");
    let measure = layout
        .measures
        .iter()
        .position(|output| output.name == measure)
        .expect("a measure");
    Sample::new(&ensemble.measures[world][measure], SIZE)
}

fn effect_of(ensemble: &Ensemble, world: &str, measure: &str) -> Effect {
    effect(
        values(ensemble, world, measure),
        values(ensemble, "baseline", measure),
    )
}

#[track_caller]
fn near(value: f64, expected: f64, error: f64) {
    assert!(
        (value - expected).abs() <= 4.5 * error + 1e-9 * expected.abs(),
        "{value} for {expected}, standard error {error}"
    );
}

/// y = a + b x + e with a ~ N(1, 0.5), b ~ N(2, 1), luck e ~ N(0, 3): holding x at 1.5 instead of 1 changes y by b / 2.
const LINEAR: &str = "melian 0.1
model linear
time daily from 2025-01-01 for 3 days
param a ~ normal(1, 0.5)
param b ~ normal(2, 1)
const x = 1
const z = 0
noise e ~ normal(0, 3)
let y = a + b * x + 2 * z + e
series path = y
measure answer = y
measure apart = e
";

#[test]
fn the_effect_in_a_linear_model_is_that_of_algebra() {
    let model = checked(LINEAR, &["x=1.5"]);
    let found = effect_of(&ensemble(&model, &[]), "x=1.5", "answer");
    let estimate = found.estimate;
    near(estimate.mean, 1.0, estimate.mc_error);
    // All of it is lack of knowledge: b / 2 has the standard deviation 1 / 2, and quantiles of the normal.
    near(estimate.knowledge_sd, 0.5, 0.5 / (2.0 * 2048.0_f64).sqrt());
    assert!(estimate.luck_sd < 1e-12, "what is left is rounding");
    for (point, z) in estimate
        .knowledge_quantiles
        .iter()
        .zip([-1.644_853_6, 0.0, 1.644_853_6])
    {
        // The error of a normal's quantile at 5%: sd sqrt(p (1 - p) / n) / density.
        near(
            *point,
            1.0 + 0.5 * z,
            0.5 * (0.05_f64 * 0.95 / 2048.0).sqrt() / 0.103_1,
        );
    }
    assert_eq!(found.changed, 1.0);
}

/// Two cuts of the unit line, at `least` and `most`: of luck, what lies below the first gains, what lies above the second loses. The lengths are those of a uniform
/// Dirichlet distribution, so gain less loss is triangular between draws; with one cut gain is uniform.
const CUTS: &str = "melian 0.1
model cuts
time daily from 2025-01-01 for 1 days
param a ~ uniform(0, 1)
param b ~ uniform(0, 1)
const on = 0
noise u ~ uniform(0, 1)
let least = min(a, b)
let most = max(a, b)
question moved = if on == 1 then u < least else u > most
question gained = on == 1 and u < a
question fallen = on == 0 and u < a
";

#[test]
fn the_distribution_of_an_effect_on_a_question_does_not_come_in_steps() {
    let model = checked(CUTS, &["on=1"]);
    let ensemble = ensemble(&model, &[]);
    // With two replications, means of draws are multiples of one half.
    for replications in [2, 10] {
        // Below x lies (1 + x)^2 / 2 of a triangular distribution.
        let edge = 1.0 - 0.1_f64.sqrt();
        // Variances between draws, and of luck within one: E[x (1 - x)], or E[gain + loss] less E[(gain - loss)^2].
        for (question, expected, between, within) in [
            ("moved", [-edge, 0.0, edge], 1.0 / 6.0, 0.5),
            ("gained", [0.05, 0.5, 0.95], 1.0 / 12.0, 1.0 / 6.0),
            ("fallen", [-0.95, -0.5, -0.05], 1.0 / 12.0, 1.0 / 6.0),
        ] {
            let thinned = |world| -> Vec<f64> {
                let sample = values(&ensemble, world, question);
                let draws = sample.values.chunks(sample.replications);
                draws
                    .flat_map(|draw| draw.iter().copied().take(replications))
                    .collect()
            };
            let (with, without) = (thinned("on=1"), thinned("baseline"));
            fn sample(values: &[f64], replications: usize) -> Sample<'_> {
                let values = values.into();
                Sample { values, replications }
            }
            let found = effect(sample(&with, replications), sample(&without, replications)).estimate;
            // The relative error of the mean square between draws is sqrt(2 / n), half as much of it is that of the standard deviation, by which ends move.
            let of_sd = (2.0_f64 / 2048.0).sqrt() * (between + within / replications as f64) / between / 2.0;
            for (point, expected_point) in found.knowledge_quantiles.iter().zip(expected) {
                let error = found.mc_error + (expected_point - expected[1]).abs() * of_sd;
                near(*point, expected_point, error);
            }
        }
    }
}

#[test]
fn pairing_saves_what_algebra_says() {
    let model = checked(LINEAR, &["x=1.5"]);
    let ensemble = ensemble(&model, &[]);
    // Variances of draws' means: 0.25 + 1 + 0.9 without, 0.25 + 2.25 + 0.9 with, 0.25 of the difference.
    let expected = (2.15 + 3.4) / 0.25;
    let found = effect_of(&ensemble, "x=1.5", "answer").pairing;
    // Each variance has a relative error of sqrt(2 / n).
    near(found, expected, expected * (2.0 * 2.0 / 2048.0_f64).sqrt());
    // Over time the same is found from sums alone.
    let step = |world: usize| &ensemble.series[world][0][2];
    let over_time = pairing_of_step(step(1), step(0), &ensemble.differences[0][0][2], SIZE.draws);
    assert!((over_time / found - 1.0).abs() < 1e-9, "{over_time} {found}");
}

#[test]
fn effects_over_time_are_those_of_measures() {
    let model = checked(LINEAR, &["x=1.5", "x=3 from 2025-01-03"]);
    let ensemble = ensemble(&model, &[]);
    let late = &ensemble.differences[1][0];
    assert_eq!(late.iter().map(changed).collect::<Vec<_>>(), [0.0, 0.0, 1.0]);
    let summary = &ensemble.differences[0][0][2];
    let mean = summary.sums.iter().sum::<f64>() / SIZE.futures() as f64;
    let of_measure = effect_of(&ensemble, "x=1.5", "answer").estimate.mean;
    assert!((mean - of_measure).abs() < 1e-12);
}

#[test]
fn what_changes_nothing_has_effect_exactly_zero_and_is_exact() {
    let model = checked(LINEAR, &["x=1", "x=7"]);
    let ensemble = ensemble(&model, &[]);
    for (world, measure) in [("x=1", "answer"), ("x=7", "apart")] {
        let found = effect_of(&ensemble, world, measure);
        assert_eq!(
            (found.estimate.mean, found.estimate.mc_error, found.changed),
            (0.0, 0.0, 0.0)
        );
        assert_eq!(found.pairing, f64::INFINITY);
    }
    for summary in &ensemble.differences[0][0] {
        assert_eq!((changed(summary), summary.sums), (0.0, [0.0; 8]));
    }
    // A shift by a number has an effect without error.
    let model = checked(LINEAR, &["z=1"]);
    let found = effect_of(&self::ensemble(&model, &[]), "z=1", "answer");
    assert!((found.estimate.mean - 2.0).abs() < 1e-12 && found.estimate.mc_error < 1e-12);
    assert_eq!(found.pairing, f64::INFINITY);
}

#[test]
fn a_sweep_of_a_linear_model_is_the_line() {
    let at = ["x=-1", "x=0", "x=1", "x=2"];
    let model = checked(LINEAR, &at);
    let ensemble = ensemble(&model, &[]);
    let samples: Vec<Sample> = at
        .iter()
        .map(|world| values(&ensemble, world, "answer"))
        .collect();
    let found = respond(&samples, false);
    assert_eq!(found.shape, Shape::Rising);
    for (point, x) in found.points.iter().zip([-1.0, 0.0, 1.0, 2.0]) {
        near(point.mean, 1.0 + 2.0 * x, point.mc_error);
    }
    // The same luck: the points lie on a line to rounding, in each future and so in their means.
    let mean = |i: usize| found.points[i].mean;
    assert!((mean(0) - 2.0 * mean(1) + mean(2)).abs() < 1e-12);
    assert!((mean(1) - 2.0 * mean(2) + mean(3)).abs() < 1e-12);
    // A line never turns.
    assert_eq!(found.monotone, 1.0);
}

#[test]
fn interventions_interact_only_where_the_model_multiplies() {
    let model = checked(LINEAR, &["x=2", "z=1", "b=3"]);
    let pair =
        |one, other| together(&model, &[InterventionId(one), InterventionId(other)]).expect("they agree");
    let ensemble = ensemble(&model, &[pair(0, 1), pair(0, 2)]);
    let beyond = |joint: &str, parts: [&str; 2]| {
        interaction(
            values(&ensemble, joint, "answer"),
            &parts.map(|part| values(&ensemble, part, "answer")),
            values(&ensemble, "baseline", "answer"),
        )
    };
    let additive = beyond("x=2+z=1", ["x=2", "z=1"]);
    assert_eq!((additive.estimate.mean, additive.changed), (0.0, 0.0));
    // b x at (3, 2) less at (b, 2) less at (3, 1), plus at (b, 1): (3 - b) (2 - 1).
    let multiplied = beyond("x=2+b=3", ["x=2", "b=3"]);
    near(multiplied.estimate.mean, 1.0, multiplied.estimate.mc_error);
    near(
        multiplied.estimate.knowledge_sd,
        1.0,
        1.0 / (2.0 * 2048.0_f64).sqrt(),
    );
}

#[test]
fn interventions_that_contradict_each_other_are_no_world() {
    let model = checked(LINEAR, &["x=2", "x=3", "x=2 from 2025-01-02", "z=1"]);
    let together = |ids: [u32; 2]| together(&model, &ids.map(InterventionId));
    assert_eq!(
        together([0, 1]).expect_err("x is 2 or 3").between,
        [InterventionId(0), InterventionId(1)]
    );
    assert!(together([0, 2]).is_err());
    assert_eq!(together([0, 3]).expect("they agree").name, "x=2+z=1");
}

/// y is true if x + u > c. With luck u ~ N(0, 1) shared by the worlds, x = 1 and x' = 0: p = P(u > c - 1), q = P(u > c).
/// Whatever is true without x is true with it, so r = p - q, the least that any coupling allows. In the second question the luck
/// of the worlds differs: the one reads u, the other an independent v, so r = p (1 - q).
const THRESHOLD: &str = "melian 0.1
model threshold
time daily from 2025-01-01 for 1 days
const x = 1
noise u ~ normal(0, 1)
noise v ~ normal(0, 1)
let own = if x > 0.5 then u else v
question shared = x + u > 0.7
question apart = x + own > 0.7
";

#[test]
fn necessity_and_sufficiency_of_a_threshold_are_those_of_algebra() {
    let model = checked(THRESHOLD, &["x=0"]);
    let ensemble = ensemble(&model, &[]);
    let (p, q) = (normal::cdf(0.3), normal::cdf(-0.7));
    let bounds = [(p - q).max(0.0), p.min(1.0 - q)];
    for (question, r) in [("shared", p - q), ("apart", p * (1.0 - q))] {
        let found = causation(
            values(&ensemble, "x=0", question),
            values(&ensemble, "baseline", question),
        );
        let check = |found: Bounded, among: f64| {
            near(found.value, r / among, found.mc_error);
            near(found.low.0, bounds[0] / among, found.low.1);
            near(found.high.0, bounds[1] / among, found.high.1);
            assert!(
                found.mc_error > 0.0 && found.mc_error < 0.01,
                "{question}: {found:?}"
            );
            assert!(found.low.0 <= found.value && found.value <= found.high.0);
        };
        check(found.necessity, p);
        check(found.sufficiency, 1.0 - q);
        check(found.both, 1.0);
    }
}
