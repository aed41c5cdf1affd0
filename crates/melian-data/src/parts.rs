//! Parts of runs on disk: files in a folder, whole or not there.
//!
//! Parts of a run that was interrupted lie in the user's cache, in a folder named after the run, where one process at a time may write; shards lie where the user wants them.

use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::seal::{seal, unseal};
use crate::write::{is_temporary, write};

/// A folder of parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parts {
    folder: PathBuf,
}

/// Numbers in columns, by name.
pub type Columns = BTreeMap<String, Vec<f64>>;

/// How the name of a part ends.
const EXTENSION: &str = "part";

/// What a file of columns begins with, sealed.
const COLUMNS: &[u8] = b"melian columns 1\n";

/// Locked by the process that writes parts.
const LOCK: &str = "lock";

/// What the parts are of, in words.
const ABOUT: &str = "about.txt";

/// The right to write parts and to remove them; it ends with the process, however that ends.
#[derive(Debug)]
pub struct Claim {
    _file: File,
}

impl Parts {
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
        // A power cut is not to lose the name either. Not every system can wait for a folder.
        if let Ok(folder) = File::open(&self.folder) {
            let _ = folder.sync_all();
        }
        Ok(path)
    }

    /// Takes the right to write parts here, for a run that is told in words; none if another process has it.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn claim(&self, about: &str) -> Result<Option<Claim>, Error> {
        let path = self.folder.join(LOCK);
        let wrong = |error: io::Error| Error::unwritable(&path, &error);
        fs::create_dir_all(&self.folder).map_err(wrong)?;
        let file = File::options()
            .create(true)
            .append(true)
            .open(&path)
            .map_err(wrong)?;
        if let Err(TryLockError::WouldBlock) = file.try_lock() {
            return Ok(None);
        }
        // Where files cannot be locked, as on some networks, whoever comes may write: parts are whole or not there.
        write(&self.folder.join(ABOUT), about.as_bytes())?;
        self.remove(is_temporary);
        Ok(Some(Claim { _file: file }))
    }

    /// Returns whether a process that lives has the right to write here.
    pub(crate) fn is_claimed(&self) -> bool {
        let lock = File::options().append(true).open(self.folder.join(LOCK));
        lock.is_ok_and(|file| matches!(file.try_lock(), Err(TryLockError::WouldBlock)))
    }

    /// Returns what the parts are of, in words.
    pub(crate) fn about(&self) -> Option<String> {
        fs::read_to_string(self.folder.join(ABOUT)).ok()
    }

    /// Removes everything if no process has the right to write here; returns whether it did.
    pub(crate) fn clear_unclaimed(&self) -> bool {
        if self.is_claimed() {
            return false;
        }
        self.clear();
        !self.folder.exists()
    }

    fn remove(&self, is_meant: impl Fn(&Path) -> bool) {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        for path in entries.map(|entry| entry.path()).filter(|path| is_meant(path)) {
            let _ = fs::remove_file(path);
        }
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
        let bytes = seal(COLUMNS, &bytes);
        self.keep(name, &bytes)?;
        Ok(bytes.len() as u64)
    }

    /// Returns the columns of this name; none if there are none, or they are damaged.
    pub fn columns(&self, name: &str) -> Option<Columns> {
        let bytes = fs::read(self.folder.join(name).with_extension(EXTENSION)).ok()?;
        let mut rest = unseal(COLUMNS, &bytes)?;
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
        let is_ours = |path: &Path| {
            let is = |name: &str| path.file_name().is_some_and(|own| own == name);
            path.extension().is_some_and(|own| own == EXTENSION)
                || is_temporary(path)
                || is(ABOUT)
                || is(LOCK)
        };
        self.remove(is_ours);
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
        fs::write(folder.path().join("run/.melian-x1"), "half a part").expect("a file");
        parts.clear();
        assert_eq!(parts.list().expect("a folder"), Vec::<PathBuf>::new());
        assert!(!folder.path().join("run/.melian-x1").exists());
        assert!(folder.path().join("run/notes.txt").exists());
    }

    #[test]
    fn one_at_a_time_may_write_and_the_next_when_it_has_ended() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let parts = Parts::within(&folder.path().join("run"));
        let claim = parts.claim("mine").expect("a folder");
        assert!(claim.is_some() && parts.is_claimed());
        assert!(parts.claim("yours").expect("a folder").is_none());
        assert_eq!(parts.about().as_deref(), Some("mine"));
        assert!(!parts.clear_unclaimed());
        drop(claim);
        assert!(parts.claim("yours").expect("a folder").is_some());
        assert!(parts.clear_unclaimed());
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
