//! Cutting a stream of bytes into the texts of its values, in any chunks, reading each byte once.
//!
//! A frame is not yet known to be JSON. Broken text costs itself and nothing after it: in JSON lines the next line goes on, in
//! other layouts the next line that starts with `{`.

use memchr::{memchr, memchr_iter, memchr2};

pub use crate::layout::Layout;
use crate::layout::guess_layout;
use crate::unwrap::envelope::{MAX_WHOLE_BYTES, Step, Walk, Within, may_be_document};

/// The longest value that is kept; a longer one is reported and skipped.
pub const MAX_FRAME_BYTES: usize = 256 << 20;

/// A value's text, and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame<'a> {
    /// Bytes before it in the file.
    pub offset: u64,
    /// The line it starts on, from 1.
    pub line: u64,
    /// The text.
    pub bytes: &'a [u8],
    /// Whether it is whole, as far as brackets tell.
    pub state: FrameState,
    /// Of which document it is a record, where that is read piece by piece.
    pub within: Option<Within>,
}

/// How a frame ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FrameState {
    /// At the end of its line, or of its outermost bracket.
    Whole,
    /// The file, or the next value, began before it was closed.
    Cut,
    /// It is longer than [`MAX_FRAME_BYTES`]; these are its first bytes.
    TooLong,
}

/// Cuts the bytes of one file.
#[derive(Debug)]
pub struct Framer {
    layout: Option<Layout>,
    /// The start of a value whose end has not come yet.
    carry: Vec<u8>,
    /// Offset and line of the first byte of `carry`, or of the next chunk where it is empty.
    offset: u64,
    line: u64,
    scan: Scan,
    /// A line that starts with `{` starts a value, whatever is still open.
    lines_start_values: bool,
    /// Skipping to the end of the line after a value that was too long.
    skipping: bool,
    saw_array: bool,
    /// Through a document of many records that is too long to wait for its end.
    walk: Option<Walk>,
    /// The value under way was looked at for such a document.
    is_looked_at: bool,
    /// From this length on; only tests set another.
    max_whole: usize,
}

/// How far brackets are followed inside `carry`.
#[derive(Debug, Clone, Copy, Default)]
struct Scan {
    at: usize,
    depth: usize,
    in_string: bool,
    after_newline: bool,
}

impl Default for Framer {
    fn default() -> Self {
        Self::new()
    }
}

impl Framer {
    /// A framer at the start of a file.
    pub fn new() -> Self {
        Self::with_limit(MAX_WHOLE_BYTES)
    }

    /// A framer that reads documents piece by piece from that length on.
    pub(crate) fn with_limit(max_whole: usize) -> Self {
        Self {
            layout: None,
            carry: Vec::new(),
            offset: 0,
            line: 1,
            scan: Scan::default(),
            lines_start_values: false,
            skipping: false,
            saw_array: false,
            walk: None,
            is_looked_at: false,
            max_whole,
        }
    }

    /// A framer of bytes whose layout is known.
    pub(crate) fn of_layout(layout: Layout) -> Self {
        Self {
            layout: Some(layout),
            ..Self::new()
        }
    }

    /// The layout, once enough was read to tell.
    pub const fn layout(&self) -> Option<Layout> {
        self.layout
    }

    /// Whether values stand in an array.
    pub const fn saw_array(&self) -> bool {
        self.saw_array
    }

    /// Whether it stands at the start of a line, and every line stands for itself.
    pub const fn is_between_lines(&self) -> bool {
        matches!(self.layout, Some(Layout::Lines)) && self.carry.is_empty() && !self.skipping
    }

    /// How many bytes come before the one where it stands.
    pub const fn offset(&self) -> u64 {
        self.offset
    }

    /// How many lines come before the one where it stands.
    pub const fn lines_before(&self) -> u64 {
        self.line - 1
    }

    /// Goes past whole lines.
    pub const fn skip(&mut self, bytes: u64, lines: u64) {
        self.offset += bytes;
        self.line += lines;
    }

