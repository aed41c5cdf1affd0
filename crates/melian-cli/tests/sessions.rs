//! Pages of the book that are a session at a terminal: what they save and type is done, in order and in one folder, and what they show is what
//! is answered.
//!
//! `UPDATE=1 cargo test -p melian-cli --test sessions` writes the answers.

#![cfg(unix)]

mod followed;

use followed::Followed;
use melian_report::data::Report;

#[test]
fn how_to_argue_with_the_model_is_true() {
    Followed::to_the_end("guide/arguing.md", None);
}

#[test]
fn what_each_change_to_a_copy_does_is_true() {
    Followed::to_the_end("guide/diff.md", None);
}

#[test]
fn shards_of_a_run_are_put_together() {
    Followed::to_the_end("guide/large.md", None);
}

#[test]
fn a_file_added_to_a_copy_is_a_mechanism_that_acts_on_others() {
    let followed = Followed::to_the_end("guide/second_patron.md", None);
    let report = followed.run("melian run patrons --draws 64 --json --quiet");
    let report: Report = serde_json::from_str(&report).expect("a report");
    let claims = report.claims.iter().map(|claim| claim.name.as_str());
    assert_eq!(
        claims.filter(|name| name.starts_with("second_patron_")).count(),
        2
    );
    let mended = report.checks.iter().find(|check| check.name == "missiles_add_up");
    assert!(
        mended.expect("the account").passed,
        "the account knows of the new store"
    );
    // Its own measure, then measures of dependence, technicians and balance.
    for name in [
        "missiles_for_iran",
        "autonomy_in_year",
        "technicians_in_end",
        "threat_year",
    ] {
        let measure = report.measures.iter().find(|answer| answer.label.name == name);
        let effects = &measure.unwrap_or_else(|| panic!("no measure {name}")).effects;
        let effect = effects
            .iter()
            .find(|effect| effect.world == "without_second_patron");
        assert!(effect.expect("the world is run").changed > 0.1, "{name}");
    }
}
