//! Resources within their group: `AP031` one that the group does not have, `AP032` namespaces with a cluster-scoped resource.

use super::context::Lint;
use super::report::{DiagnosticBuilder, quote, quote_group, rule_name};
use super::suggest::{self, Suggestion};
use crate::codes::PolicyCode;
use crate::policy::GroupResources;
use crate::vocabulary::Availability;
use audit_types::{Path, Severity};

/// Reports a resource that no group has in this version.
pub(super) fn unknown_resource(
    lint: &mut Lint,
    (rule, entry): (usize, &GroupResources),
    (pattern, name): (&str, &str),
    availability: Availability,
    path: Path,
) {
    let group = quote_group(&entry.group);
    let other_version = match availability {
        Availability::RemovedAfter(last) => Some(format!(
            "{} was removed from the API group {group} in 1.{}",
            quote(name),
            last + 1
        )),
        Availability::AddedIn(since) => Some(format!(
            "{} was added to the API group {group} in 1.{since}",
            quote(name)
        )),
        _ => None,
    };
    if let Some(message) = other_version {
        let help = format!(
            "Kubernetes {} has no such resource; the entry is harmless",
            lint.version
        );
        let diagnostic = DiagnosticBuilder {
            code: PolicyCode::UnknownResource,
            severity: Severity::Info,
            message,
            help,
        };
        lint.report.add(path, diagnostic, None);
        return;
    }
    misspelled_resource(lint, (rule, entry), (pattern, name), path);
}

/// Reports a resource that no version has in the group, with the one that was probably meant.
pub(super) fn misspelled_resource(
    lint: &mut Lint,
    (rule, entry): (usize, &GroupResources),
    (pattern, name): (&str, &str),
    path: Path,
) {
    if lint.report.is_full(PolicyCode::UnknownResource) {
        return;
    }
    let suggestion = suggest::resource(&lint.vocabulary, &entry.group, pattern);
    let fix = suggestion.as_ref().and_then(|meant| {
        let is_here =
            meant.group == entry.group && !lint.is_out_of_scope(rule, meant.group, &meant.pattern);
        let title = format!("write `{}`", meant.pattern);
        is_here
            .then(|| lint.report.replace(&path, pattern, &meant.pattern, title))
            .flatten()
    });
    let form = "resources are plural and lowercase, as in URLs";
    let help = match &suggestion {
        None if let Some(items) = suggest::list(&lint.vocabulary, &entry.group, pattern) => {
            format!(
                "did you mean `[{}]`? each resource is an item",
                items.join(", ")
            )
        }
        Some(meant) if meant.group == entry.group => {
            format!("did you mean `{}`? {form}", meant.pattern)
        }
        Some(meant) => format!("did you mean `{}`? {form}", entry_text(meant)),
        None if entry.group.is_empty() => form.to_owned(),
        None => format!("{form}; custom resources are in the group of their definition"),
    };
    lint.report.add(
        path,
        DiagnosticBuilder {
            code: PolicyCode::UnknownResource,
            severity: Severity::Warning,
            message: format!(
                "the API group {} has no resource {}: it matches nothing",
                quote_group(&entry.group),
                quote(name)
            ),
            help,
        },
        fix,
    );
}

/// Returns an entry for a resource of another group, as it can be written in a rule.
fn entry_text(meant: &Suggestion) -> String {
    let group = if meant.group.is_empty() {
        "\"\""
    } else {
        meant.group
    };
    format!("{{group: {group}, resources: [{}]}}", meant.pattern)
}

