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

/// Flips each bit by a coin that depends on all bits above it: Owen's nested uniform scramble, exact to 32 bits.
#[inline(always)]
fn scramble(value: u32, key: u64) -> u32 {
    let mut result = 0;
    for level in 0..32 {
        let above = if level == 0 {
            0
        } else {
            u64::from(value >> (32 - level))
        };
        // Level and prefix name a node of the binary tree of intervals; each node has its own coin.
        let coin = mix(key ^ mix(above | (1 << level))) as u32 & 1;
        result |= (((value >> (31 - level)) & 1) ^ coin) << (31 - level);
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
    let scrambles = SCRAMBLES as u32;
    let (group, index) = (draw % scrambles, draw / scrambles);
    let words = philox([site as u32, (site >> 32) as u32, group, PARAMETERS], key(seed));
    let shuffle = u64::from(words[0]) << 32 | u64::from(words[1]);
    let values = u64::from(words[2]) << 32 | u64::from(words[3]);
    let point = scramble(scramble(index, shuffle).reverse_bits(), values);
    let rest = mix(values ^ mix(u64::from(index) | 1 << 40)) as u32;
    f64::open_unit(point, rest)
}
