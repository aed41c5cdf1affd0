//! Quantiles from integer counts in buckets, so that no order of adding matters.

use crate::vm::{Features, Work};

/// Counts of values in buckets of the distance from a reference value.
///
/// # Method
/// The distance `x - reference` falls into a bucket by its sign, exponent and leading [`MANTISSA_BITS`] bits; windows of
/// buckets grow on demand. Merging adds integers, so any grouping gives the same counts. A quantile is interpolated within
/// its bucket: relative to the distance from the reference it is exact to 2^-MANTISSA_BITS.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Histogram {
    /// The reference; all merged histograms share it.
    pub reference: f64,
    /// Values equal to the reference.
    pub zeros: u64,
    /// Values below it.
    pub below: Window,
    /// Values above it.
    pub above: Window,
    /// Values that were not finite.
    pub not_finite: u64,
    /// The least finite value, or infinity: no quantile lies below.
    pub least: f64,
    /// The greatest finite value, or minus infinity: no quantile lies above.
    pub greatest: f64,
}

/// Leading bits of the mantissa that a bucket keeps: 64 buckets per doubling, 1.6% of the distance wide.
pub const MANTISSA_BITS: u32 = 6;

/// A window of counted buckets. The last is not empty, nor is the first.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Window {
    /// Bucket of the first count.
    pub first: u32,
    /// Counts.
    pub counts: Vec<u32>,
}

/// Buckets for which a window makes room at once.
const ROOM: usize = 32;

/// Bits of a double below those that name its bucket.
const DROPPED_BITS: u32 = 52 - MANTISSA_BITS;

/// The buckets at and above this one hold what is not finite.
const NOT_FINITE: u32 = 0x7ff << MANTISSA_BITS;

/// The bit of a [`bucket`] that says that the value lies below the reference.
const BELOW: u32 = 1 << (11 + MANTISSA_BITS);

/// Returns the bucket of a value, and [`BELOW`] with it if it lies below the reference.
///
/// Bucket 0 is not only the reference: distances below 2^-1028 are there too.
#[inline(always)]
pub(crate) fn bucket(reference: f64, value: f64) -> u32 {
    ((value - reference).to_bits() >> DROPPED_BITS) as u32
}

impl Default for Histogram {
    fn default() -> Histogram {
        Histogram::new(0.0)
    }
}

impl Histogram {
    /// Returns a histogram without values.
    pub fn new(reference: f64) -> Histogram {
        Histogram {
            reference,
            zeros: 0,
            below: Window::default(),
            above: Window::default(),
            not_finite: 0,
            least: f64::INFINITY,
            greatest: f64::NEG_INFINITY,
        }
    }

    /// Counts values.
    pub fn add(&mut self, values: &[f64]) {
        let buckets: Vec<u32> = values
            .iter()
            .map(|&value| bucket(self.reference, value))
            .collect();
        self.add_buckets(Features::detect(), &buckets);
        for &value in values.iter().filter(|value| value.is_finite()) {
            self.reach(value, value);
        }
    }

    /// Notes the extremes of values that are counted. Zero has no sign here, so that no order of noting matters.
    pub(crate) fn reach(&mut self, least: f64, greatest: f64) {
        self.least = self.least.min(least) + 0.0;
        self.greatest = self.greatest.max(greatest) + 0.0;
    }

    /// Counts values by their [`bucket`]s.
    pub(crate) fn add_buckets(&mut self, features: Features, buckets: &[u32]) {
        let range = features.run(FindRange(buckets));
        self.zeros += range.zeros;
        self.not_finite += range.not_finite;
        for (window, (least, greatest)) in [&mut self.above, &mut self.below].into_iter().zip(range.sides) {
            if least <= greatest {
                window.cover((least, greatest));
            }
        }
        features.run(Count {
            buckets,
            sides: range.sides,
            windows: [&mut self.above, &mut self.below],
        });
    }

    /// Adds the counts of another histogram with the same reference.
    pub fn merge(&mut self, other: &Histogram) {
        assert!(
            self.reference.to_bits() == other.reference.to_bits(),
            "merged histograms share their reference"
        );
        self.zeros += other.zeros;
        self.not_finite += other.not_finite;
        self.reach(other.least, other.greatest);
        self.below.merge(&other.below);
        self.above.merge(&other.above);
    }

    /// Returns the number of finite values.
    pub fn count(&self) -> u64 {
        self.zeros + self.below.count() + self.above.count()
    }

