//! Rendering of request and response bodies, as the server prints them.

use crate::context::RequestContext;
use crate::template::{BodyTemplate, ListLength, MAX_LISTED, stored};

impl ListLength {
    fn count(self, context: &RequestContext<'_>) -> u64 {
        let profile = context.profile;
        let count = match self {
            Self::Pods => profile.pods,
            Self::PodsOfNamespace => {
                // The namespaces that Kubernetes creates have few pods.
                let namespaces = profile.namespaces.saturating_sub(4).max(1);
                profile.pods.div_ceil(namespaces)
            }
            Self::Fixed(count) => return count.min(MAX_LISTED),
        };
        u64::from(count).min(MAX_LISTED)
    }
}

impl BodyTemplate {
    /// Writes the body and returns whether there is one.
    pub(crate) fn write(self, context: &RequestContext<'_>, out: &mut String) -> bool {
        match self {
            Self::None => return false,
            Self::New(template) => context.render(template, false, out),
            Self::Stored(template) => context.render(template, true, out),
            Self::List(template, kind, many) => list(template, kind, many, context, out),
            Self::Table(many) => table(many, context, out),
            Self::Discovery => discovery(context, out),
            Self::Failure(reason, message) => {
                out.push_str(r#"{"kind":"Status","apiVersion":"v1","metadata":{},"#);
                write_failure(context, reason, message, out);
                out.push('}');
            }
        }
        true
    }
}

/// Writes the members of a failure that the response and the event's status have in common.
fn write_failure(context: &RequestContext<'_>, reason: &str, message: &str, out: &mut String) {
    out.push_str(r#""status":"Failure","message":""#);
    context.render(message, true, out);
    out.push_str(r#"","reason":""#);
    out.push_str(reason);
    out.push_str(r#"","details":{"#);
    context.render(
        r#""name":"<name>","kind":"<resource>"},"code":<code>"#,
        true,
        out,
    );
}

/// Writes `responseStatus`. Message and details are included since 1.24.
pub(crate) fn write_response_status(
    body: BodyTemplate,
    context: &RequestContext<'_>,
    out: &mut String,
) {
    out.push_str(r#"{"metadata":{},"#);
    match body {
        BodyTemplate::Failure(reason, message) if context.profile.version.at_least(24) => {
            write_failure(context, reason, message, out);
        }
        BodyTemplate::Failure(reason, _) => {
            out.push_str(r#""status":"Failure","reason":""#);
            out.push_str(reason);
            out.push_str(r#"","code":"#);
            context.write_value("code", true, out);
        }
        BodyTemplate::Stored(stored::SUCCESS) => {
            out.push_str(r#""status":"Success","code":"#);
            context.write_value("code", true, out);
        }
        _ => {
            out.push_str(r#""code":"#);
            context.write_value("code", true, out);
        }
    }
    out.push('}');
}

fn list(
    template: &str,
    kind: &str,
    many: ListLength,
    context: &RequestContext<'_>,
    out: &mut String,
) {
    // Items of a list have no kind, except for custom resources.
    let item = template
        .find(r#""metadata":"#)
        .filter(|_| template.starts_with(r#"{"kind""#))
        .and_then(|start| template.get(start..));
    let version = template
        .split_once(r#""apiVersion":""#)
        .and_then(|(_, rest)| rest.split_once('"'))
        .map_or("v1", |(version, _)| version);
    out.push_str(r#"{"kind":""#);
    out.push_str(kind);
    out.push_str(r#"","apiVersion":""#);
    context.render(version, true, out);
    out.push_str(r#"","metadata":{"resourceVersion":""#);
    context.write_value("version", true, out);
    out.push_str(r#""},"items":["#);
    for number in 0..many.count(context) {
        if number > 0 {
            out.push(',');
        }
        let context = context.list_item(number);
        match item {
            Some(item) => {
                out.push('{');
                context.render(item, true, out);
            }
            None => context.render(template, true, out),
        }
    }
    out.push_str("]}");
}

fn table(many: ListLength, context: &RequestContext<'_>, out: &mut String) {
    const COLUMNS: [(&str, &str); 9] = [
        ("Name", "string"),
        ("Ready", "string"),
        ("Status", "string"),
        ("Restarts", "string"),
        ("Age", "string"),
        ("IP", "string"),
        ("Node", "string"),
        ("Nominated Node", "string"),
        ("Readiness Gates", "string"),
    ];
    out.push_str(
        r#"{"kind":"Table","apiVersion":"meta.k8s.io/v1","metadata":{"resourceVersion":""#,
    );
    context.write_value("version", true, out);
    out.push_str(r#""},"columnDefinitions":["#);
    for (number, (name, kind)) in COLUMNS.iter().enumerate() {
        if number > 0 {
            out.push(',');
        }
        for text in [
            r#"{"name":""#,
            name,
            r#"","type":""#,
            kind,
            r#"","format":"","description":"what the column "#,
            name,
            r#" says of a pod, in the words of its own documentation","priority":0}"#,
        ] {
            out.push_str(text);
        }
    }
    out.push_str(r#"],"rows":["#);
    for number in 0..many.count(context) {
        if number > 0 {
            out.push(',');
        }
        context.list_item(number).render(stored::POD_ROW, true, out);
    }
    out.push_str("]}");
}

/// Approximate number of built-in kinds outside the core group.
const BUILT_IN_KINDS: u64 = 60;
/// Number of kinds in the core group.
const CORE_KINDS: u64 = 17;

fn discovery(context: &RequestContext<'_>, out: &mut String) {
    const KIND: &str = r#"{"resource":"<kind>s","responseKind":{"group":"<kind>.example.com","version":"v1","kind":"<kind>"},"scope":"Namespaced","singularResource":"<kind>","verbs":["create","delete","deletecollection","get","list","patch","update","watch"],"subresources":[{"subresource":"status","responseKind":{"group":"<kind>.example.com","version":"v1","kind":"<kind>"},"verbs":["get","patch","update"]}]}"#;
    let kinds = if context.is_core_discovery() {
        CORE_KINDS
    } else {
        BUILT_IN_KINDS + u64::from(context.profile.custom_resources)
    };
    out.push_str(r#"{"kind":"APIGroupDiscoveryList","apiVersion":"apidiscovery.k8s.io/v2","metadata":{},"items":[{"metadata":{"name":"example.com"},"versions":[{"version":"v1","resources":["#);
    for number in 0..kinds.min(MAX_LISTED) {
        if number > 0 {
            out.push(',');
        }
        context.list_item(number).render(KIND, true, out);
    }
    out.push_str(r#"],"freshness":"Current"}]}]}"#);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::Client;
    use crate::profile::Profile;
    use crate::rates::rates;
    use audit_policy::KubernetesVersion;

    fn words(text: &str) -> Vec<&str> {
        let after = text.split('<').skip(1);
        let words = after.filter_map(|after| after.split('>').next());
        words.filter(|word| !word.starts_with('[')).collect()
    }

    #[test]
    fn every_placeholder_has_a_value() {
        // An old version sends fields that new ones omit.
        let profile = Profile {
            version: KubernetesVersion::OLDEST,
            ..Profile::default()
        };
        let rates = rates(&profile).unwrap();
        let operator = rates
            .iter()
            .find(|rate| rate.request.client == Client::Operator(0) && rate.is_long_running())
            .unwrap();
        let context = RequestContext::new(&profile, &operator.request, 7, 7);
        let targets = rates.iter().flat_map(|rate| rate.request.targets);
        let names = rates.iter().map(|rate| &rate.request.name);
        let templates = stored::ALL.iter().map(|(_, template)| template);
        for text in targets.chain(names).chain(templates) {
            for word in words(text) {
                let mut out = String::new();
                if word != "name" {
                    context.write_value(word, true, &mut out);
                    context.write_value(word, false, &mut out);
                    assert!(!out.is_empty(), "{word} in {text}");
                }
            }
        }
    }

    #[test]
    fn templates_render_as_json_stored_or_not() {
        let profile = Profile::default();
        let rates = rates(&profile).unwrap();
        let context = RequestContext::new(&profile, &rates[0].request, 7, 7);
        for (name, template) in stored::ALL {
            for stored in [true, false] {
                let mut text = String::new();
                context.render(template, stored, &mut text);
                let parsed = serde_json::from_str::<serde_json::Value>(&text);
                assert!(parsed.is_ok(), "{name} {stored}: {parsed:?} {text}");
            }
        }
    }

    #[test]
    fn objects_never_stored_omit_fields_that_the_server_adds() {
        let profile = Profile::default();
        let rates = rates(&profile).unwrap();
        let context = RequestContext::new(&profile, &rates[0].request, 7, 7);
        let filled = |template, stored| {
            let mut text = String::new();
            context.render(template, stored, &mut text);
            text
        };
        let template = r#"{"a":<[[1]]>,"b":[<n>]<[,"c":2]>}"#;
        assert_eq!(filled(template, true), r#"{"a":[1],"b":[0],"c":2}"#);
        assert_eq!(filled(template, false), r#"{"a":,"b":[0]}"#);
    }
}
