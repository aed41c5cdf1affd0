//! Tree to abstract syntax. What the parser could not read is left out, or [`ast::ExpressionKind::Missing`]; it has been reported.

use rowan::NodeOrToken;

use super::ast::*;
use super::kind::{Kind, Leaf, Node};
use super::treaty;
use crate::source::{FileId, Span};

/// Reads a whole file.
pub(super) fn file(root: &Node, file: FileId) -> File {
    let lower = Lower { file };
    let version = child(root, Kind::Header).and_then(|header| {
        let number = token(&header, Kind::Number)?;
        Some((number.text().to_string(), lower.leaf_span(&number)))
    });
    let declarations = children(root, Kind::Declaration)
        .filter_map(|node| lower.declaration(&node))
        .flat_map(|declaration| {
            let parts = treaty::parts(&declaration);
            std::iter::once(declaration).chain(parts)
        })
        .collect();
    File {
        version,
        declarations,
    }
}

/// Reads the expression of a text that is nothing else.
pub(super) fn only_expression(root: &Node, file: FileId) -> Expression {
    let lower = Lower { file };
    lower.expression(
        root.children().find(|node| node.kind().is_expression()),
        lower.span(root),
    )
}

/// Reads the change of a text that is nothing else.
pub(super) fn only_change(root: &Node, file: FileId) -> Option<Change> {
    Lower { file }.change(&child(root, Kind::Change)?)
}

struct Lower {
    file: FileId,
}

fn children(node: &Node, kind: Kind) -> impl Iterator<Item = Node> {
    node.children().filter(move |child| child.kind() == kind)
}

fn child(node: &Node, kind: Kind) -> Option<Node> {
    children(node, kind).next()
}

fn tokens(node: &Node) -> impl Iterator<Item = Leaf> {
    node.children_with_tokens()
        .filter_map(NodeOrToken::into_token)
        .filter(|token| !token.kind().is_trivia())
}

fn token(node: &Node, kind: Kind) -> Option<Leaf> {
    tokens(node).find(|token| token.kind() == kind)
}

/// Returns the words of the grammar that stand in a node itself.
fn has_word(node: &Node, word: &str) -> bool {
    tokens(node).any(|token| token.kind() == Kind::Name && token.text() == word)
}

/// Returns the first token of a clause: a word or a sign.
fn head(clause: &Node) -> Option<Leaf> {
    tokens(clause).next()
}

fn clause(node: &Node, word: &str) -> Option<Node> {
    children(node, Kind::Clause).find(|clause| head(clause).is_some_and(|head| head.text() == word))
}

fn expressions(node: &Node) -> impl Iterator<Item = Node> {
    node.children().filter(|child| child.kind().is_expression())
}

/// Declarations.
impl Lower {
    fn span(&self, node: &Node) -> Span {
        let range = node.text_range();
        Span {
            file: self.file,
            start: range.start().into(),
            end: range.end().into(),
        }
    }

    fn leaf_span(&self, leaf: &Leaf) -> Span {
        let range = leaf.text_range();
        Span {
            file: self.file,
            start: range.start().into(),
            end: range.end().into(),
        }
    }

    /// Returns the place after a node.
    fn after(&self, node: &Node) -> Span {
        let end = node.text_range().end().into();
        Span {
            file: self.file,
            start: end,
            end,
        }
    }

    fn identifier(&self, node: &Node) -> Name {
        Name {
            text: node.text().to_string(),
            span: self.span(node),
        }
    }

    fn identifiers(&self, node: &Node) -> impl Iterator<Item = Name> {
        children(node, Kind::Identifier).map(|node| self.identifier(&node))
    }

    fn text(&self, node: &Node) -> Option<Text> {
        let string = token(node, Kind::String)?;
        Some(Text {
            text: unquoted(string.text()),
            span: self.leaf_span(&string),
        })
    }

