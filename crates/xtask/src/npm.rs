//! `cargo xtask npm`: builds the npm package into target/npm/.

use std::fs;
use std::process::Command;

use crate::install;
use crate::plan::{self, Item};
use crate::programs;
use crate::project::Project;
use crate::run::{self, Error};

/// Usual duration of a first build on two cores, in seconds.
const SECONDS: f64 = 170.0;

/// Name of the crate's module, as cargo writes it.
const MODULE: &str = "audit_npm.wasm";

/// Profile that it is built with.
const PROFILE: &str = "npm";

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
    let mut cargo = project.command("cargo");
    cargo.args(["build", "--locked", "--target", install::WASM]);
    cargo.args(["--package", "audit-npm", "--profile", PROFILE]);
    run::run(&mut cargo)?;
    let folder = project.root.join("target/npm/package");
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(|error| Error::at(&folder, &error))?;
    }
    fs::create_dir_all(&folder).map_err(|error| Error::at(&folder, &error))?;
    let built = project.target_folder(install::WASM).join(PROFILE);
    let mut bindgen = Command::new(programs::BINDGEN.path(&project.cache));
    bindgen.arg("web").arg(built.join(MODULE));
    bindgen.arg(&folder).args(["engine", "--pack"]);
    run::run(&mut bindgen)?;
    run::run(project.command("node").arg("web/build/npm.mjs"))
}
