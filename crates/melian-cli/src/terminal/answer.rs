//! The answer to a run: sentences first, then figures with their uncertainty, then verdicts, then what changed.

use melian_analysis::words::{at_digit, exponent, number, percent, short};
use melian_report::data::{
    Changes, ClaimAnswer, Effect, Estimate, HeadlineAnswer, HeadlineText, Label, Report, Verdict,
};

use melian_engine::World;

use super::layout::{Side, Table, wrap};
use super::style::{ERROR, FAINT, GOOD, STRONG, WARNING, paint};
use super::units::unit_in_words;

/// At most this many rows of a kind; the page has them all (a choice by judgement: a screen holds about fifty lines).
pub(super) const MOST_ROWS: usize = 12;

/// Renders a report with the effects of the worlds that were asked for.
pub fn render(report: &Report, asked: &[World], width: usize) -> String {
    let mut text = title(report, width);
    text.push_str(&headlines(report, width));
    for section in [questions(report, width), measures(report, width)] {
        text.push_str(&section);
    }
    for world in asked {
        text.push_str(&effects(report, &world.name, width));
    }
    text.push_str(&claims(report, width));
    if let Some(changes) = &report.changes {
        text.push_str(&changed(changes, width));
    }
    text
}

pub(super) fn title(report: &Report, width: usize) -> String {
    let run = &report.run;
    let futures = u64::from(run.draws) * u64::from(run.replications);
    let mut line = format!(
        "{} to {}, {} futures ({} draws of {}), ",
        report.model.start,
        report.model.end,
        whole(futures),
        whole(run.draws.into()),
        whole(run.replications.into()),
    );
    match report.worlds.as_slice() {
        [_] => line.push_str("one world"),
        worlds => {
            let names: Vec<&str> = worlds.iter().map(|world| world.name.as_str()).collect();
            line.push_str(&format!("{} worlds: {}", names.len(), names.join(", ")));
        }
    }
    if let Some(seconds) = run.seconds {
        line.push_str(&format!(", {seconds:.1} s"));
    }
    let title = wrap(&paint_words(STRONG, &report.model.title), width, "", "");
    title + &wrap(&paint_words(FAINT, &line), width, "", "")
}

fn headlines(report: &Report, width: usize) -> String {
    if report.headlines.is_empty() {
        return String::new();
    }
    let mut text = String::from("\n");
    for headline in &report.headlines {
        text.push_str(&wrap(&sentence(headline), width, "  ", "    "));
    }
    let note = "In brackets what holds with 90%: of a number, over futures; of a probability, over draws.";
    text + &wrap(&paint_words(FAINT, note), width, "  ", "  ")
}

/// Returns what the first futures of many answer, to be read while the others are run.
pub fn first(headlines: &[HeadlineAnswer], futures: usize, of: usize, width: usize) -> String {
    let [futures, of] = [futures, of].map(|count| at_digit(count as f64, 0));
    let line = format!("after {futures} of {of} futures:");
    let mut text = wrap(&paint_words(FAINT, &line), width, "", "");
    for headline in headlines {
        text.push_str(&wrap(&sentence(headline), width, "  ", "    "));
    }
    text
}

fn sentence(headline: &HeadlineAnswer) -> String {
    let part = |part: &HeadlineText| match part {
        HeadlineText::Text { text } => text.clone(),
        HeadlineText::Figure {
            formula,
            estimate,
            unit,
        } => figure(formula, estimate, unit),
    };
    headline.parts.iter().map(part).collect()
}

