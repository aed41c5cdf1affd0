//! Functions of the model and of the standard library: checked once by themselves, then put in where they are called.

use std::collections::{BTreeMap, BTreeSet};

use super::Checker;
use super::components::{components, leads_back};
use super::expressions::{Scope, Typed};
use super::written::{each_expression, name_of};
use crate::diagnostic::{Diagnostic, Label};
use crate::model::ValueKind;
use crate::source::Span;
use crate::syntax::ast::{self, Declaration, DeclarationKind, Name};

impl<'a> Checker<'a> {
    /// Collects the functions, and checks what can be checked before a call: that none leads back to itself, and all that does not hang on
    /// the arguments. Calls of a function that is wrong in itself stay silent.
    pub(super) fn declare_functions(&mut self, declarations: &[&'a Declaration]) {
        for declaration in declarations {
            if matches!(declaration.kind, DeclarationKind::Function { .. }) {
                self.functions
                    .entry(&declaration.name.text)
                    .or_insert(declaration);
            }
        }
        self.report_recursions();
        let functions: Vec<&'a Declaration> = self.functions.values().copied().collect();
        for function in functions {
            let DeclarationKind::Function { parameters, value } = &function.kind else {
                continue;
            };
            let before = self.diagnostics.len();
            self.report_twin_parameters(parameters);
            let mut scope = Scope {
                reading: true,
                ..Scope::default()
            };
            for (parameter, unit) in parameters {
                if let Some(unit) = unit {
                    self.unit(unit);
                }
                scope
                    .arguments
                    .push((parameter.text.clone(), Typed::poison(parameter.span)));
            }
            if !self.broken_functions.contains(&function.name.text) {
                self.expression(value, &scope);
            }
            if self.diagnostics.len() > before {
                self.broken_functions.insert(function.name.text.clone());
            }
        }
    }

    fn report_twin_parameters(&mut self, parameters: &[(Name, Option<ast::UnitExpression>)]) {
        let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
        for (parameter, _) in parameters {
            if let Some(first) = seen.insert(&parameter.text, parameter.span) {
                let diagnostic = Diagnostic::error(
                    "E0202",
                    format!("the function names `{}` twice", parameter.text),
                    parameter.span,
                )
                .label(first, "first here");
                self.report(diagnostic);
            }
        }
    }

    fn report_recursions(&mut self) {
        let functions: Vec<&'a Declaration> = self.functions.values().copied().collect();
        let places: BTreeMap<&str, usize> = functions
            .iter()
            .enumerate()
            .map(|(place, f)| (f.name.text.as_str(), place))
            .collect();
        let edges: Vec<Vec<usize>> = functions
            .iter()
            .map(|function| {
                let mut called = BTreeSet::new();
                each_expression(function, &mut |e| {
                    called.extend(name_of(e).and_then(|name| places.get(name)).copied());
                });
                called.into_iter().collect()
            })
            .collect();
        for component in components(&edges) {
            if !leads_back(&component, &edges) {
                continue;
            }
            let mut names: Vec<&Name> = component
                .iter()
                .rev()
                .map(|place| &functions[*place].name)
                .collect();
            names.sort_by_key(|name| name.span);
            let first = names[0];
            let mut diagnostic = Diagnostic::error(
                "E0601",
                format!("the function `{}` leads back to itself", first.text),
                first.span,
            )
            .help("a function is put in where it is called, so it cannot call itself");
            for other in &names[1..] {
                diagnostic = diagnostic.label(other.span, "on the way");
            }
            self.report(diagnostic);
            self.broken_functions
                .extend(names.iter().map(|name| name.text.clone()));
        }
    }

    /// Puts a function in where it is called.
    pub(super) fn inline(
        &mut self,
        name: &Name,
        function: &'a Declaration,
        values: &[&ast::Expression],
        span: Span,
        scope: &Scope,
    ) -> Typed {
        let DeclarationKind::Function {
            parameters,
            value: body,
        } = &function.kind
        else {
            return Typed::poison(span);
        };
        let wanted = super::counted(parameters.len(), "argument");
        if !self.takes(
            name,
            values.len(),
            &wanted,
            values.len() == parameters.len(),
            span,
        ) || self.broken_functions.contains(&name.text)
        {
            return Typed::poison(span);
        }
        let mut inner = Scope {
            reading: scope.reading,
            ..Scope::default()
        };
        for ((parameter, unit), value) in parameters.iter().zip(values) {
            let argument = self.expression(value, scope);
            if argument.poisoned || !self.fits_parameter(name, parameter, unit.as_ref(), &argument) {
                return Typed::poison(span);
            }
            inner.arguments.push((parameter.text.clone(), argument));
        }
        self.inlining.push(name.text.clone());
        let before = self.diagnostics.len();
        let mut typed = self.expression(body, &inner);
        self.inlining.pop();
        if self.inlining.is_empty() {
            // An error inside the body comes from what it was called with: show the call.
            for diagnostic in &mut self.diagnostics[before..] {
                let text = format!("called here as `{}`", name.text);
                diagnostic.labels.push(Label { span, text });
            }
        }
        typed.span = span;
        typed.factors.clear();
        typed
    }

    /// Checks an argument against the unit that the function declares; returns whether it fits.
    #[inline(never)]
    fn fits_parameter(
        &mut self,
        function: &Name,
        parameter: &Name,
        unit: Option<&ast::UnitExpression>,
        argument: &Typed,
    ) -> bool {
        let Some(unit) = unit else { return true };
        let Some(declared) = self.declared(unit) else {
            return false;
        };
        if argument.kind == ValueKind::Number && (argument.free || argument.dimension == declared.dimension) {
            return true;
        }
        let message = format!(
            "`{}` of `{}` is in {}, and this is {}",
            parameter.text,
            function.text,
            declared.unit.text,
            argument.spoken_type()
        );
        let diagnostic = Diagnostic::error("E0301", message, argument.span).label(unit.span, "declared here");
        self.report(diagnostic);
        false
    }
}
