//! `cargo xtask docs`: the documentation site, in `target/docs`.
//!
//! It is written by a program of its own, `crates/xtask/book`, so that mdBook is compiled only for this task.

use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

use crate::page;
use crate::plan::{self, Item};
use crate::project::Project;
use crate::run::{self, Error};
use crate::times::Times;

/// Manifest of the program that writes the site.
const BOOK: &str = "crates/xtask/book/Cargo.toml";

/// The name under which the duration of the task is stored, without the page, and what it usually is the first time: the program and the command
/// are compiled.
const TIME: (&str, f64) = ("documentation", 150.0);

/// Usual duration of the page in one file, in seconds.
const ONE_FILE_SECONDS: f64 = 20.0;

/// Builds the page, the page in one file, and the site with live policies.
///
/// # Errors
/// If something that is needed is missing, a program fails, or the site has a dead link.
pub fn build_with_page(project: &Project, task: &str) -> Result<(), Error> {
    let more = [
        Item::new("make one file of the page", ONE_FILE_SECONDS),
        item(project),
    ];
    page::prepare_with(project, false, task, &more)?;
    page::build(project, false)?;
    run::run(&mut page::one_file_command(project))?;
    run::run(&mut page::widget_command(project))?;
    build(project, true)
}

/// Builds the site with policies as text, which takes seconds once its program is compiled.
///
/// # Errors
/// If a program fails, or the site has a dead link.
pub fn build_text(project: &Project, task: &str) -> Result<(), Error> {
    plan::print(task, &[item(project)]);
    build(project, false)
}

fn item(project: &Project) -> Item {
    let (name, seconds) = TIME;
    Item::known(
        "build the documentation",
        &Times::of(project),
        name,
        seconds,
    )
}

fn build(project: &Project, is_live: bool) -> Result<(), Error> {
    let begin = Instant::now();
    let mut cargo = project.command("cargo");
    cargo.args(["build", "--locked", "--quiet", "--package", "audit-cli"]);
    run::run(&mut cargo)?;
    let name = format!("audit-policy{}", std::env::consts::EXE_SUFFIX);
    let command = project.target_folder("debug").join(name);
    run::run(&mut book(project, command, is_live))?;
    Times::of(project).record(TIME.0, begin.elapsed());
    Ok(())
}

/// Returns the command that writes the site, for a built command `audit-policy`. With `is_live`, the page in one file must have been made.
pub fn book(project: &Project, command: PathBuf, is_live: bool) -> Command {
    let mut cargo = book_cargo(project, "run");
    cargo.arg("--").arg(&project.root).arg(command);
    cargo.arg(project.root.join("target/docs"));
    if is_live {
        cargo.arg(project.root.join("target/release-files"));
    }
    cargo
}

/// Returns cargo with a subcommand for the program that writes the site.
pub fn book_cargo(project: &Project, subcommand: &str) -> Command {
    let mut cargo = project.command("cargo");
    cargo.args([subcommand, "--locked", "--quiet", "--manifest-path", BOOK]);
    cargo.env("CARGO_TARGET_DIR", project.target_folder("book"));
    cargo
}
