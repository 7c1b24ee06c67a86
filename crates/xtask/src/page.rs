//! Builds and serves the page.

use std::process::Command;

use crate::install;
use crate::project::Project;
use crate::run::{self, Error};

/// Builds the page and serves it until interrupted.
///
/// # Errors
/// If something that the build needs is missing, or the build fails.
pub fn serve(project: &Project, dev: bool, port: u16) -> Result<(), Error> {
    install::page_tools(project)?;
    println!("building; the page will be at http://127.0.0.1:{port}/ (stop with Ctrl-C)");
    let mut trunk = trunk(project);
    trunk.args(["serve", "--offline", "--address", "127.0.0.1"]);
    trunk.args(["--port", &port.to_string()]);
    if !dev {
        trunk.arg("--release");
    }
    run::run(&mut trunk)
}

/// Returns the command that builds the page into `dist/`.
pub fn build(project: &Project, dev: bool) -> Command {
    let mut trunk = trunk(project);
    trunk.args(["build", "--offline"]);
    if !dev {
        trunk.arg("--release");
    }
    trunk
}

fn trunk(project: &Project) -> Command {
    let mut trunk = project.command("trunk");
    // A backtrace of trunk itself is not about the page.
    trunk.env("RUST_BACKTRACE", "0");
    trunk
}
