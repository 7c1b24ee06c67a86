//! Splits consecutive values, and finds the end of damage between them.

use memchr::memchr;

use super::lines::{is_wrapped_line, stands_alone};
use super::search::{
    MAX_SIGNATURE_BYTES, MAX_SPACE_BYTES, RecoverySearch, SearchOutcome, Signature, StopAt,
    trimmed_length,
};
use crate::extract::envelope::closing::{Following, following};
use crate::json::{JsonError, JsonErrorKind};
use crate::validator::{JsonValidator, Validation};

/// Part of a text that is not exactly one value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Segment {
    Record(usize, usize),
    /// Unreadable, for this reason.
    Damage(usize, usize, JsonError),
}

/// Result of one step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SplitStep {
    Segment(Segment),
    /// A line that does not start with a value.
    Line(usize, usize),
    /// NUL bytes between values, possibly not all.
    Nuls(usize, usize),
    /// More bytes are needed; those before this offset are consumed.
    NeedsMore(usize),
}

/// Splits consecutive values with whitespace, commas or the brackets of arrays between them.
#[derive(Debug, Default)]
pub(crate) struct ValueSplitter {
    pub(crate) at: usize,
    value: Option<(usize, JsonValidator)>,
    pub(super) search: Option<RecoverySearch>,
    pub(crate) signature: Signature,
    /// Damage was found; unmatched brackets may follow.
    is_damaged: bool,
    pub(crate) saw_array: bool,
    /// The text is part of one line.
    is_inline: bool,
    /// This line has content other than separators.
    has_filled_line: bool,
    /// End of the bytes that were searched for a line feed.
    line_searched: usize,
    /// The same for the line after the one where damage begins.
    second_line_searched: usize,
    /// A bracket on its own line, until the next value shows whether it starts an array.
    bracket: Option<usize>,
    /// A complete value, until what follows it has arrived.
    complete: Option<(usize, usize)>,
}

impl ValueSplitter {
    /// Creates a splitter for a text that is part of a line.
    pub(crate) fn inline() -> Self {
        Self {
            is_inline: true,
            ..Self::default()
        }
    }

    /// Start of the value in progress.
    pub(crate) fn value_start(&self) -> Option<usize> {
        self.value.as_ref().map(|(start, _)| *start)
    }

    /// Restarts at a byte, without a value in progress.
    pub(crate) fn restart(&mut self, at: usize, is_line_start: bool) {
        self.at = at;
        self.has_filled_line = !is_line_start;
        self.value = None;
        self.search = None;
        self.bracket = None;
        self.complete = None;
    }

    /// Adjusts offsets after `bytes` bytes were removed from the front.
    pub(crate) fn discard(&mut self, bytes: usize) {
        self.at = self.at.saturating_sub(bytes);
        self.line_searched = self.line_searched.saturating_sub(bytes);
        self.second_line_searched = self.second_line_searched.saturating_sub(bytes);
        if let Some((start, check)) = &mut self.value {
            *start = start.saturating_sub(bytes);
            check.discard(bytes);
        }
        if let Some(search) = &mut self.search {
            search.discard(bytes);
        }
        if let Some(bracket) = &mut self.bracket {
            *bracket = bracket.saturating_sub(bytes);
        }
        if let Some((start, end)) = &mut self.complete {
            (*start, *end) = (start.saturating_sub(bytes), end.saturating_sub(bytes));
        }
    }

    /// Advances to the end of the next value. `None` at an error in it: [`Self::recover`] continues.
    pub(crate) fn advance(&mut self, bytes: &[u8], at_end: bool) -> Option<SplitStep> {
        if self.search.is_some() {
            return None;
        }
        if let Some(value) = self.complete {
            return Some(self.behind_value(bytes, value, at_end));
        }
        if self.value.is_none()
            && let Some(split) = self.begin(bytes, at_end)
        {
            return Some(split);
        }
        let (start, check) = self.value.as_mut()?;
        let start = *start;
        let checked = if at_end {
            check.run_to_end(bytes)
        } else {
            check.run(bytes)
        };
        let end = check.at;
        match checked {
            Validation::Incomplete => Some(SplitStep::NeedsMore(self.bracket.unwrap_or(start))),
            Validation::Complete => {
                self.value = None;
                self.complete = Some((start, end));
                Some(self.behind_value(bytes, (start, end), at_end))
            }
            Validation::Invalid(fault) => {
                self.bracket = None;
                self.search = Some(RecoverySearch::in_value(start, end, fault, StopAt::Lines));
                None
            }
        }
    }

