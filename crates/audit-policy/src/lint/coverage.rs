//! Entries that match less than they seem to: `AP022` a resource without its subresources, `AP026` object names with `create`.

use super::context::Lint;
use super::report::{DiagnosticBuilder, join_and, quote, rule_name};
use super::resources;
use crate::codes::PolicyCode;
use crate::policy::{GroupResources, Policy, Rule};
use crate::vocabulary::Availability;
use audit_types::Level;
use audit_types::{Path, Severity};

/// A subresource that people usually want to match when they list the resource.
struct NamedSubresource {
    group: &'static str,
    resource: &'static str,
    subresource: &'static str,
    verbs: &'static [&'static str],
    /// True if its requests have a body that levels above Metadata log.
    has_body: bool,
}

const fn named(
    group: &'static str,
    resource: &'static str,
    subresource: &'static str,
    verbs: &'static [&'static str],
    has_body: bool,
) -> NamedSubresource {
    NamedSubresource {
        group,
        resource,
        subresource,
        verbs,
        has_body,
    }
}

const STREAM: &[&str] = &["create", "get"];
const CHANGE: &[&str] = &["patch", "update"];
const PROXY: &[&str] = &["create", "delete", "get", "patch", "update"];

const NAMED_SUBRESOURCES: [NamedSubresource; 14] = [
    named("", "pods", "exec", STREAM, false),
    named("", "pods", "attach", STREAM, false),
    named("", "pods", "portforward", STREAM, false),
    named("", "pods", "proxy", PROXY, false),
    named("", "pods", "log", &["get"], false),
    named("", "pods", "ephemeralcontainers", CHANGE, true),
    named("", "pods", "eviction", &["create"], true),
    named("", "services", "proxy", PROXY, false),
    named("", "nodes", "proxy", PROXY, false),
    named("", "serviceaccounts", "token", &["create"], true),
    named("apps", "deployments", "scale", CHANGE, true),
    named("apps", "replicasets", "scale", CHANGE, true),
    named("apps", "statefulsets", "scale", CHANGE, true),
    named(
        "certificates.k8s.io",
        "certificatesigningrequests",
        "approval",
        CHANGE,
        true,
    ),
];

pub(super) fn lint(lint: &mut Lint) {
    subresources(lint);
    for (index, rule) in lint.policy.rules.iter().enumerate() {
        if lint.doubts.level(index, rule).is_none() {
            continue;
        }
        let verbs = NamelessVerbs::of(rule);
        for (at, entry) in rule.resources.iter().enumerate() {
            if !names_objects(entry) || lint.report.is_full(PolicyCode::UnmatchedNames) {
                continue;
            }
            if let Some(diagnostic) = nameless((index, rule), entry, verbs) {
                let path = Path::rule(index).field("resources").index(at);
                let path = path.field("resourceNames");
                lint.report.add_for_key(path, diagnostic, None);
            }
        }
        let may_match = |entry: &GroupResources| {
            let is_served = !lint.vocabulary.has_group(&entry.group)
                || resources::may_match(lint, index, entry);
            is_served && !is_nameless(entry, verbs)
        };
        let mut entries = rule.resources.iter();
        if lint.doubts.is_read(index)
            && entries.clone().any(|entry| is_nameless(entry, verbs))
            && !entries.any(may_match)
        {
            lint.nameless.insert(index);
        }
    }
}

fn is_of(entry: &GroupResources, group: &str) -> bool {
    entry.group == group || entry.group == "*"
}

