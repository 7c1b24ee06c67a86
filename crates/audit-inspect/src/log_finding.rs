//! The shape of a finding about a log.

use audit_types::Diagnostic;

/// A finding about a log. `P` is the place of an event, such as its file and line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogFinding<P> {
    /// Code, severity, message and help.
    pub diagnostic: Diagnostic,
    /// Number of events, gaps or names that it is about.
    pub count: u64,
    /// Places of the first of them, at most five; empty if it is about the whole log.
    pub first: Vec<P>,
}
