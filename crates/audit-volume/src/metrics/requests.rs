//! Requests as the metrics tell them apart, and what the audit filter may have seen of them.
//!
//! Labels are those of `k8s.io/apiserver/pkg/endpoints/metrics` (`MonitorRequest`, `cleanVerb`, `CleanScope`), 1.20 to 1.36.

use audit_policy::{MissingAttributes, Request};

/// Requests with the same labels, as far as an audit policy depends on them. `None` for labels that a series lacks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub(super) struct RequestClass {
    pub(super) verb: Option<String>,
    pub(super) group: Option<String>,
    /// Empty for non-resource requests.
    pub(super) resource: Option<String>,
    /// The path of a non-resource request, if it is known.
    pub(super) subresource: Option<String>,
    pub(super) scope: Option<String>,
    /// The response is an error.
    pub(super) failed: bool,
}

/// Stands for a namespace that is not known, but not empty. Policies cannot contain it: a control character is rejected, or escaped in
/// double quotes, where nobody writes it.
pub(super) const SOME_NAMESPACE: &str = "\u{1}";

/// Stands for a path that is not known.
pub(super) const SOME_PATH: &str = "/\u{1}";

/// A request that belongs to a class, with what is not known of it.
pub(super) type PossibleRequest = (Request, MissingAttributes);

impl RequestClass {
    /// Returns `true` for requests of which only the number is known.
    pub(super) const fn is_unknown(&self) -> bool {
        self.resource.is_none() || self.verb.is_none()
    }

    /// Returns `true` for a request that is not for an API resource.
    pub(super) fn is_path(&self) -> bool {
        self.resource.as_deref() == Some("")
    }

    /// Describes the target of the requests.
    pub(super) fn target(&self) -> String {
        let subresource = self.subresource.as_deref().unwrap_or_default();
        match self.resource.as_deref() {
            None => "other requests".to_owned(),
            Some("") if subresource.starts_with('/') => subresource.to_owned(),
            Some("") => "other paths".to_owned(),
            Some(resource) => {
                let mut target = resource.to_owned();
                if !subresource.is_empty() {
                    target.push('/');
                    target.push_str(subresource);
                }
                if let Some(group) = self.group.as_deref().filter(|group| !group.is_empty()) {
                    target.push_str(&format!(" ({group})"));
                }
                target
            }
        }
    }

    /// Returns the requests that the class may stand for.
    pub(super) fn possible(&self) -> Vec<PossibleRequest> {
        let unknown_user = MissingAttributes {
            user: true,
            ..MissingAttributes::NONE
        };
        if self.is_unknown() {
            let missing = MissingAttributes {
                url: true,
                verb: self.verb.is_none(),
                ..unknown_user
            };
            let verbs = self.verbs();
            return verbs
                .into_iter()
                .map(|verb| {
                    let missing = MissingAttributes {
                        verb: verb.is_none(),
                        ..missing
                    };
                    let mut request = Request::default();
                    request.verb = verb.unwrap_or_default();
                    (request, missing)
                })
                .collect();
        }
        let mut possible = Vec::new();
        for verb in self.verbs() {
            let missing = MissingAttributes {
                verb: verb.is_none(),
                ..unknown_user
            };
            let verb = verb.unwrap_or_default();
            if self.is_path() {
                let path = self
                    .subresource
                    .as_deref()
                    .filter(|path| path.starts_with('/'));
                possible.push((Request::for_path(verb, path.unwrap_or(SOME_PATH)), missing));
                continue;
            }
            for namespace in self.namespaces() {
                possible.push(self.for_resource(&verb, namespace, missing));
            }
        }
        possible
    }

    fn for_resource(
        &self,
        verb: &str,
        namespace: &str,
        missing: MissingAttributes,
    ) -> PossibleRequest {
        let resource = self.resource.as_deref().unwrap_or_default();
        let subresource = self.subresource.as_deref().unwrap_or_default();
        let group = self.group.as_deref().unwrap_or_default();
        let request = Request::for_resource(verb, group, resource)
            .with_subresource(subresource)
            .with_namespace(namespace);
        // A plain create has no name in its URL, and a deletecollection never has one.
        let has_no_name =
            verb == "deletecollection" || (verb == "create" && subresource.is_empty());
        let missing = MissingAttributes {
            name: !has_no_name,
            // Without a group, the resource says too little.
            url: self.group.is_none(),
            ..missing
        };
        (request, missing)
    }

