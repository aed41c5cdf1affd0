//! Finds what is computed twice, also across steps and worlds.
//!
//! # Method
//! Optimistic value numbering: suppose that every cell keeps its initial value, or is the same as every other cell, until that is
//! refuted. In each round the graph is written anew under the supposition, folding on the way. A cell whose next value is not what the
//! supposition says is set apart, and cells that were one stay one only if their initial and next values are still one. When
//! a round refutes nothing, the supposition holds by induction over steps: equal before the first, and equal after each.
//! So two worlds share whatever the intervention does not reach, and a change that changes nothing costs nothing.
//!
//! # Source
//! C. Click and K. D. Cooper (1995), "Combining analyses, combining optimizations", ACM TOPLAS 17(2), section 5; partition refinement as in J. Hopcroft
//! (1971), "An n log n algorithm for minimizing states in a finite automaton".

use crate::expand::nodes::{Nodes, QuickMap};
use crate::graph::{CellId, Graph, HistoryId, Node, NodeId, Watch};

/// Returns the graph with everything computed once.
pub(super) fn reuse(graph: Graph) -> Graph {
    let mut supposed = Supposed {
        cells: vec![CellIs::Initial; graph.cells.len()],
        histories: vec![HistoryId(0); graph.histories.len()],
    };
    let mut written = Written::first(&supposed, &graph);
    loop {
        let refined = supposed.refined(&graph, &written);
        if refined == supposed {
            return written.into_graph(graph, &supposed);
        }
        written.again(&supposed, &refined, &graph);
        supposed = refined;
    }
}

/// What is supposed of cells and histories. One of them stands for all that are the same.
#[derive(PartialEq)]
struct Supposed {
    cells: Vec<CellIs>,
    histories: Vec<HistoryId>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum CellIs {
    /// Its initial value, for ever.
    Initial,
    /// The same as this cell.
    Same(CellId),
}

impl Supposed {
    /// Sets apart what the written graph shows to differ.
    fn refined(&self, graph: &Graph, written: &Written) -> Supposed {
        let mut first_of: QuickMap<(Option<CellId>, NodeId, NodeId), CellId> = QuickMap::default();
        let cells = graph.cells.iter().enumerate().map(|(position, cell)| {
            let (initial, next) = (written.node(cell.initial), written.node(cell.next));
            let class = match self.cells[position] {
                CellIs::Initial if initial == next => return CellIs::Initial,
                CellIs::Initial => None,
                CellIs::Same(class) => Some(class),
            };
            let here = CellId(position as u32);
            CellIs::Same(*first_of.entry((class, initial, next)).or_insert(here))
        });
        let cells = cells.collect();
        let mut first_of: QuickMap<(HistoryId, NodeId), HistoryId> = QuickMap::default();
        let histories = graph.histories.iter().enumerate().map(|(position, &recorded)| {
            let key = (self.histories[position], written.node(recorded));
            *first_of.entry(key).or_insert(HistoryId(position as u32))
        });
        Supposed {
            cells,
            histories: histories.collect(),
        }
    }
}

/// The nodes under a supposition. Those of earlier suppositions stay in the list, to be swept away.
struct Written {
    nodes: Nodes,
    of: Vec<NodeId>,
    /// For each node of the graph, whether no step changes it.
    stepless: Vec<bool>,
}

impl Written {
    fn first(supposed: &Supposed, graph: &Graph) -> Written {
        let mut written = Written {
            nodes: Nodes::default(),
            of: vec![NodeId(u32::MAX); graph.nodes.len()],
            stepless: stepless(graph),
        };
        // What no step changes comes first, since cells may stand for it.
        for first in [true, false] {
            for (position, node) in graph.nodes.iter().enumerate() {
                if written.stepless[position] == first {
                    written.of[position] = written.write(node, supposed, graph);
                }
            }
        }
        written
    }

