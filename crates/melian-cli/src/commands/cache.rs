//! `melian cache`.

use std::time::{Duration, SystemTime};

use clap::Subcommand;
use melian_data::cache::{CACHE_BYTES, Cache, Entry, Kind};

use super::asked::bytes;
use crate::Outcome;
use crate::failure::Failure;
use crate::terminal;

/// Lists what is kept of earlier runs, or removes it: answers, which a repeated run takes, and parts of runs that were not finished
#[derive(clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    what: Option<What>,
}

#[derive(Subcommand)]
enum What {
    /// Removes the oldest entries until what is left is small enough. Parts of a run that is under way stay
    Trim(Trim),
}

#[derive(clap::Args)]
struct Trim {
    /// Leaves so much at most, such as 500MB [default: 2GB, as every run does]
    #[arg(long, value_name = "SIZE", value_parser = bytes)]
    size: Option<u64>,
    /// Removes what was not used for so long, such as 12h or 30d
    #[arg(long, value_name = "AGE", value_parser = age)]
    older: Option<Duration>,
    /// Removes every entry
    #[arg(long, conflicts_with_all = ["size", "older"])]
    all: bool,
}

/// Lists or trims.
pub fn run(arguments: &Arguments) -> Outcome {
    let cache = Cache::of_user().ok_or_else(|| {
        Failure::world("there is no folder for a cache").hint("name one: `MELIAN_CACHE=FOLDER`")
    })?;
    match &arguments.what {
        None => list(&cache),
        Some(What::Trim(trim)) => {
            let most = match trim.size {
                _ if trim.all => 0,
                Some(bytes) => bytes,
                // Age alone asks for nothing else.
                None if trim.older.is_some() => u64::MAX,
                None => CACHE_BYTES,
            };
            let since = trim.older.and_then(|age| SystemTime::now().checked_sub(age));
            let removed = cache.trim(most, since)?;
            let freed = removed.iter().map(|entry| entry.bytes).sum();
            let of = match removed.len() {
                0 => "nothing".to_owned(),
                1 => "1 entry".to_owned(),
                many => format!("{many} entries"),
            };
            terminal::print(&format!("removed {of}, {}\n", size(freed)))?;
            Ok(())
        }
    }
}

fn list(cache: &Cache) -> Outcome {
    let entries = cache.entries()?;
    let all = entries.iter().map(|entry| entry.bytes).sum();
    let many = match entries.len() {
        0 => "nothing".to_owned(),
        1 => "1 entry".to_owned(),
        many => format!("{many} entries"),
    };
    let mut text = format!(
        "{many}, {} of {}, in {}\n",
        size(all),
        size(CACHE_BYTES),
        cache.folder().display()
    );
    for entry in &entries {
        text.push_str(&line(entry));
    }
    terminal::print(&text)?;
    Ok(())
}

fn line(entry: &Entry) -> String {
    let kind = match entry.kind {
        Kind::Answer => "answer",
        Kind::Unfinished => "unfinished",
        Kind::Running => "under way",
    };
    let ago = SystemTime::now().duration_since(entry.used).unwrap_or_default();
    format!(
        "  {kind:<10}  {:>7}  {:>6} ago  {}\n",
        size(entry.bytes),
        told(ago),
        entry.about
    )
}

/// Returns a number of bytes in words, to two or three digits.
fn size(bytes: u64) -> String {
    let bytes = bytes as f64;
    let (number, unit) = match bytes {
        ..1e3 => (bytes, "B"),
        ..1e6 => (bytes / 1e3, "kB"),
        ..1e9 => (bytes / 1e6, "MB"),
        _ => (bytes / 1e9, "GB"),
    };
    if number < 10.0 && bytes >= 1e3 {
        format!("{number:.1} {unit}")
    } else {
        format!("{number:.0} {unit}")
    }
}

const AGES: [(&str, u64); 4] = [("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)];

/// Returns a time in its largest unit.
fn told(age: Duration) -> String {
    let seconds = age.as_secs();
    let (unit, of) = AGES.iter().find(|(_, of)| seconds >= *of).unwrap_or(&AGES[3]);
    format!("{} {unit}", seconds / of)
}

fn age(text: &str) -> Result<Duration, String> {
    let unit = AGES.iter().find(|(unit, _)| text.trim().ends_with(unit));
    let read = unit.and_then(|(unit, of)| {
        let number: u64 = text.trim().strip_suffix(unit)?.trim().parse().ok()?;
        Some(Duration::from_secs(number.checked_mul(*of)?))
    });
    read.ok_or_else(|| "a number with a unit: 30d, 12h, 45min, 10s".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_ages_are_told_in_their_largest_unit() {
        assert_eq!(
            [0, 999, 1_500, 44_000_000, 2_000_000_000].map(size),
            ["0 B", "999 B", "1.5 kB", "44 MB", "2.0 GB"]
        );
        assert_eq!(
            [0, 59, 61, 7_300, 200_000].map(|s| told(Duration::from_secs(s))),
            ["0 s", "59 s", "1 min", "2 h", "2 d"]
        );
    }

    #[test]
    fn ages_have_a_unit() {
        assert_eq!(age("30d"), Ok(Duration::from_secs(2_592_000)));
        assert_eq!(age("45 min"), Ok(Duration::from_secs(2_700)));
        for text in ["", "30", "d", "-1d", "1.5h", "99999999999999999999d"] {
            assert!(age(text).is_err(), "{text}");
        }
    }
}