    /// Returns the quantiles of probabilities from 0 to 1, NaN if there is no finite value.
    ///
    /// The order statistic at `probability * (count - 1)` is found in its bucket, between neighbours by interpolation; the values in a
    /// bucket are taken to be spread evenly, between the least and the greatest of all. The error is at most a bucket's width:
    /// 2^-[`MANTISSA_BITS`] of the distance from the reference.
    pub fn quantiles<const N: usize>(&self, probabilities: [f64; N]) -> [f64; N] {
        let below = self.below.count();
        let count = below + self.zeros + self.above.count();
        let order_statistic = |rank| self.order_statistic(rank, below, count);
        probabilities.map(|probability| {
            if count == 0 {
                return f64::NAN;
            }
            let rank = probability.clamp(0.0, 1.0) * (count - 1) as f64;
            let (whole, share) = (rank as u64, rank % 1.0);
            let lower = order_statistic(whole);
            let value = if share == 0.0 {
                lower
            } else {
                lower + (order_statistic(whole + 1) - lower) * share
            };
            value.max(self.least).min(self.greatest)
        })
    }

    /// Returns the value with this many values before it, of a number of values, so many of them below the reference.
    fn order_statistic(&self, rank: u64, below: u64, count: u64) -> f64 {
        if rank == 0 {
            return self.least;
        }
        if rank + 1 == count {
            return self.greatest;
        }
        if rank < below {
            return self.reference - self.below.distance(below - 1 - rank);
        }
        if rank < below + self.zeros {
            return self.reference;
        }
        self.reference + self.above.distance(rank - below - self.zeros)
    }
}

impl Window {
    fn count(&self) -> u64 {
        self.counts.iter().map(|&count| u64::from(count)).sum()
    }

    /// Extends the window to a range of buckets, both ends included.
    fn cover(&mut self, (least, greatest): (u32, u32)) {
        if self.counts.is_empty() {
            self.first = least;
        }
        if least < self.first {
            let more = (self.first - least) as usize;
            self.counts.splice(0..0, std::iter::repeat_n(0, more));
            self.first = least;
        }
        let length = (greatest - self.first) as usize + 1;
        if length > self.counts.len() {
            // Little more than is needed: there are thousands of histograms, and they rarely grow.
            let room = length.next_multiple_of(ROOM) - self.counts.len();
            self.counts.reserve_exact(room);
            self.counts.resize(length, 0);
        }
    }

    fn merge(&mut self, other: &Window) {
        if other.counts.is_empty() {
            return;
        }
        self.cover((other.first, other.first + other.counts.len() as u32 - 1));
        let known = &mut self.counts[(other.first - self.first) as usize..];
        for (count, more) in known.iter_mut().zip(&other.counts) {
            *count += more;
        }
    }

    /// Returns the distance from the reference that has this many counts nearer to it.
    fn distance(&self, rank: u64) -> f64 {
        /// Buckets that are passed over at once.
        const STRIDE: usize = 16;
        let mut nearer = 0;
        for (counts, first) in self.counts.chunks(STRIDE).zip((self.first..).step_by(STRIDE)) {
            let of_stride: u64 = counts.iter().map(|&count| u64::from(count)).sum();
            if rank >= nearer + of_stride {
                nearer += of_stride;
                continue;
            }
            for (&count, bucket) in counts.iter().zip(first..) {
                let count = u64::from(count);
                if rank < nearer + count {
                    let least = f64::from_bits(u64::from(bucket) << DROPPED_BITS);
                    let most = f64::from_bits((u64::from(bucket + 1) << DROPPED_BITS) - 1);
                    return least + (most - least) * (((rank - nearer) as f64 + 0.5) / count as f64);
                }
                nearer += count;
            }
        }
        unreachable!("a rank is below the number of counts")
    }
}

/// What there is among buckets, in order that they can be counted without asking.
struct Range {
    zeros: u64,
    not_finite: u64,
    /// The least and the greatest of other distances, above and below the reference; the least exceeds the greatest where there is none.
    sides: [(u32, u32); 2],
}

struct FindRange<'a>(&'a [u32]);

impl Work for FindRange<'_> {
    type Result = Range;
    #[inline(always)]
    fn run(self) -> Range {
        let (mut zeros, mut not_finite) = (0_u32, 0_u32);
        let mut sides = [(u32::MAX, 0), (u32::MAX, 0)];
        for &bucket in self.0 {
            let distance = bucket & (BELOW - 1);
            let (is_zero, is_not_finite) = (distance == 0, distance >= NOT_FINITE);
            zeros += u32::from(is_zero);
            not_finite += u32::from(is_not_finite);
            for (side, (least, greatest)) in sides.iter_mut().enumerate() {
                let counts = !is_zero & !is_not_finite & ((bucket & BELOW != 0) == (side == 1));
                *least = (*least).min(if counts { distance } else { u32::MAX });
                *greatest = (*greatest).max(if counts { distance } else { 0 });
            }
        }
        Range {
            zeros: zeros.into(),
            not_finite: not_finite.into(),
            sides,
        }
    }
}

