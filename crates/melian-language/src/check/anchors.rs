//! Anchors: an elicited probability pins an intercept. What is solved for stands in `anchors.lock` and is put in here.

use std::collections::BTreeMap;

use super::Checker;
use super::expressions::Scope;
use super::list;
use crate::diagnostic::Diagnostic;
use crate::lock::{LOCK_FILE, Solved};
use crate::model::{
    Anchor, Distribution, Expression, FactScale, Model, PerElement, Quantity, QuantityId, QuantityKind,
    Reading, ValueKind,
};
use crate::syntax::ast::{self, Declaration, DeclarationKind, ExpressionKind};
use crate::units::Dimension;

impl<'a> Checker<'a> {
    /// Lowers the anchors.
    pub(super) fn lower_anchors(
        &mut self,
        declarations: &[&'a Declaration],
        quantities: &[Option<Quantity>],
    ) -> Vec<Anchor> {
        let mut found = Vec::new();
        let mut parameters = BTreeMap::new();
        let mut questions = BTreeMap::new();
        for declaration in declarations {
            let DeclarationKind::Anchor { question, target } = &declaration.kind else {
                continue;
            };
            let name = &declaration.name;
            let parameter = ast::Expression {
                kind: ExpressionKind::Name(name.text.clone()),
                span: name.span,
            };
            let parameter: Option<QuantityId> = self
                .named(&parameter, "parameter", &Scope::default(), |kind| {
                    matches!(kind, DeclarationKind::Param { .. })
                })
                .map(|reference| reference.quantity);
            let question_span = question.span;
            let question = self.named_question(question);
            let plain = self.inferred(Dimension::plain(), ValueKind::Number);
            let who = super::fit::Owner {
                spoken: format!("the elicited probability that anchors `{}`", name.text),
                part: "distribution",
                declared: None,
                unknown: false,
            };
            let target = self.distribution_in_unit(target, &Scope::default(), &plain, &who);
            if let (Some(parameter), Some(question)) = (parameter, question) {
                let again = parameters
                    .insert(parameter, name.span)
                    .map(|first| (name.span, first));
                let again = again.or(questions
                    .insert(question, question_span)
                    .map(|first| (question_span, first)));
                if let Some((span, first)) = again {
                    let message = format!("`{}` is anchored twice", self.sources.excerpt(span));
                    let diagnostic = Diagnostic::error("E0706", message, span)
                        .label(first, "the first")
                        .help("one parameter answers to one elicited probability");
                    self.report(diagnostic);
                }
            }
            if let (Some(parameter), Some(question), Some(target)) = (parameter, question, target)
                && let Some(quantity) = &quantities[parameter.position()]
                && let QuantityKind::Parameter { prior, .. } = &quantity.kind
            {
                found.push(Anchor {
                    parameter,
                    question,
                    target,
                    declared: prior.at(0).clone(),
                    span: declaration.span,
                });
            }
        }
        found
    }

    fn named_question(&mut self, question: &ast::Expression) -> Option<Reading> {
        self.named(question, "question", &Scope::default(), |kind| {
            matches!(kind, DeclarationKind::Question { .. })
        })?;
        self.reading_of(question)
    }

    /// Checks what only the whole model shows of its anchors: whether they can be solved, and whether they were.
    pub(super) fn check_anchors(&mut self, model: &Model) {
        let before = self.diagnostics.len();
        for anchor in &model.anchors {
            let parameter = &model.quantity(anchor.parameter).name;
            let question = &model.quantity(anchor.question.quantity).name;
            if !model.hangs_on(anchor.question.quantity, anchor.parameter) {
                let diagnostic = Diagnostic::error(
                    "E0720",
                    format!("nothing that `{question}` hangs on hangs on `{parameter}`"),
                    anchor.span,
                )
                .help(format!("let the equation of what `{question}` asks for name `{parameter}`, or anchor a parameter that it names"));
                self.report(diagnostic);
            } else if anchor.declared.solved_on().is_none() {
                let diagnostic = Diagnostic::error(
                    "E0720",
                    format!("`{parameter}` cannot be solved for: its prior has no density"),
                    model.quantity(anchor.parameter).span,
                )
                .label(anchor.span, "it is anchored here")
                .help("give it a prior over a range, such as `normal(0, 1)`");
                self.report(diagnostic);
            }
        }
        if self.diagnostics.len() == before {
            self.warn_of_unsolved_anchors(model);
        }
    }

    fn warn_of_unsolved_anchors(&mut self, model: &Model) {
        let open: Vec<&Anchor> = (model.anchors.iter())
            .filter(|anchor| model.solved(anchor).is_none())
            .collect();
        let Some(first) = open.first() else {
            return;
        };
        let names: Vec<String> = open
            .iter()
            .map(|anchor| model.quantity(anchor.parameter).name.clone())
            .collect();
        let (are, each) = if names.len() == 1 {
            ("is", "it")
        } else {
            ("are", "each of them")
        };
        let mut diagnostic = Diagnostic::warning(
            "W1010",
            format!("{} {are} anchored and not solved for", list(&names)),
            first.span,
        )
        .note(format!(
            "until then {each} keeps the prior that is declared, and no elicited probability is met"
        ))
        .help(format!(
            "solve for them: `melian anchor` and the model's folder, which writes `{LOCK_FILE}`"
        ));
        for anchor in &open[1..] {
            diagnostic = diagnostic.label(anchor.span, "");
        }
        self.report(diagnostic);
    }
}

/// Gives solved parameters the priors that were solved for.
pub(super) fn put_in(model: &mut Model) {
    let solved: Vec<(QuantityId, Distribution)> = (model.anchors.iter())
        .filter_map(|anchor| Some((anchor.parameter, anchor.declared.pinned(model.solved(anchor)?)?)))
        .collect();
    for (parameter, pinned) in solved {
        if let QuantityKind::Parameter { prior, .. } = &mut model.quantities[parameter.position()].kind {
            *prior = PerElement::Same(pinned);
        }
    }
}

/// Where a solved parameter may lie.
pub struct SolvedOn<'d> {
    /// The scale on which it is split normal.
    pub scale: FactScale,
    /// The ends of the declared prior that the scale does not keep by itself.
    pub within: Option<(&'d Expression, &'d Expression)>,
}

