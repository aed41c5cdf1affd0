//! Claims on what comes through a pathway, and on what is necessary or sufficient, against algebra.

use std::collections::BTreeMap;

use melian_analysis::bar::Bar;
use melian_analysis::claim::{Decision, Verdict, decide};
use melian_analysis::formula::Futures;
use melian_analysis::worlds::worlds_needed;
use melian_engine::compile;
use melian_engine::ensemble::{self, Size};
use melian_language::check;

const SIZE: Size = Size {
    draws: 512,
    replications: 1_024,
    seed: 7,
};

/// Returns the verdict on a claim about a model.
fn decided(model: &str, formula: &str) -> Decision {
    let text =
        format!("melian 0.1\n{model}\nclaim c \"Claim\"\n  quote \"so it is\"\n  holds when {formula}\n");
    let checked = check(&BTreeMap::from([("model.mel".to_owned(), text)]));
    let model = checked
        .model
        .unwrap_or_else(|| panic!("{:#?}", checked.diagnostics));
    let program = compile(&model, &worlds_needed(&model)).unwrap_or_else(|found| panic!("{found:#?}"));
    let ensemble = ensemble::run(&program, &SIZE, 0, &|_, _| true).expect("it runs");
    decide(
        &model.claims[0],
        Futures {
            model: &model,
            ensemble: &ensemble,
        },
    )
}

/// The claim's only bar, after its share was found to be near what the algebra says.
fn bar(found: &Decision, share: f64) -> &Bar {
    assert!(
        (found.share - share).abs() < 0.02,
        "{} instead of {share}",
        found.share
    );
    let (low, high) = found.share_interval;
    assert!(low - 0.01 <= share && share <= high + 0.01, "{low} to {high}");
    let [bar] = found.bars.as_slice() else {
        panic!("one bar: {:?}", found.bars)
    };
    assert!((bar.share - found.share).abs() < 1e-12);
    bar
}

fn near(found: f64, expected: f64) {
    assert!((found - expected).abs() < 0.02, "{found} instead of {expected}");
}

/// Of the effect, which is -1 in every draw, the share `a` comes through the mediator.
const WAYS: &str = r#"
model ways "Two ways"
time weekly from 2024-01-01 for 1 week
const x = 1
param a ~ uniform(0, 1)
noise e ~ normal(0, 1)
let first = x
measure outcome = a * first + (1 - a) * x + e
intervention none { x = 0 }
pathway by_first "By the first" through first
"#;

#[test]
fn what_comes_through_a_pathway_is_the_share_of_the_algebra() {
    for (formula, value) in [
        ("share_through(none, outcome, by_first) > 0.3", 1.0),
        ("effect_through(none, outcome, by_first) < -0.3", -1.0),
        ("-effect_through(none, outcome, by_first) > 0.3", -1.0),
    ] {
        let found = decided(WAYS, formula);
        let bar = bar(&found, 0.7);
        assert_eq!(found.verdict, Verdict::Contested);
        let quantiles = bar.value.knowledge_quantiles.map(|quantile| quantile * value);
        let mut expected = [0.05, 0.5, 0.95];
        if value < 0.0 {
            expected.reverse();
        }
        quantiles
            .iter()
            .zip(expected)
            .for_each(|(found, expected)| near(*found, expected));
        let turns = bar.turns.map(|turn| turn.expect("it turns") * 0.3);
        turns
            .iter()
            .zip([0.2, 0.5, 0.8])
            .for_each(|(found, expected)| near(*found, expected));
    }
}

#[test]
fn a_pathway_that_nothing_goes_through_is_found_out() {
    let aside = WAYS
        .replace("let first = x", "let first = 2")
        .replace("a * first", "a * x");
    let found = decided(&aside, "effect_through(none, outcome, by_first) < -0.3");
    assert_eq!(found.verdict, Verdict::BuiltIn);
    assert!(
        found
            .words
            .contains("the effect of none on outcome through by_first is exactly zero"),
        "{}",
        found.words
    );
}

/// True with probability 0.4 + k, and 0.4 under the intervention, by the same luck: k of all futures are undone.
const LUCK: &str = r#"
model luck "Luck"
time weekly from 2024-01-01 for 1 week
const x = 1
param k ~ uniform(0, 0.4)
noise u ~ uniform(0, 1)
question passed = u < 0.4 + k * x
intervention none { x = 0 }
"#;

#[test]
fn necessity_and_sufficiency_of_draws_are_those_of_the_algebra() {
    // k / (0.4 + k) > 0.3 with k > 0.12 / 0.7; k / 0.6 > 0.3 with k > 0.18.
    let found = decided(LUCK, "necessity(none, passed) > 30%");
    let necessity = bar(&found, 1.0 - 0.12 / 0.7 / 0.4);
    let of = |k: f64| k / (0.4 + k);
    let [low, middle, high] = necessity.value.knowledge_quantiles;
    near(low, of(0.02));
    near(middle, of(0.2));
    near(high, of(0.38));
    near(necessity.turns[1].expect("it turns") * 0.3, of(0.2));
    let found = decided(LUCK, "sufficiency(none, passed) > 30%");
    let sufficiency = bar(&found, 1.0 - 0.18 / 0.4);
    near(sufficiency.value.knowledge_quantiles[1], 0.2 / 0.6);
    near(sufficiency.turns[0].expect("it turns") * 0.3, 0.08 / 0.6);
}

#[test]
fn a_ratio_of_risks_is_judged_by_its_margin() {
    // (0.4 + k) / 0.4 > 1.5 with k > 0.2.
    let found = decided(
        LUCK,
        "probability(passed) / (probability(passed) under none) > 1.5",
    );
    near(bar(&found, 0.5).value.knowledge_quantiles[1], 1.5);
}

#[test]
fn what_never_happens_leaves_open_whether_it_was_needed() {
    let never = LUCK.replace("u < 0.4 + k * x", "u < -k * x");
    let found = decided(&never, "necessity(none, passed) > 30%");
    assert_eq!(found.verdict, Verdict::Unresolved);
    assert!(found.words.contains("true in no future"), "{}", found.words);
}
