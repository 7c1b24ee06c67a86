//! The fast path: a line just as the server's encoder prints it, read by extents in one pass.
//!
//! It answers only where there is no doubt: compact JSON, the fields of `audit.k8s.io/v1` in the server's order, nothing escaped that
//! the encoder would not escape. Then the bytes of a field are its size under any policy, too. Every other line goes to the slow
//! reader, which decides what it is; for a line that both read they agree (the tests compare them on every recording).

mod block;
mod walk;

use std::sync::LazyLock;

use memchr::memmem::{self, Finder};

use crate::event::Event;
use walk::{Sink, walk};

/// What holds of an event whose text is the server's own, byte for byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Canonical {
    /// Bytes that managed fields take in the request body.
    pub request_managed: u32,
    /// Bytes that managed fields take in the response body.
    pub response_managed: u32,
    /// Some annotation quotes a webhook's patch, or says that bodies were left out.
    pub has_special_annotations: bool,
}

/// How every event begins.
const START: &str = r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":""#;

const MANAGED: &[u8] = br#""managedFields":"#;

/// The fields of an event in the server's order.
const FIELDS: [&str; 19] = [
    "kind",
    "apiVersion",
    "level",
    "auditID",
    "stage",
    "requestURI",
    "verb",
    "user",
    "impersonatedUser",
    "authenticationMetadata",
    "sourceIPs",
    "userAgent",
    "objectRef",
    "responseStatus",
    "requestObject",
    "responseObject",
    "requestReceivedTimestamp",
    "stageTimestamp",
    "annotations",
];
const REQUEST_OBJECT: usize = 14;
const RESPONSE_OBJECT: usize = 15;
const ANNOTATIONS: usize = 18;

/// How the keys begin of annotations that depend on the level or speak of it.
const SPECIAL: [&[u8]; 2] = [b"patch.webhook.admission.k8s.io/", b"audit.k8s.io/"];

static FIND_MANAGED: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(MANAGED));

/// Keys of one object, and escapes of one line, that are kept in mind; more are left to the slow reader.
const FEW: usize = 16;

/// Reads a line; none where it is not, without a doubt, an event as the server prints it.
pub fn event(line: &str) -> Option<Event<'_>> {
    if !line.starts_with(START) {
        return None;
    }
    let mut found = Found::new(line);
    if !walk(line.as_bytes(), &mut found) {
        return None;
    }
    found.event()
}

/// What the walk has found so far.
struct Found<'a> {
    line: &'a str,
    /// Start and end of each field's value; equal where there is none.
    extents: [(u32, u32); FIELDS.len()],
    /// The field whose value is being walked.
    field: usize,
    keys: [&'a [u8]; FEW],
    key_count: usize,
    odd_escapes: [u32; FEW],
    odd_count: usize,
    /// Where managed fields begin that a policy may omit, while they are open, and how deep they stand.
    managed: Option<(u32, usize)>,
    /// The metadata object whose managed fields were seen last.
    managed_in: u32,
    managed_bytes: [u32; 2],
    /// Lists of that name, anywhere in bodies.
    managed_lists: usize,
    has_special_annotations: bool,
}

impl<'a> Found<'a> {
    const fn new(line: &'a str) -> Self {
        Self {
            line,
            extents: [(0, 0); FIELDS.len()],
            field: 0,
            keys: [&[]; FEW],
            key_count: 0,
            odd_escapes: [0; FEW],
            odd_count: 0,
            managed: None,
            managed_in: 0,
            managed_bytes: [0; 2],
            managed_lists: 0,
            has_special_annotations: false,
        }
    }

    const fn in_body(&self) -> bool {
        matches!(self.field, REQUEST_OBJECT | RESPONSE_OBJECT)
    }

