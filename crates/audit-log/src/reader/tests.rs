//! Layouts, damage, and rejection messages of files without events.

use super::*;

fn read(bytes: &[u8]) -> (Vec<String>, LogSummary) {
    let mut seen = Vec::new();
    let mut note = |item: LogItem<'_>| match item {
        LogItem::Event(location, event) => {
            let id = event.id().unwrap_or_default();
            let at = usize::try_from(location.offset).unwrap();
            assert!(bytes[at..].starts_with(event.raw.as_bytes()));
            seen.push(format!("{}:{id}", location.line));
        }
        LogItem::Problem(problem) => seen.push(format!("{}!", problem.location.line)),
    };
    let mut reader = LogReader::new();
    reader.push(bytes, &mut note);
    let summary = reader.finish(&mut note);
    (seen, summary)
}

#[test]
fn events_are_found_in_every_layout() {
    let rows: [(&[u8], LogFormat, &[&str]); 7] = [
        (b"{\"auditID\":\"a\",\"stage\":\"Panic\"}\n{\"auditID\":\"b\",\"stage\":\"Panic\"}\n", LogFormat::JsonLines, &["1:a", "2:b"]),
        (b"\xef\xbb\xbf{\"auditID\":\"a\",\"stage\":\"Panic\"}\r\n{\"auditID\":\"b\",\"stage\":\"Panic\"}\r\n", LogFormat::JsonLines, &["1:a", "2:b"]),
        (b"[\n{\"auditID\":\"a\",\"stage\":\"Panic\"},\n{\"auditID\":\"b\",\"stage\":\"Panic\"}]", LogFormat::JsonArray, &["2:a", "3:b"]),
        (b"{\n \"auditID\":\"a\",\"stage\":\"Panic\"\n}\n{\n \"auditID\":\"b\",\"stage\":\"Panic\"\n}", LogFormat::JsonValues, &["1:a", "4:b"]),
        (b"{\"kind\":\"EventList\",\"apiVersion\":\"audit.k8s.io/v1\",\n\"items\":[{\"auditID\":\"a\"},\n\n{\"auditID\":\"b\"}]}", LogFormat::EventLists, &["2:a", "4:b"]),
        (b"{\"auditID\":\"a\",\"stage\":\"Panic\"}\nnonsense\n{\"auditID\":\"b\",\"stage\":\"Panic\"}\n{\"auditID\":", LogFormat::JsonLines, &["1:a", "2!", "3:b", "4!"]),
        (b" \n", LogFormat::Empty, &[]),
    ];
    for (bytes, format, expected) in rows {
        let (seen, summary) = read(bytes);
        assert_eq!(seen, expected, "{}", String::from_utf8_lossy(bytes));
        assert_eq!(summary.format, format);
    }
}

#[test]
fn a_file_without_events_is_rejected_with_one_sentence() {
    for (bytes, word) in [
        (
            &b"{\"kind\":\"Event\",\"apiVersion\":\"v1\"}"[..],
            "core Kubernetes Event",
        ),
        (b"{\"insertId\":\"x\"}", "LogEntry"),
        (b"{\"a\":1}", "not an audit event"),
        (b"time,user\n", "CSV without audit events"),
        (b"a\tb\n1\t2\n", "the columns are `a`, `b`"),
        (b"@timestamp,@message\n", "no rows"),
        (b"sep=;\n@timestamp;@message\n", "no rows"),
        (
            b"@timestamp,kubernetes.audit.verb\n2025,get\n",
            "add what is missing: `requestURI`",
        ),
        (b"hello\n", "not an audit log"),
        (b"Monday: call Bob.\nTuesday: nothing.\n", "this is text, not an audit log"),
        (
            b"{\"kind\":\"EventList\",\"apiVersion\":\"audit.k8s.io/v1\",\"items\":[{\"auditID\":x}]}",
            "none of the items of the EventList can be read",
        ),
        (b"\x1f\x8b\x08\x00", "gzip"),
        (b"", "empty"),
    ] {
        let rejection = read(bytes).1.rejection.unwrap();
        assert!(rejection.contains(word), "{rejection}");
        assert!(
            !rejection.contains('\n') && !rejection.ends_with('.'),
            "{rejection}"
        );
    }
    let (_, summary) = read(b"{\"a\":1}\n{\"auditID\":\"a\",\"stage\":\"Panic\"}\n");
    assert_eq!(
        (summary.events, summary.problems, summary.rejection),
        (1, 1, None)
    );
}

