//! Runs that die, disks that are full, files that are damaged, processes at once: never a wrong number, never a lost finished part, always a message.

#![cfg(unix)]

mod session;

use std::collections::BTreeSet;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use session::{Said, Session, answers};

/// Long enough to die in, by steps rather than by futures, so that its parts are small.
const LONG: &str = r#"melian 0.1

model long "A long model"
time daily from 2020-01-01 for 400 days

param drift ~ normal(0, 0.1) "Drift"
noise luck ~ normal(0, 1) "Luck"
let level = previous(level, 0) * 0.99 + drift + luck
let worst = min(previous(worst, 0), level)
event fall when level < -20

measure lowest = worst at 2021-01-01
question fell = occurred(fall)
series level_then = level
"#;

const SIZE: &[&str] = &["run", "long", "--draws", "4000", "--reps", "20"];

/// A session with the long model.
struct Place {
    session: Session,
}

impl Place {
    fn new() -> Place {
        let session = Session::new();
        session.write("long/long.mel", LONG.as_bytes());
        Place { session }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.session.path(name)
    }

    fn start(&self, more: &[&str]) -> Child {
        (self.session.command(&[SIZE, more].concat()))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the command starts")
    }

    fn run(&self, more: &[&str]) -> Said {
        self.session.melian(&[SIZE, more].concat())
    }

    /// Runs behind commands of a shell that limit what the run may have.
    fn limited(&self, limits: &str, more: &[&str]) -> Said {
        let script = format!("{limits}; exec \"$0\" \"$@\"");
        let output = (self.session.program("sh"))
            .args(["-c", &script, env!("CARGO_BIN_EXE_melian")])
            .args([SIZE, more].concat())
            .output();
        Said::of(output.expect("a shell"))
    }

    /// Files that end so, anywhere in the cache.
    fn kept(&self, ending: &str) -> Vec<PathBuf> {
        let (mut found, mut folders) = (Vec::new(), vec![self.path("cache")]);
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                let path = entry.path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.to_string_lossy().ends_with(ending) {
                    found.push(path);
                }
            }
        }
        found.sort();
        found
    }

    /// The draws of which there are parts.
    fn finished(&self) -> BTreeSet<u32> {
        let draws = |path: &PathBuf| {
            let name = path.file_stem()?.to_str()?.to_owned();
            let (first, end) = name.split_once('-')?;
            Some(first.parse().ok()?..end.parse().ok()?)
        };
        self.kept(".part").iter().filter_map(draws).flatten().collect()
    }

    /// Ends a run by force as soon as it has kept some draws.
    fn die_with(&self, draws: usize, more: &[&str]) {
        let mut child = self.start(more);
        let started = Instant::now();
        while self.finished().len() < draws {
            assert!(started.elapsed() < Duration::from_secs(60), "no part was kept");
            assert!(
                child.try_wait().expect("it can be asked").is_none(),
                "it ended too early"
            );
            std::thread::sleep(Duration::from_millis(5));
        }
        child.kill().expect("it can be killed");
        child.wait().expect("it ends");
    }
}

/// Answers of a run that nothing disturbs.
fn undisturbed() -> serde_json::Value {
    let place = Place::new();
    answers(&place.run(&["--json", "--no-cache"]).expect(0, &[]).out)
}

/// Luck for tests.
///
/// # Source
/// Steele, G. L., Lea, D. and Flood, C. H. (2014), "Fast splittable pseudorandom number generators", OOPSLA: SplitMix64.
struct Luck(u64);

impl Luck {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % end
    }
}

#[test]
fn killed_a_hundred_times_a_run_loses_no_finished_part_and_ends_with_the_same_answers() {
    let place = Place::new();
    let mut luck = Luck(1);
    let mut finished = BTreeSet::new();
    let (mut killed, mut furthest) = (0, 0);
    while killed < 100 {
        let mut child = place.start(&["--json", "--no-cache", "--resume"]);
        std::thread::sleep(Duration::from_millis(luck.below(400)));
        child.kill().expect("it can be killed");
        let output = child.wait_with_output().expect("it ends");
        if output.status.signal() == Some(9) {
            killed += 1;
        } else {
            // It was faster than its end; the next begins anew.
            Said::of(output).expect(0, &[]);
            finished.clear();
        }
        let now = place.finished();
        assert!(
            now.is_superset(&finished),
            "kill {killed}: {} draws, then {}",
            finished.len(),
            now.len()
        );
        finished = now;
        furthest = furthest.max(finished.len());
    }
    assert!(furthest > 64, "the run came somewhere: {furthest}");
    let said = place.run(&["--json", "--no-cache", "--resume"]).expect(0, &[]);
    assert_eq!(answers(&said.out), undisturbed());
    assert_eq!(place.kept(".part"), Vec::<PathBuf>::new());
    let abandoned = place
        .kept("")
        .into_iter()
        .filter(|path| path.to_string_lossy().contains("runs"));
    assert_eq!(abandoned.collect::<Vec<_>>(), Vec::<PathBuf>::new());
}

