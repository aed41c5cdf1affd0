//! Text to tree to abstract syntax.
//!
//! [`parse`] always returns a tree whose text is the text that came in, whatever that was, and with it what is wrong. [`Parse::file`]
//! reads the abstract syntax off the tree.

#[expect(
    missing_docs,
    reason = "fields are named for the clauses of the grammar, which the book describes"
)]
pub mod ast;
mod form;
pub mod kind;
mod lexer;
mod lower;
mod parser;
pub mod treaty;
mod tree;

pub(crate) use lower::first_line_is_row;
pub use tree::Tree;

use crate::diagnostic::{Diagnostic, Severity};
use crate::source::FileId;

/// The version of the language that is read here.
pub const VERSION: &str = "0.1";

/// A parsed text.
#[derive(Clone, Debug)]
pub struct Parse {
    /// Everything written.
    pub tree: Tree,
    /// What is wrong with it, in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
    file: FileId,
}

impl Parse {
    /// Returns the abstract syntax.
    pub fn file(&self) -> ast::File {
        lower::file(&self.tree.root(), self.file)
    }

    /// Returns whether there is an error, as opposed to warnings.
    pub fn has_errors(&self) -> bool {
        self.diagnostics
            .iter()
            .any(|diagnostic| diagnostic.severity == Severity::Error)
    }
}

/// Parses a file.
pub fn parse(text: &str, file: FileId) -> Parse {
    let (tree, diagnostics) = parser::parse(text, file, parser::Entry::File);
    Parse {
        tree,
        diagnostics,
        file,
    }
}

/// Parses an expression that stands alone, such as a value on the command line.
pub fn parse_expression(text: &str, file: FileId) -> (ast::Expression, Vec<Diagnostic>) {
    let (tree, diagnostics) = parser::parse(text, file, parser::Entry::Expression);
    (lower::only_expression(&tree.root(), file), diagnostics)
}

/// Parses a change that stands alone: what an intervention has between its braces, such as `will[ukraine] = cut 0.5`.
///
/// There is no change where there are errors.
pub fn parse_change(text: &str, file: FileId) -> (Option<ast::Change>, Vec<Diagnostic>) {
    let (tree, diagnostics) = parser::parse(text, file, parser::Entry::Change);
    let sound = diagnostics
        .iter()
        .all(|diagnostic| diagnostic.severity != Severity::Error);
    (
        lower::only_change(&tree.root(), file).filter(|_| sound),
        diagnostics,
    )
}

/// Returns the days since 1970-01-01 of a date such as `2024-10-28`, if the calendar has it.
pub fn date(text: &str) -> Option<i32> {
    let day: jiff::civil::Date = text.parse().ok()?;
    let days = day.since((jiff::Unit::Day, jiff::civil::date(1970, 1, 1))).ok()?;
    Some(days.get_days())
}
