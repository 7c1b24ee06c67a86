//! A policy compiled for matching: an index from each value to the rules that match it.
//!
//! Evaluation narrows a bit set of rules attribute by attribute, skips attributes that no remaining rule constrains, and does not
//! allocate for policies of ordinary size. The first remaining rule decides. Mirrors `policyRuleEvaluator` of k8s.io/apiserver
//! (1.10 to 1.36): values are compared exactly, and only resources and URLs have wildcards.

mod blocks;
mod conditions;
mod index;

use crate::policy::Policy;
use audit_types::{Level, MissingAttributes, Request, RuleIndex, StageSet};
use conditions::{ListIndex, ResourceIndex, UrlIndex};

pub use conditions::ResourceTarget;

/// Result of evaluating a policy for a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub struct Verdict {
    /// Level at which the request is logged.
    pub level: Level,
    /// Stages that are not logged: those of the policy and of the rule.
    pub omit_stages: StageSet,
    /// True if `metadata.managedFields` is removed from bodies.
    pub omit_managed_fields: bool,
    /// The first matching rule. `None` if no rule matches.
    pub rule: Option<RuleIndex>,
}

impl Verdict {
    /// Returns true if another verdict has the same level, omitted stages and managed fields. The rule does not matter.
    pub fn has_effect_of(self, other: Self) -> bool {
        Self { rule: None, ..self }
            == Self {
                rule: None,
                ..other
            }
    }
}

/// A policy compiled for evaluating requests.
///
/// Immutable and `Send + Sync`: one matcher can serve several threads.
#[derive(Debug, Clone)]
pub struct Matcher {
    blocks: usize,
    verdicts: Vec<Verdict>,
    no_match: Verdict,
    users: ListIndex,
    groups: ListIndex,
    verbs: ListIndex,
    namespaces: ListIndex,
    resources: ResourceIndex,
    urls: UrlIndex,
}

