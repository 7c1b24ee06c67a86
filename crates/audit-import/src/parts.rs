//! A pasted text in parts: documents, blocks of Markdown, files that a shell's lines write, pieces of a manifest. Each goes to the reader of its
//! shape, and what no reader takes is read for flags line by line.

use audit_policy::document::{Document, Unreadable, documents};
use audit_policy::{Severity, Span};

use crate::found::{Found, Lines};
use crate::{Source, shape, words};

/// Parts of one text at most; what follows is read line by line.
const MAX_PARTS: usize = 200;

/// Reads a text.
pub(crate) fn read(text: &str) -> Found {
    let lines = Lines::new(text);
    let mut found = Found::new(Source::Unknown);
    for (number, part) in parts(text).into_iter().enumerate() {
        if number < MAX_PARTS {
            found.add(part_of(text, part, &lines));
        } else {
            found.add(by_line(text, part, &lines));
        }
    }
    let is_of_server = |word: &words::Word| {
        word.text.starts_with('-') || word.text.rsplit('/').next() == Some("kube-apiserver")
    };
    let is_silent = !found.words.iter().any(is_of_server)
        && found.defaults.is_empty()
        && found.mounts.is_empty();
    if is_silent && found.source.rank() <= Source::Flags.rank() && !text.trim().is_empty() {
        if found.source == Source::Flags {
            found.source = Source::Unknown;
        }
        if found.source == Source::Unknown {
            found.source = guess(text);
        }
        without_flags(&mut found);
    }
    found
}

/// What a text that cannot be read was to be, by its words.
fn guess(text: &str) -> Source {
    let has = |word: &str| text.contains(word);
    let of_events = [
        "auditID",
        "requestReceivedTimestamp",
        "requestURI",
        "\"requestObject\"",
        "\"responseObject\"",
        "\"username\"",
        "authorization.k8s.io/decision",
    ];
    if of_events.into_iter().any(has) {
        Source::Events
    } else if has("kind: Policy") || has("- level:") {
        Source::Policy
    } else {
        Source::Unknown
    }
}

/// Says of a text without flags what it is.
fn without_flags(found: &mut Found) {
    let (message, help) = match found.source {
        Source::Policy => (
            "this is an audit policy: there are no flags in it",
            "a policy says what is recorded, flags say where to; paste it as the policy",
        ),
        Source::Events => (
            "these are audit events: there are no flags in them",
            "events are what the server writes; paste what starts the server",
        ),
        _ => (
            "there are no flags about auditing in this text",
            "paste flags that begin with `--audit-`, the manifest of kube-apiserver, or the configuration that it is made from",
        ),
    };
    if found.source != Source::Unknown {
        found.findings.clear();
    }
    found.say("AE019", Severity::Info, 1, message, help);
}

/// Cuts a text where a document, a block of Markdown or a file of a shell begins or ends. The lines that say so are in no part.
fn parts(text: &str) -> Vec<Span> {
    let mut parts = Vec::new();
    let (mut start, mut at) = (0, 0);
    let mut until: Option<&str> = None;
    for line in text.split_inclusive('\n') {
        let word = line.trim();
        let end = at + line.len();
        let is_end = until.is_some_and(|until| word == until);
        let opened = if until.is_none() { heredoc(word) } else { None };
        // What stands below `...` is another piece to people, and nothing to who reads YAML.
        let is_mark = word.starts_with("```") || line.trim_end() == "...";
        if is_end || opened.is_some() || is_mark {
            // A line that writes a file may hold flags as well.
            let cut = if opened.is_some() { end } else { at };
            parts.push(Span::new(start, cut));
            start = end;
        }
        if is_end {
            until = None;
        }
        until = opened.or(until);
        at = end;
    }
    parts.push(Span::new(start, at));
    parts
        .into_iter()
        .flat_map(|part| {
            let inner = text.get(part.start..part.end).unwrap_or_default();
            documents(inner)
                .into_iter()
                .map(move |span| Span::new(part.start + span.start, part.start + span.end))
        })
        .filter(|part| {
            let inner = text.get(part.start..part.end).unwrap_or_default();
            !inner.trim().is_empty()
        })
        .collect()
}

