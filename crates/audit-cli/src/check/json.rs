//! A checked policy as one JSON object.

use std::io::Write;

use audit_policy::Edit;
use audit_policy::{Diagnostic, Path, Policy, Severity, Span};
use audit_policy::{LineIndex, Position};
use serde::Serialize;

use super::policy::PolicyReport;
use super::repaired::RepairReport;
use crate::error::Result;

#[derive(Serialize)]
struct Report<'a> {
    file: &'a str,
    accepted: bool,
    error: Option<&'a str>,
    warning: Option<&'a str>,
    policy: Option<&'a Policy>,
    findings: Vec<FindingReport<'a>>,
    /// Findings that comments or the configuration take away. Left out if there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    ignored: Vec<IgnoredReport<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    document: Option<DocumentReport<'a>>,
    /// Left out if the file is the policy; `null` if the document contains none.
    #[serde(rename = "policyPath", skip_serializing_if = "Option::is_none")]
    policy_path: Option<Option<&'a str>>,
    /// Left out if the policy does not look damaged.
    #[serde(skip_serializing_if = "Option::is_none")]
    repair: Option<RepairReport<'a>>,
}

#[derive(Serialize)]
struct DocumentReport<'a> {
    kind: &'static str,
    title: &'a str,
}

#[derive(Serialize)]
struct IgnoredReport<'a> {
    code: &'a str,
    /// The configuration. Left out if it is a comment of the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    /// Line of the comment, or of the configuration, from 1.
    line: usize,
    /// Empty if the comment does not have one.
    reason: &'a str,
    message: &'a str,
}

#[derive(Serialize)]
struct FindingReport<'a> {
    code: &'a str,
    severity: Severity,
    message: &'a str,
    path: &'a Path,
    span: Positions,
    help: &'a str,
    fix: Option<FixReport<'a>>,
}

#[derive(Serialize)]
struct FixReport<'a> {
    title: &'a str,
    /// `--fix` does not apply it, because it changes what is logged.
    optional: bool,
    edits: Vec<EditReport<'a>>,
}

#[derive(Serialize)]
struct EditReport<'a> {
    span: Positions,
    text: &'a str,
}

#[derive(Serialize)]
struct Positions {
    start: Position,
    end: Position,
}

impl Positions {
    fn of(span: Span, index: &LineIndex<'_>) -> Self {
        Self {
            start: index.position(span.start),
            end: index.position(span.end),
        }
    }
}

/// Prints the object and a line end. `index` is that of the file, which several policies share.
pub(super) fn print(
    file: &str,
    checked: &PolicyReport<'_>,
    index: &LineIndex<'_>,
    out: &mut impl Write,
) -> Result {
    let place = checked.place.as_ref();
    let report = Report {
        file,
        accepted: checked.is_accepted,
        error: checked.error(),
        warning: checked.warning(),
        policy: checked.policy(),
        findings: checked
            .findings
            .iter()
            .map(|finding| report(finding, index))
            .collect(),
        ignored: checked
            .ignored
            .iter()
            .map(|ignored| IgnoredReport {
                code: &ignored.finding.code,
                file: ignored.by.config_file(),
                line: ignored.line,
                reason: &ignored.reason,
                message: &ignored.finding.message,
            })
            .collect(),
        document: place.map(|place| DocumentReport {
            kind: place.kind,
            title: place.title,
        }),
        policy_path: place.map(|place| place.path),
        repair: checked.repaired.map(RepairReport::of),
    };
    serde_json::to_writer(&mut *out, &report)?;
    out.write_all(b"\n")?;
    Ok(())
}

fn report<'a>(finding: &'a Diagnostic, index: &LineIndex<'_>) -> FindingReport<'a> {
    FindingReport {
        code: &finding.code,
        severity: finding.severity,
        message: &finding.message,
        path: &finding.path,
        span: Positions::of(finding.span().unwrap_or_default(), index),
        help: &finding.help,
        fix: finding.fix.as_ref().map(|fix| FixReport {
            title: &fix.title,
            optional: fix.is_choice,
            edits: fix
                .edits
                .iter()
                .map(|Edit { span, text }| EditReport {
                    span: Positions::of(*span, index),
                    text,
                })
                .collect(),
        }),
    }
}
