//! One world after another, on demand.
//!
//! Items are computed by an explicit stack rather than by recursion, so that a chain of ten thousand equations needs no deep stack: an
//! equation that reads something unknown is set aside, what it reads is computed first, and then it is read again. What of the
//! baseline a world's interventions do not reach is taken over as it is.

use melian_language::diagnostic::Diagnostic;
use melian_language::model::{Change, Expression, Intervention, QuantityId, QuantityKind};

use super::item::{AttributeOn, Item, ItemId, Items, Mode, Owner, PlaceId, State};
use super::nodes::{Nodes, QuickMap, QuickSet};
use super::plan::{Env, Plan, Scalar};
use super::sites::Sites;
use super::{Follows, MOST_NODES, World, too_large};
use crate::graph::{Cell, CellId, HistoryId, Node, NodeId, Schedule, Watch, WatchKind, WorldOutputs};
use crate::layout::Layout;
use crate::operation::Operation;

/// Stands for a node that is not known yet. Nothing made from it is kept.
pub(crate) const UNKNOWN: NodeId = NodeId(u32::MAX);

/// An expression that needs state.
pub(crate) struct Place<'m> {
    pub expression: &'m Expression,
    pub env: Env,
    pub owner: Owner,
    /// Which of its owner's places it is, from 1.
    pub number: u32,
}

/// The expansion of all worlds.
pub(crate) struct Expansion<'p, 'm> {
    pub plan: &'p Plan<'m>,
    /// Options whose worth and taste stand behind the series.
    traced: &'p [(Scalar, u32)],
    pub nodes: Nodes,
    pub cells: Vec<Option<Cell>>,
    states: Vec<State>,
    pub histories: Vec<Option<NodeId>>,
    recorded: Vec<PlaceId>,
    pub watches: Watches,
    pub sites: Sites,
    places: Vec<Place<'m>>,
    place_ids: QuickMap<(usize, Env), PlaceId>,
    places_of: QuickMap<Owner, u32>,
    /// What the baseline found.
    baseline: Known,
    /// What worlds found that others follow, by position.
    followed: QuickMap<usize, Followed<'m>>,
    /// What others follow of a world but the baseline, by its position.
    to_follow: QuickMap<usize, QuickSet<Scalar>>,
    items: Items,
    /// For each item, the baseline's items that read it.
    readers: Vec<Vec<ItemId>>,
    /// The world at hand.
    pub world: Current<'m>,
}

/// What has been found.
#[derive(Default)]
struct Known {
    /// By item; unknown where it is beyond the list.
    items: Vec<NodeId>,
    cells: QuickMap<State, CellId>,
    histories: QuickMap<PlaceId, HistoryId>,
}

/// What a world found that another one follows.
struct Followed<'m> {
    known: Known,
    reached: Vec<bool>,
    changes: QuickMap<QuantityId, Vec<&'m Change>>,
}

/// The world at hand.
#[derive(Default)]
pub(crate) struct Current<'m> {
    number: u32,
    changes: QuickMap<QuantityId, Vec<&'m Change>>,
    needs_first_step: Vec<bool>,
    /// For each item of the baseline, whether the interventions reach it.
    reached: Vec<bool>,
    /// The world that some scalars follow, and these.
    follows: usize,
    following: QuickSet<Scalar>,
    known: Known,
    /// Cells and histories whose next values are still to be found.
    pending: Vec<Item>,
    /// What the item at hand reads and is not known.
    missing: Vec<ItemId>,
    /// What the item at hand reads; in the baseline alone.
    reads: Vec<ItemId>,
    /// The item at hand.
    item: Option<ItemId>,
    /// Whose equation is at hand.
    owner: Option<Owner>,
}

