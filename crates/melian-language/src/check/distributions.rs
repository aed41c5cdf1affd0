//! Distributions: from the forms people write to canonical ones, with impossible parameters found before the run.

use super::expressions::{Scope, Typed};
use super::fit::Owner;
use super::{Checker, Type, list};
use crate::diagnostic::Diagnostic;
use crate::model::{Binary, Distribution, Expression, FunctionName, Unary, ValueKind};
use crate::source::Span;
use crate::syntax::ast::{self, Argument, ExpressionKind, Name};
use crate::units::Dimension;

/// What an argument of a distribution may be.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Domain {
    /// Any number, in the unit of the values.
    Location,
    /// Above 0, in the unit of the values.
    Positive,
    /// At least 0, in the unit of the values.
    NotNegative,
    /// A plain number above 0.
    Shape,
    /// A plain number of at least 0.
    Spread,
    /// A plain number from 0 to 1.
    Probability,
    /// A plain whole number of at least 0.
    Whole,
}

/// One way of writing a distribution.
struct Form {
    name: &'static str,
    arguments: &'static [(&'static str, Domain)],
    /// Arguments that have to stand in ascending order.
    ordered: bool,
    /// Whether values are whole or yes-or-no numbers without a unit.
    plain: bool,
    make: fn(Vec<Expression>) -> Distribution,
}

