//! Order in time: a step has one only if nothing in it depends on itself.
//!
//! Quantities that lead back to themselves are found first, which is cheap; only those are followed element by element, because
//! `x[a]` may well depend on `x[b]`.

use std::collections::{BTreeMap, BTreeSet};

use super::Checker;
use super::components::{components, leads_back};
use crate::diagnostic::Diagnostic;
use crate::model::{
    Binary, BinderId, ElementId, Expression, IndexId, Model, QuantityId, QuantityKind, QuantityRef,
    Subscript, Unary,
};

/// Most quantities that a message shows on the way of a cycle.
const MOST_SHOWN: usize = 12;

/// What has one place in the order of a step. A flow's rate as asked is one thing, what moved another: that hangs on all that drains
/// its source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Node {
    quantity: QuantityId,
    wanted: bool,
}

impl Node {
    fn place(self) -> usize {
        2 * self.quantity.position() + usize::from(self.wanted)
    }

    fn at(place: usize) -> Node {
        Node {
            quantity: QuantityId((place / 2) as u32),
            wanted: place % 2 == 1,
        }
    }
}

/// One element of a node.
type Scalar = (Node, usize);

/// Elements that binders stand for.
type Bound = BTreeMap<BinderId, ElementId>;

impl<'a> Checker<'a> {
    /// Reports cycles within a step, one for each group of quantities that lead back to themselves.
    pub(super) fn check_order(&mut self, model: &Model) {
        let outflows = outflows(model);
        let edges: Vec<Vec<usize>> = (0..2 * model.quantities.len())
            .map(|place| {
                let mut to = BTreeSet::new();
                each_need(model, &outflows, Node::at(place), &mut |need| match need {
                    Need::Expression(e) => add_nodes(e, &mut to),
                    Need::Reference(r) => drop(to.insert(node_of(r).place())),
                    Need::Drain(flow) => {
                        let wanted = Node {
                            quantity: flow,
                            wanted: true,
                        };
                        to.insert(wanted.place());
                    }
                });
                // A measure reads a finished step: only other measures can make a cycle with it.
                if is_reading(model, Node::at(place)) {
                    to.retain(|other| is_reading(model, Node::at(*other)));
                }
                to.into_iter().collect()
            })
            .collect();
        let mut groups: Vec<Vec<usize>> = components(&edges)
            .into_iter()
            .filter(|component| leads_back(component, &edges))
            .collect();
        for group in &mut groups {
            group.sort_unstable();
        }
        groups.sort();
        for group in groups {
            let mut needs = Needs {
                model,
                outflows: &outflows,
                group: &group,
                sources: BTreeMap::new(),
                found: BTreeSet::new(),
            };
            if let Some(cycle) = needs.cycle() {
                self.report_cycle(model, &cycle);
            }
        }
    }

    fn report_cycle(&mut self, model: &Model, cycle: &[Scalar]) {
        let name = |(node, position): &Scalar| {
            let shape = &model.quantity(node.quantity).shape;
            model.scalar_name(node.quantity, &tuple_at(model, shape, *position))
        };
        let mut path: Vec<String> = cycle.iter().map(name).collect();
        path.dedup();
        if path.first() != path.last() || path.len() == 1 {
            path.push(path[0].clone());
        }
        if path.len() > MOST_SHOWN {
            let left_out = path.len() - MOST_SHOWN;
            path.splice(MOST_SHOWN - 1..path.len() - 1, [format!("{left_out} more")]);
        }
        let first = self.quantities[cycle[0].0.quantity.position()];
        let mut diagnostic = Diagnostic::error(
            "E0601",
            format!("`{}` depends on itself within a step", first.name.text),
            first.name.span,
        )
        .note(path.join(" → "));
        let fixed = matches!(
            model.quantity(cycle[0].0.quantity).kind,
            QuantityKind::Constant { .. } | QuantityKind::Parameter { .. }
        );
        if fixed {
            diagnostic.message = format!("`{}` is defined by itself", first.name.text);
            diagnostic = diagnostic.help("give one of them a value of its own");
        } else {
            diagnostic =
                diagnostic.help("let one of them look back: `previous(x, start)`, or make it a stock");
        }
        let mut seen = BTreeSet::from([cycle[0].0.quantity]);
        for (node, _) in cycle {
            if seen.insert(node.quantity) && seen.len() < MOST_SHOWN {
                let name = &self.quantities[node.quantity.position()].name;
                diagnostic = diagnostic.label(name.span, "on the way");
            }
        }
        self.report(diagnostic);
    }
}

