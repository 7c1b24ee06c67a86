//! `import`: flags, a manifest or a configuration into settings.

use std::borrow::Cow;
use std::io::Write;

use apiserver_config::{Flag, SettingCode, Settings, check, flag_of};
use audit_import::{Import, ImportCode, import};
use audit_policy::KubernetesVersion;
use audit_types::{Code, Diagnostic, LineIndex, Severity};
use serde::Serialize;

use crate::arguments::{self, TextOrJson};
use crate::error::{FileResults, Result};
use crate::input::{check_read_once, manifest};
use crate::output::{Output, diagnostic};
use crate::terminal::safe;

#[derive(Serialize)]
struct Report<'a> {
    file: &'a str,
    source: &'static str,
    settings: &'a Settings,
    flags: Vec<String>,
    findings: Vec<FindingReport>,
}

#[derive(Serialize)]
struct FindingReport {
    code: Cow<'static, str>,
    severity: Severity,
    /// `None` if the finding is about a flag that is not set.
    line: Option<usize>,
    message: String,
    help: String,
}

/// Returns the findings about the text and its settings, in the order of lines.
fn findings(text: &str, read: &Import) -> Vec<FindingReport> {
    let lines = LineIndex::new(text);
    let of_text = read.findings.iter().map(|finding| FindingReport {
        code: finding.code.clone(),
        severity: finding.severity,
        line: finding.span().map(|span| lines.position(span.start).line),
        message: finding.message.clone(),
        help: finding.help.clone(),
    });
    let is_about_policy = |finding: &Diagnostic| finding.code == SettingCode::RejectedPolicy.id();
    // Usually the text contains only the path of the policy. Without flags, nothing is set.
    let of_settings = check(&read.settings)
        .into_iter()
        .filter(|finding| !read.settings.policy.is_empty() || !is_about_policy(finding))
        .filter(|_| !read.settings.changed_flags().is_empty())
        .map(|finding| FindingReport {
            line: text
                .lines()
                .position(|line| line.contains(flag_of(&finding)))
                .map(|index| index + 1),
            code: finding.code,
            severity: finding.severity,
            message: finding.message,
            help: finding.help,
        });
    let mut findings: Vec<_> = of_text.chain(of_settings).chain(empty(text)).collect();
    findings.sort_by_key(|finding| finding.line.unwrap_or(usize::MAX));
    findings
}

/// Returns the finding about a file without text.
fn empty(text: &str) -> Option<FindingReport> {
    text.trim().is_empty().then(|| FindingReport {
        code: ImportCode::UnreadableText.id().into(),
        severity: Severity::Info,
        line: Some(1),
        message: "the file is empty".to_owned(),
        help: "name a file with the flags, the manifest or the configuration of kube-apiserver"
            .to_owned(),
    })
}

/// Prints the settings of each file. Findings go to standard error, or into the JSON object. Fails if a server would not start with them.
pub(crate) fn run(arguments: &arguments::Import, version: KubernetesVersion) -> Result {
    check_read_once(&arguments.files)?;
    let mut out = match arguments.format {
        TextOrJson::Text => Output::text(),
        TextOrJson::Json => Output::json(),
    };
    let mut results = FileResults::default();
    for file in &arguments.files {
        let text = match manifest(file) {
            Ok(text) => text,
            Err(error) => {
                results.continue_after(error)?;
                continue;
            }
        };
        let read = import(&text, version);
        let report = Report {
            file,
            source: read.format.name(),
            settings: &read.settings,
            flags: read
                .settings
                .changed_flags()
                .iter()
                .map(Flag::argument)
                .collect(),
            findings: findings(&text, &read),
        };
        let is_error = |finding: &FindingReport| finding.severity == Severity::Error;
        if report.findings.iter().any(is_error) {
            results.reject();
        }
        match arguments.format {
            TextOrJson::Text => {
                diagnostic(&format!("{}: read as {}", file, read.format.title()));
                print_text(&report, arguments.files.len() > 1, &mut out)?;
            }
            TextOrJson::Json => {
                serde_json::to_writer(&mut out, &report)?;
                out.write_all(b"\n")?;
            }
        }
    }
    out.flush()?;
    results.into_result()
}

/// Prints the flags, one per line. Several files have headings.
fn print_text(report: &Report<'_>, is_one_of_many: bool, out: &mut impl Write) -> Result {
    for finding in &report.findings {
        let location = finding
            .line
            .map_or(String::new(), |line| format!(":{line}"));
        let line = format!(
            "{}{location}: {}[{}] {} ({})",
            report.file,
            finding.severity.name(),
            finding.code,
            finding.message,
            finding.help
        );
        diagnostic(&line);
    }
    if is_one_of_many {
        writeln!(out, "# {}", safe(report.file))?;
    }
    for flag in &report.flags {
        writeln!(out, "{}", safe(flag))?;
    }
    Ok(())
}
