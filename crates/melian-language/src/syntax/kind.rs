//! The kinds of tokens and nodes of a syntax tree.

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// What a token or a node is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u16)]
        pub enum Kind {
            $($(#[$doc])* $name,)*
        }

        impl Kind {
            const ALL: &[Kind] = &[$(Kind::$name,)*];
        }
    };
}

kinds! {
    // Tokens.
    /// Spaces and tabs.
    Whitespace,
    /// The end of a line.
    Newline,
    /// `//` to the end of the line.
    Comment,
    /// A name or a word of the grammar.
    Name,
    /// `40_000`.
    Number,
    /// `2024-10-28`.
    Date,
    /// `"text"`.
    String,
    /// Words of a headline between its formulas, with the quotes at either end.
    StringPiece,
    /// `{`.
    LeftBrace,
    /// `}`.
    RightBrace,
    /// `[`.
    LeftBracket,
    /// `]`.
    RightBracket,
    /// `(`.
    LeftParenthesis,
    /// `)`.
    RightParenthesis,
    /// `,`.
    Comma,
    /// `:`.
    Colon,
    /// `=`.
    Equal,
    /// `==`.
    EqualEqual,
    /// `!=`.
    NotEqual,
    /// `<`.
    Less,
    /// `<=`.
    LessEqual,
    /// `>`.
    Greater,
    /// `>=`.
    GreaterEqual,
    /// `+`.
    Plus,
    /// `-`.
    Minus,
    /// `*`.
    Star,
    /// `/`.
    Slash,
    /// `^`.
    Caret,
    /// `~`.
    Tilde,
    /// `->`.
    Arrow,
    /// `%`.
    Percent,
    /// Characters without a meaning.
    Stray,
    /// What follows the last token.
    End,

    // Nodes.
    /// A whole file.
    File,
    /// `melian 0.1`.
    Header,
    /// A declaration; its first token is its keyword.
    Declaration,
    /// A part of a declaration; its first token says which.
    Clause,
    /// A name that is declared or referred to outside of an expression.
    Identifier,
    /// `[s: Sector, Side]` after a declared name.
    Indices,
    /// `s: Sector`.
    IndexBinding,
    /// `: person/day` without the colon.
    Unit,
    /// `(a, b: unit)` after a function's name.
    Parameters,
    /// `b: unit`.
    Parameter,
    /// `{ a "A", b }`.
    Elements,
    /// `a "A"`.
    Element,
    /// `{ a: b }`.
    Images,
    /// `a: b`.
    Image,
    /// `{ a: 1, else: 2 }`.
    Cases,
    /// `a: 1`.
    Case,
    /// `table { .. }`.
    Table,
    /// The first line of a table with columns.
    TableColumns,
    /// A line of a table.
    TableRow,
    /// `{ strength > 1: ask, else: wait }`.
    Rules,
    /// `strength > 1: ask`.
    Rule,
    /// `{ .. }` of an intervention.
    Changes,
    /// `will[ukraine] = cut 0.5 from DATE`.
    Change,
    /// `b[x]` after `correlate`, and after `through` of a pathway.
    Member,
    /// `a = x` after `carrying`.
    Carried,
    /// The string of a headline.
    HeadlineText,
    /// `{formula}` within a headline.
    Formula,
    /// `40_000 person`, `20%`.
    NumberExpression,
    /// `2024-10-28`.
    DateExpression,
    /// `"file.csv"`.
    TextExpression,
    /// `x`.
    NameExpression,
    /// `x[s, a]`.
    SubscriptExpression,
    /// `f(x)`.
    CallExpression,
    /// `key: x` or `x` within a call.
    Argument,
    /// `sum(x[s] for s in South where s != t)`.
    ReduceExpression,
    /// `s in South` after `for`.
    Binder,
    /// `where s != t`.
    Filter,
    /// `-x`, `not x`.
    UnaryExpression,
    /// `x + y`.
    BinaryExpression,
    /// `x of y`.
    OfExpression,
    /// `s in South`.
    InExpression,
    /// `x to y`.
    IntervalExpression,
    /// `if c then x else y`.
    IfExpression,
    /// `x under w`.
    UnderExpression,
    /// `(x)`.
    ParenthesisExpression,
    /// Nothing where an expression belongs.
    MissingExpression,
    /// What was passed over to recover from an error.
    Skipped,
}

impl Kind {
    /// Returns whether it is layout: it may stand between any two tokens.
    pub fn is_trivia(self) -> bool {
        matches!(self, Kind::Whitespace | Kind::Newline | Kind::Comment)
    }

    /// Returns whether it is the node of an expression.
    pub fn is_expression(self) -> bool {
        (Kind::NumberExpression..=Kind::MissingExpression).contains(&self)
            && !matches!(self, Kind::Argument | Kind::Binder | Kind::Filter)
    }

    /// Returns the bracket that closes this one.
    pub fn closing(self) -> Option<Kind> {
        match self {
            Kind::LeftBrace => Some(Kind::RightBrace),
            Kind::LeftBracket => Some(Kind::RightBracket),
            Kind::LeftParenthesis => Some(Kind::RightParenthesis),
            _ => None,
        }
    }

    /// Returns whether it closes a bracket.
    pub fn is_closing(self) -> bool {
        matches!(
            self,
            Kind::RightBrace | Kind::RightBracket | Kind::RightParenthesis
        )
    }
}

/// Ties [`Kind`] to rowan's trees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Melian {}

impl rowan::Language for Melian {
    type Kind = Kind;

    fn kind_from_raw(raw: rowan::SyntaxKind) -> Kind {
        Kind::ALL[raw.0 as usize]
    }

    fn kind_to_raw(kind: Kind) -> rowan::SyntaxKind {
        rowan::SyntaxKind(kind as u16)
    }
}

/// A node of a syntax tree.
pub type Node = rowan::SyntaxNode<Melian>;
/// A token of a syntax tree.
pub type Leaf = rowan::SyntaxToken<Melian>;
