//! Reports of results in one format.

use std::io::Write;

use audit_tests::{Case, Outcome};

use super::quality::Quality;
use crate::error::Result;

/// Result of a case with its place.
pub(super) struct CaseReport<'a> {
    /// Name of the file.
    pub(super) file: &'a str,
    /// Line of the case, from 1.
    pub(super) line: usize,
    /// The case.
    pub(super) case: &'a Case,
    /// Its result.
    pub(super) outcome: &'a Outcome,
}

impl CaseReport<'_> {
    /// Returns why a case fails, with the request that shows it in a line of its own.
    pub(super) fn failure(&self) -> Result<String> {
        let mut text = self.outcome.message.clone();
        if let Some(witness) = &self.outcome.witness {
            text.push_str("\nrequest: ");
            text.push_str(&serde_json::to_string(witness)?);
        }
        Ok(text)
    }
}

/// Writes results as they come.
pub(super) trait Reporter {
    /// Starts the output.
    fn begin(&mut self, _out: &mut dyn Write) -> Result {
        Ok(())
    }

    /// Starts a file with a number of cases.
    fn begin_file(&mut self, _file: &str, _cases: usize, _out: &mut dyn Write) -> Result {
        Ok(())
    }

    /// Writes the result of a case.
    fn case(&mut self, report: &CaseReport<'_>, out: &mut dyn Write) -> Result;

    /// Writes what the cases of a file do not notice.
    fn quality(&mut self, _file: &str, _quality: &Quality, _out: &mut dyn Write) -> Result {
        Ok(())
    }

    /// Writes that the cases of a file cannot be run, and why. Without this, a report that people read instead of the exit status looks as if all
    /// had passed.
    fn unread_file(&mut self, _file: &str, _message: &str, _out: &mut dyn Write) -> Result {
        Ok(())
    }

    /// Ends a file.
    fn end_file(&mut self, _out: &mut dyn Write) -> Result {
        Ok(())
    }

    /// Ends the output.
    fn end(&mut self, _out: &mut dyn Write) -> Result {
        Ok(())
    }
}
