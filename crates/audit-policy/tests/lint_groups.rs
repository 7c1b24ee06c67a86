//! Resources and groups in the variants in which people write them: one row a fact.

#![allow(clippy::unwrap_used, reason = "a test")]

mod common;

use audit_policy::{Diagnostic, Severity};
use common::{all, all_at, applied, of, policy};

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
        // Only some verbs are logged differently in the other group.
        (
            policy(
                "- level: None\n  resources: [{resources: [events]}]\n- level: None\n  verbs: [create, update, get]\n- level: Metadata\n",
            ),
            36,
            true,
        ),
        (
            policy(
                "- level: None\n  verbs: [get, list, watch, create, patch]\n  resources: [{resources: [events]}]\n- level: None\n  verbs: [get, list, watch, create]\n- level: Metadata\n",
            ),
            36,
            true,
        ),
        (
            policy(
                "- level: None\n  verbs: [get, list]\n  resources: [{resources: [events]}]\n- level: None\n  verbs: [get, list]\n- level: Metadata\n",
            ),
            36,
            false,
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
        // Without resources, an entry matches all of its group.
        (
            "- level: None\n  verbs: [get]\n  resources: [{group: ''}]\n- level: Metadata\n",
            true,
        ),
        (
            "- level: None\n  resources: [{group: apps}]\n- level: Metadata\n",
            false,
        ),
        (
            "- level: None\n  resources: [{group: ''}, {group: apps}]\n- level: Metadata\n",
            false,
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
        ("", "nodes/metrics", "`nodes/proxy`", ""),
        ("", "pods/proxy/metrics", "`pods/proxy`", "pods/proxy"),
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
            "`{group: apps, resources: [deployments]}`",
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
            "`{group: apps, resources: [deployments]}`",
            "",
        ),
        (
            "",
            "deployments.apps",
            "`{group: apps, resources: [deployments]}`",
            "",
        ),
        (
            "authentication.k8s.io",
            "tokenrequests",
            "`{group: \"\", resources: [serviceaccounts/token]}`",
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
fn many_entries_are_compared_up_to_a_fixed_effort() {
    // Each of them, compared with all others, would be 4 * 10^8 comparisons.
    let entries = vec!["{resources: [events, '*/status']}"; 20_000].join(", ");
    let text = policy(&format!(
        "- level: None\n  resources: [{entries}]\n- level: Metadata\n"
    ));
    let findings = all(&text);
    assert!(!of(&findings, "AP042").is_empty());
}
