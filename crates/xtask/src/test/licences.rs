//! Licences, duplicate crates, sources and security advisories of the dependencies, by `deny.toml`.

use std::process::Command;

use crate::programs::CARGO_DENY;
use crate::project::Project;
use crate::run;

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

/// Downloads the database of security advisories. Returns the command that checks them, or the reason to skip it.
pub(super) fn advisories(project: &Project) -> Result<Command, String> {
    if !CARGO_DENY.path(&project.cache).is_file() {
        return Err(NOT_INSTALLED.to_owned());
    }
    // git must not ask for a password.
    let mut fetch = project.command("cargo");
    fetch
        .args(["deny", "--locked", "fetch", "db"])
        .env("GIT_TERMINAL_PROMPT", "0")
        .stderr(std::process::Stdio::null());
    if run::output(&mut fetch).is_none() {
        return Err("the database of security advisories cannot be reached".to_owned());
    }
    let mut deny = project.command("cargo");
    deny.args([
        "deny",
        "--locked",
        "--color",
        "never",
        "check",
        "--disable-fetch",
        "advisories",
    ]);
    Ok(deny)
}
