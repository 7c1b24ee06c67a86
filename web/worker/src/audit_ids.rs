//! Events of a log by audit ID, as found by searches.

use std::collections::{BTreeSet, HashMap};

use audit_filter::Value;
use audit_types::EventId;

/// Results of searches in a log, by the value of the filter.
#[derive(Default)]
pub(crate) struct AuditIds {
    /// Number of events of the log when it was searched.
    pub(crate) events: usize,
    /// Ids of the events with each value.
    pub(crate) found: HashMap<String, BTreeSet<EventId>>,
}

impl AuditIds {
    /// Returns `true` if an event has an ID.
    pub(crate) fn contains(&self, value: &Value, event: EventId) -> bool {
        let found = self.found.get(value.text());
        found.is_some_and(|events| events.contains(&event))
    }
}
