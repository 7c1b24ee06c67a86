//! A log read at once and in chunks: the same items at their locations, and no lost line between them.

#![no_main]

use std::borrow::Cow;

use audit_log::reread_with_header;
use audit_log::{
    Attributes, Event, Location, LogFormat, LogItem, LogReader, LogSummary, MissingFields, Problem,
    json, placeholder,
};
use audit_sim::SizeBreakdown;
use libfuzzer_sys::fuzz_target;
use serde::de::IgnoredAny;

/// An owned item.
#[derive(Debug, PartialEq)]
enum Kept {
    Event(Location, Box<EventContent>),
    Problem(Problem),
}

/// Content of an event.
#[derive(Debug, PartialEq)]
struct EventContent {
    raw: String,
    attributes: Attributes,
    missing: MissingFields,
}

impl EventContent {
    fn of(event: &Event<'_>) -> Self {
        Self {
            raw: event.raw.to_owned(),
            attributes: Attributes::from_event(event),
            missing: event.missing,
        }
    }
}

impl Kept {
    fn place(&self) -> Location {
        match self {
            Self::Event(place, _) => *place,
            Self::Problem(problem) => problem.location,
        }
    }
}

fuzz_target!(|bytes: &[u8]| {
    let read_whole = read(&[bytes]);
    // One chunk size per run keeps runs short. The next input has another.
    let longest = [1, 7, 64][bytes.len() % 3];
    let in_pieces = read(&pieces(bytes, longest));
    assert_eq!(in_pieces, read_whole, "in pieces of up to {longest} bytes");
    let (items, summary) = read_whole;
    let events = items
        .iter()
        .filter(|item| matches!(item, Kept::Event(..)))
        .count() as u64;
    assert_eq!(summary.events, events);
    assert_eq!(summary.problems, items.len() as u64 - events);
    assert_eq!(summary.rejection.is_some(), events == 0);
    check_places(bytes, &items, &summary);
});

fn read(pieces: &[&[u8]]) -> (Vec<Kept>, LogSummary) {
    let mut items = Vec::new();
    let mut keep = |item: LogItem<'_>| {
        items.push(match item {
            LogItem::Event(place, event) => {
                check_fields(event);
                Kept::Event(place, Box::new(EventContent::of(event)))
            }
            LogItem::Problem(problem) => Kept::Problem(problem),
        });
    };
    let mut reader = LogReader::new();
    for piece in pieces {
        reader.push(piece, &mut keep);
    }
    let summary = reader.finish(&mut keep);
    (items, summary)
}

/// Splits bytes into chunks of different lengths, the same ones each time.
fn pieces(bytes: &[u8], longest: usize) -> Vec<&[u8]> {
    let mut random = bytes.len() as u64 | 1;
    let mut pieces = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let length = 1 + (random >> 33) as usize % longest;
        let (piece, after) = rest.split_at(length.min(rest.len()));
        pieces.push(piece);
        rest = after;
    }
    pieces
}

/// The fields and sizes of an event are those that the general parser finds in its text.
fn check_fields(event: &Event<'_>) {
    let slow = Event {
        path: event.path,
        missing: event.missing,
        has_placeholders: event.has_placeholders,
        ..Event::new(event.raw)
    };
    assert_eq!(SizeBreakdown::measure(event), SizeBreakdown::measure(&slow));
    let fields = Event {
        canonical: None,
        ..event.clone()
    };
    assert_eq!(format!("{fields:?}"), format!("{slow:?}"));
}

