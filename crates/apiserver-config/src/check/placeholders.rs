//! Reports values that are variables of a template, which other checks leave out.

use audit_types::{Diagnostic, Severity};

use crate::codes::SettingCode;
use crate::finding::{LOG, POLICY, WEBHOOK, flag_finding};
use crate::placeholders::placeholder;
use crate::settings::Settings;
use audit_types::excerpt::excerpt;

/// Reports paths with a variable.
pub(super) fn check_placeholders(settings: &Settings, findings: &mut Vec<Diagnostic>) {
    for (flag, value) in [
        (POLICY, &settings.policy_path),
        (LOG, &settings.log.path),
        (WEBHOOK, &settings.webhook.config_path),
        ("audit-log-version", &settings.log.api_version),
        ("audit-webhook-version", &settings.webhook.api_version),
    ] {
        if let Some(variable) = placeholder(value) {
            findings.push(unknown_value(flag, variable));
        }
    }
}

/// Creates the finding about a value that contains a variable.
pub fn unknown_value(flag: &str, variable: &str) -> Diagnostic {
    flag_finding(
        SettingCode::UnknownValue,
        Severity::Info,
        flag,
        format!(
            "the value of `--{}` contains the variable `{}`",
            excerpt(flag),
            excerpt(variable)
        ),
        "its value is unknown here and not checked; the rest is. kube-apiserver itself replaces no variables",
    )
}
