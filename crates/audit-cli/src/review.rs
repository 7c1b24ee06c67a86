//! `review`: what a pull request changes about audit policies, as one comment.

mod base;
mod changes;
mod findings;
mod git;
mod json;
mod markdown;
mod outcome;
mod policies;
mod test_files;

use std::io::Write;

use audit_policy::KubernetesVersion;

use crate::arguments::{Review, ReviewFormat};
use crate::config::Config;
use crate::error::{Error, FileResults, Result};
use crate::file_name::FileName;
use crate::output::Output;
use base::BaseReader;
use changes::changed;
use git::Repository;
use outcome::Outcome;
use policies::Reader;

/// Prints the review. `given` is the version of the call.
pub(crate) fn run(arguments: &Review, config: &Config, given: Option<KubernetesVersion>) -> Result {
    let version = given.or(config.kubernetes_version).unwrap_or_default();
    let repository = Repository::find(&arguments.base)?;
    for path in &arguments.paths {
        repository.check_path(path)?;
    }
    let files = changed(&repository, &arguments.paths)?;
    let mut reader = Reader {
        base: BaseReader::start(&repository)?,
        config,
        version,
    };
    let mut results = FileResults::default();
    let mut policies = Vec::new();
    for file in &files {
        match reader.policies(file) {
            Ok(found) => policies.extend(found),
            Err(error) => results.continue_after(error)?,
        }
    }
    let mut tests = Vec::new();
    for file in test_files::files(&files, &policies, config)? {
        match crate::test::results(&file, config, given) {
            Ok(found) => tests.push(found),
            Err(error) => results.continue_after(error)?,
        }
    }
    // Whoever reads no further knows what matters most.
    policies.sort_by_key(|policy| !policy.fails());
    let outcome = Outcome {
        base: FileName::from(arguments.base.clone()).to_string(),
        policies,
        tests,
    }
    .named_from(&repository.root);
    print(&outcome, arguments.format)?;
    if outcome.fails(arguments.fail_on()) {
        results.reject();
    }
    results.into_result()
}

fn print(outcome: &Outcome, format: ReviewFormat) -> Result<(), Error> {
    match format {
        ReviewFormat::Markdown => {
            let mut out = Output::text();
            out.write_all(markdown::comment(outcome).as_bytes())?;
            out.flush()?;
        }
        ReviewFormat::Json => {
            let mut out = Output::json();
            json::print(outcome, &mut out)?;
            out.flush()?;
        }
    }
    Ok(())
}
