//! Conversion of Google Cloud's audit log schema, which contains no audit event, to an event with the fields it has.
//!
//! `methodName` ends in the verb. `resourceName` is group, version and the rest of the URL's path; for a create it includes the name of the
//! created object (observed: a pod made from `generateName` has its final name there). User groups, the request URI, its query, stage,
//! level and audit ID are missing, and are not guessed.

use memchr::memmem;

use crate::detect::{ValueKind, detect_kind};
use crate::event::{Event, MissingFields, text};
use crate::extract::flat::quoted;
use crate::extract::route::Route;
use crate::extract::source_map::SourceMap;
use crate::extract::state::{Emit, Extractor};
use crate::extract::wrapper::Wrapper;
use crate::json;
use crate::unrecognized::UnrecognizedKind;

/// Field with the request. Google never escapes its name.
const PAYLOAD: &str = "protoPayload";

/// An event converted from an entry.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ConvertedEntry {
    /// JSON of the event, with the fields that the entry has.
    pub(crate) text: String,
    /// Path of the URL, as far as the entry has it.
    pub(crate) path: Option<String>,
    /// Parts that the entry does not have.
    pub(crate) missing: MissingFields,
}

impl Extractor {
    /// Emits the event that an entry is converted to. Returns `false` if it is not an entry of a Kubernetes API server.
    pub(super) fn google_entry(
        &mut self,
        value: &str,
        source: &SourceMap<'_>,
        route: Route,
        out: Emit<'_>,
    ) -> bool {
        let Some(converted) = convert(value) else {
            return false;
        };
        let event = Event {
            path: converted.path.as_deref(),
            missing: converted.missing,
            ..Event::new(&converted.text)
        };
        let location = source.location(0, value.len());
        self.emit(location, &event, route.inside(Wrapper::Google), out);
        true
    }
}

/// Returns `true` if a value is a LogEntry that may be convertible.
pub(crate) fn is_entry(value: &str) -> bool {
    memmem::find(value.as_bytes(), PAYLOAD.as_bytes()).is_some()
        && detect_kind(value) == ValueKind::Unrecognized(UnrecognizedKind::GoogleLogEntry)
}

/// Converts a LogEntry of the Kubernetes API server. `None` for other entries.
pub(crate) fn convert(entry: &str) -> Option<ConvertedEntry> {
    memmem::find(entry.as_bytes(), PAYLOAD.as_bytes())?;
    let payload = json::member(entry, PAYLOAD)?;
    let field = |name: &str| json::member(payload, name);
    let method = text(field("methodName"))?;
    let service = text(field("serviceName"));
    if !method.starts_with("io.k8s.") || service.is_some_and(|service| service != "k8s.io") {
        return None;
    }
    let verb = method.rsplit('.').next().filter(|verb| is_verb(verb));
    let resource = text(field("resourceName")).filter(|name| !name.is_empty());
    let target = resource.map(|name| ResourcePath::of(&name, verb));
    let annotations = json::member(entry, "labels").filter(|labels| labels.starts_with('{'));
    let metadata = field("requestMetadata").unwrap_or_default();
    let user = field("authenticationInfo")
        .and_then(|info| json::member(info, "principalEmail"))
        .filter(|name| name.starts_with('"') && *name != "\"\"");
    let time = json::member(entry, "timestamp");
    let members = [
        ("kind", Some("\"Event\"".to_owned())),
        ("apiVersion", Some("\"audit.k8s.io/v1\"".to_owned())),
        ("verb", verb.map(|verb| format!("\"{verb}\""))),
        ("user", user.map(|name| format!("{{\"username\":{name}}}"))),
        (
            "sourceIPs",
            json::member(metadata, "callerIp").map(|address| format!("[{address}]")),
        ),
        (
            "userAgent",
            json::member(metadata, "callerSuppliedUserAgent").map(str::to_owned),
        ),
        (
            "objectRef",
            target.as_ref().and_then(|target| target.object_ref.clone()),
        ),
        ("requestObject", field("request").and_then(body)),
        ("responseObject", field("response").and_then(body)),
        ("stageTimestamp", time.map(str::to_owned)),
        ("annotations", annotations.map(str::to_owned)),
    ];
    let missing = MissingFields {
        groups: true,
        query: true,
        size: true,
        // Response data is not known at RequestReceived.
        is_response_stage: field("status").is_some()
            || field("response").is_some()
            || annotations.is_some_and(|labels| labels.contains("authorization.k8s.io/decision")),
    };
    Some(ConvertedEntry {
        text: object(&members),
        path: target.map(|target| target.path),
        missing,
    })
}

