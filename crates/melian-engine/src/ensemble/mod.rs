//! All futures of a run, summarised as they are made.

use crate::graph::WatchKind;
use crate::layout::Layout;

pub mod column;
pub mod histogram;
pub mod identity;
pub mod part;
pub mod replay;
pub mod run;
pub mod sink;
mod summary;
#[cfg(test)]
mod tests;

pub use column::{Column, Values};
pub use histogram::Histogram;
pub use identity::{Identity, identity, meaning};
pub use part::{Part, PartError};
pub use replay::{Trajectory, replay};
pub use run::{MEMORY, RunError, check, largest, memory_estimate, run, run_into, run_part};
pub use sink::{Futures, Sink};

/// Number of independent scrambles of the parameters' sequences: draw `d` belongs to scramble `d % SCRAMBLES`. Eight give a
/// standard error with seven degrees of freedom and leave 128 draws each at the default size.
pub const SCRAMBLES: usize = 8;

/// How many futures, and which luck.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Size {
    /// Samples of all parameters.
    pub draws: u32,
    /// Samples of all noise under each draw.
    pub replications: u32,
    /// Seed, below 2^56.
    pub seed: u64,
}

impl Size {
    /// The most draws: the address of a future has 16 bits for them.
    pub const MOST_DRAWS: u32 = u16::MAX as u32;
    /// The most replications.
    pub const MOST_REPLICATIONS: u32 = u16::MAX as u32;
    /// The most steps: one more stands for what is drawn once.
    pub const MOST_STEPS: u32 = u16::MAX as u32 - 1;
    /// The greatest seed: a byte beside it holds the version of the address.
    pub const MOST_SEED: u64 = (1 << 56) - 1;

    /// Returns the number of futures.
    pub fn futures(&self) -> usize {
        self.draws as usize * self.replications as usize
    }
}

/// What a run gives back.
#[derive(Clone, Debug)]
pub struct Ensemble {
    /// How many futures, and which luck.
    pub size: Size,
    /// Names and order of everything below.
    pub layout: Layout,
    /// `[world][measure]`: the value in every future, draw by draw, replications together (`draw * replications + replication`).
    pub measures: Vec<Vec<Column>>,
    /// `[world][series][step]`.
    pub series: Vec<Vec<Vec<StepSummary>>>,
    /// `[world - 1][series][step]`: intervened minus baseline, future by future, if the program is paired; else empty.
    pub differences: Vec<Vec<Vec<StepSummary>>>,
    /// `[world][choice][step][option]`: futures in which the option stands.
    pub choices: Vec<Vec<Vec<Vec<u64>>>>,
    /// `[world][event][step]`: futures in which it has happened by the end of the step.
    pub events: Vec<Vec<Vec<u64>>>,
    /// What went wrong inside futures.
    pub problems: Vec<Problem>,
}

/// A series at the end of a step, over all futures of a world.
#[derive(Clone, Debug, Default)]
pub struct StepSummary {
    /// Sums of finite values by scramble (for means and their Monte Carlo error).
    pub sums: [f64; SCRAMBLES],
    /// Sums by scramble of squares of the sums of each draw, if the program is paired (for what pairing saves); else zeros.
    pub squares: [f64; SCRAMBLES],
    /// Numbers of finite values by scramble.
    pub counts: [u64; SCRAMBLES],
    /// Counts in buckets (for quantiles).
    pub histogram: Histogram,
}

/// Something that went wrong inside futures; the run went on.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Problem {
    /// What.
    pub kind: WatchKind,
    /// The declaration's qualified name.
    pub equation: String,
    /// The world.
    pub world: String,
    /// In how many steps of futures.
    pub count: u64,
    /// The first future (draw, replication), in the order of draws.
    pub first_future: (u32, u32),
    /// The first step in that future, from 0.
    pub first_step: u32,
}
