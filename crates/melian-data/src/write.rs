//! Results are written whole or not at all.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::error::Error;

/// Writes a file so that others see the old content or the new, never a part: into a temporary file beside it, then renamed.
///
/// Folders on the way are made. What is not a plain file (a terminal, a pipe) is written to directly; a link stays and its target is replaced.
///
/// # Errors
/// The file cannot be written; then what was there is unharmed.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    write_and(path, bytes, true)
}

/// Writes a file as [`write()`] does, without waiting for the disk: a power cut may lose it or leave other bytes in it.
pub(crate) fn write_soon(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    write_and(path, bytes, false)
}

fn write_and(path: &Path, bytes: &[u8], waits: bool) -> Result<(), Error> {
    let wrong = |error: io::Error| Error::unwritable(path, &error);
    let target = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    match fs::metadata(&target) {
        Ok(there) if there.is_dir() => return Err(wrong(io::ErrorKind::IsADirectory.into())),
        Ok(there) if !there.is_file() => return fs::write(&target, bytes).map_err(wrong),
        _ => {}
    }
    let folder = parent(&target);
    fs::create_dir_all(&folder).map_err(wrong)?;
    let mut file = temporary(&folder).map_err(wrong)?;
    file.write_all(bytes).map_err(wrong)?;
    if waits {
        file.as_file().sync_all().map_err(wrong)?;
    }
    file.persist(&target).map_err(|error| wrong(error.error))?;
    Ok(())
}

/// Writes a new folder with these files (name and text), whole or not at all.
///
/// # Errors
/// The folder exists and is not empty, or cannot be written.
pub fn write_folder<'a>(path: &Path, files: impl Iterator<Item = (&'a str, &'a str)>) -> Result<(), Error> {
    let wrong = |error: io::Error| Error::unwritable(path, &error);
    match fs::read_dir(path).map(|mut entries| entries.next().is_none()) {
        Ok(true) => {}
        Ok(false) => return Err(Error::Exists(path.to_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(wrong(error)),
    }
    // `./mine/.` has no parent to rename in.
    let path: &Path = &path.components().collect::<PathBuf>();
    let folder = parent(path);
    fs::create_dir_all(&folder).map_err(wrong)?;
    let temporary = tempfile::Builder::new()
        .prefix(TEMPORARY)
        .tempdir_in(&folder)
        .map_err(wrong)?;
    let inner = temporary.path().join("model");
    fs::create_dir(&inner).map_err(wrong)?;
    for (name, text) in files {
        fs::write(inner.join(name), text).map_err(wrong)?;
    }
    // Renaming onto an empty folder replaces it on Unix; elsewhere it has to go first.
    if cfg!(not(unix)) && path.exists() {
        fs::remove_dir(path).map_err(wrong)?;
    }
    fs::rename(&inner, path).map_err(wrong)
}

fn parent(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// How the names of temporary files begin.
const TEMPORARY: &str = ".melian-";

/// Returns whether a file is one that was being written.
pub(crate) fn is_temporary(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    name.is_some_and(|name| name.starts_with(TEMPORARY))
}

/// A temporary file that nobody has written to for so long belongs to nobody.
const ABANDONED: Duration = Duration::from_secs(24 * 60 * 60);

/// Removes temporary files of processes that died while they wrote into a folder. What cannot be removed stays.
pub(crate) fn sweep(folder: &Path) {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    for path in entries
        .map(|entry| entry.path())
        .filter(|path| is_temporary(path))
    {
        let written = fs::metadata(&path).and_then(|there| there.modified());
        let age = written.ok().and_then(|written| written.elapsed().ok());
        if age.is_some_and(|age| age > ABANDONED) {
            let _ = fs::remove_file(path);
        }
    }
}

pub(crate) fn temporary(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(TEMPORARY);
    // Temporary files are private by default; a result is as readable as any other file.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .expect("a folder")
            .map(|entry| {
                entry
                    .expect("an entry")
                    .file_name()
                    .to_string_lossy()
                    .into_owned()
            })
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_is_replaced_and_nothing_else_is_left() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("new/page.html");
        write(&path, b"old").expect("it is written");
        write(&path, b"new").expect("it is replaced");
        assert_eq!(fs::read(&path).expect("it is there"), b"new");
        assert_eq!(names(&folder.path().join("new")), ["page.html"]);
    }

    #[test]
    fn what_a_dead_process_was_writing_goes_and_nothing_else() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for (name, age) in [(".melian-old", 2), (".melian-new", 0), ("page.html", 2)] {
            let file = fs::File::create(folder.path().join(name)).expect("a file");
            let written = std::time::SystemTime::now() - age * ABANDONED;
            file.set_modified(written).expect("it can be aged");
        }
        sweep(folder.path());
        assert_eq!(names(folder.path()), [".melian-new", "page.html"]);
    }

    #[test]
    fn a_folder_is_no_place_for_a_file() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let error = write(folder.path(), b"").expect_err("it is a folder").to_string();
        assert!(error.ends_with("it is a folder"), "{error}");
    }

    #[test]
    fn a_file_on_the_way_is_named_and_unharmed() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = folder.path().join("file");
        fs::write(&file, "kept").expect("a file");
        assert!(write(&file.join("page.html"), b"").is_err());
        assert_eq!(fs::read(&file).expect("it is there"), b"kept");
    }

    #[test]
    fn a_folder_that_is_not_empty_is_left_alone() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        fs::write(folder.path().join("mine.mel"), "mine").expect("a file");
        let error =
            write_folder(folder.path(), std::iter::once(("a.mel", "a"))).expect_err("it is not empty");
        assert!(
            error.to_string().ends_with("exists already and is not empty"),
            "{error}"
        );
        assert_eq!(names(folder.path()), ["mine.mel"]);
    }

    #[test]
    fn an_empty_folder_is_filled() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let empty = folder.path().join("empty");
        fs::create_dir(&empty).expect("a folder");
        write_folder(&empty.join("."), std::iter::once(("a.mel", "a"))).expect("it is filled");
        assert_eq!(names(&empty), ["a.mel"]);
        assert_eq!(names(folder.path()), ["empty"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_and_its_target_is_replaced() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (target, link) = (folder.path().join("target"), folder.path().join("link"));
        fs::write(&target, "old").expect("a file");
        std::os::unix::fs::symlink(&target, &link).expect("a link");
        write(&link, b"new").expect("it is written");
        assert_eq!(fs::read(&target).expect("it is there"), b"new");
        assert!(link.is_symlink());
    }
}
