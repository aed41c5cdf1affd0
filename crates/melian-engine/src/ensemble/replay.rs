//! Runs one future alone, and tells everything.

use super::run::canonical;
use super::{RunError, Size};
use crate::program::{OutputKind, Program};
use crate::vm::{Block, Machine, Recorder, Shape};

/// One future, step by step: to the bit as it is in the ensemble.
#[derive(Clone, Debug, PartialEq)]
pub struct Trajectory {
    /// The draw.
    pub draw: u32,
    /// The replication.
    pub replication: u32,
    /// `[cell][time]`: every cell before the first step and after each.
    pub cells: Vec<CellTrajectory>,
    /// `[world][series][step]`.
    pub series: Vec<Vec<Vec<f64>>>,
    /// `[world][choice][step]`: the option that stands.
    pub choices: Vec<Vec<Vec<f64>>>,
    /// `[world][event][step]`: how often it has happened by the end of the step.
    pub events: Vec<Vec<Vec<f64>>>,
    /// `[world][measure]`.
    pub measures: Vec<Vec<f64>>,
}

/// A cell of one future.
#[derive(Clone, Debug, PartialEq)]
pub struct CellTrajectory {
    /// Qualified name.
    pub name: String,
    /// Its value before the first step, then after each.
    pub values: Vec<f64>,
}

/// Runs one future of a size alone.
///
/// # Errors
/// The run has no such future.
pub fn replay(program: &Program, size: &Size, draw: u32, replication: u32) -> Result<Trajectory, RunError> {
    let within = |what, value: u32, count: u32| {
        let (value, most) = (u64::from(value), u64::from(count).saturating_sub(1));
        if value <= most {
            Ok(())
        } else {
            Err(RunError::OutOfRange {
                what,
                value,
                least: 0,
                most,
            })
        }
    };
    within("draw", draw, size.draws)?;
    within("replication", replication, size.replications)?;

    let mut trace = Trace::new(program);
    let mut machine = Machine::new(program, program.features, size.seed, ALONE);
    machine.begin(alone(draw, replication), &mut trace);
    let registers = program.cells.iter().map(|cell| cell.register);
    let mut cells: Vec<CellTrajectory> = (program.cells.iter())
        .map(|cell| CellTrajectory {
            name: cell.name.clone(),
            values: vec![canonical(machine.row(cell.register)[0])],
        })
        .collect();
    for step in 0..program.steps() {
        machine.step(step, &mut trace);
        for (cell, register) in cells.iter_mut().zip(registers.clone()) {
            cell.values.push(canonical(machine.row(register)[0]));
        }
    }
    let last = |cell: &crate::graph::CellId| cells[cell.position()].values[program.steps() as usize];
    let measures = program
        .measures
        .iter()
        .map(|world| world.iter().map(last).collect())
        .collect();
    Ok(Trajectory {
        draw,
        replication,
        measures,
        series: trace.of_worlds(OutputKind::Series),
        choices: trace.of_worlds(OutputKind::Choice),
        events: trace.of_worlds(OutputKind::Event),
        cells,
    })
}

/// Returns, for every slot of a series, the value that its histograms count from: what the series is in the first future
/// of the baseline at the end of the first step, or zero if that is no number. Differences count from zero.
///
/// It depends on the program and the seed alone, so that all parts of a run count in the same buckets.
pub(super) fn references(program: &Program, seed: u64) -> Vec<f64> {
    let mut trace = Trace::new(program);
    let mut machine = Machine::new(program, program.features, seed, ALONE);
    machine.begin(alone(0, 0), &mut trace);
    machine.step(0, &mut trace);
    let baseline = program.series.worlds.first();
    (program.series.outputs.iter())
        .map(|&output| {
            let slot = baseline.and_then(|slots| slots.get(output as usize));
            slot.map_or(0.0, |&slot| trace.series[slot as usize][0])
        })
        .map(|reference| if reference.is_finite() { reference } else { 0.0 })
        .collect()
}

const ALONE: Shape = Shape {
    draws: 1,
    replications: 1,
};

fn alone(draw: u32, replication: u32) -> Block {
    Block {
        first_draw: draw,
        draws: 1,
        first_replication: replication,
        replications: 1,
    }
}

/// Writes down every output of the first lane: `[slot][step]`.
struct Trace<'a> {
    program: &'a Program,
    series: Vec<Vec<f64>>,
    choices: Vec<Vec<f64>>,
    events: Vec<Vec<f64>>,
}

impl<'a> Trace<'a> {
    fn new(program: &'a Program) -> Trace<'a> {
        let slots = |kind| vec![vec![f64::NAN; program.steps() as usize]; program.slots(kind).outputs.len()];
        Trace {
            program,
            series: slots(OutputKind::Series),
            choices: slots(OutputKind::Choice),
            events: slots(OutputKind::Event),
        }
    }

    fn list(&mut self, kind: OutputKind) -> &mut Vec<Vec<f64>> {
        match kind {
            OutputKind::Series => &mut self.series,
            OutputKind::Choice => &mut self.choices,
            OutputKind::Event => &mut self.events,
        }
    }

    fn of_worlds(&mut self, kind: OutputKind) -> Vec<Vec<Vec<f64>>> {
        let worlds = &self.program.slots(kind).worlds;
        // Differences stand behind the series.
        let outputs = worlds.first().map_or(0, Vec::len);
        let list = self.list(kind);
        worlds
            .iter()
            .map(|slots| {
                slots[..outputs]
                    .iter()
                    .map(|&slot| list[slot as usize].clone())
                    .collect()
            })
            .collect()
    }
}

impl Recorder for Trace<'_> {
    fn observe(&mut self, output: OutputKind, slot: u32, step: u32, values: &[f64]) {
        self.list(output)[slot as usize][step as usize] = canonical(values[0]);
    }

    fn watch(&mut self, _: u32, _: u32, _: &[f64]) {}
}
