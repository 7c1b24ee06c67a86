//! The engine as the npm package `audit-policy`: arguments and results cross into JavaScript as bytes and JSON, and everything else is done by the engine's
//! crates. Objects have the keys that the command prints with `--format json`.
//!
//! Nothing here knows a file, a network or a clock. What a caller does wrong is an `Error`, never a trap.

#![deny(missing_docs)]

mod check;
mod codes;
mod error;
mod policy;
mod simulation;
mod tests;

pub use check::check;
pub use codes::{codes, explain};
pub use policy::{LoadedPolicy, load};
pub use simulation::Simulation;
pub use tests::run_tests;
