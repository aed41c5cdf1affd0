//! Which watches look at what, and which of them need not look unless a later one has seen something.

use crate::graph::{Graph, Node, NodeId, WatchKind};
use crate::operation::Operation;
use crate::program::StepSetId;
use crate::vm::least_passed_over;

use super::levels::Level;

/// Watches of the same value.
pub(super) struct WatchGroup {
    /// The value.
    pub(super) node: NodeId,
    /// Positions in the graph's list.
    pub(super) watches: Vec<u32>,
    /// Finite values from here on are of interest to none of them.
    pub(super) least: f64,
    /// Whether all that they look for shows in a later group of the same step.
    pub(super) shown: bool,
}

/// Lists the watched nodes, and what looks at each.
///
/// What is no number passes through most operations. So a group that looks for nothing else is not needed where all goes well, if its
/// value goes on, through such operations and in all its steps, to another that is watched.
pub(super) fn watched(
    graph: &Graph,
    levels: &[Level],
    needs: &[Option<StepSetId>],
    all: StepSetId,
) -> Vec<WatchGroup> {
    let mut is_watched = vec![false; graph.nodes.len()];
    for watch in &graph.watches {
        is_watched[watch.node.position()] = true;
    }
    let goes_on = goes_on(graph, levels, needs, all, &is_watched);
    let mut positions: Vec<u32> = (0..graph.watches.len() as u32).collect();
    let watch = |position: u32| &graph.watches[position as usize];
    positions.sort_by_key(|&position| watch(position).node);
    let groups = positions.chunk_by(|&a, &b| watch(a).node == watch(b).node);
    let group = |watches: &[u32]| {
        let node = watch(watches[0]).node;
        let kinds = || watches.iter().map(|&position| watch(position).kind);
        WatchGroup {
            node,
            watches: watches.to_vec(),
            least: kinds().map(least_passed_over).fold(f64::NEG_INFINITY, f64::max),
            shown: goes_on[node.position()] && kinds().all(|kind| kind == WatchKind::NotANumber),
        }
    };
    groups.map(group).collect()
}

/// Returns for every node whether what is no number in it goes on to a watched node in all its steps.
fn goes_on(
    graph: &Graph,
    levels: &[Level],
    needs: &[Option<StepSetId>],
    all: StepSetId,
    is_watched: &[bool],
) -> Vec<bool> {
    let mut goes_on = vec![false; graph.nodes.len()];
    for (i, node) in graph.nodes.iter().enumerate().rev() {
        let Node::Apply(operation, operands) = node else {
            continue;
        };
        if levels[i] != Level::Step || !(goes_on[i] || is_watched[i]) {
            continue;
        }
        let (Some(steps), true) = (needs[i], operation.hands_on_what_is_no_number()) else {
            continue;
        };
        for operand in operands.iter().map(|operand| operand.position()) {
            let in_all_its_steps = steps == all || needs[operand] == Some(steps);
            goes_on[operand] |= levels[operand] == Level::Step && in_all_its_steps;
        }
    }
    goes_on
}

impl Operation {
    /// Returns whether the value is no number wherever one of the operands is none.
    fn hands_on_what_is_no_number(self) -> bool {
        use Operation::*;
        !matches!(
            self,
            Power | Less | LessEqual | Equal | NotEqual | And | Or | Not | Select
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plain::Dice;

    #[test]
    fn what_is_no_number_goes_through_operations() {
        let mut dice = Dice::new(3);
        for &operation in Operation::ALL {
            if !operation.hands_on_what_is_no_number() {
                continue;
            }
            for position in 0..operation.arity() {
                for _ in 0..1_000 {
                    let mut operands: Vec<f64> = (0..operation.arity()).map(|_| dice.number()).collect();
                    operands[position] = f64::NAN;
                    let value = operation.apply(&operands);
                    assert!(value.is_nan(), "{} {operands:?} gives {value}", operation.name());
                }
            }
        }
    }
}
