//! Checks of whole texts: the settings of an imported text, and the documents of a text with their policies or settings.

use std::collections::HashSet;

use apiserver_config::{SettingCode, Upgrade, check_in, flag_of};
use audit_policy::KubernetesVersion;
use audit_types::sort::SortShort;
use audit_types::{Code, Diagnostic, Document, LineIndex, Severity, Span};

use crate::codes::{DocumentCode, ImportCode};
use crate::import::{Import, MAX_TEXT_BYTES, import};
use crate::input_format::InputFormat;
use crate::recognize::no_policy::NAMES_NONE;
use crate::recognize::{CheckedPart, PolicyForm, Recognized, RecognizedDocument};

impl Import {
    /// Returns the findings about the text and about its settings, in the order of the text. One about a flag that the text does not name has no span.
    pub fn all_findings(&self, text: &str) -> Vec<Diagnostic> {
        let is_about_policy =
            |finding: &Diagnostic| finding.code == SettingCode::RejectedPolicy.id();
        // Usually the text contains only the path of the policy. Without flags, nothing is set.
        let of_settings = check_in(&self.settings, self.place)
            .into_iter()
            .filter(|finding| {
                let is_known = !self.settings.policy.is_empty() && !self.given.has_default_policy;
                is_known || !is_about_policy(finding)
            })
            .filter(|_| !self.given.names.is_empty() || !self.settings.changed_flags().is_empty())
            .filter(|finding| self.given.knows(finding))
            .map(|finding| self.with_setting(finding))
            .map(|finding| self.at_its_flag(finding, text));
        let of_others = self.others.iter();
        let of_others = of_others.flat_map(|other| other.findings(text, self.place));
        let mut findings: Vec<Diagnostic> = self
            .findings
            .iter()
            .cloned()
            .chain(of_settings)
            .chain(of_others)
            .collect();
        findings.sort_short_by_key(|finding| finding.span().map_or(usize::MAX, |span| span.start));
        findings
    }

    /// Returns a finding about a missing flag with the field that sets it.
    fn with_setting(&self, finding: Diagnostic) -> Diagnostic {
        let field = match (self.format, flag_of(&finding)) {
            (InputFormat::Kops, "audit-log-path") => "auditLogPath",
            (InputFormat::Kops, "audit-policy-file") => "auditPolicyFile",
            _ => return finding,
        };
        if finding.code != SettingCode::NothingRecorded.id() {
            return finding;
        }
        let help = format!("{}: set `spec.kubeAPIServer.{field}`", finding.help);
        finding.with_help(help)
    }

    /// Returns a finding about a flag with the line of the value that the server uses. That of a field is found by its name.
    pub fn at_its_flag(&self, finding: Diagnostic, text: &str) -> Diagnostic {
        if flag_of(&finding).is_empty() && finding.span().is_some() {
            return finding;
        }
        let Some(line) = self.given.lines.get(flag_of(&finding)) else {
            return at_its_flag(finding, text);
        };
        let lines = LineIndex::new(text);
        let content = lines.line_text(*line);
        let margin = content.len() - content.trim_start().len();
        let start = lines.line_start(*line);
        let end = start + content.trim_end().len().max(margin);
        finding.labeled(Document::Manifest, Span::new(start + margin, end))
    }

    /// Returns a finding for each change of an upgrade between two versions; first that kubeadm cannot read the text. Whether a default changes that the text does not name is not known if
    /// the server gets arguments that the text does not contain.
    pub fn upgrade_changes(
        &self,
        from: KubernetesVersion,
        to: KubernetesVersion,
    ) -> Vec<Diagnostic> {
        let upgrade = Upgrade {
            settings: &self.settings,
            given: &self.given.names,
            gates: &self.given.gates,
            older_minor: self.older_minor(),
        };
        let of_kubeadm = self.kubeadm.as_ref();
        let of_kubeadm = of_kubeadm.and_then(|version| version.change(from, to));
        let mut changes: Vec<Diagnostic> = of_kubeadm.into_iter().collect();
        changes.extend(upgrade.changes(from, to));
        let is_given = |flag: &str| self.given.names.iter().any(|name| name == flag);
        changes.retain(|finding| {
            let is_of_default = finding.code == SettingCode::DefaultOfUpgrade.id();
            !(is_of_default && self.given.is_partial && !is_given(flag_of(finding)))
        });
        changes
    }

    /// Returns the minor version that the text names, if it is older than all known ones.
    fn older_minor(&self) -> Option<u8> {
        let minor = u8::try_from(self.image_version.as_ref()?.minor).ok()?;
        (minor < KubernetesVersion::OLDEST.minor()).then_some(minor)
    }

    /// Returns the message about an upgrade that changes nothing.
    pub fn no_upgrade_changes(&self, from: KubernetesVersion, to: KubernetesVersion) -> String {
        let rest = if self.given.is_partial {
            " for the arguments that the text contains; the server gets others, too"
        } else {
            ""
        };
        format!("nothing about auditing changes from {from} to {to}{rest}")
    }
}

/// Returns a finding about a flag with the first line that names the flag, or else the first one with a field of the flag's name, such as
/// `auditLogPath` or `audit_log_path`.
fn at_its_flag(finding: Diagnostic, text: &str) -> Diagnostic {
    let flag = flag_of(&finding);
    let field = flag.replace('-', "");
    let names_field = |line: &str| {
        let name = line.split([':', '=']).next().unwrap_or_default();
        let letters = name.chars().filter(char::is_ascii_alphanumeric);
        !field.is_empty() && letters.map(|c| c.to_ascii_lowercase()).eq(field.chars())
    };
    let span = line_with(text, |line| line.contains(flag)).or_else(|| line_with(text, names_field));
    match span {
        Some(span) => finding.labeled(Document::Manifest, span),
        None => Diagnostic {
            primary: None,
            ..finding
        },
    }
}

