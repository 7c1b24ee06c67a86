//! Users, groups and URLs in the variants in which people write them: one row a fact.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

mod common;

use audit_policy::{Diagnostic, Severity};
use common::{all, all_at, applied, of, policy};

#[test]
fn names_in_the_wrong_list_or_form() {
    // The rule's lists, the code, severity, and path of the finding, and the rule after its fix; empty if there is none.
    for (lists, code, severity, path, fixed) in [
        (
            "users: [system:nodes]",
            "AP033",
            Severity::Warning,
            "users[0]",
            "userGroups: [\"system:nodes\"]",
        ),
        (
            "users: [\"system:masters\", 'system:nodes']",
            "AP033",
            Severity::Warning,
            "users[1]",
            "userGroups: [\"system:masters\", \"system:nodes\"]",
        ),
        (
            "users: [system:nodes, alice]",
            "AP033",
            Severity::Warning,
            "users[0]",
            "",
        ),
        (
            "users: [system:serviceaccount:ns]",
            "AP033",
            Severity::Warning,
            "users[0]",
            "userGroups: [\"system:serviceaccounts:ns\"]",
        ),
        (
            "users: [kube-system/coredns]",
            "AP033",
            Severity::Warning,
            "users[0]",
            "users: [system:serviceaccount:kube-system:coredns]",
        ),
        (
            "users: [argocd/argocd-server]",
            "AP033",
            Severity::Warning,
            "users[0]",
            "",
        ),
        (
            "userGroups: [system:kube-scheduler]",
            "AP033",
            Severity::Warning,
            "userGroups[0]",
            "users: [\"system:kube-scheduler\"]",
        ),
        (
            "userGroups: [system:serviceaccount:a:b]",
            "AP033",
            Severity::Warning,
            "userGroups[0]",
            "users: [\"system:serviceaccount:a:b\"]",
        ),
        (
            "userGroups: [system:node]",
            "AP033",
            Severity::Warning,
            "userGroups[0]",
            "userGroups: [system:nodes]",
        ),
        (
            "users: [cluster-admin]",
            "AP033",
            Severity::Info,
            "users[0]",
            "",
        ),
        ("users: [default]", "AP033", Severity::Info, "users[0]", ""),
        (
            "users: ['system:node:*']",
            "AP023",
            Severity::Warning,
            "users[0]",
            "userGroups: [\"system:nodes\"]",
        ),
        (
            "users: ['system:serviceaccount:ns:*']",
            "AP023",
            Severity::Warning,
            "users[0]",
            "userGroups: [\"system:serviceaccounts:ns\"]",
        ),
        (
            "users: ['system:serviceaccount:a:*', 'system:serviceaccount:b:*']",
            "AP023",
            Severity::Warning,
            "users[1]",
            "userGroups: [\"system:serviceaccounts:a\", \"system:serviceaccounts:b\"]",
        ),
        (
            "users:\n  - 'system:node:*'",
            "AP023",
            Severity::Warning,
            "users[0]",
            "userGroups: [\"system:nodes\"]",
        ),
        (
            "users: ['system:node:*', alice]",
            "AP023",
            Severity::Warning,
            "users[0]",
            "",
        ),
        (
            "users: ['system:node:*']\n  userGroups: [dev]",
            "AP023",
            Severity::Warning,
            "users[0]",
            "",
        ),
        (
            "userGroups: ['system:serviceaccounts:*']",
            "AP023",
            Severity::Warning,
            "userGroups[0]",
            "userGroups: ['system:serviceaccounts']",
        ),
        (
            "users: [system:kube-proxy]\n  userGroups: [system:nodes]",
            "AP034",
            Severity::Warning,
            "userGroups",
            "",
        ),
        (
            "users: [alice]\n  userGroups: [system:serviceaccounts]",
            "AP034",
            Severity::Warning,
            "userGroups",
            "",
        ),
        (
            "users: [system:anonymous]\n  userGroups: [system:authenticated]",
            "AP034",
            Severity::Warning,
            "userGroups",
            "",
        ),
        (
            "users: ['system:serviceaccount:a:b']\n  userGroups: ['system:serviceaccounts:c']",
            "AP034",
            Severity::Warning,
            "userGroups",
            "",
        ),
        (
            "users: [alice, 'system:serviceaccount:a:b']\n  userGroups: [dev]",
            "AP034",
            Severity::Warning,
            "users[1]",
            "",
        ),
        (
            "users: [alice]\n  userGroups: [dev, system:unauthenticated]",
            "AP034",
            Severity::Warning,
            "userGroups[1]",
            "",
        ),
        (
            "userGroups: [system:serviceaccounts, system:serviceaccounts:kube-system]",
            "AP035",
            Severity::Info,
            "userGroups[1]",
            "userGroups: [system:serviceaccounts]",
        ),
        (
            "userGroups:\n  - system:nodes\n  - system:authenticated",
            "AP035",
            Severity::Info,
            "userGroups[0]",
            "userGroups:\n  - system:authenticated",
        ),
    ] {
        let text = policy(&format!(
            "- level: None\n  verbs: [get]\n  {lists}\n- level: Metadata\n"
        ));
        let path = format!("rules[0].{path}");
        let findings = all(&text);
        let found = findings
            .iter()
            .find(|finding| finding.code == code && finding.path.to_string() == path);
        let Some(found) = found else {
            assert_eq!(code, "", "{text}{findings:#?}");
            continue;
        };
        assert_eq!(found.severity, severity, "{text}");
        let after = found
            .fix
            .as_ref()
            .map(|fix| applied(&text, fix))
            .unwrap_or_default();
        if fixed.is_empty() {
            assert_eq!(found.fix, None, "{text}");
        } else {
            assert_eq!(
                after,
                policy(&format!(
                    "- level: None\n  verbs: [get]\n  {fixed}\n- level: Metadata\n"
                ))
            );
            assert_eq!(all(&after), [], "{after}");
        }
    }
}

