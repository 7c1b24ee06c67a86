//! Maps a text inside a document to the document: spans to show findings, and edits to write fixes back.

use audit_types::{Edit, Span};

/// A run of the inner text and the bytes of the outer text that spell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Segment {
    pub(super) inner: Span,
    pub(super) outer: Span,
    /// `true` if the bytes are equal, so that positions within the run correspond.
    pub(super) is_verbatim: bool,
}

impl Segment {
    /// A run that is spelled as it is.
    pub(super) const fn verbatim(inner: usize, outer: usize, length: usize) -> Self {
        Self {
            inner: Span::new(inner, inner + length),
            outer: Span::new(outer, outer + length),
            is_verbatim: true,
        }
    }
}

/// Changes that can be written back into the outer text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WriteBack {
    /// None: the text is encoded or computed, so that the outer spelling of a change is not certain.
    Never,
    /// Changes within a line of quoted text, without quotes and escapes.
    WithinLine,
    /// Changes within a line of a mapping in braces.
    Flow,
    /// Any change: every line of the inner text is a line of the outer text, with an indentation.
    Lines,
}

/// Correspondence of a text inside a document to the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceMap {
    /// In ascending order and without overlap; parts of the inner text between them are not spelled in the outer text.
    segments: Vec<Segment>,
    /// The whole inner text in the outer one; for positions that no segment has.
    whole: Span,
    write_back: WriteBack,
}

impl SourceMap {
    pub(super) const fn new(segments: Vec<Segment>, whole: Span, write_back: WriteBack) -> Self {
        Self {
            segments,
            whole,
            write_back,
        }
    }

    /// Creates the map of a text whose position is only known as a whole.
    pub(super) const fn coarse(whole: Span) -> Self {
        Self::new(Vec::new(), whole, WriteBack::Never)
    }

    /// Creates the map of a text that is a part of the outer text.
    pub(super) fn part(span: Span) -> Self {
        let segment = Segment::verbatim(0, span.start, span.end.saturating_sub(span.start));
        Self::new(vec![segment], span, WriteBack::Lines)
    }

    /// Creates the map of a text that consists of parts of the outer text, from their positions in it. Its changes are not written back.
    pub(super) fn of_parts(parts: &[(usize, Span)], whole: Span) -> Self {
        let segment = |(inner, outer): &(usize, Span)| {
            Segment::verbatim(*inner, outer.start, outer.end.saturating_sub(outer.start))
        };
        Self::new(parts.iter().map(segment).collect(), whole, WriteBack::Never)
    }

    /// Returns the place of the whole text.
    pub const fn whole(&self) -> Span {
        self.whole
    }

    /// Returns the changes that can be written back.
    pub(crate) const fn write_back(&self) -> WriteBack {
        self.write_back
    }

    /// Returns the map for a text whose changes are not written back.
    pub(super) fn read_only(mut self) -> Self {
        self.write_back = WriteBack::Never;
        self
    }

    /// Moves the map by a number of inner bytes that are not spelled in the outer text.
    pub(super) fn after_prefix(mut self, length: usize) -> Self {
        for segment in &mut self.segments {
            segment.inner = Span::new(segment.inner.start + length, segment.inner.end + length);
        }
        self
    }

    /// Creates the map of a text that consists of other texts, from their offsets in it, in ascending order.
    pub(super) fn joined(parts: Vec<(usize, Self)>) -> Self {
        let wholes = parts.iter().map(|(_, part)| part.whole);
        let start = wholes.clone().map(|whole| whole.start).min();
        let end = wholes.map(|whole| whole.end).max();
        let whole = Span::new(start.unwrap_or(0), end.unwrap_or(0));
        let segments = parts
            .into_iter()
            .flat_map(|(at, part)| part.after_prefix(at).segments);
        Self::new(segments.collect(), whole, WriteBack::WithinLine)
    }

    /// Returns the first segment that ends after an inner offset.
    fn index_at(&self, offset: usize) -> usize {
        self.segments
            .partition_point(|segment| segment.inner.end <= offset)
    }

