//! Random graphs, and what they mean, node by node and future by future: what the machine must equal to the bit.

use std::collections::HashMap;

use melian_language::model::{Calendar, Clock, QuantityId};

use crate::allocate::levels::{Level, levels};
use crate::allocate::tabulated_shape;
use crate::calendar;
use crate::distribution::gamma::QuantileTable;
use crate::ensemble::replay::{CellTrajectory, Trajectory};
use crate::ensemble::{Size, run::canonical};
use crate::graph::{Cell, CellId, Graph, HistoryId, Node, NodeId, Schedule, Watch, WatchKind, WorldOutputs};
use crate::layout::{Layout, Output};
use crate::noise;
use crate::operation::Operation;
use crate::vm::lag_steps;

/// A stream of numbers for choosing test cases.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Dice {
        Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0xD1B5_4A32_D192_ED03)
    }

    /// Steele, Lea and Flood (2014), "Fast splittable pseudorandom number generators", SplitMix64.
    pub(crate) fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, count: usize) -> usize {
        (self.bits() % count as u64) as usize
    }

    pub(crate) fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())]
    }

    /// A number of the kind that breaks things.
    pub(crate) fn number(&mut self) -> f64 {
        match self.below(12) {
            0 => self.pick(&[
                f64::NAN,
                f64::INFINITY,
                f64::NEG_INFINITY,
                0.0,
                -0.0,
                5e-324,
                1e308,
                -1e308,
            ]),
            1..=4 => self.pick(&[0.0, 1.0, 0.5, 2.0, -1.0, 1.5, 2.5, 10.0]),
            5..=7 => (self.bits() >> 11) as f64 / (1u64 << 53) as f64,
            _ => ((self.bits() >> 11) as f64 / (1u64 << 52) as f64 - 1.0) * 20.0,
        }
    }
}

/// A random graph, everything that it can hold included.
pub(crate) fn random_graph(seed: u64) -> (Graph, Layout, Clock) {
    let mut dice = Dice::new(seed);
    let clock = Clock {
        start_day: 20_024,
        step_days: dice.pick(&[1.0, 7.0, 0.5]),
        steps: 1 + dice.below(70) as u32,
    };
    let (cells, histories, worlds) = (dice.below(8) + 1, dice.below(4), 1 + dice.below(3));
    let mut graph = Graph::default();
    // Initial values are known before the first step.
    let early = 8 + dice.below(20);
    while graph.nodes.len() < early {
        let node = match dice.below(5) {
            0 => Node::Constant(dice.number().to_bits()),
            1 => Node::Parameter(dice.bits()),
            2 => Node::Once(dice.bits()),
            _ if graph.nodes.is_empty() => continue,
            _ => operation(&mut dice, &operations(Speed::Any), graph.nodes.len()),
        };
        graph.nodes.push(node);
    }
    // The shape of a gamma distribution that is looked up in a table, in one graph of eight: a table takes time to make.
    let mut tabulated = if dice.below(8) == 0 { 2 } else { 0 };
    let shape = NodeId(graph.nodes.len() as u32);
    graph.nodes.push(Node::Constant(1.3f64.to_bits()));
    let early = early + 1;
    let nodes = early + 10 + dice.below(150);
    while graph.nodes.len() < nodes {
        let here = graph.nodes.len();
        let operand = |dice: &mut Dice| NodeId(dice.below(here) as u32);
        let node = match dice.below(20) {
            0 => Node::Constant(dice.number().to_bits()),
            1 => Node::Uniform(dice.bits()),
            2 => Node::Calendar(dice.pick(&[
                Calendar::Now,
                Calendar::Elapsed,
                Calendar::YearShare,
                Calendar::Month,
                Calendar::MonthStarts,
            ])),
            3..=5 => Node::Cell(CellId(dice.below(cells) as u32)),
            6 | 7 => Node::Scheduled {
                schedule: schedule(&mut dice, clock.steps),
                value: operand(&mut dice),
                otherwise: operand(&mut dice),
            },
            8 if histories > 0 => Node::Delayed {
                history: HistoryId(dice.below(histories) as u32),
                lag: operand(&mut dice),
                before: operand(&mut dice),
            },
            9 if tabulated > 0 => {
                tabulated -= 1;
                Node::Apply(Operation::GammaQuantile, [shape, operand(&mut dice)].into())
            }
            _ => operation(&mut dice, &operations(Speed::Quick), here),
        };
        // As `expand` makes them, every computation is there once.
        if !graph.nodes.contains(&node) {
            graph.nodes.push(node);
        }
    }
    let any = |dice: &mut Dice| NodeId(dice.below(nodes) as u32);
    graph.cells = (0..cells)
        .map(|cell| Cell {
            name: format!("cell{}", cell / 2),
            initial: NodeId(dice.below(early) as u32),
            next: any(&mut dice),
        })
        .collect();
    graph.histories = (0..histories).map(|_| any(&mut dice)).collect();
    let kinds = [
        WatchKind::NotANumber,
        WatchKind::Infinite,
        WatchKind::NegativeFlow,
        WatchKind::ShortDelay,
    ];
    graph.watches = (0..dice.below(5))
        .map(|watch| Watch {
            node: any(&mut dice),
            kind: dice.pick(&kinds),
            equation: format!("equation{watch}"),
            worlds: vec![dice.below(worlds) as u32],
        })
        .collect();
    let (series, measures, choices, events) =
        (dice.below(4), dice.below(3) + 1, dice.below(3), dice.below(3));
    for _ in 0..worlds {
        let mut nodes = |count: usize| (0..count).map(|_| any(&mut dice)).collect();
        let (series, choices, events) = (nodes(series), nodes(choices), nodes(events));
        let measures = (0..measures).map(|_| CellId(dice.below(cells) as u32)).collect();
        graph.worlds.push(WorldOutputs {
            series,
            measures,
            choices,
            events,
        });
    }
    let outputs = |kind: &str, count: usize| -> Vec<Output> {
        let name = |position| Output {
            quantity: QuantityId(0),
            position,
            name: format!("{kind}{position}"),
            is_question: false,
        };
        (0..count).map(name).collect()
    };
    let layout = Layout {
        worlds: (0..worlds).map(|world| format!("world{world}")).collect(),
        series: outputs("series", series),
        measures: outputs("measure", measures),
        choices: outputs("choice", choices)
            .into_iter()
            .map(|output| (output, 4))
            .collect(),
        events: outputs("event", events),
        steps: clock.steps,
    };
    (graph, layout, clock)
}

