//! `can`.

use serde_json::json;

use crate::{BAD, Folder, keys};

const POLICY: &str = "apiVersion: audit.k8s.io/v1
kind: Policy
rules:
- level: None
  users: [\"system:kube-proxy\"]
  verbs: [watch]
- level: Metadata
  resources:
  - group: \"\"
    resources: [secrets]
- level: Request
";

fn folder(test: &str) -> Folder {
    Folder::new(test, &[("p.yaml", POLICY), ("bad.yaml", BAD)])
}

#[test]
fn each_possible_verdict_has_a_class_and_a_witness() {
    let folder = folder("can");
    let words = ["can", "--policy", "p.yaml", "--format", "json"];
    let ran = folder.run(
        &[
            &words[..],
            &["resource=secrets", "apiGroup=", "subresource="],
        ]
        .concat(),
    );
    assert_eq!((ran.status, ran.err.as_str()), (0, ""));
    let object = ran.object();
    let answers = object["answers"].as_array().unwrap();
    assert_eq!(
        keys(&answers[0]),
        [
            "level",
            "omitStages",
            "omitManagedFields",
            "rule",
            "class",
            "requests",
            "witness",
            "producible",
            "served"
        ]
    );
    let verdicts: Vec<_> = answers
        .iter()
        .map(|answer| (&answer["level"], &answer["rule"]))
        .collect();
    assert_eq!(
        verdicts,
        [
            (&json!("None"), &json!(0)),
            (&json!("Metadata"), &json!(1)),
            (&json!("Metadata"), &json!(1))
        ]
    );
    let witness = &answers[0]["witness"];
    assert_eq!(
        (&witness["user"], &witness["verb"]),
        (&json!("system:kube-proxy"), &json!("watch"))
    );
    let expected = json!([
        {"attribute": "user", "in": ["system:kube-proxy"]},
        {"attribute": "verb", "in": ["watch"]},
        {"attribute": "apiGroup", "in": [""]},
        {"attribute": "resource", "in": ["secrets"]},
        {"attribute": "subresource", "in": [""]},
    ]);
    assert_eq!(answers[0]["class"], expected);
}

#[test]
fn evaluate_confirms_each_witness() {
    let folder = folder("can-witness");
    let ran = folder.run(&["can", "--policy", "p.yaml", "--format", "json"]);
    let object = ran.object();
    let answers = object["answers"].as_array().unwrap();
    assert!(answers.len() >= 3);
    for answer in answers {
        let request = answer["witness"].to_string();
        let verdict = folder
            .run_on(&request, &["evaluate", "--policy", "p.yaml"])
            .object();
        for key in ["level", "omitStages", "omitManagedFields", "rule"] {
            assert_eq!(verdict[key], answer[key], "{request}");
        }
    }
}

#[test]
fn requests_that_cannot_come_are_left_out() {
    let folder = folder("can-possible");
    let words = ["can", "--policy", "p.yaml", "--format", "json"];
    let query = ["verb=create", "resource=secrets", "subresource=", "name=db"];
    let all = folder.run(&[&words[..], &query].concat()).object();
    assert_eq!(all["answers"][0]["producible"], json!(false));
    let possible = folder
        .run(&[&words[..], &["--possible"], &query].concat())
        .object();
    assert_eq!(possible, json!({"answers": []}));
}

#[test]
fn what_the_version_does_not_serve_is_named() {
    let folder = folder("can-served");
    // Kubernetes 1.25 has no PodSecurityPolicy any more.
    let query = [
        "apiGroup=policy",
        "resource=podsecuritypolicies",
        "subresource=",
        "verb=get",
        "user=alice",
    ];
    for (version, served, note) in [
        ("1.24", true, ""),
        (
            "1.25",
            false,
            " (not served by Kubernetes 1.25: `podsecuritypolicies` in the group `policy`)",
        ),
    ] {
        let words = [
            "can",
            "--kubernetes-version",
            version,
            "--policy",
            "p.yaml",
            "--possible",
        ];
        let json = folder
            .run(&[&words[..], &["--format", "json"], &query].concat())
            .object();
        assert_eq!(json["answers"][0]["served"], json!(served), "{version}");
        let text = folder.run(&[&words[..], &query].concat()).out;
        let example = text.lines().nth(1).unwrap_or_default();
        assert!(example.ends_with(&format!("by `alice`{note}")), "{text}");
    }
}

#[test]
fn errors_in_a_query_have_their_place() {
    let folder = folder("can-errors");
    for (query, message) in [
        (
            "namespaec=pods",
            "query, column 1: unknown attribute `namespaec` (help: did you mean `namespace`?)",
        ),
        (
            "verb=get ns",
            "query, column 10: `ns` is not a term (help: write `attribute=value`, such as `verb=get`)",
        ),
    ] {
        let ran = folder.run(&["can", "--policy", "p.yaml", query]);
        assert_eq!((ran.status, ran.out.as_str()), (2, ""));
        assert_eq!(ran.err, format!("audit-policy: {message}\n"));
    }
    assert_eq!(folder.run(&["can", "--policy", "bad.yaml"]).status, 1);
    assert_eq!(folder.run(&["can", "--policy", "none.yaml"]).status, 2);
}

#[test]
fn text_names_the_line_of_the_rule() {
    let folder = folder("can-text");
    let ran = folder.run(&["can", "--policy", "p.yaml", "path=/healthz", "user=alice"]);
    assert_eq!(
        ran.out,
        "Request by rule 3 (line 11): any request of `/healthz` by `alice`\n  for example: `get` of `/healthz` by `alice`\nalways recorded, at `Request`\n"
    );
}

#[test]
fn a_rule_inside_a_document_has_its_line_in_the_file() {
    let folder = folder("can-inside");
    let inner = POLICY.replace('\n', "\n    ");
    let document = format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: audit}}\ndata:\n  policy.yaml: |\n    {inner}"
    );
    folder.write("cm.yaml", &document);
    // The first rule is in line 4 of the policy, which begins in line 6.
    let ran = folder.run(&[
        "can",
        "--policy",
        "cm.yaml",
        "user=system:kube-proxy",
        "verb=watch",
        "path=/a",
    ]);
    assert!(
        ran.out.starts_with("None by rule 1 (line 9): "),
        "{}",
        ran.out
    );
}

#[test]
fn a_resource_that_is_not_served_has_a_note() {
    let folder = folder("can-note");
    let ran = folder.run(&["can", "--policy", "p.yaml", "verb=get", "resource=secret"]);
    assert_eq!(ran.status, 0);
    assert_eq!(
        ran.err,
        "audit-policy: query, column 10: Kubernetes 1.36 does not serve `secret` (help: did you mean `secrets`?)\n"
    );
    assert!(ran.out.starts_with("Request by rule 3"), "{}", ran.out);
    let ran = folder.run(&["can", "--policy", "p.yaml", "group=system:nodes"]);
    assert_eq!(ran.status, 2);
    let error =
        "query, column 1: `group` could be `userGroup` or `apiGroup` (help: write `userGroup`";
    assert!(ran.err.contains(error), "{}", ran.err);
}
