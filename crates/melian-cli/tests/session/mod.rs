//! A terminal session: a folder to work in, with a cache of its own, and what commands say.

// Each file of tests is a program of its own, and not all need everything.
#![allow(dead_code)]

use std::path::PathBuf;
use std::process::{Command, Output};

use tempfile::TempDir;

pub struct Session {
    folder: TempDir,
}

impl Session {
    pub fn new() -> Session {
        Session {
            folder: tempfile::tempdir().expect("a temporary folder"),
        }
    }

    /// A session with the files of a model in the folder `m`.
    pub fn with(files: &[(&str, &str)]) -> Session {
        let session = Session::new();
        for (name, text) in files {
            session.write(&format!("m/{name}"), text.as_bytes());
        }
        session
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("a file lies in a folder")).expect("a folder");
        std::fs::write(path, bytes).expect("a file");
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// The files and folders of a folder.
    pub fn names(&self, folder: &str) -> Vec<String> {
        let entries = std::fs::read_dir(self.path(folder)).expect("a folder");
        let name = |entry: std::io::Result<std::fs::DirEntry>| entry.expect("an entry").file_name();
        let mut names: Vec<String> = entries
            .map(|entry| name(entry).to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    /// A program in the session's folder; if it runs `melian`, that keeps its answers there.
    pub fn program(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(self.folder.path())
            .env("MELIAN_CACHE", self.path("cache"))
            .env("COLUMNS", "80")
            .env_remove("RUST_BACKTRACE");
        command
    }

    /// `melian` with arguments.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.program(env!("CARGO_BIN_EXE_melian"));
        command.args(arguments);
        command
    }

    pub fn melian(&self, arguments: &[&str]) -> Said {
        Said::of(self.command(arguments).output().expect("the command runs"))
    }
}

/// What a command said and how it ended.
pub struct Said {
    /// None if a signal ended it.
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Said {
    pub fn of(output: Output) -> Said {
        Said {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).expect("text"),
            err: String::from_utf8(output.stderr).expect("text"),
        }
    }

    /// Holds that it ended with a code and said some things.
    #[track_caller]
    pub fn expect(self, code: i32, parts: &[&str]) -> Said {
        let start = |text: &str| text.chars().take(4_000).collect::<String>();
        let all = || format!("stdout:\n{}\nstderr:\n{}", start(&self.out), start(&self.err));
        assert_eq!(self.code, Some(code), "{}", all());
        for part in parts {
            let is_said = self.out.contains(part) || self.err.contains(part);
            assert!(is_said, "`{part}` is missing in\n{}", all());
        }
        self
    }
}

/// Returns what a report answers: all but how long it took and what came before.
pub fn answers(report: &str) -> serde_json::Value {
    let mut report: serde_json::Value = serde_json::from_str(report).expect("a report");
    let run = report["run"].as_object_mut().expect("what was run");
    run.remove("seconds");
    report.as_object_mut().expect("a report").remove("changes");
    report
}
