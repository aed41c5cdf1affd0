//! The answer to a comparison: effects, over time too, what was needed and what was enough, interactions, a sweep.

use melian_analysis::words::{number, percent};
use melian_report::data::{
    Apart, Causation, Comparison, Effect, Estimate, Label, Part, Report, SeriesEffect, Shape, Sweep,
    SweepAnswer,
};

use super::answer::{
    MOST_ROWS, answers, between, effects, error, more, paint_words, points, range, signed, spread,
    table_of_effects, title,
};
use super::layout::{Side, Table, wrap};
use super::style::{FAINT, STRONG, paint};
use super::units::unit_in_words;

/// At most this many questions of a world are told in sentences (a choice by judgement).
const MOST_QUESTIONS: usize = 3;

/// Renders the report of a comparison.
pub fn render(report: &Report, width: usize) -> String {
    let mut text = title(report, width);
    let Some(comparison) = &report.comparison else {
        return text;
    };
    if report.worlds.len() > 1 {
        let note = "Intervened minus baseline, future by future, under the same luck. Error: of the mean, by Monte Carlo. Changed: share of futures. \
                    Paired: separate runs would need so many times as many futures.";
        text.push_str(&wrap(&paint_words(FAINT, note), width, "  ", "  "));
    }
    for world in report.worlds.iter().skip(1) {
        text.push_str(&effects(report, &world.name, width));
        text.push_str(&over_time(report, comparison, &world.name, width));
        text.push_str(&causes(comparison, &world.name, width));
        text.push_str(&interactions(report, comparison, &world.name, width));
        text.push_str(&taken_apart(report, comparison, &world.name, width));
    }
    if let Some(sweep) = &comparison.sweep {
        text.push_str(&swept(report, sweep, width));
    }
    text
}

/// Effects on series at a quarter, a half, three quarters of the time and at its end: those that differ most against their own spread first.
fn over_time(report: &Report, comparison: &Comparison, world: &str, width: usize) -> String {
    let steps = report.model.step_ends.len();
    let mut at: Vec<usize> = (1..=4).map(|quarter| (steps * quarter / 4).max(1) - 1).collect();
    at.dedup();
    let mut found: Vec<(f64, &Label, &SeriesEffect)> = report
        .series
        .iter()
        .filter_map(|series| {
            let of_series =
                |effect: &&SeriesEffect| effect.name == series.label.name && effect.world == world;
            let effect = comparison.series.iter().find(of_series)?;
            let band = series.worlds.first()?;
            let spreads = (0..steps).filter_map(|step| Some(band.p95[step]? - band.p05[step]?));
            let means = effect.band.mean.iter().flatten().map(|mean| mean.abs());
            let ends = (effect.band.p05.iter().chain(&effect.band.p95).flatten()).map(|end| end.abs());
            let size = means.fold(0.0, f64::max) / spreads.fold(f64::MIN_POSITIVE, f64::max);
            // What differs in hardly any future has no spread to be held against, and comes last.
            let size = if ends.fold(0.0, f64::max) > 0.0 {
                size
            } else {
                size.min(f64::MIN_POSITIVE)
            };
            (size > 0.0).then_some((size, &series.label, effect))
        })
        .collect();
    if found.is_empty() {
        return String::new();
    }
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut table = Table::new([
        Side::Left,
        Side::Right,
        Side::Right,
        Side::Right,
        Side::Right,
        Side::Left,
    ]);
    let date = |column: usize| {
        at.get(column)
            .map_or("", |&step| report.model.step_ends[step].as_str())
    };
    table.row(
        ["over time, mean", date(0), date(1), date(2), date(3), ""].map(|text| paint_words(FAINT, text)),
    );
    for (_, label, effect) in found.iter().take(MOST_ROWS / 2) {
        let cell = |column: usize| {
            let step = at.get(column).copied();
            let mean = step.and_then(|step| effect.band.mean[step]);
            let error = step.and_then(|step| effect.band.mc_error[step]);
            mean.map_or_else(String::new, |mean| {
                signed(mean, number(mean, error.unwrap_or(0.0)))
            })
        };
        table.row([
            label.title.clone(),
            cell(0),
            cell(1),
            cell(2),
            cell(3),
            unit_in_words(&label.unit, 2.0),
        ]);
    }
    let hidden = found.len().saturating_sub(MOST_ROWS / 2);
    table.render(2, width)
        + &if hidden > 0 {
            more(hidden + MOST_ROWS)
        } else {
            String::new()
        }
}

/// At most this many answers are taken apart (a choice by judgement).
const MOST_APART: usize = 5;

