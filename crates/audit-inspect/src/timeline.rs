//! Timeline of an object or of a filter: a row per request, and counts over time for a picture.

use audit_log::{Attributes, Event, json};
use audit_types::{Level, Stage, StageSet, time};
use hashbrown::HashMap;
use serde::{Deserialize, Serialize};

use crate::annotations::annotation;
use crate::client::Client;
use crate::event_filter::EventFilter;
use crate::object::{ObjectKey, recorded_name};

/// Maximum number of rows; further requests are counted.
const MAX_ROWS: usize = 10_000;

/// Maximum number of bytes of a text in a row.
const MAX_TEXT_BYTES: usize = 1_024;

/// Maximum number of requests with one audit ID that are remembered. A client can give any number of requests the same.
const MAX_SAME_ID: usize = 16;

/// Verbs that change nothing.
const READS: [&str; 6] = ["get", "list", "watch", "head", "options", ""];

/// A request of a timeline. `P` is the place of an event, such as its line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TimelineRow<P> {
    /// Time at which the request was received, in microseconds since 1970.
    pub time: Option<i64>,
    /// The user. `None` if there is none.
    pub user: Option<String>,
    /// The user that it acted as.
    pub impersonated: Option<String>,
    /// Verb.
    pub verb: String,
    /// Resource and subresource as in a rule, or the path of another request.
    pub target: String,
    /// Namespace of the object; empty for one without.
    pub namespace: String,
    /// Name of the object; empty for several.
    pub name: String,
    /// HTTP status of the response, of the last event that has one.
    pub code: Option<u16>,
    /// Level that it was recorded at, of the last event that has one.
    pub level: Option<Level>,
    /// Decision of the authorization: `allow` or `forbid`.
    pub decision: Option<String>,
    /// Stages of the request in the log.
    pub stages: Vec<Stage>,
    /// The last source address.
    pub address: Option<String>,
    /// Audit ID.
    pub audit_id: String,
    /// Place of the event of the stage `ResponseComplete`; without it, of the first event.
    pub place: P,
}

/// A part of the time of a timeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Bucket {
    /// First microsecond.
    pub start: i64,
    /// Requests that change nothing.
    pub reads: u64,
    /// Requests that change something.
    pub writes: u64,
    /// Requests whose response has a status of 400 or higher; they are among the others, too.
    pub failed: u64,
}

/// Events that a timeline is about.
#[derive(Debug, Clone)]
enum Selection {
    Object(ObjectKey),
    Filter(EventFilter),
}

/// A timeline while a log is read. It needs time and memory for at most 10,000 requests.
///
/// ```
/// use audit_inspect::{ObjectKey, Timeline};
/// use audit_log::Event;
///
/// let event = |stage: &str, verb: &str, url: &str, extra: &str| format!(
///     r#"{{"auditID":"{verb}","stage":"{stage}","verb":"{verb}","requestURI":"{url}","user":{{"username":"ann"}}{extra}}}"#);
/// let pods = "/api/v1/namespaces/shop/pods";
/// let created = event("ResponseComplete", "create", pods, r#","objectRef":{"name":"web-0"},"responseStatus":{"code":201}"#);
/// let mut timeline = Timeline::of_object(ObjectKey::from_event(&Event::new(&created)).unwrap());
/// timeline.push(&Event::new(&created), || 1);
/// for (line, stage) in [(2, "RequestReceived"), (3, "ResponseComplete")] {
///     let event = event(stage, "delete", &format!("{pods}/web-0"), "");
///     timeline.push(&Event::new(&event), || line);
/// }
/// let rows: Vec<_> = timeline.rows().iter().map(|row| (row.verb.as_str(), row.stages.len(), row.place)).collect();
/// assert_eq!(rows, [("create", 1, 1), ("delete", 2, 3)]);
/// ```
#[derive(Debug, Clone)]
pub struct Timeline<P> {
    selection: Selection,
    rows: Vec<TimelineRow<P>>,
    /// For each row, the time at which kube-apiserver received the request, which all its events have.
    received: Vec<Option<i64>>,
    /// Rows by audit ID.
    by_id: HashMap<String, Vec<usize>>,
    omitted: u64,
}

