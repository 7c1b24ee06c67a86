//! Flags in lines of a text that is not a document: commands, units, fragments.

use crate::input_format::InputFormat;
use crate::parsed_input::ParsedInput;
use crate::shell_words;

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
    let mut found = ParsedInput::new(InputFormat::Unknown);
    let mut findings = Vec::new();
    let mut read = shell_words::split(source, &mut findings);
    field_flags(source, &mut read);
    let is_flag = |word: &shell_words::ShellWord| {
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

/// Returns whether a field can be a flag of the server. Others, such as `audit-policy.yaml`, are keys of a ConfigMap or names of volumes.
fn is_flag_name(field: &str) -> bool {
    const STARTS: [&str; 4] = [
        "audit-log-",
        "audit-policy-file",
        "audit-webhook-",
        "audit-dynamic-",
    ];
    !field.contains('.') && STARTS.iter().any(|start| field.starts_with(start))
}

/// Reads flags written as fields: `audit-log-path: /a`, and `name:` followed by `value:`.
fn field_flags(text: &str, read: &mut Vec<shell_words::ShellWord>) {
    let mut name: Option<&str> = None;
    for (index, line) in text.lines().enumerate() {
        let line = line.trim().trim_start_matches("- ");
        let Some((key, value)) = line.split_once(": ") else {
            name = None;
            continue;
        };
        let trim = |text: &'_ str| text.trim().trim_matches(['"', '\'']).to_owned();
        let key = key.trim().trim_matches(['"', '\'']);
        let value = value.split(" #").next().unwrap_or_default();
        let flag = match (key, name.take()) {
            ("value", Some(name)) => name,
            _ => key,
        };
        if key == "name" && value.trim().trim_matches(['"', '\'']).starts_with("audit-") {
            name = Some(value.trim().trim_matches(['"', '\'']));
        } else if is_flag_name(flag)
            && (value.trim_start().starts_with("{{")
                || !value.trim_start().starts_with(['{', '[', '|', '>']))
        {
            read.push(shell_words::ShellWord {
                text: format!("--{flag}={}", trim(value)),
                line: index + 1,
            });
        }
    }
}
