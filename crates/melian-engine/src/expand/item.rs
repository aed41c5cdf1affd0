//! What there is to expand: one scalar of one equation, and the state that steps carry.

use melian_language::model::QuantityId;

use super::nodes::QuickMap;
use super::plan::{Plan, Scalar};
use crate::graph::{CellId, HistoryId};

/// At which moment of a step an expression is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Mode {
    /// In the first step, where that needs no step: stocks are at their initial values.
    Start,
    /// Within a step: stocks are at their values at its start.
    Step,
    /// At the end of a step: state is what the next step will start with, everything else as it was in the step.
    End,
}

/// An attribute on one scalar of a stock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct AttributeOn {
    pub attribute: QuantityId,
    pub stock: Scalar,
}

/// An expression that needs state, with what the names in it stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct PlaceId(pub u32);

/// A node to be found. Each depends on others and is remembered once found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Item {
    /// The equation of a constant, parameter, derived quantity, noise, flow (its rate), choice (the option that stands) or event (how often it
    /// happens in the step), with that many changes of the world's interventions in place.
    Equation(Scalar, Mode, u32),
    /// What a flow asks for per day, or a transfer in the step; never negative.
    Asked(Scalar),
    /// What a flow or transfer asks for in the step.
    AskedAmount(Scalar),
    /// What all outflows of a stock ask for in the step.
    AskedOf(Scalar),
    /// The share of what was asked of a stock that it can give.
    Share(Scalar),
    /// What a flow moves per day, or a transfer in the step.
    Moved(Scalar),
    /// What a flow or transfer takes from its source in the step.
    MovedAmount(Scalar),
    /// What arrives at a flow's or transfer's destination in the step.
    Arriving(Scalar),
    /// The fraction that leaves a stage of a flow's pipeline in the step.
    Passing(Scalar),
    /// What is left in a stock when its outflows have gone.
    Left(Scalar),
    /// What is in a stock when its inflows have come too.
    Filled(Scalar),
    /// How often an event has happened, this step included.
    Happenings(Scalar),
    /// The time since an event last happened.
    Since(Scalar),
    /// Whether a choice's tastes are renewed at a decision in this step.
    Renewal(Scalar),
    /// The taste for an option at a decision in this step.
    Taste(Scalar, u32),
    /// What speaks for an option at a decision in this step, taste aside.
    Worth(Scalar, u32),
    /// A cell before the first step.
    Initial(CellId),
    /// A cell after the step.
    Next(CellId),
    /// What a history records.
    Recorded(HistoryId),
    /// That a cell is read; never computed, only depended on.
    State(CellId),
    /// That a history is read; never computed, only depended on.
    History(HistoryId),
    /// That the changes of interventions to a scalar are asked for; never computed, only depended on.
    Changes(Scalar),
}

impl Item {
    /// Returns the scalar whose equation it belongs to, unless it belongs to state.
    pub fn scalar(self) -> Option<Scalar> {
        match self {
            Item::Equation(scalar, ..)
            | Item::Asked(scalar)
            | Item::AskedAmount(scalar)
            | Item::AskedOf(scalar)
            | Item::Share(scalar)
            | Item::Moved(scalar)
            | Item::MovedAmount(scalar)
            | Item::Arriving(scalar)
            | Item::Passing(scalar)
            | Item::Left(scalar)
            | Item::Filled(scalar)
            | Item::Happenings(scalar)
            | Item::Since(scalar)
            | Item::Renewal(scalar)
            | Item::Taste(scalar, _)
            | Item::Worth(scalar, _)
            | Item::Changes(scalar) => Some(scalar),
            Item::Initial(_) | Item::Next(_) | Item::Recorded(_) | Item::State(_) | Item::History(_) => None,
        }
    }
}

/// The number of an item: what is known of items lies in lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ItemId(pub u32);

impl ItemId {
    /// Returns the position in its list.
    pub fn position(self) -> usize {
        self.0 as usize
    }
}

/// All items that were ever named, numbered in the order of their first naming.
#[derive(Default)]
pub(crate) struct Items {
    list: Vec<Item>,
    ids: QuickMap<Item, ItemId>,
}

impl Items {
    /// Returns the number of an item, which gets one if it has none.
    pub fn id(&mut self, item: Item) -> ItemId {
        *self.ids.entry(item).or_insert_with(|| {
            self.list.push(item);
            ItemId(self.list.len() as u32 - 1)
        })
    }

    /// Returns the number of an item if it was named before.
    pub fn known(&self, item: Item) -> Option<ItemId> {
        self.ids.get(&item).copied()
    }

    /// Returns the item with a number.
    pub fn item(&self, id: ItemId) -> Item {
        self.list[id.position()]
    }

    /// Returns how many there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }
}

/// What a cell holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum State {
    /// A stock.
    Stock(Scalar),
    /// An attribute of a stock.
    Attribute(AttributeOn),
    /// A stage of a flow's pipeline, from 0.
    Stage(Scalar, u32),
    /// An attribute in a stage of a flow's pipeline.
    StageAttribute(Scalar, u32, QuantityId),
    /// How often an event has happened.
    Happenings(Scalar),
    /// The time since an event last happened.
    Since(Scalar),
    /// The option of a choice that stands.
    Standing(Scalar),
    /// The taste for an option.
    Taste(Scalar, u32),
    /// A measure or question, once it is read.
    Reading(Scalar),
    /// What an equation gave in the first step, with that many changes in place.
    Frozen(Scalar, u32),
    /// The state of a time operator.
    Operator(PlaceId),
    /// The value of an expression in the first step.
    First(PlaceId),
    /// How many steps have ended.
    Steps,
}

/// Whose equation an expression stands in: a scalar, or an attribute on a stock's scalar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Owner {
    pub quantity: QuantityId,
    pub scalar: Scalar,
}

impl Owner {
    pub fn scalar(scalar: Scalar) -> Owner {
        Owner {
            quantity: scalar.quantity,
            scalar,
        }
    }

    pub fn attribute(on: AttributeOn) -> Owner {
        Owner {
            quantity: on.attribute,
            scalar: on.stock,
        }
    }

    /// Returns the qualified name: `tempo[kursk]`, `readiness of force[kursk]`.
    pub fn name(self, plan: &Plan) -> String {
        let scalar = plan.name(self.scalar);
        if self.quantity == self.scalar.quantity {
            scalar
        } else {
            format!("{} of {scalar}", plan.model.quantity(self.quantity).name)
        }
    }
}
