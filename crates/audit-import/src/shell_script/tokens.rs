//! Splits a shell script into words and operators. Nothing is expanded. Unlike the crate's lexer, which reads anything that people paste, it ends at
//! what it cannot follow: a wrong word would be changed in the script.

use super::arrays::ArrayAssignment;
use super::obstacle::Obstacle;
use crate::script_word::Word;

#[derive(Debug)]
pub(super) enum Token {
    Word(Word),
    /// A redirection; its target is the next word.
    Redirection {
        /// `true` if the command writes the target.
        is_output: bool,
    },
    /// A here-document; its end is the next word.
    HereDocument,
    /// An assignment to an array of bash.
    Array(ArrayAssignment),
    /// An operator or line end, after which another command starts.
    End,
}

/// Splits a script into tokens.
pub(super) fn tokens(script: &str) -> Result<Vec<Token>, Obstacle> {
    let mut lexer = Lexer {
        script,
        at: 0,
        tokens: Vec::new(),
        word: None,
        here_documents: Vec::new(),
        array: None,
    };
    while let Some(character) = lexer.peek() {
        lexer.step(character)?;
    }
    lexer.end_word();
    if lexer.array.is_some() {
        return Err(Obstacle::Unclosed);
    }
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
    /// The array whose words are read, and the index of the first token in it.
    array: Option<(ArrayAssignment, usize)>,
}

impl<'s> Lexer<'s> {
    fn rest(&self) -> &'s str {
        self.script.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// Returns the current word, or starts one here.
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
            '\n' if self.array.is_some() => {
                self.end_word();
                self.at += 1;
            }
            '(' if self.starts_array() => self.at += 1,
            ')' if self.array.is_some() => self.end_array()?,
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

    /// Returns whether the current word and the bracket after it start an array, and starts it.
    fn starts_array(&mut self) -> bool {
        if self.array.is_some() {
            return false;
        }
        let Some(assignment) = self.word.as_ref().and_then(ArrayAssignment::start) else {
            return false;
        };
        self.word = None;
        self.array = Some((assignment, self.tokens.len()));
        true
    }

    fn end_array(&mut self) -> Result<(), Obstacle> {
        self.end_word();
        self.at += 1;
        let Some((mut assignment, first)) = self.array.take() else {
            return Ok(());
        };
        if self.here_documents.iter().any(|(token, _)| *token >= first) {
            return Err(Obstacle::HereDocument);
        }
        let inside = self.tokens.split_off(first.min(self.tokens.len()));
        assignment.words = inside
            .into_iter()
            .filter_map(|token| match token {
                Token::Word(word) => Some(word),
                _ => None,
            })
            .collect();
        self.tokens.push(Token::Array(assignment));
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
