//! CSV files: detection of the header, and splitting into rows and fields.
//!
//! Fields are separated by commas, semicolons, tabs or bars. In a quoted field, a quote is doubled (RFC 4180), or has a backslash before it if
//! the field starts like JSON that was escaped so. After damage, the next line starts a row.

use memchr::{memchr, memchr2};

use crate::extract::flat::Columns;

/// Maximum length of a header.
pub(crate) const MAX_HEADER_BYTES: usize = 64 << 10;

/// Maximum length of a column's name.
const MAX_NAME_BYTES: usize = 128;

/// Maximum number of fields of a row.
const MAX_FIELDS: usize = 4096;

/// Start of a line before the header that tells Excel the separator.
pub(crate) const SEPARATOR_LINE: &[u8] = b"sep=";

const SEPARATORS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// Names of columns that contain an event in the exports of Splunk, Kibana, CloudWatch, Log Analytics, Loki and others.
const EVENT_COLUMNS: [&str; 33] = [
    "_raw",
    "raw",
    "rawdata",
    "rawevent",
    "raw_event",
    "@message",
    "message",
    "msg",
    "log",
    "log_s",
    "logentry",
    "_source",
    "properties",
    "properties_s",
    "event",
    "event.original",
    "audit",
    "auditevent",
    "audit_event",
    "body",
    "line",
    "text",
    "payload",
    "jsonpayload",
    "textpayload",
    "log.original",
    "log_line",
    "logline",
    "log_message",
    "full_message",
    "content",
    "data",
    "record",
];

/// A field of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Field<'a> {
    /// Content without the quotes around it.
    pub(crate) raw: &'a str,
    /// Offset of the content in the row.
    pub(crate) start: usize,
    pub(crate) quoting: Quoting,
}

/// Notation of quotes in a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quoting {
    /// The field is not quoted.
    None,
    /// Quotes are doubled.
    Doubled,
    /// Quotes have a backslash before them.
    Backslash,
}

/// Returns the separator of a line that is the header of a table with events. `None` if it is not.
pub(crate) fn separator(line: &str) -> Option<u8> {
    // Of equally many columns, the first separator counts.
    SEPARATORS
        .into_iter()
        .rev()
        .filter_map(|separator| {
            let names = names(line, separator)?;
            let is_event =
                |name: &String| EVENT_COLUMNS.contains(&name.to_ascii_lowercase().as_str());
            let has_event = names.iter().any(is_event);
            // `"event",` is an item of a pretty-printed list.
            if matches!(names.as_slice(), [_, last] if last.is_empty()) {
                return None;
            }
            let is_known = has_event || names.len() > 1 && Columns::find(&names).is_some();
            is_known.then_some((separator, names.len()))
        })
        .max_by_key(|(_, count)| *count)
        .map(|(separator, _)| separator)
}

/// Returns `true` for the name of a column that usually contains events.
pub(crate) fn contains_event(name: &str) -> bool {
    EVENT_COLUMNS.contains(&name.to_ascii_lowercase().as_str())
}

/// Returns `true` for a line that contains only the separator of the lines after it.
pub(crate) fn is_separator_line(line: &[u8]) -> bool {
    let separator = line.trim_ascii_end().strip_prefix(SEPARATOR_LINE);
    matches!(separator, Some([separator]) if SEPARATORS.contains(separator))
}

/// Returns the names of columns in a line that may be the header of any table. `None` if it is not one.
pub(crate) fn any_header(line: &str) -> Option<Vec<String>> {
    // A sentence is not a header.
    if line.contains(", ") {
        return None;
    }
    SEPARATORS
        .into_iter()
        .filter_map(|separator| names(line, separator))
        .filter(|names| names.len() > 1)
        .filter(|names| {
            names
                .iter()
                .all(|name| !name.is_empty() && !name.contains(' '))
        })
        .max_by_key(Vec::len)
}

