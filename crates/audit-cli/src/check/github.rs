//! Findings as annotations of a GitHub workflow.

use std::io::Write;

use audit_policy::{Diagnostic, LineIndex, Severity};

use super::report::{FileReport, Reporter};
use super::sarif::{message, unexplained};
use crate::error::Result;
use crate::formats::Workspace;
use crate::formats::github::{Lines, annotate};

/// One annotation for each finding.
pub(super) struct Annotations(pub(super) Workspace);

impl Reporter for Annotations {
    fn file(&mut self, report: &FileReport<'_>, out: &mut dyn Write) -> Result {
        let file = &self.0.name(report.file);
        for policy in report.policies {
            for finding in policy.findings {
                let place = Some(place(finding, report.lines));
                let text = message(finding);
                annotate(finding.severity, file, place, &finding.code, &text, out)?;
            }
            if let Some(error) = unexplained(policy) {
                annotate(Severity::Error, file, None, "rejected", error, out)?;
            }
        }
        Ok(())
    }

    fn unread(&mut self, file: &str, message: &str, out: &mut dyn Write) -> Result {
        let file = &self.0.name(file);
        annotate(Severity::Error, file, None, "not read", message, out)
    }
}

fn place(finding: &Diagnostic, lines: &LineIndex<'_>) -> Lines {
    let span = finding.span().unwrap_or_default();
    let [start, end] = [span.start, span.end].map(|at| lines.position(at));
    Lines {
        line: start.line,
        end_line: end.line,
        columns: (start.line == end.line).then_some([start.column, end.column]),
    }
}
