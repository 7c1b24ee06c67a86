//! Results for people.

use std::io::Write;

use audit_tests::Status;

use super::quality::Quality;
use super::report::{CaseReport, Reporter};
use crate::error::Result;
use crate::terminal::{Role, Style, safe};

/// Results as text.
pub(super) struct Text {
    style: Style,
    passed: usize,
    failed: usize,
    undecidable: usize,
}

impl Text {
    pub(super) fn new() -> Self {
        Self {
            style: Style::of_stdout(),
            passed: 0,
            failed: 0,
            undecidable: 0,
        }
    }
}

impl Reporter for Text {
    fn begin_file(&mut self, file: &str, _cases: usize, out: &mut dyn Write) -> Result {
        writeln!(out, "{}", self.style.paint(Role::Strong, &safe(file)))?;
        Ok(())
    }

    fn case(&mut self, report: &CaseReport<'_>, out: &mut dyn Write) -> Result {
        let (count, role, word) = match report.outcome.status {
            Status::Passed => (&mut self.passed, Role::Note, "passed"),
            Status::Failed => (&mut self.failed, Role::Error, "FAILED"),
            _ => (&mut self.undecidable, Role::Faint, "not decidable"),
        };
        *count += 1;
        let word = self.style.paint(role, word);
        let name = safe(&report.case.name);
        if report.outcome.status != Status::Failed {
            writeln!(out, "  {word}  {name}")?;
            return Ok(());
        }
        writeln!(out, "  {word}  {name} (line {})", report.line)?;
        writeln!(out, "    {}", safe(&report.outcome.message))?;
        if let Some(why) = &report.case.why {
            writeln!(out, "    why: {}", safe(why))?;
        }
        if let Some(source) = &report.case.source {
            writeln!(out, "    source: {}", safe(source))?;
        }
        if let Some(witness) = &report.outcome.witness {
            let request = serde_json::to_string(witness)?;
            writeln!(out, "    request: {}", safe(&request))?;
        }
        Ok(())
    }

    fn unread_file(&mut self, file: &str, message: &str, out: &mut dyn Write) -> Result {
        self.failed += 1;
        writeln!(out, "{}", self.style.paint(Role::Strong, &safe(file)))?;
        let word = self.style.paint(Role::Error, "FAILED");
        writeln!(out, "  {word}  can be run")?;
        for line in message.lines() {
            writeln!(out, "    {}", safe(line))?;
        }
        Ok(())
    }

    fn quality(&mut self, _file: &str, quality: &Quality, out: &mut dyn Write) -> Result {
        for line in quality.lines() {
            writeln!(out, "  {}", safe(&line))?;
        }
        Ok(())
    }

    fn end(&mut self, out: &mut dyn Write) -> Result {
        let Self {
            passed,
            failed,
            undecidable,
            ..
        } = self;
        let undecidable = match undecidable {
            0 => String::new(),
            number => format!(", {number} not decidable"),
        };
        writeln!(out, "{passed} passed, {failed} failed{undecidable}")?;
        Ok(())
    }
}
