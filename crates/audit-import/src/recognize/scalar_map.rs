//! Maps the text of a YAML or JSON string to its spelling: block literals, folded text, quotes with escapes.
//!
//! The text is known from the parser; its spelling is aligned with it, and where the two do not agree, only the place of the whole is used.

use audit_policy::document::Node;
use audit_types::Span;

use super::source_map::{Segment, SourceMap, WriteBack};

/// Styles of a scalar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// `|`
    Literal,
    /// `>`
    Folded,
    /// In single quotes.
    Single,
    /// In double quotes.
    Double,
    /// Without quotes.
    Plain,
}

impl Style {
    /// Returns the style of a value by its spelling.
    pub(super) fn of(node: Node<'_>) -> Self {
        Self::of_spelling(without_properties(node.spelled()).0)
    }

    fn of_spelling(spelled: &str) -> Self {
        match spelled.as_bytes().first() {
            Some(b'|') => Self::Literal,
            Some(b'>') => Self::Folded,
            Some(b'\'') => Self::Single,
            Some(b'"') => Self::Double,
            _ => Self::Plain,
        }
    }
}

/// Returns the spelling without tag and anchor, and the length of those.
fn without_properties(spelled: &str) -> (&str, usize) {
    let mut rest = spelled;
    while rest.starts_with(['!', '&']) {
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        rest = rest.get(end..).unwrap_or_default().trim_start();
    }
    (rest, spelled.len() - rest.len())
}

/// Creates the map of a string of a document with this source.
pub(super) fn map(node: Node<'_>, source: &str) -> SourceMap {
    let span = node.span();
    let Some(text) = node.text().filter(|_| !node.is_alias()) else {
        return SourceMap::coarse(span);
    };
    let (spelled, skipped) = without_properties(node.spelled());
    let start = span.start + skipped;
    let style = Style::of_spelling(spelled);
    let mut aligner = Aligner {
        text,
        source,
        inner: 0,
        outer: start,
        segments: Vec::new(),
    };
    let is_aligned = match style {
        Style::Literal => aligner.block(false),
        Style::Folded => aligner.block(true),
        Style::Single | Style::Double => aligner.quoted(style),
        Style::Plain => aligner.flow(style),
    };
    if is_aligned.is_none() || aligner.inner != text.len() {
        return SourceMap::coarse(span);
    }
    let write_back = match style {
        Style::Literal => WriteBack::Lines,
        Style::Folded => WriteBack::Never,
        Style::Single | Style::Double | Style::Plain => WriteBack::WithinLine,
    };
    SourceMap::new(aligner.segments, span, write_back)
}

/// Returns whether folding joins list items: a line of the source that starts an item does not start a line of the text.
pub(super) fn joins_rules(node: Node<'_>) -> bool {
    let is_item = |line: &&str| line.trim_start().starts_with("- ");
    let text = node.text().unwrap_or_default();
    let spelled = node.spelled();
    Style::of(node) == Style::Folded
        && spelled.lines().filter(is_item).count() > text.lines().filter(is_item).count()
}

/// Returns whether folding joins the lines of a policy: its version and kind are not on lines of their own any more.
pub(super) fn joins_policy(node: Node<'_>) -> bool {
    let starts =
        |text: &str, key: &str| text.lines().any(|line| line.trim_start().starts_with(key));
    let text = node.text().unwrap_or_default();
    let spelled = node.spelled();
    Style::of(node) == Style::Folded
        && text.contains("audit.k8s.io/")
        && ["apiVersion:", "kind:", "rules:"]
            .iter()
            .any(|key| starts(spelled, key) && !starts(text, key))
}

/// Positions in the text and in its spelling.
struct Aligner<'t> {
    text: &'t str,
    source: &'t str,
    inner: usize,
    outer: usize,
    segments: Vec<Segment>,
}

