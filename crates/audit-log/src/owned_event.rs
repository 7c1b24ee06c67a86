//! An event that owns its text.

use crate::event::{Event, MissingFields};
use crate::scan;

/// An event that owns its text. [`OwnedEvent::event`] gives access to its fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnedEvent {
    pub(crate) text: String,
    pub(crate) path: Option<String>,
    pub(crate) missing: MissingFields,
    pub(crate) has_placeholders: bool,
}

impl OwnedEvent {
    /// Text of the event as recorded.
    pub fn raw(&self) -> &str {
        &self.text
    }

    /// Parses the fields of the event.
    pub fn event(&self) -> Event<'_> {
        let event = match scan::event(&self.text) {
            Some(event) if !self.has_placeholders => event,
            _ => Event::new(&self.text),
        };
        Event {
            path: self.path.as_deref(),
            missing: self.missing,
            has_placeholders: self.has_placeholders,
            ..event
        }
    }
}

impl From<&Event<'_>> for OwnedEvent {
    fn from(event: &Event<'_>) -> Self {
        Self {
            text: event.raw.to_owned(),
            path: event.path.map(str::to_owned),
            missing: event.missing,
            has_placeholders: event.has_placeholders,
        }
    }
}