    fn record(&mut self, bytes: &[u8], start: usize, end: usize) -> SplitStep {
        self.restart(end, false);
        self.signature
            .learn(bytes.get(start..end).unwrap_or_default());
        SplitStep::Segment(Segment::Record(start, end))
    }

    /// Returns a complete value as soon as enough of what follows it has arrived: it may be a document that damage has closed.
    fn behind_value(
        &mut self,
        bytes: &[u8],
        (start, end): (usize, usize),
        at_end: bool,
    ) -> SplitStep {
        if let Some(bracket) = self.bracket {
            return self.behind_bracket(bytes, bracket, (start, end), at_end);
        }
        let after = bytes.get(end..).unwrap_or_default();
        match following(after, at_end) {
            Following::Unknown => SplitStep::NeedsMore(start),
            Following::Item(at) if !at_end && after.len() < at + MAX_SIGNATURE_BYTES => {
                SplitStep::NeedsMore(start)
            }
            _ => self.record(bytes, start, end),
        }
    }

    /// Decides from what follows the first value after a bracket whether the bracket starts an array. Otherwise it is damage.
    fn behind_bracket(
        &mut self,
        bytes: &[u8],
        bracket: usize,
        (start, end): (usize, usize),
        at_end: bool,
    ) -> SplitStep {
        let after = bytes.get(end..).unwrap_or_default();
        let mut after_space = after.iter().take(MAX_SPACE_BYTES);
        match after_space.find(|byte| !byte.is_ascii_whitespace()) {
            None if !at_end && after.len() < MAX_SPACE_BYTES => SplitStep::NeedsMore(bracket),
            None if !at_end => self.record(bytes, start, end),
            Some(b',' | b']') => self.record(bytes, start, end),
            _ => self.stray_bracket(bytes, bracket, start),
        }
    }

    /// Returns brackets that start no array as damage, up to the next value or the end.
    fn stray_bracket(&mut self, bytes: &[u8], bracket: usize, to: usize) -> SplitStep {
        let to = bracket + trimmed_length(bytes, bracket, to);
        self.restart(to, false);
        self.saw_array = false;
        let error = JsonError {
            offset: to - bracket,
            kind: JsonErrorKind::Expected("a value"),
        };
        SplitStep::Segment(Segment::Damage(bracket, to, error))
    }

    /// Searches for the end of the damage.
    pub(crate) fn recover(&mut self, bytes: &[u8], at_end: bool) -> SplitStep {
        self.is_damaged = true;
        let Some(search) = &mut self.search else {
            return SplitStep::NeedsMore(self.at);
        };
        let from = search.from;
        if self.signature == Signature::default() {
            self.signature.learn(bytes.get(from..).unwrap_or_default());
        }
        let to = match search.search(bytes, &self.signature, at_end) {
            SearchOutcome::NeedsMore => return SplitStep::NeedsMore(from),
            SearchOutcome::At(to) => to,
            SearchOutcome::NotFound => bytes.len(),
        };
        let error = search.error.clone();
        let is_line_start = to > 0 && bytes.get(to - 1) == Some(&b'\n');
        self.restart(to, is_line_start);
        SplitStep::Segment(Segment::Damage(
            from,
            from + trimmed_length(bytes, from, to),
            error,
        ))
    }

    /// Offset of the first invalid byte in the value that starts at `start`, if it is damaged.
    pub(crate) fn error_offset(&self, start: usize) -> Option<usize> {
        let search = self.search.as_ref()?;
        Some((search.from + search.error.offset).saturating_sub(start))
    }

