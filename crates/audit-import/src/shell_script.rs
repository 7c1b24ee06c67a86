//! Splits a shell script into commands, with the place of each word, and finds the one that starts kube-apiserver.
//!
//! The words follow "Token Recognition" and "Quoting" of POSIX (Shell Command Language, 2.2 and 2.3). Nothing is expanded.

mod arrays;
mod obstacle;
mod tokens;

use std::collections::HashSet;

use crate::assignment::is_assignment;
use crate::parameters;
use crate::program::{self, Program};
use crate::script_word::Word;
use arrays::{ArrayAssignment, Arrays};
use tokens::{Token, tokens};

pub(crate) use obstacle::Obstacle;

/// The command that starts kube-apiserver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ServerCommand {
    /// The word with the server's name.
    pub(crate) name: Word,
    /// The server's arguments, without redirections.
    pub(crate) arguments: Vec<Word>,
    /// Programs and options in front of the server's name.
    pub(crate) wrappers: Vec<String>,
    /// Variables that the script sets before it, each to a text.
    pub(crate) variables: Vec<(String, String)>,
    /// Files that the commands before it write.
    pub(crate) files: Vec<Word>,
}

/// Maximum size of a script: that of an argument in Linux (`MAX_ARG_STRLEN`).
const MAX_SCRIPT_BYTES: usize = 131_072;

/// Words after which a command starts.
const BEFORE_COMMANDS: [&str; 15] = [
    "!", "{", "if", "then", "else", "elif", "while", "until", "do", "time", "exec", "command",
    "builtin", "nohup", "coproc",
];

/// Maximum number of commands of a script that start a server.
const MAX_SERVERS: usize = 16;

/// Maximum depth of scripts in the arguments of shells.
const MAX_NESTING: usize = 4;

/// Finds the commands that start kube-apiserver, such as one in each branch of a condition. There is at least one. Words that are arrays stay as they are.
pub(crate) fn server_commands(
    script: &str,
    parameters: &[&str],
) -> Result<Vec<ServerCommand>, Obstacle> {
    find(script, parameters, 0, None)
}

/// Finds the command that starts kube-apiserver, also in a script that the script gives to another shell: the words of that have the place of the
/// whole. Arrays are replaced by their words. Of several commands with the same audit flags, it is the first.
pub(crate) fn nested_command(script: &str, parameters: &[&str]) -> Result<ServerCommand, Obstacle> {
    only(find(
        script,
        parameters,
        MAX_NESTING,
        Some(Arrays::default()),
    )?)
}

/// Returns the first of the commands if they have the same audit flags.
fn only(commands: Vec<ServerCommand>) -> Result<ServerCommand, Obstacle> {
    if !have_same_flags(&commands) {
        return Err(Obstacle::Several);
    }
    commands.into_iter().next().ok_or(Obstacle::NoServer)
}

/// Returns whether commands have the same audit flags.
pub(crate) fn have_same_flags(commands: &[ServerCommand]) -> bool {
    let flags = |command: &ServerCommand| command.audit_flags();
    commands.iter().map(flags).collect::<HashSet<_>>().len() <= 1
}

impl ServerCommand {
    /// Returns the arguments that are audit flags or may contain some, each with its value.
    pub(crate) fn audit_flags(&self) -> Vec<String> {
        let mut flags: Vec<String> = Vec::new();
        let mut needs_value = false;
        for word in &self.arguments {
            let is_flag = word.text.starts_with("--audit");
            match flags.last_mut() {
                Some(flag) if needs_value && !word.text.starts_with("--") => {
                    flag.push(' ');
                    flag.push_str(&word.text);
                }
                _ if is_flag || !word.is_one_flag() => flags.push(word.text.clone()),
                _ => {}
            }
            needs_value = is_flag && !word.text.contains('=');
        }
        flags
    }
}

/// Scripts within a script, and what is known before a command of it.
struct Search<'p> {
    parameters: &'p [&'p str],
    nesting: usize,
    /// `true` if the script changes its arguments.
    are_changed: bool,
    variables: Vec<(String, String)>,
    /// `None` if words that are arrays stay as they are.
    arrays: Option<Arrays>,
    files: Vec<Word>,
    found: Vec<ServerCommand>,
}