    /// Writes anew what another supposition changes.
    fn again(&mut self, before: &Supposed, supposed: &Supposed, graph: &Graph) {
        let mut changed = vec![false; graph.nodes.len()];
        for (position, node) in graph.nodes.iter().enumerate() {
            let differs = match node {
                Node::Cell(cell) => before.cells[cell.position()] != supposed.cells[cell.position()],
                Node::Delayed { history, .. } => {
                    before.histories[history.position()] != supposed.histories[history.position()]
                }
                _ => false,
            };
            if differs || node.operands().iter().any(|operand| changed[operand.position()]) {
                let id = self.write(node, supposed, graph);
                changed[position] = self.of[position] != id;
                self.of[position] = id;
            }
        }
    }

    fn node(&self, id: NodeId) -> NodeId {
        self.of[id.position()]
    }

    fn write(&mut self, node: &Node, supposed: &Supposed, graph: &Graph) -> NodeId {
        match node {
            Node::Cell(cell) => match supposed.cells[cell.position()] {
                CellIs::Initial => self.node(graph.cells[cell.position()].initial),
                CellIs::Same(cell) => self.nodes.add(Node::Cell(cell)),
            },
            Node::Apply(operation, operands) => {
                let mut new = [NodeId(0); 3];
                for (new, &operand) in new.iter_mut().zip(operands.iter()) {
                    *new = self.node(operand);
                }
                self.nodes.folded_operation(*operation, &new[..operands.len()])
            }
            Node::Delayed { history, lag, before } => {
                let history = supposed.histories[history.position()];
                self.nodes.add(Node::Delayed {
                    history,
                    lag: self.node(*lag),
                    before: self.node(*before),
                })
            }
            other => {
                let mapped = other.mapped(|id| self.node(id));
                self.nodes.folded(mapped)
            }
        }
    }

    /// Returns the graph with one cell and one history for all that are the same.
    fn into_graph(self, mut graph: Graph, supposed: &Supposed) -> Graph {
        let node = |id: NodeId| self.of[id.position()];
        let mut unchanging: QuickMap<NodeId, CellId> = QuickMap::default();
        let mut stands_for = |cell: CellId| match supposed.cells[cell.position()] {
            CellIs::Initial => *unchanging
                .entry(node(graph.cells[cell.position()].initial))
                .or_insert(cell),
            CellIs::Same(same) => same,
        };
        let mut cells: Vec<bool> = (0..graph.cells.len())
            .map(|position| supposed.cells[position] == CellIs::Same(CellId(position as u32)))
            .collect();
        // A measure is a cell even if it never changes.
        for measure in graph.worlds.iter_mut().flat_map(|world| &mut world.measures) {
            *measure = stands_for(*measure);
            cells[measure.position()] = true;
        }
        let histories: Vec<bool> = (supposed.histories.iter().enumerate())
            .map(|(position, history)| history.position() == position)
            .collect();
        let mut graph = graph.onto(self.nodes.into_list(), node);
        super::keep(&mut graph, &cells, &histories);
        join_watches(&mut graph.watches);
        graph
    }
}

/// Lets each node be watched once per kind.
fn join_watches(watches: &mut Vec<Watch>) {
    let mut joined: Vec<Watch> = Vec::new();
    let mut index: QuickMap<(NodeId, u8), usize> = QuickMap::default();
    for watch in watches.drain(..) {
        let position = *index
            .entry((watch.node, watch.kind as u8))
            .or_insert(joined.len());
        match joined.get_mut(position) {
            Some(same) => same.worlds.extend(watch.worlds),
            None => joined.push(watch),
        }
    }
    for watch in &mut joined {
        watch.worlds.sort();
        watch.worlds.dedup();
    }
    *watches = joined;
}

/// Returns for each node whether it is the same in every step of a future, by what it is made of.
fn stepless(graph: &Graph) -> Vec<bool> {
    let mut stepless: Vec<bool> = Vec::with_capacity(graph.nodes.len());
    for node in &graph.nodes {
        let is = match node {
            Node::Constant(_) | Node::Parameter(_) | Node::Once(_) => true,
            Node::Apply(_, operands) => operands.iter().all(|operand| stepless[operand.position()]),
            Node::Uniform(_)
            | Node::Calendar(_)
            | Node::Cell(_)
            | Node::Scheduled { .. }
            | Node::Delayed { .. } => false,
        };
        stepless.push(is);
    }
    stepless
}
