//! `verify`: whether a log was written by a policy.

use serde_json::json;

use crate::{Folder, keys};

const METADATA: &str = "apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\nrules:\n- level: Metadata\n";
const REQUEST: &str = "apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\nrules:\n- level: Request\n  verbs: [create]\n- level: Metadata\n";

fn event(level: &str, verb: &str, number: u32) -> String {
    format!(
        r#"{{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"{level}","auditID":"a{number}","stage":"ResponseComplete","requestURI":"/api/v1/namespaces/shop/pods","verb":"{verb}","user":{{"username":"alice","groups":["dev"]}},"responseStatus":{{"metadata":{{}},"code":200}},"requestReceivedTimestamp":"2026-01-02T03:04:{number:02}.000000Z","stageTimestamp":"2026-01-02T03:04:{number:02}.500000Z"}}"#
    )
}

fn folder(test: &str) -> Folder {
    let old = [event("Metadata", "list", 1), event("Metadata", "create", 2)].join("\n");
    let new = [event("Metadata", "list", 3), event("Request", "create", 4)].join("\n");
    Folder::new(
        test,
        &[
            ("old.yaml", METADATA),
            ("new.yaml", REQUEST),
            ("bad.yaml", crate::BAD),
            ("cp1.log", &old),
            ("cp2.log", &new),
            ("empty.log", ""),
            ("odd.log", "not a log\n"),
        ],
    )
}

#[test]
fn the_exit_status_says_whether_a_log_fits() {
    let folder = folder("verify-status");
    for (policy, log, status) in [
        ("old.yaml", "cp1.log", 0),
        ("new.yaml", "cp2.log", 0),
        ("new.yaml", "cp1.log", 1),
        ("old.yaml", "cp2.log", 1),
        ("bad.yaml", "cp1.log", 1),
        ("old.yaml", "empty.log", 1),
        ("old.yaml", "odd.log", 2),
        ("old.yaml", "absent.log", 2),
    ] {
        let ran = folder.run(&["verify", "--policy", policy, log]);
        assert_eq!(
            ran.status, status,
            "{policy} {log}: {} {}",
            ran.out, ran.err
        );
    }
}

#[test]
fn json_names_the_first_contradiction() {
    let folder = folder("verify-json");
    let ran = folder.run(&[
        "verify", "--policy", "new.yaml", "--format", "json", "cp1.log", "cp2.log",
    ]);
    let object = ran.object();
    assert_eq!(
        keys(&object),
        [
            "consistent",
            "policy",
            "checked",
            "contradicting",
            "unknowable",
            "cut",
            "contradictions",
            "hints",
            "secrets",
            "byFile",
            "policies",
            "unreadable",
            "files"
        ]
    );
    assert_eq!(object["consistent"], json!(false));
    assert_eq!(
        (
            &object["checked"],
            &object["contradicting"],
            &object["unknowable"]
        ),
        (&json!(4), &json!(1), &json!(0))
    );
    let found = &object["contradictions"][0];
    assert_eq!(
        (&found["kind"], &found["events"]),
        (&json!("level-lower"), &json!(1))
    );
    assert_eq!(
        found["first"],
        json!({
            "file": "cp1.log", "node": null, "line": 2, "auditID": "a2", "stage": "ResponseComplete", "request": "create pods in shop by alice",
            "recorded": "Metadata", "expected": "Request", "rule": 0, "message": "recorded at `Metadata`, but rule 1 gives `Request`"
        })
    );
    let files: Vec<_> = object["byFile"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| (file["file"].clone(), file["consistent"].clone()))
        .collect();
    assert_eq!(
        files,
        [
            (json!("cp1.log"), json!(false)),
            (json!("cp2.log"), json!(true))
        ]
    );
}

