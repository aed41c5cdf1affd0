//! A model and ensembles made by hand.

use melian_analysis::claim::{self, Decision};
use melian_analysis::formula::Futures;
use melian_engine::distribution::normal;
use melian_engine::ensemble::{Ensemble, Size};
use melian_engine::layout::{Layout, Output};
use melian_language::evidence::Evidence;
use melian_language::model::*;
use melian_language::source::{FileId, Span};

const NOWHERE: Span = Span {
    file: FileId(0),
    start: 0,
    end: 0,
};

/// A model with a measure `m` and a question `q`.
fn model() -> Model {
    let reading = When { step: 0, ever: false };
    let value = || PerElement::Same(Expression::Number(0.0));
    Model {
        name: "hand".into(),
        title: "Made by hand".into(),
        clock: Clock {
            start_day: 0,
            step_days: 7.0,
            steps: 1,
        },
        indices: vec![],
        maps: vec![],
        quantities: vec![
            quantity(
                "m",
                QuantityKind::Measure {
                    value: value(),
                    reading,
                },
            ),
            quantity(
                "q",
                QuantityKind::Question {
                    value: value(),
                    reading,
                },
            ),
        ],
        correlations: vec![],
        interventions: vec![Intervention {
            name: "other".into(),
            title: None,
            span: NOWHERE,
            changes: vec![],
        }],
        pathways: vec![],
        claims: vec![],
        headlines: vec![],
        anchors: vec![],
        checks: vec![],
        evidence: Evidence::default(),
        lock: None,
    }
}

fn quantity(name: &str, kind: QuantityKind) -> Quantity {
    Quantity {
        name: name.into(),
        title: None,
        shape: vec![],
        binders: vec![],
        unit: Unit {
            text: "1".into(),
            scale: 1.0,
            kind: ValueKind::Number,
        },
        span: NOWHERE,
        text: String::new(),
        cites: vec![],
        correlation_cites: vec![],
        kind,
    }
}

/// Decides a formula on values of `m` in the baseline. `q` is whether `m` is positive.
pub fn decide(formula: &Formula, size: (u32, u32), baseline: Vec<f64>) -> Decision {
    decide_in(formula, size, vec![baseline])
}

/// Decides a formula on values of `m` in the baseline and in the world `other`.
pub fn decide_in(formula: &Formula, (draws, replications): (u32, u32), worlds: Vec<Vec<f64>>) -> Decision {
    let kind = ClaimKind::Formula {
        formula: formula.clone(),
        text: String::new(),
    };
    let ensemble = ensemble(
        Size {
            draws,
            replications,
            seed: 1,
        },
        worlds,
    );
    claim::decide(
        &claim(kind),
        Futures {
            model: &model(),
            ensemble: &ensemble,
        },
    )
}

/// Judges a stated number against a fact's range.
pub fn judge(stated: f64, within: f64, range: [f64; 3]) -> Decision {
    let kind = ClaimKind::Factual {
        fact: "fact".into(),
        range,
        stated,
        within,
        text: String::new(),
    };
    let ensemble = ensemble(
        Size {
            draws: 1,
            replications: 1,
            seed: 1,
        },
        vec![vec![0.0]],
    );
    claim::decide(
        &claim(kind),
        Futures {
            model: &model(),
            ensemble: &ensemble,
        },
    )
}

/// The measure.
pub fn m() -> Reading {
    Reading {
        quantity: QuantityId(0),
        position: 0,
    }
}

/// The question whether it is positive.
pub fn q() -> Reading {
    Reading {
        quantity: QuantityId(1),
        position: 0,
    }
}

/// `formula > than`.
pub fn greater(formula: Formula, than: f64) -> Formula {
    Formula::Binary(
        Binary::Greater,
        Box::new(formula),
        Box::new(Formula::Number(than)),
    )
}

fn ensemble(size: Size, worlds: Vec<Vec<f64>>) -> Ensemble {
    let output = |i: u32, name: &str| Output {
        quantity: QuantityId(i),
        position: 0,
        name: name.into(),
        is_question: i == 1,
    };
    let positive = |m: &[f64]| {
        m.iter()
            .map(|x| f64::from(u8::from(*x > 0.0)))
            .collect::<Vec<f64>>()
    };
    Ensemble {
        size,
        layout: Layout {
            worlds: ["baseline", "other"]
                .iter()
                .take(worlds.len())
                .map(|world| (*world).to_owned())
                .collect(),
            measures: vec![output(0, "m"), output(1, "q")],
            steps: 1,
            ..Layout::default()
        },
        series: vec![vec![]; worlds.len()],
        differences: Vec::new(),
        choices: vec![vec![]; worlds.len()],
        events: vec![vec![]; worlds.len()],
        measures: worlds
            .into_iter()
            .map(|m| {
                let q = positive(&m);
                vec![m.into(), q.into()]
            })
            .collect(),
        problems: vec![],
    }
}

fn claim(kind: ClaimKind) -> Claim {
    Claim {
        name: "c".into(),
        title: None,
        quote: String::new(),
        kind,
        because: None,
        rests: None,
        settled: None,
        contradicts: vec![],
        span: NOWHERE,
    }
}

/// Luck for tests.
///
/// # Source
/// Steele, G. L., Lea, D. and Flood, C. H. (2014), "Fast splittable pseudorandom number generators", OOPSLA: SplitMix64.
pub struct Luck(u64);

impl Luck {
    pub fn new(seed: u64) -> Luck {
        Luck(seed.wrapping_mul(0xD134_2543_DE82_EF95))
    }

    pub fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^= z >> 31;
        ((z >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    pub fn normal(&mut self) -> f64 {
        normal::quantile(self.uniform())
    }
}
