//! What changed since the last run.

use std::collections::{HashMap, HashSet};

use crate::data::{AnswerChange, Changes, Estimate, Label, Report};

/// Returns what of a report the next run has to know: everything but what is recorded over time.
pub fn remembered(report: &Report) -> Report {
    Report {
        series: Vec::new(),
        choices: Vec::new(),
        events: Vec::new(),
        maps: Vec::new(),
        changes: None,
        comparison: None,
        difference: None,
        explanation: None,
        format: report.format.clone(),
        melian: report.melian.clone(),
        model: report.model.clone(),
        run: report.run.clone(),
        headlines: report.headlines.clone(),
        worlds: report.worlds.clone(),
        questions: report.questions.clone(),
        measures: report.measures.clone(),
        claims: report.claims.clone(),
        declarations: report.declarations.clone(),
        files: Vec::new(),
        facts: report.facts.clone(),
        references: Vec::new(),
        checks: report.checks.clone(),
        anchors: Vec::new(),
        problems: Vec::new(),
    }
}

/// Compares the baselines of two runs. `since` says when the first was made.
pub fn changes(before: &Report, now: &Report, since: &str) -> Changes {
    Changes {
        since: since.into(),
        edits: edits(before, now),
        answers: answers(before, now),
        verdicts: verdicts(before, now),
    }
}

fn edits(before: &Report, now: &Report) -> Vec<String> {
    let mut edits = Vec::new();
    let declared = |report: &Report| -> Vec<(String, String)> {
        let declarations = report
            .declarations
            .iter()
            .map(|d| (d.name.clone(), d.text.clone()));
        let claims = report.claims.iter().filter(|claim| !claim.formula.is_empty());
        declarations
            .chain(claims.map(|claim| (claim.name.clone(), claim.formula.clone())))
            .collect()
    };
    compare(&declared(before), &declared(now), &mut edits);
    let facts = |report: &Report| -> Vec<(String, String)> {
        let number = |x: Option<f64>| x.map_or_else(|| "-".to_owned(), |x| x.to_string());
        let figures = report.facts.iter().map(|fact| {
            let range = [fact.low, fact.central, fact.high].map(number).join(", ");
            (
                format!("fact {}", fact.id),
                format!("{range} {} {}", fact.unit, fact.text)
                    .trim_end()
                    .to_owned(),
            )
        });
        figures.collect()
    };
    compare(&facts(before), &facts(now), &mut edits);
    for (setting, before, now) in [
        ("draws", u64::from(before.run.draws), u64::from(now.run.draws)),
        (
            "replications",
            u64::from(before.run.replications),
            u64::from(now.run.replications),
        ),
        ("seed", before.run.seed, now.run.seed),
    ] {
        if before != now {
            edits.push(format!("{setting}: {before} became {now}"));
        }
    }
    edits
}

/// Says which names are new, gone, or have another text.
fn compare(before: &[(String, String)], now: &[(String, String)], edits: &mut Vec<String>) {
    // The first of a name counts.
    let known: HashMap<&str, &str> = (before.iter().rev())
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    let kept: HashSet<&str> = now.iter().map(|(name, _)| name.as_str()).collect();
    for (name, text) in now {
        match known.get(name.as_str()) {
            None => edits.push(format!("{name} is new")),
            Some(old) if plain(old) != plain(text) => {
                edits.push(format!("{name}: {}", difference(old, text)))
            }
            Some(_) => {}
        }
    }
    for (name, _) in before {
        if !kept.contains(name.as_str()) {
            edits.push(format!("{name} is gone"));
        }
    }
}

/// Returns a text with its white space made single, so that moving a line is no edit.
fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Shows the words that differ, with a word of what stands around them.
pub(crate) fn difference(before: &str, now: &str) -> String {
    /// Longer differences are only mentioned.
    const LONGEST: usize = 60;
    let (before, now): (Vec<&str>, Vec<&str>) = (
        before.split_whitespace().collect(),
        now.split_whitespace().collect(),
    );
    let same_start = before.iter().zip(&now).take_while(|(a, b)| a == b).count();
    let rest = before.len().min(now.len()) - same_start;
    let same_end = before
        .iter()
        .rev()
        .zip(now.iter().rev())
        .take(rest)
        .take_while(|(a, b)| a == b)
        .count();
    let part = |words: &[&str]| {
        words[same_start..words.len() - same_end]
            .join(" ")
            .trim_end_matches(',')
            .to_owned()
    };
    let (old, new) = (part(&before), part(&now));
    match (old.is_empty(), new.is_empty()) {
        _ if old.len().max(new.len()) > LONGEST => "written anew".to_owned(),
        (true, _) => format!("`{new}` was added"),
        (_, true) => format!("`{old}` was removed"),
        _ => format!("`{old}` became `{new}`"),
    }
}

