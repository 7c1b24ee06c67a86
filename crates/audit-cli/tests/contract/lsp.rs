//! `lsp`: a scripted client talks to the command as an editor does.

mod client;
mod completion;
mod configuration;
mod hover;
mod robustness;

use serde_json::{Value, json};

use crate::{Folder, GOOD, NESTED};
use client::{Client, URI, applied};

/// Returns `[start line, start column, end line, end column]` of a range.
fn range(value: &Value) -> [u64; 4] {
    let number = |path: &str| value.pointer(path).unwrap().as_u64().unwrap();
    [
        number("/start/line"),
        number("/start/character"),
        number("/end/line"),
        number("/end/character"),
    ]
}

/// Returns the diagnostics with a code.
fn with_code<'d>(diagnostics: &'d [Value], code: &str) -> Vec<&'d Value> {
    let has_code = |diagnostic: &&Value| diagnostic["code"] == code;
    diagnostics.iter().filter(has_code).collect()
}

#[test]
fn a_session_reports_fixes_and_ends() {
    let folder = Folder::new("lsp-session", &[("p.yaml", NESTED)]);
    let mut client = Client::start(&folder, &[]);
    let started = client.initialize(json!({}));
    assert_eq!(started["serverInfo"]["name"], "audit-policy");
    assert_eq!(started["capabilities"]["positionEncoding"], "utf-16");
    assert_eq!(started["capabilities"]["textDocumentSync"]["change"], 2);

    let diagnostics = client.open(NESTED);
    let nested = with_code(&diagnostics, "AP012");
    assert_eq!(nested.len(), 1, "{diagnostics:?}");
    // `verbs` in the eighth line, after four spaces.
    assert_eq!(range(&nested[0]["range"]), [7, 4, 7, 9]);
    assert_eq!(
        (&nested[0]["severity"], &nested[0]["source"]),
        (&json!(2), &json!("audit-policy"))
    );
    let message = nested[0]["message"].as_str().unwrap();
    assert!(
        message.contains("`verbs`") && message.contains("\nhelp: "),
        "{message}"
    );

    let actions = client.actions([7, 5, 7, 5], None);
    let fix = actions
        .iter()
        .find(|action| action["diagnostics"][0]["code"] == "AP012")
        .unwrap();
    assert_eq!(
        (&fix["kind"], &fix["isPreferred"]),
        (&json!("quickfix"), &json!(true))
    );
    let all = actions
        .iter()
        .find(|action| action["kind"] == "source.fixAll.auditPolicy")
        .unwrap();
    // What `check --fix` writes: one certain fix, so that both are the same.
    assert_eq!(folder.run(&["check", "--fix", "p.yaml"]).status, 0);
    let written = folder.read("p.yaml");
    assert_ne!(written, NESTED);
    assert_eq!(applied(NESTED, fix), written);
    assert_eq!(applied(NESTED, all), written);

    let diagnostics = client.change(json!([{"text": written}]));
    assert_eq!(with_code(&diagnostics, "AP012").len(), 0, "{diagnostics:?}");
    assert_eq!(client.end(), 0);
}

#[test]
fn findings_are_those_of_check() {
    let twice = format!("{NESTED}---\n{GOOD}");
    let map = config_map(NESTED);
    let ignored = NESTED.replace(
        "    verbs: [create]",
        "    verbs: [create] # audit-policy: ignore[AP012] known",
    );
    for (name, text) in [
        ("two documents", twice.as_str()),
        ("a document with a policy", &map),
        ("an ignored finding", &ignored),
        ("an error", crate::BAD),
    ] {
        let folder = Folder::new("lsp-same", &[("p.yaml", text)]);
        let report = folder.run(&["check", "--format", "json", "p.yaml"]);
        let mut expected: Vec<(String, u64, u64)> = Vec::new();
        for report in report.objects() {
            for finding in report["findings"].as_array().unwrap() {
                let number = |name: &str| finding["span"]["start"][name].as_u64().unwrap() - 1;
                let code = finding["code"].as_str().unwrap().to_owned();
                expected.push((code, number("line"), number("column")));
            }
        }
        let mut client = Client::start(&folder, &[]);
        client.initialize(json!({}));
        let diagnostics = client.open(text);
        let found: Vec<(String, u64, u64)> = diagnostics
            .iter()
            .map(|diagnostic| {
                let [line, column, ..] = range(&diagnostic["range"]);
                (
                    diagnostic["code"].as_str().unwrap().to_owned(),
                    line,
                    column,
                )
            })
            .collect();
        assert_eq!(found, expected, "{name}");
        assert!(!found.is_empty(), "{name}");
        assert_eq!(client.end(), 0);
    }
}