/// The domain table: all forms, the one without argument names first.
const FORMS: &[Form] = &[
    Form {
        name: "normal",
        arguments: &[("mean", Domain::Location), ("sd", Domain::NotNegative)],
        ordered: false,
        plain: false,
        make: |a| {
            let [mean, sd] = take(a);
            Distribution::Normal { mean, sd }
        },
    },
    Form {
        name: "lognormal",
        arguments: &[("median", Domain::Positive), ("sigma", Domain::Spread)],
        ordered: false,
        plain: false,
        make: |a| {
            let [median, sigma] = take(a);
            Distribution::Lognormal { median, sigma }
        },
    },
    Form {
        name: "lognormal",
        arguments: &[("mean", Domain::Positive), ("sd", Domain::NotNegative)],
        ordered: false,
        plain: false,
        make: |a| {
            // Moments of the lognormal (Johnson, Kotz and Balakrishnan 1994, equations 14.8): sigma^2 = ln(1 + (sd/mean)^2).
            let [mean, sd] = take(a);
            let ratio = divide(sd, mean.clone());
            let square = multiply(ratio.clone(), ratio);
            let spread = add(number(1.0), square);
            let median = divide(mean, call(FunctionName::Sqrt, spread.clone()));
            Distribution::Lognormal {
                median,
                sigma: call(FunctionName::Sqrt, call(FunctionName::Ln, spread)),
            }
        },
    },
    Form {
        name: "uniform",
        arguments: &[("low", Domain::Location), ("high", Domain::Location)],
        ordered: true,
        plain: false,
        make: |a| {
            let [low, high] = take(a);
            Distribution::Uniform { low, high }
        },
    },
    Form {
        name: "triangular",
        arguments: &[
            ("low", Domain::Location),
            ("mode", Domain::Location),
            ("high", Domain::Location),
        ],
        ordered: true,
        plain: false,
        make: |a| {
            let [low, mode, high] = take(a);
            Distribution::Triangular { low, mode, high }
        },
    },
    Form {
        name: "pert",
        arguments: &[
            ("low", Domain::Location),
            ("mode", Domain::Location),
            ("high", Domain::Location),
        ],
        ordered: true,
        plain: false,
        make: |a| {
            // Malcolm, Roseboom, Clark and Fazar (1959): a beta between the ends with shapes 1 + 4 (mode - low)/(high - low) and its mirror.
            let [low, mode, high] = take(a);
            let width = subtract(high.clone(), low.clone());
            let shape = |distance: Expression| {
                add(
                    number(1.0),
                    divide(multiply(number(4.0), distance), width.clone()),
                )
            };
            let alpha = shape(subtract(mode.clone(), low.clone()));
            let beta = shape(subtract(high.clone(), mode));
            Distribution::Beta {
                alpha,
                beta,
                low,
                high,
            }
        },
    },
    Form {
        name: "beta",
        arguments: &[("alpha", Domain::Shape), ("beta", Domain::Shape)],
        ordered: false,
        plain: true,
        make: |a| {
            let [alpha, beta] = take(a);
            Distribution::Beta {
                alpha,
                beta,
                low: number(0.0),
                high: number(1.0),
            }
        },
    },
    Form {
        name: "beta",
        arguments: &[("mean", Domain::Probability), ("concentration", Domain::Shape)],
        ordered: false,
        plain: true,
        make: |a| {
            let [mean, concentration] = take(a);
            let alpha = multiply(mean.clone(), concentration.clone());
            let beta = multiply(subtract(number(1.0), mean), concentration);
            Distribution::Beta {
                alpha,
                beta,
                low: number(0.0),
                high: number(1.0),
            }
        },
    },
    Form {
        name: "gamma",
        arguments: &[("shape", Domain::Shape), ("scale", Domain::Positive)],
        ordered: false,
        plain: false,
        make: |a| {
            let [shape, scale] = take(a);
            Distribution::Gamma { shape, scale }
        },
    },
    Form {
        name: "gamma",
        arguments: &[("mean", Domain::Positive), ("shape", Domain::Shape)],
        ordered: false,
        plain: false,
        make: |a| {
            let [mean, shape] = take(a);
            Distribution::Gamma {
                shape: shape.clone(),
                scale: divide(mean, shape),
            }
        },
    },
    Form {
        name: "exponential",
        arguments: &[("mean", Domain::Positive)],
        ordered: false,
        plain: false,
        make: |a| {
            let [mean] = take(a);
            Distribution::Exponential { mean }
        },
    },
    Form {
        name: "weibull",
        arguments: &[("shape", Domain::Shape), ("scale", Domain::Positive)],
        ordered: false,
        plain: false,
        make: |a| {
            let [shape, scale] = take(a);
            Distribution::Weibull { shape, scale }
        },
    },
    Form {
        name: "student_t",
        arguments: &[
            ("df", Domain::Shape),
            ("location", Domain::Location),
            ("scale", Domain::Positive),
        ],
        ordered: false,
        plain: false,
        make: |a| {
            let [df, location, scale] = take(a);
            Distribution::StudentT { df, location, scale }
        },
    },
    Form {
        name: "gumbel",
        arguments: &[("location", Domain::Location), ("scale", Domain::Positive)],
        ordered: false,
        plain: false,
        make: |a| {
            let [location, scale] = take(a);
            Distribution::Gumbel { location, scale }
        },
    },
    Form {
        name: "logistic",
        arguments: &[("location", Domain::Location), ("scale", Domain::Positive)],
        ordered: false,
        plain: false,
        make: |a| {
            let [location, scale] = take(a);
            Distribution::Logistic { location, scale }
        },
    },
    Form {
        name: "poisson",
        arguments: &[("mean", Domain::Spread)],
        ordered: false,
        plain: true,
        make: |a| {
            let [mean] = take(a);
            Distribution::Poisson { mean }
        },
    },
    Form {
        name: "binomial",
        arguments: &[("n", Domain::Whole), ("p", Domain::Probability)],
        ordered: false,
        plain: true,
        make: |a| {
            let [n, p] = take(a);
            Distribution::Binomial { n, p }
        },
    },
    Form {
        name: "bernoulli",
        arguments: &[("p", Domain::Probability)],
        ordered: false,
        plain: true,
        make: |a| {
            let [p] = take(a);
            Distribution::Bernoulli { p }
        },
    },
];

/// Distributions whose arguments are not in the table.
const OTHERS: &[&str] = &["discrete", "empirical", "mixture", "hurdle", "truncated", "fact"];

/// Returns whether a name is that of a distribution.
pub(super) fn is_distribution(name: &str) -> bool {
    FORMS.iter().any(|form| form.name == name) || OTHERS.contains(&name)
}

