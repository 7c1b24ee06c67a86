//! A policy compiled for matching: for each value a rule may ask about, the rules that admit it.
//!
//! Evaluation looks up each attribute once and intersects the sets; the first rule left decides. It mirrors
//! `policyRuleEvaluator` of k8s.io/apiserver (1.10 to 1.36): exact comparison, no globs but those of resources and URLs.

use std::collections::HashMap;

use crate::level::{Level, StageSet};
use crate::policy::{GroupResources, Policy, Rule};
use crate::request::Request;
use crate::rules::RuleSet;

/// What the policy says of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Verdict {
    /// How much is written.
    pub level: Level,
    /// Stages that are not written: the policy's and the rule's.
    pub omit_stages: StageSet,
    /// Whether bodies lose `metadata.managedFields`.
    pub omit_managed_fields: bool,
    /// The first rule that matches, from 0; none where no rule does.
    pub rule: Option<usize>,
}

/// Attributes that a record of a request does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Unknown {
    /// The user's name, and whether there was a user at all.
    pub user: bool,
    /// The user's groups.
    pub groups: bool,
    /// The verb.
    pub verb: bool,
    /// The URL, and with it namespace, group, resource, subresource, name and path.
    pub url: bool,
}

impl Unknown {
    /// Nothing is missing.
    pub const NOTHING: Self = Self {
        user: false,
        groups: false,
        verb: false,
        url: false,
    };

    /// Whether anything is missing.
    pub const fn any(self) -> bool {
        self.user || self.groups || self.verb || self.url
    }
}

/// A policy, ready to judge requests.
#[derive(Debug, Clone)]
pub struct Matcher {
    words: usize,
    verdicts: Vec<Verdict>,
    otherwise: Verdict,
    users: ValueIndex,
    groups: ValueIndex,
    verbs: ValueIndex,
    namespaces: ValueIndex,
    resources: ResourceIndex,
    urls: UrlIndex,
}

impl Matcher {
    /// Compiles a policy; costs time and memory in proportion to its length times its number of rules over 64.
    pub fn new(policy: &Policy) -> Self {
        let rules = &policy.rules;
        let policy_stages: StageSet = policy.omit_stages.iter().copied().collect();
        Self {
            words: rules.len().div_ceil(64),
            verdicts: rules
                .iter()
                .enumerate()
                .map(|(index, rule)| Verdict {
                    level: rule.level,
                    omit_stages: policy_stages.union(rule.omit_stages.iter().copied().collect()),
                    omit_managed_fields: rule
                        .omit_managed_fields
                        .unwrap_or(policy.omit_managed_fields),
                    rule: Some(index),
                })
                .collect(),
            otherwise: Verdict {
                level: Level::None,
                omit_stages: policy_stages,
                omit_managed_fields: policy.omit_managed_fields,
                rule: None,
            },
            users: ValueIndex::new(rules, |rule| &rule.users),
            groups: ValueIndex::new(rules, |rule| &rule.user_groups),
            verbs: ValueIndex::new(rules, |rule| &rule.verbs),
            namespaces: ValueIndex::new(rules, |rule| &rule.namespaces),
            resources: ResourceIndex::new(rules),
            urls: UrlIndex::new(rules),
        }
    }

    /// How many rules the policy has.
    pub fn rule_count(&self) -> usize {
        self.verdicts.len()
    }

    /// The verdict of a rule, were it the first to match; of no rule where there is none of that index.
    pub fn verdict_of(&self, rule: Option<usize>) -> Verdict {
        rule.and_then(|rule| self.verdicts.get(rule))
            .copied()
            .unwrap_or(self.otherwise)
    }

    /// What the policy says of the request: the first rule that matches, else level None.
    pub fn evaluate(&self, request: &Request) -> Verdict {
        self.verdict_of(self.first_match(request, Unknown::NOTHING, Doubt::Fails))
    }

