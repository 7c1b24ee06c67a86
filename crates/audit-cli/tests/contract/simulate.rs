//! `simulate`.

use std::fs;
use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::{Folder, GOOD, Ran, keys};

const POLICY: &str = "apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: Request
  verbs: [create, delete]
  resources:
  - group: \"\"
    resources: [pods]
- level: None
  nonResourceURLs: [/healthz*]
";

/// A create of a pod, recorded in full.
const CREATED: &str = r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"RequestResponse","auditID":"a1","stage":"ResponseComplete","requestURI":"/api/v1/namespaces/shop/pods","verb":"create","user":{"username":"alice","groups":["dev"]},"responseStatus":{"metadata":{},"code":201},"requestObject":{"kind":"Pod"},"responseObject":{"kind":"Pod","apiVersion":"v1"},"requestReceivedTimestamp":"2026-01-02T03:04:05.000000Z","stageTimestamp":"2026-01-02T03:04:05.100000Z"}"#;
/// The same as the policy has it written: another level, no answer.
const CREATED_WRITTEN: &str = r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Request","auditID":"a1","stage":"ResponseComplete","requestURI":"/api/v1/namespaces/shop/pods","verb":"create","user":{"username":"alice","groups":["dev"]},"responseStatus":{"metadata":{},"code":201},"requestObject":{"kind":"Pod"},"requestReceivedTimestamp":"2026-01-02T03:04:05.000000Z","stageTimestamp":"2026-01-02T03:04:05.100000Z"}"#;
const RECEIVED: &str = r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"RequestResponse","auditID":"a1","stage":"RequestReceived","requestURI":"/api/v1/namespaces/shop/pods","verb":"create","user":{"username":"alice","groups":["dev"]},"requestReceivedTimestamp":"2026-01-02T03:04:05.000000Z","stageTimestamp":"2026-01-02T03:04:05.000000Z"}"#;
const HEALTH: &str = r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"a2","stage":"ResponseComplete","requestURI":"/healthz?x=1","verb":"get","user":{"username":"alice","groups":["dev"]},"responseStatus":{"metadata":{},"code":200},"requestReceivedTimestamp":"2026-01-02T03:04:07.000000Z","stageTimestamp":"2026-01-02T03:04:07.000000Z"}"#;
/// A delete, recorded without the body that the policy would keep.
const DELETED: &str = r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"a3","stage":"ResponseComplete","requestURI":"/api/v1/namespaces/shop/pods/web","verb":"delete","user":{"username":"alice","groups":["dev"]},"responseStatus":{"metadata":{},"code":200},"requestReceivedTimestamp":"2026-01-02T03:04:08.000000Z","stageTimestamp":"2026-01-02T03:04:08.000000Z"}"#;
/// An event that no rule matches.
const OTHER: &str = r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"a4","stage":"ResponseComplete","requestURI":"/metrics","verb":"get","user":{"username":"alice","groups":["dev"]},"responseStatus":{"metadata":{},"code":200},"requestReceivedTimestamp":"2026-01-02T03:04:09.000000Z","stageTimestamp":"2026-01-02T03:04:09.000000Z"}"#;

fn folder(test: &str) -> Folder {
    let log = [RECEIVED, CREATED, "not json", HEALTH, DELETED, OTHER, ""].join("\n");
    Folder::new(test, &[("p.yaml", POLICY), ("a.log", &log)])
}

