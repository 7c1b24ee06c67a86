//! Characters that word processors, web pages and chats write instead of those of YAML.
//!
//! A comment keeps its characters: none of them has a meaning there.

use crate::lines::{Counted, Line};
use crate::types::{Change, ChangeKind};

/// Counts of replaced and removed characters.
#[derive(Debug, Default)]
struct Counts {
    spaces: Counted,
    hidden: Counted,
    quotes: Counted,
    dashes: Counted,
    tabs: Counted,
}

/// Replaces characters. In a text that the server accepts, only those are replaced that cannot be a part of a name.
pub(crate) fn replace(lines: &mut [Line], is_accepted: bool) -> Vec<Change> {
    let has_special_indent = lines.iter().any(|line| {
        line.text
            .trim_start_matches([' ', '\t'])
            .starts_with(is_space)
    });
    let mut counts = Counts::default();
    for line in lines.iter_mut() {
        if line.end == "\u{b}" {
            line.end = "\n";
            counts.hidden.add(line.number, 1);
        }
        // Most lines need no second look.
        let is_plain = |byte: u8| byte.is_ascii() && byte != b'\t' && !byte.is_ascii_control();
        if line.text.bytes().all(is_plain) {
            continue;
        }
        let mut scan = LineScan::new(&line.text, is_accepted, has_special_indent);
        scan.run();
        if scan.out != line.text {
            counts.spaces.add(line.number, scan.spaces);
            counts.hidden.add(line.number, scan.hidden);
            counts.quotes.add(line.number, scan.quotes);
            counts.dashes.add(line.number, scan.dashes);
            counts.tabs.add(line.number, scan.tabs);
            line.text = scan.out;
        }
    }
    counts.changes()
}

impl Counts {
    fn changes(&self) -> Vec<Change> {
        let changes = [
            self.spaces.change(ChangeKind::Spaces, |count, s| {
                format!("replace {count} no-break or other special space{s} with ordinary spaces")
            }),
            self.hidden
                .change(ChangeKind::HiddenCharacters, |count, s| {
                    format!("remove {count} invisible character{s}")
                }),
            self.quotes.change(ChangeKind::Quotes, |count, s| {
                format!("replace {count} typographic quote{s} with straight quotes")
            }),
            self.dashes.change(ChangeKind::Dashes, |count, s| {
                let es = if s.is_empty() { "" } else { "es" };
                format!("replace {count} typographic dash{es} with `-`")
            }),
            self.tabs.change(ChangeKind::Tabs, |count, s| {
                format!("replace {count} tab{s} with spaces")
            }),
        ];
        changes.into_iter().flatten().collect()
    }
}

/// Returns `true` for a space that YAML does not take for one.
pub(crate) const fn is_space(character: char) -> bool {
    matches!(
        character,
        '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}'
    )
}

/// Returns `true` for an invisible character that has no meaning in a policy.
const fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{2069}' | '\u{feff}'
    )
}

/// Returns `true` for a control character, which YAML does not allow even in a comment.
const fn is_control(character: char) -> bool {
    matches!(character, '\0'..='\u{8}' | '\u{b}'..='\u{1f}' | '\u{7f}'..='\u{84}' | '\u{86}'..='\u{9f}')
}

/// Returns `true` for a dash or hyphen that is not that of ASCII.
pub(crate) const fn is_dash(character: char) -> bool {
    matches!(
        character,
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}'
    )
}

/// Returns `true` for a sign before an item of a list on a slide.
const fn is_bullet(character: char) -> bool {
    matches!(
        character,
        '*' | '•' | '◦' | '▪' | '‣' | '·' | '●' | '○' | '■' | '\u{f0b7}'
    )
}

/// Straight quote that a character stands for. `None` for no quote.
const fn straight(character: char) -> Option<char> {
    match character {
        '"' | '“' | '”' | '„' | '‟' | '«' | '»' | '″' | '＂' => Some('"'),
        '\'' | '‘' | '’' | '‚' | '‛' | '′' | '＇' => Some('\''),
        _ => None,
    }
}

/// Scan of one line.
struct LineScan<'t> {
    text: &'t str,
    at: usize,
    out: String,
    is_accepted: bool,
    has_special_indent: bool,
    /// `true` while there are only spaces.
    is_indent: bool,
    /// Quotes without an end on this line, so that none is searched for again.
    is_open: [bool; 2],
    spaces: usize,
    hidden: usize,
    quotes: usize,
    dashes: usize,
    tabs: usize,
}

