//! Parser, like that of go-yaml v2, including its deviations from the specification: it accepts the same documents.

use super::cursor::Mark;
use super::event::{Event, EventKind, Scalar};
use super::scanner::{Outcome, Scanner};
use super::token::{Token, TokenKind, YamlError};
use crate::text::Text;
use audit_types::Span;

/// State of the parser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before the first document, which needs no `---`.
    StreamStart,
    DocumentContent,
    BlockNode,
    DocumentEnd,
    ListFirst,
    ListEntry,
    /// A list that is not indented relative to its key.
    LooseListEntry,
    MapFirst,
    MapKey,
    MapValue,
    FlowListFirst,
    FlowListEntry,
    /// `[a: b]`
    PairKey,
    PairValue,
    PairEnd,
    FlowMapFirst,
    FlowMapKey,
    FlowMapValue,
    /// A key without value.
    FlowMapNoValue,
    End,
}

/// Events of the first document.
#[derive(Debug)]
pub(crate) struct Parser<'a> {
    scanner: Scanner<'a>,
    state: State,
    states: Vec<State>,
    /// Starts of the open collections.
    marks: Vec<Mark>,
    prefixes: Vec<(String, String)>,
}

impl<'a> Parser<'a> {
    pub(crate) fn new(text: &'a Text) -> Self {
        Self {
            scanner: Scanner::new(text),
            state: State::StreamStart,
            states: Vec::new(),
            marks: Vec::new(),
            prefixes: Vec::new(),
        }
    }

    /// Returns true if the server would have reached the undecodable chunk.
    pub(crate) const fn is_flawed(&self) -> bool {
        self.scanner.cursor.is_flawed()
    }

    /// Returns the next event; after the end of the document, always the end of the stream.
    pub(crate) fn next(&mut self) -> Outcome<Event> {
        match self.state {
            State::StreamStart => self.stream_start(),
            State::DocumentContent => self.document_content(),
            State::BlockNode => self.node(true, false),
            State::DocumentEnd => self.document_end(),
            State::ListFirst => self.list_entry(true),
            State::ListEntry => self.list_entry(false),
            State::LooseListEntry => self.loose_list_entry(),
            State::MapFirst => self.map_key(true),
            State::MapKey => self.map_key(false),
            State::MapValue => self.map_value(),
            State::FlowListFirst => self.flow_list_entry(true),
            State::FlowListEntry => self.flow_list_entry(false),
            State::PairKey => self.pair_key(),
            State::PairValue => self.pair_value(),
            State::PairEnd => self.pair_end(),
            State::FlowMapFirst => self.flow_map_key(true),
            State::FlowMapKey => self.flow_map_key(false),
            State::FlowMapValue => self.flow_map_value(false),
            State::FlowMapNoValue => self.flow_map_value(true),
            State::End => Ok(event(
                EventKind::StreamEnd,
                self.scanner.cursor.mark,
                self.scanner.cursor.mark,
            )),
        }
    }

    /// Returns the next token's kind and span.
    fn peek(&mut self) -> Outcome<(&TokenKind, Mark, Mark)> {
        self.scanner
            .peek()
            .map(|token| (&token.kind, token.start, token.end))
    }

    fn pop_state(&mut self) {
        self.state = self.states.pop().unwrap_or(State::End);
    }

    /// Returns an event for the current token, removes it, and returns to the enclosing state.
    fn finish(&mut self, kind: EventKind) -> Outcome<Event> {
        let token = self.scanner.take()?;
        self.pop_state();
        Ok(event(kind, token.start, token.end))
    }

    /// Returns the end of the innermost collection.
    fn finish_collection(&mut self, is_flow: bool) -> Outcome<Event> {
        self.marks.pop();
        self.finish(EventKind::End { is_flow })
    }

    /// Returns an empty scalar.
    fn empty(&mut self, next: State, mark: Mark) -> Outcome<Event> {
        self.state = next;
        let scalar = Scalar {
            tag: None,
            text: String::new(),
            implicit: true,
        };
        let kind = EventKind::Scalar {
            anchor: None,
            scalar,
        };
        Ok(event(kind, mark, mark))
    }

    /// Removes the opening token of a collection and stores its position for messages.
    fn open(&mut self, first: bool) -> Outcome<()> {
        if first {
            let token = self.scanner.take()?;
            self.marks.push(token.start);
        }
        Ok(())
    }

    fn failure(&self, problem: &'static str, at: Mark) -> YamlError {
        YamlError {
            problem,
            at,
            context: self.marks.last().copied().unwrap_or_default(),
            by_scanner: false,
        }
    }

