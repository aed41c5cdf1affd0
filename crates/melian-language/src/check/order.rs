//! Order in time: cycles within a step, what may depend on what, and warnings about zeros and unused declarations.

use std::collections::{BTreeMap, BTreeSet};

use super::Checker;
use crate::diagnostic::Diagnostic;
use crate::model::{
    Binary, BinderId, Choice, Distribution, ElementId, Event, Expression, IndexId, Memory, Model, PerElement,
    QuantityId, QuantityKind, QuantityRef, Subscript, Trigger,
};
use crate::syntax::ast::{DeclarationKind, ExpressionKind, Operator};

/// A scalar in the order of a step. A flow's rate as asked is one thing, what moved another: that hangs on all outflows of its source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Scalar {
    quantity: QuantityId,
    position: usize,
    wanted: bool,
}

/// Elements that binders stand for.
type Bound = BTreeMap<BinderId, ElementId>;

/// The scalars that a scalar needs within the same step.
struct Needs<'m> {
    model: &'m Model,
    /// Flows by the stock they leave.
    outflows: BTreeMap<QuantityId, Vec<QuantityId>>,
    found: BTreeSet<Scalar>,
}

impl<'m> Needs<'m> {
    fn of(&mut self, scalar: Scalar) -> BTreeSet<Scalar> {
        self.found.clear();
        let model = self.model;
        let quantity = model.quantity(scalar.quantity);
        let tuples = model.tuples(&quantity.shape);
        let Some(tuple) = tuples.get(scalar.position) else {
            return BTreeSet::new();
        };
        let bound: Bound = quantity
            .binders
            .iter()
            .copied()
            .zip(tuple.iter().copied())
            .collect();
        let at = scalar.position;
        match &quantity.kind {
            QuantityKind::Derived { value } => self.expression(value.at(at), &bound),
            QuantityKind::Noise { distribution } => self.distribution(distribution.at(at), &bound),
            QuantityKind::Flow {
                from, rate, pipeline, ..
            } => {
                if scalar.wanted {
                    self.expression(rate.at(at), &bound);
                    if let Some(pipeline) = pipeline {
                        self.expression(&pipeline.mean_days, &bound);
                    }
                } else {
                    self.found.insert(Scalar {
                        wanted: true,
                        ..scalar
                    });
                    if let Some(from) = from {
                        self.drains(from, &bound);
                    }
                }
            }
            QuantityKind::Event(event) => self.event(event, at, &bound),
            QuantityKind::Choice(choice) => self.choice(choice, at, &bound),
            QuantityKind::Measure { value, .. } | QuantityKind::Question { value, .. } => {
                self.expression(value.at(at), &bound);
                // A measure reads a finished step: only other measures can make a cycle.
                self.found
                    .retain(|s| is_reading(&model.quantity(s.quantity).kind));
            }
            _ => {}
        }
        std::mem::take(&mut self.found)
    }

    /// Adds everything that drains a scalar of a stock.
    fn drains(&mut self, stock: &QuantityRef, bound: &Bound) {
        let model = self.model;
        let target = self.elements(stock, bound);
        for flow in self.outflows.get(&stock.quantity).cloned().unwrap_or_default() {
            let quantity = model.quantity(flow);
            let (from, event) = match &quantity.kind {
                QuantityKind::Flow { from: Some(from), .. } => (from, None),
                QuantityKind::Transfer {
                    from: Some(from),
                    amount,
                    on,
                    ..
                } => (from, Some((amount, on))),
                _ => continue,
            };
            for (position, tuple) in model.tuples(&quantity.shape).iter().enumerate() {
                let own: Bound = quantity
                    .binders
                    .iter()
                    .copied()
                    .zip(tuple.iter().copied())
                    .collect();
                if self.elements(from, &own) != target {
                    continue;
                }
                match event {
                    None => {
                        self.found.insert(Scalar {
                            quantity: flow,
                            position,
                            wanted: true,
                        });
                    }
                    Some((amount, on)) => {
                        self.expression(amount.at(position), &own);
                        self.reference(on, &own);
                    }
                }
            }
        }
    }

