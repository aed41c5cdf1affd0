//! A plain evaluator of the checked model, one scalar and one future at a time.
//!
//! It knows no graph, no cells and no worlds. The value of anything at any moment is a function of values at that moment and before, remembered
//! so that it ends. Slow, and written from `docs/src/reference/semantics.md` alone, so that what it shares with the machine is the meaning
//! and the elementary functions.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use melian_engine::calendar;
use melian_engine::distribution::gamma::QuantileTable;
use melian_engine::noise;
use melian_engine::operation::Operation as Op;
use melian_language::model::expression::FactScale;
use melian_language::model::*;

thread_local! {
    static GAMMA_TABLES: RefCell<BTreeMap<u64, QuantileTable>> = const { RefCell::new(BTreeMap::new()) };
}

pub type Env = Vec<(BinderId, ElementId)>;
type Tuple = Vec<ElementId>;

/// A moment: within a step, or at its end, when state is what the next step starts with.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Moment {
    step: u32,
    end: bool,
}

impl Moment {
    fn within(step: u32) -> Moment {
        Moment { step, end: false }
    }

    /// How many steps state has behind it.
    fn age(self) -> u32 {
        self.step + u32::from(self.end)
    }
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Equation(QuantityId, Tuple, Moment, usize),
    Stock(QuantityId, Tuple, u32),
    Attribute(QuantityId, QuantityId, Tuple, u32),
    Stage(QuantityId, Tuple, u32, u32),
    StageAttribute(QuantityId, Tuple, u32, QuantityId, u32),
    Count(QuantityId, Tuple, u32),
    Since(QuantityId, Tuple, u32),
    Taste(QuantityId, Tuple, u32, u32),
    Reading(QuantityId, Tuple, u32),
    Operator(usize, Env, u32),
}

/// One future in one world.
pub struct Future<'m> {
    model: &'m Model,
    changes: Vec<&'m Change>,
    seed: u64,
    draw: u32,
    replication: u32,
    momentary: Vec<bool>,
    memo: RefCell<BTreeMap<Key, f64>>,
}

fn op1(operation: Op, a: f64) -> f64 {
    operation.apply(&[a])
}

fn op2(operation: Op, a: f64, b: f64) -> f64 {
    operation.apply(&[a, b])
}

fn truth(holds: bool) -> f64 {
    f64::from(u8::from(holds))
}

fn not_below_zero(x: f64) -> f64 {
    op2(Op::Max, x, 0.0)
}

fn leaves(exposure: f64) -> f64 {
    1.0 - op1(Op::Exp, -exposure)
}