/// A ConfigMap with a policy whose lines are four columns further right.
fn config_map(policy: &str) -> String {
    let lines = policy.lines().map(|line| format!("    {line}\n"));
    let text: String = lines.collect();
    format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: audit\ndata:\n  policy.yaml: |\n{text}"
    )
}

#[test]
fn a_policy_in_a_document_is_fixed_in_its_place() {
    let text = config_map(NESTED);
    let folder = Folder::new("lsp-inside", &[("p.yaml", &text)]);
    let mut client = Client::start(&folder, &[]);
    client.initialize(json!({}));
    let diagnostics = client.open(&text);
    // Six lines are above the policy, and four spaces before each of its lines.
    let nested = with_code(&diagnostics, "AP012");
    assert_eq!(range(&nested[0]["range"]), [13, 8, 13, 13]);
    let actions = client.actions([0, 0, 0, 0], Some("source.fixAll"));
    assert_eq!(actions.len(), 1);
    assert_eq!(folder.run(&["check", "--fix", "p.yaml"]).status, 0);
    assert_eq!(applied(&text, &actions[0]), folder.read("p.yaml"));
    assert_eq!(client.end(), 0);
}

#[test]
fn an_optional_fix_has_a_title_of_its_own_and_is_not_preferred() {
    // Every request is logged twice: the fix omits a stage, which changes what is logged.
    let folder = Folder::new("lsp-choice", &[("p.yaml", GOOD)]);
    let mut client = Client::start(&folder, &[]);
    client.initialize(json!({}));
    client.open(GOOD);
    let actions = client.actions([0, 0, 4, 0], None);
    assert!(!actions.is_empty());
    for action in &actions {
        let title = action["title"].as_str().unwrap();
        assert!(title.ends_with("(changes what is logged)"), "{title}");
        assert_eq!(action["isPreferred"], false);
    }
    assert_eq!(client.end(), 0);
}

