//! Findings of loading: each page shows what it says, each place is exact, and each fix fixes what it is offered for.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::fs;
use std::path::PathBuf;

use audit_policy::Fix;
use audit_policy::{Diagnostic, KubernetesVersion, Severity, load};

const HEAD: &str = "apiVersion: audit.k8s.io/v1\nkind: Policy\n";

fn findings(text: &str, minor: u8) -> Vec<Diagnostic> {
    let version = KubernetesVersion::from_minor(minor).unwrap();
    load(text.as_bytes(), version).findings
}

fn applied(text: &str, fix: &Fix) -> String {
    let mut text = text.to_owned();
    for edit in fix.edits.iter().rev() {
        text.replace_range(edit.span.start..edit.span.end, &edit.text);
    }
    text
}

#[test]
fn every_page_has_a_policy_with_the_finding_and_a_corrected_one() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("findings");
    let codes = [
        "AP001", "AP002", "AP003", "AP004", "AP005", "AP006", "AP007", "AP010", "AP011", "AP012",
        "AP013", "AP014",
    ];
    for code in codes {
        let page = fs::read_to_string(folder.join(format!("{code}.md"))).unwrap_or_default();
        assert!(page.starts_with(&format!("# {code}: ")), "{code}: title");
        let blocks: Vec<&str> = page
            .split("```yaml\n")
            .skip(1)
            .filter_map(|rest| rest.split("```").next())
            .collect();
        let [flawed, fixed] = blocks.as_slice() else {
            assert_eq!(blocks.len(), 2, "{code}: examples");
            continue;
        };
        assert!(
            findings(flawed, 36)
                .iter()
                .any(|finding| finding.code == code),
            "{code}: flawed"
        );
        assert!(
            findings(fixed, 36).is_empty(),
            "{code}: fixed: {:?}",
            findings(fixed, 36)
        );
    }
}

#[test]
fn each_mistake_is_underlined_where_it_stands() {
    // The text below the head, the code, its severity, the path, and what is underlined.
    for (text, code, severity, path, underlined) in [
        (
            "rules: [{level: None, users: {a: b}}]",
            "AP002",
            Severity::Error,
            "rules[0].users",
            "{a: b}",
        ),
        (
            "rules:\n- level: None\n  users: alice\n",
            "AP002",
            Severity::Error,
            "rules[0].users",
            "alice",
        ),
        (
            "rules:\n- pods\n",
            "AP002",
            Severity::Error,
            "rules[0]",
            "pods",
        ),
        (
            "omitStages: Panic\nrules: [{level: None}]",
            "AP002",
            Severity::Error,
            "omitStages",
            "Panic",
        ),
        ("rules: []", "AP004", Severity::Error, "rules", "rules"),
        (
            "rules: [{level: none}]",
            "AP005",
            Severity::Error,
            "rules[0].level",
            "none",
        ),
        (
            "rules: [{users: [a]}]",
            "AP005",
            Severity::Error,
            "rules[0].level",
            "users",
        ),
        (
            "rules: [{level: None, resources: [{}, {group: a/b}]}]",
            "AP005",
            Severity::Error,
            "rules[0].resources[1].group",
            "a/b",
        ),
        (
            "rules: [{level: None, omitStages: [Panic, X]}]",
            "AP005",
            Severity::Error,
            "rules[0].omitStages[1]",
            "X",
        ),
        (
            "spec: 1\nrules: [{level: None}]",
            "AP010",
            Severity::Warning,
            "spec",
            "spec",
        ),
        (
            "rules: [{level: None, \"x y\": 1}]",
            "AP010",
            Severity::Warning,
            "rules[0].x y",
            "\"x y\"",
        ),
        (
            "x: &a {level: None, foo: 1}\nrules: [*a]",
            "AP010",
            Severity::Warning,
            "rules[0].foo",
            "foo",
        ),
        (
            "rules: [{level: None, level: Request}]",
            "AP011",
            Severity::Warning,
            "",
            "level",
        ),
        (
            "rules:\n- level: None\n  resources: [{verbs: [get]}]\n",
            "AP012",
            Severity::Warning,
            "rules[0].resources[0].verbs",
            "verbs",
        ),
        (
            "rules:\n- level: None\n  resourceNames: [a]\n",
            "AP012",
            Severity::Warning,
            "rules[0].resourceNames",
            "resourceNames",
        ),
        (
            "level: None\nrules: [{level: None}]",
            "AP012",
            Severity::Warning,
            "level",
            "level",
        ),
        (
            "rules: [{level: None, usergroups: [a]}]",
            "AP013",
            Severity::Warning,
            "rules[0].usergroups",
            "usergroups",
        ),
        (
            "rules: [{level: None, resources: [{apiGroups: [\"\"]}]}]",
            "AP013",
            Severity::Warning,
            "rules[0].resources[0].apiGroups",
            "apiGroups",
        ),
        (
            "rules: [{level: None, verbs: [get, on]}]",
            "AP014",
            Severity::Error,
            "rules[0].verbs[1]",
            "on",
        ),
        (
            "metadata: {labels: {a: 1}}\nrules: [{level: None}]",
            "AP014",
            Severity::Error,
            "metadata.labels.a",
            "1",
        ),
    ] {
        let text = format!("{HEAD}{text}");
        let found = findings(&text, 36);
        let said: Vec<_> = found
            .iter()
            .map(|finding| {
                let underlined = text
                    .get(
                        finding.span().unwrap_or_default().start
                            ..finding.span().unwrap_or_default().end,
                    )
                    .unwrap_or_default();
                (
                    &*finding.code,
                    finding.severity,
                    finding.path.to_string(),
                    underlined,
                )
            })
            .collect();
        assert!(
            said.contains(&(code, severity, path.to_owned(), underlined)),
            "{text}\n{said:?}"
        );
    }
}