    /// Returns the outer position at which the inner byte is spelled.
    fn start_of(&self, offset: usize) -> Option<usize> {
        let segment = self.segments.get(self.index_at(offset))?;
        let into = offset.checked_sub(segment.inner.start)?;
        Some(if segment.is_verbatim {
            segment.outer.start + into
        } else {
            segment.outer.start
        })
    }

    /// Returns the outer position after the byte before the inner offset.
    fn end_of(&self, offset: usize) -> Option<usize> {
        let before = offset.checked_sub(1)?;
        let segment = self.segments.get(self.index_at(before))?;
        let into = offset.checked_sub(segment.inner.start).filter(|n| *n > 0)?;
        Some(if segment.is_verbatim {
            segment.outer.start + into
        } else {
            segment.outer.end
        })
    }

    /// Returns the outer span of an inner one. Never fails: a span without a spelling has that of the whole text.
    pub fn span(&self, span: Span) -> Span {
        let found = if span.start == span.end {
            let at = self
                .start_of(span.start)
                .or_else(|| self.end_of(span.start));
            at.map(|at| (at, at))
        } else {
            self.start_of(span.start).zip(self.end_of(span.end))
        };
        match found {
            Some((start, end)) if start <= end => Span::new(start, end),
            _ => self.whole,
        }
    }

    /// Maps outer spans, in ascending order, to inner ones, and leaves out those without a counterpart. If the parts of the inner text are not in
    /// order, the result is one span of all of it.
    pub(super) fn inner_spans(&self, outer: &[Span]) -> Vec<Span> {
        if outer.is_empty() {
            return Vec::new();
        }
        let is_ascending = self
            .segments
            .is_sorted_by(|a, b| a.outer.start <= b.outer.start && a.outer.end <= b.outer.end);
        if !is_ascending {
            let end = self.segments.last().map_or(0, |last| last.inner.end);
            return vec![Span::new(0, end)];
        }
        outer
            .iter()
            .filter_map(|span| self.inner_span(*span))
            .collect()
    }

    /// Returns the inner span of an outer one, of a text that is spelled in order. A run that is spelled differently counts as a whole.
    fn inner_span(&self, outer: Span) -> Option<Span> {
        let from = self
            .segments
            .partition_point(|segment| segment.outer.end <= outer.start);
        let to = self
            .segments
            .partition_point(|segment| segment.outer.start < outer.end);
        let inside = self.segments.get(from..to)?;
        let (first, last) = (inside.first()?, inside.last()?);
        let start = if first.is_verbatim {
            first.inner.start + outer.start.saturating_sub(first.outer.start)
        } else {
            first.inner.start
        };
        let end = if last.is_verbatim {
            last.inner.end - last.outer.end.saturating_sub(outer.end)
        } else {
            last.inner.end
        };
        (start <= end).then(|| Span::new(start, end))
    }

    /// Composes with the map of the outer text into a text around it.
    pub(super) fn within(&self, outer: &Self) -> Self {
        let mut segments = Vec::new();
        for segment in &self.segments {
            if !segment.is_verbatim {
                segments.push(Segment {
                    outer: outer.span(segment.outer),
                    ..*segment
                });
                continue;
            }
            let mut index = outer.index_at(segment.outer.start);
            while let Some(next) = outer.segments.get(index) {
                let start = next.inner.start.max(segment.outer.start);
                let end = next.inner.end.min(segment.outer.end);
                if start >= end {
                    break;
                }
                let inner = segment.inner.start + (start - segment.outer.start);
                let inner = Span::new(inner, inner + (end - start));
                let outer = if next.is_verbatim {
                    let at = next.outer.start + (start - next.inner.start);
                    Span::new(at, at + (end - start))
                } else {
                    next.outer
                };
                segments.push(Segment {
                    inner,
                    outer,
                    is_verbatim: next.is_verbatim,
                });
                index += 1;
            }
        }
        Self::new(
            segments,
            outer.span(self.whole),
            self.write_back.min(outer.write_back),
        )
    }

