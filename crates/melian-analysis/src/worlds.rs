//! Which worlds a model needs.

use melian_engine::expand::{World, expand};
use melian_language::diagnostic::Diagnostic;
use melian_language::model::{ClaimKind, Formula, HeadlinePart, InterventionId, Model};
use rayon::prelude::*;

use crate::formula::world_of;

/// Returns the interventions whose worlds the model's claims and headlines need, without repetition.
pub fn worlds_needed(model: &Model) -> Vec<InterventionId> {
    let mut needed = Vec::new();
    let mut need = |formula: &Formula| {
        formula.visit(&mut |part| {
            if let Some(world) = world_of(part)
                && !needed.contains(&world)
            {
                needed.push(world);
            }
        });
    };
    formulas(model).for_each(&mut need);
    needed.sort();
    needed
}

/// Returns the baseline and a world for each of these interventions.
pub fn worlds(model: &Model, interventions: &[InterventionId]) -> Vec<World> {
    let under = interventions.iter().map(|&id| World::under(model, id));
    std::iter::once(World::baseline()).chain(under).collect()
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
