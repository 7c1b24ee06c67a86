//! Reads the flags of a kube-apiserver that a shell script starts.

use std::collections::HashMap;

use audit_policy::document::Node;
use audit_types::Severity;
use audit_types::excerpt::excerpt;

use crate::branches;
use crate::codes::ImportCode;
use crate::environment;
use crate::parameters;
use crate::parsed_input::{Lines, ParsedInput, scalar};
use crate::process::{Script, Stray};
use crate::script_word::Word;
use crate::shell_script::ServerCommand;
use crate::shell_words::{self, ShellWord};

/// Maximum size of the arguments after variables are replaced.
const MAX_EXPANDED_BYTES: usize = 1 << 20;

/// Maximum number of files of a script that are remembered.
const MAX_FILES: usize = 1_000;

/// Reads the script of a container's shell.
pub(crate) fn read(
    script: &Script<'_>,
    container: Node<'_>,
    lines: &Lines<'_>,
    found: &mut ParsedInput,
) {
    let command = script.nested_command();
    report_branches(script, lines, found);
    report_strays(script, command.as_ref().ok(), lines, found);
    match command {
        Ok(command) => read_command(&command, script, container, lines, found),
        Err(obstacle) => {
            let line = lines.of(script.node);
            found.report(
                ImportCode::UncertainScript,
                Severity::Info,
                line,
                format!("the script {}", obstacle.reason()),
                "the server's flags cannot be read from it for certain: flags are read wherever they are in the script",
            );
            if script.text.contains("--audit-") {
                let chosen = branches::choose(script.text);
                let words = shell_words::split(&chosen.text, &mut Vec::new());
                found
                    .words
                    .extend(words.into_iter().map(|word| ShellWord { line, ..word }));
            }
        }
    }
}

/// Returns whether the server never gets an audit flag that a shell gets. `command` is the server's, if it is certain.
pub(crate) fn is_lost(
    stray: &Stray<'_>,
    script: &Script<'_>,
    command: Option<&ServerCommand>,
) -> bool {
    let gets_parameters = match command {
        Some(command) => {
            let words = std::iter::once(&command.name).chain(&command.arguments);
            words.clone().any(|word| word.parameter.is_some())
                || words
                    .filter(|word| word.expansion.is_some())
                    .any(|word| parameters::uses(&word.text) > 0)
        }
        None => parameters::uses(script.text) > 0,
    };
    stray.is_option || stray.is_name || !gets_parameters
}

/// Reports the audit flags in branches of conditions.
fn report_branches(script: &Script<'_>, lines: &Lines<'_>, found: &mut ParsedInput) {
    let inner = lines
        .within(script.node)
        .filter(|_| script.node.spelled().starts_with('|'));
    for note in branches::choose(script.text).notes {
        let line = match &inner {
            Some((_, inner)) => inner.at(note.span),
            None => lines.of(script.node),
        };
        found.findings.push(note.at_line(line));
    }
}

fn report_strays(
    script: &Script<'_>,
    command: Option<&ServerCommand>,
    lines: &Lines<'_>,
    found: &mut ParsedInput,
) {
    let lost = script.strays.iter();
    for stray in lost.filter(|stray| is_lost(stray, script, command)) {
        let help = if stray.is_option {
            "the shell rejects this option: move it into the script, after the server's own flags"
        } else if stray.is_name && parameters::uses(script.text) > 0 {
            "the first argument after the script is its name, `$0`, which is not in `$@`: put a name such as `sh` in front of it"
        } else {
            "the script does not use its arguments, so the server never gets it: move it into the script, after the server's own flags"
        };
        found.report(
            ImportCode::FlagForShell,
            Severity::Error,
            lines.of(stray.node),
            format!(
                "`{}` is an argument of `{}`, not of kube-apiserver",
                excerpt(scalar(stray.node)),
                excerpt(script.shell)
            ),
            help,
        );
    }
}

fn read_command(
    command: &ServerCommand,
    script: &Script<'_>,
    container: Node<'_>,
    lines: &Lines<'_>,
    found: &mut ParsedInput,
) {
    let inner = lines
        .within(script.node)
        .filter(|_| script.node.spelled().starts_with('|'));
    let first = lines.of(script.node);
    let line = |word: &Word| {
        let parameter = word
            .parameter
            .and_then(|index| script.parameters.get(index));
        if let Some(parameter) = parameter {
            return lines.of(parameter.node);
        }
        inner.as_ref().map_or(first, |(_, inner)| {
            inner.at(audit_types::Span::new(word.range.start, word.range.end))
        })
    };
    let variables = variables(command, container);
    let files = command.files.iter().take(MAX_FILES);
    let files = files.map(|file| expanded(file, &variables).0);
    found.written.extend(files);
    found.words.push(ShellWord {
        text: "kube-apiserver".to_owned(),
        line: line(&command.name),
    });
    let mut size = 0;
    for word in &command.arguments {
        let line = line(word);
        let (text, is_known) = expanded(word, &variables);
        size += text.len();
        if !is_known && word.expansion == Some(0) {
            found.report(
                ImportCode::UncertainScript,
                Severity::Info,
                line,
                format!("the value of `{}` is not in this text", excerpt(&word.text)),
                "audit flags in it are not read: use the flags that the server really gets",
            );
        } else if size > MAX_EXPANDED_BYTES {
            break;
        } else if word.is_bare && word.expansion.is_some() && is_known {
            let words = text.split_whitespace().map(str::to_owned);
            found
                .words
                .extend(words.map(|text| ShellWord { text, line }));
        } else {
            found.words.push(ShellWord { text, line });
        }
    }
}

/// Returns the variables that are known: those of the container's `env`, and those that the script sets to a text.
fn variables<'v>(command: &'v ServerCommand, container: Node<'v>) -> HashMap<&'v str, &'v str> {
    let mut variables = environment::variables(container);
    for (name, value) in &command.variables {
        variables.insert(name, value);
    }
    variables
}

/// Replaces the known variables of a word: `$A`, `${A}`, and `$(A)`, which the kubelet replaces. Returns whether all are known.
fn expanded(word: &Word, variables: &HashMap<&str, &str>) -> (String, bool) {
    let Some(start) = word.expansion else {
        return (word.text.clone(), true);
    };
    let (before, mut rest) = word
        .text
        .split_at_checked(start)
        .unwrap_or((&word.text, ""));
    let mut out = before.to_owned();
    let mut is_known = true;
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        let (name, behind) = match after.chars().next() {
            Some('(') => bracketed(after, ')'),
            Some('{') => bracketed(after, '}'),
            _ => {
                let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
                let end = after.find(|c| !is_name(c)).unwrap_or(after.len());
                after.split_at_checked(end).unwrap_or((after, ""))
            }
        };
        if let Some(value) = variables.get(name)
            && out.len() + value.len() <= MAX_EXPANDED_BYTES
        {
            out.push_str(value);
            rest = behind;
        } else {
            is_known = false;
            out.push('$');
            rest = after;
        }
    }
    out.push_str(rest);
    (out, is_known && !rest.contains('`'))
}

/// Splits `(NAME)rest` into name and rest.
fn bracketed(text: &str, close: char) -> (&str, &str) {
    let inner = text.get(1..).unwrap_or_default();
    inner.split_once(close).unwrap_or((inner, ""))
}
