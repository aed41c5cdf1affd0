//! Shrinks a graph and leaves every bit of what it gives back as it was.
//!
//! [`reuse`] finds what is computed twice, in one world or in several, and [`fold`]s on the way; [`range`] takes away guards against what cannot be;
//! [`sweep`] drops what nothing reads. What
//! may be computed once per draw or per future is decided later, when registers are assigned.

mod fold;
mod range;
mod reuse;
mod sweep;

use crate::graph::Graph;

/// A graph and what each pass did to it.
#[derive(Clone, Debug)]
pub struct Simplified {
    /// The graph.
    pub graph: Graph,
    /// The passes, in order.
    pub passes: Vec<Pass>,
}

/// What a pass did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pass {
    /// Name.
    pub name: &'static str,
    /// Size before it.
    pub before: GraphSize,
    /// Size after it.
    pub after: GraphSize,
}

/// Size of a graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GraphSize {
    /// Number of nodes.
    pub nodes: usize,
    /// Number of cells.
    pub cells: usize,
    /// Number of histories.
    pub histories: usize,
}

impl GraphSize {
    fn of(graph: &Graph) -> GraphSize {
        GraphSize {
            nodes: graph.nodes.len(),
            cells: graph.cells.len(),
            histories: graph.histories.len(),
        }
    }
}

impl std::fmt::Display for Pass {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Pass { name, before, after } = self;
        write!(
            f,
            "{name}: {} -> {} nodes, {} -> {} cells, {} -> {} histories",
            before.nodes, after.nodes, before.cells, after.cells, before.histories, after.histories
        )
    }
}

/// Shrinks a graph.
pub fn simplify(graph: Graph) -> Simplified {
    let mut simplified = Simplified {
        graph,
        passes: Vec::new(),
    };
    // Sweeping first spares the rest the work on what nothing reads.
    simplified.pass("sweep", sweep::sweep);
    simplified.pass("reuse", reuse::reuse);
    simplified.pass("sweep", sweep::sweep);
    simplified.pass("range", range::drop_guards);
    simplified.pass("sweep", sweep::sweep);
    simplified
}

impl Simplified {
    fn pass(&mut self, name: &'static str, pass: fn(&Graph) -> Graph) {
        let before = GraphSize::of(&self.graph);
        self.graph = pass(&self.graph);
        self.passes.push(Pass {
            name,
            before,
            after: GraphSize::of(&self.graph),
        });
    }
}
