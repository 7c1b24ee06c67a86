//! Runs the tests of the files once.

use std::io::Write;

use audit_policy::KubernetesVersion;
use audit_tests::Status;

use super::json::Json;
use super::junit::Junit;
use super::quality::Quality;
use super::read_files::ReadFiles;
use super::report::{CaseReport, Reporter};
use super::source::{GivenPolicy, Source};
use super::tap::Tap;
use super::text::Text;
use crate::arguments::{Test, TestFormat};
use crate::error::{Error, FileResults, Result};
use crate::output::{Output, diagnostic};

/// Runs the tests of the files.
pub(super) fn run(
    arguments: &Test,
    given: Option<KubernetesVersion>,
    read: &mut ReadFiles,
) -> Result {
    let mut out = match arguments.format {
        TestFormat::Text => Output::text(),
        TestFormat::Json => Output::json(),
        TestFormat::Junit | TestFormat::Tap => Output::data(),
    };
    let mut results = FileResults::default();
    let mut reporter = reporter(arguments.format);
    reporter.begin(&mut out)?;
    let mut policy = GivenPolicy::new(arguments.policy.as_ref());
    for file in &arguments.files {
        match Source::read(file, &mut policy, given, read) {
            Ok(source) => run_file(&source, arguments, &mut *reporter, &mut out, &mut results)?,
            Err(error @ (Error::PolicyRejected { .. } | Error::UnusablePolicy(_))) => {
                report_unread(file, &error, &mut *reporter, &mut out)?;
                results.reject();
            }
            Err(error @ (Error::Read { .. } | Error::Reported | Error::Usage(_))) => {
                report_unread(file, &error, &mut *reporter, &mut out)?;
                results.cannot_read();
            }
            Err(error) => return Err(error),
        }
    }
    reporter.end(&mut out)?;
    out.flush()?;
    results.into_result()
}

/// Reports a file whose cases cannot be run, on standard error as well.
fn report_unread(
    file: &str,
    error: &Error,
    reporter: &mut dyn Reporter,
    out: &mut Output,
) -> Result {
    let message = error.message();
    if let Some(message) = &message {
        message.lines().for_each(diagnostic);
    }
    let message = message
        .as_deref()
        .unwrap_or("the reason is on standard error");
    reporter.unread_file(file, message, out)
}

fn reporter(format: TestFormat) -> Box<dyn Reporter> {
    match format {
        TestFormat::Text => Box::new(Text::new()),
        TestFormat::Json => Box::new(Json),
        TestFormat::Junit => Box::new(Junit),
        TestFormat::Tap => Box::new(Tap::default()),
    }
}

/// Runs the tests of a file. Each result is printed before the next case is run.
fn run_file(
    source: &Source,
    arguments: &Test,
    reporter: &mut dyn Reporter,
    out: &mut Output,
    results: &mut FileResults,
) -> Result {
    let runner = source.runner();
    reporter.begin_file(&source.name, source.tests.tests.len(), out)?;
    for (case, line) in source.tests.tests.iter().zip(&source.lines) {
        let outcome = runner.run(case);
        if outcome.status == Status::Failed {
            results.reject();
        }
        let report = CaseReport {
            file: &source.name,
            line: *line,
            case,
            outcome: &outcome,
        };
        reporter.case(&report, out)?;
    }
    if arguments.coverage || arguments.mutations {
        let quality = Quality::of(source, &runner, arguments);
        reporter.quality(&source.name, &quality, out)?;
    }
    reporter.end_file(out)?;
    Ok(())
}
