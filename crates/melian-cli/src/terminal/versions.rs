//! How two versions of a model differ: what was changed, and what each change does to the answers.

use melian_analysis::words::number;
use melian_report::data::{AnswerDifference, Change, Difference, Estimate, Report};

use super::answer::{MOST_ROWS, error, more, paint_words, points, signed, spread, title};
use super::layout::{Side, Table, wrap};
use super::style::{FAINT, STRONG, paint};
use super::units::unit_in_words;

/// Renders the report of two versions.
pub fn render(report: &Report, width: usize) -> String {
    let mut text = title(report, width);
    let Some(difference) = &report.difference else {
        return text;
    };
    let heading = format!(
        "What differs between {} and {}",
        difference.before, difference.after
    );
    text.push_str(&format!(
        "\n{}",
        wrap(&paint_words(STRONG, &heading), width, "", "  ")
    ));
    if difference.changes.is_empty() {
        text.push_str("  nothing that any answer reads\n");
    }
    let mut idle = Vec::new();
    for (position, change) in difference.changes.iter().enumerate() {
        let number = position + 1;
        if !difference
            .answers
            .iter()
            .any(|answer| part_of(answer, position) != 0.0)
        {
            idle.push(change);
            continue;
        }
        let mut first = format!("  {number:>2}  ");
        let edited = change
            .edited
            .iter()
            .map(|edit| format!("{}: {}", edit.name, edit.words));
        let listed = [("new", &change.added), ("gone", &change.removed)];
        let listed = listed.iter().filter(|(_, names)| !names.is_empty());
        for words in edited.chain(listed.map(|(word, names)| format!("{word}: {}", names.join(", ")))) {
            text.push_str(&wrap(&words, width, &first, "        "));
            first = "      ".into();
        }
    }
    for (words, changes) in [
        ("Moves no answer that both give", idle),
        ("In words only", vec![&difference.words]),
    ] {
        let names: Vec<&str> = changes.iter().flat_map(|change| names(change)).collect();
        if names.is_empty() {
            continue;
        }
        let (shown, hidden) = names.split_at(names.len().min(MOST_NAMES));
        let mut words = format!("{words}: {}", shown.join(", "));
        if !hidden.is_empty() {
            words += &format!(" and {} more", hidden.len());
        }
        text.push_str(&wrap(&paint_words(FAINT, &words), width, "  ", "    "));
    }
    text.push_str(&answers(difference, width));
    text
}

/// So many names are listed of what moves nothing.
const MOST_NAMES: usize = 8;

/// Parts that are a smaller share than this of all that moved are not shown.
const NEGLIGIBLE: f64 = 0.002;

/// What a change does to an answer.
fn part_of(answer: &AnswerDifference, position: usize) -> f64 {
    let part = answer.parts.get(position);
    part.and_then(|part| part.part.mean).unwrap_or(0.0)
}

/// Everything that goes together, what was edited first.
fn names(change: &Change) -> impl Iterator<Item = &str> {
    let edited = change.edited.iter().map(|edit| edit.name.as_str());
    edited.chain(change.added.iter().chain(&change.removed).map(String::as_str))
}

/// What a change is about, and how much goes with it.
fn lead(change: &Change) -> String {
    let mut names = names(change);
    let first = names.next().unwrap_or_default();
    match names.count() {
        0 => first.to_owned(),
        others => format!("{first} and {others} more"),
    }
}

/// Figures of the first sentences, then the answers that moved most against their own spread.
fn answers(difference: &Difference, width: usize) -> String {
    let moved = |answer: &&AnswerDifference| moves(answer) > 0.0;
    let (headlines, mut others): (Vec<&AnswerDifference>, Vec<&AnswerDifference>) = difference
        .answers
        .iter()
        .filter(moved)
        .partition(|answer| answer.headline);
    if headlines.is_empty() && others.is_empty() {
        return "\n  every answer is the same in every future\n".into();
    }
    others.sort_by(|a, b| moves(b).total_cmp(&moves(a)));
    let mut table = Table::new([
        Side::Left,
        Side::Right,
        Side::Right,
        Side::Right,
        Side::Left,
        Side::Right,
    ]);
    table.row(
        [
            "what each change does",
            "before",
            "after",
            "difference",
            "",
            "error",
        ]
        .map(|text| paint_words(FAINT, text)),
    );
    let shown = headlines.iter().chain(others.iter().take(MOST_ROWS / 2));
    for answer in shown {
        let chance = answer.unit == "%";
        let scale = if chance { 100.0 } else { 1.0 };
        let level = |estimate: &Estimate| {
            let mean = estimate.mean.unwrap_or(f64::NAN);
            if chance {
                points(mean, estimate.mc_error) + "%"
            } else {
                number(mean, estimate.mc_error.unwrap_or(0.0))
            }
        };
        let change = |estimate: &Estimate, error: f64| {
            let mean = estimate.mean.unwrap_or(f64::NAN) * scale;
            signed(mean, number(mean, error * scale))
        };
        let unit = if answer.unit == "%" {
            "points".to_owned()
        } else {
            unit_in_words(&answer.unit, 2.0)
        };
        let of_luck = answer.change.mc_error.unwrap_or(0.0);
        table.row([
            answer.title.clone(),
            level(&answer.before),
            level(&answer.after),
            change(&answer.change, of_luck),
            unit,
            paint(FAINT, error(Some(of_luck * scale))),
        ]);
        let all_parts: f64 = (0..answer.parts.len())
            .map(|position| part_of(answer, position).abs())
            .sum();
        let mut parts: Vec<(usize, f64, f64, &Estimate)> = (answer.parts.iter().enumerate())
            .map(|(position, part)| {
                let luck = part.part.mc_error.unwrap_or(0.0);
                let order = part.order_error.unwrap_or(0.0);
                let all = (luck * luck + order * order).sqrt();
                (position, part.part.mean.unwrap_or(0.0), all, &part.part)
            })
            .filter(|(_, mean, ..)| mean.abs() > NEGLIGIBLE * all_parts)
            .collect();
        parts.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
        for (position, _, all, part) in parts {
            table.row([
                format!("  {} {}", position + 1, lead(&difference.changes[position])),
                String::new(),
                String::new(),
                change(part, all),
                String::new(),
                paint(FAINT, error(Some(all * scale))),
            ]);
        }
    }
    let note = if difference.all_orders {
        "A change's part is what making it adds, on average over all orders in which the changes could be made; the parts add up to the difference. Error: of the \
         mean, by Monte Carlo."
            .to_owned()
    } else {
        format!(
            "A change's part is what making it adds, on average over {} orders in which the changes could be made; the parts add up to the difference. Error: of the \
             mean, by Monte Carlo and by the choice of orders.",
            difference.orders
        )
    };
    let hidden = others.len().saturating_sub(MOST_ROWS / 2);
    format!("\n{}", table.render(2, width))
        + &wrap(&paint_words(FAINT, &note), width, "  ", "  ")
        + &if hidden > 0 {
            more(hidden + MOST_ROWS)
        } else {
            String::new()
        }
}

/// How far an answer moved, in standard deviations of its futures; a question's are at most a half.
fn moves(answer: &AnswerDifference) -> f64 {
    let spread = spread(&answer.before).max(spread(&answer.after));
    let change = answer.change.mean.unwrap_or(0.0).abs();
    if change == 0.0 {
        0.0
    } else {
        change / spread.max(f64::MIN_POSITIVE)
    }
}
