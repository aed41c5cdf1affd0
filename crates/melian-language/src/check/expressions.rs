//! Expressions: names resolved, units checked, functions inlined.

use super::{Checker, Type, Typing};
use crate::diagnostic::Diagnostic;
use crate::model::{
    AttributeRef, Binary, BinderId, Calendar, Expression, FunctionName, IndexId, QuantityId, QuantityRef,
    Reduction, Subscript, Unary, ValueKind,
};
use crate::names::{Space, did_you_mean};
use crate::source::Span;
use crate::syntax::ast::{self, Argument, DeclarationKind, ExpressionKind, Name, Operator};
use crate::syntax::treaty;
use crate::units::{Dimension, Exponent};

/// A lowered expression with its type.
#[derive(Clone, Debug)]
pub(super) struct Typed {
    pub value: Expression,
    pub kind: ValueKind,
    pub dimension: Dimension,
    /// Fits any unit: the literal 0, or what follows from a reported error.
    pub free: bool,
    /// An error was reported about it.
    pub poisoned: bool,
    /// Made of literal numbers without units, so that a declared unit may be meant.
    pub bare: bool,
    pub span: Span,
    /// The factors of a product with their units, for messages.
    pub factors: Vec<(Span, Dimension)>,
}

impl Typed {
    pub(super) fn number(value: Expression, dimension: Dimension, span: Span) -> Typed {
        Typed {
            value,
            kind: ValueKind::Number,
            dimension,
            free: false,
            poisoned: false,
            bare: false,
            span,
            factors: Vec::new(),
        }
    }

    pub(super) fn plain(value: Expression, span: Span) -> Typed {
        Typed::number(value, Dimension::plain(), span)
    }

    pub(super) fn condition(value: Expression, span: Span) -> Typed {
        Typed {
            kind: ValueKind::Condition,
            ..Typed::plain(value, span)
        }
    }

    pub(super) fn poison(span: Span) -> Typed {
        Typed {
            free: true,
            poisoned: true,
            ..Typed::plain(Expression::Number(0.0), span)
        }
    }

    /// Returns how its type is spoken of.
    pub(super) fn spoken_type(&self) -> String {
        match self.kind {
            ValueKind::Number if self.dimension.is_plain() => "a plain number".to_owned(),
            ValueKind::Number => self.dimension.to_string(),
            ValueKind::Condition => "a condition".to_owned(),
            ValueKind::Date => "a date".to_owned(),
        }
    }

    fn value_box(self) -> Box<Expression> {
        Box::new(self.value)
    }
}

/// What may be named where an expression stands.
#[derive(Clone, Debug, Default)]
pub(super) struct Scope {
    pub binders: Vec<(String, BinderId, IndexId)>,
    pub arguments: Vec<(String, Typed)>,
    /// Whether it is read off a future: measures, questions and series may name measures, and reduce over time.
    pub reading: bool,
}

impl Scope {
    /// Returns the scope of a quantity's equation.
    pub(super) fn of(binders: &[(String, BinderId, IndexId)]) -> Scope {
        Scope {
            binders: binders.to_vec(),
            ..Scope::default()
        }
    }

    fn binder(&self, name: &str) -> Option<(BinderId, IndexId)> {
        self.binders
            .iter()
            .rev()
            .find(|(n, ..)| n == name)
            .map(|(_, binder, index)| (*binder, *index))
    }
}

impl<'a> Checker<'a> {
    /// Lowers an expression.
    pub(super) fn expression(&mut self, expression: &ast::Expression, scope: &Scope) -> Typed {
        if !self.may_grow(1, expression.span) {
            return Typed::poison(expression.span);
        }
        self.depth += 1;
        let typed = self.expression_below(expression, scope);
        self.depth -= 1;
        typed
    }

    fn expression_below(&mut self, expression: &ast::Expression, scope: &Scope) -> Typed {
        let span = expression.span;
        match &expression.kind {
            ExpressionKind::Subscripted(name, subscripts) => self.subscripted(name, subscripts, span, scope),
            ExpressionKind::Call(name, arguments) => self.call(name, arguments, span, scope),
            ExpressionKind::Reduce {
                name,
                body,
                over,
                filter,
            } => self.reduce(name, body, over, filter.as_deref(), span, scope),
            ExpressionKind::Unary(operator, operand) => self.unary(*operator, operand, span, scope),
            ExpressionKind::Binary(operator, left, right) => self.binary(*operator, left, right, span, scope),
            ExpressionKind::Of(left, right) => self.of(left, right, span, scope),
            ExpressionKind::In(element, subset) => self.member_of(element, subset, span, scope),
            ExpressionKind::If(condition, yes, no) => self.conditional(condition, yes, no, span, scope),
            leaf => self.leaf(leaf, span, scope),
        }
    }

    /// Lowers what has no operands. Apart from the rest, so that deep expressions need little stack.
    #[inline(never)]
    fn leaf(&mut self, kind: &ExpressionKind, span: Span, scope: &Scope) -> Typed {
        match kind {
            ExpressionKind::Number { value, unit } => self.number(*value, unit.as_ref(), span),
            ExpressionKind::Date(day) => {
                let days = f64::from(day - self.clock.start_day);
                Typed {
                    kind: ValueKind::Date,
                    ..Typed::plain(Expression::Number(days), span)
                }
            }
            ExpressionKind::Name(name) => {
                let text = name.clone();
                self.name(&Name { text, span }, scope)
            }
            ExpressionKind::Text(_) => self.wrong("E0203", "a text stands where a value is expected", span),
            ExpressionKind::Interval(..) => {
                let diagnostic =
                    Diagnostic::error("E0203", "an interval is a distribution, not a value", span)
                        .help("give it to a parameter: `param x ~ 2 to 5`");
                self.report(diagnostic);
                Typed::poison(span)
            }
            ExpressionKind::Under(..) => self.wrong(
                "E0203",
                "`under` chooses a world, which only a claim or a headline can do",
                span,
            ),
            _ => Typed::poison(span),
        }
    }

    /// Reports an error and returns what follows from it.
    fn wrong(&mut self, code: &'static str, message: &str, span: Span) -> Typed {
        self.report(Diagnostic::error(code, message, span));
        Typed::poison(span)
    }

    fn number(&mut self, value: f64, unit: Option<&ast::UnitExpression>, span: Span) -> Typed {
        match unit {
            None => Typed {
                free: value == 0.0,
                bare: true,
                ..Typed::plain(Expression::Number(value), span)
            },
            Some(unit) => match self.unit(unit) {
                Some(meaning) => {
                    Typed::number(Expression::Number(value * meaning.scale), meaning.dimension, span)
                }
                None => Typed::poison(span),
            },
        }
    }

