//! Puts together how two versions of a model differ.

use melian_analysis::difference::{Change, Differences, Versions};
use melian_analysis::formula::Linear;
use melian_language::model::{HeadlinePart, Model, QuantityKind};

use crate::changes;
use crate::compose::{estimate, known, titled, unit_text};
use crate::data;

/// Says how two versions differ, with what each change accounts for. `after` is the later version's model; the answers have the names of measures
/// and questions, those of figures the formula as written.
pub fn difference(
    [before, after]: [&str; 2],
    model: &Model,
    versions: &Versions,
    found: &Differences,
) -> data::Difference {
    let of_group = |group: Option<usize>| {
        let mut change = data::Change {
            edited: Vec::new(),
            added: Vec::new(),
            removed: Vec::new(),
        };
        for found in versions.changes(group) {
            let name = named(&found);
            match (&found.before, &found.after) {
                (None, _) => change.added.push(name),
                (_, None) => change.removed.push(name),
                (Some(before), Some(after)) => {
                    let words = match found.keyword.as_str() {
                        "file" => "written anew".to_owned(),
                        "fact" => fields(before, after),
                        _ => changes::difference(before, after),
                    };
                    // A whole file is too long to read here.
                    let text = |text: &String| {
                        if found.keyword == "file" {
                            String::new()
                        } else {
                            text.clone()
                        }
                    };
                    change.edited.push(data::Edit {
                        name,
                        words,
                        before: text(before),
                        after: text(after),
                    });
                }
            }
        }
        change
    };
    let answer = |name: &str, title: String, unit: String, scale: f64, headline: bool| {
        // Hundredths are shown like probabilities.
        let scale = if unit == "%" { 1.0 } else { scale };
        let difference = found.answers.get(name)?;
        let parts = difference.parts.iter().map(|(part, error)| data::Attributed {
            part: estimate(*part, scale),
            order_error: known(error / scale),
        });
        Some(data::AnswerDifference {
            name: name.to_owned(),
            title,
            unit,
            headline,
            before: estimate(difference.before, scale),
            after: estimate(difference.after, scale),
            change: estimate(difference.change, scale),
            parts: parts.collect(),
        })
    };
    let mut answers = Vec::new();
    for headline in &model.headlines {
        for part in &headline.parts {
            if let HeadlinePart::Figure { formula, text, unit } = part
                && Linear::of(formula).is_some()
            {
                let (scale, unit) = unit
                    .as_ref()
                    .map_or((1.0, "%".to_owned()), |unit| (unit.scale, unit_text(unit)));
                answers.extend(answer(text, sentence(&headline.parts, text), unit, scale, true));
            }
        }
    }
    let quantities = model.quantities.iter().zip(0_u32..);
    for (quantity, position) in quantities {
        let (unit, scale) = match quantity.kind {
            QuantityKind::Question { .. } => ("%".to_owned(), 1.0),
            QuantityKind::Measure { .. } => (unit_text(&quantity.unit), quantity.unit.scale),
            _ => continue,
        };
        let id = melian_language::model::QuantityId(position);
        for tuple in model.tuples(&quantity.shape) {
            let name = model.scalar_name(id, &tuple);
            let title = titled(model, quantity, &tuple);
            answers.extend(answer(&name, title, unit.clone(), scale, false));
        }
    }
    data::Difference {
        before: before.to_owned(),
        after: after.to_owned(),
        changes: (0..versions.groups())
            .map(|group| of_group(Some(group)))
            .collect(),
        words: of_group(None),
        answers,
        orders: found.orders,
        all_orders: found.all_orders,
    }
}

/// Says which fields of a fact differ, a line each in both.
fn fields(before: &str, after: &str) -> String {
    let pairs = |text| str::lines(text).filter_map(|line| line.split_once(" = "));
    let find = |text, key: &str| pairs(text).find(|(name, _)| *name == key).map(|(_, value)| value);
    let mut words: Vec<String> = pairs(after)
        .filter_map(|(key, new)| match find(before, key) {
            None => Some(format!("{key} was added")),
            Some(old) if old != new => Some(format!("{key} {}", changes::difference(old, new))),
            Some(_) => None,
        })
        .collect();
    let gone = pairs(before).filter(|(key, _)| find(after, key).is_none());
    words.extend(gone.map(|(key, _)| format!("{key} is gone")));
    words.join(", ")
}

/// A headline's words, with the figure's place marked.
fn sentence(parts: &[HeadlinePart], figure: &str) -> String {
    let words = parts.iter().map(|part| match part {
        HeadlinePart::Text(text) => text.as_str(),
        HeadlinePart::Figure { text, .. } if text == figure => "[..]",
        HeadlinePart::Figure { .. } => "..",
    });
    words.collect()
}

fn named(change: &Change) -> String {
    match (change.keyword.as_str(), change.name.as_str()) {
        (keyword, "") => keyword.to_owned(),
        ("headline" | "correlate", text) => text.to_owned(),
        (keyword, name) => format!("{keyword} {name}"),
    }
}
