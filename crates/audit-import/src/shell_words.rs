//! Splits a pasted text into shell words, or into the items of a YAML list.

use crate::codes::ImportCode;
use apiserver_config::SettingCode;
use std::iter::Peekable;
use std::str::Chars;

use audit_types::Severity;

use crate::finding::{LineFinding, finding};
use crate::program::is_assignment;

/// One word and the line that it starts on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ShellWord {
    pub(crate) text: String,
    pub(crate) line: usize,
}

/// Splits a text into words. A line that starts with `- ` is an item of a YAML list, `[` starts such a list in brackets; other lines are shell
/// commands, which continue after a backslash.
pub(crate) fn split(text: &str, findings: &mut Vec<LineFinding>) -> Vec<ShellWord> {
    let mut words = Vec::new();
    let mut lines = text.lines().enumerate().peekable();
    while let Some((index, line)) = lines.next() {
        let mut line = line.trim_end_matches('\r').to_owned();
        if let Some(list) = flow_list(&line) {
            line = list.to_owned();
        }
        let start = line.trim_start();
        let mut lexer = Lexer {
            line: index + 1,
            is_yaml: start.starts_with("- ") || start.starts_with(['[', '"']),
            lookalikes: Vec::new(),
            is_open: false,
            words: &mut words,
        };
        if let Some(item) = start
            .strip_prefix("- ")
            .filter(|item| !item.trim_start().starts_with(['"', '\'']))
        {
            lexer.plain_item(item);
        } else {
            while !lexer.is_yaml && line.ends_with('\\') && lines.peek().is_some() {
                line.pop();
                if let Some((_, next)) = lines.next() {
                    line.push('\n');
                    line.push_str(next.trim_end_matches('\r'));
                }
            }
            lexer.lex(line.trim_start().trim_start_matches("- "));
        }
        let (lookalikes, is_open) = (std::mem::take(&mut lexer.lookalikes), lexer.is_open);
        findings.extend(lookalikes.into_iter().map(lookalike));
        if is_open {
            findings.push(finding(
                ImportCode::UnclosedQuote,
                Severity::Warning,
                index + 1,
                "a quote is not closed before the end of the line",
                "the rest of the line is read as the value: close the quote",
            ));
        }
    }
    let mut unfolded = Vec::with_capacity(words.len());
    words
        .into_iter()
        .for_each(|word| unfold(word, &mut unfolded));
    unfolded
}

/// Returns the list of flags in brackets that a line of YAML has after a field.
fn flow_list(line: &str) -> Option<&str> {
    let (field, list) = line.split_once(": [")?;
    let is_field = !field
        .trim_start_matches([' ', '-'])
        .contains(char::is_whitespace);
    let first = list.trim_start().trim_start_matches(['"', '\'']);
    let start = field.len() + 2;
    line.get(start..)
        .filter(|_| is_field && first.starts_with("--"))
}

/// Returns the finding about characters that look like others.
pub(crate) fn lookalike(line: usize) -> LineFinding {
    finding(
        SettingCode::LookalikeCharacters,
        Severity::Warning,
        line,
        "this line contains a dash, space, quote or invisible character that only looks like the right one",
        "it is read here as the character that it resembles, but the server does not do so: type it again",
    )
}

/// Reads an unquoted scalar. Returns it with look-alike characters replaced, and whether there were none.
pub(crate) fn plain(text: &str) -> (String, bool) {
    let mut words = Vec::new();
    let mut lexer = Lexer {
        line: 1,
        is_yaml: true,
        lookalikes: Vec::new(),
        is_open: false,
        words: &mut words,
    };
    lexer.plain_item(text);
    let is_clean = lexer.lookalikes.is_empty();
    let word = words.pop().map(|word| word.text).unwrap_or_default();
    (word, is_clean)
}

/// Splits a word that contains words: `OPTIONS="--a=b --c=d"`, and flags whose value is a flag of the server: `--kube-apiserver-arg=a=b`, `--extra-config=apiserver.a=b`.
fn unfold(word: ShellWord, rest: &mut Vec<ShellWord>) {
    let ShellWord { text, line } = word;
    let is_only_flag = is_assignment(&text) && text.contains("=--");
    let has_inner = !text.starts_with('-')
        && text.contains("--")
        && (text.contains(char::is_whitespace) || is_only_flag);
    if has_inner {
        let inner = match text.split_once('=') {
            Some((name, inner)) if !name.contains(char::is_whitespace) => value_of(inner),
            _ => &text,
        };
        let mut inner_words = Vec::new();
        let mut lexer = Lexer {
            line,
            is_yaml: false,
            lookalikes: Vec::new(),
            is_open: false,
            words: &mut inner_words,
        };
        lexer.lex(inner);
        inner_words.into_iter().for_each(|word| joined(word, rest));
        return;
    }
    let is_assigned = text.split_once("=--").is_some_and(|(name, _)| {
        !name.is_empty() && name.chars().all(|c| c.is_ascii_uppercase() || c == '_')
    });
    let text = match text.split_once('=') {
        Some((_, inner)) if is_assigned => inner.to_owned(),
        _ => text,
    };
    joined(ShellWord { text, line }, rest);
}

