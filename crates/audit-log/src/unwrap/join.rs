//! Lines that a container runtime or journald has split, put together again.

use std::borrow::Cow;

use crate::check::{Check, Checked};
use crate::frame::MAX_FRAME_BYTES;
use crate::json::Fault;
use crate::reader::Place;
use crate::unwrap::Wrapper;

/// A part of a line, or all of it.
#[derive(Debug)]
pub(crate) struct Fragment<'a> {
    pub(crate) wrapper: Wrapper,
    /// What tells the lines of one writer from those of another.
    pub(crate) source: &'a str,
    pub(crate) text: Cow<'a, str>,
    /// The line ends here, as far as its writer says.
    pub(crate) is_last: bool,
}

/// The parts of a line that has not ended yet.
#[derive(Debug)]
pub(crate) struct Pending {
    pub(crate) wrapper: Wrapper,
    source: String,
    /// Its first bytes only where it is too long.
    pub(crate) text: String,
    /// From the first part to the last.
    pub(crate) place: Place,
    check: Check,
    checked: Checked,
    /// It has grown beyond what is kept.
    pub(crate) is_too_long: bool,
}

/// So much is kept of a line that is too long.
const SAMPLE_BYTES: usize = 4096;

impl Pending {
    /// Begins with a first part.
    pub(crate) fn new(fragment: &Fragment<'_>, place: Place) -> Self {
        let mut pending = Self {
            wrapper: fragment.wrapper,
            source: fragment.source.to_owned(),
            text: String::new(),
            place,
            check: Check::at(0),
            checked: Checked::NeedsMore,
            is_too_long: false,
        };
        pending.append(&fragment.text, place);
        pending
    }

    /// Whether a part belongs to the line.
    pub(crate) fn continues_with(&self, fragment: &Fragment<'_>) -> bool {
        self.wrapper == fragment.wrapper && self.source == fragment.source
    }

    /// Takes the next part; false where it is none, but another line: the two together are not JSON, and it starts as a line does,
    /// or its writer does not say where a line ends.
    pub(crate) fn append(&mut self, text: &str, place: Place) -> bool {
        let before = self.text.len();
        self.text.push_str(text);
        if self.checked == Checked::NeedsMore {
            let may_be_another =
                before > 0 && (text.starts_with('{') || self.wrapper == Wrapper::Journal);
            let check = may_be_another.then(|| self.check.clone());
            self.checked = self.check.run(self.text.as_bytes());
            if let (Checked::Broken(_), Some(check)) = (self.checked, check) {
                self.check = check;
                self.checked = Checked::NeedsMore;
                self.text.truncate(before);
                return false;
            }
        } else if text.starts_with('{') {
            self.text.truncate(before);
            return false;
        }
        self.place.length = (place.offset + place.length).saturating_sub(self.place.offset);
        if self.text.len() > MAX_FRAME_BYTES {
            self.is_too_long = true;
        }
        if self.is_too_long {
            let mut end = SAMPLE_BYTES.min(self.text.len());
            while !self.text.is_char_boundary(end) {
                end -= 1;
            }
            self.text.truncate(end);
            self.text.shrink_to_fit();
            self.checked = Checked::Broken(Fault::Truncated);
        }
        true
    }

    /// Whether it is JSON with this text behind it, as far as that goes.
    pub(crate) fn accepts(&self, text: &str) -> bool {
        let mut check = self.check.clone();
        check.at = 0;
        self.checked == Checked::NeedsMore && is_json_start(check, text)
    }

    /// Whether it is a whole value; some writers do not say where a line ends.
    pub(crate) fn is_closed(&self) -> bool {
        self.checked == Checked::Closed
    }
}

/// Whether a text is JSON as far as it goes.
pub(crate) fn is_json_start(mut check: Check, text: &str) -> bool {
    match check.run(text.as_bytes()) {
        Checked::NeedsMore => true,
        Checked::Broken(_) => false,
        Checked::Closed => text
            .get(check.at..)
            .is_some_and(|rest| rest.trim_ascii().is_empty()),
    }
}

/// Whether a text is the start of an object that does not end in it.
pub(crate) fn is_open_object(text: &str) -> bool {
    text.starts_with('{') && Check::at(0).run(text.as_bytes()) != Checked::Closed
}
