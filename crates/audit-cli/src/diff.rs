//! `diff`: requests that two policies treat differently.

mod findings;
mod log;
mod markdown;
mod text;

use std::io::Write;

use audit_analysis::{
    Change, Class, Options, PolicyVersions, Summary, TooLarge, diff, not_served, summarize,
};
use audit_json::VerdictReport;
use audit_policy::{KubernetesVersion, Policy, Request};
use serde::Serialize;

use crate::arguments::{Diff, DiffFormat};
use crate::error::{Error, Result};
use crate::files::all_read;
use crate::input::check_read_once;
use crate::output::Output;
use crate::policy_file::PolicyFile;
use crate::verdict::RuleLines;
use findings::Findings;
use log::LogCounts;

/// Differences as a JSON object.
#[derive(Serialize)]
struct Report<'a> {
    equal: bool,
    differences: Vec<DifferenceReport<'a>>,
    /// The differences in fewer classes, whatever rules decide.
    summary: Vec<SummaryReport<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SummaryReport<'a> {
    change: &'static str,
    words: String,
    class: &'a Class,
    requests: String,
    /// Indexes of the differences with requests of the class.
    differences: &'a [usize],
    witness: &'a Request,
    producible: bool,
    /// The newer policy's version has the witness's resource, subresource and verb.
    served: bool,
    events: Option<u64>,
    bytes_per_day: Option<f64>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DifferenceReport<'a> {
    change: &'static str,
    before: VerdictReport,
    after: VerdictReport,
    class: &'a Class,
    requests: String,
    witness: &'a Request,
    producible: bool,
    /// The newer policy's version has the witness's resource, subresource and verb.
    served: bool,
    /// Events of the log in the class; null without a log.
    events: Option<u64>,
    /// More or fewer bytes per day; null without a log, or if it cannot be known.
    bytes_per_day: Option<f64>,
    /// First version with the second verdict on the witness; only between versions.
    #[serde(skip_serializing_if = "Option::is_none")]
    since_version: Option<String>,
}

/// Compares the policies.
pub(crate) fn run(arguments: &Diff, version: KubernetesVersion) -> Result {
    check_read_once(
        [&arguments.old, &arguments.new]
            .into_iter()
            .chain(&arguments.log),
    )?;
    let old_version = arguments.old_version.unwrap_or(version);
    let old = PolicyFile::read(&arguments.old, old_version)?;
    let new = PolicyFile::read(&arguments.new, version)?;
    let (old_lines, new_lines) = (RuleLines::of(&old), RuleLines::of(&new));
    let before = old.accepted(&arguments.old)?;
    let after = new.accepted(&arguments.new)?;
    let options = Options::default()
        .with_version(version)
        .only_possible(arguments.possible);
    let differences = diff(&before.policy, &after.policy, &[], options)
        .map_err(|error| Error::Usage(error.to_string()))?;
    let summaries = summarize(&before.policy, &after.policy, &differences, options)
        .map_err(|error| Error::Usage(error.to_string()))?;
    let log = if arguments.log.is_empty() {
        None
    } else {
        let policies = [&before.policy, &after.policy];
        Some(LogCounts::read(
            arguments,
            (&differences, &summaries),
            policies,
            version,
        )?)
    };
    let versions = PolicyVersions::between(&after.source, old_version, version);
    let findings = Findings {
        since: differences
            .iter()
            .map(|difference| versions.first(difference))
            .collect(),
        files: [&arguments.old, &arguments.new],
        is_only_possible: arguments.possible,
        version,
        differences: &differences,
        summaries: &summaries,
        old_lines,
        new_lines,
        log,
    };
    print(&findings, arguments.format)?;
    if let Some(log) = &findings.log {
        all_read(&log.files)?;
    }
    if arguments.exit_code && !differences.is_empty() {
        return Err(Error::Rejected);
    }
    Ok(())
}