/// How long an operation takes.
#[derive(Clone, Copy, PartialEq)]
enum Speed {
    /// Any time.
    Any,
    /// Not a thousand times as long as a sum, as quantiles by iteration do.
    Quick,
}

fn operations(speed: Speed) -> Vec<Operation> {
    use Operation::*;
    let iterates = |operation: &Operation| {
        matches!(
            operation,
            GammaCdf
                | GammaQuantile
                | StudentTCdf
                | StudentTQuantile
                | PoissonQuantile
                | BetaCdf
                | BetaQuantile
                | BinomialQuantile
        )
    };
    Operation::ALL
        .iter()
        .copied()
        .filter(|operation| speed == Speed::Any || !iterates(operation))
        .collect()
}

fn operation(dice: &mut Dice, among: &[Operation], here: usize) -> Node {
    let operation = dice.pick(among);
    Node::Apply(
        operation,
        (0..operation.arity())
            .map(|_| NodeId(dice.below(here) as u32))
            .collect(),
    )
}

fn schedule(dice: &mut Dice, steps: u32) -> Schedule {
    let step = dice.below(steps as usize + 2) as u32;
    match dice.below(5) {
        0 => Schedule::Always,
        1 => Schedule::Every(1 + step % 5),
        2 => Schedule::At(step),
        3 => Schedule::Until(step),
        _ => Schedule::From(step),
    }
}

