//! `melian diff`.

use std::collections::BTreeMap;
use std::time::Instant;

use melian_analysis::difference::{Answers, Versions, attribute};
use melian_analysis::formula::{Futures, Linear};
use melian_analysis::prior;
use melian_analysis::worlds::worlds_needed;
use melian_engine::compile;
use melian_engine::ensemble::{self, Size};
use melian_language::model::{HeadlinePart, Model};
use melian_report::{Info, Run, compose, difference};

use super::asked::{Asked, run_failed, unsound};
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
    let progress = Progress::start(asked.quiet);
    let groups = versions.groups();
    let expected = match groups {
        0..=4 => 1 << groups,
        many => 2 * usize::from(arguments.orders) * (many - 1) + 2,
    };
    let mut done = 0;
    let found = attribute(&versions, size, arguments.orders.into(), |model| {
        let answers = answers(model, &size, asked.threads());
        done += 1;
        progress.at(done, expected as u64);
        answers
    });
    progress.finish();
    let found = found?.ok_or_else(|| {
        Failure::world("the two versions cannot be put together from their parts")
            .hint("run each alone: `melian run`; this is a fault of melian, please report it")
    })?;
    let all = worlds_needed(&model);
    let program = compile(&model, &all).map_err(|found| unsound(&found, &sources))?;
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
            identity: ensemble::identity(&program, &size).to_string(),
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
    delivered.finish()
}

/// Runs a version: measures and questions as it stands, and the figures of its first sentences that are sums of means.
fn answers(model: &Model, size: &Size, threads: usize) -> Result<Answers, Failure> {
    let program = compile(model, &worlds_needed(model)).map_err(|_| {
        Failure::world("a version between the two cannot be run")
            .hint("this is a fault of melian, please report it")
    })?;
    let ensemble =
        ensemble::run(&program, size, threads, &|_, _| !interrupt::pressed()).map_err(run_failed)?;
    let futures = Futures {
        model,
        ensemble: &ensemble,
    };
    let mut found: Answers = BTreeMap::new();
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
