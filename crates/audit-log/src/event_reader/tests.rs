//! Layouts, compression, damage and limits, through the iterator.

use super::*;

const LINE: &str = r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"@@","stage":"ResponseComplete","requestURI":"/api","verb":"get","user":{"username":"alice"}}"#;

fn event(id: &str) -> String {
    LINE.replace("@@", id)
}

/// A source that returns one byte per call, and is interrupted before each.
struct Trickle<'a> {
    bytes: &'a [u8],
    is_interrupted: bool,
}

impl Read for Trickle<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.is_interrupted = !self.is_interrupted;
        if self.is_interrupted {
            return Err(io::ErrorKind::Interrupted.into());
        }
        self.bytes.read(&mut out[..1])
    }
}

/// Audit IDs, and the texts of errors.
fn read(source: impl Read) -> (Vec<String>, Option<LogSummary>) {
    let mut reader = EventReader::new(source);
    let items = reader
        .by_ref()
        .map(|item| match item {
            Ok(record) => record.event.event().id().unwrap_or_default().into_owned(),
            Err(error) => error.to_string(),
        })
        .collect();
    (items, reader.summary().cloned())
}

#[test]
fn every_layout_is_read_from_any_source() {
    let (a, b) = (event("a"), event("b"));
    for log in [
        format!("{a}\n{b}\n"),
        format!("[{a},\n{b}]"),
        format!("{a}{b}"),
        format!(r#"{{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":[{a},{b}]}}"#),
        format!("2024-01-02T03:04:05Z stdout F {a}\n2024-01-02T03:04:05Z stdout F {b}\n"),
    ] {
        let (items, summary) = read(log.as_bytes());
        assert_eq!(items, ["a", "b"], "{log}");
        let trickle = Trickle {
            bytes: log.as_bytes(),
            is_interrupted: false,
        };
        assert_eq!(read(trickle), (items, summary), "{log}");
    }
}

#[test]
fn an_owned_event_equals_the_event_that_was_read() {
    let log = event("a") + "\n";
    let mut fields = String::new();
    let mut reader = LogReader::new();
    let mut sink = |item: LogItem<'_>| {
        if let LogItem::Event(_, event) = item {
            fields = format!("{event:?}");
        }
    };
    reader.push(log.as_bytes(), &mut sink);
    reader.finish(&mut sink);
    let record = EventReader::new(log.as_bytes()).next().unwrap().unwrap();
    assert_eq!(format!("{:?}", record.event.event()), fields);
    assert_eq!((record.location.offset, record.location.line), (0, 1));
}

#[test]
fn iteration_continues_after_a_problem() {
    let log = format!("{}\nnonsense\n{}\n", event("a"), event("b"));
    let (items, summary) = read(log.as_bytes());
    assert_eq!(items[0], "a");
    assert!(items[1].starts_with("line 2: not JSON"), "{}", items[1]);
    assert_eq!(items[2], "b");
    let summary = summary.unwrap();
    assert_eq!((summary.events, summary.problems), (2, 1));
}

#[test]
fn an_error_of_the_source_ends_iteration() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("the disk is gone"))
        }
    }
    let log = event("a") + "\n";
    let (items, summary) = read(log.as_bytes().chain(Broken));
    assert_eq!(items, ["a", "the disk is gone"]);
    assert_eq!(summary, None);
}

#[test]
fn a_log_over_the_limit_ends_with_an_error() {
    let log = format!("{}\n{}\n", event("a"), event("b"));
    let limit = event("a").len() as u64 + 1;
    let mut reader = EventReader::new(log.as_bytes()).with_max_bytes(limit);
    assert!(reader.next().unwrap().is_ok());
    let error = reader.next().unwrap().unwrap_err();
    assert!(matches!(error, ReadError::TooLong { max_bytes } if max_bytes == limit));
    assert!(
        error.to_string().contains("longer than the limit"),
        "{error}"
    );
    assert!(reader.next().is_none());
    // The limit itself is allowed.
    let exact = EventReader::new(log.as_bytes()).with_max_bytes(log.len() as u64);
    assert!(exact.map(Result::unwrap).count() == 2);
}

#[cfg(feature = "gzip")]
#[test]
fn gzip_is_detected_and_a_truncated_file_gives_what_it_has() {
    use std::io::Write;
    let log: String = (0..5_000).map(|id| event(&id.to_string()) + "\n").collect();
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(log.as_bytes()).unwrap();
    let file = encoder.finish().unwrap();
    assert_eq!(read(&file[..]).0.len(), 5_000);
    let (items, summary) = read(&file[..file.len() / 2]);
    let (last, events) = items.split_last().unwrap();
    assert!(last.contains("damaged or cut off"), "{last}");
    assert!(events.len() > 1_000 && summary.unwrap().events > 1_000);
}

#[cfg(not(feature = "gzip"))]
#[test]
fn gzip_without_the_feature_is_an_error() {
    let (items, _) = read(&b"\x1f\x8b\x08\x00\x00\x00"[..]);
    assert_eq!(items, ["gzip is not supported by this build"]);
}

#[cfg(feature = "zstd")]
#[test]
fn zstd_is_detected() {
    let level = ruzstd::encoding::CompressionLevel::Fastest;
    let file = ruzstd::encoding::compress_to_vec((event("a") + "\n").as_bytes(), level);
    assert_eq!(read(&file[..]).0, ["a"]);
}

#[test]
fn utf_16_is_converted() {
    let text = format!("\u{feff}{}\r\n", event("a"));
    let file: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(read(&file[..]).0, ["a"]);
}

#[test]
fn a_log_without_events_has_a_reason() {
    let (items, summary) = read(&b""[..]);
    assert!(items.is_empty());
    assert_eq!(
        summary.unwrap().rejection.as_deref(),
        Some("the file is empty")
    );
}