#[test]
fn resume_says_what_there_is_to_go_on_from() {
    let place = Place::new();
    place.die_with(64, &["--resume"]);
    place
        .session
        .melian(&["cache"])
        .expect(0, &["unfinished", "long, 4000 draws of 20, seed 1"]);
    place
        .run(&["--resume"])
        .expect(0, &["an earlier run has done ", "goes on from there"]);
    place
        .run(&["--resume", "--no-cache"])
        .expect(0, &["there is nothing to go on from"]);
}

#[test]
fn a_killed_shard_goes_on_too() {
    let place = Place::new();
    let shard = |number: &str| place.run(&["--resume", "--shard", number, "--parts", "shards"]);
    place.die_with(64, &["--resume", "--shard", "1/2", "--parts", "shards"]);
    assert!(!place.path("shards").exists());
    shard("1/2").expect(0, &["an earlier run has done ", "Shard  "]);
    shard("2/2").expect(0, &["there is nothing to go on from", "Shard  "]);
    assert_eq!(place.kept(".part"), Vec::<PathBuf>::new());
    let merge = [
        "merge", "long", "--draws", "4000", "--reps", "20", "--parts", "shards", "--json",
    ];
    let merged = answers(&place.session.melian(&merge).expect(0, &[]).out);
    assert_eq!(merged, undisturbed());
}

/// Every way in which a file is harmed here: cut off, a bit turned over, or as a power cut leaves what the disk had not been told to keep: a name without content, or zeros from
/// one of its blocks on.
fn harmed(bytes: &[u8], luck: &mut Luck) -> Vec<Vec<u8>> {
    const BLOCK: u64 = 4096;
    let mut at = || luck.below(bytes.len() as u64) as usize;
    let cut = bytes[..at()].to_vec();
    let flips = [at(), at()];
    let mut harmed = vec![cut, Vec::new()];
    for flip in flips {
        let mut flipped = bytes.to_vec();
        flipped[flip] ^= 1 << luck.below(8);
        harmed.push(flipped);
    }
    let block = luck.below((bytes.len() as u64).div_ceil(BLOCK)) * BLOCK;
    let mut zeros = bytes.to_vec();
    zeros[block as usize..].fill(0);
    harmed.push(zeros);
    harmed
}

#[test]
fn a_damaged_part_is_named_and_run_again() {
    let expect = undisturbed();
    let mut luck = Luck(2);
    let place = Place::new();
    place.die_with(128, &["--resume"]);
    let parts = place.kept(".part");
    let saved: Vec<(PathBuf, Vec<u8>)> = (parts.iter())
        .map(|path| (path.clone(), std::fs::read(path).expect("a part")))
        .collect();
    for bytes in harmed(&saved[0].1, &mut luck) {
        for (path, bytes) in &saved {
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            std::fs::write(path, bytes).expect("it can be written");
        }
        std::fs::write(&saved[0].0, bytes).expect("it can be harmed");
        let said = place
            .run(&["--json", "--no-cache", "--resume"])
            .expect(0, &["is not used: it is "]);
        assert_eq!(answers(&said.out), expect);
    }
}

#[test]
fn a_damaged_shard_is_refused_by_name() {
    let mut luck = Luck(3);
    let place = Place::new();
    for number in ["1/2", "2/2"] {
        place
            .run(&["--shard", number, "--parts", "shards"])
            .expect(0, &[]);
    }
    let path = place.path("shards/shard-2-of-2.part");
    let bytes = std::fs::read(&path).expect("a shard");
    for damaged in harmed(&bytes, &mut luck) {
        std::fs::write(&path, damaged).expect("it can be harmed");
        let merge = [
            "merge", "long", "--draws", "4000", "--reps", "20", "--parts", "shards",
        ];
        place
            .session
            .melian(&merge)
            .expect(3, &["shard-2-of-2.part` cannot be merged: it is "]);
    }
}

