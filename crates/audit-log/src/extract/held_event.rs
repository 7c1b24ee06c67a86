//! A cut event that waits for its rest.

use crate::extract::route::Route;
use crate::location::Location;
use crate::problem::ProblemReason;
use crate::validator::JsonValidator;

/// Place of a cut event, where its rest may be in a later record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum CutPlace {
    /// A string in a record, by its keys.
    Field(Vec<String>),
    /// The text of a line after its time.
    Line,
    /// A cell of a CSV file. A spreadsheet continues a cell that is too long in the next row.
    Cell,
}

/// A cut event whose rest may follow.
#[derive(Debug)]
pub(super) struct HeldEvent {
    /// Text so far, without the marker of the cut.
    pub(super) text: String,
    pub(super) check: JsonValidator,
    /// Length of the first part.
    pub(super) part_bytes: usize,
    pub(super) place: CutPlace,
    /// Pod or stream that its record names.
    pub(super) sender: Option<String>,
    pub(super) route: Route,
    /// Location from the record with the first part to that with the last.
    pub(super) location: Location,
    pub(super) reason: ProblemReason,
    pub(super) records_after: u32,
    /// Problems of records after it, which are reported after it: location, start of the text and reason.
    pub(super) waiting: Vec<(Location, Vec<u8>, ProblemReason)>,
}
