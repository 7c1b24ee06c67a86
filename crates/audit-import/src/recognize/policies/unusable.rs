//! Policies that their document contains in a form that its program cannot use.

use audit_types::excerpt::excerpt;
use audit_types::{Diagnostic, Document, Severity, Span};

use super::mismatch::Mismatch;
use crate::codes::DocumentCode;

/// Returns a warning: this is what RKE's source does, but no RKE was run.
fn doubtful(message: &str) -> Diagnostic {
    Diagnostic {
        severity: Severity::Warning,
        ..Diagnostic::of(DocumentCode::UnusablePolicyText, message)
    }
}

/// Reports a policy of RKE1 that is a text.
pub(super) fn not_mapping(place: Span) -> Diagnostic {
    doubtful("the policy is a text, and `rke up` is likely to reject it: RKE reads a mapping")
        .with_help("remove the sign of the text (`|`) after `policy:`")
        .labeled(Document::Manifest, Span::new(place.start, place.start))
}

/// Reports a policy of RKE1 without its kind.
pub(super) fn without_kind(place: Span) -> Diagnostic {
    doubtful("the policy has no `kind`, and `rke up` is likely to reject it")
        .with_help("write `kind: Policy` into the mapping")
        .labeled(Document::Manifest, Span::new(place.start, place.start))
}

/// Reports folded text whose lines are joined.
pub(super) fn folded(place: Span) -> Diagnostic {
    Diagnostic::of(
        DocumentCode::UnusablePolicyText,
        "the policy is folded (`>`), which joins lines with the same indentation",
    )
    .with_help("write `|` instead of `>`, which keeps the lines")
    .labeled(Document::Manifest, Span::new(place.start, place.start + 1))
}

/// Reports rules of kubespray that are a list.
pub(super) fn not_text(place: Span) -> Diagnostic {
    Diagnostic::of(
        DocumentCode::UnusablePolicyText,
        "`audit_policy_custom_rules` is a list, and kubespray's template needs a text",
    )
    .with_help("write `audit_policy_custom_rules: |` above the list, so that it is a text")
    .labeled(Document::Manifest, place)
}

/// Reports a policy where only its rules belong.
pub(super) fn not_rules(place: Span) -> Diagnostic {
    Diagnostic::of(
        DocumentCode::UnusablePolicyText,
        "`audit_policy_custom_rules` is a mapping, and kubespray inserts it below `rules:`",
    )
    .with_help("keep only the items of the policy's `rules`: kubespray adds the other fields")
    .labeled(Document::Manifest, Span::new(place.start, place.start + 1))
}

/// Reports contents that are written to the file in another form than that of a policy. `is_tagged` is for a value that YAML decodes.
///
/// The help has the names of Cluster API's `Encoding` (bootstrap API v1beta1); cloud-init accepts them, and others such as `b64`.
pub(super) fn mismatched(
    path: &str,
    problem: Mismatch,
    is_tagged: bool,
    place: Span,
) -> Diagnostic {
    let (what, encoding) = match problem {
        Mismatch::Compressed if is_tagged => ("compressed", "gzip"),
        Mismatch::Compressed => ("compressed", "gzip+base64"),
        Mismatch::Encoded => ("Base64", "base64"),
    };
    let path = excerpt(path);
    Diagnostic::of(
        DocumentCode::UnusablePolicyText,
        format!("`{path}` is {what}, but its `encoding` is not `{encoding}`: the file gets it as it is, and the server cannot read it"),
    )
    .with_help(format!("write `encoding: {encoding}`"))
    .labeled(Document::Manifest, Span::new(place.start, place.start))
}

/// Reports a text that its program cannot decode.
pub(super) fn undecodable(path: &str, error: &str, is_plain: bool, place: Span) -> Diagnostic {
    let help = if is_plain {
        "it is plain text: encode it, or use the field for plain text"
    } else {
        "encode the file again: `base64 -w0 FILE`"
    };
    let path = excerpt(path);
    Diagnostic::of(
        DocumentCode::UnusablePolicyText,
        format!("`{path}` cannot be decoded: {error}"),
    )
    .with_help(help)
    .labeled(Document::Manifest, place)
}
