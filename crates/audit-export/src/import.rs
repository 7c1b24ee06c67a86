//! Flags as people paste them (one a line, a shell command, a YAML list) into settings. Reading never fails: what cannot be read is a finding.

pub(crate) mod set;
mod source;
mod values;
mod words;

use std::iter::Peekable;

use audit_policy::{KubernetesVersion, Severity};

use crate::settings::{LogBackend, Settings, WebhookBackend};
use set::set;
use words::{Word, words};

pub use source::Source;

/// What was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Import {
    /// The settings that a server of that version has with these flags. The policy's text is empty: flags name a file.
    pub settings: Settings,
    /// What was pasted.
    pub source: Source,
    /// What was not clear, in the order of the text.
    pub findings: Vec<ImportFinding>,
}

/// A diagnostic about a pasted text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportFinding {
    /// The stable code. `AE007` characters that look like others; `AE015` a flag that this version does not know or spells otherwise;
    /// `AE016` a value that the server cannot read; `AE017` a text that does not end; `AE018` a flag that is given twice.
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

fn say(
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

/// Reads flags; those that are not about auditing are passed over.
///
/// ```
/// use audit_export::{KubernetesVersion, import};
///
/// let read = import("kube-apiserver --audit-log-path=/a.log \\\n  --audit-log-maxage 7", KubernetesVersion::NEWEST);
/// assert_eq!((read.settings.log.path.as_str(), read.settings.log.max_age_days), ("/a.log", 7));
/// assert_eq!(read.findings, []);
/// ```
pub fn import(text: &str, version: KubernetesVersion) -> Import {
    let mut findings = Vec::new();
    let words = words(text, &mut findings);
    let mut settings = Settings {
        version,
        policy_path: String::new(),
        log: LogBackend::server_default(version),
        webhook: WebhookBackend::server_default(version),
        ..Settings::default()
    };
    let mut seen: Vec<String> = Vec::new();
    let mut rest = words.into_iter().peekable();
    while let Some(word) = rest.next() {
        let Some((given, value)) = flag(&word, &mut findings) else {
            continue;
        };
        // The server takes underscores for dashes.
        let name = given.replace('_', "-");
        if name == "feature-gates" {
            let gates = value.or_else(|| rest.next().map(|word| word.text));
            feature_gates(
                &gates.unwrap_or_default(),
                word.line,
                version,
                &mut findings,
            );
        } else if name.starts_with("audit-") {
            let value = value.or_else(|| value_after(&name, &mut rest));
            findings.extend(repeated(&name, &seen, word.line));
            findings.extend(set(&mut settings, &name, value.as_deref(), word.line).err());
            seen.push(name);
        }
    }
    findings.sort_by_key(|finding| finding.line);
    Import {
        settings,
        source: Source::Flags,
        findings,
    }
}

/// The value of a flag that has none after `=`.
fn value_after(name: &str, rest: &mut Peekable<impl Iterator<Item = Word>>) -> Option<String> {
    let is_switch = name == "audit-log-compress"
        || name == "audit-dynamic-configuration"
        || name.ends_with("-throttle-enable")
        || name.ends_with("-truncate-enabled");
    if is_switch {
        return Some("true".to_owned());
    }
    rest.next_if(|next| !next.text.starts_with("--"))
        .map(|word| word.text)
}

fn repeated(name: &str, seen: &[String], line: usize) -> Option<ImportFinding> {
    seen.iter().any(|other| other == name).then(|| {
        let message = format!("`--{}` is given twice", shown(name));
        say(
            "AE018",
            Severity::Warning,
            line,
            message,
            "the last one counts",
        )
    })
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
    Some(match bare.split_once('=') {
        Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
        None => (bare.to_owned(), None),
    })
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

/// A text as a message shows it: one short line.
fn shown(text: &str) -> String {
    let safe = |c: char| {
        if c.is_control() || c == '`' {
            '\u{fffd}'
        } else {
            c
        }
    };
    text.chars().take(120).map(safe).collect()
}