#[test]
fn json_is_underlined_too() {
    let text = r#"{"apiVersion": "audit.k8s.io/v1", "kind": "Policy", "rules": [{"level": "x", "verb": ["get"], "level": "None"}]}"#;
    let found = findings(text, 36);
    let said: Vec<_> = found
        .iter()
        .map(|finding| {
            (
                &*finding.code,
                text.get(
                    finding.span().unwrap_or_default().start
                        ..finding.span().unwrap_or_default().end,
                ),
            )
        })
        .collect();
    assert_eq!(
        said,
        [("AP013", Some("\"verb\"")), ("AP011", Some("\"level\""))]
    );
}

#[test]
fn each_fix_corrects_the_text() {
    for (text, code, fixed) in [
        (
            "rules:\n- level: None\n  users: alice\n",
            "AP002",
            "rules:\n- level: None\n  users: [alice]\n",
        ),
        (
            "rules: [{level: none}]",
            "AP005",
            "rules: [{level: \"None\"}]",
        ),
        (
            "rules: [{level: None, resources: [{group: apps/v1}]}]",
            "AP005",
            "rules: [{level: None, resources: [{group: \"apps\"}]}]",
        ),
        (
            "rules: [{level: None, usergroups: [a]}]",
            "AP013",
            "rules: [{level: None, userGroups: [a]}]",
        ),
        (
            "rules: [{level: None, users: [a, on]}]",
            "AP014",
            "rules: [{level: None, users: [a, \"on\"]}]",
        ),
        (
            "rules:\n- level: None\n  resources:\n  - group: \"\"\n    verbs: [get]\n    resources: [pods]\n",
            "AP012",
            "rules:\n- level: None\n  verbs: [get]\n  resources:\n  - group: \"\"\n    resources: [pods]\n",
        ),
        (
            "rules:\n- resources:\n  - verbs:\n      - get\n      - list\n    group: \"\"\n  level: None\n",
            "AP012",
            "rules:\n- verbs:\n    - get\n    - list\n  resources:\n  - group: \"\"\n  level: None\n",
        ),
        (
            "rules:\n- level: None\n  resources:\n  - group: a\n    verbs: [get]\n  - group: b\n    verbs: [get] # too\n",
            "AP012",
            "rules:\n- level: None\n  verbs: [get] # too\n  resources:\n  - group: a\n  - group: b\n",
        ),
    ] {
        let (text, fixed) = (format!("{HEAD}{text}"), format!("{HEAD}{fixed}"));
        let found = findings(&text, 36);
        let fix = found
            .iter()
            .find(|finding| finding.code == code)
            .and_then(|finding| finding.fix.as_ref());
        let got = fix.map(|fix| applied(&text, fix));
        assert_eq!(got.as_deref(), Some(fixed.as_str()), "{text}");
        assert!(findings(&fixed, 36).is_empty(), "{fixed}");
    }
}

