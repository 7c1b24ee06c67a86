//! Parallel reading of JSON lines: parts of a log can be read independently and in any order.
//!
//! This works as long as each line is one event. A part that contains anything else has to be read in order by
//! [`LogReader`](crate::LogReader).

use memchr::memchr;

use crate::detect::{ValueKind, detect_kind};
use crate::event::Event;
use crate::json;
use crate::location::Location;
use crate::scan;

/// Number of lines and events in a part of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LineCounts {
    /// Lines, including blank ones.
    pub lines: u64,
    /// Events.
    pub events: u64,
}

/// Reads complete lines that start at an offset of their file. Line numbers of locations count from 1 at the start of `bytes`. `None` if
/// some line is not exactly one event; the events emitted before are to be discarded.
///
/// ```
/// use audit_log::lines;
///
/// let two = b"{\"auditID\":\"1\",\"stage\":\"Panic\"}\n\n{\"auditID\":\"2\",\"stage\":\"Panic\"}\n";
/// let mut locations = Vec::new();
/// let counts = lines::read(two, 100, &mut |location, _| locations.push((location.offset, location.line))).unwrap();
/// assert_eq!((counts.lines, counts.events), (3, 2));
/// assert_eq!(locations, [(100, 1), (133, 3)]);
/// assert!(lines::read(b"no JSON\n", 0, &mut |_, _| {}).is_none());
/// ```
pub fn read(
    bytes: &[u8],
    offset: u64,
    sink: &mut impl FnMut(Location, &Event<'_>),
) -> Option<LineCounts> {
    let mut counts = LineCounts::default();
    let mut rest = bytes;
    let mut at = offset;
    while !rest.is_empty() {
        let (plain, bytes) = read_plain(rest, at, counts.lines, sink);
        counts.lines += plain.lines;
        counts.events += plain.events;
        at += bytes as u64;
        rest = rest.get(bytes..).unwrap_or_default();
        let end = memchr(b'\n', rest).map_or(rest.len(), |newline| newline + 1);
        let (line, after) = rest.split_at(end);
        rest = after;
        if line.is_empty() {
            break;
        }
        counts.lines += 1;
        let text = line.trim_ascii();
        if !text.is_empty() {
            let before = line.len() - line.trim_ascii_start().len();
            let location = Location {
                offset: at + before as u64,
                length: text.len() as u64,
                line: counts.lines,
            };
            let text = str::from_utf8(text).ok()?;
            match scan::event(text) {
                Some(event) => sink(location, &event),
                None => sink(location, &other_event(text)?),
            }
            counts.events += 1;
        }
        at += line.len() as u64;
    }
    Some(counts)
}

/// Reads lines from the start of a text as long as they are exactly as the server writes them, and returns the number of bytes read.
pub(crate) fn read_plain(
    bytes: &[u8],
    offset: u64,
    lines_before: u64,
    sink: &mut impl FnMut(Location, &Event<'_>),
) -> (LineCounts, usize) {
    let mut counts = LineCounts::default();
    let mut at = 0;
    while let Some((event, length)) = bytes.get(at..).and_then(scan::leading_event) {
        counts.lines += 1;
        counts.events += 1;
        let location = Location {
            offset: offset + at as u64,
            length: length as u64,
            line: lines_before + counts.lines,
        };
        sink(location, &event);
        at += length + 1;
    }
    (counts, at)
}

/// Parses an event that is not exactly as the server writes it.
#[cold]
fn other_event(text: &str) -> Option<Event<'_>> {
    let value = json::value(text).ok()?;
    let event = (detect_kind(value) == ValueKind::Event).then(|| Event::new(value))?;
    (!event.is_flattened).then_some(event)
}
