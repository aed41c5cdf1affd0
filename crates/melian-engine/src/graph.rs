//! The scalar dataflow graph of one step, for all worlds together.
//!
//! `expand` makes it from the model, `simplify` shrinks it, `allocate` turns it into a [`crate::program::Program`]. Nodes are
//! hash-consed: what two worlds compute alike is one node, so an intervention costs only what it changes. State lives in
//! cells; a cell's `next` node is its value after the step, so whatever is read at the end of a step simply refers to `next` nodes.

use std::fmt;
use std::ops::{Deref, DerefMut};

use crate::operation::Operation;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub u32);
        impl $name {
            /// Returns the position in its list.
            pub fn position(self) -> usize {
                self.0 as usize
            }
        }
    };
}

id!(
    /// A node of a [`Graph`].
    NodeId
);
id!(
    /// A cell of a [`Graph`].
    CellId
);

/// When something is computed, counted in steps from 0. The same for all futures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Schedule {
    /// In every step.
    Always,
    /// In steps 0, n, 2n, ...
    Every(u32),
    /// In one step.
    At(u32),
    /// In every step up to and including this one.
    Until(u32),
    /// In every step from this one on.
    From(u32),
}

impl Schedule {
    /// Returns whether the step belongs to the schedule.
    pub fn includes(self, step: u32) -> bool {
        match self {
            Schedule::Always => true,
            Schedule::Every(n) => step.is_multiple_of(n),
            Schedule::At(at) => step == at,
            Schedule::Until(last) => step <= last,
            Schedule::From(first) => step >= first,
        }
    }
}

/// A value that is the same in every future, from the calendar.
pub use melian_language::model::Calendar;

/// A scalar computation. Constants compare by bits.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Node {
    /// A number, by its bits.
    Constant(u64),
    /// The quasi-random uniform of a parameter's site: once per draw.
    Parameter(u64),
    /// The uniform of a site: once per future (step field "once").
    Once(u64),
    /// The uniform of a site: anew every step.
    Uniform(u64),
    /// A value of the calendar.
    Calendar(Calendar),
    /// The state of a cell at the start of the step.
    Cell(CellId),
    /// An operation on earlier nodes.
    Apply(Operation, Operands),
    /// `value` in the steps of the schedule, else `otherwise`. What only `value` needs is not computed in other steps.
    Scheduled {
        /// When `value` is taken.
        schedule: Schedule,
        /// Taken in the schedule's steps.
        value: NodeId,
        /// Taken in the others.
        otherwise: NodeId,
    },
    /// The value that `of` had `lag` steps ago (`lag` rounded to the nearest whole number, at least 1), or `before` if that was before the first step.
    /// `of` may be a later node: the edge crosses time and makes no cycle, as with cells.
    Delayed {
        /// The history.
        history: HistoryId,
        /// How many steps ago; constant in time for a future.
        lag: NodeId,
        /// The value before the first step.
        before: NodeId,
    },
}

id!(
    /// A recorded history of a node, for delays.
    HistoryId
);

/// The operands of an operation, kept in place: of hundreds of thousands of nodes none has to be fetched from elsewhere.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Operands {
    /// Those beyond the count are node 0.
    nodes: [NodeId; Operands::MOST],
    count: u8,
}

impl Operands {
    /// No operation has more.
    const MOST: usize = 3;
}

impl Deref for Operands {
    type Target = [NodeId];

    fn deref(&self) -> &[NodeId] {
        &self.nodes[..usize::from(self.count)]
    }
}

impl DerefMut for Operands {
    fn deref_mut(&mut self) -> &mut [NodeId] {
        &mut self.nodes[..usize::from(self.count)]
    }
}

impl FromIterator<NodeId> for Operands {
    fn from_iter<I: IntoIterator<Item = NodeId>>(iterator: I) -> Operands {
        let mut operands = Operands {
            nodes: [NodeId(0); Operands::MOST],
            count: 0,
        };
        for node in iterator {
            operands.nodes[usize::from(operands.count)] = node;
            operands.count += 1;
        }
        operands
    }
}

