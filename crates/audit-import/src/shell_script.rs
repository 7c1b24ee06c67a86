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
    /// Variables that the script sets before it, each to a text.
    pub(crate) variables: Vec<(String, String)>,
}

/// Reason why the server's command in a script is not certain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Obstacle {
    /// No command is kube-apiserver by its name.
    NoServer,
    /// More than one command is.
    Several,
    /// The script contains a here-document.
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
            Self::HereDocument => "contains a here-document",
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
    Redirection,
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

/// Finds the one command that starts kube-apiserver. `parameters` are the arguments of the script, from its `$0` on.
pub(crate) fn server_command(script: &str, parameters: &[&str]) -> Result<ServerCommand, Obstacle> {
    if script.len() > MAX_SCRIPT_BYTES {
        return Err(Obstacle::TooLong);
    }
    let tokens = tokens(script)?;
    if tokens
        .iter()
        .any(|token| matches!(token, Token::HereDocument))
    {
        return Err(Obstacle::HereDocument);
    }
    let mut found: Option<ServerCommand> = None;
    let mut variables = Vec::new();
    // The arguments of a function are its own.
    let mut are_changed = script.contains("()") || script.contains("function ");
    for command in commands(tokens) {
        let (command, has_parameters) = parameters::replace(command, parameters);
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
                found = words.get(name).map(|word| ServerCommand {
                    name: word.clone(),
                    arguments: words.get(name + 1..).unwrap_or_default().to_vec(),
                    variables: variables.clone(),
                });
            }
            Program::Shell { .. } => return Err(Obstacle::Nested),
            Program::Other { name } if texts.get(name) == Some(&"eval") => {
                return Err(Obstacle::Nested);
            }
            Program::Other { .. } | Program::ShellFile { .. } | Program::Nothing => {}
        }
    }
    found.ok_or(Obstacle::NoServer)
}

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

/// Groups words into simple commands, without redirections and their targets.
fn commands(tokens: Vec<Token>) -> Vec<Vec<Word>> {
    let mut commands = vec![Vec::new()];
    let mut is_target = false;
    for token in tokens {
        match token {
            Token::Word(_) if is_target => is_target = false,
            Token::Word(word) => {
                if let Some(command) = commands.last_mut() {
                    command.push(word);
                }
            }
            Token::Redirection | Token::HereDocument => is_target = true,
            Token::End => {
                is_target = false;
                commands.push(Vec::new());
            }
        }
    }
    commands.retain(|command| !command.is_empty());
    commands
}

/// Splits a script into tokens.
fn tokens(script: &str) -> Result<Vec<Token>, Obstacle> {
    let mut lexer = Lexer {
        script,
        at: 0,
        tokens: Vec::new(),
        word: None,
    };
    while let Some(character) = lexer.peek() {
        lexer.step(character)?;
    }
    lexer.end_word();
    Ok(lexer.tokens)
}

struct Lexer<'s> {
    script: &'s str,
    at: usize,
    tokens: Vec<Token>,
    word: Option<Word>,
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
        self.tokens.push(if is_here {
            Token::HereDocument
        } else {
            Token::Redirection
        });
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
mod tests {
    use super::*;

    fn arguments(script: &str) -> Vec<String> {
        let found =
            server_command(script, &[]).unwrap_or_else(|error| panic!("{script}: {error:?}"));
        found.arguments.into_iter().map(|word| word.text).collect()
    }

    #[test]
    fn the_servers_own_words_are_found() {
        for script in [
            "kube-apiserver --a=1 --b=2",
            "exec /usr/local/bin/kube-apiserver --a=1 --b=2 > /tmp/pipe 2>&1",
            "mkfifo /p; (tee -a /var/log/kube-apiserver.log < /p & ) ; exec kube-apiserver --a=1 --b=2 >/p 2>&1",
            "FOO=bar kube-apiserver --a=1 --b=2 | tee /l",
            "set -e\nexec kube-apiserver \\\n  --a=1 \\\n  --b=2 \\\n  2>/dev/null\n",
            "if true; then exec kube-apiserver '--a=1' \"--b=2\"; fi",
            "while :; do kube-apiserver --a=1 --b=2 & wait; done",
            "start() { kube-apiserver --a=1 --b=2; }; start",
            "function start { kube-apiserver --a=1 --b=2; }\nstart",
            "exec -a server env X=y kube-apiserver >/l --a=1 --b=2 &> /m && echo done",
            "# kube-apiserver --c\nkube-apiserver --a=1 --b=2 # --c",
            "test -x /usr/local/bin/kube-apiserver && $DIR/kube-apiserver --a=1 --b=2",
            "kube-apiserver --a=1 --b=2 > >(tee /l)",
        ] {
            assert_eq!(arguments(script), ["--a=1", "--b=2"], "{script}");
        }
        assert_eq!(
            arguments("kube-apiserver \"--a=x y\" --b=\\ z"),
            ["--a=x y", "--b= z"]
        );
    }

    #[test]
    fn what_is_not_certain_has_a_reason() {
        for (script, expected) in [
            ("/start.sh", Obstacle::NoServer),
            ("exec \"$@\"", Obstacle::NoServer),
            (
                "echo a3ViZS1hcGlzZXJ2ZXI= | base64 -d | sh",
                Obstacle::NoServer,
            ),
            (
                "kube-apiserver --a || kube-apiserver --b",
                Obstacle::Several,
            ),
            ("cat <<EOF\nx\nEOF\nkube-apiserver", Obstacle::HereDocument),
            ("eval \"kube-apiserver --a\"", Obstacle::Nested),
            ("exec bash -c 'kube-apiserver --a'", Obstacle::Nested),
            ("kube-apiserver 'a", Obstacle::Unclosed),
            ("kube-apiserver $(a", Obstacle::Unclosed),
        ] {
            assert_eq!(
                server_command(script, &[]).unwrap_err(),
                expected,
                "{script}"
            );
        }
    }

    #[test]
    fn an_expansion_is_marked() {
        let script = "kube-apiserver $A \"$@\" --b=$C --d=${E} '$F' $(G) --h=\"$I\"";
        let found = server_command(script, &[]).unwrap();
        let one_flag: Vec<bool> = found.arguments.iter().map(Word::is_one_flag).collect();
        // Without arguments, `$@` is nothing.
        assert_eq!(one_flag, [false, true, true, true, false, true]);
    }
}
