//! The chapters of the book on the gambit's mechanisms: one for each, and what they show of the model is what the model says.

use std::path::{Path, PathBuf};

use crate::{MECHANISMS, texts};

/// Pages on the gambit that are about no single mechanism.
const OTHERS: [&str; 2] = ["claims", "second_patron"];

fn book() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/src")
}

fn page(name: &str) -> String {
    let path = book().join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The declarations of a text, each as its lines: what is indented, or closes a bracket, belongs to the line above it.
fn declarations(text: &str) -> Vec<Vec<&str>> {
    let mut found: Vec<Vec<&str>> = Vec::new();
    for line in text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with("//"))
    {
        match found.last_mut() {
            Some(last) if line.starts_with([' ', '}', ')', ']']) => last.push(line.trim()),
            _ => found.push(vec![line]),
        }
    }
    found
}

/// The excerpts of a page that are written in Melian.
fn excerpts(page: &str) -> Vec<&str> {
    page.split("```melian\n")
        .skip(1)
        .map(|rest| rest.split("```").next().expect("a text has a beginning"))
        .collect()
}

#[test]
fn every_mechanism_has_one_chapter_and_a_line_in_the_summary() {
    let mut found: Vec<String> = std::fs::read_dir(book().join("gambit"))
        .expect("the chapters")
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    found.sort();
    let mut wanted: Vec<String> = MECHANISMS
        .iter()
        .chain(&OTHERS)
        .map(|name| format!("{name}.md"))
        .collect();
    wanted.sort();
    assert_eq!(found, wanted);
    let summary = page("SUMMARY.md");
    for name in wanted {
        assert_eq!(summary.matches(&format!("(gambit/{name})")).count(), 1, "{name}");
    }
}

#[test]
fn every_excerpt_stands_in_the_file_of_its_mechanism() {
    let files = texts("gambit");
    for mechanism in MECHANISMS {
        let file = declarations(&files[&format!("{mechanism}.mel")]);
        let page = page(&format!("gambit/{mechanism}.md"));
        let excerpts = excerpts(&page);
        assert!(excerpts.len() >= 2, "{mechanism} shows its equations");
        for declaration in excerpts.into_iter().flat_map(declarations) {
            assert!(
                file.contains(&declaration),
                "{mechanism}.md shows what its file does not say:\n{}",
                declaration.join("\n")
            );
        }
    }
}

#[test]
fn every_chapter_names_what_takes_its_mechanism_away_and_what_it_is_coupled_to() {
    let files = texts("gambit");
    let table: crate::Couplings = toml::from_str(&files["couplings.toml"]).expect("a table of couplings");
    for mechanism in MECHANISMS {
        let page = page(&format!("gambit/{mechanism}.md"));
        assert!(page.contains(&format!("`without_{mechanism}`")), "{mechanism}");
        for row in table.coupling.iter().filter(|row| row.from == mechanism) {
            let cells = format!(
                "]({}.md) | `{}` | `{}` | {} |",
                row.to,
                row.intervention,
                row.measure,
                if row.sign > 0.0 { "up" } else { "down" }
            );
            assert!(page.contains(&cells), "{mechanism} acts on {}: {cells}", row.to);
        }
    }
}