    fn stream_start(&mut self) -> Outcome<Event> {
        let (kind, start, end) = self.peek()?;
        match kind {
            TokenKind::StreamEnd => {
                self.state = State::End;
                Ok(event(EventKind::StreamEnd, start, end))
            }
            TokenKind::Version { .. } | TokenKind::TagPrefix { .. } | TokenKind::DocumentStart => {
                self.directives()?;
                let (kind, at, _) = self.peek()?;
                if *kind != TokenKind::DocumentStart {
                    return Err(YamlError {
                        problem: "did not find expected <document start>",
                        at,
                        context: Mark::default(),
                        by_scanner: false,
                    });
                }
                self.states.push(State::DocumentEnd);
                self.state = State::DocumentContent;
                let token = self.scanner.take()?;
                Ok(event(EventKind::DocumentStart, start, token.end))
            }
            _ => {
                self.directives()?;
                self.states.push(State::DocumentEnd);
                self.state = State::BlockNode;
                Ok(event(EventKind::DocumentStart, start, start))
            }
        }
    }

    /// Parses directives: go-yaml accepts `%YAML 1.1` once, and each `%TAG` once.
    fn directives(&mut self) -> Outcome<()> {
        let mut has_version = false;
        let problem = loop {
            let (kind, _, _) = self.peek()?;
            if !matches!(
                kind,
                TokenKind::Version { .. } | TokenKind::TagPrefix { .. }
            ) {
                break None;
            }
            let Token { kind, start, .. } = self.scanner.take()?;
            match kind {
                TokenKind::Version { .. } if has_version => {
                    break Some(("found duplicate %YAML directive", start));
                }
                TokenKind::Version { major, minor } => {
                    if (major, minor) != (1, 1) {
                        break Some(("found incompatible YAML document", start));
                    }
                    has_version = true;
                }
                TokenKind::TagPrefix { handle, prefix } => {
                    if self.prefix(&handle).is_some() {
                        break Some(("found duplicate %TAG directive", start));
                    }
                    self.prefixes.push((handle, prefix));
                }
                _ => {}
            }
        };
        if let Some((problem, at)) = problem {
            return Err(YamlError {
                problem,
                at,
                context: Mark::default(),
                by_scanner: false,
            });
        }
        for (handle, prefix) in [("!", "!"), ("!!", "tag:yaml.org,2002:")] {
            if self.prefix(handle).is_none() {
                self.prefixes.push((handle.to_owned(), prefix.to_owned()));
            }
        }
        Ok(())
    }

    fn prefix(&self, handle: &str) -> Option<&str> {
        self.prefixes
            .iter()
            .find(|(known, _)| known == handle)
            .map(|(_, prefix)| prefix.as_str())
    }

    fn document_content(&mut self) -> Outcome<Event> {
        let (kind, start, _) = self.peek()?;
        let is_empty = matches!(
            kind,
            TokenKind::Version { .. }
                | TokenKind::TagPrefix { .. }
                | TokenKind::DocumentStart
                | TokenKind::DocumentEnd
                | TokenKind::StreamEnd
        );
        if !is_empty {
            return self.node(true, false);
        }
        let next = self.states.pop().unwrap_or(State::End);
        self.empty(next, start)
    }

    fn document_end(&mut self) -> Outcome<Event> {
        let (_, start, _) = self.peek()?;
        self.state = State::End;
        Ok(event(EventKind::DocumentEnd, start, start))
    }

    /// Parses an anchor and a tag, in either order.
    fn properties(&mut self) -> Outcome<Properties> {
        let mut found = Properties::default();
        loop {
            match self.peek()?.0 {
                TokenKind::Anchor(_) if found.anchor.is_none() => {}
                TokenKind::Tag { .. } if found.tag.is_none() => {}
                _ => return Ok(found),
            }
            let token = self.scanner.take()?;
            let (start, _) = found.place.unwrap_or((token.start, token.end));
            found.place = Some((start, token.end));
            match token.kind {
                TokenKind::Anchor(name) => found.anchor = Some(name),
                TokenKind::Tag { handle, suffix } => {
                    let tag = if handle.is_empty() {
                        Some(suffix)
                    } else {
                        self.prefix(&handle)
                            .map(|prefix| format!("{prefix}{suffix}"))
                    };
                    found.tag = Some((tag.unwrap_or_default(), token.start));
                }
                _ => {}
            }
        }
    }

