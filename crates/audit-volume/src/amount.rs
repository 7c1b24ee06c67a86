//! Events with their bytes, and the one walk over a table that everything here shares.

use audit_sim::tally::Sum;
use audit_sim::{EventRow, EventTable};
use serde::Serialize;

/// Events and bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Amount {
    /// Events.
    pub events: u64,
    /// Bytes of their lines, line ends included; of unknown sizes none.
    pub bytes: u64,
}

impl Amount {
    /// One event.
    pub(crate) const fn one(bytes: u64) -> Self {
        Self { events: 1, bytes }
    }

    /// What is left where another is taken away; never below nothing.
    #[must_use]
    pub const fn less(self, other: Self) -> Self {
        Self {
            events: self.events.saturating_sub(other.events),
            bytes: self.bytes.saturating_sub(other.bytes),
        }
    }
}

impl From<Sum> for Amount {
    fn from(sum: Sum) -> Self {
        Self {
            events: sum.events,
            bytes: sum.bytes,
        }
    }
}

impl std::ops::AddAssign for Amount {
    fn add_assign(&mut self, other: Self) {
        self.events = self.events.saturating_add(other.events);
        self.bytes = self.bytes.saturating_add(other.bytes);
    }
}

/// Hands out the events of the requests that are wanted, by number and in order: those that the log holds, and before each those that are
/// derived from it. Asks once for every recorded event, so that what is not wanted costs no more than that.
pub(crate) fn each_event<'t>(
    table: &'t EventTable,
    mut is_wanted: impl FnMut(u32) -> bool,
    mut take: impl FnMut(usize, &EventRow<'t>),
) {
    let mut next = 0;
    for recorded in table.recorded_ids() {
        let first = std::mem::replace(&mut next, recorded + 1);
        if !table.request_of(recorded).is_some_and(&mut is_wanted) {
            continue;
        }
        for number in first..=recorded {
            if let Some(row) = table.row(number) {
                take(number, &row);
            }
        }
    }
}

/// Up to three numbers of events to look at.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(transparent)]
pub struct Examples(Vec<usize>);

impl Examples {
    /// How many there are at most.
    pub const MOST: usize = 3;

    pub(crate) fn note(&mut self, number: usize) {
        if self.0.len() < Self::MOST {
            self.0.push(number);
        }
    }

    /// The numbers, as [`EventTable::row`] takes them.
    pub fn numbers(&self) -> &[usize] {
        &self.0
    }
}
