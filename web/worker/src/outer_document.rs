//! Documents in the editor that contain a policy, such as a ConfigMap.

use audit_import::{EmbeddedPolicy, InputFormat, Recognized, recognize};
use audit_policy::{Diagnostic, Edit, KubernetesVersion, Loaded, Span, load};
use playground_protocol::DocumentView;

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
}

/// Reads a text as a document that contains policies. `None` if it is a policy itself, or nothing that is known.
pub(crate) fn read(text: &str, version: KubernetesVersion, part: usize) -> Option<ReadDocument> {
    let mut found = recognize(text);
    if found.is_policy() || !found.is_known() {
        return None;
    }
    let places: Vec<String> = found
        .policies()
        .map(|(_, policy)| policy.path.clone())
        .collect();
    let selected = part.min(places.len().saturating_sub(1));
    let chosen = found
        .policies()
        .nth(selected)
        .map(|(document, policy)| (document.title.clone(), policy.clone()));
    let mut findings = of_documents(&mut found, chosen.is_some());
    let title = match &chosen {
        Some((title, _)) => title.clone(),
        None => first_title(&found),
    };
    let (mut loaded, is_accepted) = match &chosen {
        Some((_, policy)) => {
            let check = policy.check(text, version);
            findings.extend(check.findings);
            (check.loaded, check.is_accepted)
        }
        None => (load(b"", version), false),
    };
    let is_policy = |(_, policy): &(String, EmbeddedPolicy)| policy.template().is_none();
    if !chosen.as_ref().is_some_and(is_policy) {
        // What the server says of an empty file or a template is not about a policy.
        loaded.error = None;
        loaded.warning = None;
    }
    Some(ReadDocument {
        view: DocumentView {
            title,
            policies: places,
            selected,
            has_settings: has_settings(&found),
        },
        document: OuterDocument {
            text: text.to_owned(),
            policy: chosen.map(|(_, policy)| policy),
        },
        loaded,
        is_accepted,
        findings,
    })
}

/// Returns the findings of the documents themselves; of one without a policy, where that is.
fn of_documents(found: &mut Recognized, has_policy: bool) -> Vec<Diagnostic> {
    let mut findings = std::mem::take(&mut found.findings);
    for document in &mut found.documents {
        if !has_policy {
            findings.extend(document.not_a_policy());
        }
        findings.append(&mut document.findings);
    }
    findings
}

fn first_title(found: &Recognized) -> String {
    let known = found
        .documents
        .iter()
        .find(|document| document.format != InputFormat::Unknown);
    known
        .or(found.documents.first())
        .map(|document| document.title.clone())
        .unwrap_or_default()
}

/// Returns whether a document is of a kind that sets flags of kube-apiserver.
fn has_settings(found: &Recognized) -> bool {
    found.documents.iter().any(|document| {
        !matches!(
            document.format,
            InputFormat::Unknown
                | InputFormat::Policy
                | InputFormat::Events
                | InputFormat::Template
                | InputFormat::AuditSink
                | InputFormat::ConfigMap
        )
    })
}
