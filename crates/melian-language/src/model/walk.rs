//! Going through what a model is made of. Written once, so that nothing is forgotten anywhere.

use super::{Decision, Distribution, Expression, Memory, PerElement, QuantityKind, QuantityRef, Trigger};

impl Expression {
    /// Calls a function on every direct operand.
    pub fn each_operand<'e>(&'e self, call: &mut dyn FnMut(&'e Expression)) {
        match self {
            Expression::Number(_)
            | Expression::Quantity(_)
            | Expression::Attribute(_)
            | Expression::Fact(..)
            | Expression::SameElement(..)
            | Expression::Member(..)
            | Expression::Chosen(..)
            | Expression::Calendar(_)
            | Expression::Happened(_)
            | Expression::Occurred(_)
            | Expression::Count(_)
            | Expression::Since(_)
            | Expression::Wanted(_)
            | Expression::InTransit(_) => {}
            Expression::Unary(_, a)
            | Expression::Cumulative(a)
            | Expression::Initial(a)
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
                filter.iter().for_each(|filter| call(filter));
                call(body);
            }
        }
    }

    /// Calls a function on this expression and on everything below it.
    pub fn each_below<'e>(&'e self, call: &mut dyn FnMut(&'e Expression)) {
        call(self);
        self.each_operand(&mut |operand| operand.each_below(call));
    }

    /// Returns the quantity that this expression itself reads, operands aside; for an attribute, the stock.
    pub fn reference(&self) -> Option<&QuantityRef> {
        match self {
            Expression::Quantity(reference)
            | Expression::Chosen(reference, _)
            | Expression::Happened(reference)
            | Expression::Occurred(reference)
            | Expression::Count(reference)
            | Expression::Since(reference)
            | Expression::Wanted(reference)
            | Expression::InTransit(reference) => Some(reference),
            Expression::Attribute(reference) => Some(&reference.stock),
            _ => None,
        }
    }
}

impl Distribution {
    /// Calls a function on every argument, those of the distributions within it included.
    pub fn each_argument<'e>(&'e self, call: &mut dyn FnMut(&'e Expression)) {
        match self {
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
            } => [a, b, c].into_iter().for_each(call),
            Distribution::Beta {
                alpha,
                beta,
                low,
                high,
            } => [alpha, beta, low, high].into_iter().for_each(call),
            Distribution::Discrete(values) => values.iter().for_each(|(value, _)| call(value)),
            Distribution::Mixture(parts) => {
                for (weight, part) in parts {
                    call(weight);
                    part.each_argument(call);
                }
            }
            Distribution::Truncated { of, low, high } => {
                of.each_argument(call);
                call(low);
                call(high);
            }
        }
    }
}

impl<T> PerElement<T> {
    /// Calls a function on every value that is written.
    pub fn each<'e>(&'e self, call: &mut dyn FnMut(&'e T)) {
        match self {
            PerElement::Same(value) => call(value),
            PerElement::Each(values) => values.iter().for_each(call),
        }
    }
}

impl QuantityKind {
    /// Calls a function on every expression of the declaration, with whether all elements share it.
    pub fn each_expression<'e>(&'e self, call: &mut dyn FnMut(&'e Expression, bool)) {
        let each = |value: &'e PerElement<Expression>, call: &mut dyn FnMut(&'e Expression, bool)| {
            let shared = matches!(value, PerElement::Same(_));
            value.each(&mut |e| call(e, shared));
        };
        match self {
            QuantityKind::Constant { value }
            | QuantityKind::Stock { initial: value }
            | QuantityKind::Derived { value }
            | QuantityKind::Transfer { amount: value, .. }
            | QuantityKind::Series { value }
            | QuantityKind::Measure { value, .. }
            | QuantityKind::Question { value, .. } => each(value, call),
            QuantityKind::Parameter {
                prior: distribution, ..
            }
            | QuantityKind::Noise { distribution } => {
                let shared = matches!(distribution, PerElement::Same(_));
                distribution.each(&mut |d| d.each_argument(&mut |e| call(e, shared)));
            }
            QuantityKind::Attribute { stocks } => {
                for stock in stocks {
                    each(&stock.initial, call);
                    stock.rate.iter().for_each(|rate| each(rate, call));
                }
            }
            QuantityKind::Flow {
                rate,
                pipeline,
                carrying,
                ..
            } => {
                each(rate, call);
                pipeline
                    .iter()
                    .for_each(|pipeline| call(&pipeline.mean_days, true));
                carrying.iter().for_each(|(_, value)| call(value, true));
            }
            QuantityKind::Event(event) => match &event.trigger {
                Trigger::At { probability, .. } => probability.iter().for_each(|p| each(p, call)),
                Trigger::When(condition) => each(condition, call),
                Trigger::Rate { rate, condition } => {
                    each(rate, call);
                    condition.iter().for_each(|condition| each(condition, call));
                }
            },
            QuantityKind::Choice(choice) => match &choice.decision {
                Decision::Rules(rules) => rules.iter().for_each(|rule| call(&rule.condition, true)),
                Decision::Utility(utility) => {
                    let values = utility.utilities.iter().chain(utility.available.iter().flatten());
                    values.for_each(|value| each(value, call));
                    each(&utility.precision, call);
                    each(&utility.switching_cost, call);
                    if let Memory::Days(days) = &utility.memory {
                        call(days, true);
                    }
                }
            },
        }
    }
}