/// A figure with its range. An effect is shown with its sign.
fn figure(formula: &str, estimate: &Estimate, unit: &str) -> String {
    let Some(mean) = estimate.mean else {
        return paint(STRONG, "(not known)");
    };
    let signed = formula.contains("effect(");
    let sign = if signed && mean > 0.0 { "+" } else { "" };
    if unit == "%" {
        let (shown, unit) = if signed {
            (points(mean, estimate.mc_error), " points")
        } else {
            (percent(mean), "")
        };
        let range = estimate.knowledge_quantiles.map(|[low, _, high]| {
            if signed {
                range(low * 100.0, high * 100.0)
            } else {
                between(percent(low), percent(high))
            }
        });
        return format!(
            "{}{}",
            paint_words(STRONG, &format!("{sign}{shown}{unit}")),
            in_brackets(range)
        );
    }
    let shown = number(mean, estimate.mc_error.unwrap_or(0.0));
    let shown = format!("{sign}{shown} {}", unit_in_words(unit, mean));
    let range = estimate.quantiles.map(|[low, _, _, _, high]| range(low, high));
    format!("{}{}", paint_words(STRONG, shown.trim_end()), in_brackets(range))
}

fn in_brackets(range: Option<String>) -> String {
    let reaches = |range: &String| range.split_once(" to ").is_some_and(|(low, high)| low != high);
    range
        .filter(reaches)
        .map(|range| " ".to_owned() + &paint_words(FAINT, &format!("[{range}]")))
        .unwrap_or_default()
}

fn questions(report: &Report, width: usize) -> String {
    let mut table = Table::new([Side::Left, Side::Right, Side::Right, Side::Right]);
    table.row(["Questions", "probability", "90% of draws", "error"].map(heading));
    for question in report.questions.iter().take(MOST_ROWS) {
        let Some(estimate) = question.worlds.first() else {
            continue;
        };
        let elicited = if question.elicited { " (elicited)" } else { "" };
        table.row([
            format!("  {}{elicited}", question.label.title),
            probability(estimate),
            paint(FAINT, shares(estimate.knowledge_quantiles)),
            paint(FAINT, error(estimate.mc_error.map(|error| error * 100.0))),
        ]);
    }
    section(&table, report.questions.len(), width)
}

fn measures(report: &Report, width: usize) -> String {
    let mut table = Table::new([Side::Left, Side::Right, Side::Left, Side::Right, Side::Right]);
    table.row(["Measures", "mean", "", "90% of futures", "error"].map(heading));
    for measure in report.measures.iter().take(MOST_ROWS) {
        let Some(estimate) = measure.worlds.first() else {
            continue;
        };
        table.row(row_of_number(
            &measure.label,
            estimate,
            estimate.quantiles.map(|[low, _, _, _, high]| (low, high)),
        ));
    }
    section(&table, report.measures.len(), width)
}

fn row_of_number(label: &Label, estimate: &Estimate, ends: Option<(f64, f64)>) -> [String; 5] {
    let mean = estimate.mean.map_or_else(
        || "not known".to_owned(),
        |mean| number(mean, estimate.mc_error.unwrap_or(0.0)),
    );
    [
        format!("  {}", label.title),
        mean,
        unit_in_words(&label.unit, estimate.mean.unwrap_or_default()),
        paint(
            FAINT,
            ends.map(|(low, high)| range(low, high)).unwrap_or_default(),
        ),
        paint(FAINT, error(estimate.mc_error)),
    ]
}

/// Effects of a world that was asked for: the largest against what else moves the answer first.
pub(super) fn effects(report: &Report, world: &str, width: usize) -> String {
    let pick =
        |_: &Label, effects: &'_ [Effect]| effects.iter().find(|effect| effect.world == *world).cloned();
    let table = table_of_effects(report, "effect on", pick, width);
    let none = || "  nothing that is measured or asked differs in any future\n".to_owned();
    heading_of_world(report, world, width) + &table.unwrap_or_else(none)
}

