//! The events of a view in groups: what each group shares, what was recorded of it, and what would be written.

use std::cmp::Ordering;
use std::ops::AddAssign;

use audit_sim::Outcome;
use playground_protocol::terms::term;
use playground_protocol::{Column, EventGroup, Sum};

use crate::log::Log;
use crate::values::{by_text, by_value, number_of};

/// How many groups are shown.
const GROUPS_SHOWN: usize = 500;

/// What falls to a group.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Share {
    recorded: Sum,
    written: Sum,
}

impl AddAssign for Share {
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

/// The groups of these events by a column, largest first, and the bytes recorded of all of them: an event can be in several groups.
pub(crate) fn groups(
    column: Column,
    log: &Log,
    numbers: impl Iterator<Item = u32>,
) -> (Vec<EventGroup>, f64) {
    let mut recorded = 0.0;
    let mut shares: Vec<Share> = Vec::new();
    for number in numbers {
        let Some(row) = log.table.row(number as usize) else {
            continue;
        };
        let (verdict, judgement) = log.judge(&row);
        recorded += row.recorded_bytes() as f64;
        let number = number_of(column, log, &row, verdict, &judgement);
        if number >= shares.len() {
            shares.resize(number + 1, Share::default());
        }
        let Some(share) = shares.get_mut(number) else {
            continue;
        };
        share.recorded.events += usize::from(!row.is_derived);
        share.recorded.bytes += row.recorded_bytes() as f64;
        if judgement.outcome == Outcome::Written {
            share.written.events += 1;
            share.written.bytes += judgement.written_bytes.unwrap_or(0) as f64;
        }
    }
    let shares = by_value(column, log.table.requests(), shares);
    let groups = by_text(column, log, &shares);
    let mut groups: Vec<EventGroup> = groups
        .into_iter()
        .map(|(key, share)| EventGroup {
            term: term(column, &key),
            key,
            recorded: share.recorded,
            written: share.written,
        })
        .collect();
    let size = |group: &EventGroup| (group.written.bytes, group.recorded.bytes);
    groups.sort_by(|one, other| {
        size(other)
            .partial_cmp(&size(one))
            .unwrap_or(Ordering::Equal)
            .then_with(|| one.key.cmp(&other.key))
    });
    groups.truncate(GROUPS_SHOWN);
    (groups, recorded)
}
