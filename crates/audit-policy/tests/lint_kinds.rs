//! Mistakes of policies in use, each in the variants in which people write it: one row a fact.

#![allow(clippy::unwrap_used, reason = "a test")]

use audit_policy::{Diagnostic, Fix, KubernetesVersion, Severity, lint, load};

const HEAD: &str = "apiVersion: audit.k8s.io/v1\nkind: Policy\n";

fn all_at(text: &str, minor: u8) -> Vec<Diagnostic> {
    let version = KubernetesVersion::from_minor(minor).unwrap();
    let loaded = load(text.as_bytes(), version);
    let mut findings = loaded.findings.clone();
    findings.extend(lint(&loaded, version));
    findings
}

fn all(text: &str) -> Vec<Diagnostic> {
    all_at(text, 36)
}

/// Rules under the usual head, with `RequestReceived` omitted.
fn policy(rules: &str) -> String {
    format!("{HEAD}omitStages: [RequestReceived]\nrules:\n{rules}")
}

fn of<'f>(findings: &'f [Diagnostic], code: &str) -> Vec<&'f Diagnostic> {
    findings
        .iter()
        .filter(|finding| finding.code == code)
        .collect()
}

fn applied(text: &str, fix: &Fix) -> String {
    let mut text = text.to_owned();
    for edit in fix.edits.iter().rev() {
        text.replace_range(edit.span.start..edit.span.end, &edit.text);
    }
    text
}

