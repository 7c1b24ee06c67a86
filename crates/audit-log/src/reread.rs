//! Reading one event again from its location.

use std::borrow::Cow;

use crate::csv;
use crate::event::{Event, MissingFields};
use crate::extract::legacy::MARK as LEGACY_MARK;
use crate::extract::source_map::SourceMap;
use crate::extract::state::{Extracted, Extractor, MAX_NESTING};
use crate::extract::table::Table;
use crate::json;
use crate::layout::Layout;
use crate::location::Location;
use crate::owned_event::OwnedEvent;
use crate::placeholder;
use crate::reader::{LogItem, LogReader};

/// Reads the event again whose location contains this text, regardless of its wrapper. `None` if the text contains no such event.
///
/// Events in one line that was joined from parts share a location: `before` is the number of events before the wanted one.
///
/// ```
/// use audit_log::reread;
///
/// let location = r#"{\"auditID\":\"a\",\"stage\":\"Panic\"}\n"#;
/// assert_eq!(reread(location, 0).unwrap().event().id().unwrap(), "a");
/// ```
pub fn reread(text: &str, before: usize) -> Option<OwnedEvent> {
    // In a string, a quote without a backslash would be its end, but a damaged one may contain it.
    if has_end_of_string(text)
        && is_escaped(text)
        && let Some(found) = split_line(text, before)
    {
        return Some(found);
    }
    let decoded = decoded(text);
    let decoded = decoded.trim_ascii();
    let value = json::value(decoded);
    let found = if value.is_ok() {
        let mut search = Search::new(decoded, before);
        let mut extractor = Extractor::default();
        let source = SourceMap::file(0, 1, decoded.as_bytes());
        let mut out = |extracted: Extracted<'_>| {
            if let Extracted::Event(location, event) = extracted {
                search.note(location, event);
            }
        };
        extractor.frame(decoded, &source, &mut out);
        extractor.finish(&mut out);
        search.found
    } else {
        split_line(decoded, before).or_else(|| rows_of_document(None, decoded, before))
    };
    // Items of a list need no `kind`.
    found.or_else(|| {
        let item = value
            .ok()
            .filter(|item| item.starts_with('{') && before == 0)?;
        Some(OwnedEvent {
            text: item.to_owned(),
            path: None,
            missing: MissingFields::default(),
            has_placeholders: false,
        })
    })
}

/// Reads the event again whose text consists of the parts of a line that was split.
fn split_line(text: &str, before: usize) -> Option<OwnedEvent> {
    // NUL bytes in front are not a line of their own here.
    let text = text
        .trim_ascii_end()
        .trim_start_matches(|c: char| c == '\0' || c.is_ascii_whitespace());
    [Layout::Lines, Layout::Values]
        .into_iter()
        .find_map(|layout| {
            let mut search = Search::new(text, before);
            let mut take = |item: LogItem<'_>| {
                if let LogItem::Event(location, event) = item {
                    search.note(location, event);
                }
            };
            read_all(LogReader::with_layout(layout), text.as_bytes(), &mut take);
            search.found
        })
}

/// Reads an event again like [`reread`], from bytes that need not be valid UTF-8.
pub fn reread_bytes(bytes: &[u8], before: usize) -> Option<OwnedEvent> {
    let text = placeholder::decode(bytes);
    Some(with_placeholders(reread(&text, before)?, bytes))
}

/// Notes whether the text of an event has placeholders for bytes of its location.
fn with_placeholders(mut found: OwnedEvent, bytes: &[u8]) -> OwnedEvent {
    if std::str::from_utf8(bytes).is_err() && placeholder::find(&found.text).is_some() {
        match placeholder::restored(&found.text) {
            Some(text) => found.text = text,
            None => found.has_placeholders = true,
        }
    }
    found
}

