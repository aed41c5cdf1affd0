//! Tokens to tree, by recursive descent that recovers from errors.
//!
//! A line end means nothing, except between the entries of a list in braces and between the rows of a table. Words of the grammar count
//! only where the grammar expects them. After an error the parser passes over tokens up to the next entry, the closing bracket or the next
//! declaration, whichever comes first, and says nothing on the way.

use rowan::{Checkpoint, GreenNodeBuilder, Language};

use super::Tree;
use super::form::{
    Block, Form, GRAMMAR, LATER, NO_UNITS, clauses_in_words, form, noun, suggestion, with_article,
};
use super::kind::{Kind, Melian};
use super::lexer::{Token, lex};
use crate::diagnostic::{Diagnostic, Edit, Severity};
use crate::source::{FileId, Span};

/// The first line does not name the version.
const NO_VERSION: &str = "E0101";
/// The version is not one that can be read.
const UNKNOWN_VERSION: &str = "E0102";
/// Digits that make no number (see the lexer), such as `1,000`.
const MALFORMED_NUMBER: &str = "E0105";
/// A unit and its number, or a unit and a unit, with too much or too little space between.
const SPACED_UNIT: &str = "E0107";
/// `=` where two values are compared.
const SINGLE_EQUAL: &str = "E0108";
/// A bracket that is never closed.
const UNCLOSED_BRACKET: &str = "E0110";
/// A bracket that was never opened.
const UNOPENED_BRACKET: &str = "E0111";
/// Something else where a name belongs.
const NO_NAME: &str = "E0112";
/// Something else where a value belongs.
const NO_VALUE: &str = "E0113";
/// A word that starts no declaration.
const UNKNOWN_DECLARATION: &str = "E0114";
/// A word that a later version will use.
const RESERVED: &str = "E0115";
/// Something that this declaration does not have.
const OUT_OF_PLACE: &str = "E0116";
/// The same clause twice.
const TWICE: &str = "E0117";
/// A clause that a declaration cannot do without.
const MISSING_CLAUSE: &str = "E0118";
/// Two entries with nothing between.
const NO_SEPARATOR: &str = "E0119";
/// `a < b < c`.
const CHAINED_COMPARISON: &str = "E0120";
/// An expression nested too deeply.
const TOO_DEEP: &str = "E0121";
/// A word of the grammar where a name is declared.
const WORD_AS_NAME: &str = "E0122";
/// Something that must stand in parentheses.
const NO_PARENTHESES: &str = "E0123";
/// A step that is none.
const NO_STEP: &str = "E0124";
/// Some sign or word of the grammar is missing.
const NO_SIGN: &str = "E0125";
/// `=` for `~` or the reverse.
const WRONG_SIGN: &str = "E0126";
/// Something else where a unit belongs.
const NO_UNIT: &str = "E0127";

/// Brackets within brackets; by judgement, ten times what can be read. It also bounds the stack.
const DEEPEST_NESTING: u32 = 128;
/// Levels of an expression's tree: a sum of 200 terms has 200 levels. Whoever walks the tree may recurse.
const HIGHEST_EXPRESSION: u32 = 256;

/// What the text is read as.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Entry {
    File,
    Expression,
    Change,
}

/// Parses a text.
pub(super) fn parse(text: &str, file: FileId, entry: Entry) -> (Tree, Vec<Diagnostic>) {
    let (raw, mut lexical) = lex(text, file);
    lexical.sort_by_key(start);
    let tokens = significant(text, &raw);
    let mut parser = Parser {
        text,
        file,
        raw,
        tokens,
        at: 0,
        written: 0,
        builder: GreenNodeBuilder::new(),
        diagnostics: Vec::new(),
        lexical,
        skipped: Vec::new(),
        last_error: None,
        depth: 0,
        margin: 0,
        open: Vec::new(),
    };
    parser.builder.start_node(Melian::kind_to_raw(Kind::File));
    match entry {
        Entry::File => parser.file(),
        Entry::Expression => parser.alone(|p| {
            p.expression(Context::VALUE);
        }),
        Entry::Change => parser.alone(Parser::change),
    }
    parser.write_trivia();
    parser.builder.finish_node();
    let mut diagnostics = parser.diagnostics;
    let skipped = parser.skipped;
    match parser.lexical.pop_if(|last| last.code == TOO_DEEP) {
        // What lies beyond the limits has not been read: nothing else can be said about the file.
        Some(too_large) => diagnostics = vec![too_large],
        None => {
            let judged = |diagnostic: &Diagnostic| !within(&skipped, diagnostic);
            diagnostics.extend(parser.lexical.into_iter().filter(judged));
        }
    }
    diagnostics.sort_by_key(start);
    (Tree::new(parser.builder.finish()), diagnostics)
}

fn start(diagnostic: &Diagnostic) -> u32 {
    diagnostic.primary.as_ref().map_or(0, |label| label.span.start)
}

/// Returns whether a diagnostic lies within a range that was passed over, and is not why it was.
fn within(skipped: &[(u32, u32)], diagnostic: &Diagnostic) -> bool {
    let at = start(diagnostic);
    let before = skipped.partition_point(|(start, _)| *start < at);
    diagnostic.severity == Severity::Error && before.checked_sub(1).is_some_and(|range| at < skipped[range].1)
}

/// A token that is not layout.
#[derive(Clone, Copy)]
struct Word {
    kind: Kind,
    start: u32,
    end: u32,
    /// Position among all tokens.
    raw: usize,
    /// Whether only layout stands before it on its line.
    first_on_line: bool,
    /// Bytes from the start of the line.
    column: u32,
}

fn significant(text: &str, raw: &[Token]) -> Vec<Word> {
    let mut words = Vec::with_capacity(raw.len() / 2 + 1);
    let (mut line_start, mut first_on_line) = (0, true);
    for (position, token) in raw.iter().enumerate() {
        if token.kind == Kind::Newline {
            (line_start, first_on_line) = (token.end, true);
        } else if !token.kind.is_trivia() {
            let column = token.start - line_start;
            words.push(Word {
                kind: token.kind,
                start: token.start,
                end: token.end,
                raw: position,
                first_on_line,
                column,
            });
            first_on_line = false;
        }
    }
    let end = text.len() as u32;
    words.push(Word {
        kind: Kind::End,
        start: end,
        end,
        raw: raw.len(),
        first_on_line: true,
        column: 0,
    });
    words
}

/// What an expression may hold, depending on what surrounds it.
#[derive(Clone, Copy)]
struct Context {
    /// Whether `a to b` is an interval: not where `to` starts a clause.
    interval: bool,
    /// Whether `=` can only be meant as `==`: not where it starts a clause.
    equal: bool,
    /// Whether it is a cell of a table, which ends at a space.
    cell: bool,
    /// Whether it may be a string.
    text: bool,
}

impl Context {
    const VALUE: Context = Context {
        interval: true,
        equal: true,
        cell: false,
        text: false,
    };
    const CLAUSE: Context = Context {
        interval: false,
        equal: false,
        cell: false,
        text: false,
    };
    const RATE: Context = Context {
        interval: false,
        equal: true,
        cell: false,
        text: false,
    };
    const ARGUMENT: Context = Context {
        interval: true,
        equal: true,
        cell: false,
        text: true,
    };
    const CELL: Context = Context {
        interval: true,
        equal: false,
        cell: true,
        text: false,
    };
}

/// How strongly operators bind, from weakest to strongest.
mod level {
    pub const IF: u8 = 0;
    pub const OR: u8 = 1;
    pub const AND: u8 = 2;
    pub const NOT: u8 = 3;
    pub const COMPARE: u8 = 4;
    pub const INTERVAL: u8 = 5;
    pub const SUM: u8 = 6;
    pub const PRODUCT: u8 = 7;
    pub const NEGATE: u8 = 8;
    pub const POWER: u8 = 9;
    pub const OF: u8 = 10;
}

struct Infix {
    level: u8,
    node: Kind,
    /// The weakest operator that its right side may have outside of parentheses.
    right: u8,
}

struct Parser<'t> {
    text: &'t str,
    file: FileId,
    raw: Vec<Token>,
    tokens: Vec<Word>,
    /// Position among `tokens`.
    at: usize,
    /// How many of `raw` are in the tree.
    written: usize,
    builder: GreenNodeBuilder<'static>,
    diagnostics: Vec<Diagnostic>,
    /// What the lexer found, in the order of the text.
    lexical: Vec<Diagnostic>,
    /// What was passed over, in bytes, in the order of the text; what is wrong within has not been judged.
    skipped: Vec<(u32, u32)>,
    /// Where the last error was reported; another one at the same token has the same cause.
    last_error: Option<usize>,
    depth: u32,
    /// The column of the declaration that is being read.
    margin: u32,
    /// The brackets that would close what is open.
    open: Vec<Kind>,
}

