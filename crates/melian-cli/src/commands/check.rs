//! `melian check`.

use melian_analysis::{anchor, worlds};
use melian_engine::compile;
use melian_language::diagnostic::codes::{PAGES, page};
use melian_language::diagnostic::{Diagnostic, Severity};
use melian_language::model::{InterventionId, Model, QuantityKind};
use melian_language::source::{Sources, Span};
use melian_language::{Checked, check};
use melian_report::evidence::grounds;
use serde::Serialize;

use crate::Outcome;
use crate::failure::Failure;
use crate::origin;
use crate::terminal::{self, diagnostics, evidence, layout};

/// Says whether a model is sound: names, units, cycles, sources, impossible numbers.
#[derive(clap::Args)]
pub struct Arguments {
    /// A model's folder, or the name of a shipped model
    #[arg(default_value = ".")]
    model: String,
    /// Says which numbers rest on what, and which on nothing
    #[arg(long)]
    evidence: bool,
    /// Prints a representation of the model
    #[arg(long, value_enum, conflicts_with_all = ["evidence", "json"])]
    print: Option<Representation>,
    /// Explains a code such as E0301, with a wrong and a right model
    #[arg(long, value_name = "CODE", conflicts_with_all = ["evidence", "json", "print"])]
    explain: Option<String>,
    /// Prints what was found as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Representation {
    /// Everything written, comments too
    Tree,
    /// Names resolved, units checked, numbers in base units
    Model,
    /// Instructions over registers, for the baseline and every intervention
    Program,
}

/// Checks.
pub fn run(arguments: &Arguments) -> Outcome {
    if let Some(code) = &arguments.explain {
        return explain(code);
    }
    let (origin, said) = origin::find(&arguments.model)?;
    if let Some(said) = said {
        terminal::say(&format!("{said}\n"));
    }
    let mut checked = check(origin.files());
    checked
        .diagnostics
        .extend(checked.model.iter().flat_map(worlds::unsound));
    // A model that cannot be expanded has been reported by now.
    let stale = checked
        .model
        .as_ref()
        .and_then(|model| anchor::stale(model).ok().flatten());
    checked.diagnostics.extend(stale);
    let sound = checked.diagnostics.iter().all(|d| d.severity != Severity::Error);
    if arguments.json {
        terminal::print(&as_json(&checked, sound)?)?;
    } else {
        terminal::say(&diagnostics::render(&checked.diagnostics, &checked.sources));
        match arguments.print {
            Some(representation) => print(&checked, representation)?,
            None => terminal::print(&summary(
                &checked.diagnostics,
                checked.model.as_ref().filter(|_| sound),
            ))?,
        }
    }
    if let Some(model) = checked
        .model
        .as_ref()
        .filter(|_| arguments.evidence && !arguments.json)
    {
        let grounds = grounds(model, &checked.sources);
        terminal::print(&format!("\n{}", evidence::render(&grounds, layout::width())))?;
    }
    if sound { Ok(()) } else { Err(Failure::Unsound) }
}

fn print(checked: &Checked, representation: Representation) -> Outcome {
    if let Representation::Tree = representation {
        return terminal::print(&trees(&checked.sources));
    }
    let Some(model) = &checked.model else {
        return Ok(());
    };
    if let Representation::Model = representation {
        return terminal::print(&format!("{model}\n"));
    }
    let all: Vec<InterventionId> = (0..model.interventions.len() as u32)
        .map(InterventionId)
        .collect();
    match compile(model, &worlds::worlds(model, &all)) {
        Ok(program) => terminal::print(&format!("{program}\n")),
        // What is wrong has been shown.
        Err(_) => Err(Failure::Unsound),
    }
}

fn as_json(checked: &Checked, sound: bool) -> Result<String, Failure> {
    let result = Found {
        format: FORMAT,
        sound,
        diagnostics: checked
            .diagnostics
            .iter()
            .map(|d| FoundDiagnostic::new(d, &checked.sources))
            .collect(),
        evidence: checked
            .model
            .as_ref()
            .map(|model| grounds(model, &checked.sources)),
    };
    let text = serde_json::to_string_pretty(&result).map_err(|error| Failure::world(error.to_string()))?;
    Ok(text + "\n")
}

