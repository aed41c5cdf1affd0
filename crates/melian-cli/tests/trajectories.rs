//! `melian run --trajectories`, and the page of the book about it, whose Python is run by a Python of its own.

#![cfg(unix)]

#[cfg(feature = "trajectories")]
mod followed;

mod session;

use session::Session;

#[test]
fn trajectories_are_of_a_whole_run_of_a_known_size() {
    let session = Session::new();
    for other in [["--until", "1%"], ["--shard", "1/2"]] {
        let said = session.melian(&["run", "lanchester", "--trajectories", "t", other[0], other[1]]);
        said.expect(2, &["cannot be used with"]);
    }
}

#[cfg(not(feature = "trajectories"))]
#[test]
fn a_melian_without_trajectories_says_how_to_have_them() {
    let session = Session::new();
    let said = session.melian(&["run", "lanchester", "--draws", "8", "--trajectories", "t"]);
    said.expect(2, &["--features trajectories"]);
    assert!(!session.path("t").exists());
}

#[cfg(feature = "trajectories")]
mod with_them {
    use super::*;

    use std::path::Path;
    use std::process::{Command, Stdio};
    use std::time::Duration;

    use session::{Said, answers};

    #[test]
    fn they_are_the_same_bytes_for_any_number_of_threads_and_change_no_answer() {
        let session = Session::new();
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
            session.melian(&[&base, more].concat()).expect(0, &[]);
            let mut report = answers(&session.read(&format!("{to}.json")));
            report["run"] = serde_json::Value::Null;
            report
        };
        let plain = run("plain", "2", &[]);
        assert!(run("a", "1", &["--trajectories", "a"]) == plain);
        assert!(run("b", "3", &["--trajectories", "b"]) == plain);
        for name in ["trajectories.parquet", "futures.parquet"] {
            let read = |to: &str| std::fs::read(session.path(to).join(name)).expect("it is there");
            assert!(read("a") == read("b"), "{name}");
        }
    }

    #[test]
    fn an_interrupted_run_says_so_and_leaves_no_file() {
        let session = Session::new();
        let size = ["--draws", "60000", "--reps", "10"];
        let mut running = (session.command(&["run", "july_1914", "--quiet", "--trajectories", "t"]))
            .args(size)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the command runs");
        while !session.path("t").exists() || session.names("t").len() < 2 {
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
        let said = Said::of(running.wait_with_output().expect("it ends"));
        said.expect(130, &["interrupted; no result was written"]);
        assert_eq!(session.names("t"), [""; 0]);
    }

    /// Makes a Python that has what the page imports, once for all runs of the test, and returns the folder of its commands.
    fn python() -> std::path::PathBuf {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("python");
        let run = |command: &Path, arguments: &[&str]| {
            let output = Command::new(command).args(arguments).output();
            let said = Said::of(output.unwrap_or_else(|error| panic!("{}: {error}", command.display())));
            said.expect(0, &[]);
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
