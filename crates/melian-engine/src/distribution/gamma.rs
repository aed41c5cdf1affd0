//! The gamma distribution with scale 1.

use rayon::prelude::*;

use super::normal;
use super::tails::{Tailed, Tails, search};
use crate::math::{choose, exp, ln, ln_gamma, logistic};
use crate::number::Number;

/// Most terms of a series or fraction: enough for shapes up to a million, where they need a few times the square root.
const MOST_TERMS: u32 = 20_000;

/// Beyond this shape the start is the answer: it is off by less than two millionths of the standard deviation for probabilities a billionth from the ends, and sums of [`MOST_TERMS`] would fall short.
const SEARCHED: f64 = 1e6;

/// Returns what x^a e^-x / Gamma(a) is to be multiplied with to give the lower incomplete gamma function, in the lanes that are `asked`; in others anything. Lanes side
/// by side, each with the bits that it has alone.
///
/// # Source
/// Abramowitz and Stegun (1964), 6.5.29.
#[inline(always)]
fn series<const LANES: usize>(shape: [f64; LANES], x: [f64; LANES], asked: [bool; LANES]) -> [f64; LANES] {
    /// Below it a term no longer changes a sum of doubles.
    const NEGLIGIBLE: f64 = 1e-17;
    let (mut term, mut sum) = ([0.0; LANES], [0.0; LANES]);
    // 1 while terms count.
    let mut goes_on = [0.0; LANES];
    for i in 0..LANES {
        term[i] = 1.0 / shape[i];
        sum[i] = term[i];
        goes_on[i] = choose(asked[i], 1.0, 0.0);
    }
    for n in 1..MOST_TERMS {
        if goes_on == [0.0; LANES] {
            break;
        }
        let n = f64::from(n);
        for i in 0..LANES {
            term[i] *= x[i] / (shape[i] + n);
            sum[i] += choose(goes_on[i] == 1.0, term[i], 0.0);
            goes_on[i] = choose(term[i] < sum[i] * NEGLIGIBLE, 0.0, goes_on[i]);
        }
    }
    sum
}

/// Returns what x^a e^-x / Gamma(a) is to be multiplied with to give the upper incomplete gamma function, in the lanes that are `asked`, for x of at least a + 1; in
/// others anything. Lanes side by side, each with the bits that it has alone.
///
/// # Source
/// Abramowitz and Stegun (1964), 6.5.31, its even part.
#[inline(always)]
fn fraction<const LANES: usize>(shape: [f64; LANES], x: [f64; LANES], asked: [bool; LANES]) -> [f64; LANES] {
    /// A change that is below the error of rounding.
    const SMALL: f64 = 4e-16;
    // Numerators p and denominators q of the last two approximants, divided by the last q, so that neither grows.
    let (mut before_p, mut before_q, mut p) = ([0.0; LANES], [0.0; LANES], [0.0; LANES]);
    // 1 while the last term has changed a lane.
    let mut goes_on = [0.0; LANES];
    for i in 0..LANES {
        goes_on[i] = choose(asked[i], 1.0, 0.0);
        p[i] = 1.0 / (x[i] + 1.0 - shape[i]);
        before_q[i] = p[i];
    }
    for n in 1..MOST_TERMS {
        if goes_on == [0.0; LANES] {
            break;
        }
        let n = f64::from(n);
        for i in 0..LANES {
            let numerator = n * (shape[i] - n);
            let denominator = x[i] + 1.0 - shape[i] + 2.0 * n;
            let scale = 1.0 / (denominator + numerator * before_q[i]);
            let next = (denominator * p[i] + numerator * before_p[i]) * scale;
            let changes = (next - p[i]).abs() > SMALL * next.abs();
            before_p[i] = p[i] * scale;
            before_q[i] = scale;
            p[i] = choose(goes_on[i] == 1.0, next, p[i]);
            goes_on[i] = choose(changes, goes_on[i], 0.0);
        }
    }
    p
}

