//! Claims, headlines and face checks: formulas over what a run answers.

use super::Checker;
use super::expressions::Scope;
use crate::diagnostic::Diagnostic;
use crate::model::{
    Binary, Claim, ClaimKind, ElementId, FaceCheck, Formula, Headline, HeadlinePart, InterventionId, Reading,
    Unit, ValueKind,
};
use crate::names::Space;
use crate::source::Span;
use crate::syntax::ast::{self, ClaimBody, Declaration, DeclarationKind, ExpressionKind, Name, Operator};
use crate::units::Dimension;

/// A lowered formula with its type.
struct TypedFormula {
    formula: Formula,
    kind: ValueKind,
    dimension: Dimension,
    free: bool,
    span: Span,
    /// The unit of the quantity that it is a figure of.
    unit: Option<Unit>,
    /// Whether it reads anything off a future.
    reads: bool,
}

impl TypedFormula {
    fn spoken(&self) -> String {
        match self.kind {
            ValueKind::Condition => "a condition".to_owned(),
            _ if self.dimension.is_plain() => "a plain number".to_owned(),
            _ => self.dimension.to_string(),
        }
    }
}

impl<'a> Checker<'a> {
    /// Lowers the claims.
    pub(super) fn lower_claims(&mut self, declarations: &[&'a Declaration]) -> Vec<Claim> {
        let mut found = Vec::new();
        for declaration in declarations {
            let DeclarationKind::Claim(claim) = &declaration.kind else {
                continue;
            };
            let Some(kind) = self.claim_kind(&declaration.name, claim.kind.as_ref()) else {
                continue;
            };
            for other in &claim.contradicts {
                if self.names.get(Space::Claims, &other.text).is_none() {
                    let diagnostic = self.unknown("claim", other, |checker| checker.names.of(Space::Claims));
                    self.report(diagnostic);
                }
            }
            if matches!(kind, ClaimKind::Normative) && claim.because.is_none() {
                let diagnostic = Diagnostic::error(
                    "E0705",
                    format!(
                        "the claim `{}` is called normative without a reason",
                        declaration.name.text
                    ),
                    declaration.name.span,
                )
                .help("say `because \"..\"` why no measurement could decide it");
                self.report(diagnostic);
            }
            if let (ClaimKind::Normative, Some(settled)) = (&kind, &claim.settled) {
                let diagnostic = Diagnostic::error(
                    "E0705",
                    format!(
                        "the claim `{}` is called normative and says what would settle it",
                        declaration.name.text
                    ),
                    settled.span,
                )
                .help(
                    "leave out `settled by`, or say in a formula what decides it: `holds when mean(..) > ..`",
                );
                self.report(diagnostic);
            }
            found.push(Claim {
                name: declaration.name.text.clone(),
                title: declaration.title.as_ref().map(|t| t.text.clone()),
                quote: claim.quote.as_ref().map_or_else(String::new, |q| q.text.clone()),
                kind,
                because: claim.because.as_ref().map(|b| b.text.clone()),
                rests: claim.rests.as_ref().map(|r| r.text.clone()),
                settled: claim.settled.as_ref().map(|s| s.text.clone()),
                contradicts: claim.contradicts.iter().map(|n| n.text.clone()).collect(),
                span: declaration.span,
            });
        }
        found
    }

    fn claim_kind(&mut self, name: &Name, body: Option<&ClaimBody>) -> Option<ClaimKind> {
        match body {
            None => {
                let diagnostic = Diagnostic::error("E0705", format!("the claim `{}` says nothing that could decide it", name.text), name.span)
                    .help("add `holds when mean(..) > ..`, `factual: fact(..) is .. within 10%`, or `normative because \"..\"`");
                self.report(diagnostic);
                None
            }
            Some(ClaimBody::Normative(_)) => Some(ClaimKind::Normative),
            Some(ClaimBody::Formula(expression)) => {
                let typed = self.formula(expression)?;
                if typed.kind != ValueKind::Condition {
                    let diagnostic = Diagnostic::error(
                        "E0706",
                        format!("a claim holds or not, and this is {}", typed.spoken()),
                        typed.span,
                    )
                    .help("compare it with something: `.. > 0`");
                    self.report(diagnostic);
                    return None;
                }
                if !typed.reads {
                    let diagnostic = Diagnostic::error(
                        "E0705",
                        format!("the claim `{}` reads no measure or question", name.text),
                        typed.span,
                    )
                    .help("use `mean(measure)`, `probability(question)` or `effect(intervention, measure)`");
                    self.report(diagnostic);
                    return None;
                }
                Some(ClaimKind::Formula {
                    formula: typed.formula,
                    text: self.sources.excerpt(expression.span).to_owned(),
                })
            }
            Some(ClaimBody::Factual { fact, stated, within }) => self.factual(fact, stated, within),
        }
    }

    fn factual(
        &mut self,
        fact: &ast::Expression,
        stated: &ast::Expression,
        within: &ast::Expression,
    ) -> Option<ClaimKind> {
        let id = match &fact.kind {
            ExpressionKind::Call(name, arguments) if name.text == "fact" && arguments.len() == 1 => {
                super::as_name(&arguments[0].value)
            }
            _ => None,
        };
        let Some(id) = id else {
            self.report(
                Diagnostic::error("E0706", "a factual claim is about a fact", fact.span)
                    .help("write `fact(id)`"),
            );
            return None;
        };
        let (range, dimension) = self.fact_values(&id)?;
        let scope = Scope::default();
        let stated_value = self.expression(stated, &scope);
        let tolerance = self.expression(within, &scope);
        if stated_value.poisoned || !self.is_plain(&tolerance, "the tolerance") {
            return None;
        }
        if stated_value.dimension != dimension && !stated_value.free {
            let diagnostic = Diagnostic::error(
                "E0302",
                format!(
                    "the claim says {}, and the fact is in {dimension}",
                    stated_value.spoken_type()
                ),
                stated_value.span,
            );
            self.report(diagnostic);
            return None;
        }
        let (Some(value), Some(relative)) = (self.known(&stated_value.value), self.known(&tolerance.value))
        else {
            self.report(Diagnostic::error(
                "E0706",
                "a factual claim states a number",
                stated.span,
            ));
            return None;
        };
        let text = format!(
            "{} is {} within {}",
            self.sources.excerpt(fact.span),
            self.sources.excerpt(stated.span),
            self.sources.excerpt(within.span)
        );
        Some(ClaimKind::Factual {
            fact: id.text,
            range,
            stated: value,
            within: relative,
            text,
        })
    }

    /// Lowers a formula over answers.
    fn formula(&mut self, expression: &ast::Expression) -> Option<TypedFormula> {
        self.formula_in(expression, None)
    }

    fn formula_in(
        &mut self,
        expression: &ast::Expression,
        world: Option<InterventionId>,
    ) -> Option<TypedFormula> {
        let span = expression.span;
        match &expression.kind {
            ExpressionKind::Missing => None,
            ExpressionKind::Under(inner, name) => {
                let intervention = self.intervention(name)?;
                self.formula_in(inner, Some(intervention))
            }
            ExpressionKind::Call(name, arguments) if READERS.contains(&name.text.as_str()) => {
                let values: Vec<&ast::Expression> = arguments.iter().map(|a| &a.value).collect();
                self.reader(name, &values, span, world)
            }
            ExpressionKind::Unary(Operator::Not, operand) => {
                let typed = self.formula_in(operand, world)?;
                self.must_be_condition(&typed)?;
                Some(TypedFormula {
                    formula: Formula::Not(Box::new(typed.formula)),
                    span,
                    ..typed
                })
            }
            ExpressionKind::Unary(_, operand) => {
                let typed = self.formula_in(operand, world)?;
                self.must_be_number(&typed)?;
                Some(TypedFormula {
                    formula: Formula::Negate(Box::new(typed.formula)),
                    span,
                    ..typed
                })
            }
            ExpressionKind::Binary(operator, left, right) => {
                let left = self.formula_in(left, world);
                let right = self.formula_in(right, world);
                self.combined(*operator, left?, right?, span)
            }
            ExpressionKind::Of(left, right) => {
                let left = self.formula_in(left, world);
                let right = self.formula_in(right, world);
                self.combined(Operator::Multiply, left?, right?, span)
            }
            ExpressionKind::Name(_) | ExpressionKind::Subscripted(..) if self.names_a_reading(expression) => {
                let what = self.sources.excerpt(span).to_owned();
                let diagnostic = Diagnostic::error(
                    "E0706",
                    format!("`{what}` has a value in every future, and a formula needs one number"),
                    span,
                )
                .help(format!(
                    "write `mean({what})`, `probability({what})` or `effect(.., {what})`"
                ));
                self.report(diagnostic);
                None
            }
            _ => {
                let typed = self.expression(expression, &Scope::default());
                if typed.poisoned {
                    return None;
                }
                let Some(value) = self.known(&typed.value) else {
                    let diagnostic =
                        Diagnostic::error("E0706", "a formula uses only answers and numbers", span)
                            .help("declare a `measure` of it, and use its `mean`");
                    self.report(diagnostic);
                    return None;
                };
                Some(TypedFormula {
                    formula: Formula::Number(value),
                    kind: typed.kind,
                    dimension: typed.dimension,
                    free: typed.free,
                    span,
                    unit: None,
                    reads: false,
                })
            }
        }
    }

    fn must_be_number(&mut self, typed: &TypedFormula) -> Option<()> {
        if typed.kind == ValueKind::Number {
            return Some(());
        }
        let diagnostic = Diagnostic::error(
            "E0306",
            format!("a number is wanted here, and this is {}", typed.spoken()),
            typed.span,
        );
        self.report(diagnostic);
        None
    }

    fn must_be_condition(&mut self, typed: &TypedFormula) -> Option<()> {
        if typed.kind == ValueKind::Condition {
            return Some(());
        }
        let diagnostic = Diagnostic::error(
            "E0306",
            format!("a condition is wanted here, and this is {}", typed.spoken()),
            typed.span,
        );
        self.report(diagnostic);
        None
    }

    fn combined(
        &mut self,
        operator: Operator,
        left: TypedFormula,
        right: TypedFormula,
        span: Span,
    ) -> Option<TypedFormula> {
        let reads = left.reads || right.reads;
        let unit = left.unit.clone().or_else(|| right.unit.clone());
        let make = |operator, left: TypedFormula, right: TypedFormula| {
            Formula::Binary(operator, Box::new(left.formula), Box::new(right.formula))
        };
        let condition = |formula| TypedFormula {
            formula,
            kind: ValueKind::Condition,
            dimension: Dimension::plain(),
            free: false,
            span,
            unit: None,
            reads,
        };
        if !matches!(operator, Operator::And | Operator::Or) {
            self.must_be_number(&left)?;
            self.must_be_number(&right)?;
        }
        match operator {
            Operator::And | Operator::Or => {
                self.must_be_condition(&left)?;
                self.must_be_condition(&right)?;
                let operator = if operator == Operator::And {
                    Binary::And
                } else {
                    Binary::Or
                };
                Some(condition(make(operator, left, right)))
            }
            Operator::Multiply | Operator::Divide => {
                let dimension = if operator == Operator::Multiply {
                    left.dimension.times(&right.dimension)
                } else {
                    left.dimension.per(&right.dimension)
                };
                let kept = unit.filter(|_| {
                    left.dimension.is_plain()
                        || operator == Operator::Divide && right.dimension.is_plain()
                        || right.dimension.is_plain()
                });
                let operator = if operator == Operator::Multiply {
                    Binary::Multiply
                } else {
                    Binary::Divide
                };
                let formula = make(operator, left, right);
                Some(TypedFormula {
                    formula,
                    kind: ValueKind::Number,
                    dimension,
                    free: false,
                    span,
                    unit: kept,
                    reads,
                })
            }
            Operator::Power => {
                self.report(
                    Diagnostic::error("E0706", "a formula has no powers", span)
                        .help("declare a `measure` that has"),
                );
                None
            }
            _ => {
                let fits =
                    left.kind == right.kind && (left.dimension == right.dimension || left.free || right.free);
                if !fits {
                    let diagnostic = Diagnostic::error(
                        "E0302",
                        format!("{} and {} do not go together", left.spoken(), right.spoken()),
                        span,
                    )
                    .label(left.span, left.spoken())
                    .label(right.span, right.spoken());
                    self.report(diagnostic);
                    return None;
                }
                let dimension = if left.free {
                    right.dimension.clone()
                } else {
                    left.dimension.clone()
                };
                let (operator, compares) = match operator {
                    Operator::Add => (Binary::Add, false),
                    Operator::Subtract => (Binary::Subtract, false),
                    Operator::Less => (Binary::Less, true),
                    Operator::LessEqual => (Binary::LessEqual, true),
                    Operator::Greater => (Binary::Greater, true),
                    Operator::GreaterEqual => (Binary::GreaterEqual, true),
                    Operator::NotEqual => (Binary::NotEqual, true),
                    _ => (Binary::Equal, true),
                };
                if compares {
                    return Some(condition(make(operator, left, right)));
                }
                let free = left.free && right.free;
                let formula = make(operator, left, right);
                Some(TypedFormula {
                    formula,
                    kind: ValueKind::Number,
                    dimension,
                    free,
                    span,
                    unit,
                    reads,
                })
            }
        }
    }

    fn reader(
        &mut self,
        name: &Name,
        values: &[&ast::Expression],
        span: Span,
        world: Option<InterventionId>,
    ) -> Option<TypedFormula> {
        let wrong = |checker: &mut Checker<'a>, help: &str| {
            let diagnostic = Diagnostic::error(
                "E0706",
                format!("these are not the arguments of `{}`", name.text),
                span,
            )
            .help(help.to_owned());
            checker.report(diagnostic);
            None
        };
        let (formula, reading) = match (name.text.as_str(), values) {
            ("mean", [measure]) => {
                let reading = self.reading_of(measure)?;
                (Formula::Mean(reading, world), reading)
            }
            ("probability", [question]) => {
                let reading = self.reading_of(question)?;
                if !self.is_question(reading) {
                    return wrong(self, "`probability` takes a question; a measure has a `mean`");
                }
                (Formula::Probability(reading, world), reading)
            }
            ("median", [measure]) => {
                let reading = self.reading_of(measure)?;
                (Formula::Quantile(reading, 0.5, world), reading)
            }
            ("quantile", [measure, p]) => {
                let reading = self.reading_of(measure)?;
                let p = self.expression(p, &Scope::default());
                match self.known(&p.value).filter(|p| *p > 0.0 && *p < 1.0) {
                    Some(p) => (Formula::Quantile(reading, p, world), reading),
                    None => return wrong(self, "write `quantile(measure, 0.9)`"),
                }
            }
            ("effect", [intervention, measure]) => {
                let Some(intervention) = super::as_name(intervention) else {
                    return wrong(self, "write `effect(intervention, measure)`");
                };
                let intervention = self.intervention(&intervention)?;
                let reading = self.reading_of(measure)?;
                (Formula::Effect(intervention, reading), reading)
            }
            ("effect", _) => return wrong(self, "write `effect(intervention, measure)`"),
            ("effect_through" | "share_through", [intervention, measure, pathway]) => {
                let (Some(intervention), Some(pathway)) =
                    (super::as_name(intervention), super::as_name(pathway))
                else {
                    return wrong(self, &through(name));
                };
                let (intervention, pathway) = (self.intervention(&intervention), self.pathway(&pathway));
                let reading = self.reading_of(measure)?;
                let (intervention, pathway) = (intervention?, pathway?);
                let part = Formula::Through(intervention, reading, pathway);
                if name.text == "share_through" {
                    let whole = Formula::Effect(intervention, reading);
                    return Some(TypedFormula {
                        formula: Formula::Binary(Binary::Divide, Box::new(part), Box::new(whole)),
                        kind: ValueKind::Number,
                        dimension: Dimension::plain(),
                        free: false,
                        span,
                        unit: None,
                        reads: true,
                    });
                }
                (part, reading)
            }
            ("effect_through" | "share_through", _) => return wrong(self, &through(name)),
            ("necessity" | "sufficiency", [intervention, question]) => {
                let Some(intervention) = super::as_name(intervention) else {
                    return wrong(self, &causation(name));
                };
                let intervention = self.intervention(&intervention)?;
                let reading = self.reading_of(question)?;
                if !self.is_question(reading) {
                    return wrong(self, &causation(name));
                }
                let formula = match name.text.as_str() {
                    "necessity" => Formula::Necessity(intervention, reading),
                    _ => Formula::Sufficiency(intervention, reading),
                };
                (formula, reading)
            }
            ("necessity" | "sufficiency", _) => return wrong(self, &causation(name)),
            ("quantile", _) => return wrong(self, "write `quantile(measure, 0.9)`"),
            _ => return wrong(self, "it takes one measure or question"),
        };
        let type_ = self.type_of(reading.quantity)?;
        let unit = (type_.unit.kind == ValueKind::Number).then(|| type_.unit.clone());
        Some(TypedFormula {
            formula,
            kind: ValueKind::Number,
            dimension: type_.dimension,
            free: false,
            span,
            unit,
            reads: true,
        })
    }