impl<'m> Future<'m> {
    pub fn new(
        model: &'m Model,
        world: &[InterventionId],
        seed: u64,
        draw: u32,
        replication: u32,
    ) -> Future<'m> {
        let changes = world
            .iter()
            .flat_map(|id| &model.interventions[id.position()].changes)
            .collect();
        let momentary = (0..model.quantities.len())
            .map(|q| is_momentary(model, QuantityId(q as u32)))
            .collect();
        Future {
            model,
            changes,
            seed,
            draw,
            replication,
            momentary,
            memo: RefCell::default(),
        }
    }

    fn days(&self) -> f64 {
        self.model.clock.step_days
    }

    fn remember(&self, key: Key, value: impl FnOnce() -> f64) -> f64 {
        if let Some(&value) = self.memo.borrow().get(&key) {
            return value;
        }
        let value = value();
        self.memo.borrow_mut().insert(key, value);
        value
    }

    fn env(&self, quantity: QuantityId, tuple: &[ElementId]) -> Env {
        self.model
            .quantity(quantity)
            .binders
            .iter()
            .copied()
            .zip(tuple.iter().copied())
            .collect()
    }

    fn position(&self, quantity: QuantityId, tuple: &[ElementId]) -> usize {
        let tuples = self.model.tuples(&self.model.quantity(quantity).shape);
        tuples
            .iter()
            .position(|t| t == tuple)
            .expect("the elements are in the quantity's indices")
    }

    fn element(&self, subscript: &Subscript, env: &Env) -> ElementId {
        match subscript {
            Subscript::Element(element) => *element,
            Subscript::Binder(binder) => env.iter().rev().find(|(b, _)| b == binder).expect("bound").1,
            Subscript::Mapped(map, inner) => {
                self.model.maps[map.position()].images[self.element(inner, env).0 as usize]
            }
        }
    }

    fn tuple(&self, reference: &QuantityRef, env: &Env) -> Tuple {
        reference
            .subscripts
            .iter()
            .map(|subscript| self.element(subscript, env))
            .collect()
    }

    fn uniform(&self, site: &str, step: u32) -> f64 {
        noise::uniform(self.seed, noise::site(site), self.draw, self.replication, step)
    }

    fn name(&self, quantity: QuantityId, tuple: &[ElementId]) -> String {
        self.model.scalar_name(quantity, tuple)
    }

    /// The uniform number of a parameter or noise, `own` being that of a site.
    fn luck(&self, quantity: QuantityId, tuple: &[ElementId], own: &dyn Fn(&str) -> f64) -> f64 {
        let is_own =
            |member: &QuantityRef| member.quantity == quantity && self.tuple(member, &Env::new()) == tuple;
        let found = self.model.correlations.iter().find_map(|correlation| {
            let place = correlation.members.iter().position(is_own)?;
            Some((correlation, place))
        });
        let Some((correlation, place)) = found else {
            return own(&self.name(quantity, tuple));
        };
        let mut sum = None;
        for (member, &weight) in correlation.members.iter().zip(&correlation.factor[place]) {
            if weight == 0.0 {
                continue;
            }
            let u = own(&self.name(member.quantity, &self.tuple(member, &Env::new())));
            if weight == 1.0 {
                return u;
            }
            let term = weight * op1(Op::NormalQuantile, u);
            sum = Some(sum.map_or(term, |sum: f64| sum + term));
        }
        op1(Op::NormalCdf, sum.expect("no variance is zero"))
            .clamp(f64::EPSILON / 4.0, 1.0 - f64::EPSILON / 2.0)
    }

    // ---- what is read from outside

    pub fn series(&self, quantity: QuantityId, tuple: &[ElementId], step: u32) -> f64 {
        let QuantityKind::Series { value } = &self.model.quantity(quantity).kind else {
            panic!("no series")
        };
        let value = value.at(self.position(quantity, tuple));
        self.eval(value, &self.env(quantity, tuple), Moment { step, end: true })
    }

    /// The option that stands in a step.
    pub fn standing(&self, quantity: QuantityId, tuple: &[ElementId], step: u32) -> f64 {
        self.changed(quantity, tuple, Moment::within(step))
    }

    /// How often an event has happened by the end of a step.
    pub fn count(&self, quantity: QuantityId, tuple: &[ElementId], step: u32) -> f64 {
        self.remember(Key::Count(quantity, tuple.to_vec(), step), || {
            let before = if step == 0 {
                0.0
            } else {
                self.count(quantity, tuple, step - 1)
            };
            before + self.changed(quantity, tuple, Moment::within(step))
        })
    }

    /// A measure or question as it stands at the end of a step.
    pub fn reading(&self, quantity: QuantityId, tuple: &[ElementId], step: u32) -> f64 {
        self.remember(Key::Reading(quantity, tuple.to_vec(), step), || {
            let (value, when) = match &self.model.quantity(quantity).kind {
                QuantityKind::Measure { value, reading } | QuantityKind::Question { value, reading } => {
                    (value, reading)
                }
                _ => panic!("no measure"),
            };
            let value = value.at(self.position(quantity, tuple));
            let read = |step| self.eval(value, &self.env(quantity, tuple), Moment { step, end: true });
            let before = || {
                if step == 0 {
                    0.0
                } else {
                    self.reading(quantity, tuple, step - 1)
                }
            };
            if when.ever && step <= when.step {
                truth(read(step) != 0.0 || before() != 0.0)
            } else if !when.ever && step == when.step {
                read(step)
            } else {
                before()
            }
        })
    }

    // ---- equations

    /// The changes to one scalar; an attribute's elements are those of its stock.
    fn changes_to(&self, quantity: QuantityId, tuple: &[ElementId]) -> Vec<&'m Change> {
        let concerns = |change: &&&Change| {
            change.quantity == quantity && change.element.as_deref().is_none_or(|element| element == tuple)
        };
        self.changes.iter().filter(concerns).copied().collect()
    }

    /// A constant, parameter, derived quantity, noise, flow's rate, choice or event's count in the step, as the world has it.
    fn changed(&self, quantity: QuantityId, tuple: &[ElementId], moment: Moment) -> f64 {
        self.equation(quantity, tuple, moment, self.changes_to(quantity, tuple).len())
    }

    fn equation(&self, quantity: QuantityId, tuple: &[ElementId], moment: Moment, layers: usize) -> f64 {
        self.remember(Key::Equation(quantity, tuple.to_vec(), moment, layers), || {
            if layers == 0 {
                return self.declared(quantity, tuple, moment);
            }
            let change = self.changes_to(quantity, tuple)[layers - 1];
            let below = |moment| self.equation(quantity, tuple, moment, layers - 1);
            let QuantityKind::Event(event) = &self.model.quantity(quantity).kind else {
                if moment.step < change.from_step {
                    return below(moment);
                }
                return match &change.action {
                    Action::Hold(value) => self.eval(value, &self.env(quantity, tuple), moment),
                    Action::Freeze => below(Moment::within(0)),
                    Action::Median => self.noise(quantity, tuple, moment, 0.5),
                    Action::Option(option) => f64::from(*option),
                    _ => panic!("only events are forced"),
                };
            };
            let step = moment.step;
            let once = |happens: bool| {
                truth(happens && (event.recurring || !self.has_happened(quantity, tuple, step)))
            };
            match change.action {
                Action::Freeze if step >= change.from_step.max(1) => 0.0,
                _ if step < change.from_step => below(moment),
                Action::Never | Action::At(None) => 0.0,
                Action::Always if event.recurring => 1.0,
                Action::Always => once(step == change.from_step),
                Action::At(Some(at)) => once(step == at),
                Action::Freeze => below(moment),
                _ => panic!("an event has no value"),
            }
        })
    }

    fn has_happened(&self, event: QuantityId, tuple: &[ElementId], step: u32) -> bool {
        step > 0 && self.count(event, tuple, step - 1) != 0.0
    }

    fn declared(&self, quantity: QuantityId, tuple: &[ElementId], moment: Moment) -> f64 {
        let position = self.position(quantity, tuple);
        let env = self.env(quantity, tuple);
        let step = moment.step;
        let now = Moment::within(step);
        match &self.model.quantity(quantity).kind {
            QuantityKind::Constant { value } | QuantityKind::Derived { value } => {
                self.eval(value.at(position), &env, moment)
            }
            QuantityKind::Parameter { prior, .. } => {
                let own = |site: &str| noise::parameter(self.seed, noise::site(site), self.draw);
                let u = self.luck(quantity, tuple, &own);
                self.quantile(prior.at(position), u, &env, moment, false)
            }
            QuantityKind::Noise { .. } => {
                let u = self.luck(quantity, tuple, &|site| self.uniform(site, step));
                self.noise(quantity, tuple, moment, u)
            }
            QuantityKind::Flow { rate, .. } => self.eval(rate.at(position), &env, now),
            QuantityKind::Event(event) => self.happens(quantity, tuple, event, step),
            QuantityKind::Choice(choice) => self.stands(quantity, tuple, choice, step),
            _ => panic!("no equation"),
        }
    }

    fn noise(&self, quantity: QuantityId, tuple: &[ElementId], moment: Moment, u: f64) -> f64 {
        let QuantityKind::Noise { distribution } = &self.model.quantity(quantity).kind else {
            panic!("no noise");
        };
        let (distribution, env) = (
            distribution.at(self.position(quantity, tuple)),
            self.env(quantity, tuple),
        );
        self.quantile(distribution, u, &env, Moment::within(moment.step), true)
    }

    fn happens(&self, quantity: QuantityId, tuple: &[ElementId], event: &Event, step: u32) -> f64 {
        let position = self.position(quantity, tuple);
        let env = self.env(quantity, tuple);
        let now = Moment::within(step);
        let u = || self.uniform(&self.name(quantity, tuple), step);
        let not_over = event.recurring || !self.has_happened(quantity, tuple, step);
        match &event.trigger {
            Trigger::At {
                step: at,
                probability,
            } => {
                let chance = |p: &PerElement<Expression>| u() < self.eval(p.at(position), &env, now);
                truth(*at == Some(step) && probability.as_ref().is_none_or(chance))
            }
            Trigger::When(condition) => {
                let condition = self.eval(condition.at(position), &env, now);
                if event.recurring {
                    condition
                } else {
                    truth(condition != 0.0 && not_over)
                }
            }
            Trigger::Rate { rate, condition } => {
                let exposure = self.eval(rate.at(position), &env, now) * self.days();
                let open = condition
                    .as_ref()
                    .is_none_or(|c| self.eval(c.at(position), &env, now) != 0.0);
                if event.recurring {
                    if open {
                        op2(Op::PoissonQuantile, not_below_zero(exposure), u())
                    } else {
                        0.0
                    }
                } else {
                    truth(open && u() < leaves(exposure) && not_over)
                }
            }
        }
    }

    fn since(&self, event: QuantityId, tuple: &[ElementId], step: u32) -> f64 {
        self.remember(Key::Since(event, tuple.to_vec(), step), || {
            if self.changed(event, tuple, Moment::within(step)) > 0.0 {
                0.0
            } else if step == 0 {
                f64::INFINITY
            } else {
                self.since(event, tuple, step - 1) + self.days()
            }
        })
    }

    // ---- choices

    fn stands(&self, quantity: QuantityId, tuple: &[ElementId], choice: &Choice, step: u32) -> f64 {
        let before = if step == 0 {
            f64::from(choice.start)
        } else {
            self.standing(quantity, tuple, step - 1)
        };
        if !step.is_multiple_of(choice.every) {
            return before;
        }
        let position = self.position(quantity, tuple);
        let env = self.env(quantity, tuple);
        let now = Moment::within(step);
        let utility = match &choice.decision {
            Decision::Utility(utility) => utility,
            Decision::Rules(rules) => {
                let holds = |rule: &&Rule| self.eval(&rule.condition, &env, now) != 0.0;
                return rules
                    .iter()
                    .find(holds)
                    .map_or(before, |rule| f64::from(rule.option));
            }
        };
        let mut best: Option<(f64, f64)> = None;
        for option in 0..choice.options.len() {
            let open = utility.available[option].as_ref();
            if !open.is_none_or(|condition| self.eval(condition.at(position), &env, now) != 0.0) {
                continue;
            }
            let mut worth = self.eval(utility.utilities[option].at(position), &env, now);
            if before != option as f64 {
                worth -= self.eval(utility.switching_cost.at(position), &env, now);
            }
            let precision = self.eval(utility.precision.at(position), &env, now);
            let taste = self.taste(quantity, tuple, choice, &utility.memory, option as u32, step);
            let score = precision * worth + taste;
            if best.is_none_or(|(_, highest)| highest < score) {
                best = Some((option as f64, score));
            }
        }
        best.map_or(before, |(option, _)| option)
    }

    /// The taste for an option at a decision.
    fn taste(
        &self,
        quantity: QuantityId,
        tuple: &[ElementId],
        choice: &Choice,
        memory: &Memory,
        option: u32,
        step: u32,
    ) -> f64 {
        self.remember(Key::Taste(quantity, tuple.to_vec(), option, step), || {
            let name = self.name(quantity, tuple);
            let site = format!("{name}:{}", choice.options[option as usize].name);
            let gumbel = |u: f64| -op1(Op::Ln, -op1(Op::Ln, u));
            let fresh = || gumbel(self.uniform(&site, step));
            let lasting = || {
                gumbel(noise::once(
                    self.seed,
                    noise::site(&site),
                    self.draw,
                    self.replication,
                ))
            };
            match memory {
                Memory::None => fresh(),
                Memory::Forever => lasting(),
                Memory::Days(days) => {
                    let days = self.eval(days, &self.env(quantity, tuple), Moment::within(step));
                    let between = f64::from(choice.every) * self.days();
                    if self.uniform(&format!("{name}!renew"), step) < leaves(between / not_below_zero(days)) {
                        fresh()
                    } else if step == 0 {
                        lasting()
                    } else {
                        self.taste(quantity, tuple, choice, memory, option, step - choice.every)
                    }
                }
            }
        })
    }

    // ---- flows and stocks

    fn is_flow(&self, quantity: QuantityId) -> bool {
        matches!(self.model.quantity(quantity).kind, QuantityKind::Flow { .. })
    }

    fn ends(&self, mover: QuantityId) -> (Option<&'m QuantityRef>, Option<&'m QuantityRef>) {
        match &self.model.quantity(mover).kind {
            QuantityKind::Flow { from, to, .. } | QuantityKind::Transfer { from, to, .. } => {
                (from.as_ref(), to.as_ref())
            }
            _ => (None, None),
        }
    }

    fn pipeline(&self, mover: QuantityId) -> Option<&'m PipelineOf> {
        match &self.model.quantity(mover).kind {
            QuantityKind::Flow { pipeline, .. } => pipeline.as_ref(),
            _ => None,
        }
    }

    /// Flows and transfers at one end of a stock, by name.
    fn movers(&self, stock: QuantityId, tuple: &[ElementId], source: bool) -> Vec<(QuantityId, Tuple)> {
        let mut found = Vec::new();
        for id in (0..self.model.quantities.len()).map(|q| QuantityId(q as u32)) {
            let (from, to) = self.ends(id);
            let Some(end) = (if source { from } else { to }).filter(|end| end.quantity == stock) else {
                continue;
            };
            for (position, own) in self
                .model
                .tuples(&self.model.quantity(id).shape)
                .into_iter()
                .enumerate()
            {
                if self.tuple(end, &self.env(id, &own)) == tuple {
                    found.push((self.model.quantity(id).name.clone(), position, id, own));
                }
            }
        }
        found.sort();
        found.into_iter().map(|(_, _, id, own)| (id, own)).collect()
    }

    /// What a flow asks for per day, or a transfer in the step.
    fn asked(&self, mover: QuantityId, tuple: &[ElementId], step: u32) -> f64 {
        let now = Moment::within(step);
        match &self.model.quantity(mover).kind {
            QuantityKind::Transfer { amount, on, .. } => {
                let env = self.env(mover, tuple);
                let amount = not_below_zero(self.eval(amount.at(self.position(mover, tuple)), &env, now));
                amount * self.changed(on.quantity, &self.tuple(on, &env), now)
            }
            _ => not_below_zero(self.changed(mover, tuple, now)),
        }
    }

    fn asked_amount(&self, mover: QuantityId, tuple: &[ElementId], step: u32) -> f64 {
        let asked = self.asked(mover, tuple, step);
        if self.is_flow(mover) {
            asked * self.days()
        } else {
            asked
        }
    }

    /// What each outflow of a stock asks for in the step, by name.
    fn asked_of(&self, stock: QuantityId, tuple: &[ElementId], step: u32) -> Vec<f64> {
        let movers = self.movers(stock, tuple, true);
        movers
            .into_iter()
            .map(|(id, own)| self.asked_amount(id, &own, step))
            .collect()
    }

    /// A stock at the start of a step, and what its outflows ask for together; none if there is no source.
    fn limit(&self, mover: QuantityId, tuple: &[ElementId], step: u32) -> Option<(f64, f64, bool)> {
        let from = self.ends(mover).0?;
        let source = self.tuple(from, &self.env(mover, tuple));
        let asked = self.asked_of(from.quantity, &source, step);
        let all = asked
            .iter()
            .copied()
            .reduce(|sum, amount| sum + amount)
            .expect("it drains the stock");
        Some((self.stock(from.quantity, &source, step), all, asked.len() == 1))
    }

    /// What a flow moves per day, or a transfer in the step.
    fn moved(&self, mover: QuantityId, tuple: &[ElementId], step: u32) -> f64 {
        if !self.is_flow(mover) {
            return self.moved_amount(mover, tuple, step);
        }
        let asked = self.asked(mover, tuple, step);
        match self.limit(mover, tuple, step) {
            Some((start, all, alone)) if start < all => {
                if alone {
                    start / self.days()
                } else {
                    asked * (start / all)
                }
            }
            _ => asked,
        }
    }

    /// What a flow or transfer takes from its source in the step.
    fn moved_amount(&self, mover: QuantityId, tuple: &[ElementId], step: u32) -> f64 {
        let amount = self.asked_amount(mover, tuple, step);
        match self.limit(mover, tuple, step) {
            Some((start, _, true)) => op2(Op::Min, amount, start),
            Some((start, all, false)) if start < all => amount * (start / all),
            _ => amount,
        }
    }

    fn passing(&self, flow: QuantityId, tuple: &[ElementId], step: u32) -> f64 {
        let pipeline = self.pipeline(flow).expect("a pipeline");
        let mean = self.eval(&pipeline.mean_days, &self.env(flow, tuple), Moment::within(step));
        leaves(f64::from(pipeline.order) * self.days() / not_below_zero(mean))
    }

    /// What is in a stage at the start of a step.
    fn stage(&self, flow: QuantityId, tuple: &[ElementId], stage: u32, step: u32) -> f64 {
        self.remember(Key::Stage(flow, tuple.to_vec(), stage, step), || {
            if step == 0 {
                return 0.0;
            }
            let (kept, entering) = self.stage_parts(flow, tuple, stage, step - 1);
            kept + entering
        })
    }

    fn stage_parts(&self, flow: QuantityId, tuple: &[ElementId], stage: u32, step: u32) -> (f64, f64) {
        let passing = self.passing(flow, tuple, step);
        let held = self.stage(flow, tuple, stage, step);
        let entering = if stage == 0 {
            self.moved_amount(flow, tuple, step)
        } else {
            self.stage(flow, tuple, stage - 1, step) * passing
        };
        (held - held * passing, entering)
    }

    fn arriving(&self, mover: QuantityId, tuple: &[ElementId], step: u32) -> f64 {
        match self.pipeline(mover) {
            Some(pipeline) => {
                self.stage(mover, tuple, pipeline.order - 1, step) * self.passing(mover, tuple, step)
            }
            None => self.moved_amount(mover, tuple, step),
        }
    }

    /// A stock at the start of a step.
    fn stock(&self, stock: QuantityId, tuple: &[ElementId], step: u32) -> f64 {
        self.remember(Key::Stock(stock, tuple.to_vec(), step), || {
            let changes = self.changes_to(stock, tuple);
            if step > 0 && !is_frozen(&changes, step) {
                return self.filled(stock, tuple, step - 1);
            }
            let QuantityKind::Stock { initial } = &self.model.quantity(stock).kind else {
                panic!("no stock")
            };
            let declared = initial.at(self.position(stock, tuple));
            let initial = held(&changes).unwrap_or(declared);
            not_below_zero(self.eval(initial, &self.env(stock, tuple), Moment::within(0)))
        })
    }

    fn left(&self, stock: QuantityId, tuple: &[ElementId], step: u32) -> f64 {
        let start = self.stock(stock, tuple, step);
        let asked = self.asked_of(stock, tuple, step);
        match asked[..] {
            [] => start,
            [alone] => start - op2(Op::Min, alone, start),
            _ => {
                let all = asked
                    .into_iter()
                    .reduce(|sum, amount| sum + amount)
                    .expect("there are some");
                if start < all { 0.0 } else { start - all }
            }
        }
    }

    fn filled(&self, stock: QuantityId, tuple: &[ElementId], step: u32) -> f64 {
        let left = self.left(stock, tuple, step);
        let arriving = self
            .movers(stock, tuple, false)
            .into_iter()
            .map(|(id, own)| self.arriving(id, &own, step));
        arriving
            .reduce(|sum, amount| sum + amount)
            .map_or(left, |arriving| left + arriving)
    }

    // ---- attributes

    fn on_stock(&self, attribute: QuantityId, stock: QuantityId) -> Option<&'m StockAttribute> {
        match &self.model.quantity(attribute).kind {
            QuantityKind::Attribute { stocks } => stocks.iter().find(|on| on.stock == stock),
            _ => None,
        }
    }

    /// An attribute at the start of a step.
    fn attribute(&self, attribute: QuantityId, stock: QuantityId, tuple: &[ElementId], step: u32) -> f64 {
        self.remember(Key::Attribute(attribute, stock, tuple.to_vec(), step), || {
            let on = self
                .on_stock(attribute, stock)
                .expect("an attribute of the stock");
            let position = self.position(stock, tuple);
            let env = self.env(stock, tuple);
            let changes = self.changes_to(attribute, tuple);
            if step == 0 || is_frozen(&changes, step) {
                let initial = held(&changes).unwrap_or_else(|| on.initial.at(position));
                return self.eval(initial, &env, Moment::within(0));
            }
            let before = step - 1;
            let own = self.attribute(attribute, stock, tuple, before);
            let total = self.filled(stock, tuple, before);
            let arriving = self.movers(stock, tuple, false);
            let mut value = own;
            if !arriving.is_empty() {
                let mut sum = self.left(stock, tuple, before) * own;
                for (id, from) in arriving {
                    sum += self.arriving(id, &from, before)
                        * self.arriving_attribute(id, &from, attribute, before);
                }
                value = sum / total;
            }
            if let Some(rate) = &on.rate {
                value += self.eval(rate.at(position), &env, Moment::within(before)) * self.days();
            }
            if total > 0.0 { value } else { own }
        })
    }

    fn arriving_attribute(
        &self,
        mover: QuantityId,
        tuple: &[ElementId],
        attribute: QuantityId,
        step: u32,
    ) -> f64 {
        match self.pipeline(mover) {
            Some(pipeline) => self.stage_attribute(mover, tuple, pipeline.order - 1, attribute, step),
            None => self.departing(mover, tuple, attribute, step),
        }
    }

    fn departing(&self, mover: QuantityId, tuple: &[ElementId], attribute: QuantityId, step: u32) -> f64 {
        let env = self.env(mover, tuple);
        let (from, to) = self.ends(mover);
        if let Some(from) = from.filter(|from| self.on_stock(attribute, from.quantity).is_some()) {
            return self.attribute(attribute, from.quantity, &self.tuple(from, &env), step);
        }
        if let QuantityKind::Flow { carrying, .. } = &self.model.quantity(mover).kind
            && let Some((_, value)) = carrying.iter().find(|(carried, _)| *carried == attribute)
        {
            return self.eval(value, &env, Moment::within(step));
        }
        let to = to.expect("a destination");
        self.attribute(attribute, to.quantity, &self.tuple(to, &env), 0)
    }

    fn stage_attribute(
        &self,
        flow: QuantityId,
        tuple: &[ElementId],
        stage: u32,
        attribute: QuantityId,
        step: u32,
    ) -> f64 {
        self.remember(
            Key::StageAttribute(flow, tuple.to_vec(), stage, attribute, step),
            || {
                if step == 0 {
                    let to = self.ends(flow).1.expect("a destination");
                    return self.attribute(
                        attribute,
                        to.quantity,
                        &self.tuple(to, &self.env(flow, tuple)),
                        0,
                    );
                }
                let (kept, entering) = self.stage_parts(flow, tuple, stage, step - 1);
                let own = self.stage_attribute(flow, tuple, stage, attribute, step - 1);
                let brought = if stage == 0 {
                    self.departing(flow, tuple, attribute, step - 1)
                } else {
                    self.stage_attribute(flow, tuple, stage - 1, attribute, step - 1)
                };
                let total = kept + entering;
                if total > 0.0 {
                    (kept * own + entering * brought) / total
                } else {
                    own
                }
            },
        )
    }

    // ---- expressions

    fn value(&self, quantity: QuantityId, tuple: &[ElementId], moment: Moment) -> f64 {
        let now = Moment::within(moment.step);
        match &self.model.quantity(quantity).kind {
            QuantityKind::Constant { .. } | QuantityKind::Parameter { .. } => {
                self.changed(quantity, tuple, now)
            }
            QuantityKind::Derived { .. } if self.momentary[quantity.position()] => {
                self.changed(quantity, tuple, now)
            }
            QuantityKind::Derived { .. } => self.changed(quantity, tuple, moment),
            QuantityKind::Noise { .. } | QuantityKind::Event(_) | QuantityKind::Choice(_) => {
                self.changed(quantity, tuple, now)
            }
            QuantityKind::Stock { .. } => self.stock(quantity, tuple, moment.age()),
            QuantityKind::Flow { .. } | QuantityKind::Transfer { .. } => {
                self.moved(quantity, tuple, moment.step)
            }
            QuantityKind::Series { .. } => self.series(quantity, tuple, moment.step),
            QuantityKind::Measure { .. } | QuantityKind::Question { .. } => {
                self.reading(quantity, tuple, moment.step)
            }
            QuantityKind::Attribute { .. } => panic!("an attribute is read of a stock"),
        }
    }

    /// Two or more powers and exponentials in a product are one exponential of the sum of their logarithms, behind all else.
    fn product(&self, expression: &Expression, get: &dyn Fn(&Expression) -> f64) -> Option<f64> {
        fn factors(expression: &Expression) -> Vec<(&Expression, bool)> {
            match expression {
                Expression::Binary(Binary::Multiply, a, b) => [factors(a), factors(b)].concat(),
                Expression::Binary(Binary::Divide, a, b) => {
                    let below = factors(b).into_iter().map(|(factor, below)| (factor, !below));
                    factors(a).into_iter().chain(below).collect()
                }
                _ => vec![(expression, false)],
            }
        }
        let is_together = |(factor, _): &(&Expression, bool)| match factor {
            Expression::Binary(Binary::Power, base, exponent) => {
                !self.is_number(base) && !self.is_number(exponent)
            }
            Expression::Call(FunctionName::Exp, _) => true,
            _ => false,
        };
        let (together, others): (Vec<_>, Vec<_>) = factors(expression).into_iter().partition(is_together);
        if together.len() < 2 {
            return None;
        }
        let logarithm = |factor: &Expression| match factor {
            Expression::Binary(_, base, exponent) => {
                let (base, exponent) = (get(base), get(exponent));
                let is_one = exponent == 0.0 && (base == 0.0 || base == f64::INFINITY);
                if is_one { 0.0 } else { exponent * op1(Op::Ln, base) }
            }
            Expression::Call(_, arguments) => get(&arguments[0]),
            _ => panic!("it is a power or an exponential"),
        };
        let sum = together.iter().fold(-0.0, |sum, &(factor, below)| {
            let x = logarithm(factor);
            if below { sum - x } else { sum + x }
        });
        let product = others.iter().fold(1.0, |product, &(factor, below)| {
            let x = get(factor);
            if below { product / x } else { product * x }
        });
        Some(product * op1(Op::Exp, sum))
    }

    /// Whether an expression is written with numbers and constants alone.
    fn is_number(&self, expression: &Expression) -> bool {
        match expression {
            Expression::Number(_) => true,
            Expression::Quantity(reference) => {
                let kind = &self.model.quantity(reference.quantity).kind;
                matches!(kind, QuantityKind::Constant { .. })
            }
            Expression::Unary(_, a) => self.is_number(a),
            Expression::Binary(_, a, b) => self.is_number(a) && self.is_number(b),
            _ => false,
        }
    }

    fn eval(&self, expression: &Expression, env: &Env, moment: Moment) -> f64 {
        use Expression as E;
        let step = moment.step;
        let get = |e: &Expression| self.eval(e, env, moment);
        let event = |reference: &QuantityRef| (reference.quantity, self.tuple(reference, env));
        match expression {
            E::Number(value) => *value,
            E::Quantity(reference) => self.value(reference.quantity, &self.tuple(reference, env), moment),
            E::Attribute(a) => self.attribute(
                a.attribute,
                a.stock.quantity,
                &self.tuple(&a.stock, env),
                moment.age(),
            ),
            E::Fact(id, prior) => {
                let u = noise::parameter(self.seed, noise::site(&format!("fact:{id}")), self.draw);
                self.quantile(prior, u, env, Moment::within(0), false)
            }
            E::Unary(Unary::Negate, a) => -get(a),
            E::Unary(Unary::Not, a) => truth(get(a) == 0.0),
            E::Binary(binary, a, b) => self
                .product(expression, &get)
                .unwrap_or_else(|| binary_of(*binary, get(a), get(b))),
            E::Call(function, arguments) => {
                // The least and the greatest take bare numbers last.
                let symmetric = matches!(function, FunctionName::Min | FunctionName::Max);
                let mut arguments: Vec<&Expression> = arguments.iter().collect();
                arguments.sort_by_key(|a| symmetric && matches!(a, E::Number(_)));
                let arguments: Vec<f64> = arguments.into_iter().map(get).collect();
                call(*function, &arguments)
            }
            // Only the branch that counts is evaluated: the other may be about elements that do not exist here.
            E::If(condition, a, b) => {
                if get(condition) != 0.0 {
                    get(a)
                } else {
                    get(b)
                }
            }
            E::Reduce {
                reduction,
                over,
                filter,
                body,
            } => {
                let mut terms = Vec::new();
                self.terms(
                    over,
                    filter.as_deref(),
                    body,
                    &mut env.clone(),
                    moment,
                    &mut terms,
                );
                reduce(*reduction, &terms)
            }
            E::SameElement(a, b) => truth(self.element(a, env) == self.element(b, env)),
            E::Member(subscript, index) => truth(
                self.model
                    .index(*index)
                    .members
                    .contains(&self.element(subscript, env)),
            ),
            E::Chosen(choice, option) => {
                truth(self.standing(choice.quantity, &self.tuple(choice, env), step) == f64::from(*option))
            }
            E::Calendar(value) => calendar::value(*value, self.model.clock, step),
            E::Happened(e) => truth(self.changed(event(e).0, &event(e).1, Moment::within(step)) > 0.0),
            E::Occurred(e) => truth(self.count(event(e).0, &event(e).1, step) > 0.0),
            E::Count(e) => self.count(event(e).0, &event(e).1, step),
            E::Since(e) => self.since(event(e).0, &event(e).1, step),
            E::Wanted(flow) => self.asked(flow.quantity, &self.tuple(flow, env), step),
            E::InTransit(flow) => {
                let order = self.pipeline(flow.quantity).map_or(0, |pipeline| pipeline.order);
                let tuple = self.tuple(flow, env);
                let stages = (0..order).map(|stage| self.stage(flow.quantity, &tuple, stage, moment.age()));
                stages.reduce(|sum, held| sum + held).unwrap_or(0.0)
            }
            E::Previous(value, before) => match moment.age() {
                0 => self.eval(before, env, Moment::within(0)),
                age => self.eval(value, env, Moment::within(age - 1)),
            },
            E::Delay(value, time, before) => {
                let lag = op1(Op::Round, self.eval(time, env, Moment::within(0)) / self.days());
                let lag = if lag >= 1.0 { lag } else { 1.0 };
                if f64::from(moment.age()) >= lag {
                    self.eval(value, env, Moment::within(moment.age() - lag as u32))
                } else {
                    self.eval(before, env, Moment::within(0))
                }
            }
            E::Smooth(value, time, before) => self.operator(
                expression,
                env,
                moment.age(),
                &|| self.eval(before, env, Moment::within(0)),
                &|kept, at| {
                    let within = Moment::within(at);
                    let share = leaves(self.days() / not_below_zero(self.eval(time, env, within)));
                    kept + (self.eval(value, env, within) - kept) * share
                },
            ),
            E::Cumulative(value) => self.operator(expression, env, moment.age(), &|| 0.0, &|sum, at| {
                sum + self.eval(value, env, Moment::within(at)) * self.days()
            }),
            E::TotalOf(value) => self.operator(expression, env, step + 1, &|| 0.0, &|sum, at| {
                sum + self.eval(value, env, Moment::within(at)) * self.days()
            }),
            E::Initial(value) => self.eval(value, env, Moment::within(0)),
            E::ChangeOf(value) => get(value) - self.eval(value, env, Moment::within(0)),
            E::HighestOf(value) => self.ends_joined(expression, value, env, step, Op::Max, f64::NEG_INFINITY),
            E::LowestOf(value) => self.ends_joined(expression, value, env, step, Op::Min, f64::INFINITY),
            E::AverageOf(value) => {
                self.ends_joined(expression, value, env, step, Op::Add, 0.0) / f64::from(step + 1)
            }
        }
    }

    /// What an operator has kept after a number of steps.
    fn operator(
        &self,
        expression: &Expression,
        env: &Env,
        age: u32,
        first: &dyn Fn() -> f64,
        next: &dyn Fn(f64, u32) -> f64,
    ) -> f64 {
        let key = Key::Operator(std::ptr::from_ref(expression) as usize, env.clone(), age);
        self.remember(key, || match age.checked_sub(1) {
            None => first(),
            Some(before) => next(self.operator(expression, env, before, first, next), before),
        })
    }

    fn ends_joined(
        &self,
        expression: &Expression,
        value: &Expression,
        env: &Env,
        step: u32,
        operation: Op,
        neutral: f64,
    ) -> f64 {
        self.operator(expression, env, step + 1, &|| neutral, &|kept, at| {
            op2(
                operation,
                kept,
                self.eval(value, env, Moment { step: at, end: true }),
            )
        })
    }

    fn terms(
        &self,
        over: &[(BinderId, IndexId)],
        filter: Option<&Expression>,
        body: &Expression,
        env: &mut Env,
        moment: Moment,
        terms: &mut Vec<Option<f64>>,
    ) {
        let Some((&(binder, index), inner)) = over.split_first() else {
            let counts = filter.is_none_or(|filter| self.eval(filter, env, moment) != 0.0);
            terms.push(counts.then(|| self.eval(body, env, moment)));
            return;
        };
        for &member in &self.model.index(index).members {
            env.push((binder, member));
            self.terms(inner, filter, body, env, moment, terms);
            env.pop();
        }
    }

    // ---- distributions

    fn quantile(
        &self,
        distribution: &Distribution,
        u: f64,
        env: &Env,
        moment: Moment,
        within_run: bool,
    ) -> f64 {
        use Distribution as D;
        let get = |e: &Expression| self.eval(e, env, moment);
        let z = || op1(Op::NormalQuantile, u);
        let gumbel = || -op1(Op::Ln, -op1(Op::Ln, u));
        let exponential = || -op1(Op::Ln, 1.0 - u);
        match distribution {
            D::Constant(value) => get(value),
            D::Normal { mean, sd } => get(mean) + get(sd) * z(),
            D::Lognormal { median, sigma } => get(median) * op1(Op::Exp, get(sigma) * z()),
            D::SplitNormal {
                scale,
                low,
                central,
                high,
            } => {
                if low == central && central == high {
                    return *central;
                }
                let z = z();
                let on_scale = |x: f64| match scale {
                    FactScale::Natural => x,
                    FactScale::Log => op1(Op::Ln, x),
                    FactScale::Logit => op1(Op::Logit, x),
                };
                let [low, middle, high] = [*low, *central, *high].map(on_scale);
                let distance = if z < 0.0 { middle - low } else { high - middle };
                let sd = distance / 1.6448536269514722;
                match scale {
                    FactScale::Natural => central + sd * z,
                    FactScale::Log => central * op1(Op::Exp, sd * z),
                    FactScale::Logit => op1(Op::Logistic, middle + sd * z),
                }
            }
            D::Uniform { low, high } => get(low) + (get(high) - get(low)) * u,
            D::Triangular { low, mode, high } => {
                let (low, mode, high) = (get(low), get(mode), get(high));
                if u < (mode - low) / (high - low) {
                    low + op1(Op::Sqrt, u * (high - low) * (mode - low))
                } else {
                    high - op1(Op::Sqrt, (1.0 - u) * (high - low) * (high - mode))
                }
            }
            D::Beta {
                alpha,
                beta,
                low,
                high,
            } => {
                let share = Op::BetaQuantile.apply(&[get(alpha), get(beta), u]);
                get(low) + (get(high) - get(low)) * share
            }
            // Within the run a constant shape is looked up in a table, exact to a part in 10^9.
            D::Gamma { shape, scale } if within_run && self.is_constant(shape) => {
                let shape = get(shape);
                let standard = GAMMA_TABLES.with_borrow_mut(|tables| {
                    let table = tables
                        .entry(shape.to_bits())
                        .or_insert_with(|| QuantileTable::new(shape));
                    table.quantile(u)
                });
                get(scale) * standard
            }
            D::Gamma { shape, scale } => get(scale) * op2(Op::GammaQuantile, get(shape), u),
            D::Exponential { mean } => get(mean) * exponential(),
            D::Weibull { shape, scale } => get(scale) * op2(Op::Power, exponential(), 1.0 / get(shape)),
            D::StudentT { df, location, scale } => {
                get(location) + get(scale) * op2(Op::StudentTQuantile, get(df), u)
            }
            D::Gumbel { location, scale } => get(location) + get(scale) * gumbel(),
            D::Logistic { location, scale } => get(location) + get(scale) * op1(Op::Logit, u),
            D::Poisson { mean } => op2(Op::PoissonQuantile, get(mean), u),
            D::Binomial { n, p } => Op::BinomialQuantile.apply(&[get(n), get(p), u]),
            D::Bernoulli { p } => truth(1.0 - get(p) < u),
            D::Discrete(values) => {
                let mut values: Vec<(f64, f64)> = values
                    .iter()
                    .map(|(value, weight)| (get(value), *weight))
                    .collect();
                let constant = |e: &Expression| !mentions_a_quantity(e);
                let all_constant =
                    matches!(distribution, D::Discrete(v) if v.iter().all(|(e, _)| constant(e)));
                if all_constant {
                    values.sort_by(|a, b| a.0.total_cmp(&b.0));
                }
                let mut up_to = 0.0;
                for &(value, weight) in &values[..values.len() - 1] {
                    up_to += weight;
                    if u < up_to {
                        return value;
                    }
                }
                values[values.len() - 1].0
            }
            D::Mixture(parts) => {
                let mut below = 0.0;
                for (position, (weight, part)) in parts.iter().enumerate() {
                    let weight = get(weight);
                    if u < below + weight || position == parts.len() - 1 {
                        return self.quantile(part, inside((u - below) / weight), env, moment, within_run);
                    }
                    below += weight;
                }
                panic!("a mixture has parts")
            }
            D::Truncated { of, low, high } => {
                let (low, high) = (get(low), get(high));
                let [below, up_to] = [low, high].map(|x| self.cdf(of, x, env, moment));
                let value = self.quantile(of, inside(below + (up_to - below) * u), env, moment, within_run);
                op2(Op::Min, op2(Op::Max, value, low), high)
            }
        }
    }

    /// Whether an expression is made of numbers and constants that no intervention changes.
    fn is_constant(&self, expression: &Expression) -> bool {
        match expression {
            Expression::Number(_) => true,
            Expression::Unary(_, a) => self.is_constant(a),
            Expression::Binary(_, a, b) => self.is_constant(a) && self.is_constant(b),
            Expression::Quantity(reference) => {
                matches!(
                    self.model.quantity(reference.quantity).kind,
                    QuantityKind::Constant { .. }
                ) && self
                    .changes
                    .iter()
                    .all(|change| change.quantity != reference.quantity)
            }
            _ => false,
        }
    }

    fn cdf(&self, distribution: &Distribution, x: f64, env: &Env, moment: Moment) -> f64 {
        use Distribution as D;
        let get = |e: &Expression| self.eval(e, env, moment);
        let share = |x: f64| op2(Op::Min, op2(Op::Max, x, 0.0), 1.0);
        match distribution {
            D::Normal { mean, sd } => op1(Op::NormalCdf, (x - get(mean)) / get(sd)),
            D::Lognormal { median, sigma } => op1(
                Op::NormalCdf,
                op1(Op::Ln, not_below_zero(x / get(median))) / get(sigma),
            ),
            D::Uniform { low, high } => share((x - get(low)) / (get(high) - get(low))),
            D::Beta {
                alpha,
                beta,
                low,
                high,
            } => Op::BetaCdf.apply(&[
                get(alpha),
                get(beta),
                share((x - get(low)) / (get(high) - get(low))),
            ]),
            D::Gamma { shape, scale } => op2(Op::GammaCdf, get(shape), not_below_zero(x / get(scale))),
            D::Exponential { mean } => leaves(not_below_zero(x / get(mean))),
            D::Weibull { shape, scale } => leaves(op2(Op::Power, not_below_zero(x / get(scale)), get(shape))),
            D::StudentT { df, location, scale } => {
                op2(Op::StudentTCdf, get(df), (x - get(location)) / get(scale))
            }
            D::Gumbel { location, scale } => op1(Op::Exp, -op1(Op::Exp, -((x - get(location)) / get(scale)))),
            D::Logistic { location, scale } => op1(Op::Logistic, (x - get(location)) / get(scale)),
            D::Triangular { low, mode, high } => {
                let (low, mode, high) = (get(low), get(mode), get(high));
                let x = op2(Op::Min, op2(Op::Max, x, low), high);
                if x < mode {
                    (x - low) * (x - low) / ((high - low) * (mode - low))
                } else if high <= x {
                    1.0
                } else {
                    1.0 - (high - x) * (high - x) / ((high - low) * (high - mode))
                }
            }
            D::Mixture(parts) => {
                let shares = parts
                    .iter()
                    .map(|(weight, part)| get(weight) * self.cdf(part, x, env, moment));
                shares
                    .reduce(|sum, share| sum + share)
                    .expect("a mixture has parts")
            }
            D::Truncated { of, low, high } => {
                let [below, up_to, here] = [get(low), get(high), x].map(|x| self.cdf(of, x, env, moment));
                share((here - below) / (up_to - below))
            }
            D::SplitNormal {
                scale,
                low,
                central,
                high,
            } => {
                let (x, on_scale): (f64, fn(f64) -> f64) = match scale {
                    FactScale::Natural => (x, |x| x),
                    FactScale::Log => (not_below_zero(x), |x| op1(Op::Ln, x)),
                    FactScale::Logit => (share(x), |x| op1(Op::Logit, x)),
                };
                let [low, middle, high, x] = [*low, *central, *high, x].map(on_scale);
                let distance = if x < middle { middle - low } else { high - middle };
                op1(Op::NormalCdf, (x - middle) / distance * 1.6448536269514722)
            }
            _ => panic!("a truncated distribution is continuous"),
        }
    }
}

