//! From the graph of one step to a program: when each node is computed, in which order, in which register.
//!
//! Nodes are split by [`levels`]: what is known now becomes a constant, what the calendar says a scalar of the step, what only draws
//! or futures differ in is computed before the first step, the rest in the steps that want it. Within a stage [`order`] keeps values
//! short-lived and [`registers`] reuses their registers, so that a block of futures stays in cache.
//!
//! A cell has a register at the start of a step. The register may be taken over after the last use of the old value; the new value is
//! wherever the step left it, and the registers change names at the end of the step. So no state is ever copied, not
//! even along a pipeline.

pub(crate) mod levels;
mod order;
mod pairs;
mod registers;
mod watches;

use std::collections::BTreeSet;

use melian_language::model::Clock;

use crate::distribution::gamma::QuantileTable;
use crate::expand::nodes::QuickMap;
use crate::graph::{Graph, Node, NodeId, WorldOutputs};
use crate::layout::Layout;
use crate::number::Precision;
use crate::operation::Operation;
use crate::program::{
    Broadcast, CalendarRule, CellPlace, HistoryPlace, Instruction, Operand, OutputKind, Program, RegisterId,
    ScalarId, Section, Slots, StepSet, StepSetId,
};
use crate::vm::Features;
use crate::vm::lag_steps;
use levels::{Level, Needs, levels, needs};
use order::Order;
use registers::{Boundary, assign};
use watches::{WatchGroup, watched};

/// Turns a graph into a program.
pub fn allocate(graph: &Graph, layout: Layout, clock: Clock) -> Program {
    let graph = &pairs::paired(graph);
    let levels = levels(graph);
    let Needs { of: needs, sets } = needs(graph, clock.steps);
    let scalars = Scalars::new(graph, &levels, &needs);
    let slots = [OutputKind::Series, OutputKind::Choice, OutputKind::Event].map(|kind| slots(graph, kind));
    let tabulated = tabulated(graph, &levels, &needs, &scalars);
    let stages = Stages {
        graph,
        levels: &levels,
        needs: &needs,
        watched: watched(graph, &levels, &needs, sets.all),
        sets,
        scalars: &scalars,
        tabulated: &tabulated,
        values: graph.nodes.len() as u32,
        stands_for: (0..graph.nodes.len() as u32).map(RegisterId).collect(),
        pinned: BTreeSet::new(),
    };
    // Tables take as long as all the rest of a small program.
    let (mut program, tables) = rayon::join(
        || stages.program(layout, clock, slots),
        || tabulated.iter().map(|&shape| QuantileTable::new(shape)).collect(),
    );
    program.gamma_tables = tables;
    program
}

/// The scalars of a program, and where each node of them is found.
struct Scalars {
    constants: Vec<f64>,
    calendar: Vec<CalendarRule>,
    of: Vec<Option<ScalarId>>,
}

impl Scalars {
    /// Folds what is constant and lists what the calendar says.
    fn new(graph: &Graph, levels: &[Level], needs: &[Option<StepSetId>]) -> Scalars {
        let level = |node: NodeId| levels[node.position()];
        let mut wanted = vec![false; graph.nodes.len()];
        let roots = outside_uses(graph);
        for (i, node) in graph
            .nodes
            .iter()
            .enumerate()
            .filter(|&(i, _)| needs[i].is_some())
        {
            if levels[i] != Level::Constant {
                node.operands()
                    .iter()
                    .for_each(|operand| wanted[operand.position()] = true);
            }
        }
        roots.for_each(|root| wanted[root.position()] = true);

        let mut values: Vec<f64> = vec![f64::NAN; graph.nodes.len()];
        let mut constants = Vec::new();
        let mut by_bits: QuickMap<u64, ScalarId> = QuickMap::default();
        let mut of = vec![None; graph.nodes.len()];
        for (i, node) in graph
            .nodes
            .iter()
            .enumerate()
            .filter(|&(i, _)| levels[i] == Level::Constant)
        {
            values[i] = match node {
                Node::Constant(bits) => f64::from_bits(*bits),
                Node::Apply(operation, operands) => {
                    let operands: Vec<f64> = operands
                        .iter()
                        .map(|operand| values[operand.position()])
                        .collect();
                    operation.apply(&operands)
                }
                _ => unreachable!("only constants and operations on them are constant"),
            };
            if wanted[i] {
                of[i] = Some(*by_bits.entry(values[i].to_bits()).or_insert_with(|| {
                    constants.push(values[i]);
                    ScalarId(constants.len() as u32 - 1)
                }));
            }
        }

        let mut calendar = Vec::new();
        for (i, node) in graph.nodes.iter().enumerate() {
            if levels[i] != Level::Calendar || needs[i].is_none() {
                continue;
            }
            let scalar = |node: &NodeId| {
                debug_assert!(matches!(level(*node), Level::Constant | Level::Calendar));
                of[node.position()].expect("operands of the calendar are scalars")
            };
            calendar.push(match node {
                Node::Calendar(value) => CalendarRule::Value(*value),
                Node::Apply(operation, operands) => {
                    CalendarRule::Apply(*operation, operands.iter().map(scalar).collect())
                }
                Node::Scheduled {
                    schedule,
                    value,
                    otherwise,
                } => CalendarRule::Scheduled(*schedule, scalar(value), scalar(otherwise)),
                _ => unreachable!("only these nodes are of the calendar"),
            });
            of[i] = Some(ScalarId((constants.len() + calendar.len() - 1) as u32));
        }
        Scalars {
            constants,
            calendar,
            of,
        }
    }