/// Counts buckets in the windows above and below the reference, which cover the sides' least and greatest.
struct Count<'a> {
    buckets: &'a [u32],
    sides: [(u32, u32); 2],
    windows: [&'a mut Window; 2],
}

impl Work for Count<'_> {
    type Result = ();
    /// # Method
    /// Neighbouring values often share a bucket, and a count that was just written is slow to read again: up to four
    /// tables take turns, in a quarter of a first-level cache together. Their places are those above the reference, those below, and one for what is in neither
    /// window.
    #[inline(always)]
    fn run(mut self) {
        let spans = self
            .sides
            .map(|(least, greatest)| (greatest + 1).saturating_sub(least) as usize);
        let places = spans[0] + spans[1] + 1;
        // A count of 16 bits is not to overflow.
        for buckets in std::mem::take(&mut self.buckets).chunks(usize::from(u16::MAX)) {
            self.buckets = buckets;
            match places {
                0..=0x400 => self.collect::<4, 0x400, { 0x400 + APART }>(spans),
                0x401..=0x800 => self.collect::<2, 0x800, { 0x800 + APART }>(spans),
                0x801..=0x1000 => self.collect::<1, 0x1000, 0x1000>(spans),
                _ => self.count_one_by_one(),
            }
        }
    }
}

/// Places between tables: what is 4,096 bytes apart looks alike to a processor, and would wait.
const APART: usize = 64;

impl Count<'_> {
    /// Counts in so many tables of so many places, a power of two, each in a row of a length.
    #[inline(always)]
    fn collect<const TABLES: usize, const PLACES: usize, const LENGTH: usize>(&mut self, spans: [usize; 2]) {
        /// Places found at once, without a condition for each.
        const AT_ONCE: usize = 64;
        let mut tables = [[0_u16; LENGTH]; TABLES];
        let mut places = [0_u32; AT_ONCE];
        let [(first_above, _), (first_below, _)] = self.sides;
        let (base_above, base_below) = (first_above, first_below.wrapping_sub(spans[0] as u32));
        let outside = (spans[0] + spans[1]) as u32;
        // All places lie in the tables; told so, the compiler drops the question.
        let place_in = |place: u32| place as usize & (PLACES - 1);
        for buckets in self.buckets.chunks(AT_ONCE) {
            for (place, &bucket) in places.iter_mut().zip(buckets) {
                let distance = bucket & (BELOW - 1);
                let base = if bucket & BELOW != 0 {
                    base_below
                } else {
                    base_above
                };
                let is_outside = (distance == 0) | (distance >= NOT_FINITE);
                *place = if is_outside {
                    outside
                } else {
                    distance.wrapping_sub(base)
                };
            }
            let (turns, rest) = places[..buckets.len()].as_chunks::<TABLES>();
            for turn in turns {
                for (table, &place) in tables.iter_mut().zip(turn) {
                    table[place_in(place)] += 1;
                }
            }
            for &place in rest {
                tables[0][place_in(place)] += 1;
            }
        }
        for (side, first) in [0, spans[0]].into_iter().enumerate() {
            let span = spans[side];
            if span > 0 {
                let window = &mut self.windows[side];
                let begin = (self.sides[side].0 - window.first) as usize;
                let collected: [&[u16]; TABLES] =
                    std::array::from_fn(|table| &tables[table][first..][..span]);
                add_up(&mut window.counts[begin..][..span], collected);
            }
        }
    }

    fn count_one_by_one(&mut self) {
        for &bucket in self.buckets {
            let distance = bucket & (BELOW - 1);
            if distance != 0 && distance < NOT_FINITE {
                let window = &mut self.windows[usize::from(bucket & BELOW != 0)];
                window.counts[(distance - window.first) as usize] += 1;
            }
        }
    }
}

