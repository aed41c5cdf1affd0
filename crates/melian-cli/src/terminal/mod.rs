//! What is printed. Text is made as a whole, with colours in it, and loses them on the way out where they cannot be shown.

pub mod answer;
pub mod comparison;
pub mod diagnostics;
pub mod evidence;
pub mod explanation;
pub mod layout;
pub mod progress;
pub mod style;
pub mod units;
pub mod versions;
pub mod warnings;

use std::io::Write;

use crate::failure::Failure;

/// Prints a result. Nobody reading on (`melian run | head`) is no failure.
pub fn print(text: &str) -> Result<(), Failure> {
    let mut out = anstream::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(Failure::world(format!(
            "cannot write to standard output: {error}"
        ))),
        _ => Ok(()),
    }
}

/// Says something beside the result. There is nobody to tell if it cannot be said.
pub fn say(text: &str) {
    let mut out = anstream::stderr().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}
