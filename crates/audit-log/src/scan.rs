//! The fast path: a line just as the server's encoder prints it, read by extents in one pass.
//!
//! It answers only where there is no doubt: compact JSON, the fields of `audit.k8s.io/v1` in the server's order, nothing escaped that
//! the encoder would not escape. Then the bytes of a field are its size under any policy, too. Every other line goes to the slow
//! reader, which decides what it is; for a line that both read they agree (the tests compare them on every recording).

mod text;
mod value;

use crate::event::Event;
use text::{chunk_at, string_end};
use value::{Watch, value_end};

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
const START: [Literal; 4] = [
    Literal::new(br#"{"kind":"Event","#),
    Literal::new(br#""apiVersion":"au"#),
    Literal::new(br#"dit.k8s.io/v1","#),
    Literal::new(br#""level":""#),
];

/// What comes before the values of an event's fields behind the level, in the server's order.
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
const REQUEST_OBJECT: usize = 11;
const RESPONSE_OBJECT: usize = 12;
const ANNOTATIONS: usize = 15;

/// How the keys begin of annotations that depend on the level or speak of it.
const SPECIAL: [&[u8]; 2] = [b"patch.webhook.admission.k8s.io/", b"audit.k8s.io/"];

/// How many keys an object outside bodies may have; more are left to the slow reader.
const FEW: usize = 24;

/// A text to be looked for at one place, its first sixteen bytes at once.
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

    /// What comes after it, if it stands there.
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

/// Reads a line; none where it is not, without a doubt, an event as the server prints it.
pub fn event(line: &str) -> Option<Event<'_>> {
    let found = Found::of(line.as_bytes())?;
    (found.end == line.len()).then(|| found.event(line))
}

/// Reads the event with which a text begins, if it fills its line; and where the line ends.
pub(crate) fn leading(text: &[u8]) -> Option<(Event<'_>, usize)> {
    let found = Found::of(text)?;
    if *text.get(found.end)? != b'\n' {
        return None;
    }
    let line = str::from_utf8(text.get(..found.end)?).ok()?;
    Some((found.event(line), found.end))
}

/// Where the parts of an event stand.
struct Found {
    level: (usize, usize),
    /// Start and end of each field's value; equal where there is none.
    extents: [(usize, usize); FIELDS.len()],
    managed: [u32; 2],
    has_special_annotations: bool,
    end: usize,
}

impl Found {
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
            extents: [(0, 0); FIELDS.len()],
            managed: [0; 2],
            has_special_annotations: false,
            end: 0,
        };
        for (field, literal) in FIELDS.iter().enumerate() {
            if let Some(start) = literal.end(bytes, at) {
                at = found.field(bytes, field, start)?;
                // The server leaves out what is empty; a null is for the slow reader.
                if bytes.get(start..at)? == b"null" {
                    return None;
                }
                *found.extents.get_mut(field)? = (start, at);
            }
        }
        found.end = at + 1;
        (*bytes.get(at)? == b'}').then_some(found)
    }

    /// Where the value of a field ends.
    #[inline]
    fn field(&mut self, bytes: &[u8], field: usize, start: usize) -> Option<usize> {
        if matches!(field, REQUEST_OBJECT | RESPONSE_OBJECT) {
            let mut body = Body::new(bytes);
            let end = value_end(bytes, start, &mut body)?;
            *self.managed.get_mut(field - REQUEST_OBJECT)? = body.managed_bytes;
            return Some(end);
        }
        if *bytes.get(start)? == b'"' {
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
        ] = self.extents.map(text);
        let [request_managed, response_managed] = self.managed;
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
                request_managed,
                response_managed,
                has_special_annotations: self.has_special_annotations,
            }),
            ..Event::default()
        }
    }
}

/// The keys of an object outside bodies, which must differ.
struct Keys<'a> {
    bytes: &'a [u8],
    keys: [(usize, usize); FEW],
    count: usize,
}

