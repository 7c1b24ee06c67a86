//! Reads pasted flags, manifests and configurations into settings. Reading never fails: a text that cannot be read is a finding.
//!
//! Each format has a reader, which returns a [`ParsedInput`]: arguments and mounts with their lines. Settings are made from that in one place.

use apiserver_config::{ServerPlace, Settings};
use audit_policy::KubernetesVersion;
use audit_types::sort::SortShort;
use audit_types::{Code, Diagnostic, LineIndex, Severity};

use crate::arguments::{GivenFlags, MAX_FINDINGS, settings};
use crate::codes::ImportCode;
use crate::finding::{LineFinding, finding};
use crate::hidden::{self, HiddenArguments};
use crate::image_version::{self, NamedVersion};
use crate::input_format::InputFormat;
use crate::kubeadm_version::{self, RemovedVersion};
use crate::other_servers::OtherServer;
use crate::parsed_input::ParsedInput;
use crate::recognize::{BYTE_ORDER_MARK, Recognized, RecognizedDocument, recognize};
use crate::{
    auditing_off, implied, minikube, mounts, no_flags, object_volumes, other_servers,
    other_version, rke2_profile, segments, server_policy, stdout, terraform,
};

/// Result of [`import`].
#[derive(Debug, Clone, PartialEq)]
pub struct Import {
    /// Settings of a server of that version with these flags. The policy's text is empty unless the pasted text contains it: flags only name a
    /// file.
    pub settings: Settings,
    /// Format of the text.
    pub format: InputFormat,
    /// The text as messages have it, such as `a systemd unit`.
    pub title: String,
    /// Findings, in the order of the text. The primary span of each is a line of the text.
    pub findings: Vec<Diagnostic>,
    /// Kubernetes version that the text names, if it does.
    pub image_version: Option<NamedVersion>,
    /// Audit flags and feature gates that the text sets.
    pub given: GivenFlags,
    /// Place where the server runs.
    pub place: ServerPlace,
    /// Other servers of the text with settings of their own.
    pub others: Vec<OtherServer>,
    /// Version of a kubeadm configuration, if some kubeadm no longer reads it.
    pub(crate) kubeadm: Option<RemovedVersion>,
}

/// Maximum size of a text in bytes. An object in a cluster has at most one and a half million.
pub const MAX_TEXT_BYTES: usize = 2 << 20;

/// Reads flags of kube-apiserver, the manifest of its pod, or the configuration of a program that starts it. Everything that is not about auditing
/// is ignored.
///
/// ```
/// use apiserver_config::KubernetesVersion;
/// use audit_import::{InputFormat, import};
///
/// let read = import("kube-apiserver --audit-log-path=/a.log \\\n  --audit-log-maxage 7", KubernetesVersion::NEWEST);
/// assert_eq!((read.settings.log.path.as_str(), read.settings.log.max_age_days), ("/a.log", 7));
/// assert_eq!((read.format, read.findings), (InputFormat::Flags, vec![]));
/// ```
pub fn import(text: &str, version: KubernetesVersion) -> Import {
    let mut read = import_at(text, version);
    let named = image_version::find(text);
    if let Some(named) = &named {
        let codes = |read: &Import| other_version::codes(&read.findings, &read.settings);
        let other = u8::try_from(named.minor)
            .ok()
            .and_then(KubernetesVersion::from_minor);
        let other = other
            .filter(|other| *other != version)
            .map(|other| (other, codes(&import_at(text, other))));
        let finding = other_version::check_version(named, version, &codes(&read), other);
        let lines = LineIndex::new(text);
        read.findings
            .extend(finding.map(|finding| finding.into_diagnostic(&lines)));
        other_version::keep_dynamic(named, &mut read.findings);
        let start = |finding: &Diagnostic| finding.span().map_or(0, |span| span.start);
        read.findings.sort_short_by_key(start);
    }
    read.image_version = named;
    if read.format == InputFormat::KubeadmV1beta3 {
        read.kubeadm = kubeadm_version::find(text);
    }
    read
}

