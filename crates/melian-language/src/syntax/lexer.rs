//! Text to tokens. Nothing is lost: layout, comments and characters without a meaning are tokens too.

use super::kind::Kind;
use crate::diagnostic::{Diagnostic, Edit};
use crate::source::{FileId, Span};

/// A character without a meaning, or a sign of another language.
const STRAY_CHARACTER: &str = "E0103";
/// A string without its closing quote.
const UNCLOSED_STRING: &str = "E0104";
/// Digits that make no number.
const MALFORMED_NUMBER: &str = "E0105";
/// A date that no calendar has.
const IMPOSSIBLE_DATE: &str = "E0106";
/// A sign that another language has for something that Melian writes differently.
const FOREIGN_SIGN: &str = "E0109";
/// More text than a file may have.
const TOO_LARGE: &str = "E0121";
/// A formula of a headline without its closing brace.
const UNCLOSED_FORMULA: &str = "E0128";
/// A backslash before something other than a quote or a backslash.
const UNKNOWN_ESCAPE: &str = "E0129";
/// A tab.
const TAB: &str = "W0101";

/// Files beyond this size are not models; by judgement, a hundred times the largest one.
pub(super) const LONGEST_FILE_BYTES: usize = 4 << 20;
/// Trees take some hundred bytes per token; by judgement, this keeps the tree of the worst file below a quarter gigabyte.
const MOST_TOKENS: usize = 1 << 20;

/// A piece of text of one kind.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Token {
    /// What it is.
    pub kind: Kind,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// Splits a text into tokens.
pub(super) fn lex(text: &str, file: FileId) -> (Vec<Token>, Vec<Diagnostic>) {
    let mut lexer = Lexer {
        text,
        file,
        at: 0,
        tokens: Vec::new(),
        diagnostics: Vec::new(),
        tab_seen: false,
        braces: 0,
        line_is_blank: true,
        after_headline: false,
    };
    if text.len() > LONGEST_FILE_BYTES {
        let message = format!(
            "this file has {} bytes, and a file may have {LONGEST_FILE_BYTES}",
            text.len()
        );
        lexer.give_up(
            message,
            "split the model into several files, and put large tables into CSV files",
        );
    }
    while lexer.at < text.len() {
        lexer.token();
        if lexer.tokens.len() > MOST_TOKENS {
            let message = format!("this file has more than {MOST_TOKENS} words and signs");
            lexer.give_up(
                message,
                "split the model into several files, and put large tables into CSV files",
            );
        }
    }
    (lexer.tokens, lexer.diagnostics)
}

struct Lexer<'t> {
    text: &'t str,
    file: FileId,
    at: usize,
    tokens: Vec<Token>,
    diagnostics: Vec<Diagnostic>,
    /// A tab is mentioned once per file.
    tab_seen: bool,
    /// How many braces are open.
    braces: usize,
    /// Whether only layout has been seen since the last line end.
    line_is_blank: bool,
    /// Whether the last token but layout is `headline` at the start of a line: the string that follows has formulas.
    after_headline: bool,
}

