//! `melian run`.

use std::path::{Path, PathBuf};
use std::time::Instant;

use melian_analysis::prior;
use melian_analysis::worlds::worlds_needed;
use melian_data::last::Last;
use melian_engine::ensemble::{self, Ensemble, Size};
use melian_engine::program::Program;
use melian_engine::{World, compile};
use melian_language::model::Model;
use melian_language::source::Sources;
use melian_report::data::{Estimate, HeadlineText, Report};
use melian_report::{Info, Run, changes, compose, remembered};

use super::asked::{Asked, Interventions, folder_of, unsound};
use super::parts::Shard;
use super::trajectories;
use crate::Outcome;
use crate::failure::Failure;
use crate::interrupt;
use crate::origin::{self, Origin};
use crate::terminal::{self, answer};

/// Runs a model: forecasts with their uncertainty, verdicts on its claims, what changed since the last run, and a page.
///
/// The baseline is run, and under the same luck every intervention that a claim or a headline names or that `--do` asks for.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    asked: Asked,
    #[command(flatten)]
    interventions: Interventions,
    /// Doubles the draws until Monte Carlo error is below this share: of one for probabilities, else of the figure or of the spread
    /// between draws, whichever is larger
    #[arg(long, value_name = "PERCENT", value_parser = share)]
    until: Option<f64>,
    /// Writes every future too, as Parquet, into a folder: `trajectories.parquet` and `futures.parquet`
    #[arg(long, value_name = "FOLDER", conflicts_with_all = ["until", "shard"])]
    trajectories: Option<PathBuf>,
    /// Runs one of N shards only, for `melian merge`, and writes it into a folder
    #[arg(long, value_name = "I/N", conflicts_with_all = ["until", "json", "out", "open"])]
    shard: Option<Shard>,
    /// Where shards lie [default: MODEL.melian]
    #[arg(long, value_name = "FOLDER", requires = "shard")]
    parts: Option<PathBuf>,
}

fn share(text: &str) -> Result<f64, String> {
    let number = text.strip_suffix('%').unwrap_or(text).trim();
    match number.parse::<f64>() {
        Ok(percent) if percent > 0.0 && percent < 100.0 => Ok(percent / 100.0),
        _ => Err("a percentage between 0% and 100%, such as 1%".into()),
    }
}

/// Runs.
pub fn run(arguments: &Arguments) -> Outcome {
    let asked = &arguments.asked;
    let work = Work::new(asked, &arguments.interventions)?;
    interrupt::watch();
    if let Some(shard) = arguments.shard {
        let folder = arguments
            .parts
            .clone()
            .unwrap_or_else(|| folder_of(&work.model.name));
        let path = shard.run(
            &work.program,
            &asked.size(),
            asked.threads(),
            asked.quiet,
            &folder,
        )?;
        if !asked.quiet {
            terminal::print(&format!("Shard  {}\n", path.display()))?;
        }
        return Ok(());
    }
    let report = match &arguments.trajectories {
        None => work.until_exact_enough(arguments.until)?,
        Some(folder) => work.with_trajectories(folder)?,
    };
    work.deliver(report)
}

/// A model with all that is to be run of it.
pub(super) struct Work<'a> {
    asked: &'a Asked,
    interventions: &'a Interventions,
    origin: Origin,
    pub(super) model: Model,
    sources: Sources,
    /// Worlds that were asked for.
    shown: Vec<World>,
    worlds: Vec<World>,
    pub(super) program: Program,
}

/// Returns the worlds that claims and headlines need, and what was asked for beside them.
fn worlds_to_run(model: &Model, asked: &[World]) -> Vec<World> {
    let mut worlds = worlds_needed(model);
    let needed = |world: &&World| !worlds.iter().any(|needed| needed.name == world.name);
    let more: Vec<World> = asked.iter().filter(needed).cloned().collect();
    worlds.extend(more);
    worlds
}

