//! The order of instructions: depth first from what is wanted, so that a value is used soon after it is made; and what is alike side by
//! side, so that one kernel does it all at once.

use std::cmp::Reverse;
use std::mem::{Discriminant, discriminant};

use crate::graph::{Graph, Node, NodeId};
use crate::operation::Operation;

/// Orders nodes so that operands come before their users.
pub(crate) struct Order<'a> {
    graph: &'a Graph,
    /// Whether a node is an instruction here; others are found elsewhere when the instructions run.
    member: Vec<bool>,
    /// Registers that a node takes, roughly.
    weight: Vec<u16>,
    visited: Vec<bool>,
    /// Whether a node has been ordered and not been returned yet.
    waiting: Vec<bool>,
}

impl<'a> Order<'a> {
    /// Prepares to order the nodes for which `member` holds.
    pub(crate) fn new(graph: &'a Graph, member: Vec<bool>) -> Order<'a> {
        let weight = weights(graph, &member);
        Order {
            graph,
            visited: vec![false; graph.nodes.len()],
            waiting: vec![false; graph.nodes.len()],
            member,
            weight,
        }
    }

    /// Returns the nodes below a root that no earlier root has returned, operands first.
    pub(crate) fn below(&mut self, root: NodeId) -> Vec<NodeId> {
        let mut ordered = Vec::new();
        // A stack of our own: chains of thousands of nodes are common and would exhaust the thread's.
        let mut stack = vec![(root, false)];
        while let Some((node, operands_done)) = stack.pop() {
            if operands_done {
                ordered.push(node);
                continue;
            }
            if !self.member[node.position()] || std::mem::replace(&mut self.visited[node.position()], true) {
                continue;
            }
            stack.push((node, true));
            let mut next = self.graph.nodes[node.position()].operands();
            // The heaviest operand first, so that fewer finished ones wait for it; the stack returns the last pushed first.
            next.sort_by_key(|operand| self.weight[operand.position()]);
            stack.extend(next.iter().map(|&operand| (operand, false)));
        }
        ordered
    }

    /// Returns the nodes below several roots that no earlier root has returned, operands first, in runs of one kind each. Where the
    /// roots are alike, such as the same equation for several elements and worlds, they go in step.
    pub(crate) fn below_all(&mut self, roots: &[NodeId]) -> Vec<Vec<NodeId>> {
        let lists: Vec<Vec<NodeId>> = roots.iter().map(|&root| self.below(root)).collect();
        for node in lists.iter().flatten() {
            self.waiting[node.position()] = true;
        }
        let mut heads: Vec<&[NodeId]> = lists
            .iter()
            .map(Vec::as_slice)
            .filter(|list| !list.is_empty())
            .collect();
        let mut runs = Vec::new();
        // The first list waits for none of the others, so there always is a node that is ready.
        while let Some(kind) = heads
            .iter()
            .find_map(|list| self.is_ready(list[0]).then(|| self.kind(list[0])))
        {
            let mut run = Vec::new();
            for list in &mut heads {
                if let [first, rest @ ..] = *list
                    && self.kind(*first) == kind
                    && self.is_ready(*first)
                {
                    run.push(*first);
                    *list = rest;
                }
            }
            for node in &run {
                self.waiting[node.position()] = false;
            }
            heads.retain(|list| !list.is_empty());
            runs.push(run);
        }
        runs
    }

    fn is_ready(&self, node: NodeId) -> bool {
        let operands = self.graph.nodes[node.position()].operands();
        operands.iter().all(|operand| !self.waiting[operand.position()])
    }

    /// Nodes of one kind are computed by one kernel, mostly.
    fn kind(&self, node: NodeId) -> (Discriminant<Node>, Option<Operation>) {
        let node = &self.graph.nodes[node.position()];
        let operation = match node {
            Node::Apply(operation, _) => Some(*operation),
            _ => None,
        };
        (discriminant(node), operation)
    }
}

/// Returns the number of registers that each node takes when computed as a tree.
///
/// # Source
/// R. Sethi and J. D. Ullman (1970), "The generation of optimal code for arithmetic expressions", J. ACM 17(4), 715-728,
/// doi:10.1145/321607.321620. Shared nodes are counted every time, so it is only a guide here.
fn weights(graph: &Graph, member: &[bool]) -> Vec<u16> {
    let mut weights: Vec<u16> = vec![0; graph.nodes.len()];
    for (i, node) in graph.nodes.iter().enumerate() {
        if !member[i] {
            continue;
        }
        let mut below = node.operands();
        below.sort_by_key(|operand| Reverse(weights[operand.position()]));
        let held = below
            .iter()
            .map(|operand| weights[operand.position()])
            .zip(0..)
            .filter(|&(weight, _)| weight > 0)
            .map(|(weight, waiting)| weight + waiting);
        weights[i] = held.max().unwrap_or(0).max(1);
    }
    weights
}
