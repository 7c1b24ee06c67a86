//! Here-documents of shell scripts and of Terraform, and code blocks of Markdown.

use std::borrow::Cow;

use audit_types::Span;

use super::source_map::{Segment, SourceMap, WriteBack};
use crate::shell_words::here_document_end;

/// Maximum number of here-documents that are read from a text.
const MAX_HERE_DOCUMENTS: usize = 200;

/// Starts of a line that begins or ends a code block of Markdown.
const FENCES: [&str; 2] = ["```", "~~~"];

/// Signs at the start of a line that begins or ends a code block of Markdown: three or more backquotes or tildes. `None` for another line.
pub(crate) fn fence(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let sign = line.chars().next()?;
    FENCES.iter().find(|fence| line.starts_with(**fence))?;
    line.get(..line.len() - line.trim_start_matches(sign).len())
}

/// Returns whether a text may contain code blocks of Markdown.
pub(crate) fn may_have_fences(text: &str) -> bool {
    FENCES.iter().any(|fence| text.contains(fence))
}

/// End of a here-document or a code block.
#[derive(Debug, Clone, Copy)]
enum End<'t> {
    Word(&'t str),
    Fence(&'t str),
}

impl<'t> End<'t> {
    /// Returns the end of what a line begins.
    fn after(line: &'t str) -> Option<Self> {
        let fence = fence(line).map(Self::Fence);
        fence.or_else(|| here_document_end(line.trim()).map(Self::Word))
    }

    fn is(self, line: &str) -> bool {
        match self {
            Self::Word(word) => line.trim() == word,
            // It may be longer than the first one.
            Self::Fence(first) => {
                fence(line) == Some(line.trim()) && line.trim().starts_with(first)
            }
        }
    }
}

/// A here-document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HereDocument {
    /// Its lines.
    pub(crate) span: Span,
    /// File that it is written to.
    pub(super) file: Option<String>,
    /// `false` for a code block.
    pub(super) is_here_document: bool,
    /// `true` if variables in it are replaced.
    pub(super) is_expanded: bool,
    /// `true` if the shell removes the tabs at the start of its lines.
    pub(super) is_stripped: bool,
    /// `true` if a command decodes it from Base64.
    pub(super) is_base64: bool,
}

impl HereDocument {
    /// Returns the text that the shell reads, and its map to the text around it. `None` if the lines are as they are written.
    pub(super) fn stripped(&self, text: &str) -> Option<(String, SourceMap)> {
        let body = text.get(self.span.start..self.span.end)?;
        if !self.is_stripped || !body.split('\n').any(|line| line.starts_with('\t')) {
            return None;
        }
        let mut out = String::with_capacity(body.len());
        let mut segments = Vec::new();
        let mut at = self.span.start;
        for line in body.split_inclusive('\n') {
            let rest = line.trim_start_matches('\t');
            let start = at + line.len() - rest.len();
            segments.push(Segment::verbatim(out.len(), start, rest.len()));
            out.push_str(rest);
            at += line.len();
        }
        // Lines would have to be added with tabs.
        Some((out, SourceMap::new(segments, self.span, WriteBack::Flow)))
    }
}

/// Returns a text without the tabs that a shell removes from its here-documents. Its lines keep their numbers.
pub(crate) fn without_tabs(text: &str) -> Cow<'_, str> {
    if !text.contains("<<-") {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for part in here_documents(text) {
        if let Some((body, _)) = part.stripped(text) {
            out.push_str(text.get(at..part.span.start).unwrap_or_default());
            out.push_str(&body);
            at = part.span.end;
        }
    }
    out.push_str(text.get(at..).unwrap_or_default());
    Cow::Owned(out)
}

