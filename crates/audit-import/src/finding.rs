//! Findings about a pasted text, by line while it is read.

use audit_types::{Code, Diagnostic, Document, LineIndex, Severity, Span};

/// A finding with the line that it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LineFinding {
    /// Code of the finding.
    pub(crate) code: &'static str,
    /// Severity; with an error, the server does not start.
    pub(crate) severity: Severity,
    /// Line, from 1.
    pub(crate) line: usize,
    /// The problem in one sentence; for an invalid value, the server's own message.
    pub(crate) message: String,
    /// The remedy, or the consequence.
    pub(crate) help: String,
}

impl LineFinding {
    /// Converts to a diagnostic whose primary span is the line.
    pub(crate) fn into_diagnostic(self, lines: &LineIndex<'_>) -> Diagnostic {
        let start = lines.line_start(self.line);
        let span = Span::new(start, start + lines.line_text(self.line).len());
        Diagnostic::new(self.code, self.severity, self.message)
            .with_help(self.help)
            .labeled(Document::Manifest, span)
    }
}

/// Creates a finding.
pub(crate) fn finding(
    code: impl Code,
    severity: Severity,
    line: usize,
    message: impl Into<String>,
    help: impl Into<String>,
) -> LineFinding {
    LineFinding {
        code: code.id(),
        severity,
        line,
        message: message.into(),
        help: help.into(),
    }
}
