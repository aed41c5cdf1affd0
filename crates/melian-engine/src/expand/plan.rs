//! What the expansion of every world looks up in the model: positions of elements, what moves each stock, what is momentary.

use melian_language::model::{
    Action, Binary, BinderId, Distribution, ElementId, Expression, IndexId, Intervention, Model, PerElement,
    QuantityId, QuantityKind, QuantityRef, Subscript, Unary,
};

use super::nodes::QuickMap;

/// One scalar of a quantity: its position among the quantity's element tuples.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Scalar {
    pub quantity: QuantityId,
    pub position: u32,
}

/// The elements that the names in scope stand for.
pub(crate) type Env = Vec<(BinderId, ElementId)>;

/// Tables about a model, the same for every world.
pub(crate) struct Plan<'m> {
    pub model: &'m Model,
    /// For each index: position of a root element among the members.
    ranks: Vec<Vec<Option<u32>>>,
    /// For each stock scalar: flows and transfers that drain it, and that fill it, by name.
    outflows: QuickMap<Scalar, Vec<Scalar>>,
    inflows: QuickMap<Scalar, Vec<Scalar>>,
    /// For each quantity: whether its value exists only within a step.
    momentary: Vec<bool>,
    /// For each correlated scalar: its group, and its place there.
    correlated: QuickMap<Scalar, (usize, usize)>,
}

