//! Findings of policies that the server rejects: what can be known of them, and nothing else.

#![allow(clippy::unwrap_used, reason = "a test")]

mod common;

use audit_policy::{Diagnostic, KubernetesVersion, Severity, load};
use common::{HEAD, all, applied, of, policy};

#[test]
fn a_rejected_policy_is_linted_as_far_as_it_is_read() {
    let doubtful = "- level: None\n  verbs: [get, list]\n- level: RequestResponse\n  resources: [{group: '', resources: [secrets]}]\n  verbs: [get, list]\n\
                    - level: Metadata\n  resources: [{group: '', resources: [pod/exec, pods/logs]}]\n- level: Metadata\n";
    let expected = ["AP020", "AP031", "AP031"];
    // What the server rejects, and whether rule 2 is still known to be covered by rule 1.
    for (text, has_reach) in [
        (
            policy(doubtful).replace("audit.k8s.io/v1", "audit.k8s.io/v1beta1"),
            true,
        ),
        (
            policy(doubtful).replace("apiVersion: audit.k8s.io/v1\n", ""),
            true,
        ),
        (
            policy(doubtful).replace("kind: Policy", "kind: policy"),
            true,
        ),
        (policy(&format!("{doubtful}- level: metadata\n")), true),
        (policy(&format!("{doubtful}- level: Everything\n")), true),
        (policy(&format!("{doubtful}- users: [a]\n")), true),
        (
            policy(&format!("{doubtful}- level: None\n  users: [1]\n")),
            true,
        ),
        (
            policy(&format!("{doubtful}- level: None\n  users: a\n")),
            true,
        ),
        (
            policy(&format!(
                "{doubtful}- level: None\n  nonResourceURLs: [healthz]\n"
            )),
            true,
        ),
        (
            policy(&format!("- level: None\n  users: [on]\n{doubtful}")),
            true,
        ),
        (
            policy(doubtful).replace("RequestReceived", "Received"),
            true,
        ),
        (
            policy(doubtful).replacen("level: None", "level: Nothing", 1),
            false,
        ),
        (
            policy(doubtful).replacen("verbs: [get, list]", "verbs: [get, 1]", 1),
            false,
        ),
    ] {
        let findings = all(&text);
        assert!(
            findings
                .iter()
                .any(|finding| finding.severity == Severity::Error),
            "{text}"
        );
        let mut codes: Vec<&str> = findings.iter().map(|finding| &*finding.code).collect();
        codes.retain(|code| expected.contains(code));
        codes.sort_unstable();
        // A catch-all makes what follows it unreachable, which is one more finding of the same code.
        codes.dedup();
        let wanted: &[&str] = if has_reach {
            &["AP020", "AP031"]
        } else {
            &["AP031"]
        };
        let reach = findings.iter().any(|finding| {
            finding.code == "AP020" && finding.message.contains("instead of `RequestResponse`")
        });
        assert_eq!(
            (codes.contains(&"AP031"), reach),
            (wanted.contains(&"AP031"), has_reach),
            "{text}{findings:#?}"
        );
    }
}

#[test]
fn a_wrong_version_or_kind_above_rules_with_levels_is_corrected() {
    let text = policy("- level: None\n  users: [system:nodes]\n- level: Metadata\n");
    for (right, wrong) in [
        ("apiVersion: audit.k8s.io/v1", "apiVersion: v1"),
        ("apiVersion: audit.k8s.io/v1", "apiVersion: audit.k8s.io"),
        ("apiVersion: audit.k8s.io/v1", "apiVersion: k8s.io/v1"),
        ("kind: Policy", "kind: AuditPolicy"),
    ] {
        let text = text.replace(right, wrong);
        let findings = all(&text);
        assert_eq!(of(&findings, "AP033").len(), 1, "{text}");
        let wrong_kind = of(&findings, "AP003");
        let fix = wrong_kind
            .first()
            .and_then(|finding| finding.fix.as_ref())
            .unwrap();
        assert_eq!(applied(&text, fix), text.replace(wrong, right));
    }
    // Other documents with rules are left as they are.
    for text in [
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nrules:\n- verbs: [get]\n  resources: [pods]\n",
        "apiVersion: example.com/v1\nkind: Policy\nrules:\n- level: high\n",
        "apiVersion: example.com/v1\nkind: Other\nrules:\n- level: Metadata\n",
    ] {
        let findings = all(text);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert!(findings.iter().all(|finding| finding.fix.is_none()));
    }
}

