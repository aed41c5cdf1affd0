//! Units where none is declared. What an equation refers to is known first; what leads back to itself is found together.

use std::collections::BTreeMap;

use super::components::{components, leads_back};
use super::expressions::Scope;
use super::written::{each_expression, each_in_value, each_leaf, name_of};
use super::{Checker, Type, Typing};
use crate::diagnostic::Diagnostic;
use crate::model::{QuantityId, Unit, ValueKind};
use crate::syntax::ast::{self, DeclarationKind, Value};
use crate::units::Dimension;

/// How often what leads back to itself is gone through: each round settles at least what hangs on the round before.
const MOST_ROUNDS: usize = 16;

/// What an equation says about its own type.
enum Finding {
    /// The type.
    Type(Type),
    /// Nothing: it is zero, or hangs on what is being inferred.
    Open,
    /// Something is wrong with it, which lowering will report.
    Wrong,
}

impl<'a> Checker<'a> {
    /// Settles the type of every quantity.
    pub(super) fn infer_types(&mut self) {
        for position in 0..self.quantities.len() {
            if let Some(unit) = &self.quantities[position].unit
                && !matches!(self.signatures[position].typing, Typing::Poisoned)
            {
                self.signatures[position].typing =
                    self.declared(unit).map_or(Typing::Poisoned, Typing::Known);
            }
        }
        let edges = self.type_edges();
        for component in components(&edges) {
            let together = leads_back(&component, &edges);
            let open: Vec<QuantityId> = component
                .into_iter()
                .filter(|node| {
                    self.signatures
                        .get(*node)
                        .is_some_and(|s| matches!(s.typing, Typing::Unknown))
                })
                .map(|node| QuantityId(node as u32))
                .collect();
            if together {
                self.infer_together(&open);
            } else {
                open.into_iter().for_each(|id| self.infer_alone(id));
            }
        }
    }

    /// Returns what the type of each quantity hangs on: quantities by their position, then functions, whose bodies name quantities.
    fn type_edges(&self) -> Vec<Vec<usize>> {
        let first_function = self.quantities.len();
        let functions: BTreeMap<&str, usize> = self
            .functions
            .keys()
            .enumerate()
            .map(|(place, name)| (*name, first_function + place))
            .collect();
        let node = |name: &str| match self.quantity_ids.get(name) {
            Some(id) => Some(id.position()),
            None => functions.get(name).copied(),
        };
        let mut edges = Vec::with_capacity(first_function + functions.len());
        for (declaration, signature) in self.quantities.iter().zip(&self.signatures) {
            let mut to = Vec::new();
            if matches!(signature.typing, Typing::Unknown) {
                each_telling(&declaration.kind, &mut |e| to.extend(name_of(e).and_then(node)));
            }
            edges.push(to);
        }
        for function in self.functions.values() {
            let mut to = Vec::new();
            each_expression(function, &mut |e| to.extend(name_of(e).and_then(node)));
            edges.push(to);
        }
        edges
    }

    fn infer_alone(&mut self, id: QuantityId) {
        let typing = match self.find_type(id) {
            Finding::Type(type_) => Typing::Known(type_),
            Finding::Open => Typing::Known(self.inferred(Dimension::plain(), ValueKind::Number)),
            Finding::Wrong => Typing::Wrong,
        };
        self.signatures[id.position()].typing = typing;
    }

    /// Settles quantities that lead back to themselves. While their types are open they fit any unit, so that one of them whose
    /// equation names a unit settles the others. What no equation settles stays open.
    fn infer_together(&mut self, ids: &[QuantityId]) {
        for id in ids {
            self.signatures[id.position()].typing = Typing::Open;
        }
        let mut open: Vec<QuantityId> = ids.to_vec();
        for _ in 0..MOST_ROUNDS {
            let before = open.len();
            open.retain(|id| match self.find_type(*id) {
                Finding::Type(type_) => {
                    self.signatures[id.position()].typing = Typing::Known(type_);
                    false
                }
                Finding::Open | Finding::Wrong => true,
            });
            if open.len() == before {
                break;
            }
        }
        for id in open {
            if matches!(self.find_type(id), Finding::Wrong) {
                self.signatures[id.position()].typing = Typing::Wrong;
            }
        }
    }

    /// Reports quantities whose types nothing tells.
    pub(super) fn report_open_types(&mut self) {
        for position in 0..self.quantities.len() {
            let because = match self.signatures[position].typing {
                Typing::Open => ", because it leads back to itself",
                Typing::Wrong => "",
                _ => continue,
            };
            let name = &self.quantities[position].name;
            let spoken = self.spoken(QuantityId(position as u32));
            let message = format!("the unit of {spoken} cannot be inferred{because}");
            let diagnostic = Diagnostic::error("E0307", message, name.span)
                .help(format!("declare it: `{} : 1` if it is a plain number", name.text));
            self.report(diagnostic);
        }
    }

