//! `evaluate`.

use serde_json::json;

use crate::{Folder, keys};

const POLICY: &str = "apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [ResponseStarted, RequestReceived]
rules:
- level: Request
  verbs: [create, delete]
  resources:
  - group: \"\"
    resources: [pods]
- level: None
  nonResourceURLs: [/healthz*]
- level: Metadata
  userGroups: [ops]
  omitManagedFields: true
  omitStages: [Panic]
";

const REQUESTS: &str = r#"{"user":"alice","groups":["dev"],"verb":"create","namespace":"shop","apiGroup":"","resource":"pods","subresource":"","name":"","path":"/api/v1/namespaces/shop/pods","isResourceRequest":true}
{"user":"alice","groups":["dev"],"verb":"get","path":"/healthz/ping","isResourceRequest":false}

{"user":"olga","groups":["ops"],"verb":"get","path":"/metrics","isResourceRequest":false}
{"user":null,"groups":null,"verb":"get","path":"/metrics","isResourceRequest":false}
{"verb":"get","path":"/metrics"}
"#;

fn folder(test: &str) -> Folder {
    Folder::new(test, &[("p.yaml", POLICY), ("requests", REQUESTS)])
}

#[test]
fn every_request_is_answered_in_its_order() {
    let folder = folder("evaluate");
    let ran = folder.run(&["evaluate", "--policy", "p.yaml", "requests"]);
    assert_eq!((ran.status, ran.err.as_str()), (0, ""));
    let both = json!(["RequestReceived", "ResponseStarted"]);
    let answer = |level: &str, rule: Option<usize>| json!({ "level": level, "omitStages": both, "omitManagedFields": false, "rule": rule });
    let ops = json!({
        "level": "Metadata",
        "omitStages": ["Panic", "RequestReceived", "ResponseStarted"],
        "omitManagedFields": true,
        "rule": 2,
    });
    let expected = [
        answer("Request", Some(0)),
        answer("None", Some(1)),
        ops,
        // A 401 has no groups to compare, so rule 2 does not take it.
        answer("None", None),
        answer("None", None),
    ];
    assert_eq!(ran.objects(), expected);
    assert_eq!(
        keys(&ran.objects()[0]),
        ["level", "omitStages", "omitManagedFields", "rule"]
    );
}

#[test]
fn requests_and_policy_may_come_from_standard_input() {
    let folder = folder("evaluate-stdin");
    let from_file = folder.run(&["evaluate", "--policy", "p.yaml", "requests"]);
    let table: [(&str, &[&str]); 3] = [
        (REQUESTS, &["evaluate", "--policy", "p.yaml"]),
        (REQUESTS, &["evaluate", "--policy", "p.yaml", "-"]),
        (POLICY, &["evaluate", "--policy", "-", "requests"]),
    ];
    for (input, words) in table {
        assert_eq!(folder.run_on(input, words).out, from_file.out, "{words:?}");
    }
}

#[test]
fn explain_names_the_first_predicate_that_fails() {
    let folder = folder("evaluate-explain");
    let ran = folder.run(&["evaluate", "--policy", "p.yaml", "--explain", "requests"]);
    let answers = ran.objects();
    let why = |answer: usize, rule: usize| {
        let why = &answers[answer]["why"][rule];
        json!([
            why["rule"],
            why["matched"],
            why["predicate"],
            why["value"],
            why["allowed"]
        ])
    };
    for (answer, rule, expected) in [
        (0, 0, json!([0, true, null, null, null])),
        (
            1,
            0,
            json!([0, false, "verbs", "get", ["create", "delete"]]),
        ),
        (1, 1, json!([1, true, null, null, null])),
        (
            2,
            1,
            json!([1, false, "nonResourceURLs", "/metrics", ["/healthz*"]]),
        ),
        (2, 2, json!([2, true, null, null, null])),
        (
            3,
            0,
            json!([0, false, "verbs", "get", ["create", "delete"]]),
        ),
    ] {
        assert_eq!(why(answer, rule), expected, "request {answer}, rule {rule}");
    }
    assert_eq!(answers[1]["why"][2]["predicate"], "userGroups");
    assert_eq!(answers[1]["why"][2]["value"], json!(["dev"]));
    // A rule behind the one that decides is explained, and marked.
    assert_eq!(answers[1]["why"][2]["evaluated"], json!(false));
    assert_eq!(answers[1]["why"][1].get("evaluated"), None);
    // Every rule is listed, also behind the one that decides.
    assert!(
        answers
            .iter()
            .all(|answer| answer["why"].as_array().unwrap().len() == 3)
    );
}

