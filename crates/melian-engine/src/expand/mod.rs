//! Unrolls indices and worlds into one scalar graph.
//!
//! Every world is expanded on demand from what it gives back: an [`item`] is one scalar of one equation, a [`place`] one time operator in it.
//! What an intervention does not reach keeps the baseline's nodes and cells, so it is computed once for both worlds.
//! The meaning of a step is in `docs/src/reference/semantics.md`; here it is written once more, as nodes.

mod chance;
mod choice;
mod equation;
mod event;
mod item;
mod movement;
pub(crate) mod nodes;
mod plan;
mod product;
mod sites;
mod time;
mod world;

use melian_language::diagnostic::{Diagnostic, Severity};
use melian_language::model::{Decision, ElementId, InterventionId, Model, QuantityId, QuantityKind};

use crate::graph::{Graph, Node, NodeId, WorldOutputs};
use crate::layout::{Layout, Output};
use crate::operation::Operation;
use plan::{Plan, Scalar};
use world::Expansion;

/// The model as it stands, or under interventions.
#[derive(Clone, Debug, PartialEq)]
pub struct World {
    /// Name; the first world is called `baseline`.
    pub name: String,
    /// What is changed, in order; nothing in the baseline.
    pub interventions: Vec<InterventionId>,
    /// What follows another world instead of what this one would make of it.
    pub follows: Option<Follows>,
}

/// Scalars that have, step by step and future by future, the values that they have in another world: mediators that are held.
#[derive(Clone, Debug, PartialEq)]
pub struct Follows {
    /// Position of the other world, which comes before this one.
    pub world: usize,
    /// Derived quantities, choices or events, whole or one element.
    pub scalars: Vec<(QuantityId, Option<Vec<ElementId>>)>,
}

impl World {
    /// Returns the model as it stands.
    pub fn baseline() -> World {
        World {
            name: "baseline".to_owned(),
            interventions: Vec::new(),
            follows: None,
        }
    }

    /// Returns the model under one intervention.
    pub fn under(model: &Model, intervention: InterventionId) -> World {
        World {
            name: model.interventions[intervention.position()].name.clone(),
            interventions: vec![intervention],
            follows: None,
        }
    }

    /// Returns the model as it stands, and under each of its interventions alone.
    pub fn all(model: &Model) -> Vec<World> {
        let each = (0..model.interventions.len() as u32).map(InterventionId);
        std::iter::once(World::baseline())
            .chain(each.map(|id| World::under(model, id)))
            .collect()
    }
}

/// Most nodes that a graph may have: at some 150 bytes each, a third of a gigabyte.
pub const MOST_NODES: usize = 2_000_000;

/// Expands the model into a graph, with the order of its outputs.
///
/// # Errors
/// A model whose scalars are too many, two of whose names share a hash, or in which the scaling of flows closes a cycle.
pub fn expand(model: &Model, worlds: &[World]) -> Result<(Graph, Layout), Vec<Diagnostic>> {
    let all: Vec<QuantityId> = (0..model.quantities.len() as u32).map(QuantityId).collect();
    expand_for(model, worlds, &all)
}

/// Expands the model as it stands and adds to its series, behind them, what every option of every choice by utility is worth in each step and the taste for
/// it, in turn. Returns choices and options in their order too.
///
/// # Errors
/// Those of [`expand`].
pub fn expand_traced(model: &Model) -> Result<(Graph, Layout, Vec<Traced>), Vec<Diagnostic>> {
    let plan = Plan::new(model);
    limit_scalars(&plan)?;
    let all: Vec<QuantityId> = (0..model.quantities.len() as u32).map(QuantityId).collect();
    let worlds = [World::baseline()];
    let layout = layout(&plan, &worlds, &all);
    let mut options = Vec::new();
    for (choice, (output, count)) in layout.choices.iter().enumerate() {
        if let QuantityKind::Choice(declared) = &model.quantity(output.quantity).kind
            && let Decision::Utility(_) = declared.decision
        {
            options.extend((0..*count).map(|option| (scalar_of(output), Traced { choice, option })));
        }
    }
    let scalars: Vec<(Scalar, u32)> = (options.iter())
        .map(|(scalar, traced)| (*scalar, traced.option))
        .collect();
    let mut expansion = Expansion::new(&plan, &worlds, &scalars);
    let outputs = vec![expansion.world(&worlds[0], &layout)?];
    let graph = expansion.finish(outputs)?;
    let traced = options.into_iter().map(|(_, traced)| traced).collect();
    Ok((graph, layout, traced))
}

/// An option of a choice whose worth and taste are told step by step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Traced {
    /// Position among the layout's choices.
    pub choice: usize,
    /// The option.
    pub option: u32,
}

