//! Parameters: one scrambled one-dimensional Sobol sequence per site.

use super::key;
use crate::ensemble::SCRAMBLES;
use crate::noise::philox::philox;
use crate::number::Number;

/// Marks addresses of parameters: a replication and step that no future has.
const PARAMETERS: u32 = 0xffff_ffff;

/// Mixes 64 bits (the finaliser of SplitMix64: Steele, Lea and Flood 2014).
#[inline(always)]
fn mix(z: u64) -> u64 {
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Flips each bit by a coin that depends on all bits above it: Owen's nested uniform scramble, exact to 32 bits. Lanes side by side.
#[inline(always)]
fn scramble<const LANES: usize>(values: [u32; LANES], keys: [u64; LANES]) -> [u32; LANES] {
    let mut result = [0; LANES];
    for level in 0..32 {
        for i in 0..LANES {
            let above = (u64::from(values[i]) << level) >> 32;
            // Level and prefix name a node of the binary tree of intervals; each node has its own coin.
            let coin = mix(keys[i] ^ mix(above | (1 << level))) as u32 & 1;
            result[i] |= (((values[i] >> (31 - level)) & 1) ^ coin) << (31 - level);
        }
    }
    result
}

/// Returns the quasi-random number of a parameter's site in a draw, strictly between 0 and 1.
///
/// # Method
/// Draw d is point i = d / 8 of scramble d % 8. Each scramble of each site is a van der Corput sequence in base 2 (Sobol's first dimension)
/// whose indices are shuffled and whose values are scrambled by nested uniform scrambles of their own; twenty further bits are
/// random. So any first 2^k points of a scramble fall one into each of 2^k equal intervals; sites are independent of each other, and
/// scrambles are independent replicates, from which the Monte Carlo error is taken.
///
/// # Source
/// Owen (1995), "Randomly permuted (t,m,s)-nets and (t,s)-sequences"; Burley (2020), "Practical hash-based Owen scrambling", JCGT 9(4), for
/// shuffling by the same scramble.
#[inline(always)]
pub fn parameter(seed: u64, site: u64, draw: u32) -> f64 {
    let [value] = parameters(seed, site, [draw]);
    value
}

/// Returns the quasi-random numbers of a parameter's site in draws, as [`parameter`] does: lanes side by side.
#[inline(always)]
pub fn parameters<const LANES: usize>(seed: u64, site: u64, draws: [u32; LANES]) -> [f64; LANES] {
    let scrambles = SCRAMBLES as u32;
    let index = draws.map(|draw| draw / scrambles);
    let (mut shuffle, mut values) = ([0; LANES], [0; LANES]);
    for i in 0..LANES {
        let counter = [site as u32, (site >> 32) as u32, draws[i] % scrambles, PARAMETERS];
        let words = philox(counter, key(seed)).map(u64::from);
        shuffle[i] = words[0] << 32 | words[1];
        values[i] = words[2] << 32 | words[3];
    }
    let points = scramble(scramble(index, shuffle).map(u32::reverse_bits), values);
    let mut numbers = [0.0; LANES];
    for i in 0..LANES {
        let rest = mix(values[i] ^ mix(u64::from(index[i]) | 1 << 40)) as u32;
        numbers[i] = f64::open_unit(points[i], rest);
    }
    numbers
}
