//! Time operators, and what measures read.

use melian_language::model::{Expression, QuantityKind};

use super::item::{Mode, Owner, PlaceId, State};
use super::plan::{Env, Scalar};
use super::world::{Expansion, UNKNOWN};
use crate::graph::{Node, NodeId, Schedule, WatchKind};
use crate::operation::Operation;

/// Returns the word for a time operator's state.
pub(crate) fn operator_name(expression: &Expression) -> &'static str {
    match expression {
        Expression::Previous(..) => "previous",
        Expression::Smooth(..) => "smooth",
        Expression::Cumulative(_) => "cumulative",
        Expression::TotalOf(_) => "total",
        Expression::HighestOf(_) => "highest",
        Expression::LowestOf(_) => "lowest",
        Expression::AverageOf(_) => "sum",
        _ => unreachable!("no other expression has state of its own"),
    }
}

impl<'m> Expansion<'_, 'm> {
    /// Returns the value of a time operator.
    pub fn across_time(&mut self, expression: &'m Expression, env: &Env, mode: Mode) -> NodeId {
        let place = self.place(expression, env);
        let state = State::Operator(place);
        match expression {
            Expression::Previous(_, before) | Expression::Smooth(_, _, before) => match mode {
                Mode::Start => self.first(before, env),
                Mode::Step => self.remembered(place, before, env),
                Mode::End => self.next(state),
            },
            Expression::Delay(value, time, before) => match mode {
                Mode::Start => self.first(before, env),
                Mode::Step => self.delayed(place, time, before, env),
                Mode::End => self.delayed_at_end(place, value, time, before, env),
            },
            Expression::Cumulative(_) => self.state_at(state, mode),
            Expression::Initial(value) => self.first(value, env),
            Expression::ChangeOf(value) => {
                let (now, first) = (self.eval(value, env, mode), self.first(value, env));
                self.apply(Operation::Subtract, &[now, first])
            }
            // These exist at the end of a step only.
            Expression::TotalOf(_) | Expression::HighestOf(_) | Expression::LowestOf(_) => self.next(state),
            Expression::AverageOf(_) => {
                let (sum, steps) = (self.next(state), self.next(State::Steps));
                self.apply(Operation::Divide, &[sum, steps])
            }
            _ => unreachable!("this expression stays within its step"),
        }
    }

    /// Returns the value of an expression in the first step.
    pub fn first(&mut self, expression: &'m Expression, env: &Env) -> NodeId {
        if self.expression_needs_first_step(expression) {
            let place = self.place(expression, env);
            self.next(State::First(place))
        } else {
            self.eval(expression, env, Mode::Start)
        }
    }

    fn expression_needs_first_step(&self, expression: &Expression) -> bool {
        super::plan::needs_first_step(expression, |quantity| self.needs_first_step(quantity))
    }

    /// Returns the state of `previous` or `smooth` as it is seen within a step.
    fn remembered(&mut self, place: PlaceId, before: &'m Expression, env: &Env) -> NodeId {
        let kept = self.state(State::Operator(place));
        if !self.expression_needs_first_step(before) {
            return kept;
        }
        let before = self.eval(before, env, Mode::Step);
        self.scheduled(Schedule::At(0), before, kept)
    }

    pub fn operator_initial(&mut self, place: PlaceId) -> NodeId {
        let (expression, env) = self.at_place(place);
        match expression {
            Expression::Previous(_, before) | Expression::Smooth(_, _, before)
                if !self.expression_needs_first_step(before) =>
            {
                self.eval(before, &env, Mode::Start)
            }
            Expression::HighestOf(_) => self.number(f64::NEG_INFINITY),
            Expression::LowestOf(_) => self.number(f64::INFINITY),
            _ => self.number(0.0),
        }
    }

    pub fn operator_next(&mut self, place: PlaceId) -> NodeId {
        let (expression, env) = self.at_place(place);
        let state = State::Operator(place);
        match expression {
            Expression::Previous(value, _) => self.eval(value, &env, Mode::Step),
            Expression::Smooth(value, time, before) => {
                let now = self.remembered(place, before, &env);
                let value = self.eval(value, &env, Mode::Step);
                let time = self.eval(time, &env, Mode::Step);
                let share = self.share_within_step(1.0, time);
                let distance = self.apply(Operation::Subtract, &[value, now]);
                let move_by = self.apply(Operation::Multiply, &[distance, share]);
                self.apply(Operation::Add, &[now, move_by])
            }
            Expression::Cumulative(value) | Expression::TotalOf(value) => {
                let value = self.eval(value, &env, Mode::Step);
                let (sum, amount) = (self.state(state), self.over_step(value));
                self.apply(Operation::Add, &[sum, amount])
            }
            Expression::HighestOf(value) => self.join(Operation::Max, state, value, &env),
            Expression::LowestOf(value) => self.join(Operation::Min, state, value, &env),
            Expression::AverageOf(value) => self.join(Operation::Add, state, value, &env),
            _ => unreachable!("no other expression has state of its own"),
        }
    }

    fn join(&mut self, operation: Operation, state: State, value: &'m Expression, env: &Env) -> NodeId {
        let value = self.eval(value, env, Mode::End);
        let kept = self.state(state);
        self.apply(operation, &[kept, value])
    }

    /// Returns what a value per day amounts to in the step.
    pub fn over_step(&mut self, per_day: NodeId) -> NodeId {
        let days = self.number(self.plan.model.clock.step_days);
        self.apply(Operation::Multiply, &[per_day, days])
    }

    /// Returns the share that leaves within a step at a hazard of `rate` over `days`: 1 - exp(-rate * dt / days).
    pub fn share_within_step(&mut self, rate: f64, days: NodeId) -> NodeId {
        let days = self.not_below_zero(days);
        let exposure = self.number(rate * self.plan.model.clock.step_days);
        let exponent = self.apply(Operation::Divide, &[exposure, days]);
        self.share_of_exposure(exponent)
    }

    /// Returns 1 - exp(-exposure).
    pub fn share_of_exposure(&mut self, exposure: NodeId) -> NodeId {
        let negative = self.apply(Operation::Negate, &[exposure]);
        let stays = self.apply(Operation::Exp, &[negative]);
        let one = self.number(1.0);
        self.apply(Operation::Subtract, &[one, stays])
    }

    fn delayed(&mut self, place: PlaceId, time: &'m Expression, before: &'m Expression, env: &Env) -> NodeId {
        let lag = self.lag(place, time, env);
        let before = self.first(before, env);
        self.delayed_node(place, lag, before)
    }

    /// Returns what a delay will be at the start of the next step: what was recorded one step less ago.
    fn delayed_at_end(
        &mut self,
        place: PlaceId,
        value: &'m Expression,
        time: &'m Expression,
        before: &'m Expression,
        env: &Env,
    ) -> NodeId {
        let lag = self.lag(place, time, env);
        let before = self.first(before, env);
        let value = self.eval(value, env, Mode::Step);
        let (one, steps) = (self.number(1.0), self.apply(Operation::Round, &[lag]));
        let less = self.apply(Operation::Subtract, &[steps, one]);
        let earlier = self.delayed_node(place, less, before);
        let at_once = self.apply(Operation::LessEqual, &[steps, one]);
        self.apply(Operation::Select, &[at_once, value, earlier])
    }

    /// Returns a delay in steps, as it is in the first step.
    fn lag(&mut self, place: PlaceId, time: &'m Expression, env: &Env) -> NodeId {
        let time = self.first(time, env);
        let days = self.number(self.plan.model.clock.step_days);
        let lag = self.apply(Operation::Divide, &[time, days]);
        let owner = self.owner_of_place(place);
        self.watch(WatchKind::ShortDelay, lag, owner);
        lag
    }

    fn delayed_node(&mut self, place: PlaceId, lag: NodeId, before: NodeId) -> NodeId {
        let history = self.history(place);
        if [lag, before].contains(&UNKNOWN) {
            return UNKNOWN;
        }
        self.nodes.add(Node::Delayed { history, lag, before })
    }

    /// Returns what the history of a delay records.
    pub fn recorded_at(&mut self, place: PlaceId) -> NodeId {
        let (expression, env) = self.at_place(place);
        match expression {
            Expression::Delay(value, ..) => self.eval(value, &env, Mode::Step),
            _ => unreachable!("only a delay has a history"),
        }
    }

    /// Returns a measure or question after the step.
    pub fn reading_next(&mut self, scalar: Scalar) -> NodeId {
        let plan = self.plan;
        let (value, when) = match &plan.model.quantity(scalar.quantity).kind {
            QuantityKind::Measure { value, reading } | QuantityKind::Question { value, reading } => {
                (value, *reading)
            }
            _ => unreachable!("only measures and questions are read"),
        };
        self.owned_by(Owner::scalar(scalar));
        let env = plan.env(scalar);
        let value = self.eval(value.at(scalar.position as usize), &env, Mode::End);
        self.watch(WatchKind::NotANumber, value, Owner::scalar(scalar));
        let kept = self.state(State::Reading(scalar));
        if when.ever {
            let either = self.apply(Operation::Or, &[kept, value]);
            self.scheduled(Schedule::Until(when.step), either, kept)
        } else {
            self.scheduled(Schedule::At(when.step), value, kept)
        }
    }
}
