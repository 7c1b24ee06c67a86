//! Text output shows whatever it is given, and lets none of it steer the terminal or hide.

use std::fs;
use std::process::{Command, Stdio};

use crate::{COMMAND, Folder, GOOD};

/// Colors, a title, a line erased; bidi controls; characters without a width; separators; C1.
const HOSTILE: &str = "x\u{1b}[31m\u{1b}]0;t\u{7}\r\u{9b}2J\u{202e}\u{2066}\u{2069}\u{200e}\u{200f}\u{61c}\u{200b}\u{200c}\u{200d}\u{2060}\u{feff}\u{2028}\u{2029}\u{85}y";

fn is_steering(character: char) -> bool {
    (character.is_control() && character != '\n')
        || matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{61c}' | '\u{feff}')
}

/// The text as a string of JSON or YAML.
fn quoted(text: &str) -> String {
    let escaped: String = text
        .chars()
        .map(|character| match character {
            ' '..='~' if !"\"\\".contains(character) => character.to_string(),
            _ => format!("\\u{:04x}", u32::from(character)),
        })
        .collect();
    format!("\"{escaped}\"")
}

/// A log with the hostile text in everything that is shown of an event.
fn log() -> String {
    let text = quoted(HOSTILE);
    let uri = format!("/api/v1/namespaces/{0}/pods/{0}", "%1b%5b31m%e2%80%ae");
    let event = format!(
        r#"{{"level":"Metadata","auditID":{text},"stage":"ResponseComplete","requestURI":"{uri}","verb":{text},"user":{{"username":{text},"groups":[{text}]}},"sourceIPs":[{text}],"stageTimestamp":"2024-01-02T03:04:05Z"}}"#
    );
    let later = event.replace("03:04:05", "03:14:05");
    // A key that a wrapper does not have, and a line that is not JSON at all.
    format!("{event}\n{later}\n{{{text}:1}}\n{HOSTILE}\n")
}

/// A policy with the hostile text in every place that is shown.
fn policy() -> String {
    let text = quoted(HOSTILE);
    format!(
        "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n  {text}: 1\n  users: [{text}, \"a*\"]\n  verbs: [{text}]\n- level: Metadata # \u{202e}\u{200b}\n"
    )
}

#[test]
fn nothing_that_steers_a_terminal_comes_out_as_text() {
    let folder = Folder::new("terminal", &[("p.yaml", GOOD), ("a.log", &log())]);
    let write = |name: &str, text: &str| fs::write(folder.0.join(name), text).unwrap();
    write("h.yaml", &policy());
    let bad = GOOD.replace("Metadata", &quoted(HOSTILE));
    write("bad.yaml", &bad);
    write("s.json", &format!("{{{}:1}}", quoted(HOSTILE)));
    write(
        "flags",
        &format!("--audit-{HOSTILE}=1\n--audit-log-path=/a{HOSTILE}\n"),
    );
    let named = HOSTILE.replace('/', "_");
    for (from, to) in [
        ("h.yaml", "1"),
        ("a.log", "2"),
        ("flags", "3"),
        ("p.yaml", "4"),
    ] {
        fs::copy(folder.0.join(from), folder.0.join(format!("{named}{to}"))).unwrap();
    }
    let [policy, log, flags, good] = ["1", "2", "3", "4"].map(|number| format!("{named}{number}"));
    let missing = format!("{named}0");
    let table: [&[&str]; 22] = [
        &["check", &policy],
        &["check", "bad.yaml"],
        &["check", &missing],
        &["check", "--format", HOSTILE, "p.yaml"],
        &["check", HOSTILE, &format!("--{HOSTILE}")],
        &["check", "--kubernetes-version", HOSTILE, "p.yaml"],
        &[HOSTILE],
        &["evaluate", "--policy", &policy, &missing],
        &["evaluate", "--policy", "p.yaml", "s.json"],
        &["simulate", "--policy", &policy, &log],
        &["simulate", "--policy", &good, &log, &missing],
        &["simulate", "--policy", "p.yaml", "--derive-stages", &log],
        &["estimate", "--policy", &policy, "--explain", &log],
        &[
            "estimate",
            "--policy",
            &good,
            "--baseline",
            &policy,
            "--propose",
            "--log-path",
            HOSTILE,
            &log,
        ],
        &[
            "estimate",
            "--policy",
            "p.yaml",
            "--price-stored",
            HOSTILE,
            &log,
        ],
        &["export", "--policy", "p.yaml", "--target", HOSTILE],
        &["export", "--policy", "p.yaml", "--settings", "s.json"],
        &[
            "export",
            "--policy",
            "p.yaml",
            "--target",
            "eks",
            "--set",
            &format!("{HOSTILE}=1"),
        ],
        &["export", "--policy", &missing, "--target", "eks"],
        &["model", "--profile", "s.json"],
        &["import", &flags, "flags"],
        &["import", &missing],
    ];
    for words in table {
        let ran = folder.run(words);
        let all = ran.out + &ran.err;
        let found: Vec<char> = all
            .chars()
            .filter(|character| is_steering(*character))
            .collect();
        assert!(found.is_empty(), "{words:?}: {found:?} in {all:?}");
        assert!(
            all.contains(r"\u{202e}") || all.contains(r"\u202e"),
            "{words:?}: nothing is shown of it: {all}"
        );
    }
}