#[test]
fn rejected_values_are_respelled() {
    // A policy, its finding, a part of the message, and the replacement; empty if there is none.
    for (text, code, part, (wrong, right)) in [
        (
            "{\"kind\":\"Policy\",\"apiVersion\":\"audit.k8s.io/v1beta1\",\"rules\":[{\"level\":\"Metadata\"}]}\n".to_owned(),
            "AP006",
            "removed in 1.24",
            ("v1beta1", "v1"),
        ),
        (
            "apiVersion: 'audit.k8s.io/v1beta1'\nkind: Policy\nrules:\n- level: Metadata\n".to_owned(),
            "AP006",
            "removed in 1.24",
            ("v1beta1", "v1"),
        ),
        (policy("- level: Metadatta\n"), "AP005", "\"Metadatta\"", ("Metadatta", "\"Metadata\"")),
        (policy("- level: Full\n"), "AP005", "\"Full\"", ("", "")),
        (policy("- level: Metadata\n").replace("RequestReceived", "RequestReceive"), "AP005", "\"RequestReceive\"", ("RequestReceive", "\"RequestReceived\"")),
        // The value is shown as it is written.
        (policy("- level: None\n  resources: [{group: Apps}]\n"), "AP005", "invalid value: \"Apps\"", ("", "")),
        (policy("- level: None\n  users: system:nodes\n"), "AP002", "a list", ("system:nodes", "[\"system:nodes\"]")),
    ] {
        let findings = all(&text);
        let found = of(&findings, code);
        let finding = found.iter().find(|finding| finding.message.contains(part));
        let fix = finding.unwrap().fix.as_ref();
        let fixed = fix.map(|fix| applied(&text, fix)).unwrap_or_default();
        let wanted = if wrong.is_empty() { String::new() } else { text.replace(wrong, right) };
        assert_eq!(fixed, wanted);
    }
}

#[test]
fn nothing_is_claimed_of_what_was_not_read() {
    for (rules, code) in [
        // The rule is not a catch-all, although its users were not read.
        (
            "- level: None\n  users: [1]\n- level: Metadata\n  users: [a]\n",
            "AP020",
        ),
        (
            "- level: None\n  users: [1]\n- level: Metadata\n  users: [a]\n",
            "AP027",
        ),
        ("- level: None\n  users: [1]\n- level: Metadata\n", "AP037"),
        (
            "- level: Metadata\n  resources: [{group: 1, resources: [deployments]}]\n",
            "AP021",
        ),
        (
            "- level: Metadata\n  resources: [{group: apps/v1, resources: [deployments]}]\n",
            "AP024",
        ),
        ("- level: Some\n  users: [a]\n- level: None\n", "AP037"),
        // A broken rule that may match anything comes first.
        (
            "- level: None\n  namespaces: x\n- level: RequestResponse\n  resources: [{resources: [secrets]}]\n- level: Metadata\n",
            "AP025",
        ),
        (
            "- level: None\n  users: [a]\n- level: Metadata\n  users: 1\n",
            "AP020",
        ),
        (
            "- level: Metadata\n  users: [a]\n- users: 1\n  level: Metadata\n",
            "AP027",
        ),
        (
            "- level: Metadata\n  verbs: 1\n- level: Metadata\n  resources: [{resources: [pods/exec]}]\n- level: None\n",
            "AP040",
        ),
        (
            "- level: Metadata\n  resources: [{resources: [pods]}]\n- level: Metadata\n  resources: [{resources: pods/exec}]\n- level: None\n",
            "AP022",
        ),
        // It may log what the other rules do not.
        ("- users: [a]\n- level: None\n", "AP037"),
        ("- level: Metadata\n  verbs: 1\n- level: None\n", "AP037"),
        // The first rule may match the secrets.
        (
            "- level: None\n  verbs: [1]\n- level: Request\n  resources: [{resources: [secrets]}]\n- level: Metadata\n",
            "AP025",
        ),
        (
            "- level: Request\n  omitStages: [1]\n  resources: [{resources: [secrets]}]\n- level: Metadata\n",
            "AP025",
        ),
        (
            "- level: Request\n  resources: [{resources: [secrets]}]\n  users: x\n- level: Metadata\n",
            "AP025",
        ),
    ] {
        let text = policy(rules);
        let findings = all(&text);
        assert!(
            findings
                .iter()
                .any(|finding| finding.severity == Severity::Error),
            "{text}"
        );
        assert_eq!(of(&findings, code), Vec::<&Diagnostic>::new(), "{text}");
    }
}

