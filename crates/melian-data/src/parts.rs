//! Parts of runs on disk: files in a folder, whole or not there.
//!
//! Parts of a run that was interrupted lie in the user's cache, in a folder named after the run; shards lie where the user wants them.

use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::error::Error;
use crate::last::cache;
use crate::write::write;

/// A folder of parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parts {
    folder: PathBuf,
}

/// How the name of a part ends.
const EXTENSION: &str = "part";

impl Parts {
    /// Names the folder in which parts of a run outlive it; none if the user has no cache folder.
    pub fn of_run(identity: &str) -> Option<Parts> {
        Some(Parts {
            folder: cache()?.join("runs").join(identity),
        })
    }

    /// Takes a folder of the user's.
    pub fn within(folder: &Path) -> Parts {
        Parts {
            folder: folder.to_owned(),
        }
    }

    /// Returns the parts that are there, in the order of their names; none if there is no folder.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn list(&self) -> Result<Vec<PathBuf>, Error> {
        let wrong = |error: io::Error| Error::unreadable(&self.folder, &error);
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(wrong(error)),
        };
        let mut found = Vec::new();
        for entry in entries {
            let path = entry.map_err(wrong)?.path();
            if path.extension().is_some_and(|extension| extension == EXTENSION) {
                found.push(path);
            }
        }
        found.sort();
        Ok(found)
    }

    /// Reads a part.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn read(path: &Path) -> Result<Vec<u8>, Error> {
        fs::read(path).map_err(|error| Error::unreadable(path, &error))
    }

    /// Writes a part, whole or not at all, and returns where.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn keep(&self, name: &str, bytes: &[u8]) -> Result<PathBuf, Error> {
        let path = self.folder.join(name).with_extension(EXTENSION);
        write(&path, bytes)?;
        Ok(path)
    }

    /// Removes all parts, and the folder if nothing else is in it. What cannot be removed stays.
    pub fn clear(&self) {
        for path in self.list().unwrap_or_default() {
            let _ = fs::remove_file(path);
        }
        let _ = fs::remove_dir(&self.folder);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_kept_listed_and_cleared_and_nothing_else_is_touched() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let parts = Parts::within(&folder.path().join("run"));
        assert_eq!(
            parts.list().expect("no folder holds no part"),
            Vec::<PathBuf>::new()
        );
        parts.keep("00002-00004", b"second").expect("it is kept");
        parts.keep("00000-00002", b"first").expect("it is kept");
        fs::write(folder.path().join("run/notes.txt"), "mine").expect("a file");
        let found = parts.list().expect("a folder");
        let read = |path: &PathBuf| Parts::read(path).expect("it is there");
        assert_eq!(
            found.iter().map(read).collect::<Vec<_>>(),
            [&b"first"[..], b"second"]
        );
        parts.clear();
        assert_eq!(parts.list().expect("a folder"), Vec::<PathBuf>::new());
        assert!(folder.path().join("run/notes.txt").exists());
    }
}
