//! Runs made of parts: long runs that survive their end, and runs divided over machines.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

use melian_analysis::words::percent;
use melian_data::cache::Cache;
use melian_data::{Claim, Parts};
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

/// What is lost at most of a run that was asked to be resumable, however short (by judgement too).
const OF_SHORT_PART: Duration = Duration::from_secs(1);

/// Draws of a part are a multiple of this, so that blocks are full.
const TOGETHER: u32 = 64;

/// Parts larger than this are not put together: to write one takes as much memory twice over (by judgement).
const MOST_TOGETHER: u64 = 256_000_000;

/// A run that takes longer says so when it knows.
const WORTH_SAYING: Duration = Duration::from_secs(60);

/// How a run is made. No answer depends on it.
#[derive(Clone, Debug)]
pub struct Manner {
    /// Threads; 0 for one per core.
    pub threads: usize,
    /// Bytes that it may take.
    pub memory: u64,
    /// Whether it shows no progress.
    pub quiet: bool,
    /// Whether it keeps its parts even if it is short, and says what there was to go on from.
    pub resume: bool,
    /// The run in words, for those who look into the cache.
    pub about: String,
}

/// Runs all futures. A long run writes finished parts down as it goes; the same run, started again, begins where they end.
pub fn simulate(program: &Program, size: &Size, manner: &Manner) -> Result<Ensemble, Failure> {
    ensemble::check(program, size, manner.threads, manner.memory).map_err(run_failed)?;
    let whole = run_draws(program, size, 0..size.draws, "", manner)?;
    Ok(whole.into_ensemble(program))
}

/// Runs some draws; parts of a long run are kept under the run's identity and what tells its share from others.
fn run_draws(
    program: &Program,
    size: &Size,
    draws: Range<u32>,
    share: &str,
    manner: &Manner,
) -> Result<Part, Failure> {
    let progress = Progress::start(manner.quiet);
    let told = |done: u64, all: u64| {
        progress.at(done, all);
        !interrupt::pressed()
    };
    let futures = draws.len() as u64 * u64::from(size.replications);
    let is_long = program.step.len() as u64 * u64::from(program.steps()) * futures > LONG;
    let cache = Cache::of_user().filter(|_| is_long || manner.resume);
    let found = match cache {
        None => ensemble::run_part(program, size, draws, manner.threads, manner.memory, &told),
        Some(cache) => {
            let identity = ensemble::identity(program, size).to_string();
            let parts = cache.parts(&format!("{}{share}", &identity[..32]));
            let run = InParts {
                program,
                size,
                manner,
                parts: &parts,
                length: if is_long { OF_PART } else { OF_SHORT_PART },
                told: &told,
                warn: &|text| progress.say(text),
                note: &|text| progress.note(text),
            };
            run.run(draws).map(|(part, claim)| {
                if let Some(claim) = claim {
                    finished().push((parts, claim));
                }
                part
            })
        }
    };
    progress.finish();
    found.map_err(run_failed)
}

/// Parts of runs that this process has finished: they stay until what they were for is written.
static FINISHED: Mutex<Vec<(Parts, Claim)>> = Mutex::new(Vec::new());

fn finished() -> MutexGuard<'static, Vec<(Parts, Claim)>> {
    FINISHED.lock().expect("nobody panics with it")
}

/// Removes the parts of what this process has finished. To be called when a command has done what was asked.
pub fn clear_finished() {
    for (parts, _claim) in finished().drain(..) {
        parts.clear();
    }
}

/// A run in parts of about such a length, each of which is kept.
struct InParts<'a> {
    program: &'a Program,
    size: &'a Size,
    manner: &'a Manner,
    parts: &'a Parts,
    length: Duration,
    told: &'a (dyn Fn(u64, u64) -> bool + Sync),
    warn: &'a dyn Fn(&str),
    note: &'a dyn Fn(&str),
}

/// Parts that an earlier run has kept, by their draws: of those that begin alike the longest first.
type Known = BTreeMap<(u32, Reverse<u32>), PathBuf>;

