//! `melian run`.

use std::cell::OnceCell;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::time::Instant;

use melian_analysis::formula::reading_of;
use melian_analysis::prior::{self, Priors};
use melian_analysis::worlds::worlds_needed;
use melian_data::cache::{Cache, Heard, Key};
use melian_engine::ensemble::{self, Ensemble, Size};
use melian_engine::program::Program;
use melian_engine::{World, compile, compile_for};
use melian_language::model::{HeadlinePart, Model};
use melian_language::source::Sources;
use melian_report::data::{Estimate, HeadlineText, Report};
use melian_report::{Info, Run, changes, compose, headlines_of, remembered};

use super::asked::{Asked, Delivered, Exactness, Interventions, folder_of, unsound};
use super::parts::{self, Manner, Shard};
use super::trajectories;
use crate::Outcome;
use crate::failure::Failure;
use crate::interrupt;
use crate::origin::{self, Origin};
use crate::terminal::{self, answer, layout, warnings};

/// Runs a model: forecasts with their uncertainty, verdicts on its claims, what changed since the last run, and a page.
///
/// The baseline is run, and under the same luck every intervention that a claim or a headline names or that `--do` asks for.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    asked: Asked,
    #[command(flatten)]
    interventions: Interventions,
    #[command(flatten)]
    exactness: Exactness,
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
    /// Goes on from what an earlier run of the same has kept, says so if there is nothing, and keeps its own parts however short it is. A long run does all but say
    /// so without being asked
    #[arg(long)]
    resume: bool,
    /// Runs even if the same was run before, and keeps no answer
    #[arg(long)]
    no_cache: bool,
}

/// Seconds that a run has to take for its answer to be kept: others are answered as fast again (by judgement).
const WORTH_KEEPING: f64 = 0.25;

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
    let work = Work::new(asked, &arguments.interventions, &arguments.exactness)?;
    interrupt::watch();
    let manner = |size: &Size| Manner {
        resume: arguments.resume,
        ..asked.manner(size)
    };
    if let Some(shard) = arguments.shard {
        let folder = arguments
            .parts
            .clone()
            .unwrap_or_else(|| folder_of(&work.model.name));
        let path = shard.run(work.program()?, &asked.size(), &manner(&asked.size()), &folder)?;
        if !asked.quiet {
            terminal::print(&format!("Shard  {}\n", path.display()))?;
        }
        return Ok(());
    }
    if let Some(folder) = &arguments.trajectories {
        let mut report = work.with_trajectories(folder)?;
        return work.deliver(&mut report)?.finish();
    }
    let cache = Cache::of_user().filter(|_| !arguments.no_cache);
    let (mut report, is_new) = work.until_exact_enough(arguments.until, cache.as_ref(), &manner)?;
    let delivered = work.deliver(&mut report)?;
    if let Some(cache) = cache.filter(|_| is_new) {
        work.keep_answer(&cache, report);
    }
    delivered.finish()
}

