//! What is told of single futures of the gambit.

use std::process::Command;

use melian_analysis::worlds::worlds;
use melian_engine::compile;
use melian_engine::ensemble::{Size, Trajectory, replay};
use melian_engine::layout::{Layout, Output};
use melian_language::check_with;
use melian_language::model::{InterventionId, Model, QuantityKind};
use melian_report::data::{Candidate, Explanation, Report};

use crate::{checked, texts};

const SIZE: Size = Size {
    draws: 32,
    replications: 2,
    seed: 1,
};

fn explained(arguments: &[&str]) -> Explanation {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let output = Command::new(env!("CARGO_BIN_EXE_melian"))
        .args(["explain", "gambit"])
        .args(arguments)
        .args(["--draws", "32", "--reps", "2", "--json", "--quiet"])
        .current_dir(folder.path())
        .env("MELIAN_CACHE", folder.path().join("cache"))
        .output()
        .expect("the command runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let report: Report = serde_json::from_slice(&output.stdout).expect("a report");
    report.explanation.expect("an explanation")
}

/// The option that was chosen is the one with the largest sum of what speaks for it and luck; what is not open cannot win.
#[test]
fn a_choice_is_made_for_what_speaks_for_it_and_luck() {
    let mut weighed = 0;
    for future in ["0:0", "7:1", "31:0"] {
        let told = explained(&["southern_gain", "--future", future]);
        for moment in &told.timeline {
            let [won, stood, ..] = moment.weighed.as_slice() else {
                continue;
            };
            let sum = |option: &melian_report::data::Weighed| {
                option.worth.expect("a worth") + option.taste.expect("a taste")
            };
            assert!(
                sum(won) > sum(stood),
                "{} on {}: {won:?} against {stood:?}",
                moment.what,
                moment.on
            );
            assert!(
                moment.what.ends_with(&won.option),
                "{} chose {}",
                moment.what,
                won.option
            );
            weighed += 1;
        }
    }
    assert!(weighed >= 20, "{weighed} choices");
}

/// What a candidate's absence is, as a change from the command line.
fn absence(model: &Model, candidate: &Candidate) -> String {
    let name = &candidate.name;
    let id = model
        .named(name.split('[').next().expect("a name"))
        .expect("it is declared");
    match (&model.quantity(id).kind, candidate.values) {
        (QuantityKind::Choice(choice), _) => {
            format!("{name}={}", choice.options[choice.start as usize].name)
        }
        (QuantityKind::Event(_), _) => format!("{name}=never"),
        (QuantityKind::Noise { .. }, _) => format!("{name}=median"),
        (_, Some((_, median))) => format!("{name}={median} {}", candidate.unit),
        _ => panic!("{candidate:?}"),
    }
}

/// One future of the gambit as it stands and under each of these changes, found without anything that explains.
fn replayed(changes: &[String], (draw, replication): (u32, u32)) -> (Model, Layout, Trajectory) {
    let checked = check_with(&texts("gambit"), changes);
    let model = checked
        .model
        .unwrap_or_else(|| panic!("{:#?}", checked.diagnostics));
    let id = |change: &String| {
        let position = model.interventions.iter().position(|known| known.name == *change);
        InterventionId(position.unwrap_or_else(|| panic!("no change {change}")) as u32)
    };
    let all: Vec<InterventionId> = changes.iter().map(id).collect();
    let program = compile(&model, &worlds(&model, &all)).unwrap_or_else(|found| panic!("{found:#?}"));
    let trajectory = replay(&program, &SIZE, draw, replication).expect("there is such a future");
    (model, program.layout, trajectory)
}

fn position(outputs: &[Output], name: &str) -> usize {
    let found = outputs.iter().position(|output| output.name == name);
    found.unwrap_or_else(|| panic!("no {name}"))
}

/// Every line that is told of a future is in its trajectory, nothing of it is left out, and what is said to have decided did so, and nothing else did.
#[test]
fn every_line_about_three_futures_is_in_their_trajectories() {
    let model = checked(&texts("gambit"));
    let (mut decided, mut idle) = (0, 0);
    for (target, future) in [
        ("southern_gain", (7, 1)),
        ("western_support", (11, 1)),
        ("leader_exit[us]", (31, 1)),
    ] {
        let told = explained(&[target, "--future", &format!("{}:{}", future.0, future.1)]);
        let changes: Vec<String> = (told.candidates.iter())
            .map(|candidate| absence(&model, candidate))
            .collect();
        let (model, layout, found) = replayed(&changes, future);
        let near = |one: f64, other: f64| (one - other).abs() <= 1e-9 * one.abs().max(other.abs());

        // The answer, and what it would have been.
        let measure = layout.measures.iter().position(|output| output.name == target);
        let answer = |world: usize| match measure {
            Some(position) => {
                let scale = match told.kind.as_str() {
                    "measure" => model.quantity(layout.measures[position].quantity).unit.scale,
                    _ => 1.0,
                };
                found.measures[world][position] / scale
            }
            None => *found.events[world][position(&layout.events, target)]
                .last()
                .expect("steps"),
        };
        assert!(near(told.answer.expect("an answer"), answer(0)), "{target}");
        let yardstick = told.yardstick.expect("a yardstick");
        for (candidate, change) in changes.iter().enumerate() {
            let stated = told.causes.iter().find(|cause| cause.without == [candidate]);
            let without = answer(candidate + 1);
            match stated {
                Some(cause) => {
                    assert!(near(cause.answer.expect("an answer"), without), "{change}");
                    assert!((without - answer(0)).abs() > yardstick, "{change}");
                    decided += 1;
                }
                None => {
                    assert!((without - answer(0)).abs() <= yardstick, "{change}");
                    idle += 1;
                }
            }
            // What is said not to come about without it.
            for &prevented in stated.iter().flat_map(|cause| &cause.prevents) {
                let other = &told.candidates[prevented];
                let (with, without) = match &other.options {
                    None => {
                        let event = position(&layout.events, &other.name);
                        [0, candidate + 1]
                            .map(|world| *found.events[world][event].last().expect("steps"))
                            .into()
                    }
                    Some(_) => {
                        let choice = layout
                            .choices
                            .iter()
                            .position(|(output, _)| output.name == other.name);
                        let choice = choice.expect("a choice");
                        let start = match &model.quantity(layout.choices[choice].0.quantity).kind {
                            QuantityKind::Choice(choice) => f64::from(choice.start),
                            _ => panic!("no choice"),
                        };
                        let leaves = |world: usize| {
                            let left = found.choices[world][choice]
                                .iter()
                                .filter(|option| **option != start);
                            left.count() as f64
                        };
                        (leaves(0), leaves(candidate + 1))
                    }
                };
                assert!(with > 0.0 && without == 0.0, "{} without {change}", other.name);
            }
        }

        // The timeline: when events first happened and how often, and every change of a choice.
        let mut lines = 0;
        for (output, counts) in layout.events.iter().zip(&found.events[0]) {
            let moments: Vec<_> = told
                .timeline
                .iter()
                .filter(|moment| moment.name == output.name)
                .collect();
            match counts.iter().position(|count| *count > 0.0) {
                None => assert!(moments.is_empty(), "{}", output.name),
                Some(first) => {
                    let [moment] = moments.as_slice() else {
                        panic!("{}: {moments:?}", output.name)
                    };
                    assert_eq!(moment.step as usize, first, "{}", output.name);
                    let times = counts.last().expect("steps");
                    let says = moment.what.ends_with(&format!("(first of {times})"));
                    assert_eq!(says, *times > 1.0, "{}", moment.what);
                    lines += 1;
                }
            }
        }
        for ((output, _), options) in layout.choices.iter().zip(&found.choices[0]) {
            let QuantityKind::Choice(choice) = &model.quantity(output.quantity).kind else {
                panic!("no choice")
            };
            let mut stands = f64::from(choice.start);
            let mut changes = Vec::new();
            for (step, &option) in options.iter().enumerate() {
                if option != stands {
                    stands = option;
                    let element = &choice.options[option as usize];
                    changes.push((
                        step as u32,
                        element.title.clone().unwrap_or(element.name.replace('_', " ")),
                    ));
                }
            }
            let moments = told.timeline.iter().filter(|moment| moment.name == output.name);
            for (moment, (step, option)) in moments.clone().zip(&changes) {
                assert!(
                    moment.step == *step && moment.what.ends_with(option.as_str()),
                    "{moment:?}"
                );
            }
            assert_eq!(moments.count(), changes.len(), "{}", output.name);
            lines += changes.len();
        }
        assert_eq!(lines, told.timeline.len(), "{target}");
        assert!(told.timeline.is_sorted_by_key(|moment| moment.step));

        // Stocks from the start to the end, and where series ended.
        for stock in &told.stocks {
            let name = stock.name.split('[').next().expect("a name");
            let scale = model.quantity(model.named(name).expect("a stock")).unit.scale;
            let cell = found.cells.iter().find(|cell| cell.name == stock.name);
            let values = &cell.expect("a cell").values;
            assert!(near(stock.from, values[0] / scale) && near(stock.to, values[values.len() - 1] / scale));
        }
        assert_eq!(told.endings.len(), layout.series.len());
        for ending in &told.endings {
            let series = position(&layout.series, &ending.name);
            let scale = model.quantity(layout.series[series].quantity).unit.scale;
            assert!(near(
                ending.value,
                found.series[0][series].last().expect("steps") / scale
            ));
        }
    }
    assert!(decided >= 3 && idle >= 200, "{decided} decided, {idle} did not");
}
