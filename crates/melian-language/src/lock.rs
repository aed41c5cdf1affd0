//! `anchors.lock`: where anchored parameters lie for the model to give the elicited probabilities, as text and as data.
//!
//! `melian anchor` writes it, checking a model reads it. It is TOML with a version; what is not exactly as it was written is refused with its
//! place, because a number that somebody guessed looks like one that was solved for.

use std::fmt::Write as _;

use serde::Deserialize;

use crate::diagnostic::Diagnostic;
use crate::files::Files;
use crate::model::FactScale;
use crate::source::{FileId, Sources, Span};

/// Name of the file in the model's folder.
pub const LOCK_FILE: &str = "anchors.lock";

/// Version of the file: raised when a field means something else.
const VERSION: i64 = 1;

/// What every message about the file says can be done.
const REMEDY: &str = "solve the anchors again, which writes it anew: `melian anchor` and the model's folder";

/// What was solved, together: each intercept acts on the others' events.
#[derive(Clone, Debug, PartialEq)]
pub struct Lock {
    /// Names all that the solution depends on: the equations and priors that the anchored questions rest on, and what was elicited.
    pub depends_on: String,
    /// Samples of all parameters with which it was solved.
    pub draws: u32,
    /// Samples of all noise under each draw.
    pub replications: u32,
    /// Which luck.
    pub seed: u64,
    /// One for each anchor.
    pub anchors: Vec<Solved>,
}

/// A parameter that was solved for.
#[derive(Clone, Debug, PartialEq)]
pub struct Solved {
    /// The parameter's name.
    pub parameter: String,
    /// The question's qualified name: `armed`, `armed[kyiv]`.
    pub question: String,
    /// The scale on which the parameter is split normal.
    pub scale: FactScale,
    /// 5% point, median and 95% point of what was elicited; probabilities, ascending.
    pub elicited: [f64; 3],
    /// The values of the parameter, base units, that give these probabilities: ascending, or descending.
    pub values: [f64; 3],
    /// The probabilities that the model gave at these values.
    pub reached: [f64; 3],
    /// Their Monte Carlo standard errors.
    pub errors: [f64; 3],
    /// Mean of what was elicited.
    pub mean: f64,
    /// The probability that the model gives with the solved distribution, and its Monte Carlo standard error: to be compared with the mean.
    pub run: (f64, f64),
}

impl Lock {
    /// Returns what was solved for a parameter and question.
    pub fn solved(&self, parameter: &str, question: &str) -> Option<&Solved> {
        self.anchors
            .iter()
            .find(|solved| solved.parameter == parameter && solved.question == question)
    }

    /// Returns the text of the file.
    pub fn to_text(&self) -> String {
        let mut text = format!(
            "# Written by `melian anchor`; do not edit. At `values` the parameter gives the elicited probabilities (low, central, high).\n\
             version = {VERSION}\ndepends_on = {:?}\ndraws = {}\nreplications = {}\nseed = {}\n",
            self.depends_on, self.draws, self.replications, self.seed
        );
        for solved in &self.anchors {
            let Solved {
                elicited,
                values,
                reached,
                errors,
                mean,
                run,
                ..
            } = solved;
            write!(
                text,
                "\n[[anchor]]\nparameter = {:?}\nquestion = {:?}\nscale = {:?}\nelicited = {elicited:?}\nvalues = {values:?}\n\
                 reached = {reached:?}\nerrors = {errors:?}\nmean = {mean:?}\nrun = {run:?}\nrun_error = {run_error:?}\n",
                solved.parameter,
                solved.question,
                word(solved.scale),
                run = run.0,
                run_error = run.1,
            )
            .expect("text grows");
        }
        text
    }
}

/// The files of a folder without its lock: for whoever is about to write it anew.
pub struct Unlocked<'a>(pub &'a dyn Files);

impl Files for Unlocked<'_> {
    fn models(&self) -> Vec<String> {
        self.0.models()
    }

    fn text(&self, name: &str) -> Result<String, String> {
        if name == LOCK_FILE {
            return Err(format!("`{LOCK_FILE}` is left aside"));
        }
        self.0.text(name)
    }

    fn has(&self, name: &str) -> bool {
        name != LOCK_FILE && self.0.has(name)
    }
}

