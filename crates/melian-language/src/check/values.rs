//! Values for every element: one equation, cases, or an inline table.

use std::collections::{BTreeMap, BTreeSet};

use super::expressions::Scope;
use super::{Checker, counted, list};
use crate::diagnostic::Diagnostic;
use crate::model::{BinderId, ElementId, IndexId, PerElement};
use crate::source::Span;
use crate::syntax::ast::{self, Case, Name, Table, Value};

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
            written => self
                .each_element(written, shape, &scope, lower)
                .map(PerElement::Each),
        }
    }

    /// Returns a value for every element tuple, last index fastest.
    fn each_element<T: Clone>(
        &mut self,
        value: &Value,
        shape: &[IndexId],
        scope: &Scope,
        lower: &mut impl FnMut(&mut Checker<'a>, &ast::Expression, &Scope, bool) -> Option<T>,
    ) -> Option<Vec<T>> {
        match value {
            Value::Expression(expression) => {
                let before = self.lowered;
                let one = lower(self, expression, scope, true)?;
                let elements = self.size(shape);
                let copied = (self.lowered - before).saturating_mul(elements.saturating_sub(1));
                self.may_grow(copied, expression.span)
                    .then(|| vec![one; elements])
            }
            Value::Cases(cases, span) => self.cases(cases, *span, shape, scope, lower),
            Value::Table(table) => self.table(table, shape, scope, lower),
            Value::Csv(file) => self.csv(file, shape, scope, lower),
        }
    }

    pub(super) fn size(&self, shape: &[IndexId]) -> usize {
        shape
            .iter()
            .map(|index| self.indices[index.position()].members.len())
            .product()
    }

    pub(super) fn members(&self, index: IndexId) -> Vec<ElementId> {
        self.indices[index.position()].members.clone()
    }

    pub(super) fn element_name(&self, index: IndexId, element: ElementId) -> String {
        self.indices[self.root_of(index).position()].elements[element.0 as usize]
            .name
            .clone()
    }

    /// Returns the position among the members of an index for each of these names, and reports those that are none or stand twice.
    fn places(&mut self, index: IndexId, names: &[&Name]) -> Vec<Option<usize>> {
        let members = self.members(index);
        let mut first: BTreeMap<usize, Span> = BTreeMap::new();
        names
            .iter()
            .map(|name| {
                let member = self.member(index, name)?;
                let place = members.binary_search(&member).ok()?;
                if let Some(first) = first.insert(place, name.span) {
                    let diagnostic =
                        Diagnostic::error("E0402", format!("`{}` stands here twice", name.text), name.span)
                            .label(first, "the first");
                    self.report(diagnostic);
                    return None;
                }
                Some(place)
            })
            .collect()
    }

    /// Returns whether all members of an index have a place, and reports those that have none. Where a name is wrong, that has been
    /// reported, and is likely why others have none.
    fn all_there(&mut self, index: IndexId, places: &[Option<usize>], span: Span, in_columns: bool) -> bool {
        let Some(found) = places.iter().copied().collect::<Option<BTreeSet<usize>>>() else {
            return false;
        };
        let missing: Vec<String> = self
            .members(index)
            .into_iter()
            .enumerate()
            .filter(|(place, _)| !found.contains(place))
            .map(|(_, member)| self.element_name(index, member))
            .collect();
        let Some(first) = missing.first() else {
            return true;
        };
        let diagnostic = if in_columns {
            Diagnostic::error(
                "E0401",
                format!("the table has no column for {}", list(&missing)),
                span,
            )
        } else {
            let name = self.indices[index.position()].name.clone();
            let verb = if missing.len() == 1 { "has" } else { "have" };
            Diagnostic::error(
                "E0401",
                format!("{} of `{name}` {verb} no value", list(&missing)),
                span,
            )
            .help(format!(
                "add `{first}: ..`, or `else: ..` for all that are not named"
            ))
        };
        self.report(diagnostic);
        false
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
        let names: Vec<&Name> = cases.iter().filter_map(|case| case.element.as_ref()).collect();
        let places = self.places(index, &names);
        let others: Vec<&Case> = cases.iter().filter(|case| case.element.is_none()).collect();
        let mut sound = match others.as_slice() {
            [] => self.all_there(index, &places, span, false),
            [_] => places.iter().all(Option::is_some),
            [first, second, ..] => {
                let diagnostic = Diagnostic::error("E0402", "`else` stands here twice", second.span)
                    .label(first.span, "the first");
                self.report(diagnostic);
                false
            }
        };
        let mut rows: Vec<Option<Vec<T>>> = vec![None; self.members(index).len()];
        let unnamed = rows.len().saturating_sub(names.len());
        let mut otherwise = None;
        let mut place = places.iter().flatten();
        for case in cases {
            let before = self.lowered;
            let values = self.each_element(&case.value, rest, scope, lower);
            sound &= values.is_some();
            if case.element.is_none() {
                let copied = (self.lowered - before).saturating_mul(unnamed.saturating_sub(1));
                sound &= self.may_grow(copied, case.span);
                otherwise = values;
            } else if sound && let Some(place) = place.next() {
                rows[*place] = values;
            }
        }
        if !sound {
            return None;
        }
        let all: Option<Vec<Vec<T>>> = rows
            .into_iter()
            .map(|row| row.or_else(|| otherwise.clone()))
            .collect();
        Some(all?.into_iter().flatten().collect())
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
        let row_names: Vec<&Name> = table.rows.iter().map(|(name, _)| name).collect();
        let column_names: Vec<&Name> = table.columns.iter().collect();
        let row_places = self.places(rows, &row_names);
        let (width, column_places) = match columns {
            Some(columns) => (self.members(columns).len(), self.places(columns, &column_names)),
            None => (1, vec![Some(0)]),
        };
        let mut sound = self.all_there(rows, &row_places, table.span, false);
        if let Some(columns) = columns {
            sound &= self.all_there(columns, &column_places, table.span, true);
        }
        let mut found: Vec<Option<T>> = vec![None; self.size(shape)];
        for ((name, values), row) in table.rows.iter().zip(&row_places) {
            if values.len() != column_places.len() {
                let message = format!(
                    "the row `{}` has {}, and the table has {}",
                    name.text,
                    counted(values.len(), "value"),
                    counted(column_places.len(), "column")
                );
                self.report(Diagnostic::error("E0402", message, name.span));
                sound = false;
                continue;
            }
            for (value, column) in values.iter().zip(&column_places) {
                let value = lower(self, value, scope, true);
                if let (Some(row), Some(column)) = (row, column) {
                    found[row * width + column] = value;
                }
            }
        }
        if sound { found.into_iter().collect() } else { None }
    }
}
