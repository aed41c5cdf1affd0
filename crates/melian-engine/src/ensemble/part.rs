//! What some of the draws of a run gave. Parts merge in any grouping, to the bits of one run.

use std::collections::HashMap;
use std::io::Read as _;
use std::ops::Range;

use lz4_flex::frame::{FrameDecoder, FrameEncoder};
use serde::{Deserialize, Serialize};

use super::summary::{self, Counts, Sums};
use super::{Column, Ensemble, Histogram, Identity, Problem, SCRAMBLES, Size, StepSummary, identity};
use crate::program::Program;

/// What a range of draws gave, not yet summarised.
#[derive(Debug)]
pub struct Part {
    /// The size of the whole run.
    pub size: Size,
    /// The draws.
    pub draws: Range<u32>,
    /// `[world][measure]`: values of the futures of these draws.
    pub(super) measures: Vec<Vec<Column>>,
    /// Sums of series, in the order of draws: over the largest nodes of the binary tree of all draws that lie in the range.
    pub(super) nodes: Vec<Node>,
    /// `[slot][step]`.
    pub(super) histograms: Vec<Vec<Histogram>>,
    pub(super) counts: Counts,
}

/// Sums over a range of draws, a power of two of them from a multiple of itself; draws beyond the last add nothing.
#[derive(Debug, Serialize, Deserialize)]
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
            column.append(more);
        }
        for node in next.nodes {
            add_node(&mut self.nodes, node, self.size.draws);
        }
        let histograms = self.histograms.iter_mut().flatten();
        for (histogram, more) in histograms.zip(next.histograms.iter().flatten()) {
            histogram.merge(more);
        }
        self.counts.merge(&next.counts);
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

/// Adds sums of draws that follow to those before; two halves of a range become one.
fn add_node(nodes: &mut Vec<Node>, mut node: Node, draws: u32) {
    loop {
        let beyond = node.first.saturating_add(node.length) >= draws;
        let is_right = node.first & node.length != 0;
        match nodes.pop_if(|left| is_right && left.length == node.length) {
            Some(left) => {
                node = Node {
                    first: left.first,
                    length: 2 * node.length,
                    sums: summary::add(left.sums, &node.sums),
                };
            }
            // What would be right of it does not exist.
            None if beyond && node.first > 0 && !is_right => node.length *= 2,
            None => break,
        }
    }
    nodes.push(node);
}

/// What a file of a part begins with; the number is raised when what follows changes.
const MAGIC: &[u8; 14] = b"melian part 3\n";

/// What stands behind it: a hash of all that follows.
const HASH: usize = 32;

/// Why bytes are no part of a run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PartError {
    /// They begin otherwise.
    #[error("it is no part of a run, or one of another version of melian")]
    Unknown,
    /// They are not what was written.
    #[error("it is damaged: its checksum is not that of its content")]
    Damaged,
    /// Of another size.
    #[error("it belongs to a run of {} draws of {} with seed {}, and this is one of {} draws of {} with seed {}", .of.draws, .of.replications, .of.seed, .is.draws, .is.replications, .is.seed)]
    OtherSize {
        /// The size of the run that it belongs to.
        of: Size,
        /// That of this run.
        is: Size,
    },
    /// Of another program.
    #[error("it belongs to a run of another model, of other interventions or by another version of melian")]
    OtherProgram,
}

/// A part as it is stored: columns that are alike stand there once, as worlds share what no intervention reaches.
#[derive(Serialize, Deserialize)]
struct Stored<C, N, H, K> {
    identity: [u8; 32],
    size: Size,
    first: u32,
    end: u32,
    /// `[world][measure]`: position among the columns.
    measures: Vec<Vec<u32>>,
    columns: Vec<C>,
    nodes: N,
    histograms: H,
    counts: K,
}