fn find(
    script: &str,
    parameters: &[&str],
    nesting: usize,
    arrays: Option<Arrays>,
) -> Result<Vec<ServerCommand>, Obstacle> {
    if script.len() > MAX_SCRIPT_BYTES {
        return Err(Obstacle::TooLong);
    }
    let mut search = Search {
        parameters,
        nesting,
        // The arguments of a function are its own.
        are_changed: script.contains("()") || script.contains("function "),
        variables: Vec::new(),
        arrays,
        files: Vec::new(),
        found: Vec::new(),
    };
    for command in commands(tokens(script)?) {
        search.read(command)?;
    }
    if search.found.is_empty() {
        return Err(Obstacle::NoServer);
    }
    Ok(search.found)
}

impl Search<'_> {
    fn read(&mut self, command: Command) -> Result<(), Obstacle> {
        let Command {
            mut words,
            arrays,
            outputs,
            has_here_document,
        } = command;
        if let Some(known) = &mut self.arrays {
            arrays
                .into_iter()
                .for_each(|assignment| known.assign(assignment));
            words = known.replace(words);
        }
        let (command, has_parameters) = parameters::replace(words, self.parameters);
        let start = skip_prefix(&command, &mut self.variables);
        let words = command.get(start..).unwrap_or_default();
        let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
        self.are_changed |= parameters::are_changed_by(&texts);
        match program::program(&texts) {
            Program::Server { .. } if has_parameters && self.are_changed => {
                return Err(Obstacle::Parameters);
            }
            Program::Server { name } => {
                let before = command.get(..start + name).unwrap_or_default().iter();
                let server = words.get(name).map(|word| ServerCommand {
                    name: word.clone(),
                    arguments: words.get(name + 1..).unwrap_or_default().to_vec(),
                    wrappers: before.map(|word| word.text.clone()).collect(),
                    variables: self.variables.clone(),
                    files: self.files.clone(),
                });
                self.add(server.into_iter().collect())?;
            }
            Program::Shell { script: at, .. } if self.nesting > 0 => {
                let mut inner = inner_commands(words, at, self.nesting - 1)?;
                for command in &mut inner {
                    command.variables.splice(0..0, self.variables.clone());
                    command.files.splice(0..0, self.files.clone());
                }
                self.add(inner)?;
            }
            Program::Shell { .. } => return Err(Obstacle::Nested),
            Program::ShellFile { .. } if has_here_document => return Err(Obstacle::Nested),
            Program::Other { name } if texts.get(name) == Some(&"eval") => {
                return Err(Obstacle::Nested);
            }
            Program::Other { .. } | Program::ShellFile { .. } | Program::Nothing => {}
        }
        self.files.extend(outputs);
        self.files.extend(written_by(words));
        Ok(())
    }

    /// Adds servers. Each has a copy of what is known before it, so that their number is limited.
    fn add(&mut self, servers: Vec<ServerCommand>) -> Result<(), Obstacle> {
        self.found.extend(servers);
        if self.found.len() > MAX_SERVERS {
            return Err(Obstacle::Several);
        }
        Ok(())
    }
}

/// Finds the server's commands in a script that is an argument of a shell.
fn inner_commands(
    words: &[Word],
    script: usize,
    nesting: usize,
) -> Result<Vec<ServerCommand>, Obstacle> {
    let Some(word) = words.get(script) else {
        return Ok(Vec::new());
    };
    let parameters = words.get(script + 1..).unwrap_or_default().iter();
    let parameters: Vec<&str> = parameters.map(|word| word.text.as_str()).collect();
    let mut found = match find(&word.text, &parameters, nesting, Some(Arrays::default())) {
        Err(Obstacle::NoServer) if !word.text.contains("kube-apiserver") => return Ok(Vec::new()),
        found => found?,
    };
    let outer = words.get(..script).unwrap_or_default().iter();
    let outer: Vec<String> = outer.map(|word| word.text.clone()).collect();
    for inner in &mut found {
        let files = inner.files.iter_mut();
        for of_inner in files
            .chain(inner.arguments.iter_mut())
            .chain([&mut inner.name])
        {
            of_inner.range = word.range.clone();
            of_inner.parameter = None;
        }
        inner.wrappers.splice(0..0, outer.iter().cloned());
    }
    Ok(found)
}

