//! Explains for each rule why it matches a request or not: the first predicate that fails, with the actual and the allowed values.
//!
//! Evaluates the predicates of each rule in the server's order, without the indexes of the matcher; tests check that the two agree.

use serde::Serialize;

use crate::policy::{GroupResources, Policy, Rule};
use audit_types::Level;
use audit_types::MissingAttributes;
use audit_types::Request;

/// A condition of a rule, named as its field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Predicate {
    /// `users`
    Users,
    /// `userGroups`
    UserGroups,
    /// `verbs`
    Verbs,
    /// `namespaces`
    Namespaces,
    /// `resources`
    Resources,
    /// `nonResourceURLs`
    #[serde(rename = "nonResourceURLs")]
    NonResourceUrls,
}

impl Predicate {
    /// Returns the name of the field.
    pub const fn field(self) -> &'static str {
        match self {
            Self::Users => "users",
            Self::UserGroups => "userGroups",
            Self::Verbs => "verbs",
            Self::Namespaces => "namespaces",
            Self::Resources => "resources",
            Self::NonResourceUrls => "nonResourceURLs",
        }
    }
}

/// A predicate that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// The predicate.
    pub predicate: Predicate,
    /// Values of the request; several for groups only.
    pub value: Vec<String>,
    /// Values that the rule allows, as written.
    pub allowed: Vec<String>,
    /// The mismatch in one sentence, with the user's text in backticks.
    pub text: String,
}

/// Result of one rule for a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Explanation {
    /// Every predicate holds.
    Matched {
        /// The matching resource entry or URL, in one sentence.
        text: String,
    },
    /// The first predicate that does not hold.
    Failed(Mismatch),
    /// The record lacks the attribute of this predicate, and no other predicate is certain to fail.
    Undetermined(Predicate),
}

/// Explains each rule of a policy for a request, in order. The first that matches decides; later ones are evaluated as well.
pub fn explain(policy: &Policy, request: &Request, missing: MissingAttributes) -> Vec<Explanation> {
    policy
        .rules
        .iter()
        .map(|rule| explain_rule(rule, request, missing))
        .collect()
}

fn explain_rule(rule: &Rule, request: &Request, missing: MissingAttributes) -> Explanation {
    let checks: [(Predicate, bool, Test); 5] = [
        (Predicate::Users, missing.user, check_user),
        (
            Predicate::UserGroups,
            missing.user || missing.groups,
            check_groups,
        ),
        (Predicate::Verbs, missing.verb, check_verb),
        (target_of(rule), missing.url, check_target),
        (
            target_of(rule),
            missing.url || (missing.name && depends_on_name(rule, request)),
            check_resources,
        ),
    ];
    let mut undetermined = None;
    for (predicate, is_unknown, check) in checks {
        if is_unknown && is_constrained(rule, predicate) {
            undetermined = undetermined.or(Some(predicate));
        } else if let Err(failure) = check(rule, request) {
            return Explanation::Failed(failure);
        }
    }
    match undetermined {
        Some(predicate) => Explanation::Undetermined(predicate),
        None => Explanation::Matched {
            text: match_text(rule, request),
        },
    }
}

type Test = fn(&Rule, &Request) -> Result<(), Mismatch>;

/// Returns the predicate of a rule that constrains the URL.
fn target_of(rule: &Rule) -> Predicate {
    if !rule.resources.is_empty() {
        Predicate::Resources
    } else if !rule.namespaces.is_empty() {
        Predicate::Namespaces
    } else {
        Predicate::NonResourceUrls
    }
}

fn is_constrained(rule: &Rule, predicate: Predicate) -> bool {
    match predicate {
        Predicate::Users => !rule.users.is_empty(),
        Predicate::UserGroups => !rule.user_groups.is_empty(),
        Predicate::Verbs => !rule.verbs.is_empty(),
        Predicate::Namespaces => !rule.namespaces.is_empty(),
        Predicate::Resources => !rule.resources.is_empty(),
        Predicate::NonResourceUrls => !rule.non_resource_urls.is_empty(),
    }
}