impl<'p, 'm> Expansion<'p, 'm> {
    pub fn new(plan: &'p Plan<'m>, worlds: &[World], traced: &'p [(Scalar, u32)]) -> Expansion<'p, 'm> {
        let mut to_follow: QuickMap<usize, QuickSet<Scalar>> = QuickMap::default();
        for follows in worlds.iter().filter_map(|world| world.follows.as_ref()) {
            if follows.world > 0 {
                to_follow
                    .entry(follows.world)
                    .or_default()
                    .extend(scalars_of(plan, follows));
            }
        }
        Expansion {
            plan,
            traced,
            nodes: Nodes::default(),
            cells: Vec::new(),
            states: Vec::new(),
            histories: Vec::new(),
            recorded: Vec::new(),
            watches: Watches::default(),
            sites: Sites::default(),
            places: Vec::new(),
            place_ids: QuickMap::default(),
            places_of: QuickMap::default(),
            baseline: Known::default(),
            followed: QuickMap::default(),
            to_follow,
            items: Items::default(),
            readers: Vec::new(),
            world: Current::default(),
        }
    }

    /// Expands one world.
    pub fn world(&mut self, world: &World, layout: &Layout) -> Result<WorldOutputs, Vec<Diagnostic>> {
        self.enter(world);
        let outputs = self.outputs(layout)?;
        self.be_followed()?;
        while let Some(item) = self.world.pending.pop() {
            let node = self.demand(item)?;
            match item {
                Item::Next(cell) => {
                    let initial = self.demand(Item::Initial(cell))?;
                    if !self.nodes.is_stepless(initial) {
                        return Err(vec![self.late_start(cell)]);
                    }
                    let name = self.state_name(self.states[cell.position()]);
                    self.cells[cell.position()] = Some(Cell {
                        name,
                        initial,
                        next: node,
                    });
                }
                Item::Recorded(history) => self.histories[history.position()] = Some(node),
                _ => unreachable!("only cells and histories are set aside"),
            }
        }
        self.leave();
        Ok(outputs)
    }

    fn enter(&mut self, entered: &World) {
        let model = self.plan.model;
        let interventions: Vec<&'m Intervention> = entered
            .interventions
            .iter()
            .map(|id| &model.interventions[id.position()])
            .collect();
        let mut world = Current {
            number: self.world.number,
            needs_first_step: self.plan.needs_first_step(&interventions),
            ..Current::default()
        };
        let mut open: Vec<ItemId> = Vec::new();
        for change in interventions
            .iter()
            .flat_map(|intervention| &intervention.changes)
        {
            world.changes.entry(change.quantity).or_default().push(change);
            let changed = self.changed_by(change).into_iter();
            open.extend(changed.map(|scalar| self.items.id(Item::Changes(scalar))));
        }
        if let Some(follows) = &entered.follows {
            world.follows = follows.world;
            world.following = scalars_of(self.plan, follows).collect();
        }
        self.world = world;
        // What follows another world is not reached by this one's interventions; what reads it is, if that world's reached it.
        if let Some(followed) = self.followed.get(&self.world.follows) {
            let reached = (0..)
                .map(ItemId)
                .zip(&followed.reached)
                .filter(|(_, reached)| **reached);
            let differs = reached.filter(|&(item, _)| self.is_following(self.items.item(item)));
            open.extend(
                differs.flat_map(|(item, _)| self.readers.get(item.position()).into_iter().flatten()),
            );
        }
        self.world.reached = vec![false; self.items.len()];
        while let Some(item) = open.pop() {
            let follows = self.is_following(self.items.item(item));
            if !follows && !std::mem::replace(&mut self.world.reached[item.position()], true) {
                open.extend(self.readers.get(item.position()).into_iter().flatten());
            }
        }
    }

    /// Returns whether an item is taken from the world that its scalar follows.
    fn is_following(&self, item: Item) -> bool {
        if self.world.following.is_empty() {
            return false;
        }
        let owner = match item {
            Item::State(cell) => self.owner_of_state(self.states[cell.position()]),
            Item::History(history) => Some(self.owner_of_place(self.recorded[history.position()])),
            _ => self.owner_of(item),
        };
        owner.is_some_and(|owner| self.follows_of(owner))
    }

    fn follows_of(&self, owner: Owner) -> bool {
        owner == Owner::scalar(owner.scalar) && self.world.following.contains(&owner.scalar)
    }