/// Returns the files that a command writes by its arguments: `tee FILE`, `cp FROM FILE`, `curl -o FILE`.
fn written_by(words: &[Word]) -> Vec<Word> {
    let program = words
        .iter()
        .position(|word| WRITERS.contains(&program::base_name(&word.text)));
    let Some(at) = program else {
        return Vec::new();
    };
    let name = words.get(at).map(|word| program::base_name(&word.text));
    let arguments = words.get(at + 1..).unwrap_or_default();
    let operands = || arguments.iter().filter(|word| !word.text.starts_with('-'));
    match name {
        Some("tee") => operands().cloned().collect(),
        Some("curl" | "wget") => {
            let is_option = |word: &Word| {
                matches!(
                    word.text.as_str(),
                    "-o" | "-O" | "--output" | "--output-document"
                )
            };
            let pairs = arguments.windows(2).filter_map(|pair| match pair {
                [option, file] => Some((option, file)),
                _ => None,
            });
            let files = pairs.filter(|(option, _)| is_option(option));
            files.map(|(_, file)| file.clone()).collect()
        }
        _ => operands().next_back().cloned().into_iter().collect(),
    }
}

/// Programs that write a file named in their arguments.
const WRITERS: [&str; 7] = ["tee", "cp", "mv", "ln", "install", "curl", "wget"];

/// Returns the index of the command's name, after reserved words and assignments, and stores what is assigned.
fn skip_prefix(command: &[Word], variables: &mut Vec<(String, String)>) -> usize {
    let mut at = 0;
    let mut is_exec = false;
    while let Some(word) = command.get(at) {
        let text = word.text.as_str();
        if is_assignment(text) {
            if let Some((name, value)) = text.split_once('=')
                && word.expansion.is_none()
            {
                variables.push((name.to_owned(), value.to_owned()));
            }
        } else if matches!(text, "export" | "local" | "readonly" | "declare") {
            // Assignments follow as arguments.
        } else if text == "function" && word.is_bare {
            at += 1;
        } else if is_exec && text.starts_with('-') {
            at += usize::from(text == "-a");
        } else if BEFORE_COMMANDS.contains(&text) && word.is_bare {
            is_exec = matches!(text, "exec" | "command" | "time");
        } else {
            break;
        }
        at += 1;
    }
    at
}

/// A simple command, without redirections.
#[derive(Debug, Default)]
struct Command {
    words: Vec<Word>,
    /// Arrays that it assigns.
    arrays: Vec<ArrayAssignment>,
    /// Files that it writes by a redirection.
    outputs: Vec<Word>,
    has_here_document: bool,
}

/// Groups words into simple commands.
fn commands(tokens: Vec<Token>) -> Vec<Command> {
    let mut commands = Vec::new();
    let mut command = Command::default();
    // Whether the next word is the target of a redirection, and whether that is written.
    let mut target: Option<bool> = None;
    for token in tokens {
        match token {
            Token::Word(word) => match target.take() {
                Some(true) => command.outputs.push(word),
                Some(false) => {}
                None => command.words.push(word),
            },
            Token::Array(assignment) => command.arrays.push(assignment),
            Token::Redirection { is_output } => target = Some(is_output),
            Token::HereDocument => {
                target = Some(false);
                command.has_here_document = true;
            }
            Token::End => {
                target = None;
                commands.push(std::mem::take(&mut command));
            }
        }
    }
    commands.push(command);
    commands.retain(|command| {
        !command.words.is_empty() || !command.arrays.is_empty() || !command.outputs.is_empty()
    });
    commands
}

#[cfg(test)]
mod tests;
