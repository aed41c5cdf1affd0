//! Facts and references: reading them, and turning facts into priors.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Checker;
use super::expressions::Typed;
use super::limits::{Unread, text_of};
use crate::diagnostic::Diagnostic;
use crate::evidence::{Evidence, Fact, Reference};
use crate::files::Files;
use crate::model::{Distribution, Expression, FactScale};
use crate::source::{FileId, Sources, Span};
use crate::syntax::ast::{self, Name};
use crate::units::{Dimension, UnitMeaning};

/// A share or probability of exactly 0 or 1 has no log odds; as an end of a range it is read as this near to it: one in a thousand,
/// below what experts tell apart.
const NEAREST_TO_CERTAIN: f64 = 1e-3;

/// Evidence and where it stands.
#[derive(Default)]
pub(super) struct Found {
    pub evidence: Evidence,
    /// Where each fact stands, by its id, and its position in the list.
    pub places: BTreeMap<String, (usize, Span)>,
    /// Whether a file was there and could not be read: what it would have held is not missed.
    pub unread: bool,
}

#[derive(Deserialize)]
struct FactsFile {
    #[serde(default)]
    fact: Vec<toml::Spanned<Fact>>,
}

#[derive(Deserialize)]
struct ReferencesFile {
    #[serde(default)]
    reference: Vec<Reference>,
}

/// Reads `facts.toml` and `references.toml`, if they are there.
pub(super) fn read(files: &dyn Files, sources: &mut Sources, diagnostics: &mut Vec<Diagnostic>) -> Found {
    let mut found = Found::default();
    let before = diagnostics.len();
    if let Some((file, parsed)) = toml_file::<FactsFile>("facts.toml", files, sources, diagnostics) {
        for fact in parsed.fact {
            let range = fact.span();
            let span = Span {
                file,
                start: range.start as u32,
                end: range.end as u32,
            };
            let fact = fact.into_inner();
            let place = (found.evidence.facts.len(), span);
            if let Some((_, first)) = found.places.insert(fact.id.clone(), place) {
                let diagnostic = Diagnostic::error(
                    "E0202",
                    format!("the fact `{}` stands twice in facts.toml", fact.id),
                    span,
                )
                .label(first, "the first");
                diagnostics.push(diagnostic);
            }
            found.evidence.facts.push(fact);
        }
    }
    if let Some((_, parsed)) = toml_file::<ReferencesFile>("references.toml", files, sources, diagnostics) {
        found.evidence.references = parsed.reference;
    }
    found.unread = diagnostics.len() > before;
    found
}