#[test]
fn text_answers_in_its_first_line() {
    let folder = folder("verify-text");
    let ran = folder.run(&["verify", "--policy", "old.yaml", "cp1.log"]);
    let (first, rest) = ran.out.split_once('\n').unwrap();
    assert_eq!(
        first,
        "Nothing contradicts `old.yaml`: it fits all 2 events that could be checked."
    );
    assert!(rest.starts_with("\nNo likely secrets: "), "{rest}");
    let ran = folder.run(&["verify", "--policy", "old.yaml", "cp2.log"]);
    assert!(
        ran.out
            .starts_with("The log was not written by `old.yaml`: 1 of 2 events contradicts it.\n"),
        "{}",
        ran.out
    );
    assert!(ran.out.contains("first: cp2.log:2: create pods in shop by alice: recorded at `Request`, but rule 1 gives `Metadata`"), "{}", ran.out);
}

#[test]
fn several_policies_are_distinguished_by_file() {
    let folder = folder("verify-several");
    let words = [
        "verify", "--policy", "old.yaml", "--policy", "new.yaml", "cp1.log", "cp2.log",
    ];
    let ran = folder.run(&words);
    assert_eq!(ran.status, 1);
    assert!(
        ran.out
            .starts_with("The logs were written by different policies"),
        "{}",
        ran.out
    );
    let ran = folder.run(&[words.as_slice(), &["--format", "json"]].concat());
    let object = ran.object();
    let best: Vec<_> = object["byFile"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| file["bestPolicy"].clone())
        .collect();
    assert_eq!(best, [json!("old.yaml"), json!("new.yaml")]);
    assert_eq!(object["policies"].as_array().unwrap().len(), 2);
    let one = folder.run(&[
        "verify", "--policy", "old.yaml", "--policy", "new.yaml", "--format", "json", "cp2.log",
    ]);
    assert_eq!(
        (one.status, &one.object()["policy"]),
        (0, &json!("new.yaml"))
    );
}

#[test]
fn policies_that_a_log_cannot_tell_apart_are_reported() {
    let folder = folder("verify-tie");
    std::fs::write(folder.0.join("lists.log"), event("Metadata", "list", 1)).unwrap();
    let ran = folder.run(&[
        "verify",
        "--policy",
        "old.yaml",
        "--policy",
        "new.yaml",
        "lists.log",
    ]);
    assert_eq!(ran.status, 0);
    assert!(ran.out.starts_with("2 of the policies fit"), "{}", ran.out);
}

#[test]
fn nodes_in_one_file_are_distinguished() {
    let folder = folder("verify-nodes");
    let on =
        |node: &str, event: String| event.replacen('{', &format!("{{\"hostname\":\"{node}\","), 1);
    let log = [
        on("cp-1", event("Metadata", "create", 1)),
        on("cp-2", event("Request", "create", 2)),
        on("cp-1", event("Metadata", "list", 3)),
    ];
    std::fs::write(folder.0.join("all.log"), log.join("\n")).unwrap();
    let ran = folder.run(&[
        "verify", "--policy", "old.yaml", "--format", "json", "all.log",
    ]);
    let object = ran.object();
    let nodes: Vec<_> = object["byFile"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| (file["node"].clone(), file["consistent"].clone()))
        .collect();
    assert_eq!(
        nodes,
        [(json!("cp-1"), json!(true)), (json!("cp-2"), json!(false))]
    );
}

#[test]
fn records_of_a_shipper_name_their_node() {
    let folder = folder("verify-records");
    let record = |node: &str, event: String| {
        json!({"log": event, "kubernetes": {"host": node, "pod_name": format!("kube-apiserver-{node}")}}).to_string()
    };
    let log = [
        record("cp-1", event("Metadata", "create", 1)),
        record("cp-2", event("Request", "create", 2)),
    ];
    std::fs::write(folder.0.join("shipped.log"), log.join("\n")).unwrap();
    let words = [
        "verify",
        "--policy",
        "old.yaml",
        "--policy",
        "new.yaml",
        "shipped.log",
    ];
    let ran = folder.run(&words);
    for part in [
        "shipped.log, node cp-1: ",
        "shipped.log, node cp-2: ",
        "The logs were written by different policies",
    ] {
        assert!(ran.out.contains(part), "{part}: {}", ran.out);
    }
}

