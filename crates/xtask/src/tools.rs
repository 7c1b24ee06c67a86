//! What the chores need beyond cargo: the one place of the pins, and how each thing is installed.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::place::Place;
use crate::run::{self, Failure};

/// A program installed by cargo.
pub struct Tool {
    /// The crate that holds it.
    package: &'static str,
    /// The program's name.
    binary: &'static str,
    /// The exact version.
    version: &'static str,
}

/// The pinned programs. wasm-bindgen's must be the version of the crate in `Cargo.lock`; trunk 0.22 wants a newer compiler.
pub const TOOLS: [Tool; 2] = [
    Tool {
        package: "trunk",
        binary: "trunk",
        version: "0.21.14",
    },
    Tool {
        package: "wasm-bindgen-cli",
        binary: "wasm-bindgen",
        version: "0.2.129",
    },
];

const WASM: &str = "wasm32-unknown-unknown";

/// The oldest major version of Node.js that is tried.
const NODE: u32 = 20;

/// Folders with a package.json and its lock file.
const NPM: [&str; 2] = ["web", "tests/browser"];

impl Tool {
    /// Where it is installed; the program is in `bin/`.
    pub fn folder(&self, cache: &Path) -> PathBuf {
        cache.join(format!("{}-{}", self.package, self.version))
    }

    /// Installs it, unless it is there.
    fn ready(&self, cache: &Path) -> Result<(), Failure> {
        let folder = self.folder(cache);
        let program =
            folder
                .join("bin")
                .join(format!("{}{}", self.binary, env::consts::EXE_SUFFIX));
        if program.is_file() {
            return Ok(());
        }
        println!(
            "installing {} {}: once, some minutes",
            self.package, self.version
        );
        // Built beside its final place and renamed when whole: a broken-off install never looks finished, and goes on next time.
        let partial = cache.join(format!("{}-{}.partial", self.package, self.version));
        fs::create_dir_all(&partial).map_err(|error| Failure::at(&partial, &error))?;
        let mut cargo = Command::new("cargo");
        // Neither is asked to download anything, which their default features are for.
        let options = "install --locked --no-track --force --no-default-features --bin";
        cargo.args(options.split(' ')).arg(self.binary);
        cargo.args(["--version", self.version, "--root"]);
        cargo.arg(&partial).arg(self.package);
        cargo
            .current_dir(&partial)
            .env("CARGO_TARGET_DIR", partial.join("target"))
            .stdin(Stdio::null());
        // They wait for cargo most of the time: a short build is worth more than a fast program.
        for (setting, value) in [("LTO", "off"), ("CODEGEN_UNITS", "16"), ("OPT_LEVEL", "1")] {
            cargo.env(format!("CARGO_PROFILE_RELEASE_{setting}"), value);
        }
        // Flags meant for the project's own code.
        for name in ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_BUILD_TARGET"] {
            cargo.env_remove(name);
        }
        run::shown(&mut cargo)?;
        fs::remove_dir_all(partial.join("target"))
            .map_err(|error| Failure::at(&partial, &error))?;
        if let Err(error) = fs::rename(&partial, &folder)
            && !program.is_file()
        {
            return Err(Failure::at(&folder, &error));
        }
        Ok(())
    }
}

/// Makes everything ready that the page's build needs; says what it installs, and nothing where all is there.
///
/// # Errors
/// Where something is missing that cannot be installed from here.
pub fn ready(place: &Place) -> Result<(), Failure> {
    wasm_target(place)?;
    node(place)?;
    fs::create_dir_all(&place.cache).map_err(|error| Failure::at(&place.cache, &error))?;
    for tool in &TOOLS {
        tool.ready(&place.cache)?;
    }
    let mut npm = place.command("node");
    run::shown(npm.arg("web/build/packages.mjs").args(NPM))?;
    // Trunk runs offline, so that nothing is fetched behind one's back; the crates have to be there.
    run::shown(
        place
            .command("cargo")
            .args(["fetch", "--locked", "--quiet"]),
    )
}

