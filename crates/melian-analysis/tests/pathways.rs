//! Effects taken apart by pathways, against algebra.

use std::collections::BTreeMap;

use melian_analysis::pathways::{Apart, OffPath, Parts, off_path};
use melian_analysis::sample::Sample;
use melian_engine::distribution::normal;
use melian_engine::ensemble::{self, Size};
use melian_engine::{World, compile_for};
use melian_language::check;
use melian_language::model::{InterventionId, Model, QuantityId, QuantityKind};

const SIZE: Size = Size {
    draws: 512,
    replications: 4,
    seed: 1,
};

fn checked(text: &str) -> Model {
    let files = BTreeMap::from([("model.mel".to_owned(), format!("melian 0.1\n{text}"))]);
    let checked = check(&files);
    checked
        .model
        .unwrap_or_else(|| panic!("{:#?}", checked.diagnostics))
}

/// Takes the first intervention's effect on every answer apart, by all pathways.
fn apart(model: &Model, size: Size) -> BTreeMap<String, (Parts, Vec<Vec<f64>>)> {
    let world = World::under(model, InterventionId(0));
    let all: Vec<usize> = (0..model.pathways.len()).collect();
    let apart = Apart::new(model, &world, &all);
    let asked: Vec<QuantityId> = (0..model.quantities.len() as u32)
        .map(QuantityId)
        .filter(|id| {
            matches!(
                model.quantity(*id).kind,
                QuantityKind::Measure { .. } | QuantityKind::Question { .. }
            )
        })
        .collect();
    let program = compile_for(model, &apart.worlds, &asked).unwrap_or_else(|found| panic!("{found:#?}"));
    let ensemble = ensemble::run(&program, &size, 0, &|_, _| true).expect("it runs");
    let outputs = ensemble.layout.measures.iter().enumerate();
    outputs
        .map(|(position, output)| {
            let values: Vec<Vec<f64>> = ensemble
                .measures
                .iter()
                .map(|world| world[position].to_vec())
                .collect();
            let samples: Vec<Sample> = values.iter().map(|values| Sample::new(values, size)).collect();
            let parts = apart.parts(&samples);
            (output.name.clone(), (parts, values))
        })
        .collect()
}

fn close(found: f64, expected: f64, what: &str) {
    assert!(
        (found - expected).abs() < 1e-9,
        "{what}: {found} instead of {expected}"
    );
}

/// Treatment x acts on the outcome directly (g), by the first mediator (a, then d), by the second (c, then f), and by the first through the second (a, b, f).
const LINEAR: &str = r#"
model linear "Linear, with normal noise"
time weekly from 2024-01-01 for 4 weeks
const x = 1
param u ~ normal(0, 1)
noise e ~ normal(0, 1)
let first = 2 * x + u
let second = 3 * first + 5 * x + e
measure outcome = 7 * first + 11 * second + 13 * x + e
measure aside = u + e
intervention none { x = 0 }
pathway by_first "By the first" through first
pathway by_second "By the second" through second
"#;

#[test]
fn parts_of_a_linear_effect_are_those_of_the_algebra() {
    let (a, b, c, d, f, g) = (2.0, 3.0, 5.0, 7.0, 11.0, 13.0);
    let found = apart(&checked(LINEAR), SIZE);
    let (parts, _) = &found["outcome"];
    let effect = -(a * d + (c + a * b) * f + g);
    close(parts.effect.mean, effect, "effect");
    close(parts.otherwise.mean, -g, "direct");
    let [first, second] = parts.parts.as_slice() else {
        panic!("two parts")
    };
    // The way through both mediators is shared alike between them.
    close(first.share.mean, -(a * d + a * b * f / 2.0), "the first's part");
    close(second.share.mean, -(c * f + a * b * f / 2.0), "the second's part");
    close(first.alone.mean, -(a * d + a * b * f), "the first alone");
    close(second.alone.mean, -(c + a * b) * f, "the second alone");
    close(
        first.missed.mean,
        -(a * d + a * b * f),
        "what is missed without the first",
    );
    close(
        second.missed.mean,
        -(c + a * b) * f,
        "what is missed without the second",
    );
    // Nothing of it is luck.
    assert!(parts.effect.mc_error < 1e-9 && first.share.luck_sd < 1e-9);
    // Nothing acts on what is aside, in any world and future.
    let (parts, values) = &found["aside"];
    assert!(values.iter().all(|world| world == &values[0]));
    close(parts.effect.mean, 0.0, "no effect");
}

/// The outcome is whether a threshold is passed: effects of ways do not add up, and have to be shared.
const THRESHOLD: &str = r#"
model threshold "A threshold"
time weekly from 2024-01-01 for 1 week
const x = 1
param u ~ normal(0, 1)
let left = x
let right = 0.5 * x
question passed = left + right + u > 1
intervention none { x = 0 }
pathway by_left through left
pathway by_right through right
"#;

