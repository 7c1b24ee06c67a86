//! A text that is open in an editor: what `check` reports about a file of a folder, and what `--fix` changes in it.

use std::ffi::OsString;

use audit_policy::Diagnostic;

use super::checked::Checked;
use super::files::{MAX_WALKED_BYTES, may_have_policy_in};
use super::fix;
pub(crate) use super::sarif::message;
use super::sarif::unexplained;
use crate::config::FileSettings;
use crate::file_name::FileName;

/// A checked text with a policy.
pub(crate) struct OpenText(Checked);

impl OpenText {
    /// Checks a text. `None` if it contains no policy and is not meant as one, or is larger than a file of a folder may be.
    pub(crate) fn new(text: &str, file: &str, settings: &FileSettings<'_>) -> Option<Self> {
        let is_small = u64::try_from(text.len()).is_ok_and(|size| size <= MAX_WALKED_BYTES);
        if !is_small || !may_have_policy_in(text.as_bytes()) {
            return None;
        }
        let checked = Checked::new(text.as_bytes(), settings);
        checked.has_policy(file).then_some(Self(checked))
    }

    /// Returns the findings that neither a comment nor the configuration takes away, in the order of their policies. Spans and edits are those of the text.
    pub(crate) fn findings(&self) -> Vec<Diagnostic> {
        let reports = self.0.reports();
        let findings = reports.iter().flat_map(|report| report.findings);
        findings.cloned().collect()
    }

    /// Returns the server's errors that no finding explains.
    pub(crate) fn rejections(&self) -> Vec<String> {
        let reports = self.0.reports();
        let errors = reports.iter().filter_map(unexplained);
        errors.map(str::to_owned).collect()
    }
}

/// Returns the text that `check --fix` writes. `None` if it changes nothing.
pub(crate) fn fixed(text: &str, file: &str, settings: &FileSettings<'_>) -> Option<String> {
    let file = FileName::from(OsString::from(file));
    let fixed = fix::fixed(&file, text.as_bytes(), settings)?;
    let fixed = String::from_utf8(fixed.bytes).ok()?;
    (fixed != text).then_some(fixed)
}

/// Returns an edit's text with the line ends of the text that it changes, as `--fix` writes it.
pub(crate) fn with_line_ends(edit: &str, text: &str) -> String {
    fix::with_line_end(edit, fix::line_end(text))
}