/// Looking.
impl<'t> Parser<'t> {
    fn word_at(&self, ahead: usize) -> Word {
        self.tokens[(self.at + ahead).min(self.tokens.len() - 1)]
    }

    fn kind_at(&self, ahead: usize) -> Kind {
        self.word_at(ahead).kind
    }

    fn kind(&self) -> Kind {
        self.kind_at(0)
    }

    fn is(&self, kind: Kind) -> bool {
        self.kind() == kind
    }

    fn text_at(&self, ahead: usize) -> &'t str {
        let word = self.word_at(ahead);
        &self.text[word.start as usize..word.end as usize]
    }

    fn text(&self) -> &'t str {
        self.text_at(0)
    }

    fn is_word(&self, word: &str) -> bool {
        self.is(Kind::Name) && self.text() == word
    }

    /// Returns the bytes between a token and the one before it.
    fn gap_at(&self, ahead: usize) -> u32 {
        match (self.at + ahead).checked_sub(1) {
            Some(before) => self.word_at(ahead).start - self.tokens[before.min(self.tokens.len() - 1)].end,
            None => 0,
        }
    }

    fn gap(&self) -> u32 {
        self.gap_at(0)
    }

    fn first_on_line(&self) -> bool {
        self.word_at(0).first_on_line
    }

    fn span_at(&self, ahead: usize) -> Span {
        let word = self.word_at(ahead);
        Span {
            file: self.file,
            start: word.start,
            end: word.end,
        }
    }

    fn span(&self) -> Span {
        self.span_at(0)
    }

    /// Returns the place after the last token.
    fn span_after(&self) -> Span {
        let end = self.at.checked_sub(1).map_or(0, |before| self.tokens[before].end);
        Span {
            file: self.file,
            start: end,
            end,
        }
    }

    /// Returns the current token in the reader's words.
    fn found(&self) -> String {
        match self.kind() {
            Kind::End => "the end of the file".into(),
            Kind::String | Kind::StringPiece => "a string".into(),
            _ => format!("`{}`", shortened(self.text())),
        }
    }

    /// Returns whether a word that starts declarations stands first on its line.
    fn keyword_ahead(&self) -> bool {
        self.is(Kind::Name)
            && self.first_on_line()
            && (form(self.text()).is_some()
                || (LATER.contains(&self.text()) && self.kind_at(1) == Kind::Name))
    }

    /// Returns whether a word that starts declarations stands before a name.
    fn is_declaration(&self) -> bool {
        self.is(Kind::Name)
            && form(self.text()).is_some()
            && self.kind_at(1) == Kind::Name
            && !GRAMMAR.contains(&self.text_at(1))
    }

    /// Returns whether a declaration surely starts here, even within an unfinished expression or list.
    fn declaration_ahead(&self) -> bool {
        let next = self.word_at(1);
        self.keyword_ahead()
            && self.word_at(0).column <= self.margin
            && !next.first_on_line
            && match next.kind {
                Kind::Name => !GRAMMAR.contains(&self.text_at(1)),
                Kind::StringPiece => true,
                _ => false,
            }
    }

    /// Returns whether nothing more can belong to what is being read.
    fn is_over(&self) -> bool {
        self.is(Kind::End) || self.declaration_ahead() || self.closes_outer()
    }

    /// Returns whether the current token closes a bracket that is open.
    fn closes_outer(&self) -> bool {
        (self.kind().is_closing() && self.open.contains(&self.kind()))
            || (self.is(Kind::StringPiece) && self.open.contains(&Kind::StringPiece))
    }
}

/// Writing.
impl Parser<'_> {
    fn write_raw(&mut self, until: usize) {
        while self.written < until {
            let token = self.raw[self.written];
            let text = &self.text[token.start as usize..token.end as usize];
            self.builder.token(Melian::kind_to_raw(token.kind), text);
            self.written += 1;
        }
    }

    /// Writes the layout before the current token.
    fn write_trivia(&mut self) {
        self.write_raw(self.word_at(0).raw);
    }

    fn bump(&mut self) {
        if !self.is(Kind::End) {
            self.write_raw(self.word_at(0).raw + 1);
            self.at += 1;
        }
    }

    fn checkpoint(&mut self) -> Checkpoint {
        self.write_trivia();
        self.builder.checkpoint()
    }

    fn wrap(&mut self, checkpoint: Checkpoint, kind: Kind) {
        self.builder.start_node_at(checkpoint, Melian::kind_to_raw(kind));
        self.builder.finish_node();
    }

    fn node<R>(&mut self, kind: Kind, inside: impl FnOnce(&mut Self) -> R) -> R {
        self.write_trivia();
        self.builder.start_node(Melian::kind_to_raw(kind));
        let result = inside(self);
        self.builder.finish_node();
        result
    }

    /// Writes a node without tokens.
    fn missing(&mut self) {
        self.builder
            .start_node(Melian::kind_to_raw(Kind::MissingExpression));
        self.builder.finish_node();
    }
}

/// Complaining and recovering.
impl Parser<'_> {
    fn error(&self, code: &'static str, message: impl Into<String>) -> Diagnostic {
        let span = match self.kind() {
            Kind::End => self.span_after(),
            _ => self.span(),
        };
        Diagnostic::error(code, message, span)
    }

    /// Reports an error at the current token, unless what stands here has been reported.
    fn report(&mut self, diagnostic: Diagnostic) -> bool {
        let after_trouble = |at: usize| !self.first_on_line() && self.tokens[at].kind == Kind::Stray;
        let known = self.last_error == Some(self.at)
            || self.is_troubled(self.at)
            || self.at.checked_sub(1).is_some_and(after_trouble);
        self.last_error = Some(self.at);
        if !known {
            self.diagnostics.push(diagnostic);
        }
        !known
    }

    /// Returns whether the lexer has reported something at a token.
    fn is_troubled(&self, at: usize) -> bool {
        let word = self.tokens[at];
        let first = self
            .lexical
            .partition_point(|diagnostic| start(diagnostic) < word.start);
        self.lexical
            .get(first)
            .is_some_and(|next| next.severity == Severity::Error && start(next) < word.end)
    }

    /// Reports an error that does not keep the parser from reading on.
    fn remark(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Makes an error about something that should stand here.
    fn lacking(&self, code: &'static str, lack: String) -> Diagnostic {
        match self.at.checked_sub(1) {
            Some(before) if self.first_on_line() => {
                Diagnostic::error(code, lack, self.tokens[before].span(self.file))
            }
            _ => self.error(code, format!("{lack}, and here stands {}", self.found())),
        }
    }

    fn with_edit(diagnostic: Diagnostic, span: Span, replacement: impl Into<String>) -> Diagnostic {
        Diagnostic {
            edit: Some(Edit {
                span,
                replacement: replacement.into(),
            }),
            ..diagnostic
        }
    }

    /// Passes over tokens until one for which `stop` holds and which stands in no bracket opened on the way.
    fn skip(&mut self, stop: impl Fn(&Self) -> bool) {
        if !self.is(Kind::End) && !self.declaration_ahead() && !stop(self) {
            self.skip_from_here(stop);
        }
    }

    /// Passes over the current token and then as [`Parser::skip`].
    fn skip_from_here(&mut self, stop: impl Fn(&Self) -> bool) {
        let (first, start) = (self.at, self.word_at(0).start);
        let mut closing = Vec::new();
        self.node(Kind::Skipped, |p| {
            loop {
                let over = p.is(Kind::End) || p.declaration_ahead() || (closing.is_empty() && stop(p));
                if p.at > first && over {
                    return;
                }
                if let Some(close) = p.kind().closing() {
                    closing.push(close);
                } else if closing.last() == Some(&p.kind()) {
                    closing.pop();
                } else if p.closes_outer() {
                    return;
                }
                p.bump();
            }
        });
        self.skipped.push((start, self.span_after().end));
    }

    /// Passes over the rest of an entry.
    fn skip_entry(&mut self, lines: bool) {
        let start = self.at;
        self.skip(|p| p.is(Kind::Comma) || p.closes_outer() || (lines && p.first_on_line() && p.at > start));
    }
}

/// Parts that many declarations share.
impl<'t> Parser<'t> {
    /// Reads a sign that must stand here.
    fn expect(&mut self, kind: Kind, sign: &str, place: &str) -> bool {
        if self.is(kind) {
            self.bump();
            return true;
        }
        let at = self.span_after();
        let mut diagnostic = self.lacking(NO_SIGN, format!("{place} is followed by `{sign}`"));
        if kind == Kind::Colon && self.is(Kind::Equal) {
            let span = self.span();
            diagnostic = Self::with_edit(diagnostic.help("write `:`"), span, ":");
            self.report(diagnostic);
            self.bump();
            return true;
        }
        diagnostic = Self::with_edit(diagnostic.help(format!("add `{sign}`")), at, format!(" {sign}"));
        self.report(diagnostic);
        false
    }

