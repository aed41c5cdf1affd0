//! Every future on disk is the future that replays alone, and the files are whole or not there.

#![cfg(feature = "trajectories")]

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Float64Type, Int32Type};
use arrow_array::{Array, RecordBatch};
use melian_data::Error;
use melian_data::trajectories::{FUTURES, STEPS, Trajectories};
use melian_engine::ensemble::{Ensemble, MEMORY, RunError, Size, replay, run, run_into};
use melian_engine::program::Program;
use melian_engine::{World, compile};
use melian_language::model::{InterventionId, Model};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

/// Something of every kind of output; `ratio` is no number where `level` is zero.
const MODEL: &str = r#"melian 0.1
model tried "Tried"
time weekly from 2024-01-01 for 7 weeks
unit person
unit regiment = 1_000 person
index Side { north, south }

param strength[Side] ~ normal(1_000 person, 100 person)
noise luck[Side] ~ normal(1, 0.2)
stock force[s: Side] : person = strength[s]
flow losses[s: Side] : person/week from force[s] = 0.1 * force[s] * luck[s] / (1 week)
event storm at rate 0.3 / (1 week)
choice stance by north every 2 weeks
  options { wait, strike }
  start wait
  utility {
    wait: 0
    strike: 0.1
  }
  precision 1
let level = if occurred(storm) then 0 else 1
series men[s: Side] : regiment = force[s] "Men under arms"
series ratio = level / level
series even = 2
measure left : regiment = force[north] at 2024-02-18 "What is left"
question stormy = occurred(storm)
intervention calm "No storm" { storm = never }
"#;

const SIZE: Size = Size {
    draws: 21,
    replications: 3,
    seed: 7,
};

fn checked(text: &str) -> Model {
    let files = BTreeMap::from([("tried.mel".to_owned(), text.to_owned())]);
    let checked = melian_language::check(&files);
    checked
        .model
        .unwrap_or_else(|| panic!("{:#?}", checked.diagnostics))
}

/// The baseline and the intervention.
fn compiled(model: &Model) -> Program {
    let under = World::under(model, InterventionId(0));
    compile(model, &[World::baseline(), under]).expect("it compiles")
}

fn write(folder: &Path, model: &Model, threads: usize) -> Ensemble {
    let program = compiled(model);
    let about = [("seed", SIZE.seed.to_string())];
    let mut trajectories = Trajectories::begin(folder, model, &program.layout, &SIZE, &about)
        .expect("the folder can be written");
    let ensemble =
        run_into(&mut trajectories, &program, &SIZE, threads, MEMORY, &|_, _| true).expect("it runs");
    trajectories.finish(&ensemble).expect("the files are written");
    ensemble
}

fn read(path: &Path) -> Vec<RecordBatch> {
    let file = File::open(path).expect("it is there");
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).expect("it is Parquet");
    let batches = reader.build().expect("it can be read");
    batches.map(|batch| batch.expect("it can be read")).collect()
}

fn column<'b>(batch: &'b RecordBatch, name: &str) -> &'b dyn Array {
    batch
        .column_by_name(name)
        .unwrap_or_else(|| panic!("no column {name}"))
}

fn integer(batch: &RecordBatch, name: &str, row: usize) -> i32 {
    column(batch, name).as_primitive::<Int32Type>().value(row)
}

fn number(batch: &RecordBatch, name: &str, row: usize) -> Option<f64> {
    let column = column(batch, name).as_primitive::<Float64Type>();
    column.is_valid(row).then(|| column.value(row))
}

fn word<'b>(batch: &'b RecordBatch, name: &str, row: usize) -> &'b str {
    let words = column(batch, name).as_dictionary::<Int32Type>();
    let key = words.keys().value(row) as usize;
    words.values().as_string::<i32>().value(key)
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    let mut names: Vec<String> = entries
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    names.sort();
    names
}

#[test]
fn every_row_is_a_step_of_the_future_that_replays_alone() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let model = checked(MODEL);
    let program = compiled(&model);
    write(folder.path(), &model, 2);
    let mut expect = Vec::new();
    for (world, name) in ["baseline", "calm"].into_iter().enumerate() {
        for draw in 0..SIZE.draws {
            for replication in 0..SIZE.replications {
                let alone = replay(&program, &SIZE, draw, replication).expect("there is such a future");
                for step in 0..7 {
                    expect.push((world, name, draw as i32, replication as i32, step, alone.clone()));
                }
            }
        }
    }
    let mut expect = expect.into_iter();
    let mut nulls = 0;
    for batch in read(&folder.path().join(STEPS)) {
        for row in 0..batch.num_rows() {
            let (world, name, draw, replication, step, alone) = expect.next().expect("no row more");
            assert_eq!(word(&batch, "world", row), name);
            assert_eq!(integer(&batch, "draw", row), draw);
            assert_eq!(integer(&batch, "replication", row), replication);
            assert_eq!(integer(&batch, "step", row), step as i32);
            // 2024-01-07 is the last day of the first week.
            let date = column(&batch, "date").as_primitive::<Date32Type>().value(row);
            assert_eq!(date, 19_729 + 7 * step as i32);
            let series: Vec<f64> = alone.series[world].iter().map(|values| values[step]).collect();
            assert_eq!(number(&batch, "men[north]", row), Some(series[0] / 1000.0));
            assert_eq!(number(&batch, "men[south]", row), Some(series[1] / 1000.0));
            assert_eq!(
                number(&batch, "ratio", row),
                Some(series[2]).filter(|ratio| ratio.is_finite())
            );
            assert_eq!(number(&batch, "even", row), Some(2.0));
            nulls += usize::from(series[2].is_nan());
            let options = ["wait", "strike"];
            assert_eq!(
                word(&batch, "stance", row),
                options[alone.choices[world][0][step] as usize]
            );
            assert_eq!(integer(&batch, "storm", row), alone.events[world][0][step] as i32);
        }
    }
    assert_eq!(expect.count(), 0, "no row less");
    assert!(nulls > 0, "some ratios are no number");
}

