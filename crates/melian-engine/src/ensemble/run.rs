//! Runs all futures, over all cores, to the same bits however they are spread.

use std::num::NonZero;
use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use rayon::prelude::*;

use super::part::{Node, Part};
use super::sink::{self, Both, Delivery, Sink, Trace};
use super::summary::{self, Counts, Summary, Sums};
use super::{Column, Ensemble, Histogram, Size, StepSummary, replay};
use crate::number::Precision;
use crate::program::Program;
use crate::vm::{Block, Features, Machine, Shape};

/// Lanes of a block, about. Fewer spend more time between instructions than in them, more drop out of the cache and make whoever interrupts a run wait. Chosen by
/// measurement.
const LANES: usize = 320;

/// Returns the lanes of a block, about: twice as many of half the size.
fn lanes(precision: Precision) -> usize {
    match precision {
        Precision::Double => LANES,
        Precision::Single => 2 * LANES,
    }
}

/// Bytes of buckets that a worker collects before it hands them to the histograms: no fewer, little beside the rest; and no more,
/// however many histograms there are.
const BUCKET_BYTES: std::ops::RangeInclusive<usize> = 4 << 20..=128 << 20;

/// Values with which a histogram is visited, if they fit: fewer pay more for fetching it than for counting. Chosen by measurement.
const VALUES_OF_VISIT: usize = 1280;

/// Memory that a run may take unless more or less is allowed. Chosen so that a laptop with 16 GiB can do it.
pub const MEMORY: u64 = 8 << 30;

/// Why there is no ensemble.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RunError {
    /// The caller has asked to stop.
    #[error("the run was interrupted")]
    Interrupted,
    /// A size is beyond what the address of a future can say.
    #[error("{what} must be between {least} and {most}, not {value}")]
    OutOfRange {
        /// What: `draws`, `replications`, `steps`, `seed`.
        what: &'static str,
        /// What was asked for.
        value: u64,
        /// The least that can be asked for.
        least: u64,
        /// The most that can be asked for.
        most: u64,
    },
    /// The run would take too much memory.
    #[error("the run needs about {} MB of memory and may take {} MB", .needed.div_ceil(1_000_000), .memory / 1_000_000)]
    TooLarge {
        /// Bytes needed.
        needed: u64,
        /// Bytes allowed.
        memory: u64,
        /// The largest run that can be made instead, if there is one.
        largest: Option<Size>,
    },
    /// The system gave no threads.
    #[error("no threads to run on: {0}")]
    NoThreads(String),
}

/// Runs all futures of a size on a number of threads (0: one per core).
///
/// `progress` is told, from any thread, how many futures are done, and of how many; when it returns false, the run ends.
///
/// # Errors
/// The run was interrupted, the size is out of range, or the run is too large.
pub fn run(
    program: &Program,
    size: &Size,
    threads: usize,
    progress: &(dyn Fn(u64, u64) -> bool + Sync),
) -> Result<Ensemble, RunError> {
    let part = run_part(program, size, 0..size.draws, threads, MEMORY, progress)?;
    Ok(part.into_ensemble(program))
}

/// Runs some draws of a size in so many bytes of memory, as [`run`] does all of them. What they gave merges with the rest of the draws, run anywhere, to the bits of one run.
///
/// # Errors
/// Those of [`run`].
pub fn run_part(
    program: &Program,
    size: &Size,
    draws: Range<u32>,
    threads: usize,
    memory: u64,
    progress: &(dyn Fn(u64, u64) -> bool + Sync),
) -> Result<Part, RunError> {
    let draws = draws.start.min(size.draws)..draws.end.min(size.draws);
    let of_part = Size {
        draws: draws.len() as u32,
        ..*size
    };
    in_range(program, size)?;
    fits(program, &of_part, threads, memory)?;
    let plan = Plan::within(program, &of_part, threads, memory);
    let futures = |draws: u32| u64::from(draws) * u64::from(size.replications);
    let at_once = draws_at_once(program, size);
    let mut whole: Option<Part> = None;
    let mut from = draws.start;
    loop {
        // Cuts at multiples of a power of two leave few sums to be kept.
        let to = (from / at_once + 1).saturating_mul(at_once).min(draws.end);
        let before = futures(from - draws.start);
        let told = |done: u64, _: u64| progress(before + done, futures(of_part.draws));
        let part = run_in_blocks(program, size, from..to, &plan, &told)?;
        match &mut whole {
            Some(whole) => whole.append(part),
            None => whole = Some(part),
        }
        from = to;
        if from >= draws.end {
            return Ok(whole.expect("a part was run"));
        }
    }
}