    fn expect_word(&mut self, word: &str, place: &str) -> bool {
        if self.is_word(word) {
            self.bump();
            return true;
        }
        let diagnostic = self.lacking(NO_SIGN, format!("{place} is followed by `{word}`"));
        self.report(diagnostic.help(format!("add `{word}`")));
        false
    }

    /// Reads a name that something other than an expression declares or refers to.
    fn identifier(&mut self, what: &str) -> bool {
        if self.is(Kind::Name) && !self.declaration_ahead() {
            let word = self.text();
            if !GRAMMAR.contains(&word) {
                self.node(Kind::Identifier, Self::bump);
                return true;
            }
            // A word of the grammar is a bad name where a name must be, and a missing name before what the grammar has next.
            if !self.first_on_line() && !matches!(self.kind_at(1), Kind::Name | Kind::Number | Kind::Date) {
                let message = format!("`{word}` is a word of the grammar and cannot name {what}");
                let diagnostic = self.error(WORD_AS_NAME, message);
                self.report(diagnostic.help(format!("choose another name, such as `{word}_`")));
                self.node(Kind::Identifier, Self::bump);
                return true;
            }
        }
        let diagnostic = self.lacking(NO_NAME, format!("{what} needs a name"));
        self.report(diagnostic.help("a name is a letter followed by letters, digits and `_`"));
        false
    }

    /// Reads names separated by commas.
    fn names(&mut self, what: &str) {
        while self.identifier(what) && self.is(Kind::Comma) {
            self.bump();
            if self.is_over() {
                return;
            }
        }
    }

    fn string(&mut self, what: &str) {
        if self.is(Kind::String) {
            self.bump();
            return;
        }
        let diagnostic = self.lacking(NO_VALUE, format!("{what} is a string"));
        self.report(diagnostic.help("write it between quotes: `\"text\"`"));
    }

    /// Reads entries between brackets. Entries are separated by commas, and in braces by line ends too.
    fn list(&mut self, lines: bool, mut entry: impl FnMut(&mut Self)) {
        let opening = self.span();
        let Some(close) = self.kind().closing() else {
            return;
        };
        self.bump();
        self.open.push(close);
        let mut separated = true;
        loop {
            if self.is(close) {
                self.open.pop();
                self.bump();
                return;
            }
            if self.is_over() {
                break;
            }
            if self.kind().is_closing() {
                self.unopened();
                continue;
            }
            let before = self.at;
            entry(self);
            if self.is(Kind::Comma) {
                self.separator();
            } else if self.is(Kind::String) && !lines && self.at > before {
                // A title: the bracket should have been closed before it.
                break;
            } else if !self.is(close)
                && !self.is_over()
                && (!lines || !self.first_on_line() || self.at <= before)
            {
                self.no_separator(lines, before, &mut separated);
            }
        }
        self.open.pop();
        self.unclosed(opening);
    }

    fn separator(&mut self) {
        if self.is_number_with_comma() && self.text_at(1).starts_with('0') {
            let diagnostic = self.number_with_comma();
            self.remark(diagnostic);
            while self.is_number_with_comma() {
                self.skip_from_here(|p| !p.is(Kind::Number));
            }
        }
        if self.is(Kind::Comma) {
            self.bump();
        }
    }

    /// Reads on after an entry that is followed by neither a comma nor a line end, and began at `before`.
    fn no_separator(&mut self, lines: bool, before: usize, separated: &mut bool) {
        let between = if lines { "commas or line ends" } else { "commas" };
        let message = format!(
            "entries are separated by {between}, and here {} follows an entry",
            self.found()
        );
        let diagnostic = Self::with_edit(
            self.error(NO_SEPARATOR, message).help("add `,`"),
            self.span_after(),
            ",",
        );
        let readable = matches!(
            self.kind(),
            Kind::Name | Kind::Number | Kind::Date | Kind::LeftParenthesis
        );
        // One mention per list: who writes lists without commas does so throughout.
        let new = !*separated || self.report(diagnostic);
        *separated &= !new;
        if !new || !readable || self.at == before {
            self.skip_entry(lines);
            if self.is(Kind::Comma) {
                self.bump();
            } else if self.at == before {
                self.skip_one();
            }
        }
    }

    fn skip_one(&mut self) {
        if !self.is(Kind::End) {
            self.node(Kind::Skipped, Self::bump);
        }
    }

    fn unclosed(&mut self, opening: Span) {
        let sign = &self.text[opening.start as usize..opening.end as usize];
        let close = match sign {
            "{" => "}",
            "[" => "]",
            _ => ")",
        };
        let here = if self.is(Kind::End) {
            self.span_after()
        } else {
            self.span()
        };
        let mut diagnostic = Diagnostic::error(
            UNCLOSED_BRACKET,
            format!("this `{sign}` is never closed"),
            opening,
        );
        diagnostic = diagnostic
            .label(here, format!("`{close}` is missing before this"))
            .help(format!("add `{close}`"));
        self.report(diagnostic);
    }

    fn unopened(&mut self) {
        let message = format!("this `{}` closes nothing", self.text());
        let diagnostic = self
            .error(UNOPENED_BRACKET, message)
            .help("remove it, or open the bracket before it");
        self.report(diagnostic);
        self.skip_one();
    }

    /// Reads a unit, in the place of one.
    fn unit(&mut self) {
        if self.is(Kind::Percent) {
            return self.node(Kind::Unit, Self::bump);
        }
        let strict = self.unit_length(0, true);
        let loose = self.unit_length(0, false);
        if loose == 0 {
            let diagnostic = self.lacking(NO_UNIT, "a unit stands after `:`".into());
            self.report(diagnostic.help("write a unit such as `person/day`, or `1` for a plain number"));
            return;
        }
        if loose > strict {
            let span = self.span().to(self.span_at(loose - 1));
            let written: String = (0..loose).map(|ahead| self.text_at(ahead)).collect();
            let diagnostic = Diagnostic::error(SPACED_UNIT, "a unit is written without spaces", span);
            self.remark(Self::with_edit(
                diagnostic.help(format!("write `{written}`")),
                span,
                written,
            ));
        }
        self.node(Kind::Unit, |p| (0..loose).for_each(|_| p.bump()));
    }

    /// Counts the tokens from here on that make a unit; `strict` ones have no space within.
    fn unit_length(&self, ahead: usize, strict: bool) -> usize {
        self.unit_end(ahead, strict, 0).map_or(0, |end| end - ahead)
    }

    fn unit_end(&self, start: usize, strict: bool, depth: u32) -> Option<usize> {
        // Units within units: by judgement, more than any physics needs.
        if depth > 8 {
            return None;
        }
        let joined =
            |ahead: usize| !self.word_at(ahead).first_on_line && (!strict || self.gap_at(ahead) == 0);
        let mut end = self.unit_factor_end(start, strict, depth)?;
        while matches!(self.kind_at(end), Kind::Slash | Kind::Star) && joined(end) && joined(end + 1) {
            match self.unit_factor_end(end + 1, strict, depth) {
                Some(factor) => end = factor,
                None => break,
            }
        }
        Some(end)
    }

    fn unit_factor_end(&self, start: usize, strict: bool, depth: u32) -> Option<usize> {
        let joined =
            |ahead: usize| !self.word_at(ahead).first_on_line && (!strict || self.gap_at(ahead) == 0);
        let mut end = match self.kind_at(start) {
            Kind::Name if !NO_UNITS.contains(&self.text_at(start)) => start + 1,
            Kind::Number if self.text_at(start) == "1" => start + 1,
            Kind::LeftParenthesis => {
                let inner = self.unit_end(start + 1, strict, depth + 1)?;
                (self.kind_at(inner) == Kind::RightParenthesis && joined(inner)).then_some(inner + 1)?
            }
            _ => return None,
        };
        if self.kind_at(end) == Kind::Caret && joined(end) && joined(end + 1) {
            let sign = usize::from(self.kind_at(end + 1) == Kind::Minus && joined(end + 2));
            let exponent = self.text_at(end + 1 + sign);
            // An exponent of more digits would not fit; it is not a unit then, but arithmetic that the checker refuses.
            if self.kind_at(end + 1 + sign) == Kind::Number
                && exponent.len() <= 3
                && exponent.bytes().all(|b| b.is_ascii_digit())
            {
                end += 2 + sign;
            }
        }
        Some(end)
    }
}