#[derive(Deserialize)]
struct Versioned {
    version: toml::Spanned<i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Whole {
    #[serde(rename = "version")]
    _version: i64,
    depends_on: String,
    draws: u32,
    replications: u32,
    seed: u64,
    #[serde(default)]
    anchor: Vec<toml::Spanned<Entry>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    parameter: String,
    question: String,
    scale: String,
    elicited: [f64; 3],
    values: [f64; 3],
    reached: [f64; 3],
    errors: [f64; 3],
    mean: f64,
    run: f64,
    run_error: f64,
}

/// Reads the lock, if there is one.
pub(crate) fn read(
    files: &dyn Files,
    sources: &mut Sources,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Lock> {
    let text = match files.text(LOCK_FILE) {
        Ok(text) => text,
        Err(reason) if files.has(LOCK_FILE) => {
            diagnostics.push(
                Diagnostic::of_folder("E0805", format!("`{LOCK_FILE}` cannot be read: {reason}"))
                    .help(REMEDY),
            );
            return None;
        }
        Err(_) => return None,
    };
    let file = FileId(sources.files.len() as u32);
    let parsed = parse(&text, file);
    sources.files.push((LOCK_FILE.to_owned(), text));
    parsed
        .map_err(|(message, span)| {
            diagnostics.push(
                Diagnostic::error("E0805", format!("`{LOCK_FILE}` cannot be used: {message}"), span)
                    .help(REMEDY),
            );
        })
        .ok()
}

/// A lock that is not as it was written: what is wrong, and where.
type Wrong = (String, Span);

fn parse(text: &str, file: FileId) -> Result<Lock, Wrong> {
    let span = |range: std::ops::Range<usize>| Span {
        file,
        start: range.start as u32,
        end: range.end as u32,
    };
    let broken = |error: toml::de::Error| (error.message().to_owned(), span(error.span().unwrap_or(0..0)));
    let version = toml::from_str::<Versioned>(text).map_err(broken)?.version;
    if *version.get_ref() != VERSION {
        let message = format!(
            "it has version {}, and this melian knows version {VERSION}",
            version.get_ref()
        );
        return Err((message, span(version.span())));
    }
    let whole = toml::from_str::<Whole>(text).map_err(broken)?;
    let mut anchors: Vec<Solved> = Vec::new();
    for entry in whole.anchor {
        let place = span(entry.span());
        let solved = solved(entry.into_inner()).map_err(|message| (message, place))?;
        if anchors.iter().any(|other| other.parameter == solved.parameter) {
            return Err((format!("`{}` stands in it twice", solved.parameter), place));
        }
        anchors.push(solved);
    }
    Ok(Lock {
        depends_on: whole.depends_on,
        draws: whole.draws,
        replications: whole.replications,
        seed: whole.seed,
        anchors,
    })
}

fn solved(entry: Entry) -> Result<Solved, String> {
    let name = &entry.parameter;
    let scale = [FactScale::Natural, FactScale::Log, FactScale::Logit]
        .into_iter()
        .find(|scale| word(*scale) == entry.scale)
        .ok_or_else(|| format!("`{}` is no scale; a scale is natural, log or logit", entry.scale))?;
    let on_scale = |value: f64| match scale {
        FactScale::Natural => value.is_finite(),
        FactScale::Log => value.is_finite() && value > 0.0,
        FactScale::Logit => value > 0.0 && value < 1.0,
    };
    let [low, central, high] = entry.values;
    let in_order = (low <= central && central <= high) || (low >= central && central >= high);
    if !entry.values.into_iter().all(on_scale) || !in_order {
        return Err(format!(
            "the values of `{name}` are no points of a distribution on its scale"
        ));
    }
    let probability = |p: &f64| (0.0..=1.0).contains(p);
    let figures = entry
        .elicited
        .iter()
        .chain(&entry.reached)
        .chain([&entry.mean, &entry.run]);
    if !figures.into_iter().all(probability) || !entry.elicited.is_sorted() {
        return Err(format!(
            "a probability of `{name}` does not lie between 0 and 1, or they are out of order"
        ));
    }
    Ok(Solved {
        scale,
        elicited: entry.elicited,
        values: entry.values,
        reached: entry.reached,
        errors: entry.errors,
        mean: entry.mean,
        run: (entry.run, entry.run_error),
        parameter: entry.parameter,
        question: entry.question,
    })
}

fn word(scale: FactScale) -> &'static str {
    match scale {
        FactScale::Natural => "natural",
        FactScale::Log => "log",
        FactScale::Logit => "logit",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lock() -> Lock {
        Lock {
            depends_on: "0123".into(),
            draws: 1024,
            replications: 10,
            seed: (1 << 56) - 1,
            anchors: vec![Solved {
                parameter: "reserve".into(),
                question: "armed[kyiv]".into(),
                scale: FactScale::Log,
                elicited: [0.05, 0.1 + 0.2, 1.0 - 1e-9],
                values: [1e300, 1.0, 5e-324],
                reached: [0.0, 0.3, 1.0],
                errors: [1e-7, 0.1, 0.0],
                mean: 1.0 / 3.0,
                run: (0.25, 0.001),
            }],
        }
    }

    #[test]
    fn a_lock_that_is_written_and_read_is_the_same_to_the_bit() {
        assert_eq!(parse(&lock().to_text(), FileId(0)), Ok(lock()));
    }

    #[test]
    fn no_part_of_a_lock_is_taken_for_a_whole() {
        let text = lock().to_text();
        let whole = text.trim_end().len();
        for end in (0..whole).filter(|end| text.is_char_boundary(*end)) {
            if let Ok(part) = parse(&text[..end], FileId(0)) {
                // Cut between the entries, or in the digits of the last number, it is a lock of less; `check` says that it is not this model's.
                assert!(part != lock(), "cut at {end}");
            }
        }
    }

    #[test]
    fn what_is_not_as_it_was_written_is_refused_with_its_reason() {
        let text = lock().to_text();
        let wrong = |from: &str, to: &str| {
            assert!(text.contains(from), "{from}");
            parse(&text.replace(from, to), FileId(0)).expect_err(to).0
        };
        for (from, to, reason) in [
            (
                "version = 1",
                "version = 2",
                "it has version 2, and this melian knows version 1",
            ),
            ("version = 1", "", "missing field `version`"),
            (
                "\"log\"",
                "\"cubic\"",
                "`cubic` is no scale; a scale is natural, log or logit",
            ),
            (
                "[1e300, 1.0, 5e-324]",
                "[1e300, 1.0, 2.0]",
                "the values of `reserve` are no points",
            ),
            (
                "[1e300, 1.0, 5e-324]",
                "[nan, nan, nan]",
                "the values of `reserve` are no points",
            ),
            (
                "[1e300, 1.0, 5e-324]",
                "[inf, 1.0, 0.5]",
                "the values of `reserve` are no points",
            ),
            (
                "[1e300, 1.0, 5e-324]",
                "[1.0, 0.5, -0.5]",
                "the values of `reserve` are no points",
            ),
            ("[1e300, 1.0, 5e-324]", "[1.0, 0.5]", "invalid length 2"),
            (
                "run = 0.25",
                "run = 1.25",
                "a probability of `reserve` does not lie between 0 and 1",
            ),
            (
                "[0.05,",
                "[0.55,",
                "a probability of `reserve` does not lie between 0 and 1, or they are out of order",
            ),
            ("draws = 1024", "draws = -1", "invalid value"),
            ("seed = ", "rounds = 3\nseed = ", "unknown field `rounds`"),
        ] {
            let message = wrong(from, to);
            assert!(message.contains(reason), "{to}: {message}");
        }
        let twice = format!("{text}{}", &text[text.find("[[anchor]]").expect("an entry")..]);
        assert_eq!(
            parse(&twice, FileId(0)).expect_err("twice").0,
            "`reserve` stands in it twice"
        );
    }
}