    fn declaration(&self, node: &Node) -> Option<Declaration> {
        let keyword = head(node)?;
        let name = match keyword.text() {
            "time" | "headline" | "correlate" => Name {
                text: String::new(),
                span: self.leaf_span(&keyword),
            },
            _ => self.identifiers(node).next()?,
        };
        let titled = children(node, Kind::Clause)
            .find(|clause| head(clause).is_some_and(|h| h.kind() == Kind::String));
        let cites = children(node, Kind::Clause)
            .filter(|clause| head(clause).is_some_and(|head| head.text() == "cite"));
        let of = clause(node, "of");
        Some(Declaration {
            span: self.span(node),
            name,
            title: titled.and_then(|clause| self.text(&clause)),
            cites: cites
                .flat_map(|clause| self.identifiers(&clause).collect::<Vec<_>>())
                .collect(),
            indices: child(node, Kind::Indices)
                .map(|indices| self.bindings(&indices))
                .unwrap_or_default(),
            unit: self.unit_of(node).or_else(|| self.unit_of(&of?)),
            kind: self.kind(keyword.text(), node)?,
        })
    }

    fn bindings(&self, indices: &Node) -> Vec<IndexBinding> {
        children(indices, Kind::IndexBinding)
            .filter_map(|binding| {
                let mut names = self.identifiers(&binding);
                let first = names.next()?;
                Some(match names.next() {
                    Some(index) => IndexBinding {
                        binder: Some(first),
                        index,
                    },
                    None => IndexBinding {
                        binder: None,
                        index: first,
                    },
                })
            })
            .collect()
    }

    fn kind(&self, keyword: &str, node: &Node) -> Option<DeclarationKind> {
        let equation = || {
            self.clause_value(node, "=")
                .unwrap_or_else(|| self.missing_value(node))
        };
        let drawn = || {
            self.clause_value(node, "~")
                .unwrap_or_else(|| self.missing_value(node))
        };
        let needed = |word: &str| {
            self.clause_expression(node, word)
                .unwrap_or_else(|| self.missing(node))
        };
        let optional = |word: &str| self.clause_expression(node, word);
        Some(match keyword {
            "model" => DeclarationKind::Model,
            "use" => DeclarationKind::Use,
            "time" => DeclarationKind::Time {
                step: self.step(node),
                from: needed("from"),
                duration: needed("for"),
            },
            "unit" => DeclarationKind::Unit {
                definition: optional("="),
            },
            "index" => DeclarationKind::Index {
                elements: child(node, Kind::Elements)
                    .map(|list| self.elements(&list))
                    .unwrap_or_default(),
                outlines: clause(node, "outlines").and_then(|clause| self.text(&clause)),
            },
            "subset" => DeclarationKind::Subset {
                of: self.identifiers(&clause(node, "of")?).next()?,
                members: self
                    .elements(&child(node, Kind::Elements)?)
                    .into_iter()
                    .map(|element| element.name)
                    .collect(),
            },
            "map" => DeclarationKind::Map {
                to: self.identifiers(&clause(node, "->")?).next()?,
                images: children(&child(node, Kind::Images)?, Kind::Image)
                    .filter_map(|image| {
                        let mut names = self.identifiers(&image);
                        Some((names.next()?, names.next()?))
                    })
                    .collect(),
            },
            "const" => DeclarationKind::Const { value: equation() },
            "param" => DeclarationKind::Param { prior: drawn() },
            "stock" => DeclarationKind::Stock { initial: equation() },
            "attribute" => DeclarationKind::Attribute {
                stocks: clause(node, "of")
                    .map(|clause| self.identifiers(&clause).collect())
                    .unwrap_or_default(),
                initial: equation(),
                rate: self.clause_value(node, "rate"),
            },
            "flow" => DeclarationKind::Flow {
                from: optional("from"),
                to: optional("to"),
                through: clause(node, "through").and_then(|clause| self.pipeline(&clause)),
                carrying: clause(node, "carrying")
                    .map(|clause| self.carried(&clause))
                    .unwrap_or_default(),
                rate: equation(),
            },
            "let" => DeclarationKind::Let { value: equation() },
            "noise" => DeclarationKind::Noise {
                distribution: drawn(),
            },
            "event" => DeclarationKind::Event {
                recurring: clause(node, "recurring").is_some(),
                trigger: self.trigger(node),
            },
            "choice" => DeclarationKind::Choice(Box::new(self.choice(node))),
            "treaty" => DeclarationKind::Treaty(Box::new(self.treaty(node))),
            "transfer" => DeclarationKind::Transfer {
                amount: equation(),
                from: optional("from"),
                to: optional("to"),
                on: needed("on"),
            },
            "correlate" => DeclarationKind::Correlate {
                members: children(node, Kind::Member)
                    .filter_map(|member| self.target(&member))
                    .collect(),
                value: needed("="),
            },
            "series" => DeclarationKind::Series { value: equation() },
            "measure" => DeclarationKind::Measure {
                value: equation(),
                reading: self.reading(node),
            },
            "question" => DeclarationKind::Question {
                value: equation(),
                reading: self.reading(node),
            },
            "intervention" => DeclarationKind::Intervention {
                changes: child(node, Kind::Changes)
                    .map(|list| {
                        children(&list, Kind::Change)
                            .filter_map(|change| self.change(&change))
                            .collect()
                    })
                    .unwrap_or_default(),
            },
            "pathway" => DeclarationKind::Pathway {
                members: clause(node, "through")
                    .iter()
                    .flat_map(|clause| children(clause, Kind::Member))
                    .filter_map(|member| self.target(&member))
                    .collect(),
            },
            "claim" => DeclarationKind::Claim(Box::new(self.claim(node))),
            "headline" => DeclarationKind::Headline {
                parts: self.headline(&child(node, Kind::HeadlineText)?),
            },
            "anchor" => DeclarationKind::Anchor {
                question: self.pinned(node),
                target: needed("~"),
            },
            "function" => DeclarationKind::Function {
                parameters: self.parameters(node),
                value: needed("="),
            },
            "check" => {
                let range = clause(node, "between");
                let mut ends = range
                    .iter()
                    .flat_map(expressions)
                    .map(|end| self.expression_of(&end));
                DeclarationKind::Check {
                    measure: needed("="),
                    low: ends.next().unwrap_or_else(|| self.missing(node)),
                    high: ends.next().unwrap_or_else(|| self.missing(node)),
                }
            }
            _ => return None,
        })
    }