/// Files and declarations.
impl Parser<'_> {
    fn file(&mut self) {
        self.header();
        while !self.is(Kind::End) {
            let before = self.at;
            self.margin = self.word_at(0).column;
            if self.is(Kind::Name) {
                self.named_declaration();
            } else if self.kind().is_closing() {
                self.unopened();
            } else {
                let message = format!("no declaration starts with {}", self.found());
                let diagnostic = self.error(UNKNOWN_DECLARATION, message);
                self.report(
                    diagnostic
                        .help("a declaration starts with a word such as `param`, `stock`, `flow` or `let`"),
                );
                self.skip_declaration();
            }
            if self.at == before {
                self.skip_one();
            }
        }
    }

    /// Reads what is not a file: one thing, and nothing after it.
    fn alone(&mut self, inside: impl FnOnce(&mut Self)) {
        inside(self);
        if !self.is(Kind::End) {
            let message = format!("{} does not belong here", self.found());
            let diagnostic = self
                .error(OUT_OF_PLACE, message)
                .help("remove it, or put a sign before it");
            self.report(diagnostic);
            self.node(Kind::Skipped, |p| {
                while !p.is(Kind::End) {
                    p.bump();
                }
            });
        }
    }

    fn header(&mut self) {
        if self.is_word("melian") && self.kind_at(1) == Kind::Number && !self.word_at(1).first_on_line {
            if self.text_at(1) != super::VERSION {
                let span = self.span_at(1);
                let message = format!("version {} of the language is not known", self.text_at(1));
                let help = format!("this program reads version {}", super::VERSION);
                let diagnostic = Diagnostic::error(UNKNOWN_VERSION, message, span).help(help);
                self.remark(diagnostic);
            }
            return self.node(Kind::Header, |p| {
                p.bump();
                p.bump();
            });
        }
        let start = Span {
            file: self.file,
            start: 0,
            end: 0,
        };
        let line = format!("melian {}", super::VERSION);
        let diagnostic = Diagnostic::error(
            NO_VERSION,
            "the first line does not name the version of the language",
            start,
        );
        let mut diagnostic = diagnostic.help(format!("start the file with `{line}`"));
        if self.is_word("melian") {
            diagnostic
                .primary
                .iter_mut()
                .for_each(|label| label.span = self.tokens[self.at].span(self.file));
            diagnostic.message = "the version of the language is missing after `melian`".into();
            let span = self.span();
            self.remark(Self::with_edit(diagnostic, span, line));
            return self.node(Kind::Header, |p| {
                p.bump();
                if !p.first_on_line() {
                    p.skip(|p| p.first_on_line());
                }
            });
        }
        self.remark(Self::with_edit(diagnostic, start, format!("{line}\n")));
    }

    /// Passes over everything up to a word that starts a declaration.
    fn skip_declaration(&mut self) {
        self.skip_from_here(Self::keyword_ahead);
    }

    fn named_declaration(&mut self) {
        let word = self.text();
        let Some(form) = form(word) else {
            return self.unknown_declaration();
        };
        if !self.first_on_line() {
            let message = format!("the declaration of a `{word}` starts on a line of its own");
            let at = self.span();
            let at = Span { end: at.start, ..at };
            let diagnostic = self.error(OUT_OF_PLACE, message).help("put it on the next line");
            self.report(Self::with_edit(diagnostic, at, "\n"));
        }
        self.node(Kind::Declaration, |p| p.declaration(form));
    }

    fn unknown_declaration(&mut self) {
        let word = self.text();
        let diagnostic = if LATER.contains(&word) {
            let message = format!("`{word}` is reserved for a later version of the language");
            self.error(RESERVED, message)
                .help("remove it, or put `//` before its lines")
        } else if word == "melian" {
            self.error(
                OUT_OF_PLACE,
                "the version of the language stands on the first line, once",
            )
            .help("remove this line")
        } else {
            let diagnostic = self.error(
                UNKNOWN_DECLARATION,
                format!("no declaration starts with `{word}`"),
            );
            match suggestion(word) {
                Some(meant) => {
                    let span = self.span();
                    Self::with_edit(diagnostic.help(format!("did you mean `{meant}`?")), span, meant)
                }
                None if self.kind_at(1) == Kind::Equal => diagnostic.help(format!("write `let {word} = ..`")),
                None => diagnostic
                    .help("a declaration starts with a word such as `param`, `stock`, `flow` or `let`"),
            }
        };
        self.report(diagnostic);
        self.skip_declaration();
    }

    fn declaration(&mut self, form: &'static Form) {
        let reported = self.diagnostics.len();
        let keyword = self.span();
        self.bump();
        let head = if form.named {
            keyword.to(self.span())
        } else {
            keyword
        };
        let name = self.text();
        let named = !form.named || self.identifier(&with_article(noun(form)));
        let mut seen: Vec<&'static str> = Vec::new();
        if form.keyword == "function" && named {
            self.parameters();
        }
        if form.indexed && self.is(Kind::LeftBracket) {
            self.indices();
            seen.push("[");
        }
        if form.typed && !form.words.contains(&"of") {
            self.typed();
        }
        if form.keyword == "headline" {
            self.headline();
        }
        if form.keyword == "correlate" {
            self.several("what is correlated");
        }
        self.clauses(form, &mut seen);
        if self.diagnostics.len() > reported || self.last_error == Some(self.at) {
            return;
        }
        for (clause, lack, help) in form.required {
            if !seen.contains(clause) {
                let subject = match form.named {
                    true => format!("the {} `{name}`", noun(form)),
                    false => format!("`{}`", form.keyword),
                };
                let diagnostic = Diagnostic::error(MISSING_CLAUSE, format!("{subject} {lack}"), head);
                return self.remark(diagnostic.help(*help));
            }
        }
        if form.keyword == "flow" && !seen.contains(&"from") && !seen.contains(&"to") {
            let message = format!("the flow `{name}` leads neither from a stock nor to one");
            self.remark(
                Diagnostic::error(MISSING_CLAUSE, message, head).help("add `from STOCK` or `to STOCK`"),
            );
        }
    }

    fn typed(&mut self) {
        if self.is(Kind::Colon) {
            self.bump();
            self.unit();
        }
    }

    fn indices(&mut self) {
        self.node(Kind::Indices, |p| {
            p.list(false, |p| {
                p.node(Kind::IndexBinding, |p| {
                    if p.identifier("an index") && p.is(Kind::Colon) {
                        p.bump();
                        p.identifier("an index");
                    }
                });
            });
        });
    }

    fn parameters(&mut self) {
        if !self.is(Kind::LeftParenthesis) {
            let diagnostic = self.lacking(NO_SIGN, "a function's name is followed by `(`".into());
            self.report(diagnostic.help("write `function NAME(a, b) = VALUE`"));
            return;
        }
        self.node(Kind::Parameters, |p| {
            p.list(false, |p| {
                p.node(Kind::Parameter, |p| {
                    if p.identifier("a parameter of a function") {
                        p.typed();
                    }
                });
            });
        });
    }

    fn headline(&mut self) {
        if !self.is(Kind::StringPiece) {
            return self.string("a headline");
        }
        self.node(Kind::HeadlineText, |p| {
            p.bump();
            while p.is(Kind::LeftBrace) && p.gap() == 0 {
                p.open.push(Kind::StringPiece);
                p.open.push(Kind::RightBrace);
                p.node(Kind::Formula, |p| {
                    let unclosed = p.is_troubled(p.at);
                    p.bump();
                    p.expression(Context::VALUE);
                    if !p.is(Kind::RightBrace) && !p.is(Kind::StringPiece) {
                        let message = format!("{} does not belong in this formula", p.found());
                        let diagnostic = p.error(OUT_OF_PLACE, message);
                        if !unclosed {
                            p.report(diagnostic.help("a formula is one calculation, such as `{median(m)}`"));
                        }
                        p.skip(|p| p.is(Kind::RightBrace) || p.is(Kind::StringPiece) || p.first_on_line());
                    }
                    if p.is(Kind::RightBrace) {
                        p.bump();
                    }
                });
                p.open.pop();
                p.open.pop();
                if p.is(Kind::StringPiece) && p.gap() == 0 {
                    p.bump();
                }
            }
        });
    }

    /// Reads the clauses of a declaration, in whatever order they come.
    fn clauses(&mut self, form: &'static Form, seen: &mut Vec<&'static str>) {
        loop {
            if self.is(Kind::End) || self.keyword_ahead() {
                return;
            }
            let Some(tag) = self.clause_ahead(form) else {
                let at_margin = self.first_on_line() && self.word_at(0).column <= self.margin;
                if !at_margin && !self.is_declaration() {
                    self.out_of_place(form, !seen.is_empty());
                }
                return;
            };
            if seen.contains(&tag) && tag != "cite" && self.last_error != Some(self.at) {
                self.twice(form, tag);
            }
            seen.push(tag);
            let before = self.at;
            if tag == "{" {
                self.block(form);
            } else {
                self.node(Kind::Clause, |p| p.clause(form, tag));
            }
            if self.at == before {
                return;
            }
        }
    }

    /// Returns which clause starts here; alternatives share a tag.
    fn clause_ahead(&self, form: &'static Form) -> Option<&'static str> {
        match self.kind() {
            Kind::String if form.titled => Some("title"),
            Kind::Equal if form.sign == Some(Kind::Tilde) => Some("~"),
            Kind::Tilde if form.sign == Some(Kind::Equal) => Some("="),
            Kind::Equal if form.sign == Some(Kind::Equal) => Some("="),
            Kind::Tilde if form.sign == Some(Kind::Tilde) => Some("~"),
            Kind::Arrow if form.sign == Some(Kind::Arrow) => Some("->"),
            Kind::LeftBrace if form.block.is_some() => Some("{"),
            Kind::Name if self.text() == "cite" => Some("cite"),
            Kind::Name => {
                let word = form.words.iter().find(|word| **word == self.text())?;
                Some(match (form.keyword, *word) {
                    ("event", "at" | "when") => "trigger",
                    ("measure" | "question", "by" | "at") => "reading",
                    ("choice", "utility" | "rules") => "decision",
                    ("claim", "holds" | "factual" | "normative") => "body",
                    ("time", "daily" | "weekly" | "every") => "step",
                    (_, word) => word,
                })
            }
            _ => None,
        }
    }

    fn twice(&mut self, form: &'static Form, tag: &str) {
        let kind = noun(form);
        let diagnostic = if tag == "=" {
            let message = format!("this {kind} has a second `=`");
            self.error(SINGLE_EQUAL, message)
                .help("to compare two values, write `==`")
        } else {
            let what = match tag {
                "title" => "title".to_string(),
                "trigger" => "trigger".to_string(),
                "reading" => "date".to_string(),
                "decision" => "way to decide".to_string(),
                "body" => "formula".to_string(),
                "{" => "list in braces".to_string(),
                word => format!("`{word}`"),
            };
            self.error(TWICE, format!("this {kind} has a second {what}"))
                .help("keep one of the two")
        };
        self.report(diagnostic);
    }

    /// Reports what no clause starts with; `begun` is whether there have been clauses.
    fn out_of_place(&mut self, form: &'static Form, begun: bool) {
        let kind = with_article(noun(form));
        let found = self.found();
        let diagnostic = match self.kind() {
            Kind::Comma if self.is_number_with_comma() => self.number_with_comma(),
            Kind::LeftBracket => self
                .error(OUT_OF_PLACE, format!("{kind} has no indices here"))
                .help("indices stand right after a name"),
            Kind::Colon if form.words.contains(&"of") && !begun => {
                let message = "an attribute says first with which stock it travels, and then its unit";
                self.error(MISSING_CLAUSE, message)
                    .help("add `of STOCK` after the name")
            }
            Kind::Colon => self
                .error(OUT_OF_PLACE, format!("{kind} has no unit here"))
                .help("a unit stands after the name"),
            Kind::Name if form.keyword == "time" && self.text() == "monthly" => self.monthly(self.span()),
            Kind::Name if LATER.contains(&self.text()) => {
                let message = format!(
                    "`{}` is reserved for a later version of the language",
                    self.text()
                );
                self.error(RESERVED, message)
                    .help("remove it, or put `//` before its lines")
            }
            closing if closing.is_closing() => self
                .error(UNOPENED_BRACKET, format!("this {found} closes nothing"))
                .help("remove it, or open the bracket before it"),
            Kind::Name | Kind::Number | Kind::Date | Kind::LeftParenthesis
                if begun && self.follows_value() =>
            {
                let help = "put a sign such as `+` or `*` between the two, or remove one";
                self.error(
                    OUT_OF_PLACE,
                    format!("{found} follows a value with nothing between"),
                )
                .help(help)
            }
            _ => {
                let help = match clauses_in_words(form) {
                    clauses if clauses.is_empty() => {
                        "remove it, or start a declaration on a new line".to_string()
                    }
                    clauses => format!("{kind} has {clauses}"),
                };
                self.error(
                    OUT_OF_PLACE,
                    format!("{found} does not belong in the declaration of {kind}"),
                )
                .help(help)
            }
        };
        self.report(diagnostic);
        self.skip_declaration();
    }

    /// Returns whether what stands before on the same line ends a value.
    fn follows_value(&self) -> bool {
        let before = self.at.checked_sub(1).map(|before| self.tokens[before].kind);
        let ends = |kind| {
            matches!(
                kind,
                Kind::Name | Kind::Number | Kind::Date | Kind::RightParenthesis | Kind::RightBracket
            )
        };
        !self.first_on_line() && !GRAMMAR.contains(&self.text()) && before.is_some_and(ends)
    }

    fn monthly(&self, span: Span) -> Diagnostic {
        let message = "calendar months differ in length, and are therefore no step";
        Diagnostic::error(NO_STEP, message, span).help("write `weekly` or `every 30 days`")
    }

    /// Returns whether the tokens around this comma are a number written `1,000`.
    fn is_number_with_comma(&self) -> bool {
        let before = self.at.checked_sub(1).map(|before| self.tokens[before].kind);
        let digits = |text: &str| text.len() == 3 && text.bytes().all(|b| b.is_ascii_digit());
        before == Some(Kind::Number)
            && self.gap() == 0
            && self.gap_at(1) == 0
            && self.kind_at(1) == Kind::Number
            && digits(self.text_at(1).split('.').next().unwrap_or(""))
    }

    fn number_with_comma(&self) -> Diagnostic {
        let mut last = 1;
        while self.kind_at(last + 1) == Kind::Comma
            && self.kind_at(last + 2) == Kind::Number
            && self.gap_at(last + 2) == 0
        {
            last += 2;
        }
        let span = self.tokens[self.at - 1].span(self.file).to(self.span_at(last));
        let written = &self.text[span.start as usize..span.end as usize];
        let better = written.replace(',', "_");
        let message = format!("`{written}` has commas between its digits");
        let diagnostic = Diagnostic::error(MALFORMED_NUMBER, message, span).help(format!("write `{better}`"));
        Self::with_edit(diagnostic, span, better)
    }
}