    fn name(&mut self, name: &Name, scope: &Scope) -> Typed {
        if let Some((_, typed)) = scope.arguments.iter().rev().find(|(n, _)| *n == name.text) {
            let mut size = 0;
            typed.value.each_below(&mut |_| size += 1);
            if !self.may_grow(size, name.span) {
                return Typed::poison(name.span);
            }
            return Typed {
                span: name.span,
                factors: Vec::new(),
                ..typed.clone()
            };
        }
        if scope.binder(&name.text).is_some() {
            let diagnostic = Diagnostic::error(
                "E0203",
                format!("`{}` is an element, not a number", name.text),
                name.span,
            )
            .help(format!(
                "compare it (`{0} == ..`, `{0} in ..`) or use it as a subscript",
                name.text
            ));
            self.report(diagnostic);
            return Typed::poison(name.span);
        }
        if self.quantity_ids.contains_key(&name.text) {
            return self.subscripted(name, &[], name.span, scope);
        }
        if let Some(typed) = calendar(&name.text, name.span) {
            return typed;
        }
        if let Some(meaning) = self.units.get(&name.text).cloned() {
            return Typed::number(Expression::Number(meaning.scale), meaning.dimension, name.span);
        }
        match name.text.as_str() {
            "true" => return Typed::condition(Expression::Number(1.0), name.span),
            "false" => return Typed::condition(Expression::Number(0.0), name.span),
            _ => {}
        }
        self.unknown_value(name, scope);
        Typed::poison(name.span)
    }

    fn unknown_value(&mut self, name: &Name, scope: &Scope) {
        if let Some(index) = self.index_with(&name.text) {
            let diagnostic = Diagnostic::error(
                "E0203",
                format!("`{}` is an element of `{index}`, not a number", name.text),
                name.span,
            )
            .help(format!(
                "use it as a subscript, `..[{}]`, or compare it, `.. == {}`",
                name.text, name.text
            ));
            self.report(diagnostic);
            return;
        }
        if let Some(treaty) = self.treaty(&name.text) {
            let diagnostic = Diagnostic::error(
                "E0203",
                format!("`{}` is a treaty, not a number", name.text),
                name.span,
            )
            .label(treaty.name.span, "declared here")
            .help(format!("ask for a part of it: {}", parts_of(&name.text)));
            self.report(diagnostic);
            return;
        }
        let diagnostic = self.unknown("quantity", name, |checker| {
            let arguments = scope.arguments.iter().map(|(n, _)| n.as_str());
            arguments
                .chain(checker.quantity_ids.keys().map(String::as_str))
                .chain(checker.units.names())
        });
        self.report(diagnostic);
    }

