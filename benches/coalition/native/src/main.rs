//! The benchmark model `coalition(S, A, T)` in Rust, twice: [`lanes`] by hand for this processor, with Melian's random numbers, and [`plain`] as one
//! writes it first.
//!
//!     cargo run --release -p coalition -- lanes --serve

mod lanes;
mod plain;
mod statistics;

use std::io::{BufRead, Write};
use std::time::Instant;

use clap::Parser;

use statistics::Answers;

/// Runs the benchmark model.
#[derive(clap::Parser)]
struct Arguments {
    /// Which version
    version: Version,
    /// Sectors
    #[arg(long, default_value_t = 8)]
    sectors: usize,
    /// Actors
    #[arg(long, default_value_t = 8)]
    actors: usize,
    /// Weeks
    #[arg(long, default_value_t = 104)]
    weeks: usize,
    /// Futures
    #[arg(long, default_value_t = 10_240)]
    replicas: usize,
    /// Futures that share the parameters of a draw, in `lanes`
    #[arg(long, default_value_t = 10)]
    replications: usize,
    /// Seed
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Threads
    #[arg(long, default_value_t = 2)]
    threads: usize,
    /// Rounds, one after the other
    #[arg(long, default_value_t = 1)]
    rounds: usize,
    /// Runs a round for every seed on standard input
    #[arg(long)]
    serve: bool,
    /// Takes no statistics of series: what the simulation alone costs
    #[arg(long)]
    simulation: bool,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Version {
    /// By hand, for this processor
    Lanes,
    /// As one writes it first
    Plain,
}

/// What is run.
#[derive(Clone, Copy)]
struct Size {
    sectors: usize,
    actors: usize,
    weeks: usize,
    replicas: usize,
    replications: usize,
    /// Whether series are counted.
    statistics: bool,
}

/// The week of the election.
const ELECTION: usize = 40;

/// Series that are recorded.
const OUTPUTS: usize = 20;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments = Arguments::parse();
    rayon::ThreadPoolBuilder::new()
        .num_threads(arguments.threads)
        .build_global()?;
    let size = Size {
        sectors: arguments.sectors,
        actors: arguments.actors,
        weeks: arguments.weeks,
        replicas: arguments.replicas,
        replications: arguments.replications,
        statistics: !arguments.simulation,
    };
    let run = |seed| -> (f64, Answers) {
        let started = Instant::now();
        let answers = match arguments.version {
            Version::Lanes => lanes::run(&size, seed),
            Version::Plain => plain::run(&size, seed),
        };
        (started.elapsed().as_secs_f64(), answers)
    };
    run(arguments.seed + 1);
    let mut out = std::io::stdout().lock();
    if !arguments.serve {
        let rounds: Vec<_> = (0..arguments.rounds).map(|_| run(arguments.seed)).collect();
        let seconds = rounds.iter().map(|(seconds, _)| *seconds).collect();
        if let Some((_, answers)) = rounds.into_iter().next_back() {
            writeln!(out, "{}", answers.json(seconds)?)?;
        }
        return Ok(());
    }
    writeln!(out, "ready")?;
    out.flush()?;
    for seed in std::io::stdin().lock().lines() {
        let (seconds, answers) = run(seed?.trim().parse()?);
        writeln!(out, "{}", answers.json(vec![seconds])?)?;
        out.flush()?;
    }
    Ok(())
}
