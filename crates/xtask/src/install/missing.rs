//! Sentences about programs that are missing, each with the command that installs it.

use std::fs;

/// A system whose commands are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum System {
    /// Debian, Ubuntu and what is made from them.
    Debian,
    /// Fedora and what is made from it.
    Fedora,
    /// macOS with Homebrew.
    Mac,
    /// Windows with winget.
    Windows,
}

const SYSTEMS: [(System, &str); 4] = [
    (System::Debian, "Debian"),
    (System::Fedora, "Fedora"),
    (System::Mac, "macOS"),
    (System::Windows, "Windows"),
];

/// A program, and the commands that install it in the order of `SYSTEMS`. `None` for a system that does not have it.
#[derive(Debug)]
pub struct Tool {
    /// Its name in a sentence.
    pub name: &'static str,
    /// The commands.
    pub commands: [Option<&'static str>; 4],
}

/// Node.js, which has npm.
pub const NODE: Tool = Tool {
    name: "Node.js",
    commands: [
        Some("sudo apt-get install nodejs npm"),
        Some("sudo dnf install nodejs npm"),
        Some("brew install node"),
        Some("winget install OpenJS.NodeJS.LTS"),
    ],
};

/// rustup, which adds parts to the toolchain.
pub const RUSTUP: Tool = Tool {
    name: "rustup",
    commands: [
        Some("curl -sSf https://sh.rustup.rs | sh"),
        Some("sudo dnf install rustup && rustup-init"),
        Some("curl -sSf https://sh.rustup.rs | sh"),
        Some("winget install Rustlang.Rustup"),
    ],
};

/// Python with pip.
pub const PIP: Tool = Tool {
    name: "Python with pip",
    commands: [
        Some("sudo apt-get install python3-pip"),
        Some("sudo dnf install python3-pip"),
        Some("brew install python"),
        Some("winget install Python.Python.3.13"),
    ],
};

/// Chromium, or Chrome where that is simpler to install.
pub const CHROMIUM: Tool = Tool {
    name: "Chromium",
    commands: [
        Some("sudo apt-get install chromium"),
        Some("sudo dnf install chromium"),
        Some("brew install --cask google-chrome"),
        Some("winget install Google.Chrome"),
    ],
};

/// Firefox.
pub const FIREFOX: Tool = Tool {
    name: "Firefox",
    commands: [
        Some("sudo apt-get install firefox-esr"),
        Some("sudo dnf install firefox"),
        Some("brew install --cask firefox"),
        Some("winget install Mozilla.Firefox"),
    ],
};

/// WebKitGTK's driver and browser, and a screen for it.
pub const WEBKIT: Tool = Tool {
    name: "WebKitGTK's driver with a virtual screen",
    commands: [
        Some("sudo apt-get install webkit2gtk-driver xvfb xauth"),
        Some("sudo dnf install /usr/bin/WebKitWebDriver /usr/bin/xvfb-run /usr/bin/xauth"),
        None,
        None,
    ],
};

/// The program that builds the Lua interpreter of a test.
pub const MAKE: Tool = Tool {
    name: "make",
    commands: [
        Some("sudo apt-get install make"),
        Some("sudo dnf install make"),
        Some("xcode-select --install"),
        None,
    ],
};

/// A log shipper.
pub const RSYSLOG: Tool = Tool {
    name: "rsyslog",
    commands: [
        Some("sudo apt-get install rsyslog"),
        Some("sudo dnf install rsyslog"),
        Some("brew install rsyslog"),
        None,
    ],
};

/// A program that rotates logs.
pub const LOGROTATE: Tool = Tool {
    name: "logrotate",
    commands: [
        Some("sudo apt-get install logrotate"),
        Some("sudo dnf install logrotate"),
        Some("brew install logrotate"),
        None,
    ],
};

/// The program for JSON on the command line.
pub const JQ: Tool = Tool {
    name: "jq",
    commands: [
        Some("sudo apt-get install jq"),
        Some("sudo dnf install jq"),
        Some("brew install jq"),
        Some("winget install jqlang.jq"),
    ],
};

/// The Lua interpreter that Fluent Bit contains.
pub const LUAJIT: Tool = Tool {
    name: "LuaJIT",
    commands: [
        Some("sudo apt-get install luajit"),
        Some("sudo dnf install luajit"),
        Some("brew install luajit"),
        None,
    ],
};

/// The virtual machine that Spark runs on.
pub const JAVA: Tool = Tool {
    name: "Java",
    commands: [
        Some("sudo apt-get install default-jre-headless"),
        Some("sudo dnf install java-latest-openjdk-headless"),
        Some("brew install openjdk"),
        Some("winget install EclipseAdoptium.Temurin.21.JRE"),
    ],
};

/// The client of Kubernetes.
pub const KUBECTL: Tool = Tool {
    name: "kubectl",
    commands: [
        Some("sudo apt-get install kubernetes-client"),
        Some("sudo dnf install kubernetes-client"),
        Some("brew install kubernetes-cli"),
        Some("winget install Kubernetes.kubectl"),
    ],
};

impl System {
    /// Returns the system that this program runs on. `None` if its commands are not known.
    pub fn here() -> Option<Self> {
        match std::env::consts::OS {
            "macos" => Some(Self::Mac),
            "windows" => Some(Self::Windows),
            "linux" => Self::of_release(&fs::read_to_string("/etc/os-release").ok()?),
            _ => None,
        }
    }

