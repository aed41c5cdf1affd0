//! How an answer moves with a quantity that is held at one value after another, under the same luck.

use melian_engine::distribution::student_t;
use melian_engine::ensemble::SCRAMBLES;

use crate::effect::effect;
use crate::estimate::Estimate;
use crate::sample::Sample;

/// An answer along a sweep.
#[derive(Clone, Debug, PartialEq)]
pub struct Response {
    /// The answer at each value.
    pub points: Vec<Estimate>,
    /// Which way its mean moves.
    pub shape: Shape,
    /// Share of futures in which the answer never turns: it never falls, or never rises.
    pub monotone: f64,
}

/// Which way a mean moves from value to value, as far as Monte Carlo error lets one see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// It is the same in every future.
    Flat,
    /// It rises somewhere and falls nowhere.
    Rising,
    /// It falls somewhere and rises nowhere.
    Falling,
    /// It rises somewhere and falls elsewhere.
    Turning,
    /// Futures change, but the mean moves nowhere by more than its error.
    Unclear,
}

/// Returns the response, given the values in the same futures at each value of the sweep, in order.
pub fn respond(samples: &[Sample], is_probability: bool) -> Response {
    let estimate = |sample: &Sample| match is_probability {
        true => Estimate::of_probability(*sample),
        false => Estimate::of(*sample),
    };
    // Seven degrees of freedom: two-sided 95% for each pair of neighbours.
    let quantile = student_t::quantile(SCRAMBLES as f64 - 1.0, 0.975);
    let (mut rises, mut falls, mut changes) = (false, false, false);
    for pair in samples.windows(2) {
        let effect = effect(pair[1], pair[0]);
        let (mean, reach) = (effect.estimate.mean, quantile * effect.estimate.mc_error);
        changes |= effect.changed > 0.0;
        rises |= mean > reach;
        falls |= mean < -reach;
    }
    Response {
        points: samples.iter().map(estimate).collect(),
        shape: match (rises, falls) {
            (true, true) => Shape::Turning,
            (true, false) => Shape::Rising,
            (false, true) => Shape::Falling,
            (false, false) if changes => Shape::Unclear,
            (false, false) => Shape::Flat,
        },
        monotone: monotone(samples),
    }
}

fn monotone(samples: &[Sample]) -> f64 {
    let futures = samples.first().map_or(0, |sample| sample.values.len());
    let never_turns = |future: &usize| {
        let steps = || {
            samples
                .windows(2)
                .map(|pair| (pair[0].values[*future], pair[1].values[*future]))
        };
        steps().all(|(from, to)| from <= to) || steps().all(|(from, to)| from >= to)
    };
    (0..futures).filter(never_turns).count() as f64 / futures as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn respond_to(at_each: &[Vec<f64>]) -> Response {
        let samples: Vec<Sample> = at_each
            .iter()
            .map(|values| Sample {
                values: values.into(),
                replications: 4,
            })
            .collect();
        respond(&samples, false)
    }

    fn line(slope: f64) -> Vec<f64> {
        (0..64).map(|future| f64::from(future % 7) + slope).collect()
    }

    #[test]
    fn a_line_rises_or_falls() {
        assert_eq!(
            respond_to(&[line(0.0), line(1.0), line(2.0)]).shape,
            Shape::Rising
        );
        let falling = respond_to(&[line(0.0), line(-1.0), line(-1.0)]);
        assert_eq!((falling.shape, falling.monotone), (Shape::Falling, 1.0));
    }

    #[test]
    fn what_turns_is_not_monotone() {
        let found = respond_to(&[line(0.0), line(1.0), line(0.5)]);
        assert_eq!((found.shape, found.monotone), (Shape::Turning, 0.0));
    }

    #[test]
    fn what_nothing_reaches_is_flat() {
        assert_eq!(respond_to(&[line(0.0), line(0.0)]).shape, Shape::Flat);
    }
}
