//! How a command fails: in whose hands it is, in words, with what to do.

use std::process::ExitCode;

use crate::terminal::{self, style};

/// Why a command ends without having done what was asked.
#[derive(Debug)]
pub enum Failure {
    /// The model is unsound; its diagnostics have been shown.
    Unsound,
    /// The command was not used as it is meant to be.
    Usage(Message),
    /// The world: a file, the disk, the size of the machine.
    World(Message),
    /// Somebody pressed Ctrl-C.
    Interrupted,
}

/// What went wrong, and hints that gather as it travels up.
#[derive(Debug)]
pub struct Message {
    text: String,
    hints: Vec<String>,
}

impl Failure {
    /// Makes a failure of usage.
    pub fn usage(text: impl Into<String>) -> Failure {
        Failure::Usage(Message {
            text: text.into(),
            hints: Vec::new(),
        })
    }

    /// Makes a failure of the world.
    pub fn world(text: impl Into<String>) -> Failure {
        Failure::World(Message {
            text: text.into(),
            hints: Vec::new(),
        })
    }

    /// Adds something that can be done.
    pub fn hint(mut self, hint: impl Into<String>) -> Failure {
        if let Failure::Usage(message) | Failure::World(message) = &mut self {
            message.hints.push(hint.into());
        }
        self
    }

    /// Says it and returns the exit code: 1 the model, 2 usage, 3 the world, 130 interrupted.
    pub fn report(self) -> ExitCode {
        match self {
            Failure::Unsound => ExitCode::from(1),
            Failure::Usage(message) => message.say(2),
            Failure::World(message) => message.say(3),
            Failure::Interrupted => {
                terminal::say("interrupted; no result was written\n");
                ExitCode::from(130)
            }
        }
    }
}

impl Message {
    fn say(self, code: u8) -> ExitCode {
        let mut text = format!("{}: {}\n", style::paint(style::ERROR, "error"), self.text);
        for hint in self.hints {
            text.push_str(&format!("  {}: {hint}\n", style::paint(style::HINT, "help")));
        }
        terminal::say(&text);
        ExitCode::from(code)
    }
}

impl From<melian_data::Error> for Failure {
    fn from(error: melian_data::Error) -> Failure {
        Failure::world(error.to_string())
    }
}

/// A panic is a fault of this program; it says so before the details, and ends with exit code 101.
pub fn explain_panics() {
    let details = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        terminal::say(
            "melian has a fault of its own. Your files are unharmed; please report what follows.\n",
        );
        details(panic);
    }));
}
