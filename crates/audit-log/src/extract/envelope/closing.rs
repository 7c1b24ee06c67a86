//! The end of a document, or of its list, and detection of damage that has closed one of them before its end.

use super::{Container, EnvelopeScanner, Expecting, ScanStep};
use crate::extract::record::holds_event;
use crate::json::{JsonError, JsonErrorKind};
use crate::recovery::{RecoverySearch, Signature, StopAt, trimmed_length};

/// Maximum number of closing brackets, commas and blanks after a document that are skipped.
const MAX_RUN_BYTES: usize = 256;

/// Number of bytes of the next value that are examined.
const HEAD_BYTES: usize = 4096;

impl EnvelopeScanner {
    /// Handles an item of a list without a comma before it, or another document in its position.
    pub(super) fn item_without_comma(
        &mut self,
        bytes: &[u8],
        byte: u8,
        at_end: bool,
    ) -> Option<ScanStep> {
        let begins_another = if self.found_list && byte == b'{' {
            self.begins_another(bytes, at_end)
        } else {
            Some(false)
        };
        match begins_another {
            Some(true) => return Some(self.unclosed(self.at)),
            Some(false) => self.value(byte),
            None => return Some(ScanStep::NeedsMore(self.at)),
        }
        None
    }

    /// Returns `true` if another document like this one follows instead of a record. `None` if there are too few bytes to decide.
    fn begins_another(&self, bytes: &[u8], at_end: bool) -> Option<bool> {
        let rest = bytes.get(self.at..).unwrap_or_default();
        let head = rest.get(..HEAD_BYTES.min(rest.len())).unwrap_or_default();
        if self.open.len() < 2 {
            return Some(false);
        }
        match self
            .document_signature
            .distinguishes(head, &self.record_signature)
        {
            Some(false) => Some(false),
            _ if head.len() < HEAD_BYTES && !at_end => None,
            Some(true) => Some(Self::contains_list(head)),
            None => Some(false),
        }
    }

    /// Ends a document that was not closed before another one. If something is damaged, its end is in the damage.
    pub(super) const fn unclosed(&self, at: usize) -> ScanStep {
        if self.is_damaged {
            ScanStep::Done(at)
        } else {
            ScanStep::Unclosed(at)
        }
    }

    /// Reopens the list that was closed. The closing bracket is damage, unless damage was reported already.
    pub(super) fn reopen(&mut self, byte: u8) -> Option<ScanStep> {
        self.open.clone_from(&self.list);
        self.value(byte);
        let closed = self.closed.take()?;
        if std::mem::replace(&mut self.is_damaged, true) {
            return None;
        }
        let error = JsonError {
            offset: 0,
            kind: JsonErrorKind::Expected("`,` or `]`"),
        };
        Some(ScanStep::Damage(closed, closed + 1, error))
    }

    /// Leaves the innermost container.
    pub(super) fn leave(&mut self) {
        if let Some(Container {
            records: Some(_), ..
        }) = self.open.pop()
        {
            self.closed = Some(self.at);
        }
        self.at += 1;
        match self.open.last_mut() {
            None => self.is_ended = true,
            Some(parent) => parent.expecting = Expecting::CommaOrEnd,
        }
    }

    /// Ends the document, unless what follows shows that damage has closed it. Then the search for its next record begins.
    pub(super) fn end(&mut self, bytes: &[u8], at_end: bool) -> Option<ScanStep> {
        let after = bytes.get(self.at..).unwrap_or_default();
        let is_early = match following(after, at_end) {
            _ if self.list.is_empty() => Some(false),
            Following::Separate => Some(false),
            Following::Stray => Some(true),
            Following::Unknown => None,
            Following::Brackets(length) => {
                let from = self.at;
                self.at += length;
                if std::mem::replace(&mut self.is_damaged, true) {
                    return Some(ScanStep::Done(self.at));
                }
                let to = from + trimmed_length(bytes, from, self.at);
                let error = JsonError {
                    offset: 0,
                    kind: JsonErrorKind::Expected("a value"),
                };
                return Some(ScanStep::Damage(from, to, error));
            }
            Following::Item(start) => {
                let signatures = (&self.document_signature, &self.record_signature);
                is_record_of(signatures, after.get(start..).unwrap_or_default(), at_end)
            }
        };
        match is_early {
            None => Some(ScanStep::NeedsMore(
                self.first_needed().min(self.at.saturating_sub(1)),
            )),
            Some(false) => Some(ScanStep::Done(self.at)),
            Some(true) => {
                self.is_ended = false;
                self.close_early(self.at.saturating_sub(1));
                None
            }
        }
    }

    /// Begins the search for the next record after damage that has closed the list, from the bracket that closed it or from `from`.
    pub(super) fn close_early(&mut self, from: usize) {
        let from = self.closed.unwrap_or(from);
        let fault = JsonErrorKind::Expected("`,` or `]`");
        self.search = Some(RecoverySearch::in_value(from, self.at, fault, StopAt::List));
    }
}

/// Text after a complete value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Following {
    /// The end, another line, or a value that is not separated by a comma.
    Separate,
    /// An object or an array at this offset, after a comma.
    Item(usize),
    /// Closing brackets up to this offset, more than the value has.
    Brackets(usize),
    /// Something that no document is followed by.
    Stray,
    /// There are too few bytes to decide.
    Unknown,
}

/// Returns what the bytes after a complete value start with.
pub(crate) fn following(after: &[u8], at_end: bool) -> Following {
    let window = after
        .get(..MAX_RUN_BYTES.min(after.len()))
        .unwrap_or_default();
    let (mut has_comma, mut has_brace) = (false, false);
    for (at, byte) in window.iter().enumerate() {
        match byte {
            b',' => has_comma = true,
            b'}' => has_brace = true,
            b'{' | b'[' if has_comma => return Following::Item(at),
            b']' | b' ' | b'\t' | b'\r' => {}
            b'\n' if has_comma => {}
            b'{' | b'[' | b'\n' | 0 | 0x1e if has_brace => return Following::Brackets(at),
            b'{' | b'[' | b'\n' | 0 | 0x1e => return Following::Separate,
            _ => return Following::Stray,
        }
    }
    if !at_end && window.len() < MAX_RUN_BYTES {
        Following::Unknown
    } else if has_brace {
        Following::Brackets(window.len())
    } else {
        Following::Separate
    }
}

/// Returns `true` if the value after a document is one of its records. `None` if there are too few bytes to decide.
pub(super) fn is_record_of(
    (document, record): (&Signature, &Signature),
    next: &[u8],
    at_end: bool,
) -> Option<bool> {
    let head = next.get(..HEAD_BYTES.min(next.len())).unwrap_or_default();
    let is_short = head.len() < HEAD_BYTES && !at_end;
    if record.is_empty() {
        // The list was closed before its first record: any event is one.
        let is_event = String::from_utf8_lossy(head);
        return (!is_short).then(|| !document.fits(head) && holds_event(&is_event));
    }
    match record.distinguishes(head, document) {
        None if is_short => None,
        known => Some(known == Some(true)),
    }
}
