//! Events.

use melian_language::model::{Action, Change, Event, Trigger};

use super::item::{Item, Mode, Owner, State};
use super::plan::Scalar;
use super::world::Expansion;
use crate::graph::{Node, NodeId, Schedule, WatchKind};
use crate::operation::Operation;

impl<'m> Expansion<'_, 'm> {
    /// Returns how often an event happens in the step.
    pub fn trigger(&mut self, scalar: Scalar, event: &'m Event) -> NodeId {
        let plan = self.plan;
        let env = plan.env(scalar);
        let position = scalar.position as usize;
        match &event.trigger {
            Trigger::At { step: None, .. } => self.number(0.0),
            Trigger::At {
                step: Some(step),
                probability,
            } => {
                let happens = match probability {
                    Some(probability) => {
                        let probability = self.eval(probability.at(position), &env, Mode::Step);
                        self.watch(WatchKind::NotANumber, probability, Owner::scalar(scalar));
                        self.by_chance(scalar, probability)
                    }
                    None => self.number(1.0),
                };
                self.in_step(*step, happens)
            }
            Trigger::When(condition) => {
                let condition = self.eval(condition.at(position), &env, Mode::Step);
                self.unless_over(scalar, event, condition)
            }
            Trigger::Rate { rate, condition } => {
                let rate = self.eval(rate.at(position), &env, Mode::Step);
                self.watch(WatchKind::NotANumber, rate, Owner::scalar(scalar));
                let exposure = self.over_step(rate);
                let condition = condition
                    .as_ref()
                    .map(|c| self.eval(c.at(position), &env, Mode::Step));
                if event.recurring {
                    let mean = self.not_below_zero(exposure);
                    let uniform = self.uniform(scalar);
                    let count = self.apply(Operation::PoissonQuantile, &[mean, uniform]);
                    let none = self.number(0.0);
                    condition.map_or(count, |c| self.apply(Operation::Select, &[c, count, none]))
                } else {
                    let probability = self.share_of_exposure(exposure);
                    let chance = self.by_chance(scalar, probability);
                    let happens = condition.map_or(chance, |c| self.apply(Operation::And, &[c, chance]));
                    self.unless_over(scalar, event, happens)
                }
            }
        }
    }

    /// Returns how often an event happens with a change on top of the `below` changes before it.
    pub fn changed_trigger(
        &mut self,
        scalar: Scalar,
        event: &'m Event,
        change: &Change,
        below: u32,
    ) -> NodeId {
        let never = self.number(0.0);
        let surely = self.number(1.0);
        let (from, changed) = match change.action {
            Action::Never => (change.from_step, never),
            Action::Always if event.recurring => (change.from_step, surely),
            Action::Always => {
                let happens = self.unless_over(scalar, event, surely);
                (change.from_step, self.in_step(change.from_step, happens))
            }
            Action::At(Some(step)) => {
                let happens = self.unless_over(scalar, event, surely);
                (change.from_step, self.in_step(step, happens))
            }
            Action::At(None) => (change.from_step, never),
            // What happened in the first step stays as it was: nothing happens after it.
            Action::Freeze => (change.from_step.max(1), never),
            Action::Hold(_) | Action::Median | Action::Option(_) => {
                unreachable!("an event has no value to hold")
            }
        };
        self.changed_from(from, changed, |expansion| {
            expansion.get(Item::Equation(scalar, Mode::Step, below))
        })
    }

    fn uniform(&mut self, scalar: Scalar) -> NodeId {
        let site = self.site(self.plan.name(scalar), scalar);
        self.nodes.add(Node::Uniform(site))
    }

    fn by_chance(&mut self, scalar: Scalar, probability: NodeId) -> NodeId {
        let uniform = self.uniform(scalar);
        self.apply(Operation::Less, &[uniform, probability])
    }

    fn in_step(&mut self, step: u32, happens: NodeId) -> NodeId {
        let never = self.number(0.0);
        self.scheduled(Schedule::At(step), happens, never)
    }

    /// Returns the condition, and for a once-only event that it has not happened before.
    fn unless_over(&mut self, scalar: Scalar, event: &Event, condition: NodeId) -> NodeId {
        if event.recurring {
            return condition;
        }
        let before = self.state(State::Happenings(scalar));
        let not_yet = self.apply(Operation::Not, &[before]);
        self.apply(Operation::And, &[condition, not_yet])
    }

    pub fn happenings(&mut self, event: Scalar) -> NodeId {
        let now = self.changed_equation(event, Mode::Step);
        let before = self.state(State::Happenings(event));
        self.apply(Operation::Add, &[before, now])
    }

    pub fn since(&mut self, event: Scalar) -> NodeId {
        let now = self.changed_equation(event, Mode::Step);
        let (happens, zero) = (self.above_zero(now), self.number(0.0));
        let before = self.state(State::Since(event));
        self.apply(Operation::Select, &[happens, zero, before])
    }

    pub fn since_next(&mut self, event: Scalar) -> NodeId {
        let since = self.get(Item::Since(event));
        let days = self.number(self.plan.model.clock.step_days);
        self.apply(Operation::Add, &[since, days])
    }
}
