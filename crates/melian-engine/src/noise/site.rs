//! Where a random number belongs: the hash of a qualified name.

/// Returns the site of a qualified name: FNV-1a, 64 bits.
///
/// # Source
/// G. Fowler, L. C. Noll, K.-P. Vo and D. Eastlake (2019), "The FNV non-cryptographic hash algorithm", draft-eastlake-fnv-17, section 2. What uses the
/// site mixes it further, so all that counts is that two names differ; expansion refuses a model in which they do not.
pub fn site(name: &str) -> u64 {
    const OFFSET_BASIS: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0000_0100_0000_01b3;
    name.bytes().fold(OFFSET_BASIS, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(PRIME)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_hashes_are_met() {
        // Test vectors of the same draft, appendix C.
        assert_eq!(site(""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(site("a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(site("foobar"), 0x8594_4171_f739_67e8);
    }
}