    fn is_question(&self, reading: Reading) -> bool {
        matches!(
            self.quantities[reading.quantity.position()].kind,
            DeclarationKind::Question { .. }
        )
    }

    fn names_a_reading(&self, expression: &ast::Expression) -> bool {
        let name = match &expression.kind {
            ExpressionKind::Name(name) => name,
            ExpressionKind::Subscripted(name, _) => &name.text,
            _ => return false,
        };
        self.quantity_ids
            .get(name)
            .is_some_and(|id| is_reading(&self.quantities[id.position()].kind))
    }

    /// Resolves the name of a scalar measure or question.
    pub(super) fn reading_of(&mut self, expression: &ast::Expression) -> Option<Reading> {
        let reference = self.named(expression, "measure or question", &Scope::default(), is_reading)?;
        let shape = self.signatures[reference.quantity.position()].shape.clone();
        let mut position = 0;
        for (index, subscript) in shape.iter().zip(&reference.subscripts) {
            let members = &self.indices[index.position()].members;
            let element: ElementId = match subscript {
                crate::model::Subscript::Element(element) => *element,
                _ => return None,
            };
            position = position * members.len() + members.iter().position(|m| *m == element)?;
        }
        Some(Reading {
            quantity: reference.quantity,
            position,
        })
    }

