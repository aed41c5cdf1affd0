//! Runs every code block of the book and the README: models are checked, commands are run.

use std::path::{Path, PathBuf};
use std::process::Command;

/// What a fragment of a model stands on: each line is added unless the fragment has one that starts alike.
const PREAMBLE: [(&str, &str); 4] = [
    ("model ", "model example \"Example\""),
    ("time ", "time weekly from 2024-01-01 for 26 weeks"),
    ("unit person", "unit person"),
    ("unit round", "unit round"),
];

/// Pages whose commands are for a shell: the tests `sessions` and `trajectories` of `melian-cli` follow them, and holds what is answered too.
const FOLLOWED: [&str; 5] = [
    "docs/src/guide/arguing.md",
    "docs/src/guide/diff.md",
    "docs/src/guide/large.md",
    "docs/src/guide/second_patron.md",
    "docs/src/guide/trajectories.md",
];

/// Makes a whole model of a fragment.
fn whole(text: &str) -> String {
    if text.starts_with("melian ") {
        return text.to_owned();
    }
    let missing = PREAMBLE
        .iter()
        .filter(|(start, _)| !text.lines().any(|line| line.starts_with(start)));
    let lines: Vec<&str> = missing.map(|(_, line)| *line).collect();
    format!("melian 0.1\n{}\n{text}", lines.join("\n"))
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .canonicalize()
        .expect("the repository's root")
}

/// Builds the command once, for release (as a user would), and returns it.
fn melian() -> PathBuf {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let built = Command::new(cargo)
        .args([
            "build",
            "--quiet",
            "--release",
            "--package",
            "melian-cli",
            "--message-format=json-render-diagnostics",
        ])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    assert!(built.status.success(), "the command builds");
    let text = String::from_utf8_lossy(&built.stdout);
    let path = text.lines().rev().find_map(|line| {
        line.split("\"executable\":\"")
            .nth(1)?
            .split('"')
            .next()
            .map(PathBuf::from)
    });
    path.expect("cargo names the executable")
}

/// Returns the fenced blocks of a page: language, line and text.
fn blocks(text: &str) -> Vec<(String, usize, String)> {
    let mut found = Vec::new();
    let mut lines = text.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        if let Some(language) = line.strip_prefix("```") {
            let block: Vec<&str> = lines
                .by_ref()
                .map(|(_, l)| l)
                .take_while(|l| *l != "```")
                .collect();
            found.push((language.to_owned(), number + 1, format!("{}\n", block.join("\n"))));
        }
    }
    found
}

fn pages(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a readable folder") {
        let path = entry.expect("a readable entry").path();
        if path.is_dir() {
            pages(&path, found);
        } else if path.extension().is_some_and(|e| e == "md") {
            found.push(path);
        }
    }
}

/// Splits a command line at spaces outside double quotes.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            c => words.last_mut().expect("there is a word").push(c),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[test]
fn every_code_block_of_the_book_runs() {
    let melian = melian();
    let root = root();
    let mut found = vec![root.join("README.md")];
    pages(&root.join("docs/src"), &mut found);
    found.retain(|page| !FOLLOWED.iter().any(|followed| page.ends_with(followed)));
    found.sort();
    let (mut models, mut commands, mut wrong) = (0, 0, Vec::new());
    for page in found {
        let name = page
            .strip_prefix(&root)
            .expect("a page of the repository")
            .display()
            .to_string();
        let folder = tempfile::tempdir().expect("a temporary folder");
        for (language, line, text) in blocks(&std::fs::read_to_string(&page).expect("a readable page")) {
            let place = format!("{name}, line {line}");
            match language.as_str() {
                "melian" => {
                    models += 1;
                    let model = folder.path().join(format!("block-{line}"));
                    std::fs::create_dir(&model).expect("a new folder");
                    std::fs::write(model.join("model.mel"), whole(&text)).expect("a written file");
                    let output = Command::new(&melian)
                        .arg("check")
                        .arg(&model)
                        .output()
                        .expect("melian runs");
                    if !output.status.success() {
                        wrong.push(format!("{place}: {}", String::from_utf8_lossy(&output.stderr)));
                    }
                }
                "console" => {
                    for command in text.lines().filter_map(|l| l.strip_prefix("$ melian ")) {
                        commands += 1;
                        let output = Command::new(&melian)
                            .args(words(command))
                            .current_dir(folder.path())
                            .env("MELIAN_CACHE", folder.path().join("cache"))
                            .output()
                            .expect("melian runs");
                        if !output.status.success() {
                            wrong.push(format!(
                                "{place}: melian {command}: {}",
                                String::from_utf8_lossy(&output.stderr)
                            ));
                        }
                    }
                }
                "sh" | "text" | "json" | "toml" | "csv" | "ts" => {}
                other => wrong.push(format!(
                    "{place}: a block is melian, console, sh, text or data, not `{other}`"
                )),
            }
        }
    }
    assert!(
        models >= 5 && commands >= 5,
        "the book has models and commands: {models}, {commands}"
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