    /// The same where the record lacks some attributes: a verdict only if it is the same whatever their values are.
    pub fn evaluate_partial(&self, request: &Request, unknown: Unknown) -> Option<Verdict> {
        let possible = self.first_match(request, unknown, Doubt::Holds);
        let certain = self.first_match(request, unknown, Doubt::Fails);
        (possible == certain).then(|| self.verdict_of(certain))
    }

    fn first_match(&self, request: &Request, unknown: Unknown, doubt: Doubt) -> Option<usize> {
        let user = match request.user_name() {
            _ if unknown.user => None,
            Some(name) => Some(self.users.admitting(name)),
            None => Some(&self.users.unconstrained),
        };
        let verb = (!unknown.verb).then(|| self.verbs.admitting(&request.verb));
        let target = Target::new(self, request, unknown);
        (0..self.words).find_map(|word| {
            let doubtful = |set: Option<&RuleSet>, index: &ValueIndex| match (set, doubt) {
                (Some(set), _) => set.word(word),
                (None, Doubt::Holds) => u64::MAX,
                (None, Doubt::Fails) => index.unconstrained.word(word),
            };
            let left = doubtful(user, &self.users)
                & doubtful(verb, &self.verbs)
                & self.groups_word(request, unknown, doubt, word)
                & target.word(self, doubt, word);
            (left != 0).then(|| word * 64 + left.trailing_zeros() as usize)
        })
    }

    fn groups_word(&self, request: &Request, unknown: Unknown, doubt: Doubt, word: usize) -> u64 {
        let unconstrained = self.groups.unconstrained.word(word);
        if unknown.groups || unknown.user {
            return match doubt {
                Doubt::Holds => u64::MAX,
                Doubt::Fails => unconstrained,
            };
        }
        if unconstrained == u64::MAX {
            return unconstrained;
        }
        request.groups.iter().fold(unconstrained, |set, group| {
            set | self.groups.admitting(group).word(word)
        })
    }
}

/// What a predicate on an unknown attribute counts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Doubt {
    Holds,
    Fails,
}

/// The looked-up part of a request that its URL gives.
enum Target<'m> {
    Unknown,
    Resource {
        namespace: &'m RuleSet,
        resources: Vec<&'m RuleSet>,
    },
    Url(Vec<&'m RuleSet>),
}

impl<'m> Target<'m> {
    fn new(matcher: &'m Matcher, request: &Request, unknown: Unknown) -> Self {
        if unknown.url {
            Self::Unknown
        } else if request.is_resource_request {
            Self::Resource {
                namespace: matcher.namespaces.admitting(&request.namespace),
                resources: matcher.resources.admitting(request),
            }
        } else {
            Self::Url(matcher.urls.admitting(&request.path))
        }
    }

    fn word(&self, matcher: &Matcher, doubt: Doubt, word: usize) -> u64 {
        let any = |sets: &[&RuleSet]| sets.iter().fold(0, |all, set| all | set.word(word));
        match (self, doubt) {
            (Self::Unknown, Doubt::Holds) => u64::MAX,
            (Self::Unknown, Doubt::Fails) => {
                matcher.urls.unconstrained.word(word)
                    & matcher.resources.unconstrained.word(word)
                    & matcher.namespaces.unconstrained.word(word)
            }
            (
                Self::Resource {
                    namespace,
                    resources,
                },
                _,
            ) => {
                namespace.word(word)
                    & (matcher.resources.unconstrained.word(word) | any(resources))
                    & matcher.urls.unconstrained.word(word)
            }
            (Self::Url(urls), _) => {
                (matcher.urls.unconstrained.word(word) | any(urls))
                    & matcher.resources.unconstrained.word(word)
                    & matcher.namespaces.unconstrained.word(word)
            }
        }
    }
}

