//! Splits a shell script into commands, with the place of each word, and finds the one that starts kube-apiserver.
//!
//! The words follow "Token Recognition" and "Quoting" of POSIX (Shell Command Language, 2.2 and 2.3). Nothing is expanded.

use crate::parameters;
use crate::program::{self, Program};
use crate::script_word::Word;

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

/// Reason why the server's command in a script is not certain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Obstacle {
    /// No command is kube-apiserver by its name.
    NoServer,
    /// More than one command is.
    Several,
    /// A here-document has no end.
    HereDocument,
    /// A command runs a text as a script: `eval`, or another shell.
    Nested,
    /// A quote or bracket is not closed.
    Unclosed,
    /// The script is too long to be an argument.
    TooLong,
    /// The server gets arguments of the script, which the script changes before.
    Parameters,
}

impl Obstacle {
    /// Returns the reason as messages have it, after "the script".
    pub(crate) const fn reason(self) -> &'static str {
        match self {
            Self::NoServer => "does not start kube-apiserver by its name",
            Self::Several => "starts kube-apiserver in more than one place",
            Self::HereDocument => "contains a here-document that does not end",
            Self::Nested => "runs another script with `eval` or a shell",
            Self::TooLong => "is longer than 128 KiB, the limit of an argument in Linux",
            Self::Unclosed => "has a quote or bracket that is not closed",
            Self::Parameters => {
                "changes its arguments with `set` or `shift`, or uses them in a function"
            }
        }
    }
}

#[derive(Debug)]
enum Token {
    Word(Word),
    /// A redirection; its target is the next word.
    Redirection {
        /// `true` if the command writes the target.
        is_output: bool,
    },
    /// A here-document; its end is the next word.
    HereDocument,
    /// An operator or line end, after which another command starts.
    End,
}

/// Maximum size of a script: that of an argument in Linux (`MAX_ARG_STRLEN`).
const MAX_SCRIPT_BYTES: usize = 131_072;

/// Words after which a command starts.
const BEFORE_COMMANDS: [&str; 15] = [
    "!", "{", "if", "then", "else", "elif", "while", "until", "do", "time", "exec", "command",
    "builtin", "nohup", "coproc",
];

/// Maximum depth of scripts in the arguments of shells.
const MAX_NESTING: usize = 4;

/// Finds the one command that starts kube-apiserver. `parameters` are the arguments of the script, from its `$0` on.
pub(crate) fn server_command(script: &str, parameters: &[&str]) -> Result<ServerCommand, Obstacle> {
    find(script, parameters, 0)
}

/// As [`server_command`], also in a script that the script gives to another shell: the words of that have the place of the whole.
pub(crate) fn nested_command(script: &str, parameters: &[&str]) -> Result<ServerCommand, Obstacle> {
    find(script, parameters, MAX_NESTING)
}

