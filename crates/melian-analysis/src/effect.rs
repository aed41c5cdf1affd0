//! Intervened minus baseline, future by future.

use crate::estimate::Estimate;
use crate::sample::Sample;

/// The effect of an intervention on a measure or question.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Effect {
    /// The difference, over futures paired by draw and noise.
    pub estimate: Estimate,
    /// Share of futures in which anything differs.
    pub changed: f64,
}

/// Returns the effect, given the values with and without the intervention in the same futures.
pub fn effect(with: Sample, without: Sample) -> Effect {
    let pairs = || with.values.iter().zip(without.values);
    let changed = pairs()
        .filter(|(with, without)| differ(**with, **without))
        .count();
    if changed == 0 {
        return Effect {
            estimate: Estimate::constant(0.0),
            changed: 0.0,
        };
    }
    // Two infinities that agree, such as times to what never happens, do not differ.
    let difference = |(with, without): (&f64, &f64)| {
        if differ(*with, *without) {
            with - without
        } else {
            0.0
        }
    };
    let differences: Vec<f64> = pairs().map(difference).collect();
    Effect {
        estimate: Estimate::of(Sample {
            values: &differences,
            replications: with.replications,
        }),
        changed: changed as f64 / with.values.len() as f64,
    }
}

fn differ(a: f64, b: f64) -> bool {
    a != b && !(a.is_nan() && b.is_nan())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(values: &[f64]) -> Sample<'_> {
        Sample {
            values,
            replications: 4,
        }
    }

    #[test]
    fn an_intervention_that_changes_nothing_has_effect_exactly_zero() {
        let values: Vec<f64> = (0..64).map(|i| 0.1 + f64::from(i).sqrt()).collect();
        let effect = effect(sample(&values), sample(&values));
        assert_eq!(effect.estimate, Estimate::constant(0.0));
        assert_eq!(effect.changed, 0.0);
    }

    #[test]
    fn a_difference_that_is_the_same_everywhere_has_no_spread() {
        let without: Vec<f64> = (0..64).map(f64::from).collect();
        let with: Vec<f64> = without.iter().map(|x| x + 2.0).collect();
        let effect = effect(sample(&with), sample(&without));
        assert_eq!(effect.estimate, Estimate::constant(2.0));
        assert_eq!(effect.changed, 1.0);
    }

    #[test]
    fn what_never_happens_in_either_world_does_not_differ() {
        let effect = effect(sample(&[f64::INFINITY; 64]), sample(&[f64::INFINITY; 64]));
        assert_eq!(effect.changed, 0.0);
        assert_eq!(effect.estimate.mean, 0.0);
    }
}
