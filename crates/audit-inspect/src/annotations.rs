//! Annotations of events in sentences.
//!
//! Keys and values are those of Kubernetes 1.20 to 1.36; `docs/reference/labels-annotations-taints/audit-annotations` describes most of them.

use audit_log::{Event, json};
use audit_types::excerpt::quote;
use serde::{Deserialize, Serialize};

/// Maximum number of annotations that are explained for an event.
const MAX_ANNOTATIONS: usize = 200;

/// An annotation and its meaning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AnnotationSentence {
    /// The key.
    pub key: String,
    /// The value as recorded.
    pub value: String,
    /// Its meaning, in a sentence with values in backticks. `None` for a key that kube-apiserver does not write.
    pub sentence: Option<String>,
}

/// Returns the annotations of an event with their meaning, in the order of the record, at most 200.
///
/// ```
/// use audit_log::Event;
///
/// let event = Event::new(r#"{"annotations":{"authorization.k8s.io/decision":"forbid"}}"#);
/// let annotations = audit_inspect::annotation_sentences(&event);
/// assert_eq!(annotations[0].sentence.as_deref(), Some("Authorization denied the request."));
/// ```
pub fn annotation_sentences(event: &Event<'_>) -> Vec<AnnotationSentence> {
    let members = event.annotations.map(json::members);
    let texts = members.into_iter().flatten().filter_map(|(key, value)| {
        let value = json::string_with_placeholders(value)?;
        Some((key, value))
    });
    texts
        .take(MAX_ANNOTATIONS)
        .map(|(key, value)| AnnotationSentence {
            sentence: sentence(&key, &value),
            key: key.into_owned(),
            value: value.into_owned(),
        })
        .collect()
}

/// Returns the value of an annotation.
pub(crate) fn annotation(event: &Event<'_>, key: &str) -> Option<String> {
    let value = json::member(event.annotations?, key)?;
    json::string(value).map(std::borrow::Cow::into_owned)
}

fn sentence(key: &str, value: &str) -> Option<String> {
    let (prefix, name) = key.split_once('/')?;
    match prefix {
        "authorization.k8s.io" => authorization(name, value),
        "authentication.k8s.io" => authentication(name, value),
        "authentication.kubernetes.io" => credential(name, value),
        "pod-security.kubernetes.io" => pod_security(name, value),
        "apiserver.latency.k8s.io" => latency(name, value),
        "k8s.io" => deprecation(name, value),
        "audit.k8s.io" if name == "truncated" => Some(
            "The event was larger than `--audit-log-truncate-max-event-size` or the webhook's limit, so its bodies were dropped.".to_owned(),
        ),
        "mutation.webhook.admission.k8s.io" => Some(mutation(name, value)),
        "patch.webhook.admission.k8s.io" => Some(patch(name, value)),
        "failed-open.mutation.webhook.admission.k8s.io" => Some(failed_open("mutating", value)),
        "failed-open.validating.webhook.admission.k8s.io" => Some(failed_open("validating", value)),
        "validation.policy.admission.k8s.io" if name == "validation_failure" => Some(policy_failure(value)),
        "missing-san.invalid-cert.kubernetes.io" => Some(format!(
            "The server that kube-apiserver called at {} has a certificate without a subject alternative name: Go programs of 1.15 and later reject it.",
            quote(name)
        )),
        "insecure-sha1.invalid-cert.kubernetes.io" => Some(format!(
            "The server that kube-apiserver called at {} has a certificate that is signed with SHA-1, which is insecure.",
            quote(name)
        )),
        "podsecuritypolicy.policy.k8s.io" => Some(format!(
            "The pod security policy {} decided about the pod ({}); Kubernetes 1.25 removed such policies.",
            quote(value),
            quote(name)
        )),
        _ if prefix.ends_with("image-policy.k8s.io") && name == "failed-open" => Some(
            "The image policy webhook could not be reached, and the request was allowed without it.".to_owned(),
        ),
        _ => None,
    }
}

fn authorization(name: &str, value: &str) -> Option<String> {
    match (name, value) {
        ("decision", "allow") => Some("Authorization allowed the request.".to_owned()),
        ("decision", "forbid") => Some("Authorization denied the request.".to_owned()),
        ("decision", other) => Some(format!("Decision of the authorization: {}.", quote(other))),
        ("reason", "") => Some("The authorizer gave no reason.".to_owned()),
        ("reason", text) => Some(reason(text)),
        _ => None,
    }
}

/// Explains the reason of an authorizer. That of RBAC is `RBAC: allowed by ClusterRoleBinding "a" of ClusterRole "b" to Group "c"`.
fn reason(text: &str) -> String {
    let rbac = text.strip_prefix("RBAC: allowed by ").and_then(|rest| {
        let (binding, rest) = rest.split_once(" of ")?;
        let (role, subject) = rest.split_once(" to ")?;
        Some((binding, role, subject))
    });
    match rbac {
        Some((binding, role, subject)) => format!(
            "RBAC allowed it: {} gives {} to {}.",
            quote(binding),
            quote(role),
            quote(subject)
        ),
        None => format!("Reason of the authorizer: {}.", quote(text)),
    }
}

