//! What is written in declarations: every expression, and every name that one refers to.

use std::collections::BTreeSet;

use crate::syntax::ast::{
    Change, ChangeAction, ChoiceDeclaration, ClaimBody, Declaration, DeclarationKind, Expression,
    ExpressionKind, HeadlinePart, MemoryClause, Trigger, Value,
};

/// Calls a function on every expression of a declaration, an expression before what it is made of.
pub(super) fn each_expression<'e>(declaration: &'e Declaration, call: &mut dyn FnMut(&'e Expression)) {
    each_root(declaration, &mut |root| each_below(root, call));
}

/// Calls a function on every expression of a declaration that is no part of another.
pub(super) fn each_root<'e>(declaration: &'e Declaration, call: &mut dyn FnMut(&'e Expression)) {
    match &declaration.kind {
        DeclarationKind::Model
        | DeclarationKind::Index { .. }
        | DeclarationKind::Subset { .. }
        | DeclarationKind::Map { .. }
        // What stands in a treaty stands in its parts.
        | DeclarationKind::Treaty(_)
        | DeclarationKind::Pathway { .. }
        | DeclarationKind::Unit { definition: None }
        | DeclarationKind::Use => {}
        DeclarationKind::Time { step, from, duration } => {
            [step, from, duration].into_iter().for_each(call);
        }
        DeclarationKind::Unit { definition: Some(e) }
        | DeclarationKind::Correlate { value: e, .. } | DeclarationKind::Function { value: e, .. } => call(e),
        DeclarationKind::Const { value }
        | DeclarationKind::Param { prior: value }
        | DeclarationKind::Stock { initial: value }
        | DeclarationKind::Let { value }
        | DeclarationKind::Noise { distribution: value }
        | DeclarationKind::Series { value } => each_leaf(value, call),
        DeclarationKind::Attribute { initial, rate, .. } => {
            each_leaf(initial, call);
            rate.iter().for_each(|rate| each_leaf(rate, call));
        }
        DeclarationKind::Flow {
            from,
            to,
            through,
            carrying,
            rate,
        } => {
            from.iter().chain(to).for_each(&mut *call);
            if let Some(pipeline) = through {
                call(&pipeline.order);
                call(&pipeline.mean);
            }
            carrying.iter().for_each(|(_, e)| call(e));
            each_leaf(rate, call);
        }
        DeclarationKind::Event { trigger, .. } => each_in_trigger(trigger, call),
        DeclarationKind::Choice(choice) => each_in_choice(choice, call),
        DeclarationKind::Transfer { amount, from, to, on } => {
            each_leaf(amount, call);
            from.iter().chain(to).for_each(&mut *call);
            call(on);
        }
        DeclarationKind::Measure { value, reading } | DeclarationKind::Question { value, reading } => {
            each_leaf(value, call);
            reading.iter().for_each(|reading| call(&reading.date));
        }
        DeclarationKind::Intervention { changes } => {
            changes.iter().for_each(|change| each_in_change(change, call))
        }
        DeclarationKind::Claim(claim) => match &claim.kind {
            Some(ClaimBody::Formula(e)) => call(e),
            Some(ClaimBody::Factual { fact, stated, within }) => {
                [fact, stated, within].into_iter().for_each(call);
            }
            Some(ClaimBody::Normative(_)) | None => {}
        },
        DeclarationKind::Headline { parts } => {
            for part in parts {
                if let HeadlinePart::Formula(e) = part {
                    call(e);
                }
            }
        }
        DeclarationKind::Anchor { question, target } => {
            call(question);
            call(target);
        }
        DeclarationKind::Check { measure, low, high } => {
            [measure, low, high].into_iter().for_each(call);
        }
    }
}

fn each_in_trigger<'e>(trigger: &'e Trigger, call: &mut dyn FnMut(&'e Expression)) {
    match trigger {
        Trigger::At { date, probability } => {
            call(date);
            probability.iter().for_each(|p| each_leaf(p, call));
        }
        Trigger::When(condition) => each_leaf(condition, call),
        Trigger::Rate { rate, condition } => {
            each_leaf(rate, call);
            condition.iter().for_each(call);
        }
    }
}