/// A lowered distribution with the dimension of its values; none if it fits any unit.
pub(super) struct TypedDistribution {
    pub distribution: Distribution,
    pub dimension: Option<Dimension>,
    /// Whether all its numbers are bare.
    pub bare: bool,
}

impl<'a> Checker<'a> {
    /// Lowers a distribution; bare numbers are in the unit of `type_`, if it is known.
    pub(super) fn distribution(
        &mut self,
        expression: &ast::Expression,
        scope: &Scope,
        type_: Option<&Type>,
    ) -> Option<TypedDistribution> {
        match &expression.kind {
            ExpressionKind::Missing => None,
            ExpressionKind::Interval(low, high) => self.interval(low, high, expression.span, scope, type_),
            ExpressionKind::Call(name, arguments) if name.text == "fact" => {
                let [Argument { key: None, value }] = arguments.as_slice() else {
                    self.report(Diagnostic::error(
                        "E0501",
                        "`fact` takes the id of a fact",
                        expression.span,
                    ));
                    return None;
                };
                let name = super::as_name(value).or_else(|| {
                    self.report(Diagnostic::error(
                        "E0501",
                        "`fact` takes the id of a fact",
                        value.span,
                    ));
                    None
                })?;
                let (distribution, dimension) = self.fact_distribution(&name)?;
                Some(TypedDistribution {
                    distribution,
                    dimension: Some(dimension),
                    bare: false,
                })
            }
            ExpressionKind::Call(name, arguments) => {
                self.form(name, arguments, expression.span, scope, type_)
            }
            _ => {
                let diagnostic = Diagnostic::error("E0501", "this is no distribution", expression.span)
                    .help("write for example `normal(0, 1)`, `2 to 5` for a 90% interval, or `fact(id)`; a single value belongs in a `const`");
                self.report(diagnostic);
                None
            }
        }
    }

    /// Lowers a distribution and fits it to the type of its owner.
    pub(super) fn distribution_in_unit(
        &mut self,
        expression: &ast::Expression,
        scope: &Scope,
        type_: &Type,
        who: &Owner,
    ) -> Option<Distribution> {
        let typed = self.distribution(expression, scope, Some(type_))?;
        match &typed.dimension {
            Some(dimension) if *dimension != type_.dimension && !who.unknown => {
                let diagnostic = Diagnostic::error(
                    "E0301",
                    format!(
                        "{} is in {}, but its distribution gives {}",
                        who.spoken,
                        type_.unit.text,
                        if dimension.is_plain() {
                            "plain numbers".to_owned()
                        } else {
                            dimension.to_string()
                        }
                    ),
                    expression.span,
                );
                let diagnostic = who.label(diagnostic);
                self.report(diagnostic);
                None
            }
            _ => Some(typed.distribution),
        }
    }

