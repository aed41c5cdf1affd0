//! Instructions over registers, and how they print.
//!
//! A program runs in stages: `draw` once per draw (a lane is a draw), `start` once per future, and the sections of `step` in every step
//! whose number is in the section's set. A register holds one value per lane. Between steps the registers of the cells' next values
//! become the registers of the cells by renaming ([`Program::renames`]), not by copying.

use std::fmt;
use std::ops::Range;

use melian_language::model::Clock;

use crate::distribution::gamma::QuantileTable;
use crate::graph::{Calendar, CellId, Schedule, Watch};
use crate::layout::Layout;
use crate::number::Precision;
use crate::operation::Operation;
use crate::vm::Features;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $letter:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub u32);
        impl $name {
            /// Returns the position in its list.
            pub fn position(self) -> usize {
                self.0 as usize
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($letter, "{}"), self.0)
            }
        }
    };
}

id!(
    /// A register: one value per lane.
    RegisterId, "r"
);
id!(
    /// A scalar: one value for all lanes, a constant or a value of the calendar.
    ScalarId, "s"
);
id!(
    /// A set of steps of [`Program::step_sets`].
    StepSetId, "when"
);

/// Where an instruction finds a value: a register or a scalar, packed so that ten thousand instructions stay in cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Operand(u32);

/// What an [`Operand`] names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// One value per lane.
    Register(RegisterId),
    /// One value for all lanes.
    Scalar(ScalarId),
}

impl Operand {
    const SCALAR: u32 = 1 << 31;

    /// Names a register.
    pub fn register(register: RegisterId) -> Operand {
        Operand(register.0)
    }

    /// Names a scalar.
    pub fn scalar(scalar: ScalarId) -> Operand {
        Operand(scalar.0 | Operand::SCALAR)
    }

    /// Returns what it names.
    #[inline(always)]
    pub fn place(self) -> Place {
        if self.0 & Operand::SCALAR == 0 {
            Place::Register(RegisterId(self.0))
        } else {
            Place::Scalar(ScalarId(self.0 & !Operand::SCALAR))
        }
    }
}

/// One dispatch over all lanes. `to` is never among the operands, so that a kernel writes one row and reads others.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Instruction {
    /// An operation of one operand.
    Unary {
        /// The operation.
        operation: Operation,
        /// Result.
        to: RegisterId,
        /// Operand.
        a: RegisterId,
    },
    /// An operation of two operands, not both scalars.
    Binary {
        /// The operation.
        operation: Operation,
        /// Result.
        to: RegisterId,
        /// First operand.
        a: Operand,
        /// Second operand.
        b: Operand,
    },
    /// An operation of three operands, not all scalars.
    Ternary {
        /// The operation.
        operation: Operation,
        /// Result.
        to: RegisterId,
        /// First operand.
        a: Operand,
        /// Second operand.
        b: Operand,
        /// Third operand.
        c: Operand,
    },
    /// The same value.
    Copy {
        /// Result.
        to: RegisterId,
        /// Operand.
        from: Operand,
    },
    /// The quasi-random uniform of a parameter's site.
    Parameter {
        /// Result.
        to: RegisterId,
        /// The site.
        site: u64,
    },
    /// The uniform of a site, once per future.
    Once {
        /// Result.
        to: RegisterId,
        /// The site.
        site: u64,
    },
    /// The uniform of a site in this step.
    Uniform {
        /// Result.
        to: RegisterId,
        /// The site.
        site: u64,
    },
    /// The gamma quantile whose shape is known when the program is made.
    GammaTable {
        /// Result.
        to: RegisterId,
        /// Position in [`Program::gamma_tables`].
        table: u32,
        /// Probability.
        probability: RegisterId,
    },
    /// The value of a history some steps ago.
    Delayed {
        /// Result.
        to: RegisterId,
        /// Position in [`Program::histories`].
        history: u32,
        /// How many steps ago.
        lag: Operand,
        /// The value before the first step.
        before: Operand,
    },
    /// Enters a value into a history.
    Record {
        /// Position in [`Program::histories`].
        history: u32,
        /// The value.
        from: Operand,
    },
    /// Counts a value if it is amiss.
    Watch {
        /// Position in [`Program::watch_groups`].
        group: u32,
        /// The value.
        from: Operand,
        /// Finite values from here on are of interest to nobody.
        least: f64,
        /// Whether what is amiss here would show in a later watch of the same step: then this one looks only when one of those that
        /// are not shown elsewhere has seen something.
        shown: bool,
    },
    /// Gives a value to an output.
    Observe {
        /// Which list of outputs.
        output: OutputKind,
        /// Position among the slots of that list.
        slot: u32,
        /// The value.
        from: Operand,
    },
}

