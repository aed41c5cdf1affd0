//! Warnings: a model that can be run, and may not be what was meant.

use std::collections::BTreeSet;

use super::Checker;
use super::written::{each_below, each_operand, each_root, name_of, names_in};
use crate::diagnostic::Diagnostic;
use crate::model::{Action, Decision, Model, QuantityId, QuantityKind, Rule};
use crate::names::keyword;
use crate::source::Span;
use crate::syntax::ast::{Declaration, DeclarationKind, Expression, ExpressionKind, Operator};

impl<'a> Checker<'a> {
    /// Warns of divisions by a stock that can be empty, unless a condition around them looks at that stock.
    pub(super) fn warn_of_zero_divisions(&mut self, model: &Model) {
        let drained: BTreeSet<QuantityId> = model
            .quantities
            .iter()
            .filter_map(|quantity| match &quantity.kind {
                QuantityKind::Flow { from: Some(from), .. }
                | QuantityKind::Transfer { from: Some(from), .. } => Some(from.quantity),
                _ => None,
            })
            .collect();
        let names: BTreeSet<&str> = drained
            .iter()
            .map(|id| model.quantity(*id).name.as_str())
            .collect();
        let mut found = Vec::new();
        for declaration in self.quantities.iter().chain(self.functions.values()) {
            each_root(declaration, &mut |root| {
                divisions(root, &names, &mut Vec::new(), &mut found)
            });
        }
        for division in found {
            let written = self.sources.excerpt(division.divisor).to_owned();
            let diagnostic = match division.stock {
                None => Diagnostic::warning("W1002", "this divides by zero", division.divisor),
                Some(stock) => {
                    let help = format!("write `max({written}, ..)` with the least value that makes sense");
                    let diagnostic = Diagnostic::warning(
                        "W1002",
                        format!("this divides by the stock `{stock}`, which flows can drain to zero"),
                        division.divisor,
                    )
                    .help(help);
                    match self.quantity_ids.get(&stock) {
                        Some(id) => diagnostic.label(self.quantities[id.position()].name.span, "the stock"),
                        None => diagnostic,
                    }
                }
            };
            self.report(diagnostic);
        }
    }

    /// Warns of rows that never decide, and of options that neither a row nor an intervention names.
    pub(super) fn warn_of_idle_rules(&mut self, model: &Model) {
        for (position, declaration) in self.quantities.clone().into_iter().enumerate() {
            let (DeclarationKind::Choice(written), QuantityKind::Choice(choice)) =
                (&declaration.kind, &model.quantities[position].kind)
            else {
                continue;
            };
            let (Some(rows), Decision::Rules(rules)) = (&written.rules, &choice.decision) else {
                continue;
            };
            let always = |rule: &Rule| self.known(&rule.condition).is_some_and(|truth| truth != 0.0);
            let last = rules.iter().position(always).unwrap_or(rules.len());
            if let Some(row) = rows.get(last + 1) {
                let diagnostic = Diagnostic::warning("W1005", "this row never decides", row.span)
                    .label(rows[last].span, "this row always does")
                    .help("put it before that row, or leave it out");
                self.report(diagnostic);
            }
            let held = model.interventions.iter().flat_map(|world| &world.changes);
            let held = held.filter_map(|change| match change.action {
                Action::Option(option) if change.quantity.position() == position => Some(option),
                _ => None,
            });
            let reached: BTreeSet<u32> = rules.iter().map(|rule| rule.option).chain(held).collect();
            for (option, element) in written.options.iter().enumerate() {
                if option as u32 != choice.start && !reached.contains(&(option as u32)) {
                    let message = format!("no row decides for `{}`", element.name.text);
                    let diagnostic = Diagnostic::warning("W1005", message, element.name.span)
                        .help(format!("add a row: `CONDITION: {}`", element.name.text));
                    self.report(diagnostic);
                }
            }
        }
    }

