//! State of a simulation, and its events.

use audit_log::{Event, Location};
use audit_policy::Policy;
use audit_sim::{SimulatedEvent, Simulator, StageDeriver, Tally};

use crate::arguments::SimulateFormat;
use crate::error::Result;
use crate::files::LogReport;
use crate::output::Output;

/// A simulated event with its place.
pub(super) struct Simulated<'e> {
    pub(super) file: &'e str,
    pub(super) place: Location,
    pub(super) event: &'e Event<'e>,
    pub(super) result: &'e SimulatedEvent,
    /// The policy, if its rules are explained.
    pub(super) explained: Option<&'e Policy>,
}

/// A simulation of all logs.
pub(super) struct Simulation {
    pub(super) simulator: Simulator,
    pub(super) format: SimulateFormat,
    /// The policy, if its rules are explained for each event.
    pub(super) explained: Option<Policy>,
    pub(super) tally: Tally,
    /// Stages of each request in the logs, if missing ones are derived.
    pub(super) stages: Option<StageDeriver>,
    pub(super) files: Vec<LogReport>,
    pub(super) out: Output,
    /// First error of writing; nothing is simulated after it.
    pub(super) result: Result,
}
