//! Flags of a pasted text into settings, with findings for those that cannot be set.

use apiserver_config::{SettingError, Settings};
use audit_policy::Severity;

use crate::{ImportFinding, say, shown};

pub(crate) fn set(
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
    settings.set_flag(name, value).map_err(|error| match error {
        SettingError::UnknownFlag { .. } => unknown(name, line),
        SettingError::Inexact(message) => {
            let help = "the settings hold whole milliseconds from 0; the nearest is taken";
            say("AE016", Severity::Warning, line, message, help)
        }
        error => say("AE016", Severity::Error, line, error.to_string(), kept),
    })
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
            .map(|known| (strsim::levenshtein(name, &known), known))
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
