//! Choices that act on nothing in a world: everything that reads them is multiplied by zero there.

use std::collections::BTreeSet;

use melian_engine::World;
use melian_language::model::{
    Action, Binary, Change, Expression, FunctionName, Model, Quantity, QuantityId, QuantityKind, Reduction,
    Unary,
};

/// Returns the choices on which nothing hangs in a world.
///
/// # Method
/// Data flow: constants, derived quantities, flows and stocks are assumed to be zero in every future, and those that are not zero if the others
/// are lose the assumption, until none is left that does (the greatest fixed point). What reads a choice only within a product that is then
/// zero is not moved by it. The answer errs on one side: a choice that is returned acts on nothing, others may.
///
/// # Source
/// Kildall, G. A. (1973), "A unified approach to global program optimization", *Proceedings of POPL*, 194-206.
pub fn idle(model: &Model, world: &World) -> BTreeSet<QuantityId> {
    let reader = Reader::new(model, world);
    let ids = (0..model.quantities.len() as u32).map(QuantityId);
    ids.filter(|id| matches!(model.quantity(*id).kind, QuantityKind::Choice(_)))
        .filter(|choice| !reader.acts(*choice))
        .collect()
}

/// A model as it is read in a world.
struct Reader<'a> {
    model: &'a Model,
    changes: Vec<&'a Change>,
    /// What is zero in every future.
    nil: BTreeSet<QuantityId>,
}

impl<'a> Reader<'a> {
    fn new(model: &'a Model, world: &World) -> Reader<'a> {
        let interventions = world.interventions.iter();
        let mut reader = Reader {
            model,
            changes: interventions
                .flat_map(|id| &model.interventions[id.position()].changes)
                .collect(),
            nil: (0..model.quantities.len() as u32).map(QuantityId).collect(),
        };
        loop {
            let left: BTreeSet<QuantityId> = reader
                .nil
                .iter()
                .copied()
                .filter(|id| reader.stays_nil(*id))
                .collect();
            if left == reader.nil {
                return reader;
            }
            reader.nil = left;
        }
    }

    fn quantities(&self) -> impl Iterator<Item = (QuantityId, &'a Quantity)> {
        let quantities = self.model.quantities.iter().enumerate();
        quantities.map(|(position, quantity)| (QuantityId(position as u32), quantity))
    }

    /// Returns whether a quantity is zero if all that is taken to be zero is.
    fn stays_nil(&self, id: QuantityId) -> bool {
        let mut changes = self.changes.iter().filter(|change| change.quantity == id);
        if let Some(change) = changes.next() {
            let whole = change.element.is_none() && change.from_step == 0 && changes.next().is_none();
            if let (true, Action::Hold(value)) = (whole, &change.action) {
                let stock = matches!(self.model.quantity(id).kind, QuantityKind::Stock { .. });
                return self.is_nil(value) && (!stock || self.nothing_enters(id));
            }
            if !whole || !matches!(change.action, Action::Freeze) {
                return false;
            }
        }
        match &self.model.quantity(id).kind {
            kind @ (QuantityKind::Constant { .. } | QuantityKind::Derived { .. }) => self.all_nil(kind),
            kind @ QuantityKind::Stock { .. } => self.all_nil(kind) && self.nothing_enters(id),
            // A flow takes no more than there is.
            QuantityKind::Flow { from, rate, .. } => {
                let mut nil = true;
                rate.each(&mut |value| nil &= self.is_nil(value));
                nil || from
                    .as_ref()
                    .is_some_and(|stock| self.nil.contains(&stock.quantity))
            }
            kind @ QuantityKind::Transfer { from, .. } => {
                self.all_nil(kind)
                    || from
                        .as_ref()
                        .is_some_and(|stock| self.nil.contains(&stock.quantity))
            }
            _ => false,
        }
    }

    fn all_nil(&self, kind: &QuantityKind) -> bool {
        let mut nil = true;
        kind.each_expression(&mut |value, _| nil &= self.is_nil(value));
        nil
    }

    fn nothing_enters(&self, stock: QuantityId) -> bool {
        self.quantities().all(|(mover, quantity)| match &quantity.kind {
            QuantityKind::Flow { to: Some(to), .. } | QuantityKind::Transfer { to: Some(to), .. } => {
                to.quantity != stock || self.nil.contains(&mover)
            }
            _ => true,
        })
    }

    /// Returns whether an expression is zero, or false, in every future.
    fn is_nil(&self, expression: &Expression) -> bool {
        let nil = |e: &Expression| self.is_nil(e);
        match expression {
            Expression::Number(x) => *x == 0.0,
            Expression::Quantity(reference)
            | Expression::Wanted(reference)
            | Expression::InTransit(reference) => self.nil.contains(&reference.quantity),
            Expression::Unary(Unary::Negate, a)
            | Expression::Binary(Binary::Divide, a, _)
            | Expression::Cumulative(a)
            | Expression::Initial(a) => nil(a),
            Expression::Binary(Binary::Multiply | Binary::And, a, b) => nil(a) || nil(b),
            Expression::Binary(Binary::Add | Binary::Subtract | Binary::Or, a, b)
            | Expression::Previous(a, b)
            | Expression::Delay(a, _, b)
            | Expression::Smooth(a, _, b) => nil(a) && nil(b),
            Expression::Call(FunctionName::Min | FunctionName::Max | FunctionName::Abs, arguments) => {
                arguments.iter().all(nil)
            }
            Expression::If(condition, a, b) => nil(b) && (nil(a) || nil(condition)),
            Expression::Reduce {
                reduction: Reduction::Sum | Reduction::Any,
                body,
                ..
            } => nil(body),
            _ => false,
        }
    }

    /// Returns whether anything that moves, happens, is chosen or is read off a future hangs on a choice.
    fn acts(&self, choice: QuantityId) -> bool {
        let mut moved = BTreeSet::from([choice]);
        loop {
            let before = moved.len();
            for (id, quantity) in self.quantities() {
                if moved.contains(&id) || self.nil.contains(&id) {
                    continue;
                }
                let mut reads = false;
                let kind = &quantity.kind;
                kind.each_expression(&mut |value, _| reads |= self.reads(value, &moved));
                match kind {
                    _ if !reads => {}
                    QuantityKind::Derived { .. } => {
                        moved.insert(id);
                    }
                    // The quality of what is not there.
                    QuantityKind::Attribute { stocks }
                        if stocks.iter().all(|on| self.nil.contains(&on.stock)) => {}
                    _ => return true,
                }
            }
            if moved.len() == before {
                return false;
            }
        }
    }

    /// Returns whether an expression reads any of these other than within what is zero anyway.
    fn reads(&self, expression: &Expression, moved: &BTreeSet<QuantityId>) -> bool {
        if self.is_nil(expression) {
            return false;
        }
        let mut found = expression
            .reference()
            .is_some_and(|reference| moved.contains(&reference.quantity));
        expression.each_operand(&mut |operand| found |= self.reads(operand, moved));
        found
    }
}