    fn node(&mut self, is_block: bool, may_be_loose: bool) -> Outcome<Event> {
        if let (TokenKind::Alias(name), ..) = self.peek()? {
            let kind = EventKind::Alias(name.clone());
            return self.finish(kind);
        }
        let properties = self.properties()?;
        let (kind, token_start, token_end) = self.peek()?;
        let (start, end) = properties.place.unwrap_or((token_start, token_start));
        let shape = match kind {
            TokenKind::BlockEntry if may_be_loose => Some((State::LooseListEntry, true)),
            TokenKind::FlowListStart => Some((State::FlowListFirst, true)),
            TokenKind::FlowMapStart => Some((State::FlowMapFirst, false)),
            TokenKind::BlockListStart if is_block => Some((State::ListFirst, true)),
            TokenKind::BlockMapStart if is_block => Some((State::MapFirst, false)),
            _ => None,
        };
        let is_scalar = matches!(kind, TokenKind::Scalar { .. });
        if let Some((_, at)) = properties.tag.as_ref().filter(|(tag, _)| tag.is_empty()) {
            let mut failure = self.failure("found undefined tag handle", *at);
            failure.context = start;
            return Err(failure);
        }
        let Properties { anchor, tag, place } = properties;
        let (tag, tag_start) = tag.unzip();
        if let Some((state, is_list)) = shape {
            self.state = state;
            let kind = if is_list {
                EventKind::ListStart { anchor }
            } else {
                EventKind::MapStart { anchor }
            };
            return Ok(event(kind, start, token_end));
        }
        if is_scalar {
            return self.scalar(anchor, tag, start, tag_start);
        }
        if place.is_some() {
            self.pop_state();
            let scalar = Scalar {
                implicit: tag.is_none(),
                tag,
                text: String::new(),
            };
            return Ok(event(EventKind::Scalar { anchor, scalar }, start, end));
        }
        let mut failure = self.failure("did not find expected node content", token_start);
        failure.context = start;
        Err(failure)
    }

    /// Returns a scalar. Its span includes the tag but not the anchor, which is not part of the value.
    fn scalar(
        &mut self,
        anchor: Option<String>,
        tag: Option<String>,
        start: Mark,
        tag_start: Option<Mark>,
    ) -> Outcome<Event> {
        let token = self.scanner.take()?;
        self.pop_state();
        let TokenKind::Scalar { text, is_plain } = token.kind else {
            return Err(self.failure("did not find expected node content", token.start));
        };
        let implicit = tag.as_ref().map_or(is_plain, |tag| tag == "!");
        let scalar = Scalar {
            tag,
            text,
            implicit,
        };
        let mut event = event(EventKind::Scalar { anchor, scalar }, start, token.end);
        event.span.start = tag_start.unwrap_or(token.start).offset;
        Ok(event)
    }

    /// Returns an empty item or key, at its `-` or `?`.
    fn empty_behind(&mut self, next: State, mark: Mark, sign: (Mark, Mark)) -> Outcome<Event> {
        let mut event = self.empty(next, mark)?;
        event.span = Span::new(sign.0.offset, sign.1.offset);
        Ok(event)
    }

    fn list_entry(&mut self, first: bool) -> Outcome<Event> {
        self.open(first)?;
        let (kind, start, end) = self.peek()?;
        match kind {
            TokenKind::BlockEntry => {
                self.scanner.take()?;
                if matches!(self.peek()?.0, TokenKind::BlockEntry | TokenKind::BlockEnd) {
                    return self.empty_behind(State::ListEntry, end, (start, end));
                }
                self.states.push(State::ListEntry);
                self.node(true, false)
            }
            TokenKind::BlockEnd => self.finish_collection(false),
            _ => Err(self.failure("did not find expected '-' indicator", start)),
        }
    }

    fn loose_list_entry(&mut self) -> Outcome<Event> {
        let (kind, start, end) = self.peek()?;
        if *kind != TokenKind::BlockEntry {
            self.pop_state();
            return Ok(event(EventKind::End { is_flow: false }, start, start));
        }
        self.scanner.take()?;
        let is_empty = matches!(
            self.peek()?.0,
            TokenKind::BlockEntry | TokenKind::Key | TokenKind::Value | TokenKind::BlockEnd
        );
        if is_empty {
            return self.empty_behind(State::LooseListEntry, end, (start, end));
        }
        self.states.push(State::LooseListEntry);
        self.node(true, false)
    }

    fn map_key(&mut self, first: bool) -> Outcome<Event> {
        self.open(first)?;
        let (kind, start, end) = self.peek()?;
        match kind {
            TokenKind::Key => {
                self.scanner.take()?;
                self.map_part(State::MapValue, end, (start, end))
            }
            TokenKind::BlockEnd => self.finish_collection(false),
            _ => Err(self.failure("did not find expected key", start)),
        }
    }

    fn map_value(&mut self) -> Outcome<Event> {
        let (kind, start, end) = self.peek()?;
        if *kind != TokenKind::Value {
            return self.empty(State::MapKey, start);
        }
        self.scanner.take()?;
        self.map_part(State::MapKey, end, (end, end))
    }