fn check_user(rule: &Rule, request: &Request) -> Result<(), Mismatch> {
    let matches = match request.user_name() {
        _ if rule.users.is_empty() => true,
        Some(user) => rule.users.iter().any(|allowed| allowed == user),
        None => false,
    };
    fail_unless(matches, || {
        let text = match request.user_name() {
            Some(user) => format!("{} is not {}", quoted(user), one_of(&rule.users)),
            None => "authentication failed, so the request has no user".to_owned(),
        };
        Mismatch {
            predicate: Predicate::Users,
            value: request.user_name().map(str::to_owned).into_iter().collect(),
            allowed: rule.users.clone(),
            text: format!("`users`: {text}"),
        }
    })
}

fn check_groups(rule: &Rule, request: &Request) -> Result<(), Mismatch> {
    let matches = rule.user_groups.is_empty()
        || request
            .groups
            .iter()
            .any(|group| rule.user_groups.contains(group));
    fail_unless(matches, || {
        let text = match request.user_name() {
            None => "authentication failed, so the request has no groups".to_owned(),
            Some(_) if request.groups.is_empty() => "the user is not in any group".to_owned(),
            Some(_) => format!(
                "{} is not in {}",
                some_of(&request.groups),
                one_of(&rule.user_groups)
            ),
        };
        Mismatch {
            predicate: Predicate::UserGroups,
            value: request.groups.clone(),
            allowed: rule.user_groups.clone(),
            text: format!("`userGroups`: {text}"),
        }
    })
}

fn check_verb(rule: &Rule, request: &Request) -> Result<(), Mismatch> {
    let matches = rule.verbs.is_empty() || rule.verbs.contains(&request.verb);
    fail_unless(matches, || Mismatch {
        predicate: Predicate::Verbs,
        value: vec![request.verb.clone()],
        allowed: rule.verbs.clone(),
        text: format!(
            "`verbs`: {} is not {}",
            quoted(&request.verb),
            one_of(&rule.verbs)
        ),
    })
}

/// Checks that the request is of the kind that the rule matches, and its namespace or path.
fn check_target(rule: &Rule, request: &Request) -> Result<(), Mismatch> {
    let constrains_resource = !rule.namespaces.is_empty() || !rule.resources.is_empty();
    if constrains_resource {
        fail_unless(request.is_resource_request, || Mismatch {
            predicate: target_of(rule),
            value: vec![request.path.clone()],
            allowed: match target_of(rule) {
                Predicate::Namespaces => rule.namespaces.clone(),
                _ => patterns(&rule.resources),
            },
            text: if request.path.is_empty() {
                "this is not a resource request".to_owned()
            } else {
                format!("{} is not a resource request", quoted(&request.path))
            },
        })?;
        let matches = rule.namespaces.is_empty() || rule.namespaces.contains(&request.namespace);
        return fail_unless(matches, || Mismatch {
            predicate: Predicate::Namespaces,
            value: vec![request.namespace.clone()],
            allowed: rule.namespaces.clone(),
            text: if request.namespace.is_empty() {
                format!(
                    "`namespaces`: the request has no namespace, and `\"\"` is not {}",
                    one_of(&rule.namespaces)
                )
            } else {
                format!(
                    "`namespaces`: {} is not {}",
                    quoted(&request.namespace),
                    one_of(&rule.namespaces)
                )
            },
        });
    }
    if rule.non_resource_urls.is_empty() {
        return Ok(());
    }
    let matches = !request.is_resource_request && matching_url(rule, &request.path).is_some();
    fail_unless(matches, || Mismatch {
        predicate: Predicate::NonResourceUrls,
        value: vec![request.path.clone()],
        allowed: rule.non_resource_urls.clone(),
        text: if request.is_resource_request {
            "`nonResourceURLs`: this is a resource request".to_owned()
        } else {
            format!(
                "`nonResourceURLs`: {} is not {}",
                quoted(&request.path),
                one_of(&rule.non_resource_urls)
            )
        },
    })
}

