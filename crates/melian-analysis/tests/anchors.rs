//! Anchors against closed forms, and when a lock is stale.

use std::collections::BTreeMap;

use melian_analysis::anchor::{SolveError, solve, stale};
use melian_engine::ensemble::{self, Size};
use melian_engine::math::{exp, ln};
use melian_engine::{World, compile};
use melian_language::check;
use melian_language::diagnostic::Diagnostic;
use melian_language::lock::{LOCK_FILE, Lock};
use melian_language::model::Model;

const PREAMBLE: &str = "melian 0.1\nmodel example \"Example\"\ntime weekly from 2024-01-01 for 52 weeks\n";

const SIZE: Size = Size {
    draws: 1024,
    replications: 10,
    seed: 1,
};

type Folder = BTreeMap<String, String>;

fn folder(text: &str) -> Folder {
    BTreeMap::from([("model.mel".to_owned(), format!("{PREAMBLE}{text}"))])
}

#[track_caller]
fn checked(files: &Folder) -> Model {
    let checked = check(files);
    checked
        .model
        .unwrap_or_else(|| panic!("{:?}", checked.diagnostics))
}

#[track_caller]
fn solved(text: &str) -> Lock {
    let model = checked(&folder(text));
    solve(&model, SIZE, 2, &|_| true).expect("it can be solved").lock
}

#[track_caller]
fn unmet(text: &str) -> Vec<Diagnostic> {
    match solve(&checked(&folder(text)), SIZE, 2, &|_| true) {
        Err(SolveError::Unsound(found)) => found,
        other => panic!("{other:?}"),
    }
}

/// A probability is solved for to half its Monte Carlo error, and has that error itself.
fn error(p: f64) -> f64 {
    1.5 * (p * (1.0 - p) / SIZE.futures() as f64).sqrt()
}

fn logit(p: f64) -> f64 {
    ln(p / (1.0 - p))
}

const HAZARD: &str = "
param heat ~ normal(-1, 1)
event break_in at rate exp(heat) / 1 year
question broken = occurred(break_in)
anchor heat so that probability(broken) ~ 0.1 to 0.3
";

#[test]
fn a_log_hazard_is_that_of_the_exponential_law() {
    // p = 1 - exp(-exp(x) T), so x = ln(-ln(1 - p) / T), with T = 52 weeks in years.
    let years = 364.0 / 365.25;
    let lock = solved(HAZARD);
    let [found] = &lock.anchors[..] else {
        panic!("{lock:?}")
    };
    for (x, p) in found.values.iter().zip(found.elicited) {
        let exact = ln(-ln(1.0 - p) / years);
        let slope = -(1.0 - p) * ln(1.0 - p);
        assert!(
            (x - exact).abs() < 3.0 * error(p) / slope,
            "{x} for {p}, exactly {exact}"
        );
    }
    // The 90% interval 0.1 to 0.3 is lognormal; its mean is exp(mu + sigma^2 / 2).
    let sigma = ln(3.0) / (2.0 * 1.644_853_626_951_472_2);
    let mean = (0.1_f64 * 0.3).sqrt() * exp(sigma * sigma / 2.0);
    assert!((found.mean - mean).abs() < 1e-3, "{} is {mean}", found.mean);
}

#[test]
fn a_run_has_the_mean_of_what_was_elicited() {
    let mut files = folder(HAZARD);
    let lock = solved(HAZARD);
    files.insert(LOCK_FILE.into(), lock.to_text());
    let model = checked(&files);
    let program = compile(&model, &[World::baseline()]).expect("it compiles");
    let ensemble = ensemble::run(&program, &SIZE, 2, &|_, _| true).expect("it runs");
    let values = &ensemble.measures[0][0];
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let found = &lock.anchors[0];
    assert_eq!(mean, found.run.0, "the same luck gives the same futures");
    assert!(
        (mean - found.mean).abs() < 3.0 * error(mean),
        "{mean}, elicited {}",
        found.mean
    );
}

#[test]
fn an_intercept_of_a_choice_is_its_log_odds() {
    let lock = solved(
        "
param reserve ~ normal(0, 0.5)
choice seoul by rok every 4 weeks
  options { hold, arm }
  start hold
  utility {
    hold: 0
    arm: -reserve
  }
  memory forever
question armed = seoul == arm
anchor reserve so that probability(armed) ~ uniform(0.05, 0.35)
",
    );
    let found = &lock.anchors[0];
    assert!(
        found.values.is_sorted_by(|a, b| a > b),
        "more reserve is less: {:?}",
        found.values
    );
    for (x, p) in found.values.iter().zip(found.elicited) {
        let (exact, slope) = (-logit(p), p * (1.0 - p));
        assert!(
            (x - exact).abs() < 3.0 * error(p) / slope,
            "{x} for {p}, exactly {exact}"
        );
    }
}