/// A table of an effect on each answer, if it is to be shown and is not nothing: the largest against what else moves the answer first.
pub(super) fn table_of_effects(
    report: &Report,
    what: &str,
    pick: impl Fn(&Label, &[Effect]) -> Option<Effect>,
    width: usize,
) -> Option<String> {
    let mut rows: Vec<(f64, [String; 7])> = Vec::new();
    for (label, effects, baseline) in answers(report) {
        let Some(effect) = pick(label, effects).filter(|effect| effect.changed > 0.0) else {
            continue;
        };
        let Some(mean) = effect.estimate.mean else {
            continue;
        };
        // A probability's spread over futures is at most one half.
        let spread = match baseline {
            None => 0.5,
            Some(baseline) => spread(baseline).max(f64::MIN_POSITIVE),
        };
        rows.push((
            mean.abs() / spread,
            row_of_effect(label, &effect, mean, baseline.is_none()),
        ));
    }
    if rows.is_empty() {
        return None;
    }
    rows.sort_by(|a, b| b.0.total_cmp(&a.0));
    let [left, right] = [Side::Left, Side::Right];
    let mut table = Table::new([left, right, left, right, right, right, right]);
    let columns = [what, "mean", "", "error", "90% of draws", "changed", "paired"];
    table.row(columns.map(|text| paint_words(FAINT, text)));
    let all = rows.len();
    for (_, row) in rows.into_iter().take(MOST_ROWS) {
        table.row(row);
    }
    Some(table.render(2, width) + &more(all))
}

/// Questions, then measures: label, effects, and the baseline's value unless it is a probability.
pub(super) fn answers(report: &Report) -> impl Iterator<Item = (&Label, &[Effect], Option<&Estimate>)> {
    let questions = report
        .questions
        .iter()
        .map(|question| (&question.label, question.effects.as_slice(), None));
    let measures = report
        .measures
        .iter()
        .map(|measure| (&measure.label, measure.effects.as_slice(), measure.worlds.first()));
    questions.chain(measures)
}

fn row_of_effect(label: &Label, effect: &Effect, mean: f64, is_probability: bool) -> [String; 7] {
    let estimate = &effect.estimate;
    let scale = if is_probability { 100.0 } else { 1.0 };
    let ends = estimate
        .knowledge_quantiles
        .filter(|[low, _, high]| low < high)
        .map(|[low, _, high]| range(low * scale, high * scale));
    let (shown, unit) = if is_probability {
        (points(mean, estimate.mc_error), "points".to_owned())
    } else {
        // 40% and 30% differ by 10 points, or by a quarter.
        let unit = match label.unit.as_str() {
            "%" => "points".to_owned(),
            unit => unit_in_words(unit, mean),
        };
        (number(mean, estimate.mc_error.unwrap_or(0.0)), unit)
    };
    [
        label.title.clone(),
        signed(mean, shown),
        unit,
        paint(FAINT, error(estimate.mc_error.map(|error| error * scale))),
        paint(FAINT, ends.unwrap_or_default()),
        paint(FAINT, percent(effect.changed)),
        paint(FAINT, pairing(effect)),
    ]
}

/// How many times as many futures separate runs would need; exact if the effect has no error but what rounding leaves.
fn pairing(effect: &Effect) -> String {
    let exact = |mean: f64, error: f64| error <= 1e-12 * mean.abs();
    match (effect.pairing, effect.estimate.mean, effect.estimate.mc_error) {
        (Some(times), ..) => format!("x{}", at_digit(times, (exponent(times) - 1).max(-1))),
        (None, Some(mean), Some(error)) if exact(mean, error) => "exact".into(),
        _ => String::new(),
    }
}

fn heading_of_world(report: &Report, world: &str, width: usize) -> String {
    let info = report.worlds.iter().find(|other| other.name == *world);
    // A change on the command line is its own title.
    let title = info.map_or("", |world| world.title.as_str());
    let title = if title == world { "" } else { title };
    let name = paint_words(STRONG, &format!("Under {world}"));
    let mut text = format!(
        "\n{}",
        wrap(&format!("{name} {}", paint_words(FAINT, title)), width, "", "  ")
    );
    for cut in info.iter().flat_map(|info| &info.cuts) {
        let declared = report
            .declarations
            .iter()
            .find(|declaration| declaration.name == *cut);
        let equation = declared.map_or(cut.as_str(), |declaration| declaration.text.as_str());
        let line = format!(
            "cuts what {cut} is computed from: {}",
            equation.split_whitespace().collect::<Vec<_>>().join(" ")
        );
        text.push_str(&wrap(&paint_words(WARNING, &line), width, "  ", "    "));
    }
    text
}

