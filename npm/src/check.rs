//! Findings about a policy, as `audit-policy check --format json` prints them for a file that is a policy.

use audit_analysis::proofs;
use audit_policy::ignores::{Ignored, Ignores};
use audit_policy::{
    Code, Diagnostic, Edit, LineIndex, Loaded, Path, Policy, PolicyCode, Position, Severity, Span,
    lint, load,
};
use audit_types::Document;
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
    fn of(span: Span, lines: &LineIndex<'_>) -> Self {
        Self {
            start: lines.position(span.start),
            end: lines.position(span.end),
        }
    }
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
    let mut all = loaded.findings.clone();
    all.extend(lint(&loaded, version));
    let proved = proofs(&loaded).findings_without(&all);
    all.extend(proved);
    if loaded.policy.is_none() && is_empty(&loaded.text) {
        all = vec![nothing()];
    }
    let lines = LineIndex::new(&loaded.text);
    let mut ignores = Ignores::read(&loaded.text);
    let (mut findings, ignored) = ignores.apply(all, &lines);
    findings.extend(ignores.findings(&names()));
    findings.sort_by_key(|finding| {
        let start = finding.span().unwrap_or_default().start;
        (start, finding.code.clone())
    });
    let report = report(file, &loaded, (&findings, &ignored), &lines);
    Ok(serde_json::to_string(&report).map_err(Error::from)?)
}

/// Returns whether a text has no content: only comments, document markers and white space.
fn is_empty(text: &str) -> bool {
    let mut lines = text
        .lines()
        .map(|line| line.trim_start_matches('\u{feff}').trim());
    lines.all(|line| line.is_empty() || line.starts_with('#') || matches!(line, "---" | "..."))
}

/// Returns the finding about an empty text.
fn nothing() -> Diagnostic {
    let message = "the file is empty: kube-apiserver rejects it";
    let help = "write a policy, such as `apiVersion: audit.k8s.io/v1`, `kind: Policy` and `rules:` with `- level: Metadata`";
    Diagnostic::new(PolicyCode::NoRules.id(), Severity::Error, message)
        .with_help(help)
        .labeled(Document::Policy, Span::new(0, 0))
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
        findings: findings.iter().map(|found| finding(found, lines)).collect(),
        ignored: ignored.collect(),
    }
}

fn finding<'a>(finding: &'a Diagnostic, lines: &LineIndex<'_>) -> FindingReport<'a> {
    let edit = |Edit { span, text }: &'a Edit| EditReport {
        span: Positions::of(*span, lines),
        text,
    };
    FindingReport {
        code: &finding.code,
        severity: finding.severity,
        message: &finding.message,
        path: &finding.path,
        span: Positions::of(finding.span().unwrap_or_default(), lines),
        help: &finding.help,
        fix: finding.fix.as_ref().map(|fix| FixReport {
            title: &fix.title,
            optional: fix.is_choice,
            edits: fix.edits.iter().map(edit).collect(),
        }),
    }
}
