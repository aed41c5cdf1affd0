//! The commands, a file each.

mod asked;
pub mod check;
pub mod compare;
pub mod copy;
pub mod fmt;
pub mod new;
pub mod run;
