//! The simulation of one server with one policy, event by event.

use audit_log::{Attributes, Event};
use audit_policy::{KubernetesVersion, Matcher, Policy, Stage, Verdict};

use crate::backend::{Backend, Emission};
use crate::derive::{DerivedEvent, StageDeriver};
use crate::outcome::{EventAttributes, EventOutcome, Outcome, verdict};
use crate::tally::Tally;
use crate::written::Rendering;

/// A server with a policy: computes the verdict on an event, its outcome and the line that is written.
///
/// [`EventTable`](crate::EventTable) gives the same results for a whole log, by distinct request; everything that it stores is computed by
/// the functions used here.
///
/// ```
/// use audit_log::Event;
/// use audit_policy::{KubernetesVersion, load};
/// use audit_sim::{Outcome, Simulator};
///
/// let version = KubernetesVersion::NEWEST;
/// let policy = b"apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: Metadata}]\n";
/// let simulator = Simulator::new(&load(policy, version).policy.unwrap(), version);
/// let event = Event::new(
///     r#"{"level":"Request","stage":"ResponseComplete","requestURI":"/version","verb":"get","user":{"username":"alice"}}"#,
/// );
/// let simulated = simulator.simulate(&event);
/// assert_eq!(simulated.outcome.outcome, Outcome::Written);
/// let line = simulator.line(&event, &simulated).unwrap();
/// assert_eq!(simulated.outcome.written_bytes, Some(line.len() as u64));
/// ```
#[derive(Debug, Clone)]
pub struct Simulator {
    matcher: Matcher,
    backend: Backend,
}

/// Result of the simulation of one event.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SimulatedEvent {
    /// The request behind the event.
    pub request: Attributes,
    /// Attributes of the event that its outcome depends on.
    pub attributes: EventAttributes,
    /// Verdict on the request; `None` if the record lacks an attribute that the policy depends on.
    pub verdict: Option<Verdict>,
    /// Outcome of the event, and its size in bytes.
    pub outcome: EventOutcome,
    /// Format of the line; `None` if the event is not written.
    pub rendering: Option<Rendering>,
    /// Stage of the event if the log lacks it and it is derived from a later one.
    pub derived_stage: Option<Stage>,
}

impl Simulator {
    /// Creates a simulator of a server of a version with the default log backend.
    pub fn new(policy: &Policy, version: KubernetesVersion) -> Self {
        let backend = Backend {
            version,
            ..Backend::default()
        };
        Self::with_backend(policy, backend)
    }

    /// Creates a simulator of a server with a log backend.
    pub fn with_backend(policy: &Policy, backend: Backend) -> Self {
        Self {
            matcher: Matcher::new(policy),
            backend,
        }
    }

    /// Returns the matcher of the policy.
    pub const fn matcher(&self) -> &Matcher {
        &self.matcher
    }

    /// Simulates one event.
    pub fn simulate(&self, event: &Event<'_>) -> SimulatedEvent {
        let request = Attributes::from_event(event);
        let verdict = verdict(&self.matcher, &request);
        self.simulate_with(event, request, verdict, None)
    }

    /// Simulates an event, and before it the events of its request that the log lacks and that are written. Calls `visit` with each.
    ///
    /// # Errors
    /// Returns the first error of `visit`.
    pub fn simulate_stages<E>(
        &self,
        stages: &mut StageDeriver,
        event: &Event<'_>,
        mut visit: impl FnMut(&Event<'_>, SimulatedEvent) -> Result<(), E>,
    ) -> Result<(), E> {
        let request = Attributes::from_event(event);
        let verdict = verdict(&self.matcher, &request);
        for stage in stages.missing_before(event, &request) {
            let derived = DerivedEvent::new(event, &request, stage);
            let earlier = derived.event();
            let simulated = self.simulate_with(&earlier, request.clone(), verdict, Some(stage));
            if simulated.outcome.outcome == Outcome::Written {
                visit(&earlier, simulated)?;
            }
        }
        visit(event, self.simulate_with(event, request, verdict, None))
    }

    fn simulate_with(
        &self,
        event: &Event<'_>,
        request: Attributes,
        verdict: Option<Verdict>,
        derived_stage: Option<Stage>,
    ) -> SimulatedEvent {
        let attributes = EventAttributes::new(event, &request);
        let Emission {
            event_outcome: outcome,
            rendering,
        } = self.backend.emit(event, &attributes, verdict);
        SimulatedEvent {
            request,
            attributes,
            verdict,
            outcome,
            rendering,
            derived_stage,
        }
    }

    /// Returns the line that the server writes, line end included; `None` if it does not write the event. Bodies that the record lacks
    /// are absent.
    pub fn line(&self, event: &Event<'_>, simulated: &SimulatedEvent) -> Option<Vec<u8>> {
        let rendering = simulated.rendering?;
        Some(self.backend.line(event, rendering))
    }

    /// Appends the line of [`Self::line`] to other lines, if the server writes the event.
    pub fn append_line(&self, event: &Event<'_>, simulated: &SimulatedEvent, lines: &mut Vec<u8>) {
        if let Some(rendering) = simulated.rendering {
            self.backend.append_line(event, rendering, lines);
        }
    }
}

impl Tally {
    /// Adds a simulated event. An event that is derived counts only if it is written.
    pub fn add_simulated(&mut self, simulated: &SimulatedEvent) {
        let SimulatedEvent {
            attributes,
            verdict,
            outcome,
            ..
        } = simulated;
        match simulated.derived_stage {
            Some(stage) => self.add_derived(stage, *verdict, outcome),
            None => self.add(
                attributes.stage,
                attributes.recorded_bytes(),
                *verdict,
                outcome,
            ),
        }
    }
}