/// Adds a word; the value of a flag that carries a flag of the server is added as that flag.
fn joined(word: ShellWord, rest: &mut Vec<ShellWord>) {
    const CARRIERS: [&str; 2] = ["--kube-apiserver-arg", "--extra-config"];
    let before = rest.last().map(|word| word.text.as_str());
    if !before.is_some_and(|before| CARRIERS.contains(&before)) {
        return carried(word, rest);
    }
    rest.pop();
    let text = word.text.trim_start_matches("apiserver.");
    let text = format!("--kube-apiserver-arg={text}");
    carried(ShellWord { text, ..word }, rest);
}

/// Returns the value of a variable in the value of another word, as systemd has it: `Environment="NAME=--a --b"`.
fn value_of(inner: &str) -> &str {
    match inner.split_once('=') {
        Some((_, value)) if value.starts_with("--") && is_assignment(inner) => value,
        _ => inner,
    }
}

/// Flags of k3d whose value is an argument of k3s: the second is of k3d 4.
const K3D: [&str; 2] = ["--k3s-arg=", "--k3s-server-arg="];

/// Adds a word; a flag whose value is a flag of the server is added as that flag.
fn carried(word: ShellWord, rest: &mut Vec<ShellWord>) {
    let of_k3d = K3D.iter().find_map(|prefix| word.text.strip_prefix(prefix));
    let given = of_k3d.unwrap_or(&word.text);
    let of = |prefix: &str| given.strip_prefix(prefix);
    let of_server = of("--kube-apiserver-arg=").map(without_nodes);
    let is_audit = |key: &&str| key.starts_with("audit-") || key.starts_with("Audit.");
    let inner = of_server
        .or_else(|| of("--extra-config=apiserver."))
        .or_else(|| of("apiserver.").filter(is_audit));
    let text = match inner.filter(|inner| inner.contains('=')) {
        Some(inner) => format!("--{}", inner.trim_start_matches('-')),
        None => word.text,
    };
    rest.push(ShellWord {
        text,
        line: word.line,
    });
}

/// Removes a node filter of k3d from the end of a value: `@server:*`, `@all`, `@server:0;agent:0,1`, and `@server[0]` of k3d 4.
pub(crate) fn without_nodes(value: &str) -> &str {
    const GROUPS: [&str; 7] = [
        "all",
        "server",
        "servers",
        "agent",
        "agents",
        "loadbalancer",
        "*",
    ];
    let is_filter = |filter: &str| {
        filter.split(';').all(|part| {
            let mut fields = part.split([':', '[', ']']);
            let group = fields.next().unwrap_or_default();
            let is_subset = |c: char| c.is_ascii_alphanumeric() || "*,-".contains(c);
            GROUPS.contains(&group) && fields.all(|field| field.chars().all(is_subset))
        })
    };
    match value.rsplit_once('@') {
        Some((value, filter)) if is_filter(filter) => value,
        _ => value,
    }
}

struct Lexer<'w> {
    line: usize,
    is_yaml: bool,
    /// Lines with look-alike characters, each once.
    lookalikes: Vec<usize>,
    is_open: bool,
    words: &'w mut Vec<ShellWord>,
}

