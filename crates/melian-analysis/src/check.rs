//! Face checks: does the model's median lie where the published figures do?

use melian_language::model::FaceCheck;

use crate::estimate::quantiles;
use crate::formula::Futures;

/// A face check's outcome, base units.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outcome {
    /// Median over all futures of the baseline; NaN if it could not be computed.
    pub median: f64,
    /// Whether it lies in the published range.
    pub passed: bool,
}

/// Looks whether the median lies in the range.
pub fn outcome(check: &FaceCheck, futures: Futures) -> Outcome {
    let values = futures.of(&check.measure, None).unwrap_or_default();
    let mut values: Vec<f64> = values.iter().copied().filter(|x| !x.is_nan()).collect();
    let [median] = quantiles(&mut values, [0.5]);
    Outcome {
        median,
        passed: median >= check.low && median <= check.high,
    }
}
