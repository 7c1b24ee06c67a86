//! Splits a pasted text into segments: YAML documents, Markdown code blocks, here-documents of a shell, fragments of a manifest. Each is read in its
//! format; a segment in no known format is searched for flags line by line.

use crate::codes::ImportCode;
use apiserver_config::SettingCode;
use audit_policy::document::{Document, ParseError, documents};
use audit_types::excerpt::excerpt;
use audit_types::{Severity, Span};

use crate::flag_lines::{is_other_space, looks_like_yaml};
use crate::input_format::InputFormat;
use crate::parsed_input::{Lines, ParsedInput};
use crate::recognize::script_text::is_script;
use crate::recognize::{fence, kind, may_have_fences, mime, template_language, without_tabs};
use crate::shell_words::here_document_end;
use crate::{
    branches, commands, compose, flag_lines, format, inventory, k3d_command, microk8s,
    policy_reference, process_line,
};

/// Maximum number of segments; text after them is read line by line.
const MAX_SEGMENTS: usize = 200;

/// Reads a text.
pub(crate) fn read(text: &str) -> ParsedInput {
    if let Some(found) = process_line::read(text) {
        return found;
    }
    if let Some(found) = read_inventory(text) {
        return found;
    }
    let text = &*without_tabs(text);
    // A branch of a script may contain here-documents, which are segments of their own.
    let chosen = text.starts_with("#!").then(|| branches::choose(text));
    let text = chosen.as_ref().map_or(text, |chosen| &*chosen.text);
    let lines = Lines::new(text);
    let whole = Span::new(0, text.len());
    if let Some(mut found) = read_message(text, whole, &lines) {
        policy_reference::resolve(text, &mut found);
        return found;
    }
    let mut found = ParsedInput::new(InputFormat::Unknown);
    for (number, segment) in split(text).into_iter().enumerate() {
        if number < MAX_SEGMENTS {
            found.add_document(read_segment(text, segment, &lines));
        } else {
            found.add(read_lines(text, segment, &lines));
        }
    }
    for note in chosen.iter().flat_map(|chosen| &chosen.notes) {
        found.findings.push(note.at_line(lines.at(note.span)));
    }
    policy_reference::resolve(text, &mut found);
    found
}

/// Reads the variables of an inventory of Ansible. `None` for another text.
fn read_inventory(text: &str) -> Option<ParsedInput> {
    let yaml = inventory::read(text)?.yaml;
    let document = Document::read(&yaml).ok()?;
    let found = format::read(document.root()?, &Lines::new(&yaml));
    Some(found.unwrap_or_else(|| ParsedInput::new(InputFormat::Ansible)))
}

/// Reads a part of a text.
pub(crate) fn read_part(text: &str, part: Span, lines: &Lines<'_>) -> ParsedInput {
    read_message(text, part, lines).unwrap_or_else(|| read_segments(text, part, lines))
}

/// Reads a part that is not a MIME message.
fn read_segments(text: &str, part: Span, lines: &Lines<'_>) -> ParsedInput {
    let source = text.get(part.start..part.end).unwrap_or_default();
    let mut found = ParsedInput::new(InputFormat::Unknown);
    for inner in split(source).into_iter().take(MAX_SEGMENTS) {
        let span = Span::new(part.start + inner.start, part.start + inner.end);
        found.add_document(read_segment(text, span, lines));
    }
    found
}

/// Reads the parts of a MIME message. `None` for another text.
fn read_message(text: &str, part: Span, lines: &Lines<'_>) -> Option<ParsedInput> {
    let source = text.get(part.start..part.end)?;
    let mut found = ParsedInput::new(InputFormat::CloudInit);
    for inner in mime::parts(source)? {
        let span = Span::new(part.start + inner.body.start, part.start + inner.body.end);
        let body = text.get(span.start..span.end).unwrap_or_default();
        let read = match inner.decoded(body) {
            Some(decoded) => {
                let whole = Span::new(0, decoded.len());
                read_segments(&decoded, whole, &Lines::on(lines.at(span)))
            }
            None => read_segments(text, span, lines),
        };
        found.add_document(read);
    }
    found.format = InputFormat::CloudInit;
    Some(found)
}