#[test]
fn every_future_has_a_row_of_its_measures_and_questions() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let model = checked(MODEL);
    let ensemble = write(folder.path(), &model, 1);
    let mut rows = 0;
    for batch in read(&folder.path().join(FUTURES)) {
        for row in 0..batch.num_rows() {
            let world = ["baseline", "calm"]
                .iter()
                .position(|name| *name == word(&batch, "world", row))
                .expect("a world");
            let future = (integer(&batch, "draw", row) * 3 + integer(&batch, "replication", row)) as usize;
            assert_eq!(world * 63 + future, rows, "rows are in order");
            let measures = &ensemble.measures[world];
            assert_eq!(number(&batch, "left", row), Some(measures[0][future] / 1000.0));
            assert_eq!(number(&batch, "stormy", row), Some(measures[1][future]));
            rows += 1;
        }
    }
    assert_eq!(rows, 2 * 63);
}

#[test]
fn columns_say_their_unit_and_title_and_files_what_run_they_are_of() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    write(folder.path(), &checked(MODEL), 1);
    let file = File::open(folder.path().join(STEPS)).expect("it is there");
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).expect("it is Parquet");
    let men = reader.schema().field_with_name("men[south]").expect("a column");
    assert_eq!(men.metadata()["unit"], "regiment");
    assert_eq!(men.metadata()["title"], "Men under arms");
    let pairs = reader
        .metadata()
        .file_metadata()
        .key_value_metadata()
        .expect("pairs");
    let seed = pairs
        .iter()
        .find(|pair| pair.key == "melian.seed")
        .expect("the seed");
    assert_eq!(seed.value.as_deref(), Some("7"));
}

#[test]
fn the_same_run_writes_the_same_bytes_on_any_number_of_threads() {
    let model = checked(MODEL);
    let bytes = [1, 2, 5].map(|threads| {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let ensemble = write(folder.path(), &model, threads);
        let alone = run(&compiled(&model), &SIZE, 1, &|_, _| true).expect("it runs");
        assert_eq!(
            format!("{:?}", ensemble.measures),
            format!("{:?}", alone.measures)
        );
        [STEPS, FUTURES].map(|name| std::fs::read(folder.path().join(name)).expect("it is there"))
    });
    assert!(bytes[0] == bytes[1] && bytes[0] == bytes[2]);
}

#[test]
fn a_run_that_does_not_end_leaves_what_was_there() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let model = checked(MODEL);
    let program = compiled(&model);
    write(folder.path(), &model, 1);
    let before = std::fs::read(folder.path().join(STEPS)).expect("it is there");
    let other = Size { seed: 8, ..SIZE };
    let mut trajectories =
        Trajectories::begin(folder.path(), &model, &program.layout, &other, &[]).expect("it can be written");
    let stopped = run_into(&mut trajectories, &program, &other, 1, MEMORY, &|_, _| false);
    assert_eq!(stopped.err(), Some(RunError::Interrupted));
    assert!(trajectories.failure().is_none());
    drop(trajectories);
    assert_eq!(names(folder.path()), [FUTURES, STEPS]);
    assert!(std::fs::read(folder.path().join(STEPS)).expect("it is there") == before);
}

#[test]
fn what_cannot_be_written_is_said_before_anything_runs() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let begin = |model: &Model, path: &Path| -> Error {
        let program = compiled(model);
        let begun = Trajectories::begin(path, model, &program.layout, &SIZE, &[]);
        begun.err().expect("it cannot be written")
    };
    std::fs::write(folder.path().join("file"), "mine").expect("a file");
    let error = begin(&checked(MODEL), &folder.path().join("file"));
    assert!(
        error.to_string().ends_with("a file is where a folder should be"),
        "{error}"
    );
    let clash = MODEL.replace("series even", "series world");
    let error = begin(&checked(&clash), folder.path());
    assert!(
        error
            .to_string()
            .ends_with("two columns would be named `world`; rename the quantity"),
        "{error}"
    );
    assert_eq!(names(folder.path()), ["file"]);
}