fn find(script: &str, parameters: &[&str], nesting: usize) -> Result<ServerCommand, Obstacle> {
    if script.len() > MAX_SCRIPT_BYTES {
        return Err(Obstacle::TooLong);
    }
    let mut found: Option<ServerCommand> = None;
    let mut variables = Vec::new();
    let mut files = Vec::new();
    // The arguments of a function are its own.
    let mut are_changed = script.contains("()") || script.contains("function ");
    for Command {
        words,
        outputs,
        has_here_document,
    } in commands(tokens(script)?)
    {
        let (command, has_parameters) = parameters::replace(words, parameters);
        let start = skip_prefix(&command, &mut variables);
        let words = command.get(start..).unwrap_or_default();
        let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
        are_changed |= parameters::are_changed_by(&texts);
        match program::program(&texts) {
            Program::Server { .. } if has_parameters && are_changed => {
                return Err(Obstacle::Parameters);
            }
            Program::Server { name } => {
                if found.is_some() {
                    return Err(Obstacle::Several);
                }
                let before = command.get(..start + name).unwrap_or_default().iter();
                found = words.get(name).map(|word| ServerCommand {
                    name: word.clone(),
                    arguments: words.get(name + 1..).unwrap_or_default().to_vec(),
                    wrappers: before.map(|word| word.text.clone()).collect(),
                    variables: variables.clone(),
                    files: files.clone(),
                });
            }
            Program::Shell { script: at, .. } if nesting > 0 => {
                let inner = inner_command(words, at, nesting - 1)?;
                let Some(inner) = inner else { continue };
                if found.is_some() {
                    return Err(Obstacle::Several);
                }
                found = Some(ServerCommand {
                    variables: [variables.clone(), inner.variables].concat(),
                    files: [files.clone(), inner.files].concat(),
                    ..inner
                });
            }
            Program::Shell { .. } => return Err(Obstacle::Nested),
            Program::ShellFile { .. } if has_here_document => return Err(Obstacle::Nested),
            Program::Other { name } if texts.get(name) == Some(&"eval") => {
                return Err(Obstacle::Nested);
            }
            Program::Other { .. } | Program::ShellFile { .. } | Program::Nothing => {}
        }
        files.extend(outputs);
        files.extend(written_by(words));
    }
    found.ok_or(Obstacle::NoServer)
}

/// Finds the server's command in a script that is an argument of a shell. `None` if it starts no server.
fn inner_command(
    words: &[Word],
    script: usize,
    nesting: usize,
) -> Result<Option<ServerCommand>, Obstacle> {
    let Some(word) = words.get(script) else {
        return Ok(None);
    };
    let parameters = words.get(script + 1..).unwrap_or_default().iter();
    let parameters: Vec<&str> = parameters.map(|word| word.text.as_str()).collect();
    let mut inner = match find(&word.text, &parameters, nesting) {
        Err(Obstacle::NoServer) if !word.text.contains("kube-apiserver") => return Ok(None),
        found => found?,
    };
    let files = inner.files.iter_mut();
    for of_inner in files
        .chain(inner.arguments.iter_mut())
        .chain([&mut inner.name])
    {
        of_inner.range = word.range.clone();
        of_inner.parameter = None;
    }
    let outer = words.get(..script).unwrap_or_default().iter();
    let outer = outer.map(|word| word.text.clone());
    inner.wrappers = outer.chain(std::mem::take(&mut inner.wrappers)).collect();
    Ok(Some(inner))
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
        if program::is_assignment(text) {
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
    commands.retain(|command| !command.words.is_empty() || !command.outputs.is_empty());
    commands
}

/// Splits a script into tokens.
fn tokens(script: &str) -> Result<Vec<Token>, Obstacle> {
    let mut lexer = Lexer {
        script,
        at: 0,
        tokens: Vec::new(),
        word: None,
        here_documents: Vec::new(),
    };
    while let Some(character) = lexer.peek() {
        lexer.step(character)?;
    }
    lexer.end_word();
    if !lexer.here_documents.is_empty() {
        return Err(Obstacle::HereDocument);
    }
    Ok(lexer.tokens)
}

struct Lexer<'s> {
    script: &'s str,
    at: usize,
    tokens: Vec<Token>,
    word: Option<Word>,
    /// Here-documents that start on the next line: the index of the token, and whether tabs before the end are removed.
    here_documents: Vec<(usize, bool)>,
}

impl<'s> Lexer<'s> {
    fn rest(&self) -> &'s str {
        self.script.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// Returns the current word, which starts here if there is none.
    fn word(&mut self) -> &mut Word {
        let at = self.at;
        self.word.get_or_insert_with(|| Word {
            range: at..at,
            text: String::new(),
            expansion: None,
            is_bare: true,
            parameter: None,
        })
    }

    fn end_word(&mut self) {
        if let Some(mut word) = self.word.take() {
            word.range.end = self.at;
            self.tokens.push(Token::Word(word));
        }
    }

