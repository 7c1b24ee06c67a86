//! Reads pasted flags, manifests and configurations into settings. Reading never fails: a text that cannot be read is a finding.
//!
//! Each format has a reader, which returns a [`ParsedInput`]: arguments and mounts with their lines. Settings are made from that in one place.

use crate::codes::ImportCode;
use apiserver_config::SettingCode;
use audit_types::sort::SortShort;
use std::collections::HashSet;
use std::iter::Peekable;

use apiserver_config::{ServerPlace, Settings, is_switch, placeholder, unknown_value};
use audit_policy::KubernetesVersion;
use audit_types::excerpt::excerpt;
use audit_types::{Code, Diagnostic, LineIndex, Severity};

use crate::finding::{LineFinding, finding};
use crate::hidden::{self, HiddenArguments};
use crate::image_version::{self, NamedVersion};
use crate::input_format::InputFormat;
use crate::other_servers::OtherServer;
use crate::parsed_input::ParsedInput;
use crate::recognize::{Recognized, RecognizedDocument, recognize};
use crate::set::set;
use crate::shell_words::ShellWord;
use crate::{
    auditing_off, implied, minikube, mounts, no_flags, object_volumes, other_servers,
    other_version, policy_origin, rke2_profile, segments, stdout, terraform,
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
}

/// Names of what a text sets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GivenFlags {
    /// Audit flags, without dashes.
    pub names: Vec<String>,
    /// Those of them whose value is a variable: the settings have the default instead, or the text of the variable.
    pub unknown: Vec<String>,
    /// Feature gates about auditing.
    pub gates: Vec<String>,
    /// `true` if the server gets arguments that the text does not contain, so that a flag that is not among the names may be set.
    pub is_partial: bool,
    /// `true` if the policy is the default of a variable, which another value may replace.
    pub has_default_policy: bool,
}

/// Maximum size of a text in bytes. An object in a cluster has at most one and a half million.
pub const MAX_TEXT_BYTES: usize = 2 << 20;
/// Maximum number of findings per text.
const MAX_FINDINGS: usize = 500;

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
    read
}

