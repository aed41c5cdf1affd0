//! Abstract syntax to checked model.
//!
//! The driver reads the files, collects names, sets up units, indices and time, and then lowers every declaration. Types are inferred on
//! demand, from what a declaration says or from its equation. One cause gives one diagnostic: what follows from a reported error is *poisoned* and
//! stays silent.

mod anchors;
mod claims;
mod components;
mod correlations;
mod csv;
mod declarations;
mod distributions;
mod evidence;
mod expressions;
mod fit;
mod functions;
mod ground;
mod inference;
mod interventions;
mod limits;
mod order;
mod pathways;
mod ranges;
mod starts;
mod treaties;
mod values;
mod warnings;
mod written;

pub(crate) use declarations::without_comments;

pub use limits::{LARGEST_FILE, LARGEST_MODEL, MOST_ELEMENTS, MOST_FILES, MOST_OPERATIONS, MOST_SCALARS};
use limits::{TOO_LONG, Unread};

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::{Diagnostic, Severity};
use crate::evidence::Evidence;
use crate::files::Files;
use crate::model::{BinderId, Clock, ElementId, IndexId, Model, QuantityId, Unit};
use crate::names::Names;
use crate::source::{FileId, Sources, Span};
use crate::syntax::ast::{Change, Declaration, File, Name};
use crate::units::{Dimension, UnitTable};

/// The result of checking: a model if there is no error, and all that is to be said.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The model; none if and only if there is an error.
    pub model: Option<Model>,
    /// What is to be said about it, in the order of files and places.
    pub diagnostics: Vec<Diagnostic>,
    /// The texts that the diagnostics' spans refer to.
    pub sources: Sources,
}

/// After how many diagnostics no names are suggested any more.
const MOST_SUGGESTIONS: usize = 100;

/// The part of the standard library with a name, as text.
fn standard_library(name: &str) -> Option<&'static str> {
    STANDARD_LIBRARY
        .iter()
        .find(|(part, _)| *part == name)
        .map(|(_, text)| *text)
}

/// The standard library, in Melian.
pub const STANDARD_LIBRARY: &[(&str, &str)] = &[
    ("attrition", include_str!("../../std/attrition.mel")),
    ("choice", include_str!("../../std/choice.mel")),
    ("hazards", include_str!("../../std/hazards.mel")),
    ("learning", include_str!("../../std/learning.mel")),
    ("supply", include_str!("../../std/supply.mel")),
];

/// Checks a model.
pub fn check(files: &dyn Files) -> Checked {
    check_with(files, &[])
}

/// Checks a model together with interventions from the command line, each `name=value` as within an intervention's braces. They get
/// the names under which they are written.
pub fn check_with(files: &dyn Files, changes: &[String]) -> Checked {
    let mut sources = Sources::default();
    let mut diagnostics = Vec::new();
    let mut parsed = read(files, &mut sources, &mut diagnostics);
    add_standard_library(&mut parsed, &mut sources, &mut diagnostics);
    let ad_hoc = parse_changes(changes, &mut sources, &mut diagnostics);
    let evidence = evidence::read(files, &mut sources, &mut diagnostics);
    let lock = crate::lock::read(files, &mut sources, &mut diagnostics);
    let unread = diagnostics.iter().any(|d| d.primary.is_none());
    if unread {
        // What a file would have declared would be missed all over the others.
        return Checked {
            model: None,
            diagnostics,
            sources,
        };
    }
    let names = Names::collect(&parsed, &mut diagnostics);
    let mut checker = Checker::new(&names, &sources, files, evidence, diagnostics);
    checker.lock = lock;
    let model = checker.model(&parsed, &ad_hoc);
    let mut diagnostics = checker.diagnostics;
    diagnostics.sort_by_key(|d| (d.primary.as_ref().map(|label| label.span), d.severity));
    diagnostics.dedup();
    let sound = diagnostics.iter().all(|d| d.severity != Severity::Error);
    Checked {
        model: model.filter(|_| sound),
        diagnostics,
        sources,
    }
}

/// Returns between which values a parameter's prior lies, base units; infinite where it has no end.
pub fn parameter_range(model: &Model, parameter: QuantityId) -> (f64, f64) {
    let range = ranges::Ranges::of(model).declared(parameter);
    (range.low, range.high)
}

