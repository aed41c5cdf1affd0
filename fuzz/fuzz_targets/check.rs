//! Any text is checked to the end: a model if and only if there is no error, and every diagnostic lies within the text and can be shown.

#![no_main]

use std::collections::BTreeMap;

use libfuzzer_sys::fuzz_target;
use melian_language::check;
use melian_language::diagnostic::Severity;

fuzz_target!(|text: &str| {
    let text = format!("melian 0.1\n{text}");
    let files = BTreeMap::from([
        ("model.mel".to_string(), text),
        (
            "table.csv".to_string(),
            "place,value\nnorth,1\nsouth,2\n".to_string(),
        ),
    ]);
    let checked = check(&files);
    let errors = checked
        .diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.severity == Severity::Error);
    assert_eq!(checked.model.is_none(), errors.count() > 0);
    for diagnostic in &checked.diagnostics {
        for label in diagnostic.primary.iter().chain(&diagnostic.labels) {
            let text = checked.sources.text(label.span.file);
            assert!(
                text.get(label.span.start as usize..label.span.end as usize)
                    .is_some(),
                "{diagnostic:?}"
            );
        }
    }
});
