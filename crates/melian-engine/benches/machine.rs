//! How fast the machine runs: a made-up graph of the size and mix of a large model.

use std::collections::HashMap;

use divan::Bencher;
use divan::counter::ItemsCount;
use melian_engine::allocate::allocate;
use melian_engine::ensemble::{Size, run};
use melian_engine::graph::{Cell, CellId, Graph, Node, NodeId, Schedule, Watch, WatchKind, WorldOutputs};
use melian_engine::layout::{Layout, Output};
use melian_engine::operation::Operation;
use melian_engine::program::Program;
use melian_language::model::{Clock, QuantityId};

fn main() {
    divan::main();
}

const STEPS: u32 = 52;
const SIZE: Size = Size {
    draws: 1_024,
    replications: 10,
    seed: 1,
};

/// Future-steps per second, for one world and for five.
#[divan::bench(args = [1, 5], sample_count = 5, sample_size = 1)]
fn run_worlds(bencher: Bencher, worlds: usize) {
    let program = program(worlds);
    let future_steps = SIZE.futures() * STEPS as usize;
    bencher
        .counter(ItemsCount::new(future_steps))
        .bench_local(|| run(&program, &SIZE, 2, &|_, _| true).expect("a made-up program runs"));
}

/// From graph to program.
#[divan::bench(args = [1, 5], sample_count = 5, sample_size = 1)]
fn allocate_worlds(bencher: Bencher, worlds: usize) {
    let (graph, layout) = graph(worlds);
    bencher.bench_local(|| allocate(&graph, layout.clone(), CLOCK));
}

const CLOCK: Clock = Clock {
    start_day: 20_024,
    step_days: 7.0,
    steps: STEPS,
};

fn program(worlds: usize) -> Program {
    let (graph, layout) = graph(worlds);
    allocate(&graph, layout, CLOCK)
}

/// Makes nodes that are there once.
#[derive(Default)]
struct Builder {
    graph: Graph,
    known: HashMap<Node, NodeId>,
}

impl Builder {
    fn node(&mut self, node: Node) -> NodeId {
        let next = NodeId(self.graph.nodes.len() as u32);
        *self.known.entry(node).or_insert_with_key(|node| {
            self.graph.nodes.push(node.clone());
            next
        })
    }

    fn number(&mut self, number: f64) -> NodeId {
        self.node(Node::Constant(number.to_bits()))
    }

    fn apply(&mut self, operation: Operation, operands: &[NodeId]) -> NodeId {
        self.node(Node::Apply(operation, operands.into()))
    }
}

/// Eight fronts of two sides, with eight pools each, that fight, tire, are reinforced and decide, in every world with another
/// strength in half of the fronts.
fn graph(worlds: usize) -> (Graph, Layout) {
    const FRONTS: usize = 8;
    const SIDES: usize = 2;
    const POOLS: usize = 12;
    let mut builder = Builder::default();
    let mut cells = 0;
    let (mut series, mut measures) = (Vec::new(), Vec::new());
    for world in 0..worlds {
        let mut outputs = WorldOutputs::default();
        for front in 0..FRONTS {
            let strength = if front >= FRONTS / 2 { world as f64 } else { 0.0 };
            let scale = builder.number(1.0 + 0.01 * strength);
            let mut state = [[NodeId(0); POOLS]; SIDES];
            // Fronts that the intervention does not reach are those of the first world.
            if world > 0 && front < FRONTS / 2 {
                outputs
                    .series
                    .extend_from_slice(&series[front * SIDES * 4..][..SIDES * 4]);
                outputs
                    .measures
                    .extend_from_slice(&measures[front * SIDES..][..SIDES]);
                continue;
            }
            for (side, state) in state.iter_mut().enumerate() {
                for (pool, state) in state.iter_mut().enumerate() {
                    *state = builder.node(Node::Cell(CellId(cells)));
                    cells += 1;
                    let start = builder.number(10.0 + (front * 7 + side * 3 + pool) as f64);
                    builder.graph.cells.push(Cell {
                        name: format!("pool[{front},{side},{pool}]"),
                        initial: start,
                        next: start,
                    });
                }
            }
            for side in 0..SIDES {
                let first = builder.graph.cells.len() - (SIDES - side) * POOLS;
                let next = fight(&mut builder, front, side, scale, state[side], state[1 - side]);
                for (pool, &next) in next.iter().enumerate() {
                    builder.graph.cells[first + pool].next = next;
                }
                let watch = |kind| Watch {
                    node: next[0],
                    kind,
                    equation: format!("pool[{front},{side}]"),
                    worlds: vec![world as u32],
                };
                let watches = [
                    WatchKind::NotANumber,
                    WatchKind::Infinite,
                    WatchKind::NegativeFlow,
                ]
                .map(watch);
                builder.graph.watches.extend(watches);
                outputs.series.extend_from_slice(&next[..4]);
                outputs.measures.push(CellId(first as u32));
            }
        }
        if world == 0 {
            (series, measures) = (outputs.series.clone(), outputs.measures.clone());
        }
        builder.graph.worlds.push(outputs);
    }
    let outputs = |count: usize| {
        (0..count)
            .map(|position| Output {
                quantity: QuantityId(0),
                position,
                name: format!("{position}"),
                is_question: false,
            })
            .collect()
    };
    let layout = Layout {
        worlds: (0..worlds).map(|world| format!("world{world}")).collect(),
        series: outputs(series.len()),
        measures: outputs(measures.len()),
        steps: STEPS,
        ..Layout::default()
    };
    (builder.graph, layout)
}

