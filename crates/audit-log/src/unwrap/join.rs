//! Lines that a container runtime or journald has split, put together again.

use std::borrow::Cow;

use crate::frame::MAX_FRAME_BYTES;
use crate::reader::Place;
use crate::unwrap::Wrapper;
use crate::unwrap::envelope::Extent;

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
    pub(crate) text: String,
    /// From the first part to the last.
    pub(crate) place: Place,
    extent: Extent,
    is_closed: bool,
}

impl Pending {
    /// Begins with a first part.
    pub(crate) fn new(fragment: &Fragment<'_>, place: Place) -> Self {
        let mut pending = Self {
            wrapper: fragment.wrapper,
            source: fragment.source.to_owned(),
            text: String::new(),
            place,
            extent: Extent::at(0, b'{'),
            is_closed: false,
        };
        pending.append(&fragment.text, place);
        pending
    }

    /// Whether a part belongs to the line.
    pub(crate) fn continues_with(&self, fragment: &Fragment<'_>) -> bool {
        self.wrapper == fragment.wrapper && self.source == fragment.source
    }

    /// Takes the next part.
    pub(crate) fn append(&mut self, text: &str, place: Place) {
        self.place.length = (place.offset + place.length).saturating_sub(self.place.offset);
        self.text.push_str(text);
        self.is_closed = self.is_closed || self.extent.run(self.text.as_bytes());
    }

    /// Whether its brackets are closed; some writers do not say where a line ends.
    pub(crate) const fn is_closed(&self) -> bool {
        self.is_closed
    }

    /// Whether it has grown beyond what is kept.
    pub(crate) const fn is_too_long(&self) -> bool {
        self.text.len() > MAX_FRAME_BYTES
    }
}

/// Whether a text is the start of an object that does not end in it.
pub(crate) fn is_open_object(text: &str) -> bool {
    text.starts_with('{') && !Extent::at(0, b'{').run(text.as_bytes())
}
