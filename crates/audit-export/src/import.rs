//! Flags as people paste them (one a line, a shell command, a YAML list) into settings. Reading never fails: what cannot be read is a finding.

mod values;
mod words;

use std::iter::Peekable;

use audit_policy::{KubernetesVersion, Severity};

use crate::settings::{Batch, Format, LogBackend, Mode, Settings, Truncate, WebhookBackend};
use values::{boolean, float, integer, milliseconds};
use words::{Word, words};

/// What was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Import {
    /// The settings that a server of that version has with these flags. The policy's text is empty: flags name a file.
    pub settings: Settings,
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
    Import { settings, findings }
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

/// Why a flag could not be set.
pub(crate) enum Fault {
    /// No version, or not this one, knows it.
    Unknown,
    /// The server's words for a value that it cannot read.
    Value(String),
    /// The server's words for a value that it reads and refuses.
    Refused(String),
    /// A value that the settings cannot hold as it is.
    Inexact(String),
}

impl Fault {
    /// The server's words.
    pub(crate) fn message(self, name: &str, value: &str) -> String {
        match self {
            Self::Unknown => format!("unknown flag: --{}", shown(name)),
            Self::Value(why) => format!("invalid argument {value:?} for \"--{name}\" flag: {why}"),
            Self::Refused(message) | Self::Inexact(message) => message,
        }
    }
}

fn set(
    settings: &mut Settings,
    name: &str,
    value: Option<&str>,
    line: usize,
) -> Result<(), ImportFinding> {
    let kept = "kube-apiserver does not start with this value; its default is kept";
    let Some(value) = value else {
        let message = format!("flag needs an argument: --{}", shown(name));
        let help = "write `=` and the value after it";
        return Err(say("AE016", Severity::Error, line, message, help));
    };
    set_flag(settings, name, value).map_err(|fault| match fault {
        Fault::Unknown => unknown(name, line),
        Fault::Inexact(message) => {
            let help = "the settings hold whole milliseconds from 0; the nearest is taken";
            say("AE016", Severity::Warning, line, message, help)
        }
        fault => say(
            "AE016",
            Severity::Error,
            line,
            fault.message(name, value),
            kept,
        ),
    })
}

pub(crate) fn set_flag(settings: &mut Settings, name: &str, value: &str) -> Result<(), Fault> {
    if name == "audit-policy-file" {
        value.clone_into(&mut settings.policy_path);
        Ok(())
    } else if let Some(rest) = name.strip_prefix("audit-log-") {
        set_log(&mut settings.log, rest, value)
    } else if let Some(rest) = name.strip_prefix("audit-webhook-") {
        set_webhook(&mut settings.webhook, rest, value)
    } else {
        Err(Fault::Unknown)
    }
}

fn set_log(log: &mut LogBackend, name: &str, value: &str) -> Result<(), Fault> {
    match name {
        "path" => value.clone_into(&mut log.path),
        "maxage" => log.max_age_days = integer(value).map_err(Fault::Value)?,
        "maxbackup" => log.max_backups = integer(value).map_err(Fault::Value)?,
        "maxsize" => log.max_size_mb = integer(value).map_err(Fault::Value)?,
        "compress" => log.compress = boolean(value).map_err(Fault::Value)?,
        "version" => value.clone_into(&mut log.api_version),
        "mode" => log.mode = mode("log", value)?,
        "format" => {
            log.format = match value {
                "json" => Format::Json,
                "legacy" => Format::Legacy,
                _ => {
                    return Err(Fault::Refused(format!(
                        "invalid audit log format {value}, allowed formats are \"legacy,json\""
                    )));
                }
            }
        }
        _ => return set_shared(&mut log.batch, &mut log.truncate, name, value),
    }
    Ok(())
}

fn set_webhook(webhook: &mut WebhookBackend, name: &str, value: &str) -> Result<(), Fault> {
    match name {
        "config-file" => value.clone_into(&mut webhook.config_path),
        "version" => value.clone_into(&mut webhook.api_version),
        "mode" => webhook.mode = mode("webhook", value)?,
        // The second is the deprecated spelling of the first.
        "initial-backoff" | "batch-initial-backoff" => {
            duration(value, &mut webhook.initial_backoff_ms)?;
        }
        _ => return set_shared(&mut webhook.batch, &mut webhook.truncate, name, value),
    }
    Ok(())
}

/// The flags that both backends have.
fn set_shared(
    batch: &mut Batch,
    truncate: &mut Truncate,
    name: &str,
    value: &str,
) -> Result<(), Fault> {
    match name {
        "batch-buffer-size" => batch.buffer_size = integer(value).map_err(Fault::Value)?,
        "batch-max-size" => batch.max_size = integer(value).map_err(Fault::Value)?,
        "batch-max-wait" => duration(value, &mut batch.max_wait_ms)?,
        "batch-throttle-enable" => {
            batch.throttle_enable = boolean(value).map_err(Fault::Value)?;
        }
        "batch-throttle-qps" => batch.throttle_qps = float(value).map_err(Fault::Value)?,
        "batch-throttle-burst" => batch.throttle_burst = integer(value).map_err(Fault::Value)?,
        "truncate-enabled" => truncate.enabled = boolean(value).map_err(Fault::Value)?,
        "truncate-max-batch-size" => {
            truncate.max_batch_size = integer(value).map_err(Fault::Value)?;
        }
        "truncate-max-event-size" => {
            truncate.max_event_size = integer(value).map_err(Fault::Value)?;
        }
        _ => return Err(Fault::Unknown),
    }
    Ok(())
}

fn mode(backend: &str, value: &str) -> Result<Mode, Fault> {
    [Mode::Batch, Mode::Blocking, Mode::BlockingStrict]
        .into_iter()
        .find(|mode| mode.name() == value)
        .ok_or_else(|| {
            Fault::Refused(format!(
                "invalid audit {backend} mode {value}, allowed modes are \"batch,blocking,blocking-strict\""
            ))
        })
}

fn duration(value: &str, into: &mut u64) -> Result<(), Fault> {
    let (nearest, is_exact) = milliseconds(value).map_err(Fault::Value)?;
    *into = nearest;
    if is_exact {
        Ok(())
    } else {
        Err(Fault::Inexact(format!(
            "the duration `{}` is negative or finer than a millisecond",
            shown(value)
        )))
    }
}

/// Every flag, for a guess at what was meant.
fn known() -> Vec<String> {
    let mut all = Settings {
        include_defaults: true,
        ..Settings::default()
    };
    all.webhook.config_path = "-".to_owned();
    all.flags().into_iter().map(|flag| flag.name).collect()
}

fn unknown(name: &str, line: usize) -> ImportFinding {
    let help = if name == "audit-dynamic-configuration" {
        "it is gone since 1.19: take it out".to_owned()
    } else {
        known()
            .into_iter()
            .map(|known| (distance(name, &known), known))
            .min()
            .filter(|(distance, _)| *distance <= 4)
            .map_or_else(
                || "the server does not start with it: take it out".to_owned(),
                |(_, known)| {
                    format!("the server does not start with it; `--{known}` is what comes nearest")
                },
            )
    };
    let message = format!("unknown flag: --{}", shown(name));
    say("AE015", Severity::Error, line, message, help)
}

/// How many letters must be put in, taken out or replaced to make one name of the other.
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.chars().count()).collect();
    for (i, a) in one.chars().take(100).enumerate() {
        let mut before = i;
        let mut left = i + 1;
        let mut next = vec![left];
        for (b, above) in other.chars().zip(row.iter().skip(1)) {
            left = (before + usize::from(a != b)).min(above + 1).min(left + 1);
            before = *above;
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
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