#[test]
fn stages_that_remain() {
    // The omitted stages, the rules, a code, and a part of its message; an empty part means that there is no such finding.
    for (stages, rules, code, part) in [
        (
            "RequestReceived, ResponseComplete",
            "- level: RequestResponse\n",
            "AP038",
            "ordinary requests are never logged",
        ),
        (
            "RequestReceived, ResponseComplete",
            "- level: RequestResponse\n",
            "AP025",
            "",
        ),
        (
            "ResponseComplete",
            "- level: Metadata\n",
            "AP038",
            "the responses of ordinary requests are never logged",
        ),
        ("ResponseComplete", "- level: Metadata\n", "AP030", ""),
        (
            "ResponseStarted, ResponseComplete, Panic",
            "- level: Request\n",
            "AP029",
            "never logs a body",
        ),
        (
            "ResponseStarted, ResponseComplete, Panic",
            "- level: RequestResponse\n",
            "AP025",
            "",
        ),
        (
            "RequestReceived, ResponseStarted",
            "- level: Metadata\n",
            "AP039",
            "failed authentications (401) are never logged",
        ),
        (
            "RequestReceived, ResponseStarted",
            "- level: Metadata\n",
            "AP038",
            "",
        ),
        (
            "ResponseStarted",
            "- level: None\n  users: [a]\n- level: Metadata\n",
            "AP039",
            "401",
        ),
        ("RequestReceived", "- level: Metadata\n", "AP039", ""),
        (
            "RequestReceived",
            "- level: Metadata\n  omitStages: [ResponseStarted]\n",
            "AP039",
            "401",
        ),
        // A rule for one user does not match a request that fails authentication; the last one does.
        (
            "RequestReceived",
            "- level: Metadata\n  users: [a]\n  omitStages: [ResponseStarted]\n- level: Metadata\n",
            "AP039",
            "",
        ),
        // Without a rule for requests without a user, the stages make no difference.
        (
            "RequestReceived, ResponseStarted",
            "- level: Metadata\n  userGroups: [dev]\n",
            "AP039",
            "",
        ),
        (
            "RequestReceived, Panic",
            "- level: Metadata\n",
            "AP039",
            "handler panics",
        ),
        (
            "RequestReceived, ResponseStarted",
            "- level: RequestResponse\n",
            "AP025",
            "secrets",
        ),
        // A watch has a stage of its own before it ends.
        (
            "RequestReceived",
            "- level: Metadata\n  verbs: [watch]\n  omitStages: [ResponseComplete]\n- level: Metadata\n",
            "AP038",
            "",
        ),
        (
            "RequestReceived",
            "- level: Metadata\n  resources: [{resources: [pods/exec]}]\n  omitStages: [ResponseComplete]\n- level: Metadata\n",
            "AP038",
            "",
        ),
        (
            "RequestReceived",
            "- level: Metadata\n  verbs: [get, watch]\n  omitStages: [ResponseComplete]\n- level: Metadata\n",
            "AP038",
            "that match rule 1",
        ),
        (
            "RequestReceived, ResponseStarted, ResponseComplete, Panic",
            "- level: Metadata\n",
            "AP038",
            "",
        ),
        (
            "RequestReceived, ResponseStarted, ResponseComplete, Panic",
            "- level: Metadata\n",
            "AP029",
            "nothing is logged",
        ),
        ("ResponseComplete", "- level: None\n", "AP038", ""),
    ] {
        let text = format!("{HEAD}omitStages: [{stages}]\nrules:\n{rules}");
        let findings = all(&text);
        let found = of(&findings, code);
        if part.is_empty() {
            assert!(found.is_empty(), "{text}{found:#?}");
        } else {
            let is_there = found.iter().any(|finding| finding.message.contains(part));
            assert!(is_there, "{text}{findings:#?}");
        }
    }
}

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
        "users: [system:unsecured, kubelet, 'system:node-problem-detector', 'system:admin']",
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
fn policies_that_log_nothing_or_nobody() {
    let signed_in = "userGroups: [\"system:authenticated\"]";
    for (rules, part) in [
        ("- level: None\n".to_owned(), "nothing is logged: rule 1 matches every request"),
        ("- level: None\n- level: Metadata\n".to_owned(), "nothing is logged: rule 1"),
        ("- level: None\n  users: [a]\n- level: None\n".to_owned(), "nothing is logged: rule 2"),
        ("- level: None\n  users: [a]\n- level: None\n  verbs: [get]\n".to_owned(), "nothing is logged: rules 1 to 2 have level `None`"),
        (format!("- level: None\n  {signed_in}\n- level: RequestResponse\n  resources: [{{resources: [secrets]}}]\n- level: Metadata\n"), "nobody signed in is logged: rule 1"),
        (format!("- level: None\n  users: [a]\n- level: None\n  {signed_in}\n- level: Metadata\n"), "nobody signed in is logged: rule 2"),
        (format!("- level: None\n  {signed_in}\n- level: None\n  userGroups: [system:unauthenticated]\n- level: Metadata\n"), "nobody signed in is logged: rule 1"),
        ("- level: None\n  userGroups: [system:unauthenticated, system:authenticated]\n- level: Metadata\n".to_owned(), "only failed authentications (401) are logged: rule 1"),
        ("- level: None\n  resources: [{group: '*'}]\n- level: None\n  nonResourceURLs: ['*']\n- level: Metadata\n".to_owned(), "nothing is logged: rule 2"),
        (format!("- level: None\n  {signed_in}\n  resources: [{{group: '*', resources: ['*']}}]\n- level: None\n  {signed_in}\n  nonResourceURLs: ['/*']\n- level: Metadata\n"), "nobody signed in is logged: rule 2"),
        ("- level: Metadata\n  omitStages: [ResponseStarted, ResponseComplete, Panic]\n".to_owned(), "nothing is logged: rule 1"),
    ] {
        let text = policy(&rules);
        let findings = all(&text);
        let found = of(&findings, "AP037");
        assert!(found.iter().any(|finding| finding.message.starts_with(part) && finding.severity == Severity::Warning), "{text}{findings:#?}");
        assert_eq!(found.len(), 1, "{text}");
    }
    for rules in [
        "- level: Metadata\n".to_owned(),
        "- level: None\n  users: [a]\n- level: Metadata\n- level: None\n".to_owned(),
        format!(
            "- level: Metadata\n  resources: [{{resources: [secrets]}}]\n- level: None\n  {signed_in}\n- level: Metadata\n"
        ),
        format!("- level: None\n  {signed_in}\n  verbs: [get, list, watch]\n- level: Metadata\n"),
        "- level: None\n  userGroups: [system:unauthenticated]\n- level: Metadata\n".to_owned(),
        "- level: None\n  resources: [{group: ''}]\n- level: Metadata\n".to_owned(),
    ] {
        let text = policy(&rules);
        assert_eq!(
            of(&all(&text), "AP037"),
            Vec::<&Diagnostic>::new(),
            "{text}"
        );
    }
}