/// Returns `true` for verbs of resource requests and lowercase HTTP methods of other requests.
fn is_verb(word: &str) -> bool {
    const VERBS: [&str; 13] = [
        "get",
        "list",
        "watch",
        "create",
        "update",
        "patch",
        "delete",
        "deletecollection",
        "proxy",
        "head",
        "post",
        "put",
        "options",
    ];
    VERBS.contains(&word)
}

fn object(members: &[(&str, Option<String>)]) -> String {
    let written: Vec<String> = members
        .iter()
        .filter_map(|(name, value)| Some(format!("\"{name}\":{}", value.as_deref()?)))
        .collect();
    format!("{{{}}}", written.join(","))
}

/// Removes the `@type` that Google adds to a body.
fn body(raw: &str) -> Option<String> {
    if !raw.starts_with('{') {
        return None;
    }
    let members: Vec<String> = json::raw_members(raw)
        .filter(|(key, _)| *key != "\"@type\"")
        .map(|(key, value)| format!("{key}:{value}"))
        .collect();
    (!members.is_empty()).then(|| format!("{{{}}}", members.join(",")))
}

/// Path and object reference of a request.
struct ResourcePath {
    path: String,
    object_ref: Option<String>,
}

impl ResourcePath {
    /// Parses `core/v1/namespaces/N/pods/P/status`, or the path of a non-resource request.
    fn of(name: &str, verb: Option<&str>) -> Self {
        let parts: Vec<&str> = name.trim_matches('/').split('/').collect();
        match parts.as_slice() {
            [group, version, below @ ..] if is_version(version) && !below.is_empty() => {
                Self::resource(group, version, below, verb)
            }
            _ => Self {
                path: format!("/{}", name.trim_start_matches('/')),
                object_ref: None,
            },
        }
    }

    fn resource(group: &str, version: &str, below: &[&str], verb: Option<&str>) -> Self {
        let group = if group == "core" { "" } else { group };
        let in_namespace = matches!(below, ["namespaces", _, resource, ..] if !matches!(*resource, "status" | "finalize"));
        let (namespace, own) = match below {
            ["namespaces", namespace, own @ ..] if in_namespace => (*namespace, own),
            _ => ("", below),
        };
        let part = |at: usize| own.get(at).copied().unwrap_or_default();
        let (resource, named, subresource) = (part(0), part(1), part(2));
        let members = [
            ("resource", resource),
            ("namespace", namespace),
            ("name", named),
            ("apiGroup", group),
            ("apiVersion", version),
            ("subresource", subresource),
        ]
        .map(|(key, value)| (key, (!value.is_empty()).then(|| quoted(value))));
        // The URL of a create ends in the resource, although the entry has the name. The URL of a deletecollection names no object.
        let names_none = matches!(verb, Some("create" | "deletecollection"));
        let in_url = if names_none && subresource.is_empty() {
            below.len() - own.len() + 1
        } else {
            below.len()
        };
        let prefix = if group.is_empty() {
            format!("/api/{version}")
        } else {
            format!("/apis/{group}/{version}")
        };
        let path = below
            .iter()
            .take(in_url)
            .fold(prefix, |path, part| path + "/" + part);
        Self {
            path,
            object_ref: Some(object(&members)),
        }
    }
}

