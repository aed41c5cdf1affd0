//! Interventions: named changes, from the model and from the command line.

use std::collections::BTreeSet;

use super::expressions::Scope;
use super::{Checker, Type};
use crate::diagnostic::Diagnostic;
use crate::model::{
    Action, Change, ElementId, Intervention, InterventionId, Quantity, QuantityId, QuantityKind,
};
use crate::source::Span;
use crate::syntax::ast::{self, ChangeAction, Declaration, DeclarationKind};

impl<'a> Checker<'a> {
    /// Lowers the interventions of the model and those of the command line.
    pub(super) fn lower_interventions(
        &mut self,
        declarations: &[&'a Declaration],
        ad_hoc: &[(String, Option<ast::Change>)],
        quantities: &[Option<Quantity>],
    ) -> Vec<Intervention> {
        let mut found = Vec::new();
        for declaration in declarations {
            let DeclarationKind::Intervention { changes } = &declaration.kind else {
                continue;
            };
            if self.interventions.contains_key(&declaration.name.text) {
                continue;
            }
            if declaration.name.text == "baseline" {
                let diagnostic = Diagnostic::error(
                    "E0202",
                    "`baseline` is the model as it stands",
                    declaration.name.span,
                )
                .help("give the intervention another name");
                self.report(diagnostic);
            }
            self.interventions
                .insert(declaration.name.text.clone(), InterventionId(found.len() as u32));
            let changes: Vec<Change> = changes
                .iter()
                .filter_map(|change| self.change(change, quantities))
                .collect();
            self.contradictions(&changes, declaration.name.span);
            found.push(Intervention {
                name: declaration.name.text.clone(),
                title: declaration.title.as_ref().map(|t| t.text.clone()),
                span: declaration.span,
                changes,
            });
        }
        for (text, change) in ad_hoc {
            let Some(written) = change else { continue };
            let Some(change) = self.change(written, quantities) else {
                continue;
            };
            self.interventions
                .insert(text.clone(), InterventionId(found.len() as u32));
            found.push(Intervention {
                name: text.clone(),
                title: None,
                span: written.span,
                changes: vec![change],
            });
        }
        found
    }

    fn contradictions(&mut self, changes: &[Change], span: Span) {
        let mut seen = BTreeSet::new();
        for change in changes {
            if !seen.insert((change.quantity, &change.element, change.from_step)) {
                let spoken = self.spoken(change.quantity);
                self.report(Diagnostic::error(
                    "E0704",
                    format!("the intervention changes {spoken} twice"),
                    span,
                ));
            }
        }
    }

    fn change(&mut self, change: &ast::Change, quantities: &[Option<Quantity>]) -> Option<Change> {
        let Some(id) = self.quantity_ids.get(&change.target.name.text).copied() else {
            let diagnostic = self.unknown("quantity", &change.target.name, |checker| {
                checker.quantity_ids.keys().map(String::as_str)
            });
            self.report(diagnostic);
            return None;
        };
        let element = self.named_element(id, &change.target)?;
        let from_step = match &change.from {
            None => 0,
            Some(date) => {
                let day = self.date(date)?;
                let Some(step) = self.step_of_day(day) else {
                    self.report(Diagnostic::error(
                        "E0602",
                        "this date lies outside the run",
                        date.span,
                    ));
                    return None;
                };
                step
            }
        };
        let kind = &quantities[id.position()].as_ref()?.kind;
        let action = self.action(id, kind, change)?;
        if from_step > 0 && matches!(kind, QuantityKind::Stock { .. }) {
            let spoken = self.spoken(id);
            let diagnostic = Diagnostic::error(
                "E0704",
                format!("{spoken} is held at its start, not from a date"),
                change.span,
            )
            .help("change the flows that move it");
            self.report(diagnostic);
            return None;
        }
        Some(Change {
            quantity: id,
            element,
            from_step,
            action,
        })
    }

    /// Returns the element that stands in brackets, none if there are no brackets; or reports that there is no such element.
    pub(super) fn named_element(
        &mut self,
        id: QuantityId,
        target: &ast::Target,
    ) -> Option<Option<Vec<ElementId>>> {
        if target.element.is_empty() {
            return Some(None);
        }
        let shape = self.signatures[id.position()].shape.clone();
        if shape.len() != target.element.len() {
            let spoken = self.spoken(id);
            let message = format!(
                "{spoken} has {} indices, and here are {} elements",
                shape.len(),
                target.element.len()
            );
            self.report(Diagnostic::error("E0205", message, target.span));
            return None;
        }
        let elements: Vec<Option<ElementId>> = shape
            .iter()
            .zip(&target.element)
            .map(|(index, name)| self.member(*index, name))
            .collect();
        elements.into_iter().collect::<Option<Vec<_>>>().map(Some)
    }

    fn action(&mut self, id: QuantityId, kind: &QuantityKind, change: &ast::Change) -> Option<Action> {
        let spoken = self.spoken(id);
        let refuse = |checker: &mut Checker<'a>, message: String, help: &str| {
            let declared = checker.quantities[id.position()].name.span;
            let diagnostic = Diagnostic::error("E0704", message, change.span)
                .label(declared, "declared here")
                .help(help.to_owned());
            checker.report(diagnostic);
            None
        };
        match kind {
            QuantityKind::Event(_) => match &change.action {
                ChangeAction::Never => Some(Action::Never),
                ChangeAction::Always => Some(Action::Always),
                ChangeAction::At(date) => {
                    let day = self.date(date)?;
                    Some(Action::At(self.step_of_day(day)))
                }
                _ => refuse(
                    self,
                    format!("{spoken} has no value to hold"),
                    "an event is `never`, `always` or `at DATE`",
                ),
            },
            QuantityKind::Choice(_) => match &change.action {
                ChangeAction::Hold(value) | ChangeAction::Cut(value) => match super::as_name(value) {
                    Some(name) => self.option(id, &name).map(Action::Option),
                    None => refuse(
                        self,
                        format!("{spoken} is held at an option"),
                        "name one of its options",
                    ),
                },
                ChangeAction::Freeze => Some(Action::Freeze),
                _ => refuse(self, format!("{spoken} does not happen"), "hold it at an option"),
            },
            QuantityKind::Measure { .. } | QuantityKind::Question { .. } | QuantityKind::Series { .. } => {
                refuse(
                    self,
                    format!("{spoken} is only read off"),
                    "change what it is read from",
                )
            }
            QuantityKind::Transfer { .. } => {
                refuse(self, format!("{spoken} acts on an event"), "change the event")
            }
            QuantityKind::Attribute { .. } => refuse(
                self,
                format!("{spoken} travels with its stocks"),
                "change the parameters of its rate, or what flows bring",
            ),
            QuantityKind::Parameter { .. } | QuantityKind::Constant { .. } | QuantityKind::Stock { .. } => {
                match &change.action {
                    ChangeAction::Hold(value) | ChangeAction::Cut(value) => {
                        self.held(id, value).map(Action::Hold)
                    }
                    ChangeAction::Freeze if !matches!(kind, QuantityKind::Stock { .. }) => {
                        Some(Action::Freeze)
                    }
                    ChangeAction::Freeze => refuse(
                        self,
                        format!("{spoken} cannot be frozen"),
                        "freeze the flows that move it, or cut them to 0",
                    ),
                    _ => refuse(self, format!("{spoken} does not happen"), "hold it at a value"),
                }
            }
            QuantityKind::Derived { .. } | QuantityKind::Flow { .. } | QuantityKind::Noise { .. } => {
                match &change.action {
                    ChangeAction::Hold(value)
                        if matches!(kind, QuantityKind::Noise { .. })
                            && super::as_name(value).is_some_and(|name| name.text == "median") =>
                    {
                        Some(Action::Median)
                    }
                    ChangeAction::Cut(value) => self.held(id, value).map(Action::Hold),
                    ChangeAction::Freeze => Some(Action::Freeze),
                    ChangeAction::Hold(_) => self.refuse_to_hold(id, change),
                    _ => refuse(
                        self,
                        format!("{spoken} does not happen"),
                        "cut it to a value, or freeze it",
                    ),
                }
            }
        }
    }