    /// Converts an edit of the inner text into one of the outer text. `None` if its outer spelling is not certain.
    pub fn edit(&self, inner: &str, outer: &str, edit: &Edit) -> Option<Edit> {
        let Span { start, end } = edit.span;
        let removed = inner.get(start..end)?;
        if removed.contains(['\n', '\r']) || edit.text.contains(['\n', '\r']) {
            return self.edit_lines(inner, outer, edit);
        }
        if self.write_back == WriteBack::Never {
            return None;
        }
        let at_line_start = start == 0 || inner.get(..start)?.ends_with('\n');
        let span = if start < end {
            Span::new(self.start_of(start)?, self.end_of(end)?)
        } else {
            let at = if at_line_start {
                self.start_of(start)?
            } else {
                self.end_of(start)?
            };
            Span::new(at, at)
        };
        let is_plain = |c: char| !matches!(c, '"' | '\'' | '\\') && !c.is_control();
        let is_safe = self.write_back >= WriteBack::Flow || edit.text.chars().all(is_plain);
        (outer.get(span.start..span.end)? == removed && is_safe).then(|| Edit {
            span,
            text: edit.text.clone(),
        })
    }

    /// Converts an edit of whole lines, which get the indentation of the outer text.
    fn edit_lines(&self, inner: &str, outer: &str, edit: &Edit) -> Option<Edit> {
        if self.write_back != WriteBack::Lines {
            return None;
        }
        let Span { start, end } = edit.span;
        let first = inner.get(..start)?.rfind('\n').map_or(0, |at| at + 1);
        let ends_line = |text: &str| text.is_empty() || text.ends_with('\n');
        let kept_before = inner.get(first..start)?;
        let mut last = end;
        let is_between_lines = ends_line(inner.get(..end)?)
            && (ends_line(&edit.text) && (!edit.text.is_empty() || kept_before.is_empty()));
        if !is_between_lines {
            let rest = inner.get(end..)?;
            last = rest.find('\n').map_or(inner.len(), |at| end + at + 1);
        }
        let lines = format!("{kept_before}{}{}", edit.text, inner.get(end..last)?);
        let indent = self.indent(inner, outer)?;
        let (from, is_indented) = if first < inner.len() {
            (self.start_of(first)?, true)
        } else {
            (self.end_of(first)?, false)
        };
        let to = if last > first {
            self.end_of(last)?
        } else {
            from
        };
        let mut from = from;
        let mut text = String::new();
        let mut is_indented = is_indented;
        if lines.is_empty() || !is_indented {
            // The indentation of removed lines goes with them; a line after the last one needs its own.
            from = line_start_in_margin(outer, from)?;
            is_indented = false;
        }
        for line in lines.split_inclusive('\n') {
            if !is_indented && !line.trim().is_empty() {
                text.push_str(&indent);
            }
            text.push_str(line);
            is_indented = false;
        }
        let inserts_before_line = last == first && first < inner.len() && text.ends_with('\n');
        if inserts_before_line {
            text.push_str(&indent);
        }
        (from <= to.max(from)).then(|| Edit {
            span: Span::new(from, to.max(from)),
            text,
        })
    }

    /// Returns the indentation of the inner text's lines in the outer text: that of the first line that is not blank and not the first of a list item.
    fn indent(&self, inner: &str, outer: &str) -> Option<String> {
        let mut at = 0;
        for line in inner.split_inclusive('\n') {
            if !line.trim().is_empty()
                && let Some(place) = self.start_of(at)
            {
                let before = outer.get(..place)?;
                let start = before.rfind('\n').map_or(0, |at| at + 1);
                let margin = before.get(start..)?;
                // After `- `, further lines are indented as far.
                return Some(" ".repeat(margin.chars().count()));
            }
            at += line.len();
        }
        None
    }
}