#[test]
fn names_that_may_exist_have_no_finding() {
    for lists in [
        "users: [alice, 'oidc:bob', alice@example.com]",
        "users: [alice]\n  userGroups: [dev, 'oidc:dev', org/team]",
        "users: ['system:serviceaccount:a:b']\n  userGroups: ['system:serviceaccounts:a']",
        "users: ['system:node:n1']\n  userGroups: [system:nodes]",
        "users: [kubernetes-admin]\n  userGroups: [system:masters]",
        "users: [kubelet, 'system:node-problem-detector', 'system:admin']",
        "userGroups: [system:nodes, 'system:serviceaccounts:kube-system']",
        "userGroups: [system:authenticated, system:unauthenticated]\n  verbs: [get]",
    ] {
        let text = policy(&format!("- level: None\n  {lists}\n- level: Metadata\n"));
        let findings = all(&text);
        let found = findings
            .iter()
            .find(|finding| ["AP033", "AP034", "AP035"].contains(&&*finding.code));
        assert_eq!(found, None, "{text}");
    }
}

#[test]
fn urls_of_resources_are_found_in_rejected_policies_too() {
    for (url, help) in [
        ("/api/v1/nodes", r#"group: "", resources: ["nodes"]"#),
        (
            "/apis/apps/v1/deployments",
            r#"group: "apps", resources: ["deployments"]"#,
        ),
        (
            "/api/v1/namespaces/kube-system/configmaps*",
            r#"namespaces: ["kube-system"]"#,
        ),
        // The server rejects these: a `*` in the middle, and no slash at the start.
        (
            "/api/v1/namespaces/*/pods",
            r#"group: "", resources: ["pods"]"#,
        ),
        ("api/v1/secrets", r#"group: "", resources: ["secrets"]"#),
        (
            "https://10.0.0.1:6443/api/v1/pods/web/log?follow=true",
            r#"resources: ["pods/log"], resourceNames: ["web"]"#,
        ),
    ] {
        let text = policy(&format!(
            "- level: None\n  nonResourceURLs: ['{url}']\n- level: Metadata\n"
        ));
        let findings = all(&text);
        let found = of(&findings, "AP036");
        assert!(
            found.iter().any(|finding| finding.help.contains(help)),
            "{url}: {findings:#?}"
        );
    }
    // A wildcard for groups exists since 1.36.
    for (minor, help) in [
        (36, r#"group: "*", resources: ["pods"]"#),
        (30, "with each of its groups"),
    ] {
        let text =
            policy("- level: None\n  nonResourceURLs: ['/apis/*/v1/pods']\n- level: Metadata\n");
        let findings = all_at(&text, minor);
        let found = of(&findings, "AP036");
        assert!(
            found.iter().any(|finding| finding.help.contains(help)),
            "{minor}: {findings:#?}"
        );
    }
    for url in [
        "/healthz*",
        "/api",
        "/api/*",
        "/apis/*",
        "/apis/apps/v1",
        "/version",
        "*",
        "/openapi/v2",
        "/metrics",
    ] {
        let text = policy(&format!(
            "- level: None\n  nonResourceURLs: ['{url}']\n- level: Metadata\n"
        ));
        assert_eq!(all(&text), [], "{url}");
    }
}

#[test]
fn a_slash_and_a_query_are_fixed() {
    for (url, fixed) in [
        ("healthz", "\"/healthz\""),
        ("'/healthz?timeout=5s'", "'/healthz'"),
        ("'/version?'", "'/version'"),
        ("'/metrics#x'", "'/metrics'"),
        ("'/healthz#a?b'", "'/healthz'"),
    ] {
        let text = policy(&format!(
            "- level: None\n  nonResourceURLs: [{url}]\n- level: Metadata\n"
        ));
        let findings = all(&text);
        let fix = findings
            .iter()
            .find_map(|finding| finding.fix.as_ref())
            .unwrap();
        let after = applied(&text, fix);
        assert_eq!(
            after,
            policy(&format!(
                "- level: None\n  nonResourceURLs: [{fixed}]\n- level: Metadata\n"
            ))
        );
        assert_eq!(all(&after), []);
    }
}

#[test]
fn an_example_request_names_a_member_of_the_rules_groups() {
    for (lists, sender) in [
        ("userGroups: [dev]", "by `jane` of the group `dev`"),
        (
            "userGroups: [system:masters]",
            "by `kubernetes-admin` of the group `system:masters`",
        ),
        ("userGroups: [system:nodes]", "by `system:node:worker-1`"),
        (
            "userGroups: ['system:serviceaccounts:shop']",
            "by `system:serviceaccount:shop:default`",
        ),
        ("userGroups: [system:authenticated]", "by `jane`"),
        ("users: [alice]", "by `alice`"),
        (
            "users: [alice]\n  userGroups: [ops]",
            "by `alice` of the group `ops`",
        ),
    ] {
        let text = policy(&format!(
            "- level: Request\n  {lists}\n  resources: [{{resources: [secrets]}}]\n- level: Metadata\n"
        ));
        let findings = all(&text);
        let found = of(&findings, "AP025");
        let help = found
            .first()
            .map(|finding| finding.help.as_str())
            .unwrap_or_default();
        assert!(help.contains(&format!("{sender};")), "{lists}: {help}");
    }
    // No user is in both.
    let text = policy(
        "- level: Request\n  users: [alice]\n  userGroups: [system:nodes, 'system:serviceaccounts']\n  resources: [{resources: [secrets]}]\n- level: Metadata\n",
    );
    let text = text.replace("alice", "system:kube-proxy");
    assert_eq!(of(&all(&text), "AP025"), Vec::<&Diagnostic>::new());
}

#[test]
fn lists_are_moved_and_shortened_in_json_too() {
    let json = |rule: &str| {
        format!(
            "{{\"apiVersion\": \"audit.k8s.io/v1\", \"kind\": \"Policy\", \"omitStages\": [\"RequestReceived\"], \"rules\": [{{\"level\": \"None\", {rule}}}, \
             {{\"level\": \"Metadata\"}}]}}"
        )
    };
    for (before, after) in [
        (
            r#""users": ["system:masters"]"#,
            r#""userGroups": ["system:masters"]"#,
        ),
        (
            r#""users": ["system:node:*"]"#,
            r#""userGroups": ["system:nodes"]"#,
        ),
        (
            r#""userGroups": ["system:serviceaccounts:a", "system:serviceaccounts"]"#,
            r#""userGroups": ["system:serviceaccounts"]"#,
        ),
        (
            r#""resources": [{"group": "events.k8s.io", "resources": ["events"]}]"#,
            r#""resources": [{"group": "", "resources": ["events"]}, {"group": "events.k8s.io", "resources": ["events"]}]"#,
        ),
    ] {
        let text = json(before);
        let findings = all(&text);
        let fix = findings.iter().find_map(|finding| finding.fix.as_ref());
        let fixed = fix.map(|fix| applied(&text, fix)).unwrap_or_default();
        assert_eq!(fixed, json(after), "{findings:#?}");
        assert_eq!(all(&fixed), []);
    }
}

#[test]
fn a_list_with_an_anchor_is_not_replaced() {
    let text = policy(
        "- level: None\n  users: &shared [system:nodes]\n- level: None\n  verbs: [get]\n  users: *shared\n- level: Metadata\n",
    );
    let findings = all(&text);
    let found = of(&findings, "AP033");
    let fixes: Vec<_> = found.iter().map(|finding| finding.fix.as_ref()).collect();
    assert_eq!(fixes.first(), Some(&None), "{found:#?}");
    let fixed = fixes.last().and_then(|fix| Some(applied(&text, (*fix)?)));
    let replaced = text.replace("users: *shared", "userGroups: [\"system:nodes\"]");
    assert_eq!(fixed, Some(replaced));
}

#[test]
fn the_user_of_the_insecure_port_is_explained() {
    // A rule of GCE's policy.
    let rules = "- level: None\n  users: [\"system:unsecured\"]\n  namespaces: [\"kube-system\"]\n  verbs: [\"get\"]\n  resources:\n  - group: \"\"\n    resources: [\"configmaps\"]\n- level: Metadata\n";
    for minor in [20, 24, 36] {
        let findings = all_at(&policy(rules), minor);
        let of_name = of(&findings, "AP033");
        let found: Vec<_> = of_name
            .iter()
            .map(|finding| (finding.severity, finding.message.as_str()))
            .collect();
        let message = "`system:unsecured` in `users` was the user of the insecure port, which Kubernetes 1.20 removed: no request has it";
        assert_eq!(found, [(Severity::Info, message)]);
    }
    let findings = all(&policy(
        "- level: None\n  userGroups: [\"system:unsecured\"]\n- level: Metadata\n",
    ));
    let message = "`system:unsecured` in `userGroups` is not a group: it was the user of the insecure port, which Kubernetes 1.20 removed";
    assert_eq!(of(&findings, "AP033")[0].message, message);
}

#[test]
fn the_example_of_logged_secrets_has_its_namespace() {
    for (rule, example) in [
        (
            "- level: Request\n  verbs: [update]\n",
            "`update` of `secrets` in the namespace `default` by `jane`",
        ),
        (
            "- level: Request\n  verbs: [update]\n  namespaces: [shop]\n",
            "`update` of `secrets` in the namespace `shop` by `jane`",
        ),
        (
            "- level: RequestResponse\n  verbs: [list]\n  namespaces: ['']\n  resources: [{resources: [secrets]}]\n",
            "`list` of `secrets` in all namespaces by `jane`",
        ),
        (
            "- level: Request\n  verbs: [create]\n  resources: [{group: authentication.k8s.io, resources: [tokenreviews]}]\n",
            "`create` of `tokenreviews` by `jane`",
        ),
    ] {
        let findings = all(&policy(&format!("{rule}- level: Metadata\n")));
        let help = &of(&findings, "AP025")[0].help;
        assert!(help.contains(&format!("for example, {example};")), "{help}");
    }
}
