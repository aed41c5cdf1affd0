//! What is asked of a model and where the answer goes: what the commands that run futures share.

use std::path::{Path, PathBuf};

use melian_analysis::anchor;
use melian_analysis::worlds::{Contradiction, together};
use melian_data::write;
use melian_engine::ensemble::{self, Ensemble, RunError, Size};
use melian_engine::number::Precision;
use melian_engine::program::Program;
use melian_engine::{Features, World};
use melian_language::check_with;
use melian_language::diagnostic::{Diagnostic, Severity};
use melian_language::files::Files;
use melian_language::model::{InterventionId, Model, QuantityId, QuantityKind};
use melian_language::names::did_you_mean;
use melian_language::source::Sources;
use melian_report::data::Report;
use melian_report::page;

use super::parts::{self, Manner};
use crate::Outcome;
use crate::failure::Failure;
use crate::origin::Origin;
use crate::terminal::{self, diagnostics, layout, warnings};

/// What is asked of a model and where the answer goes.
#[derive(clap::Args)]
pub struct Asked {
    /// A model's folder, or the name of a shipped model; a folder wins
    pub model: String,
    /// Samples of all parameters: what is not known
    #[arg(long, default_value_t = 1024, allow_negative_numbers = true, value_parser = clap::value_parser!(u32).range(1..=i64::from(Size::MOST_DRAWS)))]
    pub draws: u32,
    /// Samples of all noise under each draw: luck
    #[arg(long, default_value_t = 10, allow_negative_numbers = true, value_parser = clap::value_parser!(u32).range(1..=i64::from(Size::MOST_REPLICATIONS)))]
    pub reps: u32,
    /// Which luck: the same seed gives the same futures, to the bit
    #[arg(long, default_value_t = 1, allow_negative_numbers = true, value_parser = clap::value_parser!(u64).range(0..=Size::MOST_SEED))]
    pub seed: u64,
    /// Threads; 0 for one per core. No answer depends on it
    #[arg(long, default_value_t = 0, allow_negative_numbers = true, value_parser = clap::value_parser!(u16).range(0..=1024))]
    pub threads: u16,
    /// Memory that the run may take, such as 500MB or 2GiB. No answer depends on it [default: 8GiB]
    #[arg(long, value_name = "SIZE", value_parser = bytes)]
    pub memory: Option<u64>,
    /// Prints the results as JSON, or writes them to a file
    #[arg(long, value_name = "PATH", num_args = 0..=1, require_equals = true, default_missing_value = "-")]
    pub json: Option<PathBuf>,
    /// Where the page goes: a folder, or a file that ends in .html [default: MODEL.melian]
    #[arg(long, value_name = "PATH")]
    pub out: Option<PathBuf>,
    /// Opens the page in a browser
    #[arg(long)]
    pub open: bool,
    /// Prints warnings only, and no progress
    #[arg(long, short)]
    pub quiet: bool,
}

/// The environment variable that names the instructions of the processor to be used. No answer depends on it: it is there to see that.
const INSTRUCTIONS: &str = "MELIAN_INSTRUCTIONS";

/// How exact the numbers of futures are asked to be.
#[derive(clap::Args)]
pub struct Exactness {
    /// How exact the numbers of futures are; single precision is faster and agrees within Monte Carlo error
    #[arg(long, value_enum, default_value_t = Digits::Double)]
    precision: Digits,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Digits {
    /// 64 bits, about 16 digits
    Double,
    /// 32 bits, about 7 digits
    Single,
}

impl Exactness {
    /// Makes a program as exact as was asked for, and lets it use the instructions that [`INSTRUCTIONS`] names.
    pub fn apply(&self, program: &mut Program) -> Result<(), Failure> {
        program.precision = match self.precision {
            Digits::Double => Precision::Double,
            Digits::Single => Precision::Single,
        };
        let Some(asked) = std::env::var_os(INSTRUCTIONS).filter(|asked| !asked.is_empty()) else {
            return Ok(());
        };
        let all = Features::all();
        let named = all.iter().find(|features| asked == features.name());
        program.features = *named.ok_or_else(|| {
            let names: Vec<&str> = all.iter().map(|features| features.name()).collect();
            Failure::usage(format!(
                "`{INSTRUCTIONS}` is `{}`, which this processor does not have",
                asked.to_string_lossy()
            ))
            .hint(format!("it has: {}", names.join(", ")))
        })?;
        Ok(())
    }

