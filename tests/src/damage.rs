//! Logs with one damaged record: every layout and wrapper, every kind of damage, and the properties that have to hold when they are read.
//!
//! The fuzz target `damage` includes this file, so it depends only on the reader.

#![allow(
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "offsets are made from the lengths of the texts that they cut"
)]

use std::fmt;
use std::ops::Range;

use audit_log::{Location, LogItem, LogReader};

// Explicit paths, because two crates include this file.
#[path = "damage_layouts.rs"]
mod layouts;
#[path = "damage_text.rs"]
mod text;

use layouts::id_of;
use text::pretty;

pub use layouts::{CONVERTED, KINDS, Kind};

/// Returns an event as the server writes it.
pub fn event(number: usize) -> String {
    format!(
        r#"{{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"RequestResponse","auditID":"id-{number}","stage":"ResponseComplete","requestURI":"/api/v1/namespaces/n{number}/pods?a=\"b\"\u0026c","verb":"create","user":{{"username":"u","groups":["g1","system:authenticated"]}},"sourceIPs":["10.0.0.1"],"userAgent":"x{{","objectRef":{{"resource":"pods","namespace":"n{number}"}},"requestObject":{{"kind":"Pod","apiVersion":"v1","metadata":{{"managedFields":[{{"manager":"m","fieldsV1":{{"f:a":{{}}}}}},{{"manager":"o"}}],"annotations":{{"last":"{{\"kind\":\"Pod\",\"a\":[1]}}"}}}},"spec":{{"containers":[{{"name":"c","args":["-a","}}]"]}}]}}}},"stageTimestamp":"2024-01-02T03:04:05.000000Z","annotations":{{"authorization.k8s.io/decision":"allow"}}}}"#
    )
}

/// Kind of damage to a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Damage {
    /// Bytes are missing.
    Delete(Range<usize>),
    /// Extra bytes.
    Insert(usize, Vec<u8>),
    /// The rest of the record is missing.
    CutTail(usize),
    /// The rest of the record and its separator are missing.
    CutAndJoin(usize),
    /// The start of the record is missing.
    CutHead(usize),
    /// A part of the record is repeated.
    Repeat(Range<usize>),
    /// Only the separator is missing.
    Join,
    /// NUL bytes precede the record.
    Nuls(usize),
    /// An unrelated line precedes the record.
    StrayLine,
    /// The file ends inside the record.
    CutFile(usize),
}

/// Number of kinds of damage that [`damage`] selects from.
pub const KINDS_OF_DAMAGE: u8 = 12;

/// Selects a kind of damage by numbers.
pub fn damage(way: u8, first: u16, second: u16, length: usize, garbage: &[u8]) -> Damage {
    let at = |number: u16| usize::from(number) % length;
    let range = at(first).min(at(second))..at(first).max(at(second)) + 1;
    const SIGNS: &[u8] = b"{}[]\",:\\\n";
    match way % KINDS_OF_DAMAGE {
        0 => Damage::Delete(range),
        1 => Damage::Delete(at(first)..at(first) + 1),
        2 => Damage::Insert(at(first), garbage.to_vec()),
        3 | 4 => Damage::Insert(
            at(first),
            vec![
                SIGNS
                    .get(usize::from(second) % SIGNS.len())
                    .copied()
                    .unwrap_or(b'{'),
            ],
        ),
        5 => Damage::CutTail(at(first)),
        6 => Damage::CutAndJoin(at(first)),
        7 => Damage::Repeat(range),
        8 => Damage::Join,
        9 if second.is_multiple_of(2) => Damage::Nuls(usize::from(first) % 5000 + 1),
        9 => Damage::Insert(at(first), vec![0; 40]),
        10 if second.is_multiple_of(2) => Damage::StrayLine,
        10 => Damage::CutHead(at(first)),
        _ => Damage::CutFile(at(first)),
    }
}

/// A file with one damaged record.
pub struct Damaged {
    kind: &'static str,
    damage: Damage,
    /// Content of the file.
    pub bytes: Vec<u8>,
    /// Range of the damaged record.
    damaged: Range<usize>,
    /// Events that must be found, as text of their records.
    others: Vec<String>,
    /// Event of the damaged record, which may be found.
    own: String,
    is_made: bool,
    /// Number of lines of the damaged record.
    lines: usize,
}