/// The word that ends the file which this line of a shell begins: `cat <<EOF`.
fn heredoc(line: &str) -> Option<&str> {
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

fn part_of(text: &str, part: Span, lines: &Lines<'_>) -> Found {
    let source = text.get(part.start..part.end).unwrap_or_default();
    if !looks_like_yaml(source) {
        return by_line(text, part, lines);
    }
    let repaired = repaired(source);
    // Spaces of another kind before a line put it at another depth than it seems to be.
    let is_misleading = source.lines().any(|line| {
        let before = line.len() - line.trim_start().len();
        let margin = line.get(..before).unwrap_or_default();
        margin.chars().any(is_other_space)
    });
    let error = match Document::read_part(text, part) {
        Ok(document) if !is_misleading => {
            let found = document.root().and_then(|root| shape::read(root, lines));
            match found {
                Some(mut found) => {
                    repeated_keys(&document, lines, &mut found);
                    return found;
                }
                None if repaired.is_none() => return by_line(text, part, lines),
                None => None,
            }
        }
        Ok(_) => None,
        Err(error) => Some(error),
    };
    if let Some(repaired) = repaired
        && let Some(found) = as_repaired(&repaired, lines.at(part) - 1)
    {
        return found;
    }
    match error {
        Some(error) => in_blocks(text, part, error, lines),
        None => by_line(text, part, lines),
    }
}

fn repeated_keys(document: &Document<'_>, lines: &Lines<'_>, found: &mut Found) {
    for (key, span) in document.repeated_keys().take(MAX_PARTS) {
        found.say(
            "AE019",
            Severity::Warning,
            lines.at(span),
            format!(
                "the field `{}` is given twice",
                crate::shown(key.trim_matches('"'))
            ),
            "only the last one counts: make one of the two",
        );
    }
}

/// Whether a line of it has a field of a manifest.
fn looks_like_yaml(text: &str) -> bool {
    text.trim_start_matches('\u{feff}')
        .trim_start()
        .starts_with('{')
        || text.lines().any(|line| {
            let line = line.trim_start().trim_start_matches("- ").trim_start();
            let line = line.trim_matches(is_other_space);
            line.split_once(':').is_some_and(|(key, after)| {
                let key = key.trim_matches(['"', '\'', '\u{201c}', '\u{201d}']);
                let is_key = key
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || "-_+".contains(c));
                is_key
                    && !key.is_empty()
                    && (after.is_empty() || after.starts_with(char::is_whitespace))
            })
        })
}

/// A space that YAML does not count as one.
const fn is_other_space(character: char) -> bool {
    matches!(
        character,
        '\u{a0}' | '\u{2000}'..='\u{200b}' | '\u{202f}' | '\u{205f}' | '\u{2060}' | '\u{3000}'
    )
}

/// The text with spaces, quotes and dashes in place of what only looks like them; nothing where there is no such character.
fn repaired(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let mut margin = true;
        // In a list of arguments a value has no quotes.
        let is_value = line.contains("=\u{201c}") || line.contains("=\u{2018}");
        for character in line.chars() {
            match character {
                '\u{200b}' | '\u{2060}' => {}
                '\u{2018}' | '\u{2019}' | '\u{201c}' | '\u{201d}' if is_value => {}
                _ if is_other_space(character) => out.push(' '),
                '\u{201c}' | '\u{201d}' => out.push('"'),
                '\u{2018}' | '\u{2019}' => out.push('\''),
                '\u{2010}'..='\u{2014}' | '\u{2212}' if margin => out.push('-'),
                _ => out.push(character),
            }
            margin &= character.is_whitespace() || is_other_space(character);
        }
    }
    (out != text).then_some(out)
}

fn as_repaired(text: &str, before: usize) -> Option<Found> {
    let document = Document::read(text).ok()?;
    let mut found = shape::read(document.root()?, &Lines::after(text, before))?;
    found.findings.push(crate::say(
        "AE007",
        Severity::Error,
        before + 1,
        "there are characters here that only look like spaces, quotes or dashes",
        "the text is read as what it looks like; what reads the file would not: type the spaces, quotes and dashes again by hand",
    ));
    Some(found)
}

