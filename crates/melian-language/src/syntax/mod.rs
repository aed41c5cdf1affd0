//! Text to tree to abstract syntax.

#[expect(missing_docs, reason = "fields are named for the clauses of the grammar, which the book describes")]
pub mod ast;