/// Adds the counts of tables as long as they are to counts. All that was counted fits into 16 bits.
#[inline(always)]
fn add_up<const TABLES: usize>(counts: &mut [u32], tables: [&[u16]; TABLES]) {
    /// Counts of a cache line. Most lines far from the reference or near to it have nothing new, and need not be fetched.
    const OF_LINE: usize = 16;
    let (lines, rest) = counts.as_chunks_mut::<OF_LINE>();
    let begin = lines.len() * OF_LINE;
    for (line, counts) in lines.iter_mut().enumerate() {
        let mut sums = [0_u16; OF_LINE];
        for table in tables {
            for (sum, more) in sums.iter_mut().zip(&table[line * OF_LINE..][..OF_LINE]) {
                *sum += more;
            }
        }
        if sums != [0; OF_LINE] {
            for (count, sum) in counts.iter_mut().zip(sums) {
                *count += u32::from(sum);
            }
        }
    }
    for (place, count) in rest.iter_mut().enumerate() {
        *count += tables
            .iter()
            .map(|table| u32::from(table[begin + place]))
            .sum::<u32>();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers that look random: multiples of the golden ratio, in a shape with two tails.
    fn values(count: u32, reference: f64) -> Vec<f64> {
        (1..=count)
            .map(|i| {
                let share = f64::from(i) * 0.618_033_988_749_894_9 % 1.0;
                reference + (share - 0.4) * 10.0 / (1.01 - share)
            })
            .collect()
    }

    fn exact(sorted: &[f64], probability: f64) -> f64 {
        let rank = probability * (sorted.len() - 1) as f64;
        let (below, share) = (rank as usize, rank % 1.0);
        sorted[below] + (sorted[(below + 1).min(sorted.len() - 1)] - sorted[below]) * share
    }

    #[test]
    fn quantiles_are_exact_to_the_width_of_a_bucket() {
        for reference in [0.0, 100.0, -3.5e6] {
            let mut sorted = values(10_007, reference);
            let mut histogram = Histogram::new(reference);
            histogram.add(&sorted);
            sorted.sort_by(f64::total_cmp);
            for step in 0..=100 {
                let probability = f64::from(step) / 100.0;
                let (expect, found) = (exact(&sorted, probability), histogram.quantiles([probability])[0]);
                let bound = (expect - reference).abs() / f64::from(1 << MANTISSA_BITS) + 1e-3;
                assert!(
                    (found - expect).abs() <= bound,
                    "{reference} {probability}: {found} for {expect}"
                );
            }
        }
    }

    #[test]
    fn any_grouping_gives_the_same_counts() {
        let values = values(1_000, 5.0);
        let mut together = Histogram::new(5.0);
        together.add(&values);
        let mut merged = Histogram::new(5.0);
        for part in values.rchunks(77) {
            let mut one = Histogram::new(5.0);
            one.add(part);
            merged.merge(&one);
        }
        assert_eq!(together, merged);
    }

    #[test]
    fn counts_are_the_same_however_far_values_spread() {
        for doublings in [2, 10, 40, 900] {
            let spread: Vec<f64> = (values(70_001, 0.5).iter().enumerate())
                .map(|(i, value)| value * 2.0_f64.powi(i as i32 % doublings - doublings / 2))
                .collect();
            let mut together = Histogram::new(0.25);
            together.add(&spread);
            let mut one_by_one = Histogram::new(0.25);
            for value in &spread {
                one_by_one.add(&[*value]);
            }
            assert_eq!(together, one_by_one, "{doublings}");
            assert_eq!(together.count(), 70_001);
        }
    }

    #[test]
    fn the_reference_and_what_is_not_finite_are_counted_apart() {
        let mut histogram = Histogram::new(2.0);
        histogram.add(&[
            2.0,
            2.0,
            f64::NAN,
            f64::INFINITY,
            f64::NEG_INFINITY,
            3.0,
            -1e308,
            1e-320 + 2.0,
        ]);
        assert_eq!(
            (histogram.zeros, histogram.not_finite, histogram.count()),
            (3, 3, 5)
        );
        assert_eq!(histogram.quantiles([0.5])[0], 2.0);
    }

    #[test]
    fn no_quantile_lies_beyond_the_values() {
        let mut histogram = Histogram::new(500.0);
        histogram.add(&[0.0, -0.0, 0.0, 400.0, 0.0, 1_000.0]);
        for step in 0..=20 {
            let quantile = histogram.quantiles([f64::from(step) / 20.0])[0];
            assert!((0.0..=1_000.0).contains(&quantile), "{quantile}");
        }
        assert_eq!(histogram.quantiles([0.0])[0], 0.0);
        assert_eq!(histogram.quantiles([1.0])[0], 1_000.0);
    }

    #[test]
    fn no_values_have_no_quantile() {
        assert!(Histogram::new(0.0).quantiles([0.5])[0].is_nan());
    }
}
