//! The machine: runs a program on a block of futures, all lanes together.
//!
//! [`block`] says which futures the lanes are and holds their registers, [`step`] takes them through time, [`kernels`] are the loops over lanes,
//! compiled for several processors ([`features`]).

pub(crate) mod block;
pub(crate) mod features;
pub(crate) mod kernels;
pub(crate) mod step;

pub(crate) use block::{Block, Shape};
pub use features::Features;
pub(crate) use features::Work;
pub(crate) use kernels::{amiss, count_between, lag_steps, least_passed_over, tally};
pub(crate) use step::{Machine, Recorder};
