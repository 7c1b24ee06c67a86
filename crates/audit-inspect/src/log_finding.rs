//! The shape of a finding about a log.

use audit_types::{Diagnostic, LogFindingKind};

/// A finding about a log. `P` is the place of an event, such as its file and line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogFinding<P> {
    /// Code, severity, message and help.
    pub diagnostic: Diagnostic,
    /// Number of events, gaps or names that it is about.
    pub count: u64,
    /// Places of the first of them, at most five; empty if it is about the whole log.
    pub first: Vec<P>,
    /// Events that it is about.
    pub events: FoundEvents,
}

/// Events that a finding is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FoundEvents {
    /// It is about the whole log, or no filter selects them.
    Unlisted,
    /// Those for which [`LogFindings::push`](crate::LogFindings::push) returned this kind.
    Kind(LogFindingKind),
    /// Those that a filter selects.
    Filter(String),
    /// It is about parts of the log that are not events.
    Problems,
}
