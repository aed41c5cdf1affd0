//! Parts of runs on disk: files in a folder, whole or not there.
//!
//! Parts of a run that was interrupted lie in the user's cache, in a folder named after the run; shards lie where the user wants them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::error::Error;
use crate::last::{cache, fnv_1a};
use crate::write::write;

/// A folder of parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parts {
    folder: PathBuf,
}

/// Numbers in columns, by name.
pub type Columns = BTreeMap<String, Vec<f64>>;

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

    /// Writes columns of numbers by name as a part, whole or not at all, and returns how many bytes that takes.
    ///
    /// # Errors
    /// They cannot be written.
    pub fn keep_columns(&self, name: &str, columns: &Columns) -> Result<u64, Error> {
        let mut bytes = Vec::new();
        for (column, values) in columns {
            bytes.extend((column.len() as u64).to_le_bytes());
            bytes.extend(column.as_bytes());
            bytes.extend((values.len() as u64).to_le_bytes());
            bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
        }
        bytes.extend(fnv_1a(&bytes).to_le_bytes());
        self.keep(name, &bytes)?;
        Ok(bytes.len() as u64)
    }

    /// Returns the columns of this name; none if there are none, or they are damaged.
    pub fn columns(&self, name: &str) -> Option<Columns> {
        let bytes = fs::read(self.folder.join(name).with_extension(EXTENSION)).ok()?;
        let (mut rest, sum) = bytes.split_last_chunk()?;
        if fnv_1a(rest) != u64::from_le_bytes(*sum) {
            return None;
        }
        let mut columns = Columns::new();
        while !rest.is_empty() {
            let name = take_counted(&mut rest, 1)?;
            let values = take_counted(&mut rest, size_of::<f64>())?;
            let values = values
                .as_chunks()
                .0
                .iter()
                .map(|value| f64::from_le_bytes(*value));
            columns.insert(String::from_utf8(name.to_vec()).ok()?, values.collect());
        }
        Some(columns)
    }

    /// Removes all parts, and the folder if nothing else is in it. What cannot be removed stays.
    pub fn clear(&self) {
        for path in self.list().unwrap_or_default() {
            let _ = fs::remove_file(path);
        }
        let _ = fs::remove_dir(&self.folder);
    }
}

/// Takes a number of things from the front of bytes, and then so many things of this size.
fn take_counted<'b>(bytes: &mut &'b [u8], size: usize) -> Option<&'b [u8]> {
    let (count, rest) = bytes.split_first_chunk()?;
    let length = usize::try_from(u64::from_le_bytes(*count)).ok()?;
    let (taken, rest) = rest.split_at_checked(length.checked_mul(size)?)?;
    *bytes = rest;
    Some(taken)
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

    #[test]
    fn columns_are_read_to_the_bit_and_damaged_ones_not_at_all() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let parts = Parts::within(folder.path());
        let columns = Columns::from([
            ("a".to_owned(), vec![0.1, -0.0, f64::NAN, f64::INFINITY]),
            (String::new(), Vec::new()),
        ]);
        let size = parts.keep_columns("x", &columns).expect("they are kept");
        let bits = |columns: Columns| -> Vec<(String, Vec<u64>)> {
            let of =
                |(name, values): (String, Vec<f64>)| (name, values.into_iter().map(f64::to_bits).collect());
            columns.into_iter().map(of).collect()
        };
        assert_eq!(parts.columns("x").map(bits), Some(bits(columns)));
        assert_eq!(parts.columns("y"), None);
        let path = folder.path().join("x.part");
        let bytes = fs::read(&path).expect("a part");
        assert_eq!(bytes.len() as u64, size);
        for end in 0..bytes.len() {
            fs::write(&path, &bytes[..end]).expect("it can be harmed");
            assert_eq!(parts.columns("x"), None, "cut at {end}");
        }
        for at in 0..bytes.len() {
            let mut harmed = bytes.clone();
            harmed[at] ^= 8;
            fs::write(&path, harmed).expect("it can be harmed");
            assert_eq!(parts.columns("x"), None, "changed at {at}");
        }
    }
}