#[test]
fn columns_are_utf_16_unless_bytes_are_agreed_on() {
    // Before the wrong key are 3 characters of 2 + 1 + 1 units, or 4 + 2 + 1 bytes, in a quoted key of a mapping in braces.
    let text = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- {level: None, users: [\"😀é\"], verb: [get]}\n- level: Metadata\n";
    // `- {level: None, users: ["` is 25 characters, then 3 units or 6 bytes, then `"], `.
    for (offered, encoding, column) in [
        (json!({}), "utf-16", 25 + 3 + 4),
        (
            json!({"general": {"positionEncodings": ["utf-16", "utf-8"]}}),
            "utf-8",
            25 + 6 + 4,
        ),
    ] {
        let folder = Folder::new(&format!("lsp-{encoding}"), &[]);
        let mut client = Client::start(&folder, &[]);
        let started = client.initialize(offered);
        assert_eq!(started["capabilities"]["positionEncoding"], encoding);
        let diagnostics = client.open(text);
        let found = diagnostics
            .iter()
            .map(|diagnostic| range(&diagnostic["range"]));
        let expected = [3, column, 3, column + 4];
        assert!(
            found.into_iter().any(|range| range == expected),
            "{diagnostics:?}"
        );
        assert_eq!(client.end(), 0);
    }
}

#[test]
fn the_kubernetes_version_is_that_of_the_settings() {
    // `*` as a group is rejected before 1.36.
    let text = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n  resources: [{group: \"*\"}]\n";
    let is_rejected = |diagnostics: &[Value]| {
        diagnostics
            .iter()
            .any(|diagnostic| diagnostic["severity"] == 1)
    };
    for (words, options, expected) in [
        (&[][..], json!(null), false),
        (&["--kubernetes-version", "1.35"][..], json!(null), true),
        (&[], json!({"kubernetesVersion": "1.35"}), true),
        (
            &["--kubernetes-version", "1.35"],
            json!({"kubernetesVersion": "1.36"}),
            false,
        ),
    ] {
        let folder = Folder::new("lsp-version", &[]);
        let mut client = Client::start(&folder, words);
        client.initialize_with(json!({}), options);
        let diagnostics = client.open(text);
        assert_eq!(
            is_rejected(&diagnostics),
            expected,
            "{words:?} {diagnostics:?}"
        );
        for (settings, rejected) in [
            (json!({"kubernetesVersion": "1.30"}), true),
            (json!({"auditPolicy": {"kubernetesVersion": "1.36"}}), false),
            (json!({"audit-policy": {"kubernetesVersion": "1.22"}}), true),
        ] {
            client.notify(
                "workspace/didChangeConfiguration",
                json!({"settings": settings}),
            );
            let same = client.diagnostics();
            assert_eq!(is_rejected(&same), rejected, "{settings}");
        }
        assert_eq!(client.end(), 0);
    }
}

#[test]
fn other_documents_have_no_diagnostics() {
    let folder = Folder::new("lsp-other", &[]);
    let mut client = Client::start(&folder, &[]);
    client.initialize(json!({}));
    for text in [
        "",
        "a: [",
        "apiVersion: v1\nkind: ConfigMap\ndata: {a: b}\n",
        "apiVersion: apps/v1\nkind: Deployment\n",
        "# about audit.k8s.io\napiVersion: v1\nkind: ConfigMap\ndata: {a: b}\n",
    ] {
        assert_eq!(client.open(text), [] as [Value; 0], "{text:?}");
    }
    assert_eq!(client.end(), 0);
}

#[test]
fn a_file_of_tests_has_its_errors() {
    let folder = Folder::new("lsp-tests", &[]);
    let mut client = Client::start(&folder, &[]);
    client.initialize(json!({}));
    let text = "kind: PolicyTests\ntests:\n- name: no events\n  requests: {resorce: events}\n  notRecorded: true\n";
    let diagnostics = client.open(text);
    assert_eq!(diagnostics.len(), 1);
    assert_eq!(range(&diagnostics[0]["range"]), [3, 13, 3, 20]);
    assert_eq!(
        diagnostics[0]["message"],
        "unknown field `resorce`\nhelp: did you mean `resource`?"
    );
    assert_eq!(client.end(), 0);
}

#[test]
fn changes_are_applied_in_their_order() {
    let folder = Folder::new("lsp-changes", &[("p.yaml", NESTED)]);
    let mut client = Client::start(&folder, &[]);
    client.initialize(json!({}));
    client.open(crate::BAD);
    // `Loud` becomes `Request`, then a line follows whose key is wrong, with an astral character before it.
    let diagnostics = client.change(json!([
        {"range": {"start": {"line": 3, "character": 9}, "end": {"line": 3, "character": 13}}, "text": "Request"},
        {"range": {"start": {"line": 4, "character": 0}, "end": {"line": 4, "character": 0}}, "text": "# 😀\r\n"},
        {"range": {"start": {"line": 4, "character": 4}, "end": {"line": 4, "character": 9}}, "text": "\r\n  verb: [get]"},
    ]));
    let found: Vec<[u64; 4]> = diagnostics
        .iter()
        .map(|found| range(&found["range"]))
        .collect();
    assert!(found.contains(&[5, 2, 5, 6]), "{diagnostics:?}");
    client.notify(
        "textDocument/didClose",
        json!({"textDocument": {"uri": URI}}),
    );
    assert_eq!(client.diagnostics(), [] as [Value; 0]);
    assert_eq!(client.end(), 0);
}
