//! Which quantities a declaration refers to.

use std::collections::BTreeSet;

use super::{
    Action, Distribution, Expression, Formula, Intervention, Memory, PerElement, Quantity, QuantityId,
    QuantityKind, QuantityRef, Trigger,
};

impl Quantity {
    /// Returns the quantities that its declaration refers to, itself excluded.
    pub fn uses(&self, own: QuantityId) -> BTreeSet<QuantityId> {
        let mut found = Found::default();
        found.kind(&self.kind);
        found.quantities.remove(&own);
        found.quantities
    }
}

impl Intervention {
    /// Returns the quantities that it changes and those that its values refer to.
    pub fn uses(&self) -> BTreeSet<QuantityId> {
        let mut found = Found::default();
        for change in &self.changes {
            found.quantities.insert(change.quantity);
            if let Action::Hold(value) = &change.action {
                found.expression(value);
            }
        }
        found.quantities
    }
}

impl Formula {
    /// Calls a function on this formula and on everything below it, operands first.
    pub fn visit<'a>(&'a self, call: &mut impl FnMut(&'a Formula)) {
        match self {
            Formula::Negate(a) | Formula::Not(a) => a.visit(call),
            Formula::Binary(_, a, b) => {
                a.visit(call);
                b.visit(call);
            }
            Formula::Number(_)
            | Formula::Mean(..)
            | Formula::Probability(..)
            | Formula::Quantile(..)
            | Formula::Effect(..) => {}
        }
        call(self);
    }
}

#[derive(Default)]
struct Found {
    quantities: BTreeSet<QuantityId>,
}

impl Found {
    fn kind(&mut self, kind: &QuantityKind) {
        match kind {
            QuantityKind::Constant { value }
            | QuantityKind::Derived { value }
            | QuantityKind::Series { value }
            | QuantityKind::Measure { value, .. }
            | QuantityKind::Question { value, .. }
            | QuantityKind::Stock { initial: value } => self.expressions(value),
            QuantityKind::Parameter { prior, .. } => self.distributions(prior),
            QuantityKind::Noise { distribution } => self.distributions(distribution),
            QuantityKind::Attribute { stocks } => {
                for stock in stocks {
                    self.quantities.insert(stock.stock);
                    self.expressions(&stock.initial);
                    stock.rate.iter().for_each(|rate| self.expressions(rate));
                }
            }
            QuantityKind::Flow {
                from,
                to,
                rate,
                pipeline,
                carrying,
            } => {
                from.iter().chain(to).for_each(|stock| self.reference(stock));
                self.expressions(rate);
                pipeline
                    .iter()
                    .for_each(|pipeline| self.expression(&pipeline.mean_days));
                for (attribute, value) in carrying {
                    self.quantities.insert(*attribute);
                    self.expression(value);
                }
            }
            QuantityKind::Event(event) => match &event.trigger {
                Trigger::At { probability, .. } => probability.iter().for_each(|p| self.expressions(p)),
                Trigger::When(condition) => self.expressions(condition),
                Trigger::Rate { rate, condition } => {
                    self.expressions(rate);
                    condition.iter().for_each(|c| self.expressions(c));
                }
            },
            QuantityKind::Choice(choice) => {
                choice
                    .utilities
                    .iter()
                    .for_each(|utility| self.expressions(utility));
                choice
                    .available
                    .iter()
                    .flatten()
                    .for_each(|open| self.expressions(open));
                self.expressions(&choice.precision);
                self.expressions(&choice.switching_cost);
                if let Memory::Days(days) = &choice.memory {
                    self.expression(days);
                }
            }
            QuantityKind::Transfer { amount, from, to, on } => {
                self.expressions(amount);
                from.iter().chain(to).for_each(|stock| self.reference(stock));
                self.reference(on);
            }
        }
    }

    fn expressions(&mut self, value: &PerElement<Expression>) {
        match value {
            PerElement::Same(value) => self.expression(value),
            PerElement::Each(values) => values.iter().for_each(|value| self.expression(value)),
        }
    }

    fn distributions(&mut self, value: &PerElement<Distribution>) {
        match value {
            PerElement::Same(value) => self.distribution(value),
            PerElement::Each(values) => values.iter().for_each(|value| self.distribution(value)),
        }
    }

    fn reference(&mut self, reference: &QuantityRef) {
        self.quantities.insert(reference.quantity);
    }

    fn expression(&mut self, expression: &Expression) {
        match expression {
            Expression::Number(_)
            | Expression::SameElement(..)
            | Expression::Member(..)
            | Expression::Calendar(_)
            | Expression::Fact(..) => {}
            Expression::Quantity(reference)
            | Expression::Chosen(reference, _)
            | Expression::Happened(reference)
            | Expression::Occurred(reference)
            | Expression::Count(reference)
            | Expression::Since(reference)
            | Expression::Wanted(reference)
            | Expression::InTransit(reference) => self.reference(reference),
            Expression::Attribute(reference) => {
                self.quantities.insert(reference.attribute);
                self.reference(&reference.stock);
            }
            Expression::Unary(_, a)
            | Expression::Cumulative(a)
            | Expression::Initial(a)
            | Expression::ChangeOf(a)
            | Expression::TotalOf(a)
            | Expression::HighestOf(a)
            | Expression::LowestOf(a)
            | Expression::AverageOf(a) => self.expression(a),
            Expression::Binary(_, a, b) | Expression::Previous(a, b) => {
                self.expression(a);
                self.expression(b);
            }
            Expression::If(a, b, c) | Expression::Delay(a, b, c) | Expression::Smooth(a, b, c) => {
                self.expression(a);
                self.expression(b);
                self.expression(c);
            }
            Expression::Call(_, arguments) => arguments.iter().for_each(|a| self.expression(a)),
            Expression::Reduce { filter, body, .. } => {
                filter.iter().for_each(|filter| self.expression(filter));
                self.expression(body);
            }
        }
    }

    fn distribution(&mut self, distribution: &Distribution) {
        match distribution {
            Distribution::SplitNormal { .. } => {}
            Distribution::Constant(a)
            | Distribution::Exponential { mean: a }
            | Distribution::Poisson { mean: a }
            | Distribution::Bernoulli { p: a } => self.expression(a),
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
                self.expression(a);
                self.expression(b);
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
                self.expression(a);
                self.expression(b);
                self.expression(c);
            }
            Distribution::Beta {
                alpha,
                beta,
                low,
                high,
            } => {
                self.expression(alpha);
                self.expression(beta);
                self.expression(low);
                self.expression(high);
            }
            Distribution::Discrete(values) => values.iter().for_each(|(value, _)| self.expression(value)),
            Distribution::Mixture(parts) => {
                for (weight, part) in parts {
                    self.expression(weight);
                    self.distribution(part);
                }
            }
            Distribution::Truncated { of, low, high } => {
                self.distribution(of);
                self.expression(low);
                self.expression(high);
            }
        }
    }
}
