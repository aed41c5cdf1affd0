//! Puts together why one future went as it did.

use std::collections::HashMap;

use melian_analysis::explain::{self, Explanation, Target, What};
use melian_engine::Traced;
use melian_engine::ensemble::{Ensemble, Trajectory};
use melian_language::model::{Element, Model, QuantityId, QuantityKind};

use crate::compose::{known, last_day, titled, unit_text};
use crate::data;

/// What there is to tell of a future.
pub struct Told<'a> {
    /// The model.
    pub model: &'a Model,
    /// All futures.
    pub ensemble: &'a Ensemble,
    /// What was asked about.
    pub target: Target,
    /// The future; its first world is the baseline.
    pub trajectory: &'a Trajectory,
    /// What it hung on.
    pub explanation: &'a Explanation,
    /// Options whose worth and taste stand behind the trajectory's series, in turn.
    pub traced: &'a [Traced],
    /// How this future came to be chosen.
    pub chosen: String,
}

/// Points of a series' last step between which an ending is placed: every fortieth.
const POINTS: usize = 39;

/// Tells of a future.
pub fn explanation(told: &Told) -> data::Explanation {
    let layout = &told.ensemble.layout;
    let output = match told.target {
        Target::Measure(i) => &layout.measures[i],
        Target::Event(i) => &layout.events[i],
    };
    let quantity = told.model.quantity(output.quantity);
    let (kind, unit, scale) = match &quantity.kind {
        QuantityKind::Question { .. } => ("question", String::new(), 1.0),
        QuantityKind::Event(_) => ("event", String::new(), 1.0),
        _ => ("measure", unit_text(&quantity.unit), quantity.unit.scale),
    };
    let Explanation {
        answer,
        yardstick,
        candidates,
        causes,
        pairs,
    } = told.explanation;
    let cause = |cause: &explain::Cause| data::Cause {
        without: cause.without.clone(),
        answer: known(cause.answer / scale),
        prevents: cause.prevents.clone(),
    };
    data::Explanation {
        target: output.name.clone(),
        title: told.title(output.quantity, output.position),
        kind: kind.to_owned(),
        unit,
        future: (told.trajectory.draw, told.trajectory.replication),
        chosen: told.chosen.clone(),
        answer: known(answer / scale),
        share: told.share(kind == "question"),
        yardstick: known(yardstick / scale),
        candidates: candidates
            .iter()
            .map(|candidate| told.candidate(candidate))
            .collect(),
        causes: causes.iter().map(cause).collect(),
        pairs: pairs.iter().map(cause).collect(),
        timeline: told.timeline(),
        stocks: told.stocks(),
        endings: told.endings(),
    }
}

fn name(option: &Element) -> String {
    option.title.clone().unwrap_or_else(|| option.name.clone())
}

