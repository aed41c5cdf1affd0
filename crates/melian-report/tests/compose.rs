//! From the text of a model to its report.

use std::collections::BTreeMap;

use melian_analysis::prior;
use melian_analysis::worlds::worlds_needed;
use melian_engine::compile;
use melian_engine::ensemble::{self, Size};
use melian_report::data::{Estimate, HeadlineText, Report, Thing, Verdict};
use melian_report::{Info, Run, changes, compose, remembered};

const MODEL: &str = r#"melian 0.1

model town "A town"
time weekly from 2025-01-06 for 8 weeks

unit person

index Side { north "The north", south }

param birth_rate[Side] : 1/week ~ { north: 0.01 to 0.03, south: fact(growth) } "Births" cite malthus_1798
const scale = 1
stock people[s: Side] : person = 1000 person "People"
flow births[s: Side] : person/day to people[s] = scale * birth_rate[s] * people[s] "Newborn"
event flood at rate 0.1 / 1 week if people[north] > 0 person "A flood"
event visit recurring at rate 1 / 1 week
choice council by elders every 2 weeks "What the council does"
  options { build "Builds", wait }
  start wait
  utility { build: 1, wait: 0 }
noise luck ~ normal(0, 1)

series crowd[s: Side] : person = people[s] "People"
measure pace[s: Side] : person/week = births[s] "Newborn a week" at 2025-01-19
measure lucky = luck
question flooded = occurred(flood) by 2025-02-02 "There is a flood"

intervention no_births "Nobody is born" {
  scale = 0 // at all
}

claim fact_is quote "a fiftieth" factual: fact(growth) is 0.02 1/week within 10%
claim grows quote "it grows" holds when effect(no_births, pace[north]) < -1 person/week because "Of a thousand."
claim good quote "it is good" normative because "Taste."

check slow = pace[south] between 0 person/week and 100 person/week

headline "{pace[north]} are born, {probability(flooded)} floods, {effect(no_births, flooded)} of them by births."
"#;

const FACTS: &str = r#"
[[fact]]
id = "growth"
quantity = "Growth"
unit = "1/week"
low = 0.01
central = 0.02
high = 0.04
as_of = "2025-01-01"
source = "own assumption"
grade = "D"

[[fact]]
id = "idle"
quantity = "Nothing"
unit = "1/week"
low = 1
central = 1
high = 1
as_of = "2025-01-01"
source = "own assumption"
grade = "D"
"#;

const REFERENCES: &str = r#"
[[reference]]
key = "malthus_1798"
authors = "Malthus, T. R."
year = 1798
title = "An Essay on the Principle of Population"
published = "London"
"#;

fn report(model: &str) -> Report {
    let files = BTreeMap::from([
        ("town.mel".to_owned(), model.to_owned()),
        ("facts.toml".to_owned(), FACTS.to_owned()),
        ("references.toml".to_owned(), REFERENCES.to_owned()),
    ]);
    let checked = melian_language::check(&files);
    let model = checked
        .model
        .unwrap_or_else(|| panic!("{:#?}", checked.diagnostics));
    let worlds = worlds_needed(&model);
    let program = compile(&model, &worlds).expect("it compiles");
    let size = Size {
        draws: 128,
        replications: 4,
        seed: 1,
    };
    let ensemble = ensemble::run(&program, &size, 1, &|_, _| true).expect("it runs");
    let priors = prior::priors(&model, size).expect("it compiles");
    let info = Info {
        melian: "0".into(),
        identity: "run".into(),
        priors: priors.identity.to_string(),
        seconds: None,
        reproduce: "melian run town".into(),
    };
    let sources = &checked.sources;
    compose(&Run {
        model: &model,
        sources,
        worlds: &worlds,
        ensemble: &ensemble,
        compared: None,
        priors: &priors,
        info,
    })
}

fn mean(estimate: &Estimate) -> f64 {
    estimate.mean.expect("it could be computed")
}

#[test]
fn values_are_in_declared_units_and_labels_for_people() {
    let report = report(MODEL);
    let pace = &report.measures[0];
    assert_eq!(pace.label.name, "pace[north]");
    assert_eq!(pace.label.declaration, "pace");
    assert_eq!(pace.label.elements, ["north"]);
    assert_eq!(pace.label.title, "Newborn a week: The north");
    assert_eq!(pace.label.unit, "person/week");
    assert_eq!(report.measures[1].label.title, "Newborn a week: south");
    // A thousand people and about two in a hundred a week.
    assert!(
        (15.0..25.0).contains(&mean(&pace.worlds[0])),
        "{:?}",
        pace.worlds[0]
    );
    assert_eq!(pace.by, "2025-01-19");
    assert_eq!(mean(&pace.worlds[1]), 0.0);
    let effect = &pace.effects[0];
    assert_eq!((effect.world.as_str(), effect.changed), ("no_births", 1.0));
    assert_eq!(mean(&effect.estimate), -mean(&pace.worlds[0]));
}

