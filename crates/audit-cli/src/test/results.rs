//! Results of the tests of a file, for a report about other things as well.

use audit_analysis::request_words;
use audit_policy::KubernetesVersion;
use audit_tests::Status;

use super::read_files::ReadFiles;
use super::source::{GivenPolicy, GivenVersion, Source};
use crate::config::Config;
use crate::error::{Error, Result};
use crate::file_name::FileName;

/// Results of a file.
pub(crate) struct TestResults {
    /// Name of the file.
    pub(crate) file: String,
    pub(crate) passed: usize,
    /// Neither the policy nor the flags decide them.
    pub(crate) undecidable: usize,
    pub(crate) failed: Vec<FailedCase>,
    /// Why the cases cannot be run. `None` if they were.
    pub(crate) error: Option<String>,
}

/// A case that fails.
pub(crate) struct FailedCase {
    pub(crate) name: String,
    /// Line of the case, from 1.
    pub(crate) line: usize,
    /// The expectation, and what is the case.
    pub(crate) message: String,
    /// The request that shows it, in words. `None` if the case is not about requests.
    pub(crate) witness: Option<String>,
}

impl TestResults {
    /// Returns whether no case fails, and all were run.
    pub(crate) const fn has_passed(&self) -> bool {
        self.failed.is_empty() && self.error.is_none()
    }
}

/// Runs the tests of a file with the policy that it names. `given` is the version of the call.
///
/// # Errors
/// If the file itself cannot be read. What is wrong in it, or with the policy, is part of the results.
pub(crate) fn results(
    file: &FileName,
    config: &Config,
    given: Option<KubernetesVersion>,
) -> Result<TestResults> {
    let mut results = TestResults {
        file: file.to_string(),
        passed: 0,
        undecidable: 0,
        failed: Vec::new(),
        error: None,
    };
    let given = GivenVersion::new(given, config);
    let mut policy = GivenPolicy::new(None);
    let source = match Source::read(file, &mut policy, given, &mut ReadFiles::default()) {
        Ok(source) => source,
        Err(error @ (Error::Read { .. } | Error::Output(_) | Error::OutputClosed)) => {
            return Err(error);
        }
        Err(error) => {
            let message = error.message();
            results.error = Some(message.unwrap_or("the reason is on standard error".to_owned()));
            return Ok(results);
        }
    };
    let runner = source.runner();
    for (case, line) in source.tests.tests.iter().zip(&source.lines) {
        let outcome = runner.run(case);
        match outcome.status {
            Status::Passed => results.passed += 1,
            Status::Failed => results.failed.push(FailedCase {
                name: case.name.clone(),
                line: *line,
                message: outcome.message,
                witness: outcome.witness.as_ref().map(request_words),
            }),
            _ => results.undecidable += 1,
        }
    }
    Ok(results)
}
