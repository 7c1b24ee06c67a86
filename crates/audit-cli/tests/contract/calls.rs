//! Behavior of every command: wrong arguments, a missing file, output that is not read to its end, and no colors in a pipe.

use std::io::{BufRead, BufReader, Read};

use crate::{BAD, Folder, GOOD, NESTED};

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
    let mut err = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut err)
        .unwrap();
    assert_eq!((child.wait().unwrap().code(), err.as_str()), (Some(0), ""));
}
