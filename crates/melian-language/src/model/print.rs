//! A checked model as text: what was understood, in base units.

use std::fmt;

use super::{
    Choice, Decision, Distribution, Event, Expression, FunctionName, Memory, Model, PerElement, Quantity,
    QuantityKind, QuantityRef, Reduction, Subscript, Trigger, Unary,
};

impl fmt::Display for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "model {} \"{}\"", self.name, self.title)?;
        writeln!(
            f,
            "steps {} of {} days from day {} after 1970-01-01",
            self.clock.steps, self.clock.step_days, self.clock.start_day
        )?;
        for index in &self.indices {
            let root = &self.indices[index.root.position()];
            let names: Vec<&str> = index
                .members
                .iter()
                .map(|m| root.elements[m.0 as usize].name.as_str())
                .collect();
            writeln!(f, "index {} {{ {} }}", index.name, names.join(", "))?;
        }
        let printer = Printer { model: self };
        for quantity in &self.quantities {
            write!(f, "{}", printer.quantity(quantity))?;
        }
        for correlation in &self.correlations {
            let members: Vec<String> = correlation.members.iter().map(|m| printer.reference(m)).collect();
            writeln!(f, "correlate {}", members.join(", "))?;
            for row in &correlation.matrix {
                let row: Vec<String> = row.iter().map(f64::to_string).collect();
                writeln!(f, "  {}", row.join(" "))?;
            }
        }
        for intervention in &self.interventions {
            writeln!(f, "intervention {} changes {}", intervention.name, {
                let names: Vec<&str> = intervention
                    .changes
                    .iter()
                    .map(|c| self.quantity(c.quantity).name.as_str())
                    .collect();
                names.join(", ")
            })?;
        }
        for claim in &self.claims {
            writeln!(f, "claim {} {:?}", claim.name, claim.kind)?;
        }
        Ok(())
    }
}

struct Printer<'m> {
    model: &'m Model,
}