#[test]
fn a_version_is_added_or_corrected() {
    let rules = "rules: [{level: None}]\n";
    for (text, fixed) in [
        (
            format!("# mine\nkind: Policy\n{rules}"),
            format!("# mine\napiVersion: audit.k8s.io/v1\nkind: Policy\n{rules}"),
        ),
        (
            format!("apiVersion: audit.k8s.io/v1beta1\nkind: Policy\n{rules}"),
            format!("{HEAD}{rules}"),
        ),
        (
            format!("apiVersion: audit.k8s.io/v1\nkind: policy\n{rules}"),
            format!("{HEAD}{rules}"),
        ),
    ] {
        let found = findings(&text, 36);
        let fixes: Vec<String> = found
            .iter()
            .filter_map(|finding| finding.fix.as_ref())
            .map(|fix| applied(&text, fix))
            .collect();
        assert_eq!(fixes, [fixed]);
    }
}

#[test]
fn a_move_that_would_change_other_entries_is_not_offered() {
    for rules in [
        "rules:\n- level: None\n  resources:\n  - group: a\n    verbs: [get]\n  - group: b\n",
        "rules:\n- level: None\n  resources:\n  - group: a\n    verbs: [get]\n  - group: b\n    verbs: [list]\n",
        "rules:\n- level: None\n  verbs: [list]\n  resources:\n  - group: a\n    verbs: [get]\n",
        "rules:\n- level: None\n  resources:\n  - verbs: [get]\n",
        "x:\n- &x\n  group: a\n  verbs: [get]\nrules:\n- level: None\n  resources:\n  - *x\n",
        "rules: [{level: None, resources: [{group: a, verbs: [get]}]}]\n",
    ] {
        let found = findings(&format!("{HEAD}{rules}"), 36);
        assert!(
            found.iter().any(|finding| finding.code == "AP012"),
            "{rules}"
        );
        assert!(found.iter().all(|finding| finding.fix.is_none()), "{rules}");
    }
}

#[test]
fn versions_differ_in_what_they_say() {
    let unknown = format!("{HEAD}rules: [{{level: None, foo: 1}}]");
    let old = "apiVersion: audit.k8s.io/v1beta1\nkind: Policy\nrules: [{level: None}]";
    let omit = format!("{HEAD}omitManagedFields: true\nrules: [{{level: None}}]");
    for (text, minor, code, severity, help) in [
        (
            unknown.as_str(),
            25,
            "AP010",
            Severity::Warning,
            "kube-apiserver 1.25 silently ignores this field",
        ),
        (
            &unknown,
            26,
            "AP010",
            Severity::Warning,
            "kube-apiserver 1.26 ignores this field and logs a warning",
        ),
        (
            &omit,
            22,
            "AP010",
            Severity::Warning,
            "kube-apiserver 1.22 silently ignores this field",
        ),
        (
            old,
            24,
            "AP006",
            Severity::Error,
            "which has the same fields",
        ),
        (
            old,
            21,
            "AP006",
            Severity::Warning,
            "which has the same fields",
        ),
        (
            old,
            20,
            "AP006",
            Severity::Info,
            "which has the same fields",
        ),
    ] {
        let found = findings(text, minor);
        let said: Vec<_> = found
            .iter()
            .map(|finding| {
                (
                    &*finding.code,
                    finding.severity,
                    finding.help.contains(help),
                )
            })
            .collect();
        assert_eq!(said, [(code, severity, true)], "{text} in 1.{minor}");
    }
    assert!(findings(&omit, 23).is_empty());
}

#[test]
fn a_character_that_yaml_does_not_take_for_a_space_is_named_with_its_place() {
    for (text, place) in [
        (
            "rules:\n- level:\u{a0}Metadata\n  verbs: []\n",
            Some((15, 17)),
        ),
        (
            "rules:\n- level:\u{2003}Metadata\n  verbs: []\n",
            Some((15, 18)),
        ),
        ("a: b: c\n", None),
        ("# \u{a0}a\na: b: c\n", None),
    ] {
        let loaded = load(text.as_bytes(), KubernetesVersion::NEWEST);
        let finding = loaded.findings.first().unwrap();
        assert_eq!(finding.code, "AP001", "{text}");
        let label = finding.secondary.first();
        let span = label.map(|label| (label.span.start, label.span.end));
        assert_eq!(span, place, "{text}");
    }
}
