//! The search for the next record after damage.

use memchr::{memchr, memchr3, memmem};

use crate::detect::{ValueKind, detect_kind};
use crate::extract::record::holds_event;
use crate::json::{self, JsonError, JsonErrorKind};
use crate::recovery::lines::stands_alone;
use crate::unrecognized::UnrecognizedKind;
use crate::validator::{JsonValidator, Validation};

/// Signature of records: the first bytes up to the end of the first key, and the number of their columns.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Signature(Vec<u8>, usize);

/// Maximum length of a signature.
pub(super) const MAX_SIGNATURE_BYTES: usize = 80;

impl Signature {
    /// Sets the signature to that of a record.
    pub(crate) fn learn(&mut self, record: &[u8]) {
        let Some(seen) = signature(record) else {
            return;
        };
        if self.0 != seen {
            self.0.clear();
            self.0.extend_from_slice(seen);
        }
    }

    /// Returns `true` if the bytes start with this signature.
    pub(crate) fn fits(&self, bytes: &[u8]) -> bool {
        !self.0.is_empty() && bytes.starts_with(&self.0)
    }

    /// Sets the number of items that each record has, which is an array.
    pub(crate) const fn set_columns(&mut self, columns: usize) {
        self.1 = columns;
    }

    /// Returns `true` if the number of items of each record is known.
    pub(crate) const fn has_columns(&self) -> bool {
        self.1 > 0
    }

    /// Returns `true` if a value is a record by its number of items.
    pub(crate) fn is_row(&self, value: &str) -> bool {
        self.has_columns() && value.starts_with('[') && json::elements(value).count() == self.1
    }

    /// Returns `true` if no record has been seen.
    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns `true` if the records are arrays.
    pub(crate) fn is_of_array(&self) -> bool {
        self.0.starts_with(b"[")
    }

    /// Returns `true` if a value seems to contain records with this signature after its start: several, or a whole one.
    pub(crate) fn repeats_in(&self, value: &[u8]) -> bool {
        let inside = value.get(1..).unwrap_or_default();
        if self.0.is_empty() || memmem::find(inside, &self.0).is_none() {
            return false;
        }
        holds_marks(inside, 2) || self.contains_whole_record(inside)
    }

    /// Returns `true` if one of the first values with this signature is a record.
    fn contains_whole_record(&self, bytes: &[u8]) -> bool {
        /// Values inside strings are not JSON, and are passed only so often.
        const MAX_FAILED: usize = 8;
        let (mut at, mut failed) = (0, 0);
        while failed < MAX_FAILED {
            let rest = bytes.get(at..).unwrap_or_default();
            let Some(step) = memmem::find(rest, &self.0) else {
                return false;
            };
            let start = at + step;
            let mut check = JsonValidator::at(start);
            if check.run(bytes) == Validation::Complete {
                at = check.at;
                let value = bytes.get(start..at).unwrap_or_default();
                // The value of a key is a part of a record.
                if !is_member(bytes, start) && holds_marks(value, 1) {
                    return true;
                }
            } else {
                failed += 1;
                at = start + 1;
            }
        }
        false
    }

    /// Returns `true` if the bytes start with this signature and not with the other. `None` if there are too few bytes to decide.
    pub(crate) fn distinguishes(&self, bytes: &[u8], other: &Self) -> Option<bool> {
        let may_fit = |signature: &Self| {
            let length = signature.0.len().min(bytes.len());
            length > 0 && signature.0.get(..length) == bytes.get(..length)
        };
        if !may_fit(self) || other.fits(bytes) {
            return Some(false);
        }
        let is_certain = self.fits(bytes) && !(bytes.len() < other.0.len() && may_fit(other));
        is_certain.then_some(true)
    }
}

/// Returns `true` if a name that a record has only once occurs at least `count` times.
fn holds_marks(bytes: &[u8], count: usize) -> bool {
    ["auditID", "protoPayload"]
        .into_iter()
        .any(|mark| memmem::find_iter(bytes, mark).take(count).count() == count)
}

/// Returns the bytes from a bracket to the end of the first string after it.
fn signature(record: &[u8]) -> Option<&[u8]> {
    let head = record
        .get(..MAX_SIGNATURE_BYTES.min(record.len()))
        .unwrap_or_default();
    let quote = memchr(b'"', head)?;
    let (before, after) = head.split_at_checked(quote + 1)?;
    let is_start = before
        .iter()
        .all(|byte| matches!(byte, b'{' | b'[' | b'"') || byte.is_ascii_whitespace());
    if !is_start
        || !before
            .first()
            .is_some_and(|byte| matches!(byte, b'{' | b'['))
    {
        return None;
    }
    if before.contains(&b'{') {
        return head.get(..quote + 2 + memchr(b'"', after)?);
    }
    // Strings in arrays differ from record to record.
    Some(before)
}

