//! Why a rule matched or did not: rule by rule, the first predicate that failed, with what was asked for and what is allowed.
//!
//! Written without the matcher's indexes, straight down the list of a rule's predicates in the server's order; tests hold the
//! two against each other.

use serde::Serialize;

use crate::level::Level;
use crate::matcher::MissingAttributes;
use crate::policy::{GroupResources, Policy, Rule};
use crate::request::Request;

/// A condition of a rule, named as its field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
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
    /// The field of a rule.
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

/// Why a predicate does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// The predicate.
    pub predicate: Predicate,
    /// What the request has; a list where a request may have several.
    pub value: Vec<String>,
    /// What the rule allows, as written.
    pub allowed: Vec<String>,
    /// The same in one sentence, user text in backticks.
    pub text: String,
}

/// What a rule says of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Explanation {
    /// Every predicate holds; the text says which resource entry or URL fits.
    Matched {
        /// One sentence.
        text: String,
    },
    /// The first predicate that does not hold.
    Failed(Mismatch),
    /// The record lacks what this predicate asks about, and no predicate fails for sure.
    Undetermined(Predicate),
}

/// What each rule of a policy says of a request, in order. The first that matched decides; those after it are answered all the same.
pub fn explain(policy: &Policy, request: &Request, unknown: MissingAttributes) -> Vec<Explanation> {
    policy
        .rules
        .iter()
        .map(|rule| explain_rule(rule, request, unknown))
        .collect()
}

fn explain_rule(rule: &Rule, request: &Request, unknown: MissingAttributes) -> Explanation {
    let checks: [(Predicate, bool, Test); 5] = [
        (Predicate::Users, unknown.user, user_fits),
        (
            Predicate::UserGroups,
            unknown.user || unknown.groups,
            groups_fit,
        ),
        (Predicate::Verbs, unknown.verb, verb_fits),
        (target_of(rule), unknown.url, target_fits),
        (
            target_of(rule),
            unknown.url || (unknown.name && depends_on_name(rule, request)),
            resources_fit,
        ),
    ];
    let mut doubt = None;
    for (predicate, is_unknown, check) in checks {
        if is_unknown && is_constrained(rule, predicate) {
            doubt = doubt.or(Some(predicate));
        } else if let Err(failure) = check(rule, request) {
            return Explanation::Failed(failure);
        }
    }
    match doubt {
        Some(predicate) => Explanation::Undetermined(predicate),
        None => Explanation::Matched {
            text: match_text(rule, request),
        },
    }
}

type Test = fn(&Rule, &Request) -> Result<(), Mismatch>;

/// The predicate under which a rule asks about the URL.
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

fn user_fits(rule: &Rule, request: &Request) -> Result<(), Mismatch> {
    let fits = match request.user_name() {
        _ if rule.users.is_empty() => true,
        Some(user) => rule.users.iter().any(|allowed| allowed == user),
        None => false,
    };
    fail_unless(fits, || {
        let text = match request.user_name() {
            Some(user) => format!("{} is not {}", quoted(user), one_of(&rule.users)),
            None => "authentication failed, so there is no user to compare".to_owned(),
        };
        Mismatch {
            predicate: Predicate::Users,
            value: request.user_name().map(str::to_owned).into_iter().collect(),
            allowed: rule.users.clone(),
            text: format!("`users`: {text}"),
        }
    })
}

