//! What a treaty is made of: it is written as one declaration and means several, each named `PART of TREATY`.

use super::ast::*;
use crate::source::Span;

/// What a treaty makes, as it is asked for: `covered of pact`. No attribute has these names.
pub const PARTS: &[&str] = &[
    "in_force",
    "covered",
    "invoked",
    "honoured",
    "breached",
    "reliability",
];

/// Returns the name of a part of a treaty.
pub fn part(part: &str, treaty: &str) -> String {
    format!("{part} of {treaty}")
}

/// Returns the declarations that a treaty stands for; none if it stands for nothing.
///
/// - `in_force of T`: whether it is in force;
/// - `covered of T`: whether it is, the fighting is on its territory and its trigger holds;
/// - `reliability of T`: the probability that an invocation is honoured, drawn once per future;
/// - `invoked of T`: each time that cover and the judge's word come together;
/// - `honoured of T`, `breached of T`: how each invocation ends, after the delay, by one draw.
pub(super) fn parts(declaration: &Declaration) -> Vec<Declaration> {
    let DeclarationKind::Treaty(treaty) = &declaration.kind else {
        return Vec::new();
    };
    let made = Maker { declaration };
    let truth = |value: &Option<Value>| value.clone().unwrap_or_else(|| made.value(made.name("true")));
    let mut parts = vec![
        made.part("in force", "in_force", None, |_| DeclarationKind::Let {
            value: made.in_force(treaty.in_force.as_ref()),
        }),
        made.part("reliability", "reliability", None, |_| DeclarationKind::Param {
            prior: treaty.reliability.clone(),
        }),
        made.part("on its territory", "territory", None, |_| DeclarationKind::Let {
            value: truth(&treaty.territory),
        }),
        made.part("trigger", "trigger", None, |_| DeclarationKind::Let {
            value: treaty.trigger.clone(),
        }),
        made.part("cover", "covered", None, |m| DeclarationKind::Let {
            value: m.value(m.all(["in_force", "territory", "trigger"])),
        }),
        made.part("judge", "judge", None, |_| DeclarationKind::Let {
            value: truth(&treaty.judge),
        }),
        made.part("casus foederis", "casus", None, |m| DeclarationKind::Let {
            value: m.value(m.all(["covered", "judge"])),
        }),
        made.part("invoked", "invoked", None, |m| DeclarationKind::Event {
            recurring: true,
            trigger: Trigger::When(m.value(m.begins("casus"))),
        }),
        made.part("luck", "luck", None, |m| DeclarationKind::Noise {
            distribution: m.value(m.call("uniform", [m.number(0.0), m.number(1.0)])),
        }),
        made.part("answer", "answer", None, |m| DeclarationKind::Let {
            value: m.value(m.answer()),
        }),
    ];
    if let Some(delay) = &treaty.delay {
        let unit = unit_in(delay);
        parts.push(made.part("delay", "delay", unit, |_| delayed(delay)));
    }
    for (title, name, operator) in [
        ("honoured", "honoured", Operator::Greater),
        ("breached", "breached", Operator::Less),
    ] {
        parts.push(made.part(title, name, None, |m| {
            let answer = match treaty.delay {
                Some(_) => m.call("delay", [m.of("answer"), m.of("delay"), m.number(0.0)]),
                None => m.of("answer"),
            };
            DeclarationKind::Event {
                recurring: true,
                trigger: Trigger::When(m.value(m.binary(operator, answer, m.number(0.0)))),
            }
        }));
    }
    parts
}

/// A delay is drawn where it is an interval or a distribution, else a value.
fn delayed(delay: &Value) -> DeclarationKind {
    let drawn = matches!(
        delay,
        Value::Expression(Expression {
            kind: ExpressionKind::Interval(..) | ExpressionKind::Call(..),
            ..
        })
    );
    if drawn {
        DeclarationKind::Param { prior: delay.clone() }
    } else {
        DeclarationKind::Let { value: delay.clone() }
    }
}

/// Returns the unit that stands in `1 to 8 weeks`, so that its bare number is one too.
fn unit_in(value: &Value) -> Option<UnitExpression> {
    let Value::Expression(Expression {
        kind: ExpressionKind::Interval(_, high),
        ..
    }) = value
    else {
        return None;
    };
    match &high.kind {
        ExpressionKind::Number { unit, .. } => unit.clone(),
        _ => None,
    }
}

/// Makes declarations and expressions that stand where the treaty does.
struct Maker<'a> {
    declaration: &'a Declaration,
}

