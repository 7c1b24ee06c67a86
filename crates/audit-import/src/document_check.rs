//! Checks of whole texts: the settings of an imported text, and the documents of a text with their policies or settings.

use apiserver_config::{SettingCode, check_in, flag_of};
use audit_policy::KubernetesVersion;
use audit_types::excerpt::excerpt;
use audit_types::sort::SortShort;
use audit_types::{Code, Diagnostic, Document, Severity, Span};

use crate::codes::{DocumentCode, ImportCode};
use crate::import::{Import, MAX_TEXT_BYTES, import};
use crate::recognize::{CheckedPart, Recognized, WITHOUT_POLICY};

impl Import {
    /// Returns the findings about the text and about its settings, in the order of the text. One about a flag that the text does not name has no span.
    pub fn all_findings(&self, text: &str) -> Vec<Diagnostic> {
        let is_about_policy =
            |finding: &Diagnostic| finding.code == SettingCode::RejectedPolicy.id();
        // Usually the text contains only the path of the policy. Without flags, nothing is set.
        let of_settings = check_in(&self.settings, self.place)
            .into_iter()
            .filter(|finding| !self.settings.policy.is_empty() || !is_about_policy(finding))
            .filter(|_| !self.given.names.is_empty() || !self.settings.changed_flags().is_empty())
            .filter(|finding| self.is_known(finding))
            .map(|finding| at_its_flag(finding, text));
        let mut findings: Vec<Diagnostic> =
            self.findings.iter().cloned().chain(of_settings).collect();
        findings.sort_short_by_key(|finding| finding.span().map_or(usize::MAX, |span| span.start));
        findings
    }

    /// Returns whether a finding is about values that the text contains, and not about a default instead of a variable.
    fn is_known(&self, finding: &Diagnostic) -> bool {
        let unknown = &self.given.unknown;
        let is_unknown = |flag: &str| unknown.iter().any(|name| name == flag);
        let rotation = [
            "audit-log-maxage",
            "audit-log-maxbackup",
            "audit-log-maxsize",
        ];
        let is_of_rotation = finding.code == SettingCode::UnlimitedLog.id();
        // Flags that the text does not set may be among arguments that it does not contain.
        let is_given = |flag: &str| self.given.names.iter().any(|name| name == flag);
        let is_open = self.given.is_partial
            && (!is_given(flag_of(finding))
                || (is_of_rotation && !rotation.into_iter().all(is_given)));
        if is_open {
            return false;
        }
        finding.code == SettingCode::UnknownValue.id()
            || !(is_unknown(flag_of(finding))
                || (is_of_rotation && rotation.into_iter().any(is_unknown)))
    }
}

/// Returns a finding about a flag with the first line that names the flag.
pub fn at_its_flag(finding: Diagnostic, text: &str) -> Diagnostic {
    let flag = flag_of(&finding);
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if line.contains(flag) {
            let margin = line.len() - line.trim_start().len();
            let end = start + line.trim_end().len().max(margin);
            return finding.labeled(Document::Manifest, Span::new(start + margin, end));
        }
        start += line.len();
    }
    Diagnostic {
        primary: None,
        ..finding
    }
}

/// Returns whether a finding is the note that nothing in the text is about auditing.
fn is_nothing(finding: &Diagnostic) -> bool {
    finding.code == ImportCode::UnreadableText.id() && finding.severity == Severity::Info
}

/// Names the policy's file in the finding that a document contains no policy, if the document's program sets it.
fn name_file(finding: &mut Diagnostic, path: &str) {
    let Some(message) = finding.message.strip_suffix(WITHOUT_POLICY) else {
        return;
    };
    if !path.is_empty() {
        finding.message = format!("{message}; its policy is the file `{}`", excerpt(path));
        finding.help = "check that file".to_owned();
    }
}

/// Checks the documents of a text: each policy inside, or the settings of a text without one. Settings that are read make the finding that the text
/// is not a policy a note.
pub fn check_documents<'r>(
    recognized: &'r Recognized,
    text: &str,
    version: KubernetesVersion,
) -> Vec<CheckedPart<'r>> {
    let mut parts = recognized.check(text, version);
    let [part] = parts.as_mut_slice() else {
        return parts;
    };
    if part.policy.is_some() || text.len() > MAX_TEXT_BYTES {
        return parts;
    }
    let read = import(text, version);
    let mut found = read.all_findings(text);
    let is_read = !found.iter().any(is_nothing);
    if is_read {
        for finding in &mut part.findings {
            if finding.code == DocumentCode::OtherDocument.id() {
                finding.severity = Severity::Info;
                name_file(finding, &read.settings.policy_path);
            }
        }
    }
    found.retain(|finding| !is_nothing(finding) && !part.findings.contains(finding));
    part.findings.append(&mut found);
    part.findings
        .sort_short_by_key(|finding| finding.span().map_or(usize::MAX, |span| span.start));
    parts
}
