//! The compiled matcher against a matcher that reads like the server's documentation, on random policies and requests.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use audit_policy::{
    Explanation, GroupResources, Level, Matcher, MissingAttributes, Policy, Request, Rule,
    RuleIndex, explain,
};
use audit_sim::{Requests, Verdicts};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

/// Rule by rule and list by list; an empty list asks for nothing.
fn naive(policy: &Policy, request: &Request) -> Option<RuleIndex> {
    let first = policy.rules.iter().position(|rule| {
        let listed =
            |list: &[String], value: &str| list.is_empty() || list.iter().any(|item| item == value);
        let is_user = match &request.user {
            Some(name) => listed(&rule.users, name),
            None => rule.users.is_empty(),
        };
        let in_group = rule.user_groups.is_empty()
            || request.user.is_some()
                && rule
                    .user_groups
                    .iter()
                    .any(|group| request.groups.contains(group));
        let is_target = if !rule.namespaces.is_empty() || !rule.resources.is_empty() {
            request.is_resource_request
                && listed(&rule.namespaces, &request.namespace)
                && (rule.resources.is_empty()
                    || rule.resources.iter().any(|entry| fits(entry, request)))
        } else if !rule.non_resource_urls.is_empty() {
            !request.is_resource_request
                && rule
                    .non_resource_urls
                    .iter()
                    .any(|url| match url.strip_suffix('*') {
                        Some(prefix) => request.path.starts_with(prefix),
                        None => request.path == *url,
                    })
        } else {
            true
        };
        is_user && in_group && listed(&rule.verbs, &request.verb) && is_target
    });
    first.map(RuleIndex::new)
}

fn fits(entry: &GroupResources, request: &Request) -> bool {
    if entry.group != "*" && entry.group != request.api_group {
        return false;
    }
    if entry.resources.is_empty() {
        return true;
    }
    if !entry.resource_names.is_empty() && !entry.resource_names.contains(&request.name) {
        return false;
    }
    entry.resources.iter().any(|pattern| {
        let (resource, subresource) = (&request.resource, &request.subresource);
        match pattern.split_once('/') {
            None => pattern == "*" || (pattern == resource && subresource.is_empty()),
            Some(("*", sub)) => {
                (sub == subresource && !sub.is_empty()) || (sub == "*" && resource == "*")
            }
            Some((name, "*")) => name == resource,
            Some((name, sub)) => name == resource && sub == subresource,
        }
    })
}

fn words(words: &'static [&'static str]) -> impl Strategy<Value = String> {
    select(words).prop_map(str::to_owned)
}

fn list(words_of: &'static [&'static str]) -> impl Strategy<Value = Vec<String>> {
    prop_oneof![3 => Just(Vec::new()), 2 => vec(words(words_of), 1..4)]
}

const USERS: &[&str] = &["alice", "bob", "system:node:n1", "*", ""];
const GROUPS: &[&str] = &["devs", "system:nodes", "system:authenticated"];
const VERBS: &[&str] = &["get", "list", "watch", "create", "delete"];
const NAMESPACES: &[&str] = &["", "dev", "kube-system"];
const API_GROUPS: &[&str] = &["", "apps", "batch"];
const POLICY_GROUPS: &[&str] = &["", "apps", "batch", "*"];
const RESOURCES: &[&str] = &["pods", "deployments", "*"];
const SUBRESOURCES: &[&str] = &["", "", "log", "exec", "scale", "*"];
const PATTERNS: &[&str] = &[
    "pods",
    "pods/log",
    "pods/*",
    "*/scale",
    "*/*",
    "*",
    "deployments",
    "pod*",
];
const NAMES: &[&str] = &["", "web", "db"];
const URLS: &[&str] = &[
    "/healthz",
    "/healthz*",
    "/healthz/*",
    "/api*",
    "*",
    "/version",
];
const PATHS: &[&str] = &[
    "/healthz",
    "/healthzz",
    "/healthz/etcd",
    "/api",
    "/version",
    "/",
];

prop_compose! {
    fn entry()(group in words(POLICY_GROUPS), resources in list(PATTERNS), names in list(NAMES)) -> GroupResources {
        let resource_names = if resources.is_empty() { Vec::new() } else { names };
        let mut entry = GroupResources::new(group, resources);
        entry.resource_names = resource_names;
        entry
    }
}

