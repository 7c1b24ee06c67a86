//! `cargo xtask npm`: builds the npm package into target/npm/.

use std::fs;
use std::process::Command;

use crate::install;
use crate::plan::{self, Item};
use crate::programs;
use crate::project::Project;
use crate::run::{self, Error};

/// Usual duration of a first build on two cores, in seconds.
pub const SECONDS: f64 = 170.0;

/// Name of the crate's module, as cargo writes it.
const MODULE: &str = "audit_npm.wasm";

/// Profile that it is built with.
const PROFILE: &str = "npm";

/// Returns the command that builds the package: this program itself, for a step whose output goes to a file.
///
/// # Errors
/// If this program has no path.
pub fn build_command(project: &Project) -> Result<Command, Error> {
    let program = std::env::current_exe()
        .map_err(|error| Error::new(format!("this program has no path: {error}")))?;
    let mut command = project.yielding_command(&program.to_string_lossy());
    command.arg("npm");
    Ok(command)
}

/// Builds the engine, puts the package's files together, packs them and prints their sizes.
///
/// # Errors
/// If something that the build needs is missing, a program fails, or the package is larger than web/budgets.json allows.
pub fn build(project: &Project) -> Result<(), Error> {
    let jobs = install::page_tools(project)?;
    let mut items = install::items(&jobs);
    items.push(Item::new("build the npm package", SECONDS));
    plan::print("`cargo xtask npm`", &items);
    install::run(project, &jobs)?;
    // Without an old package, nothing old is tested if this build fails.
    let target = project.root.join("target/npm");
    if target.exists() {
        fs::remove_dir_all(&target).map_err(|error| Error::at(&target, &error))?;
    }
    let mut cargo = project.command("cargo");
    cargo.args(["build", "--locked", "--target", install::WASM]);
    cargo.args(["--package", "audit-npm", "--profile", PROFILE]);
    run::run(&mut cargo)?;
    let folder = project.root.join("target/npm/package");
    fs::create_dir_all(&folder).map_err(|error| Error::at(&folder, &error))?;
    let built = project.target_folder(install::WASM).join(PROFILE);
    let mut bindgen = Command::new(programs::BINDGEN.path(&project.cache));
    bindgen.arg("web").arg(built.join(MODULE));
    bindgen.arg(&folder).args(["engine", "--pack"]);
    run::run(&mut bindgen)?;
    run::run(project.command("node").arg("web/build/npm.mjs"))
}