    fn form(
        &mut self,
        name: &Name,
        arguments: &[Argument],
        span: Span,
        scope: &Scope,
        type_: Option<&Type>,
    ) -> Option<TypedDistribution> {
        match name.text.as_str() {
            "discrete" => return self.discrete(arguments, span, scope, type_),
            "empirical" => return self.empirical(arguments, span, scope, type_),
            "mixture" => return self.mixture(arguments, span, scope, type_),
            "hurdle" => return self.hurdle(arguments, span, scope, type_),
            "truncated" => return self.truncated(arguments, span, scope, type_),
            _ => {}
        }
        let forms: Vec<&Form> = FORMS.iter().filter(|form| form.name == name.text).collect();
        if forms.is_empty() {
            let known = FORMS.iter().map(|form| form.name).chain(OTHERS.iter().copied());
            let diagnostic = Diagnostic::error(
                "E0501",
                format!("there is no distribution named `{}`", name.text),
                name.span,
            );
            let diagnostic = self.suggest(diagnostic, name, |_| known);
            self.report(diagnostic);
            return None;
        }
        let chosen = forms
            .iter()
            .find_map(|form| arrange(form, arguments).map(|values| (*form, values)));
        let Some((form, values)) = chosen else {
            let ways: Vec<String> = forms
                .iter()
                .map(|form| {
                    let names: Vec<&str> = form.arguments.iter().map(|(n, _)| *n).collect();
                    format!("{}({})", form.name, names.join(", "))
                })
                .collect();
            let diagnostic = Diagnostic::error(
                "E0501",
                format!("these are not the arguments of `{}`", name.text),
                span,
            )
            .help(format!("it is written {}", list(&ways)));
            self.report(diagnostic);
            return None;
        };
        let mut dimension: Option<(Dimension, Span)> = None;
        let mut lowered = Vec::new();
        let mut bare = true;
        for ((argument, domain), value) in form.arguments.iter().zip(values) {
            let carries = matches!(domain, Domain::Location | Domain::Positive | Domain::NotNegative);
            let typed = self.argument(value, scope, type_.filter(|_| carries))?;
            bare &= typed.bare || !carries;
            if carries {
                self.same_dimension(&typed, &mut dimension)?;
            } else if !self.is_plain(&typed, &format!("`{argument}` of `{}`", form.name)) {
                return None;
            }
            self.in_domain(form.name, argument, *domain, &typed)?;
            lowered.push(typed);
        }
        if form.ordered {
            self.ascending(form, &lowered)?;
        }
        let dimension = if form.plain {
            Some(Dimension::plain())
        } else {
            dimension.map(|(d, _)| d)
        };
        let distribution = (form.make)(lowered.into_iter().map(|typed| typed.value).collect());
        Some(TypedDistribution {
            distribution,
            dimension,
            bare,
        })
    }

    /// Lowers an argument that carries the unit; a bare number is in the declared one.
    fn argument(
        &mut self,
        expression: &ast::Expression,
        scope: &Scope,
        type_: Option<&Type>,
    ) -> Option<Typed> {
        let typed = self.expression(expression, scope);
        if typed.poisoned {
            return None;
        }
        if typed.kind != ValueKind::Number {
            let diagnostic = Diagnostic::error(
                "E0306",
                format!(
                    "a distribution takes numbers, and this is {}",
                    typed.spoken_type()
                ),
                typed.span,
            );
            self.report(diagnostic);
            return None;
        }
        match type_ {
            Some(type_) if typed.bare && typed.dimension.is_plain() => {
                let value = match typed.value {
                    Expression::Number(n) => Expression::Number(n * type_.unit.scale),
                    value => multiply(value, number(type_.unit.scale)),
                };
                Some(Typed {
                    value,
                    dimension: type_.dimension.clone(),
                    free: false,
                    ..typed
                })
            }
            _ => Some(typed),
        }
    }

    fn same_dimension(&mut self, typed: &Typed, dimension: &mut Option<(Dimension, Span)>) -> Option<()> {
        if typed.free {
            return Some(());
        }
        match dimension {
            Some((known, first)) if *known != typed.dimension => {
                let diagnostic = Diagnostic::error(
                    "E0302",
                    "the arguments of a distribution have different units",
                    typed.span,
                )
                .label(*first, known.to_string())
                .label(typed.span, typed.spoken_type());
                self.report(diagnostic);
                None
            }
            Some(_) => Some(()),
            None => {
                *dimension = Some((typed.dimension.clone(), typed.span));
                Some(())
            }
        }
    }

    /// Checks an argument that is known before the run against its domain.
    fn in_domain(&mut self, form: &str, argument: &str, domain: Domain, typed: &Typed) -> Option<()> {
        let Some(value) = self.known(&typed.value) else {
            return Some(());
        };
        let (fits, words) = match domain {
            Domain::Location => (value.is_finite(), "a finite number"),
            Domain::Positive | Domain::Shape => (value > 0.0 && value.is_finite(), "above 0"),
            Domain::NotNegative | Domain::Spread => (value >= 0.0 && value.is_finite(), "at least 0"),
            Domain::Probability => ((0.0..=1.0).contains(&value), "between 0 and 1"),
            Domain::Whole => (
                value >= 0.0 && value.fract() == 0.0 && value.is_finite(),
                "a whole number of at least 0",
            ),
        };
        if fits {
            return Some(());
        }
        let diagnostic = Diagnostic::error(
            "E0502",
            format!(
                "`{argument}` of `{form}` has to be {words}, and here it is {}",
                short(value)
            ),
            typed.span,
        );
        self.report(diagnostic);
        None
    }