    fn step(&self, node: &Node) -> Expression {
        for (word, unit) in [("daily", "day"), ("weekly", "week")] {
            if let Some(clause) = clause(node, word) {
                let span = self.span(&clause);
                let name = Name {
                    text: unit.into(),
                    span,
                };
                let unit = Some(UnitExpression {
                    factors: vec![(name, 1)],
                    percent: false,
                    span,
                });
                return Expression {
                    kind: ExpressionKind::Number { value: 1.0, unit },
                    span,
                };
            }
        }
        self.clause_expression(node, "every")
            .unwrap_or_else(|| self.missing(node))
    }

    fn elements(&self, list: &Node) -> Vec<ElementDeclaration> {
        children(list, Kind::Element)
            .filter_map(|element| {
                Some(ElementDeclaration {
                    name: self.identifiers(&element).next()?,
                    title: self.text(&element),
                })
            })
            .collect()
    }

    fn pipeline(&self, clause: &Node) -> Option<Pipeline> {
        let call = child(clause, Kind::CallExpression)?;
        let mut arguments = self.arguments(&call).into_iter().map(|argument| argument.value);
        let mut next = || arguments.next().unwrap_or_else(|| self.missing(&call));
        Some(Pipeline {
            order: next(),
            mean: next(),
        })
    }

    fn carried(&self, clause: &Node) -> Vec<(Name, Expression)> {
        let carried = children(clause, Kind::Carried);
        carried
            .filter_map(|one| Some((self.identifiers(&one).next()?, self.first_expression(&one))))
            .collect()
    }

    fn trigger(&self, node: &Node) -> Trigger {
        if let Some(when) = clause(node, "when") {
            return Trigger::When(self.value(&when));
        }
        let Some(at) = clause(node, "at") else {
            return Trigger::When(self.missing_value(node));
        };
        if has_word(&at, "rate") {
            return Trigger::Rate {
                rate: self.value(&at),
                condition: self.clause_expression(node, "if"),
            };
        }
        Trigger::At {
            date: self.first_expression(&at),
            probability: self.clause_value(node, "with"),
        }
    }