fn groups_fit(rule: &Rule, request: &Request) -> Result<(), Mismatch> {
    let fits = rule.user_groups.is_empty()
        || request
            .groups
            .iter()
            .any(|group| rule.user_groups.contains(group));
    fail_unless(fits, || {
        let text = match request.user_name() {
            None => "authentication failed, so there are no groups to compare".to_owned(),
            Some(_) if request.groups.is_empty() => "the user is in no group".to_owned(),
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

fn verb_fits(rule: &Rule, request: &Request) -> Result<(), Mismatch> {
    let fits = rule.verbs.is_empty() || rule.verbs.contains(&request.verb);
    fail_unless(fits, || Mismatch {
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

/// Whether the URL is of the kind that the rule asks about, and the namespace or path fits.
fn target_fits(rule: &Rule, request: &Request) -> Result<(), Mismatch> {
    let asks_resource = !rule.namespaces.is_empty() || !rule.resources.is_empty();
    if asks_resource {
        fail_unless(request.is_resource_request, || Mismatch {
            predicate: target_of(rule),
            value: vec![request.path.clone()],
            allowed: match target_of(rule) {
                Predicate::Namespaces => rule.namespaces.clone(),
                _ => patterns(&rule.resources),
            },
            text: format!("{} is not a resource request", quoted(&request.path)),
        })?;
        let fits = rule.namespaces.is_empty() || rule.namespaces.contains(&request.namespace);
        return fail_unless(fits, || Mismatch {
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
    let fits = !request.is_resource_request && fitting_url(rule, &request.path).is_some();
    fail_unless(fits, || Mismatch {
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

fn resources_fit(rule: &Rule, request: &Request) -> Result<(), Mismatch> {
    let fits = rule.resources.is_empty()
        || rule
            .resources
            .iter()
            .any(|entry| fitting_pattern(entry, request).is_some());
    fail_unless(fits, || Mismatch {
        predicate: Predicate::Resources,
        value: vec![qualified(&request.api_group, &request.full_resource())],
        allowed: patterns(&rule.resources),
        text: format!("`resources`: {}", resource_mismatch(rule, request)),
    })
}

/// Whether the rule's resources fit for some names and not for others.
fn depends_on_name(rule: &Rule, request: &Request) -> bool {
    let fits = |entry: &GroupResources| {
        group_fits(entry, request)
            && (entry.resources.is_empty()
                || entry.resources.iter().any(|p| pattern_fits(p, request)))
    };
    let (named, unnamed): (Vec<_>, Vec<_>) = rule
        .resources
        .iter()
        .filter(|entry| fits(entry))
        .partition(|entry| !entry.resource_names.is_empty());
    unnamed.is_empty() && !named.is_empty()
}

/// What an entry that fits is called: one of its patterns, or everything in its group.
enum MatchedBy<'a> {
    Everything,
    Pattern(&'a str),
}

fn fitting_pattern<'a>(entry: &'a GroupResources, request: &Request) -> Option<MatchedBy<'a>> {
    if !group_fits(entry, request) {
        return None;
    }
    if entry.resources.is_empty() {
        return Some(MatchedBy::Everything);
    }
    if !name_fits(entry, request) {
        return None;
    }
    entry
        .resources
        .iter()
        .find(|pattern| pattern_fits(pattern, request))
        .map(|pattern| MatchedBy::Pattern(pattern))
}

fn group_fits(entry: &GroupResources, request: &Request) -> bool {
    entry.group == "*" || entry.group == request.api_group
}

fn name_fits(entry: &GroupResources, request: &Request) -> bool {
    entry.resource_names.is_empty() || entry.resource_names.contains(&request.name)
}

fn pattern_fits(pattern: &str, request: &Request) -> bool {
    let sub = &request.subresource;
    pattern == "*"
        || pattern == request.full_resource()
        || (!sub.is_empty() && pattern.strip_prefix("*/") == Some(sub))
        || pattern.strip_suffix("/*") == Some(&request.resource)
}

fn fitting_url<'a>(rule: &'a Rule, path: &str) -> Option<&'a String> {
    rule.non_resource_urls.iter().find(|url| {
        *url == path || (url.ends_with('*') && path.starts_with(url.trim_end_matches('*')))
    })
}

/// The nearest miss among the entries: a name before a resource before a group.
fn resource_mismatch(rule: &Rule, request: &Request) -> String {
    let full = request.full_resource();
    let named = rule
        .resources
        .iter()
        .filter(|entry| group_fits(entry, request))
        .find(|entry| entry.resources.iter().any(|p| pattern_fits(p, request)));
    if let Some(entry) = named {
        let allowed = one_of(&entry.resource_names);
        return if request.name.is_empty() {
            format!(
                "the request names no object (a {} has its name in the body, if at all), and `resourceNames` asks for {allowed}",
                quoted(&request.verb)
            )
        } else {
            format!("the name {} is not {allowed}", quoted(&request.name))
        };
    }
    let in_group: Vec<String> = rule
        .resources
        .iter()
        .filter(|entry| group_fits(entry, request))
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
            "{} is in {}, the rule asks for {}",
            quoted(&full),
            group_name(&request.api_group),
            groups.join(" or ")
        );
    }
    let hint = if !request.subresource.is_empty() && in_group.contains(&request.resource) {
        "; a subresource must be named"
    } else {
        ""
    };
    format!("{} is not {}{hint}", quoted(&full), one_of(&in_group))
}

fn match_text(rule: &Rule, request: &Request) -> String {
    let fit = rule
        .resources
        .iter()
        .find_map(|entry| fitting_pattern(entry, request).map(|fit| (entry, fit)));
    let url = fitting_url(rule, &request.path);
    let what = match (fit, url) {
        (Some((_, MatchedBy::Everything)), _) => {
            format!("matches everything in {}", group_name(&request.api_group))
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
        _ if rule.users.is_empty() && rule.user_groups.is_empty() && rule.verbs.is_empty() => {
            "matches every request".to_owned()
        }
        _ => "matches by user, group or verb".to_owned(),
    };
    match rule.level {
        Level::None => format!("{what}: nothing is written"),
        level => format!("{what}: level {level}"),
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

/// `pods/log`, or `apps: deployments`: group and resource in one word for lists.
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

/// How many values a sentence spells out.
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

fn fail_unless(fits: bool, failure: impl FnOnce() -> Mismatch) -> Result<(), Mismatch> {
    if fits { Ok(()) } else { Err(failure()) }
}
