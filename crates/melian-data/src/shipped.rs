//! Models that come with the program.

use std::path::Path;

use melian_language::files::Files;

use crate::error::Error;
use crate::write::write_folder;

/// A model that comes with the program.
#[derive(Clone, Copy, Debug)]
pub struct Shipped {
    /// Its name.
    pub name: &'static str,
    /// Its files: name and text, sorted by name.
    pub files: &'static [(&'static str, &'static str)],
}

static SHIPPED: &[Shipped] = include!(concat!(env!("OUT_DIR"), "/shipped.rs"));

/// Returns all models that come with the program, sorted by name.
pub fn shipped() -> &'static [Shipped] {
    SHIPPED
}

impl Files for Shipped {
    fn models(&self) -> Vec<String> {
        self.files
            .iter()
            .map(|(name, _)| (*name).to_owned())
            .filter(|name| name.ends_with(".mel"))
            .collect()
    }

    fn text(&self, name: &str) -> Result<String, String> {
        let file = self.files.iter().find(|(file, _)| *file == name);
        file.map(|(_, text)| (*text).to_owned())
            .ok_or_else(|| format!("there is no file `{name}` in the model folder"))
    }
}

/// Copies a shipped model into a new (or empty) folder, whole or not at all.
///
/// # Errors
/// The folder exists and is not empty, or cannot be written.
pub fn copy(model: &Shipped, folder: &Path) -> Result<(), Error> {
    write_folder(folder, model.files.iter().map(|(name, text)| (*name, *text)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::folder::Folder;

    #[test]
    fn a_copied_model_is_the_shipped_one() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mine = folder.path().join("mine");
        for model in shipped() {
            copy(model, &mine.join(model.name)).expect("it is copied");
            let copied = Folder::open(&mine.join(model.name)).expect("it opens");
            assert_eq!(copied.models(), model.models());
            for (name, text) in model.files {
                assert_eq!(copied.text(name).as_deref(), Ok(*text));
            }
        }
    }

    #[test]
    fn the_small_models_are_shipped() {
        let names: Vec<&str> = shipped().iter().map(|model| model.name).collect();
        for name in [
            "birth_death",
            "dialogue",
            "july_1914",
            "lanchester",
            "richardson",
            "vietnam_rok",
        ] {
            assert!(names.contains(&name), "{names:?}");
        }
    }
}