/// Reads a text as settings of a server of one version.
fn import_at(text: &str, version: KubernetesVersion) -> Import {
    let Some(bare) = text.strip_prefix(BYTE_ORDER_MARK) else {
        return import_bare(text, version);
    };
    let mut read = import_bare(bare, version);
    for finding in &mut read.findings {
        move_spans(finding, text.len() - bare.len());
    }
    read
}

/// Moves the spans of a finding behind a start of the text that was not read.
fn move_spans(finding: &mut Diagnostic, bytes: usize) {
    let labels = finding.primary.iter_mut().chain(&mut finding.secondary);
    let of_labels = labels.map(|label| &mut label.span);
    let edits = finding.fix.iter_mut().flat_map(|fix| &mut fix.edits);
    for span in of_labels.chain(edits.map(|edit| &mut edit.span)) {
        span.start += bytes;
        span.end += bytes;
    }
}

/// Reads a text without a byte order mark.
fn import_bare(text: &str, version: KubernetesVersion) -> Import {
    let is_small = text.len() <= MAX_TEXT_BYTES;
    let documents = is_small.then(|| recognize(text));
    let mut found = read(text, version, documents.as_ref());
    let is_minikube = found.format == InputFormat::Minikube || minikube::is_minikube(text);
    if is_minikube {
        found.findings.extend(minikube::components_of(&found.words));
        let of_keys = minikube::old_keys(&mut found.words);
        found.findings.extend(of_keys);
    }
    let hidden = hidden::find(text, &found);
    let is_off = auditing_off(&found, hidden.as_ref(), text, documents.as_ref());
    let mut findings = std::mem::take(&mut found.findings);
    let mut given = GivenFlags {
        is_partial: hidden.is_some(),
        ..GivenFlags::default()
    };
    let mut settings = settings(&mut found, version, &mut given, &mut findings);
    given.written = written(&settings, &found);
    if let Some(documents) = &documents {
        let of_policy = find_policy(text, documents, &found, &mut settings, &mut given);
        findings.extend(of_policy);
        terraform::keep_unread(documents, text, &mut findings);
    }
    findings.extend(is_off);
    let place = stdout::place(found.format, text);
    let of_output = stdout::check(&settings, &found.words, place, &findings);
    findings.extend(of_output);
    if is_minikube {
        findings.extend(minikube::mounts(&settings, &found.words));
    }
    findings.extend(mounts::check(&settings, &found));
    let (others, of_others) = other_servers::read(text, &mut found, &settings, version, place);
    findings.extend(of_others);
    findings.sort_short_by_key(|finding| finding.line);
    findings.dedup();
    limit(&mut findings);
    let title = title(found.format, documents.as_ref());
    let findings = with_spans(text, findings, documents);
    Import {
        settings,
        format: found.format,
        title,
        findings,
        image_version: None,
        given,
        place,
        others,
        kubeadm: None,
    }
}

/// Reads what a text contains about the server. `documents` are those of a text that is not too large.
fn read(text: &str, version: KubernetesVersion, documents: Option<&Recognized>) -> ParsedInput {
    let mut found = match documents {
        Some(_) => terraform::read(text).unwrap_or_else(|| segments::read(text)),
        None => too_large(),
    };
    rke2_profile::report(text, &mut found, version);
    if let Some(documents) = documents {
        no_flags::report(text, documents, &mut found);
    }
    implied::add(text, &mut found);
    found
}

/// Returns findings with the spans of their lines, and those of the documents, in the order of the text.
fn with_spans(
    text: &str,
    findings: Vec<LineFinding>,
    documents: Option<Recognized>,
) -> Vec<Diagnostic> {
    let lines = LineIndex::new(text);
    let mut findings: Vec<Diagnostic> = findings
        .into_iter()
        .map(|finding| finding.into_diagnostic(&lines))
        .collect();
    findings.extend(documents.into_iter().flat_map(of_documents));
    findings.sort_short_by_key(|finding| {
        finding
            .span()
            .map_or(0, |span| lines.position(span.start).line)
    });
    findings
}

