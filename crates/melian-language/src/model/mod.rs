//! The checked model: names resolved, units checked, complete when made.
//!
//! All numbers are in base units (time in days), all subscripts are typed, functions are inlined, facts have become
//! numbers. Nothing here can be half checked: a consumer needs no "unexpected" branch.

pub mod claim;
pub mod expression;
pub mod print;
mod uses;
mod walk;

pub use claim::{Claim, ClaimKind, Formula, Headline, HeadlinePart, Reading};
pub use expression::{
    AttributeRef, Binary, BinderId, Calendar, Distribution, Expression, FactScale, FunctionName, PipelineOf,
    QuantityRef, Reduction, Subscript, Unary,
};

use crate::evidence::Evidence;
use crate::lock::{Lock, Solved};
use crate::source::Span;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
        pub struct $name(pub u32);
        impl $name {
            /// Returns the position in the model's list.
            pub fn position(self) -> usize {
                self.0 as usize
            }
        }
    };
}

id!(
    /// Names a quantity of [`Model::quantities`].
    QuantityId
);
id!(
    /// Names an index or subset of [`Model::indices`].
    IndexId
);
id!(
    /// Names a map of [`Model::maps`].
    MapId
);
id!(
    /// Names an intervention of [`Model::interventions`].
    InterventionId
);

/// An element of a root index, by its position there. Subsets use the positions of their root.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
pub struct ElementId(pub u32);

/// A whole checked model.
#[derive(Clone, Debug)]
pub struct Model {
    /// Name after `model`.
    pub name: String,
    /// Title after the name, or the name.
    pub title: String,
    /// Steps of time.
    pub clock: Clock,
    /// Indices and subsets; a root index before its subsets.
    pub indices: Vec<Index>,
    /// Maps between indices.
    pub maps: Vec<Map>,
    /// Everything with a value, in order of source file name and position.
    pub quantities: Vec<Quantity>,
    /// Luck that goes together. No scalar is in two of them.
    pub correlations: Vec<Correlation>,
    /// Named changes.
    pub interventions: Vec<Intervention>,
    /// Ways by which effects come about.
    pub pathways: Vec<Pathway>,
    /// Sentences of the argument.
    pub claims: Vec<Claim>,
    /// Sentences of the answer.
    pub headlines: Vec<Headline>,
    /// Elicited probabilities that pin intercepts.
    pub anchors: Vec<Anchor>,
    /// Face checks.
    pub checks: Vec<FaceCheck>,
    /// Facts and references that the model cites.
    pub evidence: Evidence,
    /// What was solved for the anchors, if anything was.
    pub lock: Option<Lock>,
}

impl Model {
    /// Returns a quantity.
    pub fn quantity(&self, id: QuantityId) -> &Quantity {
        &self.quantities[id.position()]
    }

    /// Returns an index.
    #[expect(
        clippy::should_implement_trait,
        reason = "an index is a noun of the language here"
    )]
    pub fn index(&self, id: IndexId) -> &Index {
        &self.indices[id.position()]
    }

    /// Returns the name of an element of an index's root.
    pub fn element(&self, index: IndexId, element: ElementId) -> &Element {
        let root = self.index(index).root;
        &self.index(root).elements[element.0 as usize]
    }

    /// Returns a quantity by its name.
    pub fn named(&self, name: &str) -> Option<QuantityId> {
        self.quantities
            .iter()
            .position(|q| q.name == name)
            .map(|i| QuantityId(i as u32))
    }

    /// Returns the element tuples of a shape, last index fastest. A shape without indices has one, empty.
    pub fn tuples(&self, shape: &[IndexId]) -> Vec<Vec<ElementId>> {
        shape.iter().fold(vec![Vec::new()], |tuples, &index| {
            let members = &self.index(index).members;
            tuples
                .iter()
                .flat_map(|tuple| {
                    members.iter().map(move |&m| {
                        let mut next = tuple.clone();
                        next.push(m);
                        next
                    })
                })
                .collect()
        })
    }

    /// Returns what was solved for an anchor, if it was.
    pub fn solved(&self, anchor: &Anchor) -> Option<&Solved> {
        let parameter = &self.quantity(anchor.parameter).name;
        self.lock
            .as_ref()?
            .solved(parameter, &self.reading_name(anchor.question))
    }

    /// Returns the qualified name of a measure or question: `sent`, `armed[kyiv]`.
    pub fn reading_name(&self, reading: Reading) -> String {
        let shape = &self.quantity(reading.quantity).shape;
        self.scalar_name(reading.quantity, &self.tuples(shape)[reading.position])
    }

    /// Returns the qualified name of one scalar of a quantity: `force[south_donetsk,russia]`.
    pub fn scalar_name(&self, id: QuantityId, tuple: &[ElementId]) -> String {
        let quantity = self.quantity(id);
        if tuple.is_empty() {
            return quantity.name.clone();
        }
        let elements: Vec<&str> = quantity
            .shape
            .iter()
            .zip(tuple)
            .map(|(&index, &e)| self.element(index, e).name.as_str())
            .collect();
        format!("{}[{}]", quantity.name, elements.join(","))
    }
}