/// Clauses.
impl Parser<'_> {
    fn clause(&mut self, form: &'static Form, tag: &'static str) {
        let word = self.text();
        match tag {
            "title" => self.bump(),
            "=" => self.equation(form),
            "~" => {
                self.sign(Kind::Tilde, form);
                self.value(Context::VALUE);
            }
            "->" => {
                self.bump();
                self.identifier("an index");
            }
            "cite" => {
                self.bump();
                self.names("a reference");
            }
            _ => {
                self.bump();
                self.worded_clause(form, word);
            }
        }
    }

    fn equation(&mut self, form: &'static Form) {
        self.sign(Kind::Equal, form);
        match form.keyword {
            "flow" | "transfer" => self.value(Context::RATE),
            "check" | "function" | "unit" => {
                self.expression(Context::VALUE);
            }
            _ => self.value(Context::VALUE),
        }
    }

    /// Reads the sign before the value of a declaration.
    fn sign(&mut self, sign: Kind, form: &'static Form) {
        if !self.is(sign) {
            let kind = with_article(noun(form));
            let span = self.span();
            let (message, right) = match sign {
                Kind::Tilde => (
                    format!("{kind} is drawn from a distribution, which stands after `~`"),
                    "~",
                ),
                _ => (format!("{kind} has a value, which stands after `=`"), "="),
            };
            let help = match (sign, form.keyword) {
                (Kind::Equal, "const") => "write `=`, or declare a `param`".to_string(),
                (Kind::Equal, "let") => "write `=`, or declare `noise`".to_string(),
                _ => format!("write `{right}`"),
            };
            let diagnostic = Diagnostic::error(WRONG_SIGN, message, span).help(help);
            self.report(Self::with_edit(diagnostic, span, right));
        }
        self.bump();
    }

    fn worded_clause(&mut self, form: &'static Form, word: &str) {
        match (form.keyword, word) {
            ("time", "daily" | "weekly") | ("claim", "normative") | ("event", "recurring") => {}
            ("time", "every") => {
                let start = self.at;
                self.expression(Context::VALUE);
                let months = |word: &&Word| {
                    matches!(
                        &self.text[word.start as usize..word.end as usize],
                        "month" | "months"
                    )
                };
                if let Some(month) = self.tokens[start..self.at].iter().find(months) {
                    let diagnostic = self.monthly(month.span(self.file));
                    self.remark(diagnostic);
                }
            }
            ("subset", "of") => {
                self.identifier("an index");
            }
            ("attribute", "of") => {
                self.names("a stock");
                self.typed();
            }
            ("attribute", "rate") => self.value(Context::VALUE),
            ("flow" | "transfer", "from" | "to") | ("transfer", "on") => {
                self.expression(Context::CLAUSE);
            }
            ("flow", "through") => self.through(),
            ("pathway", "through") => self.several("what the pathway goes through"),
            ("flow", "carrying") => self.carrying(),
            ("event", "at") if self.is_word("rate") => {
                self.bump();
                self.value(Context::VALUE);
            }
            ("event", "when") => self.value(Context::VALUE),
            ("event", "with") => {
                self.expect_word("probability", "`with`");
                self.value(Context::VALUE);
            }
            ("choice", "by") => {
                self.identifier("an actor");
            }
            ("treaty", "between") => self.names("a party"),
            ("treaty", "in") => {
                self.expect_word("force", "`in`");
                if self.is_word("when") {
                    self.bump();
                    self.value(Context::VALUE);
                } else if self.expect_word("from", "`in force`") {
                    self.expression(Context::VALUE);
                }
            }
            ("treaty", "reliability") => {
                if self.expect(Kind::Tilde, "~", "`reliability`") {
                    self.value(Context::VALUE);
                }
            }
            ("treaty", _) => self.value(Context::VALUE),
            ("choice", "start") => {
                self.identifier("an option");
            }
            ("choice", "options") => self.braces("`options`", Parser::elements),
            ("choice", "utility" | "available") => self.braces(&format!("`{word}`"), Parser::cases),
            ("choice", "rules") => self.braces("`rules`", Parser::rules),
            ("choice", "precision") => self.value(Context::VALUE),
            ("choice", "switching") => {
                self.expect_word("cost", "`switching`");
                self.value(Context::VALUE);
            }
            ("choice", "memory") if self.is_word("none") || self.is_word("forever") => self.bump(),
            ("index", "outlines") => self.string("the file of outlines"),
            ("claim", "quote" | "because") => self.string(&format!("what stands after `{word}`")),
            ("claim", "rests") => {
                self.expect_word("on", "`rests`");
                self.string("what stands after `rests on`");
            }
            ("claim", "settled") => {
                self.expect_word("by", "`settled`");
                self.string("what stands after `settled by`");
            }
            ("claim", "contradicts") => self.names("a claim"),
            ("claim", "holds") => {
                self.expect_word("when", "`holds`");
                self.expression(Context::VALUE);
            }
            ("claim", "factual") => self.factual(),
            ("anchor", "so") => {
                self.expect_word("that", "`so`");
                self.expression(Context::VALUE);
            }
            ("check", "between") => {
                self.operand(level::SUM, Context::VALUE);
                if self.expect_word("and", "the lower end of a range") {
                    self.operand(level::SUM, Context::VALUE);
                }
            }
            // What remains takes one expression: dates, durations, conditions.
            _ => {
                self.expression(Context::VALUE);
            }
        }
    }

    fn through(&mut self) {
        if self.is_word("pipeline") && self.kind_at(1) == Kind::LeftParenthesis {
            self.expression(Context::CLAUSE);
            return;
        }
        let diagnostic = self.lacking(NO_VALUE, "a flow leads through a pipeline".into());
        if self
            .report(diagnostic.help("write `through pipeline(ORDER, MEAN)`, such as `pipeline(3, 4 weeks)`"))
        {
            let before = self.at;
            self.expression(Context::CLAUSE);
            self.last_error = (self.at == before).then_some(before);
        }
    }

    fn carrying(&mut self) {
        loop {
            let mut sound = false;
            self.node(Kind::Carried, |p| {
                sound = p.identifier("an attribute") && p.expect(Kind::Equal, "=", "a carried attribute");
                if sound {
                    p.expression(Context::CLAUSE);
                }
            });
            if !sound || !self.is(Kind::Comma) {
                return;
            }
            self.bump();
        }
    }

    fn factual(&mut self) {
        if self.is(Kind::Colon) {
            self.bump();
        }
        self.expression(Context::VALUE);
        if self.expect_word("is", "the fact") {
            self.expression(Context::VALUE);
            if self.expect_word("within", "the stated value") {
                self.expression(Context::VALUE);
            }
        }
    }

    fn braces(&mut self, place: &str, inside: impl FnOnce(&mut Self)) {
        if self.is(Kind::LeftBrace) {
            return inside(self);
        }
        let diagnostic = self.lacking(NO_SIGN, format!("{place} is followed by `{{`"));
        self.report(diagnostic.help("write the entries between `{` and `}`"));
    }

    fn block(&mut self, form: &'static Form) {
        match form.block {
            Some(Block::Elements) => self.elements(),
            Some(Block::Names) => self.node(Kind::Elements, |p| {
                p.list(true, |p| {
                    p.node(Kind::Element, |p| p.identifier("an element"));
                });
            }),
            Some(Block::Images) => self.node(Kind::Images, |p| {
                p.list(true, |p| {
                    p.node(Kind::Image, |p| {
                        if p.identifier("an element") && p.expect(Kind::Colon, ":", "an element") {
                            p.identifier("an element");
                        }
                    });
                });
            }),
            Some(Block::Changes) => self.node(Kind::Changes, |p| p.list(true, Parser::change)),
            None => {}
        }
    }

    fn elements(&mut self) {
        self.node(Kind::Elements, |p| {
            p.list(true, |p| {
                p.node(Kind::Element, |p| {
                    if p.identifier("an element") && p.is(Kind::String) {
                        p.bump();
                    }
                });
            });
        });
    }

    fn rules(&mut self) {
        let mut complete = false;
        self.node(Kind::Rules, |p| {
            p.list(true, |p| {
                if complete {
                    let diagnostic = p.error(OUT_OF_PLACE, "no row stands after `else`");
                    p.report(diagnostic.help("`else` decides whatever else is so: put this row before it"));
                }
                p.node(Kind::Rule, |p| {
                    if p.is_word("else") {
                        p.bump();
                        complete = true;
                    } else {
                        p.expression(Context::VALUE);
                    }
                    if p.expect(Kind::Colon, ":", "a condition") {
                        p.identifier("an option");
                    }
                });
            });
        });
    }

    fn change(&mut self) {
        self.node(Kind::Change, |p| {
            let freeze = p.is_word("freeze") && p.kind_at(1) == Kind::Name && !p.word_at(1).first_on_line;
            if freeze {
                p.bump();
            }
            if !p.target("what is changed") {
                return;
            }
            if !freeze && p.expect(Kind::Equal, "=", "what is changed") {
                p.action();
            }
            if p.is_word("from") {
                p.node(Kind::Clause, |p| {
                    p.bump();
                    p.expression(Context::VALUE);
                });
            }
        });
    }

    /// Reads a quantity or a part of a treaty, with an element in brackets if one is meant.
    fn target(&mut self, what: &str) -> bool {
        if !self.identifier(what) {
            return false;
        }
        if self.is_word("of") {
            self.bump();
            if !self.identifier("a treaty") {
                return false;
            }
        }
        if self.is(Kind::LeftBracket) && !self.first_on_line() {
            self.node(Kind::Indices, |p| {
                p.list(false, |p| {
                    p.identifier("an element");
                });
            });
        }
        true
    }

    fn several(&mut self, what: &str) {
        while self.node(Kind::Member, |p| p.target(what)) {
            if self.is(Kind::Comma) {
                self.bump();
            } else if self.is(Kind::Name) && !self.first_on_line() && !GRAMMAR.contains(&self.text()) {
                let message = format!(
                    "names are separated by commas, and here {} follows a name",
                    self.found()
                );
                let diagnostic = self.error(NO_SEPARATOR, message).help("add `,`");
                let diagnostic = Self::with_edit(diagnostic, self.span_after(), ",");
                self.report(diagnostic);
            } else {
                return;
            }
        }
    }

    fn action(&mut self) {
        if self.is_word("never") || self.is_word("always") {
            return self.bump();
        }
        if self.is_word("at") || self.is_cut() {
            self.bump();
        }
        self.expression(Context::VALUE);
    }

    /// Returns whether `cut` stands before an equation, and is not a name.
    fn is_cut(&self) -> bool {
        let starts_value = match self.kind_at(1) {
            Kind::Number | Kind::Date | Kind::LeftParenthesis | Kind::Minus => true,
            Kind::Name => matches!(self.text_at(1), "if" | "not") || !GRAMMAR.contains(&self.text_at(1)),
            _ => false,
        };
        self.is_word("cut") && !self.word_at(1).first_on_line && starts_value
    }
}