fn toml_file<T: serde::de::DeserializeOwned>(
    name: &str,
    files: &dyn Files,
    sources: &mut Sources,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<(FileId, T)> {
    // A folder without evidence is a model without evidence; whoever names a fact then hears of it.
    let text = match text_of(files, name) {
        Ok(text) => text,
        Err(Unread { code, reason }) if files.has(name) => {
            diagnostics.push(Diagnostic::of_folder(
                code,
                format!("`{name}` cannot be read: {reason}"),
            ));
            return None;
        }
        Err(_) => return None,
    };
    let file = FileId(sources.files.len() as u32);
    let parsed = toml::from_str::<T>(&text);
    sources.files.push((name.to_owned(), text));
    match parsed {
        Ok(parsed) => Some((file, parsed)),
        Err(error) => {
            let range = error.span().unwrap_or(0..0);
            let span = Span {
                file,
                start: range.start as u32,
                end: range.end as u32,
            };
            let diagnostic = Diagnostic::error(
                "E0505",
                format!("`{name}` cannot be read: {}", error.message()),
                span,
            )
            .help("an entry starts with [[fact]] or [[reference]], and each line is `key = value`");
            diagnostics.push(diagnostic);
            None
        }
    }
}

/// What a fact's unit means.
enum FactUnit {
    /// Between 0 and 1.
    Share,
    /// A quantity in a unit.
    Quantity(UnitMeaning),
}

impl<'a> Checker<'a> {
    /// Checks what holds for a fact by itself.
    pub(super) fn check_facts(&mut self) {
        let places: Vec<(usize, Span)> = self.fact_places.values().copied().collect();
        for (position, span) in places {
            let fact = self.evidence.facts[position].clone();
            if let Some(problem) = problem_of(&fact) {
                self.report(Diagnostic::error(
                    "E0504",
                    format!("the fact `{}` {problem}", fact.id),
                    span,
                ));
            }
            match fact.as_of.parse::<jiff::civil::Date>() {
                Err(_) => {
                    let diagnostic = Diagnostic::error(
                        "E0505",
                        format!("the fact `{}` has no date that can be read", fact.id),
                        span,
                    )
                    .help("write `as_of = \"2024-10-28\"`");
                    self.report(diagnostic);
                }
                Ok(date) if self.timed && days_since_epoch(date) > self.clock.start_day => {
                    let diagnostic = Diagnostic::error(
                        "E0506",
                        format!(
                            "the fact `{}` is as of {}, after the model starts",
                            fact.id, fact.as_of
                        ),
                        span,
                    )
                    .note("a model may only know what was known when it starts")
                    .help("use an earlier figure, or start the model later");
                    self.report(diagnostic);
                }
                Ok(_) => {}
            }
        }
    }

    /// Returns a fact that is a quantity, or reports that there is none.
    fn fact(&mut self, name: &Name) -> Option<(Fact, FactUnit)> {
        let Some((position, span)) = self.fact_places.get(&name.text).copied() else {
            if self.evidence_unread {
                return None;
            }
            let mut diagnostic = Diagnostic::error(
                "E0503",
                format!("there is no fact `{}` in facts.toml", name.text),
                name.span,
            );
            diagnostic = self.suggest(diagnostic, name, |checker| {
                checker.fact_places.keys().map(String::as_str)
            });
            if diagnostic.help.is_none() {
                diagnostic = diagnostic.help(format!("add it to facts.toml: `[[fact]]`, `id = \"{}\"`, with low, central, high, unit, as_of, source, grade", name.text));
            }
            self.report(diagnostic);
            return None;
        };
        let fact = self.evidence.facts[position].clone();
        if fact.unit == "text" {
            let diagnostic = Diagnostic::error(
                "E0504",
                format!("the fact `{}` is a text, not a number", fact.id),
                name.span,
            );
            self.report(diagnostic);
            return None;
        }
        if problem_of(&fact).is_some() {
            return None;
        }
        if fact.unit == "share" || fact.unit == "probability" {
            return Some((fact, FactUnit::Share));
        }
        let unit = unit_of_text(&fact.unit);
        let meaning = unit.as_ref().and_then(|unit| self.units.meaning(unit).ok());
        match meaning {
            Some(meaning) => Some((fact, FactUnit::Quantity(meaning))),
            None if !self.inferring && !self.foreign_facts.insert(fact.id.clone()) => None,
            None => {
                let diagnostic = Diagnostic::error(
                    "E0304",
                    format!(
                        "the unit `{}` of the fact `{}` is no unit of the model",
                        fact.unit, fact.id
                    ),
                    name.span,
                )
                .label(span, "the fact")
                .help("declare the unit, or write `share`, `probability` or `text` in facts.toml");
                self.report(diagnostic);
                None
            }
        }
    }

    /// Returns a fact as a prior, with the dimension of its values.
    pub(super) fn fact_distribution(&mut self, name: &Name) -> Option<(Distribution, Dimension)> {
        let (fact, unit) = self.fact(name)?;
        let (low, central, high) = (fact.low?, fact.central?, fact.high?);
        Some(match unit {
            FactUnit::Share if low == high => (
                Distribution::Constant(Expression::Number(central)),
                Dimension::plain(),
            ),
            FactUnit::Share => {
                let inside = |p: f64| p.clamp(NEAREST_TO_CERTAIN, 1.0 - NEAREST_TO_CERTAIN);
                let prior = Distribution::SplitNormal {
                    scale: FactScale::Logit,
                    low: inside(low),
                    central: inside(central),
                    high: inside(high),
                };
                (prior, Dimension::plain())
            }
            FactUnit::Quantity(meaning) => {
                let (low, central, high) =
                    (low * meaning.scale, central * meaning.scale, high * meaning.scale);
                let scale = if low > 0.0 {
                    FactScale::Log
                } else {
                    FactScale::Natural
                };
                let prior = if low == high {
                    Distribution::Constant(Expression::Number(central))
                } else {
                    Distribution::SplitNormal {
                        scale,
                        low,
                        central,
                        high,
                    }
                };
                (prior, meaning.dimension)
            }
        })
    }

    /// Returns low, central and high of a fact in base units, with their dimension.
    pub(super) fn fact_values(&mut self, name: &Name) -> Option<([f64; 3], Dimension)> {
        let (fact, unit) = self.fact(name)?;
        let values = [fact.low?, fact.central?, fact.high?];
        Some(match unit {
            FactUnit::Share => (values, Dimension::plain()),
            FactUnit::Quantity(meaning) => (values.map(|v| v * meaning.scale), meaning.dimension),
        })
    }

    /// Lowers `fact(x)`, `central(fact(x))`, `low(fact(x))` and `high(fact(x))`; none if it is another call.
    pub(super) fn evidence_call(
        &mut self,
        name: &Name,
        values: &[&ast::Expression],
        span: Span,
    ) -> Option<Typed> {
        if name.text == "fact" {
            let Some(id) = values
                .first()
                .and_then(|value| super::as_name(value))
                .filter(|_| values.len() == 1)
            else {
                self.report(Diagnostic::error("E0501", "`fact` takes the id of a fact", span));
                return Some(Typed::poison(span));
            };
            return Some(match self.fact_distribution(&id) {
                Some((Distribution::Constant(value), dimension)) => Typed::number(value, dimension, span),
                Some((prior, dimension)) => {
                    Typed::number(Expression::Fact(id.text, Box::new(prior)), dimension, span)
                }
                None => Typed::poison(span),
            });
        }
        let position = ["low", "central", "high"].iter().position(|n| *n == name.text)?;
        let [value] = values else { return None };
        let ast::ExpressionKind::Call(inner, arguments) = &value.kind else {
            return None;
        };
        if inner.text != "fact" {
            return None;
        }
        let Some(id) = arguments
            .first()
            .and_then(|argument| super::as_name(&argument.value))
        else {
            self.report(Diagnostic::error(
                "E0501",
                "`fact` takes the id of a fact",
                value.span,
            ));
            return Some(Typed::poison(span));
        };
        Some(match self.fact_values(&id) {
            Some((values, dimension)) => Typed::number(Expression::Number(values[position]), dimension, span),
            None => Typed::poison(span),
        })
    }
}

/// Returns what is wrong with a fact by itself.
fn problem_of(fact: &Fact) -> Option<&'static str> {
    if fact.unit == "text" {
        return None;
    }
    let (Some(low), Some(central), Some(high)) = (fact.low, fact.central, fact.high) else {
        return Some("has no low, central and high");
    };
    if !(low.is_finite() && central.is_finite() && high.is_finite()) {
        return Some("has a number that is not finite");
    }
    if !(low <= central && central <= high) {
        return Some("does not have low <= central <= high");
    }
    let is_share = fact.unit == "share" || fact.unit == "probability";
    (is_share && (low < 0.0 || high > 1.0)).then_some("is a share and does not lie between 0 and 1")
}

/// Parses a unit that stands in a fact, by way of a declaration with that unit.
fn unit_of_text(text: &str) -> Option<ast::UnitExpression> {
    if text.contains('\n') {
        return None;
    }
    let parse = crate::syntax::parse(&format!("melian 0.1\nconst x : {text} = 0\n"), FileId(0));
    if parse.has_errors() {
        return None;
    }
    parse.file().declarations.into_iter().next()?.unit
}

/// Returns the days since 1970-01-01.
fn days_since_epoch(date: jiff::civil::Date) -> i32 {
    let epoch = jiff::civil::date(1970, 1, 1);
    epoch.until(date).map_or(i32::MAX, |span| span.get_days())
}