/// A model with all that is to be run of it.
pub(super) struct Work<'a> {
    asked: &'a Asked,
    interventions: &'a Interventions,
    exactness: &'a Exactness,
    origin: Origin,
    pub(super) model: Model,
    sources: Sources,
    /// Worlds that were asked for.
    shown: Vec<World>,
    worlds: Vec<World>,
    program: OnceCell<Program>,
    /// All that the model was read from.
    key: Key,
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
    pub(super) fn new(
        asked: &'a Asked,
        interventions: &'a Interventions,
        exactness: &'a Exactness,
    ) -> Result<Work<'a>, Failure> {
        let (origin, said) = origin::find(&asked.model)?;
        if let Some(said) = said {
            asked.say(&format!("{said}\n"));
        }
        let heard = Heard::new(origin.files());
        let (model, sources) = asked.checked_files(&heard, &interventions.changes(&[]))?;
        let key = heard.into_key();
        let shown = interventions.worlds(&model)?;
        let worlds = worlds_to_run(&model, &shown);
        Ok(Work {
            asked,
            interventions,
            exactness,
            origin,
            model,
            sources,
            shown,
            worlds,
            program: OnceCell::new(),
            key,
        })
    }

    /// Returns the program, which is compiled when it is needed first.
    pub(super) fn program(&self) -> Result<&Program, Failure> {
        if self.program.get().is_none() {
            let mut compiled =
                compile(&self.model, &self.worlds).map_err(|found| unsound(&found, &self.sources))?;
            self.exactness.apply(&mut compiled)?;
            let _ = self.program.set(compiled);
        }
        Ok(self.program.get().expect("it was compiled"))
    }

    /// Shows a report, with what changed since the last one, which it is for the next.
    pub(super) fn deliver(&self, report: &mut Report) -> Result<Delivered, Failure> {
        let (cache, place) = (Cache::of_user(), self.origin.place());
        let last = Key::of_last_run(&self.model.name, &place);
        report.changes = cache.as_ref().and_then(|cache| since(cache, &last, report));
        if interrupt::pressed() {
            return Err(Failure::Interrupted);
        }
        let delivered = (self.asked).deliver(report, |width| answer::render(report, &self.shown, width))?;
        if let Some(cache) = cache {
            let about = format!("the last run of `{}`, {place}", self.model.name);
            keep(&cache, &last, &about, report);
        }
        Ok(delivered)
    }

    /// Returns the program and the priors for a run of a size, made side by side.
    pub(super) fn program_and_priors(&self, size: Size) -> Result<(&Program, Priors), Failure> {
        std::thread::scope(|scope| {
            let model = &self.model;
            let priors = scope.spawn(move || prior::priors(model, size));
            let program = self.program()?;
            let priors = (priors.join()).unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            Ok((program, priors.map_err(|found| unsound(&found, &self.sources))?))
        })
    }

    fn with_trajectories(&self, folder: &Path) -> Result<Report, Failure> {
        let started = Instant::now();
        let size = self.asked.size();
        let manner = self.asked.manner(&size);
        let (program, priors) = self.program_and_priors(size)?;
        let ensemble = trajectories::simulate(folder, &self.model, program, &size, &manner)?;
        self.report(&ensemble, &priors, started)
    }

    /// Returns the name under which the answer to a size is kept: of all texts that were read, what was asked of them, and the program that answers; none if that cannot be told.
    ///
    /// The identity of the run would not do: a report shows titles, comments and sources too, which no future depends on.
    fn key(&self, size: &Size) -> Option<String> {
        let mut key = self.key.clone();
        if !key.add_program() {
            return None;
        }
        for (_, asked) in self.interventions.options().chain(self.exactness.option()) {
            key.add(asked.as_bytes());
        }
        key.add(format!("{size:?}").as_bytes());
        Some(key.name())
    }

    /// Returns the answer to a size if it was kept, with the command that was typed now.
    fn kept_answer(&self, cache: &Cache, size: &Size) -> Option<Report> {
        let found = cache.answer(&self.key(size)?);
        let (text, made) = found.unwrap_or_else(|error| {
            terminal::say(&warnings::line(&format!("{error}; the run is made again")));
            None
        })?;
        let mut report: Report = serde_json::from_str(&text).ok()?;
        report.run.reproduce = self.reproduce(size);
        let took = report
            .run
            .seconds
            .map_or_else(String::new, |seconds| format!(" and took {seconds:.1} s"));
        self.asked.say(&format!(
            "answered from the cache: the same run was made on {}{took}; `--no-cache` makes it again\n",
            moment(made)
        ));
        Some(report)
    }

    /// Keeps an answer for whoever asks the same again.
    fn keep_answer(&self, cache: &Cache, mut report: Report) {
        report.changes = None;
        let size = Size {
            draws: report.run.draws,
            replications: report.run.replications,
            seed: report.run.seed,
        };
        let is_cheap = report.run.seconds.is_some_and(|seconds| seconds < WORTH_KEEPING);
        let Some(key) = self.key(&size).filter(|_| !is_cheap) else {
            return;
        };
        let text = serde_json::to_string(&report).map_err(|error| error.to_string());
        let kept = text.and_then(|text| {
            let kept = cache.keep(&key, &self.asked.about(&size), &text);
            kept.map_err(|error| error.to_string())
        });
        if let Err(error) = kept {
            terminal::say(&warnings::line(&format!(
                "the answer is not kept in the cache: {error}"
            )));
        }
    }

    fn reproduce(&self, size: &Size) -> String {
        let done: Vec<_> = self
            .interventions
            .options()
            .chain(self.exactness.option())
            .collect();
        self.asked.command("run", &done, size)
    }

    /// Runs, or takes from the cache, what was asked for or as many draws as it takes; tells whether the answer is new.
    fn until_exact_enough(
        &self,
        until: Option<f64>,
        cache: Option<&Cache>,
        manner: &dyn Fn(&Size) -> Manner,
    ) -> Result<(Report, bool), Failure> {
        let mut size = self.asked.size();
        loop {
            let kept = cache.and_then(|cache| self.kept_answer(cache, &size));
            let is_new = kept.is_none();
            let report = match kept {
                Some(report) => report,
                None => {
                    let started = Instant::now();
                    self.say_first_answer(&size);
                    let (program, priors) = self.program_and_priors(size)?;
                    let ensemble = parts::simulate(program, &size, &manner(&size))?;
                    self.report(&ensemble, &priors, started)?
                }
            };
            let Some(target) = until else {
                return Ok((report, is_new));
            };
            let (error, of) = largest_error(&report);
            let doubled = Size {
                draws: size.draws.saturating_mul(2),
                ..size
            };
            let said = format!("Monte Carlo error is at most {} ({of})", percent(error));
            if error <= target {
                self.asked.say(&format!("{} draws: {said}\n", size.draws));
                return Ok((report, is_new));
            }
            if doubled.draws > Size::MOST_DRAWS || self.is_too_large(&doubled)? {
                terminal::say(&format!(
                    "{} draws are the most that this run can have: {said}\n",
                    size.draws
                ));
                return Ok((report, is_new));
            }
            if let Some(cache) = cache.filter(|_| is_new) {
                self.keep_answer(cache, report);
            }
            self.asked
                .say(&format!("{} draws: {said}; doubling\n", size.draws));
            size = doubled;
        }
    }

    /// Says what the first futures answer, where somebody looks and there are many more. What goes wrong here is said by the run.
    fn say_first_answer(&self, size: &Size) {
        /// Two of each scramble: the fewest that have an error.
        const DRAWS: u32 = 16;
        let first = Size {
            draws: DRAWS.min(size.draws),
            replications: size.replications.min(10),
            ..*size
        };
        let nobody_waits = size.futures() < 10 * first.futures();
        if self.asked.quiet || nobody_waits || !std::io::stderr().is_terminal() {
            return;
        }
        let mut answers = Vec::new();
        for headline in &self.model.headlines {
            for part in &headline.parts {
                if let HeadlinePart::Figure { formula, .. } = part {
                    formula
                        .visit(&mut |part| answers.extend(reading_of(part).map(|reading| reading.quantity)));
                }
            }
        }
        let headlines = compile_for(&self.model, &[World::baseline()], &answers)
            .ok()
            .filter(|_| !answers.is_empty())
            .and_then(|mut program| {
                self.exactness.apply(&mut program).ok()?;
                let ensemble = ensemble::run(&program, &first, self.asked.threads(), &|_, _| true).ok()?;
                Some(headlines_of(&self.model, &ensemble))
            })
            .unwrap_or_default();
        if !headlines.is_empty() {
            let (futures, of) = (first.futures(), size.futures());
            terminal::say(&answer::first(&headlines, futures, of, layout::width()));
        }
    }

    fn is_too_large(&self, size: &Size) -> Result<bool, Failure> {
        let Asked { threads, .. } = self.asked;
        Ok(ensemble::check(self.program()?, size, usize::from(*threads), self.asked.memory()).is_err())
    }

    /// Says what a run answers, which took since `started`.
    pub(super) fn report(
        &self,
        ensemble: &Ensemble,
        priors: &Priors,
        started: Instant,
    ) -> Result<Report, Failure> {
        let seconds = started.elapsed().as_secs_f64();
        let size = ensemble.size;
        if interrupt::pressed() {
            return Err(Failure::Interrupted);
        }
        Ok(compose(&Run {
            model: &self.model,
            sources: &self.sources,
            worlds: &self.worlds,
            ensemble,
            compared: None,
            priors,
            info: Info {
                melian: env!("CARGO_PKG_VERSION").into(),
                identity: ensemble::identity(self.program()?, &size).to_string(),
                priors: priors.identity.to_string(),
                seconds: Some(seconds),
                reproduce: self.reproduce(&size),
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

fn since(cache: &Cache, last: &str, report: &Report) -> Option<melian_report::data::Changes> {
    let found = cache.answer(last).unwrap_or_else(|error| {
        terminal::say(&warnings::line(&format!(
            "{error}; what changed since the last run is not known"
        )));
        None
    });
    let (text, made) = found?;
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

fn keep(cache: &Cache, last: &str, about: &str, report: &Report) {
    // A cache that cannot be written costs the next run its comparison, nothing else.
    let kept = serde_json::to_string(&remembered(report)).map_err(|error| error.to_string());
    let written = kept.and_then(|text| {
        let kept = cache.keep(last, about, &text);
        kept.map_err(|error| error.to_string())
    });
    if let Err(error) = written {
        terminal::say(&format!("the next run will not know what changed: {error}\n"));
    }
}