/// Returns the names of columns in a header. `None` if a field is not a name.
pub(crate) fn names(line: &str, separator: u8) -> Option<Vec<String>> {
    if line.is_empty() || line.len() > MAX_HEADER_BYTES {
        return None;
    }
    let names: Vec<String> = fields(line, separator)
        .into_iter()
        .map(|field| field.raw.trim().to_owned())
        .collect();
    names.iter().all(|name| is_name(name)).then_some(names)
}

/// Returns `true` if a text can be the name of a column. That of an index column is empty.
fn is_name(name: &str) -> bool {
    let is_inside = |character: char| {
        character.is_alphanumeric()
            || matches!(
                character,
                '_' | '@' | '.' | '-' | '/' | ' ' | '[' | ']' | '(' | ')' | '{' | '}' | '$' | '#'
            )
    };
    let starts = |first: char| first.is_alphabetic() || matches!(first, '_' | '@' | '$' | '#');
    name.len() <= MAX_NAME_BYTES
        && name.chars().next().is_none_or(starts)
        && name.chars().all(is_inside)
        // A JSON text or a path is not a name.
        && !name.contains("{ ")
}

/// Splits a row into its fields. Fields beyond the limit are part of the last one.
pub(crate) fn fields(row: &str, separator: u8) -> Vec<Field<'_>> {
    let bytes = row.as_bytes();
    let mut fields = Vec::new();
    let mut at = 0;
    loop {
        let (quoting, end) = field_end(bytes, at, separator);
        let is_last = fields.len() + 1 == MAX_FIELDS;
        let end = if is_last { row.len() } else { end };
        let inside = if quoting == Quoting::None {
            (at, end)
        } else {
            // The closing quote may be missing in a damaged row.
            let close = if end > at + 1 && bytes.get(end - 1) == Some(&b'"') {
                end - 1
            } else {
                end
            };
            (at + 1, close.max(at + 1))
        };
        fields.push(Field {
            raw: row.get(inside.0..inside.1).unwrap_or_default(),
            start: inside.0,
            quoting,
        });
        if end >= row.len() || is_last {
            return fields;
        }
        at = end + 1;
    }
}

/// Returns the notation of the field that starts at `at`, and its end.
fn field_end(bytes: &[u8], at: usize, separator: u8) -> (Quoting, usize) {
    let rest = bytes.get(at..).unwrap_or_default();
    if rest.first() != Some(&b'"') {
        let end = memchr(separator, rest).unwrap_or(rest.len());
        return (Quoting::None, at + end);
    }
    let quoting = quoting(rest);
    let mut next = at + 1;
    loop {
        match quote_end(bytes, next, quoting) {
            QuoteEnd::Open => return (quoting, bytes.len()),
            QuoteEnd::At(close) => match bytes.get(close + 1) {
                None => return (quoting, bytes.len()),
                Some(byte) if *byte == separator => return (quoting, close + 1),
                // Text after a closing quote is part of the field.
                Some(_) => next = close + 1,
            },
        }
    }
}

/// Detects the notation of quotes in a quoted field by its first bytes.
fn quoting(field: &[u8]) -> Quoting {
    if has_backslashes(field.get(1..).unwrap_or_default()) {
        Quoting::Backslash
    } else {
        Quoting::Doubled
    }
}

/// Returns `true` if the content of a quoted field is JSON whose quotes have a backslash and are not doubled.
pub(crate) fn has_backslashes(content: &[u8]) -> bool {
    let start = content.get(..63).unwrap_or(content);
    let is_space = |byte: &u8| byte.is_ascii_whitespace();
    let mut rest = start.iter().skip_while(|byte| is_space(byte));
    let is_json = matches!(rest.next(), Some(b'{' | b'['));
    let mut rest = rest.skip_while(|byte| is_space(byte));
    let is_escaped = rest.next() == Some(&b'\\') && rest.next() == Some(&b'"');
    is_json && is_escaped && rest.next() != Some(&b'"')
}

