//! Dimensions and units.
//!
//! A dimension is a product of base units with rational exponents: a commutative group. Values are kept in base units, so only
//! dimensions are compared, and scales matter where a number enters or leaves.

mod table;

pub use table::{UnitMeaning, UnitTable, is_built_in};

use std::collections::BTreeMap;
use std::fmt;

/// A rational exponent in lowest terms, with a positive denominator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Exponent {
    numerator: i32,
    denominator: i32,
}

impl Exponent {
    /// Makes a fraction; the denominator must not be 0.
    pub fn new(numerator: i32, denominator: i32) -> Exponent {
        let divisor =
            greatest_common_divisor(numerator.unsigned_abs(), denominator.unsigned_abs()).max(1) as i32;
        let sign = if denominator < 0 { -1 } else { 1 };
        Exponent {
            numerator: sign * numerator / divisor,
            denominator: sign * denominator / divisor,
        }
    }

    /// Returns the exact fraction of a literal exponent with a denominator of at most 12, if it is one.
    pub fn from_number(value: f64) -> Option<Exponent> {
        (1..=12)
            .find(|d| {
                let scaled = value * f64::from(*d);
                scaled.abs() < 1e6 && (scaled - scaled.round()).abs() < 1e-9
            })
            .map(|d| Exponent::new((value * f64::from(d)).round() as i32, d))
    }

    fn plus(self, other: Exponent) -> Exponent {
        Exponent::new(
            self.numerator
                .saturating_mul(other.denominator)
                .saturating_add(other.numerator.saturating_mul(self.denominator)),
            self.denominator.saturating_mul(other.denominator),
        )
    }

    fn times(self, other: Exponent) -> Exponent {
        Exponent::new(
            self.numerator.saturating_mul(other.numerator),
            self.denominator.saturating_mul(other.denominator),
        )
    }
}

fn greatest_common_divisor(a: u32, b: u32) -> u32 {
    if b == 0 {
        a
    } else {
        greatest_common_divisor(b, a % b)
    }
}

/// A product of base units.
#[derive(Clone, Debug, PartialEq, Eq, Default, PartialOrd, Ord)]
pub struct Dimension {
    powers: BTreeMap<String, Exponent>,
}

impl Dimension {
    /// Returns the dimension of plain numbers.
    pub fn plain() -> Dimension {
        Dimension::default()
    }

    /// Returns the dimension of a base unit.
    pub fn base(name: &str) -> Dimension {
        Dimension {
            powers: BTreeMap::from([(name.to_owned(), Exponent::new(1, 1))]),
        }
    }

    /// Returns the dimension of time.
    pub fn time() -> Dimension {
        Dimension::base("day")
    }

    /// Returns whether it is that of plain numbers.
    pub fn is_plain(&self) -> bool {
        self.powers.is_empty()
    }

    /// Returns the product.
    pub fn times(&self, other: &Dimension) -> Dimension {
        let mut powers = self.powers.clone();
        for (name, exponent) in &other.powers {
            let sum = powers.get(name).map_or(*exponent, |old| old.plus(*exponent));
            if sum.numerator == 0 {
                powers.remove(name);
            } else {
                powers.insert(name.clone(), sum);
            }
        }
        Dimension { powers }
    }

    /// Returns the quotient.
    pub fn per(&self, other: &Dimension) -> Dimension {
        self.times(&other.to_the(Exponent::new(-1, 1)))
    }

    /// Returns the power.
    pub fn to_the(&self, exponent: Exponent) -> Dimension {
        if exponent.numerator == 0 {
            return Dimension::plain();
        }
        Dimension {
            powers: self
                .powers
                .iter()
                .map(|(name, old)| (name.clone(), old.times(exponent)))
                .collect(),
        }
    }
}

impl fmt::Display for Dimension {
    /// Writes it as a unit: `person/day`, `km^2`, `1/(person*day)`, `1`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let factor = |name: &str, exponent: Exponent| match (exponent.numerator.abs(), exponent.denominator) {
            (1, 1) => name.to_owned(),
            (n, 1) => format!("{name}^{n}"),
            (n, d) => format!("{name}^({n}/{d})"),
        };
        let part = |positive: bool| -> Vec<String> {
            self.powers
                .iter()
                .filter(|(_, e)| (e.numerator > 0) == positive)
                .map(|(name, e)| factor(name, *e))
                .collect()
        };
        let (above, below) = (part(true), part(false));
        let above = if above.is_empty() {
            "1".to_owned()
        } else {
            above.join("*")
        };
        match below.len() {
            0 => write!(f, "{above}"),
            1 => write!(f, "{above}/{}", below[0]),
            _ => write!(f, "{above}/({})", below.join("*")),
        }
    }
}
