//! Several commands of a text that each start a server: flags of the second are not repetitions of those of the first.

use std::collections::HashSet;

use crate::input_format::InputFormat;
use crate::parsed_input::{NamedServer, ParsedInput};
use crate::process::SERVER_FLAGS;
use crate::program::{base_name, is_server_name};
use crate::shell_words::ShellWord;

/// Words after a program's name with which it starts a server.
const STARTS: [(&str, &[&str]); 5] = [
    ("k3d", &["cluster", "create"]),
    ("minikube", &["start"]),
    ("k3s", &["server"]),
    ("rke2", &["server"]),
    ("kube-apiserver", &[]),
];

/// Returns whether a command that starts a server begins with the first of these words.
fn is_start(words: &[ShellWord]) -> bool {
    let Some((first, rest)) = words.split_first() else {
        return false;
    };
    let name = base_name(&first.text);
    STARTS.iter().any(|(program, arguments)| {
        let has_arguments = arguments
            .iter()
            .zip(rest)
            .filter(|(argument, word)| **argument == word.text)
            .count()
            == arguments.len();
        let is_program =
            name == *program && (*program != "kube-apiserver" || is_server_name(&first.text));
        is_program && has_arguments
    })
}

fn flag_name(word: &ShellWord) -> Option<&str> {
    let flag = word.text.strip_prefix("--audit-")?;
    flag.split('=').next()
}

fn has_flags(words: &[ShellWord]) -> bool {
    words.iter().any(|word| flag_name(word).is_some())
}

/// Returns whether words are the arguments of a server, by a flag that only kube-apiserver has, without audit flags.
fn is_without_auditing(words: &[ShellWord]) -> bool {
    let is_server = words.first().is_some_and(|word| is_server_name(&word.text));
    let is_server_flag = |word: &ShellWord| {
        let flag = word.text.split('=').next().unwrap_or_default();
        SERVER_FLAGS.contains(&flag)
    };
    is_server && !has_flags(words) && words.iter().any(is_server_flag)
}

/// Returns where the words of another server start: at a command that repeats a flag of the one before it, or where one of the two has no audit flags.
fn other_servers(words: &[ShellWord]) -> Vec<usize> {
    let starts: Vec<usize> = (0..words.len())
        .filter(|at| is_start(words.get(*at..).unwrap_or_default()))
        .collect();
    let mut others = Vec::new();
    if starts.len() < 2 || !has_flags(words) {
        return others;
    }
    // Flags of the server that starts last so far.
    let mut names: HashSet<&str> = HashSet::new();
    let mut end = words.len();
    for pair in starts.windows(2).rev() {
        let [before, start] = pair else { continue };
        let own = words.get(*start..end).unwrap_or_default();
        let before = words.get(*before..*start).unwrap_or_default();
        names.extend(own.iter().filter_map(flag_name));
        end = *start;
        let is_repeated = || {
            let mut before = before.iter().filter_map(flag_name);
            before.any(|name| names.contains(name))
        };
        if is_without_auditing(own) || is_without_auditing(before) || is_repeated() {
            others.push(*start);
            names.clear();
        }
    }
    others
}

/// Divides the words of a text that starts several servers.
pub(crate) fn divide(found: &mut ParsedInput) {
    let line_of = |words: &[ShellWord]| words.first().map_or(1, |word| word.line);
    for start in other_servers(&found.words) {
        let words = found.words.split_off(start);
        let mut other = ParsedInput::new(InputFormat::Flags);
        other.server = Some(named(line_of(&words)));
        other.words = words;
        found.others.push(other);
    }
    if found.others.is_empty() {
        return;
    }
    found.others.reverse();
    if !has_flags(&found.words)
        && let Some(other) = found
            .others
            .iter_mut()
            .find(|other| has_flags(&other.words))
    {
        // The one with audit flags is the one that people ask about.
        std::mem::swap(&mut found.words, &mut other.words);
        other.server = Some(named(line_of(&other.words)));
    }
    let first = (0..found.words.len()).find_map(|at| {
        let rest = found.words.get(at..)?;
        is_start(rest).then(|| line_of(rest))
    });
    found.server = Some(named(first.unwrap_or(1)));
}

fn named(line: usize) -> NamedServer {
    NamedServer {
        title: format!("the command in line {line}"),
        is_whole: true,
        line,
    }
}
