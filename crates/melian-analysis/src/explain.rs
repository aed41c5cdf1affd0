//! Why one future went as it did: what happened in it, and what, taken away alone, would have changed the answer.
//!
//! # Source
//! Lewis, D. (1973), "Causation", *The Journal of Philosophy* 70(17), 556-567; Halpern, J. Y. and Pearl, J. (2005), "Causes and explanations: a
//! structural-model approach. Part I: causes", *The British Journal for the Philosophy of Science* 56(4), 843-887. A but-for cause is a
//! sufficient, not a necessary, sign of an actual cause in their sense: pairs stand in where a second cause waits behind the first.

use melian_engine::ensemble::{Ensemble, RunError, Size, Trajectory, replay};
use melian_engine::layout::Layout;
use melian_engine::{World, compile};
use melian_language::diagnostic::Diagnostic;
use melian_language::model::{
    Action, Change, Expression, Intervention, InterventionId, Model, QuantityId, QuantityKind,
};
use melian_language::source::Span;

use crate::estimate::quantiles;
use crate::prior::Priors;

/// What is asked about: the scalar of a measure or question, or of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// Position among [`Layout::measures`].
    Measure(usize),
    /// Position among [`Layout::events`]: how often it happens by the end.
    Event(usize),
}

impl Target {
    /// Returns the target of this name.
    pub fn named(layout: &Layout, name: &str) -> Option<Target> {
        let measure = layout.measures.iter().position(|output| output.name == name);
        let event = || layout.events.iter().position(|output| output.name == name);
        measure
            .map(Target::Measure)
            .or_else(|| event().map(Target::Event))
    }

    /// Returns all names that can be asked about.
    pub fn names(layout: &Layout) -> impl Iterator<Item = &str> {
        layout
            .measures
            .iter()
            .chain(&layout.events)
            .map(|output| output.name.as_str())
    }

    /// Returns its quantity.
    pub fn quantity(self, layout: &Layout) -> QuantityId {
        match self {
            Target::Measure(position) => layout.measures[position].quantity,
            Target::Event(position) => layout.events[position].quantity,
        }
    }

    /// Returns the answer in a world of one future, base units.
    fn answer(self, trajectory: &Trajectory, world: usize) -> f64 {
        match self {
            Target::Measure(position) => trajectory.measures[world][position],
            Target::Event(position) => trajectory.events[world][position].last().copied().unwrap_or(0.0),
        }
    }

    /// Returns the last step that the answer can hang on in a future.
    fn last_step(self, model: &Model, trajectory: &Trajectory, layout: &Layout) -> u32 {
        let last = layout.steps.saturating_sub(1);
        match self {
            Target::Measure(_) => match &model.quantity(self.quantity(layout)).kind {
                QuantityKind::Measure { reading, .. } | QuantityKind::Question { reading, .. } => {
                    reading.step
                }
                _ => last,
            },
            Target::Event(position) => first_above(&trajectory.events[0][position], 0.0).unwrap_or(last),
        }
    }
}

/// Returns the first step in which values are above a number.
fn first_above(values: &[f64], above: f64) -> Option<u32> {
    values
        .iter()
        .position(|value| *value > above)
        .map(|step| step as u32)
}

/// Something of a future that can be taken away.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// What: an event that happened, a choice that changed, an assumption far from its median, the luck of a noise.
    pub what: What,
    /// The quantity.
    pub quantity: QuantityId,
    /// Position among the quantity's element tuples.
    pub position: usize,
    /// Qualified name.
    pub name: String,
}

/// What a candidate is, and so what its absence is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum What {
    /// An event that first happened in this step; without it, it never does.
    Event {
        /// The step.
        step: u32,
    },
    /// A choice that first left the option of the start in this step, for this one; without it, that of the start stands.
    Choice {
        /// The step.
        step: u32,
        /// The option that was chosen.
        option: u32,
    },
    /// A parameter in the outer tenth of its prior; without it, it lies at the prior's median. Base units.
    Parameter {
        /// What it is.
        value: f64,
        /// Its median.
        median: f64,
    },
    /// A noise; without its luck, it lies at the median of its distribution in every step.
    Luck,
}

/// A set of candidates whose absence changes the answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Cause {
    /// One candidate or two, by position among [`Explanation::candidates`].
    pub without: Vec<usize>,
    /// The answer without them, base units.
    pub answer: f64,
    /// Other candidates, events and choices, that do not come about without them.
    pub prevents: Vec<usize>,
}

/// Why a future went as it did.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// The answer, base units: of a question 1 or 0, of an event how often it happened.
    pub answer: f64,
    /// By how much the answer must differ to count as another, base units.
    pub yardstick: f64,
    /// Everything that was taken away.
    pub candidates: Vec<Candidate>,
    /// What changes the answer alone, strongest first.
    pub causes: Vec<Cause>,
    /// Pairs that change it where nothing does alone.
    pub pairs: Vec<Cause>,
}

