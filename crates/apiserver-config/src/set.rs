//! Sets a setting from a flag's name and value, with the server's message for a value that it does not accept.

use thiserror::Error;

use crate::go_values::{boolean, float, integer, milliseconds};
use crate::settings::{Batch, Format, LogBackend, Mode, Settings, Truncate, WebhookBackend};
use audit_types::excerpt::excerpt;

/// Reason why a setting could not be set. Flags get the server's own message.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SettingError {
    /// No known version has the flag.
    #[error("unknown flag: --{}", excerpt(name))]
    UnknownFlag {
        /// Name of the flag, without dashes.
        name: String,
    },
    /// The server cannot parse the value.
    #[error("invalid argument {value:?} for \"--{name}\" flag: {reason}")]
    InvalidValue {
        /// Name of the flag, without dashes.
        name: String,
        /// The value.
        value: String,
        /// Go's parse error.
        reason: String,
    },
    /// The value can be parsed but is not allowed.
    #[error("{0}")]
    Rejected(String),
    /// The settings cannot store the value exactly; the nearest one is set.
    #[error("{0}")]
    Inexact(String),
}

/// As [`SettingError`], without the flag that it is about.
enum ValueError {
    Unknown,
    Invalid(String),
    Rejected(String),
    Inexact(String),
}

impl Settings {
    /// Sets one flag by its name without dashes, as the server reads its value.
    ///
    /// # Errors
    ///
    /// Returns the server's message for an unknown flag or a value that it does not accept. Nothing is changed then, except that
    /// [`SettingError::Inexact`] sets the nearest value.
    ///
    /// ```
    /// use apiserver_config::Settings;
    ///
    /// let mut settings = Settings::new("");
    /// settings.set_flag("audit-log-batch-max-wait", "1m30s").unwrap();
    /// assert_eq!(settings.log.batch.max_wait_ms, 90_000);
    /// let error = settings.set_flag("audit-log-mode", "fast").unwrap_err();
    /// assert_eq!(error.to_string(), r#"invalid audit log mode fast, allowed modes are "batch,blocking,blocking-strict""#);
    /// ```
    pub fn set_flag(&mut self, name: &str, value: &str) -> Result<(), SettingError> {
        let result = if name == "audit-policy-file" {
            value.clone_into(&mut self.policy_path);
            Ok(())
        } else if let Some(rest) = name.strip_prefix("audit-log-") {
            set_log(&mut self.log, rest, value)
        } else if let Some(rest) = name.strip_prefix("audit-webhook-") {
            set_webhook(&mut self.webhook, rest, value)
        } else {
            Err(ValueError::Unknown)
        };
        result.map_err(|error| match error {
            ValueError::Unknown => SettingError::UnknownFlag {
                name: name.to_owned(),
            },
            ValueError::Invalid(reason) => SettingError::InvalidValue {
                name: name.to_owned(),
                value: value.to_owned(),
                reason,
            },
            ValueError::Rejected(message) => SettingError::Rejected(message),
            ValueError::Inexact(message) => SettingError::Inexact(message),
        })
    }
}

fn set_log(log: &mut LogBackend, name: &str, value: &str) -> Result<(), ValueError> {
    match name {
        "path" => value.clone_into(&mut log.path),
        "maxage" => log.max_age_days = integer(value).map_err(ValueError::Invalid)?,
        "maxbackup" => log.max_backups = integer(value).map_err(ValueError::Invalid)?,
        "maxsize" => log.max_size_mb = integer(value).map_err(ValueError::Invalid)?,
        "compress" => log.compress = boolean(value).map_err(ValueError::Invalid)?,
        "version" => value.clone_into(&mut log.api_version),
        "mode" => log.mode = mode("log", value)?,
        "format" => {
            log.format = match value {
                "json" => Format::Json,
                "legacy" => Format::Legacy,
                _ => {
                    return Err(ValueError::Rejected(format!(
                        "invalid audit log format {value}, allowed formats are \"legacy,json\""
                    )));
                }
            }
        }
        _ => return set_shared(&mut log.batch, &mut log.truncate, name, value),
    }
    Ok(())
}

fn set_webhook(webhook: &mut WebhookBackend, name: &str, value: &str) -> Result<(), ValueError> {
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

/// Sets a flag that both backends have.
fn set_shared(
    batch: &mut Batch,
    truncate: &mut Truncate,
    name: &str,
    value: &str,
) -> Result<(), ValueError> {
    match name {
        "batch-buffer-size" => batch.buffer_size = integer(value).map_err(ValueError::Invalid)?,
        "batch-max-size" => batch.max_size = integer(value).map_err(ValueError::Invalid)?,
        "batch-max-wait" => duration(value, &mut batch.max_wait_ms)?,
        "batch-throttle-enable" => {
            batch.throttle_enable = boolean(value).map_err(ValueError::Invalid)?;
        }
        "batch-throttle-qps" => batch.throttle_qps = float(value).map_err(ValueError::Invalid)?,
        "batch-throttle-burst" => {
            batch.throttle_burst = integer(value).map_err(ValueError::Invalid)?
        }
        "truncate-enabled" => truncate.enabled = boolean(value).map_err(ValueError::Invalid)?,
        "truncate-max-batch-size" => {
            truncate.max_batch_size = integer(value).map_err(ValueError::Invalid)?;
        }
        "truncate-max-event-size" => {
            truncate.max_event_size = integer(value).map_err(ValueError::Invalid)?;
        }
        _ => return Err(ValueError::Unknown),
    }
    Ok(())
}

fn mode(backend: &str, value: &str) -> Result<Mode, ValueError> {
    [Mode::Batch, Mode::Blocking, Mode::BlockingStrict]
        .into_iter()
        .find(|mode| mode.name() == value)
        .ok_or_else(|| {
            ValueError::Rejected(format!(
                "invalid audit {backend} mode {value}, allowed modes are \"batch,blocking,blocking-strict\""
            ))
        })
}

fn duration(value: &str, into: &mut u64) -> Result<(), ValueError> {
    let (nearest, is_exact) = milliseconds(value).map_err(ValueError::Invalid)?;
    *into = nearest;
    if is_exact {
        Ok(())
    } else {
        Err(ValueError::Inexact(format!(
            "the duration `{}` is negative or more precise than a millisecond",
            excerpt(value)
        )))
    }
}
