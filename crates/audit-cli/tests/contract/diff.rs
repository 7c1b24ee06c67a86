//! `diff`.

use serde_json::{Value, json};

use crate::{BAD, Folder, GOOD, keys};

const OLD: &str = "apiVersion: audit.k8s.io/v1
kind: Policy
rules:
- level: RequestResponse
  resources:
  - group: \"\"
    resources: [pods]
- level: Metadata
";
/// Secrets are not recorded any more, pods without the response, and failures of scheduling are new.
const NEW: &str = "apiVersion: audit.k8s.io/v1
kind: Policy
rules:
- level: None
  resources:
  - group: \"\"
    resources: [secrets]
  verbs: [get, list]
- level: Request
  resources:
  - group: \"\"
    resources: [pods]
- level: RequestResponse
  resources:
  - group: batch
    resources: [jobs]
  verbs: [delete]
- level: Metadata
";
const LOG: &str = r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"1","stage":"ResponseComplete","requestURI":"/api/v1/namespaces/a/secrets/b","verb":"get","user":{"username":"alice","groups":["system:authenticated"]},"sourceIPs":["10.0.0.1"],"objectRef":{"resource":"secrets","namespace":"a","name":"b","apiVersion":"v1"},"responseStatus":{"metadata":{},"code":200},"requestReceivedTimestamp":"2026-01-01T00:00:00.000000Z","stageTimestamp":"2026-01-01T00:00:00.100000Z"}
{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"2","stage":"ResponseComplete","requestURI":"/healthz","verb":"get","user":{"username":"alice","groups":["system:authenticated"]},"sourceIPs":["10.0.0.1"],"responseStatus":{"metadata":{},"code":200},"requestReceivedTimestamp":"2026-01-01T00:01:00.000000Z","stageTimestamp":"2026-01-01T00:01:00.100000Z"}
"#;

fn folder(test: &str) -> Folder {
    let files = [
        ("old.yaml", OLD),
        ("new.yaml", NEW),
        ("good.yaml", GOOD),
        ("bad.yaml", BAD),
        ("log", LOG),
    ];
    Folder::new(test, &files)
}

fn differences(folder: &Folder, words: &[&str]) -> Vec<Value> {
    let ran = folder.run(&[&["diff", "--format", "json"], words].concat());
    assert_eq!((ran.status, ran.err.as_str()), (0, ""));
    ran.object()["differences"].as_array().unwrap().clone()
}

#[test]
fn losses_come_first_each_with_class_and_witness() {
    let folder = folder("diff");
    let found = differences(&folder, &["old.yaml", "new.yaml"]);
    let rows: Vec<_> = found
        .iter()
        .map(|one| {
            let text = |path: &str| one.pointer(path).unwrap().as_str().unwrap().to_owned();
            (
                text("/change"),
                text("/before/level"),
                text("/after/level"),
                text("/requests"),
            )
        })
        .collect();
    let row = |change: &str, before: &str, after: &str, requests: &str| {
        (
            change.to_owned(),
            before.to_owned(),
            after.to_owned(),
            requests.to_owned(),
        )
    };
    assert_eq!(
        rows,
        [
            row(
                "notRecorded",
                "Metadata",
                "None",
                "`get`, `list` of `secrets`"
            ),
            row(
                "bodiesLost",
                "RequestResponse",
                "Request",
                "any request of `pods`"
            ),
            row(
                "gained",
                "Metadata",
                "RequestResponse",
                "`delete` of `jobs` in `batch`"
            ),
        ]
    );
    assert_eq!(
        keys(&found[0]),
        [
            "change",
            "before",
            "after",
            "class",
            "requests",
            "witness",
            "producible",
            "served",
            "events",
            "bytesPerDay"
        ]
    );
    assert_eq!(
        (&found[0]["events"], &found[0]["producible"]),
        (&json!(null), &json!(true))
    );
    assert_eq!(found[0]["served"], json!(true));
    assert_eq!(
        (&found[0]["before"]["rule"], &found[0]["after"]["rule"]),
        (&json!(1), &json!(0))
    );
}

#[test]
fn evaluate_confirms_each_witness_before_and_after() {
    let folder = folder("diff-witness");
    for one in differences(&folder, &["old.yaml", "new.yaml"]) {
        let request = one["witness"].to_string();
        for (policy, verdict) in [("old.yaml", &one["before"]), ("new.yaml", &one["after"])] {
            let found = folder
                .run_on(&request, &["evaluate", "--policy", policy])
                .object();
            assert_eq!(&found, verdict, "{request}");
        }
    }
}

#[test]
fn equal_policies_differ_in_rules_only() {
    let folder = folder("diff-equal");
    // The second rule repeats the last.
    folder.write(
        "longer.yaml",
        &format!("{OLD}- level: Request\n  users: [ann]\n"),
    );
    let ran = folder.run(&[
        "diff",
        "--format",
        "json",
        "--exit-code",
        "old.yaml",
        "longer.yaml",
    ]);
    assert_eq!(ran.status, 0);
    assert_eq!(
        ran.object(),
        json!({"equal": true, "differences": [], "summary": []})
    );
    let text = folder.run(&["diff", "old.yaml", "longer.yaml"]).out;
    assert_eq!(
        text,
        "old.yaml and longer.yaml are equal, over every request that rules can distinguish\n"
    );
}

#[test]
fn the_exit_status_reports_differences_only_if_asked() {
    let folder = folder("diff-status");
    assert_eq!(folder.run(&["diff", "old.yaml", "new.yaml"]).status, 0);
    assert_eq!(
        folder
            .run(&["diff", "--exit-code", "old.yaml", "new.yaml"])
            .status,
        1
    );
    assert_eq!(folder.run(&["diff", "old.yaml", "bad.yaml"]).status, 1);
    assert_eq!(folder.run(&["diff", "old.yaml", "none.yaml"]).status, 2);
    assert_eq!(folder.run(&["diff", "-", "-"]).status, 2);
}