impl<'t> LineScan<'t> {
    fn new(text: &'t str, is_accepted: bool, has_special_indent: bool) -> Self {
        Self {
            text,
            at: 0,
            out: String::with_capacity(text.len()),
            is_accepted,
            has_special_indent,
            is_indent: true,
            is_open: [false; 2],
            spaces: 0,
            hidden: 0,
            quotes: 0,
            dashes: 0,
            tabs: 0,
        }
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn run(&mut self) {
        while let Some(character) = self.rest().chars().next() {
            let before = self.out.chars().next_back();
            let is_start = before.is_none_or(|before| {
                before == ' ' || matches!(before, '[' | '{' | ',' | ':' | '\t')
            });
            if character == '#' && before.is_none_or(|before| matches!(before, ' ' | '\t')) {
                return self.comment();
            }
            if is_start && straight(character).is_some() && self.quoted(character) {
                self.is_indent = false;
                continue;
            }
            self.at += character.len_utf8();
            let after = self.rest().chars().next();
            self.character(character, before, after);
            self.is_indent &= self.out.ends_with(' ') || self.out.is_empty();
        }
    }

    /// Copies a comment without its control characters.
    fn comment(&mut self) {
        let comment = self.rest();
        let kept: String = comment
            .chars()
            .filter(|character| !is_control(*character))
            .collect();
        self.hidden += comment.chars().count() - kept.chars().count();
        self.out.push_str(&kept);
        self.at = self.text.len();
    }

    /// Reads a quoted text. Returns `false` if what is here does not begin one.
    fn quoted(&mut self, open: char) -> bool {
        let Some(quote) = straight(open) else {
            return false;
        };
        let slot = usize::from(quote == '"');
        if self.is_open.get(slot).copied().unwrap_or(true) {
            return false;
        }
        let start = self.at + open.len_utf8();
        let Some((end, close)) = self.end_of_quoted(start, open, quote) else {
            if let Some(is_open) = self.is_open.get_mut(slot) {
                *is_open = true;
            }
            return false;
        };
        let inner = self.text.get(start..end).unwrap_or_default();
        let typographic = [open, close].iter().filter(|sign| **sign != quote).count();
        let is_unsafe = inner.contains(quote) || (quote == '"' && inner.contains('\\'));
        let is_replaced = typographic > 0 && !is_unsafe;
        self.out.push(if is_replaced { quote } else { open });
        self.inner(inner);
        self.out.push(if is_replaced { quote } else { close });
        if is_replaced {
            self.quotes += typographic;
        }
        self.at = end + close.len_utf8();
        true
    }

    /// Returns the end of a quoted text and the sign there.
    fn end_of_quoted(&self, start: usize, open: char, quote: char) -> Option<(usize, char)> {
        let inner = self.text.get(start..)?;
        let mut is_escaped = false;
        let mut characters = inner.char_indices().peekable();
        while let Some((offset, character)) = characters.next() {
            if is_escaped {
                is_escaped = false;
            } else if open == '"' && character == '\\' {
                is_escaped = true;
            } else if straight(character) == Some(quote) {
                let next = characters.peek().map(|(_, next)| *next);
                // A straight quote that straight quotes began ends the text wherever it is.
                if open == quote && character == quote {
                    if quote == '\'' && next == Some('\'') {
                        characters.next();
                        continue;
                    }
                    return Some((start + offset, character));
                }
                let is_end = next.is_none_or(|next| {
                    next.is_whitespace()
                        || is_invisible(next)
                        || matches!(next, ',' | ']' | '}' | ':')
                });
                if is_end {
                    return Some((start + offset, character));
                }
            }
        }
        None
    }

    /// Copies the text between quotes.
    fn inner(&mut self, inner: &str) {
        let mut before = None;
        let mut characters = inner.chars().peekable();
        while let Some(character) = characters.next() {
            let after = characters.peek().copied();
            if is_space(character) && self.has_special_indent && !self.is_accepted {
                self.out.push(' ');
                self.spaces += 1;
            } else if is_control(character) || is_removed(character, before, after) {
                self.hidden += 1;
            } else if is_hyphen(character, before, after) {
                self.out.push('-');
                self.dashes += 1;
            } else {
                self.out.push(character);
            }
            before = Some(character);
        }
    }

    /// Copies or replaces a character outside quotes.
    fn character(&mut self, character: char, before: Option<char>, after: Option<char>) {
        let is_indent = self.is_indent;
        let is_before_space =
            after.is_some_and(|after| after.is_whitespace() || is_invisible(after));
        let is_inside_name =
            before.is_some_and(char::is_alphanumeric) && after.is_some_and(char::is_alphanumeric);
        if is_space(character) && !(self.is_accepted && is_inside_name) {
            self.out.push(' ');
            self.spaces += 1;
        } else if character == '\t' && !self.is_accepted {
            self.out.push_str(if is_indent { "  " } else { " " });
            self.tabs += 1;
        } else if is_control(character) || is_removed(character, before, after) {
            // The server skips a byte order mark at the start.
            if self.is_accepted && character == '\u{feff}' && self.out.is_empty() {
                self.out.push(character);
            } else {
                self.hidden += 1;
            }
        } else if (is_indent && is_before_space && (is_dash(character) || is_bullet(character)))
            || is_hyphen(character, before, after)
        {
            self.out.push('-');
            self.dashes += 1;
        } else {
            self.out.push(character);
        }
    }
}

/// Returns `true` for an invisible character that is not between letters of a script that needs it.
fn is_removed(character: char, before: Option<char>, after: Option<char>) -> bool {
    let is_ascii = |next: Option<char>| {
        next.is_none_or(|next| next.is_ascii() || is_invisible(next) || is_space(next))
    };
    is_invisible(character) && is_ascii(before) && is_ascii(after)
}

/// Returns `true` for a typographic dash inside a lowercase name, as in `kube–system`.
fn is_hyphen(character: char, before: Option<char>, after: Option<char>) -> bool {
    let is_name = |next: Option<char>| {
        next.is_some_and(|next| next.is_ascii_lowercase() || next.is_ascii_digit())
    };
    is_dash(character) && is_name(before) && is_name(after)
}