impl<'m> Plan<'m> {
    pub fn new(model: &'m Model) -> Plan<'m> {
        let ranks = model
            .indices
            .iter()
            .map(|index| {
                let elements = model.index(index.root).elements.len();
                let mut ranks = vec![None; elements];
                for (rank, member) in index.members.iter().enumerate() {
                    ranks[member.0 as usize] = Some(rank as u32);
                }
                ranks
            })
            .collect();
        let momentary = spread(model, |id| {
            let mut reads = Reads::at_once();
            reads.kind(&model.quantity(id).kind);
            reads
        });
        let mut plan = Plan {
            model,
            ranks,
            outflows: QuickMap::default(),
            inflows: QuickMap::default(),
            momentary,
            correlated: QuickMap::default(),
        };
        for (group, correlation) in model.correlations.iter().enumerate() {
            for (place, member) in correlation.members.iter().enumerate() {
                let scalar = plan.scalar(member, &Env::new());
                plan.correlated.insert(scalar, (group, place));
            }
        }
        plan.find_movers();
        plan
    }

    /// Returns the number of scalars of a quantity, however large.
    pub fn count(&self, quantity: QuantityId) -> u64 {
        let shape = &self.model.quantity(quantity).shape;
        shape.iter().fold(1, |n, &index| {
            n.saturating_mul(self.model.index(index).members.len() as u64)
        })
    }

    /// Returns the scalars of a quantity.
    pub fn scalars(&self, quantity: QuantityId) -> impl Iterator<Item = Scalar> + use<> {
        (0..self.count(quantity) as u32).map(move |position| Scalar { quantity, position })
    }

    /// Returns the elements of a scalar.
    pub fn tuple(&self, scalar: Scalar) -> Vec<ElementId> {
        let mut rest = scalar.position as usize;
        let mut tuple: Vec<ElementId> = self
            .model
            .quantity(scalar.quantity)
            .shape
            .iter()
            .rev()
            .map(|&index| {
                let members = &self.model.index(index).members;
                let element = members[rest % members.len()];
                rest /= members.len();
                element
            })
            .collect();
        tuple.reverse();
        tuple
    }

    /// Returns what the binders of a scalar's equations stand for.
    pub fn env(&self, scalar: Scalar) -> Env {
        let quantity = self.model.quantity(scalar.quantity);
        quantity.binders.iter().copied().zip(self.tuple(scalar)).collect()
    }

    /// Returns the qualified name of a scalar.
    pub fn name(&self, scalar: Scalar) -> String {
        self.model.scalar_name(scalar.quantity, &self.tuple(scalar))
    }

    /// Returns the scalar that a reference means.
    pub fn scalar(&self, reference: &QuantityRef, env: &Env) -> Scalar {
        let shape = &self.model.quantity(reference.quantity).shape;
        let position = shape
            .iter()
            .zip(&reference.subscripts)
            .fold(0, |position, (&index, subscript)| {
                let element = self.element(subscript, env);
                let rank = self.ranks[index.position()][element.0 as usize];
                let rank = rank.expect("a checked subscript lies in the index it stands for");
                position * self.model.index(index).members.len() as u32 + rank
            });
        Scalar {
            quantity: reference.quantity,
            position,
        }
    }

    /// Returns the element that a subscript means.
    pub fn element(&self, subscript: &Subscript, env: &Env) -> ElementId {
        match subscript {
            Subscript::Element(element) => *element,
            Subscript::Binder(binder) => {
                let bound = env.iter().rev().find(|(b, _)| b == binder);
                bound.expect("a checked name is bound where it is used").1
            }
            Subscript::Mapped(map, inner) => {
                self.model.maps[map.position()].images[self.element(inner, env).0 as usize]
            }
        }
    }

    /// Returns whether a subscript lies in an index or subset.
    pub fn is_member(&self, subscript: &Subscript, index: IndexId, env: &Env) -> bool {
        self.ranks[index.position()][self.element(subscript, env).0 as usize].is_some()
    }

    /// Returns the truth of a condition that is about elements alone; none if it is about anything else.
    pub fn known(&self, condition: &Expression, env: &Env) -> Option<bool> {
        match condition {
            Expression::Number(value) => Some(*value != 0.0),
            Expression::SameElement(a, b) => Some(self.element(a, env) == self.element(b, env)),
            Expression::Member(subscript, index) => Some(self.is_member(subscript, *index, env)),
            Expression::Unary(Unary::Not, inner) => self.known(inner, env).map(|truth| !truth),
            Expression::Binary(Binary::And, a, b) => match (self.known(a, env), self.known(b, env)) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (Some(true), Some(true)) => Some(true),
                _ => None,
            },
            Expression::Binary(Binary::Or, a, b) => match (self.known(a, env), self.known(b, env)) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), Some(false)) => Some(false),
                _ => None,
            },
            _ => None,
        }
    }

    /// Returns the flows and transfers that drain a stock, in the order of their names.
    pub fn outflows(&self, stock: Scalar) -> Vec<Scalar> {
        self.outflows.get(&stock).cloned().unwrap_or_default()
    }

    /// Returns the flows and transfers that fill a stock, in the order of their names.
    pub fn inflows(&self, stock: Scalar) -> Vec<Scalar> {
        self.inflows.get(&stock).cloned().unwrap_or_default()
    }

    /// Returns the scalars whose normals make that of a correlated scalar, and their weights; none for a scalar that has luck of its own.
    pub fn correlation(&self, scalar: Scalar) -> Option<Vec<(Scalar, f64)>> {
        let &(group, place) = self.correlated.get(&scalar)?;
        let correlation = &self.model.correlations[group];
        let weighted = correlation.members.iter().zip(&correlation.factor[place]);
        let weighted = weighted.filter(|(_, weight)| **weight != 0.0);
        Some(
            weighted
                .map(|(member, &weight)| (self.scalar(member, &Env::new()), weight))
                .collect(),
        )
    }

    /// Returns whether a quantity's value exists only within a step: it names noise, an event, a choice, a flow or the calendar, itself or
    /// through derived quantities, other than across time.
    pub fn is_momentary(&self, quantity: QuantityId) -> bool {
        self.momentary[quantity.position()]
    }

    /// Returns for each quantity whether its first value needs the first step: whether it is momentary, or rests on a momentary value
    /// before the first step. Equations that the interventions put in place count too.
    pub fn needs_first_step(&self, interventions: &[&Intervention]) -> Vec<bool> {
        let model = self.model;
        spread(model, |id| {
            let mut reads = Reads::before_the_first_step();
            reads.kind(&model.quantity(id).kind);
            for change in interventions
                .iter()
                .flat_map(|i| &i.changes)
                .filter(|change| change.quantity == id)
            {
                if let Action::Hold(value) = &change.action {
                    reads.expression(value);
                }
            }
            reads
        })
    }

    fn find_movers(&mut self) {
        let mut movers: Vec<QuantityId> = (0..self.model.quantities.len() as u32).map(QuantityId).collect();
        // By name: the order in which amounts are added up must not hang on the order of declarations.
        movers.sort_by(|a, b| self.model.quantity(*a).name.cmp(&self.model.quantity(*b).name));
        for id in movers {
            let (QuantityKind::Flow { from, to, .. } | QuantityKind::Transfer { from, to, .. }) =
                &self.model.quantity(id).kind
            else {
                continue;
            };
            for scalar in self.scalars(id) {
                let env = self.env(scalar);
                let ends = [from, to].map(|end| end.as_ref().map(|reference| self.scalar(reference, &env)));
                if let Some(stock) = ends[0] {
                    self.outflows.entry(stock).or_default().push(scalar);
                }
                if let Some(stock) = ends[1] {
                    self.inflows.entry(stock).or_default().push(scalar);
                }
            }
        }
    }
}

/// Returns for each quantity whether it reads something momentary, itself or through another quantity.
fn spread(model: &Model, reads: impl Fn(QuantityId) -> Reads) -> Vec<bool> {
    let mut momentary = Vec::with_capacity(model.quantities.len());
    let mut readers: Vec<Vec<usize>> = vec![Vec::new(); model.quantities.len()];
    for position in 0..model.quantities.len() {
        let reads = reads(QuantityId(position as u32));
        momentary.push(reads.momentary);
        for read in reads.quantities {
            readers[read.position()].push(position);
        }
    }
    let mut pending: Vec<usize> = (0..momentary.len()).filter(|&q| momentary[q]).collect();
    while let Some(position) = pending.pop() {
        for &reader in &readers[position] {
            if !momentary[reader] {
                momentary[reader] = true;
                pending.push(reader);
            }
        }
    }
    momentary
}

/// What expressions read.
struct Reads {
    /// Whether time operators are read through to their values before the first step.
    befores: bool,
    /// Whether something that exists only within a step is named.
    momentary: bool,
    /// Quantities that are named.
    quantities: Vec<QuantityId>,
}

