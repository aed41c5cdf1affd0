//! Intervened minus baseline, future by future.

use melian_engine::ensemble::StepSummary;

use crate::estimate::Estimate;
use crate::sample::{Sample, Scrambles};
use crate::variance::Variance;

/// The effect of an intervention on a measure or question.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Effect {
    /// The difference, over futures paired by draw and noise.
    pub estimate: Estimate,
    /// Share of futures in which anything differs.
    pub changed: f64,
    /// With how many times as many futures runs of their own, with luck of their own, would be as exact. Infinite if the difference is the
    /// same in every draw, so that it has no error; NaN if it cannot be told.
    pub pairing: f64,
}

impl Effect {
    /// The effect of what reaches nothing that is measured.
    const NONE: Effect = Effect {
        estimate: Estimate::constant(0.0),
        changed: 0.0,
        pairing: f64::INFINITY,
    };

    /// Estimates a difference, given its value in every future and what it is made of: how often each enters, and its values.
    fn of(differences: Sample, made_of: &[(f64, Sample)]) -> Effect {
        let changed = differences.values.iter().filter(|x| **x != 0.0).count();
        if changed == 0 {
            return Effect::NONE;
        }
        let apart = made_of
            .iter()
            .map(|(times, sample)| times * times * between_draws(*sample))
            .sum();
        Effect {
            estimate: Estimate::of(differences),
            changed: changed as f64 / differences.values.len() as f64,
            pairing: pairing(apart, between_draws(differences)),
        }
    }
}

/// Returns the effect, given the values with and without the intervention in the same futures.
pub fn effect(with: Sample, without: Sample) -> Effect {
    let pairs = with.values.iter().zip(without.values);
    let differences: Vec<f64> = pairs.map(|(with, without)| difference(*with, *without)).collect();
    Effect::of(
        Sample {
            values: (&differences).into(),
            ..with
        },
        &[(1.0, with), (1.0, without)],
    )
}

/// Returns what several interventions at once do beyond the sum of what each does alone, given the values under all of them, under each,
/// and under none. Of two this is their interaction.
///
/// What rounding alone may leave counts as nothing.
pub fn interaction(joint: Sample, parts: &[Sample], without: Sample) -> Effect {
    /// Four roundings of the largest of a few terms, with room: a choice by judgement.
    const ROUNDING: f64 = 16.0 * f64::EPSILON;
    let beyond = |future: usize| {
        let base = without.values[future];
        let mut beyond = difference(joint.values[future], base);
        let mut size = joint.values[future].abs() + base.abs();
        for part in parts {
            beyond -= difference(part.values[future], base);
            size += part.values[future].abs() + base.abs();
        }
        if beyond.abs() <= ROUNDING * size && size.is_finite() {
            0.0
        } else {
            beyond
        }
    };
    let differences: Vec<f64> = (0..joint.values.len()).map(beyond).collect();
    let mut made_of = vec![(1.0, joint), (parts.len() as f64 - 1.0, without)];
    made_of.extend(parts.iter().map(|part| (1.0, *part)));
    Effect::of(
        Sample {
            values: (&differences).into(),
            ..joint
        },
        &made_of,
    )
}

/// Returns the share of futures in which a series differs, given the summary of its differences. What is not a number in both worlds counts
/// as differing, since nobody can tell.
pub fn changed(differences: &StepSummary) -> f64 {
    let histogram = &differences.histogram;
    let futures = histogram.count() + histogram.not_finite;
    (futures - histogram.zeros) as f64 / futures as f64
}

/// Returns [`Effect::pairing`] of a series at the end of a step.
pub fn pairing_of_step(
    with: &StepSummary,
    without: &StepSummary,
    differences: &StepSummary,
    draws: u32,
) -> f64 {
    let variance = |step: &StepSummary| {
        let draws = f64::from(draws);
        let (sum, squares): (f64, f64) = (step.sums.iter().sum(), step.squares.iter().sum());
        let variance = squares - sum * sum / draws;
        // What rounding leaves of the squares of a constant.
        if variance <= 1e-12 * squares {
            0.0
        } else {
            variance
        }
    };
    if [with, without, differences]
        .iter()
        .any(|step| step.histogram.not_finite > 0)
        || draws < 2
    {
        return f64::NAN;
    }
    pairing(variance(with) + variance(without), variance(differences))
}

/// Returns how many times as many futures a difference needs in runs of their own, given the variances of draws' means.
///
/// # Method
/// A mean's error falls with the root of the number of draws. Paired, its variance is that of the difference; in runs with luck of
/// their own the variances add up: (var X + var Y) / var(X - Y).
///
/// # Source
/// Glasserman, P. and Yao, D. D. (1992), "Some guidelines and guarantees for common random numbers", *Management Science* 38, 884-908.
fn pairing(apart: f64, paired: f64) -> f64 {
    /// Variances smaller than this, against those of the worlds, are what rounding leaves: a choice by judgement.
    const ROUNDING: f64 = 1e-24;
    if paired <= ROUNDING * apart {
        f64::INFINITY
    } else {
        apart / paired
    }
}

fn between_draws(sample: Sample) -> f64 {
    Variance::of(&sample.by_draw(None), Scrambles::ALL).between
}

/// Returns what two values differ by. Two infinities that agree, such as times to what never happens, do not differ; nor do two values
/// that could not be computed.
fn difference(with: f64, without: f64) -> f64 {
    if with == without || (with.is_nan() && without.is_nan()) {
        0.0
    } else {
        with - without
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(values: &[f64]) -> Sample<'_> {
        Sample {
            values: values.into(),
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
    fn pairing_is_exact_where_the_difference_has_no_error() {
        let without: Vec<f64> = (0..64).map(f64::from).collect();
        let with: Vec<f64> = without.iter().map(|x| x + 2.0).collect();
        assert_eq!(effect(sample(&with), sample(&without)).pairing, f64::INFINITY);
    }

    #[test]
    fn pairing_saves_what_the_worlds_share() {
        // X - Y is a tenth of X: (1 + 0.81) / 0.01.
        let without: Vec<f64> = (0..64).map(f64::from).collect();
        let with: Vec<f64> = without.iter().map(|x| 0.9 * x).collect();
        assert!((effect(sample(&with), sample(&without)).pairing - 181.0).abs() < 1e-6);
    }

    #[test]
    fn additive_interventions_do_not_interact() {
        let without: Vec<f64> = (0..64).map(|i| 0.1 * f64::from(i)).collect();
        let plus = |x: f64| without.iter().map(|base| base + x).collect::<Vec<f64>>();
        let (one, other, joint) = (plus(0.3), plus(0.7), plus(1.0));
        let parts = [sample(&one), sample(&other)];
        assert_eq!(
            interaction(sample(&joint), &parts, sample(&without)),
            Effect::NONE
        );
    }

    #[test]
    fn multiplied_interventions_interact_by_their_product() {
        let without = [1.0; 64];
        let (one, other, joint) = ([1.2; 64], [1.5; 64], [1.8; 64]);
        let parts = [sample(&one), sample(&other)];
        let found = interaction(sample(&joint), &parts, sample(&without));
        assert!((found.estimate.mean - 0.1).abs() < 1e-12);
        assert_eq!(found.changed, 1.0);
    }

    #[test]
    fn what_never_happens_in_either_world_does_not_differ() {
        let effect = effect(sample(&[f64::INFINITY; 64]), sample(&[f64::INFINITY; 64]));
        assert_eq!(effect.changed, 0.0);
        assert_eq!(effect.estimate.mean, 0.0);
    }
}