#[test]
fn findings_and_names_stay_exact_in_json() {
    let folder = Folder::new("terminal-json", &[("h.yaml", &policy())]);
    let named = HOSTILE.replace('/', "_");
    fs::copy(folder.0.join("h.yaml"), folder.0.join(&named)).unwrap();
    let ran = folder.run(&["check", "--format", "json", &named]);
    let report = ran.object();
    assert_eq!(report["file"], named.as_str());
    assert_eq!(report["policy"]["rules"][0]["users"][0], HOSTILE);
}

/// Returns the output of a call on a terminal with colors; `None` if there is none.
fn on_a_terminal(folder: &Folder, call: &str, no_color: &str) -> Option<String> {
    on_a_terminal_of(folder, call, no_color, "xterm")
}

/// Returns the output of a call on a terminal of a kind, which `script` creates; `None` if `script` is not installed.
fn on_a_terminal_of(folder: &Folder, call: &str, no_color: &str, kind: &str) -> Option<String> {
    let call = format!("{COMMAND} {call}");
    let output = Command::new("script")
        .args(["-qec", &call, "/dev/null"])
        .current_dir(&folder.0)
        .env("NO_COLOR", no_color)
        .env("TERM", kind)
        // Colors are on where this is set, whatever the terminal.
        .env_remove("CI")
        .env_remove("CLICOLOR_FORCE")
        .stdin(Stdio::null())
        .output();
    let Ok(output) = output else {
        println!("skipped: there is no `script` to make a terminal");
        return None;
    };
    // A terminal ends lines with two characters.
    Some(
        String::from_utf8(output.stdout)
            .unwrap()
            .replace("\r\n", "\n"),
    )
}

#[test]
fn on_a_terminal_only_the_own_colors_come_out() {
    let text = format!("{GOOD}# \u{202e}\u{200b}\u{9b}31m\u{1b}[1;31mx\n");
    let folder = Folder::new("terminal-real", &[("p.yaml", &text), ("h.yaml", &policy())]);
    for call in [
        "export --policy p.yaml --target policy",
        "check --fix - < p.yaml",
        "check h.yaml",
        "check --help",
    ] {
        let Some(plain) = on_a_terminal(&folder, call, "1") else {
            return;
        };
        assert!(!plain.chars().any(is_steering), "{call}: {plain:?}");
        assert!(!plain.is_empty(), "{call}");
    }
    // JSON is the same data there.
    let json = "check --format json h.yaml";
    let Some(shown) = on_a_terminal(&folder, json, "") else {
        return;
    };
    assert!(!shown.chars().any(is_steering), "{shown:?}");
    let ran = folder.run(&["check", "--format", "json", "h.yaml"]);
    let shown: serde_json::Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(shown, ran.object());
    assert_eq!(shown["policy"]["rules"][0]["users"][0], HOSTILE);
    let Some(colored) = on_a_terminal(&folder, "check h.yaml", "") else {
        return;
    };
    assert!(colored.contains("\u{1b}[1m"), "{colored:?}");
    let Some(dumb) = on_a_terminal_of(&folder, "check h.yaml", "", "dumb") else {
        return;
    };
    assert!(!dumb.chars().any(is_steering), "{dumb:?}");
    let mut rest = colored;
    for color in ["1;31", "1;33", "1;34", "2", "1", "0"] {
        rest = rest.replace(&format!("\u{1b}[{color}m"), "");
    }
    assert!(!rest.chars().any(is_steering), "{rest:?}");
}

#[test]
fn an_export_is_exact_in_a_file_or_a_pipe() {
    let text = format!("{GOOD}# \u{202e}\u{200b}\u{feff}\tx\n");
    let folder = Folder::new("terminal-export", &[("p.yaml", &text)]);
    let ran = folder.run(&["export", "--policy", "p.yaml", "--target", "policy"]);
    assert_eq!((ran.status, ran.out.as_str()), (0, text.as_str()));
}

#[cfg(unix)]
#[test]
fn bytes_of_a_file_name_that_are_not_text_are_shown_as_numbers() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let folder = Folder::new("terminal-bytes", &[]);
    let name = OsStr::from_bytes(b"p\xff.yaml");
    if fs::write(folder.0.join(name), GOOD).is_err() {
        println!("skipped: the file system takes no such name");
        return;
    }
    let output = folder
        .command(&["check", "--format", "json"])
        .arg(name)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["file"], r"p\xff.yaml");
    let output = folder
        .command(&["check"])
        .arg(OsStr::from_bytes(b"\xfe"))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .contains(r"cannot read `\xfe`")
    );
}