pub(super) fn unknown_subresource(
    lint: &mut Lint,
    entry: &GroupResources,
    (name, subresource): (&str, &str),
    path: Path,
) {
    let quoted = quote(&format!("{name}/{subresource}"));
    let (severity, message) = match lint.vocabulary.lookup(&entry.group, name, subresource) {
        Availability::Available => return,
        Availability::AddedIn(since) => (
            Severity::Info,
            format!("the subresource {quoted} was added in 1.{since}: it matches nothing"),
        ),
        Availability::RemovedAfter(last) => (
            Severity::Info,
            format!(
                "the subresource {quoted} was removed in 1.{}: it matches nothing",
                last + 1
            ),
        ),
        Availability::Unknown => (
            Severity::Warning,
            format!("unknown subresource {quoted}: it matches nothing"),
        ),
    };
    let meant = suggest::subresource(&lint.vocabulary, &entry.group, name, subresource)
        .filter(|_| severity == Severity::Warning)
        .map(|meant| format!("{name}/{meant}"));
    let fix = meant.as_ref().and_then(|meant| {
        let title = format!("write `{meant}`");
        lint.report
            .replace(&path, &format!("{name}/{subresource}"), meant, title)
    });
    let help = match meant {
        Some(meant) => format!("did you mean `{meant}`?"),
        None if suggest::is_of_kubelet(&entry.group, name, subresource) => format!(
            "{quoted} is checked for the kubelet's own API, which kube-apiserver does not log; through kube-apiserver it is `nodes/proxy`"
        ),
        None if severity == Severity::Info => {
            format!(
                "Kubernetes {} does not serve it; the entry is harmless",
                lint.version
            )
        }
        None => {
            "write subresources as in URLs, such as `pods/exec` or `deployments/scale`".to_owned()
        }
    };
    lint.report.add(
        path,
        DiagnosticBuilder {
            code: PolicyCode::UnknownResource,
            severity,
            message,
            help,
        },
        fix,
    );
}

/// Reports `*/S` if no resource of the group has the subresource.
pub(super) fn unknown_in_all(
    lint: &mut Lint,
    entry: &GroupResources,
    subresource: &str,
    path: Path,
) {
    if lint.report.is_full(PolicyCode::UnknownResource) {
        return;
    }
    let pattern = format!("*/{subresource}");
    let meant = suggest::subresource_of_any(&lint.vocabulary, &entry.group, subresource);
    let fix = meant.and_then(|meant| {
        let title = format!("write `*/{meant}`");
        lint.report
            .replace(&path, &pattern, &format!("*/{meant}"), title)
    });
    let help = match meant {
        Some(meant) => format!("did you mean `*/{meant}`?"),
        None => "subresources are written as in URLs, such as `*/status` or `*/scale`".to_owned(),
    };
    lint.report.add(
        path,
        DiagnosticBuilder {
            code: PolicyCode::UnknownResource,
            severity: Severity::Warning,
            message: format!(
                "no resource of the API group {} has the subresource {}: {} matches nothing",
                quote_group(&entry.group),
                quote(subresource),
                quote(&pattern)
            ),
            help,
        },
        fix,
    );
}

/// Returns true if an entry with a built-in group may match a request; false if every part of it has a finding that it matches nothing.
pub(super) fn may_match(lint: &Lint, rule: usize, entry: &GroupResources) -> bool {
    let vocabulary = &lint.vocabulary;
    let group = entry.group.as_str();
    if entry.resources.is_empty() {
        return !matches!(vocabulary.group(group), Availability::RemovedAfter(_));
    }
    let is_served = |name: &str, subresource: &str| {
        vocabulary.lookup(group, name, subresource) == Availability::Available
    };
    entry.resources.iter().any(|pattern| {
        if lint.is_out_of_scope(rule, group, pattern) {
            return false;
        }
        match pattern.split_once('/').unwrap_or((pattern, "")) {
            ("*", "*") => false,
            ("", _) => false,
            _ if pattern.ends_with('/') => false,
            ("*", "") => true,
            ("*", subresource) => vocabulary.has_subresource(group, subresource),
            (name, "" | "*") => is_served(name, ""),
            (name, subresource) => is_served(name, "") && is_served(name, subresource),
        }
    })
}

/// Reports cluster-scoped resources in a rule that requires a namespace.
pub(super) fn scope(lint: &mut Lint, index: usize, entry: &GroupResources, path: &Path) {
    for (at, pattern) in entry.resources.iter().enumerate() {
        if !lint.is_out_of_scope(index, &entry.group, pattern) {
            continue;
        }
        lint.report.add(
            path.field("resources").index(at),
            DiagnosticBuilder {
                code: PolicyCode::ClusterScopedResource,
                severity: Severity::Warning,
                message: format!(
                    "{} is cluster-scoped, but {} requires a namespace: the rule does not match it",
                    quote(pattern),
                    rule_name(index)
                ),
                help:
                    "remove `namespaces`, add `\"\"` to it, or move the resource to a separate rule"
                        .to_owned(),
            },
            None,
        );
    }
}