impl<'t> Aligner<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.inner..).unwrap_or_default()
    }

    fn spelling(&self) -> &'t str {
        self.source.get(self.outer..).unwrap_or_default()
    }

    fn is_done(&self) -> bool {
        self.inner >= self.text.len()
    }

    /// Adds equal bytes.
    fn same(&mut self, length: usize) {
        let next = Segment::verbatim(self.inner, self.outer, length);
        match self.segments.last_mut() {
            Some(last)
                if last.is_verbatim
                    && last.inner.end == self.inner
                    && last.outer.end == self.outer =>
            {
                last.inner.end += length;
                last.outer.end += length;
            }
            _ if length > 0 => self.segments.push(next),
            _ => {}
        }
        self.inner += length;
        self.outer += length;
    }

    /// Adds bytes that are spelled differently.
    fn other(&mut self, inner: usize, outer: usize) {
        if inner > 0 {
            self.segments.push(Segment {
                inner: Span::new(self.inner, self.inner + inner),
                outer: Span::new(self.outer, self.outer + outer),
                is_verbatim: false,
            });
        }
        self.inner += inner;
        self.outer += outer;
    }

    /// Length of the line end at the outer position.
    fn line_end(&self) -> usize {
        let rest = self.spelling();
        if rest.starts_with("\r\n") {
            2
        } else {
            usize::from(rest.starts_with('\n'))
        }
    }

    /// Skips the header of a block scalar, then aligns its lines.
    fn block(&mut self, is_folded: bool) -> Option<()> {
        let header = self.spelling().find('\n')?;
        self.outer += header + 1;
        let indent = self.indentation()?;
        while !self.is_done() {
            let line = self.spelling().split_inclusive('\n').next()?;
            let margin = line.len() - line.trim_start_matches(' ').len();
            self.outer += margin.min(indent);
            let line = line.get(margin.min(indent)..)?;
            let content = line.trim_end_matches('\n');
            let content = content.strip_suffix('\r').unwrap_or(content);
            if !self.rest().starts_with(content) {
                return None;
            }
            self.same(content.len());
            if self.is_done() {
                break;
            }
            if is_folded {
                self.fold(indent)?;
            } else if self.rest().starts_with('\n') {
                match self.line_end() {
                    1 => self.same(1),
                    2 => self.other(1, 2),
                    _ => return None,
                }
            } else {
                return None;
            }
        }
        Some(())
    }

    /// Number of spaces that are not part of the text: those of the first line that is not blank, without those of the text.
    fn indentation(&self) -> Option<usize> {
        let spaces = |line: &str| line.len() - line.trim_start_matches(' ').len();
        let first = |text: &str| {
            let mut lines = text.split('\n');
            lines.find(|line| !line.trim().is_empty()).map(spaces)
        };
        first(self.spelling())?.checked_sub(first(self.text).unwrap_or(0))
    }

    /// Aligns the line ends between two lines of folded text, which may be one space in the text.
    fn fold(&mut self, indent: usize) -> Option<()> {
        let mut length = 0;
        for line in self.spelling().split_inclusive('\n') {
            if !line.trim().is_empty() {
                break;
            }
            length += line.len();
        }
        let next = self.source.get(self.outer + length..)?;
        let is_more_indented = next
            .get(indent..)
            .is_some_and(|t| t.starts_with([' ', '\t']));
        let breaks = self.rest().len() - self.rest().trim_start_matches('\n').len();
        if breaks > 0 {
            self.other(breaks, length);
        } else if self.rest().starts_with(' ') && !is_more_indented {
            self.other(1, length);
        } else {
            return None;
        }
        Some(())
    }

    fn quoted(&mut self, style: Style) -> Option<()> {
        self.outer += 1;
        self.flow(style)
    }

    /// Aligns a scalar without a block: characters, escapes, folded line ends.
    fn flow(&mut self, style: Style) -> Option<()> {
        while !self.is_done() {
            let spelling = self.spelling();
            let next = spelling.chars().next()?;
            let blank = spelling.len() - spelling.trim_start_matches([' ', '\t']).len();
            let ends_line = spelling
                .get(blank..)
                .is_some_and(|rest| rest.starts_with(['\r', '\n']));
            if ends_line {
                self.fold_flow(blank)?;
            } else if blank > 0 {
                let run = spelling.get(..blank)?;
                self.rest().starts_with(run).then(|| self.same(blank))?;
            } else if style == Style::Double && next == '\\' {
                self.escape()?;
            } else if style == Style::Single && spelling.starts_with("''") {
                self.other(1, 2);
            } else if self.rest().starts_with(next) {
                self.same(next.len_utf8());
            } else {
                return None;
            }
        }
        Some(())
    }

    /// Aligns white space that contains line ends: one is a space, more are one less.
    fn fold_flow(&mut self, blank: usize) -> Option<()> {
        let spelling = self.spelling();
        let length = spelling.len() - spelling.trim_start().len();
        let gap = spelling.get(blank..length)?;
        let lines = gap.matches('\n').count();
        let inner = if lines > 1 { lines - 1 } else { 1 };
        let expected = if lines > 1 { '\n' } else { ' ' };
        let is_equal = self.rest().starts_with(expected);
        is_equal.then(|| self.other(inner, length))
    }

    /// Aligns an escape of a double-quoted scalar.
    fn escape(&mut self) -> Option<()> {
        let spelling = self.spelling();
        let kind = spelling.chars().nth(1)?;
        if matches!(kind, '\n' | '\r') {
            // An escaped line end and the indentation after it are not part of the text.
            let rest = spelling.get(1..)?;
            self.outer += 1 + (rest.len() - rest.trim_start().len());
            return Some(());
        }
        let length = match kind {
            'x' => 4,
            'u' if self.rest().chars().next()?.len_utf16() == 2 => 12,
            'u' => 6,
            'U' => 10,
            _ => 1 + kind.len_utf8(),
        };
        let inner = self.rest().chars().next()?.len_utf8();
        if spelling.len() < length {
            return None;
        }
        self.other(inner, length);
        Some(())
    }
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may fail by a panic"
)]
mod tests {
    use super::*;
    use audit_policy::document::Document;

