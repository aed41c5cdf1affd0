//! The figures of the sentences that answer first.

use melian_language::model::{Formula, QuantityKind};

use crate::estimate::{Estimate, KNOWLEDGE_POINTS, monte_carlo_error, quantiles};
use crate::formula::{Futures, Linear, Read, Spread, Term};
use crate::sample::{Sample, Scrambles};
use melian_engine::ensemble::SCRAMBLES;

/// Estimates a formula over all futures, in base units; none if a world that it names was not run.
///
/// A sum of means is estimated from what each future contributes to it, a probability by the beta-binomial. Anything else is evaluated draw by
/// draw on means corrected for luck, and has neither luck nor quantiles over futures of its own.
pub fn figure(formula: &Formula, futures: Futures) -> Option<Estimate> {
    let Some(linear) = Linear::of(formula) else {
        return draw_by_draw(formula, futures);
    };
    if let ([(1.0, Term::Value(reading, world))], 0.0) = (linear.terms.as_slice(), linear.constant)
        && matches!(
            futures.model.quantity(reading.quantity).kind,
            QuantityKind::Question { .. }
        )
    {
        return Some(Estimate::of_probability(Sample::new(
            futures.of(reading, *world)?,
            futures.ensemble.size,
        )));
    }
    Some(Estimate::of(Sample::new(
        &linear.values(futures)?,
        futures.ensemble.size,
    )))
}

fn draw_by_draw(formula: &Formula, futures: Futures) -> Option<Estimate> {
    let read = Read::new(formula, futures)?;
    let mut values = read.by_draw(None).values(Scrambles::ALL, Spread::Estimated);
    let (mut sums, mut counts) = ([0.0; SCRAMBLES], [0; SCRAMBLES]);
    for (draw, value) in values.iter().enumerate().filter(|(_, value)| value.is_finite()) {
        sums[draw % SCRAMBLES] += value;
        counts[draw % SCRAMBLES] += 1;
    }
    values.retain(|value| value.is_finite());
    let count = values.len() as f64;
    let mean = sums.iter().sum::<f64>() / count;
    let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
    Some(Estimate {
        mean,
        mc_error: monte_carlo_error(&sums, &counts),
        knowledge_sd: (squares / (count - 1.0)).sqrt(),
        knowledge_sd_interval: (f64::NAN, f64::NAN),
        luck_sd: f64::NAN,
        quantiles: [f64::NAN; 5],
        knowledge_quantiles: quantiles(&mut values, KNOWLEDGE_POINTS),
    })
}
