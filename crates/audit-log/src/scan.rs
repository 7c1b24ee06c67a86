//! The fast path: parses a line exactly as the server's encoder writes it, in one pass.
//!
//! It accepts only compact JSON with the fields of `audit.k8s.io/v1` in the server's order, and only escapes that the encoder writes. The
//! bytes of a field are then also its size under any policy. Every other line is left to the general parser. Both agree on every line that
//! both accept; the tests compare them on every recording.

mod body;
mod text;
mod value;

use crate::canonical::{Canonical, CreationTimestamps};
use crate::event::Event;
use body::Body;
use text::{chunk_at, string_end};
use value::{Visitor, value_end};

/// Start of every event.
const START: [Literal; 4] = [
    Literal::new(br#"{"kind":"Event","#),
    Literal::new(br#""apiVersion":"au"#),
    Literal::new(br#"dit.k8s.io/v1","#),
    Literal::new(br#""level":""#),
];

/// Text before the value of each field after the level, in the server's order.
const FIELDS: [Literal; 16] = [
    Literal::new(br#","auditID":"#),
    Literal::new(br#","stage":"#),
    Literal::new(br#","requestURI":"#),
    Literal::new(br#","verb":"#),
    Literal::new(br#","user":"#),
    Literal::new(br#","impersonatedUser":"#),
    Literal::new(br#","authenticationMetadata":"#),
    Literal::new(br#","sourceIPs":"#),
    Literal::new(br#","userAgent":"#),
    Literal::new(br#","objectRef":"#),
    Literal::new(br#","responseStatus":"#),
    Literal::new(br#","requestObject":"#),
    Literal::new(br#","responseObject":"#),
    Literal::new(br#","requestReceivedTimestamp":"#),
    Literal::new(br#","stageTimestamp":"#),
    Literal::new(br#","annotations":"#),
];
/// Fields that are strings.
const TEXTS: [usize; 7] = [0, 1, 2, 3, 8, 13, 14];
const REQUEST_OBJECT: usize = 11;
const RESPONSE_OBJECT: usize = 12;
const ANNOTATIONS: usize = 15;

/// Prefixes of annotation keys that depend on the level or the server's version, or that report omitted bodies.
const SPECIAL: [&[u8]; 3] = [
    b"patch.webhook.admission.k8s.io/",
    b"audit.k8s.io/",
    b"apiserver.latency.k8s.io/",
];

/// Maximum number of keys of an object outside bodies. Objects with more are left to the general parser.
const MAX_KEYS: usize = 24;

/// A text to compare with, its first sixteen bytes at once.
struct Literal {
    text: &'static [u8],
    head: u128,
    mask: u128,
}

impl Literal {
    const fn new(text: &'static [u8]) -> Self {
        let (mut head, mut mask) = (0, 0);
        let mut rest = text;
        let mut shift = 0;
        while let [byte, after @ ..] = rest
            && shift < 128
        {
            head |= (*byte as u128) << shift;
            mask |= 0xff << shift;
            shift += 8;
            rest = after;
        }
        Self { text, head, mask }
    }

    /// Returns the offset after the text if it is at `at`.
    #[inline]
    fn end(&self, bytes: &[u8], at: usize) -> Option<usize> {
        if u128::from_le_bytes(chunk_at(bytes, at)) & self.mask != self.head {
            return None;
        }
        let rest = self.text.get(16..).unwrap_or_default();
        let is_rest = rest.is_empty() || bytes.get(at + 16..)?.starts_with(rest);
        is_rest.then_some(at + self.text.len())
    }
}

/// Parses a line. `None` if it is not exactly an event as the server writes it.
pub fn event(line: &str) -> Option<Event<'_>> {
    let found = FieldRanges::of(line.as_bytes())?;
    (found.end == line.len()).then(|| found.event(line))
}

/// Parses the event at the start of a text if it fills a line, and returns the length of the line.
pub(crate) fn leading_event(text: &[u8]) -> Option<(Event<'_>, usize)> {
    let found = FieldRanges::of(text)?;
    if *text.get(found.end)? != b'\n' {
        return None;
    }
    let line = str::from_utf8(text.get(..found.end)?).ok()?;
    Some((found.event(line), found.end))
}

/// Ranges of the fields of an event.
struct FieldRanges {
    level: (usize, usize),
    /// Start and end of each field's value. Both are equal if the field is absent.
    ranges: [(usize, usize); FIELDS.len()],
    managed: [u32; 2],
    times: [CreationTimestamps; 2],
    has_special_annotations: bool,
    end: usize,
}

impl FieldRanges {
    #[inline]
    fn of(bytes: &[u8]) -> Option<Self> {
        let mut at = 0;
        for literal in &START {
            at = literal.end(bytes, at)?;
        }
        let level = at - 1;
        at = string_end(bytes, at, false)? + 1;
        let mut found = Self {
            level: (level, at),
            ranges: [(0, 0); FIELDS.len()],
            managed: [0; 2],
            times: [CreationTimestamps::default(); 2],
            has_special_annotations: false,
            end: 0,
        };
        for (field, literal) in FIELDS.iter().enumerate() {
            if let Some(start) = literal.end(bytes, at) {
                at = found.field(bytes, field, start)?;
                // The server omits empty fields. A null is left to the general parser.
                if bytes.get(start..at)? == b"null" {
                    return None;
                }
                *found.ranges.get_mut(field)? = (start, at);
            }
        }
        found.end = at + 1;
        (*bytes.get(at)? == b'}').then_some(found)
    }

    /// Returns the end of the value of a field.
    #[inline]
    fn field(&mut self, bytes: &[u8], field: usize, start: usize) -> Option<usize> {
        if matches!(field, REQUEST_OBJECT | RESPONSE_OBJECT) {
            let mut body = Body::new(bytes);
            let end = value_end(bytes, start, &mut body)?;
            let which = field - REQUEST_OBJECT;
            *self.managed.get_mut(which)? = body.managed_bytes();
            *self.times.get_mut(which)? = body.timestamps;
            return Some(end);
        }
        if *bytes.get(start)? == b'"' {
            // An object that was written as a string is left to the general parser.
            if !TEXTS.contains(&field) {
                return None;
            }
            return string_end(bytes, start + 1, false).map(|end| end + 1);
        }
        let mut keys = Keys::new(bytes);
        let end = value_end(bytes, start, &mut keys)?;
        if field == ANNOTATIONS {
            self.has_special_annotations = keys.any_starts_with(&SPECIAL);
            if keys.count == 0 {
                return None;
            }
        }
        Some(end)
    }

    fn event<'a>(&self, line: &'a str) -> Event<'a> {
        let text = |(start, end): (usize, usize)| (start < end).then(|| line.get(start..end))?;
        let [
            audit_id,
            stage,
            request_uri,
            verb,
            user,
            impersonated_user,
            authentication_metadata,
            source_ips,
            user_agent,
            object_ref,
            response_status,
            request_object,
            response_object,
            request_received,
            stage_timestamp,
            annotations,
        ] = self.ranges.map(text);
        let [request_managed_bytes, response_managed_bytes] = self.managed;
        let [request_timestamps, response_timestamps] = self.times;
        Event {
            raw: line,
            level: text(self.level),
            audit_id,
            stage,
            request_uri,
            verb,
            user,
            impersonated_user,
            authentication_metadata,
            source_ips,
            user_agent,
            object_ref,
            response_status,
            request_object,
            response_object,
            request_received,
            stage_timestamp,
            annotations,
            canonical: Some(Canonical {
                request_managed_bytes,
                response_managed_bytes,
                request_timestamps,
                response_timestamps,
                has_special_annotations: self.has_special_annotations,
            }),
            ..Event::default()
        }
    }
}

/// Keys of an object outside bodies, which must be unique.
struct Keys<'a> {
    bytes: &'a [u8],
    keys: [(usize, usize); MAX_KEYS],
    count: usize,
}

impl<'a> Keys<'a> {
    const fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            keys: [(0, 0); MAX_KEYS],
            count: 0,
        }
    }

    fn text(&self, (from, to): (usize, usize)) -> &'a [u8] {
        self.bytes.get(from..to).unwrap_or_default()
    }

    fn any_starts_with(&self, starts: &[&[u8]]) -> bool {
        let keys = self.keys.get(..self.count).unwrap_or_default();
        keys.iter().any(|key| {
            let key = self.text(*key);
            starts.iter().any(|start| key.starts_with(start))
        })
    }
}

impl Visitor for Keys<'_> {
    const ANY_ESCAPE: bool = false;

    #[inline]
    fn key(&mut self, around: &[u32], from: usize, to: usize) -> bool {
        if around.len() > 1 {
            return true;
        }
        let known = self.keys.get(..self.count).unwrap_or_default();
        // Most keys differ in length.
        let is_known = known.iter().any(|(start, end)| {
            end - start == to - from && self.text((*start, *end)) == self.text((from, to))
        });
        let Some(slot) = self.keys.get_mut(self.count) else {
            return false;
        };
        *slot = (from, to);
        self.count += 1;
        !is_known
    }

    #[inline]
    fn list_closes(&mut self, _: usize, _: usize) {}
}