impl InParts<'_> {
    /// Runs what is not there yet; returns all with the right to remove what was kept.
    fn run(&self, draws: Range<u32>) -> Result<(Part, Option<Claim>), RunError> {
        let mut keeper = Keeper {
            run: self,
            claim: self.claim(),
            is_amiss: false,
            since: 0,
            whole: 0,
        };
        let mut known = self.known(&draws);
        self.say_what_is_done(&known, &draws);
        let mut whole: Option<Part> = None;
        let mut at_once = TOGETHER;
        let mut has_said = false;
        while whole.as_ref().is_none_or(|whole| whole.draws.end < draws.end) {
            let from = whole.as_ref().map_or(draws.start, |whole| whole.draws.end);
            if let Some((part, bytes)) = self.read(&mut known, from) {
                keeper.since += bytes;
                join(&mut whole, part);
                continue;
            }
            let next = known.keys().next().map_or(draws.end, |(first, _)| *first);
            let to = from.saturating_add(at_once).min(next);
            let futures = |draws: u32| u64::from(draws) * u64::from(self.size.replications);
            let (before, all) = (futures(from - draws.start), futures(draws.len() as u32));
            let told = |done: u64, _: u64| (self.told)(before + done, all);
            let Manner { threads, memory, .. } = *self.manner;
            let started = Instant::now();
            let part = ensemble::run_part(self.program, self.size, from..to, threads, memory, &told)?;
            let took = started.elapsed();
            // The first part tells the pace badly: threads have to start.
            let left = took.mul_f64(f64::from(draws.end - to) / f64::from((to - from).max(1)));
            if !has_said && from > draws.start {
                has_said = true;
                if left > WORTH_SAYING {
                    let minutes = left.as_secs_f64() / 60.0;
                    (self.note)(&format!(
                        "about {minutes:.0} min left; if it ends before, the same command goes on"
                    ));
                }
            }
            at_once = draws_within(self.length, to - from, took);
            keeper.keep(&part);
            join(&mut whole, part);
            keeper.put_together(whole.as_ref().expect("a part is there"));
        }
        Ok((whole.expect("a part is there"), keeper.claim))
    }

    /// Takes the right to keep parts, or says why it has none. The run itself needs no disk.
    fn claim(&self) -> Option<Claim> {
        match self.parts.claim(&self.manner.about) {
            Ok(Some(claim)) => Some(claim),
            Ok(None) => {
                (self.warn)("another process makes the same run; this one keeps no parts");
                None
            }
            Err(error) => {
                (self.warn)(&format!(
                    "the run goes on, but could not be resumed if it died: {error}"
                ));
                None
            }
        }
    }

    /// Returns the parts that an earlier run has kept of some draws.
    fn known(&self, draws: &Range<u32>) -> Known {
        let mut known = Known::new();
        for path in self.parts.list().unwrap_or_default() {
            let name = path
                .file_stem()
                .and_then(|name| name.to_str())
                .unwrap_or_default();
            let ends = (name.split_once('-'))
                .and_then(|(first, end)| Some((first.parse::<u32>().ok()?, end.parse::<u32>().ok()?)));
            if let Some((first, end)) = ends
                && draws.start <= first
                && first < end
                && end <= draws.end
            {
                known.insert((first, Reverse(end)), path);
            }
        }
        known
    }

    fn say_what_is_done(&self, known: &Known, draws: &Range<u32>) {
        let (mut done, mut next) = (0, 0);
        for &(first, Reverse(end)) in known.keys().filter(|(first, _)| *first >= draws.start) {
            done += end.saturating_sub(first.max(next));
            next = next.max(end);
        }
        let share = percent(f64::from(done) / f64::from(draws.len().max(1) as u32));
        if done > 0 {
            (self.note)(&format!(
                "an earlier run has done {share} of this one, which goes on from there"
            ));
        } else if self.manner.resume {
            (self.note)("there is nothing to go on from; the run starts, and keeps what it finishes");
        }
    }

    /// Returns a part from some draw on that was kept, and its bytes; says which cannot be used. Those that begin before have been done since.
    fn read(&self, known: &mut Known, from: u32) -> Option<(Part, u64)> {
        while let Some(entry) = known.first_entry() {
            let &(first, Reverse(end)) = entry.key();
            if first > from {
                return None;
            }
            let path = entry.remove();
            if first < from {
                continue;
            }
            let read = Parts::read(&path).map_err(|error| error.to_string());
            let part = read.and_then(|bytes| {
                let part = Part::from_bytes(&bytes, self.program, self.size);
                Ok((part.map_err(|error| error.to_string())?, bytes.len() as u64))
            });
            match part {
                Ok((part, bytes)) if part.draws == (first..end) => return Some((part, bytes)),
                Ok(_) => (self.warn)(&format!("`{}` is not used: it has other draws", path.display())),
                Err(error) => (self.warn)(&format!("`{}` is not used: {error}", path.display())),
            }
        }
        None
    }
}

/// Writes parts down as they are finished.
struct Keeper<'a> {
    run: &'a InParts<'a>,
    claim: Option<Claim>,
    /// Whether it was said that something cannot be kept.
    is_amiss: bool,
    /// Bytes of parts since the last that has all before it, and bytes of that.
    since: u64,
    whole: u64,
}