impl<P> Timeline<P> {
    /// Starts a timeline of an object: of requests about it and its subresources, and of the one that created it.
    pub fn of_object(object: ObjectKey) -> Self {
        Self::new(Selection::Object(object))
    }

    /// Starts a timeline of what a filter selects.
    pub fn of_filter(filter: EventFilter) -> Self {
        Self::new(Selection::Filter(filter))
    }

    fn new(selection: Selection) -> Self {
        Self {
            selection,
            rows: Vec::new(),
            received: Vec::new(),
            by_id: HashMap::new(),
            omitted: 0,
        }
    }

    /// Adds an event, if it is selected. Its place is asked for if its row has it. Returns `true` if it is selected.
    pub fn push(&mut self, event: &Event<'_>, place: impl FnOnce() -> P) -> bool {
        let attributes = Attributes::from_event(event);
        if !self.selection.contains(event, &attributes) {
            return false;
        }
        let id = event.audit_id.and_then(json::string_with_placeholders);
        let id = shortened(id.unwrap_or_default().into_owned());
        let received = received(event);
        if let Some(at) = self.row_of(&id, received, event, &attributes) {
            if let Some(row) = self.rows.get_mut(at) {
                let is_complete = event.recorded_stage() == Some(Stage::ResponseComplete);
                if is_complete && !row.stages.contains(&Stage::ResponseComplete) {
                    row.place = place();
                }
                row.add(event);
            }
            return true;
        }
        if self.rows.len() >= MAX_ROWS {
            self.omitted += 1;
            return true;
        }
        let same = self.by_id.entry(id.clone()).or_default();
        if !id.is_empty() && same.len() < MAX_SAME_ID {
            same.push(self.rows.len());
        }
        self.received.push(received);
        self.rows
            .push(TimelineRow::new(event, attributes, id, place()));
        true
    }

    /// Returns the index of the row of an event's request. A client can give several requests one audit ID.
    ///
    /// All events of a request have the same `requestReceivedTimestamp`. A log without it has each stage of a request once.
    fn row_of(
        &self,
        id: &str,
        received: Option<i64>,
        event: &Event<'_>,
        attributes: &Attributes,
    ) -> Option<usize> {
        let mut same = self.by_id.get(id)?.iter().copied();
        same.find(|at| {
            let (Some(row), Some(known)) = (self.rows.get(*at), self.received.get(*at)) else {
                return false;
            };
            let is_same_time = match (known, received) {
                (Some(known), Some(received)) => *known == received,
                _ => row.lacks_stage_of(event),
            };
            is_same_time && row.is_like(attributes)
        })
    }

    /// Returns the rows, in the order of the log.
    pub fn rows(&self) -> &[TimelineRow<P>] {
        &self.rows
    }

    /// Returns the number of selected events beyond the limit on rows.
    pub const fn omitted(&self) -> u64 {
        self.omitted
    }

    /// Sorts the rows by time; rows of the same time stay in the order of the log, and those without a time come first.
    pub fn sort(&mut self) {
        self.rows.sort_by_key(|row| row.time);
        // Positions have changed, so no further event can be joined.
        self.by_id.clear();
        self.received.clear();
    }

    /// Counts the rows in equal parts of the time from the first to the last, at most `count` and at most 1,000. Rows without a time are left
    /// out. Empty if there is none.
    pub fn buckets(&self, count: usize) -> Vec<Bucket> {
        let times = || self.rows.iter().filter_map(|row| row.time);
        let (Some(first), Some(last)) = (times().min(), times().max()) else {
            return Vec::new();
        };
        let count = i64::try_from(count.clamp(1, 1_000)).unwrap_or(1);
        let span = last.saturating_sub(first);
        let width = (span / count).saturating_add(1);
        let mut buckets: Vec<Bucket> = (0..=span / width)
            .map(|index| Bucket {
                start: first.saturating_add(index.saturating_mul(width)),
                ..Bucket::default()
            })
            .collect();
        for row in &self.rows {
            let Some(time) = row.time else { continue };
            let index = usize::try_from(time.saturating_sub(first) / width).unwrap_or(0);
            if let Some(bucket) = buckets.get_mut(index) {
                match row.is_read() {
                    true => bucket.reads += 1,
                    false => bucket.writes += 1,
                }
                bucket.failed += u64::from(row.code.is_some_and(|code| code >= 400));
            }
        }
        buckets
    }
}

