//! A file that is another document: the policies inside, each checked on its own.

use audit_import::{
    EmbeddedCheck, InputFormat, PolicyForm, Recognized, RecognizedDocument, recognize,
};
use audit_policy::{Diagnostic, Fix, KubernetesVersion, Loaded, PolicyCode, Severity};
use audit_types::Document;

use super::policy::{CheckedPolicy, Place, PolicyReport};
use crate::input::as_text;

/// Parts of texts that have to be rendered, without which a policy that the server accepts is not looked at again.
const TEMPLATE_MARKS: [&str; 5] = ["{{", "{%", "{#", "<%", "${"];

/// A file with its documents and the policies inside.
pub(super) struct CheckedDocuments {
    /// The file as UTF-8.
    pub(super) text: String,
    recognized: Recognized,
    /// A check of each policy, in the order of documents and policies.
    checks: Vec<EmbeddedCheck>,
    /// Findings of each policy, or of the first document without one.
    findings: Vec<Vec<Diagnostic>>,
    nothing: Loaded,
}

impl CheckedDocuments {
    /// Returns the documents of a file. `None` if it is a policy, or of no known kind and meant as one.
    pub(super) fn of(
        source: &[u8],
        checked: &CheckedPolicy,
        version: KubernetesVersion,
    ) -> Option<Self> {
        let text = as_text(source.to_vec()).ok()?;
        let has_marks = TEMPLATE_MARKS.iter().any(|mark| text.contains(mark));
        if checked.is_accepted() && !has_marks {
            return None;
        }
        let recognized = recognize(&text);
        (!recognized.is_policy() && recognized.is_known())
            .then(|| Self::new(text, recognized, version))
    }

    /// Reads a text that is known to be another document.
    pub(super) fn of_text(text: String, version: KubernetesVersion) -> Self {
        let recognized = recognize(&text);
        Self::new(text, recognized, version)
    }

    fn new(text: String, recognized: Recognized, version: KubernetesVersion) -> Self {
        let policies = recognized.policies();
        let checks: Vec<EmbeddedCheck> = policies
            .map(|(_, policy)| policy.check(&text, version))
            .collect();
        let mut documents = Self {
            text,
            recognized,
            checks,
            findings: Vec::new(),
            nothing: Loaded::default(),
        };
        documents.findings = documents.collect_findings();
        documents
    }

    /// Returns the findings of each policy; those of a document and of the file belong to its first one.
    fn collect_findings(&self) -> Vec<Vec<Diagnostic>> {
        let mut of_file = self.recognized.findings.clone();
        let mut all = Vec::new();
        let mut checks = self.checks.iter();
        for document in &self.recognized.documents {
            let mut of_document = document.findings.clone();
            for policy in &document.policies {
                let mut findings = std::mem::take(&mut of_file);
                findings.append(&mut of_document);
                findings.extend(
                    checks
                        .next()
                        .into_iter()
                        .flat_map(|check| check.findings.clone()),
                );
                let is_first = document.span.start == 0 || self.is_first(document);
                if policy.form == PolicyForm::Document && !is_first {
                    findings.push(not_first(document));
                }
                sort(&mut findings);
                all.push(findings);
            }
            // Without a policy of its own, what is known of the document belongs to the file.
            of_file.append(&mut of_document);
        }
        if let (Some(last), false) = (all.last_mut(), of_file.is_empty()) {
            last.append(&mut of_file);
            sort(last);
        }
        if all.is_empty() {
            let documents = self.recognized.documents.iter();
            of_file.extend(
                documents
                    .filter_map(RecognizedDocument::not_a_policy)
                    .take(1),
            );
            sort(&mut of_file);
            all.push(of_file);
        }
        all
    }

    fn is_first(&self, document: &RecognizedDocument) -> bool {
        let first = self.recognized.documents.first();
        first.is_some_and(|first| first.span == document.span)
    }

    /// Returns what is printed: a report per policy, or one about the document that contains none.
    pub(super) fn reports(&self) -> Vec<PolicyReport<'_>> {
        let checks = self.checks.iter().zip(&self.findings);
        let mut reports: Vec<PolicyReport<'_>> = self
            .recognized
            .policies()
            .zip(checks)
            .map(|((document, policy), (check, findings))| PolicyReport {
                text: &self.text,
                loaded: &check.loaded,
                findings,
                is_accepted: check.is_accepted,
                place: Some(Place {
                    kind: kind(document),
                    title: &document.title,
                    path: Some(&policy.path),
                    is_undecided: policy.template().is_some(),
                }),
            })
            .collect();
        if reports.is_empty()
            && let Some(findings) = self.findings.first()
        {
            let documents = || self.recognized.documents.iter();
            let document = documents()
                .find(|document| document.not_a_policy().is_some())
                .or_else(|| documents().next());
            reports.extend(document.map(|document| PolicyReport {
                text: &self.text,
                loaded: &self.nothing,
                findings,
                is_accepted: false,
                place: Some(Place {
                    kind: kind(document),
                    title: &document.title,
                    path: None,
                    is_undecided: true,
                }),
            }));
        }
        reports
    }

    /// Returns all fixes, with edits of the file.
    pub(super) fn fixes(&self) -> impl Iterator<Item = &Fix> {
        let findings = self.findings.iter().flatten();
        findings.filter_map(|finding| finding.fix.as_ref())
    }

    /// Returns the number of fixes that cannot be written into the file.
    pub(super) fn unwritable_fixes(&self) -> usize {
        self.checks.iter().map(|check| check.unwritable_fixes).sum()
    }

    /// Returns whether the documents and places of policies are those before a fix, and no policy that was accepted is rejected.
    pub(super) fn is_improvement_on(&self, before: &Self) -> bool {
        let shape = |documents: &Self| -> Vec<(InputFormat, Vec<String>)> {
            let documents = documents.recognized.documents.iter();
            documents
                .map(|document| {
                    let paths = document.policies.iter().map(|policy| policy.path.clone());
                    (document.format, paths.collect())
                })
                .collect()
        };
        let mut pairs = self.checks.iter().zip(&before.checks);
        shape(self) == shape(before)
            && pairs.all(|(after, before)| after.is_accepted || !before.is_accepted)
    }
}

fn kind(document: &RecognizedDocument) -> &'static str {
    document.format.name()
}

fn sort(findings: &mut [Diagnostic]) {
    findings.sort_by_key(|finding| {
        let start = finding.span().unwrap_or_default().start;
        (start, finding.code.clone())
    });
}

/// Reports a policy that is a document after others.
fn not_first(document: &RecognizedDocument) -> Diagnostic {
    let message = "kube-apiserver reads only the first document of a file, and this policy is not";
    let span = audit_policy::Span::new(document.span.start, document.span.start);
    Diagnostic::new(
        audit_types::Code::id(PolicyCode::ExtraDocument),
        Severity::Warning,
        message,
    )
    .with_help("save the policy as a file of its own")
    .labeled(Document::Manifest, span)
}
