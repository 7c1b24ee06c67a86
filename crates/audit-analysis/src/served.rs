//! Resources, subresources and verbs of a request that the API server of a version has.

use audit_policy::{KubernetesVersion, Request, known_resource};

use crate::witness::VERBS;
use crate::words::code;

/// Returns what of a request kube-apiserver does not serve in a version, in words with backticks: its resource, subresource or verb. `None` if it
/// serves all of them, and for a URL, whose path is not looked up.
///
/// A cluster can serve more: custom resources, and what aggregated API servers have.
///
/// ```
/// use audit_analysis::not_served;
/// use audit_policy::Request;
///
/// let request = Request::for_resource("list", "policy", "podsecuritypolicies");
/// let of = |version: &str| not_served(&request, version.parse().unwrap());
/// assert_eq!(of("1.24"), None);
/// assert_eq!(of("1.25").as_deref(), Some("`podsecuritypolicies` in the group `policy`"));
/// ```
pub fn not_served(request: &Request, version: KubernetesVersion) -> Option<String> {
    if !request.is_resource_request {
        return None;
    }
    let Some(known) = known_resource(version, &request.api_group, &request.resource) else {
        let group = match request.api_group.as_str() {
            "" => "the core group".to_owned(),
            group => format!("the group {}", code(group)),
        };
        return Some(format!("{} in {group}", code(&request.resource)));
    };
    let subresource = request.subresource.as_str();
    if !subresource.is_empty() && !known.subresources.contains(&subresource) {
        return Some(code(&request.full_resource()));
    }
    match request.verb.as_str() {
        "" => Some("an unknown method".to_owned()),
        verb if VERBS.contains(&verb) => None,
        verb => Some(format!("the verb {}", code(verb))),
    }
}

/// Returns the note on an example that the version does not serve: "not served by Kubernetes 1.36: `widgets` in the group `example.com`".
pub fn not_served_note(request: &Request, version: KubernetesVersion) -> Option<String> {
    let missing = not_served(request, version)?;
    Some(format!("not served by Kubernetes {version}: {missing}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_lacks_the_resource_the_subresource_or_the_verb() {
        let of = |verb: &str, group: &str, resource: &str, subresource: &str, version: &str| {
            let request = Request::for_resource(verb, group, resource);
            let request = request.with_subresource(subresource);
            not_served(&request, version.parse().unwrap())
        };
        for (verb, group, resource, subresource, version, missing) in [
            ("get", "", "pods", "", "1.36", None),
            ("create", "", "pods", "exec", "1.36", None),
            ("delete", "apps", "deployments", "", "1.20", None),
            // Resizing pods is of Kubernetes 1.32 and later.
            ("patch", "", "pods", "resize", "1.31", Some("`pods/resize`")),
            ("patch", "", "pods", "resize", "1.32", None),
            ("get", "", "pods", "history", "1.36", Some("`pods/history`")),
            (
                "get",
                "example.com",
                "widgets",
                "",
                "1.36",
                Some("`widgets` in the group `example.com`"),
            ),
            (
                "get",
                "",
                "deployments",
                "",
                "1.36",
                Some("`deployments` in the core group"),
            ),
            (
                "get",
                "",
                "a`b",
                "",
                "1.36",
                Some("`` a`b `` in the core group"),
            ),
            ("proxy", "", "pods", "", "1.36", Some("the verb `proxy`")),
            ("", "", "pods", "", "1.36", Some("an unknown method")),
        ] {
            assert_eq!(
                of(verb, group, resource, subresource, version).as_deref(),
                missing,
                "{verb} {group} {resource}/{subresource} {version}"
            );
        }
    }

    #[test]
    fn a_path_of_a_url_is_not_looked_up() {
        let request = Request::for_path("get", "/nothing");
        assert_eq!(not_served(&request, KubernetesVersion::NEWEST), None);
    }
}