    fn ascending(&mut self, form: &Form, values: &[Typed]) -> Option<()> {
        let known: Vec<Option<f64>> = values.iter().map(|typed| self.known(&typed.value)).collect();
        for pair in known.windows(2).enumerate() {
            let (position, [Some(low), Some(high)]) = pair else {
                continue;
            };
            let last = form.arguments.len() == 2 && low >= high;
            if low > high || last {
                let (first, second) = (form.arguments[position].0, form.arguments[position + 1].0);
                let diagnostic = Diagnostic::error(
                    "E0502",
                    format!("`{first}` of `{}` has to lie below `{second}`", form.name),
                    values[position].span,
                )
                .label(values[position + 1].span, format!("this is `{second}`"));
                self.report(diagnostic);
                return None;
            }
        }
        if let (Some(Some(low)), Some(Some(high))) = (known.first(), known.last())
            && low >= high
        {
            self.report(Diagnostic::error(
                "E0502",
                format!("the ends of `{}` are the same", form.name),
                values[0].span,
            ));
            return None;
        }
        Some(())
    }

    /// Lowers `A to B`: a 90% interval, lognormal where both ends are positive, else normal.
    fn interval(
        &mut self,
        low: &ast::Expression,
        high: &ast::Expression,
        span: Span,
        scope: &Scope,
        type_: Option<&Type>,
    ) -> Option<TypedDistribution> {
        let low = self.argument(low, scope, type_)?;
        let high = self.argument(high, scope, type_)?;
        let mut dimension = None;
        self.same_dimension(&low, &mut dimension)?;
        self.same_dimension(&high, &mut dimension)?;
        let (Some(a), Some(b)) = (self.known(&low.value), self.known(&high.value)) else {
            let diagnostic = Diagnostic::error(
                "E0501",
                "the ends of an interval have to be known before the run",
                span,
            )
            .help("use `normal(mean, sd)` or `lognormal(median, sigma)` where they depend on something");
            self.report(diagnostic);
            return None;
        };
        if a >= b || !a.is_finite() || !b.is_finite() {
            let diagnostic = Diagnostic::error(
                "E0502",
                format!("the interval from {} to {} is empty", short(a), short(b)),
                span,
            )
            .help("write the lower end first");
            self.report(diagnostic);
            return None;
        }
        let distribution = if a > 0.0 {
            let sigma = divide(call(FunctionName::Ln, number(b / a)), number(2.0 * Z95));
            Distribution::Lognormal {
                median: call(FunctionName::Sqrt, number(a * b)),
                sigma,
            }
        } else {
            Distribution::Normal {
                mean: number((a + b) / 2.0),
                sd: number((b - a) / (2.0 * Z95)),
            }
        };
        let bare = low.bare && high.bare;
        Some(TypedDistribution {
            distribution,
            dimension: dimension.map(|(d, _)| d),
            bare,
        })
    }

    fn discrete(
        &mut self,
        arguments: &[Argument],
        span: Span,
        scope: &Scope,
        type_: Option<&Type>,
    ) -> Option<TypedDistribution> {
        let mut values = Vec::new();
        let mut dimension = None;
        for argument in arguments {
            let Some(key) = &argument.key else {
                let diagnostic = Diagnostic::error(
                    "E0501",
                    "each value of `discrete` has a weight",
                    argument.value.span,
                )
                .help("write `discrete(1: 0.3, 2: 0.7)`");
                self.report(diagnostic);
                return None;
            };
            let value = self.argument(key, scope, type_)?;
            self.same_dimension(&value, &mut dimension)?;
            let weight = self.weight(&argument.value, scope)?;
            values.push((value.value, weight));
        }
        self.add_to_one(values.iter().map(|(_, w)| *w), span)?;
        let sum: f64 = values.iter().map(|(_, weight)| weight).sum();
        for (_, weight) in &mut values {
            *weight /= sum;
        }
        Some(TypedDistribution {
            distribution: Distribution::Discrete(values),
            dimension: dimension.map(|(d, _)| d),
            bare: false,
        })
    }

