//! A log read in one go and in pieces: the same items, each where it says it stands, and no line lost between them.

#![no_main]

use audit_log::{Format, Item, LogReader, Place, Problem, Summary};
use libfuzzer_sys::fuzz_target;

/// An item that outlives the reader's call.
#[derive(Debug, PartialEq)]
enum Kept {
    Event(Place, String),
    Problem(Problem),
}

impl Kept {
    fn place(&self) -> Place {
        match self {
            Self::Event(place, _) => *place,
            Self::Problem(problem) => problem.place,
        }
    }
}

fuzz_target!(|bytes: &[u8]| {
    let read_whole = read(&[bytes]);
    // One length a run keeps runs short; the next input has another.
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
    assert_eq!(summary.refusal.is_some(), events == 0);
    check_places(bytes, &items, &summary);
});

fn read(pieces: &[&[u8]]) -> (Vec<Kept>, Summary) {
    let mut items = Vec::new();
    let mut keep = |item: Item<'_>| {
        items.push(match item {
            Item::Event(place, event) => Kept::Event(place, event.raw.to_owned()),
            Item::Problem(problem) => Kept::Problem(problem),
        });
    };
    let mut reader = LogReader::new();
    for piece in pieces {
        reader.push(piece, &mut keep);
    }
    let summary = reader.finish(&mut keep);
    (items, summary)
}

/// The bytes in pieces of uneven lengths, the same ones each time.
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

/// Items stand in order and apart, hold what they say they hold, and leave nothing between them but what separates values.
fn check_places(bytes: &[u8], items: &[Kept], summary: &Summary) {
    // Of a list only the items are given out; a file that is refused by its first bytes is not read.
    let is_whole = summary.format != Format::EventLists && !items.is_empty();
    let (mut at, mut line) = (0, 1);
    for item in items {
        let place = item.place();
        let start = usize::try_from(place.offset).unwrap();
        let end = start + usize::try_from(place.length).unwrap();
        let between = bytes.get(at..start).expect("items in order");
        let text = bytes.get(start..end).expect("a place in the file");
        assert!(
            !is_whole || separates(between, at, summary.format),
            "{between:?} is lost"
        );
        line += newlines(between);
        assert_eq!(place.line, line);
        line += newlines(text);
        match item {
            Kept::Event(_, raw) => assert_eq!(raw.as_bytes(), text),
            Kept::Problem(problem) => {
                assert!(String::from_utf8_lossy(text).starts_with(&problem.excerpt));
                assert!(!problem.reason.to_string().is_empty());
            }
        }
        at = end;
    }
    let rest = &bytes[at..];
    assert!(
        !is_whole || separates(rest, at, summary.format),
        "{rest:?} is lost"
    );
}

fn separates(bytes: &[u8], at: usize, format: Format) -> bool {
    let bytes = match at {
        0 => bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes),
        _ => bytes,
    };
    bytes.iter().all(|byte| match byte {
        b',' | b'[' | b']' | 0x1e => format != Format::JsonLines,
        byte => byte.is_ascii_whitespace(),
    })
}

fn newlines(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|byte| **byte == b'\n').count() as u64
}