    /// Returns the value of a node that is a constant and wanted.
    fn constant(&self, node: NodeId) -> Option<f64> {
        self.constants.get(self.of[node.position()]?.position()).copied()
    }
}

/// Lists the shapes of the gamma quantiles that are looked up in tables.
fn tabulated(graph: &Graph, levels: &[Level], needs: &[Option<StepSetId>], scalars: &Scalars) -> Vec<f64> {
    let wanted = (0..graph.nodes.len() as u32)
        .map(NodeId)
        .filter(|node| needs[node.position()].is_some());
    let shapes = wanted.filter_map(|node| scalars.constant(tabulated_shape(graph, levels, node)?));
    shapes.fold(Vec::new(), |mut list, shape| {
        if position_of(&list, shape).is_none() {
            list.push(shape);
        }
        list
    })
}

fn position_of(shapes: &[f64], shape: f64) -> Option<usize> {
    shapes.iter().position(|known| known.to_bits() == shape.to_bits())
}

/// Returns the nodes that something other than a node uses.
fn outside_uses(graph: &Graph) -> impl Iterator<Item = NodeId> + '_ {
    (graph.cells.iter().flat_map(|cell| [cell.initial, cell.next]))
        .chain(graph.histories.iter().copied())
        .chain(graph.watches.iter().map(|watch| watch.node))
        .chain(graph.worlds.iter().flat_map(|world| {
            world
                .series
                .iter()
                .chain(&world.choices)
                .chain(&world.events)
                .copied()
        }))
}

/// Gives outputs of the same name that are the same node in several worlds one slot.
fn slots(graph: &Graph, kind: OutputKind) -> (Slots, Vec<NodeId>) {
    let mut slots = Slots::default();
    let mut nodes = Vec::new();
    let mut known: QuickMap<(u32, NodeId), u32> = QuickMap::default();
    for world in &graph.worlds {
        let outputs = match kind {
            OutputKind::Series => &world.series,
            OutputKind::Choice => &world.choices,
            OutputKind::Event => &world.events,
        };
        let of_world = outputs.iter().zip(0..).map(|(&node, output)| {
            *known.entry((output, node)).or_insert_with(|| {
                slots.outputs.push(output);
                nodes.push(node);
                nodes.len() as u32 - 1
            })
        });
        slots.worlds.push(of_world.collect());
    }
    (slots, nodes)
}

/// Makes the stages' instructions over values: value `n` is node `n`, further values are made as needed.
struct Stages<'a> {
    graph: &'a Graph,
    levels: &'a [Level],
    needs: &'a [Option<StepSetId>],
    sets: levels::StepSets,
    scalars: &'a Scalars,
    /// Watched nodes, each with all that looks at it.
    watched: Vec<WatchGroup>,
    /// Shapes of gamma quantiles that are looked up in tables.
    tabulated: &'a [f64],
    values: u32,
    /// The value that holds a node.
    stands_for: Vec<RegisterId>,
    /// Nodes that are computed before the first step and used in steps.
    pinned: BTreeSet<NodeId>,
}

/// The step's instructions over values.
struct StepStage {
    instructions: Vec<Instruction>,
    steps: Vec<StepSetId>,
    /// For each cell, the value that it takes next.
    next: Vec<RegisterId>,
}

/// The instructions before the first step, over values.
struct StartStage {
    instructions: Vec<Instruction>,
    /// Values of the draw that instructions use.
    wanted: BTreeSet<NodeId>,
    /// Cells that start with a value of the draw.
    broadcast_cells: Vec<(NodeId, usize)>,
    /// For each cell, the value that stands for its register.
    homes: Vec<RegisterId>,
}