impl Printer<'_> {
    fn quantity(&self, quantity: &Quantity) -> String {
        let indices: Vec<String> = quantity
            .shape
            .iter()
            .zip(&quantity.binders)
            .map(|(index, binder)| format!("b{}: {}", binder.0, self.model.index(*index).name))
            .collect();
        let shape = if indices.is_empty() {
            String::new()
        } else {
            format!("[{}]", indices.join(", "))
        };
        let head = format!(
            "{} {}{shape} : {}",
            keyword(&quantity.kind),
            quantity.name,
            quantity.unit.text
        );
        let body = match &quantity.kind {
            QuantityKind::Constant { value }
            | QuantityKind::Derived { value }
            | QuantityKind::Stock { initial: value }
            | QuantityKind::Series { value } => self.per_element(value),
            QuantityKind::Measure { value, reading } | QuantityKind::Question { value, reading } => {
                let word = if reading.ever { "by" } else { "at" };
                format!(
                    "{} {word} the end of step {}",
                    self.per_element(value),
                    reading.step
                )
            }
            QuantityKind::Parameter { prior, .. } => self.distributions(prior),
            QuantityKind::Noise { distribution } => self.distributions(distribution),
            QuantityKind::Attribute { stocks } => stocks
                .iter()
                .map(|stock| {
                    let rate = stock
                        .rate
                        .as_ref()
                        .map_or(String::new(), |r| format!(" rate {}", self.per_element(r)));
                    let name = &self.model.quantity(stock.stock).name;
                    format!("of {name} = {}{rate}", self.per_element(&stock.initial))
                })
                .collect::<Vec<_>>()
                .join("\n  "),
            QuantityKind::Flow {
                from,
                to,
                rate,
                pipeline,
                ..
            } => {
                let through = pipeline.as_ref().map_or(String::new(), |p| {
                    format!(
                        " through {} stages in {} days",
                        p.order,
                        self.expression(&p.mean_days)
                    )
                });
                format!(
                    "{}{through} = {}",
                    self.ends(from.as_ref(), to.as_ref()),
                    self.per_element(rate)
                )
            }
            QuantityKind::Transfer { amount, from, to, on } => format!(
                "{} on {} = {}",
                self.ends(from.as_ref(), to.as_ref()),
                self.reference(on),
                self.per_element(amount)
            ),
            QuantityKind::Event(event) => self.event(event),
            QuantityKind::Choice(choice) => self.choice(choice),
        };
        format!("{head}\n  {body}\n")
    }

    fn ends(&self, from: Option<&QuantityRef>, to: Option<&QuantityRef>) -> String {
        let name = |end: Option<&QuantityRef>| end.map_or("outside".to_owned(), |r| self.reference(r));
        format!("from {} to {}", name(from), name(to))
    }

    fn event(&self, event: &Event) -> String {
        let what = match &event.trigger {
            Trigger::At { step, probability } => {
                let step = step.map_or("outside the run".to_owned(), |s| format!("in step {s}"));
                let p = probability.as_ref().map_or(String::new(), |p| {
                    format!(" with probability {}", self.per_element(p))
                });
                format!("{step}{p}")
            }
            Trigger::When(condition) => format!("when {}", self.per_element(condition)),
            Trigger::Rate { rate, condition } => {
                let only = condition
                    .as_ref()
                    .map_or(String::new(), |c| format!(" if {}", self.per_element(c)));
                format!("at rate {}{only}", self.per_element(rate))
            }
        };
        if event.recurring {
            format!("recurring {what}")
        } else {
            what
        }
    }

    fn choice(&self, choice: &Choice) -> String {
        let mut lines = vec![format!(
            "by {} every {} steps, start {}",
            choice.actor, choice.every, choice.options[choice.start as usize].name
        )];
        match &choice.decision {
            Decision::Rules(rules) => lines.extend(rules.iter().map(|rule| {
                let option = &choice.options[rule.option as usize].name;
                format!("{option} if {}", self.expression(&rule.condition))
            })),
            Decision::Utility(utility) => {
                for (option, value) in choice.options.iter().zip(&utility.utilities) {
                    lines.push(format!("{}: {}", option.name, self.per_element(value)));
                }
                let memory = match &utility.memory {
                    Memory::None => "none".to_owned(),
                    Memory::Forever => "forever".to_owned(),
                    Memory::Days(days) => format!("{} days", self.expression(days)),
                };
                lines.push(format!(
                    "precision {}, switching cost {}, memory {memory}",
                    self.per_element(&utility.precision),
                    self.per_element(&utility.switching_cost)
                ));
            }
        }
        lines.join("\n  ")
    }

    fn per_element(&self, value: &PerElement<Expression>) -> String {
        match value {
            PerElement::Same(value) => self.expression(value),
            PerElement::Each(values) => {
                let all: Vec<String> = values.iter().map(|v| self.expression(v)).collect();
                format!("{{ {} }}", all.join("; "))
            }
        }
    }

    fn distributions(&self, value: &PerElement<Distribution>) -> String {
        match value {
            PerElement::Same(value) => format!("~ {}", self.distribution(value)),
            PerElement::Each(values) => {
                let all: Vec<String> = values.iter().map(|v| self.distribution(v)).collect();
                format!("~ {{ {} }}", all.join("; "))
            }
        }
    }

    fn distribution(&self, distribution: &Distribution) -> String {
        let e = |expression: &Expression| self.expression(expression);
        match distribution {
            Distribution::Constant(a) => e(a),
            Distribution::Normal { mean, sd } => format!("normal(mean {}, sd {})", e(mean), e(sd)),
            Distribution::Lognormal { median, sigma } => {
                format!("lognormal(median {}, sigma {})", e(median), e(sigma))
            }
            Distribution::SplitNormal {
                scale,
                low,
                central,
                high,
            } => {
                format!("split normal on the {scale:?} scale ({low}, {central}, {high})")
            }
            Distribution::Uniform { low, high } => format!("uniform({}, {})", e(low), e(high)),
            Distribution::Triangular { low, mode, high } => {
                format!("triangular({}, {}, {})", e(low), e(mode), e(high))
            }
            Distribution::Beta {
                alpha,
                beta,
                low,
                high,
            } => {
                format!("beta({}, {}) from {} to {}", e(alpha), e(beta), e(low), e(high))
            }
            Distribution::Gamma { shape, scale } => format!("gamma(shape {}, scale {})", e(shape), e(scale)),
            Distribution::Exponential { mean } => format!("exponential(mean {})", e(mean)),
            Distribution::Weibull { shape, scale } => {
                format!("weibull(shape {}, scale {})", e(shape), e(scale))
            }
            Distribution::StudentT { df, location, scale } => {
                format!(
                    "student_t(df {}, location {}, scale {})",
                    e(df),
                    e(location),
                    e(scale)
                )
            }
            Distribution::Gumbel { location, scale } => {
                format!("gumbel(location {}, scale {})", e(location), e(scale))
            }
            Distribution::Logistic { location, scale } => {
                format!("logistic(location {}, scale {})", e(location), e(scale))
            }
            Distribution::Poisson { mean } => format!("poisson(mean {})", e(mean)),
            Distribution::Binomial { n, p } => format!("binomial(n {}, p {})", e(n), e(p)),
            Distribution::Bernoulli { p } => format!("bernoulli(p {})", e(p)),
            Distribution::Discrete(values) => {
                let all: Vec<String> = values.iter().map(|(v, w)| format!("{}: {w}", e(v))).collect();
                format!("discrete({})", all.join(", "))
            }
            Distribution::Mixture(parts) => {
                let all: Vec<String> = parts
                    .iter()
                    .map(|(w, d)| format!("{}: {}", e(w), self.distribution(d)))
                    .collect();
                format!("mixture({})", all.join(", "))
            }
            Distribution::Truncated { of, low, high } => {
                format!("{} between {} and {}", self.distribution(of), e(low), e(high))
            }
        }
    }

    fn subscript(&self, subscript: &Subscript) -> String {
        match subscript {
            Subscript::Element(element) => format!("#{}", element.0),
            Subscript::Binder(binder) => format!("b{}", binder.0),
            Subscript::Mapped(map, inner) => {
                format!(
                    "{}({})",
                    self.model.maps[map.position()].name,
                    self.subscript(inner)
                )
            }
        }
    }

    fn reference(&self, reference: &QuantityRef) -> String {
        let name = &self.model.quantity(reference.quantity).name;
        if reference.subscripts.is_empty() {
            return name.clone();
        }
        let subscripts: Vec<String> = reference.subscripts.iter().map(|s| self.subscript(s)).collect();
        format!("{name}[{}]", subscripts.join(", "))
    }

    fn expression(&self, expression: &Expression) -> String {
        let e = |expression: &Expression| self.expression(expression);
        match expression {
            Expression::Number(value) => format!("{value}"),
            Expression::Quantity(reference) => self.reference(reference),
            Expression::Attribute(attribute) => {
                format!(
                    "{} of {}",
                    self.model.quantity(attribute.attribute).name,
                    self.reference(&attribute.stock)
                )
            }
            Expression::Fact(id, _) => format!("fact({id})"),
            Expression::Unary(Unary::Negate, a) => format!("-{}", e(a)),
            Expression::Unary(Unary::Not, a) => format!("not {}", e(a)),
            Expression::Binary(operator, a, b) => format!("({} {} {})", e(a), operator.sign(), e(b)),
            Expression::Call(function, operands) => {
                let operands: Vec<String> = operands.iter().map(e).collect();
                format!("{}({})", function_name(*function), operands.join(", "))
            }
            Expression::If(c, a, b) => format!("(if {} then {} else {})", e(c), e(a), e(b)),
            Expression::Reduce {
                reduction,
                over,
                filter,
                body,
            } => {
                let over: Vec<String> = over
                    .iter()
                    .map(|(b, i)| format!("b{} in {}", b.0, self.model.index(*i).name))
                    .collect();
                let filter = filter
                    .as_ref()
                    .map_or(String::new(), |f| format!(" where {}", e(f)));
                format!(
                    "{}({} for {}{filter})",
                    reduction_name(*reduction),
                    e(body),
                    over.join(", ")
                )
            }
            Expression::SameElement(a, b) => format!("{} == {}", self.subscript(a), self.subscript(b)),
            Expression::Member(a, index) => {
                format!("{} in {}", self.subscript(a), self.model.index(*index).name)
            }
            Expression::Chosen(choice, option) => format!("{} == #{option}", self.reference(choice)),
            Expression::Calendar(calendar) => format!("{calendar:?}"),
            Expression::Previous(a, b) => format!("previous({}, {})", e(a), e(b)),
            Expression::Delay(a, b, c) => format!("delay({}, {}, {})", e(a), e(b), e(c)),
            Expression::Smooth(a, b, c) => format!("smooth({}, {}, {})", e(a), e(b), e(c)),
            Expression::Cumulative(a) => format!("cumulative({})", e(a)),
            Expression::Initial(a) => format!("initial({})", e(a)),
            Expression::Happened(r) => format!("happened({})", self.reference(r)),
            Expression::Occurred(r) => format!("occurred({})", self.reference(r)),
            Expression::Count(r) => format!("count({})", self.reference(r)),
            Expression::Since(r) => format!("since({})", self.reference(r)),
            Expression::Wanted(r) => format!("wanted({})", self.reference(r)),
            Expression::InTransit(r) => format!("in_transit({})", self.reference(r)),
            Expression::ChangeOf(a) => format!("change of {}", e(a)),
            Expression::TotalOf(a) => format!("total of {}", e(a)),
            Expression::HighestOf(a) => format!("highest of {}", e(a)),
            Expression::LowestOf(a) => format!("lowest of {}", e(a)),
            Expression::AverageOf(a) => format!("average of {}", e(a)),
        }
    }
}