#[test]
fn what_is_recorded_over_time_has_a_place_for_every_world_and_step() {
    let report = report(MODEL);
    assert_eq!(report.model.step_ends.len(), 8);
    assert_eq!(
        (report.model.start.as_str(), report.model.end.as_str()),
        ("2025-01-06", "2025-03-02")
    );
    assert_eq!(report.worlds[1].changes, ["scale = 0"]);
    let crowd = &report.series[0];
    assert_eq!(crowd.worlds.len(), 2);
    assert_eq!(crowd.worlds[1].p50, [Some(1000.0); 8]);
    assert!(crowd.worlds[0].mean[7] > Some(1100.0));
    let council = &report.choices[0];
    assert_eq!(
        council.options,
        [
            ("build".to_owned(), "Builds".to_owned()),
            ("wait".into(), "wait".into())
        ]
    );
    for step in 0..8 {
        assert_eq!(council.worlds[0][0][step] + council.worlds[0][1][step], 1.0);
    }
    let (flood, visit) = (&report.events[0], &report.events[1]);
    assert!(!flood.recurring && visit.recurring);
    assert!(flood.worlds[0].windows(2).all(|pair| pair[0] <= pair[1]));
}

#[test]
fn a_question_is_a_probability_and_has_no_quantiles_over_futures() {
    let report = report(MODEL);
    let flooded = &report.questions[0];
    // Four weeks at a tenth a week: 1 - exp(-0.4) is 0.33; five errors of 512 futures are 0.1.
    assert!((mean(&flooded.worlds[0]) - 0.33).abs() < 0.1);
    assert_eq!(flooded.by, "2025-02-02");
    assert!(flooded.worlds[0].quantiles.is_none());
    assert_eq!(flooded.effects[0].changed, 0.0);
    assert!(!flooded.elicited);
}

#[test]
fn headlines_keep_words_and_figures_in_order() {
    let report = report(MODEL);
    let parts: Vec<String> = report.headlines[0]
        .parts
        .iter()
        .map(|part| match part {
            HeadlineText::Text { text } => text.clone(),
            HeadlineText::Figure { formula, unit, .. } => format!("<{formula}|{unit}>"),
        })
        .collect();
    assert_eq!(
        parts.concat(),
        "<pace[north]|person/week> are born, <probability(flooded)|%> floods, <effect(no_births, flooded)|%> of them by \
         births."
    );
}

#[test]
fn claims_are_decided_and_say_on_what_they_rest() {
    let report = report(MODEL);
    let verdicts: Vec<(&str, Verdict)> = report
        .claims
        .iter()
        .map(|c| (c.name.as_str(), c.verdict))
        .collect();
    assert_eq!(
        verdicts,
        [
            ("fact_is", Verdict::Accurate),
            ("grows", Verdict::Supported),
            ("good", Verdict::Normative)
        ]
    );
    let grows = &report.claims[1];
    assert_eq!(
        (&grows.readings[..], &grows.worlds[..]),
        (&["pace[north]".to_owned()][..], &["no_births".to_owned()][..])
    );
    assert_eq!(grows.rule, "linear");
    assert_eq!(grows.share, Some(1.0));
    let [bar] = grows.bars.as_slice() else {
        panic!("one comparison: {:?}", grows.bars)
    };
    assert_eq!(
        (
            bar.reading.as_str(),
            bar.world.as_deref(),
            bar.thing,
            bar.comparison.as_str()
        ),
        ("pace[north]", Some("no_births"), Thing::Effect, "<")
    );
    let beyond = mean(&bar.bar) - mean(&bar.value);
    assert!((10.0..25.0).contains(&beyond), "in persons a week: {bar:?}");
    assert_eq!(bar.share, Some(1.0));
    assert_eq!(report.claims[0].fact.as_deref(), Some("growth"));
}

#[test]
fn a_number_leads_to_its_equation_parameters_facts_and_sources() {
    let report = report(MODEL);
    let declaration = |name: &str| {
        report
            .declarations
            .iter()
            .find(|d| d.name == name)
            .expect("it is declared")
    };
    assert_eq!(declaration("births").uses, ["birth_rate", "scale", "people"]);
    assert_eq!(declaration("births").moves, ["people"]);
    assert!(declaration("people").moves.is_empty());
    assert_eq!(declaration("no_births").kind, "intervention");
    let births = declaration("birth_rate");
    assert_eq!(
        (&births.facts[..], &births.cites[..]),
        (&["growth".to_owned()][..], &["malthus_1798".to_owned()][..])
    );
    assert_eq!(births.place, ("town.mel".to_owned(), 10));
    let (name, [low, median, high]) = &births.prior[1];
    assert_eq!(name, "birth_rate[south]");
    // A thousandth of the distribution is a few thousandths of these points.
    for (found, wanted) in [(low, 0.01), (median, 0.02), (high, 0.04)] {
        assert!((found / wanted - 1.0).abs() < 0.02, "{found} is not {wanted}");
    }
    assert_eq!(report.facts.len(), 1, "only what is used");
    assert_eq!(report.facts[0].used_by, ["birth_rate", "fact_is"]);
    assert_eq!(
        report.references[0].citation,
        "Malthus, T. R. (1798). An Essay on the Principle of Population. London."
    );
}