/// Reads an event of a CSV file or of Log Analytics again like [`reread_bytes`]. An event that consists of columns needs the file's header, which is
/// [`LogSummary::csv_header`](crate::LogSummary::csv_header).
pub fn reread_with_header(
    csv_header: Option<&str>,
    bytes: &[u8],
    before: usize,
) -> Option<OwnedEvent> {
    let row = csv_header.and_then(|header| {
        let text = placeholder::decode(bytes);
        // An event in a column begins with its brace.
        if text.starts_with('{') {
            return None;
        }
        let table = if header.starts_with('[') {
            Table::of_columns(header)
        } else {
            Table::new(header, csv::separator(header)?)
        };
        let (rebuilt, _) = table?.rebuild(&text)?;
        let rebuilt = OwnedEvent {
            text: rebuilt.text,
            path: None,
            missing: rebuilt.missing,
            has_placeholders: false,
        };
        Some(with_placeholders(rebuilt, bytes))
    });
    row.or_else(|| reread_bytes(bytes, before))
        .or_else(|| reread_rows(csv_header?, bytes, before))
}

/// Reads the event again that is in several rows of a document: of CloudWatch Logs Insights, of Loki, or of Log Analytics, whose columns name
/// the sender of a row. The text has the rows without the list around them.
fn rows_of_document(columns: Option<&str>, text: &str, before: usize) -> Option<OwnedEvent> {
    if !text.starts_with('[') {
        return None;
    }
    let (head, tail) = match columns {
        Some(columns) => (
            format!(r#"{{"tables":[{{"columns":{columns},"rows":["#),
            "]}]}",
        ),
        None => (r#"{"results":["#.to_owned(), "]}"),
    };
    let mut search = Search::new(text, before);
    search.offset = head.len() as u64;
    let mut take = |item: LogItem<'_>| {
        if let LogItem::Event(location, event) = item {
            search.note(location, event);
        }
    };
    let mut reader = LogReader::new();
    for part in [&head, text, tail] {
        reader.push(part.as_bytes(), &mut take);
    }
    reader.finish(&mut take);
    search.found
}

/// Reads the event again that is in several rows of a CSV file, or of a table of Log Analytics.
fn reread_rows(csv_header: &str, bytes: &[u8], before: usize) -> Option<OwnedEvent> {
    if csv_header.starts_with('[') {
        return rows_of_document(Some(csv_header), str::from_utf8(bytes).ok()?, before);
    }
    let separator = csv::separator(csv_header)?;
    let mut search = Search::new(str::from_utf8(bytes).ok()?, before);
    let mut take = |item: LogItem<'_>| {
        if let LogItem::Event(location, event) = item {
            search.note(location, event);
        }
    };
    let reader = LogReader::with_table(Table::new(csv_header, separator)?, separator);
    read_all(reader, bytes, &mut take);
    search.found
}

fn read_all(mut reader: LogReader, bytes: &[u8], sink: &mut dyn FnMut(LogItem<'_>)) {
    let mut take = |item: LogItem<'_>| sink(item);
    reader.push(bytes, &mut take);
    reader.finish(&mut take);
}

/// Search for the event whose location is the whole text.
struct Search {
    /// Offset of the text in what is read.
    offset: u64,
    length: u64,
    /// Number of such events to skip.
    before: usize,
    found: Option<OwnedEvent>,
}

impl Search {
    const fn new(text: &str, before: usize) -> Self {
        Self {
            offset: 0,
            length: text.len() as u64,
            before,
            found: None,
        }
    }

    fn note(&mut self, location: Location, event: &Event<'_>) {
        // An event in a part of the text is a different one.
        if self.found.is_some() || (location.offset, location.length) != (self.offset, self.length)
        {
            return;
        }
        match self.before.checked_sub(1) {
            Some(fewer) => self.before = fewer,
            None => {
                self.found = Some(OwnedEvent::from(event));
            }
        }
    }
}

/// Removes the escapes of the strings that contain the text.
fn decoded(text: &str) -> Cow<'_, str> {
    let mut decoded = Cow::Borrowed(text);
    if is_doubled(text) {
        decoded = Cow::Owned(csv::undoubled(text));
    }
    for _ in 0..MAX_NESTING {
        if !is_escaped(&decoded) {
            break;
        }
        let Some(next) = json::unescaped(&decoded).map(Cow::into_owned) else {
            break;
        };
        decoded = Cow::Owned(next);
    }
    decoded
}