/// Through what the effects on some answers came: those first of which the second largest part stands out most from the answer's own spread.
fn taken_apart(report: &Report, comparison: &Comparison, world: &str, width: usize) -> String {
    let stands_out = |apart: &Apart| -> f64 {
        let shares = apart.parts.iter().map(|part| part.share.mean);
        let mut sizes: Vec<f64> = shares
            .chain([apart.otherwise.mean])
            .flatten()
            .map(f64::abs)
            .collect();
        sizes.sort_by(f64::total_cmp);
        // What comes by one way alone is soon told.
        let second = sizes.iter().rev().nth(1).copied().unwrap_or(0.0);
        let without = answers(report)
            .find(|(label, ..)| label.name == apart.name)
            .and_then(|(.., without)| without);
        // A question's spread is at most a half.
        second / without.map_or(0.5, spread).max(f64::MIN_POSITIVE)
    };
    let mut found: Vec<(&Label, &Apart)> = (comparison.apart.iter())
        .filter(|apart| apart.world == world && apart.effect.mean.is_some_and(|mean| mean != 0.0))
        .filter_map(|apart| {
            let (label, ..) = answers(report).find(|(label, ..)| label.name == apart.name)?;
            Some((label, apart))
        })
        .collect();
    if found.is_empty() {
        return String::new();
    }
    found.sort_by(|a, b| stands_out(b.1).total_cmp(&stands_out(a.1)));
    let mut table = Table::new([
        Side::Left,
        Side::Right,
        Side::Left,
        Side::Right,
        Side::Right,
        Side::Right,
    ]);
    table.row(
        ["through what", "mean", "", "error", "alone", "missed if closed"]
            .map(|text| paint_words(FAINT, text)),
    );
    for (label, apart) in found.iter().take(MOST_APART) {
        let is_probability = report
            .questions
            .iter()
            .any(|question| question.label.name == apart.name);
        let scale = if is_probability { 100.0 } else { 1.0 };
        let written = |estimate: &Estimate| {
            let mean = estimate.mean.unwrap_or(f64::NAN) * scale;
            signed(mean, number(mean, estimate.mc_error.unwrap_or(0.0) * scale))
        };
        let unit = match (is_probability, label.unit.as_str()) {
            (true, _) | (_, "%") => "points".to_owned(),
            (_, unit) => unit_in_words(unit, 2.0),
        };
        let error_of =
            |estimate: &Estimate| paint(FAINT, error(estimate.mc_error.map(|error| error * scale)));
        table.row([
            label.title.clone(),
            written(&apart.effect),
            unit,
            error_of(&apart.effect),
            String::new(),
            String::new(),
        ]);
        let mut parts: Vec<&Part> = apart.parts.iter().collect();
        let size = |part: &Part| part.share.mean.unwrap_or(0.0).abs();
        parts.sort_by(|a, b| size(b).total_cmp(&size(a)));
        for part in parts {
            table.row([
                format!("  {}", part.title),
                written(&part.share),
                String::new(),
                error_of(&part.share),
                paint(FAINT, written(&part.alone)),
                paint(FAINT, written(&part.missed)),
            ]);
        }
        table.row([
            "  otherwise".to_owned(),
            written(&apart.otherwise),
            String::new(),
            error_of(&apart.otherwise),
            String::new(),
            String::new(),
        ]);
    }
    let note = "Parts are what opening a way adds, on average over all orders; with what comes otherwise they add up to the effect.";
    let hidden = found.len().saturating_sub(MOST_APART);
    table.render(2, width)
        + &wrap(&paint_words(FAINT, note), width, "  ", "  ")
        + &if hidden > 0 {
            more(hidden + MOST_ROWS)
        } else {
            String::new()
        }
}

/// What was needed and what was enough, in sentences, for the questions that differ in most futures.
fn causes(comparison: &Comparison, world: &str, width: usize) -> String {
    let differs = |causation: &Causation| causation.shares[1] + causation.shares[2];
    let mut found: Vec<&Causation> = comparison
        .causation
        .iter()
        .filter(|causation| causation.world == world && differs(causation) > 0.0)
        .collect();
    found.sort_by(|a, b| differs(b).total_cmp(&differs(a)));
    let mut text = String::new();
    for causation in found.iter().take(MOST_QUESTIONS) {
        let mut indent = "  ";
        for sentence in &causation.words {
            text.push_str(&wrap(sentence, width, indent, "    "));
            indent = "    ";
        }
    }
    let hidden = found.len().saturating_sub(MOST_QUESTIONS);
    text + &if hidden > 0 {
        more(hidden + MOST_ROWS)
    } else {
        String::new()
    }
}