#[test]
fn hostile_names_do_not_reach_a_terminal() {
    let folder = folder("verify-hostile");
    let log = event("Request", "list", 1).replace("alice", "a\\u001b[31m\u{202e}b");
    std::fs::write(folder.0.join("h.log"), log).unwrap();
    let ran = folder.run(&["verify", "--policy", "old.yaml", "h.log"]);
    assert_eq!(ran.status, 1);
    assert!(!ran.out.contains(['\u{1b}', '\u{202e}']), "{:?}", ran.out);
    assert!(ran.out.contains("by a"), "{}", ran.out);
}

#[test]
fn likely_secrets_are_counted_by_kind_with_the_first_of_each() {
    let uri = "/api/v1/namespaces/shop/pods/db/exec?command=mysql&command=--password%3Dhunter2";
    let exec =
        |number| event("Metadata", "create", number).replace("/api/v1/namespaces/shop/pods", uri);
    let log = [event("Metadata", "list", 1), exec(2), exec(3)].join("\n");
    let folder = Folder::new(
        "verify-secrets",
        &[("old.yaml", METADATA), ("cp1.log", &log)],
    );
    let ran = folder.run(&["verify", "--policy", "old.yaml", "cp1.log"]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    let line = "2 events seem to contain a password or token on a command line; first cp1.log:2: `--password=…` in `requestURI`";
    assert!(ran.out.contains("\nLikely secrets\n"), "{}", ran.out);
    assert!(ran.out.contains(line), "{}", ran.out);
    assert!(!ran.out.contains("hunter2"), "{}", ran.out);
    let ran = folder.run(&[
        "verify", "--policy", "old.yaml", "--format", "json", "cp1.log",
    ]);
    let first = json!({"file": "cp1.log", "node": null, "line": 2, "place": "requestURI", "shown": "--password=…"});
    assert_eq!(
        ran.object()["secrets"],
        json!([{"kind": "a password or token on a command line", "events": 2, "first": first}])
    );
}

#[test]
fn many_consistent_files_are_one_line() {
    let fitting = event("Metadata", "create", 1);
    let other = event("Request", "create", 2);
    for (count, lines) in [(10, 11), (11, 2)] {
        let names: Vec<String> = (0..count).map(|at| format!("fits-{at}.log")).collect();
        let mut files = vec![("old.yaml", METADATA), ("other.log", other.as_str())];
        files.extend(names.iter().map(|name| (name.as_str(), fitting.as_str())));
        let folder = Folder::new(&format!("verify-many-{count}"), &files);
        let mut words = vec!["verify", "--policy", "old.yaml", "other.log"];
        words.extend(names.iter().map(String::as_str));
        let out = folder.run(&words).out;
        let listed = out.split("\nBy file\n").nth(1).unwrap();
        let listed: Vec<&str> = listed.split("\n\n").next().unwrap().lines().collect();
        assert_eq!(listed.len(), lines, "{out}");
        assert!(
            listed[0].starts_with("  other.log: 1 of 1 event contradicts it"),
            "{out}"
        );
        let last = if count > 10 {
            "  11 files: consistent"
        } else {
            "  fits-9.log: consistent, 1 event"
        };
        assert_eq!(*listed.last().unwrap(), last);
        // JSON lists every file.
        words.extend(["--format", "json"]);
        let files = folder.run(&words).object()["byFile"]
            .as_array()
            .unwrap()
            .len();
        assert_eq!(files, count + 1);
    }
}

#[test]
fn a_policy_of_an_old_version_is_rejected_with_the_version_to_write() {
    let old = METADATA.replace("audit.k8s.io/v1", "audit.k8s.io/v1beta1");
    let log = event("Metadata", "create", 1);
    let folder = Folder::new("verify-old-version", &[("p.yaml", &old), ("a.log", &log)]);
    let ran = folder.run(&["verify", "--policy", "p.yaml", "a.log"]);
    assert_eq!(ran.status, 1);
    assert!(
        ran.err.contains("`audit.k8s.io/v1beta1` was removed in 1.24: 1.36 rejects the file; write `audit.k8s.io/v1`, which has the same fields"),
        "{}",
        ran.err
    );
}