    /// Lowers the headlines.
    pub(super) fn lower_headlines(&mut self, declarations: &[&'a Declaration]) -> Vec<Headline> {
        let mut found = Vec::new();
        for declaration in declarations {
            let DeclarationKind::Headline { parts } = &declaration.kind else {
                continue;
            };
            let lowered: Option<Vec<HeadlinePart>> =
                parts.iter().map(|part| self.headline_part(part)).collect();
            if let Some(parts) = lowered {
                found.push(Headline {
                    parts,
                    span: declaration.span,
                });
            }
        }
        found
    }

    fn headline_part(&mut self, part: &ast::HeadlinePart) -> Option<HeadlinePart> {
        let expression = match part {
            ast::HeadlinePart::Text(text) => return Some(HeadlinePart::Text(text.clone())),
            ast::HeadlinePart::Formula(expression) => expression,
        };
        let text = self.sources.excerpt(expression.span).to_owned();
        if self.names_a_reading(expression) {
            let reading = self.reading_of(expression)?;
            let type_ = self.type_of(reading.quantity)?;
            let is_question = type_.unit.kind == ValueKind::Condition;
            let formula = if is_question {
                Formula::Probability(reading, None)
            } else {
                Formula::Mean(reading, None)
            };
            return Some(HeadlinePart::Figure {
                formula,
                text,
                unit: (!is_question).then_some(type_.unit),
            });
        }
        let typed = self.formula(expression)?;
        if typed.kind != ValueKind::Number || !is_linear(&typed.formula) {
            let diagnostic = Diagnostic::error(
                "E0706",
                "a headline shows a number that is a sum of means, probabilities and effects",
                typed.span,
            )
            .help("declare a `measure` of what it is to show");
            self.report(diagnostic);
            return None;
        }
        Some(HeadlinePart::Figure {
            formula: typed.formula,
            text,
            unit: typed.unit,
        })
    }

    /// Lowers the face checks.
    pub(super) fn lower_checks(&mut self, declarations: &[&'a Declaration]) -> Vec<FaceCheck> {
        let mut found = Vec::new();
        for declaration in declarations {
            let DeclarationKind::Check { measure, low, high } = &declaration.kind else {
                continue;
            };
            let Some(reading) = self.reading_of(measure) else {
                continue;
            };
            let Some(type_) = self.type_of(reading.quantity) else {
                continue;
            };
            let mut ends = Vec::new();
            for end in [low, high] {
                let typed = self.expression(end, &Scope::default());
                let who = self.owner(reading.quantity, "range");
                if let Some(value) = self.fit(typed, false, &type_, &who) {
                    match self.known(&value) {
                        Some(value) => ends.push(value),
                        None => self.report(Diagnostic::error(
                            "E0706",
                            "a face check has a range that is known before the run",
                            end.span,
                        )),
                    }
                }
            }
            if let [low_value, high_value] = ends.as_slice()
                && low_value > high_value
            {
                let diagnostic =
                    Diagnostic::error("E0706", "the range of this face check is empty", low.span)
                        .label(high.span, "the upper end")
                        .help("write the lower end first");
                self.report(diagnostic);
            } else if let [low_value, high_value] = ends.as_slice() {
                found.push(FaceCheck {
                    name: declaration.name.text.clone(),
                    measure: reading,
                    low: *low_value,
                    high: *high_value,
                    text: format!(
                        "{} to {}",
                        self.sources.excerpt(low.span),
                        self.sources.excerpt(high.span)
                    ),
                    span: declaration.span,
                });
            }
        }
        found
    }
}

/// Functions that read answers off an ensemble.
const READERS: &[&str] = &[
    "mean",
    "probability",
    "median",
    "quantile",
    "effect",
    "effect_through",
    "share_through",
    "necessity",
    "sufficiency",
];

/// How `effect_through` or `share_through` is written.
fn through(name: &Name) -> String {
    format!("write `{}(intervention, measure, pathway)`", name.text)
}

/// How `necessity` or `sufficiency` is written.
fn causation(name: &Name) -> String {
    format!("write `{}(intervention, question)`", name.text)
}

fn is_reading(kind: &DeclarationKind) -> bool {
    matches!(
        kind,
        DeclarationKind::Measure { .. } | DeclarationKind::Question { .. }
    )
}

/// Returns whether a formula is a sum of means, probabilities and effects with constant weights.
fn is_linear(formula: &Formula) -> bool {
    match formula {
        Formula::Number(_)
        | Formula::Mean(..)
        | Formula::Probability(..)
        | Formula::Effect(..)
        | Formula::Through(..)
        | Formula::Necessity(..)
        | Formula::Sufficiency(..) => true,
        Formula::Negate(a) => is_linear(a),
        Formula::Binary(Binary::Add | Binary::Subtract, a, b) => is_linear(a) && is_linear(b),
        Formula::Binary(Binary::Multiply, a, b) => {
            is_linear(a)
                && is_linear(b)
                && (matches!(**a, Formula::Number(_)) || matches!(**b, Formula::Number(_)))
        }
        Formula::Binary(Binary::Divide, a, b) => is_linear(a) && matches!(**b, Formula::Number(_)),
        _ => false,
    }
}
