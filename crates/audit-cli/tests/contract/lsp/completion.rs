//! Completions: what is offered where, and what the document is with one of them.

use serde_json::{Value, json};

use super::client::{Client, URI, applied};
use crate::Folder;

/// Returns the completions at `^`, with the document without it.
fn offered(client: &mut Client, marked: &str) -> (String, Vec<Value>) {
    let text = marked.replacen('^', "", 1);
    let before = &marked[..marked.find('^').unwrap()];
    let line = before.matches('\n').count() as u64;
    let last = before.rsplit('\n').next().unwrap();
    let column = last.encode_utf16().count() as u64;
    client.open(&text);
    let list = client.at("textDocument/completion", line, column);
    let items = list["items"].as_array().cloned().unwrap_or_default();
    (text, items)
}

const HEAD: &str = "apiVersion: audit.k8s.io/v1\nkind: Policy\n";

#[test]
fn completions_depend_on_the_place() {
    let folder = Folder::new("lsp-completion", &[]);
    let mut client = Client::start(&folder, &["--kubernetes-version", "1.36"]);
    client.initialize(json!({}));
    // The place, the first name that is offered, another one, one that is not, and the document with the first one.
    let rows: [(&str, &str, &str, &str, &str); 11] = [
        ("^", "metadata", "rules", "kind", "metadata:\n  name: "),
        (
            "rules:\n- level: ^",
            "None",
            "RequestResponse",
            "RequestReceived",
            "rules:\n- level: None",
        ),
        (
            "rules:\n- level: None\n  ver^",
            "users",
            "verbs",
            "level",
            "rules:\n- level: None\n  users: []",
        ),
        (
            "omitStages: [Panic, ^",
            "RequestReceived",
            "ResponseComplete",
            "Panic",
            "omitStages: [Panic, RequestReceived",
        ),
        (
            "rules:\n- level: None\n  verbs: [^]",
            "get",
            "watch",
            "None",
            "rules:\n- level: None\n  verbs: [get]",
        ),
        (
            "rules:\n- resources:\n  - group: ^",
            "\"\"",
            "apps",
            "pods",
            "rules:\n- resources:\n  - group: \"\"",
        ),
        (
            "rules:\n- resources:\n  - group: apps\n    resources: [^]",
            "deployments",
            "daemonsets",
            "pods",
            "rules:\n- resources:\n  - group: apps\n    resources: [deployments]",
        ),
        (
            "rules:\n- userGroups: [\"^\"]",
            "system:authenticated",
            "system:masters",
            "get",
            "rules:\n- userGroups: [\"system:authenticated\"]",
        ),
        (
            "rules:\n- users: [^]",
            "system:kube-proxy",
            "system:kube-scheduler",
            "system:masters",
            "rules:\n- users: [\"system:kube-proxy\"]",
        ),
        (
            "rules:\n- nonResourceURLs: [^]",
            "/healthz*",
            "/version",
            "pods",
            "rules:\n- nonResourceURLs: [/healthz*]",
        ),
        (
            "# 😀\nrules:\n- users: [\"😀\", ^]",
            "system:kube-proxy",
            "system:kube-scheduler",
            "😀",
            "# 😀\nrules:\n- users: [\"😀\", \"system:kube-proxy\"]",
        ),
    ];
    for (place, first, second, absent, expected) in rows {
        let (text, items) = offered(&mut client, &format!("{HEAD}{place}"));
        let names: Vec<&str> = items
            .iter()
            .map(|item| item["label"].as_str().unwrap())
            .collect();
        assert_eq!(names.first(), Some(&first), "{place:?}");
        assert!(
            names.contains(&second) && !names.contains(&absent),
            "{place:?}: {names:?}"
        );
        let edit = json!({"edit": {"changes": {URI: [items[0]["textEdit"]]}}});
        assert_eq!(
            applied(&text, &edit),
            format!("{HEAD}{expected}"),
            "{place:?}"
        );
    }
    assert_eq!(client.end(), 0);
}

#[test]
fn a_policy_in_a_document_is_completed_and_the_rest_is_not() {
    let folder = Folder::new("lsp-completion-inside", &[]);
    let mut client = Client::start(&folder, &[]);
    client.initialize(json!({}));
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: audit\ndata:\n  policy.yaml: |\n    apiVersion: audit.k8s.io/v1\n    kind: Policy\n    rules:\n    - level: Metadata\n      @\n";
    let (_, items) = offered(&mut client, &map.replace('@', "ver^"));
    assert!(
        items.iter().any(|item| item["label"] == "verbs"),
        "{items:?}"
    );
    let (_, items) = offered(
        &mut client,
        "apiVersion: v1\nkind: ConfigMap\n^\ndata:\n  a: audit.k8s.io\n",
    );
    assert!(items.is_empty(), "{items:?}");
    let (_, items) = offered(&mut client, "kin^: Deployment\n");
    assert!(items.is_empty(), "{items:?}");
    assert_eq!(client.end(), 0);
}

#[test]
fn a_snippet_has_the_place_of_the_cursor() {
    let folder = Folder::new("lsp-snippet", &[]);
    let mut client = Client::start(&folder, &[]);
    client.initialize(
        json!({"textDocument": {"completion": {"completionItem": {"snippetSupport": true}}}}),
    );
    let (_, items) = offered(&mut client, &format!("{HEAD}rules:\n- level: None\n  ^"));
    let verbs = items.iter().find(|item| item["label"] == "verbs").unwrap();
    assert_eq!(
        (&verbs["textEdit"]["newText"], &verbs["insertTextFormat"]),
        (&json!("verbs: [$0]"), &json!(2))
    );
    assert_eq!(client.end(), 0);
}

#[test]
fn resources_are_those_of_the_version() {
    let folder = Folder::new("lsp-completion-version", &[]);
    // PodSecurityPolicies are gone since 1.25.
    for (version, expected) in [("1.24", true), ("1.25", false)] {
        let mut client = Client::start(&folder, &["--kubernetes-version", version]);
        client.initialize(json!({}));
        let place = "rules:\n- resources:\n  - group: policy\n    resources: [^]";
        let (_, items) = offered(&mut client, &format!("{HEAD}{place}"));
        let has = items
            .iter()
            .any(|item| item["label"] == "podsecuritypolicies");
        assert_eq!(has, expected, "{version}");
        assert_eq!(client.end(), 0);
    }
}