/// Pieces of a manifest that stand below each other and do not make one document.
fn in_blocks(text: &str, part: Span, error: Unreadable, lines: &Lines<'_>) -> Found {
    let blocks = blocks(text, part);
    let mut found = Found::new(Source::Unknown);
    if blocks.len() < 2 || blocks.len() > MAX_PARTS {
        unreadable(&error, lines, &mut found);
        found.add(by_line(text, part, lines));
        return found;
    }
    for block in blocks {
        match Document::read_part(text, block) {
            Ok(document) => {
                let read = document.root().and_then(|root| shape::read(root, lines));
                found.add(read.unwrap_or_else(|| by_line(text, block, lines)));
            }
            Err(error) => {
                let source = text.get(block.start..block.end).unwrap_or_default();
                if looks_like_yaml(source) {
                    unreadable(&error, lines, &mut found);
                }
                found.add(by_line(text, block, lines));
            }
        }
    }
    found
}

fn unreadable(error: &Unreadable, lines: &Lines<'_>, found: &mut Found) {
    found.say(
        "AE019",
        Severity::Warning,
        lines.at(error.span),
        format!("the text cannot be read as YAML: {}", error.message),
        "flags are read line by line; what is mounted is not known",
    );
}

/// Cuts where a line stands further out than the first of its piece, where a list is followed by something else, and at `...`.
fn blocks(text: &str, part: Span) -> Vec<Span> {
    let mut blocks = Vec::new();
    let mut at = part.start;
    // The start of the piece, how far in it stands, and whether it is a list.
    let mut open: Option<(usize, usize, bool)> = None;
    let source = text.get(part.start..part.end).unwrap_or_default();
    for line in source.split_inclusive('\n') {
        let word = line.trim();
        let margin = line.len() - line.trim_start().len();
        let is_item = word == "-" || word.starts_with("- ");
        if matches!(word, "..." | "\u{2026}" | "[...]" | "# ...") {
            blocks.extend(open.take().map(|(start, ..)| Span::new(start, at)));
        } else if !word.is_empty() && !word.starts_with('#') {
            let goes_on = open.is_some_and(|(_, first, is_list)| {
                margin > first
                    || (margin == first && is_item == is_list)
                    || (margin == first && !is_list)
            });
            if !goes_on {
                blocks.extend(open.take().map(|(start, ..)| Span::new(start, at)));
                open = Some((at, margin, is_item));
            }
        }
        at += line.len();
    }
    blocks.extend(open.map(|(start, ..)| Span::new(start, at)));
    blocks
}

/// Reads flags line by line.
fn by_line(text: &str, part: Span, lines: &Lines<'_>) -> Found {
    let source = text.get(part.start..part.end).unwrap_or_default();
    let before = lines.at(part) - 1;
    let mut found = Found::new(Source::Unknown);
    let mut findings = Vec::new();
    let mut read = words::words(source, &mut findings);
    fields(source, &mut read);
    let is_flag = |word: &words::Word| {
        let text = word.text.as_str();
        let bare = text.trim_start_matches('-');
        bare.starts_with("audit-")
            || bare.starts_with("audit_")
            || (text.starts_with("--") && bare.starts_with(|c: char| c.is_ascii_lowercase()))
            || text.rsplit('/').next() == Some("kube-apiserver")
    };
    if !read.iter().any(is_flag) {
        return found;
    }
    found.source = Source::Flags;
    if looks_like_yaml(source) {
        // Quotes and spaces of what is not about auditing are not ours to judge.
        let own: Vec<&str> = source.lines().collect();
        findings.retain(|finding| {
            let line = own.get(finding.line - 1);
            line.is_some_and(|line| line.contains("audit"))
        });
    }
    for word in &mut read {
        word.line += before;
    }
    for finding in &mut findings {
        finding.line += before;
    }
    found.words = read;
    found.findings = findings;
    found
}

/// Flags that are written as fields: `audit-log-path: /a`, and `name:` and `value:` below each other.
fn fields(text: &str, read: &mut Vec<words::Word>) {
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
        } else if flag.starts_with("audit-")
            && !value.trim_start().starts_with(['{', '[', '|', '>'])
        {
            read.push(words::Word {
                text: format!("--{flag}={}", trim(value)),
                line: index + 1,
            });
        }
    }
}
