//! Results as XML of JUnit, in the form that CI systems read.

use std::io::Write;

use audit_tests::Status;

use super::report::{CaseReport, Reporter};
use crate::error::Result;
use crate::formats::junit::{self, escape};

/// Results as XML. Failures are not counted in attributes: those come before the results, which are written one by one.
pub(super) struct Junit;

impl Reporter for Junit {
    fn begin(&mut self, out: &mut dyn Write) -> Result {
        junit::begin(out)
    }

    fn begin_file(&mut self, file: &str, cases: usize, out: &mut dyn Write) -> Result {
        let name = escape(file);
        writeln!(out, "  <testsuite name=\"{name}\" tests=\"{cases}\">")?;
        Ok(())
    }

    fn case(&mut self, report: &CaseReport<'_>, out: &mut dyn Write) -> Result {
        let name = escape(&report.case.name);
        let class = escape(report.file);
        let message = escape(&report.outcome.message);
        write!(out, "    <testcase name=\"{name}\" classname=\"{class}\"")?;
        match report.outcome.status {
            Status::Passed => writeln!(out, "/>")?,
            Status::Failed => {
                let mut details = format!("{}:{}", report.file, report.line);
                if let Some(witness) = &report.outcome.witness {
                    details.push('\n');
                    details.push_str(&serde_json::to_string(witness)?);
                }
                let details = escape(&details);
                writeln!(out, ">")?;
                writeln!(
                    out,
                    "      <failure message=\"{message}\">{details}</failure>"
                )?;
                writeln!(out, "    </testcase>")?;
            }
            _ => {
                writeln!(out, ">")?;
                writeln!(out, "      <skipped>{message}</skipped>")?;
                writeln!(out, "    </testcase>")?;
            }
        }
        Ok(())
    }

    fn unread_file(&mut self, file: &str, message: &str, out: &mut dyn Write) -> Result {
        junit::unread(file, "can be run", message, out)
    }

    fn end_file(&mut self, out: &mut dyn Write) -> Result {
        writeln!(out, "  </testsuite>")?;
        Ok(())
    }

    fn end(&mut self, out: &mut dyn Write) -> Result {
        junit::end(out)
    }
}
