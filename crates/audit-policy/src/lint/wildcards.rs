//! `AP023`: `*` where the server takes it for an ordinary letter.

use super::Lint;
use super::report::{DiagnosticBuilder, quote};
use crate::finding::{Fix, Path, Severity};
use crate::policy::{GroupResources, Rule};

const CODE: &str = "AP023";

pub(super) fn lint(lint: &mut Lint) {
    for (index, rule) in lint.policy.rules.iter().enumerate() {
        let path = Path::rule(index);
        let about_resources = !rule.resources.is_empty();
        for (field, list, of_all) in [
            ("users", &rule.users, "any user"),
            ("userGroups", &rule.user_groups, "any group"),
            ("verbs", &rule.verbs, "any verb"),
        ] {
            exact(lint, &path.field(field), field, list, of_all, true);
        }
        exact(
            lint,
            &path.field("namespaces"),
            "namespaces",
            &rule.namespaces,
            "any namespace",
            about_resources,
        );
        entries(lint, rule, &path);
    }
}

/// A list of exact values. Emptying it is the same as "any", save for namespaces alone, which also mean "resource requests only".
fn exact(
    lint: &mut Lint,
    path: &Path,
    field: &str,
    list: &[String],
    of_all: &str,
    can_empty: bool,
) {
    // The fix is the same for every star of the list, and takes a look at the whole of it.
    let fix = (can_empty && list.iter().any(|value| value == "*"))
        .then(|| {
            lint.report
                .empty_list(path, format!("empty `{field}`, which is {of_all}"))
        })
        .flatten();
    for (at, value) in list
        .iter()
        .enumerate()
        .filter(|(_, value)| value.contains('*'))
    {
        if lint.report.is_full(CODE) {
            continue;
        }
        let fix = fix.clone().filter(|_| value == "*");
        let help = if value == "*" {
            format!("leave `{field}` out to match {of_all}")
        } else {
            format!("list the values in full, or leave `{field}` out to match {of_all}")
        };
        let message = format!(
            "{} in `{field}` is taken letter by letter, and matches nothing but itself",
            quote(value)
        );
        report(lint, path.index(at), message, help, fix);
    }
}

fn entries(lint: &mut Lint, rule: &Rule, path: &Path) {
    for (index, entry) in rule.resources.iter().enumerate() {
        let path = path.field("resources").index(index);
        patterns(lint, entry, &path);
        for (at, name) in entry.resource_names.iter().enumerate() {
            if name.contains('*') {
                let message = format!(
                    "{} in `resourceNames` is taken letter by letter, and matches nothing but itself",
                    quote(name)
                );
                let help = "list the names in full, or leave `resourceNames` out to match any name"
                    .to_owned();
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

/// Resource patterns: the stars that mean something are `*`, `R/*` and `*/S`.
fn patterns(lint: &mut Lint, entry: &GroupResources, path: &Path) {
    for (at, pattern) in entry.resources.iter().enumerate() {
        let has_meaning = match pattern.split_once('/') {
            None => pattern == "*" || !pattern.contains('*'),
            Some(("*", rest)) => !rest.contains('*'),
            Some((resource, "*")) => !resource.contains('*'),
            Some(_) => !pattern.contains('*'),
        };
        if has_meaning {
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
                "only `*`, `pods/*` and `*/scale` are patterns: list the resources in full"
                    .to_owned(),
                None,
            )
        };
        let message = format!(
            "{} is no pattern: its `*` is taken letter by letter, and it matches nothing",
            quote(pattern)
        );
        report(lint, path, message, help, fix);
    }
}

fn report(lint: &mut Lint, path: Path, message: String, help: String, fix: Option<Fix>) {
    let claim = DiagnosticBuilder {
        code: CODE,
        severity: Severity::Warning,
        message,
        help,
    };
    lint.report.add(path, claim, fix);
}
