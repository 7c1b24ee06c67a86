//! A log as a table of events, and the evaluation of policies over it.

mod count;
mod evaluation;
mod event_table;
mod first_events;
mod flow;
mod order;
mod row;
mod shard;

pub use count::Counts;
pub use evaluation::Evaluation;
pub use event_table::{EventResponse, EventRow, EventTable};
pub use flow::{Flow, Series, TimeStep, UnknownSizeKey, UnknownSizes};
pub use shard::{IdRemap, SideTables, TableShard};

#[cfg(test)]
mod tests;
