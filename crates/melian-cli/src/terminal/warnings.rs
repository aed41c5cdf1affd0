//! What a run noticed about itself: the observation, the likely cause, the remedy.

use melian_analysis::words::short;
use melian_report::data::{ProblemInfo, Report};

use super::layout::wrap;
use super::style::{WARNING, paint};

/// Renders all warnings of a run.
pub fn render(report: &Report, width: usize) -> String {
    let mut text = String::new();
    for [observation, cause, remedy] in size(report)
        .into_iter()
        .chain(checks(report))
        .chain(problems(report))
    {
        text.push_str(&wrap(
            &format!("{}: {observation}", paint(WARNING, "warning")),
            width,
            "",
            "  ",
        ));
        text.push_str(&wrap(&format!("likely cause: {cause}"), width, "  ", "    "));
        text.push_str(&wrap(&format!("remedy: {remedy}"), width, "  ", "    "));
    }
    text
}

/// Renders something that is noticed on the way.
pub fn line(text: &str) -> String {
    format!("{}: {text}\n", paint(WARNING, "warning"))
}

type Warning = [String; 3];

/// Fewer draws than this leave a scramble empty.
const FEWEST_DRAWS: u32 = melian_engine::ensemble::SCRAMBLES as u32;

fn size(report: &Report) -> Vec<Warning> {
    let mut warnings = Vec::new();
    if report.run.draws < FEWEST_DRAWS {
        warnings.push([
            format!(
                "with {} draws there is hardly a Monte Carlo error, and verdicts mean little",
                report.run.draws
            ),
            format!("the error comes from {FEWEST_DRAWS} independent parts of the draws"),
            "`--draws 1024`".into(),
        ]);
    }
    if report.run.replications == 1 {
        warnings.push([
            "lack of knowledge cannot be told from luck".into(),
            "each draw has a single replication".into(),
            "`--reps 10`".into(),
        ]);
    }
    warnings
}

fn checks(report: &Report) -> Vec<Warning> {
    let failed = report.checks.iter().filter(|check| !check.passed);
    failed
        .map(|check| {
            let median = check.median.map_or_else(|| "not known".to_owned(), short);
            let (low, high) = check.range;
            let range = format!("{} to {} {}", short(low), short(high), check.unit);
            [
                format!(
                    "face check `{}` fails: the median of {} is {median}, published figures say {}",
                    check.name,
                    check.measure,
                    range.trim_end()
                ),
                "a prior or an equation that it rests on".into(),
                format!(
                    "follow {} on the page down to its parameters; answers that share them are suspect",
                    check.measure
                ),
            ]
        })
        .collect()
}

fn problems(report: &Report) -> Vec<Warning> {
    let mut shown: Vec<(&ProblemInfo, u64, Vec<&str>)> = Vec::new();
    for problem in &report.problems {
        let same = |other: &&mut (&ProblemInfo, u64, Vec<&str>)| {
            other.0.equation == problem.equation && other.0.words == problem.words
        };
        match shown.iter_mut().find(same) {
            Some((_, count, worlds)) => {
                *count += problem.count;
                worlds.push(&problem.world);
            }
            None => shown.push((problem, problem.count, vec![&problem.world])),
        }
    }
    shown
        .into_iter()
        .map(|(problem, count, worlds)| warning(problem, count, &worlds))
        .collect()
}

fn warning(problem: &ProblemInfo, count: u64, worlds: &[&str]) -> Warning {
    let (future, day) = &problem.first;
    let observation = format!(
        "`{}` {} in {} {} of futures ({}); first in future {future}, in the step that ends on {day}",
        problem.equation,
        problem.words,
        short(count as f64),
        if count == 1 { "step" } else { "steps" },
        worlds.join(", "),
    );
    let (cause, remedy) = match problem.words.split(' ').take(3).last() {
        Some("flow") | Some("stock") => (
            "an equation that may turn negative, such as a difference",
            "write `max(.., 0)` if zero is meant, or split it in two",
        ),
        Some("delay") => (
            "a prior that reaches below the length of a step",
            "a shorter step, or a prior that stays above it",
        ),
        _ => (
            "a division by something that can be zero, a logarithm or root of something negative, or a growing loop",
            "guard it: `if x > 0 then .. else ..`; futures with it are left out of means",
        ),
    };
    [observation, cause.into(), remedy.into()]
}
