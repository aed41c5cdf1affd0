//! Runs `tests/language`: Markdown files whose models say, on the line it speaks of, what is expected.
//!
//! `// error: E0301` and `// warning: W1001` expect a diagnostic whose place starts on that line, `// unit: person/day` the unit of what is declared on
//! it. A paragraph that starts with "Says:" quotes the message of the block above it, "Help:" its help, "Note:" a note. Every diagnostic has to be expected.

use std::collections::BTreeMap;
use std::path::Path;

use melian_language::check;
use melian_language::diagnostic::{Diagnostic, Severity};

const PREAMBLE: &str =
    "melian 0.1\nmodel example \"Example\"\ntime weekly from 2024-01-01 for 4 weeks\nunit person\n";

/// A model of a file with what is said after it.
struct Case {
    line: usize,
    model: String,
    files: BTreeMap<String, String>,
    sayings: Vec<(String, String)>,
}

fn read(text: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    let mut lines = text.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        if let Some(head) = line.strip_prefix("```") {
            let block: Vec<&str> = lines
                .by_ref()
                .map(|(_, l)| l)
                .take_while(|l| *l != "```")
                .collect();
            let block = format!("{}\n", block.join("\n"));
            match head.split_once(' ') {
                None if head == "melian" => {
                    let model = if block.starts_with("melian ") {
                        block
                    } else {
                        format!("{PREAMBLE}{block}")
                    };
                    let files = BTreeMap::new();
                    cases.push(Case {
                        line: number + 1,
                        model,
                        files,
                        sayings: Vec::new(),
                    });
                }
                Some((_, name)) => {
                    let case = cases.last_mut().expect("a file follows the model that reads it");
                    case.files.insert(name.to_owned(), block);
                }
                None => {}
            }
            continue;
        }
        for kind in ["Says: ", "Help: ", "Note: "] {
            if let Some(words) = line.strip_prefix(kind) {
                let case = cases.last_mut().expect("a saying follows a model");
                case.sayings
                    .push((kind.trim_end_matches(": ").to_owned(), words.to_owned()));
            }
        }
    }
    cases
}

/// Returns what the model's comments expect: line, word, value.
fn expectations(model: &str) -> Vec<(usize, String, String)> {
    let mut found = Vec::new();
    for (number, line) in model.lines().enumerate() {
        let Some((_, comment)) = line.split_once("// ") else {
            continue;
        };
        for part in comment.split(';') {
            if let Some((word, value)) = part.trim().split_once(": ")
                && ["error", "warning", "unit"].contains(&word)
            {
                found.push((number + 1, word.to_owned(), value.to_owned()));
            }
        }
    }
    found
}

fn failures(name: &str, case: &Case) -> Vec<String> {
    let place = format!("{name}, line {}", case.line);
    let mut files = case.files.clone();
    files.insert("model.mel".to_owned(), case.model.clone());
    let checked = check(&files);
    let mut failures = Vec::new();
    let mut expected = expectations(&case.model);
    for diagnostic in &checked.diagnostics {
        let word = if diagnostic.severity == Severity::Error {
            "error"
        } else {
            "warning"
        };
        let line = diagnostic
            .primary
            .as_ref()
            .map_or(0, |label| checked.sources.line_column(label.span).0);
        let found = expected
            .iter()
            .position(|(l, w, v)| *l == line && w == word && v == diagnostic.code);
        match found {
            Some(position) => drop(expected.remove(position)),
            None => failures.push(format!(
                "{place}: not expected: line {line}: {} {}",
                diagnostic.code, diagnostic.message
            )),
        }
    }
    for (line, word, value) in expected {
        if word != "unit" {
            failures.push(format!("{place}: line {line} should give {word} {value}"));
            continue;
        }
        let Some(model) = &checked.model else {
            failures.push(format!("{place}: no model, so no unit {value}"));
            continue;
        };
        let quantity = model
            .quantities
            .iter()
            .find(|q| checked.sources.line_column(q.span).0 == line);
        match quantity {
            Some(quantity) if quantity.unit.text == value => {}
            Some(quantity) => failures.push(format!(
                "{place}: line {line} is in {}, not {value}",
                quantity.unit.text
            )),
            None => failures.push(format!("{place}: nothing is declared on line {line}")),
        }
    }
    for (kind, words) in &case.sayings {
        let says = |d: &Diagnostic| match kind.as_str() {
            "Says" => d.message == *words,
            "Help" => d.help.as_deref() == Some(words),
            _ => d.notes.contains(words),
        };
        if !checked.diagnostics.iter().any(says) {
            failures.push(format!(
                "{place}: nothing says \"{words}\" ({kind}), but {:#?}",
                checked.diagnostics
            ));
        }
    }
    failures
}

#[test]
fn the_language_behaves_as_its_corpus_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/language");
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .expect("tests/language exists")
        .map(|e| e.expect("a readable entry").path())
        .collect();
    paths.sort();
    let mut wrong = Vec::new();
    let mut count = 0;
    for path in paths {
        let name = path
            .file_name()
            .and_then(|n| n.to_str())
            .unwrap_or_default()
            .to_owned();
        for case in read(&std::fs::read_to_string(&path).expect("a readable file")) {
            count += 1;
            wrong.extend(failures(&name, &case));
        }
    }
    assert!(count >= 30, "the corpus is there: {count} models");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
