//! What everything else stands on: time, units, indices, maps, the list of quantities; and the model as a whole.

use std::collections::BTreeSet;

use super::expressions::{built_in_functions, is_reserved};
use super::limits::{Unread, text_of};
use super::{Checker, MOST_ELEMENTS, MOST_SCALARS, Signature, Type, Typing, list};
use crate::diagnostic::{Diagnostic, Severity};
use crate::model::{
    BinderId, Clock, Element, ElementId, Index, IndexId, Map, MapId, Model, QuantityId, Unit, ValueKind,
};
use crate::names::{Space, keyword, space_of};
use crate::source::Span;
use crate::syntax::ast::{
    Change, Declaration, DeclarationKind, ElementDeclaration, Expression, ExpressionKind, File, Name,
    UnitExpression,
};
use crate::units::{Dimension, UnitMeaning};

/// Most steps of a run: what the addresses of noise have room for.
const MOST_STEPS: f64 = 65_534.0;

impl<'a> Checker<'a> {
    /// Makes the model; it is complete only if no error was reported.
    pub(super) fn model(&mut self, files: &'a [File], changes: &[(String, Option<Change>)]) -> Option<Model> {
        let declarations: Vec<&'a Declaration> = files.iter().flat_map(|file| &file.declarations).collect();
        let model = self.whole_model(&declarations, changes);
        if self.is_sound() {
            self.report_open_types();
        }
        model
    }

