//! Every wrapper, read at once and in chunks: the same events, at locations from which they can be read again.

use super::*;
use crate::limits::MAX_WHOLE_BYTES;
use crate::reader::{LogItem, LogReader};
use crate::reread::{reread, reread_bytes};
use crate::summary::LogSummary;

/// Items as text: `line:audit ID`, or `line!` and the reason of a problem.
fn read(bytes: &[u8], chunk: usize, limit: usize) -> (Vec<String>, LogSummary) {
    let mut seen = Vec::new();
    let (mut last, mut alike) = (None, 0);
    let mut note = |item: LogItem<'_>| match item {
        LogItem::Event(location, event) => {
            alike = if last == Some(location) { alike + 1 } else { 0 };
            last = Some(location);
            let start = usize::try_from(location.offset).unwrap();
            let end = start + usize::try_from(location.length).unwrap();
            let text = std::str::from_utf8(&bytes[start..end]).unwrap();
            let before = bytes[..start].iter().filter(|byte| **byte == b'\n');
            assert_eq!(before.count() as u64 + 1, location.line);
            let reread = reread(text, alike).unwrap_or_else(|| panic!("not reread: {text}"));
            assert_eq!(reread.event().raw, event.raw);
            assert_eq!(
                (reread.event().missing, reread.event().path),
                (event.missing, event.path)
            );
            let id = event.id().or(event.path.map(Into::into));
            seen.push(format!("{}:{}", location.line, id.unwrap_or_default()));
        }
        LogItem::Problem(problem) => {
            seen.push(format!("{}! {}", problem.location.line, problem.reason))
        }
    };
    let mut reader = LogReader::with_limit(limit);
    for bytes in bytes.chunks(chunk) {
        reader.push(bytes, &mut note);
    }
    let summary = reader.finish(&mut note);
    (seen, summary)
}

const EVENT: &str = r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","auditID":"@@","stage":"Panic","requestURI":"/a\"\u0026é"}"#;

fn event(id: &str) -> String {
    EVENT.replace("@@", id)
}

/// Quotes a text as a JSON string.
fn decoded(text: &str) -> String {
    let escaped = text.replace('\\', r"\\").replace('"', "\\\"");
    format!("\"{}\"", escaped.replace('\n', "\\n"))
}

