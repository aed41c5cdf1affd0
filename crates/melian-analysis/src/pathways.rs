//! Through what an intervention acts: its effect taken apart by pathways.
//!
//! A pathway is closed by holding its mediators, in each future and step, as they are in the baseline, and open if they answer to the intervention. What the
//! effect is with some ways open and the others closed are worlds of their own, under the same luck; the parts below are differences of them.

use std::collections::{BTreeMap, BTreeSet};

use melian_engine::World;
use melian_engine::expand::Follows;
use melian_language::model::{Model, Pathway, QuantityId, QuantityKind};

use crate::estimate::Estimate;
use crate::sample::Sample;

/// At most so many pathways at once: each doubles the worlds.
pub const MOST_PATHWAYS: usize = 6;

/// The worlds that take one intervention's effect apart.
///
/// # Method
/// The baseline; the intervention with every set of pathways closed, the empty one first; and, for each pathway, the baseline with its mediators as they are under the
/// intervention.
#[derive(Clone, Debug)]
pub struct Apart {
    /// Name of the world taken apart.
    pub world: String,
    /// Positions of the pathways among the model's.
    pub pathways: Vec<usize>,
    /// The worlds.
    pub worlds: Vec<World>,
}

impl Apart {
    /// Lays out the worlds for an intervention and up to [`MOST_PATHWAYS`] pathways.
    pub fn new(model: &Model, world: &World, pathways: &[usize]) -> Apart {
        let mediators = |closed: usize| {
            let of = |i: usize| model.pathways[pathways[i]].mediators.iter().cloned();
            (0..pathways.len())
                .filter(|i| closed >> i & 1 == 1)
                .flat_map(of)
                .collect()
        };
        let mut worlds = vec![World::baseline(), world.clone()];
        for closed in 1..1 << pathways.len() {
            worlds.push(World {
                name: format!("{} but for {closed:b}", world.name),
                interventions: world.interventions.clone(),
                follows: Some(Follows {
                    world: 0,
                    scalars: mediators(closed),
                }),
            });
        }
        for alone in 0..pathways.len() {
            worlds.push(World {
                name: format!("only {alone} of {}", world.name),
                interventions: Vec::new(),
                follows: Some(Follows {
                    world: 1,
                    scalars: mediators(1 << alone),
                }),
            });
        }
        Apart {
            world: world.name.clone(),
            pathways: pathways.to_vec(),
            worlds,
        }
    }

    /// Takes the effect on an answer apart, given its values in the worlds.
    ///
    /// # Method
    /// With v(S) the effect if only the pathways in S are open, a pathway's part is the mean, over all orders of opening, of what it adds when it is opened: its Shapley
    /// value. It is computed in every future, so parts have paired errors, and add up to the effect, future by future, together with what comes by
    /// no pathway, v of the empty set.
    ///
    /// # Source
    /// Shapley, L. S. (1953), "A value for n-person games", in *Contributions to the Theory of Games II*, 307-317; direct and indirect effects: Pearl, J. (2001),
    /// "Direct and indirect effects", *Proceedings of UAI*, 411-420.
    pub fn parts(&self, values: &[Sample]) -> Parts {
        let n = self.pathways.len();
        let all = (1 << n) - 1;
        let base = values[0];
        let estimate = |of: &dyn Fn(usize) -> f64| {
            let differences: Vec<f64> = (0..base.values.len()).map(of).collect();
            Estimate::of(Sample {
                values: (&differences).into(),
                ..base
            })
        };
        // The effect with some pathways open.
        let open = |open: usize, future: usize| {
            difference(values[1 + (all ^ open)].values[future], base.values[future])
        };
        let weights: Vec<f64> = (0..n).map(|others| weight(others, n)).collect();
        let parts = (0..n).map(|pathway| {
            let one = 1 << pathway;
            let added = |future: usize| {
                let without = (0..=all).filter(|others| others & one == 0);
                without
                    .map(|others: usize| {
                        let adds = open(others | one, future) - open(others, future);
                        weights[others.count_ones() as usize] * adds
                    })
                    .sum::<f64>()
            };
            Part {
                pathway: self.pathways[pathway],
                share: estimate(&added),
                alone: estimate(&|future| {
                    difference(values[2 + all + pathway].values[future], base.values[future])
                }),
                missed: estimate(&|future| open(all, future) - open(all ^ one, future)),
            }
        });
        Parts {
            effect: estimate(&|future| open(all, future)),
            parts: parts.collect(),
            otherwise: estimate(&|future| open(0, future)),
        }
    }
}