struct Parts {
    layout: Layout,
    clock: Clock,
    slots: [(Slots, Vec<NodeId>); 3],
    step: StepStage,
    start: StartStage,
    draw: Vec<Instruction>,
    wanted_draws: BTreeSet<NodeId>,
}

/// What happens to a node's value besides its use by other nodes.
#[derive(Clone, Copy)]
enum Consumer {
    Record(u32),
    Watch { group: u32, least: f64, shown: bool },
    Observe(OutputKind, u32),
}

impl Consumer {
    /// Consumers of one kind are served by one kernel, mostly.
    fn kind(&self) -> u8 {
        match self {
            Consumer::Record(_) => 0,
            Consumer::Watch { .. } => 1,
            Consumer::Observe(..) => 2,
        }
    }

    fn instruction(self, from: Operand) -> Instruction {
        match self {
            Consumer::Record(history) => Instruction::Record { history, from },
            Consumer::Watch { group, least, shown } => Instruction::Watch {
                group,
                from,
                least,
                shown,
            },
            Consumer::Observe(output, slot) => Instruction::Observe { output, slot, from },
        }
    }
}

impl Stages<'_> {
    fn program(mut self, layout: Layout, clock: Clock, slots: [(Slots, Vec<NodeId>); 3]) -> Program {
        self.unite_cells();
        let step = self.step(&slots);
        let start = self.start();
        let wanted_draws: BTreeSet<NodeId> = (self.pinned.iter().copied())
            .chain(start.wanted.iter().copied())
            .chain(start.broadcast_cells.iter().map(|&(node, _)| node))
            .filter(|&node| self.level(node) == Level::Draw)
            .collect();
        let draw = self.draw(&wanted_draws);
        self.assemble(Parts {
            layout,
            clock,
            slots,
            step,
            start,
            draw,
            wanted_draws,
        })
    }

    fn level(&self, node: NodeId) -> Level {
        self.levels[node.position()]
    }

    /// Returns whether a node is wanted in any step.
    fn is_wanted(&self, node: NodeId) -> bool {
        self.needs[node.position()].is_some_and(|steps| !self.sets.is_empty(steps))
    }

    fn fresh(&mut self) -> RegisterId {
        self.values += 1;
        RegisterId(self.values - 1)
    }

    fn value(&self, node: NodeId) -> RegisterId {
        self.stands_for[node.position()]
    }

    /// Lets all nodes that read a cell stand for one value.
    fn unite_cells(&mut self) {
        let mut first: QuickMap<u32, RegisterId> = QuickMap::default();
        for (i, node) in self.graph.nodes.iter().enumerate() {
            if let Node::Cell(cell) = node {
                self.stands_for[i] = *first.entry(cell.0).or_insert(RegisterId(i as u32));
            }
        }
    }

    /// Returns where a stage finds a node, and pins it if an earlier stage computes it.
    fn operand(&mut self, node: NodeId, stage: Level) -> Operand {
        match self.level(node) {
            Level::Constant | Level::Calendar => {
                Operand::scalar(self.scalars.of[node.position()].expect("a wanted scalar has a place"))
            }
            level => {
                if stage == Level::Step && level != Level::Step {
                    self.pinned.insert(node);
                }
                Operand::register(self.value(node))
            }
        }
    }

    /// Returns the members of a stage: the wanted nodes of its level.
    fn members(&self, level: Level) -> Vec<bool> {
        (self.graph.nodes.iter().enumerate())
            .map(|(i, node)| {
                self.levels[i] == level && self.is_wanted(NodeId(i as u32)) && !matches!(node, Node::Cell(_))
            })
            .collect()
    }

    /// Returns the instruction that computes a node.
    fn instruction(&mut self, node: NodeId, stage: Level) -> Instruction {
        let to = self.value(node);
        let register = |operand: Operand| match operand.place() {
            crate::program::Place::Register(register) => register,
            crate::program::Place::Scalar(_) => unreachable!("an operation on scalars alone is a scalar"),
        };
        match &self.graph.nodes[node.position()] {
            Node::Parameter(site) => Instruction::Parameter { to, site: *site },
            Node::Once(site) => Instruction::Once { to, site: *site },
            Node::Uniform(site) => Instruction::Uniform { to, site: *site },
            Node::Delayed { history, lag, before } => Instruction::Delayed {
                to,
                history: history.0,
                lag: self.operand(*lag, stage),
                before: self.operand(*before, stage),
            },
            Node::Apply(operation, operands) => {
                if let (Some(table), &[_, probability]) = (self.gamma_table(node), &operands[..]) {
                    let probability = register(self.operand(probability, stage));
                    return Instruction::GammaTable {
                        to,
                        table,
                        probability,
                    };
                }
                let at: Vec<Operand> = operands
                    .iter()
                    .map(|&operand| self.operand(operand, stage))
                    .collect();
                match at[..] {
                    [a] => Instruction::Unary {
                        operation: *operation,
                        to,
                        a: register(a),
                    },
                    [a, b] => Instruction::Binary {
                        operation: *operation,
                        to,
                        a,
                        b,
                    },
                    [a, b, c] => Instruction::Ternary {
                        operation: *operation,
                        to,
                        a,
                        b,
                        c,
                    },
                    _ => unreachable!("operations have one to three operands"),
                }
            }
            Node::Constant(_) | Node::Calendar(_) | Node::Cell(_) | Node::Scheduled { .. } => {
                unreachable!("these are no single instruction")
            }
        }
    }

    /// Returns the table of a gamma quantile that is tabulated.
    fn gamma_table(&self, node: NodeId) -> Option<u32> {
        let shape = tabulated_shape(self.graph, self.levels, node)?;
        let shape = self.scalars.constant(shape)?;
        let table = position_of(self.tabulated, shape);
        Some(table.expect("a wanted quantile has its table") as u32)
    }

    /// Returns the instructions of a step.
    fn step(&mut self, slots: &[(Slots, Vec<NodeId>); 3]) -> StepStage {
        let all = self.sets.all;
        let mut consumers = self.consumers(slots);
        let uses = self.uses_in_step();
        let mut order = Order::new(self.graph, self.members(Level::Step));
        let readers = self.readers_of_cells();
        let mut done = vec![false; self.graph.nodes.len()];
        let mut stage = StepStage {
            instructions: Vec::new(),
            steps: Vec::new(),
            next: Vec::new(),
        };
        for roots in roots(self.graph) {
            let runs = order.below_all(&roots);
            self.let_kept_cells_stand_for(runs.iter().flatten(), &readers, &mut done);
            // Users first, so that a chain of scheduled nodes shares one value.
            for &node in runs.iter().flatten().rev() {
                self.let_scheduled_operands_stand_for(node, &uses);
            }
            for run in runs {
                self.compute_in_step(&run, &mut stage);
                let mut watching: Vec<(NodeId, Consumer)> = (run.iter())
                    .flat_map(|node| {
                        let consumers = std::mem::take(&mut consumers[node.position()]);
                        consumers.into_iter().map(|consumer| (*node, consumer))
                    })
                    .collect();
                watching.sort_by_key(|(_, consumer)| consumer.kind());
                for (node, consumer) in watching {
                    let from = Operand::register(self.value(node));
                    let steps = match consumer {
                        Consumer::Watch { .. } => {
                            self.needs[node.position()].expect("an ordered node is wanted")
                        }
                        _ => all,
                    };
                    stage.push(consumer.instruction(from), steps);
                }
            }
        }
        // What is left is read from cells, from the calendar, or was computed before the first step; or it is wanted in no step.
        for (node, consumers) in (0..).map(NodeId).zip(consumers) {
            for consumer in consumers {
                if !self.is_wanted(node) {
                    continue;
                }
                let from = self.operand(node, Level::Step);
                stage.push(consumer.instruction(from), all);
            }
        }
        stage.next = self.next_values(&mut stage);
        stage
    }

    /// Returns every watched node, and what looks at it.
    fn watches(&self) -> impl Iterator<Item = (NodeId, Consumer)> + '_ {
        self.watched.iter().zip(0..).map(|(watched, group)| {
            let watch = Consumer::Watch {
                group,
                least: watched.least,
                shown: watched.shown,
            };
            (watched.node, watch)
        })
    }

    /// Lists who reads each node besides other nodes, in a step.
    fn consumers(&self, slots: &[(Slots, Vec<NodeId>); 3]) -> Vec<Vec<Consumer>> {
        let mut consumers: Vec<Vec<Consumer>> = vec![Vec::new(); self.graph.nodes.len()];
        for (&node, history) in self.graph.histories.iter().zip(0..) {
            consumers[node.position()].push(Consumer::Record(history));
        }
        for (node, watch) in self.watches() {
            if watched_in_steps(self.level(node)) {
                consumers[node.position()].push(watch);
            }
        }
        for (kind, (_, nodes)) in [OutputKind::Series, OutputKind::Choice, OutputKind::Event]
            .into_iter()
            .zip(slots)
        {
            for (&node, slot) in nodes.iter().zip(0..) {
                consumers[node.position()].push(Consumer::Observe(kind, slot));
            }
        }
        consumers
    }

    /// Counts the uses of every node in a step, by nodes and otherwise.
    fn uses_in_step(&self) -> Vec<u32> {
        let mut uses = vec![0; self.graph.nodes.len()];
        for (i, node) in self.graph.nodes.iter().enumerate() {
            if self.levels[i] == Level::Step && self.needs[i].is_some() {
                node.operands()
                    .iter()
                    .for_each(|operand| uses[operand.position()] += 1);
            }
        }
        outside_uses(self.graph).for_each(|root| uses[root.position()] += 1);
        uses
    }

    /// Lets the branches of a scheduled node be computed right into its place where nobody else wants them.
    fn let_scheduled_operands_stand_for(&mut self, node: NodeId, uses: &[u32]) {
        let Node::Scheduled {
            schedule,
            value,
            otherwise,
        } = self.graph.nodes[node.position()]
        else {
            return;
        };
        let (inside, outside) = self.branches(node, schedule);
        for (branch, steps) in [(value, inside), (otherwise, outside)] {
            let computed_in_step = self.level(branch) == Level::Step
                && !matches!(self.graph.nodes[branch.position()], Node::Cell(_));
            // A kernel must not write what it reads, and the cell may be read here.
            let place = self.graph.nodes.get(self.value(node).position());
            let in_cell = matches!(place, Some(Node::Cell(_)));
            if computed_in_step
                && !in_cell
                && uses[branch.position()] == 1
                && self.needs[branch.position()] == Some(steps)
            {
                self.stands_for[branch.position()] = self.value(node);
            }
        }
    }

    /// Lists for every cell the nodes that read it in a step, and whether anything else does.
    fn readers_of_cells(&self) -> Vec<(Vec<NodeId>, bool)> {
        let mut readers = vec![(Vec::new(), false); self.graph.cells.len()];
        let cell = |node: NodeId| match self.graph.nodes[node.position()] {
            Node::Cell(cell) => Some(cell.position()),
            _ => None,
        };
        for (i, node) in self.graph.nodes.iter().enumerate() {
            if self.needs[i].is_some() {
                let operands = node.operands();
                let read = operands.iter().copied().filter_map(cell);
                read.for_each(|cell| readers[cell].0.push(NodeId(i as u32)));
            }
        }
        let watched = self.watched.iter().map(|watched| watched.node);
        for cell in outside_uses(self.graph).chain(watched).filter_map(cell) {
            readers[cell].1 = true;
        }
        readers
    }

    /// Lets a scheduled node that else keeps a cell be computed in the cell's place, if nothing reads the cell after it: so nothing is
    /// copied in the steps that keep it.
    fn let_kept_cells_stand_for<'n>(
        &mut self,
        ordered: impl Iterator<Item = &'n NodeId>,
        readers: &[(Vec<NodeId>, bool)],
        done: &mut [bool],
    ) {
        for &node in ordered {
            done[node.position()] = true;
            let Node::Scheduled { otherwise, .. } = self.graph.nodes[node.position()] else {
                continue;
            };
            let Node::Cell(cell) = self.graph.nodes[otherwise.position()] else {
                continue;
            };
            let (nodes, elsewhere) = &readers[cell.position()];
            if !elsewhere && nodes.iter().all(|reader| done[reader.position()]) {
                self.stands_for[node.position()] = self.value(otherwise);
            }
        }
    }

    /// Returns the steps in which a scheduled node takes its value, and the steps in which it takes the other.
    fn branches(&mut self, node: NodeId, schedule: crate::graph::Schedule) -> (StepSetId, StepSetId) {
        let steps = self.needs[node.position()].expect("only wanted nodes are computed");
        let scheduled = self.sets.schedule(schedule);
        (
            self.sets.intersection(steps, scheduled),
            self.sets.difference(steps, scheduled),
        )
    }

    /// Computes nodes of one kind that do not need one another.
    fn compute_in_step(&mut self, run: &[NodeId], stage: &mut StepStage) {
        let mut copies: Vec<(StepSetId, Instruction)> = Vec::new();
        for &node in run {
            if let Node::Scheduled {
                schedule,
                value,
                otherwise,
            } = self.graph.nodes[node.position()]
            {
                let (inside, outside) = self.branches(node, schedule);
                for (branch, steps) in [(value, inside), (otherwise, outside)] {
                    if self.sets.is_empty(steps) || self.value(branch) == self.value(node) {
                        continue;
                    }
                    let from = self.operand(branch, Level::Step);
                    let to = self.value(node);
                    copies.push((steps, Instruction::Copy { to, from }));
                }
            } else {
                let steps = self.needs[node.position()].expect("only wanted nodes are computed");
                let instruction = self.instruction(node, Level::Step);
                stage.push(instruction, steps);
            }
        }
        copies.sort_by_key(|(steps, _)| *steps);
        for (steps, copy) in copies {
            stage.push(copy, steps);
        }
    }

    /// Returns the value that each cell takes next. Every cell needs one of its own, computed in the step: the rest is copied.
    fn next_values(&mut self, stage: &mut StepStage) -> Vec<RegisterId> {
        let mut claimed: BTreeSet<RegisterId> = BTreeSet::new();
        let keeps = |cell: usize| match self.graph.nodes[self.graph.cells[cell].next.position()] {
            Node::Cell(other) => other.position() == cell,
            _ => false,
        };
        let kept: Vec<bool> = (0..self.graph.cells.len()).map(keeps).collect();
        let mut next: Vec<Option<RegisterId>> = vec![None; self.graph.cells.len()];
        // A cell that stays as it is comes first in claiming its register.
        for keeps_itself in [true, false] {
            for (i, cell) in self
                .graph
                .cells
                .iter()
                .enumerate()
                .filter(|&(i, _)| kept[i] == keeps_itself)
            {
                let value = self.stands_for[cell.next.position()];
                if self.levels[cell.next.position()] == Level::Step && claimed.insert(value) {
                    next[i] = Some(value);
                }
            }
        }
        for (i, cell) in self.graph.cells.iter().enumerate() {
            if next[i].is_none() {
                let from = self.operand(cell.next, Level::Step);
                let to = self.fresh();
                stage.push(Instruction::Copy { to, from }, self.sets.all);
                next[i] = Some(to);
            }
        }
        next.into_iter().flatten().collect()
    }

    /// Returns the instructions before the first step.
    fn start(&mut self) -> StartStage {
        let homes: Vec<RegisterId> = self.graph.cells.iter().map(|_| self.fresh()).collect();
        let mut stage = StartStage {
            instructions: Vec::new(),
            wanted: BTreeSet::new(),
            broadcast_cells: Vec::new(),
            homes,
        };
        let watched: Vec<(NodeId, Consumer)> = (self.watches())
            .filter(|&(node, _)| !watched_in_steps(self.level(node)) && self.is_wanted(node))
            .collect();
        let mut order = Order::new(self.graph, self.members(Level::Future));
        let roots: Vec<NodeId> = (self.graph.cells.iter().map(|cell| cell.initial))
            .chain(self.pinned.iter().copied())
            .chain(watched.iter().map(|&(node, _)| node))
            .collect();
        for root in roots {
            for node in order.below(root) {
                let instruction = self.instruction(node, Level::Future);
                stage.instructions.push(instruction);
            }
        }
        for (i, cell) in self.graph.cells.iter().enumerate() {
            if self.level(cell.initial) == Level::Draw {
                stage.broadcast_cells.push((cell.initial, i));
            } else {
                let from = self.operand(cell.initial, Level::Future);
                stage.instructions.push(Instruction::Copy {
                    to: stage.homes[i],
                    from,
                });
            }
        }
        for (node, watch) in watched {
            let from = self.operand(node, Level::Future);
            stage.instructions.push(watch.instruction(from));
        }
        for instruction in &stage.instructions {
            instruction.for_each_register(|value| {
                if self.levels.get(value.position()) == Some(&Level::Draw) {
                    stage.wanted.insert(NodeId(value.0));
                }
            });
        }
        stage
    }

    /// Returns the instructions once per draw.
    fn draw(&mut self, wanted: &BTreeSet<NodeId>) -> Vec<Instruction> {
        let mut order = Order::new(self.graph, self.members(Level::Draw));
        let mut instructions = Vec::new();
        for &root in wanted {
            for node in order.below(root) {
                instructions.push(self.instruction(node, Level::Draw));
            }
        }
        instructions
    }

    /// Gives registers to the values of all stages.
    fn assemble(self, parts: Parts) -> Program {
        let Parts {
            layout,
            clock,
            slots,
            mut step,
            mut start,
            mut draw,
            wanted_draws,
        } = parts;
        let values = self.values as usize;
        let value = |node: &NodeId| RegisterId(node.0);

        let leaving = wanted_draws.iter().map(value).collect();
        let of_draw = assign(
            &mut draw,
            values,
            Boundary {
                entering: Vec::new(),
                leaving,
                free: Vec::new(),
                registers: 0,
            },
        );

        // Cells come first, then what stays from before the first step, then what comes and goes.
        let cells = self.graph.cells.len() as u32;
        let pinned: Vec<(RegisterId, RegisterId)> = self
            .pinned
            .iter()
            .zip(cells..)
            .map(|(node, register)| (value(node), RegisterId(register)))
            .collect();
        let mut taken = cells + pinned.len() as u32;

        let mut broadcasts = Vec::new();
        let mut entering: Vec<(RegisterId, RegisterId)> =
            start.homes.iter().copied().zip((0..).map(RegisterId)).collect();
        for &(node, cell) in &start.broadcast_cells {
            broadcasts.push(Broadcast {
                from: of_draw.of(value(&node)),
                to: RegisterId(cell as u32),
            });
        }
        entering.extend(&pinned);
        for node in wanted_draws.iter() {
            let place = pinned
                .iter()
                .find(|&&(of, _)| of == value(node))
                .map(|&(_, register)| register);
            let to = match place {
                Some(register) => register,
                None if start.wanted.contains(node) => {
                    taken += 1;
                    entering.push((value(node), RegisterId(taken - 1)));
                    RegisterId(taken - 1)
                }
                None => continue,
            };
            broadcasts.push(Broadcast {
                from: of_draw.of(value(node)),
                to,
            });
        }
        let leaving = entering.iter().map(|&(value, _)| value).collect();
        let boundary = Boundary {
            entering,
            leaving,
            free: Vec::new(),
            registers: taken,
        };
        let of_start = assign(&mut start.instructions, values, boundary);

        let mut entering: Vec<(RegisterId, RegisterId)> = Vec::new();
        let mut read = vec![false; self.graph.cells.len()];
        for (i, node) in self.graph.nodes.iter().enumerate() {
            if let Node::Cell(cell) = node
                && !std::mem::replace(&mut read[cell.position()], true)
            {
                entering.push((self.stands_for[i], RegisterId(cell.0)));
            }
        }
        entering.extend(&pinned);
        let unread = (0..cells)
            .filter(|&cell| !read[cell as usize])
            .map(RegisterId)
            .collect();
        let leaving = step
            .next
            .iter()
            .copied()
            .chain(pinned.iter().map(|&(value, _)| value))
            .collect();
        let boundary = Boundary {
            entering,
            leaving,
            free: unread,
            registers: cells + pinned.len() as u32,
        };
        let of_step = assign(&mut step.instructions, values, boundary);
        let next: Vec<RegisterId> = step.next.iter().map(|&value| of_step.of(value)).collect();

        let [(series, _), (choices, _), (events, _)] = slots;
        let mut program = Program {
            precision: Precision::default(),
            features: Features::detect(),
            registers: of_start.registers.max(of_step.registers),
            draw_registers: of_draw.registers,
            constants: self.scalars.constants.clone(),
            calendar: self.scalars.calendar.clone(),
            draw,
            broadcasts,
            start: start.instructions,
            sections: sections(&step.steps),
            step: step.instructions,
            step_sets: self.sets.sets,
            renames: renames(&next),
            cells: (self.graph.cells.iter().zip(0..))
                .map(|(cell, register)| CellPlace {
                    name: cell.name.clone(),
                    register: RegisterId(register),
                })
                .collect(),
            histories: histories(self.graph, self.scalars, clock.steps),
            gamma_tables: Vec::new(),
            watches: self.graph.watches.clone(),
            watch_groups: self.watched.into_iter().map(|group| group.watches).collect(),
            series,
            choices,
            events,
            measures: self
                .graph
                .worlds
                .iter()
                .map(|world| world.measures.clone())
                .collect(),
            layout,
            clock,
        };
        keep_named_sets(&mut program);
        program
    }
}

