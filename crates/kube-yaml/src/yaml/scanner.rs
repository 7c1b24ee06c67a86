//! Scanner, like that of go-yaml v2: derives block structure from indentation, and recognizes keys by the `:` that follows.

use std::collections::{HashMap, VecDeque};

use super::cursor::{Cursor, END, Mark, is_blank_or_end, is_break};
use super::token::{Token, TokenKind, YamlError};
use crate::text::Text;

/// Maximum nesting of flow collections or blocks.
const MAX_DEPTH: usize = 10_000;
/// Maximum number of characters between the start of a key without `?` and its `:`.
const MAX_KEY: usize = 1024;

/// A possible key, if a `:` follows.
#[derive(Debug, Clone, Copy, Default)]
struct SimpleKey {
    possible: bool,
    /// True if only a key is allowed here.
    required: bool,
    /// Number of its token.
    token: usize,
    mark: Mark,
}

/// Tokens of a text.
#[derive(Debug)]
pub(crate) struct Scanner<'a> {
    pub(crate) cursor: Cursor<'a>,
    tokens: VecDeque<Token>,
    /// Number of tokens removed from the queue.
    taken: usize,
    ended: bool,
    /// Column of the innermost block; -1 outside of blocks.
    indent: isize,
    indents: Vec<isize>,
    pub(crate) flow_level: usize,
    pub(crate) simple_key_allowed: bool,
    /// Possible key of each flow level.
    simple_keys: Vec<SimpleKey>,
    /// Flow levels of possible keys, by token.
    levels: HashMap<usize, usize>,
}

pub(crate) type Outcome<T> = Result<T, YamlError>;

impl<'a> Scanner<'a> {
    pub(crate) fn new(text: &'a Text) -> Self {
        Self {
            cursor: Cursor::new(text),
            tokens: VecDeque::new(),
            taken: 0,
            ended: false,
            indent: -1,
            indents: Vec::new(),
            flow_level: 0,
            simple_key_allowed: true,
            simple_keys: vec![SimpleKey::default()],
            levels: HashMap::new(),
        }
    }

    /// Returns the next token without removing it.
    pub(crate) fn peek(&mut self) -> Outcome<&Token> {
        loop {
            let settled = match self.tokens.front() {
                Some(_) => !self.head_may_be_key()?,
                None => false,
            };
            if settled || self.ended {
                break;
            }
            self.fetch()?;
        }
        self.tokens
            .front()
            .ok_or_else(|| self.failure("did not find expected token", self.cursor.mark))
    }

    /// Removes the next token.
    pub(crate) fn take(&mut self) -> Outcome<Token> {
        self.peek()?;
        self.taken += 1;
        self.tokens
            .pop_front()
            .ok_or_else(|| self.failure("did not find expected token", self.cursor.mark))
    }

    /// Returns true if a key token may still be inserted before the first token.
    fn head_may_be_key(&mut self) -> Outcome<bool> {
        match self.levels.get(&self.taken).copied() {
            Some(level) => self.is_key_valid(level),
            None => Ok(false),
        }
    }

    /// Drops possible keys that are on another line or too long.
    fn is_key_valid(&mut self, level: usize) -> Outcome<bool> {
        let here = self.cursor.mark;
        let Some(key) = self.simple_keys.get_mut(level).filter(|key| key.possible) else {
            return Ok(false);
        };
        if key.mark.line < here.line || key.mark.index + MAX_KEY < here.index {
            if key.required {
                let start = key.mark;
                return Err(self.failure("could not find expected ':'", start));
            }
            key.possible = false;
            return Ok(false);
        }
        Ok(true)
    }

    pub(crate) const fn failure(&self, problem: &'static str, context: Mark) -> YamlError {
        YamlError {
            problem,
            at: self.cursor.mark,
            context,
            by_scanner: true,
        }
    }

    pub(crate) fn push(&mut self, kind: TokenKind, start: Mark, end: Mark) {
        self.tokens.push_back(Token { kind, start, end });
    }

    /// Returns the minimum column of the next line of the innermost block.
    pub(crate) fn inner_indent(&self) -> usize {
        usize::try_from(self.indent + 1).unwrap_or(0)
    }

