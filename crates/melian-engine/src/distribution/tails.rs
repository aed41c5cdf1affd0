//! Looks for the place where a distribution's smaller tail is what it is to be.

use crate::math::{choose, ln};

/// What a search looks at, by lane.
pub(super) struct Tails<const LANES: usize> {
    /// The probability below.
    pub(super) lower: [f64; LANES],
    /// The probability above.
    pub(super) upper: [f64; LANES],
    /// The density.
    pub(super) density: [f64; LANES],
    /// The slope of its logarithm.
    pub(super) bend: [f64; LANES],
}

/// A distribution over all numbers. (A closure would not be compiled for the processor's vectors, as this is.)
pub(super) trait Tailed<const LANES: usize> {
    /// Looks at places.
    fn tails(&self, t: [f64; LANES]) -> Tails<LANES>;
}

/// Returns where the tails are `lower` and `upper`, which add up to one, neither of them zero: lanes side by side, each with the bits that it has
/// alone. It starts at `t` and looks between `least` and `most` only.
///
/// # Method
/// Halley steps on the logarithm of the smaller tail, halving the bracket where a step leaves it, until a step is below 1e-14 of 1 + |t|, or what it leaves
/// is below a tenth of that.
///
/// # Source
/// Gander (1985), "On Halley's iteration method", American Mathematical Monthly 92(2), 131-134.
#[inline(always)]
pub(super) fn search<const LANES: usize>(
    distribution: &impl Tailed<LANES>,
    mut t: [f64; LANES],
    [least, most]: [f64; 2],
    [lower, upper]: [[f64; LANES]; 2],
) -> [f64; LANES] {
    /// A step of no account.
    const NEAR: f64 = 1e-14;
    /// Bisection of a closed bracket ends earlier, and a start that is no further off than ours needs few steps until it is closed.
    const MOST_STEPS: u32 = 200;
    let (mut least, mut most) = ([least; LANES], [most; LANES]);
    let mut target = [0.0; LANES];
    // 1 where it is.
    let mut found = [0.0; LANES];
    for i in 0..LANES {
        target[i] = ln(choose(lower[i] > upper[i], upper[i], lower[i]));
    }
    for _ in 0..MOST_STEPS {
        if found == [1.0; LANES] {
            break;
        }
        let at = distribution.tails(t);
        let (mut tail, mut distance) = ([0.0; LANES], [0.0; LANES]);
        for i in 0..LANES {
            tail[i] = choose(lower[i] > upper[i], at.upper[i], at.lower[i]);
            distance[i] = ln(tail[i]) - target[i];
        }
        for i in 0..LANES {
            let error = choose(lower[i] > upper[i], -distance[i], distance[i]);
            most[i] = choose(error > 0.0, t[i], most[i]);
            least[i] = choose(error > 0.0, least[i], t[i]);
            let slope = at.density[i] / tail[i];
            let newton = error / slope;
            let side = choose(lower[i] > upper[i], -1.0, 1.0);
            let correction = 0.5 * error * (at.bend[i] / slope - side);
            // A correction larger than this says that the step is too long for it.
            let halley = newton / (1.0 - correction.clamp(-0.5, 0.5));
            let to = t[i] - halley;
            // No infinity and nothing that is no number lies between.
            let within = (to >= least[i]) & (to <= most[i]);
            let middle = 0.5 * (least[i] + most[i]);
            // Where the bracket is open, to its open side.
            let aside = choose(error > 0.0, t[i] - 1.0, t[i] + 1.0);
            let next = choose(within, to, choose(middle.abs() < f64::INFINITY, middle, aside));
            // What a Halley step leaves is of the third order.
            let left = halley.abs()
                * choose(
                    error.abs() > correction.abs(),
                    error * error,
                    correction * correction,
                );
            let scale = 1.0 + t[i].abs();
            let is_right = ((next - t[i]).abs() <= NEAR * scale) | (within & (left <= 0.1 * NEAR * scale));
            t[i] = choose(found[i] == 1.0, t[i], next);
            found[i] = choose(is_right, 1.0, found[i]);
        }
    }
    t
}