/// An effect taken apart.
#[derive(Clone, Debug)]
pub struct Parts {
    /// The effect, intervened minus baseline.
    pub effect: Estimate,
    /// What comes by each pathway.
    pub parts: Vec<Part>,
    /// What comes by none of them: the effect with all closed, the natural direct effect.
    pub otherwise: Estimate,
}

/// What of an effect comes by one pathway.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    /// Position among the model's pathways.
    pub pathway: usize,
    /// Its Shapley value: the parts and what comes otherwise add up to the effect.
    pub share: Estimate,
    /// What it brings alone, nothing else being changed: the (pure) natural indirect effect.
    pub alone: Estimate,
    /// What the effect loses if it alone is closed: the total indirect effect.
    pub missed: Estimate,
}

/// Returns the weight of a set of so many others, of n, in a Shapley value: |S|! (n - |S| - 1)! / n!.
fn weight(others: usize, n: usize) -> f64 {
    let factorial = |k: usize| (1..=k).map(|i| i as f64).product::<f64>();
    factorial(others) * factorial(n - others - 1) / factorial(n)
}

/// Values that agree do not differ, even if both are infinite.
fn difference(with: f64, without: f64) -> f64 {
    if with == without { 0.0 } else { with - without }
}

/// Returns why a pathway cannot take an intervention's effect apart, if so.
///
/// # Method
/// The mediators must lie on a way of references from what the intervention changes to something that is asked.
pub fn off_path(model: &Model, world: &World, pathway: &Pathway) -> Option<OffPath> {
    let readers = readers(model);
    let changes = world.interventions.iter();
    let changed = changes.flat_map(|id| &model.interventions[id.position()].changes);
    let reached = downstream(&readers, changed.map(|change| change.quantity));
    let mediators = || pathway.mediators.iter().map(|(quantity, _)| *quantity);
    if !mediators().any(|mediator| reached.contains(&mediator)) {
        return Some(OffPath::Unreached);
    }
    let asked = |id: &QuantityId| {
        matches!(
            model.quantity(*id).kind,
            QuantityKind::Measure { .. } | QuantityKind::Question { .. }
        )
    };
    if !downstream(&readers, mediators()).iter().any(asked) {
        return Some(OffPath::Unread);
    }
    None
}

/// Why a pathway is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OffPath {
    /// The intervention reaches none of its mediators.
    Unreached,
    /// No measure or question is reached from its mediators.
    Unread,
}

/// Returns what reads each quantity, or is moved by it.
fn readers(model: &Model) -> BTreeMap<QuantityId, Vec<QuantityId>> {
    let mut readers: BTreeMap<QuantityId, Vec<QuantityId>> = BTreeMap::new();
    for (position, quantity) in model.quantities.iter().enumerate() {
        let id = QuantityId(position as u32);
        for used in quantity.uses(id) {
            readers.entry(used).or_default().push(id);
        }
        readers.entry(id).or_default().extend(quantity.moves());
    }
    readers
}

fn downstream(
    readers: &BTreeMap<QuantityId, Vec<QuantityId>>,
    from: impl Iterator<Item = QuantityId>,
) -> BTreeSet<QuantityId> {
    let mut reached = BTreeSet::new();
    let mut open: Vec<QuantityId> = from.collect();
    while let Some(id) = open.pop() {
        if reached.insert(id) {
            open.extend(readers.get(&id).into_iter().flatten());
        }
    }
    reached
}
