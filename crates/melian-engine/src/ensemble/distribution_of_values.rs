//! Quantiles from integer counts in buckets, so that no order of adding matters.

/// Counts of values in buckets of the distance from a reference value.
///
/// # Method
/// The distance `x - reference` falls into a bucket by its sign, exponent and leading [`MANTISSA_BITS`] bits; windows of
/// buckets grow on demand. Merging adds integers, so any grouping gives the same counts. A quantile is interpolated within
/// its bucket: relative to the distance from the reference it is exact to 2^-MANTISSA_BITS.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Histogram {
    /// The reference; all merged histograms share it.
    pub reference: f64,
    /// Values equal to the reference (or nearer than the least bucket).
    pub zeros: u64,
    /// Values below it.
    pub below: Window,
    /// Values above it.
    pub above: Window,
    /// Values that were not finite.
    pub not_finite: u64,
}

/// Leading bits of the mantissa that a bucket keeps: 64 buckets per doubling, 1.6% of the distance wide.
pub const MANTISSA_BITS: u32 = 6;

/// A window of counted buckets.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Window {
    /// Bucket of the first count.
    pub first: u32,
    /// Counts.
    pub counts: Vec<u32>,
}