impl StepStage {
    fn push(&mut self, instruction: Instruction, steps: StepSetId) {
        self.instructions.push(instruction);
        self.steps.push(steps);
    }
}

/// Returns the shape of a gamma quantile that is looked up in a table: the shape is constant, and futures are many enough to be worth one.
///
/// A table is not exact to the bit. So this is part of what a graph means, and whoever interprets one has to ask.
pub(crate) fn tabulated_shape(graph: &Graph, levels: &[Level], node: NodeId) -> Option<NodeId> {
    let Node::Apply(Operation::GammaQuantile, operands) = &graph.nodes[node.position()] else {
        return None;
    };
    let of_futures = matches!(levels[node.position()], Level::Future | Level::Step);
    let [shape, probability] = operands[..] else {
        return None;
    };
    let probability_of_futures = matches!(
        levels[probability.position()],
        Level::Draw | Level::Future | Level::Step
    );
    (of_futures && probability_of_futures && levels[shape.position()] == Level::Constant).then_some(shape)
}

/// Returns whether a watched node can change from step to step. Else it is counted once per future, in the first step.
fn watched_in_steps(level: Level) -> bool {
    matches!(level, Level::Step | Level::Calendar)
}

/// Returns all that a step is to compute, alike roots together: the next values of cells of one declaration, and outputs of one name in
/// all worlds.
fn roots(graph: &Graph) -> Vec<Vec<NodeId>> {
    /// Roots that go in step, at most: the more there are, the longer the runs of a kernel and the more rows wait for their use.
    const TOGETHER: usize = 8;
    let mut first: QuickMap<&str, usize> = QuickMap::default();
    let mut first_with = |name, i| *first.entry(name).or_insert(i);
    let mut cells: Vec<[usize; 3]> = (graph.cells.iter().enumerate())
        .map(|(i, cell)| {
            let declared = cell.name.split('[').next().unwrap_or_default();
            [first_with(declared, i), first_with(&cell.name, i), i]
        })
        .collect();
    // Cells of one name in all worlds share most of what they are computed from.
    cells.sort_unstable();
    let of_cells = cells
        .chunk_by(|a, b| a[0] == b[0])
        .map(|cells| cells.iter().map(|&[.., cell]| graph.cells[cell].next).collect());
    let outputs = |of: fn(&WorldOutputs) -> &Vec<NodeId>| {
        // Other worlds have more than the baseline where differences are recorded.
        let count = graph
            .worlds
            .iter()
            .map(|world| of(world).len())
            .max()
            .unwrap_or(0);
        let in_worlds = move |output: usize| {
            let in_world = graph.worlds.iter().filter_map(move |world| of(world).get(output));
            in_world.copied().collect()
        };
        (0..count).map(in_worlds)
    };
    let groups: Vec<Vec<NodeId>> = of_cells
        .chain([
            graph.histories.clone(),
            graph.watches.iter().map(|watch| watch.node).collect(),
        ])
        .chain(outputs(|world| &world.series))
        .chain(outputs(|world| &world.choices))
        .chain(outputs(|world| &world.events))
        .collect();
    let chunks = groups.iter().flat_map(|group| group.chunks(TOGETHER));
    chunks.map(<[NodeId]>::to_vec).collect()
}