/// Returns the regularised incomplete gamma functions (lower, upper) at x >= 0, and x^a e^-x / Gamma(a); it is told the logarithms of x and of Gamma(a).
#[inline(always)]
fn incomplete<const LANES: usize>(
    shape: [f64; LANES],
    x: [f64; LANES],
    log_x: [f64; LANES],
    log_gamma: [f64; LANES],
) -> ([f64; LANES], [f64; LANES], [f64; LANES]) {
    let is_below: [bool; LANES] = std::array::from_fn(|i| x[i] < shape[i] + 1.0);
    let (series, fraction) = (
        series(shape, x, is_below),
        fraction(shape, x, is_below.map(|is_below| !is_below)),
    );
    let (mut lower, mut upper, mut front) = ([0.0; LANES], [0.0; LANES], [0.0; LANES]);
    for i in 0..LANES {
        front[i] = exp(shape[i] * log_x[i] - x[i] - log_gamma[i]);
    }
    for i in 0..LANES {
        let tail = front[i] * choose(is_below[i], series[i], fraction[i]);
        let tail = choose(tail < 1.0, tail, 1.0);
        lower[i] = choose(is_below[i], tail, 1.0 - tail);
        upper[i] = choose(is_below[i], 1.0 - tail, tail);
    }
    (lower, upper, front)
}

/// Returns both tails at x > 0.
fn tails(shape: f64, x: f64) -> (f64, f64) {
    let ([lower], [upper], _) = incomplete([shape], [x], [ln(x)], [ln_gamma(shape)]);
    (lower, upper)
}

/// Returns the distribution function for a shape above 0.
///
/// # Method
/// The series for x < shape + 1, the continued fraction beyond. Relative error of the smaller tail below 1e-12 for shapes up to 1e4.
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
    tails(shape, x).0
}