/// Finds for each resource the first rule that logs it by its plain name, and the rules that its subresources match instead.
fn subresources(lint: &mut Lint) {
    let policy = lint.policy;
    let mut seen: Vec<(&str, &str)> = Vec::new();
    for subresource_of in &NAMED_SUBRESOURCES {
        let key = (subresource_of.group, subresource_of.resource);
        if seen.contains(&key) {
            continue;
        }
        seen.push(key);
        let Some((rule, path)) = names_resource(lint, subresource_of) else {
            continue;
        };
        let mut uncovered: Vec<(Option<usize>, Vec<String>)> = Vec::new();
        for other in NAMED_SUBRESOURCES
            .iter()
            .filter(|other| (other.group, other.resource) == key)
        {
            let full = format!("{}/{}", other.resource, other.subresource);
            let exists = lint
                .vocabulary
                .lookup(other.group, other.resource, other.subresource)
                == Availability::Available;
            if !exists
                || is_named(lint, other, &full)
                || !matches_any_verb(policy, rule, other.verbs)
            {
                continue;
            }
            let fallback = fallback_rule(lint.widest, other, &full);
            let is_known = fallback.is_none_or(|fallback| lint.doubts.is_decided(fallback));
            if is_known && records_less(policy, rule, fallback, other.has_body) {
                match uncovered.iter_mut().find(|(by, _)| *by == fallback) {
                    Some((_, names)) => names.push(quote(&full)),
                    None => uncovered.push((fallback, vec![quote(&full)])),
                }
            }
        }
        for (fallback, names) in uncovered {
            report_uncovered(
                lint,
                subresource_of.resource,
                path.clone(),
                fallback,
                &names,
            );
        }
    }
}

fn report_uncovered(
    lint: &mut Lint,
    resource: &str,
    place: Path,
    fallback: Option<usize>,
    names: &[String],
) {
    let rule = fallback.and_then(|index| Some((index, lint.policy.rules.get(index)?)));
    let instead = match rule {
        Some((index, rule)) => format!(
            "they match {} at level `{}`, unless an earlier rule matches them",
            rule_name(index),
            rule.level
        ),
        None => "no rule is certain to log them".to_owned(),
    };
    let first = names.first().map_or("", |name| name.trim_matches('`'));
    lint.report.add(
        place,
        DiagnosticBuilder {
            code: PolicyCode::UncoveredSubresource,
            severity: Severity::Info,
            message: format!("{} does not cover {}: {instead}", quote(resource), join_and(names)),
            help: format!("list them as well, such as `{first}`, or write `{resource}/*`, which also matches {}", quote(resource)),
        },
        None,
    );
}

/// Returns the first rule that logs the plain resource, and the path of its pattern. Rules that were not read do not count.
fn names_resource(lint: &Lint, subresource_of: &NamedSubresource) -> Option<(usize, Path)> {
    lint.policy
        .rules
        .iter()
        .enumerate()
        .find_map(|(index, rule)| {
            if rule.level == Level::None || !lint.doubts.is_decided(index) {
                return None;
            }
            rule.resources.iter().enumerate().find_map(|(at, entry)| {
                let place = entry
                    .resources
                    .iter()
                    .position(|pattern| pattern == subresource_of.resource)?;
                let path = Path::rule(index).field("resources").index(at);
                is_of(entry, subresource_of.group)
                    .then(|| (index, path.field("resources").index(place)))
            })
        })
}

/// Returns true if any rule lists the subresource, or may list it.
fn is_named(lint: &Lint, subresource_of: &NamedSubresource, full: &str) -> bool {
    let of_resource = format!("{}/*", subresource_of.resource);
    let of_all = format!("*/{}", subresource_of.subresource);
    let rules = lint.widest.rules.iter();
    let mut entries = rules.clone().flat_map(|rule| &rule.resources);
    let are_read = (0..rules.len()).all(|index| lint.doubts.are_resources_read(index));
    !are_read
        || entries.any(|entry| {
            is_of(entry, subresource_of.group)
                && entry.resources.iter().any(|pattern| {
                    *pattern == full || *pattern == of_resource || *pattern == of_all
                })
        })
}

fn matches_any_verb(policy: &Policy, rule: usize, verbs: &[&str]) -> bool {
    policy.rules.get(rule).is_some_and(|rule| {
        rule.verbs.is_empty() || rule.verbs.iter().any(|verb| verbs.contains(&verb.as_str()))
    })
}