impl Maker<'_> {
    fn span(&self) -> Span {
        self.declaration.name.span
    }

    fn part(
        &self,
        title: &str,
        name: &str,
        unit: Option<UnitExpression>,
        kind: impl FnOnce(&Self) -> DeclarationKind,
    ) -> Declaration {
        let declaration = self.declaration;
        let (treaty, span) = match &declaration.title {
            Some(title) => (&title.text, title.span),
            None => (&declaration.name.text, declaration.name.span),
        };
        Declaration {
            span: declaration.span,
            name: Name {
                text: part(name, &declaration.name.text),
                span: declaration.name.span,
            },
            title: Some(Text {
                text: format!("{treaty}: {title}"),
                span,
            }),
            cites: declaration.cites.clone(),
            indices: self.indices(),
            unit,
            kind: kind(self),
        }
    }

    /// Binds every index, so that parts can refer to one another element by element. An index that has no name gets one
    /// that nobody can write.
    fn indices(&self) -> Vec<IndexBinding> {
        (1..)
            .zip(&self.declaration.indices)
            .map(|(position, binding)| IndexBinding {
                binder: Some(binding.binder.clone().unwrap_or(Name {
                    text: format!(" {position}"),
                    span: binding.index.span,
                })),
                index: binding.index.clone(),
            })
            .collect()
    }

    fn expression(&self, kind: ExpressionKind) -> Expression {
        Expression {
            kind,
            span: self.span(),
        }
    }

    fn value(&self, expression: Expression) -> Value {
        Value::Expression(expression)
    }

    fn name(&self, name: &str) -> Expression {
        self.expression(ExpressionKind::Name(name.to_owned()))
    }

    fn number(&self, value: f64) -> Expression {
        self.expression(ExpressionKind::Number { value, unit: None })
    }

    fn binary(&self, operator: Operator, a: Expression, b: Expression) -> Expression {
        self.expression(ExpressionKind::Binary(operator, Box::new(a), Box::new(b)))
    }

    fn call<const N: usize>(&self, function: &str, arguments: [Expression; N]) -> Expression {
        let name = Name {
            text: function.to_owned(),
            span: self.span(),
        };
        let arguments = arguments.map(|value| Argument { key: None, value });
        self.expression(ExpressionKind::Call(name, arguments.into()))
    }

    /// Refers to a part of this treaty, of the same elements.
    fn of(&self, name: &str) -> Expression {
        let name = Name {
            text: part(name, &self.declaration.name.text),
            span: self.clause(name),
        };
        let binders: Vec<Expression> = self
            .indices()
            .iter()
            .filter_map(|index| Some(self.name(&index.binder.as_ref()?.text)))
            .collect();
        let span = name.span;
        let kind = if binders.is_empty() {
            ExpressionKind::Name(name.text)
        } else {
            ExpressionKind::Subscripted(name, binders)
        };
        Expression { kind, span }
    }

    /// Returns where the clause that a part is written in stands, so that what is wrong with it is said there.
    fn clause(&self, name: &str) -> Span {
        let DeclarationKind::Treaty(treaty) = &self.declaration.kind else {
            return self.span();
        };
        let value = match (name, &treaty.in_force) {
            ("trigger", _) => Some(&treaty.trigger),
            ("territory", _) => treaty.territory.as_ref(),
            ("judge", _) => treaty.judge.as_ref(),
            ("in_force", Some(InForce::When(when))) => Some(when),
            _ => None,
        };
        match value {
            Some(Value::Expression(expression)) => expression.span,
            _ => self.span(),
        }
    }

    fn all<const N: usize>(&self, parts: [&str; N]) -> Expression {
        let conditions = parts.map(|name| self.of(name));
        conditions
            .into_iter()
            .reduce(|a, b| self.binary(Operator::And, a, b))
            .unwrap_or_else(|| self.name("true"))
    }

    /// Whether a condition holds that did not in the step before.
    fn begins(&self, name: &str) -> Expression {
        let before = self.call("previous", [self.of(name), self.name("false")]);
        let not_yet = self.expression(ExpressionKind::Unary(Operator::Not, Box::new(before)));
        self.binary(Operator::And, self.of(name), not_yet)
    }

    /// 1 in a step with an invocation that will be honoured, -1 where it will be breached, else 0.
    fn answer(&self) -> Expression {
        let keeps = self.binary(Operator::Less, self.of("luck"), self.of("reliability"));
        let answer = self.expression(ExpressionKind::If(
            Box::new(keeps),
            Box::new(self.number(1.0)),
            Box::new(self.expression(ExpressionKind::Unary(
                Operator::Negate,
                Box::new(self.number(1.0)),
            ))),
        ));
        self.expression(ExpressionKind::If(
            Box::new(self.call("happened", [self.of("invoked")])),
            Box::new(answer),
            Box::new(self.number(0.0)),
        ))
    }

    /// From an event on, from a date on, while a condition holds, or always.
    fn in_force(&self, clause: Option<&InForce>) -> Value {
        match clause {
            None => self.value(self.name("true")),
            Some(InForce::When(condition)) => condition.clone(),
            Some(InForce::From(from)) => self.value(match from.kind {
                ExpressionKind::Missing => from.clone(),
                ExpressionKind::Date(_) => {
                    self.binary(Operator::GreaterEqual, self.name("now"), from.clone())
                }
                _ => self.call("occurred", [from.clone()]),
            }),
        }
    }
}