fn answers(before: &Report, now: &Report) -> Vec<AnswerChange> {
    let luck = |report: &Report| (report.run.draws, report.run.replications, report.run.seed);
    let errors = if luck(before) == luck(now) { 1.0 } else { CHANCE };
    let moved_answer = |label: &Label, unit: &str, before: &[Estimate], now: &[Estimate]| {
        change(label, unit, before, now)
            .filter(|moved| (moved.after - moved.before).abs() > errors * moved.mc_error)
    };
    let mut moved = Vec::new();
    for question in &now.questions {
        let last = before
            .questions
            .iter()
            .find(|other| other.label.name == question.label.name);
        moved
            .extend(last.and_then(|last| moved_answer(&question.label, "%", &last.worlds, &question.worlds)));
    }
    for measure in &now.measures {
        let last = before
            .measures
            .iter()
            .find(|other| other.label.name == measure.label.name && other.label.unit == measure.label.unit);
        moved.extend(last.and_then(|last| {
            moved_answer(&measure.label, &measure.label.unit, &last.worlds, &measure.worlds)
        }));
    }
    // The largest first, against what it was; names settle ties so that the order never wavers.
    let size = |change: &AnswerChange| {
        (change.after - change.before).abs()
            / change.before.abs().max(change.after.abs()).max(f64::MIN_POSITIVE)
    };
    moved.sort_by(|a, b| size(b).total_cmp(&size(a)).then_with(|| a.name.cmp(&b.name)));
    moved
}

/// Under other luck an answer has to move by more than this many errors to count: Student's 95% point at seven degrees of freedom, as
/// errors come from eight scrambles. Under the same luck an answer that an edit does not touch stays the same to the bit, and one error is
/// enough.
const CHANCE: f64 = 1.895;

/// Returns the change of an answer in the baseline.
fn change(label: &Label, unit: &str, before: &[Estimate], now: &[Estimate]) -> Option<AnswerChange> {
    let (before, now) = (before.first()?, now.first()?);
    let (error_before, error_now) = (before.mc_error.unwrap_or(0.0), now.mc_error.unwrap_or(0.0));
    Some(AnswerChange {
        name: label.name.clone(),
        title: label.title.clone(),
        unit: unit.into(),
        before: before.mean?,
        after: now.mean?,
        mc_error: (error_before * error_before + error_now * error_now).sqrt(),
    })
}

fn verdicts(before: &Report, now: &Report) -> Vec<(String, crate::data::Verdict, crate::data::Verdict)> {
    let mut changed = Vec::new();
    for claim in &now.claims {
        let last = before.claims.iter().find(|other| other.name == claim.name);
        if let Some(last) = last.filter(|last| last.verdict != claim.verdict) {
            changed.push((claim.name.clone(), last.verdict, claim.verdict));
        }
    }
    changed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edit_shows_the_words_that_differ() {
        let edit = |before: &str, now: &str| {
            let mut edits = Vec::new();
            compare(
                &[("x".into(), before.into())],
                &[("x".into(), now.into())],
                &mut edits,
            );
            edits.join("; ")
        };
        assert_eq!(
            edit("param x ~ 1 to 4 \"X\"", "param x ~ 1 to 5 \"X\""),
            "x: `4` became `5`"
        );
        assert_eq!(edit("param x ~ 1", "param x ~ 1 \"X\""), "x: `\"X\"` was added");
        assert_eq!(edit("param x\n  ~ 1", "param x ~ 1"), "");
        assert_eq!(edit("a a a", "a a"), "x: `a` was removed");
    }

    #[test]
    fn new_and_gone_declarations_are_named() {
        let mut edits = Vec::new();
        compare(
            &[("old".into(), String::new())],
            &[("new".into(), String::new())],
            &mut edits,
        );
        assert_eq!(edits, ["new is new", "old is gone"]);
    }
}