#[test]
fn requests_may_be_utf_16_with_its_mark() {
    let folder = folder("evaluate-wide");
    let plain = folder.run(&["evaluate", "--policy", "p.yaml", "requests"]);
    let marked = format!("\u{feff}{}", REQUESTS.replace("alice", "\u{a0a}\u{d0d}😀"));
    let little: Vec<u8> = marked.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = marked.encode_utf16().flat_map(u16::to_be_bytes).collect();
    for bytes in [&little, &big] {
        std::fs::write(folder.0.join("wide"), bytes).unwrap();
        let ran = folder.run(&["evaluate", "--policy", "p.yaml", "wide"]);
        assert_eq!((ran.status, ran.err.as_str()), (0, ""));
        assert_eq!(ran.out, plain.out);
    }
    let half = little.get(..little.len() - 1).unwrap();
    std::fs::write(folder.0.join("wide"), half).unwrap();
    let ran = folder.run(&["evaluate", "--policy", "p.yaml", "wide"]);
    assert_eq!(ran.status, 2);
    assert!(
        ran.err.contains("cannot read `wide`: not valid UTF-16"),
        "{}",
        ran.err
    );
}

#[test]
fn an_invalid_line_is_reported_after_the_results_before_it() {
    let folder = folder("evaluate-broken");
    let input = "{\"verb\":\"get\",\"path\":\"/healthz\"}\nnonsense\n";
    let ran = folder.run_on(input, &["evaluate", "--policy", "p.yaml"]);
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("-:2: not a request"), "{}", ran.err);
    assert_eq!(ran.object()["rule"], 1);
}