prop_compose! {
    fn rule()(
        level in select(&Level::ALL[..]),
        users in list(USERS),
        user_groups in list(GROUPS),
        verbs in list(VERBS),
        (resources, namespaces, non_resource_urls) in prop_oneof![
            Just((Vec::new(), Vec::new(), Vec::new())),
            (vec(entry(), 0..3), list(NAMESPACES)).prop_map(|(resources, namespaces)| (resources, namespaces, Vec::new())),
            list(URLS).prop_map(|urls| (Vec::new(), Vec::new(), urls)),
        ],
    ) -> Rule {
        let mut rule = Rule::new(level);
        (rule.users, rule.user_groups, rule.verbs) = (users, user_groups, verbs);
        (rule.resources, rule.namespaces, rule.non_resource_urls) = (resources, namespaces, non_resource_urls);
        rule
    }
}

prop_compose! {
    fn request()(
        user in option::weighted(0.9, words(USERS)),
        groups in vec(words(GROUPS), 0..3),
        verb in words(VERBS),
        (namespace, api_group, resource, subresource, name) in
            (words(NAMESPACES), words(API_GROUPS), words(RESOURCES), words(SUBRESOURCES), words(NAMES)),
        path in words(PATHS),
        is_resource_request in any::<bool>(),
    ) -> Request {
        let groups = if user.is_some() { groups } else { Vec::new() };
        let mut request = if is_resource_request {
            let mut request = Request::for_resource(verb, api_group, resource)
                .with_subresource(subresource)
                .with_namespace(namespace)
                .with_name(name);
            request.path = "/api/v1/x".to_owned();
            request
        } else {
            Request::for_path(verb, path)
        };
        (request.user, request.groups) = (user, groups);
        request
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_matcher_agrees_with_the_naive_one(rules in prop_oneof![4 => vec(rule(), 1..90), 1 => vec(rule(), 510..530)], requests in vec(request(), 20)) {
        let policy = Policy::new(rules);
        let matcher = Matcher::new(&policy);
        for request in &requests {
            let expected = naive(&policy, request);
            prop_assert_eq!(matcher.evaluate(request).rule, expected, "{:?}", request);
            let explained = explain(&policy, request, MissingAttributes::NONE)
                .iter()
                .position(|answer| matches!(answer, Explanation::Matched { .. }));
            prop_assert_eq!(explained.map(RuleIndex::new), expected, "{:?}", request);
        }
        let mut store = Requests::default();
        let mut verdicts = Verdicts::default();
        for request in &requests {
            let number = store.add(request, MissingAttributes::NONE);
            // Requests come while a log is read, so the verdicts follow in steps.
            verdicts.extend(&matcher, &store);
            prop_assert_eq!(verdicts.get(number).unwrap().rule, naive(&policy, request), "{:?}", request);
        }
        let at_once = Verdicts::new(&matcher, &store);
        for number in store.ids() {
            prop_assert_eq!(at_once.get(number), verdicts.get(number));
        }
    }

    /// A verdict given in spite of a missing attribute is the verdict for every value of that attribute.
    #[test]
    fn a_partial_verdict_holds_whatever_is_missing(
        rules in vec(rule(), 1..8),
        seen in request(),
        truths in vec(request(), 12),
        (user, groups, verb, url, name) in any::<(bool, bool, bool, bool, bool)>(),
    ) {
        let policy = Policy::new(rules);
        let matcher = Matcher::new(&policy);
        let unknown = MissingAttributes { user, groups, verb, url, name };
        let mut store = Requests::default();
        let number = store.add(&seen, unknown);
        let of_store = Verdicts::new(&matcher, &store);
        prop_assert_eq!(of_store.get(number), matcher.evaluate_partial(&seen, unknown));
        if let Some(verdict) = matcher.evaluate_partial(&seen, unknown) {
            for truth in truths {
                let mut real = if url { truth.clone() } else { seen.clone() };
                real.user = if user { truth.user.clone() } else { seen.user.clone() };
                real.groups = if user || groups { truth.groups.clone() } else { seen.groups.clone() };
                if real.user.is_none() {
                    real.groups.clear();
                }
                if name {
                    real.name = truth.name.clone();
                }
                real.verb = if verb { truth.verb.clone() } else { seen.verb.clone() };
                prop_assert_eq!(matcher.evaluate(&real).rule, verdict.rule, "{:?}", real);
            }
        }
    }
}
