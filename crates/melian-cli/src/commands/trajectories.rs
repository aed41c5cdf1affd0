//! `melian run --trajectories`: every future as Parquet. Without the feature of that name, what to do to have it.

use std::path::Path;

use melian_engine::ensemble::{Ensemble, Size};
use melian_engine::program::Program;
use melian_language::model::Model;

use super::parts::Manner;
use crate::failure::Failure;

/// Runs all futures and writes every one of them into a folder.
#[cfg(feature = "trajectories")]
pub fn simulate(
    folder: &Path,
    model: &Model,
    program: &Program,
    size: &Size,
    manner: &Manner,
) -> Result<Ensemble, Failure> {
    use melian_data::trajectories::Trajectories;
    use melian_engine::ensemble;

    use super::asked::run_failed;
    use crate::interrupt;
    use crate::terminal::progress::Progress;

    let about = [
        ("version", env!("CARGO_PKG_VERSION").to_owned()),
        ("model", model.name.clone()),
        ("title", model.title.clone()),
        ("identity", ensemble::identity(program, size).to_string()),
        ("draws", size.draws.to_string()),
        ("replications", size.replications.to_string()),
        ("seed", size.seed.to_string()),
    ];
    ensemble::check(program, size, manner.threads, manner.memory).map_err(run_failed)?;
    let mut trajectories = Trajectories::begin(folder, model, &program.layout, size, &about)?;
    let progress = Progress::start(manner.quiet);
    let told = |done: u64, all: u64| {
        progress.at(done, all);
        !interrupt::pressed()
    };
    let found = ensemble::run_into(
        &mut trajectories,
        program,
        size,
        manner.threads,
        manner.memory,
        &told,
    );
    progress.finish();
    if let Some(failure) = trajectories.failure() {
        return Err(failure.into());
    }
    let ensemble = found.map_err(run_failed)?;
    trajectories.finish(&ensemble)?;
    Ok(ensemble)
}

/// Says how to have what this program was built without.
#[cfg(not(feature = "trajectories"))]
pub fn simulate(_: &Path, _: &Model, _: &Program, _: &Size, _: &Manner) -> Result<Ensemble, Failure> {
    Err(
        Failure::usage("this melian was built without what writes trajectories").hint(
            "build it with the feature: `cargo install --path crates/melian-cli --features trajectories`",
        ),
    )
}
