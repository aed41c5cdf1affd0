//! Hash-consed nodes: what is written twice is computed once.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

use crate::graph::{Cell, Node, NodeId, Schedule};
use crate::operation::Operation;

/// A growing list of nodes in which no node occurs twice.
#[derive(Default)]
pub(crate) struct Nodes {
    list: Vec<Node>,
    /// For each node, whether it is the same in every step of a future.
    stepless: Vec<bool>,
    index: QuickMap<Node, NodeId>,
}

impl Nodes {
    /// Returns the id of the node, which is new if it was not there yet.
    pub fn add(&mut self, node: Node) -> NodeId {
        if let Some(&id) = self.index.get(&node) {
            return id;
        }
        let id = NodeId(self.list.len() as u32);
        self.stepless.push(match &node {
            Node::Constant(_) | Node::Parameter(_) | Node::Once(_) => true,
            Node::Apply(_, operands) => operands.iter().all(|operand| self.stepless[operand.position()]),
            Node::Uniform(_)
            | Node::Calendar(_)
            | Node::Cell(_)
            | Node::Scheduled { .. }
            | Node::Delayed { .. } => false,
        });
        self.list.push(node.clone());
        self.index.insert(node, id);
        id
    }

    /// Returns a constant.
    pub fn number(&mut self, value: f64) -> NodeId {
        self.add(Node::Constant(value.to_bits()))
    }

    /// Returns an operation.
    pub fn apply(&mut self, operation: Operation, operands: &[NodeId]) -> NodeId {
        debug_assert_eq!(
            operation.arity(),
            operands.len(),
            "operands of {}",
            operation.name()
        );
        self.add(Node::Apply(operation, operands.to_vec()))
    }

    /// Returns `value` in the steps of the schedule, else `otherwise`.
    pub fn scheduled(&mut self, schedule: Schedule, value: NodeId, otherwise: NodeId) -> NodeId {
        self.add(Node::Scheduled {
            schedule,
            value,
            otherwise,
        })
    }

    /// Returns how many there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Returns a node.
    pub fn get(&self, id: NodeId) -> &Node {
        &self.list[id.position()]
    }

    /// Returns whether a node is the same in every step of a future, by what it is made of.
    pub fn is_stepless(&self, id: NodeId) -> bool {
        self.stepless[id.position()]
    }

    /// Returns all nodes; operands come before their users.
    pub fn into_list(self) -> Vec<Node> {
        self.list
    }
}

/// Returns the nodes that a node reads in the same step.
pub(crate) fn operands(node: &Node) -> impl Iterator<Item = NodeId> + '_ {
    let (list, pair): (&[NodeId], [Option<NodeId>; 2]) = match node {
        Node::Apply(_, operands) => (operands, [None; 2]),
        Node::Scheduled { value, otherwise, .. } => (&[], [Some(*value), Some(*otherwise)]),
        Node::Delayed { lag, before, .. } => (&[], [Some(*lag), Some(*before)]),
        Node::Constant(_)
        | Node::Parameter(_)
        | Node::Once(_)
        | Node::Uniform(_)
        | Node::Calendar(_)
        | Node::Cell(_) => (&[], [None; 2]),
    };
    list.iter().copied().chain(pair.into_iter().flatten())
}

impl Node {
    /// Returns the same computation on other nodes.
    pub(crate) fn mapped(&self, node: impl Fn(NodeId) -> NodeId) -> Node {
        match self {
            Node::Apply(operation, operands) => Node::Apply(
                *operation,
                operands.iter().map(|&operand| node(operand)).collect(),
            ),
            Node::Scheduled {
                schedule,
                value,
                otherwise,
            } => Node::Scheduled {
                schedule: *schedule,
                value: node(*value),
                otherwise: node(*otherwise),
            },
            Node::Delayed { history, lag, before } => Node::Delayed {
                history: *history,
                lag: node(*lag),
                before: node(*before),
            },
            Node::Constant(_)
            | Node::Parameter(_)
            | Node::Once(_)
            | Node::Uniform(_)
            | Node::Calendar(_)
            | Node::Cell(_) => self.clone(),
        }
    }
}

impl Cell {
    /// Returns the same cell on other nodes.
    pub(crate) fn mapped(&self, node: impl Fn(NodeId) -> NodeId) -> Cell {
        Cell {
            name: self.name.clone(),
            initial: node(self.initial),
            next: node(self.next),
        }
    }
}

/// A map for keys that come from the model: quick to hash, and never iterated, so that its order does not matter.
pub(crate) type QuickMap<K, V> = HashMap<K, V, BuildHasherDefault<QuickHasher>>;

/// A set of such keys.
pub(crate) type QuickSet<K> = HashSet<K, BuildHasherDefault<QuickHasher>>;

/// Multiplies and rotates: small keys in large numbers are hashed here, and nobody chooses them to collide on purpose
/// without slowing down only their own model.
#[derive(Clone, Copy, Default)]
pub(crate) struct QuickHasher(u64);

impl QuickHasher {
    fn mix(&mut self, word: u64) {
        // The odd constant is 2^64 divided by the golden ratio: its bits are well spread.
        self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

impl Hasher for QuickHasher {
    fn finish(&self) -> u64 {
        // The table uses the low bits for its slots, and multiplication leaves those the poorest.
        self.0 ^ (self.0 >> 32)
    }

    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.mix(u64::from_le_bytes(word));
        }
    }

    fn write_u8(&mut self, value: u8) {
        self.mix(u64::from(value));
    }

    fn write_u32(&mut self, value: u32) {
        self.mix(u64::from(value));
    }

    fn write_u64(&mut self, value: u64) {
        self.mix(value);
    }

    fn write_usize(&mut self, value: usize) {
        self.mix(value as u64);
    }

    fn write_isize(&mut self, value: isize) {
        self.mix(value as u64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_written_twice_is_one() {
        let mut nodes = Nodes::default();
        let one = nodes.number(1.0);
        let two = nodes.number(2.0);
        let sum = nodes.apply(Operation::Add, &[one, two]);
        assert_eq!(nodes.apply(Operation::Add, &[one, two]), sum);
        assert_ne!(nodes.apply(Operation::Add, &[two, one]), sum);
        assert_eq!(nodes.len(), 4);
    }

    #[test]
    fn zero_and_minus_zero_are_two_constants() {
        let mut nodes = Nodes::default();
        assert_ne!(nodes.number(0.0), nodes.number(-0.0));
    }
}
