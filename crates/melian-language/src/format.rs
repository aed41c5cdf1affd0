//! Tree to text, in one style.
//!
//! The tree becomes a document of words and places where a line may end; the document is then laid out in lines of [`WIDTH`] columns. Where
//! the author put clauses on lines of their own, or opened a list over several lines, they stay so; expressions are laid out anew.
//! A comment ends a line here exactly where it ended one before, so layout never changes what is meant.

use std::collections::HashMap;

use rowan::NodeOrToken;

use crate::diagnostic::Diagnostic;
use crate::source::FileId;
use crate::syntax::kind::{Kind, Leaf, Node};
use crate::syntax::{first_line_is_row, parse};

/// Columns of a line; by judgement, what fits beside a second window.
const WIDTH: usize = 110;
/// Spaces per level.
const INDENT: usize = 2;

/// Lays a file out in the one style.
///
/// # Errors
/// Returns what is wrong with a file that does not parse.
pub fn format(text: &str) -> Result<String, Vec<Diagnostic>> {
    let parsed = parse(text, FileId(0));
    if parsed.has_errors() {
        return Err(parsed.diagnostics);
    }
    let root = parsed.tree.root();
    let document = Layout::of(&root).file(&root);
    let mut printer = Printer::default();
    printer.sequence(&document, 0, false, 0);
    Ok(printer.finish())
}

/// Text with places where lines may end.
enum Document {
    Text(String),
    Space,
    /// A space, or a line end if the group around it does not fit.
    Line,
    /// A space, or a line end if what follows up to the next place of this kind does not fit.
    Fill,
    /// A line end.
    Hard,
    /// A blank line, where a line has just ended.
    Blank,
    /// A comment after something on its line.
    Trailing(String),
    /// A comment on a line of its own.
    Own(String),
    Indent(Vec<Document>),
    /// On one line if it fits.
    Group(Vec<Document>),
    Brackets(Brackets),
    Block(Block),
}

/// What stands in brackets: on one line, or each part on its own line, two columns further than the line that opens them.
struct Brackets {
    open: Vec<Document>,
    inside: Vec<Document>,
    close: Vec<Document>,
}

/// Entries in braces: on one line with commas, or each on its own line.
struct Block {
    open: Vec<Document>,
    entries: Vec<Vec<Document>>,
    /// Comments before the closing brace.
    last: Vec<Document>,
    close: Vec<Document>,
    /// Whether it stands on several lines even if it fits on one.
    tall: bool,
}

use Document::{Blank, Fill, Group, Hard, Indent, Line, Own, Space, Text, Trailing};

/// What surrounds a token.
#[derive(Default)]
struct Surroundings {
    /// Comments on lines of their own before it, and whether a blank line stands before each.
    before: Vec<(String, bool)>,
    /// A comment after it on its line.
    after: Option<String>,
    /// Whether it is the first token of its line.
    first_on_line: bool,
    /// Whether a blank line stands right before it.
    blank: bool,
    /// Which of these blank lines stay.
    blanks: Blanks,
}

/// Which blank lines before a token stay.
#[derive(Clone, Copy, Default, PartialEq)]
enum Blanks {
    /// None: it stands within an entry.
    #[default]
    None,
    /// Those before the comments before it: it closes a list.
    BeforeComments,
    /// All: it begins an entry.
    All,
}

/// Builds documents.
struct Layout {
    /// By the token's first byte.
    surroundings: HashMap<u32, Surroundings>,
    /// Of the end of the file.
    end: Surroundings,
}

fn start(leaf: &Leaf) -> u32 {
    leaf.text_range().start().into()
}

fn leaves(node: &Node) -> impl Iterator<Item = Leaf> {
    let leaves = node.descendants_with_tokens().filter_map(NodeOrToken::into_token);
    leaves.filter(|leaf| !leaf.kind().is_trivia())
}

/// Returns the nodes and tokens of a node, without layout.
fn parts(node: &Node) -> Vec<NodeOrToken<Node, Leaf>> {
    node.children_with_tokens()
        .filter(|part| !part.kind().is_trivia())
        .collect()
}

