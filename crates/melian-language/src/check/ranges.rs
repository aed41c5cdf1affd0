//! Between which values a quantity can lie, whatever is drawn, in the model or in any of its worlds.
//!
//! Interval arithmetic (Moore 1966, Interval Analysis): a range holds every value that can occur and perhaps others, so what lies outside
//! never occurs. Where nothing is known, a range is all numbers.

use super::components::components;
use crate::model::{
    Action, Binary, Calendar, Distribution, Event, Expression, FactScale, FunctionName, Model, PerElement,
    Quantity, QuantityId, QuantityKind, Reduction, Trigger, Unary,
};

/// All values between two ends, ends included.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Range {
    pub low: f64,
    pub high: f64,
}

/// The ranges of all quantities of a model; for an event, whether it can happen.
pub(super) struct Ranges<'a> {
    model: &'a Model,
    of: Vec<Range>,
}

const ALL: Range = Range {
    low: f64::NEG_INFINITY,
    high: f64::INFINITY,
};
const TRUTH: Range = Range { low: 0.0, high: 1.0 };
const NEVER_NEGATIVE: Range = Range {
    low: 0.0,
    high: f64::INFINITY,
};

impl Range {
    fn point(value: f64) -> Range {
        Range::new(value, value)
    }

    /// Ends that are no numbers say nothing.
    fn new(low: f64, high: f64) -> Range {
        if low <= high { Range { low, high } } else { ALL }
    }

    fn union(self, other: Range) -> Range {
        Range::new(self.low.min(other.low), self.high.max(other.high))
    }

    fn within(self, other: Range) -> Range {
        Range::new(self.low.max(other.low), self.high.min(other.high))
    }

    /// Whether a condition in this range never holds.
    pub fn never(self) -> bool {
        self.high == 0.0
    }

    /// Whether a condition in this range always holds.
    pub fn always(self) -> bool {
        self.low == 1.0 && self.high == 1.0
    }

    fn condition(can_fail: bool, can_hold: bool) -> Range {
        Range::new(f64::from(u8::from(!can_fail)), f64::from(u8::from(can_hold)))
    }

    fn monotone(self, function: impl Fn(f64) -> f64) -> Range {
        Range::new(function(self.low), function(self.high))
    }

    fn times(self, other: Range) -> Range {
        // Infinity stands for whatever is large, which times nothing is nothing.
        let product = |a: f64, b: f64| if a == 0.0 || b == 0.0 { 0.0 } else { a * b };
        let ends = [
            product(self.low, other.low),
            product(self.low, other.high),
            product(self.high, other.low),
            product(self.high, other.high),
        ];
        Range::new(
            ends.into_iter().fold(f64::INFINITY, f64::min),
            ends.into_iter().fold(f64::NEG_INFINITY, f64::max),
        )
    }

    fn over(self, other: Range) -> Range {
        if other.low > 0.0 || other.high < 0.0 {
            self.times(Range::new(1.0 / other.high, 1.0 / other.low))
        } else {
            ALL
        }
    }
}