fn authentication(name: &str, value: &str) -> Option<String> {
    let value = quote(value);
    match name {
        "stale-token" => Some(format!(
            "The token is older than its intended lifetime, and is only accepted because `--service-account-extend-token-expiration` extends it: {value}."
        )),
        "legacy-token" => Some(format!(
            "The token is one from a Secret, without an expiry, of {value}."
        )),
        "legacy-token-autogenerated-secret" => Some(format!(
            "The token comes from the Secret {value}, which Kubernetes created by itself before 1.24."
        )),
        "legacy-token-manual-secret" => Some(format!(
            "The token comes from the Secret {value}, which somebody created."
        )),
        "legacy-token-invalidated" => Some(format!(
            "The token was rejected: its Secret {value} had not been used for long and was marked as invalid."
        )),
        _ => None,
    }
}

fn credential(name: &str, value: &str) -> Option<String> {
    (name == "issued-credential-id").then(|| {
        format!(
            "The request issued a token with the id {}: requests with that token have the id in `authentication.kubernetes.io/credential-id` of their user.",
            quote(value)
        )
    })
}

fn pod_security(name: &str, value: &str) -> Option<String> {
    let quoted = quote(value);
    match name {
        "enforce-policy" => Some(format!(
            "Pod Security admission enforced the level and version {quoted}."
        )),
        "audit-violations" => Some(format!(
            "The pod violates the level of the label `pod-security.kubernetes.io/audit`, which only reports: {quoted}."
        )),
        "exempt" => Some(format!(
            "Pod Security admission made an exemption because of the {quoted}."
        )),
        "error" => Some(format!("Pod Security admission failed: {quoted}.")),
        _ => None,
    }
}

/// Explains the times that kube-apiserver records for requests that take more than 500 ms, since 1.24.
fn latency(name: &str, value: &str) -> Option<String> {
    let what = match name {
        "total" => "The whole request took",
        "etcd" => "Calls of the storage, etcd, took",
        "mutating-webhook" => "Mutating webhooks took",
        "validating-webhook" => "Validating webhooks took",
        "transform-response-object" => "Transforming the response took",
        "serialize-response-object" => "Serializing the response took",
        "decode-response-object" => "Decoding stored objects took",
        "response-write" => "Writing the response to the client took",
        "apf-queue-wait" => "Waiting in a queue of API Priority and Fairness took",
        "authentication" => "Authentication took",
        "authorization" => "Authorization took",
        "impersonation" => "Impersonation took",
        "audit" => "Auditing took",
        _ => return None,
    };
    Some(format!("{what} {}.", quote(value)))
}

fn deprecation(name: &str, value: &str) -> Option<String> {
    match (name, value) {
        ("deprecated", "true") => {
            Some("The request used a deprecated version of the API.".to_owned())
        }
        ("removed-release", release) => Some(format!(
            "Kubernetes {} no longer has this version of the API.",
            quote(release)
        )),
        _ => None,
    }
}

/// Returns a text of an object in a value.
fn field(value: &str, name: &str) -> Option<String> {
    let text = value.trim();
    json::value(text).ok()?;
    json::string(json::member(text, name)?).map(std::borrow::Cow::into_owned)
}

/// Returns the webhook of a value, with its configuration.
fn webhook(value: &str) -> String {
    match (field(value, "webhook"), field(value, "configuration")) {
        (Some(webhook), Some(configuration)) => {
            format!("{} of {}", quote(&webhook), quote(&configuration))
        }
        (Some(webhook), None) => quote(&webhook),
        _ => quote(value),
    }
}

/// Returns the numbers of `round_0_index_2`, from 1.
fn round(name: &str) -> Option<(u64, u64)> {
    let (round, index) = name.strip_prefix("round_")?.split_once("_index_")?;
    Some((
        round.parse::<u64>().ok()?.checked_add(1)?,
        index.parse::<u64>().ok()?.checked_add(1)?,
    ))
}

fn mutation(name: &str, value: &str) -> String {
    let is_mutated = json::value(value.trim())
        .ok()
        .and_then(|object| json::member(object, "mutated"));
    let did = match is_mutated {
        Some("true") => "changed the object",
        Some("false") => "was called, and did not change the object",
        _ => "was called",
    };
    let place = round(name).map_or_else(String::new, |(round, index)| {
        format!(" (webhook {index} of round {round})")
    });
    format!("The mutating webhook {} {did}{place}.", webhook(value))
}

fn patch(_: &str, value: &str) -> String {
    let operations = json::value(value.trim())
        .ok()
        .and_then(|object| json::member(object, "patch"))
        .filter(|patch| patch.starts_with('['))
        .map(|patch| json::elements(patch).count());
    let size = match operations {
        Some(1) => ", of one operation,".to_owned(),
        Some(count) => format!(", of {count} operations,"),
        None => String::new(),
    };
    format!(
        "The patch{size} that the mutating webhook {} applied is recorded.",
        webhook(value)
    )
}

fn failed_open(kind: &str, value: &str) -> String {
    format!(
        "The {kind} webhook {} failed, and the request was allowed without it, because its `failurePolicy` is `Ignore`.",
        quote(value)
    )
}

/// Explains failures of validating admission policies: a list of objects with `message`, `policy`, `binding` and `validationActions`.
fn policy_failure(value: &str) -> String {
    let list = value.trim();
    let first = json::value(list)
        .ok()
        .filter(|list| list.starts_with('['))
        .and_then(|list| json::elements(list).next());
    let Some(first) = first else {
        return format!(
            "A validating admission policy found a violation: {}.",
            quote(value)
        );
    };
    let count = json::elements(list).count();
    let text = |name| quote(&field(first, name).unwrap_or_default());
    let more = match count {
        1 => String::new(),
        count => format!(" {} further violations are recorded.", count - 1),
    };
    format!(
        "The validating admission policy {}, bound by {}, found a violation: {}.{more}",
        text("policy"),
        text("binding"),
        text("message")
    )
}
