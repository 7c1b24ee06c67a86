//! Splits a line into words: of a shell, and of lists and maps in YAML, JSON, Terraform and other languages, which people paste as they are.
//!
//! Quotes and the punctuation around a word are never part of it, and brackets only in pairs: `["--a=b", …]` and `ARGS=(--a=b)` both contain the word
//! `--a=b`, and `$(DIR)/a` and `@server[0]` stay whole.
//!
//! Three other modules split words, because they must not be as lenient: `shell_script/tokens.rs` follows a shell to the letter and ends at what it
//! cannot follow, since its words are changed in their places; `recognize/printed/reader.rs` keeps the place of each piece of a word, since a policy
//! may be in it; and `inventory.rs` splits the lines of hosts as Python does, where `#` begins a comment also inside a word.

use apiserver_config::leading_placeholder;

use crate::flag_names::is_flag_name;

/// One word and the line that it ends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ShellWord {
    pub(crate) text: String,
    pub(crate) line: usize,
}

impl ShellWord {
    /// Returns the name of the audit flag that the word is, as the server reads it. `None` for another word.
    pub(crate) fn flag_name(&self) -> Option<String> {
        let bare = self.text.strip_prefix("--")?;
        let name = bare.split('=').next()?.replace('_', "-");
        name.starts_with("audit-").then_some(name)
    }
}

/// Maximum length of an expression of a template.
const MAX_EXPRESSION: usize = 1 << 10;

/// A line, or several that continue each other, while it is split.
pub(crate) struct Lexer<'t> {
    text: &'t str,
    at: usize,
    line: usize,
    /// `true` if quoted text has the escapes of YAML and JSON.
    pub(crate) is_data: bool,
    /// `true` if a value without quotes is an expression.
    pub(crate) is_terraform: bool,
    /// Lines with look-alike characters, each once.
    pub(crate) lookalikes: Vec<usize>,
    /// The last quote that is not closed, and whether nothing comes after it.
    pub(crate) open_quote: Option<(char, bool)>,
    pub(crate) words: Vec<ShellWord>,
    word: Option<ShellWord>,
    /// Brackets that are open within the word, with their places in it.
    brackets: Vec<(char, usize)>,
    /// Number of brackets that are open around the word.
    depth: usize,
    /// `true` if the last character closed a quote.
    is_after_quote: bool,
}

impl<'t> Lexer<'t> {
    pub(crate) const fn new(text: &'t str, line: usize) -> Self {
        Self {
            text,
            at: 0,
            line,
            is_data: false,
            is_terraform: false,
            lookalikes: Vec::new(),
            open_quote: None,
            words: Vec::new(),
            word: None,
            brackets: Vec::new(),
            depth: 0,
            is_after_quote: false,
        }
    }

    /// Splits the whole text.
    pub(crate) fn lex(&mut self) {
        while let Some(character) = self.peek() {
            self.step(character);
        }
        self.end();
    }

