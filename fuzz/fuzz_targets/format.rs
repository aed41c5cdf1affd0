//! Formatting a file that parses settles after one pass, and loses neither meaning nor comments.

#![no_main]

use libfuzzer_sys::fuzz_target;
use melian_language::format::format;
use melian_language::source::FileId;
use melian_language::syntax::kind::Kind;
use melian_language::syntax::parse;

/// Returns the abstract syntax as text, without places.
fn meaning(text: &str) -> String {
    let full = format!("{:?}", parse(text, FileId(0)).file());
    let mut parts = full.split("Span {");
    let first = parts.next().unwrap_or("").to_string();
    parts.fold(first, |out, part| {
        out + part.split_once('}').map_or("", |(_, rest)| rest)
    })
}

fn comments(text: &str) -> Vec<String> {
    let tokens = parse(text, FileId(0)).tree.root().descendants_with_tokens();
    let comments = tokens
        .filter_map(|part| part.into_token())
        .filter(|token| token.kind() == Kind::Comment);
    comments
        .map(|comment| comment.text().trim_end().to_string())
        .collect()
}

fuzz_target!(|text: &str| {
    // Few inputs name the version by chance.
    let text = format!("melian 0.1\n{text}");
    let Ok(once) = format(&text) else { return };
    assert_eq!(format(&once).as_ref(), Ok(&once));
    assert_eq!(meaning(&text), meaning(&once));
    assert_eq!(comments(&text), comments(&once));
});
