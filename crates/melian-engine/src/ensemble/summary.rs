//! What a worker remembers of the blocks it has run.

use std::collections::BTreeMap;
use std::sync::Mutex;

use super::{Histogram, SCRAMBLES, Size};
use crate::program::{OutputKind, Program};
use crate::vm::{Block, Features, Recorder, Shape, amiss, count_between, tally};

/// Sums of series in a range of draws: `[step][slot][scramble]`, and of the squares of each draw's sum behind them if the program is
/// paired: [`width`] numbers. Empty stands for zeros.
pub(super) type Sums = Vec<f64>;

/// Returns how many sums there are of a slot in a step.
pub(super) fn width(program: &Program) -> usize {
    SCRAMBLES * if program.is_paired() { 2 } else { 1 }
}

/// The extremes of no values.
const NO_EXTREMES: (f64, f64) = (f64::INFINITY, f64::NEG_INFINITY);

/// Counts outputs of the futures that pass by.
pub(super) struct Summary<'a> {
    program: &'a Program,
    features: Features,
    shape: Shape,
    block: Block,
    references: &'a [f64],
    /// Sums over replications: `[step][slot][draw]`.
    sums: Vec<f64>,
    /// Buckets of values that no histogram has yet: `[block][step][slot][future]`, so that they are written one after another.
    buckets: Vec<u32>,
    /// Of each block of which there are buckets, the futures before it and its own.
    blocks: Vec<(usize, usize)>,
    /// The least and the greatest finite value of those: `[step][slot]`.
    extremes: Vec<(f64, f64)>,
    /// Futures for which there is room.
    room: usize,
    counts: Counts,
}

/// Whole numbers, which may be added in any order.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub(super) struct Counts {
    /// Values that were not finite, by step and slot of series.
    pub(super) not_finite: BTreeMap<(u32, u32), [u64; SCRAMBLES]>,
    /// `[slot][step][option]`.
    pub(super) choices: Vec<Vec<u64>>,
    /// `[slot][step]`.
    pub(super) events: Vec<Vec<u64>>,
    /// By watch.
    pub(super) watches: Vec<Watched>,
}

/// What a watch has seen.
#[derive(Clone, Copy, Debug, Default, serde::Serialize, serde::Deserialize)]
pub(super) struct Watched {
    /// Steps of futures.
    pub(super) count: u64,
    /// The least draw, replication and step.
    pub(super) first: Option<(u32, u32, u32)>,
}

impl Counts {
    pub(super) fn new(program: &Program) -> Counts {
        let steps = program.steps() as usize;
        let options = |&choice: &u32| program.layout.choices[choice as usize].1 as usize;
        Counts {
            not_finite: BTreeMap::new(),
            choices: program
                .choices
                .outputs
                .iter()
                .map(|choice| vec![0; steps * options(choice)])
                .collect(),
            events: program.events.outputs.iter().map(|_| vec![0; steps]).collect(),
            watches: vec![Watched::default(); program.watches.len()],
        }
    }

    pub(super) fn merge(&mut self, other: &Counts) {
        for (&place, more) in &other.not_finite {
            let known = self.not_finite.entry(place).or_default();
            known
                .iter_mut()
                .zip(more)
                .for_each(|(known, more)| *known += more);
        }
        let add = |to: &mut [Vec<u64>], from: &[Vec<u64>]| {
            to.iter_mut()
                .flatten()
                .zip(from.iter().flatten())
                .for_each(|(to, from)| *to += from);
        };
        add(&mut self.choices, &other.choices);
        add(&mut self.events, &other.events);
        for (known, more) in self.watches.iter_mut().zip(&other.watches) {
            known.count += more.count;
            known.first = known.first.into_iter().chain(more.first).min();
        }
    }
}

