//! Request attributes, as kube-apiserver's audit filter sees them, from a recorded event.
//!
//! They are reconstructed from `user`, `verb` and `requestURI`, never from `objectRef`: the server completes that from the body after the
//! policy was evaluated (k8s.io/apiserver `RequestInfoFactory`, 1.20 to 1.36).

use std::borrow::Cow;

use audit_types::{MissingAttributes, Request};

use crate::event::Event;
use crate::field_selector;
use crate::json;
use crate::percent;

/// The request behind an event, and the attributes that the event lacks.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Attributes {
    /// The request. Unknown attributes are empty.
    pub request: Request,
    /// Attributes that the event lacks.
    pub unknown: MissingAttributes,
}

impl Attributes {
    /// Reconstructs the request behind an event.
    pub fn from_event(event: &Event<'_>) -> Self {
        let mut request = Request::default();
        let mut unknown = MissingAttributes::NONE;
        match event.verb.and_then(json::string_with_placeholders) {
            Some(verb) => request.verb = verb.into_owned(),
            None => unknown.verb = true,
        }
        match event.user {
            Some(user) => (request.user, request.groups) = read_user(user),
            None => unknown.user = true,
        }
        match (
            event.request_uri.and_then(json::string_with_placeholders),
            event.path,
        ) {
            (Some(uri), _) => read_uri(&uri, &mut request),
            (None, Some(path)) => {
                read_path(path, "", &mut request);
                path.clone_into(&mut request.path);
            }
            (None, None) => unknown.url = true,
        }
        unknown.groups |= event.missing.groups;
        unknown.name |= event.missing.query && may_select(&request);
        Self { request, unknown }
    }
}

/// Returns the name and groups of a raw `user` field. The server writes `{}` if authentication failed and there is no user.
pub fn read_user(raw: &str) -> (Option<String>, Vec<String>) {
    let name = json::member(raw, "username")
        .and_then(json::string_with_placeholders)
        .map(Cow::into_owned);
    let groups: Vec<String> = json::member(raw, "groups")
        .map(|groups| {
            json::elements(groups)
                .filter_map(json::string_with_placeholders)
                .map(Cow::into_owned)
                .collect()
        })
        .unwrap_or_default();
    let name = name.or_else(|| (!groups.is_empty()).then(String::new));
    (name, groups)
}

/// Fills in the attributes that a recorded URL, `path?query`, determines.
pub(crate) fn read_uri(uri: &str, request: &mut Request) {
    let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
    let path = percent::decoded(path, false).unwrap_or(Cow::Borrowed(path));
    read_path(&path, query, request);
    request.path = path.into_owned();
}

fn read_path(path: &str, query: &str, request: &mut Request) {
    let trimmed = path.trim_matches('/');
    let mut parts = trimmed.split('/');
    let group = match parts.next() {
        Some("api") => Some(""),
        Some("apis") => parts.next(),
        _ => None,
    };
    let (Some(group), Some(_version), Some(first)) = (group, parts.next(), parts.next()) else {
        return;
    };
    let mut rest: Vec<&str> = std::iter::once(first).chain(parts).collect();
    // `/api/v1/watch/…` and `/api/v1/proxy/…`: the deprecated form with the verb in the path.
    let old_style = matches!(first, "watch" | "proxy");
    if old_style {
        rest.remove(0);
        if rest.is_empty() {
            return;
        }
    }
    request.is_resource_request = true;
    group.clone_into(&mut request.api_group);
    if let ["namespaces", namespace, after @ ..] = rest.as_slice() {
        (*namespace).clone_into(&mut request.namespace);
        let in_namespace = after
            .first()
            .is_some_and(|resource| !matches!(*resource, "status" | "finalize"));
        if in_namespace {
            rest.drain(..2);
        }
    }
    let mut parts = rest.into_iter();
    let mut next = || parts.next().unwrap_or_default().to_owned();
    request.resource = next();
    request.name = next();
    if first != "proxy" {
        request.subresource = next();
    }
    if !old_style && may_select(request) {
        request.name = field_selector::selected_name(query).unwrap_or_default();
    }
}