/// Returns the here-documents of a text.
pub(crate) fn here_documents(text: &str) -> Vec<HereDocument> {
    let mut found = Vec::new();
    if !text.contains("<<") && !may_have_fences(text) {
        return found;
    }
    let mut at = 0;
    let mut open: Option<(usize, End<'_>, &str)> = None;
    for line in text.split_inclusive('\n') {
        let end = at + line.len();
        match open {
            Some((start, until, opener)) if until.is(line) => {
                let is_shell = matches!(until, End::Word(_));
                found.push(HereDocument {
                    span: Span::new(start, at),
                    file: file_of(opener),
                    is_here_document: is_shell,
                    is_expanded: is_shell && !is_quoted(opener),
                    is_stripped: is_shell && opener.contains("<<-"),
                    is_base64: is_shell && is_decoded(opener),
                });
                open = None;
            }
            Some(_) => {}
            None => open = End::after(line).map(|until| (end, until, line)),
        }
        at = end;
        if found.len() >= MAX_HERE_DOCUMENTS {
            return found;
        }
    }
    // A code block without an end goes on to the end of the text.
    if let Some((start, End::Fence(_), _)) = open.filter(|(start, ..)| *start < at) {
        found.push(HereDocument {
            span: Span::new(start, at),
            file: None,
            is_here_document: false,
            is_expanded: false,
            is_stripped: false,
            is_base64: false,
        });
    }
    found
}

/// Returns whether the end word is quoted, so that the shell replaces nothing.
fn is_quoted(opener: &str) -> bool {
    let after = opener.split_once("<<").map_or("", |(_, after)| after);
    after
        .trim_start_matches('-')
        .trim_start()
        .starts_with(['"', '\'', '\\'])
}

/// Returns whether a line gives its here-document to a program that decodes Base64.
fn is_decoded(opener: &str) -> bool {
    let mut words = opener.split([' ', '\t', '|']).map(str::trim);
    let is_option =
        |word: &str| word == "--decode" || word == "-d" || word == "-D" || word == "-di";
    words.any(|word| word.rsplit('/').next() == Some("base64")) && words.any(is_option)
}

/// Returns the file that a line writes its here-document to: `cat > FILE <<EOF`, `tee FILE <<EOF`.
fn file_of(line: &str) -> Option<String> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let after = |index: usize| {
        let mut rest = words.iter().skip(index + 1);
        rest.find(|word| !word.starts_with('-')).copied()
    };
    let found = words.iter().enumerate().find_map(|(index, word)| {
        if matches!(*word, ">" | ">>" | "1>") || *word == "tee" {
            return after(index);
        }
        let bare = word.strip_prefix(">>").or_else(|| word.strip_prefix('>'));
        bare.filter(|bare| !bare.is_empty())
    })?;
    let found = found.trim_matches(['"', '\'']);
    found.starts_with('/').then(|| found.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_blocks_end_with_the_signs_that_begin_them() {
        for (text, body) in [
            ("```yaml\na\n```\n", "a\n"),
            ("~~~\na\n~~~\n", "a\n"),
            ("~~~~ yaml\na\n~~~\n~~~~~\n", "a\n~~~\n"),
            ("```\na\n~~~\n```\n", "a\n~~~\n"),
            ("1. Save:\n\n   ~~~yaml\n   a\n   ~~~\n", "   a\n"),
            ("````\n```\na\n```\n````\n", "```\na\n```\n"),
            ("Save:\n\n```yaml\na\n", "a\n"),
        ] {
            let found = here_documents(text);
            let bodies: Vec<_> = found
                .iter()
                .map(|found| text.get(found.span.start..found.span.end))
                .collect();
            assert_eq!(bodies, [Some(body)], "{text}");
        }
        for text in ["```", "``\na\n``\n", "~~\na\n~~\n", "a ```\nb\n"] {
            assert_eq!(here_documents(text), [], "{text}");
        }
    }

    #[test]
    fn the_file_of_a_here_document_is_on_its_line() {
        for (line, file, is_expanded) in [
            ("cat > /a <<EOF", Some("/a"), true),
            ("cat <<'EOF' >/a", Some("/a"), false),
            ("cat <<EOF | sudo tee /a > /dev/null", Some("/a"), true),
            ("sudo tee -a \"/a\" <<-\"EOF\"", Some("/a"), false),
            ("kubectl apply -f - <<EOF", None, true),
            ("cat > $FILE << \\EOF", None, false),
            ("base64 -d > /a <<EOF", Some("/a"), true),
            ("cat <<'EOF' | base64 -d > /a", Some("/a"), false),
        ] {
            let text = format!("{line}\nx: 1\nEOF\n");
            let found = here_documents(&text);
            let start = line.len() + 1;
            let expected = HereDocument {
                span: Span::new(start, start + 5),
                file: file.map(str::to_owned),
                is_here_document: true,
                is_expanded,
                is_stripped: line.contains("<<-"),
                is_base64: line.contains("base64 -d"),
            };
            assert_eq!(found, [expected], "{line}");
        }
    }
}
