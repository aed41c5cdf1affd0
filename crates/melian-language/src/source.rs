//! Files, spans and lines.

/// A file of the model, by its position in [`Sources`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
pub struct FileId(pub u32);

/// A range of bytes of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// Returns the smallest span that covers both; they lie in one file.
    pub fn to(self, other: Span) -> Span {
        Span {
            file: self.file,
            start: self.start.min(other.start),
            end: self.end.max(other.end),
        }
    }
}

/// The texts of a model, sorted by name.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// Name (relative to the folder) and text.
    pub files: Vec<(String, String)>,
}

impl Sources {
    /// Returns the name of a file.
    pub fn name(&self, file: FileId) -> &str {
        &self.files[file.0 as usize].0
    }

    /// Returns the text of a file.
    pub fn text(&self, file: FileId) -> &str {
        &self.files[file.0 as usize].1
    }

    /// Returns the text of a span.
    pub fn excerpt(&self, span: Span) -> &str {
        &self.text(span.file)[span.start as usize..span.end as usize]
    }

    /// Returns the line and column (in characters) of a span's start, both counted from 1.
    pub fn line_column(&self, span: Span) -> (usize, usize) {
        let before = &self.text(span.file)[..span.start as usize];
        // Bytes are counted many at a time; characters would be looked for one by one.
        let line = before.bytes().filter(|&byte| byte == b'\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        (line, column)
    }
}
