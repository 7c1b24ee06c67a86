//! Resources within their group: `AP031` one that the group does not have, `AP032` namespaces asked of what has none.

use super::Lint;
use super::groups::quote_group;
use super::report::{DiagnosticBuilder, quote, rule_name};
use super::vocabulary::{ApiVocabulary, Availability, is_similar};
use crate::finding::{Path, Severity};
use crate::policy::{GroupResources, Rule};

/// Short names that kubectl knows, and the resources they stand for.
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

/// A resource that no group has in this version.
pub(super) fn unknown_resource(
    lint: &mut Lint,
    entry: &GroupResources,
    (pattern, name): (&str, &str),
    known: Availability,
    path: Path,
) {
    let group = quote_group(&entry.group);
    let gone = match known {
        Availability::RemovedAfter(last) => Some(format!(
            "{} is gone from the group {group} since 1.{}",
            quote(name),
            last + 1
        )),
        Availability::AddedIn(since) => Some(format!(
            "{} is in the group {group} from 1.{since} on",
            quote(name)
        )),
        _ => None,
    };
    if let Some(message) = gone {
        let help = format!(
            "Kubernetes {} has no such resource; the entry does no harm",
            lint.version
        );
        let claim = DiagnosticBuilder {
            code: "AP031",
            severity: Severity::Info,
            message,
            help,
        };
        lint.report.add(path, claim, None);
        return;
    }
    if entry.group.is_empty() && lint.report.is_full("AP031") {
        return;
    }
    let meant = suggested_resource(&lint.vocabulary, &entry.group, name);
    // Resources that older versions had are not in the table, so an unknown one is only a warning where a slip is plain or the
    // group is the core group, which no extension can add to.
    if meant.is_none() && !entry.group.is_empty() {
        return;
    }
    let fix = meant.filter(|_| pattern == name).and_then(|meant| {
        lint.report
            .replace(&path, pattern, meant, format!("write `{meant}`"))
    });
    let help = match meant {
        Some(meant) => format!("resources are written as in URLs, plural and lowercase: `{meant}`"),
        None => "resources are written as in URLs, plural and lowercase".to_owned(),
    };
    lint.report.add(
        path,
        DiagnosticBuilder {
            code: "AP031",
            severity: Severity::Warning,
            message: format!(
                "the group {group} has no resource {}: it matches nothing",
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
    let (severity, what) = match lint.vocabulary.lookup(&entry.group, name, subresource) {
        Availability::Available => return,
        Availability::AddedIn(since) => (Severity::Info, format!("comes with 1.{since}")),
        Availability::RemovedAfter(last) => {
            (Severity::Info, format!("is gone since 1.{}", last + 1))
        }
        Availability::Unknown => (Severity::Warning, "is nothing that the API has".to_owned()),
    };
    lint.report.add(
        path,
        DiagnosticBuilder {
            code: "AP031",
            severity,
            message: format!(
                "the subresource {} {what}: it matches nothing",
                quote(&format!("{name}/{subresource}"))
            ),
            help: "subresources are written as in URLs, such as `pods/exec` or `deployments/scale`"
                .to_owned(),
        },
        None,
    );
}

/// The resource of the group that was probably meant: its singular, its kind, a short name or a slip.
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
        .find(|resource| spellings.iter().any(|spelling| spelling == resource.name))
        .or_else(|| {
            resources
                .iter()
                .find(|resource| is_similar(resource.name, full))
        })
        .map(|resource| resource.name)
}

/// Whether a rule matches only requests that have a namespace; `""` stands for those without.
pub(super) fn requires_namespace(rule: &Rule) -> bool {
    !rule.namespaces.is_empty() && !rule.namespaces.iter().any(String::is_empty)
}

/// An entry about resources without a namespace, in a rule that asks for one.
pub(super) fn scope(lint: &mut Lint, index: usize, entry: &GroupResources, path: &Path) {
    // A request for the namespace `x` itself has `x` for its namespace.
    for (at, pattern) in entry.resources.iter().enumerate() {
        let name = pattern.split('/').next().unwrap_or_default();
        let found = lint.vocabulary.resource(&entry.group, name);
        if name == "namespaces" || found.is_none_or(|resource| resource.namespaced) {
            continue;
        }
        lint.report.add(
            path.field("resources").index(at),
            DiagnosticBuilder {
                code: "AP032",
                severity: Severity::Warning,
                message: format!("{} has no namespace, and {} asks for one: it does not match it", quote(pattern), rule_name(index)),
                help: "leave `namespaces` out, add `\"\"` to it, or give the resource a rule of its own".to_owned(),
            },
            None,
        );
    }
}