/// The steps of time.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Clock {
    /// First day of the first step, as days since 1970-01-01.
    pub start_day: i32,
    /// Length of a step, in days, positive.
    pub step_days: f64,
    /// Number of steps, at least 1.
    pub steps: u32,
}

/// An index, or a subset of one.
#[derive(Clone, Debug)]
pub struct Index {
    /// Name.
    pub name: String,
    /// Title, if it has one.
    pub title: Option<String>,
    /// The root index; itself for a root.
    pub root: IndexId,
    /// The elements, for a root; empty for a subset.
    pub elements: Vec<Element>,
    /// The members, as elements of the root, in the root's order.
    pub members: Vec<ElementId>,
    /// GeoJSON text with the elements' outlines.
    pub outlines: Option<String>,
}

/// An element of an index, or an option of a choice.
#[derive(Clone, Debug)]
pub struct Element {
    /// Name.
    pub name: String,
    /// Title, if it has one.
    pub title: Option<String>,
}

/// A map from the elements of one index to those of another.
#[derive(Clone, Debug)]
pub struct Map {
    /// Name.
    pub name: String,
    /// From which root index.
    pub from: IndexId,
    /// To which root index.
    pub to: IndexId,
    /// Image of every element of `from`.
    pub images: Vec<ElementId>,
}

/// A unit as declared, with what it takes to show a value in it.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Unit {
    /// As written, or composed where inferred: `person/day`; `1` for plain numbers.
    pub text: String,
    /// How many base units one of it is: a shown value is the base value divided by this.
    pub scale: f64,
    /// What kind of value it is.
    pub kind: ValueKind,
}

/// The type of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub enum ValueKind {
    /// A number (its dimension was checked).
    Number,
    /// True (1) or false (0).
    Condition,
    /// A date: days since the start of the model.
    Date,
}

/// Anything with a value.
#[derive(Clone, Debug)]
pub struct Quantity {
    /// Name.
    pub name: String,
    /// Title, if it has one.
    pub title: Option<String>,
    /// Its indices, empty for a scalar.
    pub shape: Vec<IndexId>,
    /// The binders that stand for its elements in its equations, one per index.
    pub binders: Vec<BinderId>,
    /// Unit in which it is shown.
    pub unit: Unit,
    /// Where it is declared.
    pub span: Span,
    /// The declaration as written, without comments; after it, the correlations that name it.
    pub text: String,
    /// Keys of references.
    pub cites: Vec<String>,
    /// Keys of references that correlations cite which name it; they say nothing of its own numbers.
    pub correlation_cites: Vec<String>,
    /// What it is.
    pub kind: QuantityKind,
}

/// A value for every element: one expression in the quantity's binders, or one per element tuple (last index fastest).
#[derive(Clone, Debug)]
pub enum PerElement<T> {
    /// The same expression, in the binders.
    Same(T),
    /// One expression per tuple of [`Model::tuples`]; binders may still occur.
    Each(Vec<T>),
}

impl<T> PerElement<T> {
    /// Returns the value of the tuple at this position.
    pub fn at(&self, position: usize) -> &T {
        match self {
            PerElement::Same(value) => value,
            PerElement::Each(values) => &values[position],
        }
    }
}

