//! The engine as a module of Python: arguments and results are converted here, and everything else is done by the engine's crates.
//!
//! Nothing here knows a file or a cluster. Python's lock is released while the engine works.

mod columns;
mod policy;
mod read;
mod simulate;
mod sums;

use pyo3::prelude::*;

/// The module `audit_policy._engine`.
#[pymodule]
mod _engine {
    #[pymodule_export]
    use super::policy::{Policy, check, load};
    #[pymodule_export]
    use super::simulate::{simulate_bytes, simulate_rows};
    #[pymodule_export]
    use super::sums::{Sums, merge_sums};
}