/// Keeps a rescaled uniform strictly between 0 and 1.
fn inside(u: f64) -> f64 {
    op2(
        Op::Min,
        op2(Op::Max, u, f64::EPSILON / 4.0),
        1.0 - f64::EPSILON / 2.0,
    )
}

fn held<'m>(changes: &[&'m Change]) -> Option<&'m Expression> {
    changes.iter().rev().find_map(|change| match &change.action {
        Action::Hold(value) => Some(value),
        _ => None,
    })
}

/// Whether state stands at its initial value at the start of a step after the first.
fn is_frozen(changes: &[&Change], step: u32) -> bool {
    changes
        .iter()
        .any(|change| matches!(change.action, Action::Freeze) && step >= change.from_step)
}

fn binary_of(binary: Binary, a: f64, b: f64) -> f64 {
    match binary {
        Binary::Add => a + b,
        Binary::Subtract => a - b,
        Binary::Multiply => a * b,
        Binary::Divide => a / b,
        Binary::Power => op2(Op::Power, a, b),
        Binary::Equal => truth(a == b),
        Binary::NotEqual => truth(a != b),
        Binary::Less => truth(a < b),
        Binary::LessEqual => truth(a <= b),
        Binary::Greater => truth(a > b),
        Binary::GreaterEqual => truth(a >= b),
        Binary::And => truth(a != 0.0 && b != 0.0),
        Binary::Or => truth(a != 0.0 || b != 0.0),
    }
}

