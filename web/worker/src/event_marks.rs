//! Marks of single events, such as the findings that they belong to.

use audit_sim::EventTable;
use audit_types::EventId;

/// A mark of each recorded event, such as the findings that it belongs to.
#[derive(Debug, Clone)]
pub(crate) struct EventMarks<T> {
    /// By index of the recorded event; shorter if the rest does not have one.
    marks: Vec<T>,
}

impl<T> Default for EventMarks<T> {
    fn default() -> Self {
        Self { marks: Vec::new() }
    }
}

impl<T: Copy + Default> EventMarks<T> {
    /// Returns the mark of an event.
    pub(crate) fn of(&self, event: EventId) -> T {
        let index = EventTable::recorded_index(event);
        let mark = index.and_then(|index| self.marks.get(index));
        mark.copied().unwrap_or_default()
    }

    /// Marks a recorded event; a derived event cannot have a mark.
    pub(crate) fn set(&mut self, event: EventId, mark: T) {
        let Some(index) = EventTable::recorded_index(event) else {
            return;
        };
        if self.marks.len() <= index {
            self.marks.resize(index + 1, T::default());
        }
        if let Some(known) = self.marks.get_mut(index) {
            *known = mark;
        }
    }
}
