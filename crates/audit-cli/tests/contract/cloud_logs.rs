//! Logs as clouds export them: records of other programs, rests of cut events, and what the log of a policy lacks.

use serde_json::{Value, json};

use crate::Folder;

const METADATA: &str = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n";
const BODIES: &str =
    "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: RequestResponse\n";

/// An event as the server writes it.
fn event(id: &str) -> String {
    format!(
        r#"{{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"{id}","stage":"ResponseComplete","requestURI":"/api/v1/namespaces/shop/pods/p","verb":"get","user":{{"username":"ann","groups":["dev"]}},"responseStatus":{{"metadata":{{}},"code":200}},"stageTimestamp":"2024-01-02T03:04:05Z"}}"#
    )
}

fn azure(category: &str, text: &str) -> Value {
    json!({"category": category, "operationName": "o", "properties": {"log": text, "pod": "p"}})
}

fn message(stream: &str, text: &str) -> Value {
    json!({"logStreamName": stream, "timestamp": 1, "message": text, "ingestionTime": 2})
}

/// The answer of Log Analytics' API.
fn table(rows: &[[&str; 2]]) -> Value {
    let columns = json!([{"name": "Category"}, {"name": "log_s"}]);
    json!({"tables": [{"name": "PrimaryResult", "columns": columns, "rows": rows}]})
}

fn lines(records: &[Value]) -> String {
    records.iter().map(|record| format!("{record}\n")).collect()
}

/// A part in the middle of an event, and its end.
const MIDDLE: &str = r#"0"]},{"names":["r/1"]},{"names":["r/"#;
const INSIDE_A_STRING: &str = "bm90IGEgd29yZA";
const END: &str = r#"2"]}]}}"#;

const REST: &str = "the rest of an event that was cut";

#[test]
fn each_record_without_an_event_is_named() {
    let e = event("a");
    for (name, file, problems) in [
        (
            "aks.json",
            lines(&[
                azure("kube-audit", MIDDLE),
                azure("kube-audit", &e),
                azure("kube-audit-admin", INSIDE_A_STRING),
                azure("kube-audit", END),
                azure("guard", "I0101 12:00:00.000000 1 a.go:1] \"x\" a={\"b\":1}"),
                azure("kube-audit", ""),
            ]),
            &[
                REST,
                REST,
                REST,
                "of the category `guard`: only the categories",
                "of the category `kube-audit` contains no audit event",
            ][..],
        ),
        (
            "hub.json",
            json!({"records": [azure("kube-audit", &e), azure("kube-audit", END), azure("kube-scheduler", "x")]})
                .to_string(),
            &[REST, "of the category `kube-scheduler`: only"],
        ),
        (
            "eks.json",
            json!({"events": [
                message("kube-apiserver-audit-0a1b", &e),
                message("kube-apiserver-0a1b", "I0101 12:00:00.000000 1 a.go:1] x"),
                message("authenticator-0a1b", "time=\"2024-01-02\" level=info msg=\"granted\""),
                message("kube-scheduler-0a1b", "x"),
                message("kube-apiserver-audit-0a1b", MIDDLE),
            ]})
            .to_string(),
            &[
                "from the CloudWatch stream `kube-apiserver-…`: only",
                "from the CloudWatch stream `authenticator-…`: only",
                "from the CloudWatch stream `kube-scheduler-…`: only",
                REST,
            ],
        ),
        (
            "eks.jsonl",
            lines(&[message("authenticator-0a1b", "x"), message("kube-apiserver-audit-0a1b", &e)]),
            &["from the CloudWatch stream `authenticator-…`: only"],
        ),
        (
            "insights.json",
            json!({"results": [
                [{"field": "@message", "value": e}, {"field": "@logStream", "value": "kube-apiserver-audit-0"}],
                [{"field": "@message", "value": "x"}, {"field": "@logStream", "value": "authenticator-0"}],
            ]})
            .to_string(),
            &["from the CloudWatch stream `authenticator-…`: only"],
        ),
        (
            "insights.csv",
            format!("@logStream,@message\nkube-apiserver-audit-0,\"{}\"\nauthenticator-0,x\n", e.replace('"', "\"\"")),
            &["from the CloudWatch stream `authenticator-…`: only"],
        ),
        (
            "tables.json",
            table(&[["kube-audit", &e], ["guard", "x"], ["kube-audit", &e], ["kube-audit", END]]).to_string(),
            &["row 2: this Azure diagnostic record is of the category `guard`", "row 4: the rest of"],
        ),
    ] {
        let folder = Folder::new("cloud", &[("p.yaml", METADATA), (name, &file)]);
        let ran = folder.run(&["simulate", "--policy", "p.yaml", "--format", "json", name]);
        assert_eq!(ran.status, 0, "{name}: {}", ran.err);
        let found: Vec<&str> = ran
            .err
            .lines()
            .filter_map(|line| line.strip_prefix(&format!("audit-policy: {name}:")))
            .filter(|line| line.starts_with(|first: char| first.is_ascii_digit()))
            .collect();
        assert_eq!(found.len(), problems.len(), "{name}: {}", ran.err);
        for (line, problem) in found.iter().zip(problems) {
            assert!(line.contains(problem), "{name}: {line}\n{problem}");
        }
    }
}

