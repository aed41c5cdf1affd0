//! Gives registers to values, and takes them back after their last use.

use crate::program::{Instruction, RegisterId};

/// What a stretch of instructions finds and leaves.
pub(crate) struct Boundary {
    /// Values that are there before the first instruction, and their registers.
    pub(crate) entering: Vec<(RegisterId, RegisterId)>,
    /// Values that are wanted after the last instruction.
    pub(crate) leaving: Vec<RegisterId>,
    /// Registers that nothing uses at first.
    pub(crate) free: Vec<RegisterId>,
    /// The number of registers taken so far; more are made from here on.
    pub(crate) registers: u32,
}

/// The outcome for one stretch of instructions.
pub(crate) struct Registers {
    /// The register of each value when it was last live.
    places: Vec<Option<RegisterId>>,
    /// The number of registers taken.
    pub(crate) registers: u32,
}

impl Registers {
    /// Returns the register of a value.
    pub(crate) fn of(&self, value: RegisterId) -> RegisterId {
        self.places[value.position()].expect("a value that leaves was computed")
    }
}

/// Replaces values by registers in instructions that compute `values` many values.
///
/// A result gets its register before those of its operands become free, because a kernel must not write what it reads. What became
/// free last is taken first, because it is still in the nearest cache.
pub(crate) fn assign(instructions: &mut [Instruction], values: usize, boundary: Boundary) -> Registers {
    const LEAVES: usize = usize::MAX;
    let mut last_touch: Vec<Option<usize>> = vec![None; values];
    for (i, instruction) in instructions.iter().enumerate() {
        instruction.for_each_register(|value| last_touch[value.position()] = Some(i));
    }
    for value in &boundary.leaving {
        last_touch[value.position()] = Some(LEAVES);
    }

    let mut places: Vec<Option<RegisterId>> = vec![None; values];
    let mut free = boundary.free;
    for (value, register) in boundary.entering {
        places[value.position()] = Some(register);
        if last_touch[value.position()].is_none() {
            free.push(register);
        }
    }
    let mut registers = boundary.registers;
    let mut dying = Vec::new();
    for (i, instruction) in instructions.iter_mut().enumerate() {
        if let Some(result) = instruction.result() {
            places[result.position()].get_or_insert_with(|| {
                free.pop().unwrap_or_else(|| {
                    registers += 1;
                    RegisterId(registers - 1)
                })
            });
        }
        instruction.rename(|value| {
            if last_touch[value.position()] == Some(i) {
                dying.push(value);
            }
            places[value.position()].expect("operands are computed before their users")
        });
        dying.sort_unstable();
        dying.dedup();
        free.extend(
            dying
                .drain(..)
                .filter_map(|value: RegisterId| places[value.position()]),
        );
    }
    Registers { places, registers }
}
