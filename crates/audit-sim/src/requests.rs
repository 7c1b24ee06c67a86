//! The distinct requests of a log, stored by column.

mod delta;
mod interner;
mod store;

pub use delta::{Checkpoint, RequestIdRemap, RequestsDelta};
pub(crate) use store::RequestRow;
pub use store::{RequestTarget, RequestView, Requests, SubjectId, ValueIds};