/// What stands around tokens.
impl Layout {
    fn of(root: &Node) -> Layout {
        let mut surroundings: HashMap<u32, Surroundings> = HashMap::new();
        let mut next = Surroundings::default();
        let mut previous = None;
        let mut lines = 0;
        for leaf in root.descendants_with_tokens().filter_map(NodeOrToken::into_token) {
            match leaf.kind() {
                Kind::Whitespace => {}
                Kind::Newline => {
                    lines += 1;
                    next.first_on_line = true;
                }
                Kind::Comment => {
                    let text = leaf.text().trim_end().to_string();
                    match previous.and_then(|token| surroundings.get_mut(&token)) {
                        Some(token) if lines == 0 => token.after = Some(text),
                        _ => next.before.push((text, lines > 1)),
                    }
                    lines = 0;
                }
                kind => {
                    next.blank = lines > 1;
                    next.blanks = if kind == Kind::RightBrace {
                        Blanks::BeforeComments
                    } else {
                        Blanks::None
                    };
                    lines = 0;
                    previous = Some(start(&leaf));
                    surroundings.insert(start(&leaf), std::mem::take(&mut next));
                }
            }
        }
        for node in root.descendants().filter(|node| is_entry(node.kind())) {
            if let Some(around) = leaves(&node)
                .next()
                .and_then(|leaf| surroundings.get_mut(&start(&leaf)))
            {
                around.blanks = Blanks::All;
            }
        }
        next.blanks = Blanks::BeforeComments;
        Layout {
            surroundings,
            end: next,
        }
    }

    fn around(&self, leaf: &Leaf) -> &Surroundings {
        // Every token that is not layout has been entered by `of`; the end has comments of its own.
        self.surroundings.get(&start(leaf)).unwrap_or(&self.end)
    }

    fn starts_line(&self, node: &Node) -> bool {
        leaves(node)
            .next()
            .is_some_and(|leaf| self.around(&leaf).first_on_line)
    }

    fn comments_before(&self, around: &Surroundings) -> Vec<Document> {
        let mut out = Vec::new();
        for (comment, blank) in &around.before {
            out.push(Hard);
            if *blank && around.blanks != Blanks::None {
                out.push(Blank);
            }
            out.push(Own(comment.clone()));
        }
        if around.blank && around.blanks == Blanks::All {
            out.push(Blank);
        }
        out
    }

    fn comment_after(&self, leaf: &Leaf) -> Option<Document> {
        self.around(leaf).after.clone().map(Trailing)
    }

    /// Returns the comments of a token that is itself left out.
    fn comments(&self, leaf: &Leaf) -> Vec<Document> {
        let mut out = self.comments_before(self.around(leaf));
        out.extend(self.comment_after(leaf));
        out
    }

    fn token(&self, leaf: &Leaf) -> Vec<Document> {
        let mut out = self.comments_before(self.around(leaf));
        out.push(Text(leaf.text().to_string()));
        out.extend(self.comment_after(leaf));
        out
    }

    /// Returns the comments before a closing bracket, and the bracket.
    fn closing(&self, leaf: &Leaf) -> (Vec<Document>, Vec<Document>) {
        let mut close = vec![Text(leaf.text().to_string())];
        close.extend(self.comment_after(leaf));
        (self.comments_before(self.around(leaf)), close)
    }
}

/// Returns whether a clause is a title or says where something comes from.
fn is_source(clause: &Node) -> bool {
    leaves(clause)
        .next()
        .is_some_and(|leaf| leaf.kind() == Kind::String || leaf.text() == "cite")
}

/// Takes the comments before an entry out of the groups that it begins with: there they would count as ends of the first line.
fn comments_first(mut entry: Vec<Document>) -> Vec<Document> {
    let mut before = Vec::new();
    let mut inside = &mut entry;
    loop {
        let comments = inside
            .iter()
            .take_while(|document| matches!(document, Hard | Blank | Own(_)))
            .count();
        before.extend(inside.drain(..comments));
        match inside.first_mut() {
            Some(Group(group) | Indent(group)) => inside = group,
            _ => break,
        }
    }
    before.extend(entry);
    before
}

fn is_entry(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Header
            | Kind::Declaration
            | Kind::Element
            | Kind::Image
            | Kind::Case
            | Kind::Rule
            | Kind::Change
            | Kind::TableColumns
            | Kind::TableRow
    )
}

