//! The events of a view in groups by value of a column, with their sums as recorded and as written.

use std::cmp::Ordering;
use std::ops::AddAssign;

use audit_sim::Outcome;
use audit_types::EventId;
use playground_protocol::terms::term;
use playground_protocol::{Column, EventGroup, Sum};

use crate::log::Log;
use crate::values::{by_text, by_value, index_of};

/// Maximum number of groups.
const MAX_GROUPS: usize = 500;

/// Sums of a group.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct GroupSums {
    recorded: Sum,
    written: Sum,
}

impl AddAssign for GroupSums {
    fn add_assign(&mut self, other: Self) {
        for (own, others) in [
            (&mut self.recorded, other.recorded),
            (&mut self.written, other.written),
        ] {
            own.events += others.events;
            own.bytes += others.bytes;
        }
    }
}

/// Groups events by a column, the largest group first. Returns the groups and the bytes recorded of all events, which can be less than the
/// sum over the groups because an event can be in several.
pub(crate) fn groups(
    column: Column,
    log: &Log,
    events: impl Iterator<Item = EventId>,
) -> (Vec<EventGroup>, f64) {
    let mut recorded = 0.0;
    let mut sums: Vec<GroupSums> = Vec::new();
    for event in events {
        let Some(row) = log.table.row(event) else {
            continue;
        };
        let (verdict, event_outcome) = log.outcome_of(&row);
        recorded += row.recorded_bytes() as f64;
        let number = index_of(column, log, &row, verdict, &event_outcome);
        if number >= sums.len() {
            sums.resize(number + 1, GroupSums::default());
        }
        let Some(sum) = sums.get_mut(number) else {
            continue;
        };
        sum.recorded.events += usize::from(!row.is_derived);
        sum.recorded.bytes += row.recorded_bytes() as f64;
        if event_outcome.outcome == Outcome::Written {
            sum.written.events += 1;
            sum.written.bytes += event_outcome.written_bytes.unwrap_or(0) as f64;
        }
    }
    let sums = by_value(column, log.table.requests(), sums);
    let groups = by_text(column, log, &sums);
    let mut groups: Vec<EventGroup> = groups
        .into_iter()
        .map(|(key, sum)| EventGroup {
            term: term(column, &key),
            key,
            recorded: sum.recorded,
            written: sum.written,
        })
        .collect();
    let size = |group: &EventGroup| (group.written.bytes, group.recorded.bytes);
    groups.sort_unstable_by(|one, other| {
        size(other)
            .partial_cmp(&size(one))
            .unwrap_or(Ordering::Equal)
            .then_with(|| one.key.cmp(&other.key))
    });
    groups.truncate(MAX_GROUPS);
    (groups, recorded)
}
