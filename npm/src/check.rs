//! Findings about a policy, as `audit-policy check --format json` prints them for a file that is a policy.

use audit_json::FindingReport;
use audit_policy::ignores::Ignored;
use audit_policy::{Diagnostic, LineIndex, Loaded, Policy, load};
use serde::Serialize;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::codes::names;
use crate::error::{Error, check_size, version};

#[derive(Serialize)]
struct Report<'a> {
    file: &'a str,
    accepted: bool,
    error: Option<&'a str>,
    warning: Option<&'a str>,
    policy: Option<&'a Policy>,
    findings: Vec<FindingReport<'a>>,
    /// Findings that comments take away. Left out if there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    ignored: Vec<IgnoredReport<'a>>,
}

#[derive(Serialize)]
struct IgnoredReport<'a> {
    code: &'a str,
    line: usize,
    reason: &'a str,
    message: &'a str,
}

/// Checks a policy. Returns one object as JSON.
///
/// # Errors
/// If the text is too large, or the version is unknown.
#[wasm_bindgen]
pub fn check(
    text: &[u8],
    kubernetes_version: Option<String>,
    file: &str,
) -> Result<String, JsValue> {
    check_size(text.len())?;
    let version = version(kubernetes_version.as_deref())?;
    let loaded = load(text, version);
    let checked = audit_analysis::check(&loaded, version, &names());
    let lines = LineIndex::new(&loaded.text);
    let report = report(file, &loaded, (&checked.findings, &checked.ignored), &lines);
    Ok(serde_json::to_string(&report).map_err(Error::from)?)
}

fn report<'a>(
    file: &'a str,
    loaded: &'a Loaded,
    (findings, ignored): (&'a [Diagnostic], &'a [Ignored]),
    lines: &LineIndex<'_>,
) -> Report<'a> {
    let ignored = ignored.iter().map(|ignored| IgnoredReport {
        code: &ignored.finding.code,
        line: ignored.line,
        reason: &ignored.reason,
        message: &ignored.finding.message,
    });
    Report {
        file,
        accepted: loaded.policy.is_some(),
        error: loaded.error.as_deref(),
        warning: loaded.warning.as_deref(),
        policy: loaded.policy.as_ref(),
        findings: findings
            .iter()
            .map(|finding| FindingReport::new(finding, lines))
            .collect(),
        ignored: ignored.collect(),
    }
}
