//! Any model without errors either runs or is refused; two runs are the same to the bit.

#![no_main]

use std::collections::BTreeMap;

use libfuzzer_sys::fuzz_target;
use melian_engine::ensemble::{Size, run};
use melian_engine::{World, compile};
use melian_language::check;

/// Steps times instructions from which on a run is not short.
const SHORT: usize = 1_000_000;

fuzz_target!(|text: &str| {
    let text = format!("melian 0.1\n{text}");
    let Some(model) = check(&BTreeMap::from([("model.mel".to_string(), text)])).model else {
        return;
    };
    if model.clock.steps > 10_000 {
        return;
    }
    let Ok(program) = compile(&model, &[World::baseline()]) else {
        return;
    };
    if program.step.len() * program.steps() as usize > SHORT {
        return;
    }
    let size = Size {
        draws: 3,
        replications: 2,
        seed: 1,
    };
    let first = run(&program, &size, 1, &|_, _| true).map(|ensemble| format!("{ensemble:?}"));
    let second = run(&program, &size, 2, &|_, _| true).map(|ensemble| format!("{ensemble:?}"));
    assert_eq!(first, second);
});