/// Returns `true` if the text is inside a string: a backslash is its first character, or the first after its brace, or before the first
/// quote of a line in the legacy text format.
fn is_escaped(text: &str) -> bool {
    let text = text.trim_start();
    if !text.starts_with('{') && text.contains(LEGACY_MARK) {
        // The first value determines the notation.
        let first = |quote: &str| text.find(quote).unwrap_or(text.len());
        return first("=\\\"") < first("=\"");
    }
    let inside = text.strip_prefix('{').unwrap_or(text);
    inside.trim_start().starts_with('\\')
}

/// Returns `true` if a text contains a quote that is not escaped.
fn has_end_of_string(text: &str) -> bool {
    let bytes = text.as_bytes();
    memchr::memchr_iter(b'"', bytes).any(|quote| {
        let before = bytes.get(..quote).unwrap_or_default();
        let backslashes = before.iter().rev().take_while(|byte| **byte == b'\\');
        backslashes.count() % 2 == 0
    })
}

/// Returns `true` if the text is an object, or a string in one, in a CSV field: it is only valid without the doubled quotes.
fn is_doubled(text: &str) -> bool {
    let start = text.trim_start();
    if !start.starts_with(['{', '\\']) || !text.contains("\"\"") || json::value(text).is_ok() {
        return false;
    }
    // Two quotes in a field whose quotes have a backslash are an empty string.
    if csv::has_backslashes(start.as_bytes()) {
        return false;
    }
    let single = csv::undoubled(text);
    json::value(&single).is_ok() || is_escaped(&single)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_read_again_from_any_wrapper() {
        let event = r#"{"auditID":"a","stage":"Panic"}"#;
        let (half, rest) = event.split_at(12);
        let escape = |text: &str| text.replace('\\', r"\\").replace('"', "\\\"");
        let twice = escape(&escape(event));
        let cri = format!(
            "2024-01-02T03:04:05Z stdout P {half}\n2024-01-02T03:04:05Z stderr F x\n2024-01-02T03:04:05Z stdout F {rest}"
        );
        for text in [
            event,
            &escape(event),
            &twice,
            &format!("{{\\n  {}", &escape(event)[1..]),
            &format!("\\u007b{}", &escape(event)[1..]),
            &cri,
            &event.replace('"', "\"\""),
            &escape(event).replace('"', "\"\""),
        ] {
            let reread = reread(text, 0).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(reread.event().id().as_deref(), Some("a"), "{text}");
            assert_eq!(reread.event().stage, Some("\"Panic\""));
        }
        // A line that starts with a backslash is not inside a string: the escapes are those of the event.
        for start in ["\\u0000", "\\u0041", "\\\\"] {
            let parts = format!(
                "{start} api[1]: {{\"auditID\":\"\\u0061\",\napi[1]: \"stage\":\"Panic\"}}"
            );
            let found = reread(&parts, 0).unwrap_or_else(|| panic!("{parts}"));
            assert_eq!(
                found.raw(),
                r#"{"auditID":"\u0061","stage":"Panic"}"#,
                "{parts}"
            );
        }
        // A prefix inside another one may start with anything.
        for start in ["\0 ", "\0", " \0\0 ", "__CURSOR= "] {
            let parts =
                format!("{start}api[1]: {{\"auditID\":\"a\",\napi[1]: \"stage\":\"Panic\"}}");
            let found = reread(&parts, 0).unwrap_or_else(|| panic!("{parts:?}"));
            assert_eq!(found.raw(), event, "{parts:?}");
        }
        assert_eq!(reread("nonsense", 0), None);
        assert_eq!(
            reread(r#"{"level":"None"}"#, 0).unwrap().event().level,
            Some("\"None\"")
        );
    }

    #[test]
    fn an_empty_string_in_a_field_with_backslashes_stays_one() {
        let found = reread(r#"{\"auditID":"\","stage":""}"#, 0).unwrap();
        assert_eq!(found.event().raw, r#"{"auditID":"","stage":""}"#);
    }
}
