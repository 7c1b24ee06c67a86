//! `simulate --explain`.

use serde_json::{Value, json};

use crate::Folder;

/// A request that no rule about deletes or users matches.
const HEALTH: &str = r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"a2","stage":"ResponseComplete","requestURI":"/healthz","verb":"get","user":{"username":"alice","groups":["dev"]},"stageTimestamp":"2026-01-02T03:04:07.000000Z"}"#;

/// An impersonated request.
const IMPERSONATED: &str = r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"a5","stage":"ResponseComplete","requestURI":"/api/v1/namespaces/shop/pods/web","verb":"delete","user":{"username":"alice","groups":["dev"]},"impersonatedUser":{"username":"bob"},"stageTimestamp":"2026-01-02T03:04:08.000000Z"}"#;

const REASONS: &str = "apiVersion: audit.k8s.io/v1
kind: Policy
rules:
- level: None
  users: [bob]
- level: Metadata
  verbs: [delete]
- level: Request
- level: Metadata
";

#[test]
fn explain_says_why_each_rule_matches_or_not() {
    let log = [IMPERSONATED, HEALTH].join("\n");
    let folder = Folder::new("simulate-explain", &[("p.yaml", REASONS), ("a.log", &log)]);
    let ran = folder.run(&words("json", &["--explain", "a.log"]));
    assert_eq!(ran.status, 0);
    let lines: Vec<Value> = ran
        .out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let matched = |line: &Value| -> Vec<bool> {
        let why = line["why"].as_array().unwrap();
        why.iter()
            .map(|rule| rule["matched"].as_bool().unwrap())
            .collect()
    };
    assert_eq!(matched(&lines[0]), [false, true, true, true]);
    assert_eq!(matched(&lines[1]), [false, false, true, true]);
    // Rules after the first that matches are not evaluated, as the table says.
    let evaluated = |line: &Value| -> Vec<Option<bool>> {
        let why = line["why"].as_array().unwrap();
        why.iter().map(|rule| rule["evaluated"].as_bool()).collect()
    };
    assert_eq!(evaluated(&lines[0]), [None, None, Some(false), Some(false)]);
    assert_eq!(evaluated(&lines[1]), [None, None, None, Some(false)]);
    let first = &lines[0]["why"][0];
    assert_eq!(first["predicate"], "users");
    assert_eq!(first["value"], "alice");
    assert_eq!(first["allowed"], json!(["bob"]));
    assert_eq!(
        lines[0]["impersonation"],
        "`alice` impersonates `bob`: rules see only the original user `alice` and its groups, never `bob`"
    );
    assert_eq!(lines[1].get("impersonation"), None);
    let plain = folder.run(&words("json", &["a.log"])).out;
    assert!(!plain.contains("\"why\"") && !plain.contains("impersonation"));

    let table = folder.run(&words("table", &["--explain", "a.log"])).out;
    let rules: Vec<&str> = table
        .lines()
        .filter_map(|line| line.strip_prefix("    "))
        .collect();
    assert_eq!(rules.len(), 8, "{table}");
    assert!(
        rules[0].starts_with("`alice` impersonates `bob`"),
        "{table}"
    );
    assert!(rules[1].starts_with("rule 1 does not match: "), "{table}");
    assert_eq!(
        rules[2],
        "rule 2 matches: the verb `delete`: level Metadata"
    );
    assert_eq!(
        rules[3],
        "rule 3 and later: not evaluated, because rule 2 matched"
    );
    assert!(rules[6].starts_with("rule 3 matches: "), "{table}");
    for format in ["events", "summary"] {
        let ran = folder.run(&words(format, &["--explain", "a.log"]));
        assert_eq!(ran.status, 2);
        assert!(ran.err.contains("`--explain` needs"), "{}", ran.err);
    }
}

#[test]
fn explain_tells_what_the_log_lacks() {
    let policy =
        "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: None\n  userGroups: [dev]\n";
    let old = "2016-01-02T03:04:05Z AUDIT: id=\"1\" ip=\"192.0.2.1\" method=\"GET\" user=\"ann\" as=\"<self>\" namespace=\"d\" uri=\"/api/v1/pods\"\n";
    let folder = Folder::new("simulate-lacks", &[("p.yaml", policy), ("a.log", old)]);
    let table = folder.run(&words("table", &["--explain", "a.log"])).out;
    assert!(
        table.contains("    rule 1 may match: needs `userGroups`, which is unknown"),
        "{table}"
    );
    assert!(!table.contains("no rule matches"), "{table}");
}

fn words<'w>(format: &'w str, more: &[&'w str]) -> Vec<&'w str> {
    let mut words = vec!["simulate", "--policy", "p.yaml", "--format", format];
    words.extend(more);
    words
}

#[test]
fn explain_names_what_looks_like_a_secret() {
    let event = r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"a","stage":"ResponseComplete","requestURI":"/api/v1/namespaces/a/pods/b/exec?command=mysql&command=-phunter2","verb":"create","user":{"username":"alice"},"responseStatus":{"code":101}}"#;
    let folder = Folder::new(
        "explain-secrets",
        &[("a.log", event), ("policy.yaml", crate::GOOD)],
    );
    let call = |format| {
        let ran = folder.run(&[
            "simulate",
            "--policy",
            "policy.yaml",
            "--explain",
            "--format",
            format,
            "a.log",
        ]);
        assert!(!ran.out.contains("hunter2"), "{}", ran.out);
        ran.out
    };
    let note =
        "The event seems to contain a password or token on a command line: `-p…` in `requestURI`.";
    let line: Value = serde_json::from_str(call("json").trim()).unwrap();
    assert_eq!(line["secrets"], json!([note]));
    assert!(call("table").contains(note));
}