#[test]
fn a_file_that_is_not_a_log_is_rejected_as_a_whole() {
    let event = r#"{"auditID":"a","stage":"Panic"}"#;
    let damaged = r#"{"auditID":"a","stage":x}"#;
    let with_event = format!("# Notes\n- one\n{event}\n");
    let with_damage = format!("{damaged}\n{damaged}\n");
    let with_object = "# Notes\n- one\n{\"kind\":\"Pod\",\"apiVersion\":\"v1\"}\n- two\n";
    let go = "package a\n\nvar names = []string{\n\t\"b\",\n}\n";
    // File, number of problems that its rejection is about, and the number of lines that it names.
    let rows = [
        ("# Notes\n\nSome words here.\n- one\n", 3, Some("4")),
        ("# Notes\n\nSome words here.\n- one", 3, Some("4")),
        ("a: b\nc:\n  - d\n", 3, Some("3")),
        (go, 4, Some("5")),
        (with_object, 3, Some("4")),
        // One line, a log with text in it, and a damaged log.
        ("# Notes\n", 0, None),
        (&with_event, 0, None),
        (&with_damage, 0, None),
    ];
    for (file, texts, lines) in rows {
        let (_, summary) = read(file.as_bytes());
        assert_eq!(summary.rejected_texts, texts, "{file}");
        let rejection = summary.rejection.unwrap_or_default();
        match lines {
            Some(lines) => {
                let end = format!("; none of its {lines} lines is an event");
                assert!(rejection.ends_with(&end), "{rejection}");
            }
            None => assert!(!rejection.contains("none of its"), "{rejection}"),
        }
    }
}

/// Lines that are items of an array, of which the other lines are missing.
#[test]
fn separators_around_an_event_in_its_line_are_not_damage() {
    let event = r#"{"auditID":"a","stage":"Panic"}"#;
    for line in ["@,", "@]", "[@", "[@]", ",@"] {
        let file = format!("{event}\n{}\n{event}\n", line.replace('@', event));
        let (seen, summary) = read(file.as_bytes());
        assert_eq!(seen, ["1:a", "2:a", "3:a"], "{file}");
        assert_eq!(summary.problems, 0, "{file}");
    }
}

/// An event as the server writes it, with a number as its ID.
fn whole(number: usize) -> String {
    format!(
        r#"{{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"id{number}","stage":"ResponseComplete","requestURI":"/x","verb":"get","user":{{"username":"a"}}}}"#
    )
}

/// The same event as Docker splits it: two lines, without a line feed in the first.
fn split_by_docker(number: usize) -> String {
    let event = whole(number);
    let (first, second) = event.split_at(120);
    [first.to_owned(), second.to_owned() + "\n"]
        .map(|part| {
            let decoded = part
                .replace('\\', "\\\\")
                .replace('"', "\\\"")
                .replace('\n', "\\n");
            format!(
                "{{\"log\":\"{decoded}\",\"stream\":\"stdout\",\"time\":\"2026-01-01T00:00:00Z\"}}\n"
            )
        })
        .concat()
}

const FRONTS: [&str; 7] = [
    "",
    "2026-01-01T00:00:00.1Z stdout F ",
    "2026-01-01T00:00:00.1Z ",
    "[pod/api-0/api] ",
    "Jan 01 00:00:01 h kube-apiserver[1]: ",
    "2026-01-01 00:00:03 +0000 kube.audit: ",
    "<13>1 2024-01-02T03:04:05Z n1 api - - ",
];