pub(super) fn spread(estimate: &Estimate) -> f64 {
    let (knowledge, luck) = (
        estimate.knowledge_sd.unwrap_or(0.0),
        estimate.luck_sd.unwrap_or(0.0),
    );
    (knowledge * knowledge + luck * luck).sqrt()
}

/// Verdicts in the order in which they are shown, with their heading.
const VERDICTS: [(Verdict, &str); 9] = [
    (Verdict::Supported, "supported"),
    (Verdict::Contested, "contested"),
    (Verdict::Rejected, "rejected"),
    (Verdict::Unresolved, "unresolved: noise leaves them open"),
    (Verdict::BuiltIn, "built in: true or false by construction"),
    (
        Verdict::Accurate,
        "accurate: within tolerance of the sourced figure",
    ),
    (
        Verdict::Imprecise,
        "imprecise: within the range of the sourced figure, but not close",
    ),
    (Verdict::Wrong, "wrong: outside the range of the sourced figure"),
    (Verdict::Normative, "normative: no measurement could decide them"),
];

fn claims(report: &Report, width: usize) -> String {
    if report.claims.is_empty() {
        return String::new();
    }
    let mut table = Table::new([Side::Left, Side::Right, Side::Right]);
    table.row(["Claims", "share of draws", "90% interval"].map(heading));
    for (verdict, words) in VERDICTS {
        let claims: Vec<&ClaimAnswer> = report
            .claims
            .iter()
            .filter(|claim| claim.verdict == verdict)
            .collect();
        if !claims.is_empty() {
            table.heading(format!("  {}", paint(style_of(verdict), words)));
        }
        for claim in claims {
            // What is built in has no uncertainty.
            let interval = claim.share_interval.filter(|_| verdict != Verdict::BuiltIn);
            let interval = interval.map(|(low, high)| between(percent(low), percent(high)));
            let words = if claim.title.is_empty() {
                &claim.quote
            } else {
                &claim.title
            };
            table.row([
                format!("    {}: {words}", claim.name),
                claim.share.map(percent).unwrap_or_default(),
                paint(FAINT, interval.unwrap_or_default()),
            ]);
        }
    }
    format!("\n{}{}", table.render(0, width), contradictions(report, width))
}

fn style_of(verdict: Verdict) -> anstyle::Style {
    match verdict {
        Verdict::Supported | Verdict::Accurate => GOOD,
        Verdict::Rejected | Verdict::Wrong => ERROR,
        Verdict::Contested | Verdict::Imprecise | Verdict::Unresolved => WARNING,
        Verdict::BuiltIn | Verdict::Normative => STRONG,
    }
}

/// Says which claims cannot hold together and are both supported.
fn contradictions(report: &Report, width: usize) -> String {
    let supported = |name: &str| {
        report
            .claims
            .iter()
            .any(|c| c.name == name && c.verdict == Verdict::Supported)
    };
    let mut text = String::new();
    for claim in report.claims.iter().filter(|claim| supported(&claim.name)) {
        for other in claim.contradicts.iter().filter(|other| supported(other)) {
            let line = format!(
                "{} and {other} cannot hold together, and both are supported",
                claim.name
            );
            text.push_str(&wrap(&line, width, "  ", "  "));
        }
    }
    text
}

fn changed(changes: &Changes, width: usize) -> String {
    let mut text = format!(
        "\n{} {}\n",
        paint(STRONG, "Since the last run"),
        paint_words(FAINT, &changes.since.replace('T', " ").replace('Z', " UTC"))
    );
    if changes.edits.is_empty() && changes.answers.is_empty() && changes.verdicts.is_empty() {
        return text + "  nothing changed\n";
    }
    for edit in changes.edits.iter().take(MOST_ROWS) {
        text.push_str(&wrap(edit, width, "  ", "    "));
    }
    text.push_str(&more(changes.edits.len()));
    for (claim, before, after) in changes.verdicts.iter().take(MOST_ROWS) {
        let (before, after) = (verdict_in_words(*before), verdict_in_words(*after));
        text.push_str(&format!(
            "  {claim} was {before} and is now {}\n",
            paint(STRONG, after)
        ));
    }
    let mut table = Table::new([Side::Left, Side::Right, Side::Right, Side::Left, Side::Right]);
    table.row(["answers that moved", "before", "now", "", "error"].map(|text| paint(FAINT, text)));
    for answer in changes.answers.iter().take(MOST_ROWS) {
        // A probability is a share between 0 and 1.
        let scale = if answer.unit == "%" { 100.0 } else { 1.0 };
        let shown = |value: f64| number(value * scale, answer.mc_error * scale);
        table.row([
            answer.title.clone(),
            shown(answer.before),
            paint(STRONG, shown(answer.after)),
            unit_in_words(&answer.unit, answer.after),
            paint(FAINT, error(Some(answer.mc_error * scale))),
        ]);
    }
    if changes.answers.is_empty() {
        text.push_str("  no answer moved by more than its Monte Carlo error\n");
    } else {
        text.push_str(&table.render(2, width));
        text.push_str(&more(changes.answers.len()));
    }
    text
}

