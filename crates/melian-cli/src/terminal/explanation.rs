//! One future in words: the answer, what it hung on, what happened, and where the future was unusual.

use melian_analysis::explain::{Candidate, Cause, Explanation, Target, What};
use melian_analysis::words::{number, percent, short};
use melian_engine::ensemble::{Ensemble, Trajectory};
use melian_language::model::{Model, QuantityId, QuantityKind};
use melian_report::{last_day, unit_text};
use serde_json::{Value, json};

use super::answer::paint_words;
use super::layout::{Side, Table, wrap};
use super::style::{FAINT, STRONG, paint};
use super::units::unit_in_words;

/// What there is to tell.
pub struct Told<'a> {
    pub model: &'a Model,
    pub ensemble: &'a Ensemble,
    pub target: Target,
    pub trajectory: &'a Trajectory,
    pub explanation: &'a Explanation,
    /// How this future came to be chosen.
    pub chosen: String,
}

/// Series that are shown, those that end farthest from their median (a choice by judgement).
const MOST_SERIES: usize = 8;

/// Renders an explanation.
pub fn render(told: &Told, width: usize) -> String {
    let size = told.ensemble.size;
    let mut text = format!("{}\n", paint(STRONG, &told.model.title));
    let which = format!(
        "Future {}:{} of {} draws of {}, {}",
        told.trajectory.draw, told.trajectory.replication, size.draws, size.replications, told.chosen
    );
    text.push_str(&wrap(&paint_words(FAINT, &which), width, "", ""));
    text.push_str(&wrap(
        &format!(
            "{}: {}{}",
            told.titled_target(),
            told.answer(told.explanation.answer),
            told.beside()
        ),
        width,
        "\n",
        "  ",
    ));
    text.push_str(&causes(told, width));
    text.push_str(&happened(told, width));
    text.push_str(&unusual(told, width));
    text
}

fn causes(told: &Told, width: usize) -> String {
    let Explanation {
        causes,
        pairs,
        candidates,
        ..
    } = told.explanation;
    let mut text = String::new();
    let (found, heading) = match (causes.is_empty(), pairs.is_empty()) {
        (false, _) => (
            causes,
            "But for any one of these the answer would have been another",
        ),
        (true, false) => (
            pairs,
            "Nothing alone would have changed the answer, but both of these would",
        ),
        (true, true) => {
            let none = format!(
                "None of {} things that were taken away, alone or two at once, changes the answer: it hangs on many, or on the luck of noise.",
                candidates.len()
            );
            return wrap(&none, width, "\n", "");
        }
    };
    text.push_str(&format!("\n{}\n", paint(STRONG, heading)));
    for cause in found {
        let without: Vec<String> = cause
            .without
            .iter()
            .map(|&i| told.in_words(&candidates[i]))
            .collect();
        let line = format!("{}: then {}", without.join(", and "), told.answer(cause.answer));
        text.push_str(&wrap(&line, width, "  ", "      "));
        let prevented: Vec<String> = cause
            .prevents
            .iter()
            .map(|&i| told.short_name(&candidates[i]))
            .collect();
        if !prevented.is_empty() {
            let line = format!("nor would there have been: {}", prevented.join(", "));
            text.push_str(&wrap(&paint_words(FAINT, &line), width, "    └ ", "      "));
        }
    }
    let tried = format!(
        "{} things were taken away one at a time: events that happened, choices that changed, assumptions in the outer tenth of their prior. \
         The luck of noise was kept.",
        candidates.len()
    );
    text + &wrap(&paint_words(FAINT, &tried), width, "  ", "  ")
}

fn happened(told: &Told, width: usize) -> String {
    let mut moments = told.moments();
    moments.sort();
    let mut table = Table::new([Side::Left, Side::Left]);
    for (step, what) in moments {
        table.row([what, paint(FAINT, last_day(&told.model.clock, step))]);
    }
    format!(
        "\n{}\n{}",
        paint(STRONG, "What happened, in weeks that ended on"),
        table.render(2, width)
    )
}

