//! Flags that a text spells as fields: `audit-log-path: /a`, `"audit-log-path" = "/a"`, and `name:` followed by `value:`.

use crate::flag_names::is_flag_name;
use crate::lexer::ShellWord;

/// Maximum number of lines between a flag's name and its value.
const MAX_DISTANCE: usize = 3;

/// Signs between a field and its value, where they are words of their own.
const SIGNS: [&str; 2] = ["=", ":"];

/// Replaces the words of fields by flags.
pub(crate) fn join(words: Vec<ShellWord>) -> Vec<ShellWord> {
    let mut out = Vec::with_capacity(words.len());
    let mut at = 0;
    while let Some(word) = words.get(at) {
        let rest = words.get(at..).unwrap_or_default();
        match flag(rest) {
            Some((text, length)) => {
                // The value may be on a line of its own.
                let last = words.get(at + length - 1);
                let line = last.map_or(word.line, |last| last.line);
                out.push(ShellWord { text, line });
                at += length;
            }
            None => {
                out.push(word.clone());
                at += 1;
            }
        }
    }
    out
}

/// Returns the flag that words start with, and the number of its words.
fn flag(words: &[ShellWord]) -> Option<(String, usize)> {
    let (key, value, length) = field(words)?;
    if is_flag_name(key) {
        return Some((format!("--{key}={value}"), length));
    }
    let name = value.trim_start_matches('-');
    if key != "name" || !is_flag_name(name) {
        return None;
    }
    let after = words.get(length..)?;
    let is_near = after.first()?.line <= words.first()?.line + MAX_DISTANCE;
    let (key, value, second) = field(after).filter(|_| is_near)?;
    (key == "value").then(|| (format!("--{name}={value}"), length + second))
}

/// Returns the field and value that words start with, on one line, and the number of their words.
fn field(words: &[ShellWord]) -> Option<(&str, &str, usize)> {
    let first = words.first()?;
    let at = |index: usize| {
        let word = words.get(index).filter(|word| word.line == first.line);
        word.map(|word| word.text.as_str())
    };
    match first.text.strip_suffix(':') {
        Some(key) => Some((key, at(1)?, 2)),
        None if SIGNS.contains(&at(1)?) => Some((&first.text, at(2)?, 3)),
        None => None,
    }
}
