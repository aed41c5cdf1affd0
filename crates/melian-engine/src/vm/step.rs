//! Takes a block of futures through time.

use std::borrow::Cow;

use crate::calendar;
use crate::number::{Number, Precision};
use crate::program::{CalendarRule, Instruction, OutputKind, Program, RegisterId};
use crate::vm::block::{self, Addresses, Block, Registers, Row, Shape, numbers, numbers_mut};
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
pub(crate) enum Machine<'a> {
    /// Lanes in double precision.
    Double(MachineOf<'a, f64>),
    /// Lanes in single precision.
    Single(MachineOf<'a, f32>),
}

impl<'a> Machine<'a> {
    /// Makes a machine for blocks of this form.
    pub(crate) fn new(program: &'a Program, features: Features, seed: u64, shape: Shape) -> Machine<'a> {
        match program.precision {
            Precision::Double => Machine::Double(MachineOf::new(program, features, seed, shape)),
            Precision::Single => Machine::Single(MachineOf::new(program, features, seed, shape)),
        }
    }

    /// Runs a block through all steps.
    pub(crate) fn run(&mut self, block: Block, recorder: &mut dyn Recorder) {
        match self {
            Machine::Double(machine) => machine.run(block, recorder),
            Machine::Single(machine) => machine.run(block, recorder),
        }
    }

    /// Brings a block to the start of the first step.
    pub(crate) fn begin(&mut self, block: Block, recorder: &mut dyn Recorder) {
        match self {
            Machine::Double(machine) => machine.begin_pass(Turn::First, block, recorder),
            Machine::Single(machine) => machine.begin_pass(Turn::First, block, recorder),
        };
    }

    /// Takes the block through one step.
    pub(crate) fn step(&mut self, step: u32, recorder: &mut dyn Recorder) {
        match self {
            Machine::Double(machine) => machine.step_of_pass(Turn::First, step, recorder),
            Machine::Single(machine) => machine.step_of_pass(Turn::First, step, recorder),
        };
    }

    /// Returns a register of the futures, one value per lane.
    pub(crate) fn row(&self, register: RegisterId) -> Cow<'_, [f64]> {
        match self {
            Machine::Double(machine) => Cow::Borrowed(machine.row(register)),
            Machine::Single(machine) => machine
                .row(register)
                .iter()
                .map(|&value| value.to_f64())
                .collect(),
        }
    }
}

/// A machine of one precision.
pub(crate) struct MachineOf<'a, N> {
    program: &'a Program,
    seed: u64,
    shape: Shape,
    draws: Lanes<f64>,
    futures: Lanes<N>,
    first: Pass<N>,
    second: Pass<N>,
    histories: Vec<Vec<N>>,
    scalars: Vec<f64>,
}

/// All that happens to a block, or all that happens once more where the first pass came upon what is no number: the same, but that
/// nothing is told except by the watches that did not look before.
struct Pass<N> {
    draw: Code<f64>,
    start: Code<N>,
    /// By section.
    step: Vec<Code<N>>,
}

impl<N: Number> Pass<N> {
    fn new(features: Features, program: &Program, keep: fn(&Instruction) -> bool) -> Pass<N> {
        fn code<N: Number>(
            features: Features,
            instructions: &[Instruction],
            keep: fn(&Instruction) -> bool,
        ) -> Code<N> {
            Code::new(
                features,
                instructions.iter().filter(|&instruction| keep(instruction)),
            )
        }
        Pass {
            draw: code(features, &program.draw, keep),
            start: code(features, &program.start, keep),
            step: (program.sections.iter())
                .map(|section| code(features, &program.step[section.instructions.clone()], keep))
                .collect(),
        }
    }
}

/// Registers with the addresses of their lanes.
struct Lanes<N> {
    registers: Registers<N>,
    addresses: Addresses,
    row: Row<N>,
    in_double: Vec<f64>,
}

impl<N: Number> Lanes<N> {
    fn new(registers: u32, lanes: usize) -> Lanes<N> {
        Lanes {
            registers: Registers::new(registers, lanes),
            addresses: Addresses::default(),
            row: block::row(lanes),
            in_double: vec![0.0; lanes],
        }
    }
}

