//! The `objectRef` of an event, parsed from the URL.

/// The object that a URL names; missing parts are empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct ObjectRef<'u> {
    pub(crate) group: &'u str,
    pub(crate) version: &'u str,
    pub(crate) namespace: &'u str,
    pub(crate) resource: &'u str,
    pub(crate) name: &'u str,
    pub(crate) subresource: &'u str,
}

/// Parses the object of a resource request; `None` for a non-resource request. The URLs come from this crate, so only the equals sign of a
/// selector is escaped.
pub(crate) fn object_ref(url: &str) -> Option<ObjectRef<'_>> {
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let mut parts = path.split('/').skip(1).filter(|part| !part.is_empty());
    let group = match parts.next()? {
        "api" => "",
        "apis" => parts.next()?,
        _ => return None,
    };
    let version = parts.next()?;
    let mut object = ObjectRef {
        group,
        version,
        resource: parts.next()?,
        ..ObjectRef::default()
    };
    object.name = parts.next().unwrap_or_default();
    if object.resource == "namespaces" && !object.name.is_empty() {
        object.namespace = object.name;
        // A namespace is followed by a resource in it; no URL of this crate has a subresource of a namespace.
        if let Some(resource) = parts.next() {
            object.resource = resource;
            object.name = parts.next().unwrap_or_default();
        }
    }
    object.subresource = parts.next().unwrap_or_default();
    if object.name.is_empty() {
        object.name = selected_name(query);
    }
    Some(object)
}

/// Returns the name in a field selector.
fn selected_name(query: &str) -> &str {
    query
        .split('&')
        .find_map(|part| part.strip_prefix("fieldSelector=metadata.name%3D"))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_parsed_as_by_the_server() {
        let rows = [
            (
                "/api/v1/nodes/n1/status?timeout=10s",
                ["", "v1", "", "nodes", "n1", "status"],
            ),
            (
                "/apis/apps/v1/namespaces/a/deployments",
                ["apps", "v1", "a", "deployments", "", ""],
            ),
            (
                "/api/v1/namespaces/a",
                ["", "v1", "a", "namespaces", "a", ""],
            ),
            (
                "/api/v1/namespaces?limit=500",
                ["", "v1", "", "namespaces", "", ""],
            ),
            (
                "/api/v1/nodes?allowWatchBookmarks=true&fieldSelector=metadata.name%3Dn1&watch=true",
                ["", "v1", "", "nodes", "n1", ""],
            ),
        ];
        for (url, [group, version, namespace, resource, name, subresource]) in rows {
            let expected = ObjectRef {
                group,
                version,
                namespace,
                resource,
                name,
                subresource,
            };
            assert_eq!(object_ref(url), Some(expected), "{url}");
        }
        for url in ["/readyz", "/api", "/apis", "/apis/apps/v1", "/metrics"] {
            assert_eq!(object_ref(url), None, "{url}");
        }
    }
}