/// Result of a search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SearchOutcome {
    /// The damage ends at this offset, and a record or a line begins.
    At(usize),
    /// More bytes are needed.
    NeedsMore,
    /// No record follows.
    NotFound,
}

/// Places other than a record where a search may end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StopAt {
    /// Inside a list: none.
    List,
    /// Between values: at a line with a prefix.
    Lines,
    /// In the middle of a line: at its end.
    LineEnd,
}

/// Search for the end of damage.
#[derive(Debug)]
pub(crate) struct RecoverySearch {
    /// Start of the damage.
    pub(crate) from: usize,
    /// Error at the damage.
    pub(crate) error: JsonError,
    stop_at: StopAt,
    /// Next byte to examine.
    next: usize,
    /// Attempted value and its start.
    tried: Option<(usize, JsonValidator)>,
    /// End of the bytes that were searched for a line feed.
    line_searched: usize,
    /// Bytes of failed attempts.
    spent: usize,
    /// Bytes after `from` that were discarded.
    discarded: usize,
}

/// Bytes of failed attempts that are allowed regardless of the length of the text.
const FREE_BYTES: usize = 64 << 10;

impl RecoverySearch {
    /// Creates a search after damage in the value that starts at `from` and is invalid at `at`.
    pub(crate) const fn in_value(
        from: usize,
        at: usize,
        kind: JsonErrorKind,
        stop_at: StopAt,
    ) -> Self {
        let offset = at - from;
        Self {
            from,
            error: JsonError { offset, kind },
            stop_at,
            next: from + 1,
            tried: None,
            line_searched: 0,
            spent: 0,
            discarded: 0,
        }
    }

    /// Creates a search that starts at stray text, where a value was expected.
    pub(crate) const fn stray(from: usize, stop_at: StopAt) -> Self {
        let mut search = Self::in_value(from, from, JsonErrorKind::Expected("a value"), stop_at);
        search.next = from;
        search
    }

    /// Adjusts offsets after `bytes` bytes were removed from the front.
    pub(crate) fn discard(&mut self, bytes: usize) {
        self.from = self.from.saturating_sub(bytes);
        self.next = self.next.saturating_sub(bytes);
        self.line_searched = self.line_searched.saturating_sub(bytes);
        if let Some((start, check)) = &mut self.tried {
            *start = start.saturating_sub(bytes);
            check.discard(bytes);
        }
    }

    /// Continues the search.
    pub(crate) fn search(
        &mut self,
        bytes: &[u8],
        signature: &Signature,
        at_end: bool,
    ) -> SearchOutcome {
        loop {
            if let Some(outcome) = self.attempt(bytes, signature, at_end) {
                return outcome;
            }
            let rest = bytes.get(self.next..).unwrap_or_default();
            let Some(step) = memchr3(b'{', b'[', b'\n', rest) else {
                self.next = bytes.len();
                return if at_end {
                    SearchOutcome::NotFound
                } else {
                    SearchOutcome::NeedsMore
                };
            };
            let at = self.next + step;
            if bytes.get(at) == Some(&b'\n') {
                match self.line(bytes, at + 1, at_end) {
                    SearchOutcome::NotFound => self.next = at + 1,
                    found => {
                        self.next = at;
                        return found;
                    }
                }
                continue;
            }
            match begins(bytes.get(at..).unwrap_or_default(), signature.has_columns()) {
                Some(true) => {
                    self.next = at + 1;
                    self.tried = Some((at, JsonValidator::at(at)));
                }
                None if !at_end => {
                    self.next = at;
                    return SearchOutcome::NeedsMore;
                }
                _ => self.next = at + 1,
            }
        }
    }

    /// Continues the attempt to read a value, if there is one. `None` if the search goes on behind it.
    fn attempt(
        &mut self,
        bytes: &[u8],
        signature: &Signature,
        at_end: bool,
    ) -> Option<SearchOutcome> {
        let (start, check) = self.tried.as_mut()?;
        let start = *start;
        let checked = if at_end {
            check.run_to_end(bytes)
        } else {
            check.run(bytes)
        };
        let end = check.at;
        match checked {
            Validation::Incomplete => return Some(SearchOutcome::NeedsMore),
            Validation::Complete => {
                self.tried = None;
                let value = bytes.get(start..end).unwrap_or_default();
                let is_member = is_member(bytes, start);
                match classify(value, signature, is_member) {
                    Trial::Record => return Some(SearchOutcome::At(start)),
                    Trial::Nothing => self.next = end,
                    Trial::LookInside => self.fail(start, end),
                }
            }
            Validation::Invalid(_) => self.fail(start, end),
        }
        None
    }

