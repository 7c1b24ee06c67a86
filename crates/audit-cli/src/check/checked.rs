//! A checked file: a policy, or another document.

use audit_import::has_template_marks;
use audit_log::LogReader;
use audit_policy::{Diagnostic, PolicyCode};
use audit_types::Code;

use super::document::CheckedDocuments;
use super::policy::{CheckedPolicy, PolicyReport};
use crate::config::FileSettings;
use crate::input::as_text;
use crate::utf16::is_utf16;

/// A checked file.
pub(super) enum Checked {
    /// A policy, or a text of no known kind that is meant as one.
    Policy(CheckedPolicy),
    /// Another document.
    Documents(CheckedDocuments),
}

/// Number of bytes of a file in which the first event of a log is searched.
const MAX_HEAD: usize = 1 << 20;

/// Returns whether a file that is not a policy contains an audit event at its start.
fn is_log(source: &[u8]) -> bool {
    if is_utf16(source) {
        return as_text(source.to_vec()).is_ok_and(|text| is_log(text.as_bytes()));
    }
    let head = source.get(..MAX_HEAD).unwrap_or(source);
    // A policy with a syntax error can have an event in a comment.
    let mut lines = head.split(|byte| *byte == b'\n');
    if lines.any(|line| line.starts_with(b"rules:")) {
        return false;
    }
    let mut reader = LogReader::new();
    reader.push(head, &mut |_| {});
    reader.finish(&mut |_| {}).events > 0
}

impl Checked {
    /// Checks a file.
    pub(super) fn new(source: &[u8], settings: &FileSettings<'_>) -> Self {
        let text = as_text(source.to_vec()).unwrap_or_default();
        // What a template is does not depend on whether the server accepts it, so a long one is not loaded in vain.
        let may_be_template = has_template_marks(&text);
        let policy = (!may_be_template).then(|| CheckedPolicy::new(source, settings));
        let is_accepted = policy.as_ref().is_some_and(CheckedPolicy::is_accepted);
        match CheckedDocuments::of(text, is_accepted, settings) {
            Some(documents) => Self::Documents(documents),
            None if !is_accepted && is_log(source) => {
                let text = as_text(source.to_vec()).unwrap_or_default();
                Self::Documents(CheckedDocuments::of_log(text, settings))
            }
            None => {
                let policy = policy.unwrap_or_else(|| CheckedPolicy::new(source, settings));
                Self::Policy(policy.with_repair(settings.version))
            }
        }
    }

    /// Returns whether a file of a folder contains a policy, or is meant as one.
    pub(super) fn has_policy(&self, file: &str) -> bool {
        match self {
            Self::Policy(policy) => {
                let is_other = |finding: &Diagnostic| finding.code == PolicyCode::NotAPolicy.id();
                let may_be_policy = [".yaml", ".yml", ".json"]
                    .iter()
                    .any(|end| file.ends_with(end));
                policy.is_accepted() || (may_be_policy && !policy.findings.iter().any(is_other))
            }
            Self::Documents(documents) => {
                let mut places = documents
                    .reports()
                    .into_iter()
                    .filter_map(|report| report.place);
                places.any(|place| place.path.is_some())
            }
        }
    }

    /// Returns the text that spans count bytes of.
    pub(super) fn text(&self) -> &str {
        match self {
            Self::Policy(policy) => &policy.loaded.text,
            Self::Documents(documents) => &documents.text,
        }
    }

    /// Returns what is printed: a report per policy of a document, or that of the policy that the file is.
    pub(super) fn reports(&self) -> Vec<PolicyReport<'_>> {
        match self {
            Self::Policy(policy) => vec![policy.report()],
            Self::Documents(documents) => documents.reports(),
        }
    }
}
