//! Where a model comes from: a folder, or the program itself.

use std::path::Path;

use melian_data::{Folder, Shipped, shipped};
use melian_language::files::Files;
use melian_language::names::did_you_mean;

use crate::failure::Failure;

/// A model that was found.
pub enum Origin {
    /// A folder.
    Folder(Folder),
    /// Shipped with the program.
    Shipped(&'static Shipped),
}

/// Finds a model by path or name. A folder wins over a shipped model of the same name; the second part says so, if there is anything to say.
pub fn find(name: &str) -> Result<(Origin, Option<String>), Failure> {
    let path = Path::new(name);
    let model = shipped().iter().find(|model| model.name == name);
    if path.is_dir() {
        let folder = Folder::open(path)?;
        let said = model.map(|_| format!("running the folder ./{name}, not the shipped model of that name"));
        return Ok((Origin::Folder(folder), said));
    }
    if let Some(model) = model {
        return Ok((Origin::Shipped(model), None));
    }
    Err(not_found(name, path))
}

fn not_found(name: &str, path: &Path) -> Failure {
    if path.is_file() {
        let failure = Failure::from(melian_data::Error::NotAFolder(path.to_owned()));
        return match path.parent() {
            Some(parent) if parent != Path::new("") => {
                failure.hint(format!("run its folder: `{}`", parent.display()))
            }
            _ => failure.hint("run its folder: `.`"),
        };
    }
    let names: Vec<&str> = shipped().iter().map(|model| model.name).collect();
    let looks_like_path = name.contains(['/', '\\']) || name.starts_with('.');
    if looks_like_path {
        return Failure::from(melian_data::Error::NoFolder(path.to_owned()));
    }
    let failure = Failure::world(format!("there is no folder and no shipped model named `{name}`"));
    match did_you_mean(name, names.iter().copied()) {
        Some(near) => failure.hint(format!("did you mean `{near}`?")),
        None => failure.hint(format!("models that come with melian: {}", names.join(", "))),
    }
}

impl Origin {
    /// Returns its files.
    pub fn files(&self) -> &dyn Files {
        match self {
            Origin::Folder(folder) => folder,
            Origin::Shipped(shipped) => *shipped,
        }
    }

    /// Returns what tells this model from any other: the folder's path, or the shipped name.
    pub fn place(&self) -> String {
        match self {
            Origin::Folder(folder) => folder.path().display().to_string(),
            Origin::Shipped(shipped) => format!("shipped:{}", shipped.name),
        }
    }
}
