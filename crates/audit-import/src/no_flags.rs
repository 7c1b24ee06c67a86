//! Reports a text without audit flags: what it is, and what it contains instead.

use audit_types::Severity;
use audit_types::excerpt::excerpt;

use crate::codes::ImportCode;
use crate::input_format::InputFormat;
use crate::parsed_input::ParsedInput;
use crate::program::is_server_name;
use crate::recognize::{EmbeddedPolicy, Recognized, RecognizedDocument, TemplateLanguage};

/// Names the format of a text without flags, and reports it. Nothing is done for a text with flags.
pub(crate) fn report(text: &str, documents: &Recognized, found: &mut ParsedInput) {
    // It is one only if nothing in it sets audit flags.
    let file = documents
        .main()
        .filter(|_| documents.policies().next().is_none());
    if let Some(document) = file
        && let Some((message, help)) = document.other_file()
        && found.format.rank() <= InputFormat::Flags.rank()
    {
        let mut other = ParsedInput::new(document.format);
        inform(message, help, &mut other);
        *found = other;
        return;
    }
    let is_of_server = |word: &str| word.starts_with('-') || is_server_name(word);
    let has_flags = found.words.iter().any(|word| is_of_server(&word.text))
        || !found.defaults.is_empty()
        || !found.mounts.is_empty();
    if has_flags || text.trim().is_empty() {
        return;
    }
    if found.format.rank() <= InputFormat::Flags.rank() {
        return of_unknown(text, documents, found);
    }
    if !found.findings.is_empty() || found.policy.is_some() {
        return;
    }
    let title = found.format.title();
    let (message, help) = match found.format {
        InputFormat::AuditSink => (
            format!("this is {title}, which contains no audit flags"),
            "Kubernetes 1.19 removed it: use `--audit-webhook-config-file` and a policy",
        ),
        InputFormat::ConfigMap
        | InputFormat::Secret
        | InputFormat::CloudInit
        | InputFormat::Ignition => (
            format!("this is {title}, which contains no audit flags"),
            "flags are those of kube-apiserver; a policy in it is read",
        ),
        InputFormat::Ansible
        | InputFormat::Compose
        | InputFormat::JsonPatch
        | InputFormat::Kustomization
        | InputFormat::K0rdent
        | InputFormat::Minikube => match documents.policies().next() {
            Some(inside) => with_policy(inside),
            None => return,
        },
        _ => return,
    };
    inform(message, help, found);
}

/// Reports a text whose format no reader knows.
fn of_unknown(text: &str, documents: &Recognized, found: &mut ParsedInput) {
    let main = documents.main();
    let known = main.filter(|document| document.format.rank() > InputFormat::Unknown.rank());
    let inside = documents
        .policies()
        .find(|(document, _)| document.format != InputFormat::Policy);
    found.format = match known.map(|document| document.format) {
        Some(InputFormat::Flags) => InputFormat::Unknown,
        Some(format) => format,
        None if inside.is_some() => InputFormat::Unknown,
        None => guess(text),
    };
    let template = main.and_then(|document| document.template);
    let (message, help) = match (found.format, inside) {
        (InputFormat::Terraform, _) => (
            "this is a Terraform configuration, whose settings are not read".to_owned(),
            "use the flags, manifest or configuration that it creates",
        ),
        (InputFormat::Template, _) => (
            format!(
                "this is {}, which contains no audit flags",
                template.map_or(InputFormat::Template.title(), TemplateLanguage::title)
            ),
            template.map_or("render it first", TemplateLanguage::remedy),
        ),
        (InputFormat::Policy, _) => (
            "this is an audit policy, which contains no flags".to_owned(),
            "a policy defines what is recorded, flags define where: use it as the policy",
        ),
        (InputFormat::Events, _) => (
            "these are audit events, which contain no flags".to_owned(),
            "use the flags, manifest or configuration of kube-apiserver instead",
        ),
        (_, Some(inside)) => with_policy(inside),
        _ => (
            "this text contains no audit flags".to_owned(),
            "use flags that start with `--audit-`, the manifest of kube-apiserver, or the configuration that creates it",
        ),
    };
    if found.format != InputFormat::Unknown || inside.is_some() {
        found.findings.clear();
    }
    inform(message, help, found);
}

/// Returns the message and the help for a document with a policy and without flags.
pub(crate) fn with_policy(
    (document, policy): (&RecognizedDocument, &EmbeddedPolicy),
) -> (String, &'static str) {
    let title = &document.title;
    let place = match policy.path.as_str() {
        "" => String::new(),
        path => format!(", `{}`", excerpt(path)),
    };
    (
        format!("this is {title} with a policy{place}, and contains no audit flags"),
        "a policy defines what is recorded, flags define where; `audit-policy check` checks the policy",
    )
}

fn inform(message: String, help: &str, found: &mut ParsedInput) {
    found.report(ImportCode::UnreadableText, Severity::Info, 1, message, help);
}

/// Guesses the format of a text that cannot be read, by its words.
fn guess(text: &str) -> InputFormat {
    let has = |word: &str| text.contains(word);
    let of_events = [
        "auditID",
        "requestReceivedTimestamp",
        "requestURI",
        "\"requestObject\"",
        "\"responseObject\"",
        "\"username\"",
        "authorization.k8s.io/decision",
    ];
    // Kyverno and others also have a kind of this name.
    let is_of_other_api = !has("audit.k8s.io") && has("apiVersion:");
    if of_events.into_iter().any(has) {
        InputFormat::Events
    } else if (has("kind: Policy") && !is_of_other_api) || has("- level:") {
        InputFormat::Policy
    } else {
        InputFormat::Unknown
    }
}
