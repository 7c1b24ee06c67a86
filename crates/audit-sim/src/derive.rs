//! Events at stages that a log lacks, derived from a later event of the same request.
//!
//! The server prints a request's RequestReceived event before it knows the response: it is the later event without status, bodies,
//! annotations and impersonation, and with the `objectRef` that the URL alone gives (observed on 1.20 and 1.36: every event derived this
//! way is identical to the real one). The ResponseStarted event of a long-running request equals its ResponseComplete event in all but
//! stage and time.

use std::hash::BuildHasher;

use audit_log::{Attributes, Event};
use audit_policy::Stage;
use foldhash::fast::FixedState;
use hashbrown::HashSet;

use crate::outcome::EventAttributes;
use crate::request_traits::{is_long_running, object_ref};
use crate::sizes::SizeBreakdown;

/// Tracks the stages of each request in a log, to find those that it lacks.
///
/// Events are passed in the order of the log. A stage that comes after a later one of its request counts as missing, unless
/// [`Self::first_pass`] has seen it: if the log can be read twice, pass all events to it first.
#[derive(Debug, Clone, Default)]
pub struct StageDeriver {
    /// Requests with at least one event so far.
    seen: HashSet<u64>,
    /// Long-running requests with a ResponseComplete event so far.
    completed: HashSet<u64>,
    /// Requests with a ResponseStarted event, here or later in the log.
    started: HashSet<u64>,
    /// Requests with a RequestReceived event later in the log.
    received: HashSet<u64>,
}

impl StageDeriver {
    /// Records an event of a first pass over the log.
    pub fn first_pass(&mut self, event: &Event<'_>) {
        match event.recorded_stage() {
            Some(Stage::RequestReceived) => self.received.insert(key(event)),
            Some(Stage::ResponseStarted) => self.started.insert(key(event)),
            _ => false,
        };
    }

    /// Records an event and returns the stages before it that the log lacks, in the order in which a server writes them.
    pub fn missing_before(&mut self, event: &Event<'_>, attributes: &Attributes) -> Vec<Stage> {
        let has_user = attributes.request.user.is_some();
        let long_running = is_long_running(&attributes.request);
        let key = key(event);
        let mut missing = Vec::new();
        let Some(stage) = event.recorded_stage() else {
            return missing;
        };
        let was_seen = !self.seen.insert(key);
        if follows_received(stage, has_user) && !was_seen && !self.received.contains(&key) {
            missing.push(Stage::RequestReceived);
        }
        if stage == Stage::ResponseStarted {
            self.started.insert(key);
        }
        if follows_started(stage, long_running)
            && self.completed.insert(key)
            && !self.started.contains(&key)
        {
            missing.push(Stage::ResponseStarted);
        }
        missing
    }

    /// Returns a hash that is equal for all events of one request.
    pub fn request_key(event: &Event<'_>) -> u64 {
        key(event)
    }
}

/// Returns `true` if the server wrote a RequestReceived event before an event of this stage. A failed authentication and a bad timeout
/// leave one ResponseStarted event without a user, and no event before it.
pub(crate) const fn follows_received(stage: Stage, has_user: bool) -> bool {
    match stage {
        Stage::ResponseStarted => has_user,
        Stage::ResponseComplete | Stage::Panic => true,
        _ => false,
    }
}

/// Returns `true` if the server wrote a ResponseStarted event of its own before an event of this stage.
pub(crate) const fn follows_started(stage: Stage, long_running: bool) -> bool {
    matches!(stage, Stage::ResponseComplete) && long_running
}

/// Clients choose audit IDs, which may repeat; together with the time of receipt they identify a request.
fn key(event: &Event<'_>) -> u64 {
    FixedState::default().hash_one((event.audit_id, event.request_received))
}

/// An event that the log lacks. Most of its text is that of the later event.
#[derive(Debug, Clone)]
pub struct DerivedEvent<'a> {
    later: Event<'a>,
    stage: Stage,
    object_ref: Option<String>,
}

impl<'a> DerivedEvent<'a> {
    /// Derives the event at a stage before the recorded one.
    pub fn new(later: &Event<'a>, attributes: &Attributes, stage: Stage) -> Self {
        let is_received = stage == Stage::RequestReceived;
        Self {
            later: later.clone(),
            stage,
            object_ref: (is_received && later.object_ref.is_some())
                .then(|| object_ref(&attributes.request)),
        }
    }

    /// Returns the event as a log would contain it, at the level of the later one.
    pub fn event(&self) -> Event<'_> {
        at_earlier_stage(&self.later, self.stage, self.object_ref.as_deref())
    }
}

/// Returns the event at an earlier stage.
pub(crate) fn at_earlier_stage<'a>(
    later: &Event<'a>,
    stage: Stage,
    object_ref: Option<&'a str>,
) -> Event<'a> {
    let event = Event {
        canonical: None,
        stage: Some(stage.json()),
        ..later.clone()
    };
    if stage != Stage::RequestReceived {
        return event;
    }
    Event {
        object_ref,
        stage_timestamp: event.request_received,
        response_status: None,
        annotations: None,
        request_object: None,
        response_object: None,
        impersonated_user: None,
        authentication_metadata: None,
        ..event
    }
}