fn explain(code: &str) -> Outcome {
    let code = code.to_uppercase();
    match page(&code) {
        Some(page) => terminal::print(page),
        None => {
            let codes: Vec<&str> = PAGES.iter().map(|(code, _)| *code).collect();
            let failure = Failure::usage(format!("there is no code `{code}`"));
            Err(
                match melian_language::names::did_you_mean(&code, codes.iter().copied()) {
                    Some(near) => failure.hint(format!("did you mean `{near}`?")),
                    None => failure.hint(format!("codes: {}", codes.join(", "))),
                },
            )
        }
    }
}

fn trees(sources: &Sources) -> String {
    let mut text = String::new();
    for (i, (name, source)) in sources
        .files
        .iter()
        .enumerate()
        .filter(|(_, (name, _))| name.ends_with(".mel"))
    {
        let tree = melian_language::syntax::parse(source, melian_language::source::FileId(i as u32)).tree;
        text.push_str(&format!("// {name}\n{}\n", tree.dump()));
    }
    text
}

fn summary(diagnostics: &[Diagnostic], model: Option<&Model>) -> String {
    let count = |severity| diagnostics.iter().filter(|d| d.severity == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    let many = |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
    let found = match (errors, warnings) {
        (0, 0) => "sound".to_owned(),
        (0, warnings) => format!("sound, with {}", many(warnings, "warning")),
        (errors, 0) => many(errors, "error"),
        (errors, warnings) => format!("{} and {}", many(errors, "error"), many(warnings, "warning")),
    };
    let Some(model) = model else {
        return format!("{found}\n");
    };
    let kind =
        |wanted: fn(&QuantityKind) -> bool| model.quantities.iter().filter(|q| wanted(&q.kind)).count();
    format!(
        "{} is {found}: {}, {}, {}, {}, {}\n",
        model.name,
        many(
            kind(|kind| matches!(kind, QuantityKind::Parameter { .. })),
            "parameter"
        ),
        many(kind(|kind| matches!(kind, QuantityKind::Stock { .. })), "stock"),
        many(
            kind(|kind| matches!(kind, QuantityKind::Measure { .. })),
            "measure"
        ),
        many(
            kind(|kind| matches!(kind, QuantityKind::Question { .. })),
            "question"
        ),
        many(model.claims.len(), "claim"),
    )
}

/// Version of the JSON of `check`. The last part changes when fields are added, the first when fields change meaning.
const FORMAT: &str = "melian-check 1.0";

#[derive(Serialize)]
struct Found<'a> {
    format: &'static str,
    sound: bool,
    diagnostics: Vec<FoundDiagnostic<'a>>,
    evidence: Option<melian_report::evidence::Grounds>,
}

/// A diagnostic whose places are files and lines.
#[derive(Serialize)]
struct FoundDiagnostic<'a> {
    code: &'a str,
    severity: &'static str,
    message: &'a str,
    place: Option<Place<'a>>,
    labels: Vec<Place<'a>>,
    notes: &'a [String],
    help: Option<&'a str>,
    edit: Option<Replacement<'a>>,
}

/// Lines and columns (in characters) count from 1, bytes from 0.
#[derive(Serialize)]
struct Place<'a> {
    file: &'a str,
    line: usize,
    column: usize,
    bytes: (u32, u32),
    text: &'a str,
}

#[derive(Serialize)]
struct Replacement<'a> {
    file: &'a str,
    bytes: (u32, u32),
    replacement: &'a str,
}

impl<'a> FoundDiagnostic<'a> {
    fn new(diagnostic: &'a Diagnostic, sources: &'a Sources) -> FoundDiagnostic<'a> {
        let place = |span: Span, text: &'a str| {
            let (line, column) = sources.line_column(span);
            Place {
                file: sources.name(span.file),
                line,
                column,
                bytes: (span.start, span.end),
                text,
            }
        };
        FoundDiagnostic {
            code: diagnostic.code,
            severity: match diagnostic.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
            },
            message: &diagnostic.message,
            place: diagnostic
                .primary
                .as_ref()
                .map(|label| place(label.span, &label.text)),
            labels: diagnostic
                .labels
                .iter()
                .map(|label| place(label.span, &label.text))
                .collect(),
            notes: &diagnostic.notes,
            help: diagnostic.help.as_deref(),
            edit: diagnostic.edit.as_ref().map(|edit| Replacement {
                file: sources.name(edit.span.file),
                bytes: (edit.span.start, edit.span.end),
                replacement: &edit.replacement,
            }),
        }
    }
}
