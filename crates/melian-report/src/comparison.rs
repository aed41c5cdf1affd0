//! Puts together what a comparison says beyond effects.

use melian_analysis::causation::{self, causation};
use melian_analysis::effect::{self, interaction};
use melian_analysis::pathways;
use melian_analysis::sample::Sample;
use melian_analysis::sweep::{self, respond};
use melian_engine::ensemble::{Column, StepSummary};
use melian_engine::layout::Output;
use melian_language::model::QuantityKind;
use rayon::prelude::*;

use crate::compose::{
    Compared, Composer, Swept, TakenApart, band, estimate, known, shown_effect, spaced, title_of, unit_text,
};
use crate::data::{
    Apart, Bounded, Causation, Comparison, Interaction, Part, SeriesEffect, Shape, Sweep, SweepAnswer,
    SweptUnder,
};

impl<'a> Composer<'a> {
    pub(crate) fn comparison(self, compared: Compared<'a>) -> Comparison {
        let ((series, causation), (interactions, sweep)) = rayon::join(
            || rayon::join(|| self.series_effects(), || self.causation()),
            || {
                rayon::join(
                    || self.interactions(),
                    || compared.sweep.map(|swept| self.sweep(swept)),
                )
            },
        );
        Comparison {
            series,
            causation,
            interactions,
            apart: compared
                .apart
                .iter()
                .flat_map(|taken| self.apart(taken))
                .collect(),
            sweep,
        }
    }

    fn apart(self, taken: &TakenApart) -> Vec<Apart> {
        let model = self.run.model;
        let of_output = |(position, output): (usize, &Output)| {
            let ensemble = &taken.ensemble;
            let samples: Vec<Sample> = ensemble
                .measures
                .iter()
                .map(|world| Sample::new(&world[position], ensemble.size))
                .collect();
            let found = taken.apart.parts(&samples);
            let scale = self.scale(output);
            let part = |part: &pathways::Part| {
                let pathway = &model.pathways[part.pathway];
                Part {
                    pathway: pathway.name.clone(),
                    title: title_of(pathway),
                    share: estimate(part.share, scale),
                    alone: estimate(part.alone, scale),
                    missed: estimate(part.missed, scale),
                }
            };
            Apart {
                name: output.name.clone(),
                world: taken.apart.world.clone(),
                effect: estimate(found.effect, scale),
                parts: found.parts.iter().map(part).collect(),
                otherwise: estimate(found.otherwise, scale),
            }
        };
        let outputs: Vec<(usize, &Output)> = taken.ensemble.layout.measures.iter().enumerate().collect();
        outputs.into_par_iter().map(of_output).collect()
    }

    fn series_effects(self) -> Vec<SeriesEffect> {
        let ensemble = self.run.ensemble;
        let draws = ensemble.size.draws;
        let of_series = |(position, output): (usize, &Output)| {
            let scale = self.quantity(output).unit.scale;
            let without = &ensemble.series[0][position];
            let of_world = |(differences, world): (&Vec<Vec<StepSummary>>, usize)| {
                let (differences, with) = (&differences[position], &ensemble.series[world][position]);
                let steps = differences.iter().zip(with).zip(without);
                SeriesEffect {
                    name: output.name.clone(),
                    world: ensemble.layout.worlds[world].clone(),
                    band: band(differences, scale),
                    changed: differences.iter().map(effect::changed).collect(),
                    pairing: steps
                        .map(|((difference, with), without)| {
                            known(effect::pairing_of_step(with, without, difference, draws))
                        })
                        .collect(),
                }
            };
            ensemble
                .differences
                .iter()
                .zip(1..)
                .map(of_world)
                .collect::<Vec<_>>()
        };
        let series: Vec<_> = ensemble.layout.series.iter().enumerate().collect();
        series.into_par_iter().flat_map_iter(of_series).collect()
    }

    fn causation(self) -> Vec<Causation> {
        let questions = self.outputs(|kind| matches!(kind, QuantityKind::Question { .. }));
        let of_question = |(position, output): (usize, &Output)| {
            let samples: Vec<Sample> = self.worlds_of(position).collect();
            let title = self.label(output).title;
            let worlds = &self.run.ensemble.layout.worlds;
            let of_world = |world: usize| {
                let found = causation(samples[world], samples[0]);
                Causation {
                    name: output.name.clone(),
                    world: worlds[world].clone(),
                    shares: found.shares,
                    necessity: bounded(&found.necessity),
                    sufficiency: bounded(&found.sufficiency),
                    both: bounded(&found.both),
                    words: found.words(&title, &worlds[world]),
                }
            };
            (1..samples.len()).map(of_world).collect::<Vec<_>>()
        };
        questions.into_par_iter().flat_map_iter(of_question).collect()
    }