/// Why there is no explanation.
#[derive(Debug, thiserror::Error)]
pub enum ExplainError {
    /// The model with something taken away is unsound.
    #[error("the model cannot be compiled with something taken away")]
    Unsound(Vec<Diagnostic>),
    /// There is no such future.
    #[error(transparent)]
    Run(#[from] RunError),
}

/// A measure must move by this share of the range that holds 90% of futures: what one would see in a picture of that range.
const SHARE_OF_RANGE: f64 = 0.1;

/// Candidates of which pairs are formed, most: the latest, as what is nearest to the answer is what one asks about.
const PAIRED: usize = 16;

/// Worlds that are compiled at once.
const AT_ONCE: usize = 32;

/// Returns the future that is nearest to all others in the squared distance of measures, each divided by its standard deviation, of those
/// that a condition holds for; none if there is none. Draw and replication.
///
/// # Method
/// The sum of squared distances to all others is that to their mean times their number, and a constant: the medoid is nearest to the mean.
pub fn typical(ensemble: &Ensemble, is_asked: impl Fn(usize) -> bool) -> Option<(u32, u32)> {
    let futures = ensemble.size.futures();
    let mut distances = vec![0.0; futures];
    for values in &ensemble.measures[0] {
        let finite = || values.iter().filter(|value| value.is_finite());
        let count = finite().count() as f64;
        let mean = finite().sum::<f64>() / count;
        let variance = finite().map(|value| (value - mean) * (value - mean)).sum::<f64>() / count;
        if variance > 0.0 && variance.is_finite() {
            for (distance, value) in distances.iter_mut().zip(values) {
                let apart = if value.is_finite() { value - mean } else { 0.0 };
                *distance += apart * apart / variance;
            }
        }
    }
    let asked = (0..futures).filter(|&future| is_asked(future));
    let nearest = asked.min_by(|&a, &b| distances[a].total_cmp(&distances[b]))?;
    let replications = ensemble.size.replications as usize;
    Some(((nearest / replications) as u32, (nearest % replications) as u32))
}

/// Explains the answer of one future.
///
/// # Method
/// Everything that can be taken away is a world of its own, and all are replayed in that very future: same parameters, same noise.
///
/// # Errors
/// The run has no such future, or the model is unsound without something.
pub fn explain(
    model: &Model,
    ensemble: &Ensemble,
    priors: &Priors,
    target: Target,
    trajectory: &Trajectory,
) -> Result<Explanation, ExplainError> {
    let layout = &ensemble.layout;
    let size = &ensemble.size;
    let answer = target.answer(trajectory, 0);
    let yardstick = match target {
        Target::Measure(position) => {
            let mut values: Vec<f64> = ensemble.measures[0][position]
                .iter()
                .copied()
                .filter(|value| value.is_finite())
                .collect();
            let is_question = matches!(
                model.quantity(target.quantity(layout)).kind,
                QuantityKind::Question { .. }
            );
            let [low, high] = quantiles(&mut values, [0.05, 0.95]);
            if is_question {
                0.5
            } else {
                SHARE_OF_RANGE * (high - low)
            }
        }
        Target::Event(_) => 0.5,
    };
    let candidates = candidates(model, layout, priors, target, trajectory);
    let singles: Vec<Vec<usize>> = (0..candidates.len()).map(|candidate| vec![candidate]).collect();
    let is_other = |cause: &Cause| {
        let apart = (cause.answer - answer).abs();
        apart > yardstick || cause.answer.is_nan() != answer.is_nan()
    };
    let without = |sets: &[Vec<usize>]| -> Result<Vec<Cause>, ExplainError> {
        let mut found = Vec::new();
        for sets in sets.chunks(AT_ONCE) {
            found.extend(without(model, size, target, trajectory, &candidates, sets)?);
        }
        found.retain(is_other);
        found.sort_by(|a, b| (b.answer - answer).abs().total_cmp(&(a.answer - answer).abs()));
        Ok(found)
    };
    let causes = without(&singles)?;
    let mut pairs = Vec::new();
    if causes.is_empty() {
        let mut happened: Vec<usize> = (0..candidates.len())
            .filter(|&i| step_of(&candidates[i]).is_some())
            .collect();
        happened.sort_by_key(|&i| std::cmp::Reverse(step_of(&candidates[i])));
        happened.truncate(PAIRED);
        let sets: Vec<Vec<usize>> = happened
            .iter()
            .enumerate()
            .flat_map(|(i, &one)| happened[i + 1..].iter().map(move |&other| vec![one, other]))
            .collect();
        pairs = without(&sets)?;
    }
    Ok(Explanation {
        answer,
        yardstick,
        candidates,
        causes,
        pairs,
    })
}

/// Returns when an event or a choice came about.
fn step_of(candidate: &Candidate) -> Option<u32> {
    match candidate.what {
        What::Event { step } | What::Choice { step, .. } => Some(step),
        What::Parameter { .. } | What::Luck => None,
    }
}

fn candidates(
    model: &Model,
    layout: &Layout,
    priors: &Priors,
    target: Target,
    trajectory: &Trajectory,
) -> Vec<Candidate> {
    let last = target.last_step(model, trajectory, layout);
    let mut found = Vec::new();
    for (position, output) in layout.events.iter().enumerate() {
        if let Some(step) = first_above(&trajectory.events[0][position], 0.0)
            && step <= last
            && target != Target::Event(position)
        {
            found.push(Candidate {
                what: What::Event { step },
                quantity: output.quantity,
                position: output.position,
                name: output.name.clone(),
            });
        }
    }
    for (position, (output, _)) in layout.choices.iter().enumerate() {
        let QuantityKind::Choice(choice) = &model.quantity(output.quantity).kind else {
            continue;
        };
        let taken = &trajectory.choices[0][position];
        let left = taken.iter().position(|option| *option != f64::from(choice.start));
        if let Some(step) = left
            && step as u32 <= last
        {
            found.push(Candidate {
                what: What::Choice {
                    step: step as u32,
                    option: taken[step] as u32,
                },
                quantity: output.quantity,
                position: output.position,
                name: output.name.clone(),
            });
        }
    }
    let intervals = |quantity| priors.intervals.iter().find(|(id, _)| *id == quantity);
    for column in &priors.columns {
        let interval = intervals(column.quantity).map(|(_, of_elements)| of_elements[column.position]);
        if let (Some([low, median, high]), Some(&value)) =
            (interval, column.values.get(trajectory.draw as usize))
            && (value < low || value > high)
        {
            let tuples = model.tuples(&model.quantity(column.quantity).shape);
            found.push(Candidate {
                what: What::Parameter { value, median },
                quantity: column.quantity,
                position: column.position,
                name: model.scalar_name(column.quantity, &tuples[column.position]),
            });
        }
    }
    for (position, quantity) in model.quantities.iter().enumerate() {
        if !matches!(quantity.kind, QuantityKind::Noise { .. }) {
            continue;
        }
        let id = QuantityId(position as u32);
        for (position, tuple) in model.tuples(&quantity.shape).iter().enumerate() {
            found.push(Candidate {
                what: What::Luck,
                quantity: id,
                position,
                name: model.scalar_name(id, tuple),
            });
        }
    }
    found
}

/// Replays the future once for each set of candidates that are taken away.
fn without(
    model: &Model,
    size: &Size,
    target: Target,
    trajectory: &Trajectory,
    candidates: &[Candidate],
    sets: &[Vec<usize>],
) -> Result<Vec<Cause>, ExplainError> {
    let mut changed = model.clone();
    let mut worlds = vec![World::baseline()];
    for set in sets {
        let id = InterventionId(changed.interventions.len() as u32);
        let changes = set
            .iter()
            .map(|&candidate| absence(model, &candidates[candidate]));
        changed.interventions.push(Intervention {
            name: format!("without {}", worlds.len()),
            title: None,
            span: Span {
                file: model.quantity(candidates[set[0]].quantity).span.file,
                start: 0,
                end: 0,
            },
            changes: changes.collect(),
        });
        worlds.push(World::under(&changed, id));
    }
    let program = compile(&changed, &worlds).map_err(ExplainError::Unsound)?;
    let found = replay(&program, size, trajectory.draw, trajectory.replication)?;
    let layout = &program.layout;
    let causes = sets.iter().zip(1..).map(|(set, world)| Cause {
        without: set.clone(),
        answer: target.answer(&found, world),
        prevents: (0..candidates.len())
            .filter(|other| {
                !set.contains(other) && !comes_about(model, layout, &found, world, &candidates[*other])
            })
            .collect(),
    });
    Ok(causes.collect())
}

/// Returns how a candidate is taken away.
fn absence(model: &Model, candidate: &Candidate) -> Change {
    let quantity = model.quantity(candidate.quantity);
    let tuple = model.tuples(&quantity.shape)[candidate.position].clone();
    let start = match &quantity.kind {
        QuantityKind::Choice(choice) => choice.start,
        _ => 0,
    };
    let (from_step, action) = match candidate.what {
        What::Event { .. } => (0, Action::Never),
        What::Choice { .. } => (0, Action::Option(start)),
        What::Parameter { median, .. } => (0, Action::Hold(Expression::Number(median))),
        What::Luck => (0, Action::Median),
    };
    Change {
        quantity: candidate.quantity,
        element: (!tuple.is_empty()).then_some(tuple),
        from_step,
        action,
    }
}

/// Returns whether an event happens, or a choice leaves its start, in a world as well.
fn comes_about(
    model: &Model,
    layout: &Layout,
    found: &Trajectory,
    world: usize,
    candidate: &Candidate,
) -> bool {
    let is_it = |quantity, position| quantity == candidate.quantity && position == candidate.position;
    match candidate.what {
        What::Event { .. } => {
            let event = layout
                .events
                .iter()
                .position(|output| is_it(output.quantity, output.position));
            event.is_none_or(|event| first_above(&found.events[world][event], 0.0).is_some())
        }
        What::Choice { .. } => {
            let choice = layout
                .choices
                .iter()
                .position(|(output, _)| is_it(output.quantity, output.position));
            let QuantityKind::Choice(declared) = &model.quantity(candidate.quantity).kind else {
                return true;
            };
            let start = f64::from(declared.start);
            choice.is_none_or(|choice| found.choices[world][choice].iter().any(|option| *option != start))
        }
        What::Parameter { .. } | What::Luck => true,
    }
}
