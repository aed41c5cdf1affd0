//! Which futures the lanes of a block are, and their registers.

use crate::number::Number;
use crate::program::RegisterId;

/// Lanes are padded to a multiple of this, so that vector loops leave no rest.
pub(crate) const LANE_MULTIPLE: usize = 16;

/// The form of all blocks of a run.
///
/// Lane `replication * draws + draw` holds a future: neighbours are draws, so that what all replications of a draw share is copied in
/// runs, and sums over the replications of a draw are sums of vectors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    /// Draws of a block, a power of two. Two at least of all but a future alone: neighbours share their noise's blocks.
    pub(crate) draws: usize,
    /// Replications that run together; the others of the same draws follow.
    pub(crate) replications: usize,
}

impl Shape {
    /// Returns the form that comes near a number of lanes.
    pub(crate) fn near(lanes: usize, replications: usize) -> Shape {
        let fitting = (lanes / replications).max(2);
        let draws = if fitting.is_power_of_two() {
            fitting
        } else {
            fitting.next_power_of_two() / 2
        };
        Shape {
            draws,
            replications: replications.min((lanes / draws).max(1)),
        }
    }

    /// Returns the number of lanes, padding included.
    pub(crate) fn lanes(self) -> usize {
        (self.draws * self.replications).next_multiple_of(LANE_MULTIPLE)
    }

    /// Returns the number of lanes that stand for a draw each, padding included.
    pub(crate) fn draw_lanes(self) -> usize {
        self.draws.next_multiple_of(LANE_MULTIPLE)
    }
}

/// The futures that run together: some draws, and some of their replications.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    /// First draw.
    pub(crate) first_draw: u32,
    /// Draws that count; lanes beyond belong to no future of the run.
    pub(crate) draws: usize,
    /// First replication.
    pub(crate) first_replication: u32,
    /// Replications that count.
    pub(crate) replications: usize,
}

/// The addresses of lanes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Addresses {
    /// Draw of each lane.
    pub(crate) draws: Vec<u32>,
    /// Replication of each lane.
    pub(crate) replications: Vec<u32>,
    /// Where each two lanes are futures of a replication under draws 2 `pair` and 2 `pair` + 1: the pairs, and their replications. Else empty.
    pub(crate) pairs: Vec<u32>,
    pub(crate) replications_of_pairs: Vec<u32>,
}

impl Addresses {
    /// Sets the addresses of a block's futures. Padding repeats addresses: they are valid, and nobody looks.
    pub(crate) fn set_futures(&mut self, shape: Shape, block: Block) {
        let last = block.replications as u32 - 1;
        let lanes = 0..shape.lanes() as u32;
        let draws = shape.draws as u32;
        self.draws.clear();
        self.draws
            .extend(lanes.clone().map(|lane| block.first_draw + lane % draws));
        self.replications.clear();
        self.replications
            .extend(lanes.map(|lane| block.first_replication + (lane / draws).min(last)));
        self.pairs.clear();
        self.replications_of_pairs.clear();
        if draws >= 2 && block.first_draw.is_multiple_of(2) {
            self.pairs
                .extend(self.draws.iter().step_by(2).map(|draw| draw / 2));
            self.replications_of_pairs
                .extend(self.replications.iter().step_by(2));
        }
    }

    /// Sets the addresses of a block's draws.
    pub(crate) fn set_draws(&mut self, shape: Shape, block: Block) {
        let lanes = 0..shape.draw_lanes() as u32;
        let draws = shape.draws as u32;
        self.draws.clear();
        self.draws
            .extend(lanes.clone().map(|lane| block.first_draw + lane % draws));
        self.replications.clear();
        self.replications.extend(lanes.map(|_| 0));
        self.pairs.clear();
    }
}

/// Lanes that lie together, at the start of a cache line: loops over rows are loops over these, and leave no rest.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
pub(crate) struct Chunk<N>(pub(crate) [N; LANE_MULTIPLE]);

#[expect(unsafe_code, reason = "the promise that lets rows be seen as plain numbers")]
// SAFETY: it holds numbers only, of which all bits zero is one.
unsafe impl<N: Number> bytemuck::Zeroable for Chunk<N> {}

