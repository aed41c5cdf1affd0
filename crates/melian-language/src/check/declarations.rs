//! Quantities: what each declaration means once its names and units are known.

use super::expressions::Scope;
use super::{Checker, Type, Typing, list};
use crate::diagnostic::Diagnostic;
use crate::model::{
    BinderId, Choice, Decision, Distribution, Element, Event, Expression, IndexId, Memory, PerElement,
    PipelineOf, Quantity, QuantityId, QuantityKind, QuantityRef, Rule, StockAttribute, Trigger, Unit,
    Utility, ValueKind, When,
};
use crate::syntax::ast::{
    self, ChoiceDeclaration, DeclarationKind, ExpressionKind, MemoryClause, Name, RuleDeclaration, Value,
};
use crate::units::Dimension;

/// Most stages of a pipeline: beyond a few dozen it is a fixed delay.
const MOST_STAGES: f64 = 64.0;

/// How long tastes persist unless declared, in days: half a year, the time in which governments are seen to reconsider (judgement).
const DEFAULT_MEMORY_DAYS: f64 = 26.0 * 7.0;

/// What to do with a clause about taste where rules decide.
const NO_TASTE: &str = "rules know neither taste nor chance: leave it out, or let `utility` decide";

/// How a quantity of each kind is indexed in its own equation.
struct Own {
    shape: Vec<IndexId>,
    binders: Vec<(String, BinderId, IndexId)>,
}

impl<'a> Checker<'a> {
    fn own(&self, id: QuantityId) -> Own {
        let signature = &self.signatures[id.position()];
        Own {
            shape: signature.shape.clone(),
            binders: signature.binders.clone(),
        }
    }

    /// Lowers every quantity; none stands for one with an error.
    pub(super) fn lower_quantities(&mut self) -> Vec<Option<Quantity>> {
        (0..self.quantities.len())
            .map(|position| self.lower_quantity(QuantityId(position as u32)))
            .collect()
    }

    fn lower_quantity(&mut self, id: QuantityId) -> Option<Quantity> {
        let declaration = self.quantities[id.position()];
        if matches!(self.signatures[id.position()].typing, Typing::Poisoned) {
            return None;
        }
        // Without a type the equation is lowered all the same, so that what is wrong in it is said.
        let type_ = self.type_of(id);
        let typed = type_.is_some();
        let type_ = type_.unwrap_or_else(|| self.inferred(Dimension::plain(), ValueKind::Number));
        let own = self.own(id);
        let kind = self.lower_kind(id, &declaration.kind, &type_, &own);
        let cites = self.cites(&declaration.cites);
        Some(Quantity {
            name: declaration.name.text.clone(),
            title: declaration.title.as_ref().map(|t| t.text.clone()),
            shape: own.shape,
            binders: own.binders.iter().map(|(_, binder, _)| *binder).collect(),
            unit: type_.unit,
            span: declaration.span,
            text: without_comments(self.sources.excerpt(declaration.span)),
            cites,
            correlation_cites: Vec::new(),
            kind: kind.filter(|_| typed)?,
        })
    }

    pub(super) fn cites(&mut self, keys: &[Name]) -> Vec<String> {
        for key in keys {
            if !self.references.contains(&key.text) && !self.evidence_unread {
                let mut diagnostic = Diagnostic::error(
                    "E0507",
                    format!("there is no reference `{}` in references.toml", key.text),
                    key.span,
                );
                diagnostic = self.suggest(diagnostic, key, |checker| {
                    checker.references.iter().map(String::as_str)
                });
                if diagnostic.help.is_none() {
                    diagnostic = diagnostic.help(format!(
                        "add it: `[[reference]]`, `key = \"{}\"`, with authors, year and title",
                        key.text
                    ));
                }
                self.report(diagnostic);
            }
        }
        keys.iter().map(|key| key.text.clone()).collect()
    }

