//! A checked policy as one JSON object.

use std::io::Write;

use audit_json::FindingReport;
use audit_policy::{LineIndex, Policy};
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
            .map(|finding| FindingReport::new(finding, index))
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
