//! The interface for scripts: exit statuses, JSON keys, standard streams. The command runs as in a shell; expectations are written by hand.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may fail by a panic"
)]

mod calls;
mod can;
mod check;
mod check_documents;
mod check_folders;
mod check_repair;
mod cloud;
mod cloud_logs;
mod compile;
mod config;
mod detections;
mod diff;
mod estimate;
mod evaluate;
mod explain;
mod export;
mod field_logs;
mod filter;
mod formats;
mod ignores;
mod import;
mod inspect;
mod installation;
mod jobs;
mod lesson;
mod lsp;
mod mcp;
mod model;
mod new;
mod plugin;
mod policy_inside;
mod policy_tests;
mod pre_commit;
mod reading;
mod redact;
mod reference;
mod report;
mod review;
mod saving;
mod schema;
mod simplify;
mod simulate;
mod simulate_explain;
mod streams;
mod sums;
mod terminal;
mod verify;

use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

const COMMAND: &str = env!("CARGO_BIN_EXE_audit-policy");

/// One rule without warnings; an info reports that every request is logged twice.
const GOOD: &str = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n";
/// A verb list one level too deep: accepted, with the server's warning.
const NESTED: &str = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Request\n  resources:\n  - group: \"\"\n    resources: [pods]\n    verbs: [create]\n- level: Metadata\n";
/// A level that does not exist.
const BAD: &str = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Loud\n";
/// The server's message about it.
const BAD_LEVEL: &str = r#"rules[0].level: Unsupported value: "Loud": supported values: "None", "Metadata", "Request", "RequestResponse""#;

/// Result of a run of the command.
struct Ran {
    status: i32,
    out: String,
    err: String,
}

impl Ran {
    /// The lines of standard output, as JSON.
    fn objects(&self) -> Vec<Value> {
        self.out
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// The one line of standard output, as JSON.
    fn object(&self) -> Value {
        let mut objects = self.objects();
        assert_eq!(objects.len(), 1, "{}", self.out);
        objects.remove(0)
    }
}

/// A folder of files of one test, removed at its end. Commands run in it.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str, files: &[(&str, &str)]) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        for (name, text) in files {
            fs::write(path.join(name), text).unwrap();
        }
        Self(path)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.0.join(name), text).unwrap();
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.0.join(name)).unwrap()
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(COMMAND);
        command
            .args(words)
            .current_dir(&self.0)
            .env_remove("CLICOLOR_FORCE")
            // Names of files count from the checkout in a CI job.
            .env_remove("GITHUB_WORKSPACE")
            .env_remove("CI_PROJECT_DIR")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    fn run(&self, words: &[&str]) -> Ran {
        self.run_on("", words)
    }

    /// Runs the command with a text on standard input.
    fn run_on(&self, input: &str, words: &[&str]) -> Ran {
        let mut child = self.command(words).spawn().unwrap();
        // A call that fails early does not read its input.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let output = child.wait_with_output().unwrap();
        Ran {
            status: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Reads the standard error of a program until it is closed.
fn errors_of(child: &mut Child) -> String {
    let mut text = String::new();
    let errors = child.stderr.take();
    errors.unwrap().read_to_string(&mut text).unwrap();
    text
}

/// The codes of the findings of a policy that `check` prints as JSON, in order.
fn finding_codes(report: &Value) -> Vec<&str> {
    let findings = report["findings"].as_array().unwrap();
    let codes = findings
        .iter()
        .map(|finding| finding["code"].as_str().unwrap());
    codes.collect()
}

/// The names of an object's members, in order.
fn keys(value: &Value) -> Vec<&str> {
    value
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect()
}
