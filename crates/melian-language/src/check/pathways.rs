//! Pathways: what effects go through.

use super::Checker;
use crate::diagnostic::Diagnostic;
use crate::model::{ElementId, Pathway, QuantityId};
use crate::syntax::ast::{Declaration, DeclarationKind, Name, Target};

/// What is said about a pathway that nothing can be held on.
const CANNOT: &str = "E0714";

impl<'a> Checker<'a> {
    pub(super) fn lower_pathways(&mut self, declarations: &[&'a Declaration]) -> Vec<Pathway> {
        let mut found = Vec::new();
        for declaration in declarations {
            let DeclarationKind::Pathway { members } = &declaration.kind else {
                continue;
            };
            let mut mediators: Vec<(QuantityId, Option<Vec<ElementId>>)> = Vec::new();
            for member in members {
                let Some(mediator) = self.mediator(member) else {
                    continue;
                };
                let same = |other: &(QuantityId, Option<Vec<ElementId>>)| {
                    other.0 == mediator.0
                        && (other.1.is_none() || mediator.1.is_none() || other.1 == mediator.1)
                };
                if mediators.iter().any(same) {
                    let message = format!("the pathway `{}` goes through this twice", declaration.name.text);
                    self.report(Diagnostic::error(CANNOT, message, member.span).help("name it once"));
                    continue;
                }
                mediators.push(mediator);
            }
            self.pathways.insert(declaration.name.text.clone(), found.len());
            found.push(Pathway {
                name: declaration.name.text.clone(),
                title: declaration.title.as_ref().map(|title| title.text.clone()),
                span: declaration.span,
                mediators,
            });
        }
        found
    }

    /// Returns the position of a pathway that a formula names.
    pub(super) fn pathway(&mut self, name: &Name) -> Option<usize> {
        if let Some(position) = self.pathways.get(&name.text) {
            return Some(*position);
        }
        let mut diagnostic = self.unknown("pathway", name, |checker| {
            checker.pathways.keys().map(String::as_str)
        });
        if diagnostic.help.is_none() {
            diagnostic = diagnostic.help(format!("declare it: `pathway {} through ..`", name.text));
        }
        self.report(diagnostic);
        None
    }

    fn mediator(&mut self, member: &Target) -> Option<(QuantityId, Option<Vec<ElementId>>)> {
        let name = &member.name;
        let holds = |kind: &DeclarationKind| {
            matches!(
                kind,
                DeclarationKind::Let { .. } | DeclarationKind::Choice(_) | DeclarationKind::Event { .. }
            )
        };
        let Some(id) = self.quantity_ids.get(&name.text).copied() else {
            let diagnostic = self.unknown("derived quantity, choice or event", name, |checker| {
                checker.names_of(holds)
            });
            self.report(diagnostic);
            return None;
        };
        let declaration = self.quantities[id.position()];
        if !holds(&declaration.kind) {
            let message = format!("{} cannot be held as in another world", self.spoken(id));
            let diagnostic = Diagnostic::error(CANNOT, message, member.span)
                .label(declaration.name.span, "declared here")
                .help("name a derived quantity (`let`), choice or event that is computed from it");
            self.report(diagnostic);
            return None;
        }
        Some((id, self.named_element(id, member)?))
    }
}