impl Distribution {
    /// Returns on which scale a parameter with this prior is solved for, none if the prior has no density.
    ///
    /// A prior above zero keeps its parameter above zero, one within two ends keeps it there.
    pub fn solved_on(&self) -> Option<SolvedOn<'_>> {
        let scale = |scale| Some(SolvedOn { scale, within: None });
        match self {
            Distribution::Constant(_)
            | Distribution::Poisson { .. }
            | Distribution::Binomial { .. }
            | Distribution::Bernoulli { .. }
            | Distribution::Discrete(_)
            | Distribution::Mixture(_) => None,
            Distribution::Normal { .. }
            | Distribution::StudentT { .. }
            | Distribution::Gumbel { .. }
            | Distribution::Logistic { .. } => scale(FactScale::Natural),
            Distribution::Lognormal { .. }
            | Distribution::Gamma { .. }
            | Distribution::Exponential { .. }
            | Distribution::Weibull { .. } => scale(FactScale::Log),
            Distribution::SplitNormal { scale: own, .. } => scale(*own),
            Distribution::Uniform { low, high }
            | Distribution::Triangular { low, high, .. }
            | Distribution::Beta { low, high, .. }
            | Distribution::Truncated { low, high, .. } => match (low, high) {
                (Expression::Number(0.0), Expression::Number(1.0)) => scale(FactScale::Logit),
                ends => Some(SolvedOn {
                    scale: FactScale::Natural,
                    within: Some(ends),
                }),
            },
        }
    }

    /// Returns the distribution of a solved parameter whose declared prior this is; none if it was solved on another scale.
    pub fn pinned(&self, solved: &Solved) -> Option<Distribution> {
        let SolvedOn { scale, within } = self.solved_on().filter(|on| on.scale == solved.scale)?;
        let mut points = solved.values;
        points.sort_by(f64::total_cmp);
        let [low, central, high] = points;
        if low == high {
            return Some(Distribution::Constant(Expression::Number(central)));
        }
        let split = Distribution::SplitNormal {
            scale,
            low,
            central,
            high,
        };
        Some(match within {
            None => split,
            Some((low, high)) => Distribution::Truncated {
                of: Box::new(split),
                low: low.clone(),
                high: high.clone(),
            },
        })
    }
}
