//! What some of the draws of a run gave. Parts merge in any grouping, to the bits of one run.

use std::ops::Range;

use super::summary::{self, Counts, Sums};
use super::{Ensemble, Histogram, Problem, SCRAMBLES, Size, StepSummary};
use crate::program::Program;

/// What a range of draws gave, not yet summarised.
#[derive(Debug)]
pub struct Part {
    /// The size of the whole run.
    pub size: Size,
    /// The draws.
    pub draws: Range<u32>,
    /// `[world][measure]`: values of the futures of these draws.
    pub(super) measures: Vec<Vec<Vec<f64>>>,
    /// Sums of series, in the order of draws: over the largest nodes of the binary tree of all draws that lie in the range.
    pub(super) nodes: Vec<Node>,
    /// `[slot][step]`.
    pub(super) histograms: Vec<Vec<Histogram>>,
    pub(super) counts: Counts,
}

/// Sums over a range of draws, a power of two of them from a multiple of itself; draws beyond the last add nothing.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) first: u32,
    pub(super) length: u32,
    pub(super) sums: Sums,
}

impl Part {
    /// Adds the part of the draws that follow.
    ///
    /// # Panics
    /// The other part is of another run, or of draws that do not follow.
    pub fn append(&mut self, next: Part) {
        assert!(
            self.size == next.size && self.draws.end == next.draws.start,
            "the draws of a part that is added follow"
        );
        self.draws.end = next.draws.end;
        let columns = self.measures.iter_mut().flatten();
        for (column, more) in columns.zip(next.measures.into_iter().flatten()) {
            column.extend(more);
        }
        for node in next.nodes {
            self.add_node(node);
        }
        let histograms = self.histograms.iter_mut().flatten();
        for (histogram, more) in histograms.zip(next.histograms.iter().flatten()) {
            histogram.merge(more);
        }
        self.counts.merge(&next.counts);
    }

    /// Adds sums of draws that follow; two halves of a range become one.
    fn add_node(&mut self, mut node: Node) {
        loop {
            let beyond = node.first.saturating_add(node.length) >= self.size.draws;
            let is_right = node.first & node.length != 0;
            match self.nodes.last() {
                Some(left) if is_right && left.length == node.length => {
                    let left = self.nodes.pop().expect("there is one");
                    node = Node {
                        first: left.first,
                        length: 2 * node.length,
                        sums: summary::add(left.sums, &node.sums),
                    };
                }
                // What would be right of it does not exist.
                _ if beyond && node.first > 0 && !is_right => node.length *= 2,
                _ => break,
            }
        }
        self.nodes.push(node);
    }

    /// Summarises the draws of a whole run.
    ///
    /// # Panics
    /// Draws are missing, or the program is another.
    pub fn into_ensemble(self, program: &Program) -> Ensemble {
        assert!(self.draws == (0..self.size.draws), "all draws are there");
        let [root] = self.nodes.as_slice() else {
            unreachable!("the sums of all draws are those of the root")
        };
        ensemble(
            program,
            &self.size,
            self.measures,
            &root.sums,
            self.histograms,
            &self.counts,
        )
    }
}

/// Puts an ensemble together from all draws.
fn ensemble(
    program: &Program,
    size: &Size,
    measures: Vec<Vec<Vec<f64>>>,
    sums: &Sums,
    mut histograms: Vec<Vec<Histogram>>,
    counts: &Counts,
) -> Ensemble {
    let layout = program.layout.clone();
    let steps = program.steps();
    let slots = program.series.outputs.len();
    let futures: Vec<u64> = (0..SCRAMBLES as u32)
        .map(|scramble| u64::from((size.draws + SCRAMBLES as u32 - 1 - scramble) / SCRAMBLES as u32))
        .map(|draws| draws * u64::from(size.replications))
        .collect();
    let width = summary::width(program);
    let mut worlds_left = vec![0; slots];
    for &slot in program.series.worlds.iter().flatten() {
        worlds_left[slot as usize] += 1;
    }
    let step_summary = |slot: u32, step: u32, histogram: Histogram| {
        let place = (step as usize * slots + slot as usize) * width;
        let mut summary = StepSummary {
            histogram,
            ..Default::default()
        };
        let (of_place, squares) = sums[place..place + width].split_at(SCRAMBLES);
        summary.sums.copy_from_slice(of_place);
        if program.is_paired() {
            summary.squares.copy_from_slice(squares);
        }
        summary.counts.copy_from_slice(&futures);
        if let Some(not_finite) = counts.not_finite.get(&(step, slot)) {
            summary
                .counts
                .iter_mut()
                .zip(not_finite)
                .for_each(|(count, not_finite)| *count -= not_finite);
        }
        summary
    };
    // The last world that shares a slot takes its histograms; copies would take much memory.
    let mut summaries = |slots: &[u32]| -> Vec<Vec<StepSummary>> {
        let of_slot = |&slot: &u32| {
            worlds_left[slot as usize] -= 1;
            let is_last = worlds_left[slot as usize] == 0;
            let histograms = &mut histograms[slot as usize];
            let of_step = |(step, histogram): (u32, &mut Histogram)| {
                let of_step = if is_last {
                    std::mem::take(histogram)
                } else {
                    histogram.clone()
                };
                step_summary(slot, step, of_step)
            };
            (0..steps).zip(histograms).map(of_step).collect()
        };
        slots.iter().map(of_slot).collect()
    };
    let of_layout = layout.series.len();
    let worlds = &program.series.worlds;
    let series = worlds
        .iter()
        .map(|slots| summaries(&slots[..of_layout]))
        .collect();
    let differences = if program.is_paired() {
        let others = worlds.iter().skip(1);
        others.map(|slots| summaries(&slots[of_layout..])).collect()
    } else {
        Vec::new()
    };
    let of_choice = |output: usize, slot: u32| {
        let options = layout.choices[output].1.max(1) as usize;
        counts.choices[slot as usize]
            .chunks(options)
            .map(<[u64]>::to_vec)
            .collect()
    };
    let choices = (program.choices.worlds.iter())
        .map(|world| {
            world
                .iter()
                .enumerate()
                .map(|(output, &slot)| of_choice(output, slot))
                .collect()
        })
        .collect();
    let events = (program.events.worlds.iter())
        .map(|world| {
            world
                .iter()
                .map(|&slot| counts.events[slot as usize].clone())
                .collect()
        })
        .collect();
    let problems = problems(program, counts);
    Ensemble {
        size: *size,
        layout,
        measures,
        series,
        differences,
        choices,
        events,
        problems,
    }
}

/// Returns what the watches have seen, once for every world in which it is so.
fn problems(program: &Program, counts: &Counts) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (watch, seen) in program.watches.iter().zip(&counts.watches) {
        let Some((draw, replication, step)) = seen.first else {
            continue;
        };
        problems.extend(watch.worlds.iter().map(|&world| Problem {
            kind: watch.kind,
            equation: watch.equation.clone(),
            world: program.layout.worlds[world as usize].clone(),
            count: seen.count,
            first_future: (draw, replication),
            first_step: step,
        }));
    }
    problems
}