impl<'a> Work<'a> {
    /// Checks and compiles what was asked for.
    pub(super) fn new(asked: &'a Asked, interventions: &'a Interventions) -> Result<Work<'a>, Failure> {
        let (origin, said) = origin::find(&asked.model)?;
        if let Some(said) = said {
            asked.say(&format!("{said}\n"));
        }
        let (model, sources) = asked.checked(&origin, &interventions.changes(&[]))?;
        let shown = interventions.worlds(&model)?;
        let worlds = worlds_to_run(&model, &shown);
        let program = compile(&model, &worlds).map_err(|found| unsound(&found, &sources))?;
        Ok(Work {
            asked,
            interventions,
            origin,
            model,
            sources,
            shown,
            worlds,
            program,
        })
    }

    /// Shows a report, with what changed since the last one, which it is for the next.
    pub(super) fn deliver(&self, mut report: Report) -> Outcome {
        let last = Last::of(&self.model.name, &self.origin.place());
        report.changes = last.as_ref().and_then(|last| since(last, &report));
        if interrupt::pressed() {
            return Err(Failure::Interrupted);
        }
        let delivered = (self.asked).deliver(&report, |width| answer::render(&report, &self.shown, width))?;
        if let Some(last) = last {
            keep(&last, &report);
        }
        delivered.finish()
    }

    fn with_trajectories(&self, folder: &Path) -> Result<Report, Failure> {
        let started = Instant::now();
        let (size, threads) = (self.asked.size(), self.asked.threads());
        let ensemble = trajectories::simulate(
            folder,
            &self.model,
            &self.program,
            &size,
            threads,
            self.asked.quiet,
        )?;
        self.report(&ensemble, started)
    }

    fn until_exact_enough(&self, until: Option<f64>) -> Result<Report, Failure> {
        let mut size = self.asked.size();
        loop {
            let started = Instant::now();
            let ensemble = self.asked.simulate(&self.program, &size)?;
            let report = self.report(&ensemble, started)?;
            let Some(target) = until else {
                return Ok(report);
            };
            let (error, of) = largest_error(&report);
            let doubled = Size {
                draws: size.draws.saturating_mul(2),
                ..size
            };
            let said = format!("Monte Carlo error is at most {} ({of})", percent(error));
            if error <= target {
                self.asked.say(&format!("{} draws: {said}\n", size.draws));
                return Ok(report);
            }
            if doubled.draws > Size::MOST_DRAWS || self.too_large(&doubled) {
                terminal::say(&format!(
                    "{} draws are the most that this run can have: {said}\n",
                    size.draws
                ));
                return Ok(report);
            }
            self.asked
                .say(&format!("{} draws: {said}; doubling\n", size.draws));
            size = doubled;
        }
    }

    fn too_large(&self, size: &Size) -> bool {
        ensemble::memory_estimate(&self.program, size, self.asked.threads()) > ensemble::MEMORY_LIMIT
    }

    /// Says what a run answers, which took since `started`.
    pub(super) fn report(&self, ensemble: &Ensemble, started: Instant) -> Result<Report, Failure> {
        let seconds = started.elapsed().as_secs_f64();
        let size = ensemble.size;
        let priors = prior::priors(&self.model, size).map_err(|found| unsound(&found, &self.sources))?;
        if interrupt::pressed() {
            return Err(Failure::Interrupted);
        }
        let done: Vec<_> = self.interventions.options().collect();
        Ok(compose(&Run {
            model: &self.model,
            sources: &self.sources,
            worlds: &self.worlds,
            ensemble,
            compared: None,
            priors: &priors,
            info: Info {
                melian: env!("CARGO_PKG_VERSION").into(),
                identity: ensemble::identity(&self.program, &size).to_string(),
                priors: priors.identity.to_string(),
                seconds: Some(seconds),
                reproduce: self.asked.command("run", &done, &size),
            },
        }))
    }
}

fn percent(share: f64) -> String {
    format!("{}%", melian_analysis::words::number(share * 100.0, share * 10.0))
}

/// Returns the largest relative Monte Carlo error of the baseline's questions and of the headlines, and of what it is.
fn largest_error(report: &Report) -> (f64, String) {
    let questions = report.questions.iter().filter_map(|question| {
        let estimate = question.worlds.first()?;
        Some((relative_error(estimate, true), question.label.name.as_str()))
    });
    let figures = report
        .headlines
        .iter()
        .flat_map(|headline| &headline.parts)
        .filter_map(|part| match part {
            HeadlineText::Figure {
                formula,
                estimate,
                unit,
            } => Some((relative_error(estimate, unit == "%"), formula.as_str())),
            HeadlineText::Text { .. } => None,
        });
    let worst = questions.chain(figures).max_by(|a, b| a.0.total_cmp(&b.0));
    worst.map_or((0.0, "nothing is asked".into()), |(error, of)| {
        (error, of.to_owned())
    })
}

fn relative_error(estimate: &Estimate, probability: bool) -> f64 {
    let Some(error) = estimate.mc_error.filter(|error| *error > 0.0) else {
        return 0.0;
    };
    let size = estimate
        .mean
        .unwrap_or(0.0)
        .abs()
        .max(estimate.knowledge_sd.unwrap_or(0.0));
    if probability { error } else { error / size }
}

fn since(last: &Last, report: &Report) -> Option<melian_report::data::Changes> {
    let (text, made) = last.read()?;
    let before: Report = serde_json::from_str(&text).ok()?;
    // Another version may mean something else by the same field.
    let same = before.format == report.format;
    same.then(|| changes(&before, report, &moment(made)))
}

/// Returns a moment, ISO 8601, to the minute; empty for one that no calendar has.
fn moment(made: std::time::SystemTime) -> String {
    jiff::Timestamp::try_from(made).map_or_else(
        |_| String::new(),
        |made| made.strftime("%Y-%m-%dT%H:%MZ").to_string(),
    )
}

fn keep(last: &Last, report: &Report) {
    // A cache that cannot be written costs the next run its comparison, nothing else.
    let kept = serde_json::to_string(&remembered(report)).map_err(|error| error.to_string());
    let written = kept.and_then(|text| last.keep(&text).map_err(|error| error.to_string()));
    if let Err(error) = written {
        terminal::say(&format!("the next run will not know what changed: {error}\n"));
    }
}
