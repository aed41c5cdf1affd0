//! The identity of a run: the same program, seed and size give the same ensemble, to the bit.

use std::fmt;

use super::Size;
use crate::program::Program;

/// Names a program or a run by a hash of all that its answers depend on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Identity(pub [u8; 32]);

/// Version of the machine's arithmetic: raised when the same program would give other bits.
const VERSION: u32 = 2;

impl Program {
    /// Returns the identity of the program.
    pub fn identity(&self) -> Identity {
        let mut hash = blake3::Hasher::new();
        hash.update(&VERSION.to_le_bytes());
        hash.update(self.to_string().as_bytes());
        Identity(*hash.finalize().as_bytes())
    }
}

/// Returns the identity of a run.
pub fn identity(program: &Program, size: &Size) -> Identity {
    let mut hash = blake3::Hasher::new();
    hash.update(&program.identity().0);
    hash.update(&size.draws.to_le_bytes());
    hash.update(&size.replications.to_le_bytes());
    hash.update(&size.seed.to_le_bytes());
    Identity(*hash.finalize().as_bytes())
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