impl Keeper<'_> {
    fn keep(&mut self, part: &Part) {
        self.since += self.write(part).unwrap_or(0);
    }

    /// Writes one part in place of all so far when those take more room: every part has its histograms, however few its draws. So at most twice as much is written and
    /// lies there as has to be.
    fn put_together(&mut self, whole: &Part) {
        if self.since <= self.whole || self.since + self.whole > MOST_TOGETHER {
            return;
        }
        let others = self.run.known(&whole.draws);
        if others.len() < 2 {
            return;
        }
        if let Some(bytes) = self.write(whole) {
            (self.whole, self.since) = (bytes, 0);
            // Only now, so that nothing is lost whenever the process ends.
            let own = (whole.draws.start, Reverse(whole.draws.end));
            for (_, path) in others.iter().filter(|(draws, _)| **draws != own) {
                let _ = std::fs::remove_file(path);
            }
        }
    }

    /// Returns how many bytes were written; none if that is not for this process, or cannot be done.
    fn write(&mut self, part: &Part) -> Option<u64> {
        self.claim.as_ref()?;
        let bytes = part.to_bytes(self.run.program);
        match self.run.parts.keep(&name(&part.draws), &bytes) {
            Ok(_) => Some(bytes.len() as u64),
            Err(error) => {
                // The next may find room again.
                if !std::mem::replace(&mut self.is_amiss, true) {
                    (self.run.warn)(&format!(
                        "the run goes on, but could not be resumed if it died: {error}"
                    ));
                }
                None
            }
        }
    }
}

fn join(whole: &mut Option<Part>, part: Part) {
    match whole {
        Some(whole) => whole.append(part),
        None => *whole = Some(part),
    }
}

fn name(draws: &Range<u32>) -> String {
    format!("{:05}-{:05}", draws.start, draws.end)
}

