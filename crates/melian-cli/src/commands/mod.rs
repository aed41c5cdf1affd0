//! The commands, a file each.

pub mod anchor;
pub mod check;
pub mod copy;
pub mod fmt;
pub mod new;
pub mod run;
