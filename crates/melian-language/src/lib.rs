//! Reads models and says what is wrong with them.
//!
//! Text becomes a lossless [`syntax`] tree, the tree abstract syntax ([`syntax::ast`]), and that a checked [`model::Model`]: names
//! resolved, units checked, facts turned into numbers. All of it is pure: [`files::Files`] brings the texts. What is wrong with a model is a list of
//! [`diagnostic::Diagnostic`]s, plain data that every face renders alike.

pub mod check;
pub mod diagnostic;
pub mod evidence;
pub mod files;
pub mod format;
pub mod lock;
pub mod model;
pub mod names;
pub mod parts;
pub mod source;
pub mod syntax;
pub mod units;

pub use check::{Checked, check, check_with};
