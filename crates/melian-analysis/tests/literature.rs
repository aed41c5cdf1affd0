//! Runs the known answers of `tests/literature`: models whose result the literature states in closed form.

use std::collections::BTreeMap;
use std::path::Path;

use melian_engine::ensemble::{SCRAMBLES, Size};
use melian_engine::{World, compile, ensemble};
use melian_language::check;

/// A row of a page's table.
struct Row {
    quantity: String,
    statistic: String,
    expected: f64,
    exact: bool,
}

/// One page: a model, its size, and what is known about it.
struct Page {
    model: String,
    draws: u32,
    replications: u32,
    rows: Vec<Row>,
}

fn read(text: &str) -> Page {
    let model = text
        .split("```melian\n")
        .nth(1)
        .and_then(|rest| rest.split("```").next())
        .expect("a page has a model");
    let size = text
        .lines()
        .find_map(|line| line.strip_prefix("futures: "))
        .expect("a page has a line `futures:`");
    let (draws, replications) = size.split_once(" x ").expect("futures: DRAWS x REPLICATIONS");
    let rows = text
        .lines()
        .filter(|line| line.starts_with("| ") && !line.contains("---") && !line.contains("quantity"))
        .map(|line| {
            let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
            Row {
                quantity: cells[0].to_owned(),
                statistic: cells[1].to_owned(),
                expected: cells[2].parse().expect("the expected value is a number"),
                exact: match cells[3] {
                    "exact" => true,
                    "chance" => false,
                    other => panic!("a tolerance is `exact` or `chance`, not `{other}`"),
                },
            }
        })
        .collect();
    Page {
        model: model.to_owned(),
        draws: draws.parse().expect("draws"),
        replications: replications.trim().parse().expect("replications"),
        rows,
    }
}

/// Returns the estimate of a statistic and its standard error over independent scrambles.
fn estimate(values: &[f64], replications: usize, statistic: &str) -> (f64, f64) {
    let of = |values: &[f64]| {
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        match statistic {
            "mean" => mean,
            "variance" => {
                values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / (values.len() - 1) as f64
            }
            other => panic!("unknown statistic `{other}`"),
        }
    };
    let groups: Vec<f64> = (0..SCRAMBLES)
        .map(|scramble| {
            let group: Vec<f64> = values
                .chunks(replications)
                .enumerate()
                .filter(|(draw, _)| draw % SCRAMBLES == scramble)
                .flat_map(|(_, chunk)| chunk.iter().copied())
                .collect();
            of(&group)
        })
        .collect();
    let mean = groups.iter().sum::<f64>() / SCRAMBLES as f64;
    let variance = groups.iter().map(|g| (g - mean) * (g - mean)).sum::<f64>() / (SCRAMBLES - 1) as f64;
    (of(values), (variance / SCRAMBLES as f64).sqrt())
}

#[test]
fn models_meet_the_answers_of_the_literature() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/literature");
    let mut pages: Vec<_> = std::fs::read_dir(folder)
        .expect("tests/literature exists")
        .map(|entry| entry.expect("a readable entry").path())
        .filter(|path| path.extension().is_some_and(|e| e == "md") && !path.ends_with("README.md"))
        .collect();
    pages.sort();
    assert!(pages.len() >= 7, "the known answers are there");
    let mut wrong = Vec::new();
    for path in pages {
        let name = path
            .file_stem()
            .and_then(|s| s.to_str())
            .unwrap_or_default()
            .to_owned();
        let page = read(&std::fs::read_to_string(&path).expect("a readable page"));
        let files = BTreeMap::from([("model.mel".to_owned(), page.model.clone())]);
        let checked = check(&files);
        let Some(model) = checked.model else {
            panic!("{name}: {:#?}", checked.diagnostics)
        };
        let program = compile(&model, &[World::baseline()]).unwrap_or_else(|d| panic!("{name}: {d:#?}"));
        let size = Size {
            draws: page.draws,
            replications: page.replications,
            seed: 1,
        };
        let ensemble =
            ensemble::run(&program, &size, 2, &|_, _| true).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert!(ensemble.problems.is_empty(), "{name}: {:?}", ensemble.problems);
        for row in &page.rows {
            let column = ensemble
                .layout
                .measures
                .iter()
                .position(|output| output.name == row.quantity)
                .unwrap_or_else(|| panic!("{name}: no measure {}", row.quantity));
            let (value, error) = estimate(
                &ensemble.measures[0][column].to_vec(),
                page.replications as usize,
                &row.statistic,
            );
            let within = if row.exact {
                1e-9 * row.expected.abs()
            } else {
                4.5 * error
            };
            let line = format!(
                "{name}: {} of {} is {value:.6}, expected {:.6}, within {within:.6}",
                row.statistic, row.quantity, row.expected
            );
            println!("{line}");
            if (value - row.expected).abs() > within {
                wrong.push(line);
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
