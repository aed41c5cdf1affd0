//! Powers and exponentials that are multiplied with each other are taken together: x^p y^q exp(c) is exp(p ln x + q ln y + c).
//!
//! One exponential serves all of them, and none is too large or too small on the way to a product that is neither. Where both an exponent and its base
//! vary, the base is therefore not below zero in such a product; a power by itself may have any.

use melian_language::model::{Binary, Expression, FunctionName, Model, QuantityKind};

use super::item::Mode;
use super::plan::Env;
use super::world::Expansion;
use crate::graph::NodeId;
use crate::operation::Operation;

/// A factor, and whether the product is divided by it.
type Factor<'m> = (&'m Expression, bool);

impl<'m> Expansion<'_, 'm> {
    /// Returns the value of a product in which powers and exponentials are to be taken together; nothing of any other expression.
    pub(super) fn product(&mut self, expression: &'m Expression, env: &Env, mode: Mode) -> Option<NodeId> {
        let model = self.plan.model;
        let mut factors = Vec::new();
        gather((expression, false), &mut factors);
        let (logarithms, others): (Vec<Factor>, Vec<Factor>) = factors
            .into_iter()
            .partition(|&(factor, _)| has_logarithm(model, factor));
        if logarithms.len() < 2 {
            return None;
        }
        let mut product = None;
        for (factor, divides) in others {
            let value = self.eval(factor, env, mode);
            product = Some(match product {
                None if !divides => value,
                _ => {
                    let before = product.unwrap_or_else(|| self.number(1.0));
                    let operation = if divides {
                        Operation::Divide
                    } else {
                        Operation::Multiply
                    };
                    self.apply(operation, &[before, value])
                }
            });
        }
        let mut sum = None;
        for (factor, divides) in logarithms {
            let value = self.logarithm(factor, env, mode);
            sum = Some(match sum {
                None if divides => self.apply(Operation::Negate, &[value]),
                None => value,
                Some(before) => {
                    let operation = if divides {
                        Operation::Subtract
                    } else {
                        Operation::Add
                    };
                    self.apply(operation, &[before, value])
                }
            });
        }
        let together = self.apply(Operation::Exp, &[sum?]);
        Some(match product {
            Some(product) => self.apply(Operation::Multiply, &[product, together]),
            None => together,
        })
    }

    /// Returns the logarithm of a factor that has one.
    fn logarithm(&mut self, factor: &'m Expression, env: &Env, mode: Mode) -> NodeId {
        match factor {
            Expression::Binary(_, base, exponent) => {
                let operands = [self.eval(base, env, mode), self.eval(exponent, env, mode)];
                self.apply(Operation::LnPower, &operands)
            }
            Expression::Call(_, arguments) => self.eval(&arguments[0], env, mode),
            _ => unreachable!("only powers and exponentials have one"),
        }
    }
}

/// Lists the factors of a product from left to right: one of anything else.
fn gather<'m>((expression, divides): Factor<'m>, factors: &mut Vec<Factor<'m>>) {
    match expression {
        Expression::Binary(binary @ (Binary::Multiply | Binary::Divide), a, b) => {
            gather((a, divides), factors);
            gather((b, divides ^ (*binary == Binary::Divide)), factors);
        }
        _ => factors.push((expression, divides)),
    }
}

/// Returns whether an expression is a power of which base and exponent vary, or an exponential.
fn has_logarithm(model: &Model, expression: &Expression) -> bool {
    match expression {
        Expression::Binary(Binary::Power, base, exponent) => {
            !is_fixed(model, base) && !is_fixed(model, exponent)
        }
        Expression::Call(function, _) => *function == FunctionName::Exp,
        _ => false,
    }
}

/// Returns whether an expression is made of numbers and constants alone.
fn is_fixed(model: &Model, expression: &Expression) -> bool {
    match expression {
        Expression::Number(_) => true,
        Expression::Quantity(reference) => {
            matches!(
                model.quantity(reference.quantity).kind,
                QuantityKind::Constant { .. }
            )
        }
        Expression::Unary(_, a) => is_fixed(model, a),
        Expression::Binary(_, a, b) => is_fixed(model, a) && is_fixed(model, b),
        _ => false,
    }
}