impl Selection {
    fn contains(&self, event: &Event<'_>, attributes: &Attributes) -> bool {
        match self {
            Self::Object(object) => {
                ObjectKey::from_attributes(event, attributes).as_ref() == Some(object)
            }
            Self::Filter(filter) => filter.matches_with(event, attributes),
        }
    }
}

impl<P> TimelineRow<P> {
    fn new(event: &Event<'_>, attributes: Attributes, audit_id: String, place: P) -> Self {
        let request = attributes.request;
        let client = Client::from_event(event);
        let name = match request.name.as_str() {
            "" if request.verb == "create" => recorded_name(event).unwrap_or_default(),
            _ => request.name.clone(),
        };
        let target = match request.is_resource_request {
            true => request.full_resource(),
            false => request.path,
        };
        let mut row = Self {
            time: None,
            user: request.user.map(shortened),
            impersonated: client.impersonated.map(|other| shortened(other.user)),
            verb: shortened(request.verb),
            target: shortened(target),
            namespace: shortened(request.namespace),
            name: shortened(name),
            code: None,
            level: None,
            decision: None,
            stages: Vec::new(),
            address: client.peer.map(shortened),
            audit_id,
            place,
        };
        row.add(event);
        row
    }

    /// Adds what a further event of the request says.
    fn add(&mut self, event: &Event<'_>) {
        self.time = self.time.or_else(|| event.time());
        self.code = event.code().or(self.code);
        self.level = event.recorded_level().or(self.level);
        if self.decision.is_none() {
            self.decision = annotation(event, "authorization.k8s.io/decision").map(shortened);
        }
        if self.name.is_empty() && self.verb == "create" {
            self.name = recorded_name(event).map(shortened).unwrap_or_default();
        }
        if self.impersonated.is_none() && event.impersonated_user.is_some() {
            let client = Client::from_event(event);
            self.impersonated = client.impersonated.map(|other| shortened(other.user));
        }
        if let Some(stage) = event.recorded_stage()
            && !self.stages.contains(&stage)
        {
            self.stages.push(stage);
        }
    }

    /// Returns `true` if no event of the row has the stage of this one.
    fn lacks_stage_of(&self, event: &Event<'_>) -> bool {
        let stage = event.recorded_stage();
        stage.is_none_or(|stage| !self.stages.contains(&stage))
    }

    /// Returns `true` if a request has the same user, verb and target.
    fn is_like(&self, attributes: &Attributes) -> bool {
        let request = &attributes.request;
        let target = match request.is_resource_request {
            true => request.full_resource(),
            false => request.path.clone(),
        };
        self.user == request.user.clone().map(shortened)
            && self.verb == shortened(request.verb.clone())
            && self.target == shortened(target)
    }

    /// Returns `true` if the request changes nothing.
    pub fn is_read(&self) -> bool {
        READS.contains(&self.verb.as_str())
    }

    /// Returns the stages as a set.
    pub fn stage_set(&self) -> StageSet {
        self.stages.iter().copied().collect()
    }
}

/// Returns the time at which kube-apiserver received the request, in microseconds since 1970.
fn received(event: &Event<'_>) -> Option<i64> {
    time::parse(&json::string(event.request_received?)?)
}

/// Returns the start of a text, so that no row is larger than its limit.
fn shortened(mut text: String) -> String {
    if text.len() > MAX_TEXT_BYTES {
        let end = text.floor_char_boundary(MAX_TEXT_BYTES);
        text.truncate(end);
        text.push('…');
    }
    text
}