    /// Adds a character to the word.
    fn keep(&mut self, character: char) {
        self.word().text.push(character);
        self.at += character.len_utf8();
    }

    /// Adds an expansion to the word, as it is written.
    fn expand(&mut self, len: usize) {
        let source = self.rest().get(..len).unwrap_or_default().to_owned();
        let word = self.word();
        let at = word.text.len();
        word.expansion.get_or_insert(at);
        word.text.push_str(&source);
        self.at += len;
    }

    fn step(&mut self, character: char) -> Result<(), Obstacle> {
        match character {
            '\\' => self.backslash(),
            '\'' => self.single()?,
            '"' => self.double()?,
            '$' | '`' => self.dollar(true)?,
            '#' if self.word.is_none() => {
                self.at += self.rest().find('\n').unwrap_or(self.rest().len());
            }
            ' ' | '\t' | '\r' => {
                self.end_word();
                self.at += 1;
            }
            '\n' | ';' | '|' | '(' | ')' => {
                self.end_word();
                self.at += 1;
                self.tokens.push(Token::End);
                if character == '\n' {
                    self.skip_here_documents()?;
                }
            }
            '&' | '<' | '>' => self.operator(character)?,
            // A pattern or a list of alternatives, which the shell may replace by other words.
            '*' | '?' | '[' | '{' if !self.is_brace_alone(character) => {
                let word = self.word();
                let at = word.text.len();
                word.expansion.get_or_insert(at);
                self.keep(character);
            }
            _ => self.keep(character),
        }
        Ok(())
    }

    /// Returns whether a brace is a word of its own, which starts a group of commands.
    fn is_brace_alone(&self, character: char) -> bool {
        let after = self.rest().chars().nth(1);
        character == '{' && self.word.is_none() && after.is_none_or(char::is_whitespace)
    }

    /// Skips the lines of the here-documents that the line before started.
    fn skip_here_documents(&mut self) -> Result<(), Obstacle> {
        for (token, has_tabs) in std::mem::take(&mut self.here_documents) {
            let Some(Token::Word(end)) = self.tokens.get(token + 1) else {
                return Err(Obstacle::HereDocument);
            };
            let mut is_closed = false;
            for line in self.rest().split_inclusive('\n') {
                self.at += line.len();
                let line = line.trim_end_matches(['\r', '\n']);
                let line = if has_tabs {
                    line.trim_start_matches('\t')
                } else {
                    line
                };
                is_closed = line == end.text;
                if is_closed {
                    break;
                }
            }
            if !is_closed {
                return Err(Obstacle::HereDocument);
            }
        }
        Ok(())
    }

    fn backslash(&mut self) {
        let mut after = self.rest().chars().skip(1);
        match after.next() {
            // A line that continues on the next one.
            Some('\n') => self.at += 2,
            Some('\r') if after.next() == Some('\n') => self.at += 3,
            Some(next) => {
                self.word().is_bare = false;
                self.at += 1;
                self.keep(next);
            }
            None => self.keep('\\'),
        }
    }

    fn single(&mut self) -> Result<(), Obstacle> {
        let inner = self.rest().get(1..).unwrap_or_default();
        let end = inner.find('\'').ok_or(Obstacle::Unclosed)?;
        let text = inner.get(..end).unwrap_or_default().to_owned();
        let word = self.word();
        word.is_bare = false;
        word.text.push_str(&text);
        self.at += end + 2;
        Ok(())
    }

    fn double(&mut self) -> Result<(), Obstacle> {
        self.word().is_bare = false;
        self.at += 1;
        loop {
            match self.peek().ok_or(Obstacle::Unclosed)? {
                '"' => {
                    self.at += 1;
                    return Ok(());
                }
                '$' | '`' => self.dollar(false)?,
                '\\' => {
                    let next = self.rest().chars().nth(1).ok_or(Obstacle::Unclosed)?;
                    match next {
                        '\n' => self.at += 2,
                        '"' | '\\' | '$' | '`' => {
                            self.at += 1;
                            self.keep(next);
                        }
                        _ => self.keep('\\'),
                    }
                }
                other => self.keep(other),
            }
        }
    }

