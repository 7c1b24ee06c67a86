//! Stretches of a log of JSON lines, read apart from the rest: by several readers at a time, in any order.
//!
//! In such a file every line stands for itself, as long as each is an event and nothing else. A stretch that holds anything else is
//! left to [`LogReader`](crate::LogReader), which reads it in its place.

use memchr::memchr;

use crate::event::Event;
use crate::json;
use crate::reader::Place;
use crate::recognise::{Kind, recognise};
use crate::scan;

/// What was read of a stretch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stretch {
    /// Its lines, blank ones included.
    pub lines: u64,
    /// Its events.
    pub events: u64,
}

/// Reads whole lines that begin at an offset of their file. Places count lines from 1, as if the file began here. None where some line
/// is not an event as it stands: what was given out until then is to be forgotten.
///
/// ```
/// use audit_log::lines;
///
/// let two = b"{\"auditID\":\"1\",\"stage\":\"Panic\"}\n\n{\"auditID\":\"2\",\"stage\":\"Panic\"}\n";
/// let mut places = Vec::new();
/// let stretch = lines::read(two, 100, &mut |place, _| places.push((place.offset, place.line))).unwrap();
/// assert_eq!((stretch.lines, stretch.events), (3, 2));
/// assert_eq!(places, [(100, 1), (133, 3)]);
/// assert!(lines::read(b"no JSON\n", 0, &mut |_, _| {}).is_none());
/// ```
pub fn read(
    bytes: &[u8],
    offset: u64,
    sink: &mut impl FnMut(Place, &Event<'_>),
) -> Option<Stretch> {
    let mut stretch = Stretch::default();
    let mut rest = bytes;
    let mut at = offset;
    while !rest.is_empty() {
        let (plain, bytes) = read_plain(rest, at, stretch.lines, sink);
        stretch.lines += plain.lines;
        stretch.events += plain.events;
        at += bytes as u64;
        rest = rest.get(bytes..).unwrap_or_default();
        let end = memchr(b'\n', rest).map_or(rest.len(), |newline| newline + 1);
        let (line, after) = rest.split_at(end);
        rest = after;
        if line.is_empty() {
            break;
        }
        stretch.lines += 1;
        let text = line.trim_ascii();
        if !text.is_empty() {
            let before = line.len() - line.trim_ascii_start().len();
            let place = Place {
                offset: at + before as u64,
                length: text.len() as u64,
                line: stretch.lines,
            };
            let text = str::from_utf8(text).ok()?;
            match scan::event(text) {
                Some(event) => sink(place, &event),
                None => sink(place, &other_event(text)?),
            }
            stretch.events += 1;
        }
        at += line.len() as u64;
    }
    Some(stretch)
}

/// Reads the whole lines with which a text begins for as long as they are just as the server prints them, and how many bytes these are;
/// so many lines come before.
pub(crate) fn read_plain(
    bytes: &[u8],
    offset: u64,
    lines_before: u64,
    sink: &mut impl FnMut(Place, &Event<'_>),
) -> (Stretch, usize) {
    let mut stretch = Stretch::default();
    let mut at = 0;
    while let Some((event, length)) = bytes.get(at..).and_then(scan::leading) {
        stretch.lines += 1;
        stretch.events += 1;
        let place = Place {
            offset: offset + at as u64,
            length: length as u64,
            line: lines_before + stretch.lines,
        };
        sink(place, &event);
        at += length + 1;
    }
    (stretch, at)
}

/// An event that is not just as the server prints it.
#[cold]
fn other_event(text: &str) -> Option<Event<'_>> {
    let value = json::value(text).ok()?;
    let event = (recognise(value) == Kind::Event).then(|| Event::new(value))?;
    (!event.is_flattened).then_some(event)
}
