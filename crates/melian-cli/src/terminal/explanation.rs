//! One future in words: the answer, what it hung on, what happened, and where the future was unusual.

use melian_analysis::words::{number, percent, short};
use melian_report::data::{Candidate, Cause, Explanation, Moment, Report, Weighed};

use super::answer::{paint_words, signed, title};
use super::layout::{Side, Table, wrap};
use super::style::{FAINT, STRONG, paint};
use super::units::unit_in_words;

/// Series that are shown, those that end farthest from their median (a choice by judgement).
const MOST_SERIES: usize = 8;

/// Renders the report of a future.
pub fn render(report: &Report, width: usize) -> String {
    let mut text = title(report, width);
    let Some(told) = &report.explanation else {
        return text;
    };
    let (draw, replication) = told.future;
    let which = format!(
        "Future {draw}:{replication} of {} draws of {}, {}",
        report.run.draws, report.run.replications, told.chosen
    );
    text.push_str(&wrap(&paint_words(FAINT, &which), width, "\n", ""));
    let answered = format!("{}: {}{}", told.title, answer(told, told.answer), beside(told));
    text.push_str(&wrap(&answered, width, "", "  "));
    text.push_str(&causes(told, width));
    text.push_str(&happened(told, width));
    text.push_str(&moved(told, width));
    text.push_str(&unusual(told, width));
    text
}

fn causes(told: &Explanation, width: usize) -> String {
    let mut text = String::new();
    let (found, heading): (&[Cause], &str) = match (told.causes.is_empty(), told.pairs.is_empty()) {
        (false, _) => (
            &told.causes,
            "But for any one of these the answer would have been another",
        ),
        (true, false) => (
            &told.pairs,
            "Nothing alone would have changed the answer, but both of these would",
        ),
        (true, true) => {
            let none = format!(
                "None of {} things that were taken away, alone or two at once, changes the answer: it hangs on many at once.",
                told.candidates.len()
            );
            return wrap(&none, width, "\n", "");
        }
    };
    text.push_str(&format!("\n{}\n", paint(STRONG, heading)));
    for cause in found {
        let without: Vec<String> = cause
            .without
            .iter()
            .map(|&i| in_words(&told.candidates[i]))
            .collect();
        let line = format!("{}: then {}", without.join(", and "), answer(told, cause.answer));
        text.push_str(&wrap(&line, width, "  ", "      "));
        let prevented: Vec<&str> = cause
            .prevents
            .iter()
            .map(|&i| told.candidates[i].title.as_str())
            .collect();
        if !prevented.is_empty() {
            let line = format!("nor would there have been: {}", prevented.join(", "));
            text.push_str(&wrap(&paint_words(FAINT, &line), width, "    └ ", "      "));
        }
    }
    let tried = format!(
        "{} things were taken away one at a time: events that happened, choices that changed, assumptions in the outer tenth of their prior, \
         the luck of each noise. All other luck was kept.",
        told.candidates.len()
    );
    text + &wrap(&paint_words(FAINT, &tried), width, "  ", "  ")
}

fn happened(told: &Explanation, width: usize) -> String {
    let mut table = Table::new([Side::Left, Side::Left, Side::Left]);
    for moment in &told.timeline {
        let weighed = match moment.weighed.as_slice() {
            [won, stood, ..] => format!("{} against {}", sum(won), sum(stood)),
            _ => String::new(),
        };
        table.row([
            moment.what.clone(),
            paint(FAINT, &moment.on),
            paint(FAINT, weighed),
        ]);
    }
    let note =
        "Of a choice: what spoke for the option that won, and luck, against those of the option that stood.";
    let is_weighed = |moment: &Moment| moment.weighed.len() > 1;
    let note = if told.timeline.iter().any(is_weighed) {
        wrap(&paint_words(FAINT, note), width, "  ", "  ")
    } else {
        String::new()
    };
    format!(
        "\n{}\n{}{note}",
        paint(STRONG, "What happened, in weeks that ended on"),
        table.render(2, width)
    )
}

/// What speaks for an option, and luck.
fn sum(option: &Weighed) -> String {
    let term = |value: Option<f64>| value.map_or_else(|| "?".to_owned(), |value| signed(value, short(value)));
    format!("{} {}", term(option.worth), term(option.taste))
}

fn moved(told: &Explanation, width: usize) -> String {
    if told.stocks.is_empty() {
        return String::new();
    }
    let mut table = Table::new([Side::Left, Side::Right, Side::Left, Side::Right, Side::Left]);
    for stock in told.stocks.iter().take(MOST_SERIES) {
        table.row([
            stock.title.clone(),
            short(stock.from),
            paint(FAINT, "to"),
            short(stock.to),
            unit_in_words(&stock.unit, stock.to),
        ]);
    }
    let heading = "Stocks that moved most, from the start to the end";
    format!("\n{}\n{}", paint(STRONG, heading), table.render(2, width))
}

fn unusual(told: &Explanation, width: usize) -> String {
    let mut table = Table::new([Side::Left, Side::Right, Side::Left]);
    for ending in told.endings.iter().take(MOST_SERIES) {
        let beside = if ending.below >= 0.5 {
            format!("above {} of futures", percent(ending.below))
        } else {
            format!("below {}", percent(1.0 - ending.below))
        };
        let unit = unit_in_words(&ending.unit, ending.value);
        table.row([
            ending.title.clone(),
            format!("{} {unit}", short(ending.value)).trim_end().to_owned(),
            paint(FAINT, beside),
        ]);
    }
    format!(
        "\n{}\n{}",
        paint(STRONG, "Where it ended farthest from the middle"),
        table.render(2, width)
    )
}

/// Returns an answer in words: yes or no, how often, or a number with its unit.
fn answer(told: &Explanation, value: Option<f64>) -> String {
    let value = value.unwrap_or(f64::NAN);
    match told.kind.as_str() {
        "question" if value == 1.0 => "yes".to_owned(),
        "question" => "no".to_owned(),
        "event" if value == 0.0 => "it does not happen".to_owned(),
        "event" if value == 1.0 => "it happens".to_owned(),
        "event" => format!("it happens {value:.0} times"),
        _ => {
            let text = number(value, told.yardstick.unwrap_or(0.0) / 10.0);
            format!("{text} {}", unit_in_words(&told.unit, value))
                .trim_end()
                .to_owned()
        }
    }
}

/// Returns how the answer stands beside those of other futures.
fn beside(told: &Explanation) -> String {
    match (told.share, told.kind.as_str()) {
        (None, _) => String::new(),
        (Some(share), "question") => format!(", as in {} of futures", percent(share)),
        (Some(share), _) => format!(", above {} of futures", percent(share)),
    }
}

/// Returns a candidate as what would not have been.
fn in_words(candidate: &Candidate) -> String {
    let Candidate { name, title, on, .. } = candidate;
    if let Some((chosen, start)) = &candidate.options {
        format!("{title} left at \"{start}\", not \"{chosen}\" from {on}")
    } else if let Some((value, median)) = candidate.values {
        format!(
            "{title} (`{name}`) at its median {}, not {}",
            short(median),
            short(value)
        )
    } else if candidate.kind == "noise" {
        format!("{title} (`{name}`) at its median in every step")
    } else {
        format!("without \"{title}\" ({on})")
    }
}
