//! The abstract syntax: what was written, without comments and layout, as plain data with spans. Names are not resolved.
//! Where the parser recovered from an error, declarations are left out and expressions are [`ExpressionKind::Missing`], which
//! later phases pass over in silence: one cause, one diagnostic. Clauses that a declaration cannot do without are demanded by the parser;
//! where they are optional here, their absence has been reported. Plurals of built-in units of time are singular here.

use crate::source::Span;

/// A name with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Name {
    /// The name.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

/// A string with its place; escapes are resolved.
#[derive(Clone, Debug, PartialEq)]
pub struct Text {
    /// The content.
    pub text: String,
    /// Where it stands, quotes included.
    pub span: Span,
}

/// One file.
#[derive(Clone, Debug)]
pub struct File {
    /// The version of the language after `melian`, if the first line has it.
    pub version: Option<(String, Span)>,
    /// Declarations in the order written.
    pub declarations: Vec<Declaration>,
}

/// A declaration.
#[derive(Clone, Debug)]
pub struct Declaration {
    /// From its keyword to its end.
    pub span: Span,
    /// The declared name. Anchors have the parameter's, headlines and correlations none (empty), `use` the part's.
    pub name: Name,
    /// Title.
    pub title: Option<Text>,
    /// Keys after `cite`.
    pub cites: Vec<Name>,
    /// `[Index]` or `[i: Index]` after the name.
    pub indices: Vec<IndexBinding>,
    /// `: unit` after the name.
    pub unit: Option<UnitExpression>,
    /// What it is.
    pub kind: DeclarationKind,
}

/// One index of a declaration.
#[derive(Clone, Debug)]
pub struct IndexBinding {
    /// The bound name, if there is one.
    pub binder: Option<Name>,
    /// The index or subset.
    pub index: Name,
}

/// What is declared.
#[derive(Clone, Debug)]
pub enum DeclarationKind {
    /// `model name "title"`.
    Model,
    /// `time weekly from DATE for DURATION`; `daily` and `weekly` are the durations `1 day` and `1 week`.
    Time {
        step: Expression,
        from: Expression,
        duration: Expression,
    },
    /// `unit name "title"`, `unit name = 3_500 person`.
    Unit { definition: Option<Expression> },
    /// `index Name { .. }`.
    Index {
        elements: Vec<ElementDeclaration>,
        outlines: Option<Text>,
    },
    /// `subset Name of Index { .. }`.
    Subset { of: Name, members: Vec<Name> },
    /// `map name[From] -> To { a: b }` (the source index is in `indices`).
    Map { to: Name, images: Vec<(Name, Name)> },
    /// `const name = value`.
    Const { value: Value },
    /// `param name ~ distribution`.
    Param { prior: Value },
    /// `stock name = initial`.
    Stock { initial: Value },
    /// `attribute name of stock, .. = initial rate change`.
    Attribute {
        stocks: Vec<Name>,
        initial: Value,
        rate: Option<Value>,
    },
    /// `flow name from .. to .. = rate`.
    Flow {
        from: Option<Expression>,
        to: Option<Expression>,
        through: Option<Pipeline>,
        carrying: Vec<(Name, Expression)>,
        rate: Value,
    },
    /// `let name = value`.
    Let { value: Value },
    /// `noise name ~ distribution`.
    Noise { distribution: Value },
    /// `event name ..`.
    Event { recurring: bool, trigger: Trigger },
    /// `choice name by actor every duration ..`.
    Choice(Box<ChoiceDeclaration>),
    /// `treaty name between a, b ..`; what it stands for follows it.
    Treaty(Box<TreatyDeclaration>),
    /// `transfer name = amount from .. to .. on event`.
    Transfer {
        amount: Value,
        from: Option<Expression>,
        to: Option<Expression>,
        on: Expression,
    },
    /// `correlate a, b[x] = value`.
    Correlate { members: Vec<Target>, value: Expression },
    /// `series name = value`.
    Series { value: Value },
    /// `measure name = value by DATE`.
    Measure { value: Value, reading: Option<Reading> },
    /// `question name = condition by DATE`.
    Question { value: Value, reading: Option<Reading> },
    /// `intervention name { .. }`.
    Intervention { changes: Vec<Change> },
    /// `pathway name through a, b[x]`.
    Pathway { members: Vec<Target> },
    /// `claim name ..`.
    Claim(Box<ClaimDeclaration>),
    /// `headline "text {formula}"`.
    Headline { parts: Vec<HeadlinePart> },
    /// `anchor param so that probability(question) ~ distribution`; `question` is what stands between the parentheses.
    Anchor {
        question: Expression,
        target: Expression,
    },
    /// `function name(a: unit, b) = value`.
    Function {
        parameters: Vec<(Name, Option<UnitExpression>)>,
        value: Expression,
    },
    /// `check name = measure between low and high`.
    Check {
        measure: Expression,
        low: Expression,
        high: Expression,
    },
    /// `use name`.
    Use,
}