/// Adds rustfmt and clippy where they are missing.
///
/// # Errors
/// Where rustup cannot add them.
pub fn components(place: &Place) -> Result<(), Failure> {
    for (subcommand, component) in [("fmt", "rustfmt"), ("clippy", "clippy")] {
        if run::asked(place.command("cargo").args([subcommand, "--version"])).is_none() {
            run::shown(
                place
                    .command("rustup")
                    .args(["component", "add", component]),
            )?;
        }
    }
    Ok(())
}

/// rustup does not always add the targets that `rust-toolchain.toml` names.
fn wasm_target(place: &Place) -> Result<(), Failure> {
    let sysroot = run::asked(place.command("rustc").args(["--print", "sysroot"]))
        .ok_or_else(|| Failure::new("`rustc --print sysroot` fails: is the toolchain whole"))?;
    if Path::new(&sysroot)
        .join("lib/rustlib")
        .join(WASM)
        .join("lib")
        .is_dir()
    {
        return Ok(());
    }
    run::shown(place.command("rustup").args(["target", "add", WASM]))
}

fn node(place: &Place) -> Result<(), Failure> {
    let version = run::asked(place.command("node").arg("--version")).ok_or_else(|| {
        Failure::new(format!(
            "Node.js is missing: install version {NODE} or newer from https://nodejs.org"
        ))
    })?;
    match major(&version) {
        Some(major) if major >= NODE => Ok(()),
        _ => Err(Failure::new(format!(
            "Node.js is `{version}`: version {NODE} or newer is needed, from https://nodejs.org"
        ))),
    }
}

/// `v20.11.1` to 20.
fn major(version: &str) -> Option<u32> {
    version
        .trim_start_matches('v')
        .split('.')
        .next()?
        .parse()
        .ok()
}

/// The browser for the tests: `$CHROMIUM`, else one on the PATH, else installed by apt where that is allowed.
///
/// # Errors
/// Where there is none and none may be installed, with what to do.
pub fn chromium() -> Result<PathBuf, Failure> {
    if let Some(path) = env::var_os("CHROMIUM").filter(|path| !path.is_empty()) {
        let path = PathBuf::from(path);
        return if path.is_file() {
            Ok(path)
        } else {
            Err(Failure::new(format!(
                "`CHROMIUM` names no file: `{}`",
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
        Failure::new("Chromium is missing: install it (Debian: `apt-get install chromium`), or name one in `CHROMIUM`")
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

/// Makes the programs ready that ship and rotate logs in tests; each is a Debian package of nearly its own name.
///
/// # Errors
/// Where one is missing and may not be installed, with what to do.
pub fn shippers() -> Result<(), Failure> {
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
            return Err(Failure::new(format!(
                "{package} is missing: install it (Debian: `apt-get install {package}`)"
            )));
        }
    }
    Ok(())
}

/// Installs the other engines' browsers and what drives them, by apt-get where that is allowed. One that stays missing costs no run: the
/// browser tests skip it, with a line that says so.
pub fn engines() {
    type Needed = (&'static [&'static str], &'static str);
    // Any of the programs does. Without `xauth`, `xvfb-run` does not start.
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

/// Whether a program is on the PATH, or where only root's PATH leads.
fn is_installed(program: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .chain(["/usr/sbin", "/sbin"].map(PathBuf::from))
        .any(|folder| folder.join(program).is_file())
}

/// Whether apt-get put it in: as root, or as one who may become root without a password.
fn apt_install(packages: &[&str]) -> bool {
    let root = run::asked(Command::new("id").arg("-u")).is_some_and(|id| id == "0");
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
        run::shown(&mut command).is_ok()
    };
    let install = ["install", "-y", "-qq", "--no-install-recommends"];
    apt(&["update", "-qq"]) && apt(&[&install, packages].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wasm_bindgen_is_the_crates_version() {
        let lock =
            fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../Cargo.lock"))
                .unwrap();
        let [_, bindgen] = &TOOLS;
        assert!(lock.contains(&format!(
            "name = \"wasm-bindgen\"\nversion = \"{}\"\n",
            bindgen.version
        )));
    }

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
    fn nodes_major_version_is_its_first_number() {
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
