//! Names that reach less far than they seem to: `AP022` a resource without its subresources, `AP026` names that creates do not have.

use super::Lint;
use super::report::{DiagnosticBuilder, join_and, quote, rule_name};
use super::vocabulary::Availability;
use crate::finding::{Path, Severity};
use crate::level::Level;
use crate::policy::{GroupResources, Policy, Rule};

/// A subresource that people mean when they name the resource.
struct NamedSubresource {
    group: &'static str,
    resource: &'static str,
    subresource: &'static str,
    verbs: &'static [&'static str],
    /// Whether its requests have a body that a level above Metadata would record.
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
        let Some(claim) = nameless(index, rule) else {
            continue;
        };
        for (at, entry) in rule.resources.iter().enumerate() {
            if names_objects(entry) && !lint.report.is_full(claim.code) {
                let path = Path::rule(index).field("resources").index(at);
                let path = path.field("resourceNames");
                lint.report.add_for_key(path, claim.clone(), None);
            }
        }
    }
}

fn is_of(entry: &GroupResources, group: &str) -> bool {
    entry.group == group || entry.group == "*"
}

/// For each resource the first rule that records it by its bare name, and where its subresources go instead.
fn subresources(lint: &mut Lint) {
    let policy = lint.policy;
    let mut seen: Vec<(&str, &str)> = Vec::new();
    for telling in &NAMED_SUBRESOURCES {
        let key = (telling.group, telling.resource);
        if seen.contains(&key) {
            continue;
        }
        seen.push(key);
        let Some((rule, place)) = names_resource(policy, telling) else {
            continue;
        };
        let mut lost: Vec<(Option<usize>, Vec<String>)> = Vec::new();
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
                || is_named(policy, other, &full)
                || !matches_any_verb(policy, rule, other.verbs)
            {
                continue;
            }
            let catcher = fallback_rule(policy, other, &full);
            if records_less(policy, rule, catcher, other.has_body) {
                match lost.iter_mut().find(|(by, _)| *by == catcher) {
                    Some((_, names)) => names.push(quote(&full)),
                    None => lost.push((catcher, vec![quote(&full)])),
                }
            }
        }
        for (catcher, names) in lost {
            report_uncovered(lint, telling.resource, place.clone(), catcher, &names);
        }
    }
}

fn report_uncovered(
    lint: &mut Lint,
    resource: &str,
    place: Path,
    catcher: Option<usize>,
    names: &[String],
) {
    let rule = catcher.and_then(|index| Some((index, lint.policy.rules.get(index)?)));
    let instead = match rule {
        Some((index, rule)) => format!(
            "they fall to {} at `{}` at the latest",
            rule_name(index),
            rule.level
        ),
        None => "no rule is sure to record them".to_owned(),
    };
    let first = names.first().map_or("", |name| name.trim_matches('`'));
    lint.report.add(
        place,
        DiagnosticBuilder {
            code: "AP022",
            severity: Severity::Info,
            message: format!("{} does not cover {}: {instead}", quote(resource), join_and(names)),
            help: format!("list them beside it, such as `{first}`, or write `{resource}/*`, which matches {} as well", quote(resource)),
        },
        None,
    );
}

/// The first rule that records the bare resource, and where it names it.
fn names_resource(policy: &Policy, telling: &NamedSubresource) -> Option<(usize, Path)> {
    policy.rules.iter().enumerate().find_map(|(index, rule)| {
        if rule.level == Level::None {
            return None;
        }
        rule.resources.iter().enumerate().find_map(|(at, entry)| {
            let place = entry
                .resources
                .iter()
                .position(|pattern| pattern == telling.resource)?;
            let path = Path::rule(index).field("resources").index(at);
            is_of(entry, telling.group).then(|| (index, path.field("resources").index(place)))
        })
    })
}

/// Whether any rule spells the subresource.
fn is_named(policy: &Policy, telling: &NamedSubresource, full: &str) -> bool {
    let of_resource = format!("{}/*", telling.resource);
    let of_all = format!("*/{}", telling.subresource);
    let mut entries = policy.rules.iter().flat_map(|rule| &rule.resources);
    entries.any(|entry| {
        is_of(entry, telling.group)
            && entry
                .resources
                .iter()
                .any(|pattern| *pattern == full || *pattern == of_resource || *pattern == of_all)
    })
}

fn matches_any_verb(policy: &Policy, rule: usize, verbs: &[&str]) -> bool {
    policy.rules.get(rule).is_some_and(|rule| {
        rule.verbs.is_empty() || rule.verbs.iter().any(|verb| verbs.contains(&verb.as_str()))
    })
}

/// The first rule that takes the subresource from anybody, with any verb, in any namespace.
fn fallback_rule(policy: &Policy, telling: &NamedSubresource, full: &str) -> Option<usize> {
    policy.rules.iter().position(|rule| {
        let is_open = rule.users.is_empty()
            && rule.user_groups.is_empty()
            && rule.verbs.is_empty()
            && rule.namespaces.is_empty();
        let fits = |entry: &GroupResources| {
            let all =
                entry.resources.is_empty() || entry.resources.iter().any(|p| p == "*" || p == full);
            is_of(entry, telling.group) && entry.resource_names.is_empty() && all
        };
        is_open
            && if rule.resources.is_empty() {
                rule.non_resource_urls.is_empty()
            } else {
                rule.resources.iter().any(fits)
            }
    })
}

/// Whether the catcher records less than the rule would.
fn records_less(policy: &Policy, rule: usize, catcher: Option<usize>, has_body: bool) -> bool {
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
    catcher.map_or(Level::None, level) < wanted
}

/// Whether an entry names objects, so that it does not match a request without a name.
fn names_objects(entry: &GroupResources) -> bool {
    // An empty name does match a create; and a create of a subresource has its name in the URL.
    let is_bare = |pattern: &String| !pattern.contains('/') || pattern.ends_with("/*");
    !entry.resource_names.is_empty()
        && !entry.resource_names.iter().any(String::is_empty)
        && entry.resources.iter().any(is_bare)
}

/// What names do in a rule that asks for creates: a create has its name in the body, which the policy does not see.
fn nameless(index: usize, rule: &Rule) -> Option<DiagnosticBuilder> {
    let nameless = |verb: &String| verb == "create" || verb == "deletecollection";
    let asks = rule.verbs.iter().any(|verb| verb == "create");
    let (severity, message) = if !rule.verbs.is_empty() && rule.verbs.iter().all(nameless) {
        (
            Severity::Warning,
            format!(
                "{} never matches here: these requests have no name for `resourceNames` to match",
                rule_name(index)
            ),
        )
    } else if asks {
        (
            Severity::Warning,
            "`resourceNames` never match a `create`, which `verbs` asks for".to_owned(),
        )
    } else if rule.verbs.is_empty() && rule.level != Level::None {
        (
            Severity::Info,
            "`resourceNames` never match a create or a deletion of many".to_owned(),
        )
    } else {
        return None;
    };
    Some(DiagnosticBuilder {
        code: "AP026",
        severity,
        message,
        help: "the name of a new object is in the request's body, and the policy sees the URL only: give creates a rule without \
               `resourceNames`"
            .to_owned(),
    })
}