    /// Parses a key or value after its indicator.
    fn map_part(&mut self, next: State, after: Mark, sign: (Mark, Mark)) -> Outcome<Event> {
        let is_empty = matches!(
            self.peek()?.0,
            TokenKind::Key | TokenKind::Value | TokenKind::BlockEnd
        );
        if is_empty {
            return self.empty_behind(next, after, sign);
        }
        self.states.push(next);
        self.node(true, true)
    }

    /// Skips the comma between two entries of a flow collection.
    fn flow_comma(&mut self, first: bool, problem: &'static str) -> Outcome<()> {
        if first {
            return Ok(());
        }
        let (kind, start, _) = self.peek()?;
        if *kind != TokenKind::FlowEntry {
            return Err(self.failure(problem, start));
        }
        self.scanner.take()?;
        Ok(())
    }

    fn flow_list_entry(&mut self, first: bool) -> Outcome<Event> {
        self.open(first)?;
        if *self.peek()?.0 == TokenKind::FlowListEnd {
            return self.finish_collection(true);
        }
        self.flow_comma(first, "did not find expected ',' or ']'")?;
        let (kind, start, end) = self.peek()?;
        match kind {
            TokenKind::Key => {
                self.scanner.take()?;
                self.state = State::PairKey;
                Ok(event(EventKind::MapStart { anchor: None }, start, end))
            }
            TokenKind::FlowListEnd => self.finish_collection(true),
            _ => {
                self.states.push(State::FlowListEntry);
                self.node(false, false)
            }
        }
    }

    fn pair_key(&mut self) -> Outcome<Event> {
        let (kind, _, end) = self.peek()?;
        let is_empty = matches!(
            kind,
            TokenKind::Value | TokenKind::FlowEntry | TokenKind::FlowListEnd
        );
        if is_empty {
            // go-yaml removes the token, so `[? : a]` does not parse.
            self.scanner.take()?;
            return self.empty(State::PairValue, end);
        }
        self.states.push(State::PairValue);
        self.node(false, false)
    }

    fn pair_value(&mut self) -> Outcome<Event> {
        let (kind, start, _) = self.peek()?;
        if *kind == TokenKind::Value {
            self.scanner.take()?;
            if !matches!(
                self.peek()?.0,
                TokenKind::FlowEntry | TokenKind::FlowListEnd
            ) {
                self.states.push(State::PairEnd);
                return self.node(false, false);
            }
        }
        self.empty(State::PairEnd, start)
    }

    fn pair_end(&mut self) -> Outcome<Event> {
        let (_, start, _) = self.peek()?;
        self.state = State::FlowListEntry;
        Ok(event(EventKind::End { is_flow: false }, start, start))
    }

    fn flow_map_key(&mut self, first: bool) -> Outcome<Event> {
        self.open(first)?;
        if *self.peek()?.0 == TokenKind::FlowMapEnd {
            return self.finish_collection(true);
        }
        self.flow_comma(first, "did not find expected ',' or '}'")?;
        match self.peek()?.0 {
            TokenKind::Key => {
                let sign = self.scanner.take()?;
                let (kind, start, _) = self.peek()?;
                let is_empty = matches!(
                    kind,
                    TokenKind::Value | TokenKind::FlowEntry | TokenKind::FlowMapEnd
                );
                if is_empty {
                    let sign = (sign.start, sign.end);
                    return self.empty_behind(State::FlowMapValue, start, sign);
                }
                self.states.push(State::FlowMapValue);
                self.node(false, false)
            }
            TokenKind::FlowMapEnd => self.finish_collection(true),
            _ => {
                self.states.push(State::FlowMapNoValue);
                self.node(false, false)
            }
        }
    }

    fn flow_map_value(&mut self, is_missing: bool) -> Outcome<Event> {
        let (kind, start, _) = self.peek()?;
        if !is_missing && *kind == TokenKind::Value {
            self.scanner.take()?;
            let (kind, start, _) = self.peek()?;
            if !matches!(kind, TokenKind::FlowEntry | TokenKind::FlowMapEnd) {
                self.states.push(State::FlowMapKey);
                return self.node(false, false);
            }
            return self.empty(State::FlowMapKey, start);
        }
        self.empty(State::FlowMapKey, start)
    }
}

/// Properties of a node: anchor and tag.
#[derive(Debug, Default)]
struct Properties {
    anchor: Option<String>,
    /// The tag, empty if its handle is unknown, and its span.
    tag: Option<(String, Mark)>,
    place: Option<(Mark, Mark)>,
}

fn event(kind: EventKind, start: Mark, end: Mark) -> Event {
    Event {
        kind,
        span: Span::new(start.offset, end.offset),
        line: start.line,
    }
}