fn words<'w>(format: &'w str, more: &[&'w str]) -> Vec<&'w str> {
    let mut words = vec!["simulate", "--policy", "p.yaml", "--format", format];
    words.extend(more);
    words
}

#[test]
fn json_is_one_object_per_event_in_the_order_of_the_log() {
    let folder = folder("simulate-json");
    let ran = folder.run(&words("json", &["a.log"]));
    assert_eq!(ran.status, 0);
    let bytes = |line: &str| line.len() + 1;
    let row = |line: usize, id: &str, stage: &str, recorded: &str, judged: Value, size: Value| {
        json!([
            line, id, stage, recorded, judged[0], judged[1], judged[2], size[0], size[1], size[2]
        ])
    };
    let complete = "ResponseComplete";
    let expected = [
        row(
            1,
            "a1",
            "RequestReceived",
            "RequestResponse",
            json!([0, "Request", "dropped-stage"]),
            json!([bytes(RECEIVED), 0, null]),
        ),
        row(
            2,
            "a1",
            complete,
            "RequestResponse",
            json!([0, "Request", "written"]),
            json!([bytes(CREATED), bytes(CREATED_WRITTEN), null]),
        ),
        row(
            4,
            "a2",
            complete,
            "Metadata",
            json!([1, "None", "dropped-level"]),
            json!([bytes(HEALTH), 0, null]),
        ),
        row(
            5,
            "a3",
            complete,
            "Metadata",
            json!([0, "Request", "written"]),
            json!([bytes(DELETED), null, "requestObject"]),
        ),
        row(
            6,
            "a4",
            complete,
            "Metadata",
            json!([null, "None", "dropped-level"]),
            json!([bytes(OTHER), 0, null]),
        ),
    ];
    let found: Vec<_> = ran
        .objects()
        .iter()
        .map(|event| {
            assert_eq!(
                keys(event),
                [
                    "file",
                    "line",
                    "auditID",
                    "stage",
                    "recordedLevel",
                    "rule",
                    "level",
                    "outcome",
                    "recordedBytes",
                    "writtenBytes",
                    "missing"
                ]
            );
            assert_eq!(event["file"], "a.log");
            Value::Array(
                event
                    .as_object()
                    .unwrap()
                    .values()
                    .skip(1)
                    .cloned()
                    .collect(),
            )
        })
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn a_line_that_cannot_be_read_is_named_and_counted_and_no_failure() {
    let folder = folder("simulate-unreadable");
    for format in ["json", "events", "summary", "table"] {
        let ran = folder.run(&words(format, &["a.log"]));
        assert_eq!(ran.status, 0, "{format}");
        let said: Vec<_> = ran.err.lines().collect();
        assert_eq!(said.len(), 1, "{format}: {}", ran.err);
        assert!(said[0].contains("a.log:3: not JSON"), "{}", ran.err);
    }
}

#[test]
fn events_are_the_log_as_the_server_would_have_written_it() {
    let folder = folder("simulate-events");
    let ran = folder.run(&words("events", &["a.log"]));
    let mut lines = ran.out.lines();
    assert_eq!(lines.next(), Some(CREATED_WRITTEN));
    let deleted = DELETED.replacen("\"level\":\"Metadata\"", "\"level\":\"Request\"", 1);
    assert_eq!(lines.next(), Some(deleted.as_str()));
    assert_eq!(lines.next(), None);
}

#[test]
fn the_legacy_format_is_one_line_of_text_an_event() {
    let folder = folder("simulate-legacy");
    let ran = folder.run(&words("events", &["--log-format", "legacy", "a.log"]));
    let lines: Vec<_> = ran.out.lines().collect();
    assert_eq!(lines.len(), 2);
    for (line, id, verb) in [(lines[0], "a1", "create"), (lines[1], "a3", "delete")] {
        let head = format!("AUDIT: id=\"{id}\" stage=\"ResponseComplete\"");
        assert!(line.contains(&head), "{line}");
        assert!(line.contains(&format!("method=\"{verb}\"")), "{line}");
    }
}

#[test]
fn older_api_versions_are_written_up_to_1_23() {
    let folder = folder("simulate-log-version");
    let run = |kubernetes: &str, version: &str| {
        let rest = [
            "--kubernetes-version",
            kubernetes,
            "--log-version",
            version,
            "a.log",
        ];
        folder.run(&words("events", &rest))
    };
    let line = |ran: &Ran| ran.out.lines().next().unwrap_or_default().to_owned();
    let old = line(&run("1.23", "v1beta1"));
    let head = "{\"kind\":\"Event\",\"apiVersion\":\"audit.k8s.io/v1beta1\",\"metadata\":{\"creationTimestamp\":\"2026-01-02T03:04:05Z\"},\"level\":\"Request\",\"timestamp\":\"2026-01-02T03:04:05Z\",\"auditID\":\"a1\"";
    assert!(old.starts_with(head), "{old}");
    assert_eq!(line(&run("1.36", "v1")), CREATED_WRITTEN);
    let ran = run("1.24", "v1alpha1");
    assert_eq!(ran.status, 2, "{}", ran.err);
    assert!(ran.err.contains("up to 1.23"), "{}", ran.err);
}

#[test]
fn bytes_of_a_patch_are_written_as_they_came() {
    let folder = folder("simulate-bytes");
    let patch = DELETED
        .replace("\"delete\"", "\"patch\"")
        .replace("\"level\":\"Metadata\"", "\"level\":\"Request\"")
        .replace(
            ",\"requestReceivedTimestamp\"",
            ",\"requestObject\":{\"a\":\"@\"},\"requestReceivedTimestamp\"",
        );
    let (head, tail) = patch.split_once('@').unwrap();
    let log = [head.as_bytes(), b"\xff", tail.as_bytes(), b"\n"].concat();
    fs::write(folder.0.join("bytes.log"), &log).unwrap();
    let all = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: Request}]\n";
    fs::write(folder.0.join("all.yaml"), all).unwrap();
    let words = [
        "simulate",
        "--policy",
        "all.yaml",
        "--format",
        "events",
        "bytes.log",
    ];
    let output = folder.command(&words).output().unwrap();
    assert_eq!(output.stdout, log);
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn the_summary_sums_what_the_events_say() {
    let folder = folder("simulate-summary");
    let summary = folder.run(&words("summary", &["a.log"])).object();
    let recorded: usize = [RECEIVED, CREATED, HEALTH, DELETED, OTHER]
        .iter()
        .map(|line| line.len() + 1)
        .sum();
    let written = CREATED_WRITTEN.len() + 1;
    assert_eq!(
        summary["recorded"],
        json!({ "events": 5, "bytes": recorded })
    );
    assert_eq!(summary["written"], json!({ "events": 2, "bytes": written }));
    assert_eq!(summary["sizesUnknown"], 1);
    assert_eq!(summary["unreadable"], 1);
    let share = |value: &Value| json!([value["matched"], value["written"]["events"]]);
    let levels: Vec<_> = summary["byLevel"]
        .as_array()
        .unwrap()
        .iter()
        .map(|level| (level["level"].as_str().unwrap(), share(level)))
        .collect();
    assert_eq!(
        levels,
        [
            ("None", json!([2, 0])),
            ("Metadata", json!([0, 0])),
            ("Request", json!([3, 2])),
            ("RequestResponse", json!([0, 0])),
        ]
    );
    let rules: Vec<_> = summary["byRule"]
        .as_array()
        .unwrap()
        .iter()
        .map(|rule| (rule["rule"].as_u64(), share(rule)))
        .collect();
    assert_eq!(
        rules,
        [
            (Some(0), json!([3, 2])),
            (Some(1), json!([1, 0])),
            (None, json!([1, 0])),
        ]
    );
    for (outcome, count) in [
        ("written", 2),
        ("dropped-level", 2),
        ("dropped-stage", 1),
        ("dropped-truncation", 0),
        ("unknowable", 0),
    ] {
        assert_eq!(summary["byOutcome"][outcome], count, "{outcome}");
    }
}

#[test]
fn the_table_is_for_people() {
    let folder = folder("simulate-table");
    let ran = folder.run(&["simulate", "--policy", "p.yaml", "a.log"]);
    for part in [
        "RULE",
        "alice",
        "dropped",
        "2 of 5 events written",
        "1 place could not be read",
    ] {
        assert!(ran.out.contains(part), "{part} is not in\n{}", ran.out);
    }
}

#[test]
fn the_foot_of_the_table_gives_bytes_only_as_far_as_they_are_known() {
    let folder = folder("simulate-foot");
    let bytes = |line: &str| line.len() + 1;
    let all = bytes(CREATED) + bytes(DELETED);
    for (log, foot) in [
        (
            CREATED.to_owned(),
            format!(
                "\n1 of 1 events written; {} of {} bytes\n",
                bytes(CREATED_WRITTEN),
                bytes(CREATED)
            ),
        ),
        // The body of the delete would be written, and the log does not have it.
        (
            DELETED.to_owned(),
            format!(
                "\n1 of 1 events written; size as written unknown, {} bytes recorded\n",
                bytes(DELETED)
            ),
        ),
        (
            format!("{CREATED}\n{DELETED}"),
            format!(
                "\n2 of 2 events written; at least {} of {all} bytes\n",
                bytes(CREATED_WRITTEN)
            ),
        ),
        // Nothing is written, so that nothing is unknown.
        (
            HEALTH.to_owned(),
            format!("\n0 of 1 events written; 0 of {} bytes\n", bytes(HEALTH)),
        ),
    ] {
        let log = format!("{log}\n");
        let ran = folder.run_on(&log, &["simulate", "--policy", "p.yaml", "-"]);
        assert!(ran.out.contains(&foot), "{foot} is not in\n{}", ran.out);
    }
}

#[test]
fn logs_are_read_in_the_order_of_the_call_and_from_standard_input() {
    let files = [("p.yaml", GOOD), ("a", CREATED), ("b", HEALTH)];
    let folder = Folder::new("simulate-order", &files);
    let ran = folder.run_on(OTHER, &words("json", &["b", "-", "a"]));
    let found: Vec<_> = ran
        .objects()
        .iter()
        .map(|event| json!([event["file"], event["auditID"], event["line"]]))
        .collect();
    let expected = [
        json!(["b", "a2", 1]),
        json!(["-", "a4", 1]),
        json!(["a", "a1", 1]),
    ];
    assert_eq!(found, expected);
}

#[test]
fn every_layout_of_a_log_is_read() {
    let pretty = |line: &str| {
        let value: Value = serde_json::from_str(line).unwrap();
        serde_json::to_string_pretty(&value).unwrap()
    };
    let list = format!(
        "{{\"kind\":\"EventList\",\"apiVersion\":\"audit.k8s.io/v1\",\"metadata\":{{}},\"items\":[{CREATED},{HEALTH}]}}"
    );
    let layouts = [
        ("lines", format!("{CREATED}\n{HEALTH}\n")),
        ("no last line end", format!("{CREATED}\n{HEALTH}")),
        ("CRLF", format!("{CREATED}\r\n{HEALTH}\r\n")),
        ("BOM", format!("\u{feff}{CREATED}\n{HEALTH}\n")),
        ("blank lines", format!("\n{CREATED}\n\n{HEALTH}\n\n")),
        ("array", format!("[{CREATED},\n{HEALTH}]")),
        ("list", list),
        (
            "pretty",
            format!("{}\n{}\n", pretty(CREATED), pretty(HEALTH)),
        ),
    ];
    let folder = Folder::new("simulate-layouts", &[("p.yaml", GOOD)]);
    for (name, log) in layouts {
        let ran = folder.run_on(&log, &words("json", &["-"]));
        let ids: Vec<_> = ran
            .objects()
            .iter()
            .map(|event| event["auditID"].clone())
            .collect();
        assert_eq!(
            (ids.as_slice(), ran.err.as_str()),
            ([json!("a1"), json!("a2")].as_slice(), ""),
            "{name}"
        );
    }
}

#[test]
fn a_file_of_which_nothing_can_be_read_is_named_and_is_status_2() {
    let folder = Folder::new("simulate-foreign", &[("p.yaml", GOOD)]);
    for (log, said, status) in [
        ("", "empty", 0),
        // Bytes from which no event was read.
        (" \n\n", "contains only white space", 2),
        ("[]", "JSON but not an audit event", 0),
        ("[[[]]]", "JSON but not an audit event", 2),
        ("[1,2]", "JSON but not an object", 2),
        (
            r#"{"kind":"Event","apiVersion":"v1","reason":"Pulled"}"#,
            "core Kubernetes Event",
            2,
        ),
        (
            r#"{"protoPayload":{},"logName":"x","insertId":"y"}"#,
            "Google Cloud LogEntry",
            2,
        ),
        (r#"{"a":1}"#, "JSON but not an audit event", 2),
        ("garbage", "not JSON", 2),
    ] {
        let ran = folder.run_on(log, &words("json", &["-"]));
        assert_eq!((ran.status, ran.out.as_str()), (status, ""), "{log}");
        assert!(ran.err.contains(said), "{log}: {}", ran.err);
    }
}

#[test]
fn truncation_drops_what_stays_too_large() {
    let files = [("p.yaml", GOOD), ("a.log", CREATED)];
    let folder = Folder::new("simulate-truncate", &files);
    // Even without its bodies the event is larger than 100 bytes.
    let ran = folder.run(&words(
        "json",
        &["--truncate-max-event-size", "100", "a.log"],
    ));
    assert_eq!(ran.object()["outcome"], "dropped-truncation");
    assert_eq!(ran.object()["writtenBytes"], 0);
    let ran = folder.run(&words(
        "json",
        &["--truncate-max-event-size", "10000", "a.log"],
    ));
    assert_eq!(ran.object()["outcome"], "written");
    // The server rejects a batch smaller than an event.
    let sizes = [
        "--truncate-max-event-size",
        "100",
        "--truncate-max-batch-size",
        "99",
        "a.log",
    ];
    let ran = folder.run(&words("json", &sizes));
    assert_eq!(ran.status, 2);
    assert!(
        ran.err
            .contains("must be greater than max event size (100)"),
        "{}",
        ran.err
    );
}

#[test]
fn stages_that_the_log_lacks_are_derived_on_request() {
    let files = [("p.yaml", GOOD), ("a.log", CREATED)];
    let folder = Folder::new("simulate-derive", &files);
    let ran = folder.run(&words("json", &["a.log"]));
    assert_eq!(ran.object()["derived"], Value::Null);
    let ran = folder.run(&words("json", &["--derive-stages", "a.log"]));
    let stages: Vec<_> = ran
        .objects()
        .iter()
        .map(|event| json!([event["stage"], event["derived"]]))
        .collect();
    let expected = [
        json!(["RequestReceived", true]),
        json!(["ResponseComplete", null]),
    ];
    assert_eq!(stages, expected);
    // At Metadata the earlier event is the one recorded without bodies and status.
    let received = RECEIVED.replacen("RequestResponse", "Metadata", 1);
    let ran = folder.run(&words("events", &["--derive-stages", "a.log"]));
    assert_eq!(ran.out.lines().next(), Some(received.as_str()));
}

#[test]
fn a_stage_that_comes_later_in_the_log_is_not_derived() {
    let (newest_first, other) = ([CREATED, RECEIVED].join("\n"), HEALTH);
    let files = [
        ("p.yaml", GOOD),
        ("a.log", newest_first.as_str()),
        ("b.log", other),
    ];
    let folder = Folder::new("simulate-late", &files);
    let rows: [(&str, &[&str], usize); 4] = [
        ("", &["a.log", "b.log"], 1),
        (&newest_first, &["-"], 0),
        (RECEIVED, &["b.log", "-"], 1),
        (CREATED, &["-", "a.log"], 0),
    ];
    for (input, logs, derived) in rows {
        let ran = folder.run_on(
            input,
            &words("json", &[&["--derive-stages"], logs].concat()),
        );
        let events = ran.objects();
        let found = events
            .iter()
            .filter(|event| event["derived"] == json!(true));
        assert_eq!(found.count(), derived, "{logs:?}");
    }
}

#[test]
fn packed_logs_are_read_as_they_lie() {
    let folder = Folder::new("simulate-packed", &[("p.yaml", GOOD)]);
    let text = [RECEIVED, CREATED, HEALTH, ""].join("\n");
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    let packed = encoder.finish().unwrap();
    fs::write(folder.0.join("a.gz"), &packed).unwrap();
    fs::write(folder.0.join("cut.gz"), &packed[..packed.len() - 8]).unwrap();
    for extra in [&[][..], &["--derive-stages"]] {
        let ran = folder.run(&words("json", &[extra, &["a.gz"]].concat()));
        let recorded = ran
            .objects()
            .into_iter()
            .filter(|event| event["derived"].is_null());
        let found: Vec<_> = recorded.map(|event| event["auditID"].clone()).collect();
        assert_eq!(
            (found, ran.err.as_str()),
            (vec![json!("a1"), json!("a1"), json!("a2")], "")
        );
    }
    let ran = folder.run(&words("summary", &["cut.gz"]));
    assert_eq!(ran.object()["unreadable"], json!(1));
    assert!(ran.err.contains("cut off"), "{}", ran.err);
}

#[test]
fn a_wrapped_log_is_named_with_what_it_lost() {
    let record = |event: &str| {
        let log = serde_json::to_string(event).unwrap();
        format!("{{\"category\":\"kube-audit\",\"properties\":{{\"log\":{log}}}}}")
    };
    let log = format!("{{\"records\":[{},{}]}}", record(CREATED), record(HEALTH));
    let folder = Folder::new("simulate-wrapped", &[("p.yaml", POLICY), ("a.json", &log)]);
    let summary = &folder.run(&words("summary", &["a.json"])).objects()[0];
    let file = &summary["files"][0];
    assert_eq!(file["format"], "AKS diagnostic records");
    assert_eq!(
        (&file["events"], &file["unreadable"]),
        (&json!(2), &json!(0))
    );
    assert!(file["lost"][0].as_str().unwrap().contains("16 KiB"));
    let table = folder.run(&words("table", &["a.json"]));
    assert!(
        table
            .out
            .contains("a.json: AKS diagnostic records, 2 events\n"),
        "{}",
        table.out
    );
    let events = folder.run(&words("events", &["a.json"]));
    assert_eq!(events.out, format!("{CREATED_WRITTEN}\n"));
    assert!(
        events
            .err
            .starts_with("audit-policy: a.json: AKS diagnostic records, 2 events\n"),
        "{}",
        events.err
    );
}