    fn leave(&mut self) {
        let number = self.world.number as usize;
        if number == 0 {
            self.baseline = std::mem::take(&mut self.world.known);
        } else {
            self.watches
                .inherit(self.world.number, |item| !is_set(&self.world.reached, item));
        }
        if self.to_follow.contains_key(&number) {
            let followed = Followed {
                known: std::mem::take(&mut self.world.known),
                reached: std::mem::take(&mut self.world.reached),
                changes: std::mem::take(&mut self.world.changes),
            };
            self.followed.insert(number, followed);
        }
        self.world.number += 1;
    }

    /// Returns the scalars that a change concerns. An attribute's scalars are counted by those of its stocks.
    fn changed_by(&self, change: &Change) -> Vec<Scalar> {
        let wanted = |tuple: Vec<_>| change.element.as_ref().is_none_or(|element| *element == tuple);
        let over = |counted: QuantityId| {
            let scalars = self
                .plan
                .scalars(counted)
                .filter(|&scalar| wanted(self.plan.tuple(scalar)));
            scalars
                .map(|scalar| Scalar {
                    quantity: change.quantity,
                    ..scalar
                })
                .collect::<Vec<_>>()
        };
        match &self.plan.model.quantity(change.quantity).kind {
            QuantityKind::Attribute { stocks } => stocks.iter().flat_map(|on| over(on.stock)).collect(),
            _ => over(change.quantity),
        }
    }

    fn outputs(&mut self, layout: &Layout) -> Result<WorldOutputs, Vec<Diagnostic>> {
        let mut outputs = WorldOutputs::default();
        for output in &layout.series {
            let scalar = super::scalar_of(output);
            outputs
                .series
                .push(self.demand(Item::Equation(scalar, Mode::End, 0))?);
        }
        for &(choice, option) in self.traced {
            for item in [Item::Worth(choice, option), Item::Taste(choice, option)] {
                outputs.series.push(self.demand(item)?);
            }
        }
        for output in &layout.measures {
            let cell = self.cell(State::Reading(super::scalar_of(output)));
            outputs.measures.push(cell);
        }
        for (output, _) in &layout.choices {
            let scalar = super::scalar_of(output);
            let layers = self.layers(scalar);
            outputs
                .choices
                .push(self.demand(Item::Equation(scalar, Mode::Step, layers))?);
        }
        for output in &layout.events {
            outputs
                .events
                .push(self.demand(Item::Happenings(super::scalar_of(output)))?);
        }
        Ok(outputs)
    }

    /// Finds what others follow of this world, as far as the baseline reads it: the world itself may have no use for it.
    fn be_followed(&mut self) -> Result<(), Vec<Diagnostic>> {
        let number = self.world.number as usize;
        let Some(followed) = self.to_follow.get(&number) else {
            return Ok(());
        };
        let of_scalar = |item: &Item| item.scalar().is_some_and(|scalar| followed.contains(&scalar));
        let known = (0..)
            .map(ItemId)
            .zip(&self.baseline.items)
            .filter(|(_, node)| **node != UNKNOWN);
        let wanted: Vec<Item> = known
            .map(|(item, _)| self.items.item(item))
            .filter(of_scalar)
            .collect();
        let is_followed = |state: &State| {
            let owner = self.owner_of_state(*state);
            owner
                .is_some_and(|owner| owner == Owner::scalar(owner.scalar) && followed.contains(&owner.scalar))
        };
        let mut states: Vec<State> = self.baseline.cells.keys().copied().filter(is_followed).collect();
        // The order of a table of hashes differs from run to run, that of nodes must not.
        states.sort_by_key(|state| format!("{state:?}"));
        for state in states {
            self.cell(state);
        }
        for item in wanted {
            let item = match item {
                Item::Equation(scalar, mode, _) => Item::Equation(scalar, mode, self.layers(scalar)),
                item => item,
            };
            self.demand(item)?;
        }
        Ok(())
    }

