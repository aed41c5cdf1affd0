//! Claims, formulas over answers, and headlines.

use super::{InterventionId, QuantityId};
use crate::model::Binary;
use crate::source::Span;

/// A sentence of the argument.
#[derive(Clone, Debug)]
pub struct Claim {
    /// Name.
    pub name: String,
    /// Title, if it has one.
    pub title: Option<String>,
    /// The words of the argument.
    pub quote: String,
    /// What decides it.
    pub kind: ClaimKind,
    /// Why the formula (or the verdict) stands for the sentence.
    pub because: Option<String>,
    /// What the verdict rests on, in a sentence that goes on from "it rests on".
    pub rests: Option<String>,
    /// Evidence that would settle it.
    pub settled: Option<String>,
    /// Names of claims that cannot hold together with this one.
    pub contradicts: Vec<String>,
    /// Where it is declared.
    pub span: Span,
}

/// What decides a claim.
#[derive(Clone, Debug)]
pub enum ClaimKind {
    /// A formula over measures, questions and effects.
    Formula {
        /// The formula.
        formula: Formula,
        /// As written.
        text: String,
    },
    /// A stated number against a fact.
    Factual {
        /// The fact.
        fact: String,
        /// Its 5% point, median and 95% point, base units.
        range: [f64; 3],
        /// What the sentence says, base units.
        stated: f64,
        /// Relative tolerance within which it is accurate.
        within: f64,
        /// As written.
        text: String,
    },
    /// No measurement could decide it.
    Normative,
}

/// A scalar measure or question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reading {
    /// The measure or question.
    pub quantity: QuantityId,
    /// Position among its element tuples.
    pub position: usize,
}

/// A formula over answers, evaluated per draw. Conditions are 1 or 0.
#[derive(Clone, Debug)]
pub enum Formula {
    /// A number in base units.
    Number(f64),
    /// Mean over replications, in a world (none: the baseline).
    Mean(Reading, Option<InterventionId>),
    /// Probability of a question, in a world.
    Probability(Reading, Option<InterventionId>),
    /// Quantile over replications, in a world.
    Quantile(Reading, f64, Option<InterventionId>),
    /// Mean over replications of intervened minus baseline, future by future.
    Effect(InterventionId, Reading),
    /// Mean over replications of what the effect loses if a pathway, by its position in the model, is closed: the total indirect effect.
    Through(InterventionId, Reading, usize),
    /// Of the futures in which a question is true in the baseline, the share in which it is not under an intervention.
    Necessity(InterventionId, Reading),
    /// Of the futures in which a question is not true under an intervention, the share in which it is in the baseline.
    Sufficiency(InterventionId, Reading),
    /// Minus.
    Negate(Box<Formula>),
    /// Logical not.
    Not(Box<Formula>),
    /// Arithmetic, comparison or logic.
    Binary(Binary, Box<Formula>, Box<Formula>),
}

/// A sentence of the answer.
#[derive(Clone, Debug)]
pub struct Headline {
    /// Text and formulas.
    pub parts: Vec<HeadlinePart>,
    /// Where it is declared.
    pub span: Span,
}

/// A part of a headline.
#[derive(Clone, Debug)]
pub enum HeadlinePart {
    /// Words.
    Text(String),
    /// A formula that is linear in means (`{southern_gain}`, `{effect(no_troops, x)}`) with the unit to show it in.
    Figure {
        /// The formula.
        formula: Formula,
        /// As written.
        text: String,
        /// Unit; `None` for a probability, shown as a percentage.
        unit: Option<super::Unit>,
    },
}
