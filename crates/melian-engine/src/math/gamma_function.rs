//! Logarithm of the gamma function.

use super::ln;

/// Stirling's series is summed from here on; its first neglected term is then below 1e-17.
const STIRLING_FROM: f64 = 12.0;

/// Returns ln of the gamma function for x > 0; infinity at 0, NaN below.
///
/// # Method
/// Stirling's series with seven terms (Abramowitz and Stegun 1964, 6.1.41), after shifting x to at least 12 by the recurrence. Error
/// below 1e-14 absolute or relative, whichever is larger.
#[inline(always)]
pub fn ln_gamma(x: f64) -> f64 {
    if !(x > 0.0 && x < f64::INFINITY) {
        return if x == 0.0 || x == f64::INFINITY {
            f64::INFINITY
        } else {
            f64::NAN
        };
    }
    let mut shifted = x;
    let mut product = 1.0;
    while shifted < STIRLING_FROM {
        product *= shifted;
        shifted += 1.0;
    }
    let i = 1.0 / shifted;
    let z = i * i;
    let mut series = 1.0 / 156.0;
    series = -691.0 / 360_360.0 + z * series;
    series = 1.0 / 1_188.0 + z * series;
    series = -1.0 / 1_680.0 + z * series;
    series = 1.0 / 1_260.0 + z * series;
    series = -1.0 / 360.0 + z * series;
    series = 1.0 / 12.0 + z * series;
    const HALF_LN_2_PI: f64 = 0.918_938_533_204_672_741_8;
    (shifted - 0.5) * ln(shifted) - shifted + HALF_LN_2_PI + i * series - ln(product)
}
