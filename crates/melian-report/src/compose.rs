//! Puts the answers of a run together as a [`Report`].

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use melian_analysis::bar::Bar;
use melian_analysis::claim::{self, Rule};
use melian_analysis::deciding::{Deciding, Ranking};
use melian_analysis::effect::{self, effect};
use melian_analysis::estimate::{FUTURE_POINTS, monte_carlo_error, quantiles};
use melian_analysis::formula::{Futures, Linear, Term};
use melian_analysis::pathways::Apart;
use melian_analysis::prior::Priors;
use melian_analysis::sample::Sample;
use melian_analysis::{check, headline};
use melian_engine::World;
use melian_engine::ensemble::{Ensemble, StepSummary};
use melian_engine::graph::WatchKind;
use melian_engine::layout::Output;
use melian_language::evidence::{Fact, Reference};
use melian_language::model::{
    Action, Anchor, Claim, ClaimKind, Clock, Element, ElementId, Formula, Headline, HeadlinePart, IndexId,
    Intervention, InterventionId, Model, Pathway, Quantity, QuantityId, QuantityKind, Reading, Unit, When,
};
use melian_language::source::{Sources, Span};
use rayon::prelude::*;

use crate::comments::{Notes, head_comment};
use crate::data::{
    AnchorInfo, Band, CheckAnswer, ChoiceAnswer, ClaimAnswer, DeclarationInfo, Effect, Estimate, EventAnswer,
    FORMAT, FactInfo, FileInfo, HeadlineAnswer, HeadlineText, Label, MapInfo, MeasureAnswer, ModelInfo,
    Outline, ProblemInfo, QuestionAnswer, ReferenceInfo, Report, RunInfo, SeriesAnswer, Thing, Verdict,
    WorldInfo,
};

/// A run with what a report says about it.
#[derive(Clone, Debug)]
pub struct Run<'a> {
    /// The model.
    pub model: &'a Model,
    /// Its texts.
    pub sources: &'a Sources,
    /// Its worlds, in the order of the ensemble.
    pub worlds: &'a [World],
    /// All futures.
    pub ensemble: &'a Ensemble,
    /// Whether it compares: then it says more of its worlds, and has neither headlines nor claims, whose worlds it may lack.
    pub compared: Option<Compared<'a>>,
    /// The priors of its parameters.
    pub priors: &'a Priors,
    /// Version of the program, identity and command of the run.
    pub info: Info,
}

/// What a comparison holds beside its worlds.
#[derive(Clone, Copy, Debug)]
pub struct Compared<'a> {
    /// A quantity held at one value after another.
    pub sweep: Option<Swept<'a>>,
    /// Effects taken apart by pathways.
    pub apart: &'a [TakenApart],
}

/// All futures that take one intervention's effects apart.
#[derive(Clone, Debug)]
pub struct TakenApart {
    /// The worlds.
    pub apart: Apart,
    /// Every measure and question in them.
    pub ensemble: Ensemble,
}

/// All futures of a sweep.
#[derive(Clone, Copy, Debug)]
pub struct Swept<'a> {
    /// The quantity.
    pub quantity: QuantityId,
    /// It as it was asked for, with its element.
    pub name: &'a str,
    /// The values, in the quantity's unit.
    pub values: &'a [f64],
    /// Under which other worlds it is held at them too.
    pub under: &'a [World],
    /// The baseline, then a world for each value as the model stands, then one for each value under each of the others.
    pub ensemble: &'a Ensemble,
}

/// What a report says about how it was made.
#[derive(Clone, Debug)]
pub struct Info {
    /// Version of the program.
    pub melian: String,
    /// Hash of program, evidence, seed and size.
    pub identity: String,
    /// Hash of the priors alone.
    pub priors: String,
    /// Wall time of the simulation in seconds.
    pub seconds: Option<f64>,
    /// The command that makes the same run.
    pub reproduce: String,
}

/// Answers everything that the model asks.
pub fn compose(run: &Run) -> Report {
    let Run { model, ensemble, .. } = *run;
    let composer = Composer {
        run,
        futures: Futures { model, ensemble },
    };
    // The long parts side by side; each keeps its own order.
    let ((questions, measures), ((series, claims), anchors)) = rayon::join(
        || rayon::join(|| composer.questions(), || composer.measures()),
        || {
            rayon::join(
                || rayon::join(|| composer.series(), || composer.claims()),
                || composer.anchors(),
            )
        },
    );
    Report {
        format: FORMAT.into(),
        melian: run.info.melian.clone(),
        model: composer.model(),
        run: composer.run(),
        headlines: composer.headlines(),
        worlds: composer.worlds(),
        questions,
        measures,
        claims,
        series,
        choices: composer.choices(),
        events: composer.events(),
        maps: composer.maps(),
        declarations: composer.declarations(),
        files: composer.files(),
        facts: composer.facts(),
        references: composer.references(),
        checks: composer.checks(),
        anchors,
        problems: composer.problems(),
        changes: None,
        difference: None,
        explanation: None,
        comparison: run.compared.map(|compared| composer.comparison(compared)),
    }
}

#[derive(Clone, Copy)]
pub(crate) struct Composer<'a> {
    pub(crate) run: &'a Run<'a>,
    futures: Futures<'a>,
}

impl<'a> Composer<'a> {
    fn model(self) -> ModelInfo {
        let model = self.run.model;
        let steps = model.clock.steps;
        ModelInfo {
            name: model.name.clone(),
            title: model.title.clone(),
            start: date(model.clock.start_day.into()),
            end: self.last_day(steps - 1),
            step_days: model.clock.step_days,
            step_ends: (0..steps).map(|step| self.last_day(step)).collect(),
            counts: self.counts(),
        }
    }

