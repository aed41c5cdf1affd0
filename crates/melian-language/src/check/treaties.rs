//! Treaties: who the parties are. What a treaty does is in its parts, which are declarations of their own.

use super::Checker;
use crate::diagnostic::Diagnostic;
use crate::syntax::ast::{Declaration, DeclarationKind, Name};
use crate::syntax::treaty;

impl<'a> Checker<'a> {
    /// Reports parties that nobody is, and attributes that have the name of a treaty's part.
    pub(super) fn check_treaties(&mut self, declarations: &[&'a Declaration]) {
        let actors: Vec<&'a str> = declarations
            .iter()
            .filter_map(|declaration| match &declaration.kind {
                DeclarationKind::Choice(choice) => Some(choice.actor.as_ref()?.text.as_str()),
                _ => None,
            })
            .collect();
        for declaration in declarations {
            match &declaration.kind {
                DeclarationKind::Treaty(treaty) => self.check_parties(declaration, &treaty.parties, &actors),
                DeclarationKind::Attribute { .. }
                    if treaty::PARTS.contains(&declaration.name.text.as_str()) =>
                {
                    let name = &declaration.name;
                    let diagnostic = Diagnostic::error(
                        "E0710",
                        format!(
                            "`{0} of ..` is a part of a treaty, so no attribute can be called `{0}`",
                            name.text
                        ),
                        name.span,
                    )
                    .help("give the attribute another name");
                    self.report(diagnostic);
                }
                _ => {}
            }
        }
    }

    fn check_parties(&mut self, declaration: &'a Declaration, parties: &'a [Name], actors: &[&'a str]) {
        if let [only] = parties {
            let diagnostic = Diagnostic::error(
                "E0710",
                format!(
                    "a treaty has at least two parties, and `{}` has one",
                    declaration.name.text
                ),
                only.span,
            )
            .help("add the others: `between FIRST, SECOND`");
            self.report(diagnostic);
        }
        for (position, party) in parties.iter().enumerate() {
            if parties[..position].iter().any(|other| other.text == party.text) {
                let message = format!("`{}` is a party twice", party.text);
                self.report(Diagnostic::error("E0710", message, party.span).help("name each party once"));
                continue;
            }
            let bound = declaration
                .indices
                .iter()
                .filter_map(|index| index.binder.as_ref())
                .any(|binder| binder.text == party.text);
            let known = bound
                || self.elements_named.contains_key(&party.text)
                || actors.contains(&party.text.as_str());
            if !known {
                let message = format!("`{}` is no actor, so it cannot be a party", party.text);
                let diagnostic = Diagnostic::error("E0710", message, party.span);
                let mut diagnostic = self.suggest(diagnostic, party, |checker| {
                    let elements = checker.elements_named.keys().map(String::as_str);
                    elements.chain(actors.iter().copied())
                });
                if diagnostic.help.is_none() {
                    diagnostic = diagnostic.help(
                        "a party is an element of an index, such as `index Power { first, second }`, or makes a choice",
                    );
                }
                self.report(diagnostic);
            }
        }
    }
}