/// Declarations and their parts.
impl Layout {
    fn file(&self, root: &Node) -> Vec<Document> {
        let mut out = Vec::new();
        for node in root.children() {
            out.push(Hard);
            match node.kind() {
                Kind::Declaration => out.extend(self.declaration(&node)),
                _ => out.extend(self.spaced(&node)),
            }
        }
        out.extend(self.comments_before(&self.end));
        out
    }

    fn declaration(&self, node: &Node) -> Vec<Document> {
        let mut head = Vec::new();
        let mut clauses = Vec::new();
        let mut before_source = false;
        for part in parts(node) {
            match part {
                NodeOrToken::Node(node) => match node.kind() {
                    Kind::HeadlineText => {
                        clauses.push(if self.starts_line(&node) { Hard } else { Space });
                        clauses.extend(self.part(&node));
                    }
                    Kind::Clause => {
                        let on_new_line = self.starts_line(&node);
                        let source = is_source(&node);
                        match clauses.last_mut() {
                            // A title and its references stay together if they can.
                            Some(Group(before)) if source && before_source && !on_new_line => {
                                before.push(Line);
                                before.extend(self.part(&node));
                            }
                            _ => {
                                clauses.push(if on_new_line { Hard } else { Fill });
                                clauses.push(Group(self.part(&node)));
                            }
                        }
                        before_source = source;
                    }
                    Kind::Elements | Kind::Images | Kind::Changes => {
                        clauses.push(Space);
                        clauses.extend(self.part(&node));
                    }
                    Kind::Indices | Kind::Parameters => head.extend(self.part(&node)),
                    Kind::Member => {
                        clauses.push(Fill);
                        clauses.extend(self.part(&node));
                    }
                    _ => {
                        head.push(Space);
                        head.extend(self.part(&node));
                    }
                },
                NodeOrToken::Token(leaf) if leaf.kind() == Kind::Comma => clauses.extend(self.token(&leaf)),
                NodeOrToken::Token(leaf) => {
                    if leaf.kind() == Kind::Colon {
                        head.push(Space);
                    }
                    head.extend(self.token(&leaf));
                }
            }
        }
        head.push(Indent(clauses));
        head
    }

    fn part(&self, node: &Node) -> Vec<Document> {
        match node.kind() {
            Kind::Elements | Kind::Images | Kind::Cases | Kind::Rules | Kind::Changes => {
                vec![Document::Block(self.block(node))]
            }
            Kind::Table => self.table(node),
            Kind::Indices | Kind::Parameters => self.brackets(parts(node)),
            Kind::HeadlineText => self.headline(node),
            Kind::Unit | Kind::Identifier => self.joined(node),
            kind if kind.is_expression() => self.expression(node),
            _ => self.spaced(node),
        }
    }

    /// Lays out the parts of a node with nothing between them.
    fn joined(&self, node: &Node) -> Vec<Document> {
        parts(node).iter().flat_map(|part| self.any(part)).collect()
    }

    fn any(&self, part: &NodeOrToken<Node, Leaf>) -> Vec<Document> {
        match part {
            NodeOrToken::Node(node) => self.part(node),
            NodeOrToken::Token(leaf) => self.token(leaf),
        }
    }

    /// Lays out the parts of a node with spaces between them.
    fn spaced(&self, node: &Node) -> Vec<Document> {
        let mut out = Vec::new();
        let parts = parts(node);
        for (position, part) in parts.iter().enumerate() {
            let before = position.checked_sub(1).map(|before| parts[before].kind());
            let unit_follows = parts
                .get(position + 1)
                .is_some_and(|next| next.kind() == Kind::Unit);
            match (before, part.kind()) {
                (None, _) | (_, Kind::Comma | Kind::Indices) => {}
                (_, Kind::Colon) if !(unit_follows && node.kind() == Kind::Clause) => {}
                (Some(Kind::Comma), Kind::Member) => out.push(Fill),
                (Some(Kind::Comma), _) => out.push(Line),
                _ => out.push(Space),
            }
            out.extend(self.any(part));
        }
        out
    }

