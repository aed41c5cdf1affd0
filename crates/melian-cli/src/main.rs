//! The command `melian`.
fn main() {}