    /// Reads what starts with `$` or a backtick.
    fn dollar(&mut self, is_bare: bool) -> Result<(), Obstacle> {
        let rest = self.rest();
        if rest.starts_with('`') {
            let end = rest.get(1..).and_then(|inner| inner.find('`'));
            self.expand(end.ok_or(Obstacle::Unclosed)? + 2);
            return Ok(());
        }
        match rest.chars().nth(1) {
            Some('(') => self.expand(closed(rest, 1, '(', ')')?),
            Some('{') => self.expand(closed(rest, 1, '{', '}')?),
            Some('\'') if is_bare => {
                // Text with escapes, which not every shell reads.
                let inner = rest.get(2..).unwrap_or_default();
                let end = inner.find('\'').ok_or(Obstacle::Unclosed)?;
                self.expand(end + 3);
            }
            Some(c) if c.is_ascii_alphabetic() || c == '_' => {
                let name = rest.get(1..).unwrap_or_default();
                let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
                let len = name.find(|c| !is_name(c)).unwrap_or(name.len());
                self.expand(len + 1);
            }
            Some(c) if c.is_ascii_digit() || "@*#?-$!".contains(c) => self.expand(2),
            _ => self.keep('$'),
        }
        Ok(())
    }

    /// Reads `&`, `&&` or a redirection.
    fn operator(&mut self, character: char) -> Result<(), Obstacle> {
        let rest = self.rest();
        if rest.starts_with("<(") || rest.starts_with(">(") {
            // A command whose name as a file is the word.
            self.expand(closed(rest, 1, '(', ')')?);
            return Ok(());
        }
        if character == '&' && !rest.starts_with("&>") {
            self.end_word();
            self.at += 1;
            self.tokens.push(Token::End);
            return Ok(());
        }
        // The number of a file descriptor is a part of the redirection.
        let is_number = |word: &mut Word| {
            word.is_bare
                && word.expansion.is_none()
                && word.text.bytes().all(|b| b.is_ascii_digit())
        };
        match self.word.as_mut().is_some_and(is_number) {
            true => self.word = None,
            false => self.end_word(),
        }
        let is_here = rest.starts_with("<<") && !rest.starts_with("<<<");
        let signs = [
            "&>>", "<<<", "<<-", "<<", ">>", "<&", ">&", "<>", ">|", "&>", "<", ">",
        ];
        let sign = signs.into_iter().find(|sign| rest.starts_with(sign));
        self.at += sign.map_or(1, str::len);
        if is_here {
            self.here_documents
                .push((self.tokens.len(), sign == Some("<<-")));
            self.tokens.push(Token::HereDocument);
        } else {
            let is_output = sign.is_some_and(|sign| sign.contains('>') && sign != ">&");
            self.tokens.push(Token::Redirection { is_output });
        }
        Ok(())
    }
}

/// Returns the length of a text up to the bracket that closes the one at an offset. Quotes and nested brackets are skipped.
fn closed(text: &str, open_at: usize, open: char, close: char) -> Result<usize, Obstacle> {
    let mut depth = 0_usize;
    let mut quote: Option<char> = None;
    let mut is_escaped = false;
    for (at, character) in text.char_indices().skip(open_at) {
        match quote {
            _ if is_escaped => is_escaped = false,
            Some('\'') if character != '\'' => {}
            _ if character == '\\' => is_escaped = true,
            Some(open) if character == open => quote = None,
            Some(_) => {}
            None if matches!(character, '\'' | '"') => quote = Some(character),
            None if character == open => depth += 1,
            None if character == close => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return Ok(at + character.len_utf8());
                }
            }
            None => {}
        }
    }
    Err(Obstacle::Unclosed)
}

#[cfg(test)]
mod tests;
