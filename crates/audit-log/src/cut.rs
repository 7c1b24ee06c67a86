//! Events that a service on the way to the file has cut: detection, and what is known of them.
//!
//! The limits and their sources are in `FORMATS.md`. A cut event is never guessed: its outcome depends on fields that may be in the missing
//! part, so it is reported with the fields before the cut.

mod inside;

use std::borrow::Cow;
use std::fmt;

use audit_types::format;

use crate::event::{Event, text};
use crate::extract::wrapper::Wrapper;
use crate::json;
use crate::validator::{JsonValidator, Validation};

/// Marker at the end of events that EKS cuts before it sends them to CloudWatch.
const EKS_MARKER: &str = "[Truncated...]";

/// Texts that programs append to what they cut.
const MARKERS: [&str; 7] = [
    EKS_MARKER,
    "...[truncated]",
    "[truncated]",
    "<truncated>",
    "(truncated)",
    "...",
    "\u{2026}",
];

/// Maximum number of characters of a cell in Excel, in UTF-16.
const EXCEL_CHARACTERS: usize = 32_767;

/// Maximum number of characters of a field in a message.
const MAX_FIELD_CHARACTERS: usize = 120;

/// Maximum number of strings around a cut event.
const MAX_NESTING: usize = 6;

/// Program that cut an event, as far as its record identifies it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CutBy {
    /// AKS or Azure Monitor: `properties.log` or a column of Log Analytics.
    Azure,
    /// EKS or CloudWatch Logs.
    CloudWatch,
    /// Splunk: `_raw`.
    Splunk,
    /// A spreadsheet in which the file was opened and saved.
    Spreadsheet,
    /// Unknown.
    Other,
}

impl CutBy {
    /// Describes the cut of an event of which a number of bytes is left.
    pub(crate) const fn describe(self, bytes: u64) -> &'static str {
        match (self, bytes) {
            (Self::Azure, 16_000..=16_384) => "cut by AKS at 16 KiB",
            (Self::Azure, 32_000..=32_768) => "cut by Azure Monitor at 32 KiB",
            (Self::Azure, _) => "cut by Azure",
            (Self::CloudWatch, _) => "cut by EKS or CloudWatch",
            (Self::Splunk, _) => "cut by Splunk (`TRUNCATE` in `props.conf`)",
            (Self::Spreadsheet, _) => "cut by a spreadsheet at 32,767 characters per cell",
            (Self::Other, _) => "cut off",
        }
    }
}

/// An event without its end.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CutEvent {
    /// Program that cut it.
    pub by: CutBy,
    /// Number of bytes that are left.
    pub bytes: u64,
    /// `auditID`
    pub audit_id: Option<String>,
    /// `level`
    pub level: Option<String>,
    /// `stage`
    pub stage: Option<String>,
    /// `verb`
    pub verb: Option<String>,
    /// `requestURI`
    pub request_uri: Option<String>,
    /// Name of the user.
    pub user: Option<String>,
}

impl CutEvent {
    /// Describes the cut without the event.
    pub const fn cause(&self) -> &'static str {
        self.by.describe(self.bytes)
    }
}

impl fmt::Display for CutEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: only {} of the event are left",
            self.cause(),
            bytes(self.bytes)
        )?;
        let fields = [
            ("verb", &self.verb),
            ("requestURI", &self.request_uri),
            ("user", &self.user),
            ("stage", &self.stage),
            ("level", &self.level),
            ("auditID", &self.audit_id),
        ];
        let mut separator = "; ";
        for (name, value) in fields {
            if let Some(value) = value {
                write!(f, "{separator}{name} `{value}`")?;
                separator = ", ";
            }
        }
        Ok(())
    }
}

/// Formats a number of bytes exactly: `16,384 bytes`.
fn bytes(count: u64) -> String {
    let unit = if count == 1 { "byte" } else { "bytes" };
    format!("{} {unit}", format::count(count))
}

/// Removes the marker that a program has appended to a text that it cut.
pub(crate) fn without_marker(text: &str) -> (&str, bool) {
    let trimmed = text.trim_ascii_end();
    for marker in MARKERS {
        let Some(at) = trimmed.len().checked_sub(marker.len()) else {
            continue;
        };
        if trimmed.is_char_boundary(at)
            && let Some((before, end)) = trimmed.split_at_checked(at)
            && end.eq_ignore_ascii_case(marker)
        {
            return (before, marker == EKS_MARKER);
        }
    }
    (text, false)
}

/// Returns the event that a text is the start of. `None` if the text does not end inside an event.
pub(crate) fn event(text: &str, wrappers: u32, field: &str) -> Option<CutEvent> {
    let (start, is_marked) = without_marker(text.trim_ascii_start());
    if !start.starts_with('{')
        || JsonValidator::at(0).run(start.as_bytes()) != Validation::Incomplete
    {
        return None;
    }
    let by = if is_marked {
        CutBy::CloudWatch
    } else {
        by_wrapper(wrappers, field)
    };
    inside(Cow::Borrowed(start), by)
}

