//! Which worlds a model needs.

use melian_engine::expand::{Follows, World, expand};
use melian_language::diagnostic::Diagnostic;
use melian_language::model::{
    Action, Change, ClaimKind, Expression, Formula, HeadlinePart, InterventionId, Model, QuantityId,
};
use rayon::prelude::*;

use crate::formula::world_of;

/// Returns the worlds that the model's claims and headlines need: the baseline, interventions, and interventions with a pathway closed.
pub fn worlds_needed(model: &Model) -> Vec<World> {
    let (mut interventions, mut ways) = (Vec::new(), Vec::new());
    let mut need = |formula: &Formula| {
        formula.visit(&mut |part| {
            interventions.extend(world_of(part));
            if let Formula::Through(world, _, pathway) = part {
                ways.push((*world, *pathway));
            }
        });
    };
    formulas(model).for_each(&mut need);
    interventions.sort();
    interventions.dedup();
    ways.sort();
    ways.dedup();
    let ways = ways
        .into_iter()
        .map(|(world, pathway)| closed(model, world, pathway));
    worlds(model, &interventions).into_iter().chain(ways).collect()
}

/// Returns the baseline and a world for each of these interventions.
pub fn worlds(model: &Model, interventions: &[InterventionId]) -> Vec<World> {
    let under = interventions.iter().map(|&id| World::under(model, id));
    std::iter::once(World::baseline()).chain(under).collect()
}

/// Returns the world under an intervention in which a pathway is closed: its mediators are as in the baseline, future by future.
pub fn closed(model: &Model, intervention: InterventionId, pathway: usize) -> World {
    let under = World::under(model, intervention);
    let pathway = &model.pathways[pathway];
    World {
        name: format!("{} but for {}", under.name, pathway.name),
        follows: Some(Follows {
            world: 0,
            scalars: pathway.mediators.clone(),
        }),
        ..under
    }
}

/// Two interventions that cannot both be: they make something different of the same scalar.
#[derive(Clone, Debug, PartialEq)]
pub struct Contradiction {
    /// What both change.
    pub quantity: QuantityId,
    /// The interventions.
    pub between: [InterventionId; 2],
}

/// Returns the world in which several interventions act at once, under the name of all.
///
/// # Errors
/// Two of them contradict each other.
pub fn together(model: &Model, interventions: &[InterventionId]) -> Result<World, Contradiction> {
    let changes = |id: InterventionId| model.interventions[id.position()].changes.iter();
    for (i, &one) in interventions.iter().enumerate() {
        for &other in &interventions[i + 1..] {
            let pairs = changes(one).flat_map(|change| changes(other).map(move |also| (change, also)));
            if let Some((change, _)) = pairs.into_iter().find(|(change, also)| contradict(change, also)) {
                return Err(Contradiction {
                    quantity: change.quantity,
                    between: [one, other],
                });
            }
        }
    }
    let names: Vec<&str> = interventions
        .iter()
        .map(|id| model.interventions[id.position()].name.as_str())
        .collect();
    Ok(World {
        name: names.join("+"),
        interventions: interventions.to_vec(),
        follows: None,
    })
}

/// Returns whether two changes make something different of the same scalar.
fn contradict(one: &Change, other: &Change) -> bool {
    let overlap = match (&one.element, &other.element) {
        (Some(one), Some(other)) => one == other,
        _ => true,
    };
    let same = one.from_step == other.from_step
        && match (&one.action, &other.action) {
            (Action::Hold(Expression::Number(one)), Action::Hold(Expression::Number(other))) => one == other,
            (Action::Option(one), Action::Option(other)) => one == other,
            (Action::At(one), Action::At(other)) => one == other,
            (Action::Freeze, Action::Freeze)
            | (Action::Median, Action::Median)
            | (Action::Never, Action::Never)
            | (Action::Always, Action::Always) => true,
            _ => false,
        };
    one.quantity == other.quantity && overlap && !same
}

/// Returns what is wrong with a model in any of its worlds that no check of its text can see, such as a cycle that an intervention closes.
pub fn unsound(model: &Model) -> Vec<Diagnostic> {
    let all: Vec<InterventionId> = (0..model.interventions.len() as u32)
        .map(InterventionId)
        .collect();
    // Each group expands the baseline anew, so there are no more of them than threads.
    let group = all.len().div_ceil(rayon::current_num_threads()).max(1);
    let groups: Vec<&[InterventionId]> = if all.is_empty() {
        vec![&[]]
    } else {
        all.chunks(group).collect()
    };
    let found = groups
        .par_iter()
        .map(|group| expand(model, &worlds(model, group)).err().unwrap_or_default());
    let mut found: Vec<Diagnostic> = found.collect::<Vec<_>>().concat();
    found.dedup();
    found
}

/// Returns the formulas of headlines and claims.
fn formulas(model: &Model) -> impl Iterator<Item = &Formula> {
    let headlines = model
        .headlines
        .iter()
        .flat_map(|headline| &headline.parts)
        .filter_map(|part| match part {
            HeadlinePart::Figure { formula, .. } => Some(formula),
            HeadlinePart::Text(_) => None,
        });
    let claims = model.claims.iter().filter_map(|claim| match &claim.kind {
        ClaimKind::Formula { formula, .. } => Some(formula),
        ClaimKind::Factual { .. } | ClaimKind::Normative => None,
    });
    headlines.chain(claims)
}