/// Splits a text where a document, a code block or a here-document starts or ends. The delimiting lines are in no segment.
fn split(text: &str) -> Vec<Span> {
    if let Some(parts) = whole_documents(text) {
        return parts;
    }
    let mut segments = Vec::new();
    let (mut start, mut at) = (0, 0);
    let mut until: Option<&str> = None;
    for line in text.split_inclusive('\n') {
        let word = line.trim();
        let end = at + line.len();
        let is_end = until.is_some_and(|until| word == until);
        let opened = if until.is_none() {
            here_document_end(word)
        } else {
            None
        };
        // Text below `...` is another fragment to people, and nothing to a YAML parser.
        let is_mark = fence(word).is_some() || line.trim_end() == "...";
        if is_end || opened.is_some() || is_mark {
            // A line that starts a here-document may contain flags too.
            let cut = if opened.is_some() { end } else { at };
            segments.push(Span::new(start, cut));
            start = end;
        }
        if is_end {
            until = None;
        }
        until = opened.or(until);
        at = end;
    }
    segments.push(Span::new(start, at));
    segments
        .into_iter()
        .flat_map(|segment| {
            let inner = text.get(segment.start..segment.end).unwrap_or_default();
            documents(inner)
                .into_iter()
                .map(move |span| Span::new(segment.start + span.start, segment.start + span.end))
        })
        .filter(|segment| {
            let inner = text.get(segment.start..segment.end).unwrap_or_default();
            !inner.trim().is_empty()
        })
        .collect()
}

/// Returns the documents of a text that is YAML although it contains here-documents or code blocks: those are inside its values.
fn whole_documents(text: &str) -> Option<Vec<Span>> {
    if !text.contains("<<") && !may_have_fences(text) {
        return None;
    }
    let mut parts = documents(text);
    parts.retain(|part| {
        let inner = text.get(part.start..part.end).unwrap_or_default();
        !inner.trim().is_empty()
    });
    let is_object = |part: &Span| {
        let document = Document::read_part(text, *part).ok();
        let root = document.as_ref().and_then(Document::root);
        root.is_some_and(|root| kind::of(root).rank() > InputFormat::Flags.rank())
    };
    (!parts.is_empty() && parts.len() <= MAX_SEGMENTS && parts.iter().all(is_object))
        .then_some(parts)
}

fn read_segment(text: &str, segment: Span, lines: &Lines<'_>) -> ParsedInput {
    let source = text.get(segment.start..segment.end).unwrap_or_default();
    if !looks_like_yaml(source) {
        return read_lines(text, segment, lines);
    }
    let repaired = normalize_lookalikes(source);
    // Other space characters before a line change its indentation from what it looks like.
    let is_misleading = source.lines().any(|line| {
        let before = line.len() - line.trim_start().len();
        let margin = line.get(..before).unwrap_or_default();
        margin.chars().any(is_other_space)
    });
    let error = match Document::read_part(text, segment) {
        Ok(document) if !is_misleading => {
            let found = document.root().and_then(|root| format::read(root, lines));
            match found {
                Some(mut found) => {
                    repeated_keys(&document, lines, &mut found);
                    return found;
                }
                None if repaired.is_none() => {
                    let format = document.root().map_or(InputFormat::Unknown, kind::of);
                    let services = document.root().filter(|_| format == InputFormat::Compose);
                    let mut found = match services {
                        Some(root) => {
                            let mut found = read_words(text, segment, lines);
                            compose::divide(root, lines, &mut found);
                            found
                        }
                        None => read_lines(text, segment, lines),
                    };
                    if format.rank() > InputFormat::Flags.rank() {
                        found.format = format;
                    }
                    return found;
                }
                None => None,
            }
        }
        Ok(_) => None,
        Err(error) => Some(error),
    };
    if let Some(repaired) = repaired
        && let Some(found) = read_normalized(&repaired, lines.at(segment) - 1)
    {
        return found;
    }
    match error {
        // A script may contain lines of YAML, such as those that it writes.
        Some(error) if !is_script(source) => read_fragments(text, segment, error, lines),
        _ => read_lines(text, segment, lines),
    }
}