/// Values.
impl Parser<'_> {
    fn value(&mut self, context: Context) {
        if self.is(Kind::LeftBrace) {
            self.cases();
        } else if self.is_word("table") && self.kind_at(1) == Kind::LeftBrace {
            self.table();
        } else {
            self.expression(context);
        }
    }

    fn cases(&mut self) {
        if !self.enter() {
            return;
        }
        self.node(Kind::Cases, |p| {
            p.list(true, |p| {
                p.node(Kind::Case, |p| {
                    let named = if p.is_word("else") {
                        p.bump();
                        true
                    } else {
                        p.identifier("an element")
                    };
                    if named && p.expect(Kind::Colon, ":", "an element") {
                        p.value(Context {
                            interval: true,
                            ..Context::VALUE
                        });
                    }
                });
            });
        });
        self.depth -= 1;
    }

    fn table(&mut self) {
        self.node(Kind::Table, |p| {
            p.bump();
            let opening = p.span();
            p.bump();
            p.open.push(Kind::RightBrace);
            if p.first_row_is_columns() {
                let start = p.at;
                p.node(Kind::TableColumns, |p| {
                    let mut sound = p.identifier("a column");
                    while sound && !p.first_on_line() && p.is(Kind::Name) {
                        sound = p.identifier("a column");
                    }
                    p.end_of_row(start);
                });
            }
            while !p.is_over() {
                let start = p.at;
                p.node(Kind::TableRow, |p| {
                    if p.identifier("a row") {
                        while !p.first_on_line() && p.starts_cell() {
                            p.operand(level::INTERVAL, Context::CELL);
                        }
                    }
                    p.end_of_row(start);
                });
            }
            p.open.pop();
            match p.is(Kind::RightBrace) {
                true => p.bump(),
                false => p.unclosed(opening),
            }
        });
    }

    /// Returns whether the first line of a table holds nothing but names.
    fn first_row_is_columns(&self) -> bool {
        let mut ahead = 0;
        while self.kind_at(ahead) == Kind::Name && (ahead == 0 || !self.word_at(ahead).first_on_line) {
            ahead += 1;
        }
        let ends = self.word_at(ahead).first_on_line || self.kind_at(ahead) == Kind::RightBrace;
        ahead > 0 && ends && !self.declaration_ahead()
    }

    fn starts_cell(&self) -> bool {
        match self.kind() {
            Kind::Name => matches!(self.text(), "if" | "not") || !GRAMMAR.contains(&self.text()),
            Kind::Number | Kind::Date | Kind::LeftParenthesis | Kind::Minus | Kind::Stray => true,
            _ => false,
        }
    }

    /// Passes over what is left of a row that began at `start`.
    fn end_of_row(&mut self, start: usize) {
        if self.is_over() || (self.first_on_line() && self.at > start) {
            return;
        }
        let diagnostic = match self.kind() {
            Kind::Comma if self.is_number_with_comma() => self.number_with_comma(),
            _ => {
                let message = format!(
                    "a row of a table is a name and values, and here stands {}",
                    self.found()
                );
                self.error(OUT_OF_PLACE, message)
                    .help("values are separated by spaces, and calculations stand in parentheses")
            }
        };
        self.report(diagnostic);
        self.skip_from_here(Self::first_on_line);
    }
}