    fn counts(self) -> Vec<(String, usize)> {
        let model = self.run.model;
        let mut counts = BTreeMap::<usize, (&str, usize)>::new();
        for quantity in &model.quantities {
            let (order, keyword) = keyword(&quantity.kind);
            counts.entry(order).or_insert((keyword, 0)).1 += 1;
        }
        let others = [
            ("intervention", model.interventions.len()),
            ("claim", model.claims.len()),
        ];
        counts
            .into_values()
            .chain(others)
            .chain([("fact", self.facts().len())])
            .filter(|(_, count)| *count > 0)
            .map(|(keyword, count)| (keyword.to_owned(), count))
            .collect()
    }

    fn run(self) -> RunInfo {
        let (info, size) = (&self.run.info, self.run.ensemble.size);
        RunInfo {
            identity: info.identity.clone(),
            priors: info.priors.clone(),
            seed: size.seed,
            draws: size.draws,
            replications: size.replications,
            seconds: info.seconds,
            reproduce: info.reproduce.clone(),
        }
    }

    /// Returns the last day of a step.
    fn last_day(self, step: u32) -> String {
        last_day(&self.run.model.clock, step)
    }

    fn headlines(self) -> Vec<HeadlineAnswer> {
        let unknown = melian_analysis::Estimate::constant(f64::NAN);
        let part = |part| {
            headline_part(part, |formula| {
                headline::figure(formula, self.futures).unwrap_or(unknown)
            })
        };
        let headlines = self.run.model.headlines.iter();
        headlines
            .filter(|_| self.run.compared.is_none())
            .map(|headline| HeadlineAnswer {
                parts: headline.parts.iter().map(part).collect(),
            })
            .collect()
    }

    fn worlds(self) -> Vec<WorldInfo> {
        self.run.worlds.iter().map(|world| self.world(world)).collect()
    }

    fn world(self, world: &World) -> WorldInfo {
        let Run { model, sources, .. } = *self.run;
        let parts: Vec<&Intervention> = world
            .interventions
            .iter()
            .map(|id| &model.interventions[id.position()])
            .collect();
        let title = |part: &&Intervention| part.title.clone().unwrap_or_else(|| part.name.clone());
        let titles: Vec<String> = parts.iter().map(title).collect();
        let changes = parts.iter().flat_map(|part| &part.changes);
        let mut cuts: Vec<String> = changes
            .filter(|change| matches!(change.action, Action::Hold(_)))
            .map(|change| model.quantity(change.quantity))
            .filter(|quantity| is_computed(&quantity.kind))
            .map(|quantity| quantity.name.clone())
            .collect();
        cuts.dedup();
        WorldInfo {
            name: world.name.clone(),
            title: match (parts.is_empty(), closed_way(model, world)) {
                (true, _) => "As it stands".into(),
                (false, None) => titles.join(" + "),
                (false, Some(way)) => {
                    format!("{}, but not through \u{201c}{way}\u{201d}", titles.join(" + "))
                }
            },
            changes: parts
                .iter()
                .flat_map(|part| changes_as_written(sources.excerpt(part.span)))
                .collect(),
            parts: parts.iter().map(|part| part.name.clone()).collect(),
            cuts,
        }
    }

    fn questions(self) -> Vec<QuestionAnswer> {
        let outputs = self.outputs(|kind| matches!(kind, QuantityKind::Question { .. }));
        let answer = |(position, output): &(usize, &Output)| {
            let estimates = self
                .worlds_of(*position)
                .map(melian_analysis::Estimate::of_probability);
            let reading = melian_language::model::Reading {
                quantity: output.quantity,
                position: output.position,
            };
            QuestionAnswer {
                label: self.label(output),
                by: self.by(output),
                worlds: estimates.map(|base| estimate(base, 1.0)).collect(),
                effects: self.effects(*position, 1.0),
                elicited: self
                    .run
                    .model
                    .anchors
                    .iter()
                    .any(|anchor| anchor.question == reading),
            }
        };
        outputs.par_iter().map(answer).collect()
    }

    fn measures(self) -> Vec<MeasureAnswer> {
        let outputs = self.outputs(|kind| matches!(kind, QuantityKind::Measure { .. }));
        let answer = |(position, output): &(usize, &Output)| {
            let scale = self.quantity(output).unit.scale;
            let samples: Vec<Sample> = self.worlds_of(*position).collect();
            MeasureAnswer {
                label: self.label(output),
                by: self.by(output),
                worlds: samples
                    .par_iter()
                    .map(|sample| estimate(melian_analysis::Estimate::of(*sample), scale))
                    .collect(),
                effects: self.effects(*position, scale),
            }
        };
        outputs.par_iter().map(answer).collect()
    }

    pub(crate) fn outputs(self, wanted: impl Fn(&QuantityKind) -> bool) -> Vec<(usize, &'a Output)> {
        let outputs = self.run.ensemble.layout.measures.iter().enumerate();
        outputs
            .filter(|(_, output)| wanted(&self.quantity(output).kind))
            .collect()
    }

