//! Finds what is never negative, and takes away guards that guard against nothing.
//!
//! # Method
//! Two facts about a node: it is never below zero (nor minus zero), and it is never above one besides. Not-a-numbers may be either; no rule
//! below turns on them. Facts about a cell are supposed until its initial or next value refutes them, as in [`super::reuse`].

use melian_language::model::Calendar;

use crate::expand::nodes::Nodes;
use crate::graph::{CellId, Graph, HistoryId, Node, NodeId, WatchKind};
use crate::operation::Operation;

/// Where a node's value lies.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Range {
    /// Anywhere.
    Any,
    /// At or above zero, not minus zero.
    NotNegative,
    /// The same, and at or below one.
    Unit,
}

use Range::{Any, NotNegative, Unit};

/// How deep in a branch a difference is looked for: rates per unit of what is above a threshold are a few products deep.
const DEPTH: u32 = 4;

/// Returns the graph without guards against negative numbers that cannot be, and without watches for them.
pub(super) fn drop_guards(mut graph: Graph) -> Graph {
    let ranges = Ranges::of(&graph);
    let mut nodes = Nodes::default();
    let mut of: Vec<NodeId> = Vec::with_capacity(graph.nodes.len());
    for node in &graph.nodes {
        let new = |id: NodeId| of[id.position()];
        let id = match ranges.without_guard(&graph, node) {
            Some(Unguarded::Node(id)) => new(id),
            Some(Unguarded::Number(number)) => nodes.number(number),
            None => nodes.folded(node.mapped(new)),
        };
        of.push(id);
    }
    graph.watches.retain(|watch| {
        let negative = matches!(watch.kind, WatchKind::NegativeFlow | WatchKind::NegativeStock);
        !(negative && ranges.node(watch.node) >= NotNegative)
    });
    graph.onto(nodes.into_list(), |id| of[id.position()])
}

enum Unguarded {
    Node(NodeId),
    Number(f64),
}

struct Ranges {
    nodes: Vec<Range>,
    cells: Vec<Range>,
    histories: Vec<Range>,
}

impl Ranges {
    fn of(graph: &Graph) -> Ranges {
        let mut ranges = Ranges {
            nodes: vec![Any; graph.nodes.len()],
            cells: vec![Unit; graph.cells.len()],
            histories: vec![Unit; graph.histories.len()],
        };
        loop {
            for (position, node) in graph.nodes.iter().enumerate() {
                ranges.nodes[position] = ranges.range(graph, node);
            }
            let node = |id: NodeId| ranges.nodes[id.position()];
            let cells: Vec<Range> = graph
                .cells
                .iter()
                .map(|cell| node(cell.initial).min(node(cell.next)))
                .collect();
            let histories: Vec<Range> = graph.histories.iter().map(|&recorded| node(recorded)).collect();
            let lower = |new: &[Range], old: &[Range]| -> Vec<Range> {
                new.iter().zip(old).map(|(&new, &old)| new.min(old)).collect()
            };
            let (cells, histories) = (lower(&cells, &ranges.cells), lower(&histories, &ranges.histories));
            if cells == ranges.cells && histories == ranges.histories {
                return ranges;
            }
            (ranges.cells, ranges.histories) = (cells, histories);
        }
    }

    fn node(&self, id: NodeId) -> Range {
        self.nodes[id.position()]
    }

    fn range(&self, graph: &Graph, node: &Node) -> Range {
        match node {
            Node::Constant(bits) => match f64::from_bits(*bits) {
                value if value.is_sign_negative() => Any,
                value if value <= 1.0 => Unit,
                _ => NotNegative,
            },
            Node::Parameter(_) | Node::Once(_) | Node::Uniform(_) => Unit,
            Node::Calendar(Calendar::YearShare | Calendar::MonthStarts) => Unit,
            Node::Calendar(Calendar::Now | Calendar::Elapsed | Calendar::Month) => NotNegative,
            Node::Cell(CellId(cell)) => self.cells[*cell as usize],
            Node::Delayed {
                history: HistoryId(history),
                before,
                ..
            } => self.histories[*history as usize].min(self.node(*before)),
            Node::Scheduled { value, otherwise, .. } => self.node(*value).min(self.node(*otherwise)),
            Node::Apply(operation, operands) => self.range_of_operation(graph, *operation, operands),
        }
    }

