//! A model folder on disk.

use std::fs;
use std::io::Read;
use std::path::{Component, Path, PathBuf};

use melian_language::files::Files;

use crate::error::{Error, words};

/// No file of a model may be larger, in bytes: ten times the largest text a person would write, small enough to check at once.
pub const LARGEST_FILE: u64 = 4 << 20;

/// No folder may hold more `.mel` files: a model of a file per mechanism has dozens (a choice by judgement).
const MOST_MODEL_FILES: usize = 1000;

/// A folder with a model. It is read when it is asked, and nothing outside it can be asked for.
#[derive(Debug)]
pub struct Folder {
    /// Without links, so that what lies inside can be told.
    root: PathBuf,
    models: Vec<String>,
}

impl Folder {
    /// Opens a folder.
    ///
    /// # Errors
    /// There is no such folder, it cannot be listed, it holds no `.mel` file, or one of those cannot be read as text.
    pub fn open(path: &Path) -> Result<Folder, Error> {
        let unreadable = |error: std::io::Error| Error::Unreadable {
            path: path.to_owned(),
            why: words(&error),
        };
        if path.is_file() {
            return Err(Error::NotAFolder(path.to_owned()));
        }
        let root = match path.canonicalize() {
            Ok(root) => root,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(Error::NoFolder(path.to_owned()));
            }
            Err(error) => return Err(unreadable(error)),
        };
        let mut models = Vec::new();
        for entry in fs::read_dir(&root).map_err(unreadable)? {
            let name = entry.map_err(unreadable)?.file_name();
            if Path::new(&name)
                .extension()
                .is_some_and(|extension| extension == "mel")
            {
                models.push(name.to_string_lossy().into_owned());
            }
        }
        models.sort();
        if models.is_empty() {
            return Err(Error::NoModel(path.to_owned()));
        }
        if models.len() > MOST_MODEL_FILES {
            let why = format!(
                "it holds {} `.mel` files, more than {MOST_MODEL_FILES}",
                models.len()
            );
            return Err(Error::Unreadable {
                path: path.to_owned(),
                why,
            });
        }
        let folder = Folder { root, models };
        for name in &folder.models {
            folder.text(name).map_err(|why| Error::Unreadable {
                path: path.join(name),
                why,
            })?;
        }
        Ok(folder)
    }

    /// Returns the folder's path, absolute and without links.
    pub fn path(&self) -> &Path {
        &self.root
    }

    fn inside(&self, name: &str) -> Result<PathBuf, String> {
        let plain = Path::new(name)
            .components()
            .all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
        if name.is_empty() || !plain {
            return Err(format!(
                "`{name}` does not lie in the model folder, and a model reads nothing else"
            ));
        }
        let path = self
            .root
            .join(name)
            .canonicalize()
            .map_err(|error| match error.kind() {
                std::io::ErrorKind::NotFound => format!("there is no file `{name}` in the model folder"),
                _ => words(&error),
            })?;
        if path.starts_with(&self.root) {
            Ok(path)
        } else {
            Err(format!(
                "`{name}` is a link that leads out of the model folder, and a model reads nothing else"
            ))
        }
    }
}

impl Files for Folder {
    fn models(&self) -> Vec<String> {
        self.models.clone()
    }

    fn text(&self, name: &str) -> Result<String, String> {
        let path = self.inside(name)?;
        // A pipe or a device would be read for ever.
        if !fs::metadata(&path).map_err(|error| words(&error))?.is_file() {
            return Err("it is not a file".into());
        }
        let file = fs::File::open(&path).map_err(|error| words(&error))?;
        let mut bytes = Vec::new();
        // One byte more than allowed shows that it is too large, even if it grows meanwhile.
        file.take(LARGEST_FILE + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| words(&error))?;
        if bytes.len() as u64 > LARGEST_FILE {
            return Err(format!(
                "it is larger than {} MiB, the most that a file of a model may have",
                LARGEST_FILE >> 20
            ));
        }
        text(bytes)
    }

    fn has(&self, name: &str) -> bool {
        // A link that leads nowhere is there too: whoever made it meant something to be read.
        self.root.join(name).symlink_metadata().is_ok()
    }
}