impl Instruction {
    /// Returns the register that is written, if one is.
    pub fn result(&self) -> Option<RegisterId> {
        match *self {
            Instruction::Unary { to, .. }
            | Instruction::Binary { to, .. }
            | Instruction::Ternary { to, .. }
            | Instruction::Copy { to, .. }
            | Instruction::Parameter { to, .. }
            | Instruction::Once { to, .. }
            | Instruction::Uniform { to, .. }
            | Instruction::GammaTable { to, .. }
            | Instruction::Delayed { to, .. } => Some(to),
            Instruction::Record { .. } | Instruction::Watch { .. } | Instruction::Observe { .. } => None,
        }
    }

    /// Calls a function with every register that is read or written.
    pub fn for_each_register(&self, mut visit: impl FnMut(RegisterId)) {
        let mut copy = *self;
        copy.rename(|register| {
            visit(register);
            register
        });
    }

    /// Replaces every register that is read or written.
    pub(crate) fn rename(&mut self, mut new: impl FnMut(RegisterId) -> RegisterId) {
        let operand = |operand: &mut Operand, new: &mut dyn FnMut(RegisterId) -> RegisterId| {
            if let Place::Register(register) = operand.place() {
                *operand = Operand::register(new(register));
            }
        };
        match self {
            Instruction::Unary { to, a, .. }
            | Instruction::GammaTable {
                to, probability: a, ..
            } => {
                *a = new(*a);
                *to = new(*to);
            }
            Instruction::Binary { to, a, b, .. }
            | Instruction::Delayed {
                to,
                lag: a,
                before: b,
                ..
            } => {
                operand(a, &mut new);
                operand(b, &mut new);
                *to = new(*to);
            }
            Instruction::Ternary { to, a, b, c, .. } => {
                operand(a, &mut new);
                operand(b, &mut new);
                operand(c, &mut new);
                *to = new(*to);
            }
            Instruction::Copy { to, from } => {
                operand(from, &mut new);
                *to = new(*to);
            }
            Instruction::Parameter { to, .. }
            | Instruction::Once { to, .. }
            | Instruction::Uniform { to, .. } => {
                *to = new(*to);
            }
            Instruction::Record { from, .. }
            | Instruction::Watch { from, .. }
            | Instruction::Observe { from, .. } => {
                operand(from, &mut new);
            }
        }
    }
}

/// The lists of outputs that are read in every step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum OutputKind {
    /// Series.
    Series,
    /// Choices.
    Choice,
    /// Events.
    Event,
}

/// How a scalar that changes with the calendar is found at the start of a step.
#[derive(Clone, Debug, PartialEq)]
pub enum CalendarRule {
    /// A value of the calendar.
    Value(Calendar),
    /// An operation on earlier scalars.
    Apply(Operation, Vec<ScalarId>),
    /// One scalar in the steps of a schedule, another in the others.
    Scheduled(Schedule, ScalarId, ScalarId),
}

/// A run of instructions that is computed in some steps only.
#[derive(Clone, Debug, PartialEq)]
pub struct Section {
    /// The steps.
    pub steps: StepSetId,
    /// Positions in [`Program::step`].
    pub instructions: Range<usize>,
}

/// A set of steps.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct StepSet {
    pub(crate) bits: Vec<u64>,
}

impl StepSet {
    /// Returns whether the step is in the set.
    #[inline(always)]
    pub fn contains(&self, step: u32) -> bool {
        self.bits[step as usize / 64] >> (step % 64) & 1 == 1
    }

    /// Returns the number of steps in the set.
    pub fn count(&self) -> u32 {
        self.bits.iter().map(|word| word.count_ones()).sum()
    }
}

/// Where a cell lives between steps.
#[derive(Clone, Debug, PartialEq)]
pub struct CellPlace {
    /// Qualified name.
    pub name: String,
    /// Its register.
    pub register: RegisterId,
}

/// What is kept of a node's past.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HistoryPlace {
    /// Number of steps kept.
    pub length: u32,
}

/// A register of the first file that becomes a register of the second, every draw's value in all its replications.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Broadcast {
    /// The register of the draw's stage.
    pub from: RegisterId,
    /// The register of the futures.
    pub to: RegisterId,
}

