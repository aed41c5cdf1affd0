//! `melian run`.

use std::path::{Path, PathBuf};
use std::time::Instant;

use melian_analysis::worlds::{worlds, worlds_needed};
use melian_analysis::{anchor, prior};
use melian_data::last::Last;
use melian_data::write;
use melian_engine::compile;
use melian_engine::ensemble::{self, Ensemble, RunError, Size};
use melian_engine::program::Program;
use melian_language::check_with;
use melian_language::diagnostic::{Diagnostic, Severity};
use melian_language::model::{InterventionId, Model};
use melian_language::names::did_you_mean;
use melian_language::source::Sources;
use melian_report::data::{Estimate, HeadlineText, Report};
use melian_report::{Info, Run, changes, compose, page, remembered};

use crate::Outcome;
use crate::failure::Failure;
use crate::interrupt;
use crate::origin;
use crate::terminal::progress::Progress;
use crate::terminal::{self, answer, diagnostics, layout, warnings};

/// Runs a model: forecasts with their uncertainty, verdicts on its claims, what changed since the last run, and a page.
///
/// The baseline is run, and under the same luck every intervention that a claim or a headline names or that `--do` asks for.
#[derive(clap::Args)]
pub struct Arguments {
    /// A model's folder, or the name of a shipped model; a folder wins
    model: String,
    /// Runs an intervention beside the baseline: its name, or a change such as `will[ukraine]=cut 0.5`; may be repeated
    #[arg(long = "do", value_name = "NAME|CHANGE")]
    interventions: Vec<String>,
    /// Samples of all parameters: what is not known
    #[arg(long, default_value_t = 1024, allow_negative_numbers = true, value_parser = clap::value_parser!(u32).range(1..=i64::from(Size::MOST_DRAWS)))]
    draws: u32,
    /// Samples of all noise under each draw: luck
    #[arg(long, default_value_t = 10, allow_negative_numbers = true, value_parser = clap::value_parser!(u32).range(1..=i64::from(Size::MOST_REPLICATIONS)))]
    reps: u32,
    /// Which luck: the same seed gives the same futures, to the bit
    #[arg(long, default_value_t = 1, allow_negative_numbers = true, value_parser = clap::value_parser!(u64).range(0..=Size::MOST_SEED))]
    seed: u64,
    /// Threads; 0 for one per core. No answer depends on it
    #[arg(long, default_value_t = 0, allow_negative_numbers = true, value_parser = clap::value_parser!(u16).range(0..=1024))]
    threads: u16,
    /// Doubles the draws until Monte Carlo error is below this share: of one for probabilities, else of the figure or of the spread
    /// between draws, whichever is larger
    #[arg(long, value_name = "PERCENT", value_parser = share)]
    until: Option<f64>,
    /// Prints the results as JSON, or writes them to a file
    #[arg(long, value_name = "PATH", num_args = 0..=1, require_equals = true, default_missing_value = "-")]
    json: Option<PathBuf>,
    /// Where the page goes: a folder, or a file that ends in .html [default: MODEL.melian]
    #[arg(long, value_name = "PATH")]
    out: Option<PathBuf>,
    /// Opens the page in a browser
    #[arg(long)]
    open: bool,
    /// Prints warnings only, and no progress
    #[arg(long, short)]
    quiet: bool,
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
    let (origin, said) = origin::find(&arguments.model)?;
    if let Some(said) = said.filter(|_| !arguments.quiet) {
        terminal::say(&format!("{said}\n"));
    }
    let (model, sources) = checked(&origin, arguments)?;
    let (asked, run) = worlds_to_run(&model, &arguments.interventions)?;
    let program = compile(&model, &worlds(&model, &run)).map_err(|found| unsound(&found, &sources))?;
    let stale = anchor::stale(&model).map_err(|found| unsound(&found, &sources))?;
    terminal::say(&diagnostics::render(stale.as_slice(), &sources));
    interrupt::watch();
    let work = Work {
        arguments,
        stale_anchors: stale.is_some(),
        model: &model,
        sources: &sources,
        program: &program,
    };
    let mut report = work.until_exact_enough()?;
    let last = Last::of(&model.name, &origin.place());
    report.changes = last.as_ref().and_then(|last| since(last, &report));
    if interrupt::pressed() {
        return Err(Failure::Interrupted);
    }
    let written = write_page(&report, arguments);
    print(&report, &asked, &written, arguments)?;
    if let Some(last) = last {
        keep(&last, &report);
    }
    let page = written?;
    if arguments.open { open(&page) } else { Ok(()) }
}