    fn choice(&self, node: &Node) -> ChoiceDeclaration {
        let name = |word: &str| self.identifiers(&clause(node, word)?).next();
        let cases = |word: &str| {
            let cases = clause(node, word).and_then(|clause| child(&clause, Kind::Cases));
            let cases = cases.map(|cases| self.cases(&cases)).unwrap_or_default();
            cases
                .into_iter()
                .filter_map(|case| Some((case.element?, case.value)))
                .collect()
        };
        ChoiceDeclaration {
            actor: name("by"),
            every: self.clause_expression(node, "every"),
            options: clause(node, "options")
                .and_then(|clause| child(&clause, Kind::Elements))
                .map(|list| self.elements(&list))
                .unwrap_or_default(),
            start: name("start"),
            utilities: cases("utility"),
            available: cases("available"),
            precision: self.clause_value(node, "precision"),
            switching_cost: self.clause_value(node, "switching"),
            memory: clause(node, "memory").map(|clause| {
                if has_word(&clause, "none") {
                    MemoryClause::None(self.span(&clause))
                } else if has_word(&clause, "forever") {
                    MemoryClause::Forever(self.span(&clause))
                } else {
                    MemoryClause::Time(self.first_expression(&clause))
                }
            }),
            rules: clause(node, "rules").map(|clause| self.rules(&clause)),
        }
    }

    fn rules(&self, clause: &Node) -> Vec<RuleDeclaration> {
        let rows = child(clause, Kind::Rules);
        let rows = rows.iter().flat_map(|rows| children(rows, Kind::Rule));
        rows.filter_map(|row| {
            Some(RuleDeclaration {
                condition: (!has_word(&row, "else")).then(|| self.first_expression(&row)),
                option: self.identifiers(&row).next()?,
                span: self.span(&row),
            })
        })
        .collect()
    }

    fn treaty(&self, node: &Node) -> TreatyDeclaration {
        let value = |word: &str| self.clause_value(node, word);
        TreatyDeclaration {
            parties: clause(node, "between")
                .map(|clause| self.identifiers(&clause).collect())
                .unwrap_or_default(),
            trigger: value("trigger").unwrap_or_else(|| self.missing_value(node)),
            territory: value("territory"),
            in_force: clause(node, "in").map(|clause| {
                if has_word(&clause, "when") {
                    InForce::When(self.value(&clause))
                } else {
                    InForce::From(self.first_expression(&clause))
                }
            }),
            judge: value("judge"),
            delay: value("delay"),
            reliability: value("reliability").unwrap_or_else(|| self.missing_value(node)),
        }
    }

    fn reading(&self, node: &Node) -> Option<Reading> {
        let by = clause(node, "by");
        let clause = by.clone().or_else(|| clause(node, "at"))?;
        Some(Reading {
            by: by.is_some(),
            date: self.first_expression(&clause),
            span: self.span(&clause),
        })
    }

    fn claim(&self, node: &Node) -> ClaimDeclaration {
        let text = |word: &str| self.text(&clause(node, word)?);
        let kind = if let Some(holds) = clause(node, "holds") {
            Some(ClaimBody::Formula(self.first_expression(&holds)))
        } else if let Some(factual) = clause(node, "factual") {
            let mut parts = expressions(&factual).map(|part| self.expression_of(&part));
            let mut next = || parts.next().unwrap_or_else(|| self.missing(&factual));
            Some(ClaimBody::Factual {
                fact: next(),
                stated: next(),
                within: next(),
            })
        } else {
            clause(node, "normative").map(|normative| ClaimBody::Normative(self.span(&normative)))
        };
        ClaimDeclaration {
            quote: text("quote"),
            kind,
            because: text("because"),
            rests: text("rests"),
            settled: text("settled"),
            contradicts: children(node, Kind::Clause)
                .filter(|clause| head(clause).is_some_and(|head| head.text() == "contradicts"))
                .flat_map(|clause| self.identifiers(&clause).collect::<Vec<_>>())
                .collect(),
        }
    }