/// Returns `true` if a field selector may name the object.
fn may_select(request: &Request) -> bool {
    matches!(request.verb.as_str(), "list" | "watch") && request.name.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Verb, URI, and the attributes that the server derives: namespace, group, resource, subresource, name; a dash for a non-resource
    /// request.
    const ROWS: [(&str, &str, &str); 27] = [
        ("list", "/api/v1/pods", " | |pods||"),
        (
            "get",
            "/api/v1/namespaces/dev/pods/web-0",
            "dev||pods||web-0",
        ),
        (
            "create",
            "/api/v1/namespaces/dev/pods/web-0/exec?command=ls",
            "dev||pods|exec|web-0",
        ),
        (
            "create",
            "/apis/apps/v1/namespaces/dev/deployments",
            "dev|apps|deployments||",
        ),
        (
            "get",
            "/apis/apps/v1/namespaces/dev/deployments/web/scale/x/y",
            "dev|apps|deployments|scale|web",
        ),
        ("get", "/api/v1/namespaces/shop", "shop||namespaces||shop"),
        (
            "update",
            "/api/v1/namespaces/shop/finalize",
            "shop||namespaces|finalize|shop",
        ),
        (
            "update",
            "/api/v1/namespaces/shop/status",
            "shop||namespaces|status|shop",
        ),
        ("list", "/api/v1/namespaces/shop/nosub", "shop||nosub||"),
        ("list", "/api/v1/namespaces", "||namespaces||"),
        (
            "watch",
            "/api/v1/watch/namespaces/dev/pods/web",
            "dev||pods||web",
        ),
        (
            "watch",
            "/api/v1/watch/pods?fieldSelector=metadata.name%3Dx",
            "||pods||",
        ),
        (
            "proxy",
            "/api/v1/proxy/namespaces/dev/pods/web/metrics",
            "dev||pods||web",
        ),
        (
            "get",
            "/api/v1/namespaces/dev/services/https:web:443/proxy/a/b",
            "dev||services|proxy|https:web:443",
        ),
        (
            "list",
            "/api/v1/pods?fieldSelector=metadata.name%3Dweb",
            "||pods||web",
        ),
        (
            "watch",
            "/api/v1/pods?watch=1&fieldSelector=metadata.name==web,spec.x=y",
            "||pods||web",
        ),
        (
            "deletecollection",
            "/api/v1/namespaces/dev/pods?fieldSelector=metadata.name%3Dweb",
            "dev||pods||",
        ),
        (
            "get",
            "/api/v1/namespaces/dev/configmaps/a%2Fb",
            "dev||configmaps|b|a",
        ),
        (
            "list",
            "/api/v1/namespaces/dev//configmaps",
            "dev||||configmaps",
        ),
        ("list", "/api/v1/pods/", "||pods||"),
        ("get", "/api", "-"),
        ("get", "/api/v1", "-"),
        ("get", "/api/v1/", "-"),
        ("get", "/apis/apps/v1", "-"),
        ("get", "/healthz?verbose", "-"),
        ("get", "/", "-"),
        ("get", "/apis/apps/v1/watch", "-"),
    ];

    #[test]
    fn attributes_come_from_the_url() {
        for (verb, uri, expected) in ROWS {
            let mut request = Request::default();
            request.verb = verb.to_owned();
            read_uri(uri, &mut request);
            let seen = if request.is_resource_request {
                [
                    &request.namespace,
                    &request.api_group,
                    &request.resource,
                    &request.subresource,
                    &request.name,
                ]
                .map(String::as_str)
                .join("|")
            } else {
                "-".to_owned()
            };
            assert_eq!(seen, expected.replace(' ', ""), "{verb} {uri}");
        }
    }

    /// Returns `true` if a rule of a policy matches the request behind an event.
    fn is_matched(rule: &str, raw: &str) -> bool {
        let text = format!(
            "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{{level: Metadata, {rule}}}]\n"
        );
        let loaded = audit_policy::load(text.as_bytes(), audit_policy::KubernetesVersion::NEWEST);
        let matcher = audit_policy::Matcher::new(&loaded.policy.unwrap());
        let attributes = Attributes::from_event(&Event::new(raw));
        matcher.evaluate(&attributes.request).rule.is_some()
    }

    #[test]
    fn a_byte_that_is_not_utf8_is_not_the_replacement_character() {
        let of_path = |path: &str| {
            format!(r#"{{"verb":"get","requestURI":"{path}","user":{{"username":"alice"}}}}"#)
        };
        let of_user = |user: &str| {
            format!(
                r#"{{"verb":"get","requestURI":"/x","user":{{"username":"{user}","groups":["{user}"]}}}}"#
            )
        };
        for (rule, raw, fits) in [
            (
                r#"nonResourceURLs: ["/a/\ufffd"]"#,
                of_path("/a/%ff"),
                false,
            ),
            (
                r#"nonResourceURLs: ["/a/\ufffd*"]"#,
                of_path("/a/%ff"),
                false,
            ),
            (r#"nonResourceURLs: ["/a/*"]"#, of_path("/a/%ff"), true),
            (r#"nonResourceURLs: ["/a/*"]"#, of_path("/%ff/a/b"), false),
            (
                r#"nonResourceURLs: ["/a/\ufffd"]"#,
                of_path("/a/%EF%BF%BD"),
                true,
            ),
            (r#"nonResourceURLs: ["/a/é"]"#, of_path("/a/%E9"), false),
            (r#"nonResourceURLs: ["/a/é"]"#, of_path("/a/%C3%A9"), true),
            (r#"users: ["caf\ufffd"]"#, of_user(r"caf\ufffd"), false),
            (r#"users: ["caf\ufffd"]"#, of_user("caf\u{fffd}"), true),
            (r#"userGroups: ["caf\ufffd"]"#, of_user(r"caf\ufffd"), false),
            (r#"userGroups: ["caf\ufffd"]"#, of_user("caf\u{fffd}"), true),
            (
                r#"resources: [{group: "", resources: [pods], resourceNames: ["a\ufffd"]}]"#,
                of_path("/api/v1/namespaces/d/pods/a%ff"),
                false,
            ),
            (
                r#"namespaces: ["\ufffd"]"#,
                of_path("/api/v1/namespaces/%ff/pods"),
                false,
            ),
        ] {
            assert_eq!(is_matched(rule, &raw), fits, "{rule} on {raw}");
        }
    }

    #[test]
    fn a_failed_authentication_has_no_user() {
        let attributes = |raw| Attributes::from_event(&Event::new(raw));
        let anonymous = attributes(r#"{"user":{},"verb":"get","requestURI":"/api"}"#);
        assert_eq!(anonymous.request.user, None);
        assert!(!anonymous.unknown.any());
        let cut = attributes(r#"{"verb":"get"}"#);
        assert!(cut.unknown.user && cut.unknown.url && !cut.unknown.verb);
    }
}
