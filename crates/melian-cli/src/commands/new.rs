//! `melian new`.

use std::path::{Path, PathBuf};

use melian_data::write_folder;

use crate::Outcome;
use crate::failure::Failure;
use crate::terminal;

/// Starts a new model: a small one that runs, to be replaced line by line.
#[derive(clap::Args)]
pub struct Arguments {
    /// Name of the model: a letter followed by letters, digits and `_`; its folder gets the same name
    name: PathBuf,
}

const MODEL: &str = include_str!("../template/model.mel");
const FACTS: &str = include_str!("../template/facts.toml");

/// Writes the folder.
pub fn run(arguments: &Arguments) -> Outcome {
    let folder = &arguments.name;
    let name = folder
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let plain = |name: &str| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if !plain(&name) || !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        let better: String = name
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
            .collect();
        let failure = Failure::usage(format!(
            "`{name}` cannot name a model: a letter, then letters, digits and `_`"
        ));
        let usable = better.starts_with(|c: char| c.is_ascii_alphabetic());
        return Err(if usable {
            failure.hint(format!("try `{better}`"))
        } else {
            failure
        });
    }
    let file = format!("{name}.mel");
    let model = MODEL.replace("NAME", &name);
    write_folder(
        folder,
        [(file.as_str(), model.as_str()), ("facts.toml", FACTS)].into_iter(),
    )
    .map_err(|error| match error {
        melian_data::Error::Exists(_) => Failure::from(error).hint("choose another name"),
        _ => Failure::from(error),
    })?;
    let folder = shown(folder);
    terminal::print(&format!(
        "made {folder}/{file} and {folder}/facts.toml\nnow `melian run {folder}`\n"
    ))
}

fn shown(path: &Path) -> String {
    if path.components().count() == 1 {
        format!("./{}", path.display())
    } else {
        path.display().to_string()
    }
}
