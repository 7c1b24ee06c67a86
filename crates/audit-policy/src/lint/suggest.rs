//! Resources and subresources that were probably meant: by another spelling, a kind, a short name, or with their group or version.

use audit_types::KubernetesVersion;
use audit_types::sort::SortShort;
use audit_types::spelling::is_similar;

use crate::vocabulary::{ApiVocabulary, Availability};

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

/// Other names of subresources.
const SUBRESOURCE_NAMES: [(&str, &str); 6] = [
    ("logs", "log"),
    ("port-forward", "portforward"),
    ("execute", "exec"),
    ("ephemeralcontainer", "ephemeralcontainers"),
    ("evict", "eviction"),
    ("tokens", "token"),
];

/// Kinds that are not resources but bodies of a subresource, as in its documentation: name, resource, subresource. All are in core.
const BODIES: [(&str, &str, &str); 3] = [
    ("tokenrequest", "serviceaccounts", "token"),
    ("eviction", "pods", "eviction"),
    ("binding", "pods", "binding"),
];

/// A resource, with the pattern that matches it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Suggestion {
    pub(super) group: &'static str,
    pub(super) pattern: String,
}

/// Returns the resource that was probably intended by a pattern of an entry, in its group or else in another one.
pub(super) fn resource(
    vocabulary: &ApiVocabulary,
    group: &str,
    pattern: &str,
) -> Option<Suggestion> {
    if pattern.len() > 128 {
        return None;
    }
    let pattern = pattern.trim().trim_start_matches('/');
    let (name, subresource) = pattern.split_once('/').unwrap_or((pattern, ""));
    with_version(vocabulary, pattern)
        .or_else(|| with_group(vocabulary, name, subresource))
        .or_else(|| in_group(vocabulary, group, name, subresource))
        .or_else(|| body_of(vocabulary, name))
        .or_else(|| elsewhere(vocabulary, group, name, subresource))
}

/// Returns the group and the resource that were probably intended by a name: the plural of a singular, a kind or a short name. `None` if the version
/// serves a resource of that name, or nothing is close to it.
///
/// ```
/// use audit_policy::{KubernetesVersion, meant_resource};
///
/// let meant = |name| meant_resource(KubernetesVersion::NEWEST, name);
/// assert_eq!(meant("secret"), Some(("", "secrets".to_owned())));
/// assert_eq!(meant("Deployment"), Some(("apps", "deployments".to_owned())));
/// assert_eq!(meant("secrets"), None);
/// assert_eq!(meant("widgets"), None);
/// ```
pub fn meant_resource(version: KubernetesVersion, name: &str) -> Option<(&'static str, String)> {
    let vocabulary = ApiVocabulary::new(version);
    let resource = name.split_once('/').map_or(name, |(resource, _)| resource);
    let mut groups = vocabulary.group_names();
    if groups.any(|group| is_served(&vocabulary, group, resource)) {
        return None;
    }
    let Suggestion { group, pattern } = self::resource(&vocabulary, "", name)?;
    Some((group, pattern))
}

/// Returns the resources of a group that were probably intended by a text that lists them: `pods,secrets`. `None` if one of them is not known.
pub(super) fn list(vocabulary: &ApiVocabulary, group: &str, text: &str) -> Option<Vec<String>> {
    if text.len() > 128 {
        return None;
    }
    let parts = text
        .split([',', ' ', ';', '|'])
        .filter(|part| !part.is_empty());
    let meant = |part: &str| {
        let (name, subresource) = part.split_once('/').unwrap_or((part, ""));
        Some(in_group(vocabulary, group, name, subresource)?.pattern)
    };
    let list: Vec<String> = parts.map(meant).collect::<Option<_>>()?;
    (list.len() > 1).then_some(list)
}

/// The subresource whose requests have a body of that kind.
fn body_of(vocabulary: &ApiVocabulary, name: &str) -> Option<Suggestion> {
    let lower = name.to_ascii_lowercase();
    let kind = lower.strip_suffix('s').unwrap_or(&lower);
    let (_, resource, subresource) = BODIES.iter().find(|(body, _, _)| *body == kind)?;
    full(vocabulary, "", resource, subresource)
}

