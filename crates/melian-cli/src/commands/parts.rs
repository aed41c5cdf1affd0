//! Runs made of parts: long runs that survive their end, and runs divided over machines.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use melian_analysis::words::percent;
use melian_data::Parts;
use melian_engine::ensemble::{self, Ensemble, Part, RunError, Size};
use melian_engine::program::Program;

use super::asked::run_failed;
use crate::failure::Failure;
use crate::interrupt;
use crate::terminal::progress::Progress;

/// Instructions on one future each beyond which finished parts are written down: about a quarter of a minute of work, which nobody minds doing again, while
/// writing takes a share of it. Chosen by measurement.
const LONG: u64 = 200_000_000_000;

/// What is lost at most when a run dies (a choice by judgement; a part takes a moment to write).
const OF_PART: Duration = Duration::from_secs(10);

/// Draws of a part are a multiple of this, so that blocks are full.
const TOGETHER: u32 = 64;

/// Runs all futures. A long run writes finished parts down as it goes; the same run, started again, begins where they end.
pub fn simulate(program: &Program, size: &Size, threads: usize, quiet: bool) -> Result<Ensemble, Failure> {
    let progress = Progress::start(quiet);
    let told = |done: u64, all: u64| {
        progress.at(done, all);
        !interrupt::pressed()
    };
    let work = program.step.len() as u64 * u64::from(program.steps()) * size.futures() as u64;
    let identity = ensemble::identity(program, size).to_string();
    let found = match Parts::of_run(&identity[..32]).filter(|_| work > LONG) {
        None => ensemble::run(program, size, threads, &told),
        Some(parts) => in_parts(program, size, threads, &parts, OF_PART, &told, &|text| {
            progress.say(text)
        }),
    };
    progress.finish();
    found.map_err(run_failed)
}

/// Runs all futures in parts of about such a length, each of which is kept until all are done.
fn in_parts(
    program: &Program,
    size: &Size,
    threads: usize,
    parts: &Parts,
    length: Duration,
    told: &(dyn Fn(u64, u64) -> bool + Sync),
    say: &dyn Fn(&str),
) -> Result<Ensemble, RunError> {
    ensemble::check(program, size, threads)?;
    let mut known = known(parts, size);
    let done: u32 = known.iter().map(|(first, (end, _))| end - first).sum();
    if done > 0 {
        let share = percent(f64::from(done) / f64::from(size.draws));
        say(&format!(
            "an earlier run has done {share} of this one, which goes on from there"
        ));
    }
    let mut whole: Option<Part> = None;
    let mut add = |part: Part| match &mut whole {
        Some(whole) => whole.append(part),
        None => whole = Some(part),
    };
    let mut keeps = true;
    let mut draws = first_part(size);
    let mut from = 0;
    while from < size.draws {
        if let Some((end, path)) = known.remove(&from) {
            let read = Parts::read(&path).map_err(|error| error.to_string());
            match read.and_then(|bytes| Part::from_bytes(&bytes, program, size).map_err(|e| e.to_string())) {
                Ok(part) if part.draws == (from..end) => {
                    add(part);
                    from = end;
                    continue;
                }
                Ok(_) => say(&format!("`{}` is not used: it has other draws", path.display())),
                Err(error) => say(&format!("`{}` is not used: {error}", path.display())),
            }
        }
        let next = known.keys().next().copied().unwrap_or(size.draws);
        let to = from.saturating_add(draws).min(next);
        let before = u64::from(from) * u64::from(size.replications);
        let of_all = |done: u64, _| told(before + done, size.futures() as u64);
        let started = Instant::now();
        let part = ensemble::run_part(program, size, from..to, threads, &of_all)?;
        draws = draws_within(length, to - from, started.elapsed());
        if keeps
            && to < size.draws
            && let Err(error) = parts.keep(&name(&part.draws), &part.to_bytes(program))
        {
            // The run itself needs no disk.
            say(&format!(
                "the run goes on, but could not be resumed if it died: {error}"
            ));
            keeps = false;
        }
        add(part);
        from = to;
    }
    parts.clear();
    Ok(whole.expect("the first part is there").into_ensemble(program))
}

fn name(draws: &Range<u32>) -> String {
    format!("{:05}-{:05}", draws.start, draws.end)
}

/// Enough draws to measure the pace by.
fn first_part(size: &Size) -> u32 {
    (size.draws / 32).next_multiple_of(TOGETHER).max(TOGETHER)
}

/// Returns how many draws a part of such a length has, at the pace of the last one.
fn draws_within(length: Duration, draws: u32, took: Duration) -> u32 {
    let pace = f64::from(draws) / took.as_secs_f64().max(1e-3);
    let fitting = (pace * length.as_secs_f64()).min(f64::from(Size::MOST_DRAWS)) as u32;
    (fitting / TOGETHER * TOGETHER).max(TOGETHER)
}