    /// A headline stays on its line: a line end would be part of the string.
    fn headline(&self, node: &Node) -> Vec<Document> {
        let mut text = String::new();
        for part in parts(node) {
            match part {
                NodeOrToken::Node(formula) => text.push_str(&flat(&self.joined(&formula))),
                NodeOrToken::Token(leaf) => text.push_str(leaf.text()),
            }
        }
        let mut out: Vec<Document> = leaves(node)
            .next()
            .map(|leaf| self.comments_before(self.around(&leaf)))
            .unwrap_or_default();
        out.push(Text(text));
        out.extend(leaves(node).last().and_then(|leaf| self.comment_after(&leaf)));
        out
    }

    fn block(&self, node: &Node) -> Block {
        let mut block = Block {
            open: Vec::new(),
            entries: Vec::new(),
            last: Vec::new(),
            close: Vec::new(),
            tall: false,
        };
        for part in parts(node) {
            match part {
                NodeOrToken::Node(entry) => {
                    block.tall |= block.entries.is_empty() && self.starts_line(&entry);
                    block.entries.push(comments_first(self.spaced(&entry)));
                }
                NodeOrToken::Token(leaf) => match leaf.kind() {
                    Kind::LeftBrace => block.open = self.token(&leaf),
                    Kind::RightBrace => (block.last, block.close) = self.closing(&leaf),
                    // Its comments belong to the entry before it.
                    _ => block
                        .entries
                        .last_mut()
                        .into_iter()
                        .for_each(|entry| entry.extend(self.comments(&leaf))),
                },
            }
        }
        block.tall |= !block.last.is_empty()
            || has_comment(&block.open)
            || block
                .entries
                .iter()
                .any(|entry| has_comment(entry) || has_tall_block(entry));
        block
    }

    /// Lays out brackets and what is between them.
    fn brackets(&self, parts: Vec<NodeOrToken<Node, Leaf>>) -> Vec<Document> {
        let (mut open, mut inside, mut close) = (Vec::new(), Vec::new(), Vec::new());
        let last = parts.len().saturating_sub(2);
        for (position, part) in parts.iter().enumerate() {
            match part {
                NodeOrToken::Token(leaf) if leaf.kind().closing().is_some() => open = self.token(leaf),
                NodeOrToken::Token(leaf) if leaf.kind().is_closing() => {
                    let (comments, bracket) = self.closing(leaf);
                    inside.extend(comments);
                    close = bracket;
                }
                NodeOrToken::Token(leaf) if leaf.kind() == Kind::Comma && position == last => {
                    inside.extend(self.comments(leaf));
                }
                NodeOrToken::Token(leaf) if leaf.kind() == Kind::Comma => {
                    inside.extend(self.token(leaf));
                    inside.push(Line);
                }
                NodeOrToken::Token(leaf) => {
                    // `for`.
                    inside.push(Line);
                    inside.extend(self.token(leaf));
                    inside.push(Space);
                }
                NodeOrToken::Node(node) => {
                    if node.kind() == Kind::Filter {
                        inside.push(Line);
                    }
                    inside.extend(self.part(node));
                }
            }
        }
        vec![Document::Brackets(Brackets { open, inside, close })]
    }

    fn table(&self, node: &Node) -> Vec<Document> {
        let mut out = Vec::new();
        let mut block = Block {
            open: Vec::new(),
            entries: Vec::new(),
            last: Vec::new(),
            close: Vec::new(),
            tall: true,
        };
        let rows: Vec<Row> = node
            .children()
            .map(|row| self.row(&row, first_line_is_row(node)))
            .collect();
        let columns = Columns::of(&rows);
        block.entries = rows.into_iter().map(|row| columns.align(row)).collect();
        for leaf in parts(node).into_iter().filter_map(NodeOrToken::into_token) {
            match leaf.kind() {
                Kind::LeftBrace => block.open = self.token(&leaf),
                Kind::RightBrace => (block.last, block.close) = self.closing(&leaf),
                _ => {
                    out.extend(self.token(&leaf));
                    out.push(Space);
                }
            }
        }
        out.push(Document::Block(block));
        out
    }

