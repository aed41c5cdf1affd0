//! The loops over lanes.
//!
//! An instruction becomes a pointer to its kernel, with the places of its operands, once per run. Everything here is ordinary code that
//! the compiler turns into vector instructions, once for every member of [`Features`].

use std::marker::PhantomData;
use std::ops::Range;

use crate::distribution::{beta, binomial, gamma, poisson};
use crate::ensemble::histogram::bucket;
use crate::graph::WatchKind;
use crate::noise;
use crate::number::Number;
use crate::operation::{Operation, meaning, with_operations};
use crate::program::{Instruction, Operand, OutputKind, Place, Program, RegisterId};
use crate::vm::block::{Addresses, LANE_MULTIPLE, Registers, Row, numbers, numbers_mut};
use crate::vm::features::{Features, Work};
use crate::vm::step::Recorder;

/// What kernels read and write.
pub(crate) struct Surroundings<'a, N> {
    /// The program.
    pub(crate) program: &'a Program,
    /// Registers of the lanes.
    pub(crate) registers: &'a mut Registers<N>,
    /// Seed of the run.
    pub(crate) seed: u64,
    /// The step, from 0.
    pub(crate) step: u32,
    /// Scalars of the step.
    pub(crate) scalars: &'a [f64],
    /// Addresses of the lanes.
    pub(crate) addresses: &'a Addresses,
    /// Recorded pasts: rows of lanes.
    pub(crate) histories: &'a mut [Vec<N>],
    /// A row for scalars where a row is asked for.
    pub(crate) row: &'a mut Row<N>,
    /// Room for a row in double precision.
    pub(crate) in_double: &'a mut [f64],
    /// Who is told of outputs.
    pub(crate) recorder: &'a mut dyn Recorder,
    /// Whether a watched value was no number.
    pub(crate) not_a_number: bool,
}

/// Instructions, ready to run on one kind of processor: runs of the same kernel.
#[derive(Clone, Debug)]
pub(crate) struct Code<N> {
    features: Features,
    runs: Vec<(Kernel<N>, Range<usize>)>,
    steps: Vec<Step>,
}

/// One instruction for a kernel: the registers or scalars that it names.
#[derive(Clone, Copy, Debug)]
struct Step {
    to: u32,
    operands: [u32; 3],
}

type Kernel<N> = fn(Features, &[Step], &mut Surroundings<'_, N>);

impl<N: Number> Code<N> {
    /// Chooses the kernels of instructions.
    pub(crate) fn new<'i>(
        features: Features,
        instructions: impl IntoIterator<Item = &'i Instruction>,
    ) -> Code<N> {
        let mut code = Code {
            features,
            runs: Vec::new(),
            steps: Vec::new(),
        };
        for instruction in instructions {
            let kernel = kernel_of(instruction);
            code.steps.push(step(instruction));
            match code.runs.last_mut() {
                Some((last, run)) if std::ptr::fn_addr_eq(*last, kernel) => run.end += 1,
                _ => code.runs.push((kernel, code.steps.len() - 1..code.steps.len())),
            }
        }
        code
    }

    /// Runs the instructions in order.
    pub(crate) fn run(&self, surroundings: &mut Surroundings<'_, N>) {
        for (kernel, run) in &self.runs {
            kernel(self.features, &self.steps[run.clone()], surroundings);
        }
    }
}

/// What an instruction does.
trait Body<N> {
    fn run(step: &Step, surroundings: &mut Surroundings<'_, N>);
}

/// Runs instructions of one kind.
fn kernel<N: Number, B: Body<N>>(features: Features, steps: &[Step], surroundings: &mut Surroundings<'_, N>) {
    struct All<'a, 'b, N, B>(&'a [Step], &'a mut Surroundings<'b, N>, PhantomData<B>);
    impl<N: Number, B: Body<N>> Work for All<'_, '_, N, B> {
        type Result = ();
        #[inline(always)]
        fn run(self) {
            for step in self.0 {
                B::run(step, self.1);
            }
        }
    }
    features.run(All(steps, surroundings, PhantomData::<B>));
}

/// Where an operand is found, known when the kernel is chosen.
trait Mode<N: Number> {
    type Values<'a>: Values<N>;
    /// Returns as many values as there are lanes: told the number once, the compiler drops the checks in the loop.
    fn values<'a>(
        operand: u32,
        lanes: usize,
        registers: &'a Registers<N>,
        scalars: &'a [f64],
    ) -> Self::Values<'a>;
}

/// Values by lane.
trait Values<N> {
    fn at(&self, lane: usize) -> N;
    /// Returns all of them; a row is there to be filled if they have none of their own.
    fn row<'a>(&'a self, row: &'a mut [N]) -> &'a [N];
}

/// In a register.
struct Each;

/// In a scalar.
struct Same;

impl<N: Number> Mode<N> for Each {
    type Values<'a> = &'a [N];
    #[inline(always)]
    fn values<'a>(operand: u32, lanes: usize, registers: &'a Registers<N>, _: &'a [f64]) -> &'a [N] {
        &numbers(registers.row(RegisterId(operand)))[..lanes]
    }
}

impl<N: Number> Mode<N> for Same {
    type Values<'a> = N;
    #[inline(always)]
    fn values<'a>(operand: u32, _: usize, _: &'a Registers<N>, scalars: &'a [f64]) -> N {
        N::of(scalars[operand as usize])
    }
}