    /// Scans the next token.
    fn fetch(&mut self) -> Outcome<()> {
        self.skip_to_token();
        self.unroll(self.column());
        // go-yaml looks ahead this far before it decides.
        self.cursor.at(3);
        let here = self.cursor.mark;
        match self.cursor.peek() {
            END => self.fetch_stream_end(),
            '%' if here.column == 0 => self.fetch_directive(),
            '-' if self.cursor.is_document_marker('-') => {
                self.fetch_document(TokenKind::DocumentStart)
            }
            '.' if self.cursor.is_document_marker('.') => {
                self.fetch_document(TokenKind::DocumentEnd)
            }
            '[' => self.fetch_flow_start(TokenKind::FlowListStart),
            '{' => self.fetch_flow_start(TokenKind::FlowMapStart),
            ']' => self.fetch_flow_end(TokenKind::FlowListEnd),
            '}' => self.fetch_flow_end(TokenKind::FlowMapEnd),
            ',' => self.fetch_flow_entry(),
            '-' if is_blank_or_end(self.cursor.at(1)) => self.fetch_block_entry(),
            '?' if self.flow_level > 0 || is_blank_or_end(self.cursor.at(1)) => self.fetch_key(),
            ':' if self.flow_level > 0 || is_blank_or_end(self.cursor.at(1)) => self.fetch_value(),
            '*' => self.fetch_anchor(true),
            '&' => self.fetch_anchor(false),
            '!' => self.fetch_tag(),
            '|' if self.flow_level == 0 => self.fetch_block_scalar(true),
            '>' if self.flow_level == 0 => self.fetch_block_scalar(false),
            '\'' => self.fetch_quoted(true),
            '"' => self.fetch_quoted(false),
            '-' | '?' | ':' => self.fetch_plain(),
            '\t' | '|' | '>' | '%' | '@' | '`' | '#' => {
                Err(self.failure("found character that cannot start any token", here))
            }
            _ => self.fetch_plain(),
        }
    }

    fn column(&self) -> isize {
        isize::try_from(self.cursor.mark.column).unwrap_or(isize::MAX)
    }

    /// Skips white space and comments. Tabs are not skipped where indentation matters.
    fn skip_to_token(&mut self) {
        loop {
            self.cursor.skip_mark();
            let tabs = self.flow_level > 0 || !self.simple_key_allowed;
            loop {
                match self.cursor.peek() {
                    ' ' => self.cursor.skip(),
                    '\t' if tabs => self.cursor.skip(),
                    _ => break,
                }
            }
            self.cursor.skip_comment();
            if !is_break(self.cursor.peek()) {
                return;
            }
            self.cursor.skip_line();
            if self.flow_level == 0 {
                self.simple_key_allowed = true;
            }
        }
    }

    /// Records that a key may start here.
    fn save_key(&mut self) -> Outcome<()> {
        if !self.simple_key_allowed {
            return Ok(());
        }
        self.remove_key()?;
        let key = SimpleKey {
            possible: true,
            required: self.flow_level == 0 && self.indent == self.column(),
            token: self.taken + self.tokens.len(),
            mark: self.cursor.mark,
        };
        let level = self.simple_keys.len().saturating_sub(1);
        if let Some(last) = self.simple_keys.last_mut() {
            *last = key;
        }
        self.levels.insert(key.token, level);
        Ok(())
    }

    /// Drops the possible key of this level.
    fn remove_key(&mut self) -> Outcome<()> {
        let Some(key) = self.simple_keys.last_mut().filter(|key| key.possible) else {
            return Ok(());
        };
        if key.required {
            let start = key.mark;
            return Err(self.failure("could not find expected ':'", start));
        }
        key.possible = false;
        self.levels.remove(&key.token);
        Ok(())
    }

    /// Opens a block if the column is greater than that of the innermost block. Adds its token at the end of the queue or before a key.
    fn roll(
        &mut self,
        column: isize,
        before: Option<usize>,
        kind: TokenKind,
        mark: Mark,
    ) -> Outcome<()> {
        if self.flow_level > 0 || self.indent >= column {
            return Ok(());
        }
        self.indents.push(self.indent);
        self.indent = column;
        if self.indents.len() > MAX_DEPTH {
            return Err(self.failure("exceeded max depth of 10000", mark));
        }
        let token = Token {
            kind,
            start: mark,
            end: mark,
        };
        match before {
            Some(count) => self.insert(count, token),
            None => self.tokens.push_back(token),
        }
        Ok(())
    }

    fn insert(&mut self, count: usize, token: Token) {
        let place = count.saturating_sub(self.taken).min(self.tokens.len());
        self.tokens.insert(place, token);
    }

    /// Closes blocks with a greater column.
    fn unroll(&mut self, column: isize) {
        if self.flow_level > 0 {
            return;
        }
        let here = self.cursor.mark;
        while self.indent > column {
            self.push(TokenKind::BlockEnd, here, here);
            self.indent = self.indents.pop().unwrap_or(-1);
        }
    }

    fn fetch_stream_end(&mut self) -> Outcome<()> {
        if self.cursor.mark.column != 0 {
            self.cursor.mark.column = 0;
            self.cursor.mark.line += 1;
        }
        self.leave_document()?;
        let here = self.cursor.mark;
        self.push(TokenKind::StreamEnd, here, here);
        self.ended = true;
        Ok(())
    }

    fn leave_document(&mut self) -> Outcome<()> {
        self.unroll(-1);
        self.remove_key()?;
        self.simple_key_allowed = false;
        Ok(())
    }

