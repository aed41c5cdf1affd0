//! What happens between an edit of the gambit and its first future, by phase: under the baseline alone, and under all worlds that its claims need.

use std::collections::BTreeMap;
use std::path::Path;

use divan::Bencher;
use melian_analysis::worlds::worlds_needed;
use melian_engine::allocate::allocate;
use melian_engine::expand::expand;
use melian_engine::simplify::simplify;
use melian_engine::{World, compile};
use melian_language::model::Model;

fn main() {
    divan::main();
}

#[derive(Clone, Copy, Debug)]
enum Worlds {
    Baseline,
    All,
}

const WORLDS: [Worlds; 2] = [Worlds::Baseline, Worlds::All];

impl Worlds {
    fn of(self, model: &Model) -> Vec<World> {
        match self {
            Worlds::Baseline => vec![World::baseline()],
            Worlds::All => worlds_needed(model),
        }
    }
}

#[divan::bench(sample_size = 1)]
fn phase_1_check(bencher: Bencher) {
    let files = files();
    bencher.bench_local(|| melian_language::check(&files));
}

#[divan::bench(args = WORLDS, sample_size = 1)]
fn phase_2_expand(bencher: Bencher, worlds: Worlds) {
    let model = model();
    let worlds = worlds.of(&model);
    bencher.bench_local(|| expand(&model, &worlds));
}

#[divan::bench(args = WORLDS, sample_size = 1)]
fn phase_3_simplify(bencher: Bencher, worlds: Worlds) {
    let model = model();
    let worlds = worlds.of(&model);
    let (graph, _) = expand(&model, &worlds).expect("it expands");
    bencher.with_inputs(|| graph.clone()).bench_local_values(simplify);
}

#[divan::bench(args = WORLDS, sample_size = 1)]
fn phase_4_allocate(bencher: Bencher, worlds: Worlds) {
    let model = model();
    let worlds = worlds.of(&model);
    let (graph, layout) = expand(&model, &worlds).expect("it expands");
    let graph = simplify(graph).graph;
    bencher.bench_local(|| allocate(&graph, layout.clone(), model.clock));
}

#[divan::bench(args = WORLDS, sample_size = 1)]
fn phases_2_to_4(bencher: Bencher, worlds: Worlds) {
    let model = model();
    let worlds = worlds.of(&model);
    bencher.bench_local(|| compile(&model, &worlds));
}

fn model() -> Model {
    melian_language::check(&files())
        .model
        .expect("the gambit is sound")
}

fn files() -> BTreeMap<String, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/gambit");
    let paths = std::fs::read_dir(folder).expect("the shipped model is there");
    paths
        .map(|entry| entry.expect("an entry").path())
        .map(|path| {
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            (name, std::fs::read_to_string(&path).expect("text"))
        })
        .collect()
}