fn read(files: &dyn Files, sources: &mut Sources, diagnostics: &mut Vec<Diagnostic>) -> Vec<File> {
    let names = files.models();
    if names.is_empty() {
        let diagnostic = Diagnostic::of_folder("E0801", "the folder has no `.mel` file")
            .help("write one, or start from a shipped model: `melian copy lanchester ./mine`");
        diagnostics.push(diagnostic);
    }
    if names.len() > MOST_FILES {
        let message = format!(
            "the folder has {} `.mel` files, and a model at most {MOST_FILES}",
            names.len()
        );
        diagnostics.push(Diagnostic::of_folder(TOO_LONG, message));
        return Vec::new();
    }
    let mut parsed = Vec::new();
    let mut total = 0;
    for name in names {
        match limits::text_of(files, &name) {
            Ok(text) => {
                total += text.len();
                if total > LARGEST_MODEL {
                    let message = format!(
                        "the files of the model are larger than {} MiB together",
                        LARGEST_MODEL >> 20
                    );
                    diagnostics.push(Diagnostic::of_folder(TOO_LONG, message));
                    return Vec::new();
                }
                parsed.push(parse(&name, text, sources, diagnostics));
            }
            Err(Unread { code, reason }) => {
                diagnostics.push(Diagnostic::of_folder(
                    code,
                    format!("`{name}` cannot be read: {reason}"),
                ));
            }
        }
    }
    parsed
}

fn parse(name: &str, text: String, sources: &mut Sources, diagnostics: &mut Vec<Diagnostic>) -> File {
    let file = FileId(sources.files.len() as u32);
    let parse = crate::syntax::parse(&text, file);
    sources.files.push((name.to_owned(), text));
    diagnostics.extend(parse.diagnostics.iter().cloned());
    parse.file()
}

/// Parses the parts of the standard library that are used, each once.
fn add_standard_library(parsed: &mut Vec<File>, sources: &mut Sources, diagnostics: &mut Vec<Diagnostic>) {
    let used: BTreeMap<String, Span> = parsed
        .iter()
        .flat_map(|file| &file.declarations)
        .filter(|d| matches!(d.kind, crate::syntax::ast::DeclarationKind::Use))
        .map(|d| (d.name.text.clone(), d.name.span))
        .collect();
    for (name, span) in used {
        match standard_library(&name) {
            Some(text) => {
                let file = parse(&format!("std/{name}.mel"), text.to_owned(), sources, diagnostics);
                parsed.push(file);
            }
            None => {
                let name = Name { text: name, span };
                diagnostics.push(crate::names::unknown(
                    "part of the standard library",
                    &name,
                    STANDARD_LIBRARY.iter().map(|(part, _)| *part),
                ));
            }
        }
    }
}

fn parse_changes(
    changes: &[String],
    sources: &mut Sources,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<(String, Option<Change>)> {
    changes
        .iter()
        .map(|text| {
            let file = FileId(sources.files.len() as u32);
            sources.files.push(("--do".to_owned(), text.clone()));
            let (change, found) = crate::syntax::parse_change(text, file);
            diagnostics.extend(found);
            (text.clone(), change)
        })
        .collect()
}

/// What is known of a quantity before its equation is lowered.
struct Signature {
    shape: Vec<IndexId>,
    binders: Vec<(String, BinderId, IndexId)>,
    typing: Typing,
}

/// How far the type of a quantity is known.
#[derive(Clone)]
enum Typing {
    /// Not inferred yet.
    Unknown,
    /// Being inferred together with what it leads back from.
    Open,
    /// Known.
    Known(Type),
    /// Something in its equation is wrong, which lowering reports.
    Wrong,
    /// An error has been reported.
    Poisoned,
}

/// The type of a quantity: dimension and how it is shown.
#[derive(Clone, Debug, PartialEq)]
struct Type {
    dimension: Dimension,
    unit: Unit,
}

/// Everything that checking needs and finds.
struct Checker<'a> {
    names: &'a Names<'a>,
    sources: &'a Sources,
    files: &'a dyn Files,
    evidence: Evidence,
    /// What was solved for anchors.
    lock: Option<crate::lock::Lock>,
    /// Position and place of facts, by id.
    fact_places: BTreeMap<String, (usize, Span)>,
    /// Facts in a unit that the model does not have; said once each.
    foreign_facts: BTreeSet<String>,
    /// Keys of references.
    references: BTreeSet<String>,
    /// Whether a file of evidence was there and could not be read.
    evidence_unread: bool,
    diagnostics: Vec<Diagnostic>,
    units: UnitTable,
    clock: Clock,
    /// Whether the clock is that of the model: without a sound `time` nothing is said about dates.
    timed: bool,
    indices: Vec<crate::model::Index>,
    index_names: BTreeMap<String, IndexId>,
    /// Where elements stand, by name: root index and element.
    elements_named: BTreeMap<String, Vec<(IndexId, ElementId)>>,
    maps: Vec<crate::model::Map>,
    quantities: Vec<&'a Declaration>,
    quantity_ids: BTreeMap<String, QuantityId>,
    signatures: Vec<Signature>,
    interventions: BTreeMap<String, crate::model::InterventionId>,
    /// Positions of pathways.
    pathways: BTreeMap<String, usize>,
    next_binder: u32,
    functions: BTreeMap<&'a str, &'a Declaration>,
    /// Functions that are wrong by themselves, so that calls of them stay silent.
    broken_functions: BTreeSet<String>,
    /// Functions being inlined, outermost first.
    inlining: Vec<String>,
    /// The conditions of `if`, for what can be said of them once the model is whole.
    conditions: Vec<(Span, crate::model::Expression)>,
    /// Whether only types are asked for: what is found wrong is dropped, and what is open fits any unit.
    inferring: bool,
    /// How many operations were lowered, and how deep the one being lowered stands.
    lowered: usize,
    depth: usize,
    /// Whether the model was found too large, so that what follows stays silent.
    exhausted: bool,
}