    /// Returns the spelling of the first `level` in the text of the field `t`.
    fn spelled(source: &str) -> (&str, WriteBack, usize) {
        let document = Document::read(source).unwrap();
        let node = document.root().unwrap().get("t").unwrap();
        let text = node.text().unwrap();
        let map = map(node, source);
        let at = text.find("level").unwrap();
        let span = map.span(Span::new(at, at + 5));
        (&source[span.start..span.end], map.write_back(), span.start)
    }

    #[test]
    fn every_style_of_a_string_is_mapped() {
        use WriteBack::{Lines, Never, WithinLine};
        for (source, write_back) in [
            ("t: |\n  a: 1\n\n  level: x\n", Lines),
            ("t: |2-\n    a: 1\n    level: x\n", Lines),
            ("t: |+ # c\n\n   a: 1\n   level: x\n\n\nb: 1\n", Lines),
            ("t: !!str |\r\n  a: 1\r\n  level: x\r\n", Lines),
            ("t: &x |\n  a: 1\n  level: x\nu: *x\n", Lines),
            ("t: >\n  - a: 1\n    b: 2\n\n\n  - level: x\n", Never),
            ("t: >-\n  a\n  b\n  level: x\n", Never),
            ("t: \"a: 1\\n\\u00e9\\tlevel: x\"\n", WithinLine),
            ("t: \"a: 1\\n\\\n    level: x\"\n", WithinLine),
            ("{\"t\": \"\\ud83d\\ude00\\/a\\nlevel: x\\n\"}", WithinLine),
            ("t: 'it''s\n\n  a\n  level: x'\n", WithinLine),
            ("t: a b\n  level x\n", WithinLine),
        ] {
            let (found, changes, at) = spelled(source);
            assert_eq!((found, changes), ("level", write_back), "{source:?}");
            assert_eq!(at, source.find("level").unwrap(), "{source:?}");
        }
    }
}
