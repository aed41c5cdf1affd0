//! Hash-consed nodes: what is written twice is computed once.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hash, Hasher};

use crate::graph::{Node, NodeId, Schedule};
use crate::operation::Operation;

/// A growing list of nodes in which no node occurs twice.
#[derive(Default)]
pub(crate) struct Nodes {
    list: Vec<Node>,
    /// For each node, whether it is the same in every step of a future.
    stepless: Vec<bool>,
    /// Where to find a node by its hash: open addressing, at most half full. The nodes themselves are the keys, so that they are stored once.
    slots: Vec<u32>,
}

const FREE: u32 = u32::MAX;

impl Nodes {
    /// Returns the id of the node, which is new if it was not there yet.
    pub fn add(&mut self, node: Node) -> NodeId {
        match &node {
            Node::Apply(operation, operands) => {
                let (operation, operands) = (*operation, *operands);
                self.apply(operation, &operands)
            }
            _ => self.insert(hash_of(&node), |known| *known == node, || node.clone()),
        }
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
        let is_it =
            |known: &Node| matches!(known, Node::Apply(o, list) if *o == operation && list[..] == *operands);
        self.insert(hash_of_operation(operation, operands), is_it, || {
            Node::Apply(operation, operands.into())
        })
    }

    fn insert(&mut self, hash: u64, is_it: impl Fn(&Node) -> bool, make: impl FnOnce() -> Node) -> NodeId {
        if self.list.len() * 2 >= self.slots.len() {
            self.grow();
        }
        let mut slot = self.first_slot(hash);
        while self.slots[slot] != FREE {
            let id = self.slots[slot];
            if is_it(&self.list[id as usize]) {
                return NodeId(id);
            }
            slot = (slot + 1) & (self.slots.len() - 1);
        }
        let (id, node) = (self.list.len() as u32, make());
        self.slots[slot] = id;
        self.stepless.push(match &node {
            Node::Constant(_) | Node::Parameter(_) | Node::Once(_) => true,
            Node::Apply(_, operands) => operands.iter().all(|operand| self.stepless[operand.position()]),
            Node::Uniform(_)
            | Node::Calendar(_)
            | Node::Cell(_)
            | Node::Scheduled { .. }
            | Node::Delayed { .. } => false,
        });
        self.list.push(node);
        NodeId(id)
    }

    fn first_slot(&self, hash: u64) -> usize {
        hash as usize & (self.slots.len() - 1)
    }

    fn grow(&mut self) {
        self.slots = vec![FREE; (self.slots.len() * 2).max(1 << 10)];
        for id in 0..self.list.len() {
            let mut slot = self.first_slot(hash_of(&self.list[id]));
            while self.slots[slot] != FREE {
                slot = (slot + 1) & (self.slots.len() - 1);
            }
            self.slots[slot] = id as u32;
        }
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

fn hash_of(node: &Node) -> u64 {
    if let Node::Apply(operation, operands) = node {
        return hash_of_operation(*operation, operands);
    }
    let mut hasher = QuickHasher::default();
    node.hash(&mut hasher);
    hasher.finish()
}

fn hash_of_operation(operation: Operation, operands: &[NodeId]) -> u64 {
    let mut hasher = QuickHasher::default();
    hasher.write_u32(operation as u32);
    operands.iter().for_each(|operand| hasher.write_u32(operand.0));
    hasher.finish()
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
