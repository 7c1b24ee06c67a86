//! Reads the words of commands, with the place of each part, which neither the crate's lexer nor the tokens of scripts keep.

use std::iter;

use audit_types::Span;

use super::pieces::{Piece, PrintedWord, text_of};
use super::text::unescaped;

/// Maximum number of commands with a quote that is not closed: each is read to the end of the script.
pub(super) const MAX_UNCLOSED: usize = 16;

/// Characters that end a command.
pub(super) const ENDS: [char; 5] = ['\n', ';', '|', '&', ')'];

/// A command up to its end.
#[derive(Debug, Default)]
pub(super) struct Words {
    pub(super) words: Vec<PrintedWord>,
    /// File that the output goes to, and whether it is appended.
    pub(super) target: Option<(String, bool)>,
    /// Text after `<<<`.
    pub(super) input: Option<PrintedWord>,
}

pub(super) struct Reader<'s> {
    pub(super) script: &'s str,
    pub(super) at: usize,
}

impl Reader<'_> {
    pub(super) fn rest(&self) -> &str {
        self.script.get(self.at..).unwrap_or_default()
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn skip_blanks(&mut self) {
        while self.peek().is_some_and(|c| c == ' ' || c == '\t') || self.rest().starts_with("\\\n")
        {
            self.at += if self.rest().starts_with('\\') { 2 } else { 1 };
        }
    }

    /// Reads the words of a command. `None` if a quote is not closed.
    pub(super) fn words(&mut self) -> Option<Words> {
        let mut found = Words::default();
        loop {
            self.skip_blanks();
            let start = self.at;
            match self.peek() {
                None => break,
                Some('>') => {
                    let target = self.output()?;
                    found.target = target.or(found.target);
                }
                // The commands of a process substitution are read by themselves.
                Some('<') if self.rest().starts_with("<(") => break,
                Some('<') => {
                    let input = self.input()?;
                    found.input = input.or(found.input);
                }
                Some(c) if ENDS.contains(&c) => break,
                // The end of a script in quotes.
                Some('"' | '\'') if found.target.is_some() => break,
                Some(_) => self.argument(&mut found)?,
            }
            if self.at == start {
                self.at += self.peek().map_or(1, char::len_utf8);
            }
        }
        Some(found)
    }

    /// Reads an argument. The number of a file descriptor is not one.
    fn argument(&mut self, found: &mut Words) -> Option<()> {
        let word = self.word()?;
        let is_redirected = self.peek() == Some('>');
        match text_of(&word).as_str() {
            "1" if is_redirected => {}
            "2" if is_redirected => {
                // Errors are not a part of the text.
                self.output()?;
            }
            _ => found.words.push(word),
        }
        Some(())
    }

    /// Reads a redirection of the output: its file, and whether it is appended. The outer `None` is a quote that is not closed.
    fn output(&mut self) -> Option<Option<(String, bool)>> {
        let is_appended = self.rest().starts_with(">>");
        let is_long = is_appended || self.rest().starts_with(">|");
        self.at += if is_long { 2 } else { 1 };
        self.skip_blanks();
        let is_descriptor = self.peek() == Some('&');
        let file = self.file()?;
        Some((!is_descriptor && !file.is_empty()).then_some((file, is_appended)))
    }

    /// Reads a redirection of the input: the text of a here-string, or a file or the end of a here-document, which are left out.
    fn input(&mut self) -> Option<Option<PrintedWord>> {
        let rest = self.rest();
        let is_text = rest.starts_with("<<<");
        self.at += rest.len() - rest.trim_start_matches(['<', '-']).len();
        self.skip_blanks();
        let word = self.word()?;
        Some(is_text.then_some(word))
    }

    /// Reads the file of a redirection, up to a quote that a script around it begins with.
    fn file(&mut self) -> Option<String> {
        if self.peek().is_some_and(|c| c == '\'' || c == '"') {
            return self.word().as_ref().map(text_of);
        }
        let is_end = |c: char| c.is_whitespace() || ENDS.contains(&c) || "'\"><".contains(c);
        let rest = self.rest();
        let end = rest.find(is_end).unwrap_or(rest.len());
        let file = rest.get(..end).unwrap_or_default().to_owned();
        self.at += end;
        Some(file)
    }

    /// Reads a word. `None` if a quote is not closed.
    pub(super) fn word(&mut self) -> Option<PrintedWord> {
        let mut pieces = Vec::new();
        let is_quoted = self.peek().is_some_and(|c| c == '\'' || c == '"');
        while let Some(character) = self.peek() {
            match character {
                ' ' | '\t' | '>' | '<' => break,
                c if ENDS.contains(&c) => break,
                '\'' => self.single(&mut pieces)?,
                '"' => self.double(&mut pieces)?,
                '$' if self.rest().starts_with("$'") => {
                    self.at += 1;
                    let mut raw = Vec::new();
                    self.single(&mut raw)?;
                    pieces.extend(unescaped(&raw));
                }
                '\\' => {
                    let next = self.rest().chars().nth(1);
                    let length = 1 + next.map_or(0, char::len_utf8);
                    let text = next.filter(|next| *next != '\n').map(String::from);
                    self.push(&mut pieces, text.unwrap_or_default(), length, false);
                }
                other => {
                    let is_special =
                        |c: char| c.is_whitespace() || ENDS.contains(&c) || "'\"\\><".contains(c);
                    let plain = self.rest();
                    let mut length = plain.find(is_special).unwrap_or(plain.len());
                    // The start of a quote with escapes: `$'…'`.
                    let is_ansi = plain
                        .get(..length + 1)
                        .is_some_and(|run| run.ends_with("$'"));
                    length -= usize::from(is_ansi);
                    let length = length.max(other.len_utf8());
                    let text = plain.get(..length).unwrap_or_default().to_owned();
                    self.push(&mut pieces, text, length, true);
                }
            }
        }
        Some((pieces, is_quoted))
    }

    /// Adds a text that the next bytes spell.
    fn push(&mut self, pieces: &mut Vec<Piece>, text: String, length: usize, is_verbatim: bool) {
        pieces.push(Piece {
            is_expanded: is_verbatim && text.contains(['$', '`']),
            span: Span::new(self.at, self.at + length),
            text,
            is_verbatim,
        });
        self.at += length;
    }

    fn single(&mut self, pieces: &mut Vec<Piece>) -> Option<()> {
        let inner = self.rest().get(1..)?;
        let text = inner.get(..inner.find('\'')?)?.to_owned();
        self.at += 1;
        let length = text.len();
        self.push(pieces, text, length, true);
        // The shell replaces nothing in it.
        pieces.iter_mut().next_back()?.is_expanded = false;
        self.at += 1;
        Some(())
    }

    fn double(&mut self, pieces: &mut Vec<Piece>) -> Option<()> {
        self.at += 1;
        loop {
            let rest = self.rest();
            let end = rest.find(['"', '\\'])?;
            let text = rest.get(..end)?.to_owned();
            if end > 0 {
                self.push(pieces, text, end, true);
            }
            if self.peek() == Some('"') {
                self.at += 1;
                return Some(());
            }
            let next = self.rest().chars().nth(1)?;
            match next {
                '"' | '\\' | '$' | '`' => self.push(pieces, next.to_string(), 2, false),
                '\n' => self.at += 2,
                _ => {
                    // The backslash stays, for `printf`.
                    let text: String = iter::once('\\').chain([next]).collect();
                    let length = text.len();
                    self.push(pieces, text, length, true);
                }
            }
        }
    }
}
