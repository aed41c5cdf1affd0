//! When each node is computed: once, per draw, per future, per step; and in which steps.

use crate::expand::nodes::QuickMap;
use crate::graph::{Graph, Node, NodeId, Schedule};
use crate::program::{StepSet, StepSetId};

/// How often a node is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    /// Once.
    Constant,
    /// In every draw.
    Draw,
    /// In every future.
    Future,
    /// In every step, for all futures together.
    Calendar,
    /// In every step of every future.
    Step,
}

impl Level {
    /// Returns the level of what depends on both.
    fn join(self, other: Level) -> Level {
        use Level::*;
        match (self, other) {
            (Constant, level) | (level, Constant) => level,
            (a, b) if a == b => a,
            (Draw, Future) | (Future, Draw) => Future,
            _ => Step,
        }
    }
}

/// Returns the level of every node.
pub(crate) fn levels(graph: &Graph) -> Vec<Level> {
    let mut levels: Vec<Level> = Vec::with_capacity(graph.nodes.len());
    for node in &graph.nodes {
        let of = |id: &NodeId| levels[id.position()];
        let level = match node {
            Node::Constant(_) => Level::Constant,
            Node::Parameter(_) => Level::Draw,
            Node::Once(_) => Level::Future,
            Node::Calendar(_) => Level::Calendar,
            Node::Uniform(_) | Node::Cell(_) | Node::Delayed { .. } => Level::Step,
            Node::Apply(_, operands) => operands.iter().map(of).fold(Level::Constant, Level::join),
            Node::Scheduled { value, otherwise, .. } => Level::Calendar.join(of(value)).join(of(otherwise)),
        };
        levels.push(level);
    }
    levels
}

/// Sets of steps, each kept once.
pub(crate) struct StepSets {
    /// The sets by id.
    pub(crate) sets: Vec<StepSet>,
    /// All steps.
    pub(crate) all: StepSetId,
    steps: u32,
    ids: QuickMap<StepSet, StepSetId>,
    schedules: QuickMap<Schedule, StepSetId>,
    combined: QuickMap<(Combination, StepSetId, StepSetId), StepSetId>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Combination {
    Union,
    Intersection,
    Difference,
}

impl StepSets {
    fn new(steps: u32) -> StepSets {
        let mut sets = StepSets {
            sets: Vec::new(),
            all: StepSetId(0),
            steps,
            ids: QuickMap::default(),
            schedules: QuickMap::default(),
            combined: QuickMap::default(),
        };
        sets.all = sets.schedule(Schedule::Always);
        sets
    }

    fn intern(&mut self, set: StepSet) -> StepSetId {
        let next = StepSetId(self.sets.len() as u32);
        *self.ids.entry(set).or_insert_with_key(|set| {
            self.sets.push(set.clone());
            next
        })
    }

    /// Returns the steps of a schedule.
    pub(crate) fn schedule(&mut self, schedule: Schedule) -> StepSetId {
        if let Some(&id) = self.schedules.get(&schedule) {
            return id;
        }
        let mut bits = vec![0; self.steps.div_ceil(64) as usize];
        for step in (0..self.steps).filter(|&step| schedule.includes(step)) {
            bits[step as usize / 64] |= 1 << (step % 64);
        }
        let id = self.intern(StepSet { bits });
        self.schedules.insert(schedule, id);
        id
    }

    fn combine(&mut self, how: Combination, a: StepSetId, b: StepSetId) -> StepSetId {
        if let Some(&id) = self.combined.get(&(how, a, b)) {
            return id;
        }
        let words = self.sets[a.position()]
            .bits
            .iter()
            .zip(&self.sets[b.position()].bits);
        let bits = words
            .map(|(&a, &b)| match how {
                Combination::Union => a | b,
                Combination::Intersection => a & b,
                Combination::Difference => a & !b,
            })
            .collect();
        let id = self.intern(StepSet { bits });
        self.combined.insert((how, a, b), id);
        id
    }

    /// Returns the steps in both.
    pub(crate) fn intersection(&mut self, a: StepSetId, b: StepSetId) -> StepSetId {
        self.combine(Combination::Intersection, a, b)
    }