#[test]
fn a_log_adds_events_and_bytes() {
    let folder = folder("diff-log");
    let found = differences(&folder, &["--log", "log", "old.yaml", "new.yaml"]);
    // One event of a secret and its RequestReceived, which the log lacks.
    assert_eq!(found[0]["events"], json!(2));
    assert!(found[0]["bytesPerDay"].as_f64().unwrap() < 0.0);
    assert_eq!(
        (&found[1]["events"], &found[1]["bytesPerDay"]),
        (&json!(0), &json!(0.0))
    );
}

#[test]
fn a_policy_that_omits_every_stage_records_nothing() {
    let folder = folder("diff-stages");
    let all = "omitStages: [RequestReceived, ResponseStarted, ResponseComplete, Panic]\n";
    folder.write("none.yaml", &format!("{GOOD}{all}"));
    let lost = folder.run(&["diff", "good.yaml", "none.yaml"]).out;
    assert!(
        lost.contains("\nNo longer recorded\n  Metadata, now without any stage: any request\n"),
        "{lost}"
    );
    let gained = folder.run(&["diff", "none.yaml", "good.yaml"]).out;
    assert!(
        gained.contains("\nGained\n  Metadata, so far without any stage: any request\n"),
        "{gained}"
    );
    let can = folder
        .run(&["can", "--policy", "none.yaml", "path=/healthz"])
        .out;
    assert!(
        can.starts_with("Metadata, without any stage: nothing is recorded by rule 1 "),
        "{can}"
    );
}

#[test]
fn events_that_neither_policy_records_do_not_count() {
    let folder = folder("diff-log-stages");
    let omit = |policy: &str| policy.replace("rules:", "omitStages: [RequestReceived]\nrules:");
    folder.write("old.yaml", &omit(OLD));
    folder.write("new.yaml", &omit(NEW));
    // The first request is logged at both stages, of which the policies omit one.
    let received = LOG
        .lines()
        .next()
        .unwrap()
        .replace("ResponseComplete", "RequestReceived");
    folder.write("log", &format!("{received}\n{LOG}"));
    let found = differences(&folder, &["--log", "log", "old.yaml", "new.yaml"]);
    assert_eq!(found[0]["events"], json!(1));
}

#[test]
fn events_without_the_attributes_of_a_class_are_counted_apart() {
    let folder = folder("diff-log-unknown");
    folder.write("old.yaml", GOOD);
    let rule = "rules:\n- {level: None, userGroups: [ops]}";
    folder.write("new.yaml", &GOOD.replace("rules:", rule));
    // The record of a cloud, which lacks groups.
    let record = r#"{"protoPayload":{"@type":"type.googleapis.com/google.cloud.audit.AuditLog","serviceName":"k8s.io","methodName":"io.k8s.core.v1.pods.get","resourceName":"core/v1/namespaces/a/pods/b","authenticationInfo":{"principalEmail":"ann@example.com"}},"timestamp":"2026-01-01T00:00:00Z","logName":"projects/p/logs/cloudaudit.googleapis.com%2Fdata_access","resource":{"type":"k8s_cluster"}}"#;
    folder.write("log", &format!("{record}\n"));
    let text = folder
        .run(&["diff", "--log", "log", "old.yaml", "new.yaml"])
        .out;
    assert!(
        text.contains("in the log: 0 events, bytes per day unknown"),
        "{text}"
    );
    assert!(
        text.contains("could be in any class: the log lacks attributes that rules ask for"),
        "{text}"
    );
}

#[test]
fn markdown_fits_a_pull_request() {
    let folder = folder("diff-markdown");
    let rule = |number: usize| {
        format!("- {{level: None, users: [\"u|{number}\"], verbs: [\"v{number}\"]}}\n")
    };
    let many: String = (0..200).map(rule).collect();
    folder.write(
        "many.yaml",
        &OLD.replace("rules:\n", &format!("rules:\n{many}")),
    );
    let text = folder
        .run(&["diff", "--format", "markdown", "old.yaml", "many.yaml"])
        .out;
    assert!(text.lines().count() <= 60, "{}", text.lines().count());
    assert!(text.contains("`u\\|0`") && text.contains("more."), "{text}");
}

#[test]
fn names_stay_code_in_markdown() {
    let folder = folder("diff-code");
    let rule = r#"rules:
- {level: None, users: ["a<b>&c", "x`y", "@team"]}"#;
    folder.write("new.yaml", &GOOD.replace("rules:", rule));
    let text = folder
        .run(&["diff", "--format", "markdown", "good.yaml", "new.yaml"])
        .out;
    assert!(text.contains("by `a<b>&c`, ``x`y``, `@team` |"), "{text}");
}

#[test]
fn versions_of_kubernetes_are_compared() {
    let folder = folder("diff-versions");
    // `omitManagedFields` counts since 1.23.
    folder.write("managed.yaml", &format!("{GOOD}omitManagedFields: true\n"));
    let words = [
        "diff",
        "--format",
        "json",
        "--old-version",
        "1.22",
        "managed.yaml",
        "managed.yaml",
    ];
    let ran = folder.run(&words);
    let found = ran.object()["differences"].as_array().unwrap().clone();
    assert_eq!(found.len(), 1);
    assert_eq!(
        (&found[0]["change"], &found[0]["sinceVersion"]),
        (&json!("managedFieldsLost"), &json!("1.23"))
    );
    assert_eq!(found[0]["class"], json!([]));
}
