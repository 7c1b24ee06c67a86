//! Joining of lines that a container runtime or journald has split.

use std::borrow::Cow;

use crate::extract::wrapper::Wrapper;
use crate::json::JsonErrorKind;
use crate::limits::MAX_FRAME_BYTES;
use crate::location::Location;
use crate::validator::{JsonValidator, Validation};

/// A part of a line, or a whole line.
#[derive(Debug)]
pub(crate) struct LineFragment<'a> {
    pub(crate) wrapper: Wrapper,
    /// Identifies the writer of the line.
    pub(crate) writer: &'a str,
    pub(crate) text: Cow<'a, str>,
    /// The line ends with this part, as far as the format marks it.
    pub(crate) is_last: bool,
}

/// A line whose parts have not all arrived.
#[derive(Debug)]
pub(crate) struct PendingLine {
    pub(crate) wrapper: Wrapper,
    writer: String,
    /// Joined text, or its first bytes if it is too long.
    pub(crate) text: String,
    /// Location from the first part to the last.
    pub(crate) location: Location,
    check: JsonValidator,
    checked: Validation,
    /// The line is longer than the limit.
    pub(crate) is_too_long: bool,
}

/// Length of the sample of a line that is too long.
const SAMPLE_BYTES: usize = 4096;

impl PendingLine {
    /// Starts a line with its first part.
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

    /// Returns `true` if a part belongs to the line.
    pub(crate) fn continues_with(&self, fragment: &LineFragment<'_>) -> bool {
        self.wrapper == fragment.wrapper && self.writer == fragment.writer
    }

    /// Appends the next part. Returns `false` if it is another line instead: together they are not JSON, and it starts as a line does, or
    /// the format does not mark where a line ends.
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

    /// Returns `true` if the line with this text appended is valid JSON so far.
    pub(crate) fn accepts(&self, text: &str) -> bool {
        let mut check = self.check.clone();
        check.at = 0;
        self.checked == Validation::Incomplete && is_json_start(check, text)
    }

    /// Returns `true` if the line is a complete value. Some formats do not mark where a line ends.
    pub(crate) fn is_closed(&self) -> bool {
        self.checked == Validation::Complete
    }
}

/// Returns `true` if a text is valid JSON so far.
pub(crate) fn is_json_start(mut check: JsonValidator, text: &str) -> bool {
    match check.run(text.as_bytes()) {
        Validation::Incomplete => true,
        Validation::Invalid(_) => false,
        Validation::Complete => text
            .get(check.at..)
            .is_some_and(|rest| rest.trim_ascii().is_empty()),
    }
}

/// Returns `true` if a text is the start of an object that does not end in it.
pub(crate) fn is_open_object(text: &str) -> bool {
    text.starts_with('{') && JsonValidator::at(0).run(text.as_bytes()) != Validation::Complete
}