impl<'a, N: Number> MachineOf<'a, N> {
    fn new(program: &'a Program, features: Features, seed: u64, shape: Shape) -> MachineOf<'a, N> {
        let lanes = shape.lanes();
        MachineOf {
            program,
            first: Pass::new(features, program, |instruction| {
                !matches!(instruction, Instruction::Watch { shown: true, .. })
            }),
            second: Pass::new(features, program, |instruction| {
                !matches!(
                    instruction,
                    Instruction::Watch { shown: false, .. } | Instruction::Observe { .. }
                )
            }),
            seed,
            shape,
            draws: Lanes::new(program.draw_registers, shape.draw_lanes()),
            futures: Lanes::new(program.registers, lanes),
            histories: program
                .histories
                .iter()
                .map(|kept| vec![N::of(0.0); kept.length as usize * lanes])
                .collect(),
            scalars: program.constants.clone(),
        }
    }

    fn run(&mut self, block: Block, recorder: &mut dyn Recorder) {
        let mut not_a_number = self.begin_pass(Turn::First, block, recorder);
        for step in 0..self.program.steps() {
            not_a_number |= self.step_of_pass(Turn::First, step, recorder);
        }
        if not_a_number {
            self.begin_pass(Turn::Second, block, recorder);
            for step in 0..self.program.steps() {
                self.step_of_pass(Turn::Second, step, recorder);
            }
        }
    }

    /// Returns whether a watched value was no number.
    fn begin_pass(&mut self, turn: Turn, block: Block, recorder: &mut dyn Recorder) -> bool {
        let program = self.program;
        self.scalars.truncate(program.constants.len());
        self.draws.addresses.set_draws(self.shape, block);
        let of_draws = self.run_code(turn, Stage::Draw, 0, recorder);

        self.futures.addresses.set_futures(self.shape, block);
        for broadcast in &program.broadcasts {
            let of_draws = &numbers(self.draws.registers.row(broadcast.from))[..self.shape.draws];
            let mut row = self.futures.registers.take(broadcast.to);
            (numbers_mut(&mut row).chunks_mut(self.shape.draws)).for_each(|to| {
                to.iter_mut()
                    .zip(of_draws)
                    .for_each(|(to, &value)| *to = N::of(value))
            });
            self.futures.registers.put(broadcast.to, row);
        }
        of_draws | self.run_code(turn, Stage::Start, 0, recorder)
    }

    /// Returns whether a watched value was no number.
    fn step_of_pass(&mut self, turn: Turn, step: u32, recorder: &mut dyn Recorder) -> bool {
        let program = self.program;
        self.look_at_the_calendar(step);
        let mut not_a_number = false;
        for (i, section) in program.sections.iter().enumerate() {
            if program.step_sets[section.steps.position()].contains(step) {
                not_a_number |= self.run_code(turn, Stage::Section(i), step, recorder);
            }
        }
        self.futures.registers.rename(&program.renames);
        not_a_number
    }

    fn row(&self, register: RegisterId) -> &[N] {
        numbers(self.futures.registers.row(register))
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

    fn run_code(&mut self, turn: Turn, stage: Stage, step: u32, recorder: &mut dyn Recorder) -> bool {
        let pass = match turn {
            Turn::First => &self.first,
            Turn::Second => &self.second,
        };
        let (program, seed, scalars) = (self.program, self.seed, &self.scalars[..]);
        let (futures, histories) = (&mut self.futures, &mut self.histories[..]);
        match stage {
            // Nothing is remembered of draws.
            Stage::Draw => (self.draws).run(&pass.draw, program, seed, step, scalars, &mut [], recorder),
            Stage::Start => futures.run(&pass.start, program, seed, step, scalars, histories, recorder),
            Stage::Section(section) => futures.run(
                &pass.step[section],
                program,
                seed,
                step,
                scalars,
                histories,
                recorder,
            ),
        }
    }
}

impl<N: Number> Lanes<N> {
    /// Runs code on the lanes; returns whether a watched value was no number.
    #[expect(
        clippy::too_many_arguments,
        reason = "all that code may look at besides the lanes"
    )]
    fn run(
        &mut self,
        code: &Code<N>,
        program: &Program,
        seed: u64,
        step: u32,
        scalars: &[f64],
        histories: &mut [Vec<N>],
        recorder: &mut dyn Recorder,
    ) -> bool {
        let mut surroundings = Surroundings {
            program,
            registers: &mut self.registers,
            seed,
            step,
            scalars,
            addresses: &self.addresses,
            histories,
            row: &mut self.row,
            in_double: &mut self.in_double,
            recorder,
            not_a_number: false,
        };
        code.run(&mut surroundings);
        surroundings.not_a_number
    }
}

/// Which pass runs.
#[derive(Clone, Copy)]
enum Turn {
    First,
    Second,
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