    fn headline(&self, text: &Node) -> Vec<HeadlinePart> {
        let mut parts = Vec::new();
        for piece in text.children_with_tokens() {
            match piece {
                NodeOrToken::Node(formula) => {
                    let closed = token(&formula, Kind::RightBrace).is_some();
                    let inside = if closed {
                        self.first_expression(&formula)
                    } else {
                        self.missing(&formula)
                    };
                    parts.push(HeadlinePart::Formula(inside));
                }
                NodeOrToken::Token(words) if words.kind() == Kind::StringPiece => {
                    let first = words.text_range().start() == text.text_range().start();
                    let words = words_of_headline(words.text(), first);
                    if !words.is_empty() {
                        parts.push(HeadlinePart::Text(words));
                    }
                }
                NodeOrToken::Token(_) => {}
            }
        }
        parts
    }

    /// Returns the question within `so that probability(QUESTION)`.
    fn pinned(&self, node: &Node) -> Expression {
        let Some(formula) = self.clause_expression(node, "so") else {
            return self.missing(node);
        };
        match formula.kind {
            ExpressionKind::Call(name, mut arguments)
                if name.text == "probability" && arguments.len() == 1 =>
            {
                arguments.remove(0).value
            }
            _ => formula,
        }
    }

    fn parameters(&self, node: &Node) -> Vec<(Name, Option<UnitExpression>)> {
        let list = child(node, Kind::Parameters);
        let parameters = list.iter().flat_map(|list| children(list, Kind::Parameter));
        parameters
            .filter_map(|one| Some((self.identifiers(&one).next()?, self.unit_of(&one))))
            .collect()
    }

    fn change(&self, node: &Node) -> Option<Change> {
        let action = if has_word(node, "freeze") {
            ChangeAction::Freeze
        } else if has_word(node, "never") {
            ChangeAction::Never
        } else if has_word(node, "always") {
            ChangeAction::Always
        } else {
            let value = self.first_expression(node);
            if has_word(node, "cut") {
                ChangeAction::Cut(value)
            } else if has_word(node, "at") {
                ChangeAction::At(value)
            } else {
                ChangeAction::Hold(value)
            }
        };
        Some(Change {
            target: self.target(node)?,
            action,
            from: self.clause_expression(node, "from"),
            span: self.span(node),
        })
    }

    fn target(&self, node: &Node) -> Option<Target> {
        let mut named = self.identifiers(node);
        let mut name = named.next()?;
        if let Some(treaty) = named.next() {
            name = Name {
                text: treaty::part(&name.text, &treaty.text),
                span: name.span.to(treaty.span),
            };
        }
        let indices = child(node, Kind::Indices);
        let end = indices.as_ref().map_or(name.span, |indices| self.span(indices));
        Some(Target {
            span: name.span.to(end),
            name,
            element: indices
                .map(|list| self.identifiers(&list).collect())
                .unwrap_or_default(),
        })
    }
}

/// Values.
impl Lower {
    fn clause_value(&self, node: &Node, word: &str) -> Option<Value> {
        // A wrong sign has been reported; the value counts all the same.
        let other = match word {
            "=" => "~",
            "~" => "=",
            other => other,
        };
        let clause = clause(node, word).or_else(|| clause(node, other))?;
        Some(self.value(&clause))
    }

    fn clause_expression(&self, node: &Node, word: &str) -> Option<Expression> {
        Some(self.first_expression(&clause(node, word)?))
    }

    fn missing(&self, node: &Node) -> Expression {
        Expression {
            kind: ExpressionKind::Missing,
            span: self.after(node),
        }
    }

    fn missing_value(&self, node: &Node) -> Value {
        Value::Expression(self.missing(node))
    }

    fn value(&self, node: &Node) -> Value {
        if is_cut_short(node) {
            return self.missing_value(node);
        }
        if let Some(cases) = child(node, Kind::Cases) {
            return Value::Cases(self.cases(&cases), self.span(&cases));
        }
        if let Some(table) = child(node, Kind::Table) {
            let whole = !table.descendants().any(|part| part.kind() == Kind::Skipped);
            return if whole {
                Value::Table(self.table(&table))
            } else {
                self.missing_value(&table)
            };
        }
        let expression = self.first_expression(node);
        match expression.kind {
            ExpressionKind::Call(name, arguments) if name.text == "csv" => match arguments.as_slice() {
                [
                    Argument {
                        key: None,
                        value:
                            Expression {
                                kind: ExpressionKind::Text(text),
                                span,
                            },
                    },
                ] => Value::Csv(Text {
                    text: text.clone(),
                    span: *span,
                }),
                _ => Value::Expression(Expression {
                    kind: ExpressionKind::Call(name, arguments),
                    ..expression
                }),
            },
            kind => Value::Expression(Expression { kind, ..expression }),
        }
    }