/// For one list of plain values: which rules admit which value.
#[derive(Debug, Clone)]
struct ValueIndex {
    /// Rules whose list is empty.
    unconstrained: RuleSet,
    /// For each value some rule lists: the rules that list it, and the unconstrained ones.
    by_value: HashMap<String, RuleSet>,
}

impl ValueIndex {
    fn new(rules: &[Rule], list: impl Fn(&Rule) -> &Vec<String>) -> Self {
        let unconstrained = RuleSet::of(rules.len(), |index| {
            rules.get(index).is_some_and(|rule| list(rule).is_empty())
        });
        let mut by_value = HashMap::new();
        for (index, rule) in rules.iter().enumerate() {
            for value in list(rule) {
                by_value
                    .entry(value.clone())
                    .or_insert_with(|| unconstrained.clone())
                    .insert(index);
            }
        }
        Self {
            unconstrained,
            by_value,
        }
    }

    fn admitting(&self, value: &str) -> &RuleSet {
        self.by_value.get(value).unwrap_or(&self.unconstrained)
    }
}

/// Which rules admit which resource of which group.
#[derive(Debug, Clone)]
struct ResourceIndex {
    /// Rules that list no resources.
    unconstrained: RuleSet,
    by_group: HashMap<String, GroupIndex>,
}

#[derive(Debug, Clone, Default)]
struct GroupIndex {
    /// Entries without a resource list: everything in the group.
    everything: Option<RuleSet>,
    /// Entries with `*`.
    star: NameIndex,
    /// `pods` and `pods/log`, compared with the whole.
    exact: HashMap<String, NameIndex>,
    /// `pods/*`, by what stands before: the resource, with or without a subresource.
    of_resource: HashMap<String, NameIndex>,
    /// `*/scale`, by what stands after.
    of_subresource: HashMap<String, NameIndex>,
}

/// Which rules admit which object name.
#[derive(Debug, Clone, Default)]
struct NameIndex {
    any: Option<RuleSet>,
    by_name: HashMap<String, RuleSet>,
}

impl NameIndex {
    fn add(&mut self, rules: usize, rule: usize, names: &[String]) {
        if names.is_empty() {
            self.any
                .get_or_insert_with(|| RuleSet::empty(rules))
                .insert(rule);
        }
        for name in names {
            self.by_name
                .entry(name.clone())
                .or_insert_with(|| RuleSet::empty(rules))
                .insert(rule);
        }
    }

    fn collect<'m>(&'m self, name: &str, found: &mut Vec<&'m RuleSet>) {
        found.extend(&self.any);
        if !self.by_name.is_empty() {
            found.extend(self.by_name.get(name));
        }
    }
}

impl GroupIndex {
    fn add(&mut self, rules: usize, rule: usize, entry: &GroupResources) {
        if entry.resources.is_empty() {
            self.everything
                .get_or_insert_with(|| RuleSet::empty(rules))
                .insert(rule);
        }
        let names = &entry.resource_names;
        for pattern in &entry.resources {
            if pattern == "*" {
                self.star.add(rules, rule, names);
                continue;
            }
            let add = |index: &mut HashMap<String, NameIndex>, key: &str| {
                index
                    .entry(key.to_owned())
                    .or_default()
                    .add(rules, rule, names);
            };
            add(&mut self.exact, pattern);
            if let Some(resource) = pattern.strip_suffix("/*") {
                add(&mut self.of_resource, resource);
            }
            if let Some(subresource) = pattern.strip_prefix("*/") {
                add(&mut self.of_subresource, subresource);
            }
        }
    }

    fn collect<'m>(&'m self, request: &Request, found: &mut Vec<&'m RuleSet>) {
        let name = &request.name;
        found.extend(&self.everything);
        self.star.collect(name, found);
        let exact = if request.subresource.is_empty() {
            self.exact.get(&request.resource)
        } else {
            self.exact.get(&request.full_resource())
        };
        let of_resource = self.of_resource.get(&request.resource);
        let of_subresource = if request.subresource.is_empty() {
            None
        } else {
            self.of_subresource.get(&request.subresource)
        };
        for index in [exact, of_resource, of_subresource].into_iter().flatten() {
            index.collect(name, found);
        }
    }
}