impl Told<'_> {
    fn title(&self, quantity: QuantityId, position: usize) -> String {
        let declared = self.model.quantity(quantity);
        titled(
            self.model,
            declared,
            &self.model.tuples(&declared.shape)[position],
        )
    }

    fn share(&self, is_question: bool) -> Option<f64> {
        let Target::Measure(position) = self.target else {
            return None;
        };
        let values = &self.ensemble.measures[0][position];
        let answer = self.explanation.answer;
        let is_counted = |value: &&f64| {
            if is_question {
                **value == answer
            } else {
                **value < answer
            }
        };
        Some(values.iter().filter(is_counted).count() as f64 / values.len() as f64)
    }

    fn candidate(&self, candidate: &explain::Candidate) -> data::Candidate {
        let quantity = self.model.quantity(candidate.quantity);
        let on = |step| last_day(&self.model.clock, step);
        let mut told = data::Candidate {
            name: candidate.name.clone(),
            title: self.title(candidate.quantity, candidate.position),
            kind: String::new(),
            step: None,
            on: String::new(),
            options: None,
            values: None,
            unit: String::new(),
        };
        match candidate.what {
            What::Event { step } => {
                told.kind = "event".into();
                (told.step, told.on) = (Some(step), on(step));
            }
            What::Choice { step, option } => {
                told.kind = "choice".into();
                (told.step, told.on) = (Some(step), on(step));
                if let QuantityKind::Choice(choice) = &quantity.kind {
                    let named = |option: u32| name(&choice.options[option as usize]);
                    told.options = Some((named(option), named(choice.start)));
                }
            }
            What::Parameter { value, median } => {
                told.kind = "parameter".into();
                told.values = Some((value / quantity.unit.scale, median / quantity.unit.scale));
                told.unit = unit_text(&quantity.unit);
            }
            What::Luck => told.kind = "noise".into(),
        }
        told
    }

    fn timeline(&self) -> Vec<data::Moment> {
        let layout = &self.ensemble.layout;
        let mut moments = Vec::new();
        let mut add = |step: usize, name: &str, what: String, weighed: Vec<data::Weighed>| {
            moments.push(data::Moment {
                step: step as u32,
                on: last_day(&self.model.clock, step as u32),
                name: name.to_owned(),
                what,
                weighed,
            });
        };
        for (output, counts) in layout.events.iter().zip(&self.trajectory.events[0]) {
            let title = self.title(output.quantity, output.position);
            let times = counts.last().copied().unwrap_or(0.0);
            if let Some(first) = counts.iter().position(|count| *count > 0.0) {
                let more = if times > 1.0 {
                    format!(" (first of {times:.0})")
                } else {
                    String::new()
                };
                add(first, &output.name, title + &more, Vec::new());
            }
        }
        let choices = layout.choices.iter().zip(&self.trajectory.choices[0]);
        for (position, ((output, _), options)) in choices.enumerate() {
            let QuantityKind::Choice(choice) = &self.model.quantity(output.quantity).kind else {
                continue;
            };
            let title = self.title(output.quantity, output.position);
            let mut stands = f64::from(choice.start);
            for (step, &option) in options.iter().enumerate() {
                if option != stands {
                    let weighed =
                        self.weighed(position, &choice.options, step, [option as u32, stands as u32]);
                    stands = option;
                    let chosen = name(&choice.options[option as usize]);
                    add(step, &output.name, format!("{title}: {chosen}"), weighed);
                }
            }
        }
        moments.sort_by(|a, b| (a.step, &a.what).cmp(&(b.step, &b.what)));
        moments
    }

    /// Returns the options of a choice as they were weighed in a step, these first.
    fn weighed(
        &self,
        choice: usize,
        options: &[Element],
        step: usize,
        first: [u32; 2],
    ) -> Vec<data::Weighed> {
        let rows = &self.trajectory.series[0][self.ensemble.layout.series.len()..];
        let mut weighed: Vec<(u32, data::Weighed)> = (self.traced.iter().zip(rows.chunks_exact(2)))
            .filter(|(traced, _)| traced.choice == choice)
            .map(|(traced, rows)| {
                let weighed = data::Weighed {
                    option: name(&options[traced.option as usize]),
                    worth: known(rows[0][step]),
                    taste: known(rows[1][step]),
                };
                (traced.option, weighed)
            })
            .collect();
        let place = |option: u32| {
            first
                .iter()
                .position(|other| *other == option)
                .unwrap_or(first.len())
        };
        weighed.sort_by_key(|(option, _)| place(*option));
        weighed.into_iter().map(|(_, weighed)| weighed).collect()
    }

    fn stocks(&self) -> Vec<data::Moved> {
        let cells: HashMap<&str, &[f64]> = (self.trajectory.cells.iter())
            .map(|cell| (cell.name.as_str(), cell.values.as_slice()))
            .collect();
        let mut moved = Vec::new();
        for (quantity, position) in self.model.quantities.iter().zip(0_u32..) {
            if !matches!(quantity.kind, QuantityKind::Stock { .. }) {
                continue;
            }
            let id = QuantityId(position);
            for tuple in self.model.tuples(&quantity.shape) {
                let name = self.model.scalar_name(id, &tuple);
                let Some([from, .., to]) = cells.get(name.as_str()) else {
                    continue;
                };
                // What begins at nothing is a count of what has been, and has moved all the way in every future.
                let by = (to - from).abs() / from.abs().max(to.abs());
                if by > 0.0 && *from != 0.0 {
                    let stock = data::Moved {
                        title: titled(self.model, quantity, &tuple),
                        unit: unit_text(&quantity.unit),
                        from: from / quantity.unit.scale,
                        to: to / quantity.unit.scale,
                        name,
                    };
                    moved.push((by, stock));
                }
            }
        }
        moved.sort_by(|a, b| b.0.total_cmp(&a.0));
        moved.into_iter().map(|(_, stock)| stock).collect()
    }

    fn endings(&self) -> Vec<data::Ending> {
        let layout = &self.ensemble.layout;
        let last = layout.steps.saturating_sub(1) as usize;
        let mut endings = Vec::new();
        for (position, output) in layout.series.iter().enumerate() {
            let value = self.trajectory.series[0][position][last];
            let points: [f64; POINTS] = std::array::from_fn(|i| (i + 1) as f64 / (POINTS + 1) as f64);
            let quantiles = self.ensemble.series[0][position][last]
                .histogram
                .quantiles(points);
            let below = quantiles.iter().filter(|quantile| **quantile < value).count() as f64;
            let alike = quantiles.iter().filter(|quantile| **quantile == value).count() as f64;
            let unit = &self.model.quantity(output.quantity).unit;
            if value.is_finite() {
                endings.push(data::Ending {
                    name: output.name.clone(),
                    title: self.title(output.quantity, output.position),
                    unit: unit_text(unit),
                    value: value / unit.scale,
                    below: (below + alike / 2.0 + 0.5) / (POINTS + 1) as f64,
                });
            }
        }
        endings.sort_by(|a, b| (b.below - 0.5).abs().total_cmp(&(a.below - 0.5).abs()));
        endings
    }
}
