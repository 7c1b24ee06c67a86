//! `test`: tests of a policy.

mod from_log;
mod json;
mod junit;
mod quality;
mod report;
mod source;
mod tap;
mod text;
mod watch;

use std::io::Write;

use audit_policy::KubernetesVersion;
use audit_tests::Status;

use crate::arguments::{Test, TestFormat};
use crate::error::{Error, FileResults, Result};
use crate::input::check_read_once;
use crate::output::{Output, diagnostic};
use report::{CaseReport, Reporter};
use source::Source;
use watch::ReadFiles;

/// Runs the tests of the files, or prints tests made of logs. `given` is the version of the call.
pub(crate) fn run(arguments: &Test, given: Option<KubernetesVersion>) -> Result {
    let read = arguments.files.iter().chain(&arguments.policy);
    check_read_once(read.chain(&arguments.from))?;
    let reads_policy_once = arguments
        .policy
        .as_ref()
        .is_none_or(|file| !file.is_stdin());
    if !reads_policy_once && (arguments.files.len() > 1 || arguments.watch) {
        let message = "the policy can only be read once from standard input: save it as a file";
        return Err(Error::Usage(message.to_owned()));
    }
    if !arguments.from.is_empty() {
        return from_log::run(arguments, given);
    }
    if arguments.watch {
        return watch::run(arguments, given);
    }
    run_once(arguments, given, &mut ReadFiles::default())
}

/// Runs the tests of the files.
fn run_once(arguments: &Test, given: Option<KubernetesVersion>, read: &mut ReadFiles) -> Result {
    let mut out = match arguments.format {
        TestFormat::Text => Output::text(),
        TestFormat::Json => Output::json(),
        TestFormat::Junit | TestFormat::Tap => Output::data(),
    };
    let mut results = FileResults::default();
    let mut reporter = reporter(arguments.format);
    reporter.begin(&mut out)?;
    for file in &arguments.files {
        match Source::read(file, arguments.policy.as_ref(), given, read) {
            Ok(source) => run_file(&source, arguments, &mut *reporter, &mut out, &mut results)?,
            Err(error @ (Error::PolicyRejected { .. } | Error::UnusablePolicy(_))) => {
                print(&error);
                results.reject();
            }
            Err(error @ (Error::Read { .. } | Error::Reported | Error::Usage(_))) => {
                print(&error);
                results.cannot_read();
            }
            Err(error) => return Err(error),
        }
    }
    reporter.end(&mut out)?;
    out.flush()?;
    results.into_result()
}

fn print(error: &Error) {
    if let Some(message) = error.message() {
        diagnostic(&message);
    }
}

fn reporter(format: TestFormat) -> Box<dyn Reporter> {
    match format {
        TestFormat::Text => Box::new(text::Text::new()),
        TestFormat::Json => Box::new(json::Json),
        TestFormat::Junit => Box::new(junit::Junit),
        TestFormat::Tap => Box::new(tap::Tap::default()),
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
        let quality = quality::Quality::of(source, &runner, arguments);
        reporter.quality(&source.name, &quality, out)?;
    }
    reporter.end_file(out)?;
    Ok(())
}