    pub(crate) fn worlds_of(self, position: usize) -> impl Iterator<Item = Sample<'a>> {
        let ensemble = self.run.ensemble;
        ensemble
            .measures
            .iter()
            .map(move |world| Sample::new(&world[position], ensemble.size))
    }

    fn effects(self, position: usize, scale: f64) -> Vec<Effect> {
        let samples: Vec<Sample> = self.worlds_of(position).collect();
        let names = &self.run.ensemble.layout.worlds;
        let of_world = |world: usize| shown_effect(effect(samples[world], samples[0]), &names[world], scale);
        (1..samples.len()).into_par_iter().map(of_world).collect()
    }

    fn by(self, output: &Output) -> String {
        match &self.quantity(output).kind {
            QuantityKind::Measure {
                reading: When { step, .. },
                ..
            }
            | QuantityKind::Question {
                reading: When { step, .. },
                ..
            } => self.last_day(*step),
            _ => String::new(),
        }
    }

    fn claims(self) -> Vec<ClaimAnswer> {
        let ranking = Ranking::new(&self.run.priors.columns);
        self.run
            .model
            .claims
            .par_iter()
            .filter(|_| self.run.compared.is_none())
            .map(|claim| self.claim(claim, &ranking))
            .collect()
    }

    fn deciding(self, found: &Deciding) -> crate::data::Deciding {
        let Run { model, priors, .. } = *self.run;
        let column = &priors.columns[found.column];
        let tuples = model.tuples(&model.quantity(column.quantity).shape);
        crate::data::Deciding {
            parameter: model.scalar_name(column.quantity, &tuples[column.position]),
            correlation: found.correlation,
            low: found.low,
            high: found.high,
            tips: (found.tips).map(|value| value / model.quantity(column.quantity).unit.scale),
        }
    }

    fn claim(self, claim: &Claim, ranking: &Ranking<'_>) -> ClaimAnswer {
        let decision = claim::decide(claim, self.futures);
        let (kind, text, formula, fact) = match &claim.kind {
            ClaimKind::Formula { formula, text } => ("formula", text.as_str(), Some(formula), None),
            ClaimKind::Factual { fact, text, .. } => ("factual", text.as_str(), None, Some(fact.clone())),
            ClaimKind::Normative => ("normative", "", None, None),
        };
        let (readings, worlds) = formula
            .map(|formula| claim::names(formula, self.futures))
            .unwrap_or_default();
        let decided_by = formula
            .filter(|_| !matches!(decision.verdict, claim::Verdict::BuiltIn))
            .map(|formula| ranking.deciding(formula, self.futures))
            .unwrap_or_default();
        ClaimAnswer {
            decided_by: decided_by.iter().map(|found| self.deciding(found)).collect(),
            name: claim.name.clone(),
            title: claim.title.clone().unwrap_or_default(),
            quote: claim.quote.clone(),
            kind: kind.into(),
            formula: text.into(),
            verdict: verdict(decision.verdict),
            words: decision.words,
            share: known(decision.share),
            share_interval: both_known(decision.share_interval),
            rule: rule(decision.rule).into(),
            because: claim.because.clone().unwrap_or_default(),
            rests_on: claim.rests.clone().unwrap_or_default(),
            settled_by: claim.settled.clone().unwrap_or_default(),
            contradicts: claim.contradicts.clone(),
            readings,
            worlds,
            through: formula.map_or_else(Vec::new, |formula| self.mediators(formula)),
            bars: formula.map_or_else(Vec::new, |formula| self.bars(formula, &decision.bars)),
            fact,
        }
    }

    fn mediators(self, formula: &Formula) -> Vec<String> {
        let model = self.run.model;
        let mut found: Vec<String> = Vec::new();
        formula.visit(&mut |part| {
            let Formula::Through(_, _, pathway) = part else {
                return;
            };
            for (mediator, _) in &model.pathways[*pathway].mediators {
                let name = &model.quantity(*mediator).name;
                if !found.contains(name) {
                    found.push(name.clone());
                }
            }
        });
        found
    }

    fn bars(self, formula: &Formula, bars: &[Bar]) -> Vec<crate::data::Bar> {
        let mut scale = None;
        formula.visit(&mut |part| {
            let reading = melian_analysis::formula::reading_of(part);
            scale = scale.or(reading.map(|reading| self.run.model.quantity(reading.quantity).unit.scale));
        });
        let scale = scale.unwrap_or(1.0);
        let world = |id: InterventionId| self.run.model.interventions[id.position()].name.clone();
        let shown = |bar: &Bar| {
            let subject = Subject::of(bar);
            let of = match (bar.right.constant == 0.0, bar.right.terms.as_slice()) {
                (true, [(factor, Term::Value(reading, None))]) => Some((*factor, self.futures.name(reading))),
                _ => None,
            };
            let scale = if bar.over.is_some() { 1.0 } else { scale };
            crate::data::Bar {
                reading: (subject.reading).map_or_else(String::new, |reading| self.futures.name(reading)),
                world: subject.world.map(world),
                thing: subject.thing,
                pathway: subject
                    .pathway
                    .map(|position| title_of(&self.run.model.pathways[position])),
                comparison: bar.comparison.sign().into(),
                value: estimate(bar.value, scale),
                bar: estimate(bar.bar, scale),
                of,
                share: known(bar.share),
                turns: bar.turns,
            }
        };
        bars.iter().map(shown).collect()
    }

    fn series(self) -> Vec<SeriesAnswer> {
        let ensemble = self.run.ensemble;
        let answer = |(position, output): (usize, &Output)| {
            let scale = self.quantity(output).unit.scale;
            let worlds = ensemble.series.iter().map(|world| band(&world[position], scale));
            SeriesAnswer {
                label: self.label(output),
                worlds: worlds.collect(),
            }
        };
        ensemble
            .layout
            .series
            .par_iter()
            .enumerate()
            .map(answer)
            .collect()
    }

    fn choices(self) -> Vec<ChoiceAnswer> {
        let ensemble = self.run.ensemble;
        let futures = ensemble.size.futures() as f64;
        let mut answers = Vec::new();
        let idle: Vec<BTreeSet<QuantityId>> = (self.run.worlds.iter())
            .map(|world| melian_analysis::idle::idle(self.run.model, world))
            .collect();
        for (position, (output, _)) in ensemble.layout.choices.iter().enumerate() {
            let QuantityKind::Choice(choice) = &self.quantity(output).kind else {
                continue;
            };
            let shares = |option: usize, steps: &[Vec<u64>]| {
                steps
                    .iter()
                    .map(|counts| counts[option] as f64 / futures)
                    .collect::<Vec<f64>>()
            };
            answers.push(ChoiceAnswer {
                label: self.label(output),
                actor: choice.actor.clone(),
                options: choice
                    .options
                    .iter()
                    .map(|o| (o.name.clone(), o.title.clone().unwrap_or_else(|| spaced(&o.name))))
                    .collect(),
                worlds: ensemble
                    .choices
                    .iter()
                    .map(|world| {
                        (0..choice.options.len())
                            .map(|option| shares(option, &world[position]))
                            .collect()
                    })
                    .collect(),
                idle: (0..idle.len())
                    .filter(|world| idle[*world].contains(&output.quantity))
                    .collect(),
            });
        }
        answers
    }

    fn events(self) -> Vec<EventAnswer> {
        let ensemble = self.run.ensemble;
        let futures = ensemble.size.futures() as f64;
        let answer = |(position, output): (usize, &Output)| EventAnswer {
            label: self.label(output),
            recurring: matches!(&self.quantity(output).kind, QuantityKind::Event(event) if event.recurring),
            worlds: ensemble
                .events
                .iter()
                .map(|world| {
                    world[position]
                        .iter()
                        .map(|&count| count as f64 / futures)
                        .collect()
                })
                .collect(),
        };
        ensemble.layout.events.iter().enumerate().map(answer).collect()
    }

    fn maps(self) -> Vec<MapInfo> {
        let model = self.run.model;
        let mut maps = Vec::new();
        for (i, index) in model.indices.iter().enumerate() {
            let Some(mut features) = index
                .outlines
                .as_deref()
                .and_then(|text| serde_json::from_str(text).ok())
            else {
                continue;
            };
            let names: Vec<&str> = index
                .elements
                .iter()
                .map(|element| element.name.as_str())
                .collect();
            name_elements(&mut features, &names);
            let id = IndexId(i as u32);
            let series = model.quantities.iter().filter(|quantity| {
                matches!(quantity.kind, QuantityKind::Series { .. }) && quantity.shape == [id]
            });
            maps.push(MapInfo {
                index: index.name.clone(),
                elements: index
                    .elements
                    .iter()
                    .map(|e| (e.name.clone(), e.title.clone().unwrap_or_else(|| spaced(&e.name))))
                    .collect(),
                features,
                series: series.map(|quantity| quantity.name.clone()).collect(),
            });
        }
        maps
    }

    fn declarations(self) -> Vec<DeclarationInfo> {
        let Run { model, sources, .. } = *self.run;
        let names = |ids: BTreeSet<QuantityId>| -> Vec<String> {
            ids.into_iter()
                .map(|id| model.quantity(id).name.clone())
                .collect()
        };
        let notes = Notes::new(sources);
        let begins = |span: Span| (sources.name(span.file).to_owned(), notes.line(span));
        let quantities = model.quantities.iter().enumerate().map(|(i, quantity)| {
            let id = QuantityId(i as u32);
            DeclarationInfo {
                name: quantity.name.clone(),
                kind: keyword(&quantity.kind).1.into(),
                title: quantity.title.clone().unwrap_or_default(),
                unit: unit_text(&quantity.unit),
                text: quantity.text.clone(),
                notes: notes.above(quantity.span),
                place: begins(quantity.span),
                uses: names(quantity.uses(id)),
                moves: names(quantity.moves()),
                facts: facts_in(&quantity.text),
                cites: quantity.all_cites().cloned().collect(),
                prior: self.prior(id),
                outlines: self.outlines(id),
            }
        });
        let interventions = model.interventions.iter().map(|intervention| {
            let text = sources.excerpt(intervention.span).to_owned();
            DeclarationInfo {
                name: intervention.name.clone(),
                kind: "intervention".into(),
                title: intervention.title.clone().unwrap_or_default(),
                unit: String::new(),
                facts: facts_in(&text),
                text,
                notes: notes.above(intervention.span),
                place: begins(intervention.span),
                uses: names(intervention.uses()),
                moves: Vec::new(),
                cites: Vec::new(),
                prior: Vec::new(),
                outlines: Vec::new(),
            }
        });
        quantities.chain(interventions).collect()
    }

    fn prior(self, id: QuantityId) -> Vec<(String, [f64; 3])> {
        let model = self.run.model;
        let Some((_, points)) = self
            .run
            .priors
            .intervals
            .iter()
            .find(|(parameter, _)| *parameter == id)
        else {
            return Vec::new();
        };
        let quantity = model.quantity(id);
        let tuples = model.tuples(&quantity.shape);
        let element = |(tuple, points): (&Vec<_>, &[f64; 3])| {
            (
                model.scalar_name(id, tuple),
                points.map(|x| x / quantity.unit.scale),
            )
        };
        tuples.iter().zip(points).map(element).collect()
    }

    fn outlines(self, id: QuantityId) -> Vec<Outline> {
        let scale = self.run.model.quantity(id).unit.scale;
        let columns = self.run.priors.columns.iter();
        columns
            .filter(|column| column.quantity == id)
            .map(|column| outline(&column.values, scale))
            .collect()
    }

    fn files(self) -> Vec<FileInfo> {
        let texts = self.run.sources.files.iter();
        texts
            .filter(|(name, _)| name.ends_with(".mel"))
            .map(|(name, text)| FileInfo {
                name: name.clone(),
                about: head_comment(text),
            })
            .collect()
    }

    fn facts(self) -> Vec<FactInfo> {
        let Run { model, sources, .. } = *self.run;
        let mut users = users_of_facts(model, sources);
        model
            .evidence
            .facts
            .iter()
            .filter_map(|fact| Some(fact_info(fact, users.remove(&fact.id)?)))
            .collect()
    }

    fn references(self) -> Vec<ReferenceInfo> {
        let model = self.run.model;
        let cited = model.evidence.references.iter().map(|reference| {
            let users = model
                .quantities
                .iter()
                .filter(|quantity| quantity.all_cites().any(|key| *key == reference.key));
            reference_info(reference, users.map(|quantity| quantity.name.clone()).collect())
        });
        cited.filter(|reference| !reference.used_by.is_empty()).collect()
    }

    fn checks(self) -> Vec<CheckAnswer> {
        let model = self.run.model;
        let answer = |check: &melian_language::model::FaceCheck| {
            let outcome = check::outcome(check, self.futures);
            let quantity = model.quantity(check.measure.quantity);
            let scale = quantity.unit.scale;
            CheckAnswer {
                name: check.name.clone(),
                title: quantity.title.clone().unwrap_or_default(),
                measure: self.futures.name(&check.measure),
                median: known(outcome.median / scale),
                range: (check.low / scale, check.high / scale),
                unit: unit_text(&quantity.unit),
                passed: outcome.passed,
            }
        };
        model.checks.iter().map(answer).collect()
    }

    fn anchors(self) -> Vec<AnchorInfo> {
        let model = self.run.model;
        let stale = melian_analysis::anchor::stale(model).is_ok_and(|found| found.is_some());
        let info = |anchor: &Anchor| {
            let solved = model.solved(anchor);
            let parameter = model.quantity(anchor.parameter);
            AnchorInfo {
                parameter: parameter.name.clone(),
                question: model.reading_name(anchor.question),
                facts: facts_in(self.run.sources.excerpt(anchor.span)),
                state: match solved {
                    None => "open",
                    Some(_) if stale => "stale",
                    Some(_) => "solved",
                }
                .into(),
                elicited: solved.map(|solved| solved.elicited),
                values: solved.map(|solved| solved.values.map(|x| x / parameter.unit.scale)),
                mean: solved.map(|solved| solved.mean),
            }
        };
        model.anchors.iter().map(info).collect()
    }

    fn problems(self) -> Vec<ProblemInfo> {
        let problems = self.run.ensemble.problems.iter();
        problems
            .map(|problem| ProblemInfo {
                words: words_of_problem(problem.kind).into(),
                equation: problem.equation.clone(),
                world: problem.world.clone(),
                count: problem.count,
                first: (
                    format!("{}:{}", problem.first_future.0, problem.first_future.1),
                    self.last_day(problem.first_step),
                ),
            })
            .collect()
    }

    pub(crate) fn quantity(self, output: &Output) -> &'a Quantity {
        self.run.model.quantity(output.quantity)
    }

    pub(crate) fn label(self, output: &Output) -> Label {
        let model = self.run.model;
        let quantity = self.quantity(output);
        let tuple = &model.tuples(&quantity.shape)[output.position];
        let elements = elements(model, quantity, tuple);
        Label {
            name: output.name.clone(),
            declaration: quantity.name.clone(),
            elements: elements.iter().map(|element| element.name.clone()).collect(),
            title: titled(model, quantity, tuple),
            unit: match quantity.kind {
                QuantityKind::Question { .. } | QuantityKind::Choice(_) | QuantityKind::Event(_) => {
                    String::new()
                }
                _ => unit_text(&quantity.unit),
            },
        }
    }
}

