//! What the outside world may do wrong, in words.

use std::io;
use std::path::{Path, PathBuf};

/// Why something on disk cannot be had or written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such folder.
    #[error("there is no folder `{}`", .0.display())]
    NoFolder(PathBuf),
    /// It is a file.
    #[error("`{}` is a file, and a model is a folder of `.mel` files", .0.display())]
    NotAFolder(PathBuf),
    /// The folder holds no model.
    #[error("there is no `.mel` file in `{}`", .0.display())]
    NoModel(PathBuf),
    /// A file of the folder cannot be read as text.
    #[error("cannot read `{}`: {why}", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// Something is there already.
    #[error("`{}` exists already and is not empty", .0.display())]
    Exists(PathBuf),
    /// A file of the cache is not what was written.
    #[error("`{}` is damaged: its checksum is not that of its content", .0.display())]
    Damaged(PathBuf),
    /// A result cannot be written.
    #[error("cannot write `{}`: {why}", .path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
}

impl Error {
    pub(crate) fn unreadable(path: &Path, error: &io::Error) -> Error {
        Error::Unreadable {
            path: path.to_owned(),
            why: words(error),
        }
    }

    pub(crate) fn unwritable(path: &Path, error: &io::Error) -> Error {
        Error::Unwritable {
            path: path.to_owned(),
            why: words(error),
        }
    }
}

/// Says what went wrong without an error number.
pub(crate) fn words(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file or folder".into(),
        io::ErrorKind::PermissionDenied => "permission denied".into(),
        io::ErrorKind::IsADirectory => "it is a folder".into(),
        io::ErrorKind::NotADirectory => "a part of the path is not a folder".into(),
        io::ErrorKind::AlreadyExists => "a file is where a folder should be".into(),
        io::ErrorKind::ReadOnlyFilesystem => "the file system is read-only".into(),
        io::ErrorKind::StorageFull => "the disk is full".into(),
        _ => error.to_string(),
    }
}