/// Returns the start of the line of a position that has only white space before it. `None` if there is more.
fn line_start_in_margin(outer: &str, at: usize) -> Option<usize> {
    let before = outer.get(..at)?;
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    before
        .get(start..)?
        .chars()
        .all(|c| c == ' ')
        .then_some(start)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `a:\n` and `  b\n` of a block with two spaces more, at byte 10 of the outer text.
    fn block() -> (SourceMap, &'static str, &'static str) {
        let outer = "text: |\n  a:\n    b\nnext: 1\n";
        let segments = vec![Segment::verbatim(0, 10, 3), Segment::verbatim(3, 15, 4)];
        let map = SourceMap::new(segments, Span::new(6, 19), WriteBack::Lines);
        (map, "a:\n  b\n", outer)
    }

    fn applied(outer: &str, edit: &Edit) -> String {
        let mut text = outer.to_owned();
        text.replace_range(edit.span.start..edit.span.end, &edit.text);
        text
    }

    #[test]
    fn edits_of_lines_keep_the_indentation() {
        let (map, inner, outer) = block();
        for (start, end, text, expected) in [
            (0, 0, "x: 1\n", "text: |\n  x: 1\n  a:\n    b\nnext: 1\n"),
            (0, 1, "c", "text: |\n  c:\n    b\nnext: 1\n"),
            (3, 3, "  y\n", "text: |\n  a:\n    y\n    b\nnext: 1\n"),
            (7, 7, "z: 2\n", "text: |\n  a:\n    b\n  z: 2\nnext: 1\n"),
            (3, 7, "", "text: |\n  a:\nnext: 1\n"),
            (0, 3, "", "text: |\n    b\nnext: 1\n"),
            (2, 3, " {}\n", "text: |\n  a: {}\n    b\nnext: 1\n"),
            (2, 6, "", "text: |\n  a:\nnext: 1\n"),
            (2, 2, "\n  q", "text: |\n  a:\n    q\n    b\nnext: 1\n"),
        ] {
            let edit = Edit {
                span: Span::new(start, end),
                text: text.to_owned(),
            };
            let edit = map.edit(inner, outer, &edit).expect("an edit of lines");
            assert_eq!(applied(outer, &edit), expected, "{start}..{end} {text:?}");
        }
    }

    #[test]
    fn inner_spans_are_those_of_the_runs_that_an_outer_span_touches() {
        let (map, ..) = block();
        // `: `, a quote that is spelled with two bytes and stands for one, then `b`.
        let segments = vec![
            Segment::verbatim(0, 10, 2),
            Segment {
                inner: Span::new(2, 3),
                outer: Span::new(12, 18),
                is_verbatim: false,
            },
            Segment::verbatim(3, 18, 1),
        ];
        let escaped = SourceMap::new(segments, Span::new(9, 20), WriteBack::WithinLine);
        for (map, outer, inner) in [
            (&map, (0, 6), None),
            (&map, (10, 13), Some((0, 3))),
            (&map, (11, 12), Some((1, 2))),
            (&map, (12, 17), Some((2, 5))),
            // The indentation alone is not a part of the inner text.
            (&map, (13, 15), None),
            (&map, (13, 16), Some((3, 4))),
            (&escaped, (11, 13), Some((1, 3))),
            (&escaped, (13, 14), Some((2, 3))),
            (&escaped, (14, 19), Some((2, 4))),
        ] {
            let span = |(start, end)| Span::new(start, end);
            let expected: Vec<Span> = inner.map(span).into_iter().collect();
            assert_eq!(map.inner_spans(&[span(outer)]), expected, "{outer:?}");
        }
        // A text whose parts have changed places.
        let swapped = vec![Segment::verbatim(0, 15, 4), Segment::verbatim(4, 10, 3)];
        let swapped = SourceMap::new(swapped, Span::new(6, 19), WriteBack::Never);
        assert_eq!(swapped.inner_spans(&[Span::new(10, 11)]), [Span::new(0, 7)]);
    }

    #[test]
    fn spans_without_a_spelling_are_those_of_the_whole() {
        let (map, ..) = block();
        assert_eq!(map.span(Span::new(0, 1)), Span::new(10, 11));
        assert_eq!(map.span(Span::new(1, 4)), Span::new(11, 16));
        assert_eq!(map.span(Span::new(7, 7)), Span::new(19, 19));
        let moved = map.after_prefix(5);
        assert_eq!(moved.span(Span::new(2, 3)), Span::new(6, 19));
        assert_eq!(moved.span(Span::new(5, 6)), Span::new(10, 11));
    }
}