/// Returns the flags whose file the server's own script writes.
fn written(settings: &Settings, found: &ParsedInput) -> Vec<String> {
    let webhook = settings.webhook.config_path.as_str();
    let files = [
        ("audit-policy-file", settings.policy_path.as_str()),
        ("audit-webhook-config-file", webhook),
    ];
    let is_written = |path: &str| found.written.iter().any(|file| file == path);
    let flags = files.into_iter().filter(|(_, path)| is_written(path));
    flags.map(|(flag, _)| flag.to_owned()).collect()
}

/// Sets the policy that the server reads, if the text contains it. Returns the finding about an object that should contain it.
fn find_policy(
    text: &str,
    documents: &Recognized,
    found: &ParsedInput,
    settings: &mut Settings,
    given: &mut GivenFlags,
) -> Option<LineFinding> {
    let path = settings.policy_path.clone();
    if let Some(mounted) = object_volumes::policy(text, documents, &path, found) {
        settings.policy = mounted.text;
        return mounted.finding;
    }
    if settings.policy.is_empty() {
        let policy = server_policy::find(text, documents, &path, &found.policy_origin);
        settings.policy = policy.text;
        given.has_default_policy = policy.is_default;
    }
    None
}

/// Returns the finding about a text without audit flags. Whether auditing is off is not known if the text does not contain all arguments.
fn auditing_off(
    found: &ParsedInput,
    hidden: Option<&HiddenArguments>,
    text: &str,
    documents: Option<&Recognized>,
) -> Option<LineFinding> {
    let finding = auditing_off::check(found, text, documents)?;
    let is_off = finding.code == ImportCode::AuditingOff.id();
    Some(hidden.filter(|_| is_off).map_or(finding, hidden::report))
}

/// Reports a text above the limit, of which nothing is read.
fn too_large() -> ParsedInput {
    let mut found = ParsedInput::new(InputFormat::Unknown);
    found.report(
        ImportCode::UnreadableText,
        Severity::Error,
        1,
        format!("the text is larger than {} MiB", MAX_TEXT_BYTES >> 20),
        "keep only the part about kube-apiserver",
    );
    found
}

/// Replaces the findings after the first [`MAX_FINDINGS`] by one that reports them.
fn limit(findings: &mut Vec<LineFinding>) {
    let Some(last) = findings.get(MAX_FINDINGS.saturating_sub(1)) else {
        return;
    };
    let line = last.line;
    findings.truncate(MAX_FINDINGS - 1);
    findings.push(finding(
        ImportCode::UnreadableText,
        Severity::Warning,
        line,
        format!("more than {MAX_FINDINGS} findings: the rest is not shown"),
        "fix the first ones and import the text again",
    ));
}

/// Returns what a text is: as it was recognized, if that says more than its format.
fn title(format: InputFormat, documents: Option<&Recognized>) -> String {
    let recognized = documents.and_then(Recognized::main);
    let says_more = |document: &&RecognizedDocument| {
        document.format == format && document.is_specific()
            || (format == InputFormat::Unknown && document.format == InputFormat::Flags)
    };
    recognized
        .filter(says_more)
        .map_or(format.title(), |document| &document.title)
        .to_owned()
}

/// Returns findings about the way in which the text contains its policy.
fn of_documents(mut found: Recognized) -> Vec<Diagnostic> {
    let mut findings = std::mem::take(&mut found.findings);
    for document in &mut found.documents {
        findings.append(&mut document.findings);
        let policies = document.policies.iter_mut();
        findings.extend(policies.flat_map(|policy| std::mem::take(&mut policy.findings)));
    }
    findings
}