    /// Finds the node of an item, and first those of everything that it reads.
    fn demand(&mut self, item: Item) -> Result<NodeId, Vec<Diagnostic>> {
        let item = self.items.id(item);
        let mut stack = vec![item];
        // The items on the stack that wait for others, each for the next; as a set too, since there may be thousands.
        let mut entered: Vec<ItemId> = Vec::new();
        let mut waiting: QuickSet<ItemId> = QuickSet::default();
        while let Some(&top) = stack.last() {
            if self.found(top).is_none() {
                let computed = self.items.item(top);
                if self.is_following(computed) {
                    return Err(vec![self.nothing_to_follow(computed)]);
                }
                self.world.missing.clear();
                self.world.reads.clear();
                self.world.item = Some(top);
                self.world.owner = computed.scalar().map(Owner::scalar);
                let node = self.compute(computed);
                if self.nodes.len() > MOST_NODES {
                    return Err(vec![self.too_many_nodes()]);
                }
                if !self.world.missing.is_empty() {
                    let missing = std::mem::take(&mut self.world.missing);
                    entered.push(top);
                    waiting.insert(top);
                    if let Some(again) = missing.iter().find(|item| waiting.contains(item)) {
                        let start = entered.iter().position(|item| item == again);
                        return Err(vec![self.cycle(&entered[start.unwrap_or(0)..])]);
                    }
                    stack.extend(missing.into_iter().rev());
                    continue;
                }
                self.remember(top, node);
            }
            stack.pop();
            if entered.last() == Some(&top) {
                entered.pop();
                waiting.remove(&top);
            }
        }
        Ok(self.found(item).expect("the stack ends when the item is found"))
    }

    fn remember(&mut self, item: ItemId, node: NodeId) {
        let mut reads = std::mem::take(&mut self.world.reads);
        for read in reads.drain(..) {
            self.is_read_by(read, item);
        }
        self.world.reads = reads;
        let items = &mut self.world.known.items;
        if items.len() <= item.position() {
            items.resize(self.items.len(), UNKNOWN);
        }
        items[item.position()] = node;
    }

    fn is_read_by(&mut self, read: ItemId, reader: ItemId) {
        if self.readers.len() <= read.position() {
            self.readers.resize(self.items.len(), Vec::new());
        }
        self.readers[read.position()].push(reader);
    }

    /// Notes that the item at hand reads another. Only who reads what in the baseline is asked for.
    fn reads(&mut self, item: Item) {
        if self.world.number == 0 {
            let item = self.items.id(item);
            self.world.reads.push(item);
        }
    }

    fn found(&self, item: ItemId) -> Option<NodeId> {
        let of = |known: &Known| (known.items.get(item.position()).copied()).filter(|&node| node != UNKNOWN);
        let of_baseline = || of(&self.baseline);
        if self.is_following(self.items.item(item)) {
            match self.followed.get(&self.world.follows) {
                None => of_baseline(),
                Some(followed) if is_set(&followed.reached, item) => of(&followed.known),
                Some(followed) => of(&followed.known).or_else(of_baseline),
            }
        } else {
            let inherits = || !is_set(&self.world.reached, item);
            of(&self.world.known).or_else(|| inherits().then(of_baseline).flatten())
        }
    }

    /// Returns whether what the baseline found for an item holds in this world.
    fn inherits(&self, item: Item) -> bool {
        let known = self.items.known(item);
        known.is_none_or(|item| !is_set(&self.world.reached, item))
    }

    /// Returns the node of an item that the item at hand reads, or [`UNKNOWN`] for now.
    pub fn get(&mut self, item: Item) -> NodeId {
        let item = self.items.id(item);
        if self.world.number == 0 {
            self.world.reads.push(item);
        }
        let found = self.found(item);
        if found.is_none() {
            self.world.missing.push(item);
        }
        found.unwrap_or(UNKNOWN)
    }

    /// Says whose equation is at hand, where that is not the item's scalar.
    pub fn owned_by(&mut self, owner: Owner) {
        self.world.owner = Some(owner);
    }

    /// Returns the cell of a state.
    pub fn cell(&mut self, state: State) -> CellId {
        if self
            .owner_of_state(state)
            .is_some_and(|owner| self.follows_of(owner))
        {
            let followed = self.followed.get(&self.world.follows);
            let cell = followed.and_then(|followed| followed.known.cells.get(&state));
            if let Some(&cell) = cell.or_else(|| self.baseline.cells.get(&state)) {
                return cell;
            }
        }
        if let Some(&cell) = self.world.known.cells.get(&state) {
            return cell;
        }
        if let Some(&cell) = self.baseline.cells.get(&state)
            && self.inherits(Item::State(cell))
        {
            return cell;
        }
        let cell = CellId(self.cells.len() as u32);
        self.cells.push(None);
        self.states.push(state);
        self.world.known.cells.insert(state, cell);
        self.world.pending.push(Item::Next(cell));
        if self.world.number == 0 {
            let parts = [Item::Initial(cell), Item::Next(cell)].map(|part| self.items.id(part));
            let state = self.items.id(Item::State(cell));
            parts.into_iter().for_each(|part| self.is_read_by(part, state));
        }
        cell
    }

