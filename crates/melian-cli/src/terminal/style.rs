//! Few colours, each for one purpose. They vanish where there is no terminal, and with `NO_COLOR`.

use anstyle::{AnsiColor, Style};

/// The figure of a sentence, a heading.
pub const STRONG: Style = Style::new().bold();
/// What stands around it.
pub const FAINT: Style = Style::new().dimmed();
/// Something is wrong.
pub const ERROR: Style = AnsiColor::Red.on_default().bold();
/// Look at this.
pub const WARNING: Style = AnsiColor::Yellow.on_default().bold();
/// What can be done.
pub const HINT: Style = AnsiColor::Cyan.on_default().bold();
/// A claim holds.
pub const GOOD: Style = AnsiColor::Green.on_default().bold();

/// Puts a text into a style.
pub fn paint(style: Style, text: impl std::fmt::Display) -> String {
    let text = text.to_string();
    // Nothing has no colour, so that it leaves no blanks at the end of a line.
    if text.is_empty() {
        text
    } else {
        format!("{style}{text}{style:#}")
    }
}