/// `v1/pods`, `apps/deployments` and `apps/v1/deployments`, as in URLs.
fn with_version(vocabulary: &ApiVocabulary, pattern: &str) -> Option<Suggestion> {
    let is_version = |part: &str| {
        let number = part.strip_prefix('v').unwrap_or_default();
        number.starts_with(|letter: char| letter.is_ascii_digit())
    };
    let parts: Vec<&str> = pattern.split('/').take(5).collect();
    let (group, rest) = match parts.as_slice() {
        [version, rest @ ..] if is_version(version) => ("", rest),
        [group, version, rest @ ..] if is_version(version) => (*group, rest),
        [group, rest @ ..] if !group.is_empty() => (*group, rest),
        _ => return None,
    };
    let (name, subresource) = match rest {
        [name] => (*name, ""),
        [name, subresource] => (*name, *subresource),
        _ => return None,
    };
    is_served(vocabulary, group, name)
        .then(|| in_group(vocabulary, group, name, subresource))
        .flatten()
}

/// `deployments.apps`, as kubectl accepts it.
fn with_group(vocabulary: &ApiVocabulary, name: &str, subresource: &str) -> Option<Suggestion> {
    let (name, group) = name.split_once('.')?;
    in_group(vocabulary, group, name, subresource)
}

fn is_served(vocabulary: &ApiVocabulary, group: &str, name: &str) -> bool {
    vocabulary.lookup(group, name, "") == Availability::Available
}

fn in_group(
    vocabulary: &ApiVocabulary,
    group: &str,
    name: &str,
    subresource: &str,
) -> Option<Suggestion> {
    let meant = named(vocabulary, group, name, true)?;
    full(vocabulary, group, meant, subresource)
}

/// In another group, only other forms of a name are certain enough, not misspellings.
fn elsewhere(
    vocabulary: &ApiVocabulary,
    group: &str,
    name: &str,
    subresource: &str,
) -> Option<Suggestion> {
    let mut groups: Vec<&str> = vocabulary.group_names().collect();
    groups.sort_short();
    groups
        .into_iter()
        .filter(|other| *other != group)
        .find_map(|other| {
            let meant = named(vocabulary, other, name, false)?;
            full(vocabulary, other, meant, subresource)
        })
}

/// Returns the pattern of a resource with its subresource. `None` if the resource does not have it.
fn full(
    vocabulary: &ApiVocabulary,
    group: &str,
    name: &str,
    subresource: &str,
) -> Option<Suggestion> {
    let group = vocabulary.group_names().find(|known| *known == group)?;
    let pattern = match subresource {
        "" => name.to_owned(),
        "*" => format!("{name}/*"),
        _ if vocabulary.lookup(group, name, subresource) == Availability::Available => {
            format!("{name}/{subresource}")
        }
        _ => {
            let meant = self::subresource(vocabulary, group, name, subresource)?;
            format!("{name}/{meant}")
        }
    };
    Some(Suggestion { group, pattern })
}

/// Returns the resource of a group that was probably intended by a singular, a kind, a short name or a misspelling.
fn named(
    vocabulary: &ApiVocabulary,
    group: &str,
    name: &str,
    may_be_misspelled: bool,
) -> Option<&'static str> {
    let lower = name.trim().to_ascii_lowercase();
    if lower.len() > 64 {
        return None;
    }
    let short = SHORT_NAMES.iter().find(|(short, _)| *short == lower);
    let long = short.map_or(lower.as_str(), |(_, long)| long);
    let stem = long.strip_suffix('y').unwrap_or(long);
    let spellings = [
        long.to_owned(),
        format!("{long}s"),
        format!("{long}es"),
        format!("{stem}ies"),
    ];
    let served = || {
        let resources = vocabulary.resources(group).iter();
        resources.filter(|resource| is_served(vocabulary, group, &resource.name))
    };
    served()
        .find(|resource| spellings.contains(&resource.name))
        .or_else(|| served().find(|resource| may_be_misspelled && is_similar(&resource.name, long)))
        .map(|resource| resource.name.as_str())
}

