//! Meets the disk: model folders, shipped models, results.
//!
//! A [`Folder`] brings the texts of a model to the language and lets nothing outside itself be read. A [`Shipped`] model does the same from
//! within the program. Results are written by [`write()`], whole or not at all, and [`cache`] keeps what runs have
//! answered, [`Parts`] what an interrupted or divided run has done. With the feature of that name
//! `trajectories` streams every future to Parquet. Nothing here knows what a model means.

pub mod cache;
mod error;
mod folder;
mod parts;
mod seal;
mod shipped;
#[cfg(feature = "trajectories")]
pub mod trajectories;
mod write;

pub use error::Error;
pub use folder::{Folder, LARGEST_FILE};
pub use parts::{Claim, Columns, Parts};
pub use shipped::{Shipped, copy, shipped};
pub use write::{write, write_folder};