#[test]
fn commands_and_levels_of_streams() {
    for (rules, commands, bodies) in [
        (
            "- level: Metadata\n  resources: [{resources: [pods/exec]}]\n",
            true,
            false,
        ),
        (
            "- level: RequestResponse\n  resources: [{resources: [pods/exec, pods/attach, pods/portforward]}]\n",
            true,
            true,
        ),
        (
            "- level: Request\n  resources: [{resources: [pods, pods/log]}]\n",
            false,
            true,
        ),
        (
            "- level: Metadata\n  resources: [{resources: ['pods/*']}]\n",
            true,
            false,
        ),
        (
            "- level: Metadata\n  resources: [{group: '*', resources: ['*/exec']}]\n",
            true,
            false,
        ),
        (
            "- level: None\n  resources: [{resources: [pods/exec]}]\n",
            false,
            false,
        ),
        (
            "- level: RequestResponse\n  resources: [{group: apps, resources: [deployments]}]\n",
            false,
            false,
        ),
        (
            "- level: Metadata\n  verbs: [delete]\n  resources: [{resources: [pods/exec]}]\n",
            false,
            false,
        ),
        (
            "- level: RequestResponse\n  resources: [{resources: [pods/eviction, serviceaccounts/token]}]\n",
            false,
            false,
        ),
    ] {
        let text = policy(&format!("{rules}- level: Metadata\n"));
        let findings = all(&text);
        assert_eq!(!of(&findings, "AP040").is_empty(), commands, "{text}");
        assert_eq!(!of(&findings, "AP041").is_empty(), bodies, "{text}");
    }
}

#[test]
fn equal_groups_by_version() {
    let none = |group: &str, resource: &str| {
        policy(&format!(
            "- level: None\n  resources:\n  - group: \"{group}\"\n    resources: [\"{resource}\"]\n- level: Metadata\n"
        ))
    };
    for (text, minor, is_found) in [
        (none("events.k8s.io", "events"), 36, true),
        (none("", "events"), 36, true),
        (none("", "events/*"), 36, true),
        (none("*", "events"), 36, false),
        (none("", "pods"), 36, false),
        (none("extensions", "ingresses"), 21, true),
        (none("networking.k8s.io", "ingresses"), 21, true),
        (none("networking.k8s.io", "ingresses"), 22, false),
        (
            policy(
                "- level: None\n  resources: [{group: '', resources: [events]}, {group: events.k8s.io, resources: [events]}]\n- level: Metadata\n",
            ),
            36,
            false,
        ),
        (
            policy(
                "- level: None\n  resources: [{resources: [events]}]\n- level: None\n  resources: [{group: events.k8s.io}]\n- level: Metadata\n",
            ),
            36,
            false,
        ),
        (
            policy("- level: None\n  resources: [{resources: [events]}]\n"),
            36,
            false,
        ),
        (
            policy("- level: Metadata\n  resources: [{resources: [events]}]\n- level: Metadata\n"),
            36,
            false,
        ),
        (
            policy("- level: Request\n  resources: [{resources: [events]}]\n- level: Metadata\n"),
            36,
            true,
        ),
    ] {
        let findings = all_at(&text, minor);
        let found = of(&findings, "AP042");
        assert_eq!(
            !found.is_empty(),
            is_found,
            "1.{minor}\n{text}{findings:#?}"
        );
        let Some(fix) = found.first().and_then(|finding| finding.fix.as_ref()) else {
            assert!(!is_found, "{text}");
            continue;
        };
        let after = applied(&text, fix);
        let left = all_at(&after, minor);
        assert_eq!(of(&left, "AP042"), Vec::<&Diagnostic>::new(), "{after}");
        assert!(left.len() < findings.len(), "{after}{left:#?}");
    }
}