    /// Returns a state at the start of the step.
    pub fn state(&mut self, state: State) -> NodeId {
        let cell = self.cell(state);
        self.reads(Item::State(cell));
        self.nodes.add(Node::Cell(cell))
    }

    /// Returns a state before the first step.
    pub fn initial(&mut self, state: State) -> NodeId {
        let cell = self.cell(state);
        self.get(Item::Initial(cell))
    }

    /// Returns a state after the step.
    pub fn next(&mut self, state: State) -> NodeId {
        let cell = self.cell(state);
        self.get(Item::Next(cell))
    }

    /// Returns a state as it is read.
    pub fn state_at(&mut self, state: State, mode: Mode) -> NodeId {
        match mode {
            Mode::Start => self.initial(state),
            Mode::Step => self.state(state),
            Mode::End => self.next(state),
        }
    }

    /// Returns the history of what a delay reads.
    pub fn history(&mut self, place: PlaceId) -> HistoryId {
        if self.follows_of(self.owner_of_place(place)) {
            let followed = self.followed.get(&self.world.follows);
            let history = followed.and_then(|followed| followed.known.histories.get(&place));
            if let Some(&history) = history.or_else(|| self.baseline.histories.get(&place)) {
                self.reads(Item::History(history));
                return history;
            }
        }
        let known = self.world.known.histories.get(&place).copied();
        let baseline = self.baseline.histories.get(&place).copied();
        let history = known.or_else(|| baseline.filter(|&history| self.inherits(Item::History(history))));
        let history = history.unwrap_or_else(|| {
            let history = HistoryId(self.histories.len() as u32);
            self.histories.push(None);
            self.recorded.push(place);
            self.world.known.histories.insert(place, history);
            self.world.pending.push(Item::Recorded(history));
            if self.world.number == 0 {
                let [recorded, read] =
                    [Item::Recorded(history), Item::History(history)].map(|item| self.items.id(item));
                self.is_read_by(recorded, read);
            }
            history
        });
        self.reads(Item::History(history));
        history
    }

    /// Returns the place of an expression that needs state.
    pub fn place(&mut self, expression: &'m Expression, env: &Env) -> PlaceId {
        let key = (std::ptr::from_ref(expression) as usize, env.clone());
        if let Some(&place) = self.place_ids.get(&key) {
            return place;
        }
        let owner = self.world.owner.expect("an expression stands in an equation");
        let number = self.places_of.entry(owner).or_default();
        *number += 1;
        let place = PlaceId(self.places.len() as u32);
        self.places.push(Place {
            expression,
            env: env.clone(),
            owner,
            number: *number,
        });
        self.place_ids.insert(key, place);
        place
    }

    /// Returns the expression of a place and what the names in it stand for, and makes its equation the one at hand.
    pub fn at_place(&mut self, place: PlaceId) -> (&'m Expression, Env) {
        let Place {
            expression,
            env,
            owner,
            ..
        } = &self.places[place.0 as usize];
        self.world.owner = Some(*owner);
        (expression, env.clone())
    }

    /// Returns whose equation a place stands in.
    pub fn owner_of_place(&self, place: PlaceId) -> Owner {
        self.places[place.0 as usize].owner
    }