    fn row(&self, node: &Node, first_line_is_row: bool) -> Row {
        let unnamed = node.kind() == Kind::TableColumns && !first_line_is_row;
        let numeric = |part: &NodeOrToken<Node, Leaf>| {
            let first = part
                .as_node()
                .and_then(|cell| leaves(cell).find(|leaf| leaf.kind() != Kind::Minus));
            first.is_some_and(|leaf| leaf.kind() == Kind::Number)
        };
        let mut row = Row {
            before: Vec::new(),
            cells: Vec::new(),
            after: None,
            loose: None,
        };
        if node
            .descendants_with_tokens()
            .any(|part| part.kind() == Kind::Comment)
        {
            // A comment within a cell: the row takes several lines and cannot be aligned.
            let mut loose = Vec::new();
            for part in parts(node) {
                if !loose.is_empty() {
                    loose.push(Text("  ".into()));
                }
                loose.extend(self.any(&part));
            }
            row.loose = Some(loose);
            return row;
        }
        if unnamed {
            row.cells.push(Cell {
                text: String::new(),
                right: false,
            });
        }
        for part in parts(node) {
            row.cells.push(Cell {
                text: flat(&bare(self.any(&part))),
                right: numeric(&part),
            });
        }
        row.before = leaves(node)
            .next()
            .map(|leaf| self.comments_before(self.around(&leaf)))
            .unwrap_or_default();
        row.after = leaves(node).last().and_then(|leaf| self.comment_after(&leaf));
        row
    }
}

/// Returns documents without their comments, however deep those stand.
fn bare(documents: Vec<Document>) -> Vec<Document> {
    documents
        .into_iter()
        .filter(|document| !matches!(document, Hard | Blank | Own(_) | Trailing(_)))
        .map(|document| match document {
            Indent(inside) => Indent(bare(inside)),
            Group(inside) => Group(bare(inside)),
            Document::Brackets(brackets) => Document::Brackets(Brackets {
                open: bare(brackets.open),
                inside: bare(brackets.inside),
                close: bare(brackets.close),
            }),
            other => other,
        })
        .collect()
}

/// A line of a table.
struct Row {
    before: Vec<Document>,
    cells: Vec<Cell>,
    after: Option<Document>,
    /// The whole line, where it cannot be aligned.
    loose: Option<Vec<Document>>,
}

struct Cell {
    text: String,
    /// Whether it is a number, which is aligned to the right.
    right: bool,
}

/// Widths of a table's columns.
struct Columns {
    widths: Vec<usize>,
    right: Vec<bool>,
}

impl Columns {
    fn of(rows: &[Row]) -> Columns {
        let count = rows.iter().map(|row| row.cells.len()).max().unwrap_or(0);
        let column = |place: usize| rows.iter().filter_map(move |row| row.cells.get(place));
        Columns {
            widths: (0..count)
                .map(|place| column(place).map(|cell| width(&cell.text)).max().unwrap_or(0))
                .collect(),
            right: (0..count)
                .map(|place| column(place).any(|cell| cell.right))
                .collect(),
        }
    }

    fn align(&self, row: Row) -> Vec<Document> {
        if let Some(loose) = row.loose {
            return loose;
        }
        let mut line = String::new();
        for (place, cell) in row.cells.iter().enumerate() {
            let space = " ".repeat(self.widths[place].saturating_sub(width(&cell.text)));
            let gap = if place == 0 { "" } else { "  " };
            line += gap;
            line += &if self.right[place] {
                space + &cell.text
            } else {
                cell.text.clone() + &space
            };
        }
        let mut out = row.before;
        out.push(Text(line.trim_end().to_string()));
        out.extend(row.after);
        out
    }
}