/// End of a quoted content.
enum QuoteEnd {
    /// The closing quote.
    At(usize),
    /// The bytes end before it.
    Open,
}

/// Finds the closing quote from an offset inside the content on.
fn quote_end(bytes: &[u8], from: usize, quoting: Quoting) -> QuoteEnd {
    let mut at = from;
    loop {
        let rest = bytes.get(at..).unwrap_or_default();
        if quoting == Quoting::Backslash {
            let Some(step) = memchr2(b'"', b'\\', rest) else {
                return QuoteEnd::Open;
            };
            if rest.get(step) == Some(&b'"') {
                return QuoteEnd::At(at + step);
            }
            at += step + 2;
        } else {
            let Some(step) = memchr(b'"', rest) else {
                return QuoteEnd::Open;
            };
            if rest.get(step + 1) != Some(&b'"') {
                return QuoteEnd::At(at + step);
            }
            at += step + 2;
        }
    }
}

/// Returns the content of a quoted field with doubled quotes as text.
pub(crate) fn undoubled(raw: &str) -> String {
    raw.replace("\"\"", "\"")
}

/// Returns the offset in the content of a field that corresponds to an offset in its text, counting from a known pair of both.
pub(crate) fn doubled_offset(raw: &str, known: (usize, usize), target: usize) -> (usize, usize) {
    let (mut text, mut written) = known;
    while text < target {
        let rest = raw.get(written..).unwrap_or_default();
        let plain = rest.find("\"\"").unwrap_or(rest.len());
        let step = plain.min(target - text);
        (text, written) = (text + step, written + step);
        if text >= target || step < plain || plain == rest.len() {
            break;
        }
        (text, written) = (text + 1, written + 2);
    }
    (text, written)
}

/// Next row of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RowStep {
    /// A row that ends at this offset, with its line end.
    Row(usize),
    /// Text that is not a row up to this offset.
    Damage(usize),
}

impl RowStep {
    /// Offset after the row or the damage.
    pub(crate) const fn end(self) -> usize {
        match self {
            Self::Row(end) | Self::Damage(end) => end,
        }
    }
}

/// Finds the ends of rows in bytes that arrive in chunks.
#[derive(Debug, Default)]
pub(crate) struct RowSplitter {
    /// Next byte to examine.
    at: usize,
    /// Notation of the quoted field in progress.
    quoted: Option<Quoting>,
    /// Start of the line in progress.
    line: usize,
    /// The next byte does not start a field.
    is_inside: bool,
    /// The rest of the line is damaged.
    is_damaged: bool,
}

impl RowSplitter {
    /// Restarts at the start of a row.
    pub(crate) const fn restart(&mut self, at: usize) {
        self.at = at;
        self.line = at;
        self.quoted = None;
        self.is_inside = false;
        self.is_damaged = false;
    }

    /// Adjusts offsets after `bytes` bytes were removed from the front.
    pub(crate) const fn discard(&mut self, bytes: usize) {
        self.at = self.at.saturating_sub(bytes);
        self.line = self.line.saturating_sub(bytes);
    }

    /// Returns the end of the row that starts at `start`. `None` if more bytes are needed.
    pub(crate) fn next(
        &mut self,
        bytes: &[u8],
        (start, separator): (usize, u8),
        at_end: bool,
    ) -> Option<RowStep> {
        /// Bytes that determine the notation of a quoted field.
        const HEAD_BYTES: usize = 64;
        loop {
            let rest = bytes.get(self.at..).unwrap_or_default();
            let Some(first) = rest.first() else {
                return self.end(bytes, start, at_end);
            };
            match self.quoted {
                _ if self.is_damaged => match memchr(b'\n', rest) {
                    None => self.at = bytes.len(),
                    Some(step) => {
                        let to = self.at + step + 1;
                        self.restart(to);
                        return Some(RowStep::Damage(to));
                    }
                },
                Some(quoting) => {
                    if let Some(step) = self.quoted_step(bytes, start, quoting, separator, at_end) {
                        return step;
                    }
                }
                None if !self.is_inside && *first == b'"' => {
                    if rest.len() < HEAD_BYTES && !at_end {
                        return None;
                    }
                    self.quoted = Some(quoting(rest));
                    self.at += 1;
                }
                None => match memchr2(separator, b'\n', rest) {
                    None => {
                        self.at = bytes.len();
                        self.is_inside = true;
                    }
                    Some(step) => {
                        self.at += step + 1;
                        self.is_inside = false;
                        if rest.get(step) == Some(&b'\n') {
                            return Some(self.row());
                        }
                    }
                },
            }
        }
    }

