//! The policies of a file with their findings, to be compared with those of another state of the file.

use audit_policy::{Diagnostic, LineIndex, Policy, Severity};

use super::checked::Checked;
use super::policy::PolicyReport;
use crate::config::FileSettings;
use crate::policy_file::rule_lines;

/// A policy of a file.
pub(crate) struct ExaminedPolicy {
    /// The document around it, with its path there. `None` if the file itself is the policy.
    pub(crate) place: Option<(String, String)>,
    /// Its text, without the document around it.
    pub(crate) text: String,
    /// The policy as loaded. `None` if it is rejected, or has to be rendered first.
    pub(crate) policy: Option<Policy>,
    /// True unless the server rejects it, or a finding is an error.
    pub(crate) is_passed: bool,
    /// The server's error.
    pub(crate) error: Option<String>,
    /// The server's warning.
    pub(crate) warning: Option<String>,
    /// Line of each rule in the file, from 1.
    pub(crate) rule_lines: Vec<usize>,
    /// Findings in the order of the file.
    pub(crate) findings: Vec<ExaminedFinding>,
}

/// A finding of a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ExaminedFinding {
    pub(crate) code: String,
    pub(crate) severity: Severity,
    pub(crate) message: String,
    pub(crate) help: String,
    /// Line in the file, from 1.
    pub(crate) line: usize,
    /// Text of that line, without white space around it.
    pub(crate) line_text: String,
}

/// Returns the policies of a file, those inside other documents as well. There are none in a file that is not meant to have any.
pub(crate) fn examine(
    file: &str,
    source: &[u8],
    settings: &FileSettings<'_>,
) -> Vec<ExaminedPolicy> {
    let checked = Checked::new(source, settings);
    if !checked.has_policy(file) {
        return Vec::new();
    }
    let lines = LineIndex::new(checked.text());
    let reports = checked.reports();
    let has_policy = |report: &&PolicyReport<'_>| {
        let place = report.place.as_ref();
        place.is_none_or(|place| place.path.is_some())
    };
    let reports = reports.iter().filter(has_policy);
    reports.map(|report| examined(report, &lines)).collect()
}

fn examined(report: &PolicyReport<'_>, lines: &LineIndex<'_>) -> ExaminedPolicy {
    let place = report.place.as_ref();
    let findings = report.findings.iter();
    ExaminedPolicy {
        place: place.map(|place| {
            let path = place.path.unwrap_or_default();
            (place.title.to_owned(), path.to_owned())
        }),
        text: report.loaded.text.clone(),
        policy: report.policy().filter(|_| report.is_accepted).cloned(),
        is_passed: report.is_passed(),
        error: report.error().map(str::to_owned),
        warning: report.warning().map(str::to_owned),
        rule_lines: match place {
            Some(_) => report.rule_lines.to_vec(),
            None => rule_lines(report.loaded),
        },
        findings: findings.map(|finding| found(finding, lines)).collect(),
    }
}

fn found(finding: &Diagnostic, lines: &LineIndex<'_>) -> ExaminedFinding {
    let line = lines
        .position(finding.span().unwrap_or_default().start)
        .line;
    ExaminedFinding {
        code: finding.code.to_string(),
        severity: finding.severity,
        message: finding.message.clone(),
        help: finding.help.clone(),
        line,
        line_text: lines.line_text(line).trim().to_owned(),
    }
}
