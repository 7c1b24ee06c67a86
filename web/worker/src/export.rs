//! The export panel: settings of the page into documents.

use audit_export::{Settings, Target, check, render};
use audit_policy::KubernetesVersion;
use playground_protocol::{ExportDocument, ExportReport, ExportSettings};

/// The settings that the page asks for.
pub(crate) fn settings(asked: &ExportSettings, policy: &str) -> Settings {
    let version: KubernetesVersion = asked.version.parse().unwrap_or_default();
    let mut settings = Settings::new(policy);
    settings.version = version;
    settings.policy_path.clone_from(&asked.policy_path);
    settings.log.path.clone_from(&asked.log_path);
    settings.log.max_age_days = asked.max_age_days.into();
    settings.log.max_backups = asked.max_backups.into();
    settings.log.max_size_mb = asked.max_size_mb.into();
    settings.log.compress = asked.compress;
    settings
}

/// Renders every document for these settings.
pub(crate) fn export(asked: &ExportSettings, policy: &str) -> ExportReport {
    let settings = settings(asked, policy);
    ExportReport {
        documents: Target::ALL
            .into_iter()
            .map(|target| {
                let document = render(&settings, target);
                ExportDocument {
                    title: document.title,
                    file_name: document.file_name,
                    note: document.note,
                    text: document.text,
                    files: document
                        .files
                        .into_iter()
                        .map(|file| (file.path, file.mode.to_owned(), file.text))
                        .collect(),
                    steps: document.steps,
                    verify: document.verify,
                    undo: document.undo,
                }
            })
            .collect(),
        findings: check(&settings)
            .into_iter()
            .map(|finding| {
                if finding.help.is_empty() {
                    finding.message
                } else {
                    format!("{}: {}", finding.message, finding.help)
                }
            })
            .collect(),
    }
}