    /// Warns of declarations that nothing uses.
    pub(super) fn warn_of_unused(&mut self, model: &Model, declarations: &[&'a Declaration]) {
        let mut used: BTreeSet<QuantityId> = BTreeSet::new();
        for (position, quantity) in model.quantities.iter().enumerate() {
            used.extend(quantity.uses(QuantityId(position as u32)));
        }
        for intervention in &model.interventions {
            used.extend(intervention.uses());
        }
        used.extend(model.anchors.iter().map(|anchor| anchor.parameter));
        for declaration in declarations {
            if let DeclarationKind::Correlate { value, .. } = &declaration.kind {
                each_below(value, &mut |e| {
                    used.extend(name_of(e).and_then(|name| self.quantity_ids.get(name)));
                });
            }
        }
        let named = names_in(declarations);
        for declaration in declarations {
            let name = &declaration.name;
            let (unused, help) = match &declaration.kind {
                DeclarationKind::Const { .. }
                | DeclarationKind::Param { .. }
                | DeclarationKind::Let { .. }
                | DeclarationKind::Noise { .. } => {
                    let id = self.quantity_ids.get(&name.text);
                    (
                        id.is_some_and(|id| !used.contains(id)),
                        "use it, record it as a `series`, or leave it out",
                    )
                }
                DeclarationKind::Index { .. }
                | DeclarationKind::Subset { .. }
                | DeclarationKind::Map { .. }
                | DeclarationKind::Function { .. } => {
                    let of_the_model = !self.sources.name(declaration.span.file).starts_with("std/");
                    (
                        of_the_model && !named.contains(name.text.as_str()),
                        "use it, or leave it out",
                    )
                }
                _ => continue,
            };
            if unused {
                let word = keyword(&declaration.kind);
                let diagnostic = Diagnostic::warning(
                    "W1001",
                    format!("nothing uses the {word} `{}`", name.text),
                    name.span,
                )
                .help(help);
                self.report(diagnostic);
            }
        }
    }
}

/// A division by what can be zero.
struct Division {
    divisor: Span,
    /// The stock; none for the number 0.
    stock: Option<String>,
}

/// Collects divisions by a stock that can be empty. `looked_at` are the stocks that conditions around the expression look at.
fn divisions<'e>(
    expression: &'e Expression,
    drained: &BTreeSet<&str>,
    looked_at: &mut Vec<&'e str>,
    found: &mut Vec<Division>,
) {
    match &expression.kind {
        ExpressionKind::If(condition, yes, no) => {
            divisions(condition, drained, looked_at, found);
            let before = looked_at.len();
            each_below(condition, &mut |e| looked_at.extend(name_of(e)));
            divisions(yes, drained, looked_at, found);
            divisions(no, drained, looked_at, found);
            looked_at.truncate(before);
            return;
        }
        ExpressionKind::Binary(Operator::Divide, _, divisor) => {
            if let Some(factor) = zero_factor(divisor, drained) {
                let stock = name_of(factor).map(str::to_owned);
                if !stock.as_deref().is_some_and(|stock| looked_at.contains(&stock)) {
                    found.push(Division {
                        divisor: factor.span,
                        stock,
                    });
                }
            }
        }
        _ => {}
    }
    each_operand(expression, &mut |operand| {
        divisions(operand, drained, looked_at, found)
    });
}

/// Returns the factor of a divisor that can be zero: the number 0, or a stock that can be drained.
fn zero_factor<'e>(divisor: &'e Expression, drained: &BTreeSet<&str>) -> Option<&'e Expression> {
    match &divisor.kind {
        ExpressionKind::Number { value, .. } => (*value == 0.0).then_some(divisor),
        ExpressionKind::Name(name) => drained.contains(name.as_str()).then_some(divisor),
        ExpressionKind::Subscripted(name, _) => drained.contains(name.text.as_str()).then_some(divisor),
        ExpressionKind::Binary(Operator::Multiply, a, b) | ExpressionKind::Of(a, b) => {
            zero_factor(a, drained).or_else(|| zero_factor(b, drained))
        }
        ExpressionKind::Binary(Operator::Divide, a, _) | ExpressionKind::Binary(Operator::Power, a, _) => {
            zero_factor(a, drained)
        }
        _ => None,
    }
}