impl ResourceIndex {
    fn new(rules: &[Rule]) -> Self {
        let mut by_group: HashMap<String, GroupIndex> = HashMap::new();
        for (index, rule) in rules.iter().enumerate() {
            for entry in &rule.resources {
                by_group
                    .entry(entry.group.clone())
                    .or_default()
                    .add(rules.len(), index, entry);
            }
        }
        Self {
            unconstrained: RuleSet::of(rules.len(), |index| {
                rules
                    .get(index)
                    .is_some_and(|rule| rule.resources.is_empty())
            }),
            by_group,
        }
    }

    /// The sets of rules with an entry that fits. `*` as a group loads from 1.36 on only, and then fits every group.
    fn admitting(&self, request: &Request) -> Vec<&RuleSet> {
        let mut found = Vec::new();
        for group in [request.api_group.as_str(), "*"] {
            if let Some(index) = self.by_group.get(group) {
                index.collect(request, &mut found);
            }
        }
        found
    }
}

/// Which rules admit which URL path.
#[derive(Debug, Clone)]
struct UrlIndex {
    /// Rules that list no URLs.
    unconstrained: RuleSet,
    exact: HashMap<String, RuleSet>,
    /// By what stands before the trailing `*`.
    prefixes: HashMap<String, RuleSet>,
    /// The lengths that occur in `prefixes`, each once.
    prefix_lengths: Vec<usize>,
}

impl UrlIndex {
    fn new(rules: &[Rule]) -> Self {
        let mut exact = HashMap::new();
        let mut prefixes = HashMap::new();
        for (index, rule) in rules.iter().enumerate() {
            for url in &rule.non_resource_urls {
                let (map, key) = if url.ends_with('*') {
                    (&mut prefixes, url.trim_end_matches('*'))
                } else {
                    (&mut exact, url.as_str())
                };
                map.entry(key.to_owned())
                    .or_insert_with(|| RuleSet::empty(rules.len()))
                    .insert(index);
            }
        }
        let mut prefix_lengths: Vec<usize> = prefixes.keys().map(String::len).collect();
        prefix_lengths.sort_unstable();
        prefix_lengths.dedup();
        Self {
            unconstrained: RuleSet::of(rules.len(), |index| {
                rules
                    .get(index)
                    .is_some_and(|rule| rule.non_resource_urls.is_empty())
            }),
            exact,
            prefixes,
            prefix_lengths,
        }
    }

