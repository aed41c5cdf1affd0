//! The counter-based generator Philox 4x32-10.

/// Multipliers of the two lanes.
const MULTIPLIERS: [u32; 2] = [0xd251_1f53, 0xcd9e_8d57];

/// Increments of the key: the golden ratio and sqrt(3) - 1.
const INCREMENTS: [u32; 2] = [0x9e37_79b9, 0xbb67_ae85];

/// Returns four words for a counter and a key.
///
/// # Source
/// Salmon, Moraes, Dror and Shaw (2011), "Parallel random numbers: as easy as 1, 2, 3", SC '11, section 3.3; checked against the vectors published
/// with Random123.
#[inline(always)]
pub fn philox(counter: [u32; 4], key: [u32; 2]) -> [u32; 4] {
    // Words in the lower halves of 64 bits, whatever is above: so products stay where they are, and a loop over lanes needs no shuffles.
    const WORD: u64 = 0xffff_ffff;
    let (mut c, mut k) = (counter.map(u64::from), key);
    for _ in 0..10 {
        let first = u64::from(MULTIPLIERS[0]) * (c[0] & WORD);
        let second = u64::from(MULTIPLIERS[1]) * (c[2] & WORD);
        c = [
            second >> 32 ^ c[1] ^ u64::from(k[0]),
            second,
            first >> 32 ^ c[3] ^ u64::from(k[1]),
            first,
        ];
        k = [k[0].wrapping_add(INCREMENTS[0]), k[1].wrapping_add(INCREMENTS[1])];
    }
    c.map(|word| word as u32)
}
