//! What an author says in comments.

use melian_language::source::{Sources, Span};

/// Returns the comment that stands above all declarations of a file, a paragraph a line. A comment that touches the first declaration is
/// that one's own.
pub(crate) fn head_comment(text: &str) -> String {
    let mut lines = text
        .lines()
        .map(str::trim)
        .skip_while(|line| line.is_empty() || line.starts_with("melian "));
    let mut paragraphs = vec![String::new()];
    for line in lines.by_ref() {
        let Some(words) = line.strip_prefix("//").map(str::trim) else {
            let alone = line.is_empty();
            return if alone {
                paragraphs.join("\n").trim().to_owned()
            } else {
                String::new()
            };
        };
        match paragraphs.last_mut() {
            Some(last) if !words.is_empty() => {
                let space = if last.is_empty() { "" } else { " " };
                last.push_str(&format!("{space}{words}"));
            }
            _ => paragraphs.push(String::new()),
        }
    }
    paragraphs.join("\n").trim().to_owned()
}

/// The lines of all files, to find the comments above declarations: each line is looked at once, however many ask.
pub(crate) struct Notes<'s> {
    files: Vec<Vec<Line<'s>>>,
}

struct Line<'s> {
    /// Where it begins.
    start: u32,
    text: &'s str,
    /// The first line of its paragraph (lines without an empty one between).
    paragraph: usize,
}

impl<'s> Notes<'s> {
    pub(crate) fn new(sources: &'s Sources) -> Notes<'s> {
        let lines_of = |(_, text): &'s (String, String)| {
            let (mut start, mut paragraph) = (0, 0);
            let line = |(number, text): (usize, &'s str)| {
                if text.trim().is_empty() {
                    paragraph = number + 1;
                }
                let line = Line {
                    start,
                    text,
                    paragraph,
                };
                start += text.len() as u32;
                line
            };
            text.split_inclusive('\n').enumerate().map(line).collect()
        };
        Notes {
            files: sources.files.iter().map(lines_of).collect(),
        }
    }

    /// Returns the line in which a declaration begins, from 1.
    pub(crate) fn line(&self, span: Span) -> usize {
        let lines = &self.files[span.file.0 as usize];
        lines.partition_point(|line| line.start <= span.start).max(1)
    }

    /// Returns the comments above a declaration: those that open its paragraph, and its own.
    pub(crate) fn above(&self, span: Span) -> Vec<String> {
        let lines = &self.files[span.file.0 as usize];
        // What stands before the declaration on its own line is not a line before it.
        let own_line = self.line(span) - 1;
        let begin = lines.get(own_line).map_or(0, |line| line.paragraph.min(own_line));
        let paragraph = &lines[begin..own_line];
        let comment = |lines: &[Line]| -> String {
            let words = lines
                .iter()
                .filter_map(|line| line.text.trim().strip_prefix("//").map(str::trim));
            words.collect::<Vec<_>>().join(" ")
        };
        let is_comment = |line: &&Line| line.text.trim().starts_with("//");
        let opening = paragraph.iter().take_while(is_comment).count();
        let own = paragraph.iter().rev().take_while(is_comment).count();
        let mut found = Vec::new();
        if opening > 0 {
            found.push(comment(&paragraph[..opening]));
        }
        if own > 0 && opening + own <= paragraph.len() && opening < paragraph.len() {
            found.push(comment(&paragraph[paragraph.len() - own..]));
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use melian_language::source::FileId;

    use super::*;

    #[test]
    fn notes_are_the_paragraphs_and_ones_own() {
        let text = "melian 0.1\n\n// The file.\n\n// Judged by\n// us.\nparam a ~ 1 to 2\n// A third is nil.\nparam b ~ 1 to 2\nparam c ~ 1 to 2\n\nparam d ~ 1 to 2\n";
        let sources = Sources {
            files: vec![("a.mel".into(), text.into())],
        };
        let notes_of = |name: &str| {
            let start = text.find(&format!("param {name}")).expect("declared") as u32;
            let span = Span {
                file: FileId(0),
                start,
                end: start + 1,
            };
            Notes::new(&sources).above(span)
        };
        assert_eq!(notes_of("a"), ["Judged by us."]);
        assert_eq!(notes_of("b"), ["Judged by us.", "A third is nil."]);
        assert_eq!(notes_of("c"), ["Judged by us."]);
        assert!(notes_of("d").is_empty());
    }
}
