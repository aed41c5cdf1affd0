//! Tables in CSV files: a column for each index, named as the index, and a column `value`.

use super::expressions::Scope;
use super::limits::{Unread, text_of};
use super::{Checker, counted, list};
use crate::diagnostic::Diagnostic;
use crate::model::{ElementId, IndexId};
use crate::syntax::ast::{self, ExpressionKind, Text};

/// What is wrong with a table, and what to do about it.
type Problem = (String, String);

/// A table as read: a number for each element tuple, last index fastest.
type Numbers = Vec<f64>;

impl<'a> Checker<'a> {
    /// Lowers the values of a CSV file.
    pub(super) fn csv<T: Clone>(
        &mut self,
        file: &Text,
        shape: &[IndexId],
        scope: &Scope,
        lower: &mut impl FnMut(&mut Checker<'a>, &ast::Expression, &Scope, bool) -> Option<T>,
    ) -> Option<Vec<T>> {
        let text = match text_of(self.files, &file.text) {
            Ok(text) => text,
            Err(Unread { reason, .. }) => {
                let message = format!("the table cannot be read: {reason}");
                self.report(Diagnostic::error("E0403", message, file.span));
                return None;
            }
        };
        match self.numbers(&file.text, &text, shape) {
            Ok(numbers) => numbers
                .into_iter()
                .map(|value| {
                    let kind = ExpressionKind::Number { value, unit: None };
                    let span = file.span;
                    lower(self, &ast::Expression { kind, span }, scope, true)
                })
                .collect(),
            Err((message, help)) => {
                self.report(Diagnostic::error("E0403", message, file.span).help(help));
                None
            }
        }
    }

    fn numbers(&self, file: &str, text: &str, shape: &[IndexId]) -> Result<Numbers, Problem> {
        let mut reader = csv::ReaderBuilder::new()
            .trim(csv::Trim::All)
            .from_reader(text.as_bytes());
        let uneven = |error: csv::Error| {
            let message = match error.position() {
                Some(position) => format!(
                    "{file}, line {}: this line has more or fewer fields than the first",
                    position.line()
                ),
                None => format!("`{file}` is no table: {error}"),
            };
            (message, "give each line as many fields as the first".to_owned())
        };
        let headers = reader.headers().map_err(uneven)?.clone();
        let (keys, value) = self.columns(file, &headers, shape)?;
        let members: Vec<&[ElementId]> = shape
            .iter()
            .map(|index| self.indices[index.position()].members.as_slice())
            .collect();
        let mut found: Vec<Option<f64>> = vec![None; self.size(shape)];
        for record in reader.records() {
            let record = record.map_err(uneven)?;
            let place = format!(
                "{file}, line {}",
                record.position().map_or(0, csv::Position::line)
            );
            let mut position = 0;
            for ((index, members), key) in shape.iter().zip(&members).zip(&keys) {
                let written = record.get(*key).unwrap_or("");
                let member = self
                    .element_of(*index, written)
                    .and_then(|e| members.binary_search(&e).ok());
                let Some(member) = member else {
                    let name = &self.indices[index.position()].name;
                    let elements = list(&self.member_names(*index));
                    let message = format!("{place}: `{name}` has no element `{written}`");
                    return Err((message, format!("its elements are {elements}")));
                };
                position = position * members.len() + member;
            }
            let written = record.get(value).unwrap_or("");
            let number = written
                .replace('_', "")
                .parse::<f64>()
                .ok()
                .filter(|n| n.is_finite());
            let Some(number) = number else {
                let help = "write a number such as 1200 or 0.5, without a unit: it is in the declared one";
                return Err((format!("{place}: `{written}` is no number"), help.to_owned()));
            };
            if found[position].replace(number).is_some() {
                let message = format!("{place}: these elements have a value already");
                return Err((message, "keep one line for each".to_owned()));
            }
        }
        let missing = found.iter().filter(|number| number.is_none()).count();
        let first = found
            .iter()
            .position(Option::is_none)
            .map(|position| self.named_tuple(shape, position));
        match first {
            None => Ok(found.into_iter().flatten().collect()),
            Some(first) => Err((
                format!(
                    "`{file}` has no value for {} of {}",
                    missing,
                    counted(found.len(), "element")
                ),
                format!("add a line for each; the first is {first}"),
            )),
        }
    }

    /// Returns the columns of the indices and that of the values.
    fn columns(
        &self,
        file: &str,
        headers: &csv::StringRecord,
        shape: &[IndexId],
    ) -> Result<(Vec<usize>, usize), Problem> {
        let names: Vec<&str> = shape
            .iter()
            .map(|i| self.indices[i.position()].name.as_str())
            .collect();
        // An index that a quantity has twice has two columns, in the order of the quantity's indices.
        let key = |place: usize| {
            let earlier = names[..place]
                .iter()
                .filter(|name| **name == names[place])
                .count();
            headers
                .iter()
                .enumerate()
                .filter(|(_, h)| *h == names[place])
                .map(|(column, _)| column)
                .nth(earlier)
        };
        let keys: Option<Vec<usize>> = (0..names.len()).map(key).collect();
        let value = headers.iter().position(|h| h == "value");
        keys.zip(value).ok_or_else(|| {
            let found: Vec<String> = headers.iter().map(str::to_owned).collect();
            let wanted: Vec<String> = names
                .iter()
                .chain(&["value"])
                .map(|name| (*name).to_owned())
                .collect();
            let message = format!("`{file}` has the columns {}", list(&found));
            (
                message,
                format!("the columns are {}, in any order", list(&wanted)),
            )
        })
    }

    fn named_tuple(&self, shape: &[IndexId], position: usize) -> String {
        let mut rest = position;
        let mut names: Vec<String> = Vec::new();
        for index in shape.iter().rev() {
            let members = self.member_names(*index);
            names.push(members[rest % members.len()].clone());
            rest /= members.len();
        }
        names.reverse();
        format!("`{}`", names.join(", "))
    }
}
