//! Whether a change was needed for what happened, and whether it was enough: probabilities of necessity and sufficiency.
//!
//! The cause is what an intervention takes away or changes: the world as the model stands has it, the intervened world does not. In
//! Pearl's letters, x is the baseline and x' the intervention, y is that the question is true. Worlds are set from outside the
//! luck, so nothing confounds them.

use melian_engine::ensemble::SCRAMBLES;

use crate::sample::Sample;
use crate::words::{at_digit, exponent, percent};

/// What a question's answers in two worlds say about cause.
///
/// # Method
/// With p = P(y under x) and q = P(y under x'), and r = P(y under x and not under x') in the same futures: necessity and sufficiency r,
/// necessity r / p, sufficiency r / (1 - q). r rests on which luck the worlds share, which no observation can show. Whatever they share,
/// max(0, p - q) <= r <= min(p, 1 - q).
///
/// # Source
/// Pearl, J. (1999), "Probabilities of causation: three counterfactual interpretations and their identification", *Synthese* 121, 93-149;
/// bounds: Tian, J. and Pearl, J. (2000), "Probabilities of causation: bounds and identification", *Annals of Mathematics and Artificial
/// Intelligence* 28, 287-313, under exogeneity.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Causation {
    /// Shares of futures in which the question is true in both worlds, in the baseline only, under the intervention only, in neither.
    pub shares: [f64; 4],
    /// Among futures in which it is true in the baseline: it is not under the intervention.
    pub necessity: Bounded,
    /// Among futures in which it is not true under the intervention: it is in the baseline.
    pub sufficiency: Bounded,
    /// Among all futures: it is true in the baseline and not under the intervention.
    pub both: Bounded,
}

/// A probability under the model's coupling of luck, between the bounds that hold under any. NaN where there is no future to count.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounded {
    /// The probability.
    pub value: f64,
    /// Its Monte Carlo standard error.
    pub mc_error: f64,
    /// The least that any coupling allows, and its Monte Carlo standard error.
    pub low: (f64, f64),
    /// The most, likewise.
    pub high: (f64, f64),
    /// Number of futures that it is a share of.
    pub futures: u64,
}

/// Futures by answer in the two worlds: both, baseline only, intervention only, neither.
type Cells = [f64; 4];

/// Returns what the answers to a question say, given those with and without the intervention in the same futures. Futures in which
/// either could not be computed are left out.
pub fn causation(with: Sample, without: Sample) -> Causation {
    let mut scrambles = [[0.0; 4]; SCRAMBLES];
    let draws = with.values.chunks(with.replications);
    for (draw, (with, without)) in draws.zip(without.values.chunks(without.replications)).enumerate() {
        for (with, without) in with.iter().zip(without) {
            let cell = match (*without != 0.0, *with != 0.0) {
                _ if with.is_nan() || without.is_nan() => continue,
                (true, true) => 0,
                (true, false) => 1,
                (false, true) => 2,
                (false, false) => 3,
            };
            scrambles[draw % SCRAMBLES][cell] += 1.0;
        }
    }
    let all = sum_of(scrambles.iter());
    let futures: f64 = all.iter().sum();
    let bounded = |among: fn(&Cells) -> f64| {
        let of = |part: fn(&Cells) -> f64| jackknife(&scrambles, |cells| part(cells) / among(cells));
        let (value, mc_error) = of(|cells| cells[1]);
        Bounded {
            value,
            mc_error,
            // p - q, in futures.
            low: of(|cells| (cells[1] - cells[2]).max(0.0)),
            high: of(|cells| (cells[0] + cells[1]).min(cells[1] + cells[3])),
            futures: among(&all) as u64,
        }
    };
    Causation {
        shares: all.map(|count| count / futures),
        necessity: bounded(|cells| cells[0] + cells[1]),
        sufficiency: bounded(|cells| cells[1] + cells[3]),
        both: bounded(|cells| cells.iter().sum()),
    }
}

fn sum_of<'a>(cells: impl Iterator<Item = &'a Cells>) -> Cells {
    cells.fold([0.0; 4], |sum, cells| std::array::from_fn(|i| sum[i] + cells[i]))
}

/// Returns a function of all futures, and its standard error from leaving out each scramble in turn.
///
/// # Source
/// Efron, B. (1982), *The Jackknife, the Bootstrap and Other Resampling Plans*, SIAM, chapter 3.
fn jackknife(scrambles: &[Cells; SCRAMBLES], function: impl Fn(&Cells) -> f64) -> (f64, f64) {
    let filled: Vec<&Cells> = scrambles
        .iter()
        .filter(|cells| cells.iter().any(|&count| count > 0.0))
        .collect();
    let value = function(&sum_of(filled.iter().copied()));
    let without = |left_out: usize| {
        let kept = filled.iter().enumerate().filter(|(i, _)| *i != left_out);
        function(&sum_of(kept.map(|(_, cells)| *cells)))
    };
    let values: Vec<f64> = (0..filled.len()).map(without).collect();
    let groups = values.len() as f64;
    let mean = values.iter().sum::<f64>() / groups;
    let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
    if filled.len() < 2 {
        return (value, f64::NAN);
    }
    (value, (squares * (groups - 1.0) / groups).sqrt())
}

/// A Monte Carlo error of a probability that is small enough to quote it: a choice by judgement.
const WANTED_ERROR: f64 = 0.02;

/// With a larger Monte Carlo error a probability is not quoted.
const LARGEST_ERROR: f64 = 0.05;

