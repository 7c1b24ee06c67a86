//! `test`.

use std::io::{BufRead, BufReader};

use serde_json::json;

use crate::{BAD, BAD_LEVEL, Folder, keys};

const POLICY: &str = "apiVersion: audit.k8s.io/v1
kind: Policy
rules:
- level: None
  users: [\"system:kube-proxy\"]
  verbs: [watch]
- level: Metadata
  resources: [{group: \"\", resources: [secrets]}]
  namespaces: [payments]
- level: Request
";

const TESTS: &str = "policy: p.yaml
tests:
- name: alice deletes a secret
  request: {user: alice, verb: delete, resource: secrets, namespace: payments, name: db}
  level: Metadata
  rule: 2
- name: secrets never with bodies
  requests: {apiGroup: \"\", resource: secrets, subresource: \"\"}
  atMost: Metadata
- name: kube-proxy watches unrecorded
  requests: {user: \"system:kube-proxy\", verb: watch}
  notRecorded: true
";

fn folder(test: &str) -> Folder {
    Folder::new(test, &[("p.yaml", POLICY), ("t.yaml", TESTS)])
}

#[test]
fn each_case_is_one_object() {
    let folder = folder("test-json");
    let ran = folder.run(&["test", "--format", "json", "t.yaml"]);
    assert_eq!((ran.status, ran.err.as_str()), (1, ""));
    let results = ran.objects();
    assert_eq!(
        keys(&results[0])[..5],
        ["file", "name", "passed", "message", "witness"]
    );
    let passed: Vec<_> = results.iter().map(|result| &result["passed"]).collect();
    assert_eq!(passed, [true, false, true]);
    assert_eq!(results[0]["file"], "t.yaml");
    assert_eq!(results[0]["name"], "alice deletes a secret");
    assert_eq!(results[0]["witness"], json!(null));
    assert_eq!(results[1]["line"], 7);
    let witness = &results[1]["witness"];
    assert_eq!(
        keys(witness),
        [
            "user",
            "groups",
            "verb",
            "namespace",
            "apiGroup",
            "resource",
            "subresource",
            "name",
            "path",
            "isResourceRequest"
        ]
    );
    assert_eq!(
        (&witness["resource"], &witness["apiGroup"]),
        (&json!("secrets"), &json!(""))
    );
    assert_ne!(witness["namespace"], "payments");
    assert_eq!(
        (&results[2]["proved"], &results[0]["proved"]),
        (&json!(true), &json!(false))
    );

    // The witness is what it is claimed to be: `evaluate` gives the same verdict.
    let evaluated = folder.run_on(&witness.to_string(), &["evaluate", "--policy", "p.yaml"]);
    assert_eq!(evaluated.object(), results[1]["verdict"]);
    assert_eq!(evaluated.object()["level"], "Request");
}

#[test]
fn text_lists_failures_with_their_request() {
    let folder = folder("test-text");
    let ran = folder.run(&["test", "t.yaml"]);
    assert_eq!(ran.status, 1);
    let lines: Vec<&str> = ran.out.lines().collect();
    assert_eq!(lines[0], "t.yaml");
    assert_eq!(lines[1], "  passed  alice deletes a secret");
    assert_eq!(lines[2], "  FAILED  secrets never with bodies (line 7)");
    assert!(
        lines[3].starts_with("    expected at most `Metadata`, found `Request` by rule 3 for `"),
        "{}",
        lines[3]
    );
    assert!(
        lines[4].starts_with("    request: {\"user\":"),
        "{}",
        lines[4]
    );
    assert_eq!(lines[6..], ["2 passed, 1 failed"]);
}

#[test]
fn the_call_can_name_the_policy() {
    let folder = folder("test-policy");
    folder.write(
        "other.yaml",
        &POLICY.replace("  namespaces: [payments]\n", ""),
    );
    let ran = folder.run(&["test", "--policy", "other.yaml", "t.yaml"]);
    assert_eq!((ran.status, ran.err.as_str()), (0, ""), "{}", ran.out);
    let of_stdin = folder.run_on(
        &POLICY.replace("  namespaces: [payments]\n", ""),
        &["test", "--policy", "-", "t.yaml"],
    );
    assert_eq!(of_stdin.out, ran.out);
    let twice = folder.run(&["test", "--policy", "-", "t.yaml", "t.yaml"]);
    assert_eq!(twice.status, 2);
}

#[test]
fn errors_of_files_have_their_place() {
    let folder = folder("test-errors");
    let case = "tests:\n- {name: a, requests: {}, atLeast: None}\n";
    for (text, words, status, error) in [
        (
            "policy: p.yaml\ntests:\n- name: a\n  requests: {resorce: pods}\n  level: None\n"
                .to_owned(),
            &[][..],
            2,
            "t.yaml:4:14: unknown field `resorce` (help: did you mean `resource`?)",
        ),
        (
            format!("kubernetesVersion: '1.30'\npolicy: p.yaml\n{case}"),
            &["--kubernetes-version", "1.33"],
            2,
            "t.yaml:1:20: the file is for Kubernetes 1.30, not 1.33 (help: leave out `--kubernetes-version`, or `kubernetesVersion` in the file)",
        ),
        (
            case.to_owned(),
            &[],
            2,
            "t.yaml:1:1: no policy to test (help: name it by `policy: FILE`, or call with `--policy FILE`)",
        ),
        (
            format!("policy: bad.yaml\n{case}"),
            &[],
            1,
            &format!("`bad.yaml` is rejected: {BAD_LEVEL}"),
        ),
        (
            format!(
                "policy: {{apiVersion: audit.k8s.io/v1, kind: Policy, rules: [{{level: Loud}}]}}\n{case}"
            ),
            &[],
            1,
            &format!("t.yaml:1:9: the policy is rejected: {BAD_LEVEL}"),
        ),
    ] {
        folder.write("bad.yaml", BAD);
        folder.write("t.yaml", &text);
        let ran = folder.run(&[&["test", "t.yaml"], words].concat());
        assert_eq!(
            (ran.status, ran.err.trim_end()),
            (status, format!("audit-policy: {error}").as_str()),
            "{text}"
        );
    }
    folder.write("t.yaml", &format!("policy: none.yaml\n{case}"));
    let ran = folder.run(&["test", "t.yaml"]);
    assert_eq!(ran.status, 2);
    assert!(
        ran.err
            .starts_with("audit-policy: t.yaml:1:9: cannot read `none.yaml`: "),
        "{}",
        ran.err
    );
}

#[test]
fn other_files_are_run_after_one_that_is_wrong() {
    let folder = folder("test-several");
    folder.write("wrong.yaml", "tests: []\n");
    let ran = folder.run(&[
        "test",
        "--format",
        "json",
        "wrong.yaml",
        "none.yaml",
        "t.yaml",
    ]);
    // A line for each file that cannot be run, and the three cases of the other.
    let names: Vec<_> = ran
        .objects()
        .iter()
        .map(|one| one["name"].clone())
        .collect();
    assert_eq!((ran.status, names.len()), (2, 5), "{}", ran.err);
    assert!(names[..2].iter().all(|name| name == "can be run"));
    assert_eq!(ran.err.lines().count(), 2, "{}", ran.err);
}

#[test]
fn policy_and_settings_are_relative_to_the_tests() {
    let folder = folder("test-folders");
    std::fs::create_dir_all(folder.0.join("tests")).unwrap();
    folder.write(
        "flags.txt",
        "--audit-log-path=/var/log/audit.log --audit-log-maxage=7\n",
    );
    folder.write(
        "tests/t.yaml",
        "policy: ../p.yaml\nsettings: ../flags.txt\ntests:\n- {name: a month, setting: {flag: audit-log-maxage, atLeast: 30}}\n- {name: a log, setting: {flag: audit-log-path, isSet: true}}\n",
    );
    let ran = folder.run(&["test", "--format", "json", "tests/t.yaml"]);
    assert_eq!((ran.status, ran.err.as_str()), (1, ""));
    let results = ran.objects();
    assert_eq!(
        results[0]["message"],
        "expected at least `30`, but `--audit-log-maxage` is `7`"
    );
    assert_eq!(results[1]["passed"], true);
}

#[test]
fn tap_has_a_plan_and_a_line_per_case() {
    let folder = folder("test-tap");
    let ran = folder.run(&["test", "--format", "tap", "t.yaml"]);
    assert_eq!(ran.status, 1);
    let lines: Vec<&str> = ran.out.lines().collect();
    assert_eq!(lines[0], "TAP version 14");
    assert_eq!(lines[2], "ok 1 - alice deletes a secret");
    assert_eq!(lines[3], "not ok 2 - secrets never with bodies");
    assert_eq!((lines[4], lines[9]), ("  ---", "  ..."));
    assert_eq!(lines[10], "ok 3 - kube-proxy watches unrecorded");
    assert_eq!(lines[11..], ["1..3"]);
}

#[test]
fn names_cannot_break_a_format() {
    let folder = folder("test-names");
    let name = "a <b> & \\\"c\\\" # SKIP \\e[2J";
    folder.write(
        "t.yaml",
        &format!("policy: p.yaml\ntests:\n- {{name: \"{name}\", requests: {{}}, level: None}}\n"),
    );
    let junit = folder.run(&["test", "--format", "junit", "t.yaml"]).out;
    assert!(
        junit.contains("<testcase name=\"a &lt;b&gt; &amp; &quot;c&quot; # SKIP \u{fffd}[2J\" classname=\"t.yaml\">"),
        "{junit}"
    );
    let tap = folder.run(&["test", "--format", "tap", "t.yaml"]).out;
    assert!(
        tap.contains("not ok 1 - a <b> & \"c\" \\# SKIP \\\\u{1b}[2J\n"),
        "{tap}"
    );
}

#[test]
fn coverage_lists_rules_that_no_case_reaches() {
    let folder = folder("test-coverage");
    folder.write(
        "t.yaml",
        "policy: p.yaml\ntests:\n- name: alice deletes a secret\n  request: {user: alice, verb: delete, resource: secrets, namespace: payments, name: db}\n  level: Metadata\n",
    );
    let ran = folder.run(&["test", "--format", "json", "--coverage", "t.yaml"]);
    assert_eq!(ran.status, 0);
    let results = ran.objects();
    // Rules from 0, as in `evaluate`: the first and the last one, with their lines.
    assert_eq!(
        results[1],
        json!({"file": "t.yaml", "policy": "p.yaml", "coverage": {"rules": 3, "unreached": [{"rule": 0, "line": 4}, {"rule": 2, "line": 10}]}})
    );
    let text = folder.run(&["test", "--coverage", "t.yaml"]).out;
    assert!(
        text.contains("coverage: 1 of 3 rules are reached\n"),
        "{text}"
    );
    assert!(
        text.contains("  no case reaches rule 3 (p.yaml:10)\n"),
        "{text}"
    );
}

#[test]
fn mutations_lists_changes_that_no_case_notices() {
    let folder = folder("test-mutations");
    // Rule 2 has the verdict of rule 3, so without it nothing changes.
    folder.write("p.yaml", "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: None\n  verbs: [watch]\n- level: Request\n  users: [alice]\n- level: Request\n");
    folder.write(
        "t.yaml",
        "policy: p.yaml\ntests:\n- {name: watches, requests: {verb: watch}, level: None}\n- {name: the rest, requests: {verb: {not: watch}}, level: Request}\n",
    );
    let ran = folder.run(&["test", "--format", "json", "--mutations", "t.yaml"]);
    assert_eq!(ran.status, 0, "{}", ran.out);
    let found = &ran.objects()[2]["mutations"];
    // Every verdict is stated, so every change that changes one is noticed: 3 removals less the equal one, 2 exchanges less the equal one, 9 levels
    // and 2 conditions less the one of alice.
    assert_eq!(found["unnoticed"], json!([]));
    assert_eq!(
        (&found["noticed"], &found["equal"]),
        (&json!(2 + 1 + 9 + 1), &json!(3))
    );

    folder.write(
        "t.yaml",
        "policy: p.yaml\ntests:\n- {name: watches, requests: {verb: watch}, level: None}\n- {name: the rest, requests: {verb: {not: watch}}, atLeast: Metadata}\n",
    );
    let found = folder
        .run(&["test", "--format", "json", "--mutations", "t.yaml"])
        .objects();
    let changes: Vec<&str> = found[2]["mutations"]["unnoticed"]
        .as_array()
        .unwrap()
        .iter()
        .map(|mutant| mutant["change"].as_str().unwrap())
        .collect();
    assert_eq!(
        changes,
        [
            "rule 2 has the level `Metadata`",
            "rule 2 has the level `RequestResponse`",
            "rule 3 has the level `Metadata`",
            "rule 3 has the level `RequestResponse`",
        ]
    );
    assert_eq!(found[2]["mutations"]["unnoticed"][2]["line"], 8);
}

#[test]
fn a_change_of_the_whole_policy_has_no_rule() {
    let folder = folder("test-mutations-policy");
    folder.write("p.yaml", "apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\nrules:\n- level: Metadata\n");
    folder.write(
        "t.yaml",
        "policy: p.yaml\ntests:\n- {name: all, requests: {}, level: Metadata}\n",
    );
    let found = folder
        .run(&["test", "--format", "json", "--mutations", "t.yaml"])
        .objects();
    let change = &found[1]["mutations"]["unnoticed"][0];
    assert_eq!(change["change"], "the policy lacks `omitStages`");
    assert_eq!(
        (&change["rule"], &change["line"]),
        (&json!(null), &json!(null))
    );
    let text = folder.run(&["test", "--mutations", "t.yaml"]).out;
    let line = "  no case notices that the policy lacks `omitStages`, for example for ";
    assert!(text.contains(line), "{text}");
}

#[test]
fn a_policy_of_the_call_is_read_once() {
    let folder = folder("test-policy-once");
    // An unknown field, which kube-apiserver warns about.
    folder.write(
        "w.yaml",
        "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n  verb: [get]\n",
    );
    let case = "tests:\n- {name: all, requests: {}, level: Metadata}\n";
    folder.write("a.yaml", case);
    folder.write("b.yaml", case);
    let ran = folder.run(&["test", "--policy", "w.yaml", "a.yaml", "b.yaml"]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert_eq!(ran.err.matches("unknown field").count(), 1, "{}", ran.err);
    // The versions of the files may differ, and what the policy is with them.
    folder.write("b.yaml", &format!("kubernetesVersion: \"1.30\"\n{case}"));
    let ran = folder.run(&["test", "--policy", "w.yaml", "a.yaml", "b.yaml"]);
    assert_eq!(ran.err.matches("unknown field").count(), 2, "{}", ran.err);
}

#[test]
fn a_pack_for_other_versions_is_named_with_its_place() {
    let folder = folder("test-pack-versions");
    folder.write(
        "p.yaml",
        "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n",
    );
    folder.write("pack.yaml", "kind: RequirementPack\nid: house\nkubernetesVersions: {from: \"1.28\", to: \"1.30\"}\ntests:\n- {name: all, id: H1, source: S, requests: {}, level: Metadata}\n");
    let note = "pack.yaml:3:21: the pack was written for Kubernetes 1.28 to 1.30, not 1.36";
    for words in [
        &["test", "--policy", "p.yaml", "pack.yaml"][..],
        &["report", "--policy", "p.yaml", "--pack", "pack.yaml"],
    ] {
        let ran = folder.run(words);
        assert_eq!(ran.status, 0, "{}", ran.err);
        assert!(ran.err.contains(note), "{words:?}: {}", ran.err);
        let version = ["--kubernetes-version", "1.30"];
        let ran = folder.run(&[words, &version].concat());
        assert_eq!((ran.status, ran.err.as_str()), (0, ""));
    }
    let report = [
        "report",
        "--policy",
        "p.yaml",
        "--format",
        "markdown",
        "--pack",
        "pack.yaml",
    ];
    let report = folder.run(&report).out;
    let note = "Note: the pack was written for Kubernetes 1.28 to 1.30, not 1.36.";
    assert!(report.contains(note), "{report}");
}

#[test]
fn watch_runs_again_after_a_change() {
    let folder = folder("test-watch");
    let mut child = folder
        .command(&["test", "--watch", "t.yaml"])
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut summary = || loop {
        let line = lines.next().unwrap().unwrap();
        if line.ends_with(" failed") {
            return line;
        }
    };
    assert_eq!(summary(), "2 passed, 1 failed");
    folder.write("p.yaml", &POLICY.replace("  namespaces: [payments]\n", ""));
    assert_eq!(summary(), "3 passed, 0 failed");
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(folder.run_on(TESTS, &["test", "--watch", "-"]).status, 2);
}

#[test]
fn tests_of_a_log_pass() {
    let folder = folder("test-from");
    let examples =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web/worker/examples");
    let log = examples.join("control-plane.jsonl");
    let policy = examples.join("production.yaml");
    let (log, policy) = (log.to_str().unwrap(), policy.to_str().unwrap());
    let made = folder.run(&["test", "--from", log, "--policy", policy]);
    assert_eq!((made.status, made.err.as_str()), (0, ""));
    folder.write("made.yaml", &made.out);
    let ran = folder.run(&["test", "--format", "json", "made.yaml"]);
    assert_eq!((ran.status, ran.err.as_str()), (0, ""));
    assert!(ran.objects().len() > 20, "{}", made.out);

    // They are about that policy: another one fails.
    folder.write(
        "none.yaml",
        "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: None\n",
    );
    let other = folder.run(&["test", "--policy", "none.yaml", "made.yaml"]);
    assert_eq!(other.status, 1);
}

#[test]
fn a_case_of_a_log_states_the_request_and_the_verdict() {
    let folder = folder("test-from-one");
    let event = r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"1","stage":"ResponseComplete","requestURI":"/api/v1/namespaces/payments/secrets/NAME","verb":"get","user":{"username":"a, b: \"c\"","groups":["system:authenticated"]}}"#;
    let log: Vec<String> = ["db", "web"]
        .iter()
        .map(|name| event.replace("NAME", name) + "\n")
        .collect();
    folder.write("log.jsonl", &log.concat());
    let made = folder.run(&["test", "--from", "log.jsonl", "--policy", "p.yaml"]);
    assert_eq!((made.status, made.err.as_str()), (0, ""));
    // Two names with the same verdict are one case.
    let expected = r#"kind: PolicyTests
policy: "p.yaml"
kubernetesVersion: "1.36"
tests:
- name: "a, b: \"c\": get secrets in payments"
  request: {user: "a, b: \"c\"", groups: ["system:authenticated"], verb: get, apiGroup: "", resource: secrets, namespace: payments, name: db}
  level: Metadata
  stages: [RequestReceived, ResponseStarted, ResponseComplete, Panic]
  omitManagedFields: false
  rule: 2
"#;
    assert_eq!(made.out, expected);
    assert_eq!(folder.run(&["test", "--from", "log.jsonl"]).status, 2);
    folder.write("empty.jsonl", "");
    let empty = folder.run(&["test", "--from", "empty.jsonl", "--policy", "p.yaml"]);
    assert_eq!(empty.status, 2, "{}", empty.err);
}

#[test]
fn a_file_that_cannot_be_run_is_a_failure_in_every_format() {
    let folder = Folder::new("tests-unread", &[("bad.yaml", "tests: 1\n")]);
    for (format, expected) in [
        ("text", "  FAILED  can be run\n"),
        ("json", "\"name\":\"can be run\",\"passed\":false"),
        ("junit", "<error message=\""),
        ("tap", "not ok 1 - bad.yaml can be run\n"),
    ] {
        let ran = folder.run(&["test", "--format", format, "bad.yaml"]);
        assert_eq!(ran.status, 2, "{format}");
        assert!(ran.out.contains(expected), "{format}: {}", ran.out);
    }
}

#[test]
fn a_flag_whose_value_is_not_known_fails() {
    let policy =
        "policy: {apiVersion: audit.k8s.io/v1, kind: Policy, rules: [{level: Metadata}]}\n";
    let tests = format!(
        "{policy}settings: flags.txt\ntests:\n- {{name: kept, setting: {{flag: audit-log-maxage, isSet: false}}}}\n"
    );
    let flags = "kube-apiserver --audit-log-path=/a.log --audit-log-maxage=${AGE} $OPTS\n";
    let folder = Folder::new("tests-flags", &[("t.yaml", &tests), ("flags.txt", flags)]);
    let ran = folder.run(&["test", "--format", "json", "t.yaml"]);
    assert_eq!(ran.status, 1);
    let message = &ran.object()["message"];
    assert_eq!(
        message,
        "`--audit-log-maxage` cannot be checked: the value is a variable"
    );
}