    fn treaty(&self, name: &str) -> Option<&'a ast::Declaration> {
        let declaration = self.names.get(Space::Values, name)?;
        matches!(declaration.kind, DeclarationKind::Treaty(_)).then_some(declaration)
    }

    /// Lowers a quantity with its subscripts.
    fn subscripted(
        &mut self,
        name: &Name,
        subscripts: &[ast::Expression],
        span: Span,
        scope: &Scope,
    ) -> Typed {
        let Some(id) = self.quantity_ids.get(&name.text).copied() else {
            self.unknown_value(name, scope);
            return Typed::poison(span);
        };
        let declaration = self.quantities[id.position()];
        let refusal = match &declaration.kind {
            DeclarationKind::Event { .. } => Some((
                "an event is no number",
                format!(
                    "ask whether it `happened({0})` or `occurred({0})`, or `count({0})`",
                    name.text
                ),
            )),
            DeclarationKind::Choice(_) => Some((
                "a choice is no number",
                format!("compare it with an option: `{} == ..`", name.text),
            )),
            DeclarationKind::Attribute { stocks, .. } => Some((
                "an attribute is read off one of its stocks",
                format!(
                    "write `{} of {}`",
                    name.text,
                    stocks.first().map_or("..", |s| s.text.as_str())
                ),
            )),
            DeclarationKind::Transfer { .. } => Some((
                "a transfer is no number",
                "put the amount into a `let` and name that".to_owned(),
            )),
            DeclarationKind::Series { .. } => Some((
                "a series is only recorded",
                "put the value into a `let` and name that".to_owned(),
            )),
            DeclarationKind::Measure { .. } | DeclarationKind::Question { .. } if !scope.reading => Some((
                "a measure is read off a finished future, so an equation cannot use it",
                "put the value into a `let` and name that".to_owned(),
            )),
            _ => None,
        };
        if let Some((message, help)) = refusal {
            self.report(
                Diagnostic::error("E0203", message, span)
                    .label(declaration.name.span, "declared here")
                    .help(help),
            );
            return Typed::poison(span);
        }
        let Some(reference) = self.reference(id, subscripts, span, scope) else {
            return Typed::poison(span);
        };
        let value = Expression::Quantity(reference);
        match &self.signatures[id.position()].typing {
            Typing::Known(type_) => Typed {
                kind: type_.unit.kind,
                ..Typed::number(value, type_.dimension.clone(), span)
            },
            Typing::Open => Typed {
                free: true,
                ..Typed::plain(value, span)
            },
            Typing::Unknown | Typing::Wrong | Typing::Poisoned => Typed::poison(span),
        }
    }

    /// Resolves the subscripts of a quantity.
    pub(super) fn reference(
        &mut self,
        id: QuantityId,
        subscripts: &[ast::Expression],
        span: Span,
        scope: &Scope,
    ) -> Option<QuantityRef> {
        let shape = self.signatures[id.position()].shape.clone();
        if matches!(self.signatures[id.position()].typing, Typing::Poisoned)
            && shape.len() != subscripts.len()
        {
            return None;
        }
        if shape.len() != subscripts.len() {
            let names: Vec<String> = shape
                .iter()
                .map(|i| self.indices[i.position()].name.clone())
                .collect();
            let spoken = self.spoken(id);
            let declared = self.quantities[id.position()].name.clone();
            let message = match (shape.len(), subscripts.len()) {
                (0, _) => format!("{spoken} has no index"),
                (_, 0) => format!("{spoken} has a value for each {}", names.join(" and ")),
                (1, given) => format!("{spoken} has one index, and here are {given} subscripts"),
                (wanted, given) => format!("{spoken} has {wanted} indices, and here are {given} subscripts"),
            };
            let mut diagnostic =
                Diagnostic::error("E0205", message, span).label(declared.span, "declared here");
            if !names.is_empty() {
                diagnostic = diagnostic.help(format!(
                    "write `{}[{}]` with an element or a bound name for each",
                    declared.text,
                    names.join(", ")
                ));
            }
            self.report(diagnostic);
            return None;
        }
        let resolved: Vec<Option<Subscript>> = shape
            .iter()
            .zip(subscripts)
            .map(|(index, subscript)| self.subscript(*index, subscript, scope))
            .collect();
        Some(QuantityRef {
            quantity: id,
            subscripts: resolved.into_iter().collect::<Option<Vec<_>>>()?,
        })
    }

    /// Resolves one subscript.
    pub(super) fn subscript(
        &mut self,
        index: IndexId,
        subscript: &ast::Expression,
        scope: &Scope,
    ) -> Option<Subscript> {
        match &subscript.kind {
            ExpressionKind::Missing => None,
            ExpressionKind::Name(text) => {
                if let Some((binder, bound)) = scope.binder(text) {
                    self.fits_index(index, bound, subscript.span)?;
                    return Some(Subscript::Binder(binder));
                }
                let name = Name {
                    text: text.clone(),
                    span: subscript.span,
                };
                self.member(index, &name).map(Subscript::Element)
            }
            ExpressionKind::Call(name, arguments) => {
                let Some(map) = self.map(&name.text) else {
                    let diagnostic = self.unknown("map", name, |checker| {
                        checker.maps.iter().map(|m| m.name.as_str())
                    });
                    self.report(diagnostic);
                    return None;
                };
                let (from, to) = (self.maps[map.position()].from, self.maps[map.position()].to);
                let [Argument { key: None, value }] = arguments.as_slice() else {
                    self.wrong("E0205", "a map takes one element", subscript.span);
                    return None;
                };
                self.fits_index(index, to, subscript.span)?;
                let inner = self.subscript(from, value, scope)?;
                Some(Subscript::Mapped(map, Box::new(inner)))
            }
            _ => {
                let diagnostic = Diagnostic::error("E0205", "a subscript is an element, a bound name, or a map of one", subscript.span)
                    .help("elements are not computed; use a map, or a condition such as `if s == kursk then .. else ..`");
                self.report(diagnostic);
                None
            }
        }
    }

    /// Checks that every member of one index may stand where another is wanted.
    fn fits_index(&mut self, wanted: IndexId, given: IndexId, span: Span) -> Option<()> {
        let (wanted_index, given_index) = (&self.indices[wanted.position()], &self.indices[given.position()]);
        if wanted_index.root != given_index.root {
            let message = format!(
                "this runs over `{}`, and `{}` is wanted here",
                given_index.name, wanted_index.name
            );
            self.report(Diagnostic::error("E0207", message, span));
            return None;
        }
        let outside = given_index
            .members
            .iter()
            .find(|m| !wanted_index.members.contains(m))
            .copied();
        if let Some(outside) = outside {
            let root = &self.indices[wanted_index.root.position()];
            let message = format!(
                "this runs over `{}`, whose `{}` does not belong to `{}`",
                given_index.name, root.elements[outside.0 as usize].name, wanted_index.name
            );
            self.report(Diagnostic::error("E0207", message, span));
            return None;
        }
        Some(())
    }

    fn unary(&mut self, operator: Operator, operand: &ast::Expression, span: Span, scope: &Scope) -> Typed {
        let operand = self.expression(operand, scope);
        match operator {
            Operator::Not => {
                if self.inferring {
                    return Typed::condition(operand.value, span);
                }
                if !self.is_condition(&operand) {
                    return Typed::poison(span);
                }
                Typed::condition(Expression::Unary(Unary::Not, operand.value_box()), span)
            }
            _ => {
                if !operand.poisoned && operand.kind != ValueKind::Number {
                    return self.wrong(
                        "E0306",
                        &format!("{} has no negative", operand.spoken_type()),
                        span,
                    );
                }
                let value = match operand.value {
                    Expression::Number(number) => Expression::Number(-number),
                    value => Expression::Unary(Unary::Negate, Box::new(value)),
                };
                Typed {
                    value,
                    span,
                    ..operand
                }
            }
        }
    }

    fn is_condition(&mut self, typed: &Typed) -> bool {
        if typed.poisoned {
            return false;
        }
        if typed.kind != ValueKind::Condition {
            let diagnostic = Diagnostic::error(
                "E0306",
                format!("a condition is wanted here, and this is {}", typed.spoken_type()),
                typed.span,
            )
            .help("compare it with something: `.. > 0`");
            self.report(diagnostic);
            return false;
        }
        true
    }

    /// Checks that it is a plain number; returns whether it may be used.
    pub(super) fn is_plain(&mut self, typed: &Typed, what: &str) -> bool {
        if typed.poisoned {
            return false;
        }
        if typed.kind != ValueKind::Number || !(typed.dimension.is_plain() || typed.free) {
            let mut diagnostic = Diagnostic::error(
                "E0303",
                format!("{what} is a plain number, and this is {}", typed.spoken_type()),
                typed.span,
            );
            if typed.kind == ValueKind::Number {
                diagnostic =
                    diagnostic.help(format!("divide it by a reference value in {}", typed.dimension));
            }
            self.report(diagnostic);
            return false;
        }
        true
    }

    fn binary(
        &mut self,
        operator: Operator,
        left: &ast::Expression,
        right: &ast::Expression,
        span: Span,
        scope: &Scope,
    ) -> Typed {
        if matches!(operator, Operator::Equal | Operator::NotEqual)
            && let Some(typed) = self.comparison_of_names(operator, left, right, span, scope)
        {
            return typed;
        }
        let left = self.expression(left, scope);
        let right = self.expression(right, scope);
        self.combine(operator, left, right, span)
    }

    fn combine(&mut self, operator: Operator, left: Typed, right: Typed, span: Span) -> Typed {
        let arithmetic = matches!(
            operator,
            Operator::Add | Operator::Subtract | Operator::Multiply | Operator::Divide | Operator::Power
        );
        if self.inferring && !arithmetic {
            // Whatever the operands are, this is a condition.
            return Typed::condition(left.value, span);
        }
        match operator {
            Operator::And | Operator::Or => {
                let (a, b) = (self.is_condition(&left), self.is_condition(&right));
                if !(a && b) {
                    return Typed::poison(span);
                }
                Typed::condition(binary(operator, left, right), span)
            }
            Operator::Add | Operator::Subtract => self.sum(operator, left, right, span),
            Operator::Multiply | Operator::Divide => self.product(operator, left, right, span),
            Operator::Power => self.power(left, right, span),
            _ => {
                if !self.alike(operator, &left, &right, span) {
                    return Typed::poison(span);
                }
                Typed::condition(binary(operator, left, right), span)
            }
        }
    }

    fn sum(&mut self, operator: Operator, left: Typed, right: Typed, span: Span) -> Typed {
        let time = Dimension::time();
        let is_time =
            |typed: &Typed| typed.kind == ValueKind::Number && (typed.dimension == time || typed.free);
        match (left.kind, right.kind) {
            (ValueKind::Date, ValueKind::Date) if operator == Operator::Subtract => {
                return Typed::number(binary(operator, left, right), time, span);
            }
            (ValueKind::Date, ValueKind::Number) if is_time(&right) => {
                return Typed {
                    kind: ValueKind::Date,
                    ..Typed::plain(binary(operator, left, right), span)
                };
            }
            (ValueKind::Number, ValueKind::Date) if operator == Operator::Add && is_time(&left) => {
                return Typed {
                    kind: ValueKind::Date,
                    ..Typed::plain(binary(operator, left, right), span)
                };
            }
            _ => {}
        }
        if !self.alike(operator, &left, &right, span) {
            return Typed::poison(span);
        }
        let dimension = if left.free {
            right.dimension.clone()
        } else {
            left.dimension.clone()
        };
        let (free, bare) = (left.free && right.free, left.bare && right.bare);
        if left.kind != ValueKind::Number {
            return self.wrong(
                "E0306",
                &format!("{} cannot be added or subtracted", left.spoken_type()),
                span,
            );
        }
        Typed {
            free,
            bare,
            ..Typed::number(binary(operator, left, right), dimension, span)
        }
    }

    /// Checks that two operands have the same type; returns whether they may be used.
    fn alike(&mut self, operator: Operator, left: &Typed, right: &Typed, span: Span) -> bool {
        if left.poisoned || right.poisoned {
            return false;
        }
        let same_kind = left.kind == right.kind;
        let fits =
            left.free && left.kind == ValueKind::Number || right.free && right.kind == ValueKind::Number;
        if same_kind && (fits || left.dimension == right.dimension) {
            return true;
        }
        let verb = match operator {
            Operator::Add => "added to",
            Operator::Subtract => "subtracted from",
            _ => "compared with",
        };
        let (first, second) = if operator == Operator::Subtract {
            (right, left)
        } else {
            (left, right)
        };
        let code = if same_kind { "E0302" } else { "E0306" };
        let diagnostic = Diagnostic::error(
            code,
            format!(
                "{} cannot be {verb} {}",
                first.spoken_type(),
                second.spoken_type()
            ),
            span,
        )
        .label(left.span, left.spoken_type())
        .label(right.span, right.spoken_type());
        let diagnostic = if same_kind && left.bare != right.bare {
            let unit = if left.bare {
                &right.dimension
            } else {
                &left.dimension
            };
            diagnostic.help(format!("give the number its unit: `.. {unit}`"))
        } else {
            diagnostic
        };
        self.report(diagnostic);
        false
    }

    fn product(&mut self, operator: Operator, left: Typed, right: Typed, span: Span) -> Typed {
        if left.poisoned || right.poisoned {
            return Typed::poison(span);
        }
        for operand in [&left, &right] {
            if operand.kind != ValueKind::Number {
                let diagnostic = Diagnostic::error(
                    "E0306",
                    format!("{} cannot be multiplied or divided", operand.spoken_type()),
                    operand.span,
                )
                .help("use `if .. then .. else ..` to turn a condition into a number");
                self.report(diagnostic);
                return Typed::poison(span);
            }
        }
        let divides = operator == Operator::Divide;
        let dimension = if divides {
            left.dimension.per(&right.dimension)
        } else {
            left.dimension.times(&right.dimension)
        };
        let factors_of = |typed: &Typed, inverted: bool| -> Vec<(Span, Dimension)> {
            if typed.factors.is_empty() || inverted {
                vec![(typed.span, typed.dimension.clone())]
            } else {
                typed.factors.clone()
            }
        };
        let mut factors = factors_of(&left, false);
        factors.extend(factors_of(&right, divides));
        let bare = left.bare && right.bare;
        let free = left.free || right.free && !divides || self.stays_open(right.free);
        Typed {
            bare,
            free,
            factors,
            ..Typed::number(binary(operator, left, right), dimension, span)
        }
    }

    fn power(&mut self, base: Typed, exponent: Typed, span: Span) -> Typed {
        if base.poisoned || !self.is_plain(&exponent, "an exponent") {
            return Typed::poison(span);
        }
        if base.kind != ValueKind::Number {
            return self.wrong("E0306", &format!("{} has no powers", base.spoken_type()), span);
        }
        if base.dimension.is_plain() || base.free {
            let bare = base.bare && exponent.bare;
            return Typed {
                bare,
                free: self.stays_open(base.free),
                ..Typed::plain(binary(Operator::Power, base, exponent), span)
            };
        }
        let literal = match exponent.value {
            Expression::Number(value) => Exponent::from_number(value),
            _ => None,
        };
        let Some(literal) = literal else {
            let diagnostic = Diagnostic::error(
                "E0305",
                format!(
                    "the base of this power is in {}, so its exponent has to be a literal number",
                    base.dimension
                ),
                span,
            )
            .label(base.span, base.dimension.to_string())
            .label(exponent.span, "not a literal number")
            .help("divide the base by a reference value of the same unit, so that it is a plain number");
            self.report(diagnostic);
            return Typed::poison(span);
        };
        let dimension = base.dimension.to_the(literal);
        Typed::number(binary(Operator::Power, base, exponent), dimension, span)
    }

    /// Lowers `==` and `!=` between elements, or between a choice and an option; none if it is about neither.
    fn comparison_of_names(
        &mut self,
        operator: Operator,
        left: &ast::Expression,
        right: &ast::Expression,
        span: Span,
        scope: &Scope,
    ) -> Option<Typed> {
        let negate = |value: Expression| {
            if operator == Operator::NotEqual {
                Expression::Unary(Unary::Not, Box::new(value))
            } else {
                value
            }
        };
        for (choice, option) in [(left, right), (right, left)] {
            if let Some(id) = self.choice(choice) {
                return Some(match self.chosen(id, choice, option, scope) {
                    Some(value) => Typed::condition(negate(value), span),
                    None => Typed::poison(span),
                });
            }
        }
        let index = self
            .index_of_element(left, scope)
            .or_else(|| self.index_of_element(right, scope))?;
        let root = self.root_of(index);
        let (left, right) = (
            self.subscript(root, left, scope),
            self.subscript(root, right, scope),
        );
        Some(match (left, right) {
            (Some(left), Some(right)) => Typed::condition(negate(Expression::SameElement(left, right)), span),
            _ => Typed::poison(span),
        })
    }

    fn choice(&self, expression: &ast::Expression) -> Option<QuantityId> {
        let name = match &expression.kind {
            ExpressionKind::Name(name) => name,
            ExpressionKind::Subscripted(name, _) => &name.text,
            _ => return None,
        };
        let id = *self.quantity_ids.get(name)?;
        matches!(self.quantities[id.position()].kind, DeclarationKind::Choice(_)).then_some(id)
    }

    fn chosen(
        &mut self,
        id: QuantityId,
        choice: &ast::Expression,
        option: &ast::Expression,
        scope: &Scope,
    ) -> Option<Expression> {
        let subscripts = match &choice.kind {
            ExpressionKind::Subscripted(_, subscripts) => subscripts.as_slice(),
            _ => &[],
        };
        let reference = self.reference(id, subscripts, choice.span, scope)?;
        let name = match &option.kind {
            ExpressionKind::Name(name) => Name {
                text: name.clone(),
                span: option.span,
            },
            ExpressionKind::Missing => return None,
            _ => {
                self.report(Diagnostic::error(
                    "E0306",
                    "a choice is compared with one of its options",
                    option.span,
                ));
                return None;
            }
        };
        let position = self.option(id, &name)?;
        Some(Expression::Chosen(reference, position))
    }

    /// Returns the position of an option, or reports that the choice has no such option.
    pub(super) fn option(&mut self, id: QuantityId, name: &Name) -> Option<u32> {
        let declaration = self.quantities[id.position()];
        let DeclarationKind::Choice(choice) = &declaration.kind else {
            return None;
        };
        if let Some(position) = choice.options.iter().position(|o| o.name.text == name.text) {
            return Some(position as u32);
        }
        let options: Vec<String> = choice.options.iter().map(|o| o.name.text.clone()).collect();
        let mut diagnostic = Diagnostic::error(
            "E0201",
            format!(
                "the choice `{}` has no option `{}`",
                declaration.name.text, name.text
            ),
            name.span,
        );
        diagnostic = match did_you_mean(&name.text, options.iter().map(String::as_str)) {
            Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
            None => diagnostic.help(format!("its options are {}", super::list(&options))),
        };
        self.report(diagnostic);
        None
    }

    /// Returns the index of an expression that names an element: a bound name, a map of one, or an element.
    fn index_of_element(&self, expression: &ast::Expression, scope: &Scope) -> Option<IndexId> {
        match &expression.kind {
            ExpressionKind::Name(name) => scope.binder(name).map(|(_, index)| index),
            ExpressionKind::Call(name, _) => self.map(&name.text).map(|map| self.maps[map.position()].to),
            _ => None,
        }
    }

    fn member_of(&mut self, element: &ast::Expression, subset: &Name, span: Span, scope: &Scope) -> Typed {
        let Some(subset) = self.index(subset) else {
            return Typed::poison(span);
        };
        let root = self.root_of(subset);
        match self.subscript(root, element, scope) {
            Some(subscript) => Typed::condition(Expression::Member(subscript, subset), span),
            None => Typed::poison(span),
        }
    }

    fn conditional(
        &mut self,
        condition: &ast::Expression,
        yes: &ast::Expression,
        no: &ast::Expression,
        span: Span,
        scope: &Scope,
    ) -> Typed {
        let condition = self.expression(condition, scope);
        let decided = self.inferring || self.is_condition(&condition);
        let (yes, no) = (self.expression(yes, scope), self.expression(no, scope));
        if self.inferring && yes.poisoned != no.poisoned {
            return if yes.poisoned { no } else { yes };
        }
        if !decided || yes.poisoned || no.poisoned {
            return Typed::poison(span);
        }
        let fits = yes.kind == no.kind && (yes.dimension == no.dimension || yes.free || no.free);
        if !fits {
            let diagnostic = Diagnostic::error(
                if yes.kind == no.kind { "E0302" } else { "E0306" },
                format!(
                    "one branch is {}, the other {}",
                    yes.spoken_type(),
                    no.spoken_type()
                ),
                span,
            )
            .label(yes.span, yes.spoken_type())
            .label(no.span, no.spoken_type());
            self.report(diagnostic);
            return Typed::poison(span);
        }
        let dimension = if yes.free {
            no.dimension.clone()
        } else {
            yes.dimension.clone()
        };
        let (free, kind, bare) = (yes.free && no.free, yes.kind, yes.bare && no.bare);
        if !self.inferring {
            self.conditions.push((condition.span, condition.value.clone()));
        }
        let value = Expression::If(condition.value_box(), yes.value_box(), no.value_box());
        Typed {
            kind,
            free,
            bare,
            ..Typed::number(value, dimension, span)
        }
    }

    /// Lowers `x of y`: a share, an attribute of a stock, or a reduction over time.
    fn of(&mut self, left: &ast::Expression, right: &ast::Expression, span: Span, scope: &Scope) -> Typed {
        if let ExpressionKind::Name(name) = &left.kind {
            let wrap: Option<fn(Box<Expression>) -> Expression> = match name.as_str() {
                "change" => Some(Expression::ChangeOf),
                "total" => Some(Expression::TotalOf),
                "highest" => Some(Expression::HighestOf),
                "lowest" => Some(Expression::LowestOf),
                "average" => Some(Expression::AverageOf),
                _ => None,
            };
            if let Some(wrap) = wrap {
                return self.over_time(name, wrap, right, span, scope);
            }
            if let Some(id) = self.quantity_ids.get(name).copied()
                && matches!(
                    self.quantities[id.position()].kind,
                    DeclarationKind::Attribute { .. }
                )
            {
                return self.attribute_of(id, right, span, scope);
            }
            if let Some(of) = super::written::name_of(right).filter(|of| self.treaty(of).is_some()) {
                let part = Name {
                    text: name.clone(),
                    span: left.span,
                };
                let diagnostic =
                    Diagnostic::error("E0203", format!("a treaty has no part `{name}`"), left.span);
                let mut diagnostic = self.suggest(diagnostic, &part, |_| treaty::PARTS.iter().copied());
                if diagnostic.help.is_none() {
                    diagnostic = diagnostic.help(format!("its parts are {}", parts_of(of)));
                }
                self.report(diagnostic);
                return Typed::poison(span);
            }
        }
        let left = self.expression(left, scope);
        let right = self.expression(right, scope);
        self.product(Operator::Multiply, left, right, span)
    }

    fn over_time(
        &mut self,
        word: &str,
        wrap: fn(Box<Expression>) -> Expression,
        operand: &ast::Expression,
        span: Span,
        scope: &Scope,
    ) -> Typed {
        let operand = self.expression(operand, scope);
        if operand.poisoned {
            return Typed::poison(span);
        }
        if !scope.reading {
            let diagnostic = Diagnostic::error(
                "E0203",
                format!("`{word} of` looks over time, which only a measure or question can do"),
                span,
            )
            .help("in an equation use `cumulative(..)`, `previous(..)` or `smooth(..)`");
            self.report(diagnostic);
            return Typed::poison(span);
        }
        if operand.kind != ValueKind::Number {
            return self.wrong(
                "E0306",
                &format!(
                    "`{word} of` takes a number, and this is {}",
                    operand.spoken_type()
                ),
                span,
            );
        }
        let dimension = if word == "total" {
            operand.dimension.times(&Dimension::time())
        } else {
            operand.dimension.clone()
        };
        Typed::number(wrap(operand.value_box()), dimension, span)
    }

    fn attribute_of(
        &mut self,
        attribute: QuantityId,
        stock: &ast::Expression,
        span: Span,
        scope: &Scope,
    ) -> Typed {
        let (name, subscripts): (Name, &[ast::Expression]) = match &stock.kind {
            ExpressionKind::Name(name) => (
                Name {
                    text: name.clone(),
                    span: stock.span,
                },
                &[],
            ),
            ExpressionKind::Subscripted(name, subscripts) => (name.clone(), subscripts),
            ExpressionKind::Missing => return Typed::poison(span),
            _ => return self.wrong("E0708", "an attribute is read off a stock", stock.span),
        };
        let declaration = self.quantities[attribute.position()];
        let DeclarationKind::Attribute { stocks, .. } = &declaration.kind else {
            return Typed::poison(span);
        };
        if !stocks.iter().any(|s| s.text == name.text) {
            let names: Vec<String> = stocks.iter().map(|s| s.text.clone()).collect();
            let diagnostic = Diagnostic::error(
                "E0708",
                format!("`{}` is no attribute of `{}`", declaration.name.text, name.text),
                span,
            )
            .label(declaration.name.span, "declared here")
            .help(format!("it is an attribute of {}", super::list(&names)));
            self.report(diagnostic);
            return Typed::poison(span);
        }
        let Some(id) = self.quantity_ids.get(&name.text).copied() else {
            return Typed::poison(span);
        };
        let Some(stock) = self.reference(id, subscripts, stock.span, scope) else {
            return Typed::poison(span);
        };
        let Some(type_) = self.type_of(attribute) else {
            return Typed::poison(span);
        };
        Typed::number(
            Expression::Attribute(AttributeRef { attribute, stock }),
            type_.dimension,
            span,
        )
    }

    fn reduce(
        &mut self,
        name: &Name,
        body: &ast::Expression,
        over: &[(Name, Name)],
        filter: Option<&ast::Expression>,
        span: Span,
        scope: &Scope,
    ) -> Typed {
        let mut inner = scope.clone();
        let mut bound = Vec::new();
        for (binder, index) in over {
            let Some(index) = self.index(index) else {
                return Typed::poison(span);
            };
            let id = self.new_binder();
            inner.binders.push((binder.text.clone(), id, index));
            bound.push((id, index));
        }
        let filter = match filter {
            None => None,
            Some(filter) => {
                let filter = self.expression(filter, &inner);
                if !self.is_condition(&filter) {
                    return Typed::poison(span);
                }
                Some(filter.value_box())
            }
        };
        let body = self.expression(body, &inner);
        let reduction = match name.text.as_str() {
            "sum" => Reduction::Sum,
            "product" => Reduction::Product,
            "min" => Reduction::Min,
            "max" => Reduction::Max,
            "mean" => Reduction::Mean,
            "any" => Reduction::Any,
            "all" => Reduction::All,
            "count" => Reduction::Count,
            _ => {
                let known = ["sum", "product", "min", "max", "mean", "any", "all", "count"];
                let diagnostic = self.unknown("reduction", name, |_| known.into_iter());
                self.report(diagnostic);
                return Typed::poison(span);
            }
        };
        let of_conditions = matches!(reduction, Reduction::Any | Reduction::All | Reduction::Count);
        if of_conditions && !self.is_condition(&body) || body.poisoned {
            return Typed::poison(span);
        }
        if !of_conditions && body.kind != ValueKind::Number {
            return self.wrong(
                "E0306",
                &format!(
                    "`{}` takes numbers, and this is {}",
                    name.text,
                    body.spoken_type()
                ),
                body.span,
            );
        }
        let dimension = match reduction {
            Reduction::Product if !body.dimension.is_plain() => {
                if !self.is_plain(&body, "a factor of a product over elements") {
                    return Typed::poison(span);
                }
                Dimension::plain()
            }
            Reduction::Count | Reduction::Any | Reduction::All => Dimension::plain(),
            _ => body.dimension.clone(),
        };
        let kind = if matches!(reduction, Reduction::Any | Reduction::All) {
            ValueKind::Condition
        } else {
            ValueKind::Number
        };
        let free = self.stays_open(body.free) && kind == ValueKind::Number && reduction != Reduction::Count;
        let value = Expression::Reduce {
            reduction,
            over: bound,
            filter,
            body: body.value_box(),
        };
        Typed {
            kind,
            free,
            ..Typed::number(value, dimension, span)
        }
    }

    fn call(&mut self, name: &Name, arguments: &[Argument], span: Span, scope: &Scope) -> Typed {
        if let Some(keyed) = arguments.iter().find_map(|argument| argument.key.as_ref()) {
            let message = format!("`{}` takes no named arguments", name.text);
            return self.wrong("E0204", &message, keyed.span);
        }
        let values: Vec<&ast::Expression> = arguments.iter().map(|argument| &argument.value).collect();
        if FUNCTIONS.iter().any(|(function, ..)| *function == name.text) {
            return self.function_call(name, &values, span, scope);
        }
        if name.text == "pow" {
            return self.pow(name, &values, span, scope);
        }
        if TIME_OPERATORS.contains(&name.text.as_str()) {
            return self.time_call(name, &values, span, scope);
        }
        if let Some(function) = self.functions.get(name.text.as_str()).copied() {
            return self.inline(name, function, &values, span, scope);
        }
        match self.evidence_call(name, &values, span) {
            Some(typed) => typed,
            None => self.refuse_call(name, span),
        }
    }

    fn pow(&mut self, name: &Name, values: &[&ast::Expression], span: Span, scope: &Scope) -> Typed {
        let [base, exponent] = values else {
            self.takes(
                name,
                values.len(),
                "two arguments: a base and an exponent",
                false,
                span,
            );
            return Typed::poison(span);
        };
        let (base, exponent) = (self.expression(base, scope), self.expression(exponent, scope));
        self.power(base, exponent, span)
    }

    #[inline(never)]
    fn refuse_call(&mut self, name: &Name, span: Span) -> Typed {
        let diagnostic = match self.names.get(Space::Values, &name.text) {
            Some(declaration) if matches!(declaration.kind, DeclarationKind::Map { .. }) => {
                Diagnostic::error(
                    "E0203",
                    "a map gives an element, not a number: it stands in subscripts",
                    span,
                )
            }
            Some(declaration) => {
                Diagnostic::error("E0204", format!("`{}` is no function", name.text), name.span)
                    .label(declaration.name.span, "declared here")
                    .help("subscripts stand in square brackets")
            }
            None if super::distributions::is_distribution(&name.text) => {
                let message = format!("`{}` is a distribution, not a value", name.text);
                Diagnostic::error("E0203", message, span).help(format!(
                    "draw from it: `param x ~ {0}(..)` or `noise x ~ {0}(..)`",
                    name.text
                ))
            }
            None => self.unknown("function", name, |checker| {
                let own = checker.functions.keys().map(|name| -> &str { name });
                own.chain(built_in_functions().map(|name| -> &str { name }))
            }),
        };
        self.report(diagnostic);
        Typed::poison(span)
    }

    /// Checks the number of arguments; returns whether it is right.
    pub(super) fn takes(&mut self, name: &Name, given: usize, wanted: &str, right: bool, span: Span) -> bool {
        if !right {
            let diagnostic = Diagnostic::error(
                "E0204",
                format!("`{}` takes {wanted}, and here are {given}", name.text),
                span,
            );
            self.report(diagnostic);
        }
        right
    }

    fn function_call(
        &mut self,
        name: &Name,
        values: &[&ast::Expression],
        span: Span,
        scope: &Scope,
    ) -> Typed {
        let operands: Vec<Typed> = values.iter().map(|value| self.expression(value, scope)).collect();
        self.apply_function(name, operands, span)
    }

    /// Applies a built-in function of plain values. Apart from the lowering of operands, so that deep expressions need little stack.
    #[inline(never)]
    fn apply_function(&mut self, name: &Name, operands: Vec<Typed>, span: Span) -> Typed {
        let Some((_, function, typing)) = FUNCTIONS.iter().find(|(n, ..)| *n == name.text) else {
            return Typed::poison(span);
        };
        let (wanted, right) = match typing {
            FunctionTyping::Alike => ("at least one argument", !operands.is_empty()),
            FunctionTyping::Clamp => (
                "three arguments: a value, the least and the greatest",
                operands.len() == 3,
            ),
            _ => ("one argument", operands.len() == 1),
        };
        if !self.takes(name, operands.len(), wanted, right, span) || operands.iter().any(|o| o.poisoned) {
            return Typed::poison(span);
        }
        if let Some(wrong) = operands.iter().find(|o| o.kind != ValueKind::Number) {
            let message = format!(
                "`{}` takes numbers, and this is {}",
                name.text,
                wrong.spoken_type()
            );
            return self.wrong("E0306", &message, wrong.span);
        }
        let first = operands.iter().find(|o| !o.free).unwrap_or(&operands[0]);
        let dimension = match typing {
            FunctionTyping::Plain => Dimension::plain(),
            FunctionTyping::Root => first.dimension.to_the(Exponent::new(1, 2)),
            FunctionTyping::Same | FunctionTyping::Alike | FunctionTyping::Clamp => first.dimension.clone(),
        };
        let fits = match typing {
            FunctionTyping::Plain => self.is_plain(first, &format!("the argument of `{}`", name.text)),
            _ => operands
                .iter()
                .all(|operand| self.alike(Operator::Less, first, operand, span)),
        };
        if !fits {
            return Typed::poison(span);
        }
        let bare = operands.iter().all(|o| o.bare);
        let open = !matches!(typing, FunctionTyping::Plain) && operands.iter().all(|o| o.free);
        let values = operands.into_iter().map(|o| o.value).collect();
        Typed {
            bare,
            free: self.stays_open(open),
            ..Typed::number(Expression::Call(*function, values), dimension, span)
        }
    }

    fn time_call(&mut self, name: &Name, values: &[&ast::Expression], span: Span, scope: &Scope) -> Typed {
        let (wanted, count) = match name.text.as_str() {
            "previous" => ("two arguments: a value and what it is before the first step", 2),
            "delay" | "smooth" => (
                "three arguments: a value, a time, and what it is before the start",
                3,
            ),
            _ => ("one argument", 1),
        };
        if !self.takes(name, values.len(), wanted, values.len() == count, span) {
            return Typed::poison(span);
        }
        match (name.text.as_str(), values) {
            ("previous", [value, before]) => {
                self.carried(value, None, before, span, scope, |x, _, before| {
                    Expression::Previous(x, before)
                })
            }
            ("delay", [value, time, before]) => {
                self.carried(value, Some(time), before, span, scope, Expression::Delay)
            }
            ("smooth", [value, time, before]) => {
                self.carried(value, Some(time), before, span, scope, Expression::Smooth)
            }
            ("cumulative", [value]) => {
                let x = self.expression(value, scope);
                if x.poisoned || x.kind != ValueKind::Number {
                    return self.wrong_unless_poisoned(&x, "`cumulative` takes a number");
                }
                let dimension = x.dimension.times(&Dimension::time());
                Typed {
                    free: self.stays_open(x.free),
                    ..Typed::number(Expression::Cumulative(x.value_box()), dimension, span)
                }
            }
            ("initial", [value]) => {
                let x = self.expression(value, scope);
                Typed {
                    value: Expression::Initial(Box::new(x.value)),
                    span,
                    factors: Vec::new(),
                    ..x
                }
            }
            (operator @ ("happened" | "occurred" | "count" | "since"), [event]) => {
                self.of_event(operator, event, span, scope)
            }
            (operator, [flow]) => self.of_flow(operator, flow, span, scope),
            _ => Typed::poison(span),
        }
    }

    fn wrong_unless_poisoned(&mut self, typed: &Typed, wanted: &str) -> Typed {
        if typed.poisoned {
            return Typed::poison(typed.span);
        }
        let message = format!("{wanted}, and this is {}", typed.spoken_type());
        self.wrong("E0306", &message, typed.span)
    }

    /// Lowers an operator that carries a value from earlier steps. Its type is that of the value before the start, unless that is the
    /// number 0; so a quantity may refer to itself through it.
    fn carried(
        &mut self,
        value: &ast::Expression,
        time: Option<&ast::Expression>,
        before: &ast::Expression,
        span: Span,
        scope: &Scope,
        make: fn(Box<Expression>, Box<Expression>, Box<Expression>) -> Expression,
    ) -> Typed {
        let before = self.expression(before, scope);
        let time = match time {
            None => Box::new(Expression::Number(0.0)),
            Some(time) => {
                let time = self.expression(time, scope);
                if !time.poisoned && (time.kind != ValueKind::Number || time.dimension != Dimension::time()) {
                    let diagnostic = Diagnostic::error(
                        "E0303",
                        format!(
                            "a length of time is wanted here, and this is {}",
                            time.spoken_type()
                        ),
                        time.span,
                    )
                    .help("write for example `4 weeks`");
                    self.report(diagnostic);
                    return Typed::poison(span);
                }
                time.value_box()
            }
        };
        if self.inferring && !before.free {
            return Typed {
                span,
                bare: false,
                ..before
            };
        }
        let value = self.expression(value, scope);
        let free = self.stays_open(value.free && before.free);
        if !self.alike(Operator::Equal, &value, &before, span) {
            return Typed::poison(span);
        }
        let (kind, dimension) = (
            value.kind,
            if before.free {
                value.dimension.clone()
            } else {
                before.dimension.clone()
            },
        );
        Typed {
            kind,
            free,
            ..Typed::number(make(value.value_box(), time, before.value_box()), dimension, span)
        }
    }

    fn of_event(&mut self, operator: &str, event: &ast::Expression, span: Span, scope: &Scope) -> Typed {
        let found = self.named(event, "event", scope, |kind| {
            matches!(kind, DeclarationKind::Event { .. })
        });
        let Some(reference) = found else {
            return Typed::poison(span);
        };
        match operator {
            "happened" => Typed::condition(Expression::Happened(reference), span),
            "occurred" => Typed::condition(Expression::Occurred(reference), span),
            "count" => Typed::plain(Expression::Count(reference), span),
            _ => Typed::number(Expression::Since(reference), Dimension::time(), span),
        }
    }

    fn of_flow(&mut self, operator: &str, flow: &ast::Expression, span: Span, scope: &Scope) -> Typed {
        let Some(reference) = self.named(flow, "flow", scope, |kind| {
            matches!(kind, DeclarationKind::Flow { .. })
        }) else {
            return Typed::poison(span);
        };
        let Some(type_) = self.type_of(reference.quantity) else {
            return Typed::poison(span);
        };
        if operator == "wanted" {
            return Typed::number(Expression::Wanted(reference), type_.dimension, span);
        }
        let declaration = self.quantities[reference.quantity.position()];
        if !matches!(declaration.kind, DeclarationKind::Flow { through: Some(_), .. }) {
            let diagnostic = Diagnostic::error(
                "E0203",
                format!("the flow `{}` has no pipeline", declaration.name.text),
                span,
            )
            .label(declaration.name.span, "declared here")
            .help("give it one: `through pipeline(3, 4 weeks)`");
            self.report(diagnostic);
            return Typed::poison(span);
        }
        Typed::number(
            Expression::InTransit(reference),
            type_.dimension.times(&Dimension::time()),
            span,
        )
    }

    /// Resolves an expression that has to name a quantity of one kind.
    pub(super) fn named(
        &mut self,
        expression: &ast::Expression,
        what: &str,
        scope: &Scope,
        is: impl Fn(&DeclarationKind) -> bool,
    ) -> Option<QuantityRef> {
        let (name, subscripts): (Name, &[ast::Expression]) = match &expression.kind {
            ExpressionKind::Missing => return None,
            ExpressionKind::Name(name) => (
                Name {
                    text: name.clone(),
                    span: expression.span,
                },
                &[],
            ),
            ExpressionKind::Subscripted(name, subscripts) => (name.clone(), subscripts),
            _ => {
                self.report(Diagnostic::error(
                    "E0203",
                    format!("the name of a {what} is wanted here"),
                    expression.span,
                ));
                return None;
            }
        };
        let Some(id) = self.quantity_ids.get(&name.text).copied() else {
            let diagnostic = self.unknown(what, &name, |checker| checker.names_of(&is));
            self.report(diagnostic);
            return None;
        };
        if !is(&self.quantities[id.position()].kind) {
            let spoken = self.spoken(id);
            let declared = self.quantities[id.position()].name.span;
            let is_attribute = matches!(
                self.quantities[id.position()].kind,
                DeclarationKind::Attribute { .. }
            );
            let (code, help) = if is_attribute && what == "stock" {
                (
                    "E0701",
                    "a flow moves a stock, and attributes travel with it: name the stock",
                )
            } else if what == "stock" {
                ("E0701", "declare it as a stock, or name the stock that is meant")
            } else {
                ("E0203", "name one of that kind")
            };
            let diagnostic = Diagnostic::error(code, format!("{spoken} is no {what}"), name.span)
                .label(declared, "declared here")
                .help(help);
            self.report(diagnostic);
            return None;
        }
        self.reference(id, subscripts, expression.span, scope)
    }

    /// Returns the type of a quantity; none if something is wrong with it, or if it is being inferred.
    pub(super) fn type_of(&self, id: QuantityId) -> Option<Type> {
        match &self.signatures[id.position()].typing {
            Typing::Known(type_) => Some(type_.clone()),
            Typing::Open if !self.inferring => Some(self.inferred(Dimension::plain(), ValueKind::Number)),
            Typing::Open | Typing::Unknown | Typing::Wrong | Typing::Poisoned => None,
        }
    }

    /// Returns whether something that fits any unit still does so as part of this: while types are inferred, what is open stays open.
    fn stays_open(&self, free: bool) -> bool {
        self.inferring && free
    }
}

