//! `check`: the result of loading a policy, and findings about probable mistakes.

mod checked;
mod config_report;
mod document;
mod examined;
mod files;
mod fix;
mod github;
mod json;
mod junit;
mod narrow;
pub(crate) mod open;
mod policy;
mod repaired;
mod report;
mod sarif;
mod text;
mod v1;

use std::io;

use audit_policy::{Diagnostic, KubernetesVersion, LineIndex};
use audit_text::diff::unified;

use crate::arguments::{Check, CheckFormat};
use crate::config::{Config, FileSettings, IgnoreUses};
use crate::error::{Error, FileResults, Result};
use crate::file_name::FileName;
use crate::formats::sarif::Sarif;
use crate::formats::{Sinks, Workspace};
use crate::input::{as_text, check_read_once, policy_bytes};
use crate::output::{Output, diagnostic};
use crate::save::save;
use crate::terminal::Style;
pub(crate) use examined::{ExaminedFinding, ExaminedPolicy, examine};
pub(crate) use files::{MAX_WALKED_BYTES, may_have_policy_in, quotes_policies};

use checked::Checked;
use config_report::ConfigReport;
use files::Origin;
use policy::{CheckedPolicy, PolicyReport};
use report::{FileReport, Reporter};

/// Returns what writes a format. `style` is that of text.
fn reporter(format: CheckFormat, style: Style) -> Box<dyn Reporter> {
    match format {
        CheckFormat::Text => Box::new(report::Text(style)),
        CheckFormat::Json => Box::new(report::Json),
        CheckFormat::Sarif => Box::new(sarif::Report(Sarif::new(Workspace::of_job()))),
        CheckFormat::Github => Box::new(github::Annotations(Workspace::of_job())),
        CheckFormat::Junit => Box::new(junit::Junit),
    }
}

/// Returns the formats of a call.
///
/// # Errors
/// If a fixed policy would be printed within a report.
fn sinks(arguments: &Check, named: &[FileName], config: &Config) -> Result<Sinks<dyn Reporter>> {
    let standard = match arguments.format {
        CheckFormat::Json | CheckFormat::Sarif => Output::json(),
        CheckFormat::Text | CheckFormat::Github => Output::text(),
        CheckFormat::Junit => Output::data(),
    };
    let of_config = config.source().map(|source| &source.file);
    let inputs: Vec<&FileName> = named.iter().chain(of_config).collect();
    let prints_fixed = arguments.fix && inputs.iter().any(|file| file.is_stdin());
    if prints_fixed && matches!(arguments.format, CheckFormat::Sarif | CheckFormat::Junit) {
        let message = "`--fix` prints the policy of standard input, so the report needs a file: use `--output`";
        return Err(Error::Usage(message.to_owned()));
    }
    let standard = (arguments.format, standard);
    Sinks::new(standard, &arguments.output, &inputs, reporter)
}

/// Checks each policy. Fails at the end if one is rejected or cannot be read.
pub(crate) fn run(arguments: &Check, config: &Config, version: KubernetesVersion) -> Result {
    let named = match arguments.policies.as_slice() {
        [] => config.files.as_slice(),
        named => named,
    };
    if named.is_empty() {
        let message = "no POLICY to check (help: name files, folders or patterns, or list them as `files` in `audit-policy.toml`)";
        return Err(Error::Usage(message.to_owned()));
    }
    check_read_once(named)?;
    let mut sinks = sinks(arguments, named, config)?;
    let mut uses = IgnoreUses::default();
    let mut results = FileResults::default();
    sinks.each(|reporter, target| reporter.begin(target))?;
    let mut policies: u64 = 0;
    let passed_over = files::each(named, &mut |file, origin| {
        let verdict = file.and_then(|file| {
            let settings = config.file_settings(file, version);
            check(file, origin, arguments, (&settings, &mut uses), &mut sinks)
        });
        match verdict {
            Ok(Verdict::NoPolicy) => return Ok(()),
            Ok(Verdict::Passed) => {}
            Ok(Verdict::Failed) => results.reject(),
            Err(error) => report_unread(error, &mut results, &mut sinks)?,
        }
        policies += 1;
        Ok(())
    })?;
    if let Some(sentence) = passed_over.sentence() {
        diagnostic(&sentence);
    }
    if policies == 0 {
        diagnostic("no policy found in these folders");
    }
    let prints_policy =
        arguments.fix && (arguments.diff || named.iter().any(|file| file.is_stdin()));
    let about = ConfigReport::new(config, &uses);
    if let Some(about) = &about {
        let fail_on = arguments.fail_on();
        sinks.each(
            |reporter, target| match prints_policy && target.is_standard() {
                true => Ok(()),
                false => about.print(reporter, fail_on, target),
            },
        )?;
        if about.fails(fail_on) {
            results.reject();
        }
    }
    sinks.each(|reporter, target| reporter.end(target))?;
    sinks.finish()?;
    results.into_result()
}

