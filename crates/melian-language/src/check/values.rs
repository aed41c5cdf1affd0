//! Values for every element: one equation, cases, an inline table, or a CSV file.

use super::expressions::{Scope, Typed};
use super::{Checker, Type, list};
use crate::diagnostic::{Diagnostic, Edit};
use crate::model::{BinderId, ElementId, Expression, IndexId, PerElement, ValueKind};
use crate::source::Span;
use crate::syntax::ast::{self, Case, ExpressionKind, Name, Table, Text, Value};

/// Bound names, identities and indices of a quantity's elements.
pub(super) type Binders = [(String, BinderId, IndexId)];

impl<'a> Checker<'a> {
    /// Lowers a value for every element with `lower`, which gets each written leaf and whether it stands in a table, where a bare
    /// number is in the declared unit.
    pub(super) fn per_element<T: Clone>(
        &mut self,
        value: &Value,
        shape: &[IndexId],
        binders: &Binders,
        reading: bool,
        lower: &mut impl FnMut(&mut Checker<'a>, &ast::Expression, &Scope, bool) -> Option<T>,
    ) -> Option<PerElement<T>> {
        let scope = Scope {
            reading,
            ..Scope::of(binders)
        };
        match value {
            Value::Expression(expression) => lower(self, expression, &scope, false).map(PerElement::Same),
            Value::Cases(cases, span) => self
                .cases(cases, *span, shape, &scope, lower)
                .map(PerElement::Each),
            Value::Table(table) => self.table(table, shape, &scope, lower).map(PerElement::Each),
            Value::Csv(file) => self.csv(file, shape, &scope, lower).map(PerElement::Each),
        }
    }

    fn size(&self, shape: &[IndexId]) -> usize {
        shape
            .iter()
            .map(|index| self.indices[index.position()].members.len())
            .product()
    }

    fn members(&self, index: IndexId) -> Vec<ElementId> {
        self.indices[index.position()].members.clone()
    }

    fn element_name(&self, index: IndexId, element: ElementId) -> String {
        self.indices[self.root_of(index).position()].elements[element.0 as usize]
            .name
            .clone()
    }

    fn no_index(&mut self, span: Span) {
        let diagnostic = Diagnostic::error(
            "E0401",
            "there are values for elements here, and the quantity has no index",
            span,
        )
        .help("give it one: `name[Index]`");
        self.report(diagnostic);
    }

    fn cases<T: Clone>(
        &mut self,
        cases: &[Case],
        span: Span,
        shape: &[IndexId],
        scope: &Scope,
        lower: &mut impl FnMut(&mut Checker<'a>, &ast::Expression, &Scope, bool) -> Option<T>,
    ) -> Option<Vec<T>> {
        let Some((&index, rest)) = shape.split_first() else {
            self.no_index(span);
            return None;
        };
        let below = self.size(rest);
        let mut found: Vec<(ElementId, Span, Option<Vec<T>>)> = Vec::new();
        let mut otherwise: Option<Option<Vec<T>>> = None;
        for case in cases {
            let element = match &case.element {
                None => None,
                Some(name) => match self.member(index, name) {
                    None => return None,
                    some => some,
                },
            };
            if let Some(element) = element
                && let Some((_, first, _)) = found.iter().find(|(e, ..)| *e == element)
            {
                let first = *first;
                let name = self.element_name(index, element);
                self.report(
                    Diagnostic::error("E0402", format!("`{name}` has two values"), case.span)
                        .label(first, "the first"),
                );
                return None;
            }
            let values = match &case.value {
                Value::Expression(expression) => lower(self, expression, scope, true).map(|v| vec![v; below]),
                Value::Cases(inner, span) => self.cases(inner, *span, rest, scope, lower),
                Value::Table(table) => self.table(table, rest, scope, lower),
                Value::Csv(file) => self.csv(file, rest, scope, lower),
            };
            match element {
                Some(element) => found.push((element, case.span, values)),
                None => otherwise = Some(values),
            }
        }
        let members = self.members(index);
        let missing: Vec<String> = members
            .iter()
            .filter(|m| !found.iter().any(|(e, ..)| e == *m))
            .map(|m| self.element_name(index, *m))
            .collect();
        if !missing.is_empty() && otherwise.is_none() {
            self.missing(index, &missing, span);
            return None;
        }
        let mut all = Vec::with_capacity(members.len() * below);
        for member in members {
            let own = found
                .iter()
                .find(|(e, ..)| *e == member)
                .map(|(_, _, values)| values);
            all.extend(own.or(otherwise.as_ref())?.clone()?);
        }
        Some(all)
    }

    fn missing(&mut self, index: IndexId, missing: &[String], span: Span) {
        let name = self.indices[index.position()].name.clone();
        let verb = if missing.len() == 1 { "has" } else { "have" };
        let diagnostic = Diagnostic::error(
            "E0401",
            format!("{} of `{name}` {verb} no value", list(missing)),
            span,
        )
        .help(format!(
            "add `{}: ..`, or `else: ..` for all that are not named",
            missing[0]
        ));
        self.report(diagnostic);
    }

    fn table<T: Clone>(
        &mut self,
        table: &Table,
        shape: &[IndexId],
        scope: &Scope,
        lower: &mut impl FnMut(&mut Checker<'a>, &ast::Expression, &Scope, bool) -> Option<T>,
    ) -> Option<Vec<T>> {
        let (rows, columns) = match shape {
            [rows] => (*rows, None),
            [rows, columns] => (*rows, Some(*columns)),
            [] => {
                self.no_index(table.span);
                return None;
            }
            _ => {
                let diagnostic = Diagnostic::error(
                    "E0401",
                    "a table has room for two indices, and this quantity has more",
                    table.span,
                )
                .help("nest cases: `{ first: table { .. }, second: table { .. } }`, or use a CSV file");
                self.report(diagnostic);
                return None;
            }
        };
        let column_elements: Vec<Option<ElementId>> = match columns {
            None => vec![None],
            Some(columns) => {
                let found: Option<Vec<Option<ElementId>>> = table
                    .columns
                    .iter()
                    .map(|name| self.member(columns, name).map(Some))
                    .collect();
                found?
            }
        };
        if let Some(columns) = columns {
            let missing: Vec<String> = self
                .members(columns)
                .iter()
                .filter(|m| !column_elements.contains(&Some(**m)))
                .map(|m| self.element_name(columns, *m))
                .collect();
            if !missing.is_empty() {
                let diagnostic = Diagnostic::error(
                    "E0401",
                    format!("the table has no column for {}", list(&missing)),
                    table.span,
                );
                self.report(diagnostic);
                return None;
            }
        }
        let mut found: Vec<((ElementId, Option<ElementId>), T)> = Vec::new();
        for (name, values) in &table.rows {
            let row = self.member(rows, name)?;
            if values.len() != column_elements.len() {
                let message = format!(
                    "the row `{}` has {} values, and there are {} columns",
                    name.text,
                    values.len(),
                    column_elements.len()
                );
                self.report(Diagnostic::error("E0402", message, name.span));
                return None;
            }
            for (column, value) in column_elements.iter().zip(values) {
                if found.iter().any(|(place, _)| *place == (row, *column)) {
                    self.report(Diagnostic::error(
                        "E0402",
                        format!("`{}` has two rows", name.text),
                        name.span,
                    ));
                    return None;
                }
                let value = lower(self, value, scope, true)?;
                found.push(((row, *column), value));
            }
        }
        let row_members = self.members(rows);
        let missing: Vec<String> = row_members
            .iter()
            .filter(|m| !found.iter().any(|((row, _), _)| row == *m))
            .map(|m| self.element_name(rows, *m))
            .collect();
        if !missing.is_empty() {
            self.missing(rows, &missing, table.span);
            return None;
        }
        let column_members: Vec<Option<ElementId>> = columns.map_or(vec![None], |columns| {
            self.members(columns).into_iter().map(Some).collect()
        });
        row_members
            .iter()
            .flat_map(|row| column_members.iter().map(move |column| (*row, *column)))
            .map(|place| {
                found
                    .iter()
                    .find(|(p, _)| *p == place)
                    .map(|(_, value)| value.clone())
            })
            .collect()
    }

    /// Reads a CSV file with a column for each index, named as the index, and a column `value`.
    fn csv<T: Clone>(
        &mut self,
        file: &Text,
        shape: &[IndexId],
        scope: &Scope,
        lower: &mut impl FnMut(&mut Checker<'a>, &ast::Expression, &Scope, bool) -> Option<T>,
    ) -> Option<Vec<T>> {
        let text = match self.files.text(&file.text) {
            Ok(text) => text,
            Err(reason) => {
                self.report(Diagnostic::error(
                    "E0403",
                    format!("the table cannot be read: {reason}"),
                    file.span,
                ));
                return None;
            }
        };
        let names: Vec<String> = shape
            .iter()
            .map(|i| self.indices[i.position()].name.clone())
            .collect();
        let mut reader = csv::ReaderBuilder::new()
            .trim(csv::Trim::All)
            .from_reader(text.as_bytes());
        let wrong = |message: String, help: String| Diagnostic::error("E0403", message, file.span).help(help);
        let wanted = format!(
            "the columns are {}, in any order",
            list(&[names.clone(), vec!["value".to_owned()]].concat())
        );
        let headers = match reader.headers() {
            Ok(headers) => headers.clone(),
            Err(error) => {
                self.report(wrong(format!("`{}` is no table: {error}", file.text), wanted));
                return None;
            }
        };
        let column = |name: &str| headers.iter().position(|h| h == name);
        let (Some(keys), Some(value)) = (
            names
                .iter()
                .map(|name| column(name))
                .collect::<Option<Vec<usize>>>(),
            column("value"),
        ) else {
            let found: Vec<String> = headers.iter().map(str::to_owned).collect();
            self.report(wrong(
                format!("`{}` has the columns {}", file.text, list(&found)),
                wanted,
            ));
            return None;
        };
        let members: Vec<Vec<ElementId>> = shape.iter().map(|index| self.members(*index)).collect();
        let mut found: Vec<Option<T>> = vec![None; self.size(shape)];
        for record in reader.records() {
            let record = match record {
                Ok(record) => record,
                Err(error) => {
                    self.report(wrong(
                        format!("`{}` is no table: {error}", file.text),
                        "each line has as many fields as the first".to_owned(),
                    ));
                    return None;
                }
            };
            let line = record.position().map_or(0, csv::Position::line);
            let place = format!("{}, line {line}", file.text);
            let mut position = 0;
            for ((index, members), key) in shape.iter().zip(&members).zip(&keys) {
                let text = record.get(*key).unwrap_or("");
                let member = self
                    .element_of(*index, text)
                    .and_then(|e| members.iter().position(|m| *m == e));
                let Some(member) = member else {
                    let own = self.member_names(*index);
                    let index = self.indices[index.position()].name.clone();
                    self.report(wrong(
                        format!("{place}: `{index}` has no element `{text}`"),
                        format!("its elements are {}", list(&own)),
                    ));
                    return None;
                };
                position = position * members.len() + member;
            }
            let text = record.get(value).unwrap_or("");
            let Some(number) = text
                .replace('_', "")
                .parse::<f64>()
                .ok()
                .filter(|n| n.is_finite())
            else {
                self.report(wrong(
                    format!("{place}: `{text}` is no number"),
                    "write a number such as 1200 or 0.5".to_owned(),
                ));
                return None;
            };
            if found[position].is_some() {
                self.report(wrong(
                    format!("{place}: these elements have a value already"),
                    "keep one line for each".to_owned(),
                ));
                return None;
            }
            let expression = ast::Expression {
                kind: ExpressionKind::Number {
                    value: number,
                    unit: None,
                },
                span: file.span,
            };
            found[position] = Some(lower(self, &expression, scope, true)?);
        }
        let missing = found.iter().filter(|value| value.is_none()).count();
        if missing > 0 {
            self.report(wrong(
                format!(
                    "`{}` has no value for {missing} of {} elements",
                    file.text,
                    found.len()
                ),
                "add a line for each".to_owned(),
            ));
            return None;
        }
        found.into_iter().collect()
    }

    /// Lowers a value in the unit of a quantity: `in_table` numbers without a unit are in it.
    pub(super) fn in_unit(
        &mut self,
        expression: &ast::Expression,
        scope: &Scope,
        in_table: bool,
        type_: &Type,
        who: &Owner,
    ) -> Option<Expression> {
        let typed = self.expression(expression, scope);
        self.fit(typed, in_table, type_, who)
    }

    /// Fits a lowered value to the type of its owner, or reports that it does not fit.
    pub(super) fn fit(
        &mut self,
        typed: Typed,
        in_table: bool,
        type_: &Type,
        who: &Owner,
    ) -> Option<Expression> {
        if typed.poisoned {
            return None;
        }
        if who.unknown {
            return Some(typed.value);
        }
        let wanted = type_.unit.kind;
        let number = typed.kind == ValueKind::Number && wanted == ValueKind::Number;
        let bare = number && typed.bare && typed.dimension.is_plain() && !typed.free;
        if bare && in_table {
            return Some(scaled(typed.value, type_.unit.scale));
        }
        let literal = bare && matches!(typed.value, Expression::Number(_));
        let written = if literal {
            self.sources.excerpt(typed.span).to_owned()
        } else {
            String::new()
        };
        if literal && type_.dimension.is_plain() && type_.unit.scale != 1.0 {
            let diagnostic = Diagnostic::error(
                "E0301",
                format!(
                    "{} is in {}, but its {} gives a bare number",
                    who.spoken, type_.unit.text, who.part
                ),
                typed.span,
            )
            .label(who.declared, "declared here")
            .help(format!(
                "write `{written}{}`, or leave out the unit",
                type_.unit.text
            ));
            self.report(diagnostic);
            return None;
        }
        if typed.kind == wanted && (!number || typed.dimension == type_.dimension || typed.free) {
            return Some(typed.value);
        }
        let declared = match wanted {
            ValueKind::Number if type_.unit.text == "1" => "a plain number".to_owned(),
            ValueKind::Number => format!("in {}", type_.unit.text),
            ValueKind::Condition => "a condition".to_owned(),
            ValueKind::Date => "a date".to_owned(),
        };
        let code = if typed.kind == wanted { "E0301" } else { "E0306" };
        let mut diagnostic = Diagnostic::error(
            code,
            format!(
                "{} is {declared}, but its {} gives {}",
                who.spoken,
                who.part,
                typed.spoken_type()
            ),
            typed.span,
        );
        if who.declared != typed.span {
            diagnostic = diagnostic.label(who.declared, "declared here");
        }
        for (span, dimension) in &typed.factors {
            let text = if dimension.is_plain() {
                "a plain number".to_owned()
            } else {
                dimension.to_string()
            };
            diagnostic = diagnostic.label(*span, text);
        }
        if typed.kind == ValueKind::Number && wanted == ValueKind::Number {
            let missing = type_.dimension.per(&typed.dimension);
            diagnostic = if literal {
                let replacement = format!("{written} {}", type_.unit.text);
                Diagnostic {
                    edit: Some(Edit {
                        span: typed.span,
                        replacement: replacement.clone(),
                    }),
                    ..diagnostic.help(format!("give the number its unit: `{replacement}`"))
                }
            } else if typed.bare {
                diagnostic.help(format!("give the number its unit: `.. {}`", type_.unit.text))
            } else {
                diagnostic.help(format!(
                    "it lacks a factor in {missing}, or the declared unit should be {}",
                    typed.dimension
                ))
            };
        }
        self.report(diagnostic);
        None
    }
}

fn scaled(value: Expression, scale: f64) -> Expression {
    match value {
        Expression::Number(number) => Expression::Number(number * scale),
        value if scale == 1.0 => value,
        value => Expression::Binary(
            crate::model::Binary::Multiply,
            Box::new(value),
            Box::new(Expression::Number(scale)),
        ),
    }
}

/// Whose value it is, for messages.
pub(super) struct Owner {
    /// `the flow casualties`.
    pub spoken: String,
    /// `equation`, `initial value`, ...
    pub part: &'static str,
    /// Where its unit is declared.
    pub declared: Span,
    /// Whether its type is not known, because something else is wrong with it.
    pub unknown: bool,
}

impl<'a> Checker<'a> {
    /// Returns the owner of a quantity's value.
    pub(super) fn owner(&self, id: crate::model::QuantityId, part: &'static str) -> Owner {
        Owner {
            spoken: self.spoken(id),
            part,
            declared: self.unit_span(id),
            unknown: matches!(self.signatures[id.position()].typing, super::Typing::Wrong),
        }
    }
}

/// Returns the first expression that is written in a value.
pub(super) fn first_leaf(value: &Value) -> Option<&ast::Expression> {
    match value {
        Value::Expression(expression) => Some(expression),
        Value::Cases(cases, _) => cases.iter().find_map(|case| first_leaf(&case.value)),
        Value::Table(table) => table.rows.first().and_then(|(_, values)| values.first()),
        Value::Csv(_) => None,
    }
}

/// Makes a name from an expression that is one.
pub(super) fn as_name(expression: &ast::Expression) -> Option<Name> {
    match &expression.kind {
        ExpressionKind::Name(text) => Some(Name {
            text: text.clone(),
            span: expression.span,
        }),
        _ => None,
    }
}