/// Two thresholds, each under the weight of the other's parameter.
fn coupled(weight: f64) -> String {
    format!(
        "
param a ~ normal(0, 1)
param b ~ normal(0, 1)
noise luck_a ~ logistic(0, 1)
noise luck_b ~ logistic(0, 1)
question first = a + {weight} * b + luck_a > 0
question second = b + {weight} * a + luck_b > 0
anchor a so that probability(first) ~ discrete(0.3: 1)
anchor b so that probability(second) ~ discrete(0.6: 1)
"
    )
}

#[test]
fn two_anchors_that_act_on_each_other_are_solved_together() {
    for weight in [0.5, -0.5, 0.8] {
        let lock = solved(&coupled(weight));
        // a + w b = logit 0.3 and b + w a = logit 0.6.
        let (first, second, determinant) = (logit(0.3), logit(0.6), 1.0 - weight * weight);
        let exact = [
            (first - weight * second) / determinant,
            (second - weight * first) / determinant,
        ];
        let off = 3.0 * (error(0.3) / 0.21 + error(0.6) / 0.24) / determinant;
        for (found, exact) in lock.anchors.iter().zip(exact) {
            assert!(
                (found.values[1] - exact).abs() < off,
                "{weight}: {:?}, exactly {exact}",
                found.values
            );
        }
    }
}

#[test]
fn anchors_that_push_one_another_for_ever_are_given_up() {
    let found = unmet(&coupled(1.5));
    assert!(found.iter().all(|d| d.code == "E0721"), "{found:?}");
}

#[test]
fn a_probability_out_of_reach_is_said_with_what_can_be_reached() {
    let found = unmet(
        "
param heat ~ normal(0, 1)
event chance at 2024-01-01 with probability 20%
event break_in at rate exp(heat) / 1 week if occurred(chance)
question broken = occurred(break_in)
anchor heat so that probability(broken) ~ 0.1 to 0.5
param drive ~ uniform(0, 1)
noise luck ~ uniform(0, 1)
question driven = drive * luck > 0.5
anchor drive so that probability(driven) ~ 0.6 to 0.7
",
    );
    let messages: Vec<&str> = found.iter().map(|d| d.message.as_str()).collect();
    assert_eq!(
        messages,
        [
            "no value of `heat` gives `broken` its elicited 22.4%",
            "no value of `drive` gives `driven` its elicited 60.0%"
        ]
    );
    // A fifth of all futures, to their Monte Carlo error of 0.4%.
    let most: f64 = found[0].notes[0]
        .rsplit(' ')
        .next()
        .and_then(|last| last.trim_end_matches('%').parse().ok())
        .expect("the note ends with a percentage");
    assert!((most - 20.0).abs() < 1.2, "{:?}", found[0].notes);
}

#[test]
fn a_probability_that_falls_and_rises_again_pins_nothing() {
    let found = unmet(
        "
param x ~ normal(0, 1)
noise luck ~ uniform(0, 1)
question far = abs(x) * luck > 1
anchor x so that probability(far) ~ 0.2 to 0.7
",
    );
    assert_eq!(
        found[0].message,
        "the probability of `far` neither rises nor falls with `x`"
    );
}

#[test]
fn nothing_and_certainty_cannot_be_elicited() {
    let found = unmet(
        "
param x ~ normal(0, 1)
noise luck ~ normal(0, 1)
question yes = x + luck > 0
anchor x so that probability(yes) ~ uniform(-0.1, 0.5)
",
    );
    assert!(
        found[0]
            .message
            .starts_with("the elicited probability of `yes` goes from -"),
        "{found:?}"
    );
}

