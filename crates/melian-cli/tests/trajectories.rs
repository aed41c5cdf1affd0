//! `melian run --trajectories`, and the page of the book about it, whose Python is run by a Python of its own.

#![cfg(unix)]

#[cfg(feature = "trajectories")]
mod followed;

use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

fn melian(folder: &TempDir, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_melian"))
        .args(arguments)
        .current_dir(folder.path())
        .env("MELIAN_CACHE", folder.path().join("cache"))
        .env("COLUMNS", "100")
        .output()
        .expect("the command runs")
}

fn error(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn trajectories_are_of_a_whole_run_of_a_known_size() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for other in [["--until", "1%"], ["--shard", "1/2"]] {
        let output = melian(
            &folder,
            &["run", "lanchester", "--trajectories", "t", other[0], other[1]],
        );
        assert_eq!(output.status.code(), Some(2));
        assert!(
            error(&output).contains("cannot be used with"),
            "{}",
            error(&output)
        );
    }
}

#[cfg(not(feature = "trajectories"))]
#[test]
fn a_melian_without_trajectories_says_how_to_have_them() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let output = melian(
        &folder,
        &["run", "lanchester", "--draws", "8", "--trajectories", "t"],
    );
    assert_eq!(output.status.code(), Some(2));
    assert!(
        error(&output).contains("--features trajectories"),
        "{}",
        error(&output)
    );
    assert!(!Path::exists(&folder.path().join("t")));
}

#[cfg(feature = "trajectories")]
mod with_them {
    use super::*;

    use std::time::Duration;

    fn names(folder: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).expect("a folder");
        let mut names: Vec<String> = entries
            .map(|entry| {
                entry
                    .expect("an entry")
                    .file_name()
                    .to_string_lossy()
                    .into_owned()
            })
            .collect();
        names.sort();
        names
    }

    #[test]
    fn they_are_the_same_bytes_for_any_number_of_threads_and_change_no_answer() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let run = |to: &str, threads: &str, more: &[&str]| {
            let json = format!("--json={to}.json");
            let base = [
                "run",
                "lanchester",
                "--draws",
                "300",
                "--threads",
                threads,
                "--quiet",
                &json,
            ];
            let output = melian(&folder, &[&base, more].concat());
            assert!(output.status.success(), "{}", error(&output));
            let report =
                std::fs::read_to_string(folder.path().join(to.to_owned() + ".json")).expect("a report");
            let mut report: serde_json::Value = serde_json::from_str(&report).expect("a report");
            // How long it took, and what changed since the run before.
            report["run"] = serde_json::Value::Null;
            report["changes"] = serde_json::Value::Null;
            report
        };
        let plain = run("plain", "2", &[]);
        assert!(run("a", "1", &["--trajectories", "a"]) == plain);
        assert!(run("b", "3", &["--trajectories", "b"]) == plain);
        for name in ["trajectories.parquet", "futures.parquet"] {
            let read = |to: &str| std::fs::read(folder.path().join(to).join(name)).expect("it is there");
            assert!(read("a") == read("b"), "{name}");
        }
    }

    #[test]
    fn an_interrupted_run_says_so_and_leaves_no_file() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut running = Command::new(env!("CARGO_BIN_EXE_melian"))
            .args([
                "run",
                "july_1914",
                "--draws",
                "60000",
                "--reps",
                "10",
                "--trajectories",
                "t",
                "--quiet",
            ])
            .current_dir(folder.path())
            .env("MELIAN_CACHE", folder.path().join("cache"))
            .stderr(std::process::Stdio::piped())
            .spawn()
            .expect("the command runs");
        let to = folder.path().join("t");
        while !to.exists() || names(&to).len() < 2 {
            assert_eq!(
                running.try_wait().expect("it can be asked"),
                None,
                "it still runs"
            );
            std::thread::sleep(Duration::from_millis(20));
        }
        let interrupted = Command::new("kill")
            .args(["-INT", &running.id().to_string()])
            .status();
        assert!(interrupted.expect("kill runs").success());
        let output = running.wait_with_output().expect("it ends");
        assert_eq!(output.status.code(), Some(130));
        assert!(
            error(&output).contains("interrupted; no result was written"),
            "{}",
            error(&output)
        );
        assert_eq!(names(&to), [""; 0]);
    }

    /// Makes a Python that has what the page imports, once for all runs of the test, and returns the folder of its commands.
    fn python() -> std::path::PathBuf {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("python");
        let run = |command: &Path, arguments: &[&str]| {
            let output = Command::new(command).args(arguments).output();
            let output = output.unwrap_or_else(|error| panic!("{}: {error}", command.display()));
            assert!(output.status.success(), "{arguments:?}: {}", error(&output));
        };
        let commands = folder.join("bin");
        run(
            Path::new("python3"),
            &["-m", "venv", &folder.display().to_string()],
        );
        let packages = ["duckdb==1.4.2", "polars==1.35.2"];
        let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
        run(&commands.join("python"), &[&install[..], &packages].concat());
        commands
    }

    #[test]
    fn duckdb_and_polars_read_them_and_find_what_the_report_says() {
        followed::Followed::to_the_end("guide/trajectories.md", Some(python()));
    }
}
