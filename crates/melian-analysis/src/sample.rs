//! The values of one quantity in all futures, and their summary by draw.

use melian_engine::ensemble::{SCRAMBLES, Size, Values};

/// One number per future, draw by draw, replications together.
#[derive(Clone, Copy, Debug)]
pub struct Sample<'a> {
    /// `[draw * replications + replication]`; a NaN is a value that could not be computed and is left out.
    pub values: Values<'a>,
    /// Replications under each draw, at least 1.
    pub replications: usize,
}

impl<'a> Sample<'a> {
    /// Takes the values of a run of this size.
    pub fn new(values: impl Into<Values<'a>>, size: Size) -> Sample<'a> {
        Sample {
            values: values.into(),
            replications: size.replications as usize,
        }
    }

    /// Returns the number of draws.
    pub fn draws(self) -> usize {
        self.values.len() / self.replications
    }

    /// Summarises each draw over its replications, except those of a group left out.
    pub fn by_draw(self, without: Option<ReplicationGroup>) -> DrawTable {
        // Values are taken relative to one of them, so that a constant has variance exactly 0.
        let reference = self.values.iter().copied().find(|x| x.is_finite()).unwrap_or(0.0);
        let draws = self.values.chunks(self.replications).map(|draw| {
            let kept = draw
                .iter()
                .enumerate()
                .filter(|(r, x)| !x.is_nan() && without.is_none_or(|group| !group.contains(*r)));
            let (mut count, mut sum) = (0_u32, 0.0);
            for (_, x) in kept.clone() {
                count += 1;
                sum += x - reference;
            }
            let mean = sum / f64::from(count);
            let squares = kept.fold(0.0, |squares, (_, x)| {
                let deviation = (x - reference) - mean;
                squares + deviation * deviation
            });
            Draw { count, mean, squares }
        });
        DrawTable {
            reference,
            draws: draws.collect(),
        }
    }
}

/// Replications that are left out together in a jackknife: those whose number leaves this remainder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReplicationGroup {
    /// The remainder.
    pub remainder: usize,
    /// Number of groups.
    pub groups: usize,
}

impl ReplicationGroup {
    pub(crate) fn contains(self, replication: usize) -> bool {
        replication % self.groups == self.remainder
    }
}

/// Each draw over its replications.
#[derive(Clone, Debug)]
pub struct DrawTable {
    /// Added to every mean.
    pub reference: f64,
    /// In the order of draws.
    pub draws: Vec<Draw>,
}

/// One draw over its replications.
#[derive(Clone, Copy, Debug)]
pub struct Draw {
    /// Number of values.
    pub count: u32,
    /// Mean, less the table's reference; NaN if there are no values.
    pub mean: f64,
    /// Sum of squared deviations from the mean.
    pub squares: f64,
}

/// Which draws are looked at: those of some scrambles of the parameters' sequences.
///
/// Draw `d` belongs to scramble `d % SCRAMBLES`. Scrambles are independent of one another, draws of one are not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scrambles(u8);

impl Scrambles {
    /// All draws.
    pub const ALL: Scrambles = Scrambles(u8::MAX);

    /// Returns the halves of all scrambles, in a fixed order.
    pub fn halves() -> impl Iterator<Item = Scrambles> {
        (0..=u8::MAX)
            .filter(|bits| bits.count_ones() as usize == SCRAMBLES / 2)
            .map(Scrambles)
    }

    /// Returns whether a draw is looked at.
    pub fn contain(self, draw: usize) -> bool {
        self.0 >> (draw % SCRAMBLES) & 1 == 1
    }
}
