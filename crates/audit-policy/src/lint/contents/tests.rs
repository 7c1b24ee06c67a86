//! Example requests are matched by the rule that they stand for, as an independent evaluator sees it.

#![allow(clippy::unwrap_used)]

use super::*;
use crate::explain::{Explanation, explain};
use crate::load::{Doubts, load};
use crate::policy::{GroupResources, Policy};
use crate::vocabulary::ApiVocabulary;
use audit_types::KubernetesVersion;
use audit_types::MissingAttributes;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;

fn some(values: &'static [&'static str]) -> impl Strategy<Value = Vec<String>> {
    let one = proptest::sample::select(values).prop_map(str::to_owned);
    prop_oneof![2 => Just(Vec::new()), 3 => proptest::collection::vec(one, 1..3)]
}

fn rule() -> impl Strategy<Value = Rule> {
    let level = proptest::sample::select(&Level::ALL[..]);
    let users = some(&[
        "alice",
        "system:anonymous",
        "system:serviceaccount:a:b",
        "system:node:n",
        "system:masters",
        "system:kube-proxy",
    ]);
    let groups = some(&[
        "dev",
        "system:authenticated",
        "system:unauthenticated",
        "system:serviceaccounts",
        "system:serviceaccounts:a",
        "system:masters",
        "system:nodes",
        "system:kube-scheduler",
    ]);
    let verbs = some(&["create", "get", "list", "update", "watch", "delete"]);
    let namespaces = some(&["", "default", "frontend"]);
    let names = some(&["", "web", "x"]);
    let group = proptest::sample::select(&["", "apps", "*", "events.k8s.io"][..]);
    let resources = some(&[
        "secrets",
        "configmaps",
        "*",
        "events",
        "serviceaccounts/*",
        "*/token",
        "pods",
        "*/status",
    ]);
    let entry = (group, resources, names).prop_map(|(group, resources, mut names)| {
        if resources.is_empty() {
            names.clear();
        }
        GroupResources {
            group: group.to_owned(),
            resources,
            resource_names: names,
        }
    });
    let entries = proptest::collection::vec(entry, 0..3);
    (level, users, groups, verbs, namespaces, entries).prop_map(
        |(level, users, user_groups, verbs, namespaces, resources)| Rule {
            level,
            users,
            user_groups,
            verbs,
            namespaces,
            resources,
            ..Rule::default()
        },
    )
}

fn first(policy: &Policy, request: &Request) -> Option<usize> {
    let reasons = explain(policy, request, MissingAttributes::NONE);
    reasons
        .iter()
        .position(|reason| matches!(reason, Explanation::Matched { .. }))
}

#[test]
fn every_example_is_matched_by_its_rule_first() {
    let rules = proptest::collection::vec(rule(), 1..6);
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let loaded = load(b"", KubernetesVersion::NEWEST);
    let doubts = Doubts::default();
    let mut proofs = 0;
    let mut twins = 0;
    for _ in 0..3_000 {
        let rules = rules.new_tree(&mut runner).unwrap().current();
        let policy = Policy {
            rules,
            ..Policy::default()
        };
        let lint = Lint::new(
            &loaded,
            (&policy, &policy),
            &doubts,
            KubernetesVersion::NEWEST,
        );
        for (index, found) in logged(&lint) {
            let rule = policy.rules.get(index).unwrap();
            for (sensitive, request) in found {
                proofs += 1;
                assert_eq!(
                    first(&policy, &request),
                    Some(index),
                    "{request:?} {policy:?}"
                );
                assert_eq!(request.resource, sensitive.resource);
                check_sender(rule, &request);
            }
        }
        let matcher = Matcher::new(&policy);
        for (index, rule) in policy.rules.iter().enumerate() {
            for entry in &rule.resources {
                let verbs = witness::verbs(rule);
                let requests =
                    witness::first_matches(&matcher, (index, rule), entry, ("events", ""), &verbs);
                for request in requests {
                    twins += 1;
                    assert_eq!(
                        first(&policy, &request),
                        Some(index),
                        "{request:?} {policy:?}"
                    );
                    check_sender(rule, &request);
                }
            }
        }
    }
    assert!(proofs > 500 && twins > 500, "{proofs} {twins}");
}

/// Checks that the text about the sender shows that the rule's lists of users and groups match.
fn check_sender(rule: &Rule, request: &Request) {
    let shown = witness::sender(request, rule);
    let user = request.user.clone().unwrap();
    assert!(shown.contains(&format!("`{user}`")), "{shown}");
    let is_member_by_name = |group: &String| match group.as_str() {
        "system:authenticated" => user != "system:anonymous",
        "system:unauthenticated" => user == "system:anonymous",
        "system:serviceaccounts" => user.starts_with("system:serviceaccount:"),
        "system:nodes" => user.starts_with("system:node:"),
        _ => group
            .strip_prefix("system:serviceaccounts:")
            .is_some_and(|namespace| {
                user.starts_with(&format!("system:serviceaccount:{namespace}:"))
            }),
    };
    let is_shown = rule.user_groups.iter().any(|group| {
        is_member_by_name(group) || shown.ends_with(&format!(" of the group `{group}`"))
    });
    assert!(rule.user_groups.is_empty() || is_shown, "{shown} {rule:?}");
    assert!(rule.users.is_empty() || rule.users.contains(&user));
}

#[test]
fn every_resource_with_secrets_exists() {
    let vocabulary = ApiVocabulary::new(KubernetesVersion::NEWEST);
    for sensitive in &SENSITIVE {
        let resource = vocabulary.resource(sensitive.group, sensitive.resource);
        assert_eq!(
            resource.map(|resource| resource.namespaced),
            Some(sensitive.namespaced),
            "{}",
            sensitive.resource
        );
    }
}
