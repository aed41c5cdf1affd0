//! What is physical is neither lost nor made up: the sum of all stocks of a unit changes by the flows from and to the outside that are listed here,
//! and by nothing else. Stocks are found in the model itself, so that a new one is held to account without being listed.

use std::collections::BTreeSet;
use std::fmt::Write;

use melian_language::model::{Model, Quantity, QuantityId, QuantityKind};

use crate::{checked, ensemble, texts, values};

/// A conserved unit with the flows that bring it in from outside the model and those that take it out.
struct Conserved {
    unit: &'static str,
    sources: &'static [&'static str],
    sinks: &'static [&'static str],
}

/// Plants, mines and parliaments are outside. What Moscow pays comes out of its credit's ledger, and goods in hand out of Moscow's own.
const CONSERVED: [Conserved; 8] = [
    Conserved {
        unit: "person",
        sources: &[],
        sinks: &[],
    },
    Conserved {
        unit: "round",
        sources: &["dprk_made", "made", "western"],
        sinks: &[],
    },
    Conserved {
        unit: "missile",
        sources: &["missiles_made"],
        sinks: &[],
    },
    Conserved {
        unit: "gun",
        sources: &[],
        sinks: &[],
    },
    Conserved {
        unit: "battery",
        sources: &[],
        sinks: &[],
    },
    Conserved {
        unit: "barrel",
        sources: &["oil_from_china", "oil_sent"],
        sinks: &[],
    },
    Conserved {
        unit: "usd",
        sources: &["earned", "goods_received", "voted"],
        sinks: &[],
    },
    Conserved {
        unit: "GW",
        sources: &[],
        sinks: &[],
    },
];

/// A quantity's sum over all its elements, in the language: each inside a function, if it has a name.
fn whole(model: &Model, quantity: &Quantity, function: &str) -> String {
    let names: Vec<String> = (0..quantity.shape.len()).map(|i| format!("e{i}")).collect();
    let element = match names.as_slice() {
        [] => quantity.name.clone(),
        names => format!("{}[{}]", quantity.name, names.join(", ")),
    };
    let element = match function {
        "" => element,
        function => format!("{function}({element})"),
    };
    let binders: Vec<String> = names
        .iter()
        .zip(&quantity.shape)
        .map(|(name, index)| format!("{name} in {}", model.index(*index).name))
        .collect();
    match binders.as_slice() {
        [] => element,
        binders => format!("sum({element} for {})", binders.join(", ")),
    }
}

/// Whether a reference to a stock is to one of this unit.
fn is_of(model: &Model, stock: QuantityId, unit: &str) -> bool {
    model.quantity(stock).unit.text == unit
}

/// Flows between the model and what lies outside it: their names, and their sums as formulas.
#[derive(Default)]
struct Outside<'m> {
    names: BTreeSet<&'m str>,
    sums: Vec<String>,
}

/// What a unit's stocks hold, as formulas, and the flows that bring some of it in and take some out.
fn account<'m>(model: &'m Model, unit: &str) -> (Vec<String>, [Outside<'m>; 2]) {
    let mut held = Vec::new();
    let mut outside: [Outside; 2] = Default::default();
    for quantity in &model.quantities {
        match &quantity.kind {
            QuantityKind::Stock { .. } if quantity.unit.text == unit => held.push(whole(model, quantity, "")),
            QuantityKind::Flow {
                from, to, pipeline, ..
            } => {
                let stock = from
                    .as_ref()
                    .or(to.as_ref())
                    .expect("a flow moves something")
                    .quantity;
                if !is_of(model, stock, unit) {
                    continue;
                }
                if pipeline.is_some() {
                    held.push(whole(model, quantity, "in_transit"));
                }
                let side = match (from, to) {
                    (None, _) => 0,
                    (_, None) => 1,
                    _ => continue,
                };
                outside[side].names.insert(&quantity.name);
                outside[side].sums.push(whole(model, quantity, ""));
            }
            QuantityKind::Transfer { from, to, .. } => {
                let ends = from.is_some() && to.is_some();
                assert!(
                    ends,
                    "{}: a transfer to or from outside would not be seen here",
                    quantity.name
                );
            }
            _ => {}
        }
    }
    (held, outside)
}

#[test]
fn what_is_physical_changes_only_by_declared_sources_and_sinks() {
    let mut files = texts("gambit");
    let model = checked(&files);
    let mut text = "melian 0.1\n".to_owned();
    for (row, Conserved { unit, sources, sinks }) in CONSERVED.iter().enumerate() {
        let (held, [brought, taken]) = account(&model, unit);
        assert!(held.len() > 1, "{unit} has stocks");
        assert_eq!(
            brought.names,
            sources.iter().copied().collect(),
            "sources of {unit}"
        );
        assert_eq!(taken.names, sinks.iter().copied().collect(), "sinks of {unit}");
        let totals = |flows: &[String]| -> String {
            flows.iter().map(|flow| format!(" + total of ({flow})")).collect()
        };
        let held = held.join(" + ");
        writeln!(text, "measure whole_{row} : {unit} = {held} by 2025-10-26").expect("a text takes text");
        writeln!(
            text,
            "measure astray_{row} : {unit} = change of ({held}) - (0 {unit}{}) + (0 {unit}{}) by 2025-10-26",
            totals(&brought.sums),
            totals(&taken.sums)
        )
        .expect("a text takes text");
    }
    files.insert("conservation.mel".into(), text);
    let model = checked(&files);
    let worlds = [
        "ukraine_mobilises",
        "double_troops",
        "moscow_stops_paying",
        "rok_arms_kyiv",
        "us_aid_ends",
    ];
    let ensemble = ensemble(&model, &worlds);
    for (row, Conserved { unit, .. }) in CONSERVED.iter().enumerate() {
        for world in 0..=worlds.len() {
            let held = values(&ensemble, world, &format!("whole_{row}"));
            let astray = values(&ensemble, world, &format!("astray_{row}"));
            for (future, (held, astray)) in held.iter().zip(astray).enumerate() {
                // What is left is rounding in 52 additions to each stock.
                assert!(
                    astray.abs() <= 1e-10 * held,
                    "{unit}: {astray} of {held} astray in future {future} of world {world}"
                );
            }
        }
    }
}

#[test]
fn the_models_own_accounts_are_in_order_in_every_future() {
    let model = checked(&texts("gambit"));
    let worlds = ["ukraine_mobilises", "double_troops"];
    let ensemble = ensemble(&model, &worlds);
    let mut accounts = 0;
    for output in ensemble
        .layout
        .measures
        .iter()
        .filter(|o| o.name.starts_with("stray_"))
    {
        accounts += 1;
        for world in 0..=worlds.len() {
            let stray = values(&ensemble, world, &output.name);
            assert!(stray.iter().all(|&stray| stray == 0.0), "{}", output.name);
        }
    }
    assert!(accounts >= 7, "{accounts}");
}