/// Computes the size that [`received_size`] returns from the lengths of the later event's fields; `None` if its text is not the server's
/// own.
fn received_size_of_text(later: &Event<'_>, own: &SizeBreakdown, object_ref: usize) -> Option<u32> {
    later.canonical?;
    let length = |raw: Option<&str>| raw.map_or(0, str::len);
    // A field includes its comma, its quotes and its colon.
    let field = |name: &str, raw: Option<&str>| raw.map_or(0, |raw| raw.len() + name.len() + 4);
    let gone = field("responseStatus", later.response_status)
        + field("impersonatedUser", later.impersonated_user)
        + field("authenticationMetadata", later.authentication_metadata)
        + field("annotations", later.annotations)
        + length(later.stage)
        + length(later.object_ref)
        + length(later.stage_timestamp);
    let new_ref = if later.object_ref.is_some() {
        object_ref
    } else {
        0
    };
    // Annotations that quote patches are counted separately, and are left out, too.
    let kept = own.metadata as usize
        + Stage::RequestReceived.json().len()
        + own.patch_annotations as usize
        + new_ref
        + length(later.request_received);
    u32::try_from(kept.checked_sub(gone)?).ok()
}

/// Returns the size of the RequestReceived event that the log lacks before this one, at level Metadata and without the level's name.
/// `sizes` are those of this event, `object_ref` is the length of the `objectRef` that the URL alone gives.
pub(crate) fn received_size(event: &Event<'_>, sizes: &SizeBreakdown, object_ref: usize) -> u32 {
    received_size_of_text(event, sizes, object_ref).unwrap_or_else(|| {
        let derived = DerivedEvent::new(
            event,
            &Attributes::from_event(event),
            Stage::RequestReceived,
        );
        SizeBreakdown::measure(&derived.event()).metadata
    })
}

/// Returns the attributes of a RequestReceived event that the log lacks.
pub(crate) fn received_attributes(later: &EventAttributes, size: u32) -> EventAttributes {
    EventAttributes {
        stage: Some(Stage::RequestReceived),
        sizes: SizeBreakdown {
            metadata: size,
            ..SizeBreakdown::default()
        },
        lacks_request: false,
        lacks_response: false,
        ..*later
    }
}

/// Returns the attributes of a ResponseStarted event that the log lacks: those of the later event, except for the stage.
pub(crate) fn started_attributes(later: &EventAttributes) -> EventAttributes {
    let length = |stage: Option<Stage>| stage.map_or(0, |stage| stage.name().len() as u32);
    let own = length(Some(Stage::ResponseStarted));
    let metadata = later.sizes.metadata + own;
    EventAttributes {
        stage: Some(Stage::ResponseStarted),
        sizes: SizeBreakdown {
            metadata: metadata.saturating_sub(length(later.stage)),
            ..later.sizes
        },
        ..*later
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::written::{Rendering, line};
    use audit_policy::Level;

    const CREATED: &str = r#"{"level":"Metadata","auditID":"1","stage":"ResponseComplete","requestURI":"/apis/apps/v1/namespaces/dev/deployments","verb":"create",
        "user":{"username":"alice"},"impersonatedUser":{"username":"bob"},"objectRef":{"resource":"deployments","namespace":"dev","name":"web","apiGroup":"apps","apiVersion":"v1"},
        "responseStatus":{"metadata":{},"code":201},"requestReceivedTimestamp":"2024-01-02T03:04:05.000000Z","stageTimestamp":"2024-01-02T03:04:06.000000Z","annotations":{"a":"b"}}"#;

    #[test]
    fn a_received_event_is_the_later_one_without_the_response() {
        let event = Event::new(CREATED);
        let attributes = Attributes::from_event(&event);
        let derived = DerivedEvent::new(&event, &attributes, Stage::RequestReceived);
        assert_eq!(
            line(&derived.event(), Rendering::at(Level::Metadata)),
            "{\"kind\":\"Event\",\"apiVersion\":\"audit.k8s.io/v1\",\"level\":\"Metadata\",\"auditID\":\"1\",\"stage\":\"RequestReceived\",\
             \"requestURI\":\"/apis/apps/v1/namespaces/dev/deployments\",\"verb\":\"create\",\"user\":{\"username\":\"alice\"},\
             \"objectRef\":{\"resource\":\"deployments\",\"namespace\":\"dev\",\"apiGroup\":\"apps\",\"apiVersion\":\"v1\"},\
             \"requestReceivedTimestamp\":\"2024-01-02T03:04:05.000000Z\",\"stageTimestamp\":\"2024-01-02T03:04:05.000000Z\"}\n"
        );
    }

    #[test]
    fn only_what_is_missing_is_derived_and_only_once() {
        let stage = |stage: &str, uri: &str, user: &str| {
            format!(
                r#"{{"auditID":"1","stage":"{stage}","verb":"watch","requestURI":"{uri}","user":{user}}}"#
            )
        };
        let alice = r#"{"username":"alice"}"#;
        let rows: [(&[String], &[usize]); 4] = [
            (
                &[
                    stage("RequestReceived", "/api", alice),
                    stage("ResponseComplete", "/api", alice),
                ],
                &[0, 0],
            ),
            (&[stage("ResponseComplete", "/api", alice)], &[1]),
            (
                &[
                    stage("ResponseStarted", "/api/v1/pods", alice),
                    stage("ResponseComplete", "/api/v1/pods", alice),
                ],
                &[1, 0],
            ),
            (&[stage("ResponseStarted", "/api/v1/pods", "{}")], &[0]),
        ];
        for (events, missing) in rows {
            let mut stages = StageDeriver::default();
            let found: Vec<usize> = events
                .iter()
                .map(|raw| {
                    let event = Event::new(raw);
                    stages
                        .missing_before(&event, &Attributes::from_event(&event))
                        .len()
                })
                .collect();
            assert_eq!(found, missing);
        }
        let mut stages = StageDeriver::default();
        let raw = stage("ResponseComplete", "/api/v1/pods", alice);
        let event = Event::new(&raw);
        assert_eq!(
            stages.missing_before(&event, &Attributes::from_event(&event)),
            [Stage::RequestReceived, Stage::ResponseStarted]
        );
    }
}
