//! Documents that hold many records in a list: finding the records one by one, in any pieces, without reading the document as a
//! whole. It follows brackets and strings only, so one broken record, or a document that was cut off, costs no other record.

use memchr::memchr2;

use crate::json;
use crate::unwrap::Wrapper;

/// A value longer than this is read as a document of many, where it is one, without waiting for its end.
pub const MAX_WHOLE_BYTES: usize = 8 << 20;

/// A list of records: the names that lead to it, `*` for every item of a list on the way.
struct Anchor {
    path: &'static [&'static str],
    /// What it is a list of; none where only the records tell.
    wrapper: Option<Wrapper>,
}

const fn anchor(path: &'static [&'static str], wrapper: Option<Wrapper>) -> Anchor {
    Anchor { path, wrapper }
}

/// The lists that are known, at most 32: what `aws logs`, Elasticsearch, Loki, OpenTelemetry, Azure's Event Hubs and Log Analytics,
/// Google's `entries.list`, SQS and the audit webhook answer or send.
const ANCHORS: [Anchor; 22] = [
    anchor(&["items"], None),
    anchor(&["records"], None),
    anchor(&["Records"], None),
    anchor(&["entries"], None),
    anchor(&["value"], None),
    anchor(&["messages"], None),
    anchor(&["Messages"], None),
    anchor(&["tables", "*", "rows"], None),
    anchor(&["hits", "hits"], Some(Wrapper::Elasticsearch)),
    anchor(
        &["rawResponse", "hits", "hits"],
        Some(Wrapper::Elasticsearch),
    ),
    anchor(
        &["responses", "*", "hits", "hits"],
        Some(Wrapper::Elasticsearch),
    ),
    anchor(
        &["resourceLogs", "*", "scopeLogs", "*", "logRecords"],
        Some(Wrapper::Otlp),
    ),
    anchor(
        &["resourceLogs", "*", "scopeLogs", "*", "log_records"],
        Some(Wrapper::Otlp),
    ),
    anchor(
        &[
            "resourceLogs",
            "*",
            "instrumentationLibraryLogs",
            "*",
            "logRecords",
        ],
        Some(Wrapper::Otlp),
    ),
    anchor(
        &["resource_logs", "*", "scope_logs", "*", "log_records"],
        Some(Wrapper::Otlp),
    ),
    anchor(&["events"], Some(Wrapper::CloudWatch)),
    anchor(&["logEvents"], Some(Wrapper::CloudWatch)),
    anchor(&["results"], Some(Wrapper::Insights)),
    anchor(&["data", "result", "*", "values"], Some(Wrapper::Loki)),
    anchor(&["streams", "*", "values"], Some(Wrapper::Loki)),
    anchor(&["result", "*", "values"], Some(Wrapper::Loki)),
    anchor(&["logs"], None),
];

const ALL_ANCHORS: u32 = (1 << ANCHORS.len()) - 1;

/// Of which list a record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Within {
    /// What the list is of; none where only the record tells.
    pub wrapper: Option<Wrapper>,
    /// The items of an audit `EventList`.
    pub is_event_list: bool,
}

impl Within {
    /// Of what stands in a document where no record should.
    pub(crate) const NOTHING_KNOWN: Self = Self {
        wrapper: None,
        is_event_list: false,
    };
}

/// What comes next in a document.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// A record, from one byte to another.
    Record(usize, usize, Within),
    /// Text that has no place in a document.
    Stray(usize, usize),
    /// The document ends before this byte.
    Done(usize),
    /// Bytes before this one are no longer needed; the others are to be given again, with more after them.
    NeedsMore(usize),
}

/// Whether a text may be a document, broken or cut off perhaps.
pub(crate) fn may_be_document(bytes: &[u8]) -> bool {
    let bytes = bytes.trim_ascii_start();
    match bytes.strip_prefix(b"[") {
        // `[pod/name] …` is none.
        Some(inside) => matches!(inside.trim_ascii_start().first(), Some(b'{' | b'[' | b'"')),
        None => bytes.first() == Some(&b'{'),
    }
}

/// Whether a value is a document of many records and long enough to be read piece by piece.
pub(crate) fn is_large_document(bytes: &[u8], max_whole: usize) -> bool {
    bytes.len() > max_whole
        && may_be_document(bytes)
        && Walk::finds_list(bytes.get(..max_whole).unwrap_or_default())
}