    fn event(&mut self, event: &Event, at: usize, bound: &Bound) {
        let mut add = |value: &PerElement<Expression>| self.expression(value.at(at), bound);
        match &event.trigger {
            Trigger::At { probability, .. } => {
                if let Some(p) = probability {
                    add(p);
                }
            }
            Trigger::When(condition) => add(condition),
            Trigger::Rate { rate, condition } => {
                add(rate);
                if let Some(condition) = condition {
                    add(condition);
                }
            }
        }
    }

    fn choice(&mut self, choice: &Choice, at: usize, bound: &Bound) {
        for value in choice.utilities.iter().chain(choice.available.iter().flatten()) {
            self.expression(value.at(at), bound);
        }
        self.expression(choice.precision.at(at), bound);
        self.expression(choice.switching_cost.at(at), bound);
        if let Memory::Days(days) = &choice.memory {
            self.expression(days, bound);
        }
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

    fn reference(&mut self, reference: &QuantityRef, bound: &Bound) {
        self.scalar(reference, bound, false);
    }

    fn scalar(&mut self, reference: &QuantityRef, bound: &Bound, wanted: bool) {
        let quantity = self.model.quantity(reference.quantity);
        if matches!(quantity.kind, QuantityKind::Stock { .. }) {
            return;
        }
        let mut position = 0;
        for (index, element) in quantity.shape.iter().zip(self.elements(reference, bound)) {
            let members = &self.model.index(*index).members;
            let Some(place) = members.iter().position(|m| *m == element) else {
                return;
            };
            position = position * members.len() + place;
        }
        self.found.insert(Scalar {
            quantity: reference.quantity,
            position,
            wanted,
        });
    }

    fn distribution(&mut self, distribution: &Distribution, bound: &Bound) {
        each_argument(distribution, &mut |argument| self.expression(argument, bound));
    }

    fn expression(&mut self, expression: &Expression, bound: &Bound) {
        match expression {
            Expression::Quantity(reference)
            | Expression::Chosen(reference, _)
            | Expression::Happened(reference)
            | Expression::Occurred(reference)
            | Expression::Count(reference)
            | Expression::Since(reference) => self.reference(reference, bound),
            Expression::Wanted(reference) => self.scalar(reference, bound, true),
            // What is carried from earlier steps is known when the step begins.
            Expression::Previous(_, before) => self.expression(before, bound),
            Expression::Delay(_, time, before) | Expression::Smooth(_, time, before) => {
                self.expression(time, bound);
                self.expression(before, bound);
            }
            Expression::Cumulative(_) => {}
            Expression::Reduce {
                over, filter, body, ..
            } => self.reduce(over, filter.as_deref(), body, bound),
            other => each_operand(other, &mut |operand| self.expression(operand, bound)),
        }
    }

    fn reduce(
        &mut self,
        over: &[(BinderId, IndexId)],
        filter: Option<&Expression>,
        body: &Expression,
        bound: &Bound,
    ) {
        let shape: Vec<IndexId> = over.iter().map(|(_, index)| *index).collect();
        for tuple in self.model.tuples(&shape) {
            let mut inner = bound.clone();
            inner.extend(over.iter().map(|(binder, _)| *binder).zip(tuple));
            match filter.map(|filter| self.decided(filter, &inner)) {
                Some(Some(false)) => continue,
                Some(None) => {
                    if let Some(filter) = filter {
                        self.expression(filter, &inner);
                    }
                }
                _ => {}
            }
            self.expression(body, &inner);
        }
    }

    /// Returns the truth of a condition that is about elements alone.
    fn decided(&self, condition: &Expression, bound: &Bound) -> Option<bool> {
        Some(match condition {
            Expression::SameElement(a, b) => self.element(a, bound) == self.element(b, bound),
            Expression::Member(a, index) => {
                self.model.index(*index).members.contains(&self.element(a, bound))
            }
            Expression::Unary(crate::model::Unary::Not, a) => !self.decided(a, bound)?,
            Expression::Binary(Binary::And, a, b) => self.decided(a, bound)? && self.decided(b, bound)?,
            Expression::Binary(Binary::Or, a, b) => self.decided(a, bound)? || self.decided(b, bound)?,
            Expression::Number(n) => *n != 0.0,
            _ => return None,
        })
    }
}

fn is_reading(kind: &QuantityKind) -> bool {
    matches!(kind, QuantityKind::Measure { .. } | QuantityKind::Question { .. })
}

/// Calls a function on every argument of a distribution.
fn each_argument(distribution: &Distribution, call: &mut impl FnMut(&Expression)) {
    match distribution {
        Distribution::SplitNormal { .. } => {}
        Distribution::Constant(a)
        | Distribution::Exponential { mean: a }
        | Distribution::Poisson { mean: a }
        | Distribution::Bernoulli { p: a } => call(a),
        Distribution::Normal { mean: a, sd: b }
        | Distribution::Lognormal { median: a, sigma: b }
        | Distribution::Uniform { low: a, high: b }
        | Distribution::Gamma { shape: a, scale: b }
        | Distribution::Weibull { shape: a, scale: b }
        | Distribution::Gumbel {
            location: a,
            scale: b,
        }
        | Distribution::Logistic {
            location: a,
            scale: b,
        }
        | Distribution::Binomial { n: a, p: b } => {
            call(a);
            call(b);
        }
        Distribution::Triangular {
            low: a,
            mode: b,
            high: c,
        }
        | Distribution::StudentT {
            df: a,
            location: b,
            scale: c,
        } => {
            call(a);
            call(b);
            call(c);
        }
        Distribution::Beta {
            alpha,
            beta,
            low,
            high,
        } => {
            for a in [alpha, beta, low, high] {
                call(a);
            }
        }
        Distribution::Discrete(values) => values.iter().for_each(|(value, _)| call(value)),
        Distribution::Mixture(parts) => {
            for (weight, part) in parts {
                call(weight);
                each_argument(part, call);
            }
        }
        Distribution::Truncated { of, low, high } => {
            each_argument(of, call);
            call(low);
            call(high);
        }
    }
}

/// Calls a function on every direct operand of an expression.
fn each_operand(expression: &Expression, call: &mut impl FnMut(&Expression)) {
    match expression {
        Expression::Unary(_, a)
        | Expression::Initial(a)
        | Expression::Cumulative(a)
        | Expression::ChangeOf(a)
        | Expression::TotalOf(a)
        | Expression::HighestOf(a)
        | Expression::LowestOf(a)
        | Expression::AverageOf(a) => call(a),
        Expression::Binary(_, a, b) | Expression::Previous(a, b) => {
            call(a);
            call(b);
        }
        Expression::If(a, b, c) | Expression::Delay(a, b, c) | Expression::Smooth(a, b, c) => {
            call(a);
            call(b);
            call(c);
        }
        Expression::Call(_, operands) => operands.iter().for_each(call),
        Expression::Reduce { filter, body, .. } => {
            if let Some(filter) = filter {
                call(filter);
            }
            call(body);
        }
        _ => {}
    }
}

/// Calls a function on an expression and everything below it.
fn each_below(expression: &Expression, call: &mut impl FnMut(&Expression)) {
    call(expression);
    each_operand(expression, &mut |operand| each_below(operand, call));
}

impl<'a> Checker<'a> {
    /// Reports cycles within a step, and starting values that depend on what is not known at the start.
    pub(super) fn check_order(&mut self, model: &Model) {
        self.check_starts(model);
        let mut outflows: BTreeMap<QuantityId, Vec<QuantityId>> = BTreeMap::new();
        for (position, quantity) in model.quantities.iter().enumerate() {
            if let QuantityKind::Flow { from: Some(from), .. }
            | QuantityKind::Transfer { from: Some(from), .. } = &quantity.kind
            {
                outflows
                    .entry(from.quantity)
                    .or_default()
                    .push(QuantityId(position as u32));
            }
        }
        let mut needs = Needs {
            model,
            outflows,
            found: BTreeSet::new(),
        };
        let mut done: BTreeSet<Scalar> = BTreeSet::new();
        for (position, quantity) in model.quantities.iter().enumerate() {
            let id = QuantityId(position as u32);
            for place in 0..model.tuples(&quantity.shape).len() {
                let scalar = Scalar {
                    quantity: id,
                    position: place,
                    wanted: false,
                };
                if let Some(cycle) = cycle_from(scalar, &mut needs, &mut done) {
                    self.report_cycle(model, &cycle);
                    return;
                }
            }
        }
    }