    fn range_of_operation(&self, graph: &Graph, operation: Operation, operands: &[NodeId]) -> Range {
        let range = |operand: usize| self.node(operands[operand]);
        let lowest = || {
            operands
                .iter()
                .map(|&operand| self.node(operand))
                .min()
                .unwrap_or(Any)
        };
        match operation {
            Operation::Less
            | Operation::LessEqual
            | Operation::Equal
            | Operation::NotEqual
            | Operation::And
            | Operation::Or
            | Operation::Not
            | Operation::Logistic
            | Operation::NormalCdf
            | Operation::GammaCdf
            | Operation::BetaCdf
            | Operation::BetaQuantile
            | Operation::StudentTCdf => Unit,
            Operation::Exp => match self.is_minus_something(graph, operands[0]) {
                true => Unit,
                false => NotNegative,
            },
            Operation::Abs
            | Operation::GammaQuantile
            | Operation::PoissonQuantile
            | Operation::BinomialQuantile => NotNegative,
            Operation::Multiply => lowest(),
            Operation::Add | Operation::Divide => lowest().min(NotNegative),
            Operation::Power => range(0).min(NotNegative),
            Operation::Sqrt => range(0),
            Operation::Floor | Operation::Ceil | Operation::Round => range(0),
            Operation::Select => self.range_of_branches(graph, operands),
            // The lesser of a number that is not negative and one of at most one.
            Operation::Min if lowest() >= NotNegative => range(0).max(range(1)),
            // The second operand is what is left when the first is not above it.
            Operation::Max => range(1).min(NotNegative).max(lowest()),
            Operation::Subtract if self.is_share_off(graph, operands) => NotNegative,
            Operation::Subtract if range(1) == Unit && number(graph, operands[0]) == Some(1.0) => Unit,
            _ => Any,
        }
    }

    /// Whether a node is minus something that is not negative.
    fn is_minus_something(&self, graph: &Graph, node: NodeId) -> bool {
        match &graph.nodes[node.position()] {
            Node::Apply(Operation::Negate, inner) => self.node(inner[0]) >= NotNegative,
            _ => false,
        }
    }

    /// Each branch knows which of the compared numbers is the greater: `if a < b then 0 else a - b`.
    fn range_of_branches(&self, graph: &Graph, operands: &[NodeId]) -> Range {
        let plain = self.node(operands[1]).min(self.node(operands[2]));
        match &graph.nodes[operands[0].position()] {
            Node::Apply(Operation::Less | Operation::LessEqual, compared) if plain == Any => {
                let (a, b) = (compared[0], compared[1]);
                let then = self.range_given(graph, operands[1], [b, a], DEPTH);
                then.min(self.range_given(graph, operands[2], [a, b], DEPTH))
            }
            _ => plain,
        }
    }

    /// Returns the range of a node where the first of two nodes is not below the second.
    fn range_given(&self, graph: &Graph, node: NodeId, greater: [NodeId; 2], depth: u32) -> Range {
        let plain = self.node(node);
        match &graph.nodes[node.position()] {
            Node::Apply(Operation::Subtract, parts) if parts[..] == greater => NotNegative,
            Node::Apply(Operation::Add | Operation::Multiply | Operation::Divide, operands)
                if plain == Any && depth > 0 =>
            {
                let ranges = operands
                    .iter()
                    .map(|&operand| self.range_given(graph, operand, greater, depth - 1));
                ranges.min().unwrap_or(Any).min(NotNegative)
            }
            _ => plain,
        }
    }

