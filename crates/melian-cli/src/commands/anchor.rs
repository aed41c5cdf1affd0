//! `melian anchor`.

use std::time::Instant;

use melian_analysis::anchor::{self, Doing, Solution, SolveError};
use melian_analysis::words::number;
use melian_data::write;
use melian_engine::ensemble::{RunError, Size};
use melian_language::check;
use melian_language::lock::{LOCK_FILE, Unlocked};
use melian_language::model::Model;
use melian_report::unit_text;

use crate::Outcome;
use crate::failure::Failure;
use crate::interrupt;
use crate::origin::{self, Origin};
use crate::terminal::layout::{Side, Table};
use crate::terminal::progress::Progress;
use crate::terminal::style::{FAINT, STRONG, paint};
use crate::terminal::{self, diagnostics, layout};

/// Solves for the parameters that a model anchors, so that its questions have their elicited probabilities, and writes `anchors.lock`.
///
/// For each anchor the values of the parameter are found at which the question has the low, central and high probability, with everything else
/// drawn from its prior. `melian run` gives the parameter the distribution through these values.
#[derive(clap::Args)]
pub struct Arguments {
    /// A model's folder
    #[arg(default_value = ".")]
    model: String,
    /// Samples of all parameters: what is not known
    #[arg(long, default_value_t = 1024, allow_negative_numbers = true, value_parser = clap::value_parser!(u32).range(1..=i64::from(Size::MOST_DRAWS)))]
    draws: u32,
    /// Samples of all noise under each draw: luck
    #[arg(long, default_value_t = 10, allow_negative_numbers = true, value_parser = clap::value_parser!(u32).range(1..=i64::from(Size::MOST_REPLICATIONS)))]
    reps: u32,
    /// Which luck. A run with the same seed and size has the futures that were solved on
    #[arg(long, default_value_t = 1, allow_negative_numbers = true, value_parser = clap::value_parser!(u64).range(0..=Size::MOST_SEED))]
    seed: u64,
    /// Threads; 0 for one per core. No answer depends on it
    #[arg(long, default_value_t = 0, allow_negative_numbers = true, value_parser = clap::value_parser!(u16).range(0..=1024))]
    threads: u16,
    /// Prints warnings only, and no progress
    #[arg(long, short)]
    quiet: bool,
}

/// Solves.
pub fn run(arguments: &Arguments) -> Outcome {
    let (origin, said) = origin::find(&arguments.model)?;
    let Origin::Folder(folder) = &origin else {
        let name = &arguments.model;
        return Err(Failure::usage(format!(
            "`{name}` comes with melian, and its `{LOCK_FILE}` with it; nothing can be written there"
        ))
        .hint(format!("copy it and solve there: `melian copy {name} ./{name}`")));
    };
    if let Some(said) = said.filter(|_| !arguments.quiet) {
        terminal::say(&format!("{said}\n"));
    }
    // What the old lock says does not matter, not even whether it can be read.
    let mut checked = check(&Unlocked(folder));
    checked.diagnostics.retain(|found| found.code != "W1010");
    terminal::say(&diagnostics::render(&checked.diagnostics, &checked.sources));
    let Some(model) = &checked.model else {
        return Err(Failure::Unsound);
    };
    if model.anchors.is_empty() {
        return terminal::print(&format!("{} has no anchors: nothing to solve for\n", model.name));
    }
    interrupt::watch();
    let size = Size {
        draws: arguments.draws,
        replications: arguments.reps,
        seed: arguments.seed,
    };
    let started = Instant::now();
    let progress = Progress::start(arguments.quiet);
    let told = |doing: Doing| {
        let what = doing.parameter.unwrap_or("all together");
        progress.doing(&format!("run {}, {what}", doing.runs + 1));
        progress.at(doing.done, doing.all);
        !interrupt::pressed()
    };
    let solution = anchor::solve(model, size, usize::from(arguments.threads), &told);
    progress.finish();
    let solution = solution.map_err(|error| match error {
        SolveError::Unsound(found) => {
            terminal::say(&diagnostics::render(&found, &checked.sources));
            Failure::Unsound
        }
        SolveError::Run(RunError::Interrupted) => Failure::Interrupted,
        SolveError::Run(error @ RunError::OutOfRange { .. }) => Failure::usage(error.to_string()),
        SolveError::Run(error) => Failure::world(error.to_string()),
    })?;
    if interrupt::pressed() {
        return Err(Failure::Interrupted);
    }
    write(&folder.path().join(LOCK_FILE), solution.lock.to_text().as_bytes())?;
    if arguments.quiet {
        return Ok(());
    }
    terminal::print(&rendered(model, &solution, started.elapsed().as_secs_f64()))
}

fn rendered(model: &Model, solution: &Solution, seconds: f64) -> String {
    let mut table = Table::new([Side::Left, Side::Right, Side::Right, Side::Right]);
    table.row(["Anchors", "low", "central", "high"].map(|text| paint(STRONG, text)));
    for (solved, anchor) in solution.lock.anchors.iter().zip(&model.anchors) {
        let unit = &model.quantity(anchor.parameter).unit;
        let percent = |p: f64, error: f64| format!("{}%", number(p * 100.0, error * 100.0));
        let each = |probabilities: [f64; 3]| [0, 1, 2].map(|i| percent(probabilities[i], solved.errors[i]));
        let mean = |p: f64| percent(p, solved.run.1);
        let in_unit = match unit_text(unit) {
            text if text.is_empty() => text,
            text => format!(", {text}"),
        };
        let apart = (solved.values[2] - solved.values[0]).abs() / unit.scale;
        table.row(row(
            format!("  {}, elicited", solved.question),
            each(solved.elicited),
        ));
        table.row(row("    reached".into(), each(solved.reached)));
        table.row(row(
            format!("    at {}{in_unit}", solved.parameter),
            solved.values.map(|x| number(x / unit.scale, apart / 100.0)),
        ));
        table.row(row(
            paint(FAINT, "    mean elicited, of a run, its error"),
            [
                mean(solved.mean),
                mean(solved.run.0),
                "±".to_owned() + &percent(solved.run.1, solved.run.1),
            ],
        ));
    }
    let Solution { lock, turns, runs } = solution;
    format!(
        "{}\n{} solved in {turns} turns and {runs} runs ({seconds:.0} s) on {} draws x {} replications, seed {}\nWritten to {LOCK_FILE}\n",
        table.render(0, layout::width()),
        model.name,
        lock.draws,
        lock.replications,
        lock.seed,
    )
}

fn row(name: String, [low, central, high]: [String; 3]) -> [String; 4] {
    [name, low, central, high]
}
