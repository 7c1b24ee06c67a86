//! Checks the policies of a recognized text, and assigns the findings of the documents around them.

use audit_policy::{KubernetesVersion, PolicyCode};
use audit_types::sort::SortShort;
use audit_types::{Code, Diagnostic, Document, Severity, Span};

use super::embedded::{EmbeddedCheck, EmbeddedPolicy, PolicyForm};
use crate::input_format::InputFormat;

use super::kind;
use super::{Recognized, RecognizedDocument, recognize};

/// Parts of texts that have to be rendered, without which a policy that the server accepts is not looked at again.
const TEMPLATE_MARKS: [&str; 5] = ["{{", "{%", "{#", "<%", "${"];

/// A policy of a text with its check, or a document if the text contains no policy.
#[derive(Debug, Clone)]
pub struct CheckedPart<'r> {
    /// The document.
    pub document: &'r RecognizedDocument,
    /// The policy and its check. `None` if the text contains no policy.
    pub policy: Option<(&'r EmbeddedPolicy, EmbeddedCheck)>,
    /// Findings of the policy and of the documents around it, in the order of the text.
    pub findings: Vec<Diagnostic>,
}

/// Returns `true` if a text may be a template: it contains characters that template languages begin an expression with.
pub fn has_template_marks(text: &str) -> bool {
    TEMPLATE_MARKS.iter().any(|mark| text.contains(mark))
}

/// Recognizes a text that is another document than a policy. `None` if it is a policy, or of no known kind and meant as one. `is_accepted` says
/// whether the server accepts the whole text as a policy.
pub fn recognize_other(text: &str, is_accepted: bool) -> Option<Recognized> {
    if is_accepted && !has_template_marks(text) {
        return None;
    }
    Some(recognize(text))
        .filter(|found| !found.is_policy() && found.is_known() && !found.has_only_later_policies())
}

impl Recognized {
    /// Returns `true` if the first document does not name a kind and the only policies are documents after it: such a file is meant as a policy, and
    /// the server rejects it.
    fn has_only_later_policies(&self) -> bool {
        let is_nothing = |document: &RecognizedDocument| {
            document.format == InputFormat::Unknown
                && document.title == kind::UNKNOWN
                && document.policies.is_empty()
                && document.template.is_none()
                && document.explanation.is_none()
        };
        let mut policies = self.policies().peekable();
        self.documents.first().is_some_and(is_nothing)
            && policies.peek().is_some()
            && policies.all(|(_, policy)| policy.form == PolicyForm::Document)
    }

    /// Checks each policy in `text`, which must be the text that was recognized. Findings of a document, or of the whole text, are reported with its first policy.
    /// Without a policy, the result is the first document that says where its policy is.
    pub fn check(&self, text: &str, version: KubernetesVersion) -> Vec<CheckedPart<'_>> {
        let mut of_text = self.findings.clone();
        let mut parts: Vec<CheckedPart<'_>> = Vec::new();
        let total = self.policies().count();
        for (index, document) in self.documents.iter().enumerate() {
            let mut of_document = document.findings.clone();
            for policy in &document.policies {
                let check = policy.check(text, version);
                let mut findings = std::mem::take(&mut of_text);
                findings.append(&mut of_document);
                findings.extend(check.findings.iter().cloned());
                let is_first = index == 0 || document.span.start == 0;
                if policy.form == PolicyForm::Document && !is_first {
                    findings.push(not_first(document, parts.len() + 1, total));
                }
                sort(&mut findings);
                parts.push(CheckedPart {
                    document,
                    policy: Some((policy, check)),
                    findings,
                });
            }
            // Without a policy of its own, what is known of the document belongs to the text.
            of_text.append(&mut of_document);
        }
        match parts.last_mut() {
            Some(last) if !of_text.is_empty() => {
                last.findings.append(&mut of_text);
                sort(&mut last.findings);
            }
            Some(_) => {}
            None => parts.extend(self.without_policy(of_text)),
        }
        parts
    }

    fn without_policy(&self, mut findings: Vec<Diagnostic>) -> Option<CheckedPart<'_>> {
        let documents = || self.documents.iter();
        let says_where = documents().find(|document| document.not_a_policy().is_some());
        findings.extend(says_where.and_then(RecognizedDocument::not_a_policy));
        sort(&mut findings);
        Some(CheckedPart {
            document: says_where.or_else(|| documents().next())?,
            policy: None,
            findings,
        })
    }
}

fn sort(findings: &mut [Diagnostic]) {
    findings.sort_short_by_key(|finding| {
        let start = finding.span().unwrap_or_default().start;
        (start, finding.code.clone())
    });
}

/// Reports a policy that is a document after others, by its number if the text contains several.
fn not_first(document: &RecognizedDocument, number: usize, total: usize) -> Diagnostic {
    let message = if total > 1 {
        format!(
            "kube-apiserver reads only the first document of a file, and this policy, {number} of {total} in the file, is not"
        )
    } else {
        "kube-apiserver reads only the first document of a file, and this policy is not".to_owned()
    };
    let span = Span::new(document.span.start, document.span.start);
    Diagnostic::new(PolicyCode::ExtraDocument.id(), Severity::Error, message)
        .with_help("save the policy as a file of its own")
        .labeled(Document::Manifest, span)
}
