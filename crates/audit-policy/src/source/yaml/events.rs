//! The one place that knows the YAML parser: its events and errors in our terms.

use std::io::{self, BufRead, Read};

use libyaml_safer::{Encoding, ErrorKind, EventData, Parser};

use super::error;
use crate::source::SyntaxError;
use crate::source::text::Text;
use crate::span::Span;

/// A step of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Event {
    pub(super) kind: Kind,
    pub(super) span: Span,
    /// Lines end before the event's start.
    pub(super) line: usize,
}

/// What the text does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    DocumentStart,
    DocumentEnd,
    StreamEnd,
    Alias(String),
    Scalar(Scalar),
    ListStart { anchor: Option<String> },
    ListEnd { flow: bool },
    MapStart { anchor: Option<String> },
    MapEnd { flow: bool },
}

/// A scalar as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Scalar {
    pub(super) anchor: Option<String>,
    pub(super) tag: Option<String>,
    pub(super) text: String,
    /// Whether the text decides the type: not quoted, not a block, not tagged (or tagged `!`).
    pub(super) implicit: bool,
}

/// Hands out the text in the server's chunks, and fails where it would.
struct Chunked<'a> {
    bytes: &'a [u8],
    end: Option<usize>,
}

impl Read for Chunked<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let mut available = self.fill_buf()?;
        let count = available.read(out)?;
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Chunked<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        match self.end {
            Some(0) => Err(io::ErrorKind::InvalidData.into()),
            Some(end) => Ok(self.bytes.get(..end).unwrap_or_default()),
            None => Ok(self.bytes),
        }
    }

    fn consume(&mut self, count: usize) {
        self.bytes = self.bytes.get(count..).unwrap_or_default();
        if let Some(end) = &mut self.end {
            *end = end.saturating_sub(count);
        }
    }
}

/// The events of a text.
pub(super) struct Events<'a> {
    text: &'a Text,
    parser: Parser<Chunked<'a>>,
    /// Bytes of the byte order mark, which the parser does not see.
    offset: usize,
}

impl<'a> Events<'a> {
    pub(super) fn new(text: &'a Text) -> Self {
        let offset = if text.text.starts_with('\u{feff}') {
            3
        } else {
            0
        };
        let bytes = text.text.as_bytes().get(offset..).unwrap_or_default();
        let end = text
            .flaw
            .as_ref()
            .map(|flaw| flaw.chunk.saturating_sub(offset));
        let mut parser = Parser::new();
        parser.set_encoding(Encoding::Utf8);
        parser.set_input(Chunked { bytes, end });
        Self {
            text,
            parser,
            offset,
        }
    }

    /// The next event, or why there is none.
    pub(super) fn next(&mut self) -> Result<Event, SyntaxError> {
        loop {
            let event = self.parser.parse().map_err(|error| self.explain(&error))?;
            let place = |index: u64| usize::try_from(index).unwrap_or(0) + self.offset;
            let span = Span::new(place(event.start_mark.index), place(event.end_mark.index));
            let line = usize::try_from(event.start_mark.line).unwrap_or(0);
            let kind = match event.data {
                EventData::StreamStart { .. } => continue,
                EventData::StreamEnd => Kind::StreamEnd,
                EventData::DocumentStart {
                    version_directive, ..
                } => {
                    if version_directive.is_some_and(|version| version.minor != 1) {
                        return Err(self.incompatible());
                    }
                    Kind::DocumentStart
                }
                EventData::DocumentEnd { .. } => Kind::DocumentEnd,
                EventData::Alias { anchor } => Kind::Alias(anchor),
                EventData::Scalar {
                    anchor,
                    tag,
                    value,
                    plain_implicit,
                    ..
                } => Kind::Scalar(Scalar {
                    anchor,
                    tag,
                    text: value,
                    implicit: plain_implicit,
                }),
                EventData::SequenceStart { anchor, .. } => Kind::ListStart { anchor },
                EventData::SequenceEnd => Kind::ListEnd {
                    flow: self.is_closing(span, b']'),
                },
                EventData::MappingStart { anchor, .. } => Kind::MapStart { anchor },
                EventData::MappingEnd => Kind::MapEnd {
                    flow: self.is_closing(span, b'}'),
                },
            };
            return Ok(Event { kind, span, line });
        }
    }

    fn is_closing(&self, span: Span, bracket: u8) -> bool {
        self.text.text.as_bytes().get(span.start..span.end) == Some(&[bracket])
    }

    /// The server names the line of a scanner's error from 1, and that of a parser's error from 0; never the first.
    fn explain(&self, failure: &libyaml_safer::Error) -> SyntaxError {
        if let (ErrorKind::Io | ErrorKind::Reader, Some(flaw)) = (failure.kind(), &self.text.flaw) {
            return error(flaw.problem, flaw.span);
        }
        let mark = failure.problem_mark().unwrap_or_default();
        let context = failure.context_mark().unwrap_or_default();
        let line = match (mark.line, failure.kind()) {
            (0, _) => context.line,
            (line, ErrorKind::Scanner) => line + 1,
            (line, _) => line,
        };
        let at = usize::try_from(mark.index).unwrap_or(0) + self.offset;
        let at = self.text.text.floor_char_boundary(at);
        let end = self.text.text.ceil_char_boundary(at + 1);
        let place = match line {
            0 => String::new(),
            line => format!("line {line}: "),
        };
        error(format!("{place}{}", failure.problem()), Span::new(at, end))
    }

    /// go-yaml takes `%YAML 1.1` and nothing else.
    fn incompatible(&self) -> SyntaxError {
        let mut start = self.offset;
        let rest = self.text.text.get(start..).unwrap_or_default();
        for (number, line) in rest.split_inclusive('\n').enumerate() {
            if line.starts_with("%YAML") {
                let place = if number == 0 {
                    String::new()
                } else {
                    format!("line {number}: ")
                };
                let span = Span::new(start, start + line.trim_end().len());
                return error(format!("{place}found incompatible YAML document"), span);
            }
            start += line.len();
        }
        error(
            "found incompatible YAML document",
            Span::new(self.offset, start),
        )
    }
}
