//! What requests carry and what is answered: templates of objects as the server prints them, filled in by a [`Scene`].
//!
//! In a template `<word>` stands for a value of the scene, and what stands between `<[` and `]>` is left out of an object that has
//! never been stored. The server prints `<` in JSON as an escape, so the marks cannot be mistaken.

use crate::context::RequestContext;

/// Objects that a list holds at most: what kubectl and informers ask for at a time (`limit=500`).
pub(crate) const MAX_LISTED: u64 = 500;

/// A body of a request or an answer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum BodyTemplate {
    /// None is recorded.
    None,
    /// An object that is not stored yet.
    New(&'static str),
    /// An object as it is stored, or a text that is sent as it is.
    Stored(&'static str),
    /// A list of objects: template, kind of the list and how many.
    List(&'static str, &'static str, ListLength),
    /// A table of pods, which `kubectl get` asks for.
    Table(ListLength),
    /// What the server can do: `/api` or `/apis`.
    Discovery,
    /// A failure: reason, message with marks.
    Failure(&'static str, &'static str),
}

/// How many objects a list holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum ListLength {
    /// All pods.
    Pods,
    /// A namespace's pods.
    PodsOfNamespace,
    /// So many.
    Fixed(u64),
}

/// The templates.
pub(crate) mod template {
    macro_rules! templates {
        ($($name:ident $file:literal;)*) => {
            $(pub(crate) const $name: &str = include_str!(concat!("body/", $file, ".json"));)*
            #[cfg(test)]
            pub(crate) const ALL: &[(&str, &str)] = &[$(($file, $name)),*];
        };
    }
    templates! {
        ACCESS_REVIEW "accessreview";
        APPLIED "applied";
        BINDING "binding";
        CONFIG_MAP "configmap";
        CRON_JOB "cronjob";
        CUSTOM "custom";
        DEPLOYMENT "deployment";
        ENDPOINTS "endpoints";
        ENDPOINT_SLICE "endpointslice";
        EVENT "event";
        EVENT_PATCH "event-patch";
        HPA "hpa";
        JOB "job";
        LEASE "lease";
        NODE "node";
        NODE_PATCH "node-patch";
        POD "pod";
        POD_PATCH "pod-patch";
        POD_ROW "podrow";
        RELEASE "release";
        REPLICA_SET "replicaset";
        SCALE "scale";
        SCHEDULED "scheduled";
        SECRET "secret";
        SUCCESS "success";
        TOKEN "token";
        TOKEN_REVIEW "tokenreview";
    }
}

impl ListLength {
    fn count(self, scene: &RequestContext<'_>) -> u64 {
        let profile = scene.profile;
        let count = match self {
            Self::Pods => profile.pods,
            Self::PodsOfNamespace => {
                // Those of the namespaces that Kubernetes makes are few.
                let namespaces = profile.namespaces.saturating_sub(4).max(1);
                profile.pods.div_ceil(namespaces)
            }
            Self::Fixed(count) => return count.min(MAX_LISTED),
        };
        u64::from(count).min(MAX_LISTED)
    }
}

