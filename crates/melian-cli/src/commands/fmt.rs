//! `melian fmt`.

use std::path::PathBuf;

use melian_data::{Folder, write};
use melian_language::files::Files;
use melian_language::source::Sources;

use crate::Outcome;
use crate::failure::Failure;
use crate::terminal::{self, diagnostics};

/// Lays the files of a model out in the one style.
#[derive(clap::Args)]
pub struct Arguments {
    /// The model's folder
    #[arg(default_value = ".")]
    folder: PathBuf,
    /// Changes nothing; exit code 1 if a file would change
    #[arg(long)]
    check: bool,
}

/// Formats.
pub fn run(arguments: &Arguments) -> Outcome {
    let folder = Folder::open(&arguments.folder)?;
    let mut formatted = Vec::new();
    let mut unsound = false;
    for name in folder.models() {
        let text = folder.text(&name).map_err(Failure::world)?;
        match melian_language::format::format(&text) {
            Ok(new) if new == text => {}
            Ok(new) => formatted.push((name, new)),
            Err(wrong) => {
                let sources = Sources {
                    files: vec![(name, text)],
                };
                terminal::say(&diagnostics::render(&wrong, &sources));
                unsound = true;
            }
        }
    }
    let mut said = String::new();
    for (name, text) in &formatted {
        if arguments.check {
            said.push_str(&format!("{name} would change\n"));
        } else {
            write(&folder.path().join(name), text.as_bytes())?;
            said.push_str(&format!("{name} formatted\n"));
        }
    }
    if said.is_empty() && !unsound {
        said.push_str("nothing to change\n");
    }
    terminal::print(&said)?;
    if unsound || (arguments.check && !formatted.is_empty()) {
        Err(Failure::Unsound)
    } else {
        Ok(())
    }
}