impl fmt::Debug for Damaged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = String::from_utf8_lossy(&self.bytes);
        write!(f, "{}, {:?}: {text}", self.kind, self.damage)
    }
}

/// Length of a record of a kind.
pub fn length_of(kind: &Kind, number: usize) -> usize {
    (kind.record)(&event(number)).len()
}

/// Creates a file of a kind with a number of records, one of which is damaged.
pub fn file(kind: &Kind, records: usize, which: usize, damage: &Damage) -> Damaged {
    let mut bytes = kind.head.as_bytes().to_vec();
    let mut damaged = 0..0;
    let mut events: Vec<String> = (0..records).map(event).collect();
    let mut lines = 1;
    for (number, event) in events.iter().enumerate() {
        let record = (kind.record)(event);
        let start = bytes.len();
        let mut has_separator = true;
        if number == which {
            lines = record.lines().count();
            let (before, text, after) = apply(record.as_bytes(), damage, kind);
            bytes.extend([before, text].concat());
            damaged = start..bytes.len();
            if matches!(damage, Damage::CutFile(_)) {
                break;
            }
            has_separator = after;
        } else {
            bytes.extend_from_slice(record.as_bytes());
        }
        if has_separator {
            bytes.extend_from_slice(kind.after(number, records).as_bytes());
        }
    }
    if matches!(damage, Damage::CutFile(_)) {
        events.truncate(which + 1);
    }
    let is_made = CONVERTED.iter().any(|made| made.name == kind.name);
    let mut events = kind.found(events);
    let own = events.remove(which);
    if matches!(damage, Damage::Join | Damage::StrayLine | Damage::Nuls(_)) {
        events.push(own.clone());
    }
    Damaged {
        kind: kind.name,
        damage: damage.clone(),
        bytes,
        damaged,
        others: events,
        own,
        is_made,
        lines,
    }
}

impl Kind {
    /// Returns the text after a record of a file with a number of records.
    const fn after(&self, number: usize, records: usize) -> &'static str {
        if number + 1 < records {
            self.separator
        } else {
            self.tail
        }
    }

    /// Returns the first events of a file as they are found in it.
    fn found(&self, events: Vec<String>) -> Vec<String> {
        let is_record = self.name == "OpenShift"
            || self.name.contains("order")
            || self.name.contains("retty") && !self.name.contains("document");
        let record = match self.name {
            "EventLists, pretty" => pretty,
            _ if is_record => self.record,
            _ => return events,
        };
        let events = events.iter();
        events
            .map(|event| record(event).trim().to_owned())
            .collect()
    }
}

/// Returns the text before the record, the rest of the record, and whether its separator follows.
fn apply(record: &[u8], damage: &Damage, kind: &Kind) -> (Vec<u8>, Vec<u8>, bool) {
    let all = record.to_vec();
    let joined = |parts: &[&[u8]]| parts.concat();
    match damage {
        Damage::Delete(range) => (
            Vec::new(),
            joined(&[&record[..range.start], &record[range.end..]]),
            true,
        ),
        Damage::Insert(at, bytes) => (
            Vec::new(),
            joined(&[&record[..*at], bytes, &record[*at..]]),
            true,
        ),
        Damage::CutTail(at) | Damage::CutFile(at) => (Vec::new(), record[..*at].to_vec(), true),
        Damage::CutAndJoin(at) => (Vec::new(), record[..*at].to_vec(), false),
        Damage::CutHead(at) => (Vec::new(), record[*at..].to_vec(), true),
        Damage::Repeat(range) => (
            Vec::new(),
            joined(&[&record[..range.end], &record[range.start..]]),
            true,
        ),
        Damage::Join => (Vec::new(), all, false),
        Damage::Nuls(count) => (vec![0; *count], all, true),
        Damage::StrayLine => {
            let is_line = kind.separator.contains('\n');
            let stray: &[u8] = if is_line {
                b"E0102 lost leader election\n"
            } else {
                b"oops "
            };
            (stray.to_vec(), all, true)
        }
    }
}

/// Items of a log.
#[derive(Debug, Default, PartialEq)]
pub struct Read {
    /// Events with their locations.
    pub events: Vec<(Location, String)>,
    /// Problems with their reasons.
    pub problems: Vec<(Location, String)>,
}

