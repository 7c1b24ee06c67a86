//! Logs as people export them: cut events, JSON without events, CSV, and the legacy text format.

use std::fs;

use serde_json::Value;

use crate::{Folder, GOOD};

/// Name and content of a log, its number of events, and what is reported of each unreadable place, in order.
struct Log {
    name: &'static str,
    text: String,
    events: u64,
    problems: &'static [&'static str],
}

fn log(name: &'static str, text: &str, events: u64, problems: &'static [&'static str]) -> Log {
    Log {
        name,
        text: text.to_owned(),
        events,
        problems,
    }
}

/// An event as the server writes it.
const EVENT: &str = r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"a","stage":"ResponseComplete","requestURI":"/api/v1/pods","verb":"list","user":{"username":"ann","groups":["dev"]},"stageTimestamp":"2024-01-02T03:04:05Z"}"#;

fn logs() -> Vec<Log> {
    let nuls = "\0".repeat(4_096);
    let not_an_event = &["this is JSON but not an audit event: an object"];
    vec![
        log(
            "trunc.jsonl",
            include_str!("field_logs/trunc.jsonl"),
            2,
            &[],
        ),
        log(
            "cw.json",
            include_str!("field_logs/cw.json"),
            2,
            &[
                "from the CloudWatch stream `kube-apiserver-…`: only the streams `kube-apiserver-audit-…` contain",
            ],
        ),
        log(
            "mention.json",
            include_str!("field_logs/mention.json"),
            0,
            not_an_event,
        ),
        log(
            "kibana.json",
            include_str!("field_logs/kibana.json"),
            1,
            &[],
        ),
        log(
            "access.log",
            "192.0.2.1 - - [01/Jan/2025:00:00:00 +0000] \"GET /api/v1/pods HTTP/1.1\" 200 5 \"-\" \"curl\"\n",
            0,
            &["this is the access log of a web server or proxy"],
        ),
        log(
            "subscription.json",
            &serde_json::json!({"messageType": "DATA_MESSAGE", "logStream": "kube-apiserver-audit-a", "logEvents": [{"id": "1", "message": EVENT}]}).to_string(),
            1,
            &[],
        ),
        log(
            "firehose.json",
            "{\"records\":[{\"data\":\"H4sIAAAAAAAAADWOwQrCMBBEfyXs\"}]}\n",
            0,
            &["the data of this record cannot be decoded: its gzip data is"],
        ),
        log(
            "kinesis.json",
            "{\"Records\":[{\"kinesis\":{\"data\":\"aGVsbG8sIHRoaXMgaXMgbm8gZXZlbnQ=\"},\"eventSource\":\"aws:kinesis\"}]}\n",
            0,
            &["whose data, in Base64, contains no audit event"],
        ),
        log(
            "python.log",
            "{'kind': 'Event', 'apiVersion': 'audit.k8s.io/v1', 'auditID': 'a'}\n",
            0,
            &["this is a dictionary as Python prints it"],
        ),
        log(
            "falco.json",
            "{\"output\":\"a\",\"priority\":\"Warning\",\"rule\":\"b\",\"output_fields\":{\"ka.verb\":\"get\"}}\n",
            0,
            &["this is an alert of Falco"],
        ),
        log(
            "gcloud.yaml",
            "insertId: abc\n",
            0,
            &["this is YAML of `gcloud logging read`: use `--format=json`"],
        ),
        log(
            "docker.json",
            "{\"log\":\"I0101 00:00:00.000000       1 server.go:1] Starting\\n\",\"stream\":\"stderr\",\"time\":\"2025-01-01T00:00:00Z\"}\n",
            0,
            &["this is a log message of a Kubernetes program"],
        ),
        log("legacy.log", include_str!("field_logs/legacy.log"), 1, &[]),
        log(
            "kibana.csv",
            include_str!("field_logs/kibana.csv"),
            0,
            &[
                "CSV without audit events: the columns are `@timestamp`, `kubernetes.audit.verb`, `kubernetes.audit.user.username`",
            ],
        ),
        log(
            "nuls.log",
            &format!("{nuls}{EVENT}\n{EVENT}\n{nuls}{EVENT}\n"),
            3,
            &["NUL bytes", "NUL bytes"],
        ),
        log(
            "nuls-cri.log",
            &format!("{nuls}2024-01-02T03:04:05Z stdout F {EVENT}\n"),
            1,
            &["NUL bytes"],
        ),
        log(
            "half.log",
            &format!("{}{nuls}{EVENT}\n", &EVENT[..90]),
            1,
            &["cut off"],
        ),
        log(
            "core.json",
            r#"{"kind":"Event","apiVersion":"v1","reason":"Pulled"}"#,
            0,
            &["core Kubernetes Event"],
        ),
        log(
            "pod.json",
            r#"{"kind":"Pod","apiVersion":"v1"}"#,
            0,
            &["a Kubernetes `Pod`"],
        ),
        log(
            "sink.json",
            r#"{"kind":"AuditSink","apiVersion":"auditregistration.k8s.io/v1alpha1"}"#,
            0,
            &["a Kubernetes `AuditSink`"],
        ),
        log(
            "policy.json",
            r#"{"kind":"Policy","apiVersion":"audit.k8s.io/v1","rules":[]}"#,
            0,
            &["an audit policy, not an audit log"],
        ),
        log(
            "policy.yaml",
            "apiVersion: audit.k8s.io/v1",
            0,
            &["this is YAML"],
        ),
        log(
            "vault.json",
            r#"{"type":"request","auth":{"accessor":"x"},"request":{"path":"secret/x"}}"#,
            0,
            &["HashiCorp Vault"],
        ),
        log(
            "trail.json",
            r#"{"Records":[{"eventSource":"eks.amazonaws.com","eventName":"x"}]}"#,
            0,
            &["CloudTrail"],
        ),
        log(
            "klog.log",
            &format!("I0101 12:00:00.000000 1 a.go:1] x={{}}\n{EVENT}\n"),
            1,
            &["a log message of a Kubernetes program"],
        ),
        log(
            "shipper.jsonl",
            &format!(
                "{{\"log\":\"I0101 x\"}}\n{{\"log\":{}}}\n{{\"log\":\"x\"}}\n",
                serde_json::to_string(EVENT).unwrap()
            ),
            1,
            &[
                "this is a log message of a Kubernetes program",
                "a log record whose text contains none",
            ],
        ),
        log(
            "legacy-cut.log",
            "2024-01-02T03:04:05Z AUDIT: id=\"1\" stage=\"ResponseComplete\" method=\"wat\n",
            0,
            &["cut off: this line of the legacy text format"],
        ),
        log(
            "auditd.log",
            "type=CWD msg=audit(1364481363.243:24287): cwd=\"/\"\n",
            0,
            &["auditd"],
        ),
        log(
            "list.json",
            r#"["audit.k8s.io/v1","Event"]"#,
            0,
            &["JSON but not an object"],
        ),
        log(
            "text.json",
            r#"{"message":"see auditID 5 in audit.k8s.io/v1"}"#,
            0,
            &["this is JSON but not an audit event: a log record whose text contains none"],
        ),
    ]
}

