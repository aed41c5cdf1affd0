//! Addresses of chance: each random number has a site, the hash of a qualified name.

use melian_language::diagnostic::Diagnostic;
use melian_language::source::Span;

use super::nodes::QuickMap;
use crate::noise;

/// The sites that a model uses, by name, so that two names with one hash are found.
#[derive(Default)]
pub(crate) struct Sites {
    names: QuickMap<u64, String>,
    /// Names that share a hash with another.
    pub collisions: Vec<Diagnostic>,
}

impl Sites {
    /// Returns the site of a qualified name; `span` is where the name is declared.
    pub fn of(&mut self, name: String, span: Span) -> u64 {
        let site = noise::site(&name);
        match self.names.get(&site) {
            Some(known) if *known != name => {
                let message = format!("`{known}` and `{name}` would share their luck");
                self.collisions.push(
                    Diagnostic::error("E0902", message, span)
                        .note(
                            "the two names have the same 64-bit hash, which is what addresses random numbers",
                        )
                        .help("rename one of them"),
                );
            }
            Some(_) => {}
            None => {
                self.names.insert(site, name);
            }
        }
        site
    }
}