/// Returns how many draws are run before their measures take less room: a power of two.
///
/// A question takes eight bytes in a future that is run and one when it is kept, so a long run should not keep all futures as they are run. Fewer
/// than these would leave threads without work too often. Both by judgement; neither is felt in a run's time.
fn draws_at_once(program: &Program, size: &Size) -> u32 {
    const BYTES: usize = 32 << 20;
    const FUTURES: usize = 1 << 17;
    let of_future = columns(program).max(1) * size_of::<f64>();
    let draws = (BYTES / of_future).max(FUTURES) / size.replications.max(1) as usize;
    1 << draws.clamp(1, Size::MOST_DRAWS as usize).ilog2()
}

/// Runs all futures in so many bytes of memory as [`run`] does, and hands every one of them to a sink on the way.
///
/// # Errors
/// Those of [`run`]; the run counts as interrupted when the sink ends it.
pub fn run_into(
    sink: &mut (dyn Sink + Send),
    program: &Program,
    size: &Size,
    threads: usize,
    memory: u64,
    progress: &(dyn Fn(u64, u64) -> bool + Sync),
) -> Result<Ensemble, RunError> {
    in_range(program, size)?;
    let together = sink::together(program, size, Plan::new(program, size, threads).shape);
    // Futures that wait for the sink, and all measures as they are run.
    let columns = columns(program) as u64 * size.futures() as u64 * size_of::<f64>() as u64;
    let waiting = columns + sink::bytes(program, size, together);
    fits(program, size, threads, memory.saturating_sub(waiting))?;
    let plan = Plan::within(program, size, threads, memory - waiting);
    let part = run_delivering(
        program,
        size,
        0..size.draws,
        &plan,
        Some((sink, together)),
        progress,
    )?;
    Ok(part.into_ensemble(program))
}

/// How futures are grouped. No answer depends on it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    pub(super) threads: usize,
    pub(super) features: Features,
    /// The form of a block.
    pub(super) shape: Shape,
    /// Draws of which a worker collects buckets before the histograms are visited: at least those of a block.
    pub(super) draws_of_visit: usize,
}

impl Plan {
    pub(super) fn new(program: &Program, size: &Size, threads: usize) -> Plan {
        let threads = workers(threads);
        let replications = size.replications.max(1) as usize;
        // No more than a worker's part, so that none is left without work.
        let of_worker = (size.draws as usize).div_ceil(threads) * replications;
        let shape = Shape::near(lanes(program.precision).min(of_worker), replications);
        let places = program.steps() as usize * program.series.outputs.len();
        let bytes_of_draw = places * replications * size_of::<u32>();
        let bytes =
            (places * VALUES_OF_VISIT * size_of::<u32>()).clamp(*BUCKET_BYTES.start(), *BUCKET_BYTES.end());
        let fitting = bytes.checked_div(bytes_of_draw).unwrap_or(usize::MAX);
        // No more than a worker's part, so that workers do not all visit at the end only.
        let part = (size.draws as usize).div_ceil(2 * threads);
        Plan {
            threads,
            features: program.features,
            shape,
            draws_of_visit: fitting.min(part).max(shape.draws),
        }
    }