    /// Reads the text as one word: an item of a YAML list without quotes, up to the end of the line or a comment, including spaces.
    pub(crate) fn lex_plain_item(&mut self) {
        self.text = self.text.split(" #").next().unwrap_or_default();
        while let Some(given) = self.peek() {
            self.at += given.len_utf8();
            if let Some(character) = self.typed(given) {
                self.push(character);
            }
        }
        if let Some(word) = &mut self.word {
            word.text = word.text.trim().to_owned();
        }
        self.end();
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// Returns the character after the next one.
    fn peek_second(&self) -> Option<char> {
        self.rest().chars().nth(1)
    }

    fn word(&mut self) -> &mut String {
        let line = self.line;
        let word = self.word.get_or_insert_with(|| ShellWord {
            text: String::new(),
            line,
        });
        &mut word.text
    }

    fn push(&mut self, character: char) {
        self.word().push(character);
    }

    /// Ends the word. Some editors replace two dashes by one long dash.
    fn end(&mut self) {
        // A bracket that is not closed is not part of the word.
        let open = self.brackets.first().map(|(_, at)| *at);
        self.brackets.clear();
        if let Some(mut word) = self.word.take() {
            word.text.truncate(open.unwrap_or(word.text.len()));
            word.line = self.line;
            if self.lookalikes.last() == Some(&word.line) && word.text.starts_with("-audit-") {
                word.text.insert(0, '-');
            }
            self.words.push(word);
        }
    }

    /// Returns a character outside of quotes, or the one that it looks like. `None` if it is invisible.
    fn typed(&mut self, character: char) -> Option<char> {
        let is_at_start = self
            .word
            .as_ref()
            .is_none_or(|word| word.text.is_empty() || word.text == "-");
        let read = match character {
            '\u{a0}' | '\u{2007}' | '\u{202f}' | '\u{3000}' => Some(' '),
            '\u{200b}' | '\u{2060}' | '\u{feff}' => None,
            '\u{2010}'..='\u{2015}' | '\u{2212}' if is_at_start => Some('-'),
            '\u{2018}' | '\u{2019}' => Some('\''),
            '\u{201c}' | '\u{201d}' => Some('"'),
            _ => return Some(character),
        };
        if self.lookalikes.last() != Some(&self.line) {
            self.lookalikes.push(self.line);
        }
        read
    }

    fn step(&mut self, given: char) {
        let is_after_quote = std::mem::take(&mut self.is_after_quote);
        if self.word.is_none() && self.is_comment() {
            self.at = self.text.len();
            return;
        }
        if self.value() {
            return;
        }
        if let Some(length) = self.expression() {
            let source = self.rest().get(..length).unwrap_or_default();
            self.word().push_str(source);
            self.at += length;
            // A tag of XML in front of a flag.
            if given == '<' && self.rest().starts_with("--") {
                self.end();
            }
            return;
        }
        let next = self.peek_second();
        self.at += given.len_utf8();
        let Some(character) = self.typed(given) else {
            return;
        };
        match character {
            '\n' => {
                self.end();
                self.line += 1;
            }
            ';' | '&' | '|' | '<' | '>' => self.end(),
            _ if character.is_whitespace() => self.end(),
            '"' | '\'' => self.quoted(character, given == character),
            '`' if self.word.is_none() && next == Some('-') => {
                self.quoted('`', true);
                self.end();
            }
            '$' if next == Some('\'') => {
                self.at += 1;
                self.escaped('\'');
            }
            '\\' => {
                self.at += next.map_or(0, char::len_utf8);
                self.word().extend(next);
            }
            '[' | '{' | '(' => self.opened(character, next),
            ']' | '}' | ')' => self.closed(character),
            ',' if self.ends_at_comma(is_after_quote, next) => self.end(),
            ':' if is_after_quote && self.is_key() => {
                self.push(':');
                self.end();
            }
            '=' if is_after_quote && self.is_key() => {
                self.end();
                self.push('=');
                self.end();
            }
            _ => self.push(character),
        }
    }

    /// Returns whether the rest is a comment, or the sign of a block of text in YAML.
    fn is_comment(&self) -> bool {
        let rest = self.rest();
        let is_block = || {
            let mut signs = rest.chars().skip(1);
            let end = signs.find(|c| !matches!(c, '+' | '-' | '0'..='9'));
            let is_after_field = |word: &ShellWord| word.text.ends_with(':');
            end.is_none_or(char::is_whitespace) && self.words.last().is_some_and(is_after_field)
        };
        match rest.chars().next() {
            Some('#') => !rest.starts_with("#{"),
            Some('/') => rest.starts_with("// "),
            Some('|' | '>') => is_block(),
            _ => false,
        }
    }

    /// Returns the length of an expression of a shell, a template or Terraform that starts here.
    fn expression(&self) -> Option<usize> {
        let rest = self.rest();
        if !rest.starts_with(['$', '%', '{', '<', '@', '(', '#', '`']) {
            return None;
        }
        let near = rest.get(..rest.floor_char_boundary(MAX_EXPRESSION))?;
        let near = near.split('\n').next()?;
        if near.starts_with("$(") || near.starts_with("${") {
            return balanced(near);
        }
        // The first of three braces is one of a map.
        let is_map = near.starts_with("{{{");
        let is_quote = near.starts_with("`-") && self.word.is_none();
        if is_map || is_quote {
            return None;
        }
        let is_nested = |found: &str| found.get(2..).is_some_and(|inner| inner.contains("{{"));
        let found = leading_placeholder(near).filter(|found| !is_nested(found));
        found.map(str::len)
    }

    /// Reads a value of Terraform that is not a literal. Returns whether there is one.
    fn value(&mut self) -> bool {
        let is_value = self.is_terraform
            && self.word.is_none()
            && self
                .peek()
                .is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
            && self.is_after_flag();
        if !is_value {
            return false;
        }
        let length = end_of_value(self.rest());
        let source = self.rest().get(..length).unwrap_or_default();
        self.at += length.max(1);
        let text = terraform_value(source);
        self.word().push_str(&text);
        self.end();
        true
    }

    /// Returns whether the words so far end with the name of a flag and the sign of a field.
    fn is_after_flag(&self) -> bool {
        let mut last = self.words.iter().rev().map(|word| word.text.as_str());
        match last.next() {
            Some("=" | ":") => last.next().is_some_and(is_flag_name),
            Some(word) => word.strip_suffix(':').is_some_and(is_flag_name),
            None => false,
        }
    }

    /// Returns whether the word is the name of a flag, or one of the fields with its name and value.
    fn is_key(&self) -> bool {
        self.word.as_ref().is_some_and(|word| {
            is_flag_name(&word.text) || matches!(word.text.as_str(), "name" | "value")
        })
    }

    /// Reads an opening bracket: one within a word belongs to the word.
    fn opened(&mut self, bracket: char, next: Option<char>) {
        let is_list = next.is_none_or(|next| next.is_whitespace() || "\"'`-".contains(next));
        if self.word.is_some() && !is_list {
            let at = self.word().len();
            self.brackets.push((bracket, at));
            return self.push(bracket);
        }
        self.end();
        self.depth += 1;
        self.is_data |= bracket != '(';
    }

    /// Reads a closing bracket, which ends the word if it was opened before it.
    fn closed(&mut self, bracket: char) {
        let opening = match bracket {
            ']' => '[',
            '}' => '{',
            _ => '(',
        };
        if self
            .brackets
            .last()
            .is_some_and(|(open, _)| *open == opening)
        {
            self.brackets.pop();
            return self.push(bracket);
        }
        self.end();
        self.depth = self.depth.saturating_sub(1);
    }

    /// Returns whether a comma ends the word, and is not part of a value such as `server:0,1`.
    fn ends_at_comma(&self, is_after_quote: bool, next: Option<char>) -> bool {
        let is_separator =
            |next: char| next.is_whitespace() || matches!(next, '"' | '\'' | '`' | ']' | '}' | ')');
        let after = self.rest();
        is_after_quote
            || next.is_none_or(is_separator)
            || (self.depth > 0 && self.brackets.is_empty())
            || after.starts_with("--")
            || after.starts_with("audit-")
    }

    fn quoted(&mut self, quote: char, is_plain: bool) {
        self.word();
        let start = self.at;
        self.is_after_quote = true;
        if quote == '"' && self.is_data && is_plain {
            return self.escaped('"');
        }
        let ends = |c: char| match quote {
            _ if is_plain => c == quote,
            '"' => matches!(c, '"' | '\u{201c}' | '\u{201d}'),
            _ => matches!(c, '\'' | '\u{2018}' | '\u{2019}'),
        };
        while let Some(character) = self.peek() {
            self.at += character.len_utf8();
            if ends(character) {
                // YAML writes one quote in single quotes as two.
                let is_doubled = quote == '\'' && self.is_data && self.peek() == Some('\'');
                if !is_doubled {
                    return;
                }
                self.at += 1;
                self.push('\'');
            } else if character == '\\'
                && quote == '"'
                && let Some(next) = self.peek().filter(|c| matches!(c, '"' | '\\' | '$' | '`'))
            {
                self.at += 1;
                self.push(next);
            } else {
                self.keep(character);
            }
        }
        self.unclosed(quote, start);
    }

    fn unclosed(&mut self, quote: char, start: usize) {
        let rest = self.text.get(start..).unwrap_or_default();
        self.open_quote = Some((quote, rest.trim().is_empty()));
    }

    /// Adds a quoted character; a line break becomes a space.
    fn keep(&mut self, character: char) {
        if character == '\n' {
            self.push(' ');
            self.line += 1;
        } else {
            self.push(character);
        }
    }

    /// Reads quoted text with backslash escapes.
    fn escaped(&mut self, quote: char) {
        self.word();
        let start = self.at;
        self.is_after_quote = true;
        while let Some(character) = self.peek() {
            self.at += character.len_utf8();
            if character == quote {
                return;
            }
            if character == '\\' {
                let escaped = self.escape();
                self.word().extend(escaped);
            } else {
                self.keep(character);
            }
        }
        self.unclosed(quote, start);
    }

    fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    /// Reads the escape sequence after a backslash.
    fn escape(&mut self) -> Option<char> {
        let digits = match self.next()? {
            'n' => return Some('\n'),
            'r' => return Some('\r'),
            't' => return Some('\t'),
            '0' => return Some('\0'),
            'x' => 2,
            'u' => 4,
            'U' => 8,
            other => return Some(other),
        };
        let mut code = 0_u32;
        for _ in 0..digits {
            let Some(digit) = self.peek().and_then(|c| c.to_digit(16)) else {
                break;
            };
            self.at += 1;
            code = code.wrapping_mul(16).wrapping_add(digit);
        }
        char::from_u32(code)
    }
}

/// Returns the length of `$(…)` or `${…}`, with brackets of the same kind in it. `None` if it is not closed.
fn balanced(text: &str) -> Option<usize> {
    let (open, close) = match text.as_bytes().get(1)? {
        b'(' => ('(', ')'),
        _ => ('{', '}'),
    };
    // Most texts with many opening brackets have no closing one.
    text.find(close)?;
    let mut depth = 0_usize;
    for (at, character) in text.char_indices() {
        if character == open {
            depth += 1;
        } else if character == close {
            depth = depth.saturating_sub(1);
            if depth == 0 {
                return Some(at + 1);
            }
        }
    }
    None
}

/// Returns a value of Terraform as the text of a variable: `${…}` if it is more than a reference. Numbers and `true` stay as they are.
fn terraform_value(expression: &str) -> String {
    let is_of_reference = |c: char| c.is_ascii_alphanumeric() || "._-[]".contains(c);
    if matches!(expression, "true" | "false") {
        expression.to_owned()
    } else if !expression.is_empty() && expression.chars().all(is_of_reference) {
        format!("${{{expression}}}")
    } else {
        "${…}".to_owned()
    }
}

/// Returns the length of an expression of Terraform: up to a comma, a closing bracket or the end of the line.
fn end_of_value(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut quote = false;
    for (at, character) in text.char_indices() {
        match character {
            '"' => quote = !quote,
            '\n' => return at,
            _ if quote => {}
            '(' | '[' | '{' => depth += 1,
            ',' | ')' | ']' | '}' | '#' if depth == 0 => {
                return text.get(..at).map_or(at, |text| text.trim_end().len());
            }
            ')' | ']' | '}' => depth -= 1,
            _ => {}
        }
    }
    text.trim_end().len()
}