    /// `a - a * share`, or `a - min(b, a)`.
    fn is_share_off(&self, graph: &Graph, operands: &[NodeId]) -> bool {
        let whole = operands[0];
        let Node::Apply(operation, parts) = &graph.nodes[operands[1].position()] else {
            return false;
        };
        let other = |part: NodeId| if part == parts[0] { parts[1] } else { parts[0] };
        match operation {
            Operation::Multiply => {
                parts.contains(&whole) && self.node(whole) >= NotNegative && self.node(other(whole)) == Unit
            }
            Operation::Min => parts.contains(&whole),
            _ => false,
        }
    }

    /// Returns what a guard lets through, if it guards against nothing.
    fn without_guard(&self, graph: &Graph, node: &Node) -> Option<Unguarded> {
        let Node::Apply(operation, operands) = node else {
            return None;
        };
        let is = |operand: usize, value: f64| number(graph, operands[operand]) == Some(value);
        let range = |operand: usize| self.node(operands[operand]);
        let kept = match operation {
            Operation::Max if is(1, 0.0) && range(0) >= NotNegative => 0,
            Operation::Max if is(0, 0.0) && range(1) >= NotNegative => 1,
            Operation::Min if is(1, 1.0) && range(0) == Unit => 0,
            Operation::Min if is(0, 1.0) && range(1) == Unit => 1,
            Operation::Abs if range(0) >= NotNegative => 0,
            Operation::Less if is(1, 0.0) && range(0) >= NotNegative => return Some(Unguarded::Number(0.0)),
            _ => return None,
        };
        Some(Unguarded::Node(operands[kept]))
    }
}

fn number(graph: &Graph, node: NodeId) -> Option<f64> {
    match graph.nodes[node.position()] {
        Node::Constant(bits) => Some(f64::from_bits(bits)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rules lean on this of the elementary functions: what is at most one, and what is not minus zero.
    #[test]
    fn functions_keep_to_their_ranges() {
        let tiny = [
            0.0,
            5e-324,
            1e-300,
            1e-20,
            1e-17,
            1.1e-16,
            2.3e-16,
            1e-10,
            0.3,
            1.0,
            30.0,
            745.2,
            1e300,
            f64::INFINITY,
        ];
        for x in tiny.into_iter().chain((0..2000).map(|i| f64::from(i) * 1.37e-18)) {
            let e = Operation::Exp.apply(&[-x]);
            assert!(
                (0.0..=1.0).contains(&e) && e.is_sign_positive(),
                "exp(-{x}) is {e}"
            );
            for y in tiny {
                let power = Operation::Power.apply(&[x, y]);
                assert!(
                    power.is_nan() || power >= 0.0 && power.is_sign_positive(),
                    "{x}^{y} is {power}"
                );
                let power = Operation::Power.apply(&[x, -y]);
                assert!(
                    power.is_nan() || power >= 0.0 && power.is_sign_positive(),
                    "{x}^-{y} is {power}"
                );
            }
            for operation in [Operation::Logistic, Operation::NormalCdf] {
                for z in [x, -x] {
                    let value = operation.apply(&[z]);
                    assert!(
                        (0.0..=1.0).contains(&value) && value.is_sign_positive(),
                        "{}({z})",
                        operation.name()
                    );
                }
            }
        }
        for shape in [1e-10, 0.3, 1.0, 30.0, 1e5] {
            for operation in [
                Operation::GammaCdf,
                Operation::GammaQuantile,
                Operation::PoissonQuantile,
            ] {
                for x in [1e-17, 0.3, 0.999] {
                    let value: f64 = operation.apply(&[shape, x]);
                    assert!(
                        value >= 0.0 && value.is_sign_positive(),
                        "{}({shape}, {x}) is {value}",
                        operation.name()
                    );
                }
            }
        }
    }
}
