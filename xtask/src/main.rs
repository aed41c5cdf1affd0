//! Every chore of the project: `cargo xtask --help`.

mod licences;
mod test;
mod tidy;
mod web;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use clap::{Parser, Subcommand};

/// Chores of the Melian project.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Runs every test: style, lints, Rust, licences, tidiness, the page in a browser.
    Test,
    /// Checks what no compiler checks: edges between crates, lint lists, words that do not belong here.
    Tidy,
    /// Checks the licences and sources of all dependencies.
    Licences,
    /// Builds the page from TypeScript into the report crate.
    Web,
}

fn main() -> Result<()> {
    match Arguments::parse().chore {
        Chore::Test => test::run(),
        Chore::Tidy => tidy::run(),
        Chore::Licences => licences::run(),
        Chore::Web => web::build(),
    }
}

/// Returns the root of the repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("xtask lies in the root of the repository")
        .to_owned()
}

/// Runs a command in a folder, showing it, and fails if it fails.
fn run(folder: &Path, program: &str, arguments: &[&str]) -> Result<()> {
    eprintln!("$ {program} {}", arguments.join(" "));
    let status = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .status()
        .with_context(|| format!("cannot start `{program}`: is it installed?"))?;
    ensure!(status.success(), "`{program} {}` failed", arguments.join(" "));
    Ok(())
}
