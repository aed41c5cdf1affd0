//! Runs the page of every diagnostic: its wrong model raises exactly its code, its right model nothing.

use std::collections::BTreeMap;

use melian_language::check;
use melian_language::diagnostic::codes::PAGES;

/// What a page's fragments stand on.
const PREAMBLE: &str =
    "melian 0.1\nmodel example \"Example\"\ntime weekly from 2024-01-01 for 4 weeks\nunit person\n";

/// Returns the fenced blocks of a section: what stands after the fence, and the text.
fn blocks(section: &str) -> Vec<(String, String)> {
    section
        .split("\n```")
        .skip(1)
        .step_by(2)
        .map(|block| {
            let (head, text) = block.split_once('\n').expect("a block has lines");
            (head.to_owned(), format!("{text}\n"))
        })
        .collect()
}

fn files(section: &str) -> BTreeMap<String, String> {
    blocks(section)
        .into_iter()
        .map(|(head, text)| match head.split_once(' ') {
            Some((_, name)) => (name.to_owned(), text),
            None if text.starts_with("melian ") || head == "melian-whole" => ("model.mel".to_owned(), text),
            None => ("model.mel".to_owned(), format!("{PREAMBLE}{text}")),
        })
        .collect()
}

#[test]
fn every_code_stands_once_and_in_order() {
    assert!(PAGES.windows(2).all(|pair| pair[0].0 < pair[1].0));
}

#[test]
fn the_page_of_every_code_shows_a_wrong_and_a_right_model() {
    let mut failures = Vec::new();
    for (code, page) in PAGES {
        assert!(
            page.starts_with(&format!("# {code}: ")),
            "{code}: the page starts with its code and a title"
        );
        let Some((_, rest)) = page.split_once("## Wrong\n") else {
            continue;
        };
        let (wrong, right) = rest
            .split_once("## Right\n")
            .expect("a page with a wrong model has a right one");
        let found: Vec<String> = check(&files(wrong))
            .diagnostics
            .iter()
            .map(|d| format!("{}: {}", d.code, d.message))
            .collect();
        if found.is_empty() || found.iter().any(|line| !line.starts_with(code)) {
            failures.push(format!("{code}: the wrong model gives {found:?}"));
        }
        let found: Vec<String> = check(&files(right))
            .diagnostics
            .iter()
            .map(|d| format!("{}: {}", d.code, d.message))
            .collect();
        if !found.is_empty() {
            failures.push(format!("{code}: the right model gives {found:?}"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