fn repeated_keys(document: &Document<'_>, lines: &Lines<'_>, found: &mut ParsedInput) {
    for (key, span) in document.repeated_keys().take(MAX_SEGMENTS) {
        found.report(
            ImportCode::UnreadableText,
            Severity::Warning,
            lines.at(span),
            format!(
                "the field `{}` is set twice",
                excerpt(key.trim_matches('"'))
            ),
            "only the last value is used: keep one of the two",
        );
    }
}

/// Replaces characters that look like spaces, quotes or dashes by those. `None` if there are none.
fn normalize_lookalikes(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let mut margin = true;
        // In a list of arguments, values have no quotes.
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

/// Reads a text whose look-alike characters were replaced.
fn read_normalized(text: &str, before: usize) -> Option<ParsedInput> {
    let document = Document::read(text).ok()?;
    let mut found = format::read(document.root()?, &Lines::after(text, before))?;
    found.findings.push(crate::finding::finding(
        SettingCode::LookalikeCharacters,
        Severity::Error,
        before + 1,
        "some characters look like spaces, quotes or dashes but are not",
        "they are read here as the characters that they resemble, but other programs do not do so: type the spaces, quotes and dashes again",
    ));
    Some(found)
}

/// Reads fragments of a manifest that follow each other and are not one document.
fn read_fragments(text: &str, segment: Span, error: ParseError, lines: &Lines<'_>) -> ParsedInput {
    let blocks = fragments(text, segment);
    let mut found = ParsedInput::new(InputFormat::Unknown);
    if blocks.len() < 2 || blocks.len() > MAX_SEGMENTS {
        let source = text.get(segment.start..segment.end).unwrap_or_default();
        unreadable(source, &error, lines, &mut found);
        found.add(read_lines(text, segment, lines));
        return found;
    }
    for block in blocks {
        match Document::read_part(text, block) {
            Ok(document) => {
                let read = document.root().and_then(|root| format::read(root, lines));
                found.add(read.unwrap_or_else(|| read_lines(text, block, lines)));
            }
            Err(error) => {
                let source = text.get(block.start..block.end).unwrap_or_default();
                if looks_like_yaml(source) {
                    unreadable(source, &error, lines, &mut found);
                }
                found.add(read_lines(text, block, lines));
            }
        }
    }
    found
}

fn unreadable(source: &str, error: &ParseError, lines: &Lines<'_>, found: &mut ParsedInput) {
    let message = match template_language(source) {
        Some(language) => format!(
            "this is {}, which cannot be read as YAML before it is rendered",
            language.title()
        ),
        None => format!("the text cannot be read as YAML: {}", error.message),
    };
    found.report(
        ImportCode::UnreadableText,
        Severity::Warning,
        lines.at(error.span),
        message,
        "flags are read line by line; mounts are not read",
    );
}

/// Splits where a line is indented less than the first of its fragment, where a list is followed by something else, and at `...`.
fn fragments(text: &str, segment: Span) -> Vec<Span> {
    let mut blocks = Vec::new();
    let mut at = segment.start;
    // Start of the fragment, its indentation, and whether it is a list.
    let mut open: Option<(usize, usize, bool)> = None;
    let source = text.get(segment.start..segment.end).unwrap_or_default();
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

/// Reads flags line by line. Commands that start a server each are read apart.
fn read_lines(text: &str, segment: Span, lines: &Lines<'_>) -> ParsedInput {
    let mut found = read_words(text, segment, lines);
    if found.format == InputFormat::Flags {
        commands::divide(&mut found);
    }
    found
}

fn read_words(text: &str, segment: Span, lines: &Lines<'_>) -> ParsedInput {
    let source = text.get(segment.start..segment.end).unwrap_or_default();
    let before = lines.at(segment) - 1;
    let mut found = flag_lines::read(source);
    if found.format == InputFormat::Flags {
        k3d_command::check(source, &mut found);
    }
    for word in &mut found.words {
        word.line += before;
    }
    for finding in &mut found.findings {
        finding.line += before;
    }
    microk8s::check(source, &mut found);
    found
}
