//! `melian diff`.

use std::time::{Duration, Instant};

use melian_analysis::difference::{Answers, Versions, attribute};
use melian_analysis::formula::{Futures, Linear};
use melian_analysis::prior;
use melian_analysis::worlds::worlds_needed;
use melian_data::Parts;
use melian_data::cache::Cache;
use melian_engine::ensemble::{self, Size};
use melian_engine::program::Program;
use melian_engine::{compile, compile_for};
use melian_language::model::{HeadlinePart, Model};
use melian_report::{Info, Run, compose, difference};

use super::asked::{Asked, answers, run_failed, unsound};
use crate::Outcome;
use crate::failure::Failure;
use crate::interrupt;
use crate::origin;
use crate::terminal::progress::Progress;
use crate::terminal::versions;

/// Compares two versions of a model: what differs, in declarations rather than lines, and how much of the difference of every answer each change
/// accounts for, under the same luck.
///
/// A version is a folder, a shipped model, or a folder as git keeps it: `FOLDER@REVISION`.
#[derive(clap::Args)]
pub struct Arguments {
    /// The earlier version
    before: String,
    #[command(flatten)]
    asked: Asked,
    /// Where there are more than four changes: in how many orders, each with its reverse, they are made one by one
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=1000))]
    orders: u16,
}

/// Compares.
pub fn run(arguments: &Arguments) -> Outcome {
    let asked = &arguments.asked;
    let names = [arguments.before.as_str(), asked.model.as_str()];
    let before = origin::find_version(names[0])?;
    let after = origin::find_version(names[1])?;
    let checked = |origin, name| {
        asked.say(&format!("checking {name}\n"));
        asked.checked(origin, &[])
    };
    checked(&before, names[0])?;
    let (model, sources) = checked(&after, names[1])?;
    interrupt::watch();
    let size = asked.size();
    let started = Instant::now();
    let versions = Versions::new(before.files(), after.files());
    let all = worlds_needed(&model);
    let program = compile(&model, &all).map_err(|found| unsound(&found, &sources))?;
    let identity = ensemble::identity(&program, &size).to_string();
    let progress = Progress::start(asked.quiet);
    let groups = versions.groups();
    let mut runs = Runs {
        size,
        threads: asked.threads(),
        groups,
        expected: match groups {
            0..=4 => 1 << groups,
            many => 2 * u64::from(arguments.orders) * (many as u64 - 1) + 2,
        },
        done: 0,
        kept: Cache::of_user().map(|cache| cache.parts(&format!("{}-diff", &identity[..32]))),
        long: LONG,
        bytes: 0,
        progress: &progress,
    };
    runs.say_what_is_kept();
    let found = attribute(&versions, size, arguments.orders.into(), |model| {
        runs.answers(model)
    });
    progress.finish();
    let found = found?.ok_or_else(|| {
        Failure::world("the two versions cannot be put together from their parts")
            .hint("run each alone: `melian run`; this is a fault of melian, please report it")
    })?;
    let ensemble = asked.simulate(&program, &size)?;
    let seconds = started.elapsed().as_secs_f64();
    let priors = prior::priors(&model, size).map_err(|found| unsound(&found, &sources))?;
    let orders = arguments.orders.to_string();
    let mut report = compose(&Run {
        model: &model,
        sources: &sources,
        worlds: &all,
        ensemble: &ensemble,
        compared: None,
        priors: &priors,
        info: Info {
            melian: env!("CARGO_PKG_VERSION").into(),
            identity,
            priors: priors.identity.to_string(),
            seconds: Some(seconds),
            reproduce: asked.command(
                &format!("diff {}", super::asked::quoted(&arguments.before)),
                &[("--orders", &orders)],
                &size,
            ),
        },
    });
    report.difference = Some(difference(names, &model, &versions, &found));
    if interrupt::pressed() {
        return Err(Failure::Interrupted);
    }
    let delivered = asked.deliver(&report, |width| versions::render(&report, width))?;
    if let Some(kept) = &runs.kept {
        kept.clear();
    }
    delivered.finish()
}

/// The runs of versions between the two. Where all of them together take long, each is kept until the last is done.
struct Runs<'a> {
    size: Size,
    threads: usize,
    groups: usize,
    /// How many there are at most.
    expected: u64,
    done: u64,
    kept: Option<Parts>,
    /// A run is kept if so many of its kind would take longer than this.
    long: Duration,
    /// What was kept takes so much.
    bytes: u64,
    progress: &'a Progress,
}

/// Nobody minds doing so much again (a choice by judgement).
const LONG: Duration = Duration::from_secs(15);

/// What is kept of runs takes so much of the disk at most, until they are done (a choice by judgement).
const MOST_KEPT: u64 = 4 << 30;

/// What changes do to answers in every future may take so much memory (a choice by judgement).
const MOST_MEMORY: u64 = 2 << 30;

