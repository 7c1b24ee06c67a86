//! Standard output and standard error that are full or closed: no call may panic, and output that is lost is a failure.

use std::fs::{File, OpenOptions};
use std::io::Read;
use std::process::Stdio;

use crate::{BAD, Folder, GOOD, NESTED, errors_of};

const EVENT: &str = r#"{"level":"Metadata","auditID":"1","stage":"ResponseComplete","requestURI":"/version","verb":"get","user":{"username":"alice"},"stageTimestamp":"2024-01-02T03:04:05Z"}"#;

fn folder(name: &str) -> Folder {
    let log = format!("{EVENT}\nnot json\n");
    Folder::new(
        name,
        &[
            ("p.yaml", GOOD),
            ("n.yaml", NESTED),
            ("b.yaml", BAD),
            ("a.log", &log),
            ("requests", "{\"verb\":\"get\"}\n"),
            ("wrong", "{\"verbb\":\"get\"}\n"),
            ("flags", "--audit-log-path=/var/log/a.log\n"),
            (
                "metrics",
                "apiserver_request_total{verb=\"LIST\",group=\"\",resource=\"pods\"} 1\n",
            ),
        ],
    )
}

/// Calls of every verb that print something, and the help.
const PRINTING: [&[&str]; 22] = [
    &["--help"],
    &["--version"],
    &["simulate", "--help"],
    &["check", "p.yaml"],
    &["check", "--format", "json", "p.yaml"],
    &["evaluate", "--policy", "p.yaml", "requests"],
    &["simulate", "--policy", "p.yaml", "a.log"],
    &[
        "simulate", "--policy", "p.yaml", "--format", "json", "a.log",
    ],
    &[
        "simulate", "--policy", "p.yaml", "--format", "events", "a.log",
    ],
    &[
        "simulate", "--policy", "p.yaml", "--format", "summary", "a.log",
    ],
    &["estimate", "--policy", "p.yaml", "a.log"],
    &[
        "estimate", "--policy", "p.yaml", "--format", "json", "a.log",
    ],
    &[
        "estimate",
        "--policy",
        "p.yaml",
        "--propose",
        "--apply",
        "a.log",
    ],
    &["estimate", "--policy", "p.yaml", "--metrics", "metrics"],
    &["verify", "--policy", "p.yaml", "a.log"],
    &["verify", "--policy", "p.yaml", "--format", "json", "a.log"],
    &["model", "--seconds", "10"],
    &["model", "--print-profile"],
    &["model", "--rates"],
    &["export", "--policy", "p.yaml"],
    &["export", "--policy", "p.yaml", "--format", "json"],
    &["import", "flags"],
];

/// Calls that say something on standard error, and their status.
const SAYING: [(&[&str], i32); 12] = [
    (&["bogus"], 2),
    (&["check", "nowhere"], 2),
    (&["evaluate", "--policy", "n.yaml", "requests"], 0),
    (&["evaluate", "--policy", "p.yaml", "wrong"], 2),
    (&["evaluate", "--policy", "b.yaml", "requests"], 1),
    (&["simulate", "--policy", "p.yaml", "a.log"], 0),
    (&["estimate", "--policy", "p.yaml", "a.log"], 0),
    (
        &[
            "estimate",
            "--policy",
            "p.yaml",
            "--propose",
            "--apply",
            "a.log",
        ],
        0,
    ),
    (&["model", "--seconds", "3600", "--events", "100"], 0),
    (&["export", "--policy", "b.yaml"], 1),
    (&["export", "--policy", "p.yaml", "--max-age", "-1"], 1),
    (&["import", "flags"], 0),
];

/// A device that is always full, where the system has one.
fn full() -> Option<File> {
    let full = OpenOptions::new().write(true).open("/dev/full").ok();
    if full.is_none() {
        println!("skipped: there is no /dev/full");
    }
    full
}

#[test]
fn a_full_standard_output_is_reported_with_status_2() {
    let folder = folder("stdout-full");
    for words in PRINTING {
        let Some(full) = full() else {
            return;
        };
        let output = folder
            .command(words)
            .stdout(full)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{words:?}: {err}");
        assert!(
            err.contains("cannot write to standard output"),
            "{words:?}: {err}"
        );
    }
}

#[test]
fn a_closed_standard_output_is_status_0_and_quiet() {
    let folder = folder("stdout-closed");
    for words in PRINTING {
        let mut child = folder.command(words).stdin(Stdio::null()).spawn().unwrap();
        drop(child.stdout.take());
        let err = errors_of(&mut child);
        assert_eq!(child.wait().unwrap().code(), Some(0), "{words:?}: {err}");
        assert!(
            !err.contains("panic") && !err.contains("cannot write"),
            "{words:?}: {err}"
        );
    }
}

#[test]
fn a_full_or_closed_standard_error_changes_no_status() {
    let folder = folder("stderr-full");
    for (words, status) in SAYING {
        let said = folder.run(words);
        assert_eq!(said.status, status, "{words:?}: {}", said.err);
        assert!(!said.err.is_empty(), "{words:?}");

        let mut child = folder.command(words).stdin(Stdio::null()).spawn().unwrap();
        drop(child.stderr.take());
        let mut out = String::new();
        child
            .stdout
            .take()
            .unwrap()
            .read_to_string(&mut out)
            .unwrap();
        assert_eq!(
            child.wait().unwrap().code(),
            Some(status),
            "closed: {words:?}"
        );
        assert_eq!(out, said.out, "closed: {words:?}");

        let Some(full) = full() else {
            continue;
        };
        let output = folder
            .command(words)
            .stderr(full)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(status), "full: {words:?}");
        assert_eq!(output.stdout, said.out.as_bytes(), "full: {words:?}");
    }
}