#[test]
fn a_parameter_stays_where_its_prior_keeps_it() {
    for (prior, weight, threshold, inside) in [
        ("uniform(2, 5)", 1.0, 3.2, 2.0..=5.0),
        ("1 to 3", 1.0, 2.0, 0.0..=f64::INFINITY),
        ("beta(2, 2)", 3.0, 1.5, 0.0..=1.0),
    ] {
        let text = format!(
            "
param x ~ {prior}
noise luck ~ normal(0, 1)
question yes = {weight} * x + luck > {threshold}
measure shown = x
anchor x so that probability(yes) ~ 0.3 to 0.6
"
        );
        let mut files = folder(&text);
        files.insert(LOCK_FILE.into(), solved(&text).to_text());
        let program = compile(&checked(&files), &[World::baseline()]).expect("it compiles");
        let ensemble = ensemble::run(&program, &SIZE, 2, &|_, _| true).expect("it runs");
        let shown = ensemble
            .layout
            .measures
            .iter()
            .position(|m| m.name == "shown")
            .expect("shown");
        assert!(
            ensemble.measures[0][shown].iter().all(|x| inside.contains(x)),
            "{prior}"
        );
    }
}

#[test]
fn a_lock_changes_no_other_luck_and_no_thread_changes_a_lock() {
    let text = format!(
        "{HAZARD}\nparam other ~ normal(0, 1)\nnoise luck ~ normal(0, 1)\nmeasure apart = other + average of luck\n"
    );
    let lock = solved(&text);
    let alone = solve(&checked(&folder(&text)), SIZE, 1, &|_| true)
        .expect("it is solved")
        .lock;
    assert_eq!(lock, alone);
    let apart = |files: &Folder| {
        let program = compile(&checked(files), &[World::baseline()]).expect("it compiles");
        let mut ensemble = ensemble::run(&program, &SIZE, 2, &|_, _| true).expect("it runs");
        let which = ensemble
            .layout
            .measures
            .iter()
            .position(|m| m.name == "apart")
            .expect("apart");
        ensemble.measures[0].swap_remove(which)
    };
    let mut files = folder(&text);
    let before = apart(&files);
    files.insert(LOCK_FILE.into(), lock.to_text());
    assert_eq!(before, apart(&files));
}

#[test]
fn a_lock_is_stale_when_what_it_rests_on_changes_and_only_then() {
    let fact = |low: &str| {
        format!(
            "[[fact]]\nid = \"guess\"\nquantity = \"A guess\"\nunit = \"probability\"\nlow = {low}\ncentral = 0.2\nhigh = 0.4\nas_of = \"2023-12-01\"\nsource = \"An example\"\ngrade = \"D\"\n"
        )
    };
    let text = "
const pace = 2
param heat ~ normal(-1, 1)
event break_in at rate pace * exp(heat) / 1 year
question broken = occurred(break_in)
anchor heat so that probability(broken) ~ fact(guess)
measure apart = pace
";
    let with = |text: &str, low: &str| {
        let mut files = folder(text);
        files.insert("facts.toml".into(), fact(low));
        files
    };
    let lock = solve(&checked(&with(text, "0.1")), SIZE, 2, &|_| true)
        .expect("it is solved")
        .lock;
    let is_stale = |text: &str, low: &str| {
        let mut files = with(text, low);
        files.insert(LOCK_FILE.into(), lock.to_text());
        let found = stale(&checked(&files)).expect("it can be expanded");
        found.is_some_and(|found| found.code == "W1011")
    };
    assert!(!is_stale(text, "0.1"));
    for unrelated in [
        ("measure apart = pace", "measure apart = 3 * pace // more"),
        (
            "const pace = 2",
            "index Side { a, b }\nstock men[Side] = 3\nconst pace = 2 \"Pace\"",
        ),
        ("occurred(break_in)\n", "occurred(break_in) \"It breaks\"\n"),
    ] {
        assert!(
            !is_stale(&text.replace(unrelated.0, unrelated.1), "0.1"),
            "{unrelated:?}"
        );
    }
    let mut lines: Vec<&str> = text.lines().collect();
    lines.reverse();
    assert!(
        !is_stale(&lines.join("\n"), "0.1"),
        "the order of declarations means nothing"
    );
    for related in [
        ("const pace = 2", "const pace = 3"),
        ("normal(-1, 1)", "normal(-1, 2)"),
        ("pace * exp(heat)", "pace * exp(2 * heat)"),
        ("occurred(break_in)\n", "occurred(break_in) at 2024-06-30\n"),
        ("~ fact(guess)", "~ 0.1 to 0.4"),
    ] {
        assert!(
            is_stale(&text.replace(related.0, related.1), "0.1"),
            "{related:?}"
        );
    }
    assert!(is_stale(text, "0.15"), "what was elicited is another");
}

#[test]
fn a_stopped_solution_is_none() {
    let model = checked(&folder(HAZARD));
    assert!(matches!(
        solve(&model, SIZE, 2, &|doing| doing.runs < 1),
        Err(SolveError::Run(ensemble::RunError::Interrupted))
    ));
}
