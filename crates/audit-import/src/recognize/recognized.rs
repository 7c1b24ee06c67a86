//! Documents of a text, with the policies that they contain.

use audit_types::{Code, Diagnostic, Severity, Span};

use super::embedded::{EmbeddedPolicy, not_a_policy};
use super::no_policy::Explanation;
use super::template::TemplateLanguage;
use super::written::PolicyReference;
use crate::codes::DocumentCode;
use crate::input_format::InputFormat;

/// Maximum number of other documents that a title names.
const MAX_TITLES: usize = 3;

/// Titles of texts of no known kind.
pub(super) const TEXT: &str = "a text";
pub(super) const TEXT_WITH_FLAGS: &str = "a text with flags";

/// Result of [`recognize`](super::recognize()).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recognized {
    /// The documents of the text in order; empty ones are left out.
    pub documents: Vec<RecognizedDocument>,
    /// Findings about the documents together.
    pub findings: Vec<Diagnostic>,
}

/// A document of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecognizedDocument {
    /// Format. [`InputFormat::Unknown`] if it is of no known kind.
    pub format: InputFormat,
    /// Description as messages have it, such as `a ConfigMap`.
    pub title: String,
    /// Bytes of the text.
    pub span: Span,
    /// Policies inside, in the order of the text.
    pub policies: Vec<EmbeddedPolicy>,
    /// The policy's path where flags or fields name it.
    pub references: Vec<PolicyReference>,
    /// Language of the template code without which the document is not YAML.
    pub template: Option<TemplateLanguage>,
    /// Findings about the document.
    pub findings: Vec<Diagnostic>,
    /// Kind and place of the policy, for a document that contains none.
    pub(super) explanation: Option<Explanation>,
}

impl Recognized {
    /// Returns whether the text is a policy file: its first document is a policy, and no template code has to be rendered first.
    pub fn is_policy(&self) -> bool {
        self.documents
            .first()
            .is_some_and(|first| first.format == InputFormat::Policy && first.template.is_none())
    }

    /// Returns whether any document is of a known kind or contains a policy.
    pub fn is_known(&self) -> bool {
        self.documents.iter().any(|document| {
            let has_policies = !document.policies.is_empty();
            has_policies || document.template.is_some() || document.explanation.is_some()
        })
    }

    /// Returns the document that says what the text is: the first of those that say most. `None` for a text without documents.
    pub(crate) fn main(&self) -> Option<&RecognizedDocument> {
        let rank = |document: &RecognizedDocument| {
            let is_unknown = document.format == InputFormat::Unknown;
            let has_policies = is_unknown && !document.policies.is_empty();
            (document.format.rank(), has_policies)
        };
        self.documents
            .iter()
            .rev()
            .max_by_key(|document| rank(document))
    }

    /// Returns what the text is, as messages have it: the other documents that have settings, then this one, such as `a kubeadm configuration (v1beta4) and a ConfigMap`.
    pub fn title_with(&self, document: &RecognizedDocument) -> String {
        let others = self.documents.iter();
        let others =
            others.filter(|other| other.span != document.span && other.format.has_settings());
        let mut titles: Vec<&str> = Vec::new();
        for title in others.map(|other| other.title.as_str()) {
            if titles.len() < MAX_TITLES && title != document.title && !titles.contains(&title) {
                titles.push(title);
            }
        }
        match titles.is_empty() {
            true => document.title.clone(),
            false => format!("{} and {}", titles.join(", "), document.title),
        }
    }

    /// Returns all policies with their documents.
    pub fn policies(&self) -> impl Iterator<Item = (&RecognizedDocument, &EmbeddedPolicy)> {
        let documents = self.documents.iter();
        documents.flat_map(|document| {
            document
                .policies
                .iter()
                .map(move |policy| (document, policy))
        })
    }
}

impl RecognizedDocument {
    /// Returns whether the title says more than the format does: that of a text of no known kind says less.
    pub(crate) fn is_specific(&self) -> bool {
        !matches!(self.title.as_str(), TEXT | TEXT_WITH_FLAGS)
    }

    /// Returns what a file of another program is, as a sentence, and the help about it. `None` for other documents.
    pub(crate) fn other_file(&self) -> Option<(String, &str)> {
        let explanation = self.explanation.as_ref()?;
        let what = match self.format {
            InputFormat::OtherProgram => {
                format!("this is {}, which contains no audit flags", self.title)
            }
            InputFormat::ManagedCluster => explanation.sentence(),
            _ => return None,
        };
        Some((what, explanation.help()))
    }

    /// Returns the finding that this is not a policy, with the place of its policy. `None` if it contains one, or has an error of its own.
    pub fn not_a_policy(&self) -> Option<Diagnostic> {
        let is_error = |finding: &Diagnostic| finding.severity == Severity::Error;
        if self.findings.iter().any(is_error) {
            return None;
        }
        Some(self.explain(self.explanation.as_ref()?))
    }

    /// As [`Self::not_a_policy`], with the file that the document's program reads the policy from. `None` if the document names the place itself.
    pub(crate) fn not_a_policy_with_file(&self, path: &str) -> Option<Diagnostic> {
        let explanation = self.explanation.as_ref()?.with_file(path)?;
        Some(self.explain(&explanation))
    }

    fn explain(&self, explanation: &Explanation) -> Diagnostic {
        let span = Span::new(self.span.start, self.span.start);
        let help = explanation.help().to_owned();
        let finding = not_a_policy(explanation.message(), help, span);
        match self.template {
            None => finding,
            // It may become one.
            Some(_) => Diagnostic {
                code: DocumentCode::Template.id().into(),
                severity: Severity::Warning,
                ..finding
            },
        }
    }
}
