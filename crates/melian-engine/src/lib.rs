//! Turns a checked model into a program and runs it.
//!
//! `expand` unrolls indices and worlds into one scalar [`graph`], `simplify` folds, shares and hoists, `allocate` assigns registers, and the machine
//! runs the [`program`] on blocks of futures. What comes back is an [`ensemble`]. Nothing here does input or output, reads a clock or
//! keeps global state: a future is a pure function of its address (seed, draw, replication) and the program.

pub mod allocate;
pub mod calendar;
pub mod distribution;
pub mod ensemble;
pub mod expand;
pub mod graph;
pub mod layout;
pub mod math;
pub mod noise;
pub mod number;
pub mod operation;
#[cfg(test)]
mod plain;
pub mod program;
pub mod simplify;
mod vm;

pub use expand::{Traced, World};
pub use vm::Features;

use melian_language::diagnostic::Diagnostic;
use melian_language::model::{Model, QuantityId};

/// Compiles a model under some worlds; the first is the baseline.
///
/// # Errors
/// Diagnostics, if the model is too large to run or two names share a site.
pub fn compile(model: &Model, worlds: &[World]) -> Result<program::Program, Vec<Diagnostic>> {
    let (graph, layout) = expand::expand(model, worlds)?;
    Ok(assemble(model, graph, layout))
}

/// Compiles a model under some worlds, with what every series differs by from the baseline in each of the others.
///
/// # Errors
/// Those of [`compile`].
pub fn compile_paired(model: &Model, worlds: &[World]) -> Result<program::Program, Vec<Diagnostic>> {
    let (mut graph, layout) = expand::expand(model, worlds)?;
    expand::add_differences(&mut graph);
    Ok(assemble(model, graph, layout))
}

/// Compiles what it takes to answer some measures and questions, in this order, and nothing else.
///
/// # Errors
/// Those of [`compile`].
pub fn compile_for(
    model: &Model,
    worlds: &[World],
    asked: &[QuantityId],
) -> Result<program::Program, Vec<Diagnostic>> {
    let (graph, layout) = expand::expand_for(model, worlds, asked)?;
    Ok(assemble(model, graph, layout))
}

/// Compiles a model as it stands, with what every option of every choice by utility is worth and the taste for it behind the series, in turn: precision times
/// utility, the switching cost taken off unless the option stands, and a standard Gumbel number. The open option with the largest sum wins.
///
/// # Errors
/// Those of [`compile`].
pub fn compile_traced(model: &Model) -> Result<(program::Program, Vec<Traced>), Vec<Diagnostic>> {
    let (graph, layout, traced) = expand::expand_traced(model)?;
    Ok((assemble(model, graph, layout), traced))
}

fn assemble(model: &Model, graph: graph::Graph, layout: layout::Layout) -> program::Program {
    let simplified = simplify::simplify(graph);
    allocate::allocate(&simplified.graph, layout, model.clock)
}
