//! `check`: what the server would say of a policy, and what is doubtful in it.

mod fix;
mod json;
mod text;
mod v1;

use std::io::{self, Write};

use audit_policy::lint;
use audit_policy::{Diagnostic, KubernetesVersion, Loaded, Severity, load};

use crate::Outcome;
use crate::arguments::{Check, TextOrJson};
use crate::failure::{Failure, FileResults};
use crate::file_name::FileName;
use crate::input::{check_read_once, policy_bytes};
use crate::output::Output;
use crate::save::save;
use crate::terminal::Style;

/// A policy, looked at.
struct Checked {
    loaded: Loaded,
    findings: Vec<Diagnostic>,
}

impl Checked {
    fn new(source: &[u8], version: KubernetesVersion) -> Self {
        let loaded = load(source, version);
        let mut findings = loaded.findings.clone();
        findings.extend(lint(&loaded, version));
        findings.sort_by_key(|finding| {
            (
                finding.span().unwrap_or_default().start,
                finding.code.clone(),
            )
        });
        Self { loaded, findings }
    }

    fn accepted(&self) -> bool {
        self.loaded.policy.is_some()
    }

    fn is_doubtful(&self) -> bool {
        self.loaded.warning.is_some()
            || self
                .findings
                .iter()
                .any(|finding| finding.severity >= Severity::Warning)
    }
}

/// Checks each policy, and fails at the end if any is rejected or cannot be read.
pub(crate) fn run(arguments: &Check, version: KubernetesVersion) -> Outcome {
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
            Err(failure) => results.go_on(failure)?,
        }
    }
    out.flush()?;
    results.outcome()
}

/// Fails for what cannot be read again once it has been written, such as a pipe.
fn is_fixable(file: &FileName) -> Outcome {
    let is_file = || std::fs::metadata(file.path()).is_ok_and(|found| found.is_file());
    if file.is_stdin() || is_file() {
        return Ok(());
    }
    let error = "it is not a file; `-` reads standard input and prints the fixed policy";
    Err(Failure::Unwritten {
        file: file.to_string(),
        error: io::Error::other(error),
    })
}

/// Checks one policy; whether it is as sound as it is asked to be.
fn check(
    file: &FileName,
    arguments: &Check,
    version: KubernetesVersion,
    style: Style,
    out: &mut Output,
) -> Result<bool, Failure> {
    let mut source = policy_bytes(file)?;
    if arguments.fix {
        is_fixable(file)?;
        let fixed = fix::fixed(file, &source, version);
        if file.is_stdin() {
            let fixed = fixed.unwrap_or(source);
            out.write_exact(&fixed)?;
            return Ok(Checked::new(&fixed, version).accepted());
        }
        if let Some(fixed) = fixed {
            save(file, &fixed)?;
            source = fixed;
        }
    }
    let checked = Checked::new(&source, version);
    match arguments.format {
        TextOrJson::Json => json::print(file, &checked, out)?,
        TextOrJson::Text => text::print(file, &checked, style, out)?,
    }
    Ok(checked.accepted() && !(arguments.strict && checked.is_doubtful()))
}
