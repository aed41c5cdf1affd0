//! Asks questions of ensembles.
//!
//! An [`melian_engine::ensemble::Ensemble`] holds the value of every measure and question in every future. Everything here reads it as a table of draws and
//! replications ([`sample`]): what differs between draws is lack of knowledge, what differs within a draw is luck, and
//! [`variance`] tells them apart. [`estimate`] gives a mean with its three uncertainties, [`probability`] the same of a yes or no, [`effect`] the paired
//! difference between two worlds, [`pathways`] through what it came about, [`causation`] whether what differs was needed or enough for a yes, [`sweep`] how an answer moves with a quantity, and [`claim`] the verdict on a sentence of the argument, by way of its [`formula`], with the assumptions that are [`deciding`] it and the [`bar`]s that it sets. [`headline`] and
//! [`check`] give the figures of sentences and the outcome of face checks, and [`idle`] the choices that act on nothing in a world. [`explain`] says of one future what, taken
//! away, would have changed it. [`anchor`] goes the other way, from an elicited probability to the parameter that gives it.

pub mod anchor;
pub mod bar;
pub mod causation;
pub mod check;
pub mod claim;
pub mod deciding;
pub mod difference;
pub mod effect;
pub mod estimate;
pub mod explain;
pub mod formula;
pub mod headline;
pub mod idle;
pub mod pathways;
pub mod prior;
pub mod probability;
pub mod sample;
pub mod sweep;
pub mod variance;
pub mod words;
pub mod worlds;

pub use estimate::Estimate;
