//! Recognizes texts that are not YAML documents: scripts, commands, systemd units, environment files.

use crate::assignment::is_assignment;
use crate::process_line;

/// Kind of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TextKind {
    /// The text as messages have it.
    pub(super) title: &'static str,
    /// `true` if the text is of this kind even without flags, so that it is not meant as a policy.
    pub(super) is_certain: bool,
}

impl TextKind {
    const fn certain(title: &'static str) -> Option<Self> {
        Some(Self {
            title,
            is_certain: true,
        })
    }
}

/// Sections of systemd's units, from systemd.unit(5).
const SECTIONS: [&str; 9] = [
    "[Unit]",
    "[Service]",
    "[Install]",
    "[Socket]",
    "[Mount]",
    "[Path]",
    "[Timer]",
    "[Slice]",
    "[Scope]",
];

/// Programs that create a cluster. The command of kube-apiserver itself is its flags.
const CLUSTER_PROGRAMS: [&str; 8] = [
    "k0s", "k0sctl", "k3d", "k3s", "kubeadm", "microk8s", "minikube", "rke2",
];

/// Programs of administrators, whose names are not words of English.
const TOOLS: [&str; 11] = [
    "base64",
    "curl",
    "docker",
    "kubectl",
    "mkdir",
    "oc",
    "openssl",
    "podman",
    "printf",
    "systemctl",
    "tee",
];

/// Other programs that a list of commands begins with.
const OTHER_PROGRAMS: [&str; 9] = [
    "cat", "cp", "echo", "exec", "export", "helm", "kind", "sed", "set",
];

/// Signs of a command: options, redirections, pipes, paths and quotes.
const SIGNS: [&str; 9] = [" -", ">", "|", "/", "$", "\"", "'", "=", "\\"];

/// Length of the longest start of a text of HTML or XML.
const MAX_DOCTYPE: usize = "<!doctype html".len();

/// Maximum number of lines that are inspected for assignments.
const MAX_LINES: usize = 10_000;

/// Returns the kind of a text. `None` if it is of no known kind.
pub(super) fn of(source: &str) -> Option<TextKind> {
    let source = source.trim_start_matches('\u{feff}');
    if let Some(program) = source.strip_prefix("#!") {
        let program = program.lines().next().unwrap_or_default();
        let is_shell = program.trim_end().ends_with("sh") || program.contains("sh ");
        return TextKind::certain(if is_shell {
            "a shell script"
        } else {
            "a script"
        });
    }
    if process_line::is_command_line(source) {
        return TextKind::certain("the command line of a process");
    }
    let first = lines(source).next()?;
    let start = first
        .get(..MAX_DOCTYPE.min(first.len()))
        .unwrap_or_default();
    let start = start.to_ascii_lowercase();
    if start.starts_with("<!doctype html") || start.starts_with("<html") {
        return TextKind::certain("an HTML page");
    }
    if start.starts_with("<?xml") {
        return TextKind::certain("an XML document");
    }
    if SECTIONS.contains(&first) && lines(source).any(|line| line.contains('=')) {
        return TextKind::certain("a systemd unit");
    }
    if is_environment(source) {
        return TextKind::certain("an environment file");
    }
    let first = first.trim_start_matches(['$', ' ']);
    let is_sudo = first.starts_with("sudo ");
    let mut words = first.split_whitespace().skip_while(|word| *word == "sudo");
    let name = words.next()?.rsplit('/').next()?;
    let has_arguments = words.next().is_some();
    let is_tool = TOOLS.contains(&name) && SIGNS.iter().any(|sign| first.contains(sign));
    let is_certain = CLUSTER_PROGRAMS.contains(&name) || is_tool || (is_sudo && has_arguments);
    let is_command = is_certain || TOOLS.contains(&name) || OTHER_PROGRAMS.contains(&name);
    (has_arguments && is_command).then_some(TextKind {
        title: "a shell command",
        is_certain,
    })
}

/// Returns the lines with content. Units also have comments after semicolons.
fn lines(source: &str) -> impl Iterator<Item = &str> {
    let lines = source.lines().map(str::trim);
    lines.filter(|line| !line.is_empty() && !line.starts_with(['#', ';']))
}

/// Returns whether every line assigns a variable: `NAME=value`, `NAME="some words"`, `NAME=--some --options`. A value can have several lines.
fn is_environment(source: &str) -> bool {
    let mut quote: Option<char> = None;
    let mut is_continued = false;
    let mut has_lines = false;
    for line in lines(source).take(MAX_LINES) {
        let mut rest = line;
        if quote.is_none() && !is_continued {
            let line = line.strip_prefix("export ").unwrap_or(line);
            if !is_assignment(line) {
                return false;
            }
            rest = line.split_once('=').map_or("", |(_, value)| value);
        }
        let mut is_after_space = is_continued;
        for character in rest.chars() {
            match quote {
                Some(open) if character == open => quote = None,
                Some(_) => {}
                None if matches!(character, '"' | '\'') => quote = Some(character),
                // A word that is not an option is a command, and the assignment is its environment.
                None if is_after_space && character.is_alphanumeric() => return false,
                None => {}
            }
            is_after_space = character.is_whitespace();
        }
        is_continued = line.ends_with('\\');
        has_lines = true;
    }
    has_lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_recognized_by_their_first_lines_and_by_assignments() {
        for (text, title) in [
            ("#!/bin/sh\nset -e\n", Some("a shell script")),
            ("#!/usr/bin/env bash\n", Some("a shell script")),
            ("#!/bin/bash -e\n", Some("a shell script")),
            ("#!/usr/bin/python3\nprint(1)\n", Some("a script")),
            (
                "# API server\n[Unit]\nDescription=a\n",
                Some("a systemd unit"),
            ),
            ("[Service]\nExecStart=\n", Some("a systemd unit")),
            ("[Service]\n", None),
            ("[a, b]\n", None),
            ("A=1\n# c\n\nB=\"--x --y\"\n", Some("an environment file")),
            ("export A='b c'\n", Some("an environment file")),
            ("A=\"--x \\\n  --y\"\nB=2\n", Some("an environment file")),
            ("FLAGS=--a --b \\\n  --c\n", Some("an environment file")),
            ("A=1 sh -\n", None),
            ("a: b=c\n", None),
            ("k3d cluster create a\n", Some("a shell command")),
            ("$ sudo /usr/bin/minikube start\n", Some("a shell command")),
            (
                "<!DOCTYPE html><html><body>404</body></html>\n",
                Some("an HTML page"),
            ),
            ("\n<HTML>\n", Some("an HTML page")),
            ("<?xml version=\"1.0\"?>\n", Some("an XML document")),
            ("printf 'a:\\n' > /b\n", Some("a shell command")),
            ("<html", Some("an HTML page")),
            ("<é", None),
            ("minikube\n", None),
            ("kind: Policy\n", None),
            ("Dear all, it's late.", None),
            ("", None),
        ] {
            assert_eq!(of(text).map(|kind| kind.title), title, "{text}");
        }
    }
}