/// Expressions.
impl Layout {
    fn expression(&self, node: &Node) -> Vec<Document> {
        match node.kind() {
            Kind::NumberExpression => {
                let percent = leaves(node)
                    .last()
                    .is_some_and(|leaf| leaf.kind() == Kind::Percent);
                if percent {
                    self.joined(node)
                } else {
                    self.spaced(node)
                }
            }
            Kind::SubscriptExpression | Kind::CallExpression | Kind::ReduceExpression => {
                let mut parts = parts(node);
                let mut out = self.any(&parts.remove(0));
                out.extend(self.brackets(parts));
                out
            }
            Kind::UnaryExpression if leaves(node).next().is_some_and(|leaf| leaf.kind() == Kind::Minus) => {
                self.joined(node)
            }
            Kind::ParenthesisExpression => {
                let mut parts = parts(node);
                let mut out = self.any(&parts.remove(0));
                out.push(Indent(parts.iter().flat_map(|part| self.any(part)).collect()));
                out
            }
            Kind::BinaryExpression => self.chain(node),
            Kind::IfExpression => self.conditional(node),
            Kind::DateExpression | Kind::TextExpression | Kind::NameExpression => self.joined(node),
            _ => self.spaced(node),
        }
    }

    /// Lays out operands joined by operators of one strength: on one line, or an operand a line.
    fn chain(&self, node: &Node) -> Vec<Document> {
        let mut links = Vec::new();
        let mut left = node.clone();
        let strength = strength(node);
        let first = loop {
            let mut parts = parts(&left).into_iter();
            let (Some(operand), Some(operator), Some(right)) = (parts.next(), parts.next(), parts.next())
            else {
                break self.joined(&left);
            };
            links.push((operator, right));
            match operand {
                NodeOrToken::Node(next)
                    if next.kind() == Kind::BinaryExpression
                        && strength.is_some()
                        && self::strength(&next) == strength =>
                {
                    left = next;
                }
                operand => {
                    // Without spaces `3 km^2` would be a unit.
                    let after_unit = operand
                        .as_node()
                        .and_then(|node| leaves(node).last())
                        .and_then(|leaf| leaf.parent());
                    if operator_kind(&left) == Some(Kind::Caret)
                        && after_unit.is_none_or(|parent| parent.kind() != Kind::Unit)
                    {
                        return self.joined(node);
                    }
                    break self.any(&operand);
                }
            }
        };
        let mut rest = Vec::new();
        for (operator, right) in links.iter().rev() {
            rest.push(Line);
            rest.extend(self.any(operator));
            rest.push(Space);
            rest.extend(self.any(right));
        }
        let mut out = first;
        out.push(Indent(rest));
        vec![Group(out)]
    }

    /// Lays out `if .. then .. else if .. then .. else ..`: on one line, or a case a line.
    fn conditional(&self, node: &Node) -> Vec<Document> {
        let mut out = Vec::new();
        let mut rest = Vec::new();
        let mut node = node.clone();
        let mut begun = false;
        loop {
            let mut next = None;
            let parts = parts(&node);
            for (position, part) in parts.iter().enumerate() {
                let into = if begun { &mut rest } else { &mut out };
                match part {
                    NodeOrToken::Token(leaf) if position == 0 => into.extend(self.token(leaf)),
                    NodeOrToken::Token(leaf) => {
                        begun = true;
                        rest.push(Line);
                        rest.extend(self.token(leaf));
                    }
                    NodeOrToken::Node(last)
                        if last.kind() == Kind::IfExpression && position + 1 == parts.len() =>
                    {
                        rest.push(Space);
                        next = Some(last.clone());
                    }
                    NodeOrToken::Node(operand) => {
                        into.push(Space);
                        into.extend(self.part(operand));
                    }
                }
            }
            match next {
                Some(last) => node = last,
                None => break,
            }
        }
        out.push(Indent(rest));
        vec![Group(out)]
    }
}

fn operator_kind(binary: &Node) -> Option<Kind> {
    parts(binary)
        .into_iter()
        .filter_map(NodeOrToken::into_token)
        .next()
        .map(|leaf| leaf.kind())
}

/// Returns what operators that may stand in one chain have in common.
fn strength(binary: &Node) -> Option<u8> {
    match operator_kind(binary)? {
        Kind::Plus | Kind::Minus => Some(0),
        Kind::Star | Kind::Slash => Some(1),
        // `and` and `or`.
        Kind::Name => leaves(binary)
            .next()
            .and(
                binary
                    .children_with_tokens()
                    .find_map(|part| match part.as_token()?.text() {
                        "and" => Some(2),
                        "or" => Some(3),
                        _ => None,
                    }),
            ),
        _ => None,
    }
}

