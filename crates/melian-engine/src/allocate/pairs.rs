//! Joins operations in pairs: what only the next one needs never leaves the processor.

use crate::allocate::levels::levels;
use crate::allocate::outside_uses;
use crate::graph::{Graph, Node, NodeId};
use crate::operation::Operation;

/// Returns the graph with pairs as single operations, of three operands at most. The numbers of nodes stay; the first of a pair is not used any more.
///
/// A pair rounds twice, as its two operations do. Its first operation is used by nothing but the second, and computed as often.
pub(crate) fn paired(graph: &Graph) -> Graph {
    let levels = levels(graph);
    let mut uses = vec![0u32; graph.nodes.len()];
    for node in &graph.nodes {
        node.operands()
            .iter()
            .for_each(|operand| uses[operand.position()] += 1);
    }
    outside_uses(graph).for_each(|node| uses[node.position()] += 1);
    let mut graph = graph.clone();
    for i in 0..graph.nodes.len() {
        let Node::Apply(outer, operands) = &graph.nodes[i] else {
            continue;
        };
        let first = |node: NodeId| match &graph.nodes[node.position()] {
            Node::Apply(inner, operands)
                if uses[node.position()] == 1 && levels[node.position()] == levels[i] =>
            {
                Some((*inner, *operands))
            }
            _ => None,
        };
        let joined = match operands[..] {
            [a] => first(a).and_then(|(inner, operands)| Some(Node::Apply(alone(inner, *outer)?, operands))),
            [a, b] => [(a, b, false), (b, a, true)]
                .into_iter()
                .find_map(|(inner, other, swapped)| {
                    let (operation, operands) = first(inner)?;
                    let pair = pair(operation, *outer, swapped)?;
                    let operands = operands.iter().copied().chain([other]);
                    Some(Node::Apply(pair, operands.collect()))
                }),
            _ => None,
        };
        if let Some(joined) = joined {
            graph.nodes[i] = joined;
        }
    }
    graph
}

/// Returns the operation that is `outer` of `inner` of its operands.
fn alone(inner: Operation, outer: Operation) -> Option<Operation> {
    match (inner, outer) {
        (Operation::Ln, Operation::Negate) => Some(Operation::MinusLn),
        (Operation::Subtract, Operation::Abs) => Some(Operation::SubtractAbs),
        (Operation::Multiply, Operation::Exp) => Some(Operation::MultiplyExp),
        _ => None,
    }
}

/// Returns the operation that is `inner` of its first two operands, and `outer` of that and its third: of the third and that if `swapped`.
fn pair(inner: Operation, outer: Operation, swapped: bool) -> Option<Operation> {
    use Operation::*;
    Some(match (inner, outer, swapped) {
        (LnPower, Add, _) => LnPowerAdd,
        (Add, Add, _) => AddAdd,
        (Subtract, Add, _) => SubtractAdd,
        (Multiply, Add, _) => MultiplyAdd,
        (Add, Subtract, false) => AddSubtract,
        (Subtract, Subtract, false) => SubtractSubtract,
        (Multiply, Subtract, false) => MultiplySubtract,
        (Add, Subtract, true) => AddSubtractFrom,
        (Subtract, Subtract, true) => SubtractSubtractFrom,
        (Multiply, Subtract, true) => MultiplySubtractFrom,
        (Add, Multiply, _) => AddMultiply,
        (Subtract, Multiply, _) => SubtractMultiply,
        (Multiply, Multiply, _) => MultiplyMultiply,
        (Multiply, Divide, false) => MultiplyDivide,
        (Divide, Add, _) => DivideAdd,
        (Divide, Multiply, _) => DivideMultiply,
        (Exp, Multiply, _) => ExpMultiply,
        (Subtract, Max, false) => SubtractMax,
        (Multiply, Min, false) => MultiplyMin,
        (Multiply, Min, true) => MultiplyMinFrom,
        (Max, Min, false) => MaxMin,
        _ => return None,
    })
}