/// What the value of a node hangs on within a step.
enum Need<'m> {
    /// What an expression reads; it belongs to the node's own declaration.
    Expression(&'m Expression),
    /// An event that moves something out of the node's source.
    Reference(&'m QuantityRef),
    /// Another flow out of the node's source.
    Drain(QuantityId),
}

/// Returns the flows and transfers that leave each stock.
fn outflows(model: &Model) -> BTreeMap<QuantityId, Vec<QuantityId>> {
    let mut found: BTreeMap<QuantityId, Vec<QuantityId>> = BTreeMap::new();
    for (position, quantity) in model.quantities.iter().enumerate() {
        if let QuantityKind::Flow { from: Some(from), .. } | QuantityKind::Transfer { from: Some(from), .. } =
            &quantity.kind
        {
            found
                .entry(from.quantity)
                .or_default()
                .push(QuantityId(position as u32));
        }
    }
    found
}

/// Calls a function on everything that a node hangs on, elements aside.
fn each_need<'m>(
    model: &'m Model,
    outflows: &BTreeMap<QuantityId, Vec<QuantityId>>,
    node: Node,
    call: &mut dyn FnMut(Need<'m>),
) {
    let kind = &model.quantity(node.quantity).kind;
    match kind {
        // State at the start of the step, or read off at its end.
        QuantityKind::Stock { .. }
        | QuantityKind::Attribute { .. }
        | QuantityKind::Transfer { .. }
        | QuantityKind::Series { .. } => {}
        QuantityKind::Flow { from, .. } if !node.wanted => {
            call(Need::Drain(node.quantity));
            let drains = from.as_ref().and_then(|from| outflows.get(&from.quantity));
            for drain in drains.into_iter().flatten() {
                match &model.quantity(*drain).kind {
                    QuantityKind::Transfer { amount, on, .. } => {
                        amount.each(&mut |amount| call(Need::Expression(amount)));
                        call(Need::Reference(on));
                    }
                    _ => call(Need::Drain(*drain)),
                }
            }
        }
        QuantityKind::Flow { rate, pipeline, .. } => {
            rate.each(&mut |rate| call(Need::Expression(rate)));
            pipeline
                .iter()
                .for_each(|pipeline| call(Need::Expression(&pipeline.mean_days)));
        }
        _ => kind.each_expression(&mut |e, _| call(Need::Expression(e))),
    }
}

fn node_of(reference: &QuantityRef) -> Node {
    Node {
        quantity: reference.quantity,
        wanted: false,
    }
}

/// Returns the node that an expression itself reads within the same step, operands aside.
fn read_by(expression: &Expression) -> Option<(&QuantityRef, Node)> {
    match expression {
        Expression::Attribute(_) | Expression::InTransit(_) => None,
        Expression::Wanted(reference) => Some((
            reference,
            Node {
                wanted: true,
                ..node_of(reference)
            },
        )),
        other => other.reference().map(|reference| (reference, node_of(reference))),
    }
}

/// Calls a function on the operands that are read within the same step. What is carried from earlier steps is known when it begins.
fn each_in_step<'e>(expression: &'e Expression, call: &mut dyn FnMut(&'e Expression)) {
    match expression {
        Expression::Previous(_, before) => call(before),
        Expression::Delay(_, time, before) | Expression::Smooth(_, time, before) => {
            call(time);
            call(before);
        }
        Expression::Cumulative(_) => {}
        other => other.each_operand(call),
    }
}

fn add_nodes(expression: &Expression, to: &mut BTreeSet<usize>) {
    to.extend(read_by(expression).map(|(_, node)| node.place()));
    each_in_step(expression, &mut |operand| add_nodes(operand, to));
}

fn is_reading(model: &Model, node: Node) -> bool {
    let kind = &model.quantity(node.quantity).kind;
    matches!(kind, QuantityKind::Measure { .. } | QuantityKind::Question { .. })
}

/// Returns the elements at a position of a shape, last index fastest.
fn tuple_at(model: &Model, shape: &[IndexId], position: usize) -> Vec<ElementId> {
    let mut rest = position;
    let mut tuple: Vec<ElementId> = shape
        .iter()
        .rev()
        .map(|index| {
            let members = &model.index(*index).members;
            let member = members[rest % members.len().max(1)];
            rest /= members.len().max(1);
            member
        })
        .collect();
    tuple.reverse();
    tuple
}

fn size(model: &Model, shape: &[IndexId]) -> usize {
    shape
        .iter()
        .map(|index| model.index(*index).members.len())
        .product()
}

/// Follows the scalars of one group of nodes that lead back to themselves.
struct Needs<'m, 'g> {
    model: &'m Model,
    outflows: &'g BTreeMap<QuantityId, Vec<QuantityId>>,
    /// Places of the nodes, in order.
    group: &'g [usize],
    /// For each flow or transfer, the positions at which it leaves each element of its source.
    sources: BTreeMap<QuantityId, BTreeMap<Vec<ElementId>, Vec<usize>>>,
    found: BTreeSet<Scalar>,
}

impl<'m> Needs<'m, '_> {
    /// Returns a cycle, if there is one. Without recursion, so that long chains cannot exhaust the stack.
    fn cycle(&mut self) -> Option<Vec<Scalar>> {
        let mut done: BTreeSet<Scalar> = BTreeSet::new();
        for place in self.group {
            let node = Node::at(*place);
            for position in 0..size(self.model, &self.model.quantity(node.quantity).shape) {
                let cycle = self.cycle_from((node, position), &mut done);
                if cycle.is_some() {
                    return cycle;
                }
            }
        }
        None
    }

    fn cycle_from(&mut self, start: Scalar, done: &mut BTreeSet<Scalar>) -> Option<Vec<Scalar>> {
        if done.contains(&start) {
            return None;
        }
        let mut path: Vec<(Scalar, Vec<Scalar>)> = vec![(start, self.of(start))];
        let mut open: BTreeSet<Scalar> = BTreeSet::from([start]);
        while let Some((scalar, rest)) = path.last_mut() {
            match rest.pop() {
                None => {
                    done.insert(*scalar);
                    open.remove(scalar);
                    path.pop();
                }
                Some(next) if open.contains(&next) => {
                    let from = path.iter().position(|(s, _)| *s == next).unwrap_or(0);
                    return Some(path[from..].iter().map(|(s, _)| *s).collect());
                }
                Some(next) if done.contains(&next) => {}
                Some(next) => {
                    open.insert(next);
                    let below = self.of(next);
                    path.push((next, below));
                }
            }
        }
        None
    }

    /// Returns the scalars of the group that a scalar hangs on within a step.
    fn of(&mut self, (node, position): Scalar) -> Vec<Scalar> {
        let model = self.model;
        let quantity = model.quantity(node.quantity);
        let tuple = tuple_at(model, &quantity.shape, position);
        let bound = self.bound(node.quantity, &tuple);
        self.found.clear();
        match &quantity.kind {
            QuantityKind::Flow { from, .. } if !node.wanted => {
                self.add(node.quantity, position, true);
                if let Some(from) = from {
                    self.drains(from, &bound);
                }
            }
            QuantityKind::Flow { rate, pipeline, .. } => {
                self.expression(rate.at(position), &bound);
                pipeline
                    .iter()
                    .for_each(|pipeline| self.expression(&pipeline.mean_days, &bound));
            }
            QuantityKind::Parameter {
                prior: distribution, ..
            }
            | QuantityKind::Noise { distribution } => {
                distribution
                    .at(position)
                    .each_argument(&mut |e| self.expression(e, &bound));
            }
            kind => {
                let (mut shared, mut own) = (Vec::new(), Vec::new());
                kind.each_expression(&mut |e, same| if same { shared.push(e) } else { own.push(e) });
                shared.into_iter().for_each(|e| self.expression(e, &bound));
                // Expressions of their own stand in the order of the elements, a round of all elements after the other.
                let elements = size(model, &quantity.shape).max(1);
                own.iter()
                    .skip(position)
                    .step_by(elements)
                    .for_each(|e| self.expression(e, &bound));
            }
        }
        std::mem::take(&mut self.found).into_iter().collect()
    }

    fn bound(&self, quantity: QuantityId, tuple: &[ElementId]) -> Bound {
        let binders = &self.model.quantity(quantity).binders;
        binders.iter().copied().zip(tuple.iter().copied()).collect()
    }

    fn add(&mut self, quantity: QuantityId, position: usize, wanted: bool) {
        let node = Node { quantity, wanted };
        if self.group.binary_search(&node.place()).is_ok() {
            self.found.insert((node, position));
        }
    }

    /// Adds everything that drains a scalar of a stock.
    fn drains(&mut self, stock: &QuantityRef, bound: &Bound) {
        let model = self.model;
        let target = self.elements(stock, bound);
        for flow in self.outflows.get(&stock.quantity).into_iter().flatten() {
            let kind = &model.quantity(*flow).kind;
            for position in self.leaving(*flow, &target) {
                match kind {
                    QuantityKind::Transfer { amount, on, .. } => {
                        let tuple = tuple_at(model, &model.quantity(*flow).shape, position);
                        let own = self.bound(*flow, &tuple);
                        self.expression(amount.at(position), &own);
                        self.reference(on, node_of(on), &own);
                    }
                    _ => self.add(*flow, position, true),
                }
            }
        }
    }

    /// Returns the positions of a flow or transfer that leave these elements of its source.
    fn leaving(&mut self, flow: QuantityId, target: &[ElementId]) -> Vec<usize> {
        let model = self.model;
        let quantity = model.quantity(flow);
        let (QuantityKind::Flow { from: Some(from), .. } | QuantityKind::Transfer { from: Some(from), .. }) =
            &quantity.kind
        else {
            return Vec::new();
        };
        if !self.sources.contains_key(&flow) {
            let mut sources: BTreeMap<Vec<ElementId>, Vec<usize>> = BTreeMap::new();
            for position in 0..size(model, &quantity.shape) {
                let own = self.bound(flow, &tuple_at(model, &quantity.shape, position));
                sources
                    .entry(self.elements(from, &own))
                    .or_default()
                    .push(position);
            }
            self.sources.insert(flow, sources);
        }
        self.sources
            .get(&flow)
            .and_then(|sources| sources.get(target))
            .cloned()
            .unwrap_or_default()
    }

    fn element(&self, subscript: &Subscript, bound: &Bound) -> ElementId {
        match subscript {
            Subscript::Element(element) => *element,
            Subscript::Binder(binder) => bound.get(binder).copied().unwrap_or(ElementId(0)),
            Subscript::Mapped(map, inner) => {
                let inner = self.element(inner, bound);
                self.model.maps[map.position()].images[inner.0 as usize]
            }
        }
    }

    fn elements(&self, reference: &QuantityRef, bound: &Bound) -> Vec<ElementId> {
        reference
            .subscripts
            .iter()
            .map(|s| self.element(s, bound))
            .collect()
    }

    fn reference(&mut self, reference: &QuantityRef, node: Node, bound: &Bound) {
        let mut position = 0;
        for (index, element) in self
            .model
            .quantity(reference.quantity)
            .shape
            .iter()
            .zip(self.elements(reference, bound))
        {
            let members = &self.model.index(*index).members;
            let Ok(place) = members.binary_search(&element) else {
                return;
            };
            position = position * members.len() + place;
        }
        self.add(reference.quantity, position, node.wanted);
    }

    fn expression(&mut self, expression: &Expression, bound: &Bound) {
        if let Some((reference, node)) = read_by(expression) {
            self.reference(reference, node, bound);
        }
        match expression {
            Expression::Reduce {
                over, filter, body, ..
            } => self.reduce(over, filter.as_deref(), body, bound),
            Expression::If(condition, yes, no) => match self.decided(condition, bound) {
                Some(true) => self.expression(yes, bound),
                Some(false) => self.expression(no, bound),
                None => [condition, yes, no]
                    .into_iter()
                    .for_each(|e| self.expression(e, bound)),
            },
            other => each_in_step(other, &mut |operand| self.expression(operand, bound)),
        }
    }

    fn reduce(
        &mut self,
        over: &[(BinderId, IndexId)],
        filter: Option<&Expression>,
        body: &Expression,
        bound: &Bound,
    ) {
        let mut read = BTreeSet::new();
        add_nodes(body, &mut read);
        filter.iter().for_each(|filter| add_nodes(filter, &mut read));
        if read.iter().all(|place| self.group.binary_search(place).is_err()) {
            return;
        }
        let shape: Vec<IndexId> = over.iter().map(|(_, index)| *index).collect();
        let mut inner = bound.clone();
        for position in 0..size(self.model, &shape) {
            let tuple = tuple_at(self.model, &shape, position);
            inner.extend(over.iter().map(|(binder, _)| *binder).zip(tuple));
            if let Some(filter) = filter {
                match self.decided(filter, &inner) {
                    Some(false) => continue,
                    Some(true) => {}
                    None => self.expression(filter, &inner),
                }
            }
            self.expression(body, &inner);
        }
    }

    /// Returns the truth of a condition as far as elements alone decide it.
    fn decided(&self, condition: &Expression, bound: &Bound) -> Option<bool> {
        match condition {
            Expression::Number(n) => Some(*n != 0.0),
            Expression::SameElement(a, b) => Some(self.element(a, bound) == self.element(b, bound)),
            Expression::Member(a, index) => {
                Some(self.model.index(*index).members.contains(&self.element(a, bound)))
            }
            Expression::Unary(Unary::Not, a) => self.decided(a, bound).map(|truth| !truth),
            Expression::Binary(operator @ (Binary::And | Binary::Or), a, b) => {
                // One side is enough to make `and` false, or `or` true.
                let enough = *operator == Binary::Or;
                match (self.decided(a, bound), self.decided(b, bound)) {
                    (Some(truth), _) | (_, Some(truth)) if truth == enough => Some(enough),
                    (Some(_), Some(_)) => Some(!enough),
                    _ => None,
                }
            }
            _ => None,
        }
    }
}
