//! Every future of a run on disk, as Parquet: what DuckDB, Polars and pandas read.
//!
//! `trajectories.parquet` has a row for each step of each future in each world: series, choices and events. `futures.parquet` has a row for each
//! future in each world: measures and questions, which have no time. Rows are ordered by draw, replication and step, within groups that hold some draws of
//! one world; the same run writes the same bytes.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fs, io};

use arrow_array::types::Int32Type;
use arrow_array::{
    Array, ArrayRef, Date32Array, DictionaryArray, Float64Array, Int32Array, PrimitiveArray, StringArray,
};
use arrow_schema::{DataType, Field, Schema};
use melian_engine::ensemble::{Ensemble, Futures, Sink, Size};
use melian_engine::layout::Output;
use melian_engine::program::OutputKind;
use melian_language::model::{Clock, Model, QuantityKind};
use parquet::arrow::ArrowSchemaConverter;
use parquet::arrow::arrow_writer::{
    ArrowColumnChunk, ArrowColumnWriter, ArrowRowGroupWriterFactory, compute_leaves,
};
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::SerializedFileWriter;
use rayon::prelude::*;
use tempfile::NamedTempFile;

use crate::error::{Error, words};
use crate::write::{sweep, temporary};

/// The name of the file with a row for each step.
pub const STEPS: &str = "trajectories.parquet";

/// The name of the file with a row for each future.
pub const FUTURES: &str = "futures.parquet";

/// Futures of a world that a group of rows of the second file holds, about.
const FUTURES_OF_GROUP: usize = 1 << 17;

/// Takes the futures of a run and writes them into a folder.
///
/// Both files have temporary names until they are whole, and are removed if they do not become so.
pub struct Trajectories {
    folder: PathBuf,
    columns: Vec<Column>,
    worlds: Vec<String>,
    clock: Clock,
    replications: u32,
    steps: Table,
    futures: Table,
    measures: Vec<Column>,
    failed: Option<Error>,
}

/// A column: how it is named and what is in it.
struct Column {
    field: Arc<Field>,
    content: Content,
}

enum Content {
    Draw,
    Replication,
    World,
    Step,
    Date,
    /// Position among the series; how many base units the unit is.
    Series(usize, f64),
    /// Position among the choices; the options.
    Choice(usize, ArrayRef),
    Event(usize),
    /// Position among the measures and questions; how many base units the unit is.
    Measure(usize, f64),
}

impl Trajectories {
    /// Begins to write the futures of a run; `about` says of the files what run it is.
    ///
    /// # Errors
    /// The folder cannot be written, or a quantity has the name of a column.
    pub fn begin(
        folder: &Path,
        model: &Model,
        layout: &melian_engine::layout::Layout,
        size: &Size,
        about: &[(&str, String)],
    ) -> Result<Trajectories, Error> {
        let number = |output: &Output| {
            let unit = &model.quantity(output.quantity).unit;
            (
                described(model, output, DataType::Float64, &unit.text),
                unit.scale,
            )
        };
        let mut columns = vec![
            plain("draw", DataType::Int32, Content::Draw),
            plain("replication", DataType::Int32, Content::Replication),
            plain("world", words_of(), Content::World),
        ];
        let mut measures = vec![
            plain("draw", DataType::Int32, Content::Draw),
            plain("replication", DataType::Int32, Content::Replication),
            plain("world", words_of(), Content::World),
        ];
        columns.push(plain("step", DataType::Int32, Content::Step));
        columns.push(plain("date", DataType::Date32, Content::Date));
        for (i, output) in layout.series.iter().enumerate() {
            let (field, scale) = number(output);
            columns.push(Column {
                field,
                content: Content::Series(i, scale),
            });
        }
        for (i, (output, _)) in layout.choices.iter().enumerate() {
            columns.push(Column {
                field: described(model, output, words_of(), ""),
                content: Content::Choice(i, options(model, output)),
            });
        }
        for (i, output) in layout.events.iter().enumerate() {
            columns.push(Column {
                field: described(model, output, DataType::Int32, ""),
                content: Content::Event(i),
            });
        }
        for (i, output) in layout.measures.iter().enumerate() {
            let (field, scale) = number(output);
            measures.push(Column {
                field,
                content: Content::Measure(i, scale),
            });
        }
        for columns in [&columns, &measures] {
            if let Some(name) = twice(columns) {
                return Err(Error::Unwritable {
                    path: folder.to_owned(),
                    why: format!("two columns would be named `{name}`; rename the quantity"),
                });
            }
        }
        fs::create_dir_all(folder).map_err(|error| Error::unwritable(folder, &error))?;
        sweep(folder);
        Ok(Trajectories {
            steps: Table::begin(folder, STEPS, &columns, about)?,
            futures: Table::begin(folder, FUTURES, &measures, about)?,
            folder: folder.to_owned(),
            columns,
            measures,
            worlds: layout.worlds.clone(),
            clock: model.clock,
            replications: size.replications,
            failed: None,
        })
    }

