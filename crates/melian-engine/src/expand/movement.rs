//! Flows, transfers, stocks, pipelines and attributes.

use melian_language::model::{
    Action, Change, Expression, PipelineOf, QuantityId, QuantityKind, QuantityRef, StockAttribute,
};

use super::item::{AttributeOn, Item, Mode, Owner, State};
use super::plan::{Env, Scalar};
use super::world::Expansion;
use crate::graph::{NodeId, WatchKind};
use crate::operation::Operation;

/// A flow or a transfer.
struct Mover<'m> {
    from: Option<&'m QuantityRef>,
    pipeline: Option<&'m PipelineOf>,
    carrying: &'m [(QuantityId, Expression)],
    to: Option<&'m QuantityRef>,
}

impl<'m> Expansion<'_, 'm> {
    fn mover(&self, mover: Scalar) -> Mover<'m> {
        match &self.plan.model.quantity(mover.quantity).kind {
            QuantityKind::Flow {
                from,
                to,
                pipeline,
                carrying,
                ..
            } => Mover {
                from: from.as_ref(),
                to: to.as_ref(),
                pipeline: pipeline.as_ref(),
                carrying,
            },
            QuantityKind::Transfer { from, to, .. } => Mover {
                from: from.as_ref(),
                to: to.as_ref(),
                pipeline: None,
                carrying: &[],
            },
            _ => unreachable!("only flows and transfers move stocks"),
        }
    }

    fn source(&self, mover: Scalar) -> Option<Scalar> {
        let env = self.plan.env(mover);
        self.mover(mover).from.map(|from| self.plan.scalar(from, &env))
    }

    /// Returns what a flow asks for per day, or a transfer in the step.
    pub fn asked(&mut self, mover: Scalar) -> NodeId {
        let plan = self.plan;
        match &plan.model.quantity(mover.quantity).kind {
            QuantityKind::Flow { .. } => {
                let rate = self.changed_equation(mover, Mode::Step);
                self.watch(WatchKind::NegativeFlow, rate, Owner::scalar(mover));
                self.watch(WatchKind::Infinite, rate, Owner::scalar(mover));
                self.not_below_zero(rate)
            }
            QuantityKind::Transfer { amount, on, .. } => {
                let env = plan.env(mover);
                let amount = self.eval(amount.at(mover.position as usize), &env, Mode::Step);
                self.watch(WatchKind::NotANumber, amount, Owner::scalar(mover));
                self.watch(WatchKind::NegativeFlow, amount, Owner::scalar(mover));
                let amount = self.not_below_zero(amount);
                let times = self.changed_equation(plan.scalar(on, &env), Mode::Step);
                self.apply(Operation::Multiply, &[amount, times])
            }
            _ => unreachable!("only flows and transfers move stocks"),
        }
    }

    pub fn asked_amount(&mut self, mover: Scalar) -> NodeId {
        let asked = self.get(Item::Asked(mover));
        match self.plan.model.quantity(mover.quantity).kind {
            QuantityKind::Flow { .. } => self.over_step(asked),
            _ => asked,
        }
    }

    pub fn asked_of(&mut self, stock: Scalar) -> NodeId {
        let movers = self.plan.outflows(stock);
        let amounts: Vec<NodeId> = movers
            .into_iter()
            .map(|mover| self.get(Item::AskedAmount(mover)))
            .collect();
        self.chain(Operation::Add, &amounts)
    }

    pub fn share(&mut self, stock: Scalar) -> NodeId {
        let (start, asked) = (self.value(stock, Mode::Step), self.get(Item::AskedOf(stock)));
        let short = self.apply(Operation::Less, &[start, asked]);
        let (share, all) = (self.apply(Operation::Divide, &[start, asked]), self.number(1.0));
        self.apply(Operation::Select, &[short, share, all])
    }

    /// Returns what limits a mover: its source, and whether nothing else drains that.
    fn limit(&self, mover: Scalar) -> Option<(Scalar, bool)> {
        self.source(mover)
            .map(|stock| (stock, self.plan.outflows(stock).len() == 1))
    }

    pub fn moved(&mut self, mover: Scalar) -> NodeId {
        if !matches!(
            self.plan.model.quantity(mover.quantity).kind,
            QuantityKind::Flow { .. }
        ) {
            return self.get(Item::MovedAmount(mover));
        }
        let asked = self.get(Item::Asked(mover));
        match self.limit(mover) {
            None => asked,
            Some((stock, true)) => {
                let (start, amount) = (self.value(stock, Mode::Step), self.get(Item::AskedAmount(mover)));
                let short = self.apply(Operation::Less, &[start, amount]);
                let days = self.number(self.plan.model.clock.step_days);
                let all = self.apply(Operation::Divide, &[start, days]);
                self.apply(Operation::Select, &[short, all, asked])
            }
            Some((stock, false)) => {
                let share = self.get(Item::Share(stock));
                self.apply(Operation::Multiply, &[asked, share])
            }
        }
    }

    pub fn moved_amount(&mut self, mover: Scalar) -> NodeId {
        let amount = self.get(Item::AskedAmount(mover));
        match self.limit(mover) {
            None => amount,
            Some((stock, true)) => {
                let start = self.value(stock, Mode::Step);
                self.apply(Operation::Min, &[amount, start])
            }
            Some((stock, false)) => {
                let share = self.get(Item::Share(stock));
                self.apply(Operation::Multiply, &[amount, share])
            }
        }
    }

    pub fn arriving(&mut self, mover: Scalar) -> NodeId {
        match self.mover(mover).pipeline {
            Some(pipeline) => {
                let last = self.state(State::Stage(mover, pipeline.order - 1));
                let passing = self.get(Item::Passing(mover));
                self.apply(Operation::Multiply, &[last, passing])
            }
            None => self.get(Item::MovedAmount(mover)),
        }
    }

    pub fn left(&mut self, stock: Scalar) -> NodeId {
        let start = self.value(stock, Mode::Step);
        match self.plan.outflows(stock).as_slice() {
            [] => start,
            [only] => {
                let moved = self.get(Item::MovedAmount(*only));
                self.apply(Operation::Subtract, &[start, moved])
            }
            _ => {
                let asked = self.get(Item::AskedOf(stock));
                let short = self.apply(Operation::Less, &[start, asked]);
                let (nothing, rest) = (self.number(0.0), self.apply(Operation::Subtract, &[start, asked]));
                self.apply(Operation::Select, &[short, nothing, rest])
            }
        }
    }

    pub fn filled(&mut self, stock: Scalar) -> NodeId {
        let left = self.get(Item::Left(stock));
        let movers = self.plan.inflows(stock);
        if movers.is_empty() {
            return left;
        }
        let amounts: Vec<NodeId> = movers
            .into_iter()
            .map(|mover| self.get(Item::Arriving(mover)))
            .collect();
        let arriving = self.chain(Operation::Add, &amounts);
        self.apply(Operation::Add, &[left, arriving])
    }

    pub fn stock_initial(&mut self, stock: Scalar) -> NodeId {
        let plan = self.plan;
        let QuantityKind::Stock { initial } = &plan.model.quantity(stock.quantity).kind else {
            unreachable!("only stocks are filled and drained");
        };
        self.owned_by(Owner::scalar(stock));
        let changes = self.changes(stock);
        let value = held(&changes).unwrap_or_else(|| initial.at(stock.position as usize));
        let value = self.eval(value, &plan.env(stock), Mode::Start);
        self.watch(WatchKind::NegativeStock, value, Owner::scalar(stock));
        self.not_below_zero(value)
    }

    pub fn stock_next(&mut self, stock: Scalar) -> NodeId {
        let changes = self.changes(stock);
        let node = self.unless_frozen(&changes, State::Stock(stock), |expansion| {
            expansion.get(Item::Filled(stock))
        });
        self.watch(WatchKind::NotANumber, node, Owner::scalar(stock));
        self.watch(WatchKind::Infinite, node, Owner::scalar(stock));
        node
    }

    /// Returns the next value of a state, or its initial value where it is frozen.
    fn unless_frozen(
        &mut self,
        changes: &[&Change],
        state: State,
        next: impl FnOnce(&mut Self) -> NodeId,
    ) -> NodeId {
        let frozen = changes
            .iter()
            .filter(|change| matches!(change.action, Action::Freeze));
        let Some(from) = frozen.map(|change| change.from_step).min() else {
            return next(self);
        };
        let initial = self.initial(state);
        // What is seen in the step `from` is what the step before it leaves.
        self.changed_from(from.saturating_sub(1), initial, next)
    }

    pub fn passing(&mut self, flow: Scalar) -> NodeId {
        let pipeline = self.mover(flow).pipeline.expect("only a pipeline passes on");
        let env = self.plan.env(flow);
        let mean = self.eval(&pipeline.mean_days, &env, Mode::Step);
        self.share_within_step(f64::from(pipeline.order), mean)
    }

    pub fn in_transit(&mut self, flow: Scalar, mode: Mode) -> NodeId {
        let order = self.mover(flow).pipeline.map_or(0, |pipeline| pipeline.order);
        if order == 0 {
            return self.number(0.0);
        }
        let stages: Vec<NodeId> = (0..order)
            .map(|stage| self.state_at(State::Stage(flow, stage), mode))
            .collect();
        self.chain(Operation::Add, &stages)
    }

    /// Returns what a stage passes on in the step.
    fn passed_on(&mut self, flow: Scalar, stage: u32) -> NodeId {
        let (held, passing) = (
            self.state(State::Stage(flow, stage)),
            self.get(Item::Passing(flow)),
        );
        self.apply(Operation::Multiply, &[held, passing])
    }

    /// Returns what a stage keeps, and what enters it.
    fn stage_parts(&mut self, flow: Scalar, stage: u32) -> (NodeId, NodeId) {
        let (held, leaving) = (self.state(State::Stage(flow, stage)), self.passed_on(flow, stage));
        let kept = self.apply(Operation::Subtract, &[held, leaving]);
        let entering = match stage.checked_sub(1) {
            Some(before) => self.passed_on(flow, before),
            None => self.get(Item::MovedAmount(flow)),
        };
        (kept, entering)
    }

    pub fn stage_next(&mut self, flow: Scalar, stage: u32) -> NodeId {
        let (kept, entering) = self.stage_parts(flow, stage);
        self.apply(Operation::Add, &[kept, entering])
    }

    pub fn stage_attribute_initial(&mut self, flow: Scalar, attribute: QuantityId) -> NodeId {
        let env = self.plan.env(flow);
        let to = self.mover(flow).to.expect("attributes travel to a destination");
        let stock = self.plan.scalar(to, &env);
        self.initial(State::Attribute(AttributeOn { attribute, stock }))
    }

    pub fn stage_attribute_next(&mut self, flow: Scalar, stage: u32, attribute: QuantityId) -> NodeId {
        let (kept, entering) = self.stage_parts(flow, stage);
        let own = self.state(State::StageAttribute(flow, stage, attribute));
        let brought = match stage.checked_sub(1) {
            Some(before) => self.state(State::StageAttribute(flow, before, attribute)),
            None => self.departing(flow, attribute),
        };
        let total = self.apply(Operation::Add, &[kept, entering]);
        let blend = self.blend(kept, own, &[(entering, brought)], total);
        let any = self.above_zero(total);
        self.apply(Operation::Select, &[any, blend, own])
    }

    /// Returns the mean of an attribute, weighted by what is left and what arrives.
    fn blend(&mut self, left: NodeId, own: NodeId, arriving: &[(NodeId, NodeId)], total: NodeId) -> NodeId {
        let mut weighted = vec![self.apply(Operation::Multiply, &[left, own])];
        for &(amount, value) in arriving {
            weighted.push(self.apply(Operation::Multiply, &[amount, value]));
        }
        let sum = self.chain(Operation::Add, &weighted);
        self.apply(Operation::Divide, &[sum, total])
    }

    /// Returns the attribute of what leaves a mover's source.
    fn departing(&mut self, mover: Scalar, attribute: QuantityId) -> NodeId {
        let plan = self.plan;
        let source = self
            .source(mover)
            .filter(|stock| self.attribute_on(attribute, stock.quantity).is_some());
        if let Some(stock) = source {
            return self.state(State::Attribute(AttributeOn { attribute, stock }));
        }
        let Mover { carrying, to, .. } = self.mover(mover);
        let env = plan.env(mover);
        if let Some((_, value)) = carrying.iter().find(|(carried, _)| *carried == attribute) {
            self.owned_by(Owner::scalar(mover));
            return self.eval(value, &env, Mode::Step);
        }
        let stock = plan.scalar(to.expect("attributes travel to a destination"), &env);
        self.initial(State::Attribute(AttributeOn { attribute, stock }))
    }

    /// Returns the attribute of what arrives at a mover's destination.
    fn arriving_attribute(&mut self, mover: Scalar, attribute: QuantityId) -> NodeId {
        match self.mover(mover).pipeline {
            Some(pipeline) => self.state(State::StageAttribute(mover, pipeline.order - 1, attribute)),
            None => self.departing(mover, attribute),
        }
    }

    fn attribute_on(&self, attribute: QuantityId, stock: QuantityId) -> Option<&'m StockAttribute> {
        match &self.plan.model.quantity(attribute).kind {
            QuantityKind::Attribute { stocks } => stocks.iter().find(|on| on.stock == stock),
            _ => None,
        }
    }

    pub fn attribute_initial(&mut self, on: AttributeOn) -> NodeId {
        let declared = self
            .attribute_on(on.attribute, on.stock.quantity)
            .expect("a checked attribute is on its stock");
        self.owned_by(Owner::attribute(on));
        let changes = self.attribute_changes(on);
        let value = held(&changes).unwrap_or_else(|| declared.initial.at(on.stock.position as usize));
        self.eval(value, &self.plan.env(on.stock), Mode::Start)
    }

    pub fn attribute_next(&mut self, on: AttributeOn) -> NodeId {
        let changes = self.attribute_changes(on);
        let node = self.unless_frozen(&changes, State::Attribute(on), |expansion| expansion.blended(on));
        self.watch(WatchKind::NotANumber, node, Owner::attribute(on));
        node
    }

    fn blended(&mut self, on: AttributeOn) -> NodeId {
        let declared = self
            .attribute_on(on.attribute, on.stock.quantity)
            .expect("a checked attribute is on its stock");
        let own = self.state(State::Attribute(on));
        let (left, total) = (self.get(Item::Left(on.stock)), self.get(Item::Filled(on.stock)));
        let mut arriving = Vec::new();
        for mover in self.plan.inflows(on.stock) {
            let amount = self.get(Item::Arriving(mover));
            arriving.push((amount, self.arriving_attribute(mover, on.attribute)));
        }
        let mut value = if arriving.is_empty() {
            own
        } else {
            self.blend(left, own, &arriving, total)
        };
        if let Some(rate) = &declared.rate {
            self.owned_by(Owner::attribute(on));
            let env: Env = self.plan.env(on.stock);
            let rate = self.eval(rate.at(on.stock.position as usize), &env, Mode::Step);
            let change = self.over_step(rate);
            value = self.apply(Operation::Add, &[value, change]);
        }
        if value == own {
            return own;
        }
        let any = self.above_zero(total);
        self.apply(Operation::Select, &[any, value, own])
    }
}

/// Returns the initial value that the last of the changes puts in place.
fn held<'m>(changes: &[&'m Change]) -> Option<&'m Expression> {
    changes.iter().rev().find_map(|change| match &change.action {
        Action::Hold(value) => Some(value),
        _ => None,
    })
}
