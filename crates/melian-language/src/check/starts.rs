//! What has to be known before a run starts: constants, priors, starting values.

use std::collections::BTreeSet;

use super::Checker;
use super::components::components;
use crate::diagnostic::Diagnostic;
use crate::model::{Distribution, Expression, Model, PerElement, QuantityId, QuantityKind};

impl<'a> Checker<'a> {
    /// Constants depend on constants; priors and starting values on constants and parameters, and what follows from those alone.
    pub(super) fn check_starts(&mut self, model: &Model) {
        let fixed = fixed_quantities(model);
        for (position, quantity) in model.quantities.iter().enumerate() {
            let mut wrong: Option<(QuantityId, &'static str)> = None;
            let mut over_time = false;
            let mut look = |expression: &Expression, allowed: &BTreeSet<QuantityId>, what: &'static str| {
                expression.each_below(&mut |e| match e {
                    Expression::Quantity(r) if !allowed.contains(&r.quantity) => {
                        wrong = wrong.or(Some((r.quantity, what)))
                    }
                    Expression::Chosen(r, _)
                    | Expression::Happened(r)
                    | Expression::Occurred(r)
                    | Expression::Count(r)
                    | Expression::Since(r)
                    | Expression::Wanted(r)
                    | Expression::InTransit(r) => wrong = wrong.or(Some((r.quantity, what))),
                    Expression::Attribute(r) => wrong = wrong.or(Some((r.attribute, what))),
                    Expression::Calendar(_)
                    | Expression::Previous(..)
                    | Expression::Delay(..)
                    | Expression::Smooth(..)
                    | Expression::Cumulative(_)
                    | Expression::Initial(_) => over_time = true,
                    _ => {}
                });
            };
            let each = |value: &PerElement<Expression>, call: &mut dyn FnMut(&Expression)| match value {
                PerElement::Same(value) => call(value),
                PerElement::Each(values) => values.iter().for_each(call),
            };
            match &quantity.kind {
                QuantityKind::Constant { value } => {
                    each(value, &mut |e| look(e, &fixed.constants, "a constant"))
                }
                QuantityKind::Stock { initial } => {
                    each(initial, &mut |e| look(e, &fixed.known, "an initial value"))
                }
                QuantityKind::Attribute { stocks } => {
                    for stock in stocks {
                        each(&stock.initial, &mut |e| look(e, &fixed.known, "an initial value"));
                    }
                }
                QuantityKind::Parameter { prior, .. } => {
                    let mut each_prior =
                        |d: &Distribution| d.each_argument(&mut |e| look(e, &fixed.known, "a prior"));
                    match prior {
                        PerElement::Same(d) => each_prior(d),
                        PerElement::Each(all) => all.iter().for_each(each_prior),
                    }
                }
                _ => continue,
            }
            let declaration = self.quantities[position];
            if let Some((id, what)) = wrong {
                let spoken = self.spoken(id);
                let diagnostic = Diagnostic::error(
                    "E0603",
                    format!("{what} is known before the run starts, and {spoken} is not"),
                    declaration.span,
                )
                .label(
                    self.quantities[id.position()].name.span,
                    "known only while it runs",
                )
                .help("use constants and parameters");
                self.report(diagnostic);
            } else if over_time {
                let diagnostic = Diagnostic::error(
                    "E0603",
                    format!(
                        "`{}` is known before the run starts, and so has no time to look at",
                        declaration.name.text
                    ),
                    declaration.span,
                );
                self.report(diagnostic);
            }
        }
    }
}

/// Quantities that do not change over time.
struct Fixed {
    constants: BTreeSet<QuantityId>,
    /// Constants, parameters, and derived quantities that follow from those alone.
    known: BTreeSet<QuantityId>,
}

fn fixed_quantities(model: &Model) -> Fixed {
    let ids = |is: &dyn Fn(&QuantityKind) -> bool| -> BTreeSet<QuantityId> {
        (0..model.quantities.len() as u32)
            .map(QuantityId)
            .filter(|id| is(&model.quantity(*id).kind))
            .collect()
    };
    let constants = ids(&|kind| matches!(kind, QuantityKind::Constant { .. }));
    let edges: Vec<Vec<usize>> = model
        .quantities
        .iter()
        .enumerate()
        .map(|(position, quantity)| {
            quantity
                .uses(QuantityId(position as u32))
                .into_iter()
                .map(QuantityId::position)
                .collect()
        })
        .collect();
    let mut known = BTreeSet::new();
    // What a component leads to comes before it, so one pass is enough.
    for position in components(&edges).into_iter().flatten() {
        let id = QuantityId(position as u32);
        match &model.quantity(id).kind {
            QuantityKind::Constant { .. } | QuantityKind::Parameter { .. } => drop(known.insert(id)),
            kind if is_fixed(kind, &known) => drop(known.insert(id)),
            _ => {}
        }
    }
    Fixed { constants, known }
}

fn is_fixed(kind: &QuantityKind, known: &BTreeSet<QuantityId>) -> bool {
    let QuantityKind::Derived { value } = kind else {
        return false;
    };
    let fixed = |expression: &Expression| {
        let mut all = true;
        expression.each_below(&mut |e| {
            all &= match e {
                Expression::Quantity(r) => known.contains(&r.quantity),
                Expression::Number(_)
                | Expression::Fact(..)
                | Expression::Unary(..)
                | Expression::Binary(..)
                | Expression::Call(..)
                | Expression::If(..)
                | Expression::Reduce { .. }
                | Expression::SameElement(..)
                | Expression::Member(..) => true,
                _ => false,
            };
        });
        all
    };
    match value {
        PerElement::Same(value) => fixed(value),
        PerElement::Each(values) => values.iter().all(fixed),
    }
}