/// A walk through one document.
#[derive(Debug, Default)]
pub(crate) struct Walk {
    at: usize,
    open: Vec<Level>,
    token: Option<Token>,
    found: bool,
    is_list: bool,
    is_audit: bool,
}

/// A container on the way to a list of records, or such a list.
#[derive(Debug, Clone, Copy)]
struct Level {
    is_object: bool,
    /// The lists that may lie below it.
    mask: u32,
    /// How many names lead to the values in it, the key not counted.
    depth: usize,
    /// The lists that may lie below the key read last; none before a key.
    below_key: Option<u32>,
    /// It is a list of records.
    records: Option<Option<Wrapper>>,
    key: RootKey,
}

/// The keys of the document itself that tell an `EventList`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum RootKey {
    Kind,
    ApiVersion,
    Other,
}

#[derive(Debug, Clone, Copy)]
struct Token {
    start: usize,
    extent: Extent,
    use_as: Use,
}

#[derive(Debug, Clone, Copy)]
enum Use {
    Key,
    Record(Within),
    Stray,
    Passed(RootKey),
}

impl Walk {
    /// A walk that begins at a byte.
    pub(crate) fn at(at: usize) -> Self {
        Self {
            at,
            ..Self::default()
        }
    }

    /// Whether a list of records begins in these first bytes of a document.
    pub(crate) fn finds_list(bytes: &[u8]) -> bool {
        let mut walk = Self::at(0);
        loop {
            match walk.next(bytes) {
                _ if walk.found => return true,
                Step::Record(..) | Step::Stray(..) => {}
                Step::Done(_) | Step::NeedsMore(_) => return false,
            }
        }
    }

    /// Whether a list of records was come by.
    pub(crate) const fn found(&self) -> bool {
        self.found
    }

    /// Whether it has said so far that it is an audit `EventList`.
    pub(crate) const fn is_event_list(&self) -> bool {
        self.is_list && self.is_audit
    }

    /// Says that so many bytes at the front are gone.
    pub(crate) fn forget(&mut self, bytes: usize) {
        self.at = self.at.saturating_sub(bytes);
        if let Some(token) = &mut self.token {
            token.start = token.start.saturating_sub(bytes);
            token.extent.at = token.extent.at.saturating_sub(bytes);
        }
    }

    /// Goes on to the next record.
    pub(crate) fn next(&mut self, bytes: &[u8]) -> Step {
        loop {
            if let Some(token) = &mut self.token {
                if !token.extent.run(bytes) {
                    return Step::NeedsMore(match token.use_as {
                        Use::Passed(RootKey::Other) if !token.extent.is_bare => token.extent.at,
                        _ => token.start,
                    });
                }
                let token = *token;
                self.token = None;
                self.at = token.extent.at;
                if let Some(step) = self.use_token(bytes, token) {
                    return step;
                }
            }
            match bytes.get(self.at) {
                None => return Step::NeedsMore(self.at),
                Some(b' ' | b'\t' | b'\r' | b'\n' | b',' | b':') => self.at += 1,
                Some(b'}' | b']') => {
                    self.at += 1;
                    self.open.pop();
                    if self.open.is_empty() {
                        return Step::Done(self.at);
                    }
                }
                Some(byte) => {
                    if !self.enter(*byte) {
                        self.begin_token(*byte);
                    }
                }
            }
        }
    }

    /// Steps into a container that is a list of records or leads to one.
    fn enter(&mut self, byte: u8) -> bool {
        if byte != b'{' && byte != b'[' {
            return false;
        }
        let (mask, depth) = match self.open.last() {
            None => (ALL_ANCHORS, 0),
            Some(level) if level.records.is_some() => return false,
            Some(level) if level.is_object => match level.below_key {
                // A container where a key belongs leads nowhere.
                None => (0, level.depth + 1),
                Some(mask) => (mask, level.depth + 1),
            },
            Some(level) => (level.mask, level.depth),
        };
        let is_object = byte == b'{';
        let mut level = Level {
            is_object,
            mask,
            depth,
            below_key: None,
            records: None,
            key: RootKey::Other,
        };
        if !is_object {
            let is_root = self.open.is_empty();
            let ends_here = ending_at(mask, depth);
            if is_root || ends_here.is_some() {
                level.records = Some(ends_here.flatten());
                self.found = true;
            }
            level.mask = below(mask, depth, "*");
            level.depth = depth + 1;
        }
        if level.mask == 0 && level.records.is_none() {
            return false;
        }
        if let Some(parent) = self.open.last_mut() {
            parent.below_key = None;
        }
        self.open.push(level);
        self.at += 1;
        true
    }

