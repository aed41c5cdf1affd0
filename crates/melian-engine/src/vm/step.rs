//! Takes a block of futures through time.

use crate::calendar;
use crate::program::{CalendarRule, OutputKind, Program, RegisterId};
use crate::vm::block::{Addresses, Block, Registers, Shape};
use crate::vm::features::Features;
use crate::vm::kernels::{Code, Surroundings};

/// Who is told what happens in a block. Rows hold one value per lane.
pub(crate) trait Recorder {
    /// Takes the value of an output in a step.
    fn observe(&mut self, output: OutputKind, slot: u32, step: u32, values: &[f64]);
    /// Takes the values of a watched node in a step, at least one of which is amiss (perhaps in a lane that does not count).
    fn watch(&mut self, watch: u32, step: u32, values: &[f64]);
}

/// Everything that a worker needs to run blocks of one form, used again for every block.
pub(crate) struct Machine<'a> {
    program: &'a Program,
    seed: u64,
    shape: Shape,
    draws: Lanes,
    futures: Lanes,
    draw: Code,
    start: Code,
    /// By section.
    step: Vec<Code>,
    histories: Vec<Vec<f64>>,
    scalars: Vec<f64>,
}

/// Registers with the addresses of their lanes.
struct Lanes {
    registers: Registers,
    addresses: Addresses,
    row: Vec<f64>,
}

impl Lanes {
    fn new(registers: u32, lanes: usize) -> Lanes {
        Lanes {
            registers: Registers::new(registers, lanes),
            addresses: Addresses::default(),
            row: vec![0.0; lanes],
        }
    }
}

impl<'a> Machine<'a> {
    /// Makes a machine for blocks of this form.
    pub(crate) fn new(program: &'a Program, features: Features, seed: u64, shape: Shape) -> Machine<'a> {
        let lanes = shape.lanes();
        Machine {
            program,
            draw: Code::new(features, &program.draw),
            start: Code::new(features, &program.start),
            step: (program.sections.iter())
                .map(|section| Code::new(features, &program.step[section.instructions.clone()]))
                .collect(),
            seed,
            shape,
            draws: Lanes::new(program.draw_registers, shape.draw_lanes()),
            futures: Lanes::new(program.registers, lanes),
            histories: program
                .histories
                .iter()
                .map(|kept| vec![0.0; kept.length as usize * lanes])
                .collect(),
            scalars: program.constants.clone(),
        }
    }

    /// Runs a block through all steps.
    pub(crate) fn run(&mut self, block: Block, recorder: &mut dyn Recorder) {
        self.begin(block, recorder);
        for step in 0..self.program.steps() {
            self.step(step, recorder);
        }
    }

    /// Brings a block to the start of the first step.
    pub(crate) fn begin(&mut self, block: Block, recorder: &mut dyn Recorder) {
        let program = self.program;
        self.scalars.truncate(program.constants.len());
        self.draws.addresses.set_draws(self.shape, block);
        self.run_code(Stage::Draw, 0, recorder);

        self.futures.addresses.set_futures(self.shape, block);
        self.futures.registers.reset_names();
        for broadcast in &program.broadcasts {
            let of_draws = &self.draws.registers.row(broadcast.from)[..self.shape.draws];
            let (to, _) = self.futures.registers.write(broadcast.to);
            to.chunks_mut(self.shape.draws)
                .for_each(|to| to.copy_from_slice(&of_draws[..to.len()]));
        }
        self.run_code(Stage::Start, 0, recorder);
    }

    /// Takes the block through one step.
    pub(crate) fn step(&mut self, step: u32, recorder: &mut dyn Recorder) {
        let program = self.program;
        self.look_at_the_calendar(step);
        for (i, section) in program.sections.iter().enumerate() {
            if program.step_sets[section.steps.position()].contains(step) {
                self.run_code(Stage::Section(i), step, recorder);
            }
        }
        self.futures.registers.rename(&program.renames);
    }

    /// Returns a register of the futures, one value per lane.
    pub(crate) fn row(&self, register: RegisterId) -> &[f64] {
        self.futures.registers.row(register)
    }

    fn look_at_the_calendar(&mut self, step: u32) {
        let scalars = &mut self.scalars;
        scalars.truncate(self.program.constants.len());
        for rule in &self.program.calendar {
            let value = match rule {
                CalendarRule::Value(value) => calendar::value(*value, self.program.clock, step),
                CalendarRule::Apply(operation, operands) => {
                    let mut values = [0.0; 3];
                    for (value, operand) in values.iter_mut().zip(operands) {
                        *value = scalars[operand.position()];
                    }
                    operation.apply(&values[..operands.len()])
                }
                CalendarRule::Scheduled(schedule, value, otherwise) => {
                    scalars[if schedule.includes(step) { value } else { otherwise }.position()]
                }
            };
            scalars.push(value);
        }
    }

    fn run_code(&mut self, stage: Stage, step: u32, recorder: &mut dyn Recorder) {
        let (lanes, code) = match stage {
            Stage::Draw => (&mut self.draws, &self.draw),
            Stage::Start => (&mut self.futures, &self.start),
            Stage::Section(section) => (&mut self.futures, &self.step[section]),
        };
        let mut surroundings = Surroundings {
            program: self.program,
            registers: &mut lanes.registers,
            seed: self.seed,
            step,
            scalars: &self.scalars,
            addresses: &lanes.addresses,
            histories: &mut self.histories,
            row: &mut lanes.row,
            recorder,
        };
        code.run(&mut surroundings);
    }
}

/// Which instructions run.
#[derive(Clone, Copy)]
enum Stage {
    /// Once per draw.
    Draw,
    /// Once per future.
    Start,
    /// In the steps of a section.
    Section(usize),
}
