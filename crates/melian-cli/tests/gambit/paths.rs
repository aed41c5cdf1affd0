//! The priors leave every path that a claim relies on open: at least a tenth of their mass lies at no effect or at the opposite sign.

use std::fmt::Write;

use melian_engine::ensemble::Size;
use melian_language::model::{Claim, ClaimKind, Formula};

use crate::{checked, ensemble_of, texts, values};

/// Draws put the share within two tenths of a point. Two futures of a draw show that a condition hangs on parameters alone.
const SIZE: Size = Size {
    draws: 4096,
    replications: 2,
    seed: 1,
};

#[derive(serde::Deserialize)]
struct Paths {
    path: Vec<PathOfClaim>,
}

/// A row of `paths.toml`.
#[derive(serde::Deserialize)]
struct PathOfClaim {
    claim: String,
    path: String,
    nil: String,
}

/// Whether a claim's formula compares worlds.
fn is_about_an_effect(claim: &Claim) -> bool {
    let ClaimKind::Formula { formula, .. } = &claim.kind else {
        return false;
    };
    let mut found = false;
    formula.visit(&mut |part| found |= matches!(part, Formula::Effect(..)));
    found
}

#[test]
fn every_path_that_a_claim_relies_on_may_be_nil() {
    let paths: Paths = toml::from_str(include_str!("paths.toml")).expect("a table of paths");
    let mut files = texts("gambit");
    let model = checked(&files);
    for claim in model.claims.iter().filter(|claim| is_about_an_effect(claim)) {
        let has_path = paths.path.iter().any(|row| row.claim == claim.name);
        assert!(has_path, "{} has no path in the table", claim.name);
    }
    let mut text = "melian 0.1\n".to_owned();
    for (row, path) in paths.path.iter().enumerate() {
        let known = model.claims.iter().any(|claim| claim.name == path.claim);
        assert!(known, "no claim {}", path.claim);
        writeln!(
            text,
            "measure path_{row} = if {} then 1 else 0 by 2024-11-03",
            path.nil
        )
        .expect("a text takes text");
    }
    files.insert("paths.mel".into(), text);
    let model = checked(&files);
    let ensemble = ensemble_of(&model, &[], &SIZE);
    let mut closed = Vec::new();
    for (row, path) in paths.path.iter().enumerate() {
        let nil = values(&ensemble, 0, &format!("path_{row}"));
        assert!(
            nil.values().chunks(2).all(|draw| draw[0] == draw[1]),
            "{}: `{}` hangs on more than parameters",
            path.claim,
            path.nil
        );
        let share = nil.iter().sum::<f64>() / nil.len() as f64;
        if share < 0.1 {
            closed.push(format!(
                "{}, {}: nil in {share:.4} of draws",
                path.claim, path.path
            ));
        }
    }
    assert!(closed.is_empty(), "{closed:#?}");
}