impl Part {
    /// Writes it down, with what tells whether it belongs to a run, and whether it is whole.
    pub fn to_bytes(&self, program: &Program) -> Vec<u8> {
        let mut columns: Vec<&Column> = Vec::new();
        let mut known: HashMap<blake3::Hash, u32> = HashMap::new();
        let mut position = |column: &'_ Column| -> (u32, bool) {
            let mut hash = blake3::Hasher::new();
            column.hash(&mut hash);
            let next = known.len() as u32;
            let at = *known.entry(hash.finalize()).or_insert(next);
            (at, at == next)
        };
        let mut measures = Vec::new();
        for world in &self.measures {
            let mut of_world = Vec::new();
            for column in world {
                let (at, is_new) = position(column);
                if is_new {
                    columns.push(column);
                }
                of_world.push(at);
            }
            measures.push(of_world);
        }
        let stored = Stored {
            identity: identity(program, &self.size).0,
            size: self.size,
            first: self.draws.start,
            end: self.draws.end,
            measures,
            columns,
            nodes: &self.nodes,
            histograms: &self.histograms,
            counts: &self.counts,
        };
        // Compressed as it is written: a plain copy of a large part would take much memory.
        let mut bytes = [MAGIC.as_slice(), &[0; HASH]].concat();
        let begin = bytes.len();
        let encoder = FrameEncoder::new(&mut bytes);
        let written = postcard::to_io(&stored, encoder).expect("plain data in memory can be written");
        written.finish().expect("memory takes what is written");
        let hash = blake3::hash(&bytes[begin..]);
        bytes[MAGIC.len()..begin].copy_from_slice(hash.as_bytes());
        bytes
    }

    /// Reads a part of a run.
    ///
    /// # Errors
    /// The bytes are none, are not what was written, or belong to another run.
    pub fn from_bytes(bytes: &[u8], program: &Program, size: &Size) -> Result<Part, PartError> {
        type Read = Stored<Column, Vec<Node>, Vec<Vec<Histogram>>, Counts>;
        let rest = bytes.strip_prefix(MAGIC).ok_or(PartError::Unknown)?;
        let (hash, content) = rest.split_at_checked(HASH).ok_or(PartError::Damaged)?;
        if blake3::hash(content).as_bytes() != hash {
            return Err(PartError::Damaged);
        }
        let mut number = [0; size_of::<u128>()];
        let read = postcard::from_io((FrameDecoder::new(content), &mut number[..]));
        let (stored, (mut rest, _)): (Read, _) = read.map_err(|_| PartError::Damaged)?;
        if rest.read(&mut [0]).is_ok_and(|more| more > 0) {
            return Err(PartError::Damaged);
        }
        if stored.size != *size {
            return Err(PartError::OtherSize {
                of: stored.size,
                is: *size,
            });
        }
        if Identity(stored.identity) != identity(program, size) {
            return Err(PartError::OtherProgram);
        }
        let column = |&at: &u32| stored.columns.get(at as usize).cloned();
        let of_world = |world: &Vec<u32>| world.iter().map(column).collect::<Option<Vec<_>>>();
        let measures: Option<Vec<Vec<Column>>> = stored.measures.iter().map(of_world).collect();
        let part = Part {
            size: stored.size,
            draws: stored.first..stored.end,
            measures: measures.ok_or(PartError::Damaged)?,
            nodes: stored.nodes,
            histograms: stored.histograms,
            counts: stored.counts,
        };
        if part.fits(program) {
            Ok(part)
        } else {
            Err(PartError::Damaged)
        }
    }

    /// Returns whether everything has the shape that a run of the program gives it.
    fn fits(&self, program: &Program) -> bool {
        let steps = program.steps() as usize;
        let futures = self.draws.len() * self.size.replications as usize;
        let counts = Counts::new(program);
        let shapes = |counts: &Counts| {
            let of = |counts: &[Vec<u64>]| counts.iter().map(Vec::len).collect::<Vec<_>>();
            (of(&counts.choices), of(&counts.events), counts.watches.len())
        };
        // As if each draw had been added alone.
        let mut nodes = Vec::new();
        for draw in self.draws.start..self.draws.end.min(self.size.draws) {
            let alone = Node {
                first: draw,
                length: 1,
                sums: Vec::new(),
            };
            add_node(&mut nodes, alone, self.size.draws);
        }
        let places = |nodes: &[Node]| {
            nodes
                .iter()
                .map(|node| (node.first, node.length))
                .collect::<Vec<_>>()
        };
        self.draws.start <= self.draws.end
            && places(&self.nodes) == places(&nodes)
            && self.draws.end <= self.size.draws
            && self.measures.len() == program.measures.len()
            && (self.measures.iter().zip(&program.measures)).all(|(world, cells)| {
                world.len() == cells.len()
                    && world
                        .iter()
                        .all(|column| column.len() == futures && column.is_sound())
            })
            && self.histograms.len() == program.series.outputs.len()
            && self.histograms.iter().all(|of_slot| of_slot.len() == steps)
            && (self.nodes.iter())
                .all(|node| node.sums.len() == steps * program.series.outputs.len() * summary::width(program))
            && shapes(&self.counts) == shapes(&counts)
    }
}

/// Puts an ensemble together from all draws.
fn ensemble(
    program: &Program,
    size: &Size,
    measures: Vec<Vec<Column>>,
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