/// What a quantity is.
#[derive(Clone, Debug)]
pub enum QuantityKind {
    /// The same in every future.
    Constant {
        /// Value; depends on constants only.
        value: PerElement<Expression>,
    },
    /// Drawn once per draw.
    Parameter {
        /// Prior; its arguments depend on constants and parameters only.
        prior: PerElement<Distribution>,
        /// The fact it comes from, if it is one.
        fact: Option<String>,
    },
    /// An accumulating state.
    Stock {
        /// Initial value; depends on constants and parameters only.
        initial: PerElement<Expression>,
    },
    /// A quality of stocks.
    Attribute {
        /// The stocks it travels with.
        stocks: Vec<StockAttribute>,
    },
    /// A rate that moves a stock.
    Flow {
        /// Source; outside if none.
        from: Option<QuantityRef>,
        /// Destination; outside if none.
        to: Option<QuantityRef>,
        /// Base unit of the stock per day.
        rate: PerElement<Expression>,
        /// Stages on the way.
        pipeline: Option<PipelineOf>,
        /// Values of attributes that the flow brings where its source has none: attribute and value.
        carrying: Vec<(QuantityId, Expression)>,
    },
    /// A derived quantity.
    Derived {
        /// Equation.
        value: PerElement<Expression>,
    },
    /// Drawn anew every step.
    Noise {
        /// Distribution; its arguments may depend on anything upstream in the same step.
        distribution: PerElement<Distribution>,
    },
    /// Something that happens or not.
    Event(Event),
    /// An actor's decision.
    Choice(Choice),
    /// An amount moved at once when an event happens.
    Transfer {
        /// Amount per happening, base units of the stock.
        amount: PerElement<Expression>,
        /// Source; outside if none.
        from: Option<QuantityRef>,
        /// Destination; outside if none.
        to: Option<QuantityRef>,
        /// The event.
        on: QuantityRef,
    },
    /// Recorded at the end of every step.
    Series {
        /// Value, read at the end of the step.
        value: PerElement<Expression>,
    },
    /// A number read off a future.
    Measure {
        /// Value.
        value: PerElement<Expression>,
        /// When it is read.
        reading: When,
    },
    /// A yes (1) or no (0) read off a future.
    Question {
        /// Condition.
        value: PerElement<Expression>,
        /// When it is read.
        reading: When,
    },
}

/// An attribute on one of its stocks.
#[derive(Clone, Debug)]
pub struct StockAttribute {
    /// The stock.
    pub stock: QuantityId,
    /// Initial value over the stock's shape, in the stock's binders.
    pub initial: PerElement<Expression>,
    /// Change per day of its own, in the stock's binders.
    pub rate: Option<PerElement<Expression>>,
}

/// When a measure or question is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct When {
    /// The step at whose end it is read, counted from 0.
    pub step: u32,
    /// Whether a condition counts if it ever held up to then, rather than then.
    pub ever: bool,
}

/// Something that happens or not.
#[derive(Clone, Debug)]
pub struct Event {
    /// What makes it happen.
    pub trigger: Trigger,
    /// Whether it can happen more than once.
    pub recurring: bool,
}

/// What makes an event happen.
#[derive(Clone, Debug)]
pub enum Trigger {
    /// In the step that contains a date, with a probability.
    At {
        /// Step; none when the date lies outside the run.
        step: Option<u32>,
        /// Probability, 1 if absent.
        probability: Option<PerElement<Expression>>,
    },
    /// When a condition holds.
    When(PerElement<Expression>),
    /// At a hazard rate per day, while the condition holds.
    Rate {
        /// Rate per day.
        rate: PerElement<Expression>,
        /// Condition, true if absent.
        condition: Option<PerElement<Expression>>,
    },
}

/// An actor's decision. Its value is the position of the option.
#[derive(Clone, Debug)]
pub struct Choice {
    /// Who decides.
    pub actor: String,
    /// Steps between decisions, at least 1.
    pub every: u32,
    /// The options.
    pub options: Vec<Element>,
    /// The option that stands before the first decision.
    pub start: u32,
    /// What decides.
    pub decision: Decision,
}

/// What decides a choice.
#[derive(Clone, Debug)]
pub enum Decision {
    /// The open option of the greatest utility, tastes aside.
    Utility(Utility),
    /// The first row whose condition holds; if none holds, the last option stands.
    Rules(Vec<Rule>),
}

