//! Edits of a text, applied all at once. Inserted lines get the line ending of the text.

use audit_policy::Span;
use audit_types::sort::SortShort;

use super::error::PatchError;

/// A text and the edits to apply to it.
pub(super) struct TextEdits {
    /// The text, with a final line end even if the original had none.
    text: String,
    has_last_end: bool,
    end: &'static str,
    edits: Vec<(Span, String)>,
}

impl TextEdits {
    pub(super) fn new(text: &str) -> Self {
        let first = text.find('\n');
        let is_crlf =
            first.is_some_and(|at| text.get(..at).is_some_and(|line| line.ends_with('\r')));
        let end = if is_crlf { "\r\n" } else { "\n" };
        let has_last_end = text.ends_with('\n');
        let mut text = text.to_owned();
        if !has_last_end {
            text.push_str(end);
        }
        Self {
            text,
            has_last_end,
            end,
            edits: Vec::new(),
        }
    }

    pub(super) fn replace(&mut self, span: Span, text: impl Into<String>) {
        self.edits.push((span, text.into()));
    }

    /// Removes every line that the span touches.
    pub(super) fn remove_lines(&mut self, span: Span) {
        let lines = Span::new(self.line_start(span.start), self.line_end(span.end));
        self.replace(lines, "");
    }

    /// Inserts lines below the one that contains an offset.
    pub(super) fn add_below(&mut self, at: usize, lines: &[String]) {
        let below = self.line_end(at);
        let text = lines
            .iter()
            .flat_map(|line| [line.as_str(), self.end])
            .collect::<String>();
        self.replace(Span::new(below, below), text);
    }

    /// Returns the line ending of the text.
    pub(super) const fn line_ending(&self) -> &'static str {
        self.end
    }

    fn line_start(&self, at: usize) -> usize {
        let before = self.text.get(..at).unwrap_or_default();
        before.rfind('\n').map_or(0, |end| end + 1)
    }

    /// Returns the offset after the line's end.
    fn line_end(&self, at: usize) -> usize {
        let after = self.text.get(at..).unwrap_or_default();
        after.find('\n').map_or(self.text.len(), |end| at + end + 1)
    }

    /// Returns the text before an offset on its line.
    pub(super) fn margin(&self, at: usize) -> &str {
        self.text.get(self.line_start(at)..at).unwrap_or_default()
    }

    /// Returns the indentation of an offset, as spaces.
    pub(super) fn indent(&self, at: usize) -> String {
        " ".repeat(
            self.margin(at)
                .trim_start_matches('\u{feff}')
                .chars()
                .count(),
        )
    }

    pub(super) fn slice(&self, span: Span) -> &str {
        self.text.get(span.start..span.end).unwrap_or_default()
    }

    /// Returns the line of an offset, from 1.
    pub(super) fn line(&self, at: usize) -> usize {
        let before = self.text.get(..at).unwrap_or_default();
        before.bytes().filter(|byte| *byte == b'\n').count() + 1
    }

    /// Returns the text with all edits.
    pub(super) fn finish(mut self) -> Result<String, PatchError> {
        // Edits at the same offset keep their order.
        self.edits
            .sort_short_by_key(|(span, _)| (span.start, span.end));
        let mut out = String::with_capacity(self.text.len() * 2);
        let mut at = 0;
        for (span, text) in &self.edits {
            let Some(before) = self.text.get(at..span.start) else {
                return Err(PatchError::new(
                    Some(self.line(span.start)),
                    "two changes overlap",
                    "write each item on a line of its own",
                ));
            };
            out.push_str(before);
            out.push_str(text);
            at = span.end;
        }
        out.push_str(self.text.get(at..).unwrap_or_default());
        if !self.has_last_end {
            let end = out.strip_suffix(self.end).map(str::len);
            out.truncate(end.unwrap_or(out.len()));
        }
        Ok(out)
    }
}