impl BodyTemplate {
    /// Writes the body; false where there is none.
    pub(crate) fn write(self, scene: &RequestContext<'_>, out: &mut String) -> bool {
        match self {
            Self::None => return false,
            Self::New(template) => render(template, scene, false, out),
            Self::Stored(template) => render(template, scene, true, out),
            Self::List(template, kind, many) => list(template, kind, many, scene, out),
            Self::Table(many) => table(many, scene, out),
            Self::Discovery => discovery(scene, out),
            Self::Failure(reason, message) => {
                out.push_str(r#"{"kind":"Status","apiVersion":"v1","metadata":{},"#);
                write_failure(scene, reason, message, out);
                out.push('}');
            }
        }
        true
    }
}

/// Writes the members of a failure that stand in the answer and in the event's own status alike.
fn write_failure(scene: &RequestContext<'_>, reason: &str, message: &str, out: &mut String) {
    out.push_str(r#""status":"Failure","message":""#);
    render(message, scene, true, out);
    out.push_str(r#"","reason":""#);
    out.push_str(reason);
    out.push_str(r#"","details":{"#);
    render(
        r#""name":"<name>","kind":"<resource>"},"code":<code>"#,
        scene,
        true,
        out,
    );
}

/// Writes the members of `responseStatus`. Message and details are there since 1.24.
pub(crate) fn write_response_status(
    body: BodyTemplate,
    scene: &RequestContext<'_>,
    out: &mut String,
) {
    out.push_str(r#"{"metadata":{},"#);
    match body {
        BodyTemplate::Failure(reason, message) if scene.profile.version.at_least(24) => {
            write_failure(scene, reason, message, out);
        }
        BodyTemplate::Failure(reason, _) => {
            out.push_str(r#""status":"Failure","reason":""#);
            out.push_str(reason);
            out.push_str(r#"","code":"#);
            scene.write_value("code", true, out);
        }
        BodyTemplate::Stored(template::SUCCESS) => {
            out.push_str(r#""status":"Success","code":"#);
            scene.write_value("code", true, out);
        }
        _ => {
            out.push_str(r#""code":"#);
            scene.write_value("code", true, out);
        }
    }
    out.push('}');
}

/// Writes a template, its marks replaced.
pub(crate) fn render(template: &str, scene: &RequestContext<'_>, stored: bool, out: &mut String) {
    let mut rest = template.trim_end();
    while let Some(at) = rest.find(['<', '>']) {
        let (before, mark) = rest.split_at(at);
        if let Some(after) = mark.strip_prefix('>') {
            // The end of what may be left out: the bracket is part of the mark.
            out.push_str(before.strip_suffix(']').unwrap_or(before));
            rest = after;
            continue;
        }
        out.push_str(before);
        let mark = mark.strip_prefix('<').unwrap_or_default();
        rest = match mark.strip_prefix('[') {
            Some(kept) if stored => kept,
            Some(left_out) => left_out.split_once("]>").map_or("", |(_, after)| after),
            None => {
                let (word, after) = mark.split_once('>').unwrap_or((mark, ""));
                scene.write_value(word, stored, out);
                after
            }
        };
    }
    out.push_str(rest);
}

fn list(
    template: &str,
    kind: &str,
    many: ListLength,
    scene: &RequestContext<'_>,
    out: &mut String,
) {
    // Items of a list do not say their kind; custom resources do.
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
    render(version, scene, true, out);
    out.push_str(r#"","metadata":{"resourceVersion":""#);
    scene.write_value("version", true, out);
    out.push_str(r#""},"items":["#);
    for number in 0..many.count(scene) {
        if number > 0 {
            out.push(',');
        }
        let scene = scene.list_item(number);
        match item {
            Some(item) => {
                out.push('{');
                render(item, &scene, true, out);
            }
            None => render(template, &scene, true, out),
        }
    }
    out.push_str("]}");
}

fn table(many: ListLength, scene: &RequestContext<'_>, out: &mut String) {
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
    scene.write_value("version", true, out);
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
    for number in 0..many.count(scene) {
        if number > 0 {
            out.push(',');
        }
        render(template::POD_ROW, &scene.list_item(number), true, out);
    }
    out.push_str("]}");
}

/// Kinds that Kubernetes itself serves outside the core group, about.
const BUILT_IN_KINDS: u64 = 60;
/// Those of the core group.
const CORE_KINDS: u64 = 17;

fn discovery(scene: &RequestContext<'_>, out: &mut String) {
    const KIND: &str = r#"{"resource":"<kind>s","responseKind":{"group":"<kind>.example.com","version":"v1","kind":"<kind>"},"scope":"Namespaced","singularResource":"<kind>","verbs":["create","delete","deletecollection","get","list","patch","update","watch"],"subresources":[{"subresource":"status","responseKind":{"group":"<kind>.example.com","version":"v1","kind":"<kind>"},"verbs":["get","patch","update"]}]}"#;
    let kinds = if scene.is_core_discovery() {
        CORE_KINDS
    } else {
        BUILT_IN_KINDS + u64::from(scene.profile.custom_resources)
    };
    out.push_str(r#"{"kind":"APIGroupDiscoveryList","apiVersion":"apidiscovery.k8s.io/v2","metadata":{},"items":[{"metadata":{"name":"example.com"},"versions":[{"version":"v1","resources":["#);
    for number in 0..kinds.min(MAX_LISTED) {
        if number > 0 {
            out.push(',');
        }
        render(KIND, &scene.list_item(number), true, out);
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
    fn every_word_stands_for_something() {
        // An old version sends what new ones leave out.
        let profile = Profile {
            version: KubernetesVersion::OLDEST,
            ..Profile::default()
        };
        let rates = rates(&profile).unwrap();
        let operator = rates
            .iter()
            .find(|rate| rate.request.client == Client::Operator(0) && rate.is_long_running())
            .unwrap();
        let scene = RequestContext::new(&profile, &operator.request, 7, 7);
        let targets = rates.iter().flat_map(|rate| rate.request.targets);
        let names = rates.iter().map(|rate| &rate.request.name);
        let templates = template::ALL.iter().map(|(_, template)| template);
        for text in targets.chain(names).chain(templates) {
            for word in words(text) {
                let mut out = String::new();
                if word != "name" {
                    scene.write_value(word, true, &mut out);
                    scene.write_value(word, false, &mut out);
                    assert!(!out.is_empty(), "{word} in {text}");
                }
            }
        }
    }

    #[test]
    fn templates_are_json_stored_or_not() {
        let profile = Profile::default();
        let rates = rates(&profile).unwrap();
        let scene = RequestContext::new(&profile, &rates[0].request, 7, 7);
        for (name, template) in template::ALL {
            for stored in [true, false] {
                let mut text = String::new();
                render(template, &scene, stored, &mut text);
                let parsed = serde_json::from_str::<serde_json::Value>(&text);
                assert!(parsed.is_ok(), "{name} {stored}: {parsed:?} {text}");
            }
        }
    }

    #[test]
    fn what_was_never_stored_leaves_out_what_the_server_adds() {
        let profile = Profile::default();
        let rates = rates(&profile).unwrap();
        let scene = RequestContext::new(&profile, &rates[0].request, 7, 7);
        let filled = |template, stored| {
            let mut text = String::new();
            render(template, &scene, stored, &mut text);
            text
        };
        let template = r#"{"a":<[[1]]>,"b":[<n>]<[,"c":2]>}"#;
        assert_eq!(filled(template, true), r#"{"a":[1],"b":[0],"c":2}"#);
        assert_eq!(filled(template, false), r#"{"a":,"b":[0]}"#);
    }
}