/// A logit over the options of a choice.
#[derive(Clone, Debug)]
pub struct Utility {
    /// Utility of each option.
    pub utilities: Vec<PerElement<Expression>>,
    /// Conditions under which an option is open; none: always.
    pub available: Vec<Option<PerElement<Expression>>>,
    /// Precision of the logit, plain number.
    pub precision: PerElement<Expression>,
    /// Taken from the utility of every option but the current one.
    pub switching_cost: PerElement<Expression>,
    /// How long tastes persist.
    pub memory: Memory,
}

/// A row of a table of rules.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Condition, in the choice's binders; true for `else`.
    pub condition: Expression,
    /// The option it decides for.
    pub option: u32,
    /// The row as written, without comments.
    pub text: String,
}

/// How long tastes persist.
#[derive(Clone, Debug)]
pub enum Memory {
    /// Renewed at every decision.
    None,
    /// Renewed at a hazard of one over this many days.
    Days(Expression),
    /// Never renewed.
    Forever,
}

/// Parameters, or noises, whose luck goes together: a Gaussian copula. The normals behind their uniform numbers are correlated, those of noises within
/// each step.
#[derive(Clone, Debug)]
pub struct Correlation {
    /// Scalars, all of parameters or all of noises, in the order of their qualified names; every subscript is an element.
    pub members: Vec<QuantityRef>,
    /// Correlations, lower triangle row by row with the diagonal: `[member][member]`, in -1 to 1.
    pub matrix: Vec<Vec<f64>>,
    /// The lower triangular factor L of the matrix, L L' = matrix, by rows.
    pub factor: Vec<Vec<f64>>,
}

/// A named change to the model.
#[derive(Clone, Debug)]
pub struct Intervention {
    /// Name.
    pub name: String,
    /// Title, if it has one.
    pub title: Option<String>,
    /// Where it is declared.
    pub span: Span,
    /// Its changes.
    pub changes: Vec<Change>,
}

/// A way by which effects come about: what goes through some quantities, the mediators.
#[derive(Clone, Debug)]
pub struct Pathway {
    /// Name.
    pub name: String,
    /// Title, if it has one.
    pub title: Option<String>,
    /// Where it is declared.
    pub span: Span,
    /// Derived quantities, choices or events: whole (none) or one element.
    pub mediators: Vec<(QuantityId, Option<Vec<ElementId>>)>,
}

/// One change of an intervention.
#[derive(Clone, Debug)]
pub struct Change {
    /// What is changed.
    pub quantity: QuantityId,
    /// The element, all if none.
    pub element: Option<Vec<ElementId>>,
    /// The first step in which it holds.
    pub from_step: u32,
    /// How it is changed.
    pub action: Action,
}

/// How a quantity is changed.
#[derive(Clone, Debug)]
pub enum Action {
    /// A parameter, constant, stock (initial value), derived quantity or flow (its equation cut) is given this value.
    Hold(Expression),
    /// Held at its value in the first step.
    Freeze,
    /// A noise without its luck: the median of its distribution in every step.
    Median,
    /// A choice is held at an option.
    Option(u32),
    /// An event never happens.
    Never,
    /// A once-only event happens in the first step (from `from_step` on), a recurring one in every step.
    Always,
    /// An event happens in this step (none: the date lies outside the run) and not otherwise.
    At(Option<u32>),
}

/// An elicited probability that pins an intercept.
#[derive(Clone, Debug)]
pub struct Anchor {
    /// The parameter to solve for.
    pub parameter: QuantityId,
    /// The question whose probability is elicited.
    pub question: Reading,
    /// The elicited probability.
    pub target: Distribution,
    /// The parameter's prior as declared. Once the anchor is solved, the parameter has a prior of what was solved in its place.
    pub declared: Distribution,
    /// Where it is declared.
    pub span: Span,
}

/// A face check: the median of a measure lies in a published range.
#[derive(Clone, Debug)]
pub struct FaceCheck {
    /// Name.
    pub name: String,
    /// The measure.
    pub measure: Reading,
    /// Least acceptable median, base units.
    pub low: f64,
    /// Greatest acceptable median, base units.
    pub high: f64,
    /// The expression of the range as written.
    pub text: String,
    /// Where it is declared.
    pub span: Span,
}
