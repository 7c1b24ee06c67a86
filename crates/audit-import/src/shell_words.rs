//! Splits a pasted text into words: of shell commands, and of lists and maps of other languages.

use apiserver_config::SettingCode;
use audit_types::Severity;

use crate::codes::ImportCode;
use crate::finding::{LineFinding, finding};
use crate::lexer::Lexer;
pub(crate) use crate::lexer::ShellWord;
use crate::unfold;

/// Language of a text, as far as its words depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    /// A shell, or a language of data.
    Any,
    /// Terraform, in which values without quotes are expressions.
    Terraform,
}

/// Splits a text into words. A line that starts with `- ` is an item of a YAML list; other lines are shell commands, which continue after a
/// backslash, or data.
pub(crate) fn split(text: &str, findings: &mut Vec<LineFinding>) -> Vec<ShellWord> {
    split_in(Language::Any, text, findings)
}

/// As [`split`], for a text in a language.
pub(crate) fn split_in(
    language: Language,
    text: &str,
    findings: &mut Vec<LineFinding>,
) -> Vec<ShellWord> {
    unfold::all(split_raw(language, text, findings))
}

/// As [`split_in`], without a look into words that contain others.
pub(crate) fn split_raw(
    language: Language,
    text: &str,
    findings: &mut Vec<LineFinding>,
) -> Vec<ShellWord> {
    let mut words = Vec::new();
    // A quote at the end of a line, which is closed on a later one.
    let mut block: Option<char> = None;
    let mut lines = text.lines().enumerate().peekable();
    while let Some((index, line)) = lines.next() {
        let mut line = line.trim_end_matches('\r').to_owned();
        let start = line.trim_start();
        if is_pattern(start) {
            continue;
        }
        let item = start.strip_prefix("- ");
        if let Some(item) = item.filter(|item| is_plain_item(item)) {
            let mut lexer = Lexer::new(item, index + 1);
            lexer.lex_plain_item();
            findings.extend(lexer.lookalikes.into_iter().map(lookalike));
            words.append(&mut lexer.words);
            continue;
        }
        let is_data = item.is_some() || start.starts_with(['[', '"']);
        while !is_data && line.ends_with('\\') && lines.peek().is_some() {
            line.pop();
            if let Some((_, next)) = lines.next() {
                line.push('\n');
                line.push_str(next.trim_end_matches('\r'));
            }
        }
        let mut lexer = Lexer::new(line.trim_start().trim_start_matches("- "), index + 1);
        lexer.is_data = is_data || language == Language::Terraform;
        lexer.is_terraform = language == Language::Terraform;
        lexer.lex();
        findings.extend(lexer.lookalikes.into_iter().map(lookalike));
        words.append(&mut lexer.words);
        match lexer.open_quote {
            Some((quote, _)) if block == Some(quote) => block = None,
            Some((quote, true)) => block = Some(quote),
            Some((_, false)) => findings.push(unclosed(index + 1)),
            None => {}
        }
    }
    words
}

/// Fields of Ansible with a pattern of lines that are replaced.
const PATTERNS: [&str; 6] = [
    "regexp",
    "regex",
    "search_string",
    "insertafter",
    "insertbefore",
    "marker",
];

/// Returns whether a line is the pattern of a replacement, of which a flag may be a part.
fn is_pattern(line: &str) -> bool {
    let field = line.trim_start_matches("- ");
    PATTERNS.iter().any(|name| {
        let rest = field.strip_prefix(name);
        rest.is_some_and(|rest| rest.starts_with([':', '=']))
    })
}

/// Returns whether the item of a YAML list is a text without quotes, and neither a list nor a field.
fn is_plain_item(item: &str) -> bool {
    let item = item.trim_start();
    let is_field = || {
        let field = item.split_once(": ");
        field.is_some_and(|(name, _)| !name.contains(|c: char| c.is_whitespace() || c == '='))
    };
    !item.starts_with(['"', '\'', '`', '[', '\u{201c}', '\u{2018}'])
        && (!item.starts_with('{') || item.starts_with("{{"))
        && !is_field()
}

fn unclosed(line: usize) -> LineFinding {
    finding(
        ImportCode::UnclosedQuote,
        Severity::Warning,
        line,
        "a quote is not closed before the end of the line",
        "the rest of the line is read as the value: close the quote",
    )
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
    let mut lexer = Lexer::new(text, 1);
    lexer.lex_plain_item();
    let is_clean = lexer.lookalikes.is_empty();
    let word = lexer.words.pop().map(|word| word.text);
    (word.unwrap_or_default(), is_clean)
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
