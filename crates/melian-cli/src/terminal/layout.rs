//! Lines and columns.

use unicode_width::UnicodeWidthChar;

/// Columns when the terminal does not say: files and pipes.
const UNKNOWN_WIDTH: usize = 100;
/// No narrower, no wider: shorter lines break numbers, longer ones are hard to read.
const WIDTHS: std::ops::RangeInclusive<usize> = 60..=120;

/// Returns how many columns there are: `COLUMNS`, the terminal's, or a hundred.
pub fn width() -> usize {
    let said = std::env::var("COLUMNS")
        .ok()
        .and_then(|columns| columns.parse::<usize>().ok());
    let terminal = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    said.or_else(terminal)
        .unwrap_or(UNKNOWN_WIDTH)
        .clamp(*WIDTHS.start(), *WIDTHS.end())
}

/// Returns how many columns a text takes; colours take none.
pub fn columns(text: &str) -> usize {
    let mut columns = 0;
    let mut escaped = false;
    for c in text.chars() {
        match (escaped, c) {
            (false, '\u{1b}') => escaped = true,
            (false, c) => columns += c.width().unwrap_or(0),
            // A colour ends with its letter.
            (true, c) if c.is_ascii_alphabetic() => escaped = false,
            (true, _) => {}
        }
    }
    columns
}

/// Breaks a text between words into lines of a width; the first line is indented by `first`, the others by `rest`.
pub fn wrap(text: &str, width: usize, first: &str, rest: &str) -> String {
    let mut lines = String::new();
    let mut line = first.to_owned();
    let mut empty = true;
    for word in text.split_whitespace() {
        if !empty && columns(&line) + 1 + columns(word) > width {
            lines.push_str(line.trim_end());
            lines.push('\n');
            line = rest.to_owned();
            empty = true;
        }
        if !empty {
            line.push(' ');
        }
        line.push_str(word);
        empty = false;
    }
    lines.push_str(line.trim_end());
    lines.push('\n');
    lines
}

/// On which side of its column a cell stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Words.
    Left,
    /// Numbers.
    Right,
}

/// Rows of cells, aligned, two spaces apart.
pub struct Table {
    sides: Vec<Side>,
    rows: Vec<Row>,
}

enum Row {
    Cells(Vec<String>),
    /// A line of its own, which widens no column.
    Heading(String),
}

/// Spaces between columns.
const GAP: usize = 2;
/// The first column is no narrower than this, even if lines grow too long.
const NARROWEST: usize = 16;

impl Table {
    /// Starts a table.
    pub fn new<const N: usize>(sides: [Side; N]) -> Table {
        Table {
            sides: sides.to_vec(),
            rows: Vec::new(),
        }
    }

    /// Adds a row.
    pub fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.rows.push(Row::Cells(cells.to_vec()));
    }

    /// Adds a line above the rows that follow.
    pub fn heading(&mut self, text: String) {
        self.rows.push(Row::Heading(text));
    }

    /// Lays it out with an indent; where the width is not enough, the first column breaks its words over lines.
    pub fn render(&self, indent: usize, width: usize) -> String {
        let widths = self.widths(indent, width);
        let mut text = String::new();
        for row in &self.rows {
            match row {
                Row::Heading(heading) => text.push_str(&format!("{}{heading}\n", " ".repeat(indent))),
                Row::Cells(cells) => self.lines(cells, &widths, indent, &mut text),
            }
        }
        text
    }

    /// Returns the width of each column; the first gives way.
    fn widths(&self, indent: usize, width: usize) -> Vec<usize> {
        let rows = || {
            self.rows.iter().filter_map(|row| {
                if let Row::Cells(cells) = row {
                    Some(cells)
                } else {
                    None
                }
            })
        };
        let widest = |column: usize| rows().map(|cells| columns(&cells[column])).max().unwrap_or(0);
        let mut widths: Vec<usize> = (0..self.sides.len()).map(widest).collect();
        let others: usize = widths
            .iter()
            .skip(1)
            .filter(|&&width| width > 0)
            .map(|width| width + GAP)
            .sum();
        if let Some(first) = widths.first_mut() {
            *first = (*first).min(width.saturating_sub(indent + others).max(NARROWEST));
        }
        widths
    }

    fn lines(&self, cells: &[String], widths: &[usize], indent: usize, text: &mut String) {
        let Some((first, others)) = cells.split_first() else {
            return;
        };
        let own_indent = " ".repeat(first.len() - first.trim_start().len());
        let wrapped = match columns(first) > widths[0] {
            true => wrap(first, widths[0], &own_indent, &format!("{own_indent}  ")),
            false => first.clone(),
        };
        let mut parts = wrapped.lines();
        let start = parts.next().unwrap_or_default();
        let mut line = " ".repeat(indent) + start + &" ".repeat(widths[0].saturating_sub(columns(start)));
        for (i, cell) in others.iter().enumerate().filter(|(i, _)| widths[i + 1] > 0) {
            let space = " ".repeat(widths[i + 1].saturating_sub(columns(cell)));
            line.push_str(&" ".repeat(GAP));
            match self.sides[i + 1] {
                Side::Left => line.extend([cell.as_str(), &space]),
                Side::Right => line.extend([space.as_str(), cell]),
            }
        }
        text.push_str(line.trim_end());
        text.push('\n');
        for part in parts {
            text.push_str(&format!("{}{part}\n", " ".repeat(indent)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terminal::style::{STRONG, paint};

    #[test]
    fn colours_take_no_columns() {
        assert_eq!(columns(&paint(STRONG, "abc")), 3);
        assert_eq!(columns("±2 км"), 5);
    }

    #[test]
    fn long_lines_break_between_words() {
        assert_eq!(
            wrap("one two three four", 10, "- ", "  "),
            "- one two\n  three\n  four\n"
        );
        assert_eq!(
            wrap("incomprehensibilities", 10, "- ", "  "),
            "- incomprehensibilities\n"
        );
    }

    #[test]
    fn tables_align_and_only_words_give_way() {
        let mut table = Table::new([Side::Left, Side::Right]);
        table.row(["a long name of something".into(), "1".into()]);
        table.row(["b".into(), "1,000".into()]);
        assert_eq!(
            table.render(2, 40),
            "  a long name of something      1\n  b                         1,000\n"
        );
        assert_eq!(
            table.render(2, 26),
            "  a long name of         1\n    something\n  b                  1,000\n"
        );
    }
}
