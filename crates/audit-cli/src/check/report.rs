//! Reports of checked files in one format.

use std::io::Write;

use audit_policy::{LineIndex, Severity};

use super::policy::PolicyReport;
use super::{json, text};
use crate::error::Result;
use crate::terminal::Style;

/// A checked file.
pub(super) struct FileReport<'a> {
    /// Its name.
    pub(super) file: &'a str,
    /// Lines of its text, which its policies share.
    pub(super) lines: &'a LineIndex<'a>,
    /// Its policies, or what it is instead.
    pub(super) policies: &'a [PolicyReport<'a>],
    /// Lowest severity of a finding that fails the check. `None` if only a rejection does.
    pub(super) fail_on: Option<Severity>,
}

/// Writes reports as they come.
pub(super) trait Reporter {
    /// Starts the output.
    fn begin(&mut self, _out: &mut dyn Write) -> Result {
        Ok(())
    }

    /// Writes what was found in a file.
    fn file(&mut self, report: &FileReport<'_>, out: &mut dyn Write) -> Result;

    /// Writes that a file cannot be read, and why. The reason is on standard error as well.
    fn unread(&mut self, _file: &str, _message: &str, _out: &mut dyn Write) -> Result {
        Ok(())
    }

    /// Ends the output.
    fn end(&mut self, _out: &mut dyn Write) -> Result {
        Ok(())
    }
}

/// Text for people.
pub(super) struct Text(pub(super) Style);

impl Reporter for Text {
    fn file(&mut self, report: &FileReport<'_>, mut out: &mut dyn Write) -> Result {
        for (index, policy) in report.policies.iter().enumerate() {
            if index > 0 {
                writeln!(out)?;
            }
            text::print(report.file, policy, report.lines, self.0, &mut out)?;
        }
        Ok(())
    }
}

/// JSON lines.
pub(super) struct Json;

impl Reporter for Json {
    fn file(&mut self, report: &FileReport<'_>, mut out: &mut dyn Write) -> Result {
        for policy in report.policies {
            json::print(report.file, policy, report.lines, &mut out)?;
        }
        Ok(())
    }
}