impl Runs<'_> {
    fn say_what_is_kept(&self) {
        let kept = self.kept.as_ref().and_then(|kept| kept.list().ok());
        let count = kept.map_or(0, |kept| kept.len());
        if count > 0 {
            self.progress.say(&format!(
                "an earlier diff has done {count} of {} runs, and this one goes on from there",
                self.expected
            ));
        }
    }

    /// Returns a version's measures and questions as it stands, and the figures of its first sentences that are sums of means: as they were kept, or of
    /// a run.
    fn answers(&mut self, model: &Model) -> Result<Answers, Failure> {
        let started = Instant::now();
        let program = compile_for(model, &worlds_needed(model), &answers(model)).map_err(|_| {
            Failure::world("a version between the two cannot be run")
                .hint("this is a fault of melian, please report it")
        })?;
        let name = ensemble::identity(&program, &self.size).to_string();
        let known = self.kept.as_ref().and_then(|kept| kept.columns(&name));
        let is_known = known.is_some();
        let found = match known {
            Some(found) => found,
            None => self.simulate(model, &program)?,
        };
        let all = started
            .elapsed()
            .saturating_mul(u32::try_from(self.expected).unwrap_or(u32::MAX));
        let keeps = !is_known && all > self.long && self.bytes < MOST_KEPT;
        self.check_memory(&found)?;
        if let Some(kept) = self.kept.as_ref().filter(|_| keeps) {
            match kept.keep_columns(&name, &found) {
                Ok(bytes) => self.bytes += bytes,
                Err(error) => {
                    // The diff itself needs no disk.
                    self.progress.say(&format!(
                        "the diff goes on, but could not be resumed if it died: {error}"
                    ));
                    self.kept = None;
                }
            }
        }
        self.done += 1;
        Ok(found)
    }

    fn simulate(&self, model: &Model, program: &Program) -> Result<Answers, Failure> {
        let futures = self.size.futures() as u64;
        let told = |done: u64, _| {
            self.progress
                .at(self.done * futures + done, self.expected * futures);
            !interrupt::pressed()
        };
        let ensemble = ensemble::run(program, &self.size, self.threads, &told).map_err(run_failed)?;
        let futures = Futures {
            model,
            ensemble: &ensemble,
        };
        let mut found = Answers::new();
        for headline in &model.headlines {
            for part in &headline.parts {
                if let HeadlinePart::Figure { formula, text, .. } = part
                    && let Some(values) = Linear::of(formula).and_then(|linear| linear.values(futures))
                {
                    found.insert(text.clone(), values);
                }
            }
        }
        for (position, output) in ensemble.layout.measures.iter().enumerate() {
            found.insert(output.name.clone(), ensemble.measures[0][position].to_vec());
        }
        Ok(found)
    }

    fn check_memory(&self, answers: &Answers) -> Result<(), Failure> {
        let futures = self.size.futures() as u64;
        let of_future = (self.groups * answers.len() * size_of::<f64>()) as u64;
        if of_future * futures <= MOST_MEMORY {
            return Ok(());
        }
        let draws = MOST_MEMORY / of_future / u64::from(self.size.replications);
        Err(Failure::world(format!(
            "what {} changes do to {} answers in {futures} futures may take {} GiB of memory",
            self.groups,
            answers.len(),
            (of_future * futures).div_ceil(1 << 30)
        ))
        .hint(format!("ask for fewer futures: `--draws {}`", draws.max(1))))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    const SIZE: Size = Size {
        draws: 64,
        replications: 2,
        seed: 1,
    };

    fn versions() -> Versions {
        let text = |a: u32, b: u32, c: u32| {
            BTreeMap::from([(
                "m.mel".to_owned(),
                format!(
                    "melian 0.1\nmodel m\ntime weekly from 2024-01-01 for 4 weeks\nparam u ~ normal(0, 1)\nconst a = {a}\nconst b = {b}\nconst c = {c}\nmeasure m1 = a * b * c + u\n"
                ),
            )])
        };
        Versions::new(&text(1, 2, 3), &text(4, 5, 6))
    }

    /// Attributes with runs that are kept if they are as long as this, and fails, as if killed, when so many are done; returns what was found and how many runs
    /// were kept anew.
    fn attributed(kept: &Parts, long: Duration, until: u64) -> (Option<String>, u64) {
        let progress = Progress::start(true);
        let mut runs = Runs {
            size: SIZE,
            threads: 1,
            groups: 3,
            expected: 8,
            done: 0,
            kept: Some(kept.clone()),
            long,
            bytes: 0,
            progress: &progress,
        };
        let mut anew = 0;
        let found = attribute(&versions(), SIZE, 4, |model| {
            if runs.done == until {
                return Err(Failure::Interrupted);
            }
            let before = kept.list().expect("a folder").len();
            let found = runs.answers(model);
            anew += (kept.list().expect("a folder").len() - before) as u64;
            found
        });
        let found = found
            .ok()
            .map(|found| format!("{:?}", found.expect("sound").answers));
        (found, anew)
    }

    #[test]
    fn an_interrupted_diff_goes_on_and_ends_with_the_same_bits() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let kept = Parts::within(&folder.path().join("kept"));
        let (expected, none) = attributed(&kept, Duration::MAX, u64::MAX);
        assert_eq!(none, 0, "short runs are not kept");
        assert_eq!(attributed(&kept, Duration::ZERO, 5), (None, 5));
        // What was damaged is run again.
        let paths = kept.list().expect("a folder");
        std::fs::write(&paths[1], "harmed").expect("it can be harmed");
        let (found, anew) = attributed(&kept, Duration::ZERO, u64::MAX);
        assert_eq!((found, anew), (expected, 3));
        assert_eq!(kept.list().expect("a folder").len(), 8);
        assert!(
            kept.columns(
                paths[1]
                    .file_stem()
                    .and_then(|name| name.to_str())
                    .expect("a name")
            )
            .is_some()
        );
    }

    #[test]
    fn what_would_take_too_much_memory_is_refused_with_what_to_do() {
        let progress = Progress::start(true);
        let runs = Runs {
            size: Size {
                draws: 60_000,
                replications: 100,
                seed: 1,
            },
            threads: 1,
            groups: 100,
            expected: 800,
            done: 0,
            kept: None,
            long: LONG,
            bytes: 0,
            progress: &progress,
        };
        let answers: Answers = (0..100).map(|i| (i.to_string(), Vec::new())).collect();
        let said = format!("{:?}", runs.check_memory(&answers).expect_err("far too much"));
        assert!(said.contains("100 changes") && said.contains("448 GiB"), "{said}");
        assert!(said.contains("--draws 268"), "{said}");
    }
}