impl<'t> Lexer<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span {
            file: self.file,
            start: start as u32,
            end: end as u32,
        }
    }

    fn push(&mut self, kind: Kind, length: usize) {
        if length == 0 {
            return;
        }
        let start = self.at;
        self.at += length;
        match kind {
            Kind::LeftBrace => self.braces += 1,
            Kind::RightBrace => self.braces = self.braces.saturating_sub(1),
            _ => {}
        }
        if kind == Kind::Newline {
            self.line_is_blank = true;
        } else if !kind.is_trivia() {
            self.after_headline =
                kind == Kind::Name && self.line_is_blank && &self.text[start..self.at] == "headline";
            self.line_is_blank = false;
        }
        self.tokens.push(Token {
            kind,
            start: start as u32,
            end: self.at as u32,
        });
    }

    /// Turns all that is left into one token.
    fn give_up(&mut self, message: String, help: &str) {
        let span = self.span(self.at, self.text.len().min(self.at + 1).max(self.at));
        let span = if self.text.is_char_boundary(span.end as usize) {
            span
        } else {
            Span {
                end: span.start,
                ..span
            }
        };
        self.diagnostics
            .push(Diagnostic::error(TOO_LARGE, message, span).help(help));
        self.push(Kind::Stray, self.text.len() - self.at);
    }

    fn token(&mut self) {
        let Some(first) = self.peek() else { return };
        match first {
            ' ' | '\t' => self.whitespace(),
            // A byte order mark is layout where editors put it.
            '\u{feff}' if self.at == 0 => self.push(Kind::Whitespace, first.len_utf8()),
            '\n' => self.push(Kind::Newline, 1),
            '\r' if self.rest().starts_with("\r\n") => self.push(Kind::Newline, 2),
            '/' if self.rest().starts_with("//") => self.comment(),
            '"' if self.after_headline => self.headline(),
            '"' => self.string(),
            '0'..='9' => self.number(),
            '.' if self.rest()[1..].starts_with(|c: char| c.is_ascii_digit()) => self.number_without_zero(),
            _ if first.is_alphabetic() => self.push(Kind::Name, name_length(self.rest())),
            _ => self.sign(),
        }
    }

    fn whitespace(&mut self) {
        let length = self
            .rest()
            .bytes()
            .take_while(|b| matches!(b, b' ' | b'\t'))
            .count();
        if !self.tab_seen
            && let Some(tab) = self.rest()[..length].find('\t')
        {
            self.tab_seen = true;
            let span = self.span(self.at + tab, self.at + tab + 1);
            let message = "a tab stands here, which editors show at different widths";
            let mut diagnostic =
                Diagnostic::warning(TAB, message, span).help("run `melian fmt`, or write spaces");
            diagnostic.edit = Some(Edit {
                span,
                replacement: "  ".into(),
            });
            self.diagnostics.push(diagnostic);
        }
        self.push(Kind::Whitespace, length);
    }

    fn comment(&mut self) {
        let line = self.rest().find('\n').unwrap_or(self.rest().len());
        let comment = self.rest()[..line].strip_suffix('\r').map_or(line, str::len);
        self.push(Kind::Comment, comment);
    }

    fn string(&mut self) {
        let piece = self.piece(1, false);
        if !piece.closed {
            self.unclosed_string(self.at, self.at + piece.length);
        }
        self.push(Kind::String, piece.length);
    }

    /// Reads a headline: words, `{formula}`, words, and so on to the closing quote.
    fn headline(&mut self) {
        let start = self.at;
        let mut skip = 1;
        loop {
            let piece = self.piece(skip, true);
            self.push(Kind::StringPiece, piece.length);
            skip = 0;
            if piece.closed {
                return;
            }
            if !self.rest().starts_with('{') {
                self.unclosed_string(start, self.at);
                return;
            }
            let brace = self.at;
            self.push(Kind::LeftBrace, 1);
            while self.peek().is_some_and(|c| !matches!(c, '}' | '"' | '\n' | '\r'))
                && !self.rest().starts_with("//")
            {
                self.token();
            }
            if self.rest().starts_with('}') {
                self.push(Kind::RightBrace, 1);
            } else {
                let message = "this formula has no closing brace";
                let diagnostic = Diagnostic::error(UNCLOSED_FORMULA, message, self.span(brace, brace + 1));
                self.diagnostics
                    .push(diagnostic.help("write `}` after the formula, or `{{` for a brace in the text"));
                if !self.rest().starts_with('"') {
                    return;
                }
            }
        }
    }

    /// Measures the words of a string up to its closing quote, the end of the line, or (in a headline) a formula.
    fn piece(&mut self, skip: usize, formulas: bool) -> Piece {
        let rest = self.rest();
        let mut characters = rest[skip..].char_indices().peekable();
        while let Some((offset, character)) = characters.next() {
            let here = skip + offset;
            let next = characters.peek().map(|(_, c)| *c);
            match character {
                '"' => {
                    return Piece {
                        length: here + 1,
                        closed: true,
                    };
                }
                '\n' => {
                    return Piece {
                        length: here,
                        closed: false,
                    };
                }
                '\r' if next == Some('\n') => {
                    return Piece {
                        length: here,
                        closed: false,
                    };
                }
                '\\' if matches!(next, Some('"' | '\\')) => {
                    characters.next();
                }
                '\\' => {
                    let width = 1 + next.filter(|c| !c.is_control()).map_or(0, char::len_utf8);
                    let span = self.span(self.at + here, self.at + here + width);
                    let message = "a backslash in a string stands before a quote or another backslash";
                    let diagnostic = Diagnostic::error(UNKNOWN_ESCAPE, message, span);
                    self.diagnostics
                        .push(diagnostic.help("write `\\\\` for a backslash"));
                }
                '{' | '}' if formulas && next == Some(character) => {
                    characters.next();
                }
                '{' if formulas => {
                    return Piece {
                        length: here,
                        closed: false,
                    };
                }
                _ => {}
            }
        }
        Piece {
            length: rest.len(),
            closed: false,
        }
    }

    fn unclosed_string(&mut self, start: usize, end: usize) {
        let message = "this string has no closing quote on its line";
        let diagnostic = Diagnostic::error(UNCLOSED_STRING, message, self.span(start, end));
        self.diagnostics
            .push(diagnostic.help("a string ends on the line on which it begins: add `\"`"));
    }

    fn number(&mut self) {
        let rest = self.rest();
        if let Some(length) = date_length(rest) {
            if crate::syntax::date(&rest[..length]).is_none() {
                let message = format!("there is no {} in the calendar", &rest[..length]);
                let diagnostic =
                    Diagnostic::error(IMPOSSIBLE_DATE, message, self.span(self.at, self.at + length));
                self.diagnostics
                    .push(diagnostic.help("a date is year, month and day, such as 2024-10-28"));
            }
            self.push(Kind::Date, length);
            return;
        }
        let length = number_length(rest);
        let text = &rest[..length];
        if text.contains("__") || text.ends_with('_') || text.contains("_.") {
            let complaint = "has an underscore that does not stand between two digits";
            self.malformed_number(length, complaint, tidy_underscores(text));
        } else if !text.replace('_', "").parse::<f64>().is_ok_and(f64::is_finite) {
            let diagnostic = self.number_error(length, "is too large to compute with");
            self.diagnostics
                .push(diagnostic.help("numbers reach up to 1.8e308"));
        } else if rest[length..].starts_with('.') {
            let more = |b: &u8| b.is_ascii_digit() || matches!(b, b'.' | b'_');
            let whole = length + 1 + rest.bytes().skip(length + 1).take_while(more).count();
            let diagnostic = self.number_error(whole, "is not a number");
            self.diagnostics.push(diagnostic.help(format!(
                "a number has one point, with digits on both sides: `{text}`"
            )));
            return self.push(Kind::Number, whole);
        }
        self.push(Kind::Number, length);
    }

    fn number_without_zero(&mut self) {
        let length = 1 + number_length(&self.rest()[1..]);
        let better = format!("0{}", &self.rest()[..length]);
        self.malformed_number(length, "has no digit before its point", better);
        self.push(Kind::Number, length);
    }

    fn number_error(&self, length: usize, complaint: &str) -> Diagnostic {
        let message = format!("`{}` {complaint}", &self.rest()[..length]);
        Diagnostic::error(MALFORMED_NUMBER, message, self.span(self.at, self.at + length))
    }

    fn malformed_number(&mut self, length: usize, complaint: &str, better: String) {
        let mut diagnostic = self
            .number_error(length, complaint)
            .help(format!("write `{better}`"));
        diagnostic.edit = Some(Edit {
            span: self.span(self.at, self.at + length),
            replacement: better,
        });
        self.diagnostics.push(diagnostic);
    }

    fn sign(&mut self) {
        let rest = self.rest();
        for (sign, kind) in SIGNS {
            if rest.starts_with(sign) {
                let longer =
                    |(foreign, _): &&(&str, &str)| foreign.len() > sign.len() && rest.starts_with(foreign);
                match FOREIGN.iter().find(longer) {
                    Some((foreign, instead)) => self.foreign(foreign, instead),
                    None => self.push(*kind, sign.len()),
                }
                return;
            }
        }
        if let Some((foreign, instead)) = FOREIGN.iter().find(|(foreign, _)| rest.starts_with(foreign)) {
            self.foreign(foreign, instead);
        } else {
            self.stray();
        }
    }

    fn foreign(&mut self, foreign: &str, instead: &str) {
        let span = self.span(self.at, self.at + foreign.len());
        if foreign == ";" && self.braces == 0 {
            let message = "a declaration ends without a sign: `;` has no meaning here";
            let mut diagnostic = Diagnostic::error(FOREIGN_SIGN, message, span).help("remove it");
            diagnostic.edit = Some(Edit {
                span,
                replacement: String::new(),
            });
            self.diagnostics.push(diagnostic);
            let more = self.rest()[foreign.len()..].trim_start_matches([' ', '\t']);
            let ends_line = more.is_empty() || more.starts_with(['\n', '\r']) || more.starts_with("//");
            return self.push(
                if ends_line { Kind::Whitespace } else { Kind::Stray },
                foreign.len(),
            );
        }
        let message = match instead {
            "//" => format!("a comment starts with `//`, not `{foreign}`"),
            "," => format!("entries are separated by `,` or line ends, not by `{foreign}`"),
            _ => format!("`{foreign}` is written `{instead}` here"),
        };
        let mut diagnostic =
            Diagnostic::error(FOREIGN_SIGN, message, span).help(format!("write `{instead}`"));
        diagnostic.edit = Some(Edit {
            span,
            replacement: instead.to_string(),
        });
        self.diagnostics.push(diagnostic);
        let length = if instead == "//" {
            self.rest().find(['\n', '\r']).unwrap_or(self.rest().len())
        } else {
            foreign.len()
        };
        let kind = match instead {
            "//" => Kind::Comment,
            "," => Kind::Comma,
            "!=" => Kind::NotEqual,
            "^" => Kind::Caret,
            "<=" => Kind::LessEqual,
            ">=" => Kind::GreaterEqual,
            "=" => Kind::Equal,
            "*" => Kind::Star,
            "/" => Kind::Slash,
            "-" => Kind::Minus,
            "->" => Kind::Arrow,
            " " => Kind::Whitespace,
            // `and`, `or`, `not`: the parser reads these by their text.
            _ => Kind::Stray,
        };
        self.push(kind, length);
    }

    /// Passes over characters without a meaning, as many as stand together.
    fn stray(&mut self) {
        let rest = self.rest();
        let known = |c: char| c.is_alphanumeric() || c.is_whitespace() || c.is_ascii_punctuation();
        let first = rest.chars().next().map_or(0, char::len_utf8);
        let length = if rest.starts_with('_') {
            name_length(rest)
        } else {
            rest[first..].find(known).map_or(rest.len(), |more| first + more)
        };
        let text = &rest[..length];
        let span = self.span(self.at, self.at + length);
        let message = if text.starts_with('_') {
            format!("a name starts with a letter, and `{text}` does not")
        } else if text.chars().all(|c| c.is_control() || c.is_whitespace()) {
            format!(
                "a character without a meaning stands here: {}",
                text.escape_unicode()
            )
        } else {
            format!("`{text}` has no meaning here")
        };
        let mut diagnostic = Diagnostic::error(STRAY_CHARACTER, message, span);
        let named = text.trim_start_matches('_');
        if text.starts_with('_') && named.starts_with(char::is_alphabetic) {
            diagnostic = diagnostic.help(format!("write `{named}`"));
        } else if text.contains(['“', '”', '„']) {
            diagnostic = diagnostic.help("write strings between straight quotes: `\"`");
        } else if text.starts_with('\'') {
            diagnostic = diagnostic.help("write strings between double quotes: `\"`");
        } else {
            diagnostic = diagnostic.help("remove it");
        }
        self.diagnostics.push(diagnostic);
        self.push(Kind::Stray, length);
    }
}