impl<'a> Summary<'a> {
    /// Makes a summary with room for the buckets of a number of futures.
    pub(super) fn new(
        program: &'a Program,
        features: Features,
        shape: Shape,
        references: &'a [f64],
        room: usize,
    ) -> Summary<'a> {
        let places = program.steps() as usize * program.series.outputs.len();
        Summary {
            program,
            features,
            shape,
            block: Block {
                first_draw: 0,
                draws: 0,
                first_replication: 0,
                replications: 0,
            },
            references,
            sums: vec![0.0; places * shape.draws],
            buckets: vec![0; places * room],
            blocks: Vec::new(),
            extremes: vec![NO_EXTREMES; places],
            room,
            counts: Counts::new(program),
        }
    }

    /// Says which futures come next.
    pub(super) fn expect(&mut self, block: Block) {
        self.block = block;
    }

    /// Notes that the expected futures have passed.
    pub(super) fn passed(&mut self) {
        let futures = self.block.draws * self.block.replications;
        self.blocks.push((self.bucketed(), futures));
    }

    /// Returns the number of futures of which there are buckets.
    fn bucketed(&self) -> usize {
        self.blocks.last().map_or(0, |(before, own)| before + own)
    }

    /// Returns the sums over a range of draws, a power of two of them, of which the last block had all that there are, when all their replications have passed; and
    /// starts anew.
    ///
    /// The eight scrambles stand side by side; draws of the same scramble are summed in a binary tree. Sums never are -0, so that
    /// adding the zero of an absent draw changes no bit.
    pub(super) fn take_sums(&mut self, length: usize) -> Sums {
        let draws = self.shape.draws;
        let first_scramble = self.block.first_draw as usize % SCRAMBLES;
        let width = width(self.program);
        let mut taken = Vec::with_capacity(self.sums.len() / draws * width);
        let mut squares = Vec::new();
        for all in self.sums.chunks_exact_mut(draws) {
            let sums = &mut all[..length];
            if width > SCRAMBLES {
                squares.clear();
                squares.extend(sums.iter().map(|sum| sum * sum));
            }
            taken.extend(in_scrambles(sums, first_scramble));
            if width > SCRAMBLES {
                taken.extend(in_scrambles(&mut squares, first_scramble));
            }
            all.fill(0.0);
        }
        taken
    }

    /// Returns whether there is room for the buckets of so many more futures.
    pub(super) fn has_room(&self, futures: usize) -> bool {
        self.bucketed() + futures <= self.room
    }

    /// Hands the buckets over to the histograms, of each slot by step.
    pub(super) fn empty_into(&mut self, histograms: &[Mutex<Vec<Histogram>>]) {
        let slots = self.references.len();
        let places = self.extremes.len();
        let mut buckets = Vec::with_capacity(self.bucketed());
        for (slot, histograms) in histograms.iter().enumerate() {
            let mut histograms = histograms.lock().expect("nobody panics while counting");
            for (step, histogram) in histograms.iter_mut().enumerate() {
                let place = step * slots + slot;
                buckets.clear();
                for &(before, own) in &self.blocks {
                    buckets.extend_from_slice(&self.buckets[places * before + place * own..][..own]);
                }
                histogram.add_buckets(self.features, &buckets);
                let (least, greatest) = std::mem::replace(&mut self.extremes[place], NO_EXTREMES);
                histogram.reach(least, greatest);
            }
        }
        self.blocks.clear();
    }

    /// Returns the counts.
    pub(super) fn into_counts(self) -> Counts {
        self.counts
    }

    /// Calls a function with every lane that counts: its draw, its replication, its value.
    fn for_each_future(&self, values: &[f64], mut visit: impl FnMut(u32, u32, f64)) {
        let block = self.block;
        let rows = values.chunks(self.shape.draws).take(block.replications);
        for (row, replication) in rows.zip(block.first_replication..) {
            for (&value, draw) in row[..block.draws].iter().zip(block.first_draw..) {
                visit(draw, replication, value);
            }
        }
    }
}