    fn lower_kind(
        &mut self,
        id: QuantityId,
        kind: &'a DeclarationKind,
        type_: &Type,
        own: &Own,
    ) -> Option<QuantityKind> {
        let equation = |checker: &mut Checker<'a>, value: &Value, part, reading| {
            checker.equation(id, value, type_, own, part, reading)
        };
        Some(match kind {
            DeclarationKind::Const { value } => QuantityKind::Constant {
                value: equation(self, value, "value", false)?,
            },
            DeclarationKind::Let { value } => QuantityKind::Derived {
                value: equation(self, value, "equation", false)?,
            },
            DeclarationKind::Stock { initial } => {
                let initial = equation(self, initial, "initial value", false)?;
                self.never_below_zero(id, &initial);
                QuantityKind::Stock { initial }
            }
            DeclarationKind::Series { value } => QuantityKind::Series {
                value: equation(self, value, "equation", true)?,
            },
            DeclarationKind::Measure { value, reading } => {
                let value = equation(self, value, "equation", true)?;
                // For a number `by` and `at` are the same: it is read once.
                QuantityKind::Measure {
                    value,
                    reading: When {
                        ever: false,
                        ..self.reading(reading.as_ref())?
                    },
                }
            }
            DeclarationKind::Question { value, reading } => {
                let value = equation(self, value, "equation", true)?;
                QuantityKind::Question {
                    value,
                    reading: self.reading(reading.as_ref())?,
                }
            }
            DeclarationKind::Param { prior } => {
                let fact = sole_fact(prior);
                QuantityKind::Parameter {
                    prior: self.drawn(id, prior, type_, own)?,
                    fact,
                }
            }
            DeclarationKind::Noise { distribution } => QuantityKind::Noise {
                distribution: self.drawn(id, distribution, type_, own)?,
            },
            DeclarationKind::Attribute {
                stocks,
                initial,
                rate,
            } => QuantityKind::Attribute {
                stocks: self.stocks_of_attribute(id, stocks, initial, rate.as_ref(), type_)?,
            },
            DeclarationKind::Flow {
                from,
                to,
                through,
                carrying,
                rate,
            } => self.flow(
                id,
                from.as_ref(),
                to.as_ref(),
                through.as_ref(),
                carrying,
                rate,
                type_,
                own,
            )?,
            DeclarationKind::Transfer { amount, from, to, on } => {
                let (from, to) = self.ends(id, from.as_ref(), to.as_ref(), own)?;
                let scope = Scope::of(&own.binders);
                let on = self.named(on, "event", &scope, |kind| {
                    matches!(kind, DeclarationKind::Event { .. })
                })?;
                QuantityKind::Transfer {
                    amount: equation(self, amount, "amount", false)?,
                    from,
                    to,
                    on,
                }
            }
            DeclarationKind::Event { recurring, trigger } => {
                QuantityKind::Event(self.event(id, *recurring, trigger, own)?)
            }
            DeclarationKind::Choice(choice) => QuantityKind::Choice(self.choice_of(id, choice, own)?),
            _ => return None,
        })
    }

    fn never_below_zero(&mut self, id: QuantityId, initial: &PerElement<Expression>) {
        let mut below = false;
        initial.each(&mut |value| below |= self.known(value).is_some_and(|value| value < 0.0));
        if below {
            let declaration = self.quantities[id.position()];
            let message = format!(
                "the stock `{}` starts below zero, and no stock can",
                declaration.name.text
            );
            let diagnostic = Diagnostic::error("E0701", message, declaration.name.span)
                .help("a quantity that may be negative is a `let` over `cumulative(..)`, or the difference of two stocks");
            self.report(diagnostic);
        }
    }

    fn equation(
        &mut self,
        id: QuantityId,
        value: &Value,
        type_: &Type,
        own: &Own,
        part: &'static str,
        reading: bool,
    ) -> Option<PerElement<Expression>> {
        let who = self.owner(id, part);
        let tabular = !matches!(value, Value::Expression(_));
        self.per_element(
            value,
            &own.shape,
            &own.binders,
            reading,
            &mut |checker, leaf, scope, in_table| {
                checker.in_unit(leaf, scope, in_table && tabular, type_, &who)
            },
        )
    }

    /// Lowers a value of a given type that belongs to a quantity but has another unit: a probability, a utility, a rate.
    fn clause(
        &mut self,
        value: &Value,
        type_: &Type,
        own: &Own,
        spoken: &str,
    ) -> Option<PerElement<Expression>> {
        let who = super::fit::Owner {
            spoken: spoken.to_owned(),
            part: "equation",
            declared: None,
            unknown: false,
        };
        self.per_element(
            value,
            &own.shape,
            &own.binders,
            false,
            &mut |checker, leaf, scope, _| checker.in_unit(leaf, scope, false, type_, &who),
        )
    }

    fn drawn(
        &mut self,
        id: QuantityId,
        value: &Value,
        type_: &Type,
        own: &Own,
    ) -> Option<PerElement<Distribution>> {
        let who = self.owner(id, "distribution");
        self.per_element(
            value,
            &own.shape,
            &own.binders,
            false,
            &mut |checker, leaf, scope, _| checker.distribution_in_unit(leaf, scope, type_, &who),
        )
    }

    /// Returns when a measure is read.
    fn reading(&mut self, reading: Option<&ast::Reading>) -> Option<When> {
        let Some(reading) = reading else {
            return Some(When {
                step: self.clock.steps - 1,
                ever: false,
            });
        };
        let day = self.date(&reading.date)?;
        match self.step_of_day(day) {
            Some(step) => Some(When {
                step,
                ever: reading.by,
            }),
            None => {
                let last =
                    self.clock.start_day + (f64::from(self.clock.steps) * self.clock.step_days) as i32 - 1;
                let diagnostic =
                    Diagnostic::error("E0602", "this date lies outside the run", reading.date.span).note(
                        format!("the run goes from {} to {}", iso(self.clock.start_day), iso(last)),
                    );
                self.report(diagnostic);
                None
            }
        }
    }

    /// Returns a literal date as days since 1970-01-01, or reports that it is none.
    pub(super) fn date(&mut self, expression: &ast::Expression) -> Option<i32> {
        match expression.kind {
            ExpressionKind::Date(day) => Some(day),
            ExpressionKind::Missing => None,
            _ => {
                let diagnostic = Diagnostic::error("E0602", "a date is wanted here", expression.span)
                    .help("write for example `2025-04-27`");
                self.report(diagnostic);
                None
            }
        }
    }

    fn stocks_of_attribute(
        &mut self,
        id: QuantityId,
        stocks: &[Name],
        initial: &Value,
        rate: Option<&Value>,
        type_: &Type,
    ) -> Option<Vec<StockAttribute>> {
        if !self.signatures[id.position()].shape.is_empty() {
            let span = self.quantities[id.position()].name.span;
            let diagnostic = Diagnostic::error("E0708", "an attribute has the indices of its stocks", span)
                .help(
                    "leave out the brackets after its name; its equations use the names that the stock binds",
                );
            self.report(diagnostic);
            return None;
        }
        let per_day = Type {
            dimension: type_.dimension.per(&Dimension::time()),
            unit: Unit {
                text: type_.dimension.per(&Dimension::time()).to_string(),
                scale: 1.0,
                kind: ValueKind::Number,
            },
        };
        let mut found = Vec::new();
        for name in stocks {
            let expression = ast::Expression {
                kind: ExpressionKind::Name(name.text.clone()),
                span: name.span,
            };
            let stock = self.stock_named(&expression)?;
            let own = self.own(stock);
            let initial = self.equation(id, initial, type_, &own, "initial value", false)?;
            let rate = match rate {
                Some(rate) => Some(self.equation(id, rate, &per_day, &own, "rate", false)?),
                None => None,
            };
            found.push(StockAttribute { stock, initial, rate });
        }
        Some(found)
    }

    /// Returns the stock of a bare name, or reports that it is none.
    fn stock_named(&mut self, expression: &ast::Expression) -> Option<QuantityId> {
        let name = super::as_name(expression)?;
        match self.quantity_ids.get(&name.text).copied() {
            Some(id) if matches!(self.quantities[id.position()].kind, DeclarationKind::Stock { .. }) => {
                Some(id)
            }
            Some(id) => {
                let spoken = self.spoken(id);
                self.report(Diagnostic::error(
                    "E0708",
                    format!("{spoken} is no stock, so it has no attributes"),
                    name.span,
                ));
                None
            }
            None => {
                let diagnostic = self.unknown("stock", &name, |checker| {
                    checker.names_of(|kind| matches!(kind, DeclarationKind::Stock { .. }))
                });
                self.report(diagnostic);
                None
            }
        }
    }

    fn ends(
        &mut self,
        id: QuantityId,
        from: Option<&ast::Expression>,
        to: Option<&ast::Expression>,
        own: &Own,
    ) -> Option<(Option<QuantityRef>, Option<QuantityRef>)> {
        if from.is_none() && to.is_none() {
            let declaration = self.quantities[id.position()];
            let spoken = self.spoken(id);
            let diagnostic =
                Diagnostic::error("E0701", format!("{spoken} moves no stock"), declaration.name.span)
                    .help("say `from` or `to` which stock; a rate that moves nothing is a `let`");
            self.report(diagnostic);
            return None;
        }
        let scope = Scope::of(&own.binders);
        let is_stock = |kind: &DeclarationKind| matches!(kind, DeclarationKind::Stock { .. });
        let from = match from {
            Some(expression) => Some(self.named(expression, "stock", &scope, is_stock)?),
            None => None,
        };
        let to = match to {
            Some(expression) => Some(self.named(expression, "stock", &scope, is_stock)?),
            None => None,
        };
        if let (Some(a), Some(b)) = (&from, &to)
            && a == b
        {
            let spoken = self.spoken(id);
            let span = self.quantities[id.position()].name.span;
            let diagnostic = Diagnostic::error(
                "E0701",
                format!("{spoken} leads back to where it comes from"),
                span,
            )
            .help("name another stock, or leave `from` or `to` out for the outside");
            self.report(diagnostic);
            return None;
        }
        if let (Some(a), Some(b)) = (&from, &to) {
            let (a, b) = (a.quantity, b.quantity);
            if let (Some(first), Some(second)) = (self.type_of(a), self.type_of(b))
                && first.dimension != second.dimension
            {
                let span = self.quantities[id.position()].name.span;
                let diagnostic = Diagnostic::error(
                    "E0301",
                    format!(
                        "{} is in {}, and {} in {}",
                        self.spoken(a),
                        first.unit.text,
                        self.spoken(b),
                        second.unit.text
                    ),
                    span,
                )
                .help("what moves does not change its unit on the way");
                self.report(diagnostic);
                return None;
            }
        }
        Some((from, to))
    }

    #[expect(clippy::too_many_arguments, reason = "the clauses of a flow")]
    fn flow(
        &mut self,
        id: QuantityId,
        from: Option<&ast::Expression>,
        to: Option<&ast::Expression>,
        through: Option<&ast::Pipeline>,
        carrying: &[(Name, ast::Expression)],
        rate: &Value,
        type_: &Type,
        own: &Own,
    ) -> Option<QuantityKind> {
        let (from, to) = self.ends(id, from, to, own)?;
        let stock = from.as_ref().or(to.as_ref())?.quantity;
        let wanted = self.type_of(stock)?.dimension.per(&Dimension::time());
        if type_.dimension != wanted {
            let diagnostic = Diagnostic::error(
                "E0301",
                format!(
                    "{} is in {}, and {} needs {wanted}",
                    self.spoken(id),
                    type_.unit.text,
                    self.spoken(stock)
                ),
                self.unit_span(id),
            )
            .label(self.unit_span(stock), "the stock")
            .help("a flow is in the unit of its stock per time");
            self.report(diagnostic);
            return None;
        }
        let rate = self.equation(id, rate, type_, own, "equation", false);
        let scope = Scope::of(&own.binders);
        let pipeline = match through {
            Some(pipeline) => Some(self.pipeline(pipeline, &scope)?),
            None => None,
        };
        let mut brought = Vec::new();
        for (name, value) in carrying {
            let attribute = self.quantity_ids.get(&name.text).copied();
            let Some(attribute) = attribute.filter(|a| {
                matches!(
                    self.quantities[a.position()].kind,
                    DeclarationKind::Attribute { .. }
                )
            }) else {
                let diagnostic = self.unknown("attribute", name, |checker| {
                    checker.names_of(|kind| matches!(kind, DeclarationKind::Attribute { .. }))
                });
                self.report(diagnostic);
                return None;
            };
            let type_ = self.type_of(attribute)?;
            let who = self.owner(attribute, "carried value");
            let value = self.in_unit(value, &scope, false, &type_, &who)?;
            brought.push((attribute, value));
        }
        Some(QuantityKind::Flow {
            from,
            to,
            rate: rate?,
            pipeline,
            carrying: brought,
        })
    }

    fn pipeline(&mut self, pipeline: &ast::Pipeline, scope: &Scope) -> Option<PipelineOf> {
        let order = self.expression(&pipeline.order, scope);
        if !self.is_plain(&order, "the order of a pipeline") {
            return None;
        }
        let stages = self
            .known(&order.value)
            .filter(|n| n.fract() == 0.0 && (1.0..=MOST_STAGES).contains(n));
        let Some(stages) = stages else {
            let diagnostic = Diagnostic::error(
                "E0606",
                format!("the order of a pipeline is a whole number from 1 to {MOST_STAGES}"),
                order.span,
            );
            self.report(diagnostic);
            return None;
        };
        let mean = self.expression(&pipeline.mean, scope);
        if mean.poisoned {
            return None;
        }
        if mean.kind != ValueKind::Number || mean.dimension != Dimension::time() {
            let diagnostic = Diagnostic::error(
                "E0303",
                format!(
                    "the mean of a pipeline is a length of time, and this is {}",
                    mean.spoken_type()
                ),
                mean.span,
            )
            .help("write for example `pipeline(3, 4 weeks)`");
            self.report(diagnostic);
            return None;
        }
        Some(PipelineOf {
            order: stages as u32,
            mean_days: mean.value,
        })
    }

    fn event(&mut self, id: QuantityId, recurring: bool, trigger: &ast::Trigger, own: &Own) -> Option<Event> {
        let spoken = self.spoken(id);
        let plain = self.inferred(Dimension::plain(), ValueKind::Number);
        let truth = self.inferred(Dimension::plain(), ValueKind::Condition);
        let trigger = match trigger {
            ast::Trigger::At { date, probability } => {
                let day = self.date(date)?;
                let step = self.step_of_day(day);
                if step.is_none() {
                    let diagnostic = Diagnostic::warning(
                        "W1003",
                        format!("{spoken} never happens: its date lies outside the run"),
                        date.span,
                    );
                    self.report(diagnostic);
                }
                let probability = match probability {
                    Some(value) => {
                        Some(self.clause(value, &plain, own, &format!("the probability of {spoken}"))?)
                    }
                    None => None,
                };
                Trigger::At { step, probability }
            }
            ast::Trigger::When(condition) => {
                Trigger::When(self.clause(condition, &truth, own, &format!("what triggers {spoken}"))?)
            }
            ast::Trigger::Rate { rate, condition } => {
                let per_day = self.inferred(Dimension::plain().per(&Dimension::time()), ValueKind::Number);
                let rate = self.clause(rate, &per_day, own, &format!("the rate of {spoken}"))?;
                let condition = match condition {
                    Some(condition) => {
                        let value = Value::Expression(condition.clone());
                        Some(self.clause(&value, &truth, own, &format!("the condition of {spoken}"))?)
                    }
                    None => None,
                };
                Trigger::Rate { rate, condition }
            }
        };
        Some(Event { trigger, recurring })
    }

    fn choice_of(&mut self, id: QuantityId, choice: &ChoiceDeclaration, own: &Own) -> Option<Choice> {
        let declaration = self.quantities[id.position()];
        let name = &declaration.name;
        let options = self.elements(&choice.options, "choice");
        if options.len() < 2 {
            self.report(incomplete(
                name,
                "between what",
                "name at least two: `options { a, b }`",
            ));
            return None;
        }
        let Some(actor) = &choice.actor else {
            self.report(incomplete(
                name,
                "who decides",
                "write `by` and an actor after its name",
            ));
            return None;
        };
        let Some(every) = &choice.every else {
            self.report(incomplete(
                name,
                "how often it is made",
                "write for example `every 4 weeks`",
            ));
            return None;
        };
        let every = self.steps_of(every)?;
        let Some(start) = &choice.start else {
            self.report(incomplete(
                name,
                "what stands at first",
                "write `start` and an option",
            ));
            return None;
        };
        let start = self.option(id, start)?;
        let decision = match &choice.rules {
            Some(rules) => Decision::Rules(self.rules_of(id, choice, rules, own)?),
            None => Decision::Utility(self.utility_of(id, choice, &options, own)?),
        };
        Some(Choice {
            actor: actor.text.clone(),
            every,
            options,
            start,
            decision,
        })
    }

    fn rules_of(
        &mut self,
        id: QuantityId,
        choice: &ChoiceDeclaration,
        rules: &[RuleDeclaration],
        own: &Own,
    ) -> Option<Vec<Rule>> {
        let memory = choice.memory.as_ref().map(|memory| match memory {
            MemoryClause::None(span) | MemoryClause::Forever(span) => *span,
            MemoryClause::Time(time) => time.span,
        });
        let available = choice.available.first().map(|(option, _)| option.span);
        let foreign = [
            (
                "available",
                available,
                "name in a row's condition what closes its option",
            ),
            ("precision", choice.precision.as_ref().map(Value::span), NO_TASTE),
            (
                "switching cost",
                choice.switching_cost.as_ref().map(Value::span),
                NO_TASTE,
            ),
            ("memory", memory, NO_TASTE),
        ];
        for (clause, span, help) in foreign {
            if let Some(span) = span {
                let message = format!("`{clause}` belongs to utilities, and this choice has rules");
                self.report(Diagnostic::error("E0711", message, span).help(help));
            }
        }
        let truth = self.inferred(Dimension::plain(), ValueKind::Condition);
        let scope = Scope::of(&own.binders);
        let lowered: Vec<Option<Rule>> = rules
            .iter()
            .map(|rule| {
                let option = self.option(id, &rule.option);
                let who = super::fit::Owner {
                    spoken: format!("what decides for `{}`", rule.option.text),
                    part: "equation",
                    declared: None,
                    unknown: false,
                };
                let condition = match &rule.condition {
                    Some(condition) => self.in_unit(condition, &scope, false, &truth, &who),
                    None => Some(Expression::Number(1.0)),
                };
                Some(Rule {
                    condition: condition?,
                    option: option?,
                    text: without_comments(self.sources.excerpt(rule.span)),
                })
            })
            .collect();
        lowered.into_iter().collect()
    }

    fn utility_of(
        &mut self,
        id: QuantityId,
        choice: &ChoiceDeclaration,
        options: &[Element],
        own: &Own,
    ) -> Option<Utility> {
        let name = &self.quantities[id.position()].name;
        let plain = self.inferred(Dimension::plain(), ValueKind::Number);
        let truth = self.inferred(Dimension::plain(), ValueKind::Condition);
        let mut utilities: Vec<Option<PerElement<Expression>>> = vec![None; options.len()];
        for (option, value) in &choice.utilities {
            let position = self.option(id, option)? as usize;
            utilities[position] =
                Some(self.clause(value, &plain, own, &format!("the utility of `{}`", option.text))?);
        }
        let missing: Vec<String> = options
            .iter()
            .zip(&utilities)
            .filter(|(_, u)| u.is_none())
            .map(|(o, _)| o.name.clone())
            .collect();
        if !missing.is_empty() {
            self.report(incomplete(
                name,
                &format!("what {} is worth", list(&missing)),
                &format!("add `{}: ..` to `utility`", missing[0]),
            ));
            return None;
        }
        let mut available: Vec<Option<PerElement<Expression>>> = vec![None; options.len()];
        for (option, value) in &choice.available {
            let position = self.option(id, option)? as usize;
            available[position] =
                Some(self.clause(value, &truth, own, &format!("whether `{}` is open", option.text))?);
        }
        let clause_or =
            |checker: &mut Checker<'a>, value: Option<&Value>, default: f64, what: &str| match value {
                Some(value) => checker.clause(
                    value,
                    &plain,
                    own,
                    &format!("the {what} of the choice `{}`", name.text),
                ),
                None => Some(PerElement::Same(Expression::Number(default))),
            };
        let precision = clause_or(self, choice.precision.as_ref(), 1.0, "precision")?;
        let switching_cost = clause_or(self, choice.switching_cost.as_ref(), 0.0, "switching cost")?;
        let memory = match &choice.memory {
            None => Memory::Days(Expression::Number(DEFAULT_MEMORY_DAYS)),
            Some(MemoryClause::None(_)) => Memory::None,
            Some(MemoryClause::Forever(_)) => Memory::Forever,
            Some(MemoryClause::Time(time)) => {
                let typed = self.expression(time, &Scope::of(&own.binders));
                if typed.poisoned {
                    return None;
                }
                if typed.kind != ValueKind::Number || typed.dimension != Dimension::time() {
                    let diagnostic = Diagnostic::error(
                        "E0303",
                        format!("memory is a length of time, and this is {}", typed.spoken_type()),
                        typed.span,
                    )
                    .help("write `26 weeks`, `none` or `forever`");
                    self.report(diagnostic);
                    return None;
                }
                Memory::Days(typed.value)
            }
        };
        Some(Utility {
            utilities: utilities.into_iter().collect::<Option<Vec<_>>>()?,
            available,
            precision,
            switching_cost,
            memory,
        })
    }

    /// Returns the names and indices that a quantity binds.
    pub(super) fn binders_of(&self, id: QuantityId) -> Vec<(String, BinderId, IndexId)> {
        self.signatures[id.position()].binders.clone()
    }

    /// Returns whether a quantity is a stock.
    pub(super) fn is_stock(&self, id: QuantityId) -> bool {
        matches!(self.quantities[id.position()].kind, DeclarationKind::Stock { .. })
    }
}