#[test]
fn parts_of_a_threshold_are_those_of_the_normal_distribution() {
    let size = Size {
        draws: 8_192,
        replications: 1,
        seed: 3,
    };
    let found = apart(&checked(THRESHOLD), size);
    let (parts, values) = &found["passed"];
    // P(s + u > 1) with s = 1.5 in the baseline; open ways take their share of s away.
    let passed = |s: f64| normal::cdf(s - 1.0);
    let v = [0.0, -1.0, -0.5, -1.5].map(|change| passed(1.5 + change) - passed(1.5));
    let left = (v[1] + v[3] - v[2]) / 2.0;
    let right = (v[2] + v[3] - v[1]) / 2.0;
    let near = |found: melian_analysis::Estimate, expected: f64| {
        let error = found.mc_error.max(1e-4);
        assert!(
            (found.mean - expected).abs() < 5.0 * error,
            "{} instead of {expected}, error {error}",
            found.mean
        );
    };
    near(parts.effect, v[3]);
    near(parts.parts[0].share, left);
    near(parts.parts[1].share, right);
    near(parts.parts[0].alone, v[1]);
    near(parts.parts[0].missed, v[3] - v[2]);
    close(parts.otherwise.mean, 0.0, "no other way");
    // In the sum, and in every future: open(all) is what the parts add up to.
    let sum: f64 = parts.parts.iter().map(|part| part.share.mean).sum();
    close(sum + parts.otherwise.mean, parts.effect.mean, "the sum");
    let [base, open, left_closed, right_closed, closed, ..] = values.as_slice() else {
        panic!("a world for every set of ways")
    };
    let futures = base
        .iter()
        .zip(open)
        .zip(left_closed)
        .zip(right_closed)
        .zip(closed);
    for ((((base, open), left_closed), right_closed), closed) in futures {
        let [open, left_closed, right_closed, closed] =
            [open, left_closed, right_closed, closed].map(|with| with - base);
        let by_left = (right_closed + open - left_closed) / 2.0;
        let by_right = (left_closed + open - right_closed) / 2.0;
        assert_eq!(by_left + by_right + closed, open);
    }
}

/// Mediators with memory, choices and events.
const DYNAMIC: &str = r#"
model dynamic "State, events and choices"
time weekly from 2024-01-01 for 30 weeks
param push ~ 0.5 to 2
index side { us, them }
stock fear = 1
flow frightened : 1/week to fear = 0.2 * push / 1 week
let alarm[s: side] = smooth(fear, 3 week, 1) * (if s == us then 1 else 2)
event crisis at rate 0.05 * alarm[us] / 1 week
choice council by us every 4 weeks
  options { wait, act }
  start wait
  utility { wait: 0, act: alarm[us] - 1 }
let acts = if council == act then 1 else 0
measure heat = (if occurred(crisis) then 3 else 0) + acts + alarm[them]
question crisis_came = occurred(crisis) by 2024-07-01
intervention calm { push = 0.01 }
pathway by_crisis through crisis
pathway by_council through council
pathway by_alarm through alarm[us]
"#;

#[test]
fn mediators_with_state_are_held_as_they_are_in_the_other_world() {
    let model = checked(DYNAMIC);
    let found = apart(&model, SIZE);
    let (parts, values) = &found["crisis_came"];
    // The crisis hangs on alarm alone, and the question on the crisis alone: closed ways leave exactly nothing.
    assert!(parts.effect.mean < -0.05);
    assert_eq!(parts.otherwise.mean, 0.0);
    let crisis_closed = &values[1 + 0b001];
    let alarm_closed = &values[1 + 0b100];
    assert_eq!((crisis_closed, alarm_closed), (&values[0], &values[0]));
    // Opened alone, by what it is under the intervention, each brings the whole effect.
    assert_eq!((&values[9], &values[11]), (&values[1], &values[1]));
    let [crisis, council, alarm] = parts.parts.as_slice() else {
        panic!("three parts")
    };
    assert_eq!(council.share.mean, 0.0);
    close(crisis.share.mean, parts.effect.mean / 2.0, "half by the crisis");
    close(alarm.share.mean, parts.effect.mean / 2.0, "half by alarm");
    // The other element is no mediator: what goes through it comes otherwise.
    let (parts, _) = &found["heat"];
    assert!(parts.otherwise.mean < -0.3);
    let sum: f64 = parts.parts.iter().map(|part| part.share.mean).sum();
    close(sum + parts.otherwise.mean, parts.effect.mean, "the sum");
}

#[test]
fn a_pathway_that_leads_nowhere_is_known() {
    let text = r#"
model nowhere "Nowhere"
time weekly from 2024-01-01 for 4 weeks
const x = 1
let between = 2 * x
let aside = 3
let unread = x + 1
measure outcome = between + aside
series shown = unread
intervention none { x = 0 }
pathway good through between
pathway beside through aside
pathway blind through unread
"#;
    let model = checked(text);
    let world = World::under(&model, InterventionId(0));
    let off: Vec<Option<OffPath>> = model
        .pathways
        .iter()
        .map(|pathway| off_path(&model, &world, pathway))
        .collect();
    assert_eq!(off, [None, Some(OffPath::Unreached), Some(OffPath::Unread)]);
}
