//! What every run of the gambit answers: questions, series and interventions with names that readers and other runs rely on, and every claim of
//! the essay.

use std::collections::BTreeSet;

use melian_analysis::claim::{Verdict, decide};
use melian_analysis::formula::Futures;
use melian_analysis::worlds::worlds_needed;
use melian_language::model::{ClaimKind, Model, QuantityKind};

use crate::{MECHANISMS, SIZE, checked, ensemble_in, texts};

const QUESTIONS: [&str; 21] = [
    "salient_below_100_by_2025_06_29",
    "salient_above_300_at_2025_10_26",
    "dprk_sent_over_15000_by_2025_10_26",
    "dprk_sent_over_20000_by_2025_10_26",
    "dprk_casualties_over_3000_by_2025_10_26",
    "dprk_casualties_over_6000_by_2025_10_26",
    "dprk_in_ukraine_by_2025_10_26",
    "republican_win_2024",
    "deep_strikes_allowed_by_2025_01_20",
    "us_aid_interrupted_by_2025_10_26",
    "rok_lethal_aid_by_2025_10_26",
    "leader_exit_by_2025_10_26",
    "satellite_attempt_by_2025_10_26",
    "satellite_success_by_2025_10_26",
    "icbm_test_by_2025_10_26",
    "korea_armed_clash_by_2025_10_26",
    "forum_censure_by_2025_10_26",
    "china_recorded_trade_share_below_95",
    "outages_severe_by_2025_03_30",
    "mobilisation_wave_by_2025_10_26",
    "ceasefire_by_2025_10_26",
];

const SERIES: [&str; 16] = [
    "occupied_area",
    "occupied_area_total",
    "kursk_salient",
    "reported_losses",
    "dprk_in_russia",
    "dprk_casualties",
    "shell_stock",
    "fire_ratio",
    "will",
    "rok_aid_level",
    "dprk_capability_share",
    "china_share_of_inflows",
    "forum_gap",
    "norm_strength",
    "bloc_cohesion",
    "provocation_count",
];

const INTERVENTIONS: [&str; 15] = [
    "no_troops",
    "no_shells",
    "no_dprk",
    "double_troops",
    "no_treaty_cover",
    "no_technology_for_pyongyang",
    "no_western_reaction",
    "rok_arms_kyiv",
    "us_aid_continues",
    "us_aid_ends",
    "china_restrains",
    "forum_censures",
    "enforcement_restored",
    "mild_winter",
    "kyiv_leaves_kursk",
];

/// Names among these that no quantity of the model with that kind has.
fn missing<'n>(model: &Model, names: &[&'n str], is: fn(&QuantityKind) -> bool) -> Vec<&'n str> {
    let has = |name: &str| model.quantities.iter().any(|q| q.name == name && is(&q.kind));
    names.iter().copied().filter(|name| !has(name)).collect()
}

#[test]
fn the_gambit_answers_under_fixed_names() {
    let model = checked(&texts("gambit"));
    let questions = missing(&model, &QUESTIONS, |kind| {
        matches!(kind, QuantityKind::Question { .. })
    });
    let series = missing(&model, &SERIES, |kind| {
        matches!(kind, QuantityKind::Series { .. })
    });
    assert!(
        questions.is_empty() && series.is_empty(),
        "{questions:?} {series:?}"
    );
    let names: Vec<&str> = model.interventions.iter().map(|i| i.name.as_str()).collect();
    let without = MECHANISMS.map(|mechanism| format!("without_{mechanism}"));
    for wanted in INTERVENTIONS
        .into_iter()
        .chain(without.iter().map(String::as_str))
    {
        assert!(names.contains(&wanted), "{wanted}");
    }
    let by_leader = model.quantity(model.named("leader_exit_by_2025_10_26").expect("asked above"));
    assert_eq!(
        model.tuples(&by_leader.shape).len(),
        7,
        "seven states may lose a leader"
    );
}

/// The number of the essay's claim that a claim is about: `c14` of `c14_ground`.
fn number(name: &str) -> &str {
    name.split('_').next().expect("a name has a beginning")
}

#[test]
fn every_claim_of_the_essay_is_there() {
    let model = checked(&texts("gambit"));
    let found: BTreeSet<&str> = model.claims.iter().map(|claim| number(&claim.name)).collect();
    let essay: Vec<String> = (1..=45).map(|number| format!("c{number:02}")).collect();
    let essay: BTreeSet<&str> = essay.iter().map(String::as_str).collect();
    assert_eq!(found, essay);
    let normative = model
        .claims
        .iter()
        .filter(|claim| matches!(claim.kind, ClaimKind::Normative));
    assert!(normative.count() <= 4, "what can be measured is measured");
    for claim in &model.claims {
        assert!(claim.because.is_some(), "{} names its yardstick", claim.name);
        assert!(
            claim.quote.split_whitespace().count() <= 15,
            "{} quotes no more than it needs",
            claim.name
        );
    }
    for pair in [["c08", "c30"], ["c04", "c29"]] {
        let says = |one: &str, other: &str| {
            model
                .claims
                .iter()
                .any(|claim| claim.name == one && claim.contradicts.iter().any(|name| name == other))
        };
        assert!(says(pair[0], pair[1]) || says(pair[1], pair[0]), "{pair:?}");
    }
}

#[test]
fn no_claim_of_the_essay_is_true_or_false_by_construction() {
    let model = checked(&texts("gambit"));
    let ensemble = ensemble_in(&model, &worlds_needed(&model), &SIZE);
    let futures = Futures {
        model: &model,
        ensemble: &ensemble,
    };
    for claim in &model.claims {
        let verdict = decide(claim, futures).verdict;
        assert!(!matches!(verdict, Verdict::BuiltIn), "{}", claim.name);
    }
}