/// The slots of one list of outputs. Outputs of several worlds that are the same node share a slot.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Slots {
    /// For each slot, the position of its output in the layout; what series differ by comes behind the series.
    pub outputs: Vec<u32>,
    /// `[world][output]`: the slot.
    pub worlds: Vec<Vec<u32>>,
}

/// Instructions for one step of all worlds together, and what surrounds them.
#[derive(Clone, Debug)]
pub struct Program {
    /// Order of outputs.
    pub layout: Layout,
    /// How exact the numbers of futures are.
    pub precision: Precision,
    /// Which instructions of the processor run it: the best that there are, unless others are set. No answer depends on it.
    pub features: Features,
    /// Steps of time.
    pub clock: Clock,
    /// The first scalars: numbers.
    pub constants: Vec<f64>,
    /// The scalars after the constants, found anew at the start of every step in this order.
    pub calendar: Vec<CalendarRule>,
    /// Once per draw, over registers of their own.
    pub draw: Vec<Instruction>,
    /// Number of registers of `draw`.
    pub draw_registers: u32,
    /// From the draw's registers to the futures'.
    pub broadcasts: Vec<Broadcast>,
    /// Once per future, before the first step.
    pub start: Vec<Instruction>,
    /// In the steps of the sections.
    pub step: Vec<Instruction>,
    /// Runs of `step`, in order.
    pub sections: Vec<Section>,
    /// Sets of steps that sections name.
    pub step_sets: Vec<StepSet>,
    /// Number of registers of `start` and `step`.
    pub registers: u32,
    /// At the end of a step, what the first register of a pair names is what the second named.
    pub renames: Vec<(RegisterId, RegisterId)>,
    /// State, in the order of the graph's cells.
    pub cells: Vec<CellPlace>,
    /// Pasts that are kept.
    pub histories: Vec<HistoryPlace>,
    /// Gamma quantiles, each of one shape.
    pub gamma_tables: Vec<QuantileTable>,
    /// Things to count.
    pub watches: Vec<Watch>,
    /// Positions in `watches` of those that look at the same value.
    pub watch_groups: Vec<Vec<u32>>,
    /// Series.
    pub series: Slots,
    /// Choices.
    pub choices: Slots,
    /// Events.
    pub events: Slots,
    /// `[world][measure]`: the cell whose value after the last step it is.
    pub measures: Vec<Vec<CellId>>,
}

impl Program {
    /// Returns the number of steps.
    pub fn steps(&self) -> u32 {
        self.clock.steps
    }

    /// Returns whether it tells what series differ by between worlds.
    pub fn is_paired(&self) -> bool {
        let series = |world: usize| self.series.worlds.get(world).map_or(0, Vec::len);
        series(1) > series(0)
    }

    /// Returns the slots of a list of outputs.
    pub fn slots(&self, kind: OutputKind) -> &Slots {
        match kind {
            OutputKind::Series => &self.series,
            OutputKind::Choice => &self.choices,
            OutputKind::Event => &self.events,
        }
    }
}

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let clock = self.clock;
        writeln!(
            f,
            "program: {} steps of {} days from day {}",
            clock.steps, clock.step_days, clock.start_day
        )?;
        if self.precision == Precision::Single {
            writeln!(f, "in single precision")?;
        }
        writeln!(f, "worlds: {}", self.layout.worlds.join(" "))?;
        for (i, constant) in self.constants.iter().enumerate() {
            writeln!(f, "s{i} = {constant:?}")?;
        }
        for (i, rule) in self.calendar.iter().enumerate() {
            writeln!(f, "s{} = {rule}", self.constants.len() + i)?;
        }
        writeln!(f, "each draw, {} registers:", self.draw_registers)?;
        for instruction in &self.draw {
            writeln!(f, "  {}", self.line(instruction))?;
        }
        writeln!(f, "each future, {} registers:", self.registers)?;
        for broadcast in &self.broadcasts {
            writeln!(f, "  {} = broadcast {}", broadcast.to, broadcast.from)?;
        }
        for instruction in &self.start {
            writeln!(f, "  {}", self.line(instruction))?;
        }
        for section in &self.sections {
            writeln!(
                f,
                "{}:",
                Steps {
                    set: &self.step_sets[section.steps.position()],
                    of: clock.steps
                }
            )?;
            for instruction in &self.step[section.instructions.clone()] {
                writeln!(f, "  {}", self.line(instruction))?;
            }
        }
        writeln!(f, "after each step:")?;
        for (to, from) in &self.renames {
            writeln!(f, "  {to} is {from}")?;
        }
        for cell in &self.cells {
            writeln!(f, "cell {} in {}", cell.name, cell.register)?;
        }
        for (i, history) in self.histories.iter().enumerate() {
            writeln!(f, "history {i} keeps {} steps", history.length)?;
        }
        for (world, cells) in self.layout.worlds.iter().zip(&self.measures) {
            for (measure, cell) in self.layout.measures.iter().zip(cells) {
                writeln!(f, "{world}: {} is cell {}", measure.name, cell.0)?;
            }
        }
        for kind in [OutputKind::Series, OutputKind::Choice, OutputKind::Event] {
            for (world, slots) in self.layout.worlds.iter().zip(&self.slots(kind).worlds) {
                let slots: Vec<String> = slots.iter().map(u32::to_string).collect();
                writeln!(f, "{world}: {} {}", kind.plural(), slots.join(" "))?;
            }
        }
        Ok(())
    }
}

