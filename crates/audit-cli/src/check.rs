//! `check`: the result of loading a policy, and findings about probable mistakes.

mod document;
mod fix;
mod json;
mod policy;
mod text;
mod v1;

use std::io::{self, Write};

use audit_policy::KubernetesVersion;

use crate::arguments::{Check, TextOrJson};
use crate::error::{Error, FileResults, Result};
use crate::file_name::FileName;
use crate::input::{check_read_once, policy_bytes};
use crate::output::Output;
use crate::save::save;
use crate::terminal::Style;
use document::CheckedDocuments;
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
        check_fixable(file)?;
        let fixed = fix::fixed(file, &source, version);
        if file.is_stdin() {
            let fixed = fixed.unwrap_or(source);
            out.write_exact(&fixed)?;
            let checked = CheckedPolicy::new(&fixed, version);
            let documents = CheckedDocuments::of(&fixed, &checked, version);
            let reports = reports(&checked, documents.as_ref());
            return Ok(reports.iter().all(|report| is_passed(report, arguments)));
        }
        if let Some(fixed) = fixed {
            save(file, &fixed)?;
            source = fixed;
        }
    }
    let checked = CheckedPolicy::new(&source, version);
    let documents = CheckedDocuments::of(&source, &checked, version);
    let reports = reports(&checked, documents.as_ref());
    for (index, report) in reports.iter().enumerate() {
        match arguments.format {
            TextOrJson::Json => json::print(file, report, out)?,
            TextOrJson::Text if index > 0 => {
                writeln!(out)?;
                text::print(file, report, style, out)?;
            }
            TextOrJson::Text => text::print(file, report, style, out)?,
        }
    }
    Ok(reports.iter().all(|report| is_passed(report, arguments)))
}

/// Returns what is printed: a report per policy of a document, or that of the policy that the file is.
fn reports<'a>(
    checked: &'a CheckedPolicy,
    documents: Option<&'a CheckedDocuments>,
) -> Vec<PolicyReport<'a>> {
    documents.map_or_else(|| vec![checked.report()], CheckedDocuments::reports)
}

/// Returns whether a policy is accepted and no finding has a severity that the call fails on.
fn is_passed(report: &PolicyReport<'_>, arguments: &Check) -> bool {
    let fails = |lowest| report.highest_severity() >= Some(lowest);
    report.is_passed() && !arguments.fail_on().is_some_and(fails)
}
