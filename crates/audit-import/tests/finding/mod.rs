//! Code and line of a finding.

#![allow(clippy::unwrap_used)]

use std::borrow::Cow;

use audit_types::{Diagnostic, LineIndex};

/// Returns the code of a finding.
pub fn code(finding: &Diagnostic) -> &'static str {
    match finding.code {
        Cow::Borrowed(code) => code,
        Cow::Owned(_) => "",
    }
}

/// Returns the line of a finding.
pub fn line(text: &str, finding: &Diagnostic) -> usize {
    let span = finding.span().unwrap();
    LineIndex::new(text).position(span.start).line
}
