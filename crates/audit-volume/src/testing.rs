//! What the tests here share: tables of a few events.

use audit_log::{Event, Place};
use audit_sim::EventTable;

/// A table of events, one a line.
pub(crate) fn table(events: &[&str]) -> EventTable {
    let mut table = EventTable::new();
    for (line, raw) in events.iter().enumerate() {
        let place = Place {
            line: line as u64 + 1,
            ..Place::default()
        };
        table.push(0, place, &Event::new(raw));
    }
    table
}

/// As JSON, which the page and the command print.
pub(crate) fn text(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap()
}
