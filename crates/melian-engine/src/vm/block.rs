//! Which futures the lanes of a block are, and their registers.

use crate::program::RegisterId;

/// Lanes are padded to a multiple of this, so that vector loops leave no rest.
pub(crate) const LANE_MULTIPLE: usize = 16;

/// The form of all blocks of a run.
///
/// Lane `replication * draws + draw` holds a future: neighbours are draws, so that what all replications of a draw share is copied in
/// runs, and sums over the replications of a draw are sums of vectors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    /// Draws of a block, a power of two.
    pub(crate) draws: usize,
    /// Replications that run together; the others of the same draws follow.
    pub(crate) replications: usize,
}

impl Shape {
    /// Returns the form that comes near a number of lanes.
    pub(crate) fn near(lanes: usize, replications: usize) -> Shape {
        let fitting = (lanes / replications).max(1);
        let draws = if fitting.is_power_of_two() {
            fitting
        } else {
            fitting.next_power_of_two() / 2
        };
        Shape {
            draws,
            replications: replications.min(lanes),
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
    }
}

/// Registers: rows of lanes, and which row each register is.
#[derive(Clone, Debug)]
pub(crate) struct Registers {
    values: Vec<f64>,
    lanes: usize,
    /// Where the row of each register begins.
    rows: Vec<u32>,
    /// Where they begin before any renaming: at the start of a cache line.
    first_rows: Vec<u32>,
    renamed: Vec<u32>,
}

impl Registers {
    /// Returns registers of zeros.
    pub(crate) fn new(registers: u32, lanes: usize) -> Registers {
        const CACHE_LINE: usize = 64;
        assert!(lanes.is_multiple_of(LANE_MULTIPLE), "lanes are padded");
        let room = CACHE_LINE / size_of::<f64>();
        let values = vec![0.0; registers as usize * lanes + room];
        let start = values.as_ptr().align_offset(CACHE_LINE).min(room);
        let begin = |register: u32| (start + register as usize * lanes) as u32;
        let first_rows: Vec<u32> = (0..registers).map(begin).collect();
        Registers {
            values,
            lanes,
            rows: first_rows.clone(),
            first_rows,
            renamed: Vec::new(),
        }
    }

    /// Gives every register its first name back.
    pub(crate) fn reset_names(&mut self) {
        self.rows.copy_from_slice(&self.first_rows);
    }

    /// Lets the first register of each pair name what the second named.
    pub(crate) fn rename(&mut self, renames: &[(RegisterId, RegisterId)]) {
        self.renamed.clear();
        self.renamed
            .extend(renames.iter().map(|(_, from)| self.rows[from.position()]));
        for ((to, _), &row) in renames.iter().zip(&self.renamed) {
            self.rows[to.position()] = row;
        }
    }

    /// Returns the values of a register.
    pub(crate) fn row(&self, register: RegisterId) -> &[f64] {
        let begin = self.rows[register.position()] as usize;
        &self.values[begin..begin + self.lanes]
    }

    /// Returns a register to write and all others to read.
    #[inline(always)]
    pub(crate) fn write(&mut self, to: RegisterId) -> (&mut [f64], Others<'_>) {
        let begin = self.rows[to.position()] as usize;
        let (below, rest) = self.values.split_at_mut(begin);
        let (target, above) = rest.split_at_mut(self.lanes);
        (
            target,
            Others {
                below,
                above,
                begin,
                lanes: self.lanes,
                rows: &self.rows,
            },
        )
    }

    /// Returns all registers to read.
    #[inline(always)]
    pub(crate) fn all(&self) -> Others<'_> {
        Others {
            below: &self.values,
            above: &[],
            begin: self.values.len(),
            lanes: self.lanes,
            rows: &self.rows,
        }
    }
}

/// All registers but one that is being written.
#[derive(Clone, Copy)]
pub(crate) struct Others<'a> {
    below: &'a [f64],
    above: &'a [f64],
    /// Where the row that is written begins.
    begin: usize,
    lanes: usize,
    rows: &'a [u32],
}

impl<'a> Others<'a> {
    /// Returns the values of a register other than the one that is written.
    #[inline(always)]
    pub(crate) fn row(&self, register: RegisterId) -> &'a [f64] {
        let begin = self.rows[register.position()] as usize;
        let (rows, begin) = if begin < self.begin {
            (self.below, begin)
        } else {
            // If the register is the one that is written, this lies beyond the end and panics, as it should.
            (self.above, (begin - self.begin).wrapping_sub(self.lanes))
        };
        &rows[begin..][..self.lanes]
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
            Shape::near(256, 300),
            Shape {
                draws: 1,
                replications: 256
            }
        );
        assert_eq!(
            Shape::near(256, 256),
            Shape {
                draws: 1,
                replications: 256
            }
        );
    }

    #[test]
    fn names_are_exchanged_all_at_once() {
        let mut registers = Registers::new(3, 16);
        for register in 0..3 {
            registers.write(RegisterId(register)).0.fill(f64::from(register));
        }
        let pairs = [(0, 1), (1, 2), (2, 0)].map(|(to, from)| (RegisterId(to), RegisterId(from)));
        registers.rename(&pairs);
        let first = |register| registers.row(RegisterId(register))[0];
        assert_eq!([first(0), first(1), first(2)], [1.0, 2.0, 0.0]);
    }
}