/// Returns the first rule that matches the subresource for any user, verb and namespace.
fn fallback_rule(policy: &Policy, subresource_of: &NamedSubresource, full: &str) -> Option<usize> {
    policy.rules.iter().position(|rule| {
        let is_open = rule.users.is_empty()
            && rule.user_groups.is_empty()
            && rule.verbs.is_empty()
            && rule.namespaces.is_empty();
        let fits = |entry: &GroupResources| {
            let all =
                entry.resources.is_empty() || entry.resources.iter().any(|p| p == "*" || p == full);
            is_of(entry, subresource_of.group) && entry.resource_names.is_empty() && all
        };
        is_open
            && if rule.resources.is_empty() {
                rule.non_resource_urls.is_empty()
            } else {
                rule.resources.iter().any(fits)
            }
    })
}

/// Returns true if the fallback rule logs less than the rule would.
fn records_less(policy: &Policy, rule: usize, fallback: Option<usize>, has_body: bool) -> bool {
    let level = |index: usize| {
        policy
            .rules
            .get(index)
            .map_or(Level::None, |rule| rule.level)
    };
    let wanted = if has_body {
        level(rule)
    } else {
        level(rule).min(Level::Metadata)
    };
    fallback.map_or(Level::None, level) < wanted
}

/// Returns true if an entry lists object names, so that it does not match a request without a name.
fn names_objects(entry: &GroupResources) -> bool {
    // An empty name does match a create; and a create of a subresource has its name in the URL.
    let is_bare = |pattern: &String| !pattern.contains('/') || pattern.ends_with("/*");
    !entry.resource_names.is_empty()
        && !entry.resource_names.iter().any(String::is_empty)
        && entry.resources.iter().any(is_bare)
}

/// Verbs of a rule whose requests have no object name in their URL.
#[derive(Clone, Copy)]
struct NamelessVerbs {
    /// `verbs` lists `create`.
    lists_create: bool,
    /// `verbs` only lists `create` and `deletecollection`.
    has_no_others: bool,
}

impl NamelessVerbs {
    fn of(rule: &Rule) -> Self {
        let is_nameless = |verb: &String| verb == "create" || verb == "deletecollection";
        Self {
            lists_create: rule.verbs.iter().any(|verb| verb == "create"),
            has_no_others: !rule.verbs.is_empty() && rule.verbs.iter().all(is_nameless),
        }
    }
}

/// Returns true if an entry lists object names, and all requests of the rule's verbs have none in their URL.
fn is_nameless(entry: &GroupResources, verbs: NamelessVerbs) -> bool {
    verbs.has_no_others
        && names_objects(entry)
        && !(verbs.lists_create && matches_subresources(entry))
}

/// Returns true if a pattern of the entry matches subresources, which are created with a name in the URL.
fn matches_subresources(entry: &GroupResources) -> bool {
    let mut patterns = entry.resources.iter();
    patterns.any(|pattern| pattern == "*" || pattern.contains('/'))
}

/// Checks the object names of an entry in a rule that matches `create`: the name is in the body, which the policy does not see.
fn nameless(
    (index, rule): (usize, &Rule),
    entry: &GroupResources,
    verbs: NamelessVerbs,
) -> Option<DiagnosticBuilder> {
    let except = if matches_subresources(entry) {
        ", except of subresources"
    } else {
        ""
    };
    let (severity, message) = if is_nameless(entry, verbs) {
        (
            Severity::Warning,
            format!(
                "this entry of {} never matches: such requests have no object name for `resourceNames`",
                rule_name(index)
            ),
        )
    } else if verbs.lists_create {
        (
            Severity::Warning,
            format!("`resourceNames` never match `create`, which `verbs` lists{except}"),
        )
    } else if rule.verbs.is_empty() && rule.level != Level::None {
        (
            Severity::Info,
            format!("`resourceNames` never match `create` and `deletecollection`{except}"),
        )
    } else {
        return None;
    };
    Some(DiagnosticBuilder {
        code: PolicyCode::UnmatchedNames,
        severity,
        message,
        help: "the name of a new object is in the request body, but the policy only sees the URL; add a rule without `resourceNames` \
               for `create`"
            .to_owned(),
    })
}
