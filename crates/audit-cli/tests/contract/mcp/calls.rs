//! Calls of each tool: facts, and that the answer is what the command prints.

use serde_json::{Value, json};

use super::result;
use crate::{BAD, BAD_LEVEL, Folder, GOOD};

/// Secrets at Metadata, nothing else.
const SECRETS: &str = "apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: Metadata
  resources:
  - group: \"\"
    resources: [secrets]
- level: None
";

/// A later rule that the first one covers.
const SHADOWED: &str = "apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: Metadata
- level: None
  users: [alice]
";

/// Everything at Metadata, once per request.
const ALL: &str = "apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\nrules:\n- level: Metadata\n";

const TESTS: &str = "tests:
- {name: secrets are logged, requests: {resource: secrets, apiGroup: \"\"}, level: Metadata}
- {name: pods are logged, request: {user: alice, verb: get, resource: pods, apiGroup: \"\"}, level: Metadata}
";

/// Two requests for a secret, one for a pod, 100 seconds apart.
const LOG: &str = r#"{"level":"Metadata","auditID":"1","stage":"ResponseComplete","requestURI":"/api/v1/namespaces/a/secrets/s","verb":"get","user":{"username":"alice"},"objectRef":{"resource":"secrets","namespace":"a","name":"s","apiVersion":"v1"},"requestReceivedTimestamp":"2024-01-02T03:04:05.000000Z","stageTimestamp":"2024-01-02T03:04:05.000000Z"}
{"level":"Metadata","auditID":"2","stage":"ResponseComplete","requestURI":"/api/v1/namespaces/a/secrets/s","verb":"get","user":{"username":"alice"},"objectRef":{"resource":"secrets","namespace":"a","name":"s","apiVersion":"v1"},"requestReceivedTimestamp":"2024-01-02T03:05:45.000000Z","stageTimestamp":"2024-01-02T03:05:45.000000Z"}
{"level":"Metadata","auditID":"3","stage":"ResponseComplete","requestURI":"/api/v1/namespaces/a/pods/p","verb":"get","user":{"username":"alice"},"objectRef":{"resource":"pods","namespace":"a","name":"p","apiVersion":"v1"},"requestReceivedTimestamp":"2024-01-02T03:05:45.000000Z","stageTimestamp":"2024-01-02T03:05:45.000000Z"}
"#;

fn get_secret() -> Value {
    json!({"user": "alice", "verb": "get", "apiGroup": "", "resource": "secrets", "namespace": "a", "isResourceRequest": true})
}

/// Calls a tool, and the command with files that have the names of the arguments.
fn called(
    test: &str,
    tool: &str,
    texts: &[(&str, &str)],
    more: Value,
    words: &[&str],
) -> (Value, String) {
    let mut arguments = more;
    for (name, text) in texts {
        arguments[name] = (*text).into();
    }
    let folder = Folder::new(test, texts);
    let files = listed(&folder);
    let result = result(&folder, tool, arguments);
    assert_eq!(listed(&folder), files, "nothing is written");
    (result, folder.run(words).out)
}

fn listed(folder: &Folder) -> Vec<std::ffi::OsString> {
    let entries = std::fs::read_dir(&folder.0).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    names
}

#[test]
fn check_reports_findings_and_a_rejection_alike() {
    let words = ["check", "--format", "json", "policy"];
    let texts = [("policy", SHADOWED)];
    let (result, printed) = called("mcp-check", "check", &texts, json!({}), &words);
    assert_eq!(result["content"][0]["text"], printed);
    let policy = &result["structuredContent"]["policies"][0];
    assert_eq!(policy["accepted"], true);
    let codes = policy["findings"].as_array().unwrap().iter();
    let codes: Vec<_> = codes.map(|finding| &finding["code"]).collect();
    assert!(codes.contains(&&json!("AP020")), "{codes:?}");

    let texts = [("policy", BAD)];
    let (result, printed) = called("mcp-check-bad", "check", &texts, json!({}), &words);
    assert_eq!(result["content"][0]["text"], printed);
    let policy = &result["structuredContent"]["policies"][0];
    assert_eq!(policy["accepted"], false);
    assert_eq!(policy["error"], BAD_LEVEL);
    assert_eq!(result["isError"], false);
}

#[test]
fn evaluate_has_the_verdict_of_each_request() {
    let pod = json!({"user": "alice", "verb": "get", "resource": "pods"});
    let requests = format!("{}\n{pod}\n", get_secret());
    let folder = Folder::new(
        "mcp-evaluate",
        &[("policy", SECRETS), ("requests", &requests)],
    );
    let arguments = json!({"policy": SECRETS, "requests": [get_secret(), pod]});
    let result = result(&folder, "evaluate", arguments);
    let printed = folder.run(&["evaluate", "--policy", "policy", "requests"]);
    assert_eq!(result["content"][0]["text"], printed.out);
    let verdicts = &result["structuredContent"]["verdicts"];
    assert_eq!(verdicts[0]["level"], "Metadata");
    assert_eq!(verdicts[0]["rule"], 0);
    // Without `isResourceRequest`, it is for a URL: the first rule is not for those.
    assert_eq!(verdicts[1]["level"], "None");
    let notes = &result["structuredContent"]["notes"];
    let warning = "audit-policy: ".to_owned() + notes[0].as_str().unwrap() + "\n";
    assert_eq!(warning, printed.err);
    assert!(warning.contains("requests:2: "), "{warning}");
}

#[test]
fn no_requests_have_no_verdicts() {
    let folder = Folder::new("mcp-evaluate-none", &[]);
    let result = result(&folder, "evaluate", json!({"policy": GOOD, "requests": []}));
    let expected = json!({"verdicts": [], "notes": []});
    assert_eq!(result["structuredContent"], expected);
}

#[test]
fn explain_has_a_page_or_reasons_or_all_codes() {
    let folder = Folder::new("mcp-explain", &[]);
    let page = result(&folder, "explain", json!({"code": "ap020"}));
    let printed = folder.run(&["explain", "AP020"]).out;
    assert_eq!(page["content"][0]["text"], printed);
    assert_eq!(page["structuredContent"]["page"], printed);

    let arguments = json!({"policy": SECRETS, "request": {"verb": "get", "path": "/healthz"}});
    let reasons = &result(&folder, "explain", arguments)["structuredContent"];
    assert_eq!(reasons["level"], "None");
    assert_eq!(reasons["rule"], 1);
    assert_eq!(reasons["why"][0]["matched"], false);
    assert_eq!(reasons["why"][1]["matched"], true);

    let list = result(&folder, "explain", json!({}));
    let printed = folder.run(&["explain", "--list", "--format", "json"]).out;
    assert_eq!(list["content"][0]["text"], printed);
    let codes = list["structuredContent"]["codes"].as_array().unwrap();
    assert_eq!(codes.len(), printed.lines().count());
}

#[test]
fn can_lists_every_possible_verdict() {
    let words = [
        "can",
        "--format=json",
        "--policy=policy",
        "resource=secrets",
    ];
    let more = json!({"query": "resource=secrets", "possible": false});
    let (result, printed) = called("mcp-can", "can", &[("policy", SECRETS)], more, &words);
    assert_eq!(result["content"][0]["text"], printed);
    let answers = result["structuredContent"]["answers"].as_array().unwrap();
    // Those of other API groups, and subresources, are not logged.
    let levels = answers.iter().map(|answer| answer["level"].as_str());
    let levels: std::collections::BTreeSet<_> = levels.flatten().collect();
    assert_eq!(levels, ["Metadata", "None"].into());
}

#[test]
fn diff_counts_events_only_with_a_log() {
    let texts = [("old", ALL), ("new", SECRETS)];
    let words = ["diff", "--format=json", "old", "new"];
    let (result, printed) = called("mcp-diff", "diff", &texts, json!({}), &words);
    assert_eq!(result["content"][0]["text"], printed);
    let structured = &result["structuredContent"];
    assert_eq!(structured["equal"], false);
    assert_eq!(structured["differences"][0]["events"], Value::Null);

    let texts = [("old", ALL), ("new", SECRETS), ("log", LOG)];
    let words = ["diff", "--format=json", "--log=log", "old", "new"];
    let (result, printed) = called("mcp-diff-log", "diff", &texts, json!({}), &words);
    assert_eq!(result["content"][0]["text"], printed);
    let summary = result["structuredContent"]["summary"].as_array().unwrap();
    let lost = summary.iter().filter(|row| row["change"] == "notRecorded");
    let lost: u64 = lost.map(|row| row["events"].as_u64().unwrap()).sum();
    // The one for the pod.
    assert_eq!(lost, 1);
}

#[test]
fn test_has_the_result_of_each_case() {
    let texts = [("policy", SECRETS), ("tests", TESTS)];
    let words = ["test", "--format=json", "--policy=policy", "tests"];
    let (result, printed) = called("mcp-test", "test", &texts, json!({}), &words);
    assert_eq!(result["content"][0]["text"], printed);
    let results = &result["structuredContent"]["results"];
    assert_eq!(results[1]["name"], "pods are logged");
    assert_eq!(results[1]["passed"], false);
    assert_eq!(results[1]["verdict"]["level"], "None");
    assert_eq!(result["isError"], false);
}

#[test]
fn estimate_counts_what_is_written_and_keeps_what_is_unknown() {
    let texts = [("policy", SECRETS), ("log", LOG)];
    let words = ["estimate", "--format=json", "--policy=policy", "log"];
    let (result, printed) = called("mcp-estimate", "estimate", &texts, json!({}), &words);
    assert_eq!(result["content"][0]["text"], printed);
    let structured = &result["structuredContent"];
    assert_eq!(structured["recorded"]["events"], 3);
    assert_eq!(structured["written"]["events"], 2);
    assert_eq!(structured["files"][0]["file"], "log");

    // Without times, the rate is unknown.
    let log = r#"{"level":"Metadata","auditID":"1","stage":"ResponseComplete","requestURI":"/version","verb":"get","user":{"username":"alice"}}"#;
    let texts = [("policy", GOOD), ("log", log)];
    let (result, printed) = called("mcp-estimate-time", "estimate", &texts, json!({}), &words);
    assert_eq!(result["content"][0]["text"], printed);
    let structured = &result["structuredContent"];
    assert_eq!(structured["recorded"]["events"], 1);
    assert_eq!(structured["perDay"], Value::Null);
}

#[test]
fn estimate_reads_metrics_too() {
    let metrics = "# TYPE apiserver_request_total counter\napiserver_request_total{code=\"200\",group=\"\",resource=\"secrets\",scope=\"resource\",subresource=\"\",verb=\"GET\",version=\"v1\"} 36\n";
    let folder = Folder::new(
        "mcp-estimate-metrics",
        &[("policy", SECRETS), ("m", metrics)],
    );
    let arguments = json!({"policy": SECRETS, "metrics": [metrics], "window": "1h"});
    let result = result(&folder, "estimate", arguments);
    let words = [
        "estimate",
        "--format=json",
        "--policy=policy",
        "--window=1h",
        "--metrics=m",
    ];
    let printed = folder.run(&words);
    let text = result["content"][0]["text"].as_str().unwrap();
    assert_eq!(
        text.replace("metrics[0]", "m"),
        printed.out,
        "{}",
        printed.err
    );
}

#[test]
fn export_writes_the_flags_and_takes_its_settings_back() {
    let texts = [("policy", SECRETS)];
    let words = [
        "export",
        "--format=json",
        "--policy=policy",
        "--target=flags",
        "--set=audit-log-maxage=7",
    ];
    let more = json!({"target": "flags", "set": ["audit-log-maxage=7"]});
    let (result, printed) = called("mcp-export", "export", &texts, more, &words);
    assert_eq!(result["content"][0]["text"], printed);
    let structured = &result["structuredContent"];
    let flags = structured["documents"][0]["text"].as_str().unwrap();
    assert!(flags.contains("--audit-log-maxage=7"), "{flags}");

    let again = json!({"settings": structured["settings"], "target": "flags"});
    let folder = Folder::new("mcp-export-again", &[]);
    let again = super::result(&folder, "export", again);
    assert_eq!(again["structuredContent"]["documents"][0]["text"], flags);
}