fn elements<'m>(model: &'m Model, quantity: &Quantity, tuple: &[ElementId]) -> Vec<&'m Element> {
    let places = quantity.shape.iter().zip(tuple);
    places
        .map(|(&index, &element)| model.element(index, element))
        .collect()
}

/// Returns the title of a quantity, with its elements' titles.
pub(crate) fn titled(model: &Model, quantity: &Quantity, tuple: &[ElementId]) -> String {
    let title = quantity.title.clone().unwrap_or_else(|| spaced(&quantity.name));
    let elements = elements(model, quantity, tuple);
    let titles: Vec<String> = elements
        .iter()
        .map(|element| element.title.clone().unwrap_or_else(|| spaced(&element.name)))
        .collect();
    if titles.is_empty() {
        title
    } else {
        format!("{title}: {}", titles.join(", "))
    }
}

pub(crate) fn band(steps: &[StepSummary], scale: f64) -> Band {
    let mean = |step: &StepSummary| step.sums.iter().sum::<f64>() / step.counts.iter().sum::<u64>() as f64;
    let column = |value: &dyn Fn(&StepSummary) -> f64| -> Vec<Option<f64>> {
        steps.iter().map(|step| known(value(step) / scale)).collect()
    };
    let points: Vec<[f64; 5]> = (steps.iter())
        .map(|step| {
            // Where all values share a bucket, as those of a constant do, their mean is nearer to each than the bucket's middle.
            if share_a_bucket(step) {
                [mean(step); 5]
            } else {
                step.histogram.quantiles(FUTURE_POINTS)
            }
        })
        .collect();
    let point = |i: usize| points.iter().map(|points| known(points[i] / scale)).collect();
    let [p05, p25, p50, p75, p95] = [0, 1, 2, 3, 4].map(point);
    Band {
        mean: column(&mean),
        mc_error: column(&|step| monte_carlo_error(&step.sums, &step.counts)),
        p05,
        p25,
        p50,
        p75,
        p95,
    }
}

