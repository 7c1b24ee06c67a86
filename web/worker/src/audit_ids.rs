//! Events of a log by audit ID, as found by searches.

use std::collections::{BTreeSet, HashMap};

use audit_filter::Value;

/// Results of searches in a log, by the value of the filter.
#[derive(Default)]
pub(crate) struct AuditIds {
    /// Number of events of the log when it was searched.
    pub(crate) events: usize,
    /// Indices of the events with each value.
    pub(crate) found: HashMap<String, BTreeSet<usize>>,
}

impl AuditIds {
    /// Returns `true` if an event has an ID.
    pub(crate) fn contains(&self, value: &Value, event: usize) -> bool {
        let found = self.found.get(value.text());
        found.is_some_and(|events| events.contains(&event))
    }
}
