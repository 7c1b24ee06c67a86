//! Fixes of lints: what they write, and where none is offered.

#![allow(clippy::unwrap_used, reason = "a test")]

mod common;

use audit_policy::Severity;
use common::{all, applied, policy};

#[test]
fn fixes_correct_the_text() {
    for (before, code, after) in [
        (
            "- level: Request\n  resources:\n  - group: \"\"\n    resources: [deployments]\n",
            "AP021",
            "- level: Request\n  resources:\n  - group: \"apps\"\n    resources: [deployments]\n",
        ),
        (
            "- level: Request\n  resources:\n  - resources: [deployments]\n",
            "AP021",
            "- level: Request\n  resources:\n  - group: apps\n    resources: [deployments]\n",
        ),
        (
            "- level: Request\n  resources: [{resources: [deployments]}]\n",
            "AP021",
            "- level: Request\n  resources: [{group: apps, resources: [deployments]}]\n",
        ),
        (
            "- {\"level\": \"Request\", \"resources\": [{\"resources\": [\"leases\"]}]}\n",
            "AP021",
            "- {\"level\": \"Request\", \"resources\": [{\"group\": \"coordination.k8s.io\", \"resources\": [\"leases\"]}]}\n",
        ),
        (
            "- level: Metadata\n  verbs: [\"*\"]\n  users: [a]\n",
            "AP023",
            "- level: Metadata\n  verbs: []\n  users: [a]\n",
        ),
        (
            "- level: Metadata\n  users: [a]\n  verbs:\n  - '*'\n",
            "AP023",
            "- level: Metadata\n  users: [a]\n  verbs: []\n",
        ),
        (
            "- level: Request\n  resources: [{resources: ['*/*']}]\n",
            "AP023",
            "- level: Request\n  resources: [{resources: ['*']}]\n",
        ),
        (
            "- level: Request\n  resources: [{group: core, resources: [pods]}]\n",
            "AP024",
            "- level: Request\n  resources: [{group: \"\", resources: [pods]}]\n",
        ),
        (
            "- level: Request\n  resources: [{group: apps.v1}]\n",
            "AP024",
            "- level: Request\n  resources: [{group: apps}]\n",
        ),
        (
            "- level: Metadata\n  verbs: [GET]\n  users: [a]\n",
            "AP028",
            "- level: Metadata\n  verbs: [get]\n  users: [a]\n",
        ),
        // The verb is listed already.
        (
            "- level: Metadata\n  verbs: [GET, get]\n  users: [a]\n",
            "AP028",
            "- level: Metadata\n  verbs: [get]\n  users: [a]\n",
        ),
        (
            "- level: Metadata\n  resources: [{group: apps, resources: [deployments, 'Deployment']}]\n",
            "AP031",
            "- level: Metadata\n  resources: [{group: apps, resources: [deployments]}]\n",
        ),
        (
            "- level: Metadata\n  verbs: [\"post\"]\n  resources: [{resources: [pods]}]\n",
            "AP028",
            "- level: Metadata\n  verbs: [\"create\"]\n  resources: [{resources: [pods]}]\n",
        ),
        (
            "- level: Metadata\n  resources: [{group: apps, resources: [Deployment]}]\n",
            "AP031",
            "- level: Metadata\n  resources: [{group: apps, resources: [deployments]}]\n",
        ),
        (
            "- level: Metadata\n  resources: [{group: policy, resources: [pdb]}]\n",
            "AP031",
            "- level: Metadata\n  resources: [{group: policy, resources: [poddisruptionbudgets]}]\n",
        ),
    ] {
        let text = policy(&format!("{before}- level: Metadata\n"));
        let found = all(&text);
        let fix = found
            .iter()
            .find(|f| f.code == code)
            .and_then(|f| f.fix.as_ref());
        let fixed = fix.map(|fix| applied(&text, fix)).unwrap_or_default();
        assert_eq!(
            fixed,
            policy(&format!("{after}- level: Metadata\n")),
            "{before}: {found:#?}"
        );
        let left = all(&fixed);
        assert!(
            left.iter().all(|finding| finding.code != code),
            "{before}: {left:#?}"
        );
    }
}

#[test]
fn no_fix_is_offered_where_it_would_lose_or_guess() {
    for (rules, code) in [
        // Pods are in the core group.
        (
            "- level: Request\n  resources: [{resources: [deployments, pods]}]\n",
            "AP021",
        ),
        ("- level: Metadata\n  verbs: # all\n  - '*'\n", "AP023"),
        // An empty list of namespaces would take requests for URLs as well.
        ("- level: Metadata\n  namespaces: ['*']\n", "AP023"),
        (
            "- level: Metadata\n  verbs: [\"G\\x45T\"]\n  users: [a]\n",
            "AP028",
        ),
    ] {
        let found = all(&policy(&format!("{rules}- level: Metadata\n")));
        let finding = found.iter().find(|finding| finding.code == code);
        assert!(
            finding.is_some_and(|finding| finding.fix.is_none()),
            "{rules}: {found:#?}"
        );
    }
}

/// A rule with the level None that never matched would drop every request if it matched any verb.
#[test]
fn a_fix_that_drops_requests_is_a_choice() {
    for (level, is_choice) in [("None", true), ("Metadata", false)] {
        let rules = format!("- level: {level}\n  verbs: ['*']\n- level: Request\n");
        let found = all(&policy(&rules));
        let finding = found.iter().find(|finding| finding.code == "AP023");
        let fix = finding.and_then(|finding| finding.fix.as_ref());
        assert_eq!(fix.map(|fix| fix.is_choice), Some(is_choice), "{level}");
    }
}

#[test]
fn the_stage_on_receipt_is_omitted_by_the_fix() {
    for (before, after) in [
        (
            "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n",
            "apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\nrules:\n- level: Metadata\n",
        ),
        (
            "{\"apiVersion\": \"audit.k8s.io/v1\", \"kind\": \"Policy\", \"rules\": [{\"level\": \"Metadata\"}]}",
            "{\"apiVersion\": \"audit.k8s.io/v1\", \"kind\": \"Policy\", \"omitStages\": [\"RequestReceived\"], \"rules\": [{\"level\": \"Metadata\"}]}",
        ),
    ] {
        let found = all(before);
        let codes: Vec<_> = found
            .iter()
            .map(|finding| (&*finding.code, finding.severity))
            .collect();
        assert_eq!(codes, [("AP030", Severity::Info)]);
        let fix = found
            .first()
            .and_then(|finding| finding.fix.as_ref())
            .unwrap();
        assert_eq!(applied(before, fix), after);
        assert_eq!(all(after), []);
    }
}
