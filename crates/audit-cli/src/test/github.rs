//! Failed cases as annotations of a GitHub workflow.

use std::io::Write;

use audit_policy::Severity;
use audit_tests::Status;

use super::report::{CaseReport, Reporter};
use crate::error::Result;
use crate::formats::Workspace;
use crate::formats::github::{Lines, annotate};

/// One annotation for each case that fails.
pub(super) struct Annotations(pub(super) Workspace);

impl Reporter for Annotations {
    fn case(&mut self, report: &CaseReport<'_>, out: &mut dyn Write) -> Result {
        if report.outcome.status != Status::Failed {
            return Ok(());
        }
        let place = Lines {
            line: report.line,
            end_line: report.line,
            columns: None,
        };
        let message = report.failure()?;
        let title = &report.case.name;
        annotate(
            Severity::Error,
            &self.0.name(report.file),
            Some(place),
            title,
            &message,
            out,
        )
    }

    fn unread_file(&mut self, file: &str, message: &str, out: &mut dyn Write) -> Result {
        let file = &self.0.name(file);
        annotate(Severity::Error, file, None, "not run", message, out)
    }
}