impl Matcher {
    /// Compiles a policy. Time and memory are proportional to its length times the number of rules divided by 64.
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
                    rule: Some(RuleIndex::new(index)),
                })
                .collect(),
            no_match: Verdict {
                level: Level::None,
                omit_stages: policy_stages,
                omit_managed_fields: policy.omit_managed_fields,
                rule: None,
            },
            users: ListIndex::new(rules, |rule| &rule.users),
            groups: ListIndex::new(rules, |rule| &rule.user_groups),
            verbs: ListIndex::new(rules, |rule| &rule.verbs),
            namespaces: ListIndex::new(rules, |rule| &rule.namespaces),
            resources: ResourceIndex::new(rules),
            urls: UrlIndex::new(rules),
        }
    }

    /// Returns the number of rules of the policy.
    pub fn rule_count(&self) -> usize {
        self.verdicts.len()
    }

    /// Returns the verdict for requests that the rule is the first to match. `None` and unknown indexes give the verdict for requests
    /// that no rule matches.
    pub fn verdict_of(&self, rule: Option<RuleIndex>) -> Verdict {
        rule.and_then(|rule| self.verdicts.get(rule.get()))
            .copied()
            .unwrap_or(self.no_match)
    }

    /// Evaluates a request: the first matching rule decides, and level `None` applies if there is none.
    pub fn evaluate(&self, request: &Request) -> Verdict {
        self.verdict_of(self.first_match(
            request,
            MissingAttributes::NONE,
            UnknownPolicy::AssumeMismatch,
        ))
    }

    /// Evaluates a request with missing attributes. Returns `None` if the verdict depends on their values.
    pub fn evaluate_partial(
        &self,
        request: &Request,
        missing: MissingAttributes,
    ) -> Option<Verdict> {
        let possible = self.first_match(request, missing, UnknownPolicy::AssumeMatch);
        let certain = self.first_match(request, missing, UnknownPolicy::AssumeMismatch);
        (possible == certain).then(|| self.verdict_of(certain))
    }

    /// Returns the rules that match a request for all values of its missing attributes, in order.
    pub fn rules_that_match(
        &self,
        request: &Request,
        missing: MissingAttributes,
    ) -> Vec<RuleIndex> {
        self.all_matches(request, missing, UnknownPolicy::AssumeMismatch)
    }

    /// Returns the rules that match a request for some values of its missing attributes, in order. Each attribute counts by itself, so a
    /// rule may be among them that no single client can match.
    pub fn rules_that_may_match(
        &self,
        request: &Request,
        missing: MissingAttributes,
    ) -> Vec<RuleIndex> {
        self.all_matches(request, missing, UnknownPolicy::AssumeMatch)
    }

    fn all_matches(
        &self,
        request: &Request,
        missing: MissingAttributes,
        policy: UnknownPolicy,
    ) -> Vec<RuleIndex> {
        let mut rules = Vec::new();
        for block in 0..self.blocks {
            let mut remaining = self.matching(request, missing, policy, block);
            while remaining != 0 {
                rules.push(first_rule(block, remaining));
                remaining &= remaining - 1;
            }
        }
        rules
    }

    fn first_match(
        &self,
        request: &Request,
        missing: MissingAttributes,
        policy: UnknownPolicy,
    ) -> Option<RuleIndex> {
        (0..self.blocks).find_map(|block| {
            let remaining = self.matching(request, missing, policy, block);
            (remaining != 0).then(|| first_rule(block, remaining))
        })
    }

    /// Returns the rules of a block that match.
    fn matching(
        &self,
        request: &Request,
        missing: MissingAttributes,
        policy: UnknownPolicy,
        block: usize,
    ) -> u64 {
        let mut remaining = self.rules_of_block(block);
        let url_unconstrained = self.urls.unconstrained.block(block);
        let resource_unconstrained = self.resources.unconstrained.block(block);
        let namespace_unconstrained = self.namespaces.unconstrained.block(block);
        if !missing.url {
            remaining &= if request.is_resource_request {
                url_unconstrained
            } else {
                resource_unconstrained & namespace_unconstrained
            };
        }
        let condition = |remaining: u64, unconstrained: u64, is_unknown: bool| Condition {
            remaining,
            unconstrained,
            unknown: is_unknown.then_some(policy),
        };
        remaining = condition(
            remaining,
            self.verbs.unconstrained.block(block),
            missing.verb,
        )
        .narrow(|| self.verbs.listed.block(&request.verb, block));
        remaining = condition(remaining, url_unconstrained, missing.url)
            .narrow(|| self.urls.block(&request.path, block));
        remaining = condition(remaining, namespace_unconstrained, missing.url)
            .narrow(|| self.namespaces.listed.block(&request.namespace, block));
        remaining = condition(remaining, resource_unconstrained, missing.url)
            .narrow(|| self.rules_with_resource(request, missing.name.then_some(policy), block));
        remaining = condition(
            remaining,
            self.users.unconstrained.block(block),
            missing.user,
        )
        .narrow(|| {
            request
                .user_name()
                .map_or(0, |name| self.users.listed.block(name, block))
        });
        let groups_unknown = missing.user || missing.groups;
        condition(
            remaining,
            self.groups.unconstrained.block(block),
            groups_unknown,
        )
        .narrow(|| {
            request
                .groups
                .iter()
                .fold(0, |set, group| set | self.groups.listed.block(group, block))
        })
    }

    /// Returns all rules of a block.
    #[inline]
    fn rules_of_block(&self, block: usize) -> u64 {
        let rules_here = self.verdicts.len() - block * 64;
        if rules_here < 64 {
            (1 << rules_here) - 1
        } else {
            u64::MAX
        }
    }

    /// Returns the rules of a block that list the resource of a request; `unknown_name` is the treatment of its name if the record does not
    /// contain it.
    #[inline]
    fn rules_with_resource(
        &self,
        request: &Request,
        unknown_name: Option<UnknownPolicy>,
        block: usize,
    ) -> u64 {
        let target = ResourceTarget {
            api_group: &request.api_group,
            resource: &request.resource,
            subresource: &request.subresource,
        };
        let named = match unknown_name {
            None => self.resources.named_block(target, &request.name, block),
            Some(UnknownPolicy::AssumeMatch) => self.resources.any_name_block(target, block),
            Some(UnknownPolicy::AssumeMismatch) => 0,
        };
        self.resources.unnamed_block(target, block) | named
    }
}

/// Returns the first rule of a set that is not empty.
const fn first_rule(block: usize, set: u64) -> RuleIndex {
    RuleIndex::new(block * 64 + set.trailing_zeros() as usize)
}

/// A condition on one attribute, for the rules of one block.
struct Condition {
    /// Rules that match all attributes evaluated so far.
    remaining: u64,
    /// Rules that do not constrain the attribute.
    unconstrained: u64,
    /// Treatment of the attribute if the record does not contain it; `None` if it does.
    unknown: Option<UnknownPolicy>,
}

impl Condition {
    /// Returns the rules that remain. Looks the attribute up only if a remaining rule constrains it.
    #[inline]
    fn narrow(self, lookup: impl FnOnce() -> u64) -> u64 {
        let Self {
            remaining,
            unconstrained,
            unknown,
        } = self;
        if remaining & !unconstrained == 0 {
            return remaining;
        }
        match unknown {
            None => remaining & (unconstrained | lookup()),
            Some(UnknownPolicy::AssumeMatch) => remaining,
            Some(UnknownPolicy::AssumeMismatch) => remaining & unconstrained,
        }
    }
}

