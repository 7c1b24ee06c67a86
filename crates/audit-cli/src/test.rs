//! `test`: tests of a policy.

mod from_log;
mod github;
mod json;
mod junit;
mod once;
mod quality;
mod read_files;
mod report;
mod results;
mod sarif;
mod source;
mod tap;
mod text;
mod watch;

use audit_policy::KubernetesVersion;

use crate::arguments::Test;
use crate::config::Config;
use crate::error::{Error, Result};
use crate::input::check_read_once;
pub(crate) use results::{TestResults, results};

use read_files::ReadFiles;
use source::GivenVersion;

/// Runs the tests of the files, or prints tests made of logs. `given` is the version of the call.
pub(crate) fn run(arguments: &Test, config: &Config, given: Option<KubernetesVersion>) -> Result {
    let given = GivenVersion::new(given, config);
    let mut arguments = arguments.clone();
    if arguments.files.is_empty() && arguments.from.is_empty() {
        arguments.files = config.tests()?;
        if arguments.files.is_empty() {
            let message = "no FILE to test (help: name files with tests, or list them as `files` of `[test]` in `audit-policy.toml`)";
            return Err(Error::Usage(message.to_owned()));
        }
    }
    let arguments = &arguments;
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
    once::run(arguments, given, &mut ReadFiles::default())
}
