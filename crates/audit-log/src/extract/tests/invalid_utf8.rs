//! Events and records that are not valid UTF-8, and characters that look like placeholders.

use super::*;
use crate::reread::reread_bytes;

#[test]
fn a_record_with_invalid_utf8_affects_no_other_record() {
    let mut file = b"{\"records\":[{\"log\":\"\xff\"},{\"log\":".to_vec();
    file.extend(decoded(&event("a")).bytes());
    file.extend(b"}]}");
    let (seen, summary) = read(&file, 5, MAX_WHOLE_BYTES);
    assert_eq!(seen.len(), 2, "{seen:?}");
    assert!(seen[0].starts_with("1! not valid UTF-8"), "{seen:?}");
    assert_eq!(seen[1], "1:a");
    assert_eq!((summary.events, summary.problems), (1, 1));
}

/// Events of a file that is not valid UTF-8: line, text of the location, `has_placeholders`, and request body as bytes.
fn bodies(file: &[u8]) -> Vec<(u64, Vec<u8>, bool, Vec<u8>)> {
    let mut found = Vec::new();
    let mut reader = LogReader::new();
    let mut take = |item: LogItem<'_>| match item {
        LogItem::Event(location, event) => {
            let start = usize::try_from(location.offset).unwrap();
            let end = start + usize::try_from(location.length).unwrap();
            let body = event.request_object.unwrap_or_default();
            found.push((
                location.line,
                file[start..end].to_vec(),
                event.has_placeholders,
                placeholder::encode(body).into_owned(),
            ));
        }
        LogItem::Problem(problem) => panic!("{problem:?}"),
    };
    reader.push(file, &mut take);
    reader.finish(&mut take);
    found
}

#[test]
fn a_line_with_invalid_utf8_is_an_event() {
    let patch = |body: &[u8]| {
        let head = br#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Request","auditID":"a","stage":"ResponseComplete","requestURI":"/api/v1/namespaces/d/pods/x","verb":"patch","requestObject":"#;
        [&head[..], body, b"}"].concat()
    };
    let body = &b"{\"a\":\"\xff caf\xe9 \xe2\x82\"}"[..];
    let event = patch(body);
    let plain = patch(b"{}");
    let cri = |tag: &str, text: &[u8]| {
        let head = format!("2024-01-02T03:04:05.1Z stdout {tag} ");
        [head.as_bytes(), text, b"\n"].concat()
    };
    let (first, second) = event.split_at(event.len() - 8);
    let list = [
        br#"{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":["#,
        &plain[..],
        b",",
        &event,
        b"]}",
    ]
    .concat();
    for (file, at, location) in [
        (
            [&event[..], b"\n", &plain, b"\n"].concat(),
            0,
            Some(&event[..]),
        ),
        (
            [&plain[..], b"\n", &event, b"\n"].concat(),
            1,
            Some(&event[..]),
        ),
        (cri("F", &event), 0, Some(&event[..])),
        (
            [cri("P", first), cri("F", second), cri("F", &plain)].concat(),
            0,
            None,
        ),
        (list, 1, Some(&event[..])),
        (
            [b"[", &event[..], b",", &plain, b"]"].concat(),
            0,
            Some(&event[..]),
        ),
    ] {
        let found = bodies(&file);
        let (_, text, has_placeholders, rest) = &found[at];
        assert!(has_placeholders, "{}", String::from_utf8_lossy(&file));
        assert_eq!(*rest, body);
        if let Some(location) = location {
            assert_eq!(text, location);
            let reread = reread_bytes(text, 0).unwrap();
            assert!(reread.event().has_placeholders);
        }
        for (_, _, has_placeholders, rest) in found.iter().skip(at + 1) {
            assert!(!has_placeholders && rest == b"{}");
        }
    }
}

/// U+10FED6 looks like the placeholder of the byte 0xD6.
#[test]
fn a_character_like_a_placeholder_is_one_only_in_an_event_that_is_not_utf8() {
    let event = |agent: &[u8]| {
        let head = br#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Request","auditID":"a","stage":"ResponseComplete","requestURI":"/version","verb":"get","requestObject":""#;
        [&head[..], agent, b"\"}"].concat()
    };
    let (valid, invalid) = (event("\u{10fed6}".as_bytes()), event(b"\xff"));
    let wrapped = |event: &[u8], other: &[u8]| {
        [b"{\"a\":\"", other, b"\",\"message\":", event, b"}\n"].concat()
    };
    let cri = |event: &[u8]| [b"2024-01-02T03:04:05Z stdout F ", event, b"\n"].concat();
    for file in [
        // One line with both events, and the character in a record that is not UTF-8.
        [&invalid[..], &valid, b"\n"].concat(),
        [wrapped(&invalid, b""), wrapped(&valid, b"\xff")].concat(),
        // Lines after one that is not UTF-8.
        [wrapped(&invalid, b""), wrapped(&valid, b"")].concat(),
        [cri(&invalid), cri(&valid)].concat(),
        [
            b"{\"records\":[",
            &wrapped(&invalid, b"")[..],
            b",",
            &wrapped(&valid, b""),
            b"]}",
        ]
        .concat(),
    ] {
        let shown = String::from_utf8_lossy(&file);
        let found = bodies(&file);
        let [(_, first, true, _), (_, second, false, _)] = &found[..] else {
            panic!("{shown}: {found:?}");
        };
        assert_eq!((first, second), (&invalid, &valid), "{shown}");
        let again = reread_bytes(second, 0).unwrap();
        assert!(!again.event().has_placeholders, "{shown}");
        assert_eq!(
            again.event().request_object,
            Some("\"\u{10fed6}\""),
            "{shown}"
        );
    }
}
