//! Forms of results that other programs read, and where each goes. `check` and `test` share them.

pub(crate) mod github;
pub(crate) mod junit;
pub(crate) mod sarif;
mod sink;
mod workspace;

pub(crate) use sink::{Sinks, Target, check_not_read, is_same};
pub(crate) use workspace::Workspace;
