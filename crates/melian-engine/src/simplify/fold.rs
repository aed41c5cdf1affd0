//! Rewrites a node into one that costs less and has the same bits, whatever its operands are.
//!
//! Not-a-numbers are one value here: no operation tells their payloads apart, and what leaves the machine has none. Zero and minus
//! zero are two: `x + 0` is not `x` when `x` is minus zero, so sums keep such zeros unless `x` cannot be it.

use crate::expand::nodes::Nodes;
use crate::graph::{Node, NodeId, Schedule};
use crate::operation::Operation;

/// How far down the rules look at operands of operands: far enough for what expansion writes, and never slow.
const DEPTH: u32 = 6;

impl Nodes {
    /// Adds a node in its cheapest form. The operands are in theirs.
    pub(super) fn folded(&mut self, node: Node) -> NodeId {
        match node {
            Node::Apply(operation, operands) => self.folded_operation(operation, &operands),
            Node::Scheduled {
                schedule,
                value,
                otherwise,
            } => self.folded_schedule(schedule, value, otherwise),
            other => self.add(other),
        }
    }

    fn folded_schedule(&mut self, schedule: Schedule, mut value: NodeId, mut otherwise: NodeId) -> NodeId {
        let always = matches!(
            schedule,
            Schedule::Always | Schedule::Every(1) | Schedule::From(0)
        );
        if let Node::Scheduled {
            schedule: inner,
            value: taken,
            ..
        } = *self.get(value)
            && inner == schedule
        {
            value = taken;
        }
        if let Node::Scheduled {
            schedule: inner,
            otherwise: taken,
            ..
        } = *self.get(otherwise)
            && inner == schedule
        {
            otherwise = taken;
        }
        if always || value == otherwise {
            value
        } else {
            self.scheduled(schedule, value, otherwise)
        }
    }

    /// Adds an operation in its cheapest form.
    pub(super) fn folded_operation(&mut self, operation: Operation, operands: &[NodeId]) -> NodeId {
        let mut ordered = [NodeId(0); 3];
        let operands = {
            ordered[..operands.len()].copy_from_slice(operands);
            &mut ordered[..operands.len()]
        };
        if operands.iter().all(|&operand| self.constant(operand).is_some()) {
            let constants: Vec<f64> = operands
                .iter()
                .filter_map(|&operand| self.constant(operand))
                .collect();
            return self.number(operation.apply(&constants));
        }
        if is_commutative(operation) {
            operands.sort();
        }
        match *operands {
            [a] => self.folded_unary(operation, a),
            [a, b] => self.folded_binary(operation, a, b),
            [a, b, c] if operation == Operation::Select => self.folded_select(a, b, c),
            _ => None,
        }
        .unwrap_or_else(|| self.apply(operation, operands))
    }

    fn folded_unary(&mut self, operation: Operation, a: NodeId) -> Option<NodeId> {
        match (operation, self.get(a)) {
            (Operation::Negate, Node::Apply(Operation::Negate, inner)) => Some(inner[0]),
            (Operation::Not, Node::Apply(Operation::Not, inner)) if self.is_condition(inner[0], DEPTH) => {
                Some(inner[0])
            }
            (Operation::Abs, Node::Apply(Operation::Abs, _)) => Some(a),
            // A distance is the same from either end.
            (Operation::Abs, Node::Apply(Operation::Subtract, ends)) if ends[0] > ends[1] => {
                let (from, to) = (ends[1], ends[0]);
                let difference = self.folded_operation(Operation::Subtract, &[from, to]);
                Some(self.folded_operation(Operation::Abs, &[difference]))
            }
            _ => None,
        }
    }

    fn folded_binary(&mut self, operation: Operation, a: NodeId, b: NodeId) -> Option<NodeId> {
        let (left, right) = (self.constant(a), self.constant(b));
        let either = |value: f64| match (left, right) {
            (Some(x), _) if x == value => Some(b),
            (_, Some(x)) if x == value => Some(a),
            _ => None,
        };
        let is_zero = |x: Option<f64>| x == Some(0.0);
        match operation {
            Operation::Add => match (left, right) {
                (Some(x), _) if x == 0.0 && (x.is_sign_negative() || self.is_never_minus_zero(b, DEPTH)) => {
                    Some(b)
                }
                (_, Some(x)) if x == 0.0 && (x.is_sign_negative() || self.is_never_minus_zero(a, DEPTH)) => {
                    Some(a)
                }
                _ => None,
            },
            Operation::Subtract => right.filter(|x| *x == 0.0 && x.is_sign_positive()).map(|_| a),
            Operation::Multiply => either(1.0),
            Operation::Divide => match right? {
                1.0 => Some(a),
                divisor => {
                    let factor = exact_reciprocal(divisor)?;
                    let factor = self.number(factor);
                    Some(self.folded_operation(Operation::Multiply, &[a, factor]))
                }
            },
            Operation::And if is_zero(left) || is_zero(right) => Some(self.number(0.0)),
            Operation::And if a == b => Some(a).filter(|&a| self.is_condition(a, DEPTH)),
            Operation::And => match (left, right) {
                (Some(_), _) => Some(b).filter(|&b| self.is_condition(b, DEPTH)),
                (_, Some(_)) => Some(a).filter(|&a| self.is_condition(a, DEPTH)),
                _ => None,
            },
            Operation::Or if is_zero(left) => Some(b).filter(|&b| self.is_condition(b, DEPTH)),
            Operation::Or if is_zero(right) => Some(a).filter(|&a| self.is_condition(a, DEPTH)),
            Operation::Or if left.is_some() || right.is_some() => Some(self.number(1.0)),
            Operation::Or if a == b => Some(a).filter(|&a| self.is_condition(a, DEPTH)),
            Operation::Less if a == b => Some(self.number(0.0)),
            Operation::Less if is_zero(left) => Some(b).filter(|&b| self.is_condition(b, DEPTH)),
            Operation::Min | Operation::Max if a == b => Some(a),
            Operation::Max if is_zero(right) => Some(a).filter(|&a| self.is_condition(a, DEPTH)),
            Operation::Max => match self.get(a) {
                Node::Apply(Operation::Max, inner) if inner[1] == b => Some(a),
                _ => None,
            },
            _ => None,
        }
    }

