//! Sets the flags of a pasted text, with findings for those that cannot be set.

use crate::codes::ImportCode;
use apiserver_config::SettingCode;
use apiserver_config::{SettingError, Settings};
use audit_types::excerpt::excerpt;
use audit_types::{Severity, spelling};

use crate::finding::{LineFinding, finding};

/// Sets a flag; an error is the finding about it.
pub(crate) fn set(
    settings: &mut Settings,
    name: &str,
    value: Option<&str>,
    line: usize,
) -> Result<(), LineFinding> {
    let kept = "kube-apiserver does not start with this value; the default is used here";
    let Some(value) = value else {
        let message = format!("flag needs an argument: --{}", excerpt(name));
        let help = "add `=` and a value";
        return Err(finding(
            ImportCode::InvalidValue,
            Severity::Error,
            line,
            message,
            help,
        ));
    };
    settings.set_flag(name, value).map_err(|error| match error {
        SettingError::UnknownFlag { .. } => unknown(name, line),
        SettingError::Inexact(message) => {
            let help = "settings store whole milliseconds, from 0: the nearest value is used";
            finding(
                ImportCode::InvalidValue,
                Severity::Warning,
                line,
                message,
                help,
            )
        }
        error => finding(
            ImportCode::InvalidValue,
            Severity::Error,
            line,
            error.to_string(),
            kept,
        ),
    })
}

/// Maximum number of letters between a misspelled flag and a suggestion.
const MAX_DISTANCE: usize = 4;

/// Returns the name of every flag, for suggestions.
fn known() -> Vec<String> {
    let mut all = Settings {
        include_defaults: true,
        ..Settings::default()
    };
    all.webhook.config_path = "-".to_owned();
    all.flags().into_iter().map(|flag| flag.name).collect()
}

fn unknown(name: &str, line: usize) -> LineFinding {
    let help = if name == "audit-dynamic-configuration" {
        "it was removed in 1.19: remove it".to_owned()
    } else {
        let known = known();
        spelling::nearest(name, known.iter().map(String::as_str), MAX_DISTANCE).map_or_else(
            || "the server does not start with it: remove it".to_owned(),
            |known| format!("the server does not start with it; did you mean `--{known}`?"),
        )
    };
    let message = format!("unknown flag: --{}", excerpt(name));
    finding(
        SettingCode::Unsupported,
        Severity::Error,
        line,
        message,
        help,
    )
}