/// Description, file and expected items.
fn rows() -> Vec<(&'static str, String, Vec<&'static str>)> {
    let (a, b) = (event("a"), event("b"));
    let (sa, sb) = (decoded(&a), decoded(&b));
    let (half, rest) = a.split_at(40);
    let record =
        |text: &str| format!(r#"{{"category":"kube-audit","properties":{{"log":{text}}}}}"#);
    let docker = |text: &str| {
        format!(
            "{{\"log\":{},\"stream\":\"stdout\",\"time\":\"t\"}}\n",
            decoded(text)
        )
    };
    let cri = |tag: &str, text: &str| format!("2024-01-02T03:04:05.1Z stdout {tag} {text}\n");
    let journal = |text: &str| format!("Jan 02 03:04:05 n1 api[12]: {text}\n");
    let flat = a.replace(
        "\"auditID\"",
        "\"k8s_audit_level\":\"Metadata\",\"level\":\"info\",\"auditID\"",
    );
    let entry = |method: &str, name: &str| {
        format!(r#"{{"protoPayload":{{"methodName":"{method}","resourceName":"{name}"}}}}"#)
    };
    vec![
        ("JSON lines", format!("{a}\n{b}\n"), vec!["1:a", "2:b"]),
        (
            "AKS diagnostic records",
            format!("{{\"records\":[{},\n{}]}}", record(&sa), record(&b)),
            vec!["1:a", "2:b"],
        ),
        (
            "AKS diagnostic records",
            format!("{}\n{}\n", record(&sa), record(&sb)),
            vec!["1:a", "2:b"],
        ),
        (
            "AKS diagnostic records",
            format!("[{{\"log_s\":{sa}}}]"),
            vec!["1:a"],
        ),
        (
            "Elasticsearch documents",
            format!(
                "{{\"hits\":{{\"total\":{{\"value\":2}},\"hits\":[{{\"_source\":{a}}},{{\"_source\":{{\"message\":{sb}}}}}]}}}}"
            ),
            vec!["1:a", "1:b"],
        ),
        (
            "Elasticsearch documents",
            format!("{{\"_index\":\"i\",\"_source\":{a}}}\n{{\"_index\":\"i\",\"_source\":{b}}}\n"),
            vec!["1:a", "2:b"],
        ),
        (
            "OTLP log records",
            format!(
                "{{\"resourceLogs\":[{{\"scopeLogs\":[{{\"logRecords\":[{{\"timeUnixNano\":\"1\",\"body\":{{\"stringValue\":{sa}}}}}]}}]}},\n{{\"scopeLogs\":[{{\"logRecords\":[{{\"body\":{{\"stringValue\":{sb}}}}}]}}]}}]}}\n"
            ),
            vec!["1:a", "2:b"],
        ),
        (
            "CloudWatch log events",
            format!("{{\"events\":[{{\"timestamp\":1,\"message\":{sa}}}],\"nextToken\":null}}"),
            vec!["1:a"],
        ),
        (
            "CloudWatch log events",
            format!(
                "{{\"messageType\":\"DATA_MESSAGE\",\"logEvents\":[{{\"message\":{sa}}},{{\"message\":{sb}}}]}}\n{{\"logEvents\":[]}}"
            ),
            vec!["1:a", "1:b"],
        ),
        (
            "CloudWatch Insights results",
            format!(
                "{{\"results\":[[{{\"field\":\"@timestamp\",\"value\":\"x\"}},{{\"field\":\"@message\",\"value\":{sa}}}]]}}"
            ),
            vec!["1:a"],
        ),
        (
            "CloudWatch Insights results",
            format!("[{{\"@timestamp\":\"x\",\"@message\":{a}}}]"),
            vec!["1:a"],
        ),
        (
            "Loki lines",
            format!(
                "{{\"status\":\"success\",\"data\":{{\"result\":[{{\"stream\":{{}},\"values\":[[\"1\",{sa}],[\"2\",{sb}]]}}]}}}}"
            ),
            vec!["1:a", "1:b"],
        ),
        (
            "Loki lines",
            format!(
                "{{\"labels\":{{}},\"line\":{sa}}}\n{{\"labels\":{{}},\"line\":{}}}\n",
                decoded(&cri("F", &b))
            ),
            vec!["1:a", "2:b"],
        ),
        (
            "CRI container log lines",
            cri("F", &a) + &cri("P", half) + &cri("F", rest) + &cri("F", &b),
            vec!["1:a", "2:a", "4:b"],
        ),
        (
            "CRI container log lines",
            cri("P", half) + "2024-01-02T03:04:05.1Z stderr F klog\n" + &cri("F", rest),
            vec![
                "2! not JSON: text after the end of the value at byte 5",
                "1:a",
            ],
        ),
        (
            "CRI container log lines",
            cri("P", half) + &cri("F", &b).replace("stdout", "stderr") + &cri("F", rest),
            vec!["2:b", "1:a"],
        ),
        // Events of one joined line share a location.
        (
            "CRI container log lines",
            cri("P", "{\"kind\":\"EventList\",\"apiVersion\":\"audit.k8s.io/v1\",\"items\":[")
                + &cri("F", &format!("{a},{b}]}}")),
            vec!["1:a", "1:b"],
        ),
        (
            "Docker json-file lines",
            docker(&format!("{a}\n")) + &docker(half) + &docker(&format!("{rest}\n")),
            vec!["1:a", "2:a"],
        ),
        (
            "Docker json-file lines",
            docker(&format!("{b}\n")) + &docker(half),
            vec![
                "1:b",
                "2! not JSON: the text ends inside a value, after 40 bytes",
            ],
        ),
        (
            "`kubectl logs` lines with a pod prefix",
            format!("[pod/api-0/api] {a}\n[pod/api-1/api] {b}\n"),
            vec!["1:a", "2:b"],
        ),
        (
            "lines with a time prefix",
            format!("2024-01-02T03:04:05.1Z {a}\n\n2024-01-02T03:04:06.1Z {b}"),
            vec!["1:a", "3:b"],
        ),
        (
            "journald or syslog lines",
            journal(&a) + &journal(half) + &journal(rest) + &journal("klog"),
            vec!["1:a", "2:a", "4! not JSON: this is text, and audit events are JSON objects"],
        ),
        (
            "journald or syslog lines",
            format!("x\n[7] api[12]: {half}\n[8] api[12]: {rest}\n\u{feff} api[12]: {half}\n api[12]: {rest}\n"),
            vec!["1! not JSON: expected a value at byte 1", "2:a", "4:a"],
        ),
        (
            "journald or syslog lines",
            journal(half) + &journal(&b),
            vec![
                "1! not JSON: the text ends inside a value, after 40 bytes",
                "2:b",
            ],
        ),
        (
            "journald JSON entries",
            format!(
                "{{\"__CURSOR\":\"c\",\"MESSAGE\":{sa}}}\n{{\"__CURSOR\":\"c\",\"MESSAGE\":null}}\n"
            ),
            vec![
                "1:a",
                "2! this journald entry has no message: `journalctl -o json` omits fields over 4,096 bytes unless called with `--all`",
            ],
        ),
        (
            "journald JSON entries",
            format!(
                "{{\"_STREAM_ID\":\"s\",\"_LINE_BREAK\":\"line-max\",\"MESSAGE\":{}}}\n{{\"_STREAM_ID\":\"s\",\"MESSAGE\":{}}}\n",
                decoded(half),
                decoded(rest)
            ),
            vec!["1:a"],
        ),
        (
            "lines with a text prefix",
            format!("<13>1 n api - - {a}\nn | {b}\n"),
            vec!["1:a", "2:b"],
        ),
        (
            "log shipper records with the event in `log`",
            format!("{{\"date\":1.5,\"log\":{sa}}}\n{{\"date\":1.5,\"log\":{sb}}}\n"),
            vec!["1:a", "2:b"],
        ),
        (
            "log shipper records with the event in `a.b`",
            format!(
                "{{\"a\":{{\"b\":{}}}}}",
                decoded(&format!(
                    "{{\"kind\":\"EventList\",\"apiVersion\":\"audit.k8s.io/v1\",\"items\":[{a},{b}]}}"
                ))
            ),
            vec!["1:a", "1:b"],
        ),
        (
            "OpenShift flattened events",
            format!("{flat}\n"),
            vec!["1:a"],
        ),
        (
            "GKE audit log entries",
            format!(
                "{{\"entries\":[{},\n{}]}}",
                entry("io.k8s.core.v1.pods.list", "core/v1/pods"),
                entry("google.x", "y")
            ),
            vec![
                "1:/api/v1/pods",
                "2! this is a Google Cloud LogEntry, but not from the audit log of a Kubernetes API server (`protoPayload.methodName` starts with `io.k8s.`)",
            ],
        ),
        (
            "EventList",
            "{\"kind\":\"EventList\",\"apiVersion\":\"audit.k8s.io/v1\",\"items\":[\n{\"auditID\":\"a\"},\n{\"auditID\":\"b\"}]}".to_owned(),
            vec!["2:a", "3:b"],
        ),
        // The item of the list is the event, regardless of its content.
        (
            "EventList",
            format!(
                "{{\"kind\":\"EventList\",\"apiVersion\":\"audit.k8s.io/v1\",\"items\":[{{\"auditID\":\"c\",\"log\":{sa}}}]}}"
            ),
            vec!["1:c"],
        ),
        (
            "GKE audit log entries",
            format!(
                "{{\"kind\":\"EventList\",\"apiVersion\":\"audit.k8s.io/v1\",\"items\":[{}]}}",
                entry("io.k8s.core.v1.pods.list", "core/v1/pods"),
            ),
            vec!["1:/api/v1/pods"],
        ),
        // Damage affects only the damaged record.
        (
            "JSON lines",
            format!("{}\n{b}\n", a.replace("\"stage\":", "\"stage\"+:{\"c\":1},")),
            vec!["1! not JSON: expected `:` at byte 69", "2:b"],
        ),
        (
            "AKS diagnostic records",
            format!(
                "{{\"records\":[{},\n{{\"properties\":oops}},\n{}]}}",
                record(&sa),
                record(&sb)
            ),
            vec!["1:a", "2! not JSON: expected a value at byte 15", "3:b"],
        ),
        (
            "AKS diagnostic records",
            format!("{{\"records\":[{},{}", record(&sa), record(&sb)),
            vec![
                "1:a",
                "1:b",
                "1! cut off: the file ends inside a list of records",
            ],
        ),
        (
            "AKS diagnostic records",
            format!("{{\"records\":[{},{}", record(&sa), &record(&sb)[..60]),
            vec![
                "1:a",
                "1! not JSON: the text ends inside a value, after 60 bytes",
            ],
        ),
        (
            "JSON lines and AKS diagnostic records",
            format!("{a}\n{}\n", record(&sb)),
            vec!["1:a", "2:b"],
        ),
    ]
}

#[test]
fn an_item_without_fields_of_an_event_is_not_an_event() {
    // A truncated record: part of its body looks like an item of the list.
    let list = br#"{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":[{"auditID":"a"},{"manager":"o"},{}]}"#;
    let mut found = Vec::new();
    let mut note = |item: LogItem<'_>| {
        found.push(match item {
            LogItem::Event(_, event) => event.id().unwrap_or_default().to_string(),
            LogItem::Problem(problem) => problem.reason.to_string(),
        });
    };
    let mut reader = LogReader::new();
    reader.push(list, &mut note);
    reader.finish(&mut note);
    let no_event = ProblemReason::Unrecognized(UnrecognizedKind::OtherJson).to_string();
    assert_eq!(found, ["a".to_owned(), no_event.clone(), no_event]);
}

#[test]
fn every_wrapper_is_read_in_chunks_of_any_size() {
    for (kind, file, expected) in rows() {
        for chunk in [1, 2, 7, 100, 100_000] {
            let (seen, summary) = read(file.as_bytes(), chunk, MAX_WHOLE_BYTES);
            assert_eq!(seen, expected, "{file} in chunks of {chunk}");
            assert_eq!(summary.description(), kind, "{file}");
        }
    }
}

#[test]
fn reading_record_by_record_gives_the_same_items() {
    for (kind, file, expected) in rows() {
        // Its first list of records begins within the limit.
        for chunk in [1, 3, 64, 100_000] {
            let (seen, summary) = read(file.as_bytes(), chunk, 70);
            assert_eq!(seen, expected, "{file} in chunks of {chunk}");
            let shown = summary.description();
            assert!(
                shown == kind || shown.starts_with("JSON"),
                "{shown}: {file}"
            );
        }
    }
}

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

/// The text of an event's location contains everything between its parts, and has to be readable without the rest of the file.
#[test]
fn a_field_of_a_journal_export_ends_a_split_line() {
    let event = event("a");
    let (first, second) = event.split_at(20);
    let journald = |text: &str| format!("Jan 02 03:04:05 n api[1]: {text}\n");
    let cri = |tag: &str, text: &str| format!("2024-01-02T03:04:05Z stdout {tag} {text}\n");
    let json = |text: &str, more: &str| {
        let text = decoded(text);
        format!("{{\"MESSAGE\":{text}{more},\"_STREAM_ID\":\"s\"}}\n")
    };
    let line_break = ",\"_LINE_BREAK\":\"line-max\"";
    for (first, second) in [
        (journald(first), journald(second)),
        (cri("P", first), cri("F", second)),
        (json(first, line_break), json(second, "")),
    ] {
        let (_, summary) = read(
            format!("__CURSOR=a\n{first}{second}").as_bytes(),
            7,
            MAX_WHOLE_BYTES,
        );
        assert_eq!((summary.events, summary.problems), (1, 0), "{first}");
        // Its length, and a value that is not text.
        let sized = "X\n\u{1}\0\0\0\0\0\0\0\0\n";
        for field in ["X=1\n", "__CURSOR=b\n", sized] {
            let (_, summary) = read(
                format!("__CURSOR=a\n{first}{field}{second}").as_bytes(),
                7,
                MAX_WHOLE_BYTES,
            );
            assert_eq!(summary.events, 0, "{first}{field}");
            assert!(summary.problems > 0, "{first}{field}");
        }
    }
}

/// Lines with only brackets or commas are not lost if the file began as an array and has lines after damage.
#[test]
fn separators_between_parts_of_a_line_are_skipped_again() {
    let event = event("a");
    let (first, second) = event.split_at(20);
    for separator in [",", "]", "}", " , "] {
        let file = format!(
            "[{{\"a\":1 x\n2024-01-02T03:04:05Z stdout P {first}\n{separator}\n2024-01-02T03:04:05Z stdout F {second}\n"
        );
        let (_, summary) = read(file.as_bytes(), 7, MAX_WHOLE_BYTES);
        assert_eq!((summary.events, summary.problems), (1, 1), "{separator}");
    }
}

#[test]
fn nesting_is_limited() {
    let mut text = event("a");
    for _ in 0..12 {
        text = format!("{{\"log\":{}}}", decoded(&text));
        if text.len() > 1 << 20 {
            break;
        }
    }
    let (seen, _) = read(text.as_bytes(), 1 << 20, MAX_WHOLE_BYTES);
    assert_eq!(seen.len(), 1);
    let lists = "{\"items\":[".repeat(5_000) + &"]}".repeat(5_000);
    let (seen, summary) = read(lists.as_bytes(), 1 << 20, MAX_WHOLE_BYTES);
    assert_eq!((seen.len(), summary.events), (1, 0));
}

#[test]
fn a_wrapper_without_events_is_named_in_the_rejection() {
    for (file, word) in [
        ("{\"records\":[]}", "empty"),
        (
            "{\"kind\":\"EventList\",\"apiVersion\":\"audit.k8s.io/v1\"}",
            "the EventList contains no events",
        ),
        (
            "{\"category\":\"guard\",\"properties\":{\"log\":\"I0102 klog\"}}",
            "kube-audit-admin",
        ),
        ("{\"_index\":\"i\",\"_source\":{\"a\":1}}", "Elasticsearch"),
        (
            "{\"events\":[{\"message\":\"x\",\"logStreamName\":\"y\"}]}",
            "CloudWatch",
        ),
        ("{\"hits\":{\"hits\":[{\"_source\":{}}]}}", "Elasticsearch"),
    ] {
        let rejection = read(file.as_bytes(), 100, MAX_WHOLE_BYTES).1.rejection;
        assert!(
            rejection.as_deref().unwrap_or_default().contains(word),
            "{file}: {rejection:?}"
        );
    }
}