fn verdict_in_words(verdict: Verdict) -> &'static str {
    let words = VERDICTS
        .iter()
        .find(|(other, _)| *other == verdict)
        .map_or("", |(_, words)| words);
    words.split(':').next().unwrap_or(words)
}

fn section(table: &Table, rows: usize, width: usize) -> String {
    if rows == 0 {
        String::new()
    } else {
        format!("\n{}{}", table.render(0, width), more(rows))
    }
}

pub(super) fn more(rows: usize) -> String {
    match rows.checked_sub(MOST_ROWS) {
        Some(hidden) if hidden > 0 => format!(
            "  {}\n",
            paint_words(FAINT, &format!("and {hidden} more on the page"))
        ),
        _ => String::new(),
    }
}

fn heading(text: &str) -> String {
    // The first heading names the section; the others stay behind it.
    if text.starts_with(char::is_uppercase) {
        paint(STRONG, text)
    } else {
        paint_words(FAINT, text)
    }
}

fn probability(estimate: &Estimate) -> String {
    match estimate.mean {
        None => "not known".into(),
        Some(0.0) => "in none".into(),
        Some(1.0) => "in all".into(),
        Some(mean) => format!("{}%", points(mean, estimate.mc_error)),
    }
}

/// A share in percentage points, as exact as its error allows.
pub(super) fn points(share: f64, error: Option<f64>) -> String {
    number(share * 100.0, error.unwrap_or(0.0).max(0.000_5) * 100.0)
}

pub(super) fn signed(mean: f64, shown: String) -> String {
    if mean > 0.0 { format!("+{shown}") } else { shown }
}

fn shares(quantiles: Option<[f64; 3]>) -> String {
    quantiles
        .map(|[low, _, high]| between(percent(low), percent(high)))
        .unwrap_or_default()
}

/// Two ends, or the one where they look alike.
pub(super) fn between(low: String, high: String) -> String {
    if low == high {
        low
    } else {
        format!("{low} to {high}")
    }
}

/// An interval, with two digits of its width.
pub(super) fn range(low: f64, high: f64) -> String {
    let width = high - low;
    if width == 0.0 {
        return short(low);
    }
    let last = exponent(width) - 1;
    let (low, high) = (at_digit(low, last), at_digit(high, last));
    let word = |text: &str| text.rsplit_once(' ').map(|(_, word)| word.to_owned());
    match (low.rsplit_once(' '), word(&high)) {
        (Some((digits, shared)), Some(word)) if shared == word && low != high => {
            format!("{digits} to {high}")
        }
        _ => between(low, high),
    }
}

pub(super) fn error(error: Option<f64>) -> String {
    match error {
        None => String::new(),
        Some(0.0) => "±0".into(),
        Some(error) => format!("±{}", at_digit(error, exponent(error))),
    }
}

fn whole(count: u64) -> String {
    at_digit(count as f64, 0)
}

/// Paints each word, so that a line may end between them.
pub(super) fn paint_words(style: anstyle::Style, text: &str) -> String {
    text.split(' ')
        .map(|word| {
            if word.is_empty() {
                String::new()
            } else {
                paint(style, word)
            }
        })
        .collect::<Vec<_>>()
        .join(" ")
}
