//! What a run gives back, by name: the order of outputs.

use melian_language::model::QuantityId;

/// One scalar output.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Output {
    /// The quantity.
    pub quantity: QuantityId,
    /// Position among the quantity's element tuples.
    pub position: usize,
    /// Qualified name: `kursk_salient`, `will[russia]`.
    pub name: String,
    /// Whether it is a question, which has few values.
    pub is_question: bool,
}

/// The order of outputs, the same in every world.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
pub struct Layout {
    /// Names of the worlds; the first is `baseline`.
    pub worlds: Vec<String>,
    /// Scalars of series.
    pub series: Vec<Output>,
    /// Scalars of measures and questions.
    pub measures: Vec<Output>,
    /// Scalars of choices, with their number of options.
    pub choices: Vec<(Output, u32)>,
    /// Scalars of events.
    pub events: Vec<Output>,
    /// Number of steps.
    pub steps: u32,
}
