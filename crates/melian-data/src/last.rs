//! What the last run of a folder answered, kept in the user's cache so that the next can say what changed.
//!
//! Read-only models and shipped ones have a place there too. A file is named after the model and a hash of where it lies.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::cache::Cache;
use crate::error::Error;
use crate::write::write;

/// The place of a model's last run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Last {
    path: PathBuf,
}

impl Last {
    /// Names the last run of a model by where the model lies; none if the user has no cache folder.
    pub fn of(model: &str, origin: &str) -> Option<Last> {
        Some(Last::within(Cache::of_user()?.folder(), model, origin))
    }

    fn within(cache: &Path, model: &str, origin: &str) -> Last {
        Last {
            path: cache.join(format!("{model}-{:016x}.json", fnv_1a(origin.as_bytes()))),
        }
    }

    /// Returns the text that was kept and when; none if there is none.
    pub fn read(&self) -> Option<(String, SystemTime)> {
        let made = fs::metadata(&self.path).and_then(|there| there.modified()).ok()?;
        Some((fs::read_to_string(&self.path).ok()?, made))
    }

    /// Keeps a text for the next run.
    ///
    /// # Errors
    /// The cache cannot be written.
    pub fn keep(&self, text: &str) -> Result<(), Error> {
        write(&self.path, text.as_bytes())
    }
}

/// Hashes bytes to 64 bits, the same in every version of the program.
///
/// # Source
/// Fowler, Noll and Vo, FNV-1a with 64 bits; the published constants.
pub(crate) fn fnv_1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_kept_is_read_again_and_folders_do_not_mix() {
        let cache = tempfile::tempdir().expect("a temporary folder");
        let (mine, yours) = (
            Last::within(cache.path(), "m", "/mine"),
            Last::within(cache.path(), "m", "/yours"),
        );
        assert_eq!(mine.read(), None);
        mine.keep("answer").expect("it is kept");
        assert_eq!(mine.read().map(|(text, _)| text).as_deref(), Some("answer"));
        assert_eq!(yours.read(), None);
    }

    #[test]
    fn the_hash_meets_its_published_values() {
        assert_eq!(fnv_1a(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv_1a(b"a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fnv_1a(b"foobar"), 0x8594_4171_f739_67e8);
    }
}