/// Expands what it takes to answer some series, measures, questions, choices and events, in this order; nothing else is looked at.
///
/// # Errors
/// Those of [`expand`].
pub fn expand_for(
    model: &Model,
    worlds: &[World],
    asked: &[QuantityId],
) -> Result<(Graph, Layout), Vec<Diagnostic>> {
    let plan = Plan::new(model);
    limit_scalars(&plan)?;
    let layout = layout(&plan, worlds, asked);
    let mut expansion = Expansion::new(&plan, worlds, &[]);
    let mut outputs = Vec::with_capacity(worlds.len());
    for world in worlds {
        outputs.push(expansion.world(world, &layout)?);
    }
    expansion.finish(outputs).map(|graph| (graph, layout))
}

/// Adds to each world but the baseline what its series differ by from the baseline's. They stand behind the world's series, in the same
/// order.
///
/// Two values that agree do not differ, even if both are infinite.
pub(crate) fn add_differences(graph: &mut Graph) {
    let Some((baseline, others)) = graph.worlds.split_first_mut() else {
        return;
    };
    let nodes = &mut graph.nodes;
    let mut add = |node| {
        nodes.push(node);
        NodeId(nodes.len() as u32 - 1)
    };
    let zero = add(Node::Constant(0.0_f64.to_bits()));
    let mut difference = |with: NodeId, without: NodeId| {
        if with == without {
            return zero;
        }
        let same = add(Node::Apply(Operation::Equal, [with, without].into()));
        let minus = add(Node::Apply(Operation::Subtract, [with, without].into()));
        add(Node::Apply(Operation::Select, [same, zero, minus].into()))
    };
    for world in others {
        let pairs = world.series.iter().zip(&baseline.series);
        let differences: Vec<NodeId> = pairs.map(|(&with, &without)| difference(with, without)).collect();
        world.series.extend(differences);
    }
}

/// Refuses a model with more scalars than there may be nodes before anything is unrolled.
fn limit_scalars(plan: &Plan) -> Result<(), Vec<Diagnostic>> {
    let counts = (0..plan.model.quantities.len() as u32).map(|id| plan.count(QuantityId(id)));
    let total = counts.fold(0, u64::saturating_add);
    if total <= MOST_NODES as u64 {
        return Ok(());
    }
    let largest = (0..plan.model.quantities.len() as u32)
        .map(QuantityId)
        .max_by_key(|&id| plan.count(id));
    let largest = plan
        .model
        .quantity(largest.expect("a model without quantities has no scalars"));
    let message = format!("this model has {total} scalar quantities; at most {MOST_NODES} can be run");
    Err(vec![too_large(message, Some(largest.span)).help(
        "use indices with fewer elements, or fewer indices at once",
    )])
}

fn too_large(message: String, span: Option<melian_language::source::Span>) -> Diagnostic {
    Diagnostic {
        code: "E0901",
        severity: Severity::Error,
        message,
        primary: span.map(|span| melian_language::diagnostic::Label {
            span,
            text: "the largest of them".into(),
        }),
        labels: Vec::new(),
        notes: Vec::new(),
        help: None,
        edit: None,
    }
}

fn layout(plan: &Plan, worlds: &[World], asked: &[QuantityId]) -> Layout {
    let mut layout = Layout {
        worlds: worlds.iter().map(|world| world.name.clone()).collect(),
        steps: plan.model.clock.steps,
        ..Layout::default()
    };
    for &id in asked {
        let quantity = plan.model.quantity(id);
        for scalar in plan.scalars(id) {
            let output = || Output {
                quantity: scalar.quantity,
                position: scalar.position as usize,
                name: plan.name(scalar),
                is_question: matches!(quantity.kind, QuantityKind::Question { .. }),
            };
            match &quantity.kind {
                QuantityKind::Series { .. } => layout.series.push(output()),
                QuantityKind::Measure { .. } | QuantityKind::Question { .. } => {
                    layout.measures.push(output())
                }
                QuantityKind::Choice(choice) => layout.choices.push((output(), choice.options.len() as u32)),
                QuantityKind::Event(_) => layout.events.push(output()),
                _ => {}
            }
        }
    }
    layout
}

/// Returns the scalar that an output reads.
fn scalar_of(output: &Output) -> Scalar {
    Scalar {
        quantity: output.quantity,
        position: output.position as u32,
    }
}

impl Expansion<'_, '_> {
    /// Checks what only the whole shows, and gives the graph.
    fn finish(self, worlds: Vec<WorldOutputs>) -> Result<Graph, Vec<Diagnostic>> {
        if !self.sites.collisions.is_empty() {
            return Err(self.sites.collisions);
        }
        let cells = self
            .cells
            .into_iter()
            .map(|cell| cell.expect("every cell was expanded"))
            .collect();
        let histories = self
            .histories
            .into_iter()
            .map(|node| node.expect("every history was expanded"))
            .collect();
        Ok(Graph {
            nodes: self.nodes.into_list(),
            cells,
            histories,
            watches: self.watches.into_list(),
            worlds,
        })
    }
}
