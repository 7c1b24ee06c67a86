//! Spans of findings about settings, which are lines of a document: the word in the line that the finding names.

use audit_policy::{Diagnostic, Span};

/// Narrows a finding whose span is a whole line to the first word of its message that the line contains, or to the line without its indentation.
pub(super) fn narrowed(mut finding: Diagnostic, text: &str) -> Diagnostic {
    if let Some(label) = &mut finding.primary
        && let Some(line) = whole_line(text, label.span)
    {
        let named = names(&finding.message).find_map(|name| place_of(name, line));
        let (start, length) = named.unwrap_or_else(|| {
            let content = line.trim_start();
            (line.len() - content.len(), content.trim_end().len())
        });
        let start = label.span.start + start;
        label.span = Span::new(start, start + length);
    }
    finding
}

/// Returns the line that a span covers. `None` if it is anything else, or blank.
fn whole_line(text: &str, span: Span) -> Option<&str> {
    let line = text.get(span.start..span.end)?;
    let is_start = span.start == 0 || text.get(..span.start)?.ends_with('\n');
    let is_end = text
        .get(span.end..)?
        .trim_start_matches('\r')
        .starts_with('\n')
        || span.end == text.len();
    (is_start && is_end && !line.contains('\n') && !line.trim().is_empty()).then_some(line)
}

/// Returns the texts in backticks in a message, and then the flags.
fn names(message: &str) -> impl Iterator<Item = &str> {
    let quoted = message.split('`').skip(1).step_by(2);
    let flags = message
        .split([' ', '`', '=', ','])
        .filter(|word| word.starts_with("--"));
    quoted.chain(flags).filter(|name| !name.is_empty())
}

/// Returns start and length of a name in a line, where a flag may have no dashes.
fn place_of(name: &str, line: &str) -> Option<(usize, usize)> {
    let is_part = |character: char| character.is_alphanumeric() || "-_./".contains(character);
    [name, name.trim_start_matches("--")]
        .into_iter()
        .find_map(|name| {
            let mut places = line.match_indices(name);
            let is_word = |at: &usize| {
                let before = line.get(..*at).and_then(|text| text.chars().next_back());
                let after = line
                    .get(at + name.len()..)
                    .and_then(|text| text.chars().next());
                !before.is_some_and(is_part) && !after.is_some_and(is_part)
            };
            let at = places.by_ref().map(|(at, _)| at).find(is_word)?;
            Some((at, name.len()))
        })
}

#[cfg(test)]
mod tests {
    use audit_policy::Severity;
    use audit_types::Document;

    use super::*;

    #[test]
    fn the_word_that_a_message_names_is_underlined() {
        for (line, message, word) in [
            (
                "    audit-log-pathh: /a",
                "unknown flag: --audit-log-pathh",
                "audit-log-pathh",
            ),
            (
                "  - --audit-log-path=x",
                "invalid `--audit-log-path`",
                "--audit-log-path",
            ),
            (
                "  audit-policy-file: /a/b.yaml",
                "the policy `/a/b.yaml` is absent",
                "/a/b.yaml",
            ),
            (
                "  a: /a/b.yaml.bak",
                "the policy `/a/b.yaml` is absent",
                "a: /a/b.yaml.bak",
            ),
            ("\tx: 1  ", "something else", "x: 1"),
        ] {
            let text = format!("first\n{line}\nlast\n");
            let finding = Diagnostic::new("AE000", Severity::Error, message)
                .labeled(Document::Manifest, Span::new(6, 6 + line.len()));
            let span = narrowed(finding, &text).span().unwrap();
            assert_eq!(text.get(span.start..span.end), Some(word), "{message}");
        }
    }

    #[test]
    fn other_spans_stay() {
        let text = "a: bc\n\nd\n";
        for (start, end) in [(0, 0), (3, 5), (0, 6), (6, 6), (0, 9)] {
            let span = Span::new(start, end);
            let finding =
                Diagnostic::new("AE000", Severity::Error, "`bc`").labeled(Document::Manifest, span);
            assert_eq!(narrowed(finding, text).span(), Some(span));
        }
    }
}