/// Returns the program that cuts records in these wrappers.
fn by_wrapper(wrappers: u32, field: &str) -> CutBy {
    let has = |wrapper: Wrapper| wrappers & wrapper.bit() != 0;
    if has(Wrapper::Azure) || has(Wrapper::LogAnalytics) {
        CutBy::Azure
    } else if has(Wrapper::CloudWatch) || has(Wrapper::Insights) || has(Wrapper::AwsTail) {
        CutBy::CloudWatch
    } else {
        by_column(field)
    }
}

/// Returns the program whose exports have a field or column of a name.
pub(crate) fn by_column(name: &str) -> CutBy {
    match name.rsplit('.').next() {
        Some("_raw") => CutBy::Splunk,
        Some("@message") => CutBy::CloudWatch,
        Some("log_s" | "properties" | "properties_s") => CutBy::Azure,
        _ => CutBy::Other,
    }
}

/// Returns the program that cut a text in a column of a CSV file.
pub(crate) fn by_cell(text: &str, column: &str) -> CutBy {
    if text.encode_utf16().count() == EXCEL_CHARACTERS {
        CutBy::Spreadsheet
    } else {
        by_column(column)
    }
}

/// Returns the event that the text of a cell is the start of. `None` if the text does not end inside an event.
pub(crate) fn in_cell(text: &str, column: &str) -> Option<CutEvent> {
    let mut event = event(text, 0, column)?;
    if event.by != CutBy::CloudWatch {
        event.by = by_cell(text, column);
    }
    Some(event)
}

/// Finds the event in a truncated text: the text itself, or the string or object at its end.
fn inside(mut start: Cow<'_, str>, by: CutBy) -> Option<CutEvent> {
    for _ in 0..MAX_NESTING {
        let event = Event::new(&start);
        let is_event = [event.audit_id, event.stage, event.request_uri, event.level]
            .iter()
            .flatten()
            .count()
            >= 2
            || json::member(&start, "apiVersion")
                .is_some_and(|version| version.starts_with("\"audit.k8s.io/"));
        if is_event {
            return Some(known(&event, by, start.len()));
        }
        start = Cow::Owned(last_value(&start)?);
    }
    None
}

/// Returns the value that an object ends in, without the escapes if it is a string.
fn last_value(object: &str) -> Option<String> {
    let read: usize = json::raw_members(object)
        .last()
        .map_or(0, |(_, value)| json::offset_in(object, value) + value.len());
    let rest = object.get(read..)?;
    let key = rest.find('"')?;
    let after_key = rest.get(key + 1..)?;
    let colon = after_key.find(':')?;
    let value = after_key.get(colon + 1..)?.trim_ascii_start();
    match value.as_bytes().first()? {
        b'{' => Some(value.to_owned()),
        b'"' => Some(unescaped_start(value.get(1..)?)),
        _ => None,
    }
}

/// Decodes the start of a string's content, up to an incomplete escape.
fn unescaped_start(inner: &str) -> String {
    let mut text = String::with_capacity(inner.len());
    let mut rest = inner;
    while let Some(at) = rest.find('\\') {
        let (plain, escape) = rest.split_at(at);
        text.push_str(plain);
        let Some((character, length)) = json::unescape(escape) else {
            return text;
        };
        let Some(after) = escape.get(length..) else {
            return text;
        };
        text.push(character);
        rest = after;
    }
    text.push_str(rest);
    text
}

/// Returns the fields of an event that come before the cut.
fn known(event: &Event<'_>, by: CutBy, bytes: usize) -> CutEvent {
    let user = event.user.and_then(|user| json::member(user, "username"));
    CutEvent {
        by,
        bytes: bytes as u64,
        audit_id: shown(event.audit_id),
        level: shown(event.level),
        stage: shown(event.stage),
        verb: shown(event.verb),
        request_uri: shown(event.request_uri),
        user: shown(user),
    }
}

/// Returns the start of a string field for a message.
fn shown(raw: Option<&str>) -> Option<String> {
    let value = text(raw)?;
    let mut shown: String = value
        .chars()
        .filter(|character| !character.is_control())
        .take(MAX_FIELD_CHARACTERS)
        .collect();
    if shown.len() < value.len() {
        shown.push('\u{2026}');
    }
    Some(shown)
}

/// Returns `true` if a text is the rest of an event whose start is in another record: the end, which closes more objects than it opens, or a
/// part in the middle.
pub(crate) fn is_rest(text: &str) -> bool {
    let (text, _) = without_marker(text);
    let text = text.trim_ascii();
    let count = |brace: u8| memchr::memchr_iter(brace, text.as_bytes()).count();
    let is_end = || text.ends_with('}') && count(b'}') > count(b'{');
    !text.starts_with(['{', '[']) && text.contains("\":") && (is_end() || inside::is_inside(text))
}

