//! Settings from a file and from options.

use apiserver_config::Settings;
use audit_policy::KubernetesVersion;
use audit_types::Diagnostic;
use serde::Deserialize;

use crate::arguments::LogOptions;
use crate::error::Error;
use crate::file_name::FileName;
use crate::input::{json_of, json_text};
use crate::output::diagnostic;

/// Output of `export` and `import`, of which only the settings are used.
#[derive(Deserialize)]
struct Report {
    settings: Settings,
}

/// Reads settings, alone or within the output of `export` and `import`.
fn read(file: &FileName) -> Result<Settings, Error> {
    of_json(file, &json_text(file)?)
}

/// Parses settings, alone or within the output of `export` and `import`.
pub(crate) fn of_json(file: &FileName, text: &str) -> Result<Settings, Error> {
    let is_report = serde_json::from_str::<serde_json::Value>(text)
        .is_ok_and(|value| value.get("settings").is_some());
    if is_report {
        return json_of(file, text, "settings").map(|report: Report| report.settings);
    }
    json_of(file, text, "settings")
}

/// Returns the settings of the file, or the default ones, overridden by the options.
pub(crate) fn settings(
    options: &LogOptions,
    version: KubernetesVersion,
) -> Result<Settings, Error> {
    let mut settings = match &options.settings {
        Some(file) => read(file)?,
        None => Settings {
            version,
            ..Settings::default()
        },
    };
    if version != KubernetesVersion::default() {
        settings.version = version;
    }
    let log = &mut settings.log;
    if let Some(path) = &options.log_path {
        log.path.clone_from(path);
    }
    log.max_age_days = options.max_age.unwrap_or(log.max_age_days);
    log.max_backups = options.max_backup.unwrap_or(log.max_backups);
    log.max_size_mb = options.max_size.unwrap_or(log.max_size_mb);
    log.compress |= options.compress;
    Ok(settings)
}

/// Prints a finding on standard error.
pub(crate) fn print_finding(finding: &Diagnostic) {
    let help = if finding.help.is_empty() {
        String::new()
    } else {
        format!(" ({})", finding.help)
    };
    diagnostic(&format!(
        "{}[{}] {}{help}",
        finding.severity.name(),
        finding.code,
        finding.message
    ));
}
