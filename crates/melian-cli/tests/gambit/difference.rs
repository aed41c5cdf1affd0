//! Two versions of the gambit: the changes between them account for the whole change of each headline answer.

use std::path::Path;
use std::process::Command;

use melian_report::data::{Change, Report};

use crate::{folder, texts};

/// What is edited in a copy: a file, what stands there, and what stands there in the later version.
const EDITS: [(&str, &str, &str); 5] = [
    // A figure.
    (
        "facts.toml",
        "low = 3000.0\ncentral = 10000.0\nhigh = 12000.0",
        "low = 3000.0\ncentral = 5000.0\nhigh = 6000.0",
    ),
    // A prior.
    (
        "fires.mel",
        "lethality_of_fire ~ normal(0.6, 0.47)",
        "lethality_of_fire ~ normal(0.3, 0.3)",
    ),
    // An equation.
    (
        "redeployment.mel",
        "* (1 + effort_bonus * focus[s, a])\n    /",
        "* (1 + 0.5 * effort_bonus * focus[s, a])\n    /",
    ),
    // A parameter is new, and an equation reads it.
    (
        "redeployment.mel",
        "(if a == russia then withdrawable else 1)",
        "(if a == russia then withdrawable else haste)",
    ),
    (
        "redeployment.mel",
        "let recall_rate[a: Side]",
        "param haste ~ 0.2 to 0.5 \"Haste\"\nlet recall_rate[a: Side]",
    ),
];

fn named(change: &Change) -> Vec<&str> {
    let edited = change.edited.iter().map(|edit| edit.name.as_str());
    edited.chain(change.added.iter().map(String::as_str)).collect()
}

fn difference(before: &Path, after: &Path) -> Report {
    let output = Command::new(env!("CARGO_BIN_EXE_melian"))
        .arg("diff")
        .args([before, after])
        .args(["--draws", "256", "--reps", "2", "--json", "--quiet"])
        .current_dir(after)
        .env("MELIAN_CACHE", after.join("cache"))
        .output()
        .expect("the command runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).expect("a report")
}

#[test]
fn changes_between_two_versions_account_for_all_that_headline_answers_differ_by() {
    let later = tempfile::tempdir().expect("a temporary folder");
    let mut files = texts("gambit");
    for (file, old, new) in EDITS {
        let text = files.get_mut(file).expect(file);
        assert_eq!(text.matches(old).count(), 1, "{old}");
        *text = text.replace(old, new);
    }
    for (name, text) in &files {
        std::fs::write(later.path().join(name), text).expect("a file");
    }
    let report = difference(&folder("gambit"), later.path());
    let difference = report.difference.expect("a difference");
    assert!(difference.all_orders);
    let changes: Vec<Vec<&str>> = difference.changes.iter().map(named).collect();
    assert_eq!(
        changes,
        [
            vec!["fact dprk_troops_in_russia"],
            vec!["let recall_rate", "param haste"],
            vec!["let share_wanted"],
            vec!["param lethality_of_fire"],
        ]
    );
    let headlines: Vec<_> = difference
        .answers
        .iter()
        .filter(|answer| answer.headline)
        .collect();
    assert_eq!(headlines.len(), 5);
    for answer in &headlines {
        let change = answer.change.mean.expect("a mean");
        let parts: Vec<f64> = answer
            .parts
            .iter()
            .map(|part| part.part.mean.expect("a mean"))
            .collect();
        let sum: f64 = parts.iter().sum();
        let size: f64 = parts.iter().map(|part| part.abs()).sum();
        assert!(size > 0.0, "{} does not move", answer.title);
        assert!(
            (sum - change).abs() <= 1e-9 * size,
            "{}: {parts:?} are not {change}",
            answer.title
        );
    }
    for (position, names) in changes.iter().enumerate() {
        let moves = |part: Option<f64>| part.is_some_and(|mean| mean != 0.0);
        let moved = headlines
            .iter()
            .filter(|answer| moves(answer.parts[position].part.mean));
        assert!(moved.count() > 0, "{names:?} moves nothing");
    }
}