/// Returns the bytes of the first line with a property, without the white space around it.
fn line_with(text: &str, has_property: impl Fn(&str) -> bool) -> Option<Span> {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if has_property(line) {
            let margin = line.len() - line.trim_start().len();
            let end = start + line.trim_end().len().max(margin);
            return Some(Span::new(start + margin, end));
        }
        start += line.len();
    }
    None
}

/// Returns whether a finding is the note that nothing in the text is about auditing.
fn is_nothing(finding: &Diagnostic) -> bool {
    finding.code == ImportCode::UnreadableText.id() && finding.severity == Severity::Info
}

/// Returns the number of findings that are errors in the settings around a policy.
pub fn settings_errors(findings: &[Diagnostic]) -> usize {
    let is_error = |finding: &&Diagnostic| {
        finding.severity == Severity::Error && finding.code.starts_with("AE")
    };
    findings.iter().filter(is_error).count()
}

/// Checks the documents of a text: each policy inside, and the settings around them or of a text without one. Settings that are read make the finding
/// that the text is not a policy a note.
///
/// Findings about settings belong to the first policy of their document; those of a document without one to the next policy.
pub fn check_documents<'r>(
    recognized: &'r Recognized,
    text: &str,
    version: KubernetesVersion,
) -> Vec<CheckedPart<'r>> {
    let mut parts = recognized.check(text, version);
    if text.len() > MAX_TEXT_BYTES {
        let has_other = |document: &RecognizedDocument| document.format != InputFormat::Policy;
        if recognized.documents.iter().any(has_other)
            && let Some(part) = parts.last_mut()
        {
            part.findings.push(settings_unread());
        }
        return parts;
    }
    if parts.is_empty() {
        return parts;
    }
    let read = import(text, version);
    let mut found = read.all_findings(text);
    let is_read = !read.given.names.is_empty() || !found.iter().any(is_nothing);
    // A policy inside is checked by itself.
    found
        .retain(|finding| !is_nothing(finding) && finding.code != SettingCode::RejectedPolicy.id());
    if let [part] = parts.as_mut_slice()
        && part.policy.is_none()
        && is_read
    {
        let is_off = |finding: &&Diagnostic| finding.code == ImportCode::AuditingOff.id();
        let remedy = found.iter().find(is_off).map(|off| off.help.as_str());
        note_other_document(part, &read.settings.policy_path, remedy);
    }
    add(found, recognized, &mut parts);
    parts
}

/// Returns the finding about a text that is too large for its settings to be read.
fn settings_unread() -> Diagnostic {
    let message = format!(
        "the text is larger than {} MiB: its audit settings are not checked here",
        MAX_TEXT_BYTES >> 20
    );
    Diagnostic::of(DocumentCode::PartlyRead, message)
        .with_help("check the part about kube-apiserver as a file of its own")
        .labeled(Document::Manifest, Span::new(0, 0))
}

/// Makes the finding that a document is not a policy a note, with the policy's file if the document's program sets it. `remedy` is the help about a server without audit
/// flags: it has no policy's file.
fn note_other_document(part: &mut CheckedPart<'_>, path: &str, remedy: Option<&str>) {
    let named = part.document.not_a_policy_with_file(path);
    let mut named = named.filter(|_| !path.is_empty());
    for finding in &mut part.findings {
        if finding.code == DocumentCode::OtherDocument.id() {
            if let Some(named) = named.take() {
                *finding = named;
            }
            if let Some(remedy) = remedy.filter(|_| finding.help == NAMES_NONE) {
                remedy.clone_into(&mut finding.help);
            }
            finding.severity = Severity::Info;
        }
    }
}

/// Adds findings about settings to parts of a text. In a text of several documents, one without a place gets that of the document with the settings.
fn add(found: Vec<Diagnostic>, recognized: &Recognized, parts: &mut [CheckedPart<'_>]) {
    let main = recognized.main().filter(|_| recognized.documents.len() > 1);
    let of_settings = main.map(|document| Span::new(document.span.start, document.span.start));
    let known: HashSet<(Option<Span>, String, String)> = parts
        .iter()
        .flat_map(|part| &part.findings)
        .map(identity)
        .collect();
    for finding in found {
        if known.contains(&identity(&finding)) {
            continue;
        }
        let finding = match (finding.span(), of_settings) {
            (None, Some(span)) => finding.labeled(Document::Manifest, span),
            _ => finding,
        };
        let start = finding.span().map_or(0, |span| span.start);
        if is_in_policy(start, recognized) {
            continue;
        }
        let at = parts.partition_point(|part| part.document.span.end <= start);
        let at = at.min(parts.len().saturating_sub(1));
        if let Some(part) = parts.get_mut(at) {
            part.findings.push(finding);
        }
    }
    for part in parts {
        part.findings
            .sort_short_by_key(|finding| finding.span().map_or(usize::MAX, |span| span.start));
    }
}

/// Returns whether the document at an offset is a policy, which contains no settings.
fn is_in_policy(offset: usize, recognized: &Recognized) -> bool {
    let documents = &recognized.documents;
    let at = documents.partition_point(|document| document.span.end <= offset);
    let policy = documents.get(at).and_then(|found| found.policies.first());
    policy.is_some_and(|policy| policy.form == PolicyForm::Document)
}

/// Returns what two equal findings have in common.
fn identity(finding: &Diagnostic) -> (Option<Span>, String, String) {
    (
        finding.span(),
        finding.code.to_string(),
        finding.message.clone(),
    )
}
