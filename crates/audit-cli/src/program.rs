//! The name that the program is called by.

use std::ffi::OsStr;
use std::path::Path;
use std::sync::OnceLock;

use clap::{CommandFactory, FromArgMatches};

use crate::arguments::Arguments;

/// Name of the program.
pub(crate) const PROGRAM: &str = "audit-policy";

/// Name of the program as a plugin: kubectl starts the file `kubectl-audit_policy` for it.
const PLUGIN: &str = "kubectl audit-policy";

/// Returns the name that a user calls the program by, for usage and help: `audit-policy`, or `kubectl audit-policy`.
pub(crate) fn called() -> &'static str {
    static NAME: OnceLock<&str> = OnceLock::new();
    NAME.get_or_init(|| {
        std::env::args_os()
            .next()
            .map_or(PROGRAM, |path| name_of(&path))
    })
}

/// Returns the name for the path that the program was started by. kubectl replaces each `-` of a plugin's name by `_`; on Windows, a file
/// name has any case, and an extension.
fn name_of(path: &OsStr) -> &'static str {
    let stem = Path::new(path).file_stem().and_then(OsStr::to_str);
    let is_plugin = stem.is_some_and(|stem| stem.eq_ignore_ascii_case("kubectl-audit_policy"));
    if is_plugin { PLUGIN } else { PROGRAM }
}

/// Parses the arguments of the call.
///
/// # Errors
/// If they are wrong, or ask for help.
pub(crate) fn arguments() -> Result<Arguments, clap::Error> {
    let mut command = Arguments::command().bin_name(called());
    let mut matches = command.try_get_matches_from_mut(std::env::args_os())?;
    Arguments::from_arg_matches_mut(&mut matches).map_err(|error| error.format(&mut command))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_is_that_of_the_file() {
        for (path, name) in [
            ("audit-policy", PROGRAM),
            ("/usr/bin/audit-policy", PROGRAM),
            ("kubectl-audit_policy", PLUGIN),
            ("/home/a/.krew/bin/kubectl-audit_policy", PLUGIN),
            ("./Kubectl-Audit_Policy.EXE", PLUGIN),
            ("kubectl-audit_policy/audit-policy", PROGRAM),
            ("kubectl-audit-policy", PROGRAM),
            ("", PROGRAM),
        ] {
            assert_eq!(name_of(OsStr::new(path)), name, "{path}");
        }
    }
}
