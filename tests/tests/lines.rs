//! A log read in parts by several readers gives the same items as one reader.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::fs;
use std::path::{Path, PathBuf};

use audit_log::{LogItem, LogReader, lines};
use conformance::{data, read};

/// Items and summary of a log, as text.
#[derive(Debug, Default, PartialEq)]
struct Read {
    items: Vec<String>,
    summary: String,
}

fn note(items: &mut Vec<String>) -> impl FnMut(LogItem<'_>) {
    |item| {
        items.push(match item {
            LogItem::Event(place, event) => format!("{place:?} {}", event.raw),
            LogItem::Problem(problem) => format!("{problem:?}"),
        });
    }
}

fn whole(bytes: &[u8]) -> Read {
    let mut items = Vec::new();
    let mut reader = LogReader::new();
    let mut note = note(&mut items);
    reader.push(bytes, &mut note);
    let summary = format!("{:?}", reader.finish(&mut note));
    drop(note);
    Read { items, summary }
}

/// Returns the start of the first line at or after an offset.
fn line_start(bytes: &[u8], at: usize) -> usize {
    let before = bytes[..at].last().is_none_or(|byte| *byte == b'\n');
    if before {
        return at;
    }
    let newline = bytes[at..].iter().position(|byte| *byte == b'\n');
    newline.map_or(bytes.len(), |length| at + length + 1)
}

/// Reads a log in parts of a size and returns the number of parts that were read separately.
fn in_stretches(bytes: &[u8], size: usize) -> (Read, usize) {
    let mut items = Vec::new();
    let mut reader = LogReader::new();
    let mut apart = 0;
    for from in (0..bytes.len()).step_by(size) {
        let start = line_start(bytes, from);
        let end = line_start(bytes, (from + size).min(bytes.len()));
        let stretch = &bytes[start..end];
        if reader.is_between_lines() {
            let mut found = Vec::new();
            let lines = reader.lines_before();
            let read = lines::read(stretch, start as u64, &mut |mut place, event| {
                place.line += lines;
                found.push(format!("{place:?} {}", event.raw));
            });
            if let Some(read) = read {
                reader.skip(stretch.len() as u64, read);
                items.append(&mut found);
                apart += 1;
                continue;
            }
        }
        reader.push(stretch, &mut note(&mut items));
    }
    let summary = format!("{:?}", reader.finish(&mut note(&mut items)));
    (Read { items, summary }, apart)
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path);
        }
    }
}

#[test]
fn reading_in_parts_gives_the_same_items() {
    let mut paths = Vec::new();
    files(&data(), &mut paths);
    let (mut compared, mut apart) = (0, 0);
    for path in paths {
        let bytes = read(path.strip_prefix(data()).unwrap()).unwrap();
        if bytes.len() > 1 << 20 {
            continue;
        }
        let expected = whole(&bytes);
        for size in [1000, 4096, 65_537] {
            let (found, stretches) = in_stretches(&bytes, size);
            assert_eq!(found, expected, "{} in stretches of {size}", path.display());
            apart += stretches;
            compared += 1;
        }
    }
    println!("{compared} readings agree, {apart} stretches read apart");
    assert!(apart > 900, "{apart}");
}

#[test]
fn other_content_between_lines_is_read_in_order() {
    let event = |id: &str| format!(r#"{{"auditID":"{id}","stage":"Panic","verb":"get"}}"#);
    let pretty = "{\n\"auditID\":\"p\",\n\"stage\":\"Panic\"\n}".to_owned();
    let long = event(&"x".repeat(500));
    let texts = [
        event("a"),
        pretty,
        "nonsense".to_owned(),
        String::new(),
        long,
        "{".to_owned(),
        event("b"),
    ];
    for seed in 0..2000_usize {
        let mut number = seed;
        let mut text = String::new();
        for _ in 0..8 {
            text += &texts[number % texts.len()];
            text += if number % 11 == 3 { "\r\n" } else { "\n" };
            number = number / 3 + seed;
        }
        let expected = whole(text.as_bytes());
        for size in [1, 7, 40, 90] {
            let (found, _) = in_stretches(text.as_bytes(), size);
            assert_eq!(found, expected, "{text:?} in stretches of {size}");
        }
    }
}