impl From<&[NodeId]> for Operands {
    fn from(nodes: &[NodeId]) -> Operands {
        nodes.iter().copied().collect()
    }
}

impl<const COUNT: usize> From<[NodeId; COUNT]> for Operands {
    fn from(nodes: [NodeId; COUNT]) -> Operands {
        nodes.into_iter().collect()
    }
}

impl Node {
    /// Returns the nodes that a node reads in the same step.
    pub fn operands(&self) -> Operands {
        match self {
            Node::Apply(_, operands) => *operands,
            Node::Scheduled { value, otherwise, .. } => [*value, *otherwise].into(),
            Node::Delayed { lag, before, .. } => [*lag, *before].into(),
            Node::Constant(_)
            | Node::Parameter(_)
            | Node::Once(_)
            | Node::Uniform(_)
            | Node::Calendar(_)
            | Node::Cell(_) => [].into(),
        }
    }
}

impl fmt::Debug for Operands {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self[..].fmt(f)
    }
}

/// A scalar that is carried from step to step.
#[derive(Clone, Debug)]
pub struct Cell {
    /// Qualified name, for reports: `force[south_donetsk,russia]`, `previous:3 in tempo`.
    pub name: String,
    /// Its value before the first step; depends on constants, parameters and once-nodes only.
    pub initial: NodeId,
    /// Its value after a step.
    pub next: NodeId,
}

/// Something to count while it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watch {
    /// The node.
    pub node: NodeId,
    /// What is counted.
    pub kind: WatchKind,
    /// The declaration's qualified name: `casualties[sumy_kursk,russia]`.
    pub equation: String,
    /// The worlds in which it is so.
    pub worlds: Vec<u32>,
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WatchKind {
    /// The node is not a number.
    NotANumber,
    /// The node is infinite.
    Infinite,
    /// The node (a flow's rate as asked) is negative and is set to zero.
    NegativeFlow,
    /// The node (a stock's initial value) is negative and is set to zero.
    NegativeStock,
    /// The node (a delay in steps) is below one and acts as one.
    ShortDelay,
}

/// The graph.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    /// Nodes in topological order: operands come before their users (a [`Node::Delayed`]'s history is no operand).
    pub nodes: Vec<Node>,
    /// State.
    pub cells: Vec<Cell>,
    /// For each history, the node that is recorded at the end of every step.
    pub histories: Vec<NodeId>,
    /// Things to count.
    pub watches: Vec<Watch>,
    /// What each world gives back; the first is the baseline.
    pub worlds: Vec<WorldOutputs>,
}

impl Graph {
    /// Returns the graph with other nodes: `node` says which of them stands for each that was there. Cells and histories stay.
    pub(crate) fn onto(self, nodes: Vec<Node>, node: impl Fn(NodeId) -> NodeId) -> Graph {
        let mut graph = Graph { nodes, ..self };
        let worlds = graph.worlds.iter_mut();
        let outputs = worlds.flat_map(|world| [&mut world.series, &mut world.choices, &mut world.events]);
        (graph
            .cells
            .iter_mut()
            .flat_map(|cell| [&mut cell.initial, &mut cell.next]))
        .chain(&mut graph.histories)
        .chain(graph.watches.iter_mut().map(|watch| &mut watch.node))
        .chain(outputs.flatten())
        .for_each(|id| *id = node(*id));
        graph
    }
}

/// What a world gives back. Lists follow the program's [`crate::program::Layout`].
#[derive(Clone, Debug, Default)]
pub struct WorldOutputs {
    /// For each series scalar: its node (end of step). In a paired graph, every world but the first has behind them, in the same order,
    /// what they differ by from the baseline's.
    pub series: Vec<NodeId>,
    /// For each measure and question scalar: the cell whose value after the last step it is.
    pub measures: Vec<CellId>,
    /// For each choice scalar: the node of the option that stands in the step.
    pub choices: Vec<NodeId>,
    /// For each event scalar: the node that counts happenings up to the step, this step included.
    pub events: Vec<NodeId>,
}