/// Returns the value of a calendar name.
fn calendar(name: &str, span: Span) -> Option<Typed> {
    let value = |calendar| Expression::Calendar(calendar);
    Some(match name {
        "now" => Typed {
            kind: ValueKind::Date,
            ..Typed::plain(value(Calendar::Now), span)
        },
        "elapsed" => Typed::number(value(Calendar::Elapsed), Dimension::time(), span),
        "year_share" => Typed::plain(value(Calendar::YearShare), span),
        "month_of_year" => Typed::plain(value(Calendar::Month), span),
        "month_starts" => Typed::condition(value(Calendar::MonthStarts), span),
        _ => return None,
    })
}

fn binary(operator: Operator, left: Typed, right: Typed) -> Expression {
    let operator = match operator {
        Operator::Add => Binary::Add,
        Operator::Subtract => Binary::Subtract,
        Operator::Multiply => Binary::Multiply,
        Operator::Divide => Binary::Divide,
        Operator::Power => Binary::Power,
        Operator::NotEqual => Binary::NotEqual,
        Operator::Less => Binary::Less,
        Operator::LessEqual => Binary::LessEqual,
        Operator::Greater => Binary::Greater,
        Operator::GreaterEqual => Binary::GreaterEqual,
        Operator::And => Binary::And,
        Operator::Or => Binary::Or,
        Operator::Equal | Operator::Negate | Operator::Not => Binary::Equal,
    };
    Expression::Binary(operator, left.value_box(), right.value_box())
}

