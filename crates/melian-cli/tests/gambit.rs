//! The shipped models as whole: they are sound, their mechanisms act on each other, what is physical is conserved, and headline answers do not
//! hang on the length of a step or on how often a choice is asked. What the gambit must answer, what its claims rely on, how it treats the two
//! sides, how two versions of it differ, what is told of its futures, and what the book says of it have files of their own.

#[path = "gambit/answers.rs"]
mod answers;
#[path = "gambit/book.rs"]
mod book;
#[path = "gambit/conservation.rs"]
mod conservation;
#[path = "gambit/difference.rs"]
mod difference;
#[path = "gambit/explanation.rs"]
mod explanation;
#[path = "gambit/paths.rs"]
mod paths;
#[path = "gambit/pathways.rs"]
mod pathways;
#[path = "gambit/symmetry.rs"]
mod symmetry;
#[path = "gambit/verdicts.rs"]
mod verdicts;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use melian_data::Folder;
use melian_engine::ensemble::{Column, Ensemble, Size, run};
use melian_engine::{World, compile};
use melian_language::model::{InterventionId, Model};

/// Enough futures for effects that are many standard errors large.
const SIZE: Size = Size {
    draws: 256,
    replications: 4,
    seed: 1,
};

/// The mechanisms of the gambit, a file each.
const MECHANISMS: [&str; 18] = [
    "deployment",
    "treaty",
    "fronts",
    "redeployment",
    "manpower",
    "fires",
    "will",
    "home_fronts",
    "third_parties",
    "exchange",
    "dependence",
    "experience",
    "technicians",
    "norms",
    "forum",
    "bloc",
    "balance",
    "peace",
];

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../models")
        .join(name)
}

/// The files of a model by name, as text.
fn texts(name: &str) -> BTreeMap<String, String> {
    std::fs::read_dir(folder(name))
        .expect("the shipped model is there")
        .map(|entry| entry.expect("its files can be listed").path())
        .map(|path| {
            let text = std::fs::read_to_string(&path).expect("its files are text");
            (
                path.file_name()
                    .expect("files have names")
                    .to_string_lossy()
                    .into_owned(),
                text,
            )
        })
        .collect()
}

fn checked(files: &BTreeMap<String, String>) -> Model {
    let checked = melian_language::check(files);
    checked
        .model
        .unwrap_or_else(|| panic!("{:#?}", checked.diagnostics))
}

fn world(model: &Model, name: &str) -> World {
    let position = model
        .interventions
        .iter()
        .position(|intervention| intervention.name == name);
    let id = InterventionId(position.unwrap_or_else(|| panic!("no intervention {name}")) as u32);
    World {
        name: name.to_owned(),
        interventions: vec![id],
        follows: None,
    }
}

fn ensemble(model: &Model, interventions: &[&str]) -> Ensemble {
    ensemble_of(model, interventions, &SIZE)
}

fn ensemble_of(model: &Model, interventions: &[&str], size: &Size) -> Ensemble {
    let others = interventions.iter().map(|name| world(model, name));
    let worlds: Vec<World> = std::iter::once(World::baseline()).chain(others).collect();
    ensemble_in(model, &worlds, size)
}

fn ensemble_in(model: &Model, worlds: &[World], size: &Size) -> Ensemble {
    let program = compile(model, worlds).expect("the model compiles");
    run(&program, size, 0, &|_, _| true).expect("the model runs")
}

/// Values of a measure or question in all futures of a world, base units: replications of a draw lie together.
fn values<'e>(ensemble: &'e Ensemble, world: usize, name: &str) -> &'e Column {
    let position = ensemble
        .layout
        .measures
        .iter()
        .position(|output| output.name == name);
    &ensemble.measures[world][position.unwrap_or_else(|| panic!("no measure {name}"))]
}

/// Mean of a measure or question over all futures of a world, in the unit in which it is shown.
fn mean(model: &Model, ensemble: &Ensemble, world: usize, name: &str) -> f64 {
    let declaration = name.split('[').next().expect("a name has a beginning");
    let id = model.named(declaration).expect("it is declared");
    let values = values(ensemble, world, name);
    values.iter().sum::<f64>() / values.len() as f64 / model.quantity(id).unit.scale
}

#[test]
fn every_shipped_model_is_sound() {
    for name in [
        "lanchester",
        "richardson",
        "dialogue",
        "birth_death",
        "vietnam_rok",
        "july_1914",
        "gambit",
    ] {
        let folder = Folder::open(&folder(name)).expect("a model folder");
        let checked = melian_language::check(&folder);
        assert!(
            checked.diagnostics.is_empty(),
            "{name}: {:#?}",
            checked.diagnostics
        );
        let model = checked.model.expect("it is sound");
        let stale = melian_analysis::anchor::stale(&model).expect("it expands");
        assert!(
            stale.is_none(),
            "{name}: run `melian anchor models/{name}`: {stale:#?}"
        );
    }
}

