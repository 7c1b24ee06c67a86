//! Resources within their group: `AP031` one that the group does not have, `AP032` namespaces with a cluster-scoped resource.

use super::context::Lint;
use super::report::{DiagnosticBuilder, quote, quote_group, rule_name};
use crate::codes::PolicyCode;
use crate::policy::{GroupResources, Rule};
use crate::similar::is_similar;
use crate::vocabulary::{ApiVocabulary, Availability};
use audit_types::{Path, Severity};

/// Short names of kubectl, and their resources.
const SHORT_NAMES: [(&str, &str); 26] = [
    ("cj", "cronjobs"),
    ("cm", "configmaps"),
    ("crd", "customresourcedefinitions"),
    ("crds", "customresourcedefinitions"),
    ("cs", "componentstatuses"),
    ("csr", "certificatesigningrequests"),
    ("deploy", "deployments"),
    ("ds", "daemonsets"),
    ("ep", "endpoints"),
    ("ev", "events"),
    ("hpa", "horizontalpodautoscalers"),
    ("ing", "ingresses"),
    ("limits", "limitranges"),
    ("netpol", "networkpolicies"),
    ("no", "nodes"),
    ("ns", "namespaces"),
    ("pdb", "poddisruptionbudgets"),
    ("po", "pods"),
    ("pv", "persistentvolumes"),
    ("pvc", "persistentvolumeclaims"),
    ("quota", "resourcequotas"),
    ("rc", "replicationcontrollers"),
    ("rs", "replicasets"),
    ("sa", "serviceaccounts"),
    ("sts", "statefulsets"),
    ("svc", "services"),
];

/// Reports a resource that no group has in this version.
pub(super) fn unknown_resource(
    lint: &mut Lint,
    entry: &GroupResources,
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
    if entry.group.is_empty() && lint.report.is_full(PolicyCode::UnknownResource) {
        return;
    }
    let meant = suggested_resource(&lint.vocabulary, &entry.group, name);
    // Resources of versions before 1.20 are not in the data, so an unknown one is only reported if it is clearly misspelled or in the
    // core group, which extensions cannot add to.
    if meant.is_none() && !entry.group.is_empty() {
        return;
    }
    let fix = meant.filter(|_| pattern == name).and_then(|meant| {
        lint.report
            .replace(&path, pattern, meant, format!("write `{meant}`"))
    });
    let help = match meant {
        Some(meant) => {
            format!("did you mean `{meant}`? resources are plural and lowercase, as in URLs")
        }
        None => "resources are plural and lowercase, as in URLs".to_owned(),
    };
    lint.report.add(
        path,
        DiagnosticBuilder {
            code: PolicyCode::UnknownResource,
            severity: Severity::Warning,
            message: format!(
                "the API group {group} has no resource {}: it matches nothing",
                quote(name)
            ),
            help,
        },
        fix,
    );
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
    lint.report.add(
        path,
        DiagnosticBuilder {
            code: PolicyCode::UnknownResource,
            severity,
            message,
            help: "write subresources as in URLs, such as `pods/exec` or `deployments/scale`"
                .to_owned(),
        },
        None,
    );
}

/// Returns the resource that was probably intended by a singular, a kind, a short name or a misspelling.
fn suggested_resource(facts: &ApiVocabulary, group: &str, name: &str) -> Option<&'static str> {
    let lower = name.trim().to_ascii_lowercase();
    if lower.len() > 64 {
        return None;
    }
    let short = SHORT_NAMES.iter().find(|(short, _)| *short == lower);
    let full = short.map_or(lower.as_str(), |(_, full)| full);
    let stem = full.strip_suffix('y').unwrap_or(full);
    let spellings = [
        full.to_owned(),
        format!("{full}s"),
        format!("{full}es"),
        format!("{stem}ies"),
    ];
    let resources = facts.resources(group);
    resources
        .iter()
        .find(|resource| spellings.contains(&resource.name))
        .or_else(|| {
            resources
                .iter()
                .find(|resource| is_similar(&resource.name, full))
        })
        .map(|resource| resource.name.as_str())
}

/// Returns true if a rule only matches requests that have a namespace; `""` stands for those without.
pub(super) fn requires_namespace(rule: &Rule) -> bool {
    !rule.namespaces.is_empty() && !rule.namespaces.iter().any(String::is_empty)
}

/// Reports cluster-scoped resources in a rule that requires a namespace.
pub(super) fn scope(lint: &mut Lint, index: usize, entry: &GroupResources, path: &Path) {
    // A request for the namespace `x` itself has the namespace `x`.
    for (at, pattern) in entry.resources.iter().enumerate() {
        let name = pattern.split('/').next().unwrap_or_default();
        let found = lint.vocabulary.resource(&entry.group, name);
        if name == "namespaces" || found.is_none_or(|resource| resource.namespaced) {
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
