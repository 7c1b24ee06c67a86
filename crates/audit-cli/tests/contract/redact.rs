//! `redact`: logs and policies with pseudonyms instead of names.

use serde_json::Value;

use crate::Folder;

const POLICY: &str = "# payments asked for this\napiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: None\n  users: [alice]\n- level: Request\n  namespaces: [payments]\n- level: Metadata\n";

fn event(user: &str, number: u32) -> String {
    format!(
        r#"{{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"RequestResponse","auditID":"a{number}","stage":"ResponseComplete","requestURI":"/api/v1/namespaces/payments/secrets/db-password","verb":"create","user":{{"username":"{user}"}},"sourceIPs":["203.0.113.7"],"responseStatus":{{"metadata":{{}},"code":201}},"requestObject":{{"kind":"Secret","apiVersion":"v1","metadata":{{"name":"db-password"}},"stringData":{{"pin":"hunter22"}}}},"requestReceivedTimestamp":"2026-01-02T03:04:05.000000Z","stageTimestamp":"2026-01-02T03:04:05.500000Z"}}"#
    )
}

fn folder(test: &str) -> Folder {
    let log = [event("alice", 1), event("bob", 2), event("carol", 3)].join("\n");
    let pretty = log
        .lines()
        .next()
        .map(|line| line.replace(",\"", ",\n  \""));
    Folder::new(
        test,
        &[
            ("policy.yaml", POLICY),
            ("bad.yaml", crate::BAD),
            ("audit.log", &log),
            ("pretty.json", &pretty.unwrap_or_default()),
            ("odd.log", "not a log\n"),
        ],
    )
}