fn share_a_bucket(step: &StepSummary) -> bool {
    let histogram = &step.histogram;
    let counts = histogram
        .below
        .counts
        .iter()
        .chain(&histogram.above.counts)
        .map(|&count| u64::from(count));
    let filled = counts
        .chain([histogram.zeros, histogram.not_finite])
        .filter(|&count| count > 0);
    filled.take(2).count() == 1
}

pub(crate) fn shown_effect(found: effect::Effect, world: &str, scale: f64) -> Effect {
    Effect {
        world: world.to_owned(),
        estimate: estimate(found.estimate, scale),
        changed: found.changed,
        pairing: known(found.pairing),
    }
}

pub(crate) fn estimate(base: melian_analysis::Estimate, scale: f64) -> Estimate {
    let shown = base.in_unit(scale);
    Estimate {
        mean: known(shown.mean),
        mc_error: known(shown.mc_error),
        knowledge_sd: known(shown.knowledge_sd),
        knowledge_sd_interval: both_known(shown.knowledge_sd_interval),
        luck_sd: known(shown.luck_sd),
        quantiles: all_known(shown.quantiles),
        knowledge_quantiles: all_known(shown.knowledge_quantiles),
    }
}

pub(crate) fn known(x: f64) -> Option<f64> {
    x.is_finite().then_some(x)
}