/// Returns `true` for a version such as `v1` or `v1beta2`.
fn is_version(part: &str) -> bool {
    let mut rest = part.chars();
    rest.next() == Some('v') && rest.next().is_some_and(|c| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attributes::Attributes;
    use crate::event::Event;

    fn entry(method: &str, resource: &str) -> String {
        format!(
            r#"{{"protoPayload":{{"serviceName":"k8s.io","methodName":"{method}","resourceName":"{resource}","status":{{}},
            "authenticationInfo":{{"principalEmail":"alice@example.com"}},"requestMetadata":{{"callerIp":"10.0.0.1"}},
            "request":{{"@type":"core.k8s.io/v1.Pod","kind":"Pod"}}}},"timestamp":"2024-01-02T03:04:05Z","labels":{{"a":"b"}}}}"#
        )
    }

    #[test]
    fn the_request_comes_from_method_and_resource_name() {
        // Method, resource name; then verb, namespace, group, resource, subresource and name, or only the path.
        let rows = [
            (
                "io.k8s.core.v1.pods.create",
                "core/v1/namespaces/dev/pods/web",
                "create|dev||pods||",
            ),
            (
                "io.k8s.core.v1.pods.exec.create",
                "core/v1/namespaces/dev/pods/web/exec",
                "create|dev||pods|exec|web",
            ),
            (
                "io.k8s.apps.v1.deployments.patch",
                "apps/v1/namespaces/dev/deployments/web",
                "patch|dev|apps|deployments||web",
            ),
            ("io.k8s.core.v1.pods.list", "core/v1/pods", "list|||pods||"),
            (
                "io.k8s.core.v1.namespaces.delete",
                "core/v1/namespaces/dev",
                "delete|dev||namespaces||dev",
            ),
            (
                "io.k8s.core.v1.namespaces.create",
                "core/v1/namespaces/dev",
                "create|||namespaces||",
            ),
            (
                "io.k8s.core.v1.namespaces.status.update",
                "core/v1/namespaces/dev/status",
                "update|dev||namespaces|status|dev",
            ),
            ("io.k8s.get", "readyz", "/readyz"),
            ("io.k8s.get", "/healthz/etcd", "/healthz/etcd"),
        ];
        for (method, resource, expected) in rows {
            let converted = convert(&entry(method, resource)).unwrap();
            assert!(json::value(&converted.text).is_ok(), "{}", converted.text);
            let event = Event {
                path: converted.path.as_deref(),
                missing: converted.missing,
                ..Event::new(&converted.text)
            };
            let Attributes { request, unknown } = Attributes::from_event(&event);
            assert_eq!(request.user_name(), Some("alice@example.com"));
            assert!(unknown.groups && !unknown.user && !unknown.url);
            let seen = if request.is_resource_request {
                format!(
                    "{}|{}|{}|{}|{}|{}",
                    request.verb,
                    request.namespace,
                    request.api_group,
                    request.resource,
                    request.subresource,
                    request.name
                )
            } else {
                request.path
            };
            assert_eq!(seen, expected, "{method} {resource}");
            assert_eq!(event.request_object, Some("{\"kind\":\"Pod\"}"));
        }
    }

    #[test]
    fn missing_fields_stay_missing() {
        let bare = r#"{"protoPayload":{"methodName":"io.k8s.readyz"}}"#;
        let converted = convert(bare).unwrap();
        assert_eq!(
            converted.text,
            r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1"}"#
        );
        assert_eq!(converted.path, None);
        for other in [
            r#"{"protoPayload":{"methodName":"compute.instances.list"}}"#,
            r#"{"protoPayload":{"methodName":"io.k8s.get","serviceName":"x"}}"#,
            r#"{"textPayload":"x"}"#,
        ] {
            assert_eq!(convert(other), None, "{other}");
        }
    }
}
