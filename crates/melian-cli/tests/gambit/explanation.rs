//! What is told of single futures of the gambit.

use std::process::Command;

use melian_report::data::{Explanation, Report};

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