#[test]
fn a_repeated_run_is_answered_from_the_cache_and_a_damaged_answer_is_not() {
    let place = Place::new();
    // Longer than what is run again rather than kept, on any machine.
    let run = |more: &[&str]| {
        let long = ["run", "long", "--draws", "16000", "--reps", "20"];
        place.session.melian(&[&long, more].concat())
    };
    let from_cache = "answered from the cache: the same run was made on ";
    let first = run(&["--json"]).expect(0, &[]);
    assert!(!first.err.contains(from_cache));
    let expect = answers(&first.out);
    assert_eq!(
        answers(&run(&["--json"]).expect(0, &[from_cache, "--no-cache"]).out),
        expect
    );
    let again = run(&["--json", "--no-cache"]).expect(0, &[]);
    assert!(!again.err.contains(from_cache));
    assert_eq!(answers(&again.out), expect);

    // Another luck or another text is another run; the page shows the text, comments too.
    assert!(!run(&["--seed", "2"]).expect(0, &[]).err.contains(from_cache));
    std::fs::write(place.path("long/long.mel"), format!("{LONG}// Mine.\n")).expect("a file");
    assert!(!run(&["--json"]).expect(0, &[]).err.contains(from_cache));
    std::fs::write(place.path("long/long.mel"), LONG).expect("a file");
    run(&[]).expect(0, &[from_cache]);
    place.session.melian(&["cache"]).expect(
        0,
        &[
            "4 entries",
            "answer",
            "long, 16000 draws of 20, seed 2",
            "the last run of `long`",
        ],
    );

    let mut luck = Luck(4);
    let mut damage_was_met = false;
    for path in place.kept(".answer") {
        let bytes = std::fs::read(&path).expect("an answer");
        for damaged in harmed(&bytes, &mut luck) {
            std::fs::write(&path, damaged).expect("it can be harmed");
            let said = run(&["--json"]).expect(0, &[]);
            assert_eq!(answers(&said.out), expect);
            let told = said.err.split_whitespace().collect::<Vec<_>>().join(" ");
            let is_made_again = told.contains("the run is made again");
            assert_eq!(is_made_again, !told.contains(from_cache.trim()), "{told}");
            damage_was_met |= told.contains("is damaged:")
                && told.contains("; what changed since the last run is not known");
        }
    }
    assert!(damage_was_met, "what the last run answered lies there too");
    place
        .session
        .melian(&["cache", "trim", "--size", "2GB"])
        .expect(0, &["removed nothing"]);
    place
        .session
        .melian(&["cache", "trim", "--older", "1d"])
        .expect(0, &["removed nothing"]);
    place
        .session
        .melian(&["cache", "trim", "--all"])
        .expect(0, &["removed 4 entries"]);
    place
        .session
        .melian(&["cache"])
        .expect(0, &["nothing, 0 B of 2.0 GB"]);
    place
        .session
        .melian(&["cache", "trim", "--size", "much"])
        .expect(2, &["500MB"]);
}

#[test]
fn two_processes_at_once_do_not_harm_each_other() {
    let place = Place::new();
    let expect = undisturbed();
    for round in 0..3 {
        let children = [(); 3].map(|()| place.start(&["--json", "--resume", "--out", "page"]));
        let said = children.map(|child| Said::of(child.wait_with_output().expect("it ends")));
        let told: String = said.iter().map(|said| said.err.as_str()).collect();
        for said in said {
            assert_eq!(answers(&said.expect(0, &[]).out), expect, "round {round}");
        }
        assert!(
            told.contains("another process makes the same run") || told.contains("answered from the cache"),
            "{told}"
        );
        assert_eq!(place.kept(".part"), Vec::<PathBuf>::new());
        // The answer, and what the last run answered.
        assert_eq!(place.kept(".answer").len(), 2);
        place
            .session
            .melian(&["cache", "trim", "--all"])
            .expect(0, &["removed 2 entries"]);
    }
}