fn both_known((low, high): (f64, f64)) -> Option<(f64, f64)> {
    Some((known(low)?, known(high)?))
}

fn all_known<const N: usize>(points: [f64; N]) -> Option<[f64; N]> {
    points.iter().all(|x| x.is_finite()).then_some(points)
}

fn verdict(verdict: claim::Verdict) -> Verdict {
    match verdict {
        claim::Verdict::Supported => Verdict::Supported,
        claim::Verdict::Contested => Verdict::Contested,
        claim::Verdict::Rejected => Verdict::Rejected,
        claim::Verdict::Unresolved => Verdict::Unresolved,
        claim::Verdict::BuiltIn => Verdict::BuiltIn,
        claim::Verdict::Accurate => Verdict::Accurate,
        claim::Verdict::Imprecise => Verdict::Imprecise,
        claim::Verdict::Wrong => Verdict::Wrong,
        claim::Verdict::Normative => Verdict::Normative,
    }
}

fn rule(rule: Rule) -> &'static str {
    match rule {
        Rule::Nothing => "",
        Rule::Linear => "linear",
        Rule::BetaBinomial => "beta_binomial",
        Rule::DrawByDraw => "plain: each draw is judged on means that are corrected for luck one by one",
        Rule::DrawByDrawWithQuantiles => {
            "plain: each draw is judged on quantiles over its replications, which are not corrected for luck"
        }
        Rule::OneReplication => {
            "plain: with one replication, luck cannot be told from lack of knowledge and counts as it"
        }
    }
}

fn words_of_problem(kind: WatchKind) -> &'static str {
    match kind {
        WatchKind::NotANumber => "is not a number",
        WatchKind::Infinite => "is infinite",
        WatchKind::NegativeStock => "is a stock with a negative initial value, which was set to zero",
        WatchKind::NegativeFlow => "is a flow with a negative rate, which was set to zero",
        WatchKind::ShortDelay => "is a delay shorter than a step, which acts as one step",
    }
}

/// Returns the keyword of a declaration, and its place in reading order.
fn keyword(kind: &QuantityKind) -> (usize, &'static str) {
    match kind {
        QuantityKind::Constant { .. } => (0, "const"),
        QuantityKind::Parameter { .. } => (1, "param"),
        QuantityKind::Stock { .. } => (2, "stock"),
        QuantityKind::Attribute { .. } => (3, "attribute"),
        QuantityKind::Flow { .. } => (4, "flow"),
        QuantityKind::Derived { .. } => (5, "let"),
        QuantityKind::Noise { .. } => (6, "noise"),
        QuantityKind::Event(_) => (7, "event"),
        QuantityKind::Choice(_) => (8, "choice"),
        QuantityKind::Transfer { .. } => (9, "transfer"),
        QuantityKind::Series { .. } => (10, "series"),
        QuantityKind::Measure { .. } => (11, "measure"),
        QuantityKind::Question { .. } => (12, "question"),
    }
}

/// What a bar is about.
struct Subject<'a> {
    reading: Option<&'a Reading>,
    world: Option<InterventionId>,
    thing: Thing,
    pathway: Option<usize>,
}

impl Subject<'_> {
    fn of(bar: &Bar) -> Subject<'_> {
        let single = |linear: &Linear| linear.terms.len() == 1 && linear.constant == 0.0;
        let [term, whole] = [Some(&bar.left), bar.over.as_ref()]
            .map(|linear| linear.and_then(|linear| Some((linear, &linear.terms.first()?.1))));
        let several = Subject {
            reading: None,
            world: None,
            thing: if bar.over.is_some() {
                Thing::Ratio
            } else {
                Thing::Value
            },
            pathway: None,
        };
        let Some((_, term)) = term.filter(|(left, _)| single(left)) else {
            return several;
        };
        let subject = |reading, world, thing, pathway| Subject {
            reading: Some(reading),
            world,
            thing,
            pathway,
        };
        match (term, whole) {
            (Term::Value(reading, world), None) => subject(reading, *world, Thing::Value, None),
            (Term::Necessity(world, reading), None) => subject(reading, Some(*world), Thing::Necessity, None),
            (Term::Sufficiency(world, reading), None) => {
                subject(reading, Some(*world), Thing::Sufficiency, None)
            }
            (Term::Effect(world, reading), None) => subject(reading, Some(*world), Thing::Effect, None),
            (Term::Through(world, reading, pathway), None) => {
                subject(reading, Some(*world), Thing::Through, Some(*pathway))
            }
            (Term::Through(world, reading, pathway), Some((all, Term::Effect(of, same))))
                if single(all) && (of, same) == (world, reading) =>
            {
                subject(reading, Some(*world), Thing::ShareThrough, Some(*pathway))
            }
            _ => several,
        }
    }
}

