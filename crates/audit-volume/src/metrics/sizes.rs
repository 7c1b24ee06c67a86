//! Bytes of one request's events.

use audit_policy::{Level, Stage, Verdict};
use audit_sim::is_long_running;

use super::range::Range;
use super::requests::RequestClass;
use crate::estimate::{BodyKind, SizeRange, typical_body_size};

/// Bytes of an event without bodies: the averages over recordings of kube-apiserver 1.20 and 1.36 (444 to 745 at RequestReceived, 640 to
/// 1,045 later), rounded outwards. The upper bounds allow for the tokens of pods, whose users have extra fields since 1.30.
const RECEIVED: Range = Range {
    low: 500.0,
    high: 1_100.0,
};
const LATER: Range = Range {
    low: 650.0,
    high: 1_500.0,
};
const PATH_RECEIVED: Range = Range {
    low: 390.0,
    high: 720.0,
};
const PATH_LATER: Range = Range {
    low: 540.0,
    high: 980.0,
};

/// Clients may get protobuf, of which the log's JSON is a multiple.
const JSON_PER_PROTOBUF: f64 = 3.0;

/// Responses from this size on are compressed if the client accepts it (128 KiB, `defaultGzipThresholdBytes`).
const GZIP_BYTES: f64 = 131_072.0;

/// JSON per byte of a large response, which may be compressed: its average may be of small ones and large ones.
const JSON_PER_GZIP: f64 = 10.0;

/// Fraction of a body that is left without managed fields.
const WITHOUT_MANAGED_FIELDS: f64 = 0.5;

/// Contents of the events of a request of a class.
pub(super) struct EventShape {
    long_running: bool,
    is_path: bool,
    request: Range,
    response: Range,
}

impl EventShape {
    /// `sent` and `received` are the average sizes of bodies on the wire, if the metrics have them.
    pub(super) fn new(class: &RequestClass, sent: Option<f64>, received: Option<f64>) -> Self {
        let possible = class.possible();
        let verbs: Vec<&str> = possible
            .iter()
            .map(|(request, _)| request.verb.as_str())
            .collect();
        let subresource = class.subresource.as_deref().unwrap_or_default();
        let connects = ["attach", "exec", "log", "portforward", "proxy"].contains(&subresource)
            || verbs.contains(&"proxy");
        let is_path = class.is_path();
        let writes = ["create", "update", "patch", "delete", "deletecollection"];
        let verb = verbs.first().copied().unwrap_or_default();
        let sends = !is_path && !connects && (verb.is_empty() || writes.contains(&verb));
        let streams = !class.failed && (connects || verb == "watch");
        let target = body_target(class);
        let typical = |kind| Range::from(typical_body_size(verb, &target, kind));
        let request = match sent {
            _ if !sends => Range::ZERO,
            Some(bytes) => of_wire(bytes),
            None => typical(BodyKind::Request),
        };
        let response = match received {
            _ if streams => Range::ZERO,
            _ if class.failed => typical(BodyKind::Failure),
            Some(bytes) => of_wire(bytes),
            None => typical(BodyKind::Response),
        };
        // A body that may be absent may have no bytes.
        let optional = |range: Range, certain: bool| Range {
            low: if certain { range.low } else { 0.0 },
            high: range.high,
        };
        Self {
            long_running: possible.iter().any(|(request, _)| is_long_running(request)),
            is_path,
            request: optional(request, !class.failed && !verb.is_empty()),
            response: optional(response, !class.is_unknown() && !is_path),
        }
    }

    /// Returns the number of events of a request under a verdict, and their bytes.
    pub(super) fn volume(&self, verdict: Verdict) -> (f64, Range) {
        if verdict.level == Level::None {
            return (0.0, Range::ZERO);
        }
        let (first, later) = if self.is_path {
            (PATH_RECEIVED, PATH_LATER)
        } else {
            (RECEIVED, LATER)
        };
        let lean = |body: Range| Range {
            low: if verdict.omit_managed_fields {
                body.low * WITHOUT_MANAGED_FIELDS
            } else {
                body.low
            },
            high: body.high,
        };
        let mut with_bodies = later;
        if verdict.level >= Level::Request {
            with_bodies += lean(self.request);
        }
        if verdict.level >= Level::RequestResponse {
            with_bodies += lean(self.response);
        }
        let stages = [
            (Stage::RequestReceived, true, first),
            (Stage::ResponseStarted, self.long_running, with_bodies),
            (Stage::ResponseComplete, true, with_bodies),
        ];
        let mut events = 0.0;
        let mut bytes = Range::ZERO;
        for (stage, happens, size) in stages {
            if happens && !verdict.omit_stages.contains(stage) {
                events += 1.0;
                bytes += size;
            }
        }
        (events, bytes)
    }
}

/// Returns the target of a class as the table of typical sizes has it.
fn body_target(class: &RequestClass) -> String {
    let subresource = class.subresource.as_deref().unwrap_or_default();
    match class.resource.as_deref() {
        Some("") | None => "/".to_owned(),
        Some(resource) if subresource.is_empty() => resource.to_owned(),
        Some(resource) => format!("{resource}/{subresource}"),
    }
}

/// Returns the JSON that a body of an average size on the wire may be in the log.
fn of_wire(bytes: f64) -> Range {
    let factor = if bytes >= GZIP_BYTES {
        JSON_PER_GZIP
    } else {
        JSON_PER_PROTOBUF
    };
    Range {
        low: bytes,
        high: bytes * factor,
    }
}

impl From<SizeRange> for Range {
    fn from(range: SizeRange) -> Self {
        Self {
            low: range.low as f64,
            high: range.high as f64,
        }
    }
}
