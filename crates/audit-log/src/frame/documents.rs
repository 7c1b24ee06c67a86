//! Documents that are read record by record, because they are too long or damaged.

use crate::extract::envelope::closing::{Following, following};
use crate::extract::envelope::{EnvelopeScanner, ScanStep, may_be_document};
use crate::frame::bytes::slice;
use crate::recovery::{Segment, Signature, SplitStep};

/// State of reading documents record by record.
#[derive(Debug)]
pub(super) struct Documents {
    /// Scanner of the document in progress.
    pub(super) scanner: Option<EnvelopeScanner>,
    /// The value in progress was checked for being such a document.
    pub(super) is_checked: bool,
    /// Length from which documents are read record by record.
    pub(super) max_whole: usize,
    /// A document was found. Its records may all be damaged.
    pub(super) found_any: bool,
    /// A document was an audit `EventList`.
    pub(super) found_event_list: bool,
}

impl Documents {
    pub(super) const fn new(max_whole: usize) -> Self {
        Self {
            scanner: None,
            is_checked: false,
            max_whole,
            found_any: false,
            found_event_list: false,
        }
    }

    /// Advances in the document in progress. `None` if there is none.
    pub(super) fn next(&mut self, bytes: &[u8], at_end: bool) -> Option<ScanStep> {
        let scanner = self.scanner.as_mut()?;
        let step = scanner.next(bytes, at_end);
        self.found_event_list |= scanner.is_event_list();
        if matches!(step, ScanStep::Unclosed(_) | ScanStep::Done(_)) {
            self.scanner = None;
            self.is_checked = false;
        }
        Some(step)
    }

    /// Begins to read the value in progress record by record, if it is a document that cannot be read as a whole because it is too long or
    /// has an `error` at an offset. Otherwise returns `false`.
    pub(super) fn begin(
        &mut self,
        bytes: &[u8],
        start: usize,
        split: Option<&SplitStep>,
        error: Option<usize>,
    ) -> bool {
        let rest = slice(bytes, start, bytes.len());
        let is_due = match split {
            None => true,
            Some(SplitStep::NeedsMore(_)) => rest.len() > self.max_whole,
            Some(_) => false,
        };
        if !is_due || self.is_checked || !may_be_document(rest) {
            return false;
        }
        self.is_checked = true;
        // What follows the error may not have arrived yet.
        let end = error.unwrap_or(usize::MAX).min(self.max_whole);
        if !EnvelopeScanner::contains_list(slice(rest, 0, end)) {
            return false;
        }
        self.read_from(start);
        true
    }

    /// Begins to read a complete value record by record, if it is a document that damage seems to have closed before its end: what follows
    /// it cannot follow a document. Otherwise returns `false`.
    pub(super) fn begin_again(
        &mut self,
        bytes: &[u8],
        split: Option<&SplitStep>,
        signature: &Signature,
    ) -> bool {
        let Some(SplitStep::Segment(Segment::Record(from, to))) = split else {
            return false;
        };
        // Enough of it has arrived.
        let after = slice(bytes, *to, bytes.len());
        let is_due = match following(after, true) {
            Following::Stray | Following::Brackets(_) => true,
            Following::Item(at) => !signature.fits(slice(after, at, after.len())),
            Following::Separate | Following::Unknown => false,
        };
        let value = slice(bytes, *from, *to);
        let is_begun = is_due && may_be_document(value) && EnvelopeScanner::contains_list(value);
        if is_begun {
            self.read_from(*from);
        }
        is_begun
    }

    fn read_from(&mut self, start: usize) {
        self.is_checked = true;
        self.scanner = Some(EnvelopeScanner::at(start));
        self.found_any = true;
    }
}