/// Returns the keyword of a quantity's declaration.
pub fn keyword(kind: &QuantityKind) -> &'static str {
    match kind {
        QuantityKind::Constant { .. } => "const",
        QuantityKind::Parameter { .. } => "param",
        QuantityKind::Stock { .. } => "stock",
        QuantityKind::Attribute { .. } => "attribute",
        QuantityKind::Flow { .. } => "flow",
        QuantityKind::Derived { .. } => "let",
        QuantityKind::Noise { .. } => "noise",
        QuantityKind::Event(_) => "event",
        QuantityKind::Choice(_) => "choice",
        QuantityKind::Transfer { .. } => "transfer",
        QuantityKind::Series { .. } => "series",
        QuantityKind::Measure { .. } => "measure",
        QuantityKind::Question { .. } => "question",
    }
}

fn function_name(function: FunctionName) -> &'static str {
    match function {
        FunctionName::Abs => "abs",
        FunctionName::Sqrt => "sqrt",
        FunctionName::Exp => "exp",
        FunctionName::Ln => "ln",
        FunctionName::Tanh => "tanh",
        FunctionName::Logistic => "logistic",
        FunctionName::Logit => "logit",
        FunctionName::Sin => "sin",
        FunctionName::Cos => "cos",
        FunctionName::Min => "min",
        FunctionName::Max => "max",
        FunctionName::Clamp => "clamp",
        FunctionName::Floor => "floor",
        FunctionName::Ceil => "ceil",
        FunctionName::Round => "round",
        FunctionName::NormalCdf => "normal_cdf",
    }
}

fn reduction_name(reduction: Reduction) -> &'static str {
    match reduction {
        Reduction::Sum => "sum",
        Reduction::Product => "product",
        Reduction::Min => "min",
        Reduction::Max => "max",
        Reduction::Mean => "mean",
        Reduction::Any => "any",
        Reduction::All => "all",
        Reduction::Count => "count",
    }
}
