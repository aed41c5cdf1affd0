//! The machine equals a plain evaluator of the model, to the bit, on generated models and on shipped ones.

mod evaluate;
mod generate;

use std::collections::BTreeMap;
use std::path::Path;

use evaluate::Future;
use generate::{Sketch, sketch};
use melian_engine::allocate::allocate;
use melian_engine::ensemble::{Size, replay::replay};
use melian_engine::expand::{World, expand};
use melian_engine::layout::Output;
use melian_engine::program::Program;
use melian_engine::simplify::simplify;
use melian_language::check;
use melian_language::diagnostic::Severity;
use melian_language::model::{ElementId, InterventionId, Model};

const SIZE: Size = Size {
    draws: 3,
    replications: 2,
    seed: 7,
};

/// Reads a model, or says what is wrong with it.
fn read(text: &str) -> Result<Model, String> {
    let files = BTreeMap::from([("generated.mel".to_owned(), text.to_owned())]);
    let checked = check(&files);
    let errors = checked
        .diagnostics
        .iter()
        .filter(|d| d.severity == Severity::Error);
    let said: Vec<String> = errors
        .map(|d| {
            let at = d
                .primary
                .as_ref()
                .map_or("", |label| checked.sources.excerpt(label.span));
            format!("{}: {} at `{at}` {:?}", d.code, d.message, d.notes)
        })
        .collect();
    checked.model.ok_or_else(|| said.join("\n"))
}

/// Returns the baseline and one world for each intervention, and one for all of them.
fn worlds(model: &Model) -> Vec<World> {
    let mut worlds = World::all(model);
    let ids: Vec<InterventionId> = (0..model.interventions.len() as u32)
        .map(InterventionId)
        .collect();
    if ids.len() > 1 {
        worlds.push(World {
            name: "all".to_owned(),
            interventions: ids,
            follows: None,
        });
    }
    worlds
}

fn compile(model: &Model, worlds: &[World], simplified: bool) -> Result<Program, String> {
    let (graph, layout) = expand(model, worlds).map_err(|diagnostics| format!("{diagnostics:?}"))?;
    let graph = if simplified { simplify(graph).graph } else { graph };
    Ok(allocate(&graph, layout, model.clock))
}

/// Compares every output of a few futures in every world, in the plain and in the simplified program.
fn agree(model: &Model, worlds: &[World]) -> Result<(), String> {
    for simplified in [false, true] {
        let program = compile(model, worlds, simplified)?;
        for (draw, replication) in [(0, 0), (2, 1)] {
            let trajectory = replay(&program, &SIZE, draw, replication).map_err(|error| error.to_string())?;
            for (number, world) in worlds.iter().enumerate() {
                let future = Future::new(model, &world.interventions, SIZE.seed, draw, replication);
                let context = format!(
                    "world {}, future {draw}:{replication}, simplified {simplified}",
                    world.name
                );
                let layout = &program.layout;
                let tuple = |output: &Output| -> Vec<ElementId> {
                    model.tuples(&model.quantity(output.quantity).shape)[output.position].clone()
                };
                for step in 0..model.clock.steps {
                    let at = step as usize;
                    for (output, values) in layout.series.iter().zip(&trajectory.series[number]) {
                        let expected = future.series(output.quantity, &tuple(output), step);
                        same(&format!("{context}, step {step}"), output, values[at], expected)?;
                    }
                    for ((output, _), values) in layout.choices.iter().zip(&trajectory.choices[number]) {
                        let expected = future.standing(output.quantity, &tuple(output), step);
                        same(&format!("{context}, step {step}"), output, values[at], expected)?;
                    }
                    for (output, values) in layout.events.iter().zip(&trajectory.events[number]) {
                        let expected = future.count(output.quantity, &tuple(output), step);
                        same(&format!("{context}, step {step}"), output, values[at], expected)?;
                    }
                }
                for (output, &value) in layout.measures.iter().zip(&trajectory.measures[number]) {
                    let expected = future.reading(output.quantity, &tuple(output), model.clock.steps - 1);
                    same(&context, output, value, expected)?;
                }
            }
        }
    }
    Ok(())
}

fn same(context: &str, output: &Output, value: f64, expected: f64) -> Result<(), String> {
    if value.to_bits() == expected.to_bits() || value.is_nan() && expected.is_nan() {
        return Ok(());
    }
    Err(format!(
        "{context}: `{}` is {value:?}, and by the semantics {expected:?}",
        output.name
    ))
}

/// Takes declarations away for as long as the model is sound and fails.
fn smaller(mut sketch: Sketch) -> Sketch {
    let fails =
        |sketch: &Sketch| read(&sketch.text()).is_ok_and(|model| agree(&model, &worlds(&model)).is_err());
    let mut position = 0;
    while position < sketch.declarations.len() {
        let taken = sketch.declarations.remove(position);
        if fails(&sketch) {
            position = 0;
        } else {
            sketch.declarations.insert(position, taken);
            position += 1;
        }
    }
    sketch
}

#[test]
fn the_machine_equals_the_oracle_on_generated_models() {
    for seed in 0..MODELS {
        let sketch = sketch(seed);
        let model = read(&sketch.text())
            .unwrap_or_else(|errors| panic!("model {seed}:\n{errors}\n{}", sketch.text()));
        if agree(&model, &worlds(&model)).is_err() {
            let sketch = smaller(sketch);
            let model = read(&sketch.text()).expect("a smaller model is sound");
            let error = agree(&model, &worlds(&model)).expect_err("a smaller model still fails");
            panic!("model {seed}, made smaller:\n{}\n{error}", sketch.text());
        }
    }
}

/// How many generated models are compared: half a minute of an unoptimised evaluator would be too long, a few seconds find what a change
/// breaks. Raise it when semantics change.
const MODELS: u64 = 100;

/// Reads a shipped model.
fn shipped(name: &str) -> Model {
    let mut files = BTreeMap::new();
    for entry in Path::new("../../models")
        .join(name)
        .read_dir()
        .expect("the model is shipped")
    {
        let path = entry.expect("a folder can be read").path();
        let name = path
            .file_name()
            .expect("an entry has a name")
            .to_string_lossy()
            .into_owned();
        files.insert(name, std::fs::read_to_string(path).unwrap_or_default());
    }
    check(&files).model.expect("a shipped model is sound")
}

#[test]
fn the_machine_equals_the_oracle_on_shipped_models() {
    for name in ["lanchester", "richardson", "birth_death", "dialogue"] {
        let model = shipped(name);
        agree(&model, &worlds(&model)).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}

#[test]
fn the_machine_equals_the_oracle_on_the_large_models() {
    for name in ["gambit", "july_1914", "vietnam_rok"] {
        let model = shipped(name);
        let mut worlds = worlds(&model);
        worlds.truncate(2);
        agree(&model, &worlds).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}
