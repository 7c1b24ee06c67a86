//! Programs that apt-get installs, if it may: browsers, log shippers and what they need. Tests that need a missing one are skipped.

use std::env;
use std::fs;
use std::io::{self, BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::missing::{self, System, Tool};
use crate::plan::Item;
use crate::project::Project;
use crate::run::{self, Error};

/// File in the cache folder with the names of the packages that apt-get has installed, a line each.
const INSTALLED: &str = "apt-get.txt";

/// Usual duration of the installation of packages, in seconds.
const SECONDS: f64 = 60.0;

/// Something that tests need.
#[derive(Debug)]
pub struct Need {
    tool: &'static Tool,
    /// Variable that names the program to use instead of an installed one, if there is one.
    variable: Option<&'static str>,
    /// Packages of Debian, each with its programs, of which any is enough.
    packages: &'static [(&'static str, &'static [&'static str])],
    /// Places outside the PATH.
    places: &'static [&'static str],
}

const CHROMIUM: Need = Need {
    tool: &missing::CHROMIUM,
    variable: Some("CHROMIUM"),
    packages: &[(
        "chromium",
        &[
            "chromium",
            "chromium-browser",
            "google-chrome-stable",
            "google-chrome",
        ],
    )],
    places: &[
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    ],
};

/// Programs that the tests of exported log shippers run. The Lua interpreter of one is built by make.
const SHIPPERS: [Need; 3] = [
    MAKE,
    Need {
        tool: &missing::RSYSLOG,
        variable: None,
        packages: &[("rsyslog", &["rsyslogd"])],
        places: &[],
    },
    Need {
        tool: &missing::LOGROTATE,
        variable: None,
        packages: &[("logrotate", &["logrotate"])],
        places: &[],
    },
];

/// Programs that run compiled policies.
const PROGRAMS: [Need; 2] = [
    Need {
        tool: &missing::JQ,
        variable: None,
        packages: &[("jq", &["jq"])],
        places: &[],
    },
    Need {
        tool: &missing::LUAJIT,
        variable: None,
        packages: &[("luajit", &["luajit"])],
        places: &[],
    },
];

/// The virtual machine that Spark runs on.
const JAVA: Need = Need {
    tool: &missing::JAVA,
    variable: None,
    packages: &[("default-jre-headless", &["java"])],
    places: &[],
};

/// The client of Kubernetes, which starts the command as its plugin.
const KUBECTL: Need = Need {
    tool: &missing::KUBECTL,
    variable: None,
    packages: &[("kubernetes-client", &["kubectl"])],
    places: &[],
};

const MAKE: Need = Need {
    tool: &missing::MAKE,
    variable: None,
    packages: &[("make", &["make"])],
    places: &[],
};

/// The other engines.
const ENGINES: [Need; 2] = [
    Need {
        tool: &missing::FIREFOX,
        variable: Some("FIREFOX"),
        packages: &[("firefox-esr", &["firefox-esr", "firefox"])],
        places: &[
            "/Applications/Firefox.app/Contents/MacOS/firefox",
            r"C:\Program Files\Mozilla Firefox\firefox.exe",
        ],
    },
    Need {
        tool: &missing::WEBKIT,
        variable: None,
        // Without `xauth`, `xvfb-run` does not start.
        packages: &[
            ("webkit2gtk-driver", &["WebKitWebDriver"]),
            ("xvfb", &["xvfb-run"]),
            ("xauth", &["xauth"]),
        ],
        places: &[],
    },
];

/// Returns what the tests need and is missing; with `all`, also for the other engines, Spark and kubectl.
pub fn missing(all: bool) -> Vec<Need> {
    let large = ENGINES.into_iter().chain([JAVA, KUBECTL]);
    let large = large.filter(|_| all);
    let small = SHIPPERS.into_iter().chain(PROGRAMS);
    let needs = [CHROMIUM].into_iter().chain(small).chain(large);
    needs.filter(|need| !need.is_met()).collect()
}

/// Returns Chromium, if it is missing.
pub fn missing_chromium() -> Vec<Need> {
    [CHROMIUM]
        .into_iter()
        .filter(|need| !need.is_met())
        .collect()
}

/// Returns the packages of Debian that are missing. Empty on a system without apt-get.
pub fn packages(needs: &[Need]) -> Vec<&'static str> {
    if find("apt-get").is_none() {
        return Vec::new();
    }
    needs.iter().flat_map(Need::packages).collect()
}

/// Returns the installation of the packages, for the list that a task begins with. Empty if there is nothing to install.
pub fn items(needs: &[Need]) -> Vec<Item> {
    let packages = packages(needs);
    let what = format!("install system packages: {}", packages.join(" "));
    let item = (!packages.is_empty()).then(|| Item::new(what, SECONDS));
    item.into_iter().collect()
}

/// Installs the packages and prints a sentence for each need that is not met then. On a terminal it asks before, unless `yes` is set.
pub fn install(project: &Project, needs: &[Need], yes: bool) {
    let packages = packages(needs);
    if !packages.is_empty() {
        println!("system packages: {}", packages.join(" "));
        let is_terminal = io::stdin().is_terminal() && io::stdout().is_terminal();
        let is_allowed = yes || !is_terminal || is_confirmed(&mut io::stdin().lock());
        if is_allowed && apt_install(&packages, is_terminal) {
            note(&project.cache, &packages);
        }
    }
    for need in needs.iter().filter(|need| !need.is_met()) {
        let sentence = need.tool.sentence(System::here());
        println!("{sentence}; the tests that need it are skipped");
    }
}

