//! Files that say what they are and whether they are whole.

/// Bytes of a seal.
pub(crate) const SEAL: usize = 32;

/// Returns content behind a mark of its kind and a hash that only that content has.
pub(crate) fn seal(mark: &[u8], content: &[u8]) -> Vec<u8> {
    [mark, blake3::hash(content).as_bytes(), content].concat()
}

/// Returns the content of a file of a kind; none if it is of another, or not what was written.
pub(crate) fn unseal<'b>(mark: &[u8], bytes: &'b [u8]) -> Option<&'b [u8]> {
    let (hash, content) = bytes.strip_prefix(mark)?.split_at_checked(SEAL)?;
    (blake3::hash(content).as_bytes() == hash).then_some(content)
}
