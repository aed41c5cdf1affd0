//! The gamma distribution with scale 1.

use rayon::prelude::*;

use super::normal;
use crate::math::{exp, ln, ln_gamma, logistic};
use crate::number::Number;

/// Most terms of a series or fraction: enough for shapes up to a million, where they need a few times the square root.
const MOST_TERMS: u32 = 20_000;

/// Below it a term no longer changes a sum of doubles.
const NEGLIGIBLE: f64 = 1e-17;

/// Returns the regularised incomplete gamma functions (lower, upper) at x >= 0.
fn incomplete(shape: f64, x: f64) -> (f64, f64) {
    let front = exp(shape * ln(x) - x - ln_gamma(shape));
    if x < shape + 1.0 {
        let (mut term, mut sum, mut n) = (1.0 / shape, 1.0 / shape, shape);
        for _ in 0..MOST_TERMS {
            n += 1.0;
            term *= x / n;
            sum += term;
            if term < sum * NEGLIGIBLE {
                break;
            }
        }
        let lower = (front * sum).min(1.0);
        (lower, 1.0 - lower)
    } else {
        // Lentz's evaluation of the continued fraction.
        const LEAST: f64 = 1e-300;
        let mut b = x + 1.0 - shape;
        let mut c = 1.0 / LEAST;
        let mut d = 1.0 / b;
        let mut fraction = d;
        for i in 1..MOST_TERMS {
            let i = f64::from(i);
            let a = -i * (i - shape);
            b += 2.0;
            d = a * d + b;
            d = 1.0 / if d.abs() < LEAST { LEAST } else { d };
            c = b + a / c;
            c = if c.abs() < LEAST { LEAST } else { c };
            let change = c * d;
            fraction *= change;
            if (change - 1.0).abs() < 1e-16 {
                break;
            }
        }
        let upper = (front * fraction).min(1.0);
        (1.0 - upper, upper)
    }
}

/// Returns the distribution function for a shape above 0.
///
/// # Method
/// The series for x < shape + 1, Lentz's continued fraction beyond. Relative error of the smaller tail below 1e-12 for shapes up to 1e4.
///
/// # Source
/// Abramowitz and Stegun (1964), 6.5.29 and 6.5.31; Lentz (1976), Applied Optics 15(3).
pub fn cdf(shape: f64, x: f64) -> f64 {
    if !(shape > 0.0) || x.is_nan() || shape == f64::INFINITY {
        return f64::NAN;
    }
    if x <= 0.0 {
        return 0.0;
    }
    if x == f64::INFINITY {
        return 1.0;
    }
    incomplete(shape, x).0
}

/// Returns the survival function, right in the upper tail.
pub(super) fn survival(shape: f64, x: f64) -> f64 {
    if x <= 0.0 { 1.0 } else { incomplete(shape, x).1 }
}

/// Returns the density for a shape above 0.
pub fn density(shape: f64, x: f64) -> f64 {
    if x < 0.0 {
        0.0
    } else {
        exp((shape - 1.0) * ln(x) - x - ln_gamma(shape))
    }
}

/// Returns the quantile of a probability for a shape above 0.
///
/// # Method
/// Start by Wilson and Hilferty (1931), or by the leading term x^k / Gamma(k+1) in the lower tail; then Newton steps on ln x against
/// the logarithm of the smaller tail, halving the bracket where a step leaves it. Relative error below 1e-12.
pub fn quantile(shape: f64, p: f64) -> f64 {
    if !(shape > 0.0) || shape == f64::INFINITY || !(0.0..=1.0).contains(&p) {
        return f64::NAN;
    }
    if p == 0.0 || p == 1.0 {
        return if p == 0.0 { 0.0 } else { f64::INFINITY };
    }
    let lower_tail = exp((ln(p) + ln_gamma(shape + 1.0)) / shape);
    let third = 1.0 / (9.0 * shape);
    let cube_root = 1.0 - third + normal::quantile(p) * third.sqrt();
    let wilson_hilferty = shape * cube_root * cube_root * cube_root;
    let start = if cube_root <= 0.0 || lower_tail < 0.2 * (shape + 1.0) && wilson_hilferty < shape {
        lower_tail
    } else {
        wilson_hilferty
    };
    if start < 1e-290 {
        return lower_tail;
    }
    let upper = p > 0.5;
    let target = if upper { ln(1.0 - p) } else { ln(p) };
    let log_gamma = ln_gamma(shape);
    let (mut least, mut most) = (f64::NEG_INFINITY, f64::INFINITY);
    let mut y = ln(start);
    for _ in 0..100 {
        let x = exp(y);
        let (below, above) = incomplete(shape, x);
        let tail = if upper { above } else { below };
        let error = if upper {
            target - ln(tail)
        } else {
            ln(tail) - target
        };
        if error > 0.0 {
            most = y;
        } else {
            least = y;
        }
        // d ln(tail) / d ln x = x f(x) / tail, up to its sign.
        let slope = exp(shape * y - x - log_gamma) / tail;
        let newton = y - error / slope;
        let inside = newton > least && newton < most;
        let middle = if least > f64::NEG_INFINITY && most < f64::INFINITY {
            0.5 * (least + most)
        } else if error > 0.0 {
            y - 1.0
        } else {
            y + 1.0
        };
        let next = if inside && newton.is_finite() {
            newton
        } else {
            middle
        };
        if (next - y).abs() <= 1e-14 * (1.0 + y.abs()) {
            return exp(next);
        }
        y = next;
    }
    exp(y)
}

