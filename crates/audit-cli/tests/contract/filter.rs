//! `filter`: what the server would have written, as a pipe.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command};

use serde_json::json;

use crate::{BAD, Folder, errors_of};

/// Secrets at Metadata, nothing else; without the stage RequestReceived.
const SECRETS: &str = "apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\nrules:\n- level: Metadata\n  resources:\n  - group: \"\"\n    resources: [secrets]\n";

fn event(id: u32, resource: &str, stage: &str) -> String {
    format!(
        r#"{{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"{id}","stage":"{stage}","requestURI":"/api/v1/namespaces/a/{resource}/x","verb":"get","user":{{"username":"alice","groups":["system:authenticated"]}},"sourceIPs":["10.0.0.1"],"userAgent":"kubectl","objectRef":{{"resource":"{resource}","namespace":"a","name":"x","apiVersion":"v1"}},"responseStatus":{{"metadata":{{}},"code":200}},"requestReceivedTimestamp":"2026-01-02T03:04:05.000000Z","stageTimestamp":"2026-01-02T03:04:05.000000Z"}}"#
    )
}

fn log() -> String {
    let done = "ResponseComplete";
    [
        event(1, "secrets", done),
        event(2, "pods", done),
        event(3, "secrets", "RequestReceived"),
        "not json".to_owned(),
        event(4, "secrets", done),
    ]
    .map(|line| line + "\n")
    .concat()
}

#[test]
fn it_prints_what_simulate_prints_as_events() {
    let folder = Folder::new("filter", &[("p.yaml", SECRETS), ("a.log", &log())]);
    let words = ["simulate", "--policy", "p.yaml", "--format", "events"];
    let expected = folder.run(&[&words[..], &["a.log"]].concat());
    let kept = [1, 4].map(|id| event(id, "secrets", "ResponseComplete") + "\n");
    assert_eq!(expected.out, kept.concat());
    for call in [
        folder.run_on(&log(), &["filter", "--policy", "p.yaml"]),
        folder.run(&["filter", "--policy", "p.yaml", "--jobs", "1", "a.log"]),
    ] {
        assert_eq!((call.status, call.out), (0, expected.out.clone()));
        let line = "audit-policy: 4 events read (";
        assert!(call.err.contains(line), "{}", call.err);
        assert!(call.err.contains("2 written ("), "{}", call.err);
        assert!(call.err.contains("2 dropped"), "{}", call.err);
        let unreadable = "; 1 place could not be read";
        assert!(call.err.contains(unreadable), "{}", call.err);
    }
}

#[test]
fn the_summary_is_that_of_simulate() {
    let folder = Folder::new("filter-summary", &[("p.yaml", SECRETS), ("a.log", &log())]);
    let words = ["simulate", "--policy", "p.yaml", "--format", "summary"];
    let expected = folder.run(&[&words[..], &["a.log"]].concat());
    let words = ["filter", "--policy", "p.yaml", "--summary", "s.json"];
    let ran = folder.run(&[&words[..], &["a.log"]].concat());
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert_eq!(folder.read("s.json"), expected.out);
    let ran = folder.run(&[
        "filter",
        "--policy",
        "p.yaml",
        "--summary",
        "a.log",
        "a.log",
    ]);
    let message = "`--summary` would replace `a.log`, which is read: name another file";
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains(message), "{}", ran.err);
}

#[test]
fn what_the_log_does_not_tell_is_left_out_or_kept_by_choice() {
    let policy = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n  userGroups: [admins]\n";
    let folder = Folder::new("filter-unknown", &[("p.yaml", policy)]);
    // A record of Google Cloud has the user, and not their groups.
    let record = json!({
        "insertId": "1",
        "logName": "projects/p/logs/cloudaudit.googleapis.com%2Factivity",
        "timestamp": "2026-01-02T03:04:05Z",
        "resource": {"type": "k8s_cluster"},
        "protoPayload": {
            "@type": "type.googleapis.com/google.cloud.audit.AuditLog",
            "authenticationInfo": {"principalEmail": "alice@example.com"},
            "methodName": "io.k8s.core.v1.secrets.get",
            "resourceName": "core/v1/namespaces/a/secrets/x",
            "serviceName": "k8s.io",
        },
    });
    let record = format!("{record}\n");
    let ran = folder.run_on(&record, &["filter", "--policy", "p.yaml"]);
    assert_eq!((ran.status, &*ran.out), (0, ""), "{}", ran.err);
    assert!(ran.err.contains("1 unknown and left out"), "{}", ran.err);
    let ran = folder.run_on(&record, &["filter", "--policy", "p.yaml", "--keep-unknown"]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert_eq!(ran.object()["user"]["username"], "alice@example.com");
    assert!(ran.err.contains("1 unknown and kept"), "{}", ran.err);
}

#[test]
fn a_rejected_policy_prints_nothing() {
    let folder = Folder::new("filter-rejected", &[("p.yaml", BAD)]);
    let ran = folder.run_on(&log(), &["filter", "--policy", "p.yaml"]);
    assert_eq!((ran.status, &*ran.out), (1, ""));
}

/// Starts the filter, and takes its first event while the input is open.
fn started(folder: &Folder) -> (Child, BufReader<std::process::ChildStdout>) {
    let words = ["filter", "--policy", "p.yaml"];
    let mut child = folder.command(&words).spawn().unwrap();
    let line = event(1, "secrets", "ResponseComplete") + "\n";
    let input = child.stdin.as_mut().unwrap();
    input.write_all(line.as_bytes()).unwrap();
    input.flush().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut first = String::new();
    out.read_line(&mut first).unwrap();
    assert_eq!(first, line);
    (child, out)
}

#[test]
fn an_event_is_printed_while_the_input_is_open() {
    let folder = Folder::new("filter-live", &[("p.yaml", SECRETS)]);
    let (mut child, _out) = started(&folder);
    drop(child.stdin.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[cfg(unix)]
#[test]
fn sigterm_ends_it_with_a_summary() {
    for signal in ["-TERM", "-INT"] {
        let folder = Folder::new("filter-signal", &[("p.yaml", SECRETS)]);
        let (mut child, mut out) = started(&folder);
        let id = child.id().to_string();
        let killed = Command::new("kill").args([signal, &id]).status().unwrap();
        assert!(killed.success());
        // The input stays open: the signal alone ends it.
        let status = child.wait().unwrap();
        let mut rest = String::new();
        out.read_to_string(&mut rest).unwrap();
        let err = errors_of(&mut child);
        assert_eq!((status.code(), &*rest), (Some(0), ""), "{signal}: {err}");
        assert!(err.contains("1 event read"), "{signal}: {err}");
    }
}

#[test]
fn a_reader_that_is_gone_ends_it() {
    let folder = Folder::new("filter-closed", &[("p.yaml", SECRETS)]);
    let (mut child, out) = started(&folder);
    drop(out);
    let line = event(2, "secrets", "ResponseComplete") + "\n";
    let mut input = child.stdin.take().unwrap();
    // The input stays open: the closed output alone ends it, and then writing fails.
    while input.write_all(line.as_bytes()).is_ok() && child.try_wait().unwrap().is_none() {}
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