/// Returns the parts that an earlier run has kept, by the first of their draws: how far they go, and where they are. Of those that overlap, the first.
fn known(parts: &Parts, size: &Size) -> BTreeMap<u32, (u32, PathBuf)> {
    let mut known = BTreeMap::new();
    let mut next = 0;
    for path in parts.list().unwrap_or_default() {
        let name = path
            .file_stem()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        let draws = name
            .split_once('-')
            .and_then(|(first, end)| Some((first.parse::<u32>().ok()?, end.parse::<u32>().ok()?)));
        if let Some((first, end)) =
            draws.filter(|&(first, end)| next <= first && first < end && end <= size.draws)
        {
            next = end;
            known.insert(first, (end, path));
        }
    }
    known
}

/// A shard of a run: one of so many, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    number: u32,
    of: u32,
}

impl std::str::FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Shard, String> {
        let wrong = || "a number and of how many, such as 3/16".to_owned();
        let (number, of) = text.split_once('/').ok_or_else(wrong)?;
        let (number, of): (u32, u32) = (
            number.trim().parse().map_err(|_| wrong())?,
            of.trim().parse().map_err(|_| wrong())?,
        );
        if number == 0 || number > of || of > Size::MOST_DRAWS {
            return Err(format!("shards are numbered from 1/{of} to {of}/{of}"));
        }
        Ok(Shard { number, of })
    }
}

impl Shard {
    /// Cuts lie at multiples of a power of two where that makes shards differ by an eighth at most: then they hold fewer sums.
    fn draws(self, size: &Size) -> Range<u32> {
        let even = (size.draws / self.of / 8).max(1);
        let even = 1 << even.ilog2();
        let cut = |number: u32| {
            let exact = (u64::from(size.draws) * u64::from(number) / u64::from(self.of)) as u32;
            if number == self.of {
                exact
            } else {
                exact / even * even
            }
        };
        cut(self.number - 1)..cut(self.number)
    }

    /// Runs the shard and writes it into a folder; returns where.
    pub fn run(
        self,
        program: &Program,
        size: &Size,
        threads: usize,
        quiet: bool,
        folder: &Path,
    ) -> Result<PathBuf, Failure> {
        let progress = Progress::start(quiet);
        let told = |done: u64, all: u64| {
            progress.at(done, all);
            !interrupt::pressed()
        };
        let part = ensemble::run_part(program, size, self.draws(size), threads, &told);
        progress.finish();
        let bytes = part.map_err(run_failed)?.to_bytes(program);
        let name = format!("shard-{}-of-{}", self.number, self.of);
        Ok(Parts::within(folder).keep(&name, &bytes)?)
    }

    fn named(path: &Path) -> Option<Shard> {
        let name = path.file_stem()?.to_str()?.strip_prefix("shard-")?;
        name.replace("-of-", "/").parse().ok()
    }
}

