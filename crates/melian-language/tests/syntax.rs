//! Text to tree to abstract syntax.

use melian_language::source::FileId;
use melian_language::syntax::parse;

const TASTE: &str = include_str!("syntax/taste.mel");

#[test]
fn a_sound_file_has_no_diagnostics_and_all_its_declarations() {
    let parse = parse(TASTE, FileId(0));
    assert_eq!(parse.diagnostics, []);
    assert_eq!(parse.tree.text(), TASTE);
    assert_eq!(parse.file().declarations.len(), 40);
}
