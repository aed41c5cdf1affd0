//! Pages of the book that are a session at a terminal: what they save and type is done, in order and in one folder, and what they show is what
//! is answered.
//!
//! `UPDATE=1 cargo test -p melian-cli --test sessions` writes the answers.

#![cfg(unix)]

use std::path::Path;
use std::process::Command;

use melian_report::data::Report;
use tempfile::TempDir;

/// A folder in which a page was followed to its end.
struct Followed {
    folder: TempDir,
}

impl Followed {
    /// Follows a page, and holds that it shows what is answered.
    fn to_the_end(name: &str) -> Followed {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../docs/src")
            .join(name);
        let page = std::fs::read_to_string(&path).expect("a page");
        let followed = Followed {
            folder: tempfile::tempdir().expect("a temporary folder"),
        };
        let written = followed.follow(&page);
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&path, &written).expect("the page is writable");
        }
        let committed = std::fs::read_to_string(&path).expect("a page");
        assert!(
            committed == written,
            "docs/src/{name} shows what is not answered; run UPDATE=1 cargo test -p melian-cli --test sessions"
        );
        followed
    }

    /// Returns the page with the answers that its commands give now.
    fn follow(&self, page: &str) -> String {
        let mut written = String::new();
        let mut lines = page.lines();
        while let Some(line) = lines.next() {
            written += &format!("{line}\n");
            let Some(language) = line.strip_prefix("```") else {
                continue;
            };
            let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            let mut text = block.join("\n") + "\n";
            if let Some(file) = language.strip_prefix("melian ") {
                std::fs::write(self.folder.path().join(file), &text).expect("the file is writable");
            } else if language == "console" {
                text = self.answer(&block);
            }
            written += &format!("{text}```\n");
        }
        written
    }

    /// Runs the commands of a block and returns them with their answers.
    fn answer(&self, block: &[&str]) -> String {
        let commands = block.iter().filter(|line| line.starts_with("$ "));
        commands
            .map(|line| format!("{line}\n{}", self.run(&line[2..])))
            .collect()
    }

    fn run(&self, command: &str) -> String {
        let melian = Path::new(env!("CARGO_BIN_EXE_melian"))
            .parent()
            .expect("it lies in a folder");
        let path = std::env::var("PATH").expect("there are other commands");
        let output = Command::new("sh")
            .args(["-c", command])
            .current_dir(self.folder.path())
            .env("PATH", format!("{}:{path}", melian.display()))
            .env("MELIAN_CACHE", self.folder.path().join("cache"))
            .env("COLUMNS", "100")
            .env("LC_ALL", "C.UTF-8")
            .output()
            .expect("a shell");
        let text = String::from_utf8(output.stdout).expect("text");
        assert!(
            output.status.success(),
            "{command}\n{text}{}",
            String::from_utf8_lossy(&output.stderr)
        );
        text
    }
}

#[test]
fn how_to_argue_with_the_model_is_true() {
    Followed::to_the_end("guide/arguing.md");
}

#[test]
fn what_each_change_to_a_copy_does_is_true() {
    Followed::to_the_end("guide/diff.md");
}

#[test]
fn shards_of_a_run_are_put_together() {
    Followed::to_the_end("guide/large.md");
}

#[test]
fn a_file_added_to_a_copy_is_a_mechanism_that_acts_on_others() {
    let followed = Followed::to_the_end("guide/second_patron.md");
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