#[test]
fn each_log_is_read_or_named() {
    for log in logs() {
        let folder = Folder::new("field-logs", &[("p.yaml", GOOD), (log.name, &log.text)]);
        let ran = folder.run(&[
            "simulate", "--policy", "p.yaml", "--format", "summary", log.name,
        ]);
        let summary: Value = serde_json::from_str(&ran.out).unwrap();
        assert_eq!(
            summary["recorded"]["events"].as_u64(),
            Some(log.events),
            "{}: {summary}",
            log.name
        );
        let prefix = format!("audit-policy: {}:", log.name);
        let found: Vec<&str> = ran
            .err
            .lines()
            .filter(|line| line.starts_with(&prefix))
            .filter(|line| line[prefix.len()..].starts_with(|first: char| first.is_ascii_digit()))
            .collect();
        assert_eq!(found.len(), log.problems.len(), "{}: {}", log.name, ran.err);
        for (line, problem) in found.iter().zip(log.problems) {
            assert!(line.contains(problem), "{}: {line}", log.name);
        }
        let is_read = log.events > 0;
        assert_eq!(
            ran.status,
            if is_read { 0 } else { 2 },
            "{}: {}",
            log.name,
            ran.err
        );
        assert!(!ran.err.contains("not JSON"), "{}: {}", log.name, ran.err);
    }
}

/// The joined event has all that was recorded, and the cut one without its rest is not counted.
#[test]
fn a_cut_event_is_counted_once() {
    let whole = fs::read_to_string(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/contract/field_logs/trunc.jsonl"
    ))
    .unwrap();
    let cut: String = whole
        .lines()
        .take(2)
        .map(|line| format!("{line}\n"))
        .collect();
    let folder = Folder::new(
        "field-cut",
        &[("p.yaml", GOOD), ("whole", &whole), ("cut", &cut)],
    );
    let ran = folder.run(&[
        "simulate", "--policy", "p.yaml", "--format", "json", "whole",
    ]);
    let ids: Vec<Value> = ran
        .out
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["auditID"].clone())
        .collect();
    assert_eq!(ids, ["x1", "big"]);
    let ran = folder.run(&["simulate", "--policy", "p.yaml", "--format", "json", "cut"]);
    assert_eq!(ran.out.lines().count(), 1);
    assert!(
        ran.err.contains("cut:1: cut by AKS at 16 KiB: only 16,384 bytes of the event are left; verb `patch`, requestURI `/api/v1/nodes/n1/status`, user `ann`, stage `ResponseComplete`, level `RequestResponse`, auditID `big`"),
        "{}",
        ran.err
    );
}
