//! Follows a page of the book.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// A folder in which a page was followed to its end.
pub struct Followed {
    folder: TempDir,
    /// Where commands of the page are found before all others.
    tools: Option<PathBuf>,
}

impl Followed {
    /// Follows a page, and holds that it shows what is answered. Tools that the page needs are found in a folder.
    pub fn to_the_end(name: &str, tools: Option<PathBuf>) -> Followed {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../docs/src")
            .join(name);
        let page = std::fs::read_to_string(&path).expect("a page");
        let followed = Followed {
            folder: tempfile::tempdir().expect("a temporary folder"),
            tools,
        };
        let written = followed.follow(&page);
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&path, &written).expect("the page is writable");
        }
        let committed = std::fs::read_to_string(&path).expect("a page");
        assert!(
            committed == written,
            "docs/src/{name} shows what is not answered; run its test with UPDATE=1"
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
            if let Some((_, file)) = language.split_once(' ') {
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

    pub fn run(&self, command: &str) -> String {
        let melian = Path::new(env!("CARGO_BIN_EXE_melian"))
            .parent()
            .expect("it lies in a folder");
        let path = std::env::var_os("PATH").expect("there are other commands");
        let folders = (self.tools.iter().cloned())
            .chain([melian.to_owned()])
            .chain(std::env::split_paths(&path));
        let output = Command::new("sh")
            .args(["-c", command])
            .current_dir(self.folder.path())
            .env("PATH", std::env::join_paths(folders).expect("plain names"))
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
