//! Neither side is favoured by the structure: where what only one side has is switched off and the two sides' figures are exchanged, their answers
//! are exchanged too.

use std::collections::BTreeMap;

use melian_engine::ensemble::{Ensemble, Size};

use crate::{checked, ensemble_of, texts, values};

const SIZE: Size = Size {
    draws: 2048,
    replications: 2,
    seed: 1,
};

/// Switches off what one side alone has - Pyongyang, the West, the salient, ground that only one side takes, glide bombs - and asks both sides
/// the same. What is left: troops, reserves, recruits, absences, losses, waves, guns, shells, drones and will.
const LEVEL_FIELD: &str = "melian 0.1
intervention level_field {
  contingent_scale = 0
  shell_scale = 0
  stand_in = 0
  dud_share = 0
  west_at_start = 0 round/day
  seoul = humanitarian
  tehran = keep
  deep_strikes = refuse
  support = cut 0
  output_level = cut 1
  outage_strain = cut 0
  missile_part = 0
  hands = 0
  relief = 0
  bomb_part = 0
  ceasefire = never
  salient_policy = stay
  withdrawable = 1
  wanted_ratio = 1
  freeze kursk_wanted
  freeze recent
  bad_ground = cut 0
}
measure side_men[a: Side] : person = men[a] by 2025-10-26
measure side_south[a: Side] : person = average of sum(troops[s, a] for s in South) by 2025-10-26
measure side_losses[a: Side] : person = total of losses[a] by 2025-10-26
measure side_absences[a: Side] : person = total of absences[a] by 2025-10-26
measure side_recruits[a: Side] : person = total of recruited[a] by 2025-10-26
measure side_waves[a: Side] = count(mobilisation_wave[a]) by 2025-10-26
measure side_rounds[a: Side] : round = total of fired[a] by 2025-10-26
measure side_guns[a: Side] : gun = guns_firing[a] by 2025-10-26
measure side_will[a: Side] = average of resolve[a] by 2025-10-26
";

const ANSWERS: [&str; 9] = [
    "side_men",
    "side_south",
    "side_losses",
    "side_absences",
    "side_recruits",
    "side_waves",
    "side_rounds",
    "side_guns",
    "side_will",
];

/// Exchanges two words wherever they stand.
fn exchanged(text: &str, one: &str, other: &str) -> String {
    text.replace(one, "\u{0}")
        .replace(other, one)
        .replace('\u{0}', other)
}

/// The model with the two sides' figures exchanged and its structure kept: tables by side, the shares of losses, and the men at the start. Returns
/// how many tables were exchanged.
fn with_figures_exchanged(files: &BTreeMap<String, String>) -> (BTreeMap<String, String>, usize) {
    let mut tables = 0;
    let mut exchange = |text: &String| {
        let mut within_men = false;
        let lines = text.lines().map(|line| {
            let men_at_start = ["let elsewhere_men", "let start_troops", "let start_reserve"];
            within_men = men_at_start.iter().any(|start| line.starts_with(start))
                || within_men && (line.starts_with(' ') || line.starts_with(')'));
            let is_table =
                line.contains("russia: ") && line.contains("ukraine: ") && !line.starts_with("map ");
            if is_table {
                tables += 1;
                exchanged(line, "russia: ", "ukraine: ")
            } else if line.split_whitespace().eq(["russia", "ukraine"]) {
                tables += 1;
                exchanged(line, "russia", "ukraine")
            } else if within_men {
                exchanged(line, "russia", "ukraine")
            } else {
                line.to_owned()
            }
        });
        lines.collect::<Vec<String>>().join("\n") + "\n"
    };
    let mut changed = files.clone();
    for (name, text) in &mut changed {
        if name.ends_with(".mel") {
            *text = exchange(text);
        }
    }
    (changed, tables)
}

/// Mean over draws and its standard error; replications of a draw are one.
fn mean_and_error(values: &[f64]) -> (f64, f64) {
    let replications = SIZE.replications as usize;
    let draws: Vec<f64> = values
        .chunks(replications)
        .map(|draw| draw.iter().sum::<f64>() / replications as f64)
        .collect();
    let count = draws.len() as f64;
    let mean = draws.iter().sum::<f64>() / count;
    let variance = draws.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (count - 1.0);
    (mean, (variance / count).sqrt())
}

/// How far a measure of one side in one run lies from that of a side in another, in standard errors.
fn distance(one: (&Ensemble, &str), other: (&Ensemble, &str), answer: &str) -> f64 {
    let of = |(ensemble, side): (&Ensemble, &str)| {
        mean_and_error(values(ensemble, 1, &format!("{answer}[{side}]")))
    };
    let ((mean, error), (other_mean, other_error)) = (of(one), of(other));
    (mean - other_mean) / error.hypot(other_error)
}

#[test]
fn exchanging_the_sides_figures_exchanges_their_answers() {
    let mut files = texts("gambit");
    files.insert("level_field.mel".into(), LEVEL_FIELD.into());
    let (changed, tables) = with_figures_exchanged(&files);
    assert!(tables >= 20, "{tables} tables by side were found");
    let as_it_is = ensemble_of(&checked(&files), &["level_field"], &SIZE);
    let as_mirrored = ensemble_of(&checked(&changed), &["level_field"], &SIZE);
    let mut apart = 0;
    for answer in ANSWERS {
        for (side, other) in [("russia", "ukraine"), ("ukraine", "russia")] {
            let off = distance((&as_it_is, side), (&as_mirrored, other), answer);
            assert!(
                off.abs() < 4.0,
                "{answer}: {side}'s figures give another answer when {other} has them, {off} standard errors off"
            );
        }
        apart += usize::from(distance((&as_it_is, "russia"), (&as_it_is, "ukraine"), answer).abs() > 20.0);
    }
    assert!(
        apart >= 6,
        "the figures of the two sides differ enough to tell: {apart}"
    );
}