fn has_comment(documents: &[Document]) -> bool {
    documents.iter().any(|document| match document {
        Own(_) | Trailing(_) => true,
        Indent(inside) | Group(inside) => has_comment(inside),
        Document::Brackets(brackets) => [&brackets.open, &brackets.inside, &brackets.close]
            .into_iter()
            .any(|part| has_comment(part)),
        Document::Block(block) => {
            has_comment(&block.open)
                || has_comment(&block.close)
                || block.entries.iter().any(|entry| has_comment(entry))
        }
        _ => false,
    })
}

fn has_tall_block(documents: &[Document]) -> bool {
    documents.iter().any(|document| match document {
        Indent(inside) | Group(inside) => has_tall_block(inside),
        Document::Block(block) => block.tall,
        _ => false,
    })
}

fn width(text: &str) -> usize {
    text.chars().count()
}

/// Prints on one line.
fn flat(documents: &[Document]) -> String {
    let mut printer = Printer::default();
    printer.sequence(documents, 0, true, 0);
    printer.out
}

/// How wide something is on the current line.
#[derive(Clone, Copy, Default)]
struct Extent {
    width: usize,
    /// Whether it ends the line.
    ends: bool,
}

/// How far to measure.
#[derive(Clone, Copy, PartialEq)]
enum Reach {
    /// On one line.
    Flat,
    /// On one line up to the first bracket whose content may go on further lines.
    ToBracket,
    /// Up to the first place where the line may end.
    ToBreak,
}

impl Extent {
    fn of(documents: &[Document], reach: Reach) -> Extent {
        let mut extent = Extent::default();
        extent.append(documents, reach);
        extent
    }

    fn append(&mut self, documents: &[Document], reach: Reach) {
        for document in documents {
            // More than a line would not change any decision.
            if self.ends || self.width > WIDTH {
                return;
            }
            self.add(document, reach);
        }
    }

    fn add(&mut self, document: &Document, reach: Reach) {
        match document {
            Text(text) => self.width += width(text),
            Space => self.width += 1,
            Line | Fill if reach == Reach::ToBreak => self.ends = true,
            Line | Fill => self.width += 1,
            Blank => {}
            Hard | Own(_) | Trailing(_) => self.ends = true,
            // Brackets within a calculation are no reason to begin it further left.
            Indent(inside) | Group(inside) if reach == Reach::ToBracket => self.append(inside, Reach::Flat),
            Indent(inside) | Group(inside) => self.append(inside, reach),
            Document::Brackets(brackets) => {
                self.append(&brackets.open, reach);
                if reach == Reach::Flat {
                    self.append(&brackets.inside, reach);
                    self.append(&brackets.close, reach);
                } else {
                    self.ends = true;
                }
            }
            Document::Block(block) => {
                self.append(&block.open, reach);
                if block.tall || reach != Reach::Flat {
                    self.ends = true;
                    return;
                }
                for entry in &block.entries {
                    self.width += 2;
                    self.append(entry, reach);
                }
                self.append(&block.close, reach);
            }
        }
    }
}

/// Lays documents out in lines.
#[derive(Default)]
struct Printer {
    out: String,
    column: usize,
    /// Where the current line begins.
    line_indent: usize,
    /// Line ends to write before the next text.
    lines: usize,
    /// Whether to write a space before the next text.
    space: bool,
    /// Whether a list has just been opened: no blank line stands there.
    opened: bool,
}

impl Printer {
    fn finish(mut self) -> String {
        if !self.out.is_empty() {
            self.out.push('\n');
        }
        self.out
    }

    fn text(&mut self, text: &str, indent: usize) {
        if self.lines > 0 && !self.out.is_empty() {
            let lines = if self.opened { 1 } else { self.lines };
            self.out.extend(std::iter::repeat_n('\n', lines));
            self.out.extend(std::iter::repeat_n(' ', indent));
            self.column = indent;
            self.line_indent = indent;
        } else if self.space && !self.out.is_empty() {
            self.out.push(' ');
            self.column += 1;
        }
        self.out.push_str(text);
        self.column += width(text);
        (self.lines, self.space, self.opened) = (0, false, false);
    }

