//! The review as JSON lines.

use std::io::Write;

use audit_policy::Severity;
use serde::Serialize;
use serde_json::Value;

use super::outcome::Outcome;
use super::policies::{Compared, ReviewedPolicy};
use crate::error::Result;
use crate::test::TestResults;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PolicyReport<'a> {
    file: &'a str,
    /// Left out unless the file was renamed.
    #[serde(skip_serializing_if = "Option::is_none")]
    old_file: Option<&'a str>,
    /// Path in the document around it. Left out if the file itself is the policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    policy_path: Option<&'a str>,
    /// `added`, `changed` or `deleted`.
    change: &'static str,
    /// `null` if it was deleted, or has to be rendered first.
    accepted: Option<bool>,
    /// `null` if it was not at the base.
    accepted_before: Option<bool>,
    /// Why it is rejected.
    error: Option<&'a str>,
    /// The server's warning, if it is new.
    new_warning: Option<&'a str>,
    new_findings: Vec<FindingReport<'a>>,
    /// Number of findings that are gone.
    gone_findings: usize,
    /// True if no request is treated differently; `null` if that is not known.
    equal: Option<bool>,
    /// The classes of requests that are, as `summary` of `diff`.
    differences: Option<&'a Value>,
}

#[derive(Serialize)]
struct FindingReport<'a> {
    code: &'a str,
    severity: Severity,
    message: &'a str,
    help: &'a str,
    line: usize,
}

#[derive(Serialize)]
struct TestReport<'a> {
    /// Name of the file of tests.
    tests: &'a str,
    passed: usize,
    failed: Vec<CaseReport<'a>>,
    undecidable: usize,
    /// Why the cases cannot be run.
    error: Option<&'a str>,
}

#[derive(Serialize)]
struct CaseReport<'a> {
    name: &'a str,
    line: usize,
    message: &'a str,
    /// The request that shows it, in words.
    request: Option<&'a str>,
}

/// Prints an object for each policy, and one for each file of tests.
pub(super) fn print(outcome: &Outcome, out: &mut impl Write) -> Result {
    for policy in &outcome.policies {
        line(&policy_report(policy), out)?;
    }
    for tests in &outcome.tests {
        line(&test_report(tests), out)?;
    }
    Ok(())
}

fn line(value: &impl Serialize, out: &mut impl Write) -> Result {
    serde_json::to_writer(&mut *out, value)?;
    out.write_all(b"\n")?;
    Ok(())
}

fn policy_report(policy: &ReviewedPolicy) -> PolicyReport<'_> {
    let comparison = match &policy.comparison {
        Compared::Differences(comparison) => Some(comparison),
        Compared::Not | Compared::TooLarge(_) => None,
    };
    let findings = policy.findings.new.iter();
    PolicyReport {
        file: &policy.file,
        old_file: policy.old_file.as_deref(),
        policy_path: policy.place.as_ref().map(|(_, path)| &**path),
        change: policy.kind.name(),
        accepted: policy.is_accepted(),
        accepted_before: policy.was_rejected.map(|was_rejected| !was_rejected),
        error: policy.rejection.as_deref(),
        new_warning: policy.new_warning.as_deref(),
        new_findings: findings
            .map(|finding| FindingReport {
                code: &finding.code,
                severity: finding.severity,
                message: &finding.message,
                help: &finding.help,
                line: finding.line,
            })
            .collect(),
        gone_findings: policy.findings.gone.len(),
        equal: comparison.map(|comparison| comparison.classes == 0),
        differences: comparison.map(|comparison| &comparison.summary),
    }
}

fn test_report(tests: &TestResults) -> TestReport<'_> {
    let failed = tests.failed.iter();
    TestReport {
        tests: &tests.file,
        passed: tests.passed,
        failed: failed
            .map(|case| CaseReport {
                name: &case.name,
                line: case.line,
                message: &case.message,
                request: case.witness.as_deref(),
            })
            .collect(),
        undecidable: tests.undecidable,
        error: tests.error.as_deref(),
    }
}