    fn bytes(&self, from: usize, to: usize) -> &'a [u8] {
        self.line.as_bytes().get(from..to).unwrap_or_default()
    }

    /// Whether the value that opens at a place is the member of that name. A quote inside a key has a backslash before it.
    fn is_named(&self, at: u32, name: &[u8]) -> bool {
        let at = at as usize;
        at.checked_sub(name.len() + 1).is_some_and(|start| {
            let (before, key) = self.bytes(start, at).split_at(1);
            key == name && matches!(before, b"{" | b",")
        })
    }

    /// Whether the objects around are those whose own metadata loses its managed fields: a body, an item of a list, the object of
    /// a table's row.
    fn is_own_metadata(&self, around: &[u32]) -> bool {
        let Some((metadata, owners)) = around.split_last() else {
            return false;
        };
        let is_object = |at: u32| self.line.as_bytes().get(at as usize) == Some(&b'{');
        is_object(*metadata)
            && self.is_named(*metadata, br#""metadata":"#)
            && match owners {
                [_event, body] => is_object(*body),
                [_event, _body, list, item] => {
                    self.is_named(*list, br#""items":"#) && !is_object(*list) && is_object(*item)
                }
                [_event, _body, list, _row, object] => {
                    self.is_named(*list, br#""rows":"#)
                        && !is_object(*list)
                        && self.is_named(*object, br#""object":"#)
                        && is_object(*object)
                }
                _ => false,
            }
    }

    fn raw(&self, field: usize) -> Option<&'a str> {
        let (start, end) = *self.extents.get(field)?;
        if start == end {
            return None;
        }
        self.line.get(start as usize..end as usize)
    }

    /// Whether all bytes outside bodies, and all that the walk cannot see, are as the encoder prints them.
    fn is_canonical(&self) -> bool {
        let bodies = [REQUEST_OBJECT, RESPONSE_OBJECT].map(|field| self.extents.get(field));
        let in_bodies = |at: u32| {
            bodies
                .iter()
                .flatten()
                .any(|(start, end)| (*start..*end).contains(&at))
        };
        let escapes = self.odd_escapes.get(..self.odd_count).unwrap_or_default();
        let has_separator = || {
            memmem::find(self.line.as_bytes(), b"\xe2\x80\xa8").is_some()
                || memmem::find(self.line.as_bytes(), b"\xe2\x80\xa9").is_some()
        };
        escapes.iter().all(|at| in_bodies(*at))
            && (self.line.is_ascii() || !has_separator())
            // Managed fields of another type than a list are for the slow reader.
            && self.count_managed() == self.managed_lists
    }

    fn count_managed(&self) -> usize {
        [REQUEST_OBJECT, RESPONSE_OBJECT]
            .into_iter()
            .filter_map(|field| self.raw(field))
            .map(|body| FIND_MANAGED.find_iter(body.as_bytes()).count())
            .sum()
    }

    fn event(&self) -> Option<Event<'a>> {
        if !self.is_canonical() || self.raw(FIELDS.len() - 1) == Some("{}") {
            return None;
        }
        // The server leaves out what is empty; a null is for the slow reader.
        let is_null = |(start, end): &(u32, u32)| {
            end - start == 4 && self.bytes(*start as usize, *end as usize) == b"null"
        };
        if self.extents.iter().any(is_null) {
            return None;
        }
        let [request_managed, response_managed] = self.managed_bytes;
        Some(Event {
            raw: self.line,
            level: self.raw(2),
            audit_id: self.raw(3),
            stage: self.raw(4),
            request_uri: self.raw(5),
            verb: self.raw(6),
            user: self.raw(7),
            impersonated_user: self.raw(8),
            authentication_metadata: self.raw(9),
            source_ips: self.raw(10),
            user_agent: self.raw(11),
            object_ref: self.raw(12),
            response_status: self.raw(13),
            request_object: self.raw(REQUEST_OBJECT),
            response_object: self.raw(RESPONSE_OBJECT),
            request_received: self.raw(16),
            stage_timestamp: self.raw(17),
            annotations: self.raw(ANNOTATIONS),
            canonical: Some(Canonical {
                request_managed,
                response_managed,
                has_special_annotations: self.has_special_annotations,
            }),
            ..Event::default()
        })
    }
}

impl Sink for Found<'_> {
    fn member(&mut self, key: usize, key_end: usize, value: usize) -> bool {
        let name = self.bytes(key, key_end);
        let first = if key <= 2 { 0 } else { self.field + 1 };
        let Some(ahead) = FIELDS
            .iter()
            .skip(first)
            .position(|field| field.as_bytes() == name)
        else {
            return false;
        };
        self.field = first + ahead;
        if let Some(extent) = self.extents.get_mut(self.field) {
            let value = u32::try_from(value).unwrap_or(u32::MAX);
            *extent = (value, value);
        }
        value < u32::MAX as usize
    }

    fn member_end(&mut self, end: usize) {
        if let Some((_, to)) = self.extents.get_mut(self.field) {
            *to = u32::try_from(end).unwrap_or(u32::MAX);
        }
    }

    fn inner_key(&mut self, is_first: bool, key: usize, key_end: usize) -> bool {
        if self.in_body() {
            return true;
        }
        if is_first {
            self.key_count = 0;
        }
        let key = self.bytes(key, key_end);
        let known = self.keys.get(..self.key_count).unwrap_or_default();
        if known.contains(&key) {
            return false;
        }
        let Some(slot) = self.keys.get_mut(self.key_count) else {
            return false;
        };
        *slot = key;
        self.key_count += 1;
        if self.field == ANNOTATIONS {
            self.has_special_annotations |= SPECIAL.iter().any(|start| key.starts_with(start));
        }
        true
    }

    fn list_opens(&mut self, around: &[u32], at: usize) -> bool {
        let at = u32::try_from(at).unwrap_or(u32::MAX);
        if !self.in_body() || !self.is_named(at, MANAGED) {
            return true;
        }
        self.managed_lists += 1;
        if self.managed.is_none() && self.is_own_metadata(around) {
            let metadata = around.last().copied().unwrap_or_default();
            // Twice in one object: which commas go is for the slow reader.
            if metadata == self.managed_in {
                return false;
            }
            self.managed_in = metadata;
            self.managed = Some((at, around.len()));
        }
        true
    }

    fn closes(&mut self, depth: usize, at: usize) {
        let Some((start, own_depth)) = self.managed else {
            return;
        };
        if depth != own_depth {
            return;
        }
        self.managed = None;
        let start = start as usize - MANAGED.len();
        let has_comma = self.bytes(start.saturating_sub(1), start) == b","
            || self.bytes(at + 1, at + 2) == b",";
        let bytes = at + 1 - start + usize::from(has_comma);
        let body = usize::from(self.field == RESPONSE_OBJECT);
        if let Some(sum) = self.managed_bytes.get_mut(body) {
            *sum += u32::try_from(bytes).unwrap_or(u32::MAX);
        }
    }

    fn odd_escape(&mut self, at: usize) -> bool {
        let Some(slot) = self.odd_escapes.get_mut(self.odd_count) else {
            return false;
        };
        *slot = u32::try_from(at).unwrap_or(u32::MAX);
        self.odd_count += 1;
        true
    }
}
