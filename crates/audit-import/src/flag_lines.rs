//! Flags in lines of a text that is not a document: commands, units, fragments.

use audit_types::{Code, LineIndex};

use crate::branches;
use crate::codes::ImportCode;
use crate::fields;
use crate::finding::LineFinding;
use crate::flag_names::{self, is_flag_name};
use crate::input_format::InputFormat;
use crate::other_programs;
use crate::parsed_input::ParsedInput;
use crate::recognize::script_text::is_script;
use crate::shell_words::{self, Language, ShellWord};

/// Returns whether a line looks like a field of a manifest.
pub(crate) fn looks_like_yaml(text: &str) -> bool {
    let start = text.trim_start_matches('\u{feff}').trim_start();
    let is_list = |rest: &str| rest.trim_start().starts_with('{');
    start.starts_with('{')
        || start.strip_prefix('[').is_some_and(is_list)
        || text.lines().any(|line| {
            let line = line.trim_start().trim_start_matches("- ").trim_start();
            let line = line.trim_matches(is_other_space);
            line.split_once(':').is_some_and(|(key, after)| {
                let key = key.trim_matches(['"', '\'', '\u{201c}', '\u{201d}']);
                let is_key = key
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || "-_+.".contains(c));
                is_key
                    && !key.is_empty()
                    && (after.is_empty() || after.starts_with(char::is_whitespace))
            })
        })
}

/// Returns whether a character looks like a space but is not one to YAML.
pub(crate) const fn is_other_space(character: char) -> bool {
    matches!(
        character,
        '\u{a0}' | '\u{2000}'..='\u{200b}' | '\u{202f}' | '\u{205f}' | '\u{2060}' | '\u{3000}'
    )
}

/// Reads flags line by line. Lines are those of the source, from 1.
pub(crate) fn read(source: &str) -> ParsedInput {
    read_in(Language::Any, source)
}

/// Reads flags line by line, in a language.
pub(crate) fn read_in(language: Language, source: &str) -> ParsedInput {
    let mut found = ParsedInput::new(InputFormat::Unknown);
    let mut findings = Vec::new();
    let chosen = branches::choose(source);
    let own = other_programs::without(&chosen.text);
    let read = words(language, &own, &mut findings);
    let is_flag = |word: &ShellWord| {
        let text = word.text.as_str();
        let bare = text.trim_start_matches('-');
        bare.starts_with("audit-")
            || bare.starts_with("audit_")
            || text.starts_with("--Audit.")
            || (text.starts_with("--") && bare.starts_with(|c: char| c.is_ascii_lowercase()))
            || text.rsplit('/').next() == Some("kube-apiserver")
    };
    if !read.iter().any(is_flag) {
        return found;
    }
    found.format = InputFormat::Flags;
    if looks_like_yaml(source) {
        // Quotes and spaces on lines that are not about auditing are not reported.
        let own: Vec<&str> = source.lines().collect();
        findings.retain(|finding| {
            let line = own.get(finding.line - 1);
            line.is_some_and(|line| line.contains("audit"))
        });
    }
    // A quoted text may have several lines, unless it is the value of a flag.
    let lines = LineIndex::new(source);
    let is_unclosed = |finding: &LineFinding| finding.code == ImportCode::UnclosedQuote.id();
    if findings.iter().any(is_unclosed) && is_script(source) {
        findings.retain(|finding| {
            !is_unclosed(finding) || flag_names::is_named_in(lines.line_text(finding.line))
        });
    }
    let notes = chosen.notes.into_iter().map(|note| {
        let line = lines.position(note.span.start).line;
        note.at_line(line)
    });
    findings.extend(notes);
    found.words = read;
    found.findings = findings;
    found
}

/// Returns whether a text that is not a document sets audit flags.
pub(crate) fn has_audit_flags(source: &str) -> bool {
    read(source).words.iter().any(|word| {
        let bare = word.text.trim_start_matches('-').replace('_', "-");
        word.text.starts_with('-') && (bare.starts_with("audit-") || bare.starts_with("Audit."))
    })
}

/// Returns the words of a text, with flags in one spelling: fields, and items of lists whose program adds the dashes.
pub(crate) fn words(
    language: Language,
    text: &str,
    findings: &mut Vec<LineFinding>,
) -> Vec<ShellWord> {
    let words = shell_words::split_in(language, text, findings);
    let mut words = fields::join(words);
    // A pattern of a command that replaces the flag.
    let is_pattern =
        |word: &ShellWord| word.text.starts_with("--audit-") && word.text.contains(".*");
    words.retain(|word| !is_pattern(word));
    if text.contains("kube-apiserver-arg") {
        for word in &mut words {
            let name = word.text.split_once('=').map(|(name, _)| name);
            if name.is_some_and(is_flag_name) {
                word.text.insert_str(0, "--");
            }
        }
    }
    words
}
