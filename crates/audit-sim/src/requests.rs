//! The distinct requests of a log, stored by column.

mod delta;
mod interner;
mod store;

pub(crate) use delta::{Checkpoint, RequestIdRemap, RequestsDelta};
pub(crate) use store::{RequestRow, RequestTarget, SubjectId};
pub use store::{RequestView, Requests, ValueIds};