/// Joins neighbours that are computed in the same steps.
fn sections(steps: &[StepSetId]) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    for (i, &steps) in steps.iter().enumerate() {
        match sections.last_mut() {
            Some(last) if last.steps == steps => last.instructions.end = i + 1,
            _ => sections.push(Section {
                steps,
                instructions: i..i + 1,
            }),
        }
    }
    sections
}

/// Drops the sets of steps that no section names.
fn keep_named_sets(program: &mut Program) {
    let mut kept: Vec<StepSet> = Vec::new();
    let mut new: QuickMap<StepSetId, StepSetId> = QuickMap::default();
    for section in &mut program.sections {
        section.steps = *new.entry(section.steps).or_insert_with(|| {
            kept.push(program.step_sets[section.steps.position()].clone());
            StepSetId(kept.len() as u32 - 1)
        });
    }
    program.step_sets = kept;
}

/// Returns the change of names at the end of a step: register `i` (of cell `i`) becomes what `next[i]` names. The registers that give
/// theirs away without being cells take what is left over.
fn renames(next: &[RegisterId]) -> Vec<(RegisterId, RegisterId)> {
    let cells: BTreeSet<RegisterId> = (0..next.len() as u32).map(RegisterId).collect();
    let sources: BTreeSet<RegisterId> = next.iter().copied().collect();
    let of_cells = cells.iter().copied().zip(next.iter().copied());
    let of_others = sources
        .difference(&cells)
        .copied()
        .zip(cells.difference(&sources).copied());
    of_cells
        .chain(of_others)
        .filter(|(to, from)| to != from)
        .collect()
}

/// Returns how many steps each history keeps: up to the longest lag that is asked of it, where that is known.
fn histories(graph: &Graph, scalars: &Scalars, steps: u32) -> Vec<HistoryPlace> {
    let mut histories = vec![HistoryPlace { length: 1 }; graph.histories.len()];
    for node in &graph.nodes {
        let Node::Delayed { history, lag, .. } = node else {
            continue;
        };
        let known = scalars.constant(*lag);
        // One more than the lag: the step's own value may be entered before the oldest is read.
        let length = known.map_or(steps, |lag| lag_steps(lag).saturating_add(1).min(steps));
        let kept = &mut histories[history.position()].length;
        *kept = length.max(*kept);
    }
    histories
}