/// Returns the title of the pathway that is closed in a world, if one is.
fn closed_way(model: &Model, world: &World) -> Option<String> {
    let held = &world.follows.as_ref()?.scalars;
    let way = model.pathways.iter().find(|way| way.mediators == *held)?;
    Some(title_of(way))
}

pub(crate) fn title_of(way: &Pathway) -> String {
    way.title.clone().unwrap_or_else(|| spaced(&way.name))
}

/// Returns whether an equation computes it, which holding it cuts.
fn is_computed(kind: &QuantityKind) -> bool {
    matches!(
        kind,
        QuantityKind::Derived { .. } | QuantityKind::Flow { .. } | QuantityKind::Noise { .. }
    )
}

/// Returns a unit as it is shown: nothing for plain numbers.
pub fn unit_text(unit: &Unit) -> String {
    if unit.text == "1" {
        String::new()
    } else {
        unit.text.clone()
    }
}

/// Returns a name as words: `southern_gain` is "southern gain".
pub(crate) fn spaced(name: &str) -> String {
    name.replace('_', " ")
}

pub(crate) fn place(sources: &Sources, span: Span) -> (String, usize) {
    (sources.name(span.file).to_owned(), sources.line_column(span).0)
}

/// Returns the changes of an intervention as written: what stands between its braces, or all of it on the command line.
fn changes_as_written(text: &str) -> Vec<String> {
    let inside = text
        .split_once('{')
        .map_or(text, |(_, inside)| inside.trim_end().trim_end_matches('}'));
    let mut changes = vec![String::new()];
    let mut depth = 0;
    for line in inside.lines() {
        for c in line.split("//").next().unwrap_or_default().chars() {
            match c {
                '[' | '(' => depth += 1,
                ']' | ')' => depth -= 1,
                _ => {}
            }
            match changes.last_mut() {
                Some(change) if c != ',' || depth > 0 => change.push(c),
                _ => changes.push(String::new()),
            }
        }
        if depth == 0 {
            changes.push(String::new());
        }
    }
    changes
        .iter()
        .map(|change| change.trim().to_owned())
        .filter(|change| !change.is_empty())
        .collect()
}

/// Counts draws in bins between their outer hundredths.
fn outline(values: &[f64], scale: f64) -> Outline {
    /// Enough to tell two humps apart: a choice by judgement.
    const BINS: usize = 24;
    let mut sorted = values.to_vec();
    let [from, to] = quantiles(&mut sorted, [0.01, 0.99]);
    let mut counts = Vec::new();
    if to > from {
        counts = vec![0; BINS];
        for value in values.iter().filter(|value| (from..=to).contains(*value)) {
            let bin = ((value - from) / (to - from) * BINS as f64) as usize;
            counts[bin.min(BINS - 1)] += 1;
        }
    }
    Outline {
        from: from / scale,
        to: to / scale,
        counts,
    }
}

/// Returns the declarations that rest on each fact, by the fact's id.
pub(crate) fn users_of_facts(model: &Model, sources: &Sources) -> BTreeMap<String, Vec<String>> {
    let mut users = BTreeMap::<String, Vec<String>>::new();
    let mut add = |name: &str, text: &str| {
        for fact in facts_in(text) {
            users.entry(fact).or_default().push(name.to_owned());
        }
    };
    model
        .quantities
        .iter()
        .for_each(|quantity| add(&quantity.name, &quantity.text));
    model
        .interventions
        .iter()
        .for_each(|intervention| add(&intervention.name, sources.excerpt(intervention.span)));
    for anchor in &model.anchors {
        let name = &model.quantity(anchor.parameter).name;
        add(name, sources.excerpt(anchor.span));
    }
    for claim in &model.claims {
        match &claim.kind {
            ClaimKind::Formula { text, .. } => add(&claim.name, text),
            ClaimKind::Factual { fact, .. } => add(&claim.name, &format!("fact({fact})")),
            ClaimKind::Normative => {}
        }
    }
    model
        .checks
        .iter()
        .for_each(|check| add(&check.name, &check.text));
    users
}

/// Returns the ids of facts that a text names, in order, without repetition.
pub(crate) fn facts_in(text: &str) -> Vec<String> {
    let mut found = Vec::<String>::new();
    for (at, _) in text.match_indices("fact(") {
        let starts_a_word = !text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
        let id: String = text[at + 5..]
            .trim_start()
            .chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect();
        if starts_a_word && !id.is_empty() && !found.contains(&id) {
            found.push(id);
        }
    }
    found
}

fn fact_info(fact: &Fact, used_by: Vec<String>) -> FactInfo {
    FactInfo {
        id: fact.id.clone(),
        quantity: fact.quantity.clone(),
        unit: fact.unit.clone(),
        low: fact.low,
        central: fact.central,
        high: fact.high,
        text: fact.text.clone().unwrap_or_default(),
        as_of: fact.as_of.clone(),
        source: fact.source.clone(),
        url: fact.url.clone(),
        grade: format!("{:?}", fact.grade),
        verified: fact.verified.clone(),
        note: fact.note.clone(),
        used_by,
    }
}