/// Asks whether to install the packages that were listed.
fn is_confirmed(input: &mut impl BufRead) -> bool {
    print!("install them with apt-get? [Y/n] ");
    let _ = io::stdout().flush();
    let mut answer = String::new();
    // At the end of the input nobody has agreed.
    let is_answered = input.read_line(&mut answer).is_ok_and(|length| length > 0);
    is_answered && ["", "y", "yes"].contains(&answer.trim().to_lowercase().as_str())
}

/// Adds packages to the list of those that were installed.
fn note(cache: &Path, packages: &[&str]) {
    let path = cache.join(INSTALLED);
    let known = fs::read_to_string(&path).unwrap_or_default();
    let new = packages
        .iter()
        .filter(|package| !known.lines().any(|line| line == **package));
    let text: String = new.fold(known.clone(), |text, package| format!("{text}{package}\n"));
    // The list only helps to remove them.
    let _ = fs::write(&path, text);
}

impl Need {
    fn is_met(&self) -> bool {
        self.named().is_some() || self.packages().next().is_none() || self.place().is_some()
    }

    /// Returns the value of the variable that names the program.
    fn named(&self) -> Option<PathBuf> {
        let value = env::var_os(self.variable?)?;
        (!value.is_empty()).then(|| value.into())
    }

    fn place(&self) -> Option<PathBuf> {
        let mut places = self.places.iter().map(PathBuf::from);
        places.find(|place| place.is_file())
    }

    /// Returns the packages none of whose programs is there.
    fn packages(&self) -> impl Iterator<Item = &'static str> {
        let missing = self
            .packages
            .iter()
            .filter(|(_, programs)| !programs.iter().any(|program| find(program).is_some()));
        missing.map(|(package, _)| *package)
    }
}

/// Returns the browser for the tests: `$CHROMIUM`, else one that is installed. `None` if there is none.
///
/// # Errors
/// If the variable does not name a file.
pub fn chromium() -> Result<Option<PathBuf>, Error> {
    if let Some(path) = CHROMIUM.named() {
        if path.is_file() {
            return Ok(Some(path));
        }
        return Err(Error::new(format!(
            "`CHROMIUM` is not the path of a file: `{}`",
            path.display()
        )));
    }
    let programs = CHROMIUM.packages.iter().flat_map(|(_, programs)| *programs);
    let installed = programs.copied().find_map(find);
    Ok(installed.or_else(|| CHROMIUM.place()))
}

/// Returns the browser, which a task cannot do without.
///
/// # Errors
/// If there is none; the sentence says how to install one.
pub fn needed_chromium() -> Result<PathBuf, Error> {
    chromium()?.ok_or_else(|| Error::new(missing::CHROMIUM.sentence(System::here())))
}

/// Returns the reason why the tests of log shippers cannot be built here, if there is one.
pub fn no_shippers() -> Option<String> {
    if cfg!(not(unix)) {
        return Some("the log shippers run on Unix only".to_owned());
    }
    (!MAKE.is_met()).then(|| MAKE.tool.sentence(System::here()))
}

/// Returns the path of a program on the PATH, or in a folder that only root's PATH has.
fn find(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let file = format!("{program}{}", env::consts::EXE_SUFFIX);
    env::split_paths(&path)
        .chain(["/usr/sbin", "/sbin"].map(PathBuf::from))
        .map(|folder| folder.join(&file))
        .find(|path| path.is_file())
}

/// Installs packages with apt-get, as root or with `sudo`, which may ask for the password on a terminal. Returns whether that worked.
fn apt_install(packages: &[&str], is_terminal: bool) -> bool {
    let is_root = run::output(Command::new("id").arg("-u")).is_some_and(|id| id == "0");
    let apt = |words: &[&str]| {
        let mut command = Command::new(if is_root { "env" } else { "sudo" });
        if !is_root && !is_terminal {
            command.arg("-n");
        }
        if !is_root {
            command.arg("env");
        }
        command
            .args(["DEBIAN_FRONTEND=noninteractive", "apt-get"])
            .args(words)
            .stdin(Stdio::null());
        run::run(&mut command)
    };
    let install = ["install", "-y", "-qq", "--no-install-recommends"];
    let done = apt(&["update", "-qq"]).and_then(|()| apt(&[&install, packages].concat()));
    if let Err(error) = &done {
        println!("apt-get could not install them: {error}");
    }
    done.is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_are_installed_only_after_a_yes() {
        for (answer, expected) in [
            ("\n", true),
            ("y\n", true),
            (" YES \n", true),
            ("n\n", false),
            ("maybe\n", false),
            ("", false),
        ] {
            assert_eq!(is_confirmed(&mut answer.as_bytes()), expected, "{answer:?}");
        }
    }

    #[test]
    fn installed_packages_are_listed_once() {
        let cache = env::temp_dir().join(format!("xtask-note-{}", std::process::id()));
        fs::create_dir_all(&cache).unwrap();
        note(&cache, &["make", "xvfb"]);
        note(&cache, &["xvfb", "rsyslog"]);
        let text = fs::read_to_string(cache.join(INSTALLED)).unwrap();
        assert_eq!(text, "make\nxvfb\nrsyslog\n");
        fs::remove_dir_all(cache).unwrap();
    }

    #[test]
    fn a_need_without_its_programs_is_not_met() {
        const NONE: Need = Need {
            tool: &missing::MAKE,
            variable: None,
            packages: &[
                ("cargo", &["cargo", "no-such-program"]),
                ("nothing", &["no-such-program"]),
            ],
            places: &[],
        };
        assert!(!NONE.is_met());
        assert_eq!(NONE.packages().collect::<Vec<_>>(), ["nothing"]);
    }
}