    /// Returns the changes to a scalar, in order.
    pub fn changes(&mut self, scalar: Scalar) -> Vec<&'m Change> {
        self.changes_at(scalar, scalar)
    }

    /// Returns the changes to an attribute on a stock, in order.
    pub fn attribute_changes(&mut self, on: AttributeOn) -> Vec<&'m Change> {
        self.changes_at(
            Scalar {
                quantity: on.attribute,
                ..on.stock
            },
            on.stock,
        )
    }

    fn changes_at(&mut self, changed: Scalar, elements_of: Scalar) -> Vec<&'m Change> {
        self.reads(Item::Changes(changed));
        let of_world = if self.is_following(Item::Changes(changed)) {
            self.followed
                .get(&self.world.follows)
                .map(|followed| &followed.changes)
        } else {
            Some(&self.world.changes)
        };
        let Some(changes) = of_world.and_then(|changes| changes.get(&changed.quantity)) else {
            return Vec::new();
        };
        let tuple = self.plan.tuple(elements_of);
        let wanted = |change: &&&Change| change.element.as_ref().is_none_or(|element| *element == tuple);
        changes.iter().filter(wanted).copied().collect()
    }

    /// Returns how many changes there are to a scalar.
    pub fn layers(&mut self, scalar: Scalar) -> u32 {
        self.changes(scalar).len() as u32
    }

    /// Returns whether a quantity's first value needs the first step.
    pub fn needs_first_step(&self, quantity: QuantityId) -> bool {
        self.world.needs_first_step[quantity.position()]
    }

    fn compute(&mut self, item: Item) -> NodeId {
        match item {
            Item::Equation(scalar, mode, layers) => self.equation(scalar, mode, layers),
            Item::Asked(mover) => self.asked(mover),
            Item::AskedAmount(mover) => self.asked_amount(mover),
            Item::AskedOf(stock) => self.asked_of(stock),
            Item::Share(stock) => self.share(stock),
            Item::Moved(mover) => self.moved(mover),
            Item::MovedAmount(mover) => self.moved_amount(mover),
            Item::Arriving(mover) => self.arriving(mover),
            Item::Passing(flow) => self.passing(flow),
            Item::Left(stock) => self.left(stock),
            Item::Filled(stock) => self.filled(stock),
            Item::Happenings(event) => self.happenings(event),
            Item::Since(event) => self.since(event),
            Item::Renewal(choice) => self.renewal(choice),
            Item::Taste(choice, option) => self.taste(choice, option),
            Item::Worth(choice, option) => self.worth(choice, option),
            Item::Initial(cell) => self.initial_of(self.states[cell.position()]),
            Item::Next(cell) => self.next_of(self.states[cell.position()]),
            Item::Recorded(history) => self.recorded_at(self.recorded[history.position()]),
            Item::State(_) | Item::History(_) | Item::Changes(_) => {
                unreachable!("these are depended on, never computed")
            }
        }
    }

    fn initial_of(&mut self, state: State) -> NodeId {
        match state {
            State::Stock(stock) => self.stock_initial(stock),
            State::Attribute(on) => self.attribute_initial(on),
            State::StageAttribute(flow, _, attribute) => self.stage_attribute_initial(flow, attribute),
            State::Since(_) => self.number(f64::INFINITY),
            State::Standing(choice) => self.standing_initial(choice),
            State::Taste(choice, option) => self.lasting_taste(choice, option),
            State::Operator(place) => self.operator_initial(place),
            State::Stage(..)
            | State::Happenings(_)
            | State::Reading(_)
            | State::Frozen(..)
            | State::First(_)
            | State::Steps => self.number(0.0),
        }
    }

    fn next_of(&mut self, state: State) -> NodeId {
        match state {
            State::Stock(stock) => self.stock_next(stock),
            State::Attribute(on) => self.attribute_next(on),
            State::Stage(flow, stage) => self.stage_next(flow, stage),
            State::StageAttribute(flow, stage, attribute) => {
                self.stage_attribute_next(flow, stage, attribute)
            }
            State::Happenings(event) => self.get(Item::Happenings(event)),
            State::Since(event) => self.since_next(event),
            State::Standing(choice) => self.value(choice, Mode::Step),
            State::Taste(choice, option) => self.taste_next(choice, option),
            State::Reading(scalar) => self.reading_next(scalar),
            State::Frozen(scalar, layers) => {
                let value = self.get(Item::Equation(scalar, Mode::Step, layers));
                self.first_of(value, state)
            }
            State::Operator(place) => self.operator_next(place),
            State::First(place) => {
                let (expression, env) = self.at_place(place);
                let value = self.eval(expression, &env, Mode::Step);
                self.first_of(value, state)
            }
            State::Steps => {
                let (steps, one) = (self.state(state), self.number(1.0));
                self.apply(Operation::Add, &[steps, one])
            }
        }
    }

    /// Returns the value in the first step, and from then on what the state has kept of it.
    fn first_of(&mut self, value: NodeId, state: State) -> NodeId {
        let kept = self.state(state);
        self.scheduled(Schedule::At(0), value, kept)
    }

    /// Returns a constant.
    pub fn number(&mut self, value: f64) -> NodeId {
        self.nodes.number(value)
    }

    /// Returns an operation, unknown if an operand is.
    pub fn apply(&mut self, operation: Operation, operands: &[NodeId]) -> NodeId {
        if operands.contains(&UNKNOWN) {
            UNKNOWN
        } else {
            self.nodes.apply(operation, operands)
        }
    }

    /// Returns a scheduled node, unknown if an operand is.
    pub fn scheduled(&mut self, schedule: Schedule, value: NodeId, otherwise: NodeId) -> NodeId {
        if [value, otherwise].contains(&UNKNOWN) {
            UNKNOWN
        } else {
            self.nodes.scheduled(schedule, value, otherwise)
        }
    }

    /// Counts, in this world, the steps of futures in which something is so of the node.
    pub fn watch(&mut self, kind: WatchKind, node: NodeId, owner: Owner) {
        // An item that reads something unknown will be computed again.
        if self.world.missing.is_empty() {
            let item = self.world.item.expect("a watch belongs to an item");
            self.watches
                .add(kind, node, self.world.number, item, || owner.name(self.plan));
        }
    }

    fn state_name(&self, state: State) -> String {
        let plan = self.plan;
        let option = |choice: Scalar, option: u32| match &plan.model.quantity(choice.quantity).kind {
            QuantityKind::Choice(kind) => kind.options[option as usize].name.clone(),
            _ => unreachable!("only a choice has options"),
        };
        let numbered = |word: &str, place: PlaceId| {
            let place = &self.places[place.0 as usize];
            format!("{word}:{} in {}", place.number, place.owner.name(plan))
        };
        match state {
            State::Stock(scalar) | State::Reading(scalar) | State::Standing(scalar) => plan.name(scalar),
            State::Attribute(on) => Owner::attribute(on).name(plan),
            State::Stage(flow, stage) => format!("stage:{} in {}", stage + 1, plan.name(flow)),
            State::StageAttribute(flow, stage, attribute) => {
                let attribute = &plan.model.quantity(attribute).name;
                format!("{attribute} of stage:{} in {}", stage + 1, plan.name(flow))
            }
            State::Happenings(event) => format!("count of {}", plan.name(event)),
            State::Since(event) => format!("since {}", plan.name(event)),
            State::Taste(choice, o) => format!("taste for {} in {}", option(choice, o), plan.name(choice)),
            State::Frozen(scalar, _) => format!("frozen {}", plan.name(scalar)),
            State::Operator(place) => numbered(
                super::time::operator_name(self.places[place.0 as usize].expression),
                place,
            ),
            State::First(place) => numbered("initial", place),
            State::Steps => "steps".to_owned(),
        }
    }

    fn too_many_nodes(&self) -> Diagnostic {
        let message = format!(
            "this model needs more than {MOST_NODES} scalar operations a step, reached in world {}",
            self.world.number + 1
        );
        too_large(message, None).help("use fewer elements, or ask for fewer interventions at once")
    }

    /// A checked model has no such initial value; an intervention's new equation may bring one.
    fn late_start(&self, cell: CellId) -> Diagnostic {
        let owner = self
            .owner_of(Item::Initial(cell))
            .expect("what counts steps starts at zero");
        let message = format!(
            "the initial value of `{}` hangs on what is known only while it runs",
            owner.name(self.plan)
        );
        Diagnostic::error("E0904", message, self.plan.model.quantity(owner.quantity).span)
            .help("hold it, and what it starts from, at values of constants and parameters")
    }

    fn cycle(&self, items: &[ItemId]) -> Diagnostic {
        let items = items.iter().map(|&item| self.items.item(item));
        let mut path: Vec<Owner> = items.filter_map(|item| self.owner_of(item)).collect();
        path.dedup();
        let first = path.first().copied().expect("a cycle passes through an equation");
        if path.last() != Some(&first) || path.len() == 1 {
            path.push(first);
        }
        let names: Vec<String> = path.iter().map(|owner| owner.name(self.plan)).collect();
        let span = self.plan.model.quantity(first.quantity).span;
        Diagnostic::error("E0903", "this quantity depends on itself within one step", span)
            .note(format!("it reads {}", names.join(", which reads ")))
            .note("what a flow moves depends on all that is asked of its source in the step")
            .help("read `wanted(..)` instead of the flow, or `previous(..)` somewhere on the way")
    }

    fn owner_of(&self, item: Item) -> Option<Owner> {
        match item {
            Item::Initial(cell) | Item::Next(cell) => self.owner_of_state(self.states[cell.position()]),
            Item::Recorded(history) => Some(self.owner_of_place(self.recorded[history.position()])),
            _ => item.scalar().map(Owner::scalar),
        }
    }

    fn owner_of_state(&self, state: State) -> Option<Owner> {
        match state {
            State::Stock(scalar)
            | State::Stage(scalar, _)
            | State::StageAttribute(scalar, ..)
            | State::Happenings(scalar)
            | State::Since(scalar)
            | State::Standing(scalar)
            | State::Taste(scalar, _)
            | State::Reading(scalar)
            | State::Frozen(scalar, _) => Some(Owner::scalar(scalar)),
            State::Attribute(on) => Some(Owner::attribute(on)),
            State::Operator(place) | State::First(place) => Some(self.owner_of_place(place)),
            State::Steps => None,
        }
    }

    /// What is followed has to be computed there.
    fn nothing_to_follow(&self, item: Item) -> Diagnostic {
        let owner = self.owner_of(item).expect("a scalar follows");
        let message = format!(
            "`{}` is to be held as in another world, where it is not read in this way",
            owner.name(self.plan)
        );
        Diagnostic::error("E0905", message, self.plan.model.quantity(owner.quantity).span).help(
            "hold a quantity that both worlds read: what is computed from it, or what it is computed from",
        )
    }
}