fn checked(origin: &origin::Origin, arguments: &Arguments) -> Result<(Model, Sources), Failure> {
    let changes: Vec<String> = arguments
        .interventions
        .iter()
        .filter(|name| name.contains('='))
        .cloned()
        .collect();
    let checked = check_with(origin.files(), &changes);
    terminal::say(&diagnostics::render(&checked.diagnostics, &checked.sources));
    if let Some(model) = checked.model {
        return Ok((model, checked.sources));
    }
    let in_command = |d: &&Diagnostic| {
        d.primary
            .as_ref()
            .is_some_and(|p| checked.sources.name(p.span.file) == "--do")
    };
    let mut errors = checked
        .diagnostics
        .iter()
        .filter(|d| d.severity == Severity::Error);
    if errors.all(|error| in_command(&error)) {
        return Err(Failure::usage(
            "`--do` asks for something that the model does not have",
        ));
    }
    Err(Failure::Unsound)
}

fn unsound(found: &[Diagnostic], sources: &Sources) -> Failure {
    terminal::say(&diagnostics::render(found, sources));
    Failure::Unsound
}

/// Returns the names of the interventions that were asked for, and all that have to be run.
fn worlds_to_run(model: &Model, asked: &[String]) -> Result<(Vec<String>, Vec<InterventionId>), Failure> {
    let mut run = worlds_needed(model);
    for name in asked {
        let names = || {
            model
                .interventions
                .iter()
                .map(|intervention| intervention.name.as_str())
        };
        let Some(position) = names().position(|other| other == name) else {
            let failure = Failure::usage(format!("{} has no intervention `{name}`", model.name));
            return Err(match did_you_mean(name, names()) {
                Some(near) => failure.hint(format!("did you mean `{near}`?")),
                None if model.interventions.is_empty() => {
                    failure.hint("hold a quantity at a value: `--do name=value`")
                }
                None => failure.hint(format!(
                    "interventions: {}",
                    names().collect::<Vec<_>>().join(", ")
                )),
            });
        };
        let id = InterventionId(position as u32);
        if !run.contains(&id) {
            run.push(id);
        }
    }
    run.sort();
    Ok((asked.to_vec(), run))
}

/// What is to be run and answered.
struct Work<'a> {
    arguments: &'a Arguments,
    stale_anchors: bool,
    model: &'a Model,
    sources: &'a Sources,
    program: &'a Program,
}