#[test]
fn invalid_requests_are_reported_with_the_similar_key() {
    let folder = folder("evaluate-keys");
    for (line, said) in [
        (
            r#"{"verbb": "get"}"#,
            "unknown key `verbb` (did you mean `verb`?)",
        ),
        (
            r#"{"Verb": "get"}"#,
            "unknown key `Verb` (did you mean `verb`?)",
        ),
        (
            r#"{"api_group": ""}"#,
            "unknown key `api_group` (did you mean `apiGroup`?)",
        ),
        (
            r#"{"users": "alice"}"#,
            "unknown key `users` (did you mean `user`?)",
        ),
        (
            r#"{"group": []}"#,
            "unknown key `group` (did you mean `groups`?)",
        ),
        (r#"{"isResource": true}"#, "unknown key `isResource`"),
        (
            r#"{"requestURI": "/"}"#,
            "unknown key `requestURI` (the keys are user, groups, verb, namespace, apiGroup, resource, subresource, name, path, isResourceRequest)",
        ),
        ("[]", "expected an object, found a list"),
        ("null", "expected an object, found null"),
        (r#""get""#, "expected an object, found a string"),
        (r#"{"verb": 1}"#, "`verb` must be a string, not a number"),
        (
            r#"{"user": {"username": "alice"}}"#,
            "`user` must be a string, not an object",
        ),
        (
            r#"{"groups": "dev"}"#,
            "`groups` must be a list of strings, not a string",
        ),
        (
            r#"{"groups": ["dev", null]}"#,
            "`groups` must be a list of strings",
        ),
        (
            r#"{"isResourceRequest": "true"}"#,
            "`isResourceRequest` must be a boolean, not a string",
        ),
        (
            r#"{"verb": "get", "verb": "list"}"#,
            "duplicate field `verb`",
        ),
        (r#"{"verb": "get"} {}"#, "trailing characters"),
    ] {
        let input = format!("{{}}\n\n{line}\n{{}}\n");
        let ran = folder.run_on(&input, &["evaluate", "--policy", "p.yaml"]);
        assert_eq!(ran.status, 2, "{line}");
        let said = format!("audit-policy: -:3: not a request: {said}");
        assert!(ran.err.starts_with(&said), "{line}: {}", ran.err);
        assert_eq!(ran.objects().len(), 1, "{line}");
    }
}

#[test]
fn null_is_as_good_as_nothing() {
    let folder = folder("evaluate-null");
    let input = r#"{"user":null,"groups":null,"verb":null,"namespace":null,"apiGroup":null,"resource":null,"subresource":null,"name":null,"path":null,"isResourceRequest":null}"#;
    let nulls = folder.run_on(input, &["evaluate", "--policy", "p.yaml"]);
    let nothing = folder.run_on("{}", &["evaluate", "--policy", "p.yaml"]);
    assert_eq!((nulls.status, nulls.out), (0, nothing.out));
}

#[test]
fn a_path_of_a_resource_is_reported() {
    let folder = folder("evaluate-path");
    for (path, is_of_resource) in [
        ("/api/v1/pods", true),
        ("/apis/apps/v1/deployments?limit=1", true),
        ("/api/v1", false),
        ("/apis/apps/v1", false),
        ("/healthz", false),
    ] {
        let input = format!("{{\"verb\":\"get\",\"path\":\"{path}\"}}");
        let ran = folder.run_on(&input, &["evaluate", "--policy", "p.yaml"]);
        let sign = format!("a request for the path `{path}` of a resource without");
        assert_eq!(ran.err.contains(&sign), is_of_resource, "{}", ran.err);
        assert_eq!(ran.err.is_empty(), !is_of_resource, "{}", ran.err);
    }
}

#[test]
fn a_request_that_looks_like_one_for_a_resource_is_reported_in_one_line() {
    let folder = folder("evaluate-resource");
    let warning = |line: usize, sign: &str, more: &str| {
        format!(
            "audit-policy: -:{line}: {sign} without `isResourceRequest`: evaluated as a request for a URL, not for a resource (add `\"isResourceRequest\": true`){more}\n"
        )
    };
    for (input, expected) in [
        (
            r#"{"verb":"get","resource":"pods"}"#,
            warning(1, "a request with `resource`", ""),
        ),
        (
            r#"{"verb":"get","resource":"pods","isResourceRequest":null}"#,
            warning(1, "a request with `resource`", ""),
        ),
        (
            r#"{"verb":"get","namespace":"shop"}"#,
            warning(1, "a request with `namespace`", ""),
        ),
        (
            r#"{"verb":"list"}"#,
            warning(1, "a request with the verb `list`", ""),
        ),
        (
            "{}\n{\"verb\":\"list\"}\n{\"resource\":\"pods\"}",
            warning(
                2,
                "a request with the verb `list`",
                "; so is 1 more request",
            ),
        ),
        (
            "{\"verb\":\"list\"}\n{\"resource\":\"pods\"}\n{\"verb\":\"create\"}",
            warning(
                1,
                "a request with the verb `list`",
                "; so are 2 more requests",
            ),
        ),
        (
            r#"{"verb":"get","resource":"pods","isResourceRequest":true}"#,
            String::new(),
        ),
        (
            r#"{"verb":"get","resource":"pods","isResourceRequest":false}"#,
            String::new(),
        ),
        (
            r#"{"verb":"get","resource":"","path":"/healthz"}"#,
            String::new(),
        ),
        (r#"{"verb":"post","path":"/healthz"}"#, String::new()),
    ] {
        let ran = folder.run_on(input, &["evaluate", "--policy", "p.yaml"]);
        assert_eq!((ran.status, ran.err), (0, expected), "{input}");
    }
    // The answer is that for a URL: rule 1 is about pods.
    let ran = folder.run_on(
        r#"{"verb":"create","resource":"pods"}"#,
        &["evaluate", "--policy", "p.yaml"],
    );
    assert_eq!(ran.object()["rule"], json!(null));
}