/// Reports a file that cannot be read or written; the others are still checked.
///
/// # Errors
/// The error itself, if it is not about one file.
fn report_unread(
    error: Error,
    results: &mut FileResults,
    sinks: &mut Sinks<dyn Reporter>,
) -> Result {
    let file = match &error {
        Error::Read { file, .. } | Error::Write { file, .. } => file.clone(),
        _ => String::new(),
    };
    let message = error.message().unwrap_or_default();
    results.continue_after(error)?;
    sinks.each(|reporter, target| reporter.unread(&file, &message, target))
}

/// Returns the findings of a policy, in the order of its text.
pub(crate) fn findings(source: &[u8], settings: &FileSettings<'_>) -> Vec<Diagnostic> {
    CheckedPolicy::new(source, settings).findings
}

/// Fails if the fixed policy cannot be written back, such as to a pipe.
fn check_fixable(file: &FileName) -> Result {
    let is_file = || std::fs::metadata(file.path()).is_ok_and(|found| found.is_file());
    if file.is_stdin() || is_file() {
        return Ok(());
    }
    let error = "it is not a file; `-` reads standard input and prints the fixed policy";
    Err(Error::Write {
        file: file.to_string(),
        error: io::Error::other(error),
    })
}

/// Result of checking a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// Each policy is accepted and, with `--fail-on`, no finding has that severity.
    Passed,
    Failed,
    /// A file of a folder without a policy. Nothing is printed about it.
    NoPolicy,
}

impl Verdict {
    const fn of(is_passed: bool) -> Self {
        if is_passed {
            Self::Passed
        } else {
            Self::Failed
        }
    }
}

/// Checks the policies of a file.
fn check(
    file: &FileName,
    origin: Origin,
    arguments: &Check,
    (settings, uses): (&FileSettings<'_>, &mut IgnoreUses),
    sinks: &mut Sinks<dyn Reporter>,
) -> Result<Verdict, Error> {
    let source = policy_bytes(file)?;
    let mut checked = Checked::new(&source, settings);
    if origin == Origin::Walked {
        if !checked.has_policy(file) {
            return Ok(Verdict::NoPolicy);
        }
        sinks.check_read(file)?;
    }
    let prints_fixed = arguments.fix && file.is_stdin();
    if arguments.fix {
        if !arguments.diff {
            check_fixable(file)?;
        }
        let fixed = fix::fixed(file, &source, settings);
        if arguments.diff {
            let passes = preview(file, &source, fixed.as_ref(), arguments, settings, sinks)?;
            return Ok(Verdict::of(passes));
        }
        if prints_fixed && let Some(out) = sinks.standard() {
            out.write_exact(fixed.as_ref().map_or(&source, |fixed| &fixed.bytes))?;
        }
        if let Some(fixed) = fixed {
            if fixed.bytes != source && !prints_fixed {
                save(file, &fixed.bytes)?;
            }
            fixed.report();
            checked = Checked::new(&fixed.bytes, settings);
        }
    }
    let lines = LineIndex::new(checked.text());
    let policies = checked.reports();
    settings.record(policies.iter().flat_map(|policy| policy.ignored), uses);
    let report = FileReport {
        file,
        lines: &lines,
        policies: &policies,
        fail_on: arguments.fail_on(),
    };
    sinks.each(|reporter, target| {
        // The fixed policy is alone on standard output.
        if prints_fixed && target.is_standard() {
            return Ok(());
        }
        reporter.file(&report, target)
    })?;
    let passes = policies.iter().all(|report| is_passed(report, arguments));
    Ok(Verdict::of(passes))
}

/// Prints what `--fix` would change. Returns whether the fixed policy would pass.
fn preview(
    file: &FileName,
    source: &[u8],
    fixed: Option<&fix::Fixed>,
    arguments: &Check,
    settings: &FileSettings<'_>,
    sinks: &mut Sinks<dyn Reporter>,
) -> Result<bool, Error> {
    let bytes = fixed.map_or(source, |fixed| &fixed.bytes);
    let [before, after] = [source, bytes].map(|bytes| as_text(bytes.to_vec()).unwrap_or_default());
    if let Some(out) = sinks.standard() {
        out.write_exact(unified(&before, &after, file).as_bytes())?;
    }
    if let Some(fixed) = fixed {
        fixed.report_open();
    }
    let checked = Checked::new(bytes, settings);
    let reports = checked.reports();
    let lines = LineIndex::new(checked.text());
    for finding in reports.iter().flat_map(|report| report.findings) {
        let fix = finding
            .fix
            .as_ref()
            .filter(|_| finding.certain_fix().is_none());
        if let Some(fix) = fix {
            let start = finding.span().unwrap_or_default().start;
            let line = lines.position(start).line;
            diagnostic(&format!("{file}:{line}: left to you: {}", fix.title));
        }
    }
    Ok(reports.iter().all(|report| is_passed(report, arguments)))
}

/// Returns whether a policy is accepted and no finding has a severity that the call fails on.
fn is_passed(report: &PolicyReport<'_>, arguments: &Check) -> bool {
    report.is_passed() && !report.reaches(arguments.fail_on())
}
