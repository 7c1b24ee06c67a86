//! Results of policy tests.

use audit_policy::Request;
use audit_tests::{Case, Outcome, Status};
use serde::Serialize;

use crate::verdict::VerdictReport;

/// The result of a case, as `audit-policy test` prints it.
#[derive(Debug, Serialize)]
pub struct CaseReport<'a> {
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

impl<'a> CaseReport<'a> {
    /// Creates the report of a case of a file at a line, from 1.
    pub fn new(file: &'a str, case: &'a Case, line: usize, outcome: &'a Outcome) -> Self {
        Self {
            file,
            name: &case.name,
            passed: match outcome.status {
                Status::Passed => Some(true),
                Status::Failed => Some(false),
                _ => None,
            },
            message: &outcome.message,
            witness: outcome.witness.as_ref(),
            line,
            proved: outcome.is_proved,
            verdict: outcome.verdict.map(VerdictReport::from),
            id: case.id.as_deref(),
            source: case.source.as_deref(),
        }
    }

    /// Creates the report of a file that cannot be run.
    pub const fn of_unread_file(file: &'a str, message: &'a str) -> Self {
        Self {
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
        }
    }
}
