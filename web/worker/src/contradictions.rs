//! Contradictions between a log and a policy, by event.

use audit_sim::EventTable;
use audit_types::{ContradictionKinds, EventId};

/// Contradictions that the last check found, by event.
#[derive(Debug, Clone, Default)]
pub(crate) struct Contradictions {
    /// By index of the recorded event; shorter if the rest does not have one.
    kinds: Vec<ContradictionKinds>,
}

impl Contradictions {
    /// Returns the contradictions of an event.
    pub(crate) fn of(&self, event: EventId) -> ContradictionKinds {
        let index = EventTable::recorded_index(event);
        let kinds = index.and_then(|index| self.kinds.get(index));
        kinds.copied().unwrap_or_default()
    }

    /// Sets the contradictions of a recorded event; a derived event cannot have any.
    pub(crate) fn set(&mut self, event: EventId, kinds: ContradictionKinds) {
        let Some(index) = EventTable::recorded_index(event) else {
            return;
        };
        if self.kinds.len() <= index {
            self.kinds.resize(index + 1, ContradictionKinds::EMPTY);
        }
        if let Some(known) = self.kinds.get_mut(index) {
            *known = kinds;
        }
    }
}
