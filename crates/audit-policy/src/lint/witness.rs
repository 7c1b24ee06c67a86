//! Example requests: each is matched by the rule that it stands for, and by no earlier one.

use super::names;
use super::report::quote;
use crate::identity::usual_groups;
use crate::matcher::Matcher;
use crate::policy::{GroupResources, Policy, Rule};
use audit_types::{Request, RuleIndex};

/// Maximum number of values of a rule's list that are tried.
const MAX_TRIED: usize = 4;

/// Limit on the number of rules and entries evaluated for the example requests of one lint.
const BUDGET: usize = 2_000_000;

/// Verbs of requests for resources, in the order in which they are tried.
const VERBS: [&str; 8] = [
    "create",
    "update",
    "get",
    "list",
    "patch",
    "delete",
    "watch",
    "deletecollection",
];

/// Matcher of a policy for example requests: it is built when it is first needed, and available until the budget is used up.
pub(super) struct LimitedMatcher<'p> {
    policy: &'p Policy,
    matcher: Option<Matcher>,
    effort: usize,
}

impl<'p> LimitedMatcher<'p> {
    pub(super) const fn new(policy: &'p Policy) -> Self {
        Self {
            policy,
            matcher: None,
            effort: 0,
        }
    }

    /// Returns the matcher for requests that take an effort; `None` if that is beyond the budget.
    pub(super) fn get(&mut self, effort: usize) -> Option<&Matcher> {
        self.effort = self.effort.saturating_add(effort);
        if self.effort > BUDGET {
            return None;
        }
        Some(
            self.matcher
                .get_or_insert_with(|| Matcher::new(self.policy)),
        )
    }
}

/// A resource for which requests are made.
#[derive(Debug, Clone, Copy)]
pub(super) struct Target<'a> {
    pub(super) group: &'a str,
    pub(super) resource: &'a str,
    pub(super) subresource: &'a str,
    /// `None` if not known: both are tried.
    pub(super) is_namespaced: Option<bool>,
}

/// Returns the verbs of requests for resources that a rule matches.
pub(super) fn verbs(rule: &Rule) -> Vec<&'static str> {
    let is_matched =
        |verb: &&str| rule.verbs.is_empty() || rule.verbs.iter().any(|own| own == verb);
    VERBS.into_iter().filter(is_matched).collect()
}

/// Returns for each verb a request for a resource of an entry that the rule is the first to match, if there is one.
pub(super) fn first_matches<'a>(
    matcher: &'a Matcher,
    (index, rule): (usize, &'a Rule),
    entry: &'a GroupResources,
    (resource, subresource): (&'a str, &'a str),
    verbs: &'a [&'a str],
) -> impl Iterator<Item = Request> + 'a {
    let target = Target {
        group: &entry.group,
        resource,
        subresource,
        is_namespaced: None,
    };
    verbs.iter().filter_map(move |verb| {
        let requests = candidates(rule, target, &[verb]);
        let mut requests = requests.into_iter();
        requests.find(|request| matcher.evaluate(request).rule == Some(RuleIndex::new(index)))
    })
}

/// Returns requests that the rule may match.
pub(super) fn candidates(rule: &Rule, target: Target, verbs: &[&str]) -> Vec<Request> {
    let users = users(rule);
    let namespaces = namespaces(rule, target);
    let names = names(rule);
    let mut requests = Vec::new();
    for verb in verbs {
        let of_many = matches!(*verb, "list" | "watch" | "deletecollection");
        let has_name = !of_many && (*verb != "create" || !target.subresource.is_empty());
        for (user, groups) in &users {
            // A request for all namespaces can only be a list.
            let in_namespaces = namespaces.iter().filter(|namespace| {
                target.is_namespaced != Some(true) || !namespace.is_empty() || *verb == "list"
            });
            for namespace in in_namespaces {
                for name in names.iter().take(if has_name { names.len() } else { 1 }) {
                    let name = if has_name { name.as_str() } else { "" };
                    requests.push(
                        Request::for_resource(*verb, target.group, target.resource)
                            .with_subresource(target.subresource)
                            .with_namespace(namespace.clone())
                            .with_name(name)
                            .with_user(user.clone())
                            .with_groups(groups.clone()),
                    );
                }
            }
        }
    }
    requests
}

/// States who sends a request, with the group that is not part of the name.
pub(super) fn sender(request: &Request, rule: &Rule) -> String {
    let Some(user) = request.user.as_deref() else {
        return String::new();
    };
    let usual = usual_groups(user);
    let extra = request
        .groups
        .iter()
        .find(|group| !usual.contains(group) && rule.user_groups.contains(group));
    let of_group = extra.map_or(String::new(), |group| {
        format!(" of the group {}", quote(group))
    });
    format!(" by {}{of_group}", quote(user))
}

/// States the namespace of a request for a resource, which is that of a list of all namespaces if it is empty.
pub(super) fn place(request: &Request, is_namespaced: bool) -> String {
    match request.namespace.as_str() {
        "" if is_namespaced => " in all namespaces".to_owned(),
        "" => String::new(),
        namespace => format!(" in the namespace {}", quote(namespace)),
    }
}

/// Returns users that the rule may match, with their groups.
fn users(rule: &Rule) -> Vec<(String, Vec<String>)> {
    let mut users = Vec::new();
    let groups: Vec<Option<&String>> = if rule.user_groups.is_empty() {
        vec![None]
    } else {
        rule.user_groups.iter().take(MAX_TRIED).map(Some).collect()
    };
    for group in groups {
        let is_impossible = |group: &String| {
            group.contains('*')
                || names::group_problem(group).is_some_and(|problem| problem.is_certain)
        };
        if group.is_some_and(is_impossible) {
            continue;
        }
        let names: Vec<String> = if rule.users.is_empty() {
            // The second one is unlikely to be listed by an earlier rule.
            match group {
                None => vec!["jane".to_owned(), "some-other-user".to_owned()],
                Some(group) => vec![names::member_of(group), names::other_member_of(group)],
            }
        } else {
            let own = rule.users.iter().take(MAX_TRIED).filter(|name| {
                !name.contains('*')
                    && names::user_problem(name).is_none_or(|problem| !problem.is_certain)
                    && group.is_none_or(|group| names::may_be_in(name, group))
            });
            own.cloned().collect()
        };
        for name in names {
            let mut groups = usual_groups(&name);
            groups.extend(group.filter(|group| !groups.contains(group)).cloned());
            users.push((name, groups));
        }
    }
    users
}

fn namespaces(rule: &Rule, target: Target) -> Vec<String> {
    if target.is_namespaced == Some(false) {
        return vec![String::new()];
    }
    if !rule.namespaces.is_empty() {
        return rule.namespaces.iter().take(MAX_TRIED).cloned().collect();
    }
    let mut namespaces = vec!["default".to_owned(), "shop".to_owned()];
    if target.is_namespaced.is_none() {
        namespaces.push(String::new());
    }
    namespaces
}

fn names(rule: &Rule) -> Vec<String> {
    let named = rule
        .resources
        .iter()
        .flat_map(|entry| &entry.resource_names);
    std::iter::once("web".to_owned())
        .chain(named.take(MAX_TRIED).cloned())
        .collect()
}
