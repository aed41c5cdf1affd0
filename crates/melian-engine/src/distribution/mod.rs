//! Distribution functions and quantiles, with the same bits on every machine.
//!
//! Quantiles take a probability strictly between 0 and 1 and do not decrease in it, so that one uniform per scalar couples worlds monotonely. Impossible
//! parameters give NaN, which a run reports with its equation.

pub mod beta;
pub mod binomial;
pub mod gamma;
pub mod normal;
pub mod poisson;
pub mod student_t;
mod tails;
