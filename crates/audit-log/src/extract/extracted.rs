//! Items that are extracted from a file.

use crate::event::Event;
use crate::location::Location;
use crate::problem::ProblemReason;

/// Result of extraction.
pub(crate) enum Extracted<'a> {
    Event(Location, &'a Event<'a>),
    /// A part without an event: location, text and reason.
    Problem(Location, &'a [u8], ProblemReason),
}

/// Receives the results of extraction.
pub(crate) type Emit<'o> = &'o mut dyn FnMut(Extracted<'_>);
