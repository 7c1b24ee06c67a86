//! `AP042`: a resource that two API groups serve, in a rule that names one of them. `AP043`: `*` in the core group only.
//!
//! Both are reported only if an example request for the rule is logged differently in the other group.

use super::context::Lint;
use super::report::{DiagnosticBuilder, quote, quote_group, rule_name};
use super::witness;
use crate::codes::PolicyCode;
use crate::matcher::{Matcher, Verdict};
use crate::policy::{GroupResources, Rule};
use audit_types::{Level, Path, Request, Severity};

/// Limit on the number of rules and entries evaluated for example requests.
const BUDGET: usize = 2_000_000;

pub(super) fn lint(lint: &mut Lint) {
    let policy = lint.policy;
    if !lint.doubts.is_complete() {
        return;
    }
    let mut matcher = None;
    let mut effort = 0;
    let entries = policy.rules.iter().map(|rule| rule.resources.len());
    let size = policy.rules.len() + entries.sum::<usize>();
    for (index, rule) in policy.rules.iter().enumerate() {
        if rule.level != Level::None && lint.may_omit_all(index, rule) {
            continue;
        }
        for (at, entry) in rule.resources.iter().enumerate() {
            if !entry.resource_names.is_empty() || !is_candidate(lint, entry) {
                continue;
            }
            effort += size;
            if effort > BUDGET || lint.is_shadowed(index) {
                break;
            }
            let matcher = matcher.get_or_insert_with(|| Matcher::new(policy));
            let path = Path::rule(index).field("resources").index(at);
            twin(lint, matcher, (index, rule), entry, &path);
            core_only(lint, matcher, (index, rule), entry, &path);
        }
    }
}

/// Returns true if an entry may have a finding, so that policies without one need no matcher.
fn is_candidate(lint: &Lint, entry: &GroupResources) -> bool {
    entry.resources.iter().take(64).any(|pattern| {
        let name = pattern.strip_suffix("/*").unwrap_or(pattern);
        pattern.starts_with('*') || lint.vocabulary.groups_with(name).len() > 1
    })
}

/// Reports a resource that another group serves as well.
fn twin(
    lint: &mut Lint,
    matcher: &Matcher,
    (index, rule): (usize, &Rule),
    entry: &GroupResources,
    path: &Path,
) {
    for (at, pattern) in entry.resources.iter().enumerate().take(64) {
        let name = pattern.strip_suffix("/*").unwrap_or(pattern);
        let groups = lint.vocabulary.groups_with(name).to_vec();
        if groups.len() < 2 || !groups.contains(&entry.group.as_str()) {
            continue;
        }
        let Some(own) = witness::first_match(matcher, (index, rule), entry, (name, "")) else {
            continue;
        };
        for other in groups.into_iter().filter(|group| *group != entry.group) {
            let there = Request {
                api_group: other.to_owned(),
                ..own.clone()
            };
            let verdict = matcher.evaluate(&there);
            if verdict.rule == Some(index) || !is_less(rule.level, verdict) {
                continue;
            }
            let path = path.field("resources").index(at);
            let mut entry_path = path.clone();
            entry_path.0.truncate(entry_path.0.len().saturating_sub(2));
            let title = format!("add {} of the group {}", quote(name), quote_group(other));
            let fix = lint
                .report
                .insert_resources(&entry_path, other, pattern, title);
            let diagnostic = DiagnosticBuilder {
                code: PolicyCode::EqualGroup,
                severity: Severity::Info,
                message: format!(
                    "{} is also in the API group {}, which {} does not match: {}",
                    quote(name),
                    quote_group(other),
                    rule_name(index),
                    instead(rule, &there, verdict)
                ),
                help: format!(
                    "both groups serve the same objects; list {} with the group {} as well",
                    quote(name),
                    quote_group(other)
                ),
            };
            lint.report.add(path, diagnostic, fix);
        }
    }
}

/// Returns true if the rule's intention is not met: it drops requests that are logged, or logs requests that are logged at a lower level.
fn is_less(wanted: Level, found: Verdict) -> bool {
    if wanted == Level::None {
        found.level != Level::None
    } else {
        found.level < wanted
    }
}

/// States what happens to a request instead.
fn instead(rule: &Rule, request: &Request, verdict: Verdict) -> String {
    let is_of_anyone = rule.users.is_empty() && rule.user_groups.is_empty();
    let by = if is_of_anyone {
        String::new()
    } else {
        witness::sender(request, rule)
    };
    let verb = &request.verb;
    match verdict.rule {
        Some(other) => format!(
            "there, a `{verb}`{by} matches {} at level `{}`",
            rule_name(other),
            verdict.level
        ),
        None => format!("there, a `{verb}`{by} matches no rule, and is not logged"),
    }
}

/// Reports `*` and `*/status` in the core group, in a policy that does not do the same for other groups.
fn core_only(
    lint: &mut Lint,
    matcher: &Matcher,
    (index, rule): (usize, &Rule),
    entry: &GroupResources,
    path: &Path,
) {
    let is_alone = rule.resources.iter().all(|entry| entry.group.is_empty());
    let wildcard = |pattern: &String| pattern == "*" || pattern.starts_with("*/");
    let Some(at) = entry.resources.iter().position(wildcard) else {
        return;
    };
    if !is_alone || !entry.group.is_empty() || names_other_groups(lint, index) {
        return;
    }
    let pattern = entry.resources.get(at).map_or("*", String::as_str);
    let Some(there) = missed_elsewhere(matcher, (index, rule), entry, pattern) else {
        return;
    };
    let help = if lint.version.at_least(36) {
        "write `group: \"*\"` to match every group, or list the other groups".to_owned()
    } else {
        format!(
            "list the other groups as well; {} has no wildcard for groups",
            lint.version
        )
    };
    lint.report.add(
        path.field("resources").index(at),
        DiagnosticBuilder {
            code: PolicyCode::CoreOnly,
            severity: Severity::Info,
            message: format!(
                "{} matches resources of the core group only: {} does not match, for example, `{}` of `apps`",
                quote(pattern),
                rule_name(index),
                there.full_resource()
            ),
            help,
        },
        None,
    );
}

/// Returns a request for a resource of `apps` that is logged differently from the same request for the core group.
fn missed_elsewhere(
    matcher: &Matcher,
    (index, rule): (usize, &Rule),
    entry: &GroupResources,
    pattern: &str,
) -> Option<Request> {
    let subresource = pattern.strip_prefix("*/").unwrap_or_default();
    let names: &[&str] = match subresource {
        "" | "status" => &["pods", "nodes"],
        "scale" => &["replicationcontrollers"],
        // Other subresources are those of the core group.
        _ => return None,
    };
    let own = names
        .iter()
        .find_map(|name| witness::first_match(matcher, (index, rule), entry, (name, subresource)));
    let there = Request {
        api_group: "apps".to_owned(),
        resource: "deployments".to_owned(),
        ..own?
    };
    let verdict = matcher.evaluate(&there);
    (verdict.rule != Some(index) && verdict.level != rule.level).then_some(there)
}

/// Returns true if another rule of the policy has a wildcard for other groups, so that the limitation to core is probably meant.
fn names_other_groups(lint: &Lint, index: usize) -> bool {
    let rules = lint.policy.rules.iter().enumerate();
    rules.filter(|(at, _)| *at != index).any(|(_, rule)| {
        rule.resources.iter().any(|entry| {
            let is_wide = entry.resources.is_empty()
                || entry
                    .resources
                    .iter()
                    .any(|pattern| pattern.starts_with('*'));
            !entry.group.is_empty() && is_wide
        })
    })
}