/// What the interventions of a world do beyond the sum of what each does alone.
fn interactions(report: &Report, comparison: &Comparison, world: &str, width: usize) -> String {
    let of_world = || {
        let all = comparison.interactions.iter();
        all.filter(|found| found.effect.world == world)
    };
    if of_world().next().is_none() {
        return String::new();
    }
    let pick = |label: &Label, _: &[Effect]| {
        let found = of_world().find(|found| found.name == label.name)?;
        Some(found.effect.clone())
    };
    let none = || "  together they do exactly what each does alone, in every future\n".to_owned();
    table_of_effects(report, "beyond the sum of each alone", pick, width).unwrap_or_else(none)
}

/// Answers along a sweep, as the model stands and under each intervention: a table for each that moves.
fn swept(report: &Report, sweep: &Sweep, width: usize) -> String {
    let heading = |under: &str| {
        let heading = format!("As {} is held at", sweep.quantity);
        let heading = format!(
            "{} {}",
            paint_words(STRONG, &heading),
            paint_words(FAINT, &format!("{}{under}", sweep.title))
        );
        format!("\n{}", wrap(&heading, width, "", "  "))
    };
    let mut text = heading("") + &swept_answers(report, sweep, &sweep.answers, width);
    for under in &sweep.under {
        text.push_str(&heading(&format!(", under {}", under.world)));
        text.push_str(&swept_answers(report, sweep, &under.answers, width));
    }
    text
}

fn swept_answers(report: &Report, sweep: &Sweep, all: &[SweepAnswer], width: usize) -> String {
    let unit = unit_in_words(&sweep.unit, 2.0);
    let mut text = String::new();
    let label = |answer: &SweepAnswer| {
        let found = answers(report).find(|(label, _, _)| label.name == answer.name);
        found.map(|(label, _, baseline)| (label, baseline.is_none()))
    };
    let moves = || all.iter().filter(|answer| answer.shape != Shape::Flat);
    for answer in moves().take(MOST_ROWS / 2) {
        let Some((label, is_probability)) = label(answer) else {
            continue;
        };
        let line = format!("{}: {}", label.title, shape_in_words(answer));
        text.push_str(&wrap(&line, width, "  ", "    "));
        let mut table = Table::new([
            Side::Right,
            Side::Left,
            Side::Right,
            Side::Left,
            Side::Right,
            Side::Right,
        ]);
        let over = if is_probability {
            "90% of draws"
        } else {
            "90% of futures"
        };
        table.row(["", "", "mean", "", over, "error"].map(|text| paint_words(FAINT, text)));
        for (value, point) in sweep.values.iter().zip(&answer.points) {
            table.row(row_of_point(*value, &unit, point, label, is_probability));
        }
        text.push_str(&table.render(4, width));
    }
    let hidden = moves().count().saturating_sub(MOST_ROWS / 2);
    if hidden > 0 {
        text.push_str(&more(hidden + MOST_ROWS));
    }
    let flat = all.len() - moves().count();
    if flat > 0 {
        let line = format!(
            "the same in every future, at every value: {flat} of {} answers",
            all.len()
        );
        text.push_str(&wrap(&paint_words(FAINT, &line), width, "  ", "    "));
    }
    text
}

fn row_of_point(
    value: f64,
    unit: &str,
    point: &Estimate,
    label: &Label,
    is_probability: bool,
) -> [String; 6] {
    let scale = if is_probability { 100.0 } else { 1.0 };
    let mean = point.mean.map_or_else(
        || "not known".to_owned(),
        |mean| match is_probability {
            true => points(mean, point.mc_error) + "%",
            false => number(mean, point.mc_error.unwrap_or(0.0)),
        },
    );
    let ends = match is_probability {
        true => point
            .knowledge_quantiles
            .map(|[low, _, high]| between(percent(low), percent(high))),
        false => point.quantiles.map(|[low, _, _, _, high]| range(low, high)),
    };
    [
        number(value, 0.0),
        paint(FAINT, unit),
        mean,
        unit_in_words(&label.unit, point.mean.unwrap_or_default()),
        paint(FAINT, ends.unwrap_or_default()),
        paint(FAINT, error(point.mc_error.map(|error| error * scale))),
    ]
}

/// Which way an answer moves, in words.
fn shape_in_words(answer: &SweepAnswer) -> String {
    let monotone = percent(answer.monotone);
    match answer.shape {
        Shape::Flat => "the same in every future".into(),
        Shape::Rising => format!("rises, and never turns in {monotone} of futures"),
        Shape::Falling => format!("falls, and never turns in {monotone} of futures"),
        Shape::Turning => format!("rises and falls; it never turns in {monotone} of futures"),
        Shape::Unclear => format!(
            "moves nowhere by more than its Monte Carlo error; it never turns in {monotone} of futures"
        ),
    }
}