    fn empirical(
        &mut self,
        arguments: &[Argument],
        span: Span,
        scope: &Scope,
        type_: Option<&Type>,
    ) -> Option<TypedDistribution> {
        if arguments.is_empty() {
            self.report(Diagnostic::error(
                "E0501",
                "`empirical` needs at least one value",
                span,
            ));
            return None;
        }
        let weight = 1.0 / arguments.len() as f64;
        let mut dimension = None;
        let mut values = Vec::new();
        for argument in arguments {
            let value = self.argument(&argument.value, scope, type_)?;
            self.same_dimension(&value, &mut dimension)?;
            values.push(value.value);
        }
        // In ascending order, so that a larger uniform never gives a smaller value.
        values.sort_by(|a, b| {
            self.known(a)
                .unwrap_or(0.0)
                .total_cmp(&self.known(b).unwrap_or(0.0))
        });
        let values = values.into_iter().map(|value| (value, weight)).collect();
        Some(TypedDistribution {
            distribution: Distribution::Discrete(values),
            dimension: dimension.map(|(d, _)| d),
            bare: false,
        })
    }

    fn weight(&mut self, expression: &ast::Expression, scope: &Scope) -> Option<f64> {
        let typed = self.expression(expression, scope);
        if !self.is_plain(&typed, "a weight") {
            return None;
        }
        match self.known(&typed.value) {
            Some(weight) if (0.0..=1.0).contains(&weight) => Some(weight),
            Some(weight) => {
                self.report(Diagnostic::error(
                    "E0502",
                    format!("a weight lies between 0 and 1, and this is {}", short(weight)),
                    typed.span,
                ));
                None
            }
            None => {
                self.report(Diagnostic::error(
                    "E0501",
                    "a weight has to be known before the run",
                    typed.span,
                ));
                None
            }
        }
    }

    fn add_to_one(&mut self, weights: impl Iterator<Item = f64>, span: Span) -> Option<()> {
        let sum: f64 = weights.sum();
        // Weights are written with few digits: thirds as 0.333 must pass, 0.9 must not.
        if (sum - 1.0).abs() <= 2e-3 {
            return Some(());
        }
        self.report(Diagnostic::error(
            "E0502",
            format!("the weights add up to {}, not to 1", short(sum)),
            span,
        ));
        None
    }

    fn mixture(
        &mut self,
        arguments: &[Argument],
        span: Span,
        scope: &Scope,
        type_: Option<&Type>,
    ) -> Option<TypedDistribution> {
        let mut parts = Vec::new();
        let mut known = Vec::new();
        let mut dimension: Option<Dimension> = None;
        for argument in arguments {
            let Some(key) = &argument.key else {
                let diagnostic = Diagnostic::error(
                    "E0501",
                    "each part of a mixture has a weight",
                    argument.value.span,
                )
                .help("write `mixture(0.3: normal(0, 1), 0.7: normal(5, 1))`");
                self.report(diagnostic);
                return None;
            };
            let weight = self.expression(key, scope);
            if !self.is_plain(&weight, "a weight") {
                return None;
            }
            known.push(self.known(&weight.value));
            let part = self.distribution(&argument.value, scope, type_)?;
            self.join(&mut dimension, part.dimension, argument.value.span)?;
            parts.push((weight.value, part.distribution));
        }
        if let Some(weights) = known.into_iter().collect::<Option<Vec<f64>>>() {
            self.add_to_one(weights.iter().copied(), span)?;
            let sum: f64 = weights.iter().sum();
            for ((part, _), weight) in parts.iter_mut().zip(weights) {
                *part = number(weight / sum);
            }
        }
        Some(TypedDistribution {
            distribution: Distribution::Mixture(parts),
            dimension,
            bare: false,
        })
    }

