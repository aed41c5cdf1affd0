//! What the book says of the gambit's mechanisms is what the model says: of every one its numbers, its couplings and the equations that its chapter
//! quotes.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use melian_language::model::{Model, QuantityKind};

use crate::{Couplings, MECHANISMS, checked, texts};

/// What stands above is written by hand.
const GENERATED: &str =
    "<!-- From here on written by UPDATE=1 cargo test -p melian-cli --test gambit book -->\n";

fn page(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../docs/src/gambit/{name}.md"))
}

/// Holds the generated part of a page to what is expected, or writes it.
fn hold(name: &str, expect: &str) {
    let path = page(name);
    let page = std::fs::read_to_string(&path).expect("the page is there");
    let (by_hand, generated) = page.split_once(GENERATED).expect("the page has a generated part");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, format!("{by_hand}{GENERATED}{expect}")).expect("the page can be written");
        return;
    }
    assert!(
        generated == expect,
        "docs/src/gambit/{name}.md is stale; run UPDATE=1 cargo test -p melian-cli --test gambit book"
    );
}

/// The grades of facts by name.
fn grades(files: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let facts: toml::Value = toml::from_str(&files["facts.toml"]).expect("facts");
    let text = |fact: &toml::Value, name: &str| fact[name].as_str().expect("text").to_owned();
    let facts = facts["fact"].as_array().expect("a list of facts").iter();
    facts
        .map(|fact| (text(fact, "id"), text(fact, "grade")))
        .collect()
}

/// A parameter's prior as declared, on one line, and what it rests on.
fn prior(model: &Model, grades: &BTreeMap<String, String>, position: usize) -> (String, String) {
    let quantity = &model.quantities[position];
    // A treaty declares its delay without a tilde, a line of its own.
    let mark = if quantity.name.starts_with("delay of ") {
        "delay "
    } else {
        "~"
    };
    let (_, declared) = quantity.text.split_once(mark).expect("a parameter has a prior");
    let end = declared.find('"').unwrap_or(declared.len());
    let declared = declared[..end].split(" cite ").next().unwrap_or_default();
    let declared = if mark == "~" {
        declared
    } else {
        declared.lines().next().unwrap_or_default()
    };
    let words: Vec<&str> = declared.split_whitespace().collect();
    let declared = words.join(" ");
    let mut facts: Vec<String> = (declared.split("fact(").skip(1))
        .filter_map(|rest| rest.split(')').next())
        .map(|fact| format!("`{fact}` ({})", grades[fact]))
        .collect();
    facts.dedup();
    let solved = model
        .anchors
        .iter()
        .any(|anchor| anchor.parameter.0 as usize == position);
    let rests = match (solved, facts.is_empty()) {
        (true, _) => "an elicited probability".to_owned(),
        (false, false) => facts.join(", "),
        (false, true) => "estimate".to_owned(),
    };
    (declared, rests)
}

/// The end of a mechanism's chapter.
fn numbers_and_couplings(
    name: &str,
    files: &BTreeMap<String, String>,
    model: &Model,
    table: &Couplings,
) -> String {
    let grades = grades(files);
    let text = &files[&format!("{name}.mel")];
    let mut page = "\n## Numbers\n\n| parameter | prior | rests on |\n| --- | --- | --- |\n".to_owned();
    for (position, quantity) in model.quantities.iter().enumerate() {
        if matches!(quantity.kind, QuantityKind::Parameter { .. }) && text.contains(&quantity.text) {
            let (declared, rests) = prior(model, &grades, position);
            let title = quantity.title.as_deref().unwrap_or(&quantity.name);
            writeln!(page, "| `{}`: {title} | `{declared}` | {rests} |", quantity.name)
                .expect("a string takes all");
        }
    }
    page.push_str("\n## What it touches\n\nEach line is held by a test: an intervention here must move a measure there.\n\n");
    for row in table.coupling.iter().filter(|row| row.from == name) {
        writeln!(
            page,
            "- [{}]({}.md): {} (`{}` moves `{}`)",
            row.to, row.to, row.why, row.intervention, row.measure
        )
        .expect("a string takes all");
    }
    for row in table.coupling.iter().filter(|row| row.to == name) {
        writeln!(
            page,
            "- reached from [{}]({}.md): {}",
            row.from, row.from, row.why
        )
        .expect("a string takes all");
    }
    page
}

#[test]
fn every_mechanism_has_a_chapter_with_the_equations_and_numbers_of_the_model() {
    let files = texts("gambit");
    let model = checked(&files);
    let table: Couplings = toml::from_str(&files["couplings.toml"]).expect("a table of couplings");
    let summary = std::fs::read_to_string(page("../SUMMARY")).expect("the book has a summary");
    for name in MECHANISMS {
        assert!(
            summary.contains(&format!("(gambit/{name}.md)")),
            "{name} is not in the summary"
        );
        let chapter = std::fs::read_to_string(page(name)).expect("a chapter");
        let mut excerpts = chapter.split("```text\n").skip(1).peekable();
        assert!(excerpts.peek().is_some(), "{name}: no equation is shown");
        for excerpt in excerpts {
            let excerpt = excerpt.split("\n```").next().unwrap_or_default();
            let text = &files[&format!("{name}.mel")];
            assert!(text.contains(excerpt), "{name}.mel does not say:\n{excerpt}");
        }
        hold(name, &numbers_and_couplings(name, &files, &model, &table));
    }
}
