//! A policy compiled for matching: for each value a rule may ask about, the rules that admit it.
//!
//! Evaluation narrows the set of rules attribute by attribute, looks up only what a rule still in the set asks about, and never
//! allocates for a policy of ordinary size; the first rule left decides. It mirrors
//! `policyRuleEvaluator` of k8s.io/apiserver (1.10 to 1.36): exact comparison, no globs but those of resources and URLs.

mod blocks;
mod lists;

use crate::level::{Level, StageSet};
use crate::policy::Policy;
use crate::request::Request;
use lists::{Resources, Urls, Values};

pub use lists::ResourceTarget;

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
    /// The object's name alone.
    pub name: bool,
}

impl Unknown {
    /// Nothing is missing.
    pub const NOTHING: Self = Self {
        user: false,
        groups: false,
        verb: false,
        url: false,
        name: false,
    };

    /// Whether anything is missing.
    pub const fn any(self) -> bool {
        self.user || self.groups || self.verb || self.url || self.name
    }

    /// The event's fields that would tell, by name.
    pub fn fields(self) -> impl Iterator<Item = &'static str> {
        [
            (self.user, "user"),
            (self.groups, "user.groups"),
            (self.verb, "verb"),
            (self.url || self.name, "requestURI"),
        ]
        .into_iter()
        .filter_map(|(is_missing, name)| is_missing.then_some(name))
    }
}

/// A policy, ready to judge requests.
#[derive(Debug, Clone)]
pub struct Matcher {
    blocks: usize,
    verdicts: Vec<Verdict>,
    otherwise: Verdict,
    users: Values,
    groups: Values,
    verbs: Values,
    namespaces: Values,
    resources: Resources,
    urls: Urls,
}

impl Matcher {
    /// Compiles a policy; costs time and memory in proportion to its length times its number of rules over 64.
    pub fn new(policy: &Policy) -> Self {
        let rules = &policy.rules;
        let policy_stages: StageSet = policy.omit_stages.iter().copied().collect();
        Self {
            blocks: rules.len().div_ceil(64),
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
            users: Values::new(rules, |rule| &rule.users),
            groups: Values::new(rules, |rule| &rule.user_groups),
            verbs: Values::new(rules, |rule| &rule.verbs),
            namespaces: Values::new(rules, |rule| &rule.namespaces),
            resources: Resources::new(rules),
            urls: Urls::new(rules),
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
        (0..self.blocks).find_map(|word| {
            let left = self.matching(request, unknown, doubt, word);
            (left != 0).then(|| word * 64 + left.trailing_zeros() as usize)
        })
    }

    /// Of the 64 rules of a word, those that match.
    fn matching(&self, request: &Request, unknown: Unknown, doubt: Doubt, word: usize) -> u64 {
        let rules_here = self.verdicts.len() - word * 64;
        let mut left = if rules_here < 64 {
            (1 << rules_here) - 1
        } else {
            u64::MAX
        };
        let url_free = self.urls.unconstrained.word(word);
        let resource_free = self.resources.unconstrained.word(word);
        let namespace_free = self.namespaces.unconstrained.word(word);
        if !unknown.url {
            left &= if request.is_resource_request {
                url_free
            } else {
                resource_free & namespace_free
            };
        }
        let ask = |left: u64, free: u64, is_unknown: bool| Question {
            left,
            free,
            doubt: is_unknown.then_some(doubt),
        };
        left = ask(left, self.verbs.unconstrained.word(word), unknown.verb)
            .narrow(|| self.verbs.listed.word(&request.verb, word));
        left = ask(left, url_free, unknown.url).narrow(|| self.urls.word(&request.path, word));
        left = ask(left, namespace_free, unknown.url)
            .narrow(|| self.namespaces.listed.word(&request.namespace, word));
        left = ask(left, resource_free, unknown.url).narrow(|| {
            let target = ResourceTarget {
                api_group: &request.api_group,
                resource: &request.resource,
                subresource: &request.subresource,
            };
            let named = match (unknown.name, doubt) {
                (false, _) => self.resources.named_word(target, &request.name, word),
                (true, Doubt::Holds) => self.resources.word_of_any_name(target, word),
                (true, Doubt::Fails) => 0,
            };
            self.resources.unnamed_word(target, word) | named
        });
        left = ask(left, self.users.unconstrained.word(word), unknown.user).narrow(|| {
            request
                .user_name()
                .map_or(0, |name| self.users.listed.word(name, word))
        });
        let groups_unknown = unknown.user || unknown.groups;
        ask(left, self.groups.unconstrained.word(word), groups_unknown).narrow(|| {
            request
                .groups
                .iter()
                .fold(0, |set, group| set | self.groups.listed.word(group, word))
        })
    }
}

/// What is asked of one attribute.
struct Question {
    /// The rules that may still match.
    left: u64,
    /// The rules that do not ask about the attribute.
    free: u64,
    /// What an answer counts as that the record does not give; none where it gives one.
    doubt: Option<Doubt>,
}

impl Question {
    /// The rules left over; the attribute is looked up only if one of them asks about it.
    #[inline]
    fn narrow(self, listing: impl FnOnce() -> u64) -> u64 {
        let Self { left, free, doubt } = self;
        if left & !free == 0 {
            return left;
        }
        match doubt {
            None => left & (free | listing()),
            Some(Doubt::Holds) => left,
            Some(Doubt::Fails) => left & free,
        }
    }
}

/// What a predicate on an unknown attribute counts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Doubt {
    Holds,
    Fails,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{GroupResources, Rule};

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

    #[test]
    fn a_missing_name_matters_only_where_a_rule_lists_names() {
        let entry = |resource: &str, name: &[&str]| GroupResources {
            group: String::new(),
            resources: vec![resource.to_owned()],
            resource_names: name.iter().map(|name| (*name).to_owned()).collect(),
        };
        let unknown = Unknown {
            name: true,
            ..Unknown::NOTHING
        };
        let lists = [
            (vec![entry("pods", &["web"])], None),
            (vec![entry("pods", &[])], Some(Some(0))),
            (
                vec![entry("pods", &["web"]), entry("pods", &[])],
                Some(Some(0)),
            ),
            (vec![entry("secrets", &["web"])], Some(None)),
        ];
        for (resources, expected) in lists {
            let policy = rule(|rule| rule.resources = resources);
            let request = request("", "pods", "", "");
            let verdict = Matcher::new(&policy).evaluate_partial(&request, unknown);
            assert_eq!(verdict.map(|verdict| verdict.rule), expected);
            let answers = crate::explain(&policy, &request, unknown);
            let is_unknowable = matches!(answers.as_slice(), [crate::Answer::Unknowable(_)]);
            assert_eq!(is_unknowable, expected.is_none());
        }
    }
}
