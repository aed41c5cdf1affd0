//! Choices on which nothing hangs in a world.

use std::collections::BTreeMap;

use melian_analysis::idle::idle;
use melian_engine::World;
use melian_language::check;
use melian_language::model::Model;

/// Men who are sent, and who may be called back; in one world there are none.
const MODEL: &str = "melian 0.1
model example \"Example\"
time weekly from 2024-01-01 for 10 weeks
unit person
const scale = 1
param first : person ~ 100 to 200
stock home : person = 1000 person
stock away : person = scale * first
stock hurt : person = 0 person
let leaving = if policy == back then 1 else 0
flow sent : person/week from home to away
  = scale * (if policy == send then 5 person/week else 0 person/week)
    + (if policy == send then previous(wounded, 0 person/week) else 0 person/week)
flow returned : person/week from away to home = leaving * away / 4 week
flow wounded : person/week from away to hurt = away / 50 week
choice policy by ally every 4 weeks
  options { stay, send, back }
  start stay
  utility { stay: 0, send: 0.2, back: -0.1 }
choice other by ally every 4 weeks
  options { no, yes }
  start no
  utility { no: 0, yes: 0 }
let talk = if other == yes then 1 else 0
measure ill : person = hurt by 2024-03-01
intervention nobody { scale = 0 }
intervention fewer { scale = 0.5 }
intervention late { scale = 0 from 2024-02-05 }
";

fn model(text: &str) -> Model {
    let checked = check(&BTreeMap::from([("model.mel".to_owned(), text.to_owned())]));
    checked
        .model
        .unwrap_or_else(|| panic!("{:?}", checked.diagnostics))
}

/// The idle choices of the baseline and of each intervention.
fn idle_in(text: &str) -> Vec<(String, Vec<String>)> {
    let model = model(text);
    let names = |world: &World| -> Vec<String> {
        let found = idle(&model, world).into_iter();
        found.map(|id| model.quantity(id).name.clone()).collect()
    };
    let worlds = World::all(&model).into_iter();
    worlds.map(|world| (world.name.clone(), names(&world))).collect()
}

fn expected(rows: &[(&str, &[&str])]) -> Vec<(String, Vec<String>)> {
    let names = |list: &[&str]| list.iter().map(|&name| name.to_owned()).collect();
    rows.iter()
        .map(|(world, list)| ((*world).to_owned(), names(list)))
        .collect()
}

#[test]
fn a_choice_about_men_acts_on_nothing_where_there_are_none() {
    // What only a derived quantity that nobody reads hangs on acts nowhere.
    assert_eq!(
        idle_in(MODEL),
        expected(&[
            ("baseline", &["other"]),
            ("nobody", &["policy", "other"]),
            ("fewer", &["other"]),
            ("late", &["other"])
        ])
    );
}

#[test]
fn what_is_read_off_a_future_or_filled_from_elsewhere_is_not_nothing() {
    let read = format!("{MODEL}measure left = leaving by 2024-03-01\n");
    assert_eq!(idle_in(&read)[1], expected(&[("nobody", &["other"])])[0]);
    let filled = format!("{MODEL}flow volunteers : person/week to away = 1 person/week\n");
    assert_eq!(idle_in(&filled)[1], expected(&[("nobody", &["other"])])[0]);
}
