//! `melian explain`.

use std::time::Instant;

use melian_analysis::explain::{self, ExplainError, Target};
use melian_analysis::prior;
use melian_analysis::worlds::worlds_needed;
use melian_engine::ensemble::{self, Ensemble, Size, replay};
use melian_engine::layout::Layout;
use melian_engine::{compile, compile_traced};
use melian_language::model::{Model, QuantityKind};
use melian_language::names::did_you_mean;
use melian_report::{Info, Run, Told, compose, explanation};

use super::asked::{Asked, quoted, run_failed, unsound};
use crate::Outcome;
use crate::failure::Failure;
use crate::interrupt;
use crate::origin;
use crate::terminal::explanation as terminal_explanation;

/// Explains one future: what happened in it, and what, taken away alone, would have changed the answer.
///
/// The very same future - same parameters, same luck - is replayed without each event that happened, with each choice left where it stood at the
/// start, with each assumption in the outer tenth of its prior at its median, and with each noise at its median in every step. What changes the answer is a
/// but-for cause; where nothing does alone, pairs of events and choices are tried.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    asked: Asked,
    /// A measure, a question or an event
    target: String,
    /// Which future: a draw and a replication, counted from 0
    #[arg(long, value_name = "DRAW:REPLICATION", conflicts_with_all = ["typical", "near"])]
    future: Option<String>,
    /// The future that is nearest to all others, by its measures (this is what is done unless another is asked for)
    #[arg(long, conflicts_with = "near")]
    typical: bool,
    /// The most typical of the futures in which a question is answered so
    #[arg(long, value_name = "QUESTION=yes|no")]
    near: Option<String>,
}

/// Explains.
pub fn run(arguments: &Arguments) -> Outcome {
    let asked = &arguments.asked;
    let (origin, said) = origin::find(&asked.model)?;
    if let Some(said) = said {
        asked.say(&format!("{said}\n"));
    }
    let (model, sources) = asked.checked(&origin, &[])?;
    let size = asked.size();
    interrupt::watch();
    let started = Instant::now();
    let (alone, traced) = compile_traced(&model).map_err(|found| unsound(&found, &sources))?;
    let layout = &alone.layout;
    let target = Target::named(layout, &arguments.target)
        .ok_or_else(|| unknown(&arguments.target, Target::names(layout)))?;
    let future = match &arguments.future {
        Some(written) => Some(future(written, &size)?),
        None => None,
    };
    let near = match &arguments.near {
        Some(written) => Some(answered(&model, layout, written)?),
        None => None,
    };
    // The page has everything that a run has.
    let all = worlds_needed(&model);
    let program = compile(&model, &all).map_err(|found| unsound(&found, &sources))?;
    let ensemble = asked.simulate(&program, &size)?;
    let (draw, replication) = match future {
        Some(future) => future,
        None => typical(&ensemble, near, arguments.near.as_deref())?,
    };
    let priors = prior::priors(&model, size).map_err(|found| unsound(&found, &sources))?;
    let trajectory = replay(&alone, &size, draw, replication).map_err(run_failed)?;
    let found =
        explain::explain(&model, &ensemble, &priors, target, &trajectory).map_err(|error| match error {
            ExplainError::Unsound(found) => unsound(&found, &sources),
            ExplainError::Run(error) => run_failed(error),
        })?;
    let told = explanation(&Told {
        model: &model,
        ensemble: &ensemble,
        target,
        trajectory: &trajectory,
        explanation: &found,
        traced: &traced,
        chosen: match (&arguments.future, &arguments.near) {
            (Some(_), _) => "asked for".to_owned(),
            (None, Some(near)) => format!("the most typical with {near}"),
            (None, None) => "the most typical".to_owned(),
        },
    });
    let this = format!("{draw}:{replication}");
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
            seconds: Some(started.elapsed().as_secs_f64()),
            reproduce: asked.command("explain", &[], &size)
                + &format!(" {} --future {this}", quoted(&arguments.target)),
        },
    });
    report.explanation = Some(told);
    if interrupt::pressed() {
        return Err(Failure::Interrupted);
    }
    let delivered = asked.deliver(&report, |width| terminal_explanation::render(&report, width))?;
    delivered.finish()
}