impl Work<'_> {
    fn until_exact_enough(&self) -> Result<Report, Failure> {
        let Arguments {
            draws, reps, seed, ..
        } = *self.arguments;
        let mut size = Size {
            draws,
            replications: reps,
            seed,
        };
        loop {
            let report = self.report(size)?;
            let Some(target) = self.arguments.until else {
                return Ok(report);
            };
            let (error, of) = largest_error(&report);
            let doubled = Size {
                draws: size.draws.saturating_mul(2),
                ..size
            };
            let said = format!("Monte Carlo error is at most {} ({of})", percent(error));
            if error <= target {
                self.say(&format!("{} draws: {said}\n", size.draws));
                return Ok(report);
            }
            if doubled.draws > Size::MOST_DRAWS || self.too_large(&doubled) {
                terminal::say(&format!(
                    "{} draws are the most that this run can have: {said}\n",
                    size.draws
                ));
                return Ok(report);
            }
            self.say(&format!("{} draws: {said}; doubling\n", size.draws));
            size = doubled;
        }
    }

    fn say(&self, text: &str) {
        if !self.arguments.quiet {
            terminal::say(text);
        }
    }

    fn too_large(&self, size: &Size) -> bool {
        ensemble::memory_estimate(self.program, size, self.threads()) > ensemble::MEMORY_LIMIT
    }

    fn threads(&self) -> usize {
        usize::from(self.arguments.threads)
    }

    fn report(&self, size: Size) -> Result<Report, Failure> {
        let started = Instant::now();
        let ensemble = self.simulate(&size)?;
        let seconds = started.elapsed().as_secs_f64();
        let priors =
            prior::intervals(self.model, size.seed).map_err(|found| unsound(&found, self.sources))?;
        if interrupt::pressed() {
            return Err(Failure::Interrupted);
        }
        Ok(compose(&Run {
            model: self.model,
            sources: self.sources,
            ensemble: &ensemble,
            priors: &priors.intervals,
            info: Info {
                melian: env!("CARGO_PKG_VERSION").into(),
                identity: ensemble::identity(self.program, &size).to_string(),
                priors: priors.identity.to_string(),
                stale_anchors: self.stale_anchors,
                seconds: Some(seconds),
                reproduce: self.command(&size),
            },
        }))
    }

    fn simulate(&self, size: &Size) -> Result<Ensemble, Failure> {
        let progress = Progress::start(self.arguments.quiet);
        let told = |done: u64, all: u64| {
            progress.at(done, all);
            !interrupt::pressed()
        };
        let result = ensemble::run(self.program, size, self.threads(), &told);
        progress.finish();
        result.map_err(|error| match error {
            RunError::Interrupted => Failure::Interrupted,
            RunError::OutOfRange { .. } => Failure::usage(error.to_string()),
            RunError::TooLarge { .. } | RunError::NoThreads(_) => Failure::world(error.to_string()),
        })
    }

    /// Returns the command that makes the same run.
    fn command(&self, size: &Size) -> String {
        let mut command = format!("melian run {}", quoted(&self.arguments.model));
        for name in &self.arguments.interventions {
            command.push_str(&format!(" --do {}", quoted(name)));
        }
        command
            + &format!(
                " --draws {} --reps {} --seed {}",
                size.draws, size.replications, size.seed
            )
    }
}

/// Quotes an argument for a shell, if it has to be.
fn quoted(argument: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./=:+,".contains(c);
    if argument.chars().all(plain) {
        argument.to_owned()
    } else {
        format!("'{}'", argument.replace('\'', r"'\''"))
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

/// Writes the page and, if asked for, the results; returns the page's path.
fn write_page(report: &Report, arguments: &Arguments) -> Result<PathBuf, Failure> {
    let path = match &arguments.out {
        Some(path) if path.extension().is_some_and(|extension| extension == "html") => path.clone(),
        Some(folder) => folder.join("page.html"),
        None => Path::new(&format!("{}.melian", report.model.name)).join("page.html"),
    };
    if let Some(json) = arguments.json.as_ref().filter(|path| path.as_os_str() != "-") {
        write(json, as_json(report)?.as_bytes())?;
    }
    let written = write(&path, page(report).as_bytes());
    written.map_err(|error| Failure::from(error).hint("write it elsewhere: `--out FOLDER`"))?;
    Ok(path)
}

fn as_json(report: &Report) -> Result<String, Failure> {
    serde_json::to_string(report)
        .map_err(|error| Failure::world(format!("cannot write the results as JSON: {error}")))
}

fn print(
    report: &Report,
    asked: &[String],
    page: &Result<PathBuf, Failure>,
    arguments: &Arguments,
) -> Outcome {
    let width = layout::width();
    if arguments
        .json
        .as_ref()
        .is_some_and(|path| path.as_os_str() == "-")
    {
        terminal::print(&(as_json(report)? + "\n"))?;
    } else if !arguments.quiet {
        let mut text = answer::render(report, asked, width);
        if let Ok(page) = page {
            text.push_str(&format!("\nPage  {}\n", page.display()));
        }
        terminal::print(&text)?;
    }
    terminal::say(&warnings::render(report, width));
    Ok(())
}

fn open(page: &Path) -> Outcome {
    let program = if cfg!(target_os = "macos") {
        "open"
    } else if cfg!(windows) {
        "explorer"
    } else {
        "xdg-open"
    };
    let started = std::process::Command::new(program).arg(page).status();
    match started {
        Ok(status) if status.success() => Ok(()),
        _ => Err(Failure::world(format!("`{program}` could not open the page"))
            .hint(format!("open {}", page.display()))),
    }
}