struct Piece {
    length: usize,
    closed: bool,
}

/// Longer signs first.
const SIGNS: &[(&str, Kind)] = &[
    ("==", Kind::EqualEqual),
    ("!=", Kind::NotEqual),
    ("<=", Kind::LessEqual),
    (">=", Kind::GreaterEqual),
    ("->", Kind::Arrow),
    ("{", Kind::LeftBrace),
    ("}", Kind::RightBrace),
    ("[", Kind::LeftBracket),
    ("]", Kind::RightBracket),
    ("(", Kind::LeftParenthesis),
    (")", Kind::RightParenthesis),
    (",", Kind::Comma),
    (":", Kind::Colon),
    ("=", Kind::Equal),
    ("<", Kind::Less),
    (">", Kind::Greater),
    ("+", Kind::Plus),
    ("-", Kind::Minus),
    ("*", Kind::Star),
    ("/", Kind::Slash),
    ("^", Kind::Caret),
    ("~", Kind::Tilde),
    ("%", Kind::Percent),
];

/// Signs of other languages and of word processors, and what is written instead.
const FOREIGN: &[(&str, &str)] = &[
    ("&&", "and"),
    ("||", "or"),
    ("**", "^"),
    ("<>", "!="),
    (":=", "="),
    ("=>", ">="),
    ("=<", "<="),
    ("!", "not"),
    ("&", "and"),
    ("|", "or"),
    (";", ","),
    ("#", "//"),
    ("–", "-"),
    ("—", "-"),
    ("−", "-"),
    ("×", "*"),
    ("·", "*"),
    ("÷", "/"),
    ("≤", "<="),
    ("≥", ">="),
    ("≠", "!="),
    ("→", "->"),
    ("\u{a0}", " "),
    ("\u{202f}", " "),
];

