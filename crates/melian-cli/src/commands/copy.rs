//! `melian copy`.

use std::path::PathBuf;

use melian_data::shipped;

use crate::Outcome;
use crate::failure::Failure;
use crate::origin;
use crate::origin::Origin;
use crate::terminal;

/// Copies a shipped model into a folder, to be changed.
#[derive(clap::Args)]
pub struct Arguments {
    /// Name of a shipped model
    name: String,
    /// The new folder; the model's name if left out
    folder: Option<PathBuf>,
}

/// Copies.
pub fn run(arguments: &Arguments) -> Outcome {
    let folder = arguments
        .folder
        .clone()
        .unwrap_or_else(|| PathBuf::from(&arguments.name));
    let Some(model) = shipped().iter().find(|model| model.name == arguments.name) else {
        return Err(unknown(&arguments.name));
    };
    melian_data::copy(model, &folder).map_err(|error| match error {
        melian_data::Error::Exists(_) => {
            Failure::from(error).hint("choose another folder, or remove this one")
        }
        _ => Failure::from(error),
    })?;
    let folder = folder.display();
    terminal::print(&format!(
        "copied {} to {folder}: {} files\nchange a number, then `melian run {folder}` says what changed\n",
        model.name,
        model.files.len()
    ))
}

fn unknown(name: &str) -> Failure {
    match origin::find(name) {
        Ok((Origin::Folder(_), _)) => Failure::usage(format!("`{name}` is a folder, not a shipped model"))
            .hint("copy it with your file manager, or `cp -r`"),
        Ok((Origin::Shipped(_) | Origin::Revision { .. }, _))
        | Err(Failure::Unsound | Failure::Interrupted) => {
            Failure::usage(format!("there is no shipped model named `{name}`"))
        }
        Err(failure) => failure,
    }
}
