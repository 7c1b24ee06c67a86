//! The program as a plugin of kubectl, which starts it by the name of a file.

use std::fs;
use std::process::Command;

use crate::{COMMAND, Folder, GOOD};

/// Name of the file for `kubectl audit-policy`.
fn file() -> String {
    format!("kubectl-audit_policy{}", std::env::consts::EXE_SUFFIX)
}

/// Runs the program by that name; returns the status, standard output and standard error.
fn run(folder: &Folder, words: &[&str]) -> (i32, String, String) {
    let plugin = folder.0.join(file());
    if !plugin.exists() && fs::hard_link(COMMAND, &plugin).is_err() {
        fs::copy(COMMAND, &plugin).unwrap();
    }
    let mut command = Command::new(plugin);
    let output = command.args(words).current_dir(&folder.0).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let status = output.status.code().unwrap();
    (status, text(&output.stdout), text(&output.stderr))
}

#[test]
fn help_and_errors_have_the_name_of_the_plugin() {
    let folder = Folder::new("plugin-names", &[]);
    let usage = "Usage: kubectl audit-policy";
    for (words, status, part) in [
        (&["--help"][..], 0, format!("{usage} [OPTIONS] <COMMAND>")),
        (
            &["check", "--help"],
            0,
            format!("{usage} check [OPTIONS] [POLICY]..."),
        ),
        (
            &["unknown"],
            2,
            "unrecognized subcommand 'unknown'".to_owned(),
        ),
        (&["unknown"], 2, format!("{usage} [OPTIONS] <COMMAND>")),
        (
            &["check", "--bogus"],
            2,
            format!("{usage} check [OPTIONS] [POLICY]..."),
        ),
        (
            &["explain", "AP999"],
            2,
            "unknown code `AP999`: `kubectl audit-policy explain --list` lists all codes"
                .to_owned(),
        ),
    ] {
        let (found, out, err) = run(&folder, words);
        assert_eq!(found, status, "{words:?}: {err}");
        let all = out + &err;
        assert!(all.contains(&part), "{words:?}: {all}");
        let own = all.replace("kubectl audit-policy", "");
        assert!(!own.contains("audit-policy explain"), "{words:?}: {all}");
    }
}

#[test]
fn results_and_scripts_do_not_depend_on_the_name() {
    let folder = Folder::new("plugin-results", &[("p.yaml", GOOD)]);
    for words in [
        &["check", "p.yaml"][..],
        &["check", "--format", "json", "nowhere.yaml"],
        &["completions", "bash"],
        &["man", "check"],
        &["--version"],
    ] {
        let own = folder.run(words);
        assert_eq!(
            run(&folder, words),
            (own.status, own.out, own.err),
            "{words:?}"
        );
    }
}