fn name_length(rest: &str) -> usize {
    rest.find(|c: char| !c.is_alphanumeric() && c != '_')
        .unwrap_or(rest.len())
}

/// Measures digits with underscores, a fraction and an exponent.
fn number_length(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    let digits = |from: usize| {
        let is_digit = |b: &&u8| b.is_ascii_digit() || **b == b'_';
        from + bytes
            .get(from..)
            .map_or(0, |rest| rest.iter().take_while(is_digit).count())
    };
    let digit_at = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let mut end = digits(0);
    if bytes.get(end) == Some(&b'.') && digit_at(end + 1) {
        end = digits(end + 1);
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let signed = matches!(bytes.get(end + 1), Some(b'+' | b'-'));
        let exponent = end + 1 + usize::from(signed);
        if digit_at(exponent) {
            end = digits(exponent);
        }
    }
    end
}

/// Measures `2024-10-28` where no digit follows.
fn date_length(rest: &str) -> Option<usize> {
    let bytes = rest.as_bytes().get(..10)?;
    let matches = bytes.iter().enumerate().all(|(place, byte)| match place {
        4 | 7 => *byte == b'-',
        _ => byte.is_ascii_digit(),
    });
    let ends = !rest
        .as_bytes()
        .get(10)
        .is_some_and(|b| b.is_ascii_digit() || *b == b'_');
    (matches && ends).then_some(10)
}

fn tidy_underscores(number: &str) -> String {
    let mut tidy = String::new();
    for character in number.chars() {
        if character == '.' {
            tidy.truncate(tidy.trim_end_matches('_').len());
        }
        if !(character == '_' && tidy.ends_with('_')) {
            tidy.push(character);
        }
    }
    tidy.truncate(tidy.trim_end_matches('_').len());
    tidy
}
