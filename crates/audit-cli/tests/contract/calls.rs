//! Behavior of every command: wrong arguments, a missing file, output that is not read to its end, and no colors in a pipe.

use std::io::{BufRead, BufReader};

use crate::{BAD, Folder, GOOD, NESTED, errors_of};

#[test]
fn wrong_arguments_or_a_missing_file_are_status_2_with_a_reason() {
    let folder = Folder::new("wrong-calls", &[("p.yaml", GOOD)]);
    let table: [(&[&str], &str); 14] = [
        (&["bogus"], "bogus"),
        (&["check"], "POLICY"),
        (&["check", "nowhere.yaml"], "`nowhere.yaml`"),
        (&["check", "--format", "xml", "p.yaml"], "xml"),
        (&["check", "--kubernetes-version", "9", "p.yaml"], "`9`"),
        (&["check", "--kubernetes-version", "1.19", "p.yaml"], "1.19"),
        (&["evaluate"], "--policy"),
        (&["evaluate", "--policy", "nowhere.yaml"], "`nowhere.yaml`"),
        (
            &["evaluate", "--policy", "p.yaml", "nowhere.jsonl"],
            "`nowhere.jsonl`",
        ),
        (&["simulate", "nowhere.jsonl"], "--policy"),
        (&["simulate", "--policy", "p.yaml"], "LOG"),
        (
            &["simulate", "--policy", "p.yaml", "nowhere.jsonl"],
            "`nowhere.jsonl`",
        ),
        (&["export"], "--policy"),
        (
            &["export", "--policy", "p.yaml", "--target", "bogus"],
            "`bogus`",
        ),
    ];
    for (words, said) in table {
        let ran = folder.run(words);
        assert_eq!(ran.status, 2, "{words:?}: {}", ran.err);
        assert!(ran.err.contains(said), "{words:?}: {}", ran.err);
    }
}

/// A step of a GitHub workflow takes a line that begins with `::` for a command.
#[test]
fn a_wrong_value_is_quoted_on_one_line() {
    let folder = Folder::new("wrong-values", &[("p.yaml", GOOD)]);
    let value = "a\n::error::b";
    for words in [
        &["check", "--kubernetes-version", value, "p.yaml"][..],
        &["check", "--fail-on", value, "p.yaml"],
        &["check", "--output", value, "p.yaml"],
        &["check", value],
        &["diff", "--old-version", value, "p.yaml", "p.yaml"],
        &["review", "--base", value],
        &[value],
    ] {
        let ran = folder.run(words);
        assert_eq!((ran.status, &*ran.out), (2, ""), "{words:?}");
        let is_command = |line: &str| line.trim_start().starts_with("::");
        assert!(!ran.err.lines().any(is_command), "{words:?}: {}", ran.err);
    }
}

#[test]
fn a_rejected_policy_is_status_1_everywhere() {
    let folder = Folder::new("rejected", &[("p.yaml", BAD), ("log", "")]);
    let table: [&[&str]; 4] = [
        &["check", "p.yaml"],
        &["evaluate", "--policy", "p.yaml"],
        &["simulate", "--policy", "p.yaml", "log"],
        &["export", "--policy", "p.yaml"],
    ];
    for words in table {
        let ran = folder.run(words);
        assert_eq!(ran.status, 1, "{words:?}");
        let all = ran.out + &ran.err;
        assert!(all.contains(crate::BAD_LEVEL), "{words:?}: {all}");
    }
}

#[test]
fn help_and_version_are_status_0() {
    let folder = Folder::new("help", &[]);
    for words in [["--help"], ["--version"]] {
        let ran = folder.run(&words);
        assert_eq!((ran.status, ran.err.as_str()), (0, ""), "{words:?}");
        assert!(ran.out.contains("audit-policy"), "{words:?}");
    }
}

#[test]
fn output_in_a_pipe_has_no_colors() {
    let folder = Folder::new("color", &[("p.yaml", NESTED), ("q.yaml", BAD)]);
    let ran = folder.run(&["check", "p.yaml", "q.yaml"]);
    assert!(!ran.out.contains('\u{1b}') && !ran.err.contains('\u{1b}'));
}

#[test]
fn a_closed_standard_output_is_not_an_error() {
    let folder = Folder::new("enough", &[("p.yaml", GOOD)]);
    let request = "{\"user\":\"alice\",\"verb\":\"get\",\"path\":\"/version\"}\n";
    // More lines than the pipe and every buffer hold.
    let requests = request.repeat(20_000);
    std::fs::write(folder.0.join("requests"), requests).unwrap();
    let mut child = folder
        .command(&["evaluate", "--policy", "p.yaml", "requests"])
        .spawn()
        .unwrap();
    let mut reader = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    assert!(line.starts_with("{\"level\":\"Metadata\""), "{line}");
    drop(reader);
    let err = errors_of(&mut child);
    assert_eq!((child.wait().unwrap().code(), err.as_str()), (Some(0), ""));
}