/// Returns the subresource that was probably intended.
pub(super) fn subresource(
    vocabulary: &ApiVocabulary,
    group: &str,
    name: &str,
    subresource: &str,
) -> Option<&'static str> {
    let known = vocabulary.subresources(group, name);
    // What follows the subresource in a URL is not part of it.
    let first = subresource.split('/').next().unwrap_or_default();
    similar(&known, first)
}

/// Subresources of nodes for which the kubelet authorizes requests to its own API, from the documentation of kubelet authorization.
const KUBELET: [&str; 8] = [
    "checkpoint",
    "configz",
    "healthz",
    "log",
    "metrics",
    "pods",
    "spec",
    "stats",
];

/// Returns true for a subresource that only the kubelet's own API has.
pub(super) fn is_of_kubelet(group: &str, name: &str, subresource: &str) -> bool {
    group.is_empty() && name == "nodes" && KUBELET.contains(&subresource)
}

/// Returns the subresource of any resource of a group that was probably intended.
pub(super) fn subresource_of_any(
    vocabulary: &ApiVocabulary,
    group: &str,
    subresource: &str,
) -> Option<&'static str> {
    let known: Vec<&'static str> = vocabulary
        .resources(group)
        .iter()
        .flat_map(|resource| vocabulary.subresources(group, &resource.name))
        .collect();
    similar(&known, subresource)
}

fn similar(known: &[&'static str], subresource: &str) -> Option<&'static str> {
    if subresource.len() > 64 {
        return None;
    }
    let lower = subresource.trim().to_ascii_lowercase();
    let other = SUBRESOURCE_NAMES.iter().find(|(other, _)| *other == lower);
    let meant = other.map_or(lower.as_str(), |(_, meant)| meant);
    known
        .iter()
        .find(|known| **known == meant)
        .or_else(|| known.iter().find(|known| is_similar(known, meant)))
        .copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_resources() {
        let vocabulary = ApiVocabulary::new(KubernetesVersion::NEWEST);
        for (group, pattern, meant) in [
            ("apps", "Deployments", Some(("apps", "deployments"))),
            ("apps", "deploy", Some(("apps", "deployments"))),
            (
                "apps",
                "deployment/scale",
                Some(("apps", "deployments/scale")),
            ),
            ("", "Deployment", Some(("apps", "deployments"))),
            ("", "pod/exec", Some(("", "pods/exec"))),
            ("", "pod/logs", Some(("", "pods/log"))),
            ("", "po", Some(("", "pods"))),
            ("", "v1/pods", Some(("", "pods"))),
            ("", "apps/v1/deployments", Some(("apps", "deployments"))),
            ("", "apps/deployments", Some(("apps", "deployments"))),
            ("", "deployments.apps", Some(("apps", "deployments"))),
            (
                "",
                "NetworkPolicy",
                Some(("networking.k8s.io", "networkpolicies")),
            ),
            (
                "rbac.authorization.k8s.io",
                "clusterrole",
                Some(("rbac.authorization.k8s.io", "clusterroles")),
            ),
            (
                "authentication.k8s.io",
                "tokenrequests",
                Some(("", "serviceaccounts/token")),
            ),
            ("policy", "evictions", Some(("", "pods/eviction"))),
            ("", "pod/nonsense", None),
            ("apps", "foos", None),
        ] {
            let found = resource(&vocabulary, group, pattern);
            let found = found.as_ref().map(|one| (one.group, one.pattern.as_str()));
            assert_eq!(found, meant, "{group} {pattern}");
        }
    }

    #[test]
    fn spellings_of_subresources() {
        let vocabulary = ApiVocabulary::new(KubernetesVersion::NEWEST);
        for (name, other, meant) in [
            ("pods", "logs", Some("log")),
            ("pods", "Exec", Some("exec")),
            ("pods", "execs", Some("exec")),
            ("pods", "port-forward", Some("portforward")),
            ("pods", "scale", None),
            ("pods", "proxy/metrics", Some("proxy")),
            ("serviceaccounts", "tokens", Some("token")),
        ] {
            let found = subresource(&vocabulary, "", name, other);
            assert_eq!(found, meant, "{name}/{other}");
        }
    }
}
