//! How large a model may be. What is larger is reported before it is computed.

use super::Checker;
use crate::diagnostic::Diagnostic;
use crate::files::Files;
use crate::model::{Expression, IndexId, Model, QuantityKind};
use crate::source::Span;

/// Most bytes of a file: far more than anybody writes by hand.
pub const LARGEST_FILE: usize = 4 << 20;

/// Most bytes of all files of a model together.
pub const LARGEST_MODEL: usize = 16 << 20;

/// Most `.mel` files of a model.
pub const MOST_FILES: usize = 1_000;

/// Most elements of an index.
pub const MOST_ELEMENTS: usize = 10_000;

/// Most scalars that the declarations of a model may unroll to.
pub const MOST_SCALARS: usize = 200_000;

/// Most operations that the equations of a model may unroll to, and most that functions may be put in for.
pub const MOST_OPERATIONS: usize = 2_000_000;

/// The code of a model that unrolls to too much.
pub(super) const TOO_LARGE: &str = "E0804";

/// The code of a file or folder that is too large.
pub(super) const TOO_LONG: &str = "E0802";

/// How many expressions may stand within one another once functions are put in: somewhat more than the 256 that the parser lets one
/// expression have, and few enough for the 2 MiB stack of a thread.
const DEEPEST_EXPRESSION: usize = 300;

/// Why a text is not there.
pub(super) struct Unread {
    pub code: &'static str,
    pub reason: String,
}

/// Reads a file of the model's folder.
pub(super) fn text_of(files: &dyn Files, name: &str) -> Result<String, Unread> {
    match files.text(name) {
        Ok(text) if text.len() > LARGEST_FILE => Err(Unread {
            code: TOO_LONG,
            reason: format!("it is larger than {} MiB", LARGEST_FILE >> 20),
        }),
        Ok(text) => Ok(text),
        Err(reason) => Err(Unread {
            code: "E0801",
            reason,
        }),
    }
}

impl<'a> Checker<'a> {
    /// Returns whether this many more operations may be lowered, and reports once if not.
    pub(super) fn may_grow(&mut self, operations: usize, span: Span) -> bool {
        if self.exhausted {
            return false;
        }
        self.lowered = self.lowered.saturating_add(operations);
        let message = if self.lowered > MOST_OPERATIONS {
            format!("with its functions put in, the model has more than {MOST_OPERATIONS} operations")
        } else if self.depth >= DEEPEST_EXPRESSION {
            format!("with its functions put in, this is nested more than {DEEPEST_EXPRESSION} levels deep")
        } else {
            return true;
        };
        self.exhausted = true;
        let diagnostic = Diagnostic::error(TOO_LARGE, message, span)
            .help("give results of functions names with `let`, and pass those on");
        self.report(diagnostic);
        false
    }

    /// Reports a model whose equations unroll to too many operations; returns whether it is small enough.
    pub(super) fn check_size(&mut self, model: &Model) -> bool {
        let mut total = 0usize;
        let mut largest = (0, 0);
        let size = |shape: &[IndexId]| {
            shape
                .iter()
                .map(|index| model.index(*index).members.len())
                .fold(1, usize::saturating_mul)
        };
        for (position, quantity) in model.quantities.iter().enumerate() {
            let mut operations = 0usize;
            let elements = match &quantity.kind {
                QuantityKind::Attribute { stocks } => stocks
                    .iter()
                    .map(|stock| size(&model.quantity(stock.stock).shape))
                    .max()
                    .unwrap_or(1),
                _ => size(&quantity.shape),
            };
            quantity.kind.each_expression(&mut |expression, shared| {
                let times = if shared { elements } else { 1 };
                operations = operations.saturating_add(unrolled(model, expression).saturating_mul(times));
            });
            total = total.saturating_add(operations);
            largest = largest.max((operations, position));
        }
        if total <= MOST_OPERATIONS {
            return true;
        }
        let declaration = self.quantities[largest.1];
        let diagnostic = Diagnostic::error(
            TOO_LARGE,
            format!("the equations of the model unroll to more than {MOST_OPERATIONS} operations"),
            declaration.name.span,
        )
        .saying(format!("{} of them here", largest.0))
        .help("sum over smaller indices, or in two steps: first over one index, then over the other");
        self.report(diagnostic);
        false
    }
}

/// Returns the number of operations of an expression once its reductions are written out.
fn unrolled(model: &Model, expression: &Expression) -> usize {
    let mut below = 1usize;
    expression.each_operand(&mut |operand| below = below.saturating_add(unrolled(model, operand)));
    match expression {
        Expression::Reduce { over, .. } => over
            .iter()
            .map(|(_, index)| model.index(*index).members.len())
            .fold(below, usize::saturating_mul),
        _ => below,
    }
}