/// Makes the diagnostic for a choice that leaves something open.
fn incomplete(choice: &Name, what: &str, help: &str) -> Diagnostic {
    let message = format!("the choice `{}` does not say {what}", choice.text);
    Diagnostic::error("E0702", message, choice.span).help(help)
}

/// Returns the fact that a prior is, if it is one.
fn sole_fact(prior: &Value) -> Option<String> {
    let Value::Expression(expression) = prior else {
        return None;
    };
    let ExpressionKind::Call(name, arguments) = &expression.kind else {
        return None;
    };
    let [argument] = arguments.as_slice() else {
        return None;
    };
    (name.text == "fact")
        .then(|| super::as_name(&argument.value))
        .flatten()
        .map(|name| name.text)
}

/// Returns a date as text.
pub(super) fn iso(day: i32) -> String {
    let epoch = jiff::civil::date(1970, 1, 1);
    epoch
        .checked_add(jiff::Span::new().days(day))
        .map_or_else(|_| "?".to_owned(), |date| date.to_string())
}

/// Returns a declaration without its comments and without space at line ends.
pub(crate) fn without_comments(text: &str) -> String {
    let lines: Vec<&str> = text
        .lines()
        .map(|line| {
            let outside = |position: usize| line[..position].matches('"').count().is_multiple_of(2);
            let comment = line
                .match_indices("//")
                .map(|(position, _)| position)
                .find(|position| outside(*position));
            line[..comment.unwrap_or(line.len())].trim_end()
        })
        .filter(|line| !line.is_empty())
        .collect();
    lines.join("\n")
}
