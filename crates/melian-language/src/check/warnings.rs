//! Warnings: a model that can be run, and may not be what was meant.

use std::collections::{BTreeMap, BTreeSet};

use super::Checker;
use super::ranges::Ranges;
use super::written::{each_below, each_leaf, each_operand, each_root, name_of, names_in};
use crate::diagnostic::Diagnostic;
use crate::model::{Action, Decision, Model, QuantityId, QuantityKind};
use crate::names::keyword;
use crate::source::Span;
use crate::syntax::ast::{
    ChoiceDeclaration, Declaration, DeclarationKind, Expression, ExpressionKind, InForce, Name, Operator,
    RuleDeclaration, TreatyDeclaration, Trigger, Value,
};
use crate::syntax::treaty;

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

    /// Warns of conditions that hold always or never, whatever is drawn and in every world: of a branch that is never taken, an event that
    /// cannot happen, a treaty that cannot apply.
    pub(super) fn warn_of_settled_conditions(&mut self, model: &Model, declarations: &[&'a Declaration]) {
        let ranges = Ranges::of(model);
        let mut settled: BTreeMap<Span, Option<bool>> = BTreeMap::new();
        for (span, condition) in &self.conditions {
            let range = ranges.expression(condition);
            let found = match (range.never(), range.always()) {
                (true, _) => Some(false),
                (_, true) => Some(true),
                _ => None,
            };
            // A function may be called with other arguments elsewhere.
            let verdict = settled.entry(*span).or_insert(found);
            *verdict = verdict.filter(|verdict| found == Some(*verdict));
        }
        for (span, verdict) in settled {
            let Some(holds) = verdict else { continue };
            if self.sources.name(span.file).starts_with("std/") {
                continue;
            }
            let (often, branch) = if holds {
                ("always", "`else`")
            } else {
                ("never", "`then`")
            };
            let diagnostic = Diagnostic::warning(
                "W1004",
                format!("this condition {often} holds, so what stands after {branch} is never used"),
                span,
            )
            .help("leave out the branch, or give what the condition looks at a prior that leaves it open");
            self.report(diagnostic);
        }
        for declaration in declarations {
            match &declaration.kind {
                DeclarationKind::Treaty(treaty) => self.warn_of_idle_treaty(declaration, treaty, &ranges),
                DeclarationKind::Choice(choice) => {
                    self.warn_of_idle_rules(&declaration.name, choice, model, &ranges);
                }
                DeclarationKind::Event {
                    trigger: Trigger::When(_) | Trigger::Rate { .. },
                    ..
                } if !is_part_of_treaty(&declaration.name.text) => {
                    let id = self.quantity_ids.get(&declaration.name.text);
                    if id.is_some_and(|id| ranges.get(*id).never()) {
                        let diagnostic = Diagnostic::warning(
                            "W1004",
                            format!("the event `{}` can never happen", declaration.name.text),
                            declaration.name.span,
                        )
                        .help("its condition never holds, or its rate is zero, whatever is drawn");
                        self.report(diagnostic);
                    }
                }
                _ => {}
            }
        }
    }

    /// Warns of rows that never decide, and of options that neither a row nor an intervention names.
    fn warn_of_idle_rules(
        &mut self,
        name: &Name,
        written: &ChoiceDeclaration,
        model: &Model,
        ranges: &Ranges<'_>,
    ) {
        let Some((&id, rows)) = self.quantity_ids.get(&name.text).zip(written.rules.as_ref()) else {
            return;
        };
        let QuantityKind::Choice(choice) = &model.quantity(id).kind else {
            return;
        };
        let Decision::Rules(rules) = &choice.decision else {
            return;
        };
        let idle = |row: &RuleDeclaration| {
            Diagnostic::warning("W1005", "this row never decides", row.span)
                .help("put it before what always decides, or leave it out")
        };
        for (position, (row, rule)) in rows.iter().zip(rules).enumerate() {
            let range = ranges.expression(&rule.condition);
            if range.never() {
                let diagnostic =
                    idle(row).help("its condition never holds, whatever is drawn, and in every world");
                self.report(diagnostic);
            } else if range.always() {
                if let Some(next) = rows.get(position + 1) {
                    self.report(idle(next).label(row.span, "this row always does"));
                }
                break;
            }
        }
        let held = model.interventions.iter().flat_map(|world| &world.changes);
        let held = held.filter_map(|change| match change.action {
            Action::Option(option) if change.quantity == id => Some(option),
            _ => None,
        });
        let reached: BTreeSet<u32> = rules.iter().map(|rule| rule.option).chain(held).collect();
        for (option, element) in (0..).zip(&written.options) {
            if option != choice.start && !reached.contains(&option) {
                let message = format!("no row decides for `{}`", element.name.text);
                let diagnostic = Diagnostic::warning("W1005", message, element.name.span)
                    .help(format!("add a row: `CONDITION: {}`", element.name.text));
                self.report(diagnostic);
            }
        }
    }

    fn warn_of_idle_treaty(
        &mut self,
        declaration: &'a Declaration,
        treaty: &'a TreatyDeclaration,
        ranges: &Ranges<'_>,
    ) {
        let name = &declaration.name;
        let start = |value: &'a Value| {
            let mut first = None;
            each_leaf(value, &mut |leaf| first = first.or(Some(leaf.span)));
            first.unwrap_or(name.span)
        };
        let in_force = treaty.in_force.as_ref().map(|clause| match clause {
            InForce::From(from) => from.span,
            InForce::When(when) => start(when),
        });
        let clauses = [
            ("in_force", "is never in force", in_force),
            (
                "trigger",
                "never applies: its trigger cannot hold",
                Some(start(&treaty.trigger)),
            ),
            (
                "territory",
                "never applies: nothing can be on its territory",
                treaty.territory.as_ref().map(&start),
            ),
            (
                "judge",
                "is never invoked: its judge cannot say so",
                treaty.judge.as_ref().map(&start),
            ),
        ];
        for (part, message, span) in clauses {
            let id = self.quantity_ids.get(&treaty::part(part, &name.text));
            if let (Some(id), Some(span)) = (id, span)
                && ranges.get(*id).never()
            {
                let diagnostic =
                    Diagnostic::warning("W1004", format!("the treaty `{}` {message}", name.text), span)
                        .help("whatever is drawn, and in every world, this condition is false");
                self.report(diagnostic);
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
        let parties = declarations
            .iter()
            .flat_map(|declaration| match &declaration.kind {
                DeclarationKind::Treaty(treaty) => treaty.parties.as_slice(),
                _ => &[],
            });
        let with_parties: BTreeSet<String> = parties
            .filter_map(|party| self.elements_named.get(&party.text))
            .flatten()
            .map(|(index, _)| self.indices[index.position()].name.clone())
            .collect();
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
                        of_the_model
                            && !named.contains(name.text.as_str())
                            && !with_parties.contains(&name.text),
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

/// Whether a declaration was made from a treaty: no name that is written has a space.
fn is_part_of_treaty(name: &str) -> bool {
    name.contains(' ')
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
