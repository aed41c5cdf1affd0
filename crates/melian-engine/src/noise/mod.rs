//! Noise is addressed, never streamed: every random number is a pure function of its address.
//!
//! | word | noise of a step | parameters |
//! | --- | --- | --- |
//! | key 0 | seed, lower 32 bits | same |
//! | key 1 | seed, upper 24 bits, and the version in the lowest 8 | same |
//! | counter 0, 1 | site | same |
//! | counter 2 | half the draw, rounded down | scramble |
//! | counter 3 | replication (16 bits), step (16 bits) | all ones |
//!
//! The four words of a block serve two neighbouring draws: the first two the even one, the others the odd one. A *site* is the 64-bit hash of a scalar's qualified name. The step field [`ONCE`] addresses what is drawn once per future.

mod owen;
pub mod philox;
mod site;

pub use owen::{parameter, parameters};
pub use site::site;

use crate::number::Number;
use philox::philox;

/// Version of the layout of addresses: a change of it changes every number.
const VERSION: u64 = 2;

/// Least seed that does not fit.
pub const SEED_LIMIT: u64 = 1 << 56;

/// Most replications of a draw; the last code is reserved for parameters.
pub const MOST_REPLICATIONS: u32 = 65_535;

/// Most steps; the last code is [`ONCE`].
pub const MOST_STEPS: u32 = 65_535;

/// The step of what is drawn once per future.
pub const ONCE: u32 = 0xffff;

/// Returns the generator's key for a seed below [`SEED_LIMIT`].
#[inline(always)]
fn key(seed: u64) -> [u32; 2] {
    [seed as u32, (((seed >> 32) << 8) | VERSION) as u32]
}

/// Returns the uniforms of a site in a step, strictly between 0 and 1, under draws 2 `pair` and 2 `pair` + 1: one block of the generator.
#[inline(always)]
pub fn uniform_pair<N: Number>(seed: u64, site: u64, pair: u32, replication: u32, step: u32) -> [N; 2] {
    let counter = [site as u32, (site >> 32) as u32, pair, (replication << 16) | step];
    let words = philox(counter, key(seed));
    [N::open_unit(words[0], words[1]), N::open_unit(words[2], words[3])]
}

/// Returns the uniform of a site in a step of a future, strictly between 0 and 1.
#[inline(always)]
pub fn uniform<N: Number>(seed: u64, site: u64, draw: u32, replication: u32, step: u32) -> N {
    let [even, odd] = uniform_pair(seed, site, draw / 2, replication, step);
    if draw & 1 == 0 { even } else { odd }
}

/// Returns the uniform of a site that is drawn once per future.
#[inline(always)]
pub fn once<N: Number>(seed: u64, site: u64, draw: u32, replication: u32) -> N {
    uniform(seed, site, draw, replication, ONCE)
}

/// Fills lanes with the uniforms of a site in a step; each lane is a future. The same bits as [`uniform`].
#[inline(always)]
pub fn uniform_lanes<N: Number>(
    seed: u64,
    site: u64,
    step: u32,
    draws: &[u32],
    replications: &[u32],
    to: &mut [N],
) {
    let lanes = to.len().min(draws.len()).min(replications.len());
    let (draws, replications, to) = (&draws[..lanes], &replications[..lanes], &mut to[..lanes]);
    for lane in 0..lanes {
        to[lane] = uniform(seed, site, draws[lane], replications[lane], step);
    }
}

/// Fills pairs of lanes with the uniforms of a site in a step: futures of a replication under both draws of a pair. The same bits as [`uniform_pair`].
#[inline(always)]
pub fn uniform_pairs<N: Number>(
    seed: u64,
    site: u64,
    step: u32,
    pairs: &[u32],
    replications: &[u32],
    to: &mut [N],
) {
    let count = pairs.len().min(replications.len()).min(to.len() / 2);
    let (pairs, replications, to) = (&pairs[..count], &replications[..count], &mut to[..2 * count]);
    for i in 0..count {
        let [even, odd] = uniform_pair(seed, site, pairs[i], replications[i], step);
        to[2 * i] = even;
        to[2 * i + 1] = odd;
    }
}

#[cfg(test)]
mod tests;