/// Puts the shards in a folder together.
pub fn merge(folder: &Path, program: &Program, size: &Size) -> Result<Ensemble, Failure> {
    let paths = Parts::within(folder).list()?;
    if paths.is_empty() {
        return Err(
            Failure::world(format!("there is no shard in `{}`", folder.display()))
                .hint("write them there: `melian run MODEL --shard 1/4`, and so on"),
        );
    }
    let mut parts = Vec::new();
    for path in &paths {
        let read = Part::from_bytes(&Parts::read(path)?, program, size);
        let part = read.map_err(|error| {
            Failure::world(format!("`{}` cannot be merged: {error}", path.display())).hint(
                "give `melian merge` the model, `--do`, `--draws`, `--reps` and `--seed` of the shards, or run it again",
            )
        })?;
        parts.push((path, part));
    }
    parts.sort_by_key(|(_, part)| (part.draws.start, part.draws.end));
    parts.retain(|(_, part)| !part.draws.is_empty());
    let of = paths
        .iter()
        .find_map(|path| Shard::named(path))
        .map(|shard| shard.of);
    let missing = |from: u32, to: u32| {
        let failure = Failure::world(format!("draws {from} to {} are missing", to - 1));
        let shards = (1..=of.unwrap_or(0)).map(|number| Shard {
            number,
            of: of.unwrap_or(0),
        });
        let lacking: Vec<String> = shards
            .filter(|shard| {
                let draws = shard.draws(size);
                draws.start >= from && draws.end <= to && !draws.is_empty()
            })
            .map(|shard| format!("{}/{}", shard.number, shard.of))
            .collect();
        match lacking.is_empty() {
            true => failure,
            false => failure.hint(format!(
                "run the shard: `--shard {}`",
                lacking.join("`, `--shard ")
            )),
        }
    };
    let mut whole: Option<(&PathBuf, Part)> = None;
    for (path, part) in parts {
        let end = whole.as_ref().map_or(0, |(_, whole)| whole.draws.end);
        if part.draws.start > end {
            return Err(missing(end, part.draws.start));
        }
        match &mut whole {
            None => whole = Some((path, part)),
            Some((before, whole)) if part.draws.start == whole.draws.end => {
                whole.append(part);
                *before = path;
            }
            Some((before, _)) => {
                return Err(Failure::world(format!(
                    "`{}` and `{}` both have draw {}",
                    before.display(),
                    path.display(),
                    part.draws.start
                ))
                .hint("remove one of the two"));
            }
        }
    }
    match whole {
        Some((_, whole)) if whole.draws.end == size.draws => Ok(whole.into_ensemble(program)),
        whole => Err(missing(whole.map_or(0, |(_, whole)| whole.draws.end), size.draws)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: Size = Size {
        draws: 1_000,
        replications: 3,
        seed: 5,
    };

    fn program() -> Program {
        let mut shipped = melian_data::shipped().iter();
        let shipped = shipped
            .find(|model| model.name == "lanchester")
            .expect("it is shipped");
        let model = melian_language::check(shipped).model.expect("it is sound");
        melian_engine::compile(&model, &[melian_engine::World::baseline()]).expect("it compiles")
    }

    /// Everything that answers hang on, to the bit.
    fn print(ensemble: &Ensemble) -> String {
        format!(
            "{:?} {:?} {:?}",
            ensemble.measures, ensemble.series, ensemble.events
        )
    }

    /// Runs until so many futures are done.
    fn run_until(parts: &Parts, futures: u64) -> (Result<Ensemble, RunError>, String) {
        let said = std::cell::RefCell::new(String::new());
        let say = |text: &str| said.borrow_mut().push_str(text);
        let told = |done: u64, _| done < futures;
        // Parts of no length are the smallest.
        let found = in_parts(&program(), &SIZE, 2, parts, Duration::ZERO, &told, &say);
        (found, said.into_inner())
    }

    #[test]
    fn an_interrupted_run_goes_on_and_ends_with_the_same_bits() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let parts = Parts::within(folder.path());
        let expect = ensemble::run(&program(), &SIZE, 1, &|_, _| true).expect("it runs");
        let (stopped, _) = run_until(&parts, 700);
        assert_eq!(stopped.err(), Some(RunError::Interrupted));
        assert_eq!(parts.list().expect("a folder").len(), 3, "of 64 draws of 3 each");
        let (stopped, said) = run_until(&parts, 2_000);
        assert_eq!(stopped.err(), Some(RunError::Interrupted));
        assert!(
            said.starts_with("an earlier run has done 19% of this one"),
            "{said}"
        );
        let (whole, _) = run_until(&parts, u64::MAX);
        assert_eq!(print(&whole.expect("it runs")), print(&expect));
        assert_eq!(parts.list().expect("a folder"), Vec::<PathBuf>::new());
    }

    #[test]
    fn a_damaged_part_is_run_again() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let parts = Parts::within(folder.path());
        let expect = ensemble::run(&program(), &SIZE, 1, &|_, _| true).expect("it runs");
        for damage in [0, 100, 5_000] {
            assert!(run_until(&parts, 1_500).0.is_err());
            let paths = parts.list().expect("a folder");
            let mut bytes = Parts::read(&paths[1]).expect("a part");
            if damage == 0 {
                bytes.truncate(bytes.len() / 2);
            } else {
                bytes[damage] ^= 4;
            }
            std::fs::write(&paths[1], bytes).expect("it can be harmed");
            let (whole, said) = run_until(&parts, u64::MAX);
            assert!(said.contains("is not used: it is damaged"), "{said}");
            assert!(said.contains("has done 45% of"), "{said}");
            assert_eq!(paths.len(), 7);
            assert_eq!(print(&whole.expect("it runs")), print(&expect));
        }
    }

    #[test]
    fn a_run_that_cannot_keep_its_parts_goes_on() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = folder.path().join("file");
        std::fs::write(&file, "in the way").expect("a file");
        let (whole, said) = run_until(&Parts::within(&file), u64::MAX);
        assert_eq!(said.matches("could not be resumed").count(), 1, "{said}");
        let expect = ensemble::run(&program(), &SIZE, 1, &|_, _| true).expect("it runs");
        assert_eq!(print(&whole.expect("it runs")), print(&expect));
    }

    #[test]
    fn shards_take_every_draw_once() {
        for (draws, of) in [(1024, 16), (1000, 7), (5, 8), (1, 1)] {
            let size = Size {
                draws,
                replications: 1,
                seed: 0,
            };
            let mut next = 0;
            for number in 1..=of {
                let shard: Shard = format!("{number}/{of}").parse().expect("it is a shard");
                let taken = shard.draws(&size);
                assert_eq!(taken.start, next);
                next = taken.end;
            }
            assert_eq!(next, draws);
        }
    }

    #[test]
    fn what_is_no_shard_is_refused() {
        for text in ["", "1", "0/4", "5/4", "1/0", "a/b", "1/2/3", "-1/2", "1/70000"] {
            assert!(text.parse::<Shard>().is_err(), "{text}");
        }
    }
}