    fn fetch_directive(&mut self) -> Outcome<()> {
        self.leave_document()?;
        self.scan_directive()
    }

    /// Scans a token of the given number of characters.
    fn fetch_marks(&mut self, kind: TokenKind, count: usize) {
        let start = self.cursor.mark;
        for _ in 0..count {
            self.cursor.skip();
        }
        let end = self.cursor.mark;
        self.push(kind, start, end);
    }

    fn fetch_document(&mut self, kind: TokenKind) -> Outcome<()> {
        self.leave_document()?;
        self.fetch_marks(kind, 3);
        Ok(())
    }

    fn fetch_flow_start(&mut self, kind: TokenKind) -> Outcome<()> {
        self.save_key()?;
        let here = self.cursor.mark;
        self.simple_keys.push(SimpleKey {
            token: self.taken + self.tokens.len(),
            mark: here,
            ..SimpleKey::default()
        });
        self.flow_level += 1;
        if self.flow_level > MAX_DEPTH {
            return Err(self.failure("exceeded max depth of 10000", here));
        }
        self.simple_key_allowed = true;
        self.fetch_marks(kind, 1);
        Ok(())
    }

    fn fetch_flow_end(&mut self, kind: TokenKind) -> Outcome<()> {
        self.remove_key()?;
        if self.flow_level > 0 {
            self.flow_level -= 1;
            if let Some(key) = self.simple_keys.pop() {
                self.levels.remove(&key.token);
            }
        }
        self.simple_key_allowed = false;
        self.fetch_marks(kind, 1);
        Ok(())
    }

    fn fetch_flow_entry(&mut self) -> Outcome<()> {
        self.remove_key()?;
        self.simple_key_allowed = true;
        self.fetch_marks(TokenKind::FlowEntry, 1);
        Ok(())
    }

    /// Checks that a block entry starts where a key is allowed.
    fn open_block(&mut self, kind: TokenKind, problem: &'static str) -> Outcome<()> {
        if self.flow_level > 0 {
            return Ok(());
        }
        let here = self.cursor.mark;
        if !self.simple_key_allowed {
            return Err(self.failure(problem, here));
        }
        self.roll(self.column(), None, kind, here)
    }

    fn fetch_block_entry(&mut self) -> Outcome<()> {
        self.open_block(
            TokenKind::BlockListStart,
            "block sequence entries are not allowed in this context",
        )?;
        self.remove_key()?;
        self.simple_key_allowed = true;
        self.fetch_marks(TokenKind::BlockEntry, 1);
        Ok(())
    }

    fn fetch_key(&mut self) -> Outcome<()> {
        self.open_block(
            TokenKind::BlockMapStart,
            "mapping keys are not allowed in this context",
        )?;
        self.remove_key()?;
        self.simple_key_allowed = self.flow_level == 0;
        self.fetch_marks(TokenKind::Key, 1);
        Ok(())
    }

    fn fetch_value(&mut self) -> Outcome<()> {
        let level = self.simple_keys.len().saturating_sub(1);
        let is_valid = self.is_key_valid(level)?;
        match self.simple_keys.get(level).copied() {
            Some(key) if is_valid => {
                let token = Token {
                    kind: TokenKind::Key,
                    start: key.mark,
                    end: key.mark,
                };
                self.insert(key.token, token);
                let column = isize::try_from(key.mark.column).unwrap_or(isize::MAX);
                self.roll(column, Some(key.token), TokenKind::BlockMapStart, key.mark)?;
                if let Some(key) = self.simple_keys.get_mut(level) {
                    key.possible = false;
                }
                self.levels.remove(&key.token);
                self.simple_key_allowed = false;
            }
            _ => {
                self.open_block(
                    TokenKind::BlockMapStart,
                    "mapping values are not allowed in this context",
                )?;
                self.simple_key_allowed = self.flow_level == 0;
            }
        }
        self.fetch_marks(TokenKind::Value, 1);
        Ok(())
    }

    fn fetch_anchor(&mut self, is_alias: bool) -> Outcome<()> {
        self.save_key()?;
        self.simple_key_allowed = false;
        self.scan_anchor(is_alias)
    }

    fn fetch_tag(&mut self) -> Outcome<()> {
        self.save_key()?;
        self.simple_key_allowed = false;
        self.scan_tag()
    }

    fn fetch_block_scalar(&mut self, literal: bool) -> Outcome<()> {
        self.remove_key()?;
        self.simple_key_allowed = true;
        self.scan_block_scalar(literal)
    }

    fn fetch_quoted(&mut self, single: bool) -> Outcome<()> {
        self.save_key()?;
        self.simple_key_allowed = false;
        self.scan_quoted(single)
    }

    fn fetch_plain(&mut self) -> Outcome<()> {
        self.save_key()?;
        self.simple_key_allowed = false;
        self.scan_plain()
    }
}