    /// Returns `true` if the value is invalid after its first line and the second line is a record on its own. `None` if there are too few
    /// bytes to decide. What follows the error does not count, because it may not have arrived yet.
    pub(crate) fn is_cut_line(&mut self, bytes: &[u8], at_end: bool) -> Option<bool> {
        let Some(search) = &self.search else {
            return Some(false);
        };
        let error = search.from + search.error.offset;
        let valid = bytes.get(search.from..bytes.len().min(error + 1));
        let Some(first) = memchr(b'\n', valid.unwrap_or_default()) else {
            return Some(false);
        };
        let first = search.from + first;
        let searched = self.second_line_searched.max(first + 1);
        let newline = memchr(b'\n', bytes.get(searched..).unwrap_or_default());
        let end = match newline {
            Some(length) => searched + length,
            None if at_end => bytes.len(),
            None => {
                self.second_line_searched = bytes.len();
                return None;
            }
        };
        let second = bytes.get(first + 1..end).unwrap_or_default();
        Some(stands_alone(second))
    }

    /// Moves to the start of the next value.
    fn begin(&mut self, bytes: &[u8], at_end: bool) -> Option<SplitStep> {
        if let Some(split) = self.skip_separators(bytes, at_end) {
            return Some(split);
        }
        let at = self.at;
        if let Some(bracket) = self.bracket
            && at < bytes.len()
            && memchr(b'\n', bytes.get(bracket..at).unwrap_or_default()).is_none()
        {
            self.bracket = None;
        }
        match (bytes.get(at), self.bracket) {
            (None, Some(bracket)) if at_end => Some(self.stray_bracket(bytes, bracket, at)),
            (None, bracket) => Some(SplitStep::NeedsMore(bracket.unwrap_or(at))),
            (Some(b'{'), _) => {
                self.value = Some((at, JsonValidator::at(at)));
                None
            }
            (Some(0), _) => {
                self.bracket = None;
                let rest = bytes.get(at..).unwrap_or_default();
                let length = rest.iter().take_while(|byte| **byte == 0).count();
                self.at += length;
                Some(SplitStep::Nuls(at, at + length))
            }
            (Some(_), _) if !self.is_inline && !self.has_filled_line => self.line(bytes, at_end),
            (Some(_), _) => {
                self.bracket = None;
                self.search = Some(RecoverySearch::stray(at, StopAt::LineEnd));
                None
            }
        }
    }

    /// Skips whitespace, commas and the brackets of arrays.
    fn skip_separators(&mut self, bytes: &[u8], at_end: bool) -> Option<SplitStep> {
        while let Some(byte) = bytes.get(self.at) {
            match byte {
                b'\n' => self.has_filled_line = false,
                b']' => {
                    self.bracket = None;
                    // It closes a list that the damaged part of the file began.
                    self.is_damaged |= !self.saw_array;
                }
                b' ' | b'\t' | b'\r' | b',' | 0x1e => {}
                b'}' if self.is_damaged => {}
                b'[' => {
                    if !self.is_inline && !self.has_filled_line {
                        match bytes.get(self.at + 1) {
                            None if !at_end => {
                                return Some(SplitStep::NeedsMore(self.bracket.unwrap_or(self.at)));
                            }
                            // `[pod/name]` before a line.
                            Some(byte) if byte.is_ascii_alphabetic() => return None,
                            _ => {}
                        }
                        self.bracket.get_or_insert(self.at);
                    }
                    self.saw_array = true;
                    self.has_filled_line = true;
                }
                _ => return None,
            }
            self.at += 1;
        }
        None
    }

    /// Reads a line that does not start with a value.
    fn line(&mut self, bytes: &[u8], at_end: bool) -> Option<SplitStep> {
        let at = self.at;
        let searched = self.line_searched.max(at);
        let newline = memchr(b'\n', bytes.get(searched..).unwrap_or_default());
        let to = match newline {
            Some(length) => searched + length + 1,
            None if at_end => bytes.len(),
            None => {
                self.line_searched = bytes.len();
                return Some(SplitStep::NeedsMore(self.bracket.unwrap_or(at)));
            }
        };
        if is_wrapped_line(bytes.get(at..to).unwrap_or_default()) {
            if let Some(bracket) = self.bracket {
                return Some(self.stray_bracket(bytes, bracket, at));
            }
            self.restart(to, true);
            return Some(SplitStep::Line(at, to));
        }
        self.bracket = None;
        self.search = Some(RecoverySearch::stray(at, StopAt::Lines));
        None
    }
}
