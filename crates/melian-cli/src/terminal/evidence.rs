//! What a model rests on.

use melian_report::evidence::Grounds;

use super::layout::{Side, Table, wrap};
use super::style::{FAINT, STRONG, paint};

/// Renders what rests on what.
pub fn render(grounds: &Grounds, width: usize) -> String {
    let mut text = String::new();
    for (grade, words) in [
        ("A", "official, or several sources"),
        ("B", "one official source, or strong press"),
        ("C", "press estimate or expert"),
        ("D", "own assumption"),
    ] {
        let mut table = Table::new([Side::Left, Side::Left]);
        for fact in grounds.facts.iter().filter(|fact| fact.grade == grade) {
            table.row([fact.id.clone(), fact.used_by.join(", ")]);
        }
        text.push_str(&list(&format!("Facts of grade {grade}"), words, &table, width));
    }
    let mut table = Table::new([Side::Left, Side::Left, Side::Left]);
    for parameter in &grounds.assumptions {
        let (file, line) = &parameter.place;
        table.row([
            parameter.name.clone(),
            parameter.title.clone(),
            paint(FAINT, format!("{file}:{line}")),
        ]);
    }
    let words = format!(
        "of {} name neither a fact nor a work: own assumptions",
        grounds.parameters
    );
    text.push_str(&list(
        &format!("{} parameters", grounds.assumptions.len()),
        &words,
        &table,
        width,
    ));
    let mut table = Table::new([Side::Left, Side::Left]);
    for (key, users) in &grounds.unverified {
        table.row([key.clone(), users.join(", ")]);
    }
    text.push_str(&list(
        "Works",
        "not checked against a public record",
        &table,
        width,
    ));
    if !grounds.unused.is_empty() {
        text.push_str(&format!(
            "{} {}\n",
            paint(STRONG, "Facts"),
            paint(FAINT, "that nothing uses")
        ));
        text.push_str(&wrap(&grounds.unused.join(", "), width, "  ", "  "));
    }
    text
}

fn list(title: &str, words: &str, table: &Table, width: usize) -> String {
    let rows = table.render(2, width);
    if rows.is_empty() {
        String::new()
    } else {
        format!("{} {}\n{rows}\n", paint(STRONG, title), paint(FAINT, words))
    }
}