    fn admitting(&self, path: &str) -> Vec<&RuleSet> {
        self.prefix_lengths
            .iter()
            .map_while(|length| path.as_bytes().get(..*length))
            .filter_map(|prefix| std::str::from_utf8(prefix).ok())
            .filter_map(|prefix| self.prefixes.get(prefix))
            .chain(self.exact.get(path))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(build: impl FnOnce(&mut Rule)) -> Policy {
        let mut rule = Rule {
            level: Level::Metadata,
            ..Rule::default()
        };
        build(&mut rule);
        Policy {
            rules: vec![rule],
            ..Policy::default()
        }
    }

    fn resources(group: &str, resources: &[&str], names: &[&str]) -> Policy {
        let owned = |values: &[&str]| values.iter().map(|v| (*v).to_owned()).collect();
        rule(|rule| {
            rule.resources = vec![GroupResources {
                group: group.to_owned(),
                resources: owned(resources),
                resource_names: owned(names),
            }];
        })
    }

    fn request(group: &str, resource: &str, subresource: &str, name: &str) -> Request {
        Request {
            user: Some("alice".to_owned()),
            verb: "get".to_owned(),
            api_group: group.to_owned(),
            resource: resource.to_owned(),
            subresource: subresource.to_owned(),
            name: name.to_owned(),
            path: "/api/v1/x".to_owned(),
            is_resource_request: true,
            ..Request::default()
        }
    }

    #[test]
    fn resource_patterns_fit_as_upstream_compares_them() {
        let rows: [(&str, &str, &str, bool); 12] = [
            ("pods", "pods", "", true),
            ("pods", "pods", "log", false),
            ("pods/log", "pods", "log", true),
            ("pods/*", "pods", "", true),
            ("pods/*", "pods", "exec", true),
            ("pods/*", "nodes", "exec", false),
            ("*/scale", "deployments", "scale", true),
            ("*/scale", "scale", "", false),
            ("*", "pods", "exec", true),
            ("*/*", "pods", "exec", false),
            ("*/*", "*", "", true),
            ("pod*", "pods", "", false),
        ];
        for (pattern, resource, subresource, fits) in rows {
            let matcher = Matcher::new(&resources("", &[pattern], &[]));
            let verdict = matcher.evaluate(&request("", resource, subresource, ""));
            assert_eq!(
                verdict.rule.is_some(),
                fits,
                "{pattern} on {resource}/{subresource}"
            );
        }
    }

    #[test]
    fn names_and_groups_are_compared_exactly() {
        let named = Matcher::new(&resources("apps", &["deployments"], &["web"]));
        for (group, name, fits) in [
            ("apps", "web", true),
            ("apps", "", false),
            ("", "web", false),
        ] {
            let verdict = named.evaluate(&request(group, "deployments", "", name));
            assert_eq!(verdict.rule.is_some(), fits, "{group} {name}");
        }
        let any_group = Matcher::new(&resources("*", &[], &[]));
        assert_eq!(
            any_group.evaluate(&request("batch", "jobs", "", "")).rule,
            Some(0)
        );
    }

    #[test]
    fn urls_fit_by_prefix_only_with_a_star() {
        let rows: [(&str, &str, bool); 7] = [
            ("/healthz*", "/healthzz", true),
            ("/healthz*", "/healthz", true),
            ("/healthz/*", "/healthz", false),
            ("/healthz", "/healthz/", false),
            ("*", "/anything", true),
            ("/é*", "/éa", true),
            ("/é*", "/è", false),
        ];
        for (url, path, fits) in rows {
            let matcher = Matcher::new(&rule(|rule| rule.non_resource_urls = vec![url.to_owned()]));
            let request = Request {
                path: path.to_owned(),
                ..Request::default()
            };
            assert_eq!(
                matcher.evaluate(&request).rule.is_some(),
                fits,
                "{url} on {path}"
            );
        }
    }

    #[test]
    fn a_request_without_user_matches_no_user_list() {
        let matcher = Matcher::new(&rule(|rule| rule.users = vec![String::new()]));
        assert_eq!(matcher.evaluate(&Request::default()).rule, None);
        let nobody = Request {
            user: Some(String::new()),
            ..Request::default()
        };
        assert_eq!(matcher.evaluate(&nobody).rule, Some(0));
    }

    #[test]
    fn a_missing_attribute_matters_only_where_a_rule_asks_about_it() {
        let by_group = rule(|rule| rule.user_groups = vec!["system:nodes".to_owned()]);
        let groups_unknown = Unknown {
            groups: true,
            ..Unknown::NOTHING
        };
        let matcher = Matcher::new(&by_group);
        assert_eq!(
            matcher.evaluate_partial(&request("", "pods", "", ""), groups_unknown),
            None
        );

        let mut behind_catch_all = by_group.clone();
        behind_catch_all.rules.insert(0, Rule::default());
        let matcher = Matcher::new(&behind_catch_all);
        let verdict = matcher.evaluate_partial(&request("", "pods", "", ""), groups_unknown);
        assert_eq!(verdict.and_then(|verdict| verdict.rule), Some(0));
    }
}
