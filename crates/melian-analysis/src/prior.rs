//! Priors as intervals.

use melian_engine::compile;
use melian_engine::ensemble::{self, Identity, Size};

use melian_language::diagnostic::Diagnostic;
use melian_language::model::{
    BinderId, Expression, Model, PerElement, Quantity, QuantityId, QuantityKind, QuantityRef, Subscript,
    Unit, ValueKind, When,
};
use melian_language::source::Span;

use crate::estimate::{KNOWLEDGE_POINTS, quantiles};
use crate::worlds::worlds;

/// The priors of a model's parameters.
#[derive(Clone, Debug)]
pub struct Priors {
    /// For each parameter, 5%, 50% and 95% points for every element, base units.
    pub intervals: Vec<(QuantityId, Vec<[f64; 3]>)>,
    /// Every parameter's elements in the first draws of a run, the same as in the run.
    pub columns: Vec<Column>,
    /// Names the priors: parameters with the same distributions at the same addresses have the same.
    pub identity: Identity,
}

/// A scalar of a parameter over draws.
#[derive(Clone, Debug)]
pub struct Column {
    /// The parameter.
    pub quantity: QuantityId,
    /// Position of the element among the parameter's tuples.
    pub position: usize,
    /// Value in each draw, base units.
    pub values: Vec<f64>,
}

/// Draws for the intervals. A stratum of the sequence for each makes the points exact to about a thousandth of the distribution.
const DRAWS: u32 = 1024;

/// Most draws of which parameters are kept: enough to tell what decides a claim from chance.
const MOST_COLUMN_DRAWS: u32 = 4096;

/// Returns the priors of all parameters, for a run of this size, from draws: priors may depend on one another, and the machine is the one authority on what a
/// distribution is.
///
/// # Errors
/// The model's parameters cannot be compiled; then neither can the model.
pub fn priors(model: &Model, run: Size) -> Result<Priors, Vec<Diagnostic>> {
    let parameters: Vec<QuantityId> = (0..model.quantities.len() as u32)
        .map(QuantityId)
        .filter(|id| matches!(model.quantity(*id).kind, QuantityKind::Parameter { .. }))
        .collect();
    let reading = only_parameters(model, &parameters);
    let program = compile(&reading, &worlds(&reading, &[]))?;
    let size = Size {
        draws: run.draws.clamp(DRAWS, MOST_COLUMN_DRAWS),
        replications: 1,
        seed: run.seed,
    };
    // A size that is within limits, on a program of parameters alone, cannot fail but by a stop, and nobody asks for one.
    let ensemble = ensemble::run(&program, &size, 0, &|_, _| true).expect("a small run within limits");
    let first = model.quantities.len() as u32;
    let mut intervals: Vec<(QuantityId, Vec<[f64; 3]>)> =
        parameters.iter().map(|id| (*id, Vec::new())).collect();
    let mut columns = Vec::new();
    for (output, values) in ensemble.layout.measures.iter().zip(&ensemble.measures[0]) {
        let parameter = (output.quantity.0 - first) as usize;
        let mut values = values.to_vec();
        let mut of_intervals = values[..DRAWS as usize].to_vec();
        intervals[parameter]
            .1
            .push(quantiles(&mut of_intervals, KNOWLEDGE_POINTS));
        values.truncate(run.draws as usize);
        columns.push(Column {
            quantity: parameters[parameter],
            position: output.position,
            values,
        });
    }
    Ok(Priors {
        intervals,
        columns,
        identity: program.identity(),
    })
}

/// Returns the model with measures of its parameters and nothing else that is read.
fn only_parameters(model: &Model, parameters: &[QuantityId]) -> Model {
    let mut reading = model.clone();
    reading.claims.clear();
    reading.headlines.clear();
    reading.interventions.clear();
    reading.checks.clear();
    reading.anchors.clear();
    reading.clock.steps = 1;
    for quantity in &mut reading.quantities {
        let asked = matches!(
            quantity.kind,
            QuantityKind::Series { .. } | QuantityKind::Measure { .. } | QuantityKind::Question { .. }
        );
        if asked || matches!(quantity.kind, QuantityKind::Choice(_) | QuantityKind::Event(_)) {
            quantity.kind = QuantityKind::Constant {
                value: PerElement::Same(Expression::Number(0.0)),
            };
        }
    }
    let measures: Vec<Quantity> = parameters.iter().map(|id| measure_of(model, *id)).collect();
    reading.quantities.extend(measures);
    reading
}

fn measure_of(model: &Model, parameter: QuantityId) -> Quantity {
    let quantity = model.quantity(parameter);
    // Binders are unique in a model; no model has as many as this.
    let binders: Vec<BinderId> = (0..quantity.shape.len() as u32)
        .map(|i| BinderId(u32::MAX - i))
        .collect();
    let subscripts = binders.iter().map(|binder| Subscript::Binder(*binder)).collect();
    Quantity {
        name: format!("prior of {}", quantity.name),
        title: None,
        shape: quantity.shape.clone(),
        binders,
        unit: Unit {
            text: "1".into(),
            scale: 1.0,
            kind: ValueKind::Number,
        },
        span: Span {
            file: quantity.span.file,
            start: 0,
            end: 0,
        },
        text: String::new(),
        cites: Vec::new(),
        correlation_cites: Vec::new(),
        kind: QuantityKind::Measure {
            value: PerElement::Same(Expression::Quantity(QuantityRef {
                quantity: parameter,
                subscripts,
            })),
            reading: When { step: 0, ever: false },
        },
    }
}