    fn row(&mut self) -> RowStep {
        let end = self.at;
        self.restart(end);
        RowStep::Row(end)
    }

    fn end(&mut self, bytes: &[u8], start: usize, at_end: bool) -> Option<RowStep> {
        if !at_end || start >= bytes.len() {
            return None;
        }
        let is_open = self.quoted.is_some() || self.is_damaged;
        self.restart(bytes.len());
        Some(if is_open {
            RowStep::Damage(bytes.len())
        } else {
            RowStep::Row(bytes.len())
        })
    }

    /// Advances in a quoted field. Returns `Some` if there is a result, and its `None` if more bytes are needed.
    fn quoted_step(
        &mut self,
        bytes: &[u8],
        start: usize,
        quoting: Quoting,
        separator: u8,
        at_end: bool,
    ) -> Option<Option<RowStep>> {
        let rest = bytes.get(self.at..).unwrap_or_default();
        let stop = memchr::memchr3(b'"', b'\n', b'\\', rest);
        let Some(step) = stop else {
            self.at = bytes.len();
            return None;
        };
        let at = self.at + step;
        match rest.get(step) {
            Some(b'\n') => {
                self.at = at + 1;
                self.line = self.at;
                None
            }
            Some(b'\\') => {
                if quoting == Quoting::Backslash && bytes.get(at + 1).is_none() && !at_end {
                    self.at = at;
                    return Some(None);
                }
                self.at = at + if quoting == Quoting::Backslash { 2 } else { 1 };
                None
            }
            _ => self.after_quote(bytes, (start, at), quoting, separator, at_end),
        }
    }