/// Expressions. Each function returns the height of what it has read.
impl Parser<'_> {
    fn expression(&mut self, context: Context) -> u32 {
        self.operand(level::IF, context)
    }

    /// Goes one level deeper, or reports that there are too many and passes over what is nested.
    fn enter(&mut self) -> bool {
        if self.depth < DEEPEST_NESTING {
            self.depth += 1;
            return true;
        }
        let diagnostic = self.error(
            TOO_DEEP,
            format!("this is nested more than {DEEPEST_NESTING} levels deep"),
        );
        self.report(diagnostic.help("give parts of it names with `let`"));
        self.skip(|p| p.closes_outer());
        self.missing();
        false
    }

    /// Reads operands joined by operators that bind at least as strongly as `weakest`.
    fn operand(&mut self, weakest: u8, context: Context) -> u32 {
        let start = self.checkpoint();
        let mut height = self.prefix(weakest, context);
        loop {
            let Some(infix) = self.infix(context) else {
                return height;
            };
            if infix.level < weakest {
                return height;
            }
            if height >= HIGHEST_EXPRESSION {
                let message =
                    format!("this expression has more than {HIGHEST_EXPRESSION} operations in a row");
                let diagnostic = self.error(TOO_DEEP, message);
                self.report(
                    diagnostic.help("give parts of it names with `let`, or reduce over an index with `sum`"),
                );
                self.skip(|p| p.closes_outer() || p.is(Kind::Comma));
                return height;
            }
            let operator = self.span();
            if self.is(Kind::Equal) {
                let diagnostic = self.error(
                    SINGLE_EQUAL,
                    "`=` gives a value, and here two values are compared",
                );
                self.remark(Self::with_edit(diagnostic.help("write `==`"), operator, "=="));
            }
            self.bump();
            let right = match infix.node {
                Kind::InExpression => {
                    self.identifier("an index or subset");
                    0
                }
                _ if infix.right <= infix.level => match self.enter() {
                    true => {
                        let right = self.operand(infix.right, context);
                        self.depth -= 1;
                        right
                    }
                    false => 0,
                },
                _ => self.operand(infix.right, context),
            };
            self.wrap(start, infix.node);
            height = height.max(right) + 1;
            if infix.level == level::COMPARE
                && self
                    .infix(context)
                    .is_some_and(|next| next.level == level::COMPARE)
            {
                let diagnostic = self.error(CHAINED_COMPARISON, "a comparison cannot be compared again");
                let diagnostic = diagnostic.label(operator, "the first comparison");
                self.report(diagnostic.help("write `a < b and b < c`"));
            }
        }
    }

    /// Returns the operator that stands here.
    fn infix(&mut self, context: Context) -> Option<Infix> {
        let binary = |level: u8| {
            Some(Infix {
                level,
                node: Kind::BinaryExpression,
                right: level + 1,
            })
        };
        match self.kind() {
            Kind::Name => match self.text() {
                "or" => binary(level::OR),
                "and" => binary(level::AND),
                // Of a treaty: what follows is its next clause.
                "in" if self.text_at(1) == "force" && matches!(self.text_at(2), "from" | "when") => None,
                "in" => Some(Infix {
                    level: level::COMPARE,
                    node: Kind::InExpression,
                    right: level::INTERVAL,
                }),
                "to" if context.interval => Some(Infix {
                    level: level::INTERVAL,
                    node: Kind::IntervalExpression,
                    right: level::SUM,
                }),
                "of" => Some(Infix {
                    level: level::OF,
                    node: Kind::OfExpression,
                    right: level::OF,
                }),
                _ => None,
            },
            Kind::Stray => match self.text() {
                "||" | "|" => binary(level::OR),
                "&&" | "&" => binary(level::AND),
                _ => None,
            },
            Kind::Equal if context.equal => binary(level::COMPARE),
            Kind::Minus if context.cell && self.gap() > 0 && self.gap_at(1) == 0 => None,
            kind => {
                let infix = match kind {
                    Kind::EqualEqual
                    | Kind::NotEqual
                    | Kind::Less
                    | Kind::LessEqual
                    | Kind::Greater
                    | Kind::GreaterEqual => binary(level::COMPARE),
                    Kind::Plus | Kind::Minus => binary(level::SUM),
                    Kind::Star | Kind::Slash => binary(level::PRODUCT),
                    Kind::Caret => Some(Infix {
                        level: level::POWER,
                        node: Kind::BinaryExpression,
                        right: level::NEGATE,
                    }),
                    _ => None,
                };
                if infix.is_some() && context.cell {
                    let diagnostic =
                        self.error(NO_PARENTHESES, "a calculation in a table stands in parentheses");
                    self.report(diagnostic.help("write `(a + b)`"));
                    return None;
                }
                infix
            }
        }
    }

    fn prefix(&mut self, weakest: u8, context: Context) -> u32 {
        let bang = self.is(Kind::Stray) && self.text() == "!";
        if self.is(Kind::Minus) {
            return self.unary(level::NEGATE, context);
        }
        if self.is_word("not") || bang {
            self.must_bind(weakest, level::NOT, "`not`");
            return self.unary(level::NOT, context);
        }
        if self.is_word("if") {
            self.must_bind(weakest, level::IF, "`if`");
            return self.conditional(context);
        }
        self.postfix(context)
    }

    /// Reports an operator that binds too weakly to stand here without parentheses.
    fn must_bind(&mut self, weakest: u8, level: u8, operator: &str) {
        if weakest > level {
            let diagnostic = self.error(
                NO_PARENTHESES,
                format!("{operator} within a calculation stands in parentheses"),
            );
            self.report(diagnostic.help("put parentheses around it"));
        }
    }

    fn unary(&mut self, level: u8, context: Context) -> u32 {
        let start = self.checkpoint();
        self.bump();
        if !self.enter() {
            return 0;
        }
        let height = self.operand(level, context);
        self.depth -= 1;
        self.wrap(start, Kind::UnaryExpression);
        height + 1
    }

    fn conditional(&mut self, context: Context) -> u32 {
        if !self.enter() {
            return 0;
        }
        let height = self.node(Kind::IfExpression, |p| {
            p.bump();
            let mut height = p.expression(Context {
                equal: true,
                ..context
            });
            if p.expect_word("then", "the condition after `if`") {
                height = height.max(p.expression(context));
                if p.expect_word("else", "the value after `then`") {
                    height = height.max(p.expression(context));
                }
            }
            height
        });
        self.depth -= 1;
        height + 1
    }

    fn postfix(&mut self, context: Context) -> u32 {
        let start = self.checkpoint();
        let height = self.primary(context);
        if self.is_word("under") && self.at > 0 {
            self.bump();
            self.identifier("an intervention");
            self.wrap(start, Kind::UnderExpression);
            return height + 1;
        }
        height
    }

    fn primary(&mut self, context: Context) -> u32 {
        match self.kind() {
            Kind::Number => self.number(context),
            Kind::Date => {
                self.node(Kind::DateExpression, Self::bump);
                0
            }
            Kind::String if context.text => {
                self.node(Kind::TextExpression, Self::bump);
                0
            }
            Kind::LeftParenthesis => {
                if !self.enter() {
                    return 0;
                }
                let height = self.node(Kind::ParenthesisExpression, Self::parenthesis);
                self.depth -= 1;
                height
            }
            Kind::Name if !GRAMMAR.contains(&self.text()) && !self.declaration_ahead() => self.named(context),
            _ => {
                self.no_value(context);
                0
            }
        }
    }

    fn no_value(&mut self, context: Context) {
        if self.is(Kind::Stray) {
            self.node(Kind::MissingExpression, Self::bump);
            return;
        }
        let diagnostic = match (self.kind(), self.at.checked_sub(1)) {
            (Kind::String, _) => self.error(NO_VALUE, "a value belongs here, and here stands a string"),
            (Kind::LeftBrace, _) if !context.cell => {
                let message = "an expression belongs here, and here stands a list in braces";
                let help = "cases in braces stand right after `=` or `~`, or after `:` within cases";
                self.error(NO_VALUE, message).help(help)
            }
            (Kind::End, Some(before)) => self.no_value_after(before),
            (_, Some(before)) if self.first_on_line() => self.no_value_after(before),
            _ => self.error(NO_VALUE, format!("a value is missing before {}", self.found())),
        };
        let diagnostic = match diagnostic.help {
            Some(_) => diagnostic,
            None => diagnostic.help("write a number, a name or a calculation"),
        };
        self.report(diagnostic);
        self.missing();
    }

    fn no_value_after(&self, before: usize) -> Diagnostic {
        let span = self.tokens[before].span(self.file);
        let sign = shortened(&self.text[span.start as usize..span.end as usize]);
        Diagnostic::error(NO_VALUE, format!("a value is missing after `{sign}`"), span)
    }

    /// Reads an expression between parentheses.
    fn parenthesis(&mut self) -> u32 {
        let opening = self.span();
        self.bump();
        self.open.push(Kind::RightParenthesis);
        let height = self.expression(Context::VALUE);
        if self.kind().is_closing() && !self.closes_outer() {
            self.unopened();
        }
        if !self.is(Kind::RightParenthesis) && !self.is_over() {
            let message = format!("{} does not belong in these parentheses", self.found());
            let diagnostic = self.error(OUT_OF_PLACE, message).label(opening, "opened here");
            self.report(diagnostic.help("add an operator, or `)`"));
            self.skip(|p| p.closes_outer());
        }
        self.open.pop();
        match self.is(Kind::RightParenthesis) {
            true => self.bump(),
            false => self.unclosed(opening),
        }
        height
    }

    fn named(&mut self, context: Context) -> u32 {
        let next = self.word_at(1);
        let attached = !next.first_on_line && (self.gap_at(1) == 0 || !context.cell);
        let list: fn(&mut Self) -> (u32, Kind) = match next.kind {
            Kind::LeftParenthesis if attached => Self::arguments,
            Kind::LeftBracket if attached => Self::subscripts,
            _ => {
                self.node(Kind::NameExpression, Self::bump);
                return 0;
            }
        };
        let start = self.checkpoint();
        self.node(Kind::Identifier, Self::bump);
        let (height, node) = match self.enter() {
            true => {
                let read = list(self);
                self.depth -= 1;
                read
            }
            false => (0, Kind::CallExpression),
        };
        self.wrap(start, node);
        height + 1
    }

    fn subscripts(&mut self) -> (u32, Kind) {
        let mut height = 0;
        self.list(false, |p| height = height.max(p.expression(Context::VALUE)));
        (height, Kind::SubscriptExpression)
    }

    fn arguments(&mut self) -> (u32, Kind) {
        let (mut height, mut node) = (0, Kind::CallExpression);
        let mut entries = 0;
        self.list(false, |p| {
            let start = p.checkpoint();
            entries += 1;
            height = height.max(p.expression(Context::ARGUMENT));
            if p.is(Kind::Colon) {
                p.bump();
                height = height.max(p.expression(Context::ARGUMENT));
            }
            if (p.is_word("for") && entries > 1) || node == Kind::ReduceExpression {
                let diagnostic = p.error(
                    OUT_OF_PLACE,
                    "a reduction over elements has one body and nothing beside it",
                );
                p.report(diagnostic.help("write `max(sum(a for s in S), b)`"));
            }
            if p.is_word("for") {
                node = Kind::ReduceExpression;
                p.binders();
            } else {
                p.wrap(start, Kind::Argument);
            }
        });
        (height, node)
    }

    fn binders(&mut self) {
        self.bump();
        loop {
            self.node(Kind::Binder, |p| {
                if p.identifier("an element of the reduction") && p.expect_word("in", "the name after `for`")
                {
                    p.identifier("an index or subset");
                }
            });
            if !self.is(Kind::Comma) {
                break;
            }
            self.bump();
        }
        if self.is_word("where") {
            self.node(Kind::Filter, |p| {
                p.bump();
                p.expression(Context::VALUE);
            });
        }
    }

    fn number(&mut self, context: Context) -> u32 {
        self.node(Kind::NumberExpression, |p| {
            p.bump();
            if p.first_on_line() {
                return;
            }
            if p.is(Kind::Percent) {
                if p.gap() > 0 {
                    let span = Span {
                        start: p.span_after().end,
                        ..p.span()
                    };
                    let diagnostic =
                        Diagnostic::error(SPACED_UNIT, "`%` stands right after its number", span);
                    p.remark(Self::with_edit(diagnostic.help("remove the space"), span, "%"));
                }
                return p.node(Kind::Unit, Self::bump);
            }
            let is_unit = match p.kind() {
                Kind::Name => !NO_UNITS.contains(&p.text()) && !p.is_declaration(),
                Kind::Number => {
                    p.gap() == 1
                        && !context.cell
                        && p.text() == "1"
                        // `100 1/day`; what is one alone, as in `100 1/ 1 day`, is a number again.
                        && p.unit_length(0, true) > 1
                }
                _ => false,
            };
            if !is_unit || (context.cell && p.gap() > 1) {
                return;
            }
            if p.gap() != 1 {
                let after = p.span_after();
                let span = Span {
                    end: p.span().start,
                    ..after
                };
                let place = Span {
                    end: p.span().end,
                    ..after
                };
                let diagnostic = Diagnostic::error(
                    SPACED_UNIT,
                    "one space stands between a number and its unit",
                    place,
                );
                p.remark(Self::with_edit(
                    diagnostic.help("write it like `40_000 person`"),
                    span,
                    " ",
                ));
            }
            let length = p.unit_length(0, true);
            p.node(Kind::Unit, |p| (0..length).for_each(|_| p.bump()));
        });
        0
    }
}

impl Word {
    fn span(self, file: FileId) -> Span {
        Span {
            file,
            start: self.start,
            end: self.end,
        }
    }
}

/// Cuts a text that would not fit into a message.
fn shortened(text: &str) -> String {
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("{}..", &text[..end]),
        None => text.to_string(),
    }
}