fn check_resources(rule: &Rule, request: &Request) -> Result<(), Mismatch> {
    let matches = rule.resources.is_empty()
        || rule
            .resources
            .iter()
            .any(|entry| matching_pattern(entry, request).is_some());
    fail_unless(matches, || Mismatch {
        predicate: Predicate::Resources,
        value: vec![qualified(&request.api_group, &request.full_resource())],
        allowed: patterns(&rule.resources),
        text: format!("`resources`: {}", resource_mismatch(rule, request)),
    })
}

/// Returns true if the rule's resources match for some object names and not for others.
fn depends_on_name(rule: &Rule, request: &Request) -> bool {
    let matches = |entry: &GroupResources| {
        group_matches(entry, request)
            && (entry.resources.is_empty()
                || entry.resources.iter().any(|p| pattern_matches(p, request)))
    };
    let (named, unnamed): (Vec<_>, Vec<_>) = rule
        .resources
        .iter()
        .filter(|entry| matches(entry))
        .partition(|entry| !entry.resource_names.is_empty());
    unnamed.is_empty() && !named.is_empty()
}

/// Part of an entry that matches: one of its patterns, or the whole group.
enum MatchedBy<'a> {
    Everything,
    Pattern(&'a str),
}

fn matching_pattern<'a>(entry: &'a GroupResources, request: &Request) -> Option<MatchedBy<'a>> {
    if !group_matches(entry, request) {
        return None;
    }
    if entry.resources.is_empty() {
        return Some(MatchedBy::Everything);
    }
    if !name_matches(entry, request) {
        return None;
    }
    entry
        .resources
        .iter()
        .find(|pattern| pattern_matches(pattern, request))
        .map(|pattern| MatchedBy::Pattern(pattern))
}

fn group_matches(entry: &GroupResources, request: &Request) -> bool {
    entry.group == "*" || entry.group == request.api_group
}

fn name_matches(entry: &GroupResources, request: &Request) -> bool {
    entry.resource_names.is_empty() || entry.resource_names.contains(&request.name)
}

fn pattern_matches(pattern: &str, request: &Request) -> bool {
    let sub = &request.subresource;
    pattern == "*"
        || pattern == request.full_resource()
        || (!sub.is_empty() && pattern.strip_prefix("*/") == Some(sub))
        || pattern.strip_suffix("/*") == Some(&request.resource)
}

fn matching_url<'a>(rule: &'a Rule, path: &str) -> Option<&'a String> {
    rule.non_resource_urls.iter().find(|url| {
        *url == path || (url.ends_with('*') && path.starts_with(url.trim_end_matches('*')))
    })
}

/// Describes the closest mismatch among the entries: name, else resource, else group.
fn resource_mismatch(rule: &Rule, request: &Request) -> String {
    let full = request.full_resource();
    let named = rule
        .resources
        .iter()
        .filter(|entry| group_matches(entry, request))
        .find(|entry| entry.resources.iter().any(|p| pattern_matches(p, request)));
    if let Some(entry) = named {
        let allowed = one_of(&entry.resource_names);
        return if request.name.is_empty() {
            format!(
                "the request has no object name (a {} has it in the body, if at all), but `resourceNames` requires {allowed}",
                quoted(&request.verb)
            )
        } else {
            format!("the name {} is not {allowed}", quoted(&request.name))
        };
    }
    let in_group: Vec<String> = rule
        .resources
        .iter()
        .filter(|entry| group_matches(entry, request))
        .flat_map(|entry| entry.resources.iter().cloned())
        .collect();
    if in_group.is_empty() {
        let mut groups: Vec<String> = Vec::new();
        for name in rule.resources.iter().map(|entry| group_name(&entry.group)) {
            if !groups.contains(&name) && groups.len() < MAX_LISTED {
                groups.push(name);
            }
        }
        return format!(
            "{} is in {}, but the rule lists {}",
            quoted(&full),
            group_name(&request.api_group),
            groups.join(" or ")
        );
    }
    let hint = if !request.subresource.is_empty() && in_group.contains(&request.resource) {
        "; subresources must be listed explicitly"
    } else {
        ""
    };
    format!("{} is not {}{hint}", quoted(&full), one_of(&in_group))
}