    fn refuse_to_hold(&mut self, id: QuantityId, change: &ast::Change) -> Option<Action> {
        let declaration = self.quantities[id.position()];
        let name = &declaration.name.text;
        if matches!(declaration.kind, DeclarationKind::Noise { .. }) {
            let diagnostic = Diagnostic::error(
                "E0703",
                format!("`{name}` is noise, and holding it would cut its distribution"),
                change.span,
            )
            .label(declaration.span, "this distribution would no longer be drawn from")
            .help(format!("write `{name} = median` for the middle of its distribution in every step, `{name} = cut ..` for one value, or `freeze {name}` to keep its first"));
            self.report(diagnostic);
            return None;
        }
        let diagnostic = Diagnostic::error("E0703", format!("`{name}` is derived, and holding it would cut its equation"), change.span)
            .label(declaration.span, "this equation would no longer be heard")
            .help(format!("write `{name} = cut ..` if that is meant, `freeze {name}` to keep its first value, or hold what it is derived from"));
        self.report(diagnostic);
        None
    }

    fn held(&mut self, id: QuantityId, value: &ast::Expression) -> Option<crate::model::Expression> {
        let type_: Type = self.type_of(id)?;
        let who = self.owner(id, "new value");
        let scope = Scope::of(&self.binders_of(id));
        self.in_unit(value, &scope, false, &type_, &who)
    }

    /// Returns an intervention by its name, or reports that there is none.
    pub(super) fn intervention(&mut self, name: &ast::Name) -> Option<InterventionId> {
        if let Some(id) = self.interventions.get(&name.text) {
            return Some(*id);
        }
        let mut diagnostic = Diagnostic::error(
            "E0709",
            format!("there is no intervention named `{}`", name.text),
            name.span,
        );
        diagnostic = self.suggest(diagnostic, name, |checker| {
            checker.interventions.keys().map(String::as_str)
        });
        if diagnostic.help.is_none() {
            diagnostic = diagnostic.help(format!("declare it: `intervention {} {{ .. }}`", name.text));
        }
        self.report(diagnostic);
        None
    }
}
