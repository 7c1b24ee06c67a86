//! A simulated event, to be printed.

use audit_log::{Event, Location};
use audit_policy::Policy;
use audit_sim::SimulatedEvent;

/// A simulated event with its place.
pub(super) struct Simulated<'e> {
    pub(super) file: &'e str,
    pub(super) location: Location,
    pub(super) event: &'e Event<'e>,
    pub(super) result: &'e SimulatedEvent,
    /// The policy, if its rules are explained.
    pub(super) explained: Option<&'e Policy>,
}