    fn cases(&self, list: &Node) -> Vec<Case> {
        children(list, Kind::Case)
            .filter_map(|case| {
                let element = self.identifiers(&case).next();
                let span = match (&element, head(&case)) {
                    (Some(name), _) => name.span,
                    (None, Some(word)) if word.text() == "else" => self.leaf_span(&word),
                    _ => return None,
                };
                Some(Case {
                    element,
                    span,
                    value: self.value(&case),
                })
            })
            .collect()
    }

    fn table(&self, node: &Node) -> Table {
        let mut columns: Vec<Name> = child(node, Kind::TableColumns)
            .map(|line| self.identifiers(&line).collect())
            .unwrap_or_default();
        let mut rows: Vec<(Name, Vec<Expression>)> = children(node, Kind::TableRow)
            .filter_map(|row| {
                let name = self.identifiers(&row).next()?;
                Some((
                    name,
                    expressions(&row).map(|cell| self.expression_of(&cell)).collect(),
                ))
            })
            .collect();
        if first_line_is_row(node)
            && let (Some(value), Some(name)) = (columns.pop(), columns.pop())
        {
            rows.insert(
                0,
                (
                    name,
                    vec![Expression {
                        kind: ExpressionKind::Name(value.text),
                        span: value.span,
                    }],
                ),
            );
        }
        Table {
            columns,
            rows,
            span: self.span(node),
        }
    }

    fn unit_of(&self, node: &Node) -> Option<UnitExpression> {
        Some(self.unit(&child(node, Kind::Unit)?))
    }

    fn unit(&self, node: &Node) -> UnitExpression {
        let tokens: Vec<Leaf> = tokens(node).collect();
        let percent = tokens.first().is_some_and(|token| token.kind() == Kind::Percent);
        let mut factors = Vec::new();
        self.factors(&mut tokens.as_slice(), &mut factors);
        UnitExpression {
            factors,
            percent,
            span: self.span(node),
        }
    }

    /// Reads factors up to a closing parenthesis.
    fn factors(&self, tokens: &mut &[Leaf], factors: &mut Vec<(Name, i32)>) {
        let mut sign = 1;
        while let Some((token, rest)) = tokens.split_first() {
            *tokens = rest;
            let before = factors.len();
            match token.kind() {
                Kind::Slash => {
                    sign = -1;
                    continue;
                }
                Kind::Star => {
                    sign = 1;
                    continue;
                }
                Kind::RightParenthesis => return,
                Kind::LeftParenthesis => self.factors(tokens, factors),
                Kind::Name => {
                    let name = Name {
                        text: singular(token.text()).into(),
                        span: self.leaf_span(token),
                    };
                    factors.push((name, 1));
                }
                _ => {}
            }
            let exponent = sign * exponent(tokens);
            factors[before..]
                .iter_mut()
                .for_each(|(_, power)| *power = power.saturating_mul(exponent));
        }
    }
}

/// Expressions.
impl Lower {
    fn first_expression(&self, node: &Node) -> Expression {
        if is_cut_short(node) {
            return self.missing(node);
        }
        self.expression(expressions(node).next(), self.after(node))
    }

    fn expression(&self, node: Option<Node>, place: Span) -> Expression {
        match node {
            Some(node) => self.expression_of(&node),
            None => Expression {
                kind: ExpressionKind::Missing,
                span: place,
            },
        }
    }

    fn expression_of(&self, node: &Node) -> Expression {
        let kind = self.expression_kind(node).unwrap_or(ExpressionKind::Missing);
        Expression {
            kind,
            span: self.span(node),
        }
    }