impl<'a> Checker<'a> {
    fn new(
        names: &'a Names<'a>,
        sources: &'a Sources,
        files: &'a dyn Files,
        evidence: evidence::Found,
        diagnostics: Vec<Diagnostic>,
    ) -> Checker<'a> {
        Checker {
            names,
            sources,
            files,
            references: evidence
                .evidence
                .references
                .iter()
                .map(|r| r.key.clone())
                .collect(),
            evidence: evidence.evidence,
            lock: None,
            fact_places: evidence.places,
            foreign_facts: BTreeSet::new(),
            evidence_unread: evidence.unread,
            diagnostics,
            units: UnitTable::default(),
            clock: Clock {
                start_day: 0,
                step_days: 7.0,
                steps: 1,
            },
            timed: false,
            indices: Vec::new(),
            index_names: BTreeMap::new(),
            elements_named: BTreeMap::new(),
            maps: Vec::new(),
            quantities: Vec::new(),
            quantity_ids: BTreeMap::new(),
            signatures: Vec::new(),
            interventions: BTreeMap::new(),
            pathways: BTreeMap::new(),
            next_binder: 0,
            inlining: Vec::new(),
            functions: BTreeMap::new(),
            broken_functions: BTreeSet::new(),
            conditions: Vec::new(),
            inferring: false,
            lowered: 0,
            depth: 0,
            exhausted: false,
        }
    }

    /// Reports a diagnostic. While only types are asked for, nothing is said but that the model is too large: what is wrong is found
    /// again when the equation is lowered.
    fn report(&mut self, diagnostic: Diagnostic) {
        if !self.inferring || diagnostic.code == limits::TOO_LARGE {
            self.diagnostics.push(diagnostic);
        }
    }

    fn new_binder(&mut self) -> BinderId {
        self.next_binder += 1;
        BinderId(self.next_binder - 1)
    }

    /// Returns the index or subset of a name, or reports that there is none.
    fn index(&mut self, name: &Name) -> Option<IndexId> {
        if let Some(id) = self.index_names.get(&name.text) {
            return Some(*id);
        }
        let diagnostic = self.unknown("index", name, |checker| {
            checker.index_names.keys().map(String::as_str)
        });
        self.report(diagnostic);
        None
    }

    fn root_of(&self, index: IndexId) -> IndexId {
        self.indices[index.position()].root
    }

    /// Returns the element of an index's root with this name.
    fn element_of(&self, index: IndexId, name: &str) -> Option<ElementId> {
        let root = self.root_of(index);
        let found = self.elements_named.get(name)?;
        found
            .iter()
            .find(|(index, _)| *index == root)
            .map(|(_, element)| *element)
    }

    /// Returns the member of an index or subset with this name, or reports why it is none.
    fn member(&mut self, index: IndexId, name: &Name) -> Option<ElementId> {
        let own = self.indices[index.position()].name.clone();
        match self.element_of(index, &name.text) {
            Some(element)
                if self.indices[index.position()]
                    .members
                    .binary_search(&element)
                    .is_ok() =>
            {
                Some(element)
            }
            Some(_) => {
                let diagnostic = Diagnostic::error(
                    "E0207",
                    format!("`{}` does not belong to `{own}`", name.text),
                    name.span,
                );
                self.report(diagnostic);
                None
            }
            None => {
                let mut diagnostic = Diagnostic::error(
                    "E0206",
                    format!("`{own}` has no element `{}`", name.text),
                    name.span,
                );
                if self.index_names.contains_key(&name.text) {
                    let help = format!(
                        "give the index a name where it is declared, `[s: {}]`, and write `s`",
                        name.text
                    );
                    diagnostic = diagnostic.help(help);
                } else if let Some(other) = self.index_with(&name.text) {
                    diagnostic = diagnostic.note(format!("`{}` is an element of `{other}`", name.text));
                } else {
                    let members = self.member_names(index);
                    diagnostic = self.suggest(diagnostic, name, |_| members.iter().map(String::as_str));
                    if diagnostic.help.is_none() {
                        diagnostic = diagnostic.help(format!("its elements are {}", list(&members)));
                    }
                }
                self.report(diagnostic);
                None
            }
        }
    }

    fn member_names(&self, index: IndexId) -> Vec<String> {
        let root = &self.indices[self.root_of(index).position()];
        let members = &self.indices[index.position()].members;
        members
            .iter()
            .map(|m| root.elements[m.0 as usize].name.clone())
            .collect()
    }

    fn index_with(&self, element: &str) -> Option<String> {
        let (index, _) = self.elements_named.get(element)?.first()?;
        Some(self.indices[index.position()].name.clone())
    }

    /// Adds "did you mean" to a diagnostic. Comparing names takes time, so that after very many errors nothing is suggested.
    fn suggest<'n, N: Iterator<Item = &'n str>>(
        &'n self,
        diagnostic: Diagnostic,
        wrong: &Name,
        names: impl FnOnce(&'n Checker<'a>) -> N,
    ) -> Diagnostic {
        if self.inferring || self.diagnostics.len() > MOST_SUGGESTIONS {
            return diagnostic;
        }
        crate::names::suggest(diagnostic, &wrong.text, wrong.span, names(self))
    }

    /// Makes the diagnostic for a name that is not declared.
    fn unknown<'n, N: Iterator<Item = &'n str>>(
        &'n self,
        what: &str,
        name: &Name,
        names: impl FnOnce(&'n Checker<'a>) -> N,
    ) -> Diagnostic {
        let diagnostic = Diagnostic::error(
            "E0201",
            format!("there is no {what} named `{}`", name.text),
            name.span,
        );
        self.suggest(diagnostic, name, names)
    }

    /// Returns the names of declarations of some kinds.
    fn names_of<'n>(
        &'n self,
        is: impl Fn(&crate::syntax::ast::DeclarationKind) -> bool + 'n,
    ) -> impl Iterator<Item = &'n str> {
        self.quantities
            .iter()
            .filter(move |d| is(&d.kind))
            .map(|d| d.name.text.as_str())
    }
}

/// Writes names as a list for people: "`a`, `b` and `c`", cut after eight.
fn list(names: &[String]) -> String {
    let shown: Vec<String> = names.iter().take(8).map(|name| format!("`{name}`")).collect();
    let rest = names.len().saturating_sub(8);
    match (shown.as_slice(), rest) {
        ([], _) => "none".to_owned(),
        ([one], 0) => one.clone(),
        ([most @ .., last], 0) => format!("{} and {last}", most.join(", ")),
        (_, rest) => format!("{} and {rest} more", shown.join(", ")),
    }
}

/// Writes a number of things: "1 value", "3 values".
fn counted(count: usize, thing: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} {thing}{ending}")
}

/// Makes a name from an expression that is one.
fn as_name(expression: &crate::syntax::ast::Expression) -> Option<Name> {
    match &expression.kind {
        crate::syntax::ast::ExpressionKind::Name(text) => Some(Name {
            text: text.clone(),
            span: expression.span,
        }),
        _ => None,
    }
}