    fn report_cycle(&mut self, model: &Model, cycle: &[Scalar]) {
        let name = |scalar: &Scalar| {
            let quantity = model.quantity(scalar.quantity);
            let tuples = model.tuples(&quantity.shape);
            model.scalar_name(
                scalar.quantity,
                tuples.get(scalar.position).map_or(&[], Vec::as_slice),
            )
        };
        let mut path: Vec<String> = cycle.iter().map(name).collect();
        path.dedup();
        if path.first() != path.last() || path.len() == 1 {
            path.push(path[0].clone());
        }
        let first = self.quantities[cycle[0].quantity.position()];
        let mut diagnostic = Diagnostic::error(
            "E0601",
            format!("`{}` depends on itself within a step", first.name.text),
            first.name.span,
        )
        .note(path.join(" → "))
        .help("let one of them look back: `previous(x, start)`, or make it a stock");
        let mut seen = BTreeSet::from([cycle[0].quantity]);
        for scalar in cycle {
            if seen.insert(scalar.quantity) {
                diagnostic = diagnostic.label(
                    self.quantities[scalar.quantity.position()].name.span,
                    "on the way",
                );
            }
        }
        self.report(diagnostic);
    }

    /// Constants depend on constants; priors and starting values on constants and parameters, and what follows from those alone.
    fn check_starts(&mut self, model: &Model) {
        let fixed = fixed_quantities(model);
        for (position, quantity) in model.quantities.iter().enumerate() {
            let mut wrong: Option<(QuantityId, &'static str)> = None;
            let mut over_time = false;
            let mut look = |expression: &Expression, allowed: &BTreeSet<QuantityId>, what: &'static str| {
                each_below(expression, &mut |e| match e {
                    Expression::Quantity(r) if !allowed.contains(&r.quantity) => {
                        wrong = wrong.or(Some((r.quantity, what)))
                    }
                    Expression::Chosen(r, _)
                    | Expression::Happened(r)
                    | Expression::Occurred(r)
                    | Expression::Count(r)
                    | Expression::Since(r)
                    | Expression::Wanted(r)
                    | Expression::InTransit(r) => wrong = wrong.or(Some((r.quantity, what))),
                    Expression::Attribute(r) => wrong = wrong.or(Some((r.attribute, what))),
                    Expression::Calendar(_)
                    | Expression::Previous(..)
                    | Expression::Delay(..)
                    | Expression::Smooth(..)
                    | Expression::Cumulative(_)
                    | Expression::Initial(_) => over_time = true,
                    _ => {}
                });
            };
            let each = |value: &PerElement<Expression>, call: &mut dyn FnMut(&Expression)| match value {
                PerElement::Same(value) => call(value),
                PerElement::Each(values) => values.iter().for_each(call),
            };
            match &quantity.kind {
                QuantityKind::Constant { value } => {
                    each(value, &mut |e| look(e, &fixed.constants, "a constant"))
                }
                QuantityKind::Stock { initial } => {
                    each(initial, &mut |e| look(e, &fixed.known, "an initial value"))
                }
                QuantityKind::Attribute { stocks } => {
                    for stock in stocks {
                        each(&stock.initial, &mut |e| look(e, &fixed.known, "an initial value"));
                    }
                }
                QuantityKind::Parameter { prior, .. } => {
                    let mut each_prior =
                        |d: &Distribution| each_argument(d, &mut |e| look(e, &fixed.known, "a prior"));
                    match prior {
                        PerElement::Same(d) => each_prior(d),
                        PerElement::Each(all) => all.iter().for_each(each_prior),
                    }
                }
                _ => continue,
            }
            let declaration = self.quantities[position];
            if let Some((id, what)) = wrong {
                let spoken = self.spoken(id);
                let diagnostic = Diagnostic::error(
                    "E0603",
                    format!("{what} is known before the run starts, and {spoken} is not"),
                    declaration.span,
                )
                .label(
                    self.quantities[id.position()].name.span,
                    "known only while it runs",
                )
                .help("use constants and parameters");
                self.report(diagnostic);
            } else if over_time {
                let diagnostic = Diagnostic::error(
                    "E0603",
                    format!(
                        "`{}` is known before the run starts, and so has no time to look at",
                        declaration.name.text
                    ),
                    declaration.span,
                );
                self.report(diagnostic);
            }
        }
    }

