//! Neither side is favoured by the structure. Where what only one side has is switched off, it does not matter which of the two plays which part:
//! if equations say Ukraine wherever they said Russia and the reverse, while figures and luck stay with the names, every answer stays what it was.
//! Read with the names exchanged, that is the same as giving each side the other's figures and getting the other's answers; but since luck stays
//! with the names, answers agree to rounding rather than on average.

use std::collections::BTreeMap;

use melian_engine::ensemble::Column;

use crate::{checked, ensemble, texts, values};

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

/// Files whose equations both sides share.
const SHARED: [&str; 6] = [
    "fires.mel",
    "fronts.mel",
    "manpower.mel",
    "redeployment.mel",
    "technicians.mel",
    "will.mel",
];

/// Declarations of figures by side other than tables on one line: men at the start are not the same on both sides.
const FIGURES: [&str; 4] = [
    "const loss_share",
    "let elsewhere_men",
    "let start_troops",
    "let start_reserve",
];

/// A line with the words `russia` and `ukraine` exchanged; words that merely contain them stay.
fn with_sides_exchanged(line: &str) -> String {
    let word = |text: &str| match text {
        "russia" => "ukraine".to_owned(),
        "ukraine" => "russia".to_owned(),
        other => other.to_owned(),
    };
    let mut out = String::new();
    let mut current = String::new();
    for character in line.chars() {
        if character.is_alphanumeric() || character == '_' {
            current.push(character);
        } else {
            out += &word(&current);
            current.clear();
            out.push(character);
        }
    }
    out + &word(&current)
}

/// The model with the sides' parts exchanged in the equations that they share, and their figures kept. Returns how many lines that changed.
fn with_parts_exchanged(files: &BTreeMap<String, String>) -> (BTreeMap<String, String>, usize) {
    let mut changed = files.clone();
    let mut lines_changed = 0;
    for name in SHARED {
        let mut figures = false;
        let lines = files[name].lines().map(|line| {
            figures = FIGURES.iter().any(|start| line.starts_with(start))
                || figures && line.starts_with([' ', ')', '}']);
            let table = line.contains("russia: ") && line.contains("ukraine: ");
            if figures || table || line.starts_with("//") {
                return line.to_owned();
            }
            let exchanged = with_sides_exchanged(line);
            lines_changed += usize::from(exchanged != line);
            exchanged
        });
        let text = lines.collect::<Vec<String>>().join("\n") + "\n";
        changed.insert(name.to_owned(), text);
    }
    (changed, lines_changed)
}

/// The greatest difference between two runs' answers in any future, as a share of the answer.
fn greatest_difference(one: &Column, other: &Column) -> f64 {
    one.iter()
        .zip(other)
        .map(|(one, other)| (one - other).abs() / one.abs().max(other.abs()).max(f64::MIN_POSITIVE))
        .fold(0.0, f64::max)
}

#[test]
fn on_a_level_field_it_does_not_matter_which_side_plays_which_part() {
    let mut files = texts("gambit");
    files.insert("level_field.mel".into(), LEVEL_FIELD.into());
    let (changed, lines) = with_parts_exchanged(&files);
    assert!(lines >= 25, "{lines} lines tell the sides apart");
    let as_it_is = ensemble(&checked(&files), &["level_field"]);
    let exchanged = ensemble(&checked(&changed), &["level_field"]);
    let mut different_in_baseline = 0;
    for answer in ANSWERS {
        for side in ["russia", "ukraine"] {
            let name = format!("{answer}[{side}]");
            let difference = |world| {
                greatest_difference(values(&as_it_is, world, &name), values(&exchanged, world, &name))
            };
            // Rounding: the logarithm of a ratio is not to the bit minus that of its inverse.
            assert!(difference(1) < 1e-9, "{name} differs by {}", difference(1));
            different_in_baseline += usize::from(difference(0) > 0.01);
        }
    }
    assert!(
        different_in_baseline > ANSWERS.len(),
        "without a level field the parts differ: {different_in_baseline}"
    );
}
