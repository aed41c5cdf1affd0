//! Any text has a tree that is that text, diagnostics whose places lie within it, and abstract syntax.

#![no_main]

use libfuzzer_sys::fuzz_target;
use melian_language::source::FileId;
use melian_language::syntax::{parse, parse_change, parse_expression};

fuzz_target!(|text: &str| {
    let parsed = parse(text, FileId(0));
    assert_eq!(parsed.tree.text(), text);
    parsed.file();
    for diagnostic in &parsed.diagnostics {
        let places = diagnostic
            .primary
            .iter()
            .chain(&diagnostic.labels)
            .map(|label| label.span);
        for span in places.chain(diagnostic.edit.iter().map(|edit| edit.span)) {
            assert!(
                text.get(span.start as usize..span.end as usize).is_some(),
                "{diagnostic:?}"
            );
        }
    }
    parse_expression(text, FileId(0));
    parse_change(text, FileId(0));
});