fn text(bytes: Vec<u8>) -> Result<String, String> {
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let line = error.as_bytes()[..at]
            .iter()
            .filter(|&&byte| byte == b'\n')
            .count()
            + 1;
        format!(
            "line {line} is not UTF-8 text (byte {}); save the file as UTF-8",
            at + 1
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for (name, bytes) in files {
            fs::write(folder.path().join(name), bytes).expect("a file");
        }
        folder
    }

    fn why(files: &[(&str, &[u8])]) -> String {
        Folder::open(folder(files).path())
            .expect_err("it cannot be opened")
            .to_string()
    }

    #[test]
    fn a_folder_gives_its_models_in_order_and_any_text_by_name() {
        let folder = folder(&[("b.mel", b"melian 0.1"), ("a.mel", b""), ("facts.toml", b"x = 1")]);
        let opened = Folder::open(folder.path()).expect("it opens");
        assert_eq!(opened.models(), ["a.mel", "b.mel"]);
        assert_eq!(opened.text("facts.toml"), Ok("x = 1".into()));
    }

    #[test]
    fn a_missing_folder_is_named() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let error = Folder::open(&folder.path().join("nowhere"))
            .expect_err("it is missing")
            .to_string();
        assert!(
            error.starts_with("there is no folder `") && error.ends_with("nowhere`"),
            "{error}"
        );
    }

    #[test]
    fn a_folder_without_a_model_is_no_model() {
        assert!(why(&[("facts.toml", b"")]).starts_with("there is no `.mel` file in"));
    }

    #[test]
    fn text_that_is_not_utf_8_is_reported_with_its_line() {
        let why = why(&[("a.mel", b"melian 0.1\nmodel \xff")]);
        assert!(
            why.ends_with("a.mel`: line 2 is not UTF-8 text (byte 18); save the file as UTF-8"),
            "{why}"
        );
    }

    #[test]
    fn a_file_that_cannot_be_read_is_there_nevertheless() {
        let folder = folder(&[("a.mel", b""), ("facts.toml", b"\xff")]);
        let opened = Folder::open(folder.path()).expect("it opens");
        assert!(opened.has("facts.toml") && opened.text("facts.toml").is_err());
        assert!(!opened.has("references.toml"));
    }

    #[test]
    fn a_huge_file_is_refused() {
        let huge = vec![b' '; LARGEST_FILE as usize + 1];
        assert!(why(&[("a.mel", &huge)]).contains("larger than 4 MiB"));
    }

    #[test]
    fn nothing_outside_the_folder_can_be_asked_for() {
        let folder = folder(&[("a.mel", b"")]);
        let opened = Folder::open(folder.path()).expect("it opens");
        for name in ["../a.mel", "/etc/hostname", "x/../../a.mel", ""] {
            let error = opened.text(name).expect_err("it lies outside");
            assert!(error.contains("does not lie in the model folder"), "{error}");
        }
        assert_eq!(
            opened.text("facts.toml"),
            Err("there is no file `facts.toml` in the model folder".into())
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_link_out_of_the_folder_is_not_followed() {
        let outside = folder(&[("secret.csv", b"secret")]);
        let folder = folder(&[("a.mel", b"")]);
        std::os::unix::fs::symlink(outside.path().join("secret.csv"), folder.path().join("table.csv"))
            .expect("a link");
        std::os::unix::fs::symlink(folder.path().join("a.mel"), folder.path().join("b.mel")).expect("a link");
        let opened = Folder::open(folder.path()).expect("it opens");
        assert!(
            opened
                .text("table.csv")
                .expect_err("it leads out")
                .contains("leads out of the model folder")
        );
        assert_eq!(
            opened.text("b.mel"),
            Ok(String::new()),
            "a link within the folder is fine"
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_named_like_a_model_is_not_read() {
        let folder = folder(&[]);
        fs::create_dir(folder.path().join("a.mel")).expect("a folder");
        assert!(
            Folder::open(folder.path())
                .expect_err("no file")
                .to_string()
                .contains("it is not a file")
        );
    }
}