/// Quantiles of one shape, tabulated: for a shape that is a constant of the program.
///
/// # Method
/// ln(quantile) as a function of the log odds t of the probability is nearly linear in both tails; a cubic Hermite interpolant with exact slopes on a grid of
/// 1/64 from -38 to 38 (beyond the least and greatest uniform) has a relative error below 1e-9, and does not decrease.
#[derive(Clone, Debug, PartialEq)]
pub struct QuantileTable {
    shape: f64,
    /// Value and slope times the grid's width, point by point.
    points: Vec<[f64; 2]>,
}

/// Points per unit of log odds.
const GRID: f64 = 64.0;

/// Greatest log odds of the table: those of the greatest uniform, 1 - 2^-53, are 36.7.
const EDGE: f64 = 38.0;

impl QuantileTable {
    /// Tabulates the quantiles of a shape above 0.
    pub fn new(shape: f64) -> QuantileTable {
        let count = (2.0 * EDGE * GRID) as usize + 1;
        let points = (0..count)
            .into_par_iter()
            .map(|i| {
                let t = i as f64 / GRID - EDGE;
                let y = log_quantile_at(shape, t);
                // dy/dt = p (1 - p) / (x f(x)).
                let x = exp(y);
                let density_of_log = exp(shape * y - x - ln_gamma(shape));
                let slope = logistic(t) * logistic(-t) / density_of_log;
                [y, slope / GRID]
            })
            .collect();
        QuantileTable { shape, points }
    }

    /// Returns the shape.
    pub fn shape(&self) -> f64 {
        self.shape
    }

    /// Returns the quantile of a probability strictly between 0 and 1; NaN elsewhere.
    #[inline(always)]
    pub fn quantile(&self, p: f64) -> f64 {
        let place = place(p);
        between(place, self.around(place))
    }

    /// Fills lanes with the quantiles of probabilities; the same bits as [`QuantileTable::quantile`].
    ///
    /// Only the look into the table cannot be done for several lanes at once, so it stands alone.
    #[inline(always)]
    pub fn quantile_lanes<N: Number>(&self, probabilities: &[N], to: &mut [N]) {
        const TOGETHER: usize = 16;
        let (mut places, mut around) = ([0.0; TOGETHER], [[0.0; TOGETHER]; 4]);
        for (p, to) in probabilities.chunks(TOGETHER).zip(to.chunks_mut(TOGETHER)) {
            for (to, &p) in places.iter_mut().zip(p) {
                *to = place(p.to_f64());
            }
            for lane in 0..TOGETHER {
                let [[y0, d0], [y1, d1]] = self.around(places[lane]);
                [around[0][lane], around[1][lane], around[2][lane], around[3][lane]] = [y0, d0, y1, d1];
            }
            let mut quantiles = [0.0; TOGETHER];
            for lane in 0..TOGETHER {
                let ends = [
                    [around[0][lane], around[1][lane]],
                    [around[2][lane], around[3][lane]],
                ];
                quantiles[lane] = between(places[lane], ends);
            }
            for (to, &quantile) in to.iter_mut().zip(&quantiles) {
                *to = N::of(quantile);
            }
        }
    }

    /// Returns the points on either side of a place.
    #[inline(always)]
    fn around(&self, place: f64) -> [[f64; 2]; 2] {
        // What is no number, or outside, becomes a place in the table; `between` makes it NaN. Whole numbers of 32 bits are what
        // processors convert to.
        let cell = place.clamp(0.0, LAST - 1.0) as i32 as usize;
        [self.points[cell], self.points[cell + 1]]
    }
}

/// The place of the last point.
const LAST: f64 = 2.0 * EDGE * GRID;

/// Returns where in the table a probability belongs.
#[inline(always)]
fn place(p: f64) -> f64 {
    (ln(p / (1.0 - p)) + EDGE) * GRID
}

/// Returns the quantile at a place between two points.
#[inline(always)]
fn between(place: f64, [[y0, d0], [y1, d1]]: [[f64; 2]; 2]) -> f64 {
    // Places are positive and below 2^52 where they count: the sum keeps the whole number below.
    const WHOLE: f64 = 4_503_599_627_370_496.0;
    let nearest = (place + WHOLE) - WHOLE;
    let s = place - if nearest > place { nearest - 1.0 } else { nearest };
    let rise = y1 - y0;
    let curve = (1.0 - s) * (d0 - rise) - s * (d1 - rise);
    let quantile = exp(y0 + s * (rise + (1.0 - s) * curve));
    if (0.0..LAST).contains(&place) {
        quantile
    } else {
        f64::NAN
    }
}

/// Returns the logarithm of the quantile at log odds t, right in both tails.
fn log_quantile_at(shape: f64, t: f64) -> f64 {
    let log_gamma = ln_gamma(shape);
    let (lower, upper) = (logistic(t), logistic(-t));
    let mut y = ln(quantile(shape, lower.clamp(1e-300, 1.0 - 1e-16)));
    // The probability loses the upper tail's digits: polish on the tail that keeps them.
    for _ in 0..8 {
        let x = exp(y);
        let (below, above) = incomplete(shape, x);
        let density_of_log = exp(shape * y - x - log_gamma);
        let step = if t > 0.0 {
            (ln(above) - ln(upper)) * above / density_of_log
        } else {
            (ln(lower) - ln(below)) * below / density_of_log
        };
        y += step;
        if step.abs() < 1e-15 * (1.0 + y.abs()) {
            break;
        }
    }
    y
}
