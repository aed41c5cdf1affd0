//! The command `melian`: arguments in, text out.
//!
//! A command is a file of [`commands`]; what it prints is made in [`terminal`]; how it may fail is [`failure`]. What two faces
//! would need lies in the crates below.

mod commands;
mod failure;
mod interrupt;
mod origin;
mod terminal;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use failure::Failure;

/// Runs strategic arguments: write them down as a model, run the futures that follow, doubt them, score them.
#[derive(Parser)]
#[command(name = "melian", version, max_term_width = 100, arg_required_else_help = true)]
#[command(
    after_help = "Start with `melian run lanchester`, or `melian copy gambit ./mine` and change a number."
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Run(commands::run::Arguments),
    Compare(commands::compare::Arguments),
    Merge(commands::merge::Arguments),
    Diff(commands::diff::Arguments),
    Explain(commands::explain::Arguments),
    Check(commands::check::Arguments),
    Anchor(commands::anchor::Arguments),
    Fmt(commands::fmt::Arguments),
    New(commands::new::Arguments),
    Copy(commands::copy::Arguments),
    Cache(commands::cache::Arguments),
}

fn main() -> ExitCode {
    failure::explain_panics();
    let result = match Arguments::parse().command {
        Command::Run(arguments) => commands::run::run(&arguments),
        Command::Compare(arguments) => commands::compare::run(&arguments),
        Command::Merge(arguments) => commands::merge::run(&arguments),
        Command::Diff(arguments) => commands::diff::run(&arguments),
        Command::Explain(arguments) => commands::explain::run(&arguments),
        Command::Check(arguments) => commands::check::run(&arguments),
        Command::Anchor(arguments) => commands::anchor::run(&arguments),
        Command::Fmt(arguments) => commands::fmt::run(&arguments),
        Command::New(arguments) => commands::new::run(&arguments),
        Command::Copy(arguments) => commands::copy::run(&arguments),
        Command::Cache(arguments) => commands::cache::run(&arguments),
    };
    match result {
        Ok(()) => {
            commands::clear_finished();
            ExitCode::SUCCESS
        }
        Err(failure) => failure.report(),
    }
}

/// What every command returns.
type Outcome = Result<(), Failure>;
