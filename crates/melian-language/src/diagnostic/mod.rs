//! What is wrong with a model, as plain data. Faces render it.

pub mod codes;

use crate::source::Span;

/// One cause, one diagnostic.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Diagnostic {
    /// Code such as `E0301`; its page is `diagnostic/E0301.md`.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// A fact about the author's model, in lower case, without a full stop.
    pub message: String,
    /// Where. None for what concerns the folder as a whole.
    pub primary: Option<Label>,
    /// Other places that matter, each with a word on why.
    pub labels: Vec<Label>,
    /// Remarks.
    pub notes: Vec<String>,
    /// Something one can type.
    pub help: Option<String>,
    /// The help as an edit, where it is certain.
    pub edit: Option<Edit>,
}

/// A place and a word on it.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What it says there; may be empty.
    pub text: String,
}

/// A replacement of text.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Edit {
    /// What is replaced.
    pub span: Span,
    /// By what.
    pub replacement: String,
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub enum Severity {
    /// The model cannot be run.
    Error,
    /// The model can be run, but look at this.
    Warning,
}

impl Diagnostic {
    /// Makes an error at a place.
    pub fn error(code: &'static str, message: impl Into<String>, span: Span) -> Diagnostic {
        Diagnostic {
            primary: Some(Label {
                span,
                text: String::new(),
            }),
            ..Diagnostic::of_folder(code, message)
        }
    }

    /// Makes an error that concerns the folder, or a file that could not be read, rather than a place.
    pub fn of_folder(code: &'static str, message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            code,
            severity: Severity::Error,
            message: message.into(),
            primary: None,
            labels: Vec::new(),
            notes: Vec::new(),
            help: None,
            edit: None,
        }
    }

    /// Makes a warning at a place.
    pub fn warning(code: &'static str, message: impl Into<String>, span: Span) -> Diagnostic {
        Diagnostic {
            severity: Severity::Warning,
            ..Diagnostic::error(code, message, span)
        }
    }

    /// Adds a word on the primary place.
    pub fn saying(mut self, text: impl Into<String>) -> Diagnostic {
        if let Some(primary) = &mut self.primary {
            primary.text = text.into();
        }
        self
    }

    /// Adds another place.
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Diagnostic {
        self.labels.push(Label {
            span,
            text: text.into(),
        });
        self
    }

    /// Adds a remark.
    pub fn note(mut self, text: impl Into<String>) -> Diagnostic {
        self.notes.push(text.into());
        self
    }

    /// Adds something one can type.
    pub fn help(mut self, text: impl Into<String>) -> Diagnostic {
        self.help = Some(text.into());
        self
    }
}