    /// Reads the lines `ID` and `ID_LIKE` of `/etc/os-release`.
    fn of_release(text: &str) -> Option<Self> {
        let values = text.lines().filter_map(|line| {
            let (name, value) = line.split_once('=')?;
            ["ID", "ID_LIKE"]
                .contains(&name)
                .then_some(value.trim_matches('"'))
        });
        values
            .flat_map(str::split_whitespace)
            .find_map(|id| match id {
                "debian" | "ubuntu" => Some(Self::Debian),
                "fedora" | "rhel" | "centos" => Some(Self::Fedora),
                _ => None,
            })
    }
}

impl Tool {
    /// Says in one sentence that the program is missing, and which command installs it here; on an unknown system, on each that is known.
    pub fn sentence(&self, here: Option<System>) -> String {
        let all = || {
            let named = SYSTEMS.iter().zip(&self.commands);
            named.filter_map(|((system, name), command)| Some((*system, *name, (*command)?)))
        };
        let advice = match here {
            Some(here) => match all().find(|(system, ..)| *system == here) {
                Some((.., command)) => format!("install it with `{command}`"),
                None => "this system does not have it".to_owned(),
            },
            None => {
                let list: Vec<String> = all()
                    .map(|(_, name, command)| format!("{name}: `{command}`"))
                    .collect();
                format!("install it ({})", list.join("; "))
            }
        };
        format!("{} is missing: {advice}", self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_is_named_by_its_release_file() {
        let table = [
            ("ID=debian\nVERSION_ID=\"12\"\n", Some(System::Debian)),
            (
                "NAME=\"Linux Mint\"\nID=linuxmint\nID_LIKE=\"ubuntu debian\"\n",
                Some(System::Debian),
            ),
            ("ID=fedora\n", Some(System::Fedora)),
            (
                "ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n",
                Some(System::Fedora),
            ),
            ("ID=arch\nBUILD_ID=debian\n", None),
            ("", None),
        ];
        for (text, expected) in table {
            assert_eq!(System::of_release(text), expected, "{text}");
        }
    }

    #[test]
    fn a_missing_tool_is_one_sentence_with_a_command() {
        let table = [
            (
                &NODE,
                Some(System::Fedora),
                "Node.js is missing: install it with `sudo dnf install nodejs npm`",
            ),
            (
                &RSYSLOG,
                Some(System::Windows),
                "rsyslog is missing: this system does not have it",
            ),
            (
                &RSYSLOG,
                None,
                "rsyslog is missing: install it (Debian: `sudo apt-get install rsyslog`; Fedora: `sudo dnf install rsyslog`; macOS: `brew install rsyslog`)",
            ),
        ];
        for (tool, here, expected) in table {
            assert_eq!(tool.sentence(here), expected);
        }
    }
}
