//! Every future of a run as it is made, for those whom summaries do not answer.

use std::ops::Range;
use std::sync::Mutex;

use super::Size;
use super::run::canonical;
use crate::program::{OutputKind, Program};
use crate::vm::{Block, Recorder, Shape};

/// Takes every future of a run.
pub trait Sink {
    /// Takes some draws with all their replications, in the order of draws, each once. When it returns false, the run ends.
    fn take(&mut self, futures: &[Futures<'_>]) -> bool;
}

/// What neighbouring draws did, with all their replications.
#[derive(Debug)]
pub struct Futures<'a> {
    program: &'a Program,
    /// The draws.
    pub draws: Range<u32>,
    /// Replications of each.
    pub replications: u32,
    /// By kind of output, `[slot]`: draw by draw, replications together, step by step.
    outputs: [Vec<Vec<f64>>; KINDS.len()],
}

const KINDS: [OutputKind; 3] = [OutputKind::Series, OutputKind::Choice, OutputKind::Event];

impl Futures<'_> {
    /// Returns the values of an output at the end of every step: draw by draw, replications together, step by step. What stands in a choice is the
    /// option's position, in an event how often it has happened.
    pub fn values(&self, kind: OutputKind, world: usize, output: usize) -> &[f64] {
        let slot = self.program.slots(kind).worlds[world][output];
        &self.outputs[kind as usize][slot as usize]
    }
}

/// Bytes of futures that are handed over together, about: a good size of a row group, little beside the rest.
const BYTES: usize = 64 << 20;

/// Blocks that are handed over together, at least, so that several threads have work until then.
const BLOCKS: usize = 4;

/// Collects futures from all threads and hands them over in order.
pub(super) struct Delivery<'a> {
    sink: Mutex<&'a mut (dyn Sink + Send)>,
    waiting: Mutex<Vec<Futures<'a>>>,
    /// Draws that are handed over together: a power of two. It hangs on the program and the size alone, as files do that are written by it.
    draws: u32,
}

impl<'a> Delivery<'a> {
    /// Hands over so many draws together: a power of two, no fewer than those of a block.
    pub(super) fn new(sink: &'a mut (dyn Sink + Send), together: usize, size: &Size) -> Delivery<'a> {
        Delivery {
            sink: Mutex::new(sink),
            waiting: Mutex::new(Vec::new()),
            draws: together.min(size.draws.next_power_of_two() as usize) as u32,
        }
    }

    /// Returns whether the halves of a range of draws have to be run in turn, so that no more futures wait than are handed over together.
    pub(super) fn in_turn(&self, length: u32) -> bool {
        length > self.draws
    }

    pub(super) fn add(&self, futures: Futures<'a>) {
        self.waiting.lock().expect("nobody panics here").push(futures);
    }

    /// Notes that a range of draws has been run; returns whether the run is to go on.
    pub(super) fn passed(&self, length: u32) -> bool {
        if length != self.draws {
            return true;
        }
        let mut futures = std::mem::take(&mut *self.waiting.lock().expect("nobody panics here"));
        futures.sort_unstable_by_key(|futures| futures.draws.start);
        futures.is_empty() || self.sink.lock().expect("a sink does not panic").take(&futures)
    }
}

/// Returns how many draws are handed over together.
pub(super) fn together(program: &Program, size: &Size, shape: Shape) -> usize {
    let fitting = (BYTES / bytes_of_draw(program, size).max(1)).max(1);
    (1 << fitting.ilog2()).max(BLOCKS * shape.draws)
}

/// Returns about how many bytes futures take until so many draws are handed over; what takes them needs about as much again.
pub(super) fn bytes(program: &Program, size: &Size, together: usize) -> u64 {
    2 * together.min(size.draws as usize) as u64 * bytes_of_draw(program, size) as u64
}

fn bytes_of_draw(program: &Program, size: &Size) -> usize {
    let slots: usize = KINDS.iter().map(|&kind| program.slots(kind).outputs.len()).sum();
    size.replications as usize * program.steps() as usize * slots * size_of::<f64>()
}

/// Writes down every output of the blocks that pass by.
pub(super) struct Trace<'a> {
    program: &'a Program,
    shape: Shape,
    /// By kind of output, `[slot]`: row by row, as they come.
    rows: [Vec<Vec<f64>>; KINDS.len()],
}

impl<'a> Trace<'a> {
    pub(super) fn new(program: &'a Program, shape: Shape) -> Trace<'a> {
        let length = program.steps() as usize * shape.lanes();
        Trace {
            program,
            shape,
            rows: KINDS.map(|kind| vec![vec![f64::NAN; length]; program.slots(kind).outputs.len()]),
        }
    }

    /// Returns room for the futures of some draws.
    pub(super) fn futures(&self, draws: Range<u32>, replications: u32) -> Futures<'a> {
        let length = draws.len() * replications as usize * self.program.steps() as usize;
        Futures {
            program: self.program,
            draws,
            replications,
            outputs: KINDS.map(|kind| vec![vec![0.0; length]; self.program.slots(kind).outputs.len()]),
        }
    }

    /// Moves the block that has passed to the futures of its draws.
    pub(super) fn move_to(&self, futures: &mut Futures<'_>, block: Block) {
        let steps = self.program.steps() as usize;
        let lanes = self.shape.lanes();
        let slots = self.rows.iter().flatten();
        for (rows, values) in slots.zip(futures.outputs.iter_mut().flatten()) {
            for draw in 0..block.draws {
                let first = draw * futures.replications as usize + block.first_replication as usize;
                let of_draw = values[first * steps..].chunks_exact_mut(steps);
                for (replication, of_future) in of_draw.take(block.replications).enumerate() {
                    let lane = replication * self.shape.draws + draw;
                    for (value, row) in of_future.iter_mut().zip(rows.chunks_exact(lanes)) {
                        *value = canonical(row[lane]);
                    }
                }
            }
        }
    }
}

impl Recorder for Trace<'_> {
    fn observe(&mut self, output: OutputKind, slot: u32, step: u32, values: &[f64]) {
        let lanes = self.shape.lanes();
        self.rows[output as usize][slot as usize][step as usize * lanes..][..lanes].copy_from_slice(values);
    }

    fn watch(&mut self, _: u32, _: u32, _: &[f64]) {}
}

/// Tells two.
pub(super) struct Both<A, B>(pub(super) A, pub(super) B);

impl<A: Recorder, B: Recorder> Recorder for Both<&mut A, &mut B> {
    fn observe(&mut self, output: OutputKind, slot: u32, step: u32, values: &[f64]) {
        self.0.observe(output, slot, step, values);
        self.1.observe(output, slot, step, values);
    }

    fn watch(&mut self, watch: u32, step: u32, values: &[f64]) {
        self.0.watch(watch, step, values);
        self.1.watch(watch, step, values);
    }
}