    /// Returns the audit verbs that a label stands for. `None` is any verb.
    fn verbs(&self) -> Vec<Option<String>> {
        let some = |verbs: &[&str]| verbs.iter().map(|verb| Some((*verb).to_owned())).collect();
        let Some(label) = self.verb.as_deref() else {
            return vec![None];
        };
        let label = label.to_ascii_uppercase();
        if self.is_path() {
            return match label.as_str() {
                "OTHER" => vec![None],
                _ => some(&[label.to_ascii_lowercase().as_str()]),
            };
        }
        let subresource = self.subresource.as_deref().unwrap_or_default();
        match (label.as_str(), subresource) {
            ("GET", _) => some(&["get"]),
            ("LIST", _) => some(&["list"]),
            ("WATCH" | "WATCHLIST", _) => some(&["watch"]),
            ("POST" | "CREATE", _) => some(&["create"]),
            ("PUT" | "UPDATE", _) => some(&["update"]),
            ("PATCH" | "APPLY", _) => some(&["patch"]),
            ("DELETE", _) => some(&["delete"]),
            ("DELETECOLLECTION", _) => some(&["deletecollection"]),
            ("CONNECT", "proxy") => some(&["get", "create", "update", "patch", "delete"]),
            ("CONNECT", _) => some(&["get", "create"]),
            ("PROXY", _) => some(&["proxy"]),
            _ => vec![None],
        }
    }

    /// Returns the namespaces that a scope stands for.
    fn namespaces(&self) -> &'static [&'static str] {
        let is_named = !matches!(
            self.verb.as_deref(),
            Some("LIST" | "WATCH" | "POST" | "CREATE")
        );
        match (self.scope.as_deref(), self.resource.as_deref()) {
            // The namespace of a request for a namespace is itself.
            (_, Some("namespaces")) if is_named => &[SOME_NAMESPACE],
            (_, Some("namespaces")) => &[""],
            (Some("namespace"), _) => &[SOME_NAMESPACE],
            (Some("cluster"), _) => &[""],
            _ => &["", SOME_NAMESPACE],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(verb: &str, resource: &str, subresource: &str, scope: &str) -> RequestClass {
        RequestClass {
            verb: Some(verb.to_owned()),
            group: Some(String::new()),
            resource: Some(resource.to_owned()),
            subresource: Some(subresource.to_owned()),
            scope: Some(scope.to_owned()),
            failed: false,
        }
    }

    #[test]
    fn labels_become_the_verbs_of_audit_policies() {
        for (verb, resource, subresource, expected) in [
            ("GET", "pods", "", &["get"][..]),
            ("LIST", "pods", "", &["list"]),
            ("WATCH", "pods", "", &["watch"]),
            ("WATCHLIST", "pods", "", &["watch"]),
            ("POST", "pods", "", &["create"]),
            ("PUT", "pods", "status", &["update"]),
            ("PATCH", "pods", "", &["patch"]),
            ("APPLY", "pods", "", &["patch"]),
            ("DELETE", "pods", "", &["delete"]),
            ("DELETECOLLECTION", "pods", "", &["deletecollection"]),
            ("CONNECT", "pods", "exec", &["get", "create"]),
            ("GET", "", "/healthz", &["get"]),
            ("POST", "", "/x", &["post"]),
        ] {
            let possible = class(verb, resource, subresource, "cluster").possible();
            let verbs: Vec<&str> = possible
                .iter()
                .map(|(request, _)| request.verb.as_str())
                .collect();
            assert_eq!(verbs, expected, "{verb} {resource}/{subresource}");
        }
        let other = class("other", "pods", "", "cluster").possible();
        assert!(other.iter().all(|(_, missing)| missing.verb));
    }

    #[test]
    fn scopes_tell_whether_there_is_a_namespace() {
        for (verb, resource, scope, expected) in [
            ("LIST", "pods", "namespace", &[SOME_NAMESPACE][..]),
            ("LIST", "pods", "cluster", &[""]),
            ("GET", "pods", "resource", &["", SOME_NAMESPACE]),
            ("GET", "namespaces", "resource", &[SOME_NAMESPACE]),
            ("LIST", "namespaces", "cluster", &[""]),
            ("POST", "namespaces", "resource", &[""]),
        ] {
            let possible = class(verb, resource, "", scope).possible();
            let namespaces: Vec<&str> = possible
                .iter()
                .map(|(request, _)| request.namespace.as_str())
                .collect();
            assert_eq!(namespaces, expected, "{verb} {resource} {scope}");
        }
    }

    #[test]
    fn only_creates_and_collections_have_no_name_for_sure() {
        for (verb, subresource, is_unknown) in [
            ("GET", "", true),
            ("LIST", "", true),
            ("POST", "", false),
            ("POST", "eviction", true),
            ("DELETECOLLECTION", "", false),
        ] {
            let possible = class(verb, "pods", subresource, "namespace").possible();
            assert_eq!(possible[0].1.name, is_unknown, "{verb} {subresource}");
        }
    }
}