#[test]
fn the_hint_on_missing_reads_needs_such_a_record() {
    let e = event("a");
    let row = |table: &str| json!({"AuditId": "a", "Verb": "get", "RequestUri": "/api", "User": "{\"username\":\"ann\"}", "Type": table});
    let mention = event("kube-audit-admin");
    for (name, file, is_hinted) in [
        ("audit.json", azure("kube-audit", &e), false),
        ("mention.json", azure("kube-audit", &mention), false),
        ("admin.json", azure("kube-audit-admin", &e), true),
        (
            "hub.json",
            json!({"records": [azure("kube-audit", &e), azure("kube-audit-admin", &e)]}),
            true,
        ),
        ("tables.json", table(&[["kube-audit", &e]]), false),
        (
            "admin-tables.json",
            table(&[["kube-audit-admin", &e]]),
            true,
        ),
        ("AKSAudit.json", row("AKSAudit"), false),
        ("AKSAuditAdmin.json", row("AKSAuditAdmin"), true),
    ] {
        let folder = Folder::new(
            "cloud-hint",
            &[("p.yaml", METADATA), (name, &file.to_string())],
        );
        let ran = folder.run(&["simulate", "--policy", "p.yaml", name]);
        assert_eq!(
            ran.out.contains("omits get and list requests"),
            is_hinted,
            "{name}: {}",
            ran.out
        );
    }
}

#[test]
fn bodies_are_only_missed_by_a_policy_that_writes_them() {
    let row = json!({"AuditId": "a", "Verb": "get", "RequestUri": "/api/v1/namespaces/n/pods/p", "Level": "Metadata",
        "Stage": "ResponseComplete", "User": "{\"username\":\"ann\",\"groups\":[]}"})
    .to_string();
    let folder = Folder::new(
        "cloud-bodies",
        &[
            ("m.yaml", METADATA),
            ("b.yaml", BODIES),
            ("row.json", &row),
            ("a.log", &event("a")),
        ],
    );
    const FIELDS: &str = "the log lacks some of their fields: 1 of";
    const MISSED: &str = "the log lacks their bodies: 1 of";
    for (policy, log, fields, bodies) in [
        ("m.yaml", "a.log", false, false),
        ("b.yaml", "a.log", false, true),
        ("m.yaml", "row.json", true, false),
        ("b.yaml", "row.json", false, true),
    ] {
        let out = folder.run(&["simulate", "--policy", policy, log]).out;
        assert_eq!(
            (out.contains(FIELDS), out.contains(MISSED)),
            (fields, bodies),
            "{policy} {log}: {out}"
        );
    }
}

#[test]
fn verify_counts_what_was_cut() {
    let (one, two) = (event("a"), event("b"));
    let cut = &one[..200];
    for (name, file, events, sentence) in [
        ("whole", lines(&[azure("kube-audit", &two)]), 0, None),
        (
            "cut",
            lines(&[azure("kube-audit", cut), azure("kube-audit", &two)]),
            1,
            Some("1 event was cut and can't be checked.\n"),
        ),
        (
            "rest",
            lines(&[azure("kube-audit", END), azure("kube-audit", &two)]),
            0,
            Some("1 part of a cut event can't be joined with the start.\n"),
        ),
        (
            "both",
            lines(&[
                azure("kube-audit", cut),
                azure("kube-audit", cut),
                azure("kube-audit", &two),
                azure("kube-audit", MIDDLE),
                azure("kube-audit", END),
            ]),
            2,
            Some(
                "2 events were cut and can't be checked; 2 other parts of cut events can't be joined with the start.\n",
            ),
        ),
    ] {
        let folder = Folder::new("cloud-cut", &[("p.yaml", METADATA), (name, &file)]);
        let ran = folder.run(&["verify", "--policy", "p.yaml", name]);
        assert_eq!(ran.status, 0, "{name}: {}", ran.out);
        assert_eq!(
            ran.out.contains(" cut "),
            sentence.is_some(),
            "{name}: {}",
            ran.out
        );
        assert!(
            ran.out.contains(sentence.unwrap_or_default()),
            "{name}: {}",
            ran.out
        );
        let report = folder
            .run(&["verify", "--policy", "p.yaml", "--format", "json", name])
            .object();
        assert_eq!(report["cut"], json!(events), "{name}");
        assert_eq!(report["checked"], json!(1), "{name}");
    }
}