#[expect(unsafe_code, reason = "as above")]
// SAFETY: it holds numbers only, which may have any bits, one after the other: sixteen of four or eight bytes are a multiple of the alignment, so nothing
// is between or behind.
unsafe impl<N: Number> bytemuck::Pod for Chunk<N> {}

/// A row of lanes.
pub(crate) type Row<N> = Box<[Chunk<N>]>;

/// Returns the numbers of a row.
#[inline(always)]
pub(crate) fn numbers<N: Number>(row: &[Chunk<N>]) -> &[N] {
    bytemuck::must_cast_slice(row)
}

/// Returns the numbers of a row, to be written.
#[inline(always)]
pub(crate) fn numbers_mut<N: Number>(row: &mut [Chunk<N>]) -> &mut [N] {
    bytemuck::must_cast_slice_mut(row)
}

/// Returns a row of zeros.
pub(crate) fn row<N: Number>(lanes: usize) -> Row<N> {
    assert!(lanes.is_multiple_of(LANE_MULTIPLE), "lanes are padded");
    vec![Chunk([N::of(0.0); LANE_MULTIPLE]); lanes / LANE_MULTIPLE].into()
}

/// Registers: a row each.
#[derive(Clone, Debug)]
pub(crate) struct Registers<N> {
    rows: Vec<Row<N>>,
    renamed: Vec<Row<N>>,
}

impl<N: Number> Registers<N> {
    /// Returns registers of zeros.
    pub(crate) fn new(registers: u32, lanes: usize) -> Registers<N> {
        Registers {
            rows: (0..registers).map(|_| row(lanes)).collect(),
            renamed: Vec::new(),
        }
    }

    /// Lets the first register of each pair name what the second named; no name is lost.
    pub(crate) fn rename(&mut self, renames: &[(RegisterId, RegisterId)]) {
        let rows = &mut self.rows;
        self.renamed.extend(
            renames
                .iter()
                .map(|(_, from)| std::mem::take(&mut rows[from.position()])),
        );
        for ((to, _), row) in renames.iter().zip(self.renamed.drain(..)) {
            rows[to.position()] = row;
        }
    }

    /// Returns a register to read.
    #[inline(always)]
    pub(crate) fn row(&self, register: RegisterId) -> &[Chunk<N>] {
        &self.rows[register.position()]
    }

    /// Takes a register out, to write it while others are read.
    #[inline(always)]
    pub(crate) fn take(&mut self, register: RegisterId) -> Row<N> {
        std::mem::take(&mut self.rows[register.position()])
    }

    /// Puts a register back.
    #[inline(always)]
    pub(crate) fn put(&mut self, register: RegisterId, row: Row<N>) {
        self.rows[register.position()] = row;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shape_holds_whole_draws_near_the_wanted_lanes() {
        assert_eq!(
            Shape::near(256, 10),
            Shape {
                draws: 16,
                replications: 10
            }
        );
        assert_eq!(
            Shape::near(256, 1),
            Shape {
                draws: 256,
                replications: 1
            }
        );
        assert_eq!(
            Shape::near(1, 1),
            Shape {
                draws: 2,
                replications: 1
            }
        );
        assert_eq!(
            Shape::near(256, 300),
            Shape {
                draws: 2,
                replications: 128
            }
        );
        assert_eq!(
            Shape::near(256, 128),
            Shape {
                draws: 2,
                replications: 128
            }
        );
    }

    #[test]
    fn names_are_exchanged_all_at_once() {
        let mut registers = Registers::<f64>::new(3, 16);
        for register in 0..3 {
            let mut row = registers.take(RegisterId(register));
            numbers_mut(&mut row).fill(f64::from(register));
            registers.put(RegisterId(register), row);
        }
        let pairs = [(0, 1), (1, 2), (2, 0)].map(|(to, from)| (RegisterId(to), RegisterId(from)));
        registers.rename(&pairs);
        let first = |register| numbers(registers.row(RegisterId(register)))[0];
        assert_eq!([first(0), first(1), first(2)], [1.0, 2.0, 0.0]);
    }
}
