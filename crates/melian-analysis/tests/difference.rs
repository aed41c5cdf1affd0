//! Two versions of a model: what differs, and what each change accounts for, against algebra.

use std::collections::BTreeMap;
use std::convert::Infallible;

use melian_analysis::difference::{Answers, Differences, Versions, attribute};
use melian_engine::ensemble::{self, Size};
use melian_engine::{World, compile};
use melian_language::model::Model;

const SIZE: Size = Size {
    draws: 64,
    replications: 2,
    seed: 1,
};

type Texts = BTreeMap<String, String>;

fn texts(text: &str) -> Texts {
    BTreeMap::from([("model.mel".to_owned(), format!("melian 0.1\n{text}"))])
}

fn run(model: &Model) -> Result<Answers, Infallible> {
    let program = compile(model, &[World::baseline()]).expect("it compiles");
    let ensemble = ensemble::run(&program, &SIZE, 0, &|_, _| true).expect("it runs");
    let outputs = ensemble.layout.measures.iter().enumerate();
    Ok(outputs
        .map(|(position, output)| (output.name.clone(), ensemble.measures[0][position].to_vec()))
        .collect())
}

fn compared(before: &Texts, after: &Texts, pairs: usize) -> (Versions, Differences) {
    let versions = Versions::new(before, after);
    let Ok(differences) = attribute(&versions, SIZE, pairs, run);
    (versions, differences.expect("both are sound"))
}

/// The names of the changes of each group.
fn groups(versions: &Versions) -> Vec<Vec<String>> {
    let names = |group| {
        let changes = versions.changes(Some(group));
        changes.into_iter().map(|change| change.name).collect()
    };
    (0..versions.groups()).map(names).collect()
}

const BEFORE: &str = r#"
model small "Small"
time weekly from 2024-01-01 for 4 weeks
param u ~ normal(0, 1)
const a = 2 "A"
const b = 3
let same = a * b
noise e ~ normal(0, 1)
measure product = a * b + u + e
measure sum = a + b
question positive = a + u > 0
claim c quote "q" holds when mean(sum) > 3
"#;

#[test]
fn parts_are_shapley_values_and_add_up() {
    let after = BEFORE
        .replace("const a = 2 \"A\"", "const a = 5 \"Another title\"")
        .replace("b = 3", "b = 7 // more");
    let (versions, found) = compared(&texts(BEFORE), &texts(&after), 1);
    assert_eq!(groups(&versions), [["a"], ["b"]]);
    assert!(found.all_orders && found.orders == 2 && found.runs == 4);
    let product = &found.answers["product"];
    // From 2 x 3 to 5 x 7: a first adds 9, last 21; b first adds 8, last 20.
    let parts: Vec<f64> = product.parts.iter().map(|(part, _)| part.mean).collect();
    assert!(
        (parts[0] - 15.0).abs() < 1e-12 && (parts[1] - 14.0).abs() < 1e-12,
        "{parts:?}"
    );
    assert!((product.change.mean - 29.0).abs() < 1e-12);
    assert!(product.change.mc_error < 1e-12, "luck is the same in both");
    let sum = &found.answers["sum"];
    let parts: Vec<f64> = sum.parts.iter().map(|(part, _)| part.mean).collect();
    assert!((parts[0] - 3.0).abs() < 1e-12 && (parts[1] - 4.0).abs() < 1e-12);
}

#[test]
fn what_is_said_otherwise_is_no_change() {
    let after = BEFORE
        .replace("const a = 2 \"A\"", "const a = 2 \"Another title\"")
        .replace("mean(sum) > 3", "mean(sum) > 4")
        .replace("noise e", "// A comment.\nnoise e");
    let (versions, found) = compared(&texts(BEFORE), &texts(&after), 1);
    assert_eq!(versions.groups(), 0);
    let words: Vec<String> = versions
        .changes(None)
        .into_iter()
        .map(|change| change.name)
        .collect();
    assert_eq!(words, ["c", "a"]);
    assert_eq!(found.answers["product"].change.mean, 0.0);
    assert_eq!(found.runs, 2);
}

#[test]
fn changes_that_need_each_other_are_one() {
    // Something new goes with what mentions it, another unit with what reads it, what is gone with what read it.
    let before = BEFORE.replace("const b = 3", "const b = 3\nconst old = 1")
        + "stock men : person = 5 person\nunit person\nmeasure left : person = men\nmeasure twice = 2 * old\n";
    let after = BEFORE
        .replace("a * b + u", "a * fresh + u")
        .replace("const a = 2", "const a = 4")
        + "const fresh = 4\nstock men : people = 6 people\nunit people\nmeasure left : people = men\nmeasure twice = 3\n";
    let (versions, found) = compared(&texts(&before), &texts(&after), 1);
    let mut found_groups = groups(&versions);
    found_groups.iter_mut().for_each(|group| group.sort());
    found_groups.sort();
    assert_eq!(
        found_groups,
        [
            vec!["a"],
            vec!["fresh", "product"],
            vec!["left", "men", "people", "person"],
            vec!["old", "twice"]
        ]
    );
    assert_eq!(found.answers["twice"].change.mean, 1.0);
    let sum: f64 = found.answers["product"]
        .parts
        .iter()
        .map(|(part, _)| part.mean)
        .sum();
    assert!((sum - found.answers["product"].change.mean).abs() < 1e-12);
}

#[test]
fn many_changes_are_made_in_some_orders_and_still_add_up() {
    let names = ["p", "q", "r", "s", "t", "v"];
    let consts = |value: f64| -> String {
        let each = names.iter().map(|name| format!("const {name} = {value}\n"));
        each.collect()
    };
    let rest = "measure all = p * q * r + s * t + v + u\nquestion many = p * q * r * s + u > 40\n";
    let head = "model many \"Many\"\ntime weekly from 2024-01-01 for 4 weeks\nparam u ~ normal(0, 1)\n";
    let model = |value: f64| texts(&format!("{head}{}{rest}", consts(value)));
    let (versions, found) = compared(&model(2.0), &model(3.0), 4);
    assert_eq!((versions.groups(), found.orders, found.all_orders), (6, 8, false));
    let all = &found.answers["all"];
    // 8 + 4 + 2 becomes 27 + 9 + 3.
    assert!((all.change.mean - 25.0).abs() < 1e-12);
    let means: Vec<f64> = all.parts.iter().map(|(part, _)| part.mean).collect();
    assert!((means.iter().sum::<f64>() - 25.0).abs() < 1e-9, "{means:?}");
    // What acts in pairs is exact, since every order comes with its reverse.
    for (part, expected) in [(3, 2.5), (4, 2.5), (5, 1.0)] {
        assert!((means[part] - expected).abs() < 1e-12, "{means:?}");
        assert!(all.parts[part].1 < 1e-12);
    }
    // A product of three has parts of 19 / 3, near which the orders come, within their error.
    for (mean, (_, error)) in means.iter().zip(&all.parts).take(3) {
        assert!(
            (mean - 19.0 / 3.0).abs() <= 4.0 * error.max(0.05),
            "{mean} {error}"
        );
    }
    let many = &found.answers["many"];
    let sum: f64 = many.parts.iter().map(|(part, _)| part.mean).sum();
    assert!((sum - many.change.mean).abs() < 1e-12);
}
