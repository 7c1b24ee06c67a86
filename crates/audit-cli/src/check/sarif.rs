//! Findings in SARIF.

use std::io::Write;

use audit_policy::{Diagnostic, LineIndex, Severity};

use super::policy::PolicyReport;
use super::report::{FileReport, Reporter};
use crate::codes;
use crate::error::Result;
use crate::formats::sarif::{Finding, Fix, Region, Rule, Sarif, Suppression};

/// Code of a rejection that no finding explains.
const REJECTED: &str = "rejected";

/// Title of such a rejection.
const REJECTED_TITLE: &str = "kube-apiserver rejects the policy";

/// Findings as results of one run.
pub(super) struct Report(pub(super) Sarif);

impl Reporter for Report {
    fn begin(&mut self, out: &mut dyn Write) -> Result {
        Sarif::begin(out)
    }

    fn file(&mut self, report: &FileReport<'_>, out: &mut dyn Write) -> Result {
        for policy in report.policies {
            for finding in policy.findings {
                self.0
                    .result(&result(report.file, finding, report.lines), out)?;
            }
            for ignored in policy.ignored {
                let mut result = result(report.file, &ignored.finding, report.lines);
                result.ignored = Some(Suppression {
                    is_external: ignored.by.config_file().is_some(),
                    reason: &ignored.reason,
                });
                self.0.result(&result, out)?;
            }
            if let Some(error) = unexplained(policy) {
                self.0.result(&rejection(report.file, error), out)?;
            }
        }
        Ok(())
    }

    fn unread(&mut self, file: &str, message: &str, _out: &mut dyn Write) -> Result {
        self.0.unread(file, message);
        Ok(())
    }

    fn end(&mut self, out: &mut dyn Write) -> Result {
        self.0.end(out)
    }
}

/// Returns the server's error, unless a finding says what is wrong.
pub(super) fn unexplained<'a>(policy: &'a PolicyReport<'_>) -> Option<&'a str> {
    let is_error = |finding: &Diagnostic| finding.severity == Severity::Error;
    let is_explained = policy.findings.iter().any(is_error);
    policy.error().filter(|_| !is_explained)
}

fn rejection<'a>(file: &'a str, error: &'a str) -> Finding<'a> {
    Finding {
        rule: Rule {
            id: REJECTED,
            severity: Severity::Error,
            title: REJECTED_TITLE,
            page: "kube-apiserver rejects the policy with the error of the result, and does not start.\n",
        },
        severity: Severity::Error,
        message: error.to_owned(),
        file,
        line_text: error,
        region: Region::of_line(1),
        path: String::new(),
        related: Vec::new(),
        fix: None,
        ignored: None,
    }
}

fn result<'a>(file: &'a str, finding: &'a Diagnostic, lines: &'a LineIndex<'a>) -> Finding<'a> {
    let code = codes::find(&finding.code);
    let span = finding.span().unwrap_or_default();
    let line = lines.position(span.start).line;
    let related = finding.secondary.iter();
    let related = related.filter(|label| !label.text.is_empty());
    Finding {
        rule: Rule {
            id: &finding.code,
            severity: code.map_or(finding.severity, |code| code.severity),
            title: code.map_or(&*finding.code, |code| code.title),
            page: code.map_or("", |code| code.page),
        },
        severity: finding.severity,
        message: message(finding),
        file,
        line_text: lines.line_text(line),
        region: Region::of(span, lines),
        path: finding.path.to_string(),
        related: related
            .map(|label| (Region::of(label.span, lines), label.text.to_string()))
            .collect(),
        ignored: None,
        fix: finding.fix.as_ref().map(|fix| Fix {
            title: if fix.is_choice {
                format!("{} (changes what is logged)", fix.title)
            } else {
                fix.title.to_string()
            },
            edits: fix
                .edits
                .iter()
                .map(|edit| (Region::of(edit.span, lines), edit.text.to_string()))
                .collect(),
        }),
    }
}

/// Returns a finding's message with its help in a line of its own.
pub(crate) fn message(finding: &Diagnostic) -> String {
    if finding.help.is_empty() {
        return finding.message.to_string();
    }
    format!("{}\nhelp: {}", finding.message, finding.help)
}
