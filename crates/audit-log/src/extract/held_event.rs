//! A cut event that waits for its rest.

use crate::extract::route::Route;
use crate::location::Location;
use crate::problem::ProblemReason;
use crate::validator::JsonValidator;

/// A cut event whose rest may follow.
#[derive(Debug)]
pub(super) struct HeldEvent {
    /// Text so far, without the marker of the cut.
    pub(super) text: String,
    pub(super) check: JsonValidator,
    /// Length of the first part.
    pub(super) part_bytes: usize,
    /// Keys of the string in its record. `None` for the text of a line.
    pub(super) keys: Option<Vec<String>>,
    pub(super) route: Route,
    /// Location from the record with the first part to that with the last.
    pub(super) location: Location,
    pub(super) reason: ProblemReason,
    pub(super) records_after: u32,
    /// Problems of records after it, which are reported after it: location, start of the text and reason.
    pub(super) waiting: Vec<(Location, Vec<u8>, ProblemReason)>,
}