    /// Warns of divisions by a stock that can be empty.
    pub(super) fn warn_of_zero_divisions(&mut self, model: &Model) {
        let drained: BTreeSet<QuantityId> = model
            .quantities
            .iter()
            .filter_map(|quantity| match &quantity.kind {
                QuantityKind::Flow { from: Some(from), .. }
                | QuantityKind::Transfer { from: Some(from), .. } => Some(from.quantity),
                _ => None,
            })
            .collect();
        let mut found = Vec::new();
        for declaration in &self.quantities {
            visit_declared(declaration, &mut |expression| {
                if let ExpressionKind::Binary(Operator::Divide, _, divisor) = &expression.kind {
                    let name = match &divisor.kind {
                        ExpressionKind::Name(name) => name,
                        ExpressionKind::Subscripted(name, _) => &name.text,
                        _ => return,
                    };
                    if let Some(id) = self.quantity_ids.get(name)
                        && drained.contains(id)
                    {
                        found.push((
                            name.clone(),
                            divisor.span,
                            self.quantities[id.position()].name.span,
                        ));
                    }
                }
            });
        }
        for (name, span, declared) in found {
            let written = self.sources.excerpt(span).to_owned();
            let diagnostic = Diagnostic::warning(
                "W1002",
                format!("this divides by the stock `{name}`, which flows can drain to zero"),
                span,
            )
            .label(declared, "the stock")
            .help(format!(
                "write `max({written}, ..)` with the least value that makes sense"
            ));
            self.report(diagnostic);
        }
    }