/// Items have the text and line of their location, and events can be read again from there. Without wrappers, events are the text of their
/// location, possibly as a string in a list, in order and without overlap; and without documents, only separators are between items. Of
/// wrapped lines, none is lost.
fn check_places(bytes: &[u8], items: &[Kept], summary: &LogSummary) {
    let is_bare = summary.wrappers.is_empty();
    // The header of a CSV file is not an item.
    let mut is_plain = is_bare && !summary.has_documents && summary.format != LogFormat::Csv;
    // What is before a problem on its line may be a record around it.
    is_plain &= summary.format != LogFormat::JsonLines || summary.problems == 0;
    let mut at = 0;
    let (mut last, mut before) = (None, 0);
    for item in items {
        let place = item.place();
        let text = text_at(bytes, place);
        assert_eq!(place.line, 1 + newlines(&bytes[..extent(place).start]));
        match item {
            Kept::Event(_, event) => {
                before = if last == Some(place) { before + 1 } else { 0 };
                last = Some(place);
                // Invalid bytes are placeholders.
                let said = &*placeholder::decode(text);
                let header = summary.csv_header.as_deref();
                let again = reread_with_header(header, text, before)
                    .expect("an event that can be read again");
                assert_eq!(EventContent::of(&again.event()), **event);
                if is_bare {
                    let is_text = event.raw == said;
                    assert!(is_text || summary.has_documents && says(said, &event.raw));
                    assert!(at <= extent(place).start, "events in order");
                    at = extent(place).end;
                }
            }
            Kept::Problem(problem) => {
                // Strings and cells are reported without their escapes.
                // Placeholders of the file itself look like those of bytes that are not valid UTF-8.
                let start = excerpt(text);
                let is_start = [&*start, &*placeholder::to_display(&start)]
                    .contains(&problem.excerpt.as_str());
                let text = String::from_utf8_lossy(text);
                let cell = text.replace("\"\"", "\"");
                let is_in_string = contents(&text)
                    .chain([cell])
                    .any(|said| said.contains(&problem.excerpt));
                // The parts of a split line are reported together, without what is between them.
                let is_of_parts = text.trim_ascii().contains('\n');
                let is_named = is_start || is_in_string || is_of_parts;
                assert!(
                    is_named || summary.has_documents || problem.excerpt.starts_with('{'),
                    "{:?} is not in {text:?}",
                    problem.excerpt
                );
                is_plain &= is_start;
                assert!(!problem.reason.to_string().is_empty());
            }
        }
    }
    // A file that is rejected by its first bytes is not read.
    if items.is_empty() {
        return;
    }
    let is_damaged = summary.format != LogFormat::JsonLines || summary.problems > 0;
    let bytes = &without_journal_fields(bytes);
    if is_plain {
        check_gaps(bytes, items, is_damaged);
    } else if summary.format == LogFormat::JsonLines && !summary.has_documents {
        check_lines(bytes, items, is_damaged);
    }
}

/// Returns `true` if the content of nested strings is the text.
fn says(escaped: &str, text: &str) -> bool {
    contents(escaped).any(|said| said == text)
}

/// Iterates over what escapes stand for, and the escapes in that.
fn contents(escaped: &str) -> impl Iterator<Item = String> {
    let said = |escaped: &String| json::string(&format!("\"{escaped}\"")).map(Cow::into_owned);
    std::iter::successors(Some(escaped.to_owned()), said)
        .skip(1)
        .take(5)
}

/// The first 120 characters.
fn excerpt(text: &[u8]) -> String {
    let start = text.get(..4 * 120).unwrap_or(text);
    String::from_utf8_lossy(start).chars().take(120).collect()
}

fn extent(place: Location) -> std::ops::Range<usize> {
    let start = usize::try_from(place.offset).unwrap();
    start..start + usize::try_from(place.length).unwrap()
}

fn text_at(bytes: &[u8], place: Location) -> &[u8] {
    bytes.get(extent(place)).expect("a place in the file")
}