    fn join(
        &mut self,
        dimension: &mut Option<Dimension>,
        other: Option<Dimension>,
        span: Span,
    ) -> Option<()> {
        match (dimension.as_ref(), other) {
            (Some(known), Some(other)) if *known != other => {
                self.report(Diagnostic::error(
                    "E0302",
                    format!("one part gives {known}, another {other}"),
                    span,
                ));
                None
            }
            (None, Some(other)) => {
                *dimension = Some(other);
                Some(())
            }
            _ => Some(()),
        }
    }

    fn hurdle(
        &mut self,
        arguments: &[Argument],
        span: Span,
        scope: &Scope,
        type_: Option<&Type>,
    ) -> Option<TypedDistribution> {
        let [
            Argument { key: None, value: p },
            Argument {
                key: None,
                value: inner,
            },
        ] = arguments
        else {
            let diagnostic = Diagnostic::error("E0501", "these are not the arguments of `hurdle`", span)
                .help("it is written `hurdle(p, distribution)`: zero with probability p");
            self.report(diagnostic);
            return None;
        };
        let p = self.argument(p, scope, None)?;
        if !self.is_plain(&p, "a probability") {
            return None;
        }
        self.in_domain("hurdle", "p", Domain::Probability, &p)?;
        let inner = self.distribution(inner, scope, type_)?;
        let rest = subtract(number(1.0), p.value.clone());
        let parts = vec![
            (p.value, Distribution::Constant(number(0.0))),
            (rest, inner.distribution),
        ];
        Some(TypedDistribution {
            distribution: Distribution::Mixture(parts),
            dimension: inner.dimension,
            bare: inner.bare,
        })
    }

    fn truncated(
        &mut self,
        arguments: &[Argument],
        span: Span,
        scope: &Scope,
        type_: Option<&Type>,
    ) -> Option<TypedDistribution> {
        let [
            Argument {
                key: None,
                value: inner,
            },
            Argument {
                key: None,
                value: low,
            },
            Argument {
                key: None,
                value: high,
            },
        ] = arguments
        else {
            let diagnostic = Diagnostic::error("E0501", "these are not the arguments of `truncated`", span)
                .help("it is written `truncated(distribution, low, high)`");
            self.report(diagnostic);
            return None;
        };
        let inner_span = inner.span;
        let inner = self.distribution(inner, scope, type_)?;
        if !can_be_truncated(&inner.distribution) {
            let diagnostic = Diagnostic::error(
                "E0501",
                "only a continuous distribution can be truncated",
                inner_span,
            )
            .help("truncate each part of a mixture, or leave values out of `discrete`");
            self.report(diagnostic);
            return None;
        }
        let (low, high) = (
            self.argument(low, scope, type_)?,
            self.argument(high, scope, type_)?,
        );
        let mut dimension = inner.dimension.clone().map(|d| (d, inner_span));
        self.same_dimension(&low, &mut dimension)?;
        self.same_dimension(&high, &mut dimension)?;
        if let (Some(a), Some(b)) = (self.known(&low.value), self.known(&high.value))
            && a >= b
        {
            self.report(
                Diagnostic::error("E0502", "the lower end has to lie below the upper one", low.span)
                    .label(high.span, "the upper end"),
            );
            return None;
        }
        let distribution = Distribution::Truncated {
            of: Box::new(inner.distribution),
            low: low.value,
            high: high.value,
        };
        Some(TypedDistribution {
            distribution,
            dimension: dimension.map(|(d, _)| d),
            bare: inner.bare,
        })
    }
}

/// Standard normal 95% point.
const Z95: f64 = 1.644_853_626_951_472_2;