/// Returns the survival function, right in the upper tail.
pub(super) fn survival(shape: f64, x: f64) -> f64 {
    if x <= 0.0 { 1.0 } else { tails(shape, x).1 }
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
#[inline(always)]
pub fn quantile(shape: f64, p: f64) -> f64 {
    let [value] = quantiles([shape], [p]);
    value
}

/// Returns the quantiles of probabilities for shapes above 0: lanes side by side, each with the bits that it has alone. Relative error below 2e-12 for shapes from
/// 0.01 to 1e5, against SciPy's.
#[inline(always)]
pub fn quantiles<const LANES: usize>(shape: [f64; LANES], p: [f64; LANES]) -> [f64; LANES] {
    let asked = |i: usize| (shape[i] > 0.0) & (shape[i] < f64::INFINITY) & (p[i] >= 0.0) & (p[i] <= 1.0);
    let has_meaning: [bool; LANES] = std::array::from_fn(asked);
    // What has no meaning, or is at an end, must not hold up its neighbours.
    let is_inside = |i: usize| has_meaning[i] & (p[i] > 0.0) & (p[i] < 1.0);
    let shape = std::array::from_fn(|i| choose(has_meaning[i], shape[i], 1.0));
    let lower: [f64; LANES] = std::array::from_fn(|i| choose(is_inside(i), p[i], 0.5));
    let logs = log_quantiles(shape, lower, lower.map(|lower| 1.0 - lower));
    let mut values = p;
    for i in 0..LANES {
        let end = choose(p[i] == 1.0, f64::INFINITY, 0.0);
        let value = choose(is_inside(i), exp(logs[i]), end);
        values[i] = choose(has_meaning[i], value, f64::NAN);
    }
    values
}

/// Returns the logarithms of where the tails are `lower` and `upper`, which add up to one, neither of them zero, for shapes above 0.
///
/// # Method
/// A [`search`] that starts by Wilson and Hilferty (1931), or by the leading term x^a / Gamma(a + 1) in the lower tail; for shapes beyond a million the start itself.
#[inline(always)]
fn log_quantiles<const LANES: usize>(
    shape: [f64; LANES],
    lower: [f64; LANES],
    upper: [f64; LANES],
) -> [f64; LANES] {
    let (mut log_gamma, mut start) = ([0.0; LANES], [0.0; LANES]);
    for i in 0..LANES {
        let is_again = i > 0 && shape[i] == shape[i - 1];
        log_gamma[i] = if is_again {
            log_gamma[i - 1]
        } else {
            ln_gamma(shape[i])
        };
    }
    for i in 0..LANES {
        let log_shape = ln(shape[i]);
        let in_tail = (ln(lower[i]) + log_gamma[i] + log_shape) / shape[i];
        let tail = normal::quantile(choose(lower[i] > upper[i], upper[i], lower[i]));
        let z = choose(lower[i] > upper[i], -tail, tail);
        let third = 1.0 / (9.0 * shape[i]);
        let cube_root = 1.0 - third + z * third.sqrt();
        let is_in_tail = (cube_root <= 0.0) | ((in_tail < ln(0.2 * (shape[i] + 1.0))) & (cube_root < 1.0));
        start[i] = choose(is_in_tail, in_tail, log_shape + 3.0 * ln(cube_root));
    }
    let everywhere = [f64::NEG_INFINITY, f64::INFINITY];
    // What is not searched must not hold up its neighbours.
    let is_searched: [bool; LANES] = std::array::from_fn(|i| shape[i] <= SEARCHED);
    let or_easy = |values: [f64; LANES], easy: f64| -> [f64; LANES] {
        std::array::from_fn(|i| choose(is_searched[i], values[i], easy))
    };
    let of_log = OfLog {
        shape: or_easy(shape, 1.0),
        log_gamma: or_easy(log_gamma, 0.0),
    };
    let tails = [or_easy(lower, 0.5), or_easy(upper, 0.5)];
    let found = search(&of_log, or_easy(start, 0.0), everywhere, tails);
    std::array::from_fn(|i| choose(is_searched[i], found[i], start[i]))
}

/// The distribution of the logarithm of x.
struct OfLog<const LANES: usize> {
    shape: [f64; LANES],
    log_gamma: [f64; LANES],
}

impl<const LANES: usize> Tailed<LANES> for OfLog<LANES> {
    #[inline(always)]
    fn tails(&self, t: [f64; LANES]) -> Tails<LANES> {
        let OfLog { shape, log_gamma } = *self;
        let (mut x, mut bend) = ([0.0; LANES], [0.0; LANES]);
        for i in 0..LANES {
            x[i] = exp(t[i]);
            // The density of t is x^a e^-x / Gamma(a).
            bend[i] = shape[i] - x[i];
        }
        let (lower, upper, density) = incomplete(shape, x, t, log_gamma);
        Tails {
            lower,
            upper,
            density,
            bend,
        }
    }
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
        /// Points that are looked for together.
        const LANES: usize = 16;
        let count = (2.0 * EDGE * GRID) as usize + 1;
        let log_gamma = ln_gamma(shape);
        let together = |chunk: usize| {
            let t: [f64; LANES] = std::array::from_fn(|i| (chunk * LANES + i) as f64 / GRID - EDGE);
            let (lower, upper) = (t.map(logistic), t.map(|t| logistic(-t)));
            let logs = log_quantiles([shape; LANES], lower, upper);
            std::array::from_fn::<_, LANES, _>(|i| {
                // dy/dt = p (1 - p) / (x f(x)).
                let density_of_log = exp(shape * logs[i] - exp(logs[i]) - log_gamma);
                [logs[i], lower[i] * upper[i] / density_of_log / GRID]
            })
        };
        let chunks = (0..count.div_ceil(LANES)).into_par_iter();
        let mut points: Vec<[f64; 2]> = chunks.flat_map_iter(together).collect();
        points.truncate(count);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shape_beyond_all_sums_has_its_quantile() {
        // SciPy 1.17's gammaincinv.
        let published = 999_983_416.758_071_9;
        assert!((quantile(1e9, 0.3) / published - 1.0).abs() < 1e-12);
    }
}