impl<'a> Ranges<'a> {
    /// Finds the ranges of a model's quantities. Each is found after what it refers to; what refers back to itself can be anything that
    /// its kind allows.
    pub(super) fn of(model: &'a Model) -> Ranges<'a> {
        let uses = |position: usize, quantity: &Quantity| -> Vec<usize> {
            let used = quantity.uses(QuantityId(position as u32));
            used.into_iter().map(QuantityId::position).collect()
        };
        let edges: Vec<Vec<usize>> = model
            .quantities
            .iter()
            .enumerate()
            .map(|(position, quantity)| uses(position, quantity))
            .collect();
        let mut ranges = Ranges {
            model,
            of: model.quantities.iter().map(|q| loose(&q.kind)).collect(),
        };
        for position in components(&edges).into_iter().flatten() {
            let found = ranges.quantity(&model.quantities[position].kind);
            ranges.of[position] = ranges.changed(QuantityId(position as u32), found);
        }
        ranges
    }

    /// Returns the range of a quantity.
    pub(super) fn get(&self, quantity: QuantityId) -> Range {
        self.of[quantity.position()]
    }

    /// Returns the range of a quantity as it is declared, whatever interventions make of it.
    pub(super) fn declared(&self, quantity: QuantityId) -> Range {
        self.quantity(&self.model.quantity(quantity).kind)
    }

    fn quantity(&self, kind: &QuantityKind) -> Range {
        match kind {
            QuantityKind::Constant { value } | QuantityKind::Derived { value } => self.each(value),
            QuantityKind::Parameter { prior, .. } => self.drawn(prior),
            QuantityKind::Noise { distribution } => self.drawn(distribution),
            QuantityKind::Event(event) => Range::condition(true, self.can_happen(event)),
            _ => loose(kind),
        }
    }

    /// Widens a range by what interventions make of the quantity, and by what an anchor may solve for.
    fn changed(&self, id: QuantityId, range: Range) -> Range {
        let mut range = range;
        if self.model.anchors.iter().any(|anchor| anchor.parameter == id) {
            return ALL;
        }
        let changes = self.model.interventions.iter().flat_map(|i| &i.changes);
        for change in changes.filter(|change| change.quantity == id) {
            range = match &change.action {
                Action::Hold(Expression::Number(value)) => range.union(Range::point(*value)),
                Action::Hold(_) => ALL,
                Action::Always | Action::At(Some(_)) => range.union(TRUTH),
                Action::Freeze | Action::Median | Action::Option(_) | Action::Never | Action::At(None) => {
                    range
                }
            };
        }
        range
    }

    fn can_happen(&self, event: &Event) -> bool {
        let can = |value: &Option<PerElement<Expression>>| {
            value.as_ref().is_none_or(|value| self.each(value).high > 0.0)
        };
        match &event.trigger {
            Trigger::At { step: None, .. } => false,
            Trigger::At { probability, .. } => can(probability),
            Trigger::When(condition) => !self.each(condition).never(),
            Trigger::Rate { rate, condition } => self.each(rate).high > 0.0 && can(condition),
        }
    }

    fn each(&self, value: &PerElement<Expression>) -> Range {
        let mut range: Option<Range> = None;
        value.each(&mut |e| {
            let found = self.expression(e);
            range = Some(range.map_or(found, |range| range.union(found)));
        });
        range.unwrap_or(ALL)
    }

    fn drawn(&self, value: &PerElement<Distribution>) -> Range {
        let mut range: Option<Range> = None;
        value.each(&mut |d| {
            let found = self.support(d);
            range = Some(range.map_or(found, |range| range.union(found)));
        });
        range.unwrap_or(ALL)
    }

    /// Returns the range of an expression.
    pub(super) fn expression(&self, expression: &Expression) -> Range {
        let value = |e: &Expression| self.expression(e);
        match expression {
            Expression::Number(value) => Range::point(*value),
            Expression::Quantity(reference) => self.get(reference.quantity),
            Expression::Fact(_, distribution) => self.support(distribution),
            Expression::Unary(Unary::Negate, a) => {
                let a = value(a);
                Range::new(-a.high, -a.low)
            }
            Expression::Unary(Unary::Not, a) => {
                let a = value(a);
                Range::condition(!a.never(), !a.always())
            }
            Expression::Binary(operator, a, b) => binary(*operator, value(a), value(b)),
            Expression::Call(function, arguments) => {
                let arguments: Vec<Range> = arguments.iter().map(value).collect();
                call(*function, &arguments)
            }
            Expression::If(condition, yes, no) => {
                let condition = value(condition);
                if condition.always() {
                    value(yes)
                } else if condition.never() {
                    value(no)
                } else {
                    value(yes).union(value(no))
                }
            }
            Expression::Reduce { reduction, body, .. } => reduced(*reduction, value(body)),
            Expression::SameElement(..) | Expression::Member(..) | Expression::Chosen(..) => TRUTH,
            Expression::Calendar(calendar) => self.calendar(*calendar),
            Expression::Previous(a, before)
            | Expression::Delay(a, _, before)
            | Expression::Smooth(a, _, before) => value(a).union(value(before)),
            Expression::Initial(a)
            | Expression::HighestOf(a)
            | Expression::LowestOf(a)
            | Expression::AverageOf(a) => value(a),
            Expression::Cumulative(a) | Expression::TotalOf(a) if value(a).low >= 0.0 => NEVER_NEGATIVE,
            Expression::Happened(event) | Expression::Occurred(event) => self.get(event.quantity),
            Expression::Count(event) if self.get(event.quantity).never() => Range::point(0.0),
            Expression::Count(_) | Expression::Since(_) | Expression::InTransit(_) => NEVER_NEGATIVE,
            Expression::Attribute(_)
            | Expression::Wanted(_)
            | Expression::Cumulative(_)
            | Expression::TotalOf(_)
            | Expression::ChangeOf(_) => ALL,
        }
    }

    fn calendar(&self, calendar: Calendar) -> Range {
        let clock = &self.model.clock;
        match calendar {
            Calendar::Now | Calendar::Elapsed => {
                Range::new(0.0, f64::from(clock.steps - 1) * clock.step_days)
            }
            Calendar::Month => Range::new(1.0, 12.0),
            Calendar::YearShare | Calendar::MonthStarts => TRUTH,
        }
    }

    fn support(&self, distribution: &Distribution) -> Range {
        let value = |e: &Expression| self.expression(e);
        match distribution {
            Distribution::Constant(a) => value(a),
            Distribution::SplitNormal { scale, low, high, .. } => match scale {
                _ if low == high => Range::point(*low),
                FactScale::Natural => ALL,
                FactScale::Log => NEVER_NEGATIVE,
                FactScale::Logit => TRUTH,
            },
            Distribution::Uniform { low, high }
            | Distribution::Triangular { low, high, .. }
            | Distribution::Beta { low, high, .. } => value(low).union(value(high)),
            Distribution::Bernoulli { p } => {
                let p = value(p);
                Range::condition(p.low < 1.0, p.high > 0.0)
            }
            Distribution::Binomial { n, .. } => Range::new(0.0, value(n).high),
            Distribution::Lognormal { .. }
            | Distribution::Gamma { .. }
            | Distribution::Exponential { .. }
            | Distribution::Weibull { .. }
            | Distribution::Poisson { .. } => NEVER_NEGATIVE,
            Distribution::Normal { mean, sd } if value(sd) == Range::point(0.0) => value(mean),
            Distribution::Normal { .. }
            | Distribution::StudentT { .. }
            | Distribution::Gumbel { .. }
            | Distribution::Logistic { .. } => ALL,
            Distribution::Discrete(values) => values
                .iter()
                .filter(|(_, weight)| *weight > 0.0)
                .map(|(e, _)| value(e))
                .reduce(Range::union)
                .unwrap_or(ALL),
            Distribution::Mixture(parts) => parts
                .iter()
                .map(|(_, part)| self.support(part))
                .reduce(Range::union)
                .unwrap_or(ALL),
            Distribution::Truncated { of, low, high } => {
                let ends = value(low).union(value(high));
                self.support(of).within(ends)
            }
        }
    }
}

/// What a quantity of this kind can be at most.
fn loose(kind: &QuantityKind) -> Range {
    match kind {
        QuantityKind::Stock { .. } | QuantityKind::Flow { .. } => NEVER_NEGATIVE,
        QuantityKind::Event(_) | QuantityKind::Question { .. } => TRUTH,
        _ => ALL,
    }
}

fn binary(operator: Binary, a: Range, b: Range) -> Range {
    match operator {
        Binary::Add => Range::new(a.low + b.low, a.high + b.high),
        Binary::Subtract => Range::new(a.low - b.high, a.high - b.low),
        Binary::Multiply => a.times(b),
        Binary::Divide => a.over(b),
        Binary::Power if a.low >= 0.0 => NEVER_NEGATIVE,
        Binary::Power => ALL,
        Binary::Less => Range::condition(a.high >= b.low, a.low < b.high),
        Binary::LessEqual => Range::condition(a.high > b.low, a.low <= b.high),
        Binary::Greater => binary(Binary::Less, b, a),
        Binary::GreaterEqual => binary(Binary::LessEqual, b, a),
        Binary::Equal | Binary::NotEqual => {
            let apart = a.high < b.low || b.high < a.low;
            let same = a.low == a.high && a == b;
            match operator {
                Binary::Equal => Range::condition(!same, !apart),
                _ => Range::condition(!apart, !same),
            }
        }
        Binary::And => Range::new(a.low.min(b.low), a.high.min(b.high)),
        Binary::Or => Range::new(a.low.max(b.low), a.high.max(b.high)),
    }
}

fn call(function: FunctionName, arguments: &[Range]) -> Range {
    let Some(&first) = arguments.first() else {
        return ALL;
    };
    let all = |combine: fn(f64, f64) -> f64| {
        let combined = |a: Range, b: Range| Range::new(combine(a.low, b.low), combine(a.high, b.high));
        arguments.iter().copied().reduce(combined).unwrap_or(ALL)
    };
    match function {
        FunctionName::Abs if first.low >= 0.0 => first,
        FunctionName::Abs => Range::new(0.0, first.high.max(-first.low)),
        FunctionName::Sqrt if first.low >= 0.0 => first.monotone(f64::sqrt),
        FunctionName::Sqrt => NEVER_NEGATIVE,
        FunctionName::Exp => NEVER_NEGATIVE,
        FunctionName::Ln | FunctionName::Logit => ALL,
        FunctionName::Tanh | FunctionName::Sin | FunctionName::Cos => Range::new(-1.0, 1.0),
        FunctionName::Logistic | FunctionName::NormalCdf => TRUTH,
        FunctionName::Min => all(f64::min),
        FunctionName::Max => all(f64::max),
        FunctionName::Clamp => match arguments {
            [value, low, high] => Range::new(
                value.low.max(low.low).min(high.low),
                value.high.max(low.high).min(high.high),
            ),
            _ => ALL,
        },
        FunctionName::Floor => first.monotone(f64::floor),
        FunctionName::Ceil => first.monotone(f64::ceil),
        FunctionName::Round => first.monotone(f64::round_ties_even),
    }
}

/// A reduction may be over no element at all.
fn reduced(reduction: Reduction, body: Range) -> Range {
    match reduction {
        Reduction::Any => Range::new(0.0, body.high),
        Reduction::All => Range::new(body.low, 1.0),
        Reduction::Count => NEVER_NEGATIVE,
        Reduction::Sum | Reduction::Product if body.low >= 0.0 => NEVER_NEGATIVE,
        Reduction::Sum | Reduction::Product | Reduction::Min | Reduction::Max | Reduction::Mean => ALL,
    }
}
