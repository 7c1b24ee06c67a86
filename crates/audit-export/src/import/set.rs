//! A flag and its value into a setting, with the server's words where that cannot be.

use audit_policy::Severity;

use super::values::{boolean, float, integer, milliseconds};
use super::{ImportFinding, say, shown};
use crate::settings::{Batch, Format, LogBackend, Mode, Settings, Truncate, WebhookBackend};

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

pub(super) fn set(
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
        fault => {
            let message = fault.message(name, value);
            say("AE016", Severity::Error, line, message, kept)
        }
    })
}

/// Sets what a flag without dashes says.
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
