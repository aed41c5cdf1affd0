//! Turns a checked model into a program and runs it.
//!
//! `expand` unrolls indices and worlds into one scalar [`graph`], `simplify` folds, shares and hoists, `allocate` assigns registers, and the machine
//! runs the [`program`] on blocks of futures. What comes back is an [`ensemble`]. Nothing here does input or output, reads a clock or
//! keeps global state: a future is a pure function of its address (seed, draw, replication) and the program.

pub mod distribution;
pub mod ensemble;
pub mod expand;
pub mod graph;
pub mod layout;
pub mod math;
pub mod noise;
pub mod operation;
pub mod program;