fn can_be_truncated(distribution: &Distribution) -> bool {
    !matches!(
        distribution,
        Distribution::Constant(_)
            | Distribution::Poisson { .. }
            | Distribution::Binomial { .. }
            | Distribution::Bernoulli { .. }
            | Distribution::Discrete(_)
            | Distribution::Mixture(_)
            | Distribution::Truncated { .. }
    )
}

/// Puts arguments into the order of a form: first those without a name, then named ones. None if they do not fit.
fn arrange<'e>(form: &Form, arguments: &'e [Argument]) -> Option<Vec<&'e ast::Expression>> {
    if arguments.len() != form.arguments.len() {
        return None;
    }
    let mut places: Vec<Option<&ast::Expression>> = vec![None; form.arguments.len()];
    for (position, argument) in arguments.iter().enumerate() {
        let place = match &argument.key {
            None => position,
            Some(key) => {
                let name = super::as_name(key)?;
                form.arguments.iter().position(|(n, _)| *n == name.text)?
            }
        };
        if places[place].replace(&argument.value).is_some() {
            return None;
        }
    }
    places.into_iter().collect()
}

/// Takes as many arguments as the form has; the table and the patterns beside it agree.
fn take<const N: usize>(arguments: Vec<Expression>) -> [Expression; N] {
    let mut arguments = arguments.into_iter();
    std::array::from_fn(|_| arguments.next().unwrap_or(Expression::Number(f64::NAN)))
}

fn number(value: f64) -> Expression {
    Expression::Number(value)
}

fn apply(operator: Binary, a: Expression, b: Expression) -> Expression {
    Expression::Binary(operator, Box::new(a), Box::new(b))
}

fn add(a: Expression, b: Expression) -> Expression {
    apply(Binary::Add, a, b)
}

fn subtract(a: Expression, b: Expression) -> Expression {
    apply(Binary::Subtract, a, b)
}

fn multiply(a: Expression, b: Expression) -> Expression {
    apply(Binary::Multiply, a, b)
}

fn divide(a: Expression, b: Expression) -> Expression {
    apply(Binary::Divide, a, b)
}

fn call(function: FunctionName, a: Expression) -> Expression {
    Expression::Call(function, vec![a])
}

impl<'a> Checker<'a> {
    /// Returns the value of an expression of literal numbers, constants that are literal numbers, and arithmetic: what is known before
    /// the run, for checks of what is impossible.
    pub(super) fn known(&self, expression: &Expression) -> Option<f64> {
        Some(match expression {
            Expression::Number(value) => *value,
            Expression::Quantity(reference) => {
                self.literal(self.quantities[reference.quantity.position()])?
            }
            Expression::Unary(Unary::Negate, a) => -self.known(a)?,
            Expression::Binary(operator, a, b) => {
                let (a, b) = (self.known(a)?, self.known(b)?);
                match operator {
                    Binary::Add => a + b,
                    Binary::Subtract => a - b,
                    Binary::Multiply => a * b,
                    Binary::Divide => a / b,
                    _ => return None,
                }
            }
            Expression::Call(FunctionName::Sqrt, a) => self.known(a.first()?)?.sqrt(),
            Expression::Call(FunctionName::Abs, a) => self.known(a.first()?)?.abs(),
            _ => return None,
        })
    }

    /// Returns the value of a constant that is a literal number, in base units.
    fn literal(&self, declaration: &ast::Declaration) -> Option<f64> {
        let ast::DeclarationKind::Const {
            value: ast::Value::Expression(expression),
        } = &declaration.kind
        else {
            return None;
        };
        let (sign, expression) = match &expression.kind {
            ExpressionKind::Unary(ast::Operator::Negate, inner) => (-1.0, inner.as_ref()),
            _ => (1.0, expression),
        };
        match &expression.kind {
            ExpressionKind::Number { value, unit: None } => Some(sign * value),
            ExpressionKind::Number {
                value,
                unit: Some(unit),
            } => Some(sign * value * self.units.meaning(unit).ok()?.scale),
            _ => None,
        }
    }
}

/// Writes a number with few digits, for messages.
pub(super) fn short(value: f64) -> String {
    let text = format!("{value:.6}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}
