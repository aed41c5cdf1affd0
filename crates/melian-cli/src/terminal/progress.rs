//! Progress of long work, on the standard error stream and only where somebody looks.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar that appears when work takes longer than a moment.
pub struct Progress {
    bar: ProgressBar,
    is_quiet: bool,
}

/// Work that ends sooner needs no bar, which would only flicker.
const MOMENT: Duration = Duration::from_millis(400);

impl Progress {
    /// Starts; invisible if quiet or without a terminal.
    pub fn start(quiet: bool) -> Progress {
        let visible = !quiet && std::io::stderr().is_terminal();
        let target = if visible {
            ProgressDrawTarget::stderr_with_hz(10)
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(Some(0), target);
        let template = "{msg}{bar:30} {human_pos} of {human_len} futures, {eta} left";
        bar.set_style(
            ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()),
        );
        Progress { bar, is_quiet: quiet }
    }

    /// Says what is being done, where work has several parts.
    pub fn doing(&self, what: &str) {
        self.bar.set_message(format!("{what}: "));
    }

    /// Says how many futures are done, and of how many.
    pub fn at(&self, done: u64, all: u64) {
        self.bar.set_length(all);
        if self.bar.elapsed() > MOMENT {
            self.bar.set_position(done);
        }
    }

    /// Says something beside the bar.
    pub fn say(&self, text: &str) {
        self.bar.suspend(|| super::say(&super::warnings::line(text)));
    }

    /// Says what nobody has to mind, unless quiet.
    pub fn note(&self, text: &str) {
        if !self.is_quiet {
            self.bar.suspend(|| super::say(&format!("{text}\n")));
        }
    }

    /// Leaves no trace.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
