//! Explanations of single futures: of a model whose causes are known, and of the gambit against whole ensembles with one thing changed.

use std::collections::BTreeMap;
use std::path::Path;

use melian_analysis::explain::{Cause, Explanation, Target, What, explain, typical};
use melian_analysis::prior::priors;
use melian_analysis::worlds::worlds;
use melian_engine::ensemble::{self, Ensemble, Size, replay};
use melian_engine::{World, compile};
use melian_language::model::{InterventionId, Model, QuantityKind};
use melian_language::{check, check_with};

const SIZE: Size = Size {
    draws: 64,
    replications: 2,
    seed: 1,
};

fn checked(files: &BTreeMap<String, String>) -> Model {
    let checked = check(files);
    checked
        .model
        .unwrap_or_else(|| panic!("{:#?}", checked.diagnostics))
}

fn simulated(model: &Model) -> Ensemble {
    let program = compile(model, &[World::baseline()]).expect("the model compiles");
    ensemble::run(&program, &SIZE, 0, &|_, _| true).expect("the model runs")
}

fn explained(
    model: &Model,
    ensemble: &Ensemble,
    target: &str,
    (draw, replication): (u32, u32),
) -> Explanation {
    let program = compile(model, &[World::baseline()]).expect("the model compiles");
    let target = Target::named(&ensemble.layout, target).unwrap_or_else(|| panic!("no {target}"));
    let priors = priors(model, SIZE).expect("priors");
    let trajectory = replay(&program, &SIZE, draw, replication).expect("a future of the run");
    explain(model, ensemble, &priors, target, &trajectory).expect("an explanation")
}

const SWITCHES: &str = r#"melian 0.1
model switches "Two switches"
time weekly from 2024-01-01 for 10 weeks
event first at 2024-01-10
event second at 2024-01-20
event idle at 2024-01-20
event late when occurred(first) and elapsed > 4 week
param size ~ normal(0, 1)
let lit = if occurred(first) and occurred(second) then 1 else 0
measure sum = (if occurred(first) then 2 else 0) + (if occurred(second) then 1 else 0) + 0.001 * size
question both = occurred(first) and occurred(second) at 2024-03-01
question either = occurred(first) or occurred(second) at 2024-03-01
question large = size > 3 at 2024-03-01
"#;

fn names(explanation: &Explanation, causes: &[Cause]) -> Vec<Vec<String>> {
    let name = |&i: &usize| explanation.candidates[i].name.clone();
    causes
        .iter()
        .map(|cause| cause.without.iter().map(name).collect())
        .collect()
}

#[test]
fn what_is_needed_is_a_cause_and_what_is_enough_twice_is_a_pair() {
    let model = checked(&BTreeMap::from([(
        "switches.mel".to_owned(),
        SWITCHES.to_owned(),
    )]));
    let ensemble = simulated(&model);

    let both = explained(&model, &ensemble, "both", (0, 0));
    let mut found = names(&both, &both.causes);
    found.sort();
    assert_eq!(found, [["first"], ["second"]]);
    assert!(
        both.pairs.is_empty() && both.answer == 1.0 && both.causes.iter().all(|cause| cause.answer == 0.0)
    );
    // Without the first, what follows from it does not come about either.
    let first = both
        .causes
        .iter()
        .find(|cause| both.candidates[cause.without[0]].name == "first");
    let prevented: Vec<&str> = (first.expect("it is a cause").prevents.iter())
        .map(|&i| both.candidates[i].name.as_str())
        .collect();
    assert_eq!(prevented, ["late"]);

    let either = explained(&model, &ensemble, "either", (0, 0));
    assert!(either.causes.is_empty(), "{:?}", names(&either, &either.causes));
    let mut pair = names(&either, &either.pairs).concat();
    pair.sort();
    assert_eq!(pair, ["first", "second"]);

    let event = explained(&model, &ensemble, "late", (5, 1));
    assert_eq!(names(&event, &event.causes), [["first"]]);

    let large = explained(&model, &ensemble, "large", (0, 0));
    assert!(large.causes.is_empty() && large.pairs.is_empty() && large.answer == 0.0);
}

#[test]
fn an_assumption_far_out_is_a_cause_where_it_decides() {
    let text = SWITCHES.replace("size > 3", "size > 1.2");
    let model = checked(&BTreeMap::from([("switches.mel".to_owned(), text)]));
    let ensemble = simulated(&model);
    let large = ensemble
        .layout
        .measures
        .iter()
        .position(|output| output.name == "large")
        .expect("it is there");
    let (draw, replication) =
        typical(&ensemble, |future| ensemble.measures[0][large][future] == 1.0).expect("some are large");
    let explanation = explained(&model, &ensemble, "large", (draw, replication));
    let is_outer = explanation
        .candidates
        .iter()
        .any(|candidate| candidate.name == "size");
    // Of 1.2 and above, what lies below the 95% point is no candidate.
    let causes = names(&explanation, &explanation.causes);
    assert_eq!(
        causes,
        if is_outer {
            vec![vec!["size".to_owned()]]
        } else {
            vec![]
        }
    );
}