/// Returns whether an item is in a set, given as a list by item.
fn is_set(set: &[bool], item: ItemId) -> bool {
    set.get(item.position()).is_some_and(|&is| is)
}

/// Returns the scalars that follow another world.
fn scalars_of<'a>(plan: &'a Plan, follows: &'a Follows) -> impl Iterator<Item = Scalar> + use<'a> {
    follows.scalars.iter().flat_map(move |(quantity, element)| {
        plan.scalars(*quantity).filter(move |scalar| {
            element
                .as_ref()
                .is_none_or(|element| *element == plan.tuple(*scalar))
        })
    })
}

/// Things to count, each node once per kind.
#[derive(Default)]
pub(crate) struct Watches {
    list: Vec<Watch>,
    index: QuickMap<(NodeId, u8), usize>,
    /// For each item of the baseline that watches something: which.
    of_items: Vec<(ItemId, usize)>,
}

impl Watches {
    fn add(
        &mut self,
        kind: WatchKind,
        node: NodeId,
        world: u32,
        item: ItemId,
        name: impl FnOnce() -> String,
    ) {
        let position = *self.index.entry((node, kind as u8)).or_insert_with(|| {
            self.list.push(Watch {
                node,
                kind,
                equation: name(),
                worlds: Vec::new(),
            });
            self.list.len() - 1
        });
        if world == 0 {
            self.of_items.push((item, position));
        }
        let worlds = &mut self.list[position].worlds;
        if !worlds.contains(&world) {
            worlds.push(world);
        }
    }

    /// Adds a world to the watches of the baseline's items that hold in it.
    fn inherit(&mut self, world: u32, holds: impl Fn(ItemId) -> bool) {
        for &(item, position) in &self.of_items {
            let worlds = &mut self.list[position].worlds;
            if holds(item) && !worlds.contains(&world) {
                worlds.push(world);
            }
        }
    }

    pub fn into_list(self) -> Vec<Watch> {
        self.list
    }
}