    /// Returns why futures could not be written, if that ended the run.
    pub fn failure(&mut self) -> Option<Error> {
        self.failed.take()
    }

    /// Writes what the run gave for each future, and gives both files their names.
    ///
    /// # Errors
    /// They cannot be written; then neither is there.
    pub fn finish(mut self, ensemble: &Ensemble) -> Result<(), Error> {
        let draws = (FUTURES_OF_GROUP / self.replications as usize).max(1);
        let all = ensemble.size.draws as usize;
        for first in (0..all).step_by(draws) {
            let draws = first as u32..(first + draws).min(all) as u32;
            let columns = &self.measures;
            let array = |column: usize, world: usize| {
                let rows = Rows {
                    draws: draws.clone(),
                    replications: self.replications,
                    steps: 1,
                };
                match columns[column].content {
                    Content::Measure(measure, scale) => {
                        let before = draws.start as usize * self.replications as usize;
                        let column = ensemble.measures[world][measure].iter();
                        let values: Vec<f64> = column.skip(before).take(rows.count()).copied().collect();
                        numbers(&values, scale)
                    }
                    ref content => rows.address(content, world, &self.worlds, self.clock),
                }
            };
            for world in 0..self.worlds.len() {
                self.futures.write(columns, |column| [array(column, world)])?;
            }
        }
        let steps = self.steps.finish()?;
        let futures = self.futures.finish()?;
        // The two belong together: an older pair goes before either is replaced, so that no mixed pair can be read.
        let target = self.folder.join(STEPS);
        match fs::remove_file(&target) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(Error::unwritable(&target, &error));
            }
            _ => {}
        }
        futures.persist()?;
        steps.persist()
    }
}

impl Sink for Trajectories {
    fn take(&mut self, futures: &[Futures<'_>]) -> bool {
        for world in 0..self.worlds.len() {
            let columns = &self.columns;
            let written = self.steps.write(columns, |column| {
                let content = &columns[column].content;
                let worlds = &self.worlds;
                let clock = self.clock;
                futures.iter().map(move |futures| {
                    let rows = Rows {
                        draws: futures.draws.clone(),
                        replications: futures.replications,
                        steps: clock.steps,
                    };
                    match content {
                        Content::Series(series, scale) => {
                            numbers(futures.values(OutputKind::Series, world, *series), *scale)
                        }
                        Content::Choice(choice, options) => {
                            named(futures.values(OutputKind::Choice, world, *choice), options)
                        }
                        Content::Event(event) => counts(futures.values(OutputKind::Event, world, *event)),
                        content => rows.address(content, world, worlds, clock),
                    }
                })
            });
            if let Err(error) = written {
                self.failed = Some(error);
                return false;
            }
        }
        true
    }
}

/// A Parquet file that has no name yet.
struct Table {
    path: PathBuf,
    /// Shared with the writer, which does not give it back.
    file: NamedTempFile,
    writer: SerializedFileWriter<io::BufWriter<fs::File>>,
    factory: ArrowRowGroupWriterFactory,
    groups: usize,
}

impl Table {
    fn begin(
        folder: &Path,
        name: &str,
        columns: &[Column],
        about: &[(&str, String)],
    ) -> Result<Table, Error> {
        let path = folder.join(name);
        let unwritable = |error: &io::Error| Error::unwritable(&path, error);
        if path.is_dir() {
            return Err(unwritable(&io::ErrorKind::IsADirectory.into()));
        }
        let file = temporary(folder).map_err(|error| unwritable(&error))?;
        let other = file.as_file().try_clone().map_err(|error| unwritable(&error))?;
        let wrong = |error| wrong(&path, &error);
        let schema = Arc::new(Schema::new(
            columns
                .iter()
                .map(|column| column.field.clone())
                .collect::<Vec<_>>(),
        ));
        let pairs = about
            .iter()
            .map(|(key, value)| KeyValue::new(format!("melian.{key}"), value.clone()));
        let mut properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            // Those of a group of rows are what readers skip it by; those of pages are many, and save little.
            .set_statistics_enabled(EnabledStatistics::Chunk)
            .set_offset_index_disabled(true)
            .set_created_by(format!("melian {}", env!("CARGO_PKG_VERSION")))
            .set_key_value_metadata(Some(pairs.collect()));
        for column in columns {
            // Doubles hardly repeat: looking for those that do takes longer than writing them.
            if *column.field.data_type() == DataType::Float64 {
                properties =
                    properties.set_column_dictionary_enabled(vec![column.field.name().clone()].into(), false);
            }
        }
        let mut properties = properties.build();
        parquet::arrow::add_encoded_arrow_schema_to_metadata(&schema, &mut properties);
        let root = ArrowSchemaConverter::new()
            .convert(&schema)
            .map_err(wrong)?
            .root_schema_ptr();
        let buffered = io::BufWriter::with_capacity(1 << 20, other);
        let writer = SerializedFileWriter::new(buffered, root, properties.into()).map_err(wrong)?;
        Ok(Table {
            factory: ArrowRowGroupWriterFactory::new(&writer, schema),
            path,
            file,
            writer,
            groups: 0,
        })
    }