impl<N: Number> Values<N> for &[N] {
    #[inline(always)]
    fn at(&self, lane: usize) -> N {
        self[lane]
    }
    #[inline(always)]
    fn row<'a>(&'a self, _: &'a mut [N]) -> &'a [N] {
        self
    }
}

impl<N: Number> Values<N> for N {
    #[inline(always)]
    fn at(&self, _: usize) -> N {
        *self
    }
    #[inline(always)]
    fn row<'a>(&'a self, row: &'a mut [N]) -> &'a [N] {
        row.fill(*self);
        row
    }
}

/// Runs code for every lane of a row that is written.
macro_rules! lanes {
    ($to:ident, |$lane:ident| $value:expr) => {
        for $lane in 0..$to.len() {
            $to[$lane] = $value;
        }
    };
}

trait Unary<N> {
    fn apply(a: N) -> N;
}

trait Binary<N> {
    fn apply(a: N, b: N) -> N;
}

trait Ternary<N> {
    fn apply(a: N, b: N, c: N) -> N;
}

/// Makes a type of every operation, and finds kernels by operation.
macro_rules! types {
    (
        []
        unary { $( $(#[$doc_1:meta])* $unary:ident $name_1:literal $apply_1:path; )* }
        binary { $( $(#[$doc_2:meta])* $binary:ident $name_2:literal $apply_2:path; )* }
        ternary { $( $(#[$doc_3:meta])* $ternary:ident $name_3:literal $apply_3:path; )* }
    ) => {
        mod operations {
            use super::*;
            $(
                pub(super) struct $unary;
                impl<N: Number> Unary<N> for $unary {
                    #[inline(always)]
                    fn apply(a: N) -> N { $apply_1(a) }
                }
            )*
            $(
                pub(super) struct $binary;
                impl<N: Number> Binary<N> for $binary {
                    #[inline(always)]
                    fn apply(a: N, b: N) -> N { $apply_2(a, b) }
                }
            )*
            $(
                pub(super) struct $ternary;
                impl<N: Number> Ternary<N> for $ternary {
                    #[inline(always)]
                    fn apply(a: N, b: N, c: N) -> N { $apply_3(a, b, c) }
                }
            )*
        }

        fn unary<N: Number>(operation: Operation) -> Kernel<N> {
            match operation {
                $(Operation::$unary => kernel::<N, OfOne<ByLane<operations::$unary>>>,)*
                _ => wrong_arity(operation),
            }
        }

        fn binary<N: Number>(operation: Operation, a: Operand, b: Operand) -> Kernel<N> {
            match operation {
                $(Operation::$binary => binary_of::<N, ByLane<operations::$binary>>(a, b),)*
                _ => wrong_arity(operation),
            }
        }

        fn ternary<N: Number>(operation: Operation, operands: [Operand; 3]) -> Kernel<N> {
            match operation {
                $(Operation::$ternary => ternary_of::<N, ByLane<operations::$ternary>>(operands),)*
                _ => wrong_arity(operation),
            }
        }
    };
}

with_operations!(types);

fn wrong_arity(operation: Operation) -> ! {
    unreachable!(
        "{} stands in an instruction for another number of operands",
        operation.name()
    )
}

/// Hands the row that a step writes and what it reads over to a function: one of its own, because only of its arguments does the compiler know that
/// nothing else names what is written.
macro_rules! written {
    ($step:ident, $surroundings:ident, |$lanes:ident, $registers:ident, $scalars:ident| $function:expr, $($operand:expr),*) => {{
        let mut row = $surroundings.registers.take(RegisterId($step.to));
        let to = numbers_mut(&mut row);
        let ($lanes, $registers, $scalars) = (to.len(), &*$surroundings.registers, $surroundings.scalars);
        $function(to, $($operand),*);
        $surroundings.registers.put(RegisterId($step.to), row);
    }};
}

/// How an operation goes over rows.
trait Rows<const COUNT: usize, N: Number> {
    fn run(to: &mut [N], operands: impl Fn(usize) -> [N; COUNT]);
}

struct OfOne<R>(PhantomData<R>);

impl<N: Number, R: Rows<1, N>> Body<N> for OfOne<R> {
    #[inline(always)]
    fn run(step: &Step, surroundings: &mut Surroundings<'_, N>) {
        #[inline(always)]
        fn apply<N: Number, R: Rows<1, N>>(to: &mut [N], a: impl Values<N>) {
            R::run(to, |lane| [a.at(lane)]);
        }
        written!(
            step,
            surroundings,
            |lanes, registers, scalars| apply::<N, R>,
            Each::values(step.operands[0], lanes, registers, scalars)
        );
    }
}

struct OfTwo<R, A, B>(PhantomData<(R, A, B)>);

impl<N: Number, R: Rows<2, N>, A: Mode<N>, B: Mode<N>> Body<N> for OfTwo<R, A, B> {
    #[inline(always)]
    fn run(step: &Step, surroundings: &mut Surroundings<'_, N>) {
        #[inline(always)]
        fn apply<N: Number, R: Rows<2, N>>(to: &mut [N], a: impl Values<N>, b: impl Values<N>) {
            R::run(to, |lane| [a.at(lane), b.at(lane)]);
        }
        written!(
            step,
            surroundings,
            |lanes, registers, scalars| apply::<N, R>,
            A::values(step.operands[0], lanes, registers, scalars),
            B::values(step.operands[1], lanes, registers, scalars)
        );
    }
}

struct OfThree<R, A, B, C>(PhantomData<(R, A, B, C)>);

impl<N: Number, R: Rows<3, N>, A: Mode<N>, B: Mode<N>, C: Mode<N>> Body<N> for OfThree<R, A, B, C> {
    #[inline(always)]
    fn run(step: &Step, surroundings: &mut Surroundings<'_, N>) {
        #[inline(always)]
        fn apply<N: Number, R: Rows<3, N>>(
            to: &mut [N],
            a: impl Values<N>,
            b: impl Values<N>,
            c: impl Values<N>,
        ) {
            R::run(to, |lane| [a.at(lane), b.at(lane), c.at(lane)]);
        }
        written!(
            step,
            surroundings,
            |lanes, registers, scalars| apply::<N, R>,
            A::values(step.operands[0], lanes, registers, scalars),
            B::values(step.operands[1], lanes, registers, scalars),
            C::values(step.operands[2], lanes, registers, scalars)
        );
    }
}

/// Lane by lane.
struct ByLane<O>(PhantomData<O>);

impl<N: Number, O: Unary<N>> Rows<1, N> for ByLane<O> {
    #[inline(always)]
    fn run(to: &mut [N], operands: impl Fn(usize) -> [N; 1]) {
        lanes!(to, |lane| {
            let [a] = operands(lane);
            O::apply(a)
        });
    }
}

impl<N: Number, O: Binary<N>> Rows<2, N> for ByLane<O> {
    #[inline(always)]
    fn run(to: &mut [N], operands: impl Fn(usize) -> [N; 2]) {
        lanes!(to, |lane| {
            let [a, b] = operands(lane);
            O::apply(a, b)
        });
    }
}

impl<N: Number, O: Ternary<N>> Rows<3, N> for ByLane<O> {
    #[inline(always)]
    fn run(to: &mut [N], operands: impl Fn(usize) -> [N; 3]) {
        lanes!(to, |lane| {
            let [a, b, c] = operands(lane);
            O::apply(a, b, c)
        });
    }
}

/// The plain way first, and special cases where there are any.
struct PlainFirst<O>(PhantomData<O>);

impl<const COUNT: usize, N: Number, O: Plain<COUNT, N>> Rows<COUNT, N> for PlainFirst<O> {
    #[inline(always)]
    fn run(to: &mut [N], operands: impl Fn(usize) -> [N; COUNT]) {
        let mut plain = true;
        lanes!(to, |lane| {
            let operands = operands(lane);
            plain &= O::is_plain(operands);
            O::plain(operands)
        });
        if !plain {
            O::mend(to, operands);
        }
    }
}

/// An operation with special cases that most often no lane needs, and a shorter way without them, to the same bits.
trait Plain<const COUNT: usize, N: Number> {
    fn is_plain(operands: [N; COUNT]) -> bool;
    fn plain(operands: [N; COUNT]) -> N;
    fn apply(operands: [N; COUNT]) -> N;

    /// Goes over lanes that were not plain: one by one where they are few.
    #[inline(always)]
    fn mend(to: &mut [N], operands: impl Fn(usize) -> [N; COUNT]) {
        for first in (0..to.len()).step_by(LANE_MULTIPLE) {
            let lanes = first..first + LANE_MULTIPLE;
            let is_plain = |lane: usize| Self::is_plain(operands(lane));
            let others: usize = lanes.clone().map(|lane| usize::from(!is_plain(lane))).sum();
            if others > LANE_MULTIPLE / 4 {
                for lane in lanes {
                    to[lane] = Self::apply(operands(lane));
                }
            } else if others > 0 {
                for lane in lanes.filter(|&lane| !is_plain(lane)) {
                    to[lane] = Self::apply_alone(operands(lane));
                }
            }
        }
    }

    /// One call, of which the compiler makes no vector.
    #[inline(never)]
    fn apply_alone(operands: [N; COUNT]) -> N {
        Self::apply(operands)
    }
}

macro_rules! plain {
    ($( $operation:ident($($operand:ident),*): $n:literal, $is_plain:path, $plain:path, $apply:path; )*) => { $(
        impl<N: Number> Plain<$n, N> for operations::$operation {
            #[inline(always)]
            fn is_plain([$($operand),*]: [N; $n]) -> bool { $is_plain($($operand),*) }
            #[inline(always)]
            fn plain([$($operand),*]: [N; $n]) -> N { $plain($($operand),*) }
            #[inline(always)]
            fn apply([$($operand),*]: [N; $n]) -> N { $apply($($operand),*) }
        }
    )* };
}

plain! {
    Exp(a): 1, Number::has_plain_exp, Number::plain_exp, Number::exp;
    MultiplyExp(a, b): 2, meaning::has_plain_multiply_exp, meaning::plain_multiply_exp, meaning::multiply_exp;
    ExpMultiply(a, b): 2, meaning::has_plain_exp_multiply, meaning::plain_exp_multiply, meaning::exp_multiply;
    Ln(a): 1, Number::has_plain_ln, Number::plain_ln, Number::ln;
    MinusLn(a): 1, Number::has_plain_ln, meaning::plain_minus_ln, meaning::minus_ln;
    NormalQuantile(a): 1, Number::has_plain_normal_quantile, Number::plain_normal_quantile, Number::normal_quantile;
    LnPower(a, b): 2, meaning::has_plain_ln_power, meaning::plain_ln_power, meaning::ln_power;
    LnPowerAdd(a, b, c): 3, meaning::has_plain_ln_power_add, meaning::plain_ln_power_add, meaning::ln_power_add;
    Power(a, b): 2, Number::has_plain_power, Number::plain_power, Number::power;
}

/// An operation that goes on until its result is right. Of such the compiler makes vectors only if lanes go on together.
trait Together<const COUNT: usize> {
    fn apply<const LANES: usize>(operands: [[f64; LANES]; COUNT]) -> [f64; LANES];
}

impl Together<3> for operations::BetaQuantile {
    #[inline(always)]
    fn apply<const LANES: usize>([a, b, p]: [[f64; LANES]; 3]) -> [f64; LANES] {
        beta::quantiles(a, b, p)
    }
}

impl Together<3> for operations::BinomialQuantile {
    #[inline(always)]
    fn apply<const LANES: usize>([n, p, probability]: [[f64; LANES]; 3]) -> [f64; LANES] {
        binomial::quantiles(n, p, probability)
    }
}

impl Together<2> for operations::GammaQuantile {
    #[inline(always)]
    fn apply<const LANES: usize>([shape, p]: [[f64; LANES]; 2]) -> [f64; LANES] {
        gamma::quantiles(shape, p)
    }
}

impl Together<2> for operations::PoissonQuantile {
    #[inline(always)]
    fn apply<const LANES: usize>([mean, p]: [[f64; LANES]; 2]) -> [f64; LANES] {
        poisson::quantiles(mean, p)
    }
}

/// Some lanes side by side.
struct SideBySide<O>(PhantomData<O>);

impl<const COUNT: usize, N: Number, O: Together<COUNT>> Rows<COUNT, N> for SideBySide<O> {
    #[inline(always)]
    fn run(to: &mut [N], operands: impl Fn(usize) -> [N; COUNT]) {
        let (to, _) = to.as_chunks_mut::<LANE_MULTIPLE>();
        for (chunk, to) in to.iter_mut().enumerate() {
            let mut together = [[0.0; LANE_MULTIPLE]; COUNT];
            for lane in 0..LANE_MULTIPLE {
                let of_lane = operands(chunk * LANE_MULTIPLE + lane);
                for (row, value) in together.iter_mut().zip(of_lane) {
                    row[lane] = value.to_f64();
                }
            }
            *to = O::apply(together).map(N::of);
        }
    }
}

fn is_scalar(operand: Operand) -> bool {
    matches!(operand.place(), Place::Scalar(_))
}

fn binary_of<N: Number, R: Rows<2, N>>(a: Operand, b: Operand) -> Kernel<N> {
    match (is_scalar(a), is_scalar(b)) {
        (false, false) => kernel::<N, OfTwo<R, Each, Each>>,
        (false, true) => kernel::<N, OfTwo<R, Each, Same>>,
        (true, false) => kernel::<N, OfTwo<R, Same, Each>>,
        (true, true) => kernel::<N, OfTwo<R, Same, Same>>,
    }
}

fn ternary_of<N: Number, R: Rows<3, N>>(operands: [Operand; 3]) -> Kernel<N> {
    match operands.map(is_scalar) {
        [false, false, false] => kernel::<N, OfThree<R, Each, Each, Each>>,
        [false, false, true] => kernel::<N, OfThree<R, Each, Each, Same>>,
        [false, true, false] => kernel::<N, OfThree<R, Each, Same, Each>>,
        [false, true, true] => kernel::<N, OfThree<R, Each, Same, Same>>,
        [true, false, false] => kernel::<N, OfThree<R, Same, Each, Each>>,
        [true, false, true] => kernel::<N, OfThree<R, Same, Each, Same>>,
        [true, true, false] => kernel::<N, OfThree<R, Same, Same, Each>>,
        [true, true, true] => kernel::<N, OfThree<R, Same, Same, Same>>,
    }
}

/// Returns the kernel of an instruction.
fn kernel_of<N: Number>(instruction: &Instruction) -> Kernel<N> {
    match *instruction {
        Instruction::Unary { operation, .. } => match operation {
            Operation::Exp => kernel::<N, OfOne<PlainFirst<operations::Exp>>>,
            Operation::Ln => kernel::<N, OfOne<PlainFirst<operations::Ln>>>,
            Operation::MinusLn => kernel::<N, OfOne<PlainFirst<operations::MinusLn>>>,
            Operation::NormalQuantile => kernel::<N, OfOne<PlainFirst<operations::NormalQuantile>>>,
            _ => unary(operation),
        },
        Instruction::Binary { operation, a, b, .. } => match operation {
            Operation::Power => binary_of::<N, PlainFirst<operations::Power>>(a, b),
            Operation::LnPower => binary_of::<N, PlainFirst<operations::LnPower>>(a, b),
            Operation::MultiplyExp => binary_of::<N, PlainFirst<operations::MultiplyExp>>(a, b),
            Operation::ExpMultiply => binary_of::<N, PlainFirst<operations::ExpMultiply>>(a, b),
            Operation::GammaQuantile => binary_of::<N, SideBySide<operations::GammaQuantile>>(a, b),
            Operation::PoissonQuantile => binary_of::<N, SideBySide<operations::PoissonQuantile>>(a, b),
            _ => binary(operation, a, b),
        },
        Instruction::Ternary {
            operation, a, b, c, ..
        } => match operation {
            Operation::BetaQuantile => ternary_of::<N, SideBySide<operations::BetaQuantile>>([a, b, c]),
            Operation::BinomialQuantile => {
                ternary_of::<N, SideBySide<operations::BinomialQuantile>>([a, b, c])
            }
            Operation::LnPowerAdd => ternary_of::<N, PlainFirst<operations::LnPowerAdd>>([a, b, c]),
            _ => ternary(operation, [a, b, c]),
        },
        Instruction::Copy { from, .. } if is_scalar(from) => kernel::<N, Copied<Same>>,
        Instruction::Copy { .. } => kernel::<N, Copied<Each>>,
        Instruction::Parameter { .. } => kernel::<N, Drawn<Parameter>>,
        Instruction::Once { .. } => kernel::<N, Drawn<Once>>,
        Instruction::Uniform { .. } => kernel::<N, Drawn<Uniform>>,
        Instruction::GammaTable { .. } => kernel::<N, GammaTable>,
        Instruction::Delayed { lag, before, .. } => match (is_scalar(lag), is_scalar(before)) {
            (false, false) => kernel::<N, Delayed<Each, Each>>,
            (false, true) => kernel::<N, Delayed<Each, Same>>,
            (true, false) => kernel::<N, Delayed<Same, Each>>,
            (true, true) => kernel::<N, Delayed<Same, Same>>,
        },
        Instruction::Record { from, .. } if is_scalar(from) => kernel::<N, Record<Same>>,
        Instruction::Record { .. } => kernel::<N, Record<Each>>,
        Instruction::Watch { from, .. } if is_scalar(from) => kernel::<N, Watch<Same>>,
        Instruction::Watch { .. } => kernel::<N, Watch<Each>>,
        Instruction::Observe { output, from, .. } => match (output, is_scalar(from)) {
            (OutputKind::Series, false) => kernel::<N, Observe<Series, Each>>,
            (OutputKind::Series, true) => kernel::<N, Observe<Series, Same>>,
            (OutputKind::Choice, false) => kernel::<N, Observe<Choice, Each>>,
            (OutputKind::Choice, true) => kernel::<N, Observe<Choice, Same>>,
            (OutputKind::Event, false) => kernel::<N, Observe<Event, Each>>,
            (OutputKind::Event, true) => kernel::<N, Observe<Event, Same>>,
        },
    }
}

/// Returns what an instruction names, as its kernel expects it.
fn step(instruction: &Instruction) -> Step {
    let number = |operand: Operand| match operand.place() {
        Place::Register(register) => register.0,
        Place::Scalar(scalar) => scalar.0,
    };
    let step = |to: u32, operands: [u32; 3]| Step { to, operands };
    match *instruction {
        Instruction::Unary { to, a, .. } => step(to.0, [a.0, 0, 0]),
        Instruction::Binary { to, a, b, .. } => step(to.0, [number(a), number(b), 0]),
        Instruction::Ternary { to, a, b, c, .. } => step(to.0, [a, b, c].map(number)),
        Instruction::Copy { to, from } => step(to.0, [number(from), 0, 0]),
        Instruction::Parameter { to, site }
        | Instruction::Once { to, site }
        | Instruction::Uniform { to, site } => step(to.0, [site as u32, (site >> 32) as u32, 0]),
        Instruction::GammaTable {
            to,
            table,
            probability,
        } => step(to.0, [table, probability.0, 0]),
        Instruction::Delayed {
            to,
            history,
            lag,
            before,
        } => step(to.0, [history, number(lag), number(before)]),
        Instruction::Record { history, from } => step(history, [number(from), 0, 0]),
        Instruction::Watch {
            group, from, least, ..
        } => {
            let bits = least.to_bits();
            step(group, [number(from), bits as u32, (bits >> 32) as u32])
        }
        Instruction::Observe { slot, from, .. } => step(slot, [number(from), 0, 0]),
    }
}

struct Copied<A>(PhantomData<A>);

impl<N: Number, A: Mode<N>> Body<N> for Copied<A> {
    #[inline(always)]
    fn run(step: &Step, surroundings: &mut Surroundings<'_, N>) {
        #[inline(always)]
        fn apply<N: Number>(to: &mut [N], a: impl Values<N>) {
            lanes!(to, |lane| a.at(lane));
        }
        written!(
            step,
            surroundings,
            |lanes, registers, scalars| apply,
            A::values(step.operands[0], lanes, registers, scalars)
        );
    }
}

/// Luck of one kind.
trait Luck<N> {
    fn draw(seed: u64, site: u64, step: u32, addresses: &Addresses, to: &mut [N]);
}
struct Drawn<L>(PhantomData<L>);

impl<N: Number, L: Luck<N>> Body<N> for Drawn<L> {
    #[inline(always)]
    fn run(step: &Step, surroundings: &mut Surroundings<'_, N>) {
        let site = u64::from(step.operands[0]) | u64::from(step.operands[1]) << 32;
        let Surroundings {
            registers,
            seed,
            step: time,
            addresses,
            ..
        } = surroundings;
        let mut to = registers.take(RegisterId(step.to));
        L::draw(*seed, site, *time, addresses, numbers_mut(&mut to));
        registers.put(RegisterId(step.to), to);
    }
}

struct Parameter;
struct Once;
struct Uniform;

impl<N: Number> Luck<N> for Parameter {
    #[inline(always)]
    fn draw(seed: u64, site: u64, _: u32, addresses: &Addresses, to: &mut [N]) {
        let (draws, _) = addresses.draws.as_chunks::<LANE_MULTIPLE>();
        let (to, _) = to.as_chunks_mut::<LANE_MULTIPLE>();
        for (to, &draws) in to.iter_mut().zip(draws) {
            *to = noise::parameters(seed, site, draws).map(N::of);
        }
    }
}

impl<N: Number> Luck<N> for Once {
    #[inline(always)]
    fn draw(seed: u64, site: u64, _: u32, addresses: &Addresses, to: &mut [N]) {
        Uniform::draw(seed, site, noise::ONCE, addresses, to);
    }
}

impl<N: Number> Luck<N> for Uniform {
    #[inline(always)]
    fn draw(seed: u64, site: u64, time: u32, addresses: &Addresses, to: &mut [N]) {
        if addresses.pairs.is_empty() {
            noise::uniform_lanes(seed, site, time, &addresses.draws, &addresses.replications, to);
        } else {
            let replications = &addresses.replications_of_pairs;
            noise::uniform_pairs(seed, site, time, &addresses.pairs, replications, to);
        }
    }
}

struct GammaTable;

impl<N: Number> Body<N> for GammaTable {
    #[inline(always)]
    fn run(step: &Step, surroundings: &mut Surroundings<'_, N>) {
        let [table, probability, _] = step.operands;
        let mut to = surroundings.registers.take(RegisterId(step.to));
        let table = &surroundings.program.gamma_tables[table as usize];
        let probabilities = numbers(surroundings.registers.row(RegisterId(probability)));
        table.quantile_lanes(probabilities, numbers_mut(&mut to));
        surroundings.registers.put(RegisterId(step.to), to);
    }
}

/// Looks into the past, lane by lane.
struct Delayed<L, B>(PhantomData<(L, B)>);

impl<N: Number, L: Mode<N>, B: Mode<N>> Body<N> for Delayed<L, B> {
    #[inline(always)]
    fn run(step: &Step, surroundings: &mut Surroundings<'_, N>) {
        #[inline(always)]
        fn apply<N: Number>(to: &mut [N], now: u32, ring: &[N], lag: impl Values<N>, before: impl Values<N>) {
            let lanes = to.len();
            let length = (ring.len() / lanes) as u32;
            lanes!(to, |lane| {
                let lag = lag_steps(lag.at(lane).to_f64());
                if lag <= now {
                    ring[((now - lag) % length) as usize * lanes + lane]
                } else {
                    before.at(lane)
                }
            });
        }
        let [history, lag, before] = step.operands;
        let now = surroundings.step;
        written!(
            step,
            surroundings,
            |lanes, registers, scalars| apply,
            now,
            &surroundings.histories[history as usize],
            L::values(lag, lanes, registers, scalars),
            B::values(before, lanes, registers, scalars)
        );
    }
}

/// Returns a lag in whole steps: the nearest whole number, at least 1. What is no number acts as 1.
#[inline(always)]
pub(crate) fn lag_steps(lag: f64) -> u32 {
    meaning::round(lag).max(1.0) as u32
}

struct Record<A>(PhantomData<A>);

impl<N: Number, A: Mode<N>> Body<N> for Record<A> {
    #[inline(always)]
    fn run(step: &Step, surroundings: &mut Surroundings<'_, N>) {
        let Surroundings {
            registers,
            scalars,
            row,
            histories,
            step: time,
            ..
        } = surroundings;
        let row = numbers_mut(row);
        let a = A::values(step.operands[0], row.len(), registers, scalars);
        let values = a.row(row);
        let ring = &mut histories[step.to as usize];
        let place = *time as usize % (ring.len() / values.len());
        ring[place * values.len()..][..values.len()].copy_from_slice(values);
    }
}

/// Looks at a row for anything that a group of watches might count; most often there is nothing.
struct Watch<A>(PhantomData<A>);

impl<N: Number, A: Mode<N>> Body<N> for Watch<A> {
    #[inline(always)]
    fn run(step: &Step, surroundings: &mut Surroundings<'_, N>) {
        let Surroundings {
            program,
            registers,
            scalars,
            row,
            in_double,
            recorder,
            step: time,
            not_a_number,
            ..
        } = surroundings;
        let row = numbers_mut(row);
        let lanes = row.len();
        let a = A::values(step.operands[0], lanes, registers, scalars);
        let least = f64::from_bits(u64::from(step.operands[1]) | u64::from(step.operands[2]) << 32);
        // Not a subtraction: -0 + 0 is not negative.
        let distance = 0.0 - least;
        // The distance from the least, as whole number of its bits: those of negative numbers, infinity and NaN are not below infinity's.
        let mut greatest = 0;
        for lane in 0..lanes {
            greatest = (a.at(lane).to_f64() + distance).to_bits().max(greatest);
        }
        if greatest >= f64::INFINITY.to_bits() {
            let values = N::in_double(a.row(row), in_double);
            *not_a_number |= values.iter().any(|value| value.is_nan());
            for &watch in &program.watch_groups[step.to as usize] {
                recorder.watch(watch, *time, values);
            }
        }
    }
}

/// Returns whether a value is what a watch looks for.
#[inline(always)]
pub(crate) fn amiss(kind: WatchKind, value: f64) -> bool {
    match kind {
        WatchKind::NotANumber => value.is_nan(),
        WatchKind::Infinite => value.is_infinite(),
        WatchKind::NegativeFlow | WatchKind::NegativeStock => value < 0.0,
        WatchKind::ShortDelay => value < 1.0,
    }
}

/// Returns the least value that a watch passes over; what is no number or infinite it may look at again.
pub(crate) fn least_passed_over(kind: WatchKind) -> f64 {
    match kind {
        WatchKind::NotANumber | WatchKind::Infinite => f64::MIN,
        WatchKind::NegativeFlow | WatchKind::NegativeStock => 0.0,
        WatchKind::ShortDelay => 1.0,
    }
}

struct Observe<K, A>(PhantomData<(K, A)>);

trait Kind {
    const OUTPUT: OutputKind;
}

struct Series;
struct Choice;
struct Event;

impl Kind for Series {
    const OUTPUT: OutputKind = OutputKind::Series;
}

impl Kind for Choice {
    const OUTPUT: OutputKind = OutputKind::Choice;
}

impl Kind for Event {
    const OUTPUT: OutputKind = OutputKind::Event;
}

impl<N: Number, K: Kind, A: Mode<N>> Body<N> for Observe<K, A> {
    #[inline(always)]
    fn run(step: &Step, surroundings: &mut Surroundings<'_, N>) {
        let Surroundings {
            registers,
            scalars,
            row,
            in_double,
            recorder,
            step: time,
            ..
        } = surroundings;
        let row = numbers_mut(row);
        let a = A::values(step.operands[0], row.len(), registers, scalars);
        recorder.observe(K::OUTPUT, step.to, *time, N::in_double(a.row(row), in_double));
    }
}

/// Adds the values of a series to the sums of their draws, replication by replication, and writes down their buckets. Takes the number of
/// draws and replications that count. What is not finite adds nothing.
pub(crate) fn tally(
    features: Features,
    values: &[f64],
    reference: f64,
    of_block: (usize, usize),
    sums: &mut [f64],
    buckets: &mut [u32],
) -> Tallied {
    features.run(Tally {
        values,
        reference,
        of_block,
        sums,
        buckets,
    })
}

/// What [`tally`] has seen.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tallied {
    /// Whether all values are finite.
    pub(crate) all_finite: bool,
    /// The least finite value, or infinity.
    pub(crate) least: f64,
    /// The greatest finite value, or minus infinity.
    pub(crate) greatest: f64,
}

impl Tallied {
    /// Looks at values and writes down their buckets.
    #[inline(always)]
    fn look(&mut self, values: &[f64], reference: f64, buckets: &mut [u32]) {
        for (to, &value) in buckets.iter_mut().zip(values) {
            *to = bucket(reference, value);
        }
        // As whole numbers of the same order, whose least and greatest do not depend on the order of looking.
        let (mut least, mut greatest, mut all_finite) = (i64::MAX, i64::MIN, true);
        for &value in values {
            let finite = value.is_finite();
            all_finite &= finite;
            let bits = value.to_bits() as i64;
            let ordered = bits ^ ((bits >> 63) as u64 >> 1) as i64;
            least = least.min(if finite { ordered } else { i64::MAX });
            greatest = greatest.max(if finite { ordered } else { i64::MIN });
        }
        let value = |ordered: i64| f64::from_bits((ordered ^ ((ordered >> 63) as u64 >> 1) as i64) as u64);
        if least <= greatest {
            self.least = self.least.min(value(least));
            self.greatest = self.greatest.max(value(greatest));
        }
        self.all_finite &= all_finite;
    }
}

struct Tally<'a> {
    values: &'a [f64],
    reference: f64,
    of_block: (usize, usize),
    sums: &'a mut [f64],
    buckets: &'a mut [u32],
}

impl Work for Tally<'_> {
    type Result = Tallied;
    #[inline(always)]
    fn run(self) -> Tallied {
        let Tally {
            values,
            reference,
            of_block: (draws, replications),
            sums,
            buckets,
        } = self;
        let mut seen = Tallied {
            all_finite: true,
            least: f64::INFINITY,
            greatest: f64::NEG_INFINITY,
        };
        let rows = values.chunks_exact(sums.len()).take(replications);
        if let [sum] = sums {
            for &value in &values[..replications] {
                *sum += if value.is_finite() { value } else { 0.0 };
            }
        } else {
            for row in rows.clone() {
                for (sum, &value) in sums.iter_mut().zip(&row[..draws]) {
                    *sum += if value.is_finite() { value } else { 0.0 };
                }
            }
        }
        if draws == sums.len() {
            seen.look(&values[..draws * replications], reference, buckets);
        } else {
            for (buckets, row) in buckets.chunks_mut(draws).zip(rows) {
                seen.look(&row[..draws], reference, buckets);
            }
        }
        seen
    }
}

/// Counts the values of a block's futures that lie above one number and not above another. Takes the number of draws and replications that
/// count, and how many draws lie side by side.
pub(crate) fn count_between(
    features: Features,
    values: &[f64],
    of_block: (usize, usize),
    side_by_side: usize,
    above: f64,
    to: f64,
) -> u64 {
    features.run(CountBetween {
        values,
        of_block,
        side_by_side,
        above,
        to,
    })
}

struct CountBetween<'a> {
    values: &'a [f64],
    of_block: (usize, usize),
    side_by_side: usize,
    above: f64,
    to: f64,
}

impl Work for CountBetween<'_> {
    type Result = u64;
    #[inline(always)]
    fn run(self) -> u64 {
        let (draws, replications) = self.of_block;
        let (row, rows) = if draws == self.side_by_side {
            (draws * replications, 1)
        } else {
            (self.side_by_side, replications)
        };
        let mut count = 0;
        for row in self.values.chunks(row).take(rows) {
            for &value in &row[..row.len().min(draws * replications / rows)] {
                count += u64::from((value > self.above) & (value <= self.to));
            }
        }
        count
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::allocate::allocate;
    use crate::graph::Graph;
    use crate::layout::Layout;
    use crate::plain::Dice;
    use crate::program::ScalarId;
    use melian_language::model::Clock;

    const LANES: usize = 48;

    struct Deaf;

    impl Recorder for Deaf {
        fn observe(&mut self, _: OutputKind, _: u32, _: u32, _: &[f64]) {}
        fn watch(&mut self, _: u32, _: u32, _: &[f64]) {}
    }

    /// Runs one instruction that reads registers 1 to 3 and scalars 0 to 2, and returns register 0.
    fn run<N: Number>(
        features: Features,
        instruction: Instruction,
        rows: &[Vec<N>],
        scalars: &[f64],
    ) -> Vec<N> {
        let clock = Clock {
            start_day: 0,
            step_days: 1.0,
            steps: 1,
        };
        let program = allocate(&Graph::default(), Layout::default(), clock);
        let mut registers = Registers::new(4, LANES);
        for (row, register) in rows.iter().zip(1..) {
            let mut to = registers.take(RegisterId(register));
            numbers_mut(&mut to).copy_from_slice(row);
            registers.put(RegisterId(register), to);
        }
        let mut surroundings = Surroundings {
            program: &program,
            registers: &mut registers,
            seed: 0,
            step: 0,
            scalars,
            addresses: &Addresses::default(),
            histories: &mut [],
            row: &mut crate::vm::block::row(LANES),
            in_double: &mut [0.0; LANES],
            recorder: &mut Deaf,
            not_a_number: false,
        };
        Code::new(features, &[instruction]).run(&mut surroundings);
        numbers(registers.row(RegisterId(0))).to_vec()
    }

    #[test]
    fn kernels_are_the_operations_to_the_bit_on_every_processor() {
        check::<f64>(|number| number.to_bits());
        check::<f32>(|number| number.to_bits().into());
    }

    fn check<N: Number>(bits: impl Fn(N) -> u64) {
        let mut dice = Dice::new(7);
        for &operation in Operation::ALL {
            // Numbers that break things, and such as need no special case in any lane.
            for case in 0..2 << operation.arity() {
                let mut number = || {
                    if case & 1 == 0 {
                        dice.number()
                    } else {
                        let share = dice.bits() as f64 / u64::MAX as f64;
                        (0.5 + 0.4 * share) / (1_u64 << dice.below(34)) as f64
                    }
                };
                let rows: Vec<Vec<N>> = (0..3)
                    .map(|_| (0..LANES).map(|_| N::of(number())).collect())
                    .collect();
                let scalars: Vec<f64> = (0..3).map(|_| number()).collect();
                let is_scalar = |operand: usize| case >> (operand + 1) & 1 == 1;
                let operand = |number: usize| {
                    if is_scalar(number) {
                        Operand::scalar(ScalarId(number as u32))
                    } else {
                        Operand::register(RegisterId(number as u32 + 1))
                    }
                };
                let (to, [a, b, c]) = (RegisterId(0), [0, 1, 2].map(operand));
                let instruction = match (operation.arity(), a.place()) {
                    (1, Place::Register(a)) => Instruction::Unary { operation, to, a },
                    (1, Place::Scalar(_)) => continue,
                    (2, _) => Instruction::Binary { operation, to, a, b },
                    _ => Instruction::Ternary {
                        operation,
                        to,
                        a,
                        b,
                        c,
                    },
                };
                for features in Features::all() {
                    let found = run(features, instruction, &rows, &scalars);
                    for (lane, found) in found.into_iter().enumerate() {
                        let value = |number: usize| {
                            if is_scalar(number) {
                                N::of(scalars[number])
                            } else {
                                rows[number][lane]
                            }
                        };
                        let operands: Vec<N> = (0..operation.arity()).map(value).collect();
                        let expect = operation.apply(&operands);
                        let same = bits(found) == bits(expect) || found.is_nan() && expect.is_nan();
                        assert!(
                            same,
                            "{} {operands:?} {features:?}: {found:?}, not {expect:?}",
                            operation.name()
                        );
                    }
                }
            }
        }
    }
}