impl Causation {
    /// Says it in sentences about a question, by its title, and an intervention, by its name. Bounds are those of any coupling of luck.
    pub fn words(&self, question: &str, intervention: &str) -> Vec<String> {
        let all = self.both.futures;
        let [both, without, with, neither] = self.shares;
        let necessity = if both + without == 0.0 {
            format!(
                "\u{201c}{question}\u{201d} is true in no future as the model stands, so nothing was needed for it."
            )
        } else {
            format!(
                "Where \u{201c}{question}\u{201d} is true, it would not be under {intervention} {}.",
                self.necessity.words("futures", all)
            )
        };
        let sufficiency = if without + neither == 0.0 {
            format!("Under {intervention} it is true in every future, so nothing could be enough for it.")
        } else {
            format!(
                "Where it is not true under {intervention}, it would be as the model stands {}.",
                self.sufficiency.words("futures", all)
            )
        };
        let mut said = vec![necessity, sufficiency];
        if both + without > 0.0 {
            said.push(format!(
                "It is true as the model stands and not under {intervention} {}.",
                self.both.words("all futures", all)
            ));
        }
        if with > 0.0 {
            said.push(format!(
                "The other way round, it is true only under {intervention} in {} of all futures.",
                percent(with)
            ));
        }
        said
    }
}

impl Bounded {
    fn words(&self, of: &str, all: u64) -> String {
        let share = percent(self.value);
        if !self.mc_error.is_finite() {
            return format!(
                "in {share} of {of}, but {} are too few to say how exactly",
                self.futures
            );
        }
        if self.mc_error > LARGEST_ERROR {
            return format!(
                "in {share} of {of}, but {} are too few: that is \u{b1}{}; about {} in all would give \u{b1}{}",
                self.futures,
                points(self.mc_error),
                needed(all, self.mc_error),
                points(WANTED_ERROR)
            );
        }
        let (low, high) = (percent(self.low.0), percent(self.high.0));
        let bounds = if low == high {
            "whatever the coupling of luck".to_owned()
        } else {
            format!("between {low} and {high} whatever the coupling of luck")
        };
        let error = if self.mc_error > 0.0 {
            format!("\u{b1}{}; ", points(self.mc_error))
        } else {
            String::new()
        };
        format!("in {share} of {of} ({error}{bounds})")
    }
}

fn points(error: f64) -> String {
    let points = error * 100.0;
    if points < 0.1 {
        "less than 0.1 points".into()
    } else {
        format!("{} points", at_digit(points, exponent(points)))
    }
}

/// Returns how many futures give the wanted error, in two digits, upwards.
fn needed(futures: u64, error: f64) -> String {
    let needed = futures as f64 * (error / WANTED_ERROR) * (error / WANTED_ERROR);
    let last = (exponent(needed) - 1).max(0);
    let unit = (0..last).fold(1.0, |unit, _| unit * 10.0);
    at_digit((needed / unit).ceil() * unit, last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use melian_engine::ensemble::Values;

    fn found(with: &[f64], without: &[f64]) -> Causation {
        let sample = |values| Sample {
            values: Values::Numbers(values),
            replications: 4,
        };
        causation(sample(with), sample(without))
    }

    /// Futures of each kind, in every draw alike: both, baseline only, intervention only, neither.
    fn futures(kinds: [usize; 4]) -> (Vec<f64>, Vec<f64>) {
        let answers = [(1.0, 1.0), (0.0, 1.0), (1.0, 0.0), (0.0, 0.0)];
        let of_draw = || (0..4).flat_map(move |kind| std::iter::repeat_n(answers[kind], kinds[kind]));
        assert_eq!(of_draw().count(), 4);
        (0..64).flat_map(|_| of_draw()).unzip()
    }

    #[test]
    fn probabilities_and_bounds_are_those_of_the_table() {
        let (with, without) = futures([1, 1, 1, 1]);
        let found = found(&with, &without);
        assert_eq!(found.shares, [0.25; 4]);
        // p = q = 1/2: nothing is known of the coupling.
        for bounded in [found.necessity, found.sufficiency] {
            assert_eq!((bounded.value, bounded.low.0, bounded.high.0), (0.5, 0.0, 1.0));
            assert_eq!(bounded.futures, 128);
        }
        assert_eq!(
            (found.both.value, found.both.low.0, found.both.high.0),
            (0.25, 0.0, 0.5)
        );
        assert_eq!(found.both.mc_error, 0.0);
    }

    #[test]
    fn bounds_close_where_the_outcome_needs_the_cause() {
        // q = 0: it never happens under the intervention.
        let (with, without) = futures([0, 3, 0, 1]);
        let found = found(&with, &without);
        assert_eq!(
            (
                found.necessity.value,
                found.necessity.low.0,
                found.necessity.high.0
            ),
            (1.0, 1.0, 1.0)
        );
        assert_eq!(
            (
                found.sufficiency.value,
                found.sufficiency.low.0,
                found.sufficiency.high.0
            ),
            (0.75, 0.75, 0.75)
        );
    }

    #[test]
    fn what_never_happens_needs_nothing() {
        let (with, without) = futures([0, 0, 0, 4]);
        let found = found(&with, &without);
        assert!(found.necessity.value.is_nan());
        assert!(found.words("Rain", "dry")[0].contains("nothing was needed"));
    }

    #[test]
    fn too_few_futures_say_how_many_are_needed() {
        let mut with = vec![1.0; 64];
        let without: Vec<f64> = (0..64)
            .map(|future| f64::from(u8::from(future % 16 == 0)))
            .collect();
        with[0] = 0.0;
        let found = found(&with, &without);
        let words = &found.words("Rain", "dry")[0];
        // A quarter of four futures, in two of eight scrambles.
        assert!(words.contains("in 25% of futures, but 4 are too few"), "{words}");
        assert!(words.contains("in all would give \u{b1}2 points"), "{words}");
    }
}
