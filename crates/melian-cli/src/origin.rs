//! Where a model comes from: a folder, or the program itself.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

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
    /// A folder as git keeps it.
    Revision {
        /// Its files.
        files: BTreeMap<String, String>,
        /// As it was asked for.
        name: String,
    },
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

/// Finds a version of a model: a folder or a shipped model, or `FOLDER@REVISION`, the folder as git keeps it there.
pub fn find_version(name: &str) -> Result<Origin, Failure> {
    let Some((folder, revision)) = name.rsplit_once('@') else {
        return Ok(find(name)?.0);
    };
    if Path::new(name).is_dir() {
        return Ok(find(name)?.0);
    }
    if !Path::new(folder).is_dir() {
        let shipped = shipped().iter().any(|model| model.name == folder);
        return Err(if shipped {
            Failure::usage(format!("`{folder}` comes with melian and has no revisions"))
                .hint("take a folder that git keeps: `FOLDER@REVISION`")
        } else {
            not_found(folder, Path::new(folder))
        });
    }
    // What begins with a dash would be an option.
    if revision.is_empty() || revision.starts_with('-') {
        return Err(Failure::usage(format!("`{revision}` is no revision"))
            .hint("a revision is a commit, branch or tag: `FOLDER@HEAD~1`"));
    }
    let git = |arguments: &[&str]| -> Result<Vec<u8>, Failure> {
        let said = Command::new("git").arg("-C").arg(folder).args(arguments).output();
        let said = said.map_err(|error| {
            Failure::world(format!("`git` cannot be started: {error}"))
                .hint("revisions need git; or copy the version to a folder of its own")
        })?;
        if said.status.success() {
            return Ok(said.stdout);
        }
        let why = String::from_utf8_lossy(&said.stderr);
        let why = why
            .lines()
            .next()
            .unwrap_or_default()
            .trim_start_matches("fatal: ");
        Err(
            Failure::usage(format!("git has no `{folder}` at `{revision}`: {why}"))
                .hint("`git log --oneline -- FOLDER` lists its revisions"),
        )
    };
    let listed = git(&["ls-tree", "--name-only", "-z", "--", revision])?;
    let mut files = BTreeMap::new();
    for name in String::from_utf8_lossy(&listed).split('\0') {
        let read = [".mel", ".toml", ".lock", ".csv", ".geojson"];
        if read.iter().any(|ending| name.ends_with(ending)) {
            let text = git(&["cat-file", "blob", &format!("{revision}:./{name}")])?;
            let text = String::from_utf8(text)
                .map_err(|_| Failure::world(format!("`{name}` at `{revision}` is not UTF-8")))?;
            files.insert(name.to_owned(), text);
        }
    }
    if !files.keys().any(|name| name.ends_with(".mel")) {
        return Err(Failure::from(melian_data::Error::NoModel(
            Path::new(name).to_owned(),
        )));
    }
    Ok(Origin::Revision {
        files,
        name: name.to_owned(),
    })
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
            Origin::Revision { files, .. } => files,
        }
    }

    /// Returns what tells this model from any other: the folder's path, or the shipped name.
    pub fn place(&self) -> String {
        match self {
            Origin::Folder(folder) => folder.path().display().to_string(),
            Origin::Shipped(shipped) => format!("shipped:{}", shipped.name),
            Origin::Revision { name, .. } => format!("revision:{name}"),
        }
    }
}