    /// Takes the next bytes of the file, and gives out every value that they complete.
    pub fn push(&mut self, chunk: &[u8], sink: &mut impl FnMut(Frame<'_>)) {
        if self.layout == Some(Layout::Lines) && self.carry.is_empty() {
            let whole = memchr::memrchr(b'\n', chunk).map_or(0, |at| at + 1);
            let (lines, tail) = chunk.split_at(whole);
            self.lines(lines, sink);
            self.carry.extend_from_slice(tail);
        } else {
            self.carry.extend_from_slice(chunk);
            self.drain(false, sink);
        }
        if self.carry.len() > MAX_FRAME_BYTES {
            self.give_up(sink);
        }
    }

    /// Says that the file has ended, and gives out what is left.
    pub fn finish(&mut self, sink: &mut impl FnMut(Frame<'_>)) {
        self.drain(true, sink);
    }

    fn drain(&mut self, at_end: bool, sink: &mut impl FnMut(Frame<'_>)) {
        if self.layout.is_none() {
            self.layout = guess_layout(&self.carry, self.max_whole, at_end);
        }
        match self.layout {
            None => {}
            Some(Layout::Lines) => self.drain_lines(at_end, sink),
            Some(Layout::Values) => self.drain_values(at_end, sink),
        }
    }

    fn drain_lines(&mut self, at_end: bool, sink: &mut impl FnMut(Frame<'_>)) {
        let carry = std::mem::take(&mut self.carry);
        let whole = if at_end {
            carry.len()
        } else {
            memchr::memrchr(b'\n', &carry).map_or(0, |at| at + 1)
        };
        let (lines, tail) = carry.split_at(whole);
        self.lines(lines, sink);
        self.carry.extend_from_slice(tail);
    }

    /// Gives out each line of bytes that end with a line or with the file.
    fn lines(&mut self, bytes: &[u8], sink: &mut impl FnMut(Frame<'_>)) {
        let mut rest = bytes;
        while !rest.is_empty() {
            let end = memchr(b'\n', rest).map_or(rest.len(), |at| at + 1);
            let (line, after) = rest.split_at(end);
            rest = after;
            if !std::mem::take(&mut self.skipping) {
                emit(
                    (self.offset, self.line),
                    line,
                    FrameState::Whole,
                    None,
                    sink,
                );
            }
            self.offset += line.len() as u64;
            self.line += 1;
        }
    }

    fn drain_values(&mut self, at_end: bool, sink: &mut impl FnMut(Frame<'_>)) {
        let mut carry = std::mem::take(&mut self.carry);
        let mut start = 0;
        loop {
            match self.next_piece(&carry, start, at_end) {
                Next::Frame {
                    from,
                    to,
                    state,
                    within,
                } => {
                    let place = self.place_in(&carry, start, from);
                    emit(place, slice(&carry, from, to), state, within, sink);
                    self.advance(&carry, start, to);
                    start = to;
                }
                Next::Nothing { to } => {
                    self.advance(&carry, start, to);
                    start = to;
                }
                Next::NeedsMore { from } => {
                    self.advance(&carry, start, from);
                    start = from;
                    if !at_end {
                        self.forget(start);
                        carry.drain(..start);
                        self.carry = carry;
                        return;
                    }
                    let Some(end) = self.cut(slice(&carry, start, carry.len()), sink) else {
                        return;
                    };
                    self.advance(&carry, start, start + end);
                    start += end;
                    self.scan = Scan {
                        at: start,
                        ..Scan::default()
                    };
                }
            }
        }
    }

    /// The file ended inside a value: gives out what there is of it. The next line that starts with `{` starts afresh, and how far
    /// on it is is what this returns; none where nothing was left open.
    fn cut(&mut self, rest: &[u8], sink: &mut impl FnMut(Frame<'_>)) -> Option<usize> {
        let within = self.walk.take().map(|_| Within::NOTHING_KNOWN);
        let length = next_start(rest);
        let is_blank = slice(rest, 0, length).trim_ascii().is_empty();
        let place = (self.offset, self.line);
        if is_blank && within.is_some() {
            // The document was not closed, though its records are whole.
            sink(Frame {
                offset: self.offset,
                line: self.line,
                bytes: &[],
                state: FrameState::Cut,
                within,
            });
        } else {
            emit(place, slice(rest, 0, length), FrameState::Cut, within, sink);
        }
        self.lines_start_values = true;
        (!rest.is_empty()).then_some(length)
    }

    fn place_in(&self, carry: &[u8], start: usize, from: usize) -> (u64, u64) {
        (
            self.offset + (from - start) as u64,
            self.line + count_lines(slice(carry, start, from)),
        )
    }

    fn forget(&mut self, bytes: usize) {
        self.scan.at -= bytes.min(self.scan.at);
        if let Some(walk) = &mut self.walk {
            walk.forget(bytes);
        }
    }

    fn advance(&mut self, carry: &[u8], from: usize, to: usize) {
        self.line += count_lines(slice(carry, from, to));
        self.offset += (to - from) as u64;
    }

    /// The next value at or after `start`, or the next record of one that is too long to wait for its end.
    fn next_piece(&mut self, bytes: &[u8], start: usize, at_end: bool) -> Next {
        if self.walk.is_none() {
            match self.next_value(bytes, start, at_end) {
                Next::NeedsMore { from } if self.begins_document(bytes, from, at_end) => {
                    self.walk = Some(Walk::at(from));
                }
                Next::NeedsMore { from } => return Next::NeedsMore { from },
                next => {
                    self.is_looked_at = false;
                    return next;
                }
            }
        }
        let Some(walk) = &mut self.walk else {
            return Next::NeedsMore { from: start };
        };
        match walk.next(bytes) {
            Step::Record(from, to, within) => Next::Frame {
                from,
                to,
                state: FrameState::Whole,
                within: Some(within),
            },
            Step::Stray(from, to) => Next::Frame {
                from,
                to,
                state: FrameState::Whole,
                within: Some(Within::NOTHING_KNOWN),
            },
            Step::NeedsMore(from) => Next::NeedsMore { from },
            Step::Done(to) => {
                self.walk = None;
                self.is_looked_at = false;
                self.scan = Scan {
                    at: to,
                    ..Scan::default()
                };
                Next::Nothing { to }
            }
        }
    }

    /// Whether the value under way is a document that is not waited for: too long, or cut off by the end of the file.
    fn begins_document(&mut self, bytes: &[u8], from: usize, at_end: bool) -> bool {
        let rest = slice(bytes, from, bytes.len());
        let is_due = at_end
            || (!self.is_looked_at && !self.lines_start_values && rest.len() > self.max_whole);
        if !is_due || !may_be_document(rest) {
            return false;
        }
        self.is_looked_at = true;
        Walk::finds_list(slice(rest, 0, self.max_whole))
    }

    /// The next value at or after `start`; goes on inside one where an earlier call has left off.
    fn next_value(&mut self, bytes: &[u8], start: usize, at_end: bool) -> Next {
        let mut from = start;
        if self.scan.depth == 0 {
            while let Some(byte) = bytes.get(from) {
                match byte {
                    b' ' | b'\t' | b'\r' | b'\n' | b',' | b']' | 0x1e => {}
                    b'[' => self.saw_array = true,
                    _ => break,
                }
                from += 1;
            }
            match bytes.get(from) {
                None => {
                    self.scan.at = from;
                    return Next::NeedsMore { from };
                }
                Some(b'{') => {
                    self.scan = Scan {
                        at: from,
                        ..Scan::default()
                    };
                }
                Some(_) => return self.stray_line(bytes, from, at_end),
            }
        }
        match self.scan.run(bytes, self.lines_start_values) {
            Stop::Closed => Next::Frame {
                from,
                to: self.scan.at,
                state: FrameState::Whole,
                within: None,
            },
            Stop::NextStarts => {
                self.scan.depth = 0;
                Next::Frame {
                    from,
                    to: self.scan.at,
                    state: FrameState::Cut,
                    within: None,
                }
            }
            Stop::EndOfBytes => Next::NeedsMore { from },
        }
    }

    /// Text between values that starts none: one frame up to the end of its line.
    fn stray_line(&mut self, bytes: &[u8], from: usize, at_end: bool) -> Next {
        let looked_at = self.scan.at.max(from);
        let newline = memchr(b'\n', slice(bytes, looked_at, bytes.len()));
        if newline.is_none() && !at_end {
            self.scan.at = bytes.len();
            return Next::NeedsMore { from };
        }
        let to = newline.map_or(bytes.len(), |length| looked_at + length + 1);
        self.scan = Scan {
            at: to,
            ..Scan::default()
        };
        Next::Frame {
            from,
            to,
            state: FrameState::Whole,
            within: None,
        }
    }

    fn give_up(&mut self, sink: &mut impl FnMut(Frame<'_>)) {
        let carry = std::mem::take(&mut self.carry);
        let place = (self.offset, self.line);
        let start = slice(&carry, 0, 4096);
        emit(place, start, FrameState::TooLong, None, sink);
        self.walk = None;
        self.advance(&carry, 0, carry.len());
        self.skipping = self.layout != Some(Layout::Values);
        self.layout = self.layout.or(Some(Layout::Lines));
        self.lines_start_values = true;
        self.scan = Scan::default();
    }
}

enum Next {
    Frame {
        from: usize,
        to: usize,
        state: FrameState,
        within: Option<Within>,
    },
    /// No value up to here.
    Nothing {
        to: usize,
    },
    NeedsMore {
        from: usize,
    },
}

enum Stop {
    Closed,
    NextStarts,
    EndOfBytes,
}

impl Scan {
    /// Follows brackets and strings from where it stands to the end of the value, or of the bytes.
    fn run(&mut self, bytes: &[u8], lines_start_values: bool) -> Stop {
        while let Some(byte) = bytes.get(self.at) {
            if self.in_string {
                let rest = slice(bytes, self.at, bytes.len());
                let Some(found) = memchr2(b'"', b'\\', rest) else {
                    if lines_start_values && let Some(line) = line_start(rest) {
                        self.at += line;
                        return Stop::NextStarts;
                    }
                    self.at = bytes.len();
                    return Stop::EndOfBytes;
                };
                if lines_start_values && let Some(line) = line_start(slice(rest, 0, found)) {
                    self.at += line;
                    return Stop::NextStarts;
                }
                if rest.get(found) == Some(&b'"') {
                    self.at += found + 1;
                    self.in_string = false;
                } else if found + 1 < rest.len() {
                    self.at += found + 2;
                } else {
                    self.at += found;
                    return Stop::EndOfBytes;
                }
                continue;
            }
            let after_newline = std::mem::replace(&mut self.after_newline, *byte == b'\n');
            match byte {
                b'"' => self.in_string = true,
                b'{' if lines_start_values && after_newline => return Stop::NextStarts,
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' => self.depth -= 1,
                _ => {}
            }
            self.at += 1;
            if self.depth == 0 {
                return Stop::Closed;
            }
        }
        Stop::EndOfBytes
    }
}

/// Where a line inside the bytes starts with `{`.
fn line_start(bytes: &[u8]) -> Option<usize> {
    memchr_iter(b'\n', bytes)
        .map(|newline| newline + 1)
        .find(|start| bytes.get(*start) == Some(&b'{'))
}

/// How far the first value reaches if the next line that starts with `{` starts another.
fn next_start(bytes: &[u8]) -> usize {
    line_start(bytes).unwrap_or(bytes.len())
}

fn slice(bytes: &[u8], from: usize, to: usize) -> &[u8] {
    bytes.get(from..to.min(bytes.len())).unwrap_or_default()
}

fn count_lines(bytes: &[u8]) -> u64 {
    memchr_iter(b'\n', bytes).count() as u64
}

fn emit(
    (offset, line): (u64, u64),
    bytes: &[u8],
    state: FrameState,
    within: Option<Within>,
    sink: &mut impl FnMut(Frame<'_>),
) {
    let start = bytes.len() - bytes.trim_ascii_start().len();
    let trimmed = bytes.trim_ascii();
    if !trimmed.is_empty() {
        sink(Frame {
            offset: offset + start as u64,
            line: line + count_lines(slice(bytes, 0, start)),
            bytes: trimmed,
            state,
            within,
        });
    }
}

#[cfg(test)]
mod tests;
