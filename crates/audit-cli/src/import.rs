//! `import`: flags, a manifest or a configuration into settings.

use std::borrow::Cow;
use std::io::Write;

use apiserver_config::{Flag, Settings};
use audit_import::{Import, ImportCode, InputFormat, import};
use audit_policy::KubernetesVersion;
use audit_types::{Code, Diagnostic, LineIndex, Severity};
use serde::Serialize;

use crate::arguments::{self, TextOrJson};
use crate::error::{Error, FileResults, Result};
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
    /// Kubernetes version that the text names.
    version: Option<String>,
    /// Changes of the upgrade. `None` without `--upgrade-to`.
    #[serde(skip_serializing_if = "Option::is_none")]
    upgrade: Option<Vec<FindingReport>>,
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
    let of_text = read.all_findings(text).into_iter();
    let mut findings: Vec<_> = of_text
        .map(|finding| report(finding, &lines))
        .chain(empty(text))
        .collect();
    findings.sort_by_key(|finding| finding.line.unwrap_or(usize::MAX));
    findings
}

fn report(finding: Diagnostic, lines: &LineIndex<'_>) -> FindingReport {
    FindingReport {
        line: finding.span().map(|span| lines.position(span.start).line),
        code: finding.code,
        severity: finding.severity,
        message: finding.message,
        help: finding.help,
    }
}

/// Returns the version that the text names, if it is a known one.
fn named_version(read: &Import) -> Option<KubernetesVersion> {
    let minor = read.image_version.as_ref()?.minor;
    KubernetesVersion::from_minor(u8::try_from(minor).ok()?)
}

/// Reads a text for a version. Before an upgrade, the version that the text names is the one of today's findings, unless the call sets one.
fn read(text: &str, given: Option<KubernetesVersion>, is_upgrade: bool) -> Import {
    let read = import(text, given.unwrap_or_default());
    match named_version(&read).filter(|_| is_upgrade && given.is_none()) {
        Some(named) => import(text, named),
        None => read,
    }
}

/// Returns what changes with an upgrade: from the version of the call, or the one that the text names, or else from the oldest known one.
fn changes(
    file: &str,
    text: &str,
    read: &Import,
    from: Option<KubernetesVersion>,
    to: KubernetesVersion,
) -> Result<Vec<FindingReport>, Error> {
    let named = named_version(read);
    let start = from.or(named).unwrap_or(KubernetesVersion::OLDEST);
    if start.minor() >= to.minor() {
        return Err(Error::Usage(format!(
            "`--upgrade-to {to}` is not newer than {start}, the version of `{file}`"
        )));
    }
    if from.or(named).is_none() {
        diagnostic(&format!(
            "{file}: the current version is unknown, so changes since {start} are listed: set it with `--kubernetes-version`"
        ));
    }
    let changes = read.upgrade_changes(start, to);
    if changes.is_empty() {
        let nothing = read.no_upgrade_changes(start, to);
        diagnostic(&format!("{file}: {nothing}"));
    }
    let lines = LineIndex::new(text);
    let changes = changes.into_iter();
    Ok(changes
        .map(|finding| report(read.at_its_flag(finding, text), &lines))
        .collect())
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

/// Returns whether nothing can be read from a file that is not empty.
fn is_unread(text: &str, read: &Import) -> bool {
    read.format == InputFormat::Unknown
        && read.given.names.is_empty()
        && read.settings.policy.is_empty()
        && !text.trim().is_empty()
}

/// Prints the settings of each file. Findings go to standard error, or into the JSON object. Fails if a server would not start with them.
pub(crate) fn run(arguments: &arguments::Import, given: Option<KubernetesVersion>) -> Result {
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
        let read = read(&text, given, arguments.upgrade_to.is_some());
        let upgrade = match arguments.upgrade_to {
            Some(to) => Some(changes(file, &text, &read, given, to)?),
            None => None,
        };
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
            version: read.image_version.as_ref().map(ToString::to_string),
            upgrade,
        };
        let is_error = |finding: &FindingReport| finding.severity == Severity::Error;
        let upgrade = report.upgrade.iter().flatten();
        if report.findings.iter().chain(upgrade).any(is_error) {
            results.reject();
        }
        if is_unread(&text, &read) {
            results.cannot_read();
        }
        match arguments.format {
            TextOrJson::Text => {
                diagnostic(&format!("{}: read as {}", file, read.title));
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

/// Prints the flags, one per line. Several files have headings. Of the findings, what an upgrade changes is first.
fn print_text(report: &Report<'_>, is_one_of_many: bool, out: &mut impl Write) -> Result {
    let changes = report.upgrade.iter().flatten();
    for finding in changes.chain(&report.findings) {
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