    /// Makes a plan that takes no more than so many bytes, if there is one: histograms are visited more often, then fewer threads work.
    pub(super) fn within(program: &Program, size: &Size, threads: usize, memory: u64) -> Plan {
        let mut plan = Plan::new(program, size, threads);
        while plan.memory(program, size) > memory {
            if plan.draws_of_visit > plan.shape.draws {
                plan.draws_of_visit = (plan.draws_of_visit / 2).max(plan.shape.draws);
            } else if plan.threads > 1 {
                plan.threads -= 1;
            } else {
                break;
            }
        }
        plan
    }

    /// Returns about how many bytes a run takes, with what answers are read off it.
    pub(super) fn memory(&self, program: &Program, size: &Size) -> u64 {
        /// Buckets that a histogram takes, from a few runs: with thousands of futures distances mostly differ by less than fourteen doublings, both sides together.
        const BUCKETS: u64 = 900;
        /// Bytes of the process and of a small model; bytes of a step of a series in a world, as instructions, in the report and on the page; and columns that a thread takes
        /// while it reads answers off numbers. From runs of small and large models (the book has them), so that the estimate is rather too large.
        const ALWAYS: u64 = 24 << 20;
        const OF_STEP: u64 = 4_000;
        const READ: u64 = 6;
        let double = size_of::<f64>() as u64;
        let replications = u64::from(size.replications);
        let kept: u64 = (program.histories.iter())
            .map(|history| u64::from(history.length))
            .sum();
        let places = u64::from(program.steps()) * program.series.outputs.len() as u64;
        let registers = (u64::from(program.registers) + kept) * self.shape.lanes() as u64 * double;
        let buckets = places * self.draws_of_visit as u64 * replications * size_of::<u32>() as u64;
        let worker = registers + buckets + summary::bytes(program, self.shape);
        let histograms = places * (size_of::<Histogram>() as u64 + BUCKETS * size_of::<u32>() as u64);
        let told =
            u64::from(program.steps()) * program.series.worlds.iter().map(Vec::len).sum::<usize>() as u64;
        let summaries = told * size_of::<StepSummary>() as u64;
        let of_layout = |is_question: bool| {
            let outputs = program.layout.measures.iter();
            let alike = outputs.filter(|output| output.is_question == is_question);
            (alike.count() * program.measures.len()) as u64
        };
        let (questions, numbers) = (of_layout(true), of_layout(false));
        let futures = size.futures() as u64;
        // Questions take eight times as much while they are run.
        let at_once = futures.min(u64::from(draws_at_once(program, size)) * replications);
        let columns = futures * (questions + double * numbers) + at_once * questions * double;
        // Answers are read when workers are gone.
        let of_numbers = numbers > 0 || program.measures.len() > 1;
        let reading = u64::from(of_numbers) * self.threads as u64 * READ * double * futures;
        let working = self.threads as u64 * worker;
        ALWAYS + told * OF_STEP + histograms + summaries + columns + working.max(reading)
    }
}

/// Returns how many workers a number of threads asked for means (0: one per core).
fn workers(threads: usize) -> usize {
    if threads > 0 {
        return threads;
    }
    std::thread::available_parallelism().map_or(1, NonZero::get)
}

/// Returns about how many bytes a run takes, with what answers are read off it, if it may take as many as it likes.
pub fn memory_estimate(program: &Program, size: &Size, threads: usize) -> u64 {
    let plan = Plan::new(program, size, threads);
    plan.memory(program, size)
}

