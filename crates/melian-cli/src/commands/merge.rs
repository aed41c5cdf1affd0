//! `melian merge`.

use std::path::PathBuf;
use std::time::Instant;

use melian_engine::ensemble;

use super::asked::{Asked, Exactness, Interventions, folder_of, run_failed};
use super::parts;
use super::run::Work;
use crate::Outcome;
use crate::interrupt;

/// Puts the shards of a run together and answers as one run would, to the bit.
///
/// It takes the model and the options that the shards were run with, and refuses shards of any other run, missing ones and doubled ones.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    asked: Asked,
    #[command(flatten)]
    interventions: Interventions,
    #[command(flatten)]
    exactness: Exactness,
    /// Where the shards lie [default: MODEL.melian]
    #[arg(long, value_name = "FOLDER")]
    parts: Option<PathBuf>,
}

/// Merges.
pub fn run(arguments: &Arguments) -> Outcome {
    let asked = &arguments.asked;
    let work = Work::new(asked, &arguments.interventions, &arguments.exactness)?;
    interrupt::watch();
    let started = Instant::now();
    let folder = (arguments.parts.clone()).unwrap_or_else(|| folder_of(&work.model.name));
    let size = asked.size();
    let (program, priors) = work.program_and_priors(size)?;
    ensemble::check(program, &size, asked.threads(), asked.memory()).map_err(run_failed)?;
    let ensemble = parts::merge(&folder, program, &size)?;
    work.deliver(&mut work.report(&ensemble, &priors, started)?)?
        .finish()
}