    fn interactions(self) -> Vec<Interaction> {
        let worlds = self.run.worlds;
        let alone = |id| worlds.iter().position(|world| world.interventions == [id]);
        // The world of several interventions, and those of each.
        let joint = worlds.iter().enumerate().filter_map(|(joint, world)| {
            let parts: Option<Vec<usize>> = world.interventions.iter().map(|&id| alone(id)).collect();
            parts.filter(|parts| parts.len() > 1).map(|parts| (joint, parts))
        });
        let joint: Vec<(usize, Vec<usize>)> = joint.collect();
        let of_answer = |(position, output): (usize, &Output)| {
            let samples: Vec<Sample> = self.worlds_of(position).collect();
            let scale = self.scale(output);
            let of_world = |(joint, parts): &(usize, Vec<usize>)| {
                let parts: Vec<Sample> = parts.iter().map(|&part| samples[part]).collect();
                let found = interaction(samples[*joint], &parts, samples[0]);
                Interaction {
                    name: output.name.clone(),
                    effect: shown_effect(found, &worlds[*joint].name, scale),
                }
            };
            joint.iter().map(of_world).collect::<Vec<_>>()
        };
        self.answers().into_par_iter().flat_map_iter(of_answer).collect()
    }

    fn sweep(self, swept: Swept<'a>) -> Sweep {
        let quantity = self.run.model.quantity(swept.quantity);
        let of_answer = |worlds: &[Vec<Column>], (position, output): (usize, &Output)| {
            let samples: Vec<Sample> = (worlds.iter())
                .map(|world| Sample::new(&world[position], swept.ensemble.size))
                .collect();
            let found = respond(&samples, self.is_question(output));
            let scale = self.scale(output);
            SweepAnswer {
                name: output.name.clone(),
                points: found
                    .points
                    .into_iter()
                    .map(|point| estimate(point, scale))
                    .collect(),
                shape: shape(found.shape),
                monotone: found.monotone,
            }
        };
        let answers = |worlds: &[Vec<Column>]| {
            let mut answers: Vec<SweepAnswer> = (self.answers().into_par_iter())
                .map(|answer| of_answer(worlds, answer))
                .collect();
            answers.sort_by(|a, b| movement(b).total_cmp(&movement(a)));
            answers
        };
        let mut held = swept.ensemble.measures[1..].chunks_exact(swept.values.len());
        let as_it_stands = held.next().expect("the model as it stands is swept");
        Sweep {
            quantity: swept.name.to_owned(),
            title: quantity.title.clone().unwrap_or_else(|| spaced(&quantity.name)),
            unit: unit_text(&quantity.unit),
            values: swept.values.to_vec(),
            answers: answers(as_it_stands),
            under: (swept.under.iter().zip(held))
                .map(|(world, held)| SweptUnder {
                    world: world.name.clone(),
                    answers: answers(held),
                })
                .collect(),
        }
    }

    /// Returns questions, then measures.
    fn answers(self) -> Vec<(usize, &'a Output)> {
        let questions = self.outputs(|kind| matches!(kind, QuantityKind::Question { .. }));
        let measures = self.outputs(|kind| matches!(kind, QuantityKind::Measure { .. }));
        questions.into_iter().chain(measures).collect()
    }

    fn is_question(self, output: &Output) -> bool {
        matches!(self.quantity(output).kind, QuantityKind::Question { .. })
    }

    fn scale(self, output: &Output) -> f64 {
        if self.is_question(output) {
            1.0
        } else {
            self.quantity(output).unit.scale
        }
    }
}

/// Returns how far the mean moves along a sweep, in standard deviations of the futures where they differ most.
fn movement(answer: &SweepAnswer) -> f64 {
    let means = || answer.points.iter().filter_map(|point| point.mean);
    let moved = means().fold(f64::NEG_INFINITY, f64::max) - means().fold(f64::INFINITY, f64::min);
    let spread = answer.points.iter().map(|point| {
        let (knowledge, luck) = (point.knowledge_sd.unwrap_or(0.0), point.luck_sd.unwrap_or(0.0));
        knowledge * knowledge + luck * luck
    });
    moved.max(0.0) / spread.fold(f64::MIN_POSITIVE, f64::max).sqrt()
}

fn bounded(found: &causation::Bounded) -> Bounded {
    Bounded {
        value: known(found.value),
        mc_error: known(found.mc_error),
        low: known(found.low.0),
        low_mc_error: known(found.low.1),
        high: known(found.high.0),
        high_mc_error: known(found.high.1),
        futures: found.futures,
    }
}

fn shape(shape: sweep::Shape) -> Shape {
    match shape {
        sweep::Shape::Flat => Shape::Flat,
        sweep::Shape::Rising => Shape::Rising,
        sweep::Shape::Falling => Shape::Falling,
        sweep::Shape::Turning => Shape::Turning,
        sweep::Shape::Unclear => Shape::Unclear,
    }
}