fn call(function: FunctionName, arguments: &[f64]) -> f64 {
    let join = |operation: Op| {
        arguments[1..]
            .iter()
            .fold(arguments[0], |a, &b| op2(operation, a, b))
    };
    let operation = match function {
        FunctionName::Min => return join(Op::Min),
        FunctionName::Max => return join(Op::Max),
        FunctionName::Clamp => return op2(Op::Min, op2(Op::Max, arguments[0], arguments[1]), arguments[2]),
        FunctionName::Abs => Op::Abs,
        FunctionName::Sqrt => Op::Sqrt,
        FunctionName::Exp => Op::Exp,
        FunctionName::Ln => Op::Ln,
        FunctionName::Tanh => Op::Tanh,
        FunctionName::Logistic => Op::Logistic,
        FunctionName::Logit => Op::Logit,
        FunctionName::Sin => Op::Sin,
        FunctionName::Cos => Op::Cos,
        FunctionName::Floor => Op::Floor,
        FunctionName::Ceil => Op::Ceil,
        FunctionName::Round => Op::Round,
        FunctionName::NormalCdf => Op::NormalCdf,
    };
    op1(operation, arguments[0])
}

/// Joins the terms; those left out by the filter count as the neutral value.
fn reduce(reduction: Reduction, terms: &[Option<f64>]) -> f64 {
    let join = |neutral: f64, join: fn(f64, f64) -> f64| {
        terms
            .iter()
            .map(|term| term.unwrap_or(neutral))
            .reduce(join)
            .unwrap_or(neutral)
    };
    match reduction {
        Reduction::Sum | Reduction::Count => join(0.0, |a, b| a + b),
        Reduction::Product => join(1.0, |a, b| a * b),
        Reduction::Mean => join(0.0, |a, b| a + b) / terms.iter().flatten().count() as f64,
        Reduction::Min => join(f64::INFINITY, |a, b| op2(Op::Min, a, b)),
        Reduction::Max => join(f64::NEG_INFINITY, |a, b| op2(Op::Max, a, b)),
        Reduction::Any => truth(terms.iter().flatten().any(|&term| term != 0.0)),
        Reduction::All => truth(terms.iter().flatten().all(|&term| term != 0.0)),
    }
}

