//! Choices.

use melian_language::model::{Choice, Decision, Memory, QuantityKind, Rule, Utility};

use super::item::{Item, Mode, Owner, State};
use super::plan::Scalar;
use super::world::Expansion;
use crate::graph::{Node, NodeId, Schedule, WatchKind};
use crate::operation::Operation;

impl<'m> Expansion<'_, 'm> {
    fn choice(&self, scalar: Scalar) -> &'m Choice {
        match &self.plan.model.quantity(scalar.quantity).kind {
            QuantityKind::Choice(choice) => choice,
            _ => unreachable!("only a choice has options"),
        }
    }

    fn utility(&self, scalar: Scalar) -> &'m Utility {
        match &self.choice(scalar).decision {
            Decision::Utility(utility) => utility,
            Decision::Rules(_) => unreachable!("only a choice by utility has tastes"),
        }
    }

    pub fn standing_initial(&mut self, choice: Scalar) -> NodeId {
        self.number(f64::from(self.choice(choice).start))
    }

    /// Returns the option that stands in the step.
    pub fn standing(&mut self, scalar: Scalar, choice: &'m Choice) -> NodeId {
        let stands = self.state(State::Standing(scalar));
        let decision = match &choice.decision {
            Decision::Utility(utility) => self.best(scalar, utility, stands),
            Decision::Rules(rules) => self.ruled(scalar, rules, stands),
        };
        self.scheduled(Schedule::Every(choice.every), decision, stands)
    }

    /// Returns the option of the first row whose condition holds; the current one if none does.
    fn ruled(&mut self, scalar: Scalar, rules: &'m [Rule], current: NodeId) -> NodeId {
        let env = self.plan.env(scalar);
        rules.iter().rev().fold(current, |otherwise, rule| {
            let holds = self.eval(&rule.condition, &env, Mode::Step);
            let option = self.number(f64::from(rule.option));
            self.apply(Operation::Select, &[holds, option, otherwise])
        })
    }

    /// Returns the open option with the largest `precision * utility + taste`, the first of equals; the current one if none is open.
    fn best(&mut self, scalar: Scalar, utility: &'m Utility, current: NodeId) -> NodeId {
        let mut best: Option<(NodeId, NodeId)> = None;
        let mut open = self.number(0.0);
        for option in 0..utility.utilities.len() as u32 {
            let score = self.score(scalar, option);
            let number = self.number(f64::from(option));
            let available = self.available(scalar, utility, option);
            let (chosen, highest) = match best {
                None => match available {
                    None => (number, score),
                    Some(available) => (
                        self.apply(Operation::Select, &[available, number, current]),
                        score,
                    ),
                },
                Some((chosen, highest)) => {
                    let better = self.apply(Operation::Less, &[highest, score]);
                    let first = self.apply(Operation::Not, &[open]);
                    let mut takes = self.apply(Operation::Or, &[first, better]);
                    if let Some(available) = available {
                        takes = self.apply(Operation::And, &[available, takes]);
                    }
                    (
                        self.apply(Operation::Select, &[takes, number, chosen]),
                        self.apply(Operation::Select, &[takes, score, highest]),
                    )
                }
            };
            best = Some((chosen, highest));
            let available = available.unwrap_or_else(|| self.number(1.0));
            open = self.apply(Operation::Or, &[open, available]);
        }
        best.map_or(current, |(chosen, _)| chosen)
    }

    fn available(&mut self, scalar: Scalar, utility: &'m Utility, option: u32) -> Option<NodeId> {
        let condition = utility.available[option as usize].as_ref()?;
        let env = self.plan.env(scalar);
        Some(self.eval(condition.at(scalar.position as usize), &env, Mode::Step))
    }

    fn score(&mut self, scalar: Scalar, option: u32) -> NodeId {
        let worth = self.get(Item::Worth(scalar, option));
        let taste = self.get(Item::Taste(scalar, option));
        self.apply(Operation::Add, &[worth, taste])
    }

    /// Returns precision times utility, the switching cost taken off unless the option stands.
    pub fn worth(&mut self, scalar: Scalar, option: u32) -> NodeId {
        let decides = self.utility(scalar);
        let current = self.state(State::Standing(scalar));
        let env = self.plan.env(scalar);
        let position = scalar.position as usize;
        let utility = self.eval(decides.utilities[option as usize].at(position), &env, Mode::Step);
        self.watch(WatchKind::NotANumber, utility, Owner::scalar(scalar));
        let cost = self.eval(decides.switching_cost.at(position), &env, Mode::Step);
        let number = self.number(f64::from(option));
        let stays = self.apply(Operation::Equal, &[current, number]);
        let after_cost = self.apply(Operation::Subtract, &[utility, cost]);
        let value = self.apply(Operation::Select, &[stays, utility, after_cost]);
        let precision = self.eval(decides.precision.at(position), &env, Mode::Step);
        self.apply(Operation::Multiply, &[precision, value])
    }

    /// Returns the taste for an option at a decision in this step.
    pub fn taste(&mut self, scalar: Scalar, option: u32) -> NodeId {
        match self.utility(scalar).memory {
            Memory::None => self.fresh_taste(scalar, option),
            Memory::Forever => self.lasting_taste(scalar, option),
            Memory::Days(_) => {
                let (renewed, fresh) = (self.get(Item::Renewal(scalar)), self.fresh_taste(scalar, option));
                let kept = self.state(State::Taste(scalar, option));
                self.apply(Operation::Select, &[renewed, fresh, kept])
            }
        }
    }

    pub fn taste_next(&mut self, scalar: Scalar, option: u32) -> NodeId {
        let (now, kept) = (
            self.get(Item::Taste(scalar, option)),
            self.state(State::Taste(scalar, option)),
        );
        self.scheduled(Schedule::Every(self.choice(scalar).every), now, kept)
    }

    /// Returns whether all tastes of a choice are renewed at a decision in this step.
    pub fn renewal(&mut self, scalar: Scalar) -> NodeId {
        let Memory::Days(days) = &self.utility(scalar).memory else {
            unreachable!("tastes are renewed by chance only if they are remembered for a time");
        };
        let env = self.plan.env(scalar);
        let days = self.eval(days, &env, Mode::Step);
        let probability = self.share_within_step(f64::from(self.choice(scalar).every), days);
        let site = self.site(format!("{}!renew", self.plan.name(scalar)), scalar);
        let uniform = self.nodes.add(Node::Uniform(site));
        self.apply(Operation::Less, &[uniform, probability])
    }

    /// Returns the taste before anything renews it.
    pub fn lasting_taste(&mut self, scalar: Scalar, option: u32) -> NodeId {
        let site = self.taste_site(scalar, option);
        let uniform = self.nodes.add(Node::Once(site));
        self.standard_gumbel(uniform)
    }

    fn fresh_taste(&mut self, scalar: Scalar, option: u32) -> NodeId {
        let site = self.taste_site(scalar, option);
        let uniform = self.nodes.add(Node::Uniform(site));
        self.standard_gumbel(uniform)
    }

    fn taste_site(&mut self, scalar: Scalar, option: u32) -> u64 {
        let name = &self.choice(scalar).options[option as usize].name;
        self.site(format!("{}:{name}", self.plan.name(scalar)), scalar)
    }
}
