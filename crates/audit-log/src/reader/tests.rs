//! Layouts, and what is said of files without events.

use super::*;

fn read(bytes: &[u8]) -> (Vec<String>, Summary) {
    let mut seen = Vec::new();
    let mut note = |item: Item<'_>| match item {
        Item::Event(place, event) => {
            let id = event.id().unwrap_or_default();
            let at = usize::try_from(place.offset).unwrap();
            assert!(bytes[at..].starts_with(event.raw.as_bytes()));
            seen.push(format!("{}:{id}", place.line));
        }
        Item::Problem(problem) => seen.push(format!("{}!", problem.place.line)),
    };
    let mut reader = LogReader::new();
    reader.push(bytes, &mut note);
    let summary = reader.finish(&mut note);
    (seen, summary)
}

#[test]
fn events_are_found_in_every_layout() {
    let rows: [(&[u8], Format, &[&str]); 7] = [
        (b"{\"auditID\":\"a\",\"stage\":\"Panic\"}\n{\"auditID\":\"b\",\"stage\":\"Panic\"}\n", Format::JsonLines, &["1:a", "2:b"]),
        (b"\xef\xbb\xbf{\"auditID\":\"a\",\"stage\":\"Panic\"}\r\n{\"auditID\":\"b\",\"stage\":\"Panic\"}\r\n", Format::JsonLines, &["1:a", "2:b"]),
        (b"[\n{\"auditID\":\"a\",\"stage\":\"Panic\"},\n{\"auditID\":\"b\",\"stage\":\"Panic\"}]", Format::JsonArray, &["2:a", "3:b"]),
        (b"{\n \"auditID\":\"a\",\"stage\":\"Panic\"\n}\n{\n \"auditID\":\"b\",\"stage\":\"Panic\"\n}", Format::JsonValues, &["1:a", "4:b"]),
        (b"{\"kind\":\"EventList\",\"apiVersion\":\"audit.k8s.io/v1\",\n\"items\":[{\"auditID\":\"a\"},\n\n{\"auditID\":\"b\"}]}", Format::EventLists, &["2:a", "4:b"]),
        (b"{\"auditID\":\"a\",\"stage\":\"Panic\"}\nnonsense\n{\"auditID\":\"b\",\"stage\":\"Panic\"}\n{\"auditID\":", Format::JsonLines, &["1:a", "2!", "3:b", "4!"]),
        (b" \n", Format::Empty, &[]),
    ];
    for (bytes, format, expected) in rows {
        let (seen, summary) = read(bytes);
        assert_eq!(seen, expected, "{}", String::from_utf8_lossy(bytes));
        assert_eq!(summary.format, format);
    }
}

#[test]
fn a_file_without_events_is_refused_in_one_sentence() {
    for (bytes, word) in [
        (
            &b"{\"kind\":\"Event\",\"apiVersion\":\"v1\"}"[..],
            "core Kubernetes Event",
        ),
        (b"{\"insertId\":\"x\"}", "LogEntry"),
        (b"{\"a\":1}", "not an audit event"),
        (b"time,user\n", "not an audit log"),
        (b"\x1f\x8b\x08\x00", "gzip"),
        (b"", "empty"),
    ] {
        let refusal = read(bytes).1.refusal.unwrap();
        assert!(refusal.contains(word), "{refusal}");
        assert!(
            !refusal.contains('\n') && !refusal.ends_with('.'),
            "{refusal}"
        );
    }
    let (_, summary) = read(b"{\"a\":1}\n{\"auditID\":\"a\",\"stage\":\"Panic\"}\n");
    assert_eq!(
        (summary.events, summary.problems, summary.refusal),
        (1, 1, None)
    );
}