impl Reads {
    /// Reads in the same step: what lies behind a time operator is state.
    fn at_once() -> Reads {
        Reads {
            befores: false,
            momentary: false,
            quantities: Vec::new(),
        }
    }

    /// Reads before the first step: a time operator stands for its value then.
    fn before_the_first_step() -> Reads {
        Reads {
            befores: true,
            ..Reads::at_once()
        }
    }

    fn kind(&mut self, kind: &QuantityKind) {
        match kind {
            QuantityKind::Constant { value } | QuantityKind::Derived { value } => {
                each(value).for_each(|value| self.expression(value));
            }
            QuantityKind::Parameter { prior, .. } => each(prior).for_each(|prior| self.distribution(prior)),
            QuantityKind::Stock { .. } | QuantityKind::Attribute { .. } => {}
            QuantityKind::Flow { .. }
            | QuantityKind::Noise { .. }
            | QuantityKind::Event(_)
            | QuantityKind::Choice(_)
            | QuantityKind::Transfer { .. }
            | QuantityKind::Series { .. }
            | QuantityKind::Measure { .. }
            | QuantityKind::Question { .. } => self.momentary = true,
        }
    }

    fn expression(&mut self, expression: &Expression) {
        match expression {
            Expression::Number(_) | Expression::SameElement(..) | Expression::Member(..) => {}
            Expression::Quantity(reference) => self.quantities.push(reference.quantity),
            Expression::Attribute(_) | Expression::InTransit(_) => {}
            Expression::Fact(_, prior) => self.distribution(prior),
            Expression::Unary(_, a) => self.expression(a),
            Expression::Binary(_, a, b) => [a, b].into_iter().for_each(|e| self.expression(e)),
            Expression::Call(_, arguments) => arguments.iter().for_each(|e| self.expression(e)),
            Expression::If(a, b, c) => [a, b, c].into_iter().for_each(|e| self.expression(e)),
            Expression::Reduce { filter, body, .. } => {
                filter.iter().for_each(|e| self.expression(e));
                self.expression(body);
            }
            Expression::Previous(_, before)
            | Expression::Delay(_, _, before)
            | Expression::Smooth(_, _, before) => {
                if self.befores {
                    self.expression(before);
                }
            }
            Expression::Cumulative(_) => {}
            Expression::Initial(value) => {
                if self.befores {
                    self.expression(value);
                }
            }
            Expression::Chosen(..)
            | Expression::Calendar(_)
            | Expression::Happened(_)
            | Expression::Occurred(_)
            | Expression::Count(_)
            | Expression::Since(_)
            | Expression::Wanted(_)
            | Expression::ChangeOf(_)
            | Expression::TotalOf(_)
            | Expression::HighestOf(_)
            | Expression::LowestOf(_)
            | Expression::AverageOf(_) => self.momentary = true,
        }
    }

    fn distribution(&mut self, distribution: &Distribution) {
        distribution_arguments(distribution)
            .into_iter()
            .for_each(|e| self.expression(e));
    }
}

fn each<T>(values: &PerElement<T>) -> impl Iterator<Item = &T> {
    match values {
        PerElement::Same(value) => std::slice::from_ref(value).iter(),
        PerElement::Each(values) => values.iter(),
    }
}

/// Returns the expressions in a distribution.
fn distribution_arguments(distribution: &Distribution) -> Vec<&Expression> {
    use Distribution as D;
    match distribution {
        D::Constant(a) | D::Exponential { mean: a } | D::Poisson { mean: a } | D::Bernoulli { p: a } => {
            vec![a]
        }
        D::Normal { mean: a, sd: b }
        | D::Lognormal { median: a, sigma: b }
        | D::Uniform { low: a, high: b }
        | D::Gamma { shape: a, scale: b }
        | D::Weibull { shape: a, scale: b }
        | D::Gumbel {
            location: a,
            scale: b,
        }
        | D::Logistic {
            location: a,
            scale: b,
        }
        | D::Binomial { n: a, p: b } => vec![a, b],
        D::Triangular {
            low: a,
            mode: b,
            high: c,
        }
        | D::StudentT {
            df: a,
            location: b,
            scale: c,
        } => vec![a, b, c],
        D::Beta {
            alpha,
            beta,
            low,
            high,
        } => vec![alpha, beta, low, high],
        D::SplitNormal { .. } => Vec::new(),
        D::Discrete(values) => values.iter().map(|(value, _)| value).collect(),
        D::Mixture(parts) => parts
            .iter()
            .flat_map(|(weight, part)| std::iter::once(weight).chain(distribution_arguments(part)))
            .collect(),
        D::Truncated { of, low, high } => {
            let mut arguments = distribution_arguments(of);
            arguments.extend([low, high]);
            arguments
        }
    }
}

/// Returns whether the first value of an expression needs the first step, given that of each quantity.
pub(crate) fn needs_first_step(expression: &Expression, quantity: impl Fn(QuantityId) -> bool) -> bool {
    let mut reads = Reads::before_the_first_step();
    reads.expression(expression);
    reads.momentary || reads.quantities.into_iter().any(quantity)
}