/// Returns the most draws that a run of these replications may have, and if there are none, the most replications of a single draw, such
/// that it takes no more than so many bytes; none if the program alone takes more.
pub fn largest(program: &Program, size: &Size, threads: usize, memory: u64) -> Option<Size> {
    let fits = |size: &Size| Plan::within(program, size, threads, memory).memory(program, size) <= memory;
    let most = |most: u32, of: &dyn Fn(u32) -> Size| {
        // The estimate grows with the size: the last that fits is found by halving.
        let (mut fitting, mut beyond) = (0, most.saturating_add(1));
        while beyond - fitting > 1 {
            let middle = fitting + (beyond - fitting) / 2;
            if fits(&of(middle)) {
                fitting = middle;
            } else {
                beyond = middle;
            }
        }
        (fitting > 0).then(|| of(fitting))
    };
    let with_draws = |draws| Size { draws, ..*size };
    let with_replications = |replications| Size {
        draws: 1,
        replications,
        ..*size
    };
    most(size.draws.min(Size::MOST_DRAWS), &with_draws)
        .or_else(|| most(size.replications.min(Size::MOST_REPLICATIONS), &with_replications))
}

/// Returns the number of measures and questions of all worlds.
fn columns(program: &Program) -> usize {
    program.measures.iter().map(Vec::len).sum()
}

/// Returns whether all futures of a size can be run and kept in so many bytes.
///
/// # Errors
/// The size is out of range, or the run is too large.
pub fn check(program: &Program, size: &Size, threads: usize, memory: u64) -> Result<(), RunError> {
    in_range(program, size)?;
    fits(program, size, threads, memory)
}

fn in_range(program: &Program, size: &Size) -> Result<(), RunError> {
    let within = |what, value: u64, least, most| {
        if (least..=most).contains(&value) {
            Ok(())
        } else {
            Err(RunError::OutOfRange {
                what,
                value,
                least,
                most,
            })
        }
    };
    within("draws", size.draws.into(), 1, Size::MOST_DRAWS.into())?;
    within(
        "replications",
        size.replications.into(),
        1,
        Size::MOST_REPLICATIONS.into(),
    )?;
    within("steps", program.steps().into(), 1, Size::MOST_STEPS.into())?;
    within("seed", size.seed, 0, Size::MOST_SEED)
}

fn fits(program: &Program, size: &Size, threads: usize, memory: u64) -> Result<(), RunError> {
    let needed = Plan::within(program, size, threads, memory).memory(program, size);
    if needed > memory {
        return Err(RunError::TooLarge {
            needed,
            memory,
            largest: largest(program, size, threads, memory),
        });
    }
    Ok(())
}

/// Runs some draws in blocks of a given form.
pub(super) fn run_in_blocks(
    program: &Program,
    size: &Size,
    draws: Range<u32>,
    plan: &Plan,
    progress: &(dyn Fn(u64, u64) -> bool + Sync),
) -> Result<Part, RunError> {
    run_delivering(program, size, draws, plan, None, progress)
}

/// Runs some draws in blocks of a given form, and hands futures to a sink if there is one, so many draws together.
pub(super) fn run_delivering(
    program: &Program,
    size: &Size,
    draws: Range<u32>,
    plan: &Plan,
    sink: Option<(&mut (dyn Sink + Send), usize)>,
    progress: &(dyn Fn(u64, u64) -> bool + Sync),
) -> Result<Part, RunError> {
    let of_part = Size {
        draws: draws.len() as u32,
        ..*size
    };
    let delivery = sink.map(|(sink, together)| Delivery::new(sink, together, size));
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(plan.threads)
        .build()
        .map_err(|error| RunError::NoThreads(error.to_string()))?;
    let references = replay::references(program, size.seed);
    let steps = program.steps() as usize;
    let histograms = references
        .iter()
        .map(|&reference| Mutex::new(vec![Histogram::new(reference); steps]))
        .collect();
    let mut measures: Vec<Vec<Vec<f64>>> = (program.measures.iter())
        .map(|world| world.iter().map(|_| vec![0.0; of_part.futures()]).collect())
        .collect();

    let run = Run {
        program,
        size: *size,
        draws: draws.clone(),
        plan: *plan,
        references: &references,
        histograms,
        workers: Mutex::new(Vec::new()),
        stopped: AtomicBool::new(false),
        done: AtomicU64::new(0),
        delivery,
        progress,
    };
    let columns = measures.iter_mut().flatten().map(Vec::as_mut_slice).collect();
    let nodes = pool.install(|| run.nodes_of_range(0, size.draws.next_power_of_two(), columns));
    if run.stopped.into_inner() {
        return Err(RunError::Interrupted);
    }
    let mut counts = Counts::new(program);
    let mut workers = run.workers.into_inner().expect("no worker panicked");
    pool.install(|| {
        let summaries = workers.par_iter_mut().map(|worker| &mut worker.summary);
        summaries.for_each(|summary| summary.empty_into(&run.histograms));
    });
    for worker in workers {
        counts.merge(&worker.summary.into_counts());
    }
    let histograms = (run.histograms.into_iter())
        .map(|histograms| histograms.into_inner().expect("no worker panicked"))
        .collect();
    let measures = (measures.into_iter())
        .map(|world| world.into_iter().map(Column::from).collect())
        .collect();
    Ok(Part {
        size: *size,
        draws,
        measures,
        nodes,
        histograms,
        counts,
    })
}