/// Returns level, rule and sizes of each event.
fn outcomes(folder: &Folder, policy: &str, log: &str) -> Vec<Value> {
    let ran = folder.run(&["simulate", "--policy", policy, "--format", "json", log]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    let keys = ["level", "rule", "outcome", "recordedBytes", "writtenBytes"];
    ran.out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .map(|event: Value| keys.map(|key| event[key].clone()).to_vec().into())
        .collect()
}

#[test]
fn no_name_is_left_and_every_figure_stays() {
    let folder = folder("redact");
    let ran = folder.run(&[
        "redact",
        "--policy",
        "policy.yaml",
        "--save-policy",
        "p.yaml",
        "--save-names",
        "names.jsonl",
        "audit.log",
    ]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    folder.write("redacted.log", &ran.out);
    let policy = folder.read("p.yaml");
    for name in [
        "alice",
        "bob",
        "carol",
        "payments",
        "password",
        "hunter22",
        "203.0.113.7",
        "pin",
    ] {
        assert!(!ran.out.contains(name), "{name} in {}", ran.out);
        assert!(!policy.contains(name), "{name} in {policy}");
        assert!(!ran.err.contains(name), "{name} in {}", ran.err);
    }
    assert!(policy.contains(" asked for this"), "{policy}");
    let secret = "audit.log:1: replaced what looks like the data of a Secret: `stringData: …` in `requestObject.stringData`";
    assert!(ran.err.contains(secret), "{}", ran.err);
    assert_eq!(
        outcomes(&folder, "p.yaml", "redacted.log"),
        outcomes(&folder, "policy.yaml", "audit.log")
    );
    let names = folder.read("names.jsonl");
    assert!(
        names.contains(r#"{"name":"alice","pseudonym":""#),
        "{names}"
    );
}

#[test]
fn the_exit_status_says_whether_everything_was_read() {
    let folder = folder("redact-status");
    for (policy, log, status) in [
        ("policy.yaml", "audit.log", 0),
        ("policy.yaml", "pretty.json", 0),
        ("bad.yaml", "audit.log", 1),
        ("bad.yaml", "odd.log", 2),
        ("policy.yaml", "odd.log", 2),
        ("policy.yaml", "absent.log", 2),
        ("absent.yaml", "audit.log", 2),
    ] {
        let ran = folder.run(&["redact", "--policy", policy, log]);
        assert_eq!(ran.status, status, "{policy} {log}: {}", ran.err);
        let is_json = |line: &str| serde_json::from_str::<Value>(line).is_ok();
        assert!(ran.out.lines().all(is_json), "{}", ran.out);
    }
}

/// A key of one's own gives the same pseudonyms again.
#[test]
fn keys_are_random() {
    let folder = folder("redact-key");
    let run = |key: &[&str]| {
        let arguments = ["redact", "--policy", "policy.yaml", "audit.log"];
        folder.run(&[&arguments, key].concat()).out
    };
    assert_ne!(run(&[]), run(&[]));
    assert_eq!(run(&["--key", "7"]), run(&["--key", "7"]));
    assert_ne!(run(&["--key", "7"]), run(&["--key", "8"]));
}

/// A file that is read, or another output, is not overwritten.
#[test]
fn outputs_do_not_replace_inputs() {
    let folder = folder("redact-outputs");
    for (option, file) in [
        ("--save-policy", "policy.yaml"),
        ("--save-policy", "./policy.yaml"),
        ("--save-names", "audit.log"),
        ("--save-names", "new.jsonl"),
    ] {
        let words = [
            "redact",
            "--policy",
            "policy.yaml",
            "audit.log",
            option,
            file,
        ];
        let other = ["--save-policy", "new.jsonl"];
        let words = match file {
            "new.jsonl" => [&words[..], &other].concat(),
            _ => words.to_vec(),
        };
        let ran = folder.run(&words);
        assert_eq!(
            (ran.status, ran.out.as_str()),
            (2, ""),
            "{words:?}: {}",
            ran.err
        );
    }
    assert_eq!(folder.read("policy.yaml"), POLICY);
}

/// The server gives no verdict under a policy that it rejects: the log is redacted, and the status is that of a rejected policy.
#[test]
fn a_rejected_policy_is_named() {
    let folder = folder("redact-rejected");
    let ran = folder.run(&["redact", "--policy", "bad.yaml", "audit.log"]);
    assert_eq!(ran.status, 1, "{}", ran.err);
    let message = "`bad.yaml` is rejected by kube-apiserver, so there are no verdicts to compare: ";
    let reason = ran.err.split(message).nth(1).unwrap_or_default();
    assert!(
        reason.lines().next().is_some_and(|line| !line.is_empty()),
        "{}",
        ran.err
    );
    let accepted = folder.run(&["redact", "--policy", "policy.yaml", "audit.log"]);
    assert_eq!(ran.out.lines().count(), accepted.out.lines().count());
    assert!(ran.out.lines().count() > 0);
}

/// An entry of GKE, which has no groups, query, stage or level.
const ENTRY: &str = r#"{"protoPayload":{"serviceName":"k8s.io","methodName":"io.k8s.core.v1.pods.create","resourceName":"core/v1/namespaces/shop/pods/web","authenticationInfo":{"principalEmail":"ann@example.com"},"requestMetadata":{"callerIp":"192.0.2.7"},"status":{}},"timestamp":"2026-01-02T03:04:05Z"}"#;

/// A policy with a rule that depends on what the entry lacks.
const BY_GROUP: &str = "apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\nrules:\n- level: None\n  namespaces: [shop]\n  userGroups: [devs]\n- level: Metadata\n";

#[test]
fn redacted_records_lack_what_the_original_lacks() {
    let legacy = "2026-01-02T03:04:05.000000Z AUDIT: id=\"1\" stage=\"ResponseComplete\" ip=\"192.0.2.7\" method=\"get\" user=\"ann\" as=\"<self>\" namespace=\"shop\" uri=\"/api/v1/namespaces/shop/pods/web\" response=\"200\"";
    let path = r#"{"protoPayload":{"methodName":"io.k8s.get","resourceName":"shop/pay","authenticationInfo":{"principalEmail":"ann@example.com"}}}"#;
    for (name, log) in [
        ("gke.jsonl", ENTRY),
        ("legacy.log", legacy),
        ("path.jsonl", path),
    ] {
        let folder = Folder::new(
            "redact-incomplete",
            &[("policy.yaml", BY_GROUP), (name, log)],
        );
        let ran = folder.run(&[
            "redact",
            "--policy",
            "policy.yaml",
            "--save-policy",
            "redacted.yaml",
            name,
        ]);
        assert_eq!(ran.status, 0, "{}", ran.err);
        assert!(
            !ran.out.contains("ann") && !ran.out.contains("shop"),
            "{}",
            ran.out
        );
        assert!(!ran.err.contains("without stage"), "{}", ran.err);
        folder.write("redacted.jsonl", &ran.out);
        let simulated = |policy: &str, log: &str| {
            let ran = folder.run(&["simulate", "--policy", policy, "--format", "json", log]);
            let mut event = ran.object();
            for name in ["file", "auditID"] {
                event[name] = Value::Null;
            }
            event
        };
        let before = simulated("policy.yaml", name);
        assert_eq!(before["outcome"], "unknowable", "{before}");
        assert_eq!(
            simulated("redacted.yaml", "redacted.jsonl"),
            before,
            "{}",
            ran.out
        );
    }
}