#[test]
fn a_list_without_its_key_is_named_and_fixed() {
    for text in [
        "# Log all requests at the Metadata level.\nkind: Policy\n- level: Metadata\n",
        "apiVersion: audit.k8s.io/v1\nkind: Policy\n- level: Metadata\n",
        "apiVersion: audit.k8s.io/v1\nkind: Policy\n  - level: Metadata\n",
        "apiVersion: audit.k8s.io/v1\nkind: Policy\n# rules:\n  - level: None\n    users: [\"a\"]\n  - level: Metadata\n",
        "apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages:\n  - RequestReceived\n- level: Metadata\n",
        "apiVersion: audit.k8s.io/v1\nkind: Policy\n- users: [a]\n  level: None\n- level: Metadata\n",
        "---\napiVersion: audit.k8s.io/v1\nkind: Policy\n- {level: Metadata}\n",
        "- level: None\n  users: [a]\n- level: Metadata\n",
        "# all\n---\n  - level: Metadata\n",
        // The rules continue the list of stages.
        "apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages:\n- RequestReceived\n- level: None\n  users: [a]\n- level: Metadata\n",
        "apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages:\n  - \"RequestReceived\"\n  # rules\n  - users: [a]\n    level: None\n  - level: Metadata\n",
        "kind: Policy\nomitStages:\n- level: Metadata\n",
    ] {
        let findings = all(text);
        let found = findings
            .iter()
            .find(|finding| finding.message == "`rules:` is missing before this list");
        let Some(fix) = found.and_then(|finding| finding.fix.as_ref()) else {
            assert_eq!(text, "", "{findings:#?}");
            continue;
        };
        let after = applied(text, fix);
        let loaded = load(after.as_bytes(), KubernetesVersion::NEWEST);
        assert_eq!(loaded.error, None, "{after}");
    }
    let text = format!("{HEAD}rules\n  - level: Metadata\n");
    let findings = all(&text);
    let fix = findings.first().and_then(|finding| finding.fix.as_ref());
    assert_eq!(
        fix.map(|fix| applied(&text, fix)),
        Some(text.replace("rules", "rules:"))
    );
    for (key, text) in [
        ("rule", "rule:\n- level: Metadata\n"),
        ("policies", "policies:\n- level: Metadata\n"),
        ("items", "items:\n- level: Metadata\n"),
    ] {
        let text = format!("{HEAD}{text}");
        let findings = all(&text);
        let misspelled = of(&findings, "AP013");
        let fix = misspelled
            .first()
            .and_then(|finding| finding.fix.as_ref())
            .unwrap();
        assert_eq!(applied(&text, fix), text.replace(key, "rules"));
        let no_rules = of(&findings, "AP004");
        let help = no_rules
            .first()
            .map(|finding| finding.help.as_str())
            .unwrap_or_default();
        assert!(
            help.contains(&format!("rename `{key}` to `rules`")),
            "{help}"
        );
    }
    for (text, code, help) in [
        (
            "spec:\n  rules:\n  - level: Metadata\n",
            "AP004",
            "move the rules under `spec` to the top level",
        ),
        (
            "rules:\n  level: Metadata\n",
            "AP002",
            "start each rule with `- `, such as `- level: Metadata`",
        ),
        (
            "rules: - level: Metadata\n",
            "AP001",
            "put the first item of a list on a line of its own, below the key",
        ),
        (
            "rules:- level: Metadata\n",
            "AP004",
            "start a new line after `rules:`",
        ),
        // Values that the server rejects.
        (
            "omitStages: [RequestReceive]\nrules:\n- level: Metadata\n",
            "AP005",
            "use `RequestReceived`, `ResponseStarted`, `ResponseComplete` or `Panic`; case matters",
        ),
        (
            "rules:\n- level: None\n  nonResourceURLs: [/healthz/*/x]\n",
            "AP005",
            "end the URL at its first `*`: it then matches every path that starts like this",
        ),
        // Only resources have a third part below a version.
        (
            "rules:\n- level: None\n  nonResourceURLs: [/api/*/status]\n",
            "AP005",
            "this is the path of a resource, which only `resources` matches, in a rule without `nonResourceURLs`",
        ),
        (
            "rules:\n- level: None\n  nonResourceURLs: [healthz]\n",
            "AP005",
            "write the path of the URL, such as `/healthz`, with no `*` but one at its end",
        ),
        (
            "rules:\n- level: None\n  resources: [{group: '*.example.com'}]\n",
            "AP005",
            "a group has no pattern: write the exact group, one entry per group",
        ),
    ] {
        let findings = all(&format!("{HEAD}{text}"));
        let found = of(&findings, code);
        let found = found.first().map(|finding| finding.help.as_str());
        assert_eq!(found, Some(help), "{text}");
    }
    // Other broken texts keep the parser's message.
    for text in [
        "kind: Policy\n- a\n",
        "kind: Policy\nrules:\n  - level: Metadata\n - level: None\n",
        "a: [\n",
    ] {
        let findings = all(text);
        assert!(
            findings
                .iter()
                .all(|finding| !finding.message.contains("is missing before")),
            "{text}"
        );
    }
}