fn match_text(rule: &Rule, request: &Request) -> String {
    let fit = rule
        .resources
        .iter()
        .find_map(|entry| matching_pattern(entry, request).map(|fit| (entry, fit)));
    let url = matching_url(rule, &request.path);
    let what = match (fit, url) {
        (Some((_, MatchedBy::Everything)), _) => {
            format!(
                "matches all resources in {}",
                group_name(&request.api_group)
            )
        }
        (Some((entry, MatchedBy::Pattern(pattern))), _) if entry.group == "*" => {
            format!("matches {} in any group", quoted(pattern))
        }
        (Some((_, MatchedBy::Pattern(pattern))), _) => format!(
            "matches {} in {}",
            quoted(pattern),
            group_name(&request.api_group)
        ),
        (None, Some(url)) if !rule.non_resource_urls.is_empty() => {
            format!("matches the path {}", quoted(url))
        }
        _ if !rule.namespaces.is_empty() => {
            format!("matches the namespace {}", quoted(&request.namespace))
        }
        _ => match_of_subject(rule, request),
    };
    match rule.level {
        Level::None => format!("{what}: nothing is logged"),
        level => format!("{what}: level {level}"),
    }
}

/// Names the conditions of a rule without resources, namespaces and URLs.
fn match_of_subject(rule: &Rule, request: &Request) -> String {
    let user = request.user_name().filter(|_| !rule.users.is_empty());
    let group = request
        .groups
        .iter()
        .find(|group| rule.user_groups.contains(group));
    let verb = Some(request.verb.as_str()).filter(|_| !rule.verbs.is_empty());
    let conditions: Vec<String> = [
        ("user", user),
        ("group", group.map(String::as_str)),
        ("verb", verb),
    ]
    .into_iter()
    .filter_map(|(noun, value)| Some(format!("the {noun} {}", quoted(value?))))
    .collect();
    match conditions.split_last() {
        None => "matches every request".to_owned(),
        Some((only, [])) => format!("matches {only}"),
        Some((last, others)) => format!("matches {} and {last}", others.join(", ")),
    }
}

fn patterns(entries: &[GroupResources]) -> Vec<String> {
    entries
        .iter()
        .flat_map(|entry| {
            let all = [String::from("*")];
            let listed = if entry.resources.is_empty() {
                all.to_vec()
            } else {
                entry.resources.clone()
            };
            listed
                .into_iter()
                .map(|pattern| qualified(&entry.group, &pattern))
        })
        .collect()
}

/// Formats a group and resource: `pods/log`, `apps: deployments`.
fn qualified(group: &str, resource: &str) -> String {
    if group.is_empty() {
        resource.to_owned()
    } else {
        format!("{group}: {resource}")
    }
}

fn group_name(group: &str) -> String {
    match group {
        "" => "the core group".to_owned(),
        "*" => "any group".to_owned(),
        group => format!("the group {}", quoted(group)),
    }
}

fn quoted(text: &str) -> String {
    if text.is_empty() {
        "`\"\"`".to_owned()
    } else {
        format!("`{text}`")
    }
}

/// Maximum number of values that a sentence lists.
const MAX_LISTED: usize = 4;

fn listed(values: &[String], last: &str) -> String {
    let mut shown: Vec<String> = values.iter().take(MAX_LISTED).map(|v| quoted(v)).collect();
    if values.len() > MAX_LISTED {
        let left = values.len() - MAX_LISTED;
        let noun = if left == 1 { "other" } else { "others" };
        shown.push(format!("{left} {noun}"));
    }
    match shown.split_last() {
        None => String::from("anything"),
        Some((only, [])) => only.clone(),
        Some((end, rest)) => format!("{} {last} {end}", rest.join(", ")),
    }
}

fn one_of(values: &[String]) -> String {
    listed(values, "or")
}

fn some_of(values: &[String]) -> String {
    listed(values, "and")
}

fn fail_unless(matches: bool, failure: impl FnOnce() -> Mismatch) -> Result<(), Mismatch> {
    if matches { Ok(()) } else { Err(failure()) }
}
