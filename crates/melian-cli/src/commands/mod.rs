//! The commands, a file each.

pub mod anchor;
mod asked;
pub mod cache;
pub mod check;
pub mod compare;
pub mod copy;
pub mod diff;
pub mod explain;
pub mod fmt;
pub mod merge;
pub mod new;
mod parts;
pub mod run;
mod trajectories;

pub use parts::clear_finished;