impl Recorder for Summary<'_> {
    fn observe(&mut self, output: OutputKind, slot: u32, step: u32, values: &[f64]) {
        let of_block = (self.block.draws, self.block.replications);
        match output {
            OutputKind::Series => self.series(slot, step, values),
            OutputKind::Choice => {
                let options =
                    self.program.layout.choices[self.program.choices.outputs[slot as usize] as usize].1;
                let counts = &mut self.counts.choices[slot as usize][(step * options) as usize..];
                for (count, option) in counts.iter_mut().zip(0..options) {
                    let option = f64::from(option);
                    *count += count_between(
                        self.features,
                        values,
                        of_block,
                        self.shape.draws,
                        option - 0.5,
                        option + 0.5,
                    );
                }
            }
            OutputKind::Event => {
                self.counts.events[slot as usize][step as usize] += count_between(
                    self.features,
                    values,
                    of_block,
                    self.shape.draws,
                    0.0,
                    f64::INFINITY,
                );
            }
        }
    }

    fn watch(&mut self, watch: u32, step: u32, values: &[f64]) {
        let kind = self.program.watches[watch as usize].kind;
        let mut seen = self.counts.watches[watch as usize];
        self.for_each_future(values, |draw, replication, value| {
            if amiss(kind, value) {
                seen.count += 1;
                seen.first = seen.first.into_iter().chain([(draw, replication, step)]).min();
            }
        });
        self.counts.watches[watch as usize] = seen;
    }
}

impl Summary<'_> {
    fn series(&mut self, slot: u32, step: u32, values: &[f64]) {
        let place = step as usize * self.references.len() + slot as usize;
        let draws = self.shape.draws;
        let of_block = (self.block.draws, self.block.replications);
        let own = of_block.0 * of_block.1;
        let begin = self.extremes.len() * self.bucketed() + place * own;
        let buckets = &mut self.buckets[begin..][..own];
        let sums = &mut self.sums[place * draws..][..draws];
        let seen = tally(
            self.features,
            values,
            self.references[slot as usize],
            of_block,
            sums,
            buckets,
        );
        let (least, greatest) = &mut self.extremes[place];
        *least = least.min(seen.least);
        *greatest = greatest.max(seen.greatest);
        if !seen.all_finite {
            let mut counts = [0; SCRAMBLES];
            self.for_each_future(values, |draw, _, value| {
                counts[draw as usize % SCRAMBLES] += u64::from(!value.is_finite());
            });
            let known = self.counts.not_finite.entry((step, slot)).or_default();
            known
                .iter_mut()
                .zip(counts)
                .for_each(|(known, more)| *known += more);
        }
    }
}

/// Returns the sums by scramble of the values of neighbouring draws, a power of two of them, which are used up.
fn in_scrambles(values: &mut [f64], first_scramble: usize) -> [f64; SCRAMBLES] {
    let draws = values.len();
    let mut scrambles = [0.0; SCRAMBLES];
    if draws < SCRAMBLES {
        scrambles[first_scramble..first_scramble + draws].copy_from_slice(values);
        return scrambles;
    }
    let mut half = draws / 2;
    let mut distance = SCRAMBLES;
    while half >= SCRAMBLES {
        // Neighbouring groups are added first: the tree is the same as in larger and smaller blocks.
        for group in values.chunks_exact_mut(2 * distance) {
            let (left, right) = group.split_at_mut(distance);
            left.iter_mut()
                .zip(right)
                .take(SCRAMBLES)
                .for_each(|(left, right)| *left += *right);
        }
        distance *= 2;
        half /= 2;
    }
    scrambles.copy_from_slice(&values[..SCRAMBLES]);
    scrambles
}

/// Returns the sums of two neighbouring ranges of draws.
pub(super) fn add(mut left: Sums, right: &Sums) -> Sums {
    left.iter_mut()
        .zip(right)
        .for_each(|(left, right)| *left += right);
    left
}

/// Returns about how many bytes a summary takes besides its buckets.
pub(super) fn bytes(program: &Program, shape: Shape) -> u64 {
    let places = u64::from(program.steps()) * program.series.outputs.len() as u64;
    // The sums of ranges that wait for their neighbours: one for every level of the tree.
    let waiting = u64::from(Size::MOST_DRAWS.ilog2()) * width(program) as u64;
    places * (shape.draws as u64 + waiting) * size_of::<f64>() as u64
}