#[test]
fn files_say_what_they_are_about() {
    let report = report(&MODEL.replacen("\n\n", "\n\n// Births. People\n// are born.\n\n", 1));
    let files: Vec<_> = report
        .files
        .iter()
        .map(|file| (&file.name[..], &file.about[..]))
        .collect();
    assert_eq!(files, [("town.mel", "Births. People are born.")]);
}

#[test]
fn rules_and_correlations_are_shown_as_written() {
    let rules = "  rules {\n    people[north] > 500 person: build\n    else: wait\n  }";
    let model = MODEL.replace("  utility { build: 1, wait: 0 }", rules);
    let model = format!(
        "{model}\nparam ease ~ 1 to 2\ncorrelate birth_rate[north], ease = 0.5 cite malthus_1798 // a guess\nlet at_ease = ease\n"
    );
    let report = report(&model);
    let text = |name: &str| {
        let found = report.declarations.iter().find(|d| d.name == name);
        found.expect("it is declared").text.as_str()
    };
    assert!(text("council").ends_with(rules), "{}", text("council"));
    assert_eq!(
        text("ease"),
        "param ease ~ 1 to 2\ncorrelate birth_rate[north], ease = 0.5 cite malthus_1798"
    );
    assert!(
        text("birth_rate")
            .ends_with("cite malthus_1798\ncorrelate birth_rate[north], ease = 0.5 cite malthus_1798")
    );
    // What a correlation cites is a source of the page, and of no prior.
    let malthus = report
        .references
        .iter()
        .find(|reference| reference.key == "malthus_1798")
        .expect("it is cited");
    assert!(malthus.used_by.contains(&"ease".to_owned()), "{malthus:?}");
    assert_eq!(
        report.choices[0].options,
        [("build".into(), "Builds".into()), ("wait".into(), "wait".into())]
    );
    let edited = self::report(&model.replace("= 0.5", "= 0.7"));
    let found = changes(&remembered(&report), &edited, "then");
    assert_eq!(found.edits.len(), 2, "{:?}", found.edits);
}

#[test]
fn a_series_over_the_same_index_twice_has_every_pair() {
    let tie = "series tie[a: Side, b: Side] = people[a] / people[b] \"Tie\"\n";
    let report = report(&format!("{MODEL}\n{tie}"));
    let ties = report
        .series
        .iter()
        .filter(|answer| answer.label.declaration == "tie");
    let pairs: Vec<_> = ties
        .map(|answer| (answer.label.elements.join(" "), answer.label.title.as_str()))
        .collect();
    let pair = |elements: &str, title| (elements.to_owned(), title);
    assert_eq!(
        pairs,
        [
            pair("north north", "Tie: The north, The north"),
            pair("north south", "Tie: The north, south"),
            pair("south north", "Tie: south, The north"),
            pair("south south", "Tie: south, south"),
        ]
    );
}

#[test]
fn a_face_check_compares_the_median() {
    let report = report(MODEL);
    let check = &report.checks[0];
    assert!(check.passed);
    assert_eq!((check.range, check.unit.as_str()), ((0.0, 100.0), "person/week"));
}

#[test]
fn an_edit_changes_the_answers_that_hang_on_it_and_no_others() {
    let before = remembered(&report(MODEL));
    let same = changes(&before, &report(MODEL), "then");
    assert!(
        same.edits.is_empty() && same.answers.is_empty() && same.verdicts.is_empty(),
        "{same:?}"
    );
    let edited = MODEL.replace("0.01 to 0.03", "0.0001 to 0.0002");
    let found = changes(&before, &report(&edited), "then");
    assert_eq!(
        found.edits,
        ["birth_rate: `0.01 to 0.03` became `0.0001 to 0.0002`"]
    );
    let moved: Vec<&str> = found.answers.iter().map(|answer| answer.name.as_str()).collect();
    assert_eq!(moved, ["pace[north]"]);
    assert_eq!(
        found.verdicts,
        [("grows".to_owned(), Verdict::Supported, Verdict::Rejected)]
    );
}

#[test]
fn the_priors_have_a_name_that_only_they_change() {
    let name = |model: &str| report(model).run.priors;
    assert_eq!(name(MODEL), name(&MODEL.replace("0.1 / 1 week", "0.2 / 1 week")));
    assert_ne!(name(MODEL), name(&MODEL.replace("0.01 to 0.03", "0.01 to 0.04")));
}
