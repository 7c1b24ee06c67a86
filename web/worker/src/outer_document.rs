//! Documents in the editor that contain a policy, such as a ConfigMap.

use audit_import::{
    CheckedPart, EmbeddedPolicy, Recognized, check_documents, recognize_other, settings_errors,
};
use audit_policy::ignores::Ignores;
use audit_policy::{Diagnostic, Edit, KubernetesVersion, LineIndex, Loaded, Span};
use playground_protocol::DocumentView;

use crate::codes;

/// A document and its policy.
pub(crate) struct OuterDocument {
    /// Text of the editor.
    pub(crate) text: String,
    /// The loaded policy. `None` if the document contains none.
    policy: Option<EmbeddedPolicy>,
}

impl OuterDocument {
    /// Returns the text of the policy.
    pub(crate) fn policy_text(&self) -> Option<&str> {
        self.policy.as_ref().map(|policy| policy.text.as_str())
    }

    /// Converts a span of the policy to one of the document.
    pub(crate) fn span(&self, span: Span) -> Span {
        self.policy
            .as_ref()
            .map_or(span, |policy| policy.source.span(span))
    }

    /// Converts an edit of the policy to one of the document. `None` if it cannot be written back with certainty.
    pub(crate) fn edit(&self, edit: &Edit) -> Option<Edit> {
        let policy = self.policy.as_ref()?;
        policy.source.edit(&policy.text, &self.text, edit)
    }
}

/// A document as it was read.
pub(crate) struct ReadDocument {
    pub(crate) document: OuterDocument,
    /// The policy as loaded, with spans of its own text.
    pub(crate) loaded: Loaded,
    pub(crate) is_accepted: bool,
    /// Findings of the document and of the policy, with spans of the document.
    pub(crate) findings: Vec<Diagnostic>,
    pub(crate) view: DocumentView,
    /// For each rule, whether it can never match.
    pub(crate) unreachable: Vec<bool>,
}

/// Reads a text as a document that contains policies. `None` if it is a policy itself, or nothing that is known. `is_accepted` says whether the
/// server accepts the whole text as a policy.
pub(crate) fn read(
    text: &str,
    is_accepted: bool,
    version: KubernetesVersion,
    part: usize,
) -> Option<ReadDocument> {
    let found = recognize_other(text, is_accepted)?;
    let mut parts = check_documents(&found, text, version);
    let policies = parts.iter().filter_map(|part| part.policy.as_ref());
    let policies: Vec<String> = policies.map(|(policy, _)| policy.path.clone()).collect();
    let selected = part.min(parts.len().checked_sub(1)?);
    let about_comments = without_ignored(&mut parts, text);
    let CheckedPart {
        document,
        policy,
        mut findings,
    } = parts.swap_remove(selected);
    findings.extend(about_comments);
    let is_template = policy
        .as_ref()
        .is_some_and(|(policy, _)| policy.template().is_some());
    let (policy, check) = policy.unzip();
    let is_accepted = check.as_ref().is_some_and(|check| check.is_accepted);
    let (mut loaded, unreachable) = check
        .map(|check| (check.loaded, check.unreachable))
        .unwrap_or_default();
    if is_template || policy.is_none() {
        // What the server says of a template is not about the policy that it becomes.
        loaded.error = None;
        loaded.warning = None;
    }
    Some(ReadDocument {
        unreachable,
        view: DocumentView {
            title: found.title_with(document),
            policies,
            selected,
            is_template,
            has_settings: has_settings(&found),
            settings_errors: settings_errors(&findings),
        },
        document: OuterDocument {
            text: text.to_owned(),
            policy: policy.cloned(),
        },
        loaded,
        is_accepted,
        findings,
    })
}

/// Takes away the findings that comments of the text ignore, and returns those about the comments.
fn without_ignored(parts: &mut [CheckedPart<'_>], text: &str) -> Vec<Diagnostic> {
    let mut ignores = Ignores::read(text);
    let lines = LineIndex::new(text);
    for part in parts {
        let findings = std::mem::take(&mut part.findings);
        (part.findings, _) = ignores.apply(findings, &lines);
    }
    ignores.findings(&codes::names())
}

/// Returns whether a document is of a kind that sets flags of kube-apiserver.
fn has_settings(found: &Recognized) -> bool {
    let mut documents = found.documents.iter();
    documents.any(|document| document.format.has_settings())
}
