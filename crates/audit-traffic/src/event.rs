//! Events as kube-apiserver prints them: compact JSON with fields in its order.

use crate::body::write_response_status;
use crate::context::{RequestContext, write_uid};
use crate::random::mix;
use crate::template::{BodyTemplate, stored};
use crate::time::write_micros;
use crate::url::{ObjectRef, object_ref};

/// Stages that the model records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stage {
    Received,
    Started,
    Complete,
}

/// Identity of the object in a request body, which completes `objectRef`.
#[derive(Debug, Default)]
struct BodyIdentity {
    name: String,
    uid: String,
    version: String,
}

/// Prints an event; `rate` is the index of the request's rate, from which audit IDs are derived.
pub(crate) fn event(
    context: &RequestContext<'_>,
    rate: usize,
    stage: Stage,
    stage_at: i64,
) -> String {
    let template = context.request;
    let url = context.url();
    let target = object_ref(&url);
    let context = RequestContext {
        object: target.unwrap_or_default(),
        ..*context
    };
    let mut line = String::with_capacity(1_024);
    line.push_str(
        r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"RequestResponse","auditID":""#,
    );
    let number = mix(91, rate as u64) ^ u64::from_ne_bytes(context.sequence.to_ne_bytes());
    write_uid(mix(92, number), &mut line);
    line.push_str(match stage {
        Stage::Received => r#"","stage":"RequestReceived","requestURI":""#,
        Stage::Started => r#"","stage":"ResponseStarted","requestURI":""#,
        Stage::Complete => r#"","stage":"ResponseComplete","requestURI":""#,
    });
    line.push_str(&url.replace('&', "\\u0026"));
    line.push_str(r#"","verb":""#);
    line.push_str(template.verb);
    line.push_str(r#"","user":"#);
    template.client.write_user(&context, &mut line);
    line.push_str(r#","sourceIPs":[""#);
    template.client.write_source_ip(&context, &mut line);
    line.push_str(r#""],"userAgent":""#);
    template.client.write_user_agent(&context, &mut line);
    line.push('"');

    let (mut request, mut identity) = (String::new(), BodyIdentity::default());
    if stage != Stage::Received && template.request_body.write(&context, &mut request) {
        identity = BodyIdentity::of(&context, &request);
    }
    if let Some(target) = &target {
        write_object_ref(target, &identity, &mut line);
    }
    if stage != Stage::Received {
        write_response(&context, &request, &mut line);
    }
    line.push_str(r#","requestReceivedTimestamp":""#);
    write_micros(context.at, &mut line);
    line.push_str(r#"","stageTimestamp":""#);
    write_micros(stage_at, &mut line);
    line.push('"');
    if stage != Stage::Received {
        write_annotations(&context, &mut line);
    }
    line.push('}');
    line
}

/// Writes the status and the bodies of a request that was handled.
fn write_response(context: &RequestContext<'_>, request_body: &str, line: &mut String) {
    let body = context.request.response_body;
    line.push_str(r#","responseStatus":"#);
    write_response_status(body, context, line);
    write_body(r#","requestObject":"#, request_body, line);
    let mut response = String::new();
    body.write(context, &mut response);
    write_body(r#","responseObject":"#, &response, line);
}

fn write_body(field: &str, body: &str, line: &mut String) {
    if !body.is_empty() {
        line.push_str(field);
        line.push_str(body);
    }
}

fn write_annotations(context: &RequestContext<'_>, line: &mut String) {
    if matches!(
        context.request.response_body,
        BodyTemplate::Failure("Forbidden", _)
    ) {
        line.push_str(
            r#","annotations":{"authorization.k8s.io/decision":"forbid","authorization.k8s.io/reason":""}"#,
        );
        return;
    }
    line.push_str(
        r#","annotations":{"authorization.k8s.io/decision":"allow","authorization.k8s.io/reason":""#,
    );
    context
        .request
        .client
        .write_authorization_reason(context, line);
    line.push_str(r#""}"#);
}

impl BodyIdentity {
    /// Extracts the identity from the body of a create or an update; bodies of patches and deletes add nothing.
    fn of(context: &RequestContext<'_>, body: &str) -> Self {
        let template = context.request;
        let mut identity = Self::default();
        let is_binding = matches!(template.request_body, BodyTemplate::New(stored::BINDING));
        match template.verb {
            "create" if context.object.name.is_empty() => {
                context.write_value("name", true, &mut identity.name)
            }
            "create" if is_binding => identity.uid = value(body, r#""uid":""#),
            "update" => {
                identity.uid = value(body, r#""uid":""#);
                identity.version = value(body, r#""resourceVersion":""#);
            }
            _ => {}
        }
        identity
    }
}

/// Returns the first value of a key, which is that of the object's own metadata.
fn value(body: &str, key: &str) -> String {
    body.split_once(key)
        .and_then(|(_, rest)| rest.split_once('"'))
        .map_or(String::new(), |(value, _)| value.to_owned())
}

fn write_object_ref(target: &ObjectRef<'_>, identity: &BodyIdentity, line: &mut String) {
    let name = if target.name.is_empty() {
        identity.name.as_str()
    } else {
        target.name
    };
    let members = [
        (r#""resource":""#, target.resource),
        (r#""namespace":""#, target.namespace),
        (r#""name":""#, name),
        (r#""uid":""#, &identity.uid),
        (r#""apiGroup":""#, target.group),
        (r#""apiVersion":""#, target.version),
        (r#""resourceVersion":""#, &identity.version),
        (r#""subresource":""#, target.subresource),
    ];
    let mut separator = r#","objectRef":{"#;
    for (key, value) in members {
        if !value.is_empty() {
            line.push_str(separator);
            line.push_str(key);
            line.push_str(value);
            line.push('"');
            separator = ",";
        }
    }
    line.push('}');
}