fn mentions_a_quantity(expression: &Expression) -> bool {
    match expression {
        Expression::Number(_) => false,
        Expression::Unary(_, a) => mentions_a_quantity(a),
        Expression::Binary(_, a, b) => mentions_a_quantity(a) || mentions_a_quantity(b),
        _ => true,
    }
}

/// Whether a quantity's value exists only within a step.
fn is_momentary(model: &Model, quantity: QuantityId) -> bool {
    let (mut pending, mut seen) = (vec![quantity], BTreeSet::new());
    while let Some(id) = pending.pop() {
        if !seen.insert(id) {
            continue;
        }
        let mut is = false;
        let mut read = |e: &Expression| read_at_once(e, &mut pending, &mut is);
        match &model.quantity(id).kind {
            QuantityKind::Constant { value } | QuantityKind::Derived { value } => match value {
                PerElement::Same(value) => read(value),
                PerElement::Each(values) => values.iter().for_each(read),
            },
            QuantityKind::Parameter { .. } | QuantityKind::Stock { .. } | QuantityKind::Attribute { .. } => {}
            _ => is = true,
        }
        if is {
            return true;
        }
    }
    false
}

fn read_at_once(expression: &Expression, found: &mut Vec<QuantityId>, momentary: &mut bool) {
    use Expression as E;
    let mut read = |e: &Expression| read_at_once(e, found, momentary);
    match expression {
        E::Quantity(reference) => found.push(reference.quantity),
        E::Unary(_, a) => read(a),
        E::Binary(_, a, b) => [a, b].into_iter().for_each(|e| read(e)),
        E::Call(_, arguments) => arguments.iter().for_each(read),
        E::If(a, b, c) => [a, b, c].into_iter().for_each(|e| read(e)),
        E::Reduce { filter, body, .. } => filter.iter().chain([body]).for_each(|e| read(e)),
        E::Number(_)
        | E::Attribute(_)
        | E::Fact(..)
        | E::SameElement(..)
        | E::Member(..)
        | E::InTransit(_)
        | E::Previous(..)
        | E::Delay(..)
        | E::Smooth(..)
        | E::Cumulative(_)
        | E::Initial(_) => {}
        _ => *momentary = true,
    }
}