/// Reads a file in chunks of a size.
pub fn read(bytes: &[u8], piece: usize) -> Read {
    let mut read = Read::default();
    let mut note = |item: LogItem<'_>| match item {
        LogItem::Event(place, event) => {
            let text = event.path.filter(|path| path.contains("id-"));
            let text = text.unwrap_or(event.raw).to_owned();
            read.events.push((place, text));
        }
        LogItem::Problem(problem) => read
            .problems
            .push((problem.location, problem.reason.to_string())),
    };
    let mut reader = LogReader::new();
    for piece in bytes.chunks(piece.max(1)) {
        reader.push(piece, &mut note);
    }
    reader.finish(&mut note);
    read
}

fn extent(place: &Location) -> Range<usize> {
    let start = usize::try_from(place.offset).unwrap_or(usize::MAX);
    start..start.saturating_add(usize::try_from(place.length).unwrap_or(usize::MAX))
}

impl Damaged {
    /// Describes the first violated property. `None` if all hold.
    pub fn fault(&self, read: &Read) -> Option<String> {
        let is_same = |text: &str, event: &str| {
            if self.is_made {
                let id = format!("id-{}", id_of(event));
                text.ends_with(&id) || text.contains(&format!(r#""auditID":"{id}""#))
            } else {
                text == event
            }
        };
        for event in &self.others {
            let count = read
                .events
                .iter()
                .filter(|(_, text)| is_same(text, event))
                .count();
            if count != 1 {
                return Some(format!("an event is found {count} times: {event}"));
            }
        }
        // The rest of the damaged record may still be an event, complete or not.
        let mut left = 0;
        for (place, text) in &read.events {
            if self.others.iter().any(|event| is_same(text, event)) {
                continue;
            }
            let extent = extent(place);
            let is_in_place = extent.start < self.damaged.end && extent.end > self.damaged.start;
            left += 1;
            if !is_in_place
                || left > 1
                    && !is_same(text, &self.own)
                    && !matches!(self.damage, Damage::Repeat(_))
            {
                return Some(format!("an invented event: {text}"));
            }
        }
        self.fault_of_problems(read, left)
    }

    fn fault_of_problems(&self, read: &Read, left: usize) -> Option<String> {
        // A separator, or the prefix of the next line, may be reported with the damage.
        let near = self.damaged.start.saturating_sub(80)..self.damaged.end + 80;
        let mut last = 0;
        for (place, reason) in &read.problems {
            let extent = extent(place);
            let is_near = extent.start <= near.end && extent.end >= near.start;
            // A document that is truncated at its list is never closed.
            let is_cut = matches!(self.damage, Damage::CutFile(_))
                || matches!(self.damage, Damage::CutTail(_) | Damage::CutAndJoin(_))
                    && reason.starts_with("cut off");
            // An extra bracket may only be detected where another bracket does not match it.
            let is_opening = |byte: &u8| matches!(byte, b'[' | b'{');
            let is_bracket = extent.len() <= 2
                && matches!(&self.damage, Damage::Insert(_, bytes) if bytes.iter().any(is_opening));
            if !is_near && !is_cut && !is_bracket {
                return Some(format!("an invented problem at {extent:?}: {reason}"));
            }
            if extent.start < last {
                return Some(format!(
                    "a problem is reported twice at {extent:?}: {reason}"
                ));
            }
            last = extent.end;
        }
        if left == 0 && read.problems.is_empty() && self.must_be_reported() {
            return Some("the damage is not reported".to_owned());
        }
        // Garbage with line feeds makes several lines, and NUL bytes are reported separately.
        let garbage = self.bytes.get(self.damaged.clone()).unwrap_or_default();
        let ends = garbage
            .iter()
            .filter(|byte| matches!(byte, b'\n' | 0))
            .count();
        let most = self.lines + 2 + usize::from(left > 0) + 2 * ends;
        (read.problems.len() > most)
            .then(|| format!("it is reported {} times", read.problems.len()))
    }

    fn must_be_reported(&self) -> bool {
        // Any text may precede that of the next line.
        let left = self.bytes.get(self.damaged.clone()).unwrap_or_default();
        if matches!(self.damage, Damage::CutAndJoin(_)) && !left.contains(&b'{')
            || self.damage == Damage::StrayLine && self.damaged.start == 0
        {
            return false;
        }
        let is_blank = left
            .iter()
            .all(|byte| byte.is_ascii_whitespace() || matches!(byte, b',' | b'[' | b']' | b'}'));
        !is_blank && self.damage != Damage::Join
    }
}
