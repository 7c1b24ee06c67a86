//! Failed cases in SARIF.

use std::io::Write;

use audit_policy::Severity;
use audit_tests::Status;

use super::report::{CaseReport, Reporter};
use crate::error::Result;
use crate::formats::sarif::{Finding, Region, Rule, Sarif};

/// Failed cases as results of one run.
pub(super) struct FailedCases(pub(super) Sarif);

impl Reporter for FailedCases {
    fn begin(&mut self, out: &mut dyn Write) -> Result {
        Sarif::begin(out)
    }

    fn case(&mut self, report: &CaseReport<'_>, out: &mut dyn Write) -> Result {
        if report.outcome.status != Status::Failed {
            return Ok(());
        }
        let finding = Finding {
            rule: Rule {
                id: "failed-case",
                severity: Severity::Error,
                title: "a case of a policy test fails",
                page: "The policy does not do what a case of the test file states. The message names a request that shows it.\n",
            },
            severity: Severity::Error,
            message: format!("{}: {}", report.case.name, report.failure()?),
            file: report.file,
            line_text: &report.case.name,
            region: Region::of_line(report.line.max(1)),
            path: String::new(),
            related: Vec::new(),
            fix: None,
            ignored: None,
        };
        self.0.result(&finding, out)
    }

    fn unread_file(&mut self, file: &str, message: &str, _out: &mut dyn Write) -> Result {
        self.0.unread(file, message);
        Ok(())
    }

    fn end(&mut self, out: &mut dyn Write) -> Result {
        self.0.end(out)
    }
}