    /// Returns the option, if another precision than the usual was asked for.
    pub fn option(&self) -> Option<(&'static str, &'static str)> {
        (self.precision == Digits::Single).then_some(("--precision", "single"))
    }
}

impl Asked {
    /// Returns the size that was asked for.
    pub fn size(&self) -> Size {
        Size {
            draws: self.draws,
            replications: self.reps,
            seed: self.seed,
        }
    }

    /// Returns the number of threads; 0 for one per core.
    pub fn threads(&self) -> usize {
        usize::from(self.threads)
    }

    /// Says something beside the answer.
    pub fn say(&self, text: &str) {
        if !self.quiet {
            terminal::say(text);
        }
    }

    /// Checks the model together with changes that were asked for.
    pub fn checked(&self, origin: &Origin, changes: &[String]) -> Result<(Model, Sources), Failure> {
        self.checked_files(origin.files(), changes)
    }

    /// Checks the model in these files.
    pub fn checked_files(&self, files: &dyn Files, changes: &[String]) -> Result<(Model, Sources), Failure> {
        let checked = check_with(files, changes);
        terminal::say(&diagnostics::render(&checked.diagnostics, &checked.sources));
        if let Some(model) = checked.model {
            let stale = anchor::stale(&model).map_err(|found| unsound(&found, &checked.sources))?;
            terminal::say(&diagnostics::render(stale.as_slice(), &checked.sources));
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

    /// Returns the bytes that a run may take.
    pub fn memory(&self) -> u64 {
        self.memory.unwrap_or(ensemble::MEMORY)
    }

    /// Runs all futures.
    pub fn simulate(&self, program: &Program, size: &Size) -> Result<Ensemble, Failure> {
        parts::simulate(program, size, &self.manner(size))
    }

    /// Returns how futures are run.
    pub fn manner(&self, size: &Size) -> Manner {
        Manner {
            threads: self.threads(),
            memory: self.memory(),
            quiet: self.quiet,
            resume: false,
            about: self.about(size),
        }
    }

    /// Names a run in words.
    pub fn about(&self, size: &Size) -> String {
        let Size {
            draws,
            replications,
            seed,
        } = size;
        format!("{}, {draws} draws of {replications}, seed {seed}", self.model)
    }

    /// Returns the command that does the same, with more arguments.
    pub fn command(&self, name: &str, more: &[(&str, &str)], size: &Size) -> String {
        let mut command = format!("melian {name} {}", quoted(&self.model));
        for (option, value) in more {
            command.push_str(&format!(" {option} {}", quoted(value)));
        }
        command
            + &format!(
                " --draws {} --reps {} --seed {}",
                size.draws, size.replications, size.seed
            )
    }

    /// Writes the page and the results, prints what was asked for, and returns where the page is.
    pub fn deliver(
        &self,
        report: &Report,
        answer: impl FnOnce(usize) -> String,
    ) -> Result<Delivered, Failure> {
        let page = self.write_page(report);
        let width = layout::width();
        if self.json.as_ref().is_some_and(|path| path.as_os_str() == "-") {
            terminal::print(&(as_json(report)? + "\n"))?;
        } else if !self.quiet {
            let mut text = answer(width);
            if let Ok(page) = &page {
                text.push_str(&format!("\nPage  {}\n", page.display()));
            }
            terminal::print(&text)?;
        }
        terminal::say(&warnings::render(report, width));
        Ok(Delivered {
            page,
            open: self.open,
        })
    }

    /// Writes the page and, if asked for, the results; returns the page's path.
    fn write_page(&self, report: &Report) -> Result<PathBuf, Failure> {
        let path = match &self.out {
            Some(path) if path.extension().is_some_and(|extension| extension == "html") => path.clone(),
            Some(folder) => folder.join("page.html"),
            None => folder_of(&report.model.name).join("page.html"),
        };
        if let Some(json) = self.json.as_ref().filter(|path| path.as_os_str() != "-") {
            write(json, as_json(report)?.as_bytes())?;
        }
        let written = write(&path, page(report).as_bytes());
        written.map_err(|error| Failure::from(error).hint("write it elsewhere: `--out FOLDER`"))?;
        Ok(path)
    }
}

/// Returns the folder for what comes of a model, where no other is asked for.
pub fn folder_of(model: &str) -> PathBuf {
    PathBuf::from(format!("{model}.melian"))
}

/// What is asked to be done beside the baseline.
#[derive(clap::Args)]
pub struct Interventions {
    /// Runs an intervention beside the baseline: its name, or a change such as `will[ukraine]=cut 0.5`; `A+B` for both at once; may
    /// be repeated
    #[arg(long = "do", value_name = "NAME|CHANGE")]
    pub asked: Vec<String>,
}

impl Interventions {
    /// Returns the changes among them, and more of them, without repetition.
    pub fn changes(&self, more: &[String]) -> Vec<String> {
        let mut changes: Vec<String> = Vec::new();
        let parts = self.asked.iter().flat_map(|asked| parts(asked));
        for change in parts
            .filter(|part| part.contains('='))
            .chain(more.iter().map(String::as_str))
        {
            if !changes.iter().any(|known| known == change) {
                changes.push(change.to_owned());
            }
        }
        changes
    }

    /// Returns them as options of a command.
    pub fn options(&self) -> impl Iterator<Item = (&str, &str)> {
        self.asked.iter().map(|asked| ("--do", asked.as_str()))
    }

    /// Returns the worlds that were asked for, without repetition; of several interventions at once each alone comes before them.
    pub fn worlds(&self, model: &Model) -> Result<Vec<World>, Failure> {
        let mut worlds: Vec<World> = Vec::new();
        let mut add = |world: World| {
            if !worlds.iter().any(|known| known.name == world.name) {
                worlds.push(world);
            }
        };
        for asked in &self.asked {
            let mut ids: Vec<InterventionId> = Vec::new();
            for part in parts(asked) {
                let id = intervention(model, part)?;
                if ids.contains(&id) {
                    return Err(Failure::usage(format!("`--do {asked}` names `{part}` twice")));
                }
                ids.push(id);
            }
            let world = together(model, &ids).map_err(|found| contradiction(model, &found))?;
            ids.iter().for_each(|&id| add(World::under(model, id)));
            add(world);
        }
        Ok(worlds)
    }
}

/// A page that was written, or why not.
pub struct Delivered {
    page: Result<PathBuf, Failure>,
    open: bool,
}

impl Delivered {
    /// Opens the page if that was asked for; says why there is none.
    pub fn finish(self) -> Outcome {
        let page = self.page?;
        if self.open { open(&page) } else { Ok(()) }
    }
}

/// Returns all measures and questions.
pub fn answers(model: &Model) -> Vec<QuantityId> {
    (0..model.quantities.len() as u32)
        .map(QuantityId)
        .filter(|id| {
            matches!(
                model.quantity(*id).kind,
                QuantityKind::Measure { .. } | QuantityKind::Question { .. }
            )
        })
        .collect()
}

/// Says why a run ended.
pub fn run_failed(error: RunError) -> Failure {
    match error {
        RunError::Interrupted => Failure::Interrupted,
        RunError::OutOfRange { .. } => Failure::usage(error.to_string()),
        RunError::NoThreads(_) => Failure::world(error.to_string()),
        RunError::TooLarge { needed, largest, .. } => {
            let failure = Failure::world(error.to_string());
            let failure = match largest {
                Some(Size {
                    draws, replications, ..
                }) => failure.hint(format!(
                    "the largest that fits: `--draws {draws} --reps {replications}`"
                )),
                None => failure,
            };
            failure.hint(format!(
                "or allow more: `--memory {}MB`",
                needed.div_ceil(1_000_000)
            ))
        }
    }
}

/// Reads a number of bytes: `500MB`, `2GiB`, `1.5 GB`.
pub fn bytes(text: &str) -> Result<u64, String> {
    const UNITS: [(&str, f64); 7] = [
        ("kib", 1024.0),
        ("mib", 1_048_576.0),
        ("gib", 1_073_741_824.0),
        ("kb", 1e3),
        ("mb", 1e6),
        ("gb", 1e9),
        ("b", 1.0),
    ];
    let lower = text.trim().to_ascii_lowercase();
    let unit = UNITS.iter().find(|(unit, _)| lower.ends_with(unit));
    let read = unit.and_then(|(unit, bytes)| {
        let number: f64 = lower.strip_suffix(unit)?.trim().parse().ok()?;
        (number >= 0.0 && number * bytes < 9e18).then(|| (number * bytes) as u64)
    });
    read.ok_or_else(|| "a number with a unit: 500MB, 2GiB".to_owned())
}

/// Shows what is wrong with a model that no check of its text can see.
pub fn unsound(found: &[Diagnostic], sources: &Sources) -> Failure {
    terminal::say(&diagnostics::render(found, sources));
    Failure::Unsound
}

/// Returns the interventions that act at once: `+` stands between them. Within a value it adds, unless a name follows; then the sum
/// stands in brackets.
fn parts(asked: &str) -> Vec<&str> {
    let (mut parts, mut start, mut depth) = (Vec::new(), 0, 0_i32);
    for (at, c) in asked.char_indices() {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            '+' if depth == 0 => {
                let next = asked[at + 1..].trim_start().chars().next();
                if next.is_some_and(|c| c.is_alphabetic() || c == '_') {
                    parts.push(asked[start..at].trim());
                    start = at + 1;
                }
            }
            _ => {}
        }
    }
    parts.push(asked[start..].trim());
    parts
}

fn intervention(model: &Model, name: &str) -> Result<InterventionId, Failure> {
    let names = || {
        model
            .interventions
            .iter()
            .map(|intervention| intervention.name.as_str())
    };
    if let Some(position) = names().position(|other| other == name) {
        return Ok(InterventionId(position as u32));
    }
    let failure = Failure::usage(format!("{} has no intervention `{name}`", model.name));
    Err(match did_you_mean(name, names()) {
        Some(near) => failure.hint(format!("did you mean `{near}`?")),
        None if model.interventions.is_empty() => {
            failure.hint("hold a quantity at a value: `--do name=value`")
        }
        None => failure.hint(format!(
            "interventions: {}",
            names().collect::<Vec<_>>().join(", ")
        )),
    })
}

fn contradiction(model: &Model, found: &Contradiction) -> Failure {
    let [one, other] = found
        .between
        .map(|id| model.interventions[id.position()].name.as_str());
    let quantity = &model.quantity(found.quantity).name;
    Failure::usage(format!(
        "`{one}` and `{other}` cannot act at once: each makes something else of `{quantity}`"
    ))
    .hint(format!(
        "compare them as two worlds: `--do {} --do {}`",
        quoted(one),
        quoted(other)
    ))
}

/// Quotes an argument for a shell, if it has to be.
pub fn quoted(argument: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./=:+,".contains(c);
    if argument.chars().all(plain) {
        argument.to_owned()
    } else {
        format!("'{}'", argument.replace('\'', r"'\''"))
    }
}

fn as_json(report: &Report) -> Result<String, Failure> {
    serde_json::to_string(report)
        .map_err(|error| Failure::world(format!("cannot write the results as JSON: {error}")))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_have_a_unit() {
        assert_eq!(bytes("500MB"), Ok(500_000_000));
        assert_eq!(bytes("2GiB"), Ok(2 << 30));
        assert_eq!(bytes("1.5 gb"), Ok(1_500_000_000));
        assert_eq!(bytes("0B"), Ok(0));
        for text in ["", "500", "MB", "-1MB", "nanGB", "infGB", "2 GiBs", "1e30GB"] {
            assert!(bytes(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_plus_joins_interventions_and_adds_numbers() {
        assert_eq!(parts("a"), ["a"]);
        assert_eq!(parts("a + b+c"), ["a", "b", "c"]);
        assert_eq!(parts("x=1e+5 + y[a]=2"), ["x=1e+5", "y[a]=2"]);
        assert_eq!(parts("x = (p + q)+b"), ["x = (p + q)", "b"]);
    }
}