    fn expression_kind(&self, node: &Node) -> Option<ExpressionKind> {
        if child(node, Kind::Skipped).is_some() {
            return None;
        }
        let mut operands = expressions(node);
        let mut operand = || Box::new(self.expression(operands.next(), self.after(node)));
        Some(match node.kind() {
            Kind::NumberExpression => ExpressionKind::Number {
                value: number(&token(node, Kind::Number)?),
                unit: self.unit_of(node),
            },
            Kind::DateExpression => ExpressionKind::Date(super::date(token(node, Kind::Date)?.text())?),
            Kind::TextExpression => ExpressionKind::Text(self.text(node)?.text),
            Kind::NameExpression => ExpressionKind::Name(token(node, Kind::Name)?.text().to_string()),
            Kind::SubscriptExpression => {
                let name = self.identifiers(node).next()?;
                ExpressionKind::Subscripted(
                    name,
                    expressions(node).map(|one| self.expression_of(&one)).collect(),
                )
            }
            Kind::CallExpression => {
                ExpressionKind::Call(self.identifiers(node).next()?, self.arguments(node))
            }
            Kind::ReduceExpression => ExpressionKind::Reduce {
                name: self.identifiers(node).next()?,
                body: operand(),
                over: children(node, Kind::Binder)
                    .filter_map(|binder| {
                        let mut names = self.identifiers(&binder);
                        Some((names.next()?, names.next()?))
                    })
                    .collect(),
                filter: child(node, Kind::Filter).map(|filter| Box::new(self.first_expression(&filter))),
            },
            Kind::UnaryExpression => {
                let operator = match head(node)?.kind() {
                    Kind::Minus => Operator::Negate,
                    _ => Operator::Not,
                };
                ExpressionKind::Unary(operator, operand())
            }
            Kind::BinaryExpression | Kind::InExpression
                if compares(node) && expressions(node).next().is_some_and(|left| compares(&left)) =>
            {
                // A comparison of a comparison has been reported.
                ExpressionKind::Missing
            }
            Kind::BinaryExpression => {
                let operator = operator(&head(node)?)?;
                ExpressionKind::Binary(operator, operand(), operand())
            }
            Kind::OfExpression => of(*operand(), *operand()),
            Kind::IntervalExpression => ExpressionKind::Interval(operand(), operand()),
            Kind::InExpression => ExpressionKind::In(operand(), self.identifiers(node).next()?),
            Kind::UnderExpression => ExpressionKind::Under(operand(), self.identifiers(node).next()?),
            Kind::IfExpression => ExpressionKind::If(operand(), operand(), operand()),
            Kind::ParenthesisExpression => operand().kind,
            _ => ExpressionKind::Missing,
        })
    }

    fn arguments(&self, node: &Node) -> Vec<Argument> {
        children(node, Kind::Argument)
            .map(|argument| {
                let mut parts = expressions(&argument).map(|part| self.expression_of(&part));
                let mut next = || parts.next().unwrap_or_else(|| self.missing(&argument));
                match token(&argument, Kind::Colon) {
                    Some(_) => Argument {
                        key: Some(next()),
                        value: next(),
                    },
                    None => Argument {
                        key: None,
                        value: next(),
                    },
                }
            })
            .collect()
    }
}

/// Returns whether the line of columns of a table is a row after all: a name and a name as its value, in a table of one value a row.
pub(crate) fn first_line_is_row(table: &Node) -> bool {
    let names = |line: Node| children(&line, Kind::Identifier).count();
    child(table, Kind::TableColumns).map(names) == Some(2)
        && children(table, Kind::TableRow).all(|row| expressions(&row).count() == 1)
}

/// Returns whether the parser passed over something right after a node, so that the node does not say what was meant.
fn is_cut_short(node: &Node) -> bool {
    node.next_sibling()
        .is_some_and(|next| next.kind() == Kind::Skipped)
}

fn compares(node: &Node) -> bool {
    let is_comparison = |operator| {
        use Operator::*;
        matches!(
            operator,
            Equal | NotEqual | Less | LessEqual | Greater | GreaterEqual
        )
    };
    match node.kind() {
        Kind::InExpression => true,
        Kind::BinaryExpression => head(node)
            .and_then(|sign| operator(&sign))
            .is_some_and(is_comparison),
        _ => false,
    }
}