#[test]
fn wildcards_of_the_core_group() {
    for (rules, is_found) in [
        (
            "- level: None\n  resources: [{group: '', resources: ['*/status']}]\n- level: Metadata\n",
            true,
        ),
        (
            "- level: RequestResponse\n  resources: [{group: '', resources: ['*']}]\n- level: Metadata\n",
            true,
        ),
        (
            "- level: RequestResponse\n  resources: [{resources: ['*']}]\n",
            true,
        ),
        // Other groups have their own entry or rule.
        (
            "- level: None\n  resources: [{group: '', resources: ['*']}, {group: apps, resources: ['*']}]\n- level: Metadata\n",
            false,
        ),
        (
            "- level: None\n  resources: [{group: '', resources: ['*']}]\n- level: Request\n  resources: [{group: apps, resources: ['*']}]\n- level: Metadata\n",
            false,
        ),
        (
            "- level: None\n  resources: [{group: '*', resources: ['*/status']}]\n- level: Metadata\n",
            false,
        ),
        (
            "- level: Metadata\n  resources: [{group: '', resources: ['*']}]\n- level: Metadata\n",
            false,
        ),
        (
            "- level: None\n  resources: [{group: '', resources: ['*/log']}]\n- level: Metadata\n",
            false,
        ),
    ] {
        let text = policy(rules);
        let findings = all(&text);
        assert_eq!(
            !of(&findings, "AP043").is_empty(),
            is_found,
            "{text}{findings:#?}"
        );
    }
}

#[test]
fn resources_that_their_group_does_not_have() {
    // Group, pattern, help, and the pattern after the fix.
    for (group, pattern, help, fixed) in [
        (
            "apps",
            "foos",
            "custom resources are in the group of their definition",
            "",
        ),
        ("batch", "crons", "resources are plural", ""),
        (
            "networking.k8s.io",
            "networkpolicy",
            "`networkpolicies`",
            "networkpolicies",
        ),
        (
            "rbac.authorization.k8s.io",
            "ClusterRole",
            "`clusterroles`",
            "clusterroles",
        ),
        (
            "",
            "Deployment",
            "`deployments` of the API group `apps`",
            "",
        ),
        ("", "pods/logs", "`pods/log`", "pods/log"),
        ("", "pod/exec", "`pods/exec`", "pods/exec"),
        ("", "pods/Exec", "`pods/exec`", "pods/exec"),
        (
            "apps",
            "deployments/scales",
            "`deployments/scale`",
            "deployments/scale",
        ),
        ("", "*/execs", "`*/exec`", "*/exec"),
        ("", "v1/pods", "`pods`", "pods"),
        (
            "",
            "apps/v1/deployments",
            "`deployments` of the API group `apps`",
            "",
        ),
        (
            "",
            "deployments.apps",
            "`deployments` of the API group `apps`",
            "",
        ),
        (
            "authentication.k8s.io",
            "tokenrequests",
            "`serviceaccounts/token` of the API group `\"\"` (core)",
            "",
        ),
    ] {
        let rules = |pattern: &str| {
            policy(&format!(
                "- level: None\n  resources:\n  - group: \"{group}\"\n    resources: [\"{pattern}\"]\n- level: Metadata\n"
            ))
        };
        let text = rules(pattern);
        let findings = all(&text);
        let found = of(&findings, "AP031");
        let Some(found) = found.first() else {
            assert_eq!(pattern, "", "{text}{findings:#?}");
            continue;
        };
        assert_eq!(found.severity, Severity::Warning);
        assert!(found.help.contains(help), "{pattern}: {}", found.help);
        let after = found
            .fix
            .as_ref()
            .map(|fix| applied(&text, fix))
            .unwrap_or_default();
        if fixed.is_empty() {
            assert_eq!(after, "", "{pattern}");
        } else {
            assert_eq!(after, rules(fixed));
            assert_eq!(of(&all(&after), "AP031"), Vec::<&Diagnostic>::new());
        }
    }
}

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
        ("- level: Some\n- level: Metadata\n  users: [a]\n", "AP020"),
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