fn unknown<'n>(name: &str, names: impl Iterator<Item = &'n str>) -> Failure {
    let names: Vec<&str> = names.collect();
    let failure = Failure::usage(format!("there is no measure, question or event `{name}`"));
    if let Some(near) = did_you_mean(name, names.iter().copied()) {
        return failure.hint(format!("did you mean `{near}`?"));
    }
    let elements: Vec<&str> = (names.iter().copied())
        .filter(|other| other.strip_prefix(name).is_some_and(|rest| rest.starts_with('[')))
        .collect();
    if elements.is_empty() {
        failure.hint("`melian check --evidence` lists a model's declarations")
    } else {
        failure.hint(format!("name one of its elements: {}", elements.join(", ")))
    }
}

/// Reads `12:3`.
fn future(written: &str, size: &Size) -> Result<(u32, u32), Failure> {
    let numbers = written
        .split_once(':')
        .and_then(|(draw, replication)| Some((draw.trim().parse().ok()?, replication.trim().parse().ok()?)));
    let Some((draw, replication)): Option<(u32, u32)> = numbers else {
        return Err(
            Failure::usage(format!("`--future {written}` is not a draw and a replication"))
                .hint("write two whole numbers: `--future 12:3`"),
        );
    };
    if draw >= size.draws || replication >= size.replications {
        return Err(Failure::usage(format!(
            "there is no future {draw}:{replication} among {} draws of {}: the last is {}:{}",
            size.draws,
            size.replications,
            size.draws - 1,
            size.replications - 1
        ))
        .hint("ask for more with `--draws` and `--reps`, or for one of these"));
    }
    Ok((draw, replication))
}

/// Reads `question=yes`: the position among the layout's measures, and whether it is to be so.
fn answered(model: &Model, layout: &Layout, written: &str) -> Result<(usize, bool), Failure> {
    let wrong = |text: String| {
        Failure::usage(text).hint("write a question and an answer: `--near ceasefire_by_2025_10_26=yes`")
    };
    let Some((name, answer)) = written.split_once('=') else {
        return Err(wrong(format!("`--near {written}` gives no answer")));
    };
    let (name, answer) = (name.trim(), answer.trim());
    let is_yes = match answer {
        "yes" => true,
        "no" => false,
        _ => return Err(wrong(format!("a question is answered yes or no, not `{answer}`"))),
    };
    let questions: Vec<(usize, &str)> = (layout.measures.iter().enumerate())
        .filter(|(_, output)| {
            matches!(
                model.quantity(output.quantity).kind,
                QuantityKind::Question { .. }
            )
        })
        .map(|(position, output)| (position, output.name.as_str()))
        .collect();
    match questions.iter().find(|(_, other)| *other == name) {
        Some((position, _)) => Ok((*position, is_yes)),
        None => {
            let failure = Failure::usage(format!("there is no question `{name}`"));
            Err(
                match did_you_mean(name, questions.iter().map(|(_, name)| *name)) {
                    Some(near) => failure.hint(format!("did you mean `{near}`?")),
                    None => failure,
                },
            )
        }
    }
}

fn typical(
    ensemble: &Ensemble,
    near: Option<(usize, bool)>,
    written: Option<&str>,
) -> Result<(u32, u32), Failure> {
    let is_asked = |future: usize| match near {
        Some((position, is_yes)) => (ensemble.measures[0][position][future] == 1.0) == is_yes,
        None => true,
    };
    explain::typical(ensemble, is_asked).ok_or_else(|| {
        Failure::usage(format!(
            "none of {} futures has {}",
            ensemble.size.futures(),
            written.unwrap_or_default()
        ))
        .hint("run more of them (`--draws`), or ask for what is less rare")
    })
}
