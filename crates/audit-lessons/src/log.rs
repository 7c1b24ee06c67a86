//! The events of a lesson's log, as questions and filters see them.

use audit_log::{Attributes, Event, LogItem, LogReader, json};
use audit_policy::{Matcher, Verdict};
use audit_types::{Level, Request, Stage, time};

/// An event of a log.
#[derive(Debug, Clone, Default)]
pub(crate) struct LogEvent {
    pub(crate) request: Request,
    /// Name of the object, which a request that creates it has in its body only.
    pub(crate) name: String,
    pub(crate) impersonated: Option<String>,
    pub(crate) level: Option<Level>,
    pub(crate) stage: Option<Stage>,
    pub(crate) code: Option<u16>,
    /// Times at which the request was received, and the stage reached, in microseconds since 1970.
    pub(crate) times: Vec<i64>,
    pub(crate) audit_id: String,
    pub(crate) ips: Vec<String>,
    pub(crate) agent: String,
}

/// Reads the events of a log. Parts that are not events are left out.
pub(crate) fn read(log: &str) -> Vec<LogEvent> {
    let mut events = Vec::new();
    let mut add = |item: LogItem<'_>| {
        if let LogItem::Event(_, event) = item {
            events.push(LogEvent::new(event));
        }
    };
    let mut reader = LogReader::new();
    reader.push(log.as_bytes(), &mut add);
    reader.finish(&mut add);
    events
}

fn text(raw: Option<&str>) -> Option<String> {
    Some(json::string(raw?)?.into_owned())
}

impl LogEvent {
    fn new(event: &Event<'_>) -> Self {
        let request = Attributes::from_event(event).request;
        let named = |raw: Option<&str>, key: &str| text(json::member(raw?, key));
        let name = match request.name.is_empty() {
            true => named(event.object_ref, "name").unwrap_or_default(),
            false => request.name.clone(),
        };
        let times = [event.request_received, event.stage_timestamp];
        let times = times.into_iter().filter_map(|raw| time::parse(&text(raw)?));
        let ips = event.source_ips.map(json::elements);
        let ips = ips.into_iter().flatten();
        Self {
            name,
            impersonated: named(event.impersonated_user, "username"),
            level: event.recorded_level(),
            stage: event.recorded_stage(),
            code: event.code(),
            times: times.collect(),
            audit_id: event.id().map(|id| id.into_owned()).unwrap_or_default(),
            ips: ips.filter_map(|ip| text(Some(ip))).collect(),
            agent: text(event.user_agent).unwrap_or_default(),
            request,
        }
    }

    /// Returns the request with the name of its object.
    pub(crate) fn named_request(&self) -> Request {
        let name = self.name.clone();
        self.request.clone().with_name(name)
    }

    /// Time at which the request was received.
    pub(crate) fn time(&self) -> Option<i64> {
        self.times.first().copied()
    }

    /// Returns the verdict of a policy on the request.
    pub(crate) fn verdict(&self, matcher: Option<&Matcher>) -> Option<Verdict> {
        matcher.map(|matcher| matcher.evaluate(&self.request))
    }

    /// Returns the level under the policy, or else the recorded one.
    pub(crate) fn level_under(&self, verdict: Option<Verdict>) -> Option<Level> {
        verdict.map_or(self.level, |verdict| Some(verdict.level))
    }
}
