//! Several commands of a text that each start a server: flags of the second are not repetitions of those of the first.

use std::collections::HashSet;

use crate::input_format::InputFormat;
use crate::parsed_input::{NamedServer, ParsedInput};
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

/// Divides the words of a text where a command that starts a server repeats a flag of the one before it.
pub(crate) fn divide(found: &mut ParsedInput) {
    let starts: Vec<usize> = (0..found.words.len())
        .filter(|at| is_start(found.words.get(*at..).unwrap_or_default()))
        .collect();
    if starts.len() < 2 {
        return;
    }
    let mut parts = Vec::new();
    let mut end = found.words.len();
    for (index, start) in starts.iter().enumerate().skip(1).rev() {
        let before = index.checked_sub(1).and_then(|index| starts.get(index));
        let before = found.words.get(before.copied().unwrap_or(0)..*start);
        let known: HashSet<&str> = before.into_iter().flatten().filter_map(flag_name).collect();
        let own = found.words.get(*start..end).unwrap_or_default();
        if own
            .iter()
            .filter_map(flag_name)
            .any(|name| known.contains(name))
        {
            parts.push(*start);
            end = *start;
        }
    }
    let line_of = |words: &[ShellWord]| words.first().map_or(1, |word| word.line);
    for start in parts {
        let words = found.words.split_off(start);
        let mut other = ParsedInput::new(InputFormat::Flags);
        other.server = Some(named(line_of(&words)));
        other.words = words;
        found.others.insert(0, other);
    }
    if !found.others.is_empty() {
        let first = starts.first().and_then(|at| found.words.get(*at));
        found.server = Some(named(first.map_or(1, |word| word.line)));
    }
}

fn named(line: usize) -> NamedServer {
    NamedServer {
        title: format!("the command in line {line}"),
        is_whole: true,
        line,
    }
}
