//! Results in the Test Anything Protocol, version 14.

use std::io::Write;

use audit_tests::Status;

use super::quality::Quality;
use super::report::{CaseReport, Reporter};
use crate::error::Result;
use crate::terminal::safe;

/// Results as lines of TAP. The plan is last: the number of cases of all files is not known before.
#[derive(Default)]
pub(super) struct Tap {
    count: usize,
}

/// Escapes a text for a description: `#` would start a directive.
fn escape(text: &str) -> String {
    safe(text).replace('\\', "\\\\").replace('#', "\\#")
}

impl Reporter for Tap {
    fn begin(&mut self, out: &mut dyn Write) -> Result {
        writeln!(out, "TAP version 14")?;
        Ok(())
    }

    fn begin_file(&mut self, file: &str, _cases: usize, out: &mut dyn Write) -> Result {
        writeln!(out, "# {}", safe(file))?;
        Ok(())
    }

    fn case(&mut self, report: &CaseReport<'_>, out: &mut dyn Write) -> Result {
        self.count += 1;
        let outcome = report.outcome;
        let (number, name) = (self.count, escape(&report.case.name));
        match outcome.status {
            Status::Passed => writeln!(out, "ok {number} - {name}")?,
            Status::Failed => {
                writeln!(out, "not ok {number} - {name}")?;
                // JSON is YAML, and its strings need no other quotes.
                let text = |text: &str| serde_json::to_string(text);
                writeln!(out, "  ---")?;
                writeln!(out, "  message: {}", text(&outcome.message)?)?;
                writeln!(out, "  file: {}", text(report.file)?)?;
                writeln!(out, "  line: {}", report.line)?;
                if let Some(witness) = &outcome.witness {
                    writeln!(out, "  request: {}", serde_json::to_string(witness)?)?;
                }
                writeln!(out, "  ...")?;
            }
            _ => {
                let reason = escape(&outcome.message);
                writeln!(out, "ok {number} - {name} # SKIP {reason}")?;
            }
        }
        Ok(())
    }

    fn unread_file(&mut self, file: &str, message: &str, out: &mut dyn Write) -> Result {
        self.count += 1;
        let (number, name) = (self.count, escape(file));
        writeln!(out, "not ok {number} - {name} can be run")?;
        writeln!(out, "  ---")?;
        writeln!(out, "  message: {}", serde_json::to_string(message)?)?;
        writeln!(out, "  ...")?;
        Ok(())
    }

    fn quality(&mut self, _file: &str, quality: &Quality, out: &mut dyn Write) -> Result {
        for line in quality.lines() {
            writeln!(out, "# {}", safe(&line))?;
        }
        Ok(())
    }

    fn end(&mut self, out: &mut dyn Write) -> Result {
        writeln!(out, "1..{}", self.count)?;
        Ok(())
    }
}
