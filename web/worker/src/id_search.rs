//! Search for audit IDs. A row does not contain the ID, so the text of the log is searched for it, and the events found are read again.

use std::collections::BTreeSet;

use audit_filter::{Field, Pattern, Test, Value, parse};
use audit_sim::EventRow;
use audit_types::EventId;
use memchr::memmem::Finder;

use crate::audit_ids::AuditIds;
use crate::log::Log;
use crate::source::OpenSource;

/// Number of bytes that are searched at a time.
const BLOCK: u64 = 8 << 20;

/// Maximum number of places at which an ID is found. An ID occurs in a few events.
const MAX_PLACES: usize = 10_000;

/// Searches the log for the audit IDs of a filter, unless that was done before.
pub(crate) fn search(log: &mut Log, filter: &str) {
    let events = log.table.recorded();
    let mut known = std::mem::take(&mut log.audit_ids);
    if known.events != events {
        known = AuditIds {
            events,
            ..AuditIds::default()
        };
    }
    let terms = parse(filter).filter.terms;
    let terms = terms
        .iter()
        .filter(|term| term.field == Some(Field::AuditId));
    let values: Vec<&Value> = terms.flat_map(|term| &term.values).collect();
    known
        .found
        .retain(|text, _| values.iter().any(|value| value.text() == text));
    for value in values {
        if let Test::Text(pattern) = &value.test {
            let found = known.found.entry(value.text().to_owned());
            found.or_insert_with(|| events_with(log, pattern));
        }
    }
    log.audit_ids = known;
}

/// Returns the ids of the events with an audit ID, derived ones included.
fn events_with(log: &Log, pattern: &Pattern) -> BTreeSet<EventId> {
    let places: Vec<BTreeSet<u64>> = log
        .sources
        .iter()
        .zip(0..)
        .map(|(source, file)| {
            let end = log.length_of(file);
            source
                .open()
                .map_or_else(BTreeSet::new, |source| places(&source, end, pattern))
        })
        .collect();
    let is_found = |event: EventId, row: &EventRow<'_>| {
        let extent = row.place.offset..row.place.offset.saturating_add(row.place.length.max(1));
        let mut inside = places.get(row.file)?.range(extent);
        inside.next()?;
        let raw = log.sources.get(row.file)?.read(row.place)?;
        let again = audit_log::reread_bytes(&raw, log.table.rank_in_place(event))?;
        again
            .event()
            .id()
            .filter(|id| pattern.matches(id))
            .map(|_| ())
    };
    // All that a policy may derive, not only what the current one does.
    let rows = log.table.rows();
    rows.filter(|(event, row)| is_found(*event, row).is_some())
        .map(|(event, _)| event)
        .collect()
}

/// Returns the offsets at which the text of an ID is, in lowercase or in uppercase.
fn places(source: &OpenSource<'_>, end: u64, pattern: &Pattern) -> BTreeSet<u64> {
    let lower = pattern.longest_part();
    let upper = lower.to_uppercase();
    let finders = [Finder::new(lower), Finder::new(&upper)];
    let overlap = lower.len().max(upper.len()) as u64;
    let mut places = BTreeSet::new();
    let mut offset = 0;
    while offset < end && places.len() < MAX_PLACES {
        let length = BLOCK.min(end - offset);
        let Some(block) = source.read(offset, length) else {
            break;
        };
        for finder in &finders {
            let found = finder.find_iter(&block).take(MAX_PLACES);
            places.extend(found.map(|at| offset + at as u64));
        }
        if length < BLOCK {
            break;
        }
        offset += BLOCK - overlap;
    }
    places
}
