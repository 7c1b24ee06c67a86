//! `check`: the result of loading a policy, and findings about probable mistakes.

mod checked;
mod document;
mod fix;
mod github;
mod json;
mod junit;
mod narrow;
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
use crate::error::{Error, FileResults, Result};
use crate::file_name::FileName;
use crate::formats::Sinks;
use crate::input::{as_text, check_read_once, policy_bytes};
use crate::output::Output;
use crate::save::save;
use crate::terminal::Style;
use checked::Checked;
use policy::{CheckedPolicy, PolicyReport};
use report::{FileReport, Reporter};

/// Returns what writes a format. `style` is that of text.
fn reporter(format: CheckFormat, style: Style) -> Box<dyn Reporter> {
    match format {
        CheckFormat::Text => Box::new(report::Text(style)),
        CheckFormat::Json => Box::new(report::Json),
        CheckFormat::Sarif => Box::new(sarif::Report::default()),
        CheckFormat::Github => Box::new(github::Annotations),
        CheckFormat::Junit => Box::new(junit::Junit),
    }
}

/// Returns the formats of a call.
///
/// # Errors
/// If a fixed policy would be printed within a report.
fn sinks(arguments: &Check) -> Result<Sinks<dyn Reporter>> {
    let standard = match arguments.format {
        CheckFormat::Json | CheckFormat::Sarif => Output::json(),
        CheckFormat::Text | CheckFormat::Github => Output::text(),
        CheckFormat::Junit => Output::data(),
    };
    let inputs: Vec<&FileName> = arguments.policies.iter().collect();
    let prints_fixed = arguments.fix && inputs.iter().any(|file| file.is_stdin());
    if prints_fixed && matches!(arguments.format, CheckFormat::Sarif | CheckFormat::Junit) {
        let message = "`--fix` prints the policy of standard input, so the report needs a file: use `--output`";
        return Err(Error::Usage(message.to_owned()));
    }
    let standard = (arguments.format, standard);
    Sinks::new(standard, &arguments.output, &inputs, reporter)
}

/// Checks each policy. Fails at the end if one is rejected or cannot be read.
pub(crate) fn run(arguments: &Check, version: KubernetesVersion) -> Result {
    check_read_once(&arguments.policies)?;
    let mut sinks = sinks(arguments)?;
    let mut results = FileResults::default();
    sinks.each(|reporter, target| reporter.begin(target))?;
    for file in &arguments.policies {
        match check(file, arguments, version, &mut sinks) {
            Ok(true) => {}
            Ok(false) => results.reject(),
            Err(error) => {
                let message = error.message();
                results.continue_after(error)?;
                let message = message.unwrap_or_default();
                sinks.each(|reporter, target| reporter.unread(file, &message, target))?;
            }
        }
    }
    sinks.each(|reporter, target| reporter.end(target))?;
    sinks.finish()?;
    results.into_result()
}

/// Returns the findings of a policy, in the order of its text.
pub(crate) fn findings(source: &[u8], version: KubernetesVersion) -> Vec<Diagnostic> {
    CheckedPolicy::new(source, version).findings
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

/// Checks one policy. Returns whether it is accepted and, with `--fail-on`, no finding has that severity.
fn check(
    file: &FileName,
    arguments: &Check,
    version: KubernetesVersion,
    sinks: &mut Sinks<dyn Reporter>,
) -> Result<bool, Error> {
    let mut source = policy_bytes(file)?;
    let prints_fixed = arguments.fix && file.is_stdin();
    if arguments.fix {
        if !arguments.diff {
            check_fixable(file)?;
        }
        let fixed = fix::fixed(file, &source, version);
        if arguments.diff {
            return preview(file, &source, fixed.as_ref(), arguments, version, sinks);
        }
        if prints_fixed && let Some(out) = sinks.standard() {
            out.write_exact(fixed.as_ref().map_or(&source, |fixed| &fixed.bytes))?;
        }
        if let Some(fixed) = fixed {
            if fixed.bytes != source && !prints_fixed {
                save(file, &fixed.bytes)?;
            }
            fixed.report();
            source = fixed.bytes;
        }
    }
    let checked = Checked::new(&source, version);
    let lines = LineIndex::new(checked.text());
    let policies = checked.reports();
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
    Ok(policies.iter().all(|report| is_passed(report, arguments)))
}

/// Prints what `--fix` would change. Returns whether the fixed policy would pass.
fn preview(
    file: &FileName,
    source: &[u8],
    fixed: Option<&fix::Fixed>,
    arguments: &Check,
    version: KubernetesVersion,
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
    let checked = Checked::new(bytes, version);
    let reports = checked.reports();
    Ok(reports.iter().all(|report| is_passed(report, arguments)))
}

/// Returns whether a policy is accepted and no finding has a severity that the call fails on.
fn is_passed(report: &PolicyReport<'_>, arguments: &Check) -> bool {
    let fails = |lowest| report.highest_severity() >= Some(lowest);
    report.is_passed() && !arguments.fail_on().is_some_and(fails)
}
