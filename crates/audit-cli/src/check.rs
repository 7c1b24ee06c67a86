//! `check`: the result of loading a policy, and findings about probable mistakes.

mod checked;
mod document;
mod files;
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
use crate::formats::{Sinks, is_same};
use crate::input::{as_text, check_read_once, policy_bytes};
use crate::output::{Output, diagnostic};
use crate::save::save;
use crate::terminal::Style;
use checked::Checked;
use files::Origin;
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
    let mut policies: u64 = 0;
    let passed_over = files::each(&arguments.policies, &mut |file, origin| {
        let verdict = file.and_then(|file| check(file, origin, arguments, version, &mut sinks));
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
        diagnostic("there is no policy in these folders");
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
    version: KubernetesVersion,
    sinks: &mut Sinks<dyn Reporter>,
) -> Result<Verdict, Error> {
    let mut source = policy_bytes(file)?;
    if origin == Origin::Walked {
        if !Checked::new(&source, version).has_policy(file) {
            return Ok(Verdict::NoPolicy);
        }
        check_outputs(file, arguments)?;
    }
    let prints_fixed = arguments.fix && file.is_stdin();
    if arguments.fix {
        if !arguments.diff {
            check_fixable(file)?;
        }
        let fixed = fix::fixed(file, &source, version);
        if arguments.diff {
            let passes = preview(file, &source, fixed.as_ref(), arguments, version, sinks)?;
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
    let passes = policies.iter().all(|report| is_passed(report, arguments));
    Ok(Verdict::of(passes))
}

/// Fails if a file of a folder, which is read, is one that results are written into.
fn check_outputs(file: &FileName, arguments: &Check) -> Result {
    let mut outputs = arguments.output.iter();
    match outputs.find(|output| is_same(&output.file, file)) {
        Some(_) => Err(Error::Usage(format!(
            "`--output` would replace `{file}`, which is read: name another file"
        ))),
        None => Ok(()),
    }
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