/// Returns `true` if a text is the rest of an event that begins with a whole value: more members follow it, or brackets that it does not
/// open.
pub(crate) fn is_rest_after_value(text: &str) -> bool {
    let text = text.trim_ascii();
    if !text.starts_with(['{', '[', '"']) || !text.ends_with('}') {
        return false;
    }
    let mut check = JsonValidator::at(0);
    if check.run(text.as_bytes()) != Validation::Complete {
        return false;
    }
    let rest = text.get(check.at..).unwrap_or_default().trim_ascii_start();
    let is_bracket = |byte: u8| matches!(byte, b'}' | b']');
    let only_closes = !rest.is_empty() && rest.bytes().all(is_bracket);
    let continues = || {
        rest.strip_prefix([',', '}', ']'])
            .is_some_and(|after| after.contains("\":"))
    };
    let count = |brace: u8| memchr::memchr_iter(brace, rest.as_bytes()).count();
    only_closes || continues() && count(b'}') > count(b'{') && inside::is_inside(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: &str = r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Request","auditID":"a1","stage":"ResponseComplete","requestURI":"/api/v1/pods?a=\"b\"","verb":"list","user":{"username":"ann"},"requestObject":{"a":"é\u00e9\n"#;

    #[test]
    fn a_cut_event_has_the_fields_before_the_cut() {
        // Offset of the cut, then the verb and user that are known.
        for (at, verb, user) in [
            (60, None, None),
            (START.find(",\"verb\"").unwrap(), None, None),
            (START.find(",\"user\"").unwrap() + 1, Some("list"), None),
            (
                START.find(",\"requestObject\"").unwrap() + 1,
                Some("list"),
                Some("ann"),
            ),
            (START.find("u00e9").unwrap() + 3, Some("list"), Some("ann")),
            (START.len() - 1, Some("list"), Some("ann")),
        ] {
            let text = &START[..at];
            let cut = event(text, 0, "log").unwrap_or_else(|| panic!("{text}"));
            assert_eq!(
                (cut.verb.as_deref(), cut.user.as_deref()),
                (verb, user),
                "{text}"
            );
            assert_eq!(cut.bytes, at as u64);
            // The same inside a string that is cut, too.
            let outer = format!(
                "{{\"a\":1,\"log\":\"{}",
                text.replace('\\', "\\\\").replace('"', "\\\"")
            );
            let inner = event(&outer, 0, "").unwrap_or_else(|| panic!("{outer}"));
            assert_eq!((inner.verb, inner.user), (cut.verb, cut.user));
        }
        let cut = event(START, 0, "").unwrap();
        assert_eq!(cut.request_uri.as_deref(), Some("/api/v1/pods?a=\"b\""));
        assert_eq!(cut.audit_id.as_deref(), Some("a1"));
    }

    #[test]
    fn the_program_that_cut_is_known_from_the_marker_or_the_record() {
        let of = |text: &str, wrappers, field| event(text, wrappers, field).unwrap().by;
        assert_eq!(
            of(START, Wrapper::Azure.bit(), "properties.log"),
            CutBy::Azure
        );
        assert_eq!(
            of(START, Wrapper::CloudWatch.bit(), "message"),
            CutBy::CloudWatch
        );
        assert_eq!(
            of(START, Wrapper::Record.bit(), "result._raw"),
            CutBy::Splunk
        );
        assert_eq!(of(START, Wrapper::Record.bit(), "log"), CutBy::Other);
        let marked = format!("{START}[Truncated...]");
        assert_eq!(of(&marked, Wrapper::Record.bit(), "log"), CutBy::CloudWatch);
    }

    #[test]
    fn other_texts_are_not_cut_events() {
        let whole = r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","auditID":"a"}"#;
        for text in [
            "",
            "{",
            "{\"a\":1",
            "I0101 12:00:00.000000 1 a.go:1] x",
            whole,
            "[1",
        ] {
            assert_eq!(event(text, 0, ""), None, "{text}");
        }
    }

    #[test]
    fn the_rest_of_an_event_may_begin_with_a_whole_value() {
        for (text, is) in [
            (r#"[{"name":"c"}]}},{"metadata":{"name":"b"}}]}}"#, true),
            (r#"["192.0.2.1"],"objectRef":{"resource":"pods"}}"#, true),
            (r#"{"metadata":{},"code":200},"annotations":{}}"#, true),
            (r#""get","user":{"username":"ann"}}"#, true),
            (r#"{"a":1}}"#, true),
            // Damage that is not a cut.
            (r#"{"a":1},{"b":2}"#, false),
            (r#"{"a":1} text "b":2}"#, false),
            (r#"["a","b"]"#, false),
        ] {
            assert_eq!(is_rest_after_value(text), is, "{text}");
        }
    }

    #[test]
    fn the_rest_of_an_event_begins_inside_of_json() {
        for (text, is) in [
            (r#"es":["a"]},{"b":"c"}]}}"#, true),
            (r#"":1}"#, true),
            (r#"I0101 12:00:00.000000 1 a.go:1] "x" obj={"a":1}"#, false),
            (r#"{"a":1}}"#, false),
            ("oops }", false),
            (r#"0"]},{"names":["r/1"]},{"names":["r/"#, true),
            (r#"ry/1","size":12,"layers":[1,tr"#, true),
            (r#"},{"a":nul"#, true),
            (r#"level=info msg="granted" arn="x":1"#, false),
        ] {
            assert_eq!(is_rest(text), is, "{text}");
        }
    }
}