/// A log of six records of one or more lines.
fn log(make: &dyn Fn(usize) -> String) -> Vec<String> {
    (1..=6).map(make).collect()
}

/// Reads a log in chunks of several sizes and checks the number of events and problems.
#[track_caller]
fn check(file: &str, events: usize, problems: usize) {
    for chunk in [1, 7, file.len()] {
        let mut seen = Vec::new();
        let mut decoded = Vec::new();
        let mut note = |item: LogItem<'_>| match item {
            LogItem::Event(_, event) => seen.push(event.id().unwrap_or_default().into_owned()),
            LogItem::Problem(problem) => decoded.push(format!("{problem:?}")),
        };
        let mut reader = LogReader::new();
        for chunk in file.as_bytes().chunks(chunk) {
            reader.push(chunk, &mut note);
        }
        reader.finish(&mut note);
        assert_eq!(seen.len(), events, "{file}\n{seen:?}\n{decoded:?}");
        assert_eq!(decoded.len(), problems, "{file}\n{decoded:?}");
    }
}

/// Inserts a line before each record of a log in turn.
#[track_caller]
fn check_line(records: &[String], line: &str) {
    for at in 0..records.len() {
        let (before, after) = records.split_at(at);
        let file = format!("{}{line}\n{}", before.concat(), after.concat());
        check(&file, records.len(), 1);
    }
}

#[test]
fn a_line_truncated_between_tokens_affects_no_other_line() {
    for front in FRONTS {
        for line in [
            "{\"a\":",
            "{\"a\": 1,",
            "{\"a\": 1 , ",
            "[{\"a\":",
            "[1,",
            "{",
        ] {
            check_line(&log(&|number| format!("{front}{}\n", whole(number))), line);
        }
    }
}

#[test]
fn a_list_truncated_after_its_bracket_affects_no_other_record() {
    let line = "{\"kind\":\"EventList\",\"items\":[";
    for front in FRONTS {
        check_line(&log(&|number| format!("{front}{}\n", whole(number))), line);
    }
    check_line(&log(&split_by_docker), line);
}

