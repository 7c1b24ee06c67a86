//! What people paste about kube-apiserver (flags, manifests, configurations) into settings. Reading never fails: what cannot be read is a finding.
//!
//! Each shape has its reader; all of them give arguments, mounts and where these stand, of which settings are made in one place.

use std::collections::HashSet;
use std::iter::Peekable;

use audit_policy::{KubernetesVersion, Severity};

use apiserver_config::paths::one_line as shown;
use apiserver_config::{Settings, is_switch};

use crate::found::Found;
use crate::set::set;
use crate::source::Source;
use crate::words::Word;
use crate::{mounts, parts};

/// What was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Import {
    /// The settings that a server of that version has with these flags. The policy's text is empty unless the pasted text holds it: flags name a
    /// file.
    pub settings: Settings,
    /// What was pasted.
    pub source: Source,
    /// What was not clear, in the order of the text.
    pub findings: Vec<ImportFinding>,
}

/// A diagnostic about a pasted text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportFinding {
    /// The stable code; each has a page in `findings/`. `AE007` characters that look like others; `AE015` a flag that this version does not know or spells otherwise;
    /// `AE016` a value that the server cannot read; `AE017` a text that does not end; `AE018` a flag that is given twice;
    /// `AE019` a text, or a part of it, that cannot be read or holds no flags; `AE020` a mount without volume, or the reverse; `AE021` a volume
    /// that loses the log or cannot hold the file; `AE022` a configuration of another shape than its reader takes; `AE023` flags in more than
    /// one place; `AE024` a file that lies elsewhere on the node. Of mounts, `AE011` and `AE014` as in [`apiserver_config::SettingFinding`].
    pub code: &'static str,
    /// How much it matters: errors keep the server from starting.
    pub severity: Severity,
    /// The line, from 1.
    pub line: usize,
    /// One sentence; for a value that cannot be read, the server's own.
    pub message: String,
    /// What to do, or what follows.
    pub help: String,
}

pub(crate) fn say(
    code: &'static str,
    severity: Severity,
    line: usize,
    message: impl Into<String>,
    help: impl Into<String>,
) -> ImportFinding {
    ImportFinding {
        code,
        severity,
        line,
        message: message.into(),
        help: help.into(),
    }
}

/// The largest text of flags, a manifest or a configuration that is read, in bytes; an object in a cluster has no more than one and a half million.
pub const MAX_TEXT_BYTES: usize = 2 << 20;
/// Findings of one text at most.
const MAX_FINDINGS: usize = 500;

/// Reads what kube-apiserver is started with: flags, the manifest of its pod, or the configuration of what starts it. What is not about auditing
/// is passed over.
///
/// ```
/// use apiserver_config::KubernetesVersion;
/// use audit_import::{Source, import};
///
/// let read = import("kube-apiserver --audit-log-path=/a.log \\\n  --audit-log-maxage 7", KubernetesVersion::NEWEST);
/// assert_eq!((read.settings.log.path.as_str(), read.settings.log.max_age_days), ("/a.log", 7));
/// assert_eq!((read.source, read.findings), (Source::Flags, vec![]));
/// ```
pub fn import(text: &str, version: KubernetesVersion) -> Import {
    let mut found = if text.len() > MAX_TEXT_BYTES {
        let mut found = Found::new(Source::Unknown);
        found.say(
            "AE019",
            Severity::Error,
            1,
            format!("the text is larger than {} MiB", MAX_TEXT_BYTES >> 20),
            "paste the part that is about kube-apiserver",
        );
        found
    } else {
        parts::read(text)
    };
    let mut findings = std::mem::take(&mut found.findings);
    let settings = settings(&mut found, version, &mut findings);
    findings.extend(mounts::check(&settings, &found));
    findings.sort_by_key(|finding| finding.line);
    findings.dedup();
    if let Some(last) = findings.get(MAX_FINDINGS.saturating_sub(1)).cloned() {
        findings.truncate(MAX_FINDINGS - 1);
        let message =
            format!("there is more to say than {MAX_FINDINGS} findings: the rest is left out");
        let help = "mend the first ones and read the text again";
        findings.push(say("AE019", Severity::Warning, last.line, message, help));
    }
    Import {
        settings,
        source: found.source,
        findings,
    }
}

/// The settings that a server has with these arguments.
fn settings(
    found: &mut Found,
    version: KubernetesVersion,
    findings: &mut Vec<ImportFinding>,
) -> Settings {
    let mut settings = Settings {
        policy: found.policy.take().unwrap_or_default(),
        ..Settings::server_default(version)
    };
    for default in &found.defaults {
        // INVARIANT: a platform's own values are ones that the server reads.
        let _ = settings.set_flag(default.0, default.1);
    }
    let mut seen: HashSet<String> = HashSet::new();
    let mut rest = found.words.iter().cloned().peekable();
    while let Some(word) = rest.next() {
        let Some((given, value)) = flag(&word, findings) else {
            continue;
        };
        // The server takes underscores for dashes.
        let name = given.replace('_', "-");
        if name == "feature-gates" {
            let gates = value.or_else(|| rest.next().map(|word| word.text));
            feature_gates(&gates.unwrap_or_default(), word.line, version, findings);
        } else if name.starts_with("audit-") {
            let value = value.or_else(|| value_after(&name, &mut rest));
            if seen.contains(&name) {
                findings.push(repeated(&name, word.line));
            }
            if findings.len() <= MAX_FINDINGS {
                findings.extend(set(&mut settings, &name, value.as_deref(), word.line).err());
            } else if let Some(value) = value {
                // What is wrong with it is among what is left out.
                let _ = settings.set_flag(&name, &value);
            }
            seen.insert(name);
        }
    }
    settings
}

/// The value of a flag that has none after `=`.
fn value_after(name: &str, rest: &mut Peekable<impl Iterator<Item = Word>>) -> Option<String> {
    if is_switch(name) {
        return Some("true".to_owned());
    }
    rest.next_if(|next| !next.text.starts_with("--"))
        .map(|word| word.text)
}

fn repeated(name: &str, line: usize) -> ImportFinding {
    let message = format!("`--{}` is given twice", shown(name));
    let help = "the last one counts";
    say("AE018", Severity::Warning, line, message, help)
}

/// The name and, after `=`, the value of a word that is a flag.
fn flag(word: &Word, findings: &mut Vec<ImportFinding>) -> Option<(String, Option<String>)> {
    let text = word.text.as_str();
    let bare = match text.strip_prefix("--") {
        Some(bare) => bare,
        None => {
            let bare = text.strip_prefix('-').unwrap_or(text);
            if !bare.starts_with("audit-") || !bare.contains('=') {
                return None;
            }
            findings.push(say(
                "AE015",
                Severity::Warning,
                word.line,
                format!("`{}` has not the two dashes of a flag", shown(text)),
                "it is read as if it had; the server refuses one dash, and passes over none",
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
            findings.push(say(
                "AE015",
                Severity::Error,
                word.line,
                format!("unknown flag: --{}", shown(name)),
                "an item of a list is one argument, blank and all: write `=` in place of the blank; it is read as if that stood there",
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
    findings: &mut Vec<ImportFinding>,
) {
    for gate in gates.split(',') {
        let name = gate.split('=').next().unwrap_or_default().trim();
        let gone = match name {
            "DynamicAuditing" => "1.19",
            "AdvancedAuditing" if version.at_least(28) => "1.28",
            _ => continue,
        };
        let message = format!("the feature gate `{name}` is gone since {gone}");
        findings.push(say(
            "AE015",
            Severity::Error,
            line,
            message,
            "the server does not start with it: take it out",
        ));
    }
}
