//! Events with their bytes, and the iteration over a table that all computations of this crate share.

use audit_sim::tally::Sum;
use audit_sim::{EventRow, EventTable};
use audit_types::{EventId, RequestId};
use serde::Serialize;

/// A number of events and of their bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Volume {
    /// Number of events.
    pub events: u64,
    /// Bytes of their lines, including newlines; lines of unknown size count as 0.
    pub bytes: u64,
}

impl Volume {
    /// Creates the volume of one event.
    pub(crate) const fn single_event(bytes: u64) -> Self {
        Self { events: 1, bytes }
    }

    /// Subtracts another volume, saturating at zero.
    #[must_use]
    pub const fn saturating_sub(self, other: Self) -> Self {
        Self {
            events: self.events.saturating_sub(other.events),
            bytes: self.bytes.saturating_sub(other.bytes),
        }
    }
}

impl From<Sum> for Volume {
    fn from(sum: Sum) -> Self {
        Self {
            events: sum.events,
            bytes: sum.bytes,
        }
    }
}

impl std::ops::AddAssign for Volume {
    fn add_assign(&mut self, other: Self) {
        self.events = self.events.saturating_add(other.events);
        self.bytes = self.bytes.saturating_add(other.bytes);
    }
}

/// Calls `visit` for all events of the selected requests, in order: recorded events, each preceded by the events derived from it.
/// `is_selected` is called once per recorded event.
pub(crate) fn for_each_event<'t>(
    table: &'t EventTable,
    mut is_selected: impl FnMut(RequestId) -> bool,
    mut visit: impl FnMut(EventId, &EventRow<'t>),
) {
    for recorded in table.recorded_ids() {
        if !table.request_of(recorded).is_some_and(&mut is_selected) {
            continue;
        }
        for event in EventTable::ids_with_derived(recorded) {
            if let Some(row) = table.row(event) {
                visit(event, &row);
            }
        }
    }
}

/// Ids of up to three events to look at.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(transparent)]
pub struct ExampleEvents(Vec<EventId>);

impl ExampleEvents {
    /// Maximum number of examples.
    pub(crate) const MAX_LEN: usize = 3;

    pub(crate) fn push(&mut self, event: EventId) {
        if self.0.len() < Self::MAX_LEN {
            self.0.push(event);
        }
    }

    /// Returns the ids, for use with [`EventTable::row`].
    pub fn ids(&self) -> &[EventId] {
        &self.0
    }
}