    fn begin_token(&mut self, byte: u8) {
        let is_root = self.open.len() == 1;
        let is_event_list = self.is_event_list() && is_root_list(&self.open);
        let use_as = match self.open.last_mut() {
            Some(Level {
                records: Some(wrapper),
                ..
            }) => Use::Record(Within {
                wrapper: *wrapper,
                is_event_list,
            }),
            Some(level) if level.is_object && level.below_key.is_none() && byte == b'"' => Use::Key,
            // An object where a key belongs: a record that the brackets before it have put outside its list.
            Some(level) if level.is_object && level.below_key.is_none() && byte == b'{' => {
                if self.found {
                    Use::Record(Within::NOTHING_KNOWN)
                } else {
                    Use::Stray
                }
            }
            Some(level) => {
                level.below_key = None;
                Use::Passed(if is_root { level.key } else { RootKey::Other })
            }
            None => Use::Passed(RootKey::Other),
        };
        self.token = Some(Token {
            start: self.at,
            extent: Extent::at(self.at, byte),
            use_as,
        });
    }

    fn use_token(&mut self, bytes: &[u8], token: Token) -> Option<Step> {
        let (from, to) = (token.start, self.at);
        let text = std::str::from_utf8(bytes.get(from..to).unwrap_or_default()).unwrap_or_default();
        match token.use_as {
            Use::Record(within) => Some(Step::Record(from, to, within)),
            Use::Stray => Some(Step::Stray(from, to)),
            Use::Key => {
                let key = json::string(text).unwrap_or_default();
                if let Some(level) = self.open.last_mut() {
                    level.below_key = Some(below(level.mask, level.depth, &key));
                    level.key = match key.as_ref() {
                        "kind" => RootKey::Kind,
                        "apiVersion" => RootKey::ApiVersion,
                        _ => RootKey::Other,
                    };
                }
                None
            }
            Use::Passed(key) => {
                match key {
                    RootKey::Kind => self.is_list = text == "\"EventList\"",
                    RootKey::ApiVersion => self.is_audit = text.starts_with("\"audit.k8s.io/"),
                    RootKey::Other => {}
                }
                // A container or string is judged by its brackets or quotes; of the rest only what JSON knows may stand here.
                let is_stray = token.extent.is_bare && json::value(text).is_err();
                is_stray.then_some(Step::Stray(from, to))
            }
        }
    }
}

/// Whether the list of records is a member of the document itself.
fn is_root_list(open: &[Level]) -> bool {
    open.len() == 2
}

/// Of a set of lists, those with a name at a depth.
fn below(mask: u32, depth: usize, name: &str) -> u32 {
    chosen(mask)
        .filter(|(_, anchor)| anchor.path.get(depth) == Some(&name))
        .fold(0, |set, (index, _)| set | 1 << index)
}

/// The list of a set that so many names lead to.
fn ending_at(mask: u32, depth: usize) -> Option<Option<Wrapper>> {
    chosen(mask)
        .find(|(_, anchor)| anchor.path.len() == depth)
        .map(|(_, anchor)| anchor.wrapper)
}

fn chosen(mask: u32) -> impl Iterator<Item = (usize, &'static Anchor)> {
    ANCHORS
        .iter()
        .enumerate()
        .filter(move |(index, _)| mask & 1 << index != 0)
}

/// How far a value reaches, as far as brackets and quotes tell; goes on where it left off.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Extent {
    pub(crate) at: usize,
    depth: usize,
    pub(crate) in_string: bool,
    /// A number or a word: it ends where something else begins.
    is_bare: bool,
}

impl Extent {
    /// The extent of the value that starts at a byte.
    pub(crate) const fn at(at: usize, byte: u8) -> Self {
        Self {
            at,
            depth: 0,
            in_string: false,
            is_bare: !matches!(byte, b'{' | b'[' | b'"'),
        }
    }