#[test]
fn an_extra_bracket_in_a_document_loses_no_record() {
    let decoded = |number| whole(number).replace('"', "\\\"");
    let hits: Vec<String> = (1..=6)
        .map(|number| {
            format!(
                r#"{{"_id":"1","_source":{{"message":"{}"}}}}"#,
                decoded(number)
            )
        })
        .collect();
    let logs: Vec<String> = (1..=6)
        .map(|number| {
            format!(
                r#"{{"timeUnixNano":"1","body":{{"stringValue":"{}"}}}}"#,
                decoded(number)
            )
        })
        .collect();
    let hits = hits.join(",");
    let logs = logs.join(",");
    // `@` marks where the bracket goes.
    for file in [
        format!(r#"{{"took":1,"hits":{{@"total":1,"hits":[{hits}]}}}}"#),
        format!(r#"{{"took":1,@"hits":{{"total":1,"hits":[{hits}]}}}}"#),
        format!(r#"{{"took":1,"hits":{{"total":1,@"hits":[{hits}]}}}}"#),
        format!(
            r#"{{"resourceLogs":[@{{"scopeLogs":[{{"scope":{{}},"logRecords":[{logs}]}}]}}]}}"#
        ),
        format!(
            r#"{{"resourceLogs":[{{@"scopeLogs":[{{"scope":{{}},"logRecords":[{logs}]}}]}}]}}"#
        ),
        format!(
            r#"{{"resourceLogs":[{{"scopeLogs":[@{{"scope":{{}},"logRecords":[{logs}]}}]}}]}}"#
        ),
    ] {
        let pretty = file.replace("[{", "[{\n ").replace("},{", "},\n{");
        let pretty = pretty.replacen('{', "{\n ", 1);
        for file in [file, pretty] {
            check(&file.replace('@', ""), 6, 0);
            for bracket in ["{", "["] {
                check(&file.replace('@', bracket), 6, 1);
            }
        }
    }
}

#[test]
fn a_line_of_brackets_affects_no_other_line() {
    for line in ["[", "]", "[[", "[ ["] {
        for front in FRONTS {
            let mut records = log(&|number| format!("{front}{}\n", whole(number)));
            check_line(&records, line);
            records.push(format!("{line}\n"));
            check(&records.concat(), 6, 1);
        }
        check_line(&log(&split_by_docker), line);
    }
    // Arrays begin and end with such lines.
    let items = log(&whole).join(",\n");
    check(&format!("[\n{items}\n]\n"), 6, 0);
    check(&format!("[\n{}\n]\n", whole(1)), 1, 0);
    check(&format!("[\n\0\0{items}\n]\n"), 6, 1);
    check("[\n]\n", 0, 0);
}

#[test]
fn a_truncated_item_affects_no_other_item() {
    let list = |items: &[String]| {
        let items = items.join(",");
        format!(r#"{{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":[{items}]}}"#)
    };
    let record = |number| {
        let decoded = whole(number).replace('"', "\\\"");
        format!(r#"{{"properties":{{"log":"{decoded}"}}}}"#)
    };
    for at in 0..=6 {
        for cut in ["\"abc", "\"a b\\n", "\"abc\""] {
            let mut events = log(&whole);
            events.insert(at, cut.to_owned());
            check(&list(&events), 6, 1);
            check(&format!("[{}]", events.join(",")), 6, 1);
            let mut records = log(&record);
            records.insert(at, cut.to_owned());
            for name in ["records", "value", "events"] {
                check(&format!(r#"{{"{name}":[{}]}}"#, records.join(",")), 6, 1);
            }
        }
        let mut events = log(&whole);
        events.insert(at, r#"{"kind":"EventList","items":["#.to_owned());
        for between in [",", ",\n"] {
            check(&format!("[{}]", events.join(between)), 6, 1);
        }
    }
}

#[test]
fn fields_of_a_journal_export_are_not_damage() {
    let head = |number| {
        format!(
            "__CURSOR=s=1;i={number}\n__REALTIME_TIMESTAMP=1\n_HOSTNAME=h\n_PID=1\n_CMDLINE=a {{\n"
        )
    };
    let text = |number| format!("{}MESSAGE={}\nPRIORITY=6\n\n", head(number), whole(number));
    check(&log(&text).concat(), 6, 0);
    // Little-endian lengths, also with a line feed or NUL as the lowest byte.
    let sized = |value: &str| {
        let length = (value.len() as u64).to_le_bytes();
        format!("{}{value}\n", str::from_utf8(&length).unwrap())
    };
    for length in [0x100, 0x10a, 0x200, 0x20a_usize] {
        let binary = |number| {
            let event = whole(number);
            let uri = "x".repeat(length - event.len() + 1);
            let event = event.replace("/x", &format!("/{uri}"));
            assert_eq!(event.len(), length);
            format!(
                "{}_X\n{}MESSAGE\n{}\n",
                head(number),
                sized("\t\n\t"),
                sized(&event)
            )
        };
        check(&log(&binary).concat(), 6, 0);
    }
    // Damage is distinguished from fields.
    let mut damaged = log(&text);
    damaged.insert(3, "no field\n".to_owned());
    check(&damaged.concat(), 6, 1);
    check(&(log(&text).concat() + "MESSAGE\nabc\n"), 6, 1);
    // Fields need the start of an entry.
    check(&(whole(1) + "\nA=1\n"), 1, 1);
}

/// Every item of the documents is damaged, so that only their heads show that they are documents.
#[test]
fn a_document_without_readable_records_is_a_document() {
    let list = r#"{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":["#;
    for (text, format) in [
        (
            format!("{list}{{\"auditID\":\"a\"\"stage\":\"Panic\"}}]}}"),
            LogFormat::EventLists,
        ),
        (
            format!("{list}{{\"auditID\":\"a\"\"stage\":\"Panic\"}}"),
            LogFormat::EventLists,
        ),
        (format!("{list}x,y]}}\n"), LogFormat::EventLists),
        (
            r#"{"records":[{"category":x}]}"#.to_owned(),
            LogFormat::JsonLines,
        ),
    ] {
        for size in [1, 7, text.len()] {
            let mut problems = 0;
            let mut note =
                |item: LogItem<'_>| problems += u32::from(matches!(item, LogItem::Problem(_)));
            let mut reader = LogReader::new();
            for bytes in text.as_bytes().chunks(size) {
                reader.push(bytes, &mut note);
            }
            let summary = reader.finish(&mut note);
            assert!(problems > 0, "{text}");
            assert_eq!((summary.events, summary.format), (0, format), "{text}");
            assert!(summary.has_documents, "{text} in chunks of {size}");
        }
    }
    let (_, summary) = read(b"{\"a\":x}\n[pod/a] {\"b\":x}\n");
    assert!(!summary.has_documents);
}

/// Every value is JSON, which RFC 8259 allows to be any value, and none is an object.
#[test]
fn json_without_objects_is_named() {
    const NOT_AN_OBJECT: &str = "this is JSON but not an object, so it cannot be an audit event";
    const NO_ITEMS: &str = "this is JSON but not an audit event: an array without objects";
    for (file, rejection) in [
        ("[1,2]", NOT_AN_OBJECT),
        ("[\n  1,\n  2\n]\n", NOT_AN_OBJECT),
        ("[[1],[2]]", NOT_AN_OBJECT),
        ("[true,null]", NOT_AN_OBJECT),
        ("[\"audit.k8s.io/v1\",\"Event\"]", NOT_AN_OBJECT),
        ("-1.5e3", NOT_AN_OBJECT),
        ("null\n", NOT_AN_OBJECT),
        ("\"log\"", NOT_AN_OBJECT),
        ("[]", NO_ITEMS),
        ("[[[]]]", NO_ITEMS),
        ("", "the file is empty"),
        (" \n", "the file is empty"),
        ("log\n", "the CSV file has no rows"),
    ] {
        let mut reader = LogReader::new();
        let mut ignore = |_: LogItem<'_>| {};
        reader.push(file.as_bytes(), &mut ignore);
        let summary = reader.finish(&mut ignore);
        assert_eq!(summary.rejection.as_deref(), Some(rejection), "{file:?}");
    }
}

/// A line that is a number, or a word, is both JSON or text and a part of binary data.
#[test]
fn binary_data_is_named() {
    const BINARY: &str = "this is binary data, not text: audit events are JSON objects";
    const NOT_UTF8: &str =
        "this is not an audit log: audit events are JSON objects, and this is not valid UTF-8";
    for (file, rejection) in [
        (&b"\xff\x01\x00\x80\n7\n\x03\xfe\x00\n"[..], BINARY),
        (b"7\n\xf0\x01\n\xf1\x02\n", BINARY),
        (b"word\nMZ\x00\x01\nx\x00\x02\n", BINARY),
        // "caf\u{e9}" in Latin-1.
        (b"caf\xe9\n", NOT_UTF8),
    ] {
        let (_, summary) = read(file);
        let found = summary.rejection.unwrap_or_default();
        assert!(found.starts_with(rejection), "{file:?}: {found}");
    }
    // A colored line of a terminal is text, and so is a log that ends with NUL bytes after a crash.
    for file in [&b"\x1b[31mred\x1b[0m\n"[..], b"one\ntwo\n\x00\x00\x00\n"] {
        let (_, summary) = read(file);
        let found = summary.rejection.unwrap_or_default();
        assert!(!found.starts_with(BINARY), "{file:?}: {found}");
    }
}
