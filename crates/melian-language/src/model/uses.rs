//! Which quantities a declaration refers to.

use std::collections::{BTreeMap, BTreeSet};

use super::{Action, Expression, Formula, Intervention, Model, Quantity, QuantityId, QuantityKind};

impl Quantity {
    /// Returns the keys of references that it cites, and of those that correlations cite which name it.
    pub fn all_cites(&self) -> impl Iterator<Item = &String> {
        let more = self.correlation_cites.iter();
        self.cites
            .iter()
            .chain(more.filter(|key| !self.cites.contains(key)))
    }

    /// Returns the quantities that its declaration refers to, itself excluded.
    pub fn uses(&self, own: QuantityId) -> BTreeSet<QuantityId> {
        let mut found = BTreeSet::new();
        self.kind
            .each_expression(&mut |expression, _| add(expression, &mut found));
        match &self.kind {
            QuantityKind::Attribute { stocks } => found.extend(stocks.iter().map(|stock| stock.stock)),
            QuantityKind::Flow {
                from, to, carrying, ..
            } => {
                found.extend(from.iter().chain(to).map(|stock| stock.quantity));
                found.extend(carrying.iter().map(|(attribute, _)| *attribute));
            }
            QuantityKind::Transfer { from, to, on, .. } => {
                found.extend(
                    from.iter()
                        .chain(to)
                        .chain([on])
                        .map(|reference| reference.quantity),
                );
            }
            _ => {}
        }
        found.remove(&own);
        found
    }

    /// Returns the stocks that a flow or transfer fills or drains, and the attributes that it carries: they rest on it.
    pub fn moves(&self) -> BTreeSet<QuantityId> {
        match &self.kind {
            QuantityKind::Flow {
                from, to, carrying, ..
            } => {
                let stocks = from.iter().chain(to).map(|stock| stock.quantity);
                stocks
                    .chain(carrying.iter().map(|(attribute, _)| *attribute))
                    .collect()
            }
            QuantityKind::Transfer { from, to, .. } => {
                from.iter().chain(to).map(|stock| stock.quantity).collect()
            }
            _ => BTreeSet::new(),
        }
    }
}

impl Model {
    /// Returns whether a quantity hangs on another, directly or through others, in this step or a later one.
    pub fn hangs_on(&self, quantity: QuantityId, on: QuantityId) -> bool {
        let mut seen = BTreeSet::from([quantity]);
        let mut open = vec![quantity];
        let mut movers: BTreeMap<QuantityId, Vec<QuantityId>> = BTreeMap::new();
        for (position, quantity) in self.quantities.iter().enumerate() {
            if let QuantityKind::Flow { from, to, .. } | QuantityKind::Transfer { from, to, .. } =
                &quantity.kind
            {
                for stock in from.iter().chain(to) {
                    movers
                        .entry(stock.quantity)
                        .or_default()
                        .push(QuantityId(position as u32));
                }
            }
        }
        while let Some(id) = open.pop() {
            if id == on {
                return true;
            }
            let uses = self.quantity(id).uses(id);
            let moved_by = movers.get(&id).into_iter().flatten().copied();
            open.extend(uses.into_iter().chain(moved_by).filter(|next| seen.insert(*next)));
        }
        false
    }
}

impl Intervention {
    /// Returns the quantities that it changes and those that its values refer to.
    pub fn uses(&self) -> BTreeSet<QuantityId> {
        let mut found = BTreeSet::new();
        for change in &self.changes {
            found.insert(change.quantity);
            if let Action::Hold(value) = &change.action {
                add(value, &mut found);
            }
        }
        found
    }
}

impl Formula {
    /// Calls a function on this formula and on everything below it, operands first.
    pub fn visit<'a>(&'a self, call: &mut impl FnMut(&'a Formula)) {
        match self {
            Formula::Negate(a) | Formula::Not(a) => a.visit(call),
            Formula::Binary(_, a, b) => {
                a.visit(call);
                b.visit(call);
            }
            Formula::Number(_)
            | Formula::Mean(..)
            | Formula::Probability(..)
            | Formula::Quantile(..)
            | Formula::Effect(..)
            | Formula::Through(..)
            | Formula::Necessity(..)
            | Formula::Sufficiency(..) => {}
        }
        call(self);
    }
}

fn add(expression: &Expression, found: &mut BTreeSet<QuantityId>) {
    expression.each_below(&mut |e| {
        found.extend(e.reference().map(|reference| reference.quantity));
        if let Expression::Attribute(reference) = e {
            found.insert(reference.attribute);
        }
    });
}