    /// Infers the type of a quantity from its equation.
    fn find_type(&mut self, id: QuantityId) -> Finding {
        self.inferring = true;
        let found = self.type_in_equation(id);
        self.inferring = false;
        found
    }

    fn type_in_equation(&mut self, id: QuantityId) -> Finding {
        let declaration = self.quantities[id.position()];
        let scope = Scope::of(&self.binders_of(id));
        match &declaration.kind {
            DeclarationKind::Const { value } | DeclarationKind::Let { value } => {
                self.type_of_value(value, &scope)
            }
            DeclarationKind::Stock { initial } => self.type_of_value(initial, &scope),
            DeclarationKind::Series { value } | DeclarationKind::Measure { value, .. } => self.type_of_value(
                value,
                &Scope {
                    reading: true,
                    ..scope
                },
            ),
            DeclarationKind::Attribute { stocks, initial, .. } => {
                let stock = stocks
                    .first()
                    .and_then(|stock| self.quantity_ids.get(&stock.text).copied());
                let binders = stock.map(|stock| self.binders_of(stock)).unwrap_or_default();
                self.type_of_value(initial, &Scope::of(&binders))
            }
            DeclarationKind::Param { prior } => self.type_of_prior(prior, &scope),
            DeclarationKind::Noise { distribution } => self.type_of_prior(distribution, &scope),
            DeclarationKind::Flow { from, to, .. } => self.type_of_moved(from.as_ref().or(to.as_ref()), true),
            DeclarationKind::Transfer { from, to, .. } => {
                self.type_of_moved(from.as_ref().or(to.as_ref()), false)
            }
            DeclarationKind::Question { .. } => {
                Finding::Type(self.inferred(Dimension::plain(), ValueKind::Condition))
            }
            _ => Finding::Type(self.inferred(Dimension::plain(), ValueKind::Number)),
        }
    }

    /// Returns the type of the first element's value that tells one.
    fn type_of_value(&mut self, value: &Value, scope: &Scope) -> Finding {
        let mut found = Finding::Open;
        each_leaf(value, &mut |leaf| {
            if matches!(found, Finding::Type(_)) {
                return;
            }
            let typed = self.expression(leaf, scope);
            if typed.poisoned {
                found = Finding::Wrong;
            } else if !typed.free {
                found = Finding::Type(self.inferred(typed.dimension, typed.kind));
            }
        });
        found
    }

    fn type_of_prior(&mut self, value: &Value, scope: &Scope) -> Finding {
        let mut found = Finding::Open;
        each_leaf(value, &mut |leaf| {
            if matches!(found, Finding::Type(_)) {
                return;
            }
            found = match self.distribution(leaf, scope, None) {
                None => Finding::Wrong,
                Some(typed) => match typed.dimension {
                    Some(dimension) => Finding::Type(self.inferred(dimension, ValueKind::Number)),
                    None => Finding::Open,
                },
            };
        });
        found
    }

    /// Infers the type of what a flow (per time) or a transfer moves from the stock that it moves.
    fn type_of_moved(&mut self, stock: Option<&ast::Expression>, per_time: bool) -> Finding {
        let id = stock
            .and_then(name_of)
            .and_then(|name| self.quantity_ids.get(name).copied());
        let Some(id) = id.filter(|id| self.is_stock(*id)) else {
            return Finding::Wrong;
        };
        let type_ = match &self.signatures[id.position()].typing {
            Typing::Known(type_) => type_.clone(),
            Typing::Unknown | Typing::Open => return Finding::Open,
            Typing::Wrong | Typing::Poisoned => return Finding::Wrong,
        };
        if !per_time {
            return Finding::Type(type_);
        }
        let dimension = type_.dimension.per(&Dimension::time());
        if type_.dimension.is_plain() || type_.unit.text.contains('/') {
            return Finding::Type(self.inferred(dimension, ValueKind::Number));
        }
        // In the unit in which the stock is shown: `brigade/day`, not `person/day`.
        let text = format!("{}/day", type_.unit.text);
        let unit = Unit { text, ..type_.unit };
        Finding::Type(Type { dimension, unit })
    }
}

/// Calls a function on every expression that tells the type of a declaration without a unit.
fn each_telling<'e>(kind: &'e DeclarationKind, call: &mut dyn FnMut(&'e ast::Expression)) {
    match kind {
        DeclarationKind::Const { value }
        | DeclarationKind::Let { value }
        | DeclarationKind::Stock { initial: value }
        | DeclarationKind::Attribute { initial: value, .. }
        | DeclarationKind::Series { value }
        | DeclarationKind::Measure { value, .. }
        | DeclarationKind::Param { prior: value }
        | DeclarationKind::Noise { distribution: value } => each_in_value(value, call),
        DeclarationKind::Flow { from, to, .. } | DeclarationKind::Transfer { from, to, .. } => {
            from.iter().chain(to).for_each(call);
        }
        _ => {}
    }
}
