//! Equations and expressions as nodes.

use melian_language::model::{
    Action, Binary, Change, Expression, FunctionName, QuantityKind, Reduction, Unary,
};

use super::item::{AttributeOn, Item, Mode, Owner, State};
use super::plan::{Env, Scalar};
use super::world::Expansion;
use crate::graph::{Node, NodeId, Schedule, WatchKind};
use crate::operation::Operation;

impl<'m> Expansion<'_, 'm> {
    /// Returns the value that a name stands for.
    pub fn value(&mut self, scalar: Scalar, mode: Mode) -> NodeId {
        let plan = self.plan;
        match &plan.model.quantity(scalar.quantity).kind {
            QuantityKind::Constant { .. } | QuantityKind::Parameter { .. } => {
                let mode = if mode == Mode::End { Mode::Step } else { mode };
                self.changed_equation(scalar, mode)
            }
            QuantityKind::Derived { .. } => {
                let stays = mode == Mode::End && plan.is_momentary(scalar.quantity);
                self.changed_equation(scalar, if stays { Mode::Step } else { mode })
            }
            QuantityKind::Noise { .. } | QuantityKind::Choice(_) | QuantityKind::Event(_) => {
                self.changed_equation(scalar, Mode::Step)
            }
            QuantityKind::Stock { .. } => self.state_at(State::Stock(scalar), mode),
            QuantityKind::Flow { .. } | QuantityKind::Transfer { .. } => self.get(Item::Moved(scalar)),
            QuantityKind::Measure { .. } | QuantityKind::Question { .. } => self.next(State::Reading(scalar)),
            QuantityKind::Series { .. } => self.get(Item::Equation(scalar, Mode::End, 0)),
            QuantityKind::Attribute { .. } => unreachable!("a checked attribute is read of a stock"),
        }
    }

    /// Returns the equation of a scalar with all changes of the world in place.
    pub fn changed_equation(&mut self, scalar: Scalar, mode: Mode) -> NodeId {
        let layers = self.layers(scalar);
        self.get(Item::Equation(scalar, mode, layers))
    }

    /// Returns the equation of a scalar with the first `layers` changes in place.
    pub fn equation(&mut self, scalar: Scalar, mode: Mode, layers: u32) -> NodeId {
        let below = layers.checked_sub(1);
        match below {
            Some(below) => {
                let change = self.changes(scalar)[below as usize];
                self.change(scalar, mode, change, below)
            }
            None => self.plain_equation(scalar, mode),
        }
    }

    fn plain_equation(&mut self, scalar: Scalar, mode: Mode) -> NodeId {
        let plan = self.plan;
        let position = scalar.position as usize;
        let quantity = plan.model.quantity(scalar.quantity);
        let env = plan.env(scalar);
        let node = match &quantity.kind {
            QuantityKind::Constant { value } | QuantityKind::Derived { value } => {
                self.eval(value.at(position), &env, mode)
            }
            QuantityKind::Parameter { prior, .. } => {
                let uniform = self.luck(scalar, Node::Parameter);
                self.quantile(prior.at(position), uniform, &env, mode)
            }
            QuantityKind::Noise { .. } => {
                let uniform = self.luck(scalar, Node::Uniform);
                self.noise(scalar, uniform)
            }
            QuantityKind::Flow { rate, .. } => self.eval(rate.at(position), &env, Mode::Step),
            QuantityKind::Series { value } => self.eval(value.at(position), &env, Mode::End),
            QuantityKind::Event(event) => return self.trigger(scalar, event),
            QuantityKind::Choice(choice) => return self.standing(scalar, choice),
            QuantityKind::Stock { .. }
            | QuantityKind::Attribute { .. }
            | QuantityKind::Transfer { .. }
            | QuantityKind::Measure { .. }
            | QuantityKind::Question { .. } => unreachable!("this kind of quantity is state or an amount"),
        };
        self.watch(WatchKind::NotANumber, node, Owner::scalar(scalar));
        node
    }

    /// Returns the value of a noise at a uniform number.
    fn noise(&mut self, scalar: Scalar, uniform: NodeId) -> NodeId {
        let plan = self.plan;
        let QuantityKind::Noise { distribution } = &plan.model.quantity(scalar.quantity).kind else {
            unreachable!("only noise has luck in every step");
        };
        let env = plan.env(scalar);
        self.quantile(
            distribution.at(scalar.position as usize),
            uniform,
            &env,
            Mode::Step,
        )
    }

    /// Returns an equation with a change on top of the `below` changes before it.
    fn change(&mut self, scalar: Scalar, mode: Mode, change: &'m Change, below: u32) -> NodeId {
        let kind = &self.plan.model.quantity(scalar.quantity).kind;
        if let QuantityKind::Event(event) = kind {
            return self.changed_trigger(scalar, event, change, below);
        }
        if mode == Mode::Start && change.from_step > 0 {
            return self.get(Item::Equation(scalar, mode, below));
        }
        let changed = match &change.action {
            Action::Hold(value) => {
                let env = self.plan.env(scalar);
                self.eval(value, &env, mode)
            }
            Action::Freeze => self.frozen(scalar, below),
            Action::Median => {
                let half = self.number(0.5);
                self.noise(scalar, half)
            }
            Action::Option(option) => self.number(f64::from(*option)),
            Action::Never | Action::Always | Action::At(_) => {
                unreachable!("only an event is forbidden or forced")
            }
        };
        self.changed_from(change.from_step, changed, |expansion| {
            expansion.get(Item::Equation(scalar, mode, below))
        })
    }

    /// Returns what the equation gave in the first step, with that many changes in place.
    fn frozen(&mut self, scalar: Scalar, layers: u32) -> NodeId {
        if self.needs_first_step(scalar.quantity) {
            self.next(State::Frozen(scalar, layers))
        } else {
            self.get(Item::Equation(scalar, Mode::Start, layers))
        }
    }

    /// Returns `changed` from a step on, and before it what there would be otherwise.
    pub fn changed_from(
        &mut self,
        step: u32,
        changed: NodeId,
        otherwise: impl FnOnce(&mut Self) -> NodeId,
    ) -> NodeId {
        if step == 0 {
            return changed;
        }
        let otherwise = otherwise(self);
        self.scheduled(Schedule::From(step), changed, otherwise)
    }

    /// Returns the site of a name that belongs to a scalar.
    pub fn site(&mut self, name: String, of: Scalar) -> u64 {
        let span = self.plan.model.quantity(of.quantity).span;
        self.sites.of(name, span)
    }

    /// Returns the value of an expression.
    pub fn eval(&mut self, expression: &'m Expression, env: &Env, mode: Mode) -> NodeId {
        let plan = self.plan;
        match expression {
            Expression::Number(value) => self.number(*value),
            Expression::Quantity(reference) => self.value(plan.scalar(reference, env), mode),
            Expression::Attribute(reference) => {
                let stock = plan.scalar(&reference.stock, env);
                self.state_at(
                    State::Attribute(AttributeOn {
                        attribute: reference.attribute,
                        stock,
                    }),
                    mode,
                )
            }
            Expression::Fact(id, prior) => self.fact(id, prior, env),
            Expression::Unary(unary, a) => {
                let a = self.eval(a, env, mode);
                let operation = match unary {
                    Unary::Negate => Operation::Negate,
                    Unary::Not => Operation::Not,
                };
                self.apply(operation, &[a])
            }
            Expression::Binary(binary, a, b) => {
                if let Some(product) = self.product(expression, env, mode) {
                    return product;
                }
                let (a, b) = (self.eval(a, env, mode), self.eval(b, env, mode));
                self.binary(*binary, a, b)
            }
            Expression::Call(function, arguments) => {
                // Bare numbers come last: which operand comes first shows in the sign of a zero only, and a guard against
                // negative numbers can be seen to be one.
                let symmetric = matches!(function, FunctionName::Min | FunctionName::Max);
                let bare = |a: &&Expression| symmetric && matches!(a, Expression::Number(_));
                let (last, first): (Vec<_>, Vec<_>) = arguments.iter().partition(bare);
                let arguments: Vec<NodeId> = first
                    .into_iter()
                    .chain(last)
                    .map(|a| self.eval(a, env, mode))
                    .collect();
                self.call(*function, &arguments)
            }
            Expression::If(condition, a, b) => match plan.known(condition, env) {
                Some(true) => self.eval(a, env, mode),
                Some(false) => self.eval(b, env, mode),
                None => {
                    let operands = [condition, a, b].map(|e| self.eval(e, env, mode));
                    self.apply(Operation::Select, &operands)
                }
            },
            Expression::Reduce {
                reduction,
                over,
                filter,
                body,
            } => {
                let mut terms = Vec::new();
                let mut env = env.clone();
                self.terms(over, filter.as_deref(), body, &mut env, mode, &mut terms);
                self.reduce(*reduction, &terms)
            }
            Expression::SameElement(..) | Expression::Member(..) => {
                let truth = plan.known(expression, env).expect("it is about elements alone");
                self.number(f64::from(u8::from(truth)))
            }
            Expression::Chosen(choice, option) => {
                let standing = self.value(plan.scalar(choice, env), Mode::Step);
                let option = self.number(f64::from(*option));
                self.apply(Operation::Equal, &[standing, option])
            }
            Expression::Calendar(calendar) => self.nodes.add(Node::Calendar(*calendar)),
            Expression::Happened(event) => {
                let count = self.changed_equation(plan.scalar(event, env), Mode::Step);
                self.above_zero(count)
            }
            Expression::Occurred(event) => {
                let count = self.get(Item::Happenings(plan.scalar(event, env)));
                self.above_zero(count)
            }
            Expression::Count(event) => self.get(Item::Happenings(plan.scalar(event, env))),
            Expression::Since(event) => self.get(Item::Since(plan.scalar(event, env))),
            Expression::Wanted(flow) => self.get(Item::Asked(plan.scalar(flow, env))),
            Expression::InTransit(flow) => self.in_transit(plan.scalar(flow, env), mode),
            Expression::Previous(..)
            | Expression::Delay(..)
            | Expression::Smooth(..)
            | Expression::Cumulative(_)
            | Expression::Initial(_)
            | Expression::ChangeOf(_)
            | Expression::TotalOf(_)
            | Expression::HighestOf(_)
            | Expression::LowestOf(_)
            | Expression::AverageOf(_) => self.across_time(expression, env, mode),
        }
    }

    /// Returns whether a count is above zero.
    pub fn above_zero(&mut self, count: NodeId) -> NodeId {
        let zero = self.number(0.0);
        self.apply(Operation::Less, &[zero, count])
    }

    /// Returns the greater of a value and zero.
    pub fn not_below_zero(&mut self, value: NodeId) -> NodeId {
        let zero = self.number(0.0);
        self.apply(Operation::Max, &[value, zero])
    }

    fn binary(&mut self, binary: Binary, a: NodeId, b: NodeId) -> NodeId {
        let (operation, operands) = match binary {
            Binary::Add => (Operation::Add, [a, b]),
            Binary::Subtract => (Operation::Subtract, [a, b]),
            Binary::Multiply => (Operation::Multiply, [a, b]),
            Binary::Divide => (Operation::Divide, [a, b]),
            Binary::Power => (Operation::Power, [a, b]),
            Binary::Equal => (Operation::Equal, [a, b]),
            Binary::NotEqual => (Operation::NotEqual, [a, b]),
            Binary::Less => (Operation::Less, [a, b]),
            Binary::LessEqual => (Operation::LessEqual, [a, b]),
            Binary::Greater => (Operation::Less, [b, a]),
            Binary::GreaterEqual => (Operation::LessEqual, [b, a]),
            Binary::And => (Operation::And, [a, b]),
            Binary::Or => (Operation::Or, [a, b]),
        };
        self.apply(operation, &operands)
    }

    fn call(&mut self, function: FunctionName, arguments: &[NodeId]) -> NodeId {
        let unary = match function {
            FunctionName::Abs => Operation::Abs,
            FunctionName::Sqrt => Operation::Sqrt,
            FunctionName::Exp => Operation::Exp,
            FunctionName::Ln => Operation::Ln,
            FunctionName::Tanh => Operation::Tanh,
            FunctionName::Logistic => Operation::Logistic,
            FunctionName::Logit => Operation::Logit,
            FunctionName::Sin => Operation::Sin,
            FunctionName::Cos => Operation::Cos,
            FunctionName::Floor => Operation::Floor,
            FunctionName::Ceil => Operation::Ceil,
            FunctionName::Round => Operation::Round,
            FunctionName::NormalCdf => Operation::NormalCdf,
            FunctionName::Min => return self.chain(Operation::Min, arguments),
            FunctionName::Max => return self.chain(Operation::Max, arguments),
            FunctionName::Clamp => {
                let raised = self.apply(Operation::Max, &arguments[..2]);
                return self.apply(Operation::Min, &[raised, arguments[2]]);
            }
        };
        self.apply(unary, arguments)
    }

    /// Returns the operands joined from left to right; there is at least one.
    pub fn chain(&mut self, operation: Operation, operands: &[NodeId]) -> NodeId {
        operands[1..].iter().fold(operands[0], |joined, &next| {
            self.apply(operation, &[joined, next])
        })
    }

    /// Gathers the terms of a reduction, each with its filter unless that is known to hold.
    fn terms(
        &mut self,
        over: &[(melian_language::model::BinderId, melian_language::model::IndexId)],
        filter: Option<&'m Expression>,
        body: &'m Expression,
        env: &mut Env,
        mode: Mode,
        terms: &mut Vec<Term>,
    ) {
        let plan = self.plan;
        let Some((&(binder, index), inner)) = over.split_first() else {
            let known = filter.map_or(Some(true), |filter| plan.known(filter, env));
            if known != Some(false) {
                let condition = if known.is_none() {
                    filter.map(|filter| self.eval(filter, env, mode))
                } else {
                    None
                };
                let body = self.eval(body, env, mode);
                terms.push(Term { condition, body });
            }
            return;
        };
        for &member in &plan.model.index(index).members {
            env.push((binder, member));
            self.terms(inner, filter, body, env, mode, terms);
            env.pop();
        }
    }

    fn reduce(&mut self, reduction: Reduction, terms: &[Term]) -> NodeId {
        let (operation, neutral) = match reduction {
            Reduction::Sum | Reduction::Mean | Reduction::Count => (Operation::Add, 0.0),
            Reduction::Product => (Operation::Multiply, 1.0),
            Reduction::Min => (Operation::Min, f64::INFINITY),
            Reduction::Max => (Operation::Max, f64::NEG_INFINITY),
            Reduction::Any => (Operation::Or, 0.0),
            Reduction::All => (Operation::And, 1.0),
        };
        let neutral = self.number(neutral);
        let bodies: Vec<NodeId> = terms
            .iter()
            .map(|term| match term.condition {
                Some(condition) => self.apply(Operation::Select, &[condition, term.body, neutral]),
                None => term.body,
            })
            .collect();
        let joined = if bodies.is_empty() {
            neutral
        } else {
            self.chain(operation, &bodies)
        };
        if reduction != Reduction::Mean {
            return joined;
        }
        let one = self.number(1.0);
        let ones: Vec<NodeId> = terms.iter().map(|term| term.condition.unwrap_or(one)).collect();
        let count = if ones.iter().all(|&condition| condition == one) {
            self.number(ones.len() as f64)
        } else {
            self.chain(Operation::Add, &ones)
        };
        self.apply(Operation::Divide, &[joined, count])
    }
}

/// A term of a reduction.
struct Term {
    condition: Option<NodeId>,
    body: NodeId,
}
