//! Whether a value fits the unit of what it is the value of.

use super::expressions::{Scope, Typed};
use super::{Checker, Type, Typing};
use crate::diagnostic::{Diagnostic, Edit};
use crate::model::{Binary, Expression, QuantityId, ValueKind};
use crate::source::Span;
use crate::syntax::ast;

impl<'a> Checker<'a> {
    /// Lowers a value in the unit of a quantity: `in_table` numbers without a unit are in it.
    pub(super) fn in_unit(
        &mut self,
        expression: &ast::Expression,
        scope: &Scope,
        in_table: bool,
        type_: &Type,
        who: &Owner,
    ) -> Option<Expression> {
        let typed = self.expression(expression, scope);
        self.fit(typed, in_table, type_, who)
    }

    /// Fits a lowered value to the type of its owner, or reports that it does not fit.
    pub(super) fn fit(
        &mut self,
        typed: Typed,
        in_table: bool,
        type_: &Type,
        who: &Owner,
    ) -> Option<Expression> {
        if typed.poisoned {
            return None;
        }
        if who.unknown {
            return Some(typed.value);
        }
        let wanted = type_.unit.kind;
        let number = typed.kind == ValueKind::Number && wanted == ValueKind::Number;
        let bare = number && typed.bare && typed.dimension.is_plain() && !typed.free;
        if bare && in_table {
            return Some(scaled(typed.value, type_.unit.scale));
        }
        let literal = bare && matches!(typed.value, Expression::Number(_));
        let written = if literal {
            self.sources.excerpt(typed.span).to_owned()
        } else {
            String::new()
        };
        if literal && type_.dimension.is_plain() && type_.unit.scale != 1.0 {
            let diagnostic = Diagnostic::error(
                "E0301",
                format!(
                    "{} is in {}, but its {} gives a bare number",
                    who.spoken, type_.unit.text, who.part
                ),
                typed.span,
            )
            .help(format!(
                "write `{written}{}`, or leave out the unit",
                type_.unit.text
            ));
            let diagnostic = who.label(diagnostic);
            self.report(diagnostic);
            return None;
        }
        if typed.kind == wanted && (!number || typed.dimension == type_.dimension || typed.free) {
            return Some(typed.value);
        }
        let declared = match wanted {
            ValueKind::Number if type_.unit.text == "1" => "a plain number".to_owned(),
            ValueKind::Number => format!("in {}", type_.unit.text),
            ValueKind::Condition => "a condition".to_owned(),
            ValueKind::Date => "a date".to_owned(),
        };
        let code = if typed.kind == wanted { "E0301" } else { "E0306" };
        let mut diagnostic = Diagnostic::error(
            code,
            format!(
                "{} is {declared}, but its {} gives {}",
                who.spoken,
                who.part,
                typed.spoken_type()
            ),
            typed.span,
        );
        diagnostic = who.label(diagnostic);
        for (span, dimension) in &typed.factors {
            let text = if dimension.is_plain() {
                "a plain number".to_owned()
            } else {
                dimension.to_string()
            };
            diagnostic = diagnostic.label(*span, text);
        }
        if typed.kind == ValueKind::Number && wanted == ValueKind::Number {
            let missing = type_.dimension.per(&typed.dimension);
            diagnostic = if literal {
                let replacement = format!("{written} {}", type_.unit.text);
                Diagnostic {
                    edit: Some(Edit {
                        span: typed.span,
                        replacement: replacement.clone(),
                    }),
                    ..diagnostic.help(format!("give the number its unit: `{replacement}`"))
                }
            } else if typed.bare {
                diagnostic.help(format!("give the number its unit: `.. {}`", type_.unit.text))
            } else {
                diagnostic.help(format!(
                    "it lacks a factor in {missing}, or the declared unit should be {}",
                    typed.dimension
                ))
            };
        }
        self.report(diagnostic);
        None
    }
}

fn scaled(value: Expression, scale: f64) -> Expression {
    match value {
        Expression::Number(number) => Expression::Number(number * scale),
        value if scale == 1.0 => value,
        value => Expression::Binary(
            Binary::Multiply,
            Box::new(value),
            Box::new(Expression::Number(scale)),
        ),
    }
}

/// Whose value it is, for messages.
pub(super) struct Owner {
    /// `the flow casualties`.
    pub spoken: String,
    /// `equation`, `initial value`, ...
    pub part: &'static str,
    /// Where its unit is declared, if the model does so.
    pub declared: Option<Span>,
    /// Whether its type is not known, because something else is wrong with it.
    pub unknown: bool,
}

impl Owner {
    /// Adds where its unit is declared to a diagnostic.
    pub(super) fn label(&self, diagnostic: Diagnostic) -> Diagnostic {
        match self.declared {
            Some(declared) => diagnostic.label(declared, "declared here"),
            None => diagnostic,
        }
    }
}

impl<'a> Checker<'a> {
    /// Returns the owner of a quantity's value.
    pub(super) fn owner(&self, id: QuantityId, part: &'static str) -> Owner {
        Owner {
            spoken: self.spoken(id),
            part,
            declared: Some(self.unit_span(id)),
            unknown: matches!(self.signatures[id.position()].typing, Typing::Wrong),
        }
    }
}