/// An element or option with its title.
#[derive(Clone, Debug)]
pub struct ElementDeclaration {
    /// The name.
    pub name: Name,
    /// The title.
    pub title: Option<Text>,
}

/// A value for every element.
#[derive(Clone, Debug)]
pub enum Value {
    /// One expression (a distribution is an expression too: a call, `A to B`, or `fact(x)`).
    Expression(Expression),
    /// `{ russia: .., else: .. }`; cases may be nested.
    Cases(Vec<Case>, Span),
    /// `table { .. }`.
    Table(Table),
    /// `csv("file.csv")`.
    Csv(Text),
}

impl Value {
    /// Returns where it stands.
    pub fn span(&self) -> Span {
        match self {
            Value::Expression(expression) => expression.span,
            Value::Cases(_, span) => *span,
            Value::Table(table) => table.span,
            Value::Csv(file) => file.span,
        }
    }
}

/// One case.
#[derive(Clone, Debug)]
pub struct Case {
    /// The element; none for `else`.
    pub element: Option<Name>,
    /// `else` or the element.
    pub span: Span,
    /// The value.
    pub value: Value,
}

/// A table inline.
#[derive(Clone, Debug)]
pub struct Table {
    /// Column names; empty for a table over one index.
    pub columns: Vec<Name>,
    /// Rows: element and values.
    pub rows: Vec<(Name, Vec<Expression>)>,
    /// From `table` to `}`.
    pub span: Span,
}

/// `through pipeline(order, mean)`.
#[derive(Clone, Debug)]
pub struct Pipeline {
    /// Number of stages.
    pub order: Expression,
    /// Mean time.
    pub mean: Expression,
}

/// What makes an event happen.
#[derive(Clone, Debug)]
pub enum Trigger {
    /// `at DATE [with probability P]`.
    At {
        date: Expression,
        probability: Option<Value>,
    },
    /// `when CONDITION`.
    When(Value),
    /// `at rate R [if CONDITION]`.
    Rate {
        rate: Value,
        condition: Option<Expression>,
    },
}

/// A choice.
#[derive(Clone, Debug)]
pub struct ChoiceDeclaration {
    /// After `by`.
    pub actor: Option<Name>,
    /// After `every`.
    pub every: Option<Expression>,
    /// After `options`.
    pub options: Vec<ElementDeclaration>,
    /// After `start`.
    pub start: Option<Name>,
    /// After `utility`.
    pub utilities: Vec<(Name, Value)>,
    /// After `available`.
    pub available: Vec<(Name, Value)>,
    /// After `precision`.
    pub precision: Option<Value>,
    /// After `switching cost`.
    pub switching_cost: Option<Value>,
    /// After `memory`.
    pub memory: Option<MemoryClause>,
    /// After `rules`, which stands in place of `utility`.
    pub rules: Option<Vec<RuleDeclaration>>,
}

/// A row of a table of rules.
#[derive(Clone, Debug)]
pub struct RuleDeclaration {
    /// Before the colon; none for `else`.
    pub condition: Option<Expression>,
    /// After the colon.
    pub option: Name,
    /// The whole row.
    pub span: Span,
}

/// A treaty.
#[derive(Clone, Debug)]
pub struct TreatyDeclaration {
    /// After `between`.
    pub parties: Vec<Name>,
    /// After `trigger`.
    pub trigger: Value,
    /// After `territory`.
    pub territory: Option<Value>,
    /// After `in force`.
    pub in_force: Option<InForce>,
    /// After `judge`.
    pub judge: Option<Value>,
    /// After `delay`.
    pub delay: Option<Value>,
    /// After `reliability ~`.
    pub reliability: Value,
}

/// After `in force`.
#[derive(Clone, Debug)]
pub enum InForce {
    /// `from EVENT` or `from DATE`.
    From(Expression),
    /// `when CONDITION`.
    When(Value),
}

/// After `memory`.
#[derive(Clone, Debug)]
pub enum MemoryClause {
    /// `none`.
    None(Span),
    /// `forever`.
    Forever(Span),
    /// A duration.
    Time(Expression),
}

/// `by DATE` or `at DATE`.
#[derive(Clone, Debug)]
pub struct Reading {
    /// Whether it is `by`.
    pub by: bool,
    /// The date.
    pub date: Expression,
    /// Both words.
    pub span: Span,
}