fn operator(token: &Leaf) -> Option<Operator> {
    Some(match (token.kind(), token.text()) {
        (Kind::Plus, _) => Operator::Add,
        (Kind::Minus, _) => Operator::Subtract,
        (Kind::Star, _) => Operator::Multiply,
        (Kind::Slash, _) => Operator::Divide,
        (Kind::Caret, _) => Operator::Power,
        (Kind::Equal | Kind::EqualEqual, _) => Operator::Equal,
        (Kind::NotEqual, _) => Operator::NotEqual,
        (Kind::Less, _) => Operator::Less,
        (Kind::LessEqual, _) => Operator::LessEqual,
        (Kind::Greater, _) => Operator::Greater,
        (Kind::GreaterEqual, _) => Operator::GreaterEqual,
        (_, "and" | "&&" | "&") => Operator::And,
        (_, "or" | "||" | "|") => Operator::Or,
        _ => return None,
    })
}

/// Returns the value of a number; one that is malformed has been reported and is 1, which has few consequences.
fn number(token: &Leaf) -> f64 {
    token
        .text()
        .replace('_', "")
        .parse()
        .ok()
        .filter(|value: &f64| value.is_finite())
        .unwrap_or(1.0)
}

/// Reads `^2` or `^-1`, or 1 where no exponent stands.
fn exponent(tokens: &mut &[Leaf]) -> i32 {
    let mut rest = tokens.iter();
    if rest.next().is_none_or(|token| token.kind() != Kind::Caret) {
        return 1;
    }
    let negative = tokens.get(1).is_some_and(|token| token.kind() == Kind::Minus);
    let place = 1 + usize::from(negative);
    let power: i32 = tokens
        .get(place)
        .and_then(|token| token.text().parse().ok())
        .unwrap_or(1);
    *tokens = tokens.get(place + 1..).unwrap_or_default();
    if negative { -power } else { power }
}

/// Returns the name of a built-in unit of time whose plural this is.
fn singular(unit: &str) -> &str {
    match unit {
        "seconds" | "minutes" | "hours" | "days" | "weeks" | "months" | "years" => &unit[..unit.len() - 1],
        _ => unit,
    }
}

fn unquoted(string: &str) -> String {
    let inside = string.strip_prefix('"').unwrap_or(string);
    unescaped(inside, false)
}

fn words_of_headline(piece: &str, first: bool) -> String {
    let inside = if first {
        piece.strip_prefix('"').unwrap_or(piece)
    } else {
        piece
    };
    unescaped(inside, true)
}

/// Resolves escapes up to the closing quote.
fn unescaped(inside: &str, headline: bool) -> String {
    let mut out = String::with_capacity(inside.len());
    let mut characters = inside.chars().peekable();
    while let Some(character) = characters.next() {
        let doubled = headline && matches!(character, '{' | '}') && characters.peek() == Some(&character);
        match character {
            '"' => break,
            '\\' if matches!(characters.peek(), Some('"' | '\\')) => out.extend(characters.next()),
            _ => {
                out.push(character);
                if doubled {
                    characters.next();
                }
            }
        }
    }
    out
}

/// Makes `a of b`; a part of a treaty is a name of its own.
fn of(left: Expression, right: Expression) -> ExpressionKind {
    match (&left.kind, right.kind) {
        (ExpressionKind::Name(part), ExpressionKind::Name(treaty))
            if treaty::PARTS.contains(&part.as_str()) =>
        {
            ExpressionKind::Name(treaty::part(part, &treaty))
        }
        (ExpressionKind::Name(part), ExpressionKind::Subscripted(treaty, subscripts))
            if treaty::PARTS.contains(&part.as_str()) =>
        {
            let name = Name {
                text: treaty::part(part, &treaty.text),
                span: left.span.to(treaty.span),
            };
            ExpressionKind::Subscripted(name, subscripts)
        }
        (_, kind) => {
            let right = Expression { kind, ..right };
            ExpressionKind::Of(Box::new(left), Box::new(right))
        }
    }
}