    fn whole_model(
        &mut self,
        declarations: &[&'a Declaration],
        changes: &[(String, Option<Change>)],
    ) -> Option<Model> {
        let header = self.header(declarations);
        self.declare_units(declarations);
        self.time(declarations);
        self.declare_indices(declarations);
        self.declare_maps(declarations);
        self.report_shared_names(declarations);
        if !self.declare_quantities(declarations) {
            return None;
        }
        self.declare_functions(declarations);
        self.check_facts();
        self.check_treaties(declarations);
        self.infer_types();
        self.lowered = 0;
        let mut quantities = self.lower_quantities();
        let correlations = self.lower_correlations(declarations, &mut quantities);
        let interventions = self.lower_interventions(declarations, changes, &quantities);
        let pathways = self.lower_pathways(declarations);
        let claims = self.lower_claims(declarations);
        let headlines = self.lower_headlines(declarations);
        let anchors = self.lower_anchors(declarations, &quantities);
        let checks = self.lower_checks(declarations);
        let (name, title) = header?;
        let mut model = Model {
            name,
            title,
            clock: self.clock,
            indices: self.indices.clone(),
            maps: self.maps.clone(),
            quantities: quantities.into_iter().collect::<Option<Vec<_>>>()?,
            correlations,
            interventions,
            pathways,
            claims,
            headlines,
            anchors,
            checks,
            evidence: self.evidence.clone(),
            lock: self.lock.take(),
        };
        if self.is_sound() {
            if !self.check_size(&model) {
                return None;
            }
            self.check_starts(&model);
            self.check_order(&model);
            self.warn_of_zero_divisions(&model);
            self.warn_of_settled_conditions(&model, declarations);
            self.warn_of_unused(&model, declarations);
            self.check_anchors(&model);
            // The warnings above are about what is written, the model from here on is what is run.
            super::anchors::put_in(&mut model);
        }
        Some(model)
    }

    fn is_sound(&self) -> bool {
        self.diagnostics.iter().all(|d| d.severity != Severity::Error)
    }

    fn header(&mut self, declarations: &[&'a Declaration]) -> Option<(String, String)> {
        let declaration = self.only(
            declarations,
            "model",
            "model lanchester \"The square law\"",
            |kind| matches!(kind, DeclarationKind::Model),
        )?;
        let title = declaration
            .title
            .as_ref()
            .map_or(&declaration.name.text, |title| &title.text);
        Some((declaration.name.text.clone(), title.clone()))
    }

    /// Returns the one declaration of a kind, or reports that there is none or more than one.
    fn only(
        &mut self,
        declarations: &[&'a Declaration],
        word: &str,
        example: &str,
        is: impl Fn(&DeclarationKind) -> bool,
    ) -> Option<&'a Declaration> {
        let found: Vec<&'a Declaration> = declarations.iter().copied().filter(|d| is(&d.kind)).collect();
        match found.as_slice() {
            // Files that cannot be read, or are nothing but mistakes, have been reported.
            [] if declarations.is_empty() && self.diagnostics.iter().any(|d| d.code != "E0604") => None,
            [] => {
                let diagnostic =
                    Diagnostic::of_folder("E0604", format!("the model has no `{word}` declaration"))
                        .help(format!("write `{example}` in one of its files"));
                self.report(diagnostic);
                None
            }
            [one] => Some(one),
            [first, second, ..] => {
                let diagnostic = Diagnostic::error(
                    "E0604",
                    format!("the model has two `{word}` declarations"),
                    second.span,
                )
                .saying("the second")
                .label(first.span, "the first")
                .help("keep one; a folder is one model");
                self.report(diagnostic);
                Some(first)
            }
        }
    }

    fn declare_units(&mut self, declarations: &[&'a Declaration]) {
        // Base units first, then defined ones in as many rounds as they refer to one another.
        let mut open = Vec::new();
        for declaration in declarations {
            let DeclarationKind::Unit { definition } = &declaration.kind else {
                continue;
            };
            let name = &declaration.name;
            if crate::units::is_built_in(&name.text) {
                let diagnostic =
                    Diagnostic::error("E0202", format!("`{}` is a built-in unit", name.text), name.span)
                        .help("give it another name");
                self.report(diagnostic);
                continue;
            }
            match definition {
                None => self.units.add(
                    &name.text,
                    UnitMeaning {
                        dimension: Dimension::base(&name.text),
                        scale: 1.0,
                    },
                ),
                Some(definition) => open.push((name, definition)),
            }
        }
        while !open.is_empty() {
            let before = open.len();
            open.retain(|(name, definition)| match self.unit_definition(definition) {
                Some(meaning) => {
                    self.units.add(&name.text, meaning);
                    false
                }
                None => true,
            });
            if open.len() == before {
                for (name, definition) in &open {
                    let diagnostic = Diagnostic::error(
                        "E0304",
                        format!(
                            "the unit `{}` is not defined by a number with a known unit",
                            name.text
                        ),
                        definition.span,
                    )
                    .help("write for example `unit brigade = 3_500 person`");
                    self.report(diagnostic);
                    // Known from here on, so that its uses stay silent.
                    self.units.add(
                        &name.text,
                        UnitMeaning {
                            dimension: Dimension::base(&name.text),
                            scale: 1.0,
                        },
                    );
                }
                break;
            }
        }
    }

    fn unit_definition(&self, definition: &Expression) -> Option<UnitMeaning> {
        match &definition.kind {
            ExpressionKind::Number {
                value,
                unit: Some(unit),
            } if *value > 0.0 && value.is_finite() => {
                let meaning = self.units.meaning(unit).ok()?;
                Some(UnitMeaning {
                    scale: meaning.scale * value,
                    ..meaning
                })
            }
            _ => None,
        }
    }

    /// Returns the meaning of a unit, or reports the factor that is not known.
    pub(super) fn unit(&mut self, unit: &UnitExpression) -> Option<UnitMeaning> {
        match self.units.meaning(unit) {
            Ok(meaning) => Some(meaning),
            Err(position) => {
                let name = &unit.factors[position].0;
                let mut diagnostic = Diagnostic::error(
                    "E0304",
                    format!("there is no unit named `{}`", name.text),
                    name.span,
                );
                diagnostic = self.suggest(diagnostic, name, |checker| checker.units.names());
                if diagnostic.help.is_none() {
                    diagnostic = diagnostic.help(format!("declare it: `unit {}`", name.text));
                }
                self.report(diagnostic);
                None
            }
        }
    }

    fn time(&mut self, declarations: &[&'a Declaration]) {
        let example = "time weekly from 2024-10-28 for 52 weeks";
        let Some(declaration) = self.only(declarations, "time", example, |kind| {
            matches!(kind, DeclarationKind::Time { .. })
        }) else {
            return;
        };
        let DeclarationKind::Time { step, from, duration } = &declaration.kind else {
            return;
        };
        let start_day = match &from.kind {
            ExpressionKind::Date(day) => Some(*day),
            ExpressionKind::Missing => None,
            _ => {
                self.report(
                    Diagnostic::error("E0605", "time starts at a date", from.span)
                        .help("write for example `from 2024-10-28`"),
                );
                None
            }
        };
        let step_days = match &step.kind {
            ExpressionKind::Name(name) if name == "weekly" => Some(7.0),
            ExpressionKind::Name(name) if name == "daily" => Some(1.0),
            _ => self.days(step, "a step is `daily`, `weekly` or for example `every 3 days`"),
        };
        let duration_days = self.days(duration, "a run lasts for example `for 52 weeks`");
        let (Some(start_day), Some(step_days), Some(duration_days)) = (start_day, step_days, duration_days)
        else {
            return;
        };
        let steps = (duration_days / step_days).round();
        if !(1.0..=MOST_STEPS).contains(&steps) {
            let diagnostic = Diagnostic::error("E0605", format!("the run has {steps} steps"), duration.span)
                .help(format!("a run has at least 1 and at most {MOST_STEPS} steps"));
            self.report(diagnostic);
            return;
        }
        self.timed = true;
        self.clock = Clock {
            start_day,
            step_days,
            steps: steps as u32,
        };
    }

    /// Returns a literal duration in days, above zero, or reports what is wrong with it.
    fn days(&mut self, expression: &Expression, expected: &str) -> Option<f64> {
        match &expression.kind {
            ExpressionKind::Missing => None,
            ExpressionKind::Number {
                value,
                unit: Some(unit),
            } => {
                let meaning = self.unit(unit)?;
                if meaning.dimension == Dimension::time() && *value > 0.0 && value.is_finite() {
                    Some(value * meaning.scale)
                } else {
                    self.report(
                        Diagnostic::error("E0605", "this is no length of time above zero", expression.span)
                            .help(expected),
                    );
                    None
                }
            }
            _ => {
                self.report(
                    Diagnostic::error("E0605", "this is no length of time", expression.span).help(expected),
                );
                None
            }
        }
    }

    /// Returns a literal duration in whole steps, at least 1.
    pub(super) fn steps_of(&mut self, expression: &Expression) -> Option<u32> {
        let days = self.days(expression, "write a length of time such as `4 weeks`")?;
        Some((days / self.clock.step_days).round().clamp(1.0, MOST_STEPS) as u32)
    }

    /// Returns the step that contains a day (counted from 1970-01-01), none if it lies outside the run.
    pub(super) fn step_of_day(&self, day: i32) -> Option<u32> {
        if !self.timed {
            return Some(0);
        }
        let step = (f64::from(day - self.clock.start_day) / self.clock.step_days).floor();
        (step >= 0.0 && step < f64::from(self.clock.steps)).then_some(step as u32)
    }

    fn declare_indices(&mut self, declarations: &[&'a Declaration]) {
        for declaration in declarations {
            let DeclarationKind::Index { elements, outlines } = &declaration.kind else {
                continue;
            };
            let id = IndexId(self.indices.len() as u32);
            let outlines = outlines.as_ref().and_then(|file| self.outlines(file));
            if elements.len() > MOST_ELEMENTS {
                let diagnostic = Diagnostic::error(
                    "E0803",
                    format!(
                        "an index has at most {MOST_ELEMENTS} elements, and `{}` has {}",
                        declaration.name.text,
                        elements.len()
                    ),
                    declaration.name.span,
                );
                self.report(diagnostic);
                continue;
            }
            let elements = self.elements(elements, "index");
            if elements.is_empty() {
                let diagnostic = Diagnostic::error(
                    "E0404",
                    format!("the index `{}` has no elements", declaration.name.text),
                    declaration.span,
                )
                .help("name at least one between the braces");
                self.report(diagnostic);
            }
            for (position, element) in elements.iter().enumerate() {
                let place = (id, ElementId(position as u32));
                self.elements_named
                    .entry(element.name.clone())
                    .or_default()
                    .push(place);
            }
            let members = (0..elements.len() as u32).map(ElementId).collect();
            let title = declaration.title.as_ref().map(|t| t.text.clone());
            self.indices.push(Index {
                name: declaration.name.text.clone(),
                title,
                root: id,
                elements,
                members,
                outlines,
            });
            self.index_names.insert(declaration.name.text.clone(), id);
        }
        for declaration in declarations {
            let DeclarationKind::Subset { of, members } = &declaration.kind else {
                continue;
            };
            let Some(parent) = self.index(of) else { continue };
            let root = self.root_of(parent);
            let mut found: Vec<ElementId> = members
                .iter()
                .filter_map(|name| self.member(parent, name))
                .collect();
            found.sort();
            found.dedup();
            let id = IndexId(self.indices.len() as u32);
            let title = declaration.title.as_ref().map(|t| t.text.clone());
            self.indices.push(Index {
                name: declaration.name.text.clone(),
                title,
                root,
                elements: Vec::new(),
                members: found,
                outlines: None,
            });
            self.index_names.insert(declaration.name.text.clone(), id);
        }
    }

    /// Reports names that mean two things: elements and options that are declared as something else, and names that are built in.
    fn report_shared_names(&mut self, declarations: &[&'a Declaration]) {
        for declaration in declarations {
            let name = &declaration.name;
            let built_in = match &declaration.kind {
                DeclarationKind::Function { .. } => {
                    built_in_functions().any(|built_in| built_in == name.text)
                }
                kind => space_of(kind) == Some(Space::Values) && is_reserved(&name.text),
            };
            if built_in {
                let diagnostic =
                    Diagnostic::error("E0202", format!("`{}` is built in", name.text), name.span)
                        .help("choose another name");
                self.report(diagnostic);
            }
            let inner = match &declaration.kind {
                DeclarationKind::Index { elements, .. } => elements,
                DeclarationKind::Choice(choice) => &choice.options,
                _ => continue,
            };
            for element in inner {
                let Some(other) = self.names.get(Space::Values, &element.name.text) else {
                    continue;
                };
                let word = keyword(&declaration.kind);
                let message = format!(
                    "`{}` names both a {} and something in the {word} `{}`",
                    element.name.text,
                    keyword(&other.kind),
                    name.text
                );
                let diagnostic = Diagnostic::error("E0202", message, element.name.span)
                    .label(other.name.span, "declared here")
                    .help("give one of them another name");
                self.report(diagnostic);
            }
        }
    }

    fn outlines(&mut self, file: &crate::syntax::ast::Text) -> Option<String> {
        match text_of(self.files, &file.text) {
            Ok(text) => Some(text),
            Err(Unread { code, reason }) => {
                let message = format!("the outlines cannot be read: {reason}");
                self.report(Diagnostic::error(code, message, file.span));
                None
            }
        }
    }

    /// Turns declared elements or options into model elements and reports names that occur twice.
    pub(super) fn elements(&mut self, declared: &[ElementDeclaration], what: &str) -> Vec<Element> {
        let mut seen: Vec<&Name> = Vec::new();
        let mut elements = Vec::new();
        for element in declared {
            if let Some(first) = seen.iter().find(|name| name.text == element.name.text) {
                let first = first.span;
                let diagnostic = Diagnostic::error(
                    "E0202",
                    format!("the {what} names `{}` twice", element.name.text),
                    element.name.span,
                )
                .label(first, "first here");
                self.report(diagnostic);
                continue;
            }
            seen.push(&element.name);
            elements.push(Element {
                name: element.name.text.clone(),
                title: element.title.as_ref().map(|t| t.text.clone()),
            });
        }
        elements
    }

    fn declare_maps(&mut self, declarations: &[&'a Declaration]) {
        for declaration in declarations {
            let DeclarationKind::Map { to, images } = &declaration.kind else {
                continue;
            };
            let [from] = declaration.indices.as_slice() else {
                let diagnostic =
                    Diagnostic::error("E0404", "a map has one index to map from", declaration.name.span)
                        .help("write for example `map enemy[Side] -> Side { .. }`");
                self.report(diagnostic);
                continue;
            };
            let (Some(from), Some(to)) = (self.index(&from.index), self.index(to)) else {
                continue;
            };
            let (from, to) = (self.root_of(from), self.root_of(to));
            let count = self.indices[from.position()].elements.len();
            let mut found: Vec<Option<ElementId>> = vec![None; count];
            for (element, image) in images {
                let (element, image) = (self.member(from, element), self.member(to, image));
                if let (Some(element), Some(image)) = (element, image) {
                    found[element.0 as usize] = Some(image);
                }
            }
            let missing: Vec<String> = (0..count)
                .filter(|&i| found[i].is_none())
                .map(|i| self.indices[from.position()].elements[i].name.clone())
                .collect();
            if !missing.is_empty() && images.len() < count {
                let diagnostic = Diagnostic::error(
                    "E0404",
                    format!(
                        "the map `{}` says nothing of {}",
                        declaration.name.text,
                        list(&missing)
                    ),
                    declaration.name.span,
                )
                .help(format!("add `{}: ..`", missing[0]));
                self.report(diagnostic);
            }
            let images = found
                .into_iter()
                .map(|image| image.unwrap_or(ElementId(0)))
                .collect();
            self.maps.push(Map {
                name: declaration.name.text.clone(),
                from,
                to,
                images,
            });
        }
    }

    /// Returns the map of a name.
    pub(super) fn map(&self, name: &str) -> Option<MapId> {
        self.maps
            .iter()
            .position(|map| map.name == name)
            .map(|position| MapId(position as u32))
    }

    /// Lists the quantities and their shapes; types follow on demand.
    /// Lists the quantities; returns whether they are few enough.
    fn declare_quantities(&mut self, declarations: &[&'a Declaration]) -> bool {
        let mut seen = BTreeSet::new();
        let mut scalars = 0usize;
        for declaration in declarations {
            if !is_quantity(&declaration.kind)
                || declaration.name.text.is_empty()
                || !seen.insert(&declaration.name.text)
            {
                continue;
            }
            let id = QuantityId(self.quantities.len() as u32);
            let mut shape = Vec::new();
            let mut binders: Vec<(String, BinderId, IndexId)> = Vec::new();
            let mut poisoned = false;
            for binding in &declaration.indices {
                let Some(index) = self.index(&binding.index) else {
                    poisoned = true;
                    continue;
                };
                let binder = self.new_binder();
                shape.push(index);
                // An unnamed index binds nothing that can be written: no name has a space.
                let name = binding
                    .binder
                    .as_ref()
                    .map_or(format!(" {}", shape.len()), |name| name.text.clone());
                binders.push((name, binder, index));
            }
            let size = shape
                .iter()
                .map(|index| self.indices[index.position()].members.len())
                .fold(1usize, usize::saturating_mul);
            scalars = scalars.saturating_add(size);
            if scalars > MOST_SCALARS {
                let diagnostic = Diagnostic::error(
                    "E0803",
                    format!(
                        "with `{}` the model has more than {MOST_SCALARS} scalars",
                        declaration.name.text
                    ),
                    declaration.span,
                )
                .note(format!("this declaration alone has {size}"))
                .help("use smaller indices");
                self.report(diagnostic);
                return false;
            }
            let typing = if poisoned {
                Typing::Poisoned
            } else {
                Typing::Unknown
            };
            self.quantities.push(declaration);
            self.quantity_ids.insert(declaration.name.text.clone(), id);
            self.signatures.push(Signature {
                shape,
                binders,
                typing,
            });
        }
        true
    }

    /// Returns the type as it is shown for a dimension without a declared unit.
    pub(super) fn inferred(&self, dimension: Dimension, kind: ValueKind) -> Type {
        let text = if kind == ValueKind::Number {
            dimension.to_string()
        } else {
            "1".to_owned()
        };
        Type {
            dimension,
            unit: Unit {
                text,
                scale: 1.0,
                kind,
            },
        }
    }

    /// Returns the type of a declared unit.
    pub(super) fn declared(&mut self, unit: &UnitExpression) -> Option<Type> {
        let meaning = self.unit(unit)?;
        let text = self.sources.excerpt(unit.span).to_owned();
        Some(Type {
            dimension: meaning.dimension,
            unit: Unit {
                text,
                scale: meaning.scale,
                kind: ValueKind::Number,
            },
        })
    }

    /// Returns how a quantity is spoken of: "the stock `force`".
    pub(super) fn spoken(&self, id: QuantityId) -> String {
        let declaration = self.quantities[id.position()];
        format!("the {} `{}`", keyword(&declaration.kind), declaration.name.text)
    }

    /// Returns where a quantity's unit is declared, or its name.
    pub(super) fn unit_span(&self, id: QuantityId) -> Span {
        let declaration = self.quantities[id.position()];
        declaration
            .unit
            .as_ref()
            .map_or(declaration.name.span, |unit| unit.span)
    }
}

/// Returns whether a declaration has a value.
fn is_quantity(kind: &DeclarationKind) -> bool {
    matches!(
        kind,
        DeclarationKind::Const { .. }
            | DeclarationKind::Param { .. }
            | DeclarationKind::Stock { .. }
            | DeclarationKind::Attribute { .. }
            | DeclarationKind::Flow { .. }
            | DeclarationKind::Let { .. }
            | DeclarationKind::Noise { .. }
            | DeclarationKind::Event { .. }
            | DeclarationKind::Choice(_)
            | DeclarationKind::Transfer { .. }
            | DeclarationKind::Series { .. }
            | DeclarationKind::Measure { .. }
            | DeclarationKind::Question { .. }
    )
}