/// Result assumed for a condition on an unknown attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum UnknownPolicy {
    AssumeMatch,
    AssumeMismatch,
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: RuleIndex = RuleIndex::new(0);
    const LAST: RuleIndex = RuleIndex::new(2);
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
        Request::for_resource("get", group, resource)
            .with_subresource(subresource)
            .with_name(name)
            .with_user("alice")
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
        for (pattern, resource, subresource, matches) in rows {
            let matcher = Matcher::new(&resources("", &[pattern], &[]));
            let verdict = matcher.evaluate(&request("", resource, subresource, ""));
            assert_eq!(
                verdict.rule.is_some(),
                matches,
                "{pattern} on {resource}/{subresource}"
            );
        }
    }

    #[test]
    fn names_and_groups_are_compared_exactly() {
        let named = Matcher::new(&resources("apps", &["deployments"], &["web"]));
        for (group, name, matches) in [
            ("apps", "web", true),
            ("apps", "", false),
            ("", "web", false),
        ] {
            let verdict = named.evaluate(&request(group, "deployments", "", name));
            assert_eq!(verdict.rule.is_some(), matches, "{group} {name}");
        }
        let any_group = Matcher::new(&resources("*", &[], &[]));
        assert_eq!(
            any_group.evaluate(&request("batch", "jobs", "", "")).rule,
            Some(FIRST)
        );
    }

    #[test]
    fn urls_match_by_prefix_only_with_a_star() {
        let rows: [(&str, &str, bool); 7] = [
            ("/healthz*", "/healthzz", true),
            ("/healthz*", "/healthz", true),
            ("/healthz/*", "/healthz", false),
            ("/healthz", "/healthz/", false),
            ("*", "/anything", true),
            ("/é*", "/éa", true),
            ("/é*", "/è", false),
        ];
        for (url, path, matches) in rows {
            let matcher = Matcher::new(&rule(|rule| rule.non_resource_urls = vec![url.to_owned()]));
            let request = Request::for_path("get", path);
            assert_eq!(
                matcher.evaluate(&request).rule.is_some(),
                matches,
                "{url} on {path}"
            );
        }
    }

    #[test]
    fn a_request_without_user_matches_no_user_list() {
        let matcher = Matcher::new(&rule(|rule| rule.users = vec![String::new()]));
        assert_eq!(matcher.evaluate(&Request::default()).rule, None);
        let nobody = Request::default().with_user("");
        assert_eq!(matcher.evaluate(&nobody).rule, Some(FIRST));
    }

    #[test]
    fn rules_match_for_all_or_for_some_values_of_missing_attributes() {
        let mut policy = rule(|rule| rule.users = vec!["alice".to_owned()]);
        policy.rules.push(Rule {
            verbs: vec!["list".to_owned()],
            ..Rule::default()
        });
        policy.rules.push(Rule::default());
        let matcher = Matcher::new(&policy);
        let nobody_known = MissingAttributes {
            user: true,
            ..MissingAttributes::NONE
        };
        let get = request("", "pods", "", "");
        assert_eq!(matcher.rules_that_match(&get, nobody_known), [LAST]);
        assert_eq!(
            matcher.rules_that_may_match(&get, nobody_known),
            [FIRST, LAST]
        );
        assert_eq!(
            matcher.rules_that_match(&get, MissingAttributes::NONE),
            [FIRST, LAST]
        );
    }

    #[test]
    fn a_missing_attribute_matters_only_if_a_rule_constrains_it() {
        let by_group = rule(|rule| rule.user_groups = vec!["system:nodes".to_owned()]);
        let groups_unknown = MissingAttributes {
            groups: true,
            ..MissingAttributes::NONE
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
        assert_eq!(verdict.and_then(|verdict| verdict.rule), Some(FIRST));
    }

    #[test]
    fn a_missing_name_matters_only_if_a_rule_lists_names() {
        let entry = |resource: &str, name: &[&str]| GroupResources {
            group: String::new(),
            resources: vec![resource.to_owned()],
            resource_names: name.iter().map(|name| (*name).to_owned()).collect(),
        };
        let unknown = MissingAttributes {
            name: true,
            ..MissingAttributes::NONE
        };
        let lists = [
            (vec![entry("pods", &["web"])], None),
            (vec![entry("pods", &[])], Some(Some(FIRST))),
            (
                vec![entry("pods", &["web"]), entry("pods", &[])],
                Some(Some(FIRST)),
            ),
            (vec![entry("secrets", &["web"])], Some(None)),
        ];
        for (resources, expected) in lists {
            let policy = rule(|rule| rule.resources = resources);
            let request = request("", "pods", "", "");
            let verdict = Matcher::new(&policy).evaluate_partial(&request, unknown);
            assert_eq!(verdict.map(|verdict| verdict.rule), expected);
            let answers = crate::explain(&policy, &request, unknown);
            let is_undetermined =
                matches!(answers.as_slice(), [crate::Explanation::Undetermined(_)]);
            assert_eq!(is_undetermined, expected.is_none());
        }
    }
}
