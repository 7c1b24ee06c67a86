//! Entries of `nonResourceURLs` that no request without a resource has: paths of resources, and URLs with a host or a query.
//!
//! The server compares the path of a request with an entry, exactly or up to a `*` at its end, and only if the request is not for a resource.

/// Reason why an entry matches nothing.
pub(crate) enum Problem<'u> {
    /// Requests for the path are resource requests.
    Resource(Target<'u>),
    /// The entry has a query; the path before it.
    Query(&'u str),
    /// The entry has a fragment; the path before it.
    Fragment(&'u str),
    /// The entry is a URL with a scheme; its path.
    Full(&'u str),
}

/// A resource as a URL names it; empty parts are open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Target<'u> {
    pub(crate) group: &'u str,
    pub(crate) resource: &'u str,
    pub(crate) subresource: &'u str,
    pub(crate) namespace: &'u str,
    pub(crate) name: &'u str,
    pub(crate) is_watch: bool,
    /// True if the name and the subresource are open because of a `*` at the end.
    pub(crate) is_open: bool,
    /// True if nothing comes after the version, so that the path of the version itself matches, with a slash at its end.
    pub(crate) is_version: bool,
}

/// Returns what follows the scheme of a URL. `None` if it has no scheme.
pub(crate) fn after_scheme(url: &str) -> Option<&str> {
    let (scheme, rest) = url.split_once("://")?;
    let is_scheme = scheme.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_scheme.then_some(rest)
}

pub(crate) fn problem(url: &str) -> Option<Problem<'_>> {
    let after_scheme = after_scheme(url);
    let path = match after_scheme {
        Some(rest) => rest
            .find('/')
            .map_or("/", |at| rest.get(at..).unwrap_or("/")),
        None => url,
    };
    // A fragment is never sent.
    let end = path.find(['?', '#']).unwrap_or(path.len());
    let (path, rest) = path.split_at_checked(end).unwrap_or((path, ""));
    if let Some(target) = resource_of(path) {
        return Some(Problem::Resource(target));
    }
    if after_scheme.is_some() {
        return Some(Problem::Full(path));
    }
    match rest.chars().next() {
        Some('#') => Some(Problem::Fragment(path)),
        Some(_) => Some(Problem::Query(path)),
        None => None,
    }
}

/// Returns the resource if all requests for the path, or below it if it ends with `*`, are resource requests.
///
/// `/api`, `/api/V`, `/apis`, `/apis/G` and `/apis/G/V` are discovery, which is not a resource.
fn resource_of(path: &str) -> Option<Target<'_>> {
    let is_prefix = path.ends_with('*');
    let stem = path.trim_end_matches('*').trim_start_matches('/');
    // `/api/v1/*` and `/api/v1/` have an empty last part.
    let mut parts: Vec<&str> = stem.split('/').take(12).collect();
    let ends_open = parts.last() == Some(&"");
    if ends_open {
        parts.pop();
    }
    let (group, rest) = match parts.as_slice() {
        ["api", _, rest @ ..] => ("", rest),
        ["apis", group, _, rest @ ..] => (*group, rest),
        _ => return None,
    };
    if rest.is_empty() {
        // Only below the slash after the version is everything a resource.
        return (is_prefix && ends_open).then(|| Target {
            group,
            is_open: true,
            is_version: true,
            ..Target::default()
        });
    }
    let mut target = Target {
        group,
        is_open: is_prefix,
        ..Target::default()
    };
    let rest = special(rest, &mut target);
    let rest = namespace(rest, &mut target);
    let part = |index: usize| literal(rest.get(index).copied().unwrap_or_default());
    target.resource = part(0);
    target.name = part(1);
    target.subresource = part(2);
    // The last part of `/pods/web*` is only the start of a name.
    if is_prefix && !ends_open && rest.len() == 2 {
        target.name = "";
    }
    // Below a namespace are its resources.
    if let (["namespaces", namespace], true, true) = (rest, is_prefix, ends_open) {
        target.namespace = literal(namespace);
        target.resource = "";
        target.name = "";
    }
    target.is_open &= target.subresource.is_empty();
    Some(target)
}

/// Returns the parts after a word that changes the verb, and after a `*` in front of a resource, which stands for the namespace.
fn special<'p, 'u>(parts: &'p [&'u str], target: &mut Target<'u>) -> &'p [&'u str] {
    let rest = match parts {
        ["watch", rest @ ..] => {
            target.is_watch = true;
            rest
        }
        ["proxy", rest @ ..] => rest,
        rest => rest,
    };
    match rest {
        [first, second, ..] if literal(first).is_empty() && !literal(second).is_empty() => {
            rest.get(1..).unwrap_or_default()
        }
        rest => rest,
    }
}

/// Returns the parts after a namespace.
fn namespace<'p, 'u>(parts: &'p [&'u str], target: &mut Target<'u>) -> &'p [&'u str] {
    match parts {
        ["namespaces", namespace, resource, ..] if !matches!(*resource, "status" | "finalize") => {
            target.namespace = literal(namespace);
            parts.get(2..).unwrap_or_default()
        }
        rest => rest,
    }
}

/// Returns a part of a path, or nothing if it stands for any value.
fn literal(part: &str) -> &str {
    let is_placeholder = part.contains(['*', '{', '}', '<', '>', '$']) || part.starts_with(':');
    if is_placeholder { "" } else { part }
}