/// Differences of two policies, for a comment about them.
pub(crate) struct Comparison {
    /// The table and the examples in Markdown, as `--format markdown` prints them without its heading.
    pub(crate) markdown: String,
    /// The classes of requests, as in `summary` of the JSON object.
    pub(crate) summary: serde_json::Value,
    /// Number of classes.
    pub(crate) classes: usize,
    /// Number of classes that lose something.
    pub(crate) losses: usize,
}

/// Compares two policies.
///
/// # Errors
/// If the policies are too large to be compared.
pub(crate) fn compare(
    (before, old_lines): (&Policy, RuleLines),
    (after, new_lines): (&Policy, RuleLines),
    version: KubernetesVersion,
) -> Result<Comparison> {
    let options = Options::default().with_version(version);
    let too_large = |error: TooLarge| Error::Usage(error.to_string());
    let differences = diff(before, after, &[], options).map_err(too_large)?;
    let summaries = summarize(before, after, &differences, options).map_err(too_large)?;
    let findings = Findings {
        files: ["", ""],
        is_only_possible: false,
        version,
        differences: &differences,
        summaries: &summaries,
        old_lines,
        new_lines,
        log: None,
        since: Vec::new(),
    };
    let mut text = Vec::new();
    markdown::print_classes(&findings, &mut text)?;
    let is_loss = |summary: &&Summary| !matches!(summary.change, Change::Gained | Change::Nothing);
    Ok(Comparison {
        markdown: String::from_utf8_lossy(&text).into_owned(),
        summary: serde_json::to_value(self::summaries(&findings))?,
        classes: summaries.len(),
        losses: summaries.iter().filter(is_loss).count(),
    })
}

fn print(findings: &Findings<'_>, format: DiffFormat) -> Result {
    let mut out = match format {
        DiffFormat::Json => Output::json(),
        DiffFormat::Text | DiffFormat::Markdown => Output::text(),
    };
    match format {
        DiffFormat::Json => print_json(findings, &mut out)?,
        DiffFormat::Text => text::print(findings, &mut out)?,
        DiffFormat::Markdown => markdown::print(findings, &mut out)?,
    }
    out.flush()?;
    Ok(())
}

fn print_json(findings: &Findings<'_>, out: &mut Output) -> Result {
    let differences = findings.differences.iter().enumerate();
    let report = Report {
        equal: findings.differences.is_empty(),
        differences: differences
            .map(|(at, difference)| {
                let count = findings.count(at);
                let since = findings.since.get(at).copied().flatten();
                DifferenceReport {
                    change: difference.change().name(),
                    before: difference.before.into(),
                    after: difference.after.into(),
                    class: &difference.class,
                    requests: difference.class.words(),
                    witness: &difference.witness,
                    producible: difference.is_producible,
                    served: not_served(&difference.witness, findings.version).is_none(),
                    events: count.map(|count| count.events),
                    bytes_per_day: count.and_then(|count| count.bytes_per_day),
                    since_version: since.map(|version| version.to_string()),
                }
            })
            .collect(),
        summary: summaries(findings),
    };
    serde_json::to_writer(&mut *out, &report)?;
    out.write_all(b"\n")?;
    Ok(())
}

fn summaries<'f>(findings: &'f Findings<'_>) -> Vec<SummaryReport<'f>> {
    let report = |(at, summary): (usize, &'f Summary)| {
        let count = findings.summary_count(at);
        SummaryReport {
            change: summary.change.name(),
            words: findings.words(summary),
            class: &summary.class,
            requests: summary.class.words(),
            differences: &summary.differences,
            witness: &summary.witness,
            producible: summary.is_producible,
            served: not_served(&summary.witness, findings.version).is_none(),
            events: count.map(|count| count.events),
            bytes_per_day: count.and_then(|count| count.bytes_per_day),
        }
    };
    findings.summaries.iter().enumerate().map(report).collect()
}