fn each_in_choice<'e>(choice: &'e ChoiceDeclaration, call: &mut dyn FnMut(&'e Expression)) {
    choice.every.iter().for_each(&mut *call);
    let clauses = choice.utilities.iter().chain(&choice.available);
    clauses.for_each(|(_, value)| each_leaf(value, call));
    let rules = choice.rules.iter().flatten();
    rules
        .filter_map(|rule| rule.condition.as_ref())
        .for_each(&mut *call);
    let values = choice.precision.iter().chain(&choice.switching_cost);
    values.for_each(|value| each_leaf(value, call));
    if let Some(MemoryClause::Time(time)) = &choice.memory {
        call(time);
    }
}

fn each_in_change<'e>(change: &'e Change, call: &mut dyn FnMut(&'e Expression)) {
    change.from.iter().for_each(&mut *call);
    match &change.action {
        ChangeAction::Hold(e) | ChangeAction::Cut(e) | ChangeAction::At(e) => call(e),
        ChangeAction::Freeze | ChangeAction::Never | ChangeAction::Always => {}
    }
}

/// Calls a function on every expression of a value.
pub(super) fn each_in_value<'e>(value: &'e Value, call: &mut dyn FnMut(&'e Expression)) {
    each_leaf(value, &mut |leaf| each_below(leaf, call));
}

/// Calls a function on every expression that stands for the value of an element.
pub(super) fn each_leaf<'e>(value: &'e Value, call: &mut dyn FnMut(&'e Expression)) {
    match value {
        Value::Expression(e) => call(e),
        Value::Cases(cases, _) => cases.iter().for_each(|case| each_leaf(&case.value, call)),
        Value::Table(table) => table.rows.iter().flat_map(|(_, values)| values).for_each(call),
        Value::Csv(_) => {}
    }
}

/// Calls a function on an expression and on everything that it is made of.
pub(super) fn each_below<'e>(expression: &'e Expression, call: &mut dyn FnMut(&'e Expression)) {
    call(expression);
    each_operand(expression, &mut |operand| each_below(operand, call));
}

/// Calls a function on what an expression is made of.
pub(super) fn each_operand<'e>(expression: &'e Expression, call: &mut dyn FnMut(&'e Expression)) {
    match &expression.kind {
        ExpressionKind::Missing
        | ExpressionKind::Number { .. }
        | ExpressionKind::Date(_)
        | ExpressionKind::Text(_)
        | ExpressionKind::Name(_) => {}
        ExpressionKind::Unary(_, a) | ExpressionKind::In(a, _) | ExpressionKind::Under(a, _) => call(a),
        ExpressionKind::Binary(_, a, b) | ExpressionKind::Of(a, b) | ExpressionKind::Interval(a, b) => {
            call(a);
            call(b);
        }
        ExpressionKind::If(a, b, c) => [a, b, c].into_iter().for_each(|e| call(e)),
        ExpressionKind::Subscripted(_, subscripts) => subscripts.iter().for_each(call),
        ExpressionKind::Call(_, arguments) => {
            for argument in arguments {
                argument.key.iter().for_each(&mut *call);
                call(&argument.value);
            }
        }
        ExpressionKind::Reduce { body, filter, .. } => {
            call(body);
            filter.iter().for_each(|filter| call(filter));
        }
    }
}

/// Returns the name that an expression itself refers to, subscripts and arguments aside.
pub(super) fn name_of(expression: &Expression) -> Option<&str> {
    match &expression.kind {
        ExpressionKind::Name(name) => Some(name),
        ExpressionKind::Subscripted(name, _) | ExpressionKind::Call(name, _) => Some(&name.text),
        _ => None,
    }
}

/// Returns every name that declarations refer to: values, functions, indices and maps.
pub(super) fn names_in<'e>(declarations: &[&'e Declaration]) -> BTreeSet<&'e str> {
    let mut names = BTreeSet::new();
    for declaration in declarations {
        names.extend(
            declaration
                .indices
                .iter()
                .map(|binding| binding.index.text.as_str()),
        );
        match &declaration.kind {
            DeclarationKind::Subset { of, .. } => drop(names.insert(of.text.as_str())),
            DeclarationKind::Map { to, .. } => drop(names.insert(to.text.as_str())),
            _ => {}
        }
        each_expression(declaration, &mut |expression| {
            names.extend(name_of(expression));
            match &expression.kind {
                ExpressionKind::Reduce { over, .. } => {
                    names.extend(over.iter().map(|(_, index)| index.text.as_str()));
                }
                ExpressionKind::In(_, subset) => drop(names.insert(subset.text.as_str())),
                _ => {}
            }
        });
    }
    names
}
