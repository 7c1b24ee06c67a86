//! `check`: the result of loading a policy, and findings about probable mistakes.

mod checked;
mod document;
mod fix;
mod json;
mod narrow;
mod policy;
mod repaired;
mod text;
mod v1;

use std::io::{self, Write};

use audit_policy::{Diagnostic, KubernetesVersion, LineIndex};
use audit_text::diff::unified;

use crate::arguments::{Check, TextOrJson};
use crate::error::{Error, FileResults, Result};
use crate::file_name::FileName;
use crate::input::{as_text, check_read_once, policy_bytes};
use crate::output::Output;
use crate::save::save;
use crate::terminal::Style;
use checked::Checked;
use policy::{CheckedPolicy, PolicyReport};

/// Checks each policy. Fails at the end if one is rejected or cannot be read.
pub(crate) fn run(arguments: &Check, version: KubernetesVersion) -> Result {
    check_read_once(&arguments.policies)?;
    let style = Style::of_stdout();
    let mut out = match arguments.format {
        TextOrJson::Json => Output::json(),
        TextOrJson::Text => Output::text(),
    };
    let mut results = FileResults::default();
    for file in &arguments.policies {
        match check(file, arguments, version, style, &mut out) {
            Ok(true) => {}
            Ok(false) => results.reject(),
            Err(error) => results.continue_after(error)?,
        }
    }
    out.flush()?;
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
    style: Style,
    out: &mut Output,
) -> Result<bool, Error> {
    let mut source = policy_bytes(file)?;
    if arguments.fix {
        if !arguments.diff {
            check_fixable(file)?;
        }
        let fixed = fix::fixed(file, &source, version);
        if arguments.diff {
            return preview(file, &source, fixed.as_ref(), arguments, version, out);
        }
        if file.is_stdin() {
            let bytes = fixed.as_ref().map_or(&source, |fixed| &fixed.bytes);
            out.write_exact(bytes)?;
            if let Some(fixed) = &fixed {
                fixed.report();
            }
            let checked = Checked::new(bytes, version);
            let reports = checked.reports();
            return Ok(reports.iter().all(|report| is_passed(report, arguments)));
        }
        if let Some(fixed) = fixed {
            if fixed.bytes != source {
                save(file, &fixed.bytes)?;
            }
            fixed.report();
            source = fixed.bytes;
        }
    }
    let checked = Checked::new(&source, version);
    let lines = LineIndex::new(checked.text());
    let reports = checked.reports();
    for (index, report) in reports.iter().enumerate() {
        match arguments.format {
            TextOrJson::Json => json::print(file, report, &lines, out)?,
            TextOrJson::Text if index > 0 => {
                writeln!(out)?;
                text::print(file, report, &lines, style, out)?;
            }
            TextOrJson::Text => text::print(file, report, &lines, style, out)?,
        }
    }
    Ok(reports.iter().all(|report| is_passed(report, arguments)))
}

/// Prints what `--fix` would change. Returns whether the fixed policy would pass.
fn preview(
    file: &FileName,
    source: &[u8],
    fixed: Option<&fix::Fixed>,
    arguments: &Check,
    version: KubernetesVersion,
    out: &mut Output,
) -> Result<bool, Error> {
    let bytes = fixed.map_or(source, |fixed| &fixed.bytes);
    let [before, after] = [source, bytes].map(|bytes| as_text(bytes.to_vec()).unwrap_or_default());
    out.write_exact(unified(&before, &after, file).as_bytes())?;
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
