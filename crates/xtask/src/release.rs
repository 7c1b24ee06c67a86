//! `cargo xtask release`: builds everything that is handed out into target/release-files/.
//!
//! Paths of the machine are kept out of programs and modules: everything is compiled with other flags than usual, in a target folder of its own.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::install;
use crate::plan::{self, Item};
use crate::project::Project;
use crate::run::{self, Error};

/// Usual durations of first builds on two cores, in seconds.
const COMMAND_SECONDS: f64 = 200.0;
const WHEEL_SECONDS: f64 = 180.0;

/// The time in files of the wheel, in seconds since 1970: the earliest that a zip has.
const TIME: &str = "315532800";

/// Builds everything, and compares the checksums with those of a file if it is given.
///
/// # Errors
/// If something that the build needs is missing, a program fails, or the checksums differ.
pub fn build(project: &Project, sums: Option<&Path>) -> Result<(), Error> {
    let items = [
        Item::new("build the site and the npm package", 600.0),
        Item::new("build the command", COMMAND_SECONDS),
        Item::new("build the Python package", WHEEL_SECONDS),
    ];
    plan::print("`cargo xtask release`", &items);
    let builds = Builds::new(project)?;
    for task in ["dist", "npm"] {
        let program = env::current_exe()
            .map_err(|error| Error::new(format!("this program has no path: {error}")))?;
        run::run(builds.command(&program.to_string_lossy()).arg(task))?;
    }
    let mut cargo = builds.command("cargo");
    cargo.args(["build", "--release", "--locked", "--package", "audit-cli"]);
    run::run(cargo.args(["--target", &builds.host]))?;
    let wheels = builds.target.join("wheels");
    if wheels.exists() {
        fs::remove_dir_all(&wheels).map_err(|error| Error::at(&wheels, &error))?;
    }
    let mut maturin = builds.command("node");
    maturin.arg("web/release/wheel.mjs").arg(&builds.host);
    run::run(maturin.arg(&wheels))?;
    let name = format!("audit-policy{}", env::consts::EXE_SUFFIX);
    let program = builds.target.join(&builds.host).join("release").join(name);
    let mut pack = project.command("node");
    pack.args(["web/release/files.mjs", "--host", &builds.host]);
    pack.arg("--program").arg(program);
    pack.arg("--wheels").arg(wheels);
    if let Some(sums) = sums {
        pack.arg("--sums").arg(sums);
    }
    run::run(&mut pack)
}

/// Settings of all compilations.
struct Builds<'a> {
    project: &'a Project,
    /// The target folder.
    target: PathBuf,
    /// The target of this machine.
    host: String,
    /// Flags of rustc that replace the paths of this machine.
    flags: String,
}

impl<'a> Builds<'a> {
    fn new(project: &'a Project) -> Result<Self, Error> {
        let rustc = |words: &[&str]| {
            let found = run::output(project.command("rustc").args(words));
            found.ok_or_else(|| Error::new("`rustc` does not run"))
        };
        let about = rustc(&["-vV"])?;
        let field = |name: &str| {
            let line = about.lines().find_map(|line| line.strip_prefix(name));
            line.map(str::trim).unwrap_or_default().to_owned()
        };
        let sources = format!("{}/lib/rustlib/src/rust", rustc(&["--print", "sysroot"])?);
        let paths = [
            (
                project.root.display().to_string(),
                "/audit-policy".to_owned(),
            ),
            (cargo_home()?.display().to_string(), "/cargo".to_owned()),
            (sources, format!("/rustc/{}", field("commit-hash:"))),
        ];
        if let Some((path, _)) = paths
            .iter()
            .find(|(path, _)| path.contains(char::is_whitespace))
        {
            return Err(Error::new(format!(
                "the path `{path}` has a space, which flags of rustc cannot have"
            )));
        }
        let flags = paths.map(|(from, to)| format!("--remap-path-prefix={from}={to}"));
        Ok(Self {
            project,
            target: project.target_folder("release-build"),
            host: field("host:"),
            flags: flags.join(" "),
        })
    }

    /// Returns a command whose compilations have these flags, next to those of `.cargo/config.toml`, and this target folder.
    fn command(&self, program: &str) -> Command {
        let mut command = self.project.command(program);
        command.env("CARGO_TARGET_DIR", &self.target);
        command.env("SOURCE_DATE_EPOCH", TIME);
        for target in [install::WASM, &self.host] {
            let name = target.to_uppercase().replace('-', "_");
            command.env(format!("CARGO_TARGET_{name}_RUSTFLAGS"), &self.flags);
        }
        for name in ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_BUILD_TARGET"] {
            command.env_remove(name);
        }
        command
    }
}

/// Returns the folder in which cargo keeps the sources of crates.
fn cargo_home() -> Result<PathBuf, Error> {
    let variable = |name: &str| env::var_os(name).filter(|value: &OsString| !value.is_empty());
    let home = variable("HOME").or_else(|| variable("USERPROFILE"));
    let default = home.map(|home| Path::new(&home).join(".cargo"));
    let found = variable("CARGO_HOME").map(PathBuf::from).or(default);
    found.ok_or_else(|| Error::new("neither `CARGO_HOME` nor `HOME` is set"))
}
