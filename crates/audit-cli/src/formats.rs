//! Forms of results that other programs read, and where each goes. `check` and `test` share them.

pub(crate) mod github;
pub(crate) mod sarif;
mod sink;
pub(crate) mod xml;

pub(crate) use sink::{Target, sinks};
