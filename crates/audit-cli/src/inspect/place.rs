//! Places of events.

/// Place of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// Index of the log.
    pub(super) file: usize,
    /// Line, from 1.
    pub(super) line: u64,
}
