//! `AP023`: `*` where it is not a wildcard.

use super::context::Lint;
use super::report::{DiagnosticBuilder, quote};
use super::{names, subjects};
use crate::codes::PolicyCode;
use crate::policy::{GroupResources, Rule};
use audit_types::{Fix, Level, Path, Severity};

const CODE: PolicyCode = PolicyCode::UnsupportedWildcard;

pub(super) fn lint(lint: &mut Lint) {
    for (index, rule) in lint.policy.rules.iter().enumerate() {
        let path = Path::rule(index);
        let about_resources = !rule.resources.is_empty();
        for (field, list, noun, can_empty) in [
            ("users", &rule.users, "user", true),
            ("userGroups", &rule.user_groups, "group", true),
            ("verbs", &rule.verbs, "verb", true),
            ("namespaces", &rule.namespaces, "namespace", about_resources),
        ] {
            let about = (field, noun, rule.level);
            exact(lint, &path.field(field), about, list, can_empty);
        }
        named_by_pattern(lint, rule, &path);
        // No namespace has a `*` in its name.
        let mut namespaces = rule.namespaces.iter();
        if !rule.namespaces.is_empty() && namespaces.all(|namespace| namespace.contains('*')) {
            lint.dead.insert(index);
        }
        entries(lint, rule, &path);
    }
}

/// Checks a list of exact values. An empty list matches any value, except that `namespaces` alone also restricts a rule to resource
/// requests.
fn exact(
    lint: &mut Lint,
    path: &Path,
    (field, noun, level): (&str, &str, Level),
    list: &[String],
    can_empty: bool,
) {
    // The fix is the same for every `*` of the list, and making it reads the whole list.
    let fix = (can_empty && list.iter().any(|value| value == "*"))
        .then(|| {
            lint.report
                .empty_list(path, format!("empty `{field}` to match any {noun}"))
        })
        .flatten()
        .map(|fix| match level {
            // A rule that never matched would drop every request.
            Level::None => fix.as_choice(),
            _ => fix,
        });
    for (at, value) in list
        .iter()
        .enumerate()
        .filter(|(_, value)| value.contains('*') && !is_known_group(noun, value))
    {
        if lint.report.is_full(CODE) {
            continue;
        }
        let fix = fix.clone().filter(|_| value == "*");
        let help = if value == "*" {
            format!("remove `{field}` to match any {noun}")
        } else {
            format!("list the exact values, or remove `{field}` to match any {noun}")
        };
        let message = not_a_wildcard(field, noun, value);
        report(lint, path.index(at), message, help, fix);
    }
}

/// Returns true for patterns of users and groups that describe a group, which [`named_by_pattern`] reports.
fn is_known_group(noun: &str, value: &str) -> bool {
    matches!(noun, "user" | "group") && names::group_of_pattern(value).is_some()
}

/// Reports patterns that describe a group, such as `system:node:*`, with that group.
fn named_by_pattern(lint: &mut Lint, rule: &Rule, path: &Path) {
    let mut moved = None;
    for (at, user) in rule.users.iter().enumerate() {
        let Some(group) = names::group_of_pattern(user) else {
            continue;
        };
        let path = path.field("users");
        let fix = moved.get_or_insert_with(|| subjects::patterns_as_groups(lint, rule, &path));
        let fix = fix.clone();
        let help = if fix.is_some() {
            format!("write `userGroups: [{group}]`")
        } else {
            format!("write `userGroups: [{group}]`, in a rule without `users`")
        };
        let message = not_a_wildcard("users", "user", user);
        report(lint, path.index(at), message, help, fix);
    }
    for (at, own) in rule.user_groups.iter().enumerate() {
        let Some(group) = names::group_of_pattern(own) else {
            continue;
        };
        let path = path.field("userGroups").index(at);
        let fix = lint
            .report
            .replace(&path, own, &group, format!("write `{group}`"));
        let message = not_a_wildcard("userGroups", "group", own);
        report(lint, path, message, format!("write `{group}`"), fix);
    }
}

fn not_a_wildcard(field: &str, noun: &str, value: &str) -> String {
    format!(
        "`*` is not a wildcard in `{field}`: it only matches a {noun} named {}",
        quote(value)
    )
}

fn entries(lint: &mut Lint, rule: &Rule, path: &Path) {
    for (index, entry) in rule.resources.iter().enumerate() {
        let path = path.field("resources").index(index);
        patterns(lint, entry, &path);
        for (at, name) in entry.resource_names.iter().enumerate() {
            if name.contains('*') {
                let message = not_a_wildcard("resourceNames", "resource", name);
                let help =
                    "list the exact names, or remove `resourceNames` to match any name".to_owned();
                report(
                    lint,
                    path.field("resourceNames").index(at),
                    message,
                    help,
                    None,
                );
            }
        }
    }
}

/// Checks resource patterns: `*` is a wildcard in `*`, `R/*` and `*/S` only.
fn patterns(lint: &mut Lint, entry: &GroupResources, path: &Path) {
    for (at, pattern) in entry.resources.iter().enumerate() {
        let is_valid = match pattern.split_once('/') {
            None => pattern == "*" || !pattern.contains('*'),
            Some(("*", rest)) => !rest.contains('*'),
            Some((resource, "*")) => !resource.contains('*'),
            Some(_) => !pattern.contains('*'),
        };
        if is_valid {
            continue;
        }
        let path = path.field("resources").index(at);
        let (help, fix) = if pattern == "*/*" {
            let fix = lint
                .report
                .replace(&path, pattern, "*", "write `*`".to_owned());
            (
                "`*` alone matches every resource and every subresource".to_owned(),
                fix,
            )
        } else {
            (
                "only `*`, `pods/*` and `*/scale` are patterns; list the resources explicitly"
                    .to_owned(),
                None,
            )
        };
        let message = format!(
            "{} is not a pattern: its `*` is not a wildcard here, so it matches nothing",
            quote(pattern)
        );
        report(lint, path, message, help, fix);
    }
}

fn report(lint: &mut Lint, path: Path, message: String, help: String, fix: Option<Fix>) {
    let diagnostic = DiagnosticBuilder {
        code: CODE,
        severity: Severity::Warning,
        message,
        help,
    };
    lint.report.add(path, diagnostic, fix);
}