/// Replaces the fields of a journal export that contain no event by blanks. They are a wrapper: a field `NAME=value` ends with its line, an
/// event is only in `MESSAGE`, and the length comes first, after the line `NAME`, where a value is not plain text.
fn without_journal_fields(bytes: &[u8]) -> Vec<u8> {
    let mut text = bytes.to_vec();
    let mut is_export = false;
    // A file starts after its byte order mark and blanks: the first line may be a field even if it is indented.
    let mark = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let is_blank = |byte: &&u8| byte.is_ascii_whitespace() || **byte == 0;
    let mut at = bytes.len() - mark.len() + mark.iter().take_while(is_blank).count();
    while at < bytes.len() {
        // NUL bytes before a line are an item.
        let nuls = bytes[at..].iter().take_while(|byte| **byte == 0).count();
        let start = at + nuls;
        let line = bytes[start..].split_inclusive(|byte| *byte == b'\n').next();
        let line = line.unwrap_or_default();
        at = start + line.len();
        is_export |= line.starts_with(b"__CURSOR=");
        let is_of_name = |byte: &&u8| matches!(byte, b'A'..=b'Z' | b'0'..=b'9' | b'_');
        let name = line.iter().take_while(is_of_name).count();
        let is_message = &line[..name] == b"MESSAGE";
        let is_text = line.get(name) == Some(&b'=') && !is_message;
        let is_sized = line.get(name) == Some(&b'\n');
        if !is_export || name == 0 || !is_text && !is_sized {
            continue;
        }
        text[start..at].fill(b' ');
        let length = is_sized.then(|| bytes[at..].first_chunk::<8>()).flatten();
        let end = length
            .and_then(|length| usize::try_from(u64::from_le_bytes(*length)).ok())
            .and_then(|length| (at + 8).checked_add(length))
            .filter(|end| bytes.get(*end) == Some(&b'\n'));
        if let Some(end) = end {
            text[at..if is_message { at + 8 } else { end }].fill(b' ');
            at = end + 1;
        }
    }
    text
}

fn check_gaps(bytes: &[u8], items: &[Kept], is_damaged: bool) {
    let mut at = 0;
    for item in items {
        let extent = extent(item.place());
        let between = bytes.get(at..extent.start).expect("items in order");
        assert!(separates(between, at, is_damaged), "{between:?} is lost");
        at = extent.end;
    }
    let rest = &bytes[at..];
    assert!(separates(rest, at, is_damaged), "{rest:?} is lost");
}

/// Every line that is not blank has an item, or is a line of a record that has one.
fn check_lines(bytes: &[u8], items: &[Kept], is_damaged: bool) {
    let has_item = |from: usize, to: usize| {
        let is_in = |item: &Kept| {
            let extent = extent(item.place());
            extent.start < to && extent.end > from
        };
        items.iter().any(is_in)
    };
    let (mut at, mut record) = (0, 0..0);
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let end = at + line.len();
        if !separates(line, at, is_damaged) && !has_item(at, end) {
            if at >= record.end {
                record = at..value_end(bytes, at).unwrap_or(at);
            }
            let is_reported = at < record.end && has_item(record.start, record.end);
            assert!(is_reported, "{line:?} is lost");
        }
        at = end;
    }
}

/// Returns the end of the JSON value that starts at an offset, if it is valid.
fn value_end(bytes: &[u8], at: usize) -> Option<usize> {
    let mut values = serde_json::Deserializer::from_slice(&bytes[at..]).into_iter::<IgnoredAny>();
    values.next()?.ok()?;
    Some(at + values.byte_offset())
}

/// Returns `true` if the text contains only whitespace and separators. Lines may be items of an array, of which the other lines are
/// missing. After damage, braces may be left.
fn separates(bytes: &[u8], at: usize, is_damaged: bool) -> bool {
    let bytes = match at {
        0 => bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes),
        _ => bytes,
    };
    bytes.iter().all(|byte| match byte {
        b',' | b'[' | b']' | 0x1e => true,
        b'}' => is_damaged,
        byte => byte.is_ascii_whitespace(),
    })
}

fn newlines(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|byte| **byte == b'\n').count() as u64
}