impl<'a> Keys<'a> {
    const fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            keys: [(0, 0); FEW],
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

impl Watch for Keys<'_> {
    const ANY_ESCAPE: bool = false;

    #[inline]
    fn key(&mut self, around: &[u32], from: usize, to: usize) -> bool {
        if around.len() > 1 {
            return true;
        }
        let known = self.keys.get(..self.count).unwrap_or_default();
        // Lengths tell nearly all of them apart.
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

/// A body, and the managed fields in it that a policy may omit.
struct Body<'a> {
    bytes: &'a [u8],
    /// Where managed fields begin, while they are open, and how deep they stand.
    managed: (usize, usize),
    /// The metadata object whose managed fields were seen last.
    managed_in: u32,
    managed_bytes: u32,
}

const MANAGED: &[u8; 16] = br#""managedFields":"#;

/// No list is so deep.
const NO_DEPTH: usize = usize::MAX;

impl<'a> Body<'a> {
    const fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            managed: (0, NO_DEPTH),
            managed_in: u32::MAX,
            managed_bytes: 0,
        }
    }

    fn byte(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or_default()
    }

    fn is_object(&self, at: u32) -> bool {
        self.byte(at as usize) == b'{'
    }

    /// Whether the value that opens at a place is the member of that name. A quote inside a key has a backslash before it.
    fn is_named(&self, at: u32, name: &[u8]) -> bool {
        let before = self.bytes.get(..at as usize).unwrap_or_default();
        let before = before.strip_suffix(name);
        before.is_some_and(|before| matches!(before.last(), Some(b'{' | b',')))
    }

    /// Whether the objects around are those whose own metadata loses its managed fields: a body, an item of a list, the object of
    /// a table's row.
    fn is_own_metadata(&self, around: &[u32]) -> bool {
        let Some((metadata, owners)) = around.split_last() else {
            return false;
        };
        let is_list_named = |at: u32, name| self.is_named(at, name) && !self.is_object(at);
        self.is_object(*metadata)
            && self.is_named(*metadata, br#""metadata":"#)
            && match owners {
                [body] => self.is_object(*body),
                [_body, list, item] => {
                    is_list_named(*list, br#""items":"#) && self.is_object(*item)
                }
                [_body, list, _row, object] => {
                    is_list_named(*list, br#""rows":"#)
                        && self.is_named(*object, br#""object":"#)
                        && self.is_object(*object)
                }
                _ => false,
            }
    }

    /// Managed fields begin; false where they are for the slow reader: of another type than a list, or twice in one object, where
    /// it matters which commas go.
    #[cold]
    fn managed_opens(&mut self, around: &[u32], at: usize) -> bool {
        if self.byte(at) != b'[' {
            return false;
        }
        if self.managed.1 == NO_DEPTH && self.is_own_metadata(around) {
            let metadata = around.last().copied().unwrap_or_default();
            if metadata == self.managed_in {
                return false;
            }
            self.managed_in = metadata;
            self.managed = (at - MANAGED.len(), around.len());
        }
        true
    }
}

impl Watch for Body<'_> {
    const ANY_ESCAPE: bool = true;

    #[inline]
    fn key(&mut self, around: &[u32], from: usize, to: usize) -> bool {
        // Invariant: a quote stands before the key, and a quote and a colon behind it.
        to - from != MANAGED.len() - 3
            || chunk_at(self.bytes, from - 1) != *MANAGED
            || self.managed_opens(around, to + 2)
    }

    #[inline]
    fn list_closes(&mut self, depth: usize, at: usize) {
        let (start, own_depth) = self.managed;
        if depth != own_depth {
            return;
        }
        self.managed.1 = NO_DEPTH;
        let has_comma = self.byte(start - 1) == b',' || self.byte(at + 1) == b',';
        let bytes = at + 1 - start + usize::from(has_comma);
        self.managed_bytes += u32::try_from(bytes).unwrap_or(u32::MAX);
    }
}