/// Runs a command where the cache is a disk of 40 kB; none where this user may not mount one.
fn with_small_disk(place: &Place, arguments: &[&str]) -> Option<Said> {
    let script = "mount -t tmpfs -o size=40k tmpfs cache 2>/dev/null || exit 99; exec \"$0\" \"$@\"";
    std::fs::create_dir_all(place.path("cache")).expect("a folder");
    let output = (place.session.program("unshare"))
        .args(["--user", "--map-root-user", "--mount", "sh", "-c", script])
        .arg(env!("CARGO_BIN_EXE_melian"))
        .args(arguments)
        .output()
        .ok()?;
    let said = Said::of(output);
    let may_not = said.code == Some(99) || said.err.starts_with("unshare:");
    (!may_not).then_some(said)
}

#[test]
fn a_full_disk_is_named_and_costs_no_answer() {
    let place = Place::new();
    let Some(said) = with_small_disk(&place, &[SIZE, &["--json", "--resume"]].concat()) else {
        eprintln!("skipped: no file system can be mounted here; the limit on files below stands for it");
        return;
    };
    let said = said.expect(
        0,
        &[
            "the run goes on, but could not be resumed if it died: ",
            "the answer is not kept in the cache: ",
            "the disk is full",
        ],
    );
    assert_eq!(answers(&said.out), undisturbed());
}

#[test]
fn a_shard_that_cannot_be_written_is_named_and_nothing_half_is_left() {
    let place = Place::new();
    let shard = ["--resume", "--shard", "1/2", "--parts", "shards"];
    // No file may have more than eight blocks, and no signal tells of it.
    let said = place.limited("trap '' XFSZ; ulimit -f 8", &shard);
    said.expect(
        3,
        &[
            "could not be resumed if it died: ",
            "cannot write `shards/shard-1-of-2.part`",
        ],
    );
    assert_eq!(place.session.names("shards"), [""; 0]);
    assert_eq!(place.kept(".part"), Vec::<PathBuf>::new());
    place.run(&shard).expect(0, &["Shard  "]);
}

#[test]
fn a_run_without_memory_left_says_so_and_loses_no_finished_part() {
    let place = Place::new();
    place.die_with(64, &["--resume"]);
    let mut finished = place.finished();
    // From what the program cannot even start with to what is enough: it ends at another place each time.
    let mut said_why = 0;
    for kilobytes in (12_000..1_000_000).step_by(4_000) {
        let limits = format!("ulimit -v {kilobytes}");
        let said = place.limited(&limits, &["--json", "--no-cache", "--resume"]);
        if said.code == Some(0) {
            assert_eq!(answers(&said.out), undisturbed());
            break;
        }
        said_why += usize::from(said.err.contains("memory"));
        let now = place.finished();
        assert!(now.is_superset(&finished), "{kilobytes} kB: a part is lost");
        finished = now;
    }
    assert!(said_why > 1, "memory ran out while it ran");
    assert_eq!(place.kept(".part"), Vec::<PathBuf>::new(), "it ended at last");
}

#[test]
fn a_run_that_does_not_fit_is_refused_with_the_largest_that_does() {
    let place = Place::new();
    let capped = |size: &str| {
        let mut arguments = vec!["run", "long", "--memory", "150MB", "--threads", "1"];
        arguments.extend(size.split(' '));
        place.session.command(&arguments)
    };
    let refused = |size: &str| {
        let said = Said::of(capped(size).output().expect("it runs"));
        said.expect(3, &["and may take 150 MB"]).err
    };
    let said = refused("--draws 60000 --reps 20000");
    let (_, rest) = said
        .split_once("the largest that fits: `--draws ")
        .expect("it is named");
    let (draws, _) = rest.split_once(" --reps 20000`").expect("with its replications");
    let more = draws.parse::<u32>().expect("a number") + 1;
    refused(&format!("--draws {more} --reps 20000"));
    // That it fits is known at once; that it can be run to its end takes too long here.
    let mut child = capped(&format!("--draws {draws} --reps 20000"))
        .spawn()
        .expect("it starts");
    std::thread::sleep(Duration::from_millis(1_000));
    assert!(
        child.try_wait().expect("it can be asked").is_none(),
        "it is at work"
    );
    child.kill().expect("it can be killed");
    child.wait().expect("it ends");
    let said = refused("--draws 60000 --reps 600 --shard 1/2");
    assert!(said.contains("smaller shards: `--shard 1/"), "{said}");
}