impl Lexer<'_> {
    /// Adds a word. Some editors replace two dashes by one long dash.
    fn push(&mut self, mut text: String) {
        if self.lookalikes.last() == Some(&self.line) && text.starts_with("-audit-") {
            text.insert(0, '-');
        }
        self.words.push(ShellWord {
            text,
            line: self.line,
        });
    }

    /// Reads an item without quotes: up to the end of the line or a comment, including spaces.
    fn plain_item(&mut self, item: &str) {
        let mut text = String::new();
        for character in item.split(" #").next().unwrap_or_default().chars() {
            text.extend(self.plain(character, text.is_empty() || text == "-"));
        }
        self.push(text.trim().to_owned());
    }

    /// Returns a character outside of quotes, or the one that it looks like. `None` if it is invisible.
    fn plain(&mut self, character: char, at_start: bool) -> Option<char> {
        let read = match character {
            '\u{a0}' | '\u{2007}' | '\u{202f}' | '\u{3000}' => Some(' '),
            '\u{200b}' | '\u{2060}' | '\u{feff}' => None,
            '\u{2010}'..='\u{2015}' | '\u{2212}' if at_start => Some('-'),
            '\u{2018}' | '\u{2019}' => Some('\''),
            '\u{201c}' | '\u{201d}' => Some('"'),
            _ => return Some(character),
        };
        if self.lookalikes.last() != Some(&self.line) {
            self.lookalikes.push(self.line);
        }
        read
    }

    fn lex(&mut self, line: &str) {
        let mut rest = line.chars().peekable();
        let mut word: Option<String> = None;
        while let Some(given) = rest.next() {
            let at_start = word
                .as_ref()
                .is_none_or(|word| word.is_empty() || word == "-");
            let Some(character) = self.plain(given, at_start) else {
                continue;
            };
            match character {
                '#' if word.is_none() => break,
                '[' | ']' | ',' if self.is_yaml => self.end(&mut word),
                '\n' => {
                    self.end(&mut word);
                    self.line += 1;
                }
                _ if character.is_whitespace() => self.end(&mut word),
                '"' | '\'' => {
                    let is_plain = given == character;
                    self.quoted(character, is_plain, &mut rest, word.get_or_insert_default());
                }
                '$' if rest.peek() == Some(&'\'') => {
                    rest.next();
                    self.escaped('\'', &mut rest, word.get_or_insert_default());
                }
                '\\' => word.get_or_insert_default().extend(rest.next()),
                '{' if rest.peek() == Some(&'{') => {
                    variable(&mut rest, word.get_or_insert_default());
                }
                _ => word.get_or_insert_default().push(character),
            }
        }
        self.end(&mut word);
    }

    fn end(&mut self, word: &mut Option<String>) {
        if let Some(text) = word.take() {
            self.push(text);
        }
    }

    fn quoted(
        &mut self,
        quote: char,
        is_plain: bool,
        rest: &mut Peekable<Chars<'_>>,
        word: &mut String,
    ) {
        if quote == '"' && self.is_yaml && is_plain {
            return self.escaped('"', rest, word);
        }
        let ends = |c: char| match quote {
            _ if is_plain => c == quote,
            '"' => matches!(c, '"' | '\u{201c}' | '\u{201d}'),
            _ => matches!(c, '\'' | '\u{2018}' | '\u{2019}'),
        };
        while let Some(character) = rest.next() {
            if ends(character) {
                // YAML writes one quote in single quotes as two.
                let is_doubled = quote == '\'' && self.is_yaml && rest.peek() == Some(&'\'');
                if !is_doubled {
                    return;
                }
                rest.next();
                word.push('\'');
            } else if character == '\\'
                && quote == '"'
                && let Some(next) = rest.next_if(|next| matches!(next, '"' | '\\' | '$' | '`'))
            {
                word.push(next);
            } else {
                self.keep(character, word);
            }
        }
        self.is_open = true;
    }

    /// Adds a quoted character; a line break becomes a space.
    fn keep(&mut self, character: char, word: &mut String) {
        if character == '\n' {
            self.line += 1;
            word.push(' ');
        } else {
            word.push(character);
        }
    }

    /// Reads quoted text with backslash escapes.
    fn escaped(&mut self, quote: char, rest: &mut Peekable<Chars<'_>>, word: &mut String) {
        while let Some(character) = rest.next() {
            if character == quote {
                return;
            }
            if character == '\\' {
                word.extend(escape(rest));
            } else {
                self.keep(character, word);
            }
        }
        self.is_open = true;
    }
}

/// Reads the rest of `{{ variable }}` of a template, with its spaces, up to the end of the line.
fn variable(rest: &mut Peekable<Chars<'_>>, word: &mut String) {
    word.push('{');
    while let Some(character) = rest.next_if(|next| *next != '\n') {
        word.push(character);
        if word.ends_with("}}") {
            return;
        }
    }
}

/// Reads the escape sequence after a backslash.
fn escape(rest: &mut Peekable<Chars<'_>>) -> Option<char> {
    let digits = match rest.next()? {
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
        let Some(digit) = rest.peek().and_then(|c| c.to_digit(16)) else {
            break;
        };
        rest.next();
        code = code.wrapping_mul(16).wrapping_add(digit);
    }
    char::from_u32(code)
}

/// Returns the end word of the here-document that a line starts: `EOF` of `cat <<EOF`.
pub(crate) fn here_document_end(line: &str) -> Option<&str> {
    let (_, after) = line.split_once("<<")?;
    let after = after.trim_start_matches('-').trim_start();
    let after = after.trim_start_matches(['"', '\'', '\\']);
    let end = after
        .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .unwrap_or(after.len());
    after
        .get(..end)
        .filter(|word| !word.is_empty() && !line.starts_with('#'))
}
