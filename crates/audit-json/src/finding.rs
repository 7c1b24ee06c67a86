//! Findings.

use audit_types::{Diagnostic, Edit, LineIndex, Path, Position, Severity, Span};
use serde::Serialize;

/// A finding, as `audit-policy check` prints it. Places are lines and columns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FindingReport<'a> {
    code: &'a str,
    severity: Severity,
    message: &'a str,
    path: &'a Path,
    span: Positions,
    help: &'a str,
    fix: Option<FixReport<'a>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct FixReport<'a> {
    title: &'a str,
    /// `--fix` does not apply it, because it is a matter of choice.
    optional: bool,
    edits: Vec<EditReport<'a>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct EditReport<'a> {
    span: Positions,
    text: &'a str,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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

impl<'a> FindingReport<'a> {
    /// Creates the report of a finding in a text with these lines.
    pub fn new(finding: &'a Diagnostic, lines: &LineIndex<'_>) -> Self {
        let edit = |Edit { span, text }: &'a Edit| EditReport {
            span: Positions::of(*span, lines),
            text,
        };
        Self {
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
}