/// Returns how many draws a part of such a length has, at the pace of the last one, which it exceeds by no more than eight times.
fn draws_within(length: Duration, draws: u32, took: Duration) -> u32 {
    let pace = f64::from(draws) / took.as_secs_f64().max(1e-3);
    let fitting = (pace * length.as_secs_f64()).min(8.0 * f64::from(draws)) as u32;
    (fitting / TOGETHER * TOGETHER).max(TOGETHER)
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
        manner: &Manner,
        folder: &Path,
    ) -> Result<PathBuf, Failure> {
        let name = format!("shard-{}-of-{}", self.number, self.of);
        let draws = self.draws(size).len() as u32;
        let of_shard = Size { draws, ..*size };
        if let Err(error @ RunError::TooLarge { largest, .. }) =
            ensemble::check(program, &of_shard, manner.threads, manner.memory)
        {
            let failure = Failure::world(error.to_string());
            let fitting = largest.filter(|fitting| fitting.replications == size.replications);
            return Err(match fitting {
                Some(fitting) => {
                    let shards = size.draws.div_ceil(fitting.draws) + 1;
                    failure.hint(format!("take smaller shards: `--shard 1/{shards}`"))
                }
                None => failure.hint("take fewer replications: `--reps N`"),
            });
        }
        let part = run_draws(program, size, self.draws(size), &format!("-{name}"), manner)?;
        Ok(Parts::within(folder).keep(&name, &part.to_bytes(program))?)
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
    // Twice, so that no more than one is there beside the whole: first which draws they have, then all that they have.
    let read = |path: &Path| {
        Part::from_bytes(&Parts::read(path)?, program, size).map_err(|error| {
            Failure::world(format!("`{}` cannot be merged: {error}", path.display())).hint(
                "give `melian merge` the model, `--do`, `--draws`, `--reps` and `--seed` of the shards, or run it again",
            )
        })
    };
    let mut shards = Vec::new();
    for path in &paths {
        shards.push((path, read(path)?.draws));
    }
    shards.retain(|(_, draws)| !draws.is_empty());
    shards.sort_by_key(|(_, draws)| (draws.start, draws.end));
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
    let mut end = 0;
    for (position, (path, draws)) in shards.iter().enumerate() {
        if draws.start > end {
            return Err(missing(end, draws.start));
        }
        if draws.start < end {
            return Err(Failure::world(format!(
                "`{}` and `{}` both have draw {}",
                shards[position - 1].0.display(),
                path.display(),
                draws.start
            ))
            .hint("remove one of the two"));
        }
        end = draws.end;
    }
    if end < size.draws {
        return Err(missing(end, size.draws));
    }
    let mut whole = None;
    for (path, draws) in shards {
        let part = read(path)?;
        if part.draws != draws {
            let failure = Failure::world(format!("`{}` was changed meanwhile", path.display()));
            return Err(failure.hint("merge again when all shards are written"));
        }
        join(&mut whole, part);
    }
    Ok(whole.expect("every run has a draw").into_ensemble(program))
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

    fn expected() -> String {
        print(&ensemble::run(&program(), &SIZE, 1, &|_, _| true).expect("it runs"))
    }

    /// Runs until so many futures are done; returns what came of it and what was said.
    fn run_until(parts: &Parts, futures: u64) -> (Result<String, RunError>, String) {
        let said = std::cell::RefCell::new(String::new());
        let say = |text: &str| said.borrow_mut().push_str(&format!("{text}\n"));
        let manner = Manner {
            threads: 2,
            memory: ensemble::MEMORY,
            quiet: true,
            resume: true,
            about: "a test".to_owned(),
        };
        let program = program();
        let run = InParts {
            program: &program,
            size: &SIZE,
            manner: &manner,
            parts,
            // Parts of no length are the smallest.
            length: Duration::ZERO,
            told: &|done, _| done < futures,
            warn: &say,
            note: &say,
        };
        let found = run.run(0..SIZE.draws);
        let found = found.map(|(whole, _)| print(&whole.into_ensemble(&program)));
        (found, said.into_inner())
    }

    fn kept(parts: &Parts) -> Vec<String> {
        let paths = parts.list().expect("a folder");
        let name = |path: &PathBuf| path.file_stem().expect("a name").to_string_lossy().into_owned();
        paths.iter().map(name).collect()
    }

    #[test]
    fn an_interrupted_run_goes_on_and_ends_with_the_same_bits() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let parts = Parts::within(folder.path());
        let (stopped, said) = run_until(&parts, 700);
        assert_eq!(stopped.err(), Some(RunError::Interrupted));
        assert!(said.starts_with("there is nothing to go on from"), "{said}");
        // Of 64 draws of 3 each, the first two put together.
        assert_eq!(kept(&parts), ["00000-00128", "00128-00192"]);
        let (stopped, said) = run_until(&parts, 2_000);
        assert_eq!(stopped.err(), Some(RunError::Interrupted));
        assert!(
            said.starts_with("an earlier run has done 19% of this one"),
            "{said}"
        );
        let (whole, said) = run_until(&parts, u64::MAX);
        assert!(
            said.starts_with("an earlier run has done 64% of this one"),
            "{said}"
        );
        assert_eq!(whole.expect("it runs"), expected());
        // Until the answer is written, it could still be lost.
        let (again, said) = run_until(&parts, 0);
        assert!(
            said.starts_with("an earlier run has done 100% of this one"),
            "{said}"
        );
        assert_eq!(again.expect("nothing is left to run"), expected());
        parts.clear();
        assert!(!folder.path().exists());
    }

    #[test]
    fn a_process_that_ends_while_it_puts_parts_together_loses_none() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let parts = Parts::within(folder.path());
        assert!(run_until(&parts, 700).0.is_err());
        let whole = folder.path().join("00000-00128.part");
        let saved = std::fs::read(&whole).expect("a part");
        assert!(run_until(&parts, 2_000).0.is_err());
        // The larger was written, and the smaller were not all removed yet.
        std::fs::write(&whole, saved).expect("it can be written");
        let (found, said) = run_until(&parts, u64::MAX);
        assert!(
            said.starts_with("an earlier run has done 64% of this one"),
            "{said}"
        );
        assert_eq!(found.expect("it runs"), expected());
    }

    #[test]
    fn a_damaged_part_is_run_again() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let parts = Parts::within(folder.path());
        for damage in [0, 100, 5_000] {
            parts.clear();
            assert!(run_until(&parts, 1_500).0.is_err());
            let path = parts.list().expect("a folder").remove(0);
            let mut bytes = Parts::read(&path).expect("a part");
            if damage == 0 {
                bytes.truncate(bytes.len() / 2);
            } else {
                bytes[damage] ^= 4;
            }
            std::fs::write(&path, bytes).expect("it can be harmed");
            let (whole, said) = run_until(&parts, u64::MAX);
            assert!(said.contains("is not used: it is damaged"), "{said}");
            assert_eq!(whole.expect("it runs"), expected());
        }
    }

    #[test]
    fn a_run_that_cannot_keep_its_parts_goes_on() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = folder.path().join("file");
        std::fs::write(&file, "in the way").expect("a file");
        let (whole, said) = run_until(&Parts::within(&file), u64::MAX);
        assert_eq!(said.matches("could not be resumed").count(), 1, "{said}");
        assert_eq!(whole.expect("it runs"), expected());
    }

    #[test]
    fn two_processes_with_the_same_run_do_not_harm_each_other() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let parts = Parts::within(folder.path());
        assert!(run_until(&parts, 700).0.is_err());
        let before = kept(&parts);
        let claim = parts
            .claim("another process")
            .expect("a folder")
            .expect("it is free");
        let (whole, said) = run_until(&parts, u64::MAX);
        assert!(said.starts_with("another process makes the same run"), "{said}");
        assert!(said.contains("an earlier run has done 19%"), "{said}");
        assert_eq!(whole.expect("it runs"), expected());
        assert_eq!(kept(&parts), before);
        drop(claim);
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
