//! Runs the tests of the files once.

use audit_tests::Status;

use super::github::Annotations;
use super::json::Json;
use super::junit::Junit;
use super::quality::Quality;
use super::read_files::ReadFiles;
use super::report::{CaseReport, Reporter};
use super::sarif::FailedCases;
use super::source::{GivenPolicy, GivenVersion, Source};
use super::tap::Tap;
use super::text::Text;
use crate::arguments::{Test, TestFormat};
use crate::error::{Error, FileResults, Result};
use crate::file_name::FileName;
use crate::formats::sarif::Sarif;
use crate::formats::{Sinks, Workspace};
use crate::output::{Output, diagnostic};

/// Returns the formats of a call.
fn sinks(arguments: &Test) -> Result<Sinks<dyn Reporter>> {
    let standard = match arguments.format {
        TestFormat::Text | TestFormat::Github => Output::text(),
        TestFormat::Json | TestFormat::Sarif => Output::json(),
        TestFormat::Junit | TestFormat::Tap => Output::data(),
    };
    let inputs: Vec<&FileName> = arguments.files.iter().chain(&arguments.policy).collect();
    let standard = (arguments.format, standard);
    Sinks::new(standard, &arguments.output, &inputs, |format, _| {
        reporter(format)
    })
}

/// Runs the tests of the files.
pub(super) fn run(arguments: &Test, given: GivenVersion, read: &mut ReadFiles) -> Result {
    let mut sinks = sinks(arguments)?;
    let mut results = FileResults::default();
    sinks.each(|reporter, out| reporter.begin(out))?;
    let mut policy = GivenPolicy::new(arguments.policy.as_ref());
    for file in &arguments.files {
        match Source::read(file, &mut policy, given, read) {
            Ok(source) => run_file(&source, arguments, &mut sinks, &mut results)?,
            Err(error @ (Error::PolicyRejected { .. } | Error::UnusablePolicy(_))) => {
                report_unread(file, &error, &mut sinks)?;
                results.reject();
            }
            Err(error @ (Error::Read { .. } | Error::Reported | Error::Usage(_))) => {
                report_unread(file, &error, &mut sinks)?;
                results.cannot_read();
            }
            Err(error) => return Err(error),
        }
    }
    sinks.each(|reporter, out| reporter.end(out))?;
    read.names().try_for_each(|file| sinks.check_read(file))?;
    sinks.finish()?;
    results.into_result()
}

/// Reports a file whose cases cannot be run, on standard error as well.
fn report_unread(file: &str, error: &Error, sinks: &mut Sinks<dyn Reporter>) -> Result {
    let message = error.message();
    if let Some(message) = &message {
        message.lines().for_each(diagnostic);
    }
    let message = message
        .as_deref()
        .unwrap_or("the reason is on standard error");
    sinks.each(|reporter, out| reporter.unread_file(file, message, out))
}

fn reporter(format: TestFormat) -> Box<dyn Reporter> {
    match format {
        TestFormat::Text => Box::new(Text::new()),
        TestFormat::Json => Box::new(Json),
        TestFormat::Sarif => Box::new(FailedCases(Sarif::new(Workspace::of_job()))),
        TestFormat::Github => Box::new(Annotations(Workspace::of_job())),
        TestFormat::Junit => Box::new(Junit),
        TestFormat::Tap => Box::new(Tap::default()),
    }
}

/// Runs the tests of a file. Each result is printed before the next case is run.
fn run_file(
    source: &Source,
    arguments: &Test,
    sinks: &mut Sinks<dyn Reporter>,
    results: &mut FileResults,
) -> Result {
    let runner = source.runner();
    let cases = source.tests.tests.len();
    sinks.each(|reporter, out| reporter.begin_file(&source.name, cases, out))?;
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
        sinks.each(|reporter, out| reporter.case(&report, out))?;
    }
    if arguments.coverage || arguments.mutations {
        let quality = Quality::of(source, &runner, arguments);
        sinks.each(|reporter, out| reporter.quality(&source.name, &quality, out))?;
    }
    sinks.each(|reporter, out| reporter.end_file(out))
}