#[derive(serde::Deserialize)]
struct Couplings {
    coupling: Vec<Coupling>,
}

/// A row of `couplings.toml`.
#[derive(serde::Deserialize)]
struct Coupling {
    from: String,
    to: String,
    intervention: String,
    measure: String,
    sign: f64,
    least: f64,
    /// Through what.
    why: String,
}

#[test]
fn no_coupling_of_the_gambit_is_cut() {
    let files = texts("gambit");
    let table: Couplings = toml::from_str(&files["couplings.toml"]).expect("a table of couplings");
    let model = checked(&files);
    let mut worlds: Vec<&str> = table
        .coupling
        .iter()
        .map(|row| row.intervention.as_str())
        .collect();
    worlds.sort_unstable();
    worlds.dedup();
    let ensemble = ensemble(&model, &worlds);
    let cut: Vec<String> = table
        .coupling
        .iter()
        .filter_map(|row| {
            let index = 1 + worlds.iter().position(|name| *name == row.intervention)?;
            let effect =
                mean(&model, &ensemble, index, &row.measure) - mean(&model, &ensemble, 0, &row.measure);
            (effect * row.sign < row.least).then(|| {
                format!(
                    "{} to {}: {} changes {} by {effect}",
                    row.from, row.to, row.intervention, row.measure
                )
            })
        })
        .collect();
    assert!(cut.is_empty(), "{cut:#?}");
}

#[test]
fn every_mechanism_of_the_gambit_acts_on_two_others_or_twice() {
    let files = texts("gambit");
    let table: Couplings = toml::from_str(&files["couplings.toml"]).expect("a table of couplings");
    for mechanism in MECHANISMS {
        assert!(files.contains_key(&format!("{mechanism}.mel")));
        let outgoing = table
            .coupling
            .iter()
            .filter(|row| row.from == mechanism && row.to != mechanism);
        assert!(outgoing.count() >= 2, "{mechanism}");
    }
}

/// Headline answers and how far a finer step or a closer cadence may move them: two standard errors of a mean over these futures, since
/// luck is drawn anew at other steps, and the error of a week's step.
const HEADLINES: [(&str, Bound); 6] = [
    ("salient_below_100_by_2025_06_29", Bound::Points(0.04)),
    ("rok_lethal_aid_by_2025_10_26", Bound::Points(0.04)),
    ("southern_gain", Bound::Share(0.08)),
    ("russian_losses", Bound::Share(0.02)),
    ("dprk_losses", Bound::Share(0.08)),
    ("salient_in_january", Bound::Share(0.10)),
];

enum Bound {
    Points(f64),
    Share(f64),
}

fn assert_headlines_agree(changed: &BTreeMap<String, String>) {
    let (model, other) = (checked(&texts("gambit")), checked(changed));
    let (before, after) = (ensemble(&model, &["no_troops"]), ensemble(&other, &["no_troops"]));
    for (name, bound) in HEADLINES {
        let (was, is) = (mean(&model, &before, 0, name), mean(&other, &after, 0, name));
        let most = match bound {
            Bound::Points(points) => points,
            Bound::Share(share) => share * was,
        };
        assert!((is - was).abs() < most, "{name}: {was} became {is}");
    }
    let effect = |model: &Model, ensemble: &Ensemble| {
        (mean(model, ensemble, 1, "southern_gain") - mean(model, ensemble, 0, "southern_gain"))
            / mean(model, ensemble, 0, "southern_gain")
    };
    let (was, is) = (effect(&model, &before), effect(&other, &after));
    assert!(
        (is - was).abs() < 0.03,
        "effect of the deployment on the south: {was} became {is}"
    );
}

#[test]
fn halving_the_step_leaves_the_headlines() {
    let mut files = texts("gambit");
    let text = files.get_mut("gambit.mel").expect("the main file");
    *text = text
        .replace("time weekly from", "time every 84 hour from")
        .replace("const step : week = 1 week", "const step : week = 84 hour");
    assert_eq!(
        text.matches("84 hour").count(),
        2,
        "time and step are both halved"
    );
    assert_headlines_agree(&files);
}

#[test]
fn halving_the_cadence_of_choices_leaves_the_headlines() {
    let mut files = texts("gambit");
    let mut halved = 0;
    for text in files.values_mut() {
        halved += text.matches(" every 4 weeks").count();
        *text = text.replace(" every 4 weeks", " every 2 weeks");
    }
    assert_eq!(halved, 14, "all choices are asked twice as often");
    assert_headlines_agree(&files);
}