    /// Continues after a quote at `at` in a quoted field. Returns the same as [`Self::quoted_step`].
    fn after_quote(
        &mut self,
        bytes: &[u8],
        (start, at): (usize, usize),
        quoting: Quoting,
        separator: u8,
        at_end: bool,
    ) -> Option<Option<RowStep>> {
        match bytes.get(at + 1) {
            None if !at_end => {
                self.at = at;
                return Some(None);
            }
            Some(b'"') if quoting == Quoting::Doubled => {
                self.at = at + 2;
                return None;
            }
            None | Some(b'\n' | b'\r') => {
                self.quoted = None;
                self.is_inside = true;
                self.at = at + 1;
                return None;
            }
            Some(byte) if *byte == separator => {
                self.quoted = None;
                self.is_inside = false;
                self.at = at + 2;
                return None;
            }
            Some(_) => {}
        }
        // The row is damaged. The line of the error is the next row, unless it is the first line of this one.
        if self.line > start {
            let to = self.line;
            self.restart(to);
            return Some(Some(RowStep::Damage(to)));
        }
        self.is_damaged = true;
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_detected() {
        for (line, expected) in [
            ("@timestamp,@message", Some(b',')),
            ("\"_time\",\"host\",\"_raw\"", Some(b',')),
            ("_time;host;_raw", Some(b';')),
            ("time\tlog_s", Some(b'\t')),
            ("_raw", Some(b',')),
            ("timestamp,textPayload", Some(b',')),
            ("@timestamp;log.original", Some(b';')),
            (
                "\"TimeGenerated [UTC]\",AuditId,Verb,RequestUri",
                Some(b','),
            ),
            (
                "@timestamp,kubernetes.audit.verb,kubernetes.audit.user.username",
                Some(b','),
            ),
            ("user.groups{},auditID,requestURI", Some(b',')),
            ("time,user", None),
            ("hello, world", None),
            ("I0101 12:00:00.000000 1 a.go:1] message, log", None),
            ("kind: Event", None),
            ("verb", None),
            ("2024-01-02T03:04:05Z stdout F x", None),
            ("me\":\"x\",\"log\":1}", None),
        ] {
            assert_eq!(separator(line), expected, "{line}");
        }
        assert_eq!(any_header("time,user").unwrap(), ["time", "user"]);
        assert_eq!(any_header("hello, world"), None);
    }

    fn rows(text: &str, piece: usize) -> Vec<(bool, String)> {
        let mut rows = Vec::new();
        let mut splitter = RowSplitter::default();
        let bytes = text.as_bytes();
        let mut start = 0;
        let mut length = 0;
        while length < bytes.len() {
            length = (length + piece).min(bytes.len());
            let seen = &bytes[..length];
            while let Some(step) = splitter.next(seen, (start, b','), length == bytes.len()) {
                let (is_row, to) = match step {
                    RowStep::Row(to) => (true, to),
                    RowStep::Damage(to) => (false, to),
                };
                rows.push((is_row, text[start..to].to_owned()));
                start = to;
            }
        }
        rows
    }

    #[test]
    fn rows_end_outside_quotes() {
        let cases: [(&str, &[(bool, &str)]); 8] = [
            ("a,b\nc,d\n", &[(true, "a,b\n"), (true, "c,d\n")]),
            ("\"a\nb\",c\r\nd", &[(true, "\"a\nb\",c\r\n"), (true, "d")]),
            ("\"a\"\"\nb\"\nc", &[(true, "\"a\"\"\nb\"\n"), (true, "c")]),
            ("a\"b,\"c\"\nd", &[(true, "a\"b,\"c\"\n"), (true, "d")]),
            (
                "\"{\\\"a\\\",\\\"b\\\"}\",c\nd",
                &[(true, "\"{\\\"a\\\",\\\"b\\\"}\",c\n"), (true, "d")],
            ),
            // A closing quote is missing: the next line is a row.
            (
                "x,\"a\n\"y\",\"b\"\nz",
                &[(false, "x,\"a\n"), (true, "\"y\",\"b\"\n"), (true, "z")],
            ),
            (
                "x,\"a\"b\"\nz,\"c\"\n",
                &[(false, "x,\"a\"b\"\n"), (true, "z,\"c\"\n")],
            ),
            ("x,\"a\nb", &[(false, "x,\"a\nb")]),
        ];
        for (text, expected) in cases {
            let expected: Vec<_> = expected
                .iter()
                .map(|(is_row, row)| (*is_row, (*row).to_owned()))
                .collect();
            for piece in [1, 3, text.len()] {
                assert_eq!(rows(text, piece), expected, "{text} in pieces of {piece}");
            }
        }
    }

    #[test]
    fn fields_have_their_content_and_offset() {
        let row = "a,\"b \"\"c\"\", d\",,\"{\\\"x\\\":1,\\\"y\\\":2}\",e";
        let found = fields(row, b',');
        let texts: Vec<_> = found.iter().map(|field| field.raw).collect();
        assert_eq!(
            texts,
            ["a", "b \"\"c\"\", d", "", "{\\\"x\\\":1,\\\"y\\\":2}", "e"]
        );
        for field in &found {
            assert!(row[field.start..].starts_with(field.raw));
        }
        assert_eq!(found[1].quoting, Quoting::Doubled);
        assert_eq!(found[3].quoting, Quoting::Backslash);
        let raw = found[1].raw;
        assert_eq!(undoubled(raw), "b \"c\", d");
        for (text, written) in [(0, 0), (2, 2), (3, 4), (4, 5), (5, 7), (8, 10)] {
            assert_eq!(doubled_offset(raw, (0, 0), text), (text, written));
        }
    }
}