/// Returns whether a name has a meaning in every expression.
pub(super) fn is_reserved(name: &str) -> bool {
    let nowhere = Span {
        file: crate::source::FileId(0),
        start: 0,
        end: 0,
    };
    matches!(name, "true" | "false") || calendar(name, nowhere).is_some()
}

/// Returns the names of all functions and operators that are built in.
pub(super) fn built_in_functions() -> impl Iterator<Item = &'static str> {
    FUNCTIONS
        .iter()
        .map(|(name, ..)| *name)
        .chain(TIME_OPERATORS.iter().copied())
        .chain(["pow", "fact", "central"])
}

/// How a function's units work.
enum FunctionTyping {
    /// Plain in, plain out.
    Plain,
    /// The unit of its argument.
    Same,
    /// The root of the unit of its argument.
    Root,
    /// Arguments of one unit, which is the result's.
    Alike,
    /// Three arguments of one unit.
    Clamp,
}

/// The functions of plain values.
const FUNCTIONS: &[(&str, FunctionName, FunctionTyping)] = &[
    ("abs", FunctionName::Abs, FunctionTyping::Same),
    ("sqrt", FunctionName::Sqrt, FunctionTyping::Root),
    ("exp", FunctionName::Exp, FunctionTyping::Plain),
    ("ln", FunctionName::Ln, FunctionTyping::Plain),
    ("tanh", FunctionName::Tanh, FunctionTyping::Plain),
    ("logistic", FunctionName::Logistic, FunctionTyping::Plain),
    ("logit", FunctionName::Logit, FunctionTyping::Plain),
    ("sin", FunctionName::Sin, FunctionTyping::Plain),
    ("cos", FunctionName::Cos, FunctionTyping::Plain),
    ("min", FunctionName::Min, FunctionTyping::Alike),
    ("max", FunctionName::Max, FunctionTyping::Alike),
    ("clamp", FunctionName::Clamp, FunctionTyping::Clamp),
    ("floor", FunctionName::Floor, FunctionTyping::Plain),
    ("ceil", FunctionName::Ceil, FunctionTyping::Plain),
    ("round", FunctionName::Round, FunctionTyping::Plain),
    ("normal_cdf", FunctionName::NormalCdf, FunctionTyping::Plain),
];

/// The operators over time and on events and flows.
const TIME_OPERATORS: &[&str] = &[
    "previous",
    "delay",
    "smooth",
    "cumulative",
    "initial",
    "happened",
    "occurred",
    "count",
    "since",
    "wanted",
    "in_transit",
];

/// Lists the parts of a treaty as they are written.
fn parts_of(treaty: &str) -> String {
    let parts: Vec<String> = treaty::PARTS
        .iter()
        .map(|part| treaty::part(part, treaty))
        .collect();
    super::list(&parts)
}
