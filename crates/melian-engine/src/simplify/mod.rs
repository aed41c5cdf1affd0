//! Shrinks a graph and leaves every bit of what it gives back as it was.
//!
//! [`reuse`] finds what is computed twice, in one world or in several, and [`fold`]s on the way; [`range`] takes away guards against what cannot be;
//! [`sweep`] drops what nothing reads. What
//! may be computed once per draw or per future is decided later, when registers are assigned.

mod fold;
mod range;
mod reuse;
mod sweep;

use crate::graph::{CellId, Graph, Node};

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
    simplified.pass("reuse", reuse::reuse);
    simplified.pass("sweep", sweep::sweep);
    simplified.pass("range", range::drop_guards);
    simplified.pass("sweep", sweep::sweep);
    simplified
}

/// Drops the cells and histories that are not kept. Nodes and measures name those that are by their new numbers.
fn keep(graph: &mut Graph, cells: &[bool], histories: &[bool]) {
    retain(&mut graph.cells, cells);
    retain(&mut graph.histories, histories);
    let (cells, histories) = (positions(cells), positions(histories));
    let cell = |id: &mut CellId| id.0 = cells[id.position()];
    for node in &mut graph.nodes {
        match node {
            Node::Cell(id) => cell(id),
            Node::Delayed { history, .. } => history.0 = histories[history.position()],
            _ => {}
        }
    }
    let measures = graph.worlds.iter_mut().flat_map(|world| &mut world.measures);
    measures.for_each(cell);
}

/// Drops what is not kept.
fn retain<T>(all: &mut Vec<T>, kept: &[bool]) {
    let mut is_kept = kept.iter();
    all.retain(|_| *is_kept.next().expect("there is one for each"));
}

/// Returns where each lies among those that are kept.
fn positions(kept: &[bool]) -> Vec<u32> {
    let mut next = 0;
    let places = kept.iter().map(|&keep| {
        let here = next;
        next += u32::from(keep);
        here
    });
    places.collect()
}

impl Simplified {
    fn pass(&mut self, name: &'static str, pass: fn(Graph) -> Graph) {
        let before = GraphSize::of(&self.graph);
        self.graph = pass(std::mem::take(&mut self.graph));
        self.passes.push(Pass {
            name,
            before,
            after: GraphSize::of(&self.graph),
        });
    }
}