fn unusual(told: &Told, width: usize) -> String {
    let mut found = told.ranks();
    found.sort_by(|a, b| (b.1 - 0.5).abs().total_cmp(&(a.1 - 0.5).abs()));
    let mut table = Table::new([Side::Left, Side::Right, Side::Left]);
    for (output, rank, value) in found.into_iter().take(MOST_SERIES) {
        let quantity = told.model.quantity(told.ensemble.layout.series[output].quantity);
        let shown = value / quantity.unit.scale;
        let beside = if rank >= 0.5 {
            format!("above {} of futures", percent(rank))
        } else {
            format!("below {}", percent(1.0 - rank))
        };
        let output = &told.ensemble.layout.series[output];
        table.row([
            told.titled(output.quantity, output.position),
            format!(
                "{} {}",
                short(shown),
                unit_in_words(&unit_text(&quantity.unit), shown)
            )
            .trim_end()
            .to_owned(),
            paint(FAINT, beside),
        ]);
    }
    format!(
        "\n{}\n{}",
        paint(STRONG, "Where it ended farthest from the middle"),
        table.render(2, width)
    )
}

impl Told<'_> {
    fn titled(&self, quantity: QuantityId, position: usize) -> String {
        let declared = self.model.quantity(quantity);
        let title = declared
            .title
            .clone()
            .unwrap_or_else(|| declared.name.replace('_', " "));
        let tuple = &self.model.tuples(&declared.shape)[position];
        let elements: Vec<String> = (declared.shape.iter().zip(tuple))
            .map(|(&index, &element)| {
                let element = self.model.element(index, element);
                element.title.clone().unwrap_or_else(|| element.name.clone())
            })
            .collect();
        if elements.is_empty() {
            title
        } else {
            format!("{title}: {}", elements.join(", "))
        }
    }

    fn titled_target(&self) -> String {
        let layout = &self.ensemble.layout;
        match self.target {
            Target::Measure(i) => self.titled(layout.measures[i].quantity, layout.measures[i].position),
            Target::Event(i) => self.titled(layout.events[i].quantity, layout.events[i].position),
        }
    }

    /// Returns an answer in words: yes or no, how often, or a number with its unit.
    fn answer(&self, value: f64) -> String {
        let quantity = self.model.quantity(self.target.quantity(&self.ensemble.layout));
        match &quantity.kind {
            QuantityKind::Question { .. } if value == 1.0 => "yes".to_owned(),
            QuantityKind::Question { .. } => "no".to_owned(),
            QuantityKind::Event(event) if !event.recurring => if value > 0.0 {
                "it happens"
            } else {
                "it does not happen"
            }
            .to_owned(),
            QuantityKind::Event(_) => format!("{value:.0} times"),
            _ => {
                let scale = quantity.unit.scale;
                let shown = value / scale;
                let text = number(shown, self.explanation.yardstick / scale / 10.0);
                format!("{text} {}", unit_in_words(&unit_text(&quantity.unit), shown))
                    .trim_end()
                    .to_owned()
            }
        }
    }

    /// Returns how the answer stands beside those of other futures.
    fn beside(&self) -> String {
        let Target::Measure(position) = self.target else {
            return String::new();
        };
        let values = &self.ensemble.measures[0][position];
        let share = |is: &dyn Fn(f64) -> bool| {
            values.iter().filter(|value| is(**value)).count() as f64 / values.len() as f64
        };
        let answer = self.explanation.answer;
        let is_question = matches!(
            self.model
                .quantity(self.target.quantity(&self.ensemble.layout))
                .kind,
            QuantityKind::Question { .. }
        );
        if is_question {
            format!(", as in {} of futures", percent(share(&|value| value == answer)))
        } else {
            format!(", above {} of futures", percent(share(&|value| value < answer)))
        }
    }

    /// Returns a candidate as what would not have been.
    fn in_words(&self, candidate: &Candidate) -> String {
        let title = self.titled(candidate.quantity, candidate.position);
        let quantity = self.model.quantity(candidate.quantity);
        match candidate.what {
            What::Event { step } => format!("without \"{title}\" ({})", last_day(&self.model.clock, step)),
            What::Choice { step, option } => {
                let QuantityKind::Choice(choice) = &quantity.kind else {
                    return title;
                };
                let name = |option: u32| {
                    let option = &choice.options[option as usize];
                    option.title.clone().unwrap_or_else(|| option.name.clone())
                };
                format!(
                    "{title} left at \"{}\", not \"{}\" from {}",
                    name(choice.start),
                    name(option),
                    last_day(&self.model.clock, step)
                )
            }
            What::Parameter { value, median } => format!(
                "{title} (`{}`) at its median {}, not {}",
                candidate.name,
                short(median / quantity.unit.scale),
                short(value / quantity.unit.scale)
            ),
        }
    }

    fn short_name(&self, candidate: &Candidate) -> String {
        self.titled(candidate.quantity, candidate.position)
    }

    /// Returns what happened: the step, and an event or a change of course.
    fn moments(&self) -> Vec<(u32, String)> {
        let layout = &self.ensemble.layout;
        let mut moments = Vec::new();
        for (output, counts) in layout.events.iter().zip(&self.trajectory.events[0]) {
            let title = self.titled(output.quantity, output.position);
            let times = counts.last().copied().unwrap_or(0.0);
            let first = counts.iter().position(|count| *count > 0.0);
            if let Some(first) = first {
                let more = if times > 1.0 {
                    format!(" (first of {times:.0})")
                } else {
                    String::new()
                };
                moments.push((first as u32, title + &more));
            }
        }
        for ((output, _), options) in layout.choices.iter().zip(&self.trajectory.choices[0]) {
            let QuantityKind::Choice(choice) = &self.model.quantity(output.quantity).kind else {
                continue;
            };
            let title = self.titled(output.quantity, output.position);
            let mut stands = f64::from(choice.start);
            for (step, &option) in options.iter().enumerate() {
                if option != stands {
                    stands = option;
                    let element = &choice.options[option as usize];
                    let name = element.title.as_ref().unwrap_or(&element.name);
                    moments.push((step as u32, format!("{title}: {name}")));
                }
            }
        }
        moments
    }

    /// Returns for each series where this future ends among all: position, share of futures below, value.
    fn ranks(&self) -> Vec<(usize, f64, f64)> {
        let last = self.ensemble.layout.steps.saturating_sub(1) as usize;
        let ranked = self.ensemble.series[0]
            .iter()
            .enumerate()
            .map(|(position, steps)| {
                let value = self.trajectory.series[0][position][last];
                let points: [f64; 39] = std::array::from_fn(|i| (i + 1) as f64 / 40.0);
                let quantiles = steps[last].histogram.quantiles(points);
                let below = quantiles.iter().filter(|quantile| **quantile < value).count();
                let alike = quantiles.iter().filter(|quantile| **quantile == value).count();
                (position, (below as f64 + alike as f64 / 2.0 + 0.5) / 40.0, value)
            });
        ranked.filter(|(_, _, value)| value.is_finite()).collect()
    }

    /// Returns the explanation as JSON.
    pub fn json(&self) -> String {
        let candidate = |candidate: &Candidate| match candidate.what {
            What::Event { step } => json!({"event": candidate.name, "on": last_day(&self.model.clock, step)}),
            What::Choice { step, option } => {
                json!({"choice": candidate.name, "on": last_day(&self.model.clock, step), "option": option})
            }
            What::Parameter { value, median } => {
                let scale = self.model.quantity(candidate.quantity).unit.scale;
                json!({"parameter": candidate.name, "value": value / scale, "median": median / scale})
            }
        };
        let scale = self
            .model
            .quantity(self.target.quantity(&self.ensemble.layout))
            .unit
            .scale;
        let cause = |cause: &Cause| json!({"without": cause.without, "answer": cause.answer / scale, "prevents": cause.prevents});
        let Explanation {
            answer,
            yardstick,
            candidates,
            causes,
            pairs,
        } = self.explanation;
        let mut moments = self.moments();
        moments.sort();
        let value: Value = json!({
            "model": self.model.name,
            "target": match self.target {
                Target::Measure(i) => &self.ensemble.layout.measures[i].name,
                Target::Event(i) => &self.ensemble.layout.events[i].name,
            },
            "draw": self.trajectory.draw,
            "replication": self.trajectory.replication,
            "seed": self.ensemble.size.seed,
            "answer": answer / scale,
            "yardstick": yardstick / scale,
            "candidates": candidates.iter().map(candidate).collect::<Vec<_>>(),
            "causes": causes.iter().map(cause).collect::<Vec<_>>(),
            "pairs": pairs.iter().map(cause).collect::<Vec<_>>(),
            "timeline": moments.iter().map(|(step, what)| json!({"on": last_day(&self.model.clock, *step), "what": what})).collect::<Vec<_>>(),
        });
        value.to_string()
    }
}