    fn folded_select(&mut self, condition: NodeId, then: NodeId, otherwise: NodeId) -> Option<NodeId> {
        if then == otherwise {
            return Some(then);
        }
        if let Some(truth) = self.constant(condition) {
            return Some(if truth != 0.0 { then } else { otherwise });
        }
        if let Node::Apply(Operation::Not, inner) = self.get(condition) {
            let inner = inner[0];
            return Some(self.folded_operation(Operation::Select, &[inner, otherwise, then]));
        }
        let bits = [then, otherwise].map(|node| self.constant(node).map(f64::to_bits));
        let (zero, one) = (Some(0.0f64.to_bits()), Some(1.0f64.to_bits()));
        if bits == [one, zero] && self.is_condition(condition, DEPTH) {
            return Some(condition);
        }
        if bits == [zero, one] {
            return Some(self.folded_operation(Operation::Not, &[condition]));
        }
        None
    }

    fn constant(&self, node: NodeId) -> Option<f64> {
        match self.get(node) {
            Node::Constant(bits) => Some(f64::from_bits(*bits)),
            _ => None,
        }
    }

    /// Returns whether a node is always 1 or 0 (and never minus zero).
    fn is_condition(&self, node: NodeId, depth: u32) -> bool {
        let both = |a: NodeId, b: NodeId| {
            depth > 0 && self.is_condition(a, depth - 1) && self.is_condition(b, depth - 1)
        };
        match self.get(node) {
            Node::Constant(bits) => *bits == 0.0f64.to_bits() || *bits == 1.0f64.to_bits(),
            Node::Scheduled { value, otherwise, .. } => both(*value, *otherwise),
            Node::Apply(operation, operands) => match operation {
                Operation::Less
                | Operation::LessEqual
                | Operation::Equal
                | Operation::NotEqual
                | Operation::And
                | Operation::Or
                | Operation::Not => true,
                Operation::Select => both(operands[1], operands[2]),
                _ => false,
            },
            _ => false,
        }
    }

    /// Returns whether a node is surely never minus zero.
    fn is_never_minus_zero(&self, node: NodeId, depth: u32) -> bool {
        if depth == 0 {
            return false;
        }
        let never = |node: NodeId| self.is_never_minus_zero(node, depth - 1);
        match self.get(node) {
            Node::Constant(bits) => *bits != (-0.0f64).to_bits(),
            Node::Parameter(_) | Node::Once(_) | Node::Uniform(_) => true,
            Node::Scheduled { value, otherwise, .. } => never(*value) && never(*otherwise),
            Node::Apply(operation, operands) => match operation {
                // Only minus zero and minus zero add up to it.
                Operation::Add => never(operands[0]) || never(operands[1]),
                // Only minus zero less zero is it.
                Operation::Subtract => never(operands[0]),
                Operation::Abs
                | Operation::Exp
                | Operation::Logistic
                | Operation::NormalCdf
                | Operation::GammaQuantile
                | Operation::BetaQuantile
                | Operation::PoissonQuantile
                | Operation::BinomialQuantile => true,
                Operation::Select => never(operands[1]) && never(operands[2]),
                Operation::Min | Operation::Max => never(operands[0]) && never(operands[1]),
                _ => self.is_condition(node, depth),
            },
            Node::Cell(_) | Node::Calendar(_) | Node::Delayed { .. } => false,
        }
    }
}

/// Returns whether operands may change places; the operands of sums of more than two keep their order, since sums are written two by two.
fn is_commutative(operation: Operation) -> bool {
    matches!(
        operation,
        Operation::Add
            | Operation::Multiply
            | Operation::And
            | Operation::Or
            | Operation::Equal
            | Operation::NotEqual
    )
}

/// Returns 1 / x where multiplying by it gives the bits of dividing by x: for powers of two.
fn exact_reciprocal(x: f64) -> Option<f64> {
    let reciprocal = 1.0 / x;
    let no_fraction = |y: f64| y.is_normal() && y.to_bits() << 12 == 0;
    (no_fraction(x) && no_fraction(reciprocal)).then_some(reciprocal)
}
