//! Single precision against double precision, on every shipped model.

use std::collections::BTreeMap;
use std::path::Path;

use melian_engine::ensemble::{self, Ensemble, SCRAMBLES, Size};
use melian_engine::number::Precision;
use melian_engine::{World, compile};
use melian_language::check;
use melian_language::model::{InterventionId, Model, QuantityId};

const SIZE: Size = Size {
    draws: 512,
    replications: 8,
    seed: 1,
};

/// Mean of the finite values, its standard error over the scrambles, and the share of values that are finite.
fn answer(values: impl Iterator<Item = f64>) -> (f64, f64, f64) {
    let mut sums = [(0.0, 0_u32); SCRAMBLES];
    let mut all = 0;
    for (future, value) in values.enumerate() {
        all += 1;
        if value.is_finite() {
            let (sum, count) = &mut sums[future / SIZE.replications as usize % SCRAMBLES];
            *sum += value;
            *count += 1;
        }
    }
    let count: u32 = sums.iter().map(|(_, count)| count).sum();
    let mean = sums.iter().map(|(sum, _)| sum).sum::<f64>() / f64::from(count.max(1));
    let squares: f64 = (sums.iter())
        .filter(|(_, count)| *count > 0)
        .map(|(sum, count)| (sum / f64::from(*count) - mean).powi(2))
        .sum();
    let scrambles = SCRAMBLES as f64;
    let error = (squares / (scrambles - 1.0) / scrambles).sqrt();
    (mean, error, f64::from(count) / f64::from(all.max(1)))
}

/// Returns the greatest size of a series in the unit of a quantity, 1 at least.
fn largest(model: &Model, ensemble: &Ensemble, quantity: QuantityId) -> f64 {
    let unit = |id| format!("{:?}", model.quantity(id).unit);
    let alike = (ensemble.layout.series.iter().zip(&ensemble.series[0]))
        .filter(|(output, _)| unit(output.quantity) == unit(quantity));
    alike
        .flat_map(|(_, steps)| steps)
        .map(|step| step.histogram.greatest.abs().max(step.histogram.least.abs()))
        .fold(1.0, f64::max)
}

#[test]
fn single_precision_agrees_within_monte_carlo_error_on_every_shipped_model() {
    let mut compared = 0;
    for folder in Path::new("../../models").read_dir().expect("models").flatten() {
        let mut files = BTreeMap::new();
        for entry in folder.path().read_dir().expect("a model").flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            files.insert(name, std::fs::read_to_string(entry.path()).unwrap_or_default());
        }
        let name = folder.file_name().to_string_lossy().into_owned();
        let model = check(&files).model.expect("a shipped model is sound");
        let mut worlds = vec![World::baseline()];
        worlds.extend(
            (0..model.interventions.len().min(2)).map(|i| World::under(&model, InterventionId(i as u32))),
        );
        let mut program = compile(&model, &worlds).expect("a shipped model compiles");
        let [double, single]: [Ensemble; 2] = [Precision::Double, Precision::Single].map(|precision| {
            program.precision = precision;
            ensemble::run(&program, &SIZE, 0, &|_, _| true).expect("it runs")
        });
        for (world, (of_double, of_single)) in double.measures.iter().zip(&single.measures).enumerate() {
            for (measure, (one, other)) in of_double.iter().zip(of_single).enumerate() {
                let (mean, error, finite) = answer(one.iter().copied());
                let (found, _, found_finite) = answer(other.iter().copied());
                // What should be nothing, because something is conserved, is a millionth of the largest of its kind at most.
                let output = &double.layout.measures[measure];
                let nothing = if mean.abs() < 1e-6 {
                    1e-6 * largest(&model, &double, output.quantity)
                } else {
                    0.0
                };
                let measure = &output.name;
                assert!(
                    (found - mean).abs() <= error.max(1e-5 * mean.abs()).max(nothing),
                    "{name}, world {world}, {measure}: {found} in single precision, {mean} with an error of {error} in double"
                );
                assert!(
                    (found_finite - finite).abs() < 0.01,
                    "{name}, {measure}: {found_finite} {finite}"
                );
                compared += 1;
            }
        }
        for (world, (of_double, of_single)) in double.series.iter().zip(&single.series).enumerate() {
            for (series, (one, other)) in of_double.iter().zip(of_single).enumerate() {
                for (step, (one, other)) in one.iter().zip(other).enumerate() {
                    let ([low, middle, high], [found_low, found_middle, found_high]) = (
                        one.histogram.quantiles([0.05, 0.5, 0.95]),
                        other.histogram.quantiles([0.05, 0.5, 0.95]),
                    );
                    // The width of a bucket, and what a twentieth of the futures moves.
                    let room = 0.05 * (high - low) + 0.02 * middle.abs() + 1e-9;
                    for (found, expect) in [(found_low, low), (found_middle, middle), (found_high, high)] {
                        assert!(
                            (found - expect).abs() <= room || found.is_nan() && expect.is_nan(),
                            "{name}, world {world}, {}, step {step}: {found}, not {expect}",
                            double.layout.series[series].name
                        );
                    }
                }
            }
        }
    }
    assert!(compared > 100, "{compared} answers were compared");
}