fn reference_info(reference: &Reference, used_by: Vec<String>) -> ReferenceInfo {
    let Reference {
        authors,
        year,
        title,
        published,
        ..
    } = reference;
    let mut citation = format!("{authors} ({year}). {title}.");
    if !published.is_empty() {
        citation.push_str(&format!(" {published}."));
    }
    ReferenceInfo {
        key: reference.key.clone(),
        citation,
        doi: reference.doi.clone(),
        verified: reference.verified,
        used_by,
    }
}

/// Gives every feature the property `element`: whichever of its properties is the name of an element.
fn name_elements(features: &mut serde_json::Value, names: &[&str]) {
    let Some(list) = features.get_mut("features").and_then(|list| list.as_array_mut()) else {
        return;
    };
    for feature in list {
        let Some(properties) = feature.get_mut("properties").and_then(|p| p.as_object_mut()) else {
            continue;
        };
        let element = properties
            .values()
            .filter_map(|value| value.as_str())
            .find(|value| names.contains(value));
        if let Some(element) = element.map(str::to_owned) {
            properties.clear();
            properties.insert("element".into(), element.into());
        }
    }
}

/// Returns a date, ISO 8601, from days since 1970-01-01.
/// Returns the last day of a step: `2024-11-03`. A step that ends within a day has that day as its last.
pub fn last_day(clock: &Clock, step: u32) -> String {
    let days = (f64::from(step + 1) * clock.step_days).ceil() as i64;
    date(i64::from(clock.start_day) + days - 1)
}

fn date(days: i64) -> String {
    let epoch = Date::constant(1970, 1, 1);
    epoch
        .saturating_add(jiff::Span::new().days(days.clamp(-4_000_000, 4_000_000)))
        .to_string()
}

/// Returns the sentences whose figures these futures give.
pub fn headlines_of(model: &Model, ensemble: &Ensemble) -> Vec<HeadlineAnswer> {
    let futures = Futures { model, ensemble };
    let answer = |headline: &Headline| {
        let figures: Option<Vec<_>> = (headline.parts.iter())
            .filter_map(|part| match part {
                HeadlinePart::Figure { formula, .. } => Some(formula),
                HeadlinePart::Text(_) => None,
            })
            .map(|formula| headline::figure(formula, futures))
            .collect();
        let mut figures = figures?.into_iter();
        let part = |part| headline_part(part, |_| figures.next().expect("a figure for every formula"));
        Some(HeadlineAnswer {
            parts: headline.parts.iter().map(part).collect(),
        })
    };
    model.headlines.iter().filter_map(answer).collect()
}

fn headline_part(
    part: &HeadlinePart,
    mut figure: impl FnMut(&Formula) -> melian_analysis::Estimate,
) -> HeadlineText {
    match part {
        HeadlinePart::Text(text) => HeadlineText::Text { text: text.clone() },
        HeadlinePart::Figure { formula, text, unit } => HeadlineText::Figure {
            formula: text.clone(),
            estimate: estimate(figure(formula), unit.as_ref().map_or(1.0, |unit| unit.scale)),
            unit: unit.as_ref().map_or_else(|| "%".to_owned(), unit_text),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_those_between_the_braces() {
        let text = "intervention x \"X\" {\n  a = 0, b[c, d] = never // not this\n  freeze e\n}";
        assert_eq!(changes_as_written(text), ["a = 0", "b[c, d] = never", "freeze e"]);
        assert_eq!(changes_as_written("a = 0.5"), ["a = 0.5"]);
    }

    #[test]
    fn facts_are_found_in_equations() {
        let text = "param x ~ fact(a) * central(fact( b )) + artefact(c) + fact(a)";
        assert_eq!(facts_in(text), ["a", "b"]);
    }

    #[test]
    fn what_a_file_says_of_itself_stands_above_its_declarations() {
        let text = "melian 0.1\n\n// 3. Fronts. Ground\n// changes hands.\n//\n// Not towns.\n\n// Levels.\nparam x = 1";
        assert_eq!(head_comment(text), "3. Fronts. Ground changes hands.\nNot towns.");
        assert_eq!(head_comment("melian 0.1\n\n// Only of x.\nparam x = 1"), "");
        assert_eq!(head_comment("melian 0.1\nparam x = 1 // x\n"), "");
        assert_eq!(head_comment("// All."), "All.");
    }

    #[test]
    fn an_outline_shows_two_humps() {
        let values: Vec<f64> = (0..1000)
            .map(|i| if i % 4 == 0 { 10.0 } else { 0.0 } + f64::from(i) / 1000.0)
            .collect();
        let Outline { from, to, counts } = outline(&values, 10.0);
        assert!(
            (0.0..0.01).contains(&from) && (1.08..1.1).contains(&to),
            "{from} to {to}"
        );
        let (low, rest) = counts.split_at(3);
        let (between, high) = rest.split_at(18);
        assert!(
            low.iter().sum::<u32>() > 700 && high.iter().sum::<u32>() > 200,
            "{counts:?}"
        );
        assert_eq!(between.iter().sum::<u32>(), 0);
        assert!(outline(&[3.0; 9], 1.0).counts.is_empty());
    }

    #[test]
    fn days_become_dates() {
        assert_eq!(date(0), "1970-01-01");
        assert_eq!(date(20_024), "2024-10-28");
        assert_eq!(date(-1), "1969-12-31");
    }

    #[test]
    fn features_are_named_by_their_element() {
        let mut features = serde_json::json!({"features": [
            {"properties": {"fid": 3, "sector": "south"}},
            {"properties": {"sector": "sea"}},
        ]});
        name_elements(&mut features, &["north", "south"]);
        assert_eq!(
            features["features"][0]["properties"],
            serde_json::json!({"element": "south"})
        );
        assert_eq!(
            features["features"][1]["properties"],
            serde_json::json!({"sector": "sea"})
        );
    }
}
