//! Properties of a request that its events depend on.

use audit_policy::{MissingAttributes, Request};

use crate::encode::{List, quote, quote_held};

/// Properties of a request that its events depend on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct RequestTraits {
    /// The server writes a ResponseStarted event of its own.
    pub(crate) long_running: bool,
    /// The request may have a body.
    pub(crate) sends: bool,
    /// A successful response is a stream and not an object.
    pub(crate) streams: bool,
    /// The request body is of another API group than the URL.
    pub(crate) cross_group: bool,
}

impl RequestTraits {
    pub(crate) fn new(request: &Request, unknown: MissingAttributes) -> Self {
        let connects = ["attach", "exec", "log", "portforward", "proxy"]
            .contains(&request.subresource.as_str())
            || request.verb == "proxy";
        let writes = ["create", "update", "patch", "delete", "deletecollection"]
            .contains(&request.verb.as_str())
            || unknown.verb;
        let is_resource = request.is_resource_request || unknown.url;
        Self {
            long_running: is_long_running(request),
            sends: writes && is_resource && !connects,
            streams: connects || request.verb == "watch",
            // A patch is recorded as it came, so nothing is encoded.
            cross_group: matches!(
                (
                    request.verb.as_str(),
                    request.resource.as_str(),
                    request.subresource.as_str()
                ),
                ("update", _, "scale")
                    | ("create", "pods", "eviction")
                    | ("create", "serviceaccounts", "token")
            ),
        }
    }
}

/// Returns `true` if kube-apiserver writes a ResponseStarted event of its own for such a request.
pub fn is_long_running(request: &Request) -> bool {
    const SUBRESOURCES: [&str; 5] = ["attach", "exec", "proxy", "log", "portforward"];
    if request.is_resource_request {
        matches!(request.verb.as_str(), "watch" | "proxy")
            || SUBRESOURCES.contains(&request.subresource.as_str())
    } else {
        request.path.starts_with("/debug/pprof/")
    }
}

/// Returns the `objectRef` that the URL alone gives, as the server prints it.
pub(crate) fn object_ref(request: &Request) -> String {
    let version = api_version(&request.path);
    let members = [
        ("resource", request.resource.as_str()),
        ("namespace", &request.namespace),
        ("name", &request.name),
        ("apiGroup", &request.api_group),
        ("apiVersion", version),
        ("subresource", &request.subresource),
    ];
    let mut text = String::new();
    let mut list = List::new("{", &mut text);
    for (name, value) in members.into_iter().filter(|(_, value)| !value.is_empty()) {
        list.item();
        quote(name, list.out);
        list.out.push(':');
        quote_held(value, list.out);
    }
    list.end("}");
    text
}

/// Returns the API version in the path of a resource.
pub(crate) fn api_version(path: &str) -> &str {
    let mut parts = path.trim_matches('/').split('/');
    match parts.next() {
        Some("api") => parts.next(),
        _ => parts.nth(1),
    }
    .unwrap_or_default()
}