/// Runs one future of a graph by looking up its meaning, everything in every step.
pub(crate) fn trajectory(
    graph: &Graph,
    clock: Clock,
    size: &Size,
    draw: u32,
    replication: u32,
) -> Trajectory {
    let mut future = Future {
        graph,
        levels: levels(graph),
        tables: HashMap::new(),
        clock,
        seed: size.seed,
        draw,
        replication,
        past: Vec::new(),
    };
    let unknown = vec![f64::NAN; graph.cells.len()];
    let before_first = future.values(0, &unknown);
    let initial = |cell: &Cell| vec![before_first[cell.initial.position()]];
    let mut cells: Vec<Vec<f64>> = graph.cells.iter().map(initial).collect();
    for step in 0..clock.steps {
        let state: Vec<f64> = cells.iter().map(|values| values[step as usize]).collect();
        let now = future.values(step, &state);
        for (cell, values) in graph.cells.iter().zip(&mut cells) {
            values.push(now[cell.next.position()]);
        }
        future.past.push(now);
    }
    let of_worlds = |list: fn(&WorldOutputs) -> &Vec<NodeId>| -> Vec<Vec<Vec<f64>>> {
        let of_node = |node: &NodeId| {
            let of_step = |values: &Vec<f64>| canonical(values[node.position()]);
            future.past.iter().map(of_step).collect()
        };
        graph
            .worlds
            .iter()
            .map(|world| list(world).iter().map(of_node).collect())
            .collect()
    };
    let last = |cell: &CellId| canonical(cells[cell.position()][clock.steps as usize]);
    Trajectory {
        draw,
        replication,
        series: of_worlds(|world| &world.series),
        choices: of_worlds(|world| &world.choices),
        events: of_worlds(|world| &world.events),
        measures: graph
            .worlds
            .iter()
            .map(|world| world.measures.iter().map(last).collect())
            .collect(),
        cells: (graph.cells.iter().zip(&cells))
            .map(|(cell, values)| CellTrajectory {
                name: cell.name.clone(),
                values: values.iter().copied().map(canonical).collect(),
            })
            .collect(),
    }
}

/// One future of a graph on its way.
struct Future<'a> {
    graph: &'a Graph,
    levels: Vec<Level>,
    /// Gamma quantiles by the bits of their shape.
    tables: HashMap<u64, QuantileTable>,
    clock: Clock,
    seed: u64,
    draw: u32,
    replication: u32,
    /// All values, step by step.
    past: Vec<Vec<f64>>,
}

impl Future<'_> {
    /// Returns the value of every node in a step.
    fn values(&mut self, step: u32, state: &[f64]) -> Vec<f64> {
        let mut values: Vec<f64> = Vec::with_capacity(self.graph.nodes.len());
        for (i, node) in self.graph.nodes.iter().enumerate() {
            let of = |id: &NodeId| values[id.position()];
            let value = match node {
                Node::Constant(bits) => f64::from_bits(*bits),
                Node::Parameter(site) => noise::parameter(self.seed, *site, self.draw),
                Node::Once(site) => noise::once(self.seed, *site, self.draw, self.replication),
                Node::Uniform(site) => noise::uniform(self.seed, *site, self.draw, self.replication, step),
                Node::Calendar(value) => calendar::value(*value, self.clock, step),
                Node::Cell(cell) => state[cell.position()],
                Node::Apply(operation, operands) => {
                    let operands: Vec<f64> = operands.iter().map(of).collect();
                    if tabulated_shape(self.graph, &self.levels, NodeId(i as u32)).is_some() {
                        let make = || QuantileTable::new(operands[0]);
                        self.tables
                            .entry(operands[0].to_bits())
                            .or_insert_with(make)
                            .quantile(operands[1])
                    } else {
                        operation.apply(&operands)
                    }
                }
                Node::Scheduled {
                    schedule,
                    value,
                    otherwise,
                } => of(if schedule.includes(step) { value } else { otherwise }),
                Node::Delayed { history, lag, before } => match step.checked_sub(lag_steps(of(lag))) {
                    Some(then) => {
                        self.past[then as usize][self.graph.histories[history.position()].position()]
                    }
                    None => of(before),
                },
            };
            values.push(value);
        }
        values
    }
}

/// Compares to the bit.
pub(crate) fn same_bits(a: &Trajectory, b: &Trajectory) -> Result<(), String> {
    let same = |what: &str, a: &[f64], b: &[f64]| {
        let differs = a.iter().zip(b).position(|(a, b)| a.to_bits() != b.to_bits());
        match differs {
            None if a.len() == b.len() => Ok(()),
            at => Err(format!("{what} differs at {at:?}: {a:?} and {b:?}")),
        }
    };
    for (a, b) in a.cells.iter().zip(&b.cells) {
        same(&a.name, &a.values, &b.values)?;
    }
    for (what, a, b) in [
        ("series", &a.series, &b.series),
        ("choice", &a.choices, &b.choices),
        ("event", &a.events, &b.events),
    ] {
        for (a, b) in a.iter().flatten().zip(b.iter().flatten()) {
            same(what, a, b)?;
        }
    }
    a.measures
        .iter()
        .zip(&b.measures)
        .try_for_each(|(a, b)| same("measures", a, b))
}