/// Returns what one side's pools become: about 180 operations, of them two powers, an exponential, a logarithm and three draws.
fn fight(
    b: &mut Builder,
    front: usize,
    side: usize,
    scale: NodeId,
    own: [NodeId; 12],
    enemy: [NodeId; 12],
) -> Vec<NodeId> {
    use Operation::*;
    let site = (front * 2 + side) as u64 * 16;
    let lethality = b.node(Node::Parameter(site));
    let [one, zero, tenth, small] = [1.0, 0.0, 0.1, 0.001].map(|number| b.number(number));
    let lethality = b.apply(Multiply, &[lethality, small]);
    let sum = |b: &mut Builder, of: &[NodeId]| {
        of[1..]
            .iter()
            .fold(of[0], |sum, &next| b.apply(Add, &[sum, next]))
    };
    let strength = sum(b, &own);
    let against = sum(b, &enemy);
    let against = b.apply(Multiply, &[against, scale]);
    let ratio = b.apply(Divide, &[against, strength]);
    let power = b.apply(Power, &[ratio, lethality]);
    let luck = b.node(Node::Uniform(site + 1));
    let luck = b.apply(NormalQuantile, &[luck]);
    let luck = b.apply(Multiply, &[luck, tenth]);
    let luck = b.apply(Exp, &[luck]);
    let pressure = b.apply(Multiply, &[power, luck]);
    let chance = b.node(Node::Uniform(site + 2));
    let hit = b.apply(Less, &[chance, tenth]);
    let decided = b.apply(Ln, &[strength]);
    let decided = b.node(Node::Scheduled {
        schedule: Schedule::Every(4),
        value: decided,
        otherwise: zero,
    });
    let mut next = Vec::new();
    for (pool, &state) in own.iter().enumerate() {
        let asked = b.apply(Multiply, &[state, lethality]);
        let asked = b.apply(Multiply, &[asked, pressure]);
        let shelter = b.number(0.5 + 0.01 * pool as f64);
        let shelter = b.apply(Multiply, &[state, shelter]);
        let lost = b.apply(Min, &[asked, shelter]);
        let lost = b.apply(Max, &[lost, zero]);
        let lost = b.apply(Select, &[hit, lost, asked]);
        let share = b.apply(Divide, &[state, strength]);
        let gained = b.apply(Multiply, &[share, decided]);
        let gained = b.apply(Add, &[gained, share]);
        let left = b.apply(Subtract, &[state, lost]);
        let left = b.apply(Add, &[left, gained]);
        next.push(b.apply(Max, &[left, one]));
    }
    next
}