    /// Returns the steps in the first and not in the second.
    pub(crate) fn difference(&mut self, a: StepSetId, b: StepSetId) -> StepSetId {
        self.combine(Combination::Difference, a, b)
    }

    /// Returns whether there is no step in the set.
    pub(crate) fn is_empty(&self, set: StepSetId) -> bool {
        self.sets[set.position()].count() == 0
    }
}

/// In which steps each node is wanted; none if nothing wants it.
pub(crate) struct Needs {
    /// By node.
    pub(crate) of: Vec<Option<StepSetId>>,
    /// The sets.
    pub(crate) sets: StepSets,
}

/// Returns in which steps each node is wanted by what is carried on, recorded or given back.
///
/// A watched node is no reason to compute it: it is watched in the steps in which something else wants it. Only a node that nothing
/// else wants is computed to be watched.
pub(crate) fn needs(graph: &Graph, steps: u32) -> Needs {
    let mut sets = StepSets::new(steps);
    let mut of: Vec<Option<StepSetId>> = vec![None; graph.nodes.len()];
    let roots = (graph.cells.iter().flat_map(|cell| [cell.initial, cell.next]))
        .chain(graph.histories.iter().copied())
        .chain(graph.worlds.iter().flat_map(|world| {
            world
                .series
                .iter()
                .chain(&world.choices)
                .chain(&world.events)
                .copied()
        }));
    for root in roots {
        of[root.position()] = Some(sets.all);
    }
    spread(graph, &mut of, &mut sets);
    let mut unwanted = false;
    for watch in &graph.watches {
        let need = &mut of[watch.node.position()];
        unwanted |= need.is_none();
        need.get_or_insert(sets.all);
    }
    if unwanted {
        spread(graph, &mut of, &mut sets);
    }
    Needs { of, sets }
}

/// Hands what each node is wanted for on to its operands.
fn spread(graph: &Graph, of: &mut [Option<StepSetId>], sets: &mut StepSets) {
    let want = |of: &mut [Option<StepSetId>], sets: &mut StepSets, node: NodeId, steps: StepSetId| {
        let known = &mut of[node.position()];
        *known = Some(match *known {
            Some(known) if known != steps => sets.combine(Combination::Union, known, steps),
            _ => steps,
        });
    };
    for (i, node) in graph.nodes.iter().enumerate().rev() {
        let Some(steps) = of[i] else { continue };
        match node {
            Node::Apply(_, operands) => operands
                .iter()
                .for_each(|&operand| want(of, sets, operand, steps)),
            Node::Scheduled {
                schedule,
                value,
                otherwise,
            } => {
                let scheduled = sets.schedule(*schedule);
                let inside = sets.intersection(steps, scheduled);
                let outside = sets.difference(steps, scheduled);
                want(of, sets, *value, inside);
                want(of, sets, *otherwise, outside);
            }
            Node::Delayed { lag, before, .. } => {
                want(of, sets, *lag, steps);
                want(of, sets, *before, steps);
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::Operation;

    #[test]
    fn what_only_a_scheduled_value_wants_is_wanted_in_its_steps() {
        let mut graph = Graph::default();
        graph.nodes = vec![
            Node::Uniform(1),
            Node::Apply(Operation::Exp, [NodeId(0)].into()),
            Node::Uniform(2),
            Node::Scheduled {
                schedule: Schedule::Every(3),
                value: NodeId(1),
                otherwise: NodeId(2),
            },
        ];
        graph.worlds = vec![crate::graph::WorldOutputs {
            series: vec![NodeId(3)],
            ..Default::default()
        }];
        let needs = needs(&graph, 7);
        let steps = |node: usize| -> Vec<u32> {
            let set = &needs.sets.sets[needs.of[node].unwrap().position()];
            (0..7).filter(|&step| set.contains(step)).collect()
        };
        assert_eq!(steps(0), [0, 3, 6]);
        assert_eq!(steps(2), [1, 2, 4, 5]);
        assert_eq!(steps(3), [0, 1, 2, 3, 4, 5, 6]);
    }
}