/// One run, shared by all workers.
struct Run<'a> {
    program: &'a Program,
    size: Size,
    /// Those that are run.
    draws: Range<u32>,
    plan: Plan,
    references: &'a [f64],
    /// `[slot][step]`. Counting is the same in any order, so workers share them.
    histograms: Vec<Mutex<Vec<Histogram>>>,
    /// Those that are not at work.
    workers: Mutex<Vec<Worker<'a>>>,
    stopped: AtomicBool,
    done: AtomicU64,
    /// Where every future goes, if anyone wants them.
    delivery: Option<Delivery<'a>>,
    progress: &'a (dyn Fn(u64, u64) -> bool + Sync),
}

/// What a thread needs for its blocks.
struct Worker<'a> {
    machine: Machine<'a>,
    summary: Summary<'a>,
    trace: Option<Trace<'a>>,
}

/// For every measure of every world, the futures of a range of draws.
type Columns<'c> = Vec<&'c mut [f64]>;

impl<'a> Run<'a> {
    /// Runs what is asked for of a range of draws, a power of two of them from a multiple of itself, and returns the sums of the largest such ranges in it.
    ///
    /// The sum of a range is the sum of its halves, down to single draws: so it does not depend on who runs what.
    fn nodes_of_range(&self, first: u32, length: u32, columns: Columns<'_>) -> Vec<Node> {
        let nodes = self.nodes_before_delivery(first, length, columns);
        if let Some(delivery) = &self.delivery
            && !self.stopped.load(Ordering::Relaxed)
            && !delivery.passed(length)
        {
            self.stopped.store(true, Ordering::Relaxed);
        }
        nodes
    }

    fn nodes_before_delivery(&self, first: u32, length: u32, columns: Columns<'_>) -> Vec<Node> {
        let end = first.saturating_add(length).min(self.size.draws);
        let (from, to) = (first.max(self.draws.start), end.min(self.draws.end));
        if from >= to || self.stopped.load(Ordering::Relaxed) {
            return Vec::new();
        }
        let is_whole = from == first && to == end;
        if is_whole && length as usize <= self.plan.shape.draws {
            let free = self.workers.lock().expect("no worker panics here").pop();
            let mut worker = free.unwrap_or_else(|| self.worker());
            let sums = self.sums_of_block(&mut worker, first, length, columns);
            self.workers.lock().expect("no worker panics here").push(worker);
            return vec![Node { first, length, sums }];
        }
        let half = length / 2;
        let middle = first + half;
        let of_left = middle.clamp(from, to) - from;
        let futures_of_left = of_left as usize * self.size.replications as usize;
        let (left, right): (Columns, Columns) = (columns.into_iter())
            .map(|column| column.split_at_mut(futures_of_left))
            .unzip();
        let left = || self.nodes_of_range(first, half, left);
        let right = || self.nodes_of_range(middle, half, right);
        let in_turn = (self.delivery.as_ref()).is_some_and(|delivery| delivery.in_turn(length));
        let (mut left, right) = if in_turn {
            (left(), right())
        } else {
            rayon::join(left, right)
        };
        left.extend(right);
        if is_whole {
            // A stopped run has no use for its sums.
            let sums = left
                .into_iter()
                .map(|node| node.sums)
                .reduce(|left, right| summary::add(left, &right));
            let sums = sums.unwrap_or_default();
            return vec![Node { first, length, sums }];
        }
        left
    }