    /// Warns of quantities that nothing uses.
    pub(super) fn warn_of_unused(&mut self, model: &Model) {
        let mut used: BTreeSet<QuantityId> = BTreeSet::new();
        for (position, quantity) in model.quantities.iter().enumerate() {
            used.extend(quantity.uses(QuantityId(position as u32)));
        }
        for intervention in &model.interventions {
            used.extend(intervention.uses());
        }
        used.extend(model.anchors.iter().map(|anchor| anchor.parameter));
        for (position, quantity) in model.quantities.iter().enumerate() {
            let inert = matches!(
                quantity.kind,
                QuantityKind::Constant { .. }
                    | QuantityKind::Parameter { .. }
                    | QuantityKind::Derived { .. }
                    | QuantityKind::Noise { .. }
            );
            if inert && !used.contains(&QuantityId(position as u32)) {
                let declaration = self.quantities[position];
                let spoken = self.spoken(QuantityId(position as u32));
                let diagnostic =
                    Diagnostic::warning("W1001", format!("nothing uses {spoken}"), declaration.name.span)
                        .help("use it, record it as a `series`, or leave it out");
                self.report(diagnostic);
            }
        }
    }
}

/// Quantities that do not change over time.
struct Fixed {
    constants: BTreeSet<QuantityId>,
    /// Constants, parameters, and derived quantities that follow from those alone.
    known: BTreeSet<QuantityId>,
}

fn fixed_quantities(model: &Model) -> Fixed {
    let ids = |is: &dyn Fn(&QuantityKind) -> bool| -> BTreeSet<QuantityId> {
        (0..model.quantities.len() as u32)
            .map(QuantityId)
            .filter(|id| is(&model.quantity(*id).kind))
            .collect()
    };
    let constants = ids(&|kind| matches!(kind, QuantityKind::Constant { .. }));
    let mut known = ids(&|kind| {
        matches!(
            kind,
            QuantityKind::Constant { .. } | QuantityKind::Parameter { .. }
        )
    });
    loop {
        let more: Vec<QuantityId> = (0..model.quantities.len() as u32)
            .map(QuantityId)
            .filter(|id| !known.contains(id) && is_fixed(&model.quantity(*id).kind, &known))
            .collect();
        if more.is_empty() {
            return Fixed { constants, known };
        }
        known.extend(more);
    }
}

fn is_fixed(kind: &QuantityKind, known: &BTreeSet<QuantityId>) -> bool {
    let QuantityKind::Derived { value } = kind else {
        return false;
    };
    let fixed = |expression: &Expression| {
        let mut all = true;
        each_below(expression, &mut |e| {
            all &= match e {
                Expression::Quantity(r) => known.contains(&r.quantity),
                Expression::Number(_)
                | Expression::Fact(..)
                | Expression::Unary(..)
                | Expression::Binary(..)
                | Expression::Call(..)
                | Expression::If(..)
                | Expression::Reduce { .. }
                | Expression::SameElement(..)
                | Expression::Member(..) => true,
                _ => false,
            };
        });
        all
    };
    match value {
        PerElement::Same(value) => fixed(value),
        PerElement::Each(values) => values.iter().all(fixed),
    }
}

/// Follows what a scalar needs and returns a cycle if there is one. Done scalars lead to none. Without recursion, so that long chains
/// cannot exhaust the stack.
fn cycle_from(start: Scalar, needs: &mut Needs<'_>, done: &mut BTreeSet<Scalar>) -> Option<Vec<Scalar>> {
    if done.contains(&start) {
        return None;
    }
    let mut path: Vec<(Scalar, Vec<Scalar>)> = vec![(start, needs.of(start).into_iter().collect())];
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
                let below = needs.of(next).into_iter().collect();
                path.push((next, below));
            }
        }
    }
    None
}

