//! Licences, duplicate crates, sources and security advisories of the dependencies, by `deny.toml`.

use std::process::Command;

use super::count::SKIPPED;
use crate::programs::CARGO_DENY;
use crate::project::Project;
use crate::run::{self, Error};

const NOT_INSTALLED: &str = "cargo-deny is not installed";

/// Returns the command that checks licences, duplicate crates and sources, or the reason to skip it.
pub(super) fn check(project: &Project) -> Result<Command, String> {
    if !CARGO_DENY.path(&project.cache).is_file() {
        return Err(NOT_INSTALLED.to_owned());
    }
    let mut deny = project.command("cargo");
    deny.args([
        "deny", "--locked", "--color", "never", "check", "licenses", "bans", "sources",
    ]);
    Ok(deny)
}

/// Downloads the database of security advisories and checks them. Returns whether there are none, and the output; or the reason to
/// skip it.
///
/// # Errors
/// If the program cannot be started.
pub(super) fn advisories(project: &Project) -> Result<(bool, String), Error> {
    let skipped = |reason: &str| Ok((true, format!("{SKIPPED}{reason}\n")));
    if !CARGO_DENY.path(&project.cache).is_file() {
        return skipped(NOT_INSTALLED);
    }
    // git must not ask for a password.
    let mut fetch = project.command("cargo");
    fetch
        .args(["deny", "--locked", "fetch", "db"])
        .env("GIT_TERMINAL_PROMPT", "0")
        .stderr(std::process::Stdio::null());
    if run::output(&mut fetch).is_none() {
        return skipped("the database of security advisories cannot be reached");
    }
    let mut deny = project.command("cargo");
    deny.args(["deny", "--locked", "--color", "never", "check"]);
    deny.args(["--disable-fetch", "advisories"]);
    run::run_logged(&mut deny, &project.result_file("advisories.log"))
}