    /// Continues after a failed attempt: at the next byte, unless attempts have cost too much.
    fn fail(&mut self, start: usize, end: usize) {
        self.spent += end - start;
        let searched = start - self.from + self.discarded;
        self.next = if self.spent > FREE_BYTES + 4 * searched {
            end.max(start + 1)
        } else {
            start + 1
        };
        self.tried = None;
    }

    /// Checks whether the damage ends at the start of a line.
    fn line(&mut self, bytes: &[u8], start: usize, at_end: bool) -> SearchOutcome {
        match self.stop_at {
            StopAt::List => return SearchOutcome::NotFound,
            StopAt::LineEnd => return SearchOutcome::At(start),
            StopAt::Lines => {}
        }
        let searched = self.line_searched.max(start);
        let newline = memchr(b'\n', bytes.get(searched..).unwrap_or_default());
        let end = match newline {
            Some(length) => searched + length,
            None if at_end => bytes.len(),
            None => {
                self.line_searched = bytes.len();
                return SearchOutcome::NeedsMore;
            }
        };
        if stands_alone(bytes.get(start..end).unwrap_or_default()) {
            SearchOutcome::At(start)
        } else {
            SearchOutcome::NotFound
        }
    }
}

/// Classification of a complete value after damage.
enum Trial {
    Record,
    Nothing,
    /// The value contains records, which have to be found one by one.
    LookInside,
}

fn classify(value: &[u8], signature: &Signature, is_member: bool) -> Trial {
    let Ok(text) = str::from_utf8(value) else {
        // A record that is not valid UTF-8 is reported on its own, not as part of the damage before it.
        return if signature.fits(value) && !is_member {
            Trial::Record
        } else {
            Trial::Nothing
        };
    };
    if signature.is_row(text) {
        return Trial::Record;
    }
    if !holds_event(text) {
        let has_rows = signature.has_columns()
            && text.starts_with('[')
            && json::elements(text).any(|item| signature.is_row(item));
        return if has_rows {
            Trial::LookInside
        } else {
            Trial::Nothing
        };
    }
    let fits = signature.fits(value);
    if !fits && signature.repeats_in(value) {
        return Trial::LookInside;
    }
    match detect_kind(text) {
        ValueKind::Unrecognized(
            UnrecognizedKind::KubernetesObject(_) | UnrecognizedKind::CoreEvent,
        ) => Trial::Nothing,
        ValueKind::Event | ValueKind::EventList if !is_member || fits || signature.0.is_empty() => {
            Trial::Record
        }
        _ if !is_member || fits => Trial::Record,
        _ => Trial::LookInside,
    }
}

/// Maximum whitespace that is skipped before or after a bracket.
pub(super) const MAX_SPACE_BYTES: usize = 256;

/// Returns `true` if the bytes may start a container and are not the content of a string. `None` if there are too few to decide.
fn begins(bytes: &[u8], is_row: bool) -> Option<bool> {
    let is_object = bytes.first() == Some(&b'{');
    let inside = bytes
        .get(1..bytes.len().min(MAX_SPACE_BYTES))
        .unwrap_or_default();
    match inside.trim_ascii_start().first() {
        Some(b'"') => Some(true),
        Some(b'{' | b'[') => Some(!is_object),
        Some(b'n' | b't' | b'f' | b'-' | b'0'..=b'9') => Some(is_row && !is_object),
        None if bytes.len() < MAX_SPACE_BYTES => None,
        _ => Some(false),
    }
}

/// Returns `true` if a value follows a key and a colon on its line. `process[1]: {` is the prefix of a line.
fn is_member(bytes: &[u8], start: usize) -> bool {
    let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t');
    let first = start.saturating_sub(MAX_SPACE_BYTES);
    let before = bytes.get(first..start).unwrap_or_default();
    let mut before = before.iter().rev().skip_while(|byte| is_blank(byte));
    before.next() == Some(&b':') && before.find(|byte| !is_blank(byte)) != Some(&b']')
}

/// Returns the length of the bytes without trailing separators.
pub(crate) fn trimmed_length(bytes: &[u8], from: usize, to: usize) -> usize {
    let damage = bytes.get(from..to).unwrap_or_default();
    let is_separator = |byte: &u8| *byte == b',' || byte.is_ascii_whitespace();
    let unused = damage
        .iter()
        .rev()
        .take_while(|byte| is_separator(byte))
        .count();
    damage.len() - unused
}