/// Reads a text as settings of a server of one version.
fn import_at(text: &str, version: KubernetesVersion) -> Import {
    let is_small = text.len() <= MAX_TEXT_BYTES;
    let mut found = if is_small {
        terraform::read(text).unwrap_or_else(|| segments::read(text))
    } else {
        too_large()
    };
    rke2_profile::report(text, &mut found, version);
    let documents = is_small.then(|| recognize(text));
    if let Some(documents) = &documents {
        no_flags::report(text, documents, &mut found);
    }
    implied::add(text, &mut found);
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
    let mounted = documents.as_ref().and_then(|documents| {
        object_volumes::policy(text, documents, &settings.policy_path, &found)
    });
    if let Some(mounted) = mounted {
        settings.policy = mounted.text;
        findings.extend(mounted.finding);
    } else if settings.policy.is_empty()
        && let Some(documents) = &documents
    {
        let policy =
            policy_origin::find(text, documents, &settings.policy_path, &found.policy_origin);
        settings.policy = policy.text;
        given.has_default_policy = policy.is_default;
    }
    if let Some(documents) = &documents {
        terraform::keep_unread(documents, text, &mut findings);
    }
    findings.extend(is_off);
    let place = stdout::place(found.format, text);
    findings.extend(stdout::check(&settings, &found.words, place));
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
    Import {
        settings,
        format: found.format,
        title,
        findings,
        image_version: None,
        given,
        place,
        others,
    }
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
        "paste only the part about kube-apiserver",
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

/// Returns the settings of a server with these arguments.
pub(crate) fn settings(
    found: &mut ParsedInput,
    version: KubernetesVersion,
    given: &mut GivenFlags,
    findings: &mut Vec<LineFinding>,
) -> Settings {
    let mut settings = Settings {
        policy: found.policy.take().unwrap_or_default(),
        ..Settings::server_default(version)
    };
    for default in &found.defaults {
        // INVARIANT: a platform's own values are ones that the server reads.
        let _ = settings.set_flag(default.0, default.1);
        given.names.push(default.0.to_owned());
    }
    let mut seen: HashSet<String> = HashSet::new();
    let mut rest = found.words.iter().cloned().peekable();
    while let Some(word) = rest.next() {
        let Some((spelled, value)) = flag(&word, findings) else {
            continue;
        };
        // The server reads underscores as dashes.
        let name = spelled.replace('_', "-");
        if name == "feature-gates" {
            let gates = value.or_else(|| rest.next().map(|word| word.text));
            let gates = gates.unwrap_or_default();
            feature_gates(&gates, word.line, version, given, findings);
        } else if name.starts_with("audit-") {
            let value = value.or_else(|| value_after(&name, &mut rest));
            if seen.contains(&name) {
                findings.push(repeated(&name, word.line));
            }
            let error = set(&mut settings, &name, value.as_deref(), word.line).err();
            let variable = value.as_deref().and_then(placeholder);
            if variable.is_some() {
                given.unknown.push(name.clone());
            }
            // A value beyond the limit is set without its finding.
            findings.extend(
                error
                    .filter(|_| findings.len() <= MAX_FINDINGS)
                    .map(|error| unless_variable(error, &name, variable)),
            );
            if seen.insert(name.clone()) {
                given.names.push(name);
            }
        }
    }
    settings
}

/// Replaces the error of a value that is a variable by the finding about that.
fn unless_variable(error: LineFinding, name: &str, variable: Option<&str>) -> LineFinding {
    match variable {
        Some(variable) if error.code == ImportCode::InvalidValue.id() => {
            let unknown = unknown_value(name, variable);
            finding(
                SettingCode::UnknownValue,
                unknown.severity,
                error.line,
                unknown.message,
                unknown.help,
            )
        }
        _ => error,
    }
}

/// Returns the value of a flag without `=`: that of the next argument.
fn value_after(name: &str, rest: &mut Peekable<impl Iterator<Item = ShellWord>>) -> Option<String> {
    if is_switch(name) {
        return Some("true".to_owned());
    }
    rest.next_if(|next| !next.text.starts_with("--"))
        .map(|word| word.text)
}

fn repeated(name: &str, line: usize) -> LineFinding {
    let message = format!("`--{}` is set twice", excerpt(name));
    let help = "the last value is used";
    finding(
        ImportCode::RepeatedFlag,
        Severity::Warning,
        line,
        message,
        help,
    )
}

/// Returns the name of a flag and its value after `=`. `None` if the word is not a flag.
fn flag(word: &ShellWord, findings: &mut Vec<LineFinding>) -> Option<(String, Option<String>)> {
    let text = word.text.as_str();
    let bare = match text.strip_prefix("--") {
        Some(bare) => bare,
        None => {
            let bare = text.strip_prefix('-').unwrap_or(text);
            if !bare.starts_with("audit-") || !bare.contains('=') {
                return None;
            }
            findings.push(finding(
                SettingCode::Unsupported,
                Severity::Warning,
                word.line,
                format!("`{}` does not start with two dashes", excerpt(text)),
                "it is read as a flag; the server rejects a flag with one dash, and ignores one without",
            ));
            bare
        }
    };
    let (name, value) = match bare.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (bare, None),
    };
    match bare.split_once(char::is_whitespace) {
        Some((before, after)) if name.starts_with("audit-") && before.len() < name.len() => {
            findings.push(finding(
                SettingCode::Unsupported,
                Severity::Error,
                word.line,
                format!("unknown flag: --{}", excerpt(name)),
                "each item of a list is one argument, including its spaces: replace the space with `=`; it is read that way here",
            ));
            Some((before.to_owned(), Some(after.trim().to_owned())))
        }
        _ => Some((name.to_owned(), value.map(str::to_owned))),
    }
}

fn feature_gates(
    gates: &str,
    line: usize,
    version: KubernetesVersion,
    given: &mut GivenFlags,
    findings: &mut Vec<LineFinding>,
) {
    for gate in gates.split(',') {
        let name = gate.split('=').next().unwrap_or_default().trim();
        if matches!(name, "DynamicAuditing" | "AdvancedAuditing") {
            given.gates.push(name.to_owned());
        }
        let gone = match name {
            "DynamicAuditing" => "1.19",
            "AdvancedAuditing" if version.at_least(28) => "1.28",
            _ => continue,
        };
        let message = format!("the feature gate `{name}` was removed in {gone}");
        findings.push(finding(
            SettingCode::Unsupported,
            Severity::Error,
            line,
            message,
            "the server does not start with it: remove it",
        ));
    }
}