/// One change of an intervention.
#[derive(Clone, Debug)]
pub struct Change {
    /// The quantity.
    pub target: Target,
    /// What is done.
    pub action: ChangeAction,
    /// `from DATE`.
    pub from: Option<Expression>,
    /// The whole change.
    pub span: Span,
}

/// A quantity, all of it or one of its elements.
#[derive(Clone, Debug)]
pub struct Target {
    /// The quantity.
    pub name: Name,
    /// The element in brackets.
    pub element: Vec<Name>,
    /// Where it stands.
    pub span: Span,
}

/// What a change does.
#[derive(Clone, Debug)]
pub enum ChangeAction {
    /// `target = value`; an option of a choice is a bare name here.
    Hold(Expression),
    /// `target = cut value`.
    Cut(Expression),
    /// `freeze target`.
    Freeze,
    /// `target = never`.
    Never,
    /// `target = always`.
    Always,
    /// `target = at DATE`.
    At(Expression),
}

/// A claim.
#[derive(Clone, Debug)]
pub struct ClaimDeclaration {
    /// After `quote`.
    pub quote: Option<Text>,
    /// What decides it; none if nothing was written.
    pub kind: Option<ClaimBody>,
    /// After `because`.
    pub because: Option<Text>,
    /// After `rests on`.
    pub rests: Option<Text>,
    /// After `settled by`.
    pub settled: Option<Text>,
    /// After `contradicts`.
    pub contradicts: Vec<Name>,
}

/// What decides a claim.
#[derive(Clone, Debug)]
pub enum ClaimBody {
    /// `holds when FORMULA`. `mean(m) under w` is [`ExpressionKind::Under`].
    Formula(Expression),
    /// `factual: fact(x) is VALUE within 10%`.
    Factual {
        fact: Expression,
        stated: Expression,
        within: Expression,
    },
    /// `normative`.
    Normative(Span),
}

/// A part of a headline.
#[derive(Clone, Debug)]
pub enum HeadlinePart {
    /// Words.
    Text(String),
    /// `{formula}`.
    Formula(Expression),
}

/// A unit as written.
#[derive(Clone, Debug, PartialEq)]
pub struct UnitExpression {
    /// Factors with exponents; the number 1 is no factor. `person/day` is person^1, day^-1.
    pub factors: Vec<(Name, i32)>,
    /// Whether it is written `%`.
    pub percent: bool,
    /// Where it stands.
    pub span: Span,
}

/// An expression.
#[derive(Clone, Debug)]
pub struct Expression {
    /// What it is.
    pub kind: ExpressionKind,
    /// Where it stands.
    pub span: Span,
}

/// What an expression is.
#[derive(Clone, Debug)]
pub enum ExpressionKind {
    /// Nothing usable was written; an error has been reported.
    Missing,
    /// A number; a percentage is a number with the unit `%`.
    Number {
        value: f64,
        unit: Option<UnitExpression>,
    },
    /// Days since 1970-01-01.
    Date(i32),
    /// A string (only as an argument of `csv` and the like).
    Text(String),
    /// A name.
    Name(String),
    /// `name[..]`.
    Subscripted(Name, Vec<Expression>),
    /// `name(..)`; arguments may be `key: value` (key is an expression: a name, or a number in `discrete` and `mixture`).
    Call(Name, Vec<Argument>),
    /// `sum(body for s in S, .. where filter)`.
    Reduce {
        name: Name,
        body: Box<Expression>,
        over: Vec<(Name, Name)>,
        filter: Option<Box<Expression>>,
    },
    /// `-x`, `not x`.
    Unary(Operator, Box<Expression>),
    /// `x + y`.
    Binary(Operator, Box<Expression>, Box<Expression>),
    /// `x of y`.
    Of(Box<Expression>, Box<Expression>),
    /// `s in South`.
    In(Box<Expression>, Name),
    /// `A to B`.
    Interval(Box<Expression>, Box<Expression>),
    /// `if c then a else b`.
    If(Box<Expression>, Box<Expression>, Box<Expression>),
    /// `x under w`.
    Under(Box<Expression>, Name),
}

/// An argument of a call.
#[derive(Clone, Debug)]
pub struct Argument {
    /// Before the colon.
    pub key: Option<Expression>,
    /// The value.
    pub value: Expression,
}

/// An operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `-x`.
    Negate,
    /// `not`.
    Not,
    /// `+`.
    Add,
    /// `-`.
    Subtract,
    /// `*`.
    Multiply,
    /// `/`.
    Divide,
    /// `^`.
    Power,
    /// `==`.
    Equal,
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
    /// `and`.
    And,
    /// `or`.
    Or,
}
