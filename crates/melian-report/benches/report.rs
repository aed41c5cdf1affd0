//! How long it takes to answer a run and write its page: 10,240 futures, 5 worlds, 80 measures and questions, 80 series, 52 steps, 25 claims.

use std::collections::BTreeMap;
use std::fmt::Write;

use melian_analysis::prior;
use melian_analysis::worlds::worlds;
use melian_engine::ensemble::{self, Ensemble, Size};
use melian_engine::{World, compile};
use melian_language::model::{InterventionId, Model};
use melian_language::source::Sources;
use melian_report::{Info, Run, compose, page};

fn main() {
    divan::main();
}

/// A model of 40 random walks whose pace an intervention changes.
fn text() -> String {
    let mut text = String::from("melian 0.1\nmodel large\ntime weekly from 2025-01-06 for 52 weeks\n");
    for i in 0..4 {
        writeln!(
            text,
            "const pace_{i} = 1\nintervention other_{i} {{ pace_{i} = 2 }}"
        )
        .expect("text grows");
    }
    for i in 0..40 {
        let world = i % 4;
        writeln!(
            text,
            "param drift_{i} ~ normal(0.1, 0.2)\n\
             noise luck_{i} ~ normal(0, 1)\n\
             let walk_{i} = previous(walk_{i}, 0) + pace_{world} * drift_{i} + luck_{i}\n\
             let high_{i} = previous(max(high_{i}, walk_{i}), 0)\n\
             series at_{i} = walk_{i}\n\
             series top_{i} = high_{i}\n\
             measure end_{i} = walk_{i}\n\
             question above_{i} = walk_{i} > 5"
        )
        .expect("text grows");
    }
    for i in 0..25 {
        let formula = match i % 3 {
            0 => format!("effect(other_{}, end_{i}) > 20% of mean(end_{i})", i % 4),
            1 => format!("probability(above_{i}) > 30%"),
            _ => format!("mean(end_{i}) > 1 and quantile(end_{i}, 0.9) < 20"),
        };
        writeln!(text, "claim c{i} quote \"sentence\" holds when {formula}").expect("text grows");
    }
    text
}

struct Made {
    model: Model,
    sources: Sources,
    worlds: Vec<World>,
    ensemble: Ensemble,
    priors: prior::Priors,
}

fn made() -> Made {
    let files = BTreeMap::from([("large.mel".to_owned(), text())]);
    let checked = melian_language::check(&files);
    let model = checked
        .model
        .unwrap_or_else(|| panic!("{:?}", checked.diagnostics));
    let all: Vec<InterventionId> = (0..model.interventions.len() as u32)
        .map(InterventionId)
        .collect();
    let worlds = worlds(&model, &all);
    let program = compile(&model, &worlds).expect("it compiles");
    let size = Size {
        draws: 1024,
        replications: 10,
        seed: 1,
    };
    let ensemble = ensemble::run(&program, &size, 0, &|_, _| true).expect("it runs");
    let priors = prior::priors(&model, size).expect("it compiles");
    Made {
        model,
        sources: checked.sources,
        worlds,
        ensemble,
        priors,
    }
}

fn run(made: &Made) -> Run<'_> {
    Run {
        model: &made.model,
        sources: &made.sources,
        worlds: &made.worlds,
        ensemble: &made.ensemble,
        compared: None,
        priors: &made.priors,
        info: Info {
            melian: String::new(),
            identity: String::new(),
            priors: String::new(),
            seconds: None,
            reproduce: String::new(),
        },
    }
}

#[divan::bench(sample_count = 10, sample_size = 1)]
fn answer(bencher: divan::Bencher) {
    let made = made();
    bencher.bench_local(|| compose(&run(&made)));
}

#[divan::bench(sample_count = 10, sample_size = 1)]
fn write_page(bencher: divan::Bencher) {
    let made = made();
    let report = compose(&run(&made));
    bencher.bench_local(|| page(&report));
}

#[divan::bench(sample_count = 10, sample_size = 1)]
fn draw_priors(bencher: divan::Bencher) {
    let made = made();
    bencher.bench_local(|| prior::priors(&made.model, made.ensemble.size));
}
