//! Lines that a container runtime or journald has split, put together again.

use std::borrow::Cow;

use crate::extract::wrapper::Wrapper;
use crate::json::JsonErrorKind;
use crate::limits::MAX_FRAME_BYTES;
use crate::location::Location;
use crate::validator::{JsonValidator, Validation};

/// A part of a line, or all of it.
#[derive(Debug)]
pub(crate) struct LineFragment<'a> {
    pub(crate) wrapper: Wrapper,
    /// What tells the lines of one writer from those of another.
    pub(crate) writer: &'a str,
    pub(crate) text: Cow<'a, str>,
    /// The line ends here, as far as its writer says.
    pub(crate) is_last: bool,
}

/// The parts of a line that has not ended yet.
#[derive(Debug)]
pub(crate) struct PendingLine {
    pub(crate) wrapper: Wrapper,
    writer: String,
    /// Its first bytes only where it is too long.
    pub(crate) text: String,
    /// From the first part to the last.
    pub(crate) location: Location,
    check: JsonValidator,
    checked: Validation,
    /// It has grown beyond what is kept.
    pub(crate) is_too_long: bool,
}

/// So much is kept of a line that is too long.
const SAMPLE_BYTES: usize = 4096;

impl PendingLine {
    /// Begins with a first part.
    pub(crate) fn new(fragment: &LineFragment<'_>, location: Location) -> Self {
        let mut pending = Self {
            wrapper: fragment.wrapper,
            writer: fragment.writer.to_owned(),
            text: String::new(),
            location,
            check: JsonValidator::at(0),
            checked: Validation::Incomplete,
            is_too_long: false,
        };
        pending.append(&fragment.text, location);
        pending
    }

    /// Whether a part belongs to the line.
    pub(crate) fn continues_with(&self, fragment: &LineFragment<'_>) -> bool {
        self.wrapper == fragment.wrapper && self.writer == fragment.writer
    }

    /// Takes the next part; false where it is none, but another line: the two together are not JSON, and it starts as a line does,
    /// or its writer does not say where a line ends.
    pub(crate) fn append(&mut self, text: &str, location: Location) -> bool {
        let before = self.text.len();
        self.text.push_str(text);
        if self.checked == Validation::Incomplete {
            let may_be_another =
                before > 0 && (text.starts_with('{') || self.wrapper == Wrapper::Journal);
            let check = may_be_another.then(|| self.check.clone());
            self.checked = self.check.run(self.text.as_bytes());
            if let (Validation::Invalid(_), Some(check)) = (self.checked, check) {
                self.check = check;
                self.checked = Validation::Incomplete;
                self.text.truncate(before);
                return false;
            }
        } else if text.starts_with('{') {
            self.text.truncate(before);
            return false;
        }
        self.location.length =
            (location.offset + location.length).saturating_sub(self.location.offset);
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
            self.checked = Validation::Invalid(JsonErrorKind::Truncated);
        }
        true
    }

    /// Whether it is JSON with this text behind it, as far as that goes.
    pub(crate) fn accepts(&self, text: &str) -> bool {
        let mut check = self.check.clone();
        check.at = 0;
        self.checked == Validation::Incomplete && is_json_start(check, text)
    }

    /// Whether it is a whole value; some writers do not say where a line ends.
    pub(crate) fn is_closed(&self) -> bool {
        self.checked == Validation::Complete
    }
}

/// Whether a text is JSON as far as it goes.
pub(crate) fn is_json_start(mut check: JsonValidator, text: &str) -> bool {
    match check.run(text.as_bytes()) {
        Validation::Incomplete => true,
        Validation::Invalid(_) => false,
        Validation::Complete => text
            .get(check.at..)
            .is_some_and(|rest| rest.trim_ascii().is_empty()),
    }
}

/// Whether a text is the start of an object that does not end in it.
pub(crate) fn is_open_object(text: &str) -> bool {
    text.starts_with('{') && JsonValidator::at(0).run(text.as_bytes()) != Validation::Complete
}
