//! Declarations by name, and what to say about a name that is not there.

use std::collections::BTreeMap;

use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::syntax::ast::{Declaration, DeclarationKind, File, Name};

/// The spaces of names. Names of one space exclude one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Space {
    /// Quantities, functions, indices, maps: whatever an expression can name.
    Values,
    /// Units.
    Units,
    /// Interventions.
    Interventions,
    /// Pathways.
    Pathways,
    /// Claims.
    Claims,
    /// Face checks.
    Checks,
}

/// Declarations by name.
#[derive(Default)]
pub struct Names<'a> {
    declared: BTreeMap<(Space, String), &'a Declaration>,
}

impl<'a> Names<'a> {
    /// Collects the declarations of all files and reports names that are declared twice.
    pub fn collect(files: &'a [File], diagnostics: &mut Vec<Diagnostic>) -> Names<'a> {
        let mut names = Names::default();
        for declaration in files.iter().flat_map(|file| &file.declarations) {
            let Some(space) = space_of(&declaration.kind) else {
                continue;
            };
            if declaration.name.text.is_empty() {
                continue;
            }
            let key = (space, declaration.name.text.clone());
            if let Some(first) = names.declared.get(&key) {
                diagnostics.push(
                    Diagnostic::error(
                        "E0202",
                        format!("`{}` is declared twice", declaration.name.text),
                        declaration.name.span,
                    )
                    .saying("declared again here")
                    .label(first.name.span, "first declared here")
                    .help("give one of them another name"),
                );
                continue;
            }
            names.declared.insert(key, declaration);
        }
        names
    }

    /// Returns the declaration of a name.
    pub fn get(&self, space: Space, name: &str) -> Option<&'a Declaration> {
        self.declared.get(&(space, name.to_owned())).copied()
    }

    /// Returns the names of a space.
    pub fn of(&self, space: Space) -> impl Iterator<Item = &str> {
        self.declared
            .keys()
            .filter(move |(s, _)| *s == space)
            .map(|(_, name)| name.as_str())
    }
}

/// Returns the space of a declaration's name; none for what has no name of its own.
pub fn space_of(kind: &DeclarationKind) -> Option<Space> {
    match kind {
        DeclarationKind::Model
        | DeclarationKind::Time { .. }
        | DeclarationKind::Correlate { .. }
        | DeclarationKind::Headline { .. }
        | DeclarationKind::Anchor { .. }
        | DeclarationKind::Use => None,
        DeclarationKind::Unit { .. } => Some(Space::Units),
        DeclarationKind::Intervention { .. } => Some(Space::Interventions),
        DeclarationKind::Pathway { .. } => Some(Space::Pathways),
        DeclarationKind::Claim(_) => Some(Space::Claims),
        DeclarationKind::Check { .. } => Some(Space::Checks),
        _ => Some(Space::Values),
    }
}

/// Returns the keyword of a declaration, for messages.
pub fn keyword(kind: &DeclarationKind) -> &'static str {
    match kind {
        DeclarationKind::Model => "model",
        DeclarationKind::Time { .. } => "time",
        DeclarationKind::Unit { .. } => "unit",
        DeclarationKind::Index { .. } => "index",
        DeclarationKind::Subset { .. } => "subset",
        DeclarationKind::Map { .. } => "map",
        DeclarationKind::Const { .. } => "const",
        DeclarationKind::Param { .. } => "param",
        DeclarationKind::Stock { .. } => "stock",
        DeclarationKind::Attribute { .. } => "attribute",
        DeclarationKind::Flow { .. } => "flow",
        DeclarationKind::Let { .. } => "let",
        DeclarationKind::Noise { .. } => "noise",
        DeclarationKind::Event { .. } => "event",
        DeclarationKind::Choice(_) => "choice",
        DeclarationKind::Treaty(_) => "treaty",
        DeclarationKind::Transfer { .. } => "transfer",
        DeclarationKind::Correlate { .. } => "correlate",
        DeclarationKind::Series { .. } => "series",
        DeclarationKind::Measure { .. } => "measure",
        DeclarationKind::Question { .. } => "question",
        DeclarationKind::Intervention { .. } => "intervention",
        DeclarationKind::Pathway { .. } => "pathway",
        DeclarationKind::Claim(_) => "claim",
        DeclarationKind::Headline { .. } => "headline",
        DeclarationKind::Anchor { .. } => "anchor",
        DeclarationKind::Function { .. } => "function",
        DeclarationKind::Check { .. } => "check",
        DeclarationKind::Use => "use",
    }
}

/// Returns the nearest of the names, if one is near enough to have been meant.
pub fn did_you_mean<'a>(wrong: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    // A third of the letters, at least one, may differ: enough for slips of the finger and for a wrong ending. Nobody mistakes one
    // letter for another.
    let letters = wrong.chars().count();
    let most = (letters / 3).max(1);
    names
        .filter(|name| letters > 1 && name.len() > 1 && name.len().abs_diff(wrong.len()) <= 4 * most.max(4))
        .map(|name| (distance(wrong, name), name))
        .filter(|(d, name)| {
            *d <= most
                || (name.len() > 3 && wrong.len() > 3 && (name.starts_with(wrong) || wrong.starts_with(name)))
        })
        .min()
        .map(|(_, name)| name)
}

/// Adds "did you mean" to a diagnostic, with the edit that follows it.
pub fn suggest<'a>(
    mut diagnostic: Diagnostic,
    wrong: &str,
    span: Span,
    names: impl Iterator<Item = &'a str>,
) -> Diagnostic {
    if let Some(near) = did_you_mean(wrong, names) {
        diagnostic.help = Some(format!("did you mean `{near}`?"));
        diagnostic.edit = Some(crate::diagnostic::Edit {
            span,
            replacement: near.to_owned(),
        });
    }
    diagnostic
}

/// Makes the diagnostic for a name that is not declared.
pub fn unknown<'a>(what: &str, name: &Name, names: impl Iterator<Item = &'a str>) -> Diagnostic {
    let diagnostic = Diagnostic::error(
        "E0201",
        format!("there is no {what} named `{}`", name.text),
        name.span,
    );
    suggest(diagnostic, &name.text, name.span, names)
}

/// Returns the number of insertions, deletions, replacements and swaps of neighbours between two words
/// (optimal string alignment).
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().take(64).collect(), b.chars().take(64).collect());
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let replaced = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = replaced.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before_last[j - 2] + 1);
            }
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}
