//! The identity of a run: the same program, seed and size give the same ensemble, to the bit.

use std::fmt::{self, Write};

use melian_language::diagnostic::Diagnostic;
use melian_language::model::{Model, QuantityId};

use super::Size;
use crate::expand::{World, expand_for};
use crate::program::Program;

/// Names a program or a run by a hash of all that its answers depend on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Identity(pub [u8; 32]);

/// Version of the machine's arithmetic: raised when the same program would give other bits.
const VERSION: u32 = 6;

impl Program {
    /// Returns the identity of the program.
    pub fn identity(&self) -> Identity {
        let mut hash = blake3::Hasher::new();
        hash.update(&VERSION.to_le_bytes());
        hash.update(self.to_string().as_bytes());
        Identity(*hash.finalize().as_bytes())
    }
}

/// Returns the identity of a run.
pub fn identity(program: &Program, size: &Size) -> Identity {
    let mut hash = blake3::Hasher::new();
    hash.update(&program.identity().0);
    hash.update(&size.draws.to_le_bytes());
    hash.update(&size.replications.to_le_bytes());
    hash.update(&size.seed.to_le_bytes());
    Identity(*hash.finalize().as_bytes())
}

/// Returns the identity of what some measures and questions of the baseline mean: all equations, priors and facts that they rest on, in
/// this step or through time, and nothing else. How the machine computes it is left out.
///
/// # Errors
/// The model cannot be expanded; then it cannot be compiled either.
pub fn meaning(model: &Model, asked: &[QuantityId]) -> Result<Identity, Vec<Diagnostic>> {
    let (graph, layout) = expand_for(model, &[World::baseline()], asked)?;
    let mut hash = blake3::Hasher::new();
    hash.update(&VERSION.to_le_bytes());
    let mut text = String::new();
    let mut add = |part: &dyn fmt::Debug| {
        text.clear();
        writeln!(text, "{part:?}").expect("a text takes all that is written");
        hash.update(text.as_bytes());
    };
    add(&model.clock);
    for node in &graph.nodes {
        add(node);
    }
    for cell in &graph.cells {
        add(&(cell.initial, cell.next));
    }
    add(&(&graph.histories, &graph.worlds));
    for output in &layout.measures {
        add(&output.name);
    }
    Ok(Identity(*hash.finalize().as_bytes()))
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