    /// Writes a group of rows. Columns are encoded by all threads, some at a time, so that memory does not hang on their number.
    fn write<A: IntoIterator<Item = ArrayRef>>(
        &mut self,
        columns: &[Column],
        arrays: impl Fn(usize) -> A + Sync,
    ) -> Result<(), Error> {
        let wrong = |error| wrong(&self.path, &error);
        let encode =
            |(column, mut writer): (usize, ArrowColumnWriter)| -> Result<ArrowColumnChunk, ParquetError> {
                for array in arrays(column) {
                    for leaf in compute_leaves(&columns[column].field, &array)? {
                        writer.write(&leaf)?;
                    }
                }
                writer.close()
            };
        let writers = self.factory.create_column_writers(self.groups).map_err(wrong)?;
        let mut waiting = writers.into_iter().enumerate();
        let mut group = self.writer.next_row_group().map_err(wrong)?;
        loop {
            let some: Vec<_> = waiting.by_ref().take(4 * rayon::current_num_threads()).collect();
            if some.is_empty() {
                break;
            }
            let encoded: Result<Vec<_>, _> = some.into_par_iter().map(encode).collect();
            for chunk in encoded.map_err(wrong)? {
                chunk.append_to_row_group(&mut group).map_err(wrong)?;
            }
        }
        group.close().map_err(wrong)?;
        self.groups += 1;
        Ok(())
    }

    /// Writes the end of the file, down to the disk.
    fn finish(self) -> Result<Whole, Error> {
        let Table {
            path, file, writer, ..
        } = self;
        let mut buffered = writer.into_inner().map_err(|error| wrong(&path, &error))?;
        let synced = buffered.flush().and_then(|()| file.as_file().sync_all());
        synced.map_err(|error| Error::unwritable(&path, &error))?;
        Ok(Whole { path, file })
    }
}

/// A file that is whole and only lacks its name.
struct Whole {
    path: PathBuf,
    file: NamedTempFile,
}

impl Whole {
    fn persist(self) -> Result<(), Error> {
        let named = self.file.persist(&self.path);
        named.map_err(|error| Error::unwritable(&self.path, &error.error))?;
        Ok(())
    }
}

/// Some futures, a row for each of so many steps.
struct Rows {
    draws: std::ops::Range<u32>,
    replications: u32,
    steps: u32,
}

impl Rows {
    fn count(&self) -> usize {
        self.draws.len() * self.replications as usize * self.steps as usize
    }