impl OutputKind {
    fn singular(self) -> &'static str {
        match self {
            OutputKind::Series => "series",
            OutputKind::Choice => "choice",
            OutputKind::Event => "event",
        }
    }

    fn plural(self) -> &'static str {
        match self {
            OutputKind::Series => "series",
            OutputKind::Choice => "choices",
            OutputKind::Event => "events",
        }
    }
}

impl Program {
    /// Returns an instruction as one line. Scalars are shown by name: their values stand above.
    fn line(&self, instruction: &Instruction) -> String {
        match *instruction {
            Instruction::Unary { operation, to, a } => format!("{to} = {} {a}", operation.name()),
            Instruction::Binary { operation, to, a, b } => format!("{to} = {} {a} {b}", operation.name()),
            Instruction::Ternary {
                operation,
                to,
                a,
                b,
                c,
            } => format!("{to} = {} {a} {b} {c}", operation.name()),
            Instruction::Copy { to, from } => format!("{to} = {from}"),
            Instruction::Parameter { to, site } => format!("{to} = parameter {site:016x}"),
            Instruction::Once { to, site } => format!("{to} = once {site:016x}"),
            Instruction::Uniform { to, site } => format!("{to} = uniform {site:016x}"),
            Instruction::GammaTable {
                to,
                table,
                probability,
            } => {
                let shape = self.gamma_tables[table as usize].shape();
                format!("{to} = gamma_quantile {shape:?} {probability}")
            }
            Instruction::Delayed {
                to,
                history,
                lag,
                before,
            } => {
                format!("{to} = delayed {history} by {lag} before {before}")
            }
            Instruction::Record { history, from } => format!("record {history} {from}"),
            Instruction::Watch {
                group, from, shown, ..
            } => {
                let watches = self.watch_groups[group as usize].iter().map(|&watch| {
                    let watch = &self.watches[watch as usize];
                    format!(" {:?} {}", watch.kind, watch.equation)
                });
                let later = if shown { ", shown later" } else { "" };
                format!("watch {from}{}{later}", watches.collect::<String>())
            }
            Instruction::Observe { output, slot, from } => format!("{} {slot} {from}", output.singular()),
        }
    }
}

impl fmt::Display for Operand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place() {
            Place::Register(register) => register.fmt(f),
            Place::Scalar(scalar) => scalar.fmt(f),
        }
    }
}

impl fmt::Display for CalendarRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CalendarRule::Value(calendar) => write!(f, "calendar {calendar:?}"),
            CalendarRule::Apply(operation, operands) => {
                write!(f, "{}", operation.name())?;
                operands.iter().try_for_each(|operand| write!(f, " {operand}"))
            }
            CalendarRule::Scheduled(schedule, value, otherwise) => {
                write!(f, "scheduled {schedule:?} {value} {otherwise}")
            }
        }
    }
}

/// A set of steps as text: all, or its runs.
struct Steps<'a> {
    set: &'a StepSet,
    of: u32,
}

impl fmt::Display for Steps<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.set.count() == self.of {
            return write!(f, "every step");
        }
        write!(f, "in {} of {} steps", self.set.count(), self.of)?;
        let mut step = 0;
        while step < self.of {
            let end = (step..self.of)
                .find(|&s| !self.set.contains(s))
                .unwrap_or(self.of);
            match end - step {
                0 => {}
                1 => write!(f, " {step}")?,
                _ => write!(f, " {step}-{}", end - 1)?,
            }
            step = end.max(step + 1);
        }
        Ok(())
    }
}
