//! Every wrapper, read at once and in chunks: the same events, at locations from which they can be read again.

use super::*;

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
        // An event in two rows.
        (
            "CloudWatch Insights results",
            format!(
                "{{\"results\":[[{{\"field\":\"@timestamp\",\"value\":\"x\"}},{{\"field\":\"@message\",\"value\":{}}}],\n[{{\"field\":\"@timestamp\",\"value\":\"x\"}},{{\"field\":\"@message\",\"value\":{}}}]]}}",
                decoded(&a[..80]),
                decoded(&a[80..])
            ),
            vec!["1:a"],
        ),
        (
            "Loki lines",
            format!(
                "{{\"streams\":[{{\"stream\":{{}},\"values\":[[\"1\",{}],\n[\"2\",{}]]}}]}}",
                decoded(&a[..80]),
                decoded(&a[80..])
            ),
            vec!["1:a"],
        ),
        (
            "Log Analytics query results",
            format!(
                "{{\"tables\":[{{\"columns\":[{{\"name\":\"x\"}},{{\"name\":\"log_s\"}}],\"rows\":[[\"1\",{}],\n[\"2\",{}]]}}]}}",
                decoded(&a[..80]),
                decoded(&a[80..])
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
            format!("{a}\n{{\n\"properties\":\n{{\"log\":{sb}}}\n}}\n"),
            vec!["1:a", "4:b"],
        ),
        (
            "JSON lines and AKS diagnostic records",
            format!("{a}\n{}\n", record(&sb)),
            vec!["1:a", "2:b"],
        ),
    ]
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
