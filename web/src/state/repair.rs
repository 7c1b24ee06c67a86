//! Repair of a policy that was damaged when it was copied.

use playground_protocol::{Generation, RepairReport};

use super::analysis::Answered;

/// State of the repair.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RepairState {
    /// The newest repair.
    pub report: Answered<RepairReport>,
    /// The changes are shown.
    pub is_open: bool,
    /// Answers to questions: the line, and the index of the reading.
    pub(super) answers: Vec<(usize, usize)>,
    /// Policy for which the newest repair was requested.
    pub(super) generation: Generation,
}

/// Actions on the repair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RepairAction {
    /// The changes are to be shown, or hidden.
    Show(bool),
    /// A reading of a line was chosen: the line, and the index of the reading. `None` leaves the line as it is.
    Choose(usize, Option<usize>),
    /// The repaired text is to be put into the editor.
    Apply,
}