/// Calls a function on every expression that is written in a declaration.
fn visit_declared(
    declaration: &crate::syntax::ast::Declaration,
    call: &mut dyn FnMut(&crate::syntax::ast::Expression),
) {
    use crate::syntax::ast::Value;
    fn value(v: &Value, call: &mut dyn FnMut(&crate::syntax::ast::Expression)) {
        match v {
            Value::Expression(e) => expression(e, call),
            Value::Cases(cases, _) => cases.iter().for_each(|case| value(&case.value, call)),
            Value::Table(table) => table
                .rows
                .iter()
                .flat_map(|(_, values)| values)
                .for_each(|e| expression(e, call)),
            Value::Csv(_) => {}
        }
    }
    fn expression(e: &crate::syntax::ast::Expression, call: &mut dyn FnMut(&crate::syntax::ast::Expression)) {
        call(e);
        match &e.kind {
            ExpressionKind::Unary(_, a) | ExpressionKind::In(a, _) | ExpressionKind::Under(a, _) => {
                expression(a, call)
            }
            ExpressionKind::Binary(_, a, b) | ExpressionKind::Of(a, b) | ExpressionKind::Interval(a, b) => {
                expression(a, call);
                expression(b, call);
            }
            ExpressionKind::If(a, b, c) => {
                expression(a, call);
                expression(b, call);
                expression(c, call);
            }
            ExpressionKind::Call(_, arguments) => arguments.iter().for_each(|a| expression(&a.value, call)),
            ExpressionKind::Reduce { body, filter, .. } => {
                expression(body, call);
                if let Some(filter) = filter {
                    expression(filter, call);
                }
            }
            _ => {}
        }
    }
    match &declaration.kind {
        DeclarationKind::Const { value: v }
        | DeclarationKind::Let { value: v }
        | DeclarationKind::Stock { initial: v }
        | DeclarationKind::Flow { rate: v, .. }
        | DeclarationKind::Series { value: v }
        | DeclarationKind::Measure { value: v, .. }
        | DeclarationKind::Question { value: v, .. }
        | DeclarationKind::Noise { distribution: v }
        | DeclarationKind::Transfer { amount: v, .. } => value(v, call),
        DeclarationKind::Choice(choice) => choice.utilities.iter().for_each(|(_, v)| value(v, call)),
        _ => {}
    }
}