    fn worker(&self) -> Worker<'a> {
        let Plan {
            features,
            shape,
            draws_of_visit,
            ..
        } = self.plan;
        let room = draws_of_visit * self.size.replications as usize;
        Worker {
            machine: Machine::new(self.program, features, self.size.seed, shape),
            summary: Summary::new(self.program, features, shape, self.references, room),
            trace: (self.delivery.as_ref()).map(|_| Trace::new(self.program, shape)),
        }
    }

    fn sums_of_block(
        &self,
        worker: &mut Worker<'a>,
        first_draw: u32,
        length: u32,
        mut columns: Columns<'_>,
    ) -> Sums {
        let Plan { shape, .. } = self.plan;
        let replications = self.size.replications;
        let draws = length.min(self.size.draws - first_draw) as usize;
        if !worker.summary.has_room(draws * replications as usize) {
            worker.summary.empty_into(&self.histograms);
        }
        let trace = worker.trace.as_ref();
        let mut futures =
            trace.map(|trace| trace.futures(first_draw..first_draw + draws as u32, replications));
        for first_replication in (0..replications).step_by(shape.replications) {
            let together = shape
                .replications
                .min((replications - first_replication) as usize);
            let block = Block {
                first_draw,
                draws,
                first_replication,
                replications: together,
            };
            worker.summary.expect(block);
            match (&mut worker.trace, &mut futures) {
                (Some(trace), Some(futures)) => {
                    let mut both = Both(&mut worker.summary, &mut *trace);
                    worker.machine.run(block, &mut both);
                    trace.move_to(futures, block);
                }
                _ => worker.machine.run(block, &mut worker.summary),
            }
            worker.summary.passed();
            self.read_measures(&worker.machine, block, &mut columns);
        }
        if let (Some(delivery), Some(futures)) = (&self.delivery, futures) {
            delivery.add(futures);
        }
        let futures = draws as u64 * u64::from(replications);
        let done = self.done.fetch_add(futures, Ordering::Relaxed) + futures;
        if !(self.progress)(done, self.draws.len() as u64 * u64::from(replications)) {
            self.stopped.store(true, Ordering::Relaxed);
        }
        worker.summary.take_sums(length as usize)
    }

    /// Copies measures from the cells where they are after the last step.
    fn read_measures(&self, machine: &Machine<'_>, block: Block, columns: &mut [&mut [f64]]) {
        let replications = self.size.replications as usize;
        let draws = self.plan.shape.draws;
        for (cell, column) in self.program.measures.iter().flatten().zip(columns) {
            let values = machine.row(self.program.cells[cell.position()].register);
            for (row, replication) in values
                .chunks(draws)
                .take(block.replications)
                .zip(block.first_replication..)
            {
                let of_replication = column[replication as usize..].iter_mut().step_by(replications);
                for (to, &value) in of_replication.zip(&row[..block.draws]) {
                    *to = canonical(value);
                }
            }
        }
    }
}

/// Gives all that is no number the same bits: which of the many a processor makes is its own affair.
pub(crate) fn canonical(value: f64) -> f64 {
    if value.is_nan() { f64::NAN } else { value }
}
