//! Ctrl-C ends a command cleanly; pressed again, at once.

use std::sync::atomic::{AtomicBool, Ordering};

static PRESSED: AtomicBool = AtomicBool::new(false);

/// From now on Ctrl-C is remembered rather than fatal.
pub fn watch() {
    let remember = || {
        if PRESSED.swap(true, Ordering::Relaxed) {
            // Results are written to a temporary file first, so nothing partial can stay.
            std::process::exit(130);
        }
    };
    // Without a handler Ctrl-C ends the process as ever, which leaves nothing partial either.
    let _ = ctrlc::set_handler(remember);
}

/// Returns whether Ctrl-C was pressed.
pub fn pressed() -> bool {
    PRESSED.load(Ordering::Relaxed)
}