    /// Returns the columns left on the line for what comes next.
    fn left(&self, indent: usize) -> usize {
        let column = if self.lines > 0 {
            indent
        } else {
            self.column + usize::from(self.space)
        };
        WIDTH.saturating_sub(column)
    }

    fn sequence(&mut self, documents: &[Document], indent: usize, flat: bool, tail: usize) {
        for (position, document) in documents.iter().enumerate() {
            let rest = &documents[position + 1..];
            if let Fill = document {
                self.fill(rest, indent);
                continue;
            }
            let mut after = Extent::of(rest, Reach::ToBreak);
            if !after.ends {
                after.width += tail;
            }
            self.document(document, indent, flat, after.width);
        }
    }

    /// Ends the line if the next clause does not fit on it.
    fn fill(&mut self, rest: &[Document], indent: usize) {
        let end = rest
            .iter()
            .position(|document| matches!(document, Fill | Hard))
            .unwrap_or(rest.len());
        let clause = match &rest[..end] {
            [Group(clause)] => clause,
            clause => clause,
        };
        let here = self.left(indent).saturating_sub(1);
        let below = WIDTH.saturating_sub(indent);
        let whole = Extent::of(clause, Reach::Flat).width;
        let opening = Extent::of(clause, Reach::ToBracket);
        let opens_here = whole > below && opening.ends && opening.width <= here;
        if whole <= here || opens_here {
            self.space = true;
        } else {
            self.lines = self.lines.max(1);
        }
    }

    fn document(&mut self, document: &Document, indent: usize, flat: bool, tail: usize) {
        match document {
            Text(text) => self.text(text, indent),
            Space | Fill => self.space = true,
            Line if flat => self.space = true,
            Line | Hard => self.lines = self.lines.max(1),
            Blank => self.lines = if self.lines > 0 { 2 } else { 0 },
            Own(comment) => {
                self.lines = self.lines.max(1);
                self.text(comment, indent);
                self.lines = 1;
            }
            Trailing(comment) => {
                self.space = true;
                let opened = self.opened;
                self.text(comment, indent);
                (self.lines, self.opened) = (1, opened);
            }
            Indent(inside) => self.sequence(inside, indent + INDENT, flat, tail),
            Group(inside) => {
                let extent = Extent::of(inside, Reach::Flat);
                let needed = extent.width + if extent.ends { 0 } else { tail };
                self.sequence(inside, indent, flat || needed <= self.left(indent), tail);
            }
            Document::Brackets(brackets) => self.brackets(document, brackets, indent, tail),
            Document::Block(block) => self.block(document, block, indent, tail),
        }
    }

    fn fits(&self, document: &Document, indent: usize, tail: usize) -> bool {
        let mut extent = Extent::default();
        extent.add(document, Reach::Flat);
        extent.width + if extent.ends { 0 } else { tail } <= self.left(indent)
    }

    fn brackets(&mut self, document: &Document, brackets: &Brackets, indent: usize, tail: usize) {
        let flat = brackets.inside.is_empty() || self.fits(document, indent, tail);
        self.sequence(&brackets.open, indent, true, 0);
        let base = self.line_indent;
        if !flat {
            self.lines = self.lines.max(1);
        }
        let closing = brackets.close.len().min(1);
        self.sequence(&brackets.inside, base + INDENT, flat, closing);
        if !flat {
            self.lines = self.lines.max(1);
        }
        self.sequence(&brackets.close, base, true, tail);
    }

    fn block(&mut self, document: &Document, block: &Block, indent: usize, tail: usize) {
        let flat = !block.tall && self.fits(document, indent, tail);
        self.sequence(&block.open, indent, true, 0);
        let base = self.line_indent;
        if flat {
            for (position, entry) in block.entries.iter().enumerate() {
                if position > 0 {
                    self.space = false;
                    self.text(",", base);
                }
                self.space = true;
                self.sequence(entry, base, true, 0);
            }
            self.space = !block.entries.is_empty();
        } else {
            self.opened = true;
            for entry in &block.entries {
                self.lines = self.lines.max(1);
                self.sequence(entry, base + INDENT, false, 0);
            }
            self.sequence(&block.last, base + INDENT, false, 0);
            self.lines = 1;
            self.opened = false;
        }
        self.sequence(&block.close, base, true, tail);
    }
}