impl Target<'_> {
    /// Returns the rule's fields that match the resource, as YAML in one line.
    pub(crate) fn fields(&self) -> String {
        let mut pattern = if self.resource.is_empty() {
            "*".to_owned()
        } else {
            self.resource.to_owned()
        };
        if !self.subresource.is_empty() {
            pattern = format!("{pattern}/{}", self.subresource);
        } else if self.is_open && !self.resource.is_empty() {
            pattern.push_str("/*");
        }
        let names = if self.name.is_empty() {
            String::new()
        } else {
            format!(", resourceNames: [\"{}\"]", self.name)
        };
        let mut fields = format!(
            "resources: [{{group: \"{}\", resources: [\"{pattern}\"]{names}}}]",
            self.group
        );
        if !self.namespace.is_empty() {
            fields.push_str(&format!(", namespaces: [\"{}\"]", self.namespace));
        }
        if self.is_watch {
            fields.push_str(" and verbs: [watch]");
        }
        fields
    }
}

/// Returns the path that a URL with a host or a query was meant to be, up to its first `*`.
pub(crate) fn plain_path(path: &str) -> &str {
    let end = path.find('*').map_or(path.len(), |at| at + 1);
    path.get(..end).unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn discovery_and_other_paths_are_not_resources() {
        for path in [
            "*",
            "/*",
            "/api",
            "/api*",
            "/api/",
            "/api/*",
            "/api/v1",
            "/api/v1/",
            "/api/v1*",
            "/apis",
            "/apis*",
            "/apis/*",
            "/apis/apps",
            "/apis/apps/*",
            "/apis/apps/v1",
            "/apis/apps/v1*",
            "/healthz",
            "/healthz*",
            "/version",
            "/openapi/v3/apis/apps/v1",
            "/metrics",
            "/logs/*",
            "/livez/etcd",
            "/apiserver/x/y/z",
            "/",
            "",
        ] {
            assert!(problem(path).is_none(), "{path}");
        }
    }

    #[test]
    fn paths_of_resources_name_the_entry_that_was_meant() {
        for (path, fields) in [
            (
                "/api/v1/nodes/*",
                r#"resources: [{group: "", resources: ["nodes/*"]}]"#,
            ),
            ("/api/v1/*", r#"resources: [{group: "", resources: ["*"]}]"#),
            (
                "/apis/apps/v1/*",
                r#"resources: [{group: "apps", resources: ["*"]}]"#,
            ),
            (
                "/api/v1/nodes/n1/status",
                r#"resources: [{group: "", resources: ["nodes/status"], resourceNames: ["n1"]}]"#,
            ),
            (
                "/api/v1/namespaces/kube-system/configmaps*",
                r#"resources: [{group: "", resources: ["configmaps/*"]}], namespaces: ["kube-system"]"#,
            ),
            (
                "/api/v1/namespaces/shop",
                r#"resources: [{group: "", resources: ["namespaces"], resourceNames: ["shop"]}]"#,
            ),
            (
                "/api/v1/namespaces/shop/finalize",
                r#"resources: [{group: "", resources: ["namespaces/finalize"], resourceNames: ["shop"]}]"#,
            ),
            (
                "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/n1?timeout=10s",
                r#"resources: [{group: "coordination.k8s.io", resources: ["leases"], resourceNames: ["n1"]}], namespaces: ["kube-node-lease"]"#,
            ),
            (
                "/apis/image.toolkit.fluxcd.io/v1beta2/namespaces/*/imagepolicies/*/status?fieldManager=x",
                r#"resources: [{group: "image.toolkit.fluxcd.io", resources: ["imagepolicies/status"]}]"#,
            ),
            (
                "https://kube.example:6443/api/v1/pods?limit=500",
                r#"resources: [{group: "", resources: ["pods"]}]"#,
            ),
            (
                "api/v1/namespaces/{ns}/pods/{name}/exec",
                r#"resources: [{group: "", resources: ["pods/exec"]}]"#,
            ),
            (
                "/api/v1/namespaces/kube-system/*",
                r#"resources: [{group: "", resources: ["*"]}], namespaces: ["kube-system"]"#,
            ),
            (
                "/api/v1/*/pods",
                r#"resources: [{group: "", resources: ["pods"]}]"#,
            ),
            (
                "/apis/*/*/foo",
                r#"resources: [{group: "*", resources: ["foo"]}]"#,
            ),
            (
                "/api/v1/watch/pods",
                r#"resources: [{group: "", resources: ["pods"]}] and verbs: [watch]"#,
            ),
        ] {
            let found = match problem(path) {
                Some(Problem::Resource(target)) => target.fields(),
                _ => String::new(),
            };
            assert_eq!(found, fields, "{path}");
        }
    }

    #[test]
    fn queries_and_hosts_leave_the_path() {
        for (url, path) in [
            ("/healthz?timeout=5s", "/healthz"),
            ("/api?timeout=32s", "/api"),
            ("https://10.0.0.1/readyz?verbose", "/readyz"),
            ("https://10.0.0.1", "/"),
            ("/login?next=https://10.0.0.1/api/v1/nodes", "/login"),
        ] {
            let found = match problem(url) {
                Some(Problem::Query(path) | Problem::Full(path)) => path,
                _ => "",
            };
            assert_eq!(found, path, "{url}");
        }
    }
}