    /// Returns a column that says which future and step a row is of.
    fn address(&self, content: &Content, world: usize, worlds: &[String], clock: Clock) -> ArrayRef {
        let steps = self.steps as usize;
        let of_draw = self.replications as usize * steps;
        let futures = self.draws.len() * self.replications as usize;
        match content {
            Content::Draw => {
                let draws = self
                    .draws
                    .clone()
                    .flat_map(|draw| std::iter::repeat_n(draw as i32, of_draw));
                Arc::new(Int32Array::from_iter_values(draws))
            }
            Content::Replication => {
                let of_draw = (0..self.replications).flat_map(|r| std::iter::repeat_n(r as i32, steps));
                let all = self.draws.clone().flat_map(|_| of_draw.clone());
                Arc::new(Int32Array::from_iter_values(all))
            }
            Content::Step => {
                let all = (0..futures).flat_map(|_| 0..self.steps as i32);
                Arc::new(Int32Array::from_iter_values(all))
            }
            Content::Date => {
                let days: Vec<i32> = (0..self.steps).map(|step| last_day(clock, step)).collect();
                let all = (0..futures).flat_map(|_| days.iter().copied());
                Arc::new(Date32Array::from_iter_values(all))
            }
            Content::World => {
                let names = StringArray::from_iter_values(worlds);
                let keys = Int32Array::from_value(world as i32, self.count());
                Arc::new(DictionaryArray::<Int32Type>::new(keys, Arc::new(names)))
            }
            _ => unreachable!("what futures did is no address"),
        }
    }
}

/// Returns the last day of a step, as days since 1970-01-01: a step that ends within a day has that day as its last, as on the page.
fn last_day(clock: Clock, step: u32) -> i32 {
    let days = (f64::from(step + 1) * clock.step_days).ceil() as i32;
    clock.start_day.saturating_add(days) - 1
}

/// Returns numbers in their unit. What is not finite is null, so that a mean is one of the rest, as in the report.
fn numbers(values: &[f64], scale: f64) -> ArrayRef {
    let array: Float64Array = if values.iter().all(|value| value.is_finite()) {
        values
            .iter()
            .map(|value| value / scale)
            .collect::<Vec<f64>>()
            .into()
    } else {
        let finite = |value: &f64| value.is_finite().then_some(value / scale);
        values.iter().map(finite).collect()
    };
    Arc::new(array)
}

/// Returns whole numbers.
fn counts(values: &[f64]) -> ArrayRef {
    let whole = |value: &f64| value.is_finite().then_some(*value as i32);
    Arc::new(values.iter().map(whole).collect::<PrimitiveArray<Int32Type>>())
}

/// Returns options by name.
fn named(values: &[f64], options: &ArrayRef) -> ArrayRef {
    let within = |value: &f64| (*value >= 0.0 && *value < options.len() as f64).then_some(*value as i32);
    let keys: Int32Array = values.iter().map(within).collect();
    Arc::new(DictionaryArray::<Int32Type>::new(keys, options.clone()))
}

fn options(model: &Model, output: &Output) -> ArrayRef {
    let names: Vec<&str> = match &model.quantity(output.quantity).kind {
        QuantityKind::Choice(choice) => choice.options.iter().map(|option| option.name.as_str()).collect(),
        _ => unreachable!("an output of the choices is a choice"),
    };
    Arc::new(StringArray::from(names))
}

fn words_of() -> DataType {
    DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))
}

fn plain(name: &str, kind: DataType, content: Content) -> Column {
    Column {
        field: Arc::new(Field::new(name, kind, false)),
        content,
    }
}

/// Returns a field with the unit, if it has one, and the title.
fn described(model: &Model, output: &Output, kind: DataType, unit: &str) -> Arc<Field> {
    let title = model.quantity(output.quantity).title.iter().cloned();
    // Plain numbers have the unit `1`, which says nothing.
    let unit = Some(unit.to_owned()).filter(|unit| !matches!(unit.as_str(), "" | "1"));
    let metadata = title
        .map(|title| ("title".to_owned(), title))
        .chain(unit.map(|unit| ("unit".to_owned(), unit)));
    Arc::new(
        Field::new(&output.name, kind, true)
            .with_metadata(metadata.collect::<std::collections::HashMap<_, _>>()),
    )
}

fn twice(columns: &[Column]) -> Option<&str> {
    let mut names: Vec<&str> = columns
        .iter()
        .map(|column| column.field.name().as_str())
        .collect();
    names.sort_unstable();
    names
        .windows(2)
        .find(|pair| pair[0] == pair[1])
        .map(|pair| pair[0])
}

/// Says what went wrong: with a file, mostly.
fn wrong(path: &Path, error: &ParquetError) -> Error {
    let of_file = match error {
        ParquetError::External(error) => error.downcast_ref::<io::Error>(),
        _ => None,
    };
    Error::Unwritable {
        path: path.to_owned(),
        why: of_file.map_or_else(|| error.to_string(), words),
    }
}
