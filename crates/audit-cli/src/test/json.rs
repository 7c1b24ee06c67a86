//! Results as JSON lines.

use std::io::Write;

use audit_json::CaseReport as Case;
use serde::Serialize;

use super::quality::Quality;
use super::report::{CaseReport, Reporter};
use crate::error::Result;

/// Results as JSON lines.
pub(super) struct Json;

#[derive(Serialize)]
struct QualityReport<'a> {
    file: &'a str,
    #[serde(flatten)]
    quality: &'a Quality,
}

fn write_line(value: &impl Serialize, out: &mut dyn Write) -> Result {
    serde_json::to_writer(&mut *out, value)?;
    out.write_all(b"\n")?;
    Ok(())
}

impl Reporter for Json {
    fn case(&mut self, report: &CaseReport<'_>, out: &mut dyn Write) -> Result {
        let report = Case::new(report.file, report.case, report.line, report.outcome);
        write_line(&report, out)
    }

    fn unread_file(&mut self, file: &str, message: &str, out: &mut dyn Write) -> Result {
        write_line(&Case::of_unread_file(file, message), out)
    }

    fn quality(&mut self, file: &str, quality: &Quality, out: &mut dyn Write) -> Result {
        write_line(&QualityReport { file, quality }, out)
    }
}
