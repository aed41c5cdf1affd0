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

/// Returns the comments above a declaration: those that open its paragraph (lines without an empty one between), and its own.
pub(crate) fn notes(sources: &Sources, span: Span) -> Vec<String> {
    let before: Vec<&str> = sources.text(span.file)[..span.start as usize].lines().collect();
    // What stands before the declaration on its own line is not a line before it.
    let whole = sources.line_column(span).0 - 1;
    let paragraph = before[..whole.min(before.len())]
        .rsplit(|line| line.trim().is_empty())
        .next();
    let paragraph = paragraph.unwrap_or_default();
    let comment = |lines: &[&str]| -> String {
        let words = lines
            .iter()
            .filter_map(|line| line.trim().strip_prefix("//").map(str::trim));
        words.collect::<Vec<_>>().join(" ")
    };
    let is_comment = |line: &&str| line.trim().starts_with("//");
    let opening = paragraph.iter().take_while(|line| is_comment(line)).count();
    let own = paragraph.iter().rev().take_while(|line| is_comment(line)).count();
    let mut found = Vec::new();
    if opening > 0 {
        found.push(comment(&paragraph[..opening]));
    }
    if own > 0 && opening + own <= paragraph.len() && opening < paragraph.len() {
        found.push(comment(&paragraph[paragraph.len() - own..]));
    }
    found
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
            notes(
                &sources,
                Span {
                    file: FileId(0),
                    start,
                    end: start + 1,
                },
            )
        };
        assert_eq!(notes_of("a"), ["Judged by us."]);
        assert_eq!(notes_of("b"), ["Judged by us.", "A third is nil."]);
        assert_eq!(notes_of("c"), ["Judged by us."]);
        assert!(notes_of("d").is_empty());
    }
}
