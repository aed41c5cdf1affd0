//! The units of a model by name.

use std::collections::BTreeMap;

use super::{Dimension, Exponent};
use crate::syntax::ast::UnitExpression;

/// What a unit means.
#[derive(Clone, Debug, PartialEq)]
pub struct UnitMeaning {
    /// Its dimension.
    pub dimension: Dimension,
    /// How many base units one of it is.
    pub scale: f64,
}

/// The units of a model.
#[derive(Clone, Debug)]
pub struct UnitTable {
    units: BTreeMap<String, UnitMeaning>,
}

/// Built-in units: name, base unit, how many base units one of it is. A month is a twelfth of 365.25 days.
const BUILT_IN: &[(&str, &str, f64)] = &[
    ("second", "day", 1.0 / 86_400.0),
    ("minute", "day", 1.0 / 1_440.0),
    ("hour", "day", 1.0 / 24.0),
    ("day", "day", 1.0),
    ("week", "day", 7.0),
    ("month", "day", 30.4375),
    ("year", "day", 365.25),
    ("m", "km", 1e-3),
    ("km", "km", 1.0),
    ("kg", "tonne", 1e-3),
    ("tonne", "tonne", 1.0),
    ("MW", "GW", 1e-3),
    ("GW", "GW", 1.0),
    ("USD", "USD", 1.0),
];

impl Default for UnitTable {
    fn default() -> UnitTable {
        let mut units: BTreeMap<String, UnitMeaning> = BUILT_IN
            .iter()
            .map(|&(name, base, scale)| {
                (
                    name.to_owned(),
                    UnitMeaning {
                        dimension: Dimension::base(base),
                        scale,
                    },
                )
            })
            .collect();
        let megawatt_hour = Dimension::base("GW").times(&Dimension::time());
        units.insert(
            "MWh".to_owned(),
            UnitMeaning {
                dimension: megawatt_hour,
                scale: 1e-3 / 24.0,
            },
        );
        UnitTable { units }
    }
}

impl UnitTable {
    /// Returns the meaning of a unit's name; the plural of a built-in unit of time counts as the unit.
    pub fn get(&self, name: &str) -> Option<&UnitMeaning> {
        self.units.get(name).or_else(|| {
            let singular = name.strip_suffix('s')?;
            let meaning = self.units.get(singular)?;
            (meaning.dimension == Dimension::time() && is_built_in(singular)).then_some(meaning)
        })
    }

    /// Adds a unit.
    pub fn add(&mut self, name: &str, meaning: UnitMeaning) {
        self.units.insert(name.to_owned(), meaning);
    }

    /// Returns all names, for "did you mean".
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.units.keys().map(String::as_str)
    }

    /// Returns the meaning of a unit as written, or the position of the factor that is not known.
    pub fn meaning(&self, unit: &UnitExpression) -> Result<UnitMeaning, usize> {
        let mut meaning = UnitMeaning {
            dimension: Dimension::plain(),
            scale: if unit.percent { 0.01 } else { 1.0 },
        };
        for (position, (name, exponent)) in unit.factors.iter().enumerate() {
            let factor = self.get(&name.text).ok_or(position)?;
            meaning.dimension = meaning
                .dimension
                .times(&factor.dimension.to_the(Exponent::new(*exponent, 1)));
            // Whole powers by multiplication: exact for the scales above, and the same bits everywhere.
            for _ in 0..exponent.unsigned_abs() {
                meaning.scale = if *exponent > 0 {
                    meaning.scale * factor.scale
                } else {
                    meaning.scale / factor.scale
                };
            }
        }
        Ok(meaning)
    }
}

/// Returns whether a unit is built in.
pub fn is_built_in(name: &str) -> bool {
    name == "MWh" || BUILT_IN.iter().any(|(built_in, ..)| *built_in == name)
}
