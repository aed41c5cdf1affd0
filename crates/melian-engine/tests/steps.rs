//! Runs `tests/steps` and the example of the page on semantics: tiny models with the expected values beside what is read.
//!
//! A comment on the line of a measure, question or series says what it is in every future, in its declared unit: `// = 12.5`. `x = 1, y = 2` is for the
//! elements of an index (`a.x` for two), `steps = 1 2 3` for a series at the ends of the steps, `under halved = 3` for an intervention. Every model is run
//! in blocks of several sizes, on one thread and on two.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use melian_engine::compile;
use melian_engine::ensemble::{Size, replay, run};
use melian_engine::expand::World;
use melian_engine::layout::Output;
use melian_engine::program::Program;
use melian_language::check;
use melian_language::diagnostic::Severity;
use melian_language::model::Model;

const PREAMBLE: &str =
    "melian 0.1\nmodel example \"Example\"\ntime daily from 2024-01-01 for 4 days\nunit person\n";

/// Numbers are written in decimals, and computed by hand in another order than here.
const TOLERANCE: f64 = 1e-9;

#[derive(Debug, Default)]
struct Expectation {
    line: usize,
    quantity: String,
    elements: String,
    world: String,
    steps: bool,
    values: Vec<f64>,
}

#[test]
fn models_mean_what_stands_beside_them() {
    let mut files: Vec<PathBuf> = Path::new("../../tests/steps")
        .read_dir()
        .expect("there are models to run")
        .map(|entry| entry.expect("a folder can be read").path())
        .collect();
    files.sort();
    files.push(PathBuf::from("../../docs/src/reference/semantics.md"));
    let mut failures = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file).expect("a page can be read");
        for (first_line, block) in blocks(&text) {
            let place = |line: usize| format!("{}:{}", file.display(), first_line + line);
            failures.extend(run_block(&block, &place));
        }
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

/// Returns the models of a page, each with the line before its first.
fn blocks(text: &str) -> Vec<(usize, String)> {
    let mut blocks = Vec::new();
    let mut lines = text.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        if line == "```melian" {
            let block: Vec<&str> = lines
                .by_ref()
                .map(|(_, line)| line)
                .take_while(|line| *line != "```")
                .collect();
            blocks.push((number + 1, format!("{}\n", block.join("\n"))));
        }
    }
    blocks
}

fn run_block(block: &str, place: &dyn Fn(usize) -> String) -> Vec<String> {
    let expectations = expectations(block);
    if expectations.is_empty() {
        return vec![format!("{}: nothing is expected of this model", place(0))];
    }
    let text = if block.starts_with("melian ") {
        block.to_owned()
    } else {
        format!("{PREAMBLE}{block}")
    };
    let checked = check(&BTreeMap::from([("steps.mel".to_owned(), text)]));
    let errors = checked
        .diagnostics
        .iter()
        .filter(|d| d.severity == Severity::Error);
    let errors: Vec<String> = errors
        .map(|d| format!("{}: {} {}", place(0), d.code, d.message))
        .collect();
    let Some(model) = checked.model else { return errors };
    let worlds = World::all(&model);
    let program = compile(&model, &worlds).expect("a tiny model compiles");
    expectations
        .iter()
        .flat_map(|expectation| {
            let wrong = disagreements(expectation, &model, &program);
            wrong
                .into_iter()
                .map(|wrong| format!("{}: {wrong}", place(expectation.line)))
        })
        .collect()
}

fn expectations(block: &str) -> Vec<Expectation> {
    let mut found = Vec::new();
    for (line, text) in block.lines().enumerate() {
        let Some((declaration, comment)) = text.split_once("//") else {
            continue;
        };
        let mut words = declaration.split_whitespace();
        if !matches!(words.next(), Some("measure" | "question" | "series")) || !comment.contains('=') {
            continue;
        }
        let name = words.next().expect("a declaration has a name");
        let quantity = name.split(['[', ':']).next().unwrap_or(name).to_owned();
        for entry in comment.split(',') {
            let (key, values) = entry.split_once('=').expect("an expectation has a value");
            let mut expectation = Expectation {
                line: line + 1,
                quantity: quantity.clone(),
                ..Expectation::default()
            };
            let mut key = key.split_whitespace();
            while let Some(word) = key.next() {
                match word {
                    "under" => expectation.world = key.next().expect("under an intervention").to_owned(),
                    "steps" => expectation.steps = true,
                    elements => expectation.elements = elements.replace('.', ","),
                }
            }
            expectation.values = values.split_whitespace().map(number).collect();
            found.push(expectation);
        }
    }
    found
}

fn number(text: &str) -> f64 {
    match text {
        "infinite" => f64::INFINITY,
        "yes" => 1.0,
        "no" => 0.0,
        _ => text.parse().unwrap_or_else(|_| panic!("`{text}` is no number")),
    }
}

fn disagreements(expectation: &Expectation, model: &Model, program: &Program) -> Vec<String> {
    let layout = &program.layout;
    let name = match expectation.elements.as_str() {
        "" => expectation.quantity.clone(),
        elements => format!("{}[{elements}]", expectation.quantity),
    };
    let named = |outputs: &[Output]| outputs.iter().position(|output| output.name == name);
    let world = layout
        .worlds
        .iter()
        .position(|world| *world == expectation.world)
        .unwrap_or(0);
    let scale = model
        .quantity(model.named(&expectation.quantity).expect("it is declared"))
        .unit
        .scale;
    let differs = |value: f64, expected: f64| {
        let value = value / scale;
        let near = (value - expected).abs() <= TOLERANCE * expected.abs().max(1.0);
        (!near && value != expected).then(|| format!("`{name}` is {value}, not {expected}"))
    };
    if expectation.steps {
        let size = Size {
            draws: 1,
            replications: 1,
            seed: 5,
        };
        let series = named(&layout.series).unwrap_or_else(|| panic!("`{name}` is no series"));
        let trajectory = replay(program, &size, 0, 0).expect("there is such a future");
        let values = &trajectory.series[world][series];
        if values.len() != expectation.values.len() {
            return vec![format!(
                "{} steps are expected of {}",
                expectation.values.len(),
                values.len()
            )];
        }
        let compared = values.iter().zip(&expectation.values).enumerate();
        return compared
            .filter_map(|(step, (&value, &expected))| {
                differs(value, expected).map(|wrong| format!("step {}: {wrong}", step + 1))
            })
            .collect();
    }
    let measure = named(&layout.measures).unwrap_or_else(|| panic!("`{name}` is no measure"));
    let mut wrong = Vec::new();
    for (draws, replications, threads) in [(1, 1, 1), (5, 3, 1), (70, 3, 2), (3, 200, 2)] {
        let size = Size {
            draws,
            replications,
            seed: 5,
        };
        let ensemble = run(program, &size, threads, &|_, _| true).expect("a tiny model runs");
        let values = &ensemble.measures[world][measure];
        assert_eq!(values.len(), size.futures());
        wrong.extend(
            values
                .iter()
                .find_map(|&value| differs(value, expectation.values[0])),
        );
    }
    wrong.dedup();
    wrong
}
