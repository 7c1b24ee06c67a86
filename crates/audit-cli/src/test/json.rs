//! Results as JSON lines.

use std::io::Write;

use audit_policy::Request;
use audit_tests::Status;
use serde::Serialize;

use super::quality::Quality;
use super::report::{CaseReport, Reporter};
use crate::error::Result;
use crate::verdict::VerdictReport;

/// Results as JSON lines.
pub(super) struct Json;

#[derive(Serialize)]
struct Report<'a> {
    file: &'a str,
    name: &'a str,
    /// `null` if neither the policy nor the flags decide the claim.
    passed: Option<bool>,
    message: &'a str,
    witness: Option<&'a Request>,
    /// Line of the case, from 1; 0 if the file cannot be run.
    line: usize,
    /// True if the claim is proved for all requests of a class.
    proved: bool,
    /// The verdict on the request of the case, or on the witness.
    verdict: Option<VerdictReport>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'a str>,
}

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
        let outcome = report.outcome;
        let report = Report {
            file: report.file,
            name: &report.case.name,
            passed: match outcome.status {
                Status::Passed => Some(true),
                Status::Failed => Some(false),
                _ => None,
            },
            message: &outcome.message,
            witness: outcome.witness.as_ref(),
            line: report.line,
            proved: outcome.is_proved,
            verdict: outcome.verdict.map(VerdictReport::from),
            id: report.case.id.as_deref(),
            source: report.case.source.as_deref(),
        };
        write_line(&report, out)
    }

    fn unread_file(&mut self, file: &str, message: &str, out: &mut dyn Write) -> Result {
        let report = Report {
            file,
            name: "can be run",
            passed: Some(false),
            message,
            witness: None,
            line: 0,
            proved: false,
            verdict: None,
            id: None,
            source: None,
        };
        write_line(&report, out)
    }

    fn quality(&mut self, file: &str, quality: &Quality, out: &mut dyn Write) -> Result {
        write_line(&QualityReport { file, quality }, out)
    }
}