/// A coin tossed every week, and another that nothing reads: what hung on the luck of the first, and which noise decides which answer, is known.
#[test]
fn the_luck_of_a_noise_is_a_cause_where_it_decides() {
    let text = r#"melian 0.1
model luck "Luck"
time weekly from 2024-01-01 for 4 weeks
index Side { east, west }
noise storm[Side] ~ normal(0, 1)
noise calm ~ normal(0, 1)
correlate storm[east], storm[west] = 0.5
stock damage[s: Side] = 0
flow hurt[s: Side] to damage[s] = max(0, storm[s]) / 1 week + 0 * calm
measure lost[s: Side] = damage[s]
"#;
    let model = checked(&BTreeMap::from([("luck.mel".to_owned(), text.to_owned())]));
    let ensemble = simulated(&model);
    let explanation = explained(&model, &ensemble, "lost[east]", (0, 0));
    assert!(explanation.answer > explanation.yardstick, "{explanation:?}");
    assert_eq!(
        names(&explanation, &explanation.causes),
        [["storm[east]"]],
        "of four weeks some have damage in the east, and none of it is of the west or of what is not read"
    );
    // The median of the noise is zero, and so is all damage.
    assert_eq!(explanation.causes[0].answer, 0.0);
    assert_eq!(explanation.candidates.len(), 3);
}

#[test]
fn the_typical_future_is_the_medoid() {
    let model = checked(&BTreeMap::from([(
        "switches.mel".to_owned(),
        SWITCHES.to_owned(),
    )]));
    let mut ensemble = simulated(&model);
    // Distances by brute force, over all pairs.
    let columns: Vec<Vec<f64>> = ensemble.measures[0]
        .iter()
        .map(|column| column.to_vec())
        .collect();
    let futures = SIZE.futures();
    let sd = |values: &[f64]| {
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        (values.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / values.len() as f64).sqrt()
    };
    let total = |a: usize| -> f64 {
        let apart = |values: &Vec<f64>, b: usize| match sd(values) {
            0.0 => 0.0,
            sd => ((values[a] - values[b]) / sd) * ((values[a] - values[b]) / sd),
        };
        (0..futures)
            .map(|b| columns.iter().map(|values| apart(values, b)).sum::<f64>())
            .sum()
    };
    let (draw, replication) = typical(&ensemble, |_| true).expect("there are futures");
    let found = (draw * SIZE.replications + replication) as usize;
    let least = (0..futures).map(total).fold(f64::INFINITY, f64::min);
    assert!(total(found) <= least * (1.0 + 1e-9), "{} {least}", total(found));
    ensemble.measures[0].clear();
    assert!(typical(&ensemble, |_| false).is_none());
}

/// Every stated cause changes the answer and no other candidate does, seen from outside: each change is written as on the command line, and all futures of
/// its world are run.
#[test]
fn causes_in_the_gambit_are_those_that_whole_ensembles_show() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/gambit");
    let files: BTreeMap<String, String> = std::fs::read_dir(folder)
        .expect("the shipped model is there")
        .map(|entry| entry.expect("an entry").path())
        .map(|path| {
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            (name, std::fs::read_to_string(&path).expect("text"))
        })
        .collect();
    let model = checked(&files);
    let ensemble = simulated(&model);
    let mut stated = 0;
    for (target, near) in [
        ("rok_lethal_aid_by_2025_10_26", "rok_lethal_aid_by_2025_10_26"),
        ("dprk_in_ukraine_by_2025_10_26", "dprk_in_ukraine_by_2025_10_26"),
        ("southern_gain", "ceasefire_by_2025_10_26"),
    ] {
        let position = |name: &str| {
            ensemble
                .layout
                .measures
                .iter()
                .position(|output| output.name == name)
                .expect("it is there")
        };
        let near = position(near);
        let future =
            typical(&ensemble, |future| ensemble.measures[0][near][future] == 1.0).expect("it happens");
        let explanation = explained(&model, &ensemble, target, future);
        let changes: Vec<String> = (explanation.candidates.iter())
            .map(|candidate| {
                let quantity = model.quantity(candidate.quantity);
                let value = match (candidate.what, &quantity.kind) {
                    (What::Event { .. }, _) => "never".to_owned(),
                    (What::Choice { .. }, QuantityKind::Choice(choice)) => {
                        choice.options[choice.start as usize].name.clone()
                    }
                    (What::Parameter { median, .. }, _) => match quantity.unit.text.as_str() {
                        "1" => format!("{}", median / quantity.unit.scale),
                        unit => format!("{} {unit}", median / quantity.unit.scale),
                    },
                    (What::Luck, _) => "median".to_owned(),
                    _ => unreachable!("a choice is a choice"),
                };
                format!("{} = {value}", candidate.name)
            })
            .collect();
        let known = model.interventions.len() as u32;
        let with = check_with(&files, &changes);
        let with = with
            .model
            .unwrap_or_else(|| panic!("{changes:?} {:#?}", with.diagnostics));
        let ids: Vec<InterventionId> = (0..changes.len() as u32)
            .map(|i| InterventionId(known + i))
            .collect();
        let at = (future.0 * SIZE.replications + future.1) as usize;
        for (ids, first) in ids.chunks(24).zip((0..).step_by(24)) {
            let program = compile(&with, &worlds(&with, ids)).expect("the model compiles");
            let run = ensemble::run(&program, &SIZE, 0, &|_, _| true).expect("the model runs");
            for (world, candidate) in (1..run.measures.len()).zip(first..) {
                let without = run.measures[world][position(target)][at];
                let is_other = (without - explanation.answer).abs() > explanation.yardstick;
                let is_stated = explanation
                    .causes
                    .iter()
                    .any(|cause| cause.without == [candidate]);
                assert_eq!(is_other, is_stated, "{target} {future:?}: {}", changes[candidate]);
                stated += usize::from(is_stated);
            }
        }
    }
    assert!(stated >= 3, "{stated} causes in three futures");
}