    /// Goes on; whether the value is closed.
    pub(crate) fn run(&mut self, bytes: &[u8]) -> bool {
        while let Some(byte) = bytes.get(self.at) {
            if self.in_string {
                let rest = bytes.get(self.at..).unwrap_or_default();
                let Some(found) = memchr2(b'"', b'\\', rest) else {
                    self.at = bytes.len();
                    return false;
                };
                if rest.get(found) == Some(&b'"') {
                    self.at += found + 1;
                    self.in_string = false;
                    if self.depth == 0 {
                        return true;
                    }
                } else if found + 1 < rest.len() {
                    self.at += found + 2;
                } else {
                    self.at += found;
                    return false;
                }
                continue;
            }
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' | b',' | b':' | b'{' | b'[' | b'}' | b']' | b'"'
                    if self.is_bare =>
                {
                    return true;
                }
                b'"' => self.in_string = true,
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
            self.at += 1;
            if self.depth == 0 && !self.in_string && !self.is_bare {
                return true;
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The records of a document given in pieces of a size, with what was stray and how it ended.
    fn records(text: &str, piece: usize) -> Vec<String> {
        let (mut kept, mut found) = (Vec::new(), Vec::new());
        let mut walk = Walk::at(0);
        for bytes in text.as_bytes().chunks(piece) {
            kept.extend_from_slice(bytes);
            loop {
                let say = |from: usize, to: usize| String::from_utf8_lossy(&kept[from..to]);
                match walk.next(&kept) {
                    Step::Record(from, to, within) => {
                        let list = if within.is_event_list { "list " } else { "" };
                        found.push(format!("{list}{}", say(from, to)));
                    }
                    Step::Stray(from, to) => found.push(format!("stray {}", say(from, to))),
                    Step::Done(_) => {
                        found.push("done".to_owned());
                        return found;
                    }
                    Step::NeedsMore(from) => {
                        kept.drain(..from);
                        walk.forget(from);
                        break;
                    }
                }
            }
        }
        found
    }

    #[test]
    fn records_are_found_in_pieces_of_any_size() {
        let rows: [(&str, &[&str]); 12] = [
            (
                r#"{"records": [{"a":1}, {"b":"]"}]}"#,
                &[r#"{"a":1}"#, r#"{"b":"]"}"#, "done"],
            ),
            (
                r#"{"hits":{"total":{"value":2},"hits":[{"_source":{}}]}}"#,
                &[r#"{"_source":{}}"#, "done"],
            ),
            (
                r#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"a":1}]},{"logRecords":[{"b":2}]}]},{"scopeLogs":[]}]}"#,
                &[r#"{"a":1}"#, r#"{"b":2}"#, "done"],
            ),
            (
                r#"{"data":{"result":[{"stream":{},"values":[["1","x"],["2","y"]]}]}}"#,
                &[r#"["1","x"]"#, r#"["2","y"]"#, "done"],
            ),
            (
                r#"{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":[{"a":1}]}"#,
                &[r#"list {"a":1}"#, "done"],
            ),
            (
                r#"{"kind":"PodList","apiVersion":"v1","items":[{"a":1}]}"#,
                &[r#"{"a":1}"#, "done"],
            ),
            (
                r#"{"a":{"records":[{"a":1}]},"b":[[{"records":1}]]}"#,
                &["done"],
            ),
            (
                r#"{"records":[{"a":1},17 oops "x",null]}"#,
                &[r#"{"a":1}"#, "17", "oops", r#""x""#, "null", "done"],
            ),
            (r#"{"status":oops,"records":[]}"#, &["stray oops", "done"]),
            (r#"{"records":[{"a":1},{"b":"#, &[r#"{"a":1}"#]),
            (r#"[{"a":1},[2]]"#, &[r#"{"a":1}"#, "[2]", "done"]),
            (
                r#"{"\u0072ecords":[{"a":"\"}"}]}"#,
                &[r#"{"a":"\"}"}"#, "done"],
            ),
        ];
        for (text, expected) in rows {
            for piece in [1, 2, 5, 1000] {
                assert_eq!(
                    records(text, piece),
                    expected,
                    "{text} in pieces of {piece}"
                );
            }
        }
    }
}
