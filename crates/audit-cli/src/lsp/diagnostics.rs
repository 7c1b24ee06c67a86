//! Findings of a document as diagnostics of the protocol.

use audit_policy::{Diagnostic, Severity, Span};
use audit_tests::TestFile;
use gen_lsp_types::{
    Code, Diagnostic as Shown, DiagnosticRelatedInformation, DiagnosticSeverity, Location, Uri,
};

use super::positions::Lines;
use crate::check::open::{OpenText, message};
use crate::config::FileSettings;

/// Name of the program next to its diagnostics.
const SOURCE: &str = "audit-policy";

/// Maximum number of diagnostics of a document, the most severe first.
const MAX_SHOWN: usize = 1000;

/// Findings of a document.
pub(super) struct Findings {
    /// Findings with the spans of the document.
    pub(super) findings: Vec<Diagnostic>,
    /// True if `check --fix` may change something.
    pub(super) is_policy: bool,
}

impl Findings {
    /// Checks a text. `None` if it is neither a policy, nor a document with one, nor a file of tests.
    pub(super) fn of(text: &str, file: &str, settings: &FileSettings<'_>) -> Option<Self> {
        if is_test_file(text) {
            return Some(Self {
                findings: test_errors(text),
                is_policy: false,
            });
        }
        let open = OpenText::new(text, file, settings)?;
        let mut findings = open.findings();
        // An error of the server that no finding explains has no place and no code.
        let rejections = open.rejections().into_iter();
        findings.extend(rejections.map(|error| Diagnostic::new("", Severity::Error, error)));
        Some(Self {
            findings,
            is_policy: true,
        })
    }

    /// Returns the findings that a span touches.
    pub(super) fn at(&self, span: Span) -> impl Iterator<Item = &Diagnostic> {
        self.findings.iter().filter(move |finding| {
            let found = finding.span().unwrap_or_default();
            found.start <= span.end && span.start <= found.end
        })
    }
}

/// Returns whether a text says that it contains tests of policies, or requirements.
fn is_test_file(text: &str) -> bool {
    let mut kinds = text.lines().filter_map(|line| line.strip_prefix("kind:"));
    kinds.any(|kind| matches!(kind.trim(), "PolicyTests" | "RequirementPack"))
}

/// Returns the errors of a file of tests.
fn test_errors(text: &str) -> Vec<Diagnostic> {
    let errors = TestFile::parse(text).err().unwrap_or_default();
    let finding = |error: audit_tests::FileError| {
        Diagnostic::new("", Severity::Error, error.message)
            .with_help(error.help)
            .labeled(audit_types::Document::Policy, error.span)
    };
    errors.into_iter().map(finding).collect()
}

/// Returns the diagnostics of a document, in the order of its findings.
pub(super) fn shown(findings: &Findings, uri: &str, lines: &Lines<'_>) -> Vec<Shown> {
    let mut list: Vec<&Diagnostic> = findings.findings.iter().collect();
    if list.len() > MAX_SHOWN {
        list.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        list.truncate(MAX_SHOWN);
    }
    list.into_iter()
        .map(|finding| diagnostic(finding, uri, lines))
        .collect()
}

/// Returns a finding as a diagnostic, with its help in a line of its own.
pub(super) fn diagnostic(finding: &Diagnostic, uri: &str, lines: &Lines<'_>) -> Shown {
    let related = finding.secondary.iter();
    let related: Vec<DiagnosticRelatedInformation> = related
        .filter(|label| !label.text.is_empty())
        .map(|label| DiagnosticRelatedInformation {
            location: Location::new(Uri(uri.to_owned()), lines.range(label.span)),
            message: label.text.clone(),
        })
        .collect();
    Shown {
        range: lines.range(finding.span().unwrap_or_default()),
        severity: Some(match finding.severity {
            Severity::Error => DiagnosticSeverity::Error,
            Severity::Warning => DiagnosticSeverity::Warning,
            Severity::Info => DiagnosticSeverity::Information,
        }),
        code: (!finding.code.is_empty()).then(|| Code::String(finding.code.to_string())),
        code_description: None,
        source: Some(SOURCE.to_owned()),
        message: message(finding).into(),
        tags: None,
        related_information: (!related.is_empty()).then_some(related),
        data: None,
    }
}
